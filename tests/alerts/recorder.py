"""A server on this machine that writes down what it is sent, and answers as it is told."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec


class Sent(msgspec.Struct):
    path: str
    headers: dict[str, str]
    body: bytes


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    """Several are sent at once."""


class Recorder:
    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        """What is answered next; afterwards the last of them again."""
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                recorder.sent.append(Sent(self.path, headers, body))
                answers = recorder.answers or [(200, {}, b"ok")]
                status, more, said = answers[0]
                if len(answers) > 1:
                    recorder.answers.pop(0)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, status: int = 200, body: bytes = b"ok", **headers: str) -> None:
        self.answers = [(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)]

    @contextmanager
    def running(self) -> Iterator["Recorder"]:
        with serving(self._server):
            yield self


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """It answers, in a thread, as long as the block lasts."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
