"""The dashboard: what its script weighs before a chart is drawn, and how soon it can be used, in Chromium."""

import gzip
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from bench.servers import footfall
from bench.tables import Table
from footfall.demo.load import load
from footfall.http.script import BUNDLE
from tests.support.chromium import FLAGS

EVENTS = 200_000
"""Of the demo's shop."""
ROUNDS = 5
WEIGHT_LIMIT = 250_000
CHARTS = ("charts/line", "charts/sankey", "charts/canvas")
"""What comes when a picture is drawn, and not before."""
ENTRY = "index.html"
TRENDS = "src/pages/insight.tsx"


def table() -> Table:
    first, change = _times()
    return Table(
        title=f"The dashboard, on {EVENTS:,} events",
        columns=["what", "measured", "aim, below"],
        rows=[
            ["script before charts, gzipped", f"{_weight():,} bytes", f"{WEIGHT_LIMIT:,}"],
            ["first picture painted", f"{first['paint']:.0f} ms", "800 ms"],
            ["the overview has its numbers", f"{first['numbers']:.0f} ms", ""],
            ["interactive: a menu opens", f"{first['interactive']:.0f} ms", "1000 ms"],
            ["another page, its data in memory", f"{change:.0f} ms", "100 ms"],
        ],
        note=f"Medians of {ROUNDS} rounds, on loopback, each in a fresh profile.",
    )


def _weight() -> int:
    """Of everything that the page of trends loads before it draws."""
    manifest = json.loads((BUNDLE / "dashboard" / ".vite" / "manifest.json").read_text("utf-8"))
    wanted, files = [ENTRY, TRENDS], set[str]()
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen or any(chart in name for chart in CHARTS):
            continue
        seen.add(name)
        files.add(manifest[name]["file"])
        wanted += manifest[name].get("imports", [])
    folder = BUNDLE / "dashboard"
    return sum(len(gzip.compress((folder / file).read_bytes(), 9)) for file in files if file.endswith(".js"))


def _times() -> tuple[dict[str, float], float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load(folder, EVENTS, int(time.time() * 1000), lambda _done: None)
        with footfall(folder) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            rounds: list[dict[str, float]] = []
            changes: list[float] = []
            for _ in range(ROUNDS):
                page = browser.new_page()
                rounds.append(_opened(page, f"http://127.0.0.1:{server.port}/"))
                changes.append(_changed(page))
                page.close()
            browser.close()
    return {what: statistics.median(one[what] for one in rounds) for what in rounds[0]}, statistics.median(changes)


def _opened(page: Page, address: str) -> dict[str, float]:
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_role("button", name="Colours").click()
    page.get_by_role("menuitem", name="Dark").wait_for()
    interactive = (time.perf_counter() - started) * 1000
    page.keyboard.press("Escape")
    page.get_by_role("article", name="Events", exact=True).get_by_role("button").last.wait_for()
    numbers = (time.perf_counter() - started) * 1000
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return {"paint": paint, "interactive": interactive, "numbers": numbers}


def _changed(page: Page) -> float:
    """Milliseconds from a click to the page that was looked at before, drawn anew."""

    def heading(name: str) -> None:
        page.get_by_role("heading", level=1, name=name).wait_for()

    page.get_by_label("Pages").get_by_role("link", name="Trends").click()
    page.get_by_test_id("sentence").wait_for()
    page.get_by_label("Pages").get_by_role("link", name="Overview").click()
    heading("Overview")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return page.evaluate(
        """() => new Promise(done => {
          const link = [...document.querySelectorAll('nav a')].find(one => one.textContent === 'Trends');
          const started = performance.now();
          new MutationObserver((_, watch) => {
            if (!document.querySelector('[data-testid=sentence]')) return;
            watch.disconnect();
            requestAnimationFrame(() => done(performance.now() - started));
          }).observe(document.body, { childList: true, subtree: true });
          link.click();
        })"""
    )
