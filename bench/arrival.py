"""Arrival: acknowledged after fsync, beside the same Granian throwing bodies away; the load comes from this machine."""

import subprocess
import sys
import time

import httpx
import msgspec

from bench.servers import READ_KEY, bare, footfall
from bench.tables import Table

SIZES = (1, 20)
"""Events in a request."""
REQUESTS = 8_000
WARM = 500
PAIRS = 3
"""Bare and ours in turn so many times; of each the best counts."""
AIMS = {1: 0.30, 20: 0.20}
STORED_AIM_SECONDS = 2
P99_AIM_MS = 50


class Load(msgspec.Struct, frozen=True):
    requests: float
    events: float
    p50: float
    p99: float


def table() -> Table:
    columns = ["events a request", "bare requests/s", "requests/s", "ratio", "aim", "events/s", "all queryable after"]
    return Table(
        title="Arrival: acknowledged after fsync, beside the same server throwing bodies away",
        columns=[*columns, "p50 at half the load", "p99"],
        rows=[_row(batch) for batch in SIZES],
        note=f"Aims: all queryable within {STORED_AIM_SECONDS} s of the load's end; p99 under {P99_AIM_MS} ms.",
    )


def _row(batch: int) -> list[str]:
    base = 0.0
    measured: list[tuple[Load, float]] = []
    for _ in range(PAIRS):
        with bare() as server:
            load_on(server.port, WARM, batch)
            base = max(base, load_on(server.port, REQUESTS, batch).requests)
        with footfall() as server:
            load_on(server.port, WARM, batch)
            load = load_on(server.port, REQUESTS, batch)
            measured.append((load, until_stored(server.port)))
    best, behind = max(measured, key=lambda one: one[0].requests)
    with footfall() as server:
        load_on(server.port, WARM, batch)
        calm = load_on(server.port, round(best.requests * 2), batch, best.requests / 2)
    return [
        f"{batch}",
        f"{base:,.0f}",
        f"{best.requests:,.0f}",
        f"{best.requests / base:.2f}",
        f"{AIMS[batch]:.2f}",
        f"{best.events:,.0f}",
        f"{behind:.1f} s",
        f"{calm.p50:.1f} ms",
        f"{calm.p99:.1f} ms",
    ]


def load_on(port: int, requests: int, batch: int, rate: float | None = None) -> Load:
    command = [sys.executable, "-m", "bench.load", str(port), str(requests), str(batch), *([str(rate)] if rate else [])]
    return msgspec.json.decode(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout, type=Load)


def until_stored(port: int) -> float:
    """Seconds from the end of the load until everything acknowledged can be queried."""
    started = time.perf_counter()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {READ_KEY}"}) as client:
        while client.get("/api/ingest/status").json()["queued"]:
            time.sleep(0.05)
    return time.perf_counter() - started
