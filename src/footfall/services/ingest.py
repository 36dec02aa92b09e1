"""Taking events in: attribute → enrich → cut → check → scrub → spool. When `take` returns, all is on the disk (B3).

Refused entries go into the same commit as the good ones, so a batch is on the disk as a whole or not at all.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any, Literal

import msgspec

from footfall.enrich import enrich
from footfall.model.event import Batch, Event, Millis, Receipt, Refused
from footfall.model.period import from_millis, midnight, zone_of
from footfall.plan.check import Violation, told
from footfall.plan.document import Mode
from footfall.privacy import Policy
from footfall.protocols.native import encode
from footfall.services.guard import Guard
from footfall.services.plans import Plans, Standing
from footfall.services.writer import Writer
from footfall.stores.catalog import Catalog
from footfall.stores.salts import Salts
from footfall.stores.spool import Row, Spool
from footfall.stores.warehouse import encode_row
from footfall.visitors import attributed, daily_id

_SMALL = 64 * 1024
"""Bytes of a batch that are looked through on the spot."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one entry of a batch."""

    index: int
    status: Literal["ok", "quarantined", "dropped"]
    reason: str | None = None
    """The word that quarantine groups by, and the sentence."""
    path: str | None = None
    violations: list[Any] = []
    """All that the tracking plan has against it (`plan.check.Violation`); an event that is ok may have some, too."""


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    results: list[Outcome]


def outcomes_of(entries: list[Event | Refused]) -> Outcomes:
    """What became of each entry of a batch, as `take` says."""
    return Outcomes(
        results=[
            Outcome(index=index, status="ok", violations=_as_sent(entry.violations))
            if isinstance(entry, Event)
            else Outcome(
                index=index,
                status="quarantined" if entry.raw else "dropped",
                reason=f"{entry.reason}: {entry.detail}",
                path=entry.path,
                violations=_as_sent(entry.violations),
            )
            for index, entry in enumerate(entries)
        ]
    )


def _as_sent(violations: tuple[str, ...]) -> list[Any]:
    return [msgspec.Raw(one.encode()) for one in violations]


class Ingest:
    def __init__(
        self,
        spool: Spool,
        writer: Writer,
        catalog: Catalog,
        plans: Plans,
        salts: Salts,
        query_keys: frozenset[str],
        guard: Guard,
    ) -> None:
        self._spool = spool
        self._writer = writer
        self._catalog = catalog
        self._plans = plans
        self._salts = salts
        self._query_keys = query_keys
        self._guard = guard
        self._finished: deque[tuple[asyncio.Future[None], Exception | None]] = deque()
        self._woken = False
        # Of its own: others' threads wait for the catalog's database, and arrival for nobody.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="footfall-salt")

    async def take(
        self,
        batch: Batch,
        receipt: Receipt,
        project_id: int,
        source: str,
        replaces: tuple[int, ...] = (),
    ) -> list[Event | Refused]:
        """Put a batch on the disk, and say what became of its entries. Raises `Unavailable` when the disk cannot.

        What it `replaces` leaves the quarantine with it.
        """
        if not batch.entries:
            return []
        visitor = await self._visitor(receipt, project_id) if batch.cookieless else ""
        standing = await self.standing(project_id)
        policy = self._plans.unplanned if standing is None else standing.policy
        events: list[Event] = []
        modes: list[Mode] = []
        for entry in batch.entries:
            if isinstance(entry, Event):
                event = enrich(attributed(entry, visitor) if visitor else entry, receipt, self._query_keys)
                event, mode = (event, "allow") if standing is None else _checked(event, standing, receipt)
                events.append(event)
                modes.append(mode)
        looked_at = partial(self._looked_at, batch.entries, events, modes, standing, policy)
        # What is made to look dangerous costs 2 us a byte, and nobody else is kept waiting for that.
        is_small = sum(len(one.properties if isinstance(one, Event) else one.raw) for one in batch.entries) <= _SMALL
        taken = looked_at() if is_small else await asyncio.to_thread(looked_at)
        rows = [(one.event_id, encode_row(one, project_id)) for one in taken if isinstance(one, Event)]
        refused = [one for one in taken if isinstance(one, Refused)]
        await self._append(project_id, receipt.received_at, rows, refused, source, batch.dropped, replaces)
        self._writer.nudge()
        return taken

    def _looked_at(
        self,
        entries: list[Event | Refused],
        events: list[Event],
        modes: list[Mode],
        standing: Standing | None,
        policy: Policy,
    ) -> list[Event | Refused]:
        """What becomes of entries: all events are looked through at once, after the plan has seen them as they came."""
        cleaned = map(_became, self._guard.clean(events, policy), modes)
        return [next(cleaned) if isinstance(one, Event) else self._kept(one, standing, policy) for one in entries]

    def _kept(self, refused: Refused, standing: Standing | None, policy: Policy) -> Refused:
        cut = refused if standing is None else standing.deny.from_refused(refused)
        return self._guard.clean_refused(cut, policy)

    async def standing(self, project_id: int) -> Standing | None:
        """The plan that counts for what comes now."""
        if self._plans.is_known(project_id):
            return self._plans.standing(project_id)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._plans.standing, project_id)

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
        self,
        project_id: int,
        received_at: int,
        rows: list[Row],
        refused: list[Refused],
        source: str,
        dropped: int,
        replaces: tuple[int, ...] = (),
    ) -> None:
        loop = asyncio.get_running_loop()
        on_disk: asyncio.Future[None] = loop.create_future()

        def done(_last: int, error: Exception | None) -> None:
            # One wake-up for all that a commit brought: each costs the loop a read and a turn.
            self._finished.append((on_disk, error))
            if not self._woken:
                self._woken = True
                loop.call_soon_threadsafe(self._report)

        self._spool.append(project_id, received_at, rows, refused, source, done, dropped, replaces)
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


def _checked(event: Event, standing: Standing, receipt: Receipt) -> tuple[Event, Mode]:
    """The event without what is denied and with what the plan has against it, and what becomes of it for that."""
    event = standing.deny.from_event(event)
    verdict = standing.checker.check(event, event.event_version, receipt.received_at)
    if not verdict.violations:
        return event, "allow"
    event = msgspec.structs.replace(event, violations=tuple(map(_encoded, verdict.violations)))
    # The past is taken as it was: nobody can mend what sent it.
    return event, "warn" if receipt.keeps_receipt else verdict.mode


def _became(event: Event | Refused, mode: Mode) -> Event | Refused:
    """What is stored, or what stands in quarantine for it."""
    return event if isinstance(event, Refused) or mode in {"allow", "warn"} else _refused(event, mode)


def _encoded(violation: msgspec.Struct) -> str:
    return msgspec.json.encode(violation).decode()


def _refused(event: Event, mode: Mode) -> Refused:
    first = msgspec.json.decode(event.violations[0], type=Violation)
    return Refused(
        reason=first.rule,
        detail=told(first),
        path=first.path,
        raw=encode(event) if mode == "quarantine" else b"",
        event=event.event,
        app_version=event.app_version,
        violations=event.violations,
    )
