"""Versions of a project's tracking plan, each kept for good: an event may name one that is long over.

Only bundles as text are known here. Which version is the newest is read from memory, since every batch asks.
"""

import threading

import msgspec
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from footfall.model.errors import Conflict, NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.tables import PlanRow


class PlanVersion(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    """From 1, in each project."""
    sha: str
    """Of the bundle."""
    environment: str
    """Which of the plan's environments this project is; empty for none."""
    owner: str
    """Who pushed it: a person, a key."""
    created_at: Millis


class Plans:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._newest: dict[int, int] = {}

    def newest(self, project_id: int) -> int:
        """The number of the plan that counts; 0 where there is none."""
        return self._newest.get(project_id, 0)

    def list(self, project_id: int, limit: int = 1000) -> list[PlanVersion]:
        """Newest first."""
        wanted = select(PlanRow).where(PlanRow.project_id == project_id).order_by(PlanRow.number.desc()).limit(limit)
        with Session(self._engine) as session:
            return [_shown(row) for row in session.scalars(wanted)]

    def bundle(self, project_id: int, number: int) -> str:
        """Raises `NotFound`."""
        with Session(self._engine) as session:
            row = session.get(PlanRow, (project_id, number))
            if row is None:
                raise NotFound(f"There is no version {number} of the plan.")
            return row.bundle

    def push(self, project_id: int, bundle: str, sha: str, environment: str, owner: str, now: Millis) -> PlanVersion:
        """The version that counts from now on; the newest one where that says the same.

        Raises `Conflict` when somebody else pushed at the same time.
        """
        newest = next(iter(self.list(project_id, 1)), None)
        if newest is not None and (newest.sha, newest.environment) == (sha, environment):
            return newest
        row = PlanRow(
            project_id=project_id,
            number=newest.number + 1 if newest is not None else 1,
            sha=sha,
            environment=environment,
            bundle=bundle,
            owner=owner,
            created_at=now,
        )
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                session.add(row)
        except IntegrityError:
            raise Conflict("Somebody else pushed a plan at the same time; look at it, and push again.") from None
        self.reload()
        return _shown(row)

    def reload(self) -> None:
        wanted = select(PlanRow.project_id, func.max(PlanRow.number)).group_by(PlanRow.project_id)
        with self._lock, Session(self._engine) as session:
            self._newest = {row[0]: row[1] for row in session.execute(wanted)}


def _shown(row: PlanRow) -> PlanVersion:
    return PlanVersion(**{name: getattr(row, name) for name in PlanVersion.__struct_fields__})
