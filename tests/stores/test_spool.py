"""The spool: on the disk when it says so, counted once, in order, whatever happens in between."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.errors import FolderDamaged, Unavailable
from footfall.model.event import Refused
from footfall.stores.spool import BATCH_SPAN, Bounds, Burial, Leased, Refusals, Row, Spool
from tests.support.effort import examples
from tests.support.settled import PATIENCE, answer_of, append


@contextmanager
def opened(path: Path) -> Iterator[Spool]:
    spool = Spool(path)
    try:
        yield spool
    finally:
        spool.close()


@pytest.fixture
def spool(spool_path: Path) -> Iterator[Spool]:
    with opened(spool_path) as one:
        yield one


def rows(*ids: str) -> list[Row]:
    return [(id_, b'{"event_id":"%s"}' % id_.encode()) for id_ in ids]


def refused(detail: str, raw: bytes = b"{}") -> Refused:
    return Refused(reason="invalid_field", detail=detail, path="$.event", raw=raw, event="a")


def ack(spool: Spool, seqs: list[int], stored: int, duplicates: int = 0, buried: tuple[Burial, ...] = ()) -> None:
    answer_of(spool.ack, seqs, Counter({1: stored}), Counter({1: duplicates}), list(buried))


def all_of(spool: Spool) -> list[Leased]:
    return spool.lease(0, 10**9, 10**9)


def ids(leased: list[Leased]) -> list[list[str]]:
    return [[id_ for id_, _ in batch.rows] for batch in leased]


def numbers(spool: Spool) -> tuple[int, int, int, int, int]:
    totals = spool.totals()
    return totals.accepted, totals.queued, totals.stored, totals.quarantined, totals.duplicates


# ── append, lease, ack ───────────────────────────────────────────────────────────────────────────────────────


def test_a_batch_is_leased_as_it_was_appended(spool: Spool) -> None:
    sent = [("é\0'\"", b"\x00\xff{\n}"), ("", b"")]
    position = append(spool, sent, project=7)
    assert position == spool.last == 1
    (batch,) = all_of(spool)
    assert (batch.seq, batch.project_id, batch.rows) == (1, 7, sent)


def test_batches_are_leased_oldest_first_within_the_bounds_and_one_at_least(spool: Spool) -> None:
    for batch in (["a", "b"], ["c"], ["d", "e", "f"], ["g"]):
        append(spool, rows(*batch))
    assert ids(spool.lease(0, 3, 10**9)) == [["a", "b"], ["c"]]
    assert ids(spool.lease(0, 1, 10**9)) == [["a", "b"]]
    assert ids(spool.lease(2, 10**9, 1)) == [["d", "e", "f"]]
    assert ids(spool.lease(2, 4, 10**9)) == [["d", "e", "f"], ["g"]]
    assert spool.lease(4, 10**9, 10**9) == []


def test_what_is_leased_stays_until_it_is_acked(spool: Spool) -> None:
    append(spool, rows("a"))
    append(spool, rows("b"))
    assert ids(all_of(spool)) == ids(all_of(spool)) == [["a"], ["b"]]
    ack(spool, [1], stored=1)
    assert ids(all_of(spool)) == [["b"]]


def test_a_batch_with_nothing_but_refusals_is_on_the_disk_too(spool: Spool) -> None:
    append(spool, [], (refused("one"), refused("two")))
    assert all_of(spool) == []
    assert numbers(spool) == (2, 0, 0, 2, 0)


def test_positions_are_never_used_twice(spool_path: Path) -> None:
    with opened(spool_path) as first:
        for _ in range(3):
            append(first, rows("a"))
        ack(first, [1, 2, 3], stored=3)
    with opened(spool_path) as second:
        assert second.last == 3
        assert append(second, rows("b")) == 4


def test_accepted_is_queued_and_stored_and_quarantined_and_duplicates(spool: Spool) -> None:
    assert numbers(spool) == (0, 0, 0, 0, 0)
    append(spool, rows("a", "b", "c"), (refused("x"),))
    assert numbers(spool) == (4, 3, 0, 1, 0)
    append(spool, rows("c", "d"))
    assert numbers(spool) == (6, 5, 0, 1, 0)
    ack(spool, [1], stored=2, buried=(Burial(project_id=1, received_at=0, refused=refused("engine")),))
    assert numbers(spool) == (6, 2, 2, 2, 0)
    ack(spool, [2], stored=1, duplicates=1)
    assert numbers(spool) == (6, 0, 3, 2, 1)
    answer_of(spool.add_stored, 1, 10)
    assert numbers(spool) == (16, 0, 13, 2, 1)


@examples(25)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["append", "ack", "reopen", "stored"]), st.integers(0, 3), st.integers(0, 3)),
        max_size=15,
    )
)
def test_the_identity_of_the_totals_holds_after_every_step(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("spool") / "spool.db"
    spool = Spool(path)
    queued: list[Leased] = []
    seen = numbers(spool)
    for step, some, others in steps:
        if step == "append" and some + others:
            append(spool, rows(*map(str, range(some))), tuple(refused(str(n)) for n in range(others)))
        elif step == "ack" and (queued := spool.lease(0, 1, 1)):
            held = len(queued[0].rows)
            duplicates = min(others, held)
            ack(spool, [queued[0].seq], stored=held - duplicates, duplicates=duplicates)
        elif step == "stored":
            answer_of(spool.add_stored, 1, some)
        elif step == "reopen":
            spool.close()
            spool = Spool(path)
        accepted, waiting, stored, quarantined, duplicates = now = numbers(spool)
        assert accepted == waiting + stored + quarantined + duplicates
        assert waiting == sum(len(batch.rows) for batch in all_of(spool))
        assert all(later >= before for index, (later, before) in enumerate(zip(now, seen, strict=True)) if index != 1)
        seen = now
    spool.close()


def test_the_oldest_queued_batch_is_told(spool: Spool) -> None:
    assert spool.totals().oldest is None
    for received_at in (50, 30, 40):
        answer_of(spool.append, 1, received_at, rows("a"), [], "native")
    assert spool.totals().oldest == 30
    ack(spool, [2], stored=1)
    assert spool.totals().oldest == 40


# ── reopening ────────────────────────────────────────────────────────────────────────────────────────────────


def test_reopening_keeps_everything(spool_path: Path) -> None:
    with opened(spool_path) as first:
        append(first, rows("a", "b"), (refused("x", b"\xff\x00"),), project=3)
        append(first, rows("c"), project=4)
        ack(first, [1], stored=1, duplicates=1)
        before = numbers(first), all_of(first), first.quarantined(3, None, 10), first.last
    with opened(spool_path) as second:
        assert (numbers(second), all_of(second), second.quarantined(3, None, 10), second.last) == before


def test_what_was_reported_is_in_the_file_without_a_farewell(spool: Spool, spool_path: Path, tmp_path: Path) -> None:
    """As after a crash: the file and its log, copied while the spool is open."""
    for number in range(20):
        append(spool, rows(str(number)), (refused(str(number)),))
    ack(spool, [1], stored=1)
    for file in spool_path.parent.glob("spool.db*"):
        (tmp_path / "copy").mkdir(exist_ok=True)
        (tmp_path / "copy" / file.name).write_bytes(file.read_bytes())
    with opened(tmp_path / "copy" / "spool.db") as copy:
        assert ids(all_of(copy)) == [[str(number)] for number in range(1, 20)]
        assert numbers(copy) == (40, 19, 1, 20, 0)


def test_every_commit_is_synced(spool: Spool) -> None:
    assert spool._writes.execute("PRAGMA synchronous").fetchone() == (2,)
    assert spool._writes.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# ── group commit and threads ─────────────────────────────────────────────────────────────────────────────────


def told() -> tuple[Future[int], Any]:
    future: Future[int] = Future()

    def done(last: int, error: Exception | None) -> None:
        if error is None:
            future.set_result(last)
        else:
            future.set_exception(error)

    return future, done


@contextmanager
def held_up(spool: Spool) -> Iterator[None]:
    """The spool's thread waits inside, so that what is sent meanwhile shares a commit."""
    inside, go_on = threading.Event(), threading.Event()

    def wait(_last: int, _error: Exception | None) -> None:
        inside.set()
        go_on.wait(PATIENCE)

    spool.ack([], Counter(), Counter(), [], wait)
    assert inside.wait(PATIENCE)
    try:
        yield
    finally:
        go_on.set()


