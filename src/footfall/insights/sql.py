"""SQL as a value: all text is ours, every value is bound.

A `Sql` is text and parameters. Text is `LiteralString`, so a type checker refuses anything that was put
together from data; a value enters only through `bind`, a fragment only through `sql(template, name=fragment)`.
The rest of the file is the vocabulary that questions share: which rows, whose, and in which session.
"""

import hashlib
from collections.abc import Iterable, Mapping
from string import Template
from typing import LiteralString, cast
from zoneinfo import ZoneInfo

import msgspec

from footfall import identity
from footfall.model.event import Millis
from footfall.model.period import Period, Weekday

Value = int | float | str | list[int] | list[float] | list[str]


class Sql(msgspec.Struct, frozen=True):
    """A piece of SQL: `{p…:Type}` placeholders in `text`, their values in `params`."""

    text: LiteralString
    params: dict[str, Value] = {}


NOTHING = Sql("")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a project's events before a question about them is written (ADR 0068).

    A statement that need not look for what is not there is made quicker. Nothing known is always right.
    """

    nameless: bool = True
    """Whether somebody's event came without a session id."""
    counts: tuple[tuple[Period, Mapping[str, int]], ...] = ()
    """How many events of each name lie in some ranges of whole hours."""

    def count(self, event: str, period: Period) -> int | None:
        """How many of that name (`*` for all) there are in the range at most; None where nobody has counted."""
        for counted, counts in self.counts:
            if counted.start <= period.start and period.end <= counted.end:
                return sum(counts.values()) if event == "*" else counts.get(event, 0)
        return None


NOTHING_KNOWN = Facts()


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a question is asked in: whose data, whose calendar, and what time it is."""

    project_id: int
    timezone: str
    now: Millis
    week_start: Weekday = "monday"
    facts: Facts = NOTHING_KNOWN


class Viewpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a property is looked at from: whose events, whose calendar, and how much of their time."""

    project_id: int
    zone: ZoneInfo
    """Of dates without an offset."""
    hidden_after: Millis | None = None
    """R11: a `now` in the request hides later events."""
    group: str | None = None
    """What stands in the place of people, such as `organization`."""


def bind(value: Value, kind: LiteralString) -> Sql:
    """A value as a parameter of a ClickHouse type. Equal values of a type share one parameter."""
    digest = hashlib.blake2b(f"{kind}\0{value!r}".encode(), digest_size=8).hexdigest()
    name = cast("LiteralString", f"p{digest}")  # hexadecimal of our own making
    return Sql("{" + name + ":" + kind + "}", {name: value})


def bind_many(values: list[int] | list[str], kind: LiteralString) -> Sql:
    """Many values as an array, of a ClickHouse type of array.

    As one JSON text: a parameter of 50 000 strings takes the engine half a minute, this half a second.
    """
    text = bind(msgspec.json.encode(values).decode(), "String")
    return sql("JSONExtract($text, '" + kind + "')", text=text)


def sql(template: LiteralString, **parts: Sql) -> Sql:
    """`template` with each `$name` replaced by the fragment of that name."""
    text = Template(template).substitute({name: part.text for name, part in parts.items()})
    params: dict[str, Value] = {}
    for part in parts.values():
        params |= part.params
    return Sql(cast("LiteralString", text), params)


def join(separator: LiteralString, parts: Iterable[Sql]) -> Sql:
    """Fragments one after the other, with `separator` between them."""
    listed = list(parts)
    params: dict[str, Value] = {}
    for part in listed:
        params |= part.params
    return Sql(separator.join(part.text for part in listed), params)


def any_of(conditions: Iterable[Sql]) -> Sql:
    """Conditions joined by OR; false when there are none."""
    listed = [sql("($condition)", condition=condition) for condition in conditions]
    return join(" OR ", listed) if listed else Sql("0")


def all_of(conditions: Iterable[Sql]) -> Sql:
    """Conditions joined by AND; true when there are none."""
    listed = [sql("($condition)", condition=condition) for condition in conditions]
    return join(" AND ", listed) if listed else Sql("1")


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────


def moment(at: Millis) -> Sql:
    """A time, bound."""
    return sql("fromUnixTimestamp64Milli($at, 'UTC')", at=bind(at, "Int64"))


def within(project_id: int, period: Period, hidden_after: Millis | None = None) -> Sql:
    """Events of a project in `[start, end)` (R7); none later than a `now` that the request gave (R11)."""
    return all_of(
        [
            # The days are in the sorting key, before people; of times alone the engine does not find the day.
            sql(
                "toDate(timestamp) BETWEEN toDate($start) AND toDate($end)",
                start=moment(period.start),
                end=moment(period.end),
            ),
            sql("timestamp >= $start", start=moment(period.start)),
            until(project_id, period.end, hidden_after),
        ]
    )


