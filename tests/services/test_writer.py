# ruff: noqa: N802 - rules are called by their letter
"""From the spool into the warehouse: once each (R25), whatever is sent again, and whenever we die."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights.question import Query
from footfall.model.errors import NoAnswer
from footfall.model.event import Event
from footfall.services.duplicates import SeenIds
from footfall.services.writer import Writer, _Block
from footfall.stores.spool import BATCH_SPAN, Row, Spool
from footfall.stores.warehouse import Warehouse, encode_row, with_arrival
from tests.support.chance import stories
from tests.support.clickhouse import ClickHouse, running_clickhouse
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, at
from tests.support.project import Project, Sent, decoded
from tests.support.settled import PATIENCE, append, empty


@pytest.fixture
def spool(spool_path: Path) -> Iterator[Spool]:
    opened = Spool(spool_path)
    yield opened
    opened.close()


@pytest.fixture
def writer(spool: Spool, warehouse: Warehouse) -> Writer:
    return Writer(spool, warehouse)


def row(project: Project, event_id: str, **fields: Any) -> Row:
    sent = Event(event="a", event_id=event_id, received_at=BASE, **{"timestamp": BASE} | fields)
    return event_id, encode_row(sent, project.id)


def send(spool: Spool, project: Project, *ids: str, **fields: Any) -> None:
    append(spool, [row(project, id_, **fields) for id_ in ids], project=project.id)


def stored(project: Project) -> list[str]:
    return sorted(event["event_id"] for event in project.listed())


def numbers(spool: Spool) -> dict[str, int]:
    totals = spool.totals()
    assert totals.accepted == totals.queued + totals.stored + totals.duplicates + totals.quarantined
    return {name: getattr(totals, name) for name in ("queued", "stored", "duplicates", "quarantined")}


def counted(stored: int, duplicates: int = 0, quarantined: int = 0) -> dict[str, int]:
    return {"queued": 0, "stored": stored, "duplicates": duplicates, "quarantined": quarantined}


# ── R25: once ────────────────────────────────────────────────────────────────────────────────────────────────


def test_R25_an_id_counts_once_within_a_batch_a_block_and_across_blocks(
    spool: Spool, writer: Writer, project: Project
) -> None:
    send(spool, project, "1", "2", "1")
    send(spool, project, "2", "3")
    empty(spool, writer)
    assert (stored(project), numbers(spool)) == (["1", "2", "3"], counted(3, duplicates=2))
    send(spool, project, "3", "4")
    empty(spool, writer)
    assert (stored(project), numbers(spool)) == (["1", "2", "3", "4"], counted(4, duplicates=3))


@pytest.mark.parametrize("with_filter", [True, False], ids=["filter rebuilt", "no filter yet"])
def test_R25_an_id_counts_once_across_restarts(
    spool: Spool, writer: Writer, warehouse: Warehouse, project: Project, with_filter: bool
) -> None:
    send(spool, project, "1", "2")
    empty(spool, writer)
    for restart in range(2):
        again = Writer(spool, warehouse)
        if with_filter:
            again._seen.rebuild()
        send(spool, project, "1", "2", f"new {restart}")
        empty(spool, again)
    assert (stored(project), numbers(spool)) == (["1", "2", "new 0", "new 1"], counted(4, duplicates=4))


def test_R25_the_first_accepted_copy_wins_whatever_a_later_one_says(
    spool: Spool, writer: Writer, project: Project
) -> None:
    send(spool, project, "1", user_id="ann", properties='{"n":1}')
    empty(spool, writer)
    send(spool, project, "1", user_id="bob", timestamp=BASE - 400 * 24 * HOUR, properties='{"n":2}')
    send(spool, project, "2", timestamp=BASE - 400 * 24 * HOUR)
    send(spool, project, "2", timestamp=BASE + 1)
    empty(spool, writer)
    found = {event["event_id"]: event for event in project.listed()}
    assert (found["1"]["user_id"], found["1"]["properties"]) == ("ann", '{"n":1}')
    assert found["2"]["timestamp"].startswith("2025-01-26")
    assert numbers(spool) == counted(2, duplicates=2)


def test_R25_equal_content_with_different_ids_is_two_events(spool: Spool, writer: Writer, project: Project) -> None:
    send(spool, project, "1", "2", user_id="ann")
    empty(spool, writer)
    assert numbers(spool) == counted(2)


def test_R25_an_id_is_one_within_its_project(spool: Spool, writer: Writer, new_project: Callable[[], Project]) -> None:
    first, second = new_project(), new_project()
    for project in (first, second, first):
        send(spool, project, "1")
    empty(spool, writer)
    assert (stored(first), stored(second), numbers(spool)) == (["1"], ["1"], counted(2, duplicates=1))


HOSTILE = ["'", '"', "\\", "\\'", "\0", "\n", "%", "é", "😀", " ", "x" * 200]


def test_R25_hostile_ids_are_told_apart(spool: Spool, warehouse: Warehouse, project: Project) -> None:
    for _ in range(2):
        send(spool, project, *HOSTILE)
        empty(spool, Writer(spool, warehouse))
    assert (stored(project), numbers(spool)) == (sorted(HOSTILE), counted(len(HOSTILE), duplicates=len(HOSTILE)))


def test_an_events_arrival_is_its_place_in_the_order_of_acknowledgement(
    spool: Spool, writer: Writer, project: Project
) -> None:
    send(spool, project, "a", "b", "a", "c")
    send(spool, project, "d")
    empty(spool, writer)
    found = project.warehouse.find([(project.id, id_) for id_ in "abcd"])
    arrivals = {id_: arrival for (number, id_), arrival in found.items() if number == project.id}
    assert arrivals == {"a": BATCH_SPAN, "b": BATCH_SPAN + 1, "c": BATCH_SPAN + 3, "d": 2 * BATCH_SPAN}


# ── crashes ──────────────────────────────────────────────────────────────────────────────────────────────────


def die_before_ack(writer: Writer, spool: Spool, part: float = 1) -> None:
    """Insert what is spooled (or the first part of it) as the writer would, and end there."""
    fresh, _, _ = writer._sift(spool.lease(0, 10**6, 10**9))
    writer._insert(fresh[: round(len(fresh) * part)])


@pytest.mark.parametrize("with_filter", [True, False], ids=["filter rebuilt", "no filter yet"])
@pytest.mark.parametrize("part", [0, 0.5, 1], ids=["nothing inserted", "half inserted", "all inserted"])
def test_killed_between_insert_and_ack_nothing_is_lost_doubled_or_called_a_duplicate(
    spool: Spool, warehouse: Warehouse, project: Project, part: float, with_filter: bool
) -> None:
    send(spool, project, "1", "2", "2")
    send(spool, project, "3", "4")
    die_before_ack(Writer(spool, warehouse), spool, part)
    assert spool.totals().queued == 5
    again = Writer(spool, warehouse)
    if with_filter:
        again._seen.rebuild()
    empty(spool, again)
    assert (stored(project), numbers(spool)) == (["1", "2", "3", "4"], counted(4, duplicates=1))


def test_killed_twice_and_sent_again_meanwhile(spool: Spool, warehouse: Warehouse, project: Project) -> None:
    send(spool, project, "1", "2")
    die_before_ack(Writer(spool, warehouse), spool)
    send(spool, project, "2", "1", "3")
    die_before_ack(Writer(spool, warehouse), spool)
    send(spool, project, "3", "4")
    empty(spool, Writer(spool, warehouse))
    assert (stored(project), numbers(spool)) == (["1", "2", "3", "4"], counted(4, duplicates=3))


def test_killed_after_ack_a_writer_starts_behind_what_is_gone(
    spool_path: Path, warehouse: Warehouse, project: Project
) -> None:
    first = Spool(spool_path)
    send(first, project, "1")
    empty(first, Writer(first, warehouse))
    first.close()
    second = Spool(spool_path)
    try:
        writer = Writer(second, warehouse)
        empty(second, writer)
        send(second, project, "1", "2")
        empty(second, writer)
        assert (stored(project), numbers(second)) == (["1", "2"], counted(2, duplicates=1))
    finally:
        second.close()


def test_a_writer_that_looks_while_a_batch_is_being_committed_does_not_pass_it_over(
    spool: Spool, writer: Writer, project: Project
) -> None:
    send(spool, project, "1")
    empty(spool, writer)

    def look(statement: str) -> None:
        if statement.startswith("COMMIT"):
            spool._writes.set_trace_callback(None)
            writer._move_block()

    spool._writes.set_trace_callback(look)
    send(spool, project, "2")
    empty(spool, writer)
    assert (stored(project), numbers(spool)) == (["1", "2"], counted(2))


# ── what the engine refuses ──────────────────────────────────────────────────────────────────────────────────


def broken(project: Project, id_: str) -> Row:
    return id_, b'{"project_id":%d,"event":"a","event_id":"%s","timestamp":"never"}' % (project.id, id_.encode())


@pytest.mark.parametrize("bad", [{500}, {0, 17, 18, 999}], ids=str)
def test_a_row_that_the_engine_refuses_is_buried_and_its_neighbours_are_stored(
    spool: Spool, writer: Writer, project: Project, bad: set[int]
) -> None:
    rows = [broken(project, f"{n}") if n in bad else row(project, f"{n}") for n in range(1000)]
    append(spool, rows, project=project.id)
    empty(spool, writer)
    assert len(stored(project)) == 1000 - len(bad)
    assert numbers(spool) == counted(1000 - len(bad), quarantined=len(bad))
    buried = spool.quarantined(project.id, None, 10)
    assert {msgspec.json.decode(one.raw)["event_id"] for one in buried} == {f"{n}" for n in bad}
    assert {(one.source, one.reason) for one in buried} == {("engine", "engine_refused")}
    assert all(one.detail for one in buried)


def test_a_block_of_nothing_but_refused_rows_does_not_hold_up_the_next(
    spool: Spool, writer: Writer, project: Project
) -> None:
    append(spool, [broken(project, f"{n}") for n in range(5)], project=project.id)
    send(spool, project, "good")
    empty(spool, writer)
    assert (stored(project), numbers(spool)) == (["good"], counted(1, quarantined=5))


def test_a_buried_row_that_is_sent_again_is_judged_again(spool: Spool, writer: Writer, project: Project) -> None:
    append(spool, [broken(project, "1")], project=project.id)
    empty(spool, writer)
    send(spool, project, "1")
    empty(spool, writer)
    assert (stored(project), numbers(spool)) == (["1"], counted(1, quarantined=1))


# ── answers that are lost ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """A server that loses answers, and is slow to insert."""
    with running_clickhouse(tmp_path_factory.mktemp("troubled")) as server:
        yield server


@pytest.fixture
def distant(troubled: ClickHouse) -> Iterator[Project]:
    opened = Warehouse(troubled.urls(options="?send_receive_timeout=5")[0])
    opened.migrate()
    yield Project(opened, 1)
    opened.close()


@pytest.mark.parametrize("lost", ["1", "2", "3", "4"])
def test_an_insert_whose_answer_is_lost_is_stored_once_whatever_arrives_meanwhile(
    spool: Spool, troubled: ClickHouse, distant: Project, lost: str
) -> None:
    writer = Writer(spool, distant.warehouse)
    months = [BASE - month * 31 * 24 * HOUR for month in range(5)]  # parts of their own
    for place, month in enumerate(months):
        send(spool, distant, f"{lost} {place}", timestamp=month)
    troubled.tell("lose", lost)
    failures = 0
    while writer._stored < spool.last:
        try:
            writer._move_block()
        except NoAnswer:
            failures += 1
            send(spool, distant, f"{lost} later {failures}", f"{lost} 0")
    assert failures == int(lost) // 2, "the client repeats an insert once by itself"
    ids = [f"{lost} {place}" for place in range(5)] + [f"{lost} later {one + 1}" for one in range(failures)]
    assert [id_ for id_ in stored(distant) if id_.startswith(f"{lost} ")] == sorted(ids)
    assert numbers(spool) == counted(len(ids), duplicates=failures)


def test_an_insert_that_is_carried_out_after_it_was_given_up_is_stored_once(
    spool: Spool, troubled: ClickHouse, distant: Project
) -> None:
    """The client has timed out and left, and the server goes on with what it was sent."""
    writer = Writer(spool, distant.warehouse)
    send(spool, distant, "late 1", "late 2")
    troubled.tell("hold")
    with pytest.raises(NoAnswer):
        writer._move_block()
    send(spool, distant, "late 3", "late 1")
    troubled.tell("release")
    empty(spool, writer)
    assert [id_ for id_ in stored(distant) if id_.startswith("late")] == ["late 1", "late 2", "late 3"]
    assert numbers(spool) == counted(3, duplicates=1)


def test_an_insert_that_an_earlier_life_left_running_is_waited_for(
    spool: Spool, spool_path: Path, troubled: ClickHouse, distant: Project
) -> None:
    """Killed while the server inserts; what the next life looks up is not there yet, and will be."""
    send(spool, distant, "left 1", "left 2")
    troubled.tell("slow", "3")
    try:
        with pytest.raises(NoAnswer):
            Writer(spool, Warehouse(troubled.urls(options="?send_receive_timeout=1")[0]))._move_block()
        next_life = Warehouse(*troubled.urls())
        empty(spool, Writer(spool, next_life))
    finally:
        troubled.tell("slow", "0")
    assert [id_ for id_ in stored(distant) if id_.startswith("left")] == ["left 1", "left 2"]
    assert numbers(spool) == counted(2)
    next_life.close()


def test_a_token_that_is_known_proves_nothing(spool: Spool, warehouse: Warehouse, project: Project) -> None:
    """An engine killed at the wrong moment has noted a block's token and has none of its rows."""
    writer = Writer(spool, warehouse)
    send(spool, project, "1", "2")
    token = f"noted by {project.id}"
    warehouse.insert([with_arrival(row(Project(warehouse, 999), f"{project.id}")[1], 0)], token)
    writer._unclear = _Block(token, [with_arrival(row(project, id_)[1], 0) for id_ in ("1", "2")])
    empty(spool, writer)
    assert (stored(project), numbers(spool)) == (["1", "2"], counted(2))


