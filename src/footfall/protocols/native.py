"""Our own protocol: `POST /api/events/collect` and `/import` (`contract.md`, "Events in").

An event is read strictly first, which is the quick way and the usual one. What does not fit is loosened once (a
number where a text belongs, members that we do not know, which become properties) and read again; what still
does not fit is refused with its reason and path, and the rest of the batch goes on.
"""

import hashlib
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from footfall.model.errors import BadRequest, TooLarge
from footfall.model.event import (
    MAX_DEPTH,
    MAX_EVENT_ID,
    MAX_NAME,
    MAX_PROPERTIES,
    MAX_TEXT,
    Batch,
    Event,
    Millis,
    Receipt,
    Refused,
)
from footfall.model.period import EARLIEST, LATEST, read_time, rfc3339
from footfall.protocols.adapter import Adapter, Reply
from footfall.protocols.body import entries_of, fault_of, members_of
from footfall.protocols.ids import new_event_id

MAX_EVENTS = 1000
"""Events of one batch."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
EventId = Annotated[str, msgspec.Meta(max_length=MAX_EVENT_ID)]
Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
Time = str | int | float | None

_MAX_SEQ = 2**63 - 1
_NOTHING = msgspec.Raw(b"null")


class _Fields(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What may stand in an event as well as in its `context`."""

    user_id: Text | None = None
    anonymous_id: Text | None = None
    session_id: Text | None = None
    timestamp: Time = None
    sent_at: Time = None
    seq: int | None = None
    page: Text | None = None
    url: Text | None = None
    referrer: Text | None = None
    title: Text | None = None
    section: Text | None = None
    component: Text | None = None
    component_hash: Text | None = None
    action: Text | None = None
    locale: Text | None = None
    screen: Text | None = None
    app_version: Text | None = None
    event_version: Text | None = None
    device: Text | None = None
    browser: Text | None = None
    os: Text | None = None
    utm_source: Text | None = None
    utm_medium: Text | None = None
    utm_campaign: Text | None = None
    utm_term: Text | None = None
    utm_content: Text | None = None
    groups: dict[str, str | int | float] | None = None


if TYPE_CHECKING:

    class _Context(_Fields, kw_only=True):
        """S1's `context`: the same names in camelCase."""
else:  # `rename` does not reach inherited fields, so the class is made from the list of them
    _Context = msgspec.defstruct(
        "_Context",
        [(info.name, info.type, info.default) for info in msgspec.structs.fields(_Fields)],
        kw_only=True,
        rename="camel",
        forbid_unknown_fields=True,
        gc=False,
    )


class _Sent(_Fields, kw_only=True, forbid_unknown_fields=True):
    event: Name
    event_id: EventId | None = None
    properties: msgspec.Raw = _NOTHING
    context: _Context | None = None
    user_agent: Text | None = None


class _Imported(_Sent, kw_only=True, forbid_unknown_fields=True):
    """An import also says when an event was received, and may be of events that came out of an export."""

    received_at: Time = None
    bot: bool | None = None
    flags: list[str] | None = None
    """Only what came out of an export has these."""
    redacted: dict[str, str] | None = None
    person_id: object = None
    user_type: object = None
    violations: object = None
    """Known when a question is asked, or found out again."""


_FOUND_OUT = ("person_id", "user_type", "violations")


_NAMES = tuple(info.name for info in msgspec.structs.fields(_Fields))
_TEXTS = tuple(name for name in _NAMES if name not in {"timestamp", "sent_at", "seq", "groups"})
_CONTEXT = {info.encode_name: info.name for info in msgspec.structs.fields(_Context)}
_AS_TEXT = frozenset((*_TEXTS, "event", "event_id", "user_agent"))

_raws = msgspec.json.Decoder(dict[str, msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, object])


class _Shape(msgspec.Struct, frozen=True):
    """How the entries of one endpoint are read."""

    decoder: msgspec.json.Decoder[_Sent]
    fields: frozenset[str]


def _shape(kind: type[_Sent]) -> _Shape:
    return _Shape(msgspec.json.Decoder(kind), frozenset(info.encode_name for info in msgspec.structs.fields(kind)))


