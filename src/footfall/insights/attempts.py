"""The attempts of a person at a funnel: which one counts, and when its steps were taken.

R12 (the window runs from the first step of the attempt, ends included, in milliseconds; any first step may start
an attempt; the one that gets furthest counts, then the shortest, then the earliest), R13 (equal timestamps are in
order; one event fills one step), R14 (strict, unordered), R15 (the range selects entries, later steps may lie after
it; an open window is progress, not loss), R16 (exclusions).

How: the steps of a person are one sorted array. Going through it from the last step back, each element learns the
times of the steps that follow it (`arrayReverseFill`), so every entry knows its whole attempt at once. No fold over
elements: for 225 000 steps of 3 000 people this takes 0.1 s, `windowFunnel` (which tells no times) 0.05 s, and
`arrayFold` 6.7 s.
"""

from typing import Annotated, Literal, LiteralString

import msgspec

from footfall.insights.breakdown import Breakdown
from footfall.insights.filters import Filter, conditions
from footfall.insights.question import (
    EventName,
    Frame,
    Question,
    kept,
)
from footfall.insights.sql import (
    MILLIS,
    NOTHING,
    Sql,
    Viewpoint,
    all_of,
    bind,
    is_event,
    join,
    moment,
    sql,
    with_person,
    within,
)
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import Interval, Period

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


EVERYBODY = Sql("''")
"""The key of a funnel that is not split."""


def people(plan: Plan, key: Sql) -> Sql:
    """One row for each person and key of their entries: (`person`, `key`, `level`, `open`, `times`).

    `key` is an expression over the entry's row; every key is a funnel of its own. `times` are the milliseconds of
    the counted attempt's steps.
    """
    request = plan.request
    if request.order == "ordered" and not request.exclusions and not overlap(request):
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
    steps = steps_of(plan)
    exclusions = _exclusions(plan)
    numbered = (sql("if($step, $n, 0)", step=step, n=bind(n, "UInt8")) for n, step in enumerate(steps, 1))
    named = (sql(", ($it) AS $name", it=it, name=name) for it, name in zip(exclusions, _EXCLUDED, strict=False))
    matter = Sql("1") if request.order == "strict" else any_of([*steps, *exclusions])
    return sql(
        "SELECT toInt64(toUnixTimestamp64Milli(timestamp)) AS millis, person_key, sipHash64(event_id) AS id,"
        # What fits no step is step 0: an exclusion, or (strict) whatever happens in between.
        " if(empty(arrayFilter(n -> n != 0, [$steps]) AS fitting), [toUInt8(0)], fitting) AS fits,"
        " timestamp < $end AS early, $key AS entry$excluding FROM events WHERE $within AND $kept AND ($matter)",
        steps=join(", ", numbered),
        excluding=join("", named),
        end=moment(frame.period.end),
        key=key,
        within=within(frame.project_id, reach(plan), frame.hidden_after),
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
    steps = steps_of(plan)
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
        within=within(frame.project_id, reach(plan), frame.hidden_after),
        kept=kept(plan.request),
        any=any_of(steps),
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


def reach(plan: Plan) -> Period:
    """R15: entries lie in the range, later steps up to a window behind it."""
    period = plan.frame.period
    return Period(period.start, period.end + plan.window, period.zone)


_EXCLUDED = tuple(Sql(name) for name in ("x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10"))
"""Columns that mark excluded events, then the arrays of their times."""


def _exclusions(plan: Plan) -> list[Sql]:
    return [
        all_of([is_event(one.event), *conditions(one.filters, f"$.exclusions[{index}].filters", plan.frame.viewpoint)])
        for index, one in enumerate(plan.request.exclusions)
    ]


def _exclusion_times(plan: Plan) -> list[Sql]:
    return [
        sql(", arraySort(groupUniqArrayIf(millis, $name)) AS times_$name", name=name)
        for name in _EXCLUDED[: len(plan.request.exclusions)]
    ]


def steps_of(plan: Plan) -> list[Sql]:
    request = plan.request
    view = plan.frame.viewpoint
    common = conditions(request.filters, "$.filters", view)
    return [all_of([_step(step, f"$.steps[{index}]", view), *common]) for index, step in enumerate(request.steps)]


def _step(step: Step, path: str, view: Viewpoint) -> Sql:
    own = conditions(step.filters, f"{path}.filters", view)
    if step.any is not None:
        return all_of([any_of([_step(one, f"{path}.any[{index}]", view) for index, one in enumerate(step.any)]), *own])
    if step.event is None:
        raise BadRequest("A step has either an event or “any”.", path=path)
    return all_of([is_event(step.event), *own])


def any_of(parts: list[Sql]) -> Sql:
    return join(" OR ", (sql("($part)", part=part) for part in parts))


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


def plain(step: Step) -> Step:
    """A step without an “any” of one."""
    if step.any is not None and len(step.any) == 1 and not step.filters:
        return plain(step.any[0])
    return step


def size_of(step: Step) -> int:
    return 1 if step.any is None else 1 + sum(size_of(one) for one in step.any)


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
    if overlap(plan.request):
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


def overlap(request: Request) -> bool:
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
