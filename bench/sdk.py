"""The browser SDK: what a page pays for it in bytes, beside two well-known ones, and in time for each `track()`."""

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench.servers import footfall
from bench.tables import Table
from tests.support.chromium import FLAGS

ROOT = Path(__file__).parents[1]
OTHERS = {"umami's tracker": 2252, "plausible's tracker": 2597}
"""Gzipped, without outbox or retries; measured once, in November 2026."""
TRACK_LIMIT_MS = 0.1

TIME_TRACK = """async () => {
  const times = [];
  for (let round = 0; round < 60; round++) {
    // A clock of 0.1 ms: many calls, of which each is a tenth of the outbox's bound at most.
    const started = performance.now();
    for (let n = 0; n < 50; n++) footfall.track('bench', {n, product_id: 'sku-123', price: 29.99});
    times.push((performance.now() - started) / 50);
    await footfall.flush();
  }
  return times;
}"""


def table() -> Table:
    times = sorted(_track_times())
    return Table(
        title="Browser SDK: gzipped bytes of what is imported",
        columns=["import", "bytes", "limit"],
        rows=[
            *[[str(row["name"]), f"{row['bytes']:,}", f"{row['limit']:,}"] for row in _sizes()],
            *[[name, f"{size:,}", ""] for name, size in OTHERS.items()],
        ],
        note=f"track() in Chromium: median {statistics.median(times):.3f} ms, worst of 60 rounds {times[-1]:.3f} ms"
        f" (limit of the median {TRACK_LIMIT_MS} ms)",
    )


def _sizes() -> list[dict[str, object]]:
    command = [sys.executable, str(ROOT / "scripts" / "node.py"), "node", str(ROOT / "packages" / "sizes.mjs")]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)


def _track_times() -> list[float]:
    with footfall() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page()
        url = f"http://127.0.0.1:{server.port}"
        page.goto(f"{url}/healthz")
        page.add_script_tag(url=f"{url}/footfall.js")
        times = page.evaluate(TIME_TRACK)
        browser.close()
        return times
