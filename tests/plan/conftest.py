"""What tests of plans share."""

import sys
import types

import pytest

from tests.plan import sources


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names that generated modules import."""
    module = types.ModuleType("footfall_client")
    exec(sources.STUB, module.__dict__)  # noqa: S102 - ours
    monkeypatch.setitem(sys.modules, "footfall_client", module)