# ── the filter of seen ids ───────────────────────────────────────────────────────────────────────────────────


class Interrupted(Warehouse):
    """The engine of `held`, with something that happens while its ids are read."""

    def __init__(self, held: Warehouse, meanwhile: Callable[[], None]) -> None:
        self._held = held
        self._meanwhile = meanwhile

    def count(self) -> int:
        return self._held.count()

    def id_numbers(self, most: int) -> Iterator[Sequence[int]]:
        for portion in self._held.id_numbers(most):
            yield portion
            self._meanwhile()

    def give_back(self) -> None:
        self._held.give_back()


def test_ids_that_arrive_while_the_filter_is_rebuilt_are_in_it(project: Project) -> None:
    project.store([{"event": "a", "event_id": "before", "timestamp": BASE}])
    arrived: list[tuple[int, str]] = []

    def arrive() -> None:
        ids = [(project.id, f"meanwhile {len(arrived)}")]
        with seen.inserting():
            seen.add(ids)
        arrived.extend(ids)

    seen = SeenIds(Interrupted(project.warehouse, arrive))
    assert seen.wants_rebuild
    assert seen.possible([(project.id, "new")]) == [(project.id, "new")], "without a filter everything is looked up"
    seen.rebuild()
    asked = [(project.id, "before"), *arrived]
    assert seen.possible(asked) == asked
    assert not seen.wants_rebuild


