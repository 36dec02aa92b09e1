"""Merges: two known users are one person because an admin says so, and two again when the admin takes it back (R23).

A merge is an event (ADR 0058). It says of a user as whom they count from now on, and whom they were merged into; the
latest word about each user is all there is to know. Chains are followed when a merge is made: if ann is merged into
anna, and anna into bob, ann counts as bob, and a word is said about both. So whoever counts looks a user up once, and
no number can run in a circle. Taking a merge back says the words that would have been, had it not been made.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from footfall import identity
from footfall.insights.question import Query, Rows, query_of
from footfall.insights.sql import MILLIS, Context, Sql, bind, bind_many, in_runs, links, of_project, sql
from footfall.model.errors import Conflict, NotFound
from footfall.model.event import Event, Millis
from footfall.model.period import rfc3339

Operation = Literal["$merge", "$unmerge"]


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """The latest that was said about a user, or what will be."""

    into: str | None
    """Whom they were merged into; None where that was taken back."""
    person: str
    """The user as whom they count."""
    merge: str
    """Id of the merge."""
    since: Millis
    """When it was made."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is said about the users of a project."""

    words: dict[str, Word]
    said: int = 0
    """How many words there have been: the number of the latest."""
    latest: Millis = 0

    def person_of(self, user: str) -> str:
        return self.words[user].person if user in self.words else user

    def counted_as(self, person: str) -> list[str]:
        """All users who count as this one, who comes first."""
        return [person, *sorted(user for user, word in self.words.items() if word.person == person != user)]

    def brought_by(self, user: str) -> list[str]:
        """The user, and whoever was merged into them, or into one of those."""
        found = [user]
        for one in found:  # which grows meanwhile
            found += sorted(other for other, word in self.words.items() if word.into == one and other not in found)
        return found


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A merge or its undoing, before anything has happened."""

    operation: Operation
    user: str
    into: str
    """Who they are merged into, or were."""
    moving: list[str]
    """Users who count as another one from now on."""
    staying: list[str]
    """The other users of that person."""
    words: dict[str, Word]
    """What will be said, about `user` first."""


def merge(standing: Standing, user: str, into: str, merge_id: str, now: Millis) -> Step:
    """Raises `Conflict` where that cannot be, or is so already."""
    person, other = standing.person_of(into), standing.person_of(user)
    if person == other:
        raise Conflict(f"“{user}” and “{into}” are one person already.", path="$.into")
    if other != user:
        raise Conflict(
            f"“{user}” was merged into another user before, and counts as “{other}”. Merge “{other}”, or undo that"
            " merge first.",
            path="$.user_id",
        )
    moving = standing.counted_as(user)
    return Step(
        operation="$merge",
        user=user,
        into=into,
        moving=moving,
        staying=standing.counted_as(person),
        words={user: Word(into=into, person=person, merge=merge_id, since=now)} | _along(standing, moving, person),
    )


def unmerge(standing: Standing, user: str) -> Step:
    """Raises `NotFound` where there is nothing to undo."""
    word = standing.words.get(user)
    if word is None or word.into is None:
        raise NotFound(f"“{user}” is not merged into anybody.", path="$.user_id")
    moving = standing.brought_by(user)
    return Step(
        operation="$unmerge",
        user=user,
        into=word.into,
        moving=moving,
        staying=[one for one in standing.counted_as(word.person) if one not in moving],
        words={user: msgspec.structs.replace(word, into=None, person=user)} | _along(standing, moving, user),
    )


def _along(standing: Standing, moving: list[str], person: str) -> dict[str, Word]:
    """Whoever moves with the first of them: merged as they were, and counted as another one."""
    return {one: msgspec.structs.replace(standing.words[one], person=person) for one in moving[1:]}


def events_of(step: Step, standing: Standing, event_id: str, now: Millis) -> list[Event]:
    """What is written of it: a word about each user who moves.

    They are never earlier than what was said before, whatever the clock does, and numbered on.
    """
    at = max(now, standing.latest)
    return [
        Event(
            event=step.operation,
            event_id=event_id if place == 0 else f"{event_id}.{place}",
            timestamp=at,
            received_at=now,
            seq=standing.said + 1 + place,
            flags=(identity.BY_ADMIN,),
            properties=msgspec.json.encode(
                {
                    "user_id": user,
                    "merged_into": word.into,
                    "person": word.person,
                    "merge": word.merge,
                    "since": word.since,
                }
            ).decode(),
        )
        for place, (user, word) in enumerate(step.words.items())
    ]


# ── what stands ──────────────────────────────────────────────────────────────────────────────────────────────


def build(context: Context) -> Query:
    """Rows of (user, whom they were merged into, person, merge, since when, number of the word, when it was said)."""
    return query_of(
        sql(
            "SELECT user, latest.1, latest.2, latest.3, latest.4, number, said FROM ("
            "SELECT $user AS user, argMax((JSONExtractString(sent, 'merged_into'), JSONExtractString(sent, 'person'),"
            " JSONExtractString(sent, 'merge'), JSONExtractInt(sent, 'since')), (timestamp, ifNull(seq, 0), event_id))"
            " AS latest, max(ifNull(seq, 0)) AS number, max($millis) AS said FROM events"
            " WHERE $merges$further GROUP BY user) ORDER BY user",
            user=Sql(identity.MERGED_USER),
            millis=MILLIS,
            merges=Sql(identity.MERGES),
            further=of_project(context.project_id),
        )
    )


def standing_of(rows: Rows) -> Standing:
    return Standing(
        words={
            user: Word(into=into or None, person=person or user, merge=merge_id, since=since)
            for user, into, person, merge_id, since, _, _ in rows.rows
        },
        said=max((row[-2] for row in rows.rows), default=0),
        latest=max((row[-1] for row in rows.rows), default=0),
    )


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    """As the audit log calls it."""
    user_id: str
    into: str
    counts_as: str
    """The user at the end of the chain."""
    since: str
    """When it was made."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    merges: list[Merged]
    """Those in force, the latest first."""


