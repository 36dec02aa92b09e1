"""A server to tell what to answer, the real one, and clients that leave nothing behind."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from footfall_client import Footfall
from tests.client.listener import Listener
from tests.journey.server import Server


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FOOTFALL_URL", "FOOTFALL_KEY", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as started:
        yield started


@pytest.fixture
def new_client(listener: Listener) -> Iterator[Callable[..., Footfall]]:
    """Makes clients of the listener, which wait for nothing."""
    with ExitStack() as made:

        def make(**options: Any) -> Footfall:
            told: dict[str, Any] = {"interval": 0.01, "exit_timeout": 0.0, **options}
            return made.enter_context(closing(Footfall(listener.url, "KEY", **told)))

        yield make


@pytest.fixture
def client(new_client: Callable[..., Footfall]) -> Footfall:
    return new_client()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("client")) as shared:
        yield shared
