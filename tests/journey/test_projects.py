"""Several projects in one installation: each has its own settings, and nothing crosses."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.journey.people import add, enter, make_project, signed_in
from tests.journey.server import Server, check_problem, unique
from tests.journey.test_rights import EXTENT, REPEATED, Route, routes_of

CANARY = "crossing-canary"
"""In every text of the other project."""


def make_key(server: Server, project: int, scope: str, **settings: Any) -> dict[str, Any]:
    answer = server.admin.post("/api/keys", params={"project": project}, json={"scope": scope, **settings})
    assert answer.status_code == 201, answer.text
    return answer.json()


# ── nothing crosses ──────────────────────────────────────────────────────────────────────────────────────────


class Other:
    """A project with everything in it that could cross."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.number = make_project(server, f"{CANARY}-project", origins=[f"https://{CANARY}.example"])
        made = make_key(server, self.number, "write", name=f"{CANARY}-key", value=f"{CANARY}-value", origins=["*"])
        self.key = made["key"]["id"]
        added = add(server, "owner", self.number, f"{CANARY}@example.com")
        self.user = added["user"]["id"]
        self.owner = enter(server, added)
        self.owner.post("/account/password", data={"new": f"{CANARY} password", "name": f"{CANARY} name"})
        events = [
            {
                "event": f"{CANARY}-event",
                "user_id": f"{CANARY}-user",
                "page": f"/{CANARY}",
                "properties": {"x": CANARY},
            },
            {"event": "component_interaction", "component": f"{CANARY}-component", "action": f"{CANARY}-action"},
            {"event": "page_view", "timestamp": f"{CANARY}-never"},
        ]
        answer = server.client(made["value"]).post("/api/events/collect", json=events)
        assert answer.status_code == 204, answer.text
        server.settled()
        self.kept = self._keep()

    def _keep(self) -> dict[str, str]:
        """What somebody saved there: name in a path → id."""
        trend = {"kind": "trend", "question": {"series": [{"event": f"{CANARY}-event"}]}}
        made: dict[str, str] = {}
        for name, path, body in (
            ("saved_id", "/api/saved", {"name": f"{CANARY}-saved", **trend}),
            (
                "board_id",
                "/api/boards",
                {"name": f"{CANARY}-board", "tiles": [trend]},
            ),
            ("annotation_id", "/api/annotations", {"text": f"{CANARY}-annotation"}),
        ):
            answer = self.owner.post(path, json=body)
            assert answer.status_code == 201, answer.text
            made[name] = answer.json()["id"]
        shared = self.owner.post("/api/shares", json={"board": made["board_id"]})
        assert shared.status_code == 201, shared.text
        return made | {"share": shared.json()["share"]["id"]}

    def ids(self) -> dict[str, str]:
        return {"project_id": str(self.number), "key_id": self.key, "user_id": self.user, **self.kept}

    def state(self) -> dict[str, Any]:
        """What an operator sees of it; the log aside, to which looking adds."""
        paths = ("/api/projects/{}", "/api/keys", "/api/users", "/api/events", "/api/quarantine", "/api/ingest/status",
                 "/api/saved", "/api/boards", "/api/annotations", "/api/shares")  # fmt: skip
        answers = {
            path: self.server.admin.get(path.format(self.number), params={"project": self.number}) for path in paths
        }
        assert {answer.status_code for answer in answers.values()} == {200}
        return {path: answer.json() for path, answer in answers.items()}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("apart")) as opened:
        yield opened


@pytest.fixture(scope="module")
def other(apart: Server) -> Iterator[Other]:
    made = Other(apart)
    yield made
    made.owner.close()


@pytest.fixture(scope="module")
def strangers(apart: Server) -> Iterator[dict[str, httpx.Client]]:
    """Whoever has a key or a role in the first project, and none in the other."""
    keys = {f"{scope} key": apart.client(apart.make_key(scope)) for scope in ("write", "stats", "read", "admin")}
    people = {role: enter(apart, add(apart, role)) for role in ("viewer", "analyst", "admin", "owner")}
    yield {**keys, **people}
    for client in people.values():
        client.close()


def test_the_canary_is_there_for_those_whose_project_it_is(apart: Server, other: Other) -> None:
    """Without this, the next test could find nothing because nothing is there."""
    telling = set()
    for route in routes_of(apart):
        answer = route.ask(other.owner) if route.method == "GET" else None
        if answer is not None and CANARY in answer.text:
            telling.add(route.path)
    assert telling >= {
        "/api/saved", "/api/boards", "/api/annotations",
        "/api/events", "/api/live", "/api/keys", "/api/users", "/api/projects", "/api/quarantine",
        "/api/catalog/events", "/api/tracking", "/api/tracking/export", "/api/tracking/export.csv",
        "/api/tracking/stats", "/api/me",
    }  # fmt: skip


