# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Alert rules at a real server (R29)."""

import json
import time
from typing import Any

from tests.alerts.recorder import Recorder
from tests.journey.server import Server

GIVEN = [100, 98, 103, 60, 61, 105, 5]
POINTS = [{"bucket": f"2026-03-0{day}", "value": value} for day, value in enumerate(GIVEN, 1)]


def evaluate(server: Server, rule: dict[str, Any], points: list[dict[str, Any]], now: str | None = None) -> Any:
    answer = server.reader.post("/api/events/alert-rules/evaluate", json={"rule": rule, "points": points, "now": now})
    assert answer.status_code == 200, answer.text
    return answer.json()["points"]


def test_R29_the_given_example(server: Server) -> None:
    now = "2026-03-07T01:00:00Z"
    falls = evaluate(server, {"type": "change_percent", "percent": -30}, POINTS, now)
    assert [one["change"] for one in falls][1:6] == [-2.0, 5.1, -41.7, 1.7, 72.1]
    assert [one["bucket"] for one in falls if one["state"] == "firing"] == ["2026-03-04"]
    below = evaluate(server, {"type": "volume_below", "threshold": 80, "windowMinutes": 1440}, POINTS, now)
    assert [one["bucket"] for one in below if one["state"] == "firing"] == ["2026-03-04", "2026-03-05"]
    assert [(one["bucket"], one["notice"]) for one in below if one["notified"]] == [
        ("2026-03-04", "firing"),
        ("2026-03-06", "resolved"),
    ]
    assert (below[-1]["state"], below[-1]["reason"]) == ("ok", "running")
    # The same where the rule does not say how long a window is: that is seen.
    assert evaluate(server, {"type": "volume_below", "threshold": 80}, POINTS, now) == below


def test_what_cannot_be_judged_says_where(server: Server) -> None:
    def refused(rule: dict[str, Any], points: list[dict[str, Any]] = POINTS) -> tuple[int, str]:
        answer = server.reader.post("/api/events/alert-rules/evaluate", json={"rule": rule, "points": points})
        return answer.status_code, answer.json()["path"]

    assert refused({"type": "volume_below"}) == (400, "$.rule.threshold")
    assert refused({"type": "volume_bellow"}) == (400, "$.rule.type")
    assert refused({"type": "volume_below", "threshold": 1, "windowMinuts": 5})[0] == 400
    fine = {"type": "volume_below", "threshold": 1}
    assert refused(fine, [POINTS[1], POINTS[0]]) == (400, "$.points[1].bucket")
    assert refused(fine, [{"bucket": "yesterday", "value": 1}]) == (400, "$.points[0].bucket")
    assert evaluate(server, fine, []) == []


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────

S1 = {
    "id": "purchase-low",
    "name": "Purchase volume critically low",
    "event": "purchase",
    "type": "volume_below",
    "threshold": 10,
    "windowMinutes": 60,
    "cooldownMinutes": 60,
    "severity": "critical",
    "channels": [{"type": "slack", "target": "https://hooks.slack.com/services/T000/B000/abcdefgh"}],
    "enabled": True,
}
RULES = "/api/events/alert-rules"


def test_s1s_three_rules_are_there_and_wait_for_a_channel(fresh: Server) -> None:
    rules = fresh.reader.get(RULES).json()
    assert [(one["id"], one["enabled"], one["channels"]) for one in rules] == [
        ("purchase-drop", False, []),
        ("error-spike", False, []),
        ("conversion-drop", False, []),
    ]
    assert rules[2]["numeratorEvent"] == "purchase"


def test_s1s_json_is_accepted_as_it_stands_and_shown_without_its_secrets(fresh: Server) -> None:
    made = fresh.admin.post(RULES, json=S1)
    assert made.status_code == 201, made.text
    shown = next(one for one in fresh.reader.get(RULES).json() if one["id"] == "purchase-low")
    assert {name: shown[name] for name in S1 if name != "channels"} == {
        name: value for name, value in S1.items() if name != "channels"
    }
    assert shown["channels"] == [{"type": "slack", "target": "https://hooks.slack.com/…efgh", "secret": ""}]
    assert "abcdefgh" not in fresh.reader.get(f"{RULES}/purchase-low").text
    assert fresh.admin.post(RULES, json=S1).status_code == 409
    # Sent back as it was shown, it keeps its address.
    sent_back = {name: value for name, value in shown.items() if name in {*S1, "windowMinutes"}} | {"threshold": 5}
    changed = fresh.admin.put(f"{RULES}/purchase-low", json=sent_back)
    assert (changed.status_code, changed.json()["threshold"], changed.json()["version"]) == (200, 5, 2)
    catalog = (fresh.data / "catalog.db").read_bytes() + (fresh.data / "catalog.db-wal").read_bytes()
    assert b"/services/T000/B000/abcdefgh" in catalog
    assert fresh.admin.delete(f"{RULES}/purchase-low").status_code == 204
    assert fresh.reader.get(f"{RULES}/purchase-low").status_code == 404


