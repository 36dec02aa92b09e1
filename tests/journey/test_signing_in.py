"""People at the door: the first owner, links, passwords, second factors, and sessions."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import pyotp
import pytest

from tests.journey.people import (
    PASSWORD,
    WRONG,
    add,
    browser,
    choose_password,
    enter,
    follow,
    make_project,
    said,
    sign_in,
    signed_in,
    turn_on,
    whoami,
)
from tests.journey.server import Server, unique

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
        assert whoami(client)["can_sign_in"] is False
        server.restart()
        with closing(browser(server)) as again:
            assert follow(again, server.sign_in_link()).status_code == 303
            assert whoami(again)["id"] == whoami(client)["id"], "nobody else came by it"
        form = {"email": " Ada@Example.com ", "name": "Ada", "new": PASSWORD}
        assert "footfall serve" in client.get("/signin").text, "until somebody owns it, a start prints a link"
        assert client.post("/account/password", data=form).status_code == 200
        assert "footfall serve" not in client.get("/signin").text
        assert whoami(client)["can_sign_in"] is True
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
            code = authenticator.at(int(time.time()) + 30)
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


# ── the start page ───────────────────────────────────────────────────────────────────────────────────────────


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
