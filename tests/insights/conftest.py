"""Every question is asked of both engines: the one inside this process, and a server over HTTP.

The engine is the same, so what a server can get wrong is the way there and back. One case of each test shows that; the
other cases ask the server only in `make test-all` (ADR 0066).
"""

import sys
from collections import Counter

import pytest
from hypothesis import is_hypothesis_test

from footfall.stores.warehouse import Warehouse

ONE_IN = 8
"""Of the tests that make up their data, a minute's work each, so many ask the server."""
WAITING = {"test_the_engine_explains_every_query"}
"""Tests of which another one says nearly as much: every query runs in two zones of the session."""
EVERY_CASE = {"test_example"}
"""Tests of which each case is another kind of question."""


@pytest.fixture(scope="session", params=["embedded", "served"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    return request.getfixturevalue(request.param)


@pytest.hookimpl(tryfirst=True)  # before those that are slow are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    turns: Counter[str] = Counter()
    for item in items:
        if isinstance(item, pytest.Function) and item.originalname in WAITING:
            item.add_marker(pytest.mark.slow)
        elif isinstance(item, pytest.Function) and _is_served(item) and item.originalname not in EVERY_CASE:
            is_random = is_hypothesis_test(item.obj)
            group, one_in = ("random", ONE_IN) if is_random else (f"{item.path}::{item.originalname}", sys.maxsize)
            if turns[group] % one_in:
                item.add_marker(pytest.mark.slow)
            turns[group] += 1


def _is_served(item: pytest.Function) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and call.params.get("warehouse") == "served"
