"""What a stranger's page does in somebody's name: nothing (ADR 0032)."""

import pytest

from tests.journey.people import signed_in, whoami
from tests.journey.server import Server

FOREIGN = {
    "another site": {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    "a sister site": {"origin": "https://evil.example.com", "sec-fetch-site": "same-site"},
    "an older browser": {"origin": "https://evil.example"},
    "a page without an origin": {"origin": "null"},
}


@pytest.mark.parametrize("whence", FOREIGN)
def test_a_strangers_page_does_nothing_in_somebodys_name(server: Server, whence: str) -> None:
    with signed_in(server, "owner") as owner:
        keys = owner.get("/api/keys").json()
        forms = ("/signin", "/signin/link", "/signin/code", "/signout", "/account/password", "/account/second-factor")
        for path in (*forms, "/account/second-factor/off"):
            assert owner.post(path, data={"email": "e@example.com"}, headers=FOREIGN[whence]).status_code == 403
        for method, path, body in (
            ("POST", "/api/keys", {"scope": "admin"}),
            ("POST", "/api/users", {"email": "evil@example.com", "role": "owner"}),
            ("POST", "/api/projects", {"name": "evil"}),
            ("PATCH", "/api/projects/1", {"name": "evil"}),
            ("POST", "/api/insights/trend", {"series": [{"event": "*", "measure": "count"}], "interval": "day"}),
        ):
            answer = owner.request(method, path, json=body, headers=FOREIGN[whence])
            assert answer.status_code == 403, path
            assert "access-control-allow-origin" not in answer.headers
        assert owner.get("/api/keys").json() == keys
        assert whoami(owner) is not None


def test_a_page_of_ours_may(server: Server) -> None:
    with signed_in(server, "owner") as owner:
        for headers in ({"sec-fetch-site": "same-origin", "origin": server.url}, {"origin": server.url}):
            assert owner.post("/api/keys", json={"scope": "write"}, headers=headers).status_code == 201


def test_a_key_works_from_any_page_since_no_browser_sends_it_by_itself(server: Server) -> None:
    key = server.make_key("stats")
    question = {"series": [{"event": "*", "measure": "count"}], "interval": "day"}
    answer = server.client(key).post("/api/insights/trend", json=question, headers=FOREIGN["another site"])
    assert answer.status_code == 200
