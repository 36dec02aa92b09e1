"""Funnel: how many people take the steps, in which order, inside a window.

R12 (the window runs from the first step of the attempt, ends included, in milliseconds; any first step may start
an attempt; the one that gets furthest counts, then the shortest, then the earliest), R13 (equal timestamps are in
order; one event fills one step), R14 (strict, unordered), R15 (the range selects entries, later steps may lie after
it; an open window is progress, not loss), R16 (exclusions; breakdown and conversion over time by the entry).

How: the steps of a person are one sorted array. Going through it from the last step back, each element learns the
times of the steps that follow it (`arrayReverseFill`), so every entry knows its whole attempt at once. No fold over
elements: for 225 000 steps of 3 000 people this takes 0.1 s, `windowFunnel` (which tells no times) 0.05 s, and
`arrayFold` 6.7 s.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, LiteralString
from zoneinfo import ZoneInfo

import msgspec

from footfall.insights.breakdown import NOT_SET, OTHER, Breakdown, capped, value_of
from footfall.insights.filters import Filter, conditions
from footfall.insights.measures import Unit
from footfall.insights.question import (
    EventName,
    Frame,
    Meta,
    Query,
    Question,
    Rows,
    bucket_at,
    frame_of,
    kept,
    meta_of,
    query_of,
)
from footfall.insights.sql import (
    MILLIS,
    NOTHING,
    Context,
    Sql,
    all_of,
    bind,
    is_event,
    join,
    moment,
    sql,
    with_person,
    with_session,
    within,
)
from footfall.insights.table import Columns, Table, Value
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import Interval, Period, buckets, label

MAX_STEPS = 20
MAX_ALTERNATIVES = 100
"""Of a step, levels of `any` counted too."""
MOST_OVERLAPPING = 8


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`{"event": "purchase", "filters": […]}`, or `{"any": […]}` for one of several."""

    event: EventName | None = None
    filters: tuple[Filter, ...] = ()
    any: Annotated[tuple["Step", ...], msgspec.Meta(min_length=1, max_length=50)] | None = None


class Exclusion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event that must not happen between two steps (numbered from 1)."""

    event: EventName
    filters: tuple[Filter, ...] = ()
    after: Annotated[int, msgspec.Meta(ge=1, le=MAX_STEPS)]
    before: Annotated[int, msgspec.Meta(ge=1, le=MAX_STEPS)]


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/funnel`."""

    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=2, max_length=MAX_STEPS)]
    order: Literal["ordered", "strict", "unordered"] = "ordered"
    window: str = "P14D"
    """ISO 8601: `PT30M`, `P7D`."""
    exclusions: Annotated[tuple[Exclusion, ...], msgspec.Meta(max_length=10)] = ()
    exclusion_mode: Literal["attempt", "person"] = "attempt"
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=1)] = ()
    interval: Interval | None = None
    """Conversion over time, by when people entered."""


class Seconds(msgspec.Struct, frozen=True, kw_only=True):
    """From step 1 of the counted attempt."""

    median: float
    mean: float
    p90: float
    min: float
    max: float


class StepAnswer(msgspec.Struct, frozen=True, kw_only=True):
    event: str
    users: int
    rate: float | None
    """Of step 1."""
    rate_from_previous: float | None
    dropped: int
    in_progress: int
    seconds: Seconds | None = None


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    users: list[int]


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    bucket: str
    entered: int
    converted: int
    rate: float | None


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    steps: list[StepAnswer]
    rate_finished: float | None
    """Conversion among those who are not in progress."""
    meta: Meta
    breakdowns: list[Segment] | None = None
    over_time: list[Entered] | None = None


Outcome = Literal["converted", "dropped", "in_progress"]


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of the answer: of a step, of all people, of a value of the breakdown, or of those of a bucket."""

    step: Annotated[int, msgspec.Meta(ge=1, le=MAX_STEPS)]
    outcome: Outcome = "converted"
    breakdown: tuple[str] | str | None = None
    bucket: str | float | int | None = None
    """A label of `over_time`."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    request: Request
    frame: Frame
    window: Millis
    starts: tuple[Millis, ...] = ()
    """Of the buckets, for conversion over time."""

    @property
    def now(self) -> Millis:
        """No later than when the last window closes: a question about the past is the same statement every time."""
        return min(self.frame.now, self.frame.period.end + self.window)


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    _check(request)
    frame = frame_of(request, context)
    return Plan(
        request=request,
        frame=frame,
        window=window_of(request.window),
        starts=tuple(buckets(frame.period, request.interval, frame.week_start)) if request.interval else (),
    )


