"""Mixpanel's raw export (`/api/2.0/export`): `{"event", "properties"}` a line.

`time` is the event's, in seconds or milliseconds. In projects made before 2023 it is the clock on the wall in the
project's zone, written as if it were UTC, so the zone has to be said. An export is not free of duplicates: Mixpanel
tells events apart by name, time, `$insert_id` and person, and so is done here. A device belongs to the user with whom
it is seen.
"""

import re
from datetime import UTC

import msgspec

from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import from_millis, millis_of_epoch, to_millis
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
    moved,
    received,
    said,
    screen_of,
)

_NAMES = {
    "$mp_web_page_view": "page_view",
    "$create_alias": "$alias",
    "$merge": "$alias",
}
_FIELDS = {
    "$current_url": "url",
    "current_url": "url",
    "current_url_path": "page",
    "current_page_title": "title",
    "$referrer": "referrer",
    "$browser": "browser",
    "$os": "os",
    "$app_version_string": "app_version",
    "$app_version": "app_version",
} | UTM
_READ = ("time", "distinct_id", "$user_id", "$device_id", "$insert_id", "$screen_width", "$screen_height")
_LEFT_OUT = ("token", "ip", "$ip")
_DEVICE = "$device:"
_MADE_UP = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{10,}(-[0-9a-f]{5,}){3,}", re.IGNORECASE
)
"""Ids that Mixpanel's clients make for a device, now and before."""
_AHEAD = 60 * 60 * 1000
"""Further ahead of its own arrival Mixpanel takes no event, so one that seems to be is of another zone."""


class _Event(msgspec.Struct):
    event: str
    properties: msgspec.Raw


_record = msgspec.json.Decoder(_Event)


def _read(text: bytes, zone: Zone) -> Entry:
    sent = _record.decode(text)
    properties = members_of(sent.properties, "$.properties")
    wall = _wall(_number(properties, "time"))
    timestamp = to_millis(from_millis(wall).replace(tzinfo=zone or UTC))
    arrived = _number(properties, "$mp_api_timestamp_ms") or _number(properties, "mp_processing_time_ms")
    if arrived is not None and timestamp - millis_of_epoch(arrived) > _AHEAD:
        raise BadRequest(
            "The time lies more than an hour after its own arrival at Mixpanel; is --timezone the project's?",
            path="$.properties.time",
        )
    user, device = _ids(properties)
    who = _alias(sent.event, properties) or {"user_id": user, "anonymous_id": device}
    insert_id = said(properties, "$insert_id")
    event = {
        "event": _NAMES.get(sent.event, sent.event),
        "event_id": insert_id and id_of(sent.event, insert_id, str(wall // 1000), user, device),
        "timestamp": timestamp,
        "received_at": received(arrived, timestamp),
        "screen": screen_of(said(properties, "$screen_width"), said(properties, "$screen_height")),
        "device": device_of(said(properties, "$device"), said(properties, "$os")),
        **who,
    }
    for name in (*_READ, *_LEFT_OUT):
        properties.pop(name, None)
    if said(properties, "$referrer") == "$direct":
        del properties["$referrer"]
    event |= moved(properties, _FIELDS)
    link = Link(device, user) if user and device and user != device else None
    return Entry(event=event | {"properties": properties}, link=link)


def _number(properties: Members, name: str) -> float | None:
    raw = bytes(properties.get(name, b"null"))
    if raw[:1] not in b"-0123456789":
        return None
    return msgspec.json.decode(raw, type=float | int)


def _wall(time: float | None) -> Millis:
    """What the project's clock showed, as if it were UTC."""
    try:
        if time is None:
            raise ValueError(time)  # noqa: TRY301 - one way out for all that is no time
        millis = millis_of_epoch(time)
        from_millis(millis)
    except (ValueError, OverflowError):
        raise BadRequest("Expected a time in seconds or milliseconds.", path="$.properties.time") from None
    return millis


def _ids(properties: Members) -> tuple[str, str]:
    """The user and the device. A `distinct_id` alone is a user, unless it is a device's by its look."""
    user, device = said(properties, "$user_id"), said(properties, "$device_id")
    distinct_id = said(properties, "distinct_id")
    if distinct_id.startswith(_DEVICE):
        return user, device or distinct_id.removeprefix(_DEVICE)
    if device and not user:
        known = distinct_id not in {"", device} and not _MADE_UP.fullmatch(distinct_id)
        return (distinct_id if known else ""), device
    return user or distinct_id, device


def _alias(name: str, properties: Members) -> dict[str, str]:
    """Whom an event links that is about nothing else."""
    if name == "$identify":
        user = said(properties, "$identified_id") or said(properties, "$user_id") or said(properties, "distinct_id")
        device = said(properties, "$anon_id") or said(properties, "$anon_distinct_id")
        return {"user_id": user, "anonymous_id": device.removeprefix(_DEVICE)}
    if name == "$create_alias":
        previous = said(properties, "distinct_id").removeprefix(_DEVICE)
        return {"user_id": said(properties, "alias"), "anonymous_id": previous}
    if name == "$merge":
        ids = msgspec.json.decode(properties.get("$distinct_ids", b"[]"), type=list[Scalar])
        one, other = ([str(each).removeprefix(_DEVICE) for each in ids] + ["", ""])[:2]
        return {"user_id": other, "anonymous_id": one} if _MADE_UP.fullmatch(one) else {
            "user_id": one, "anonymous_id": other}  # fmt: skip
    return {}


MIXPANEL = Export(
    name="mixpanel",
    title="Mixpanel",
    is_it=lambda record: set(record) == {"event", "properties"} and _is_theirs(record["properties"]),
    reader=_read,
    no_events={frozenset({"$distinct_id", "$properties"}): "These are Mixpanel's profiles. Export its events instead."},
    wants_zone="Mixpanel writes times without saying in which zone: say --timezone, which is the project's own if it"
    " was made before 2023, such as America/Los_Angeles, and UTC otherwise.",
)


def _is_theirs(properties: object) -> bool:
    if not isinstance(properties, msgspec.Raw) or not bytes(properties).startswith(b"{"):
        return False
    names = members_of(properties, "$").keys()
    return "time" in names and bool({"distinct_id", "$insert_id", "$device_id"} & names)
