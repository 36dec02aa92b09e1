"""The dashboard in a real browser: its numbers, its addresses, its manners, and who may see it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from footfall.http.dashboard import PATHS
from tests.browser.conftest import Watched
from tests.journey.server import Demo, Server

pytestmark = pytest.mark.browser

Visit = Callable[..., Watched]
AXE = Path("node_modules/axe-core/axe.min.js").read_text("utf-8")
PAGES = {
    "/": "Overview",
    "/live": "Live",
    "/trends": "Trends",
    "/funnels": "Funnels",
    "/retention": "Retention",
    "/paths": "Paths",
    "/components": "Components",
    "/sessions": "Sessions",
    "/people": "People",
    "/events": "Events",
    "/boards": "Boards",
    "/sql": "SQL",
    "/settings": "Settings",
}
"""Where each page is, and its heading."""
QUESTIONS = {
    "trend": "/trends",
    "funnel": "/funnels",
    "retention": "/retention",
    "lifecycle": '/retention?kind="lifecycle"',
    "stickiness": '/retention?kind="stickiness"',
    "paths": "/paths",
    "components": "/components",
    "dwell": '/components?kind="dwell"',
    "sessions": "/sessions",
}
"""Where each kind of question is asked."""


@pytest.fixture(scope="module")
def owner(demo: Demo, chromium: Browser) -> Iterator[Any]:
    """A browser that has signed in at the demo by the link that it printed."""
    found = re.search(r"http://\S+/signin\?token=\S+", demo.log_text())
    assert found, "the demo prints a link"
    context = chromium.new_context()
    page = context.new_page()
    page.goto(found[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/signin" not in url)
    yield context.storage_state()
    context.close()


def answer_of(page: Page, kind: str, act: Callable[[], Any]) -> dict[str, Any]:
    """What the server says to a question that something makes the page ask."""
    with page.expect_response(lambda answer: answer.url.split("?")[0].endswith(f"/api/insights/{kind}")) as told:
        act()
    return told.value.json()


# ── every page ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_table_of_pages_is_the_servers(demo: Demo, visit: Visit, owner: Any) -> None:
    page = visit(demo.url, storage_state=owner).loaded().page
    links = page.get_by_label("Pages").get_by_role("link").evaluate_all("all => all.map(one => one.pathname)")
    assert [link for link in links if link not in {"/shop/", "/api/openapi.json"}] == list(PAGES)
    assert set(PAGES) <= set(PATHS)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_by_its_address_complains_of_nothing_and_asks_nobody_else(
    demo: Demo, visit: Visit, owner: Any, path: str
) -> None:
    watched = visit(f"{demo.url}{path}", storage_state=owner).loaded(PAGES[path])
    assert watched.complaints == []
    assert watched.others == []
    assert len(watched.requests) > 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_to_wcag_in_both_themes(demo: Demo, visit: Visit, owner: Any, path: str, scheme: str) -> None:
    page = visit(f"{demo.url}{path}", storage_state=owner, color_scheme=scheme).loaded(PAGES[path]).page
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == scheme
    page.evaluate(AXE)
    found = page.evaluate(
        "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })"
        ".then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(node => node.html.slice(0, 200))]))"
    )
    assert found == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone(demo: Demo, visit: Visit, owner: Any, path: str) -> None:
    watched = visit(f"{demo.url}{path}", storage_state=owner, viewport={"width": 360, "height": 740})
    page = watched.loaded(PAGES[path]).page
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, f"{wide - 360} pixels to scroll sideways"
    page.get_by_role("button", name="Pages").click()
    page.get_by_label("Pages").get_by_role("link", name="Trends").click()
    watched.loaded("Trends")


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_tiles_of_the_overview_are_the_answer_s(demo: Demo, visit: Visit) -> None:
    watched = visit("about:blank")
    answer = answer_of(watched.page, "overview", lambda: watched.page.goto(demo.url))
    watched.loaded()
    told = {tile["name"]: tile["value"] for tile in answer["tiles"]}
    names = {"People": "people", "Sessions": "sessions", "Page views": "page_views", "Events": "events"}
    shown = {name: watched.total(name) for name in names}
    # Visitors keep coming, and a page that is asked again shows more.
    assert all(shown[name] >= told[name_of] for name, name_of in names.items())
    assert all(shown[name] - told[name_of] < 1000 for name, name_of in names.items())
    assert told["events"] > 1000


def test_totals_of_a_known_past_are_exact(server: Server, session: Any, visit: Visit) -> None:
    names = ("Events", "People", "Sessions")
    server.collect({"event": "so that there are totals", "user_id": "u", "session_id": "s"})
    watched = visit(server.url, storage_state=session).loaded()
    before = [watched.total(name) for name in names]
    server.collect(
        [{"event": "page_view", "user_id": f"known-{n % 7}", "session_id": f"s{n % 13}"} for n in range(500)]
        + [{"event": "$identify", "user_id": "known-1", "anonymous_id": "a1"}]
    )
    server.collect([{"event": "page_view"}] * 3, headers={"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"})
    watched.page.reload()
    watched.loaded()
    assert [watched.total(name) - was for name, was in zip(names, before, strict=True)] == [500, 7, 91]
    watched.page.get_by_text("bots hidden: 3", exact=False).wait_for()
    assert watched.complaints == []


@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_picture_s_table_has_the_numbers_of_the_answer(demo: Demo, visit: Visit, kind: str) -> None:
    """Of days that are over, which nothing is added to any more."""
    watched = visit("about:blank")
    path = QUESTIONS[kind]
    address = f"{demo.url}{path}{'&' if '?' in path else '?'}range=yesterday"
    answer = answer_of(watched.page, kind, lambda: watched.page.goto(address))
    table = watched.page.get_by_role("region", name=re.compile("all numbers"))
    table.wait_for()
    shown = table.inner_text()
    wanted = {
        "trend": lambda: [answer["series"][0]["total"]],
        "funnel": lambda: [step["users"] for step in answer["steps"]],
        "retention": lambda: [cohort["size"] for cohort in answer["cohorts"]],
        "lifecycle": lambda: [answer["new"][-1], answer["returning"][-1]],
        "stickiness": lambda: [people for people in answer["exactly"].values() if people],
        "paths": lambda: [link["sessions"] for link in answer["links"][:5]],
        "components": lambda: [answer["rows"][0]["visits"], answer["rows"][0]["interactions"]],
        "dwell": lambda: [answer["rows"][0]["visits"], answer["rows"][0]["measured"]],
        "sessions": lambda: [answer["sessions"]],
    }[kind]()
    assert wanted
    for number in wanted:
        assert re.search(rf"(?<![\d,]){number:,}(?![\d,])", shown), (number, shown[:2000])


def test_a_number_opens_its_list_and_the_list_is_as_long(demo: Demo, visit: Visit) -> None:
    watched = visit(f"{demo.url}/funnels?range=yesterday")
    page = watched.loaded("Funnels").page
    number = page.get_by_label("Funnel", exact=False).get_by_role("button", name=re.compile(r"people \(100")).first
    shown = int(re.sub(r"\D", "", number.inner_text().split()[0]))
    number.click()
    total = page.get_by_test_id("list-total")
    expect(total).to_have_text(re.compile(rf"^{shown:,} (people|person)$"), timeout=20_000)
    assert "list=" in page.url, "the open list is in the address"
    page.keyboard.press("Escape")
    expect(total).to_have_count(0)
    page.go_back()
    expect(total).to_have_count(1)
    assert watched.complaints == []


# ── the address is the state ─────────────────────────────────────────────────────────────────────────────────


def test_the_address_is_the_state_and_back_is_undo(demo: Demo, visit: Visit) -> None:
    watched = visit(f"{demo.url}/trends?range=30d")
    page = watched.loaded("Trends").page
    page.get_by_role("combobox", name="Interval").click()
    page.get_by_role("option", name="by week").click()
    page.wait_for_url(re.compile("interval=week"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Range")).click()
    page.get_by_role("button", name=re.compile("^90D")).click()
    page.wait_for_url(re.compile("range=90d"))
    watched.loaded("Trends")
    told = page.get_by_test_id("sentence").inner_text()

    copied = visit(page.url).loaded("Trends").page
    expect(copied.get_by_test_id("sentence")).to_have_text(re.compile(re.escape(told.split(":")[0])))
    expect(copied.get_by_role("combobox", name="Interval")).to_have_value("by week")

    page.go_back()
    page.wait_for_url(lambda url: "range=90d" not in url and "interval=week" in url)
    page.go_back()
    page.wait_for_url(lambda url: "interval=week" not in url)


def test_an_address_that_makes_no_sense_opens_the_page_all_the_same(demo: Demo, visit: Visit) -> None:
    wrongs = ("range=never", "filters=oops", 'q={"series":5}', "kind=nothing", "list=[1]", "interval=2")
    for wrong in wrongs:
        watched = visit(f"{demo.url}/trends?{quote(wrong, safe='=')}").loaded("Trends")
        assert watched.complaints == [], wrong


def test_a_filter_travels_from_page_to_page(demo: Demo, visit: Visit) -> None:
    wanted = json.dumps([{"property": "device", "operator": "is", "values": ["mobile"]}])
    watched = visit(f"{demo.url}/trends?filters={quote(wanted)}")
    page = watched.loaded("Trends").page
    answer = answer_of(page, "sessions", lambda: page.get_by_role("link", name="Sessions").click())
    watched.loaded("Sessions")
    page.get_by_text("device is mobile").first.wait_for()
    asked = demo.insight("sessions", filters=json.loads(wanted), interval="day")
    assert answer["sessions"] <= asked["sessions"]
    assert answer["sessions"] > 0
    page.get_by_role("button", name="Remove device is mobile").click()
    page.wait_for_url(lambda url: "filters" not in url)


# ── manners ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_points_of_a_chart_are_walked_and_opened_by_keyboard(demo: Demo, visit: Visit) -> None:
    watched = visit(f"{demo.url}/trends?range=7d")
    page = watched.loaded("Trends").page
    chart = page.get_by_role("group", name=re.compile("Arrow keys walk"))
    chart.focus()
    page.keyboard.press("ArrowLeft")
    said = page.locator("[aria-live=polite]", has_text=re.compile("not complete"))
    said.first.wait_for(state="attached")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("list-total")).to_have_text(re.compile(r"^[\d,]+ events?$"), timeout=20_000)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("list-total")).to_have_count(0)


def test_a_question_that_fails_leaves_the_rest_of_the_page_and_can_be_asked_again(demo: Demo, visit: Visit) -> None:
    watched = visit("about:blank")
    page = watched.page

    def fail(route: Route) -> None:
        problem = {"type": "about:blank", "title": "Unavailable", "status": 503, "detail": "The engine is away."}
        route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem))

    page.route("**/api/insights/sessions*", fail)
    page.goto(demo.url)
    page.get_by_role("article", name="Bounce rate").get_by_text("Not known").wait_for(timeout=30_000)
    assert watched.total("Events") > 1000
    page.goto(f"{demo.url}/sessions")
    page.get_by_role("alert").get_by_text("The engine is away.").wait_for(timeout=30_000)
    page.unroute("**/api/insights/sessions*")
    page.get_by_role("button", name="Try again").click()
    page.get_by_test_id("sentence").wait_for()


def test_the_old_picture_stays_while_the_next_is_asked(demo: Demo, visit: Visit) -> None:
    watched = visit(f"{demo.url}/trends?range=7d")
    page = watched.loaded("Trends").page
    before = page.get_by_test_id("sentence").inner_text()
    held: list[Route] = []
    page.route("**/api/insights/trend*", lambda route: held.append(route))  # noqa: PLW0108 - no built-in
    page.get_by_role("button", name=re.compile("^Range")).click()
    page.get_by_role("button", name=re.compile("^90D")).click()
    page.wait_for_url(re.compile("range=90d"))
    expect(page.locator("[aria-busy=true]").first).to_be_attached()
    assert page.get_by_test_id("sentence").inner_text() == before, "the picture of before, while the next one is asked"
    for route in held:
        route.continue_()
    page.unroute("**/api/insights/trend*")
    watched.loaded("Trends")
    assert held, "the next question was asked"


def test_the_colours_that_were_chosen_are_there_before_anything_is_painted(demo: Demo, visit: Visit) -> None:
    watched = visit(demo.url, color_scheme="light")
    page = watched.loaded().page
    page.get_by_role("button", name="Colours").click()
    page.get_by_role("menuitem", name="Dark").click()
    seen: list[str] = []
    page.expose_function("seen", lambda scheme: seen.append(scheme))  # noqa: PLW0108 - no built-in
    page.add_init_script(
        "new MutationObserver(() => document.body && window.seen("
        "document.documentElement.getAttribute('data-mantine-color-scheme') ?? 'none')).observe("
        "document, { childList: true, subtree: true, attributes: true })"
    )
    page.reload()
    watched.loaded()
    assert set(seen) == {"dark"}


# ── who may see it ───────────────────────────────────────────────────────────────────────────────────────────

SIGN_IN = "You are not signed in"


def test_without_signing_in_there_is_a_page_that_says_how(server: Server, visit: Visit) -> None:
    for path in PAGES:
        assert server.anybody.get(path).status_code == 401
    watched = visit(server.url, viewport={"width": 360, "height": 740})
    assert watched.page.get_by_role("heading", level=1).inner_text() == SIGN_IN
    assert watched.page.get_by_role("article").count() == 0
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert watched.others == []


def test_a_sign_in_link_works_once_and_the_page_waits_for_the_first_event(tmp_path: Path, visit: Visit) -> None:
    with Server(tmp_path) as server:
        link = server.sign_in_link()
        first = visit(link)
        assert first.page.request.get(link).status == 200, "a program that previews it spends nothing"
        first.page.get_by_role("button", name="Sign in").click()
        first.page.get_by_text("Waiting for the first event").first.wait_for()
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


@pytest.mark.parametrize("path", ["/", "/live", "/trends", "/funnels", "/paths", "/components", "/people", "/events"])
def test_what_events_carry_is_text_and_nothing_more(server: Server, session: Any, visit: Visit, path: str) -> None:
    evil = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"
    event = {"page": evil, "user_id": evil, "component": evil, "action": evil, "properties": {"traits": {"name": evil}}}
    names = (evil, "page_view", "component_visit", "component_interaction", "$identify", "javascript:1")
    server.collect([{"event": name, **event} for name in names])
    watched = visit(f"{server.url}{path}", storage_state=session).loaded(PAGES[path])
    watched.page.get_by_text(evil).first.wait_for(state="attached")
    assert watched.page.evaluate("window.pwned") is None
    assert watched.page.locator("main img, main script").count() == 0
    assert watched.complaints == []
    assert watched.others == []


def test_the_headers_of_a_page_let_nothing_in(server: Server, session: Any, visit: Visit) -> None:
    watched = visit("about:blank", storage_state=session)
    answers = [watched.page.goto(f"{server.url}/trends") for _ in range(2)]
    policies = []
    for answer in answers:
        assert answer is not None
        headers = answer.headers
        policies.append(headers["content-security-policy"])
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert policies[0] != policies[1], "a new value each time"
    for policy in policies:
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
    for path in ("/signin", "/page.css", "/assets/scheme.js", "/assets/nothing.js", "/assets/..%2findex.html"):
        policy = server.anybody.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
