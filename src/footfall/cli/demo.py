"""`footfall demo`: the server on a temporary folder, with a month of a shop's life and a visitor."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from footfall.cli.console import errors, out
from footfall.settings import DEFAULT_PORT, Settings, clock

if TYPE_CHECKING:
    from footfall.app import House

EXAMPLE = "Example: [bold]footfall demo --events 1000000 --port 8500[/]"


def run(
    events: Annotated[int, typer.Option(min=1000, help="How many events of the past to invent.")] = 200_000,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=f"Port to listen at (default: {DEFAULT_PORT}, or a free one).")
    ] = None,
    open_page: Annotated[
        bool | None,
        typer.Option("--open/--no-open", help="Open the page in a browser (default: on a desktop)."),
    ] = None,
) -> None:
    """Invent a shop's month, serve it, and let visitors come; Ctrl-C leaves nothing behind."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="footfall-demo-") as folder:
        settings = Settings(
            data=Path(folder),
            port=port or _free_port(),
            keyless=True,
            open_reading=True,
            shop=True,
            timezone=_local_zone(),
        )
        _invent(settings, events)
        asyncio.run(_serve(settings, open_page=_has_desktop() if open_page is None else open_page))
    out.print("Nothing is left behind.")


def _invent(settings: Settings, events: int) -> None:
    from footfall.demo.load import load  # noqa: PLC0415 - the engine, for the demo alone

    started = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors) as progress:
        task = progress.add_task("Inventing a shop's month", total=events)
        load(settings.data, events, clock(settings), lambda done: progress.update(task, completed=done))
    errors.print(f"{events:,} events in {time.monotonic() - started:.1f} s", highlight=False)


async def _serve(settings: Settings, *, open_page: bool) -> None:
    from footfall import app  # noqa: PLC0415 - the server, for the demo alone
    from footfall.access import DEFAULT_PROJECT  # noqa: PLC0415 - as above
    from footfall.demo.alerts import alerts_of_the_shop  # noqa: PLC0415 - as above
    from footfall.demo.visitor import run_visitor  # noqa: PLC0415 - as above
    from footfall.plan.lint import planned  # noqa: PLC0415 - as above
    from footfall.stores.starter import starter  # noqa: PLC0415 - as above

    visitor: list[asyncio.Task[None]] = []

    def ready(house: "House") -> None:
        # Before anybody comes, so that all of them are held against it.
        house.services.plans.push(DEFAULT_PROJECT, planned(starter()), "", "demo", clock(settings))
        alerts_of_the_shop(house.services.catalog, DEFAULT_PROJECT, clock(settings))
        visitor.append(asyncio.create_task(run_visitor(house.running.url, seed=1)))
        out.print(f"[bold green]Ready:[/] {house.running.url}  (Ctrl-C ends it)", highlight=False)
        link = app.sign_in_link(house)
        if link is not None:
            out.print(f"To save and to change things there, sign in: {link}", highlight=False, soft_wrap=True)
        out.print(f"A shop to click in, whose events show up there: {house.running.url}/shop/", highlight=False)
        if open_page:
            webbrowser.open(link or house.running.url)

    try:
        await app.serve(settings, ready)
    finally:
        for task in visitor:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _free_port() -> int:
    for wanted in (DEFAULT_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", wanted))
                return probe.getsockname()[1]
    return DEFAULT_PORT


def _local_zone() -> str:
    # The shop keeps the hours of whoever looks at it, where the machine says which those are.
    name = os.environ.get("TZ", "")  # noqa: TID251 - the command is where the environment enters
    return name if "/" in name and not name.startswith(":") else "UTC"


def _has_desktop() -> bool:
    shown = sys.platform in {"darwin", "win32"} or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ  # noqa: TID251 - as above
    return sys.stdout.isatty() and shown
