"""The doors of the seeds: S0's `POST /api/tracking` and S3's `POST /api/analytics`.

Both are translated into native entries and read by the native adapter, so every rule of an event stands in one
place. Nothing that was sent is dropped: what has no field of its own stays among the properties.
"""

import re
from collections.abc import Callable

import msgspec

from footfall.model.event import Batch, Event, Receipt, Refused
from footfall.protocols.adapter import Adapter, Reply
from footfall.protocols.native import entry_of, open_envelope

_SUCCESS = Reply(200, {"success": True})

_S0_FIELDS = {"nombre": "component", "accion": "action", "usuario": "user_id", "timestamp": "timestamp"}
_S3_FIELDS = frozenset(
    {"user_id", "anonymous_id", "session_id", "timestamp", "url", "referrer", "page", "title", "event_id"}
)
_MADE_UP = re.compile(r'^"user_[0-9a-z]{1,9}"$')
"""S3 makes ids up as 'user_' and some base 36 and calls them user ids; they name a browser, not a user."""

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
Members = dict[str, msgspec.Raw]


def _translating(translate: Callable[[Members], Members], names: dict[str, str]) -> Callable[[bytes, Receipt], Batch]:
    """A decoder by way of native entries; `names` are the sender's words for our fields, for what is refused."""
    paths = {f"$.{ours}": f"$.{theirs}" for theirs, ours in names.items()}

    def decode(body: bytes, receipt: Receipt) -> Batch:
        envelope = open_envelope(body)
        return Batch(entries=[_entry(raw, receipt, translate, paths) for raw in envelope.entries], key=envelope.key)

    return decode


def _entry(
    raw: bytes, receipt: Receipt, translate: Callable[[Members], Members], paths: dict[str, str]
) -> Event | Refused:
    try:
        translated = msgspec.json.encode(translate(_members.decode(raw)))
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return entry_of(raw, receipt)  # which says what is wrong with it
    entry = entry_of(translated, receipt)
    if isinstance(entry, Refused):
        return msgspec.structs.replace(entry, raw=raw, path=paths.get(entry.path, entry.path))
    return entry


def interaction_of(sent: Members) -> Members:
    """`{nombre, accion, tipo_usuario, usuario, timestamp}` is an interaction with a component."""
    native_event: Members = {"event": msgspec.Raw(b'"component_interaction"')}
    rest: Members = {}
    for name, value in sent.items():
        if name in _S0_FIELDS:
            native_event[_S0_FIELDS[name]] = value
        else:
            rest[name] = value
    for required in ("nombre", "accion"):
        if required not in sent:
            native_event[_S0_FIELDS[required]] = msgspec.Raw(b"[]")  # refused, with the field's path
    if rest:
        native_event["properties"] = msgspec.Raw(msgspec.json.encode(rest))
    return native_event


def _from_s3(sent: Members) -> Members:
    """`{event, component, data: {user_id, session_id, …}}`, or the data alone, flat."""
    flat = {name: value for name, value in sent.items() if name != "data"}
    data = bytes(sent.get("data", msgspec.Raw(b"null")))
    if data.startswith(b"{"):
        flat = _members.decode(data) | flat
    elif data != b"null":
        flat["data"] = msgspec.Raw(data)
    native_event: Members = {}
    properties: Members = {}
    for name, value in flat.items():
        if name in {"event", "component", "component_hash"} or name in _S3_FIELDS:
            native_event[name] = value
        else:
            properties[name] = value
    if "component_name" in properties and "component" in native_event:  # then the component is its hash
        native_event.setdefault("component_hash", native_event["component"])
        native_event["component"] = properties["component_name"]
    user = native_event.get("user_id")
    if user is not None and _MADE_UP.match(bytes(user).decode("utf-8", "replace")):
        native_event.setdefault("anonymous_id", native_event.pop("user_id"))
    if properties:
        native_event["properties"] = msgspec.Raw(msgspec.json.encode(properties))
    return native_event


TRACKING = Adapter(
    name="s0",
    path="/api/tracking",
    decode=_translating(interaction_of, _S0_FIELDS),
    accepted=_SUCCESS,
    summary="An interaction with a component, in S0's words.",
    example={"nombre": "Checkout", "accion": "complete", "tipo_usuario": "registered", "usuario": "42"},
)
ANALYTICS = Adapter(
    name="s3",
    path="/api/analytics",
    decode=_translating(_from_s3, {}),
    accepted=_SUCCESS,
    summary="An event about a component, in S3's words.",
    example={
        "event": "component_visit",
        "component": "editor",
        "data": {"user_id": "user_k3j2h1g9f", "session_id": "session_1", "component_name": "Editor"},
    },
)