_COLLECTED = _shape(_Sent)
_IMPORTED = _shape(_Imported)


class _Wrapped(msgspec.Struct):
    """`{"batch": [...]}` and what it may say of all its events, each in its own text."""

    batch: msgspec.Raw = msgspec.Raw(b"")
    event: msgspec.Raw = msgspec.Raw(b"")
    sent_at: msgspec.Raw = msgspec.Raw(b"null")
    key: msgspec.Raw = msgspec.Raw(b"null")
    batch_id: msgspec.Raw = msgspec.Raw(b"null")
    dropped: msgspec.Raw = msgspec.Raw(b"null")
    cookieless: msgspec.Raw = msgspec.Raw(b"null")


_wrapped = msgspec.json.Decoder(_Wrapped)


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A body taken apart: its entries in their own text, and what it says of them all."""

    entries: list[bytes]
    sent_at: object = None
    key: str | None = None
    batch_id: str = ""
    dropped: int = 0
    cookieless: bool = False


def decode(body: bytes, receipt: Receipt) -> Batch:
    """An event, an array of events, or `{"batch": [...]}`. Raises `BadRequest`, `TooLarge`."""
    envelope = open_envelope(body)
    return Batch(
        entries=[
            entry_of(raw, receipt, envelope.sent_at, id_in_batch(envelope.batch_id, index))
            for index, raw in enumerate(envelope.entries)
        ],
        key=envelope.key,
        dropped=envelope.dropped,
        cookieless=envelope.cookieless,
    )


def open_envelope(body: bytes) -> Envelope:
    """Which of the three shapes a body has. Raises `BadRequest` for none, `TooLarge` for too many events."""
    body = body.removeprefix(b"\xef\xbb\xbf")  # a byte order mark, which RFC 8259 lets a reader pass over
    start = body[:1] if body[:1] in (b"{", b"[") else body.lstrip()[:1]
    if start == b"[":
        return _bounded(Envelope(entries=entries_of(body)))
    if start != b"{":
        raise BadRequest("The body is neither a JSON object nor an array.", path="$")
    try:
        wrapped = _wrapped.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        members = members_of(body)
        wrapped = _Wrapped(**{name: msgspec.Raw(members[name]) for name in _ENVELOPE if name in members})
    batch = bytes(wrapped.batch)
    if not batch.startswith(b"[") or bytes(wrapped.event):
        return Envelope(entries=[body])  # a lone event, good or bad
    key, batch_id, dropped = _member(wrapped.key), _member(wrapped.batch_id), _member(wrapped.dropped)
    return _bounded(
        Envelope(
            entries=entries_of(batch),
            sent_at=_member(wrapped.sent_at),
            key=None if key is None else str(key),
            batch_id="" if batch_id is None else str(batch_id),
            dropped=max(dropped, 0) if isinstance(dropped, int) else 0,
            cookieless=_member(wrapped.cookieless) is True,
        )
    )


_ENVELOPE = tuple(info.name for info in msgspec.structs.fields(_Wrapped))


def _member(raw: msgspec.Raw) -> object:
    """A member of the envelope; its text where it is JSON that cannot be kept. Raises `BadRequest` for no JSON."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        fault_of(bytes(raw))
        return bytes(raw).decode("utf-8", "replace")


def _bounded(envelope: Envelope) -> Envelope:
    if len(envelope.entries) > MAX_EVENTS:
        raise TooLarge(f"A batch holds at most {MAX_EVENTS} events; this one has {len(envelope.entries)}.")
    return envelope


def id_in_batch(batch_id: str, index: int) -> str:
    """The id of an event that came without one: stable over retries where the batch has an id."""
    if not batch_id:
        return ""
    return hashlib.blake2b(f"{batch_id}:{index}".encode(), digest_size=16).hexdigest()


