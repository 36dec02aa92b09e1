"""Events as they were sent, newest first: the explorer's list (`GET /api/events`), with a cursor.

Bots are included (`contract.md`, small print). A page is found by (timestamp, event id), so events that arrive
while somebody pages neither repeat nor hide one.
"""

from typing import Any, LiteralString

import msgspec

from footfall.identity import PERSON_ID
from footfall.insights.filters import Filter, conditions
from footfall.insights.paging import Page, checked, cursor_of, position_of
from footfall.insights.question import Query, Rows, query_of
from footfall.insights.sql import Context, Sql, Viewpoint, all_of, bind, is_event, join, moment, sql, with_person
from footfall.insights.table import Columns
from footfall.model.event import Millis
from footfall.model.period import parse_moment, rfc3339, zone_of

_TEXTS: tuple[LiteralString, ...] = (
    "user_id", "anonymous_id", "session_id", "page", "url", "referrer", "title", "section", "component",
    "component_hash", "action", "locale", "screen", "app_version", "device", "browser", "os",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
)  # fmt: skip


class Request(msgspec.Struct, frozen=True, kw_only=True):
    event: str | None = None
    filters: list[Filter] = []
    start: str | None = None
    end: str | None = None
    page: Page = Page()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    data: list[dict[str, object]]
    next: str | None


def build(request: Request, context: Context) -> Query:
    """One row more than the limit, so that the answer knows whether there is a next page."""
    zone = zone_of(context.timezone)
    view = Viewpoint(project_id=context.project_id, zone=zone)
    wanted: list[Sql] = []
    if request.event:
        wanted.append(is_event(request.event))
    if request.start is not None:
        wanted.append(sql("timestamp >= $at", at=moment(parse_moment(request.start, zone, path="$.from"))))
    if request.end is not None:
        wanted.append(sql("timestamp < $at", at=moment(parse_moment(request.end, zone, path="$.to"))))
    wanted += [behind(request.page), *conditions(request.filters, "$.filters", view)]
    limit = bind(checked(request.page.limit) + 1, "UInt32")
    return query_of(
        as_sent(
            context.project_id,
            sql("$where ORDER BY $order LIMIT $limit", where=all_of(wanted), order=NEWEST_FIRST, limit=limit),
        )
    )


NEWEST_FIRST = Sql("timestamp DESC, event_id DESC")
"""Of rows that have `timestamp` and `event_id`."""
OLDEST_FIRST = Sql("timestamp, event_id")


def behind(page: Page) -> Sql:
    """The rows of a list in `NEWEST_FIRST` that come after its cursor."""
    if page.cursor is None:
        return Sql("1")
    at, event_id = position_of(page.cursor, tuple[int, str])
    return sql("timestamp < $at OR (timestamp = $at AND event_id < $id)", at=moment(at), id=bind(event_id, "String"))


def ahead(page: Page) -> Sql:
    """The same of a list in `OLDEST_FIRST`."""
    if page.cursor is None:
        return Sql("1")
    at, event_id = position_of(page.cursor, tuple[int, str])
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
        Sql("seq, groups, sent, user_type, bot, flags, violations"),
        *(Sql(name) for name in _TEXTS),
        Sql("timestamp, person_key"),
    ],
)


def shape(asked: Page, rows: Rows) -> Answer:
    """Rows into events, in the fields of `contract.md`; null where nothing is known."""
    page = rows.rows[: asked.limit]
    more = len(rows.rows) > asked.limit
    return Answer(data=[event_of(row) for row in page], next=cursor_of(place_of(page[-1])) if more else None)


def place_of(row: list[Any]) -> tuple[Millis, str]:
    """What a cursor behind this row names: time and id."""
    return row[2], str(row[1])


def event_of(row: list[Any]) -> dict[str, object]:
    """A row of `as_sent` as an event."""
    name, event_id, at, received, sent_at, seq, groups, sent, user_type, bot, flags, violations, *rest = row
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
        "violations": violations,
    }


COLUMNS: Columns = {
    "event": "text", "event_id": "text", "timestamp": "text", "sent_at": "text", "received_at": "text",
    "seq": "integer",
    **dict.fromkeys(_TEXTS, "text"),
    "groups": "text", "properties": "text", "person_id": "text", "user_type": "text", "bot": "boolean",
    "flags": "text", "violations": "text",
}  # fmt: skip
"""The members of `event_of`, as columns of a file."""
