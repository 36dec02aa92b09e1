# ruff: noqa: N802 - tests are named after the rules that they hold to
"""What each type of rule says of a window (R29), and what is missing in a rule."""

import random
from datetime import datetime
from math import sqrt
from typing import Any

import pytest

from footfall.model.errors import BadRequest
from tests.alerts.support import MONDAY, days, notices, rule, series, states, told

GIVEN = [100, 98, 103, 60, 61, 105]
"""Sign-ups a day (`semantics.md`, worked case `alert_relative_and_absolute_backtest`)."""
DAY = 1440


def test_R29_a_fall_of_thirty_percent_is_told_where_it_happens() -> None:
    falls = rule("change_percent", percent=-30, windowMinutes=DAY)
    found = told(falls, GIVEN)
    assert [one.judgement.change for one in found] == [None, -2.0, 5.1, -41.7, 1.7, 72.1]
    assert [one.state for one in found] == ["learning", "ok", "ok", "firing", "ok", "ok"]


def test_R29_below_a_threshold_there_is_one_notice_and_one_that_it_is_over() -> None:
    below = rule(threshold=80, windowMinutes=DAY)
    running = series([*GIVEN, 5], DAY)
    now = running.starts[-1] + 3_600_000
    assert states(below, running, now) == ["ok", "ok", "ok", "firing", "firing", "ok", "ok"]
    assert notices(below, running, now) == ["", "", "", "firing", "", "resolved", ""]
    assert told(below, running, now)[-1].reason == "running"


def test_R3_a_change_from_nothing_is_no_number() -> None:
    rises = rule("change_percent", percent=10)
    found = told(rises, [0, 0, 5, 0])
    assert [(one.judgement.change, one.reason) for one in found[1:]] == [(0, ""), (None, "new"), (-100, "")]
    assert [one.state for one in found] == ["learning", "ok", "ok", "ok"]


def test_R29_a_week_before_is_the_same_hour_also_when_the_clock_changed() -> None:
    falls = rule("change_percent", percent=-50, versus="previous_week", windowMinutes=DAY)
    # 29 March has 23 hours in Berlin.
    found = told(falls, days([100, *[10] * 6, 40, *[10] * 6], "Europe/Berlin", datetime(2026, 3, 26)))  # noqa: DTZ001
    assert [one.state for one in found] == ["learning"] * 7 + ["firing"] + ["ok"] * 6
    assert found[7].judgement.change == -60


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("volume_below", [10, 9, 10], ["ok", "firing", "ok"]),
        ("volume_above", [10, 11, 10], ["ok", "firing", "ok"]),
        ("rate_below", [10, 9.9, 10], ["ok", "firing", "ok"]),
        ("rate_above", [10, 10.1, 10], ["ok", "firing", "ok"]),
        ("funnel_conversion", [10, 9.9, 10], ["ok", "firing", "ok"]),
        ("volume_below", [0, None, 20], ["firing", "firing", "ok"]),
        ("volume_below", [20, None, 20], ["ok", "no_data", "ok"]),
    ],
)
def test_a_threshold_itself_is_fine(kind: str, values: list[float | None], expected: list[str]) -> None:
    assert states(rule(kind), values) == expected


def test_R29_a_rate_needs_thirty_samples() -> None:
    of = series([1, 1, 1], samples=[29, 30, None])
    found = told(rule("rate_below"), of)
    assert [one.state for one in found] == ["insufficient_data", "firing", "firing"]
    assert found[0].reason == "29 of 30 samples"
    assert states(rule("rate_below", minSamples=5), of)[0] == "firing"


def test_R29_below_says_nothing_of_a_window_that_is_running_and_above_what_cannot_mend() -> None:
    of = series([20, 0])
    assert states(rule(), of, of.ends[1] - 1) == ["ok", "ok"]
    assert states(rule(), of, of.ends[1]) == ["ok", "firing"]
    assert states(rule("volume_above"), series([0, 11]), of.ends[1] - 1) == ["ok", "firing"]
    assert states(rule("rate_above"), series([0, 11]), of.ends[1] - 1) == ["ok", "ok"]