def test_a_rebuild_that_fails_leaves_the_filter_that_there_was(project: Project) -> None:
    def fail() -> None:
        raise BlockingIOError

    seen = SeenIds(project.warehouse)
    seen.rebuild()
    with seen.inserting():
        seen.add([(project.id, "added")])
    seen._warehouse = Interrupted(project.warehouse, fail)
    project.store([{"event": "a", "event_id": "stored", "timestamp": BASE}])
    with pytest.raises(BlockingIOError):
        seen.rebuild()
    assert seen.possible([(project.id, "added")]) == [(project.id, "added")]


# ── invariant (c) ────────────────────────────────────────────────────────────────────────────────────────────

ASKED: list[tuple[str, Sent]] = [
    (
        "trend",
        {
            "series": [
                {"event": name, "measure": measure, "name": f"{name} {measure}"}
                for name in ("*", "a")
                for measure in ("count", "unique_users", "unique_sessions")
            ],
            "from": "2026-03-01",
            "to": "2026-03-05",
            "interval": "hour",
        },
    ),
    ("funnel", {"steps": [{"event": "a"}, {"event": "b"}, {"event": "a"}], "window": "PT2H", **DAY}),
]


def answers(project: Project) -> list[Any]:
    found = [project.ask(kind, request) for kind, request in ASKED]
    for answer in found:
        for varying in ("elapsed_ms", "rows_read"):
            del answer["meta"][varying]
    return found


