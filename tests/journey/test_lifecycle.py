"""Starting, stopping and being in the way of another server (`contract.md`, "Commands"; B3)."""

import asyncio
import json
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.journey.server import STOP_SECONDS, WRITE_KEY, Server, clean_environment, unique
from tests.support.ports import free_port


def footfall(server: Server, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "footfall", *words],
        env=server.environment,
        cwd=server.folder,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def says_a_sentence(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """Exit status 1 (or 2, of the options' parser), something to read, and no traceback."""
    assert done.returncode in {1, 2}, done
    assert "Traceback" not in done.stderr + done.stdout
    for word in words:
        assert word in done.stderr.replace("\n", " "), done.stderr


# ── stopping ─────────────────────────────────────────────────────────────────────────────────────────────────


class Load:
    """Clients that send until the server is gone, and what was acknowledged to them."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self.acknowledged: set[str] = set()
        self.strange: list[int] = []

    async def run(self, meanwhile: Callable[[], None], *, clients: int = 6) -> None:
        tasks = [asyncio.create_task(self._client(number)) for number in range(clients)]
        await asyncio.sleep(1)
        await asyncio.to_thread(meanwhile)
        await asyncio.gather(*tasks)

    async def _client(self, number: int) -> None:
        async with httpx.AsyncClient(base_url=self.server.url, timeout=30, trust_env=False) as client:
            for batch in range(100_000):
                ids = [f"{self.name}-{number}-{batch}-{index}" for index in range(20)]
                body = {"batch": [{"event": self.name, "event_id": one} for one in ids], "key": WRITE_KEY}
                try:
                    answer = await client.post("/api/events/collect", json=body)
                except httpx.TransportError:
                    return
                if answer.status_code == 204:
                    self.acknowledged |= set(ids)
                elif answer.status_code != 503:
                    self.strange.append(answer.status_code)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_under_load_ends_it_with_0_and_loses_nothing(fresh: Server, number: signal.Signals) -> None:
    load = Load(fresh, unique("load"))
    codes: list[int] = []

    def stop() -> None:
        started = time.monotonic()
        fresh.process.send_signal(number)
        codes.append(fresh.wait_stopped())
        assert time.monotonic() - started < STOP_SECONDS

    asyncio.run(load.run(stop))
    assert codes == [0]
    assert not load.strange
    assert len(load.acknowledged) > 100
    assert "Traceback" not in fresh.log_text()
    assert not (fresh.data / "server.json").exists()

    fresh.start()
    status = fresh.settled()
    stored = [event["event_id"] for event in fresh.events(event=load.name)]
    assert len(set(stored)) == len(stored) == status["stored"]
    assert set(stored) >= load.acknowledged


def test_a_signal_while_questions_and_connections_are_open(fresh: Server) -> None:
    fresh.collect([{"event": "e", "user_id": f"u{n}"} for n in range(1000)])
    held = [socket.create_connection(("127.0.0.1", fresh.port)) for _ in range(5)]
    try:
        held[1].sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")  # idle, kept alive
        held[2].sendall(b"POST /api/events/coll")  # in the middle of a head
        held[3].sendall(
            b"POST /api/events/collect HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\n["
        )  # of a body
        held[4].sendall(b"GET /api/tracking/export HTTP/1.1\r\nhost: localhost\r\n\r\n")  # answer unread
        time.sleep(0.2)
        assert fresh.stop() == 0
    finally:
        for connection in held:
            connection.close()


def test_a_second_signal_changes_nothing(fresh: Server) -> None:
    fresh.collect([{"event": "twice"}] * 1000)
    fresh.process.send_signal(signal.SIGTERM)
    fresh.process.send_signal(signal.SIGTERM)
    assert fresh.wait_stopped() == 0
    fresh.start()
    assert fresh.settled()["stored"] == 1000


def test_a_signal_while_it_starts_leaves_a_folder_that_works(new_server: Callable[..., Server]) -> None:
    server = new_server()
    for pause in (0.5, 1.2):
        server.start(wait=False)
        time.sleep(pause)
        server.process.send_signal(signal.SIGTERM)
        server.wait_stopped()
        assert "Traceback" not in server.log_text()
    server.start()
    server.collect({"event": "works"})
    assert server.event(event="works")


# ── one folder, one server ───────────────────────────────────────────────────────────────────────────────────


def test_a_second_server_on_the_folder_gets_a_sentence_and_the_first_goes_on(server: Server) -> None:
    announced = (server.data / "server.json").read_bytes()
    done = footfall(server, "serve", "--data", str(server.data), "--port", str(free_port()))
    says_a_sentence(done, "in use", server.url, str(server.pid), "--data")
    assert (server.data / "server.json").read_bytes() == announced
    name = unique("still-there")
    server.collect({"event": name})
    assert server.event(event=name)


@pytest.mark.parametrize("whose", ["another Footfall's", "something else's"])
def test_a_port_in_use_gets_a_sentence_and_leaves_the_other_alone(server: Server, tmp_path: Path, whose: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = server.port if whose == "another Footfall's" else somebody.getsockname()[1]
        done = footfall(server, "serve", "--data", str(tmp_path / "other"), "--port", str(port))
    says_a_sentence(done, str(port))
    assert "listens at" not in done.stdout, "it said so, and did not"
    assert not (tmp_path / "other" / "server.json").exists()
    assert server.anybody.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--port", "99999"], id="a port that cannot be"),
        pytest.param(["--host", "203.0.113.1"], id="an address of another machine"),
        pytest.param(["--host", "no such host"], id="a host that is none"),
        pytest.param(["--data", "a-file"], id="a folder that is a file"),
        pytest.param(["--data", "a-file/below"], id="a folder below a file"),
        pytest.param(["--data", "damaged-spool"], id="a damaged spool"),
        pytest.param(["--data", "damaged-catalog"], id="a damaged catalog"),
        pytest.param(["--timezone", "Mars/Olympus"], id="a zone of another planet"),
    ],
)
def test_a_wrong_option_of_serve_is_a_sentence(new_server: Callable[..., Server], words: list[str]) -> None:
    server = new_server()
    for store in ("spool", "catalog"):
        (server.folder / f"damaged-{store}").mkdir(parents=True)
        (server.folder / f"damaged-{store}" / f"{store}.db").write_bytes(b"no database at all" * 1000)
    (server.folder / "a-file").write_text("")
    defaults = ["--port", str(free_port()), "--data", str(server.data)]
    says_a_sentence(footfall(server, "serve", *defaults, *words))


@pytest.mark.parametrize(
    ("name", "value"),
    [("TIMEZONE", "Mars/Olympus"), ("NOW", "soon"), ("KEYLESS", "perhaps")],
    ids=["a zone", "a clock", "a flag"],
)
def test_a_wrong_setting_is_a_sentence_that_names_it(new_server: Callable[..., Server], name: str, value: str) -> None:
    server = new_server(**{f"FOOTFALL_{name}": value})
    server.folder.mkdir(parents=True)
    done = footfall(server, "serve", "--data", str(server.data))
    says_a_sentence(done)
    assert name.lower() in done.stderr.lower()


# ── what it leaves in the folder ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("existed", [False, True], ids=["that it made", "that was there"])
def test_a_folder_s_files_are_private(new_server: Callable[..., Server], existed: bool) -> None:
    server = new_server()
    if existed:
        server.data.mkdir(parents=True)
        server.data.chmod(0o755)
    server.start()
    server.collect([{"event": "private"}] * 100)
    server.settled()
    if not existed:
        assert mode_of(server.data) == 0o700
    assert mode_of(server.data / "server.json") == 0o600
    if mode_of(server.data) & 0o077:
        readable = {
            str(path.relative_to(server.data)): oct(mode_of(path))
            for path in server.data.iterdir()
            if mode_of(path) & 0o077
        }
        assert not readable


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_a_crash_left_behind_goes_at_the_next_start(fresh: Server) -> None:
    fresh.collect({"event": "before"})
    fresh.kill9()
    left = fresh.data / "tmp" / "block-of-events"
    left.parent.mkdir(exist_ok=True)
    left.write_text("somebody's events")
    (fresh.data / "server.json").write_text('{"url": 5')
    fresh.start()
    assert not left.exists()
    assert json.loads((fresh.data / "server.json").read_text())["url"] == fresh.url
    assert fresh.event(event="before")


def test_nothing_temporary_is_written_outside_of_the_folder(new_server: Callable[..., Server], tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    server = new_server(TMPDIR=str(outside)).start()
    for _ in range(5):
        server.collect([{"event": "e", "properties": {"a": "x" * 1000}}] * 500)
        assert server.events(event="e")
    server.kill9()
    assert list(outside.iterdir()) == []


@pytest.fixture
def bystander() -> Iterator[int]:
    """A process that has nothing to do with it, under the id that the server had before the crash."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=clean_environment())
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("whose", ["nobody's", "a bystander's"])
def test_a_stale_address_in_the_folder_misleads_nobody(fresh: Server, bystander: int, whose: str) -> None:
    """After a crash the file is still there, and in a container the same process id comes round at once."""
    fresh.collect({"event": "before"})
    fresh.events()
    fresh.kill9()
    path = fresh.data / "server.json"
    announced = json.loads(path.read_text())
    if whose == "a bystander's":
        path.write_text(json.dumps(announced | {"pid": bystander}))
    done = footfall(fresh, "verify", "--expect", "before", "--data", str(fresh.data))
    assert (done.returncode, "✓" in done.stdout) == (0, True), done.stderr
    fresh.start()
    assert json.loads(path.read_text())["pid"] == fresh.pid != announced["pid"]
