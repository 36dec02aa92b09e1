"""Which event ids were seen before (R25): a filter in memory that answers "never" for nearly every new event.

Only what the filter may hold is looked up in the warehouse. The filter always holds every id that the warehouse
may hold: ids enter it before they are inserted, and while it is rebuilt from the warehouse in the background
both the old and the new one are fed. Without a filter yet, everything is looked up. (One in a thousand new ids
is looked up in vain; 14.4 bits an id.) It holds numbers, not texts: those of the past come from the engine, as eight
bytes each (ADR 0049).
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rbloom import Bloom

from footfall.stores.warehouse import Warehouse, number_of

Id = tuple[int, str]
"""(project, event id)."""

_FALSE_HITS = 0.001
_LEAST = 2_000_000
_PORTION = 250_000


class SeenIds:
    """`inserting()` is held by the one writer around each insert, so that a rebuild cannot miss one."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._filter: Bloom | None = None
        self._next: Bloom | None = None
        self._room = 0
        self._held = 0
        self._lock = threading.Lock()
        self.stopped = False
        """Set when the house closes: a rebuild ends at its next portion."""

    @property
    def wants_rebuild(self) -> bool:
        """Whether there is no filter yet, or it holds more ids than it was made for."""
        return self._next is None and (self._filter is None or self._held > self._room)

    def rebuild(self) -> None:
        """Read every id of the warehouse into a filter with room for half as many again."""
        stored = self._warehouse.count()
        room = max(_LEAST, stored + stored // 2)
        grown = Bloom(room, _FALSE_HITS)
        with self._lock:
            self._next = grown
            self._held = stored  # and what is added meanwhile
        try:
            for portion in self._warehouse.id_numbers(_PORTION):
                if self.stopped:
                    return
                grown.update(portion)
        except Exception:
            self._next = None
            raise
        with self._lock:
            self._filter, self._next = grown, None
            self._room = room
        self._warehouse.give_back()

    @contextmanager
    def inserting(self) -> Iterator[None]:
        with self._lock:
            yield

    def possible(self, ids: Iterable[Id]) -> list[Id]:
        """Those that the warehouse may hold."""
        held = self._filter
        return list(ids) if held is None else [one for one in ids if number_of(*one) in held]

    def add(self, ids: list[Id]) -> None:
        """Before they are inserted. Called inside `inserting()`."""
        numbers = [number_of(*one) for one in ids]
        for held in (self._filter, self._next):
            if held is not None:
                held.update(numbers)
        self._held += len(ids)
