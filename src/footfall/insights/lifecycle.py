"""Lifecycle: who is new in a bucket, who came back, who had been away, who stayed away (R18).

Of those active in a bucket, `new` are those who were first seen in it, looking at all history; `returning` were active
in the bucket before as well; `resurrecting` are the others, so the three add up to all who were active. `dormant` were
active in the bucket before and not in this one. "Words": filters select what counts as active, and have no say in when
somebody was first seen.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, LiteralString, get_args

import msgspec

from footfall.insights.breakdown import Breakdown, Pointed, check_size
from footfall.insights.figures import Figure
from footfall.insights.presence import (
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
from footfall.insights.sql import Context, Sql, all_of, bind, join, sql
from footfall.insights.table import Columns, Table, Value
from footfall.model.event import Millis
from footfall.model.period import Interval, bucket_end, buckets, buckets_before, label

State = Literal["new", "returning", "resurrecting", "dormant"]


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/lifecycle`."""

    event: EventName = "*"
    interval: Interval = "day"
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=1)] = ()
    """By the value at somebody's first event in the range, or else in the bucket before it."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """People of one value of the breakdown, one number for each bucket."""

    value: str
    new: list[int]
    returning: list[int]
    resurrecting: list[int]
    dormant: list[int]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    buckets: list[str]
    incomplete: list[bool]
    """R10: whether the bucket has not ended at `now`; who is dormant in such a one may still come."""
    new: list[int]
    returning: list[int]
    resurrecting: list[int]
    dormant: list[int]
    """As a positive number; a picture draws it below zero."""
    meta: Meta
    breakdowns: list[Segment] | None = None


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number: the people of a state in a bucket, of a value of the breakdown."""

    state: State
    bucket: str | float | int
    breakdown: Pointed = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its calendar worked out."""

    request: Request
    frame: Frame
    bounds: tuple[Millis, ...]
    """Where buckets start, after the one before the range, and where the last one ends."""

    @property
    def starts(self) -> tuple[Millis, ...]:
        return self.bounds[1:-1]

    @property
    def before(self) -> Role:
        """Who was there in the bucket before the range."""
        return Role(event=self.request.event, start=self.bounds[0], end=self.bounds[1])

    @property
    def active(self) -> Role:
        return Role(event=self.request.event, start=self.frame.period.start, end=self.frame.period.end)

    @property
    def either(self) -> Role:
        return msgspec.structs.replace(self.active, start=self.bounds[0])


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(request, context)
    starts = buckets(frame.period, request.interval, frame.week_start)
    before = buckets_before(starts[0], frame.zone, request.interval, 1, frame.week_start)
    end = bucket_end(starts[-1], frame.zone, request.interval)
    return Plan(request=request, frame=frame, bounds=(*before, *starts, end))


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────

STATES: dict[State, LiteralString] = {
    "new": "number = first",
    "returning": "number != first AND number = before + 1",
    "resurrecting": "number != first AND number != before + 1",
    "dormant": "number + 1 != after",
}
"""Of somebody active in the bucket of that number: what they are in it; `dormant` in the one after it."""


def build(plan: Plan) -> dict[str, Query]:
    """Rows of (key, number, people of each state), and the number of bots left out."""
    request = plan.request
    queries = {
        "main": query_of(
            sql(
                "SELECT $key, number, $states FROM ($activity) GROUP BY $key, number",
                key=key_of(request.breakdown),
                states=join(", ", (Sql("countIf(" + condition + ")") for condition in STATES.values())),
                activity=_activity(plan),
            )
        )
    }
    return queries | bots_left_out(request, plan.frame, matching(request, plan.frame, [request.event]))


def _activity(plan: Plan) -> Sql:
    """A row for each person and bucket of activity: (`person`, `number`, `before`, `after`, `first`), and the `key`.

    The bucket before the range has the number 0. `before` and `after` are the person's neighbouring ones, `first` the
    one in which they were first seen.
    """
    request = plan.request
    rows = sql(
        "SELECT person, number, before, after, first FROM ("
        "SELECT person, arraySort(groupUniqArrayIf(number, active OR before)) AS numbers,"
        " arrayPushFront(arrayPopBack(numbers), -2) AS earlier, arrayPushBack(arrayPopFront(numbers), -2) AS later,"
        " minIf(number, seen) AS first FROM ($presence) GROUP BY person"
        " HAVING notEmpty(numbers))"
        " ARRAY JOIN numbers AS number, earlier AS before, later AS after",
        presence=presence(
            request,
            plan.frame,
            plan.bounds[:-1],
            {"active": plan.active, "before": plan.before, "seen": first_seen(request.event, plan.frame)},
        ),
    )
    return keyed(rows, request.breakdown, lambda by: values(request, plan.frame, plan.either, by))


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The people of a state; their events and sessions are those of the bucket, and of the one before if dormant.

    Raises `BadRequest` for a number that the answer has not.
    """
    frame, request = plan.frame, plan.request
    number = plan.starts.index(bucket_at(pointer.bucket, plan.starts, frame)) + 1
    if pointer.state == "dormant":
        number -= 1
    people = sql(
        "SELECT person FROM ($activity) WHERE $wanted",
        activity=_activity(plan),
        wanted=all_of(
            [
                sql("number = $number", number=bind(number, "Int64")),
                Sql(STATES[pointer.state]),
                pointed(pointer.breakdown, request.breakdown),
            ]
        ),
    )
    role = plan.before if number == 0 else plan.active
    role = msgspec.structs.replace(
        role, start=max(role.start, plan.bounds[number]), end=min(role.end, plan.bounds[number + 1])
    )
    return members_of(request, frame, role, people, unit)


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """Counts into buckets. A person has one value, so the rows of a breakdown add up to the whole."""
    check_size((row[0] for row in rows["main"].rows), len(plan.starts))
    by_value: dict[str, dict[State, list[int]]] = {}
    for key, number, *counts in rows["main"].rows:
        lines = by_value.setdefault(key, _nothing(plan))
        for state, people in zip(STATES, counts, strict=True):
            place = number if state == "dormant" else number - 1
            if 0 <= place < len(plan.starts):
                lines[state][place] = people
    whole = _nothing(plan)
    for lines in by_value.values():
        for state, line in lines.items():
            whole[state] = [one + other for one, other in zip(whole[state], line, strict=True)]
    return Answer(
        buckets=[label(start, plan.frame.zone) for start in plan.starts],
        incomplete=[end > plan.frame.now for end in plan.bounds[2:]],
        **whole,
        meta=meta_of(plan.frame, list(rows.values()), rows["bots"].rows[0][0] if "bots" in rows else 0),
        breakdowns=_segments(by_value) if plan.request.breakdown else None,
    )


