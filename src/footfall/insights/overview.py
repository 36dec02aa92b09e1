"""Overview: the first screen in one answer. How much, over time, what was most, what changed, how fresh.

Tiles and trend are a trend's, planned, asked and shaped by `trend.py` itself, so R1, R2, R3, R8 (the elapsed part) and
R10 hold as they do there, and a number here is the number there. Lists count events as that trend does. All but
components, referrers and sources is read from the hourly rollups (ADR 0008, ADR 0014).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from footfall.identity import SENT
from footfall.insights.comparison import Compare, change
from footfall.insights.filters import conditions
from footfall.insights.measures import MEASURES, Measure
from footfall.insights.question import Frame, Meta, Query, Question, Rows, kept, query_of
from footfall.insights.source import Source, Unit, own
from footfall.insights.sql import NOTHING, Context, Sql, all_of, bind, is_event, join, sql, within, within_hours
from footfall.insights.table import Columns, Table, Value
from footfall.insights.trend import Plan as TrendPlan
from footfall.insights.trend import Pointer as TrendPointer
from footfall.insights.trend import Request as TrendRequest
from footfall.insights.trend import Series
from footfall.insights.trend import build as build_trend
from footfall.insights.trend import members as members_of_trend
from footfall.insights.trend import plan as plan_trend
from footfall.insights.trend import shape as shape_trend
from footfall.insights.visit import VISITED
from footfall.model.errors import BadRequest
from footfall.model.period import HOUR, Interval, Period, rfc3339

Number = float | None
TileName = Literal["people", "sessions", "page_views", "events"]
ListName = Literal["pages", "events", "components", "referrers", "sources", "devices"]


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/overview`."""

    compare: Compare | None = "previous_period"
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    """Rows of each list."""


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A number of the whole range; of a running one up to `now`, compared with the same part of the period before."""

    name: TileName
    value: Number
    previous: Number | msgspec.UnsetType = msgspec.UNSET
    previous_full: Number | msgspec.UnsetType = msgspec.UNSET
    """Of the whole period before."""
    change: Number | msgspec.UnsetType = msgspec.UNSET
    """Percent from `previous`; null from nothing to something (R3)."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    name: TileName
    values: list[Number]
    previous: list[Number] | msgspec.UnsetType = msgspec.UNSET


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    interval: Interval
    buckets: list[str]
    incomplete: list[bool]
    series: list[Line]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    events: int
    previous: int | msgspec.UnsetType = msgspec.UNSET
    change: Number | msgspec.UnsetType = msgspec.UNSET


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a list that has more or fewer events than before."""

    list: ListName
    name: str
    events: int
    previous: int
    change: Number


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """How new the newest events are, whatever the range and the filters; nulls without any."""

    last_event: str | None
    """When the newest one happened."""
    last_received: str | None
    """When one of that hour was last received."""
    lag_seconds: float | None
    """From then to `now`."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    tiles: list[Tile]
    trend: Trend
    top: dict[ListName, list[Row]]
    """Most events first."""
    changed: list[Changed] | msgspec.UnsetType = msgspec.UNSET
    """Pages and events, the largest difference first."""
    freshness: Freshness
    meta: Meta


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of the answer: `{"tile", "bucket"?}`, or `{"list", "name"}` of what is most or changed."""

    tile: TileName | None = None
    bucket: str | float | int | None = None
    list: ListName | None = None
    name: str | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but the lists and the freshness is the plan of a trend."""

    request: Request
    trend: TrendPlan

    @property
    def frame(self) -> Frame:
        return self.trend.frame

    @property
    def before(self) -> Frame | None:
        """What the range is compared with (R8)."""
        runs = self.trend.runs
        return runs.get("elapsed", runs["previous"]).frame if "previous" in runs else None


_TILES: dict[TileName, tuple[str, Measure]] = {
    "people": ("*", "unique_users"),
    "sessions": ("*", "unique_sessions"),
    "page_views": ("page_view", "count"),
    "events": ("*", "count"),
}
"""Which event is measured, and how."""


class _List(msgspec.Struct, frozen=True):
    """One row of the table of lists: which events, what they are counted by, and whether their change is told."""

    events: Sql
    name: Sql
    asked: frozenset[str | None]
    changes: bool = False


