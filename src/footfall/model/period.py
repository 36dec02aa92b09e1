"""Calendar time: ranges, buckets and their labels (R7, R9, R10).

Buckets are made here, once, as instants; SQL only sorts events into them, so a label and its number cannot
disagree. A local day has 23 or 25 hours when the clock changes, and the two 02:00 hours of an autumn night are
two buckets, since every boundary is an instant and every label carries its offset.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.event import Millis

Interval = Literal["minute", "five_minutes", "fifteen_minutes", "hour", "day", "week", "month", "quarter", "year"]
UNDER_A_DAY: frozenset[Interval] = frozenset({"minute", "five_minutes", "fifteen_minutes", "hour"})
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip

HOUR: Millis = 3_600_000
MAX_BUCKETS = 200_000
"""Five years of quarter hours, four months of minutes."""
DEFAULT_DAYS = 30
EARLIEST: Millis = 0
LATEST: Millis = 4_102_444_800_000
"""2100-01-01; the engine's DateTime, which hours are, ends in 2106."""
EPOCH_SECONDS_BELOW = 100_000_000_000
"""Numbers below are seconds (to the year 5138), others milliseconds (from 1973)."""

_EPOCH_DIGITS = 10
"""Digits of epoch seconds since 2001; fewer are a date without dashes."""

_MINUTES: dict[str, int] = {"minute": 1, "five_minutes": 5, "fifteen_minutes": 15, "hour": 60}


class Period(msgspec.Struct, frozen=True):
    """A half-open range `[start, end)` in a zone."""

    start: Millis
    end: Millis
    zone: ZoneInfo


_NO_ZONES = re.compile(r"localtime|Factory|posixrules|(posix|right)/.*")
"""What lies among the zones and is none, or another on another machine."""


def zone_of(name: str, path: str = "$.timezone") -> ZoneInfo:
    """The IANA zone of that name; `BadRequest` at `path` otherwise."""
    try:
        if _NO_ZONES.fullmatch(name):
            raise ValueError(name)  # noqa: TRY301 - one way out for all that is no zone
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequest(
            f"There is no time zone “{name[:100]}”; use a name such as Europe/Berlin.", path=path
        ) from None


