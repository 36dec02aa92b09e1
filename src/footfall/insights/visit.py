"""What a session was (R19, R20): when it started and ended, where it was entered and left, whether it bounced.

Aggregates over the rows of one session, which have `event`, `millis`, `page` and `seq`.
"""

from footfall.insights.sql import Sql, bind, sql

_AUTOMATIC = [
    "page_leave", "component_visit", "component_enter", "component_exit", "component_leave", "component_error",
    "heartbeat", "visibility_hidden", "visibility_visible",
]  # fmt: skip
"""What a client sends by itself, beside page views: part of the duration, and no interaction."""

STARTED = Sql("min(millis)")
ENDED = Sql("max(millis)")
ENTRY = Sql("argMinIf(page, (millis, ifNull(seq, 0)), event = 'page_view' AND page != '')")
"""Page of the first page view, by time and then by the client's own count; '' without any."""
EXIT = Sql("argMaxIf(page, (millis, ifNull(seq, 0)), event = 'page_view' AND page != '')")
BOUNCED = sql(
    "countIf(event = 'page_view') = 1"
    " AND countIf(event != 'page_view' AND NOT has($automatic, event) AND NOT startsWith(event, '$$')) = 0",
    automatic=bind(_AUTOMATIC, "Array(String)"),
)
"""One page view and no interaction."""
