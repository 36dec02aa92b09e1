"""What a server on a large folder costs: time until it is ready, memory, and a question that was asked before."""

import statistics
import time
from pathlib import Path
from typing import Any

import httpx

from bench.questions import CASES, RANGE
from bench.servers import READ_KEY, Running, footfall
from bench.tables import Table

REPEATS = 30
SETTLES_WITHIN = 120.0
"""Seconds after the start in which the filter of seen ids is made; idle is what comes then."""


def table(folder: Path, events: int) -> Table:
    with (
        footfall(folder) as server,
        httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}", headers={"authorization": f"Bearer {READ_KEY}"}, timeout=60
        ) as client,
    ):
        _settle(server)
        idle = server.memory
        again = {case.name: _again(client, case.kind, case.request | RANGE) for case in CASES}
        asked = server.memory
    rows = [
        ["ready", f"{server.ready:.1f} s", "3 s"],
        ["memory, idle", f"{idle / 1e6:,.0f} MB", "500 MB"],
        ["memory, after the questions", f"{asked / 1e6:,.0f} MB", ""],
        *[[f"{name}, asked again over HTTP", f"{took:.1f} ms", "5 ms"] for name, took in again.items()],
    ]
    return Table(title=f"A server on {events:,} events", columns=["what", "measured", "aim, below"], rows=rows)


def _settle(server: Running) -> None:
    """Wait until it uses less than a twentieth of a processor for two seconds."""
    until = time.monotonic() + SETTLES_WITHIN
    used = server.processor_seconds
    while time.monotonic() < until:
        time.sleep(2)
        before, used = used, server.processor_seconds
        if used - before < 0.1:  # noqa: PLR2004 - a twentieth of two seconds
            return


def _again(client: httpx.Client, kind: str, request: dict[str, Any]) -> float:
    """The median milliseconds of a question that was asked before."""
    took: list[float] = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        client.post(f"/api/insights/{kind}", json=request).raise_for_status()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took[1:])
