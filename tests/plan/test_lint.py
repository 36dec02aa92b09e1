"""Lint: what is told of a plan, and as what; each rule once broken and once kept."""

from typing import get_args

import pytest

from footfall.plan.document import OnPii
from footfall.plan.lint import alike, edits, lint, unknown_privacy
from footfall.privacy import Action
from footfall.privacy.rules import ACTIONS
from tests.plan.examples import GIVEN

WELL = "trigger: x, sources: [browser]"


def told(text: str) -> set[tuple[str, str]]:
    return {(one.level, one.rule) for one in lint([("plan.yaml", text)])}


def plan(events: str, head: str = "owner: team\n") -> str:
    return f"plan: 1\n{head}events:\n{events}"


def test_the_given_example_is_no_error() -> None:
    assert told(GIVEN) == {("warning", "replaced_by")}


@pytest.mark.parametrize(
    ("level", "rule", "broken", "kept"),
    [
        ("error", "convention", plan(f"  addToCart: {{{WELL}}}"), plan(f"  add_to_cart: {{{WELL}}}")),
        (
            "error",
            "convention",
            plan(f"  save.click: {{convention: component_action, {WELL}}}"),
            plan(f"  Save.click: {{convention: component_action, {WELL}}}"),
        ),
        (
            "warning",
            "tense",
            plan(f"  project.create: {{convention: identity_action, {WELL}}}"),
            plan(f"  project.created: {{convention: identity_action, {WELL}}}"),
        ),
        ("error", "name", plan(f"  $mine: {{{WELL}}}"), plan(f"  mine: {{{WELL}}}")),
        ("error", "reserved", plan(f"  page_view: {{{WELL}}}"), plan(f"  page_view: {{kind: auto, {WELL}}}")),
        ("error", "owner", plan(f"  a: {{{WELL}}}", ""), plan(f"  a: {{owner: b, {WELL}}}", "")),
        (
            "error",
            "owner",
            plan(f"  a: {{{WELL}}}", "owner: tema\nowners: {team: {channel: x}}\n"),
            plan(f"  a: {{{WELL}}}", "owner: team\nowners: {team: {channel: x}}\n"),
        ),
        ("warning", "trigger", plan("  a: {sources: [browser]}"), plan(f"  a: {{{WELL}}}")),
        ("warning", "sources", plan("  a: {trigger: x}"), plan(f"  a: {{{WELL}}}")),
        (
            "warning",
            "sunset",
            plan(f"  a: {{status: deprecated, {WELL}}}"),
            plan(f"  a: {{status: deprecated, sunset: 2027-01-01, {WELL}}}"),
        ),
        (
            "warning",
            "block",
            plan(f"  a: {{on_violation: block, {WELL}}}"),
            plan(f"  a: {{on_violation: quarantine, {WELL}}}"),
        ),
        (
            "error",
            "alias",
            plan(f"  a: {{aliases: [b], {WELL}}}\n  b: {{{WELL}}}"),
            plan(f"  a: {{aliases: [c], {WELL}}}\n  b: {{{WELL}}}"),
        ),
        (
            "error",
            "property_case",
            plan(f"  a: {{properties: {{one_two: {{type: string}}, oneThree: {{type: string}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{oneTwo: {{type: string}}, oneThree: {{type: string}}}}, {WELL}}}"),
        ),
        (
            "error",
            "secret",
            plan(f"  a: {{properties: {{password: {{type: string}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{method: {{type: string}}}}, {WELL}}}"),
        ),
        (
            "error",
            "deny",
            plan(f"  a: {{properties: {{sql: {{type: string}}}}, {WELL}}}", "owner: t\ndeny: [sql]\n"),
            plan(f"  a: {{properties: {{rows: {{type: string}}}}, {WELL}}}", "owner: t\ndeny: [sql]\n"),
        ),
        (
            "warning",
            "pii",
            plan(f"  a: {{properties: {{email: {{type: string, pii: direct}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{email: {{type: string, pii: direct, on_pii: hash}}}}, {WELL}}}"),
        ),
        (
            "error",
            "privacy",
            plan(f"  a: {{{WELL}}}", "owner: t\nprivacy: {emial: redact}\n"),
            plan(f"  a: {{{WELL}}}", "owner: t\nprivacy: {email: redact}\n"),
        ),
        (
            "error",
            "privacy",
            plan(f"  a: {{{WELL}}}", "owner: t\nprivacy: {sql: blok}\n"),
            plan(f"  a: {{{WELL}}}", "owner: t\nprivacy: {sql: block}\n"),
        ),
        (
            "warning",
            "type",
            plan(f"  a: {{properties: {{x: {{maximum: 3}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{x: {{enum: [1, 2]}}}}, {WELL}}}"),
        ),
        (
            "error",
            "default",
            plan(f"  a: {{properties: {{x: {{type: string, default: 5}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{x: {{type: string, default: '5'}}}}, {WELL}}}"),
        ),
        (
            "error",
            "ref",
            plan(
                f"  a: {{properties: {{x: {{ref: prise}}}}, {WELL}}}", "owner: t\nproperties: {price: {type: number}}\n"
            ),
            plan(
                f"  a: {{properties: {{x: {{ref: price}}}}, {WELL}}}", "owner: t\nproperties: {price: {type: number}}\n"
            ),
        ),
        (
            "error",
            "ref",
            plan(f"  a: {{properties: {{x: {{type: array, items: {{$ref: 'file:///etc/hostname'}}}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{x: {{type: array, items: {{$comment: x}}}}}}, {WELL}}}"),
        ),
        (
            "error",
            "ref",  # right within the property, and wrong within the event
            plan(f"  a: {{properties: {{x: {{type: array, items: {{anyOf: [{{$ref: '#/items'}}]}}}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{x: {{type: array, items: {{anyOf: [{{type: string}}]}}}}}}, {WELL}}}"),
        ),
        (
            "error",
            "keyword",
            plan(f"  a: {{properties: {{x: {{type: object, properties: {{y: {{ref: z}}}}}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{x: {{type: object, properties: {{ref: {{type: string}}}}}}}}, {WELL}}}"),
        ),
        (
            "error",
            "keyword",
            plan(f"  a: {{properties: {{x: {{type: array, items: {{type: string, maxlength: 3}}}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{x: {{type: array, items: {{type: string, maxLength: 3}}}}}}, {WELL}}}"),
        ),
        (
            "error",
            "schema",
            plan(f"  a: {{properties: {{x: {{type: string, pattern: '(x+x+)+y(?!z)'}}}}, {WELL}}}"),
            plan(f"  a: {{properties: {{x: {{type: string, pattern: '^[a-z]+$'}}}}, {WELL}}}"),
        ),
        (
            "warning",
            "near_duplicate",
            plan(f"  cart_add: {{{WELL}}}\n  add_cart: {{{WELL}}}"),
            plan(f"  cart_add: {{{WELL}}}\n  wish_add: {{{WELL}}}"),
        ),
        (
            "warning",
            "verb_order",
            plan(f"  open_cart: {{{WELL}}}\n  close_shop: {{{WELL}}}\n  order_placed: {{{WELL}}}"),
            plan(f"  open_cart: {{{WELL}}}\n  close_shop: {{{WELL}}}\n  place_order: {{{WELL}}}"),
        ),
    ],
)
def test_a_rule_tells_what_breaks_it_and_nothing_else(level: str, rule: str, broken: str, kept: str) -> None:
    assert (level, rule) in told(broken)
    assert rule not in {found for _, found in told(kept)}