def test_a_rule_that_says_too_little_is_refused_with_its_place(server: Server) -> None:
    def refused(**fields: Any) -> tuple[int, str]:
        answer = server.admin.post(RULES, json=S1 | {"id": ""} | fields)
        return answer.status_code, answer.json()["path"]

    assert refused(type="rate_below") == (400, "$.numeratorEvent")
    assert refused(windowMinutes=2000) == (400, "$.windowMinutes")
    assert refused(measure="unique_users", windowMinutes=30) == (400, "$.windowMinutes")
    assert refused(filters=[{"property": "nonsense", "operator": "is", "values": ["x"]}])[0] == 400
    assert refused(channels=[{"type": "webhook"}]) == (400, "$.channels[0].target")
    assert refused(channels=[{"type": "pigeon", "target": "x"}])[0] == 400


def test_a_backtest_says_how_often_it_would_have_fired(fresh: Server) -> None:
    start = 1_772_323_200_000  # 1 March 2026
    fresh.admin.post(
        "/api/events/import",
        json=[
            {"event": "purchase", "event_id": f"{hour} {place}", "user_id": "u", "timestamp": start + hour * 3_600_000}
            for hour in range(48)
            for place in range(0 if hour in {20, 21, 30} else 12)
        ],
    )
    fresh.settled()
    fresh.admin.post(RULES, json=S1)
    asked = {"from": start, "to": start + 48 * 3_600_000}
    found = fresh.reader.post(f"{RULES}/purchase-low/backtest", json=asked).json()
    assert (found["windows"], found["firings"], found["notices"]) == (48, 2, 4)
    ((group),) = found["groups"]
    assert [one["bucket"][11:13] for one in group["points"] if one["state"] == "firing"] == ["20", "21", "06"]
    # And what is no rule yet, or another threshold on the picture.
    other = fresh.reader.post(f"{RULES}/backtest", json=asked | {"rule": S1 | {"threshold": 13}}).json()
    assert other["firings"] == 1
    too_long = fresh.reader.post(f"{RULES}/backtest", json={"from": 0, "rule": S1 | {"windowMinutes": 1}})
    assert (too_long.status_code, too_long.json()["path"]) == (400, "$.from")


def test_a_test_notice_goes_out_at_once_and_leaves_the_rule_alone(new_server: Any) -> None:
    with Recorder().running() as recorder:
        server = new_server(FOOTFALL_ALERT_HOSTS=f"127.0.0.1:{recorder.port}").start()
        hook = [{"type": "webhook", "target": f"{recorder.url}/hook", "secret": "s3cret"}]
        inside = [{"type": "webhook", "target": "http://127.0.0.1:1/hook"}]
        server.admin.post(RULES, json=S1 | {"channels": [*hook, *inside]})
        told = server.admin.post(f"{RULES}/purchase-low/test").json()
        assert told["state"] == "test"
        assert [(one["status"], bool(one["error"])) for one in told["deliveries"]] == [
            ("delivered", False),
            ("dead", True),
        ]
        (sent,) = recorder.sent
        assert b'"[TEST] Purchase volume critically low"' in sent.body
        assert sent.headers["x-signature"].startswith("v1=")
        assert server.reader.get(f"{RULES}/purchase-low").json()["state"] is None
        (history,) = server.reader.get("/api/events/alert-history").json()
        assert (history["ruleId"], history["severity"]) == ("purchase-low", "critical")
        seen = server.admin.post(f"/api/events/alert-history/{history['id']}/acknowledge").json()
        assert seen["acknowledgedBy"]
        dead = told["deliveries"][1]["id"]
        assert server.admin.post(f"/api/events/alert-deliveries/{dead}/retry").status_code in {200, 201}
        assert "s3cret" not in server.log_text()
        assert server.admin.post(f"{RULES}/error-spike/test").json()["path"] == "$.channels"


def test_R29_a_running_server_judges_and_tells(new_server: Any) -> None:
    """Its clock stands still, just after the window and its grace are over."""
    with Recorder().running() as recorder:
        server = new_server(
            FOOTFALL_ALERT_HOSTS="127.0.0.1",
            FOOTFALL_NOW="2026-03-02T11:01:00Z",
            FOOTFALL_PUBLIC_URL="https://stats.example/",
        ).start()
        server.admin.post(
            "/api/events/import",
            json=[{"event": "purchase", "event_id": "one", "user_id": "u", "timestamp": "2026-03-02T09:30:00Z"}],
        )
        server.settled()
        hook = [{"type": "webhook", "target": f"{recorder.url}/hook"}]
        server.admin.post(RULES, json=S1 | {"channels": hook})
        give_up = time.monotonic() + 60
        while not recorder.sent:
            assert time.monotonic() < give_up, server.reader.get(RULES).json()
            time.sleep(0.1)
        body = json.loads(recorder.sent[0].body)
        assert (body["title"], body["value"]) == ("[CRITICAL] Purchase volume critically low", 0)
        assert body["link"] == "https://stats.example/alerts?project=1&rule=purchase-low"
        shown = server.reader.get(f"{RULES}/purchase-low").json()
        assert (shown["state"], shown["value"], shown["evaluatedUntil"]) == ("firing", 0, "2026-03-02T11:00:00.000Z")
        snoozed = server.admin.post(f"{RULES}/purchase-low/snooze", json={"minutes": 60}).json()
        assert snoozed["snoozedUntil"]
        assert len(recorder.sent) == 1
