"""A server that answers as a test tells it, and remembers what came."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Reply(NamedTuple):
    status: int = 204
    headers: Mapping[str, str] = {}
    after: float = 0.0
    """Seconds."""
    cut: bool = False
    """Hang up instead of answering."""


class Came(NamedTuple):
    at: float
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    reply: Reply


class Listener:
    def __init__(self) -> None:
        self.came: list[Came] = []
        self.replies: list[Reply] = []
        """What to answer with next; when it is empty, 204."""
        self.otherwise: Callable[[dict[str, Any]], Reply] = lambda _body: Reply()
        self.connections = 0
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                listener.connections += 1

            def do_POST(self) -> None:
                listener.answer(self)

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        raw = request.rfile.read(int(request.headers["Content-Length"]))
        if request.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        body = json.loads(raw)
        with self._lock:
            reply = self.replies.pop(0) if self.replies else self.otherwise(body)
            self.came.append(Came(time.monotonic(), request.path, dict(request.headers), body, reply))
        time.sleep(reply.after)
        if reply.cut:
            request.close_connection = True
            return
        request.send_response(reply.status)
        for name, value in reply.headers.items():
            request.send_header(name, value)
        if reply.status != 204:
            request.send_header("Content-Length", "0")
        request.end_headers()

    # ── what came ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def taken(self) -> list[dict[str, Any]]:
        """Events of batches that were answered with 2xx."""
        return [
            event
            for came in list(self.came)
            if came.reply.status < 300 and not came.reply.cut
            for event in came.body["batch"]
        ]

    @property
    def names(self) -> list[str]:
        return [event["event"] for event in self.taken]

    @property
    def dropped(self) -> int:
        return sum(came.body["dropped"] for came in list(self.came) if came.reply.status < 300)

    def wait(self, count: int, seconds: float = 20) -> list[dict[str, Any]]:
        """Until so many different events were taken."""
        give_up = time.monotonic() + seconds
        while len({event["event_id"] for event in self.taken}) < count:
            assert time.monotonic() < give_up, f"{len(self.taken)} of {count} events after {seconds} s"
            time.sleep(0.01)
        return self.taken
