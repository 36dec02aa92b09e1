"""How other programs talk to us: one adapter a protocol, and the table of them.

An adapter turns a body (already inflated) into a `Batch` of `Event | Refused`, and says what a client of that
protocol wants to hear afterwards. Its wire structs are private to it. A new protocol is one file and one row.
"""

from footfall.protocols import native, seeds
from footfall.protocols.adapter import Adapter

ADAPTERS: tuple[Adapter, ...] = (native.COLLECT, native.IMPORT, seeds.TRACKING, seeds.ANALYTICS)

__all__ = ["ADAPTERS", "Adapter"]
