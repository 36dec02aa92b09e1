"""Saved insights: a name, and a question as it was asked, as JSON."""

import secrets
from collections.abc import Collection

import msgspec
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from footfall.model.errors import Conflict, NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.rows import shown
from footfall.stores.catalog.tables import BoardRow, SavedRow, TileRow
from footfall.stores.catalog.versions import change, check_room


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to be saved."""

    name: str
    description: str
    kind: str
    question: str


class SavedInsight(Draft, frozen=True, kw_only=True):
    id: str
    owner: str
    """Who made it: a person, a key."""
    created_at: Millis
    changed_at: Millis
    version: int
    """Counts changes, from 1."""


class Saved:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, project_id: int) -> list[SavedInsight]:
        """By name."""
        with Session(self._engine) as session:
            rows = session.scalars(select(SavedRow).where(SavedRow.project_id == project_id))
            return sorted((shown(row, SavedInsight) for row in rows), key=lambda one: (one.name.casefold(), one.id))

    def some(self, project_id: int, ids: Collection[str]) -> dict[str, SavedInsight]:
        """Those of these that are there, by id."""
        wanted = select(SavedRow).where(SavedRow.project_id == project_id, SavedRow.id.in_(ids))
        with Session(self._engine) as session:
            return {row.id: shown(row, SavedInsight) for row in session.scalars(wanted)} if ids else {}

    def get(self, project_id: int, saved_id: str) -> SavedInsight:
        """Raises `NotFound`."""
        with Session(self._engine) as session:
            row = session.get(SavedRow, saved_id)
            if row is None or row.project_id != project_id:
                raise NotFound(f"There is no saved insight {saved_id[:40]}.")
            return shown(row, SavedInsight)

    def create(self, project_id: int, draft: Draft, owner: str, now: Millis) -> SavedInsight:
        """Raises `Conflict` when there are too many."""
        row = SavedRow(
            **msgspec.structs.asdict(draft),
            id=f"saved_{secrets.token_hex(6)}",
            project_id=project_id,
            owner=owner,
            created_at=now,
            changed_at=now,
            version=1,
        )
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            check_room(session, SavedRow, project_id)
            session.add(row)
        return shown(row, SavedInsight)

    def change(self, project_id: int, saved_id: str, draft: Draft, version: int, now: Millis) -> SavedInsight:
        """Raises `NotFound`, and `Conflict` unless `version` is the newest."""
        with Session(self._engine) as session, session.begin():
            change(session, SavedRow, project_id, saved_id, version, now, **msgspec.structs.asdict(draft))
        return self.get(project_id, saved_id)

    def delete(self, project_id: int, saved_id: str) -> None:
        """Its links and reports end with it. Raises `NotFound`, and `Conflict` while it is on a board."""
        self.get(project_id, saved_id)
        try:
            with Session(self._engine) as session, session.begin():
                session.execute(delete(SavedRow).where(SavedRow.id == saved_id))
        except IntegrityError:
            with Session(self._engine) as session:
                name = session.scalar(
                    select(BoardRow.name)
                    .join(TileRow, TileRow.board_id == BoardRow.id)
                    .where(TileRow.saved_id == saved_id)
                )
            raise Conflict(f"It is on the board “{name}”; take it from there first.") from None