def _check(request: Request) -> None:
    for index, step in enumerate(request.steps):
        if _size(step) > MAX_ALTERNATIVES:
            raise BadRequest(f"A step has at most {MAX_ALTERNATIVES} alternatives.", path=f"$.steps[{index}]")
        if (step.event is None) == (step.any is None):
            raise BadRequest("A step has either an event or “any”.", path=f"$.steps[{index}]")
    if request.order == "unordered":
        if request.exclusions:
            raise BadRequest("An unordered funnel has no between, and so no exclusions.", path="$.exclusions")
        if len({_plain(step) for step in request.steps}) < len(request.steps):
            raise BadRequest("An unordered funnel cannot repeat a step.", path="$.steps")
        if len(request.steps) > MOST_OVERLAPPING and _overlap(request):
            raise BadRequest(
                f"Steps of an unordered funnel that one event may fit are at most {MOST_OVERLAPPING}.", path="$.steps"
            )
    for index, exclusion in enumerate(request.exclusions):
        if not exclusion.after < exclusion.before <= len(request.steps):
            raise BadRequest(
                f"An exclusion lies after one step and before a later one of {len(request.steps)}.",
                path=f"$.exclusions[{index}].before",
            )


_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,3})?)S)?)?",
    re.ASCII,
)
LONGEST_WINDOW = timedelta(days=366)


def window_of(text: str) -> Millis:
    """Milliseconds of an ISO 8601 duration. Raises `BadRequest` at `$.window`."""
    match = _DURATION.fullmatch(text)
    parts = {unit: float(value) for unit, value in match.groupdict().items() if value} if match else {}
    length = timedelta(**parts)
    if not timedelta(0) < length <= LONGEST_WINDOW:
        raise BadRequest("Expected an ISO 8601 duration of at most 366 days, such as PT30M or P7D.", path="$.window")
    return length // timedelta(milliseconds=1)


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────


EVERYBODY = Sql("''")
"""The key of a funnel that is not split."""


def build(plan: Plan) -> dict[str, Query]:
    """Queries for the funnel, its segments, its course over time, and the bots that it leaves out."""
    queries = {"main": query_of(_summary(plan, EVERYBODY))}
    if plan.request.breakdown:
        queries["breakdown"] = query_of(_summary(plan, _entry_value(plan)))
    if plan.request.interval is not None:
        queries["over_time"] = query_of(_summary(plan, _entry_bucket(plan)))
    if not plan.request.include_bots:
        queries["bots"] = query_of(
            sql(
                "SELECT count() FROM events WHERE $within AND bot AND ($any)",
                within=plan.frame.within,
                any=_any(_steps(plan)),
            )
        )
    return queries


def _summary(plan: Plan, key: Sql) -> Sql:
    """Rows of (key, users by step, in progress by step, seconds by step)."""
    count = len(plan.request.steps)
    levels = [bind(level, "UInt8") for level in range(1, count + 1)]
    users = join(", ", (sql("countIf(level >= $n)", n=level) for level in levels))
    waiting = join(", ", (sql("countIf(level = $n - 1 AND open)", n=level) for level in levels))
    seconds = join(
        ", ",
        (
            sql(
                "[toFloat64(quantileExactInclusiveIf(0.5)(spent[$n], level >= $n)),"
                " avgIf(spent[$n], level >= $n), quantileExactInclusiveIf(0.9)(spent[$n], level >= $n),"
                " minIf(spent[$n], level >= $n), maxIf(spent[$n], level >= $n)]",
                n=level,
            )
            for level in levels
        ),
    )
    return sql(
        "SELECT key, [$users] AS users, [$waiting] AS waiting, [$seconds] AS seconds FROM ("
        "SELECT key, level, open, arrayMap(t -> (t - times[1]) / 1000, times) AS spent FROM ($people))"
        " GROUP BY key",
        users=users,
        waiting=waiting,
        seconds=seconds,
        people=people(plan, key),
    )


