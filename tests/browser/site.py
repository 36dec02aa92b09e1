"""Somebody's web site on an origin of its own, with whatever pages a test gives it."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

KINDS = {"js": "text/javascript; charset=utf-8", "json": "application/json"}

PASSED = {"authorization", "content-type", "user-agent"}
"""Headers that a first-party path passes on to the server behind it."""


class Site:
    """Pages by path; every other path is an empty page.

    With a server behind it, it passes `/api/` on to that, and the paths that were `moved`.
    """

    def __init__(self, behind: str = "", moved: dict[str, str] | None = None) -> None:
        self.pages: dict[str, str] = {}
        self.pushed: list[tuple[dict[str, str], bytes]] = []
        """Headers and bodies of what was posted to the site itself."""
        self.redirects: dict[str, str] = {}
        """Where what is posted to a path is sent to instead."""
        pages, pushed, paths, redirects = self.pages, self.pushed, moved or {}, self.redirects

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path in paths or (behind and path.startswith("/api/")):
                    self.pass_on()
                    return
                body = pages.get(path, "<!doctype html><title>Elsewhere</title>").encode()
                self.send_response(200)
                self.send_header("content-type", KINDS.get(path.rpartition(".")[2], "text/html; charset=utf-8"))
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                if self.path in redirects:
                    self.rfile.read(int(self.headers.get("content-length", "0")))
                    self.send_response(303)
                    self.send_header("location", redirects[self.path])
                    self.send_header("content-length", "0")
                    self.end_headers()
                    return
                if self.path in paths or (behind and self.path.startswith("/api/")):
                    self.pass_on()
                    return
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                pushed.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED}
                answer = httpx.request(
                    self.command,
                    behind + paths.get(self.path, self.path),
                    content=body,
                    headers=headers,
                    trust_env=False,
                    timeout=30,
                )
                self.send_response(answer.status_code)
                if answer.status_code != HTTPStatus.NO_CONTENT:
                    self.send_header("content-type", answer.headers.get("content-type", ""))
                    self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, path: str, body: str = "", *, head: str = "", title: str = "A page") -> str:
        """A page; its address."""
        self.pages[path] = f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
        return self.url + path

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
