"""Trend: how often, by how many people, in how many sessions, how much; over time.

R1 (exact), R2 (every bucket, row and total is its own distinct count: totals are merged from the states, never
summed), R3 (empty buckets), R5 (breakdown), R7 to R10 (calendar buckets, previous period, incomplete ones, moving
average with its history), R28 (bots), R30 (measures, formulas).
"""

from collections.abc import Callable, Mapping
from itertools import accumulate
from keyword import iskeyword
from typing import Annotated, Any

import msgspec

from footfall.insights.breakdown import MOST, NOT_SET, OTHER, Breakdown, capped, check_size, value_of
from footfall.insights.comparison import Before, Compare, before, change
from footfall.insights.figures import Figure
from footfall.insights.filters import Filter, conditions, property_of
from footfall.insights.formula import Formula, parse
from footfall.insights.measures import MEASURES, Measure, Row, rows_of, rows_together
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
    kept,
    meta_of,
    query_of,
)
from footfall.insights.source import Source, Unit
from footfall.insights.sql import NOTHING, Context, Sql, all_of, bind, is_event, join, sql
from footfall.insights.table import Columns, Table
from footfall.model.errors import BadRequest
from footfall.model.period import (
    UNDER_A_DAY,
    Interval,
    Period,
    bucket_end,
    buckets,
    buckets_before,
    labels,
)

Number = float | None
Dims = tuple[str, ...]
"""A row of a breakdown; () without one."""


class Series(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the chart. In a formula it is called by its letter (A, B …) or by its name."""

    event: EventName
    measure: Measure = "count"
    property: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)] | None = None
    """What `sum` … `p99` are taken of."""
    filters: tuple[Filter, ...] = ()
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/trend`."""

    series: Annotated[tuple[Series, ...], msgspec.Meta(min_length=1, max_length=26)]
    interval: Interval = "day"
    formula: str | None = None
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=MOST)] = ()
    compare: Compare | None = None
    moving_average: Annotated[int, msgspec.Meta(ge=2, le=366)] | None = None
    totals: bool = True
    """Whether to tell totals. Each is a distinct count over the whole range, and so costs as much as all buckets."""


class SeriesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    breakdown: list[str] | None = None
    values: list[Number]
    """One for each bucket."""
    total: Number
    """The measure over the whole range, not the sum of the values (R2); null where the question wants no totals."""
    previous: list[Number] | msgspec.UnsetType = msgspec.UNSET
    """The previous period's values, bucket by bucket."""
    previous_total: Number | msgspec.UnsetType = msgspec.UNSET
    """Of the same elapsed part, where the current period is still running (R8)."""
    previous_full: Number | msgspec.UnsetType = msgspec.UNSET
    change: Number | msgspec.UnsetType = msgspec.UNSET
    """Percent from `previous_total` to `total`; null from nothing to something (R3)."""
    moving_average: list[Number] | msgspec.UnsetType = msgspec.UNSET


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    buckets: list[str]
    """Start of each, with its offset."""
    incomplete: list[bool]
    """R10: whether the bucket has not ended at `now`."""
    series: list[SeriesAnswer]
    meta: Meta


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of the answer: of a series, in a bucket (without one: its total), of a row of the breakdown."""

    series: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Place in the question's `series`."""
    bucket: str | float | int | None = None
    """A label of `buckets`, or any other way to write that time."""
    breakdown: tuple[str, ...] | str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One range to measure: the asked one, the previous one, what a moving average needs before it.

    A range that is empty (a year before 29 February) has no buckets and asks nothing.
    """

    frame: Frame
    starts: tuple[int, ...]

    @property
    def latest(self) -> int:
        """Place of the last bucket that has begun: the total of `wau` and `mau` (R30), also in a running range."""
        return max(0, sum(start <= self.frame.now for start in self.starts) - 1)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its calendar worked out."""

    request: Request
    runs: dict[str, Run]
    formula: Formula | None
    names: tuple[str, ...]
    """The letters of the series."""

    @property
    def main(self) -> Run:
        return self.runs["main"]

    @property
    def frame(self) -> Frame:
        return self.main.frame


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(request, context)
    for index, series in enumerate(request.series):
        if MEASURES[series.measure].takes_property != (series.property is not None):
            raise BadRequest(
                f"“{series.measure}” {'needs' if series.property is None else 'takes no'} property.",
                path=f"$.series[{index}].property",
            )
    runs = {"main": _run(frame, request)}
    if len(runs["main"].starts) * len(request.series) > MAX_NUMBERS:
        raise BadRequest(
            f"More than {MAX_NUMBERS} points; take a longer interval, a shorter range or fewer series.",
            path="$.interval",
        )
    if request.compare is not None:
        runs |= _previous_runs(before(frame, request.compare), runs["main"], request)
    for index, one in enumerate(request.breakdown):
        if one.property in {other.property for other in request.breakdown[:index]}:
            raise BadRequest("The question is broken down by this already.", path=f"$.breakdown[{index}].property")
    if request.moving_average is not None:
        history = _history(runs["main"], request)
        if history is not None:
            runs["history"] = history
    names = tuple(_LETTERS[: len(request.series)])
    formula = None
    if request.formula is not None:
        formula = parse(request.formula, set(_called(request)), "$.formula")
    return Plan(request=request, runs=runs, formula=formula, names=names)