def people(plan: Plan, key: Sql) -> Sql:
    """One row for each person and key of their entries: (`person`, `key`, `level`, `open`, `times`).

    `key` is an expression over the entry's row; every key is a funnel of its own. `times` are the milliseconds of
    the counted attempt's steps.
    """
    request = plan.request
    if request.order == "ordered" and not request.exclusions and not _overlap(request):
        return _quickly(plan, key)
    rows = with_person(_rows(plan, key), plan.frame.project_id, plan.frame.hidden_after)
    if request.order == "strict":
        rows = sql(
            "SELECT *, min(millis) OVER (PARTITION BY person ORDER BY millis"
            " RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next FROM ($rows)",
            rows=rows,
        )
    else:
        rows = sql("SELECT *, 0 AS next FROM ($rows)", rows=rows)
    # Any step starts an unordered attempt, otherwise the first does; entries lie in the range (R15). A step taken is
    # (time, first and last step that the event fits, event, minus step, step, the person's next time, key, whether
    # an attempt starts here). Sorted like this, equal timestamps are in order, an event that fits fewer steps goes
    # first, and the steps of one event go backwards, so that what follows a step is always another event (R13).
    gathered = sql(
        "SELECT person, arraySort(groupArray((millis, arrayMin(fits), arrayMax(fits), id, -toInt32(step), step,"
        " toInt64(next), entry, enters))) AS taken, arrayDistinct(groupArrayIf(entry, enters)) AS entries,"
        " uniqExact(id) > uniqExact(millis) AS tied$excluded"
        " FROM (SELECT *, step, $enters AS enters FROM ($rows) ARRAY JOIN fits AS step)"
        " WHERE person != 0 GROUP BY person",
        enters=Sql("early AND step != 0" if request.order == "unordered" else "early AND step = 1"),
        excluded=join("", _exclusion_times(plan)),
        rows=rows,
    )
    # What is worked out is worked out once: every level of this is a column for the next.
    attempts = sql(
        "SELECT *, key, $attempts AS attempts FROM ($gathered) ARRAY JOIN entries AS key",
        attempts=_attempts(plan),
        gathered=gathered,
    )
    if request.exclusions:
        attempts = sql(
            "SELECT *, arrayMap(c -> [$cuts], attempts) AS cuts FROM ($attempts)",
            cuts=join(", ", _cuts(plan)),
            attempts=attempts,
        )
    return sql(
        "SELECT person, key, open, times, length(times) AS level FROM ("
        "SELECT person, key, $open AS open, $counted AS times FROM ($attempts)) WHERE level > 0",
        open=_open(plan),
        counted=_counted(plan),
        attempts=attempts,
    )


def _rows(plan: Plan, key: Sql) -> Sql:
    """Events that any step, exclusion or (strict) anything else makes matter, with what they fit."""
    request, frame = plan.request, plan.frame
    steps = _steps(plan)
    exclusions = _exclusions(plan)
    numbered = (sql("if($step, $n, 0)", step=step, n=bind(n, "UInt8")) for n, step in enumerate(steps, 1))
    named = (sql(", ($it) AS $name", it=it, name=name) for it, name in zip(exclusions, _EXCLUDED, strict=False))
    matter = Sql("1") if request.order == "strict" else _any([*steps, *exclusions])
    return sql(
        "SELECT toInt64(toUnixTimestamp64Milli(timestamp)) AS millis, person_key, sipHash64(event_id) AS id,"
        # What fits no step is step 0: an exclusion, or (strict) whatever happens in between.
        " if(empty(arrayFilter(n -> n != 0, [$steps]) AS fitting), [toUInt8(0)], fitting) AS fits,"
        " timestamp < $end AS early, $key AS entry$excluding FROM events WHERE $within AND $kept AND ($matter)",
        steps=join(", ", numbered),
        excluding=join("", named),
        end=moment(frame.period.end),
        key=key,
        within=within(frame.project_id, _reach(plan), frame.hidden_after),
        kept=kept(request),
        matter=matter,
    )


