"""The live feed: what arrives, in the order of its acknowledgement, to whoever listens (ADR 0061).

Nothing is pushed and nothing is queued. A listener has a place in the order of arrival, which is the spool's order and
each event's `arrival`; when the writer has stored something behind it, the listener asks the warehouse for that, by the
same question as the explorer. So a feed shows each event once (R25), after the disk has it, with the same filters and
people as `GET /api/events`; a place is good over disconnects, restarts and crashes; and whoever reads slowly holds up
nobody and takes no memory: they are further behind, and once that is too far, are told how much they missed.

Arrival knows nothing of listeners, and no batch is stored sooner for one: an event is seen about a second after
its 204.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from footfall.insights import events
from footfall.insights.sql import Context
from footfall.model.errors import FootfallError, SenderError, TooMany
from footfall.model.event import Millis
from footfall.services.analyse import Analyst
from footfall.services.writer import Writer
from footfall.stores.spool import BATCH_SPAN, Spool

MOST_LISTENERS = 100
MOST_OF_ONE = 20
"""Of one key or person."""
MOST_BEHIND = 10_000
"""Events. Who has missed more is told so, and goes on with what comes."""
PORTIONS = (25, 400)
"""Events that are read at once: at first, and at most. Twice as many as before while they are small."""
HELD_BYTES = 512 * 1024
"""Of the events of a portion, about: all that the server holds for a listener. One event is always taken."""
PAUSE = 15.0
"""Seconds without news after which a listener hears that the feed is alive."""
_RETRY = 30


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event, as `GET /api/events` shows it."""

    place: int
    event: dict[str, object]


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """What the feed leaves out."""

    place: int
    missed: int | None
    """How many events; null where the place to go on from was none of this server's."""
    first: Millis | None = None
    last: Millis | None = None
    """The range of their times."""


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing new, or nothing to be had at the moment: `why`."""

    place: int
    why: str | None = None


News = Happened | Missed | Quiet


class Live:
    def __init__(self, spool: Spool, writer: Writer, analyst: Analyst) -> None:
        self._spool = spool
        self._writer = writer
        self._analyst = analyst
        self._listeners: Counter[str] = Counter()
        self._over = asyncio.Event()

    @property
    def listeners(self) -> int:
        return self._listeners.total()

    def close(self) -> None:
        """Every feed ends."""
        self._over.set()

    @contextmanager
    def listening(self, whose: str) -> Iterator[None]:
        """A listener more, as long as the block lasts. Raises `TooMany`."""
        if self.listeners >= MOST_LISTENERS or self._listeners[whose] >= MOST_OF_ONE:
            raise TooMany(
                f"{MOST_LISTENERS} may listen at once, {MOST_OF_ONE} of them with one key or as one person.",
                retry_after=_RETRY,
            )
        self._listeners[whose] += 1
        try:
            yield
        finally:
            self._listeners[whose] -= 1
            if not self._listeners[whose]:
                del self._listeners[whose]

    async def follow(self, wanted: events.Choice, context: Context, place: int | None) -> AsyncGenerator[News, None]:
        """What arrived behind `place`, or arrives from now on where that is None; until `close`.

        Trouble of the engine is waited out. Raises `SenderError` for filters that `Analyst.check` would not have.
        """
        newest = _end_of(self._spool.last)
        if place is None:
            place = newest
        elif place > newest:  # of another data folder
            place = newest
            yield Missed(place=place, missed=None)
        while not self._over.is_set():
            until = _end_of(self._writer.stored)
            why = None
            if until > place:
                try:
                    async for news in self._round(wanted, context, place, until):
                        place = news.place
                        yield news
                    place = until
                except SenderError:
                    raise
                except FootfallError as error:
                    why = error.detail
            if why is not None:
                yield Quiet(place=place, why=why)
                await self._nap(asyncio.sleep(PAUSE))
            elif not await self._nap(self._writer.beyond(_last_whole(place))):
                yield Quiet(place=place)

    async def _round(
        self, wanted: events.Choice, context: Context, place: int, until: int
    ) -> AsyncGenerator[Happened | Missed, None]:
        """Everything from one place to the other; or a part of it, and what was left out."""
        portion, more, counted = PORTIONS[0], True, False
        while more and not self._over.is_set():
            rows, more = await self._analyst.arrived(wanted, context, place, until, portion)
            held = _held(rows)
            if held < len(rows):
                more, portion = True, held
                del rows[held:]  # they are read again when their turn comes
            else:
                portion = min(2 * portion, PORTIONS[1])
            for row in rows:
                place = events.arrival_of(row)
                yield Happened(place=place, event=events.event_of(row))
            if more and not counted:
                counted = True
                missed, first, last = await self._analyst.missed(wanted, context, place, until)
                if missed > MOST_BEHIND:
                    yield Missed(place=until, missed=missed, first=first, last=last)
                    return

    async def _nap(self, news: Any) -> bool:
        """Wait for `news`, for the end or for `PAUSE`; whether it was one of the first two."""
        waiting = {asyncio.ensure_future(news), asyncio.ensure_future(self._over.wait())}
        try:
            done, _ = await asyncio.wait(waiting, timeout=PAUSE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return bool(done)


def _held(rows: list[list[Any]]) -> int:
    """How many of these are held."""
    size = 0
    for count, row in enumerate(rows):
        size += events.size_of(row)
        if size > HELD_BYTES and count:
            return count
    return len(rows)


def _end_of(position: int) -> int:
    """The last place of a batch, and so of all up to it."""
    return (position + 1) * BATCH_SPAN - 1


def _last_whole(place: int) -> int:
    """The last batch of which nothing lies behind a place."""
    return (place + 1) // BATCH_SPAN - 1
