"""When a report is due, and which days it is about, by the project's calendar."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from footfall.model.event import Millis
from footfall.model.period import (
    WEEKDAYS,
    Interval,
    Period,
    Weekday,
    bucket_end,
    buckets,
    buckets_before,
    from_millis,
    to_millis,
)

Every = Literal["daily", "weekly", "monthly"]
_COVERS: dict[Every, Interval] = {"daily": "day", "weekly": "week", "monthly": "month"}


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    every: Every = "weekly"
    at: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "08:00"
    """Local time; where the clock skips it, as much later."""
    weekday: Weekday = "monday"
    """Of a weekly report."""
    day: Annotated[int, msgspec.Meta(ge=1, le=28)] = 1
    """Of a monthly one."""


def due_after(schedule: Schedule, moment: Millis, zone: ZoneInfo) -> Millis:
    """The first time after a moment at which it is due."""
    clock = time.fromisoformat(schedule.at)
    days = _days(schedule, from_millis(moment, zone).date() - timedelta(days=1))
    return next(at for at in (to_millis(datetime.combine(day, clock, zone)) for day in days) if at > moment)


def due_from(schedule: Schedule, moment: Millis, zone: ZoneInfo) -> Millis:
    """That moment, if it is due then; else the first time after it. They differ where the zone was changed."""
    return due_after(schedule, moment - 1, zone)


def schedule_of(said: Schedule) -> Schedule:
    """When it is due, without anything else that is said."""
    return Schedule(every=said.every, at=said.at, weekday=said.weekday, day=said.day)


def _days(schedule: Schedule, first: date) -> Iterator[date]:
    day = first
    while True:
        if (
            schedule.every == "daily"
            or (schedule.every == "weekly" and WEEKDAYS[day.weekday()] == schedule.weekday)
            or (schedule.every == "monthly" and day.day == schedule.day)
        ):
            yield day
        day += timedelta(days=1)


def last_due(schedule: Schedule, due: Millis, now: Millis, zone: ZoneInfo) -> Millis:
    """Of the times that have passed since `due`, the last: after a pause only the newest report is of use."""
    while (following := due_after(schedule, due, zone)) <= now:
        due = following
    return due


def covered(schedule: Schedule, due: Millis, zone: ZoneInfo, week_start: Weekday) -> tuple[Period, Period]:
    """The last whole day, week or month that was over, and the one before it."""
    interval = _COVERS[schedule.every]
    running = buckets(Period(due, due + 1, zone), interval, week_start)[0]
    before, last = buckets_before(running, zone, interval, 2, week_start)
    return Period(last, bucket_end(last, zone, interval), zone), Period(before, last, zone)
