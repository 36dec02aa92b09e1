"""What an import reads: files, those of a folder, those in an archive; packed or not; row by row.

A row keeps its line, and the text or the cells that it is. What is wrong with a file as a whole is a sentence.
"""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, get_args

import zstandard

from footfall.model.errors import BadRequest
from footfall.protocols.body import entries_of
from footfall.protocols.native import MAX_EVENTS

Shape = Literal["jsonl", "csv", "parquet", "json"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

_ENDINGS: dict[str, Shape] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet", ".json": "json",
}  # fmt: skip
_PACKED = (".gz", ".zst", ".zstd")
_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_BOM = b"\xef\xbb\xbf"

Cells = dict[str, Any]


class Row(NamedTuple):
    """Where a row begins, and its text, or the cells of a table that are not empty."""

    line: int
    content: bytes | Cells


class Source(NamedTuple):
    """A file that is open."""

    label: str
    """What it is called when something is said of it; of an archive, with the name inside."""
    shape: Shape | None
    """None where neither its name nor its beginning says it; then there are no rows."""
    rows: Iterator[Row]


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that are meant: those named, and all of a folder, by name, but hidden ones."""
    for path in paths:
        if path.is_dir():
            inside = (file for file in path.rglob("*") if file.is_file())
            yield from sorted(file for file in inside if not _is_hidden(file.relative_to(path).parts))
        else:
            yield path


def _is_hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in parts)


@contextmanager
def opened(file: Path, shape: Shape | None) -> Iterator[tuple[Iterator[Source], Callable[[], int]]]:
    """What is in a file, one after the other, and how many of its bytes were read."""
    with file.open("rb") as raw:
        size = file.stat().st_size
        # Whoever reads text from it closes it at its end.
        yield _sources(file, raw, shape), lambda: size if raw.closed else raw.tell()


def _sources(file: Path, raw: io.BufferedReader, shape: Shape | None) -> Iterator[Source]:
    if not raw.peek(4).startswith(_ZIP):
        with _unpacked(raw) as stream:
            yield _source(str(file), file.name, stream, shape)
        return
    try:
        with zipfile.ZipFile(raw) as archive:
            inside = [one for one in archive.infolist() if not (one.is_dir() or _is_hidden(one.filename.split("/")))]
            for info in sorted(inside, key=lambda one: one.filename):
                with archive.open(info) as packed, _unpacked(packed) as stream:
                    yield _source(f"{file}/{info.filename}", info.filename, stream, shape)
    except zipfile.BadZipFile as error:
        raise BadRequest(f"{file} cannot be read: {error}.") from error


def _source(label: str, name: str, stream: Any, shape: Shape | None) -> Source:
    found = shape or _shape_of(name, stream)
    return Source(label, found, iter(()) if found is None else _told(label, _READERS[found](stream)))


@contextmanager
def _unpacked(stream: Any) -> Iterator[Any]:
    start = stream.peek(4)[:4]
    if start.startswith(_GZIP):
        with gzip.GzipFile(fileobj=stream) as inner:
            yield inner
    elif start.startswith(_ZSTD):
        reader: Any = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        with io.BufferedReader(reader, 1 << 20) as inner:
            yield inner
    else:
        yield stream


def _shape_of(name: str, stream: Any) -> Shape | None:
    """By how a name ends, else by how the file begins."""
    path = Path(name)
    while path.suffix.lower() in _PACKED:
        path = path.with_suffix("")
    if path.suffix.lower() in _ENDINGS:
        return _ENDINGS[path.suffix.lower()]
    start = _start(stream)
    if start.startswith(b"PAR1"):
        return "parquet"
    return "json" if start[:1] in (b"{", b"[") else None


def _start(stream: Any) -> bytes:
    try:
        return stream.peek(64)[:64].removeprefix(_BOM).lstrip()
    except (OSError, EOFError, zlib.error, zstandard.ZstdError):
        return b""


def _told(label: str, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, and what is wrong with a file as a whole as a sentence."""
    line = 0
    try:
        for row in rows:
            line = row.line
            yield row
    except (
        csv.Error, EOFError, OSError, UnicodeError, ValueError, zlib.error, zipfile.BadZipFile, zstandard.ZstdError,
    ) as error:  # fmt: skip
        raise BadRequest(f"{label} cannot be read on behind line {line}: {error}.") from error


def _lines(stream: IO[bytes]) -> Iterator[Row]:
    for number, line in enumerate(stream, 1):
        text = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if text:
            yield Row(number, text)


def _json(stream: Any) -> Iterator[Row]:
    """An object a line, or one array of them; of an array, the line is the place in it."""
    if not _start(stream).startswith(b"["):
        yield from _lines(stream)
        return
    for number, text in enumerate(entries_of(stream.read().removeprefix(_BOM).strip()), 1):
        yield Row(number, text)


def _cells(stream: IO[bytes]) -> Iterator[Row]:
    csv.field_size_limit(1 << 24)
    reader = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", newline=""), strict=True)
    columns = next(reader, [])
    line = reader.line_num + 1
    for cells in reader:
        if cells:
            yield Row(line, {name: cell for name, cell in zip(columns, cells, strict=False) if cell})
        line = reader.line_num + 1


def _columns(stream: IO[bytes]) -> Iterator[Row]:
    import pyarrow as pa  # noqa: PLC0415 - half a second, which only Parquet is to pay
    from pyarrow import parquet  # noqa: PLC0415 - and this with it

    try:
        number = 0
        for portion in parquet.ParquetFile(pa.PythonFile(stream)).iter_batches(batch_size=MAX_EVENTS):
            for values in portion.to_pylist():
                number += 1
                yield Row(number, {name: value for name, value in values.items() if value is not None})
    except pa.ArrowException as error:
        raise ValueError(str(error).splitlines()[0]) from error


_READERS: dict[Shape, Callable[[Any], Iterator[Row]]] = {
    "jsonl": _lines, "json": _json, "csv": _cells, "parquet": _columns,
}  # fmt: skip
