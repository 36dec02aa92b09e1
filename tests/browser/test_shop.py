"""The shop of the demo: who clicks through it is found in the numbers, among invented visitors who speak alike."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from footfall.demo import catalogue
from footfall.demo.shop import story
from footfall.demo.visitor import native
from tests.browser.conftest import Watched
from tests.journey.server import Demo
from tests.support.moments import at

pytestmark = pytest.mark.browser


def test_a_purchase_in_the_shop_is_a_journey_in_footfall(demo: Demo, visit: Callable[..., Watched]) -> None:
    watched = visit(demo.url)
    page = watched.page
    page.get_by_role("link", name="A shop to click in").click()
    page.get_by_role("link", name="Tents").click()
    page.get_by_role("button", name="Add to cart").nth(1).click()
    page.get_by_role("link", name="Cart (1)").click()
    page.get_by_role("link", name="To the checkout").click()
    page.get_by_role("button", name="Pay").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    page.get_by_role("link", name="What Footfall makes of them").click()
    page.wait_for_url(f"{demo.url}/")
    watched.loaded()

    events = sent(demo, watched, 5)
    pages = [one["page"] for one in events if one["event"] == "page_view"]
    assert pages == ["/shop/", "/shop/category/tents", "/shop/cart", "/shop/checkout", "/shop/checkout/thank-you"]
    by_name = {one["event"]: one for one in events}
    assert by_name["add_to_cart"]["properties"] == {"product_id": "te-2", "quantity": 1, "price": 349.9}
    assert by_name["purchase"]["properties"]["total"] == 349.9
    assert by_name["purchase"]["section"] == "checkout"
    actions = [(one["component"], one["action"]) for one in events if one["component"] == "Checkout" and one["action"]]
    assert actions == [("Checkout", "pay"), ("Checkout", "complete")]
    assert len({one["person_id"] for one in events}) == 1
    assert {one["bot"] for one in events} == {False}
    assert watched.complaints == []
    assert all(url.startswith((f"{demo.url}/", "data:")) for url in watched.requests)


def test_a_page_of_the_shop_can_be_opened_by_its_address(demo: Demo, visit: Callable[..., Watched]) -> None:
    watched = visit(f"{demo.url}/shop/category/jackets")
    watched.page.get_by_text("Storm Shell").wait_for()
    assert watched.page.title() == "Jackets · Fernweh"


# ── one world: what the invented visitors send is what this shop sends ───────────────────────────────────────


class Word(NamedTuple):
    """What is said, without who says it, and when."""

    event: str
    component: str
    action: str
    properties: tuple[str, ...]


class Speech:
    """The words of batches as they are sent, the pages that they are said on, and the fields of the wire."""

    def __init__(self, events: Iterator[dict[str, Any]]) -> None:
        self.words: set[Word] = set()
        self.pages: set[tuple[str, str, str]] = set()
        self.fields: set[str] = set()
        for event in events:
            told = {name: value for name, value in event.items() if value not in (None, "", {})}
            self.fields |= told.keys()
            properties = tuple(sorted(event.get("properties") or ()))
            self.words.add(Word(event["event"], event.get("component", ""), event.get("action", ""), properties))
            path = "/" + event["url"].partition("?")[0].split("/", 3)[3]
            self.pages.add((path, event["title"], event["section"]))


def test_invented_visitors_speak_word_for_word_like_the_shop(demo: Demo, visit: Callable[..., Watched]) -> None:
    real = Speech(walk_through(demo, visit("about:blank")))
    people = (event for event in story(60_000, now=at("2026-09-21T13:13:20Z")) if not event.bot)
    told = (native(event) for event in people)
    invented = Speech(event | {"properties": json.loads(bytes(event["properties"]))} for event in told)
    assert sorted(invented.words - real.words) == [], "only invented"
    assert sorted(real.words - invented.words) == [], "only real"
    assert real.pages <= invented.pages
    assert {page.title for page in (catalogue.HOME, catalogue.SALE, catalogue.LOGIN)} < {page[1] for page in real.pages}
    assert invented.fields == real.fields


class Walk:
    """Somebody who does everything that can be done in the shop."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def within(self, component: str) -> Locator:
        return self.page.get_by_role("region", name=component, exact=True).first

    def press(self, component: str, *names: str) -> None:
        for name in names:
            self.within(component).get_by_role("button", name=name).first.click()

    def follow(self, name: str, title: str) -> None:
        self.page.get_by_role("link", name=name).first.click()
        self.arrive(title)

    def follow_in_menu(self, title: str) -> None:
        menu = self.within("Navigation").get_by_text("More")
        menu.click()
        self.follow(title, title)
        menu.click()

    def arrive(self, title: str) -> None:
        expect(self.page.locator("h2")).to_have_text(title)

    def browse(self) -> None:
        self.page.get_by_role("searchbox").focus()
        self.press("SearchBar", "hiking boots", "Clear", "hiking boots", "Search")
        self.arrive("Search")
        self.follow("Home", "Home")
        self.press("HeroBanner", "Next", "Hide this")
        self.press("NewsletterSignup", "No, thank you")
        self.press("ProductGrid", "Cheapest first", "Below", "Wish for it")
        self.within("ProductGrid").evaluate("element => element.scrollIntoView({block: 'end'})")
        self.follow_in_menu("Summer sale")
        self.press("HeroBanner", "Read our guide")
        self.arrive("Packing light")
        self.press("NewsletterSignup", "Subscribe")
        self.follow_in_menu("Shipping and returns")

    def look_closely(self) -> None:
        self.follow("Shoes", "Shoes")
        self.follow("Trail Runner", "Trail Runner")
        self.press("Gallery", "Next", "Zoom", "First")
        self.within("SizeGuide").get_by_text("Which size?").click()
        self.press("SizeGuide", "Other units")
        self.press("ReviewList", "Newest first", "Helpful")
        self.page.set_viewport_size({"width": 800, "height": 200})  # there is little to scroll
        self.within("Gallery").evaluate("element => element.scrollIntoView()")
        self.within("ReviewList").evaluate("element => element.scrollIntoView({block: 'end'})")
        self.page.set_viewport_size({"width": 1280, "height": 720})

    def buy(self) -> None:
        self.page.get_by_role("button", name="Add to cart").first.click()
        self.follow("Cart (1)", "Your cart")
        self.within("CartDrawer").get_by_text("1 items").click()
        self.press("CartDrawer", "One more", "Remove")
        self.within("CartDrawer").get_by_text("1 items").click()
        self.press("CouponField", "Use SUMMER10", "Use WINTER99")
        self.follow_in_menu("Sign in")
        self.page.get_by_role("button", name="Sign in for a company").click()
        self.arrive("Home")
        self.follow("Cart (1)", "Your cart")
        self.follow("To the checkout", "Checkout")
        self.press("Checkout", "Take an invented address", "Try an expired card", "Pay")
        self.arrive("Thank you")

    def fail_to_buy(self) -> None:
        self.page.get_by_role("button", name="Add to cart").first.click()
        self.follow("Home", "Home")
        self.follow("Cart (1)", "Your cart")
        self.follow("To the checkout", "Checkout")
        self.press("Checkout", "Pay")
        expect(self.within("Checkout").get_by_role("status")).not_to_be_empty()


