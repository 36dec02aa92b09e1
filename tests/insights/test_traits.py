# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Traits of people (`person.plan`) as a property of every question: what `$identify` told last."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights.filters import is_personal
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, MINUTE
from tests.support.oracle import Sent, owners, person_of
from tests.support.project import Project, where


def event(name: str, minute: int, **more: Any) -> Sent:
    return {"event": name, "event_id": f"{minute:03}", "timestamp": BASE + minute * MINUTE, **more}


def identify(minute: int, traits: Any, **ids: str) -> Sent:
    return event("$identify", minute, properties={"traits": traits}, **ids)


PEOPLE = {"series": [{"event": "a", "measure": "unique_users"}], **DAY}


def count(project: Project, *filters: Any, **more: Any) -> int:
    return int(project.trend({**PEOPLE, "filters": list(filters), **more})["a"][-1])


def by(project: Project, name: str, **more: Any) -> dict[str, int]:
    answer = project.ask("trend", {**PEOPLE, "breakdown": [{"property": name}], **more})
    return {one["breakdown"][0]: one["total"] for one in answer["series"]}


@pytest.fixture
def shop(project: Project) -> Project:
    """Ann looked around before she signed in, bob told of a plan twice, cid of none, and somebody never signed in."""
    project.store(
        [
            event("a", 0, anonymous_id="phone"),
            event("a", 1, user_id="bob"),
            event("a", 2, user_id="cid"),
            event("a", 3, anonymous_id="nobody"),
            event("a", 4),
            identify(10, {"plan": "pro", "seats": 12, "vip": True, "address": {"city": "Ulm"}},
                     user_id="ann", anonymous_id="phone"),
            identify(11, {"plan": "free", "seats": 2.0}, user_id="bob"),
            identify(12, {"plan": "pro"}, user_id="bob"),
            identify(13, {"name": "Cid"}, user_id="cid"),
        ]
    )  # fmt: skip
    return project


@pytest.mark.parametrize(
    ("filters", "people"),
    [
        ([where("person.plan", "is", "pro")], 2),
        ([where("person.plan", "is", "free")], 0),
        ([where("person.plan", "is_not", "pro")], 2),
        ([where("person.plan", "not_contains", "r")], 2),
        ([where("person.plan", "is_set")], 2),
        ([where("person.plan", "is_not_set")], 2),
        ([where("person.plan", "starts_with", "p"), where("person.name", "is_not_set")], 2),
        ([where("person.plan", "matches", "^p.o$")], 2),
        ([where("person.seats", "is", "2")], 1),
        ([where("person.seats", "gte", "2")], 2),
        ([where("person.seats", "between", "3", "20")], 1),
        ([where("person.vip", "is", "true")], 1),
        ([where("person.address.city", "is", "Ulm")], 1),
        ([where("person.address", "is_set")], 1),
        ([{"any": [where("person.name", "is", "Cid"), where("person.vip", "is", "true")]}], 2),
        ([where("person.plan", "is", "'")], 0),
        ([where("person.there is none", "is_not_set")], 4),
    ],
    ids=str,
)
def test_R4_a_question_is_filtered_by_what_people_are(shop: Project, filters: list[Any], people: int) -> None:
    assert count(shop, *filters) == people


def test_R4_is_and_is_not_are_all_events_also_those_of_nobody(shop: Project) -> None:
    counted = {"series": [{"event": "a"}], **DAY}
    both = [
        shop.trend({**counted, "filters": [where("person.plan", operator, "pro")]})["a"][-1]
        for operator in ("is", "is_not")
    ]
    assert both == [2, 3]


def test_R5_a_question_is_broken_down_by_what_people_are(shop: Project) -> None:
    assert by(shop, "person.plan") == {"pro": 2, "$not_set": 2}
    assert by(shop, "person.seats") == {"12": 1, "2": 1, "$not_set": 2}
    assert by(shop, "person.none") == {"$not_set": 4}
    rows = shop.ask("trend", {**PEOPLE, "breakdown": [{"property": "person.seats", "limit": 1}]})["series"]
    assert {one["breakdown"][0]: one["total"] for one in rows} == {"12": 1, "$other": 1, "$not_set": 2}