def _called(request: Request) -> dict[str, int]:
    """What a formula may call a series, and its place; a letter wins over a name."""
    named = {series.name or series.event: index for index, series in enumerate(request.series)}
    named = {name: index for name, index in named.items() if name.isidentifier() and not iskeyword(name)}
    return named | {_LETTERS[index]: index for index in range(len(request.series))}


def counted(request: Request, context: Context) -> list[Period]:
    """In which ranges it helps to know how many events there are (ADR 0068)."""
    if request.interval not in UNDER_A_DAY:
        return []
    return ranges_of(plan(request, context))


def ranges_of(plan: Plan) -> list[Period]:
    """Where the events of a question lie."""
    # What has elapsed of the previous range lies in that.
    return [run.frame.period for name, run in plan.runs.items() if run.starts and name != "elapsed"]


def _run(frame: Frame, request: Request) -> Run:
    return Run(frame=frame, starts=buckets(frame.period, request.interval, frame.week_start))


def _previous_runs(before: Before, main: Run, request: Request) -> dict[str, Run]:
    """The period before, and beside it the part that has elapsed, where `now` is inside.

    The buckets are the asked ones, moved as the range is, so that each has its counterpart and they add up to the
    whole; whatever the months before were like.
    """
    # Hours may meet or cross where the clock changed then and not now.
    starts = tuple(accumulate((before.move(start) for start in main.starts), max))

    def run(period: Period) -> Run:
        return Run(
            frame=_at(main.frame, period),
            starts=tuple(one for one in starts if one < period.end) if period.start < period.end else (),
        )

    runs = {"previous": run(before.whole)}
    if request.totals and before.elapsed is not None:
        runs["elapsed"] = run(before.elapsed)
    return runs


def _history(main: Run, request: Request) -> Run | None:
    """R10: the buckets before the range that its first moving averages need."""
    zone = main.frame.zone
    wanted = (request.moving_average or 1) - 1
    before = buckets_before(main.starts[0], zone, request.interval, wanted, main.frame.week_start)
    if not before:
        return None
    return Run(frame=_at(main.frame, Period(before[0], main.starts[0], zone)), starts=tuple(before))


def _at(frame: Frame, period: Period) -> Frame:
    return msgspec.structs.replace(frame, period=period)


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────


class _Group(msgspec.Struct, frozen=True):
    """Series that read the same rows, and so share one scan."""

    event: str
    filters: tuple[Filter, ...]
    spread: object
    property: str | None


def _groups(request: Request) -> dict[_Group, list[Measure]]:
    groups: dict[_Group, list[Measure]] = {}
    for series in request.series:
        measures = groups.setdefault(_group(series), [])
        if series.measure not in measures:
            measures.append(series.measure)
    return groups


