"""Properties that must not be kept, by name, wherever they stand (S2: no credentials, no schema names, no SQL).

They are cut out before anything touches the disk. What stays, stays letter for letter; an event that has none of them
costs one look for their names.
"""

import re
from collections.abc import Iterable

import msgspec

from footfall.model.event import Event, Refused

DENIED = "denied"
"""The rule that an event says for it (`Event.redacted`)."""

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_elements = msgspec.json.Decoder(list[msgspec.Raw])


class Deny:
    def __init__(self, names: Iterable[str]) -> None:
        """Names count in large and small letters alike."""
        self._names = frozenset(name.casefold() for name in names)
        # A name may be spelled with escapes; then the members are looked at one by one.
        self._hint = re.compile("|".join([*map(re.escape, sorted(self._names)), r"\\u"]), re.IGNORECASE)

    def from_event(self, event: Event) -> Event:
        """The event without such properties; by path, that they were there."""
        if not self._names or self._hint.search(event.properties) is None:
            return event
        found: dict[str, str] = {}
        properties = self._cut(event.properties.encode(), "$.properties", found)
        if not found:
            return event
        return msgspec.structs.replace(event, properties=properties.decode(), redacted=event.redacted | found)

    def from_refused(self, refused: Refused) -> Refused:
        """The entry without such members; without its text where nobody can tell them apart."""
        if not self._names or self._hint.search(refused.raw.decode("utf-8", "replace")) is None:
            return refused
        found: dict[str, str] = {}
        try:
            raw = self._cut(refused.raw, "$", found)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            raw, found = b"", {"$": DENIED}
        return msgspec.structs.replace(refused, raw=raw) if found else refused

    def _cut(self, raw: bytes, path: str, found: dict[str, str]) -> bytes:
        """JSON without them. Objects that had none keep their own text."""
        start = raw[:1]
        if start == b"{":
            before = len(found)
            kept: dict[str, msgspec.Raw] = {}
            for name, value in _members.decode(raw).items():
                inner = f"{path}.{name}"
                if name.casefold() in self._names:
                    found[inner] = DENIED
                else:
                    kept[name] = msgspec.Raw(self._cut(bytes(value), inner, found))
            return msgspec.json.encode(kept) if len(found) > before else raw
        if start == b"[":
            before = len(found)
            parts = [self._cut(bytes(one), f"{path}.{at}", found) for at, one in enumerate(_elements.decode(raw))]
            return msgspec.json.encode([msgspec.Raw(part) for part in parts]) if len(found) > before else raw
        return raw
