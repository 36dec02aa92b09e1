"""The warehouse: ClickHouse, inside this process (chDB) or a server, behind one client. The only door to it.

Rows are private to this file: what goes in is an `Event`, what comes out of `select` is plain values. Promises
that a question is bounded in time and memory, and that an insert has reached the disk when it returns.
"""

import re
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from xxhash import xxh64_intdigest

from footfall.identity import LINKS_IN_MEMORY, LINKS_VERSION
from footfall.insights.question import Query, Rows
from footfall.model.errors import BadRequest, NoAnswer, QueryRefused, Unavailable, Unusable
from footfall.model.event import Event
from footfall.stores import schema
from footfall.stores.answers import PARTS, Answers, Version
from footfall.stores.asked import Asked, GivenUp, mark, was_given_up
from footfall.stores.handles import (
    ANSWER_SECONDS,
    Handles,
    Replica,
    chdb_url,
    in_portions,
    is_silence,
)
from footfall.stores.machine import disk_of, in_words

__all__ = ["RowsRefused", "Warehouse", "chdb_url", "encode_row", "number_of", "with_arrival"]

MAX_SECONDS = 60
MAX_MEMORY = 4 * 1024**3
"""Of a question, where nobody sets another."""
RESULT_PART = 8
"""A result may take this part of a question's memory: it is held once more in Python."""

