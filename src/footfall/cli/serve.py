"""`footfall serve`: the server."""

import asyncio
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from footfall import settings
from footfall.access import DEFAULT_PROJECT
from footfall.cli.console import errors, out
from footfall.model.period import zone_of

if TYPE_CHECKING:
    from footfall.app import House

EXAMPLE = (
    "Example: [bold]footfall serve --data /var/lib/footfall --port 8400[/] · "
    "FOOTFALL_WRITE_KEY=wk FOOTFALL_READ_KEY=rk footfall serve"
)


def run(  # noqa: PLR0913, PLR0917 - the options of the command
    data: Annotated[
        Path | None, typer.Option(envvar="FOOTFALL_DATA", help="Data folder (default: footfall-data).")
    ] = None,
    host: Annotated[
        str | None, typer.Option(envvar="FOOTFALL_HOST", help="Address to listen at (default: 127.0.0.1).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, envvar="FOOTFALL_PORT", help="Port to listen at (default: 8400).")
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(envvar="FOOTFALL_TIMEZONE", help="Zone of a new folder's project (default: UTC)."),
    ] = None,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(help="Answer under this Host name too (FOOTFALL_ALLOWED_HOSTS, separated by commas)."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            envvar="FOOTFALL_DATABASE",
            help="postgresql://… for accounts and keys (default: a file).",
            show_default=False,
        ),
    ] = None,
    clickhouse: Annotated[
        list[str] | None,
        typer.Option(
            help="https://user:password@host:8443/database instead of the engine inside; repeatable for replicas"
            " (FOOTFALL_CLICKHOUSE, separated by commas).",
            show_default=False,
        ),
    ] = None,
    redis: Annotated[
        str | None,
        typer.Option(
            envvar=["FOOTFALL_REDIS", "REDIS_URL"],
            help="redis://… with the cooldowns of an evaluator that tells of the same rules (event-alert:ID).",
            show_default=False,
        ),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(help="Believe X-Forwarded-* of this network; repeatable (FOOTFALL_TRUSTED_PROXY)."),
    ] = None,
    address_limit: Annotated[
        str | None, typer.Option(envvar="FOOTFALL_ADDRESS_LIMIT", help="Requests of one address, such as 600/minute.")
    ] = None,
    spool_limit: Annotated[
        str | None,
        typer.Option(envvar="FOOTFALL_SPOOL_LIMIT", help="How much may wait for the engine (default: 4GiB)."),
    ] = None,
    question_memory: Annotated[
        str | None,
        typer.Option(envvar="FOOTFALL_QUESTION_MEMORY", help="Memory for one question (default: by the machine)."),
    ] = None,
    keyless: Annotated[
        bool | None,
        typer.Option(
            "--keyless/--no-keyless",
            envvar="FOOTFALL_KEYLESS",
            help="Take events and answer aggregates without a key.",
        ),
    ] = None,
) -> None:
    """Take events in, keep them, answer questions; until SIGTERM or Ctrl-C."""
    chosen = {
        name: value
        for name, value in {
            "data": data,
            "host": host,
            "port": port,
            "timezone": timezone,
            "keyless": keyless,
            "database": database,
            "redis": redis,
            "address_limit": address_limit,
            "spool_limit": spool_limit and settings.size_of(spool_limit, "--spool-limit"),
            "question_memory": question_memory and settings.size_of(question_memory, "--question-memory"),
        }.items()
        if value is not None
    }
    if timezone is not None:
        zone_of(timezone, path="--timezone")
    if clickhouse:
        chosen["clickhouse"] = settings.clickhouse_urls(clickhouse, "--clickhouse")
    base = settings.from_environment(os.environ)  # noqa: TID251 - the command is where the environment enters
    chosen["allowed_hosts"] = (*base.allowed_hosts, *(allowed_host or ()))
    chosen["trusted_proxies"] = (
        *base.trusted_proxies,
        *settings.networks(trusted_proxy or (), "--trusted-proxy"),
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    from footfall import app  # noqa: PLC0415 - the server, once all options are right

    asyncio.run(app.serve(msgspec.structs.replace(base, **chosen), lambda house: _say(house, app.sign_in_link(house))))


def _say(house: "House", link: str | None) -> None:
    setup = house.services.settings
    # One write: who reads the log and sees the address sees the link as well.
    said = [f"[bold]Footfall[/] listens at [link]{house.running.url}[/link], data in {setup.data}"]
    said += [f"Sign in once, within a day: {link}"] if link is not None else []
    out.print("\n".join(said), highlight=False, soft_wrap=True)
    if not (setup.write_key or setup.keyless or house.services.catalog.keys.list(DEFAULT_PROJECT)):
        errors.print("No key can send events yet: [bold]footfall keys create --scope write[/] makes one.")
