"""A load generator in a process of its own: keep-alive connections on raw sockets, bodies made beforehand.

`python -m bench.load PORT REQUESTS BATCH` prints one JSON object: requests and events a second, and the 50th and
99th percentile of the answer's time in milliseconds.
"""

import asyncio
import json
import random
import sys
import time

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


async def send(port: int, requests: int, batch: int) -> dict[str, float]:
    waiting = iter(bodies(requests, batch))
    took: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            started = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            took.append(time.perf_counter() - started)
            assert b" 204 " in head[:16], head
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - started
    took.sort()
    return {
        "requests": requests / seconds,
        "events": requests * batch / seconds,
        "p50": took[len(took) // 2] * 1000,
        "p99": took[len(took) * 99 // 100] * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(send(*(int(argument) for argument in sys.argv[1:4])))))
