"""What an export of another product is to the rest of the house, and the words that its readers share.

A record of theirs (a line of JSON, or the cells of a row as a JSON object) becomes an entry of ours, as
`POST /api/events/import` takes it. Its id is theirs, or is made of what tells their events apart, so that the same
record is the same event however often it comes (ADR 0042). What has no field of ours stays among the properties.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.event import MAX_TEXT, Millis
from footfall.model.period import read_time

Members = dict[str, msgspec.Raw]
"""Of a JSON object, each value in its own text."""
Scalar = str | int | float | bool | None
Zone = ZoneInfo | None
"""Of times that say none; None when nobody said either."""


class Link(msgspec.Struct, frozen=True):
    """That a device is a user's, which some products take from any event that has both."""

    anonymous_id: str
    user_id: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A record in our words."""

    event: dict[str, Any]
    """Members of an entry of an import; those that are empty count as absent."""
    link: Link | None = None
    traits: Members = {}
    """What the record knows of the person, for the link."""


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table of exports."""

    name: str
    """As it is given to `--from`."""
    title: str
    """As its makers call it."""
    is_it: Callable[[Mapping[str, Any]], bool]
    """Whether a record, by its members, is one of these."""
    reader: Callable[[bytes, Zone], Entry]
    """A record to an entry, for one that is as it should be."""
    no_events: dict[frozenset[str], str] = {}
    """Files of theirs that hold something else: names that they have, and a sentence on what they are."""
    wants_zone: str = ""
    """Why nothing can be read before the zone of its times is said; "" where they are UTC or say it."""

    def read(self, text: bytes, zone: Zone) -> Entry:
        """A record to an entry. Raises `BadRequest` for what is none, with the place where that is known."""
        with refusing():
            return self.reader(text, zone)


@contextmanager
def refusing() -> Iterator[None]:
    """Whatever somebody's record makes a reader or an encoder raise, as `BadRequest`: one bad row ends no import."""
    try:
        yield
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at ")
        raise BadRequest(f"{detail}.", path=path.strip("`") or "$") from None
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise BadRequest(f"The record is not JSON: {str(error)[:200]}.", path="$") from None
    except (ArithmeticError, TypeError, ValueError) as error:
        raise BadRequest(f"The record cannot be read: {str(error)[:200]}.", path="$") from None


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

_members = msgspec.json.Decoder(Members)


def members_of(raw: msgspec.Raw, path: str) -> Members:
    """A JSON object by its members; none for null and nothing. In a table it is a text that holds JSON."""
    text = bytes(raw)
    if text.startswith(b'"'):
        text = msgspec.json.decode(text, type=str).encode().strip()
    if text in (b"", b"null"):
        return {}
    try:
        return _members.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise BadRequest("Expected a JSON object.", path=path) from None


def text_of(value: object) -> str:
    """An id or a word as a text; "" for what is none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(int(value)) if value == int(value) else str(value)


def said(members: Members, name: str) -> str:
    """A member as a text; "" where it is missing or no word."""
    raw = bytes(members.get(name, b"null"))
    return "" if raw[:1] in b"{[" else text_of(msgspec.json.decode(raw))


def moved(members: Members, fields: Mapping[str, str]) -> dict[str, Any]:
    """The members that are fields of ours, under our names, and no longer among theirs.

    They are moved and not copied, because a field of ours is cared for: an address loses what may be a token.
    """
    found: dict[str, Any] = {}
    for theirs, ours in fields.items():
        text = said(members, theirs)
        if text and len(text) <= MAX_TEXT and ours not in found:
            found[ours] = text
            del members[theirs]
    return found


UTM = {name: name for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")}


def moment_of(value: Scalar, zone: Zone, path: str) -> Millis:
    """A time of a record; without an offset it is of `zone`, or UTC."""
    try:
        if value is None or isinstance(value, bool) or value == "":
            raise ValueError(value)  # noqa: TRY301 - one way out for all that is no time
        return read_time(value, zone or ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise BadRequest("Expected a time.", path=path) from None


def received(value: Scalar, timestamp: Millis) -> Millis | None:
    """When their server had it. Where it says a time before the event's own, it says nothing (R27 would move it)."""
    try:
        at = None if value in (None, "") else moment_of(value, None, "$")
    except BadRequest:
        return None
    return at if at is not None and at >= timestamp else None


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────


def id_of(*parts: str | bytes) -> str:
    """An id made of several texts, of which each says how long it is, so that no two lists of them are alike."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        text = part.encode() if isinstance(part, str) else part
        digest.update(len(text).to_bytes(8) + text)
    return digest.hexdigest()


def properties_of(members: Members, product: str, rest: Mapping[str, Any]) -> dict[str, Any]:
    """Their properties letter for letter, and what else a record says under the product's name."""
    kept = {name: value for name, value in rest.items() if value not in (None, "", b"null")}
    return members | {product: kept} if kept and product not in members else members


def traits_of(members: Members, *operations: str) -> Members:
    """What is set of a person (or group), by the operations that set it, of which the later ones win."""
    traits: Members = {}
    for name in operations:
        if bytes(members.get(name, b"")).startswith(b"{"):
            traits |= _members.decode(members[name])
    return traits


_KINDS = {
    "tablet": ("tablet", "ipad", "kindle"),
    "mobile": ("mobile", "phone", "android", "ios", "ipod"),
    "desktop": ("desktop", "laptop", "windows", "mac", "linux", "chrome", "ultra"),
}


def device_of(*words: str) -> str:
    """`desktop`, `mobile` or `tablet` by the words for a device or a system; "" when none of them tells."""
    for word in words:
        lower = word.lower()
        for kind, parts in _KINDS.items():
            if any(part in lower for part in parts):
                return kind
    return ""


def screen_of(width: str, height: str) -> str:
    return f"{width}x{height}" if width and height else ""


def address_of(host: str, path: str, query: str = "") -> str:
    """An address of its parts. Nobody kept whether it was http or https."""
    return (f"https://{host}" if host else "") + path + (f"?{query.lstrip('?')}" if query else "")
