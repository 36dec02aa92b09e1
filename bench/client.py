"""The Python client: what `track` takes from its caller, beside making the same event by hand in the same run."""

import json
import time
import uuid
from collections import deque
from collections.abc import Callable
from functools import partial

from bench.tables import Table
from footfall_client import Footfall

EVENTS = 2_000
"""Few enough to stay in memory while the sender waits."""
REPEATS = 9
"""Of so many, the best counts: what is measured is a few microseconds long."""
AIM_US = 10.0
SMALL = {"project_id": "p-7", "models": 3}
LARGE = {
    "product_id": "sku-10441", "price": 129.9, "currency": "EUR", "quantity": 1, "in_stock": True, "at": 1764182659123,
    "variant": "0f9d2c1e-5b7a-4c3d-9e8f-1a2b3c4d5e6f", "tags": ["trail", "grey", "sale"],
    "list": {"name": "new", "place": 4},
}  # fmt: skip
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there, so the sender waits for its next try."""


def table() -> Table:
    rows = [
        row
        for name, properties in (("two properties", SMALL), ("nine, two of them nested", LARGE))
        for row in _rows(name, properties)
    ]
    return Table(
        title="The Python client: what `track` takes from its caller",
        columns=["an event", "us", "times the same by hand", "aim, us"],
        rows=rows,
        note="By hand: a dict with a UUID and a time, as JSON, in a deque. Hooks, scanning and sending are on a thread"
        " of their own, which shares the interpreter.",
    )


def _rows(name: str, properties: dict[str, object]) -> list[list[str]]:
    waiting: deque[str] = deque()

    def by_hand() -> None:
        event = {
            "event": "project.created", "event_id": uuid.uuid4().hex, "timestamp": time.time_ns() // 1_000_000,
            "user_id": "42", "groups": {"organization": "7"}, "properties": properties,
        }  # fmt: skip
        waiting.append(json.dumps(event))

    bare = _best(by_hand)
    with Footfall(NOWHERE, "KEY", exit_timeout=0.0) as client:
        us = _best(
            partial(client.track, "project.created", user_id="42", groups={"organization": "7"}, properties=properties)
        )
    return [
        [f"{name}: by hand", f"{bare:.1f}", "1.0", ""],
        [f"{name}: track", f"{us:.1f}", f"{us / bare:.1f}", f"{AIM_US:g}"],
    ]


def _best(do: Callable[[], None]) -> float:
    """Microseconds of one."""
    taken: list[float] = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        for _ in range(EVENTS):
            do()
        taken.append(time.perf_counter() - began)
    return min(taken) / EVENTS * 1e6