def _quickly(plan: Plan, key: Sql) -> Sql:
    """`people` of the usual funnel: ordered, without exclusions, every event fits one step.

    A step taken is one number, 32 times its milliseconds plus the step, so sorting puts equal times in order (R13).
    Going forward, each step learns the start of the latest attempt that leads to it (`arrayFill`), which is the
    shortest there is; what is too long then has no shorter way (R12). Of first steps that follow each other only the
    last can be such a start, and most events of a funnel are first steps, so the others go beforehand.
    """
    frame = plan.frame
    count = len(plan.request.steps)
    numbers = [bind(n, "UInt8") for n in range(1, count + 1)]
    bounds = {"window": bind(plan.window, "Int64"), "now": bind(plan.now, "Int64")}
    steps = _steps(plan)
    step = join(", ", (sql("($it), $n", it=it, n=n) for it, n in zip(steps, numbers, strict=True)))
    # Keys of entries travel along only where there are several: a pair costs three times what a number does.
    keyed = key is not EVERYBODY
    own = sql(
        "SELECT $millis AS millis, person_key, $key AS entry, multiIf($step, 0) AS step,"
        " toUInt64(millis) * 32 + step AS one FROM events"
        " WHERE $within AND $kept AND ($any) AND (step != 1 OR timestamp < $end)",
        millis=MILLIS,
        key=key,
        step=step,
        within=within(frame.project_id, _reach(plan), frame.hidden_after),
        kept=kept(plan.request),
        any=_any(steps),
        end=moment(frame.period.end),
    )
    # Owners are looked up for each event: to gather by key first and then by person takes half as long again.
    by_key: LiteralString = (
        "SELECT person, key, arraySort(arrayMap(x -> x.1, arrayFilter(x -> bitAnd(x.1, 31) != 1 OR x.2 = key, every)))"
        " AS taken FROM (SELECT person, groupArray((one, entry)) AS every,"
        " arrayDistinct(arrayMap(x -> x.2, arrayFilter(x -> bitAnd(x.1, 31) = 1, every))) AS keys FROM ($own)"
        " WHERE person != 0 GROUP BY person) ARRAY JOIN keys AS key"
    )
    by_person: LiteralString = (
        "SELECT person, '' AS key, arraySort(groupArray(one)) AS taken FROM ($own)"
        " WHERE person != 0 GROUP BY person HAVING arrayExists(x -> bitAnd(x, 31) = 1, taken)"
    )
    # A first step long ago stands at the front, for steps that nothing led to.
    theirs = sql(
        "SELECT person, key, arrayFilter(x -> bitAnd(x, 31) = 1, taken) AS starts,"
        " arrayPushFront(arrayFilter((x, next) -> bitAnd(x, 31) != 1 OR bitAnd(next, 31) != 1, taken,"
        " arrayPushBack(arrayPopFront(taken), toUInt64(0))), toUInt64(1)) AS a FROM ($theirs)",
        theirs=sql(by_key if keyed else by_person, own=with_person(own, frame.project_id, frame.hidden_after)),
    )
    names = [Sql(name) for name in _NEXTS[:count]]
    learnt = [sql("arrayFill(x -> bitAnd(x, 31) = 1, a) AS $name", name=names[0])]
    learnt += [
        sql("arrayFill((s, x) -> bitAnd(x, 31) = $n, $before, a) AS $name", n=n, before=before, name=name)
        for n, before, name in zip(numbers[1:], names, names[1:], strict=False)
    ]
    led = [sql("bitAnd(x, 31) = $n, $name", n=n, name=name) for n, name in zip(numbers, names, strict=True)]
    taken = [Sql(name) for name in _TAKEN[:count]]
    first = sql(
        "if(level = 1, starts[1], arrayFirst((s, x, d) -> bitAnd(x, 31) = level AND d = least, led, a, took)) AS $name",
        name=taken[0],
    )
    later = [
        sql("arrayFirst(x -> bitAnd(x, 31) = $n AND x > $before, a) AS $name", n=n, before=before, name=name)
        for n, before, name in zip(numbers[1:], taken, taken[1:], strict=False)
    ]
    return sql(
        "SELECT person, key, open, level, arraySlice([$times], 1, level) AS times FROM (SELECT *, $chain"
        " FROM (SELECT *, $open AS open, $learnt, arrayMap((x, $names) -> multiIf($led, 0), a, $names) AS led,"
        " arrayMap((x, s) -> toInt64(bitShiftRight(x, 5)) - toInt64(bitShiftRight(s, 5)), a, led) AS took,"
        " arrayMax((x, d) -> if(d <= $window, bitAnd(x, 31), 0), a, took) AS level,"
        " arrayMin((x, d) -> if(bitAnd(x, 31) = level, d, toInt64(9223372036854775807)), a, took) AS least"
        " FROM ($theirs)))",
        times=join(", ", (sql("toInt64(bitShiftRight($it, 5))", it=it) for it in taken)),
        chain=join(", ", [first, *later]),
        open=sql("toInt64(bitShiftRight(starts[-1], 5)) + $window >= $now", **bounds),
        learnt=join(", ", learnt),
        names=join(", ", names),
        led=join(", ", led),
        theirs=theirs,
        **bounds,
    )


def _reach(plan: Plan) -> Period:
    """R15: entries lie in the range, later steps up to a window behind it."""
    period = plan.frame.period
    return Period(period.start, period.end + plan.window, period.zone)


_EXCLUDED = tuple(Sql(name) for name in ("x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10"))
"""Columns that mark excluded events, then the arrays of their times."""


def _exclusions(plan: Plan) -> list[Sql]:
    return [
        all_of([is_event(one.event), *conditions(one.filters, f"$.exclusions[{index}].filters", plan.frame.zone)])
        for index, one in enumerate(plan.request.exclusions)
    ]


def _exclusion_times(plan: Plan) -> list[Sql]:
    return [
        sql(", arraySort(groupUniqArrayIf(millis, $name)) AS times_$name", name=name)
        for name in _EXCLUDED[: len(plan.request.exclusions)]
    ]


