"""The tracking plan at the door of a real server (`governance.md`, "The tracking plan"; `product.md`, B6)."""

import json
from typing import Any

import httpx
import pytest

from tests.journey.server import Server
from tests.support.traces import traces

PLAN = """
plan: 1
area: shop
owner: shop-team
deny: [warehouse_schema]
environments:
  staging: {on_violation: quarantine, grace_days: 0}
properties:
  price: {type: number, minimum: 0}
events:
  add_to_cart:
    trigger: a press of the button
    sources: [browser]
    version: 1.0.0
    additional: deny
    on_violation: quarantine
    properties:
      product_id: {type: string, required: true}
      quantity: {type: integer, minimum: 1, required: true}
      price: {ref: price}
  search:
    trigger: the search is sent
    sources: [browser]
    properties:
      query: {type: string, required: true}
"""
NO_GRACE = PLAN.replace("deny: [", "defaults: {grace_days: 0}\ndeny: [")
GOOD = {"event": "add_to_cart", "event_id": "good", "properties": {"product_id": "a", "quantity": 1}}
BAD = {"event": "add_to_cart", "event_id": "bad", "properties": {"product_id": "a", "quantity": "two"}}


@pytest.fixture
def planned(fresh: Server) -> Server:
    """A server with the plan, and no time of grace."""
    assert push(fresh, NO_GRACE).status_code == 200
    return fresh


def push(server: Server, text: str, **params: str) -> httpx.Response:
    return server.admin.put("/api/plan", content=text, headers={"content-type": "application/yaml"}, params=params)


def send(server: Server, *events: dict[str, Any]) -> list[dict[str, Any]]:
    return server.verdicts(list(events))


def stored(server: Server) -> dict[str, list[Any]]:
    """The violations of each stored event, by its id."""
    server.settled()
    return {one["event_id"]: one["violations"] for one in server.events()}


def test_a_pushed_plan_is_read_back_with_its_version(fresh: Server) -> None:
    assert fresh.reader.get("/api/plan").status_code == 404
    first = push(fresh, PLAN).json()
    shown = fresh.reader.get("/api/plan").json()
    assert (shown["number"], shown["sha"], shown["owner"]) == (1, first["sha"], first["owner"])
    assert shown["bundle"]["events"]["add_to_cart"]["schema"]["required"] == ["product_id", "quantity"]
    # The same again is no new version; its bundle says the same.
    assert fresh.admin.put("/api/plan", json=shown["bundle"]).json()["number"] == 1
    assert push(fresh, PLAN.replace("minimum: 1", "minimum: 2")).json()["number"] == 2
    assert [one["number"] for one in fresh.reader.get("/api/plan/versions").json()] == [2, 1]
    assert fresh.reader.get("/api/plan", params={"version": 1}).json()["sha"] == first["sha"]


def test_a_plan_with_errors_is_refused_with_their_place(fresh: Server) -> None:
    refused = push(fresh, PLAN.replace("type: integer", "type: intger"))
    assert refused.status_code == 400
    assert refused.json()["path"] == "$.events.add_to_cart.properties.quantity.type"
    assert "integer" in refused.json()["detail"]
    assert push(fresh, PLAN, environment="nowhere").status_code == 400
    for bundle in ({"privacy": {"emial": "redact"}}, {"privacy": {"email": "burn"}}):
        refused = fresh.admin.put("/api/plan", json={"format": 1, **bundle})
        assert (refused.status_code, refused.json()["path"]) == (400, f"$.privacy.{next(iter(bundle['privacy']))}")
    assert fresh.reader.get("/api/plan").status_code == 404


