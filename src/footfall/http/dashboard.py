"""The dashboard: one page that draws all the others, and the files that it is made of (built with the wheel, ADR 0020).

Its styles are let in by a value that is new with each answer, since parts of it write style elements; scripts come
from files of ours alone. Behind a link that was shared (ADR 0062) it is there for everybody, and holds nothing: what
it shows is what the link's own route answers.
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
    "/people", "/people/{person:str}", "/events", "/boards", "/boards/{board:str}", "/alerts", "/plan", "/sql",
    "/settings",
)  # fmt: skip
"""Where the page is; dashboard/src/pages.ts has the same."""
SHARED = "/shared/"
"""Where it is for whoever has a link; the link's token comes after it."""
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
    return _drawn()


def _drawn(*, framed: bool = False, headers: dict[str, str] | None = None) -> Response[Any]:
    """The page as it is; `framed` lets pages of others show it inside of theirs."""
    nonce = secrets.token_urlsafe(18)
    policy = f"{CSP}; font-src 'self'".replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    if framed:
        policy = policy.replace("frame-ancestors 'none'", "frame-ancestors *")
    headers = {"cache-control": "no-store", "content-security-policy": policy} | (headers or {})
    return Response(_html().replace(_NONCE, nonce), media_type="text/html", headers=headers)


@get(f"{SHARED}{{token:str}}", include_in_schema=False)
async def shared(request: Req) -> Response[Any]:
    """The page behind a link, whether the link is good or not: its script asks, and shows what it is told.

    The token is in the address, so no request from here says where it comes from. `embed=1` may stand in frames
    of others: a browser goes by the policy's `frame-ancestors` and not by `x-frame-options` where both are there
    (CSP 3, 6.4.2.1), and cookies of ours do not come along from there.
    """
    headers = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
    return _drawn(framed=request.query_params.get("embed") == "1", headers=headers)


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


HANDLERS = [*(_at(path) for path in PATHS), shared, asset]
