"""Plausible's `events_v2`, as its ClickHouse writes it: CSV with names, or a JSON object a line.

What Plausible exports by itself (`imported_*.csv`) are totals by day, of which no event can be made. A visitor's id is
of a day. The table has no ids of events, so a file keeps its events apart by their lines.
"""

import re

import msgspec

from footfall.model.errors import BadRequest
from footfall.protocols.exports.export import (
    UTM,
    Entry,
    Export,
    Members,
    Zone,
    address_of,
    device_of,
    moment_of,
    moved,
    properties_of,
    said,
)

_NAMES = {"pageview": "page_view", "engagement": "heartbeat"}
"""An engagement is sent by the script itself, when a page is hidden: somebody was still there."""
_FIELDS = {
    "user_id": "anonymous_id",
    "session_id": "session_id",
    "pathname": "page",
    "browser": "browser",
    "operating_system": "os",
} | UTM
_READ = ("name", "timestamp", "referrer", "screen_size", "meta.key", "meta.value")
_EMPTY = (b"null", b'""', b"0", b'"0"', rb'"\u0000\u0000"')
"""What ClickHouse writes where nothing is known."""

_record = msgspec.json.Decoder(dict[str, msgspec.Raw])
_texts = msgspec.json.Decoder(list[str])
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}


def _read(text: bytes, zone: Zone) -> Entry:
    row = _record.decode(text)
    name, host, referrer = said(row, "name"), said(row, "hostname"), said(row, "referrer")
    keys, values = _list(row, "meta.key"), _list(row, "meta.value")
    if len(keys) != len(values):
        raise BadRequest("There are not as many keys as values.", path="$.meta.key")
    data: Members = {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in zip(keys, values, strict=True)}
    event = {
        "event": _NAMES.get(name, name),
        "timestamp": moment_of(said(row, "timestamp"), zone, "$.timestamp"),
        "url": address_of(host, said(row, "pathname")) if host else "",
        "referrer": referrer if "://" in referrer or not referrer else f"https://{referrer}",
        "device": device_of(said(row, "screen_size")),
    }
    event |= moved(row, _FIELDS)
    rest = {name: value for name, value in row.items() if name not in _READ and bytes(value) not in _EMPTY}
    return Entry(event=event | {"properties": properties_of(data, "plausible", rest)})


def _list(row: Members, name: str) -> list[str]:
    """An array of texts: JSON's, or ClickHouse's own within a cell."""
    raw = bytes(row.get(name, b"[]"))
    try:
        if raw.startswith(b"["):
            return _texts.decode(raw)
        cell = msgspec.json.decode(raw, type=str)
    except msgspec.MsgspecError:
        raise BadRequest("Expected an array of texts.", path=f"$.{name}") from None
    if not (cell.startswith("[") and cell.endswith("]")):
        raise BadRequest("Expected an array of texts.", path=f"$.{name}")
    return [_ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), text) for text in _TEXT.findall(cell)]


PLAUSIBLE = Export(
    name="plausible",
    title="Plausible",
    is_it=lambda record: {"name", "hostname", "pathname", "user_id", "timestamp"} <= record.keys(),
    reader=_read,
    no_events={
        frozenset({"date", column}): "These are totals by day, which is all that Plausible exports by itself; no events"
        " can be made of them. A server of your own has the events in its table events_v2; the guide on importing"
        " has the statement."
        for column in ("visitors", "visits", "pageviews", "entrances", "exits", "events")
    }
    | {
        frozenset({"entry_page", "exit_page", "is_bounce"}): "These are Plausible's sessions_v2, which say again what"
        " its events_v2 say, one by one. Import those; sessions are made of them.",
    },
)  # fmt: skip
