"""Overview: the first screen in one answer. How much, over time, what was most, what changed, how fresh.

Tiles and trend are a trend's, planned, asked and shaped by `trend.py` itself, so R1, R2, R3, R8 (the elapsed part) and
R10 hold as they do there, and a number here is the number there. Lists count events as that trend does. All but
components, referrers and sources is read from the hourly rollups (ADR 0008, ADR 0014), unless events are few. It is one
statement, so that tiles, lists and changes are of one moment (ADR 0069).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from footfall.identity import SENT
from footfall.insights.comparison import Compare, change
from footfall.insights.figures import Figure
from footfall.insights.filters import conditions
from footfall.insights.measures import Measure
from footfall.insights.question import Frame, Meta, Query, Question, Rows, kept, query_of
from footfall.insights.source import ROLLED_UP, Source, Unit, beside, own, whole_hours
from footfall.insights.sql import (
    NOTHING,
    Context,
    Sql,
    all_of,
    any_of,
    bind,
    is_event,
    join,
    sql,
    until,
    within,
    within_hours,
)
from footfall.insights.table import Columns, Table, Value
from footfall.insights.trend import Plan as TrendPlan
from footfall.insights.trend import Pointer as TrendPointer
from footfall.insights.trend import Request as TrendRequest
from footfall.insights.trend import Series, ranges_of, statements
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
    """One row of the table of lists: among which events, what they are counted by, and whether their change is told."""

    among: Sql
    name: Sql
    """'' for events that are in no row."""
    asked: frozenset[str | None]
    is_set: Sql
    """Without which there is no name, told from less; the engine leaves out whole blocks by it."""
    changes: bool = False

    @property
    def is_rolled_up(self) -> bool:
        return self.asked <= ROLLED_UP["events"]


_EVERY, _VIEWS = is_event("*"), is_event("page_view")
_LISTS: dict[ListName, _List] = {
    "pages": _List(_VIEWS, Sql("page"), frozenset({"page"}), Sql("page != ''"), changes=True),
    "events": _List(_EVERY, Sql("event"), frozenset({"event"}), Sql("1"), changes=True),
    "components": _List(
        Sql(VISITED),
        Sql("component"),
        frozenset({"component"}),
        Sql("component != ''"),
    ),
    # Where people came from: other hosts, not the page before.
    "referrers": _List(
        _VIEWS,
        Sql("if(domain(referrer) = domain(url), '', domain(referrer))"),
        frozenset({"referrer", "url"}),
        Sql("referrer != ''"),
    ),
    "sources": _List(_VIEWS, Sql("utm_source"), frozenset({"utm_source"}), Sql("utm_source != ''")),
    "devices": _List(_EVERY, Sql("device"), frozenset({"device"}), Sql("device != ''")),
}
_KEYS: dict[ListName, Sql] = {
    "pages": Sql("its_page"), "events": Sql("its_event"), "components": Sql("its_component"),
    "referrers": Sql("its_referrer"), "sources": Sql("its_source"), "devices": Sql("its_device"),
}  # fmt: skip
"""What a list's name is called where several are read at once."""
_BOTS = len(_LISTS)
"""In the place of a list: events of bots, which are left out (R28)."""
FEW = 100_000
"""So many events are read quicker one by one for all lists than the engine plans a part more."""

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


def counted(request: Request, context: Context) -> list[Period]:
    """In which ranges it helps to know how many events there are (ADR 0068)."""
    return ranges_of(plan(request, context).trend)


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────


def build(plan: Plan) -> dict[str, Query]:
    """One statement, so that all numbers are of one moment: rows of (run, source, kind, row, bucket, numbers).

    Those of the trend, and in the place of runs `lists`: which list, its name, events now and before; `freshness`.
    """
    lists = _part("lists", _told(Sql("events"), Sql("earlier"), source=Sql("list"), row=Sql("[name]")), _most(plan))
    freshness = _part("freshness", _told(Sql("found"), Sql("happened"), Sql("received")), _newest(plan.frame))
    return {"overview": query_of(join(" UNION ALL ", [*statements(plan.trend).values(), lists, freshness]))}


