"""What is done now and then, beside the requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from footfall.model.errors import FootfallError
from footfall.services.faults import log_fault
from footfall.stores.trouble import Trouble

_log = logging.getLogger("footfall")


async def run_every(seconds: float, work: Callable[[], None], *, fails: str, again: str) -> None:
    """The same for what waits: `work` in a thread."""
    await go_on(seconds, partial(asyncio.to_thread, work), fails=fails, again=again)


async def go_on(seconds: float, work: Callable[[], Awaitable[None]], *, fails: str, again: str) -> None:
    """`work`, again and again; the next time comes whatever it raises.

    That it `fails` and that it goes on `again` is logged, in these words, once each.
    """
    trouble = Trouble(_log, again)
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except FootfallError as error:
            trouble.met(f"{fails}: {error.detail}")
        except Exception as error:  # noqa: BLE001 - nobody waits for it who could be told
            log_fault(_log, fails, error)
        else:
            trouble.over()
