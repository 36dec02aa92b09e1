"""A link that was shared, in a real browser: what it shows to whom, and what it keeps to itself."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.journey.server import Server, unique

pytestmark = pytest.mark.browser

Visit = Callable[..., Watched]
PASSWORD = "four quiet grey herons"


def board(server: Server) -> dict[str, Any]:
    """A board of two tiles over three events of two people."""
    name = unique("shown")
    server.collect([{"event": name, "user_id": user} for user in ("ada-lovelace", "bob", "bob")])
    tiles = [
        {"title": title, "kind": "trend", "question": {"series": [{"event": name, "measure": measure}]}, "y": place}
        for place, (title, measure) in enumerate((("All of them", "count"), ("How many people", "unique_users")))
    ]
    made = server.admin.post("/api/boards", json={"name": "For the customer", "tiles": tiles})
    assert made.status_code == 201, made.text
    return made.json()


def link_to(server: Server, **body: Any) -> str:
    made = server.admin.post("/api/shares", json=body)
    assert made.status_code == 201, made.text
    return made.json()["link"]


def test_whoever_follows_a_link_sees_the_board_and_nothing_around_it(server: Server, visit: Visit) -> None:
    link = link_to(server, board=board(server)["id"])
    watched = visit(link)
    page = watched.page
    expect(page.get_by_role("heading", name="For the customer")).to_be_visible()
    expect(page.get_by_role("region", name="All of them").get_by_test_id("sentence")).to_contain_text("3")
    expect(page.get_by_role("region", name="How many people").get_by_test_id("sentence")).to_contain_text("2")
    assert page.get_by_role("navigation").count() == 0
    assert "ada-lovelace" not in page.content()
    token = urlsplit(link).path.rpartition("/")[2]
    asked = [url for url in watched.requests if "/api/" in url]
    assert {urlsplit(url).path for url in asked} == {f"/api/shares/{token}"}
    assert all(url.startswith((f"{server.url}/", "data:")) for url in watched.requests)
    assert watched.complaints == []


def test_a_session_adds_nothing_to_what_a_link_shows(server: Server, session: Any, visit: Visit) -> None:
    link = link_to(server, board=board(server)["id"])
    watched = visit(link, storage_state=session)
    expect(watched.page.get_by_role("heading", name="For the customer")).to_be_visible()
    assert watched.page.get_by_role("navigation").count() == 0
    assert [url for url in watched.requests if "/api/me" in url] == []
    assert watched.complaints == []


def test_a_password_is_asked_for_and_may_be_wrong_once(server: Server, visit: Visit) -> None:
    page = visit(link_to(server, board=board(server)["id"], password=PASSWORD)).page
    field = page.get_by_label("Password", exact=True)
    field.fill("something else")
    field.press("Enter")
    expect(page.get_by_text("The password is wrong.")).to_be_visible()
    field.fill(PASSWORD)
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_role("heading", name="For the customer")).to_be_visible()


def test_a_link_that_is_over_says_so(server: Server, visit: Visit) -> None:
    page = visit(f"{server.url}/shared/nothing").page
    expect(page.get_by_text("There is no such link, or it is over")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_link_looks_as_its_address_says_and_fits_its_window(
    server: Server, visit: Visit, theme: str, width: int
) -> None:
    other = "light" if theme == "dark" else "dark"
    link = f"{link_to(server, board=board(server)['id'])}?theme={theme}&embed=1"
    page = visit(link, viewport={"width": width, "height": 740}, color_scheme=other).page
    expect(page.get_by_role("heading", name="For the customer")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
