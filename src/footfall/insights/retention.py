"""Retention: of those who began in a bucket, how many came back in the ones after it (R17).

A cohort is made of people with a start event in a bucket of the range: of everybody (`recurring`), or of those who were
first seen in that bucket, looking at all history (`first_ever`). "Words": the filters select which events count, and
have no say in when somebody was first seen. Buckets are those of the calendar, so a local day of 23 hours is a day; or
`rolling` ones, which begin with the first start event that a person has in the bucket and are all as long.

Periods are counted from 0, the bucket of the start itself. A cell is null until its bucket has ended at `now`.
"""

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated, Literal, LiteralString

import msgspec

from footfall.insights.breakdown import Breakdown, Pointed, check_size
from footfall.insights.figures import Figure
from footfall.insights.presence import (
    ALWAYS,
    Role,
    first_seen,
    in_order,
    key_of,
    keyed,
    matching,
    pointed,
    presence,
    values,
)
from footfall.insights.presence import members as members_of
from footfall.insights.question import (
    MAX_NUMBERS,
    EventName,
    Frame,
    Meta,
    Query,
    Question,
    Rows,
    bots_left_out,
    bucket_at,
    frame_of,
    meta_of,
    query_of,
)
from footfall.insights.source import Unit
from footfall.insights.sql import NOTHING, Context, Sql, all_of, bind, moment, sql
from footfall.insights.table import Columns, Table, Value
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import Interval, Period, bucket_end, buckets, label

MAX_PERIODS = 1000