def _group(series: Series) -> _Group:
    return _Group(series.event, series.filters, MEASURES[series.measure].spread, series.property)


def build(plan: Plan) -> dict[str, Query]:
    """Queries for the runs: rows of (run, group, kind, dims, bucket, numbers); and one for the bots left out."""
    queries = {name: query_of(rows) for name, rows in statements(plan).items()}
    each = (
        sql("($matching)", matching=_matching(plan.request, index, series, plan.frame))
        for index, series in enumerate(plan.request.series)
    )
    return queries | bots_left_out(plan.request, plan.frame, join(" OR ", each))


def statements(plan: Plan) -> dict[str, Sql]:
    """The rows of `build`: a statement for each run, or one for all of them."""
    runs = {name: run for name, run in plan.runs.items() if run.starts}
    together = _together(plan, runs) if len(runs) > 1 else None
    if together is not None:
        return {"runs": together}
    return {name: _run_sql(plan.request, name, run, plan.main) for name, run in runs.items()}


def _matching(request: Request, index: int, series: Series, frame: Frame) -> Sql:
    return all_of(
        [
            is_event(series.event),
            *conditions(request.filters, "$.filters", frame.viewpoint),
            *conditions(series.filters, f"$.series[{index}].filters", frame.viewpoint),
        ]
    )


BUCKET, TOTAL, EVERYTHING = 0, 1, 3
"""grouping(dims, bucket): a bucket of a row, a row's total, and the total of all rows, which is the only row's where
there is no breakdown."""


def _run_sql(request: Request, name: str, run: Run, main: Run) -> Sql:
    dims = _dims_of(request, main)
    # Without a breakdown all rows are of the same, and an array as a key costs much.
    row, keys = (Sql("dims"), Sql("dims, bucket")) if request.breakdown else (dims, Sql("bucket"))
    parts: list[Sql] = []
    for number, (group, measures) in enumerate(_groups(request).items()):
        parts.append(
            sql(
                "SELECT $name AS run, $group AS source, $kind AS kind, $row AS row, bucket, $numbers AS numbers"
                " FROM ($rows) GROUP BY $keys$totals",
                name=bind(name, "String"),
                group=bind(number, "UInt16"),
                kind=sql("grouping($keys)", keys=keys) if request.totals else Sql("0"),
                row=row,
                keys=keys,
                totals=Sql(" WITH ROLLUP" if request.totals else ""),
                numbers=_numbers(measures),
                rows=rows_of(measures, _source(request, run, _first_of(request, group), dims)),
            )
        )
    return join(" UNION ALL ", parts)


def _together(plan: Plan, runs: Mapping[str, Run]) -> Sql | None:
    """The same of all runs, from rows that are read once; None where that is not worth it (ADR 0069)."""
    request = plan.request
    dims = _dims_of(request, plan.main)
    row, keys = (Sql("dims"), Sql("dims, bucket")) if request.breakdown else (dims, Sql("bucket"))
    of_row = Sql("run, dims") if request.breakdown else Sql("run")
    parts: list[Sql] = []
    for number, (group, measures) in enumerate(_groups(request).items()):
        index = _first_of(request, group)
        rows = rows_together(measures, [_source(request, run, index, dims) for run in runs.values()])
        if rows is None:
            return None
        parts.append(
            sql(
                "SELECT arrayElement($names, run + 1) AS run, source, kind, row, bucket, numbers FROM ("
                "SELECT run, $group AS source, $kind AS kind, $row AS row, bucket, $numbers AS numbers"
                " FROM ($rows) GROUP BY GROUPING SETS ((run, $keys)$totals))",
                names=bind(list(runs), "Array(String)"),
                group=bind(number, "UInt16"),
                kind=sql("grouping($keys)", keys=keys) if request.totals else Sql("0"),
                row=row,
                keys=keys,
                totals=sql(", ($row)", row=of_row) if request.totals else NOTHING,
                numbers=_numbers(measures),
                rows=rows,
            )
        )
    return join(" UNION ALL ", parts)


