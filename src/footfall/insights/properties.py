"""What events can be asked by: properties with how often they came of late, and the values of one (for pickers).

The number of a value is how many events a filter `is` would keep; that of a property, how many events have a value of
it. Of a trait it is the `$identify` events that told it. Bots are left out (R28).

To look at every property of every event takes as long as there are events, so it stops where it has seen enough of the
newest ones. It always reads whole hours, and `since` says from which on: what it tells of that time is exact (R1).
"""

from collections import Counter
from collections.abc import Mapping
from itertools import accumulate
from typing import Literal

import msgspec

from footfall.insights.filters import FIELDS, name_of, property_of
from footfall.insights.question import Frame, Query, Rows, query_of
from footfall.insights.source import ROLLED_UP, Source, own
from footfall.insights.sql import Context, Sql, all_of, bind, is_event, join, sql, within, within_hours
from footfall.model.event import Millis
from footfall.model.period import HOUR, LATEST, Period, rfc3339, zone_of

Kind = Literal["text", "number", "boolean", "time"]


class Property(msgspec.Struct, frozen=True, kw_only=True):
    property: str
    """As filters and breakdowns take it."""
    kind: Kind
    """Of all its values; `text` where they differ."""
    events: int


class Properties(msgspec.Struct, frozen=True, kw_only=True):
    since: str
    properties: list[Property]
    """Most frequent first."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    events: int


class Values(msgspec.Struct, frozen=True, kw_only=True):
    property: str
    since: str
    values: list[Value]
    """Most frequent first."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are looked at."""

    event: str = "*"
    since: Millis


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which values are looked for."""

    property: str
    prefix: str = ""
    """Of the value, in large or small letters."""
    limit: int


ENOUGH = 1_000_000
"""Events of which every property is looked at."""
ENOUGH_OF_ONE = 5_000_000
"""Events of which one property is."""
MOST = 1000
"""Properties of a kind that are told."""


def hour_of(moment: Millis) -> Millis:
    """The start of the hour that a moment lies in."""
    return moment // HOUR * HOUR


def is_cheap(choice: Choice) -> bool:
    """Whether the values of a property are read from the hourly rollup, whatever the time that was asked for."""
    return choice.property in ROLLED_UP["events"]


# ── how far back ─────────────────────────────────────────────────────────────────────────────────────────────


def build_hours(context: Context, wanted: Wanted) -> Query:
    """Rows of (start of an hour, events), newest first."""
    return query_of(
        sql(
            "SELECT toInt64(toUnixTimestamp(toStartOfHour(timestamp))) * 1000 AS hour, count() FROM events WHERE $them"
            " GROUP BY hour ORDER BY hour DESC",
            them=all_of([within_hours(context.project_id, _period(context, wanted)), _counted(wanted)]),
        )
    )


def shape_hours(rows: Rows, wanted: Wanted, enough: int) -> Wanted:
    """The same events, but only of the newest hours that have `enough` of them."""
    seen = accumulate(count for _, count in rows.rows)
    full = (hour for (hour, _), so_far in zip(rows.rows, seen, strict=True) if so_far >= enough)
    return msgspec.structs.replace(wanted, since=next(full, wanted.since))


def _them(context: Context, wanted: Wanted) -> Sql:
    return all_of([within(context.project_id, _period(context, wanted)), _counted(wanted)])


def _counted(wanted: Wanted) -> Sql:
    return all_of([is_event(wanted.event), Sql("NOT bot")])


def _period(context: Context, wanted: Wanted) -> Period:
    return Period(wanted.since, LATEST, zone_of(context.timezone))


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────


def build_properties(context: Context, wanted: Wanted) -> dict[str, Query]:
    """Queries for what is set of the fields, of the groups, and of the properties and traits with their types."""
    them = _them(context, wanted)
    identifies = _them(context, Wanted(event="$identify", since=wanted.since))
    fields = (sql("countIf($is_set)", is_set=field.is_set) for field in FIELDS.values())
    typed = (
        "SELECT one.1 AS path, one.2 AS type, count() AS size FROM"
        " (SELECT arrayJoin(JSONAllPathsWithTypes(properties)) AS one FROM events WHERE $them)"
        " WHERE $below GROUP BY path, type ORDER BY size DESC, path, type LIMIT $most"
    )
    most = bind(MOST, "UInt32")
    return {
        "fields": query_of(sql("SELECT [$fields] FROM events WHERE $them", fields=join(", ", fields), them=them)),
        "groups": query_of(
            sql(
                "SELECT arrayJoin(mapKeys(groups)) AS name, count() AS size FROM events WHERE $them"
                " GROUP BY name ORDER BY size DESC, name LIMIT $most",
                them=them,
                most=most,
            )
        ),
        "properties": query_of(sql(typed, them=them, below=Sql("1"), most=most)),
        "traits": query_of(sql(typed, them=identifies, below=Sql("startsWith(path, 'traits.')"), most=most)),
    }


_KINDS: dict[str, Kind] = {
    "bot": "boolean", "seq": "number", "timestamp": "time", "received_at": "time", "sent_at": "time",
    "Int64": "number", "UInt64": "number", "Float64": "number", "Bool": "boolean",
}  # fmt: skip
"""Of fields that are no texts, and of the engine's types that are none."""


def shape_properties(rows: Mapping[str, Rows], wanted: Wanted) -> Properties:
    sizes: Counter[str] = Counter()
    kinds: dict[str, set[Kind]] = {}

    def add(name: str | None, kind: str, size: int) -> None:
        if name is not None and size:
            sizes[name] += size
            kinds.setdefault(name, set()).add(_KINDS.get(kind, "text"))

    for name, size in zip(FIELDS, rows["fields"].rows[0][0], strict=True):
        add(name, name, size)
    for name, size in rows["groups"].rows:
        add(f"group.{name}", "", size)
    for path, kind, size in rows["properties"].rows:
        add(name_of("properties", path), kind, size)
    for path, kind, size in rows["traits"].rows:
        add(name_of("person", path.removeprefix("traits.")), kind, size)
    return Properties(
        since=rfc3339(wanted.since),
        properties=[
            Property(property=name, kind=min(kinds[name]) if len(kinds[name]) == 1 else "text", events=size)
            for name, size in sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
        ],
    )


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────


def build_values(context: Context, wanted: Wanted, choice: Choice) -> Query:
    """Rows of (value, events). Raises `BadRequest` at `$.property` for none."""
    period = _period(context, wanted)
    frame = Frame(
        period=period, now=context.now, hidden_after=None, project_id=context.project_id, week_start=context.week_start
    )
    subject = property_of(choice.property, "$.property", frame.viewpoint)
    rows = own(
        Source(
            frame=frame,
            starts=(period.start,),
            matching=all_of([_counted(wanted), subject.is_set]),
            dims=sql("[$text]", text=subject.text),
            asked=frozenset({choice.property}),
        ),
        "events",
    )
    return query_of(
        sql(
            "SELECT dims[1] AS value, sum(events) AS size FROM ($rows)"
            " WHERE $prefix = '' OR positionCaseInsensitiveUTF8(value, $prefix) = 1"
            " GROUP BY value ORDER BY size DESC, value LIMIT $limit",
            rows=rows,
            prefix=bind(choice.prefix, "String"),
            limit=bind(choice.limit, "UInt32"),
        )
    )


def shape_values(rows: Rows, wanted: Wanted, choice: Choice) -> Values:
    return Values(
        property=choice.property,
        since=rfc3339(wanted.since),
        values=[Value(value=value, events=size) for value, size in rows.rows],
    )
