"""What is done now and then, beside the requests."""

import asyncio
import logging
from collections.abc import Callable

from footfall.model.errors import FootfallError
from footfall.services.faults import log_fault

_log = logging.getLogger("footfall")


async def run_every(seconds: float, work: Callable[[], None], trouble: str) -> None:
    """`work` in a thread, again and again. Whatever it raises is logged as `trouble`, and the next time comes."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(work)
        except FootfallError as error:
            _log.warning("%s: %s", trouble, error.detail)
        except Exception as error:  # noqa: BLE001 - nobody waits for it who could be told
            log_fault(_log, trouble, error)