def shape(standing: Standing) -> Answer:
    merged = [
        (
            word.since,
            Merged(id=word.merge, user_id=user, into=word.into, counts_as=word.person, since=rfc3339(word.since)),
        )
        for user, word in standing.words.items()
        if word.into is not None
    ]
    return Answer(merges=[one for _, one in sorted(merged, key=lambda pair: (-pair[0], pair[1].user_id))])


# ── what would change ────────────────────────────────────────────────────────────────────────────────────────


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """A person before or after."""

    person_id: str
    user_ids: list[str]
    """The one as whom they count comes first."""
    anonymous_ids: list[str]
    events: int
    """All of them, bots included."""
    sessions: int
    first_seen: str | None
    last_seen: str | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a merge or its undoing does: one person where there were two, or two where there was one."""

    id: str | None
    """Of the merge; null in the preview of one."""
    user_id: str
    into: str
    moves: Side
    """What comes to count as somebody else's."""
    before: list[Side]
    after: list[Side]


_MOVING, _STAYING, _TOGETHER = 1, 2, 3


def build_sides(step: Step, context: Context) -> dict[str, Query]:
    """`counts`: rows of (side, events, sessions, first, last); `ids`: rows of (side, anonymous ids)."""
    project = bind(context.project_id, "UInt32")
    linked = links(of_project(context.project_id))
    keys = {
        name: sql("(SELECT arrayJoin(arrayMap(u -> sipHash64('user', u), $users)))", users=_texts(users))
        for name, users in (("moving", step.moving), ("staying", step.staying))
    }
    theirs = {
        name: sql(
            "(person_key IN $users OR person_key IN (SELECT key FROM ($links) WHERE owner IN $users))",
            users=users,
            links=linked,
        )
        for name, users in keys.items()
    }
    rows = sql(
        "SELECT millis, session_key, toUInt64(person) AS person FROM ("
        "SELECT $millis AS millis, session_key, if($moving, 1, 2) AS side FROM events"
        " WHERE project_id = $project AND ($moving OR $staying)) ARRAY JOIN [side, 3] AS person",
        millis=MILLIS,
        project=project,
        **theirs,
    )
    return {
        "counts": query_of(
            sql(
                "SELECT person, count(), uniqExact(session), min(millis), max(millis) FROM ("
                "SELECT *, $session AS session FROM ($rows) WHERE session_key != 0"
                " UNION ALL $runs) GROUP BY person",
                session=Sql(identity.SESSION),
                rows=rows,
                runs=in_runs(sql("SELECT * FROM ($rows) WHERE session_key = 0", rows=rows)),
            )
        ),
        "ids": query_of(
            sql(
                "SELECT if(owner IN $moving, 1, 2) AS side, arraySort(groupArray(id)) FROM ($links)"
                " WHERE owner IN $moving OR owner IN $staying GROUP BY side",
                links=linked,
                **keys,
            )
        ),
    }


def build_known(users: list[str], context: Context) -> Query:
    """Which of these users are known: who sent an event or was merged, and the key of each."""
    return query_of(
        sql(
            "SELECT user, $id, person IN (SELECT person_key FROM events WHERE project_id = $project"
            " AND person_key IN (SELECT arrayJoin(arrayMap(u -> sipHash64('user', u), $users))))"
            " FROM (SELECT arrayJoin($users) AS user, sipHash64('user', user) AS person)",
            id=Sql(identity.PERSON_ID),
            project=bind(context.project_id, "UInt32"),
            users=_texts(users),
        )
    )


def _texts(values: list[str]) -> Sql:
    return bind_many(values, "Array(String)")


def shape_change(step: Step, person_ids: Mapping[str, str], rows: Mapping[str, Rows], merge_id: str | None) -> Change:
    counts = {side: numbers for side, *numbers in rows["counts"].rows}
    ids: dict[int, list[str]] = {_MOVING: [], _STAYING: []}
    ids.update((side, found) for side, found in rows["ids"].rows)
    ids[_TOGETHER] = sorted({*ids[_MOVING], *ids[_STAYING]})
    users = {_MOVING: step.moving, _STAYING: step.staying, _TOGETHER: [*step.staying, *step.moving]}

    def side(number: int) -> Side:
        events, sessions, first, last = counts.get(number, (0, 0, None, None))
        return Side(
            person_id=person_ids[users[number][0]],
            user_ids=users[number],
            anonymous_ids=ids[number],
            events=events,
            sessions=sessions,
            first_seen=None if first is None else rfc3339(first),
            last_seen=None if last is None else rfc3339(last),
        )

    apart, together = [side(_MOVING), side(_STAYING)], [side(_TOGETHER)]
    before, after = (apart, together) if step.operation == "$merge" else (together, apart)
    return Change(id=merge_id, user_id=step.user, into=step.into, moves=apart[0], before=before, after=after)
