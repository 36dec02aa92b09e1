"""`footfall alerts`: rules held against now and the past, tried, and brought to a server as files."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import typer
import yaml
from rich.table import Table
from rich.text import Text

from footfall.cli.console import errors, out
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, ask, ask_once, connect, named
from footfall.model.errors import BadRequest, NotFound

app = typer.Typer(help="Rules of alerts: what they say now and would have said.", no_args_is_help=True)

RULES = "/api/events/alert-rules"
_COLOURS = {"ok": "green", "firing": "red", "flapping": "red", "recovering": "yellow", "pending": "yellow"}
_STANDING = ("state", "value", "reason", "evaluatedUntil", "groups", "version", "snoozedUntil")
"""What a rule is shown with, and what is no part of it."""

RuleArgument = Annotated[str, typer.Argument(help="Id of a rule, as `check` shows it.")]


@app.command(
    "check", epilog="Example: [bold]footfall alerts check[/] · footfall alerts check --url https://stats.example"
)
def check(project: ProjectOption = None, data: DataOption = DATA, url: UrlOption = None, key: KeyOption = None) -> None:
    """Hold every rule against its last whole window, now. Exit status 1 when one of them fires."""
    found = asyncio.run(_checked(data, url, key, named(project)))
    table = Table("rule", "event", "type", "on", "state", "value", "why")
    for rule, told in found:
        for group, point in told:
            table.add_row(
                rule["id"] + (f" ({group})" if group else ""),
                rule["event"],
                rule["type"],
                "yes" if rule["enabled"] else "no",
                Text(point["state"], _COLOURS.get(point["state"], "default")),
                "" if point["value"] is None else f"{point['value']:,.10g}",
                point["reason"] or "",
            )
    out.print(table)
    if any(rule["enabled"] and point["state"] == "firing" for rule, told in found for _, point in told):
        raise typer.Exit(1)


async def _checked(
    data: Path, url: str | None, key: str | None, params: dict[str, Any]
) -> list[tuple[dict[str, Any], list[tuple[str | None, dict[str, Any]]]]]:
    """Each rule, and of each of its groups the last whole window."""
    async with connect(data, url, key, create=True) as client:
        rules = await ask(client, "GET", RULES, params=params)
        return [(rule, await _last(client, rule, params)) for rule in rules]


async def _last(client: httpx.AsyncClient, rule: dict[str, Any], params: dict[str, Any]) -> list[Any]:
    found = await ask(client, "POST", f"{RULES}/{rule['id']}/backtest", params=params, json={})
    return [(group["group"], group["points"][-1]) for group in found["groups"] if group["points"]]


@app.command(
    "backtest",
    epilog="Example: [bold]footfall alerts backtest purchase-drop --from 2026-01-01[/]"
    " · footfall alerts backtest --file rule.yaml",
)
def backtest(
    rule: Annotated[str | None, typer.Argument(help="Id of a rule.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="A rule as YAML or JSON, in the place of one that there is.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="A time (default: 30 days ago).")] = None,
    end: Annotated[str | None, typer.Option("--to", help="A time (default: now).")] = None,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Say how often a rule would have fired, and when."""
    if (rule is None) == (file is None):
        raise BadRequest("Name a rule, or a file with one.", path="RULE")
    body: dict[str, Any] = {name: value for name, value in (("from", start), ("to", end)) if value is not None}
    path = f"{RULES}/{rule}/backtest" if file is None else f"{RULES}/backtest"
    if file is not None:
        (only,) = _rules(file)[:1] or [{}]
        body["rule"] = only
    found = asyncio.run(ask_once(data, url, key, "POST", path, project=project, json=body))
    for group in found["groups"]:
        for point in group["points"]:
            if point["notified"]:
                name = f" ({group['group']})" if group["group"] else ""
                value = "no data" if point["value"] is None else f"{point['value']:,.10g}"
                out.print(f"{point['bucket']}  {point['notice']}{name}: {value}", highlight=False)
    errors.print(
        f"Would have fired {found['firings']} times in {found['windows']} windows, with {found['notices']} notices.",
        highlight=False,
    )


@app.command("test", epilog="Example: [bold]footfall alerts test purchase-drop[/]")
def try_(
    rule: RuleArgument,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Send a test notice by every channel of a rule. Exit status 1 when one of them did not take it."""
    told = asyncio.run(ask_once(data, url, key, "POST", f"{RULES}/{rule}/test", project=project))
    for one in told["deliveries"]:
        out.print(f"{one['type']}: {one['status']}{': ' + one['error'] if one['error'] else ''}", highlight=False)
    if any(one["status"] != "delivered" for one in told["deliveries"]):
        raise typer.Exit(1)


@app.command("push", epilog="Example: [bold]footfall alerts push alerts.yaml[/]")
def push(
    file: Annotated[Path, typer.Argument(help="Rules as YAML or JSON: one, or a list of them.")],
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Bring rules to the server, each in the place of the one of its id."""
    rules = _rules(file)
    asyncio.run(_pushed(rules, data, url, key, named(project)))
    errors.print(f"{len(rules)} rules are in place.", highlight=False)


async def _pushed(
    rules: list[dict[str, Any]], data: Path, url: str | None, key: str | None, params: dict[str, Any]
) -> None:
    async with connect(data, url, key, create=True) as client:
        known = {rule["id"] for rule in await ask(client, "GET", RULES, params=params)}
        for rule in rules:
            is_known = rule.get("id") in known
            path = f"{RULES}/{rule['id']}" if is_known else RULES
            await ask(client, "PUT" if is_known else "POST", path, params=params, json=rule)


@app.command("pull", epilog="Example: [bold]footfall alerts pull > alerts.yaml[/]")
def pull(project: ProjectOption = None, data: DataOption = DATA, url: UrlOption = None, key: KeyOption = None) -> None:
    """Print the rules of the server as YAML, without what is secret of their channels."""
    rules = asyncio.run(ask_once(data, url, key, "GET", RULES, project=project))
    plain = [
        {name: value for name, value in rule.items() if name not in _STANDING and value not in (None, [], "")}
        for rule in rules
    ]
    sys.stdout.write(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True))


def _rules(file: Path) -> list[dict[str, Any]]:
    """Raises `NotFound`, `BadRequest`."""
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(f"There is no {file}.") from None
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise BadRequest(f"{file} cannot be read: {str(error)[:200]}") from None
    rules = found if isinstance(found, list) else [found]
    if not all(isinstance(rule, dict) for rule in rules):
        raise BadRequest(f"{file} holds a rule, or a list of rules.")
    return msgspec.convert(rules, list[dict[str, Any]])
