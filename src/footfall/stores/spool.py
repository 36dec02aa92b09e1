"""The spool: what was acknowledged and is not in the warehouse yet, and what was refused. SQLite, WAL, FULL.

`append` is the line before every 2xx: when it reports, the batch has been fsynced. Appends and acks of many
callers share a commit (group commit), made by the one thread that writes. Counters change in the commit that
changes what they count, so they survive a crash as they are. Nothing here knows what an event is: the spool
keeps (id, line) pairs.

Killed before a commit, nothing of it exists and nobody was told otherwise; killed after, the batch is found at
the next start; killed between the warehouse's insert and `ack`, the batch is leased again and the writer
recognises its own rows (ADR 0004).
"""

import queue
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from footfall.model.errors import FolderDamaged, Unavailable
from footfall.model.event import Millis, Refused

BATCH_SPAN = 1 << 16
"""arrival = batch * BATCH_SPAN + place in the batch."""

Row = tuple[str, bytes]
"""An event's id and its line for the warehouse."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    events INTEGER NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    event TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    path TEXT NOT NULL,
    raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS quarantine_by_project ON quarantine (project_id, id);
CREATE INDEX IF NOT EXISTS batches_by_project ON batches (project_id, received_at);
CREATE TABLE IF NOT EXISTS project_totals (
    project_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (project_id, name)
) WITHOUT ROWID;
"""
_FROM_ONE_PROJECT = """
INSERT OR IGNORE INTO project_totals SELECT 1, name, value FROM totals WHERE value > 0;
DROP TABLE totals;
"""
"""Before projects, there was one row a name; all that it counted was the default project's."""
_TOTALS = ("accepted", "stored", "quarantined", "duplicates", "client_dropped")
_MOST_DROPPED = 1_000_000
"""Of one batch; a public key may say any number."""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Events of a project since the folder was made: accepted = queued + stored + duplicates + quarantined."""

    accepted: int
    queued: int
    stored: int
    quarantined: int
    duplicates: int
    client_dropped: int
    """What clients say that they lost themselves; not part of the rest."""
    oldest: Millis | None
    """When the oldest queued batch was received."""


class Leased(msgspec.Struct, frozen=True, kw_only=True):
    """A batch on its way to the warehouse."""

    seq: int
    project_id: int
    received_at: Millis
    rows: list[Row]


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    received_at: Millis
    source: str
    event: str
    reason: str
    detail: str
    path: str
    raw: bytes


class Burial(msgspec.Struct, frozen=True, kw_only=True):
    """An event that the engine would not have."""

    project_id: int
    received_at: Millis
    refused: Refused


Done = Callable[[int, Exception | None], None]
"""Called on the spool's thread with the position of the last batch on disk, or with what went wrong."""


class _Job(msgspec.Struct):
    work: Callable[[sqlite3.Connection], int]
    done: Done


_payload = msgspec.msgpack.Decoder(list[Row])
_MOST_JOBS = 512
_CLOSE = _Job(lambda _: 0, lambda _seq, _error: None)


