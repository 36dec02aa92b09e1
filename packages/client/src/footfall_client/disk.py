"""The queue on a disk: SQLite in a file that the processes of one machine may share, such as gunicorn's workers.

`track()` puts an event into the inbox, and a thread of its own moves what is there into the file, milliseconds later.
From then on a killed process loses nothing of it: the next process that opens the file sends it. `synchronous=NORMAL`
means that the loss of power may take the last moments.

All processes write, one at a time sends: the one that holds the lock on `PATH.sender` (`flock`, which the kernel gives
back whatever becomes of a process). Killed between the server's answer and `settle`, the batch is sent again, and the
server counts an id once. Places are given in order and leave at the front, so first and last place tell how many wait.

A connection must not be there twice after a fork (SQLite's "How to corrupt"), so it is closed before and opened after.
"""

import contextlib
import fcntl
import os
import sqlite3
import threading
from pathlib import Path

from footfall_client.queue import MAX_BYTES, MAX_EVENTS, Batch, Goal, Inbox, Prepare

RECHECK = 1.0
"""Seconds until a process asks again whether it is its turn to send."""
_PATIENCE = 2.0
"""Seconds that a write waits for another process's."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (place INTEGER PRIMARY KEY AUTOINCREMENT, line BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS lost (count INTEGER NOT NULL);
INSERT INTO lost SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM lost);
"""
_inherited: list[sqlite3.Connection] = []
"""Of a fork that gave no notice (uWSGI's): closing one in the child would take the parent's log away."""


class Disk:
    """What waits in a file. Its methods raise `sqlite3.Error` and `OSError`; a failed one has changed nothing."""

    recheck: float | None = RECHECK

    def __init__(self, path: Path, inbox: Inbox, prepare: Prepare, limit: int, limit_bytes: int) -> None:
        self._path = path
        self._inbox = inbox
        self._prepare = prepare
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._lock = threading.RLock()
        self._open: sqlite3.Connection | None = None
        self._sender: int | None = None
        self._moving: list[bytes] = []
        self._taken = 0
        """What left the inbox and is not in the file: so many events before they were prepared."""
        self.let_go = 0
        """Events that this process took out of the file because there were too many."""
        with self._lock:
            self._db()  # now, so that a path that cannot be used is found out before anything waits for it

    # ── in ───────────────────────────────────────────────────────────────────────────────────────────────────

    def pull(self) -> bool:
        """Move what the inbox has into the file; whether there was anything."""
        if not self._taken:
            taken = self._inbox.take()
            self._moving, self._taken = self._prepare(taken), len(taken)
        lost = self._inbox.lost()
        if not self._taken and not lost:
            return False
        with self._lock, self._db() as db:
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO events (line) VALUES (?)", [(line,) for line in self._moving])
            over = self._over(db)
            db.execute("UPDATE lost SET count = count + ?", (lost + over,))
        self.let_go += over
        self._inbox.told(lost)
        self._inbox.settle(self._taken)
        self._moving, self._taken = [], 0
        return True

    def _over(self, db: sqlite3.Connection) -> int:
        """Let the oldest go where there are too many; how many went."""
        first, last = _ends(db)
        over = max(0, last - first + 1 - self._limit)
        pages, free, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in _SIZES)
        if (pages - free) * size > self._limit_bytes:
            over = max(over, (last - first + 1) // 10)
        return db.execute("DELETE FROM events WHERE place < ?", (first + over,)).rowcount if over else 0

    # ── out ──────────────────────────────────────────────────────────────────────────────────────────────────

    def take(self) -> Batch | None:
        """The oldest, when it is this process's turn to send."""
        with self._lock:
            if not self._is_ours():
                return None
            lines: list[bytes] = []
            last = size = 0
            for place, line in self._db().execute(_OLDEST, (MAX_EVENTS,)):
                if lines and size + len(line) > MAX_BYTES:
                    break
                size += len(line) + 1
                lines.append(line)
                last = place
            return Batch(lines, last) if lines else None

    def settle(self, batch: Batch) -> None:
        with self._lock, self._db() as db:
            db.execute("DELETE FROM events WHERE place <= ?", (batch.last,))

    def lose(self, count: int) -> None:
        self._inbox.lose(count)

    def lost(self) -> int:
        with self._lock:
            return self._db().execute("SELECT count FROM lost").fetchone()[0]

    def told(self, count: int) -> None:
        with self._lock, self._db() as db:
            db.execute("UPDATE lost SET count = max(0, count - ?)", (count,))

    def reached(self, goal: Goal) -> bool:
        if not self._inbox.passed(goal.mark):
            return False
        with self._lock:
            first, last = _ends(self._db())
        if goal.place is None:
            goal.place = last
        return first > goal.place

    # ── its life ─────────────────────────────────────────────────────────────────────────────────────────────

    def close(self) -> None:
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None
            if self._sender is not None:
                os.close(self._sender)
                self._sender = None

    def before_fork(self) -> None:
        """Hold still, and have nothing open that a child must not have."""
        if self._lock.acquire(timeout=2 * _PATIENCE):
            self.close()

    def after_fork(self) -> None:
        """In the parent."""
        with contextlib.suppress(RuntimeError):  # it was not given in time
            self._lock.release()

    def leave(self) -> None:
        """In the child: let go of what is the parent's."""
        if self._open is not None:
            _inherited.append(self._open)
        if self._sender is not None:
            os.close(self._sender)  # the parent's own keeps the lock

    def _db(self) -> sqlite3.Connection:
        if self._open is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # What people did is nobody else's business; SQLite gives its further files the same mode.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            db = sqlite3.connect(self._path, timeout=_PATIENCE, check_same_thread=False, isolation_level=None)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            except sqlite3.Error:
                db.close()
                raise
            self._open = db
        return self._open

    def _is_ours(self) -> bool:
        if self._sender is None:
            lock = os.open(f"{self._path}.sender", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                return False
            except OSError:
                os.close(lock)
                raise
            self._sender = lock
        return True


_OLDEST = "SELECT place, line FROM events ORDER BY place LIMIT ?"
_SIZES = ("page_count", "freelist_count", "page_size")


def _ends(db: sqlite3.Connection) -> tuple[int, int]:
    """First and last place; the first lies behind the last where nothing waits."""
    (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'").fetchone()
    (first,) = db.execute("SELECT min(place) FROM events").fetchone()
    return last + 1 if first is None else first, last
