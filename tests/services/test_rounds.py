"""What runs beside the requests goes on, whatever happens to it."""

import asyncio
import logging

import pytest

from footfall.model.errors import Unavailable
from footfall.services.rounds import run_every


@pytest.mark.anyio
async def test_work_that_fails_is_said_to_and_done_again(caplog: pytest.LogCaptureFixture) -> None:
    troubles = iter([Unavailable("No answer."), RuntimeError("a canary's text"), OSError("disk")])
    done: list[None] = []
    goes_on = asyncio.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        for trouble in troubles:
            raise trouble
        done.append(None)
        if len(done) > 1:  # the first time is said when it is over
            loop.call_soon_threadsafe(goes_on.set)

    with caplog.at_level(logging.WARNING):
        running = asyncio.create_task(run_every(0, work, fails="it cannot be done", again="it is done again"))
        async with asyncio.timeout(30):
            await goes_on.wait()
        running.cancel()
    said = [record.getMessage().splitlines()[0] for record in caplog.records if record.name == "footfall"]
    assert said == [
        "it cannot be done: No answer.",
        "it cannot be done: RuntimeError",
        "it cannot be done: OSError",
        "it is done again",
    ]
    assert "canary" not in caplog.text
