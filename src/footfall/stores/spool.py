"""The spool: what was acknowledged and is not in the warehouse yet, and what was refused. SQLite, WAL, FULL.

`append` is the line before every 2xx: when it reports, the batch has been fsynced. Appends and acks of many
callers share a commit (group commit), made by the one thread that writes, and what one commit brings of a project is
one row: each statement costs this thread a wait for Python's lock (ADR 0049). Counters change in the commit that
changes what they count, so they survive a crash as they are. Nothing here knows what an event is: the spool keeps
(id, line) pairs.

Killed before a commit, nothing of it exists and nobody was told otherwise; killed after, the batch is found at
the next start; killed between the warehouse's insert and `ack`, the batch is leased again and the writer
recognises its own rows (ADR 0004).

It is bounded (ADR 0047): past its limit, or where the disk would be left with less than its reserve, an append is
refused as a whole, and acks go on. Of a project's quarantine the oldest entries go beyond a bound, and are counted.
"""

import contextlib
import logging
import queue
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from footfall.model.errors import FolderDamaged, Unavailable
from footfall.model.event import Millis, Refused
from footfall.settings import QUARANTINE_LIMIT, SPOOL_LIMIT
from footfall.stores.machine import Disk, disk_of, in_words
from footfall.stores.trouble import Trouble

BATCH_SPAN = 1 << 16
"""arrival = row of the queue * BATCH_SPAN + place in the row."""

ENGINE = "engine"
"""The source of what the engine would not have."""

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
    raw BLOB NOT NULL,
    app_version TEXT NOT NULL DEFAULT '',
    violations TEXT NOT NULL DEFAULT '[]'
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
_LATER_COLUMNS = ("app_version TEXT NOT NULL DEFAULT ''", "violations TEXT NOT NULL DEFAULT '[]'")
"""Of the quarantine, that a file of before lacks."""
_TOTALS = ("accepted", "stored", "quarantined", "duplicates", "client_dropped", "quarantine_dropped")
_QUARANTINE_BYTES = "quarantine_bytes"
_ENTRY_BYTES = 256
"""What an entry of the quarantine takes besides its text, about."""
_MEASURE_QUARANTINE = """
INSERT INTO project_totals
SELECT project_id, ?, sum(length(raw) + ?) FROM quarantine
WHERE NOT EXISTS (SELECT 1 FROM project_totals WHERE name = ?) GROUP BY project_id
"""
"""For a file of before there was a bound."""
_MOST_DROPPED = 1_000_000
"""Of one batch; a public key may say any number."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much the spool may hold, in bytes."""

    queue: int = SPOOL_LIMIT
    """Of events that wait for the warehouse; one batch is always taken."""
    quarantine: int = QUARANTINE_LIMIT
    """Of what was refused of a project. What the engine refused is not dropped."""
    reserve: int | None = None
    """What is left free on the disk; None goes by its size (`machine.Disk`)."""


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Of all projects together."""

    bytes: int
    limit_bytes: int
    refusing: str | None
    """Why nothing more is taken at the moment."""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Events of a project since the folder was made: accepted = queued + stored + duplicates + quarantined."""

    accepted: int
    queued: int
    stored: int
    quarantined: int
    duplicates: int
    client_dropped: int
    """What clients say that they lost themselves; not part of the rest."""
    quarantine_dropped: int
    """Of those quarantined, how many are not kept any more because there were too many."""
    oldest: Millis | None
    """When the oldest queued batch was received."""


