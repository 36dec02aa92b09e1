"""Where events wait: in memory, bounded. What is too much goes from the oldest on, and is counted.

A `Queue` hands out batches and is told when one is settled, which is when the server has it or will never have it.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

MAX_EVENTS = 1000
MAX_BYTES = 4 * 1024 * 1024
"""Of a batch; the server takes that many events and 5 MiB."""

Prepare = Callable[[list[bytes]], list[bytes]]
"""What runs once for each event, before it is sent or written anywhere: `before_send` and its like. What it leaves."""


@dataclass(slots=True)
class Batch:
    lines: list[bytes]
    last: int = 0
    """Its last place in a queue on disk."""


@dataclass(slots=True)
class Goal:
    """A point in a queue: reached when everything that was put in before is settled."""

    mark: int
    place: int | None = None


class Queue(Protocol):
    recheck: float | None
    """Seconds after which an empty queue should be asked again, though nothing was put in; None: never."""

    def take(self) -> Batch | None: ...
    def settle(self, batch: Batch) -> None: ...

    def lose(self, count: int) -> None:
        """So many events will never arrive."""
        ...

    def lost(self) -> int:
        """How many were lost that the server has not heard of."""
        ...

    def told(self, count: int) -> None:
        """The server has heard of so many."""
        ...

    def reached(self, goal: Goal) -> bool: ...
    def close(self) -> None: ...


class Inbox:
    """What `track()` puts in: the one place that many threads reach.

    The lock is one that its holder may take again, since a finaliser or a signal's handler may call `track()` in the
    middle of a `put`.
    """

    def __init__(self, limit: int, limit_bytes: int) -> None:
        """At most so many events, and bytes."""
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._lock = threading.RLock()
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._put = 0
        self._gone = 0
        self._lost = 0
        self.lost_ever = 0

    def __len__(self) -> int:
        return len(self._lines)

    def put(self, line: bytes) -> int:
        """How many events wait now."""
        with self._lock:
            self._lines.append(line)
            self._put += 1
            self._bytes += len(line)
            while len(self._lines) > self._limit or (self._bytes > self._limit_bytes and len(self._lines) > 1):
                self._bytes -= len(self._lines.popleft())
                self._gone += 1
                self.lose(1)
            return len(self._lines)

    def take(self) -> list[bytes]:
        """The oldest: as much as fits into a batch."""
        taken: list[bytes] = []
        size = 0
        with self._lock:
            while self._lines and len(taken) < MAX_EVENTS:
                if taken and size + len(self._lines[0]) > MAX_BYTES:
                    break
                line = self._lines.popleft()
                size += len(line) + 1
                self._bytes -= len(line)
                taken.append(line)
        return taken

    def settle(self, count: int) -> None:
        with self._lock:
            self._gone += count

    @property
    def unsettled(self) -> int:
        return self._put - self._gone

    def mark(self) -> int:
        return self._put

    def passed(self, mark: int) -> bool:
        """Whether everything that was put in up to then is settled, or lost."""
        return self._gone >= mark

    def lose(self, count: int) -> None:
        with self._lock:
            self._lost += count
            self.lost_ever += count

    def lost(self) -> int:
        return self._lost

    def told(self, count: int) -> None:
        with self._lock:
            self._lost -= count


class Memory:
    """The inbox itself as the queue. A batch that was taken stays with its sender until it is settled."""

    recheck: float | None = None

    def __init__(self, inbox: Inbox, prepare: Prepare) -> None:
        self._inbox = inbox
        self._prepare = prepare
        self.lose, self.lost, self.told = inbox.lose, inbox.lost, inbox.told
        self._taken = 0

    def take(self) -> Batch | None:
        lines = self._inbox.take()
        if not lines:
            return None
        self._taken = len(lines)
        return Batch(self._prepare(lines))

    def settle(self, batch: Batch) -> None:  # noqa: ARG002 - there is one at a time
        self._inbox.settle(self._taken)

    def reached(self, goal: Goal) -> bool:
        return self._inbox.passed(goal.mark)

    def close(self) -> None:
        pass
