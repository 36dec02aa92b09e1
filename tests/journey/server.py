"""The real server in a process of its own, started as its users start it, and the ways to talk to it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import uuid4
from weakref import WeakSet

import httpx
import msgspec

from footfall.http.dashboard import PATHS
from tests.support.ports import free_port

WRITE_KEY = "canary-write-3f9c1a77"
READ_KEY = "canary-read-b52e08d4"
ADMIN_KEY = "canary-admin-90d6e7f2"

PLAIN: dict[str, Any] = {"trust_env": False, "verify": False}
"""For a client of HTTP without TLS: to read the machine's certificates takes 17 ms, for each client anew."""

START_SECONDS = 60
STOP_SECONDS = 10
"""`contract.md`: SIGTERM … exit 0 within 10 s."""


PAGES = {*PATHS, "/signin", "/signin/link", "/signin/code", "/signin/openid", "/signin/openid/callback"}
"""What is for people and says in words that a key is needed."""


MADE: "WeakSet[Server]" = WeakSet()
"""Those whose logs a test that fails shows (`tests/conftest.py`)."""


class Stored(msgspec.Struct):
    """An event of `GET /api/events` with its properties letter for letter."""

    event: str
    event_id: str
    properties: msgspec.Raw
    redacted: dict[str, str] = {}


class _Page(msgspec.Struct):
    data: list[Stored]
    next: str | None


_page = msgspec.json.Decoder(_Page)


