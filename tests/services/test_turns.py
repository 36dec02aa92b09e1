"""Questions take turns: nobody's keep the others out, and one that nobody waits for is ended in the engine."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from footfall.insights.question import Query
from footfall.model.errors import QueryRefused, Unavailable
from footfall.services import turns as module
from footfall.services.turns import ASKER, LONG_PLACES, PLACES, Turns, question_memory
from footfall.stores.machine import memory
from footfall.stores.warehouse import Warehouse
from tests.support.settled import PATIENCE

# With a value bound, as all our questions have.
ENDLESS = Query(
    text="SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = {wanted:UInt64}", params={"wanted": 1}
)
QUICK = Query(text="SELECT 1", params={})


@pytest.fixture
async def turns(warehouse: Warehouse) -> AsyncIterator[Turns]:
    opened = Turns(warehouse)
    yield opened
    await opened.close()
    await until(lambda: opened.running == 0)


@pytest.fixture
def soon_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question is a long one after a moment."""
    monkeypatch.setattr(module, "LONG", 0.1)
    monkeypatch.setattr(module, "_LOOK", 0.05)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - places have no events
            await asyncio.sleep(0.01)


def asked(turns: Turns, work: Callable[..., Any], *arguments: Any, by: str = "ann") -> "asyncio.Task[Any]":
    async def ask() -> Any:
        ASKER.set(by)
        return await turns.take(work, *arguments)

    task = asyncio.create_task(ask())
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # not every test looks at all
    return task


async def answer(task: "asyncio.Task[Any]") -> Any:
    async with asyncio.timeout(PATIENCE):
        return await task


