"""Between `track()` and the server: the inbox, the queue, and the threads that empty them.

Threads begin at the first event, not before. A fork (gunicorn, Celery, multiprocessing) leaves them in the parent, with
all that waits there; the child begins with nothing, and with threads of its own. At the end of a process there is one
more try, within a deadline.
"""

import atexit
import contextlib
import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from footfall_client.queue import Goal, Inbox, Memory, Queue
from footfall_client.sender import Say, Sender
from footfall_client.settings import Settings
from footfall_client.transport import Transport
from footfall_client.version import AGENT

if TYPE_CHECKING:
    from footfall_client.disk import Disk

logger = logging.getLogger("footfall_client")

_AFTER_FAULT = 1.0
"""Seconds until a thread tries again what should not have failed."""
_LEAST_JOIN = 0.1
_LOOK = 0.005
"""Seconds between two looks of somebody who waits. Nothing is locked meanwhile, so a signal's handler may wait, too."""


class Bell:
    """Wakes a thread. Ringing takes no lock that Python code could hold, so it may be done from anywhere."""

    def __init__(self) -> None:
        self._rings: SimpleQueue[None] = SimpleQueue()
        self.rung = False
        """Whether the thread knows; it says `quiet` before it looks what there is."""

    def ring(self) -> None:
        self.rung = True
        self._rings.put(None)

    def quiet(self) -> None:
        self.rung = False

    def wait(self, seconds: float | None) -> None:
        with contextlib.suppress(Empty):
            self._rings.get(timeout=seconds)
            while True:
                self._rings.get_nowait()


