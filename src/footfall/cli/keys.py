"""`footfall keys`: make, list, turn over and revoke keys."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from footfall.access import Scope
from footfall.cli.console import errors, out
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, ask_once

app = typer.Typer(help="Make, list, turn over and revoke keys.", no_args_is_help=True)


@app.command(epilog="Example: [bold]footfall keys create --scope write --origin https://shop.example[/]")
def create(  # noqa: PLR0913, PLR0917 - the options of the command
    scope: Annotated[Scope, typer.Option(help="write, stats (public: for pages), read or admin.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    value: Annotated[
        str | None, typer.Option(help="The key itself, for a write key that clients have already.")
    ] = None,
    origin: Annotated[list[str] | None, typer.Option(help="Only from pages of this origin; repeatable.")] = None,
    rate_limit: Annotated[str | None, typer.Option(help="Requests, such as 100/second.")] = None,
    expires: Annotated[str | None, typer.Option(help="When it ends, such as 2027-01-01.")] = None,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Make a key. Its value is printed to standard output this once, and nothing else is."""
    body = {
        "scope": scope,
        "name": name,
        "value": value,
        "origins": origin or [],
        "rate_limit": rate_limit,
        "expires_at": expires,
    }
    made = asyncio.run(ask_once(data, url, key, "POST", "/api/keys", project=project, json=body))
    errors.print(f"Key {made['key']['id']} ({scope}); its value is shown this once:", highlight=False)
    typer.echo(made["value"])


@app.command("list", epilog="Example: [bold]footfall keys list[/]")
def list_(project: ProjectOption = None, data: DataOption = DATA, url: UrlOption = None, key: KeyOption = None) -> None:
    """Show all keys, without their values."""
    table = Table()
    for column in ("id", "scope", "name", "begins with", "origins", "limit", "made", "last used", "ends"):
        table.add_column(column, no_wrap=column == "id", overflow="fold")
    for one in asyncio.run(ask_once(data, url, key, "GET", "/api/keys", project=project)):
        table.add_row(
            one["id"],
            one["scope"],
            Text(one["name"]),
            Text(one["hint"]),
            Text(", ".join(one["origins"]) or "any"),
            one["rate_limit"] or "none",
            one["created_at"],
            one["last_used_at"] or "never",
            one["expires_at"] or "never",
        )
    out.print(table)


@app.command(epilog="Example: [bold]footfall keys rotate key_1a2b3c4d5e6f --grace P1D[/]")
def rotate(
    key_id: str,
    grace: Annotated[
        str | None, typer.Option(help="How long the old value still works, such as PT1H or P7D (default: not at all).")
    ] = None,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Make a key with the settings of another, which ends. The new value is printed to standard output."""
    path = f"/api/keys/{key_id}/rotate"
    made = asyncio.run(ask_once(data, url, key, "POST", path, project=project, json={"grace": grace}))
    errors.print(f"Key {made['key']['id']} takes the place of {key_id}; its value is shown this once:", highlight=False)
    typer.echo(made["value"])


@app.command(epilog="Example: [bold]footfall keys revoke key_1a2b3c4d5e6f[/]")
def revoke(
    key_id: str,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Take a key back; from the next request on nobody gets in with it."""
    asyncio.run(ask_once(data, url, key, "DELETE", f"/api/keys/{key_id}", project=project))
    out.print(f"{key_id} is revoked.", highlight=False)
