"""Events as they were seen: how many there are of each, and what their properties look like.

Values are told only where there are few of them, and only texts; of everything else its type is enough.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from footfall.model.event import Event
from footfall.model.period import rfc3339

FEW = 20
"""Texts of a property that are told, when these are all."""
MOST_BYTES = 100
"""Of a text that is told."""


class SeenProperty(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A property, as it was seen."""

    types: dict[str, int]
    """How often, by type of JSON Schema. `null` is one; a property that is not there is none."""
    values: dict[str, int] = {}
    """How often, by text, when these are all that were seen; empty when there were too many to tell."""


class SeenEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event, as it was seen in some time."""

    count: int
    first_seen: str = ""
    last_seen: str = ""
    """RFC 3339."""
    sampled: int
    """Of how many the properties are told: of all, or of the newest."""
    properties: dict[str, SeenProperty] = {}
    """By path: `price`, and `address.city` for a member of an object."""


def look_at(events: Iterable[Event]) -> dict[str, SeenEvent]:
    """Events that are at hand, by name."""
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.event, []).append(event)
    return {name: _seen(ones) for name, ones in found.items()}


def _seen(events: list[Event]) -> SeenEvent:
    values: dict[str, list[Any]] = {}
    for event in events:
        for name, value in msgspec.json.decode(event.properties).items():
            values.setdefault(name, []).append(value)
    times = [event.timestamp for event in events]
    return SeenEvent(
        count=len(events),
        first_seen=rfc3339(min(times)),
        last_seen=rfc3339(max(times)),
        sampled=len(events),
        properties={name: _property(ones) for name, ones in values.items()},
    )


def _property(values: list[Any]) -> SeenProperty:
    texts = Counter(value for value in values if isinstance(value, str))
    is_told = len(texts) <= FEW and all(len(text.encode()) <= MOST_BYTES for text in texts)
    return SeenProperty(types=dict(sorted(Counter(map(_type, values)).items())), values=dict(texts) if is_told else {})


_TYPES = {
    bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array", type(None): "null",
}  # fmt: skip


def _type(value: Any) -> str:
    """As JSON Schema has it, 1.0 is an integer."""
    return "integer" if isinstance(value, float) and value.is_integer() else _TYPES[type(value)]


def together(several: Iterable[SeenEvent]) -> SeenEvent:
    """Several names of an event as one. Values are all of them only where each knows its own."""
    ones = list(several)
    found: dict[str, list[SeenProperty]] = {}
    for one in ones:
        for path, told in one.properties.items():
            found.setdefault(path, []).append(told)
    return SeenEvent(
        count=sum(one.count for one in ones),
        first_seen=min((one.first_seen for one in ones if one.first_seen), default=""),
        last_seen=max((one.last_seen for one in ones if one.last_seen), default=""),
        sampled=sum(one.sampled for one in ones),
        properties={
            path: SeenProperty(
                types=_sum(one.types for one in told),
                values=_sum(one.values for one in told) if all(one.values for one in told) else {},
            )
            for path, told in found.items()
        },
    )


def _sum(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for counts in several:
        for name, count in counts.items():
            found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))