Criterion = Literal["on", "on_or_after"]


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/retention`."""

    start_event: EventName = "*"
    return_event: EventName = "*"
    interval: Interval = "day"
    cohort: Literal["first_ever", "recurring"] = "first_ever"
    criterion: Criterion = "on"
    """Whether somebody came back in just that bucket, or in that one or a later one of the periods."""
    buckets: Literal["calendar", "rolling"] = "calendar"
    periods: Annotated[int, msgspec.Meta(ge=1, le=MAX_PERIODS)] | None = None
    """How many, period 0 included; as many as the range has when null."""
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=1)] = ()
    """By the value at the first start event in the cohort's bucket."""


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    bucket: str
    size: int
    values: list[int | None]
    """People who came back, one for each period; null where that has not ended."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """The same for one value of the breakdown."""

    value: str
    cohorts: list[Cohort]
    average: list[float | None]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    cohorts: list[Cohort]
    average: list[float | None]
    """For each period, the share of all people of the cohorts that are not null in it; null where there are none."""
    meta: Meta
    breakdowns: list[Segment] | None = None


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cell: of a cohort, in a period (without one: the cohort itself), of a value of the breakdown."""

    cohort: str | float | int
    """Its label, or any other way to write that time."""
    period: Annotated[int, msgspec.Meta(ge=0, lt=MAX_PERIODS)] | None = None
    breakdown: Pointed = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its calendar worked out."""

    request: Request
    frame: Frame
    bounds: tuple[Millis, ...]
    """Where calendar buckets start, those of the cohorts first, and where the last period of the last cohort ends."""
    cohorts: int
    periods: int

    @property
    def starts(self) -> tuple[Millis, ...]:
        """Of the cohorts."""
        return self.bounds[: self.cohorts]

    @property
    def rolling(self) -> bool:
        return self.request.buckets == "rolling"

    @property
    def started(self) -> Role:
        """What puts somebody into a cohort."""
        period = self.frame.period
        return Role(event=self.request.start_event, start=period.start, end=period.end, timed=self.rolling)

    @property
    def returned(self) -> Role:
        """What brings somebody back, also after the range, up to `now` and the last period (R17)."""
        period = self.frame.period
        last = period.end + self.periods * self.length if self.rolling else self.bounds[-1]
        end = max(period.end, min(last, self.frame.now + 1))
        return Role(event=self.request.return_event, start=period.start, end=end, timed=self.rolling)

    @property
    def length(self) -> int:
        """Of a period, in the unit of places: milliseconds if rolling, else buckets."""
        return ROLLING[self.request.interval] if self.rolling else 1

    def is_over(self, cohort: int, period: int) -> bool:
        """Whether the period has ended at `now` for everybody who may be in the cohort."""
        if self.rolling:
            began = min(self.bounds[cohort + 1], self.frame.period.end)
            return began + (period + 1) * self.length <= self.frame.now
        return self.bounds[cohort + period + 1] <= self.frame.now


_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
ROLLING: dict[Interval, Millis] = {
    "minute": _MINUTE,
    "five_minutes": 5 * _MINUTE,
    "fifteen_minutes": 15 * _MINUTE,
    "hour": 60 * _MINUTE,
    "day": _DAY,
    "week": 7 * _DAY,
    "month": 30 * _DAY,
    "quarter": 90 * _DAY,
    "year": 365 * _DAY,
}
"""How long a rolling bucket is: 24 hours for each day, whatever the clock does."""


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(request, context)
    starts = buckets(frame.period, request.interval, frame.week_start)
    periods = request.periods or len(starts)
    if len(starts) * periods > MAX_NUMBERS:
        raise BadRequest(
            f"More than {MAX_NUMBERS} cells; take a longer interval, a shorter range or fewer periods.",
            path="$.interval" if request.periods is None else "$.periods",
        )
    bounds = list(starts)
    while len(bounds) < len(starts) + periods:
        bounds.append(bucket_end(bounds[-1], frame.zone, request.interval))
    return Plan(request=request, frame=frame, bounds=tuple(bounds), cohorts=len(starts), periods=periods)


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────

SIZE = -1
"""The period under which the people of a cohort are counted, whether they came back or not."""


class Returns(msgspec.Struct, frozen=True):
    """What a criterion makes of the periods in which somebody came back."""

    kept: LiteralString
    """Those that are counted, of `all`."""
    cumulative: bool
    """Whether a cell holds those of the cells to its right."""


CRITERIA: dict[Criterion, Returns] = {
    "on": Returns("all", cumulative=False),
    # The last one says it for those before.
    "on_or_after": Returns("if(empty(all), all, [arrayMax(all)])", cumulative=True),
}


def build(plan: Plan) -> dict[str, Query]:
    """Rows of (key, cohort, period, people), and the number of bots left out."""
    request = plan.request
    queries = {
        "main": query_of(
            sql(
                "SELECT $key, cohort, period, count() FROM ($people)"
                " ARRAY JOIN arrayPushFront(periods, $size) AS period GROUP BY $key, cohort, period",
                key=key_of(request.breakdown),
                people=_people(plan),
                size=bind(SIZE, "Int64"),
            )
        )
    }
    return queries | bots_left_out(request, _reach(plan), _counted(plan))


def _reach(plan: Plan) -> Frame:
    """From the first start to the last return that counts, which may lie after the range."""
    return msgspec.structs.replace(plan.frame, period=Period(plan.started.start, plan.returned.end, plan.frame.zone))


def _counted(plan: Plan) -> Sql:
    """Of the events there, those that the question is about, bots' among them."""
    request, frame = plan.request, plan.frame
    return sql(
        "timestamp < $end AND ($starts) OR ($returns)",
        end=moment(plan.started.end),
        starts=matching(request, frame, [request.start_event]),
        returns=matching(request, frame, [request.return_event]),
    )


def _people(plan: Plan) -> Sql:
    """A row for each person of each cohort: (`person`, `cohort`, `origin`, `periods`), and the `key` of a breakdown.

    `origin` is where periods are counted from, in their unit: the cohort's number, or the moment of the start.
    """
    request = plan.request
    rows = sql(
        "SELECT person, cohort, origin, $kept AS periods FROM ("
        "SELECT person, cohort, origin, arrayFilter(place -> place >= origin AND place < origin + $reach, places)"
        " AS after, $periods AS all"
        " FROM ($places) ARRAY JOIN starts AS cohort, origins AS origin WHERE $belongs)",
        kept=Sql(CRITERIA[request.criterion].kept),
        periods=_timed_periods(plan) if plan.rolling else Sql("arrayMap(place -> place - origin, after)"),
        reach=bind(plan.length * plan.periods, "Int64"),
        places=_timed_places(plan) if plan.rolling else _places(plan),
        belongs=Sql("cohort = first") if request.cohort == "first_ever" else ALWAYS,
    )
    return keyed(
        rows,
        request.breakdown,
        lambda by: values(request, plan.frame, plan.started, by, plan.starts),
        "v.person = r.person AND v.number = r.cohort",
    )


def _timed_periods(plan: Plan) -> Sql:
    return sql(
        "arrayDistinct(arrayMap(place -> intDiv(place - origin, $length), after))", length=bind(plan.length, "Int64")
    )


def _presence(plan: Plan) -> Sql:
    roles: dict[LiteralString, Role] = {"started": plan.started, "returned": plan.returned}
    if plan.request.cohort == "first_ever":
        roles["seen"] = first_seen(plan.request.start_event, plan.frame)
    # What lies in the first bucket before the range is history, of which nobody begins (R17).
    starts = (max(plan.bounds[0], plan.frame.period.start), *plan.bounds[1:-1])
    return presence(plan.request, plan.frame, starts, roles)


_FIRST = {
    "first_ever": Sql("minIf(number, seen)"),
    "recurring": Sql("0"),
}


def _places(plan: Plan) -> Sql:
    """A row for each person: (`person`, `starts`, `origins`, `places`, `first`), all of them numbers of buckets."""
    return sql(
        "SELECT person, groupUniqArrayIf(number, started) AS starts, starts AS origins,"
        " groupUniqArrayIf(number, returned) AS places, $first AS first FROM ($presence) GROUP BY person",
        first=_FIRST[plan.request.cohort],
        presence=_presence(plan),
    )


def _timed_places(plan: Plan) -> Sql:
    """The same with moments for `origins`, the first of each start, and for `places`."""
    return sql(
        "SELECT person, groupArrayIf(number, started) AS starts, groupArrayIf(origin, started) AS origins,"
        " groupArrayArray(moments) AS places, $first AS first FROM ("
        "SELECT person, number, max(p.started) AS started, minIf(millis, p.started) AS origin,"
        " groupArrayIf(millis, p.returned) AS moments$seen FROM ($presence) AS p GROUP BY person, number)"
        " GROUP BY person",
        first=_FIRST[plan.request.cohort],
        seen=Sql(", max(p.seen) AS seen") if plan.request.cohort == "first_ever" else NOTHING,
        presence=_presence(plan),
    )


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The people of a cell, and what brought them there: their events and sessions in its period.

    Behind the size of a cohort that is what they began with. Raises `BadRequest` for a number that the answer has not.
    """
    frame, request = plan.frame, plan.request
    cohort = plan.starts.index(bucket_at(pointer.cohort, plan.starts, frame, path="$.pointer.cohort"))
    cell = _size(plan, cohort) if pointer.period is None else _cell(plan, cohort, pointer.period)
    people = sql(
        "SELECT person, origin FROM ($people) WHERE $wanted",
        people=_people(plan),
        wanted=all_of(
            [
                sql("cohort = $cohort", cohort=bind(cohort, "Int64")),
                pointed(pointer.breakdown, request.breakdown),
                cell.holds,
            ]
        ),
    )
    return members_of(request, frame, cell.role, people, unit, cell.when)


class _Cell(msgspec.Struct, frozen=True):
    """A number as a part of its cohort."""

    role: Role
    holds: Sql
    """Of a person: whether they are in it."""
    when: Sql
    """Of an event `r` in that role, and a person `p`: whether it brought them there."""


def _size(plan: Plan, cohort: int) -> _Cell:
    return _Cell(_cut(plan.started, plan.bounds[cohort], plan.bounds[cohort + 1]), ALWAYS, ALWAYS)


def _cell(plan: Plan, cohort: int, period: int) -> _Cell:
    if period >= plan.periods or not plan.is_over(cohort, period):
        raise BadRequest(
            "There is no number here yet." if period < plan.periods else f"Periods are 0 to {plan.periods - 1}.",
            path="$.pointer.period",
        )
    last = plan.periods - 1 if CRITERIA[plan.request.criterion].cumulative else period
    holds = sql(
        "arrayExists(one -> one BETWEEN $first AND $last, periods)",
        first=bind(period, "Int64"),
        last=bind(last, "Int64"),
    )
    if not plan.rolling:
        return _Cell(_cut(plan.returned, plan.bounds[cohort + period], plan.bounds[cohort + last + 1]), holds, ALWAYS)
    when = sql(
        "r.millis >= p.origin + $start AND r.millis < p.origin + $end",
        start=bind(period * plan.length, "Int64"),
        end=bind((last + 1) * plan.length, "Int64"),
    )
    return _Cell(plan.returned, holds, when)


def _cut(role: Role, start: Millis, end: Millis) -> Role:
    return msgspec.structs.replace(role, start=max(role.start, start), end=min(role.end, end))


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────

_Counts = list[list[int]]
"""For each cohort its size, then the people of each period."""


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """Counts into cells. A person has one value in a cohort, so the rows of a breakdown add up to the whole."""
    check_size((row[0] for row in rows["main"].rows), plan.cohorts * plan.periods)
    by_value: dict[str, _Counts] = {}
    for key, cohort, period, people in rows["main"].rows:
        by_value.setdefault(key, _nothing(plan))[cohort][period - SIZE] = people
    whole = _nothing(plan)
    for counts in by_value.values():
        for cohort, line in enumerate(counts):
            whole[cohort] = [one + other for one, other in zip(whole[cohort], line, strict=True)]
    cohorts = _cohorts(plan, whole)
    return Answer(
        cohorts=cohorts,
        average=_average(plan, cohorts),
        meta=meta_of(plan.frame, list(rows.values()), rows["bots"].rows[0][0] if "bots" in rows else 0),
        breakdowns=_segments(plan, by_value) if plan.request.breakdown else None,
    )


def _nothing(plan: Plan) -> _Counts:
    return [[0] * (plan.periods + 1) for _ in range(plan.cohorts)]


def _cohorts(plan: Plan, counts: _Counts) -> list[Cohort]:
    cohorts: list[Cohort] = []
    for cohort, (size, *line) in enumerate(counts):
        if CRITERIA[plan.request.criterion].cumulative:
            line = list(accumulate(reversed(line)))[::-1]  # noqa: PLW2901 - from the right (R17)
        values = [people if plan.is_over(cohort, period) else None for period, people in enumerate(line)]
        cohorts.append(Cohort(bucket=label(plan.bounds[cohort], plan.frame.zone), size=size, values=values))
    return cohorts


def _average(plan: Plan, cohorts: list[Cohort]) -> list[float | None]:
    averages: list[float | None] = []
    for period in range(plan.periods):
        over = [(people, one.size) for one in cohorts if (people := one.values[period]) is not None]
        averages.append(_rate(sum(people for people, _ in over), sum(size for _, size in over)))
    return averages


def _rate(people: int, size: int) -> float | None:
    return people / size if size else None


def _segments(plan: Plan, by_value: Mapping[str, _Counts]) -> list[Segment]:
    cohorts = {
        value: _cohorts(plan, by_value[value])
        for value in in_order({value: sum(line[0] for line in counts) for value, counts in by_value.items()})
    }
    return [Segment(value=value, cohorts=line, average=_average(plan, line)) for value, line in cohorts.items()]


def table(plan: Plan, answer: Answer) -> Table:
    """A row for each cell; the averages are those of no cohort. With a breakdown, the same again for each value."""
    columns: Columns = {"breakdown": "text"} if plan.request.breakdown else {}
    columns |= {"cohort": "text", "size": "integer", "period": "integer", "people": "integer", "rate": "number"}
    parts: list[tuple[str | None, list[Cohort], list[float | None]]] = [(None, answer.cohorts, answer.average)]
    parts += [(one.value, one.cohorts, one.average) for one in answer.breakdowns or ()]
    rows: list[list[Value]] = []
    for value, cohorts, averages in parts:
        lead: list[Value] = [value] if plan.request.breakdown else []
        rows += [
            [
                *lead,
                one.bucket,
                one.size,
                period,
                people,
                people / one.size if people is not None and one.size else None,
            ]
            for one in cohorts
            for period, people in enumerate(one.values)
        ]
        rows += [[*lead, None, None, period, None, rate] for period, rate in enumerate(averages)]
    return Table(columns, rows)


def figures(answer: Answer) -> list[Figure]:
    """Those who began, and of them who came back, period after period; the first is that in which they began."""
    returns = (
        Figure(name=f"Back in period {period}", value=share, unit="share")
        for period, share in enumerate(answer.average)
        if period
    )
    return [Figure(name="Began", value=sum(cohort.size for cohort in answer.cohorts)), *returns]
