"""Tables as files, a portion at a time: CSV, JSON, JSON lines and Parquet.

CSV (RFC 4180): a text that a spreadsheet would take for a formula gets an apostrophe, a number stays a number (ADR
0041). JSON: an array of objects. JSON lines: an object a line. Parquet: a row group for each portion. A file is never
held in memory as a whole.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Protocol

import msgspec
from litestar.response import Stream

from footfall.insights.table import Columns, Kind, harmless

Rows = Iterable[list[Any]]
"""Plain values; what is none is for JSON alone."""


class Writer(Protocol):
    """What turns portions of rows into the bytes of a file; `begin` and `end` are called once."""

    def begin(self) -> bytes: ...
    def rows(self, rows: Rows) -> bytes: ...
    def end(self) -> bytes: ...


class Format(msgspec.Struct, frozen=True):
    """One row of the table of formats."""

    media_type: str
    writer: Callable[[Columns], Writer]


class _Csv:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def begin(self) -> bytes:
        return self.rows([list(self._columns)])

    def rows(self, rows: Rows) -> bytes:
        out = io.StringIO()
        csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
        return out.getvalue().encode()

    def end(self) -> bytes:
        return b""


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


class _Json:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._separator = b"["

    def begin(self) -> bytes:
        return b""

    def rows(self, rows: Rows) -> bytes:
        text = b",\n".join(msgspec.json.encode(dict(zip(self._columns, row, strict=True))) for row in rows)
        separator = self._separator if text else b""
        if text:
            self._separator = b",\n"
        return separator + text

    def end(self) -> bytes:
        return b"[]" if self._separator == b"[" else b"]"


class _JsonLines:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def begin(self) -> bytes:
        return b""

    def rows(self, rows: Rows) -> bytes:
        return b"".join(self._line(row) for row in rows)

    def _line(self, row: list[Any]) -> bytes:
        text = msgspec.json.encode(dict(zip(self._columns, row, strict=True)))
        if b"\n" in text or b"\r" in text:
            # Of JSON that was sent as it stands: there, a line break is nothing but space between two tokens.
            text = text.replace(b"\n", b" ").replace(b"\r", b" ")
        return text + b"\n"

    def end(self) -> bytes:
        return b""


class _Sink(io.RawIOBase):
    """A file to write to whose bytes are taken away while it grows."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        chunk = bytes(data)
        self._chunks.append(chunk)
        self._size += len(chunk)
        return len(chunk)

    def tell(self) -> int:
        return self._size

    def taken(self) -> bytes:
        chunks, self._chunks = self._chunks, []
        return b"".join(chunks)


class _Parquet:
    def __init__(self, columns: Columns) -> None:
        # Half a second of import that only those pay who ask for it.
        import pyarrow as pa  # noqa: PLC0415 - as said above
        from pyarrow import parquet  # noqa: PLC0415 - and this with it

        self._arrow: Any = pa
        types: dict[Kind, Any] = {
            "text": pa.string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "boolean": pa.bool_(),
        }
        self._columns = columns
        self._schema: Any = pa.schema([(name, types[kind]) for name, kind in columns.items()])
        self._sink = _Sink()
        self._writer: Any = parquet.ParquetWriter(self._sink, self._schema, compression="zstd")

    def begin(self) -> bytes:
        return self._sink.taken()

    def rows(self, rows: Rows) -> bytes:
        listed = list(rows)
        if listed:
            columns = zip(*listed, strict=True)
            arrays = [
                self._arrow.array(_doubles(values) if kind == "number" else values, field.type)
                for values, kind, field in zip(columns, self._columns.values(), self._schema, strict=True)
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        return self._sink.taken()

    def end(self) -> bytes:
        self._writer.close()
        return self._sink.taken()


def _doubles(values: Iterable[Any]) -> list[float | None]:
    """A number of JSON may be a whole one that no double holds; Arrow would refuse to round it."""
    return [None if value is None else float(value) for value in values]


FORMATS: dict[str, Format] = {
    "csv": Format("text/csv", _Csv),
    "json": Format("application/json", _Json),
    "jsonl": Format("application/x-ndjson", _JsonLines),
    "parquet": Format("application/vnd.apache.parquet", _Parquet),
}
TABLE_FORMATS = ("csv", "json", "parquet")
"""Of answers and lists."""
EVENT_FORMATS = ("jsonl", "csv", "parquet")
"""Of all events."""


async def file_of(
    extension: str, name: str, columns: Columns, portions: AsyncIterator[Rows], headers: dict[str, str] | None = None
) -> Stream:
    """A download. The first portion is made before anything is answered, so that what is wrong is still a problem."""
    wanted = FORMATS[extension]
    writer = await asyncio.to_thread(wanted.writer, columns)
    first = await anext(portions, [])  # not (): Python 3.11 fails on a tuple here
    begun = writer.begin() + await asyncio.to_thread(writer.rows, first)

    async def text() -> AsyncIterator[bytes]:
        yield begun
        async for rows in portions:
            yield await asyncio.to_thread(writer.rows, rows)
        yield await asyncio.to_thread(writer.end)

    return Stream(
        text(),
        media_type=wanted.media_type,
        headers={"content-disposition": f'attachment; filename="{name}.{extension}"'} | (headers or {}),
    )
