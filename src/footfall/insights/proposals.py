"""Proposals to merge two known users: what an `$alias` from one to the other is, and all that it is (R23).

One that was followed, or that a merge of others made true, is none any more.
Whoever holds a public write key can send an alias, so it merges nobody. An alias of an anonymous id that another user
owns says the same thing, and is listed too.
"""

import msgspec

from footfall import identity
from footfall.insights.question import Query, Rows, query_of
from footfall.insights.sql import MILLIS, Context, Sql, bind, person_now, sql
from footfall.model.period import rfc3339


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    user_id: str
    """Who is said to be…"""
    into: str
    """… this user."""
    events: int
    """How many aliases say so."""
    first_seen: str
    last_seen: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    proposals: list[Proposal]
    """The latest first."""


def build(context: Context) -> Query:
    """Rows of (user, into, events, first, last)."""
    project = bind(context.project_id, "UInt32")
    aliases = sql(
        "SELECT $previous AS previous, user_id AS into, $millis AS at FROM events"
        " WHERE project_id = $project AND event = '$$alias' AND user_id != '' AND previous NOT IN ('', user_id)",
        previous=Sql(identity.PREVIOUS),
        millis=MILLIS,
        project=project,
    )
    # An id that was sent as a user's is that user; an anonymous one is whoever owns it.
    owners = sql(
        "SELECT $previous AS previous, argMin(user_id, (timestamp, event_id)) AS owner FROM events"
        " WHERE project_id = $project AND $links AND user_id != '' GROUP BY previous",
        previous=Sql(identity.PREVIOUS),
        project=project,
        links=Sql(identity.LINKS),
    )
    return query_of(
        sql(
            "SELECT if(previous IN (SELECT user_id FROM events WHERE project_id = $project AND user_id IN"
            " (SELECT previous FROM ($aliases))), previous, owner) AS known, into, count(), min(at), max(at) AS latest"
            " FROM ($aliases) AS a ANY LEFT JOIN ($owners) AS o ON o.previous = a.previous"
            " WHERE known NOT IN ('', into) AND NOT ($merged) GROUP BY known, into ORDER BY latest DESC, known, into",
            merged=sql(
                "$known = $into",
                known=person_now(Sql("sipHash64('user', known)"), context.project_id),
                into=person_now(Sql("sipHash64('user', into)"), context.project_id),
            ),
            project=project,
            aliases=aliases,
            owners=owners,
        )
    )


def shape(rows: Rows) -> Answer:
    return Answer(
        proposals=[
            Proposal(user_id=known, into=into, events=count, first_seen=rfc3339(first), last_seen=rfc3339(last))
            for known, into, count, first, last in rows.rows
        ]
    )
