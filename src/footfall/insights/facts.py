"""What is found out before a question is written, so that it looks for nothing that is not there (ADR 0068).

Every part of a statement costs the engine some 20 ms to plan, whether it has rows or not. Most projects name every
session, and of most events an hour has few; two look-ups of a few milliseconds, kept like every answer, leave those
parts out.
"""

from collections.abc import Mapping

from footfall.insights.question import Frame, Query, Rows, query_of
from footfall.insights.sql import Facts, any_of, bind, join, sql, within_hours
from footfall.model.period import HOUR, Period


def build(frame: Frame, counted: list[Period]) -> dict[str, Query]:
    """Whether there is an event of somebody without a session id.

    With `counted`, rows of (event, whether it is in each of these ranges, how many).
    """
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
        ranges = [within_hours(frame.project_id, _hours(period)) for period in counted]
        queries["counts"] = query_of(
            sql(
                "SELECT event, [$ranges] AS inside, count() FROM events WHERE $any GROUP BY event, inside",
                ranges=join(", ", ranges),
                any=any_of(ranges),
            )
        )
    return queries


def shape(rows: Mapping[str, Rows], counted: list[Period]) -> Facts:
    counts: list[dict[str, int]] = [{} for _ in counted]
    if counted:
        for name, inside, count in rows["counts"].rows:
            for of_range, is_inside in zip(counts, inside, strict=True):
                of_range[name] = of_range.get(name, 0) + count * is_inside
    return Facts(
        nameless=bool(rows["nameless"].rows[0][0]),
        counts=tuple(zip(map(_hours, counted), counts, strict=True)),
    )


def _hours(period: Period) -> Period:
    """The hours (UTC) that the range touches."""
    return Period(period.start // HOUR * HOUR, -(-period.end // HOUR) * HOUR, period.zone)
