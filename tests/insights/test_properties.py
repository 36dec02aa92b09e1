# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Pickers: what events can be asked by, and the values of a property, each with as many events as a filter keeps."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import properties
from footfall.insights.filters import name_of
from footfall.insights.properties import Choice, Wanted
from footfall.insights.question import Rows
from footfall.model.errors import BadRequest
from tests.support.chance import BOT
from tests.support.effort import examples
from tests.support.moments import BASE, HOUR, NOW
from tests.support.project import Project, Sent, where

SINCE = BASE - 48 * HOUR


def known(project: Project, event: str = "*", since: int = SINCE) -> dict[str, tuple[str, int]]:
    """Name → kind and events, of everything that not every event has."""
    wanted = Wanted(event=event, since=since)
    queries = properties.build_properties(project.context(), wanted)
    answer = properties.shape_properties({name: project.warehouse.select(one) for name, one in queries.items()}, wanted)
    sizes = [one.events for one in answer.properties]
    assert sizes == sorted(sizes, reverse=True)
    always = {"event", "event_id", "timestamp", "received_at", "bot", "user_type"}
    return {one.property: (one.kind, one.events) for one in answer.properties if one.property not in always}


def values(project: Project, name: str, *, event: str = "*", since: int = SINCE, **more: Any) -> dict[str, int]:
    wanted, choice = Wanted(event=event, since=since), Choice(property=name, **{"limit": 50, **more})
    rows = project.warehouse.select(properties.build_values(project.context(), wanted, choice))
    return {one.value: one.events for one in properties.shape_values(rows, wanted, choice).values}


def kept(project: Project, *filters: Sent) -> float:
    """How many events a filter keeps."""
    series = [{"event": "*", "filters": list(filters)}]
    return project.trend({"series": series, "from": SINCE, "to": NOW, "interval": "year"})["*"][-1]


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_property_is_told_with_its_kind_and_how_many_events_have_it(project: Project) -> None:
    project.story(
        ann=[
            ("a", 0, {"page": "/", "groups": {"organization": "42"}}),
            ("a", 1, {"seq": 7, "properties": {"n": 1, "paid": True, "when": "2026-03-02", "tags": ["x"]}}),
            ("a", 2, {"properties": {"n": 0.5, "plan": "pro", "none": None, "cart": {"total": 5}, "a.b": 1}}),
        ]
    )
    assert known(project) == {
        "user_id": ("text", 3),
        "page": ("text", 1),
        "seq": ("number", 1),
        "group.organization": ("text", 1),
        "properties.n": ("number", 2),
        "properties.paid": ("boolean", 1),
        "properties.when": ("text", 1),
        "properties.tags": ("text", 1),
        "properties.plan": ("text", 1),
        "properties.cart.total": ("number", 1),
        'properties["a.b"]': ("number", 1),
    }


def test_a_property_of_several_kinds_is_a_text(project: Project) -> None:
    project.story(ann=[("a", 0, {"properties": {"n": 1}}), ("a", 1, {"properties": {"n": "one"}})])
    assert known(project)["properties.n"] == ("text", 2)


def test_what_every_event_has_is_told_as_well(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 1)])
    wanted = Wanted(since=SINCE)
    queries = properties.build_properties(project.context(), wanted)
    answer = properties.shape_properties({name: project.warehouse.select(one) for name, one in queries.items()}, wanted)
    found = {one.property: one.kind for one in answer.properties if one.events == 2}
    assert found == {
        "event": "text", "event_id": "text", "user_id": "text", "user_type": "text", "bot": "boolean",
        "timestamp": "time", "received_at": "time",
    }  # fmt: skip


def test_only_events_of_that_name_and_time_are_looked_at(project: Project) -> None:
    project.story(
        ann=[
            ("a", 0, {"properties": {"x": 1}}),
            ("b", 0, {"properties": {"y": 1}}),
            ("b", -50 * 3600, {"page": "/old"}),
        ]
    )
    assert set(known(project)) == {"user_id", "properties.x", "properties.y"}
    assert set(known(project, "a")) == {"user_id", "properties.x"}
    assert set(known(project, since=BASE - 60 * HOUR)) == {"user_id", "properties.x", "properties.y", "page"}


def test_traits_are_those_that_an_identify_told(project: Project) -> None:
    project.story(
        ann=[
            ("$identify", 0, {"properties": {"traits": {"plan": "pro", "age": 30, "address": {"city": "Bonn"}}}}),
            ("$identify", 1, {"properties": {"traits": {"plan": "free"}, "source": "form"}}),
            ("a", 2),
        ]
    )
    traits = {"person.plan": ("text", 2), "person.age": ("number", 1), "person.address.city": ("text", 1)}
    assert known(project) == {"user_id": ("text", 1)} | traits
    assert known(project, "a") == {"user_id": ("text", 1)} | traits, "people have them, whatever they do"


def test_R28_bots_are_left_out(project: Project) -> None:
    project.story(bot=[("a", 0, {"page": "/", "user_agent": BOT, "properties": {"x": 1}})])
    assert known(project) == {}
    assert values(project, "page") == {}


