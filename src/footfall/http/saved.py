"""Saved insights, and boards of them (`contract.md`, "Keeping order").

A question is kept as it was asked, once its kind has found nothing wrong with it. Who changes something names the
`version` that they saw; when somebody else was quicker, the answer is 409 and nothing is changed.
"""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.datastructures import State

from footfall.http.auth import grant_of
from footfall.http.fields import Description, Name, Title, shown
from footfall.http.ledger import SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.insights import Kind
from footfall.insights.question import Narrowing, check_narrowing
from footfall.insights.sql import Context
from footfall.model.errors import BadRequest
from footfall.services import boards
from footfall.settings import clock
from footfall.stores.catalog import Board, BoardDraft, Draft, SavedInsight, Tile

Req = Request[Any, Any, State]
Version = Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
_Place = Annotated[int, msgspec.Meta(ge=0, le=1000)]
_Size = Annotated[int, msgspec.Meta(ge=1, le=1000)]


# ── saved insights ───────────────────────────────────────────────────────────────────────────────────────────


class NewSaved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Title
    description: Description = ""
    kind: Kind
    question: dict[str, Any]
    """The body of `POST /api/insights/{kind}`."""


class ChangedSaved(NewSaved, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Version
    """The one that is changed."""


class ShownSaved(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    description: str
    kind: str
    question: dict[str, Any]
    owner: str
    """Id of the person or key that made it."""
    created_at: str
    changed_at: str
    version: int


@get("/api/saved", opt={"scope": "view"}, responses=PROBLEMS, tags=["Saved"])
async def list_saved(request: Req) -> list[ShownSaved]:
    """The saved insights of the project, by name."""
    saved = services_of(request).catalog.saved
    return [_saved(one) for one in await asyncio.to_thread(saved.list, grant_of(request).project_id)]


@post("/api/saved", status_code=201, opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def create_saved(request: Req, data: NewSaved) -> ShownSaved:
    """Save a question under a name."""
    services, grant = services_of(request), grant_of(request)
    draft = await asyncio.to_thread(_draft, data, _context(request))
    made = await asyncio.to_thread(
        services.catalog.saved.create, grant.project_id, draft, grant.actor, clock(services.settings)
    )
    request.scope["state"][SUBJECT] = made.id
    return _saved(made)


@get("/api/saved/{saved_id:str}", opt={"scope": "view"}, responses=PROBLEMS, tags=["Saved"])
async def read_saved(request: Req, saved_id: str) -> ShownSaved:
    """One saved insight."""
    return _saved(
        await asyncio.to_thread(services_of(request).catalog.saved.get, grant_of(request).project_id, saved_id)
    )


@put("/api/saved/{saved_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def change_saved(request: Req, saved_id: str, data: ChangedSaved) -> ShownSaved:
    """Another question or name in its place; boards and links that show it show that."""
    services = services_of(request)
    draft = await asyncio.to_thread(_draft, data, _context(request))
    return _saved(
        await asyncio.to_thread(
            services.catalog.saved.change,
            grant_of(request).project_id,
            saved_id,
            draft,
            data.version,
            clock(services.settings),
        )
    )


@delete("/api/saved/{saved_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def delete_saved(request: Req, saved_id: str) -> None:
    """Delete it, with its links and reports; not while it is on a board."""
    await asyncio.to_thread(services_of(request).catalog.saved.delete, grant_of(request).project_id, saved_id)


def _draft(data: NewSaved, context: Context) -> Draft:
    question = boards.kept(data.question)
    boards.check(data.kind, question, context)
    return Draft(name=data.name, description=data.description, kind=data.kind, question=question)


def _saved(one: SavedInsight) -> ShownSaved:
    return ShownSaved(
        id=one.id,
        name=one.name,
        description=one.description,
        kind=one.kind,
        question=msgspec.json.decode(one.question),
        owner=one.owner,
        created_at=shown(one.created_at) or "",
        changed_at=shown(one.changed_at) or "",
        version=one.version,
    )


# ── boards ───────────────────────────────────────────────────────────────────────────────────────────────────


class TileBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `saved`, or `kind` and `question`."""

    title: Name = ""
    """The saved insight's name when empty."""
    saved: Name | None = None
    kind: Kind | None = None
    question: dict[str, Any] | None = None
    x: _Place = 0
    y: _Place = 0
    width: _Size = 6
    height: _Size = 4
    """Place and size in a grid of the page's choice."""


class NewBoard(Narrowing, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`from`, `to` and `timezone` take the place of the tiles' own; `filters` come on top of theirs."""

    name: Title
    description: Description = ""
    tiles: Annotated[tuple[TileBody, ...], msgspec.Meta(max_length=50)] = ()


class ChangedBoard(NewBoard, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: Version
    """The one that is changed."""


class ShownTile(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    saved: str | None
    kind: str | None
    question: dict[str, Any] | None
    x: int
    y: int
    width: int
    height: int


class ShownBoard(Narrowing, frozen=True, kw_only=True):
    id: str
    name: str
    description: str
    tiles: list[ShownTile]
    owner: str
    """Id of the person or key that made it."""
    created_at: str
    changed_at: str
    version: int


@get("/api/boards", opt={"scope": "view"}, responses=PROBLEMS, tags=["Saved"])
async def list_boards(request: Req) -> list[ShownBoard]:
    """The boards of the project, by name."""
    found = await asyncio.to_thread(services_of(request).catalog.boards.list, grant_of(request).project_id)
    return [_board(one) for one in found]


@post("/api/boards", status_code=201, opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def create_board(request: Req, data: NewBoard) -> ShownBoard:
    """A new board."""
    services, grant = services_of(request), grant_of(request)
    draft = await asyncio.to_thread(_board_draft, data, _context(request))
    made = await asyncio.to_thread(
        services.catalog.boards.create, grant.project_id, draft, grant.actor, clock(services.settings)
    )
    request.scope["state"][SUBJECT] = made.id
    return _board(made)


@get("/api/boards/{board_id:str}", opt={"scope": "view"}, responses=PROBLEMS, tags=["Saved"])
async def read_board(request: Req, board_id: str) -> ShownBoard:
    """One board."""
    return _board(
        await asyncio.to_thread(services_of(request).catalog.boards.get, grant_of(request).project_id, board_id)
    )


@get("/api/boards/{board_id:str}/answers", opt={"scope": "view"}, responses=PROBLEMS, tags=["Saved"])
async def answer_board(request: Req, board_id: str) -> list[boards.Answered]:
    """What its tiles show, in their order; where one cannot be answered, `problem` says why."""
    services, grant = services_of(request), grant_of(request)

    def tiles() -> list[boards.Shown]:
        board = services.catalog.boards.get(grant.project_id, board_id)
        return boards.tiles_of_board(services.catalog, grant.project_id, board)

    return await boards.answers(
        services.analyst, await asyncio.to_thread(tiles), _context(request), aggregates=grant.scope == "stats"
    )


@put("/api/boards/{board_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def change_board(request: Req, board_id: str, data: ChangedBoard) -> ShownBoard:
    """Another board in its place; links that show it show that."""
    services = services_of(request)
    draft = await asyncio.to_thread(_board_draft, data, _context(request))
    return _board(
        await asyncio.to_thread(
            services.catalog.boards.change,
            grant_of(request).project_id,
            board_id,
            draft,
            data.version,
            clock(services.settings),
        )
    )


@delete("/api/boards/{board_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def delete_board(request: Req, board_id: str) -> None:
    """Delete it, with its links and reports; what is saved stays."""
    await asyncio.to_thread(services_of(request).catalog.boards.delete, grant_of(request).project_id, board_id)


def _board_draft(data: NewBoard, context: Context) -> BoardDraft:
    over = Narrowing(start=data.start, end=data.end, timezone=data.timezone, filters=data.filters)
    check_narrowing(over, context)
    return BoardDraft(
        name=data.name,
        description=data.description,
        narrowing=msgspec.json.encode(over).decode(),
        tiles=tuple(_tile(tile, f"$.tiles[{place}]", context) for place, tile in enumerate(data.tiles)),
    )


def _tile(tile: TileBody, path: str, context: Context) -> Tile:
    question = None
    if tile.saved is None:
        if tile.kind is None or tile.question is None:
            raise BadRequest("A tile shows a saved insight, or has a kind and a question.", path=path)
        question = boards.kept(tile.question, f"{path}.question")
        boards.check(tile.kind, question, context, f"{path}.question")
    elif tile.kind is not None or tile.question is not None:
        raise BadRequest("A tile shows a saved insight, or has a kind and a question, not both.", path=path)
    return Tile(
        title=tile.title,
        saved_id=tile.saved,
        kind=tile.kind,
        question=question,
        x=tile.x,
        y=tile.y,
        width=tile.width,
        height=tile.height,
    )


def _board(one: Board) -> ShownBoard:
    over = msgspec.json.decode(one.narrowing, type=Narrowing)
    return ShownBoard(
        id=one.id,
        name=one.name,
        description=one.description,
        start=over.start,
        end=over.end,
        timezone=over.timezone,
        filters=over.filters,
        tiles=[
            ShownTile(
                title=tile.title,
                saved=tile.saved_id,
                kind=tile.kind,
                question=None if tile.question is None else msgspec.json.decode(tile.question),
                x=tile.x,
                y=tile.y,
                width=tile.width,
                height=tile.height,
            )
            for tile in one.tiles
        ],
        owner=one.owner,
        created_at=shown(one.created_at) or "",
        changed_at=shown(one.changed_at) or "",
        version=one.version,
    )


def _context(request: Req) -> Context:
    return context_of(services_of(request), grant_of(request).project_id)


HANDLERS = [
    list_saved,
    create_saved,
    read_saved,
    change_saved,
    delete_saved,
    list_boards,
    create_board,
    read_board,
    answer_board,
    change_board,
    delete_board,
]
