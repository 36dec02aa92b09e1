"""The shop of the demo: somebody who clicks through it is found in Footfall's numbers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Watched
from tests.journey.server import Demo

pytestmark = pytest.mark.browser


def test_a_purchase_in_the_shop_is_a_journey_in_footfall(demo: Demo, visit: Callable[..., Watched]) -> None:
    watched = visit(f"{demo.url}/shop/")
    page = watched.page
    page.get_by_role("button", name="Read our guide").click()
    page.get_by_role("link", name="tents").click()
    page.get_by_role("button", name="Add to cart").nth(1).click()
    page.get_by_role("link", name="Cart (1)").click()
    page.get_by_role("link", name="To the checkout").click()
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    page.get_by_role("link", name="What Footfall makes of them").click()
    page.wait_for_url(f"{demo.url}/")
    watched.loaded()

    events = sent(demo, watched)
    pages = [one["page"] for one in events if one["event"] == "page_view"]
    assert pages == ["/shop/", "/shop/tents", "/shop/cart", "/shop/checkout", "/shop/thank-you"]
    by_name = {one["event"]: one for one in events}
    assert by_name["cta_click"]["properties"] == {"position": "hero", "variant": "primary"}
    assert by_name["add_to_cart"]["properties"] == {"product_id": "duo", "quantity": 1, "price": 349.9}
    assert by_name["purchase"]["properties"]["total"] == 349.9
    seen = {one["component"] for one in events if one["event"] == "component_visit"}
    assert seen == {"HeroBanner", "ProductGrid", "CartDrawer", "Checkout"}
    actions = [(one["component"], one["action"]) for one in events if one["component"] == "Checkout" and one["action"]]
    assert actions == [("Checkout", "pay"), ("Checkout", "complete")]
    assert len({one["person_id"] for one in events}) == 1
    assert {one["bot"] for one in events} == {False}
    assert watched.complaints == []
    assert all(url.startswith((f"{demo.url}/", "data:")) for url in watched.requests)


def test_a_page_of_the_shop_can_be_opened_by_its_address(demo: Demo, visit: Callable[..., Watched]) -> None:
    watched = visit(f"{demo.url}/shop/jackets")
    watched.page.get_by_text("Storm Shell").wait_for()
    assert watched.page.title() == "jackets · Fernweh"


def sent(demo: Demo, watched: Watched) -> list[dict[str, Any]]:
    """What came from the shop, once the last page's leave is there."""
    mine = json.dumps([{"property": "url", "operator": "starts_with", "values": [f"{demo.url}/shop"]}])
    for _ in range(100):
        events = demo.events(filters=mine)
        if sum(one["event"] == "page_leave" for one in events) >= 5:
            break
        watched.page.wait_for_timeout(100)
    return sorted(events, key=lambda one: (one["timestamp"], one["seq"]))
