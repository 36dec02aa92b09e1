"""What all tests share: one engine, since it allows one folder a process, and a project of its own for each test."""

import os
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from footfall.stores.warehouse import Warehouse, chdb_url
from tests.journey.server import MADE, Server
from tests.support.clickhouse import ClickHouse, running_clickhouse
from tests.support.effort import THOROUGH
from tests.support.project import Project, fresh

# A run in the background of a script ignores Ctrl-C, and so would every server that its tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A run says the same twice; `--hypothesis-profile=explore` looks further (tests/support/effort.py).
# What a test gets once for all of its examples (`new_project`, a function) makes a project for each of them.
_SOUND = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=_SOUND)
settings.register_profile(THOROUGH, deadline=None, derandomize=True, suppress_health_check=_SOUND)
settings.register_profile("explore", deadline=None, max_examples=500, print_blob=True, suppress_health_check=_SOUND)
settings.load_profile("steady")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: half as many again as there are processors, since a test of a server or a browser waits for it."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


_SAID_BEFORE = pytest.StashKey[dict[Server, int]]()
_LAST_WORDS = 4000
"""Characters of a server's log that a test shows when it fails."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_SAID_BEFORE] = {server: server.log_size() for server in MADE}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows what the servers said meanwhile."""
    report = yield
    if report.failed:
        before = item.stash.get(_SAID_BEFORE, {})
        said = {server: server.log_text(before.get(server, 0)) for server in MADE}
        report.sections += [
            (f"log of {server.folder.name}", text[-_LAST_WORDS:]) for server, text in said.items() if text
        ]
    return report


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    opened = Warehouse(chdb_url(tmp_path_factory.mktemp("engine") / "warehouse"))
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def warehouse(embedded: Warehouse) -> Warehouse:
    """The engine of most tests; folders whose tests run on both say so (`tests/insights/conftest.py`)."""
    return embedded


@pytest.fixture(scope="session")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """A server that all tests share; whoever torments one starts one."""
    with running_clickhouse(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture(scope="session")
def served(clickhouse: ClickHouse) -> Iterator[Warehouse]:
    """The same events and questions over HTTP."""
    clickhouse.new_database("analytics")
    opened = Warehouse(*clickhouse.urls("analytics"))
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def new_project(warehouse: Warehouse) -> Callable[[], Project]:
    """A project that nobody else uses: one for each example of a property."""
    return lambda: fresh(warehouse)


@pytest.fixture
def project(new_project: Callable[[], Project]) -> Project:
    return new_project()


@pytest.fixture
def spool_path(tmp_path: Path) -> Path:
    return tmp_path / "spool.db"
