"""Handles on the engine: chDB's folder inside this process, or the replicas of a ClickHouse server over HTTP.

A handle runs one statement at a time; several run side by side. When a replica does not answer, the statement goes
to the next one, so whatever is run here must be harmless when it is run twice (ADR 0045). What a server refuses, it
refuses for good: no other replica is asked. No error says more of an address than its host and port.
"""

import logging
import queue
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, ProgrammingError

from footfall.model.errors import NoAnswer, Unavailable, Unusable

POOL = 16
"""Handles that are open at once at most."""
CONNECT_SECONDS = 5
ANSWER_SECONDS = 75
"""Longer than any question may take, so that the engine's own limit speaks first."""
PING_SECONDS = 3.0
"""For a replica that was silent the last time: until it is well again, nobody waits longer for it."""

LONGEST_VALUE = 16_000
"""Characters of a value in one field of a form. A server takes 128 KiB, and escaping may make eight of one."""

_SERVER_SETTINGS: dict[str, Any] = {
    # Its log of queries would hold who was asked about.
    "log_queries": 0,
    # What was inserted is on the disk when it is answered, and on those of a majority of replicas where there are any;
    # none of them answers without it. A table without replicas does not care.
    "async_insert": 0,
    "insert_quorum": "auto",
    "insert_quorum_parallel": 0,
    "select_sequential_consistency": 1,
}

_REFUSALS = {
    81: "does not have that database. Make it: CREATE DATABASE",
    192: "does not know that user",
    193: "does not take that password",
    194: "wants a password",
    497: "does not allow that user what is needed; the guide lists the grants",
    516: "does not take that user and password",
}
"""What is wrong with the address or the rights, by the server's code."""

T = TypeVar("T")

_log = logging.getLogger("footfall.warehouse")


class Replica:
    """One place that answers, and its handles."""

    def __init__(self, url: str, settings: Mapping[str, int]) -> None:
        """`chdb:///absolute/folder` or `http(s)://user:password@host:port/database`, as the settings take it.

        `settings` are the engine's, for every statement that says nothing else.
        """
        parts = urlsplit(url)
        self._settings = settings
        self.served = parts.scheme != "chdb"
        self.user = unquote(parts.username or "default")
        self.password = unquote(parts.password or "")
        self.database = unquote(parts.path.strip("/")) if self.served else ""
        self.name = f"The ClickHouse server at {parts.scheme}://{address_of(url)}" if self.served else "The engine"
        self.silent = False
        """It did not answer the last time."""
        self.links: list[list[Any]] = []
        """The version of the links that it holds in memory."""
        self.links_version: tuple[int, ...] = ()
        """What the events were when they were last seen to be those."""
        self.linking = threading.Lock()
        self._url = url
        self._prepared = False
        self._preparing = threading.Lock()
        self._idle: queue.LifoQueue[Client] = queue.LifoQueue()
        self._opened: list[Client] = []

    @contextmanager
    def handle(self, prepare: "Preparation") -> Iterator[Client]:
        """A handle on an engine that is there and prepared. Raises `NoAnswer` and `Unusable`."""
        try:
            client = self._idle.get_nowait()
        except queue.Empty:
            client = self._open()
        try:
            if self.silent and self.served and not client.ping(PING_SECONDS):
                raise self._no_answer()  # noqa: TRY301 - the handle goes back all the same
            if not self._prepared:
                self._make_ready(client, prepare)
            yield client
        except BaseException:
            self._drain(client)
            raise
        finally:
            self._idle.put(client)

    def _drain(self, client: Client) -> None:
        # Where a statement fails on its way, chDB puts what it had written of its answer before that of the next one.
        if not self.served:
            with suppress(ClickHouseError):
                client.raw_query("SELECT 1")

    def heard(self, *, silent: bool) -> None:
        """Whether it answered."""
        if silent != self.silent and self.served:
            _log.warning("%s %s", self.name, "does not answer" if silent else "answers again")
        self.silent = silent

    def close(self) -> None:
        for client in self._opened:
            client.close()
        self._opened.clear()

    def _open(self) -> Client:
        try:
            client = clickhouse_connect.get_client(**self._arguments())
            self._opened.append(client)
            if not self.served:
                # Once for the handle: what is sent along with a statement costs two statements more each, 7 ms in all.
                for name, value in self._settings.items():
                    client.command(f"SET {name} = {value:d}")
        except ClickHouseError as error:
            raise self._refusal(error) from None
        return client

    def _make_ready(self, client: Client, prepare: "Preparation") -> None:
        with self._preparing:
            if not self._prepared:
                try:
                    prepare(client, self)
                except ClickHouseError as error:
                    raise self._refusal(error) from None
                self._prepared = True

    def _refusal(self, error: ClickHouseError) -> Unavailable:
        # Not in the server's own words, which may quote a password.
        if self.served and is_silence(error):
            return self._no_answer()
        code = getattr(error, "code", None)
        name = getattr(error, "name", None) or type(error).__name__
        return Unusable(f"{self.name} {_REFUSALS.get(code or 0, 'cannot be opened')} ({name}, code {code}).")

    def _no_answer(self) -> NoAnswer:
        return NoAnswer(f"{self.name} does not answer.")

    def _arguments(self) -> dict[str, Any]:
        parts = urlsplit(self._url)
        if not self.served:
            return {"interface": "chdb", "path": unquote(parts.path)}
        # Not by `dsn`: it takes https for http where the port is not one of two that it knows.
        return {
            "interface": parts.scheme,
            "host": parts.hostname,
            "port": parts.port or (8443 if parts.scheme == "https" else 8123),
            "username": self.user,
            "password": self.password,
            "database": self.database or "default",
            "connect_timeout": CONNECT_SECONDS,
            "send_receive_timeout": ANSWER_SECONDS,
            "settings": {**self._settings, **_SERVER_SETTINGS},
            "autogenerate_session_id": False,
            # Values travel in the body: proxies write addresses into their logs.
            "form_encode_query_params": True,
            **dict(parse_qsl(parts.query)),
        }


