"""`footfall doctor`: what is well, what is not, and what to do next."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from footfall.cli.console import out
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, ask, connect, named
from footfall.model.errors import FolderDamaged, FolderInUse, FootfallError, Unavailable

EXAMPLE = "Example: [bold]footfall doctor --data /var/lib/footfall[/] (exit status 1 when something is wrong)"

_MARKS = {"well": ("✓", "green"), "note": ("!", "yellow"), "wrong": ("✗", "red")}


def run(
    wrong_only: Annotated[bool, typer.Option("--wrong", help="Show only what is not well.")] = False,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Look at a server, or at a data folder that none holds. Exit status 1 when something is wrong."""
    findings = asyncio.run(_findings(data, url, key, project))
    table = Table(show_lines=False)
    for column in ("", "what", "how it is", "what to do"):
        table.add_column(column, overflow="fold")
    for one in findings:
        if not wrong_only or one["state"] != "well":
            table.add_row(Text(*_MARKS[one["state"]]), one["name"], Text(one["says"]), Text(one["advice"]))
    if table.row_count:
        out.print(table)
    wrong = sum(one["state"] == "wrong" for one in findings)
    out.print("Something is wrong." if wrong else "All is well.")
    if wrong:
        raise typer.Exit(1)


async def _findings(data: Path, url: str | None, key: str | None, project: int | None) -> list[dict[str, Any]]:
    """Those of the server; one of our own where the folder cannot even be opened, or nobody answers."""
    try:
        async with connect(data, url, key) as client:
            return (await ask(client, "GET", "/api/doctor", params=named(project)))["findings"]
    except (FolderDamaged, FolderInUse, Unavailable) as error:
        return [{"name": "server", "state": "wrong", "says": error.detail, "advice": _advice(error)}]


def _advice(error: FootfallError) -> str:
    return "Start it with footfall serve, and read what it says." if isinstance(error, Unavailable) else error.title
