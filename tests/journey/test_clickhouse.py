"""A ClickHouse server in the place of the engine inside: away, hung, killed, in two replicas; nothing lost or doubled.

The server is `tests/support/clickhouse.py`: chDB behind ClickHouse's HTTP interface. That the numbers are the same is
shown by `tests/insights`, which run on both, and by the main job.
"""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.journey.server import Server
from tests.support.clickhouse import ClickHouse

PATIENCE = 120.0
QUESTION = {"series": [{"event": "e", "measure": "count"}], "from": "2026-01-01", "to": "2026-05-01"}


@pytest.fixture
def new_clickhouse(tmp_path: Path) -> Iterator[Callable[..., ClickHouse]]:
    """Makes ClickHouse servers for one test. They are not started yet."""
    numbers = count()
    with ExitStack() as made:

        def make(replicas: int = 1) -> ClickHouse:
            return made.enter_context(closing(ClickHouse(tmp_path / f"clickhouse {next(numbers)}", replicas)))

        yield make


@pytest.fixture
def on(new_server: Callable[..., Server]) -> Callable[[ClickHouse], Server]:
    """A server of ours that keeps its events there. It is not started yet."""
    return lambda clickhouse: new_server(
        FOOTFALL_CLICKHOUSE=",".join(clickhouse.urls(options="?send_receive_timeout=20"))
    )


class Sender:
    """Sends batches, some of them twice, all the time; every one must be acknowledged at once."""

    def __init__(self, server: Server) -> None:
        self.ids: list[str] = []
        self.copies = 0
        self._server = server
        self._chance = random.Random(20260302)
        self._stop = threading.Event()

    def batch(self) -> None:
        body = [
            {
                "event": "e",
                "event_id": f"{len(self.ids) + number}",
                # Over three months, so that one insert makes parts in several partitions.
                "timestamp": f"2026-0{self._chance.randint(1, 3)}-15T10:00:00Z",
            }
            for number in range(self._chance.randint(1, 30))
        ]
        times = self._chance.choice((1, 1, 2))
        for _ in range(times):
            answer = httpx.post(
                f"{self._server.url}/api/events/collect",
                json=body,
                headers={"authorization": f"Bearer {self._server.environment['FOOTFALL_WRITE_KEY']}"},
                timeout=60,
                trust_env=False,
            )
            assert answer.status_code == 204, answer.text
        self.copies += (times - 1) * len(body)
        self.ids += [event["event_id"] for event in body]

    @contextmanager
    def sending(self) -> Iterator[None]:
        """All the while."""
        failed: list[BaseException] = []

        def run() -> None:
            try:
                while not self._stop.is_set():
                    self.batch()
                    self._stop.wait(0.02)
            except BaseException as error:  # noqa: BLE001 - it is the test's
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
        assert failed == []

    def all_are_there_once(self) -> None:
        status = self._server.settled(PATIENCE)
        assert (status["stored"], status["duplicates"], status["quarantined"]) == (len(self.ids), self.copies, 0)
        stored = [event["event_id"] for event in self._server.events(event="e")]
        assert sorted(stored) == sorted(self.ids)
        assert self._server.insight("trend", **QUESTION)["series"][0]["total"] == len(self.ids)


def until(condition: Callable[[], bool], what: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, what
        time.sleep(0.05)


def unavailable(server: Server) -> bool:
    """Whether a question is answered by 503, a problem that says when to ask again."""
    answer = server.reader.post("/api/insights/trend", json=QUESTION)
    if answer.status_code == 503:
        assert answer.json()["title"] == "Not now"
        assert int(answer.headers["retry-after"]) > 0
        return True
    assert answer.status_code == 200, answer.text
    return False


def ready(server: Server) -> bool:
    return server.anybody.get("/readyz").status_code == 200


# ── away ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_starts_without_its_engine_takes_events_and_answers_when_it_comes(
    new_clickhouse: Callable[..., ClickHouse], on: Callable[[ClickHouse], Server]
) -> None:
    clickhouse = new_clickhouse()
    server = on(clickhouse)
    server.start(wait=False)
    server.wait_ready("/healthz")
    sender = Sender(server)
    sender.batch()
    assert unavailable(server)
    assert not ready(server)
    assert server.status()["queued"] > 0
    assert "until it does, events wait in the spool" in server.log_text()
    server.kill9()  # nor does a restart need it
    server.start(wait=False)
    server.wait_ready("/healthz")
    sender.batch()
    clickhouse.start()
    sender.all_are_there_once()
    assert ready(server)
    assert server.stop() == 0


