"""`footfall users`: who signs in, and with which role."""

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from footfall.access import Role
from footfall.cli.console import errors, out
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, ask, connect
from footfall.model.errors import NotFound

app = typer.Typer(help="Add, list and remove people, and help them back in.", no_args_is_help=True)


@app.command(epilog="Example: [bold]footfall users add ada@example.com --role analyst[/]")
def add(
    email: str,
    role: Annotated[Role, typer.Option(help="viewer (aggregates only), analyst, admin or owner.")],
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Give somebody a role in a project. The link to come in or to accept it with is printed to standard output."""

    async def run() -> Any:
        async with connect(data, url, key, create=True) as client:
            body = {"email": email, "name": name, "role": role}
            return await ask(client, "POST", "/api/users", params=_params(project), json=body)

    added = asyncio.run(run())
    if added["user"] is not None:
        errors.print(f"{email} is {role} now.", highlight=False)
        _say_link(added["link"])
    else:
        errors.print(f"{email} has an account here, and is {role} once they accept.", highlight=False)
        _say(f"This link is their invitation, good until {added['link']['expires_at']}", added["link"]["link"])


@app.command("list", epilog="Example: [bold]footfall users list[/]")
def list_(project: ProjectOption = None, data: DataOption = DATA, url: UrlOption = None, key: KeyOption = None) -> None:
    """Show everybody with a role in a project."""

    async def run() -> Any:
        async with connect(data, url, key) as client:
            return await ask(client, "GET", "/api/users", params=_params(project))

    table = Table()
    for column in ("id", "e-mail address", "name", "role", "second factor", "can sign in"):
        table.add_column(column, no_wrap=column == "id", overflow="fold")
    for one in asyncio.run(run()):
        table.add_row(
            one["id"],
            Text(one["email"] or "not said yet"),
            Text(one["name"]),
            one["role"],
            "on" if one["second_factor"] else "off",
            "yes" if one["can_sign_in"] else "not yet",
        )
    out.print(table)


@app.command(epilog="Example: [bold]footfall users link ada@example.com[/]")
def link(
    email: str,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Make a link for somebody who lost the password or the second factor; opening it forgets both."""

    async def run() -> Any:
        async with connect(data, url, key) as client:
            found = await _find(client, email, project)
            return await ask(client, "POST", f"/api/users/{found}/link", params=_params(project))

    _say_link(asyncio.run(run()))


@app.command(epilog="Example: [bold]footfall users remove ada@example.com[/]")
def remove(
    email: str,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Take somebody's role in a project away; who has none left anywhere is forgotten."""

    async def run() -> None:
        async with connect(data, url, key) as client:
            found = await _find(client, email, project)
            await ask(client, "DELETE", f"/api/users/{found}", params=_params(project))

    asyncio.run(run())
    out.print(Text(f"{email} has no role there any more."))


async def _find(client: Any, email: str, project: int | None) -> str:
    for one in await ask(client, "GET", "/api/users", params=_params(project)):
        if email.strip().lower() == one["email"] or email == one["id"]:
            return one["id"]
    raise NotFound(f"Nobody with the address {email[:254]} has a role there; `footfall users list` shows who has.")


def _params(project: int | None) -> dict[str, int]:
    return {} if project is None else {"project": project}


def _say_link(made: dict[str, str]) -> None:
    _say(f"This link signs one browser in, once, until {made['expires_at']}", made["link"])


def _say(what: str, link: str) -> None:
    errors.print(f"{what}:", highlight=False)
    typer.echo(link)
