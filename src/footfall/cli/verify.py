"""`footfall verify`: whether the events arrived that a release should send."""

import asyncio
import re
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from footfall.cli.console import out
from footfall.cli.remote import DATA, DataOption, KeyOption, UrlOption, ask, connect
from footfall.model.errors import BadRequest

EXAMPLE = "Example: [bold]footfall verify --expect page_view,purchase --since 1h[/] (exit status 1 when one is missing)"

_SPAN = re.compile(r"(\d+)\s*([smhdw])")
_ISO = {"s": "PT{}S", "m": "PT{}M", "h": "PT{}H", "d": "P{}D", "w": "P{}W"}


def run(
    expect: Annotated[str, typer.Option(help="Events that must have arrived, separated by commas.")] = "",
    since: Annotated[str, typer.Option(help="How far back to look: 15m, 1h, 7d.")] = "1h",
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """What arrived of late: events, people, sessions, first and last seen; expected ones ticked or crossed."""
    answer = asyncio.run(_fetch(_iso(since), data, url, key))
    seen = {row["event"]: row for row in answer["events"]}
    expected = list(dict.fromkeys(name.strip() for name in expect.split(",") if name.strip()))
    table = Table(title=f"Events in the last {since}", title_justify="left")
    for column in ("", "event", "events", "people", "sessions", "first seen", "last seen"):
        table.add_column(
            column, justify="right" if column in {"events", "people", "sessions"} else "left", overflow="fold"
        )
    for name in [*expected, *(name for name in seen if name not in expected)]:
        mark = "" if name not in expected else "[green]✓[/]" if name in seen else "[red]✗[/]"
        row = seen.get(name)
        cells = ["0", "", "", "", ""] if row is None else [
            f"{row['count']:,}", f"{row['people']:,}", f"{row['sessions']:,}", row["first_seen"], row["last_seen"],
        ]  # fmt: skip
        table.add_row(mark, Text(name), *cells)
    out.print(table)
    if answer["excluded_bots"]:
        out.print(f"{answer['excluded_bots']:,} events of bots are left out.")
    missing = [name for name in expected if name not in seen]
    for name in missing:
        out.print(Text.assemble(("✗", "red"), f" {name} did not arrive."))
    if missing:
        raise typer.Exit(1)


async def _fetch(since: str, data: Any, url: str | None, key: str | None) -> dict[str, Any]:
    async with connect(data, url, key) as client:
        return await ask(client, "GET", "/api/catalog/events", params={"since": since})


def _iso(since: str) -> str:
    match = _SPAN.fullmatch(since.strip().lower())
    if match is None:
        raise BadRequest(f"“{since[:40]}” is no span of time; write 15m, 1h or 7d.", path="--since")
    return _ISO[match[2]].format(match[1])
