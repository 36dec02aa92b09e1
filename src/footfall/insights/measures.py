"""What a series measures (R30), as a table, and the rows that each measure is taken over.

A measure is an aggregate over rows of (`bucket`, `dims`, `events`, `person`, `session`, `value`). Those that look
beyond a bucket (started sessions, cumulative, weekly and monthly people) differ only in how rows spread over buckets.
The list behind a number is read from the same rows (R6).
"""

from collections.abc import Callable, Iterable
from typing import Literal, LiteralString

import msgspec

from footfall.identity import PAIR, SESSION
from footfall.insights.question import Frame
from footfall.insights.sql import (
    MILLIS,
    NOTHING,
    Sql,
    bind,
    join,
    sql,
    until,
    with_person,
    with_session,
    within,
    within_hours,
    without_session_id,
)
from footfall.model.event import Millis
from footfall.model.period import Period, from_millis, midnight, shifted

Measure = Literal[
    "count", "unique_users", "unique_sessions", "started_sessions", "per_user", "sum", "avg", "min", "max",
    "p50", "p90", "p95", "p99", "cumulative_users", "wau", "mau",
]  # fmt: skip


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


Spread = Callable[[Source, Unit], Sql]
"""Rows of (`bucket`, `dims`, `events`, …) for a unit: `person` for people, `session` too for sessions."""


class Row(msgspec.Struct, frozen=True):
    """One row of the table of measures."""

    aggregate: LiteralString
    unit: Unit
    spread: Spread
    empty: int | None = 0
    """R3: 0 for counts and sums, null for averages, ratios and percentiles."""
    takes_property: bool = False
    last_is_total: bool = False
    """R30: the total of `wau` and `mau` is the last bucket."""
    cumulative: bool = False
    """Whether a bucket counts the buckets before it as well."""


def _extra(source: Source) -> Sql:
    number = sql(", $number AS value", number=source.number) if source.number is not None else NOTHING
    return sql(
        ", $dims AS dims, 1 AS events$number$columns", dims=source.dims, number=number, columns=source.each or NOTHING
    )


def _rows(source: Source, unit: Unit, reach: Sql) -> Sql:
    """Matching events of `reach`, with `millis` and whose they are."""
    frame = source.frame
    if unit == "sessions":
        return with_session(reach, source.matching, frame.project_id, frame.hidden_after, _extra(source))
    plain = sql(
        "SELECT toUnixTimestamp64Milli(timestamp) AS millis, person_key$extra FROM events WHERE $reach AND ($matching)",
        extra=_extra(source),
        reach=reach,
        matching=source.matching,
    )
    return plain if unit == "events" else with_person(plain, frame.project_id, frame.hidden_after)


def _bucketed(source: Source, rows: Sql) -> Sql:
    return sql("SELECT *, $bucket AS bucket FROM ($rows)", bucket=_bucket_of(source, Sql("millis")), rows=rows)


def _bucket_of(source: Source, millis: Sql) -> Sql:
    return sql("roundDown($millis, $starts)", millis=millis, starts=bind(list(source.starts), "Array(Int64)"))


def _own(source: Source, unit: Unit) -> Sql:
    """Each event in its own bucket: itself where it is asked for by itself, else gathered."""
    if source.each is not None or source.number is not None:
        return _bucketed(source, _rows(source, unit, source.frame.within))
    visits = _gathered(source, unit)
    if unit == "events":
        return visits
    frame = source.frame
    visits = with_person(visits, frame.project_id, frame.hidden_after)
    if unit == "people":
        return visits
    # A pair without a session id has a person, whose sessions are found by their gaps (R19).
    return sql(
        "SELECT dims, bucket, events, person, $session AS session FROM ($visits) UNION ALL"
        " SELECT dims, $bucket AS bucket, 0 AS events, 0 AS person, session FROM ($nameless)",
        session=Sql(SESSION),
        visits=visits,
        bucket=_bucket_of(source, Sql("millis")),
        nameless=without_session_id(
            frame.within, source.matching, frame.project_id, frame.hidden_after, _extra(source)
        ),
    )


