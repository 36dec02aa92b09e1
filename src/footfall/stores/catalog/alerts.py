"""Rules of alerts as JSON, what is remembered of each between two windows, what happened, and what is on its way.

A window is claimed, the state is moved and notices are written down in one transaction, so that of several evaluators
one does it and a crash leaves all of it or nothing. A delivery is claimed for a while: whoever dies over it leaves it
to the next, who sends it again under the same id.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from footfall.model.errors import Conflict, NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.rows import shown
from footfall.stores.catalog.tables import AlertRow, DeliveryRow, InstanceRow, RuleRow

MOST = 1000
"""Rules of a project."""
KEPT = 400 * 24 * 3600 * 1000
"""How long what happened is told."""
REPORT = "report"
"""The kind of a happening that is a report: sent as the others are, and no alert."""
_TOGETHER = 100
"""Rules that are moved in a transaction: short enough that others need not wait for long."""
Status = Literal["pending", "delivered", "held", "dead"]
"""`held`: another has told of it, and it is not sent."""


class StoredRule(msgspec.Struct, frozen=True, kw_only=True):
    project_id: int
    id: str
    body: str
    enabled: bool
    version: int
    """Counts changes, from 1."""
    owner: str
    created_at: Millis
    changed_at: Millis


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, or one of its groups, as it stood at the end of the last window that was judged."""

    rule_id: str
    instance: str
    until: Millis
    standing: str
    state: str
    value: float | None
    reason: str


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A notice for one channel."""

    type: str
    channel: str
    """JSON, with its secrets; forgotten when it is over."""
    message: str
    """JSON; forgotten when it is over."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """A change that somebody is told of, or could have been."""

    kind: str
    severity: str
    name: str
    detail: str
    value: float | None
    at: Millis
    """End of the window."""
    outgoing: tuple[Outgoing, ...] = ()


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """From the end of the window that a rule stood at, None for never, to that of another; and what happened."""

    before: Millis | None
    after: Remembered
    happened: tuple[Happening, ...] = ()


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A happening, written down."""

    id: int
    project_id: int
    rule_id: str
    instance: str
    kind: str
    severity: str
    name: str
    detail: str
    value: float | None
    at: Millis
    created_at: Millis
    acknowledged_by: str | None
    acknowledged_at: Millis | None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    alert_id: int
    project_id: int
    type: str
    channel: str
    message: str
    status: Status
    attempts: int
    next_at: Millis
    error: str
    finished_at: Millis | None