_READ_SETTINGS: dict[str, int] = {
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
_WITHOUT_LIMITS = "\nSETTINGS max_execution_time = 0, max_memory_usage = 0, max_result_bytes = 0"
OWN_SECONDS = 30
OWN_MEMORY = 2 * 1024**3
OWN_ROWS = 10_000
OWN_BYTES = 64 * 1024**2
"""What somebody's own statement may take: time, memory, and rows and bytes of its result."""

_OWN_SETTINGS: dict[str, Any] = {
    "max_execution_time": OWN_SECONDS,
    "max_result_rows": OWN_ROWS,
    # A projection holds rows of all projects and knows no PREWHERE (`insights/statement.py`).
    "optimize_use_projections": 0,
    "optimize_use_implicit_projections": 0,
}
_WRITE_SETTINGS: dict[str, Any] = {
    # What bounds a question bounds no block: what was acknowledged goes in.
    "max_execution_time": 0,
    "max_memory_usage": 0,
    # What was sent may look like a date and is none; a dot in a key is no path; of a repeated key one is kept
    # for questions (all of it is kept as text).
    "input_format_try_infer_dates": 0,
    "input_format_try_infer_datetimes": 0,
    "json_type_escape_dots_in_keys": 1,
    "type_json_skip_duplicated_paths": 1,
    # Late events of many months in one block are unusual, not wrong.
    "max_partitions_per_insert_block": 0,
    "input_format_skip_unknown_fields": 0,
    "input_format_defaults_for_omitted_fields": 1,  # the properties' own column is one
    "input_format_parallel_parsing": 0,
    "log_comment": "",  # never a question's, so that nobody's cancelling hits an insert
}

_OVER_LIMITS = frozenset({158, 159, 160, 241, 307, 396})
"""TOO_MANY_ROWS, TIMEOUT_EXCEEDED, TOO_SLOW, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES, …ROWS_OR_BYTES."""
_TOO_LONG = frozenset({62, 167, 168, 306})
"""TOO_DEEP_AST, TOO_BIG_AST, TOO_DEEP_RECURSION; SYNTAX_ERROR is what a text over `max_query_size` ends with."""
_OF_THE_SERVER = 1000
"""POCO_EXCEPTION; one of them is a statement that is longer than a field of a form may be (128 KiB)."""
_BAD_PATTERN = frozenset({427})
"""CANNOT_COMPILE_REGEXP: only the engine knows its RE2, so it is the judge."""
_BAD_ROW = frozenset({6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 467, 473, 636})
"""CANNOT_PARSE_…, TYPE_MISMATCH, INCORRECT_DATA, TOO_LARGE_… and their like: the row's fault, not ours."""


_DISK = frozenset({74, 75, 76, 77, 87, 88, 172, 204, 214, 243, 294, 400, 425, 531, 586, 641, 734})
"""CANNOT_WRITE_TO_FILE_DESCRIPTOR, CANNOT_FSYNC, NOT_ENOUGH_SPACE and their like: a disk that is full or broken."""
_TIGHT = 64 * 1024**2
"""Bytes: about a block, which comes and goes."""
_NOT_NOW = _DISK | {
    159, 160, 173, 202, 209, 210, 241, 242, 252, 279, 319, 394, 439, 745,
    81, 164, 192, 193, 194, 225, 236, 285, 286, 289, 497, 516, 999,
}  # fmt: skip
"""TIMEOUT, TOO_SLOW, TOO_MANY_…QUERIES, network, MEMORY_LIMIT, ABORTED, TOO_MANY_PARTS and their like; what a server
says that lost its keeper, its quorum, or who we are."""
_NO_TABLE = frozenset({60})
"""Of an insert, the same. Of a question, a fault of ours."""
_CANCELLED = frozenset({394, 735})


_ID_NUMBERS: LiteralString = (
    "SELECT xxHash64(concat(toString(project_id), ' ', event_id)) AS number FROM events"
    " WHERE toDate(timestamp) BETWEEN {first:Date} AND {last:Date} AND number % {parts:UInt32} = {part:UInt32}"
)


def number_of(project_id: int, event_id: str) -> int:
    """64 bits of an id (XXH64), as the engine makes them too: the same everywhere, and quick on both sides."""
    return xxh64_intdigest(f"{project_id} {event_id}".encode())


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """How the table of events is."""

    version: str
    """The engine's."""
    applied: frozenset[int]
    known: frozenset[int]
    """Migrations, by number."""
    events: int
    bytes: int
    parts: int
    most_parts: int
    """In one month."""
    month: int
    """Events that were received in the last 30 days."""
    recent: int
    """In the last day."""
    wrong_clocks: int
    """Of those, with a time that could not be (R27)."""


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


class _Column(msgspec.Struct):
    name: str
    type: str


class _Result(msgspec.Struct):
    meta: list[_Column]
    data: list[list[Any]]
    statistics: _Statistics


_result = msgspec.json.Decoder(_Result)


_encode = msgspec.json.Encoder().encode


def encode_row(event: Event, project_id: int) -> bytes:
    """An event as the line that `insert` takes, without its place of arrival (`with_arrival` adds that).

    A line of JSONEachRow for the table `events`: the event's own fields where they are known, times in seconds with
    three decimals, and the properties as the text that was sent, of which the engine makes their index (ADR 0006).
    """
    row: dict[str, Any] = msgspec.to_builtins(event)  # leaves out what nobody knows
    row["project_id"] = project_id
    row["timestamp"] = event.timestamp / 1000
    row["received_at"] = event.received_at / 1000
    if event.sent_at is not None:
        row["sent_at"] = event.sent_at / 1000
    row["sent"] = row.pop("properties", event.properties)
    return _encode(row)


def with_arrival(line: bytes, arrival: int) -> bytes:
    """A line of `encode_row` with its place in the order of acknowledgement."""
    return b'{"arrival":%d,%b' % (arrival, line[1:])


class Warehouse:
    """One engine, here or elsewhere. Every method may be called from any thread."""

    def __init__(self, *urls: str, memory: int = MAX_MEMORY, floor: int = 0) -> None:
        """`chdb:///absolute/folder`, or `http(s)://user:password@host:port/database` for each replica of a server.

        A question may take `memory` bytes. An engine in this process adds nothing while its disk has less than
        `floor` bytes free.
        """
        parts = urlsplit(urls[0])
        self._folder = Path(unquote(parts.path)) if parts.scheme == "chdb" else None
        self._memory = memory
        self._floor = floor
        reading = _READ_SETTINGS | {"max_memory_usage": memory, "max_result_bytes": memory // RESULT_PART}
        self._writing = _WRITE_SETTINGS | ({"min_free_disk_bytes_to_perform_insert": floor} if self._folder else {})
        self._handles = Handles(urls, self._prepare, reading)
        self._table: str | None = None
        self._answers = Answers()

    def close(self) -> None:
        """Close the engine, unless a statement runs that does not end within a second (`busy` then)."""
        self._handles.close()

    @property
    def busy(self) -> bool:
        return self._handles.busy

    def migrate(self) -> None:
        """Apply the migrations that this engine has not seen; otherwise the first statement does. May be repeated.

        Raises `NoAnswer` when no server answers, `Unusable` when one will not have us.
        """
        self._handles.make_ready()

    def _prepare(self, client: Client, replica: Replica) -> None:
        """Once for each replica: what an earlier life of ours left running ends, and what is missing is made."""
        if replica.served:
            self._outlive(client, replica)
        ((database, engine),) = self._rows(
            client, "SELECT name, engine FROM system.databases WHERE name = currentDatabase()", {}
        ).rows
        for statement in schema.statements(schema.MIGRATIONS, engine):
            client.command(statement)
        done = {row[0] for row in self._rows(client, "SELECT number FROM migrations", {}).rows}
        for number, name, text in schema.migrations():
            if number in done:
                continue
            for statement in schema.statements(text, engine):
                client.command(statement)
            client.command(f"INSERT INTO migrations (number, name) VALUES ({number:d}, '{name}')")
        client.command(schema.links(database, replica.user, replica.password))
        self._recognise(client, replica)

    def run(self, query: Query) -> Rows:
        """Rows of somebody's own statement (`insights/statement.py`), under limits of its own, with its columns.

        Raises `BadRequest` for what the engine can make nothing of, `QueryRefused`, `Unavailable`.
        """
        memory = min(OWN_MEMORY, self._memory)
        limits = {"max_memory_usage": memory, "max_result_bytes": min(OWN_BYTES, self._memory // RESULT_PART)}

        def answer(client: Client, replica: Replica) -> bytes:
            if LINKS_IN_MEMORY in query.text:
                self._freshen_links(client, replica, self._version(client))
            text, params = in_portions(query.text, query.params) if replica.served else (query.text, query.params)
            try:
                settings = _OWN_SETTINGS | limits | {"log_comment": mark()}
                return client.raw_query(text, parameters=params, fmt="JSONCompact", settings=settings)
            except ClickHouseError as error:
                if was_given_up():
                    raise GivenUp from error
                raise _own_error(error, memory) from error

        result = _result.decode(self._handles.run(answer))
        if len(result.data) > OWN_ROWS:  # the engine counts before `arrayJoin` makes many of one
            raise QueryRefused(_TOO_MUCH)
        return Rows(rows=result.data, columns=tuple((column.name, column.type) for column in result.meta))

    def _outlive(self, client: Client, replica: Replica) -> None:
        # A server finishes an insert whose sender was killed. Until it has, nobody can tell what it holds.
        give_up = time.monotonic() + ANSWER_SECONDS
        while self._rows(client, _INSERTS_RUNNING, {}).rows[0][0]:
            if time.monotonic() > give_up:
                raise NoAnswer(f"{replica.name} is still busy with events of an earlier run.")
            time.sleep(0.2)

    def _recognise(self, client: Client, replica: Replica) -> None:
        # Of two servers that know nothing of each other, each would have half of the events.
        uuid = self._rows(client, _TABLE, {}).rows[0][0]
        if self._table not in {None, uuid}:
            raise Unusable(f"{replica.name} is no replica of the other: its table of events is another one.")
        self._table = uuid

    def select(self, query: Query) -> Rows:
        """Rows of a question. Raises `QueryRefused` past a limit, `Unavailable` without an engine."""

        def answer(client: Client, replica: Replica) -> Rows:
            version = self._version(client) if LINKS_IN_MEMORY in query.text else ()
            return _rows_of(self._answer(client, replica, query, version))

        return self._handles.run(answer)

    def select_kept(
        self, first: Mapping[str, Query], then: Callable[[Mapping[str, Rows]], Mapping[str, Query]] | None = None
    ) -> tuple[Mapping[str, Query], dict[str, Rows]]:
        """The same for questions that belong together, by name; from memory where nothing happened to the events.

        With `then`, the questions are those that it makes of the answers to the first. Where so much happened meanwhile
        that it would make others, these are asked.
        """

        def answer(client: Client, replica: Replica) -> tuple[Mapping[str, Query], dict[str, Rows]]:
            version = self._version(client)
            if then is None:
                return first, self._kept_or_asked(client, replica, first, version)
            queries = then(self._kept_or_asked(client, replica, first, version))
            while True:
                is_known = self._answers.hold(queries.values(), version)
                rows = self._kept_or_asked(client, replica, queries, version)
                now = version if is_known else self._version(client)
                if now == version:
                    return queries, rows
                version, before = now, queries
                queries = then(self._kept_or_asked(client, replica, first, version))
                if queries == before:
                    return queries, rows

        return self._handles.run(answer)

    def _kept_or_asked(
        self, client: Client, replica: Replica, queries: Mapping[str, Query], version: Version
    ) -> dict[str, Rows]:
        return {name: self._found(client, replica, query, version) for name, query in queries.items()}

    def _found(self, client: Client, replica: Replica, query: Query, version: Version) -> Rows:
        kept = self._answers.find(query, version)
        if kept is not None:
            return Rows(rows=_result.decode(kept).data)
        # Links may have come while the one before was answered.
        fresh = self._version(client) if LINKS_IN_MEMORY in query.text else version
        raw = self._answer(client, replica, query, fresh)
        self._answers.keep(query, version, raw)
        return _rows_of(raw)

    def _answer(self, client: Client, replica: Replica, query: Query, version: Version) -> bytes:
        if LINKS_IN_MEMORY in query.text:
            self._freshen_links(client, replica, version)
        text, params = in_portions(query.text, query.params) if replica.served else (query.text, query.params)
        return self._ask(client, text, params)

    def cancel(self, asked: Asked) -> None:
        """Have the engine end what it is doing for a question. Its thread hears of it as `GivenUp`, soon."""

        def kill(client: Client, _replica: Replica) -> None:
            try:
                client.raw_query(
                    "KILL QUERY WHERE Settings['log_comment'] = {mark:String} ASYNC",
                    parameters={"mark": asked.mark},
                    fmt="TabSeparated",
                )
            except ClickHouseError as error:
                fault = NoAnswer if is_silence(error) else Unavailable
                raise fault("The ClickHouse engine does not cancel a question.") from error

        self._handles.run_on_all(kill)

    def _version(self, client: Client) -> Version:
        return tuple(self._rows(client, PARTS, {}).rows[0])

    def _freshen_links(self, client: Client, replica: Replica, version: Version) -> None:
        """Have it read the links again if they are not those that it holds (R26: no copy hides a late one)."""
        with replica.linking:
            if version == replica.links_version:
                return
            links = self._rows(client, LINKS_VERSION, {}).rows
            if links != replica.links:
                try:
                    client.command("SYSTEM RELOAD DICTIONARY links")
                except ClickHouseError as error:
                    raise self._failed(error) from error
                replica.links = links
            replica.links_version = version

    def insert(self, lines: Iterable[bytes], token: str | None = None) -> None:
        """Add rows; they are on the disk when this returns.

        A block whose `token` was inserted before is left out: who got no answer may insert the same lines again.
        Raises `RowsRefused` when the rows are at fault, `Unavailable` when the engine is, which may have them then.
        """
        block = b"\n".join(lines)
        settings = self._writing | {"insert_deduplication_token": token or uuid4().hex}

        def put(client: Client, _replica: Replica) -> None:
            try:
                client.raw_insert("events", insert_block=block, fmt="JSONEachRow", settings=settings)
            except OSError as error:  # the client hands the block over in a file
                raise Unavailable(f"The block cannot be handed to the engine: {error.strerror}.") from error
            except ClickHouseError as error:
                refusal = _insert_error(error)
                if isinstance(refusal, RowsRefused) and not refusal.certain and self.room() == 0:
                    refusal = Unavailable("The disk of the ClickHouse engine is full.")
                raise refusal from error

        self._handles.run(put)

    def room(self) -> int | None:
        """Bytes that an engine in this process may still add to its disk; None for one elsewhere."""
        return None if self._folder is None else max(0, disk_of(self._folder).free - self._floor)

    def _look_up(self, query: Query) -> Rows:
        """For the writer, whose look-ups no limit of a question may stop: its events are acknowledged."""
        return self.select(Query(text=query.text + _WITHOUT_LIMITS, params=query.params))

    def find(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Which of these (project, event id) are stored already, and their arrival."""
        # As one JSON text: a parameter of 50 000 strings takes the engine half a minute, this half a second.
        found = self._look_up(
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

    def id_numbers(self, most: int) -> Iterator[Sequence[int]]:
        """`number_of` every id, in portions of about `most`.

        By days, which lie together, so that all of them read each id once; of large days by parts.
        """
        days = self._look_up(
            Query(text="SELECT toDate(timestamp) AS day, count() FROM events GROUP BY day ORDER BY day", params={})
        ).rows
        for first, last, parts in _portions(days, most):
            for part in range(parts):
                asked = {"first": first, "last": last, "parts": parts, "part": part}
                yield array("Q", self._handles.run(partial(self._read_numbers, asked)))

    def _read_numbers(self, params: dict[str, Any], client: Client, _replica: Replica) -> bytes:
        try:
            return client.raw_query(_ID_NUMBERS + _WITHOUT_LIMITS, parameters=params, fmt="RowBinary")
        except ClickHouseError as error:
            raise self._failed(error) from error

    def give_back(self) -> None:
        """After much was read at once: what the engine inside this process holds and does not use (some 40 MB)."""

        def purge(client: Client, replica: Replica) -> None:
            if not replica.served:
                client.command("SYSTEM JEMALLOC PURGE")

        self._handles.run(purge)

    def condition(self) -> Condition:
        """How the table of events is. Raises `Unavailable`."""
        applied = self.select(Query(text="SELECT number FROM migrations", params={})).rows
        ((parts, most, size, engine),) = self.select(
            Query(
                text="SELECT sum(n), max(n), sum(bytes), version() FROM"
                " (SELECT count() AS n, sum(bytes_on_disk) AS bytes FROM system.parts"
                " WHERE database = currentDatabase() AND table = 'events' AND active GROUP BY partition)",
                params={},
            )
        ).rows
        ((month, recent, wrong),) = self.select(
            Query(
                text="SELECT count(), countIf(received_at > now() - toIntervalDay(1)), countIf(received_at > now() -"
                " toIntervalDay(1) AND notEmpty(flags)) FROM events WHERE received_at > now() - toIntervalDay(30)",
                params={},
            )
        ).rows
        return Condition(
            version=engine,
            applied=frozenset(row[0] for row in applied),
            known=frozenset(number for number, _, _ in schema.migrations()),
            events=self.count(),
            bytes=size,
            parts=parts,
            most_parts=most,
            month=month,
            recent=recent,
            wrong_clocks=wrong,
        )

    def ping(self) -> None:
        """Raises `Unavailable` unless the engine answers."""
        self.select(Query(text="SELECT 1", params={}))

    def _rows(self, client: Client, text: LiteralString, params: dict[str, Any]) -> Rows:
        return _rows_of(self._ask(client, text, params))

    def _ask(self, client: Client, text: str, params: dict[str, Any]) -> bytes:
        try:
            asked = mark()
            # In the text: what is set beside a statement costs three statements more.
            marked = f"{text}\nSETTINGS log_comment = '{asked}'" if asked else text
            return client.raw_query(marked, parameters=params, fmt="JSONCompact")
        except ClickHouseError as error:
            raise self._failed(error) from error

    def _failed(self, error: ClickHouseError) -> Exception:
        """What a question's error means."""
        if was_given_up():
            return GivenUp()
        meant = _select_error(error, self._memory)
        # On a full disk the engine fails in more ways than it has codes for, and a moment later there may be some room.
        room = self.room()
        if meant is error and room is not None and room < _TIGHT:
            return Unavailable("The disk of the ClickHouse engine is full.")
        return meant


def _portions(days: list[list[Any]], most: int) -> Iterator[tuple[str, str, int]]:
    """First day, last day and number of parts: days that are few events together, or one that is in parts."""
    first = last = ""
    held = 0
    for day, count in days:
        if held and held + count > most:
            yield first, last, -(-held // most)
            held = 0
        first, last, held = (first if held else day), day, held + count
    if held:
        yield first, last, -(-held // most)


def _rows_of(raw: bytes) -> Rows:
    result = _result.decode(raw)
    return Rows(rows=result.data, elapsed_ms=result.statistics.elapsed * 1000, rows_read=result.statistics.rows_read)


_INSERTS_RUNNING: LiteralString = (
    "SELECT count() FROM system.processes WHERE user = currentUser() AND current_database = currentDatabase()"
    " AND startsWith(query, 'INSERT INTO events ')"
)
_TABLE: LiteralString = (
    "SELECT toString(uuid) FROM system.tables WHERE database = currentDatabase() AND name = 'events'"
)


def _select_error(error: ClickHouseError, memory: int) -> Exception:  # noqa: PLR0911 - a table of codes, in words
    code = getattr(error, "code", None)
    if code in _OVER_LIMITS:
        return QueryRefused(
            f"The question needs more than {MAX_SECONDS} seconds or {in_words(memory)} of memory;"
            " ask for a shorter range or fewer groups."
        )
    if code in _DISK | _CANCELLED:
        name = "cancelled the question" if code in _CANCELLED else "has no room on its disk for the question"
        return Unavailable(f"The ClickHouse engine {name}.")
    if code in _TOO_LONG or (code == _OF_THE_SERVER and "too long" in str(error)):
        return QueryRefused("The question has more parts than the engine reads; ask with fewer filters or steps.")
    if code in _BAD_PATTERN:
        return BadRequest("“matches” takes regular expressions of RE2; one of these is none.", path="$.filters")
    if is_silence(error):
        return NoAnswer("The ClickHouse engine does not answer.")
    if code in _NOT_NOW:
        name = getattr(error, "name", None)
        return Unavailable(f"The ClickHouse engine answers no questions at the moment ({name}, code {code}).")
    return error


_RESULT_TOO_LARGE = frozenset({396})
_TOO_MUCH = (
    f"The result has more than {OWN_ROWS} rows, or is larger than {OWN_BYTES // 1024**2} MiB or an eighth of a"
    " question's memory; add a LIMIT."
)
_DATABASE_SAYS = re.compile(
    r"^.*?DB::Exception: |\. \([A-Z_]+\)\s*(\(for url .*)?$|[.:]? (In scope|While|while) .*", re.DOTALL
)


def _own_error(error: ClickHouseError, memory: int) -> Exception:
    """What the engine says of a statement, without the text that it was made into."""
    if is_silence(error):
        return NoAnswer("The ClickHouse engine does not answer.")
    code = getattr(error, "code", None)
    if code in _RESULT_TOO_LARGE:
        return QueryRefused(_TOO_MUCH)
    if code in _OVER_LIMITS:
        return QueryRefused(
            f"The statement needs more than {OWN_SECONDS} seconds or {in_words(memory)} of memory;"
            " ask for a shorter range or fewer groups."
        )
    if code in _NOT_NOW:
        return Unavailable("The ClickHouse engine cannot run the statement at the moment.")
    if code in _TOO_LONG:  # it would quote what the statement was made into
        return BadRequest("The engine cannot read this statement.", path="$.query")
    said = _DATABASE_SAYS.sub("", str(error)).strip()[:300]
    return BadRequest(f"The engine says: {said}.", path="$.query")


def _insert_error(error: ClickHouseError) -> Exception:
    if is_silence(error):
        return NoAnswer("The ClickHouse engine does not answer.")
    code = getattr(error, "code", None)
    if code is not None and code not in _NOT_NOW | _NO_TABLE:
        return RowsRefused(str(error).splitlines()[0][:300], certain=code in _BAD_ROW)
    # Its text may quote the events, which no log may hold.
    name = getattr(error, "name", None) or type(error).__name__
    return Unavailable(f"The ClickHouse engine does not take events at the moment ({name}, code {code}).")
