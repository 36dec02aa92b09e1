"""Counts of events in windows of any length, many of them at once: what rules of alerts are held against.

The number of a window is that of a trend over the same time (invariant f): bots are left out, filters mean the same.
"""

import msgspec

from footfall.insights.breakdown import Breakdown, value_of
from footfall.insights.filters import Filter, conditions
from footfall.insights.question import Frame, Query, query_of
from footfall.insights.sql import Context, Sql, all_of, any_of, bind, is_event, join, sql, within
from footfall.model.event import Millis
from footfall.model.period import Period, zone_of


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    event: str
    filters: tuple[Filter, ...] = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Windows one after another, and what is counted in each of them."""

    starts: tuple[Millis, ...]
    end: Millis
    """Of the last one."""
    counted: tuple[Counted, ...]
    group_by: str | None = None
    """A property whose values are told apart."""
    limit: int = 100
    """Values that are told, those of most events."""


def build(asked: Asked, context: Context) -> Query:
    """Rows of (value, start of a window, counts); windows of nothing are left out. Raises `BadRequest`."""
    period = Period(asked.starts[0], asked.end, zone_of(context.timezone))
    frame = Frame(
        period=period, now=context.now, hidden_after=None, project_id=context.project_id, week_start=context.week_start
    )
    wanted = [
        all_of([is_event(one.event), *conditions(one.filters, "$.filters", frame.viewpoint)]) for one in asked.counted
    ]
    value = (
        Sql("''")
        if asked.group_by is None
        else value_of(Breakdown(property=asked.group_by), "$.groupBy", frame.viewpoint)
    )
    return query_of(
        sql(
            "SELECT value, groupArray((start, counts)) AS told FROM (SELECT $value AS value,"
            " roundDown(toUnixTimestamp64Milli(timestamp), $starts) AS start, sumForEach([$flags]) AS counts"
            " FROM events WHERE $within AND NOT bot AND ($any) GROUP BY value, start) GROUP BY value"
            " ORDER BY arraySum(one -> arraySum(one.2), told) DESC, value LIMIT $limit",
            flags=join(", ", (sql("toUInt8($one)", one=one) for one in wanted)),
            value=value,
            starts=bind(list(asked.starts), "Array(Int64)"),
            within=within(context.project_id, period),
            any=any_of(wanted),
            limit=bind(asked.limit, "UInt32"),
        )
    )


def build_first(context: Context) -> Query:
    """The start of the project's first hour, 0 where it has none."""
    return query_of(
        sql(
            "SELECT toInt64(toUnixTimestamp(min(toStartOfHour(timestamp)))) * 1000 FROM events"
            " WHERE project_id = $project AND NOT startsWith(event, '$$')",
            project=bind(context.project_id, "UInt32"),
        )
    )
