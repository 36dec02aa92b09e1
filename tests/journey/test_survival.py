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

PATIENCE = 100
"""Seconds before something that never happens fails its test; longer than the engine lets a question run."""
MiB = 1024**2
RANGE = {"from": "2026-01-01", "to": "2027-01-01", "interval": "month"}
SLOW = {
    # A backtracking matcher would never end; the engine's takes minutes for what `slow` has in it.
    "series": [
        {
            "event": "slow",
            "filters": [{"property": "properties.text", "operator": "matches", "values": ["[ab]*a[ab]{200}[cd]"]}],
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
    opened = Server(tmp_path_factory.mktemp("busy"), FOOTFALL_QUESTION_MEMORY="128MiB")
    chance = random.Random(20260302)
    try:
        opened.start()
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
    finally:
        opened.close()


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


def test_many_slow_questions_give_way(idle: Server) -> None:
    before = measured(idle)
    with ExitStack() as stack:
        slow = [stack.enter_context(asking(idle, "/api/insights/trend", SLOW)) for _ in range(8)]
        until(lambda: measured(idle)["questions_waiting"] == 2, "they never began")
        idle.collect({"event": unique("meanwhile")})
        # From another key, and from the same as theirs.
        for client in (idle.admin, idle.reader):
            assert client.post("/api/insights/trend", json=QUICK).status_code == 200
        gave_way = measured(idle)["questions_gave_way_total"] - before["questions_gave_way_total"]
        assert gave_way >= 1
        told = []
        for connection in slow:
            connection.setblocking(False)
            try:
                told.append(connection.recv(4096))
            except BlockingIOError:
                continue  # still at it
        assert len(told) == gave_way
        for answer in told:
            assert answer.startswith(b"HTTP/1.1 503")
            assert b"retry-after" in answer.lower()
            assert b"gave way" in answer


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


def test_a_signal_while_slow_questions_run_ends_it_in_time(new_server: Callable[..., Server], busy: Server) -> None:
    """`contract.md`: SIGTERM ends it within ten seconds, whatever is being asked."""
