"""The page of alerts, in a real browser: a rule from its first draft to what it told."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.alerts.recorder import Recorder
from tests.browser.conftest import Watched, follow
from tests.browser.test_dashboard import fits_everybody
from tests.journey.people import add
from tests.journey.server import Server

pytestmark = pytest.mark.browser

Visit = Callable[..., Watched]
RULES = "/api/events/alert-rules"
EVIL = "<img src=x onerror=window.pwned=1>"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With a past of ten days: ten orders in every second hour, and none in the others."""
    with Server(tmp_path_factory.mktemp("alerts"), FOOTFALL_ALERT_HOSTS="127.0.0.1") as opened:
        hour = int(time.time() // 3600) * 3600
        past = [
            {"event": "ordered", "user_id": "u", "timestamp": 1000 * (hour - 3600 * back + 60 * n)}
            for back in range(2, 240, 2)
            for n in range(10)
        ]  # fmt: skip
        for at in range(0, len(past), 500):
            opened.admin.post("/api/events/import", json=past[at : at + 500]).raise_for_status()
        opened.settled()
        yield opened


@pytest.fixture
def rules(server: Server) -> Server:
    """None but those that ship."""
    for one in server.admin.get(RULES).json():
        if one["id"] not in {"purchase-drop", "error-spike", "conversion-drop"}:
            server.admin.delete(f"{RULES}/{one['id']}").raise_for_status()
    return server


def make(server: Server, **fields: Any) -> dict[str, Any]:
    rule = {"type": "volume_below", "event": "ordered", "threshold": 5, "name": "Too few orders"} | fields
    answer = server.admin.post(RULES, json=rule)
    assert answer.status_code == 201, answer.text
    return answer.json()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def pick(dialog: Locator, label: str, option: str) -> None:
    dialog.get_by_role("combobox", name=label, exact=True).click()
    # An event's volume stands behind its name.
    dialog.page.get_by_role("option", name=re.compile(rf"^{option}\b")).click()


def test_a_rule_is_made_with_what_it_would_have_said(
    rules: Server, session: Any, visit: Visit, recorder: Recorder
) -> None:
    watched = visit(f"{rules.url}/alerts", storage_state=session).loaded("Alerts")
    page = watched.page
    expect(row(page, "Purchase volume critically low")).to_contain_text("Off")

    page.get_by_role("button", name="New rule").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Make the rule")).to_be_disabled()
    dialog.get_by_label("Name").fill("Too few orders")
    pick(dialog, "Event", "ordered")
    dialog.get_by_role("textbox", name="Fewer than").fill("5")
    preview = dialog.get_by_role("region", name="What it would have said")
    expect(preview).to_contain_text(re.compile(r"Would have fired \d+ times in 30 days"))
    expect(preview.get_by_role("group", name=re.compile("^What the rule would have seen"))).to_be_visible()

    # The threshold is on the picture, and moves by keyboard too.
    slider = preview.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(preview).to_contain_text("Would not have fired in 30 days.")
    expect(dialog.get_by_role("textbox", name="Fewer than")).to_have_value("0")
    dialog.get_by_role("textbox", name="Fewer than").fill("6")

    dialog.get_by_role("button", name="A channel").click()
    pick(dialog, "Channel", "Webhook")
    dialog.get_by_label("Address", exact=True).fill(f"{recorder.url}/hook")
    dialog.get_by_label("Secret to sign with (optional)").fill("hunter2")
    dialog.get_by_role("button", name="Make the rule").click()
    page.get_by_text("“Too few orders” is judged from now on.").wait_for()
    made = row(page, "Too few orders")
    expect(made).to_contain_text("fewer than 6 ordered in 1 hour")
    expect(made).to_contain_text("Webhook")
    assert watched.complaints == []

    # What is secret of it is not shown again, and kept when the rule is changed.
    made.get_by_role("button", name="Too few orders", exact=True).click()
    secret = dialog.get_by_label("Secret to sign with (optional)")
    expect(secret).to_have_value("")
    dialog.get_by_role("textbox", name="Fewer than").fill("7")
    dialog.get_by_role("button", name="Save").click()
    expect(made).to_contain_text("fewer than 7 ordered in 1 hour")
    made.get_by_role("button", name="What can be done").click()
    page.get_by_role("menuitem", name="Send a test notice").click()
    page.get_by_text("webhook: delivered").wait_for()
    assert recorder.sent[-1].headers["x-signature"].startswith("v1=")


def test_what_fires_is_first_and_acknowledged(rules: Server, session: Any, visit: Visit) -> None:
    make(rules, id="fires", threshold=11, severity="critical")
    make(rules, id="fine", name="Enough", threshold=0, channels=[])
    _wait(rules, "fires", "firing")
    watched = visit(rules.url, storage_state=session).loaded()
    page = watched.page
    strip = page.get_by_role("status").filter(has_text="1 alert firing")
    strip.get_by_role("link", name="Too few orders").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Firing").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("row").nth(1)).to_contain_text("Too few orders")

    page.get_by_role("tab", name="History").click()
    told = page.get_by_role("list", name="What happened").get_by_role("region").first
    expect(told).to_contain_text("firing")
    told.get_by_role("button", name="Acknowledge").click()
    expect(told).to_contain_text("looks after it")
    assert watched.complaints == []


def test_a_rule_is_switched_snoozed_copied_and_deleted(rules: Server, session: Any, visit: Visit) -> None:
    make(rules, id="one")
    page = visit(f"{rules.url}/alerts", storage_state=session).loaded("Alerts").page
    mine = row(page, "Too few orders")
    mine.get_by_role("switch").focus()
    page.keyboard.press("Space")
    page.get_by_text("“Too few orders” is off.").wait_for()
    assert rules.admin.get(f"{RULES}/one").json()["enabled"] is False
    mine.get_by_role("button", name="What can be done").click()
    page.get_by_role("menuitem", name="Snooze for 1 hour").click()
    expect(mine).to_contain_text("Nobody is told until")
    mine.get_by_role("button", name="What can be done").click()
    page.get_by_role("menuitem", name="End the snooze").click()
    expect(mine).not_to_contain_text("Nobody is told until")
    mine.get_by_role("button", name="What can be done").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("Too few orders (copy)")
    dialog.get_by_role("button", name="Make the rule").click()
    copy = row(page, "Too few orders (copy)")
    expect(copy).to_be_visible()
    copy.get_by_role("button", name="What can be done").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(copy).to_have_count(0)


def test_what_the_server_refuses_stands_in_the_form(rules: Server, session: Any, visit: Visit) -> None:
    page = visit(f"{rules.url}/alerts", storage_state=session).loaded("Alerts").page
    page.get_by_role("button", name="New rule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Fewer than").fill("5")
    dialog.get_by_role("button", name="A channel").click()
    pick(dialog, "Channel", "Telegram")
    dialog.get_by_label("Chat").fill("1")
    dialog.get_by_role("button", name="Make the rule").click()
    expect(dialog.get_by_role("alert")).to_contain_text("$.channels[0].secret")


def test_a_question_becomes_a_rule(rules: Server, session: Any, visit: Visit) -> None:
    question = '/trends?q={"series":[{"event":"ordered","measure":"count"}]}&interval=hour'
    page = visit(f"{rules.url}{question}", storage_state=session).loaded("Trends").page
    page.get_by_role("button", name="Alert", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Type")).to_have_value("Unusual number")
    expect(dialog.get_by_role("combobox", name="Event", exact=True)).to_have_value("ordered")


def test_names_are_text_and_who_may_not_edit_changes_nothing(rules: Server, chromium: Browser, visit: Visit) -> None:
    make(rules, id="evil", name=EVIL, owner=EVIL)
    context = chromium.new_context()
    follow(context.new_page(), add(rules, "viewer")["link"]["link"])
    watched = visit(f"{rules.url}/alerts", storage_state=context.storage_state()).loaded("Alerts")
    context.close()
    page = watched.page
    mine = row(page, EVIL)
    expect(mine.get_by_role("switch")).to_be_disabled()
    expect(mine.get_by_role("button", name="What can be done")).to_have_count(0)
    expect(page.get_by_role("button", name="New rule")).to_have_count(0)
    mine.get_by_role("button", name=EVIL, exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Save")).to_have_count(0)
    assert page.evaluate("window.pwned") is None
    assert watched.complaints == []


def test_the_form_is_for_everybody(rules: Server, session: Any, visit: Visit) -> None:
    make(rules, id="one")
    page = visit(f"{rules.url}/alerts?opened=one", storage_state=session, color_scheme="light").loaded("Alerts").page
    expect(page.get_by_role("dialog").get_by_role("region", name="What it would have said")).to_contain_text("Would")
    fits_everybody(page)


def _wait(server: Server, rule: str, state: str, seconds: float = 40) -> None:
    give_up = time.monotonic() + seconds
    while server.admin.get(f"{RULES}/{rule}").json()["state"] != state:
        assert time.monotonic() < give_up, server.admin.get(f"{RULES}/{rule}").json()
        time.sleep(0.25)