def test_a_funnel_is_filtered_and_broken_down_by_what_people_are(shop: Project) -> None:
    shop.store([event("b", 20, user_id="ann"), event("b", 21, user_id="cid")])
    funnel = {"steps": [{"event": "a"}, {"event": "b"}], **DAY}
    assert shop.steps(funnel) == [4, 2]
    assert shop.steps({**funnel, "filters": [where("person.plan", "is", "pro")]}) == [2, 1]
    assert shop.steps({**funnel, "filters": [where("person.plan", "is_not", "pro")]}) == [2, 1]
    answer = shop.ask("funnel", {**funnel, "breakdown": [{"property": "person.plan"}]})
    assert {one["value"]: one["users"] for one in answer["breakdowns"]} == {"pro": [2, 1], "$not_set": [2, 1]}


def test_numbers_among_traits_are_summed(shop: Project) -> None:
    series = [{"event": "a", "measure": "sum", "property": "person.seats"}]
    assert shop.trend({"series": series, **DAY})["a"][-1] == 14


def test_R6_the_list_behind_a_number_by_trait_is_that_long(shop: Project) -> None:
    asked = {**PEOPLE, "breakdown": [{"property": "person.plan"}]}
    found = shop.behind("trend", "people", asked, series=0, breakdown=["pro"])
    assert sorted(one["user_id"] for one in found) == ["ann", "bob"]
    found = shop.behind("trend", "people", {**PEOPLE, "filters": [where("person.plan", "is_not", "pro")]}, series=0)
    assert len(found) == 2


def test_events_are_found_by_what_their_people_are(shop: Project) -> None:
    found = shop.listed(events=["a"], filters=[where("person.plan", "is", "pro")])
    assert [one["event_id"] for one in found] == ["001", "000"]


def test_R11_with_now_a_trait_is_that_of_then(shop: Project) -> None:
    now = {"now": BASE + 11 * MINUTE}
    assert by(shop, "person.plan", **now) == {"pro": 1, "free": 1, "$not_set": 2}
    assert count(shop, where("person.plan", "is", "free"), **now) == 1
    assert by(shop, "person.plan", now=BASE + 9 * MINUTE) == {"$not_set": 4}


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_the_latest_value_counts_whatever_arrives_first(project: Project, backwards: bool) -> None:
    told = [
        identify(1, {"plan": "old"}, anonymous_id="phone"),
        identify(5, {"plan": "new"}, user_id="ann"),
        identify(5, {"plan": "newer"}, user_id="ann") | {"event_id": "zzz"},
        identify(4, {"plan": "middle"}, anonymous_id="phone", user_id="ann"),
        event("a", 0, anonymous_id="phone"),
    ]
    project.store(told[::-1] if backwards else told)
    assert by(project, "person.plan") == {"newer": 1}


@pytest.mark.parametrize("traits", [{"plan": None}, {"plan": "pro", "x": {}}, {}, None, "pro", ["plan"], 7], ids=str)
def test_only_a_trait_that_was_told_changes_and_null_unsets_it(project: Project, traits: Any) -> None:
    project.store([event("a", 0, user_id="ann"), identify(1, {"plan": "pro"}, user_id="ann")])
    project.store([identify(2, traits, user_id="ann")])
    unset = traits == {"plan": None}
    assert count(project, where("person.plan", "is", "pro")) == (0 if unset else 1)
    assert by(project, "person.plan") == ({"$not_set": 1} if unset else {"pro": 1})


