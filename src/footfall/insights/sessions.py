"""Sessions: how many, how long, how many bounced, where they were entered and left.

R19: a session belongs to the day on which it starts. So those count that started in the range, and each of them as a
whole, also where it goes on after the range; filters select those that have a matching event in the range. Beside
them, `active` counts the sessions that were active in each bucket, as a trend does. R20: bounces, entry and exit, by
page or by component. `visit.py` says what a session was; here it is counted.
"""

from collections.abc import Mapping
from typing import Annotated, Any, LiteralString

import msgspec

from footfall.insights.breakdown import Breakdown, Pointed, capped, place, pointed_row, value_of
from footfall.insights.figures import Figure
from footfall.insights.filters import conditions
from footfall.insights.measures import MEASURES, rows_of
from footfall.insights.question import (
    Frame,
    Meta,
    Query,
    Question,
    Rows,
    bots_left_out,
    bucket_at,
    frame_of,
    kept,
    meta_of,
    query_of,
)
from footfall.insights.source import Source, Unit
from footfall.insights.sql import NOTHING, Context, Sql, all_of, bind, is_event, join, sql
from footfall.insights.table import Columns, Table, Value
from footfall.insights.visit import BOUNCED, ENDED, ENTRY, EXIT, STARTED, By, names, told, told_apart, whole
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import Interval, bucket_end, buckets, label


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/sessions`."""

    by: By = "page"
    """What views are of: a bounce has one of them, entry and exit are the first and the last."""
    interval: Interval | None = "day"
    """Of `started` and `active`; null for neither."""
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=1)] = ()
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    """How many entries and exits are told at most, the most frequent ones."""


class Duration(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the first event of a session to its last one; null without any session."""

    mean: float | None
    median: float | None
    p95: float | None


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of some sessions. R3: rates and means of none are null."""

    sessions: int
    bounces: int
    bounce_rate: float | None
    duration: Duration
    events_per_session: float | None
    """The mean."""


class Segment(Numbers, frozen=True, kw_only=True):
    """The sessions whose first matching event has this value."""

    value: str


class End(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where sessions were entered or left: a `page`, or a `component`."""

    page: str | None = None
    component: str | None = None
    sessions: int


class Answer(Numbers, frozen=True, kw_only=True, omit_defaults=True):
    entries: list[End]
    exits: list[End]
    meta: Meta
    buckets: list[str] | None = None
    incomplete: list[bool] | None = None
    started: list[int] | None = None
    active: list[int] | None = None
    breakdowns: list[Segment] | None = None


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sessions of the answer: all, or those that started in a bucket, entered here, left there, bounced or did not."""

    bucket: str | float | int | None = None
    """A label of `buckets`."""
    entry: str | None = None
    exit: str | None = None
    bounced: bool | None = None
    breakdown: Pointed = None
    active: bool = False
    """Those that were active in the bucket, instead of those that started in it."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    request: Request
    frame: Frame
    starts: tuple[Millis, ...]
    """Of the buckets; none without an interval."""
    matching: Sql
    """Events that make their session count."""


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(request, context)
    return Plan(
        request=request,
        frame=frame,
        starts=tuple(buckets(frame.period, request.interval, frame.week_start)) if request.interval else (),
        matching=all_of([is_event("*"), *conditions(request.filters, "$.filters", frame.viewpoint)]),
    )


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────

WHOLE, BUCKETS, ENTRIES, EXITS = range(4)
"""What a row of the answer's numbers is about."""


def build(plan: Plan) -> dict[str, Query]:
    """Rows of (about, value, name, numbers), of (bucket, active), of (value, numbers), and the bots left out."""
    queries = {"main": query_of(_summary(plan))}
    if plan.starts:
        queries["active"] = query_of(
            sql(
                "SELECT bucket, $sessions FROM ($rows) GROUP BY bucket",
                sessions=Sql(MEASURES["unique_sessions"].aggregate),
                rows=rows_of(["unique_sessions"], _source(plan)),
            )
        )
    if plan.request.breakdown:
        queries["breakdown"] = query_of(
            sql(
                "WITH $names AS names SELECT $value AS value, $numbers FROM ($sessions) GROUP BY value",
                names=_names(plan),
                value=_value(plan),
                numbers=sql(_NUMBERS, where=Sql("1")),
                sessions=_sessions(plan, with_value=True),
            )
        )
    return queries | bots_left_out(plan.request, plan.frame, plan.matching)


_NUMBERS: LiteralString = (
    "count() AS sessions, countIf(bounced), avg(seconds), quantilesExactInclusiveIf(0.5, 0.95)(seconds, $where),"
    " avg(events)"
)


def _summary(plan: Plan) -> Sql:
    """Every session is told of in several ways, so it comes once for each; they are read and put together once."""
    about = [(WHOLE, Sql("0")), (ENTRIES, Sql("entry")), (EXITS, Sql("exit"))]
    if plan.starts:
        about.append((BUCKETS, _bucket(plan)))
    return sql(
        "WITH $names AS names SELECT told.1 AS about, told.2 AS value, if(has($ends, about), names[value], '')"
        " AS name, $numbers FROM (SELECT *, arrayJoin([$about]) AS told FROM ($sessions)) GROUP BY about, value"
        " HAVING NOT (has($ends, about) AND value = 0) ORDER BY about, sessions DESC, name LIMIT $limit BY about",
        names=_names(plan),
        numbers=sql(_NUMBERS, where=sql("about = $whole", whole=bind(WHOLE, "UInt8"))),
        ends=bind([ENTRIES, EXITS], "Array(UInt8)"),
        about=join(", ", (sql("($of, toInt64($it))", of=bind(of, "UInt8"), it=it) for of, it in about)),
        limit=bind(max(plan.request.limit, len(plan.starts)), "UInt32"),
        sessions=_sessions(plan),
    )


def _names(plan: Plan) -> Sql:
    return names(plan.request.by, plan.frame.project_id)


def _bucket(plan: Plan) -> Sql:
    return sql("roundDown(started, $starts)", starts=bind(list(plan.starts), "Array(Int64)"))


def _sessions(plan: Plan, *, with_value: bool = False, columns: Sql = NOTHING) -> Sql:
    """A row for each session that counts; with `key`, the breakdown's own value at its first matching event.

    `entry` and `exit` are places among `names`.
    """
    request, frame = plan.request, plan.frame
    value = (
        sql(
            ", ifNull(seq, 0) AS number, $own AS value",
            own=value_of(request.breakdown[0], "$.breakdown[0]", frame.viewpoint),
        )
        if with_value
        else NOTHING
    )
    counts = sql("$kept AND ($matching)", kept=kept(request), matching=plan.matching)
    # Of rows that are read as those of the range, nobody has to ask again: it takes a quarter of the time.
    of_range = sql(", ($counts) AS counted$value", counts=counts, value=value)
    of_any = sql(", ($within AND $counts) AS counted$value", within=frame.within, counts=counts, value=value)
    return sql(
        "SELECT session, $started AS started, $ended AS ended, (ended - started) / 1000 AS seconds, count() AS events,"
        " $entry AS entry, $exit AS exit, $bounced AS bounced$key$columns FROM ($rows) WHERE session != 0"
        " GROUP BY session HAVING started >= $start AND started < $end AND max(counted)",
        started=STARTED,
        ended=ENDED,
        entry=ENTRY,
        exit=EXIT,
        bounced=BOUNCED,
        key=Sql(", minIf((millis, number, value), counted).3 AS key") if with_value else NOTHING,
        columns=columns,
        rows=whole(
            frame,
            Sql("1"),
            sql("$told$own", told=told(request.by), own=of_any),
            apart=[
                (which, sql("$theirs$own", theirs=theirs, own=of_range)) for which, theirs in told_apart(request.by)
            ],
        ),
        start=bind(frame.period.start, "Int64"),
        end=bind(frame.period.end, "Int64"),
    )


def _value(plan: Plan) -> Sql:
    """A session's row of the breakdown: the biggest values by sessions, the rest as `$other` (R5)."""
    ranking = _sessions(plan, with_value=True)
    return capped(Sql("key"), plan.request.breakdown[0].limit, ranking, Sql("key"), Sql("count()"))


def _source(plan: Plan, each: Sql | None = None) -> Source:
    """The sessions that were active in each bucket, as a trend of `*` counts them."""
    return Source(
        frame=plan.frame,
        starts=plan.starts or (plan.frame.period.start,),
        matching=all_of([plan.matching, kept(plan.request)]),
        dims=Sql("emptyArrayString()"),
        asked=frozenset(one.property for one in plan.request.filters),
        each=each,
    )


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The sessions of a number, the people whose they are, and all events in them.

    Of active sessions the events are those that matched in the bucket. Raises `BadRequest` for no number of the answer.
    """
    if pointer.active:
        return _active(plan, pointer, unit)
    wanted = [Sql("1")]
    if pointer.bucket is not None:
        start = bucket_at(pointer.bucket, plan.starts, plan.frame)
        wanted.append(sql("$bucket = $start", bucket=_bucket(plan), start=bind(start, "Int64")))
    for column, name in ((Sql("entry"), pointer.entry), (Sql("exit"), pointer.exit)):
        if name is not None:
            wanted.append(sql("names[$column] = $name", column=column, name=bind(name, "String")))
    if pointer.bounced is not None:
        wanted.append(Sql("bounced") if pointer.bounced else Sql("NOT bounced"))
    row = pointed_row(pointer.breakdown, plan.request.breakdown)
    if row is not None:
        wanted.append(sql("$value = $row", value=_value(plan), row=row))
    chosen = sql(
        "WITH $names AS names SELECT session, whose AS person, sent_key AS session_key, started AS millis"
        " FROM ($sessions) WHERE $wanted",
        names=_names(plan),
        sessions=_sessions(
            plan,
            with_value=pointer.breakdown is not None,
            columns=Sql(", any(person) AS whose, any(session_key) AS sent_key"),
        ),
        wanted=all_of(wanted),
    )
    if unit != "events":
        return chosen
    return sql(
        "SELECT * FROM ($rows) WHERE session IN (SELECT session FROM ($chosen))",
        rows=whole(plan.frame, Sql("1"), Sql(", event_id, timestamp")),
        chosen=chosen,
    )


def _active(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    others = {"entry": pointer.entry, "exit": pointer.exit, "bounced": pointer.bounced, "breakdown": pointer.breakdown}
    for name, value in others.items():
        if value is not None:
            raise BadRequest("Active sessions are told by bucket alone.", path=f"$.pointer.{name}")
    rows = rows_of(["unique_sessions"], _source(plan, Sql(", event_id, timestamp") if unit == "events" else NOTHING))
    if pointer.bucket is None:
        return rows
    start = bucket_at(pointer.bucket, plan.starts, plan.frame)
    return sql("SELECT * FROM ($rows) WHERE bucket = $start", rows=rows, start=bind(start, "Int64"))


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """Numbers of all sessions, of each bucket, of each end, and of each value of the breakdown."""
    request, frame = plan.request, plan.frame
    whole: list[Any] = [0, 0, None, [None, None], None]
    started: dict[Millis, int] = {}
    ends: dict[int, list[End]] = {ENTRIES: [], EXITS: []}
    for about, value, name, *numbers in rows["main"].rows:
        if about == WHOLE:
            whole = numbers
        elif about == BUCKETS:
            started[value] = numbers[0]
        else:
            ends[about].append(End(**{request.by: name}, sessions=numbers[0]))
    answer = Answer(
        **_numbers(*whole),
        entries=ends[ENTRIES][: request.limit],
        exits=ends[EXITS][: request.limit],
        meta=meta_of(frame, list(rows.values()), rows["bots"].rows[0][0] if "bots" in rows else 0),
        breakdowns=_segments(rows["breakdown"].rows) if "breakdown" in rows else None,
    )
    if request.interval is None:
        return answer
    active: dict[Any, Any] = dict(rows["active"].rows)
    return msgspec.structs.replace(
        answer,
        buckets=[label(start, frame.zone) for start in plan.starts],
        incomplete=[bucket_end(start, frame.zone, request.interval) > frame.now for start in plan.starts],
        started=[started.get(start, 0) for start in plan.starts],
        active=[active.get(start, 0) for start in plan.starts],
    )


def _numbers(
    sessions: int, bounces: int, mean: float | None, quantiles: list[float | None], events: float | None
) -> dict[str, Any]:
    median, p95 = (None if one is None else round(one, 6) for one in quantiles)
    return {
        "sessions": sessions,
        "bounces": bounces,
        "bounce_rate": bounces / sessions if sessions else None,
        # Times are whole milliseconds; what lies below a microsecond is the noise of doubles.
        "duration": Duration(mean=None if mean is None else round(mean, 6), median=median, p95=p95),
        "events_per_session": events,
    }


def _segments(rows: list[list[Any]]) -> list[Segment]:
    segments = [Segment(value=value, **_numbers(*numbers)) for value, *numbers in rows]
    return sorted(segments, key=lambda one: place(one.value, one.sessions))


# ── as a file ────────────────────────────────────────────────────────────────────────────────────────────────


def table(plan: Plan, answer: Answer) -> Table:
    """A row for all sessions, then one for each bucket, each end, and each value of the breakdown."""
    sliced = Columns(breakdown="text") if plan.request.breakdown else Columns()
    sliced |= Columns(bucket="text", incomplete="boolean") if answer.buckets is not None else Columns()
    columns = sliced | Columns({
        "entry": "text", "exit": "text", "sessions": "integer", "active": "integer", "bounces": "integer",
        "bounce_rate": "number", "mean_s": "number", "median_s": "number", "p95_s": "number",
        "events_per_session": "number",
    })  # fmt: skip
    if answer.buckets is None:
        del columns["active"]
    rows: list[dict[str, Value]] = [_row(answer)]
    for index, bucket in enumerate(answer.buckets or ()):
        started, active, incomplete = answer.started or (), answer.active or (), answer.incomplete or ()
        of_bucket: dict[str, Value] = {"bucket": bucket, "incomplete": incomplete[index]}
        rows.append(of_bucket | {"sessions": started[index], "active": active[index]})
    for column, ends in (("entry", answer.entries), ("exit", answer.exits)):
        rows += [{column: end.page or end.component, "sessions": end.sessions} for end in ends]
    rows += [{"breakdown": segment.value} | _row(segment) for segment in answer.breakdowns or ()]
    return Table(columns, [[row.get(name) for name in columns] for row in rows])


def _row(numbers: Numbers) -> dict[str, Value]:
    duration = numbers.duration
    return {
        "sessions": numbers.sessions,
        "bounces": numbers.bounces,
        "bounce_rate": numbers.bounce_rate,
        "mean_s": duration.mean,
        "median_s": duration.median,
        "p95_s": duration.p95,
        "events_per_session": numbers.events_per_session,
    }


def figures(answer: Answer) -> list[Figure]:
    return [
        Figure(name="Sessions", value=answer.sessions),
        Figure(name="Bounce rate", value=answer.bounce_rate, unit="share"),
        Figure(name="Median duration", value=answer.duration.median, unit="seconds"),
        Figure(name="Events per session", value=answer.events_per_session, unit="number"),
    ]
