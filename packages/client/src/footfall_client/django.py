"""Middleware for Django, of both colours.

    MIDDLEWARE = ["footfall_client.django.FootfallMiddleware", …]
    FOOTFALL = {"url": "https://analytics.example", "key": "WRITE_KEY"}

One `http_request` event for each request. `FOOTFALL` may have every option of the client, `exclude` (paths, or
beginnings that end in `/`) and `user` (a function of the request, or where to import it from). Without the setting, the
environment counts. The request id is `request.request_id`.

Whose request it was is told where the view, or anything before it, has asked for `request.user`: to ask would cost a
query for each request, and make every answer vary by its cookie.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.utils.functional import LazyObject
from django.utils.module_loading import import_string

from footfall_client.client import analytics, configure
from footfall_client.event import Id
from footfall_client.request import EXCLUDED, FAILED, HEADER, LEFT, Observed, is_excluded, user_id

logger = logging.getLogger("footfall_client")


class FootfallMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        """Raises, as the client does, `ValueError` and `TypeError` for what `FOOTFALL` may not say."""
        told = dict(cast("dict[str, Any]", getattr(settings, "FOOTFALL", {})))
        self._get_response = get_response
        self._exclude = (*EXCLUDED, *told.pop("exclude", ()))
        user = told.pop("user", None)
        self._user: Callable[[Any], Id | None] = import_string(user) if isinstance(user, str) else user or _user
        if told:
            configure(**told)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        if is_excluded(request.path, self._exclude):
            return self._get_response(request)
        observed = Observed(request.method, request.path, request.headers.get)
        request.request_id = observed.request_id
        return self._later(request, observed) if self._is_async else self._now(request, observed)

    def _now(self, request: Any, observed: Observed) -> Any:
        response = None
        try:
            response = self._get_response(request)
        finally:
            self._tell(request, observed, response)
        return response

    async def _later(self, request: Any, observed: Observed) -> Any:
        response, without = None, FAILED
        try:
            response = await self._get_response(request)
        except asyncio.CancelledError:
            without = LEFT
            raise
        finally:
            self._tell(request, observed, response, without)
        return response

    def _tell(self, request: Any, observed: Observed, response: Any, without: int = FAILED) -> None:
        """`without` a response, what is told in the place of its status."""
        try:
            if response is not None:
                response.headers.setdefault(HEADER, observed.request_id)
            status = without if response is None else response.status_code
            observed.tell(analytics, status, _route(request), self._user(request))
        except Exception as error:  # noqa: BLE001 - whatever it is, the request was answered
            logger.debug("A request was not told: %s.", type(error).__name__)


def _route(request: Any) -> str:
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else ""


def _user(request: Any) -> Id | None:
    """Who is known without a query: `AuthenticationMiddleware` puts a promise there, and remembers what came of it."""
    user = vars(request).get("user")
    if isinstance(user, LazyObject):
        known = vars(request)
        user = known.get("_cached_user") or known.get("_acached_user")
    return user_id(user)
