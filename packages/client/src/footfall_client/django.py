"""Middleware for Django, of both colours.

    MIDDLEWARE = ["footfall_client.django.FootfallMiddleware", …]
    FOOTFALL = {"url": "https://analytics.example", "key": "WRITE_KEY"}

One `http_request` event for each request. `FOOTFALL` may have every option of the client, `exclude` (paths, or
beginnings that end in `/`) and `user` (a function of the request, or where to import it from). Without the setting, the
environment counts. The request id is `request.request_id`.

Whose request it was is told where the view, or anything before it, has asked for `request.user`: to ask would cost a
query for each request, and make every answer vary by its cookie.
"""

import logging
from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction, markcoroutinefunction
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from footfall_client.client import analytics, configure
from footfall_client.event import Id
from footfall_client.request import EXCLUDED, HEADER, Observed, is_excluded, user_id

logger = logging.getLogger("footfall_client")

Answer = Callable[[Any], Any]


class FootfallMiddleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Answer) -> None:
        told = dict(cast("dict[str, Any]", getattr(settings, "FOOTFALL", {})))
        self._get_response = get_response
        self._exclude = (*EXCLUDED, *told.pop("exclude", ()))
        user = told.pop("user", None)
        self._user: Callable[[Any], Id | None] = import_string(user) if isinstance(user, str) else user or _user
        if told:
            configure(**told)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)
            self._answer: Answer = self._answer_async
        else:
            self._answer = self._answer_sync

    def __call__(self, request: Any) -> Any:
        if is_excluded(request.path, self._exclude):
            return self._get_response(request)
        observed = Observed(request.method, request.path, request.headers.get)
        request.request_id = observed.request_id
        return self._answer((request, observed))
