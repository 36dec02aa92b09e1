"""What every question has in common: range, zone, clock, filters, bots (`contract.md`, "Common fields")."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from footfall.insights.filters import Filter, conditions
from footfall.insights.groups import checked, instead_of_people
from footfall.insights.sql import NOTHING_KNOWN, Context, Facts, Sql, Value, Viewpoint, sql, within
from footfall.model.errors import BadRequest
from footfall.model.event import MAX_NAME, Millis
from footfall.model.period import Period, Weekday, from_millis, parse_moment, period_of, zone_of

MAX_NUMBERS = 500_000
"""Of an answer, in each of its lines for a bucket: what is drawn, sent and held."""
EventName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
"""A name of an event, or `*` for all whose name does not begin with `$`."""


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields that all kinds share. Times are RFC 3339, bare dates (local midnight) or epoch numbers."""

    start: str | float | int | None = msgspec.field(name="from", default=None)
    end: str | float | int | None = msgspec.field(name="to", default=None)
    timezone: str | None = None
    now: str | float | int | None = None
    filters: tuple[Filter, ...] = ()
    include_bots: bool = False
    week_start: Weekday | None = None
    """The project's when null."""
    per: Annotated[str, msgspec.Meta(max_length=MAX_NAME + 10)] | None = None
    """`group.organization` counts organizations wherever people are counted."""


class Narrowing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a board or a link lays over each question that it shows."""

    start: str | float | int | None = msgspec.field(name="from", default=None)
    end: str | float | int | None = msgspec.field(name="to", default=None)
    """The range, where one of both is given, instead of the question's own."""
    timezone: str | None = None
    filters: tuple[Filter, ...] = ()
    """Beside the question's own."""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A question's time, worked out once: its range, and what the clock says."""

    period: Period
    now: Millis
    hidden_after: Millis | None
    """R11: a `now` in the request hides later events."""
    project_id: int
    week_start: Weekday
    group: str | None = None
    """What stands in the place of people, such as `organization`."""
    facts: Facts = NOTHING_KNOWN

    @property
    def zone(self) -> ZoneInfo:
        return self.period.zone

    @property
    def viewpoint(self) -> Viewpoint:
        """What filters and breakdowns are read from."""
        return Viewpoint(project_id=self.project_id, zone=self.zone, hidden_after=self.hidden_after, group=self.group)

    @property
    def within(self) -> Sql:
        """The rows of the range."""
        return within(self.project_id, self.period, self.hidden_after)


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer came about (`contract.md`). `elapsed_ms` is the engine's own time."""

    exact: bool = True
    elapsed_ms: float = 0
    rows_read: int = 0
    timezone: str
    now: str
    excluded_bots: int = 0
    sql: str | msgspec.UnsetType = msgspec.UNSET
    """`?explain=1`: what was asked of the engine, statement by statement."""
    params: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    """The values bound in it, by name."""


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine answered: rows of values, its time and the rows that it had to read."""

    rows: list[list[Any]]
    elapsed_ms: float = 0
    rows_read: int = 0
    columns: tuple[tuple[str, str], ...] = ()
    """Name and type of each, where somebody wants to know."""


NO_ROWS = Rows(rows=[])


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A finished question for the engine."""

    text: str
    params: dict[str, Value]


def query_of(statement: Sql) -> Query:
    return Query(text=statement.text, params=statement.params)


def about(group: str | None, query: Query) -> Query:
    """The same question about groups of that name (ADR 0059); about people for None."""
    if group is None:
        return query
    them = instead_of_people(group)
    rest = query.text.removeprefix("WITH ")
    between = " " if rest == query.text else ", "
    return Query(text=f"WITH {them.text}{between}{rest}", params=them.params | query.params)


def frame_of(question: Question, context: Context) -> Frame:
    """The range, zone and clock of a question. Raises `BadRequest` with the path of what is wrong."""
    zone = zone_of(context.timezone if question.timezone is None else question.timezone)
    now = context.now if question.now is None else parse_moment(question.now, zone, path="$.now")
    return Frame(
        period=period_of(question.start, question.end, zone, now, names=("from", "to")),
        now=now,
        hidden_after=None if question.now is None else now,
        project_id=context.project_id,
        week_start=question.week_start or context.week_start,
        group=checked(question.per),
        # Of groups, other things are true.
        facts=context.facts if question.per is None else NOTHING_KNOWN,
    )


AnyQuestion = TypeVar("AnyQuestion", bound=Question)


def narrowed(question: AnyQuestion, over: Narrowing) -> AnyQuestion:
    """The question with what lies over it. Filters only ever come on top (R4), so nothing more is shown for them."""
    ranged = over.start is not None or over.end is not None
    return msgspec.structs.replace(
        question,
        start=over.start if ranged else question.start,
        end=over.end if ranged else question.end,
        timezone=over.timezone or question.timezone,
        filters=question.filters + over.filters,
    )


def check_narrowing(over: Narrowing, context: Context) -> None:
    """Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(narrowed(Question(), over), context)
    conditions(over.filters, "$.filters", frame.viewpoint)


def bucket_at(
    label: str | float, starts: tuple[Millis, ...], frame: Frame, *, path: str = "$.pointer.bucket"
) -> Millis:
    """The bucket that a pointer names. Raises `BadRequest` at `path` for one that the answer has not."""
    start = parse_moment(label, frame.zone, path=path)
    if start not in starts:
        raise BadRequest("No bucket of this question starts then.", path=path)
    return start


def kept(question: Question) -> Sql:
    """R28: the rows that count, of rows that have `bot`."""
    return Sql("1") if question.include_bots else Sql("NOT bot")


def bots_left_out(question: Question, frame: Frame, matching: Sql) -> dict[str, Query]:
    """The query for `excluded_bots`, as `bots`: those of the matching events that are left out (R28)."""
    if question.include_bots:
        return {}
    counted = sql("SELECT count() FROM events WHERE $within AND bot AND ($it)", within=frame.within, it=matching)
    return {"bots": query_of(counted)}


def meta_of(frame: Frame, answers: list[Rows], excluded_bots: int) -> Meta:
    """`elapsed_ms` and `rows_read` of all the queries that the answer took."""
    return Meta(
        elapsed_ms=round(sum(rows.elapsed_ms for rows in answers), 1),
        rows_read=sum(rows.rows_read for rows in answers),
        timezone=frame.zone.key,
        now=from_millis(frame.now, frame.zone).isoformat(timespec="milliseconds"),
        excluded_bots=excluded_bots,
    )


Explained = TypeVar("Explained", bound=msgspec.Struct)


def explained(answer: Explained, queries: Mapping[str, Query]) -> Explained:
    """The answer with what was asked of the engine in its `meta`: statements by name, and the values of all.

    A parameter is named by its type and value, so statements share them.
    """
    params: dict[str, Value] = {}
    for query in queries.values():
        params |= query.params
    text = ";\n\n".join(f"-- {name}\n{query.text}" for name, query in queries.items())
    meta = msgspec.structs.replace(answer.meta, sql=text, params=params)  # pyright: ignore[reportAttributeAccessIssue]
    return msgspec.structs.replace(answer, meta=meta)