def test_what_lies_inside_of_a_trait_is_that_of_its_latest_value(project: Project) -> None:
    project.store(
        [
            event("a", 0, user_id="ann"),
            identify(1, {"address": {"city": "Ulm", "zip": "89073"}, "a.b": "dot"}, user_id="ann"),
            identify(2, {"address": {"zip": "1"}}, user_id="ann"),
        ]
    )
    assert by(project, "person.address.city") == {"$not_set": 1}
    assert by(project, "person.address.zip") == {"1": 1}
    assert by(project, 'person["a.b"]') == {"dot": 1}


def test_an_empty_text_is_a_trait_that_is_set(project: Project) -> None:
    project.store([event("a", 0, user_id="ann"), identify(1, {"plan": ""}, user_id="ann")])
    assert count(project, where("person.plan", "is_set")) == count(project, where("person.plan", "is", "")) == 1
    assert by(project, "person.plan") == {"": 1}


def test_traits_of_another_project_are_not_seen(new_project: Callable[[], Project]) -> None:
    one, other = new_project(), new_project()
    one.store([event("a", 0, user_id="ann")])
    other.store([event("a", 0, user_id="ann"), identify(1, {"plan": "pro"}, user_id="ann")])
    assert (count(one, where("person.plan", "is_set")), count(other, where("person.plan", "is_set"))) == (0, 1)
    assert (by(one, "person.plan"), by(other, "person.plan")) == ({"$not_set": 1}, {"pro": 1})


@pytest.mark.parametrize("name", ["person.plan", 'person["plan"]', "person.address.city"])
def test_traits_tell_persons_apart_so_a_public_key_asks_by_none(name: str) -> None:
    assert is_personal(name)
    assert not is_personal(f"properties.{name}")


# ── at random ────────────────────────────────────────────────────────────────────────────────────────────────

VALUES = st.sampled_from(["pro", "free", "", "1", 1, 1.5, True, None])
MISSING = object()


@st.composite
def told(draw: st.DrawFn) -> list[Sent]:
    """Events of few people who share devices, and traits told by any of their ids, at times that meet."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "$identify", "$identify"]),
                st.integers(0, 8),
                st.sampled_from([None, "ann", "bob"]),
                st.sampled_from([None, "d1", "d2"]),
                st.dictionaries(st.sampled_from(["plan", "seats"]), VALUES),
                st.integers(0, 9),
            ),
            max_size=25,
        )
    )
    return [
        event(name, minute, event_id=f"{prefix}-{place}", **{k: v for k, v in ids if v})
        | ({"properties": {"traits": traits}} if name == "$identify" else {})
        for place, (name, minute, user, device, traits, prefix) in enumerate(rows)
        for ids in [(("user_id", user), ("anonymous_id", device))]
    ]


def printed(value: Any) -> str:
    return {True: "true"}[value] if isinstance(value, bool) else str(value)


@examples(15)
@given(events=told(), until=st.none() | st.integers(0, 8))
def test_traits_are_those_of_plain_python(
    new_project: Callable[[], Project], events: list[Sent], until: int | None
) -> None:
    project = new_project()
    project.store(events)
    known = [one for one in events if until is None or one["timestamp"] <= BASE + until * MINUTE]
    now = {} if until is None else {"now": BASE + until * MINUTE}
    owned = owners(known)
    plans: dict[Any, Any] = {}
    for one in sorted(known, key=lambda one: (one["timestamp"], one["event_id"])):
        if one["event"] == "$identify" and "plan" in one["properties"]["traits"]:
            plans[person_of(one, owned)] = one["properties"]["traits"]["plan"]
    expected: dict[str, set[Any]] = {}
    for one in known:
        person = person_of(one, owned)
        if one["event"] == "a":
            plan = plans.get(person) if person else None
            expected.setdefault("$not_set" if plan is None else printed(plan), set()).add(person)
    sizes = {value: len(people - {None}) for value, people in expected.items()}
    assert by(project, "person.plan", **now) == sizes
    for value in ("pro", "1"):
        matching = sum(size for name, size in sizes.items() if name == value)
        assert count(project, where("person.plan", "is", value), **now) == matching
        assert count(project, where("person.plan", "is_not", value), **now) == sum(sizes.values()) - matching