def _steps(plan: Plan) -> list[Sql]:
    request = plan.request
    zone = plan.frame.zone
    common = conditions(request.filters, "$.filters", zone)
    return [all_of([_step(step, f"$.steps[{index}]", zone), *common]) for index, step in enumerate(request.steps)]


def _step(step: Step, path: str, zone: ZoneInfo) -> Sql:
    own = conditions(step.filters, f"{path}.filters", zone)
    if step.any is not None:
        return all_of([_any([_step(one, f"{path}.any[{index}]", zone) for index, one in enumerate(step.any)]), *own])
    if step.event is None:
        raise BadRequest("A step has either an event or “any”.", path=path)
    return all_of([is_event(step.event), *own])


def _any(parts: list[Sql]) -> Sql:
    return join(" OR ", (sql("($part)", part=part) for part in parts))


def _entry_bucket(plan: Plan) -> Sql:
    """The bucket of an entry, as text."""
    return sql("toString(roundDown(toInt64(millis), $starts))", starts=bind(list(plan.starts), "Array(Int64)"))


def _entry_value(plan: Plan) -> Sql:
    """The breakdown's value of an entry: the biggest by people, the rest as `$other`, none as `$not_set` (R5)."""
    one = plan.request.breakdown[0]
    own = value_of(one, "$.breakdown[0]")
    return capped(own, one.limit, people(plan, own), Sql("key"), Sql("count()"))


# ── the attempts of a person ─────────────────────────────────────────────────────────────────────────────────


def _attempts(plan: Plan) -> Sql:
    """For each entry, the times of the steps that it leads to; exclusions left aside."""
    if plan.request.order == "unordered":
        return _unordered(plan)
    if plan.request.order == "strict" or _comes_back(plan.request):
        # Where one time holds several events, which of them fills which step is no matter of sorting any more.
        return sql("if(tied, $carefully, $ordered)", carefully=_carefully(plan), ordered=_ordered(plan))
    return _ordered(plan)


def _counted(plan: Plan) -> Sql:
    """Times of the attempt that counts (R12): furthest, then shortest, then earliest; [] for who is out (R16)."""
    best = _best(Sql("attempts"))
    if not plan.request.exclusions:
        return best
    # R16: an attempt ends where an excluded event follows its step `after` before it has its step `before`.
    cut = _best(Sql("arrayMap((c, k) -> arraySlice(c, 1, arrayMin(arrayPushBack(k, length(c)))), attempts, cuts)"))
    if plan.request.exclusion_mode == "attempt":
        return cut
    # Mode person: who would have got past an exclusion, had it not happened, is out.
    lost = join(
        " OR ",
        (
            sql("(free >= $before AND length(kept) < $before)", before=bind(one.before, "UInt8"))
            for one in plan.request.exclusions
        ),
    )
    return sql(
        "arrayMap((kept, free) -> if($lost, [], kept), [$cut], [length($best)])[1]", lost=lost, cut=cut, best=best
    )


def _open(plan: Plan) -> Sql:
    """R15: whether the window of an attempt is still open at `now`; an exclusion has closed it (R16)."""
    bounds = {"window": bind(plan.window, "Int64"), "now": bind(plan.now, "Int64")}
    if not plan.request.exclusions:
        return sql("arrayMax(x -> if($starts, x.1, 0), taken) + $window >= $now", starts=_STARTS, **bounds)
    return sql(
        "arrayExists((c, k) -> c[1] + $window >= $now AND arrayMin(k) >= $untouched, attempts, cuts)",
        untouched=_UNTOUCHED,
        **bounds,
    )


def _best(attempts: Sql) -> Sql:
    return sql("arraySort(c -> (-length(c), c[-1] - c[1], c[1]), $attempts)[1]", attempts=attempts)


_STARTS = Sql("x.9 AND x.8 = key")
"""Whether an attempt of this key starts at the element x."""


def _ordered(plan: Plan) -> Sql:
    """For each entry, the times of the steps that follow it, each as early as it can be.

    From the last step back to the second, every step taken learns what follows it: `arrayReverseFill` hands each
    element the next one that is step n, with the times that this one has learnt.
    """
    following = NOTHING
    for number in range(len(plan.request.steps), 1, -1):
        learnt = Sql("arrayMap(x -> (x.6, x.1, emptyArrayInt64()), taken)")
        if following is not NOTHING:
            learnt = sql(
                "arrayMap((x, f) -> (x.6, x.1, $times), taken, $following)",
                times=_times(plan, number + 1),
                following=following,
            )
        following = sql("arrayReverseFill(f -> f.1 = $step, $learnt)", step=bind(number, "UInt8"), learnt=learnt)
    return sql(
        "arrayFilter(c -> notEmpty(c), arrayMap((x, f) -> if($starts,"
        " arrayFilter(t -> t - x.1 <= $window, arrayConcat([x.1], $times)), []), taken, $following))",
        starts=_STARTS,
        window=bind(plan.window, "Int64"),
        times=_times(plan, 2),
        following=following,
    )


