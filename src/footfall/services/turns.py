"""Taking turns: questions share a few places, and nobody's questions keep the others out (ADR 0048).

A place is a thread here, a handle of the engine and a share of the memory. Who waits gets one by who has fewest of
them, then by who came first. A question that holds its place for `LONG` seconds is a long one; while others wait, no
more than `LONG_PLACES` of those stay, and the youngest beyond them gives way. So the rest of the places always turn
over. Arrival uses none of this.

A question whose asker leaves is ended in the engine as well, and leaves its place when its thread is done.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from footfall.model.errors import FootfallError, Unavailable
from footfall.stores.asked import Asked, GivenUp
from footfall.stores.warehouse import MAX_MEMORY, Warehouse

PLACES = 6
LONG_PLACES = 4
LONG = 5.0
"""Seconds."""
LEAST_MEMORY = 128 * 1024**2
PATIENCE = 30.0
"""Seconds that a question waits at most for its place."""
_STOPPING = "The server is about to stop. Ask again later."
_LOOK = 0.25
"""Seconds between two looks: for who is to give way, and whether the engine has ended what was given up."""

ASKER: ContextVar[str] = ContextVar("asker", default="")
"""Who asks: a key, a person; set at the door, for the task that answers."""

Answer = TypeVar("Answer")
Arguments = ParamSpec("Arguments")
_log = logging.getLogger("footfall.turns")


def question_memory(machine: int) -> int:
    """Bytes for one question on a machine with so many: a place's share of the half, at most 4 GiB."""
    return max(LEAST_MEMORY, min(MAX_MEMORY, machine // 2 // PLACES))


class _Turn:
    """A question that has a place."""

    def __init__(self, asker: str, since: float) -> None:
        self.asker = asker
        self.since = since
        self.asked = Asked()
        self.done = asyncio.Event()


class _Waiting:
    def __init__(self, asker: str) -> None:
        self.asker = asker
        self.turn: asyncio.Future[_Turn] = asyncio.get_running_loop().create_future()


class Turns:
    """All but the work itself runs in the event loop."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._turns: list[_Turn] = []
        self._waiting: list[_Waiting] = []
        self._ending: set[asyncio.Task[None]] = set()
        self._looking: asyncio.TimerHandle | None = None
        self._closed = False
        self._threads = ThreadPoolExecutor(PLACES, thread_name_prefix="footfall-question")
        self._ender = ThreadPoolExecutor(1, thread_name_prefix="footfall-cancel")
        self.left = 0
        """Questions that were ended because their asker had left."""
        self.gave_way = 0
        """Long ones that were ended for others."""

    @property
    def running(self) -> int:
        return len(self._turns)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def take(
        self, work: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Answer:
        """The answer that `work` finds in a thread, when it is its turn.

        Raises what `work` raises, and `Unavailable` for a question that found no place or gave way.
        """
        turn = await self._turn()
        answer = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: turn.asked.run(work, *args, **kwargs)
        )
        answer.add_done_callback(lambda _: self._leave(turn))
        try:
            await asyncio.wait({answer})  # which leaves it alone when it is cancelled itself
        except asyncio.CancelledError:
            self.left += 1
            self._give_up(turn)
            answer.add_done_callback(asyncio.Future.exception)  # nobody else looks at it any more
            raise
        try:
            return answer.result()
        except GivenUp:
            self.gave_way += 1
            raise Unavailable(
                "Many long questions are asked at the moment, and this one gave way to others."
                " Ask again later, or for a shorter range."
            ) from None

    async def close(self) -> None:
        """Turn away who waits, give up what is running, and wait a moment for the engine to end it."""
        self._closed = True
        for waiting in self._waiting:
            waiting.turn.set_exception(Unavailable(_STOPPING))
        self._waiting.clear()
        for turn in self._turns:
            self._give_up(turn)
        if self._ending:
            await asyncio.wait(self._ending, timeout=1)
        for task in self._ending:
            task.cancel()
        self._ender.shutdown(wait=False)

    async def _turn(self) -> _Turn:
        if self._closed:
            raise Unavailable(_STOPPING)
        waiting = _Waiting(ASKER.get())
        self._waiting.append(waiting)
        self._admit()
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(waiting.turn)
        except BaseException as error:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            else:  # it got its place in the very moment in which it stopped to wait
                self._leave(waiting.turn.result())
            if isinstance(error, TimeoutError):
                raise Unavailable(
                    f"{len(self._turns)} questions are being answered and others wait. Ask again later."
                ) from None
            raise

    def _admit(self) -> None:
        while self._waiting and len(self._turns) < PLACES and not self._closed:
            held = Counter(turn.asker for turn in self._turns)
            first = min(self._waiting, key=lambda one: held[one.asker])  # of several, the one that came first
            self._waiting.remove(first)
            turn = _Turn(first.asker, asyncio.get_running_loop().time())
            self._turns.append(turn)
            first.turn.set_result(turn)
        if self._waiting and self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(_LOOK, self._look)

    def _look(self) -> None:
        """Somebody waits: see who has to give way."""
        self._looking = None
        now = asyncio.get_running_loop().time()
        going = sum(turn.asked.given_up for turn in self._turns)
        long = [turn for turn in self._turns if not turn.asked.given_up and now - turn.since >= LONG]
        held = Counter(turn.asker for turn in self._turns)
        # Whoever holds most is the first to give a place back.
        long.sort(key=lambda turn: (held[turn.asker], turn.since), reverse=True)
        for turn in long[: max(0, min(len(long) - LONG_PLACES, len(self._waiting) - going))]:
            self._give_up(turn)
        self._admit()

    def _leave(self, turn: _Turn) -> None:
        turn.done.set()
        self._turns.remove(turn)
        self._admit()

    def _give_up(self, turn: _Turn) -> None:
        if turn.asked.given_up or turn.done.is_set():
            return
        turn.asked.given_up = True
        task = asyncio.get_running_loop().create_task(self._end(turn))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, turn: _Turn) -> None:
        # Again and again: its thread may be just before a statement, of which the engine knows nothing yet.
        while not turn.done.is_set():
            try:
                await asyncio.get_running_loop().run_in_executor(self._ender, self._warehouse.cancel, turn.asked)
            except FootfallError as error:
                _log.warning("a question that nobody waits for goes on: %s", error.detail)
            try:
                async with asyncio.timeout(_LOOK):
                    await turn.done.wait()
            except TimeoutError:
                continue
