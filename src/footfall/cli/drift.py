"""`footfall plan pull` and `drift`: the plan beside what a server has seen."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from footfall.cli.console import errors, out
from footfall.cli.plan import Format, FormatOption, escaped, one_line
from footfall.cli.remote import (
    DATA,
    DataOption,
    KeyOption,
    ProjectOption,
    UrlOption,
    ask_once,
    connect,
    download,
    named,
)
from footfall.model.errors import BadRequest
from footfall.plan.drift import EventDrift, Finding

SinceOption = Annotated[str, typer.Option(help="How far back, as an ISO 8601 duration.")]

PULL = (
    "Example: [bold]footfall plan pull --output plan/draft.yaml[/]"
    " · footfall plan pull --event checkout_step --since P7D"
)


def pull(
    output: Annotated[Path | None, typer.Option(help="A new file; otherwise standard output.")] = None,
    event: Annotated[list[str] | None, typer.Option(help="Only events of this name. Repeatable.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what the server's plan has already.")] = False,
    since: SinceOption = "P30D",
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Write a draft of a plan from what the server has seen and its plan does not have."""
    params: dict[str, Any] = {"since": since, "all": everything, "event": event or []} | named(project)
    text = asyncio.run(_draft(data, url, key, params))
    if output is None:
        sys.stdout.write(text)
        return
    try:
        # A draft is a beginning: what somebody has written is not written over.
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise BadRequest(str(error), path="--output") from None
    errors.print(f"A draft is in {output}. Next: footfall plan lint {output}", highlight=False)


async def _draft(data: Path, url: str | None, key: str | None, params: dict[str, Any]) -> str:
    async with connect(data, url, key, create=True) as client, download(client, "/api/plan/draft", params) as answer:
        return (await answer.aread()).decode()


DRIFT = "Example: [bold]footfall plan drift --since P7D[/] · footfall plan drift --url https://stats.example --strict"

_STATES = {
    "seen": ("", "default"),
    "unplanned": ("is not planned", "red"),
    "stopped": ("came, and does not any more", "red"),
    "never_seen": ("is planned, and never came", "yellow"),
    "deprecated": ("is deprecated, and comes", "yellow"),
    "gone": ("", "dim"),
    "draft": ("", "dim"),
}
"""What a state is in words, where it is remarkable, and its colour."""


def drift(
    since: SinceOption = "P7D",
    form: FormatOption = Format.text,
    strict: Annotated[bool, typer.Option("--strict", help="Exit status 1 when anything is remarkable.")] = False,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Say where what comes has left the plan: unplanned, stopped, never seen, of other types, with new values."""
    told = asyncio.run(ask_once(data, url, key, "GET", "/api/plan/drift", project=project, params={"since": since}))
    events = msgspec.convert(told["events"], list[EventDrift])
    found = list(_remarkable(events))
    if form is Format.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(told)).decode() + "\n")
    elif form is Format.github:
        for event, said, _ in found:
            typer.echo(f"::warning title={escaped(event.event)}::{one_line(said)}")
    else:
        table = Table("event", "events", "what")
        for event, said, colour in found:
            table.add_row(event.event, f"{event.count:,}", said, style=colour)
        if found:
            out.print(table)
        errors.print(f"{len(events)} events, {len(found)} remarks.", highlight=False)
    if strict and found:
        raise typer.Exit(1)


def _remarkable(events: list[EventDrift]) -> Iterator[tuple[EventDrift, str, str]]:
    """Event, sentence, and colour of each."""
    for event in events:
        said, colour = _STATES[event.state]
        if said:
            meant = f"; did you mean “{event.suggestion}”?" if event.suggestion else ""
            yield event, f"{said}{meant}", colour
        for finding in event.findings:
            yield event, _sentence(finding), "default"


def _sentence(one: Finding) -> str:
    return _SENTENCES[one.sign].format(
        property=one.property,
        expected=one.expected,
        found=one.found or "others",
        share=f"{one.share:.1%}",
        before="" if one.before is None else f"{one.before:.1%}",
    )


_SENTENCES = {
    "type_drift": "{property}: {found} instead of {expected} in {share}",
    "new_value": "{property}: {found} beside {expected} in {share}",
    "unplanned_property": "{property}: is not planned ({found} in {share})",
    "never_seen": "{property}: is planned, and never came",
    "null_rate": "{property}: missing in {share}, before in {before}",
}
