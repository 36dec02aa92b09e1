"""Projects: whose events, in which calendar. Read from memory, since every request asks for one."""

import threading
from collections.abc import Callable
from typing import cast

import msgspec
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from footfall.access import DEFAULT_PROJECT
from footfall.model.errors import Conflict, NotFound
from footfall.model.event import Millis
from footfall.model.period import Weekday
from footfall.stores.catalog.tables import ProjectRow


class Project(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    timezone: str
    week_start: Weekday
    origins: tuple[str, ...]
    """Pages that public keys without origins of their own are bound to; empty means any."""
    created_at: Millis
    archived_at: Millis | None


class Projects:
    """An archived project keeps its events; its keys open nothing, and it is listed for operators only."""

    def __init__(self, engine: Engine, changed: Callable[[], None]) -> None:
        self._engine = engine
        self._changed = changed
        self._lock = threading.Lock()
        self._known: dict[int, Project] = {}

    def get(self, project_id: int) -> Project:
        """Raises `NotFound`."""
        found = self._known.get(project_id)
        if found is None:
            raise NotFound("There is no such project.")
        return found

    def list(self) -> list[Project]:
        """All of them, archived ones too, oldest first."""
        return sorted(self._known.values(), key=lambda project: project.id)

    def create(
        self,
        name: str,
        now: Millis,
        *,
        timezone: str,
        week_start: Weekday = "monday",
        origins: tuple[str, ...] = (),
    ) -> Project:
        # The id is the database's to give: it never gives one twice, since projects are never deleted.
        row = ProjectRow(
            name=name, timezone=timezone, week_start=week_start, origins=" ".join(origins), created_at=now,
            archived_at=None,
        )  # fmt: skip
        with Session(self._engine) as session, session.begin():
            session.add(row)
            session.flush()
            project_id = row.id
        self._changed()
        return self.get(project_id)

    def change(
        self,
        project_id: int,
        *,
        name: str | None = None,
        timezone: str | None = None,
        week_start: Weekday | None = None,
        origins: tuple[str, ...] | None = None,
    ) -> Project:
        """What is not None. Raises `NotFound`."""
        wanted = {
            "name": name,
            "timezone": timezone,
            "week_start": week_start,
            "origins": None if origins is None else " ".join(origins),
        }
        return self._set(project_id, **{column: value for column, value in wanted.items() if value is not None})

    def archive(self, project_id: int, at: Millis | None) -> Project:
        """From then on; None brings it back. Raises `NotFound`, `Conflict`."""
        if project_id == DEFAULT_PROJECT:
            raise Conflict("The default project stays: fixed keys and keyless mode are for it.")
        return self._set(project_id, archived_at=at)

    def _set(self, project_id: int, **columns: str | int | None) -> Project:
        with Session(self._engine) as session, session.begin():
            row = session.get(ProjectRow, project_id)
            if row is None:
                raise NotFound("There is no such project.")
            for column, value in columns.items():
                setattr(row, column, value)
        self._changed()
        return self.get(project_id)

    def reload(self) -> None:
        with self._lock, Session(self._engine) as session:
            self._known = {row.id: _project(row) for row in session.scalars(select(ProjectRow))}


def _project(row: ProjectRow) -> Project:
    return Project(
        id=row.id,
        name=row.name,
        timezone=row.timezone,
        week_start=cast("Weekday", row.week_start),
        origins=tuple(row.origins.split()),
        created_at=row.created_at,
        archived_at=row.archived_at,
    )
