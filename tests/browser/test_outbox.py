"""What a page tracks arrives, once: while it goes away, while the server is away, and from two tabs at once.

Pages and server have origins of their own, as they mostly do.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Response, Route

from tests.browser.site import Site
from tests.journey.server import WRITE_KEY, Server, unique

pytestmark = pytest.mark.browser


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """A page of the site in the one browser profile of the test, once the script has begun."""
    context = chromium.new_context()

    def open_(path: str = "/shop") -> Page:
        page = context.new_page()
        page.goto(site.url + path)
        page.wait_for_function("!!window.footfall")
        return page

    yield open_
    context.close()


@pytest.fixture
def shop(site: Site, server: Server) -> str:
    """A page with the script and nothing by itself, so that a test knows each event."""
    script = f'<script src="{server.url}/footfall.js" data-key="{WRITE_KEY}" data-pages="off"></script>'
    none = "<script>Object.defineProperty(navigator, 'locks', {value: undefined})</script>"
    site.add("/unlocked", head=none + script)
    full = "<script>Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }</script>"
    site.add("/full", head=full + script)
    return site.add("/shop", head=script)


def arrive(
    server: Server, event: str, count: int, seconds: float = 20, page: Page | None = None
) -> list[dict[str, Any]]:
    """The events of a name once there are `count`; never more, and each from one `track`.

    `page` is one whose requests the test answers, which it can do only while it waits with the page.
    """
    give_up = time.monotonic() + seconds
    while len(found := server.events(event=event)) < count and time.monotonic() < give_up:
        page.wait_for_timeout(100) if page else time.sleep(0.1)
    assert sorted(one["properties"]["n"] for one in found) == list(range(count))
    return found


def test_an_event_in_the_task_that_navigates_arrives(
    server: Server, shop: str, site: Site, open_page: Callable[..., Page]
) -> None:
    event = unique("bought")
    page = open_page()
    page.evaluate(f"() => {{ footfall.track('{event}', {{n: 0}}); location.href = '{site.url}/elsewhere' }}")
    page.wait_for_url("**/elsewhere")
    arrive(server, event, 1)


def test_an_event_before_the_tab_is_closed_arrives(server: Server, shop: str, open_page: Callable[..., Page]) -> None:
    event = unique("closed")
    page = open_page()
    page.evaluate(f"footfall.track('{event}', {{n: 0}})")
    page.close(run_before_unload=True)
    arrive(server, event, 1)


def test_a_burst_at_navigation_arrives_from_this_page_and_the_next(
    server: Server, shop: str, site: Site, open_page: Callable[..., Page]
) -> None:
    event = unique("burst")
    page = open_page()
    page.evaluate(
        f"""() => {{
          for (let n = 0; n < 150; n++) footfall.track('{event}', {{n, text: 'x'.repeat(1024)}});
          location.href = '{site.url}/shop?next';
        }}"""
    )
    page.wait_for_url("**/shop?next")
    arrive(server, event, 150)
    wait_until_empty(page)


def test_events_during_an_outage_wait_for_its_end(server: Server, shop: str, open_page: Callable[..., Page]) -> None:
    event = unique("outage")
    page = open_page()
    assert server.stop() == 0
    page.evaluate(f"() => {{ for (let n = 0; n < 5; n++) footfall.track('{event}', {{n}}) }}")
    page.wait_for_timeout(2500)
    assert len(waiting(page)) == 5
    server.start()
    arrive(server, event, 5, seconds=30)
    wait_until_empty(page)


def test_events_of_an_outage_outlive_their_page(server: Server, shop: str, open_page: Callable[..., Page]) -> None:
    event = unique("outlive")
    page = open_page()
    assert server.stop() == 0
    page.evaluate(f"() => {{ for (let n = 0; n < 5; n++) footfall.track('{event}', {{n}}) }}")
    page.close()
    server.start()
    wait_until_empty(open_page())
    arrive(server, event, 5)


def test_events_while_the_server_says_503_are_sent_again_when_it_says_so(
    server: Server, shop: str, open_page: Callable[..., Page]
) -> None:
    event = unique("busy")
    page = open_page()
    tried: list[float] = []

    def busy(route: Route) -> None:
        tried.append(time.monotonic())
        if len(tried) > 2:
            route.continue_()
            return
        headers = {"retry-after": "2", "access-control-allow-origin": "*", "access-control-expose-headers": "*"}
        route.fulfill(status=503, headers=headers)

    page.route("**/api/events/collect", busy)
    page.evaluate(f"() => {{ for (let n = 0; n < 5; n++) footfall.track('{event}', {{n}}) }}")
    arrive(server, event, 5, page=page)
    waits = [after - before for before, after in pairwise(tried)]
    assert min(waits) >= 1.9, "Retry-After is the least"


def test_an_answer_that_is_lost_on_its_way_costs_a_request_and_no_number(
    server: Server, shop: str, open_page: Callable[..., Page]
) -> None:
    event = unique("unheard")
    page = open_page()
    heard: list[int] = []

    def cut_off(route: Route) -> None:
        if heard:
            route.continue_()
            return
        heard.append(route.fetch().status)  # the server has it on disk, and the page never learns of it
        route.abort()

    page.route("**/api/events/collect", cut_off)
    before = server.settled()["duplicates"]
    page.evaluate(f"() => {{ for (let n = 0; n < 5; n++) footfall.track('{event}', {{n}}) }}")
    wait_until_empty(page)
    assert heard == [204]
    assert server.settled()["duplicates"] == before + 5
    arrive(server, event, 5)


def test_a_page_behind_a_redirect_acknowledges_nothing(server: Server, chromium: Browser) -> None:
    """Such as a sign-in in front of a first-party path, which answers anything with 200."""
    event = unique("redirected")
    own = Site(behind=server.url, moved={"/s": "/api/events/collect"})
    script = f'<script src="{server.url}/footfall.js" data-key="{WRITE_KEY}" data-pages="off"'
    own.add("/", head=f'{script} data-url="{own.url}" data-path="/s"></script>')
    own.redirects["/s"] = "/signin"
    page = chromium.new_context().new_page()
    page.goto(own.url)
    page.evaluate(f"footfall.track('{event}', {{n: 0}})")
    with page.expect_response("**/signin") as answer:
        assert page.evaluate("footfall.flush()") is False
    assert answer.value.status == 200
    assert len(waiting(page)) == 1
    own.redirects.clear()
    arrive(server, event, 1)
    page.context.close()
    own.close()


def test_a_tab_that_crashes_loses_nothing(server: Server, shop: str, open_page: Callable[..., Page]) -> None:
    event = unique("crashed")
    page = open_page()
    page.route("**/api/events/collect", lambda route: route.abort())
    page.evaluate(f"() => {{ for (let n = 0; n < 150; n++) footfall.track('{event}', {{n}}) }}")
    with page.expect_event("crash"), contextlib.suppress(Error):  # nobody is left to answer
        page.goto("chrome://crash")
    page.close()
    wait_until_empty(open_page())
    arrive(server, event, 150)


def test_so_many_events_go_at_once_without_waiting_for_the_time(
    server: Server, shop: str, site: Site, open_page: Callable[..., Page]
) -> None:
    event = unique("batch")
    script = f'<script src="{server.url}/footfall.js" data-key="{WRITE_KEY}" data-pages="off"'
    site.add("/slow", head=f'{script} data-flush-interval="3600000" data-batch-size="5"></script>')
    page = open_page("/slow")
    assert page.evaluate("footfall.flush()") is True  # whatever the beginning sends is sent
    page.evaluate(f"() => {{ for (let n = 0; n < 4; n++) footfall.track('{event}', {{n}}) }}")
    assert len(waiting(page)) == 4
    page.evaluate(f"footfall.track('{event}', {{n: 4}})")
    arrive(server, event, 5)
    page.evaluate(f"() => {{ for (let n = 5; n < 10; n++) footfall.track('{event}', {{n}}) }}")
    arrive(server, event, 10)


def test_a_large_event_does_not_hold_up_the_others_of_a_page_that_goes(
    server: Server, site: Site, shop: str, open_page: Callable[..., Page]
) -> None:
    """Without storage there is no next page that could send them."""
    event = unique("heavy")
    script = f'<script src="{server.url}/footfall.js" data-key="{WRITE_KEY}" data-pages="off" data-consent="cookieless"'
    site.add("/cookieless", head=f"{script}></script>")
    page = open_page("/cookieless")
    page.evaluate(
        f"""() => {{
          footfall.track('{event}', {{n: -1, text: 'x'.repeat(100000)}}); // more than leaves with a page
          for (const [n, size] of [20000, 10, 10].entries()) footfall.track('{event}', {{n, text: 'x'.repeat(size)}});
          location.href = '{site.url}/elsewhere';
        }}"""
    )
    page.wait_for_url("**/elsewhere")
    arrive(server, event, 3)


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "a lease"])
def test_two_tabs_at_once_send_each_event_once(
    server: Server, shop: str, open_page: Callable[..., Page], locks: bool
) -> None:
    event = unique("tabs")
    tabs = [open_page("/shop" if locks else "/unlocked")]
    tabs[0].evaluate("footfall.track('so that there is a visitor')")
    tabs.append(open_page("/shop" if locks else "/unlocked"))
    for start, tab in enumerate(tabs):
        tab.evaluate(
            f"""() => {{
              let n = {start};
              const timer = setInterval(() => {{
                for (let i = 0; i < 10; i++, n += 2) footfall.track('{event}', {{n}});
                if (n >= 200) clearInterval(timer);
              }}, 20);
            }}"""
        )
    found = arrive(server, event, 200)
    for tab in tabs:
        wait_until_empty(tab)
    assert len({one["anonymous_id"] for one in found}) == 1
    assert len({one["session_id"] for one in found}) == 1


@pytest.mark.parametrize("path", ["/shop", "/unlocked"], ids=["locks", "a lease"])
def test_while_one_tab_sends_the_other_one_waits(
    server: Server, shop: str, open_page: Callable[..., Page], path: str
) -> None:
    event = unique("turns")
    first, second = open_page(path), open_page(path)
    held: list[Route] = []
    tried: list[str] = []

    def hold(route: Route) -> None:
        if tried:
            route.continue_()
        else:
            held.append(route)

    for tab in (first, second):
        assert tab.evaluate("footfall.flush()") is True  # what the beginning sends is sent
    first.route("**/api/events/collect", hold)
    second.on("request", lambda request: tried.append(request.url))
    first.evaluate(f"() => {{ footfall.track('{event}', {{n: 0}}); void footfall.flush() }}")
    while not held:
        first.wait_for_timeout(50)
    second.evaluate(f"() => {{ footfall.track('{event}', {{n: 1}}); void footfall.flush() }}")
    second.wait_for_timeout(700)
    assert tried == []
    tried.append("from here on, nobody is held up")
    held.pop().continue_()
    arrive(server, event, 2, page=second)


def test_where_storage_is_refused_memory_will_do(server: Server, shop: str, open_page: Callable[..., Page]) -> None:
    event = unique("refused")
    page = open_page("/full")
    page.evaluate(f"() => {{ for (let n = 0; n < 5; n++) footfall.track('{event}', {{n}}) }}")
    assert waiting(page) == []
    page.close(run_before_unload=True)
    arrive(server, event, 5)


def test_a_frame_without_storage_and_locks_sends_all_the_same(
    server: Server, site: Site, shop: str, open_page: Callable[..., Page]
) -> None:
    event = unique("framed")
    site.add("/outer", '<iframe sandbox="allow-scripts" src="/shop"></iframe>', head=site.pages["/shop"])
    page = open_page("/outer")
    frame = page.frames[1]
    frame.wait_for_function("!!window.footfall")
    frame.evaluate(f"footfall.track('{event}', {{n: 0}})")
    assert frame.evaluate("footfall.flush()") is True
    arrive(server, event, 1)


def test_offline_there_is_one_try_and_the_next_one_when_the_line_is_back(
    server: Server, shop: str, open_page: Callable[..., Page]
) -> None:
    event = unique("offline")
    page = open_page()
    tried: list[str] = []
    page.on("request", lambda request: tried.append(request.url))
    page.context.set_offline(True)
    page.evaluate(f"() => {{ for (let n = 0; n < 3; n++) footfall.track('{event}', {{n}}) }}")
    assert page.evaluate("footfall.flush()") is False
    assert page.evaluate("footfall.flush()") is False
    page.wait_for_timeout(3000)
    assert len(tried) == 1
    page.context.set_offline(False)
    arrive(server, event, 3)


def test_a_request_needs_no_preflight_and_is_split_when_it_is_too_large(
    server: Server, shop: str, open_page: Callable[..., Page]
) -> None:
    event = unique("large")
    page = open_page()
    sizes: list[int] = []
    methods: list[str] = []

    def small(route: Route) -> None:
        methods.append(route.request.method)
        size = len(route.request.post_data_buffer or b"")
        sizes.append(size)
        if size > 9000:
            route.fulfill(status=413, headers={"access-control-allow-origin": "*"})
        else:
            route.continue_()

    page.route("**/api/events/collect", small)
    page.evaluate(f"() => {{ for (let n = 0; n < 20; n++) footfall.track('{event}', {{n, text: 'x'.repeat(1024)}}) }}")
    arrive(server, event, 20, page=page)
    assert set(methods) == {"POST"}
    assert sizes[0] > 9000 >= sizes[-1]


@pytest.mark.parametrize("leaves", [False, True], ids=["one after the other", "those that leave together"])
def test_what_does_not_fit_is_dropped_oldest_first_and_reported_once(
    server: Server, shop: str, open_page: Callable[..., Page], leaves: bool
) -> None:
    event = unique("overflow")
    page = open_page()
    reported: list[int] = []

    def note(answer: Response) -> None:
        if answer.status == 204:
            reported.append(answer.request.post_data_json["dropped"])

    page.on("response", note)
    page.context.set_offline(True)
    page.evaluate(f"() => {{ for (let n = -40; n < 1000; n++) footfall.track('{event}', {{n}}) }}")
    assert page.evaluate("footfall.flush()") is False
    assert len(waiting(page)) == 1000
    page.context.set_offline(False)
    if leaves:
        page.evaluate("dispatchEvent(new Event('pagehide'))")
    arrive(server, event, 1000, page=page)
    wait_until_empty(page)
    assert len(reported) > 2
    assert sum(reported) == 40


def test_a_wrong_key_keeps_the_events_and_does_not_knock_again(server: Server, site: Site, chromium: Browser) -> None:
    site.add("/wrong", head=f'<script src="{server.url}/footfall.js" data-key="wrong"></script>')
    page = chromium.new_context().new_page()
    tried: list[str] = []
    page.on("request", lambda request: tried.append(request.url) if request.method == "POST" else None)
    page.goto(site.url + "/wrong")
    page.evaluate("footfall.flush()")
    page.evaluate("footfall.track('again')")
    page.evaluate("footfall.flush()")
    assert len(tried) == 1
    assert len(waiting(page)) == 2
    page.context.close()


def waiting(page: Page) -> list[str]:
    """Names of the events in the outbox of the page's origin."""
    return page.evaluate("Object.keys(localStorage).filter(name => /^footfall.queue .*[0-9a-f]{12}$/.test(name))")


def wait_until_empty(page: Page) -> None:
    page.wait_for_function("!Object.keys(localStorage).some(name => /^footfall.queue /.test(name))", timeout=20_000)
