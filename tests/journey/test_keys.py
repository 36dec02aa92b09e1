"""Keys: how they travel, what each opens, and what is open without one."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.journey.server import ADMIN_KEY, READ_KEY, WRITE_KEY, Server, unique

ORIGIN = "https://shop.example"


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _basic(user: str, password: str = "") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


CARRIERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "Bearer": lambda key: {"headers": {"authorization": f"Bearer {key}"}},
    "bearer in lower case": lambda key: {"headers": {"authorization": f"bearer {key}"}},
    "Basic user name": lambda key: {"headers": _basic(key)},
    "Basic user name with any password": lambda key: {"headers": _basic(key, "x")},
    "address": lambda key: {"params": {"key": key}},
    "body": lambda key: {"json": {"batch": [{"event": "carried"}], "key": key}},
}


def _post(server: Server, path: str = "/api/events/collect", **arguments: Any) -> httpx.Response:
    return server.anybody.post(path, **({"json": {"event": "carried"}} | arguments))


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_write_key_travels_as(server: Server, carrier: str) -> None:
    assert _post(server, **CARRIERS[carrier](WRITE_KEY)).status_code == 204


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_key_that_nobody_made_is_refused_as(server: Server, carrier: str) -> None:
    before = server.status()["accepted"]
    answer = _post(server, **CARRIERS[carrier]("nobody-made-this"))
    assert answer.status_code == 401
    assert "nobody-made-this" not in answer.text
    assert server.status()["accepted"] == before


def test_no_key_is_401_and_names_the_scheme(server: Server) -> None:
    answer = _post(server)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer None", "Bearer", "Digest abc", "Basic"])
def test_a_header_without_a_key_is_no_key(server: Server, header: str) -> None:
    assert _post(server, headers={"authorization": header}).status_code == 401


@pytest.mark.parametrize("scope", ["read", "stats"])
def test_a_key_of_another_scope_sends_nothing(server: Server, scope: str) -> None:
    assert _post(server, headers={"authorization": f"Bearer {server.make_key(scope)}"}).status_code == 403


def test_an_admin_key_sends_as_well(server: Server) -> None:
    assert _post(server, headers={"authorization": f"Bearer {ADMIN_KEY}"}).status_code == 204


@pytest.mark.parametrize("key", [READ_KEY, ADMIN_KEY])
def test_only_write_keys_travel_in_the_address(server: Server, key: str) -> None:
    assert _post(server, params={"key": key}).status_code == 403
    assert server.anybody.get("/api/events", params={"key": key}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/events"),
        ("GET", "/api/events/trend"),
        ("GET", "/api/tracking"),
        ("GET", "/api/tracking/export"),
        ("GET", "/api/tracking/export.csv"),
        ("GET", "/api/quarantine"),
        ("GET", "/api/ingest/status"),
        ("GET", "/api/keys"),
    ],
)
def test_a_write_key_reads_nothing(server: Server, method: str, path: str) -> None:
    assert server.sender.request(method, path).status_code == 403
    assert server.anybody.request(method, path).status_code == 401


def test_only_an_admin_manages_keys(server: Server) -> None:
    assert server.reader.get("/api/keys").status_code == 403
    assert server.reader.post("/api/keys", json={"scope": "admin"}).status_code == 403
    assert server.reader.delete("/api/keys/key_1").status_code == 403


def test_any_string_can_be_a_write_key_and_a_revoked_one_is_nothing(server: Server) -> None:
    value = unique("WK_SEG é'\"")
    made = server.create_key("write", value=value, name="Segment's")
    sent = {"json": {"batch": [{"event": "carried"}], "key": value}}
    assert _post(server, **sent).status_code == 204
    assert server.admin.delete(f"/api/keys/{made['key']['id']}").status_code == 204
    assert _post(server, **sent).status_code == 401


def test_a_key_is_shown_once(server: Server) -> None:
    made = server.create_key("write", name="shop")
    listed = server.admin.get("/api/keys")
    assert made["key"] in listed.json()
    assert made["value"] not in listed.text


@pytest.mark.parametrize("carrier", ["Bearer", "address", "body"])
def test_a_key_bound_to_origins_works_on_their_pages_only(server: Server, carrier: str) -> None:
    arguments = CARRIERS[carrier](server.make_key("write", origins=[ORIGIN]))
    headers = arguments.pop("headers", {})
    for origin, status in (
        (ORIGIN, 204),
        ("https://other.example", 403),
        (f"{ORIGIN}.evil.example", 403),
        ("null", 403),
    ):
        answer = _post(server, headers={**headers, "origin": origin}, **arguments)
        assert answer.status_code == status, origin


def test_over_its_rate_a_key_hears_429_and_when_to_come_back(server: Server) -> None:
    name = unique("limited")
    key = {"authorization": f"Bearer {server.make_key('write', rate_limit='3/hour')}"}
    statuses = [_post(server, headers=key, json={"event": name}).status_code for _ in range(5)]
    assert statuses == [204, 204, 204, 429, 429]
    last = _post(server, headers={**key, "origin": ORIGIN}, json={"event": name})
    assert 1 <= int(last.headers["retry-after"]) <= 3600
    assert "retry-after" in last.headers["access-control-expose-headers"].lower()
    assert len(server.events(event=name)) == 3


# ── without a key ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("keyless"), FOOTFALL_KEYLESS="1") as opened:
        yield opened


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer None"}], ids=["nothing", "Bearer None"])
@pytest.mark.parametrize("path", ["/api/events/collect", "/api/tracking", "/api/analytics"])
def test_keyless_takes_events_from_everybody(keyless: Server, path: str, header: dict[str, str]) -> None:
    assert _post(keyless, path, headers=header).is_success


@pytest.mark.parametrize("path", ["/api/tracking/stats", "/api/events/trend", "/api/events/funnel?steps=a,b"])
def test_keyless_answers_aggregates_to_everybody(keyless: Server, path: str) -> None:
    assert keyless.anybody.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/api/events", "/api/tracking", "/api/tracking/export", "/api/quarantine"])
def test_keyless_shows_no_list_to_anybody(keyless: Server, path: str) -> None:
    assert keyless.anybody.get(path).status_code in {401, 403}


def test_keyless_imports_nothing(keyless: Server) -> None:
    assert _post(keyless, "/api/events/import").status_code in {401, 403}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_keyless_refuses_a_wrong_key_all_the_same(keyless: Server, carrier: str) -> None:
    assert _post(keyless, **CARRIERS[carrier]("nobody-made-this")).status_code == 401


def test_keyless_refuses_a_wrong_key_for_aggregates_too(keyless: Server) -> None:
    assert keyless.client("nobody-made-this").get("/api/tracking/stats").status_code == 401


# ── stats keys ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stats_key_answers_aggregates_on_its_own_pages(server: Server) -> None:
    key = server.make_key("stats", origins=[ORIGIN])
    for path in ("/api/tracking/stats", "/api/events/trend", "/api/events/funnel?steps=a,b"):
        answer = server.client(key).get(path, headers={"origin": ORIGIN})
        assert answer.status_code == 200, path
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert server.client(key).get(path, headers={"origin": "https://other.example"}).status_code == 403
    body = {"series": [{"event": "*"}], "interval": "day"}
    answer = server.client(key).post("/api/insights/trend", json=body, headers={"origin": ORIGIN})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/events",
        "/api/tracking",
        "/api/tracking/export",
        "/api/tracking/export.csv",
        "/api/quarantine",
        "/api/keys",
    ],
)
def test_a_stats_key_shows_no_list(server: Server, path: str) -> None:
    assert server.client(server.make_key("stats")).get(path).status_code == 403


@pytest.mark.parametrize("personal", ["user_id", "anonymous_id", "session_id", "properties.user_id", "person.email"])
def test_a_stats_key_tells_no_persons_apart(server: Server, personal: str) -> None:
    """Neither row by row nor by guessing: a filter that finds somebody is a list of one."""
    public = server.client(server.make_key("stats"))
    guess = [{"property": personal, "operator": "is", "values": ["ada"]}]
    series = [{"event": "*"}]
    for question in (
        {"series": series, "breakdown": [{"property": personal, "limit": 10}]},
        {"series": series, "filters": guess},
        {"series": series, "filters": [{"any": guess}]},
        {"series": [{"event": "*", "filters": guess}]},
    ):
        answer = public.post("/api/insights/trend", json=question)
        assert answer.status_code in {400, 403}, answer.text
    steps = [{"event": "a"}, {"event": "b", "filters": guess}]
    assert public.post("/api/insights/funnel", json={"steps": steps}).status_code in {400, 403}
