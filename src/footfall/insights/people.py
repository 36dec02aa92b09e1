"""People one by one: the directory, and all that is known of one of them.

Who they are is what every number goes by (R23): links and merges are looked up when somebody asks. What is told of one
person is over all of their events, bots included.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, cast

import msgspec

from footfall.insights import events, lists, traits
from footfall.insights.filters import Filter, conditions
from footfall.insights.paging import At, Page, checked, cursor_of, position_of
from footfall.insights.question import Query, Rows, query_of
from footfall.insights.sql import (
    MILLIS,
    Context,
    Sql,
    Viewpoint,
    all_of,
    bind,
    bind_many,
    join,
    owners,
    sql,
    with_person,
    with_session,
)
from footfall.model.event import Millis
from footfall.model.period import Period, buckets, from_millis, label, midnight, rfc3339, shifted, zone_of


def viewpoint_of(context: Context) -> Viewpoint:
    return Viewpoint(project_id=context.project_id, zone=zone_of(context.timezone))


# ── the directory ────────────────────────────────────────────────────────────────────────────────────────────


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /api/people`."""

    search: str = ""
    """Part of an id or of a trait, in capitals or not, or the beginning of a person's id."""
    filters: tuple[Filter, ...] = ()
    """Of events; listed are the people of whom one or more fit."""
    include_bots: bool = False
    page: Page = Page()


class Listed(lists.Person, frozen=True, kw_only=True):
    traits: dict[str, Any]


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """Who was seen last comes first."""

    total: int
    people: list[Listed]
    next: str | None


def build(request: Request, context: Context) -> Query:
    """Rows of (person, last seen, number of all who fit), one more than the limit."""
    view = viewpoint_of(context)
    fits = all_of(
        [
            Sql("1") if request.include_bots else Sql("NOT bot"),
            *conditions(request.filters, "$.filters", view),
        ]
    )
    named, found = _search(request.search, view) if request.search else (Sql("1"), Sql("1"))
    everybody = sql(
        "SELECT person, max(millis) AS last, max(fits) AS fitting, max(named) AS called FROM ($rows)"
        " WHERE person != 0 GROUP BY person HAVING fitting AND ($found)",
        found=found,
        rows=with_person(
            sql(
                "SELECT person_key, $millis AS millis, ($fits) AS fits, ($named) AS named FROM events"
                " WHERE project_id = $project",
                millis=MILLIS,
                fits=fits,
                named=named,
                project=bind(context.project_id, "UInt32"),
            ),
            context.project_id,
        ),
    )
    behind = Sql("1")
    if request.page.cursor is not None:
        last, person = position_of(request.page.cursor, tuple[At, int])
        behind = sql("(last, person) < ($last, $person)", last=bind(last, "Int64"), person=bind(person, "UInt64"))
    return query_of(
        sql(
            "SELECT person, last, total FROM (SELECT *, count() OVER () AS total FROM ($everybody)) WHERE $behind"
            " ORDER BY last DESC, person DESC LIMIT $limit",
            everybody=everybody,
            behind=behind,
            limit=bind(checked(request.page.limit) + 1, "UInt32"),
        )
    )


def _search(text: str, view: Viewpoint) -> tuple[Sql, Sql]:
    """Whether an event's own ids hold the text, and whether a person of such events, or otherwise, does."""
    wanted = bind(text, "String")
    named = sql(
        "positionCaseInsensitiveUTF8(user_id, $text) > 0 OR positionCaseInsensitiveUTF8(anonymous_id, $text) > 0",
        text=wanted,
    )
    return named, sql(
        "called OR startsWith(leftPad(lower(hex(person)), 16, '0'), lower($text))"
        " OR person IN (SELECT owner FROM ($owners) WHERE positionCaseInsensitiveUTF8(id, $text) > 0)"
        " OR person IN (SELECT person FROM ($traits)"
        " WHERE positionCaseInsensitiveUTF8(JSONExtractString(value), $text) > 0)",
        text=wanted,
        owners=owners(view.project_id),
        traits=traits.every(view, Sql("1")),
    )


def build_listed(rows: Rows, request: Request, context: Context) -> dict[str, Query]:
    """What is asked about the people of the page; nothing where there are none."""
    view = viewpoint_of(context)
    keys = [[person] for person, *_ in rows.rows[: request.page.limit]]
    if not keys:
        return {}
    return {
        "people": query_of(lists.LISTS["people"].details(view, keys, "page")),
        "traits": query_of(traits.every(view, lists.theirs(view, [person for (person,) in keys]))),
    }


