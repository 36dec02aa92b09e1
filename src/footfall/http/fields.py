"""Fields that several requests and answers have in common, as closed types."""

import re
from typing import Annotated

import msgspec
from litestar.params import Parameter, QueryParameter

from footfall.access import ANY_ORIGIN
from footfall.insights.filters import Filter
from footfall.insights.funnel import window_of
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import parse_moment, rfc3339, zone_of

_ORIGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?")
"""Apps have schemes of their own (`capacitor://localhost`); a name in other letters is written with `xn--`."""
_PORTS = {"http": "80", "https": "443"}
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"

Name = Annotated[str, msgspec.Meta(max_length=200, pattern=_PRINTABLE)]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=_PRINTABLE)]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=_PRINTABLE)]
Description = Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^[^\x00]*$")]
Origin = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Origins = Annotated[list[Origin], msgspec.Meta(max_length=100)]
ProjectId = Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]

Since = Annotated[str, Parameter(description="How far back, as an ISO 8601 duration.")]
EventNames = Annotated[list[str] | None, QueryParameter(description="Only events of this name; repeatable.")]
FilterText = Annotated[str | None, QueryParameter(name="filters", description="A JSON array of filters.")]


def origins_of(listed: list[str]) -> tuple[str, ...]:
    """As a browser writes them: `https://shop.example`, and `*` for any. Raises `BadRequest`."""
    return tuple(dict.fromkeys(_origin(text, f"$.origins[{place}]") for place, text in enumerate(listed)))


def _origin(text: str, path: str) -> str:
    origin = text.lower().removesuffix("/")
    found = _ORIGIN.fullmatch(origin)
    if origin == ANY_ORIGIN:
        return origin
    if found is None or int(found["port"] or 0) >= 1 << 16:
        raise BadRequest(
            "An origin is a scheme and a host as a browser writes them, such as https://shop.example, or * for any.",
            path=path,
        )
    # A browser leaves a scheme's own port out.
    own = _PORTS.get(found["scheme"])
    return origin.removesuffix(f":{own}") if own is not None and found["port"] == own else origin


def moment_of(text: str | None, path: str) -> Millis | None:
    """Raises `BadRequest`."""
    return None if text is None else parse_moment(text, zone_of("UTC"), path=path)


def moment_back(since: str, now: Millis) -> Millis:
    """The time that lies an ISO 8601 duration back. Raises `BadRequest` at `$.since`."""
    try:
        return now - window_of(since)
    except BadRequest as error:
        raise BadRequest(error.detail, path="$.since") from None


def later_than(now: Millis, at: Millis | None, path: str) -> Millis | None:
    """Raises `BadRequest` for a time that is over."""
    if at is not None and at <= now:
        raise BadRequest("That time is over.", path=path)
    return at


def shown(at: Millis | None) -> str | None:
    return None if at is None else rfc3339(at)


def filters_of(text: str | None, **fields: str | None) -> list[Filter]:
    """The filters of an address: a JSON array, and fields that are given one by one. Raises `BadRequest`."""
    exact = [
        Filter(property=name, operator="is", values=(value,)) for name, value in fields.items() if value is not None
    ]
    if text is None:
        return exact
    try:
        return [*msgspec.json.decode(text, type=list[Filter]), *exact]
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        detail, _, path = str(error).partition(" - at `$")
        raise BadRequest(f"{detail}.", path=f"$.filters{path.rstrip('`')}") from None
