"""Commands run as a user runs them, in processes of their own."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.journey.server import Server, clean_environment, unique

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def footfall(tmp_path: Path) -> Run:
    """`footfall words…` in an empty working folder."""

    def run(*words: str | Path, folder: Path = tmp_path, timeout: float = 60, **environment: str) -> Done:
        return subprocess.run(
            [sys.executable, "-m", "footfall", *map(str, words)],
            env=clean_environment() | environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


def several(footfall: Run, commands: Iterable[list[str]]) -> list[Done]:
    """Several commands side by side: starting Python is most of what one costs."""
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(lambda words: footfall(*words), commands))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that commands find through its data folder."""
    with Server(tmp_path_factory.mktemp("running")) as opened:
        yield opened


class Project:
    """A project of the shared server, so that each test has one to itself."""

    def __init__(self, server: Server) -> None:
        answer = server.admin.post("/api/projects", json={"name": unique("raw")})
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]
        self.here = ["--data", str(server.data), "--project", str(self.id)]
        self._server = server

    def send(self, *events: dict[str, Any]) -> None:
        sent = self._server.admin.post("/api/events/collect", params={"project": self.id}, json=list(events))
        assert sent.is_success, sent.text
        self.settled()

    def status(self) -> dict[str, Any]:
        return self._server.admin.get("/api/ingest/status", params={"project": self.id}).json()

    def settled(self) -> dict[str, Any]:
        give_up = time.monotonic() + 60
        while (status := self.status())["queued"]:
            assert time.monotonic() < give_up
            time.sleep(0.05)
        return status

    def ask(self, kind: str, **question: Any) -> Any:
        answer = self._server.admin.post(f"/api/insights/{kind}", params={"project": self.id}, json=question)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def quarantined(self) -> int:
        return len(self._server.admin.get("/api/quarantine", params={"project": self.id}).json()["data"])

    def sql(self, query: str) -> list[list[Any]]:
        answer = self._server.admin.post("/api/sql", params={"project": self.id}, json={"query": query})
        assert answer.status_code == 200, answer.text
        return answer.json()["rows"]


@pytest.fixture
def operated(server: Server) -> Server:
    """Its folder is at hand, and its fixed admin key may make projects."""
    return server


@pytest.fixture
def new_project(server: Server) -> Callable[[], Project]:
    return lambda: Project(server)


def written(folder: Path, name: str, lines: list[bytes]) -> Path:
    file = folder / name
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file
