"""What the tracking plan had against events that were stored all the same: rule and place, never a value."""

from typing import Any

import msgspec

from footfall.insights.question import Query, Rows, query_of
from footfall.insights.sql import MILLIS, Context, all_of, bind, is_event, sql, within
from footfall.model.period import Period, rfc3339


class Violated(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with some events of one version of the application."""

    event: str
    app_version: str | None
    rule: str
    path: str
    expected: str
    actual: str
    suggestion: str
    """The name that was meant, perhaps."""
    events: int
    """Bots, too: who mends this wants to know of everything that was sent."""
    first_seen: str
    last_seen: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    violations: list[Violated]
    """Of most events first."""
    more: bool
    """Whether there are others."""


def build(context: Context, period: Period, event: str | None, limit: int) -> Query:
    """Rows of (event, version of the application, violation, events, first, last)."""
    named = [is_event(event)] if event is not None else []
    return query_of(
        sql(
            "SELECT event, app_version, arrayJoin(violations) AS one, count() AS size, min($millis), max($millis)"
            " FROM events WHERE $them AND notEmpty(violations) GROUP BY event, app_version, one"
            " ORDER BY size DESC, event, app_version, one LIMIT $limit",
            millis=MILLIS,
            them=all_of([within(context.project_id, period), *named]),
            limit=bind(limit + 1, "UInt32"),
        )
    )


def shape(rows: Rows, limit: int) -> Answer:
    return Answer(
        violations=[
            Violated(
                event=event,
                app_version=app_version or None,
                events=size,
                first_seen=rfc3339(first),
                last_seen=rfc3339(last),
                **_violation(text),
            )
            for event, app_version, text, size, first, last in rows.rows[:limit]
        ],
        more=len(rows.rows) > limit,
    )


_WORDS = ("rule", "path", "expected", "actual", "suggestion")


def _violation(text: str) -> dict[str, Any]:
    said = msgspec.json.decode(text, type=dict[str, str])
    return {name: said.get(name, "") for name in _WORDS}
