"""Arrival: acknowledged after fsync, beside the same Granian throwing bodies away; the load comes from this machine."""

import subprocess
import sys
import time

import httpx
import msgspec

from bench.servers import ADMIN_KEY, READ_KEY, bare, footfall
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


_PLANNED = """
  {}:
    kind: auto
    trigger: what happens
    sources: [browser]
    properties:
      product_id: {{type: string, maxLength: 64, required: true, pii: none}}
      price: {{type: number, minimum: 0, required: true}}
      plan: {{type: string, enum: [free, pro]}}"""
PLAN = "plan: 1\nowner: shop\nevents:" + "".join(map(_PLANNED.format, ("page_view", "add_to_cart", "purchase")))
LEFT_AIM = 2 / 3


def guarded() -> Table:
    """What holding events against a plan and looking for personal data leaves of it."""
    rows = [_guarded_row(batch) for batch in SIZES]
    return Table(
        title="Arrival, with a tracking plan and the search for personal data",
        columns=["events a request", "requests/s without", "requests/s with both", "left", "aim"],
        rows=rows,
    )


def _guarded_row(batch: int) -> list[str]:
    """Without and with in turn; of each the best counts."""
    best = dict.fromkeys((False, True), 0.0)
    for _ in range(PAIRS):
        for both in best:
            with footfall(FOOTFALL_SCAN=str(int(both))) as server:
                if both:
                    _push(server.port)
                load_on(server.port, WARM, batch)
                best[both] = max(best[both], load_on(server.port, REQUESTS, batch).requests)
                until_stored(server.port)
    left = best[True] / best[False]
    return [f"{batch}", f"{best[False]:,.0f}", f"{best[True]:,.0f}", f"{left:.2f}", f"{LEFT_AIM:.2f}"]


def _push(port: int) -> None:
    httpx.put(
        f"http://127.0.0.1:{port}/api/plan",
        content=PLAN,
        headers={"authorization": f"Bearer {ADMIN_KEY}"},
        trust_env=False,
    ).raise_for_status()


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
