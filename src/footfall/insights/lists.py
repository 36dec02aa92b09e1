"""The lists behind numbers (R6): people, events or sessions, with their exact length.

A kind of question says which rows a number was counted over (its `members`); from there on all lists are made here, in
two steps: the length and the keys of one page, read from those rows; then what is known about these few.

Members are rows of `person` for people, of `person`, `session`, `session_key` and `millis` for sessions, and of
`timestamp` and `event_id`, a row each, for events.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from footfall.insights import events, visit
from footfall.insights.groups import id_of
from footfall.insights.paging import At, Page, cursor_of, position_of
from footfall.insights.question import Query, about, query_of
from footfall.insights.source import Unit
from footfall.insights.sql import (
    NOTHING,
    Sql,
    Viewpoint,
    all_of,
    bind,
    bind_many,
    moment,
    owners,
    sql,
    with_person,
    with_session,
)
from footfall.insights.table import Columns, Value, plain
from footfall.model.period import rfc3339


class Person(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    """The `person_id` of their events."""
    user_id: str | None
    """Null for somebody who never signed in."""
    anonymous_ids: list[str]
    """The ids that an identify linked to the user (R23), or the one that they have."""
    first_seen: str
    last_seen: str


class People(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    people: list[Person]
    next: str | None


class Events(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    events: list[dict[str, Any]]
    next: str | None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """All of a session, also what lies outside of the question's range."""

    id: str
    """The client's `session_id`; one of ours for events that came without."""
    person_id: str
    started: str
    duration_s: float
    events: int
    entry: str | None
    """Page of the first page view, or component of the first visit, where the question is by component."""
    exit: str | None
    bounced: bool