def _nothing(plan: Plan) -> dict[State, list[int]]:
    return {state: [0] * len(plan.starts) for state in STATES}


def _segments(by_value: Mapping[str, dict[State, list[int]]]) -> list[Segment]:
    sizes = {value: sum(map(sum, lines.values())) for value, lines in by_value.items()}
    return [Segment(value=value, **by_value[value]) for value in in_order(sizes)]


def table(plan: Plan, answer: Answer) -> Table:
    """A row for each bucket, and the same again for each value of a breakdown."""
    columns: Columns = {"breakdown": "text"} if plan.request.breakdown else {}
    columns |= {"bucket": "text", "incomplete": "boolean"}
    columns |= dict.fromkeys(get_args(State), "integer")
    parts: list[tuple[str | None, Answer | Segment]] = [(None, answer)]
    parts += [(one.value, one) for one in answer.breakdowns or ()]
    rows: list[list[Value]] = []
    for value, one in parts:
        lead: list[Value] = [value] if plan.request.breakdown else []
        lines = (one.new, one.returning, one.resurrecting, one.dormant)
        rows += [[*lead, *row] for row in zip(answer.buckets, answer.incomplete, *lines, strict=True)]
    return Table(columns, rows)


def figures(answer: Answer) -> list[Figure]:
    """Those of the last bucket."""
    if not answer.buckets:
        return []
    return [
        Figure(name="New, in the last interval", value=answer.new[-1]),
        Figure(name="Returning, in the last interval", value=answer.returning[-1]),
        Figure(name="Resurrecting, in the last interval", value=answer.resurrecting[-1]),
        Figure(name="Dormant, in the last interval", value=answer.dormant[-1]),
    ]
