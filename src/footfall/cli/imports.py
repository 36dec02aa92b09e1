"""`footfall import`: events from files, once each, however often it is run (ADR 0042).

Each row is read by the same rules as the server's before it is sent, so what is no event is named with its line and
never reaches the quarantine. A row without an id gets one that is the same at the next run.
"""

import asyncio
import csv
import gzip
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, Literal, NamedTuple

import httpx
import msgspec
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from footfall.cli.console import errors
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, connect, named, problem_of
from footfall.insights.events import COLUMNS
from footfall.insights.table import as_it_was
from footfall.model.errors import BadRequest, Unavailable
from footfall.model.event import Event, Receipt, Refused
from footfall.protocols.body import entries_of
from footfall.protocols.native import MAX_EVENTS, entry_of
from footfall.settings import clock, from_environment

EXAMPLE = "Example: [bold]footfall import events.jsonl older.csv.gz --data /var/lib/footfall[/]"

Format = Literal["jsonl", "csv", "parquet", "json"]
_ENDINGS: dict[str, Format] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet", ".json": "json",
}  # fmt: skip

BATCH_BYTES = 4 * 1024 * 1024
"""Of one request; the server takes 5 MiB."""
PATIENCE = 600.0
"""Seconds of waiting for one batch."""
UNREACHED = 60.0
"""The same where nobody answers at all."""
_MOST_NAMED = 100
"""Bad rows that are told one by one."""
_GZIP = b"\x1f\x8b"


class Row(NamedTuple):
    """A row of a file: where it begins, and the event in it as JSON."""

    line: int
    text: bytes


