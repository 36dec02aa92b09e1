"""Servers for the journey: one for all tests that can share it, and fresh ones where state matters."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from tests.journey.people import add, choose_password, enter
from tests.journey.server import Server, unique

__all__ = ["Server"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that most tests share: there is one project, so each uses names of its own (`unique`)."""
    with Server(tmp_path_factory.mktemp("shared")) as shared:
        yield shared


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers for one test; nothing of them stays. They are not started yet."""
    with ExitStack() as made:

        def make(folder: str = "fresh", **environment: str) -> Server:
            return made.enter_context(closing(Server(tmp_path / folder, **environment)))

        yield make


@pytest.fixture
def fresh(new_server: Callable[..., Server]) -> Server:
    """A started server with nothing in it, for one test."""
    return new_server().start()


@pytest.fixture
def member(server: Server) -> tuple[str, httpx.Client]:
    """Somebody with a password, and the browser in which it was chosen."""
    email = f"{unique('member')}@example.com"
    client = enter(server, add(server, "analyst", email=email))
    choose_password(client)
    return email, client
