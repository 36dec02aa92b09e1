"""One window held against a rule: whether it breaks it, and by what that is told."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from statistics import median
from typing import Literal

import msgspec

from footfall.alerts.detect import Detector
from footfall.alerts.rule import BELOW, RATES, Rule, Type
from footfall.alerts.series import Series
from footfall.insights.comparison import change

Known = Literal["judged", "no_data", "learning", "insufficient_data"]
GAPS = 3.0
"""Usual gaps that something may be away, where the rule does not say."""
_KNOWN_AFTER = 3
"""Windows with something in them, from which on it is missed."""
_GAPS_OF = 100
"""As many of them tell what is usual."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    known: Known = "judged"
    breached: bool = False
    recovered: bool = True
    """Beyond the recovery threshold, too."""
    severe: bool = False
    """Beyond the critical threshold."""
    score: float | None = None
    expected: float | None = None
    change: float | None = None
    """Percent (R3)."""
    lower: float | None = None
    upper: float | None = None
    reason: str = ""


class Judge:
    """One rule over one series. Windows are asked for from the oldest to the newest."""

    def __init__(self, rule: Rule, series: Series, flagged: Iterable[int] = ()) -> None:
        self.rule = rule
        self.series = series
        self.detector = Detector(rule, series, flagged)
        self.there = [place for place, value in enumerate(series.values) if value]
        """Windows with something in them."""

    def judge(self, at: int) -> Judgement:
        value, samples = self.series.values[at], self.series.samples[at]
        if value is None:
            return Judgement(known="no_data", reason="no_data")
        if self.rule.type in RATES and samples is not None and samples < self.rule.min_samples:
            return Judgement(known="insufficient_data", reason=f"{samples} of {self.rule.min_samples} samples")
        return _JUDGES[self.rule.type](self, at, value)


def _below(judge: Judge, _at: int, value: float) -> Judgement:
    rule = judge.rule
    limit = rule.threshold or 0
    return Judgement(
        breached=value < limit,
        recovered=value >= (limit if rule.recovery_threshold is None else rule.recovery_threshold),
        severe=rule.critical_threshold is not None and value < rule.critical_threshold,
        lower=limit,
    )


def _above(judge: Judge, _at: int, value: float) -> Judgement:
    rule = judge.rule
    limit = rule.threshold or 0
    return Judgement(
        breached=value > limit,
        recovered=value <= (limit if rule.recovery_threshold is None else rule.recovery_threshold),
        severe=rule.critical_threshold is not None and value > rule.critical_threshold,
        upper=limit,
    )


def _anomaly(judge: Judge, at: int, value: float) -> Judgement:
    found = judge.detector.look(at)
    if not found.is_known:
        return Judgement(known="learning", reason=found.reason)
    return Judgement(
        breached=found.breached,
        score=found.score,
        expected=found.expected,
        change=_rounded(change(found.expected, value)) if not found.reason.startswith("over ") else None,
        lower=found.lower,
        upper=found.upper,
        reason=found.reason,
    )


def _changed(judge: Judge, at: int, value: float) -> Judgement:
    series, percent = judge.series, judge.rule.percent or 0
    previous = at - 1 if at else None
    before = previous if judge.rule.versus == "previous" else next(iter(series.weeks_before()[at]), None)
    earlier = None if before is None else series.values[before]
    if earlier is None:
        return Judgement(known="learning", reason="learning")
    found = change(earlier, value)
    return Judgement(
        # From nothing to something has no percent, and is no fall.
        breached=found is not None and (found < percent if percent < 0 else found > percent),
        expected=earlier,
        change=_rounded(found),
        reason="new" if found is None else "",
    )


def _absent(judge: Judge, at: int, value: float) -> Judgement:
    there = judge.there[max(0, (until := bisect_right(judge.there, at)) - _GAPS_OF) : until]
    if len(there) < _KNOWN_AFTER:
        return Judgement(known="learning", reason="learning")
    usual = max(1.0, median(two - one for one, two in pairwise(there)))
    away = at - there[-1]
    limit = GAPS if judge.rule.threshold is None else judge.rule.threshold
    return Judgement(
        breached=value == 0 and away >= usual * limit, score=round(away / usual, 3), expected=usual, upper=limit
    )


_JUDGES: dict[Type, Callable[[Judge, int, float], Judgement]] = {
    "volume_below": _below,
    "volume_above": _above,
    "rate_below": _below,
    "rate_above": _above,
    "funnel_conversion": _below,
    "anomaly": _anomaly,
    "change_percent": _changed,
    "absence": _absent,
}


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)


def grows(rule: Rule) -> bool:
    """Whether a window that is still running can only get worse, so that it may be judged already (R29)."""
    return rule.type == "volume_above" and rule.type not in BELOW
