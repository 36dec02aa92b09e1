"""What a report says: of each tile its few numbers, and how far each is from the time before (R3)."""

import math

import msgspec

from footfall.insights.comparison import change
from footfall.insights.figures import Figure, Unit
from footfall.model.event import Millis
from footfall.model.period import from_millis, zone_of
from footfall.reports.schedule import Every


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    unit: Unit
    value: float | None
    previous: float | None
    """Of the day, week or month before; null where there was none of this name."""
    change: float | None
    """Percent."""
    shown: str
    """The number as people read it."""
    moved: str
    """What it did, in words."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A tile of the board, or the insight."""

    title: str
    kind: str
    figures: list[Compared]
    problem: str | None = None
    """Why there are none."""


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    every: Every
    start: Millis
    end: Millis
    timezone: str
    sections: list[Section]
    project: str
    link: str

    @property
    def period(self) -> str:
        """`Mon 2 Mar 2026`, `2 Mar to 8 Mar 2026`, `March 2026`."""
        zone = zone_of(self.timezone)
        first, last = from_millis(self.start, zone), from_millis(self.end - 1, zone)
        if self.every == "daily":
            return f"{first:%a} {first.day} {first:%b %Y}"
        if self.every == "monthly":
            return f"{first:%B %Y}"
        year = f" {first.year}" if first.year != last.year else ""
        return f"{first.day} {first:%b}{year} to {last.day} {last:%b %Y}"

    @property
    def subject(self) -> str:
        return f"{self.name}: {self.period}"


MOST = 10
"""Numbers of a tile."""
LONGEST = 200
"""Characters of what a number is called: some are called by what events carry."""


def compared(now: list[Figure], before: list[Figure]) -> list[Compared]:
    """The first numbers, each beside the one of the same name and place among those that are called alike."""
    known: dict[tuple[str, int], Figure] = dict(zip(_keys(before), before, strict=True))
    return [_beside(one, known.get(key)) for key, one in zip(_keys(now[:MOST]), now[:MOST], strict=True)]


def _beside(one: Figure, earlier: Figure | None) -> Compared:
    previous = None if earlier is None else earlier.value
    far = change(previous, one.value)
    return Compared(
        name=one.name[:LONGEST],
        unit=one.unit,
        value=one.value,
        previous=previous,
        change=far,
        shown=shown(one.value, one.unit),
        moved=moved(one, previous, far),
    )


def _keys(figures: list[Figure]) -> list[tuple[str, int]]:
    seen: dict[str, int] = {}
    keys: list[tuple[str, int]] = []
    for one in figures:
        seen[one.name] = seen.get(one.name, 0) + 1
        keys.append((one.name, seen[one.name]))
    return keys


_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60
_PRECISE = 100
"""From here on decimals tell nothing."""
_SMALL = 0.01


def shown(value: float | None, unit: Unit) -> str:
    """A number as people read it: `1,234`, `12.3 %`, `1 m 40 s`."""
    if value is None or not math.isfinite(value):
        return "–"  # noqa: RUF001 - a dash
    if unit == "share":
        return f"{value * 100:.1f} %"
    if unit == "seconds":
        return _lasting(value)
    if value == round(value) or abs(value) >= _PRECISE:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= _SMALL else f"{value:.2g}"


def _lasting(seconds: float) -> str:
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} m {whole % _MINUTE} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} m"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def moved(one: Figure, previous: float | None, far: float | None) -> str:
    """`+12.3 % (1,099 before)`; `new` from nothing; empty where nothing is known of before."""
    if previous is None:
        return ""
    if far is None:
        return "" if one.value is None else "new"
    return f"{far:+.1f} % ({shown(previous, one.unit)} before)"