WAYS: dict[str, Callable[[Route, httpx.Client, Other], httpx.Response]] = {
    "asking plainly": lambda route, client, _: route.ask(client),
    "naming the project": lambda route, client, other: route.ask(client, project=other.number),
    "naming its ids": lambda route, client, other: route.ask(client, ids=other.ids()),
    "naming both": lambda route, client, other: route.ask(client, project=other.number, ids=other.ids()),
}


@EXTENT
@pytest.mark.parametrize("way", WAYS)
def test_no_route_shows_or_changes_anything_of_another_project(
    apart: Server, other: Other, strangers: dict[str, httpx.Client], way: str, all_of_them: bool
) -> None:
    before = other.state()
    crossed: list[str] = []
    for route in routes_of(apart):
        if REPEATED.search(route.path) and not all_of_them:
            continue
        for who, client in strangers.items():
            answer = WAYS[way](route, client, other)
            names_it = way != "asking plainly" and (
                "project" in way or "both" in way or any(f"{{{name}}}" in route.path for name in other.ids())
            )
            refused = answer.status_code in {401, 403, 404} or route.right is None
            if CANARY in answer.text or (names_it and not refused):
                crossed.append(f"{who}: {route.name} → {answer.status_code} {answer.text[:100]}")
    assert crossed == []
    assert other.state() == before


def test_a_project_that_is_anothers_and_one_that_is_not_there_look_the_same(
    apart: Server, other: Other, strangers: dict[str, httpx.Client]
) -> None:
    for client in (strangers["read key"], strangers["analyst"]):
        answers = [client.get("/api/events", params={"project": number}) for number in (other.number, 99)]
        assert answers[0].status_code == answers[1].status_code == 404
        assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("text", ["", "0x1", "-1", "1.0", "one", "٢", "9" * 30])
def test_a_project_is_named_by_a_number(server: Server, text: str) -> None:
    answer = server.reader.get("/api/events", params={"project": text})
    assert (answer.status_code, answer.json().get("path")) == (400, "$.project")


def test_the_same_event_id_counts_in_each_project(server: Server) -> None:
    number = make_project(server)
    key = make_key(server, number, "admin")["value"]
    name, event_id = unique("twice"), unique("id")
    for client in (server.sender, server.client(key)):
        client.post("/api/events/collect", json={"event": name, "event_id": event_id, "user_id": "u"})
    for client in (server.reader, server.client(key)):
        assert len(client.get("/api/events", params={"event": name}).json()["data"]) == 1


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_project_has_its_own_zone_and_week(server: Server) -> None:
    number = make_project(server, timezone="Asia/Tokyo", week_start="sunday")
    client = server.client(make_key(server, number, "admin")["value"])
    client.post("/api/events/collect", json={"event": "e", "timestamp": "2026-03-01T20:00:00Z"})
    question = {"series": [{"event": "e", "measure": "count"}], "from": "2026-03-01", "to": "2026-03-15"}
    week = question | {"interval": "week"}
    assert client.post("/api/insights/trend", json=week).json()["buckets"] == [
        "2026-03-01T00:00:00+09:00", "2026-03-08T00:00:00+09:00",
    ]  # fmt: skip
    days = {"granularity": "day", "start": "2026-03-01", "end": "2026-03-09"}
    assert [one["time"] for one in client.get("/api/events/trend", params=days).json()] == ["2026-03-02T00:00:00+09:00"]
    assert client.patch(f"/api/projects/{number}", json={"week_start": "monday", "timezone": "UTC"}).status_code == 200
    assert client.post("/api/insights/trend", json=week).json()["buckets"][:2] == [
        "2026-02-23T00:00:00+00:00", "2026-03-02T00:00:00+00:00",
    ]  # fmt: skip
    asked = week | {"week_start": "sunday"}
    assert len(client.post("/api/insights/trend", json=asked).json()["buckets"]) == 2, "a question may choose its own"


def test_totals_are_the_projects_own(server: Server) -> None:
    number = make_project(server)
    client = server.client(make_key(server, number, "admin")["value"])
    empty = {"accepted": 0, "queued": 0, "stored": 0, "quarantined": 0, "duplicates": 0, "lag_seconds": 0.0,
             "quarantine_dropped": 0}  # fmt: skip

    def totals() -> dict[str, Any]:
        status = client.get("/api/ingest/status").json()
        assert status.pop("queue").keys() == {"bytes", "limit_bytes", "refusing"}, "of all projects together"
        return status

    server.collect({"event": "of the first"})
    assert totals() == empty
    sent = [{"event": "e", "event_id": "1"}, {"event": "e", "event_id": "1"}, {"event": "e", "timestamp": "never"}]
    client.post("/api/events/collect", json=sent)
    client.get("/api/events")  # waits for what was acknowledged
    assert totals() == empty | {
        "accepted": 3, "stored": 1, "duplicates": 1, "quarantined": 1,
    }  # fmt: skip


