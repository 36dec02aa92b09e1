"""A question on its way through the engine: how its statements are known there, and whether anybody still waits.

Whoever answers a question does it inside of `Asked.run`, in one thread, and need not pass anything on: the warehouse
marks each statement with the question that it belongs to, and begins none for one that was given up.
"""

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from itertools import count
from typing import ParamSpec, TypeVar

Answer = TypeVar("Answer")
Arguments = ParamSpec("Arguments")

_HERE = secrets.token_hex(8)
"""Of this process: an engine may serve several."""
_numbers = count(1)
_asked: ContextVar["Asked | None"] = ContextVar("asked", default=None)


class GivenUp(Exception):  # noqa: N818 - told apart by who gave it up, never leaves the services
    """The question was given up; nobody waits for its answer."""


class Asked:
    def __init__(self) -> None:
        self.mark = f"footfall {_HERE} {next(_numbers)}"
        """The comment of its statements in the engine. (A comment in their text does not last: where values are
        bound, the engine lists a text that it wrote itself.)"""
        self.given_up = False
        """Set by whoever gives it up, who then asks the warehouse to `cancel` what is running of it."""

    def run(self, work: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        """Do the work of answering; it may end with `GivenUp` between or in its statements."""
        before = _asked.set(self)
        try:
            return work(*args, **kwargs)
        finally:
            _asked.reset(before)


def mark() -> str:
    """The mark of the question that a statement belongs to; empty where it belongs to none. Raises `GivenUp`."""
    asked = _asked.get()
    if asked is None:
        return ""
    if asked.given_up:
        raise GivenUp
    return asked.mark


def was_given_up() -> bool:
    asked = _asked.get()
    return asked is not None and asked.given_up
