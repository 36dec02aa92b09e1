"""The warehouse: ClickHouse, inside this process (chDB) or a server, behind one client. The only door to it.

Rows are private to this file: what goes in is an `Event`, what comes out of `select` is plain values. Promises
that a question is bounded in time and memory, and that an insert has reached the disk when it returns.
"""

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from footfall.identity import LINKS_IN_MEMORY, LINKS_VERSION
from footfall.insights.question import Query, Rows
from footfall.model.errors import BadRequest, QueryRefused, Unavailable
from footfall.model.event import Event
from footfall.stores.asked import Asked, GivenUp, mark, was_given_up
from footfall.stores.machine import disk_of, in_words

MAX_SECONDS = 60
MAX_MEMORY = 4 * 1024**3
"""Of a question, where nobody sets another."""
RESULT_PART = 8
"""A result may take this part of a question's memory: it is held once more in Python."""
POOL = 16
"""Handles that are open at once at most; each runs one statement at a time, several run side by side."""

_READ_SETTINGS: dict[str, Any] = {
    "max_execution_time": MAX_SECONDS,
    # A question may have hundreds of filters, each of which is bound; how many is bounded where they are read.
    "max_query_size": 4 * 1024**2,
    "max_ast_elements": 1_000_000,
    "max_expanded_ast_elements": 5_000_000,
    # The engine looks between two blocks whether it shall end. Of texts of 60 KB it took 700 as one block, and a
    # hard pattern kept it busy with that for 80 seconds.
    "preferred_max_column_in_block_size_bytes": 512 * 1024,
    "output_format_json_quote_64bit_integers": 0,
    "output_format_json_quote_denormals": 0,
}
_WRITE_SETTINGS: dict[str, Any] = {
    # What was sent may look like a date and is none; a dot in a key is no path; of a repeated key one is kept
    # for questions (all of it is kept as text).
    "input_format_try_infer_dates": 0,
    "input_format_try_infer_datetimes": 0,
    "json_type_escape_dots_in_keys": 1,
    "type_json_skip_duplicated_paths": 1,
    # Late events of many months in one block are unusual, not wrong.
    "max_partitions_per_insert_block": 0,
    "input_format_skip_unknown_fields": 0,
    "input_format_parallel_parsing": 0,
    "log_comment": "",  # never a question's, so that nobody's cancelling hits an insert
}

_OVER_LIMITS = frozenset({158, 159, 160, 241, 307, 396})
"""TOO_MANY_ROWS, TIMEOUT_EXCEEDED, TOO_SLOW, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES, …ROWS_OR_BYTES."""
_TOO_LONG = frozenset({62, 167, 168, 306})
"""TOO_DEEP_AST, TOO_BIG_AST, TOO_DEEP_RECURSION; SYNTAX_ERROR is what a text over `max_query_size` ends with."""
_BAD_PATTERN = frozenset({427})
"""CANNOT_COMPILE_REGEXP: only the engine knows its RE2, so it is the judge."""
_BAD_ROW = frozenset({6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 467, 473, 636})
"""CANNOT_PARSE_…, TYPE_MISMATCH, INCORRECT_DATA, TOO_LARGE_… and their like: the row's fault, not ours."""


_DISK = frozenset({74, 75, 76, 77, 87, 88, 172, 204, 214, 243, 294, 400, 425, 531, 586, 641, 734})
"""CANNOT_WRITE_TO_FILE_DESCRIPTOR, CANNOT_FSYNC, NOT_ENOUGH_SPACE and their like: a disk that is full or broken."""
_NOT_NOW = _DISK | {159, 160, 173, 202, 209, 210, 236, 241, 242, 252, 279, 319, 394, 439, 745}
"""TIMEOUT, TOO_SLOW, TOO_MANY_…QUERIES, network, MEMORY_LIMIT, ABORTED, TOO_MANY_PARTS and their like."""
_CANCELLED = frozenset({394, 735})


