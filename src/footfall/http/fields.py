"""Fields that several requests and answers have in common, as closed types."""

from typing import Annotated

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import parse_moment, rfc3339, zone_of

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"

Name = Annotated[str, msgspec.Meta(max_length=200, pattern=_PRINTABLE)]
Origin = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Origins = Annotated[list[Origin], msgspec.Meta(max_length=100)]
ProjectId = Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]


def origins_of(listed: list[str]) -> tuple[str, ...]:
    """As a browser writes them: `https://shop.example`."""
    return tuple(dict.fromkeys(origin.rstrip("/") for origin in listed))


def moment_of(text: str | None, path: str) -> Millis | None:
    """Raises `BadRequest`."""
    return None if text is None else parse_moment(text, zone_of("UTC"), path=path)


def later_than(now: Millis, at: Millis | None, path: str) -> Millis | None:
    """Raises `BadRequest` for a time that is over."""
    if at is not None and at <= now:
        raise BadRequest("That time is over.", path=path)
    return at


def shown(at: Millis | None) -> str | None:
    return None if at is None else rfc3339(at)
