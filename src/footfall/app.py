"""The composition root: opens, joins and closes everything, in one stack.

SIGTERM stops accepting, moves what is acknowledged into the warehouse, closes the engine and ends with 0. A
second process on the folder is turned away; commands find the running server through `server.json` in it.
"""

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from footfall.http.routes import create_app
from footfall.http.services import Services
from footfall.model.errors import FootfallError, NoAnswer, Unavailable
from footfall.services.accounts import Accounts
from footfall.services.alerting import Alerting, Courier, judge_all, ship_to_all
from footfall.services.analyse import Analyst
from footfall.services.doorkeeper import Doorkeeper
from footfall.services.guard import Guard
from footfall.services.ingest import Ingest
from footfall.services.live import Live
from footfall.services.measuring import Measurer
from footfall.services.merging import Merging
from footfall.services.openid import Provider
from footfall.services.passwords import Hasher
from footfall.services.plans import Plans
from footfall.services.quarantine import Quarantine
from footfall.services.rates import Rates, rate_limit
from footfall.services.reporting import Reporting
from footfall.services.rounds import go_on, run_every
from footfall.services.sending import Sender
from footfall.services.shares import Links
from footfall.services.turns import question_memory
from footfall.services.writer import Writer
from footfall.settings import Settings, check_admin_key, clock
from footfall.stores import machine
from footfall.stores.catalog import Catalog, sqlite_url
from footfall.stores.folder import Running, announced, folder_lock
from footfall.stores.hashing import hash_key
from footfall.stores.salts import Salts
from footfall.stores.spool import Bounds, Spool
from footfall.stores.warehouse import Warehouse, chdb_url

if TYPE_CHECKING:
    from footfall.services.cooldowns import Cooldowns

HEAD_MS = 10_000
"""For the head of a request; a kept connection that says nothing for so long is closed as well."""
CONNECTIONS = 4096
"""Open at once. A few dozen slow ones would fill Granian's own bound of 128."""
GARBAGE = (20_000, 20, 20)
"""Objects that are made between two collections of the young; an event makes some thirty, nearly none in a circle."""
GRACE_SECONDS = 2.0
"""For requests in flight, once nothing new is accepted."""
FLUSH_SECONDS = 6.0
"""For moving what is acknowledged into the warehouse; what is left waits safely in the spool."""
ROOM_TO_START = 2 * 1024**2
"""Bytes. With as little as that, questions are answered and events are refused."""
ENGINES_PART = 4
"""Of the disk's reserve the engine leaves so much, for acks, the catalog and merges: what waits still gets in."""
TIDY_SECONDS = 60.0
"""How long a salt may outlive its day where nobody asks for the next one."""

ALERT_SECONDS = 10.0
REPORT_SECONDS = 10.0
SEND_SECONDS = 2.0
TEND_SECONDS = 20.0
"""Between two looks after the catalog: how long a crash may forget a key's last use, and with PostgreSQL how long
a key that another process revoked still works here."""

_log = logging.getLogger("footfall")


