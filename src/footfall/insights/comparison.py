"""Comparison with the period before (R8), and change in percent (R3)."""

import msgspec

from footfall.insights.question import Frame
from footfall.model.period import Period, local_days, shifted

Number = float | None


def change(before: Number, after: Number) -> Number:
    """Percent from one number to another (R3): 0 to 0 is 0, from 0 to something is null ("new")."""
    if before is None or after is None:
        return None
    if before == 0:
        return 0 if after == 0 else None
    return (after - before) / before * 100


def previous(frame: Frame) -> Frame | None:
    """The same number of calendar days before; of a range that is still running as much as has elapsed of it (R8).

    None where that is nothing: a range that begins at `now` or later.
    """
    zone, period = frame.zone, frame.period
    days = local_days(period)
    # What happens at `now` itself is in the range, so its counterpart is in the part before.
    end = frame.now + 1 if period.start < frame.now < period.end else period.end
    moved = Period(shifted(period.start, zone, -days), shifted(end, zone, -days), zone)
    return msgspec.structs.replace(frame, period=moved) if moved.start < moved.end else None
