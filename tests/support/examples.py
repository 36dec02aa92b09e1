"""The worked examples of the semantics: events in, numbers out."""

from pathlib import Path
from typing import Any

import msgspec


class Example(msgspec.Struct, frozen=True):
    name: str
    why: str
    events: list[dict[str, Any]]
    query: dict[str, Any]
    expected: dict[str, Any]


_FILE = Path(__file__).parent.parent / "data" / "semantics.json"

EXAMPLES = {one.name: one for one in msgspec.json.decode(_FILE.read_bytes(), type=list[Example])}
