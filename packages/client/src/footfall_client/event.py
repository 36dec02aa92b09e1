"""An event as a line of JSON, made while the caller waits: what happens to a dict afterwards changes no event.

Pure but for what it is given: time and id are arguments. Everything can be encoded. What JSON does not know becomes
something that it knows (`plain`), and an object of no known kind becomes its type's name, never what is in it.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from json import JSONEncoder
from numbers import Integral, Real
from typing import Any, TypedDict, cast
from uuid import UUID

Properties = Mapping[str, Any]
"""Anything that JSON knows, and what `plain` makes JSON of. A `TypedDict` is one."""
Event = dict[str, Any]
"""An event as it is sent, for `before_send`: the names of `docs/guide/sending-events.md`, "Fields"."""
Id = str | int | UUID
Time = datetime | float | str
"""A datetime (a naive one is local time, as everywhere in Python), epoch seconds or milliseconds, or RFC 3339."""

MAX_LINE = 1024 * 1024
"""Bytes of an event. The server quarantines one with more than 64 KiB of properties, and says so there."""
_MAX_DEPTH = 64
"""The server's own bound."""
_MAX_BITS = 14_000
"""Of a whole number; Python writes none of more than 4 300 digits."""


class Fields(TypedDict, total=False):
    """What an event may say beside who, when and its properties."""

    session_id: str
    page: str
    url: str
    referrer: str
    title: str
    section: str
    component: str
    component_hash: str
    action: str
    locale: str
    screen: str
    app_version: str
    device: str
    browser: str
    os: str
    user_agent: str
    """Of the visitor whose request this was. It is used and not stored."""


def id_of(millis: int, chance: bytes) -> str:
    """A UUIDv7 without hyphens: 48 bits of the time, 72 of `chance` (nine bytes)."""
    rest = chance.hex()
    return f"{millis:012x}7{rest[:3]}8{rest[3:]}"


def text_of(value: object) -> str | None:
    """An id as text. What is no id names nobody: `str()` of a user object might be a name or an address."""
    if type(value) is str:
        return value
    if isinstance(value, str | int | UUID) and not isinstance(value, bool):
        return str.__str__(value) if isinstance(value, str) else str(value)
    return None


def time_of(value: Time) -> object:
    """A time as the server reads it."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    return value


def encode(event: Mapping[str, object]) -> bytes:
    """One line of JSON. Raises nothing that comes of the values, but what the values themselves raise."""
    try:
        text = _encode(event)
    except (TypeError, ValueError, RecursionError, OverflowError):
        text = _encode(plain(event))
    return text.encode("utf-8", "replace")  # half a surrogate pair is no text that could be sent


def plain(value: object, above: tuple[int, ...] = ()) -> object:  # noqa: PLR0911 - one for each kind that JSON has
    """`value` of what JSON knows alone, below the objects of these identities.

    NaN and infinities are null. What holds itself, and what is deeper than 64 levels, is its type's name.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, int):
        return int(value) if value.bit_length() < _MAX_BITS else _named(value)
    if len(above) >= _MAX_DEPTH or id(value) in above:
        return _named(value)
    above = (*above, id(value))
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return {_key(name): plain(inner, above) for name, inner in list(members.items())}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner, above) for inner in list(cast("Iterable[object]", value))]
    return plain(_other(value), above)


def _other(value: object) -> object:
    """What JSON does not know as the nearest thing that it does; called by the encoder as well."""
    for kind, translate in _KINDS.items():
        if isinstance(value, kind):
            return translate(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return _named(value)


def _number(value: Decimal) -> float | None:
    return float(value) if value.is_finite() else None


_KINDS: dict[Any, Any] = {
    datetime: datetime.isoformat,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: timedelta.total_seconds,
    UUID: str,
    Decimal: _number,
    Integral: int,
    Real: float,
    Enum: lambda value: value.value,
    Mapping: dict,
    set: list,
    frozenset: list,
}
"""In this order: a datetime is a date, too."""


def _key(name: object) -> str:
    if isinstance(name, str):
        return str(name)
    told = plain(name)
    return told if isinstance(told, str) else str(told) if isinstance(told, int | float) else _named(name)


def _named(value: object) -> str:
    return f"<{type(value).__name__}>"


# What holds itself ends as a RecursionError, which costs those who have none nothing: 0.4 µs less for each event.
_encode = JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"), default=_other
).encode
