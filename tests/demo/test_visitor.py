"""A live visitor speaks to the server as a browser does, and is not disturbed by its absence."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest

from footfall.demo import visitor
from footfall.demo.people import AGENTS
from footfall.demo.shop import releases
from footfall.model.event import Event, Receipt
from footfall.plan.check import Checker
from footfall.plan.lint import planned
from footfall.protocols import native
from footfall.stores.starter import starter
from tests.support.moments import at

ENOUGH = 24
"""Batches, more than there are visitors: each is past its first one."""


class Door:
    """A server that refuses the first requests, drops the connection of the next ones and takes the others."""

    def __init__(self) -> None:
        self.refused: list[bytes] = []
        self.dropped: list[bytes] = []
        self.taken: list[bytes] = []
        self.heads: list[str] = []
        self.took_enough = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
                body = await reader.readexactly(size)
                self.heads.append(head)
                if len(self.refused) < 5:
                    self.refused.append(body)
                    writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
                elif len(self.dropped) < 5:
                    self.dropped.append(body)
                    break
                else:
                    self.taken.append(body)
                    if len(self.taken) == ENOUGH:
                        self.took_enough.set()
                    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()


def events_in(bodies: list[bytes]) -> Iterator[Event]:
    for body in bodies:
        for entry in native.decode(body, Receipt(received_at=0)).entries:
            assert isinstance(entry, Event)
            yield entry


async def test_what_fails_is_sent_again_with_the_same_ids(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(visitor, "TICK_S", 0.01)
    monkeypatch.setattr(visitor, "PAUSE_MS", 200)
    door = Door()
    server = await asyncio.start_server(door.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    visiting = asyncio.create_task(visitor.run_visitor(f"http://127.0.0.1:{port}", seed=1))
    async with asyncio.timeout(20):
        await door.took_enough.wait()
    visiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await visiting
    server.close()

    taken = [event.event_id for event in events_in(door.taken)]
    assert len(taken) == len(set(taken))
    failed = {event.event_id for event in events_in(door.refused + door.dropped)}
    assert failed
    assert failed <= set(taken)
    assert all(head.startswith("POST /api/events/collect HTTP/1.1") for head in door.heads)
    agents = {agent.user_agent for agent in AGENTS}
    assert all(head.partition("User-Agent: ")[2].partition("\r\n")[0] in agents for head in door.heads)


def test_the_plan_has_something_against_tabs_of_the_release_before_and_nothing_against_others():
    now = at("2026-09-21T13:13:20Z")
    *_, before, newest = releases(now)
    town, checker = visitor._Town(1, now), Checker(planned(starter()))
    found: dict[str, set[str]] = {before.version: set(), newest.version: set()}
    for _ in range(300):
        for event in town.next_visit(now)[1]:
            found[event.app_version] |= {one.rule for one in checker.check(event, "", now).violations}
    assert found == {before.version: {"enum", "unplanned_event"}, newest.version: set()}
