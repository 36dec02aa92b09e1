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
from footfall.insights import INSIGHTS, Kind, facts
from footfall.insights.question import Query, frame_of
from footfall.insights.sql import Context
from footfall.stores.warehouse import Warehouse, chdb_url

ROUNDS = 5
CONTEXT = Context(project_id=1, timezone="UTC", now=shop.END + 86_400_000)
RANGE = {"from": shop.START, "to": shop.END}
MEASURES = ("count", "unique_users", "unique_sessions")
STEPS = ("page_view", "add_to_cart", "purchase")

# S1's statements. `start` and `end` are left out, since all events lie between them. Its funnel does not run on a
# DateTime64, so it is asked in milliseconds.
_S1_TREND = (
    "SELECT {bucket}(timestamp) AS time, count() AS total, uniqExact(user_id) AS unique_users,"
    " uniqExact(session_id) AS unique_sessions FROM s1_events WHERE {where} GROUP BY time ORDER BY time"
)
_S1_FUNNEL = (
    "SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3) FROM (SELECT user_id, windowFunnel(1800000)("
    f"toUInt64(toUnixTimestamp64Milli(timestamp)), {', '.join(f'event = {name!r}' for name in STEPS)}) AS level"
    f" FROM s1_events WHERE event IN {STEPS} GROUP BY user_id)"
)

# What S1 does not ask, over S1's table, as a careful engineer would write it.
_ACTED = "event NOT IN ('page_view', 'page_leave', 'component_visit', 'component_exit', '$identify')"
_RETENTION = (
    "SELECT first, day - first AS period, count() FROM (SELECT groupUniqArray(toDate(timestamp)) AS days,"
    " arrayMin(days) AS first FROM s1_events GROUP BY user_id) ARRAY JOIN days AS day"
    " GROUP BY first, period ORDER BY first, period"
)
_SESSIONS = (
    "SELECT count(), countIf(views = 1 AND NOT acted), round(avg(lasted) / 1000, 3),"
    " quantileExactInclusive(0.5)(lasted) / 1000, round(quantileExactInclusive(0.95)(lasted) / 1000, 3),"
    " sumMap([entry], [1]), sumMap([exit], [1]) FROM (SELECT countIf(event = 'page_view') AS views,"
    f" max({_ACTED}) AS acted, date_diff('ms', min(timestamp), max(timestamp)) AS lasted,"
    " argMinIf(page, timestamp, event = 'page_view') AS entry, argMaxIf(page, timestamp, event = 'page_view') AS exit"
    " FROM s1_events GROUP BY user_id, session_id)"
)
_DWELL = (
    "SELECT page, count(), countIf(lasted >= 0), round(sumIf(lasted, lasted >= 0) / 1000, 3),"
    " quantileExactInclusiveIf(0.5)(lasted, lasted >= 0) / 1000 FROM (SELECT event, page,"
    " if(next = toDateTime64(0, 3, 'UTC'), -1, date_diff('ms', timestamp, next)) AS lasted"
    " FROM (SELECT event, page, timestamp, leadInFrame(timestamp) OVER (PARTITION BY user_id, session_id"
    " ORDER BY timestamp ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next FROM s1_events"
    " WHERE event IN ('page_view', 'page_leave'))) WHERE event = 'page_view' GROUP BY page ORDER BY page"
)
_PATHS = (
    "SELECT step, pair.1 AS source, pair.2 AS target, count() FROM (SELECT arraySlice(arrayCompact(arrayMap(x -> x.2,"
    " arraySort(groupArray((timestamp, page))))), 1, 5) AS path FROM s1_events WHERE event = 'page_view'"
    " GROUP BY user_id, session_id) ARRAY JOIN arrayZip(arrayPopBack(path), arrayPopFront(path)) AS pair,"
    " arrayEnumerate(arrayPopBack(path)) AS step GROUP BY step, source, target ORDER BY step, source, target"
)

Lines = list[list[Any]]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A question over S1's table and ours, and the ratio that is aimed at."""

    name: str
    theirs: str
    kind: Kind
    request: dict[str, Any]
    aim: float
    lines: Callable[[Any], Lines] | None
    """Our answer as their statement's rows, to see that both say the same; None where they ask for less."""
    read: Callable[[Lines], Lines] = lambda rows: rows
    """Their rows, where they have to be looked at as well."""


def _trend(event: str, interval: str, aim: float) -> Case:
    return Case(
        name=f"{event} by {interval}",
        theirs=_S1_TREND.format(
            bucket={"hour": "toStartOfHour", "day": "toStartOfDay"}[interval],
            where="event != '$identify'" if event == "*" else f"event = '{event}'",
        ),
        kind="trend",
        # What S1 answers has no totals (`GET /api/events/trend`).
        request={
            "series": [{"event": event, "measure": one} for one in MEASURES],
            "interval": interval,
            "totals": False,
        },
        aim=aim,
        lines=lambda answer: [
            list(row) for row in zip(*(series.values for series in answer.series), strict=True) if row[0]
        ],
        read=lambda rows: [row[-3:] for row in rows],
    )