def run(
    files: Annotated[list[Path], typer.Argument(help="Files to read; .gz too.", exists=True, dir_okay=False)],
    format_: Annotated[Format | None, typer.Option("--format", help="Default: as each file's name ends.")] = None,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Send events from files of `footfall export`, or in the shape of /api/events/collect.

    Run it again after whatever went wrong: nothing is counted twice. Exit status 1 when a row was not taken.
    """
    tally = asyncio.run(_import(files, format_, project, data, url, key))
    said = f"{tally.sent:,} events sent"
    if tally.bad:
        errors.print(f"{said}, [bold red]{tally.bad:,} rows were not[/]; the rest is there.", highlight=False)
        raise typer.Exit(1)
    errors.print(f"{said}.", highlight=False)


class _Tally:
    """What became of the rows so far, and the bar that shows it."""

    def __init__(self, progress: Progress) -> None:
        self.sent = 0
        self.bad = 0
        self._progress = progress
        self._task = progress.add_task("")

    def begin(self, file: Path) -> None:
        self._progress.update(self._task, description=file.name, total=file.stat().st_size, completed=0)

    def took(self, count: int, position: int) -> None:
        self.sent += count
        self._progress.update(self._task, completed=position, events=self.sent)

    def refuse(self, file: Path, line: int, reason: str) -> None:
        self.bad += 1
        if self.bad <= _MOST_NAMED:
            self._progress.console.print(Text(f"{file}:{line}: {reason}"))
        elif self.bad == _MOST_NAMED + 1:
            self._progress.console.print("… and more.")

    def wait(self, why: str, seconds: float) -> None:
        self._progress.console.print(Text(f"{why} Going on in {seconds:.0f} s."))


async def _import(
    files: list[Path], form: Format | None, project: int | None, data: Path, url: str | None, key: str | None
) -> _Tally:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        tally = _Tally(progress)
        async with connect(data, url, key, create=True) as client:
            sender = _Sender(client, named(project), tally, pack=url is not None)
            for file in files:
                tally.begin(file)
                with _opened(file, form or _form_of(file)) as source:
                    await _send_all(file, source, sender, tally)
    return tally


def _form_of(file: Path) -> Format:
    ending = file.suffixes[-2] if file.suffix == ".gz" and len(file.suffixes) > 1 else file.suffix
    if ending.lower() not in _ENDINGS:
        raise BadRequest(f"{file} says nothing of its format; name it with --format.", path="--format")
    return _ENDINGS[ending.lower()]


class _Source(NamedTuple):
    """A file that is open."""

    rows: Iterator[Row]
    position: Callable[[], int]
    """How many of its bytes were read."""


async def _send_all(file: Path, source: _Source, sender: "_Sender", tally: _Tally) -> None:
    receipt = Receipt(received_at=clock(from_environment({})), keeps_receipt=True)
    first: bytes | None = None
    batch: list[Row] = []
    size = 0
    for line, text in source.rows:
        first = text if first is None else first
        made = _id_of(first, line, text)
        entry = _read(text, receipt, made)
        if not isinstance(entry, Event):
            tally.refuse(file, line, f"{entry.detail} ({entry.path})")
            continue
        row = Row(line, _with_id(text, made) if entry.event_id == made else text)
        if len(batch) == MAX_EVENTS or size + len(row.text) > BATCH_BYTES:
            await sender.send(file, batch, source.position())
            batch, size = [], 0
        batch.append(row)
        size += len(row.text) + 1
    if batch:
        await sender.send(file, batch, source.position())


def _read(text: bytes, receipt: Receipt, event_id: str) -> Event | Refused | BadRequest:
    """What the server will make of a row."""
    try:
        return entry_of(text, receipt, None, event_id)
    except BadRequest as error:  # no JSON, for which a body would be refused as a whole
        return error


def _id_of(first: bytes, line: int, text: bytes) -> str:
    """The same for the same row of the same file.

    A file is known by how it begins: it may have grown since, and other rows of it may have been mended.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in (first, str(line).encode(), text):
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def _with_id(text: bytes, event_id: str) -> bytes:
    members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(members | {"event_id": event_id})


# ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────


class _Sender:
    """Batches, one after the other, each until it is on the server's disk."""

    def __init__(self, client: httpx.AsyncClient, params: dict[str, Any], tally: _Tally, *, pack: bool) -> None:
        self._client = client
        self._params = params | {"verbose": "1"}
        self._tally = tally
        self._pack = pack
        self._reached = False

    async def send(self, file: Path, batch: list[Row], position: int) -> None:
        """Raises what the server says, and `Unavailable` when it says nothing for too long."""
        answer = await self._taken(b"[%b]" % b",".join(row.text for row in batch))
        if answer.is_error:
            raise problem_of(answer)
        refused = [one for one in answer.json()["results"] if one["status"] != "ok"]
        for one in refused:  # by a server of another version; ours would have been told apart before
            self._tally.refuse(file, batch[one["index"]].line, str(one.get("reason")))
        self._tally.took(len(batch) - len(refused), position)

    async def _taken(self, body: bytes) -> httpx.Response:
        headers = {"content-type": "application/json"}
        if self._pack:
            body, headers["content-encoding"] = gzip.compress(body, 1), "gzip"
        waited = 0.0
        while True:
            try:
                answer = await self._client.post(
                    "/api/events/import", content=body, headers=headers, params=self._params
                )
            except httpx.TransportError as error:
                why, wait, patience = f"{error or type(error).__name__}.", 1.0, UNREACHED if self._reached else 0.0
            else:
                self._reached = True
                if answer.status_code not in {429, 503}:
                    return answer
                why, wait, patience = problem_of(answer).detail, _retry_after(answer), PATIENCE
            if waited >= patience:
                raise Unavailable(f"{why} {self._tally.sent:,} events are there; run the same again for the rest.")
            self._tally.wait(why, wait)
            await asyncio.sleep(wait)
            waited += wait


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return float(min(int(text), 3600)) if text.isascii() and text.isdigit() else 5.0


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _opened(file: Path, form: Format) -> Iterator[_Source]:
    with file.open("rb") as raw:
        packed = raw.peek(2)[:2] == _GZIP
        stream: Any = gzip.GzipFile(fileobj=raw) if packed else raw
        try:
            size = file.stat().st_size
            # Whoever reads text from it closes it at its end.
            yield _Source(_told(file, _READERS[form](stream)), lambda: size if raw.closed else raw.tell())
        finally:
            stream.close()


def _told(file: Path, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, and what is wrong with a file as a whole as a sentence."""
    line = 0
    try:
        for row in rows:
            line = row.line
            yield row
    except (csv.Error, EOFError, OSError, UnicodeError, ValueError) as error:
        raise BadRequest(f"{file} cannot be read on behind line {line}: {error}.") from error


def _lines(stream: IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(stream, 1):
        text = (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line).strip()
        if text:
            yield Row(number, text)


def _array(stream: IO[bytes]) -> Iterator[Row]:
    """Events in one JSON array; the line is the place in it."""
    for number, text in enumerate(entries_of(stream.read().strip()), 1):
        yield Row(number, text)


def _cells(stream: IO[bytes]) -> Iterator[Row]:
    csv.field_size_limit(1 << 24)
    reader = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", newline=""), strict=True)
    columns = next(reader, [])
    if "event" not in columns:
        raise BadRequest("The first line of a CSV file names its columns, and one of them is “event”.")
    line = reader.line_num + 1
    for cells in reader:
        if cells:
            values = dict(zip(columns, (as_it_was(cell) if cell else None for cell in cells), strict=False))
            yield Row(line, _event_of(values))
        line = reader.line_num + 1


def _columns(stream: IO[bytes]) -> Iterator[Row]:
    import pyarrow as pa  # noqa: PLC0415 - half a second, which only Parquet is to pay
    from pyarrow import parquet  # noqa: PLC0415 - and this with it

    try:
        number = 0
        for portion in parquet.ParquetFile(pa.PythonFile(stream)).iter_batches(batch_size=MAX_EVENTS):
            for values in portion.to_pylist():
                number += 1
                yield Row(number, _event_of(values))
    except pa.ArrowException as error:
        raise ValueError(str(error).splitlines()[0]) from error


_READERS: dict[Format, Callable[[IO[bytes]], Iterator[Row]]] = {
    "jsonl": _lines, "json": _array, "csv": _cells, "parquet": _columns,
}  # fmt: skip

_JSON = frozenset({"properties", "groups", "flags", "violations", "context"})
"""Columns whose cells are JSON."""
_TIMES = frozenset({"timestamp", "sent_at", "received_at"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _event_of(values: dict[str, Any]) -> bytes:
    """The cells of a row as an event; an empty one is nothing. Other columns become properties."""
    return msgspec.json.encode({name: _value(name, value) for name, value in values.items() if value is not None})


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _JSON or (COLUMNS.get(name) == "boolean" and value in {"true", "false"}):
        return msgspec.Raw(value.encode())
    is_number = COLUMNS.get(name) == "integer" or name in _TIMES
    return msgspec.Raw(value.encode()) if is_number and _NUMBER.fullmatch(value) else value
