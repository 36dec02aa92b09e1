"""Servers to measure, each on a free port of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

READ_KEY = "bench-read-key"
ADMIN_KEY = "bench-admin-key"


class Running(msgspec.Struct, frozen=True):
    port: int
    pid: int
    ready: float
    """Seconds from its start to the first 200 of `/readyz`; to its first answer, where it has none."""

    @property
    def memory(self) -> int:
        """Bytes of this process that are in memory (Linux)."""
        lines = Path(f"/proc/{self.pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024

    @property
    def processor_seconds(self) -> float:
        """What it has used so far (Linux)."""
        told = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def bare() -> Iterator[Running]:
    """The baseline: Granian, throwing bodies away unread."""
    port = _free_port()
    with _process([sys.executable, "-m", "bench.bare", str(port)], port) as server:
        yield server


@contextmanager
def footfall(folder: Path | None = None, **environment: str) -> Iterator[Running]:
    """A server as its users start it, on that folder or an empty one; keyless, and read with `READ_KEY`."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, "-m", "footfall", "serve", "--keyless", "--data", str(folder or empty)]
        keys = {"FOOTFALL_READ_KEY": READ_KEY, "FOOTFALL_ADMIN_KEY": ADMIN_KEY}
        with _process([*command, "--port", str(port)], port, **keys, **environment) as server:
            yield server


@contextmanager
def _process(command: list[str], port: int, **environment: str) -> Iterator[Running]:
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() < started + 60:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).is_success:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        yield Running(port, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