def test_it_is_over_only_beyond_the_recovery_threshold() -> None:
    below = rule(recoveryThreshold=15)
    assert states(below, [20, 5, 12, 5, 14, 15]) == ["ok", "firing", "recovering", "firing", "recovering", "ok"]
    assert notices(below, [20, 5, 12, 5, 14, 15]) == ["", "firing", "", "", "", "resolved"]
    # Of what does not fire, the same number is fine.
    assert states(below, [12, 12]) == ["ok", "ok"]


# ── absence ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_absence_is_longer_than_what_is_usual() -> None:
    every_second = [1, 0] * 5
    found = told(rule("absence", threshold=3), [*every_second, *[0] * 6, 4])
    assert [one.state for one in found] == [*["learning"] * 4, *["ok"] * 10, *["firing"] * 2, "ok"]
    assert found[14].judgement.expected == 2
    assert found[14].judgement.score == 3


def test_what_was_never_there_is_not_missed() -> None:
    assert set(states(rule("absence"), [0] * 50)) == {"learning"}


# ── anomalies ────────────────────────────────────────────────────────────────────────────────────────────────


def test_R29_mad_is_trained_without_the_tested_point() -> None:
    values = [10, 12, 11, 13, 9, 40]
    found = told(rule("anomaly", method="mad", threshold=3.5), values)
    assert [one.state for one in found] == [*["learning"] * 3, "ok", "ok", "firing"]
    # Of 10, 12, 11, 13, 9 the median is 11, and the deviations 1 1 0 2 2 have a median of 1.
    assert found[-1].judgement.score == round((40 - 11) / 1.4826, 3)
    assert found[-1].judgement.expected == 11


def test_R29_without_variance_there_is_no_score() -> None:
    found = told(rule("anomaly", method="mad"), [5, 5, 5, 5, 50])
    assert (found[-1].state, found[-1].judgement.score, found[-1].reason) == ("ok", None, "zero_variance")


def test_R29_same_hour_percent_compares_with_the_mean_of_the_hour_in_seven_days() -> None:
    shape = [10, 100] * 12
    values = [*shape * 7, *shape[:1], 49]
    off = rule("anomaly", method="same_hour_percent", percent=50, direction="below")
    found = told(off, values)
    assert found[-1].state == "firing"
    assert (found[-1].judgement.expected, found[-1].judgement.score) == (100, -51)
    assert {one.state for one in found[: 3 * 24]} == {"learning"}
    assert states(off, [*values[:-1], 51])[-1] == "ok"
    assert states(off, [*values[:-1], 500])[-1] == "ok"
    assert states(rule("anomaly", method="same_hour_percent", threshold=50), [*values[:-1], 500])[-1] == "firing"


def weeks(count: int, level: float, noise: int = 1) -> list[float | None]:
    """Hours with a shape of the day and the week, and a Poisson's noise about it."""
    chance = random.Random(noise)
    usual = [
        level * (0.2 + 0.8 * (6 <= hour < 22)) * (0.5 if day >= 5 else 1) for day in range(7) for hour in range(24)
    ]
    return [max(0, round(chance.gauss(one, sqrt(one)))) for _ in range(count) for one in usual]


def test_R29_band_fires_for_half_of_what_is_usual_at_that_hour_and_not_for_a_quiet_night() -> None:
    past = weeks(6, 400)
    noon = 12
    fine = [*past, *weeks(1, 400, noise=2)[: noon + 1]]
    found = told(rule("anomaly"), fine)
    assert {one.state for one in found[:72]} == {"learning"}
    three_weeks = 3 * 7 * 24
    assert sum(one.state == "firing" for one in found[three_weeks:]) <= 1
    halved = [*fine[:-1], 200]
    last = told(rule("anomaly"), halved)[-1]
    assert last.state == "firing"
    assert last.judgement.score is not None
    assert last.judgement.score < -3.7
    assert last.judgement.lower is not None
    assert last.judgement.upper is not None
    assert 200 < last.judgement.lower < 400 < last.judgement.upper
    assert states(rule("anomaly", direction="above"), halved)[-1] == "ok"
    # Both have to hold: how unlikely it is, and how far off.
    assert states(rule("anomaly", threshold=60), halved)[-1] == "ok"
    assert states(rule("anomaly", threshold=40), halved)[-1] == "firing"


