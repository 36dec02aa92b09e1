"""The four designs that Footfall comes from: what their pages show runs as it is shown there, and is read back."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.site import Site
from tests.journey.server import Server

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
NEWEST = "pages"
both_reacts = pytest.mark.parametrize("open_page", [NEWEST, "react-18"], ids=["react-19", "react-18"], indirect=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes what comes without a key, as the clients of the seeds send it."""
    with Server(tmp_path_factory.mktemp("keyless"), FOOTFALL_KEYLESS="1") as opened:
        yield opened


@pytest.fixture
def site(server: Server) -> Iterator[Site]:
    """A site with the server behind its own `/api/`: the seeds' clients know no other address."""
    opened = Site(behind=server.url)
    yield opened
    opened.close()


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, chromium: Browser, site: Site, built: Callable[[str], Path]
) -> Iterator[Open]:
    """Opens the application of a seed; whatever it complains of fails the test."""
    folder = built(getattr(request, "param", NEWEST))
    context = chromium.new_context()
    complaints: list[str] = []

    def open_(name: str, query: str = "", head: str = "") -> Page:
        site.pages[f"/{name}.js"] = (folder / f"{name}.js").read_text("utf-8")
        body = f'<div id="root"></div><script src="/{name}.js"></script>'
        site.add(f"/{name}", body, head=head, title=name.upper())
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{site.url}/{name}{query}")
        return page

    yield open_
    context.close()
    assert complaints == []


@pytest.fixture
def sent(server: Server, site: Site) -> Callable[..., list[dict[str, Any]]]:
    """Waits for what comes from this test's site: `sent(page, count, *names)`, in the order in which it happened."""
    mine = json.dumps([{"property": "url", "operator": "starts_with", "values": [site.url]}])
    begun = datetime.now(UTC)  # a site before this one may have had the same port

    def wait(page: Page, count: int, *names: str) -> list[dict[str, Any]]:
        for _ in range(150):
            found = [
                one
                for one in server.events(filters=mine)
                if datetime.fromisoformat(one["timestamp"]) >= begun and (not names or one["event"] in names)
            ]
            if len(found) >= count:
                break
            page.wait_for_timeout(100)
        found.sort(key=lambda one: (one["timestamp"], one["seq"] or 0))
        assert len(found) == count, [(one["event"], one["properties"]) for one in found]
        return found

    return wait


# ── S0: interactions with components, and their statistics ───────────────────────────────────────────────────


@both_reacts
def test_s0_counts_at_once_and_shows_the_server_s_statistics_after_each_send(
    server: Server, open_page: Open, sent: Callable[..., Any]
) -> None:
    before = server.ask("/api/tracking/stats")["totalInteracciones"]
    page = open_page("s0")
    expect(page.locator("#session")).to_have_text("1")  # the hero was seen
    page.get_by_role("button", name="Download").click()
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Download").click()
    page.evaluate("document.getElementById('video').dispatchEvent(new Event('play'))")
    expect(page.locator("#session")).to_have_text("5")
    expect(page.locator("h2")).to_have_text(f"Total Interactions: {before + 5}")
    events = sent(page, 5)
    assert [(one["component"], one["action"], one["user_type"], one["user_id"]) for one in events] == [
        ("Hero", "view", "anonymous", None),
        ("DownloadButton", "click", "anonymous", None),
        ("ContactForm", "submit", "anonymous", None),
        ("DownloadButton", "click", "registered", "ada"),
        ("VideoPlayer", "play", "registered", "ada"),
    ]
    expect(page.get_by_text("DownloadButton: ").first).to_be_visible()
    expect(page.get_by_text("registered: ").first).to_be_visible()
    newest = server.ask("/api/tracking", page=1, limit=5)["data"]
    assert newest[0]["nombre_componente"] == "VideoPlayer"


S0_PATTERNS = [
    ("ProductCard", "view"),
    ("ProductCard", "add-to-cart"),
    ("Checkout", "initiate"),
    ("Checkout", "complete"),
    ("Article", "view"),
    ("Article", "scroll-50"),
    ("Article", "scroll-100"),
    ("ShareButton", "click"),
    ("MainNav", "menu-open"),
    ("MainNav", "products-click"),
    ("SearchBar", "search"),
    ("Footer", "newsletter-signup"),
]


