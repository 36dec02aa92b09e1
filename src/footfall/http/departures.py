"""A client that leaves takes its question along: nobody works on an answer that nobody reads.

Only what asks is cut short. What takes events in or changes something goes on to its end, client or not.
"""

import asyncio
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from footfall.access import Right

ASKING: frozenset[Right] = frozenset({"stats", "view", "read"})
"""Rights of routes that change nothing."""
_MOMENT = 0.1
_LEFT: Any = {"type": "http.disconnect"}


class Departures:
    """Around the application; the guard leaves the right in the request's state."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        client = _Client(receive)
        answering = asyncio.ensure_future(self._app(scope, client, send))
        leaving = asyncio.ensure_future(client.left.wait())
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            while not answering.done() and "right" not in state:  # the guard has not spoken yet
                await asyncio.wait({answering}, timeout=_MOMENT)
            if not answering.done() and state["right"] in ASKING:
                answering.cancel()
            await asyncio.wait({answering})
            if not answering.cancelled():
                answering.result()
        finally:
            for task in (answering, leaving, client.listening):
                task.cancel()


class _Client:
    """What a client sends, a piece ahead of who reads it, so that its leaving is heard while nobody reads."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._pieces: asyncio.Queue[Message | Exception] = asyncio.Queue(1)
        self._is_over = False
        self.left = asyncio.Event()
        self.listening = asyncio.ensure_future(self._listen())

    async def __call__(self) -> Any:
        if self._is_over:
            return _LEFT
        piece = await self._pieces.get()
        if isinstance(piece, Exception):
            raise piece
        self._is_over = piece["type"] == "http.disconnect"
        return piece

    async def _listen(self) -> None:
        while not self.left.is_set():
            try:
                piece: Any = await self._receive()
            except Exception as error:  # noqa: BLE001 - raised again where the piece is read
                await self._pieces.put(error)
                return
            if piece["type"] == "http.disconnect":
                self.left.set()
            await self._pieces.put(piece)
