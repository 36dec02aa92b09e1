"""The journey that Footfall is for: a key, events over HTTP, numbers that equal what was sent, and still do later."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from footfall.http.dashboard import PATHS
from tests.journey.server import ADMIN_KEY, READ_KEY, WRITE_KEY, Server, speak, unique

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = {"from": "2026-03-02", "to": "2026-03-03"}


def command(server: Server, *words: str) -> str:
    """A command that finds the running server through its data folder; what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "footfall", *words, "--data", server.data],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def story() -> list[dict[str, Any]]:
    """40 people look; 20 put something into the cart; 10 buy. Person n does so n minutes after ten."""
    events: list[dict[str, Any]] = []
    for person in range(40):
        steps = ["look", *["cart"] * (person < 20), *["buy"] * (person < 10)]
        for number, step in enumerate(steps):
            events.append(
                {
                    "event": step,
                    "event_id": f"{step}-{person}",
                    "timestamp": (START + timedelta(minutes=person, seconds=number)).isoformat(),
                    "anonymous_id": f"device-{person}",
                    "session_id": f"session-{person}",
                    "page": "/shop",
                    "properties": {"price": person},
                }
            )
        events.append(
            {
                "event": "component_interaction",
                "event_id": f"click-{person}",
                "timestamp": (START + timedelta(minutes=person, seconds=9)).isoformat(),
                "anonymous_id": f"device-{person}",
                "session_id": f"session-{person}",
                "component": "Checkout" if person % 2 else "Hero",
                "action": "click",
            }
        )
    return events


def numbers(server: Server) -> dict[str, Any]:
    """Everything that can be asked about the story, without what differs from one asking to the next."""
    answers: dict[str, Any] = {
        "trend": server.insight(
            "trend",
            **DAY,
            interval="hour",
            series=[
                {"event": event, "measure": measure}
                for event in ("look", "cart", "buy", "*")
                for measure in ("count", "unique_users", "unique_sessions")
            ],
        ),
        "funnel": server.insight(
            "funnel", **DAY, steps=[{"event": event} for event in ("look", "cart", "buy")], window="PT30M"
        ),
        "S1 trend": server.ask("/api/events/trend", event="look", start="2026-03-02", end="2026-03-03"),
        "S1 funnel": server.ask("/api/events/funnel", steps="look,cart,buy", start="2026-03-02", end="2026-03-03"),
        "S0": server.ask("/api/tracking/stats"),
        "events": server.events(**DAY),
    }
    for kind in ("trend", "funnel"):
        for passing in ("elapsed_ms", "rows_read", "now"):
            del answers[kind]["meta"][passing]
    return answers


