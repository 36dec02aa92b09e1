"""What counts as breaking, and which part of a version has to say so."""

import pytest

from footfall.plan.diff import diff
from tests.plan.examples import bundle, of_event


def weights(before: str, after: str) -> set[str]:
    return {change.weight for change in diff(of_event(before), of_event(after))}


@pytest.mark.parametrize(
    ("before", "after", "weight"),
    [
        ("properties: {}", "properties: {x: {type: string, required: true}}", "breaking"),
        ("properties: {}", "properties: {x: {type: string}}", "addition"),
        ("properties: {x: {type: string}}", "properties: {x: {type: string, required: true}}", "breaking"),
        ("properties: {x: {type: string, required: true}}", "properties: {x: {type: string}}", "addition"),
        ("properties: {x: {type: string}}, additional: deny", "properties: {}, additional: deny", "breaking"),
        ("properties: {x: {type: string}}", "properties: {}", "addition"),
        ("properties: {x: {type: number}}", "properties: {x: {type: integer}}", "breaking"),
        ("properties: {x: {type: integer}}", "properties: {x: {type: number}}", "addition"),
        ("properties: {x: {type: string}}", "properties: {x: {type: [string, 'null']}}", "addition"),
        ("properties: {x: {enum: [a, b]}}", "properties: {x: {enum: [a]}}", "breaking"),
        ("properties: {x: {enum: [a]}}", "properties: {x: {enum: [b, a]}}", "addition"),
        ("properties: {x: {maximum: 5}}", "properties: {x: {maximum: 4}}", "breaking"),
        ("properties: {x: {maximum: 5}}", "properties: {x: {maximum: 6}}", "addition"),
        ("properties: {x: {maximum: 5}}", "properties: {x: {}}", "addition"),
        ("properties: {x: {}}", "properties: {x: {minLength: 1}}", "breaking"),
        ("properties: {x: {minLength: 2}}", "properties: {x: {minLength: 1}}", "addition"),
        ("properties: {x: {pattern: a}}", "properties: {x: {pattern: b}}", "breaking"),
        ("properties: {x: {type: array, items: {type: string}}}",
         "properties: {x: {type: array, items: {type: string, maxLength: 3}}}", "breaking"),
        ("properties: {x: {description: one}}", "properties: {x: {description: two}}", "text"),
        ("trigger: one", "trigger: two", "text"),
        ("additional: allow", "additional: deny", "breaking"),
        ("section: required", "properties: {}", "addition"),
        ("properties: {}", "section: required", "breaking"),
        ("aliases: [b]", "properties: {}", "breaking"),
        ("properties: {x: {pii: none}}", "properties: {x: {pii: direct, on_pii: hash}}", "text"),
    ],
)  # fmt: skip
def test_a_change_weighs_what_it_does_to_senders(before: str, after: str, weight: str) -> None:
    assert weights(before, after) == {weight}


def test_the_same_plan_has_no_changes() -> None:
    assert diff(of_event("trigger: x"), of_event("trigger: x")) == []


@pytest.mark.parametrize(
    ("version", "narrower", "enough"),
    [("1.0.1", True, False), ("1.1.0", True, False), ("2.0.0", True, True), ("1.0.1", False, False),
     ("1.1.0", False, True), ("2.0.0", False, True)],
)  # fmt: skip
def test_a_version_has_to_grow_by_what_changed(version: str, narrower: bool, enough: bool) -> None:
    before = of_event("properties: {x: {maximum: 5}}")
    after = of_event(f"properties: {{x: {{maximum: {4 if narrower else 6}}}}}", version)
    assert [change.unversioned for change in diff(before, after)] == [not enough]


def test_a_version_does_not_go_back() -> None:
    (change,) = diff(of_event("trigger: x", "1.2.0"), of_event("trigger: x", "1.1.9"))
    assert change.unversioned


def test_an_event_may_go_once_it_was_deprecated() -> None:
    empty = bundle("plan: 1")
    assert [one.unversioned for one in diff(of_event("status: active"), empty)] == [True]
    assert [one.unversioned for one in diff(of_event("status: deprecated"), empty)] == [False]
