"""What is unusual: three ways to say what a number should have been (R29; `governance.md`, "Anomaly detection").

`band` is a model of counts: the median of the same hour of the week, and a negative-binomial tail whose dispersion is
taken from how far off that median was of late. Its closed form stabilises the variance (Anscombe, "The transformation
of Poisson, binomial and negative-binomial data", Biometrika 35, 1948), so that it takes microseconds.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from math import asinh, sinh, sqrt
from statistics import NormalDist, fmean, median

import msgspec

from footfall.alerts.rule import Direction, Method, Rule
from footfall.alerts.series import Series
from footfall.insights.comparison import change

DAY = 24 * 3_600_000
LEAST = 3
"""Numbers from which on there is something to compare with."""
_TRAINED = 14 * DAY
_FLOOR = 0.05
"""Relative deviation: nothing is more regular than that for long."""
_MOST = 0.5
"""Dispersion: the closed form is of sizes well above 0.75."""
_ENOUGH = 24
"""Residuals from which on they say how regular it is."""
_UNKNOWN = 0.2
"""Relative deviation, until then."""
_VOLUME = 30
"""Expected events below which a longer stretch is looked at."""
_WIDTHS = (1, 3, 6)
_CONSISTENT = 1.4826
"""Of a median of absolute deviations, for a normal distribution."""
_EXAMPLES = 500
MAD_THRESHOLD = 3.5
"""Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993."""


class Unusual(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one window. `is_known` is false where there is too little to compare with."""

    is_known: bool = True
    breached: bool = False
    score: float | None = None
    """z; of `same_hour_percent`, percent."""
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    reason: str = ""


LEARNING = Unusual(is_known=False, reason="learning")


