"""The dashboard in a real browser: its numbers, its addresses, its manners, and who may see it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from footfall.http.dashboard import PATHS
from tests.browser.conftest import Watched
from tests.browser.test_shared import board as make_board
from tests.browser.test_shared import link_to
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
    "/alerts": "Alerts",
    "/plan": "Plan",
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


PHONE: Any = {"width": 360, "height": 740}
NONE = "\N{EN DASH}"
"""In the place of a number that there is not."""


def fits_everybody(page: Page) -> None:
    """WCAG 2.2 AA in both themes, and on a phone nothing to scroll sideways."""
    page.evaluate(AXE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
        # A colour on its way to another is neither.
        page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
        found = page.evaluate(
            "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(({ violations }) =>"
            " violations.map(({ id, nodes }) => [id, nodes.map(node => node.html.slice(0, 200))]))"
        )
        assert found == [], f"{page.url} {scheme}"
    page.set_viewport_size(PHONE)
    wide = page.evaluate(
        """async width => {
          const root = document.documentElement;
          for (let tries = 0; tries < 50 && root.scrollWidth > width; tries++) {
            await new Promise(done => setTimeout(done, 100));
          }
          return root.scrollWidth;
        }""",
        PHONE["width"],
    )
    assert wide <= PHONE["width"], f"{page.url}: {wide - PHONE['width']} pixels to scroll sideways"


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
def test_a_page_opens_by_its_address_for_everybody_and_on_everything(
    demo: Demo, visit: Visit, owner: Any, path: str
) -> None:
    """It complains of nothing, asks nobody else, keeps to WCAG in both themes, and fits a phone."""
    watched = visit(f"{demo.url}{path}", storage_state=owner, color_scheme="light").loaded(PAGES[path])
    assert watched.complaints == []
    assert watched.others == []
    assert len(watched.requests) > 5
    fits_everybody(watched.page)


DETAILS = {
    "/people/somebody": "somebody",
    "/boards/{board}": "For the customer",
    "/boards/{board}?edit=true": "For the customer",
    "/shared/{link}": "For the customer",
}
"""One of what a page lists, and what a link shows."""


@pytest.mark.parametrize("path", DETAILS)
def test_so_does_one_of_what_a_page_lists(server: Server, session: Any, visit: Visit, path: str) -> None:
    server.collect({"event": "page_view", "user_id": "somebody", "session_id": "of somebody", "page": "/"})
    board = make_board(server)["id"]
    link = link_to(server, board=board).rpartition("/")[2]
    address = server.url + path.format(board=board, link=link)
    watched = visit(address, storage_state=session, color_scheme="light").loaded(DETAILS[path])
    assert watched.complaints == []
    assert watched.others == []
    fits_everybody(watched.page)


def _press(name: str | re.Pattern[str], then: str | None = None) -> Callable[[Page], None]:
    """Presses a button, and then a row of the menu that it opens."""

    def press(page: Page) -> None:
        page.get_by_role("button", name=name, exact=isinstance(name, str)).first.click()
        if then:
            page.get_by_role("menuitem", name=then).click()

    return press


DIALOGS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "keys": ("/", lambda page: page.keyboard.press("?")),
    "find anything": ("/", lambda page: page.keyboard.press("ControlOrMeta+k")),
    "the list behind a number": ("/", _press(re.compile("Show what is behind it$"))),
    "explain": ("/trends", _press("Explain")),
    "annotate": ("/trends", _press("Annotate")),
    "save": ("/trends", _press("Save")),
    "add to a board": ("/trends", _press("What can be done with it", "Add to a board")),
    "an event": ("/events", lambda page: page.get_by_role("table").get_by_role("button").first.click()),
    "a new board": ("/boards", _press("New board")),
    "a new rule": ("/alerts", _press("New rule")),
    "a rule": ("/alerts", _press("Unusual purchases")),
    "a planned event": ("/plan", _press("add_to_cart")),
    "a plan": ('/plan?tab="versions"', _press("Push a plan")),
    "merge": ("/people", _press(re.compile("^Merge"))),
    "a new key": ('/settings?tab="keys"', _press("New key")),
    "add somebody": ('/settings?tab="members"', _press("Add somebody")),
    "a new project": ('/settings?tab="project"', _press("New project")),
    "archive": ('/settings?tab="project"', _press(re.compile("^Archive"))),
}


@pytest.mark.slow
def test_dialogs_are_for_everybody_too(demo: Demo, visit: Visit, owner: Any) -> None:
    watched = visit("about:blank", storage_state=owner, color_scheme="light")
    page = watched.page
    for name, (path, opens) in DIALOGS.items():
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(f"{demo.url}{path}")
        watched.loaded(PAGES[path.partition("?")[0]])
        opens(page)
        dialog = page.get_by_role("dialog")
        expect(dialog, name).to_be_visible()
        expect(dialog.locator("[role=status][aria-label^=Loading]")).to_have_count(0)
        fits_everybody(page)
        box = dialog.bounding_box()
        assert box, name
        assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE["width"]) == (True, True), (name, box)


def test_the_pages_are_a_menu_on_a_phone_and_how_fresh_the_numbers_are_is_there_too(
    server: Server, session: Any, visit: Visit
) -> None:
    server.collect({"event": ""})
    watched = visit(server.url, storage_state=session, viewport=PHONE).loaded()
    page = watched.page
    expect(page.get_by_test_id("freshness")).to_be_in_viewport()
    expect(page.get_by_role("link", name=re.compile("^Quarantined: "))).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
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
    """Number by number, in its column and its row; of a day that is over, which nothing is added to any more."""
    watched = visit("about:blank")
    path = QUESTIONS[kind]
    address = f"{demo.url}{path}{'&' if '?' in path else '?'}range=yesterday"
    answer = answer_of(watched.page, kind, lambda: watched.page.goto(address))
    more = watched.page.get_by_role("button", name=re.compile("^Show all .* rows$"))
    watched.page.get_by_test_id("sentence").wait_for()
    if more.count():
        more.click()
    table = watched.page.get_by_role("region", name=re.compile("all numbers")).get_by_role("table")
    table.wait_for()
    shown: list[list[str]] = table.get_by_role("row").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    heads = shown.pop(0)
    wanted: dict[str, list[float | None]] = {
        "trend": lambda: {heads[1]: [*answer["series"][0]["values"], answer["series"][0]["total"]]},
        "funnel": lambda: {"People": [step["users"] for step in answer["steps"]]},
        "retention": lambda: {"People": [*(cohort["size"] for cohort in answer["cohorts"]), None]},
        "lifecycle": lambda: {"New": answer["new"], "Returning": answer["returning"], "Stayed away": answer["dormant"]},
        "stickiness": lambda: {"Exactly so many": [people for people in answer["exactly"].values() if people]},
        "paths": lambda: {
            "Sessions": [
                *(one["sessions"] for one in answer["links"] + answer["exits"]),
                *(None for _ in answer["matrix"]),
                answer["sessions"],
            ]
        },
        "components": lambda: {
            title: [row[field] for row in answer["rows"]]
            for title, field in (("Visits", "visits"), ("Interactions", "interactions"), ("People", "users"))
        },
        "dwell": lambda: {
            title: [row[field] for row in answer["rows"]]
            for title, field in (("Visits", "visits"), ("Measured", "measured"))
        },
        "sessions": lambda: {
            "Sessions": [
                *answer["started"],
                *(end["sessions"] for end in answer["entries"] + answer["exits"]),
                answer["sessions"],
            ]
        },
    }[kind]()
    assert wanted
    for title, numbers in wanted.items():
        column = [row[heads.index(title)] for row in shown]
        assert column == [NONE if number is None else f"{number:,}" for number in numbers], title


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


def test_how_a_picture_is_looked_at_is_in_its_address(demo: Demo, visit: Visit) -> None:
    question = json.dumps({"by": "page", "limit": 4, "breakdown": [{"property": "device"}]})
    page = visit(f"{demo.url}/paths?q={quote(question)}").loaded("Paths").page
    page.get_by_text("From and to").click()
    page.get_by_role("combobox", name="Shown").click()
    page.get_by_role("option", name="mobile").click()
    page.wait_for_url(re.compile("mobile"))

    copied = visit(page.url).loaded("Paths").page
    expect(copied.get_by_role("radio", name="From and to")).to_be_checked()
    expect(copied.get_by_role("combobox", name="Shown")).to_have_value("mobile")
    page.go_back()
    expect(page.get_by_role("combobox", name="Shown")).to_have_value("Everything")
    expect(page.get_by_role("radio", name="From and to")).to_be_checked()


def test_a_filter_of_the_question_itself_may_take_everything_away(demo: Demo, visit: Visit) -> None:
    nobody = [{"property": "device", "operator": "is", "values": ["nobody has it"]}]
    question = json.dumps(
        {"series": [{"event": "page_view"}, {"event": "page_view", "filters": nobody}], "filters": nobody}
    )
    page = visit(f"{demo.url}/trends?q={quote(question)}").loaded("Trends").page
    ways = page.get_by_role("list", name="What would show something")
    ways.get_by_role("button", name="Without “device is nobody has it”", exact=True).click()
    page.get_by_test_id("sentence").wait_for()
    expect(ways).to_have_count(0)


def test_an_address_that_makes_no_sense_opens_the_page_all_the_same(demo: Demo, visit: Visit) -> None:
    wrongs = ("range=never", "filters=oops", 'q={"series":5}', "kind=nothing", "list=[1]", "interval=2")
    for wrong in wrongs:
        watched = visit(f"{demo.url}/trends?{quote(wrong, safe='=')}").loaded("Trends")
        assert watched.complaints == [], wrong


def test_back_does_not_lead_to_where_a_saved_insight_was_looked_for(server: Server, session: Any, visit: Visit) -> None:
    question = {"steps": [{"event": "a"}, {"event": "b"}]}
    made = server.admin.post("/api/saved", json={"name": "A funnel", "kind": "funnel", "question": question})
    assert made.status_code == 201, made.text
    watched = visit(f"{server.url}/sessions", storage_state=session).loaded("Sessions")
    watched.page.goto(f"{server.url}/trends?saved={made.json()['id']}")
    watched.loaded("Funnels").page.go_back()
    watched.loaded("Sessions")


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


def test_old_numbers_of_the_overview_open_nothing(demo: Demo, visit: Visit) -> None:
    watched = visit(f"{demo.url}/?range=7d").loaded()
    page = watched.page
    held: list[Route] = []
    page.route("**/api/insights/*", lambda route: held.append(route))  # noqa: PLW0108 - no built-in
    page.get_by_role("button", name="The range before").click()
    expect(page.locator("[aria-busy=true]").first).to_be_attached()
    opening = "article button[aria-label*='Show what is behind it'], main ol button, section[aria-label] ul button"
    expect(page.locator(f":is({opening}):not([inert] *)")).to_have_count(0)
    assert page.locator(opening).count() > 10
    for route in held:
        route.continue_()
    page.unroute("**/api/insights/*")
    watched.loaded()
    expect(page.locator("[inert]")).to_have_count(0)


def test_an_event_that_is_not_there_is_said_to_be_missing(demo: Demo, visit: Visit, owner: Any) -> None:
    page = visit(f"{demo.url}/events?opened=no-such-event", storage_state=owner).loaded("Events").page
    page.get_by_role("alert").get_by_text("is not here, or not any more").wait_for()


def test_a_tile_opens_its_list_and_its_numbers(server: Server, session: Any, visit: Visit) -> None:
    address = f"{server.url}/boards/{make_board(server)['id']}"
    watched = visit(address, storage_state=session).loaded("For the customer")
    page = watched.page
    tile = page.get_by_role("region", name="How many people")
    tile.get_by_role("group", name=re.compile("Arrow keys walk")).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("list-total")).to_have_text("2 people")
    copied = visit(page.url, storage_state=session).page
    expect(copied.get_by_test_id("list-total")).to_have_text("2 people")
    page.keyboard.press("Escape")
    tile.get_by_role("button", name="The numbers of How many people").click()
    total = tile.get_by_role("table").get_by_role("row").last
    assert total.get_by_role("cell").all_inner_texts() == ["The whole range", "2"]
    assert watched.complaints == []


def test_what_is_arranged_is_not_lost_without_a_question(server: Server, session: Any, visit: Visit) -> None:
    address = f"{server.url}/boards/{make_board(server)['id']}?edit=true"
    page = visit(address, storage_state=session).loaded("For the customer").page
    asked: list[str] = []
    answers = iter((False, True))

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if next(answers) else dialog.dismiss()

    page.on("dialog", answer)
    page.get_by_role("textbox", name="Title of All of them").fill("Everything")
    page.get_by_role("button", name="The range before").click()
    page.wait_for_url(re.compile("range="))
    assert asked == [], "another range is the same page"
    trends = page.get_by_label("Pages").get_by_role("link", name="Trends")
    trends.click()
    expect(page.get_by_role("textbox", name="Title of Everything")).to_have_value("Everything")
    assert len(asked) == 1
    trends.click()
    page.get_by_role("heading", level=1, name="Trends").wait_for()
    assert len(asked) == 2


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
        first.page.get_by_text("very_first").first.wait_for(timeout=60_000)  # without a reload
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
