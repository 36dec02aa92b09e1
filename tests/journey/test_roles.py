"""What a role opens, who gives it, and how somebody who is known here already comes to it (ADR 0030, 0035)."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest

from tests.journey.people import add, browser, choose_password, enter, follow, make_project, said, signed_in, whoami
from tests.journey.server import Server, unique

# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_counts_from_the_next_request_on(server: Server) -> None:
    added = add(server, "viewer")
    with closing(enter(server, added)) as client:
        assert client.get("/api/events").status_code == 403
        path = f"/api/users/{added['user']['id']}"
        assert server.admin.patch(path, json={"role": "analyst"}).status_code == 200
        assert client.get("/api/events").status_code == 200
        assert server.admin.delete(path).status_code == 204
        assert client.get("/api/events").status_code == 401
        assert whoami(client) is None


def test_a_viewer_gets_aggregates_and_nothing_personal(server: Server) -> None:
    server.collect({"event": "seen", "user_id": "canary-person", "properties": {"traits": {"name": "canary"}}})
    question = {"series": [{"event": "seen", "measure": "unique_users"}], "interval": "day"}
    with signed_in(server, "viewer") as viewer:
        assert viewer.post("/api/insights/trend", json=question).status_code == 200
        for personal in ("user_id", "anonymous_id", "properties.traits.name", "person.name", 'person["name"]'):
            broken = question | {"breakdown": [{"property": personal, "limit": 5}]}
            assert viewer.post("/api/insights/trend", json=broken).status_code == 403
            filters = [{"property": personal, "operator": "is_set"}]
            assert viewer.post("/api/insights/trend", json=question | {"filters": filters}).status_code == 403
        for path in ("/api/events", "/api/tracking", "/api/tracking/export.csv", "/api/quarantine"):
            assert viewer.get(path).status_code == 403
        assert "canary" not in viewer.get("/api/tracking/stats").text


def test_nobody_rises_above_themselves(server: Server) -> None:
    owner = add(server, "owner")["user"]["id"]
    viewer = add(server, "viewer")["user"]["id"]
    with signed_in(server, "admin") as admin:
        me = whoami(admin)["id"]
        assert admin.post("/api/users", json={"email": "x@example.com", "role": "owner"}).status_code == 403
        assert admin.patch(f"/api/users/{me}", json={"role": "owner"}).status_code == 403
        assert admin.patch(f"/api/users/{owner}", json={"role": "viewer"}).status_code == 403
        assert admin.delete(f"/api/users/{owner}").status_code == 403
        assert admin.post(f"/api/users/{owner}/link").status_code == 403
        assert admin.patch(f"/api/users/{viewer}", json={"role": "admin"}).status_code == 200
        assert admin.post("/api/projects", json={"name": "mine"}).status_code == 403


def test_a_link_that_an_administrator_kept_is_dead_once_its_person_rises(server: Server) -> None:
    analyst = add(server, "analyst")
    with signed_in(server, "admin") as admin:
        kept = admin.post(f"/api/users/{analyst['user']['id']}/link").json()["link"]
    raised = server.admin.patch(f"/api/users/{analyst['user']['id']}", json={"role": "owner"})
    assert raised.status_code == 200
    with closing(browser(server)) as thief:
        assert follow(thief, kept).status_code == 401


def test_one_owner_stays(server: Server) -> None:
    number = server.admin.post("/api/projects", json={"name": unique("owned")}).json()["id"]
    there = {"project": number}
    only = f"/api/users/{add(server, 'owner', number)['user']['id']}"
    assert server.admin.patch(only, json={"role": "viewer"}, params=there).status_code == 409
    assert server.admin.delete(only, params=there).status_code == 409
    add(server, "owner", number)
    assert server.admin.delete(only, params=there).status_code == 204


@pytest.mark.parametrize("email", ["", "x", "@", "a@", "@b", "a b@c", "a@b\nc@d", "x" * 300 + "@e.example"])
def test_an_address_is_one(server: Server, email: str) -> None:
    answer = server.admin.post("/api/users", json={"email": email, "role": "viewer"})
    assert (answer.status_code, answer.json()["path"]) == (400, "$.email")


def test_somebody_is_added_once(server: Server) -> None:
    email = f"{unique('once')}@example.com"
    add(server, "viewer", email=email)
    answer = server.admin.post("/api/users", json={"email": email.upper(), "role": "admin"})
    assert answer.status_code == 409


# ── somebody who is known here already ───────────────────────────────────────────────────────────────────────


def invite(server: Server, email: str, role: str = "owner") -> tuple[int, str]:
    """A project of somebody else's, and the link of the invitation to it."""
    number = make_project(server)
    added = add(server, role, number, email)
    assert added["user"] is None, "nothing is told of an account that is not this project's"
    return number, added["link"]["link"]


