"""`footfall tail`: what arrives, a line an event, until Ctrl-C."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.journey.server import READ_KEY, Server, clean_environment, unique

PATIENCE = 60


class Tail:
    """A running command, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.remarks: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(stream, said), daemon=True)
            for stream, said in ((process.stdout, self.lines), (process.stderr, self.remarks))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: Any, said: list[str]) -> None:
        said.extend(line.rstrip("\n") for line in stream)

    def until(self, done: Callable[["Tail"], object]) -> "Tail":
        give_up = time.monotonic() + PATIENCE
        while not done(self):
            assert time.monotonic() < give_up, (self.lines, self.remarks)
            assert self.process.poll() is None, self.remarks
            time.sleep(0.02)
        return self

    def ended(self, number: int) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        return code


def heard(server: Server, listeners: int) -> None:
    """Once so many listen."""
    give_up = time.monotonic() + PATIENCE
    while f"footfall_listeners {listeners}.0" not in server.anybody.get("/metrics").text:
        assert time.monotonic() < give_up
        time.sleep(0.05)


@contextmanager
def tailing(server: Server, *words: str) -> Iterator[Tail]:
    """From the moment at which it listens."""
    with subprocess.Popen(
        [sys.executable, "-m", "footfall", "tail", *words],
        env=clean_environment() | {"TZ": "UTC"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        tail = Tail(process)
        try:
            heard(server, 1)
            yield tail
        finally:
            process.kill()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "own") as opened:
        yield opened


def test_a_line_an_event_and_ctrl_c_ends_it_cleanly(server: Server) -> None:
    name = unique("tail")
    with tailing(server, "--data", str(server.data), "--event", name) as tail:
        server.collect({"event": "something else"})
        server.collect(
            {
                "event": name, "user_id": "ada", "page": "/pricing", "timestamp": "2026-03-02T10:11:12Z",
                "properties": {"plan": "pro", "n": 1.5, "evil": "\u001b[2J\u2028"},
            }
        )  # fmt: skip
        server.collect({"event": name, "anonymous_id": "a", "component": "Hero", "action": "click"})
        tail.until(lambda one: len(one.lines) == 2)
        assert tail.ended(signal.SIGINT) == 0
        assert tail.remarks == []
    first, second = tail.lines
    assert first.split() == [
        "2026-03-02", "10:11:12", name, "ada", "/pricing", "plan=pro", "n=1.5", "evil=\ufffd[2J\ufffd",
    ]  # fmt: skip
    assert second.split()[1] == name
    assert second.split()[3:] == ["Hero", "click"]


def test_whole_events_as_json(server: Server) -> None:
    name = unique("tail")
    words = ("--url", server.url, "--key", READ_KEY, "--where", f"user_id={name}", "--json")
    with tailing(server, *words, "--filters", '[{"property": "page", "operator": "is_set"}]') as tail:
        server.collect({"event": "no page", "user_id": name})
        properties = '{"a":\n 1, "b": "\u009b", "c": "1\u20282\u20293\u00854"}'.encode()
        server.collect(b'{"event": "e", "user_id": "%b", "page": "/", "properties": %b}' % (name.encode(), properties))
        tail.until(lambda one: one.lines)
        assert tail.ended(signal.SIGINT) == 0
    (line,) = tail.lines
    assert "\\u009b" in line
    assert json.loads(line) == server.event(user_id=name, event="e")


def test_it_follows_a_server_that_goes_away_and_comes_back(own: Server) -> None:
    with tailing(own, "--data", str(own.data), "--json") as tail:
        own.collect({"event": "e", "event_id": "first"})
        tail.until(lambda one: len(one.lines) == 1)
        own.kill9()
        tail.until(lambda one: one.remarks)
        own.start()
        own.collect({"event": "e", "event_id": "missed"})
        tail.until(lambda one: len(one.lines) == 2)
        own.restart()
        own.collect({"event": "e", "event_id": "last"})
        tail.until(lambda one: len(one.lines) == 3)
        assert tail.ended(signal.SIGINT) == 0
    assert [json.loads(line)["event_id"] for line in tail.lines] == ["first", "missed", "last"]
    assert "Trying again" in tail.remarks[0]
    assert "Connected again." in tail.remarks


def test_whoever_reads_it_may_have_enough(server: Server) -> None:
    name = unique("tail")
    command = [sys.executable, "-m", "footfall", "tail", "--data", str(server.data), "--event", name, "--json"]
    with subprocess.Popen(
        command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        heard(server, 1)
        server.collect({"event": name})
        assert name in process.stdout.readline()
        process.stdout.close()
        server.collect({"event": name})
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""


def test_what_cannot_be_followed_is_a_sentence(footfall: Run, server: Server, tmp_path: Path) -> None:
    wrong = {
        "No server runs": footfall("tail", "--data", tmp_path / "nothing"),
        "not known here": footfall("tail", "--url", server.url, "--key", "wrong"),
        "No answer": footfall("tail", "--url", "http://127.0.0.1:1", "--key", "x"),
        "no condition": footfall("tail", "--data", server.data, "--where", "page"),
        "no property": footfall("tail", "--data", server.data, "--where", "nothing=1"),
        "no JSON": footfall("tail", "--data", server.data, "--filters", "{"),
    }
    for words, done in wrong.items():
        assert done.returncode == 1, done
        assert words in " ".join(done.stderr.split()), done.stderr
        assert "Traceback" not in done.stderr
