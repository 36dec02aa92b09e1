"""Somebody who visits the site with a browser of their own, and what the server heard of it."""

import json
import time
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.site import Site
from tests.journey.server import WRITE_KEY, Server

Events = list[dict[str, Any]]


class Visitor:
    """One browser profile; every test has a site of its own, so what comes from it is the test's."""

    def __init__(self, chromium: Browser, server: Server, site: Site, **settings: Any) -> None:
        self.server = server
        self.site = site
        self.context = chromium.new_context(**({"locale": "en-GB"} | settings))
        self.complaints: list[str] = []

    def script(self, attributes: str = "") -> str:
        """The tag that a site puts into its pages."""
        return f'<script src="{self.server.url}/footfall.js" data-key="{WRITE_KEY}" {attributes}></script>'

    def page(self, path: str = "/", attributes: str = "", body: str = "", **more: str) -> str:
        """Give the site a page with the script; its address."""
        head = more.pop("before", "") + self.script(attributes) + more.pop("head", "")
        return self.site.add(path, body, head=head, **more)

    def open(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.site.url + path)
        return page

    def sent(self, count: int, *names: str, seconds: float = 15) -> Events:
        """What arrived from this site, oldest first, once it is `count` events; of these names, if there are any."""
        mine = json.dumps([{"property": "url", "operator": "starts_with", "values": [self.site.url]}])
        give_up = time.monotonic() + seconds
        while True:
            found = [one for one in self.server.events(filters=mine) if not names or one["event"] in names]
            if len(found) >= count or time.monotonic() > give_up:
                break
            for page in self.context.pages[:1]:
                page.wait_for_timeout(100)
            if not self.context.pages:
                time.sleep(0.1)
        found.sort(key=lambda one: (one["timestamp"], one["seq"] or 0))
        assert len(found) == count, [(one["event"], one["url"], one["properties"]) for one in found]
        return found

    def stored(self, page: Page) -> dict[str, str]:
        """What the site's storage holds."""
        return page.evaluate("({...localStorage})")

    def close(self) -> None:
        self.context.close()


def named(events: Events) -> list[str]:
    return [one["event"] for one in events]


def flush(page: Page) -> None:
    assert page.evaluate("footfall.flush()") is True
