"""Exports of other products: one file a product, its wire structs private to it, and the table of them.

Pure: `footfall import` opens the files, and sends what comes out to `POST /api/events/import`.
"""

from collections.abc import Mapping
from typing import Any

from footfall.protocols.exports.amplitude import AMPLITUDE
from footfall.protocols.exports.export import Entry, Export, Link, Zone, id_of, refusing
from footfall.protocols.exports.mixpanel import MIXPANEL
from footfall.protocols.exports.plausible import PLAUSIBLE
from footfall.protocols.exports.posthog import POSTHOG
from footfall.protocols.exports.s0 import S0
from footfall.protocols.exports.umami import UMAMI

EXPORTS: dict[str, Export] = {export.name: export for export in (S0, POSTHOG, UMAMI, PLAUSIBLE, MIXPANEL, AMPLITUDE)}


def recognised(record: Mapping[str, Any]) -> list[Export]:
    """Whose record it may be, by its members."""
    return [export for export in EXPORTS.values() if export.is_it(record)]


def no_events(record: Mapping[str, Any]) -> str:
    """What a record of somebody's is that is no event, as a sentence; "" where it is not known."""
    known = ((names, sentence) for export in EXPORTS.values() for names, sentence in export.no_events.items())
    return next((sentence for names, sentence in known if names <= record.keys()), "")


__all__ = ["EXPORTS", "Entry", "Export", "Link", "Zone", "id_of", "no_events", "recognised", "refusing"]
