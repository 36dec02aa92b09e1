"""Middleware for ASGI 3: Starlette, FastAPI, Litestar, and any other.

>>> app = FootfallMiddleware(app, exclude=("/internal/",))

One `http_request` event for each request, when its last byte is sent. The request id comes from `X-Request-ID` or is
made, goes back in the same header, and is `scope["state"]["request_id"]` meanwhile. What the application raises goes
on.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from footfall_client.client import Footfall, analytics
from footfall_client.event import Id
from footfall_client.request import EXCLUDED, FAILED, HEADER, LEFT, Observed, is_excluded, template, user_id

logger = logging.getLogger("footfall_client")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class FootfallMiddleware:
    def __init__(
        self,
        app: App,
        client: Footfall = analytics,
        *,
        exclude: Iterable[str] = (),
        user: Callable[[Scope], Id | None] | None = None,
    ) -> None:
        """`exclude`: paths, or beginnings that end in `/`, beside `request.EXCLUDED`.

        `user`: whose request a scope is, asked when it has been answered. Without it, `scope["user"]` as Starlette's
        and Litestar's authentication leave it there.
        """
        self._app = app
        self._client = client
        self._exclude = (*EXCLUDED, *exclude)
        self._user = user or _user

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_excluded(scope["path"], self._exclude):
            await self._app(scope, receive, send)
            return
        observed = Observed(scope["method"], scope["path"], lambda name: _header(scope, name))
        scope.setdefault("state", {}).setdefault("request_id", observed.request_id)
        status = LEFT
        is_told = False

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                if all(name.lower() != _HEADER for name, _ in headers):
                    message = {**message, "headers": [*headers, (_HEADER, observed.request_id.encode("latin-1"))]}
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                tell(status)  # what a framework does afterwards is no part of it

        def tell(status: int) -> None:
            nonlocal is_told
            if not is_told:
                is_told = True
                self._tell(observed, scope, status)

        try:
            await self._app(scope, receive, sending)
            tell(FAILED)  # as a server makes of it, where nothing was answered
        except Exception:
            tell(FAILED)
            raise
        finally:
            tell(status)

    def _tell(self, observed: Observed, scope: Scope, status: int) -> None:
        try:
            observed.tell(self._client, status, _route(scope), self._user(scope))
        except Exception as error:  # noqa: BLE001 - whatever it is, the request was answered
            logger.debug("A request was not told: %s.", type(error).__name__)


_HEADER = HEADER.lower().encode()


def _header(scope: Scope, name: str) -> str | None:
    wanted = name.lower().encode()
    return next((value.decode("latin-1") for one, value in scope["headers"] if one.lower() == wanted), None)


def _route(scope: Scope) -> str | None:
    """Litestar's template, FastAPI's, or what Starlette's parameters leave of the path.

    "" where nothing knows of one, None where a parameter is in the path and cannot be found.
    """
    root = scope.get("root_path", "")
    is_mounted = root != scope.get("app_root_path", root)  # of Starlette: the route knows only what is below its mount
    route = scope.get("path_template") or getattr(scope.get("route"), "path", None)
    if isinstance(route, str) and route and not is_mounted:
        return route
    params = scope.get("path_params")
    return template(scope["path"], params) if params else ""


def _user(scope: Scope) -> Id | None:
    return user_id(scope.get("user"))
