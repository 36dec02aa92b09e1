"""What `/footfall.js` knows by itself, what it is told, and what it never looks at."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.site import Site
from tests.browser.visitor import Visitor, flush, named
from tests.journey.server import WRITE_KEY, Server

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def visitor(new_visitor: Visit) -> Visitor:
    return new_visitor()


@pytest.fixture
def new_visitor(chromium: Browser, server: Server, site: Site) -> Iterator[Visit]:
    made: list[Visitor] = []

    def make(**settings: str) -> Visitor:
        made.append(Visitor(chromium, server, site, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_script_is_for_pages_of_all_origins_and_is_asked_for_again_only_when_it_changed(server: Server) -> None:
    answer = server.anybody.get("/footfall.js", headers={"origin": "https://shop.example"})
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age" in answer.headers["cache-control"]
    again = server.anybody.get("/footfall.js", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    sources = server.anybody.get(answer.headers["sourcemap"]).json()["sources"]
    assert any(source.endswith("client.ts") for source in sources)


def test_its_path_is_a_setting(new_server: Callable[..., Server]) -> None:
    server = new_server(FOOTFALL_SCRIPT_PATH="/assets/site.js").start()
    assert server.anybody.get("/assets/site.js").status_code == 200
    assert server.anybody.get("/footfall.js").status_code == 404


def test_the_example_page_works_as_it_stands(new_server: Callable[..., Server], site: Site, chromium: Browser) -> None:
    server = new_server(FOOTFALL_KEYLESS="1").start()
    example = (Path(__file__).parents[2] / "examples" / "page.html").read_text("utf-8")
    site.pages["/"] = example.replace("http://127.0.0.1:8400", server.url)
    page = chromium.new_context().new_page()
    page.goto(site.url)
    page.get_by_role("button", name="Get started").click()
    page.get_by_role("button", name="Subscribe").click()
    assert page.evaluate("footfall.flush()") is True
    assert {one["event"] for one in server.events()} == {"page_view", "cta_click", "component_interaction"}
    page.context.close()


def test_a_first_party_path_carries_all_of_it(server: Server, chromium: Browser) -> None:
    site = Site(behind=server.url, moved={"/s.js": "/footfall.js", "/s": "/api/events/collect"})
    visitor = Visitor(chromium, server, site)
    site.add("/", head=f'<script src="/s.js" data-key="{WRITE_KEY}" data-path="/s"></script>')
    page = visitor.open("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.evaluate("footfall.flush()")
    assert len(visitor.sent(2, "page_view")) == 2
    assert all(url.startswith(site.url) for url in asked)
    visitor.close()
    site.close()


# ── what it knows by itself ──────────────────────────────────────────────────────────────────────────────────


def test_an_event_carries_where_and_who(visitor: Visitor) -> None:
    visitor.page("/shoes", head='<meta name="app-version" content="4.2">', title="Shoes", attributes='data-pages="off"')
    page = visitor.open("/shoes?utm_source=news&token=secret#top")
    page.evaluate("footfall.track('search', {query: 'boots', results: 3, nested: {deep: [1, null]}})")
    flush(page)
    (event,) = visitor.sent(1)
    assert event["properties"] == {"query": "boots", "results": 3, "nested": {"deep": [1, None]}}
    assert event["url"] == visitor.site.url + "/shoes?utm_source=news"
    assert (event["page"], event["title"], event["utm_source"]) == ("/shoes", "Shoes", "news")
    assert (event["locale"], event["app_version"], event["screen"]) == ("en-GB", "4.2", "1280x720")
    assert (event["device"], event["browser"], event["bot"]) == ("desktop", "Chrome", False)
    assert (event["user_id"], event["seq"]) == (None, 1)
    assert all(UUID7.fullmatch(event[name]) for name in ("event_id", "anonymous_id", "session_id"))


def test_pages_share_a_visitor_and_a_session_and_number_their_events(visitor: Visitor) -> None:
    visitor.page("/a")
    visitor.page("/b")
    page = visitor.open("/a")
    page.evaluate("() => { location.href = '/b' }")
    page.wait_for_url("**/b")
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    events = visitor.sent(4)
    assert [(one["event"], one["page"], one["seq"]) for one in events] == [
        ("page_view", "/a", 1),
        ("page_leave", "/a", 2),
        ("page_view", "/b", 3),
        ("page_leave", "/b", 4),
    ]
    assert len({(one["anonymous_id"], one["session_id"]) for one in events}) == 1
    assert events[2]["referrer"] == visitor.site.url + "/a"


def test_half_an_hour_without_an_event_ends_a_session_and_not_a_millisecond_less(visitor: Visitor) -> None:
    visitor.page("/", attributes='data-pages="off"')
    page = visitor.context.new_page()
    page.route("**/api/events/collect", lambda route: route.abort())  # so that they stay to be seen
    page.clock.install(time="2026-03-02T10:00:00Z")
    page.goto(visitor.site.url)
    page.evaluate("footfall.track('first')")
    page.clock.set_fixed_time("2026-03-02T10:30:00.000Z")
    page.evaluate("footfall.track('same')")
    page.clock.set_fixed_time("2026-03-02T11:00:00.001Z")
    page.evaluate("footfall.track('next')")
    waiting = page.evaluate(
        "Object.entries(localStorage).filter(([name]) => /queue .*[0-9a-f]{12}$/.test(name))"
        ".map(([_, event]) => JSON.parse(event)).sort((a, b) => a.timestamp - b.timestamp)"
    )
    assert [(one["event"], one["seq"]) for one in waiting] == [("first", 1), ("same", 2), ("next", 1)]
    sessions = [one["session_id"] for one in waiting]
    assert sessions[0] == sessions[1] != sessions[2]


def test_a_single_page_application_is_as_many_pages_as_it_shows(visitor: Visitor) -> None:
    visitor.page("/", title="Home")
    page = visitor.open("/")
    page.evaluate("() => { history.pushState(null, '', '/cart'); document.title = 'Cart' }")
    page.wait_for_timeout(50)
    page.evaluate("history.replaceState(null, '', '/cart?tab=2')")
    page.evaluate("history.pushState(null, '', '/cart#delivery')")
    page.evaluate("history.pushState(null, '', '/pay')")
    page.wait_for_timeout(50)
    page.evaluate("history.go(-3)")
    page.wait_for_timeout(300)
    flush(page)
    views = visitor.sent(4, "page_view")
    assert [(one["page"], one["title"]) for one in views[:2]] == [("/", "Home"), ("/cart", "Cart")]
    assert [one["page"] for one in views] == ["/", "/cart", "/pay", "/"]
    assert views[1]["referrer"] == visitor.site.url + "/"
    leaves = visitor.sent(3, "page_leave")
    assert [(one["page"], one["title"]) for one in leaves[:2]] == [("/", "Home"), ("/cart", "Cart")]


def test_a_page_is_seen_once_with_two_copies_of_the_script(visitor: Visitor) -> None:
    visitor.page("/", head=visitor.script())
    page = visitor.open("/")
    page.evaluate("history.pushState(null, '', '/next')")
    page.wait_for_timeout(50)
    flush(page)
    assert [one["page"] for one in visitor.sent(2, "page_view")] == ["/", "/next"]


def test_a_page_from_the_back_forward_cache_is_seen_again(visitor: Visitor) -> None:
    visitor.page("/")
    page = visitor.open("/")
    page.goto(visitor.site.url + "/elsewhere")
    page.go_back()
    page.wait_for_timeout(300)
    flush(page)
    assert len(visitor.sent(2, "page_view")) == 2


def test_a_prerendered_page_is_seen_once_it_is_shown(visitor: Visitor) -> None:
    """Chromium prerenders nothing while it is driven, so the page is told that it is."""
    visitor.context.add_init_script(
        """Object.defineProperty(document, 'prerendering', {get: () => !window.shown});
        window.showIt = () => { window.shown = true; document.dispatchEvent(new Event('prerenderingchange')) };"""
    )
    visitor.page("/next")
    page = visitor.open("/next")
    page.evaluate("footfall.track('while nobody looks')")
    flush(page)
    assert named(visitor.sent(1)) == ["while nobody looks"]
    page.evaluate("showIt()")
    page.evaluate("showIt()")
    flush(page)
    assert [one["page"] for one in visitor.sent(1, "page_view")] == ["/next"]


def test_a_leave_tells_for_how_long_the_page_could_be_seen(visitor: Visitor) -> None:
    visitor.page("/")
    page = visitor.open("/")
    page.wait_for_timeout(400)
    hide(page)
    page.wait_for_timeout(1500)
    show(page)
    page.wait_for_timeout(200)
    lived = page.evaluate("performance.now()")
    page.goto(visitor.site.url + "/elsewhere")
    (leave,) = visitor.sent(1, "page_leave")
    assert 500 <= leave["properties"]["duration_ms"] <= lived - 1000


# ── what a page is told ──────────────────────────────────────────────────────────────────────────────────────


def test_calls_made_before_loading_are_kept(visitor: Visitor) -> None:
    stub = (
        "<script>window.footfall ??= new Proxy({q: []},"
        "{get: (t, n) => n === 'q' ? t.q : (...a) => void t.q.push([n, a])})"
        "; footfall.identify('u1'); footfall.track('early', {n: 1})</script>"
    )
    visitor.page("/", before=stub, attributes='data-pages="off"')
    page = visitor.open("/")
    flush(page)
    events = visitor.sent(2)
    assert named(events) == ["$identify", "early"]
    assert {one["user_id"] for one in events} == {"u1"}


def test_a_script_that_cannot_load_breaks_nothing(visitor: Visitor, site: Site) -> None:
    stub = "<script>window.footfall ??= new Proxy({}, {get: () => () => {}})</script>"
    site.add("/", head=stub + '<script src="http://127.0.0.1:9/footfall.js"></script>')
    page = visitor.open("/")
    page.evaluate("footfall.track('nowhere')")
    assert visitor.complaints == []


def test_its_global_can_have_another_name(visitor: Visitor) -> None:
    visitor.page("/", attributes='data-global="metrics"')
    page = visitor.open("/")
    assert page.evaluate("[typeof window.metrics.track, typeof window.footfall]") == ["function", "undefined"]


def test_who_signs_in_is_linked_and_who_signs_out_is_somebody_else(visitor: Visitor) -> None:
    visitor.page("/", attributes='data-pages="off"')
    page = visitor.open("/")
    page.evaluate(
        """() => {
          footfall.track('before');
          footfall.identify('u7', {name: 'Ada'});
          footfall.group('organization', 'acme');
          footfall.track('inside');
          footfall.reset();
          footfall.track('after');
        }"""
    )
    flush(page)
    events = {one["event"]: one for one in visitor.sent(5)}
    assert events["$identify"]["properties"] == {"traits": {"name": "Ada"}}
    assert (events["inside"]["user_id"], events["inside"]["groups"]) == ("u7", {"organization": "acme"})
    assert events["before"]["person_id"] == events["inside"]["person_id"] != events["after"]["person_id"]
    assert (events["after"]["user_id"], events["after"]["groups"]) == (None, {})


def test_the_page_can_say_who_is_signed_in(visitor: Visitor) -> None:
    visitor.page("/", before="<script>window.__USER_ID__ = 'u9'</script>")
    flush(visitor.open("/"))
    assert visitor.sent(1)[0]["user_id"] == "u9"


def test_a_click_on_what_an_attribute_names_is_an_event_and_leaves_the_rest_alone(visitor: Visitor) -> None:
    body = """
      <a id="go" href="/next" data-track="cta_click" data-track-props='{"position": "hero"}'><b>Get started</b></a>
      <button id="bad" data-track="bad_click" data-track-props="{position}">Bad</button>
      <form onsubmit="return false"><input name="card" value="4111 1111"><input type="password" value="hunter2">
        <textarea>my diary</textarea><button id="pay" data-track="pay_click">Pay</button></form>
      <button id="other">Other</button>"""
    visitor.page("/", body=body, attributes='data-pages="off"')
    page = visitor.open("/")
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text))
    for name in ("other", "bad", "pay"):
        page.click(f"#{name}")
    page.click("#go b")
    page.wait_for_url("**/next")
    events = visitor.sent(3)
    assert [(one["event"], one["properties"]) for one in events] == [
        ("bad_click", {}),
        ("pay_click", {}),
        ("cta_click", {"position": "hero"}),
    ]
    assert any("data-track-props is no JSON object" in text for text in warnings)
    assert not any(secret in str(events) for secret in ("4111", "hunter2", "diary"))


def test_visits_of_components_tell_for_how_long_they_could_be_seen(visitor: Visitor) -> None:
    visitor.page("/", attributes='data-pages="off"')
    page = visitor.open("/")
    page.evaluate("footfall.trackComponentVisit('Editor', 'e1')")
    page.evaluate("footfall.trackComponentVisit('Editor', 'e1')")
    page.wait_for_timeout(300)
    page.evaluate("footfall.trackInteraction('Editor', 'save')")
    page.evaluate("footfall.trackError('Editor', new Error('disk full'), {code: 28})")
    page.evaluate("footfall.trackComponentExit('Editor')")
    lived = page.evaluate("performance.now()")
    page.evaluate("footfall.trackComponentVisit('Preview')")
    page.goto(visitor.site.url + "/elsewhere")
    events = visitor.sent(6)
    assert [(one["event"], one["component"], one["action"]) for one in events] == [
        ("component_visit", "Editor", None),
        ("component_interaction", "Editor", "save"),
        ("component_error", "Editor", None),
        ("component_exit", "Editor", None),
        ("component_visit", "Preview", None),
        ("component_exit", "Preview", None),
    ]
    assert events[0]["component_hash"] == "e1"
    assert (events[2]["properties"]["error_message"], events[2]["properties"]["code"]) == ("disk full", 28)
    assert 250 <= events[3]["properties"]["duration_ms"] <= lived


def test_an_element_is_visited_while_half_of_it_is_in_sight(visitor: Visitor) -> None:
    body = '<div style="height: 2000px">Top</div><div id="reviews" style="height: 300px">Reviews</div>'
    visitor.page("/", body=body, attributes='data-pages="off"')
    page = visitor.open("/")
    page.evaluate("void (window.stop = footfall.observe(document.getElementById('reviews'), 'Reviews'))")
    page.wait_for_timeout(150)
    page.evaluate("scrollTo(0, 1e6)")
    page.wait_for_function("Object.keys(localStorage).some(name => name.startsWith('footfall.queue'))")
    page.wait_for_timeout(200)
    page.evaluate("scrollTo(0, 0)")
    visited, left = visitor.sent(2)
    assert (visited["event"], left["event"], left["component"]) == ("component_visit", "component_exit", "Reviews")
    assert left["properties"]["duration_ms"] >= 150


def test_scrolling_and_faults_are_told_where_the_tag_says_so(visitor: Visitor) -> None:
    visitor.page(
        "/", body='<div style="height: 4000px"></div>', attributes="data-pages=off data-scroll data-errors data-debug"
    )
    page = visitor.open("/")
    page.evaluate("scrollTo(0, 1500)")
    page.wait_for_timeout(150)
    page.evaluate("scrollTo(0, 1e6)")
    page.wait_for_timeout(150)
    page.evaluate("() => { for (let i = 0; i < 3; i++) setTimeout(() => { throw new TypeError('boom') }) }")
    page.evaluate("() => { Promise.reject(new Error('late')) }")
    page.wait_for_timeout(150)
    flush(page)
    scrolled = visitor.sent(4, "component_interaction")
    assert [one["action"] for one in scrolled] == ["scroll-25", "scroll-50", "scroll-75", "scroll-100"]
    faults = visitor.sent(2, "error")
    assert {(one["properties"]["type"], one["properties"]["error_message"]) for one in faults} == {
        ("uncaught", "boom"),
        ("rejection", "late"),
    }


def test_who_debugs_is_told_what_happens_and_nobody_else(visitor: Visitor) -> None:
    visitor.page("/loud", attributes="data-pages=off data-debug")
    visitor.page("/quiet", attributes="data-pages=off")
    told: dict[str, list[str]] = {"/loud": [], "/quiet": []}
    for path, lines in told.items():
        page = visitor.open(path)
        page.on("console", lambda message, lines=lines: lines.append(message.text))
        page.evaluate("footfall.track('search', {query: 'boots'})")
        page.evaluate("() => { const round = {}; round.self = round; footfall.track('endless', round) }")
        flush(page)
    assert told["/quiet"] == []
    said = [line for line in told["/loud"] if line.startswith("[footfall]")]
    assert any(line.startswith("[footfall] search {event: search") for line in said), "what is recorded"
    assert any(line.startswith("[footfall] endless TypeError") for line in said), "what cannot be"
    assert any(line.startswith("[footfall] sent 1 200") for line in said), "what became of it"


def test_without_asking_faults_and_scrolling_are_the_page_s_own_business(visitor: Visitor) -> None:
    visitor.page("/", body='<div style="height: 4000px"></div>')
    page = visitor.open("/")
    page.evaluate("() => { scrollTo(0, 1e6); setTimeout(() => { throw new TypeError('boom') }) }")
    page.wait_for_timeout(200)
    flush(page)
    assert named(visitor.sent(1)) == ["page_view"]


# ── consent ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_off_records_nothing_and_stores_nothing_until_the_visitor_agrees(visitor: Visitor) -> None:
    visitor.page("/", attributes="data-consent=off")
    page = visitor.open("/")
    page.evaluate("footfall.track('unheard')")
    assert visitor.stored(page) == {}
    page.evaluate("footfall.optIn()")
    page.evaluate("footfall.track('heard')")
    flush(page)
    assert named(visitor.sent(2)) == ["page_view", "heard"]
    page.reload()
    flush(page)
    assert len(visitor.sent(2, "page_view")) == 2, "the next page knows what was chosen"


def test_who_objects_is_forgotten_and_not_asked_again(visitor: Visitor) -> None:
    visitor.page("/")
    visitor.context.route("**/api/events/collect", lambda route: route.abort())
    page = visitor.open("/")
    page.evaluate("footfall.identify('u1')")
    assert any("queue" in name for name in visitor.stored(page))
    page.evaluate("footfall.optOut()")
    assert visitor.stored(page) == {"footfall.consent *": "off"}
    visitor.context.unroute("**/api/events/collect")
    page.reload()
    page.evaluate("footfall.track('unheard')")
    page.evaluate("footfall.flush()")
    assert visitor.sent(0) == []
    assert visitor.stored(page) == {"footfall.consent *": "off"}


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "no locks"])
def test_cookieless_stores_nothing_and_the_server_knows_a_visitor_of_the_day(visitor: Visitor, locks: bool) -> None:
    """Not even for a moment, such as a lease."""
    if not locks:
        visitor.context.add_init_script("Object.defineProperty(navigator, 'locks', {value: undefined})")
    wrote = "Storage.prototype.setItem = (...item) => { (window.wrote ??= []).push(item) }"
    visitor.context.add_init_script(wrote)
    visitor.page("/", attributes="data-consent=cookieless")
    page = visitor.open("/")
    page.evaluate("footfall.identify('u1')")
    page.evaluate("footfall.track('search')")
    flush(page)
    assert page.evaluate("window.wrote") is None
    assert page.evaluate("document.cookie") == ""
    page.reload()
    flush(page)
    events = visitor.sent(4)
    assert sorted(named(events)) == ["page_leave", "page_view", "page_view", "search"]
    assert len({one["anonymous_id"] for one in events}) == 1
    assert events[0]["anonymous_id"].startswith("daily-")
    assert {(one["user_id"], one["session_id"], one["seq"]) for one in events} == {(None, None, None)}


def test_a_mode_that_there_is_not_allows_nothing(visitor: Visitor) -> None:
    visitor.page("/", attributes="data-consent=functional")
    page = visitor.open("/")
    page.evaluate("footfall.flush()")
    assert page.evaluate("footfall.consentOf()") == "off"
    assert visitor.sent(0) == []


def test_consent_is_given_by_purpose(visitor: Visitor) -> None:
    visitor.page("/", attributes="data-consent=off data-errors")
    page = visitor.open("/")
    page.evaluate("footfall.optIn('errors')")
    page.evaluate("() => { footfall.track('unheard'); setTimeout(() => { throw new Error('boom') }) }")
    page.wait_for_timeout(100)
    flush(page)
    assert named(visitor.sent(1)) == ["error"]


@pytest.mark.parametrize(
    ("signal", "attributes", "heard"),
    [
        ("globalPrivacyControl", "", 0),
        ("globalPrivacyControl", "data-gpc=off", 1),
        ("doNotTrack", "", 1),
        ("doNotTrack", "data-dnt", 0),
        ("doNotTrack", "data-cnil", 0),
    ],
)
def test_signals_of_the_browser_are_a_refusal_until_the_visitor_agrees(
    visitor: Visitor, signal: str, attributes: str, heard: int
) -> None:
    value = {"globalPrivacyControl": "true", "doNotTrack": "'1'"}[signal]
    visitor.context.add_init_script(f"Object.defineProperty(navigator, '{signal}', {{value: {value}}})")
    visitor.page("/", attributes=attributes)
    page = visitor.open("/")
    page.evaluate("footfall.flush()")
    assert len(visitor.sent(heard)) == heard
    page.evaluate("footfall.optIn()")
    flush(page)
    visitor.sent(1, "page_view")


def test_the_french_preset_names_nobody_and_gives_a_new_id_after_13_months(visitor: Visitor) -> None:
    visitor.page("/", attributes="data-cnil", before="<script>window.__USER_ID__ = 'u9'</script>")
    old = "01890000-0000-7000-8000-000000000000"  # of June 2023
    visitor.context.add_init_script(f"localStorage['footfall.id'] ??= '{old}'")
    page = visitor.open("/")
    page.evaluate("footfall.identify('u9')")
    flush(page)
    (view,) = visitor.sent(1)
    assert view["user_id"] is None
    assert view["anonymous_id"] != old


# ── what these tests share ───────────────────────────────────────────────────────────────────────────────────

TURN = """(state) => {
  Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
  Object.defineProperty(document, 'hidden', {value: state === 'hidden', configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def hide(page: Page) -> None:
    page.evaluate(TURN, "hidden")


def show(page: Page) -> None:
    page.evaluate(TURN, "visible")
