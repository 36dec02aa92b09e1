"""An event comes out as it went in: its fields, its time (R27, R26), and what an import keeps."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.journey.server import Server, unique

# ── import ───────────────────────────────────────────────────────────────────────────────────────────────────


FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def test_import_needs_an_admin(server: Server) -> None:
    for client, status in ((server.anybody, 401), (server.sender, 403), (server.reader, 403), (server.admin, 204)):
        answer = client.post("/api/events/import", json={"event": "imported"})
        assert answer.status_code == status


def test_an_import_is_in_the_audit_log(server: Server) -> None:
    assert server.admin.post("/api/events/import", json={"event": "imported"}).status_code == 204
    log = server.admin.get("/api/audit", params={"limit": 1000}).json()["data"]
    assert "POST /api/events/import" in {row["what"] for row in log}


def test_import_keeps_when_and_by_what_an_event_was_sent(server: Server) -> None:
    name = unique("imported")
    sent = {
        "event": name,
        "timestamp": "2024-05-06T07:08:09.123Z",
        "sent_at": "2024-05-06T07:08:10Z",
        "received_at": "2024-05-06T09:08:10Z",  # two hours after it was sent: the clock was wrong (R27)
        "user_agent": FIREFOX,
    }
    answer = server.admin.post("/api/events/import", json=[sent])
    assert answer.status_code == 204
    event = server.event(event=name)
    assert event["received_at"] == "2024-05-06T09:08:10.000Z"
    assert event["timestamp"] == "2024-05-06T09:08:09.123Z"
    assert event["sent_at"] == "2024-05-06T07:08:10.000Z"
    assert event["device"] == "mobile"
    assert "Firefox" in event["browser"]
    assert event["os"] == "Android"


def test_collect_says_itself_when_it_received(server: Server) -> None:
    name = unique("claimed")
    server.collect({"event": name, "received_at": "2020-01-01T00:00:00Z"})
    assert not server.event(event=name)["received_at"].startswith("2020")


# ── fields ───────────────────────────────────────────────────────────────────────────────────────────────────


FIELDS = {
    "user_id": "u-1",
    "anonymous_id": "a-1",
    "session_id": "s-1",
    "page": "/cart",
    "url": "https://shop.example/cart",
    "referrer": "https://search.example/",
    "title": "Cart",
    "section": "footer",
    "component": "Checkout",
    "component_hash": "c0ffee",
    "action": "complete",
    "locale": "de-DE",
    "screen": "1280x720",
    "app_version": "1.2.3",
    "device": "fridge",
    "browser": "Own",
    "os": "Own OS",
}

CAMEL = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "session_id": "sessionId",
    "component_hash": "componentHash",
    "app_version": "appVersion",
}


@pytest.mark.parametrize("where", ["itself", "context"])
def test_every_field_comes_out_as_it_went_in(server: Server, where: str) -> None:
    name = unique("fields")
    fields: dict[str, Any] = FIELDS | {
        "seq": 7,
        "groups": {"organization": "42", "project": "7"},
        "timestamp": "2026-01-02T03:04:05.678+01:00",
    }
    sent: dict[str, Any] = {"event": name, "properties": {"a": [1, {"b": None}]}}
    if where == "context":
        sent["context"] = {CAMEL.get(field, field): value for field, value in fields.items()}
    else:
        sent |= fields
    server.collect(sent, headers={"user-agent": FIREFOX})
    event = server.event(event=name)
    assert {field: event[field] for field in fields} == fields | {"timestamp": "2026-01-02T02:04:05.678Z"}
    assert event["properties"] == {"a": [1, {"b": None}]}
    assert event["user_type"] == "registered"
    assert event["bot"] is False
    assert event["flags"] == event["violations"] == []
    assert event["person_id"]


def test_fields_that_nobody_sent_are_null(server: Server) -> None:
    name = unique("bare")
    server.collect({"event": name}, headers={"user-agent": ""})
    event = server.event(event=name)
    assert [field for field in FIELDS if event[field] is not None] == []
    assert event["seq"] is event["sent_at"] is event["person_id"] is None
    assert event["groups"] == event["properties"] == {}
    assert event["user_type"] == "anonymous"


def test_an_event_s_own_field_wins_over_its_context(server: Server) -> None:
    name = unique("both")
    server.collect({"event": name, "page": "/own", "context": {"page": "/context", "sessionId": "s"}})
    event = server.event(event=name)
    assert (event["page"], event["session_id"]) == ("/own", "s")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"user_id": 42}, {"user_id": "42"}),
        ({"context": {"userId": 42}}, {"user_id": "42"}),
        ({"groups": {"organization": 42}}, {"groups": {"organization": "42"}}),
        ({"timestamp": 1767323045}, {"timestamp": "2026-01-02T03:04:05.000Z"}),
        ({"timestamp": 1767323045678}, {"timestamp": "2026-01-02T03:04:05.678Z"}),
        ({"context": {"timestamp": 1767323045678}}, {"timestamp": "2026-01-02T03:04:05.678Z"}),
        ({"properties": {"component_name": "Cart"}}, {"component": "Cart"}),
        ({"component_name": "Cart"}, {"component": "Cart"}),
        ({"properties": {"interaction_type": "click"}}, {"action": "click"}),
        ({"properties": {"component_hash": "c0ffee"}}, {"component_hash": "c0ffee"}),
        ({"component": "Own", "properties": {"component_name": "Cart"}}, {"component": "Own"}),
        ({"url": "https://shop.example/cart?x=1#top"}, {"page": "/cart"}),
        (
            {"url": "https://shop.example/?utm_source=mail&utm_campaign=may"},
            {"utm_source": "mail", "utm_campaign": "may"},
        ),
        ({"url": "https://shop.example/?token=secret&utm_source=m"}, {"url": "https://shop.example/?utm_source=m"}),
        ({"colour": "red"}, {"properties": {"colour": "red"}}),
        ({"colour": "red", "properties": {"size": 1}}, {"properties": {"colour": "red", "size": 1}}),
        ({"context": {"viewport": [1, 2]}}, {"properties": {"viewport": [1, 2]}}),
        ({"properties": None}, {"properties": {}}),
        ({"page": None}, {"page": None}),
    ],
    ids=lambda value: msgspec.json.encode(value).decode()[:60],
)
def test_an_event_is_read_generously(server: Server, sent: dict[str, Any], stored: dict[str, Any]) -> None:
    name = unique("generous")
    assert server.verdicts({"event": name, **sent}) == [{"index": 0, "status": "ok"}]
    event = server.event(event=name)
    assert {field: event[field] for field in stored} == stored


@pytest.mark.parametrize(
    ("user_agent", "fields", "bot"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", {}, True),
        ("Mozilla/5.0 (Linux; Android 12; CUBOT P50) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36", {}, False),
        (FIREFOX, {}, False),
        ("python-requests/2.32", {}, False),
        ("footfall-client/0.1.0", {}, False),
        ("footfall-client/0.1.0 bot crawler spider", {"url": "https://shop.example/"}, False),
    ],
    ids=["a crawler", "a CUBOT phone", "a phone", "a library", "our client", "our client, whatever else it says"],
)
def test_bots_are_flagged_and_kept(server: Server, user_agent: str, fields: dict[str, Any], bot: bool) -> None:
    name = unique("agent")
    server.collect({"event": name, **fields}, headers={"user-agent": user_agent})
    assert server.event(event=name)["bot"] is bot
    trend = server.insight("trend", series=[{"event": name}], interval="day")
    assert trend["series"][0]["total"] == (0 if bot else 1)
    assert trend["meta"]["excluded_bots"] == (1 if bot else 0)
    trend = server.insight("trend", series=[{"event": name}], interval="day", include_bots=True)
    assert trend["series"][0]["total"] == 1


def test_device_browser_and_system_come_from_the_user_agent_unless_they_were_sent(server: Server) -> None:
    name = unique("device")
    server.collect({"event": name, "os": "Own"}, headers={"user-agent": FIREFOX})
    event = server.event(event=name)
    assert event["device"] == "mobile"
    assert event["browser"].startswith("Firefox")
    assert event["os"] == "Own"


def test_the_address_is_never_stored(server: Server) -> None:
    name = unique("address")
    server.collect({"event": name}, headers={"x-forwarded-for": "203.0.113.77", "forwarded": "for=203.0.113.77"})
    answer = server.reader.get("/api/events", params={"event": name})
    assert name in answer.text
    assert "203.0.113.77" not in answer.text
    assert "127.0.0.1" not in answer.text


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def noon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for which it is noon (`FOOTFALL_NOW`)."""
    with Server(tmp_path_factory.mktemp("noon"), FOOTFALL_NOW="2026-03-01T12:00:00Z") as opened:
        yield opened


