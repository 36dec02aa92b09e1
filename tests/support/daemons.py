"""Debian's Redis and Alertmanager, started in a folder on a port of their own, and gone afterwards."""

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.ports import free_port

START_SECONDS = 60


@contextlib.contextmanager
def running_redis() -> Iterator[int]:
    """Its port."""
    with _running("redis-server", ["--bind", "127.0.0.1", "--save", "", "--port", "{port}"]) as port:
        yield port


@contextlib.contextmanager
def running_alertmanager() -> Iterator[int]:
    """Its port."""
    options = [
        "--config.file={folder}/config.yml", "--storage.path={folder}/data", "--cluster.listen-address=",
        "--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    config = "route: {receiver: none}\nreceivers: [{name: none}]\n"
    with _running("prometheus-alertmanager", options, config) as port:
        yield port


@contextlib.contextmanager
def _running(program: str, options: list[str], config: str = "") -> Iterator[int]:
    found = shutil.which(program)
    assert found, f"{program} is missing: apt-get install {program}"
    with tempfile.TemporaryDirectory(prefix="footfall-") as folder:
        (Path(folder) / "config.yml").write_text(config)
        port = free_port()
        command = [found, *(one.format(folder=folder, port=port) for one in options)]
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
            try:
                _until_listening(process, port, Path(folder) / "log")
                yield port
            finally:
                process.terminate()
                process.wait(30)


def _until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, log.read_text("utf-8", "replace")
        assert time.monotonic() < give_up, log.read_text("utf-8", "replace")
        time.sleep(0.05)