def test_rules_and_actions_of_privacy_are_told_with_what_was_meant() -> None:
    text = plan(f"  a: {{{WELL}}}", "owner: t\nprivacy:\n  emial: redact\n  sql: blok\n  card: allow\n")
    found = {(one.path, one.line): one.message for one in lint([("plan.yaml", text)]) if one.rule == "privacy"}
    assert found == {
        ("$.privacy.emial", 4): "“emial” is no rule of personal data; did you mean “email”?",
        ("$.privacy.sql", 5): (
            "“blok” is none of allow, remove, redact, mask, hash, truncate, block; did you mean “block”?"
        ),
    }


@pytest.mark.parametrize("rule", sorted(ACTIONS))
def test_every_rule_may_have_every_action(rule: str) -> None:
    assert {action for action in get_args(Action) for _ in unknown_privacy({rule: action})} == set()


def test_a_plan_knows_the_actions_that_there_are() -> None:
    assert set(get_args(OnPii)) == set(get_args(Action))


def test_what_stands_in_two_files_is_an_error() -> None:
    files = [("a.yaml", plan(f"  x: {{{WELL}}}")), ("b.yaml", plan(f"  x: {{{WELL}}}"))]
    found = [one for one in lint(files) if one.level == "error"]
    assert [(one.rule, one.file) for one in found] == [("duplicate", "b.yaml")]
    assert "a.yaml" in found[0].message


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("same", "same", 0)],
)
def test_the_distance_is_levenshteins(one: str, other: str, distance: int) -> None:
    assert edits(one, other, 5) == edits(other, one, 5) == distance
    assert edits(one, other, 1) == distance or edits(one, other, 1) > 1


def test_names_are_alike_by_letters_words_and_number() -> None:
    assert alike("product_click", "product_clik")
    assert alike("cart_add", "add_cart")
    assert alike("product_click", "products_click")
    assert not alike("product_click", "product_hover")
