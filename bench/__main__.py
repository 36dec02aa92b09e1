"""`make bench`: arrival, personal data, the browser and Python SDKs, the dashboard, questions, serving, alerts.

Each is measured beside a baseline in the same run. Prints tables and keeps them in `bench/results.md`. Two million
events take a few minutes; `ARGS=--full` measures the twenty million that the aims are set for,
`ARGS="--only questions"` a part.
"""

import argparse
import os
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import alerts, arrival, client, dashboard, privacy, questions, sdk, serving
from bench.tables import Table

QUICK, FULL = 2_000_000, 20_000_000
RESULTS = Path(__file__).parent / "results.md"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--full", action="store_true", help=f"{FULL:,} events instead of {QUICK:,}")
    options.add_argument("--only", choices=sorted(PARTS), help="this part alone; the results are printed, not kept")
    chosen = options.parse_args()
    console = Console()
    shown: list[Table] = []
    for part in [chosen.only] if chosen.only else PARTS:
        for table in PARTS[part](FULL if chosen.full else QUICK):
            table.show(console)
            shown.append(table)
    if not chosen.only:
        RESULTS.write_text(_page(shown), "utf-8")
        console.print(f"Kept in {RESULTS.relative_to(Path.cwd())}.")


def _arrival(_events: int) -> Iterator[Table]:
    yield arrival.table()
    yield arrival.guarded()


def _privacy(_events: int) -> Iterator[Table]:
    yield privacy.table()


def _client(_events: int) -> Iterator[Table]:
    yield client.table()


def _sdk(_events: int) -> Iterator[Table]:
    yield sdk.table()


def _dashboard(_events: int) -> Iterator[Table]:
    yield dashboard.table()


def _questions(events: int) -> Iterator[Table]:
    some = min(events, questions.UMAMI_EVENTS)
    with questions.filled(some, identities=False) as folder:
        yield questions.beside_umami(folder, some)
    with questions.filled(events, identities=False) as folder:
        yield questions.table(folder, events, identities=False)[0]
    with questions.filled(events // 10, identities=True) as folder:
        _, few = questions.table(folder, events // 10, identities=True)
    with questions.filled(events, identities=True) as folder:
        table, many = questions.table(folder, events, identities=True)
        yield table
        yield Table(
            title="Growth: the time of a question over ten times the events",
            columns=["question", f"{events // 10:,} events, ms", f"{events:,} events, ms", "times"],
            rows=[[name, f"{few[name]:.0f}", f"{many[name]:.0f}", f"{many[name] / few[name]:.1f}"] for name in many],
            note="No question should take more than ten times as long.",
        )
        yield serving.table(folder, events)


def _alerts(events: int) -> Iterator[Table]:
    yield alerts.detectors()
    with questions.filled(events, identities=False) as folder:
        yield alerts.thousand(folder, events)


PARTS: dict[str, Callable[[int], Iterator[Table]]] = {
    "arrival": _arrival,
    "privacy": _privacy,
    "sdk": _sdk,
    "client": _client,
    "dashboard": _dashboard,
    "questions": _questions,
    "alerts": _alerts,
}


def _page(tables: list[Table]) -> str:
    machine = f"{os.cpu_count()} processors ({_processor()}), {platform.system()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    head = f"# What `make bench` measured\n\n{datetime.now(UTC):%Y-%m-%d}, {machine}, {python}.\n"
    return "\n".join([head, *[table.markdown() for table in tables]])


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
