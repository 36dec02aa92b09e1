"""`footfall import`: events from files, once each, however often it is run (ADR 0042).

Whose export a file is, is seen from its first record (ADR 0064). Each row is read by the same rules as the server's
before it is sent, so what is no event is named with its line and never reaches the quarantine. A row without an id gets
one that is the same at the next run.
"""

import asyncio
import gzip
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

import httpx
import msgspec
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from footfall.cli.console import errors
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, connect, named, problem_of
from footfall.cli.sources import Cells, Row, Shape, Source, files_of, opened
from footfall.insights.events import COLUMNS
from footfall.insights.table import as_it_was
from footfall.model.errors import BadRequest, Unavailable
from footfall.model.event import Event, Receipt, Refused
from footfall.model.period import rfc3339, zone_of
from footfall.protocols.exports import EXPORTS, Entry, Export, Link, id_of, no_events, recognised, refusing
from footfall.protocols.native import MAX_EVENTS, entry_of
from footfall.settings import clock, from_environment

EXAMPLE = (
    "Example: [bold]footfall import events.jsonl older.csv.gz --data /var/lib/footfall[/]"
    " · footfall import export.zip --from amplitude"
)

Origin = Literal["footfall", "s0", "posthog", "umami", "plausible", "mixpanel", "amplitude"]
"""Ours, and the names of `EXPORTS`."""
_CHOICES = ", ".join(get_args(Origin))

BATCH_BYTES = 4 * 1024 * 1024
"""Of one request; the server takes 5 MiB."""
PATIENCE = 600.0
"""Seconds of waiting for one batch."""
UNREACHED = 60.0
"""The same where nobody answers at all."""
_MOST_NAMED = 100
"""Bad rows that are told one by one."""
_NULL = r"\N"
_LOOKED_AT = 100
"""Rows by which a file is recognised, should the first ones be damaged."""