def to_millis(moment: datetime) -> Millis:
    """Milliseconds of an aware datetime, without rounding through a float."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def from_millis(moment: Millis, zone: ZoneInfo | None = None) -> datetime:
    """The aware datetime of milliseconds, in `zone` (default UTC)."""
    utc = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)
    return utc.astimezone(zone) if zone else utc


def label(moment: Millis, zone: ZoneInfo) -> str:
    """`YYYY-MM-DDTHH:MM:SS±HH:MM`, the label of a bucket that starts then."""
    return from_millis(moment, zone).isoformat(timespec="seconds")


@lru_cache(maxsize=8)
def labels(starts: tuple[Millis, ...], zone: ZoneInfo) -> tuple[str, ...]:
    """Of all buckets."""
    return tuple(label(start, zone) for start in starts)


def rfc3339(moment: Millis) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    return from_millis(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def midnight(day: date, zone: ZoneInfo) -> Millis:
    """The first instant of a local day (01:00 where the clock skips midnight)."""
    return to_millis(datetime(day.year, day.month, day.day, tzinfo=zone))


def parse_moment(value: str | float, zone: ZoneInfo, *, path: str) -> Millis:
    """`read_time`, with `BadRequest` at `path` for what is no time."""
    try:
        moment = read_time(value, zone)
        if not EARLIEST <= moment <= LATEST:
            raise ValueError(moment)  # noqa: TRY301 - one way out for all that is no time
    except (ValueError, OverflowError):
        raise BadRequest(
            "Expected a time between 1970 and 2099, such as 2026-03-01, 2026-03-01T10:00:00Z or epoch milliseconds.",
            path=path,
        ) from None
    return moment


def read_time(value: str | float, zone: tzinfo) -> Millis:
    """A time as people and programs write it: RFC 3339, a bare date, epoch seconds or milliseconds.

    A bare date is its midnight and a time without offset is local, both in `zone`. Raises `ValueError` and
    `OverflowError`.
    """
    if not isinstance(value, str):
        return millis_of_epoch(value)
    text = value.strip().upper()  # RFC 3339 allows “t” and “z”
    if len(text) >= _EPOCH_DIGITS and text.isdecimal():
        return millis_of_epoch(int(text))
    moment = datetime.fromisoformat(text)
    return to_millis(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def millis_of_epoch(number: float) -> Millis:
    """Epoch seconds or milliseconds, told apart by size. Raises `OverflowError`, `ValueError` (nan)."""
    return round(number * 1000) if abs(number) < EPOCH_SECONDS_BELOW else round(number)


def period_of(
    start: str | float | None,
    end: str | float | None,
    zone: ZoneInfo,
    now: Millis,
    *,
    names: tuple[str, str],
    end_included: bool = False,
) -> Period:
    """The range of a question; 30 local days up to and with `now` where nothing is said."""
    until = now if end is None else parse_moment(end, zone, path=f"$.{names[1]}")
    if end is None or end_included:
        until += 1
    if start is None:
        first = from_millis(until, zone).date() - timedelta(days=DEFAULT_DAYS - 1)
        since = midnight(first, zone)
    else:
        since = parse_moment(start, zone, path=f"$.{names[0]}")
    if since >= until:
        raise BadRequest(f"The range is empty: {names[0]} is not before {names[1]}.", path=f"$.{names[0]}")
    return Period(since, until, zone)


@lru_cache(maxsize=8)  # a page asks several questions of one range; of minutes, each is 100 000 numbers
def buckets(period: Period, interval: Interval, week_start: Weekday = "monday") -> tuple[Millis, ...]:
    """Starts of all calendar buckets that the period touches, ascending.

    The first may lie before the period (a cut week keeps its first day). Raises `BadRequest` past
    `MAX_BUCKETS`.
    """
    found: list[Millis] = []
    for start in _starts(period, interval, week_start):
        if start >= period.end:
            break
        found.append(start)
        if len(found) > MAX_BUCKETS:
            raise BadRequest(
                f"More than {MAX_BUCKETS} buckets; take a longer interval or a shorter range.",
                path="$.interval",
            )
    return tuple(found)


def bucket_end(start: Millis, zone: ZoneInfo, interval: Interval) -> Millis:
    """Where the bucket that starts at `start` ends."""
    if interval in _MINUTES:
        return _next_tick(start, zone, _MINUTES[interval])
    return midnight(_STEPS[interval](from_millis(start, zone).date()), zone)


def shifted(moment: Millis, zone: ZoneInfo, days: int) -> Millis:
    """The same local time on another day."""
    local = from_millis(moment, zone)
    wall = local.replace(tzinfo=None) + timedelta(days=days)
    return to_millis(wall.replace(tzinfo=zone, fold=local.fold))


def year_before(moment: Millis, zone: ZoneInfo) -> Millis:
    """The same local time a year earlier; a day that there was not, 29 February, becomes the next one."""
    local = from_millis(moment, zone)
    try:
        wall = local.replace(year=local.year - 1)
    except ValueError:
        wall = local.replace(year=local.year - 1, month=3, day=1)
    return to_millis(wall)


def local_days(period: Period) -> int:
    """How many calendar days a period has, a part of one counted whole."""
    first = from_millis(period.start, period.zone).replace(tzinfo=None)
    last = from_millis(period.end - 1, period.zone).replace(tzinfo=None)
    return max(1, -((first - last) // timedelta(days=1)))


def buckets_before(start: Millis, zone: ZoneInfo, interval: Interval, count: int, week_start: Weekday) -> list[Millis]:
    """Starts of the `count` calendar buckets before the one that starts at `start`, ascending."""
    found: list[Millis] = []
    while len(found) < count:
        just_before = (found[0] if found else start) - 1
        found.insert(0, buckets(Period(just_before, just_before + 1, zone), interval, week_start)[0])
    return found


def _starts(period: Period, interval: Interval, week_start: Weekday) -> Iterator[Millis]:
    zone = period.zone
    if interval in _MINUTES:
        minutes = _MINUTES[interval]
        start = _tick(period.start, zone, minutes)
    else:
        start = midnight(_first_day(from_millis(period.start, zone).date(), interval, week_start), zone)
    while True:
        yield start
        start = bucket_end(start, zone, interval)


def _tick(moment: Millis, zone: ZoneInfo, minutes: int) -> Millis:
    local = from_millis(moment, zone)
    past = (local.minute % minutes) * 60_000 + local.second * 1000 + local.microsecond // 1000
    floored = moment - past
    # Where the offset moves by less than a bucket (Lord Howe: 30 minutes) the floor may lie on the other side
    # of the change; then the bucket starts at the change itself.
    if from_millis(floored, zone).utcoffset() == local.utcoffset():
        return floored
    return _change_of_offset(floored, moment, zone)


def _next_tick(moment: Millis, zone: ZoneInfo, minutes: int) -> Millis:
    ahead = moment + minutes * 60_000
    floored = _tick(ahead, zone, minutes)
    return floored if floored > moment else ahead


def _change_of_offset(before: Millis, after: Millis, zone: ZoneInfo) -> Millis:
    old = from_millis(before, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        if from_millis(middle, zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def _first_day(day: date, interval: Interval, week_start: Weekday) -> date:
    match interval:
        case "week":
            return day - timedelta(days=(day.weekday() - WEEKDAYS.index(week_start)) % 7)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def _months_on(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1)


_STEPS: dict[str, Callable[[date], date]] = {
    "day": lambda day: day + timedelta(days=1),
    "week": lambda day: day + timedelta(days=7),
    "month": lambda day: _months_on(day, 1),
    "quarter": lambda day: _months_on(day, 3),
    "year": lambda day: _months_on(day, 12),
}
