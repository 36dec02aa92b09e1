"""Drift: what comes beside what is planned, told of all events together."""

import pytest

from footfall.model.seen import SeenEvent, SeenProperty
from footfall.plan.bundle import Bundle
from footfall.plan.drift import EventDrift, Finding, drift
from footfall.plan.lint import planned

PLAN = """
plan: 1
area: shop
owner: shop-team
events:
  add_to_cart:
    version: 2.0.0
    aliases: [Add To Cart]
    properties:
      price: {type: number}
      size: {type: string, enum: [S, M]}
      code: {type: string, enum: [a], pii: possible}
      note: {type: [string, "null"]}
      anything: {description: of any type}
  old: {status: deprecated}
  idea: {status: draft}
  open: {additional: allow}
"""
BUNDLE = planned([("plan.yaml", PLAN)])
SAMPLE = 1000


def event(count: int = SAMPLE, **properties: dict[str, int] | tuple[str, dict[str, int]]) -> SeenEvent:
    """`price={"number": 3}` are types; `size=("string", {"S": 3})` are texts."""
    found = {
        name: SeenProperty(types=told)
        if isinstance(told, dict)
        else SeenProperty(types={told[0]: sum(told[1].values())}, values=told[1])
        for name, told in properties.items()
    }
    return SeenEvent(
        count=count,
        first_seen="2026-01-01T00:00:00Z",
        last_seen="2026-01-02T00:00:00Z",
        sampled=count,
        properties=found,
    )


WHOLE = {
    "price": {"integer": 500, "number": 500},
    "size": ("string", {"S": 600, "M": 400}),
    "code": ("string", {"a": SAMPLE}),
    "note": {"string": 400, "null": 600},
    "anything": {"array": SAMPLE},
}


def of(name: str, seen: dict[str, SeenEvent], before: dict[str, SeenEvent] | None = None) -> EventDrift:
    (found,) = [one for one in drift(BUNDLE, seen, before or {}) if one.event == name]
    return found


def findings(now: SeenEvent, before: SeenEvent | None = None) -> list[Finding]:
    return of("add_to_cart", {"add_to_cart": now}, {"add_to_cart": before} if before else {}).findings


def test_what_is_as_it_was_planned_is_not_remarkable() -> None:
    found = of("add_to_cart", {"add_to_cart": event(**WHOLE)}, {"add_to_cart": event(**WHOLE)})
    assert (found.state, found.findings) == ("seen", [])
    assert (found.area, found.owner, found.version, found.count) == ("shop", "shop-team", "2.0.0", SAMPLE)


@pytest.mark.parametrize(
    ("name", "seen", "state"),
    [
        ("add_to_cart", {}, "never_seen"),
        ("add_to_cart", {"add_to_cart": event(0)}, "stopped"),
        ("add_to_cart", {"Add To Cart": event(1)}, "seen"),
        ("old", {"old": event(1)}, "deprecated"),
        ("old", {"old": event(0)}, "gone"),
        ("idea", {}, "draft"),
        ("idea", {"idea": event(1)}, "seen"),
        ("other", {"other": event(1)}, "unplanned"),
        ("page_view", {"page_view": event(1)}, "seen"),
    ],
)
def test_every_event_has_a_state(name: str, seen: dict[str, SeenEvent], state: str) -> None:
    assert of(name, seen).state == state


def test_what_nobody_has_to_plan_and_what_came_long_ago_is_not_listed() -> None:
    names = [one.event for one in drift(BUNDLE, {"$identify": event(), "gone_by": event(0)}, {})]
    assert names == ["add_to_cart", "idea", "old", "open"]


def test_the_most_frequent_are_told_first_and_a_typo_with_what_was_meant() -> None:
    found = drift(BUNDLE, {"ad_to_cart": event(9), "open": event(10)}, {})
    assert [(one.event, one.suggestion) for one in found[:2]] == [("open", ""), ("ad_to_cart", "add_to_cart")]


def test_names_of_an_event_are_one() -> None:
    found = of("add_to_cart", {"add_to_cart": event(**WHOLE), "Add To Cart": event(10, price={"string": 10})})
    assert found.count == SAMPLE + 10
    assert (
        Finding(sign="type_drift", property="price", expected="number", found="string", share=round(10 / 1010, 4))
        in found.findings
    )


def test_types_that_the_plan_does_not_take_are_told_with_their_share() -> None:
    (found,) = findings(event(**WHOLE | {"price": {"number": 900, "string": 60, "null": 40}}))
    assert found == Finding(sign="type_drift", property="price", expected="number", found="null or string", share=0.1)


def test_values_are_told_where_they_say_nothing_of_a_person() -> None:
    (found,) = findings(event(**WHOLE | {"size": ("string", {"S": 990, "XL": 10})}))
    assert (found.sign, found.expected, found.found, found.share) == ("new_value", "S or M", "XL", 0.01)
    (found,) = findings(event(**WHOLE | {"code": ("string", {"secret": SAMPLE})}))
    assert (found.sign, found.found, found.share) == ("new_value", "", 1)


def test_properties_that_are_not_planned_are_told_unless_all_are_welcome() -> None:
    (found,) = findings(event(**WHOLE, extra={"integer": 500, "string": 100}))
    assert (found.sign, found.property, found.found, found.share) == (
        "unplanned_property",
        "extra",
        "integer or string",
        0.6,
    )
    assert of("open", {"open": event(extra={"string": 1})}).findings == []
    welcome = planned([("plan.yaml", PLAN.replace("events:", "environments: {dev: {additional: allow}}\nevents:"))])
    told = drift(welcome, {"add_to_cart": event(**WHOLE, extra={"string": 1})}, {}, "dev")
    assert told[0].findings == []


def test_what_is_planned_and_never_comes_is_told_of_enough_events() -> None:
    seen = {name: told for name, told in WHOLE.items() if name != "note"}
    (found,) = findings(event(**seen))
    assert (found.sign, found.property) == ("never_seen", "note")
    few = event(
        99, anything={"array": 99}, price={"number": 99}, size=("string", {"S": 99}), code=("string", {"a": 99})
    )
    assert findings(few) == []


def test_a_rate_is_told_where_more_is_missing_than_before() -> None:
    worse = event(**WHOLE | {"note": {"string": 250, "null": 600}})
    (found,) = findings(worse, event(**WHOLE))
    assert found == Finding(sign="null_rate", property="note", share=0.75, before=0.6)
    assert findings(event(**WHOLE), worse) == []
    assert findings(worse, event(10, note={"string": 10})) == []


def test_without_a_plan_everything_is_unplanned() -> None:
    assert [one.state for one in drift(Bundle(), {"a": event(), "b": event()}, {})] == ["unplanned"] * 2