def run(
    files: Annotated[
        list[Path], typer.Argument(help="Files to read, also .gz, .zst and .zip, or folders of them.", exists=True)
    ],
    origin: Annotated[
        Origin | None, typer.Option("--from", help="Whose export it is. Default: as the first record looks.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--timezone", help="Zone of times that say none, such as Europe/Berlin. Mixpanel needs it."),
    ] = None,
    format_: Annotated[Shape | None, typer.Option("--format", help="Default: as each file's name ends.")] = None,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Send events from files of `footfall export`, or in the shape of /api/events/collect, or of another product.

    Run it again after whatever went wrong: nothing is counted twice. Exit status 1 when a row was not taken.
    """
    wanted = _Wanted(origin, zone_of(zone, "--timezone") if zone else None, format_)
    tally = asyncio.run(_import(files, wanted, project, data, url, key))
    said = f"{tally.sent:,} events sent"
    if tally.links:
        said += f", with {tally.links:,} more that link a device to its user"
    if tally.bad:
        errors.print(f"{said}, [bold red]{tally.bad:,} rows were not[/]; the rest is there.", highlight=False)
        raise typer.Exit(1)
    errors.print(f"{said}.", highlight=False)
    if tally.passed_over and not tally.sent:
        raise typer.Exit(1)


class _Wanted(NamedTuple):
    """What was said of all files."""

    origin: Origin | None
    zone: ZoneInfo | None
    shape: Shape | None


class _Tally:
    """What became of the rows so far, and the bar that shows it."""

    def __init__(self, progress: Progress) -> None:
        self.sent = 0
        self.links = 0
        self.bad = 0
        self.passed_over = 0
        """Files."""
        self._progress = progress
        self._task = progress.add_task("")

    def begin(self, file: Path) -> None:
        self._progress.update(self._task, description=file.name, total=file.stat().st_size, completed=0)

    def took(self, events: int, links: int, position: int) -> None:
        self.sent += events
        self.links += links
        self._progress.update(self._task, completed=position, events=self.sent)

    def refuse(self, label: str, line: int, reason: str) -> None:
        self.bad += 1
        if self.bad <= _MOST_NAMED:
            self.note(f"{label}:{line}: {reason}")
        elif self.bad == _MOST_NAMED + 1:
            self.note("… and more.")

    def pass_over(self, why: str) -> None:
        self.passed_over += 1
        self.note(f"Passed over: {why}")

    def note(self, sentence: str) -> None:
        self._progress.console.print(Text(sentence))

    def wait(self, why: str, seconds: float) -> None:
        self.note(f"{why} Going on in {seconds:.0f} s.")


async def _import(
    files: list[Path], wanted: _Wanted, project: int | None, data: Path, url: str | None, key: str | None
) -> _Tally:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        tally = _Tally(progress)
        async with connect(data, url, key, create=True) as client:
            sender = _Sender(client, named(project), tally, pack=url is not None)
            links = _Links()
            for file in files_of(files):
                tally.begin(file)
                with opened(file, wanted.shape) as (sources, position):
                    sender.position = position
                    for source in sources:
                        try:
                            await _send_all(source, wanted, sender, tally, links)
                        except _NoExport as error:
                            # Beside what was meant, in a folder or an archive, lies what was not.
                            if source.label in map(str, files):
                                raise
                            tally.pass_over(error.detail)
    return tally


class _NoExport(BadRequest):
    """A file that is no export, or none of events."""


class _Links:
    """Which pairs of device and user were told to the server in this run: once each, as 64 bits."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def is_new(self, event_id: str) -> bool:
        number = int(event_id[:16], 16)
        if number in self._seen:
            return False
        self._seen.add(number)
        return True


async def _send_all(source: Source, wanted: _Wanted, sender: "_Sender", tally: _Tally, links: _Links) -> None:
    receipt = Receipt(received_at=clock(from_environment({})), keeps_receipt=True)
    if source.shape is None:
        raise _NoExport(f"{source.label} says nothing of its format; name it with --format.", path="--format")
    export, rows = _recognised(source, wanted)
    text_of = _ours(source.shape) if export is None else _theirs
    first: bytes | None = None
    batch = _Batch()
    for row in rows:
        try:
            with refusing():
                text = row.content if isinstance(row.content, bytes) else text_of(row.content)
                first = text if first is None else first
                made = id_of(first, b"%d" % row.line, text)
                told = [text] if export is None else _told(export.read(text, wanted.zone), links)
        except BadRequest as error:
            tally.refuse(source.label, row.line, f"{error.detail} ({error.path})")
            continue
        for place, said in enumerate(told):
            entry = _read(said, receipt, made)
            if not isinstance(entry, Event):
                tally.refuse(source.label, row.line, f"{entry.detail} ({entry.path})")
                break
            whole = _with_id(said, made) if entry.event_id == made else said
            if batch.is_full(whole):
                await sender.send(source.label, batch)
                batch = _Batch()
            batch.add(row.line, whole, is_link=place > 0)
    if batch.texts:
        await sender.send(source.label, batch)


class _Batch:
    """Entries for one request."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self.lines: list[int] = []
        self.links = 0
        self._size = 0

    def is_full(self, text: bytes) -> bool:
        return len(self.texts) == MAX_EVENTS or self._size + len(text) > BATCH_BYTES

    def add(self, line: int, text: bytes, *, is_link: bool) -> None:
        self.texts.append(text)
        self.lines.append(line)
        self.links += is_link
        self._size += len(text) + 1


def _read(text: bytes, receipt: Receipt, event_id: str) -> Event | Refused | BadRequest:
    """What the server will make of an entry."""
    try:
        return entry_of(text, receipt, None, event_id)
    except BadRequest as error:  # no JSON, for which a body would be refused as a whole
        return error


def _with_id(text: bytes, event_id: str) -> bytes:
    members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(members | {"event_id": event_id})


# ── whose it is ──────────────────────────────────────────────────────────────────────────────────────────────


def _recognised(source: Source, wanted: _Wanted) -> tuple[Export | None, Iterator[Row]]:
    """Whose export this is (None: ours), and the rows, none of them missing. Raises `BadRequest` when unsure."""
    looked_at: list[Row] = []
    export: Export | None = None
    for row in itertools.islice(source.rows, _LOOKED_AT):
        looked_at.append(row)
        record = _record(row)
        if record is not None:
            export = _whose(source.label, record, wanted)
            break
    if export is not None and export.wants_zone and wanted.zone is None:
        raise BadRequest(export.wants_zone, path="--timezone")
    return export, itertools.chain(looked_at, source.rows)


def _record(row: Row) -> dict[str, Any] | None:
    if isinstance(row.content, dict):
        return row.content
    try:
        msgspec.json.decode(row.content)  # all of it: a file is recognised by a record that is whole
        return msgspec.json.decode(row.content, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def _whose(label: str, record: dict[str, Any], wanted: _Wanted) -> Export | None:
    found = recognised(record)
    if not found and (sentence := no_events(record)):
        raise _NoExport(f"{label}: {sentence}")
    if wanted.origin is not None:
        return EXPORTS.get(wanted.origin)
    if len(found) == 1:
        return found[0]
    if found or "event" not in record:
        raise _NoExport(f"{label} looks like no export that is known; say whose it is: {_CHOICES}.", path="--from")
    return None


# ── translating ──────────────────────────────────────────────────────────────────────────────────────────────


def _theirs(cells: Cells) -> bytes:
    """The cells of a row as a JSON object; what ClickHouse and PostgreSQL write for null is nothing."""
    return msgspec.json.encode({name: value for name, value in cells.items() if value != _NULL})


def _told(entry: Entry, links: _Links) -> list[bytes]:
    """A record as it is sent: the event, and behind it the link that it is the first to say."""
    event = {name: value for name, value in entry.event.items() if name == "event" or value not in ("", None)}
    for name in ("timestamp", "received_at"):
        if isinstance(event.get(name), int):
            event[name] = rfc3339(event[name])
    told = [msgspec.json.encode(event)]
    if entry.link is not None:
        event_id = id_of("$identify", entry.link.anonymous_id, entry.link.user_id)
        if links.is_new(event_id):
            told.append(msgspec.json.encode(_identify(entry, entry.link, event_id, event)))
    return told


def _identify(entry: Entry, link: Link, event_id: str, event: dict[str, Any]) -> dict[str, Any]:
    when = {name: event[name] for name in ("timestamp", "received_at") if name in event}
    properties = {"traits": entry.traits} if entry.traits else {}
    return {
        "event": "$identify", "event_id": event_id, "user_id": link.user_id, "anonymous_id": link.anonymous_id,
        "properties": properties, **when,
    }  # fmt: skip


# ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────


class _Sender:
    """Batches, one after the other, each until it is on the server's disk."""

    def __init__(self, client: httpx.AsyncClient, params: dict[str, Any], tally: _Tally, *, pack: bool) -> None:
        self._client = client
        self._params = params | {"verbose": "1"}
        self._tally = tally
        self._pack = pack
        self._reached = False
        self.position: Callable[[], int] = int
        """How far the file at hand was read."""

    async def send(self, label: str, batch: _Batch) -> None:
        """Raises what the server says, and `Unavailable` when it says nothing for too long."""
        answer = await self._taken(b"[%b]" % b",".join(batch.texts))
        if answer.is_error:
            raise problem_of(answer)
        refused = [one for one in answer.json()["results"] if one["status"] != "ok"]
        for one in refused:  # by a server of another version; ours would have been told apart before
            self._tally.refuse(label, batch.lines[one["index"]], str(one.get("reason")))
        self._tally.took(len(batch.texts) - len(refused) - batch.links, batch.links, self.position())

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


# ── our own tables ───────────────────────────────────────────────────────────────────────────────────────────

_JSON = frozenset({"properties", "groups", "flags", "violations", "redacted", "context"})
"""Columns whose cells are JSON."""
_TIMES = frozenset({"timestamp", "sent_at", "received_at"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def _ours(shape: Shape | None) -> Callable[[Cells], bytes]:
    """The cells of a row as an event. Other columns become properties."""
    cell = as_it_was if shape == "csv" else str

    def event_of(cells: Cells) -> bytes:
        return msgspec.json.encode(
            {name: _value(name, cell(value)) if isinstance(value, str) else value for name, value in cells.items()}
        )

    return event_of


def _value(name: str, text: str) -> Any:
    if name in _JSON or (COLUMNS.get(name) == "boolean" and text in {"true", "false"}):
        return msgspec.Raw(text.encode())
    is_number = COLUMNS.get(name) == "integer" or name in _TIMES
    return msgspec.Raw(text.encode()) if is_number and _NUMBER.fullmatch(text) else text
