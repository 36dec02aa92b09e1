"""People at the door: links, passwords, second factors, sessions, and what a stranger's page cannot do."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pyotp
import pytest

from tests.journey.people import PASSWORD, add, browser, choose_password, enter, follow, sign_in, signed_in
from tests.journey.server import Server, unique

WRONG = "the wrong one, at length"


def whoami(client: httpx.Client) -> dict[str, Any] | None:
    return client.get("/api/me").json()["user"]


def said(answer: httpx.Response) -> str:
    """What the page says about what went wrong."""
    found = re.search(r'role="alert">([^<]+)<', answer.text)
    return found[1] if found else ""


@pytest.fixture
def member(server: Server) -> tuple[str, httpx.Client]:
    """Somebody with a password, and the browser in which it was chosen."""
    email = f"{unique('member')}@example.com"
    client = enter(server, add(server, "analyst", email=email))
    choose_password(client)
    return email, client


# ── the first owner ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_link_makes_an_owner_and_is_printed_until_one_can_sign_in(new_server: Callable[..., Server]) -> None:
    server = new_server().start()
    first = server.sign_in_link()
    server.restart()
    second = server.sign_in_link()
    assert first != second
    with closing(browser(server)) as client:
        assert follow(client, first).status_code == 401, "the link before ended with the new one"
        assert follow(client, second).status_code == 303
        assert follow(client, second).status_code == 401, "it works once"
        assert whoami(client)["roles"] == {"1": "owner"}
        assert "Choose a password" in client.get("/").text
        server.restart()
        with closing(browser(server)) as again:
            assert follow(again, server.sign_in_link()).status_code == 303
            assert whoami(again)["id"] == whoami(client)["id"], "nobody else came by it"
        form = {"email": " Ada@Example.com ", "name": "Ada", "new": PASSWORD}
        assert "footfall serve" in client.get("/signin").text, "until somebody owns it, a start prints a link"
        assert client.post("/account/password", data=form).status_code == 200
        assert "footfall serve" not in client.get("/signin").text
        assert "Choose a password" not in client.get("/").text
    before = server.log_text().count("/signin?token=")
    server.restart()
    assert server.log_text().count("/signin?token=") == before, "there is an owner who can sign in"
    client, answer = sign_in(server, "ada@example.com")
    with closing(client):
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert whoami(client)["email"] == "ada@example.com"


def test_the_first_link_expires(new_server: Callable[..., Server]) -> None:
    server = new_server(FOOTFALL_NOW="2026-03-02T10:00:00Z").start()
    link = server.sign_in_link()
    assert server.stop() == 0
    server.environment["FOOTFALL_NOW"] = "2026-03-03T10:00:00Z"
    server.environment["FOOTFALL_WRITE_KEY"] = "another"
    server.start()
    with closing(browser(server)) as client:
        assert client.get(link).status_code == 401


def test_without_a_provider_there_is_no_such_way_in(server: Server) -> None:
    for path in ("/signin/openid", "/signin/openid/callback"):
        assert server.anybody.get(path).status_code == 404


# ── passwords ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_added_chooses_a_password_and_signs_in_with_it(
    server: Server, member: tuple[str, httpx.Client]
) -> None:
    email, first = member
    with closing(first):
        second, answer = sign_in(server, email.upper())
        with closing(second):
            assert answer.status_code == 303
            assert whoami(second)["roles"] == {"1": "analyst"}
            assert second.get("/api/events").status_code == 200


@pytest.mark.parametrize("wrong", ["password", "address", "nothing"])
def test_what_was_wrong_is_not_told(server: Server, member: tuple[str, httpx.Client], wrong: str) -> None:
    email, first = member
    first.close()
    tries = {"password": (email, WRONG), "address": ("nobody@example.com", PASSWORD), "nothing": ("", "")}
    client, answer = sign_in(server, *tries[wrong])
    with closing(client):
        assert answer.status_code == 401
        assert said(answer) == "The e-mail address or the password is wrong."
        assert whoami(client) is None
        assert "footfall_session" not in client.cookies


def test_what_a_form_repeats_is_escaped(server: Server, member: tuple[str, httpx.Client]) -> None:
    member[1].close()
    client, answer = sign_in(server, '"><script>alert(1)</script>', WRONG)
    client.close()
    assert answer.status_code == 401
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_changing_a_password_needs_the_present_one_and_ends_the_other_sessions(
    server: Server, member: tuple[str, httpx.Client]
) -> None:
    email, first = member
    second, _ = sign_in(server, email)
    with closing(first), closing(second):
        answer = first.post("/account/password", data={"current": WRONG, "new": "a wholly new one"})
        assert (answer.status_code, said(answer)) == (401, "The password is wrong.")
        assert whoami(second) is not None
        answer = first.post("/account/password", data={"current": PASSWORD, "new": "a wholly new one"})
        assert answer.status_code == 200
        assert whoami(first) is not None
        assert whoami(second) is None
    for password, status in ((PASSWORD, 401), ("a wholly new one", 303)):
        client, answer = sign_in(server, email, password)
        client.close()
        assert answer.status_code == status


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 201])
def test_a_password_has_12_to_200_characters(server: Server, password: str) -> None:
    with signed_in(server, "viewer") as client:
        answer = client.post("/account/password", data={"new": password})
        assert answer.status_code == 400
        assert "12 to 200" in said(answer)


@pytest.mark.parametrize("password", ["Password2026!", "123456789012", "ada.ada.ada.ada", "Ada Byron 1815"])
def test_a_password_that_everybody_tries_is_refused(server: Server, password: str) -> None:
    with signed_in(server, "viewer") as client:
        answer = client.post("/account/password", data={"new": password, "name": "Ada Byron"})
        assert (answer.status_code, "choose another" in said(answer)) == (400, True)


def test_the_password_is_kept_as_argon2(server: Server, member: tuple[str, httpx.Client]) -> None:
    member[1].close()
    kept = b"".join(file.read_bytes() for file in server.data.glob("catalog.db*"))
    assert b"$argon2id$" in kept
    assert PASSWORD.encode() not in kept


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that believes what these tests say in a proxy's place."""
    with Server(tmp_path_factory.mktemp("proxied"), FOOTFALL_TRUSTED_PROXY="127.0.0.1/32") as opened:
        yield opened