_VIEWS = is_event("page_view")
_LISTS: dict[ListName, _List] = {
    "pages": _List(all_of([_VIEWS, Sql("page != ''")]), Sql("page"), frozenset({"page"}), changes=True),
    "events": _List(is_event("*"), Sql("toString(event)"), frozenset({"event"}), changes=True),
    "components": _List(
        Sql(VISITED + " AND component != ''"),
        Sql("component"),
        frozenset({"component"}),
    ),
    "referrers": _List(
        # Where people came from: other hosts, not the page before.
        all_of([_VIEWS, Sql("domain(referrer) != '' AND domain(referrer) != domain(url)")]),
        Sql("domain(referrer)"),
        frozenset({"referrer", "url"}),
    ),
    "sources": _List(all_of([_VIEWS, Sql("utm_source != ''")]), Sql("utm_source"), frozenset({"utm_source"})),
    "devices": _List(all_of([is_event("*"), Sql("device != ''")]), Sql("toString(device)"), frozenset({"device"})),
}

_LONGEST: tuple[tuple[timedelta, Interval], ...] = (
    (timedelta(days=2, hours=1), "hour"),  # also where the clock is set back
    (timedelta(days=120), "day"),
    (timedelta(days=732), "week"),
)
"""Which interval a range of at most so long is told by; longer ones by month."""


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    common = {field: getattr(request, field) for field in Question.__struct_fields__}
    series = tuple(Series(event=event, measure=measure) for event, measure in _TILES.values())
    asked = TrendRequest(**common, series=series, compare=request.compare)
    period = plan_trend(asked, context).frame.period
    length = timedelta(milliseconds=period.end - period.start)
    interval = next((one for longest, one in _LONGEST if length <= longest), "month")
    return Plan(request=request, trend=plan_trend(msgspec.structs.replace(asked, interval=interval), context))


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────


def build(plan: Plan) -> dict[str, Query]:
    """The queries of the trend; rows of (list, whether of changes, name, events, before); and one of freshness."""
    lists = [_top(plan, name) for name in _LISTS]
    lists += [_changes(plan, name) for name, one in _LISTS.items() if one.changes and plan.before is not None]
    return build_trend(plan.trend) | {
        "lists": query_of(join(" UNION ALL ", lists)),
        "freshness": query_of(_newest(plan.frame)),
    }


