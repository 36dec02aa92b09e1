"""The writer: from the spool into the warehouse, once each, without ever standing still for one bad event.

One task. It takes the oldest batches, leaves out ids that are stored already (R25), inserts the rest as one
block and acks. Killed anywhere, it starts again at the same batches: rows that it stored itself are known by
their arrival and not counted as duplicates (ADR 0004). A block that the engine refuses is halved until the
culprit is alone, which is buried in quarantine with the engine's reason. A block whose answer was lost is inserted
once more under its token before anything else, so that it cannot arrive behind our back (ADR 0045).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import msgspec

from footfall.model.errors import FootfallError, Unavailable
from footfall.model.event import Millis, Refused
from footfall.services.duplicates import Id, SeenIds
from footfall.services.faults import log_fault
from footfall.stores.spool import BATCH_SPAN, Burial, Leased, Spool
from footfall.stores.trouble import Trouble
from footfall.stores.warehouse import RowsRefused, Warehouse, with_arrival

LINGER = 1.0
"""Seconds that a batch may wait for company; a reader cuts the wait short. Parts of a trickle stay few, and an event
costs the engine 7 us in a block of 50 000, 12 in one of 10 000, 24 in one of 2 000 (ADR 0049)."""
SPACING = 0.1
"""Seconds between two inserts at least, however impatient readers are, unless more waits than a block takes."""
BLOCK_EVENTS = 100_000
BLOCK_BYTES = 48 * 1024 * 1024
ROOM_FOR_A_BLOCK = 4
"""Times its size: it is handed over in a file, and its text is stored twice. On a disk that is nearly full, small
blocks still get in."""
ACK_SECONDS = 60.0
"""After which the batches are leased again, and found to be stored."""
PATIENCE_WITH_REFUSALS = 5
"""Tries of a block that the engine refuses as a whole, without a reason that lies in its events."""
_BACKOFF = (0.2, 0.5, 1, 2, 5, 10)

_log = logging.getLogger("footfall.writer")


class Writer:
    """`run` is the task; `settled` lets a reader wait for what was acknowledged before."""

    def __init__(self, spool: Spool, warehouse: Warehouse) -> None:
        self._spool = spool
        self._warehouse = warehouse
        self._seen = SeenIds(warehouse)
        self._stored = 0
        self._news = asyncio.Event()
        self._hurry = asyncio.Event()
        self._moved = asyncio.Condition()
        self._rebuilding: asyncio.Task[None] | None = None
        self._stopping = False
        self._behind = False
        self._refusals = 0
        self._unclear: _Block | None = None
        self._trouble = Trouble(_log, "events go from the spool into the warehouse again")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="footfall-writer")

    def nudge(self) -> None:
        """There is something new in the spool."""
        self._news.set()

    async def run(self) -> None:
        """Until `stop`: wait, lease, insert, ack."""
        failures = 0
        if self._spool.last > self._stored:
            self._news.set()
        self._keep_filter()
        while not self._stopping:
            await self._news.wait()
            self._news.clear()
            while self._spool.last > self._stored and not (self._stopping and failures):
                if not failures and not self._behind:
                    await self._company()
                failures = 0 if await self._try_block() else failures + 1
                if failures:
                    await asyncio.sleep(_BACKOFF[min(failures, len(_BACKOFF)) - 1])
            self._keep_filter()

    async def _try_block(self) -> bool:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._move_block)
        except FootfallError as error:
            self._trouble.met(f"events wait in the spool: {error.detail}")
            return False
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the task that empties the spool
            if self._trouble.met(f"events wait in the spool: {type(error).__name__}"):
                log_fault(_log, "the writer failed and tries again", error)
            return False
        self._trouble.over()
        async with self._moved:
            self._moved.notify_all()
        return True

    async def settled(self, patience: float) -> bool:
        """Wait until what is on the disk now can be queried; False when that took longer than `patience` seconds."""
        target = self._spool.last
        if self._stored >= target:
            return True
        self._hurry.set()
        self._news.set()
        try:
            async with asyncio.timeout(patience), self._moved:
                await self._moved.wait_for(lambda: self._stored >= target)
        except TimeoutError:
            return False
        return True

    @property
    def stored(self) -> int:
        """Position of the last batch that can be queried, as are all before it."""
        return self._stored

    async def beyond(self, position: int) -> None:
        """Wait until a batch behind that position can be queried. Nothing is stored sooner for it."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._stored > position)

    async def stop(self, patience: float) -> None:
        """Move what is acknowledged into the warehouse, then let `run` end. What is left stays in the spool."""
        await self.settled(patience)
        self._stopping = self._seen.stopped = True
        self._hurry.set()
        self._news.set()
        if self._rebuilding is not None:
            await asyncio.wait([self._rebuilding], timeout=1)

    async def _company(self) -> None:
        try:
            async with asyncio.timeout(LINGER):
                await self._hurry.wait()
                await asyncio.sleep(SPACING)
        except TimeoutError:
            pass
        self._hurry.clear()

    def _keep_filter(self) -> None:
        if self._seen.wants_rebuild and (self._rebuilding is None or self._rebuilding.done()):
            self._rebuilding = asyncio.create_task(self._rebuild())

    async def _rebuild(self) -> None:
        started = time.monotonic()
        try:
            await asyncio.to_thread(self._seen.rebuild)
        except FootfallError as error:
            _log.warning("the filter of seen ids is not ready (%s); every id is looked up", error.detail)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end in a task that nobody looks at
            log_fault(_log, "the filter of seen ids is not ready; every id is looked up", error)
        else:
            _log.debug("the filter of seen ids is ready after %.1f s", time.monotonic() - started)

    def _move_block(self) -> None:
        self._make_clear()
        last = self._spool.last
        room = self._warehouse.room()
        most_bytes = BLOCK_BYTES if room is None else min(BLOCK_BYTES, room // ROOM_FOR_A_BLOCK)
        leased = self._spool.lease(self._stored, BLOCK_EVENTS, most_bytes)
        if not leased:  # everything up to `last` was acked in an earlier life
            self._stored = last
        else:
            with self._seen.inserting():
                fresh, ours, duplicates = self._sift(leased)
                self._seen.add([(row.project_id, row.event_id) for row in fresh])
                buried = self._insert_block(fresh)
            stored = ours + Counter(row.project_id for row in fresh)
            stored.subtract(burial.project_id for burial in buried)
            self._ack(leased, stored, duplicates, buried)
            self._stored = leased[-1].seq
            # More waited than a block takes: nothing is gained by waiting for company.
            self._behind = self._stored < last

    def _sift(self, leased: list[Leased]) -> tuple[list[_Row], Counter[int], Counter[int]]:
        """What is new; and by project, how many rows of ours a crash left in the warehouse, and how many duplicates."""
        first: dict[Id, _Row] = {}
        duplicates: Counter[int] = Counter()
        for batch in leased:
            for index, (event_id, line) in enumerate(batch.rows):
                duplicates[batch.project_id] += 1
                key = (batch.project_id, event_id)
                if key not in first:
                    first[key] = _Row(
                        batch.project_id, event_id, batch.seq * BATCH_SPAN + index, line, batch.received_at
                    )
        possible = self._seen.possible(first)
        stored = self._warehouse.find(possible) if possible else {}
        ours = Counter(key[0] for key, arrival in stored.items() if key in first and first[key].arrival == arrival)
        fresh = [row for key, row in first.items() if key not in stored]
        duplicates.subtract(row.project_id for row in fresh)
        duplicates.subtract(ours)
        return fresh, ours, duplicates

    def _insert_block(self, rows: list[_Row]) -> list[Burial]:
        """Insert all but what the engine refuses; those, with its reason.

        A refusal that names no fault of the row counts once the engine has taken another row, or has refused the
        same ones for a while: an engine that refuses everything is in trouble, and its rows are not to blame.
        """
        refused = self._insert(rows)
        certain = all(refusal.certain for _, refusal in refused)
        if refused and not certain and len(refused) == len(rows) and self._refusals < PATIENCE_WITH_REFUSALS:
            self._refusals += 1
            raise Unavailable("The ClickHouse engine refuses every event at the moment.")
        self._refusals = 0
        if refused:
            _log.warning("%d events are buried in quarantine: the engine refused them", len(refused))
        return [_burial(row, refusal.detail) for row, refusal in refused]

    def _insert(self, rows: list[_Row]) -> list[tuple[_Row, RowsRefused]]:
        """Insert rows, halving what is refused until the culprits are alone."""
        if not rows:
            return []
        try:
            self._put(_Block(uuid4().hex, [with_arrival(row.line, row.arrival) for row in rows]))
        except RowsRefused as refusal:
            if len(rows) == 1:
                return [(rows[0], refusal)]
            half = len(rows) // 2
            return self._insert(rows[:half]) + self._insert(rows[half:])
        return []

    def _put(self, block: _Block) -> None:
        self._unclear = block
        try:
            self._warehouse.insert(block.lines, block.token)
        except RowsRefused:
            self._unclear = None
            raise
        self._unclear = None

    def _make_clear(self) -> None:
        """Insert the block again that the engine may have, or may still be taking; it keeps one of the two.

        Whatever came of it can be looked up from then on, which is what happens next. (That a server knows the token
        is no proof that it has the rows: killed at the wrong moment, it has noted the one and not the other.)
        """
        if self._unclear is not None:
            with suppress(RowsRefused):
                self._put(self._unclear)

    def _ack(self, leased: list[Leased], stored: Counter[int], duplicates: Counter[int], buried: list[Burial]) -> None:
        acked: Future[None] = Future()

        def done(_last: int, error: Exception | None) -> None:
            if error is None:
                acked.set_result(None)
            else:
                acked.set_exception(error)

        self._spool.ack([batch.seq for batch in leased], stored, duplicates, buried, done)
        acked.result(ACK_SECONDS)


class _Block(msgspec.Struct, frozen=True):
    """Lines that are inserted together, and what tells a repetition of this block from another one."""

    token: str
    lines: list[bytes]


class _Row(msgspec.Struct, frozen=True):
    project_id: int
    event_id: str
    arrival: int
    line: bytes
    received_at: Millis


def _burial(row: _Row, why: str) -> Burial:
    refused = Refused(reason="engine_refused", detail=f"The engine refused the event: {why}", path="$", raw=row.line)
    return Burial(project_id=row.project_id, received_at=row.received_at, refused=refused)
