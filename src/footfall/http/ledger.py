"""What goes into the audit log: one place sees every answer, so that no route can forget to say so.

It is written before the answer leaves, or the answer is a 503. A list that somebody polls is written down once an hour,
and so is an import, which comes in batches.
"""

import asyncio
from collections import OrderedDict
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from footfall.access import Right
from footfall.http.auth import method_of
from footfall.http.problems import send_problem
from footfall.http.services import Services
from footfall.model.errors import Unavailable
from footfall.model.event import Millis
from footfall.protocols.native import IMPORT
from footfall.settings import clock
from footfall.stores.catalog import Verb

SUBJECT = "footfall_subject"
"""Key in the request's state: the id of what was made."""
LOOKED = "footfall_looked"
"""Key in the request's state: what would be done was shown, and nothing was done."""
_OURS = ("key_id", "user_id", "saved_id", "board_id", "annotation_id", "project_id", "rule_id", "report_id")
"""Names in a path that are ids of ours; an id of a counted person is never written down."""
_IN_BATCHES = f"POST {IMPORT.path}"
_ONCE_MS = 3600 * 1000
_MOST = 10_000


def verb_of(method: str, right: Right, path: str) -> Verb | None:
    """What somebody did who asked this of a route: nothing worth a record where events only arrive or are counted."""
    if right in {"write", "stats", "view"}:
        return None
    if "/export" in path:
        return "exported"
    return "saw" if method == "GET" or right == "read" else "did"


class Ledger:
    """Around the application; the guard has left the grant and the right in the request's state."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._seen: OrderedDict[tuple[str, int, str], Millis] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})

        refused = False

        async def answer(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] < 400 and "grant" in state:  # noqa: PLR2004 - the first error
                try:
                    await self._record(scope, state)
                except Unavailable as error:  # what cannot be written down is not shown either
                    refused = True
                    await send_problem(send, error)
            if not refused:
                await send(message)

        await self._app(scope, receive, answer)

    async def _record(self, scope: Scope, state: dict[str, Any]) -> None:
        grant, method = state["grant"], method_of(scope)
        path = scope.get("path_template") or scope["path"]
        verb = verb_of("GET" if method == "HEAD" or state.get(LOOKED) else method, state["right"], path)
        if verb is None:
            return
        now = clock(self._services.settings)
        what = f"{method} {path}"
        if (verb == "saw" or what == _IN_BATCHES) and not self._is_new((grant.actor, grant.project_id, what), now):
            return
        params = scope.get("path_params") or {}
        subject = state.get(SUBJECT) or next((str(params[name]) for name in _OURS if name in params), "")
        await asyncio.to_thread(
            self._services.catalog.audit.add, now, grant.project_id, grant.actor, verb, what, subject
        )

    def _is_new(self, seen: tuple[str, int, str], now: Millis) -> bool:
        last = self._seen.get(seen)
        if last is not None and now - last < _ONCE_MS:
            return False
        self._seen[seen] = now
        self._seen.move_to_end(seen)
        while len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return True
