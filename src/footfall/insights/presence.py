"""Who was there, in which bucket, as what: what cohorts (R17), states and intervals (R18) are made of.

A kind names roles: events of a name within a period. "Words": when somebody was first seen is a matter of all events,
and filters select afterwards, so such a role is read without them. Roles over the same events share one scan, which
reads the hourly visits where they tell enough (`source.py`).

Beside it, the value by which a person is told apart in a breakdown: that of the first event that counts.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import LiteralString

import msgspec

from footfall.insights.breakdown import Breakdown, Pointed, capped, place, pointed_row, value_of
from footfall.insights.filters import conditions
from footfall.insights.question import Frame, Question, kept
from footfall.insights.source import Source, Unit, bucketed, own, rows_in
from footfall.insights.sql import Sql, all_of, bind, is_event, join, sql
from footfall.model.event import Millis
from footfall.model.period import EARLIEST, Period

ALWAYS = Sql("1")


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody counts as who sends an event of that name in `[start, end)`."""

    event: str
    start: Millis
    end: Millis
    filtered: bool = True
    """Whether the question's filters select; not where somebody is seen for the first time."""
    timed: bool = False
    """Whether the moments of the events matter, and not only their buckets."""


def first_seen(event: str, frame: Frame) -> Role:
    """Everything up to the end of the range, back to the beginning (R17)."""
    return Role(event=event, start=EARLIEST, end=frame.period.end, filtered=False)


def presence(question: Question, frame: Frame, starts: Sequence[Millis], roles: Mapping[LiteralString, Role]) -> Sql:
    """Rows of (`person`, `number` of the bucket, `millis`, and 1 or 0 for each role); of people, so not of nobody.

    Buckets begin at `starts` and are numbered from 0; what lies before them is -1. `millis` is 0 in roles that are not
    timed. A person has at least one row for each bucket in which they were active.
    """
    scans: dict[tuple[str, bool, bool], dict[LiteralString, Role]] = {}
    for name, role in roles.items():
        scans.setdefault((role.event, role.filtered and bool(question.filters), role.timed), {})[name] = role
    return join(" UNION ALL ", (_scan(question, frame, starts, list(roles), scan) for scan in scans.values()))


def _scan(
    question: Question,
    frame: Frame,
    starts: Sequence[Millis],
    names: Sequence[LiteralString],
    scan: Mapping[LiteralString, Role],
) -> Sql:
    some = next(iter(scan.values()))
    period = _seen(frame, min(role.start for role in scan.values()), max(role.end for role in scan.values()))
    # A bucket in which a role begins or ends is read in pieces, so that each piece is all of the role or nothing.
    edges = {*starts, *(edge for role in scan.values() for edge in (role.start, role.end))}
    pieces = [period.start, *sorted(edge for edge in edges if period.start < edge < period.end)]
    source = msgspec.structs.replace(source_of(question, frame, some, period), starts=tuple(pieces))
    rows = bucketed(source, rows_in(source, "people", source.frame.within)) if some.timed else own(source, "people")
    return sql(
        "SELECT person, $number AS number, toInt64($millis) AS millis, $roles FROM ($rows) WHERE person != 0",
        number=_number_of(pieces, starts),
        millis=Sql("millis" if some.timed else "0"),
        roles=join(", ", (_as_role(name, scan.get(name)) for name in names)),
        rows=rows,
    )


def _seen(frame: Frame, start: Millis, end: Millis) -> Period:
    """That much of a period as a `now` of the question does not hide (R11)."""
    return Period(start, end if frame.hidden_after is None else min(end, frame.hidden_after + 1), frame.zone)


def _number_of(pieces: Sequence[Millis], starts: Sequence[Millis]) -> Sql:
    return sql(
        "transform(bucket, $pieces, $numbers, toInt64(-1))",
        pieces=bind(list(pieces), "Array(Int64)"),
        numbers=bind([bisect_right(starts, piece) - 1 for piece in pieces], "Array(Int64)"),
    )


def _as_role(name: LiteralString, role: Role | None) -> Sql:
    if role is None:
        return Sql("0 AS " + name)
    return sql(
        "bucket >= $start AND bucket < $end AS " + name, start=bind(role.start, "Int64"), end=bind(role.end, "Int64")
    )