def _sessions_as_rows(answer: Any) -> Lines:
    ends = [
        [sorted(one.page for one in side), [one.sessions for one in sorted(side, key=lambda one: one.page)]]
        for side in (answer.entries, answer.exits)
    ]
    told = answer.duration
    return [[answer.sessions, answer.bounces, round(told.mean, 3), told.median, round(told.p95, 3), *ends]]


CASES = (
    _trend("purchase", "hour", 1.5),
    _trend("page_view", "hour", 1.5),
    _trend("*", "day", 3),
    Case(
        name="funnel of three steps",
        theirs=_S1_FUNNEL,
        kind="funnel",
        request={"steps": [{"event": name} for name in STEPS], "window": "PT30M"},
        aim=4,
        lines=lambda answer: [[step.users for step in answer.steps]],
    ),
    Case(
        name="retention by day",
        theirs=_RETENTION,
        kind="retention",
        request={"interval": "day"},
        aim=2,
        lines=lambda answer: [
            [cohort.bucket[:10], period, value]
            for cohort in answer.cohorts
            for period, value in enumerate(cohort.values)
            if value
        ],
    ),
    Case(
        name="sessions by page",
        theirs=_SESSIONS,
        kind="sessions",
        request={"interval": None},
        aim=2,
        lines=_sessions_as_rows,
    ),
    Case(
        name="dwell by page",
        theirs=_DWELL,
        kind="dwell",
        request={"by": "page"},
        aim=2,
        lines=lambda answer: [
            [row.name, row.visits, row.measured, round(row.total_s, 3), row.median_s]
            for row in sorted(answer.rows, key=lambda row: row.name)
        ],
    ),
    Case(
        name="paths by page, five steps",
        theirs=_PATHS,
        kind="paths",
        request={"by": "page", "max_steps": 5},
        aim=2,
        lines=lambda answer: sorted([link.step, link.source, link.target, link.sessions] for link in answer.links),
    ),
    Case(
        name="the overview, beside S1's * by day",
        theirs=_trend("*", "day", 1).theirs,
        kind="overview",
        request={},
        aim=1,
        lines=None,
    ),
)


UMAMI_EVENTS = 5_000_000
UMAMI = {"funnel of three steps": 6.2, "retention by day": 15.0, "paths by page, five steps": 20.0}
"""Seconds that Umami's reports are said to take over so many events, on machines of others."""


class Measured(msgspec.Struct, frozen=True):
    """Milliseconds, the best of the rounds, and the answers in a form that can be compared."""

    case: Case
    theirs: float
    ours: float
    same: bool | None
    """Whether both say the same; None where that cannot be compared."""

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
        same = found["theirs"] == found["ours"] if case.lines else None
        yield Measured(case, min(took["theirs"]), min(took["ours"]), same)


def _theirs(warehouse: Warehouse, case: Case) -> Callable[[], list[list[Any]]]:
    return lambda: case.read(warehouse.select(Query(text=case.theirs, params={})).rows)


def _ours(warehouse: Warehouse, case: Case) -> Callable[[], list[list[Any]]]:
    insight = INSIGHTS[case.kind]
    read = msgspec.json.decode(msgspec.json.encode(case.request | RANGE), type=insight.request)

    def ask() -> list[list[Any]]:
        frame = frame_of(read, CONTEXT)
        counted = insight.counted(read, CONTEXT)
        looked = facts.build(frame, counted)
        found = facts.shape({name: warehouse.select(query) for name, query in looked.items()}, counted)
        plan = insight.plan(read, msgspec.structs.replace(CONTEXT, facts=found))
        rows = {name: warehouse.select(query) for name, query in insight.queries(plan).items()}
        answer = insight.shape(plan, rows)
        return case.lines(answer) if case.lines else []

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
            {True: "equal", False: unlike, None: ""}[one.same],
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


def beside_umami(folder: Path, events: int) -> Table:
    """Ours over as many events as others told of Umami's reports."""
    with opened(folder) as warehouse:
        ours = {one.case.name: one.ours for one in measure(warehouse) if one.case.name in UMAMI}
    return Table(
        title=f"Beside what is said of Umami over {UMAMI_EVENTS:,} events; ours over {events:,}",
        columns=["question", "Umami, s", "s"],
        rows=[[name, f"{UMAMI[name]:.1f}", f"{took / 1000:.2f}"] for name, took in ours.items()],
        note="Theirs were not measured here, nor on this machine.",
    )
