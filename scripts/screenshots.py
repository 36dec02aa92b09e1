"""Pictures of each page of the dashboard, in both themes, of the demo's shop: `make screenshots`.

Writes `docs/images/NAME.png` and `NAME-dark.png`; needs Chromium.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.chromium import FLAGS

FOLDER = Path("docs/images")
EVENTS = 200_000
SIZE = {"width": 1280, "height": 860}
PAGES = {
    "overview": "/?range=7d",
    "live": "/live",
    "trends": '/trends?q={"series":[{"event":"page_view"}],"breakdown":[{"property":"device"}]}',
    "funnels": "/funnels",
    "retention": "/retention",
    "paths": "/paths",
    "components": "/components",
    "sessions": "/sessions",
    "people": "/people",
    "events": "/events",
    "boards": "/boards",
    "alerts": "/alerts",
    "plan": "/plan",
    "sql": "/sql",
    "settings": "/settings",
}
_LINK = re.compile(r"http://\S+/signin\?token=\S+")
_PATIENCE = 180


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile("w+") as said, sync_playwright() as playwright:
        command = [sys.executable, "-m", "footfall", "demo", "--events", str(EVENTS), "--no-open"]
        demo = subprocess.Popen(
            command, stdout=said, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        try:
            link = _link(said)
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            _pictures(browser, link)
            browser.close()
        finally:
            demo.terminate()
            demo.wait()


def _link(said: IO[str]) -> str:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        said.seek(0)
        found = _LINK.search(said.read())
        if found:
            return found[0]
        time.sleep(0.5)
    raise SystemExit("The demo did not start.")


def _pictures(browser: Browser, link: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/signin" not in url)
    url, state = page.url.rstrip("/"), context.storage_state()
    context.close()
    for suffix, scheme in (("", "light"), ("-dark", "dark")):
        context = browser.new_context(storage_state=state, color_scheme=scheme, viewport=SIZE, locale="en-US")  # type: ignore[arg-type] - one of both
        page = context.new_page()
        for name, path in PAGES.items():
            page.goto(f"{url}{path}")
            page.get_by_role("heading", level=1).wait_for()
            for waiting in ("[aria-busy=true]", "[role=status][aria-label^=Loading]", ".mantine-Skeleton-root"):
                expect(page.locator(waiting)).to_have_count(0, timeout=30_000)
            page.wait_for_timeout(1200)  # until lines have been drawn
            page.screenshot(path=FOLDER / f"{name}{suffix}.png")
            print(FOLDER / f"{name}{suffix}.png")
        context.close()


if __name__ == "__main__":
    main()
