"""Two users made one by an admin, over HTTP: previewed, recorded, seen at once, kept over a restart, undone (R23)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journey.people import signed_in
from tests.journey.server import Server, unique
from tests.journey.test_projects import make_key, make_project


class Two:
    """Two users of a name, each with a device."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.event = unique("bought")
        self.ann, self.anna = unique("ann"), unique("anna")
        server.collect(
            [
                {"event": self.event, "user_id": self.ann},
                {"event": self.event, "user_id": self.anna},
                {"event": self.event, "anonymous_id": f"phone of {self.ann}"},
                {"event": "$identify", "user_id": self.ann, "anonymous_id": f"phone of {self.ann}"},
                {"event": "$alias", "user_id": self.anna, "properties": {"previous_id": self.ann}},
            ]
        )

    def people(self) -> int:
        series = [{"event": self.event, "measure": "unique_users"}]
        return self.server.insight("trend", series=series, interval="month")["series"][0]["total"]

    def post(self, verb: str, status: int = 200, **body: Any) -> Any:
        preview = {"preview": "1"} if body.pop("preview", False) else {}
        answer = self.server.admin.post(f"/api/people/{verb}", json=body, params=preview)
        assert answer.status_code == status, answer.text
        return answer.json()

    def merge(self, **more: Any) -> Any:
        return self.post("merge", user_id=self.ann, into=self.anna, **more)

    def unmerge(self, **more: Any) -> Any:
        return self.post("unmerge", user_id=self.ann, **more)

    def proposed(self) -> bool:
        found = self.server.ask("/api/people/proposals")["proposals"]
        return (self.ann, self.anna) in {(one["user_id"], one["into"]) for one in found}

    def merges(self) -> dict[str, str]:
        return {one["user_id"]: one["id"] for one in self.server.ask("/api/people/merges")["merges"]}


@pytest.fixture
def two(server: Server) -> Two:
    return Two(server)


def test_a_merge_is_previewed_made_seen_and_undone(two: Two) -> None:
    assert two.people() == 2
    assert two.proposed()
    told = two.merge(preview=True)
    assert told["id"] is None
    assert [one["user_ids"] for one in told["before"]] == [[two.ann], [two.anna]]
    assert [one["user_ids"] for one in told["after"]] == [[two.anna, two.ann]]
    assert told["moves"]["anonymous_ids"] == [f"phone of {two.ann}"]
    assert (told["moves"]["events"], told["after"][0]["events"]) == (3, 5)
    assert (two.people(), two.ann in two.merges(), two.proposed()) == (2, False, True), "a preview changes nothing"

    made = two.merge()
    assert made == told | {"id": made["id"]}
    assert (two.people(), two.merges()[two.ann], two.proposed()) == (1, made["id"], False)

    undone = two.unmerge(preview=True)
    assert (undone["before"], undone["after"]) == (made["after"], made["before"])
    assert two.people() == 1
    assert two.unmerge() == undone == two_sided(undone, made["id"])
    assert (two.people(), two.ann in two.merges(), two.proposed()) == (2, False, True)


def two_sided(change: Any, merge_id: str) -> Any:
    return change | {"id": merge_id}


def test_the_log_says_who_merged_when_and_names_nobody(two: Two) -> None:
    merge_id = two.merge()["id"]
    two.unmerge()
    records = two.server.admin.get("/api/audit", params={"limit": 50}).json()["data"]
    of_it = [(one["verb"], one["what"], one["actor"]) for one in records if one["subject"] == merge_id]
    assert [one[:2] for one in of_it] == [("did", "POST /api/people/unmerge"), ("did", "POST /api/people/merge")]
    assert all(actor for _, _, actor in of_it)
    assert two.ann not in str(records)


def test_a_preview_is_a_look(fresh: Server) -> None:
    two = Two(fresh)
    two.merge(preview=True)
    records = fresh.admin.get("/api/audit").json()["data"]
    assert [one["verb"] for one in records if one["what"] == "POST /api/people/merge"] == ["saw"]


def test_what_cannot_be_is_refused_with_its_place(two: Two) -> None:
    nobody = unique("nobody")
    assert two.post("merge", 404, user_id=nobody, into=two.anna)["path"] == "$.user_id"
    assert two.post("merge", 404, user_id=two.ann, into=nobody)["path"] == "$.into"
    assert two.post("merge", 409, user_id=two.ann, into=two.ann)["path"] == "$.into"
    assert two.post("unmerge", 404, user_id=two.ann)["path"] == "$.user_id"
    two.merge()
    assert two.post("merge", 409, user_id=two.anna, into=two.ann)["path"] == "$.into"
    assert two.post("merge", 400, user_id=two.ann)["detail"]


def test_a_merge_outlives_a_restart_and_a_crash(new_server: Callable[..., Server]) -> None:
    server = new_server().start()
    two = Two(server)
    two.merge()
    server.restart()
    assert two.people() == 1
    two.unmerge()
    two.merge()
    server.kill9()
    server.start()
    assert two.people() == 1
    assert two.ann in two.merges()


def test_a_merge_goes_along_with_an_export(two: Two) -> None:
    """What an export holds counts where it is imported as it did, merges too (ADR 0041)."""
    merge_id = two.merge()["id"]
    exported = two.server.reader.get("/api/events/export.jsonl").text.splitlines()
    kept = [line for line in exported if two.ann in line or two.anna in line]
    project = make_project(two.server)
    answer = two.server.admin.post(
        "/api/events/import", params={"project": project}, content="[" + ",".join(kept) + "]"
    )
    assert answer.status_code == 204, answer.text
    reader = two.server.client(make_key(two.server, project, "read")["value"])
    found = reader.get("/api/people/merges").json()["merges"]
    assert [(one["user_id"], one["into"], one["id"]) for one in found] == [(two.ann, two.anna, merge_id)]
    question = {"series": [{"event": two.event, "measure": "unique_users"}], "interval": "month"}
    assert reader.post("/api/insights/trend", json=question).json()["series"][0]["total"] == 1


def test_only_an_admin_merges_and_a_sender_of_events_cannot(two: Two) -> None:
    body = {"user_id": two.ann, "into": two.anna}
    with signed_in(two.server, "analyst") as analyst:
        assert analyst.post("/api/people/merge", json=body).status_code == 403
    assert two.server.reader.post("/api/people/merge", params={"preview": "1"}, json=body).status_code == 403
    words = {"user_id": two.ann, "merged_into": two.anna, "person": two.anna}
    two.server.collect({"event": "$merge", "flags": ["by_admin"], "properties": {**words, "flags": ["by_admin"]}})
    assert two.people() == 2
