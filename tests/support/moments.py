"""The times that tests speak of."""

from datetime import datetime
from zoneinfo import ZoneInfo

from footfall.model.event import Millis
from footfall.model.period import to_millis

UTC = ZoneInfo("UTC")


def at(text: str) -> Millis:
    """Milliseconds of an RFC 3339 time."""
    return to_millis(datetime.fromisoformat(text))


BASE = at("2026-03-02T10:00:00Z")
"""A Monday; the zero of every story."""
DAY = {"from": "2026-03-02", "to": "2026-03-03"}
"""The range of a story that fits into its day."""
NOW = at("2027-06-01T00:00:00Z")
"""Long after every story."""
RECEIVED = at("2035-01-01T00:00:00Z")
"""When imports say that they received an event, if they do not say: no time of a story is ahead of it (R27)."""

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
