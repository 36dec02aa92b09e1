"""The starter plan: nothing to object to, S1's events as S1 sends them, and every event of the demo."""

from typing import Any

import pytest

from footfall.demo.shop import story
from footfall.plan.bundle import Bundle
from footfall.plan.check import RESERVED, Checker
from footfall.plan.codegen.words import members
from footfall.plan.deny import Deny
from footfall.plan.lint import lint, planned
from footfall.stores.starter import starter
from tests.plan.test_check import event
from tests.support.moments import at


@pytest.fixture(scope="module")
def plan() -> Bundle:
    return planned(starter())


def test_lint_has_nothing_to_say_about_it() -> None:
    assert lint(starter()) == []


TAXONOMY = [
    ("page_view", {"page_name": "home"}),
    ("button_click", {"button_id": "checkout", "position": "header"}),
    ("form_submit", {"form_name": "signup", "success": True}),
    ("search", {"query": "react hooks", "results_count": 42}),
    ("add_to_cart", {"product_id": "sku-123", "quantity": 1, "price": 29.99}),
    ("purchase", {"order_id": "ord-456", "total": 59.98, "items_count": 2}),
    ("subscription_start", {"plan": "pro", "billing": "annual"}),
    ("feature_used", {"feature": "dark_mode", "action": "enable"}),
    ("experiment_exposure", {"experiment": "new_checkout", "variant": "B"}),
    ("error", {"type": "api_failure", "endpoint": "/api/cart", "status": 500}),
    ("product_click", {"product_id": "sku-1", "product_name": "Boot", "category": "shoes", "price": 169.9}),
    ("cta_click", {"position": "hero", "variant": "primary"}),
    ("page_view", {"name": "settings", "type": "MODAL", "category": "SETTINGS"}),
    ("component_exit", {"duration_ms": 1200, "duration_seconds": 1}),
    ("http_request", {"method": "GET", "path": "/", "user_agent": "x", "referrer": "y"}),
]
"""What S1, S2 and S3 show."""


@pytest.mark.parametrize(("name", "properties"), TAXONOMY, ids=str)
def test_an_event_of_the_seeds_is_as_planned(plan: Bundle, name: str, properties: dict[str, Any]) -> None:
    assert Checker(plan).check(event(name, properties), "", 0).violations == ()


@pytest.mark.parametrize(
    ("name", "properties", "owner"),
    [
        ("page_view", {"page_name"}, "Auto"),
        ("product_click", {"product_id", "category", "price"}, "product-team"),
        ("add_to_cart", {"product_id", "quantity", "price"}, "cart-team"),
        ("purchase", {"order_id", "total", "items_count"}, "checkout-team"),
        ("search", {"query", "results_count"}, "search-team"),
        ("error", {"type", "endpoint", "status"}, "platform-team"),
    ],
)
def test_the_six_rows_of_s1s_table_are_in_it(plan: Bundle, name: str, properties: set[str], owner: str) -> None:
    found = plan.events[name]
    assert properties <= {member for member, _, _ in members(found.schema)}
    assert ("Auto" if found.kind == "auto" else found.owner) == owner
    assert found.trigger


def test_everything_that_is_sent_by_itself_is_in_it(plan: Bundle) -> None:
    assert set(plan.events) >= RESERVED


def test_the_demos_shop_goes_by_it(plan: Bundle) -> None:
    checker = Checker(plan)
    month = list(story(20_000, now=at("2026-09-21T13:13:20Z")))
    sent = {one.event for one in month if not one.event.startswith("$")}
    assert sent <= set(plan.events)
    assert len(sent) > 10
    assert {one.event: found for one in month if (found := checker.check(one, "", 0).violations)} == {}


@pytest.mark.parametrize("name", ["password", "secret", "credentials", "query_sql", "dbt_model_name", "schema_name"])
def test_what_s2_must_not_track_is_denied(plan: Bundle, name: str) -> None:
    denied = Deny(plan.deny).from_event(event("project.created", {name.upper(): "x", "kept": 1}))
    assert denied.properties == '{"kept":1}'