def test_the_answer_is_a_success_with_what_became_of_each_event(planned: Server) -> None:
    typo = {"event": "ad_to_cart", "event_id": "typo"}
    results = send(planned, GOOD, BAD, typo)
    assert [one["status"] for one in results] == ["ok", "quarantined", "ok"]
    assert results[1]["path"] == "$.properties.quantity"
    assert results[1]["violations"] == [
        {"rule": "type_mismatch", "path": "$.properties.quantity", "expected": "integer", "actual": "string"}
    ]
    assert "two" not in str(results)
    assert results[2]["violations"][0]["suggestion"] == "add_to_cart"
    assert stored(planned) == {
        "good": [],
        "typo": [
            {
                "rule": "unplanned_event",
                "path": "$.event",
                "expected": "an event of the plan",
                "suggestion": "add_to_cart",
            }
        ],
    }
    assert planned.sender.post("/api/events/collect", json=BAD | {"event_id": "again"}).status_code == 204


def test_an_event_is_judged_by_the_version_that_it_names(planned: Server) -> None:
    newer = NO_GRACE.replace("version: 1.0.0", "version: 2.0.0").replace(
        "quantity: {type: integer", "count: {type: integer"
    )
    assert push(planned, newer).status_code == 200
    results = send(
        planned,
        GOOD | {"event_id": "of 1", "event_version": "1.0.0"},
        GOOD | {"event_id": "of 2", "event_version": "2.0.0"},
        GOOD | {"event_id": "newest"},
        {"event": "add_to_cart", "event_id": "good", "properties": {"product_id": "a", "count": 1}},
    )
    assert [one["status"] for one in results] == ["ok", "quarantined", "quarantined", "ok"]


def test_a_new_event_is_only_warned_of_for_its_time_of_grace(fresh: Server) -> None:
    assert push(fresh, PLAN).status_code == 200
    assert [one["status"] for one in send(fresh, BAD)] == ["ok"]
    assert [one["rule"] for one in stored(fresh)["bad"]] == ["type_mismatch"]
    assert push(fresh, PLAN, environment="staging").status_code == 200
    assert [one["status"] for one in send(fresh, BAD | {"event_id": "worse"})] == ["quarantined"]


def test_checking_stores_nothing(planned: Server) -> None:
    before = planned.status()["accepted"]
    answer = planned.reader.post("/api/plan/check", json={"events": [GOOD, BAD, {"event": ""}]}).json()["results"]
    assert [one["mode"] for one in answer] == ["allow", "quarantine", "quarantine"]
    assert answer[1]["violations"][0]["rule"] == "type_mismatch"
    own = {"events": [{"event": "search", "properties": {}}], "plan": PLAN}
    assert planned.reader.post("/api/plan/check", json=own).json()["results"][0]["violations"] == [
        {"rule": "missing_required", "path": "$.properties.query", "expected": "string", "actual": "missing"}
    ]
    assert planned.status()["accepted"] == before


def test_a_replay_after_a_fix_counts_once(planned: Server) -> None:
    send(planned, BAD, BAD | {"event_id": "other", "app_version": "2"})
    groups = planned.reader.get("/api/quarantine/groups").json()
    assert [(one["event"], one["path"], one["app_version"], one["entries"]) for one in groups] == [
        ("add_to_cart", "$.properties.quantity", None, 1),
        ("add_to_cart", "$.properties.quantity", "2", 1),
    ]
    # Nothing is mended yet.
    assert planned.admin.post("/api/quarantine/replay", json={}).json() == {"replayed": 0, "remaining": 2}
    assert (
        push(
            planned, NO_GRACE.replace("{type: integer, minimum: 1,", "{type: [integer, string], minimum: 1,")
        ).status_code
        == 200
    )
    replayed = planned.admin.post("/api/quarantine/replay", json={"app_version": "2"})
    assert replayed.json() == {"replayed": 1, "remaining": 0}
    assert planned.admin.post("/api/quarantine/replay", json={}).json() == {"replayed": 1, "remaining": 0}
    assert planned.admin.post("/api/quarantine/replay", json={}).json() == {"replayed": 0, "remaining": 0}
    # Sent once more by the client that got a success for it: still one event.
    send(planned, BAD)
    assert stored(planned) == {"bad": [], "other": []}
    assert {one["event_id"]: one["properties"] for one in planned.events()}["bad"] == BAD["properties"]
    assert planned.status()["duplicates"] == 1