Preparation = Callable[[Client, Replica], None]
"""What is done once to each replica, before anything else is run there."""


class Handles:
    """The pool. Every method may be called from any thread."""

    def __init__(self, urls: Sequence[str], prepare: Preparation, settings: Mapping[str, int]) -> None:
        """`settings` are the engine's, for every statement that says nothing else."""
        self._replicas = [Replica(url, settings) for url in urls]
        self._preferred = self._replicas[0]
        self._prepare = prepare
        _keep_quiet()
        self._free = threading.BoundedSemaphore(POOL)
        self.busy = False

    def run(self, work: Callable[[Client, Replica], T]) -> T:
        """What `work` returns, on the replica that answered last, or else on the next that does.

        Raises what `work` does, `NoAnswer` and `Unusable`.
        """
        with self._free:
            fault = Unavailable("No engine is named.")
            for replica in sorted(self._replicas, key=lambda one: (one.silent, one is not self._preferred)):
                try:
                    with replica.handle(self._prepare) as client:
                        answer = work(client, replica)
                except NoAnswer as error:
                    replica.heard(silent=True)
                    fault = error
                except Unusable as error:
                    fault = error
                else:
                    replica.heard(silent=False)
                    self._preferred = replica
                    return answer
            raise fault

    def make_ready(self) -> None:
        """Prepare every replica now. Raises `Unusable` for any, and `NoAnswer` when none answers."""
        silence: list[NoAnswer] = []
        for replica in self._replicas:
            try:
                with self._free, replica.handle(self._prepare):
                    pass
            except NoAnswer as error:
                replica.heard(silent=True)
                silence.append(error)
        if len(silence) == len(self._replicas):
            raise silence[0]

    def run_on_all(self, work: Callable[[Client, Replica], object]) -> None:
        """On every replica that answers, whatever becomes of it on another. Raises the last fault."""
        fault: Unavailable | None = None
        with self._free:
            for replica in self._replicas:
                if replica.silent:
                    continue
                try:
                    with replica.handle(self._prepare) as client:
                        work(client, replica)
                except Unavailable as error:
                    fault = error
                    if isinstance(error, NoAnswer):
                        replica.heard(silent=True)
        if fault is not None:
            raise fault

    def close(self) -> None:
        """Close all handles, unless a statement runs that does not end within a second (`busy` then)."""
        for _ in range(POOL):
            if not self._free.acquire(timeout=1):
                self.busy = True
                return
        for replica in self._replicas:
            replica.close()


def is_silence(error: ClickHouseError) -> bool:
    """Whether nobody answered, or a proxy in the server's place, rather than the server itself."""
    return getattr(error, "code", None) is None and not isinstance(error, ProgrammingError)


def in_portions(text: str, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A statement whose long values travel in several fields, since a server bounds each (`LONGEST_VALUE`).

    The statement is such a field too, so its parameters have short names.
    """
    short = {name: f"p{number}" for number, name in enumerate(params)}
    text = re.sub(r"\{(\w+):", lambda found: f"{{{short.get(found[1], found[1])}:", text)
    fields: dict[str, Any] = {}
    for long_name, value in params.items():
        name = short[long_name]
        whole = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if len(whole) <= LONGEST_VALUE:
            fields[name] = value
            continue
        parts = [whole[start : start + LONGEST_VALUE] for start in range(0, len(whole), LONGEST_VALUE)]
        fields |= {f"{name}_{number}": part for number, part in enumerate(parts)}
        joined = "concat(" + ", ".join(f"{{{name}_{number}:String}}" for number in range(len(parts))) + ")"
        put = joined if isinstance(value, str) else f"JSONExtract({joined}, '\\1')"
        text = re.sub(f"{{{name}:([^}}]+)}}", put, text)
    return text, fields


def address_of(url: str) -> str:
    """Host and port, without user and password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def chdb_url(folder: Path) -> str:
    return f"chdb://{quote(str(folder.resolve()))}"


def _keep_quiet() -> None:
    # What the client's libraries log when a server goes away is said by us, without the values of a question.
    for name in ("urllib3", "clickhouse_connect"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
