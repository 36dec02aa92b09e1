"""What a series measures (R30), as a table, and the rows that each measure is taken over.

A measure is an aggregate over rows of (`bucket`, `dims`, `events`, `person`, `session`, `value`). Those that look
beyond a bucket (started sessions, cumulative, weekly and monthly people) differ only in how rows spread over buckets.
The list behind a number is read from the same rows (R6).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, LiteralString

import msgspec

from footfall.insights.source import Source, Unit, bucketed, own, rows_in, together
from footfall.insights.sql import Sql, bind, sql, until, with_session, within
from footfall.model.event import Millis
from footfall.model.period import Period, from_millis, midnight, shifted

Measure = Literal[
    "count", "unique_users", "unique_sessions", "started_sessions", "per_user", "sum", "avg", "min", "max",
    "p50", "p90", "p95", "p99", "cumulative_users", "wau", "mau",
]  # fmt: skip


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


def _started(source: Source, _unit: Unit) -> Sql:
    """Matching events of the range, at the time when their session started, if that lies in the range too."""
    frame = source.frame
    all_before = until(frame.project_id, frame.period.end, frame.hidden_after)
    everything = with_session(all_before, Sql("1"), frame.project_id, frame.hidden_after, facts=frame.facts)
    # A session without an id is called by its beginning, so both sides read as far back.
    in_range = sql(
        "timestamp >= fromUnixTimestamp64Milli($start, 'UTC') AND ($matching)",
        start=bind(frame.period.start, "Int64"),
        matching=source.matching,
    )
    matched = rows_in(msgspec.structs.replace(source, matching=in_range), "sessions", all_before)
    rows = sql(
        "SELECT r.* EXCEPT (millis), s.started AS millis FROM ($matched) AS r INNER JOIN"
        " (SELECT session, min(millis) AS started FROM ($everything) WHERE session != 0 GROUP BY session"
        " HAVING started >= $start) AS s ON s.session = r.session",
        matched=matched,
        everything=everything,
        start=bind(frame.period.start, "Int64"),
    )
    return bucketed(source, rows)


def _first(source: Source, unit: Unit) -> Sql:
    """For people one row each and breakdown, in the bucket where they were first seen in the range."""
    rows = own(source, unit)
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
        active = rows_in(source, unit, reach)
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
    return Row(aggregate, "events", own, empty, takes_property=True)


MEASURES: dict[Measure, Row] = {
    "count": Row(_COUNT, "events", own),
    "unique_users": Row(_USERS, "people", own),
    "unique_sessions": Row(_SESSIONS, "sessions", own),
    "started_sessions": Row(_SESSIONS, "sessions", _started),
    "per_user": Row(_COUNT + " / " + _USERS, "people", own, None),
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


def rows_together(measures: Iterable[Measure], sources: Sequence[Source]) -> Sql | None:
    """`rows_of` for several ranges at once, with `run` for the range; None where that is not worth it."""
    rows = [MEASURES[measure] for measure in measures]
    return together(sources, _richest(rows)) if rows[0].spread is own else None


def rows_of(measures: Iterable[Measure], source: Source) -> Sql:
    """The rows that these measures, which spread alike, can all be taken over."""
    rows = [MEASURES[measure] for measure in measures]
    return rows[0].spread(source, _richest(rows))


def _richest(rows: Iterable[Row]) -> Unit:
    units = {row.unit for row in rows}
    return next(unit for unit in _RICHEST if unit in units)
