"""Debian's Chromium, driven by Playwright; every page is watched from its first request on."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.alerts.recorder import Recorder
from tests.browser.site import Site
from tests.journey.server import Demo, Server
from tests.support.chromium import FLAGS

_ROOT = Path(__file__).parents[2]
_PAGES = Path(__file__).parent / "pages"


class Watched:
    """A page, what it asked for, and what it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None,
        )

    def total(self, name: str) -> int:
        """The number in a tile of the overview, as exact as it is told to those who hear it."""
        label = self.page.get_by_role("article", name=name, exact=True).get_by_role("button").last
        told = (label.get_attribute("aria-label") or "").partition(". Show")[0]
        exact = re.search(r"\(([\d,]+)\)", told) or re.search(r": ([\d,]+)", told)
        assert exact, told
        return int(exact[1].replace(",", ""))

    def loaded(self, heading: str = "Overview") -> "Watched":
        """Wait until the page is drawn and no part of it waits for an answer."""
        self.page.get_by_role("heading", level=1, name=heading).wait_for(timeout=30_000)
        for waiting in ("[aria-busy=true]", "[role=status][aria-label^=Loading]", ".mantine-Skeleton-root"):
            expect(self.page.locator(waiting)).to_have_count(0, timeout=30_000)
        return self

    @property
    def others(self) -> list[str]:
        """Requests that did not go to the server of the page."""
        host = self.page.url.split("/")[2]
        ours = ("data:", "blob:", f"http://{host}/")
        return [url for url in self.requests if not url.startswith(ours)]


def follow(page: Page, link: str) -> None:
    """Open a one-time link, and press the button on its page."""
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/signin" not in url)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path, "the browser tests drive Debian's chromium, which is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens pages, each in a browser profile of its own: `visit(url, viewport=…, color_scheme=…)`."""
    contexts = []

    def open_(url: str, **settings: Any) -> Watched:
        contexts.append(chromium.new_context(**({"locale": "en-US", "timezone_id": "Europe/Berlin"} | settings)))
        watched = Watched(contexts[-1].new_page())
        watched.page.goto(url)
        return watched

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("demo"), 20_000) as opened:
        yield opened


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose page wants a sign-in."""
    with Server(tmp_path_factory.mktemp("closed")) as opened:
        # Without one, the overview is a page that says how to send the first.
        opened.collect({"event": "not_the_first", "user_id": "u", "session_id": "s"})
        yield opened


@pytest.fixture(scope="module")
def session(server: Server, chromium: Browser) -> Any:
    """Of a browser that has signed in: `visit(server.url, storage_state=session)`."""
    context = chromium.new_context()
    follow(context.new_page(), server.sign_in_link())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    with Recorder().running() as one:
        yield one


@pytest.fixture
def site() -> Iterator[Site]:
    """Somebody's web site, on another origin than the server's."""
    with closing(Site()) as opened:
        yield opened


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers for one test. They are not started yet."""
    numbers = count()
    with ExitStack() as made:

        def make(**environment: str) -> Server:
            return made.enter_context(closing(Server(tmp_path / f"server-{next(numbers)}", **environment)))

        yield make


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The pages in `pages/`, bundled as an application would be, with the React of a folder beside it."""

    @cache
    def build(react: str) -> Path:
        folder = tmp_path_factory.mktemp(react)
        command = ["node", str(_PAGES / "build.mjs"), str(folder), react]
        subprocess.run([sys.executable, str(_ROOT / "scripts" / "node.py"), *command], check=True, cwd=_ROOT)
        return folder

    return build
