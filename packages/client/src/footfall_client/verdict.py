"""What an answer means for the events that were sent, and how long to wait before the next try. Pure.

The rules of `docs/guide/sending-events.md`, "What comes back". An answer that is not the server's own (a redirect, a
page that is not there) says that the address is wrong: the events stay.
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
LONGEST_TOLD = 300.0
"""Seconds. Of a `Retry-After` of an hour, five minutes are believed."""
PAUSE = 60.0
"""Seconds of silence after an answer that every batch would get: no key, a wrong one, a wrong address."""


class Verdict(Enum):
    DONE = "done"
    AGAIN = "again"
    """Later, the same."""
    HALVE = "halve"
    """At once, in two parts; what cannot be parted is given up."""
    GIVE_UP = "give up"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    """0: none came."""
    retry_after: float | None = None
    """Seconds."""
    error: str = ""
    """The kind of failure, where none came."""


_VERDICTS = {
    0: Verdict.AGAIN,
    408: Verdict.AGAIN,
    425: Verdict.AGAIN,
    429: Verdict.AGAIN,
    413: Verdict.HALVE,
    401: Verdict.PAUSE,
    403: Verdict.PAUSE,
    404: Verdict.PAUSE,
    405: Verdict.PAUSE,
    407: Verdict.PAUSE,
}
_BY_HUNDRED = {2: Verdict.DONE, 3: Verdict.PAUSE, 4: Verdict.GIVE_UP, 5: Verdict.AGAIN}


def verdict_on(answer: Answer) -> Verdict:
    return _VERDICTS.get(answer.status) or _BY_HUNDRED.get(answer.status // 100, Verdict.PAUSE)


def wait_after(tries: int, chance: float, retry_after: float | None = None) -> float:
    """Seconds after that many failures in a row: doubled each time, half of it by `chance` (0 to 1).

    What the server asks for is waited at least, and a bit by chance, so that not all its clients come back at once.
    """
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 10)) * (0.5 + chance / 2)
    return wait if retry_after is None else min(retry_after, LONGEST_TOLD) + chance * FIRST_WAIT


def read_retry_after(value: str | None, now: float) -> float | None:
    """Seconds of a `Retry-After`, which is a number of them or a date (RFC 9110); None where it says nothing."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(min(int(value.strip()[:9]), 10**9))
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None