def _comes_back(request: Request) -> bool:
    """Whether an event may fit a step and, after another one, a later step: A, B, A."""
    names = [_names(step) for step in request.steps]
    return any(
        "*" in (names[early] | names[late]) or names[early] & names[late]
        for late in range(2, len(names))
        for early in range(late - 1)
    )


def _plain(step: Step) -> Step:
    """A step without an “any” of one."""
    if step.any is not None and len(step.any) == 1 and not step.filters:
        return _plain(step.any[0])
    return step


def _size(step: Step) -> int:
    return 1 if step.any is None else 1 + sum(_size(one) for one in step.any)


def _names(step: Step) -> frozenset[str]:
    if step.event is not None:
        return frozenset({step.event})
    return frozenset().union(*(_names(one) for one in step.any or ()))


def _carefully(plan: Plan) -> Sql:
    """The same, one step after the other, remembering which events were used: exact where events share a time.

    Ordered, the first event that fits is as good as any. Strict, a tie may be left by any of its events, so every
    one of them goes on as an attempt of its own.
    """
    strict = plan.request.order == "strict"
    follows = sql(
        "arrayFilter(y -> y.6 = n AND y.1 >= c[-1].1 AND y.1 - c[1].1 <= $window AND NOT has(c.2, y.4)$strict, taken)",
        window=bind(plan.window, "Int64"),
        strict=Sql(" AND (y.1 = c[-1].1 OR y.1 <= c[-1].3)" if strict else ""),
    )
    none = Sql("CAST([], 'Array(Array(Tuple(Int64, UInt64, Int64)))')")
    # Of attempts that started together and stand at the same event one goes on, or ties of many events explode.
    return sql(
        "arrayMap(c -> c.1, arrayFold((found, n) -> arrayConcat(found, arrayFold((grown, c) -> arrayConcat(grown,"
        " arrayFilter(g -> NOT arrayExists(o -> o[1].1 = g[1].1 AND o[-1] = g[-1], grown),"
        " arrayMap(y -> arrayConcat(c, [(y.1, y.4, y.7)]), $follows))), arrayFilter(c -> length(c) = n - 1, found),"
        " $none)), $numbers, arrayMap(x -> [(x.1, x.4, x.7)], arrayFilter(x -> tied AND ($starts), taken))))",
        follows=follows if strict else sql("arraySlice($follows, 1, 1)", follows=follows),
        none=none,
        numbers=bind(list(range(2, len(plan.request.steps) + 1)), "Array(UInt8)"),
        starts=_STARTS,
    )


def _times(plan: Plan, number: int) -> Sql:
    """Times from step `number` on, as `f` knows them for `x`; strict: nothing of theirs may lie in between (R14)."""
    return sql(
        "if(f.1 = $step$strict, arrayConcat([f.2], f.3), emptyArrayInt64())",
        step=bind(number, "UInt8"),
        strict=Sql(" AND (f.2 = x.1 OR f.2 <= x.7)") if plan.request.order == "strict" else NOTHING,
    )


def _unordered(plan: Plan) -> Sql:
    """For each entry, when each different step first follows it inside the window, in the order of time."""
    if _overlap(plan.request):
        return _matched(plan)
    numbers = [bind(number, "UInt8") for number in range(1, len(plan.request.steps) + 1)]
    names = [Sql(name) for name in _NEXTS[: len(numbers)]]
    pairs = list(zip(names, numbers, strict=True))
    return sql(
        "arrayFilter(c -> notEmpty(c), arrayMap((x, $names) -> if($starts, arrayMap(f -> f.1, arraySort(arrayDistinct("
        "arrayMap(f -> (f.2, f.3), arrayFilter(f -> f.1 AND f.2 - x.1 <= $window, [$found]))))), []), taken, $nexts))",
        starts=_STARTS,
        names=join(", ", names),
        window=bind(plan.window, "Int64"),
        found=join(", ", (sql("($it.6 = $n, $it.1, $it.4)", it=it, n=n) for it, n in pairs)),
        nexts=join(", ", (sql("arrayReverseFill(x -> x.6 = $n, taken)", n=n) for n in numbers)),
    )


def _overlap(request: Request) -> bool:
    """Whether one event may fit two steps."""
    names = [_names(step) for step in request.steps]
    return any(
        "*" in names[one] | names[other] or names[one] & names[other]
        for other in range(len(names))
        for one in range(other)
    )


