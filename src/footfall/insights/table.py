"""A result as a table, for files: named and typed columns, and rows of plain values."""

import re
from typing import Any, Literal

import msgspec

Kind = Literal["text", "integer", "number", "boolean"]
Value = str | int | float | bool | None
Columns = dict[str, Kind]


def plain(value: Any) -> Value:
    """A value as it stands in a cell: what is none by itself is written as JSON."""
    return value if value is None or isinstance(value, str | int | float) else msgspec.json.encode(value).decode()


_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DISARMED = re.compile(r"'+[=+\-@\t\r]")


def harmless(text: str) -> str:
    """A text as no spreadsheet runs it: an apostrophe before what begins like a formula (ADR 0041).

    Also before what begins like one with an apostrophe already, so that `as_it_was` knows which are ours.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def as_it_was(cell: str) -> str:
    """The text that `harmless` made a cell of."""
    return cell[1:] if _DISARMED.match(cell) else cell


class Table(msgspec.Struct, frozen=True):
    columns: Columns
    rows: list[list[Value]]