def shape(rows: Rows, request: Request, details: Mapping[str, Rows]) -> Directory:
    page = rows.rows[: request.page.limit]
    more = len(rows.rows) > request.page.limit
    keys = [[person] for person, *_ in page]
    known = lists.LISTS["people"].shape(0, keys, details["people"].rows if page else [], None)
    told = _traits(details["traits"]) if page else {}
    return Directory(
        total=page[0][2] if page else 0,
        people=[
            Listed(**msgspec.structs.asdict(one), traits=told.get(person, {}))
            for one, (person,) in zip(cast("lists.People", known).people, keys, strict=True)
        ],
        next=cursor_of([page[-1][1], page[-1][0]]) if more else None,
    )


def _traits(rows: Rows) -> dict[int, dict[str, Any]]:
    told: dict[int, dict[str, Any]] = {}
    for person, trait, value in sorted(rows.rows):
        told.setdefault(person, {})[trait] = msgspec.Raw(value.encode())
    return told


# ── one of them ──────────────────────────────────────────────────────────────────────────────────────────────

_PERSON_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


def build_found(name: str, context: Context) -> Query:
    """At most one row: the person whom a person's id, a user's or an anonymous one means, in this order.

    An id of before a link or a merge means whom it counts as now.
    """
    text = bind(name, "String")
    keys = [sql("(2, sipHash64('user', $text))", text=text), sql("(3, sipHash64('anonymous', $text))", text=text)]
    if _PERSON_ID.fullmatch(name) and int(name, 16):  # 0 is nobody, whose events are no person's
        keys.append(sql("(1, $id)", id=bind(int(name, 16), "UInt64")))
    listed = sql("(SELECT arrayJoin([$keys]) AS key)", keys=join(", ", keys))
    return query_of(
        sql(
            "SELECT person FROM ($meant) WHERE person != person_key OR person_key IN (SELECT person_key FROM events"
            " WHERE project_id = $project AND person_key IN (SELECT key.2 FROM $listed)) ORDER BY place LIMIT 1",
            meant=with_person(
                sql("SELECT key.1 AS place, key.2 AS person_key FROM $listed", listed=listed), context.project_id
            ),
            project=bind(context.project_id, "UInt32"),
            listed=listed,
        )
    )


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A device, browser or system, or a group."""

    value: str
    events: int
    last_seen: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    day: str
    """Its beginning, in the project's zone."""
    events: int


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    events: int
    sessions: int
    by_day: list[Day]
    """Days with events, oldest first; those of the last year in which there were any."""


class Profile(lists.Person, frozen=True, kw_only=True):
    user_ids: list[str]
    """The user and whoever was merged into them."""
    traits: dict[str, Any]
    """What was told last of each; not those that were told to be null."""
    groups: dict[str, list[Seen]]
    """By kind, such as `organization`."""
    devices: list[Seen]
    browsers: list[Seen]
    os: list[Seen]
    activity: Activity


YEAR = 366
"""Days."""
Facet = Literal["device", "browser", "os", "day"]


def build_person(person: int, context: Context) -> dict[str, Query]:
    """Who they are: `person` (as behind a number), the `users` that they count for, and `traits`."""
    view = viewpoint_of(context)
    return {
        "person": query_of(lists.LISTS["people"].details(view, [[person]], "page")),
        "users": query_of(
            sql(
                "SELECT id FROM ($owners) WHERE is_user AND owner = $person ORDER BY id",
                owners=owners(context.project_id),
                person=bind(person, "UInt64"),
            )
        ),
        "traits": query_of(traits.every(view, lists.theirs(view, [person]))),
    }


def build_activity(person: int, context: Context, known: Mapping[str, Rows]) -> dict[str, Query]:
    """What they did: `facets` (facet, value, events, last seen), and one row of (events, sessions)."""
    view = viewpoint_of(context)
    theirs = lists.theirs(view, [person])
    return {
        "facets": query_of(
            sql(
                "SELECT facet.1 AS name, facet.2 AS value, count() AS events, max(millis) AS last FROM ("
                "SELECT $millis AS millis, arrayConcat([('device', toString(device)), ('browser', toString(browser)),"
                " ('os', toString(os)), ('day', toString(roundDown(millis, $days)))],"
                " arrayMap((k, v) -> (concat('group.', k), v), mapKeys(groups), mapValues(groups))) AS facets"
                " FROM events WHERE $theirs) ARRAY JOIN facets AS facet WHERE value != ''"
                " GROUP BY name, value ORDER BY name, events DESC, value",
                millis=MILLIS,
                # What lies before the first of them is in none.
                days=bind([0, *_days(known, view)], "Array(Int64)"),
                theirs=theirs,
            )
        ),
        "activity": query_of(
            sql(
                "SELECT count(), uniqExact(session) FROM ($rows)",
                rows=with_session(theirs, Sql("1"), context.project_id),
            )
        ),
    }