def _part(name: str, columns: Sql, rows: Sql) -> Sql:
    return sql("SELECT $name AS run, $columns FROM ($rows)", name=bind(name, "String"), columns=columns, rows=rows)


_ZERO, _NO_ROW = Sql("0"), Sql("emptyArrayString()")


def _told(*numbers: Sql, source: Sql = _ZERO, row: Sql = _NO_ROW) -> Sql:
    """Numbers in the columns of a trend."""
    return sql(
        "toUInt16($source) AS source, toUInt64(0) AS kind, $row AS row, toInt64(0) AS bucket, [$numbers] AS numbers",
        source=source,
        row=row,
        numbers=join(", ", (sql("toNullable(toFloat64($number))", number=number) for number in numbers)),
    )


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
        "SELECT count() AS found, toUnixTimestamp64Milli(max(timestamp)) AS happened,"
        " toUnixTimestamp64Milli(max(received_at)) AS received"
        " FROM events WHERE toDate(timestamp) >= toDate($hour) AND timestamp >= $hour AND $ever AND $sent",
        hour=hour,
        sent=Sql(SENT),
        ever=until(frame.project_id, ever.end, frame.hidden_after),
    )


def _most(plan: Plan) -> Sql:
    """Rows of (list, name, events, earlier): those of each list that are most, and those that changed most."""
    return sql(
        "SELECT list, name, events, earlier FROM (SELECT *,"
        " row_number() OVER (PARTITION BY list ORDER BY events DESC, name) AS place,"
        " row_number() OVER (PARTITION BY list ORDER BY abs(toInt64(events) - toInt64(earlier)) DESC, name) AS changed"
        " FROM (SELECT list, name, sumIf(size, now) AS events, sumIf(size, before) AS earlier FROM ($rows)"
        " WHERE name != '' GROUP BY list, name)) WHERE place <= $limit OR changed <= $limit",
        rows=join(" UNION ALL ", (rows for lists in _scans(plan) for rows in _read(plan, lists))),
        limit=bind(plan.request.limit, "UInt32"),
    )


def _frames(plan: Plan) -> list[Frame]:
    """The asked range, and what it is compared with."""
    return [plan.frame] if plan.before is None else [plan.frame, plan.before]


def _scans(plan: Plan) -> list[list[ListName]]:
    """Lists that are read together: those of the hourly rollup, and of the others those among the same events.

    Few events are read once for all.
    """
    counts = [frame.facts.count("*", frame.period) for frame in _frames(plan)]
    if all(count is not None and count <= FEW for count in counts):
        return [list(_LISTS)]
    scans: dict[str | None, list[ListName]] = {}
    for name, one in _LISTS.items():
        scans.setdefault(None if one.is_rolled_up else one.among.text, []).append(name)
    return list(scans.values())


def _read(plan: Plan, lists: list[ListName]) -> list[Sql]:
    """Rows of (list, name, now, before, size), from whole hours where those tell enough, and event by event."""
    hours: list[Sql] = []
    events: list[Sql] = []
    for frame in _frames(plan):
        period = whole_hours(_source(plan, lists, frame), "events")
        edges = [frame.period] if period is None else beside(period, frame.period)
        hours.append(Sql("0") if period is None else within_hours(frame.project_id, period))
        events.append(any_of(within(frame.project_id, edge, frame.hidden_after) for edge in edges))
    return [_rows(plan, lists, reach) for reach in (hours, events) if any(one.text != "0" for one in reach)]


def _rows(plan: Plan, lists: list[ListName], reach: list[Sql]) -> Sql:
    """The rows of events that are reached now or before, a list being its place in the table.

    Those of the list of all events tell the bots as well.
    """
    counts = kept(plan.request)
    tells_bots = "events" in lists and not plan.request.include_bots
    keys, names, pairs = [_KEYS[name] for name in lists], list[Sql](), list[Sql]()
    for place, (name, row) in enumerate(_LISTS.items()):
        if name in lists:
            key = _KEYS[name]
            names.append(
                sql("if($among AND $counts, $name, '') AS $key", among=row.among, counts=counts, name=row.name, key=key)
            )
            pairs.append(sql("($place, toString($key))", place=bind(place, "UInt8"), key=key))
    if tells_bots:
        names.append(Sql("bot"))
        pairs.append(sql("($place, if(bot, 'bot', ''))", place=bind(_BOTS, "UInt8")))
        keys.append(Sql("bot"))
    return sql(
        "SELECT (arrayJoin([$pairs]) AS pair).1 AS list, pair.2 AS name, now, before, size FROM ("
        "SELECT $names, $now AS now, $before AS before, count() AS size FROM events"
        " WHERE ($reach) AND ($matching) GROUP BY $keys, now, before)",
        pairs=join(", ", pairs),
        names=join(", ", names),
        now=reach[0],
        before=reach[1] if len(reach) > 1 else Sql("0"),
        reach=any_of(reach),
        matching=_matching(plan, lists, Sql("1") if tells_bots else counts),
        keys=join(", ", keys),
    )