CLOCKS = [
    # What a client says (timestamp, sent_at) at noon, and what is stored; R27.
    pytest.param(None, None, "12:00:00.000", [], id="no time is the time of receipt"),
    pytest.param("11:00:00", None, "11:00:00.000", [], id="a time of the past stays"),
    pytest.param("12:05:00", None, "12:05:00.000", [], id="five minutes ahead stay"),
    pytest.param("12:05:00.001", None, "12:00:00.000", ["timestamp_in_future"], id="more is impossible"),
    pytest.param("10:00:00", "10:01:00", "11:59:00.000", [], id="a clock two hours late"),
    pytest.param("14:00:00", "14:01:00", "11:59:00.000", [], id="a clock two hours early"),
    pytest.param("11:54:00", "11:55:00", "11:59:00.000", [], id="five minutes are a wrong clock"),
    pytest.param("11:54:00", "11:55:00.001", "11:54:00.000", [], id="less is the network"),
    pytest.param("12:03:00", "12:05:00", "11:58:00.000", [], id="five minutes early are a wrong clock"),
]


@pytest.mark.parametrize("whose", ["event", "batch"])
@pytest.mark.parametrize(("timestamp", "sent_at", "stored", "flags"), CLOCKS)
def test_wrong_clocks_are_corrected(
    noon: Server, timestamp: str | None, sent_at: str | None, stored: str, flags: list[str], whose: str
) -> None:
    name = unique("clock")
    times = {"timestamp": timestamp, "sent_at": sent_at}
    day = {key: None if time is None else f"2026-03-01T{time}Z" for key, time in times.items()}
    if whose == "event":
        noon.collect({"event": name, **day})
    else:
        noon.collect({"batch": [{"event": name, "timestamp": day["timestamp"]}], "sent_at": day["sent_at"]})
    event = noon.event(event=name)
    assert event["timestamp"] == f"2026-03-01T{stored}Z"
    assert event["flags"] == flags
    assert event["received_at"] == "2026-03-01T12:00:00.000Z"


def test_the_fixed_clock_is_the_now_of_questions(noon: Server) -> None:
    trend = noon.insight("trend", series=[{"event": "*"}], interval="hour", **{"from": "2026-03-01"})
    assert trend["meta"]["now"] == "2026-03-01T12:00:00.000+00:00"
    assert trend["buckets"][-1] == "2026-03-01T12:00:00+00:00"
    assert trend["incomplete"] == [False] * 12 + [True]


def test_late_events_land_on_their_own_day(noon: Server) -> None:
    name = unique("late")
    day = {"from": "2026-02-01", "to": "2026-02-02"}
    assert noon.insight("trend", series=[{"event": name}], **day)["series"][0]["values"] == [0]
    noon.collect({"event": name, "timestamp": "2026-02-01T10:00:00Z"})
    assert noon.insight("trend", series=[{"event": name}], **day)["series"][0]["values"] == [1]