class House(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is open."""

    services: Services
    writer: Writer
    running: Running


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Open the folder and everything in it; close in reverse, after what is acknowledged has been moved."""
    async with contextlib.AsyncExitStack() as stack:
        check_admin_key(settings)
        if settings.address_limit is not None:
            rate_limit(settings.address_limit, "FOOTFALL_ADDRESS_LIMIT")
        folder = settings.data
        stack.enter_context(_private_files())
        stack.enter_context(folder_lock(folder))
        _check_room(folder)
        stack.enter_context(_scratch(folder / "tmp"))
        bounds = Bounds(queue=settings.spool_limit, quarantine=settings.quarantine_limit, reserve=settings.disk_reserve)
        spool = Spool(folder / "spool.db", bounds)
        stack.callback(spool.close)
        warehouse = Warehouse(
            *(settings.clickhouse or (chdb_url(folder / "warehouse"),)),
            memory=settings.question_memory or question_memory(machine.memory()),
            floor=spool.reserve // ENGINES_PART,
        )
        stack.callback(warehouse.close)
        await asyncio.to_thread(_migrate, warehouse)
        catalog = await asyncio.to_thread(
            Catalog, settings.database or sqlite_url(folder / "catalog.db"), clock(settings), settings.timezone
        )
        stack.callback(catalog.close)
        await asyncio.to_thread(ship_to_all, catalog, clock(settings))
        salts = await asyncio.to_thread(Salts, folder / "salts.json", clock(settings))
        token = secrets.token_urlsafe(32)
        writer = Writer(spool, warehouse)
        rates = Rates()
        hasher = Hasher()
        accounts = Accounts(catalog, rates, hasher)
        stack.callback(accounts.close)
        plans = Plans(catalog, settings.hash_key or await asyncio.to_thread(hash_key, folder / "hash.key"))
        await asyncio.to_thread(plans.bring_to_all, clock(settings))
        guard = Guard(enabled=settings.scan)
        ingest = Ingest(spool, writer, catalog, plans, salts, settings.query_keys, guard)
        analyst = Analyst(warehouse, writer)
        measurer = Measurer(warehouse)
        cooldowns = _cooldowns(settings)
        if cooldowns is not None:
            stack.push_async_callback(cooldowns.close)
        services = Services(
            settings=settings,
            doorkeeper=Doorkeeper(catalog, settings, rates, token),
            accounts=accounts,
            rates=rates,
            provider=Provider(settings.openid) if settings.openid is not None else None,
            ingest=ingest,
            plans=plans,
            guard=guard,
            quarantine=Quarantine(spool, ingest),
            links=Links(catalog, rates, hasher),
            analyst=analyst,
            live=Live(spool, writer, analyst),
            measurer=measurer,
            alerting=Alerting(catalog, measurer, settings.public_url),
            courier=Courier(catalog, Sender(settings.alert_hosts, settings.mail), settings.slack_webhook, cooldowns),
            reporting=Reporting(catalog, analyst, settings.public_url),
            merging=Merging(warehouse, writer, ingest, analyst.turns),
            catalog=catalog,
            spool=spool,
            warehouse=warehouse,
        )
        await stack.enter_async_context(_tending(catalog, settings))
        await stack.enter_async_context(_writing(writer))
        await stack.enter_async_context(_tidying(salts, spool, catalog, settings))
        await stack.enter_async_context(_alarming(services))
        stack.push_async_callback(services.analyst.close)
        yield House(
            services=services,
            writer=writer,
            running=Running(url=url_of(settings), pid=os.getpid(), token=token),
        )


@asynccontextmanager
async def _alarming(services: Services) -> AsyncIterator[None]:
    """Judge what is over, write the reports that are due, and send what is to be told; each where the others cannot."""
    courier = services.courier

    async def judge() -> None:
        await judge_all(services.catalog, services.alerting, services.spool, services.analyst.turns, services.settings)

    async def report() -> None:
        await services.reporting.send_due(clock(services.settings))

    async def send() -> None:
        await courier.send(clock(services.settings))

    judging = go_on(ALERT_SECONDS, judge, fails="alerts cannot be judged", again="alerts are judged again")
    sending = go_on(SEND_SECONDS, send, fails="notices cannot be sent", again="notices are sent again")
    reporting = go_on(REPORT_SECONDS, report, fails="reports cannot be written", again="reports are written again")
    async with _meanwhile(judging), _meanwhile(reporting), _meanwhile(sending):
        yield


def _cooldowns(settings: Settings) -> "Cooldowns | None":
    if settings.redis is None:
        return None
    from footfall.services.cooldowns import Cooldowns  # noqa: PLC0415 - its library takes 0.2 s, and few have a Redis

    return Cooldowns(settings.redis)


def _check_room(folder: Path) -> None:
    # Engine, spool and catalog write a little when they are opened, and none says well that it could not.
    free = machine.disk_of(folder).free
    if free < ROOM_TO_START:
        raise Unavailable(
            f"The disk of {folder} has {machine.in_words(free)} free, and {machine.in_words(ROOM_TO_START)} are"
            " needed to start. Nothing in it was touched; make room and start again."
        )


async def serve(settings: Settings, ready: Callable[[House], None]) -> None:
    """Serve until SIGTERM or SIGINT. `ready` is called once requests are answered. Raises `Unavailable`."""
    _check_port(settings)
    async with open_house(settings) as house:
        server = Server(
            create_app(house.services),
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGINL,
            log_enabled=False,
            websockets=False,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_MS),
            backlog=CONNECTIONS,
            backpressure=CONNECTIONS,
        )
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        # What is there by now stays: the collector need not look through it again and again, which takes 0.1 s.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        listening = asyncio.create_task(server.serve())
        await _until_listening(settings, listening)
        with announced(settings.data, house.running):
            ready(house)
            stopped = asyncio.create_task(told.wait())
            await asyncio.wait({listening, stopped}, return_when=asyncio.FIRST_COMPLETED)
            house.services.live.close()
            server.stop()
            await asyncio.wait({listening}, timeout=GRACE_SECONDS)
            for task in (listening, stopped):
                task.cancel()
    if house.services.warehouse.busy:
        # Somebody's long question is still running in a thread, which Python would wait for. Everything that
        # matters is on the disk and closed.
        logging.shutdown()
        os._exit(0)


