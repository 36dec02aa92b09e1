"""A feed whose client takes nothing, which no client of a test can be made to do for sure."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest

from footfall.http import live
from footfall.services.live import Happened, Live, News

pytestmark = pytest.mark.anyio


async def everything() -> AsyncGenerator[News, None]:
    for place in range(1000):
        yield Happened(place=place, event={"event": "e"})


async def test_who_takes_nothing_for_a_while_is_cut_off_and_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TAKES", 0.05)
    feeds = Live(cast("Any", None), cast("Any", None), cast("Any", None))
    sent: list[Any] = []
    listening: list[int] = []

    async def send(message: Any) -> None:
        listening.append(feeds.listeners)
        sent.append(message)
        if len(sent) == 5:
            await asyncio.Event().wait()

    await live._Feed(cast("Any", None), feeds, "somebody", everything())(cast("Any", {}), cast("Any", None), send)
    assert len(sent) == 5
    assert all(message.get("more_body", True) for message in sent), "it does not look like a whole answer"
    assert (set(listening), feeds.listeners) == ({1}, 0)
