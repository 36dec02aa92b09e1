"""Reports, in a real browser: made from a board, read beforehand, sent, and gone."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.alerts.recorder import Recorder
from tests.browser.conftest import Watched
from tests.browser.test_dashboard import fits_everybody
from tests.journey.server import Server

pytestmark = pytest.mark.browser

Visit = Callable[..., Watched]
EVIL = "<img src=x onerror=window.pwned=1>"
DAY = 86_400_000
OUTSIDE = "https://stats.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Six orders yesterday and four the day before, on a board."""
    with Server(
        tmp_path_factory.mktemp("reports"), FOOTFALL_ALERT_HOSTS="127.0.0.1", FOOTFALL_PUBLIC_URL=OUTSIDE
    ) as opened:
        noon = int(time.time() * 1000) // DAY * DAY + DAY // 2
        past = [
            {"event": "ordered", "user_id": f"u{n}", "timestamp": noon - back * DAY + n}
            for back, count in ((1, 6), (2, 4))
            for n in range(count)
        ]
        opened.admin.post("/api/events/import", json=past).raise_for_status()
        question = {"series": [{"event": "ordered", "name": f"Orders {EVIL}"}]}
        opened.admin.post(
            "/api/boards", json={"name": "Shop", "tiles": [{"title": "Sales", "kind": "trend", "question": question}]}
        ).raise_for_status()
        opened.settled()
        yield opened


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def test_a_report_is_made_from_a_board_sent_and_deleted(
    server: Server, session: Any, visit: Visit, recorder: Recorder
) -> None:
    (board,) = server.admin.get("/api/boards").json()
    watched = visit(f"{server.url}/boards/{board['id']}", storage_state=session).loaded("Shop")
    page = watched.page
    page.get_by_role("button", name="What can be done with the board").click()
    page.get_by_role("menuitem", name="Send regularly").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_have_value("Shop")
    make = dialog.get_by_role("button", name="Make the report")
    expect(make).to_be_disabled()
    dialog.get_by_role("combobox", name="How often").click()
    page.get_by_role("option", name="Every day").click()
    said = dialog.get_by_role("region", name="What it would say")
    expect(said).to_contain_text(f"Orders {EVIL}")
    expect(said).to_contain_text("6 +50.0 % (4 before)")

    dialog.get_by_role("combobox", name="Channel").click()
    page.get_by_role("option", name="Webhook").click()
    dialog.get_by_label("Address", exact=True).fill(f"{recorder.url}/hook")
    make.click()
    page.get_by_text("“Shop” is sent from now on.").wait_for()
    made = row(page, "every day at 08:00")
    expect(made).to_contain_text("Webhook")

    made.get_by_role("button", name="What can be done with “Shop”").click()
    page.get_by_role("menuitem", name="Send it now").click()
    page.get_by_text("“Shop” is delivered.").wait_for()
    body = json.loads(recorder.sent[-1].body)
    assert body["sections"][0]["figures"][0]["value"] == 6
    expect(made).to_contain_text("delivered")

    made.get_by_role("button", name="Shop", exact=True).click()
    expect(dialog.get_by_role("list", name="What was sent")).to_contain_text("Webhook: delivered")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    made.get_by_role("switch").click(force=True)
    page.get_by_text("“Shop” is off.").wait_for()
    made.get_by_role("button", name="What can be done with “Shop”").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("“Shop” is gone.").wait_for()
    expect(page.get_by_text("There are no reports yet")).to_be_visible()
    assert server.admin.get("/api/reports").json() == []
    assert page.evaluate("window.pwned") is None
    assert watched.complaints == []


@pytest.mark.parametrize("of", ["board", "saved"])
def test_the_link_of_a_report_opens_what_it_is_of(
    server: Server, session: Any, visit: Visit, recorder: Recorder, of: str
) -> None:
    if of == "board":
        wanted = server.admin.get("/api/boards").json()[0]["id"]
    else:
        draft = {"name": "Orders", "kind": "trend", "question": {"series": [{"event": "ordered"}]}}
        wanted = server.admin.post("/api/saved", json=draft).json()["id"]
    hook = {"type": "webhook", "target": f"{recorder.url}/hook"}
    report = {"name": "R", "every": "daily", of: wanted, "channels": [hook]}
    made = server.admin.post("/api/reports", json=report).json()
    server.admin.post(f"/api/reports/{made['id']}/send").raise_for_status()
    server.admin.delete(f"/api/reports/{made['id']}").raise_for_status()
    link = json.loads(recorder.sent[-1].body)["link"]
    assert link.startswith(OUTSIDE)
    watched = visit(link.replace(OUTSIDE, server.url), storage_state=session)
    page = watched.loaded("Shop" if of == "board" else "Trends").page
    if of == "saved":
        expect(page.get_by_role("button", name="Orders").first).to_be_visible()
    else:
        yesterday = time.strftime("%-d %b %Y", time.gmtime(time.time() - 86_400))
        expect(page.get_by_role("banner")).to_contain_text(yesterday)
    expect(page.get_by_role("main")).to_contain_text("6")
    assert watched.complaints == []


@pytest.mark.parametrize("opened", [False, True], ids=["the list", "one of them"])
def test_reports_fit_everybody(server: Server, session: Any, visit: Visit, opened: bool) -> None:
    (board,) = server.admin.get("/api/boards").json()
    report = {"name": "Shop", "board": board["id"], "channels": [{"type": "email", "target": "a@example.com"}]}
    made = server.admin.post("/api/reports", json=report).json()
    try:
        path = f"/alerts?tab=reports{'&opened=' + made['id'] if opened else ''}"
        page = visit(f"{server.url}{path}", storage_state=session, color_scheme="light").loaded("Alerts").page
        expect(row(page, "every Monday at 08:00")).to_contain_text("E-mail")
        if opened:
            expect(page.get_by_role("region", name="What it would say")).to_contain_text("Sales")
        fits_everybody(page)
    finally:
        server.admin.delete(f"/api/reports/{made['id']}")
