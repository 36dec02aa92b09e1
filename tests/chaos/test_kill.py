"""B3 under `kill -9`: nothing that was acknowledged is lost, nothing is counted twice."""

import asyncio
import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journey.server import READ_KEY, WRITE_KEY, Server

pytestmark = pytest.mark.chaos

CLIENTS = 5
EVENT = "survivor"


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path) as opened:
        yield opened


class Client:
    """Sends batches with ids of its own; what was not acknowledged is sent again, with the same ids."""

    def __init__(self, server: Server, number: int, seed: int) -> None:
        self.server = server
        self.number = number
        self.chance = random.Random(seed * 1000 + number)
        self.acknowledged: list[str] = []
        self.resent = 0
        self._open: list[dict[str, Any]] | None = None
        self._made = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop, and after that until the last batch is acknowledged."""
        async with httpx.AsyncClient(base_url=self.server.url, timeout=20, trust_env=False) as client:
            while not stop.is_set() or self._open is not None:
                if self._open is None:
                    self._open = self._batch()
                    if self.acknowledged and self.chance.random() < 0.1:
                        self._open += self._again()
                try:
                    answer = await client.post(
                        "/api/events/collect",
                        json={"batch": self._open, "batch_id": self._open[0]["event_id"]},
                        headers={"authorization": f"Bearer {WRITE_KEY}"},
                    )
                except httpx.TransportError:
                    self.resent += 1
                    await asyncio.sleep(0.05)
                    continue
                if answer.status_code == 503:
                    await asyncio.sleep(0.1)
                    continue
                assert answer.status_code == 204, answer.text
                self.acknowledged += [event["event_id"] for event in self._open]
                self._open = None
                await asyncio.sleep(self.chance.uniform(0, 0.02))

    def _batch(self) -> list[dict[str, Any]]:
        batch = []
        for _ in range(self.chance.randint(1, 50)):
            self._made += 1
            batch.append(
                {
                    "event": EVENT,
                    "event_id": f"{self.number}-{self._made}",
                    "anonymous_id": f"device-{self.chance.randrange(200)}",
                    # Over three months, so that one insert makes parts in several partitions.
                    "timestamp": f"2026-0{self.chance.randint(1, 3)}-{self.chance.randint(1, 28):02}T10:00:00Z",
                    "properties": {"n": self._made},
                }
            )
        return batch

    def _again(self) -> list[dict[str, Any]]:
        """A few that were acknowledged long ago, with another time than the first copy's (R25)."""
        ids = self.chance.sample(self.acknowledged, min(5, len(self.acknowledged)))
        return [{"event": EVENT, "event_id": one, "timestamp": "2026-04-01T10:00:00Z"} for one in ids]


async def ask_all_the_time(server: Server, stop: asyncio.Event) -> None:
    """An impatient reader makes the writer insert many times a second, so that kills hit it at work."""
    async with httpx.AsyncClient(base_url=server.url, timeout=20, trust_env=False) as client:
        while not stop.is_set():
            with contextlib.suppress(httpx.TransportError):
                await client.get("/api/events/trend", headers={"authorization": f"Bearer {READ_KEY}"})
            await asyncio.sleep(0.05)


async def storm(server: Server, seed: int, rounds: int) -> list[Client]:
    """Clients under load while the server is killed at moments that nobody chose; at the end it runs."""
    chance = random.Random(seed)
    clients = [Client(server, number, seed) for number in range(CLIENTS)]
    stop = asyncio.Event()
    tasks = [asyncio.create_task(client.run(stop)) for client in clients]
    tasks.append(asyncio.create_task(ask_all_the_time(server, stop)))
    for round_ in range(rounds):
        await asyncio.sleep(chance.uniform(0.05, 1.5))
        seen = await asyncio.to_thread(server.status)
        await asyncio.sleep(chance.uniform(0, 0.5))
        server.kill9()
        if round_ % 4 == 3:  # and once more while it recovers
            server.start(wait=False)
            await asyncio.sleep(chance.uniform(0.5, 3))
            server.kill9()
        await asyncio.to_thread(server.start)
        now = await asyncio.to_thread(server.status)
        for total in ("accepted", "stored", "quarantined", "duplicates"):
            assert now[total] >= seen[total], (total, seen, now)
    stop.set()
    await asyncio.gather(*tasks)
    return clients


@pytest.mark.parametrize(
    ("seed", "rounds"),
    [
        pytest.param(20260302, 3, id="a few times"),
        pytest.param(20260303, 20, id="a minute long", marks=pytest.mark.slow),
    ],
)
def test_acknowledged_events_survive_kill_9_exactly_once(mortal: Server, seed: int, rounds: int) -> None:
    clients = asyncio.run(storm(mortal, seed, rounds))
    acknowledged = [one for client in clients for one in client.acknowledged]
    ids = set(acknowledged)
    assert len(ids) > 500
    assert sum(client.resent for client in clients) >= rounds, "the kills hit nobody"

    status = mortal.settled()
    stored = [event["event_id"] for event in mortal.events(event=EVENT)]
    assert len(stored) == len(set(stored)), "an event is stored twice"
    assert set(stored) - ids == set(), "at the end every batch was acknowledged"
    assert ids - set(stored) == set(), "an acknowledged event is lost"

    assert (status["stored"], status["quarantined"], status["queued"]) == (len(ids), 0, 0)
    assert status["accepted"] == status["stored"] + status["duplicates"]
    assert status["duplicates"] >= len(acknowledged) - len(ids)

    range_ = {"from": "2026-01-01", "to": "2026-05-01"}
    for interval in ("day", "month"):
        answer = mortal.insight("trend", **range_, series=[{"event": EVENT}], interval=interval)
        assert answer["series"][0]["total"] == sum(answer["series"][0]["values"]) == len(ids)
    months = mortal.insight("trend", **range_, series=[{"event": EVENT}], interval="month")["series"][0]["values"]
    assert months[3] == 0, "a later copy's time was taken"
    rows = mortal.ask("/api/events/trend", event=EVENT, start="2026-01-01", end="2026-05-01", granularity="day")
    assert sum(row["total"] for row in rows) == len(ids)
    assert "Traceback" not in mortal.log_text()


def test_a_kill_right_after_the_204_loses_nothing(mortal: Server) -> None:
    """The moment that matters most: acknowledged, and not in the warehouse yet."""
    sent: set[str] = set()
    for round_ in range(2):
        ids = [f"{round_}-{number}" for number in range(1000)]
        mortal.collect([{"event": EVENT, "event_id": one} for one in ids])
        mortal.kill9()
        sent |= set(ids)
        mortal.start()
    assert mortal.settled()["stored"] == len(sent)
    stored = [event["event_id"] for event in mortal.events(event=EVENT)]
    assert sorted(stored) == sorted(sent)