class Leased(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the queue, on its way to the warehouse: batches of a project that shared a commit."""

    seq: int
    project_id: int
    received_at: Millis
    """When the first of it was received."""
    rows: list[Row]


class Refusals(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries of the quarantine are meant: all that are like this."""

    ids: tuple[int, ...] = ()
    event: str | None = None
    reason: str | None = None
    path: str | None = None
    app_version: str | None = None


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    received_at: Millis
    source: str
    event: str
    reason: str
    detail: str
    path: str
    raw: bytes
    app_version: str
    violations: tuple[str, ...]


class QuarantineGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Entries that one mend would free."""

    event: str
    reason: str
    path: str
    app_version: str
    entries: int
    first: Millis
    last: Millis
    detail: str
    """Of the last one."""


class Burial(msgspec.Struct, frozen=True, kw_only=True):
    """An event that the engine would not have."""

    project_id: int
    received_at: Millis
    refused: Refused


Done = Callable[[int, Exception | None], None]
"""Called on the spool's thread with the position of the last batch on disk, or with what went wrong."""


class _Append(msgspec.Struct, frozen=True, kw_only=True):
    """Events that somebody waits for the disk to have."""

    project_id: int
    received_at: Millis
    rows: list[Row]
    refused: list[Refused]
    source: str
    dropped: int
    replaces: tuple[int, ...]
    """Entries of the quarantine that these events were."""
    size: int
    """Bytes of its lines."""
    brings: int
    """Bytes that it adds, about; never none."""
    done: Done


class _Work(msgspec.Struct, frozen=True):
    """Anything else that is written; it makes room, or needs none."""

    work: Callable[[sqlite3.Connection, "_Changes"], None]
    done: Done


class _Changes:
    """What a commit changes beside the rows that it writes."""

    def __init__(self) -> None:
        self.held = 0
        """Bytes more in the queue."""
        self._totals: Counter[tuple[int, str]] = Counter()

    def add(self, project_id: int, name: str, count: int) -> None:
        if count:
            self._totals[project_id, name] += count

    def write(self, db: sqlite3.Connection) -> None:
        """The totals, which are only ever added to."""
        if self._totals:
            db.executemany(
                "INSERT INTO project_totals VALUES (?, ?, ?)"
                " ON CONFLICT (project_id, name) DO UPDATE SET value = value + excluded.value",
                [(project_id, name, count) for (project_id, name), count in self._totals.items()],
            )
            self._totals.clear()


_Job = _Append | _Work

_payload = msgspec.msgpack.Decoder(list[Row])
_violations = msgspec.json.Decoder(tuple[str, ...])
_MOST_JOBS = 512
_ROW_BYTES = 1024**2
"""Of events that share a row; a batch is never parted. A row is what the writer takes at least, so on a disk that is
nearly full it must be small."""
_SLACK = 0.1
"""Of a limit: so much below it, arrival goes on. Otherwise it would come and go with each batch."""
_INCREMENTAL = 2
_UNUSED_PAGES = 1024
"""4 MiB, which the log holds once more until it is folded into the file."""
_LOG_BYTES = 4 * 1024**2
"""That the log is cut back to once it was longer."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_AGAIN = "Nothing of this was stored; send the same again later."
_log = logging.getLogger("footfall.spool")


def _closed() -> Unavailable:
    return Unavailable(f"The server is about to stop. {_AGAIN}")


_CLOSE = _Work(lambda _db, _changes: None, lambda _seq, _error: None)


class Spool:
    """One SQLite file. `append` and `ack` may be called from any thread; reads are short."""

    def __init__(self, path: Path, bounds: Bounds | None = None) -> None:
        """Raises `FolderDamaged` where the file is something else, `Unavailable` where the disk has no room for it."""
        self._path = path
        self._bounds = bounds or Bounds()
        try:
            self._writes = self._connect()
            self._give_back_what_is_unused()
            self._writes.executescript(_SCHEMA)
            if self._writes.execute("SELECT 1 FROM sqlite_schema WHERE name = 'totals'").fetchone():
                self._writes.executescript(f"BEGIN; {_FROM_ONE_PROJECT} COMMIT;")
            self._add_later_columns()
            self._writes.execute(_MEASURE_QUARANTINE, (_QUARANTINE_BYTES, _ENTRY_BYTES, _QUARANTINE_BYTES))
            self._writes.commit()
            self._reads = self._connect()
            (self._held,) = self._reads.execute("SELECT coalesce(sum(length(payload)), 0) FROM batches").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode in _DAMAGED:
                raise FolderDamaged(path, error) from error
            raise Unavailable(f"{path} cannot be opened ({error}). Is there room on its disk?") from error
        self._place = str(path.parent)
        self._closing = False
        self._trouble = Trouble(_log, "events are taken again")
        self._reading = threading.Lock()
        self._last = self._first_last()
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="footfall-spool", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Commit what is waiting, fold the log into the file, close."""
        self._closing = True
        self._jobs.put(_CLOSE)
        self._thread.join()
        with contextlib.suppress(sqlite3.OperationalError):  # without room for it, the log stays and is read again
            self._writes.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writes.close()
        self._reads.close()

    @property
    def last(self) -> int:
        """Position of the last batch that is on disk."""
        return self._last

    @property
    def reserve(self) -> int:
        """Bytes that are left free on the disk."""
        return disk_of(self._place).reserve if self._bounds.reserve is None else self._bounds.reserve

    @property
    def queue(self) -> Queue:
        """How full it is."""
        full = self._full(1, 0, self._disk())
        return Queue(bytes=self._held, limit_bytes=self._bounds.queue, refusing=full and full[1])

    def append(
        self,
        project_id: int,
        received_at: Millis,
        rows: list[Row],
        refused: list[Refused],
        source: str,
        done: Done,
        dropped: int = 0,
        replaces: tuple[int, ...] = (),
    ) -> None:
        """Put a batch and what was refused of it on the disk, then call `done`; with `Unavailable` where it cannot.

        `dropped` is how many events the client says that it lost before this batch; what it `replaces` leaves the
        quarantine with the same commit.
        """
        size = sum([len(line) for _, line in rows])
        self._put(
            _Append(
                project_id=project_id,
                received_at=received_at,
                rows=rows,
                refused=refused,
                source=source,
                dropped=dropped,
                replaces=replaces,
                size=size,
                brings=size + sum([len(one.raw) for one in refused]) + 1,
                done=done,
            )
        )

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

        def work(db: sqlite3.Connection, changes: _Changes) -> None:
            acked = (msgspec.json.encode(seqs).decode(),)
            those = "FROM batches WHERE seq IN (SELECT value FROM json_each(?))"
            changes.held -= db.execute(f"SELECT coalesce(sum(length(payload)), 0) {those}", acked).fetchone()[0]
            db.execute(f"DELETE {those}", acked)
            for name, counts in (("stored", stored), ("duplicates", duplicates)):
                for project_id, count in counts.items():
                    changes.add(project_id, name, count)
            for burial in buried:
                _quarantine(db, changes, burial.project_id, burial.received_at, ENGINE, [burial.refused])

        self._put(_Work(work, done))

    def add_stored(self, project_id: int, count: int, done: Done) -> None:
        """Count events that were put into the warehouse past the spool (generated data)."""

        def work(_db: sqlite3.Connection, changes: _Changes) -> None:
            changes.add(project_id, "accepted", count)
            changes.add(project_id, "stored", count)

        self._put(_Work(work, done))

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

    def quarantined(
        self, project_id: int, before: int | None, limit: int, like: Refusals | None = None
    ) -> list[Quarantined]:
        """What was refused, newest first; `before` is the last id of the page before."""
        where, bound = _alike(project_id, like or Refusals())
        with self._reading:
            rows = self._reads.execute(
                f"SELECT {', '.join(Quarantined.__struct_fields__)} FROM quarantine"
                f" WHERE {where} AND id < ? ORDER BY id DESC LIMIT ?",
                (*bound, before if before is not None else 2**62, limit),
            ).fetchall()
        return [
            Quarantined(
                **dict(zip(Quarantined.__struct_fields__, row[:-1], strict=False)),
                violations=_violations.decode(row[-1]),
            )
            for row in rows
        ]

    def quarantine_groups(self, project_id: int, limit: int) -> list[QuarantineGroup]:
        """What was refused, together by what would mend it; most entries first."""
        with self._reading:
            # Beside max(), SQLite takes bare columns from the row that has it.
            rows = self._reads.execute(
                "SELECT event, reason, path, app_version, count(*) AS entries, min(received_at), max(received_at),"
                " detail FROM quarantine WHERE project_id = ? GROUP BY event, reason, path, app_version"
                " ORDER BY entries DESC, event, reason, path, app_version LIMIT ?",
                (project_id, limit),
            ).fetchall()
        return [
            QuarantineGroup(
                event=event, reason=reason, path=path, app_version=version, entries=entries, first=first, last=last,
                detail=detail,
            )
            for event, reason, path, version, entries, first, last, detail in rows
        ]  # fmt: skip

    def discard(self, project_id: int, like: Refusals, done: Done) -> None:
        """Let entries of the quarantine go."""

        def work(db: sqlite3.Connection, changes: _Changes) -> None:
            where, bound = _alike(project_id, like)
            _let_go(db, changes, project_id, where, bound)

        self._put(_Work(work, done))

    def expire(self, before: Millis, done: Done) -> None:
        """Let entries of every project's quarantine go that are as old as that."""

        def work(db: sqlite3.Connection, changes: _Changes) -> None:
            for (project_id,) in db.execute(
                "SELECT DISTINCT project_id FROM quarantine WHERE received_at < ?", (before,)
            ).fetchall():
                _let_go(db, changes, project_id, "project_id = ? AND received_at < ?", (project_id, before))

        self._put(_Work(work, done))

    def _add_later_columns(self) -> None:
        there = {row[1] for row in self._writes.execute("PRAGMA table_info(quarantine)")}
        for column in _LATER_COLUMNS:
            if column.partition(" ")[0] not in there:
                self._writes.execute(f"ALTER TABLE quarantine ADD COLUMN {column}")

    def _give_back_what_is_unused(self) -> None:
        # A file that was made without it has to be written anew, which may fail where there is little room.
        if self._writes.execute("PRAGMA auto_vacuum").fetchone() != (_INCREMENTAL,):
            with contextlib.suppress(sqlite3.OperationalError):
                self._writes.execute("VACUUM")

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, check_same_thread=False, timeout=30)
        db.execute(f"PRAGMA auto_vacuum = {_INCREMENTAL}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        # Otherwise an ack writes zeros over all that it deletes, and needs as much room in the log as that took.
        db.execute("PRAGMA secure_delete = FAST")
        return db

    def _first_last(self) -> int:
        row = self._writes.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batches'").fetchone()
        return row[0] if row else 0

    def _run(self) -> None:
        while True:
            jobs: list[_Job] = [self._jobs.get()]
            while len(jobs) < _MOST_JOBS and not self._jobs.empty():
                jobs.append(self._jobs.get())
            self._commit(self._admitted(jobs))
            if _CLOSE in jobs:
                break
        while not self._jobs.empty():  # what came too late to be written
            self._jobs.get().done(self._last, _closed())

    def _put(self, job: _Job) -> None:
        if self._closing:
            job.done(self._last, _closed())
        else:
            self._jobs.put(job)

    def _disk(self) -> Disk:
        try:
            return disk_of(self._place)
        except OSError:  # it has gone away: nothing can be written, and this thread must go on to say so
            return Disk(size=0, free=-1)

    def _admitted(self, jobs: list[_Job]) -> list[_Job]:
        """Those that there is room for; the others are told that there is none."""
        admitted: list[_Job] = []
        coming = 0
        disk = self._disk()
        for job in jobs:
            size = job.brings if isinstance(job, _Append) else 0
            full = self._full(size, coming, disk) if size else None
            if full is None:
                coming += size
                admitted.append(job)
            else:
                self._trouble.met(f"events are refused with 503: {full[1]}")
                job.done(self._last, Unavailable(f"{full[0]} {_AGAIN}"))
        return admitted

    def _full(self, size: int, before: int, disk: Disk) -> tuple[str, str] | None:
        """Why so many bytes behind those `before` are too many: a sentence for who sends them, and one for the log."""
        slack = _SLACK if self._trouble.says else 0
        limit = int(self._bounds.queue * (1 - slack))
        held = self._held + before
        if held and held + size > limit:
            return "The queue is full.", (
                f"{in_words(self._held)} of them wait for the engine and {in_words(self._bounds.queue)} may"
                " (--spool-limit); see why the engine does not take them"
            )
        reserve = disk.reserve if self._bounds.reserve is None else self._bounds.reserve
        if disk.free - before - size < int(reserve * (1 + slack)):
            return "The disk is nearly full.", (
                f"the disk of {self._place} is down to the {in_words(reserve)} that are left free"
                " (FOOTFALL_DISK_RESERVE); make room"
            )
        return None

    def _commit(self, jobs: list[_Job]) -> None:
        error: Exception | None = None
        changes = _Changes()
        appends = [job for job in jobs if isinstance(job, _Append)]
        try:
            with self._writes as db:
                last = self._write_rows(db, changes, appends)
                for one in appends:
                    self._write_refused(db, changes, one)
                for job in jobs:
                    if isinstance(job, _Work):
                        job.work(db, changes)
                changes.write(db)
            self._last = last  # not before the commit: a reader would take the batches for gone
            self._held += changes.held
        except Exception as problem:  # noqa: BLE001 - whatever it was, nothing was committed and callers must hear
            error = Unavailable(f"The disk cannot take events at the moment. {_AGAIN}")
            error.__cause__ = problem
            self._trouble.met(f"events are refused with 503: the spool cannot be written ({type(problem).__name__})")
        else:
            if appends:
                self._trouble.over()
            with contextlib.suppress(sqlite3.Error):
                self._shrink()
        for job in jobs:
            job.done(self._last, error)

    def _write_rows(self, db: sqlite3.Connection, changes: _Changes, appends: list[_Append]) -> int:
        """The events, a row for each project or few; the position of the last one."""
        last = self._last
        for project_id, received_at, rows in _packed(appends):
            payload = msgspec.msgpack.encode(rows)
            added = db.execute(
                "INSERT INTO batches (project_id, received_at, events, payload) VALUES (?, ?, ?, ?)",
                (project_id, received_at, len(rows), payload),
            )
            last = added.lastrowid or last
            changes.held += len(payload)
        return last

    def _write_refused(self, db: sqlite3.Connection, changes: _Changes, one: _Append) -> None:
        if one.refused:
            _quarantine(db, changes, one.project_id, one.received_at, one.source, one.refused)
            changes.write(db)  # before the bound looks at them
            self._bound_quarantine(db, changes, one.project_id)
        if one.replaces:
            where, bound = _alike(one.project_id, Refusals(ids=one.replaces))
            _let_go(db, changes, one.project_id, where, bound)
        changes.add(one.project_id, "accepted", len(one.rows) + len(one.refused))
        changes.add(one.project_id, "client_dropped", min(one.dropped, _MOST_DROPPED))

    def _shrink(self) -> None:
        """Give the disk back what a queue that was long once took: a part of it, so that nobody waits for long."""
        if self._held and not self._trouble.says:
            return
        (unused,) = self._writes.execute("PRAGMA freelist_count").fetchone()
        if unused > (0 if self._trouble.says else _UNUSED_PAGES):
            # Not `execute`, which frees a single page of them.
            self._writes.executescript(f"PRAGMA incremental_vacuum({_UNUSED_PAGES}); PRAGMA wal_checkpoint(PASSIVE);")

    def _bound_quarantine(self, db: sqlite3.Connection, changes: _Changes, project_id: int) -> None:
        """Let the oldest of a project's entries go, down to a bit below the bound, so that not each batch has to."""
        (held,) = db.execute(
            "SELECT coalesce(sum(value), 0) FROM project_totals WHERE project_id = ? AND name = ?",
            (project_id, _QUARANTINE_BYTES),
        ).fetchone()
        if held <= self._bounds.quarantine:
            return
        wanted = held - int(self._bounds.quarantine * (1 - _SLACK))
        going, freed = [], 0
        for id_, size in db.execute(
            "SELECT id, length(raw) + ? FROM quarantine WHERE project_id = ? AND source != ? ORDER BY id",
            (_ENTRY_BYTES, project_id, ENGINE),
        ):
            if freed >= wanted:
                break
            going.append((id_,))
            freed += size
        db.executemany("DELETE FROM quarantine WHERE id = ?", going)
        changes.add(project_id, _QUARANTINE_BYTES, -freed)
        changes.add(project_id, "quarantine_dropped", len(going))


def _packed(appends: list[_Append]) -> Iterator[tuple[int, Millis, list[Row]]]:
    """Project, first receipt and rows of what goes into the table as one: as much of a project as one may hold."""
    open_: dict[int, tuple[Millis, list[Row]]] = {}
    sizes: Counter[int] = Counter()
    for one in appends:
        if not one.rows:
            continue
        project_id = one.project_id
        if project_id in open_ and (
            len(open_[project_id][1]) + len(one.rows) > BATCH_SPAN or sizes[project_id] + one.size > _ROW_BYTES
        ):
            yield project_id, *open_.pop(project_id)
            sizes[project_id] = 0
        open_.setdefault(project_id, (one.received_at, []))[1].extend(one.rows)
        sizes[project_id] += one.size
    for project_id, (received_at, rows) in open_.items():
        yield project_id, received_at, rows


def _quarantine(
    db: sqlite3.Connection,
    changes: _Changes,
    project_id: int,
    received_at: Millis,
    source: str,
    refused: list[Refused],
) -> None:
    db.executemany(
        "INSERT INTO quarantine (project_id, received_at, source, event, reason, detail, path, raw, app_version,"
        " violations) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (project_id, received_at, source, r.event, r.reason, r.detail, r.path, r.raw, r.app_version,
             msgspec.json.encode(r.violations).decode())
            for r in refused
        ],
    )  # fmt: skip
    changes.add(project_id, "quarantined", len(refused))
    changes.add(project_id, _QUARANTINE_BYTES, sum(len(r.raw) + _ENTRY_BYTES for r in refused))


def _alike(project_id: int, like: Refusals) -> tuple[str, tuple[int | str, ...]]:
    """The condition, and what is bound in it."""
    where = ["project_id = ?"]
    bound: list[int | str] = [project_id]
    if like.ids:
        where.append("id IN (SELECT value FROM json_each(?))")
        bound.append(msgspec.json.encode(like.ids).decode())
    for name in ("event", "reason", "path", "app_version"):
        value = getattr(like, name)
        if value is not None:
            where.append(f"{name} = ?")
            bound.append(value)
    return " AND ".join(where), tuple(bound)


def _let_go(
    db: sqlite3.Connection, changes: _Changes, project_id: int, where: str, bound: tuple[int | str, ...]
) -> None:
    (freed,) = db.execute(
        f"SELECT coalesce(sum(length(raw) + {_ENTRY_BYTES}), 0) FROM quarantine WHERE {where}", bound
    ).fetchone()
    db.execute(f"DELETE FROM quarantine WHERE {where}", bound)
    changes.add(project_id, _QUARANTINE_BYTES, -freed)