def _days(known: Mapping[str, Rows], view: Viewpoint) -> tuple[Millis, ...]:
    """Beginnings of the local days up to the one on which they were last seen."""
    first, last = known["person"].rows[0][-2:]
    end = shifted(midnight(from_millis(last, view.zone).date(), view.zone), view.zone, 1)
    start = max(midnight(from_millis(first, view.zone).date(), view.zone), shifted(end, view.zone, -YEAR))
    return buckets(Period(start, end, view.zone), "day", "monday")


def shape_profile(person: int, context: Context, known: Mapping[str, Rows], did: Mapping[str, Rows]) -> Profile:
    view = viewpoint_of(context)
    listed = cast("lists.People", lists.LISTS["people"].shape(1, [[person]], known["person"].rows, None)).people[0]
    facets: dict[str, list[Seen]] = {}
    for facet, value, count, last in did["facets"].rows:
        facets.setdefault(facet, []).append(Seen(value=value, events=count, last_seen=rfc3339(last)))
    ((count, sessions),) = did["activity"].rows
    days = sorted((int(one.value), one.events) for one in facets.get("day", []))
    first = _days(known, view)[0]
    return Profile(
        **msgspec.structs.asdict(listed),
        user_ids=[*([listed.user_id] if listed.user_id else []), *(row[0] for row in known["users"].rows)],
        traits=_traits(known["traits"]).get(person, {}),
        groups={name.removeprefix("group."): seen for name, seen in facets.items() if name.startswith("group.")},
        devices=facets.get("device", []),
        browsers=facets.get("browser", []),
        os=facets.get("os", []),
        activity=Activity(
            events=count,
            sessions=sessions,
            by_day=[Day(day=label(day, view.zone), events=n) for day, n in days if day >= first],
        ),
    )


# ── what they did, one after the other ───────────────────────────────────────────────────────────────────────


Stream = events.Answer


def build_events(person: int, page: Page, context: Context) -> Query:
    """Their events as they were sent, oldest first, one more than the limit."""
    return query_of(
        events.as_sent(
            context.project_id,
            sql(
                "$theirs AND ($ahead) ORDER BY $order LIMIT $limit",
                theirs=lists.theirs(viewpoint_of(context), [person]),
                ahead=events.ahead(page),
                order=events.OLDEST_FIRST,
                limit=bind(checked(page.limit) + 1, "UInt32"),
            ),
            order=events.OLDEST_FIRST,
        )
    )


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """An event, in short."""

    event: str
    event_id: str
    timestamp: str
    page: str | None
    component: str | None
    action: str | None


class Visit(lists.Session, frozen=True, kw_only=True):
    timeline: list[Moment]
    """Its events in order, the first of them where there are very many."""


class Visits(msgspec.Struct, frozen=True, kw_only=True):
    """The latest first."""

    total: int
    sessions: list[Visit]
    next: str | None


MOMENTS = 500
"""Of a timeline."""


def sessions_of(person: int, context: Context) -> Sql:
    """All of their sessions, as a list wants its members."""
    return with_session(lists.theirs(viewpoint_of(context), [person]), Sql("1"), context.project_id)


def build_timelines(person: int, page: Page, rows: Mapping[str, Rows], context: Context) -> Query | None:
    """Rows of (session, its first events) for the sessions of a page; None where there are none."""
    keys = [row[0] for row in rows["page"].rows[: page.limit]]
    if not keys:
        return None
    return query_of(
        sql(
            "SELECT session, arraySlice(arraySort(groupArray((millis, ifNull(seq, 0), event_id, event, page, component,"
            " action))), 1, $most) FROM ($rows) WHERE session IN (SELECT arrayJoin($sessions)) GROUP BY session",
            most=bind(MOMENTS, "UInt32"),
            sessions=bind_many(keys, "Array(UInt64)"),
            rows=with_session(
                lists.theirs(viewpoint_of(context), [person]),
                Sql("1"),
                context.project_id,
                None,
                Sql(", seq, event_id, page, component, action"),
            ),
        )
    )


def shape_sessions(listed: lists.Sessions, page: Page, rows: Mapping[str, Rows], timelines: Rows | None) -> Visits:
    told = {row[0]: row[1] for row in timelines.rows} if timelines else {}
    keys = [row[0] for row in rows["page"].rows[: page.limit]]
    return Visits(
        total=listed.total,
        sessions=[
            Visit(
                **msgspec.structs.asdict(one),
                timeline=[
                    Moment(
                        event=event,
                        event_id=event_id,
                        timestamp=rfc3339(millis),
                        page=at or None,
                        component=component or None,
                        action=action or None,
                    )
                    for millis, _, event_id, event, at, component, action in told[key]
                ],
            )
            for key, one in zip(keys, listed.sessions, strict=True)
        ],
        next=listed.next,
    )
