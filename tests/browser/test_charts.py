"""`@footfall/react/charts` on a page of another origin than the server's, as an application has it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.site import Site
from tests.journey.server import Server

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("react", ["pages", "react-18"], ids=["react-19", "react-18"])
def test_charts_show_the_numbers_with_a_stats_key_bound_to_their_page(
    new_server: Callable[..., Server], site: Site, chromium: Browser, built: Callable[[str], Path], react: str
) -> None:
    server = new_server().start()
    key = server.make_key("stats", origins=[site.url])
    steps = [("page_view", 12), ("add_to_cart", 5), ("purchase", 2)]
    server.collect([{"event": name, "user_id": f"u{n}"} for name, many in steps for n in range(many)])
    server.collect(
        [
            {"event": "component_interaction", "component": "Hero", "action": "view", "user_id": f"u{n}"}
            for n in range(3)
        ]
    )
    site.pages["/charts.js"] = (built(react) / "charts.js").read_text("utf-8")
    site.add("/charts", '<div id="root"></div><script src="/charts.js"></script>', title="Charts")
    page = chromium.new_page()
    complaints: list[Any] = []
    page.on("pageerror", lambda error: complaints.append(error))  # noqa: PLW0108 - no built-in
    page.goto(f"{site.url}/charts?{urlencode({'url': server.url, 'key': key})}")

    trend = page.get_by_role("region", name="Page views")
    trend.get_by_text("12 events of 12 people.").wait_for(state="attached")
    expect(trend.locator("canvas")).to_have_count(1)
    for name in ("24H", "30D", "90D", "7D"):
        trend.get_by_role("button", name=name).click()
        expect(trend.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
        trend.get_by_text("12 events of 12 people.").wait_for(state="attached")

    funnel = page.get_by_role("region", name="Conversion Funnel")
    for told in ("12 users (100%)", "5 users (41.7%)", "2 users (16.7%)"):
        funnel.get_by_text(told).wait_for()

    interactions = page.get_by_role("region", name="Interactions")
    interactions.get_by_text("Total Interactions: 3").wait_for()
    expect(interactions.get_by_role("list", name="Top Components")).to_have_text("Hero3")
    assert complaints == []

    page.goto(f"{site.url}/charts?{urlencode({'url': server.url, 'key': 'wrong'})}")
    expect(page.get_by_role("alert")).to_have_count(3)
    page.get_by_role("button", name="Try again").first.wait_for()
    page.close()
