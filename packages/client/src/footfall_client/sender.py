"""Sends what a queue has: one batch at a time, again until it is settled, by the verdicts of `verdict.py`."""

import logging
import random
import time
from collections.abc import Callable

from footfall_client.queue import Batch, Queue
from footfall_client.settings import Settings
from footfall_client.transport import Transport
from footfall_client.verdict import PAUSE, Answer, Verdict, verdict_on, wait_after

logger = logging.getLogger("footfall_client")

Say = Callable[[str], None]
"""Where a line of debugging goes."""


class Sender:
    """One step after the other, in one thread; `hurry` and `held_until` may be called from any."""

    def __init__(
        self, queue: Queue, transport: Transport, settings: Settings, looking: Callable[[], None], say: Say
    ) -> None:
        """`looking` is called before the queue is asked: what is put in from then on has to be told anew."""
        self._queue = queue
        self._transport = transport
        self._interval = settings.interval
        self._batch_size = settings.batch_size
        self._looking = looking
        self._say = say
        self._batch: Batch | None = None
        self._parts: list[list[bytes]] = []
        """What of the batch is still to be sent; more than one after a 413."""
        self._due: float | None = None
        self._tries = 0
        self._wait_until = 0.0
        self.held_until = 0.0
        """A moment of `time.monotonic()`: what the server asked to wait for, which nothing shortens."""
        self._told = ""
        self._after: dict[Verdict, Callable[[list[bytes], Answer], None]] = {
            Verdict.DONE: self._done,
            Verdict.AGAIN: self._again,
            Verdict.HALVE: self._halve,
            Verdict.GIVE_UP: self._give_up,
            Verdict.PAUSE: self._pause,
        }

    def hurry(self) -> None:
        """Do not wait for more events, and try once more at once."""
        self._due = 0.0
        self._wait_until = 0.0

    def step(self, enough: bool) -> float | None:
        """Send a batch if it is time; seconds until there is more to do, None for when something was put in.

        `enough`: there is a batch's worth, so that no more is waited for.
        """
        now = time.monotonic()
        if (until := max(self._wait_until, self.held_until)) > now:
            return until - now
        if not self._parts:
            if self._due is None:
                self._due = now + self._interval
            if self._due > now and not enough:
                return self._due - now
            self._due = None
            self._looking()
            batch = self._queue.take()
            if batch is None:
                return self._queue.recheck
            self._due = 0.0  # there may be more, and there was no waiting for this one either
            self._batch = batch
            self._parts = [batch.lines] if batch.lines else []
        if self._parts:
            self._send(self._parts[0])
        if self._batch is not None and not self._parts:
            self._queue.settle(self._batch)
            self._batch = None
        return 0.0

    def close(self) -> None:
        self._transport.close()

    def _send(self, lines: list[bytes]) -> None:
        lost = self._queue.lost()
        answer = self._transport.post(_body(lines, lost))
        verdict = verdict_on(answer)
        self._say(f"{len(lines)} events: {answer.status or answer.error}")
        if verdict is Verdict.DONE and lost:
            self._queue.told(lost)
        self._after[verdict](lines, answer)

    def _done(self, _lines: list[bytes], _answer: Answer) -> None:
        del self._parts[0]
        self._tries = 0
        if self._told:
            logger.info("Events are taken again.")
            self._told = ""

    def _again(self, _lines: list[bytes], answer: Answer) -> None:
        self._tries += 1
        wait = wait_after(self._tries, random.random(), answer.retry_after)  # noqa: S311 - spreads clients, guards nothing
        if answer.retry_after is None:
            self._wait_until = time.monotonic() + wait
        else:
            self.held_until = time.monotonic() + wait
        self._tell(f"Events cannot be sent at the moment ({answer.status or answer.error}); they wait.")

    def _halve(self, lines: list[bytes], answer: Answer) -> None:
        middle = len(lines) // 2
        if middle:
            self._parts[:1] = [lines[:middle], lines[middle:]]
        else:
            self._give_up(lines, answer)

    def _give_up(self, lines: list[bytes], answer: Answer) -> None:
        del self._parts[0]
        self._queue.lose(len(lines))
        logger.debug("The server does not take %d events (%d); they are given up.", len(lines), answer.status)

    def _pause(self, _lines: list[bytes], answer: Answer) -> None:
        self.held_until = time.monotonic() + max(PAUSE, answer.retry_after or 0)
        self._tell(f"No events are taken there ({answer.status}): {_PAUSED.get(answer.status, _ELSEWHERE)}")

    def _tell(self, sentence: str) -> None:
        """Once, until it is over."""
        if self._told != sentence:
            self._told = sentence
            logger.warning(sentence)


_PAUSED = {
    401: "the key is missing or unknown. Tried again in a minute.",
    403: "the key may not send events, or not from here. Tried again in a minute.",
}
_ELSEWHERE = "the address is not that of a Footfall server. Tried again in a minute."


def _body(lines: list[bytes], lost: int) -> bytes:
    head = f'{{"sent_at":{time.time_ns() // 1_000_000},"dropped":{lost},"batch":['
    return b"".join((head.encode(), b",".join(lines), b"]}"))
