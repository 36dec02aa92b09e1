"""Every question is asked of both engines: the one inside this process, and a server over HTTP."""

import pytest
from hypothesis import is_hypothesis_test

from footfall.stores.warehouse import Warehouse

ONE_IN = 8
"""Of the tests that make up their data or go through all of our SQL, so many run on the server too; all would take
minutes, and say of the way to it what the others say."""
OF_SQL_ALONE = {"test_the_engine_explains_every_query", "test_no_query_depends_on_the_zone_of_the_session"}


@pytest.fixture(scope="session", params=["embedded", "served"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    return request.getfixturevalue(request.param)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    sampled = [item for item in items if isinstance(item, pytest.Function) and _is_sampled(item)]
    left_out = set(sampled) - set(sampled[::ONE_IN])
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def _is_sampled(item: pytest.Function) -> bool:
    call = getattr(item, "callspec", None)
    served = call is not None and call.params.get("warehouse") == "served"
    return served and (is_hypothesis_test(item.obj) or item.originalname in OF_SQL_ALONE)
