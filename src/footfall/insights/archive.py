"""Everything that is kept of a project's events, oldest first, a portion at a time (`GET /api/events/export.…`).

What is exported is settled when it is asked for: events that arrive meanwhile have a later place of arrival. The hours
are counted first, so that each portion reads only its own hours, and so that a reader knows how many events will come.
"""

from typing import Any

import msgspec

from footfall.insights.events import OLDEST_FIRST, as_sent, event_of
from footfall.insights.question import Query, Rows, query_of
from footfall.insights.sql import Context, Sql, all_of, bind, bind_many, moment, sql
from footfall.model.event import Millis
from footfall.model.period import parse_moment, zone_of

PORTION = 10_000
"""Events that are read at once."""
_HOUR = 3600 * 1000


class Request(msgspec.Struct, frozen=True, kw_only=True):
    events: tuple[str, ...] = ()
    """Names; none means every event, `$identify` and its like as well."""
    start: str | None = None
    end: str | None = None


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """Whole hours that lie one after the other."""

    start: Millis
    end: Millis
    events: int


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """What will be read, in which order."""

    slices: list[Slice]
    last: int
    """The latest place of arrival."""

    @property
    def total(self) -> int:
        return sum(one.events for one in self.slices)


Place = tuple[Millis, str]
"""Time and id of an event."""


def build_outline(request: Request, context: Context) -> Query:
    """Raises `BadRequest` for a range that is none."""
    return query_of(
        sql(
            "SELECT toInt64(toUnixTimestamp(toStartOfHour(timestamp))) * 1000 AS hour, count(), max(arrival)"
            " FROM events WHERE $where GROUP BY hour ORDER BY hour",
            where=all_of([sql("project_id = $project", project=bind(context.project_id, "UInt32")),
                          *_wanted(request, context)]),
        )
    )  # fmt: skip


def shape_outline(rows: Rows) -> Outline:
    slices: list[Slice] = []
    for hour, count, _ in rows.rows:
        if slices and slices[-1].events + count <= PORTION:
            before = slices[-1]
            slices[-1] = Slice(start=before.start, end=hour + _HOUR, events=before.events + count)
        else:
            slices.append(Slice(start=hour, end=hour + _HOUR, events=count))
    return Outline(slices=slices, last=max((row[2] for row in rows.rows), default=0))


def build_portion(
    request: Request, context: Context, outline: Outline, part: Slice, after: Place | None, limit: int = PORTION
) -> Query:
    """The next events of a slice, `limit` at most."""
    conditions = [
        sql("timestamp >= $start", start=moment(part.start)),
        sql("timestamp < $end", end=moment(part.end)),
        sql("arrival <= $last", last=bind(outline.last, "UInt64")),
        *_wanted(request, context),
    ]
    if after is not None:
        at, event_id = moment(after[0]), bind(after[1], "String")
        conditions.append(sql("timestamp > $at OR (timestamp = $at AND event_id > $id)", at=at, id=event_id))
    limited = sql(
        "$where ORDER BY $order LIMIT $limit",
        where=all_of(conditions),
        order=OLDEST_FIRST,
        limit=bind(limit, "UInt32"),
    )
    return query_of(as_sent(context.project_id, limited, order=OLDEST_FIRST))


def shape_portion(rows: Rows) -> list[dict[str, Any]]:
    """Events in the members of `events.COLUMNS`."""
    return [event_of(row) for row in rows.rows]


def _wanted(request: Request, context: Context) -> list[Sql]:
    zone = zone_of(context.timezone)
    wanted: list[Sql] = []
    if request.events:
        wanted.append(sql("has($names, event)", names=bind_many(list(request.events), "Array(String)")))
    if request.start is not None:
        wanted.append(sql("timestamp >= $at", at=moment(parse_moment(request.start, zone, path="$.from"))))
    if request.end is not None:
        wanted.append(sql("timestamp < $at", at=moment(parse_moment(request.end, zone, path="$.to"))))
    return wanted
