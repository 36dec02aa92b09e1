"""The start page in a real browser: its numbers, its manners, and who may see it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Watched
from tests.journey.server import Demo, Server

pytestmark = pytest.mark.browser

Visit = Callable[..., Watched]
RANGES = ["", "#24h", "#7d", "#30d", "#90d"]


def test_the_demo_s_page_complains_of_nothing_and_asks_nobody_else(demo: Demo, visit: Visit) -> None:
    watched = visit(demo.url).loaded()
    for range_ in RANGES[1:]:
        watched.page.get_by_role("link", name=range_[1:].upper()).click()
        watched.loaded()
    assert watched.complaints == []
    others = [url for url in watched.requests if not url.startswith((f"{demo.url}/", "data:"))]
    assert others == []
    assert len(watched.requests) > 5
    assert demo.status()["stored"] > 0


def test_the_demo_s_totals_are_the_api_s(demo: Demo, visit: Visit) -> None:
    """Visitors keep coming, so what the page shows is what it was told, and no more than what is told later."""
    with_answer: list[dict[str, Any]] = []
    watched = visit("about:blank")
    watched.page.on(
        "response",
        lambda answer: with_answer.append(answer.json()) if answer.url.endswith("/api/insights/trend") else None,
    )
    watched.page.goto(f"{demo.url}/#30d")
    watched.loaded()
    answer = with_answer[-1]
    shown = [watched.total(name) for name in ("Events", "People", "Sessions")]
    assert shown == [series["total"] for series in answer["series"]]
    assert watched.total("Bots") == answer["meta"]["excluded_bots"]

    question = {
        "series": [{"event": "*", "measure": measure} for measure in ("count", "unique_users", "unique_sessions")],
        "interval": "day",
        "timezone": "Europe/Berlin",
        "from": answer["buckets"][0],
    }
    now = [series["total"] for series in demo.insight("trend", **question)["series"]]
    assert all(number <= at_most for number, at_most in zip(shown, now, strict=True))
    assert shown[0] > 10_000


def test_totals_of_a_known_past_are_exact(server: Server, session: Any, visit: Visit) -> None:
    names = ("Events", "People", "Sessions", "Bots")
    server.collect({"event": "so that there are totals"})
    watched = visit(server.url, storage_state=session).loaded()
    before = [watched.total(name) for name in names]
    server.collect(
        [{"event": "page_view", "user_id": f"known-{n % 7}", "session_id": f"s{n % 13}"} for n in range(500)]
        + [{"event": "$identify", "user_id": "known-1", "anonymous_id": "a1"}]
    )
    server.collect([{"event": "page_view"}] * 3, headers={"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"})
    watched.page.reload()
    watched.loaded()
    assert [watched.total(name) - was for name, was in zip(names, before, strict=True)] == [500, 7, 91, 3]
    assert watched.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_its_window_in_both_themes(demo: Demo, visit: Visit, width: int, scheme: str) -> None:
    watched = visit(demo.url, viewport={"width": width, "height": 740}, color_scheme=scheme).loaded()
    wide = watched.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{wide - width} pixels to scroll sideways"
    paper, ink = watched.page.evaluate(LUMINANCES)
    assert (paper > ink) is (scheme == "light")
    assert (max(paper, ink) + 0.05) / (min(paper, ink) + 0.05) >= 4.5, "WCAG 2.2, 1.4.3"
    assert watched.complaints == []


LUMINANCES = """() => {
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = Array.from(canvas.getImageData(0, 0, 1, 1).data, (part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(document.body), root = getComputedStyle(document.documentElement);
  const clear = "rgba(0, 0, 0, 0)";
  const paper = style.backgroundColor === clear ? root.backgroundColor : style.backgroundColor;
  return [luminance(paper), luminance(style.color)];
}"""


SIGN_IN = "You are not signed in"


def test_without_signing_in_there_is_a_page_that_says_how(server: Server, visit: Visit) -> None:
    assert server.anybody.get("/").status_code == 401
    watched = visit(server.url, viewport={"width": 360, "height": 740})
    assert watched.page.get_by_role("heading", level=1).inner_text() == SIGN_IN
    assert watched.page.get_by_label("Totals").count() == 0
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert all(url.startswith((f"{server.url}/", "data:")) for url in watched.requests)


def test_a_sign_in_link_works_once_and_the_page_waits_for_the_first_event(tmp_path: Path, visit: Visit) -> None:
    with Server(tmp_path) as server:
        link = server.sign_in_link()
        first = visit(link)
        assert first.page.request.get(link).status == 200, "a program that previews it spends nothing"
        first.page.get_by_role("button", name="Sign in").click()
        first.page.get_by_text("No events yet").wait_for()
        assert first.page.url.rstrip("/") == server.url, "the token does not stay in the address"
        assert first.page.evaluate("document.cookie") == "", "scripts cannot read the session"

        second = visit(link)
        assert second.page.get_by_role("heading", level=1).inner_text() == SIGN_IN
        second.page.goto(server.url)
        assert second.page.get_by_role("heading", level=1).inner_text() == SIGN_IN

        server.collect({"event": "very_first", "user_id": "u"})
        first.page.get_by_text("very_first").first.wait_for(timeout=30_000)  # without a reload
        first.page.reload()
        assert first.loaded().total("Events") == 1
        assert first.complaints == []


def test_what_events_carry_is_text_and_nothing_more(server: Server, session: Any, visit: Visit) -> None:
    evil = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"
    event = {"page": evil, "user_id": evil, "component": evil, "action": evil, "properties": {"traits": {"name": evil}}}
    server.collect([{"event": name, **event} for name in (evil, "component_interaction", "$identify", "javascript:1")])
    watched = visit(server.url, storage_state=session).loaded()
    watched.page.get_by_text(evil).first.wait_for()
    assert watched.page.evaluate("window.pwned") is None
    assert watched.page.locator("main img, main script").count() == 0
    assert watched.complaints == []
    assert all(url.startswith((f"{server.url}/", "data:")) for url in watched.requests)


def test_page_s_headers_let_nothing_in(server: Server) -> None:
    for path in ("/", "/page.js", "/page.css"):
        headers = server.anybody.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
