"""Amplitude's Export API: a zip of gzipped files, an event a line.

Times are UTC and say no offset; `event_time` has been corrected by Amplitude already. `uuid` tells its events apart. An
event with a `user_id` and a `device_id` means that the device is that user's, before and after.
"""

import msgspec

from footfall.protocols.exports.export import (
    UTM,
    Entry,
    Export,
    Link,
    Members,
    Scalar,
    Zone,
    device_of,
    id_of,
    members_of,
    moment_of,
    moved,
    properties_of,
    received,
    text_of,
    traits_of,
)

_NAMES = {
    "[Amplitude] Page Viewed": "page_view",
    "session_start": "$session_start",
    "session_end": "$session_end",
    "$groupidentify": "$group",
}
"""Starts and ends of sessions are sent by the client itself; `*` does not count what begins with a dollar."""
_FIELDS = {
    "[Amplitude] Page Location": "url",
    "[Amplitude] Page URL": "url",
    "[Amplitude] Page Path": "page",
    "[Amplitude] Page Title": "title",
    "[Amplitude] Previous Page Location": "referrer",
} | UTM
_NO_SESSION = "-1"
_WEB = "Web"
_NOT_SET = b'"EMPTY"'
"""What its browser client sets where there is nothing."""


class _Event(msgspec.Struct, kw_only=True):
    event_type: str
    event_time: Scalar = None
    client_event_time: Scalar = None
    server_received_time: Scalar = None
    uuid: str | None = None
    insert_id: str | None = msgspec.field(name="$insert_id", default=None)
    user_id: Scalar = None
    device_id: Scalar = None
    session_id: Scalar = None
    event_id: int | None = None
    """A device's own count of its events."""
    platform: str | None = None
    os_name: str | None = None
    os_version: str | None = None
    device_type: str | None = None
    device_family: str | None = None
    device_model: str | None = None
    device_brand: str | None = None
    device_manufacturer: str | None = None
    language: str | None = None
    version_name: str | None = None
    library: str | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None
    event_properties: msgspec.Raw = msgspec.Raw(b"null")
    user_properties: msgspec.Raw = msgspec.Raw(b"null")
    group_properties: msgspec.Raw = msgspec.Raw(b"null")
    groups: msgspec.Raw = msgspec.Raw(b"null")


_record = msgspec.json.Decoder(_Event)
_KEPT = ("platform", "os_version", "device_type", "device_family", "device_model", "device_brand",
         "device_manufacturer", "library", "country", "region", "city")  # fmt: skip


def _read(text: bytes, zone: Zone) -> Entry:
    sent = _record.decode(text)
    properties = members_of(sent.event_properties, "$.event_properties")
    timestamp = moment_of(sent.event_time or sent.client_event_time, zone, "$.event_time")
    user, device, session = text_of(sent.user_id), text_of(sent.device_id), text_of(sent.session_id)
    is_web = sent.platform == _WEB
    event = {
        "event": _NAMES.get(sent.event_type, sent.event_type),
        "event_id": sent.uuid or (id_of(sent.insert_id, device) if sent.insert_id else ""),
        "timestamp": timestamp,
        "received_at": received(sent.server_received_time, timestamp),
        "user_id": user,
        "anonymous_id": device,
        "session_id": "" if session == _NO_SESSION else session,
        "seq": sent.event_id,
        "locale": sent.language or "",
        "app_version": sent.version_name or "",
        # In a browser, the system that Amplitude names is the browser, and the device is the system.
        "browser": (sent.os_name or "") if is_web else "",
        "os": (sent.device_family or "") if is_web else (sent.os_name or ""),
        "device": device_of(sent.device_type or "", sent.device_family or "", sent.platform or "", sent.os_name or ""),
        "groups": _groups(sent.groups),
    }
    event |= moved(properties, _FIELDS)
    known = members_of(sent.user_properties, "$.user_properties")
    traits = _filled(traits_of(known, "$setOnce", "$set") or {k: v for k, v in known.items() if not k.startswith("$")})
    if event["event"] == "$group":
        traits = traits_of(members_of(sent.group_properties, "$.group_properties"), "$setOnce", "$set")
    if traits and event["event"] in {"$identify", "$group"}:
        properties["traits"] = msgspec.Raw(msgspec.json.encode(traits))
    rest = {name: getattr(sent, name) for name in _KEPT}
    return Entry(
        event=event | {"properties": properties_of(properties, "amplitude", rest)},
        link=Link(device, user) if user and device and user != device else None,
        traits=traits,
    )


def _filled(traits: Members) -> Members:
    return {name: value for name, value in traits.items() if bytes(value) != _NOT_SET}


def _groups(raw: msgspec.Raw) -> dict[str, str]:
    """Of a type that has several groups, the first."""
    groups: dict[str, str] = {}
    for kind, value in members_of(raw, "$.groups").items():
        found = msgspec.json.decode(value)
        name = text_of(found[0] if isinstance(found, list) and found else found)
        if name:
            groups[kind] = name
    return groups


AMPLITUDE = Export(
    name="amplitude",
    title="Amplitude",
    is_it=lambda record: {"event_type", "event_time"} <= record.keys()
    and bool({"uuid", "$insert_id", "amplitude_id"} & record.keys()),
    reader=_read,
    no_events={
        frozenset({"amplitude_id", "merged_amplitude_id"}): "This is Amplitude's table of merged users. Export its"
        " events instead.",
    },
)  # fmt: skip
