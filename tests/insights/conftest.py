"""Every question is asked of both engines: the one inside this process, and a server over HTTP."""

import pytest
from hypothesis import is_hypothesis_test

from footfall.stores.warehouse import Warehouse

ONE_IN = 3
"""Of the tests that make up their data, so many are run on the server too; that is a matter of time alone."""


@pytest.fixture(scope="session", params=["embedded", "served"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    return request.getfixturevalue(request.param)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    random = [item for item in items if _runs_served(item) and is_hypothesis_test(item.obj)]
    left_out = set(random) - set(random[::ONE_IN])
    config.hook.pytest_deselected(items=sorted(left_out, key=items.index))
    items[:] = [item for item in items if item not in left_out]


def _runs_served(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and call.params.get("warehouse") == "served"