class Detector:
    """One rule over one series, asked window by window, oldest first: what was unusual is no example for later."""

    def __init__(self, rule: Rule, series: Series, flagged: Iterable[int] = ()) -> None:
        self._rule = rule
        self._series = series
        self._flagged = set(flagged)
        self._expected: dict[int, float | None] = {}
        self._weeks, self._days = series.weeks_before(), series.days_before()

    def look(self, at: int) -> Unusual:
        found = _METHODS[self._rule.method](self, at)
        if found.breached:
            self._flagged.add(at)
        return found

    # ── band ─────────────────────────────────────────────────────────────────────────────────────────────────

    def band(self, at: int) -> Unusual:
        rule, values = self._rule, self._series.values
        if self._usual(at) is None:
            return LEARNING
        width, expected = self._width(at)
        found = sum(values[place] or 0 for place in range(at - width + 1, at + 1))
        size = self._size(at)
        limit = _z(rule.tail)
        score = (_stable(found, size) - _stable(expected, size)) * 2 * sqrt(size - 0.5)
        off = change(expected, found)
        is_far = off is None or abs(off) >= (rule.threshold or 0)
        middle, reach = _stable(expected, size), limit / (2 * sqrt(size - 0.5))
        reason = "low_volume" if expected < _VOLUME else f"over {width} windows" if width > 1 else ""
        return Unusual(
            breached=is_far and _is_out(score, limit, rule.direction),
            score=round(score, 3),
            expected=round(expected, 3),
            lower=round(max(0.0, _back(middle - reach, size)), 3),
            upper=round(_back(middle + reach, size), 3),
            reason=reason,
        )

    def _usual(self, at: int) -> float | None:
        """The median of the same hour of the week; while there are too few weeks, of the day."""
        if at not in self._expected:
            weekly = self._examples(self._weeks[at])
            daily = weekly if len(weekly) >= LEAST else self._examples(self._days[at])
            self._expected[at] = median(daily) if len(daily) >= LEAST else None
        return self._expected[at]

    def _examples(self, places: Iterable[int]) -> list[float]:
        """Numbers to learn from. Where nearly all of them were unusual, they have become usual."""
        values = self._series.values
        known = [(place, value) for place in places if (value := values[place]) is not None]
        calm = [value for place, value in known if place not in self._flagged]
        return calm if len(calm) >= LEAST else [value for _, value in known]

    def _width(self, at: int) -> tuple[int, float]:
        """Over how many windows the number says something, and how many events are expected in them."""
        found = (1, self._usual(at) or 0.0)
        for width in _WIDTHS:
            usual = [self._usual(place) for place in range(at - width + 1, at + 1) if place >= 0]
            if len(usual) < width or None in usual:
                break
            found = (width, sum(one for one in usual if one is not None))
            if found[1] >= _VOLUME:
                break
        return found

    def _size(self, at: int) -> float:
        """The negative binomial's size (1 / dispersion), from how far off the usual was in the last fourteen days."""
        starts, values = self._series.starts, self._series.values
        off: list[float] = []
        chance: list[float] = []
        for place in range(at - 1, -1, -1):
            if starts[place] < starts[at] - _TRAINED:
                break
            usual, value = self._usual(place), values[place]
            if usual and value is not None and place not in self._flagged:
                off.append((value - usual) / usual)
                chance.append(1 / usual)
        if len(off) < _ENOUGH:
            return 1 / _UNKNOWN**2
        middle = median(off)
        spread = _CONSISTENT * median(abs(one - middle) for one in off)
        return 1 / min(_MOST, max(_FLOOR**2, spread**2 - median(chance)))

    # ── mad, same_hour_percent ───────────────────────────────────────────────────────────────────────────────

    def mad(self, at: int) -> Unusual:
        """Z = (x - median) / (1.4826 MAD) of all windows before this one."""
        known = [value for value in self._series.values[max(0, at - _EXAMPLES) : at] if value is not None]
        value = self._series.values[at]
        if len(known) < LEAST or value is None:
            return LEARNING
        middle = median(known)
        spread = _CONSISTENT * median(abs(one - middle) for one in known)
        if spread == 0:
            return Unusual(expected=middle, reason="zero_variance")
        limit = MAD_THRESHOLD if self._rule.threshold is None else self._rule.threshold
        score = (value - middle) / spread
        return Unusual(
            breached=_is_out(score, limit, self._rule.direction),
            score=round(score, 3),
            expected=middle,
            lower=round(middle - limit * spread, 3),
            upper=round(middle + limit * spread, 3),
        )

    def same_hour_percent(self, at: int) -> Unusual:
        """S1's: percent off the mean of the same hour in the seven days before."""
        known = [value for place in self._days[at] if (value := self._series.values[place]) is not None]
        value = self._series.values[at]
        if len(known) < LEAST or value is None:
            return LEARNING
        mean = fmean(known)
        limit = abs(self._rule.percent or self._rule.threshold or 0)
        off = change(mean, value)
        return Unusual(
            # From nothing to something is more than any percent.
            breached=self._rule.direction != "below" if off is None else _is_out(off, limit, self._rule.direction),
            score=None if off is None else round(off, 1),
            expected=round(mean, 3),
            lower=round(max(0.0, mean * (1 - limit / 100)), 3),
            upper=round(mean * (1 + limit / 100), 3),
            reason="new" if off is None else "",
        )


_METHODS: dict[Method, Callable[[Detector, int], Unusual]] = {
    "band": Detector.band,
    "mad": Detector.mad,
    "same_hour_percent": Detector.same_hour_percent,
}


def _is_out(score: float, limit: float, direction: Direction) -> bool:
    return (direction != "above" and score < -limit) or (direction != "below" and score > limit)


@lru_cache(maxsize=64)
def _z(tail: float) -> float:
    return -NormalDist().inv_cdf(tail)


def _stable(count: float, size: float) -> float:
    """A count with its variance stabilised: about 1 / (4 size - 2), whatever it is."""
    return asinh(sqrt((count + 0.375) / (size - 0.75)))


def _back(stable: float, size: float) -> float:
    return (size - 0.75) * sinh(max(0.0, stable)) ** 2 - 0.375
