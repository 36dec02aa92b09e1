"""An event, as everything between the door and the table knows it.

`Event` is the only shape that passes between the steps (decode, enrich, spool); a wire payload is private to
its adapter and a row to the warehouse. A step returns a new event. The fields are those of `contract.md`,
"Events in"; an empty string means "unknown" and leaves the house as null.
"""

import msgspec

MAX_NAME = 200
"""Characters of an event's name."""
MAX_EVENT_ID = 200
"""Characters of an event's id."""
MAX_PROPERTIES = 64 * 1024
"""Bytes of `properties` as sent."""
MAX_DEPTH = 64
"""Levels of objects and arrays in `properties`. Some hundreds of them are more than the engine's types can bear."""
MAX_TEXT = 8192
"""Characters of any other text field."""

IDENTIFY = "$identify"
"""The event that links an `anonymous_id` to a `user_id` (R23)."""
SYSTEM_PREFIX = "$"
"""`*` means every event whose name does not begin with this ("Words")."""

Millis = int
"""Milliseconds since 1970-01-01T00:00:00Z."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One thing that happened. `timestamp` is the client's until `enrich` has applied R27."""

    event: str
    event_id: str
    timestamp: Millis
    received_at: Millis
    sent_at: Millis | None = None
    seq: int | None = None
    user_id: str = ""
    anonymous_id: str = ""
    session_id: str = ""
    page: str = ""
    url: str = ""
    referrer: str = ""
    title: str = ""
    section: str = ""
    component: str = ""
    component_hash: str = ""
    action: str = ""
    locale: str = ""
    screen: str = ""
    app_version: str = ""
    event_version: str = ""
    """Of the tracking plan, as the sender knows it."""
    device: str = ""
    browser: str = ""
    os: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    groups: dict[str, str] = {}
    properties: str = "{}"
    """A JSON object, letter for letter as it was sent."""
    user_agent: str = ""
    """What `enrich` reads device, browser, os and bot from; never stored."""
    exported: bool = False
    """It came out of an export: time, flags and bot are those that were found when it first came; never stored."""
    bot: bool = False
    flags: tuple[str, ...] = ()
    """Remarks of ours, such as `timestamp_in_future`."""
    violations: tuple[str, ...] = ()
    """What the tracking plan has against it, each as JSON (`plan.check.Violation`)."""
    redacted: dict[str, str] = {}
    """By path, the rule that took something away for what it told of a person."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a batch that is no event: why, where, and what was sent."""

    reason: str
    """One word a machine can group by: `invalid_field`, `invalid_time`, `too_large`, `too_deep`, …"""
    detail: str
    """A sentence for a person."""
    path: str
    """Where in the event (`$.properties`)."""
    raw: bytes
    """The entry as it was sent."""
    event: str = ""
    """Its name, when that much could be read."""
    app_version: str = ""
    violations: tuple[str, ...] = ()
    """As an event has them, where the tracking plan is why."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a request before its body is read."""

    received_at: Millis
    user_agent: str = ""
    address: str = ""
    """Whose request it is. For what needs it while the request lasts; never stored, never logged."""
    keeps_receipt: bool = False
    """An import: `received_at` and `user_agent` come from the events themselves."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What an adapter read from one body."""

    entries: list[Event | Refused]
    key: str | None = None
    """A key that travelled inside the body (a beacon has no headers)."""
    dropped: int = 0
    """How many events the client says it had to drop before this batch."""
    cookieless: bool = False
    """The visitor wants no id: one that lasts a day takes the place of whatever was sent."""
