"""The pages for signing in and one's account, in a real browser: by keyboard, in both themes, on a small screen."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched, follow
from tests.browser.site import Site
from tests.journey.people import PASSWORD, add, choose_password, enter
from tests.journey.server import Server, unique

pytestmark = pytest.mark.browser

Visit = Callable[..., Watched]
LUMINANCES = """(element) => {
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = Array.from(canvas.getImageData(0, 0, 1, 1).data, (part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let behind = element;
  while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
  return [getComputedStyle(behind).backgroundColor, getComputedStyle(element).color].map(luminance);
}"""
"""Of what is behind an element's text, and of the text."""


@pytest.fixture
def email(server: Server) -> str:
    """Of somebody with a password."""
    address = f"{unique('ada')}@example.com"
    client = enter(server, add(server, "analyst", email=address))
    choose_password(client)
    client.close()
    return address


def test_signing_in_by_keyboard_alone(server: Server, email: str, visit: Visit) -> None:
    watched = visit(f"{server.url}/signin")
    keyboard = watched.page.keyboard
    expect(watched.page.get_by_label("E-mail address")).to_be_focused()
    keyboard.type(email)
    keyboard.press("Tab")
    keyboard.type("the wrong one, at length")
    keyboard.press("Enter")
    watched.page.get_by_role("alert").wait_for()
    assert watched.page.get_by_label("E-mail address").input_value() == email, "it need not be typed again"
    assert watched.page.get_by_label("Password").input_value() == ""
    watched.page.get_by_label("Password").fill(PASSWORD)
    keyboard.press("Enter")
    watched.loaded()
    assert watched.page.url.rstrip("/") == server.url
    assert watched.page.evaluate("document.cookie") == ""

    watched.page.get_by_role("button", name="Account").click()
    watched.page.get_by_text(email).wait_for()
    watched.page.get_by_role("menuitem", name="Sign out").click()
    assert watched.page.get_by_role("heading", level=1).inner_text() == "You are not signed in"
    others = [url for url in watched.requests if not url.startswith((f"{server.url}/", "data:"))]
    assert others == []


def test_a_second_factor_from_the_account_to_the_next_sign_in(server: Server, email: str, visit: Visit) -> None:
    watched = visit(f"{server.url}/signin")
    page = watched.page
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    watched.loaded()
    page.goto(f"{server.url}/account")
    page.get_by_role("link", name="Turn it on").click()
    picture = page.get_by_role("img", name="A code to scan").locator("svg").bounding_box()
    assert picture is not None
    assert picture["width"] > 120
    secret = page.locator("code.key").inner_text()
    assert re.fullmatch(r"[A-Z2-7]{32}", secret)
    page.get_by_label("The code that the app shows").fill(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    codes = page.get_by_label("Recovery codes").inner_text().split()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="One more step").wait_for()
    page.keyboard.type(codes[0])
    page.keyboard.press("Enter")
    watched.loaded()
    assert watched.complaints == []


def test_who_came_by_a_link_is_asked_to_choose_a_password(server: Server, visit: Visit) -> None:
    added = add(server, "viewer")
    watched = visit(server.url)
    page = watched.page
    follow(page, added["link"]["link"])
    page.get_by_role("link", name="Choose a name and a password").click()
    page.get_by_label("New password").fill("short")
    page.keyboard.press("Enter")
    assert page.get_by_role("heading", name="Choose a password").count() == 1, "the browser itself says what is wrong"
    page.get_by_label("New password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("this is your password").wait_for()
    page.get_by_role("link", name="Back to the numbers").click()
    assert page.get_by_text("Choose a password").count() == 0
    assert watched.page.url.rstrip("/") == server.url


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_a_link_in_somebodys_web_mail_signs_in(server: Server, visit: Visit, site: Site, javascript: bool) -> None:
    """From another site, where the strict cookie would not survive a redirect."""
    link = add(server, "viewer")["link"]["link"].replace("127.0.0.1", "localhost")
    page = visit(site.url, java_script_enabled=javascript).page
    page.goto(link, referer=site.url)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/signin" not in url)
    assert page.get_by_role("heading", name="You are not signed in").count() == 0
    page.goto(f"{server.url.replace('127.0.0.1', 'localhost')}/account")
    page.get_by_role("heading", name="Choose a password").wait_for()


def test_an_invitation_is_accepted_by_who_is_signed_in(server: Server, email: str, visit: Visit) -> None:
    number = server.admin.post("/api/projects", json={"name": unique("other")}).json()["id"]
    link = add(server, "viewer", number, email)["link"]["link"]
    watched = visit(link)
    page = watched.page
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("alert").get_by_text("Sign in with it, then open the link again").wait_for()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    watched.loaded()
    page.goto(link)
    page.get_by_role("button", name="Accept").click()
    page.locator("dd", has_text="viewer").wait_for()
    assert page.url == f"{server.url}/account"


@pytest.fixture(scope="module")
def state(server: Server, chromium: Any) -> Any:
    """Of a browser in which somebody with a password is signed in."""
    client = enter(server, add(server, "analyst"))
    choose_password(client)
    cookie = {"name": "footfall_session", "value": client.cookies["footfall_session"], "url": server.url}
    client.close()
    context = chromium.new_context()
    context.add_cookies([cookie])
    kept = context.storage_state()
    context.close()
    return kept


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/signin", "/signin/code", "/account", "/account/second-factor"])
def test_pages_fit_a_small_screen_and_can_be_read_in_both_themes(
    server: Server, state: Any, visit: Visit, scheme: str, path: str
) -> None:
    watched = visit(
        f"{server.url}{path}", storage_state=state, viewport={"width": 320, "height": 640}, color_scheme=scheme
    )
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert watched.page.get_by_role("heading", level=1).count() == 1
    for text in watched.page.locator("h1, p, label, button, a.button, input:not([type=hidden])").all():
        paper, ink = sorted(watched.page.evaluate(LUMINANCES, text.element_handle()))
        assert (ink + 0.05) / (paper + 0.05) >= 4.5, text.inner_text()
    assert watched.complaints == []
