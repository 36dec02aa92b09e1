"""People at the server's doors: browsers that have signed in, each with a role."""

import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pyotp

from tests.journey.server import PLAIN, Server, check_problem, unique

PASSWORD = "correct horse battery staple"
WRONG = "the wrong one, at length"


def browser(server: Server, **settings: Any) -> httpx.Client:
    """An empty one: it keeps cookies and follows no redirect."""
    return httpx.Client(base_url=server.url, timeout=60, **PLAIN, event_hooks={"response": [check_problem]}, **settings)


def add(server: Server, role: str, project: int = 1, email: str | None = None) -> dict[str, Any]:
    """Give somebody a role; `{"user", "link"}`."""
    body = {"email": email or f"{unique(role)}@example.com", "role": role}
    answer = server.admin.post("/api/users", params={"project": project}, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def follow(client: httpx.Client, link: str) -> httpx.Response:
    """Open a one-time link and press the button on its page, where there is one."""
    shown = client.get(link)
    tokens = re.findall(r'name="token" value="([^"]+)"', shown.text)
    return client.post("/signin/link", data={"token": tokens[0]}) if tokens else shown


def enter(server: Server, added: dict[str, Any]) -> httpx.Client:
    """A browser that was let in by the link."""
    client = browser(server)
    answer = follow(client, added["link"]["link"])
    assert answer.status_code == 303, answer.text
    return client


@contextmanager
def signed_in(server: Server, role: str, project: int = 1) -> Iterator[httpx.Client]:
    with closing(enter(server, add(server, role, project))) as client:
        yield client


def choose_password(client: httpx.Client, password: str = PASSWORD) -> None:
    answer = client.post("/account/password", data={"new": password})
    assert answer.status_code == 200, answer.text


def sign_in(server: Server, email: str, password: str = PASSWORD) -> tuple[httpx.Client, httpx.Response]:
    client = browser(server)
    return client, client.post("/signin", data={"email": email, "password": password})


def whoami(client: httpx.Client) -> dict[str, Any] | None:
    return client.get("/api/me").json()["user"]


def said(answer: httpx.Response) -> str:
    """What the page says about what went wrong."""
    found = re.search(r'role="alert">([^<]+)<', answer.text)
    return found[1] if found else ""


def turn_on(client: httpx.Client) -> tuple[pyotp.TOTP, list[str]]:
    """The authenticator, and the recovery codes."""
    shown = client.get("/account/second-factor")
    assert "<svg" in shown.text
    (secret,) = set(re.findall(r'value="([A-Z2-7]{32})"', shown.text))
    authenticator = pyotp.TOTP(secret)
    # The step before this one, so that the next code is one that was not used.
    code = authenticator.at(int(time.time()) - 30)
    answer = client.post("/account/second-factor", data={"secret": secret, "code": code})
    assert answer.status_code == 200, answer.text
    codes = re.findall(r"\b[0-9a-f]{5}-[0-9a-f]{5}\b", answer.text)
    assert len(codes) == len(set(codes)) == 10
    return authenticator, codes


def make_project(server: Server, name: str | None = None, **settings: Any) -> int:
    """Its number."""
    answer = server.admin.post("/api/projects", json={"name": name or unique("project"), **settings})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def log_of(server: Server, actor: str) -> list[tuple[str, str, str | None]]:
    """What somebody did, oldest first."""
    page = server.admin.get("/api/audit", params={"limit": 1000}).json()
    return [(one["verb"], one["what"], one["subject"]) for one in reversed(page["data"]) if one["actor"] == actor]
