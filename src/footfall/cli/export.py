"""`footfall export`: every event of a project, with all that is kept of it, into a file."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, Literal

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from footfall.cli.console import errors
from footfall.cli.remote import DATA, DataOption, KeyOption, ProjectOption, UrlOption, connect, download, named
from footfall.model.errors import BadRequest, Unavailable

EXAMPLE = (
    "Example: [bold]footfall export --output events.parquet[/]"
    " · footfall export --event purchase --from 2026-01-01 --format csv > purchases.csv"
)
TOTAL = "footfall-events"
STANDARD_OUTPUT = Path("-")

Format = Literal["jsonl", "csv", "parquet"]
_ENDINGS: dict[str, Format] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet"}


def run(  # noqa: PLR0913, PLR0917 - the options of the command
    since: Annotated[str | None, typer.Option("--from", help="From this time on, such as 2026-01-01.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Up to this time, which is excluded.")] = None,
    event: Annotated[list[str] | None, typer.Option(help="Only events of this name; repeatable.")] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", help="Default: as the file's name ends, else jsonl.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write; - is standard output.")
    ] = STANDARD_OUTPUT,
    project: ProjectOption = None,
    data: DataOption = DATA,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Write every event with all that is kept of it, oldest first. `footfall import` reads it back."""
    form = format_ or _ENDINGS.get(output.suffix.lower(), "jsonl")
    if output == STANDARD_OUTPUT and form == "parquet" and sys.stdout.isatty():
        raise BadRequest("Parquet is nothing for a terminal; name a file.", path="--output")
    params: dict[str, Any] = named(project) | {"event": event or []}
    params |= {name: value for name, value in (("from", since), ("to", until)) if value is not None}
    with _opened(output, form) as file:
        written = asyncio.run(_write(file, form, params, data, url, key))
    where = "" if output == STANDARD_OUTPUT else f" in {output}"
    errors.print(f"{written:,} events{where}", highlight=False)


async def _write(
    file: IO[bytes], form: Format, params: dict[str, Any], data: Path, url: str | None, key: str | None
) -> int:
    """How many events were written. Raises `Unavailable` when they are not as many as were announced."""
    count = _COUNTERS[form]()
    async with connect(data, url, key) as client, download(client, f"/api/events/export.{form}", params) as answer:
        total = int(answer.headers[TOTAL])
        counted = count is not None
        columns: tuple[ProgressColumn, ...] = (MofNCompleteColumn(),) if counted else (DownloadColumn(),)
        with Progress(
            TextColumn("{task.description}"), BarColumn(), *columns, TimeElapsedColumn(), console=errors, transient=True
        ) as progress:
            task = progress.add_task(f"Exporting {total:,} events", total=total if counted else None)
            async for chunk in answer.aiter_bytes():
                file.write(chunk)
                progress.advance(task, count(chunk) if count is not None else len(chunk))
            arrived = int(progress.tasks[0].completed) if counted else total
    if arrived != total:
        raise Unavailable(f"{arrived:,} of {total:,} events came; the export broke off. Run it again.")
    return total


def _lines() -> Callable[[bytes], int]:
    return lambda chunk: chunk.count(b"\n")


def _records() -> Callable[[bytes], int]:
    """Rows of CSV: line ends that stand outside of quotation marks, without the one of the header."""
    inside = False
    header = 1

    def count(chunk: bytes) -> int:
        nonlocal inside, header
        found = 0
        for place, piece in enumerate(chunk.split(b'"')):
            inside ^= place > 0
            found += 0 if inside else piece.count(b"\n")
        first, header = min(found, header), max(0, header - found)
        return found - first

    return count


_COUNTERS: dict[Format, Callable[[], Callable[[bytes], int] | None]] = {
    "jsonl": _lines,
    "csv": _records,
    "parquet": lambda: None,  # its end says whether it is whole, and nothing before does
}


@contextmanager
def _opened(output: Path, form: Format) -> Iterator[IO[bytes]]:
    """Where to write. A file gets its name when all of it is on the disk, and not before."""
    if output == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = output.with_name(f"{output.name}.part")
    try:
        file = part.open("wb")
    except OSError as error:
        raise BadRequest(f"{part} cannot be written: {error.strerror}.", path="--output") from None
    try:
        with file:
            part.chmod(0o600)  # people's data; before anything of it is written
            yield file
            file.flush()
            os.fsync(file.fileno())
        if form == "parquet":
            _check_whole(part)
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def _check_whole(part: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415 - half a second, which only Parquet is to pay
    from pyarrow import parquet  # noqa: PLC0415 - and this with it

    try:
        parquet.read_metadata(part)
    except pa.ArrowInvalid:
        raise Unavailable("The file is not whole; the export broke off. Run it again.") from None
