"""The dashboard: one page that draws all the others, and the files that it is made of (built with the wheel, ADR 0020).

Its styles are let in by a value that is new with each answer, since parts of it write style elements; scripts come
from files of ours alone.
"""

import secrets
from collections.abc import Callable
from functools import cache
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from footfall.http import pages, script
from footfall.http.auth import admit
from footfall.http.doors import CSP
from footfall.model.errors import Forbidden, NotFound, SenderError, Unauthorized

Req = Request[Any, Any, State]

PATHS = (
    "/", "/live", "/trends", "/funnels", "/retention", "/paths", "/components", "/sessions",
    "/people", "/people/{person:str}", "/events", "/boards", "/boards/{board:str}", "/sql", "/settings",
)  # fmt: skip
"""Where the page is; dashboard/src/pages.ts has the same."""
_NOBODY = Unauthorized("")
_FOLDER = "dashboard"
_NONCE = "{{nonce}}"
_TYPES = {
    "css": "text/css", "js": "text/javascript", "json": "application/json", "svg": "image/svg+xml",
    "woff2": "font/woff2",
}  # fmt: skip
_FOR_EVER = "public, max-age=31536000, immutable"


async def _page(request: Req) -> Response[Any]:
    """The page, for who may see numbers."""
    try:
        await admit(request, "stats")
    except SenderError as error:
        user = await pages.user_of(request)
        if user is None and isinstance(error, Unauthorized | Forbidden | NotFound):
            return await pages.sign_in_page(request, _NOBODY)
        if user is not None and not user.roles:
            error = Forbidden("Every project in which you have a role is archived; an operator can bring one back.")
        return pages.page("refused.html", error, title=error.title, user=user)
    nonce = secrets.token_urlsafe(18)
    headers = {
        "cache-control": "no-store",
        "content-security-policy": f"{CSP}; font-src 'self'".replace(
            "style-src 'self'", f"style-src 'self' 'nonce-{nonce}'"
        ),
    }
    return Response(_html().replace(_NONCE, nonce), media_type="text/html", headers=headers)


@cache
def _html() -> str:
    """Raises `NotFound` where nobody built it."""
    return script.built(f"{_FOLDER}/index.html").body.decode()


@get("/assets/{name:str}", include_in_schema=False)
async def asset(request: Req, name: str) -> Response[bytes]:
    """A file of the page. Those named by their content never change."""
    stem, _, extension = name.rpartition(".")
    if extension not in _TYPES:
        raise NotFound("There is no such file.")
    caching = _FOR_EVER if "-" in stem else "no-cache"
    return script.answer(request, f"{_FOLDER}/assets/{name}", _TYPES[extension], {"cache-control": caching})


def _at(path: str) -> HTTPRouteHandler:
    work: Callable[..., Any] = _page
    return get(path, include_in_schema=False, name=f"dashboard {path}")(work)


HANDLERS = [*(_at(path) for path in PATHS), asset]
