"""Boards: tiles in an order, each a saved insight or a question of its own, and what narrows them all."""

import secrets

import msgspec
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from footfall.model.errors import BadRequest, NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.tables import BoardRow, SavedRow, TileRow
from footfall.stores.catalog.versions import change, check_room


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """Either `saved_id`, or `kind` and `question` (JSON)."""

    title: str
    saved_id: str | None
    kind: str | None
    question: str | None
    x: int
    y: int
    width: int
    height: int


class BoardDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants a board to be."""

    name: str
    description: str
    narrowing: str
    """As JSON (`insights.question.Narrowing`)."""
    tiles: tuple[Tile, ...]


class Board(BoardDraft, frozen=True, kw_only=True):
    id: str
    owner: str
    created_at: Millis
    changed_at: Millis
    version: int


class Boards:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, project_id: int) -> list[Board]:
        """By name."""
        with Session(self._engine) as session:
            rows = session.scalars(select(BoardRow).where(BoardRow.project_id == project_id)).all()
            tiles: dict[str, list[TileRow]] = {row.id: [] for row in rows}
            ours = select(TileRow).join(BoardRow, BoardRow.id == TileRow.board_id)
            for tile in session.scalars(ours.where(BoardRow.project_id == project_id).order_by(TileRow.place)):
                tiles.setdefault(tile.board_id, []).append(tile)
            found = [_shown(row, tiles[row.id]) for row in rows]
        return sorted(found, key=lambda one: (one.name.casefold(), one.id))

    def get(self, project_id: int, board_id: str) -> Board:
        """Raises `NotFound`."""
        with Session(self._engine) as session:
            row = session.get(BoardRow, board_id)
            if row is None or row.project_id != project_id:
                raise NotFound(f"There is no board {board_id[:40]}.")
            tiles = session.scalars(select(TileRow).where(TileRow.board_id == board_id).order_by(TileRow.place)).all()
            return _shown(row, list(tiles))

    def create(self, project_id: int, draft: BoardDraft, owner: str, now: Millis) -> Board:
        """Raises `BadRequest` for a saved insight that is not there, `Conflict` when there are too many boards."""
        board_id = f"board_{secrets.token_hex(6)}"
        with Session(self._engine) as session, session.begin():
            check_room(session, BoardRow, project_id)
            session.add(
                BoardRow(
                    id=board_id,
                    project_id=project_id,
                    owner=owner,
                    created_at=now,
                    changed_at=now,
                    version=1,
                    **_own(draft),
                )
            )
            session.flush()
            _place(session, project_id, board_id, draft.tiles)
        return self.get(project_id, board_id)

    def change(self, project_id: int, board_id: str, draft: BoardDraft, version: int, now: Millis) -> Board:
        """Raises `NotFound`, `BadRequest` as above, and `Conflict` unless `version` is the newest."""
        with Session(self._engine) as session, session.begin():
            change(session, BoardRow, project_id, board_id, version, now, **_own(draft))
            session.execute(delete(TileRow).where(TileRow.board_id == board_id))
            _place(session, project_id, board_id, draft.tiles)
        return self.get(project_id, board_id)

    def delete(self, project_id: int, board_id: str) -> None:
        """Its links and reports end with it. Raises `NotFound`."""
        self.get(project_id, board_id)
        with Session(self._engine) as session, session.begin():
            session.execute(delete(BoardRow).where(BoardRow.id == board_id))


def _own(draft: BoardDraft) -> dict[str, str]:
    return {"name": draft.name, "description": draft.description, "narrowing": draft.narrowing}


def _place(session: Session, project_id: int, board_id: str, tiles: tuple[Tile, ...]) -> None:
    wanted = {tile.saved_id for tile in tiles if tile.saved_id is not None}
    # Held until the end, so that nobody deletes one in between.
    known = set(
        session.scalars(
            select(SavedRow.id)
            .where(SavedRow.project_id == project_id, SavedRow.id.in_(wanted))
            .with_for_update(read=True)
        )
    )
    for place, tile in enumerate(tiles):
        if tile.saved_id is not None and tile.saved_id not in known:
            raise BadRequest(f"There is no saved insight {tile.saved_id[:40]}.", path=f"$.tiles[{place}].saved")
        session.add(TileRow(board_id=board_id, place=place, **msgspec.structs.asdict(tile)))


def _shown(row: BoardRow, tiles: list[TileRow]) -> Board:
    return Board(
        id=row.id,
        name=row.name,
        description=row.description,
        narrowing=row.narrowing,
        tiles=tuple(Tile(**{name: getattr(tile, name) for name in Tile.__struct_fields__}) for tile in tiles),
        owner=row.owner,
        created_at=row.created_at,
        changed_at=row.changed_at,
        version=row.version,
    )