def test_nothing_that_happened_has_no_properties(project: Project) -> None:
    assert known(project) == {}


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_values_come_with_how_many_events_have_them_most_frequent_first(project: Project) -> None:
    plans = ["pro", "free", "pro", "Premium", "free", "pro", "", None]
    project.story(ann=[("a", place, {"properties": {"plan": plan}}) for place, plan in enumerate(plans)])
    assert list(values(project, "properties.plan").items()) == [("pro", 3), ("free", 2), ("", 1), ("Premium", 1)]
    assert list(values(project, "properties.plan", limit=1)) == ["pro"]
    assert list(values(project, "properties.plan", prefix="pR")) == ["pro", "Premium"]
    assert values(project, "properties.plan", prefix="re") == {}
    assert values(project, "properties.plan", event="b") == {}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("page", {"/x": 2, "/y": 1}),
        ("device", {"mobile": 3}),
        ("event", {"a": 2, "b": 1}),
        ("user_type", {"registered": 3}),
        ("group.team", {"red": 1}),
        ("properties.n", {"1": 1, "0.5": 1}),
        ('properties["a.b"]', {"true": 1}),
        ("person.plan", {"pro": 3}),
        ("bot", {"false": 3}),
    ],
)
def test_every_property_that_can_be_asked_by_has_values(project: Project, name: str, found: dict[str, int]) -> None:
    project.story(
        ann=[
            ("a", 0, {"page": "/x", "device": "mobile", "groups": {"team": "red"}, "properties": {"n": 1}}),
            ("a", 1, {"page": "/x", "device": "mobile", "properties": {"n": 0.5}}),
            ("b", 2, {"page": "/y", "device": "mobile", "properties": {"a.b": True}}),
            ("$identify", 3, {"properties": {"traits": {"plan": "pro"}}}),
        ]
    )
    assert values(project, name) == found


def test_a_property_that_is_none_is_refused(project: Project) -> None:
    with pytest.raises(BadRequest) as refused:
        values(project, "nothing")
    assert refused.value.path == "$.property"


# ── as many as a filter keeps ────────────────────────────────────────────────────────────────────────────────

KEYS = st.sampled_from(["a", "b", "a.b", "c d", 'q"', "b\\", "[x]", "é", "^x", "x^", "`", "a%b", "$", "1"])
LEAVES = st.sampled_from(["x", "y", "", 1, 0.5, True, None])
OBJECTS = st.dictionaries(KEYS, LEAVES | st.dictionaries(KEYS, LEAVES, max_size=2), max_size=3)


@examples(25)
@given(sent=st.lists(OBJECTS, min_size=1, max_size=6))
def test_values_have_as_many_events_as_filters_keep(
    new_project: Callable[[], Project], sent: list[dict[str, Any]]
) -> None:
    project = new_project()
    project.story(ann=[("a", place, {"properties": one}) for place, one in enumerate(sent)])
    for name, (_, size) in known(project).items():
        every = kept(project, where(name, "is_set"))
        assert size <= every, "objects are set, and have no value of their own"
        found = values(project, name)
        assert sum(found.values()) == every, name
        for value, events in found.items():
            assert kept(project, where(name, "is", value)) >= events, "1 is 1.0 as well"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a", "properties.a"),
        ("a.b", "properties.a.b"),
        ("a%2Eb", 'properties["a.b"]'),
        ("a.b%2Ec.d", 'properties.a["b.c"].d'),
        ('q".[x]', 'properties.q"["[x]"]'),
        ('a%2E"\\', 'properties["a.\\"\\\\"]'),
        ("^a", None),
        ("a.`b", None),
    ],
)
def test_a_path_of_the_engine_is_called_as_a_question_calls_it(path: str, name: str | None) -> None:
    assert name_of("properties", path) == name


# ── how far back ─────────────────────────────────────────────────────────────────────────────────────────────


def test_R1_only_so_many_of_the_newest_whole_hours_are_looked_at(project: Project) -> None:
    project.story(ann=[("a", hour * 3600 + place, {}) for hour in range(-5, 1) for place in range(10)])
    wanted = Wanted(since=SINCE)
    hours = project.warehouse.select(properties.build_hours(project.context(), wanted))
    assert [count for _, count in hours.rows] == [10] * 6
    back = {enough: properties.shape_hours(hours, wanted, enough).since for enough in (1, 10, 11, 60, 61)}
    assert back == {1: BASE, 10: BASE, 11: BASE - HOUR, 60: BASE - 5 * HOUR, 61: SINCE}
    assert properties.shape_hours(Rows(rows=[]), wanted, 1) == wanted


def test_hours_are_counted_without_bots_and_for_the_event_that_is_asked_about(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 0)], bot=[("a", 0, {"user_agent": BOT})])
    for event, count in (("a", 1), ("*", 2), ("c", None)):
        hours = project.warehouse.select(properties.build_hours(project.context(), Wanted(event=event, since=SINCE)))
        assert hours.rows == ([] if count is None else [[BASE, count]])


def test_values_of_what_is_rolled_up_are_read_from_all_of_the_time() -> None:
    assert [name for name in ("page", "device", "event", "component", "properties.page") if
            properties.is_cheap(Choice(property=name, limit=1))] == ["page", "device", "event"]  # fmt: skip