@pytest.mark.parametrize("seconds", [0, pytest.param(60, marks=pytest.mark.slow)])
def test_while_the_engine_is_gone_events_go_on_arriving_and_nothing_is_lost_or_doubled(
    new_clickhouse: Callable[..., ClickHouse], on: Callable[[ClickHouse], Server], seconds: int
) -> None:
    clickhouse = new_clickhouse().start()
    server = on(clickhouse).start()
    sender = Sender(server)
    with sender.sending():
        until(lambda: server.status()["stored"] > 0, "nothing is stored")
        clickhouse.kill9()
        until(lambda: unavailable(server), "questions are answered without an engine")
        gone = time.monotonic()
        before = server.status()["accepted"]
        until(
            lambda: server.status()["accepted"] > before + 100 and time.monotonic() - gone >= seconds,
            "events do not arrive",
        )
        clickhouse.start()
        until(lambda: not unavailable(server), "nobody notices that the engine is back")
    sender.all_are_there_once()
    assert "Traceback" not in server.log_text()
    assert server.stop() == 0


@pytest.mark.slow
def test_an_engine_that_hangs_is_an_engine_that_is_gone(
    new_clickhouse: Callable[..., ClickHouse], new_server: Callable[..., Server]
) -> None:
    clickhouse = new_clickhouse().start()
    server = new_server(FOOTFALL_CLICKHOUSE=clickhouse.urls(options="?send_receive_timeout=5")[0]).start()
    sender = Sender(server)
    with sender.sending():
        until(lambda: server.status()["stored"] > 0, "nothing is stored")
        clickhouse.freeze()
        try:
            until(lambda: unavailable(server), "questions are answered by a frozen engine")
        finally:
            clickhouse.thaw()
        until(lambda: not unavailable(server), "nobody notices that the engine is well")
    sender.all_are_there_once()


# ── killed, deaf, in two ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.chaos
def test_killed_in_the_middle_of_inserts_both_of_them_and_answers_lost_nothing_is_lost_or_doubled(
    new_clickhouse: Callable[..., ClickHouse], on: Callable[[ClickHouse], Server]
) -> None:
    clickhouse = new_clickhouse().start()
    server = on(clickhouse).start()
    sender = Sender(server)
    chance = random.Random(7)
    for round_ in range(4):
        again = Sender(server)
        again.ids, again.copies = sender.ids, sender.copies
        sender = again
        with sender.sending():
            until(lambda: server.status()["queued"] > 0, "nothing arrives")
            clickhouse.tell("lose", str(chance.randint(0, 3)))
            time.sleep(chance.uniform(0, 0.5))
            clickhouse.kill9()
            clickhouse.start()
        if round_ % 2:
            server.kill9()
            server.start()
    sender.all_are_there_once()
    assert "Traceback" not in server.log_text()


def test_while_a_replica_is_down_the_other_takes_events_and_answers(
    new_clickhouse: Callable[..., ClickHouse], on: Callable[[ClickHouse], Server]
) -> None:
    pair = new_clickhouse(replicas=2).start()
    server = on(pair).start()
    sender = Sender(server)
    with sender.sending():
        for down in ("0", "1", "0"):
            pair.tell("down", down)
            stored = server.status()["stored"]
            until(lambda: server.status()["stored"] > stored, f"nothing is stored without replica {down}")  # noqa: B023 - called before the next round
            assert not unavailable(server)
            pair.tell("up", down)
    sender.all_are_there_once()
    log = server.log_text()
    assert f"The ClickHouse server at http://127.0.0.1:{pair.ports[0]} does not answer" in log
    assert f"The ClickHouse server at http://127.0.0.1:{pair.ports[0]} answers again" in log


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────


def command(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "footfall", *words],
        env=server.environment, cwd=server.folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_engines_password_comes_out_nowhere(
    new_clickhouse: Callable[..., ClickHouse], on: Callable[[ClickHouse], Server]
) -> None:
    clickhouse = new_clickhouse().start()
    server = on(clickhouse).start()
    Sender(server).batch()
    server.settled()
    heard = [server.anybody.get(path).text for path in ("/metrics", "/readyz", "/healthz", "/api/openapi.json")]
    explained = server.reader.post("/api/insights/trend", params={"explain": "1"}, json=QUESTION)
    assert "SELECT" in explained.text
    clickhouse.kill9()
    until(lambda: unavailable(server), "questions are answered without an engine")
    Sender(server).batch()
    heard += [explained.text, server.anybody.get("/readyz").text, server.reader.get("/api/events").text]
    assert server.stop() == 0

    port = clickhouse.ports[0]
    wrong = f"http://footfall:canary-wrong-password@127.0.0.1:{port}/default"
    told = [command(server, "keys", "list", "--data", str(server.data))]
    assert told[0].returncode == 0, "it needs no engine: " + told[0].stderr
    clickhouse.start()
    told.append(command(server, "serve", "--data", "elsewhere", "--port", str(server.port), "--clickhouse", wrong))
    assert told[-1].returncode == 1
    assert "does not take that user and password" in told[-1].stderr
    heard += [done.stdout + done.stderr for done in told]

    assert [one for one in heard if "canary" in one] == []
    log = server.log_text()
    assert "canary" not in log
    assert "Traceback" not in log + "".join(heard)
    kept = [file for file in server.folder.rglob("*") if file.is_file() and b"canary-engine" in file.read_bytes()]
    assert kept == []
