"""What is done about what is found."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Literal

Action = Literal["allow", "remove", "redact", "mask", "hash", "truncate", "block"]
"""`remove` the property, `redact` to `[rule]`, `mask` all but the last four signs, `hash` with a key (HMAC), `truncate`
an address to its network and a text to its beginning, `block` the event."""
Pii = Literal["none", "possible", "direct"]


@dataclass(frozen=True)
class Care:
    """What the tracking plan says of a property."""

    pii: Pii = "possible"
    on_pii: Action | None = None


NO_CARE: Mapping[str, Care] = {}


@dataclass(frozen=True)
class Policy:
    """`actions` by rule, where it is not the usual one; `care` by event and property."""

    actions: Mapping[str, Action] = field(default_factory=dict)
    care: Mapping[str, Mapping[str, Care]] = field(default_factory=dict)
    key: bytes = b""
    """To hash with; without it, what would be hashed is redacted."""
    key_version: str = ""
    """Stands before what is hashed once there has been more than one key."""

    @cached_property
    def always(self) -> frozenset[str]:
        """Events with a property that says who somebody is: they are looked at closely, whatever is in it."""
        return frozenset(
            event for event, cares in self.care.items() if any(one.pii == "direct" for one in cares.values())
        )

    def hashed(self, value: str) -> str:
        """Sixteen digits of an HMAC-SHA-256: the same for the same value, in large and small letters."""
        digest = hmac.new(self.key, value.strip().lower().encode("utf-8", "surrogatepass"), sha256).hexdigest()[:16]
        return f"{self.key_version}{digest}"
