"""Signing in by an OpenID provider: a small real one, and a browser that goes there and comes back."""

import base64
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.journey.people import (
    add,
    browser,
    choose_password,
    enter,
    follow,
    log_of,
    said,
    sign_in,
    turn_on,
    whoami,
)
from tests.journey.server import Server, unique
from tests.support.ports import free_port

CLIENT = {"FOOTFALL_OIDC_CLIENT_ID": "footfall", "FOOTFALL_OIDC_CLIENT_SECRET": "canary-client-secret"}
ADA = "ada@example.com"


PEOPLE = (
    {"sub": "ada", "email": ADA, "email_verified": True},
    {"sub": "eve", "email": ADA, "email_verified": False},
    {"sub": "new-ada", "email": ADA, "email_verified": True},
    {"sub": "bob", "email": "bob@example.com", "email_verified": True},
    {"sub": "cleo", "email": "cleo@example.com", "email_verified": True},
    {"sub": "kelvin", "email": "\u212aim@example.com", "email_verified": True},
    {"sub": "new-cleo", "email": "cleo@example.com", "email_verified": True},
)


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a provider that knows four accounts; a process of its own, for its warnings are its own."""
    port = free_port()
    words = [word for person in PEOPLE for word in ("--user-claims", json.dumps(person))]
    with (tmp_path_factory.mktemp("provider") / "log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *words], stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, running)
            yield address
        finally:
            running.terminate()
            running.wait(30)


def _wait_for(address: str, running: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up and running.poll() is None:
        try:
            httpx.get(f"{address}/jwks", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the provider does not answer")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, provider: str) -> Iterator[Server]:
    settings = {"FOOTFALL_OIDC_ISSUER": provider, "FOOTFALL_OIDC_NAME": "Example & Co", **CLIENT}
    settings["FOOTFALL_TRUSTED_PROXY"] = "127.0.0.1"
    with Server(tmp_path_factory.mktemp("openid"), **settings) as made:
        add(made, "analyst", email=ADA)
        yield made


def go(client: httpx.Client, sub: str) -> httpx.Response:
    """To the provider as `sub`, and back."""
    away = client.get("/signin/openid")
    assert away.status_code == 303, away.text
    answer = httpx.post(away.headers["location"], data={"sub": sub}, trust_env=False)
    assert answer.status_code == 302, answer.text
    return client.get(answer.headers["location"])


def test_somebody_who_was_added_signs_in_and_stays_the_same_person(server: Server) -> None:
    with closing(browser(server)) as client:
        page = client.get("/signin")
        assert "Example &amp; Co" in page.text
        answer = go(client, "ada")
        assert answer.status_code == 200
        assert "url=/" in answer.text, "a page of ours goes on, so that the strict cookie is sent"
        assert "SameSite=strict" in answer.headers["set-cookie"]
        me = whoami(client)
        assert (me["email"], me["roles"]) == (ADA, {"1": "analyst"})
        assert client.get("/api/events").status_code == 200
    with closing(browser(server)) as again:
        assert go(again, "ada").status_code == 200
        assert whoami(again)["id"] == me["id"]
    assert [what for _, what, _ in log_of(server, me["id"])][:2] == [
        "linked to the OpenID provider", "signed in by the OpenID provider",
    ]  # fmt: skip


NOBODY_ELSE = {
    "whom nobody added": ("bob", "Nobody has added you"),
    "whose address is not verified": ("eve", "verified your e-mail address"),
    "whose address only looks like one that is known": ("kelvin", "verified your e-mail address"),
    "who took an address over": ("new-ada", "another account at the provider"),
}


@pytest.mark.parametrize("who", NOBODY_ELSE)
def test_nobody_else_gets_in_and_is_told_why(server: Server, who: str) -> None:
    add_once(server, "kim@example.com")
    sub, sentence = NOBODY_ELSE[who]
    with closing(browser(server)) as client:
        go(client, "ada")
    with closing(browser(server)) as client:
        answer = go(client, sub)
        assert answer.status_code == 401
        assert sentence in said(answer)
        assert whoami(client) is None


def add_once(server: Server, email: str) -> dict[str, Any]:
    """The person, added unless an earlier test has."""
    listed = server.admin.get("/api/users").json()
    return next((one for one in listed if one["email"] == email), None) or add(server, "analyst", email=email)["user"]


def test_the_first_time_forgets_what_somebody_else_set_up_for_the_address(server: Server) -> None:
    user = add_once(server, "cleo@example.com")
    made = server.admin.post(f"/api/users/{user['id']}/link").json()
    with closing(enter(server, {"link": made})) as thief:
        choose_password(thief)
        turn_on(thief)
        kept = server.admin.post(f"/api/users/{user['id']}/link").json()["link"]
        with closing(browser(server)) as cleo:
            assert go(cleo, "cleo").status_code == 200
            assert whoami(cleo)["id"] == user["id"]
            assert "Choose a password" in cleo.get("/account").text
            assert whoami(thief) is None, "no session"
            assert follow(thief, kept).status_code == 401, "no link"
        again, answer = sign_in(server, "cleo@example.com")
        again.close()
        assert answer.status_code == 401, "no password"


def test_a_link_lets_in_who_has_a_new_account_at_the_provider(server: Server) -> None:
    user = add_once(server, "cleo@example.com")
    with closing(browser(server)) as client:
        go(client, "cleo")
        assert go(client, "new-cleo").status_code == 401
    link = server.admin.post(f"/api/users/{user['id']}/link").json()
    with closing(enter(server, {"link": link})):
        pass
    with closing(browser(server)) as client:
        assert go(client, "new-cleo").status_code == 200
        assert whoami(client)["id"] == user["id"]


def test_only_the_browser_that_was_sent_away_can_come_back(server: Server) -> None:
    with closing(browser(server)) as ada, closing(browser(server)) as victim:
        away = ada.get("/signin/openid")
        back = httpx.post(away.headers["location"], data={"sub": "ada"}, trust_env=False).headers["location"]
        assert victim.get(back).status_code == 401, "nobody is signed in as somebody else by a link"
        assert whoami(victim) is None
        assert ada.get(back).status_code == 200
        assert ada.get(back).status_code == 401, "and it works once"


def test_a_flood_of_others_does_not_end_a_sign_in_under_way(server: Server) -> None:
    """What is under way is kept by the browser; more than an address may begin is refused on a page."""
    with closing(browser(server)) as ada, closing(browser(server)) as flood:
        away = ada.get("/signin/openid")
        back = httpx.post(away.headers["location"], data={"sub": "ada"}, trust_env=False).headers["location"]
        others = {"x-forwarded-for": "203.0.113.7"}
        statuses = [flood.get("/signin/openid", headers=others).status_code for _ in range(110)]
        assert statuses == [303] * 100 + [429] * 10
        assert "Too many attempts" in said(flood.get("/signin/openid/callback?code=c", headers=others))
        assert ada.get(back).status_code == 200


@pytest.mark.parametrize("kept", ["", "x", "e30", "bnVsbA", "e30" * 2000, "%00", "€"])
def test_a_cookie_that_somebody_made_up_is_none(server: Server, kept: str) -> None:
    with closing(browser(server)) as client:
        headers = {"cookie": f"footfall_state={kept}".encode()}
        assert client.get("/signin/openid/callback?code=x&state=x", headers=headers).status_code == 401


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied"])
def test_a_return_that_does_not_fit_is_said_to_have_failed(server: Server, query: str) -> None:
    with closing(browser(server)) as client:
        client.get("/signin/openid")
        assert client.get(f"/signin/openid/callback{query}").status_code == 401


def test_what_is_asked_of_the_provider(server: Server, provider: str) -> None:
    with closing(browser(server)) as client:
        away = client.get("/signin/openid")
    address = urlsplit(away.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}" == provider
    assert asked["redirect_uri"] == f"{server.url}/signin/openid/callback"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert "openid" in asked["scope"].split()
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) > 30
    assert "canary-client-secret" not in away.headers["location"]


# ── a provider that lies ─────────────────────────────────────────────────────────────────────────────────────


class Liar:
    """Answers every code with the token that `claims` and `header` say, signed with `key`."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, private=True, parameters={"kid": "1"})
        self.signing = self.key
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "1"}
        self.claims: dict[str, Any] = {}
        self.issuer = ""
        self.gives_access = True
        self.asked: list[str] = []

    def answer(self, path: str) -> dict[str, Any]:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
            }
        if path == "/jwks":
            return {"keys": [self.key.as_dict(private=False)]}
        if path == "/userinfo":
            return {"sub": "ada", "email": ADA, "email_verified": True}
        return {"token_type": "Bearer", "id_token": self.token()} | ({"access_token": "a"} if self.gives_access else {})

    def token(self) -> str:
        if self.header["alg"] == "none":
            parts = (msgspec.json.encode(self.header), msgspec.json.encode(self.claims), b"")
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        return jwt.encode(self.header, self.claims, self.signing)