def until(project_id: int, end: Millis, hidden_after: Millis | None = None) -> Sql:
    """Every event of a project before `end`."""
    return all_of([known(project_id, hidden_after), sql("timestamp < $end", end=moment(end))])


def known(project_id: int, hidden_after: Millis | None = None) -> Sql:
    """Every event of a project that a question may know of."""
    conditions = [sql("project_id = $project", project=bind(project_id, "UInt32"))]
    if hidden_after is not None:
        conditions.append(sql("timestamp <= $now", now=moment(hidden_after)))
    return all_of(conditions)


def within_hours(project_id: int, period: Period) -> Sql:
    """The same by whole hours, in the words of the hourly projection, so that the engine may read that instead."""
    hour = "toStartOfHour(timestamp)"
    return all_of(
        [
            sql("project_id = $project", project=bind(project_id, "UInt32")),
            sql(hour + " >= toDateTime($start, 'UTC')", start=bind(period.start // 1000, "Int64")),
            sql(hour + " < toDateTime($end, 'UTC')", end=bind(period.end // 1000, "Int64")),
        ]
    )


def is_event(name: str) -> Sql:
    """Events of that name; `*` means every event whose name does not begin with `$` ("Words")."""
    if name == "*":
        return Sql("NOT startsWith(event, '$')")
    return sql("event = $name", name=bind(name, "String"))


MILLIS = Sql("toUnixTimestamp64Milli(timestamp)")
HOUR_MILLIS = Sql("toInt64(toUnixTimestamp(toStartOfHour(timestamp))) * 1000")
"""Of the hour that it is in; in the words of the hourly projection."""
_EVENTS = Sql("events")


def links(further: Sql = NOTHING, events: Sql = _EVENTS) -> Sql:
    """Anonymous id → user, by R23, before any merge: rows of (`project_id`, `key`, `owner`) and the `id` itself.

    `further` are more conditions (" AND …").
    """
    return sql(
        "SELECT project_id, $anonymous AS key, $owner AS owner, any($previous) AS id FROM $events"
        " WHERE $links AND user_id != '' AND key != sipHash64('anonymous', '')$further GROUP BY project_id, key",
        previous=Sql(identity.PREVIOUS),
        anonymous=Sql(identity.ANONYMOUS_KEY),
        owner=Sql(identity.OWNER),
        links=Sql(identity.LINKS),
        events=events,
        further=further,
    )


def everybody(further: Sql = NOTHING, events: Sql = _EVENTS) -> Sql:
    """Whoever counts as somebody else: rows of (`project_id`, `key`, `owner`), the `id`, and whether that is a user's.

    A linked anonymous id counts as its user, a merged user as whom an admin said, and the ids of a merged user too.
    """
    merged = sql(
        "SELECT project_id, sipHash64('user', id) AS key, sipHash64('user', person) AS owner, id FROM ("
        "SELECT project_id, $user AS id, $as AS person FROM $events WHERE $merges$further GROUP BY project_id, id)"
        " WHERE person NOT IN ('', id)",
        **{"as": Sql(identity.MERGED_AS)},
        user=Sql(identity.MERGED_USER),
        merges=Sql(identity.MERGES),
        events=events,
        further=further,
    )
    return sql(
        "SELECT l.project_id AS project_id, l.key AS key, if(m.owner != 0, m.owner, l.owner) AS owner, l.id AS id,"
        " 0 AS is_user FROM ($links) AS l ANY LEFT JOIN ($merged) AS m"
        " ON m.project_id = l.project_id AND m.key = l.owner"
        " UNION ALL SELECT project_id, key, owner, id, 1 AS is_user FROM ($merged)",
        links=links(further, events),
        merged=merged,
    )


def owners(project_id: int, hidden_after: Millis | None = None) -> Sql:
    """`everybody` of a project; with `hidden_after`, as it was then (R11)."""
    return everybody(of_project(project_id, hidden_after))


def of_project(project_id: int, hidden_after: Millis | None = None) -> Sql:
    """Further conditions for `links` and `everybody`."""
    further = sql(" AND project_id = $project", project=bind(project_id, "UInt32"))
    if hidden_after is None:
        return further
    return sql("$further AND timestamp <= $now", further=further, now=moment(hidden_after))


def person_now(key: Sql, project_id: int) -> Sql:
    """As whom a key counts today, by what is held in memory."""
    return sql(
        "dictGetOrDefault($links, 'owner', $key + intHash64($project), $key)",
        links=Sql(identity.LINKS_IN_MEMORY),
        key=key,
        project=bind(project_id, "UInt32"),
    )


def with_person(rows: Sql, project_id: int, hidden_after: Millis | None = None) -> Sql:
    """Rows that have `person_key`, with `person` added: the linked or merged user, else themselves (R23)."""
    if hidden_after is None:
        return sql(
            "SELECT *, $person AS person FROM ($rows)", person=person_now(Sql("person_key"), project_id), rows=rows
        )
    # What is linked in memory is as of now; a question of another time joins the links of that time.
    return sql(
        "SELECT e.*, if(o.owner != 0, o.owner, e.person_key) AS person"
        " FROM ($rows) AS e ANY LEFT JOIN ($owners) AS o ON o.key = e.person_key",
        rows=rows,
        owners=owners(project_id, hidden_after),
    )


SESSION_GAP_MS = 30 * 60 * 1000
"""R19: exactly this long continues a session, a millisecond more starts a new one."""


def with_session(
    within: Sql,
    matching: Sql,
    project_id: int,
    hidden_after: Millis | None = None,
    extra: Sql = NOTHING,
    facts: Facts = NOTHING_KNOWN,
) -> Sql:
    """Events that match, with `person` and `session`: (person, session_id), else R19.

    Columns: `event`, `millis`, `bot`, `person_key`, `session_key`, those of `extra` (", … AS name"), `person`,
    `session`. 0 is no session (an event of nobody).
    """
    parts = [with_session_id(within, matching, project_id, hidden_after, extra)]
    if facts.nameless:
        parts.append(without_session_id(within, matching, project_id, hidden_after, extra))
    return join(" UNION ALL ", parts)


_SESSION_COLUMNS: LiteralString = (
    "event, toUnixTimestamp64Milli(timestamp) AS millis, bot, person_key, session_key$extra"
)


def with_session_id(
    within: Sql, matching: Sql, project_id: int, hidden_after: Millis | None = None, extra: Sql = NOTHING
) -> Sql:
    """Those events that came with a session id, and those of nobody, in the columns of `with_session`."""
    named = sql(
        "SELECT $columns FROM events WHERE $within AND ($matching) AND (session_key != 0 OR person_key = 0)",
        columns=sql(_SESSION_COLUMNS, extra=extra),
        within=within,
        matching=matching,
    )
    return sql(
        "SELECT *, $session AS session FROM ($named)",
        session=Sql(identity.SESSION),
        named=with_person(named, project_id, hidden_after),
    )


def without_session_id(
    within: Sql, matching: Sql, project_id: int, hidden_after: Millis | None = None, extra: Sql = NOTHING
) -> Sql:
    """Those events of a person that came without a session id, in the columns of `with_session`.

    Their sessions are found by the gaps between all events of a person, so `matching` selects afterwards. Only people
    who have one that matches are gone through: they are few, or none, where clients name their sessions.

    A session is called by when it began, so that whoever reads all of it calls it the same, whatever else is read.
    """
    nameless = sql("$within AND session_key = 0 AND person_key != 0", within=within)
    theirs = with_person(
        sql(
            "SELECT $columns, ($matching) AS matches FROM events WHERE $nameless",
            columns=sql(_SESSION_COLUMNS, extra=extra),
            nameless=nameless,
            matching=matching,
        ),
        project_id,
        hidden_after,
    )
    matched = with_person(
        sql("SELECT person_key FROM events WHERE $nameless AND ($matching)", nameless=nameless, matching=matching),
        project_id,
        hidden_after,
    )
    return sql(
        "SELECT * EXCEPT (matches) FROM ($runs) WHERE matches",
        runs=in_runs(
            sql(
                "SELECT * FROM ($theirs) WHERE person IN (SELECT person FROM ($matched))",
                theirs=theirs,
                matched=matched,
            )
        ),
    )


def in_runs(rows: Sql) -> Sql:
    """Rows that have `person` and `millis`, with `session` added, by the gaps between them (R19)."""
    return sql(
        "SELECT * EXCEPT (gap, since), sipHash64(person, 'run', since) AS session FROM ("
        "SELECT *, max(if(gap > $timeout, millis, $never)) OVER"
        " (PARTITION BY person ORDER BY millis ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS since"
        " FROM (SELECT *, millis - lagInFrame(millis, 1, millis - $timeout - 1) OVER"
        " (PARTITION BY person ORDER BY millis ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS gap"
        " FROM ($rows)))",
        rows=rows,
        timeout=bind(SESSION_GAP_MS, "Int64"),
        never=bind(-(2**62), "Int64"),
    )
