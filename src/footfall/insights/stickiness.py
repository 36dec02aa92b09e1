"""Stickiness: in how many intervals of the range people were active (R18: intervals are counted, not events)."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated

import msgspec

from footfall.insights.breakdown import Breakdown, Pointed, check_size
from footfall.insights.figures import Figure
from footfall.insights.presence import Role, in_order, key_of, keyed, matching, pointed, presence, values
from footfall.insights.presence import members as members_of
from footfall.insights.question import (
    EventName,
    Frame,
    Meta,
    Query,
    Question,
    Rows,
    bots_left_out,
    frame_of,
    meta_of,
    query_of,
)
from footfall.insights.source import Unit
from footfall.insights.sql import Context, Sql, all_of, bind, sql
from footfall.insights.table import Columns, Table, Value
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import Interval, buckets


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/stickiness`."""

    event: EventName = "*"
    interval: Interval = "day"
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=1)] = ()
    """By the value at somebody's first event in the range."""


People = dict[str, int]
"""Number of intervals, from 1 to as many as the range has, as text → people."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """The people of one value of the breakdown."""

    value: str
    exactly: People
    at_least: People


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    exactly: People
    """Who was active in so many intervals."""
    at_least: People
    """Who was active in so many or more."""
    meta: Meta
    breakdowns: list[Segment] | None = None


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of either: `{"exactly": 3}` or `{"at_least": 3}`, of a value of the breakdown."""

    exactly: Annotated[int, msgspec.Meta(ge=1)] | None = None
    at_least: Annotated[int, msgspec.Meta(ge=1)] | None = None
    breakdown: Pointed = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its calendar worked out."""

    request: Request
    frame: Frame
    starts: tuple[Millis, ...]

    @property
    def active(self) -> Role:
        return Role(event=self.request.event, start=self.frame.period.start, end=self.frame.period.end)


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(request, context)
    return Plan(request=request, frame=frame, starts=tuple(buckets(frame.period, request.interval, frame.week_start)))


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────


def build(plan: Plan) -> dict[str, Query]:
    """Rows of (key, intervals, people), and the number of bots left out."""
    request = plan.request
    queries = {
        "main": query_of(
            sql(
                "SELECT $key, intervals, count() FROM ($people) GROUP BY $key, intervals",
                key=key_of(request.breakdown),
                people=_people(plan),
            )
        )
    }
    return queries | bots_left_out(request, plan.frame, matching(request, plan.frame, [request.event]))


def _people(plan: Plan) -> Sql:
    """A row for each person: (`person`, `intervals`), and the `key` of a breakdown."""
    request = plan.request
    rows = sql(
        "SELECT person, uniqExact(number) AS intervals FROM ($presence) WHERE active GROUP BY person",
        presence=presence(request, plan.frame, plan.starts, {"active": plan.active}),
    )
    return keyed(rows, request.breakdown, lambda by: values(request, plan.frame, plan.active, by))


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The people of a number, and their events and sessions in the range.

    Raises `BadRequest` for a number that the answer has not.
    """
    request = plan.request
    if (pointer.exactly is None) == (pointer.at_least is None):
        raise BadRequest("A number is of “exactly” or of “at_least”.", path="$.pointer")
    name, intervals = ("exactly", pointer.exactly) if pointer.at_least is None else ("at_least", pointer.at_least)
    if intervals is None or intervals > len(plan.starts):
        raise BadRequest(f"The range has {len(plan.starts)} intervals.", path=f"$.pointer.{name}")
    many = bind(intervals, "UInt64")
    people = sql(
        "SELECT person FROM ($people) WHERE $wanted",
        people=_people(plan),
        wanted=all_of(
            [
                sql("intervals = $many" if name == "exactly" else "intervals >= $many", many=many),
                pointed(pointer.breakdown, request.breakdown),
            ]
        ),
    )
    return members_of(request, plan.frame, plan.active, people, unit)


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """Counts by intervals. A person has one value, so the rows of a breakdown add up to the whole."""
    check_size((row[0] for row in rows["main"].rows), len(plan.starts))
    by_value: dict[str, list[int]] = {}
    whole = [0] * len(plan.starts)
    for key, intervals, people in rows["main"].rows:
        by_value.setdefault(key, [0] * len(plan.starts))[intervals - 1] = people
        whole[intervals - 1] += people
    return Answer(
        exactly=_told(whole),
        at_least=_told(_or_more(whole)),
        meta=meta_of(plan.frame, list(rows.values()), rows["bots"].rows[0][0] if "bots" in rows else 0),
        breakdowns=[
            Segment(value=value, exactly=_told(by_value[value]), at_least=_told(_or_more(by_value[value])))
            for value in in_order({value: sum(people) for value, people in by_value.items()})
        ]
        if plan.request.breakdown
        else None,
    )


def _told(people: list[int]) -> People:
    return {str(intervals): many for intervals, many in enumerate(people, 1)}


def _or_more(people: list[int]) -> list[int]:
    return list(accumulate(reversed(people)))[::-1]


def table(plan: Plan, answer: Answer) -> Table:
    """A row for each number of intervals, and the same again for each value of a breakdown."""
    columns: Columns = {"breakdown": "text"} if plan.request.breakdown else {}
    columns |= dict.fromkeys(("intervals", "exactly", "at_least"), "integer")
    parts: list[tuple[str | None, Answer | Segment]] = [(None, answer)]
    parts += [(one.value, one) for one in answer.breakdowns or ()]
    rows: list[list[Value]] = []
    for value, one in parts:
        lead: list[Value] = [value] if plan.request.breakdown else []
        rows += [
            [*lead, number, one.exactly[str(number)], one.at_least[str(number)]]
            for number in range(1, len(plan.starts) + 1)
        ]
    return Table(columns, rows)


def figures(answer: Answer) -> list[Figure]:
    """Who was active in one interval or more, in two, in three."""
    return [
        Figure(name="Active" if count == "1" else f"In {count} intervals or more", value=people)
        for count, people in answer.at_least.items()
    ]
