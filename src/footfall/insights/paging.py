"""Pages of a list: a limit, and a cursor that names the last item seen.

A page starts behind an item, not at a number, so what arrives while somebody pages neither repeats nor hides one.
"""

import base64
from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec

from footfall.model.errors import BadRequest

MAX_LIMIT = 1000
DEFAULT_LIMIT = 50

At = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A time in a place: it fits wherever times are kept. Ids of people and sessions have a bit more."""
Position = TypeVar("Position", bound=Sequence[int | str])


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list is asked for."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


def checked(limit: int) -> int:
    """The limit, if it is one that may be asked for. Raises `BadRequest` at `$.limit`."""
    if not 1 <= limit <= MAX_LIMIT:
        raise BadRequest(f"limit lies between 1 and {MAX_LIMIT}.", path="$.limit")
    return limit


def cursor_of(position: Sequence[int | str]) -> str:
    """The cursor of the page behind an item."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def position_of(cursor: str, kind: type[Position]) -> Position:
    """Where a cursor points. Raises `BadRequest` at `$.cursor` for one that was made elsewhere."""
    try:
        position = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
        if any(isinstance(one, int) and not 0 <= one < 2**64 for one in position):
            raise ValueError(position)  # noqa: TRY301 - one way out for all that is no cursor
        return position  # noqa: TRY300 - the try is about all of it
    except (ValueError, msgspec.MsgspecError):
        raise BadRequest("This cursor was not made here, or for another list.", path="$.cursor") from None
