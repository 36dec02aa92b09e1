"""Questions beside S1's own, over the same events in the same engine."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import clickhouse_connect
import msgspec

from bench import shop
from bench.tables import Table
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


class Case(msgspec.Struct, frozen=True):
    """A question as S1 puts it to the engine and as ours does, and the ratio that is aimed at."""

    name: str
    theirs: str
    kind: Kind
    request: dict[str, Any]
    aim: float


def _trend(event: str, interval: str, aim: float) -> Case:
    return Case(
        f"{event} by {interval}",
        _S1_TREND.format(
            bucket={"hour": "toStartOfHour", "day": "toStartOfDay"}[interval],
            where="event != '$identify'" if event == "*" else f"event = '{event}'",
        ),
        "trend",
        # What S1 answers has no totals (`GET /api/events/trend`).
        {
            "series": [{"event": event, "measure": one} for one in MEASURES],
            "interval": interval,
            "totals": False,
        },
        aim,
    )


CASES = (
    _trend("purchase", "hour", 1.5),
    _trend("page_view", "hour", 1.5),
    _trend("*", "day", 3),
    Case(
        "funnel of three steps",
        _S1_FUNNEL,
        "funnel",
        {"steps": [{"event": name} for name in STEPS], "window": "PT30M"},
        4,
    ),
)


class Measured(msgspec.Struct, frozen=True):
    """Milliseconds, the best of the rounds, and the answers in a form that can be compared."""

    case: Case
    theirs: float
    ours: float
    same: bool

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours


def measure(warehouse: Warehouse) -> Iterator[Measured]:
    """Each question, theirs and ours in turn, so that what else the machine does hits both."""
    for case in CASES:
        took: dict[str, list[float]] = {"theirs": [], "ours": []}
        found: dict[str, Any] = {}
        for _ in range(ROUNDS):
            for who, ask in (("theirs", _theirs(warehouse, case)), ("ours", _ours(warehouse, case))):
                started = time.perf_counter()
                found[who] = ask()
                took[who].append((time.perf_counter() - started) * 1000)
        yield Measured(case, min(took["theirs"]), min(took["ours"]), found["theirs"] == found["ours"])


def _theirs(warehouse: Warehouse, case: Case) -> Callable[[], list[list[Any]]]:
    return lambda: [row[-3:] for row in warehouse.select(Query(text=case.theirs, params={})).rows]


def _ours(warehouse: Warehouse, case: Case) -> Callable[[], list[list[Any]]]:
    insight = INSIGHTS[case.kind]
    read = msgspec.json.decode(msgspec.json.encode(case.request | RANGE), type=insight.request)

    def ask() -> list[list[Any]]:
        plan = insight.plan(read, CONTEXT)
        answer = insight.shape(plan, {name: warehouse.select(query) for name, query in insight.build(plan).items()})
        if case.kind == "funnel":
            return [[step.users for step in answer.steps]]
        return [list(row) for row in zip(*(series.values for series in answer.series), strict=True) if row[0]]

    return ask


@contextmanager
def filled(events: int, *, identities: bool) -> Iterator[Path]:
    """A data folder with that many events of the shop, in parts as few as the engine makes of them when it has time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with opened(folder) as warehouse:
            warehouse.migrate()
            with clickhouse_connect.get_client(interface="chdb", path=str(folder / "warehouse")) as client:
                shop.fill(client, events, identities=identities)
        yield folder


@contextmanager
def opened(folder: Path) -> Iterator[Warehouse]:
    warehouse = Warehouse(chdb_url(folder / "warehouse"))
    try:
        yield warehouse
    finally:
        warehouse.close()


def table(folder: Path, events: int, *, identities: bool) -> tuple[Table, dict[str, float]]:
    """The table of a folder, and by question the milliseconds of ours."""
    with opened(folder) as warehouse:
        measured = list(measure(warehouse))
    # S1 counts a device and its later user as two, so with identities the numbers differ by design.
    unlike = "by identity" if identities else "DIFFERENT"
    who = "who look around before they sign in" if identities else "who are all known"
    rows = [
        [
            one.case.name,
            f"{one.theirs:.0f}",
            f"{one.ours:.0f}",
            f"{one.ratio:.2f}",
            f"{one.case.aim:g}",
            "equal" if one.same else unlike,
        ]
        for one in measured
    ]
    return (
        Table(
            title=f"Questions: {events:,} events of people {who}, beside S1's table and statements",
            columns=["question", "S1 ms", "ms", "ratio", "aim", "numbers"],
            rows=rows,
        ),
        {one.case.name: one.ours for one in measured},
    )
