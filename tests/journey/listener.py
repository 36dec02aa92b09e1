"""Somebody who listens to `GET /api/live`, as a browser's `EventSource` does: what is dispatched, and the last id."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx
import msgspec

from tests.journey.server import READ_KEY, Server

PATIENCE = 30


class Message(NamedTuple):
    id: str
    kind: str
    """`message`, or what `event:` says."""
    data: Any


class Listener:
    """Reads in a thread of its own until it leaves or the server ends the feed."""

    def __init__(self, answer: httpx.Response) -> None:
        self.messages: list[Message] = []
        self.comments: list[str] = []
        self.last_id = ""
        self.retry = 0
        self.ended: str | None = None
        """Why: `end` when the server said so, else the name of an error."""
        self._answer = answer
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        kind, data = "message", []
        try:
            for line in _lines(self._answer):
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line:
                    if data:
                        self.messages.append(Message(self.last_id, kind, msgspec.json.decode("\n".join(data))))
                    kind, data = "message", []
                elif name == "":
                    self.comments.append(value)
                elif name == "event":
                    kind = value
                elif name == "data":
                    data.append(value)
                elif name == "id":
                    self.last_id = value
                elif name == "retry":
                    self.retry = int(value)
            self.ended = "end"
        except (httpx.HTTPError, httpx.StreamError) as error:
            self.ended = type(error).__name__

    def leave(self) -> None:
        # Not `close`: as long as a thread reads, the other side would hear nothing of it.
        with contextlib.suppress(OSError):
            self._answer.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        self._thread.join()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [message.data for message in self.messages if message.kind == "message"]

    @property
    def names(self) -> list[str]:
        return [event["event"] for event in self.events]

    @property
    def ids(self) -> list[str]:
        """The ids of the events, which tests choose."""
        return [event["event_id"] for event in self.events]

    def until(self, done: Callable[["Listener"], object], seconds: float = PATIENCE) -> "Listener":
        give_up = time.monotonic() + seconds
        while not done(self):
            assert time.monotonic() < give_up, (self.ended, self.comments, self.messages[-3:])
            time.sleep(0.02)
        return self

    def heard(self, count: int) -> "Listener":
        """Once there are so many events, and no more come for a moment."""
        self.until(lambda one: len(one.events) >= count)
        time.sleep(0.3)
        assert len(self.events) == count, self.ids
        return self


def _lines(answer: httpx.Response) -> Iterator[str]:
    """Only LF ends a line here; httpx takes a U+2028 in somebody's text for an end as well."""
    rest = b""
    for chunk in answer.iter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode() for line in lines)


@contextmanager
def listening(server: Server, last: str | None = None, key: str = READ_KEY, **params: Any) -> Iterator[Listener]:
    """From the moment at which the answer begins; whoever leaves the block leaves the feed."""
    headers = {"authorization": f"Bearer {key}"} | ({} if last is None else {"last-event-id": last})
    client = httpx.Client(base_url=server.url, headers=headers, timeout=PATIENCE, trust_env=False)
    with client, client.stream("GET", "/api/live", params=params) as answer:
        assert answer.status_code == 200, answer.read()
        listener = Listener(answer)
        try:
            yield listener.until(lambda one: one.retry)
        finally:
            listener.leave()
