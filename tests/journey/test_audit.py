"""The log: who did, saw and exported what."""

import time

import httpx

from tests.journey.people import WRONG, add, enter, log_of, make_project, sign_in, signed_in, whoami
from tests.journey.server import Server


def test_the_log_says_who_did_saw_and_exported_what(server: Server) -> None:
    server.collect({"event": "e", "user_id": "canary-person-9"})
    with signed_in(server, "admin") as admin:
        me = whoami(admin)["id"]
        key = admin.post("/api/keys", json={"scope": "write"}).json()["key"]["id"]
        for _ in range(3):
            admin.get("/api/events", params={"user_id": "canary-person-9"})
        admin.get("/api/tracking/export.csv")
        admin.get("/api/tracking/export.csv")
        admin.delete("/api/keys/key_none")
        admin.delete(f"/api/keys/{key}")
        admin.get("/api/catalog/events")
        admin.post("/signout")
        assert log_of(server, me) == [
            ("did", "signed in by a link", None),
            ("did", "POST /api/keys", key),
            ("saw", "GET /api/events", None),
            ("exported", "GET /api/tracking/export.csv", None),
            ("exported", "GET /api/tracking/export.csv", None),
            ("did", "DELETE /api/keys/{key_id}", key),
            ("did", "signed out", None),
        ]
    assert "canary-person-9" not in server.admin.get("/api/audit", params={"limit": 1000}).text


def test_the_log_knows_keys_and_failed_sign_ins(server: Server, member: tuple[str, httpx.Client]) -> None:
    made = server.create_key("read")
    server.client(made["value"]).get("/api/events")
    assert log_of(server, made["key"]["id"]) == [("saw", "GET /api/events", None)]
    email, first = member
    me = whoami(first)["id"]
    first.close()
    client, _ = sign_in(server, email, WRONG)
    client.close()
    expected = ["signed in by a link", "set a password", "failed to sign in"]
    give_up = time.monotonic() + 30  # the last is written after the answer, which it must not hold up
    while (what := [what for _, what, _ in log_of(server, me)]) != expected:
        assert time.monotonic() < give_up, what
        time.sleep(0.05)


def test_the_log_keeps_the_signing_in_of_who_was_removed(server: Server) -> None:
    added = add(server, "viewer")
    me = added["user"]["id"]
    enter(server, added).close()
    number = make_project(server)
    assert server.admin.delete(f"/api/users/{me}").status_code == 204
    assert ("did", "signed in by a link", None) in log_of(server, me)
    elsewhere = server.admin.get("/api/audit", params={"project": number, "limit": 1000}).json()["data"]
    assert me not in [one["actor"] for one in elsewhere]


def test_the_log_goes_page_by_page(server: Server) -> None:
    newest = server.admin.get("/api/audit", params={"limit": 1}).json()["data"][0]["id"]
    before = {"cursor": newest + 1}  # looking at it is written down as well
    whole = server.admin.get("/api/audit", params=before | {"limit": 1000}).json()["data"]
    assert len(whole) > 3
    page = server.admin.get("/api/audit", params=before | {"limit": 2}).json()
    rest = server.admin.get("/api/audit", params={"limit": 1000, "cursor": page["next"]}).json()
    assert (page["data"] + rest["data"], rest["next"]) == (whole, None)