def url_of(settings: Settings) -> str:
    """Where this machine reaches the server."""
    everywhere = "0.0.0.0"  # noqa: S104 - compared with, not listened at
    host = {everywhere: "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(settings.host, settings.host)
    return f"http://{host}:{settings.port}"


def sign_in_link(house: House) -> str | None:
    """A link that makes the first owner, once; None when there is one."""
    token = house.services.accounts.first_link(clock(house.services.settings))
    return None if token is None else f"{house.running.url}/signin?token={token}"


def _migrate(warehouse: Warehouse) -> None:
    try:
        warehouse.migrate()
    except NoAnswer:
        # Arrival needs no engine. What is to be made there is made when it comes.
        _log.warning("until it does, events wait in the spool and questions get 503")


@asynccontextmanager
async def _tending(catalog: Catalog, settings: Settings) -> AsyncIterator[None]:
    """Now and then, and at the end: write down when keys were used, and read what other processes changed."""

    def tend() -> None:
        catalog.keys.keep_uses()
        catalog.refresh()
        catalog.audit.prune(clock(settings))

    try:
        rounds = run_every(
            TEND_SECONDS, tend, fails="the catalog cannot be tended", again="the catalog is tended again"
        )
        async with _meanwhile(rounds):
            yield
    finally:
        with contextlib.suppress(FootfallError):
            await asyncio.to_thread(catalog.keys.keep_uses)


@asynccontextmanager
async def _writing(writer: Writer) -> AsyncIterator[None]:
    async with _meanwhile(writer.run()):
        try:
            yield
        finally:
            await writer.stop(FLUSH_SECONDS)


@asynccontextmanager
async def _tidying(salts: Salts, spool: Spool, catalog: Catalog, settings: Settings) -> AsyncIterator[None]:
    kept = settings.quarantine_days * 24 * 3600 * 1000

    def tidy() -> None:
        now = clock(settings)
        salts.tidy(now)
        # What cannot be written now is tried again in a minute.
        spool.expire(now - kept, lambda _last, _error: None)
        catalog.alerts.prune(now)

    rounds = run_every(
        TIDY_SECONDS, tidy, fails="what is over cannot be deleted", again="what is over is deleted again"
    )
    async with _meanwhile(rounds):
        yield


@asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """`work` runs as long as the block does."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextmanager
def _private_files() -> Iterator[None]:
    # The folder itself may be one that was there, open to all: what is made in it is the owner's alone.
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _scratch(folder: Path) -> Iterator[None]:
    # The engine's client hands blocks over in temporary files. They hold events, so they stay in the data
    # folder, and what a crash left of them goes at the next start.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)


def _check_port(settings: Settings) -> None:
    # Granian shares its port with whoever shares theirs, so a second server would take half of the requests.
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Unavailable(
                f"Nothing can listen at {settings.host}:{settings.port} ({error.strerror}); choose another --port."
            ) from None


async def _until_listening(settings: Settings, server: asyncio.Task[None]) -> None:
    for _ in range(200):
        if server.done():
            break
        try:
            _, writer = await asyncio.open_connection(settings.host, settings.port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise Unavailable(f"The server cannot listen at {settings.host}:{settings.port}; is the port in use?")
