"""Personal data and secrets, taken out before an event is written or sent: `Footfall(…, scan=True)`.

By the rules of the server, whose files these are (`privacy`, the same in both distributions), so that what would be
taken out there never leaves. The tracking plan is not known here: what it says of a property only the server does.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from footfall_client.event import Event
from footfall_client.privacy import FIELDS, Policy, Scanner

if TYPE_CHECKING:
    from footfall_client.settings import Hook

__all__ = ["Policy", "scanner"]

_SYSTEM = "$"
"""What an identify tells is meant to be known; only secrets have no place there."""
_REMOVED = "[removed]"


def scanner(policy: Policy | None = None) -> "Hook":
    """A hook for `scan`. An event that must not be kept at all is lost, and counted.

    >>> client = Footfall(url, key, scan=scanner(Policy(actions={"email": "redact"})))
    """
    rules, wanted = Scanner(), policy or Policy()

    def scan(event: Event) -> Event:
        name = str(event["event"])
        groups: Mapping[str, object] = event.get("groups") or {}
        told = {field: event[field] for field in FIELDS if isinstance(event.get(field), str)}
        told |= {f"groups.{kind}": group for kind, group in groups.items() if isinstance(group, str)}
        properties = json.dumps(event.get("properties") or {}, ensure_ascii=False)
        left = rules.scrub(name, told, properties, wanted, secrets_only=name.startswith(_SYSTEM))
        if not left.found:
            return event
        changed = {**event, **{field: text for field, text in left.fields.items() if field in FIELDS}}
        changed["event"] = changed["event"] or _REMOVED
        if groups:
            kept = {kind: left.fields.get(f"groups.{kind}", group) for kind, group in groups.items()}
            changed["groups"] = {kind: group for kind, group in kept.items() if group}
        if "properties" in event:
            changed["properties"] = json.loads(left.properties)
        return changed

    return scan
