"""Commands run as a user runs them, in processes of their own."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.journey.server import Server, clean_environment

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