class Alerts:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # ── rules ────────────────────────────────────────────────────────────────────────────────────────────────

    def rules(self, project_id: int | None = None, *, enabled: bool = False) -> list[StoredRule]:
        """In the order in which they were made."""
        wanted = select(RuleRow).order_by(RuleRow.created_at, RuleRow.id)
        wanted = wanted if project_id is None else wanted.where(RuleRow.project_id == project_id)
        wanted = wanted.where(RuleRow.enabled) if enabled else wanted
        with Session(self._engine) as session:
            return [_rule(row) for row in session.scalars(wanted)]

    def rule(self, project_id: int, rule_id: str) -> StoredRule:
        """Raises `NotFound`."""
        with Session(self._engine) as session:
            row = session.get(RuleRow, (project_id, rule_id))
            if row is None:
                raise NotFound(f"There is no rule {rule_id[:100]}.")
            return _rule(row)

    def create(self, project_id: int, rule_id: str, body: str, owner: str, now: Millis, *, enabled: bool) -> StoredRule:
        """Raises `Conflict` when there is one of this id, or too many."""
        row = RuleRow(
            project_id=project_id, id=rule_id, body=body, enabled=enabled, version=1, owner=owner,
            created_at=now, changed_at=now,
        )  # fmt: skip
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                count = session.scalar(
                    select(func.count()).select_from(RuleRow).where(RuleRow.project_id == project_id)
                )
                if (count or 0) >= MOST:
                    raise Conflict(f"There are {MOST} rules already, which is the most; delete some first.")
                session.add(row)
        except IntegrityError:
            raise Conflict(f"There is a rule {rule_id[:100]} already.", path="$.id") from None
        return _rule(row)

    def change(self, project_id: int, rule_id: str, body: str, now: Millis, *, enabled: bool) -> StoredRule:
        """Raises `NotFound`."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            row = session.get(RuleRow, (project_id, rule_id))
            if row is None:
                raise NotFound(f"There is no rule {rule_id[:100]}.")
            row.body, row.enabled, row.changed_at, row.version = body, enabled, now, row.version + 1
        return _rule(row)

    def delete(self, project_id: int, rule_id: str) -> None:
        """What happened is told on. Raises `NotFound`."""
        with Session(self._engine) as session, session.begin():
            done = session.execute(
                delete(RuleRow).where(RuleRow.project_id == project_id, RuleRow.id == rule_id).returning(RuleRow.id)
            ).first()
        if done is None:
            raise NotFound(f"There is no rule {rule_id[:100]}.")
        self.forget(project_id, rule_id)

    def forget(self, project_id: int, rule_id: str) -> None:
        """It is judged as if it were new."""
        with Session(self._engine) as session, session.begin():
            session.execute(
                delete(InstanceRow).where(InstanceRow.project_id == project_id, InstanceRow.rule_id == rule_id)
            )

    # ── windows ──────────────────────────────────────────────────────────────────────────────────────────────

    def remembered(self, project_id: int) -> list[Remembered]:
        with Session(self._engine) as session:
            rows = session.scalars(select(InstanceRow).where(InstanceRow.project_id == project_id))
            return [shown(row, Remembered) for row in rows]

    def claim(self, project_id: int, moves: Iterable[Move], now: Millis) -> int:
        """Move rules on, many in a transaction. How many that were: those that another has moved meanwhile stay.

        Each is claimed, moved and told of together, or not at all.
        """
        # In one order everywhere, so that two who do this never wait for each other.
        ordered = sorted(moves, key=lambda one: (one.after.rule_id, one.after.instance))
        return sum(
            self._claim(project_id, ordered[at : at + _TOGETHER], now) for at in range(0, len(ordered), _TOGETHER)
        )

    def _claim(self, project_id: int, moves: list[Move], now: Millis) -> int:
        try:
            with Session(self._engine) as session, session.begin():
                return sum(_move(session, project_id, one, now) for one in moves)
        except IntegrityError:  # another wrote the first of one of them
            return sum(self._claim(project_id, [one], now) for one in moves) if len(moves) > 1 else 0

    def revise(self, project_id: int, rule_id: str, instance: str, before: str, after: str) -> bool:
        """Another standing in the place of one, unless that has changed meanwhile."""
        with Session(self._engine) as session, session.begin():
            done = session.execute(
                update(InstanceRow)
                .where(
                    InstanceRow.project_id == project_id,
                    InstanceRow.rule_id == rule_id,
                    InstanceRow.instance == instance,
                    InstanceRow.standing == before,
                )
                .values(standing=after)
                .returning(InstanceRow.until)
            ).first()
        return done is not None

    def add(self, project_id: int, rule_id: str, happened: Happening, now: Millis) -> int:
        """Something that no window is claimed for: a test. Its id."""
        with Session(self._engine) as session, session.begin():
            return write_down(session, project_id, rule_id, "", happened, now)

    # ── what happened ────────────────────────────────────────────────────────────────────────────────────────

    def history(
        self, project_id: int, before: int | None = None, limit: int = 100, rule_id: str | None = None
    ) -> list[tuple[Alert, list[Delivery]]]:
        """Newest first, each with its deliveries; of all rules, or of one rule or report."""
        wanted = select(AlertRow).where(AlertRow.project_id == project_id).order_by(AlertRow.id.desc()).limit(limit)
        wanted = wanted if before is None else wanted.where(AlertRow.id < before)
        wanted = wanted.where(AlertRow.kind != REPORT if rule_id is None else AlertRow.rule_id == rule_id)
        with Session(self._engine) as session:
            found = [shown(row, Alert) for row in session.scalars(wanted)]
            ids = [one.id for one in found]
            rows = session.scalars(select(DeliveryRow).where(DeliveryRow.alert_id.in_(ids)).order_by(DeliveryRow.id))
            deliveries: dict[int, list[Delivery]] = {}
            for row in rows:
                deliveries.setdefault(row.alert_id, []).append(shown(row, Delivery))
        return [(one, deliveries.get(one.id, [])) for one in found]

    def alert(self, alert_id: int) -> tuple[Alert, list[Delivery]] | None:
        """One of them, with its deliveries."""
        with Session(self._engine) as session:
            row = session.get(AlertRow, alert_id)
            if row is None:
                return None
            rows = session.scalars(select(DeliveryRow).where(DeliveryRow.alert_id == alert_id).order_by(DeliveryRow.id))
            return shown(row, Alert), [shown(one, Delivery) for one in rows]

    def acknowledge(self, project_id: int, alert_id: int, who: str, now: Millis) -> None:
        """Raises `NotFound`."""
        with Session(self._engine) as session, session.begin():
            done = session.execute(
                update(AlertRow)
                .where(AlertRow.project_id == project_id, AlertRow.id == alert_id)
                .values(acknowledged_by=who, acknowledged_at=now)
                .returning(AlertRow.id)
            ).first()
        if done is None:
            raise NotFound(f"There is no alert {alert_id}.")

    def prune(self, now: Millis) -> None:
        with Session(self._engine) as session, session.begin():
            old = select(AlertRow.id).where(AlertRow.created_at < now - KEPT)
            session.execute(delete(DeliveryRow).where(DeliveryRow.alert_id.in_(old)))
            session.execute(delete(AlertRow).where(AlertRow.created_at < now - KEPT))

    # ── deliveries ───────────────────────────────────────────────────────────────────────────────────────────

    def due(self, now: Millis, patience: Millis, limit: int = 20) -> list[Delivery]:
        """Deliveries whose time has come, claimed for as long as `patience`."""
        wanted = (
            select(DeliveryRow)
            .where(DeliveryRow.status == "pending", DeliveryRow.next_at <= now, DeliveryRow.claimed_until <= now)
            .order_by(DeliveryRow.next_at, DeliveryRow.id)
            .limit(limit)
        )
        with Session(self._engine) as session:
            found = [shown(row, Delivery) for row in session.scalars(wanted)]
        return [one for one in found if self._claimed(one, now, patience)]

    def _claimed(self, one: Delivery, now: Millis, patience: Millis) -> bool:
        with Session(self._engine) as session, session.begin():
            done = session.execute(
                update(DeliveryRow)
                .where(
                    DeliveryRow.id == one.id,
                    DeliveryRow.status == "pending",
                    DeliveryRow.attempts == one.attempts,
                    DeliveryRow.claimed_until <= now,
                )
                .values(claimed_until=now + patience, attempts=one.attempts + 1)
                .returning(DeliveryRow.id)
            ).first()
        return done is not None

    def delivered(self, delivery_id: int, now: Millis) -> None:
        self._finish(delivery_id, "delivered", "", now)

    def held(self, delivery_id: int, why: str, now: Millis) -> None:
        """It need not be sent."""
        self._finish(delivery_id, "held", why, now)

    def died(self, delivery_id: int, error: str, now: Millis) -> None:
        """It is not tried again, until somebody asks for it."""
        self._finish(delivery_id, "dead", error, now)

    def _finish(self, delivery_id: int, status: Status, error: str, now: Millis) -> None:
        gone = {} if status == "dead" else {"channel": "{}", "message": "{}"}
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(DeliveryRow)
                .where(DeliveryRow.id == delivery_id)
                .values(status=status, error=error[:500], finished_at=now, claimed_until=0, **gone)
            )

    def put_off(self, delivery_id: int, error: str, next_at: Millis) -> None:
        """After a try that failed."""
        self._wait(delivery_id, next_at, error=error[:500])

    def wait(self, delivery_id: int, next_at: Millis) -> None:
        """Its turn comes later; it was not tried."""
        self._wait(delivery_id, next_at, attempts=DeliveryRow.attempts - 1)

    def _wait(self, delivery_id: int, next_at: Millis, **more: Any) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(DeliveryRow)
                .where(DeliveryRow.id == delivery_id)
                .values(next_at=next_at, claimed_until=0, **more)
            )

    def retry(self, project_id: int, delivery_id: int, now: Millis) -> None:
        """A dead one is tried again. Raises `NotFound`."""
        with Session(self._engine) as session, session.begin():
            done = session.execute(
                update(DeliveryRow)
                .where(
                    DeliveryRow.id == delivery_id, DeliveryRow.project_id == project_id, DeliveryRow.status == "dead"
                )
                .values(status="pending", attempts=0, next_at=now, claimed_until=0, finished_at=None)
                .returning(DeliveryRow.id)
            ).first()
        if done is None:
            raise NotFound(f"There is no dead delivery {delivery_id}.")

    def counts(self) -> dict[str, int]:
        """Deliveries by status."""
        with Session(self._engine) as session:
            rows = session.execute(select(DeliveryRow.status, func.count()).group_by(DeliveryRow.status))
            return dict(rows.tuples().all())


def _move(session: Session, project_id: int, move: Move, now: Millis) -> bool:
    """Raises `IntegrityError` where another wrote the first of it."""
    after = move.after
    values = msgspec.structs.asdict(after)
    if move.before is None:
        session.execute(insert(InstanceRow).values(project_id=project_id, **values))
    else:
        done = session.execute(
            update(InstanceRow)
            .where(
                InstanceRow.project_id == project_id,
                InstanceRow.rule_id == after.rule_id,
                InstanceRow.instance == after.instance,
                InstanceRow.until == move.before,
            )
            .values(**values)
            .returning(InstanceRow.until)
        ).first()
        if done is None:
            return False
    for one in move.happened:
        write_down(session, project_id, after.rule_id, after.instance, one, now)
    return True


def write_down(session: Session, project_id: int, rule_id: str, instance: str, one: Happening, now: Millis) -> int:
    """What happened, and a delivery for each of its notices. Its id."""
    row = AlertRow(
        project_id=project_id, rule_id=rule_id, instance=instance, kind=one.kind, severity=one.severity,
        name=one.name, detail=one.detail, value=one.value, at=one.at, created_at=now,
        acknowledged_by=None, acknowledged_at=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(
        DeliveryRow(
            alert_id=row.id, project_id=project_id, type=each.type, channel=each.channel, message=each.message,
            status="pending", attempts=0, next_at=now, claimed_until=0, error="", finished_at=None,
        )
        for each in one.outgoing
    )  # fmt: skip
    return row.id


def _rule(row: RuleRow) -> StoredRule:
    return shown(row, StoredRule)
