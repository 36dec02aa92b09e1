"""`make bench`: arrival beside a server that throws bodies away, the demo, the SDK, questions beside S1's own."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from bench import questions, sdk
from bench.servers import running
from footfall.demo.load import load

ROUNDS = ((1, 6000), (20, 3000))
"""(events in a request, requests)."""
DEMO_EVENTS = 1_000_000
QUICK_EVENTS, FULL_EVENTS = 2_000_000, 20_000_000
"""For the questions; `ARGS=--full` takes the larger number."""


def main() -> None:
    console = Console()
    table = Table(title="Arrival: acknowledged after fsync, beside the same server throwing bodies away")
    for column in (
        "events a request",
        "bare requests/s",
        "requests/s",
        "ratio",
        "events/s",
        "p50 ms",
        "p99 ms",
        "queryable after",
    ):
        table.add_column(column, justify="right")
    for batch, requests in ROUNDS:
        with running([sys.executable, "-m", "bench.bare"]) as port:
            bare = load_on(port, requests, batch)
        with (
            tempfile.TemporaryDirectory() as folder,
            running(
                [sys.executable, "-m", "footfall", "serve", "--keyless", "--data", folder, "--port"],
                FOOTFALL_READ_KEY="r",
            ) as port,
        ):
            load_on(port, 200, batch)
            ours = load_on(port, requests, batch)
            behind = until_stored(port)
        table.add_row(
            f"{batch}",
            f"{bare['requests']:,.0f}",
            f"{ours['requests']:,.0f}",
            f"{ours['requests'] / bare['requests']:.2f}",
            f"{ours['events']:,.0f}",
            f"{ours['p50']:.1f}",
            f"{ours['p99']:.1f}",
            f"{behind:.1f} s",
        )
    console.print(table)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        load(Path(folder), DEMO_EVENTS, round(time.time() * 1000), lambda _: None)
        console.print(f"Demo: {DEMO_EVENTS:,} events invented and stored in {time.perf_counter() - started:.1f} s")
    sdk.report(console)
    questions.report(console, FULL_EVENTS if "--full" in sys.argv else QUICK_EVENTS)


def load_on(port: int, requests: int, batch: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.load", str(port), str(requests), str(batch)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def until_stored(port: int) -> float:
    """Seconds from the end of the load until everything acknowledged can be queried."""
    started = time.perf_counter()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"authorization": "Bearer r"}) as client:
        while client.get("/api/ingest/status").json()["queued"]:
            time.sleep(0.05)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
