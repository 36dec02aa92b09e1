"""A merge that is written before it can be seen says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from footfall.services import merging as module
from footfall.services.guard import Guard
from footfall.services.ingest import Ingest
from footfall.services.merging import Merging
from footfall.services.turns import Turns
from footfall.services.writer import Writer
from footfall.stores.spool import Spool
from footfall.stores.warehouse import Warehouse
from tests.support.project import Project


@pytest.fixture
def spool(spool_path: Path) -> Iterator[Spool]:
    opened = Spool(spool_path)
    yield opened
    opened.close()


async def test_what_is_written_and_not_stored_in_time_is_said_to_show_later(
    warehouse: Warehouse, spool: Spool, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    project.story(ann=[("a", 0)], anna=[("a", 1)])
    writer, turns = Writer(spool, warehouse), Turns(warehouse)  # nobody runs the writer
    nothing = cast("Any", None)  # what a batch of a client would need
    merging = Merging(warehouse, writer, Ingest(spool, writer, nothing, nothing, nothing, frozenset(), Guard()), turns)
    preview = await merging.merge("ann", "anna", project.context(), preview=True)
    assert (preview.shows, preview.change.id, spool.totals().queued) == (True, None, 0)
    made = await merging.merge("ann", "anna", project.context(), preview=False)
    assert (made.shows, made.change.id is None, spool.totals().queued) == (False, False, 1)
    await turns.close()