def test_guessing_is_slowed_down_and_others_still_get_in(proxied: Server) -> None:
    email = "ada@example.com"
    with closing(enter(proxied, add(proxied, "viewer", email=email))) as client:
        choose_password(client)

    def attempt(address: str, password: str) -> httpx.Response:
        with closing(browser(proxied, headers={"x-forwarded-for": address})) as client:
            return client.post("/signin", data={"email": email, "password": password})

    statuses = [attempt("203.0.113.7", WRONG).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    late = attempt("203.0.113.7", PASSWORD)
    assert late.status_code == 429, "not even with the right one"
    assert "Too many attempts" in said(late)
    assert attempt("198.51.100.1", PASSWORD).status_code == 303
    assert attempt("2001:db8::1", PASSWORD).status_code == 303


def test_a_browser_is_known_once_somebody_signed_in_there(server: Server, member: tuple[str, httpx.Client]) -> None:
    email, first = member
    first.close()
    known, _ = sign_in(server, email)
    with closing(known), closing(browser(server)) as stranger:
        assert known.post("/signout").status_code == 303
        form = {"email": email, "password": WRONG}
        statuses = [stranger.post("/signin", data=form).status_code for _ in range(10)]
        assert statuses == [401] * 9 + [429], "with the one above, ten of an address"
        form["password"] = PASSWORD
        assert stranger.post("/signin", data=form).status_code == 429
        assert known.post("/signin", data=form).status_code == 303


# ── the second factor ────────────────────────────────────────────────────────────────────────────────────────


def turn_on(client: httpx.Client) -> tuple[pyotp.TOTP, list[str]]:
    """The authenticator, and the recovery codes."""
    shown = client.get("/account/second-factor")
    assert "<svg" in shown.text
    (secret,) = set(re.findall(r'value="([A-Z2-7]{32})"', shown.text))
    authenticator = pyotp.TOTP(secret)
    # The step before this one, so that the next code is one that was not used.
    code = authenticator.at(_now() - 30)
    answer = client.post("/account/second-factor", data={"secret": secret, "code": code})
    assert answer.status_code == 200, answer.text
    codes = re.findall(r"\b[0-9a-f]{5}-[0-9a-f]{5}\b", answer.text)
    assert len(codes) == len(set(codes)) == 10
    return authenticator, codes


def _now() -> int:
    return int(time.time())


def test_with_a_second_factor_the_password_alone_opens_nothing(
    server: Server, member: tuple[str, httpx.Client]
) -> None:
    email, first = member
    with closing(first):
        authenticator, codes = turn_on(first)
        client, answer = sign_in(server, email)
        with closing(client):
            assert (answer.status_code, answer.headers["location"]) == (303, "/signin/code")
            assert whoami(client) is None
            assert client.get("/api/events").status_code == 401
            assert client.get("/signin/code").status_code == 200
            wrong = client.post("/signin/code", data={"code": "000000"})
            assert (wrong.status_code, whoami(client)) == (401, None)
            code = authenticator.at(_now() + 30)
            assert client.post("/signin/code", data={"code": f"{code[:3]} {code[3:]}"}).status_code == 303
            assert whoami(client)["email"] == email
        again, _ = sign_in(server, email)
        with closing(again):
            assert again.post("/signin/code", data={"code": code}).status_code == 401, "a code is good once"
            assert again.post("/signin/code", data={"code": codes[3].upper()}).status_code == 303
        third, _ = sign_in(server, email)
        with closing(third):
            assert third.post("/signin/code", data={"code": codes[3]}).status_code == 401, "and so is a recovery code"


def test_codes_are_not_guessed(server: Server, member: tuple[str, httpx.Client]) -> None:
    email, first = member
    with closing(first):
        _, codes = turn_on(first)
    client, _ = sign_in(server, email)
    with closing(client):
        statuses = [client.post("/signin/code", data={"code": f"{n:06}"}).status_code for n in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        assert client.post("/signin/code", data={"code": codes[0]}).status_code == 303, "a recovery code is no guess"


def test_a_code_that_does_not_fit_turns_nothing_on(server: Server, member: tuple[str, httpx.Client]) -> None:
    email, first = member
    with closing(first):
        for secret, code in (("A" * 32, "123456"), ("no secret", "123456"), ("", "")):
            answer = first.post("/account/second-factor", data={"secret": secret, "code": code})
            assert answer.status_code == 400
    client, answer = sign_in(server, email)
    client.close()
    assert answer.headers["location"] == "/"


def test_another_one_is_not_put_in_its_place_by_a_borrowed_browser(
    server: Server, member: tuple[str, httpx.Client]
) -> None:
    secret = pyotp.random_base32()
    with closing(member[1]) as client:
        turn_on(client)
        code = pyotp.TOTP(secret).now()
        answer = client.post("/account/second-factor", data={"secret": secret, "code": code})
    assert answer.status_code == 409
    assert "turn it off first" in answer.text


def test_turning_it_off_needs_the_password(server: Server, member: tuple[str, httpx.Client]) -> None:
    email, first = member
    with closing(first):
        turn_on(first)
        assert first.post("/account/second-factor/off", data={"password": WRONG}).status_code == 401
        assert first.post("/account/second-factor/off", data={"password": PASSWORD}).status_code == 200
    client, answer = sign_in(server, email)
    client.close()
    assert answer.headers["location"] == "/"


def test_a_link_helps_who_lost_both(server: Server) -> None:
    email = f"{unique('lost')}@example.com"
    added = add(server, "admin", email=email)
    with closing(enter(server, added)) as first:
        choose_password(first)
        turn_on(first)
        made = server.admin.post(f"/api/users/{added['user']['id']}/link")
        assert made.status_code == 201, made.text
        with closing(enter(server, {"link": made.json()})) as again:
            assert whoami(first) is None, "the sessions of before are over"
            client, answer = sign_in(server, email)
            client.close()
            assert answer.status_code == 401, "and so is the password"
            choose_password(again, "found a new one")
    client, answer = sign_in(server, email, "found a new one")
    client.close()
    assert answer.headers["location"] == "/", "without a second factor, until it is turned on again"


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [("?project=many", 400, "Bad request"), ("?project=99", 404, "Not found")],
)
def test_the_start_page_says_in_words_what_is_wrong(server: Server, query: str, status: int, says: str) -> None:
    with signed_in(server, "viewer") as client:
        answer = client.get(f"/{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert says in answer.text
        assert "not signed in" not in answer.text


def test_the_start_page_says_in_words_that_a_key_asks_too_often(server: Server) -> None:
    client = server.client(server.make_key("stats", rate_limit="1/hour"))
    assert client.get("/").status_code == 200
    answer = client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert int(answer.headers["retry-after"]) > 3000


def test_who_has_archived_projects_only_is_told_so_and_an_operator_still_sees_them(server: Server) -> None:
    number = make_project(server)
    added = add(server, "owner", number)
    with closing(enter(server, added)) as client:
        assert client.delete(f"/api/projects/{number}").status_code == 204
        answer = client.get("/")
        assert answer.status_code == 403
        assert "archived" in said(answer)
        assert client.get("/account").status_code == 200
        listed = server.admin.get("/api/users", params={"project": number})
        assert [(one["id"], one["role"]) for one in listed.json()] == [(added["user"]["id"], "owner")]
        again = {"email": added["user"]["email"], "role": "viewer"}
        assert server.admin.post("/api/users", params={"project": number}, json=again).status_code == 409
        path = f"/api/users/{added['user']['id']}"
        assert server.admin.post(f"{path}/link", params={"project": number}).status_code == 201
        assert server.admin.delete(path, params={"project": number}).status_code == 409, "a project keeps an owner"


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_signing_out_ends_the_session_on_the_server(server: Server) -> None:
    with signed_in(server, "viewer") as client:
        session = client.cookies["footfall_session"]
        answer = client.post("/signout")
        assert answer.status_code == 303
        assert "max-age=0" in answer.headers["set-cookie"].lower()
        with closing(browser(server, cookies={"footfall_session": session})) as thief:
            assert whoami(thief) is None


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", False)])
def test_a_cookie_is_strict_and_secure_behind_tls(proxied: Server, scheme: str, secure: bool) -> None:
    with closing(browser(proxied, headers={"x-forwarded-proto": scheme})) as client:
        answer = follow(client, add(proxied, "viewer")["link"]["link"])
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-footfall_session=" if secure else "footfall_session=")
    assert ("Path=/;" in f"{cookie};", "Domain" in cookie) == (True, False)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert ("Secure" in cookie) == secure
    session = cookie.partition("=")[2].partition(";")[0]
    for name in ("__Host-footfall_session", "footfall_session"):
        shown = {"cookie": f"{name}={session}", "x-forwarded-proto": scheme}
        with closing(browser(proxied, headers=shown)) as client:
            assert (whoami(client) is not None) == (name.startswith("__Host-") == secure), "another's name is none"
    assert ("strict-transport-security" in answer.headers) == secure


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


# ── a stranger's page ────────────────────────────────────────────────────────────────────────────────────────

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


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── somebody who is known here already ───────────────────────────────────────────────────────────────────────


def make_project(server: Server) -> int:
    return server.admin.post("/api/projects", json={"name": unique("project")}).json()["id"]


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


# ── the log ──────────────────────────────────────────────────────────────────────────────────────────────────


def log_of(server: Server, actor: str) -> list[tuple[str, str, str | None]]:
    """What somebody did, oldest first."""
    page = server.admin.get("/api/audit", params={"limit": 1000}).json()
    return [(one["verb"], one["what"], one["subject"]) for one in reversed(page["data"]) if one["actor"] == actor]


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
