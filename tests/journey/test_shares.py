"""Links that show a board or a saved insight to whoever has them, and nothing else."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.journey.server import ADMIN_KEY, Server, unique
from tests.journey.test_projects import make_key, make_project
from tests.journey.test_saved import count_of, is_, make_board, refused, save

PASSWORD = "four quiet grey herons"


def share(server: Server, **body: Any) -> tuple[str, str]:
    """A new link's path, and its id."""
    answer = server.admin.post("/api/shares", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["link"].startswith(server.url)
    return urlsplit(made["link"]).path, made["share"]["id"]


@pytest.fixture
def event(server: Server) -> str:
    """Three events of two people, one of them of organization 7."""
    name = unique("shared")
    server.collect(
        [
            {"event": name, "user_id": user, "timestamp": "2026-03-02T10:00:00Z", "groups": {"organization": org}}
            for user, org in (("ada", "7"), ("bob", "8"), ("bob", "8"))
        ]
    )
    return name


def test_a_link_shows_the_answers_of_its_board_to_anybody(server: Server, event: str) -> None:
    saved = save(server, name="People", question=count_of(event, "unique_users"))
    board = make_board(server, {"saved": saved["id"]}, {"kind": "trend", "question": count_of(event), "title": "All"})
    path, _ = share(server, board=board["id"])
    answer = server.anybody.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    shown = answer.json()
    assert (shown["name"], [tile["title"] for tile in shown["tiles"]]) == (board["name"], ["People", "All"])
    assert [tile["answer"]["series"][0]["total"] for tile in shown["tiles"]] == [2, 3]
    assert set(shown) == {"name", "description", "expires_at", "tiles"}
    assert "question" not in shown["tiles"][0]
    assert shown["tiles"][0]["told"] == {"interval": "day", "window": None, "by": None}
    assert "sql" not in answer.text


def test_a_link_narrows_what_it_shows_and_who_has_it_changes_nothing_of_that(server: Server, event: str) -> None:
    saved = save(server, question=count_of(event))
    path, _ = share(server, saved=saved["id"], filters=[is_("group.organization", "8")])
    asked = {"filters": "[]", "event": "*", "explain": "true", "from": "2020-01-01", "project": "1", "kind": "funnel"}
    for answer in (server.anybody.get(path), server.anybody.get(path, params=asked)):
        assert [tile["answer"]["series"][0]["total"] for tile in answer.json()["tiles"]] == [2]
        assert "organization" not in answer.text


@pytest.mark.parametrize(
    "end",
    ["/people", "/events", "/answers", "/export.csv", "/../saved", "?project=2"],
    ids=lambda end: end.strip("/.?"),
)
def test_a_link_opens_no_other_route(server: Server, event: str, end: str) -> None:
    path, _ = share(server, saved=save(server, question=count_of(event))["id"])
    answer = httpx.get(server.url + path + end, trust_env=False)
    assert answer.status_code in ({200} if end.startswith("?") else {401, 404, 405})
    token = path.rpartition("/")[2]
    for other in ("/api/events", "/api/saved", "/api/shares", "/api/insights/trend"):
        assert server.client(token).get(other).status_code in {401, 405}


def test_a_link_that_nobody_made_that_is_over_or_revoked_looks_the_same(new_server: Callable[..., Server]) -> None:
    server = new_server().start()
    saved = save(server)
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 6))
    short, _ = share(server, saved=saved["id"], expires_at=soon)
    revoked, share_id = share(server, saved=saved["id"])
    kept, kept_id = share(server, saved=saved["id"])
    assert server.anybody.get(short).status_code == 200
    assert [one["id"] for one in server.admin.get("/api/shares").json()][-1:] != []
    assert server.admin.delete(f"/api/shares/{share_id}").status_code == 204
    refused(server.admin.delete(f"/api/shares/{share_id}"), 404)
    server.restart()
    assert server.anybody.get(kept).status_code == 200
    time.sleep(6)
    gone = {server.anybody.get(path).text for path in (short, revoked, "/api/shares/nothing")}
    assert len(gone) == 1
    assert [one["id"] for one in server.admin.get("/api/shares").json()] == [kept_id]
    assert server.admin.delete(f"/api/saved/{saved['id']}").status_code == 204
    refused(server.anybody.get(kept), 404)


def test_a_password_stands_before_a_link_and_tries_are_limited(fresh: Server) -> None:
    saved = save(fresh)
    path, share_id = share(fresh, saved=saved["id"], password=PASSWORD)
    refused(fresh.anybody.get(path), 401)
    for _ in range(12):  # right ones do not count
        assert fresh.anybody.post(path, json={"password": PASSWORD}).status_code == 200
    tries = [fresh.anybody.post(path, json={"password": f"wrong {number}"}) for number in range(11)]
    assert [answer.status_code for answer in tries] == [401] * 10 + [429]
    assert int(tries[-1].headers["retry-after"]) > 0
    assert fresh.anybody.post(path, json={"password": PASSWORD}).status_code == 429
    records = [one for one in fresh.admin.get("/api/audit").json()["data"] if one["actor"] == share_id]
    assert [one["what"] for one in records].count("gave a wrong password") == 10
    assert [(one["verb"], one["subject"]) for one in records if one["what"].startswith("POST")] == [("saw", share_id)]


HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_somebody_who_follows_a_link_gets_a_page_and_a_program_the_answers(server: Server, event: str) -> None:
    path, _ = share(server, saved=save(server, question=count_of(event))["id"])
    sent = server.anybody.get(path, headers=HTML, params={"theme": "dark", "embed": "1", "event": "*", "project": "1"})
    token = path.rpartition("/")[2]
    assert (sent.status_code, sent.headers["location"]) == (303, f"/shared/{token}?theme=dark&embed=1")
    assert sent.headers["cache-control"] == "no-store"
    page = server.anybody.get(f"/shared/{token}", headers=HTML)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert event not in page.text
    assert server.anybody.get(path).json()["tiles"][0]["answer"]["series"][0]["total"] == 3


def test_the_page_of_a_link_tells_nothing_by_itself(fresh: Server) -> None:
    path, _ = share(fresh, saved=save(fresh)["id"])
    token = path.rpartition("/")[2]
    pages = [fresh.anybody.get(f"/shared/{one}") for one in (token, "guess", '"><script>')]
    assert {page.status_code for page in pages} == {200}
    texts = {re.sub(r"nonce=.[-\w]+.", "", page.text) for page in pages}
    assert len(texts) == 1, "whether there is such a link, its script has to ask"
    for page in pages:
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer", "the token is in the address"
        assert page.headers["x-robots-tag"] == "noindex"
        assert "set-cookie" not in page.headers
    sent = [fresh.anybody.get(f"/api/shares/guess-{number}", headers=HTML).status_code for number in range(60)]
    assert set(sent) == {303}, "nothing is looked up, so nothing is counted"
    assert fresh.anybody.get(path).status_code == 200


def test_only_a_page_that_is_to_be_embedded_can_be_framed_by_others(server: Server) -> None:
    for query, ancestors in (("", "'none'"), ("?embed=1", "*"), ("?embed=0", "'none'"), ("?theme=dark", "'none'")):
        policy = server.anybody.get(f"/shared/any{query}").headers["content-security-policy"]
        assert f"frame-ancestors {ancestors}" in policy
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy


@pytest.mark.parametrize("password", ["short", "Password2026!"])
def test_a_password_that_somebody_would_guess_is_refused(server: Server, password: str) -> None:
    answer = server.admin.post("/api/shares", json={"saved": save(server)["id"], "password": password})
    assert refused(answer, 400) == "$.password"


def test_tokens_are_not_guessed_from_one_address(fresh: Server) -> None:
    path, _ = share(fresh, saved=save(fresh)["id"])
    answers = [fresh.anybody.get(f"/api/shares/guess-{number}").status_code for number in range(51)]
    assert answers == [404] * 50 + [429]
    assert fresh.anybody.get(path).status_code == 429, "from there, for a while"


def test_what_tells_persons_apart_is_not_shared_and_not_shown_later_either(server: Server, event: str) -> None:
    private = count_of(event, breakdown=[{"property": "user_id", "limit": 5}])
    answer = server.admin.post("/api/shares", json={"saved": save(server, question=private)["id"]})
    refused(answer, 403)
    saved = save(server, question=count_of(event))
    refused(server.admin.post("/api/shares", json={"saved": saved["id"], "filters": [is_("user_id", "ada")]}), 403)
    path, _ = share(server, saved=saved["id"])
    body = {"name": "now private", "kind": "trend", "question": private, "version": 1}
    assert server.admin.put(f"/api/saved/{saved['id']}", json=body).status_code == 200
    (tile,) = server.anybody.get(path).json()["tiles"]
    assert tile["answer"] is None
    assert "ada" not in server.anybody.get(path).text


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({}, 400, "$"),
        ({"saved": "saved_none"}, 404, None),
        ({"board": "board_none"}, 404, None),
        ({"saved": "a", "board": "b"}, 400, "$"),
        ({"saved": "a", "expires_at": "2020-01-01"}, 400, "$.expires_at"),
        ({"saved": "a", "filters": [{"property": "x", "operator": "is_set"}]}, 400, "$.filters[0].property"),
    ],
    ids=["nothing", "nothing saved", "no board", "both", "over", "a filter"],
)
def test_a_link_that_could_show_nothing_is_not_made(
    server: Server, body: dict[str, Any], status: int, path: str | None
) -> None:
    assert refused(server.admin.post("/api/shares", json=body), status) == path


def test_a_link_is_of_its_project_and_ends_with_it(fresh: Server) -> None:
    number = make_project(fresh)
    key = make_key(fresh, number, "admin")["value"]
    theirs = fresh.client(key)
    question = {"name": "x", "kind": "trend", "question": count_of("e")}
    saved = theirs.post("/api/saved", json=question).json()["id"]
    refused(fresh.admin.post("/api/shares", json={"saved": saved}), 404)
    made = theirs.post("/api/shares", json={"saved": saved}).json()
    path = urlsplit(made["link"]).path
    fresh.collect([{"event": "e", "timestamp": "2026-03-02T10:00:00Z"}])
    assert fresh.anybody.get(path).json()["tiles"][0]["answer"]["series"][0]["total"] == 0
    operator = {"authorization": f"Bearer {ADMIN_KEY}"}
    assert fresh.anybody.delete(f"/api/projects/{number}", headers=operator).status_code == 204
    refused(fresh.anybody.get(path), 404)
    fresh.anybody.post(f"/api/projects/{number}/restore", headers=operator)
    assert fresh.anybody.get(path).status_code == 200
