"""`footfall tail`: what arrives, as it arrives, a line an event."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import httpx
import typer
from rich.text import Text

from footfall.cli.console import errors, out
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, connect, named, problem_of
from footfall.model.errors import BadRequest, NotFound, Unavailable
from footfall.stores.folder import running_server

EXAMPLE = (
    "Example: [bold]footfall tail --event purchase[/]"
    " · footfall tail --where page=/pricing --json | jq .properties.plan"
)
SILENCE = 60.0
"""Seconds without a word, of which the server says one every 15."""
_LATER = frozenset({429, 500, 502, 503, 504})
"""What a server, or whatever is in front of it, says that will answer later."""
WAITS = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each try to connect again; the last for all further ones."""


def run(
    event: Annotated[list[str] | None, typer.Option(help="Only events of this name; repeatable.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="Only events with that value, such as page=/pricing; repeatable.")
    ] = None,
    filters: Annotated[str | None, typer.Option(help="Filters as questions take them, as JSON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Whole events as JSON, one a line.")] = False,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Follow what arrives, until Ctrl-C. What was missed while the server was away comes when it is back."""
    params = named(project) | {"event": event or [], "filters": json.dumps(_filters(where or [], filters))}
    try:
        asyncio.run(_follow(_Server(data, url, key), params, _json_line if as_json else _line))
    except KeyboardInterrupt:
        return
    except BrokenPipeError:  # whoever read has enough; at exit, Python would complain once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _filters(where: list[str], text: str | None) -> list[Any]:
    """Raises `BadRequest`."""
    found: list[Any] = []
    for one in where:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise BadRequest(f"“{one[:100]}” is no condition; write page=/pricing.", path="--where")
        found.append({"property": name, "operator": "is", "values": [value]})
    try:
        more = [] if text is None else json.loads(text)
    except ValueError as error:
        raise BadRequest(f"That is no JSON: {error}.", path="--filters") from None
    if not isinstance(more, list):
        raise BadRequest("Filters are an array of objects.", path="--filters")
    return found + more


# ── following ────────────────────────────────────────────────────────────────────────────────────────────────


class _Message(NamedTuple):
    """A server-sent event; without `data`, only the place moved on."""

    kind: str
    data: str
    place: str


class _Server(NamedTuple):
    """Which one was meant. A server that comes back may have another address, and has another token."""

    data: Path
    url: str | None
    key: str | None


async def _follow(server: _Server, params: dict[str, Any], show: Callable[[str], None]) -> None:
    """Without end. Raises what the server has against the question, and whatever the first try fails of."""
    place, begun, tries = "", False, 0
    while True:
        try:
            async with _feed(server, params, place) as messages:
                if tries:
                    errors.print("Connected again.", style="green")
                begun, tries = True, 0
                async for message in messages:
                    place = message.place
                    if message.kind == "gap":
                        _say_gap(message.data)
                    elif message.data:
                        show(message.data)
            why = "The server ended the feed."
        except (Unavailable, NotFound) as error:
            if not begun:
                raise
            why = error.detail
        if not tries:
            errors.print(Text(f"{why} Trying again …", style="yellow"))
        await asyncio.sleep(WAITS[min(tries, len(WAITS) - 1)])
        tries += 1


@asynccontextmanager
async def _feed(server: _Server, params: dict[str, Any], place: str) -> AsyncIterator[AsyncIterator[_Message]]:
    """A feed that has begun. Raises `Unavailable` when it breaks off, `NotFound` where no server runs."""
    if server.url is None and running_server(server.data) is None:
        raise NotFound(
            f"No server runs on the folder {server.data}, so nothing arrives. Start one with `footfall serve`, or name"
            " another with --data or --url."
        )
    head = {"last-event-id": place} if place else {}
    async with connect(*server) as client:
        try:
            async with client.stream(
                "GET", "/api/live", params=params, headers=head, timeout=httpx.Timeout(10, read=SILENCE)
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                    problem = problem_of(answer)
                    raise Unavailable(problem.detail) if answer.status_code in _LATER else problem
                yield _messages(answer)
        except httpx.HTTPError as error:
            raise Unavailable(f"No answer from {client.base_url}: {error or type(error).__name__}.") from error


async def _messages(answer: httpx.Response) -> AsyncIterator[_Message]:
    """Only LF ends a line; httpx's own lines also end at a U+2028 in somebody's text."""
    rest, fields = b"", dict[str, list[str]]()
    place = ""
    async for chunk in answer.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            name, _, value = line.decode("utf-8", "replace").partition(":")
            if line:
                fields.setdefault(name, []).append(value.removeprefix(" "))
                continue
            place = fields.get("id", [place])[-1]
            yield _Message(fields.get("event", ["message"])[-1], "\n".join(fields.get("data", [])), place)
            fields = {}


def _say_gap(data: str) -> None:
    gap = json.loads(data)
    missed = "Some events" if gap["missed"] is None else f"{gap['missed']:,} events"
    errors.print(Text(f"{missed} came meanwhile and are not shown; `footfall export` has them.", style="yellow"))


# ── showing ──────────────────────────────────────────────────────────────────────────────────────────────────


def _json_line(data: str) -> None:
    """The event as it was sent, on one line: a line end can only stand between two tokens, a control only in a text."""
    line = _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", _LINE_ENDS.sub(" ", data))
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


_LINE_ENDS = re.compile("[\r\n]")
"""Those of JSON; to Python, what may stand in a text ends lines as well (U+2028, U+2029, U+0085)."""
_CONTROLS = re.compile("[\x7f-\x9f]")
"""What a terminal may act upon, and JSON lets stand."""


def _line(data: str) -> None:
    """Time, name, who, where, and the properties as far as they fit."""
    event = json.loads(data)
    at = datetime.fromisoformat(event["timestamp"]).astimezone()
    received = datetime.fromisoformat(event["received_at"]).astimezone()
    marks = [*(["bot"] if event["bot"] else []), *event["flags"], *(one["rule"] for one in event["violations"])]
    place = " ".join(filter(None, (event["component"], event["action"]))) or event["page"]
    parts = [
        (f"{at:%H:%M:%S}" if at.date() == received.date() else f"{at:%Y-%m-%d %H:%M:%S}", "dim"),
        (event["event"], "bold cyan"),
        (event["user_id"] or event["person_id"], "green" if event["user_id"] else "dim green"),
        (place, "blue"),
        (" ".join(marks), "yellow"),
        (" ".join(f"{name}={_value(value)}" for name, value in event["properties"].items()), "dim"),
    ]
    line = Text("  ").join(Text(_printable(text), style) for text, style in parts if text)
    out.print(line, no_wrap=True, overflow="ellipsis", soft_wrap=not out.is_terminal)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _printable(text: str) -> str:
    """What somebody sent must not be able to speak to a terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
