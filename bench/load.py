"""A load generator in a process of its own: keep-alive connections, bodies made beforehand, no parsing but the status.

`python -m bench.load PORT REQUESTS BATCH [RATE]` prints one JSON object: requests and events a second, and the 50th
and 99th percentile of the answer's time in milliseconds. With a RATE, requests are sent at that many a second, each at
its own time whatever became of those before it, and an answer's time counts from when its request was due.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque

CONNECTIONS = 16
_EVENT = (
    '{"event":"%s","event_id":"%032x","user_id":"u%d","session_id":"s%d","page":"/p/%d",'
    '"properties":{"product_id":"sku-%d","price":%d.5,"plan":"pro"}}'
)
_HEAD = (
    b"POST /api/events/collect HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0)"
    b" Gecko/20100101 Firefox/140.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)


def bodies(requests: int, batch: int) -> list[bytes]:
    rng = random.Random()

    def event() -> str:
        return _EVENT % (
            rng.choice(("page_view", "add_to_cart", "purchase")),
            rng.getrandbits(128),
            rng.randrange(3000),
            rng.randrange(9000),
            rng.randrange(20),
            rng.randrange(500),
            rng.randrange(99),
        )

    texts = (f"[{','.join(event() for _ in range(batch))}]".encode() for _ in range(requests))
    return [_HEAD % len(text) + text for text in texts]


class Load:
    """What is to be sent, and how long each answer took."""

    def __init__(self, requests: list[bytes], rate: float | None) -> None:
        self.waiting = deque(requests)
        self.total = len(requests)
        self.rate = rate
        self.took: list[float] = []
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.started = time.perf_counter()

    def due(self) -> float:
        """When the next request is to be sent."""
        sent = self.total - len(self.waiting)
        return self.started + sent / self.rate if self.rate else time.perf_counter()

    def answered(self, seconds: float) -> None:
        self.took.append(seconds)
        if len(self.took) == self.total:
            self.finished.set_result(None)


class Connection(asyncio.Protocol):
    """One request after the other."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.next()

    def next(self) -> None:
        if not self.load.waiting:
            self.transport.close()
            return
        self.due = self.load.due()
        request = self.load.waiting.popleft()
        wait = self.due - time.perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self.transport.write, request)
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        assert data.startswith(b"HTTP/1.1 204"), data  # an empty body: the head is all of the answer
        self.load.answered(time.perf_counter() - self.due)
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.load.waiting and not self.load.finished.done():
            self.load.finished.set_exception(exc or ConnectionError("the server hung up"))


async def send(port: int, requests: int, batch: int, rate: float | None) -> dict[str, float]:
    made = bodies(requests, batch)
    load = Load(made, rate)
    for _ in range(CONNECTIONS):
        await asyncio.get_running_loop().create_connection(lambda: Connection(load), "127.0.0.1", port)
    await load.finished
    seconds = time.perf_counter() - load.started
    took = sorted(load.took)
    return {
        "requests": requests / seconds,
        "events": requests * batch / seconds,
        "p50": took[len(took) // 2] * 1000,
        "p99": took[len(took) * 99 // 100] * 1000,
    }


if __name__ == "__main__":
    port, requests, batch, *rate = sys.argv[1:]
    pace = float(rate[0]) if rate else None
    print(json.dumps(asyncio.run(send(int(port), int(requests), int(batch), pace))))