def entry_of(raw: bytes, receipt: Receipt, sent_at: object = None, event_id: str = "") -> Event | Refused:
    """One entry, read strictly, else loosened once, else refused with its reason and path."""
    shape = _IMPORTED if receipt.keeps_receipt else _COLLECTED
    try:
        try:
            sent = shape.decoder.decode(raw)
        except msgspec.ValidationError:
            sent = shape.decoder.decode(_loosened(raw, shape.fields))
        return _event(sent, receipt, sent_at, event_id)
    except _Refusal as refusal:
        return _refused(raw, refusal.reason, refusal.detail, refusal.path)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at ")
        return _refused(raw, "invalid_field", f"{detail}.", path.strip("`") or "$")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        reason, detail = fault_of(raw)
        return _refused(raw, reason, detail, "$")


class _Refusal(Exception):  # noqa: N818 - no error of the system: it never leaves this module
    def __init__(self, reason: str, detail: str, path: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.path = path


def _refused(raw: bytes, reason: str, detail: str, path: str) -> Refused:
    try:
        name = msgspec.json.decode(raw, type=_Named).event
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        name = ""
    return Refused(reason=reason, detail=detail, path=path, raw=raw, event=name[:MAX_NAME])


class _Named(msgspec.Struct):
    event: str = ""


def _loosened(raw: bytes, fields: frozenset[str]) -> bytes:
    """The event with numbers as text where a text belongs and unknown members among its properties."""
    known: dict[str, msgspec.Raw | dict[str, msgspec.Raw]] = {}
    unknown: dict[str, msgspec.Raw] = {}
    for name, value in _raws.decode(raw).items():
        if name == "context" and bytes(value).startswith(b"{"):
            context: dict[str, msgspec.Raw] = {}
            for inner, inner_value in _raws.decode(value).items():
                if inner in _CONTEXT:
                    context[inner] = _as_text(inner_value) if _CONTEXT[inner] in _AS_TEXT else inner_value
                else:
                    unknown[inner] = inner_value
            known["context"] = context
        elif name in fields:
            known[name] = _as_text(value) if name in _AS_TEXT else value
        else:
            unknown[name] = value
    if unknown:
        given = known.get("properties")
        properties = bytes(given) if isinstance(given, msgspec.Raw) else b"null"
        if properties == b"null":
            known["properties"] = unknown
        elif properties.startswith(b"{"):
            known["properties"] = _joined(unknown, properties)
    return msgspec.json.encode(known)


def _joined(unknown: dict[str, msgspec.Raw], properties: bytes) -> msgspec.Raw:
    """The properties as they were sent, with the other members before them; of the same name, theirs count."""
    own = _raws.decode(properties)
    added = msgspec.json.encode({name: value for name, value in unknown.items() if name not in own})
    rest = properties[1:].lstrip()
    between = b"" if added == b"{}" or rest.startswith(b"}") else b","
    return msgspec.Raw(added[:-1] + between + rest)


def _as_text(value: msgspec.Raw) -> msgspec.Raw:
    text = bytes(value)
    return msgspec.Raw(b'"%s"' % text) if text[:1] in b"-0123456789" else value


def _event(sent: _Sent, receipt: Receipt, batch_sent_at: object, fallback_id: str) -> Event:
    properties, known = _properties(sent.properties)
    context = sent.context
    # What was given, and only that, in one call of C; neither of these two goes that way.
    sent.properties, sent.context = _NOTHING, None
    given: dict[str, Any] = msgspec.to_builtins(sent)
    if context is not None:
        for name in _NAMES:
            if not given.get(name) and (value := getattr(context, name)) is not None:
                given[name] = value
    received_at = receipt.received_at
    if receipt.keeps_receipt:
        for name in _FOUND_OUT:
            given.pop(name, None)
        received_at = _time(given.get("received_at"), "$.received_at", received_at)
    if "flags" in given:
        given |= {"exported": True, "flags": tuple(given["flags"])}
    else:
        given.pop("bot", None)
        for name, value in known.items():
            given.setdefault(name, value)
    given["received_at"] = received_at
    sent_at = given.get("sent_at", batch_sent_at)
    sent_millis = None if sent_at is None else _time(sent_at, "$.sent_at", received_at)
    seq = given.get("seq")
    if seq is not None and not -_MAX_SEQ <= seq <= _MAX_SEQ:
        raise _Refusal("invalid_field", "seq does not fit into 64 bits.", "$.seq")
    if "groups" in given:
        given["groups"] = {name: str(value) for name, value in given["groups"].items()}
    given["event_id"] = given.get("event_id") or fallback_id or new_event_id(receipt.received_at)
    given["sent_at"] = sent_millis
    # Without a time of its own an event happened when it was sent, by the same clock.
    at = received_at if sent_millis is None else sent_millis
    given["timestamp"] = _time(given.get("timestamp"), "$.timestamp", at)
    given["properties"] = properties
    return Event(**given)


def _properties(raw: msgspec.Raw) -> tuple[str, dict[str, str]]:
    """The text of the properties as sent, and what in them is a field of ours."""
    sent = bytes(raw)
    if sent == b"null":
        return "{}", {}
    if not sent.startswith(b"{"):
        raise _Refusal("invalid_field", "Expected `object`.", "$.properties")
    if len(sent) > MAX_PROPERTIES:
        raise _Refusal("too_large", f"properties are larger than {MAX_PROPERTIES} bytes.", "$.properties")
    try:
        value = _object.decode(sent)  # what the engine's JSON column would refuse (1e400, depth) ends here
    except msgspec.ValidationError as error:
        raise _Refusal("invalid_number", f"{str(error).partition(' - at ')[0]}.", "$.properties") from None
    except RecursionError:
        raise _Refusal("too_deep", "properties are nested too deeply to be read.", "$.properties") from None
    if sent.count(b"{") + sent.count(b"[") > MAX_DEPTH and _is_deep(value):
        raise _Refusal("too_deep", f"properties go deeper than {MAX_DEPTH} levels.", "$.properties")
    fields: dict[str, str] = {}
    for name, field in _FIELD_OF.items():
        text = value.get(name)
        if text and isinstance(text, str) and len(text) <= MAX_TEXT:
            fields[field] = text
    return sent.decode(), fields


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
    return bool(level)


# Properties that are fields of ours under another name, in every door (`product.md`, S3).
_FIELD_OF = {"component_name": "component", "component_hash": "component_hash", "interaction_type": "action"}


def _time(value: object, path: str, default: Millis) -> Millis:
    """A time of the wire in milliseconds; a text without an offset is UTC."""
    if value is None or value == "":
        return default
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(value)  # noqa: TRY301, TRY004 - one way out for all that is no time
        millis = read_time(value, UTC)
    except (ValueError, OverflowError):
        raise _Refusal("invalid_time", "Expected RFC 3339, epoch seconds or epoch milliseconds.", path) from None
    if not EARLIEST <= millis <= LATEST:
        raise _Refusal("invalid_time", "The time lies outside of 1970 to 2099.", path)
    return millis


def encode(event: Event) -> bytes:
    """An event that was taken once, such that `entry_of` reads it for an import as it is; its time is right already."""
    given: dict[str, Any] = msgspec.to_builtins(event)
    given |= {
        "timestamp": rfc3339(event.timestamp),
        "received_at": rfc3339(event.received_at),
        "properties": msgspec.Raw(event.properties.encode()),
        "flags": list(event.flags),
        "violations": None,
    }
    if event.sent_at is not None:
        given["sent_at"] = rfc3339(event.sent_at)
    given.pop("exported", None)
    return msgspec.json.encode(given)


COLLECT = Adapter(
    name="native",
    path="/api/events/collect",
    decode=decode,
    accepted=Reply(204),
    summary="Take an event, an array of events or a batch; 204 when all of it is on disk.",
    example={"event": "page_view", "anonymous_id": "device-1", "page": "/", "properties": {"plan": "pro"}},
)
IMPORT = Adapter(
    name="import",
    path="/api/events/import",
    decode=decode,
    accepted=Reply(204),
    scope="admin",
    keeps_receipt=True,
    summary="The same for events of the past: received_at and user_agent are kept as given.",
    example=[{"event": "page_view", "event_id": "1", "timestamp": "2026-01-02T10:00:00Z", "user_id": "u1"}],
)
