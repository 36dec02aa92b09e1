"""A result as a table, for files: named and typed columns, and rows of plain values."""

from typing import Literal

import msgspec

Kind = Literal["text", "integer", "number", "boolean"]
Value = str | int | float | bool | None
Columns = dict[str, Kind]


class Table(msgspec.Struct, frozen=True):
    columns: Columns
    rows: list[list[Value]]
