"""What comes, told without looking at anybody: of each event how many, and what its properties look like.

How many is exact, from the hourly rollup. To take apart every event would take as long as there are events, so
properties are told of whole hours, the newest of each event, until these hold enough; bots are left out (R28).
"""

from collections.abc import Mapping

import msgspec

from footfall.insights.question import Query, Rows, query_of
from footfall.insights.sql import Context, Sql, all_of, any_of, bind, is_event, sql, within, within_hours
from footfall.model.event import Millis
from footfall.model.period import EARLIEST, HOUR, Period, rfc3339
from footfall.model.seen import FEW, MOST_BYTES, SeenEvent, SeenProperty

ENOUGH = 2000
"""Events of a name whose properties are looked at."""
MOST_EVENTS = 300
"""Names whose properties are looked at, the most frequent of them."""
MOST_PROPERTIES = 300
"""Of an event."""


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """An event in a range of hours."""

    event: str
    count: int
    before: int
    """Earlier than the range."""
    first: Millis
    last: Millis
    """Start of an hour; the last one before the end of the range, whether in it or not."""
    since: Millis
    """The newest hours of the range from this one on hold enough."""


def hours_of(period: Period) -> Period:
    """The whole hours that a range touches."""
    return Period(period.start // HOUR * HOUR, -(-period.end // HOUR) * HOUR, period.zone)


def build_outline(context: Context, period: Period) -> Query:
    """Rows of (event, in the range, before it, first hour, last hour, since); most frequent first."""
    hours = hours_of(period)
    start = bind(hours.start // 1000, "Int64")
    return query_of(
        sql(
            "SELECT event, sumIf(n, hour >= $start) AS inside, sumIf(n, hour < $start) AS before,"
            " min(hour) * 1000, max(hour) * 1000,"
            " arraySort(one -> -one.1, groupArrayIf((hour, n), hour >= $start)) AS newest,"
            " arrayFirstIndex(total -> total >= $enough, arrayCumSum(newest.2)) AS full,"
            " if(full = 0, if(empty(newest), $start, newest[-1].1), newest[full].1) * 1000 FROM"
            " (SELECT event, toInt64(toUnixTimestamp(toStartOfHour(timestamp))) AS hour, count() AS n FROM events"
            " WHERE $them GROUP BY event, hour) GROUP BY event ORDER BY inside DESC, event",
            start=start,
            enough=bind(ENOUGH, "UInt32"),
            them=all_of(
                [
                    within_hours(context.project_id, Period(EARLIEST, hours.end, hours.zone)),
                    is_event("*"),
                    Sql("NOT bot"),
                ]
            ),
        )
    )


def shape_outline(rows: Rows) -> list[Outline]:
    return [
        Outline(event=event, count=count, before=before, first=first, last=last, since=since)
        for event, count, before, first, last, _, _, since in rows.rows
    ]


_TYPE = (
    "multiIf(startsWith(raw, '\"'), 'string', startsWith(raw, '{'), 'object', startsWith(raw, '['), 'array',"
    # As JSON Schema has it, 1.0 is an integer.
    " raw IN ('true', 'false'), 'boolean', raw = 'null', 'null', match(raw, '^-?[0-9]+(\\\\.0+)?$'), 'integer',"
    " 'number')"
)


def build_properties(context: Context, period: Period, outline: list[Outline]) -> dict[str, Query]:
    """Of the events of the newest hours: how many they are, and rows of (event, name, type, how many, texts)."""
    end = hours_of(period).end
    them = any_of(
        all_of([is_event(one.event), within(context.project_id, Period(one.since, end, period.zone)), Sql("NOT bot")])
        for one in _looked_at(outline)
    )
    return {
        "sampled": query_of(sql("SELECT event, count() FROM events WHERE $them GROUP BY event", them=them)),
        "properties": query_of(
            sql(
                "SELECT event, name, $type AS type, count() AS size,"
                # Exact for as many texts as it is asked for, and the one more says that there are others.
                " arrayMap(one -> (one.1, one.2), approx_top_countIf($few)(raw, type = 'string')) AS texts FROM"
                " (SELECT event, one.1 AS name, one.2 AS raw FROM (SELECT event,"
                " arrayJoin(JSONExtractKeysAndValuesRaw(sent)) AS one FROM events WHERE $them))"
                " GROUP BY event, name, type ORDER BY event, size DESC, name LIMIT $most BY event",
                type=Sql(_TYPE),
                few=bind(FEW + 1, "UInt32"),
                them=them,
                most=bind(MOST_PROPERTIES, "UInt32"),
            )
        ),
    }


def _looked_at(outline: list[Outline]) -> list[Outline]:
    return [one for one in outline if one.count][:MOST_EVENTS]


def shape(outline: list[Outline], rows: Mapping[str, Rows]) -> dict[str, SeenEvent]:
    """By event; those of before alone have a count of 0."""
    sampled = {str(event): int(size) for event, size in rows["sampled"].rows}
    properties: dict[str, dict[str, SeenProperty]] = {}
    for event, name, kind, size, texts in rows["properties"].rows:
        of_event = properties.setdefault(event, {})
        known = of_event.get(name, SeenProperty(types={}))
        of_event[name] = SeenProperty(
            types=known.types | {kind: size}, values=_told(texts) if kind == "string" else known.values
        )
    return {
        one.event: SeenEvent(
            count=one.count,
            first_seen=rfc3339(one.first),
            last_seen=rfc3339(one.last),
            sampled=sampled.get(one.event, 0),
            properties=properties.get(one.event, {}),
        )
        for one in outline
    }


def _told(texts: list[list[object]]) -> dict[str, int]:
    if len(texts) > FEW or any(len(str(raw)) > MOST_BYTES for raw, _ in texts):
        return {}
    return {msgspec.json.decode(str(raw), type=str): int(str(count)) for raw, count in texts}
