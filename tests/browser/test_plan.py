"""The page of the tracking plan, in a real browser: from a push to an event that is counted after all."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Watched, follow
from tests.browser.test_dashboard import fits_everybody
from tests.journey.people import add
from tests.journey.server import Server

pytestmark = pytest.mark.browser

Visit = Callable[..., Watched]
PLAN = """
plan: 1
area: shop
owner: shop-team
owners: {shop-team: {channel: "#shop"}, search-team: {channel: "#search"}}
defaults: {grace_days: 0, unplanned: warn}
environments: {staging: {unplanned: quarantine}}
properties:
  price: {type: number, minimum: 0, unit: EUR, description: Of one}
events:
  add_to_cart:
    description: A product goes into the cart.
    trigger: a press of the button
    sources: [browser, python]
    additional: deny
    on_violation: quarantine
    properties:
      product_id: {type: string, required: true, maxLength: 64, pii: none}
      quantity: {type: integer, minimum: 1, required: true}
      price: {ref: price}
  find:
    owner: search-team
    trigger: the search is sent
    sources: [browser]
    properties:
      query: {type: string, required: true, pii: possible, on_pii: redact}
  ordered:
    trigger: an order is paid
    sources: [python]
    status: deprecated
    replaced_by: add_to_cart
    sunset: 2027-03-01
