"""Calling what answers on another thread, and waiting for its answer."""

from concurrent.futures import Future
from typing import Any

from footfall.model.event import Refused
from footfall.services.writer import Writer
from footfall.stores.spool import Row, Spool

PATIENCE = 60
"""Seconds before a call that never answers fails its test; no result depends on it."""


def answer_of(call: Any, *arguments: Any) -> int:
    """What the spool tells the `done` of a call; raises what it reports."""
    told: Future[int] = Future()

    def done(last: int, error: Exception | None) -> None:
        if error is None:
            told.set_result(last)
        else:
            told.set_exception(error)

    call(*arguments, done)
    return told.result(PATIENCE)


def append(
    spool: Spool, rows: list[Row], refused: tuple[Refused, ...] = (), *, project: int = 1, source: str = "native"
) -> int:
    """Put a batch on the disk; the position of the last one there."""
    return answer_of(spool.append, project, 0, rows, list(refused), source)


def empty(spool: Spool, writer: Writer) -> None:
    """Let a writer move everything that is spooled, as its task would."""
    while writer._stored < spool.last:
        writer._move_block()
