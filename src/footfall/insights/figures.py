"""The few numbers that an answer comes down to, for those who read a letter and see no picture."""

from collections.abc import Iterable
from typing import Literal

import msgspec

Unit = Literal["count", "share", "seconds", "number"]
MOST = 10
"""Of an answer."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number and what it is called. Shares are of one; a number that is not known is null."""

    name: str
    value: float | None
    unit: Unit = "count"


def first(figures: Iterable[Figure]) -> list[Figure]:
    """As many as are told."""
    return [one for one, _ in zip(figures, range(MOST), strict=False)]
