"""Who may do what: rights, which of them a key's scope and a person's role have, and the one decision made with it.

`write` and `stats` keys are public (they stand in pages), so `stats` answers aggregates only and both can be
bound to origins. A viewer sees what a `stats` key sees, and the project's own settings. Without a key a caller has
what the server gives to everybody: nothing, or in keyless mode `write` and `stats`.
"""

from typing import Literal

import msgspec

from footfall.model.errors import Forbidden, Unauthorized
from footfall.model.event import Millis

Right = Literal["write", "stats", "view", "read", "annotate", "edit", "admin", "own"]
"""`write` events · `stats`: aggregates · `view`: the project's settings, totals of arrival, and what is saved · `read`:
single events and people · `annotate`: say what happened when · `edit`: saved insights, boards and links to them ·
`admin`: keys, people and the audit log of the project · `own`: projects, and who owns them."""

Scope = Literal["write", "stats", "read", "admin"]
Role = Literal["viewer", "analyst", "admin", "owner"]

SCOPES: dict[Scope, frozenset[Right]] = {
    "write": frozenset({"write"}),
    "stats": frozenset({"stats"}),
    "read": frozenset({"stats", "view", "read", "annotate"}),
    "admin": frozenset({"write", "stats", "view", "read", "annotate", "edit", "admin"}),
}
"""What a key of each scope may do."""

ROLES: dict[Role, frozenset[Right]] = {
    "viewer": frozenset({"stats", "view"}),
    "analyst": frozenset({"stats", "view", "read", "annotate", "edit"}),
    "admin": frozenset({"stats", "view", "read", "annotate", "edit", "admin"}),
    "owner": frozenset({"stats", "view", "read", "annotate", "edit", "admin", "own"}),
}
"""What a person with each role may do. Ingest paths never look at a session, so no role writes."""

OPERATOR: frozenset[Right] = SCOPES["admin"] | ROLES["owner"]
"""Whoever runs the server: commands that can read the data folder, and `FOOTFALL_ADMIN_KEY`."""

DEFAULT_PROJECT = 1
ANY_ORIGIN = "*"


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may do, and for which project."""

    project_id: int
    rights: frozenset[Right]
    actor: str
    """Id of the key or the person, for limits and records; never a secret."""
    origins: tuple[str, ...] = ()
    """Origins that the key is bound to; empty means any."""
    rate_limit: str | None = None
    """Such as `100/second`."""
    expires_at: Millis | None = None
    everywhere: bool = False
    """An operator's: good for any project that a request names."""

    @property
    def scope(self) -> Scope:
        """The scope of key that this amounts to."""
        if "admin" in self.rights:
            return "admin"
        if "read" in self.rights:
            return "read"
        return "stats" if "stats" in self.rights else "write"

    def may_give(self, role: Role) -> bool:
        """Nobody gives, takes or changes a role that stands above their own."""
        return ROLES[role] - {"view"} <= self.rights


def permit(grants: tuple[Grant, ...], wanted: Right, origin: str | None) -> Grant:
    """The first grant that allows `wanted` from `origin`.

    Raises `Unauthorized` when there is no grant at all, `Forbidden` when none of them is enough.
    """
    if not grants:
        raise Unauthorized("This needs a key: Authorization: Bearer KEY, or the key as Basic user name.")
    able = [grant for grant in grants if wanted in grant.rights]
    if not able:
        raise Forbidden(f"What you came with may {_listed(grants[0].rights)}; this needs “{wanted}”.")
    for grant in able:
        # A bound key works from its origins alone; a request without an Origin header comes from none of them.
        if not grant.origins or origin in grant.origins or ANY_ORIGIN in grant.origins:
            return grant
    raise Forbidden("The key is bound to other origins than the one of this request.")


def _listed(rights: frozenset[Right]) -> str:
    return ", ".join(f"“{right}”" for right in sorted(rights))
