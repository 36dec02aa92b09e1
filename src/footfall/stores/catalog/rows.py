"""From rows to what the rest of the house knows."""

from typing import TypeVar

import msgspec

Shown = TypeVar("Shown", bound=msgspec.Struct)


def shown(row: object, kind: type[Shown]) -> Shown:
    """The columns of a row that a struct has, which are called as its fields are."""
    return kind(**{name: getattr(row, name) for name in kind.__struct_fields__})
