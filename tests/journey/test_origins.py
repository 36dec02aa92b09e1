"""Pages of other origins, host names and cookies."""

from collections.abc import Callable, Iterator

import httpx
import msgspec
import pytest

from tests.journey.people import follow
from tests.journey.server import ADMIN_KEY, WRITE_KEY, Server, speak

ORIGIN = "https://shop.example"

INGEST = ["/api/events/collect", "/api/tracking", "/api/analytics"]


@pytest.mark.parametrize("path", INGEST)
def test_a_preflight_of_an_ingest_path_allows_what_was_asked(server: Server, path: str) -> None:
    asked = "content-type,authorization,x-retry-count"
    answer = server.anybody.options(
        path,
        headers={
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": asked,
        },
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == asked
    assert int(answer.headers["access-control-max-age"]) >= 600
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize("key", [WRITE_KEY, "nobody-made-this"], ids=["taken", "refused"])
def test_an_ingest_path_mirrors_the_origin_with_credentials(server: Server, key: str) -> None:
    answer = server.client(key).post("/api/events/collect", json={"event": "cors"}, headers={"origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "retry-after" in answer.headers["access-control-expose-headers"].lower()
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize(
    "path",
    [
        "/api/events",
        "/api/tracking",
        "/api/events/trend",
        "/api/tracking/stats",
        "/api/keys",
        "/api/ingest/status",
        "/",
    ],
)
def test_no_other_path_allows_credentials_cross_origin(server: Server, path: str) -> None:
    for client in (server.anybody, server.reader, server.admin):
        for method in ("GET", "OPTIONS"):
            headers = {"origin": ORIGIN, "access-control-request-method": "GET"}
            answer = client.request(method, path, headers=headers)
            assert "access-control-allow-credentials" not in answer.headers


def test_a_stranger_s_page_cannot_read_lists(server: Server) -> None:
    answer = server.anybody.get("/api/events", headers={"origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    """A browser that has signed in by the one-time link."""
    server.restart()  # for a link of its own
    with httpx.Client(base_url=server.url, timeout=30, trust_env=False) as signed_in:
        assert follow(signed_in, server.sign_in_link()).status_code == 303
        yield signed_in


def test_a_session_of_an_owner_reads_and_manages_and_never_sends(browser: httpx.Client) -> None:
    assert browser.get("/api/events").status_code == 200
    assert browser.get("/api/keys").status_code == 200
    for path in INGEST:
        for headers in ({}, {"origin": ORIGIN}):
            assert browser.post(path, json={"event": "x"}, headers=headers).status_code == 401
    assert browser.post("/api/events/import", json={"event": "x"}).status_code == 401


def test_a_session_is_no_business_of_other_origins(browser: httpx.Client) -> None:
    cookie = browser.cookies.jar
    assert all(one.has_nonstandard_attr("HttpOnly") for one in cookie)
    assert all((one.get_nonstandard_attr("SameSite") or "").lower() == "strict" for one in cookie)
    answer = browser.get("/api/events", headers={"origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8400", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8400", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:8400", 421),
    ],
)
def test_the_host_header_is_checked(server: Server, host: str, status: int) -> None:
    answer = server.anybody.get("/healthz", headers={"host": host})
    assert answer.status_code == status
    answer = server.sender.post("/api/events/collect", json={"event": "hosted"}, headers={"host": host})
    assert answer.status_code == (204 if status == 200 else 421)


def test_other_hosts_are_answered_when_they_are_allowed(new_server: Callable[..., Server]) -> None:
    server = new_server(FOOTFALL_ALLOWED_HOSTS="stats.example, other.example").start()
    for host, status in (("stats.example", 200), ("Other.Example:443", 200), ("localhost", 200), ("x.example", 421)):
        assert server.anybody.get("/healthz", headers={"host": host}).status_code == status


def test_a_link_is_not_made_for_who_names_no_host(new_server: Callable[..., Server]) -> None:
    """HTTP/1.0 knows no Host; where any name is answered, such a request gets as far as a link."""
    server = new_server(FOOTFALL_HOST="0.0.0.0").start()  # noqa: S104 - for a moment, to be asked under no name
    saved = {"name": "x", "kind": "trend", "question": {"series": [{"event": "a"}]}}
    share = {"saved": server.admin.post("/api/saved", json=saved).json()["id"]}
    user = {"email": "ada@example.com", "name": "Ada", "role": "viewer"}

    def post(path: str, body: object) -> tuple[int, bytes]:
        text = msgspec.json.encode(body)
        head = f"POST {path} HTTP/1.0\r\nauthorization: Bearer {ADMIN_KEY}\r\ncontent-type: application/json\r\n"
        answer = speak(server.port, f"{head}content-length: {len(text)}\r\n\r\n".encode() + text)
        return answer.status, answer.body

    for path, body in (("/api/shares", share), ("/api/users", user)):
        status, problem = post(path, body)
        assert (status, msgspec.json.decode(problem)["path"]) == (400, "$.host")
    assert [server.admin.get(path).json() for path in ("/api/shares", "/api/users")] == [[], []]
    assert server.admin.post("/api/users", json=user).status_code == 201
    (made,) = server.admin.get("/api/users").json()
    assert post(f"/api/users/{made['id']}/link", {})[0] == 400
    assert "Traceback" not in server.log_text()
