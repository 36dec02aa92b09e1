"""Events as they were sent: newest first (`GET /api/events`), or in the order of their arrival (`GET /api/live`).

Bots are included (`contract.md`, small print). A page is found by (timestamp, event id), so events that arrive
while somebody pages neither repeat nor hide one. Which events are on it is asked first, and what they hold afterwards,
in as many portions as it takes: a thousand events may hold 64 MB.
"""

from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec

from footfall.identity import PERSON_ID
from footfall.insights.filters import Filter, conditions, patterns
from footfall.insights.paging import At, Page, checked, cursor_of, position_of
from footfall.insights.question import Query, Rows, query_of
from footfall.insights.sql import (
    Context,
    Sql,
    Viewpoint,
    all_of,
    bind,
    bind_many,
    is_event,
    join,
    moment,
    sql,
    with_person,
)
from footfall.insights.table import Columns
from footfall.model.event import Millis
from footfall.model.period import parse_moment, rfc3339, zone_of

_TEXTS: tuple[LiteralString, ...] = (
    "user_id", "anonymous_id", "session_id", "page", "url", "referrer", "title", "section", "component",
    "component_hash", "action", "locale", "screen", "app_version", "event_version", "device", "browser", "os",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
)  # fmt: skip


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which events somebody wants to see."""

    events: tuple[str, ...] = ()
    """Any of these names; none means every event, those of `$` as well."""
    filters: list[Filter] = []


class Request(Choice, frozen=True, kw_only=True):
    start: str | None = None
    end: str | None = None
    page: Page = Page()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    data: list[dict[str, object]]
    next: str | None


Key = tuple[Millis, str]
"""Time and id of an event: its place in `NEWEST_FIRST`."""


def build(request: Request, context: Context) -> Query:
    """Keys of a page, one more than the limit, so that the answer knows whether there is a next page."""
    zone = zone_of(context.timezone)
    where = [_of_project(context), *_wanted(request, context), behind(request.page)]
    if request.start is not None:
        where.append(sql("timestamp >= $at", at=moment(parse_moment(request.start, zone, path="$.from"))))
    if request.end is not None:
        where.append(sql("timestamp < $at", at=moment(parse_moment(request.end, zone, path="$.to"))))
    return query_of(
        sql(
            "SELECT toUnixTimestamp64Milli(timestamp), event_id FROM events WHERE $where ORDER BY $order LIMIT $limit",
            where=all_of(where),
            order=NEWEST_FIRST,
            limit=bind(checked(request.page.limit) + 1, "UInt32"),
        )
    )


def details(project_id: int, keys: Sequence[Key], hidden_after: Millis | None = None) -> Sql:
    """What the events of these keys hold; keys in `NEWEST_FIRST`, at least one."""
    return as_sent(
        project_id,
        sql(
            "timestamp BETWEEN $oldest AND $newest AND event_id IN (SELECT arrayJoin($ids))",
            oldest=moment(keys[-1][0]),
            newest=moment(keys[0][0]),
            ids=bind_many([event_id for _, event_id in keys], "Array(String)"),
        ),
        hidden_after,
    )


def build_details(context: Context, keys: Sequence[Key]) -> Query:
    return query_of(details(context.project_id, keys))


def _of_project(context: Context) -> Sql:
    return sql("project_id = $project", project=bind(context.project_id, "UInt32"))


def _wanted(wanted: Choice, context: Context) -> list[Sql]:
    """Raises `BadRequest` with the path of a filter that is none."""
    view = Viewpoint(project_id=context.project_id, zone=zone_of(context.timezone))
    named = [sql("($is)", **{"is": is_event(name)}) for name in wanted.events]
    return [*([join(" OR ", named)] if named else []), *conditions(wanted.filters, "$.filters", view)]


NEWEST_FIRST = Sql("timestamp DESC, event_id DESC")
"""Of rows that have `timestamp` and `event_id`."""
OLDEST_FIRST = Sql("timestamp, event_id")


def behind(page: Page) -> Sql:
    """The rows of a list in `NEWEST_FIRST` that come after its cursor."""
    if page.cursor is None:
        return Sql("1")
    at, event_id = position_of(page.cursor, tuple[At, str])
    return sql("timestamp < $at OR (timestamp = $at AND event_id < $id)", at=moment(at), id=bind(event_id, "String"))


def ahead(page: Page) -> Sql:
    """The same of a list in `OLDEST_FIRST`."""
    if page.cursor is None:
        return Sql("1")
    at, event_id = position_of(page.cursor, tuple[At, str])
    return sql("timestamp > $at OR (timestamp = $at AND event_id > $id)", at=moment(at), id=bind(event_id, "String"))


def as_sent(project_id: int, where: Sql, hidden_after: Millis | None = None, order: Sql = NEWEST_FIRST) -> Sql:
    """Events of a project that fulfil `where` (to the end of a statement), in the columns that `event_of` reads."""
    return sql(
        "SELECT * EXCEPT (person_key, person), $id FROM ($page) ORDER BY $order",
        id=Sql(PERSON_ID),
        page=with_person(
            sql(
                "SELECT $columns FROM events WHERE project_id = $project AND $where",
                columns=_COLUMNS,
                project=bind(project_id, "UInt32"),
                where=where,
            ),
            project_id,
            hidden_after,
        ),
        order=order,
    )


_COLUMNS = join(
    ", ",
    [
        Sql("event, event_id, toUnixTimestamp64Milli(timestamp) AS at"),
        Sql("toUnixTimestamp64Milli(received_at) AS received, toUnixTimestamp64Milli(sent_at) AS sent_millis"),
        Sql("seq, groups, sent, user_type, bot, flags, violations, redacted"),
        *(Sql(name) for name in _TEXTS),
        Sql("timestamp, arrival, person_key"),
    ],
)


def shape(asked: Page, rows: Rows) -> Answer:
    """Rows of `as_sent`, one more than the limit, as a page of events."""
    page = rows.rows[: asked.limit]
    return shape_known([place_of(row) for row in page], page, more=len(rows.rows) > asked.limit)


def shape_known(keys: Sequence[Key], rows: list[list[Any]], *, more: bool) -> Answer:
    """Rows of `details` as the page of these keys; `more` where others come behind them."""
    return Answer(data=[event_of(row) for row in rows], next=cursor_of(keys[-1]) if more else None)


def place_of(row: list[Any]) -> Key:
    """What a cursor behind a row of `as_sent` names."""
    return row[2], str(row[1])


def size_of(row: list[Any]) -> int:
    """About how many bytes a row of `as_sent` holds."""
    return sum(len(value) for value in row if isinstance(value, str))


# ── in the order of arrival ──────────────────────────────────────────────────────────────────────────────────


def build_arrived(wanted: Choice, context: Context, after: int, until: int, limit: int) -> Query:
    """What arrived behind the place `after` and up to `until`, oldest first, in the columns of `as_sent`."""
    where = sql(
        "$where ORDER BY arrival LIMIT $limit",
        where=_arrived(wanted, context, after, until),
        limit=bind(limit, "UInt32"),
    )
    return query_of(as_sent(context.project_id, where, order=Sql("arrival")))


def build_missed(wanted: Choice, context: Context, after: int, until: int) -> Query:
    """How many that are, and their first and last time: one row."""
    return query_of(
        sql(
            "SELECT count(), toUnixTimestamp64Milli(min(timestamp)), toUnixTimestamp64Milli(max(timestamp))"
            " FROM events WHERE project_id = $project AND $where",
            project=bind(context.project_id, "UInt32"),
            where=_arrived(wanted, context, after, until),
        )
    )


def build_check(wanted: Choice, context: Context) -> Query | None:
    """What the engine has to find good before a feed begins, where there is something.

    Raises `BadRequest` with the path of a filter that is none.
    """
    _wanted(wanted, context)
    matched = [sql("match('', $pattern)", pattern=bind(one, "String")) for one in patterns(wanted.filters)]
    return query_of(sql("SELECT $matched", matched=join(", ", matched))) if matched else None


def arrival_of(row: list[Any]) -> int:
    """The place in the order of arrival of a row of `as_sent`."""
    return row[-2]


def _arrived(wanted: Choice, context: Context, after: int, until: int) -> Sql:
    return all_of(
        [
            sql("arrival > $after", after=bind(after, "UInt64")),
            sql("arrival <= $until", until=bind(until, "UInt64")),
            *_wanted(wanted, context),
        ]
    )


def event_of(row: list[Any]) -> dict[str, object]:
    """A row of `as_sent` as an event."""
    name, event_id, at, received, sent_at, seq, groups, sent, user_type, bot, flags, violations, redacted, *rest = row
    texts = dict(zip(_TEXTS, rest, strict=False))
    person = rest[-1]
    return {
        "event": name,
        "event_id": event_id,
        "timestamp": rfc3339(at),
        "sent_at": None if sent_at is None else rfc3339(sent_at),
        "received_at": rfc3339(received),
        "seq": seq,
        **{field: text or None for field, text in texts.items()},
        "groups": groups,
        "properties": msgspec.Raw(str(sent).encode()),
        "person_id": person or None,
        "user_type": user_type,
        "bot": bool(bot),
        "flags": flags,
        "violations": [msgspec.Raw(str(one).encode()) for one in violations],
        "redacted": redacted,
    }


COLUMNS: Columns = {
    "event": "text", "event_id": "text", "timestamp": "text", "sent_at": "text", "received_at": "text",
    "seq": "integer",
    **dict.fromkeys(_TEXTS, "text"),
    "groups": "text", "properties": "text", "person_id": "text", "user_type": "text", "bot": "boolean",
    "flags": "text", "violations": "text", "redacted": "text",
}  # fmt: skip
"""The members of `event_of`, as columns of a file."""