def _newest(frame: Frame) -> Sql:
    """A row of (events, newest time, newest receipt) of the last hour that has any, whatever the range."""
    ever = Period(0, (frame.now // HOUR + 1) * HOUR, frame.zone)
    # Which hour that is the hourly rollup says; what a `now` of the past hides is looked for event by event (R11).
    newest = within_hours(frame.project_id, ever)
    if frame.hidden_after is not None:
        newest = within(frame.project_id, ever, frame.hidden_after)
    hour = sql(
        "(SELECT max(hour) FROM (SELECT toStartOfHour(timestamp) AS hour FROM events"
        " WHERE $newest AND $sent GROUP BY hour))",
        newest=newest,
        sent=Sql(SENT),
    )
    return sql(
        "SELECT count(), toUnixTimestamp64Milli(max(timestamp)), toUnixTimestamp64Milli(max(received_at))"
        " FROM events WHERE toDate(timestamp) >= toDate($hour) AND timestamp >= $hour AND $ever AND $sent",
        hour=hour,
        sent=Sql(SENT),
        ever=within(frame.project_id, ever, frame.hidden_after),
    )


def _top(plan: Plan, name: ListName) -> Sql:
    return sql(
        "SELECT $list AS list, 0 AS changes, name, events, before FROM ($counts) WHERE events > 0"
        " ORDER BY events DESC, name LIMIT $limit",
        list=bind(name, "String"),
        counts=_counts(plan, name),
        limit=bind(plan.request.limit, "UInt32"),
    )


def _changes(plan: Plan, name: ListName) -> Sql:
    return sql(
        "SELECT $list AS list, 1 AS changes, name, events, before FROM ($counts) WHERE events != before"
        " ORDER BY abs(toInt64(events) - toInt64(before)) DESC, name LIMIT $limit",
        list=bind(name, "String"),
        counts=_counts(plan, name),
        limit=bind(plan.request.limit, "UInt32"),
    )


def _counts(plan: Plan, name: ListName) -> Sql:
    """Rows of (name, events, before)."""
    frames = [(plan.frame, Sql("1"))] + ([(plan.before, Sql("0"))] if plan.before is not None else [])
    return sql(
        "SELECT dims[1] AS name, sumIf(size, now) AS events, sumIf(size, NOT now) AS before FROM ($rows) GROUP BY name",
        rows=join(
            " UNION ALL ",
            (
                sql(
                    "SELECT dims, toBool($now) AS now, $size AS size FROM ($rows) GROUP BY dims",
                    now=now,
                    size=Sql(MEASURES["count"].aggregate),
                    rows=own(_source(plan, name, frame), "events"),
                )
                for frame, now in frames
            ),
        ),
    )


def _source(plan: Plan, name: ListName, frame: Frame) -> Source:
    request, row = plan.request, _LISTS[name]
    return Source(
        frame=frame,
        starts=(frame.period.start,),
        matching=all_of([row.events, *conditions(request.filters, "$.filters", frame.viewpoint), kept(request)]),
        dims=sql("[$name]", name=row.name),
        asked=row.asked | {one.property for one in request.filters},
    )


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """What is behind a number of the trend, or the events of a row. Raises `BadRequest` for no number."""
    if pointer.tile is not None and pointer.list is None and pointer.name is None:
        series = list(_TILES).index(pointer.tile)
        return members_of_trend(plan.trend, TrendPointer(series=series, bucket=pointer.bucket), unit)
    if pointer.list is None or pointer.name is None or pointer.tile is not None or pointer.bucket is not None:
        raise BadRequest(
            "A number is of a “tile”, perhaps in a “bucket”, or of a “list” and a “name”.", path="$.pointer"
        )
    source = msgspec.structs.replace(
        _source(plan, pointer.list, plan.frame), each=Sql(", event_id, timestamp") if unit == "events" else NOTHING
    )
    return sql(
        "SELECT * FROM ($rows) WHERE dims = $row", rows=own(source, unit), row=bind([pointer.name], "Array(String)")
    )


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """The trend's numbers as tiles and lines, the rows as lists."""
    told = shape_trend(plan.trend, rows)
    named = list(zip(_TILES, told.series, strict=True))
    last, ever = rows["freshness"].rows[0], rows["lists"].rows
    return Answer(
        tiles=[
            Tile(
                name=name,
                value=series.total,
                previous=series.previous_total,
                previous_full=series.previous_full,
                change=series.change,
            )
            for name, series in named
        ],
        trend=Trend(
            interval=plan.trend.request.interval,
            buckets=told.buckets,
            incomplete=told.incomplete,
            series=[Line(name=name, values=one.values, previous=one.previous) for name, one in named],
        ),
        top=_lists(plan, ever),
        changed=msgspec.UNSET if plan.before is None else _changed(plan, ever),
        freshness=_freshness(plan, *last),
        meta=told.meta,
    )


def _lists(plan: Plan, rows: list[list[Any]]) -> dict[ListName, list[Row]]:
    found: dict[ListName, list[Row]] = {name: [] for name in _LISTS}
    for name, changes, value, events, before in rows:
        if not changes:
            row = Row(name=value, events=events)
            if plan.before is not None:
                row = msgspec.structs.replace(row, previous=before, change=change(before, events))
            found[name].append(row)
    return {name: sorted(one, key=lambda row: (-row.events, row.name)) for name, one in found.items()}


def _changed(plan: Plan, rows: list[list[Any]]) -> list[Changed]:
    found = [
        Changed(list=name, name=value, events=events, previous=before, change=change(before, events))
        for name, changes, value, events, before in rows
        if changes
    ]
    found.sort(key=lambda one: (-abs(one.events - one.previous), one.list, one.name))
    return found[: plan.request.limit]


def _freshness(plan: Plan, count: int, last_event: int, last_received: int) -> Freshness:
    if not count:
        return Freshness(last_event=None, last_received=None, lag_seconds=None)
    return Freshness(
        last_event=rfc3339(last_event),
        last_received=rfc3339(last_received),
        lag_seconds=max(0, plan.frame.now - last_received) / 1000,
    )


def table(_plan: Plan, answer: Answer) -> Table:
    """A row for each tile, each bucket of each line, and each row of each list."""
    columns: Columns = {
        "part": "text", "name": "text", "bucket": "text", "value": "number", "previous": "number", "change": "number",
    }  # fmt: skip
    lines = answer.trend
    rows: list[list[Any]] = [["tile", one.name, None, one.value, one.previous, one.change] for one in answer.tiles]
    for line in lines.series:
        previous = [None] * len(lines.buckets) if line.previous is msgspec.UNSET else line.previous
        rows += [
            ["trend", line.name, bucket, value, before, None]
            for bucket, value, before in zip(lines.buckets, line.values, previous, strict=True)
        ]
    rows += [
        [name, one.name, None, one.events, one.previous, one.change]
        for name, listed in answer.top.items()
        for one in listed
    ]
    if answer.changed is not msgspec.UNSET:
        rows += [
            [f"changed {one.list}", one.name, None, one.events, one.previous, one.change] for one in answer.changed
        ]
    return Table(columns, [[_cell(value) for value in row] for row in rows])


def _cell(value: Any) -> Value:
    return None if value is msgspec.UNSET else value
