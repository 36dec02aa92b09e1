# ruff: noqa: N802 - tests are named after the rules that they hold to
"""What becomes of a rule from window to window: by example, and against a plain model of it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.alerts.judge import Judgement
from footfall.alerts.machine import NEW, Notice, Standing, is_muted, step
from footfall.alerts.rule import MINUTE, Rule
from footfall.model.period import zone_of
from tests.alerts.support import MONDAY, notices, rule, states, told
from tests.support.effort import examples

UTC = zone_of("UTC")
HOUR = 60 * MINUTE


def test_a_rule_waits_as_long_as_it_says() -> None:
    patient = rule(forMinutes=120)
    values = [20, 1, 1, 20, 1, 1, 1, 20]
    assert states(patient, values) == ["ok", "pending", "pending", "ok", "pending", "pending", "firing", "ok"]
    assert notices(patient, values) == [*[""] * 6, "firing", "resolved"]


def test_R29_the_cooldown_holds_back_another_firing_and_tells_it_when_it_is_over() -> None:
    calm = rule(cooldownMinutes=240)
    assert notices(calm, [1, 20, 1, 20, 20, 20]) == ["firing", "resolved", "", "", "", ""]
    assert notices(calm, [1, 20, 1, 1, 1, 20]) == ["firing", "resolved", "", "", "firing", "resolved"]
    held = told(calm, [1, 20, 1])
    assert (held[-1].state, held[-1].reason) == ("firing", "cooldown")


def test_R29_what_becomes_critical_is_told_at_once() -> None:
    worse = rule(threshold=10, criticalThreshold=5, cooldownMinutes=600)
    found = told(worse, [9, 4, 4, 9, 20, 4])
    assert [one.notice and (one.notice.kind, one.notice.severity) for one in found] == [
        ("firing", "warning"),
        ("escalated", "critical"),
        None,
        None,
        ("resolved", "critical"),
        None,
    ]
    assert notices(worse, [9, 20, 4]) == ["firing", "resolved", "firing"]


def test_a_rule_that_fires_stays_so_while_nothing_is_known() -> None:
    assert states(rule(), [1, None, 1, 20]) == ["firing", "firing", "firing", "ok"]
    assert notices(rule(), [1, None, 1, 20]) == ["firing", "", "", "resolved"]


def test_what_goes_to_and_fro_is_told_once_until_it_is_steady() -> None:
    values = [1, 20, 1, 20, 1, 20, 1, 20, *[20] * 7]
    found = told(rule(), values)
    kinds = [one.notice.kind if one.notice else "" for one in found]
    assert kinds[:5] == ["firing", "resolved", "firing", "resolved", "flapping"]
    assert [one.state for one in found][4:8] == ["flapping"] * 4
    assert found[-1].state == "ok"
    assert [kind for kind in kinds[5:] if kind] == ["resolved"]


def test_nobody_is_told_in_a_time_of_silence_and_afterwards_of_what_still_fires() -> None:
    quiet = rule(mute=[{"from": "01:30", "until": "03:30"}])
    found = told(quiet, [20, 1, 1, 1, 20])
    assert [one.state for one in found] == ["ok", "muted", "muted", "firing", "ok"]
    assert [one.notice.kind if one.notice else one.reason for one in found] == [
        "",
        "muted",
        "muted",
        "firing",
        "resolved",
    ]
    short = rule(mute=[{"from": "01:30", "until": "02:30"}])
    assert notices(short, [20, 1, 20, 20]) == ["", "", "", ""]


@pytest.mark.parametrize(
    ("mute", "hour", "muted"),
    [
        ({}, 0, True),
        ({"from": "09:00", "until": "17:00"}, 9, True),
        ({"from": "09:00", "until": "17:00"}, 17, False),
        ({"from": "22:00", "until": "06:00"}, 23, True),
        ({"from": "22:00", "until": "06:00"}, 5, True),
        ({"from": "22:00", "until": "06:00"}, 6, False),
        ({"days": ["monday"], "from": "22:00", "until": "06:00"}, 24 + 5, True),
        ({"days": ["monday"], "from": "22:00", "until": "06:00"}, 5, False),
        ({"days": ["sunday"]}, 0, False),
        ({"days": ["monday"]}, 23, True),
        ({"from": "09:00", "until": "10:00", "timezone": "Asia/Tokyo"}, 0, True),
        ({"from": "00:00", "until": "01:00", "timezone": "Asia/Tokyo"}, 0, False),
    ],
)
def test_times_of_silence_are_of_the_week_and_of_a_zone(mute: dict[str, Any], hour: int, muted: bool) -> None:
    assert is_muted(rule(mute=[mute]).mute, MONDAY + hour * HOUR, UTC) is muted


# ── against a plain model ────────────────────────────────────────────────────────────────────────────────────

FOUND = st.sampled_from(["fine", "between", "broken", "severe", "unknown"])
RULES = st.builds(
    lambda wait, cooldown, severity: rule(
        forMinutes=wait, cooldownMinutes=cooldown, severity=severity, criticalThreshold=1, recoveryThreshold=15
    ),
    st.sampled_from([0, 60, 90, 180]),
    st.sampled_from([0, 60, 300]),
    st.sampled_from(["warning", "critical"]),
)
_JUDGED = {
    "fine": Judgement(),
    "between": Judgement(recovered=False),
    "broken": Judgement(breached=True, recovered=False),
    "severe": Judgement(breached=True, recovered=False, severe=True),
    "unknown": Judgement(known="no_data"),
}


class Model:
    """The same in the words of R29, with its past kept whole."""

    def __init__(self, one: Rule) -> None:
        self.rule = one
        self.fires = False
        self.run: list[int] = []
        self.flips: list[int] = []
        self.flapping = False
        self.known: str | None = None
        self.last: tuple[int, str] | None = None

    def take(self, found: str, end: int) -> tuple[str, str] | None:
        """(kind, severity) of a notice."""
        if found == "unknown":
            return None
        broken = found in {"broken", "severe"}
        self.run = [*self.run, end] if broken else []
        fired = self.fires
        if broken:
            self.fires = fired or end - self.run[0] >= self.rule.for_minutes * MINUTE
        elif found == "fine":
            self.fires = False
        if self.fires != fired:
            self.flips.append(end)
        recent = [at for at in self.flips if at > end - 6 * HOUR]
        flapped, self.flapping = self.flapping, len(recent) > 4 or (self.flapping and bool(recent))
        return self._tell("critical" if found == "severe" else self.rule.severity, end, broken, flapped)

    def _tell(self, severity: str, end: int, broken: bool, flapped: bool) -> tuple[str, str] | None:
        if self.flapping:
            return None if flapped else self._told("flapping", severity, end)
        if self.known is not None and not self.fires:
            kind = ("resolved", self.known)
            self.known = None
            return kind
        if not (self.fires and broken):
            return None
        if self.known is not None:
            is_worse = self.known == "warning" and severity == "critical"
            return self._told("escalated", severity, end) if is_worse else None
        if self.last is not None:
            at, before = self.last
            if end - at < self.rule.cooldown_minutes * MINUTE and (before, severity) != ("warning", "critical"):
                return None
        return self._told("firing", severity, end)

    def _told(self, kind: str, severity: str, end: int) -> tuple[str, str]:
        self.known, self.last = severity, (end, severity)
        return kind, severity


@examples(300)
@given(RULES, st.lists(FOUND, max_size=40))
def test_R29_notices_are_those_of_a_plain_model(one: Rule, past: list[str]) -> None:
    model, standing = Model(one), NEW
    for place, found in enumerate(past, 1):
        end = MONDAY + place * HOUR
        taken = step(one, standing, _JUDGED[found], end, UTC)
        standing = taken.standing
        said = taken.notice and (taken.notice.kind, taken.notice.severity)
        assert said == model.take(found, end), (place, found)
        assert (standing.phase in {"firing", "recovering"}) == model.fires


@examples(200)
@given(RULES, st.lists(FOUND, max_size=40))
def test_R29_a_resolution_follows_a_notice_and_the_cooldown_holds(one: Rule, past: list[str]) -> None:
    standing: Standing = NEW
    said: list[tuple[int, Notice]] = []
    for place, found in enumerate(past, 1):
        taken = step(one, standing, _JUDGED[found], MONDAY + place * HOUR, UTC)
        standing = taken.standing
        if taken.notice:
            said.append((MONDAY + place * HOUR, taken.notice))
    last: int | None = None
    for at, (end, notice) in enumerate(said):
        if notice.kind == "resolved":
            assert at > 0
            assert said[at - 1][1].kind != "resolved"
        if notice.kind == "firing" and last is not None and said[at - 1][1].severity == notice.severity:
            assert end - last >= one.cooldown_minutes * MINUTE
        if notice.kind != "resolved":
            last = end