def come_in(server: Server, added: dict[str, Any]) -> None:
    enter(server, added).close()


def take_over(server: Server, added: dict[str, Any]) -> None:
    with closing(enter(server, added)) as client:
        choose_password(client)


ACCOUNTS: dict[str, Callable[[Server, dict[str, Any]], None]] = {
    "its link is kept": lambda _server, _added: None,
    "there is a session of it": come_in,
    "it has a password": take_over,
}
"""How an administrator of the first project may have left the account of an address that is not theirs."""


@pytest.mark.parametrize("state", ACCOUNTS)
def test_an_account_is_given_nothing_before_its_holder_brings_the_invitation(server: Server, state: str) -> None:
    email = f"{unique('address')}@example.com"
    ACCOUNTS[state](server, add(server, "viewer", email=email))
    number, link = invite(server, email)
    listed = server.admin.get("/api/users", params={"project": number}).json()
    assert email not in [one["email"] for one in listed]
    with closing(browser(server)) as stranger:
        answer = follow(stranger, link)
        assert (answer.status_code, "open the link again" in said(answer)) == (401, True), "the link alone is nothing"
    with signed_in(server, "owner") as another:
        assert follow(another, link).status_code == 401, "and not for somebody else's account"
        assert list(whoami(another)["roles"]) == ["1"]


def test_an_invitation_is_accepted_once_by_who_is_signed_in(server: Server, member: tuple[str, httpx.Client]) -> None:
    email, client = member
    with closing(client):
        number, link = invite(server, email, "analyst")
        assert client.get("/api/events", params={"project": number}).status_code == 404
        for _ in range(3):
            assert client.get(link).status_code == 200, "a preview spends nothing"
        answer = follow(client, link)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert whoami(client)["roles"] == {"1": "analyst", str(number): "analyst"}
        assert client.get("/api/events", params={"project": number}).status_code == 200
        assert follow(client, link).status_code == 401
        log = server.admin.get("/api/audit", params={"project": number}).json()["data"]
        assert (whoami(client)["id"], "accepted an invitation") in [(one["actor"], one["what"]) for one in log]


def test_the_last_invitation_counts(server: Server, member: tuple[str, httpx.Client]) -> None:
    email, client = member
    with closing(client):
        number, first = invite(server, email, "owner")
        second = add(server, "viewer", number, email)["link"]["link"]
        assert follow(client, first).status_code == 401
        assert follow(client, second).status_code == 303
        assert whoami(client)["roles"][str(number)] == "viewer"


def test_a_link_that_an_administrator_kept_is_dead_once_its_person_has_a_role_elsewhere(server: Server) -> None:
    email = f"{unique('kept')}@example.com"
    added = add(server, "analyst", email=email)
    with closing(enter(server, added)) as client:
        choose_password(client)
        with signed_in(server, "admin") as admin:
            path = f"/api/users/{added['user']['id']}/link"
            kept = admin.post(path).json()["link"]
            _, invitation = invite(server, email)
            assert follow(client, invitation).status_code == 303
            refused = admin.post(path)
            assert (refused.status_code, "elsewhere" in refused.json()["detail"]) == (403, True)
    with closing(browser(server)) as thief:
        assert follow(thief, kept).status_code == 401
    assert server.admin.post(path).status_code == 201, "an operator may"


def test_an_invitation_gives_no_more_than_its_maker_may(server: Server, member: tuple[str, httpx.Client]) -> None:
    email, client = member
    client.close()
    number = make_project(server)
    with signed_in(server, "admin", number) as admin:
        refused = admin.post("/api/users", params={"project": number}, json={"email": email, "role": "owner"})
        assert refused.status_code == 403
        assert "elsewhere" not in refused.text
