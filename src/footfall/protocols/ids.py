"""Ids for events that came without one."""

import secrets

from footfall.model.event import Millis


def new_event_id(received_at: Millis) -> str:
    """A UUIDv7 (RFC 9562): 48 bits of the receipt's time, 74 random bits."""
    number = (
        (received_at & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
