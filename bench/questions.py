"""Questions beside S1's own, over the same events in the same engine."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import clickhouse_connect
import msgspec
from rich.console import Console
from rich.table import Table

from bench import shop
from footfall.insights import INSIGHTS, Kind
from footfall.insights.question import Query
from footfall.insights.sql import Context
from footfall.stores.warehouse import Warehouse, chdb_url

ROUNDS = 5
CONTEXT = Context(project_id=1, timezone="UTC", now=shop.END + 86_400_000)
RANGE = {"from": shop.START, "to": shop.END}
MEASURES = ("count", "unique_users", "unique_sessions")
STEPS = ("page_view", "add_to_cart", "purchase")

# S1's statements. `start` and `end` are left out, since all events lie between them. Its funnel compares with a
# window in seconds, and so does not run on a DateTime64; `toDateTime` is what mends it.
_S1_TREND = (
    "SELECT {bucket}(timestamp) AS time, count() AS total, uniqExact(user_id) AS unique_users,"
    " uniqExact(session_id) AS unique_sessions FROM s1_events WHERE {where} GROUP BY time ORDER BY time"
)
_S1_FUNNEL = (
    "SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3) FROM (SELECT user_id, windowFunnel(1800)("
    f"toDateTime(timestamp), {', '.join(f'event = {name!r}' for name in STEPS)}) AS level"
    f" FROM s1_events WHERE event IN {STEPS} GROUP BY user_id)"
)


class Measured(msgspec.Struct, frozen=True):
    """Milliseconds, the best of the rounds, and the answers in a form that can be compared."""

    name: str
    theirs: float
    ours: float
    same: bool

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours


def measure(warehouse: Warehouse) -> Iterator[Measured]:
    """Each question, theirs and ours in turn, so that what else the machine does hits both."""
    cases: list[tuple[str, str, Kind, dict[str, Any]]] = [
        (
            f"{event} by {interval}",
            _S1_TREND.format(
                bucket={"hour": "toStartOfHour", "day": "toStartOfDay"}[interval],
                where="event != '$identify'" if event == "*" else f"event = '{event}'",
            ),
            "trend",
            {"series": [{"event": event, "measure": one} for one in MEASURES], "interval": interval},
        )
        for event, interval in (("purchase", "hour"), ("page_view", "hour"), ("*", "day"))
    ]
    cases.append(
        (
            "funnel of three steps",
            _S1_FUNNEL,
            "funnel",
            {"steps": [{"event": name} for name in STEPS], "window": "PT30M"},
        )
    )
    for name, theirs, kind, request in cases:
        took: dict[str, list[float]] = {"theirs": [], "ours": []}
        found: dict[str, Any] = {}
        for _ in range(ROUNDS):
            for who, ask in (("theirs", _theirs(warehouse, theirs)), ("ours", _ours(warehouse, kind, request))):
                started = time.perf_counter()
                found[who] = ask()
                took[who].append((time.perf_counter() - started) * 1000)
        yield Measured(name, min(took["theirs"]), min(took["ours"]), found["theirs"] == found["ours"])


def _theirs(warehouse: Warehouse, text: str) -> Callable[[], list[list[Any]]]:
    return lambda: [row[-3:] for row in warehouse.select(Query(text=text, params={})).rows]


def _ours(warehouse: Warehouse, kind: Kind, request: dict[str, Any]) -> Callable[[], list[list[Any]]]:
    insight = INSIGHTS[kind]
    read = msgspec.json.decode(msgspec.json.encode(request | RANGE), type=insight.request)

    def ask() -> list[list[Any]]:
        plan = insight.plan(read, CONTEXT)
        answer = insight.shape(plan, {name: warehouse.select(query) for name, query in insight.build(plan).items()})
        if kind == "funnel":
            return [[step.users for step in answer.steps]]
        return [list(row) for row in zip(*(series.values for series in answer.series), strict=True) if row[0]]

    return ask


@contextmanager
def filled(events: int, *, identities: bool) -> Iterator[Warehouse]:
    """A warehouse with that many events of the shop."""
    with TemporaryDirectory() as folder:
        warehouse = Warehouse(chdb_url(Path(folder)))
        warehouse.migrate()
        try:
            with clickhouse_connect.get_client(interface="chdb", path=folder) as client:
                shop.fill(client, events, identities=identities)
            yield warehouse
        finally:
            warehouse.close()


def report(console: Console, events: int) -> None:
    """Print a table for known users alone, and one for people who look around before they sign in."""
    for identities in (False, True):
        who = "who look around before they sign in" if identities else "who are known"
        table = Table(title=f"Questions: {events:,} events of people {who}, beside S1's table and statements")
        table.add_column("question")
        for column in ("S1 ms", "ms", "ratio", "numbers"):
            table.add_column(column, justify="right")
        with filled(events, identities=identities) as warehouse:
            for one in measure(warehouse):
                # S1 counts a device and its later user as two, so with identities the numbers differ by design.
                same = "equal" if one.same else "by identity" if identities else "DIFFERENT"
                table.add_row(one.name, f"{one.theirs:.0f}", f"{one.ours:.0f}", f"{one.ratio:.2f}", same)
        console.print(table)
