"""A ClickHouse server to speak to: its HTTP interface, on top of chDB, in a process of its own.

No package of a current server is to be had, so the engine is chDB's and the door in front of it is this file, written
after ClickHouse's own (`HTTPHandler`, `HTMLForm`): statements in the body, the address or a form; settings and
`param_…` beside them; Basic and `X-ClickHouse-…` authentication; its bounds on addresses and form fields; errors with
their code and status; `/ping`. Sockets, time-outs and deaths are real. Several listeners stand for replicas that are
always up to date. What it is not: replication, and the server's own scheduling.

It does as it is told on its standard input: lose answers, hold statements back, close a listener.
"""

import base64
import contextlib
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from tests.support.ports import free_port

USER = "footfall"
PASSWORD = "canary-engine-'p@ss\\word:/?#%"
START_SECONDS = 60

# ── what a test holds ────────────────────────────────────────────────────────────────────────────────────────


class ClickHouse:
    """The server, as a test starts, stops and torments it. Its ports stay the same over restarts."""

    def __init__(self, folder: Path, replicas: int = 1) -> None:
        self.folder = folder
        self.ports = [free_port() for _ in range(replicas)]
        self._process: subprocess.Popen[str] | None = None

    def urls(self, database: str = "default", *, options: str = "", password: str = PASSWORD) -> tuple[str, ...]:
        """What `--clickhouse` takes, one for each replica."""
        login = f"{USER}:{quote(password, safe='')}"
        return tuple(f"http://{login}@127.0.0.1:{port}/{database}{options}" for port in self.ports)

    def start(self) -> "ClickHouse":
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.clickhouse", str(self.folder), *map(str, self.ports)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "listening"
        return self

    def new_database(self, name: str) -> None:
        self.tell("make", name)

    def stop(self) -> None:
        """As its supervisor stops it."""
        self.process.terminate()
        self._gone()

    def kill9(self) -> None:
        self.process.kill()
        self._gone()

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._gone()

    def freeze(self) -> None:
        """It is there, takes connections and says nothing."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def tell(self, *words: str) -> str:
        """A word of `Orders`."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self._answer()

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the ClickHouse server was not started"
        return self._process

    def _answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the ClickHouse server ended with {self.process.wait()}"
        return line.strip()

    def _gone(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(START_SECONDS)
        self._process = None


@contextlib.contextmanager
def running_clickhouse(folder: Path, replicas: int = 1) -> Iterator[ClickHouse]:
    with contextlib.closing(ClickHouse(folder, replicas)) as server:
        yield server.start()


# ── what runs in its process ─────────────────────────────────────────────────────────────────────────────────

MAX_ADDRESS = 1024 * 1024
"""`http_max_uri_size`."""
MAX_FIELD = 128 * 1024
"""`http_max_field_value_size`, for each value in an address or a form."""
NO_SETTINGS = frozenset({
    "query", "database", "default_format", "query_id", "session_id", "session_timeout", "session_check", "user",
    "password", "quota_key", "compress", "decompress", "buffer_size", "wait_end_of_query", "client_protocol_version",
    "role", "stacktrace",
    # Settings of the real server that concern its door alone.
    "enable_http_compression", "send_progress_in_http_headers", "http_headers_progress_interval_ms",
})  # fmt: skip
STATUS = {
    **dict.fromkeys((194,), 401),
    **dict.fromkeys((192, 193, 497, 516), 403),
    **dict.fromkeys((6, 26, 27, 36, 38, 41, 42, 43, 44, 46, 47, 50, 53, 62, 70, 72, 117, 130, 131, 164, 427, 456), 400),
    **dict.fromkeys((60, 81, 115), 404),
    **dict.fromkeys((159, 160), 408),
    **dict.fromkeys((48,), 501),
    **dict.fromkeys((202, 203, 209, 210), 503),
}
"""`exceptionCodeToHTTPStatus`; 500 for all others."""
INSERT = re.compile(rb"\s*(INSERT INTO .+? FORMAT JSONEachRow)\s*?\n", re.IGNORECASE)


class Refused(Exception):  # noqa: N818 - an error of ClickHouse's
    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Orders:
    """What a test wants to go wrong. Everything is about inserts, and undone by a restart."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._doors: dict[int, Door | None] = {}
        self._lock = threading.Lock()
        self._to_lose = 0
        self._may_insert = threading.Event()
        self._may_insert.set()

    def lose(self, number: str) -> str:
        """Carry out the next inserts and hang up without an answer."""
        with self._lock:
            self._to_lose = int(number)
        return "done"

    def left(self) -> str:
        """How many of those have not come yet."""
        return str(self._to_lose)

    def hold(self) -> str:
        """Keep inserts that have arrived until `release`, whether or not their sender is still there."""
        self._may_insert.clear()
        return "done"

    def release(self) -> str:
        self._may_insert.set()
        return "done"

    def slow(self, seconds: str) -> str:
        """Take so long for an insert, in the middle of it."""
        self._engine.slow = float(seconds)
        return "done"

    def down(self, replica: str) -> str:
        """Nobody listens at this port any more, and whoever was connected is cut off."""
        port = list(self._doors)[int(replica)]
        door = self._doors[port]
        assert door is not None
        door.shut()
        self._doors[port] = None
        return "done"

    def up(self, replica: str) -> str:
        self.open(list(self._doors)[int(replica)])
        return "done"

    def make(self, database: str) -> str:
        self._engine.run(f"CREATE DATABASE `{database}`".encode(), "default", {}, {}, "TabSeparated")
        return "done"

    def open(self, port: int) -> None:
        door = Door(port, self._engine, self)
        self._doors[port] = door
        threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def before_an_insert(self) -> None:
        self._may_insert.wait()

    def after_an_insert(self) -> bool:
        """Whether its answer is to be lost."""
        with self._lock:
            lost = self._to_lose > 0
            self._to_lose -= lost
            return lost


class Engine:
    """chDB, with the user that the door lets in, since the dictionary of links signs in as well."""

    def __init__(self, folder: Path) -> None:
        import chdb  # noqa: PLC0415 - half a gigabyte that only this process needs

        users = folder / "users.xml"
        config = folder / "config.xml"
        users.write_text(_USERS)
        config.write_text(f"<clickhouse><users_config>{users}</users_config></clickhouse>")
        self.slow = 0.0
        """Seconds that an insert takes."""
        self._folder = folder
        self._connect = lambda: chdb.connect(f"{folder / 'store'}?config-file={config}")
        self._first = self._connect()  # the engine ends with its last connection
        self._sessions: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
        """Connections that nobody uses, by their database and settings: to set those takes longer than most queries."""
        self._lock = threading.Lock()

    def run(self, statement: bytes, database: str, settings: dict[str, str], params: dict[str, str], fmt: str) -> bytes:
        """One statement, in a session with these settings and no others. Raises `Refused`."""
        rows = INSERT.match(statement)
        once = {"insert_deduplication_token": settings.pop("insert_deduplication_token", "")} if rows else {}
        session = (database, *sorted(settings.items()))
        connection = None
        try:
            connection = self._idle(session) or self._open(database, settings)
            _set(connection, once)
            if rows is None:
                result = connection.query(statement, fmt, params=params).bytes()
            else:
                head, kind, form = rows[1].decode().rpartition(" FORMAT ")
                with self._file(statement[rows.end() :]) as name:
                    result = connection.query(f"{head} FROM INFILE {_text(name)}{kind}{form}", fmt).bytes()
        except RuntimeError as error:
            text = str(error)
            code = re.search(r"Code: (\d+)", text)
            if connection is not None:
                connection.close()
            raise Refused(int(code[1]) if code else 1002, text[text.find("Code:") :]) from None
        with self._lock:
            self._sessions[session].append(connection)
        return result or b""

    def _idle(self, session: tuple[Any, ...]) -> Any:
        with self._lock:
            return self._sessions[session].pop() if self._sessions[session] else None

    def _open(self, database: str, settings: dict[str, str]) -> Any:
        connection = self._connect()
        if database != "default":
            connection.query(f"USE `{database}`", "TabSeparated")
        _set(connection, settings)
        return connection

    @contextlib.contextmanager
    def _file(self, rows: bytes) -> Iterator[str]:
        name = str(self._folder / f"{uuid.uuid4()}.rows")
        if self.slow:  # a pipe, so that the engine is in the middle of the insert for as long as that
            os.mkfifo(name)
            threading.Thread(target=self._trickle, args=(name, rows, self.slow), daemon=True).start()
        else:
            Path(name).write_bytes(rows)
        try:
            yield name
        finally:
            Path(name).unlink()

    @staticmethod
    def _trickle(name: str, rows: bytes, seconds: float) -> None:
        with Path(name).open("wb") as pipe:
            pipe.write(rows[:10])
            pipe.flush()
            time.sleep(seconds)
            pipe.write(rows[10:])


class Door(ThreadingHTTPServer):
    """A listener; one thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, engine: Engine, orders: Orders) -> None:
        self.engine = engine
        self.orders = orders
        self._connected: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Visit)

    def shut(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self._connected):
            hang_up(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connected.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connected.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left is none of ours."""


class Visit(BaseHTTPRequestHandler):
    """A connection: statements, one after the other."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    disable_nagle_algorithm = True
    server: Door

    def do_GET(self) -> None:
        if self.path in {"/", "/ping"}:
            self._say(200, b"Ok.\n", {"Content-Type": "text/html; charset=UTF-8"})
        else:
            self._statement({"readonly": "1"})

    def do_POST(self) -> None:
        self._statement({})

    def _statement(self, settings: dict[str, str]) -> None:
        body = self._body()
        query_id = str(uuid.uuid4())
        started = time.monotonic()
        try:
            fields = self._fields()
            if self.headers.get_content_type() == "multipart/form-data":
                fields, body = fields | self._form(body), b""
            query_id = fields.get("query_id", query_id)
            self._admit(fields)
            # As the server does: what is in `query` comes before what is in the body.
            statement = b"\n".join(part for part in (fields.get("query", "").encode(), body) if part)
            inserts = INSERT.match(statement) is not None
            if inserts:
                self.server.orders.before_an_insert()
            settings |= {name: value for name, value in fields.items() if _is_setting(name)}
            params = {name[6:]: value for name, value in fields.items() if name.startswith("param_")}
            asked = re.search(rb"\sFORMAT\s+(\w+)\s*;?\s*$", statement)
            form = asked[1].decode() if asked and not inserts else fields.get("default_format", "TabSeparated")
            result = self.server.engine.run(statement, fields.get("database", "default"), settings, params, form)
            if inserts and self.server.orders.after_an_insert():
                hang_up(self.connection)
                self.close_connection = True
                return
        except Refused as refusal:
            text = f"{refusal}\n".encode()
            told = {"X-ClickHouse-Exception-Code": str(refusal.code), "X-ClickHouse-Query-Id": query_id}
            self._say(STATUS.get(refusal.code, 500), text, told)
            return
        summary = {"read_rows": "0", "elapsed_ns": str(int((time.monotonic() - started) * 1e9))}
        headers = {
            "X-ClickHouse-Summary": json.dumps(summary),
            "X-ClickHouse-Server-Display-Name": "chdb",
            "X-ClickHouse-Query-Id": query_id,
            "X-ClickHouse-Timezone": "UTC",
            "Content-Type": "text/plain; charset=UTF-8",
        }
        if result:
            headers["X-ClickHouse-Format"] = form
        if fields.get("enable_http_compression") == "1" and "gzip" in self.headers.get("Accept-Encoding", ""):
            result = gzip.compress(result, 1)
            headers["Content-Encoding"] = "gzip"
        self._say(200, result, headers)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts: list[bytes] = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(parts)
        else:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:
                raise ConnectionError
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _fields(self) -> dict[str, str]:
        if len(self.path) > MAX_ADDRESS:
            raise Refused(1000, "Code: 1000. Exception: URI Too Long. (POCO_EXCEPTION)")
        return _bounded(dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))

    def _form(self, body: bytes) -> dict[str, str]:
        boundary = str(self.headers.get_param("boundary")).encode()
        fields: dict[str, str] = {}
        for part in body.split(b"--" + boundary)[1:-1]:
            head, _, content = part.partition(b"\r\n\r\n")
            name = re.search(rb' name="([^"]*)"', head)
            assert name is not None, head
            fields[name[1].decode()] = content.removesuffix(b"\r\n").decode()
        return _bounded(fields)

    def _admit(self, fields: dict[str, str]) -> None:
        kind, _, basic = self.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            user, _, password = base64.b64decode(basic).decode().partition(":")
        else:
            user = self.headers.get("X-ClickHouse-User", fields.get("user", "default"))
            password = self.headers.get("X-ClickHouse-Key", fields.get("password", ""))
        if (user, password) != (USER, PASSWORD):
            raise Refused(516, f"Code: 516. DB::Exception: {user}: Authentication failed. (AUTHENTICATION_FAILED)")

    def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it has above
        """Nothing."""


def hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _bounded(fields: dict[str, str]) -> dict[str, str]:
    for value in fields.values():
        if len(value.encode()) > MAX_FIELD:
            raise Refused(1000, "Code: 1000. Exception: HTML Form Exception: Field value too long. (POCO_EXCEPTION)")
    return fields


def _set(connection: Any, settings: dict[str, str]) -> None:
    if settings:
        said = ", ".join(f"{name} = {_text(value)}" for name, value in settings.items())
        connection.query(f"SET {said}", "TabSeparated")


def _is_setting(name: str) -> bool:
    return name not in NO_SETTINGS and not name.startswith("param_")


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


_ANYWHERE = "<networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>"
_USERS = f"""<clickhouse>
<profiles><default/></profiles><quotas><default/></quotas>
<users>
<default><password></password>{_ANYWHERE}<access_management>1</access_management></default>
<{USER}><password>{_xml(PASSWORD)}</password>{_ANYWHERE}</{USER}>
</users>
</clickhouse>"""


def main(folder: Path, ports: list[int]) -> None:
    orders = Orders(Engine(folder))
    for port in ports:
        orders.open(port)
    print("listening", flush=True)
    for line in sys.stdin:
        word, *arguments = line.split()
        print(getattr(orders, word)(*arguments), flush=True)
    os._exit(0)  # whoever started it is gone


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]])