class Server:
    """`footfall serve` on a folder and a free port; the port stays the same over restarts."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """Every `FOOTFALL_…` of the tests' own environment is left out; `environment` comes on top of the keys."""
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = clean_environment() | {
            "FOOTFALL_WRITE_KEY": WRITE_KEY,
            "FOOTFALL_READ_KEY": READ_KEY,
            "FOOTFALL_ADMIN_KEY": ADMIN_KEY,
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[str | None, httpx.Client] = {}
        MADE.add(self)

    # ── its life ─────────────────────────────────────────────────────────────────────────────────────────────

    def __enter__(self) -> Self:
        """Started; whatever becomes of it, nothing of it stays."""
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, *, wait: bool = True) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "footfall", *self._words()],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if wait:
            self.wait_ready()
        return self

    def _words(self) -> list[str]:
        return ["serve", "--data", str(self.data), "--port", str(self.port)]

    def wait_ready(self, probe: str = "/readyz") -> None:
        """Until `/readyz` says 200 and the folder says where the server is. `/healthz` does not ask for an engine."""
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            code = self.process.poll()
            assert code is None, f"the server ended with {code}"
            try:
                ready = httpx.get(f"{self.url}{probe}", timeout=5, **PLAIN).status_code == 200
                if ready and self._announced_pid() == self.pid:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the server is not ready after {START_SECONDS} s")

    def _announced_pid(self) -> int | None:
        try:
            return msgspec.json.decode((self.data / "server.json").read_bytes())["pid"]
        except (OSError, msgspec.MsgspecError):
            return None

    def stop(self) -> int:
        """SIGTERM; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_stopped()

    def wait_stopped(self) -> int:
        self._hang_up()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise AssertionError(f"the server lives {STOP_SECONDS} s after SIGTERM") from None
        self._process = None
        return code

    def kill9(self) -> None:
        """The process is gone in the middle of whatever it did."""
        self._hang_up()
        self.process.kill()
        self.process.wait()
        self._process = None

    def restart(self) -> None:
        assert self.stop() == 0
        self.start()

    def close(self) -> None:
        """For fixtures: whatever state it is in, nothing of it stays."""
        self._hang_up()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the server was not started"
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    def log_text(self, since: int = 0) -> str:
        """What it said, after so many bytes."""
        return self.log.read_bytes()[since:].decode("utf-8", "replace") if self.log.exists() else ""

    def log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _hang_up(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    # ── talking to it ────────────────────────────────────────────────────────────────────────────────────────

    def client(self, key: str | None) -> httpx.Client:
        """A client that sends `key` as a bearer; every error that it sees must be a problem (RFC 9457)."""
        if key not in self._clients:
            self._clients[key] = httpx.Client(
                base_url=self.url,
                headers={"authorization": f"Bearer {key}"} if key else {},
                timeout=60,
                **PLAIN,
                event_hooks={"response": [check_problem]},
            )
        return self._clients[key]

    @property
    def anybody(self) -> httpx.Client:
        return self.client(None)

    @property
    def sender(self) -> httpx.Client:
        return self.client(WRITE_KEY)

    @property
    def reader(self) -> httpx.Client:
        return self.client(READ_KEY)

    @property
    def admin(self) -> httpx.Client:
        return self.client(ADMIN_KEY)

    def collect(self, body: Any, *, status: int = 204, **arguments: Any) -> httpx.Response:
        """`POST /api/events/collect` with `body` as JSON (or bytes as they are); the status must be `status`."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        headers = {"content-type": "application/json", **arguments.pop("headers", {})}
        answer = self.sender.post("/api/events/collect", content=content, headers=headers, **arguments)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer

    def verdicts(self, body: Any, **arguments: Any) -> list[dict[str, Any]]:
        """What `?verbose=1` says became of each event."""
        return self.collect(body, status=200, params={"verbose": "1"}, **arguments).json()["results"]

    def ask(self, path: str, **params: Any) -> Any:
        """A GET with the read key; its JSON."""
        answer = self.reader.get(path, params=params)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        return answer.json()

    def insight(self, kind: str, **question: Any) -> Any:
        answer = self.reader.post(f"/api/insights/{kind}", json=question)
        assert answer.status_code == 200, f"{answer.status_code} {answer.text}"
        return answer.json()

    def events(self, **params: Any) -> list[dict[str, Any]]:
        """All events that match, over all pages, newest first."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = self.ask("/api/events", limit=1000, **params, **({"cursor": cursor} if cursor else {}))
            found += page["data"]
            cursor = page["next"]
            if cursor is None:
                return found

    def stored(self, **params: Any) -> Iterator[Stored]:
        """The same, with properties as raw text."""
        cursor = None
        while True:
            answer = self.reader.get(
                "/api/events", params={"limit": 1000, **params, **({"cursor": cursor} if cursor else {})}
            )
            assert answer.status_code == 200, answer.text
            page = _page.decode(answer.content)
            yield from page.data
            cursor = page.next
            if cursor is None:
                return

    def event(self, **params: Any) -> dict[str, Any]:
        """The only event that matches."""
        found = self.events(**params)
        assert len(found) == 1, found
        return found[0]

    def quarantined(self) -> Iterator[dict[str, Any]]:
        """Everything in quarantine, newest first."""
        cursor = None
        while True:
            page = self.ask("/api/quarantine", limit=200, **({"cursor": cursor} if cursor else {}))
            yield from page["data"]
            cursor = page["next"]
            if cursor is None:
                return

    def status(self) -> dict[str, Any]:
        """`GET /api/ingest/status`; its identity holds in every answer."""
        status = self.ask("/api/ingest/status")
        assert status["accepted"] == (
            status["queued"] + status["stored"] + status["quarantined"] + status["duplicates"]
        ), status
        return status

    def settled(self, seconds: float = 60) -> dict[str, Any]:
        """The status once `queued` is 0: everything acknowledged can be queried."""
        give_up = time.monotonic() + seconds
        while (status := self.status())["queued"]:
            assert time.monotonic() < give_up, f"still queued after {seconds} s: {status}"
            time.sleep(0.05)
        return status

    def make_key(self, scope: str, **more: Any) -> str:
        """A new key's value."""
        return self.create_key(scope, **more)["value"]

    def create_key(self, scope: str, **more: Any) -> dict[str, Any]:
        answer = self.admin.post("/api/keys", json={"scope": scope, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def sign_in_link(self) -> str:
        """The newest link in its log."""
        lines = [word for word in self.log_text().split() if "/signin?token=" in word]
        assert lines, self.log_text()
        return lines[-1]


class Demo(Server):
    """`footfall demo`; what it leaves behind would be in `scratch`."""

    def __init__(self, folder: Path, events: int) -> None:
        self.events_of_the_past = events
        self.scratch = folder / "scratch"
        super().__init__(folder, TMPDIR=str(self.scratch))
        for key in ("WRITE", "READ", "ADMIN"):
            del self.environment[f"FOOTFALL_{key}_KEY"]

    def start(self, *, wait: bool = True) -> Self:
        self.scratch.mkdir(parents=True, exist_ok=True)
        return super().start(wait=wait)

    def _words(self) -> list[str]:
        return ["demo", "--events", str(self.events_of_the_past), "--port", str(self.port), "--no-open"]

    def _announced_pid(self) -> int | None:
        return self.pid if self.url in self.log_text() else None

    @property
    def reader(self) -> httpx.Client:
        """The demo's data is invented, so everybody may read it."""
        return self.anybody


def check_problem(answer: httpx.Response) -> None:
    """Errors are `application/problem+json` with `type, title, status, detail`, and never hold a stack trace."""
    if answer.status_code < 400 or answer.request.method == "HEAD":
        return
    if answer.headers.get("content-type", "").startswith("text/html") and (
        answer.request.url.path in PAGES or answer.request.url.path.startswith("/account")
    ):
        return
    answer.read()
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
    problem = answer.json()
    assert problem.keys() - {"path"} == {"type", "title", "status", "detail"}, problem
    assert problem["status"] == answer.status_code, problem
    assert all(problem[name] for name in ("type", "title", "detail")), problem
    for trace in ("Traceback", 'File "', "DB::Exception", "sqlite3."):
        assert trace not in answer.text, answer.text


def clean_environment() -> dict[str, str]:
    """The environment without settings of Footfall's; plain output whatever terminal the tests run in."""
    ours = ("FOOTFALL_", "CLICKHOUSE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"COLUMNS": "200", "NO_COLOR": "1"}


def unique(word: str) -> str:
    """A name that no other test uses; they share one project."""
    return f"{word}-{uuid4().hex[:12]}"


# ── HTTP by hand, for what no client library would send ──────────────────────────────────────────────────────


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def speak(port: int, request: bytes, *, patience: float = 30) -> Answer:
    """Send bytes over a connection of their own; the first answer. An early answer counts as one."""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        with contextlib.suppress(OSError):  # the server answered and hung up before it had everything
            connection.sendall(request)
        with connection.makefile("rb") as stream:
            return _read_answer(stream)


def _read_answer(stream: Any) -> Answer:
    status = int(stream.readline().split()[1])
    headers: dict[str, str] = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return Answer(status, headers, stream.read(int(headers.get("content-length", "0"))))
