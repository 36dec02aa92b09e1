"""What a protocol is to the rest of the house."""

from collections.abc import Callable

import msgspec

from footfall.access import Scope
from footfall.model.event import Batch, Receipt


class Reply(msgspec.Struct, frozen=True):
    """An answer: status and, unless it is empty, a JSON body."""

    status: int
    body: object = None


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table of protocols."""

    name: str
    path: str
    """Where it listens; the method is POST."""
    decode: Callable[[bytes, Receipt], Batch]
    """Body to events. Raises `BadRequest` for a body that cannot be parsed, `TooLarge` for one too long."""
    accepted: Reply
    """What a client hears when everything is on disk, and what it says without `?verbose=1`."""
    scope: Scope = "write"
    """The scope that a key needs here."""
    keeps_receipt: bool = False
    """Whether `received_at` and `user_agent` come from the events (an import)."""
    max_bytes: int = 5 * 1024 * 1024
    """Limit of the body before and after inflating."""
    summary: str = ""
    """A sentence for the OpenAPI document."""
    example: object = None
    """A body that works, for the OpenAPI document."""
