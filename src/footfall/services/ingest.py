"""Taking events in: attribute → enrich → encode → spool. When `take` returns, everything is on the disk (B3).

Refused entries go into the same commit as the good ones, so a batch is on the disk as a whole or not at all.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Literal

import msgspec

from footfall.enrich import enrich
from footfall.model.event import Batch, Event, Millis, Receipt, Refused
from footfall.model.period import from_millis, midnight, zone_of
from footfall.services.writer import Writer
from footfall.stores.catalog import Catalog
from footfall.stores.salts import Salts
from footfall.stores.spool import Row, Spool
from footfall.stores.warehouse import encode_row
from footfall.visitors import attributed, daily_id


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one entry of a batch."""

    index: int
    status: Literal["ok", "quarantined", "dropped"]
    reason: str | None = None
    """The word that quarantine groups by, and the sentence."""
    path: str | None = None


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    results: list[Outcome]


def outcomes_of(batch: Batch) -> Outcomes:
    """What became of each entry of a batch that was taken."""
    return Outcomes(
        results=[
            Outcome(index=index, status="ok")
            if isinstance(entry, Event)
            else Outcome(index=index, status="quarantined", reason=f"{entry.reason}: {entry.detail}", path=entry.path)
            for index, entry in enumerate(batch.entries)
        ]
    )


class Ingest:
    def __init__(
        self, spool: Spool, writer: Writer, catalog: Catalog, salts: Salts, query_keys: frozenset[str]
    ) -> None:
        self._spool = spool
        self._writer = writer
        self._catalog = catalog
        self._salts = salts
        self._query_keys = query_keys
        self._finished: deque[tuple[asyncio.Future[None], Exception | None]] = deque()
        self._woken = False
        # Of its own: others' threads wait for the catalog's database, and arrival for nobody.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="footfall-salt")

    async def take(self, batch: Batch, receipt: Receipt, project_id: int, source: str) -> None:
        """Put a batch on the disk. Raises `Unavailable` when the disk cannot."""
        if not batch.entries:
            return
        rows: list[Row] = []
        refused: list[Refused] = []
        visitor = await self._visitor(receipt, project_id) if batch.cookieless else ""
        for entry in batch.entries:
            if isinstance(entry, Event):
                event = attributed(entry, visitor) if visitor else entry
                event = enrich(event, receipt, self._query_keys)
                rows.append((event.event_id, encode_row(event, project_id)))
            else:
                refused.append(entry)
        await self._append(project_id, receipt.received_at, rows, refused, source, batch.dropped)
        self._writer.nudge()

    async def keep(self, events: list[Event], project_id: int, now: Millis) -> None:
        """Put events of our own on the disk, as they are, all or none. Raises `Unavailable`."""
        rows = [(event.event_id, encode_row(event, project_id)) for event in events]
        await self._append(project_id, now, rows, [], "footfall", 0)
        self._writer.nudge()

    async def _visitor(self, receipt: Receipt, project_id: int) -> str:
        """The id of the day of whoever sends this, in the project's zone."""
        now = receipt.received_at
        salt = self._salts.find(project_id, now)
        if salt is None:
            salt = await asyncio.get_running_loop().run_in_executor(self._thread, self._make_salt, project_id, now)
        return daily_id(salt, project_id, receipt.address, receipt.user_agent)

    def _make_salt(self, project_id: int, now: Millis) -> bytes:
        zone = zone_of(self._catalog.projects.get(project_id).timezone)
        return self._salts.make(project_id, now, midnight(from_millis(now, zone).date() + timedelta(days=1), zone))

    async def _append(
        self, project_id: int, received_at: int, rows: list[Row], refused: list[Refused], source: str, dropped: int
    ) -> None:
        loop = asyncio.get_running_loop()
        on_disk: asyncio.Future[None] = loop.create_future()

        def done(_last: int, error: Exception | None) -> None:
            # One wake-up for all that a commit brought: each costs the loop a read and a turn.
            self._finished.append((on_disk, error))
            if not self._woken:
                self._woken = True
                loop.call_soon_threadsafe(self._report)

        self._spool.append(project_id, received_at, rows, refused, source, done, dropped)
        await on_disk

    def _report(self) -> None:
        self._woken = False  # first: what comes from now on wakes the loop again
        while self._finished:
            on_disk, error = self._finished.popleft()
            if on_disk.done():  # the client left; its events are kept all the same
                continue
            if error is None:
                on_disk.set_result(None)
            else:
                on_disk.set_exception(error)
