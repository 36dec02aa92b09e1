"""What the server lives through: slow and greedy questions, clients that leave, a disk and a queue that are full."""

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.journey.server import ADMIN_KEY, READ_KEY, Server, unique

PATIENCE = 200
"""Seconds before something that never happens fails its test; longer than the engine lets a question run."""
MiB = 1024**2
RANGE = {"from": "2026-01-01", "to": "2027-01-01", "interval": "month"}
SLOW = {
    # A backtracking matcher would never end; the engine's takes minutes for what `slow` has in it.
    "series": [
        {
            "event": "slow",
            "filters": [{"property": "properties.text", "operator": "matches", "values": ["[ab]*a[ab]{100}[cd]"]}],
        }
    ],
    **RANGE,
}
QUICK = {"series": [{"event": "slow"}], **RANGE}


def until(condition: Callable[[], Any], what: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, what
        time.sleep(0.05)


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with something in it that questions can be slow and greedy about."""
    chance = random.Random(20260302)
    with Server(tmp_path_factory.mktemp("busy"), FOOTFALL_QUESTION_MEMORY="128MiB") as opened:
        for batch in range(10):
            opened.collect(
                [
                    {
                        "event": "slow",
                        "event_id": f"{batch}-{index}",
                        "timestamp": "2026-03-02T10:00:00Z",
                        "properties": {"text": "".join(chance.choices("ab", k=60_000))},
                    }
                    for index in range(70)
                ]
            )
        opened.settled()
        yield opened


@pytest.fixture
def idle(busy: Server) -> Server:
    until(lambda: measured(busy)["questions_running"] == 0, "the engine still works for the test before")
    return busy


def measured(server: Server) -> dict[str, float]:
    """What `/metrics` says of us."""
    lines = server.anybody.get("/metrics").text.splitlines()
    told = (line.split() for line in lines if line.startswith("footfall_"))
    return {name.removeprefix("footfall_"): float(value) for name, value in told}


@contextmanager
def asking(server: Server, path: str, body: Any, key: str = READ_KEY) -> Iterator[socket.socket]:
    """A connection on which a question was asked; who leaves the block leaves the server."""
    text = msgspec.json.encode(body)
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\ncontent-length: {len(text)}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode() + b"content-type: application/json\r\n\r\n" + text)
        yield connection


@pytest.mark.parametrize(
    "path",
    ["/api/insights/trend", "/api/insights/trend/export.csv", "/api/insights/trend/events/export.json"],
    ids=["answer", "file", "list as a file"],
)
def test_a_question_ends_when_its_client_leaves(idle: Server, path: str) -> None:
    pointer = {"pointer": {"series": 0, "bucket": "2026-03-01T00:00:00+00:00"}} if "/events/" in path else {}
    before = measured(idle)
    with asking(idle, path, SLOW | pointer):
        until(lambda: measured(idle)["questions_running"] == 1, "it never began")
    until(lambda: measured(idle)["questions_running"] == 0, "it goes on")
    assert measured(idle)["questions_left_total"] == before["questions_left_total"] + 1
    assert "Traceback" not in idle.log_text()


def test_a_question_by_its_address_ends_as_well(idle: Server) -> None:
    filters = msgspec.json.encode(SLOW["series"][0]["filters"]).decode()
    address = httpx.URL("/api/events", params={"filters": filters}).raw_path.decode()
    head = f"GET {address} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {READ_KEY}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", idle.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode())
        until(lambda: measured(idle)["questions_running"] == 1, "it never began")
    until(lambda: measured(idle)["questions_running"] == 0, "it goes on")


def test_two_slow_questions_never_stop_a_third_nor_arrival(idle: Server) -> None:
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(asking(idle, "/api/insights/trend", SLOW))
        until(lambda: measured(idle)["questions_running"] == 2, "they never began")
        name = unique("meanwhile")
        idle.collect([{"event": name}] * 10)
        assert idle.insight("trend", **QUICK)["series"][0]["total"] == 700
        assert idle.settled()["queued"] == 0
        assert len(idle.events(event=name)) == 10
        assert measured(idle)["questions_running"] >= 2, "they should still run"


@pytest.mark.slow
def test_many_slow_questions_give_way(idle: Server) -> None:
    before = measured(idle)
    with ExitStack() as stack:
        slow = [stack.enter_context(asking(idle, "/api/insights/trend", SLOW)) for _ in range(8)]
        until(lambda: measured(idle)["questions_waiting"] == 2, "they never began")
        idle.collect({"event": unique("meanwhile")})
        # From another key, and from the same as theirs, which may have to ask again.
        for client in (idle.admin, idle.reader):
            until(lambda c=client: c.post("/api/insights/trend", json=QUICK).status_code == 200, "it is never answered")
        assert measured(idle)["questions_gave_way_total"] > before["questions_gave_way_total"]
        told = [answer for connection in slow if (answer := what_is_there(connection))]
        gave_way = [answer for answer in told if b"gave way" in answer]
        assert gave_way
        for answer in gave_way:
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"retry-after" in answer.lower()


def what_is_there(connection: socket.socket) -> bytes:
    """What was answered by now."""
    connection.setblocking(False)
    try:
        return connection.recv(4096)
    except BlockingIOError:
        return b""


@pytest.mark.slow
def test_a_greedy_question_is_refused_and_nobody_else_is_hurt(idle: Server) -> None:
    greedy = QUICK | {"breakdown": [{"property": "properties.text", "limit": 1000}]}
    with asking(idle, "/api/insights/trend", SLOW):
        until(lambda: measured(idle)["questions_running"] == 1, "it never began")
        before = resident(idle.pid)
        with ThreadPoolExecutor(8) as threads:
            answers = list(
                threads.map(
                    lambda _: httpx.post(
                        f"{idle.url}/api/insights/trend",
                        json=greedy,
                        headers={"authorization": f"Bearer {ADMIN_KEY}"},
                        timeout=PATIENCE,
                        trust_env=False,
                    ),
                    range(8),
                )
            )
        for answer in answers:
            assert answer.status_code == 422, answer.text
            assert "128 MiB" in answer.json()["detail"]
        assert measured(idle)["questions_running"] == 1, "the neighbour is gone"
        assert idle.insight("trend", **QUICK)["series"][0]["total"] == 700
        assert resident(idle.pid) - before < 8 * 128 * MiB


def resident(pid: int) -> int:
    """The most that the process ever held, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


@pytest.mark.slow
def test_a_signal_while_slow_questions_run_ends_it_in_time(busy: Server) -> None:
    """The last one: the server is not started again."""
    with asking(busy, "/api/insights/trend", SLOW), asking(busy, "/api/insights/trend", SLOW):
        until(lambda: measured(busy)["questions_running"] == 2, "they never began")
        assert busy.stop() == 0
    assert "Traceback" not in busy.log_text()


# ── a queue that is full ─────────────────────────────────────────────────────────────────────────────────────


def test_a_queue_past_its_limit_answers_503_and_goes_on(new_server: Callable[..., Server]) -> None:
    """The limit is so low that any batch is too many while another one waits."""
    server = new_server(FOOTFALL_SPOOL_LIMIT="1").start()
    sent = 0
    refused: list[httpx.Response] = []
    give_up = time.monotonic() + PATIENCE
    while not refused or sent < 5:
        answer = server.sender.post("/api/events/collect", json=[{"event": "e"}] * 10)
        if answer.status_code == 204:
            sent += 10
        else:
            refused.append(answer)
        assert time.monotonic() < give_up
    for answer in refused:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "queue is full" in answer.json()["detail"]
    status = server.settled()
    assert (status["accepted"], status["stored"]) == (sent, sent)
    assert status["queue"] == {"bytes": 0, "limit_bytes": 1, "refusing": None}
    server.collect({"event": "again"})
    assert server.event(event="again")


# ── a disk that is full ──────────────────────────────────────────────────────────────────────────────────────


class Disk:
    """A small one in memory, with a file on it that takes what room there is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    @property
    def free(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def fill(self) -> None:
        """Not a byte is left."""
        with self._filler.open("ab", buffering=0) as filler:
            while self.free:
                try:
                    filler.write(b"x" * min(MiB, self.free))
                except OSError:
                    break

    def clear(self) -> None:
        """There is room: what somebody took is gone, and the disk is larger."""
        self._filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=400m", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=80m", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here, which takes root")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@pytest.fixture
def cramped(disk: Disk, tmp_path: Path) -> Iterator[Server]:
    """A server whose whole folder lies on the small disk, but for its log."""
    server = Server(disk.folder / "server")
    server.log = tmp_path / "server.log"
    with server:
        yield server


class Sender:
    """Sends until it is refused, and knows what was acknowledged."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._chance = random.Random(7)
        self._batch = 0
        self.acknowledged: set[str] = set()

    def send(self) -> httpx.Response:
        self._batch += 1
        # Nothing that could be made smaller, and no text so long that it is cut.
        batch = [
            {
                "event": "e",
                "event_id": f"{self._batch}-{n}",
                "properties": {name: self._chance.randbytes(500).hex() for name in "abcd"},
            }
            for n in range(100)
        ]
        answer = self._server.sender.post("/api/events/collect", json=batch)
        if answer.status_code == 204:
            self.acknowledged |= {event["event_id"] for event in batch}
        return answer

    def until_refused(self) -> httpx.Response:
        give_up = time.monotonic() + PATIENCE
        while (answer := self.send()).status_code == 204:
            assert time.monotonic() < give_up, "the disk is never full"
        return answer


def is_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0


def nothing_is_lost(server: Server, sender: Sender) -> None:
    status = server.settled(PATIENCE)
    assert status["stored"] == len(sender.acknowledged)
    assert status["quarantined"] == status["duplicates"] == 0
    assert {event["event_id"] for event in server.events(event="e")} == sender.acknowledged


def test_a_disk_that_fills_up_refuses_and_loses_nothing(cramped: Server, disk: Disk) -> None:
    sender = Sender(cramped)
    is_refused(sender.until_refused())
    until(lambda: disk.free > 0, "no room is left for what is there")  # for a moment, a block has it
    assert len(sender.acknowledged) > 1000

    def full() -> bool:
        disk.fill()  # somebody else takes the last byte, and what comes free by moving events on
        return cramped.status()["queue"]["refusing"] is not None

    until(lambda: full() and sender.send().status_code == 503, "there is always room")
    until(lambda: full() and cramped.anybody.get("/readyz").status_code == 503, "it seems ready")
    assert cramped.anybody.get("/healthz").status_code == 200
    assert cramped.admin.post("/api/keys", json={"scope": "read"}).status_code in {201, 503}
    assert cramped.reader.get("/api/events").status_code in {200, 503}, "what is not written down is not shown"
    assert cramped.status()["accepted"] == len(sender.acknowledged)
    assert cramped.insight("trend", series=[{"event": "e"}])["series"], "questions are answered"

    disk.clear()
    until(lambda: cramped.status()["queued"] == 0, "what was acknowledged does not get in")
    nothing_is_lost(cramped, sender)
    assert "Traceback" not in cramped.log_text()


def test_it_goes_on_by_itself_when_there_is_room(cramped: Server, disk: Disk) -> None:
    sender = Sender(cramped)
    disk.fill()
    is_refused(sender.until_refused())
    disk.clear()
    until(lambda: sender.send().status_code == 204, "arrival does not go on")
    nothing_is_lost(cramped, sender)
    assert cramped.anybody.get("/readyz").status_code == 200
    told = cramped.log_text()
    assert told.count("events are refused with 503") == told.count("events are taken again") >= 1, told


def test_a_restart_on_a_full_disk_says_so_and_damages_nothing(cramped: Server, disk: Disk) -> None:
    sender = Sender(cramped)
    sender.send()
    cramped.settled()
    sender.send()
    disk.fill()
    assert cramped.stop() == 0
    disk.fill()
    refused = subprocess.run(
        [sys.executable, "-m", "footfall", "serve", "--data", str(cramped.data)],
        env=cramped.environment,
        cwd=cramped.folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert refused.returncode == 1
    assert "make room" in refused.stderr.replace("\n", " ")
    assert "Traceback" not in refused.stderr
    disk.clear()
    cramped.start()
    nothing_is_lost(cramped, sender)


def test_a_kill_on_a_full_disk_loses_nothing(cramped: Server, disk: Disk) -> None:
    sender = Sender(cramped)
    stop = threading.Event()

    def send_on() -> None:
        while not stop.is_set():
            sender.send()

    with ThreadPoolExecutor(1) as threads:
        sending = threads.submit(send_on)
        until(lambda: len(sender.acknowledged) >= 500, "nothing is taken")
        disk.fill()
        until(lambda: cramped.status()["queue"]["refusing"] is not None, "the disk is never full")
        stop.set()
        sending.result()
    cramped.kill9()
    disk.clear()
    cramped.start()
    nothing_is_lost(cramped, sender)