def _matched(plan: Plan) -> Sql:
    """The same where an event may fit several steps: every set of steps that the events so far can fill is kept.

    A set is a number of bits. The next time of an attempt is when the largest set grows.
    """
    grown = Sql(
        "arrayDistinct(arrayConcat(s.1, arrayFlatten(arrayMap(n -> arrayMap(m -> bitOr(m, bitShiftLeft(toUInt32(1),"
        " n - 1)), s.1), arrayMap(z -> z.6, arrayFilter(z -> z.4 = y.4 AND z.6 > 0, taken))))))"
    )
    return sql(
        "arrayMap(x -> arrayFold((s, y) -> CAST(($grown, if(arrayMax(m -> bitCount(m), $grown) > length(s.2),"
        " arrayPushBack(s.2, y.1), s.2)), 'Tuple(Array(UInt32), Array(Int64))'),"
        # One element for each event: the first step that it fits.
        " arrayFilter(y -> y.6 = y.2 AND y.6 > 0 AND y.1 >= x.1 AND y.1 - x.1 <= $window, taken),"
        " CAST(([0], []), 'Tuple(Array(UInt32), Array(Int64))')).2, arrayFilter(x -> $starts, taken))",
        grown=grown,
        window=bind(plan.window, "Int64"),
        starts=_STARTS,
    )


_NEXTS: tuple[LiteralString, ...] = (
    "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10",
    "n11", "n12", "n13", "n14", "n15", "n16", "n17", "n18", "n19", "n20",
)  # fmt: skip


_UNTOUCHED = bind(100, "UInt64")
"""More steps than any attempt has."""


_TAKEN: tuple[LiteralString, ...] = (
    "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10",
    "t11", "t12", "t13", "t14", "t15", "t16", "t17", "t18", "t19", "t20",
)  # fmt: skip


def _cuts(plan: Plan) -> list[Sql]:
    """For each exclusion, how many steps it leaves of the attempt c, `_UNTOUCHED` where it leaves all."""
    return [
        sql(
            "arrayMap(x -> if(x = 0 OR length(c) < $after OR (length(c) >= $before AND x >= c[$before]), $untouched,"
            " arrayCount((t, n) -> t <= x AND n < $before, c, arrayEnumerate(c))),"
            " [arrayFirst(t -> t > c[$after], times_$name)])[1]",
            untouched=_UNTOUCHED,
            after=bind(one.after, "UInt8"),
            before=bind(one.before, "UInt8"),
            name=name,
        )
        for one, name in zip(plan.request.exclusions, _EXCLUDED, strict=False)
    ]


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────

_OUTCOMES: dict[Outcome, LiteralString] = {
    "converted": "level >= $n",
    "dropped": "level = $n - 1 AND NOT open",
    "in_progress": "level = $n - 1 AND open",
}


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The people of a number; their events and sessions are those of the steps that they took in that attempt.

    Raises `BadRequest` for a number that the answer has not.
    """
    key, wanted = _pointed(plan, pointer)
    reached = sql(
        "SELECT person, times FROM ($people) WHERE key = $wanted AND $outcome",
        people=people(plan, key),
        wanted=wanted,
        outcome=sql(_OUTCOMES[pointer.outcome], n=bind(pointer.step, "UInt8")),
    )
    if unit == "people":
        return reached
    frame = plan.frame
    reach = within(frame.project_id, _reach(plan), frame.hidden_after)
    matching = all_of([kept(plan.request), _any(_steps(plan))])
    if unit == "sessions":
        rows = with_session(reach, matching, frame.project_id, frame.hidden_after)
    else:
        rows = with_person(
            sql(
                "SELECT event_id, timestamp, toUnixTimestamp64Milli(timestamp) AS millis, person_key FROM events"
                " WHERE $reach AND $matching",
                reach=reach,
                matching=matching,
            ),
            frame.project_id,
            frame.hidden_after,
        )
    return sql(
        "SELECT r.* FROM ($rows) AS r INNER JOIN ($reached) AS p ON p.person = r.person"
        " WHERE r.millis BETWEEN p.times[1] AND p.times[-1]",
        rows=rows,
        reached=reached,
    )


def _pointed(plan: Plan, pointer: Pointer) -> tuple[Sql, Sql]:
    """Which funnel of the answer is meant: the key of its entries, and that key's value."""
    if pointer.step > len(plan.request.steps):
        raise BadRequest(f"The funnel has {len(plan.request.steps)} steps.", path="$.pointer.step")
    if pointer.bucket is not None:
        if pointer.breakdown is not None or not plan.starts:
            raise BadRequest("A bucket is of “over_time”, so the question has an “interval”.", path="$.pointer.bucket")
        return _entry_bucket(plan), bind(str(bucket_at(pointer.bucket, plan.starts, plan.frame)), "String")
    if pointer.breakdown is None:
        return EVERYBODY, EVERYBODY
    if not plan.request.breakdown:
        raise BadRequest("The question has no breakdown.", path="$.pointer.breakdown")
    value = pointer.breakdown if isinstance(pointer.breakdown, str) else pointer.breakdown[0]
    return _entry_value(plan), bind(value, "String")


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """Counts into steps: who reached step n, who was lost before it, and who is still on the way."""
    request = plan.request
    count = len(request.steps)
    main = rows["main"].rows
    _, users, waiting, seconds = main[0] if main else ("", [0] * count, [0] * count, [[0.0] * 5] * count)
    steps: list[StepAnswer] = []
    for index, step in enumerate(request.steps):
        lost = users[index - 1] - users[index] if index else 0
        in_progress = waiting[index] if index else 0
        steps.append(
            StepAnswer(
                event=name_of(step),
                users=users[index],
                rate=_rate(users[index], users[0]),
                rate_from_previous=_rate(users[index], users[index - 1]) if index else None,
                dropped=lost - in_progress,
                in_progress=in_progress,
                seconds=_seconds(*seconds[index]) if index and users[index] else None,
            )
        )
    bots = rows["bots"].rows[0][0] if "bots" in rows else 0
    return Answer(
        steps=steps,
        rate_finished=_rate(users[-1], users[0] - sum(waiting[1:])),
        meta=meta_of(plan.frame, list(rows.values()), bots),
        breakdowns=_segments(rows["breakdown"].rows) if "breakdown" in rows else None,
        over_time=_over_time(plan, rows["over_time"].rows) if "over_time" in rows else None,
    )


