"""Drafts: what numbers say becomes a plan that lint takes, and no more than they say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.seen import SeenEvent, SeenProperty
from footfall.plan.bundle import Bundle
from footfall.plan.draft import draft
from footfall.plan.lint import lint, planned
from tests.support.effort import examples


def drafted(**seen: SeenEvent) -> Bundle:
    return planned([("draft.yaml", draft(seen))])


def seen_event(count: int, properties: dict[str, SeenProperty] | None = None) -> SeenEvent:
    return SeenEvent(count=count, sampled=count, properties=properties or {})


def prop(seen: SeenProperty, name: str = "a", count: int = 1000) -> dict[str, Any]:
    """What is proposed for a property: its schema, and what is ours."""
    plan = drafted(seen=seen_event(count, properties={name: seen})).events["seen"]
    care = plan.care.get(name)
    return plan.schema["properties"][name] | {
        "required": name in plan.schema.get("required", ()),
        "pii": (care.pii, care.on_pii) if care else None,
    }


@pytest.mark.parametrize(
    ("types", "proposed", "required"),
    [
        ({"string": 1000}, "string", True),
        ({"string": 999}, "string", True),
        ({"string": 998}, "string", False),
        ({"number": 500, "integer": 500}, "number", True),
        ({"integer": 1000}, "integer", True),
        ({"string": 900, "null": 100}, ["null", "string"], True),
        ({"integer": 999, "string": 1}, "integer", True),
        ({"integer": 990, "string": 10}, ["integer", "string"], True),
    ],
)
def test_types_are_those_that_came_and_required_is_what_nearly_always_came(
    types: dict[str, int], proposed: object, required: bool
) -> None:
    found = prop(SeenProperty(types=types))
    assert (found["type"], found["required"]) == (proposed, required)


@pytest.mark.parametrize(
    ("name", "values", "count", "proposed"),
    [
        ("currency", {"EUR": 600, "USD": 400}, 1000, ["EUR", "USD"]),
        ("currency", {"EUR": 19}, 19, None),
        ("currency", {}, 1000, None),
        ("currency", {f"v{at}": 100 for at in range(11)}, 1100, None),
        ("plan_id", {"a": 1000}, 1000, None),
        ("planId", {"a": 1000}, 1000, None),
        ("email", {"a@example.com": 1000}, 1000, None),
        ("contact", {"a@example.com": 1000}, 1000, None),
        ("first_name", {"Ann": 1000}, 1000, None),
    ],
)
def test_few_texts_seen_often_are_all_there_are(
    name: str, values: dict[str, int], count: int, proposed: object
) -> None:
    found = prop(SeenProperty(types={"string": count}, values=values), name, count)
    assert found.get("enum") == proposed


@pytest.mark.parametrize(
    ("name", "pii"),
    [
        ("email", ("direct", "hash")),
        ("billing_email", ("direct", "hash")),
        ("phone", ("direct", "hash")),
        ("name", ("direct", "hash")),
        ("last_name", ("direct", "hash")),
        ("street_address", ("direct", "hash")),
        ("query", ("possible", None)),
        ("page_name", ("none", None)),
        ("zip", ("none", None)),
    ],
)
def test_names_tell_what_may_be_personal(name: str, pii: tuple[str, str | None]) -> None:
    assert prop(SeenProperty(types={"string": 10}), name, 10)["pii"] == pii


def test_members_of_an_object_stand_in_it() -> None:
    found = prop(SeenProperty(types={"object": 10}), "address", 10)
    assert found["type"] == "object"
    seen = {
        "address.city": SeenProperty(types={"string": 10}),
        "address": SeenProperty(types={"object": 10}),
        "only.here": SeenProperty(types={"integer": 1}),
    }
    schema = drafted(seen=seen_event(10, properties=seen)).events["seen"].schema
    assert schema["properties"]["address"]["properties"] == {"city": {"type": "string"}}
    assert schema["properties"]["only"] == {"type": "object", "properties": {"here": {"type": "integer"}}}
    assert schema["required"] == ["address"]


def test_names_that_no_convention_takes_become_aliases() -> None:
    seen = {
        "Add To Cart": seen_event(2, properties={"price": SeenProperty(types={"number": 2})}),
        "addToCart": seen_event(1, properties={"price": SeenProperty(types={"integer": 1})}),
        "project.created": seen_event(1),
        "VideoPlayer.play": seen_event(1),
        "page_view": seen_event(1),
        "$identify": seen_event(1),
        "日本": seen_event(1),
    }
    text = draft(seen)
    plan = planned([("draft.yaml", text)])
    assert list(plan.events) == ["VideoPlayer.play", "add_to_cart", "page_view", "project.created"]
    assert plan.events["add_to_cart"].aliases == ("Add To Cart", "addToCart")
    assert plan.events["add_to_cart"].schema["properties"]["price"]["type"] == "number"
    assert plan.events["page_view"].kind == "auto"
    assert "# left out: 日本" in text
    assert "# 3 times" in text


def test_what_lint_refuses_is_left_out_with_its_reason() -> None:
    properties = {name: SeenProperty(types={"string": 1}) for name in ("password", "Odd Name", "kept_one", "kept_two")}
    text = draft({"seen": seen_event(1, properties=properties)})
    assert set(planned([("draft.yaml", text)]).events["seen"].schema["properties"]) == {"kept_one", "kept_two"}
    assert "# left out: seen.properties.password: " in text
    assert "# left out: seen.properties.Odd Name: " in text


def test_texts_come_back_as_they_were() -> None:
    odd = ["\x85", "\u2028", "\ufeff", "a\tb", "no", "1", "# x", "日本", "\U000e0001"]
    seen = seen_event(1000, properties={"a": SeenProperty(types={"string": 1000}, values=dict.fromkeys(odd, 100))})
    plan = drafted(seen=seen).events["seen"]
    assert plan.schema["properties"]["a"]["enum"] == sorted(odd)


def test_a_draft_waits_for_an_owner_once_a_plan_says_who_there_are() -> None:
    text = draft({"seen": seen_event(1)})
    owners = ("owners.yaml", "plan: 1\nowners: {team: {channel: '#team'}}\n")
    assert {one.rule for one in lint([("draft.yaml", text)]) if one.level == "error"} == set()
    assert {one.rule for one in lint([("draft.yaml", text), owners]) if one.level == "error"} == {"owner"}


ANY_TEXT = st.text(max_size=12) | st.sampled_from(
    ["on", "no", "null", "1", "a: b", "# x", "- x", "'", '"', "\n", "\u2028", "\x85", "email"]
)
COUNTS = st.integers(1, 10**9)
PROPERTIES = st.dictionaries(
    ANY_TEXT,
    st.builds(
        SeenProperty,
        types=st.dictionaries(
            st.sampled_from(["string", "number", "integer", "boolean", "object", "array", "null"]), COUNTS, max_size=3
        ),
        values=st.dictionaries(ANY_TEXT, COUNTS, max_size=3),
    ),
    max_size=4,
)
SEEN = st.dictionaries(
    ANY_TEXT,
    st.builds(
        SeenEvent,
        count=COUNTS,
        first_seen=ANY_TEXT,
        last_seen=ANY_TEXT,
        sampled=COUNTS,
        properties=PROPERTIES,
    ),
    max_size=4,
)


@examples(150)
@given(SEEN)
def test_whatever_was_seen_its_draft_is_a_plan_without_errors(seen: dict[str, SeenEvent]) -> None:
    text = draft(seen)
    assert [one for one in lint([("draft.yaml", text)]) if one.level == "error"] == []
    planned([("draft.yaml", text)]).encoded()
