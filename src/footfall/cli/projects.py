"""`footfall projects`: several in one installation, apart from each other."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from footfall.cli.console import errors, out
from footfall.cli.remote import DATA, DataOption, KeyOption, UrlOption, ask_once
from footfall.model.period import Weekday

app = typer.Typer(help="Make, list, archive and restore projects.", no_args_is_help=True)


@app.command(epilog="Example: [bold]footfall projects create Shop --timezone Europe/Berlin[/]")
def create(
    name: str,
    timezone: Annotated[str, typer.Option(help="Zone of its days.")] = "UTC",
    week_start: Annotated[Weekday, typer.Option(help="First day of its weeks.")] = "monday",
    origin: Annotated[
        list[str] | None, typer.Option(help="Its public keys work from pages of this origin; repeatable.")
    ] = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Make a project. Its number is printed to standard output, for --project and ?project=."""
    body = {"name": name, "timezone": timezone, "week_start": week_start, "origins": origin or []}
    made = asyncio.run(ask_once(data, url, key, "POST", "/api/projects", json=body))
    errors.print(Text(f"Project {made['name']} has the number:"))
    typer.echo(made["id"])


@app.command("list", epilog="Example: [bold]footfall projects list[/]")
def list_(data: DataOption = DATA, url: UrlOption = None, key: KeyOption = None) -> None:
    """Show all projects, archived ones too."""
    table = Table()
    for column in ("number", "name", "zone", "week starts", "origins", "made", "archived"):
        table.add_column(column, overflow="fold")
    for one in asyncio.run(ask_once(data, url, key, "GET", "/api/projects", params={"archived": "true"})):
        table.add_row(
            str(one["id"]),
            Text(one["name"]),
            one["timezone"],
            one["week_start"],
            Text(", ".join(one["origins"]) or "any"),
            one["created_at"],
            one["archived_at"] or "no",
        )
    out.print(table)


@app.command(epilog="Example: [bold]footfall projects archive 2[/]")
def archive(number: int, data: DataOption = DATA, url: UrlOption = None, key: KeyOption = None) -> None:
    """Close a project: its keys open nothing from the next request on, its events stay."""
    asyncio.run(ask_once(data, url, key, "DELETE", f"/api/projects/{number}"))
    out.print(f"Project {number} is archived; footfall projects restore {number} brings it back.", highlight=False)


@app.command(epilog="Example: [bold]footfall projects restore 2[/]")
def restore(number: int, data: DataOption = DATA, url: UrlOption = None, key: KeyOption = None) -> None:
    """Bring an archived project back."""
    asyncio.run(ask_once(data, url, key, "POST", f"/api/projects/{number}/restore"))
    out.print(f"Project {number} is back.", highlight=False)
