# ruff: noqa: N802 - tests are named after the rules that they hold to
"""The numbers that alerts see are those that questions answer (invariant f)."""

from itertools import pairwise
from typing import Any

import pytest

from footfall.alerts.windows import windows
from footfall.model.period import zone_of
from footfall.services.measuring import Measurer
from tests.alerts.support import rule
from tests.support.chance import BOT
from tests.support.moments import BASE, HOUR
from tests.support.project import Project

UTC = zone_of("UTC")
DAY = 24 * HOUR


def told(project: Project, one: Any, start: int = BASE - DAY, end: int = BASE + DAY) -> dict[str, Any]:
    of = windows(one, UTC, start, end)
    return Measurer(project.warehouse).measure_one(one, of, project.context(now=end))


@pytest.fixture
def shop(project: Project) -> Project:
    project.story(
        ann=[("page_view", -3600), ("add_to_cart", 0, {"page": "/a"}), ("purchase", 60, {"page": "/a"})],
        bob=[
            ("add_to_cart", 0, {"page": "/b"}),
            ("add_to_cart", 90, {"page": "/b"}),
            ("purchase", 7200, {"page": "/b"}),
        ],
        bot=[("add_to_cart", 0, {"user_agent": BOT})],
    )
    return project


def test_invariant_f_counts_are_those_of_a_trend(shop: Project) -> None:
    found = told(shop, rule(event="add_to_cart", threshold=1))[""]
    trend = shop.trend(
        {"series": [{"event": "add_to_cart"}], "interval": "hour", "from": found.starts[0], "to": found.ends[-1]}
    )
    known = [value if value is not None else 0 for value in found.values]
    assert known == trend["add_to_cart"][:-1]
    assert sum(known) == 3


def test_before_the_first_hour_of_a_project_nothing_is_known(shop: Project) -> None:
    found = told(shop, rule(event="purchase", threshold=1))[""]
    at = found.starts.index(BASE - HOUR)
    assert set(found.values[:at]) == {None}
    assert found.values[at : at + 4] == (0, 1, 0, 1)


def test_a_rate_has_its_samples(shop: Project) -> None:
    rate = rule("rate_below", numeratorEvent="purchase", denominatorEvent="add_to_cart")
    found = told(shop, rate)[""]
    at = found.starts.index(BASE)
    assert (found.values[at], found.samples[at]) == (pytest.approx(100 / 3), 3)
    assert (found.values[at + 1], found.samples[at + 1]) == (0, 0)


def test_invariant_f_people_and_funnels_are_those_of_their_questions(shop: Project) -> None:
    people = told(shop, rule(event="add_to_cart", measure="unique_users"))[""]
    assert people.values[people.starts.index(BASE)] == 2
    steps = [{"event": "add_to_cart"}, {"event": "purchase"}]
    funnel = told(shop, rule("funnel_conversion", steps=steps))[""]
    at = funnel.starts.index(BASE)
    assert (funnel.values[at], funnel.samples[at]) == (50, 2)
    longer = told(shop, rule("funnel_conversion", steps=steps, funnelWindow="P1D"))[""]
    assert longer.values[at] == 100


def test_filters_and_groups_tell_events_apart(shop: Project) -> None:
    only = {"property": "page", "operator": "is", "values": ["/b"]}
    filtered = told(shop, rule(event="add_to_cart", filters=[only]))[""]
    assert filtered.values[filtered.starts.index(BASE)] == 2
    groups = told(shop, rule(event="add_to_cart", groupBy="page"))
    assert {value: one.values[one.starts.index(BASE)] for value, one in groups.items()} == {"/b": 2, "/a": 1}


def test_many_rules_share_a_look(shop: Project) -> None:
    rules = [rule(event=name) for name in ("add_to_cart", "purchase", "*")] * 30
    of = windows(rules[0], UTC, BASE, BASE + HOUR)
    found = Measurer(shop.warehouse).measure([(one, of) for one in rules], shop.context())
    assert [one[""].values for one in found] == [(3,), (1,), (4,)] * 30


def test_R9_days_are_local_and_hours_have_one_length() -> None:
    berlin = zone_of("Europe/Berlin")
    start, end = 1774566000000, 1774825200000 + DAY  # around 29 March 2026, which has 23 hours
    days = windows(rule(windowMinutes=1440), berlin, start, end)
    assert sorted({(after - before) // HOUR for before, after in days}) == [23, 24]
    hours = windows(rule(windowMinutes=120), berlin, start, end)
    assert {after - before for before, after in hours} == {2 * HOUR}
    assert all(one[1] == two[0] for one, two in pairwise(hours))