def test_a_replayed_event_keeps_its_times(planned: Server) -> None:
    send(planned, BAD | {"timestamp": "2026-01-02T03:04:05Z", "user_id": "u", "page": "/p?utm_source=x"})
    (held,) = planned.quarantined()
    assert push(planned, NO_GRACE.replace("type: integer, minimum: 1,", "type: string,")).status_code == 200
    planned.admin.post("/api/quarantine/replay", json={"ids": [held["id"]]})
    planned.settled()
    event = planned.event()
    assert event["timestamp"] == "2026-01-02T03:04:05.000Z"
    assert event["received_at"] == held["received_at"]
    assert (event["user_id"], event["page"], event["flags"]) == ("u", "/p?utm_source=x", [])


def test_discarded_entries_are_gone(planned: Server) -> None:
    send(planned, BAD, {"event": "search", "event_id": "s", "properties": {"query": 5}})
    assert planned.admin.post("/api/quarantine/discard", json={"event": "add_to_cart"}).status_code == 200
    assert list(planned.quarantined()) == []
    assert planned.status()["quarantined"] == 1  # a total, which only grows


def test_blocked_events_leave_no_more_than_their_reason(fresh: Server) -> None:
    plan = NO_GRACE.replace("on_violation: quarantine\n    properties", "on_violation: block\n    properties")
    assert push(fresh, plan).status_code == 200
    (result,) = send(fresh, BAD)
    assert result["status"] == "dropped"
    (held,) = fresh.quarantined()
    assert (held["event"], held["reason"], held["sent"]) == ("add_to_cart", "type_mismatch", "")
    assert fresh.admin.post("/api/quarantine/replay", json={}).json() == {"replayed": 0, "remaining": 1}


def test_what_the_sdk_sends_by_itself_needs_no_plan(planned: Server) -> None:
    names = ("page_view", "page_leave", "component_visit", "heartbeat", "$identify")
    results = send(planned, *({"event": name, "event_id": name, "anonymous_id": "a"} for name in names))
    assert [one.get("violations", []) for one in results] == [[]] * len(names)


def test_a_plan_outlives_a_restart(planned: Server) -> None:
    planned.restart()
    assert [one["status"] for one in send(planned, BAD)] == ["quarantined"]


def test_an_export_brings_violations_and_an_import_takes_them(planned: Server) -> None:
    send(planned, {"event": "unheard_of", "event_id": "1"})
    planned.settled()
    exported = planned.reader.get("/api/events/export.jsonl").text
    assert json.loads(exported)["violations"][0]["rule"] == "unplanned_event"
    assert "unplanned_event" in planned.reader.get("/api/events/export.csv").text
    again = json.loads(exported) | {"event_id": "2"}
    assert planned.admin.post("/api/events/import", json=[again]).status_code == 204
    assert [len(one) for one in stored(planned).values()] == [1, 1]


def test_what_is_denied_is_nowhere_on_the_disk(planned: Server) -> None:
    canary = "canary-8c1d0e"
    bad = {"event": "add_to_cart", "event_id": "b", "properties": {"quantity": "x", "warehouse_schema": canary}}
    other = {"event": "search", "event_id": "o", "properties": {"query": "a", "in": [{"warehouse_schema": canary}]}}
    nothing = {"event": "", "properties": {"warehouse_schema": canary}}
    assert [one["status"] for one in send(planned, bad, other, nothing)] == ["quarantined", "ok", "quarantined"]
    planned.settled()
    (event,) = planned.events(event="search")
    assert event["redacted"] == {"$.properties.in.0.warehouse_schema": "denied"}
    assert event["properties"] == {"query": "a", "in": [{}]}
    assert planned.stop() == 0
    held = traces(planned.data)
    assert b"add_to_cart" in held  # the search can find what is there
    assert canary.encode() not in held


