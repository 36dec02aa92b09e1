"""What is found out before a question is written, so that it looks for nothing that is not there (ADR 0068).

Every part of a statement costs the engine some 20 ms to plan, whether it has rows or not. Most projects name every
session, and of most events an hour has few; two look-ups of a few milliseconds, kept like every answer, leave those
parts out.
"""

from collections.abc import Mapping

from footfall.insights.question import Frame, Query, Rows, query_of
from footfall.insights.sql import Facts, bind, sql, within_hours
from footfall.model.period import HOUR, Period


def build(frame: Frame, *, counted: bool) -> dict[str, Query]:
    """Whether there is an event of somebody without a session id; with `counted`, rows of (event, how many)."""
    queries = {
        "nameless": query_of(
            sql(
                "SELECT count() FROM (SELECT 1 FROM events"
                " WHERE project_id = $project AND session_key = 0 AND person_key != 0 LIMIT 1)",
                project=bind(frame.project_id, "UInt32"),
            )
        )
    }
    if counted:
        queries["counts"] = query_of(
            sql(
                "SELECT toString(event) AS name, count() FROM events WHERE $hours GROUP BY name",
                hours=within_hours(frame.project_id, _hours(frame)),
            )
        )
    return queries


def shape(frame: Frame, rows: Mapping[str, Rows]) -> Facts:
    return Facts(
        nameless=bool(rows["nameless"].rows[0][0]),
        counts={name: count for name, count in rows["counts"].rows} if "counts" in rows else None,  # noqa: C416 - rows are lists
        counted=_hours(frame),
    )


def _hours(frame: Frame) -> Period:
    """The hours (UTC) that the range touches."""
    return Period(frame.period.start // HOUR * HOUR, -(-frame.period.end // HOUR) * HOUR, frame.zone)