def _matching(plan: Plan, lists: list[ListName], who: Sql) -> Sql:
    rows = [_LISTS[name] for name in lists]
    among = rows[0].among if len({row.among.text for row in rows}) == 1 else _EVERY
    told = conditions(plan.request.filters, "$.filters", plan.frame.viewpoint)
    return all_of([among, any_of(row.is_set for row in rows), *told, who])


def _source(plan: Plan, lists: list[ListName], frame: Frame) -> Source:
    """The events that these lists are made of."""
    request, rows = plan.request, [_LISTS[name] for name in lists]
    return Source(
        frame=frame,
        starts=(frame.period.start,),
        matching=_matching(plan, lists, kept(request)),
        dims=sql("[toString($name)]", name=rows[0].name),
        asked=frozenset().union(*(row.asked for row in rows)) | {one.property for one in request.filters},
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
        _source(plan, [pointer.list], plan.frame), each=Sql(", event_id, timestamp") if unit == "events" else NOTHING
    )
    return sql(
        "SELECT * FROM ($rows) WHERE dims = $row AND dims != ['']",
        rows=own(source, unit),
        row=bind([pointer.name], "Array(String)"),
    )


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """The trend's numbers as tiles and lines, the rows as lists."""
    answer = rows["overview"]
    parts: dict[str, list[list[Any]]] = {"lists": [], "freshness": [], "trend": []}
    for row in answer.rows:
        parts[row[0] if row[0] in parts else "trend"].append(row)
    ((*_, last),) = parts["freshness"]
    listed, bots = _listed(parts["lists"])
    of_trend = {"runs": msgspec.structs.replace(answer, rows=parts["trend"]), "bots": Rows(rows=[[bots]])}
    told = shape_trend(plan.trend, of_trend)
    named = list(zip(_TILES, told.series, strict=True))
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
        top={name: _top(plan, found) for name, found in listed.items()},
        changed=msgspec.UNSET if plan.before is None else _changed(plan, listed),
        freshness=_freshness(plan, *map(int, last)),
        meta=told.meta,
    )


_Counted = list[tuple[str, int, int]]
"""Names with their events, now and before."""


def _listed(rows: list[list[Any]]) -> tuple[dict[ListName, _Counted], int]:
    """What was counted for each list, and how many events of bots were left out of them."""
    found: list[_Counted] = [[] for _ in range(len(_LISTS) + 1)]
    for _, place, _, (name,), _, (events, before) in rows:
        found[place].append((name, int(events), int(before)))
    return dict(zip(_LISTS, found, strict=False)), sum(events for _, events, _ in found[_BOTS])


def _top(plan: Plan, counted: _Counted) -> list[Row]:
    most = sorted((one for one in counted if one[1]), key=lambda one: (-one[1], one[0]))[: plan.request.limit]
    if plan.before is None:
        return [Row(name=name, events=events) for name, events, _ in most]
    return [
        Row(name=name, events=events, previous=before, change=change(before, events)) for name, events, before in most
    ]


def _changed(plan: Plan, listed: Mapping[ListName, _Counted]) -> list[Changed]:
    found = [
        Changed(list=name, name=value, events=events, previous=before, change=change(before, events))
        for name, counted in listed.items()
        if _LISTS[name].changes
        for value, events, before in counted
        if events != before
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


def figures(answer: Answer) -> list[Figure]:
    return [Figure(name=tile.name.replace("_", " ").capitalize(), value=tile.value) for tile in answer.tiles]
