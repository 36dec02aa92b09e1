"""Rules and series as short as a test wants them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from footfall.alerts.evaluate import Told, evaluate
from footfall.alerts.rule import MINUTE, Rule, checked
from footfall.alerts.series import Series
from footfall.model.period import to_millis, zone_of

MONDAY = to_millis(datetime(2026, 1, 5, tzinfo=UTC))
LATER = MONDAY + 10**12


def rule(kind: str = "volume_below", **fields: Any) -> Rule:
    """Of windows of an hour, with a threshold of 10, unless said otherwise."""
    usual = {"type": kind, "windowMinutes": 60, "cooldownMinutes": 0}
    if kind.startswith(("volume", "rate", "funnel")):
        usual |= {"threshold": 10}
    if kind.startswith("rate"):
        usual |= {"numeratorEvent": "a", "denominatorEvent": "b"}
    if kind.startswith("funnel"):
        usual |= {"steps": [{"event": "a"}, {"event": "b"}]}
    return checked(msgspec.convert(usual | fields, Rule))


def series(
    values: Sequence[float | None],
    minutes: int = 60,
    samples: Sequence[int | None] | None = None,
    zone: str = "UTC",
    start: int = MONDAY,
) -> Series:
    starts = tuple(start + place * minutes * MINUTE for place in range(len(values)))
    return Series(
        starts=starts,
        ends=tuple(one + minutes * MINUTE for one in starts),
        values=tuple(values),
        samples=tuple(samples or [None] * len(values)),
        zone=zone_of(zone),
    )


def days(values: Sequence[float | None], zone: str, first: datetime) -> Series:
    """Of local days, also of those with 23 and 25 hours."""
    local = zone_of(zone)
    starts = [to_millis((first + timedelta(days=place)).replace(tzinfo=local)) for place in range(len(values) + 1)]
    return Series(
        starts=tuple(starts[:-1]), ends=tuple(starts[1:]), values=tuple(values),
        samples=(None,) * len(values), zone=local,
    )  # fmt: skip


def told(one: Rule, of: Series | Sequence[float | None], now: int = LATER) -> list[Told]:
    return list(evaluate(one, of if isinstance(of, Series) else series(of, one.window_minutes), now))


def states(one: Rule, of: Series | Sequence[float | None], now: int = LATER) -> list[str]:
    return [each.state for each in told(one, of, now)]


def notices(one: Rule, of: Series | Sequence[float | None], now: int = LATER) -> list[str]:
    """What went out at each window; empty for nothing."""
    return [each.notice.kind if each.notice else "" for each in told(one, of, now)]
