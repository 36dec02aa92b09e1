"""What arrived, by event: counts, people, sessions, first and last seen (`footfall verify`, the catalog)."""

import msgspec

from footfall.insights.question import Query, Rows
from footfall.insights.sql import Context, Sql, all_of, bind, moment, sql, with_session
from footfall.model.event import Millis
from footfall.model.period import rfc3339


class EventActivity(msgspec.Struct, frozen=True, kw_only=True):
    event: str
    count: int
    people: int
    sessions: int
    first_seen: str
    last_seen: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    since: str
    events: list[EventActivity]
    """Most frequent first. Bots are left out."""
    excluded_bots: int


def build(context: Context, since: Millis) -> Query:
    """Rows of (event, count, people, sessions, first, last, bots)."""
    within = all_of(
        [
            sql("project_id = $project", project=bind(context.project_id, "UInt32")),
            sql("timestamp >= $since", since=moment(since)),
        ]
    )
    query = sql(
        "SELECT event, countIf(NOT bot) AS events, uniqExactIf(person, NOT bot AND person != 0),"
        " uniqExactIf(session, NOT bot AND session != 0), minIf(millis, NOT bot), maxIf(millis, NOT bot), countIf(bot)"
        " FROM ($rows) GROUP BY event ORDER BY events DESC, event",
        rows=with_session(within, Sql("1"), context.project_id),
    )
    return Query(text=query.text, params=query.params)


def shape(rows: Rows, since: Millis) -> Answer:
    return Answer(
        since=rfc3339(since),
        events=[
            EventActivity(
                event=event,
                count=count,
                people=people,
                sessions=sessions,
                first_seen=rfc3339(first),
                last_seen=rfc3339(last),
            )
            for event, count, people, sessions, first, last, _ in rows.rows
            if count
        ],
        excluded_bots=sum(row[-1] for row in rows.rows),
    )
