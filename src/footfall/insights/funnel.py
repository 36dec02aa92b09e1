"""Funnel: how many people take the steps, in which order, inside a window.

Whose attempt counts is found in `attempts.py` (R12 to R16). Here it is counted: by step, by the entry's value or
time (R5, R16), with the seconds from step 1 to each, and those in progress apart from those who dropped out (R15).
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, LiteralString

import msgspec

from footfall.insights.attempts import (
    EVERYBODY,
    MAX_ALTERNATIVES,
    MAX_STEPS,
    MOST_OVERLAPPING,
    Plan,
    Request,
    Step,
    any_of,
    overlap,
    people,
    plain,
    reach,
    size_of,
    steps_of,
)
from footfall.insights.breakdown import Pointed, capped, place, pointed_row, value_of
from footfall.insights.figures import Figure
from footfall.insights.question import (
    Meta,
    Query,
    Rows,
    bots_left_out,
    bucket_at,
    frame_of,
    kept,
    meta_of,
    query_of,
)
from footfall.insights.source import Unit
from footfall.insights.sql import (
    Context,
    Sql,
    all_of,
    bind,
    join,
    sql,
    with_person,
    with_session,
    within,
)
from footfall.insights.table import Columns, Table, Value
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import buckets, label


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
    breakdown: Pointed = None
    bucket: str | float | int | None = None
    """A label of `over_time`."""


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    _check(request)
    frame = frame_of(request, context)
    return Plan(
        request=request,
        frame=frame,
        window=window_of(request.window),
        starts=buckets(frame.period, request.interval, frame.week_start) if request.interval else (),
    )


def _check(request: Request) -> None:
    for index, step in enumerate(request.steps):
        if size_of(step) > MAX_ALTERNATIVES:
            raise BadRequest(f"A step has at most {MAX_ALTERNATIVES} alternatives.", path=f"$.steps[{index}]")
        if (step.event is None) == (step.any is None):
            raise BadRequest("A step has either an event or “any”.", path=f"$.steps[{index}]")
    if request.order == "unordered":
        if request.exclusions:
            raise BadRequest("An unordered funnel has no between, and so no exclusions.", path="$.exclusions")
        if len({plain(step) for step in request.steps}) < len(request.steps):
            raise BadRequest("An unordered funnel cannot repeat a step.", path="$.steps")
        if len(request.steps) > MOST_OVERLAPPING and overlap(request):
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


def build(plan: Plan) -> dict[str, Query]:
    """Queries for the funnel, its segments, its course over time, and the bots that it leaves out."""
    queries = {"main": query_of(_summary(plan, EVERYBODY))}
    if plan.request.breakdown:
        queries["breakdown"] = query_of(_summary(plan, _entry_value(plan)))
    if plan.request.interval is not None:
        queries["over_time"] = query_of(_summary(plan, _entry_bucket(plan)))
    return queries | bots_left_out(plan.request, plan.frame, any_of(steps_of(plan)))


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


def _entry_bucket(plan: Plan) -> Sql:
    """The bucket of an entry, as text."""
    return sql("toString(roundDown(toInt64(millis), $starts))", starts=bind(list(plan.starts), "Array(Int64)"))


def _entry_value(plan: Plan) -> Sql:
    """The breakdown's value of an entry: the biggest by people, the rest as `$other`, none as `$not_set` (R5)."""
    one = plan.request.breakdown[0]
    own = value_of(one, "$.breakdown[0]", plan.frame.viewpoint)
    return capped(own, one.limit, people(plan, own), Sql("key"), Sql("count()"))


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
    within_reach = within(frame.project_id, reach(plan), frame.hidden_after)
    matching = all_of([kept(plan.request), any_of(steps_of(plan))])
    if unit == "sessions":
        rows = with_session(within_reach, matching, frame.project_id, frame.hidden_after, facts=frame.facts)
    else:
        rows = with_person(
            sql(
                "SELECT event_id, timestamp, toUnixTimestamp64Milli(timestamp) AS millis, person_key FROM events"
                " WHERE $reach AND $matching",
                reach=within_reach,
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
    row = pointed_row(pointer.breakdown, plan.request.breakdown)
    return (EVERYBODY, EVERYBODY) if row is None else (_entry_value(plan), row)


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
    segments = [Segment(value=key, users=users) for key, users, _waiting, _seconds in rows]
    return sorted(segments, key=lambda one: place(one.value, one.users[0]))


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


def figures(answer: Answer) -> list[Figure]:
    """Who began, who took the last step, and the part that is."""
    last = answer.steps[-1]
    return [
        Figure(name="Entered", value=answer.steps[0].users),
        Figure(name="Converted", value=last.users),
        Figure(name="Conversion", value=last.rate, unit="share"),
    ]
