"""The audit log: who did, saw and exported what. It names people of ours, keys and routes.

It holds no address, no secret, and nothing about the people whose events are counted, so erasing one of those
need not reach it.
"""

from typing import Literal, cast

import msgspec
from sqlalchemy import Engine, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from footfall.model.event import Millis
from footfall.stores.catalog.tables import AuditRow, MembershipRow

Verb = Literal["did", "saw", "exported"]

REMOVED = "DELETE /api/users/{user_id}"
"""What the log says of somebody whose role was taken away."""
KEPT_MS = 400 * 24 * 3600 * 1000
"""A year and a month; older records are deleted."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    at: Millis
    project_id: int | None
    """None for what concerns a person and no project, such as signing in."""
    actor: str
    verb: Verb
    what: str
    subject: str
    """Id of the key, the person or the project that it was done to; empty for none."""


class Audit:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, at: Millis, project_id: int | None, actor: str, verb: Verb, what: str, subject: str = "") -> None:
        with Session(self._engine) as session, session.begin():
            session.add(AuditRow(at=at, project_id=project_id, actor=actor, verb=verb, what=what, subject=subject))

    def list(self, project_id: int, before: int | None, limit: int) -> list[Record]:
        """Records of a project, and of its people's signing in, newest first; of who was removed, until then."""
        people = select(MembershipRow.user_id).where(MembershipRow.project_id == project_id)
        removed = (
            select(AuditRow.subject, func.max(AuditRow.id).label("last"))
            .where(AuditRow.project_id == project_id, AuditRow.what == REMOVED)
            .group_by(AuditRow.subject)
            .subquery()
        )
        condition = or_(
            AuditRow.project_id == project_id,
            and_(AuditRow.project_id.is_(None), or_(AuditRow.actor.in_(people), AuditRow.id < removed.c.last)),
        )
        if before is not None:
            condition = and_(condition, AuditRow.id < before)
        wanted = select(AuditRow).outerjoin(removed, removed.c.subject == AuditRow.actor).where(condition)
        with Session(self._engine) as session:
            rows = session.scalars(wanted.order_by(AuditRow.id.desc()).limit(limit))
            return [
                Record(
                    id=row.id,
                    at=row.at,
                    project_id=row.project_id,
                    actor=row.actor,
                    verb=cast("Verb", row.verb),
                    what=row.what,
                    subject=row.subject,
                )
                for row in rows
            ]

    def prune(self, now: Millis) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(delete(AuditRow).where(AuditRow.at <= now - KEPT_MS))
