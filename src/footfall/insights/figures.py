"""The few numbers that an answer comes down to, for those who read a letter and see no picture."""

from typing import Literal

import msgspec

Unit = Literal["count", "share", "seconds", "number"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A number and what it is called. Shares are of one; a number that is not known is null."""

    name: str
    value: float | None
    unit: Unit = "count"