class RowsRefused(Exception):  # noqa: N818 - told apart by the writer, never leaves the services
    """The engine would not have one of these rows; `detail` says why.

    `certain` when the engine named the row's fault. Otherwise it may be a fault of the engine with any row.
    """

    def __init__(self, detail: str, *, certain: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.certain = certain


class _Statistics(msgspec.Struct):
    elapsed: float
    rows_read: int


class _Result(msgspec.Struct):
    data: list[list[Any]]
    statistics: _Statistics


_result = msgspec.json.Decoder(_Result)


_encode = msgspec.json.Encoder().encode


def encode_row(event: Event, project_id: int) -> bytes:
    """An event as the line that `insert` takes, without its place of arrival (`with_arrival` adds that).

    A line of JSONEachRow for the table `events`: the event's own fields where they are known, times in seconds with
    three decimals, and the text of the properties twice (ADR 0006).
    """
    row: dict[str, Any] = msgspec.to_builtins(event)  # leaves out what nobody knows
    row["project_id"] = project_id
    row["timestamp"] = event.timestamp / 1000
    row["received_at"] = event.received_at / 1000
    if event.sent_at is not None:
        row["sent_at"] = event.sent_at / 1000
    row["sent"] = event.properties
    row["properties"] = msgspec.Raw(event.properties.encode())
    return _encode(row)


def with_arrival(line: bytes, arrival: int) -> bytes:
    """A line of `encode_row` with its place in the order of acknowledgement."""
    return b'{"arrival":%d,%b' % (arrival, line[1:])


class Warehouse:
    """A pool of handles on one engine. Every method may be called from any thread."""

    def __init__(self, url: str, memory: int = MAX_MEMORY, floor: int = 0) -> None:
        """`chdb:///absolute/folder` or `http(s)://user:password@host:port/database`.

        A question may take `memory` bytes. An engine in this process adds nothing while its disk has less than
        `floor` bytes free.
        """
        self._url = url
        self._memory = memory
        self._floor = floor
        self._reading = _READ_SETTINGS | {"max_memory_usage": memory, "max_result_bytes": memory // RESULT_PART}
        self._writing = _WRITE_SETTINGS | ({"min_free_disk_bytes_to_perform_insert": floor} if self._folder else {})
        self._handles: queue.LifoQueue[Client] = queue.LifoQueue()
        self._opened: list[Client] = []
        self.busy = False
        self._links: list[list[Any]] = []
        self._linking = threading.Lock()
        self._free = threading.BoundedSemaphore(POOL)

    def close(self) -> None:
        """Close the engine, unless a statement runs that does not end within a second (`busy` then)."""
        for _ in range(POOL):
            if not self._free.acquire(timeout=1):
                self.busy = True
                return
        for client in self._opened:
            client.close()
        self._opened.clear()

    def migrate(self) -> None:
        """Apply the numbered migrations that this engine has not seen, in order. May be repeated."""
        with self._handle() as client:
            client.command(
                "CREATE TABLE IF NOT EXISTS migrations (number UInt32, name String,"
                " applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY number"
            )
            done = {row[0] for row in self._rows(client, "SELECT number FROM migrations", {}).rows}
            for number, name, text in _migrations():
                if number in done:
                    continue
                for statement in text.split(";\n"):
                    if statement.strip():
                        client.command(statement)
                client.command(f"INSERT INTO migrations (number, name) VALUES ({number:d}, '{name}')")

    def select(self, query: Query) -> Rows:
        """Rows of a question. Raises `QueryRefused` past a limit, `Unavailable` without an engine."""
        with self._handle() as client:
            if LINKS_IN_MEMORY in query.text:
                self._freshen_links(client)
            return self._rows(client, query.text, query.params)

    def cancel(self, asked: Asked) -> None:
        """Have the engine end what it is doing for a question. Its thread hears of it as `GivenUp`, soon."""
        with self._handle() as client:
            try:
                client.raw_query(
                    "KILL QUERY WHERE Settings['log_comment'] = {mark:String} ASYNC",
                    parameters={"mark": asked.mark},
                    fmt="TabSeparated",
                )
            except ClickHouseError as error:
                raise Unavailable("The ClickHouse engine does not cancel a question.") from error

    def _freshen_links(self, client: Client) -> None:
        """Have the engine read the links again if they are not those that it holds (R26: no copy hides a late one)."""
        with self._linking:
            version = self._rows(client, LINKS_VERSION, {}).rows
            if version != self._links:
                try:
                    client.command("SYSTEM RELOAD DICTIONARY links")
                except ClickHouseError as error:
                    raise self._failed(error) from error
                self._links = version

    def insert(self, lines: Iterable[bytes]) -> None:
        """Add rows; they are on the disk when this returns.

        Raises `RowsRefused` when the rows are at fault, `Unavailable` when the engine is.
        """
        with self._handle() as client:
            try:
                client.raw_insert("events", insert_block=b"\n".join(lines), fmt="JSONEachRow", settings=self._writing)
            except OSError as error:  # the client hands the block over in a file
                raise Unavailable(f"The block cannot be handed to the engine: {error.strerror}.") from error
            except ClickHouseError as error:
                refusal = _insert_error(error)
                if isinstance(refusal, RowsRefused) and not refusal.certain and self.room() == 0:
                    refusal = Unavailable("The disk of the ClickHouse engine is full.")
                raise refusal from error

    def room(self) -> int | None:
        """Bytes that an engine in this process may still add to its disk; None for one elsewhere."""
        return None if self._folder is None else max(0, disk_of(self._folder).free - self._floor)

    def find(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Which of these (project, event id) are stored already, and their arrival."""
        # As one JSON text: a parameter of 50 000 strings takes the engine half a minute, this half a second.
        found = self.select(
            Query(
                text=(
                    "SELECT project_id, event_id, min(arrival) FROM events WHERE event_id IN"
                    " (SELECT arrayJoin(JSONExtract({ids:String}, 'Array(String)')))"
                    " GROUP BY project_id, event_id"
                ),
                params={"ids": msgspec.json.encode([event_id for _, event_id in ids]).decode()},
            )
        )
        return {(project, event_id): arrival for project, event_id, arrival in found.rows}

    def count(self) -> int:
        """Rows of the table, from the parts' own books."""
        return self.select(Query(text="SELECT count() FROM events", params={})).rows[0][0]

    def ids(self, slices: int) -> Iterator[list[tuple[int, str]]]:
        """Every (project, event id), in `slices` portions of about equal size."""
        for index in range(slices):
            rows = self.select(
                Query(
                    text="SELECT project_id, event_id FROM events"
                    " WHERE cityHash64(event_id) % {slices:UInt32} = {index:UInt32}",
                    params={"slices": slices, "index": index},
                )
            ).rows
            yield [(project, event_id) for project, event_id in rows]

    def ping(self) -> None:
        """Raises `Unavailable` unless the engine answers."""
        self.select(Query(text="SELECT 1", params={}))

    def _rows(self, client: Client, text: str, params: dict[str, Any]) -> Rows:
        try:
            settings = self._reading | {"log_comment": mark()}
            raw = client.raw_query(text, parameters=params, fmt="JSONCompact", settings=settings)
        except ClickHouseError as error:
            raise self._failed(error) from error
        result = _result.decode(raw)
        return Rows(
            rows=result.data,
            elapsed_ms=result.statistics.elapsed * 1000,
            rows_read=result.statistics.rows_read,
        )

    def _failed(self, error: ClickHouseError) -> Exception:
        """What a question's error means."""
        if was_given_up():
            return GivenUp()
        meant = _select_error(error, self._memory)
        # On a full disk the engine fails in more ways than it has codes for.
        return (
            Unavailable("The disk of the ClickHouse engine is full.") if meant is error and self.room() == 0 else meant
        )

    @contextmanager
    def _handle(self) -> Iterator[Client]:
        with self._free:
            try:
                client = self._handles.get_nowait()
            except queue.Empty:
                client = self._open()
            try:
                yield client
            finally:
                self._handles.put(client)

    @property
    def _folder(self) -> Path | None:
        """Of an engine in this process."""
        parts = urlsplit(self._url)
        return Path(unquote(parts.path)) if parts.scheme == "chdb" else None

    def _open(self) -> Client:
        parts = urlsplit(self._url)
        try:
            if parts.scheme == "chdb":
                client = clickhouse_connect.get_client(interface="chdb", path=unquote(parts.path))
            else:
                client = clickhouse_connect.get_client(dsn=self._url, autogenerate_session_id=False)
        except ClickHouseError as error:
            raise Unavailable("The ClickHouse engine cannot be opened.") from error
        self._opened.append(client)
        return client


def chdb_url(folder: Path) -> str:
    return f"chdb://{folder.resolve()}"


def _migrations() -> list[tuple[int, str, str]]:
    folder = resources.files("footfall.stores") / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    return [(int(entry.name[:4]), entry.name[5:-4], entry.read_text("utf-8")) for entry in files]


def _select_error(error: ClickHouseError, memory: int) -> Exception:
    code = getattr(error, "code", None)
    if code in _OVER_LIMITS:
        return QueryRefused(
            f"The question needs more than {MAX_SECONDS} seconds or {in_words(memory)} of memory;"
            " ask for a shorter range or fewer groups."
        )
    if code in _DISK | _CANCELLED:
        name = "cancelled the question" if code in _CANCELLED else "has no room on its disk for the question"
        return Unavailable(f"The ClickHouse engine {name}.")
    if code in _TOO_LONG:
        return QueryRefused("The question has more parts than the engine reads; ask with fewer filters or steps.")
    if code in _BAD_PATTERN:
        return BadRequest("“matches” takes regular expressions of RE2; one of these is none.", path="$.filters")
    if code is None:
        return Unavailable("The ClickHouse engine does not answer.")
    return error


def _insert_error(error: ClickHouseError) -> Exception:
    code = getattr(error, "code", None)
    if code is not None and code not in _NOT_NOW:
        return RowsRefused(str(error).splitlines()[0][:300], certain=code in _BAD_ROW)
    # Its text may quote the events, which no log may hold.
    name = getattr(error, "name", None) or type(error).__name__
    return Unavailable(f"The ClickHouse engine does not take events at the moment ({name}, code {code}).")
