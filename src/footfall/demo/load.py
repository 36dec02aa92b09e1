"""Putting the invented past into a fresh folder at the engine's speed: one thread invents, one inserts."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from footfall.access import DEFAULT_PROJECT
from footfall.demo.shop import story
from footfall.model.event import Millis
from footfall.stores.folder import folder_lock
from footfall.stores.spool import Spool
from footfall.stores.warehouse import Warehouse, chdb_url, encode_row

BLOCK = 50_000


def load(folder: Path, events: int, now: Millis, progress: Callable[[int], None]) -> None:
    """Fill the warehouse of `folder` with about a month of events up to `now`."""
    with folder_lock(folder):
        warehouse = Warehouse(chdb_url(folder / "warehouse"))
        spool = Spool(folder / "spool.db")
        try:
            warehouse.migrate()
            done = 0
            with ThreadPoolExecutor(1) as inserter:
                pending: Future[None] | None = None
                for lines in _blocks(events, now):
                    if pending is not None:
                        pending.result()
                    pending = inserter.submit(warehouse.insert, lines)
                    done += len(lines)
                    progress(done)
                if pending is not None:
                    pending.result()
            _count(spool, done)
        finally:
            warehouse.close()
            spool.close()


def _blocks(events: int, now: Millis) -> Iterator[list[bytes]]:
    lines = (encode_row(event, DEFAULT_PROJECT) for event in story(events, now=now))
    while block := list(islice(lines, BLOCK)):
        yield block


def _count(spool: Spool, events: int) -> None:
    counted: Future[None] = Future()

    def done(_last: int, error: Exception | None) -> None:
        if error is None:
            counted.set_result(None)
        else:
            counted.set_exception(error)

    spool.add_stored(DEFAULT_PROJECT, events, done)
    counted.result()
