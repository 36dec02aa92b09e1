"""People at the server's doors: browsers that have signed in, each with a role."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx

from tests.journey.server import Server, check_problem, unique

PASSWORD = "correct horse battery staple"


def browser(server: Server, **settings: Any) -> httpx.Client:
    """An empty one: it keeps cookies and follows no redirect."""
    return httpx.Client(
        base_url=server.url, timeout=60, trust_env=False, event_hooks={"response": [check_problem]}, **settings
    )


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