class Spool:
    """One SQLite file. `append` and `ack` may be called from any thread; reads are short."""

    def __init__(self, path: Path) -> None:
        """Raises `FolderDamaged` where the file is something else."""
        self._path = path
        try:
            self._writes = self._connect()
            self._writes.executescript(_SCHEMA)
            if self._writes.execute("SELECT 1 FROM sqlite_schema WHERE name = 'totals'").fetchone():
                self._writes.executescript(f"BEGIN; {_FROM_ONE_PROJECT} COMMIT;")
            self._writes.commit()
            self._reads = self._connect()
        except sqlite3.DatabaseError as error:
            raise FolderDamaged(path, error) from error
        self._reading = threading.Lock()
        self._last = self._first_last()
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="footfall-spool", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Commit what is waiting, fold the log into the file, close."""
        self._jobs.put(_CLOSE)
        self._thread.join()
        self._writes.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writes.close()
        self._reads.close()

    @property
    def last(self) -> int:
        """Position of the last batch that is on disk."""
        return self._last

    def append(
        self,
        project_id: int,
        received_at: Millis,
        rows: list[Row],
        refused: list[Refused],
        source: str,
        done: Done,
        dropped: int = 0,
    ) -> None:
        """Put a batch and what was refused of it on the disk, then call `done`.

        `dropped` is how many events the client says that it lost before this batch.
        """
        payload = msgspec.msgpack.encode(rows) if rows else b""

        def work(db: sqlite3.Connection) -> int:
            seq = 0
            if rows:
                seq = (
                    db.execute(
                        "INSERT INTO batches (project_id, received_at, events, payload) VALUES (?, ?, ?, ?)",
                        (project_id, received_at, len(rows), payload),
                    ).lastrowid
                    or 0
                )
            _quarantine(db, project_id, received_at, source, refused)
            _add(db, project_id, "accepted", len(rows) + len(refused))
            _add(db, project_id, "client_dropped", min(dropped, _MOST_DROPPED))
            return seq

        self._jobs.put(_Job(work, done))

    def lease(self, after: int, most_events: int, most_bytes: int) -> list[Leased]:
        """The oldest batches behind position `after`, at least one and up to the bounds."""
        leased: list[Leased] = []
        events = size = 0
        with self._reading:
            for seq, project_id, received_at, count, payload in self._reads.execute(
                "SELECT seq, project_id, received_at, events, payload FROM batches WHERE seq > ? ORDER BY seq",
                (after,),
            ):
                if leased and (events + count > most_events or size + len(payload) > most_bytes):
                    break
                events += count
                size += len(payload)
                leased.append(
                    Leased(seq=seq, project_id=project_id, received_at=received_at, rows=_payload.decode(payload))
                )
        return leased

    def ack(
        self, seqs: list[int], stored: Counter[int], duplicates: Counter[int], buried: list[Burial], done: Done
    ) -> None:
        """Forget batches that are in the warehouse, and say what became of their events, by project."""

        def work(db: sqlite3.Connection) -> int:
            db.executemany("DELETE FROM batches WHERE seq = ?", [(seq,) for seq in seqs])
            for name, counts in (("stored", stored), ("duplicates", duplicates)):
                for project_id, count in counts.items():
                    _add(db, project_id, name, count)
            for burial in buried:
                _quarantine(db, burial.project_id, burial.received_at, "engine", [burial.refused])
            return 0

        self._jobs.put(_Job(work, done))

    def add_stored(self, project_id: int, count: int, done: Done) -> None:
        """Count events that were put into the warehouse past the spool (generated data)."""

        def work(db: sqlite3.Connection) -> int:
            _add(db, project_id, "accepted", count)
            _add(db, project_id, "stored", count)
            return 0

        self._jobs.put(_Job(work, done))

    def totals(self, project_id: int | None = None) -> Totals:
        """Of a project, or of all."""
        whose, bound = ("", ()) if project_id is None else (" WHERE project_id = ?", (project_id,))
        with self._reading:
            # One statement, one snapshot: the identity of the totals holds in every answer.
            rows = self._reads.execute(
                f"SELECT name, sum(value) FROM project_totals{whose} GROUP BY name"
                f" UNION ALL SELECT 'oldest', min(received_at) FROM batches{whose}",
                bound * 2,
            ).fetchall()
        found: dict[str, int | None] = dict(rows)
        counts = {name: found.get(name) or 0 for name in _TOTALS}
        settled = counts["stored"] + counts["quarantined"] + counts["duplicates"]
        return Totals(**counts, queued=counts["accepted"] - settled, oldest=found["oldest"])

    def quarantined(self, project_id: int, before: int | None, limit: int) -> list[Quarantined]:
        """What was refused, newest first; `before` is the last id of the page before."""
        with self._reading:
            rows = self._reads.execute(
                "SELECT id, received_at, source, event, reason, detail, path, raw FROM quarantine"
                " WHERE project_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
                (project_id, before if before is not None else 2**62, limit),
            ).fetchall()
        return [
            Quarantined(
                id=id_,
                received_at=at,
                source=source,
                event=event,
                reason=reason,
                detail=detail,
                path=path,
                raw=raw,
            )
            for id_, at, source, event, reason, detail, path, raw in rows
        ]

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, check_same_thread=False, timeout=30)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        return db

    def _first_last(self) -> int:
        row = self._writes.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batches'").fetchone()
        return row[0] if row else 0

    def _run(self) -> None:
        while True:
            jobs = [self._jobs.get()]
            while len(jobs) < _MOST_JOBS and not self._jobs.empty():
                jobs.append(self._jobs.get())
            error: Exception | None = None
            try:
                with self._writes:
                    last = max(self._last, *[job.work(self._writes) for job in jobs])
                self._last = last  # not before the commit: a reader would take the batches for gone
            except Exception as problem:  # noqa: BLE001 - whatever it was, nothing was committed and callers must hear
                error = Unavailable("The disk cannot take events at the moment.")
                error.__cause__ = problem
            for job in jobs:
                job.done(self._last, error)
            if _CLOSE in jobs:
                return


def _add(db: sqlite3.Connection, project_id: int, name: str, count: int) -> None:
    if count:
        db.execute(
            "INSERT INTO project_totals VALUES (?, ?, ?)"
            " ON CONFLICT (project_id, name) DO UPDATE SET value = value + excluded.value",
            (project_id, name, count),
        )


def _quarantine(
    db: sqlite3.Connection, project_id: int, received_at: Millis, source: str, refused: list[Refused]
) -> None:
    db.executemany(
        "INSERT INTO quarantine (project_id, received_at, source, event, reason, detail, path, raw)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(project_id, received_at, source, r.event, r.reason, r.detail, r.path, r.raw) for r in refused],
    )
    _add(db, project_id, "quarantined", len(refused))