@pytest.fixture(params=["embedded", "served"])
def engine(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings of a server of ours: with the engine inside, and with a ClickHouse server's."""
    if request.param == "embedded":
        return {}
    clickhouse = request.getfixturevalue("clickhouse")
    clickhouse.new_database("main_job")
    return {"FOOTFALL_CLICKHOUSE": ",".join(clickhouse.urls("main_job"))}


def test_the_main_job(new_server: Callable[..., Server], engine: dict[str, str]) -> None:
    server = new_server(FOOTFALL_WRITE_KEY="", **engine).start()  # the write key is made by the command

    key = command(server, "keys", "create", "--scope", "write", "--name", "shop").strip()
    assert server.client(WRITE_KEY).post("/api/events/collect", json={"event": "x"}).status_code == 401

    sent = story()
    for start in range(0, len(sent), 25):
        answer = server.client(key).post("/api/events/collect", json=sent[start : start + 25])
        assert answer.status_code == 204
    status = server.settled()
    assert (status["accepted"], status["stored"], status["queued"]) == (len(sent), len(sent), 0)
    assert (status["quarantined"], status["duplicates"], status["lag_seconds"]) == (0, 0, 0)

    # Numbers equal what was sent.
    first = numbers(server)
    assert first["trend"]["buckets"][10] == "2026-03-02T10:00:00+00:00"
    totals = [series["total"] for series in first["trend"]["series"]]
    assert totals == [40, 40, 40, 20, 20, 20, 10, 10, 10, 110, 40, 40]
    assert [series["values"][10] for series in first["trend"]["series"]] == totals
    steps = first["funnel"]["steps"]
    assert [step["users"] for step in steps] == [40, 20, 10]
    assert [step["rate"] for step in steps] == [1, 0.5, 0.25]
    assert [step["rate_from_previous"] for step in steps] == [None, 0.5, 0.5]
    assert [step["dropped"] for step in steps] == [0, 20, 10]
    assert first["S1 trend"] == [
        {"time": "2026-03-02T10:00:00+00:00", "total": 40, "unique_users": 40, "unique_sessions": 40}
    ]
    assert first["S1 funnel"] == [{"step_1_look": 40, "step_2_cart": 20, "step_3_buy": 10}]
    assert first["S0"]["totalInteracciones"] == 40
    assert first["S0"]["porComponente"] == [{"_id": "Checkout", "count": 20}, {"_id": "Hero", "count": 20}]
    assert {event["event_id"] for event in first["events"]} == {event["event_id"] for event in sent}
    times = [event["timestamp"] for event in first["events"]]
    assert times == sorted(times, reverse=True)

    # A retry changes nothing, whatever it is cut into and whatever time its copies carry.
    for start in range(0, len(sent), 7):
        late = [event | {"timestamp": "2026-03-02T23:00:00Z"} for event in sent[start : start + 7]]
        assert server.client(key).post("/api/events/collect", json=late).status_code == 204
    status = server.settled()
    assert (status["stored"], status["duplicates"]) == (len(sent), len(sent))
    assert numbers(server) == first

    # Nor does a restart, nor a retry after it.
    server.restart()
    assert numbers(server) == first
    assert server.client(key).post("/api/events/collect", json=sent[:50]).status_code == 204
    status = server.settled()
    assert (status["stored"], status["duplicates"]) == (len(sent), len(sent) + 50)
    assert numbers(server) == first


def test_identify_links_the_past_over_http(server: Server) -> None:
    name, user = unique("visited"), unique("ada")
    phone, laptop = unique("phone"), unique("laptop")
    server.collect([{"event": name, "anonymous_id": device} for device in (phone, laptop)])
    assert people(server, name) == 2
    server.collect({"event": "$identify", "anonymous_id": phone, "user_id": user})
    assert people(server, name) == 2
    server.collect({"event": "$identify", "anonymous_id": laptop, "user_id": user})
    assert people(server, name) == 1
    server.collect({"event": name, "user_id": user})
    assert people(server, name) == 1
    assert len({event["person_id"] for event in server.events(event=name)}) == 1
    kinds = [event["user_type"] for event in server.events(event=name)]
    assert sorted(kinds) == ["anonymous", "anonymous", "registered"], "identify never rewrites what was true"


def people(server: Server, event: str) -> int:
    answer = server.insight("trend", series=[{"event": event, "measure": "unique_users"}])
    return answer["series"][0]["total"]


def test_the_first_identify_owns_a_device(server: Server) -> None:
    name, device = unique("shared"), unique("device")
    ada, bob = unique("ada"), unique("bob")
    server.collect({"event": name, "anonymous_id": device})
    server.collect({"event": "$identify", "anonymous_id": device, "user_id": bob, "timestamp": "2026-03-02T12:00:00Z"})
    server.collect({"event": "$identify", "anonymous_id": device, "user_id": ada, "timestamp": "2026-03-02T11:00:00Z"})
    server.collect([{"event": name, "user_id": ada}, {"event": name, "user_id": bob}])
    assert people(server, name) == 2
    by_user = {event["user_id"]: event["person_id"] for event in server.events(event=name)}
    assert by_user[None] == by_user[ada] != by_user[bob]


@pytest.mark.parametrize("interval", ["minute", "hour", "day", "week", "month", "year"])
def test_the_total_is_the_same_however_it_is_cut(server: Server, interval: str) -> None:
    name = unique("cut")
    times = ["2026-03-01T23:59:59.999Z", "2026-03-02T00:00:00Z", "2026-03-02T00:59:59.999Z", "2026-03-02T01:00:00Z"]
    server.collect([{"event": name, "timestamp": time, "user_id": time} for time in times])
    for zone in ("UTC", "Asia/Kathmandu", "America/New_York"):
        answer = server.insight(
            "trend",
            series=[{"event": name}, {"event": name, "measure": "unique_users"}],
            interval=interval,
            timezone=zone,
            **{"from": "2026-02-28", "to": "2026-03-04"},
        )
        assert [sum(series["values"]) for series in answer["series"]] == [4, 4]
        assert [series["total"] for series in answer["series"]] == [4, 4]


@pytest.mark.parametrize("measure", ["count", "unique_users", "unique_sessions"])
def test_ranges_may_be_far_wider_than_the_data(server: Server, measure: str) -> None:
    name = unique("wide")
    server.collect({"event": name, "user_id": "u", "timestamp": "2026-03-02T10:00:00Z"})
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        for start, end in (("1970-01-01", "2099-12-31"), (0, 4_000_000_000_000)):
            answer = server.insight(
                "trend",
                series=[{"event": name, "measure": measure}],
                interval="year",
                timezone=zone,
                **{"from": start, "to": end},
            )
            assert answer["series"][0]["total"] == 1, (zone, start, end)
            assert answer["series"][0]["values"][2026 - int(answer["buckets"][0][:4])] == 1


# ── what describes the server ────────────────────────────────────────────────────────────────────────────────

CONTRACT = {
    "/api/events/collect": {"post"},
    "/api/events/import": {"post"},
    "/api/tracking": {"post", "get"},
    "/api/analytics": {"post"},
    "/api/insights/trend": {"post"},
    "/api/insights/funnel": {"post"},
    "/api/insights/paths": {"post"},
    "/api/insights/overview": {"post"},
    "/api/insights/retention": {"post"},
    "/api/insights/lifecycle": {"post"},
    "/api/insights/stickiness": {"post"},
    "/api/insights/sessions": {"post"},
    "/api/insights/dwell": {"post"},
    "/api/insights/components": {"post"},
    "/api/events/trend": {"get"},
    "/api/events/funnel": {"get"},
    "/api/events": {"get"},
    "/api/tracking/stats": {"get"},
    "/api/tracking/export": {"get"},
    "/api/tracking/export.csv": {"get"},
    "/api/catalog/events": {"get"},
    "/api/catalog/properties": {"get"},
    "/api/catalog/values": {"get"},
    "/api/ingest/status": {"get"},
    "/api/quarantine": {"get"},
    "/api/keys": {"get", "post"},
    "/api/keys/{key_id}": {"delete"},
    "/api/projects": {"get", "post"},
    "/api/users": {"get", "post"},
    "/api/audit": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}
PAGES = {
    *(re.sub(r":\w+}", "}", path) for path in PATHS),
    "/page.css", "/assets/{name}", "/shared/{token}", "/signin", "/signin/link", "/signin/code", "/signin/openid",
    "/signin/openid/callback", "/signout", "/account", "/account/password", "/account/second-factor",
    "/account/second-factor/off",
}  # fmt: skip


ROUTES = "from footfall.http.routes import ROUTES; print(*(path for route in ROUTES for path in route.paths))"


def routes() -> set[str]:
    """What the server's table of routes says, in OpenAPI's words."""
    done = subprocess.run([sys.executable, "-c", ROUTES], capture_output=True, text=True, timeout=60, check=True)
    return {re.sub(r":\w+}", "}", path) for path in done.stdout.split()}


def test_openapi_lists_every_route(server: Server) -> None:
    document = server.anybody.get("/api/openapi.json").json()
    listed = {path: set(item) & {"get", "post", "put", "patch", "delete"} for path, item in document["paths"].items()}
    assert {path: methods for path, methods in listed.items() if path in CONTRACT} == CONTRACT
    assert routes() - PAGES == set(listed)
    for path, item in document["paths"].items():
        for method in listed[path]:
            operation = item[method]
            assert operation["operationId"]
            assert operation.get("summary"), (path, method)
            assert {"200", "201", "204"} & operation["responses"].keys(), (path, method)


def test_health_ready_and_metrics_need_no_key(server: Server) -> None:
    assert server.anybody.get("/healthz").json()["status"] == "ok"
    assert server.anybody.get("/readyz").json()["status"] == "ready"
    assert server.anybody.get("/metrics").status_code == 200


def test_metrics_are_what_prometheus_reads_and_equal_the_status(server: Server) -> None:
    server.collect([{"event": unique("measured")}, {}])
    status = server.settled()
    answer = server.anybody.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    values = {name: family.samples[0].value for name, family in families.items() if family.samples}
    assert {
        name: values[f"footfall_events_{name}"] for name in ("accepted", "stored", "quarantined", "duplicates")
    } == {name: status[name] for name in ("accepted", "stored", "quarantined", "duplicates")}
    assert values["footfall_queued_events"] == 0
    assert values["footfall_lag_seconds"] == 0
    assert values["footfall_alerts_lag_seconds"] < 60
    assert (values["footfall_notices_pending"], values["footfall_alerts_failed"]) == (0, 0)
    assert all(family.documentation for family in families.values())


def test_totals_only_grow(server: Server) -> None:
    seen = server.status()
    for _ in range(5):
        server.collect([{"event": "grown", "event_id": "the-same"}, {}, {"event": "grown"}])
        now = server.status()
        assert all(now[name] >= seen[name] for name in ("accepted", "stored", "quarantined", "duplicates"))
        seen = now


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status", "where"),
    [
        ("GET", "/nothing", {}, 404, None),
        ("GET", "/api/nothing", {}, 404, None),
        ("GET", "/api/../../etc/passwd", {}, 404, None),
        ("DELETE", "/api/events", {}, 405, None),
        ("DELETE", "/api/keys/key_nobody", {}, 404, None),
        ("GET", "/api/events", {"params": {"limit": 0}}, 400, "$.limit"),
        ("GET", "/api/events", {"params": {"limit": 1001}}, 400, "$.limit"),
        ("GET", "/api/events", {"params": {"limit": "many"}}, 400, "$.limit"),
        ("GET", "/api/events", {"params": {"cursor": "made-up"}}, 400, "$.cursor"),
        ("GET", "/api/events", {"params": {"from": "soon"}}, 400, "$.from"),
        ("GET", "/api/events", {"params": {"to": "soon"}}, 400, "$.to"),
        ("GET", "/api/tracking", {"params": {"page": 0}}, 400, "$.page"),
        ("GET", "/api/tracking", {"params": {"limit": -1}}, 400, "$.limit"),
        ("GET", "/api/quarantine", {"params": {"cursor": "x"}}, 400, "$.cursor"),
        ("GET", "/api/catalog/events", {"params": {"since": "a while"}}, 400, "$.since"),
        ("POST", "/api/insights/trend", {"content": b"{"}, 400, "$"),
        ("POST", "/api/insights/trend", {"json": {}}, 400, "$"),
        ("POST", "/api/insights/trend", {"json": {"series": []}}, 400, "$.series"),
        ("POST", "/api/insights/trend", {"json": {"series": [{"event": ""}]}}, 400, "$.series[0].event"),
        ("POST", "/api/insights/trend", {"json": {"series": [{"event": "a"}], "interval": "eon"}}, 400, "$.interval"),
        ("POST", "/api/insights/trend", {"json": {"series": [{"event": "a"}], "timezone": "Mars"}}, 400, "$.timezone"),
        ("POST", "/api/insights/trend", {"json": {"series": [{"event": "a"}], "from": "x"}}, 400, "$.from"),
        ("POST", "/api/insights/trend", {"json": {"series": [{"event": "a"}], "colour": 1}}, 400, "$"),
        ("POST", "/api/insights/funnel", {"json": {"steps": [{"event": "a"}]}}, 400, "$.steps"),
        ("POST", "/api/insights/funnel", {"json": {"steps": [{"event": "a"}, {"event": 5}]}}, 400, "$.steps[1].event"),
        ("POST", "/api/insights/nothing", {"json": {}}, 404, None),
        ("POST", "/api/keys", {"json": {"scope": "god"}}, 400, "$.scope"),
        ("POST", "/api/keys", {"json": {"scope": "write", "rate_limit": "often"}}, 400, "$.rate_limit"),
        ("POST", "/api/keys", {"json": {"scope": "read", "value": "chosen"}}, 400, "$.value"),
        ("POST", "/api/events/collect", {"content": b"nothing"}, 400, "$"),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, str | int | dict) else "",
)
def test_errors_are_problems_that_name_the_place(
    server: Server, method: str, path: str, arguments: dict[str, Any], status: int, where: str | None
) -> None:
    answer = server.admin.request(method, path, **arguments)  # the client checks that it is a problem
    assert answer.status_code == status, answer.text
    assert answer.json().get("path") == where


