"""`footfall query`: SQL of your own, read-only, over a project's events."""

import asyncio
import csv
import json
import sys
from typing import Annotated, Any, Literal

import typer
from rich.table import Table
from rich.text import Text

from footfall.cli.console import errors, out
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, ask, connect, named
from footfall.insights.table import harmless, plain
from footfall.model.errors import FootfallError, Position

EXAMPLE = (
    'Example: [bold]footfall query "SELECT event, count() AS n FROM events GROUP BY event ORDER BY n DESC"[/]'
    " · footfall query --format csv - < statement.sql"
)

_WIDTH, _BEFORE = 100, 60
"""Of a long line, so much is shown, and so much of it in front of the place."""


def run(
    statement: Annotated[
        str, typer.Argument(help="One SELECT over events and event_hourly_mv; - reads it from stdin.")
    ],
    format_: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="How to show the rows.")
    ] = "table",
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Ask with SQL of your own. It reads one project's events and nothing else."""
    text = sys.stdin.read() if statement == "-" else statement
    try:
        answer = asyncio.run(_fetch(text, project, data, url, key))
    except FootfallError as error:
        if error.position is not None:
            _point(text, error.position)
        raise
    _SHOWN[format_](answer)


def _point(text: str, position: Position) -> None:
    """The line in question, and a caret below the place."""
    line = (text.split("\n") + [""] * position.line)[position.line - 1]
    start = max(0, position.column - 1 - _BEFORE)
    shown = line[start : start + _WIDTH].replace("\t", " ")
    margin = " " * (position.column - 1 - start)
    errors.print(Text(f"{position.line:>4} │ {shown}\n     │ {margin}^"), soft_wrap=True)


async def _fetch(text: str, project: int | None, data: Any, url: str | None, key: str | None) -> dict[str, Any]:
    async with connect(data, url, key) as client:
        return await ask(client, "POST", "/api/sql", params=named(project), json={"query": text})


def _table(answer: dict[str, Any]) -> None:
    table = Table()
    for name, kind in zip(answer["columns"], answer["types"], strict=True):
        table.add_column(Text(name), justify="right" if _is_number(kind) else "left", overflow="fold")
    for row in answer["rows"]:
        table.add_row(*(Text("" if value is None else str(plain(value))) for value in row))
    out.print(table)
    count = len(answer["rows"])
    errors.print(f"{count:,} row{'' if count == 1 else 's'}", highlight=False)


def _is_number(kind: str) -> bool:
    return kind.removeprefix("Nullable(").startswith(("Int", "UInt", "Float", "Decimal"))


def _json(answer: dict[str, Any]) -> None:
    """An object a row; of columns with one name, the last counts."""
    rows = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def _csv(answer: dict[str, Any]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow([harmless(name) for name in answer["columns"]])
    for row in answer["rows"]:
        cells = (plain(value) for value in row)
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])


_SHOWN = {"table": _table, "json": _json, "csv": _csv}
