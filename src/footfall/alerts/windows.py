"""Which windows a rule looks at: aligned, one after another, and over (R29).

Windows of less than a day have one length always, so that no hour of a changing clock makes a short one that looks
empty; they are aligned with the zone's time without summer time. Days and weeks are those of the calendar (R9).
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

from footfall.alerts.detect import DAY
from footfall.alerts.rule import Rule
from footfall.insights.funnel import window_of
from footfall.insights.sql import Context
from footfall.insights.windows import Asked, Counted, build
from footfall.model.event import Millis
from footfall.model.period import Period, Weekday, bucket_end, buckets, from_millis, shifted

WEEK_MINUTES = 7 * 24 * 60
DAY_MINUTES = 24 * 60
INTERVALS = {60: "hour", DAY_MINUTES: "day", WEEK_MINUTES: "week"}
"""Windows that are intervals of other questions as well."""

_WEEKS = 10 * 7 * DAY
"""Eight weeks of the same hour, for each of the last fourteen days."""
_MANY = 500
"""Windows from which `mad` and `absence` learn."""


def history(rule: Rule) -> Millis:
    """How far back a rule has to look to judge a window."""
    if rule.type == "anomaly":
        return {"band": _WEEKS, "mad": _MANY * rule.window, "same_hour_percent": 8 * DAY}[rule.method]
    if rule.type == "change_percent":
        return rule.window if rule.versus == "previous" else 8 * DAY
    return min(_MANY * rule.window, _WEEKS) if rule.type == "absence" else 0


def askable(rule: Rule, context: Context) -> Rule:
    """The rule, if the engine can be asked for what it counts. Raises `BadRequest`."""
    counted = (Counted(event="*", filters=tuple(rule.filters)),)
    build(Asked(starts=(0,), end=1, counted=counted, group_by=rule.group_by), context)
    return rule


def unfinished(rule: Rule) -> Millis:
    """How long after its end a window is still changing by its nature: who came last into a funnel has time left."""
    if rule.type != "funnel_conversion":
        return 0
    return rule.window if rule.funnel_window is None else window_of(rule.funnel_window)


def windows(
    rule: Rule, zone: ZoneInfo, start: Millis, end: Millis, week_start: Weekday = "monday"
) -> list[tuple[Millis, Millis]]:
    """Start and end of each window that begins in `[start, end)`."""
    if rule.window_minutes >= DAY_MINUTES:
        interval = "day" if rule.window_minutes == DAY_MINUTES else "week"
        first = shifted(start, zone, -7)
        starts = buckets(Period(first, end, zone), interval, week_start) if end > first else ()
        return [(one, bucket_end(one, zone, interval)) for one in starts if start <= one < end]
    length = rule.window
    moment = from_millis(end, zone)
    offset = ((moment.utcoffset() or timedelta()) - (moment.dst() or timedelta())) // timedelta(milliseconds=1)
    first = -(-(start + offset) // length) * length - offset
    return [(one, one + length) for one in range(first, end, length)]


def latest(rule: Rule, zone: ZoneInfo, until: Millis, week_start: Weekday = "monday") -> tuple[Millis, Millis] | None:
    """The last window that is over at a time."""
    around = windows(rule, zone, until - 3 * max(rule.window, DAY), until, week_start)
    return next((one for one in reversed(around) if one[1] <= until), None)
