"""What was refused, taken anew once the plan or the sender is mended, or let go."""

import asyncio
from collections.abc import Callable

import msgspec

from footfall.model.event import Batch, Event, Millis, Receipt
from footfall.plan.check import Rule
from footfall.protocols.native import entry_of
from footfall.services.ingest import Ingest
from footfall.stores.spool import ENGINE, Done, Quarantined, Refusals, Spool

PORTION = 500
"""Entries that share a commit."""
SOURCE = "replay"
UNPLANNED: Rule = "unplanned_event"
MOST_LOOKED_AT = 2000
"""Entries that a draft is made from."""


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    replayed: int
    remaining: int


class Quarantine:
    def __init__(self, spool: Spool, ingest: Ingest) -> None:
        self._spool = spool
        self._ingest = ingest

    async def replay(self, project_id: int, like: Refusals) -> Replay:
        """Take entries anew, newest first. Raises `Unavailable`; what was replayed until then stays so.

        An entry leaves the quarantine with the commit that brings its event, and has its event's id, so that it
        counts once whatever happens between.
        """
        replayed = remaining = 0
        before: int | None = None
        while page := await asyncio.to_thread(self._spool.quarantined, project_id, before, PORTION, like):
            before = page[-1].id
            done = await self._take(project_id, page)
            replayed += done
            remaining += len(page) - done
        return Replay(replayed=replayed, remaining=remaining)

    async def unplanned(self, project_id: int, since: Millis) -> list[Event]:
        """Events of that time on that wait because nobody planned them; the newest of them, where there are many."""
        like = Refusals(reason=UNPLANNED)
        page = await asyncio.to_thread(self._spool.quarantined, project_id, None, MOST_LOOKED_AT, like)
        return [event for one in page if one.received_at >= since and (event := _event_of(one)) is not None]

    async def discard(self, project_id: int, like: Refusals) -> None:
        """Let entries go. Raises `Unavailable`."""
        await self._written(lambda done: self._spool.discard(project_id, like, done))

    async def _take(self, project_id: int, page: list[Quarantined]) -> int:
        """How many of these are events now."""
        good: list[tuple[Quarantined, Event]] = []
        standing = await self._ingest.standing(project_id)
        for one in page:
            event = _event_of(one)
            if event is not None and (standing is None or standing.takes(event, one.received_at)):
                good.append((one, event))
        if good:
            batch = Batch(entries=[event for _, event in good])
            receipt = Receipt(received_at=good[0][0].received_at, keeps_receipt=True)
            await self._ingest.take(batch, receipt, project_id, SOURCE, tuple(one.id for one, _ in good))
        return len(good)

    @staticmethod
    async def _written(write: Callable[[Done], None]) -> None:
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()

        def done(_last: int, error: Exception | None) -> None:
            loop.call_soon_threadsafe(
                lambda: written.set_result(None) if error is None else written.set_exception(error)
            )

        write(done)
        await written


def _event_of(one: Quarantined) -> Event | None:
    """What it would be, if nothing were wrong with it."""
    # What the engine refused is a line of its own, and what was blocked is nothing.
    if not one.raw or one.source == ENGINE:
        return None
    entry = entry_of(one.raw, Receipt(received_at=one.received_at, keeps_receipt=True))
    return entry if isinstance(entry, Event) else None