def test_R29_band_does_not_learn_from_what_it_flagged() -> None:
    past = weeks(4, 400)
    with_outage = [*past, *weeks(1, 400, noise=3)[:12], *[0] * 24, *weeks(1, 400, noise=4)[36:]]
    again = [*with_outage, *weeks(1, 400, noise=5)[:36]]
    found = told(rule("anomaly", direction="below"), again)
    noon = len(with_outage) + 12
    assert found[noon].judgement.expected == pytest.approx(400, rel=0.1)
    assert found[noon].state == "ok"


def test_R29_band_takes_a_new_level_for_usual_after_some_weeks() -> None:
    found = told(rule("anomaly"), [*weeks(8, 400), *weeks(8, 100, noise=2)])
    week = 7 * 24
    fired = [sum(one.state == "firing" for one in found[at : at + week]) for at in range(0, 16 * week, week)]
    assert fired[8] > week / 2
    assert fired[15] <= 2


def test_R29_band_looks_at_more_hours_where_few_events_are_expected() -> None:
    past = weeks(6, 12)
    found = told(rule("anomaly"), [*past, *weeks(1, 12, noise=2)[:12], *[0] * 6])
    assert found[-1].judgement.reason == "over 3 windows"
    assert found[-1].state == "firing"
    tiny = told(rule("anomaly"), [1, 0] * 12 * 28)
    assert tiny[-1].judgement.reason == "low_volume"


def test_a_sensitivity_is_a_probability() -> None:
    past = weeks(6, 400)
    little = [*past, *weeks(1, 400, noise=2)[:12], 290]
    assert states(rule("anomaly", sensitivity="high"), little)[-1] == "firing"
    assert states(rule("anomaly", sensitivity=1e-9), little)[-1] == "ok"


# ── what is no rule ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"type": "volume_below"}, "$.threshold"),
        ({"type": "rate_below", "threshold": 2}, "$.numeratorEvent"),
        ({"type": "rate_below", "threshold": 2, "numeratorEvent": "a"}, "$.denominatorEvent"),
        ({"type": "funnel_conversion", "threshold": 2}, "$.steps"),
        ({"type": "change_percent"}, "$.percent"),
        ({"type": "anomaly", "method": "same_hour_percent"}, "$.percent"),
        ({"type": "anomaly", "method": "mad", "threshold": 0}, "$.threshold"),
        ({"type": "anomaly", "recoveryThreshold": 1}, "$.recoveryThreshold"),
        ({"type": "volume_below", "threshold": 10, "recoveryThreshold": 9}, "$.recoveryThreshold"),
        ({"type": "volume_above", "threshold": 10, "recoveryThreshold": 11}, "$.recoveryThreshold"),
        ({"type": "volume_below", "threshold": 10, "criticalThreshold": 11}, "$.criticalThreshold"),
        ({"type": "absence", "threshold": 0.5}, "$.threshold"),
        ({"type": "absence", "mute": [{"timezone": "Moon/Base"}]}, "$.mute[0].timezone"),
        ({"type": "funnel_conversion", "threshold": 1, "funnelWindow": "1 hour",
          "steps": [{"event": "a"}, {"event": "b"}]}, "$.funnelWindow"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_judged_says_what_is_missing(fields: dict[str, Any], path: str) -> None:
    kind = fields.pop("type")
    with pytest.raises(BadRequest) as refused:
        rule(kind, **({"threshold": None, "numeratorEvent": None, "denominatorEvent": None, "steps": []} | fields))
    assert refused.value.path == path


def test_MONDAY_is_one() -> None:
    assert series([1]).starts[0] == MONDAY