@both_reacts
def test_s0_s_setup_needs_no_props_and_finds_out_who_is_signed_in(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s0", "?setup")
    expect(page.locator("#session")).to_have_text("0")
    page.get_by_role("button", name="Click me").click()
    page.evaluate("window.__USER_ID__ = 'grace'")
    page.get_by_role("button", name="All patterns").click()
    expect(page.locator("#session")).to_have_text("13")
    first, *others = sent(page, 13)
    assert (first["component"], first["action"], first["user_type"], first["user_id"]) == (
        ("MyButton", "click", "anonymous", None)
    )
    assert [(one["component"], one["action"]) for one in others] == S0_PATTERNS
    assert {(one["user_type"], one["user_id"]) for one in others} == {("registered", "grace")}


def test_s0_s_player_tells_of_playing_pausing_and_the_end(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s0", "?strict")
    expect(page.locator("#session")).to_have_text("2")  # StrictMode runs the page's own effect twice, as it must
    for name in ("play", "pause", "ended"):
        page.evaluate(f"document.getElementById('video').dispatchEvent(new Event('{name}'))")
    expect(page.locator("#session")).to_have_text("5")
    events = [one for one in sent(page, 5) if one["component"] == "VideoPlayer"]
    assert [one["action"] for one in events] == ["play", "pause", "complete"]


def test_s0_s_dashboard_says_that_it_loads_and_that_it_asks_again(open_page: Open) -> None:
    page = open_page("s0", "?setup")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    expect(page.locator("#session")).to_have_text("0")
    page.route("**/api/tracking/stats", hold)
    page.get_by_role("button", name="Click me").click()
    expect(page.locator("#dashboard")).to_have_attribute("data-refetching", "true")
    while not held:
        page.wait_for_timeout(50)
    held.pop().continue_()
    expect(page.locator("#dashboard")).to_have_attribute("data-refetching", "false")
    page.reload(wait_until="commit")
    expect(page.get_by_text("Loading analytics...")).to_be_visible()
    while not held:
        page.wait_for_timeout(50)
    held.pop().continue_()
    expect(page.locator("#session")).to_have_text("0")


def test_s0_asks_for_statistics_again_when_the_window_gets_the_focus(open_page: Open) -> None:
    page = open_page("s0")
    expect(page.locator("#session")).to_have_text("1")
    page.wait_for_timeout(3200)  # nothing else asks for them by now, and soon they are stale
    with page.expect_response("**/api/tracking/stats"):
        page.evaluate("void setInterval(() => dispatchEvent(new Event('visibilitychange')), 300)")


def test_s0_goes_on_when_nothing_can_be_sent(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s0")
    expect(page.locator("#session")).to_have_text("1")
    sent(page, 1)
    logged: list[str] = []
    page.on("console", lambda message: logged.append(message.text))
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_role("button", name="Download").click()
    while not any("waits to be sent again" in text for text in logged):
        page.wait_for_timeout(50)
    expect(page.locator("#session")).to_have_text("2")
    page.unroute("**/api/**")
    sent(page, 2)


# ── S1: events of any name, hooks, and attributes ────────────────────────────────────────────────────────────

TAXONOMY = {
    "page_view": {"page_name": "home"},
    "button_click": {"button_id": "checkout", "position": "header"},
    "form_submit": {"form_name": "signup", "success": True},
    "search": {"query": "react hooks", "results_count": 42},
    "add_to_cart": {"product_id": "sku-123", "quantity": 1, "price": 29.99},
    "purchase": {"order_id": "ord-456", "total": 59.98, "items_count": 2},
    "subscription_start": {"plan": "pro", "billing": "annual"},
    "feature_used": {"feature": "dark_mode", "action": "enable"},
    "experiment_exposure": {"experiment": "new_checkout", "variant": "B"},
    "error": {"type": "api_failure", "endpoint": "/api/cart", "status": 500},
}


def test_s1_s_tracker_sends_its_taxonomy_with_context(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s1")
    sent(page, 1)
    page.evaluate("everything()")
    page.evaluate("tracker.destroy()")
    events = sent(page, 11)[1:]
    assert {one["event"]: one["properties"] for one in events} == TAXONOMY
    assert {(one["page"], one["device"], one["user_id"]) for one in events} == {("/s1", "desktop", None)}
    assert len({one["session_id"] for one in events}) == 1


def test_s1_s_events_carry_user_version_and_device(open_page: Open, site: Site, sent: Callable[..., Any]) -> None:
    page = open_page("s1", head='<meta name="app-version" content="4.2.0"><script>window.__USER_ID__ = "ada"</script>')
    (view,) = sent(page, 1)
    assert (view["user_id"], view["app_version"], view["device"]) == ("ada", "4.2.0", "desktop")
    page.evaluate("tracker.track('before_hiding')")
    page.evaluate(
        """() => {
          Object.defineProperty(document, 'visibilityState', {value: 'hidden'});
          Object.defineProperty(document, 'hidden', {value: true});
          document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )
    assert sent(page, 1, "before_hiding")[0]["page"] == "/s1"


def test_s1_s_tracker_can_be_made_for_any_endpoint(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s1")
    sent(page, 1)
    page.evaluate(
        """() => {
          window.mine = new EventTracker('/api/events/collect', 60000, 3);
          for (const n of [1, 2, 3]) mine.track('full_batch', {n});
        }"""
    )
    sent(page, 3, "full_batch")
    page.evaluate("() => { mine.track('last_words'); mine.destroy(); mine.track('unheard') }")
    assert len(sent(page, 5)) == 5


@both_reacts
def test_s1_s_hooks_count_a_page_once_also_in_strict_mode_and_clicks_by_attribute(
    open_page: Open, sent: Callable[..., Any]
) -> None:
    page = open_page("s1")
    page.get_by_text("Boot").click()
    page.get_by_role("button", name="Get Started").click()
    view, product, call = sent(page, 3)
    assert (view["event"], view["properties"]) == ("page_view", {"page_name": "home"})
    assert product["properties"] == {
        "product_id": "sku-1",
        "product_name": "Boot",
        "category": "shoes",
        "price": 129.9,
    }
    assert (call["event"], call["properties"]) == ("cta_click", {"position": "hero", "variant": "primary"})


@both_reacts
def test_s1_s_hooks_need_no_provider(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s1", "?alone")
    page.get_by_text("Boot").click()
    page.reload()  # before anybody could know that nobody begins
    view, product, again = sent(page, 3)
    assert (view["event"], view["properties"]) == ("page_view", {"page_name": "home"})
    assert (product["event"], product["properties"]["product_id"]) == ("product_click", "sku-1")
    assert (again["event"], again["session_id"]) == ("page_view", view["session_id"])
    page.get_by_text("Boot").click()
    sent(page, 4)
    page.evaluate(
        "void init({pages: false, use: [({before}) => { before.push(event => ({...event, title: 'Begun'})) }]})"
    )
    page.get_by_text("Boot").click()
    assert [one["title"] for one in sent(page, 5)][3:] == ["S1", "Begun"], "who begins late takes over"


@both_reacts
def test_s1_s_hooks_take_over_what_a_server_has_rendered(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s1", "?hydrated")
    sent(page, 1)  # until then, what the server has rendered is a picture, and a click is nobody's
    page.get_by_text("Boot").click()
    assert [one["event"] for one in sent(page, 2)] == ["page_view", "product_click"]


def test_s1_s_charts_read_their_numbers(server: Server, open_page: Open) -> None:
    mark = uuid4().hex[:8]
    for user in range(4):
        server.collect(
            [
                {"event": name, "user_id": f"{mark}-{user}", "session_id": f"{mark}-{user}"}
                for name in (f"seen_{mark}", "product_click", f"bought_{mark}")[: 3 if user == 0 else 1 + user % 2]
            ]
        )
    server.settled()
    page = open_page("s1", f"?charts={mark}")
    expect(page.locator("#funnel")).to_contain_text(f"1. seen_{mark} 4 users (100.0%)")
    expect(page.locator("#funnel")).to_contain_text("2. product_click 3 users (75.0%)↓ 25.0% drop-off")
    expect(page.locator("#funnel")).to_contain_text(f"3. bought_{mark} 1 users (25.0%)↓ 66.7% drop-off")
    for label, value in (("24H", "24h"), ("90D", "90d"), ("7D", "7d")):
        page.get_by_role("button", name=label).click()
        expect(page.locator(f"#trend[data-range='{value}'] li").last).to_have_text("4 / 4")


# ── S2: pages, sections, actions ─────────────────────────────────────────────────────────────────────────────


@both_reacts
def test_s2_s_pages_are_seen_once_and_sections_ride_on_what_happens_in_them(
    open_page: Open, sent: Callable[..., Any]
) -> None:
    page = open_page("s2", "#/welcome")
    for name in ("in-content", "in-footer", "outside"):
        page.click(f"#{name}")
    page.click("#settings")
    page.locator("#panel").wait_for()
    events = sent(page, 7)
    views = [one["properties"] for one in events if one["event"] == "page_view"]
    assert views == [
        {"name": "welcome"},
        {"name": "organization_settings", "type": "modal", "category": "settings"},
    ]
    clicks = [one["section"] for one in events if one["event"] == "run_query_button.click"]
    assert clicks == ["page_content", "page_footer", None]
    visits = [(one["event"], one["component"]) for one in events if one["component"]]
    assert visits == [("component_visit", "Chart"), ("component_exit", "Chart")]


# ── S3: visits of components, by hand and from Redux, to us or to Loki ───────────────────────────────────────

WALK = """() => {
  store.dispatch({type: 'clm/setActiveComponent', payload: 'pkc-viewer'});
  store.dispatch({type: 'clm/componentLoaded', payload: {hash: 'pkc-viewer', loadTime: 120}});
  store.dispatch({type: 'clm/setActiveComponent', payload: 'graph-editor'});
  store.dispatch({type: 'clm/componentFailed', payload: {hash: 'graph-editor', error: 'no such node'}});
}"""
WALKED = [
    ("component_visit", "PKC Viewer", "pkc-viewer", None),
    ("component_interaction", "PKC Viewer", "pkc-viewer", "component_loaded"),
    ("component_exit", "PKC Viewer", "pkc-viewer", None),
    ("component_visit", "Graph Editor", "graph-editor", None),
    ("component_error", "Graph Editor", "graph-editor", None),
]


@pytest.mark.parametrize("query", ["", "?ours"], ids=["CLMAnalytics", "footfallMiddleware"])
def test_s3_s_components_are_followed_through_redux(open_page: Open, sent: Callable[..., Any], query: str) -> None:
    page = open_page("s3", query)
    page.evaluate(WALK)
    events = sent(page, 5)
    assert [(one["event"], one["component"], one["component_hash"], one["action"]) for one in events] == WALKED
    assert events[1]["properties"]["load_time_ms"] == 120
    assert events[2]["properties"]["duration_ms"] >= 0
    assert events[4]["properties"]["error_message"] == "no such node"
    assert {one["user_type"] for one in events} == {"anonymous"}


def test_s3_s_visitor_keeps_an_id_and_their_refusal_counts(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s3")
    page.evaluate(WALK)
    made = page.evaluate("localStorage.getItem('clm_user_id')")
    assert {one["anonymous_id"] for one in sent(page, 5)} == {made}
    page.evaluate("localStorage.setItem('analytics_consent', 'false')")
    page.evaluate(WALK)
    page.evaluate("analytics.flush()")
    assert len(sent(page, 5)) == 5


def test_s3_s_console_says_what_was_tracked_and_flushed(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s3")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(WALK)
    sent(page, 5)
    page.wait_for_function("!Object.keys(localStorage).some(name => name.startsWith('footfall.queue '))")
    tracked = [line.split()[1] for line in said if line.startswith("[Analytics] component_")]
    assert tracked == [event for event, *_ in WALKED]
    assert any("component_hash: pkc-viewer" in line for line in said)
    flushed = [line.split()[2] for line in said if line.startswith("[Analytics] Flushed ")]
    assert sum(map(int, flushed)) == 5


def test_s3_s_question_for_consent_keeps_what_nobody_agreed_to(open_page: Open, sent: Callable[..., Any]) -> None:
    page = open_page("s3")
    page.evaluate("visitWithConsent('pkc-viewer', 'PKC Viewer')")
    page.evaluate("localStorage.setItem('analytics_consent', 'true')")
    page.evaluate("visitWithConsent('graph-editor', 'Graph Editor')")
    page.evaluate("analytics.flush()")
    assert [one["component"] for one in sent(page, 1)] == ["Graph Editor"]


def test_s3_s_page_without_a_build_has_its_class_from_our_file(
    server: Server, site: Site, chromium: Browser, sent: Callable[..., Any]
) -> None:
    walk = """
      const analytics = new CLMAnalytics({lokiUrl: '/api/events/collect', flushInterval: 5000});
      analytics.trackComponentVisit('pkc-viewer', 'PKC Viewer');
      analytics.trackInteraction('pkc-viewer', 'component_loaded', {load_time_ms: 12});
      analytics.trackError('pkc-viewer', new Error('no such node'), {node: 7});
    """
    site.add("/", f"<script>{walk}</script>", head=f'<script src="{server.url}/footfall.js" data-init="off"></script>')
    page = chromium.new_context().new_page()
    page.goto(site.url)
    page.evaluate("void (location.href = '/next')")
    page.wait_for_url("**/next")
    events = sent(page, 4)
    assert [one["event"] for one in events] == [
        "component_visit",
        "component_interaction",
        "component_error",
        "component_exit",
    ]
    assert {(one["component"], one["component_hash"]) for one in events} == {("PKC Viewer", "pkc-viewer")}
    assert (events[2]["properties"]["error_message"], events[2]["properties"]["node"]) == ("no such node", 7)
    page.context.close()


def test_s3_s_analytics_against_loki_speak_its_protocol_with_few_labels(site: Site, open_page: Open) -> None:
    page = open_page("s3", "?loki=/loki/api/v1/push")
    page.evaluate(WALK)
    while sum(len(stream["values"]) for _, body in site.pushed for stream in json.loads(body)["streams"]) < 5:
        page.wait_for_timeout(100)
    headers, _ = site.pushed[0]
    assert headers["authorization"] == "Basic MTIzNDU2OnNlY3JldA=="
    assert headers["content-type"] == "application/json"
    streams = [stream for _, body in site.pushed for stream in json.loads(body)["streams"]]
    assert {name for stream in streams for name in stream["stream"]} == {"job", "event"}
    nanoseconds, line, metadata = streams[0]["values"][0]
    assert len(nanoseconds) == 19
    assert json.loads(line)["event"] == streams[0]["stream"]["event"]
    assert {"anonymous_id", "session_id"} <= set(metadata)
