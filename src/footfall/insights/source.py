"""Where numbers are counted: the rows of a source, whose they are and in which bucket, read from as few as there are.

Every measure, cohort and state is taken over rows of (`bucket`, `dims`, `events`, `person`, `session`), and the list
behind a number is read from the same rows (R6). Whole hours are read from the visits of each hour where those tell as
much as the events do (ADR 0008, ADR 0014).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import msgspec

from footfall.identity import PAIR, SESSION
from footfall.insights.question import Frame
from footfall.insights.sql import (
    HOUR_MILLIS,
    MILLIS,
    NOTHING,
    Sql,
    all_of,
    any_of,
    bind,
    join,
    sql,
    with_person,
    with_session,
    within,
    within_hours,
    without_session_id,
)
from footfall.model.event import Millis
from footfall.model.period import HOUR, Period

Unit = Literal["events", "people", "sessions"]
"""What a number counts, and so what its list holds (R6)."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows of a series are: which events, and what is read of them."""

    frame: Frame
    starts: tuple[Millis, ...]
    """Of the buckets, each of which ends where the next one starts."""
    matching: Sql
    """Event, filters, and no bots unless they are asked for."""
    dims: Sql
    """Array(String) of the breakdown's own values."""
    number: Sql | None = None
    """Nullable(Float64) of the series' property."""
    asked: frozenset[str | None] = frozenset()
    """The properties that filters and breakdown ask for; None for what is no property."""
    each: Sql | None = None
    """For lists: a row for each event, with these columns more (", event_id")."""
    event: str | None = None
    """The name of those that match, `*` for all, where it is known."""


def _extra(source: Source) -> Sql:
    number = sql(", $number AS value", number=source.number) if source.number is not None else NOTHING
    return sql(
        ", $dims AS dims, 1 AS events$number$columns", dims=source.dims, number=number, columns=source.each or NOTHING
    )


def rows_in(source: Source, unit: Unit, reach: Sql) -> Sql:
    """Matching events of `reach`, with `millis` and whose they are."""
    frame = source.frame
    if unit == "sessions":
        extra = _extra(source)
        return with_session(reach, source.matching, frame.project_id, frame.hidden_after, extra, frame.facts)
    plain = sql(
        "SELECT toUnixTimestamp64Milli(timestamp) AS millis, person_key$extra FROM events WHERE $reach AND ($matching)",
        extra=_extra(source),
        reach=reach,
        matching=source.matching,
    )
    return plain if unit == "events" else with_person(plain, frame.project_id, frame.hidden_after)


def bucketed(source: Source, rows: Sql) -> Sql:
    return sql("SELECT *, $bucket AS bucket FROM ($rows)", bucket=_bucket_of(source, Sql("millis")), rows=rows)


def _bucket_of(source: Source, millis: Sql) -> Sql:
    steps = {after - start for start, after in pairwise(source.starts)}
    step = min(steps, default=0)
    # A division is quicker than a search, where all are as long; so is the last one, which has no other behind it.
    if len(steps) == 1 and source.frame.period.end <= source.starts[-1] + step:
        return sql(
            "$first + intDiv($millis - $first, $step) * $step",
            millis=millis,
            first=bind(source.starts[0], "Int64"),
            step=bind(step, "Int64"),
        )
    return sql("roundDown($millis, $starts)", millis=millis, starts=bind(list(source.starts), "Array(Int64)"))


def own(source: Source, unit: Unit) -> Sql:
    """Each event in its own bucket: itself where it is asked for by itself, else gathered."""
    if source.each is not None or source.number is not None:
        return bucketed(source, rows_in(source, unit, source.frame.within))
    visits = _gathered(source, unit)
    if unit == "events":
        return visits
    frame = source.frame
    visits = with_person(visits, frame.project_id, frame.hidden_after)
    if unit == "people":
        return visits
    named = sql(
        "SELECT dims, bucket, events, person, $session AS session FROM ($visits)", session=Sql(SESSION), visits=visits
    )
    if not frame.facts.nameless:
        return named
    # A pair without a session id has a person, whose sessions are found by their gaps (R19).
    return sql(
        "$named UNION ALL SELECT dims, $bucket AS bucket, 0 AS events, 0 AS person, session FROM ($nameless)",
        named=named,
        bucket=_bucket_of(source, Sql("millis")),
        nameless=without_session_id(
            frame.within, source.matching, frame.project_id, frame.hidden_after, _extra(source)
        ),
    )


def together(sources: Sequence[Source], unit: Unit) -> Sql | None:
    """The rows of `own` for several ranges at once, with `run` for the range; None where that is not worth it.

    Sources that differ in nothing but their range. Of a few events it is quicker to read all of them once, each for
    every range that it lies in, than to have the engine plan parts for each range (ADR 0069).
    """
    first = sources[0]
    facts = first.frame.facts
    counts = [None if one.event is None else facts.count(one.event, one.frame.period) for one in sources]
    if any(count is None or count > FEW_TOGETHER for count in counts):
        return None
    if first.each is not None or first.number is not None or (unit == "sessions" and facts.nameless):
        return None
    places = (
        sql(
            "($run, if($inside, $bucket, $nowhere))",
            run=bind(place, "UInt8"),
            inside=_inside(one.frame.period),
            bucket=_bucket_of(one, Sql("millis")),
            nowhere=_NOWHERE,
        )
        for place, one in enumerate(sources)
    )
    rows = sql(
        "SELECT dims, (arrayJoin([$places]) AS place).1 AS run, place.2 AS bucket, 1 AS events, person_key, session_key"
        " FROM (SELECT $dims AS dims, $millis AS millis, person_key, session_key FROM events"
        " WHERE ($within) AND ($matching)) WHERE bucket != $nowhere",
        places=join(", ", places),
        nowhere=_NOWHERE,
        dims=first.dims,
        millis=MILLIS,
        within=any_of(one.frame.within for one in sources),
        matching=first.matching,
    )
    if unit == "events":
        return rows
    rows = with_person(rows, first.frame.project_id, first.frame.hidden_after)
    if unit == "people":
        return rows
    return sql("SELECT *, $session AS session FROM ($rows)", session=Sql(SESSION), rows=rows)