def _numbers(measures: list[Measure]) -> Sql:
    each = (sql("toNullable(toFloat64($it))", it=Sql(MEASURES[measure].aggregate)) for measure in measures)
    return sql("[$numbers]", numbers=join(", ", each))


def _first_of(request: Request, group: _Group) -> int:
    """Place of the first series that reads these rows."""
    return next(index for index, series in enumerate(request.series) if _group(series) == group)


def _dims_of(request: Request, main: Run) -> Sql:
    """A row of the breakdown as Array(String).

    Which values have a row of their own is decided once, by the first series over the asked range, so that series,
    formulas and comparisons speak of the same rows.
    """
    if not request.breakdown:
        return Sql("emptyArrayString()")
    view = main.frame.viewpoint
    own = [value_of(one, f"$.breakdown[{index}]", view) for index, one in enumerate(request.breakdown)]
    first = MEASURES[request.series[0].measure]
    ranking = rows_of([request.series[0].measure], _source(request, main, 0, sql("[$own]", own=join(", ", own))))
    if first.last_is_total:
        ranking = sql(
            "SELECT * FROM ($ranking) WHERE bucket = $last",
            ranking=ranking,
            last=bind(main.starts[main.latest], "Int64"),
        )
    cut = (
        capped(value, one.limit, ranking, sql("dims[$n]", n=bind(n, "UInt8")), Sql(first.aggregate))
        for n, (one, value) in enumerate(zip(request.breakdown, own, strict=True), 1)
    )
    return sql("[$cut]", cut=join(", ", cut))


def _source(request: Request, run: Run, index: int, dims: Sql) -> Source:
    series = request.series[index]
    return Source(
        frame=run.frame,
        starts=run.starts,
        matching=all_of([_matching(request, index, series, run.frame), kept(request)]),
        dims=dims,
        number=_number(series, index, run.frame),
        asked=frozenset(one.property for one in (*request.filters, *series.filters, *request.breakdown)),
        event=series.event,
    )


