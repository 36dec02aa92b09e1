"""What is saved of questions: checked when it is kept, and answered as a board or a link shows it.

A question is kept as it was asked and read again by its kind whenever it is answered, so an answer is that of
`POST /api/insights/{kind}`, of today. What cannot be answered says why in its place, and the others are answered.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import msgspec

from footfall.insights import INSIGHTS, Kind
from footfall.insights.filters import Filter, personal_part
from footfall.insights.question import Narrowing, Question, narrowed
from footfall.insights.sql import Context
from footfall.model.errors import BadRequest, FootfallError, Forbidden, TooMany, Unavailable
from footfall.services.analyse import Analyst
from footfall.stores.catalog import Board, Catalog, SavedInsight

MOST_BYTES = 64 * 1024
"""Of a question."""
AT_ONCE = 2
"""Questions of a board; others want their turn as well."""

_narrowing = msgspec.json.Decoder(Narrowing)
_filters = msgspec.json.Decoder(tuple[Filter, ...])


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A tile with the question that it shows, and what lies over it."""

    title: str
    kind: str
    question: str
    x: int = 0
    y: int = 0
    width: int = 1
    height: int = 1
    over: tuple[Narrowing, ...] = ()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a picture says of how it was counted, where its kind has that; nothing of what was asked about."""

    interval: str | None = None
    window: str | None = None
    by: str | None = None


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A tile with its answer; or with why there is none."""

    title: str
    kind: str
    x: int
    y: int
    width: int
    height: int
    answer: Any
    problem: str | None
    told: Told


def kept(question: dict[str, Any], path: str = "$.question") -> str:
    """A question as it is kept. Raises `BadRequest` for one that is too long."""
    text = msgspec.json.encode(question).decode()
    if len(text) > MOST_BYTES:
        raise BadRequest(f"A question has at most {MOST_BYTES} characters.", path=path)
    return text


def check(kind: str, question: str, context: Context, path: str = "$.question") -> None:
    """Raises `BadRequest` with the place inside of the question that its kind would not have."""
    try:
        asked = _read(kind, question)
        insight = INSIGHTS[cast("Kind", kind)]
        insight.build(insight.plan(asked, context))
    except BadRequest as error:
        raise BadRequest(error.detail, path=path + (error.path or "$")[1:]) from None


def check_shareable(tiles: Sequence[Shown]) -> None:
    """Raises `Forbidden` for a question that tells persons apart, which nobody without a key may ask."""
    for tile in tiles:
        try:
            _refuse_personal(_asked(tile))
        except Forbidden as error:
            raise Forbidden(f"“{tile.title[:100]}” cannot be shown by a link. {error.detail}") from None


def tiles_of_board(catalog: Catalog, project_id: int, board: Board, filters: str = "[]") -> list[Shown]:
    """`filters` (JSON) come on top of the board's own."""
    over = (_narrowing.decode(board.narrowing), Narrowing(filters=_filters.decode(filters)))
    saved = catalog.saved.some(project_id, {tile.saved_id for tile in board.tiles if tile.saved_id is not None})
    shown: list[Shown] = []
    for tile in board.tiles:
        source = saved.get(tile.saved_id or "")
        if tile.saved_id is not None and source is None:
            continue  # taken from the board and deleted, between two looks
        shown.append(
            Shown(
                title=tile.title or (source.name if source else ""),
                kind=source.kind if source else tile.kind or "",
                question=source.question if source else tile.question or "",
                x=tile.x,
                y=tile.y,
                width=tile.width,
                height=tile.height,
                over=over,
            )
        )
    return shown


def tiles_of_saved(saved: SavedInsight, filters: str = "[]") -> list[Shown]:
    """The one."""
    over = (Narrowing(filters=_filters.decode(filters)),)
    return [Shown(title=saved.name, kind=saved.kind, question=saved.question, over=over)]


async def answers(
    analyst: Analyst, tiles: Sequence[Shown], context: Context, *, aggregates: bool, strict: bool = False
) -> list[Answered]:
    """What the tiles show; with `aggregates`, nothing that tells persons apart.

    With `strict`, what may be answered later (`Unavailable`, `TooMany`) is raised and not told in the tile's place.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def answer(tile: Shown) -> Answered:
        async with room:
            return await _answer(analyst, tile, context, aggregates, strict)

    try:
        async with asyncio.TaskGroup() as group:  # where one raises, the others end
            asked = [group.create_task(answer(tile)) for tile in tiles]
    except BaseExceptionGroup as raised:
        raise raised.exceptions[0] from None
    return [one.result() for one in asked]


async def _answer(analyst: Analyst, tile: Shown, context: Context, aggregates: bool, strict: bool) -> Answered:
    found, problem, told = None, None, Told()
    try:
        question = _asked(tile)
        if aggregates:
            _refuse_personal(question)
        told = Told(**{name: getattr(question, name, None) for name in Told.__struct_fields__})
        found = await analyst.insight(cast("Kind", tile.kind), question, context)
    except FootfallError as error:
        if strict and isinstance(error, Unavailable | TooMany):
            raise
        problem = error.detail
    return Answered(
        title=tile.title,
        kind=tile.kind,
        x=tile.x,
        y=tile.y,
        width=tile.width,
        height=tile.height,
        answer=found,
        problem=problem,
        told=told,
    )


def _asked(tile: Shown) -> Question:
    question = _read(tile.kind, tile.question)
    for over in tile.over:
        question = narrowed(question, over)
    return question


def _read(kind: str, text: str) -> Question:
    """Raises `BadRequest`; also for what another version has saved."""
    insight = INSIGHTS.get(cast("Kind", kind))
    if insight is None:
        raise BadRequest(f"There is no kind of question “{kind[:40]}” here.")
    try:
        return msgspec.json.decode(text, type=insight.request)
    except (msgspec.MsgspecError, RecursionError) as error:
        detail, _, place = str(error).partition(" - at `$")
        raise BadRequest(f"{detail}.", path=f"${place.rstrip('`')}") from None


def _refuse_personal(question: Question) -> None:
    found = personal_part(question)
    if found is not None:
        name, place = found
        raise Forbidden(f"It asks by “{name[:100]}”, which tells persons apart.", path=place)