@examples(6)
@given(events=stories(most=40), data=st.data())
def test_invariant_c_shuffled_split_and_sent_again_the_numbers_are_the_same(
    new_project: Callable[[], Project],
    tmp_path_factory: pytest.TempPathFactory,
    events: list[Sent],
    data: st.DataObject,
) -> None:
    straight, troubled = new_project(), new_project()
    straight.store(events)
    spool = Spool(tmp_path_factory.mktemp("spool") / "spool.db")
    writer = Writer(spool, troubled.warehouse)
    rows = [(event.event_id, encode_row(event, troubled.id)) for event in decoded(events)]
    waiting = [*data.draw(st.permutations(rows)), *data.draw(st.lists(st.sampled_from(rows), max_size=10))]
    while waiting:
        size = data.draw(st.integers((len(waiting) + 3) // 4, len(waiting)))
        append(spool, waiting[:size], project=troubled.id)
        waiting = waiting[size:]
        match data.draw(st.sampled_from(["go on", "wait", "restart", "die"])):
            case "go on":
                empty(spool, writer)
            case "restart":
                writer = Writer(spool, troubled.warehouse)
            case "die":
                die_before_ack(writer, spool)
                writer = Writer(spool, troubled.warehouse)
            case _:
                pass
    empty(spool, writer)
    assert numbers(spool)["stored"] == len(events)
    spool.close()
    assert answers(troubled) == answers(straight)


# ── a trickle ────────────────────────────────────────────────────────────────────────────────────────────────


def parts_of(project: Project, month: str) -> int:
    """Active parts of a month's partition."""
    counted = Query(
        text="SELECT count() FROM system.parts WHERE table = 'events' AND active AND partition = {month:String}",
        params={"month": month},
    )
    return project.warehouse.select(counted).rows[0][0]


@pytest.mark.parametrize(
    ("events", "month"),
    [pytest.param(80, "203104", id="a minute"), pytest.param(3600, "203105", id="an hour", marks=pytest.mark.slow)],
)
def test_parts_of_a_trickle_do_not_pile_up(
    spool: Spool, writer: Writer, project: Project, events: int, month: str
) -> None:
    """An event a second is a block a second (`LINGER`), here as fast as it goes; the engine merges meanwhile."""
    start = at(f"{month[:4]}-{month[4:]}-15T00:00:00Z")
    most = 0
    for number in range(events):
        send(spool, project, f"{number}", timestamp=start + number, user_id=f"u{number % 50}")
        empty(spool, writer)
        most = max(most, parts_of(project, month) if number % 20 == 0 else 0)
    assert most < 300, "at 1000 the engine holds inserts up"
    give_up = time.monotonic() + PATIENCE
    while parts_of(project, month) > 20:
        assert time.monotonic() < give_up, "they are not merged"
        time.sleep(0.1)
    assert numbers(spool) == counted(events)


# ── the task ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_acknowledged_can_be_queried_once_it_is_settled(
    spool: Spool, writer: Writer, project: Project
) -> None:
    running = asyncio.create_task(writer.run())
    for number in range(3):
        await asyncio.to_thread(send, spool, project, f"{number}")
        writer.nudge()
        assert await writer.settled(PATIENCE)
        assert spool.totals().queued == 0
        assert len(await asyncio.to_thread(stored, project)) == number + 1
    await writer.stop(PATIENCE)
    await asyncio.wait_for(running, PATIENCE)


async def test_stopping_moves_what_is_acknowledged(spool: Spool, writer: Writer, project: Project) -> None:
    running = asyncio.create_task(writer.run())
    await asyncio.to_thread(send, spool, project, "1", "2")
    await writer.stop(PATIENCE)
    await asyncio.wait_for(running, PATIENCE)
    assert (stored(project), numbers(spool)) == (["1", "2"], counted(2))


async def test_a_task_that_starts_finds_what_an_earlier_one_left(
    spool: Spool, writer: Writer, warehouse: Warehouse, project: Project
) -> None:
    await asyncio.to_thread(send, spool, project, "1", "2")
    await asyncio.to_thread(die_before_ack, Writer(spool, warehouse), spool)
    running = asyncio.create_task(writer.run())
    assert await writer.settled(PATIENCE)
    assert (stored(project), numbers(spool)) == (["1", "2"], counted(2))
    await writer.stop(PATIENCE)
    await asyncio.wait_for(running, PATIENCE)


async def test_a_backlog_waits_for_no_company_between_its_blocks(
    spool: Spool, writer: Writer, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever cut a block short: its events, their bytes or the room on the disk."""
    monkeypatch.setattr("footfall.services.writer.LINGER", 100 * PATIENCE)
    monkeypatch.setattr("footfall.services.writer.BLOCK_BYTES", 1)
    for number in range(4):
        await asyncio.to_thread(send, spool, project, f"{number}")
    running = asyncio.create_task(writer.run())
    assert await writer.settled(PATIENCE)
    assert len(await asyncio.to_thread(stored, project)) == 4
    await writer.stop(PATIENCE)
    await asyncio.wait_for(running, PATIENCE)


async def test_without_an_engine_events_wait_and_nothing_is_lost(
    spool: Spool, warehouse: Warehouse, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    lost = Writer(spool, Warehouse("http://127.0.0.1:1/nowhere"))
    with caplog.at_level(logging.WARNING, "footfall.writer"):
        running = asyncio.create_task(lost.run())
        await asyncio.to_thread(send, spool, project, "1", user_id="ann@shop.example")
        lost.nudge()
        assert not await lost.settled(0.05)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert numbers(spool) == counted(0) | {"queued": 1}
    assert "ann@" not in caplog.text
    await asyncio.to_thread(empty, spool, Writer(spool, warehouse))
    assert (stored(project), numbers(spool)) == (["1"], counted(1))
