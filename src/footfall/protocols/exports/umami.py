"""Umami's `website_event`, alone or joined with its sessions and event data, as CSV or JSON lines.

Umami's session is what it takes for a visitor (an id made anew each month), and its visit is a session of ours. The
data of a custom event lie in a table of their own; the guide's statement joins them as `event_data`.
"""

import msgspec

from footfall.protocols.exports.export import (
    UTM,
    Entry,
    Export,
    Scalar,
    Zone,
    address_of,
    device_of,
    members_of,
    moment_of,
    moved,
    properties_of,
    said,
)

_PAGE_VIEW, _CUSTOM = "1", "2"
_TYPES = {_PAGE_VIEW: "page_view", "3": "link_click", "4": "pixel_view", "5": "web_vitals"}
"""`event_type` → name, for those that bring none."""

_FIELDS = {
    "event_id": "event_id",
    "session_id": "anonymous_id",
    "visit_id": "session_id",
    "distinct_id": "user_id",
    "url_path": "page",
    "page_title": "title",
    "language": "locale",
    "screen": "screen",
    "browser": "browser",
    "os": "os",
} | UTM
_READ = ("created_at", "event_type", "event_name", "event_data", "url_query", "device",
         "referrer_domain", "referrer_path", "referrer_query")  # fmt: skip
_LEFT_OUT = ("website_id", "ip", "job_id")

_record = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _read(text: bytes, zone: Zone) -> Entry:
    row = _record.decode(text)
    kind = said(row, "event_type") or _PAGE_VIEW
    query, path, host = said(row, "url_query"), said(row, "url_path"), said(row, "hostname")
    data = members_of(row.get("event_data", msgspec.Raw(b"null")), "$.event_data")
    created: Scalar = said(row, "created_at")
    event = {
        "event": said(row, "event_name") if kind == _CUSTOM else _TYPES.get(kind, said(row, "event_name")),
        "timestamp": moment_of(created, zone, "$.created_at"),
        "url": address_of(host, path, query) if host or query else "",
        "referrer": _referrer(said(row, "referrer_domain"), said(row, "referrer_path"), said(row, "referrer_query")),
        "device": device_of(said(row, "device"), said(row, "os")),
    }
    event |= moved(row, _FIELDS)
    for name in (*_READ, *_LEFT_OUT):
        row.pop(name, None)
    return Entry(event=event | {"properties": properties_of(data, "umami", _filled(row))})


def _referrer(domain: str, path: str, query: str) -> str:
    return address_of(domain, path, query) if domain else ""


def _filled(row: dict[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    return {name: value for name, value in row.items() if bytes(value) not in (b"null", b'""')}


UMAMI = Export(
    name="umami",
    title="Umami",
    is_it=lambda record: {"event_id", "session_id", "created_at", "url_path"} <= record.keys(),
    reader=_read,
    no_events={
        frozenset({"data_key", "data_type"}): "This is Umami's table of data of events or sessions. Join it with"
        " website_event; the guide on importing has the statement.",
        frozenset({"session_id", "browser", "os", "screen", "created_at"}): "This is Umami's table of sessions. Join it"
        " with website_event; the guide on importing has the statement.",
    },
)  # fmt: skip