def _number(series: Series, index: int, frame: Frame) -> Sql | None:
    if series.property is None:
        return None
    subject = property_of(series.property, f"$.series[{index}].property", frame.viewpoint)
    return sql("if(isFinite(toFloat64OrNull($text)), toFloat64OrNull($text), NULL)", text=subject.text)


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The rows that a number is taken over, read as `lists.py` wants them. Raises `BadRequest` for no number."""
    request = plan.request
    if pointer.series >= len(request.series):
        raise BadRequest(
            "This is none of the question's series; a formula is calculated from them and has no list of its own.",
            path="$.pointer.series",
        )
    series = request.series[pointer.series]
    measure = MEASURES[series.measure]
    source = msgspec.structs.replace(
        _source(request, plan.main, pointer.series, _dims_of(request, plan.main)),
        each=Sql(", event_id, timestamp") if unit == "events" else NOTHING,
    )
    wanted: list[Sql] = []
    start = plan.main.starts[plan.main.latest] if measure.last_is_total else None
    if pointer.bucket is not None:
        start = bucket_at(pointer.bucket, plan.main.starts, plan.frame)
    if start is not None:
        at = bind(start, "Int64")
        wanted.append(sql("bucket <= $at", at=at) if measure.cumulative else sql("bucket = $at", at=at))
    if pointer.breakdown is not None:
        wanted.append(sql("dims = $row", row=bind(_row_of(pointer.breakdown, request), "Array(String)")))
    if source.number is not None:
        wanted.append(Sql("value IS NOT NULL"))
    return sql("SELECT * FROM ($rows) WHERE $wanted", rows=measure.spread(source, unit), wanted=all_of(wanted))


def _row_of(breakdown: tuple[str, ...] | str, request: Request) -> list[str]:
    row = [breakdown] if isinstance(breakdown, str) else list(breakdown)
    if len(row) != len(request.breakdown):
        raise BadRequest(
            f"The question is broken down by {len(request.breakdown)} properties.", path="$.pointer.breakdown"
        )
    return row


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


class _Numbers(msgspec.Struct, frozen=True):
    """What one run measured of one series."""

    values: dict[Dims, list[Number]]
    totals: dict[Dims, Number]
    empty: Number
    """R3: of a bucket, and of a row, without anything in it."""
    empty_total: Number
    length: int

    def row(self, dims: Dims) -> list[Number]:
        return self.values.get(dims, [self.empty] * self.length)

    def total(self, dims: Dims) -> Number:
        return self.totals.get(dims, self.empty_total)


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """Numbers into buckets, rows and totals; formula, comparison and moving average on top."""
    request, main = plan.request, plan.main
    incomplete = _incomplete(main, request.interval)
    bots = rows["bots"].rows[0][0] if "bots" in rows else 0
    found: dict[str, list[list[Any]]] = {name: [] for name in plan.runs}
    for name, answer in rows.items():
        for run, *row in answer.rows if name != "bots" else ():
            found[run].append(row)
    measured = {name: _measured(plan, run, found[name]) for name, run in plan.runs.items()}
    for index, series in enumerate(request.series):
        if "history" in measured and MEASURES[series.measure].cumulative:
            # What counts up from the start of the range was nothing before it.
            measured["history"][index] = _Numbers({}, {}, 0, 0, measured["history"][index].length)
    lines = [
        (series.name or series.event, {name: numbers[index] for name, numbers in measured.items()})
        for index, series in enumerate(request.series)
    ]
    if plan.formula is not None and request.formula is not None:
        called = _called(request)
        lines.append(
            (
                request.formula,
                {name: _by_formula(plan.formula, called, numbers) for name, numbers in measured.items()},
            )
        )
    answers = [
        _answer(name, dims, line, incomplete, request)
        for name, line in lines
        for dims in _dims(line["main"], bool(request.breakdown))
    ]
    return Answer(
        buckets=list(labels(main.starts, main.frame.zone)),
        incomplete=incomplete,
        series=answers,
        meta=meta_of(main.frame, list(rows.values()), bots),
    )


def _incomplete(run: Run, interval: Interval) -> list[bool]:
    frame = run.frame
    ends = [*run.starts[1:], bucket_end(run.starts[-1], frame.zone, interval)]
    return [end > frame.now for end in ends]


def _measured(plan: Plan, run: Run, rows: list[list[Any]]) -> list[_Numbers]:
    """What a run measured, series by series."""
    request = plan.request
    check_size((tuple(row[2]) for row in rows if row[1] == BUCKET), len(run.starts) * len(request.series))
    groups = _groups(request)
    numbered = list(groups)
    found: list[_Numbers] = []
    wanted: list[list[tuple[_Numbers, int]]] = [[] for _ in groups]
    for series in request.series:
        group, empty = _group(series), MEASURES[series.measure].empty
        one = _Numbers({}, {}, empty, empty if request.totals else None, len(run.starts))
        if not request.breakdown:
            one.values[()] = [empty] * len(run.starts)
        found.append(one)
        wanted[numbered.index(group)].append((one, groups[group].index(series.measure)))
    at = {start: index for index, start in enumerate(run.starts)}
    for source, kind, dims, bucket, numbers in rows:
        if kind == EVERYTHING:
            continue
        row = tuple(dims)
        for one, place in wanted[source]:
            if kind == TOTAL:
                one.totals[row] = numbers[place]
            else:
                if row not in one.values:
                    one.values[row] = [one.empty] * one.length
                one.values[row][at[bucket]] = numbers[place]
    for series, one in zip(request.series, found, strict=True):
        _complete(one, MEASURES[series.measure], run)
    return found


def _complete(one: _Numbers, measure: Row, run: Run) -> None:
    """What of R30 is not in the rows: buckets that count those before them, and a total that is the last bucket."""
    if measure.cumulative:
        for values in one.values.values():
            for index in range(1, len(values)):
                values[index] = (values[index] or 0) + (values[index - 1] or 0)
    if measure.last_is_total and one.empty_total is not None:
        one.totals.update({dims: values[run.latest] for dims, values in one.values.items() if values})


def _by_formula(formula: Formula, called: Mapping[str, int], numbers: list[_Numbers]) -> _Numbers:
    every = list(dict.fromkeys(dims for one in numbers for dims in one.values))
    length = numbers[0].length
    return _Numbers(
        {
            dims: [
                formula({name: numbers[place].row(dims)[index] for name, place in called.items()})
                for index in range(length)
            ]
            for dims in every
        },
        {dims: formula({name: numbers[place].total(dims) for name, place in called.items()}) for dims in every},
        None,
        None,
        length,
    )


def _dims(numbers: _Numbers, broken_down: bool) -> list[Dims]:
    """Rows by size (their total, else the sum of their values), biggest first, then by value.

    `$other` and `$not_set` come last.
    """
    if not broken_down:
        return [()]
    sizes = {
        dims: numbers.total(dims) or 0 if dims in numbers.totals else sum(value or 0 for value in values)
        for dims, values in numbers.values.items()
    }
    return sorted(sizes, key=lambda dims: (any(one in {OTHER, NOT_SET} for one in dims), -sizes[dims], dims))


def _answer(
    name: str, dims: Dims, line: Mapping[str, _Numbers], incomplete: list[bool], request: Request
) -> SeriesAnswer:
    main = line["main"]
    answer = SeriesAnswer(
        name=name,
        breakdown=list(dims) if request.breakdown else None,
        values=main.row(dims),
        total=main.total(dims),
    )
    if "previous" in line:
        full = line["previous"].total(dims)
        so_far = line.get("elapsed", line["previous"]).total(dims)
        previous = line["previous"].row(dims)
        answer = msgspec.structs.replace(
            answer,
            previous=previous + [line["previous"].empty] * (main.length - len(previous)),
            previous_total=so_far,
            previous_full=full,
            change=change(so_far, main.total(dims)),
        )
    if request.moving_average is not None:
        history = line["history"].row(dims) if "history" in line else []
        answer = msgspec.structs.replace(
            answer, moving_average=_moving(history, main.row(dims), incomplete, request.moving_average)
        )
    return answer


def table(plan: Plan, answer: Answer) -> Table:
    """A row for each bucket of each series."""
    request = plan.request
    optional: dict[str, Callable[[SeriesAnswer], list[Number]]] = {}
    if request.compare is not None:
        optional["previous"] = lambda series: series.previous or []
    if request.moving_average is not None:
        optional["moving_average"] = lambda series: series.moving_average or []
    columns: Columns = {"bucket": "text", "incomplete": "boolean", "series": "text"}
    columns |= {one.property: "text" for one in request.breakdown}
    columns |= dict.fromkeys(("value", *optional), "number")
    return Table(
        columns,
        [
            [
                bucket,
                incomplete,
                series.name,
                *(series.breakdown or ()),
                series.values[index],
                *(read(series)[index] for read in optional.values()),
            ]
            for series in answer.series
            for index, (bucket, incomplete) in enumerate(zip(answer.buckets, answer.incomplete, strict=True))
        ],
    )


def _moving(history: list[Number], values: list[Number], incomplete: list[bool], width: int) -> list[Number]:
    """The mean of the last `width` buckets; null in incomplete ones, and over a gap."""
    line = history + values
    averages: list[Number] = []
    for index, is_incomplete in enumerate(incomplete, len(history)):
        window = [value for value in line[max(0, index + 1 - width) : index + 1] if value is not None]
        averages.append(None if is_incomplete or len(window) < width else sum(window) / width)
    return averages


def figures(answer: Answer) -> list[Figure]:
    """The totals."""
    return [
        Figure(name=" · ".join([one.name, *(one.breakdown or [])]), value=one.total, unit="number")
        for one in answer.series
    ]
