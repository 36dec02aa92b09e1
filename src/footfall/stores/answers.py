"""Answers that the engine gave, for as long as its data is what they were read from.

What the data is, its parts say: each insert, merge, mutation and deletion makes parts of other names, and no name comes
twice. So an answer is given again only where nothing has come, gone or been linked anew since (R23, R26), whoever did
it; there is no time in it, and nothing to clear.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import LiteralString

import msgspec

from footfall.insights.question import Query

PARTS: LiteralString = (
    "SELECT count(), sum(cityHash64(name)) FROM system.parts"
    " WHERE database = currentDatabase() AND table = 'events' AND active"
)
"""One row that changes with everything that happens to the events."""
ROOM = 64 * 1024**2
"""Bytes of answers that are kept, of which one may be a sixteenth."""

Version = tuple[int, ...]


class Answers:
    """Every method may be called from any thread."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._size = 0
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._version: Version = ()
        self._lock = threading.Lock()

    def find(self, query: Query, version: Version) -> bytes | None:
        """What the engine answered to this statement and values when its data was of that version."""
        with self._lock:
            self._forget_others(version)
            key = _key(query)
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def hold(self, queries: Iterable[Query], version: Version) -> bool:
        """Whether all of these would be found."""
        with self._lock:
            return version == self._version and all(_key(query) in self._kept for query in queries)

    def keep(self, query: Query, version: Version, answer: bytes) -> None:
        """`version` is that of before the question: what came while it ran makes another one."""
        if len(answer) > self._room // 16:
            return
        with self._lock:
            if version != self._version:
                return
            key = _key(query)
            self._size += len(answer) - len(self._kept.pop(key, b""))
            self._kept[key] = answer
            while self._size > self._room:
                self._size -= len(self._kept.popitem(last=False)[1])

    def _forget_others(self, version: Version) -> None:
        if version != self._version:
            self._kept.clear()
            self._size = 0
            self._version = version


_encode = msgspec.msgpack.Encoder(order="sorted").encode


def _key(query: Query) -> bytes:
    return _encode((query.text, query.params))
