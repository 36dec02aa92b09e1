"""Visitors whose browser keeps nothing (consent `cookieless`): an id that lasts a day and cannot be traced back.

It is an HMAC of project, address and user agent under a salt that nobody outside the server sees and that is deleted
when its day is over (`stores.salts`). Without the salt the id says nothing about the address, and the same visitor is
another one tomorrow. The address itself is stored nowhere.
"""

import hashlib
import hmac

import msgspec

from footfall.model.event import Event

PREFIX = "daily-"


def daily_id(salt: bytes, project_id: int, address: str, user_agent: str) -> str:
    """The anonymous id of whoever this is, as long as the salt lives."""
    seen = "\0".join((str(project_id), address, user_agent)).encode("utf-8", "replace")
    return PREFIX + hmac.digest(salt, seen, hashlib.sha256)[:16].hex()


def attributed(event: Event, visitor: str) -> Event:
    """The event as that visitor's, whatever else it says of whose it is. Its session follows from its times (R19)."""
    return msgspec.structs.replace(event, anonymous_id=visitor, user_id="", session_id="")