"""
GOOD = {
    "event": "add_to_cart",
    "user_id": "u",
    "app_version": "1.0.0",
    "properties": {"product_id": "a", "quantity": 1},
}
BAD = GOOD | {"app_version": "1.1.0", "properties": {"product_id": "a", "quantity": "two"}}
EVIL = "<img src=x onerror=window.pwned=1>"


def push(server: Server, text: str = PLAN, environment: str = "") -> None:
    answer = server.admin.put("/api/plan", content=text, params={"environment": environment})
    assert answer.status_code == 200, answer.text


def groups(page: Page) -> Any:
    return page.get_by_role("list", name="Refused events").get_by_role("region")


@pytest.fixture
def fresh(server: Server) -> Server:
    """The plan as it was, and nothing that waits."""
    push(server)
    assert server.admin.post("/api/quarantine/discard", json={}).status_code == 200
    return server


@pytest.fixture
def viewer(server: Server, chromium: Browser) -> Iterator[Any]:
    context = chromium.new_context()
    follow(context.new_page(), add(server, "viewer")["link"]["link"])
    yield context.storage_state()
    context.close()


def test_without_a_plan_the_page_says_how_one_is_made(server: Server, session: Any, visit: Visit) -> None:
    server.collect({"event": "came_first", "user_id": "u", "properties": {"size": 3}})
    server.settled()
    watched = visit(f"{server.url}/plan", storage_state=session).loaded("Plan")
    page = watched.page
    commands = page.get_by_label("this", exact=True)
    expect(commands).to_contain_text("footfall plan init")
    expect(commands).to_contain_text(f"FOOTFALL_URL={server.url}")
    page.get_by_role("button", name="Show a draft of what came").click()
    expect(page.get_by_role("dialog").get_by_label("the draft")).to_contain_text("came_first:")
    assert watched.complaints == []


def test_from_a_push_to_an_event_that_counts_after_all(server: Server, session: Any, visit: Visit) -> None:
    watched = visit(f'{server.url}/plan?tab="versions"', storage_state=session).loaded("Plan")
    page = watched.page

    page.get_by_role("button", name="Push a plan").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Or its text").fill(PLAN.replace("type: integer", "type: intger"))
    dialog.get_by_role("button", name="Push", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text(re.compile(r"plan\.yaml:\d+: .*integer"))
    expect(dialog.get_by_role("alert")).to_contain_text("$.events.add_to_cart.properties.quantity.type")
    dialog.get_by_label("Or its text").fill(PLAN.replace("    sources: [browser]\n", ""))
    dialog.get_by_role("button", name="Push", exact=True).click()
    told = page.get_by_role("status").filter(has_text="counts from now on")
    expect(told).to_contain_text("1 warning:")
    expect(told).to_contain_text("(sources)")
    expect(page.get_by_role("row").filter(has_text="counts")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name=re.compile("^Bundle of version")).first.click()
    assert re.fullmatch(r"plan-[0-9a-f]{12}\.json", saved.value.suggested_filename)

    before = server.settled()
    server.collect([GOOD, BAD, BAD, {"event": "find", "user_id": "u", "properties": {}}])
    server.settled()
    page.get_by_role("tab", name="Violations").click()
    broken = page.get_by_role("row").filter(has_text="find")
    expect(broken).to_contain_text("missing_required")
    expect(broken).to_contain_text("$.properties.query")
    page.get_by_role("link", name=re.compile("^Quarantined: ")).click()
    expect(groups(page)).to_have_count(1)
    group = groups(page).first
    expect(group).to_contain_text("type_mismatch")
    expect(group).to_contain_text("2 entries")
    group.get_by_role("button", name="Replay").click()
    page.get_by_text("0 replayed, 2 remaining, refused again.").wait_for()

    page.get_by_role("tab", name="Versions").click()
    page.get_by_role("button", name="Push a plan").click()
    mended = PLAN.replace("quantity: {type: integer", "quantity: {type: [integer, string]")
    file = {"name": "shop.yaml", "mimeType": "application/yaml", "buffer": mended.encode()}
    dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type] - playwright's
    dialog.get_by_role("button", name="Push", exact=True).click()
    expect(told).to_contain_text("Nothing is to be warned of.")
    page.get_by_role("tab", name="Quarantine").click()
    groups(page).first.get_by_role("button", name="Replay").click()
    page.get_by_text("2 replayed, nothing remains.").wait_for()
    expect(page.get_by_text("Nothing was refused")).to_be_visible()
    assert server.settled()["stored"] - before["stored"] == 4
    page.get_by_role("tab", name="Events", exact=True).click()
    page.reload()
    expect(
        page.get_by_role("row").filter(has_text="add_to_cart").get_by_role("cell", name="3", exact=True)
    ).to_be_visible()
    problems = [one for one in watched.complaints if "400" not in one]
    assert problems == []
    assert watched.others == []


def test_the_table_is_searched_narrowed_and_sorted(fresh: Server, session: Any, visit: Visit) -> None:
    fresh.collect([GOOD, {"event": "add_to_crt", "user_id": "u"}])
    fresh.settled()
    watched = visit(f"{fresh.url}/plan", storage_state=session).loaded("Plan")
    page = watched.page
    rows = page.get_by_role("table", name="Events and the plan").locator("tbody tr")
    expect(page.get_by_test_id("plan-summary")).to_contain_text(
        re.compile(r"^Version \d+ · \d of \d planned events came")
    )
    expect(rows.filter(has_text="add_to_crt")).to_contain_text("did you mean add_to_cart?")
    page.get_by_role("group", name="States").get_by_text(re.compile("^not planned")).click()
    expect(rows.filter(has_text="find")).to_have_count(0)
    expect(rows.filter(has_text="add_to_crt")).to_have_count(1)
    page.get_by_role("group", name="States").get_by_text(re.compile("^not planned")).click()
    page.get_by_role("combobox", name="Owner").click()
    page.get_by_role("option", name="search-team").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("find")
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("combobox", name="Owner").click()
    page.get_by_role("option", name="Every owner").click()
    page.get_by_role("button", name="Event", exact=True).click()
    page.get_by_role("button", name="Event", exact=True).click()
    expect(rows.first).to_contain_text("add_to_cart")
    page.keyboard.press("/")
    page.keyboard.type("ordered")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("gone")
    page.get_by_text("30 days").click()
    expect(page).to_have_url(re.compile("since=P30D"))
    assert watched.complaints == []


def test_an_event_opens_with_what_is_planned_and_what_came(fresh: Server, session: Any, visit: Visit) -> None:
    fresh.collect([GOOD, {"event": "find", "user_id": "u", "properties": {"query": 3, "colour": "red"}}])
    fresh.settled()
    watched = visit(f"{fresh.url}/plan", storage_state=session).loaded("Plan")
    page = watched.page
    page.get_by_role("button", name="find", exact=True).press("Enter")
    drawer = page.get_by_role("dialog", name="find")
    properties = drawer.get_by_role("table", name="Properties")
    query = properties.get_by_role("row").filter(has_text="query")
    expect(query).to_contain_text("string")
    expect(query).to_contain_text("required")
    expect(query).to_contain_text("pii: possible, redact")
    expect(query).to_contain_text(re.compile("integer in the place of string, in "))
    expect(properties.get_by_role("row").filter(has_text="colour")).to_contain_text("not planned: string, in ")
    expect(drawer.get_by_role("region", name="What the plan has against it")).to_contain_text("type_mismatch")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(page.get_by_role("button", name="find", exact=True)).to_be_focused()

    page.get_by_role("button", name="ordered", exact=True).click()
    ordered = page.get_by_role("dialog", name="ordered")
    expect(ordered).to_contain_text("2027-03-01")
    ordered.get_by_role("button", name="add_to_cart").click()
    cart = page.get_by_role("dialog", name="add_to_cart")
    expect(cart).to_contain_text("number (EUR), at least 0")
    cart.get_by_role("link", name="Trend of this event").click()
    watched.loaded("Trends")
    expect(page.get_by_test_id("sentence")).to_contain_text("add_to_cart")
    page.go_back()
    page.get_by_role("dialog", name="add_to_cart").get_by_role("link", name="Its events").click()
    watched.loaded("Events")
    names = page.get_by_role("table", name="Events, newest first").locator("tbody tr")
    expect(names.first).to_contain_text("add_to_cart")
    expect(names.filter(has_text="find")).to_have_count(0)
    assert watched.complaints == []


def test_a_draft_of_what_is_not_planned_is_shown_wherever_it_is(fresh: Server, session: Any, visit: Visit) -> None:
    fresh.collect({"event": "gift_wrapped", "user_id": "u", "properties": {"paper": "red"}})
    fresh.settled()
    push(fresh, environment="staging")
    fresh.collect({"event": "gift_sent", "user_id": "u", "properties": {"ribbon": "blue"}})
    page = visit(f"{fresh.url}/plan?opened=gift_wrapped", storage_state=session).loaded("Plan").page
    page.get_by_role("button", name="Show a draft").click()
    expect(page.get_by_label("the draft")).to_contain_text("gift_wrapped:")
    expect(page.get_by_label("the draft")).to_contain_text("paper: {type: string")
    page.goto(f'{fresh.url}/plan?tab="quarantine"')
    groups(page).filter(has_text="gift_sent").get_by_role("button", name="Add to plan").click()
    expect(page.get_by_label("the draft")).to_contain_text("ribbon: {type: string")


def test_what_is_discarded_is_asked_about_first_and_gone_then(fresh: Server, session: Any, visit: Visit) -> None:
    fresh.collect([BAD, {"event": "", "properties": {"note": EVIL}}])
    # Where it was once.
    watched = visit(f'{fresh.url}/settings?tab="quarantine"', storage_state=session).loaded("Plan")
    page = watched.page
    expect(page.get_by_role("tab", name="Quarantine")).to_have_attribute("aria-selected", "true")
    nameless = groups(page).filter(has_text="Without a name")
    nameless.get_by_role("button", name="Show what was sent").click()
    nameless.locator("summary").click()
    expect(nameless.get_by_text(EVIL)).to_be_visible()
    expect(nameless.get_by_role("list").get_by_role("listitem")).to_have_count(1)
    nameless.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(groups(page)).to_have_count(2)
    nameless.get_by_role("button", name="Discard").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    page.get_by_text("What was refused of “Without a name” is gone.").wait_for()
    expect(groups(page)).to_have_count(1)
    assert page.evaluate("window.pwned") is None
    assert watched.complaints == []


def test_a_viewer_sees_how_it_stands_and_changes_nothing(fresh: Server, viewer: Any, visit: Visit) -> None:
    fresh.collect([BAD, {"event": "add_to_crt", "user_id": "u"}])
    fresh.settled()
    watched = visit(f'{fresh.url}/plan?tab="quarantine"', storage_state=viewer).loaded("Plan")
    page = watched.page
    expect(groups(page)).to_have_count(1)
    for name in ("Replay", "Discard", "Show what was sent", "Add to plan"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_role("row").filter(has_text="counts")).to_be_visible()
    expect(page.get_by_role("button", name="Push a plan")).to_have_count(0)
    page.get_by_role("tab", name="Events", exact=True).click()
    page.get_by_role("button", name="add_to_crt").click()
    expect(page.get_by_role("dialog")).to_contain_text("Did you mean add_to_cart?")
    expect(page.get_by_role("dialog").get_by_role("button", name="Show a draft")).to_have_count(0)
    expect(page.get_by_role("dialog").get_by_role("link", name="Its events")).to_have_count(0)
    assert watched.complaints == []
    assert [url for url in watched.requests if url.endswith(("/api/users", "/api/keys"))] == []


SHOWN = {
    "events": "",
    "violations": '?tab="violations"',
    "quarantine": '?tab="quarantine"',
    "versions": '?tab="versions"',
    "an event": "?opened=find",
}


@pytest.mark.parametrize("what", SHOWN)
def test_each_of_it_is_for_everybody(fresh: Server, session: Any, visit: Visit, what: str) -> None:
    find = {"event": "find", "user_id": "u", "app_version": EVIL, "properties": {"query": 3, EVIL: "red"}}
    fresh.collect([BAD, find, {"event": "add_to_crt", "user_id": "u"}, {"event": EVIL, "user_id": "u"}, {"event": ""}])
    fresh.settled()
    watched = visit(f"{fresh.url}/plan{SHOWN[what]}", storage_state=session, color_scheme="light").loaded("Plan")
    fits_everybody(watched.page)
    assert watched.page.evaluate("window.pwned") is None
    assert watched.complaints == []
    assert watched.others == []