@contextmanager
def lying() -> Iterator[Liar]:
    liar = Liar()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = msgspec.json.encode(liar.answer(self.path))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        liar.issuer = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield liar
        finally:
            running.shutdown()
            thread.join()


LIES: dict[str, Callable[[Liar], None]] = {
    "another's signature": lambda liar: setattr(
        liar, "signing", RSAKey.generate_key(2048, private=True, parameters={"kid": "1"})
    ),
    "no signature": lambda liar: setattr(liar, "header", {"alg": "none"}),
    "another audience": lambda liar: liar.claims.update(aud="somebody else"),
    "another issuer": lambda liar: liar.claims.update(iss="https://evil.example"),
    "another nonce": lambda liar: liar.claims.update(nonce="replayed"),
    "no nonce": lambda liar: liar.claims.pop("nonce") and None,
    "an old token": lambda liar: liar.claims.update(exp=1_000_000_000),
    "nobody": lambda liar: liar.claims.pop("sub") and None,
}


def test_only_a_token_that_holds_in_every_respect_is_believed(new_server: Callable[..., Server]) -> None:
    with lying() as liar:
        server = new_server(FOOTFALL_OIDC_ISSUER=liar.issuer, **CLIENT).start()
        add(server, "owner", email=ADA)
        for name, lie in {"the truth": lambda _: None, **LIES}.items():
            liar.signing, liar.header = liar.key, {"alg": "RS256", "kid": "1"}
            with closing(browser(server)) as client:
                sent = parse_qs(urlsplit(client.get("/signin/openid").headers["location"]).query)
                liar.claims = {
                    "iss": liar.issuer, "aud": "footfall", "sub": "ada", "email": ADA, "email_verified": True,
                    "iat": 1_700_000_000, "exp": 4_000_000_000, "nonce": sent["nonce"][0],
                }  # fmt: skip
                lie(liar)
                answer = client.get("/signin/openid/callback", params={"code": "c", "state": sent["state"][0]})
                assert (whoami(client) is not None) == (name == "the truth"), name
                assert answer.status_code == (200 if name == "the truth" else 401), name