def walk_through(demo: Demo, watched: Watched) -> Iterator[dict[str, Any]]:
    """What a browser sends of everything that can be done in the shop, event by event."""
    page = watched.page
    bodies: list[dict[str, Any]] = []
    page.on("request", lambda request: bodies.append(request.post_data_json) if request.method == "POST" else None)
    walk = Walk(page)
    page.goto(f"{demo.url}/shop/?utm_source=newsletter")
    walk.browse()
    walk.look_closely()
    walk.buy()
    page.goto(f"{demo.url}/shop/products/trail-runner?bad-day")
    walk.fail_to_buy()
    page.goto(f"{demo.url}/shop/")
    while page.evaluate("Object.keys(localStorage).some(name => name.startsWith('footfall.queue '))"):
        page.wait_for_timeout(100)
    assert watched.complaints == []
    assert {tuple(body) for body in bodies} == {("sent_at", "dropped", "cookieless", "batch")}
    yield from {event["event_id"]: event for body in bodies for event in body["batch"]}.values()


def sent(demo: Demo, watched: Watched, leaves: int) -> list[dict[str, Any]]:
    """What came from the shop, once the last page's leave is there."""
    mine = json.dumps([{"property": "url", "operator": "starts_with", "values": [f"{demo.url}/shop"]}])
    for _ in range(300):
        events = demo.events(filters=mine)
        if sum(one["event"] == "page_leave" for one in events) >= leaves:
            break
        watched.page.wait_for_timeout(100)
    return sorted(events, key=lambda one: (one["timestamp"], one["seq"]))
