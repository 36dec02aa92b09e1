"""Events held against a plan: which rule, which place, which mode."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.event import Event
from footfall.plan.bundle import Bundle, EventPlan, decode_bundle
from footfall.plan.check import MOST, Checker, Violation, json_type, told
from tests.plan.examples import GIVEN, bundle, of_event
from tests.support.effort import examples

DAY = 24 * 3600 * 1000


def event(name: str = "a", properties: object = None, **fields: str) -> Event:
    text = json.dumps(properties if properties is not None else {})
    return Event(event=name, event_id="1", timestamp=0, received_at=0, properties=text, **fields)


def found(plan: Bundle, properties: object) -> list[tuple[str, str, str]]:
    verdict = Checker(plan).check(event(properties=properties), "", 0)
    return sorted((one.rule, one.path, one.actual) for one in verdict.violations)


@pytest.mark.parametrize(
    ("schema", "value", "rule", "actual"),
    [
        ("type: string", 5, "type_mismatch", "integer"),
        ("type: integer", 1.5, "type_mismatch", "number"),
        ("type: integer", True, "type_mismatch", "boolean"),
        ("type: number", None, "type_mismatch", "null"),
        ("type: object", [1], "type_mismatch", "array"),
        ("enum: [a, b]", "c", "enum", "string"),
        ("minimum: 1", 0, "range", "integer"),
        ("type: string, maxLength: 2", "abc", "range", "string"),
        ("type: array, maxItems: 1", [1, 2], "range", "array"),
        ("type: string, pattern: '^[a-z]+$'", "A", "pattern", "string"),
        ("anyOf: [{type: string}, {type: 'null'}]", 5, "type_mismatch", "integer"),
        ("oneOf: [{type: string}, {type: 'null'}]", 5, "type_mismatch", "integer"),
        ("oneOf: [{minimum: 1}, {minimum: 2}]", 5, "type_mismatch", "integer"),
        ("not: {type: integer}", 5, "type_mismatch", "integer"),
        ("allOf: [{minimum: 9}]", 5, "range", "integer"),
        ("const: 4", 5, "enum", "integer"),
        ("multipleOf: 2", 5, "range", "integer"),
        ("type: array, uniqueItems: true", [1, 1], "range", "array"),
        ("properties: {y: {type: string}}, required: [y]", {}, "missing_required", "missing"),
    ],
)
def test_a_violation_has_its_rule_place_and_type(schema: str, value: object, rule: str, actual: str) -> None:
    plan = of_event(f"properties: {{x: {{{schema}}}}}")
    place = "$.properties.x.y" if rule == "missing_required" else "$.properties.x"
    assert found(plan, {"x": value}) == [(rule, place, actual)]


def test_what_is_missing_and_what_is_too_much_are_named() -> None:
    plan = of_event("properties: {price: {type: number, required: true}}")
    verdict = Checker(plan).check(event(properties={"prise": 1}), "", 0)
    assert sorted(verdict.violations, key=lambda one: one.rule) == [
        Violation(rule="missing_required", path="$.properties.price", expected="number", actual="missing"),
        Violation(
            rule="unexpected_property",
            path="$.properties.prise",
            expected="no such property",
            actual="integer",
            suggestion="price",
        ),
    ]
    assert (
        told(next(one for one in verdict.violations if one.suggestion))
        == "Expected no such property, found integer; did you mean “price”?"
    )


def test_places_go_into_objects_and_arrays() -> None:
    plan = of_event("properties: {x: {type: array, items: {properties: {y: {type: string}}}}}")
    assert found(plan, {"x": [{"y": "a"}, {"y": 1}]}) == [("type_mismatch", "$.properties.x.1.y", "integer")]


def test_numbers_that_are_whole_are_integers() -> None:
    assert found(of_event("properties: {x: {type: integer}}"), {"x": 1.0}) == []


@pytest.mark.parametrize(
    ("body", "properties", "mode"),
    [
        ("on_violation: quarantine, properties: {x: {type: string}}", {"x": 1}, "quarantine"),
        ("on_violation: block, properties: {x: {type: string}}", {"x": 1}, "block"),
        ("on_violation: allow, properties: {x: {type: string}}", {"x": 1}, "allow"),
        ("properties: {x: {type: string}}", {"x": 1}, "warn"),
        ("on_violation: quarantine, additional: warn", {"y": 1}, "warn"),
        ("on_violation: quarantine, additional: deny", {"y": 1}, "quarantine"),
        ("on_violation: quarantine, additional: allow", {"y": 1}, "allow"),
    ],
)
def test_the_mode_is_the_events(body: str, properties: object, mode: str) -> None:
    assert Checker(of_event(body)).check(event(properties=properties), "", 0).mode == mode


def test_environments_say_what_counts_elsewhere() -> None:
    plan = bundle(
        "plan: 1\nowner: t\ndefaults: {on_violation: warn, unplanned: quarantine}\n"
        "environments: {dev: {on_violation: block, unplanned: allow}}\nevents: {a: {properties: {x: {type: string}}}}"
    )
    wrong, unknown = event(properties={"x": 1}), event("b")
    assert [Checker(plan).check(one, "", 0).mode for one in (wrong, unknown)] == ["warn", "quarantine"]
    assert [Checker(plan, "dev").check(one, "", 0).mode for one in (wrong, unknown)] == ["block", "allow"]


def test_grace_ends_with_its_last_day() -> None:
    plan = of_event("on_violation: quarantine, properties: {x: {type: string}}")
    checker = Checker(plan, since={"a@1": 10 * DAY})
    wrong = event(properties={"x": 1})
    assert checker.check(wrong, "", 24 * DAY - 1).mode == "warn"
    assert checker.check(wrong, "", 24 * DAY).mode == "quarantine"
    assert Checker(plan).check(wrong, "", 0).mode == "quarantine"  # as old as can be


def test_a_major_that_was_left_behind_is_judged_by_its_own_plan() -> None:
    old, new = of_event("properties: {x: {type: string}}"), of_event("properties: {x: {type: number}}", "2.0.0")
    checker = Checker(new, older=(old,))
    text = event(properties={"x": "a"})
    assert checker.check(text, "1.4.2", 0).violations == ()
    for version in ("", "2.0.0", "9.0.0", "nonsense"):
        assert checker.check(text, version, 0).violations != (), version


def test_fields_beside_the_properties_may_be_needed() -> None:
    checker = Checker(bundle(GIVEN))
    missing = checker.check(event("create_project_button.click"), "", 0)
    assert [one.path for one in missing.violations] == ["$.section"]
    assert checker.check(event("create_project_button.click", section="head"), "", 0).violations == ()


def test_an_alias_is_its_event() -> None:
    checker = Checker(of_event("aliases: [old_name], properties: {x: {type: string}}"))
    assert checker.check(event("old_name"), "", 0).violations == ()
    assert checker.check(event("old_name", {"x": 1}), "", 0).violations != ()


def test_system_events_are_never_unplanned_and_others_get_a_suggestion() -> None:
    checker = Checker(bundle(GIVEN))
    assert checker.check(event("$identify"), "", 0).violations == ()
    assert checker.check(event("heartbeat"), "", 0).violations == ()
    assert checker.check(event("add_to_crat"), "", 0).violations[0].suggestion == "add_to_cart"
    assert checker.check(event("organization.createt"), "", 0).violations[0].suggestion == ""  # that one is deprecated


def test_however_much_is_wrong_what_is_told_has_an_end() -> None:
    many = {f"x{place}": place for place in range(1000)}
    assert len(Checker(of_event("additional: deny")).check(event(properties=many), "", 0).violations) == MOST


def test_a_bundle_says_the_same_whatever_the_order_of_its_files() -> None:
    assert decode_bundle(bundle(GIVEN).encoded()) == bundle(GIVEN)
    assert bundle(GIVEN).sha == decode_bundle(bundle(GIVEN).encoded()).sha
    assert bundle(GIVEN).sha != bundle(GIVEN.replace("maximum: 1000", "maximum: 999")).sha


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@examples(100)
@given(value=VALUES, wanted=st.sampled_from(["string", "integer", "number", "boolean", "object", "array", "null"]))
def test_no_value_is_told_and_types_are_those_of_the_standard(value: object, wanted: str) -> None:
    plan = of_event(f"properties: {{x: {{type: '{wanted}'}}}}")
    verdict = Checker(plan).check(event(properties={"x": value}), "", 0)
    fits = (
        json_type(value) == wanted
        or (wanted == "number" and json_type(value) == "integer")
        or (wanted == "integer" and isinstance(value, float) and value.is_integer())
    )
    assert (verdict.violations == ()) is fits
    if isinstance(value, str) and len(value) > 3 and not fits:
        assert json.dumps(value) not in msgspec.json.encode(verdict.violations).decode()


def test_no_schema_makes_us_read_a_file_or_ask_a_server(tmp_path: Path) -> None:
    file = tmp_path / "there.json"
    file.write_text('{"type": "integer"}')
    for place in (file.as_uri(), "http://127.0.0.1:9/there.json"):
        plan = EventPlan(name="a", version="1.0.0", schema={"type": "object", "properties": {"x": {"$ref": place}}})
        with pytest.raises(ValueError, match="Retrieval is disabled"):
            Checker(Bundle(events={"a": plan}))
