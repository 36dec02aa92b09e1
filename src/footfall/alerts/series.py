"""Windows in a row, and what lies a day or a week before each of them, in local time."""

from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from footfall.model.event import Millis
from footfall.model.period import shifted

WEEKS = 8
DAYS = 7


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of windows, oldest first. `None` is a window of which nothing is known; nothing happened is 0."""

    starts: tuple[Millis, ...]
    ends: tuple[Millis, ...]
    values: tuple[float | None, ...]
    samples: tuple[int | None, ...]
    """Of a rate: of how many it is."""
    zone: ZoneInfo

    def weeks_before(self) -> "Places":
        """Of each window the places of the same time in up to eight weeks before, the latest first."""
        return _before(self.starts, self.zone, 7, WEEKS)

    def days_before(self) -> "Places":
        """Of each window the places of the same time in up to seven days before, the latest first."""
        return _before(self.starts, self.zone, 1, DAYS)


@lru_cache(maxsize=16)
def _before(starts: tuple[Millis, ...], zone: ZoneInfo, days: int, most: int) -> "Places":
    """Rules of one window and zone have their places in common."""
    return Places(starts, zone, days, most)


class Places:
    """Looked up when they are asked for, and kept: of a long past, only the end is asked for again and again."""

    def __init__(self, starts: Sequence[Millis], zone: ZoneInfo, days: int, most: int) -> None:
        self._starts, self._zone, self._days, self._most = starts, zone, days, most
        self._at = {start: place for place, start in enumerate(starts)}
        self._known: dict[int, tuple[int, ...]] = {}

    def __getitem__(self, at: int) -> tuple[int, ...]:
        found = self._known.get(at)
        if found is None:
            start = self._starts[at]
            before = (shifted(start, self._zone, -self._days * back) for back in range(1, self._most + 1))
            found = tuple(place for one in before if (place := self._at.get(one)) is not None)
            self._known[at] = found
        return found
