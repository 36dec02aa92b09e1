"""The directory and everybody in it, over HTTP."""

from typing import Any

import pytest

from tests.journey.people import signed_in
from tests.journey.server import Server, unique
from tests.journey.test_projects import make_key, make_project


@pytest.fixture(scope="module")
def ann(server: Server) -> str:
    """A user with two devices, a trait of her own and events of two days."""
    ann = unique("ann")
    server.collect(
        [
            {"event": "page_view", "event_id": f"{ann} 1", "anonymous_id": f"phone of {ann}", "page": "/",
             "timestamp": "2026-03-02T10:00:00Z", "device": "mobile"},
            {"event": "$identify", "event_id": f"{ann} 2", "user_id": ann, "anonymous_id": f"phone of {ann}",
             "timestamp": "2026-03-02T10:01:00Z", "properties": {"traits": {"email": f"{ann}@shop.example"}}},
            {"event": "buy", "event_id": f"{ann} 3", "user_id": ann, "device": "desktop",
             "timestamp": "2026-03-03T10:00:00Z", "groups": {"organization": "42"}, "properties": {"total": 1.50}},
        ]
    )  # fmt: skip
    return ann


def test_somebody_is_found_looked_at_and_followed(server: Server, ann: str) -> None:
    (listed,) = server.ask("/api/people", search=f"{ann.upper()}@")["people"]
    assert (listed["user_id"], listed["traits"]) == (ann, {"email": f"{ann}@shop.example"})
    told = [server.ask(f"/api/people/{name}") for name in (listed["id"], ann, f"phone of {ann}")]
    assert told[0] == told[1] == told[2]
    assert {name: told[0][name] for name in ("id", "user_id", "anonymous_ids")} == {
        "id": listed["id"], "user_id": ann, "anonymous_ids": [f"phone of {ann}"],
    }  # fmt: skip
    assert told[0]["groups"] == {
        "organization": [{"value": "42", "events": 1, "last_seen": "2026-03-03T10:00:00.000Z"}]
    }
    assert [one["events"] for one in told[0]["activity"]["by_day"]] == [2, 1]

    first = server.ask(f"/api/people/{ann}/events", limit=2)
    rest = server.ask(f"/api/people/{ann}/events", limit=2, cursor=first["next"])
    assert [one["event_id"] for one in first["data"] + rest["data"]] == [f"{ann} {n}" for n in (1, 2, 3)]
    assert rest["next"] is None
    assert {one["person_id"] for one in first["data"]} == {listed["id"]}

    sessions = server.ask(f"/api/people/{ann}/sessions")
    assert [[one["event"] for one in visit["timeline"]] for visit in sessions["sessions"]] == [
        ["buy"],
        ["page_view", "$identify"],
    ]
    assert sessions["total"] == told[0]["activity"]["sessions"] == 2


def test_what_was_just_sent_is_in_the_answer(server: Server) -> None:
    for number in range(3):
        name = unique("fresh")
        server.collect({"event": "a", "user_id": name})
        assert server.ask(f"/api/people/{name}")["activity"]["events"] == 1, number


@pytest.mark.parametrize("path", ["", "/events", "/sessions"])
def test_nobody_is_a_404(server: Server, path: str) -> None:
    server.collect({"event": "of nobody"})
    for name in (unique("nobody"), "0" * 16):
        assert server.reader.get(f"/api/people/{name}{path}").status_code == 404


@pytest.mark.parametrize(
    ("path", "params", "where"),
    [
        ("", {"limit": 0}, "$.limit"),
        ("", {"cursor": "x"}, "$.cursor"),
        ("", {"filters": "[{}]"}, "$.filters[0].property"),
        ("", {"filters": "x"}, "$.filters"),
        ("/events", {"limit": 1001}, "$.limit"),
        ("/events", {"cursor": "x"}, "$.cursor"),
        ("/sessions", {"limit": 101}, "$.limit"),
        ("/sessions", {"cursor": "x"}, "$.cursor"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(server: Server, ann: str, path: str, params: dict[str, Any], where: str) -> None:
    answer = server.reader.get(f"/api/people{f'/{ann}{path}' if path else ''}", params=params)
    assert (answer.status_code, answer.json()["path"]) == (400, where)


def test_projects_never_mix(server: Server, ann: str) -> None:
    project = make_project(server)
    reader = server.client(make_key(server, project, "read")["value"])
    assert reader.get("/api/people").json() == {"total": 0, "people": [], "next": None}
    person = server.ask(f"/api/people/{ann}")["id"]
    for name in (ann, person, f"phone of {ann}"):
        for path in ("", "/events", "/sessions"):
            assert reader.get(f"/api/people/{name}{path}").status_code == 404


def test_looking_at_people_is_written_down_without_their_names(server: Server, ann: str) -> None:
    with signed_in(server, "analyst") as analyst:
        assert analyst.get(f"/api/people/{ann}").status_code == 200
    records = server.admin.get("/api/audit", params={"limit": 200}).json()["data"]
    assert [one["verb"] for one in records if one["what"] == "GET /api/people/{person}"]
    assert ann not in str(records)


def test_a_viewer_and_a_public_key_see_nobody(server: Server, ann: str) -> None:
    public = server.client(server.make_key("stats"))
    with signed_in(server, "viewer") as viewer:
        for client in (viewer, public):
            for path in ("", f"/{ann}", f"/{ann}/events", f"/{ann}/sessions"):
                assert client.get(f"/api/people{path}").status_code == 403