def source_of(question: Question, frame: Frame, role: Role, period: Period, each: Sql | None = None) -> Source:
    """The events of a role within a period, as one bucket."""
    filters = question.filters if role.filtered else ()
    return Source(
        frame=msgspec.structs.replace(frame, period=period),
        starts=(period.start,),
        matching=all_of([is_event(role.event), *conditions(filters, "$.filters", frame.viewpoint), kept(question)]),
        dims=Sql("emptyArrayString()"),
        asked=frozenset(one.property for one in filters),
        each=each,
    )


def matching(question: Question, frame: Frame, events: Sequence[str]) -> Sql:
    """The events that a question asks about, those of bots among them."""
    return all_of(
        [
            join(" OR ", (is_event(event) for event in dict.fromkeys(events))),
            *conditions(question.filters, "$.filters", frame.viewpoint),
        ]
    )


def members(question: Question, frame: Frame, role: Role, people: Sql, unit: Unit, when: Sql = ALWAYS) -> Sql:
    """The people themselves, or what these did in that role: rows as `lists.py` wants them.

    `when` is a condition on the event `r` and the person's row `p`.
    """
    if unit == "people":
        return people
    source = source_of(question, frame, role, _seen(frame, role.start, role.end), Sql(", event_id, timestamp"))
    return sql(
        "SELECT r.* FROM ($rows) AS r INNER JOIN ($people) AS p ON p.person = r.person WHERE $when",
        rows=rows_in(source, "sessions" if unit == "sessions" else "people", source.frame.within),
        people=people,
        when=when,
    )


# ── breakdowns ───────────────────────────────────────────────────────────────────────────────────────────────


def values(question: Question, frame: Frame, role: Role, breakdown: Breakdown, starts: Sequence[Millis] = ()) -> Sql:
    """Rows of (`person`, `number`, `value`): the property at somebody's first event in that role, in each bucket.

    Without `starts` there is one value for each person. What lies before the range counts for those alone who did
    nothing in it. Of several values at the same moment it is always the same one, in whatever order they arrived.
    """
    period = _seen(frame, role.start, role.end)
    pieces = [period.start, *sorted(start for start in starts if period.start < start < period.end)]
    each = sql(", $own AS own", own=value_of(breakdown, "$.breakdown[0]", frame.viewpoint))
    source = msgspec.structs.replace(source_of(question, frame, role, period, each), starts=tuple(pieces))
    # One number for the order: comparing tuples takes six times as long. Times are below 2**42.
    return sql(
        "SELECT person, $number AS number, argMin(own, bitShiftLeft(toUInt128("
        "millis + if(millis < $start, $later, 0)), 64) + sipHash64(own)) AS value FROM ($rows)"
        " WHERE person != 0 GROUP BY person, number",
        later=bind(2**42, "Int64"),
        number=_number_of(pieces, starts),
        start=bind(frame.period.start, "Int64"),
        rows=own(source, "people"),
    )


def keyed(
    rows: Sql,
    asked: Sequence[Breakdown],
    values: Callable[[Breakdown], Sql],
    on: LiteralString = "v.person = r.person",
) -> Sql:
    """Rows of people, with the `key` of their row in the breakdown if one is asked for.

    Those values have a row that most people have; the rest is `$other` (R5).
    """
    if not asked:
        return rows
    valued = sql(
        "SELECT r.*, v.value AS value FROM ($rows) AS r INNER JOIN ($values) AS v ON " + on,
        rows=rows,
        values=values(asked[0]),
    )
    key = capped(Sql("value"), asked[0].limit, valued, Sql("value"), Sql("uniqExact(person)"))
    return sql("SELECT *, $key AS key FROM ($valued)", key=key, valued=valued)


def key_of(asked: Sequence[Breakdown]) -> Sql:
    """The key to group by; without a breakdown a constant, which the engine leaves away."""
    return Sql("key" if asked else "''")


def pointed(breakdown: Pointed, asked: Sequence[Breakdown]) -> Sql:
    """The rows of the breakdown's row that a pointer names. Raises `BadRequest` where there is none."""
    value = pointed_row(breakdown, asked)
    return ALWAYS if value is None else sql("key = $value", value=value)


def in_order(sizes: Mapping[str, int]) -> list[str]:
    """The values of a breakdown, in the order of their rows."""
    return sorted(sizes, key=lambda value: place(value, sizes[value]))