def test_an_address_may_be_told_later_and_a_provider_that_tells_none_is_no_fault_of_ours(
    new_server: Callable[..., Server],
) -> None:
    with lying() as liar:
        server = new_server(FOOTFALL_OIDC_ISSUER=liar.issuer, **CLIENT).start()
        add(server, "owner", email=ADA)
        for gives_access, status in ((False, 401), (True, 200)):
            liar.gives_access = gives_access
            with closing(browser(server)) as client:
                sent = parse_qs(urlsplit(client.get("/signin/openid").headers["location"]).query)
                liar.claims = {
                    "iss": liar.issuer, "aud": "footfall", "sub": "ada",
                    "iat": 1_700_000_000, "exp": 4_000_000_000, "nonce": sent["nonce"][0],
                }  # fmt: skip
                answer = client.get("/signin/openid/callback", params={"code": "c", "state": sent["state"][0]})
                assert answer.status_code == status, said(answer)
        assert "Traceback" not in server.log_text()
        assert liar.asked.count("/.well-known/openid-configuration") == 1, "what it says of itself is kept a while"


def test_a_provider_that_is_away_or_somebody_else_is_said_to_be(new_server: Callable[..., Server]) -> None:
    with lying() as liar:
        server = new_server(FOOTFALL_OIDC_ISSUER=liar.issuer, **CLIENT).start()
        liar.issuer = unique("https://another.example")
        assert server.anybody.get("/signin/openid").status_code == 503
    answer = server.anybody.get("/signin/openid")
    assert answer.status_code == 503
    assert "does not answer" in said(answer), "on the page, with the other ways in"
    assert "canary" not in server.log_text()
    assert "Traceback" not in server.log_text()
