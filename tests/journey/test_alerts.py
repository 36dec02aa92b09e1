# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Alert rules at a real server (R29)."""

from typing import Any

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
