# ruff: noqa: N802 - tests are named after the rules that they hold to
"""A year of hours with both changes of the clock, through every type of rule: seconds, and told as it was."""

import math
import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from footfall.alerts.evaluate import Told, evaluate
from footfall.alerts.machine import NEW, Standing
from footfall.alerts.rule import Rule
from footfall.alerts.series import Series
from footfall.model.period import Period, buckets, from_millis, midnight, zone_of
from tests.alerts.support import LATER, rule

ZONE = zone_of("Europe/Berlin")
HOUR = 3_600_000
FIRST = datetime(2026, 1, 1)  # noqa: DTZ001 - a local day
STARTS = buckets(
    Period(midnight(FIRST.date(), ZONE), midnight((FIRST + timedelta(days=365)).date(), ZONE), ZONE), "hour"
)
DOWN = range(24 * 200 + 9, 24 * 200 + 15)
"""Six hours of a day in July in which nearly nothing comes."""


def usual(at: int) -> float:
    """By day more than by night, on Sundays less: 48 to 400 events."""
    local = from_millis(at, ZONE)
    day = 240 - 160 * math.cos(local.hour / 24 * 2 * math.pi)
    return day * (0.6 if local.weekday() == 6 else 1)


@pytest.fixture(scope="module")
def year() -> Series:
    chance = random.Random(11)
    values = [round(max(0.0, chance.gauss(usual(at), usual(at) ** 0.5))) for at in STARTS]
    for at in DOWN:
        values[at] = round(values[at] * 0.02)
    return Series(
        starts=STARTS,
        ends=tuple(at + HOUR for at in STARTS),
        values=tuple(float(value) for value in values),
        samples=(1000,) * len(values),
        zone=ZONE,
    )


RULES: dict[str, Rule] = {
    "volume_below": rule(threshold=30),
    "volume_above": rule("volume_above", threshold=10_000),
    "rate_below": rule("rate_below", threshold=30),
    "rate_above": rule("rate_above", threshold=10_000),
    "band": rule("anomaly", direction="below", sensitivity="low"),
    "mad": rule("anomaly", method="mad", threshold=1000),
    "same_hour_percent": rule("anomaly", method="same_hour_percent", percent=80, direction="below"),
    "absence": rule("absence", threshold=5),
    "change_percent": rule("change_percent", percent=-93),
    "change_week": rule("change_percent", percent=-93, versus="previous_week"),
    "funnel_conversion": rule("funnel_conversion", threshold=30),
}
SEES = {"volume_below", "rate_below", "band", "same_hour_percent", "change_percent", "change_week", "funnel_conversion"}
"""Those that have something to say of the six hours; the others never have."""


@pytest.mark.parametrize("name", RULES)
def test_R29_a_year_of_hours_is_judged_hour_by_hour(year: Series, name: str) -> None:
    one = RULES[name]
    told = list(evaluate(one, year, LATER))
    assert len(told) == len(STARTS) == 365 * 24
    # Until three weeks are known, `band` knows hours and no Sundays.
    learnt = 24 * 21 if name == "band" else 0
    fired = [each.at for each in told if each.standing.phase == "firing" and each.at >= learnt]
    assert all(at in DOWN or at - 1 in DOWN or at - 168 in DOWN for at in fired), "and nothing of the clock changes"
    assert bool(fired) == (name in SEES)
    kinds = [each.notice.kind for each in told if each.notice and each.at >= learnt]
    assert all(before != after for before, after in pairwise(kinds))
    assert kinds[:1] == (["firing"] if fired else [])
    assert kinds[-1:] == (["resolved"] if fired else [])


@pytest.mark.parametrize("name", ["volume_below", "band", "change_week"])
def test_R29_a_year_in_pieces_is_told_as_the_year_in_one(year: Series, name: str) -> None:
    """What is remembered between two looks is enough; pieces end at random, as a server's restarts do."""
    one = RULES[name]
    whole = [short(each) for each in evaluate(one, year, LATER)]
    chance = random.Random(5)
    at, standing, pieces = 0, NEW, list[Any]()
    while at < len(STARTS):
        end = min(len(STARTS), at + chance.randint(1, 900))
        seen = Series(
            starts=year.starts[:end], ends=year.ends[:end], values=year.values[:end], samples=year.samples[:end],
            zone=ZONE,
        )  # fmt: skip
        told = list(evaluate(one, seen, LATER, standing, at))
        pieces += [short(each) for each in told]
        standing, at = told[-1].standing, end
    assert pieces == whole


def short(told: Told) -> tuple[int, str, str, Standing]:
    return told.at, told.state, told.notice.kind if told.notice else "", told.standing