def _seconds(median: float, mean: float, p90: float, least: float, most: float) -> Seconds:
    # Times are whole milliseconds; what lies below a microsecond is the noise of doubles.
    return Seconds(median=round(median, 6), mean=round(mean, 6), p90=round(p90, 6), min=least, max=most)


def name_of(step: Step) -> str:
    """What a step is called in the answer."""
    return step.event if step.event is not None else " or ".join(name_of(one) for one in step.any or ())


def _segments(rows: list[list[Any]]) -> list[Segment]:
    """Biggest first; `$other` and `$not_set` come last."""
    segments = [Segment(value=key, users=users) for key, users, _waiting, _seconds in rows]
    return sorted(segments, key=lambda one: (one.value in {OTHER, NOT_SET}, -one.users[0], one.value))


def _over_time(plan: Plan, rows: list[list[Any]]) -> list[Entered]:
    found = {int(key): users for key, users, _waiting, _seconds in rows}
    none = [0] * len(plan.request.steps)
    return [
        Entered(
            bucket=label(start, plan.frame.zone),
            entered=(users := found.get(start, none))[0],
            converted=users[-1],
            rate=_rate(users[-1], users[0]),
        )
        for start in plan.starts
    ]


def table(plan: Plan, answer: Answer) -> Table:
    """A row for each step; then those of the breakdown and of the course over time, if they were asked for."""
    sliced = Columns(breakdown="text") if plan.request.breakdown else Columns()
    if answer.over_time is not None:
        sliced["bucket"] = "text"
    columns = sliced | Columns({
        "step": "integer", "event": "text", "users": "integer", "rate": "number", "rate_from_previous": "number",
        "dropped": "integer", "in_progress": "integer", "median_s": "number", "mean_s": "number", "p90_s": "number",
        "min_s": "number", "max_s": "number",
    })  # fmt: skip
    rows: list[dict[str, Value]] = []
    for number, step in enumerate(answer.steps, 1):
        row = msgspec.structs.asdict(step)
        seconds = row.pop("seconds")
        times = {} if seconds is None else {f"{name}_s": at for name, at in msgspec.structs.asdict(seconds).items()}
        rows.append({"step": number} | row | times)
    for segment in answer.breakdowns or ():
        of = {"breakdown": segment.value}
        rows += [of | _reached(answer, n, users, segment.users[0]) for n, users in enumerate(segment.users, 1)]
    for entered in answer.over_time or ():
        of = {"bucket": entered.bucket}
        rows += [
            of | _reached(answer, n, users, entered.entered)
            for n, users in ((1, entered.entered), (len(answer.steps), entered.converted))
        ]
    return Table(columns, [[row.get(name) for name in columns] for row in rows])


def _reached(answer: Answer, step: int, users: int, entered: int) -> dict[str, Value]:
    return {"step": step, "event": answer.steps[step - 1].event, "users": users, "rate": _rate(users, entered)}


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