async def left(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def in_the_engine(warehouse: Warehouse) -> list[str]:
    """The endless ones that the engine is busy with."""
    rows = warehouse.select(Query(text="SELECT query FROM system.processes", params={})).rows
    return [text for (text,) in rows if "1000000000000" in text]


async def running(warehouse: Warehouse, number: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(await asyncio.to_thread(in_the_engine, warehouse)) != number:  # noqa: ASYNC110 - the engine has no events
            await asyncio.sleep(0.01)


class Held:
    """Work that lasts until it is told to end, without the engine."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self._go_on = threading.Event()

    def work(self, name: str = "") -> str:
        self.order.append(name)
        assert self._go_on.wait(PATIENCE)
        return name

    def end(self) -> None:
        self._go_on.set()


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_question_whose_asker_leaves_is_ended_in_the_engine(turns: Turns, warehouse: Warehouse) -> None:
    gone, stays = asked(turns, warehouse.select, ENDLESS), asked(turns, warehouse.select, ENDLESS)
    await running(warehouse, 2)
    await left(gone)
    await running(warehouse, 1)
    await until(lambda: turns.running == 1)
    assert turns.left == 1
    await left(stays)
    await running(warehouse, 0)


async def test_it_is_ended_between_two_statements_as_well(turns: Turns, warehouse: Warehouse) -> None:
    ended = threading.Event()
    begun = threading.Event()

    def ask_on_and_on() -> None:
        try:
            while True:
                warehouse.select(QUICK)
                begun.set()
        finally:
            ended.set()

    task = asked(turns, ask_on_and_on)
    await until(begun.is_set)
    await left(task)
    await until(ended.is_set)


async def test_what_is_no_question_goes_on_while_one_is_ended(turns: Turns, warehouse: Warehouse) -> None:
    task = asked(turns, warehouse.select, ENDLESS)
    await running(warehouse, 1)
    unmarked = asyncio.create_task(
        asyncio.to_thread(
            warehouse.select, Query(text="SELECT count() FROM numbers(30000000) WHERE sipHash64(number) = 1", params={})
        )
    )
    await left(task)
    await running(warehouse, 0)
    assert (await answer(unmarked)).rows == [[0]]


async def test_who_leaves_while_waiting_takes_no_place(turns: Turns) -> None:
    held = Held()
    tasks = [asked(turns, held.work) for _ in range(PLACES)]
    waiting = asked(turns, held.work, "never")
    await until(lambda: turns.waiting == 1)
    await left(waiting)
    assert turns.waiting == 0
    held.end()
    await asyncio.gather(*tasks)
    await until(lambda: turns.running == 0)
    assert "never" not in held.order


async def test_closing_ends_what_is_running(warehouse: Warehouse) -> None:
    turns = Turns(warehouse)
    task = asked(turns, warehouse.select, ENDLESS)
    await running(warehouse, 1)
    await turns.close()
    with pytest.raises(Unavailable):
        await answer(task)
    await running(warehouse, 0)


# ── turns ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_two_slow_questions_never_stop_a_third(turns: Turns, warehouse: Warehouse) -> None:
    slow = [asked(turns, warehouse.select, ENDLESS) for _ in range(2)]
    await running(warehouse, 2)
    assert (await answer(asked(turns, warehouse.select, QUICK))).rows == [[1]]
    assert not any(task.done() for task in slow)


@pytest.mark.parametrize("by", ["ann", "bob"], ids=["the same asker's", "another's"])
@pytest.mark.usefixtures("soon_long")
async def test_many_slow_questions_do_not_stop_a_quick_one(turns: Turns, warehouse: Warehouse, by: str) -> None:
    slow = [asked(turns, warehouse.select, ENDLESS, by="ann") for _ in range(PLACES + 2)]
    await until(lambda: turns.waiting == 2)
    assert (await answer(asked(turns, warehouse.select, QUICK, by=by))).rows == [[1]]
    ended = [task for task in slow if task.done()]
    assert len(ended) <= len(slow) - LONG_PLACES, "some may go on"
    for task in ended:
        with pytest.raises(Unavailable, match="gave way"):
            task.result()
    assert turns.gave_way == len(ended) > 0


@pytest.mark.usefixtures("soon_long")
async def test_long_questions_go_on_while_nobody_waits(turns: Turns, warehouse: Warehouse) -> None:
    slow = [asked(turns, warehouse.select, ENDLESS) for _ in range(PLACES)]
    await running(warehouse, PLACES)
    for _ in range(20):
        await asyncio.sleep(module._LOOK)
    assert not any(task.done() for task in slow)


@pytest.mark.usefixtures("soon_long")
async def test_who_holds_most_gives_way_first(turns: Turns, warehouse: Warehouse) -> None:
    greedy = [asked(turns, warehouse.select, ENDLESS, by="ann") for _ in range(PLACES - 1)]
    modest = asked(turns, warehouse.select, ENDLESS, by="bob")
    await running(warehouse, PLACES)
    await answer(asked(turns, warehouse.select, QUICK, by="eve"))
    assert not modest.done()
    assert any(task.done() for task in greedy)
    assert turns.gave_way >= 1


async def test_the_next_is_whose_who_has_fewest_then_who_came_first(turns: Turns) -> None:
    held = Held()
    tasks = [asked(turns, held.work, "first", by="ann") for _ in range(PLACES)]
    await until(lambda: len(held.order) == PLACES)
    tasks += [asked(turns, held.work, f"ann {n}", by="ann") for n in range(3)]
    await until(lambda: turns.waiting == 3)
    tasks.append(asked(turns, held.work, "bob", by="bob"))
    await until(lambda: turns.waiting == 4)
    turn_order: list[str] = []
    admit = turns._admit

    def noted() -> None:
        before = list(turns._waiting)
        admit()
        turn_order.extend(one.asker for one in before if one not in turns._waiting)

    turns._admit = noted
    held.end()
    await asyncio.gather(*tasks)
    assert turn_order[0] == "bob"
    assert sorted(turn_order) == ["ann"] * 3 + ["bob"]


async def test_a_wait_is_bounded(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    held = Held()
    tasks = [asked(turns, held.work) for _ in range(PLACES)]
    with pytest.raises(Unavailable) as refused:
        await answer(asked(turns, held.work))
    assert refused.value.retry_after
    assert turns.waiting == 0
    held.end()
    await asyncio.gather(*tasks)


async def test_what_the_work_raises_is_raised_and_the_place_is_free_again(turns: Turns) -> None:
    def fail() -> None:
        raise QueryRefused("no")

    for _ in range(2 * PLACES):
        with pytest.raises(QueryRefused):
            await answer(asked(turns, fail))
    await until(lambda: turns.running == 0)


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small(warehouse: Warehouse) -> Warehouse:
    """The same engine, with little memory for a question."""
    return Warehouse(*(replica._url for replica in warehouse._handles._replicas), memory=64 * 1024**2)


HOGS = {
    "a state": "SELECT length(groupArray(number)) FROM numbers(100000000)",
    "a group for each row": "SELECT count() FROM (SELECT number AS n, count() FROM numbers(100000000) GROUP BY n)",
    "a result": "SELECT repeat('x', 1000000) FROM numbers(1000)",
}


@pytest.mark.parametrize("text", HOGS.values(), ids=HOGS.keys())
async def test_a_question_over_its_memory_is_refused_and_its_neighbours_live(
    turns: Turns, small: Warehouse, text: Any
) -> None:
    neighbour = asked(turns, small.select, ENDLESS)
    await running(small, 1)
    with pytest.raises(QueryRefused, match="64 MiB"):
        await answer(asked(turns, small.select, Query(text=text, params={})))
    assert not neighbour.done()
    assert (await answer(asked(turns, small.select, QUICK))).rows == [[1]]
    await left(neighbour)
    await running(small, 0)


async def test_all_questions_together_stay_within_their_shares(turns: Turns, small: Warehouse) -> None:
    """What the process holds at most, however many ask for everything at once."""
    before = resident()
    hogs = [asked(turns, small.select, Query(text=text, params={})) for text in [*HOGS.values()] * PLACES]
    most = before
    while not all(task.done() for task in hogs):
        most = max(most, resident())
        await asyncio.sleep(0.01)
    for task in hogs:
        with pytest.raises((QueryRefused, Unavailable)):
            task.result()
    # The engine counts what it allocates; threads and what its allocator keeps come on top.
    assert most - before < 2 * PLACES * 64 * 1024**2


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.parametrize("machine", [256 * 1024**2, 2 * 1024**3, 24 * 1024**3, 1024**4])
def test_a_question_s_share_goes_by_the_machine(machine: int) -> None:
    share = question_memory(machine)
    assert 128 * 1024**2 <= share <= 4 * 1024**3
    if machine >= 2 * 1024**3:
        assert share * PLACES <= machine / 2


def test_the_machine_s_memory_is_known() -> None:
    assert 64 * 1024**2 < memory() < 1024**5
