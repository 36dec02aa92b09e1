"""PostHog's `events`: batch exports and file downloads (JSON lines, Parquet), and its SQL editor's CSV.

A record is `uuid, event, distinct_id, timestamp, created_at, properties` and columns about the person and the element
that was clicked. Whether a `distinct_id` is a device or a user is said by what its clients put beside it; devices and
users are linked by `$identify`, as with us. What PostHog itself knows of a person by then (`person_…`) is not taken.
"""

import re

import msgspec

from footfall.protocols.exports.export import (
    UTM,
    Entry,
    Export,
    Members,
    Scalar,
    Zone,
    device_of,
    members_of,
    moment_of,
    moved,
    received,
    said,
    screen_of,
    text_of,
    traits_of,
)

_NAMES = {
    "$pageview": "page_view",
    "$screen": "page_view",
    "$pageleave": "page_leave",
    "$set": "$identify",
    "$create_alias": "$alias",
    "$merge_dangerously": "$alias",
    "$groupidentify": "$group",
}
_FIELDS = {
    "$current_url": "url",
    "$pathname": "page",
    "$screen_name": "page",
    "$referrer": "referrer",
    "$session_id": "session_id",
    "$browser_language": "locale",
    "$browser": "browser",
    "$os": "os",
    "$app_version": "app_version",
    "$raw_user_agent": "user_agent",
    "$user_agent": "user_agent",
} | UTM
_TITLED = {"$pageview": {"title": "title"}}
"""Elsewhere, a title is the application's own."""
_LEFT_OUT = ("$ip", "token", "distinct_id")
"""An address, a key, and what the record says by itself."""
_NO_REFERRER = "$direct"

_CLIENTS = frozenset({"web", "js", "posthog-ios", "posthog-android", "posthog-react-native", "posthog-flutter"})
_MADE_UP = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
"""Ids that PostHog's clients make for a device; a user's may look like that as well."""


class _Event(msgspec.Struct, kw_only=True):
    event: str
    distinct_id: Scalar = None
    timestamp: Scalar = None
    uuid: str = ""
    id: Scalar = None
    """Its name in answers of the API."""
    properties: msgspec.Raw = msgspec.Raw(b"null")
    elements_chain: str | None = None
    created_at: Scalar = None


_record = msgspec.json.Decoder(_Event)


def _read(text: bytes, zone: Zone) -> Entry:
    sent = _record.decode(text)
    properties = members_of(sent.properties, "$.properties")
    timestamp = moment_of(sent.timestamp, zone, "$.timestamp")
    event = {
        "event": _NAMES.get(sent.event, sent.event),
        "event_id": sent.uuid or text_of(sent.id),
        "timestamp": timestamp,
        "received_at": received(sent.created_at, timestamp),
        **_who(sent.event, text_of(sent.distinct_id), properties),
        **_groups(sent.event, properties),
        "screen": screen_of(said(properties, "$screen_width"), said(properties, "$screen_height")),
        "device": device_of(said(properties, "$device_type")),
    }
    for name in _LEFT_OUT:
        properties.pop(name, None)
    if said(properties, "$referrer") == _NO_REFERRER:
        del properties["$referrer"]
    event |= moved(properties, _FIELDS | _TITLED.get(sent.event, {}))
    traits = traits_of(properties, "$set_once", "$set", "$group_set")
    if traits and event["event"].startswith("$"):
        properties["traits"] = msgspec.Raw(msgspec.json.encode(traits))
    if sent.elements_chain:
        properties["$elements_chain"] = msgspec.Raw(msgspec.json.encode(sent.elements_chain))
    return Entry(event=event | {"properties": properties})


def _who(name: str, distinct_id: str, properties: Members) -> dict[str, str]:
    if _NAMES.get(name) == "$alias":
        return _alias(said(properties, "distinct_id") or distinct_id, said(properties, "alias"))
    device = said(properties, "$device_id")
    if name == "$identify":
        return {"user_id": distinct_id, "anonymous_id": said(properties, "$anon_distinct_id") or device}
    if _is_device(distinct_id, properties):
        return {"anonymous_id": distinct_id}
    return {"user_id": distinct_id, "anonymous_id": "" if device == distinct_id else device}


def _is_device(distinct_id: str, properties: Members) -> bool:
    """By the first of these that is there: what the client knew, what it did, what it had made up."""
    identified = bytes(properties.get("$is_identified", b""))
    if identified in (b"true", b"false"):
        return identified == b"false"
    if user := said(properties, "$user_id"):
        return user != distinct_id
    if bytes(properties.get("$process_person_profile", b"")) == b"false":
        return True
    if device := said(properties, "$device_id"):
        return device == distinct_id
    return said(properties, "$lib") in _CLIENTS and _MADE_UP.fullmatch(distinct_id) is not None


def _alias(one: str, other: str) -> dict[str, str]:
    """Two ids of a person, in which order some clients have one way and some the other: a made-up one is the device."""
    user, previous = (one, other) if _MADE_UP.fullmatch(other) and not _MADE_UP.fullmatch(one) else (other, one)
    return {"user_id": user, "anonymous_id": previous}


def _groups(name: str, properties: Members) -> dict[str, object]:
    if name == "$groupidentify":
        return {"groups": {said(properties, "$group_type"): said(properties, "$group_key")}}
    groups = properties.pop("$groups", None)
    return {} if groups is None or bytes(groups) == b"{}" else {"groups": groups}


POSTHOG = Export(
    name="posthog",
    title="PostHog",
    is_it=lambda record: {"event", "distinct_id", "timestamp", "properties"} <= record.keys(),
    reader=_read,
    no_events={
        frozenset({"person_id", "person_version"}): "This is PostHog's table of persons. Export its events instead.",
        frozenset({"session_id", "start_timestamp", "$pageview_count"}):
            "This is PostHog's table of sessions. Export its events instead; sessions are made of those.",
    },
)  # fmt: skip