class Sessions(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    sessions: list[Session]
    next: str | None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the place of a person where a question is asked per group."""

    id: str
    """As events carry it."""
    people: int
    """Of whom there were events with it."""
    first_seen: str
    last_seen: str
    traits: dict[str, Any]
    """Of each the latest value that a `$group` event told."""


class Groups(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    groups: list[Group]
    next: str | None


Answer = People | Groups | Events | Sessions


class List(msgspec.Struct, frozen=True):
    """One row of the table of lists."""

    summary: str
    answer: type[Answer]
    page: Callable[[Sql, Page], Sql]
    """Members to (length, keys …): the rows of one page and one more."""
    details: Callable[[Viewpoint, list[list[Any]], visit.By], Sql]
    shape: Callable[[int, list[list[Any]], list[list[Any]], str | None], Answer]
    place: Callable[[list[Any]], list[int | str]]
    """What a cursor behind a row of the page names."""
    columns: Columns
    rows: Callable[[Any], list[list[Value]]]
    """An answer as rows of a file."""
    whose: bool = True
    """Whether an item belongs to a person, in whose place a group may stand."""


def list_of(unit: Unit, per: str | None) -> List:
    """The row of a unit, of a question that is asked per group or not."""
    return GROUPS if unit == "people" and per is not None else LISTS[unit]


def build(unit: Unit, members: Sql, page: Page, group: str | None = None) -> dict[str, Query]:
    """Queries for the length of the list and the keys of a page, one more than the limit."""
    row = list_of(unit, group)
    queries = {
        "total": query_of(sql("SELECT $total FROM ($members)", total=_TOTALS[unit], members=members)),
        "page": query_of(sql("$page LIMIT $limit", page=row.page(members, page), limit=bind(page.limit + 1, "UInt32"))),
    }
    return {name: about(group, query) for name, query in queries.items()}


def build_details(unit: Unit, view: Viewpoint, keys: list[list[Any]], by: visit.By = "page") -> Query:
    """What is asked about items of a page; there is one at least. `by` is what sessions are told by."""
    row = list_of(unit, view.group)
    return about(view.group if row.whose else None, query_of(row.details(view, keys, by)))


def shape(
    unit: Unit,
    total: int,
    keys: list[list[Any]],
    details: list[list[Any]],
    *,
    more: bool,
    group: str | None = None,
) -> Answer:
    """The page, in the order of its keys; `more` where others come behind it."""
    row = list_of(unit, group)
    return row.shape(total, keys, details, cursor_of(row.place(keys[-1])) if more else None)


_TOTALS: dict[Unit, Sql] = {
    "people": Sql("uniqExactIf(person, person != 0)"),
    "sessions": Sql("uniqExactIf(session, session != 0)"),
    "events": Sql("count()"),
}


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────


def _people_page(members: Sql, page: Page) -> Sql:
    after = 0 if page.cursor is None else position_of(page.cursor, tuple[int])[0]
    return sql(
        "SELECT person FROM ($members) WHERE person > $after GROUP BY person ORDER BY person",
        members=members,
        after=bind(after, "UInt64"),
    )


def _people_details(view: Viewpoint, keys: list[list[Any]], _by: visit.By) -> Sql:
    """Rows of (person, user, anonymous ids, first and last seen), over all that is known of these people.

    An id may have been linked without an event of its own, so links are asked as well.
    """
    return sql(
        # Of a merged user's ids theirs comes first, whose key the person has.
        "SELECT person, argMax(user, (user != '', person_key = person)),"
        " arraySort(arrayDistinct(arrayConcat(any(linked),"
        " groupUniqArrayIf(anonymous_id, user_id = '' AND anonymous_id != '')))), min(millis), max(millis) FROM"
        " (SELECT r.*, r.user_id AS user, l.ids AS linked FROM ($rows) AS r ANY LEFT JOIN"
        " (SELECT owner, groupArrayIf(id, NOT is_user) AS ids FROM ($links) GROUP BY owner) AS l ON l.owner = r.person)"
        " GROUP BY person",
        links=owners(view.project_id, view.hidden_after),
        rows=with_person(
            sql(
                "SELECT person_key, user_id, anonymous_id, toUnixTimestamp64Milli(timestamp) AS millis"
                " FROM events WHERE $theirs",
                theirs=theirs(view, [key for key, *_ in keys]),
            ),
            view.project_id,
            view.hidden_after,
        ),
    )


def theirs(view: Viewpoint, people: list[int]) -> Sql:
    """Every event of these people that the question may know of."""
    conditions = [
        sql("project_id = $project", project=bind(view.project_id, "UInt32")),
        sql(
            "person_key IN (SELECT arrayJoin($people) UNION ALL SELECT key FROM ($owners) WHERE has($people, owner))",
            people=bind_many(people, "Array(UInt64)"),
            owners=owners(view.project_id, view.hidden_after),
        ),
    ]
    if view.hidden_after is not None:
        conditions.append(sql("timestamp <= $now", now=moment(view.hidden_after)))
    return all_of(conditions)


def _people(total: int, keys: list[list[Any]], details: list[list[Any]], following: str | None) -> People:
    known = {person: rest for person, *rest in details}
    return People(
        total=total,
        people=[
            Person(
                id=person_id(person),
                user_id=user or None,
                anonymous_ids=anonymous,
                first_seen=rfc3339(first),
                last_seen=rfc3339(last),
            )
            for (person,) in keys
            for user, anonymous, first, last in [known[person]]
        ],
        next=following,
    )


# ── groups ───────────────────────────────────────────────────────────────────────────────────────────────────


def _groups_details(view: Viewpoint, keys: list[list[Any]], _by: visit.By) -> Sql:
    """Rows of (group, id, people, first, last, traits), over all events with these groups."""
    theirs = sql(
        "project_id = $project AND person_key IN (SELECT arrayJoin($keys))$shown",
        project=bind(view.project_id, "UInt32"),
        keys=bind_many([key for key, *_ in keys], "Array(UInt64)"),
        shown=NOTHING if view.hidden_after is None else sql(" AND timestamp <= $now", now=moment(view.hidden_after)),
    )
    seen = with_person(
        sql(
            "SELECT own_key AS person_key, the_group, id, millis FROM (SELECT own_key, person_key AS the_group,"
            " $id AS id, toUnixTimestamp64Milli(timestamp) AS millis FROM events WHERE $theirs)",
            id=id_of(view.group or ""),
            theirs=theirs,
        ),
        view.project_id,
        view.hidden_after,
    )
    told = sql(
        "SELECT the_group, groupArray((trait, value)) AS traits FROM (SELECT the_group, pair.1 AS trait,"
        " argMax(pair.2, (timestamp, event_id)) AS value FROM (SELECT person_key AS the_group, timestamp, event_id,"
        " JSONExtractKeysAndValuesRaw(sent, 'traits') AS pairs FROM events WHERE event = '$$group' AND $theirs)"
        " ARRAY JOIN pairs AS pair GROUP BY the_group, trait HAVING value != 'null') GROUP BY the_group",
        theirs=theirs,
    )
    return sql(
        "SELECT s.the_group, any(s.id), uniqExactIf(s.person, s.person != 0), min(s.millis), max(s.millis),"
        " any(t.traits) FROM ($seen) AS s ANY LEFT JOIN ($told) AS t ON t.the_group = s.the_group GROUP BY s.the_group",
        seen=seen,
        told=told,
    )


def _groups(total: int, keys: list[list[Any]], details: list[list[Any]], following: str | None) -> Groups:
    known = {group: rest for group, *rest in details}
    return Groups(
        total=total,
        groups=[
            Group(
                id=group_id,
                people=count,
                first_seen=rfc3339(first),
                last_seen=rfc3339(last),
                traits={name: msgspec.Raw(value.encode()) for name, value in sorted(traits)},
            )
            for (key,) in keys
            for group_id, count, first, last, traits in [known[key]]
        ],
        next=following,
    )


def person_id(person: int) -> str:
    return f"{person:016x}"


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────


def _events_page(members: Sql, page: Page) -> Sql:
    return sql(
        "SELECT toUnixTimestamp64Milli(timestamp), event_id FROM ($members) WHERE $behind ORDER BY $order",
        members=members,
        behind=events.behind(page),
        order=events.NEWEST_FIRST,
    )


def _events_details(view: Viewpoint, keys: list[list[Any]], _by: visit.By) -> Sql:
    return events.details(view.project_id, [(at, event_id) for at, event_id in keys], view.hidden_after)


def _events(total: int, _keys: list[list[Any]], details: list[list[Any]], following: str | None) -> Events:
    return Events(total=total, events=[events.event_of(row) for row in details], next=following)


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────


def _sessions_page(members: Sql, page: Page) -> Sql:
    """Rows of (session, person, whether it has an id, one of its moments), the latest first."""
    after = NOTHING
    if page.cursor is not None:
        at, session = position_of(page.cursor, tuple[At, int])
        after = sql("HAVING (at, session) < ($at, $session)", at=bind(at, "Int64"), session=bind(session, "UInt64"))
    return sql(
        "SELECT session, any(person) AS whose, any(session_key) != 0 AS named, min(millis) AS at FROM ($members)"
        " WHERE session != 0 GROUP BY session $after ORDER BY at DESC, session DESC",
        members=members,
        after=after,
    )


def _sessions_details(view: Viewpoint, keys: list[list[Any]], by: visit.By) -> Sql:
    """Rows of (session, person, named, its moments on the page, id, started, ended, events, entry, exit, bounced).

    A session without an id is called by the beginning of what was read, so it is found again by a moment of it.
    """
    nameless = [(person, at) for _, person, named, at in keys if not named]
    found = sql(
        "session_key = 0 AND (person, millis) IN (SELECT arrayJoin(arrayZip($people, $moments)))",
        people=bind_many([person for person, _ in nameless], "Array(UInt64)"),
        moments=bind_many([at for _, at in nameless], "Array(Int64)"),
    )
    return sql(
        "WITH $names AS names SELECT session, any(person) AS whose, any(session_key) != 0 AS named,"
        " groupUniqArrayIf(millis, $found) AS seen, any(session_id), $started, $ended, count(),"
        " names[$entry], names[$exit], $bounced"
        " FROM ($rows) GROUP BY session"
        " HAVING if(named, session IN (SELECT arrayJoin($sessions)), notEmpty(seen))",
        names=visit.names(by, view.project_id),
        found=found,
        started=visit.STARTED,
        ended=visit.ENDED,
        entry=visit.ENTRY,
        exit=visit.EXIT,
        bounced=visit.BOUNCED,
        sessions=bind_many([session for session, _, named, _ in keys if named], "Array(UInt64)"),
        rows=with_session(
            theirs(view, list({person for _, person, _, _ in keys})),
            Sql("1"),
            view.project_id,
            view.hidden_after,
            sql(", session_id$told", told=visit.told(by)),
        ),
    )


def _sessions(total: int, keys: list[list[Any]], details: list[list[Any]], following: str | None) -> Sessions:
    found: dict[tuple[int, int], Session] = {}
    for session, person, named, seen, session_id, started, ended, count, entry, exit_, bounced in details:
        one = Session(
            id=session_id if named else f"{person_id(person)}-{started}",
            person_id=person_id(person),
            started=rfc3339(started),
            duration_s=(ended - started) / 1000,
            events=count,
            entry=entry or None,
            exit=exit_ or None,
            bounced=bool(bounced),
        )
        found |= {(person, session): one} if named else {(person, at): one for at in seen}
    return Sessions(
        total=total,
        sessions=[found[person, session if named else at] for session, person, named, at in keys],
        next=following,
    )


# ── as files ─────────────────────────────────────────────────────────────────────────────────────────────────

_PEOPLE: Columns = {
    "id": "text", "user_id": "text", "anonymous_ids": "text", "first_seen": "text", "last_seen": "text",
}  # fmt: skip
_GROUPS: Columns = {"id": "text", "people": "integer", "first_seen": "text", "last_seen": "text", "traits": "text"}
_SESSIONS: Columns = {
    "id": "text", "person_id": "text", "started": "text", "duration_s": "number", "events": "integer",
    "entry": "text", "exit": "text", "bounced": "boolean",
}  # fmt: skip


def _rows_of(items: list[Any], columns: Columns) -> list[list[Value]]:
    """Items as rows; what is no plain value is written as JSON."""
    whole = (item if isinstance(item, dict) else msgspec.structs.asdict(item) for item in items)
    return [[plain(item[name]) for name in columns] for item in whole]


LISTS: dict[Unit, List] = {
    "people": List(
        "The people behind a number.",
        People,
        _people_page,
        _people_details,
        _people,
        lambda key: [key[0]],
        _PEOPLE,
        lambda answer: _rows_of(answer.people, _PEOPLE),
    ),
    "events": List(
        "The events behind a number, newest first.",
        Events,
        _events_page,
        _events_details,
        _events,
        lambda key: [key[0], key[1]],
        events.COLUMNS,
        lambda answer: _rows_of(answer.events, events.COLUMNS),
        whose=False,
    ),
    "sessions": List(
        "The sessions behind a number, newest first.",
        Sessions,
        _sessions_page,
        _sessions_details,
        _sessions,
        lambda key: [key[3], key[0]],
        _SESSIONS,
        lambda answer: _rows_of(answer.sessions, _SESSIONS),
    ),
}

GROUPS = List(
    "The groups behind a number of a question per group.",
    Groups,
    _people_page,
    _groups_details,
    _groups,
    lambda key: [key[0]],
    _GROUPS,
    lambda answer: _rows_of(answer.groups, _GROUPS),
)
"""In the place of people, where a question is asked per group."""