class _Worker:
    """A daemon thread that does a step whenever its bell rings or the time that the step before named has come."""

    def __init__(self, name: str, bell: Bell, step: Callable[[], float | None]) -> None:
        self.bell = bell
        self.step = step
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._ending = False

    def start(self) -> None:
        self._thread.start()

    @property
    def lives(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        self._ending = True
        self.bell.ring()

    def join(self, seconds: float) -> None:
        if self.lives and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._ending:
            self.bell.wait(self.safely())

    def safely(self) -> float | None:
        """A step; seconds until the next."""
        try:
            return self.step()
        except Exception as error:  # noqa: BLE001 - a thread that ends would stop all that comes after
            logger.debug("A step failed: %s.", type(error).__name__)
            return _AFTER_FAULT


class Outbox:
    def __init__(self, settings: Settings, prepare: Callable[[list[bytes]], tuple[list[bytes], int]], say: Say) -> None:
        """`prepare` gives back the lines to be sent, and how many were lost on the way. Raises `ValueError`."""
        self._settings = settings
        self._prepare = prepare
        self._say = say
        self._begin()
        _live.add(self)
        _install()

    def _begin(self) -> None:
        settings = self._settings
        self._lock = threading.Lock()
        self._started = False
        self._end_by: float | None = None
        transport = Transport(settings.url or "", settings.key, settings.timeout, AGENT)
        self._inbox = Inbox(settings.limit, settings.limit_bytes)
        self._queue, self._disk = self._queue_for()
        sending = Bell()
        self._sender = Sender(self._queue, transport, settings, sending.quiet, self._say)
        self._workers = [_Worker("footfall-sender", sending, self._send)]
        self._bell = sending
        """Of the thread that empties the inbox."""
        if self._disk is not None:
            self._bell = Bell()
            self._workers.append(_Worker("footfall-keeper", self._bell, partial(self._keep, self._disk)))

    def _queue_for(self) -> "tuple[Queue, Disk | None]":
        path = self._settings.queue
        if path is not None:
            try:
                from footfall_client.disk import Disk  # noqa: PLC0415 - needs SQLite and `flock`, which not every Python has

                limits = (self._settings.queue_limit, self._settings.queue_limit_bytes)
                disk = Disk(Path(path), self._inbox, self._checked, *limits)
            except (ImportError, OSError, sqlite3.Error) as error:
                logger.warning("The queue on disk cannot be used (%s); events wait in memory.", type(error).__name__)
            else:
                return disk, disk
        return Memory(self._inbox, self._checked), None

    # ── what callers do ──────────────────────────────────────────────────────────────────────────────────────

    def put(self, line: bytes) -> None:
        waiting = self._inbox.put(line)
        if not self._bell.rung or waiting == self._settings.batch_size:
            if not self._started:
                self._start()
            self._bell.ring()

    def lose(self, count: int) -> None:
        self._inbox.lose(count)

    @property
    def lost_ever(self) -> int:
        return self._inbox.lost_ever + (0 if self._disk is None else self._disk.let_go)

    @property
    def left(self) -> int:
        """How many events would be lost if this ended now: a file keeps its own."""
        return self._inbox.unsettled

    def flush(self, timeout: float) -> bool:
        """Whether everything that was put in before is settled within so many seconds."""
        deadline = time.monotonic() + timeout
        goal = Goal(self._inbox.mark())
        self._start()
        self._sender.hurry()
        self._ring()
        placed = False
        while not self._reached(goal):
            now = time.monotonic()
            if now >= deadline or (self._sender.held_until > deadline and (self._disk is None or placed)):
                return False  # what a server that is away does not take is in the file, where there is one
            if goal.place is not None and not placed:
                placed = True  # it came into the file only now, and should not wait there
                self._sender.hurry()
                self._ring()
            for worker in self._workers:
                if not worker.lives:  # the interpreter ends, and gives no threads any more
                    worker.safely()
            time.sleep(_LOOK)
        return True

    def flush_at_end(self) -> None:
        """Once or twice (`_flush_at_ends_of_children`), within one deadline."""
        if self._started:
            now = time.monotonic()
            self._end_by = self._end_by or now + self._settings.exit_timeout
            self.flush(max(0.0, self._end_by - now))

    def close(self, timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        settled = self.flush(timeout)
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.join(max(_LEAST_JOIN, deadline - time.monotonic()))
        if self._disk is not None and not self._workers[-1].lives:
            while self._workers[-1].safely() == 0.0:  # whatever the deadline was: into the file it goes
                pass
        self._sender.close()
        self._queue.close()
        _live.discard(self)
        return settled

    # ── the threads ──────────────────────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        with self._lock:
            if self._started:
                return
            self._started = True
            _flush_at_ends_of_children()
            try:
                for worker in self._workers:
                    worker.start()
            except RuntimeError:  # the interpreter ends; `flush` does the work
                logger.debug("No thread could be started.")

    def _ring(self) -> None:
        for worker in self._workers:
            worker.bell.ring()

    def _send(self) -> float | None:
        return self._sender.step(len(self._inbox) >= self._settings.batch_size)

    def _keep(self, disk: "Disk") -> float | None:
        self._bell.quiet()
        if not disk.pull():
            return None
        self._workers[0].bell.ring()
        return 0.0

    def _reached(self, goal: Goal) -> bool:
        try:
            return self._queue.reached(goal)
        except Exception:  # noqa: BLE001 - a file that is busy at the moment
            return False

    def _checked(self, lines: list[bytes]) -> list[bytes]:
        kept, lost = self._prepare(lines)
        if lost:
            self._inbox.lose(lost)
        return kept

    # ── forks ────────────────────────────────────────────────────────────────────────────────────────────────

    def before_fork(self) -> None:
        if self._disk is not None:
            self._disk.before_fork()

    def after_fork_in_parent(self) -> None:
        if self._disk is not None:
            self._disk.after_fork()

    def after_fork_in_child(self) -> None:
        if self._disk is not None:
            self._disk.leave()
        self._begin()


# ── the ends of processes ────────────────────────────────────────────────────────────────────────────────────

_live: set[Outbox] = set()
"""Those that have to hear of a fork, and of the end."""


def _install() -> None:
    if _installed:
        return
    _installed.append(True)
    atexit.register(_flush_all)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=lambda: _each(Outbox.before_fork),
            after_in_parent=lambda: _each(Outbox.after_fork_in_parent),
            after_in_child=lambda: _each(Outbox.after_fork_in_child),
        )


_installed: list[bool] = []


def _each(do: Callable[[Outbox], None]) -> None:
    for outbox in list(_live):
        try:
            do(outbox)
        except Exception as error:  # noqa: BLE001 - whatever it is, the application forks
            logger.debug("A fork was not followed: %s.", type(error).__name__)


def _flush_all() -> None:
    for outbox in list(_live):
        with contextlib.suppress(Exception):
            outbox.flush_at_end()


def _flush_at_ends_of_children() -> None:
    """Children of these end without `atexit`, but do what their own modules were told."""
    for name in ("multiprocessing.util", "billiard.util"):
        finalize = getattr(sys.modules.get(name), "Finalize", None)
        if finalize is not None:
            finalize(None, _flush_all, exitpriority=0)