def _inside(period: Period) -> Sql:
    return sql("millis >= $start AND millis < $end", start=bind(period.start, "Int64"), end=bind(period.end, "Int64"))


def _gathered(source: Source, unit: Unit) -> Sql:
    """A row for each person and session of a bucket, all of them together telling the number of its events.

    Whole hours are read in the very words of the projections `hourly` and `visits`, so that the engine reads those
    (ADR 0008, ADR 0014): of 20 million events 4 000 rows. What a range has beside its whole hours is read event by
    event.
    """
    hours = whole_hours(source, unit)
    if hours is None:
        return _visits(source, unit, Sql("1"), None)
    if unit == "events" or _shortest(source) >= _DAY:
        return _visits(source, unit, Sql("1"), hours)
    # In hours, few events are hardly more than their visits are, and quicker to read. Where nobody knows how many they
    # are, the engine counts them while it looks at the question (10 ms), and reads nothing for the part whose condition
    # does not hold.
    are_few = _are_few(source)
    if are_few is not None:
        return _each(source, Sql("1")) if are_few else _visits(source, unit, Sql("1"), hours)
    few = sql(
        "(SELECT count() FROM events WHERE $hours AND ($matching)) <= $few",
        hours=within_hours(source.frame.project_id, hours),
        matching=source.matching,
        few=bind(FEW, "UInt64"),
    )
    return join(" UNION ALL ", [_each(source, few), _visits(source, unit, sql("NOT ($few)", few=few), hours)])


def _each(source: Source, condition: Sql) -> Sql:
    """A row for each event."""
    return sql(
        "SELECT $dims AS dims, $bucket AS bucket, 1 AS events, person_key, session_key FROM events"
        " WHERE $within AND ($matching) AND $condition",
        dims=source.dims,
        bucket=_bucket_of(source, MILLIS),
        within=source.frame.within,
        matching=source.matching,
        condition=condition,
    )


def _are_few(source: Source) -> bool | None:
    """Whether the events are few; None where nobody has counted."""
    if source.event is None:
        return None
    count = source.frame.facts.count(source.event, source.frame.period)
    return None if count is None else count <= FEW


def _visits(source: Source, unit: Unit, condition: Sql, hours: Period | None) -> Sql:
    """The same from the visits of those hours, and from the events beside them."""
    frame = source.frame
    source = msgspec.structs.replace(source, matching=all_of([source.matching, condition]))
    if hours is None:
        gathered = _gathering(source, unit, MILLIS, frame.within)
    else:
        parts = [_gathering(source, unit, HOUR_MILLIS, within_hours(frame.project_id, hours))]
        parts += [
            _gathering(source, unit, MILLIS, within(frame.project_id, edge)) for edge in beside(hours, frame.period)
        ]
        gathered = join(" UNION ALL ", parts)
    if unit == "events":
        return gathered
    return sql(
        "SELECT dims, bucket, if(place = 1, events, 0) AS events, $person AS person_key, $session AS session_key"
        " FROM ($gathered) ARRAY JOIN pairs AS pair, arrayEnumerate(pairs) AS place",
        person=Sql("toUInt64(bitShiftRight(pair, 64))"),
        session=Sql("toUInt64(pair)"),
        gathered=gathered,
    )


def _shortest(source: Source) -> Millis:
    """The length of the shortest bucket that has another one behind it."""
    return min((after - start for start, after in pairwise(source.starts)), default=_DAY)


def _gathering(source: Source, unit: Unit, millis: Sql, reach: Sql) -> Sql:
    return sql(
        "SELECT $dims AS dims, $bucket AS bucket, count() AS events$pairs FROM events WHERE $reach AND ($matching)"
        " GROUP BY dims, bucket",
        dims=source.dims,
        bucket=_bucket_of(source, millis),
        pairs=NOTHING if unit == "events" else Sql(f", groupUniqArray({PAIR}) AS pairs"),
        reach=reach,
        matching=source.matching,
    )


ROLLED_UP: dict[Unit, frozenset[str]] = {
    "events": frozenset({"event", "page", "device"}),
    "people": frozenset(),
    "sessions": frozenset(),
}
"""The properties that the hourly projections hold."""
FEW = 1_000_000
FEW_TOGETHER = 100_000
"""In each of several ranges."""
_NOWHERE = bind(-(2**62), "Int64")
_DAY = 23 * HOUR
"""At least."""


def beside(hours: Period, period: Period) -> list[Period]:
    """What a range has before and after its whole hours."""
    edges = (msgspec.structs.replace(period, end=hours.start), msgspec.structs.replace(period, start=hours.end))
    return [edge for edge in edges if edge.start < edge.end]


def whole_hours(source: Source, unit: Unit) -> Period | None:
    """The whole hours (UTC) of the range, where they tell as much as the events do."""
    frame = source.frame
    start, end = -(-frame.period.start // HOUR) * HOUR, frame.period.end // HOUR * HOUR
    # A `now` that cuts nothing off hides nothing (R11).
    told = source.asked <= ROLLED_UP[unit] and (
        frame.hidden_after is None or frame.period.end <= frame.hidden_after + 1
    )
    if not told or start >= end or any(edge % HOUR for edge in source.starts[1:]):
        return None
    return msgspec.structs.replace(frame.period, start=start, end=end)