def _gathered(source: Source, unit: Unit) -> Sql:
    """A row for each person and session of a bucket, all of them together telling the number of its events.

    Whole hours are read in the very words of the projections `hourly` and `visits`, so that the engine reads those
    (ADR 0008, ADR 0014): of 20 million events 4 000 rows. What a range has beside its whole hours is read event by
    event.
    """
    frame = source.frame
    hours = _whole_hours(source, unit)
    if hours is None:
        gathered = _gathering(source, unit, MILLIS, frame.within)
    else:
        parts = [_gathering(source, unit, _HOUR_MILLIS, within_hours(frame.project_id, hours))]
        parts += [
            _gathering(source, unit, MILLIS, within(frame.project_id, edge))
            for edge in (
                msgspec.structs.replace(frame.period, end=hours.start),
                msgspec.structs.replace(frame.period, start=hours.end),
            )
            if edge.start < edge.end
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


_ROLLED_UP: dict[Unit, frozenset[str]] = {
    "events": frozenset({"page", "device"}),
    "people": frozenset(),
    "sessions": frozenset(),
}
"""The properties that the hourly projections hold."""
_HOUR = 3_600_000
_HOUR_MILLIS = Sql("toInt64(toUnixTimestamp(toStartOfHour(timestamp))) * 1000")


def _whole_hours(source: Source, unit: Unit) -> Period | None:
    """The whole hours (UTC) of the range, where they tell as much as the events do."""
    frame = source.frame
    start, end = -(-frame.period.start // _HOUR) * _HOUR, frame.period.end // _HOUR * _HOUR
    told = source.asked <= _ROLLED_UP[unit] and frame.hidden_after is None
    if not told or start >= end or any(edge % _HOUR for edge in source.starts[1:]):
        return None
    return msgspec.structs.replace(frame.period, start=start, end=end)


def _started(source: Source, _unit: Unit) -> Sql:
    """Matching events of the range, at the time when their session started, if that lies in the range too."""
    frame = source.frame
    all_before = until(frame.project_id, frame.period.end, frame.hidden_after)
    everything = with_session(all_before, Sql("1"), frame.project_id, frame.hidden_after)
    # A session without an id is numbered by its person's whole past, so both sides read the same past.
    in_range = sql(
        "timestamp >= fromUnixTimestamp64Milli($start, 'UTC') AND ($matching)",
        start=bind(frame.period.start, "Int64"),
        matching=source.matching,
    )
    matched = _rows(msgspec.structs.replace(source, matching=in_range), "sessions", all_before)
    rows = sql(
        "SELECT r.* EXCEPT (millis), s.started AS millis FROM ($matched) AS r INNER JOIN"
        " (SELECT session, min(millis) AS started FROM ($everything) WHERE session != 0 GROUP BY session"
        " HAVING started >= $start) AS s ON s.session = r.session",
        matched=matched,
        everything=everything,
        start=bind(frame.period.start, "Int64"),
    )
    return _bucketed(source, rows)


def _first(source: Source, unit: Unit) -> Sql:
    """For people one row each and breakdown, in the bucket where they were first seen in the range."""
    rows = _own(source, unit)
    if unit != "people":
        return rows
    return sql("SELECT person, dims, 1 AS events, min(bucket) AS bucket FROM ($rows) GROUP BY person, dims", rows=rows)


def _rolling(days: int) -> Spread:
    def spread(source: Source, unit: Unit) -> Sql:
        """A row for each event and each bucket whose last `days` local days it lies in; for people one each."""
        frame = source.frame
        zone = frame.zone
        opens: list[Millis] = []
        closes: list[Millis] = []
        for end in (*source.starts[1:], frame.period.end):
            last_day = midnight(from_millis(end - 1, zone).date(), zone)
            opens.append(shifted(last_day, zone, 1 - days))
            closes.append(min(shifted(last_day, zone, 1), frame.period.end))
        reach = within(frame.project_id, Period(opens[0], frame.period.end, zone), frame.hidden_after)
        active = _rows(source, unit, reach)
        if unit == "people":
            active = sql(
                "SELECT DISTINCT person, dims, 1 AS events, roundDown(millis, $edges) AS millis FROM ($active)",
                edges=bind(sorted({*opens, *closes}), "Array(Int64)"),
                active=active,
            )
        return sql(
            "SELECT *, arrayJoin(arrayFilter((start, open, close) ->"
            " millis >= open AND millis < close, $starts, $opens, $closes)) AS bucket FROM ($active)",
            starts=bind(list(source.starts), "Array(Int64)"),
            opens=bind(opens, "Array(Int64)"),
            closes=bind(closes, "Array(Int64)"),
            active=active,
        )

    return spread


_COUNT: LiteralString = "sum(events)"
_USERS: LiteralString = "uniqExactIf(person, person != 0)"
_SESSIONS: LiteralString = "uniqExactIf(session, session != 0)"


def _of_numbers(aggregate: LiteralString, empty: int | None = None) -> Row:
    return Row(aggregate, "events", _own, empty, takes_property=True)


MEASURES: dict[Measure, Row] = {
    "count": Row(_COUNT, "events", _own),
    "unique_users": Row(_USERS, "people", _own),
    "unique_sessions": Row(_SESSIONS, "sessions", _own),
    "started_sessions": Row(_SESSIONS, "sessions", _started),
    "per_user": Row(_COUNT + " / " + _USERS, "people", _own, None),
    "sum": _of_numbers("ifNull(sumKahan(value), 0)", 0),
    "avg": _of_numbers("avg(value)"),
    "min": _of_numbers("min(value)"),
    "max": _of_numbers("max(value)"),
    "p50": _of_numbers("quantileExactInclusive(0.5)(value)"),
    "p90": _of_numbers("quantileExactInclusive(0.9)(value)"),
    "p95": _of_numbers("quantileExactInclusive(0.95)(value)"),
    "p99": _of_numbers("quantileExactInclusive(0.99)(value)"),
    "cumulative_users": Row(_USERS, "people", _first, cumulative=True),
    "wau": Row(_USERS, "people", _rolling(7), last_is_total=True),
    "mau": Row(_USERS, "people", _rolling(30), last_is_total=True),
}


_RICHEST: tuple[Unit, ...] = ("sessions", "people", "events")
"""The rows of each tell what those of the ones behind it tell."""


def rows_of(measures: Iterable[Measure], source: Source) -> Sql:
    """The rows that these measures, which spread alike, can all be taken over."""
    rows = [MEASURES[measure] for measure in measures]
    units = {row.unit for row in rows}
    return rows[0].spread(source, next(unit for unit in _RICHEST if unit in units))