# ── beside what comes ────────────────────────────────────────────────────────────────────────────────────────


def test_drift_tells_what_is_missing_new_and_different(planned: Server) -> None:
    looser = NO_GRACE.replace("on_violation: quarantine", "on_violation: warn")
    assert push(planned, looser).status_code == 200
    send(planned, GOOD, BAD, {"event": "serch", "event_id": "typo"})
    planned.settled()
    answer = planned.reader.get("/api/plan/drift", params={"since": "P1D"}).json()
    assert answer["plan"] == 2
    told = {one["event"]: one for one in answer["events"]}
    assert {name: one["state"] for name, one in told.items()} == {
        "add_to_cart": "seen",
        "serch": "unplanned",
        "search": "never_seen",
    }
    assert told["serch"]["suggestion"] == "search"
    assert (told["add_to_cart"]["count"], told["add_to_cart"]["owner"]) == (2, "shop-team")
    assert told["add_to_cart"]["findings"] == [
        {"sign": "type_drift", "property": "quantity", "expected": "integer", "found": "string", "share": 0.5}
    ]
    assert planned.reader.get("/api/plan/drift", params={"since": "a day"}).json()["path"] == "$.since"


def test_violations_of_stored_events_are_told_together(planned: Server) -> None:
    push(planned, NO_GRACE.replace("on_violation: quarantine", "on_violation: warn"))
    send(planned, BAD, BAD | {"event_id": "again"}, GOOD)
    planned.settled()
    (told,) = planned.reader.get("/api/plan/violations").json()["violations"]
    assert (told["event"], told["rule"], told["path"], told["events"]) == (
        "add_to_cart",
        "type_mismatch",
        "$.properties.quantity",
        2,
    )
    assert "two" not in str(told)
    assert planned.reader.get("/api/plan/violations", params={"event": "search"}).json()["violations"] == []


def test_a_draft_of_what_came_is_a_plan(planned: Server) -> None:
    found = {"event": "found_something", "properties": {"place": "attic", "worth": 2.5}}
    send(planned, GOOD, *(found | {"event_id": f"found {place}"} for place in range(3)))
    planned.settled()
    answer = planned.reader.get("/api/plan/draft")
    assert answer.headers["content-type"].startswith("application/yaml")
    assert "found_something:" in answer.text
    assert "add_to_cart" not in answer.text
    assert "add_to_cart" in planned.reader.get("/api/plan/draft", params={"all": True}).text
    assert "found_something" not in planned.reader.get("/api/plan/draft", params={"event": "another"}).text
    assert push(planned, answer.text).status_code == 200
    assert planned.reader.get("/api/plan").json()["bundle"]["events"]["found_something"]["schema"]["required"] == [
        "place",
        "worth",
    ]


def test_a_draft_tells_of_what_waits_because_nobody_planned_it(planned: Server) -> None:
    strict = NO_GRACE.replace("grace_days: 0}", "grace_days: 0, unplanned: quarantine}", 1)
    assert push(planned, strict).status_code == 200
    waiting = {"event": "found_apart", "properties": {"place": "attic"}}
    send(planned, waiting | {"event_id": "1"}, waiting | {"event_id": "2"}, BAD)
    drafted = planned.reader.get("/api/plan/draft", params={"event": "found_apart"}).text
    assert "found_apart:" in drafted
    assert "# 2 times" in drafted
    assert "place: {type: string" in drafted
    assert "add_to_cart" not in planned.reader.get("/api/plan/draft").text


def test_entries_are_listed_by_the_version_of_their_application_too(planned: Server) -> None:
    for place, version in enumerate(("1.0.0", "1.1.0", "")):
        send(planned, BAD | {"event_id": str(place), **({"app_version": version} if version else {})})
    for version in ("1.0.0", "1.1.0", ""):
        (entry,) = planned.ask("/api/quarantine", app_version=version)["data"]
        assert entry["app_version"] == (version or None)