def test_the_log_holds_no_key_no_person_and_no_address(new_server: Callable[..., Server]) -> None:
    server = new_server().start()
    person, address, secret = "canary-person@shop.example", "203.0.113.77", "canary-secret-property"
    headers = {"x-forwarded-for": address, "forwarded": f"for={address}", "cookie": "footfall_session=canary-cookie"}
    event = {"event": "e", "user_id": person, "properties": {"secret": secret}, "timestamp": "2026-03-02T10:00:00Z"}
    for client in (server.anybody, server.admin, server.client("canary-wrong-key")):
        for path in ("/api/events/collect", "/api/events/import", "/api/tracking", "/api/analytics"):
            client.post(path, json=event, headers=headers)
            client.post(path, json=[event | {"timestamp": person}, {"user_id": person}], headers=headers)
            client.post(path, content=f'{{"event": "{person}"'.encode(), headers=headers)
            client.post(f"{path}?key=canary-address-key", json={"batch": [event], "key": "canary-body-key"})
        for params in (
            {"user_id": person},
            {"user_id": person, "from": person},
            {"event": "e", "cursor": person},
            {"user_id": f"{person}\x00'\\\n"},
            {"filters": f'[{{"property": "user_id", "operator": "matches", "values": ["({person}"]}}]'},
        ):
            client.get("/api/events", params=params, headers=headers)
        client.get(f"/api/people/{person}", headers=headers)
        client.get(f"/signin?token=canary-token-{person}", headers=headers)
        client.delete(f"/api/keys/{person}", headers=headers)
        client.post("/api/keys", json={"scope": "write", "value": "canary-made-key"})
    server.settled()
    server.restart()
    server.kill9()
    server.start()
    server.events(user_id=person)
    assert server.stop() == 0

    log = server.log_text()
    announced = [line for line in log.splitlines() if line.startswith(("Footfall listens at", "Sign in once"))]
    assert announced, log
    for canary in (WRITE_KEY, READ_KEY, ADMIN_KEY, "canary", person, "shop.example", address, secret, "Traceback"):
        assert canary not in log, [line for line in log.splitlines() if canary in line][:3]
    assert "127.0.0.1" not in log.replace(f"http://127.0.0.1:{server.port}", "")


def test_a_client_that_leaves_early_breaks_nothing(server: Server) -> None:
    name = unique("left")
    head = f"POST /api/events/collect HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {WRITE_KEY}\r\n"
    for length in (0, 1, 10):
        with httpx.Client(base_url=server.url, trust_env=False) as client, pytest.raises(httpx.TransportError):
            client.post("/api/events/collect", content=_breaks_after(length), headers={"content-length": "100"})
    answer = speak(server.port, f'{head}content-length: {len(name) + 12}\r\n\r\n{{"event":"{name}"}}'.encode())
    assert answer.status == 204
    assert server.event(event=name)


def _breaks_after(length: int) -> Any:
    yield b"[" * length
    raise httpx.WriteError("gone")