def test_a_group_commit_keeps_the_order_and_tells_everybody_in_it(spool: Spool) -> None:
    order: list[str] = []
    with held_up(spool):
        answers = []
        for number in range(50):
            future, done = told()
            answers.append(future)

            def and_note(last: int, error: Exception | None, *, number: int = number, done: Any = done) -> None:
                order.append(str(number))
                done(last, error)

            spool.append(1, 0, rows(str(number)), [], "native", and_note)
    assert {answer.result(PATIENCE) for answer in answers} == {1}, "one commit is one row"
    assert order == [str(number) for number in range(50)]
    assert ids(all_of(spool)) == [[str(number) for number in range(50)]]


def test_a_group_commit_parts_projects_and_what_is_too_large_for_one_row_but_no_batch(spool: Spool) -> None:
    half = [(f"half-{number}", b"x") for number in range(BATCH_SPAN // 2)]
    with held_up(spool):
        answers = [told() for _ in range(5)]
        for (_, done), (project, own) in zip(
            answers, [(1, rows("a")), (2, rows("b")), (1, half), (1, half), (2, rows("c"))], strict=True
        ):
            spool.append(project, 0, own, [], "native", done)
    assert {answer.result(PATIENCE) for answer, _ in answers} == {3}
    kept = all_of(spool)
    by_project = sorted(kept, key=lambda batch: (batch.project_id, batch.seq))
    assert [(batch.project_id, len(batch.rows)) for batch in by_project] == [
        (1, 1 + len(half)),
        (1, len(half)),
        (2, 2),
    ]
    assert ids(by_project)[-1] == ["b", "c"]
    assert numbers(spool)[0] == 3 + 2 * len(half)


def test_threads_append_beside_each_other_and_nothing_is_lost_or_doubled(spool: Spool) -> None:
    def send(sender: int) -> list[str]:
        mine = [f"{sender}-{number}" for number in range(40)]
        for id_ in mine:
            append(spool, rows(id_), (refused(id_),), project=sender)
        return mine

    with ThreadPoolExecutor(8) as threads:
        sent = [id_ for mine in threads.map(send, range(8)) for id_ in mine]
    kept = all_of(spool)
    assert sorted(id_ for batch in ids(kept) for id_ in batch) == sorted(sent)
    for sender in range(8):
        own = [batch.rows[0][0] for batch in kept if batch.project_id == sender]
        assert own == [f"{sender}-{number}" for number in range(40)], "each sender's batches stay in order"
    assert numbers(spool) == (640, 320, 0, 320, 0)


def test_no_position_is_told_before_its_batch_can_be_leased(spool: Spool) -> None:
    """Otherwise a writer that looks between the two would take the batch for one that is gone already."""
    seen: list[tuple[int, list[int]]] = []

    def look(statement: str) -> None:
        if statement.startswith("COMMIT"):
            seen.append((spool.last, [batch.seq for batch in spool.lease(0, 10, 10**9)]))

    spool._writes.set_trace_callback(look)
    append(spool, rows("a"))
    append(spool, rows("b"))
    spool._writes.set_trace_callback(None)
    assert seen == [(0, []), (1, [1])]
    assert spool.last == 2


# ── when the disk cannot ─────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def full(spool: Spool) -> Iterator[None]:
    """A disk without room: SQLite may not make its file any larger."""
    (pages,) = spool._writes.execute("PRAGMA page_count").fetchone()
    spool._writes.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        spool._writes.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def failing_commits(spool: Spool) -> Iterator[None]:
    """Everything can be written and the commit fails: a promise to a table is broken that is checked only then."""
    spool._writes.executescript(
        """
        PRAGMA foreign_keys = ON;
        CREATE TABLE nobody (id INTEGER PRIMARY KEY);
        CREATE TABLE promises (id INTEGER REFERENCES nobody (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER broken AFTER INSERT ON batches BEGIN INSERT INTO promises VALUES (1); END;
        """
    )
    try:
        yield
    finally:
        spool._writes.executescript("DROP TRIGGER broken; DROP TABLE promises; DROP TABLE nobody")


@pytest.mark.parametrize("trouble", [full, failing_commits])
def test_a_disk_that_cannot_is_told_and_nothing_is_counted(spool: Spool, trouble: Any) -> None:
    append(spool, rows("a"), (refused("x"),))
    before = numbers(spool), all_of(spool), spool.last
    with trouble(spool):
        for _ in range(2):
            with pytest.raises(Unavailable):
                append(spool, [("b", b"x" * 1_000_000)], (refused("y"),))
            assert (numbers(spool), all_of(spool), spool.last) == before
    assert len(spool.quarantined(1, None, 10)) == 1
    append(spool, rows("c"))
    assert ids(all_of(spool)) == [["a"], ["c"]]
    assert spool.last == all_of(spool)[-1].seq


def test_a_commit_that_fails_is_told_to_everybody_in_it(spool: Spool) -> None:
    with failing_commits(spool):
        with held_up(spool):
            answers = []
            for number in range(5):
                future, done = told()
                answers.append(future)
                spool.append(1, 0, rows(str(number)), [], "native", done)
        for answer in answers:
            with pytest.raises(Unavailable):
                answer.result(PATIENCE)
    assert all_of(spool) == []


def test_a_fault_of_ours_is_told_and_does_not_end_the_spool(spool: Spool) -> None:
    with pytest.raises(Unavailable):
        append(spool, rows("a"), (refused("half of a pair: \ud800"),))
    assert numbers(spool) == (0, 0, 0, 0, 0)
    append(spool, rows("b"))
    assert ids(all_of(spool)) == [["b"]]


def test_a_file_that_is_no_spool_is_not_overwritten(spool_path: Path) -> None:
    spool_path.write_bytes(b"somebody else's file, and not a short one" * 100)
    with pytest.raises(FolderDamaged, match=spool_path.name):
        Spool(spool_path)
    assert spool_path.read_bytes().startswith(b"somebody")


# ── quarantine ───────────────────────────────────────────────────────────────────────────────────────────────


def test_quarantine_tells_everything_that_is_known(spool: Spool) -> None:
    raw = b'{"event":"a\xff\x00'
    why = Refused(reason="invalid_utf8", detail="The text is not UTF-8.", path="$.é", raw=raw, event="ä")
    answer_of(spool.append, 5, 1234, [], [why], "s0")
    (kept,) = spool.quarantined(5, None, 10)
    assert (kept.received_at, kept.source, kept.event) == (1234, "s0", "ä")
    assert (kept.reason, kept.detail, kept.path, kept.raw) == (why.reason, why.detail, why.path, raw)


def test_quarantine_is_paged_newest_first_by_project(spool: Spool) -> None:
    for number in range(10):
        append(spool, [], (refused(f"{number}"),), project=1 + number % 2)
    first = spool.quarantined(1, None, 2)
    append(spool, [], (refused("new"),), project=1)
    second = spool.quarantined(1, first[-1].id, 2)
    third = spool.quarantined(1, second[-1].id, 2)
    assert [[one.detail for one in page] for page in (first, second, third)] == [["8", "6"], ["4", "2"], ["0"]]
    assert spool.quarantined(1, third[-1].id, 2) == spool.quarantined(9, None, 2) == []


def test_what_the_engine_buried_is_in_quarantine_of_its_project(spool: Spool) -> None:
    append(spool, rows("a", "b"), project=2)
    burial = Burial(project_id=2, received_at=77, refused=refused("The engine refused the event"))
    ack(spool, [1], stored=1, buried=(burial,))
    (kept,) = spool.quarantined(2, None, 10)
    assert (kept.source, kept.received_at, kept.detail) == ("engine", 77, "The engine refused the event")


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────────────────

EVERYTHING = 1 << 62
"""More than any disk has."""


def bounded(path: Path, **bounds: Any) -> Spool:
    return Spool(path, Bounds(**bounds))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == "footfall.spool"]


def test_a_full_queue_refuses_batches_as_a_whole_until_there_is_room_again(
    spool_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(bounded(spool_path, queue=10_000)) as spool:
        for number in range(9):
            append(spool, [(f"{number}", b"x" * 1000)])
        before = numbers(spool)
        for _ in range(3):
            with pytest.raises(Unavailable, match="queue is full"):
                append(spool, [("more", b"x" * 1000)], (refused("x"),))
        assert (numbers(spool), len(spool.quarantined(1, None, 10))) == (before, 0)
        assert spool.queue.refusing is not None
        ack(spool, [1, 2, 3], stored=3)
        assert spool.queue.refusing is None
        append(spool, [("more", b"x" * 1000)])
        told = warnings(caplog)
        assert [("refused" in text, "again" in text) for text in told] == [(True, False), (False, True)], told
        assert "--spool-limit" in told[0]


def test_an_empty_queue_takes_one_batch_however_small_its_limit(spool_path: Path) -> None:
    with closing(bounded(spool_path, queue=0)) as spool:
        append(spool, rows("a"))
        with pytest.raises(Unavailable):
            append(spool, rows("b"))
        ack(spool, [1], stored=1)
        append(spool, rows("b"))


def test_what_is_queued_is_measured_again_after_a_restart(spool_path: Path) -> None:
    with closing(bounded(spool_path)) as first:
        append(first, [("a", b"x" * 5000)])
        append(first, [("b", b"x" * 5000)])
        ack(first, [1], stored=1)
        held = first.queue.bytes
    assert 5000 < held < 5100
    with closing(bounded(spool_path, queue=6000)) as second:
        assert second.queue.bytes == held
        with pytest.raises(Unavailable):
            append(second, [("c", b"x" * 5000)])


def test_a_disk_with_less_than_its_reserve_takes_no_batch_but_acks(
    spool_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(spool_path) as roomy:
        append(roomy, rows("a"))
    with closing(bounded(spool_path, reserve=EVERYTHING)) as spool:
        for _ in range(3):
            with pytest.raises(Unavailable, match="disk is nearly full"):
                append(spool, rows("b"))
        ack(spool, [1], stored=1)
        assert numbers(spool) == (1, 0, 1, 0, 0)
        assert len(warnings(caplog)) == 1
        assert "FOOTFALL_DISK_RESERVE" in (spool.queue.refusing or "")


def test_a_group_counts_together(spool_path: Path) -> None:
    """Batches that share a commit share the room as well."""
    with closing(bounded(spool_path, queue=10_000)) as spool:
        append(spool, rows("first"))
        with held_up(spool):
            answers = []
            for number in range(20):
                future, done = told()
                answers.append(future)
                spool.append(1, 0, [(str(number), b"x" * 1000)], [], "native", done)
        taken = [future.exception(PATIENCE) is None for future in answers]
        assert taken == [True] * 9 + [False] * 11
        assert spool.queue.bytes <= 10_000


def test_a_queue_that_was_long_gives_the_disk_back(spool: Spool, spool_path: Path) -> None:
    for number in range(40):
        append(spool, [(f"{number}", b"x" * 1_000_000)])
    assert spool_path.stat().st_size > 30_000_000
    ack(spool, list(range(1, 41)), stored=40)
    for _ in range(20):
        ack(spool, [], stored=0)
    assert spool_path.stat().st_size < 20_000_000


def test_a_file_of_before_gives_the_disk_back_too(spool_path: Path) -> None:
    with closing(sqlite3.connect(spool_path)) as before:
        before.executescript("PRAGMA journal_mode = WAL; CREATE TABLE somebody (id);")
        assert before.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    with opened(spool_path) as spool:
        assert spool._writes.execute("PRAGMA auto_vacuum").fetchone() == (2,)


def test_an_ack_writes_no_zeros_over_what_it_deletes(spool: Spool) -> None:
    assert spool._writes.execute("PRAGMA secure_delete").fetchone() == (2,)


def test_the_oldest_of_a_project_s_quarantine_go_and_are_counted(spool_path: Path) -> None:
    with closing(bounded(spool_path, quarantine=100_000)) as spool:
        append(spool, [], (refused("another's", b"x" * 10_000),), project=2)
        burial = Burial(project_id=1, received_at=0, refused=refused("the engine's", b"x" * 10_000))
        append(spool, rows("a"))
        ack(spool, [1], stored=0, buried=(burial,))
        for number in range(50):
            append(spool, [], (refused(f"{number}", b"x" * 10_000),))
        kept = [one.detail for one in spool.quarantined(1, None, 1000)]
        assert kept[0] == "49"
        assert kept[-1] == "the engine's", "what was valid when it was acknowledged stays"
        assert 5 <= len(kept) <= 10
        totals = spool.totals(1)
        assert (totals.quarantined, totals.quarantine_dropped) == (51, 51 - len(kept))
        assert spool.totals(2).quarantine_dropped == 0
        assert len(spool.quarantined(2, None, 10)) == 1


def test_a_quarantine_of_before_there_was_a_bound_is_measured(spool_path: Path) -> None:
    with opened(spool_path) as first:
        for number in range(20):
            append(first, [], (refused(f"{number}", b"x" * 10_000),))
        first._writes.execute("DELETE FROM project_totals WHERE name = 'quarantine_bytes'")
        first._writes.commit()
    with closing(bounded(spool_path, quarantine=100_000)) as second:
        append(second, [], (refused("last", b"x"),))
        assert 5 <= len(second.quarantined(1, None, 100)) <= 10


def test_what_comes_after_closing_is_refused_and_nobody_waits_for_it(spool_path: Path) -> None:
    spool = Spool(spool_path)
    spool.close()
    late, done = told()
    spool.append(1, 0, rows("late"), [], "native", done)
    with pytest.raises(Unavailable):
        late.result(PATIENCE)


def test_a_disk_that_has_gone_away_is_a_full_one(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_place: str) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("footfall.stores.spool.disk_of", gone)
    refused_, done = told()
    spool.append(1, 0, rows("1"), [], "native", done)
    with pytest.raises(Unavailable):
        refused_.result(PATIENCE)
    monkeypatch.undo()
    append(spool, rows("2"))
    assert ids(all_of(spool)) == [["2"]], "its thread goes on"


def test_a_queue_that_is_empty_takes_one_batch_over_its_limit_and_not_two(spool_path: Path) -> None:
    with closing(Spool(spool_path, Bounds(queue=100))) as spool:
        with held_up(spool):
            answers = [told() for _ in range(3)]
            for number, (_, done) in enumerate(answers):
                spool.append(1, 0, [(f"{number}", b"x" * 200)], [], "native", done)
        assert [answer.exception(PATIENCE) is None for answer, _ in answers] == [True, False, False]


# ── leaving quarantine ───────────────────────────────────────────────────────────────────────────────────────


def test_what_replaces_an_entry_takes_its_place_in_one_commit(spool: Spool) -> None:
    answer_of(spool.append, 1, 1000, [], [refused("x"), refused("y")], "native")
    (newest, _) = spool.quarantined(1, None, 10)
    answer_of(lambda done: spool.append(1, 2000, rows("a"), [], "replay", done, replaces=(newest.id,)))
    assert [one.detail for one in spool.quarantined(1, None, 10)] == ["x"]
    assert numbers(spool) == (3, 1, 0, 2, 0)
    assert [leased.rows for leased in all_of(spool)] == [rows("a")]


def test_entries_of_another_project_are_not_replaced(spool: Spool) -> None:
    answer_of(spool.append, 1, 1000, [], [refused("x")], "native")
    (entry,) = spool.quarantined(1, None, 10)
    answer_of(lambda done: spool.append(2, 2000, rows("a"), [], "replay", done, replaces=(entry.id,)))
    assert len(spool.quarantined(1, None, 10)) == 1


def test_groups_are_of_what_one_mend_would_free(spool: Spool) -> None:
    one, other = refused("first"), refused("last")
    answer_of(spool.append, 1, 1000, [], [one], "native")
    answer_of(
        spool.append, 1, 2000, [], [other, Refused(reason="enum", detail="z", path="$.b", raw=b"", event="b")], "native"
    )
    groups = spool.quarantine_groups(1, 10)
    assert [(group.event, group.reason, group.entries, group.first, group.last) for group in groups] == [
        ("a", "invalid_field", 2, 1000, 2000),
        ("b", "enum", 1, 2000, 2000),
    ]
    assert groups[0].detail == "last"
    answer_of(spool.discard, 1, Refusals(reason="enum"))
    assert [group.event for group in spool.quarantine_groups(1, 10)] == ["a"]


def test_old_entries_go_and_their_room_is_free_again(spool_path: Path) -> None:
    with closing(Spool(spool_path, Bounds(quarantine=2000))) as spool:
        for at in (1000, 2000):
            answer_of(spool.append, 1, at, [], [refused("x", b"x" * 600)], "native")
        answer_of(spool.expire, 2000)
        assert [one.received_at for one in spool.quarantined(1, None, 10)] == [2000]
        # Another of that size finds room, so nothing else has to go for it.
        answer_of(spool.append, 1, 3000, [], [refused("x", b"x" * 600)], "native")
        assert len(spool.quarantined(1, None, 10)) == 2
        assert spool.totals(1).quarantine_dropped == 0