def test_public_keys_take_the_projects_origins_and_may_have_their_own(server: Server) -> None:
    number = make_project(server, origins=["https://shop.example/"])
    plain, own, free = (
        make_key(server, number, "write", origins=origins)["value"] for origins in ([], ["https://own.example"], ["*"])
    )

    def sends(key: str, origin: str | None) -> bool:
        headers = {} if origin is None else {"origin": origin}
        answer = server.client(key).post("/api/events/collect", json={"event": "e"}, headers=headers)
        return answer.status_code == 204

    origins = ("https://shop.example", "https://own.example", None)
    assert [sends(plain, origin) for origin in origins] == [True, False, False]
    assert [sends(own, origin) for origin in origins] == [False, True, False]
    assert [sends(free, origin) for origin in origins] == [True, True, True]
    server.admin.patch(f"/api/projects/{number}", json={"origins": []})
    assert [sends(plain, origin) for origin in origins] == [True, True, True]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": ""}, "$.name"),
        ({"name": "a\x00b"}, "$.name"),
        ({"name": "x", "timezone": "Mars/Olympus"}, "$.timezone"),
        ({"name": "x", "week_start": "someday"}, "$.week_start"),
        ({"name": "x", "origins": ["two words"]}, "$.origins[0]"),
        ({"name": "x", "origins": ["https://a.example", "shop.example"]}, "$.origins[1]"),
        ({"name": "x", "origins": ["https://a.example/shop"]}, "$.origins[0]"),
        ({"name": "x", "origins": ["https://a.example:99999"]}, "$.origins[0]"),
        ({"name": "x", "origins": ["https://*.example"]}, "$.origins[0]"),
        ({"name": "x", "origins": ["https://bücher.example"]}, "$.origins[0]"),
        ({"name": "x", "origins": ["null"]}, "$.origins[0]"),
        ({"name": "x", "colour": "red"}, "$"),
        ({}, "$"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_no_project_is_refused_with_its_place(server: Server, body: dict[str, Any], path: str) -> None:
    answer = server.admin.post("/api/projects", json=body)
    assert answer.status_code == 400
    assert answer.json()["path"].startswith(path)


def test_origins_are_kept_as_a_browser_writes_them(server: Server) -> None:
    written = ["HTTPS://Shop.Example/", "https://shop.example:443", "http://a.example:80", "https://a.example:8443"]
    written += ["capacitor://localhost", "http://[::1]:3000", "*"]
    number = make_project(server, origins=written)
    assert server.admin.get(f"/api/projects/{number}").json()["origins"] == [
        "https://shop.example", "http://a.example", "https://a.example:8443", "capacitor://localhost",
        "http://[::1]:3000", "*",
    ]  # fmt: skip


def test_an_archived_project_is_closed_and_comes_back_as_it_was(server: Server) -> None:
    number = make_project(server)
    key = make_key(server, number, "admin")["value"]
    client = server.client(key)
    client.post("/api/events/collect", json={"event": "kept"})
    with signed_in(server, "owner", number) as owner:
        assert owner.delete(f"/api/projects/{number}").status_code == 204
        assert owner.get("/api/events").status_code == 401
    assert client.get("/api/events").status_code == 401
    assert number not in [one["id"] for one in server.admin.get("/api/projects").json()]
    listed = {one["id"]: one for one in server.admin.get("/api/projects", params={"archived": "true"}).json()}
    assert listed[number]["archived_at"] is not None
    assert server.admin.post(f"/api/projects/{number}/restore").status_code == 200
    assert [one["event"] for one in client.get("/api/events").json()["data"]] == ["kept"]


def test_the_default_project_is_not_archived(server: Server) -> None:
    assert server.admin.delete("/api/projects/1").status_code == 409


def test_an_owner_makes_a_project_and_is_in_both(server: Server) -> None:
    with signed_in(server, "owner") as owner:
        made = owner.post("/api/projects", json={"name": "mine"})
        assert made.status_code == 201, made.text
        number = made.json()["id"]
        assert {1, number} == {one["id"] for one in owner.get("/api/projects").json()}
        assert owner.get("/api/keys", params={"project": number}).json() == []
        roles = owner.get("/api/me").json()["user"]["roles"]
        assert roles == {"1": "owner", str(number): "owner"}


def test_a_key_sees_its_own_project_only(server: Server) -> None:
    number = make_project(server, "seen")
    key = make_key(server, number, "read")["value"]
    with httpx.Client(
        base_url=server.url, headers={"authorization": f"Bearer {key}"}, trust_env=False,
        event_hooks={"response": [check_problem]},
    ) as client:  # fmt: skip
        assert [one["name"] for one in client.get("/api/projects").json()] == ["seen"]
        assert client.get("/api/projects/1").status_code == 404
        assert client.get(f"/api/projects/{number}").json()["name"] == "seen"
