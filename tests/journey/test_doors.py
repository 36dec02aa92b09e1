"""What surrounds every request: proxies, limits, security headers, and clients that are slow on purpose."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from footfall.http.doors import CSP, IDLE_SECONDS
from tests.journey.server import WRITE_KEY, Server

PATHS = ("/", "/signin", "/page.css", "/api/events", "/api/openapi.json", "/healthz", "/nothing")


# ── proxies ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_host_check_goes_by_what_a_trusted_proxy_says(new_server: Callable[..., Server]) -> None:
    server = new_server(FOOTFALL_ALLOWED_HOSTS="stats.example", FOOTFALL_TRUSTED_PROXY="127.0.0.1").start()
    for host, status in (("stats.example", 200), ("evil.example", 421)):
        assert server.anybody.get("/healthz", headers={"x-forwarded-host": host}).status_code == status
    link = server.admin.post(
        "/api/users",
        json={"email": "a@example.com", "role": "viewer"},
        headers={"x-forwarded-host": "stats.example", "x-forwarded-proto": "https"},
    ).json()["link"]["link"]
    assert link.startswith("https://stats.example/signin?token="), "links are of the address that people use"


def test_nobody_is_believed_by_default(server: Server) -> None:
    told = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"}
    answer = server.anybody.get("/healthz", headers=told)
    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"FOOTFALL_ADDRESS_LIMIT": "5/hour", "FOOTFALL_TRUSTED_PROXY": "127.0.0.1"}
    with Server(tmp_path_factory.mktemp("limited"), **settings) as opened:
        yield opened


def asks(server: Server, address: str, times: int = 1, path: str = "/api/me") -> list[httpx.Response]:
    return [server.anybody.get(path, headers={"x-forwarded-for": address}) for _ in range(times)]


def test_an_address_is_limited_and_others_are_not(limited: Server) -> None:
    answers = asks(limited, "203.0.113.7", 6)
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 3000
    assert asks(limited, "203.0.113.8")[0].status_code == 200


def test_a_page_learns_that_its_address_has_to_wait_and_for_how_long(limited: Server) -> None:
    whence = {"x-forwarded-for": "203.0.113.20", "origin": "https://shop.example"}
    beforehand = whence | {"access-control-request-method": "POST"}
    event = {"event": "often"}
    for status in (204, 204, 204, 204, 204, 429):
        assert limited.anybody.options("/api/events/collect", headers=beforehand).status_code == 204, "is not counted"
        answer = limited.sender.post("/api/events/collect", json=event, headers=whence)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        assert answer.headers["access-control-expose-headers"] == "Retry-After"
    other = limited.anybody.get("/api/me", headers=whence)
    assert other.status_code == 429
    assert "access-control-allow-origin" not in other.headers, "of other paths it learns nothing"
    assert other.headers["x-content-type-options"] == "nosniff"


def test_the_addresses_of_one_connection_count_as_one(limited: Server) -> None:
    statuses = [asks(limited, f"2001:db8:0:1::{n:x}")[0].status_code for n in range(6)]
    assert statuses == [200] * 5 + [429]
    assert asks(limited, "2001:db8:0:2::1")[0].status_code == 200


def test_supervisors_are_not_counted(limited: Server) -> None:
    assert {answer.status_code for answer in asks(limited, "203.0.113.9", 10, "/readyz")} == {200}


def test_a_limit_that_is_none_is_a_sentence(new_server: Callable[..., Server]) -> None:
    server = new_server(FOOTFALL_ADDRESS_LIMIT="often").start(wait=False)
    assert server.process.wait(30) == 1
    assert "FOOTFALL_ADDRESS_LIMIT" in server.log_text()
    assert "Traceback" not in server.log_text()


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_security_headers(server: Server, path: str) -> None:
    headers = server.anybody.get(path).headers
    expected = {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "content-security-policy": CSP,
    }
    assert {name: headers.get(name) for name in expected} == expected
    assert "unsafe" not in CSP


@pytest.mark.parametrize("path", ["/", "/signin", "/api/events", "/api/keys", "/api/me"])
def test_what_is_personal_is_not_kept_by_caches(server: Server, path: str) -> None:
    assert server.admin.get(path).headers["cache-control"] == "no-store"


# ── slow clients ─────────────────────────────────────────────────────────────────────────────────────────────

HEAD = f"POST /api/events/collect HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {WRITE_KEY}\r\n".encode()
SLOW = {
    "says nothing": (b"", b"", False),
    "stops in the head": (HEAD, b"", False),
    "drips a head": (HEAD, b"x-a: b\r\n", False),
    "sends no body": (HEAD + b"content-length: 100\r\n\r\n", b"", True),
    "stops in the body": (HEAD + b"content-length: 100\r\n\r\n[{", b"", True),
}
PATIENCE = 20


def cut_off(port: int, first: bytes, drip: bytes) -> tuple[float, bytes]:
    """Seconds until the server hangs up, and what it said."""
    started, said = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(first)
        connection.settimeout(0.5)
        while time.monotonic() - started < PATIENCE:
            try:
                part = connection.recv(4096)
                if not part:
                    break
                said += part
            except TimeoutError:
                if drip:
                    connection.sendall(drip)
            except OSError:
                break
    return time.monotonic() - started, said


def test_slow_clients_are_cut_off_and_nobody_else_waits(server: Server) -> None:
    with ThreadPoolExecutor(len(SLOW)) as pool:
        running = {name: pool.submit(cut_off, server.port, first, drip) for name, (first, drip, _) in SLOW.items()}
        held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(300)]
        try:
            for one in held:
                one.sendall(HEAD + b"content-length: 100\r\n\r\n[")
            started = time.monotonic()
            assert server.anybody.get("/healthz").status_code == 200
            assert time.monotonic() - started < IDLE_SECONDS, "not even until the others are cut off"
        finally:
            for one in held:
                one.close()
        for name, (_, _, told) in SLOW.items():
            seconds, said = running[name].result()
            assert seconds < PATIENCE, name
            assert said.startswith(b"HTTP/1.1 408 " if told else b""), (name, said)
            if told:
                assert b"application/problem+json" in said
    assert server.anybody.get("/healthz").status_code == 200


def test_a_body_that_takes_its_time_but_comes_is_taken(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        body = b'[{"event": "patience"}]'
        connection.sendall(HEAD + f"content-length: {len(body)}\r\n\r\n".encode())
        for index in range(0, len(body), 6):
            time.sleep(0.3)
            connection.sendall(body[index : index + 6])
        connection.settimeout(10)
        assert connection.recv(100).startswith(b"HTTP/1.1 204 ")
