"""Comparison with the period before (R8), and change in percent (R3)."""

from collections.abc import Callable
from typing import Literal

import msgspec

from footfall.insights.question import Frame
from footfall.model.event import Millis
from footfall.model.period import Period, local_days, shifted, year_before

Number = float | None
Compare = Literal["previous_period", "previous_year"]


def change(before: Number, after: Number) -> Number:
    """Percent from one number to another (R3): 0 to 0 is 0, from 0 to something is null ("new")."""
    if before is None or after is None:
        return None
    if before == 0:
        return 0 if after == 0 else None
    return (after - before) / before * 100


class Before(msgspec.Struct, frozen=True):
    """The period before a range (R8). Where the clock changed then and not now, nothing may be left of it."""

    move: Callable[[Millis], Millis]
    """A moment of the range to its counterpart."""
    whole: Period
    elapsed: Period | None
    """Of a range that is still running, as much as has elapsed of it; None of one that is over or yet to come."""

    @property
    def compared(self) -> Period:
        """What a change is told against."""
        return self.elapsed or self.whole


def before(frame: Frame, compare: Compare = "previous_period") -> Before:
    """The same number of calendar days before, or the same dates a year before, in local time."""
    zone, period, now = frame.zone, frame.period, frame.now
    days = local_days(period)
    moves: dict[Compare, Callable[[Millis], Millis]] = {
        "previous_period": lambda moment: shifted(moment, zone, -days),
        "previous_year": lambda moment: year_before(moment, zone),
    }
    move = moves[compare]
    start = move(period.start)
    # What happens at `now` itself is in the range, so its counterpart is in the part before.
    until = now + 1 if period.start < now < period.end else None
    return Before(
        move,
        Period(start, max(start, move(period.end)), zone),
        None if until is None else Period(start, max(start, move(until)), zone),
    )
