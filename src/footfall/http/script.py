"""The browser SDK as one file, for pages without a build: `<script src="…/footfall.js" data-key="…">`.

The file is built with the wheel (ADR 0020). Pages of any origin load it, so it says so. A browser asks again after an
hour and mostly hears that nothing changed.
"""

import gzip
import hashlib
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from footfall.model.errors import NotFound

BUNDLE = resources.files("footfall.http") / "bundle"
_CACHE = "public, max-age=3600, stale-while-revalidate=86400"

Req = Request[Any, Any, State]


class Built(NamedTuple):
    """A file of the bundle, with the name of this very content."""

    body: bytes
    gzipped: bytes
    etag: str


@cache
def built(name: str) -> Built:
    """A file that was built with the wheel. Raises `NotFound` where nobody built it."""
    try:
        body = (BUNDLE / name).read_bytes()
    except OSError:
        raise NotFound(f"{name} was not built; installing Footfall with pip builds it.") from None
    # Weak, since the same content travels compressed and as it is.
    return Built(body, gzip.compress(body, mtime=0), f'W/"{hashlib.sha256(body).hexdigest()[:20]}"')


def answer(request: Req, name: str, media_type: str, headers: dict[str, str]) -> Response[bytes]:
    """A built file, or word that the caller's copy of it is the newest."""
    file = built(name)
    headers = headers | {"etag": file.etag, "vary": "accept-encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    body = file.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers = file.gzipped, headers | {"content-encoding": "gzip"}
    return Response(body, media_type=media_type, headers=headers)


def script_handlers(path: str) -> list[HTTPRouteHandler]:
    """The script and its source map, under the path that the settings give it."""
    headers = {
        "cache-control": _CACHE,
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        "sourcemap": f"{path}.map",
    }

    async def script(request: Req) -> Response[bytes]:
        return answer(request, "footfall.js", "text/javascript", headers)

    async def source_map(request: Req) -> Response[bytes]:
        return answer(request, "footfall.js.map", "application/json", headers)

    return [
        get(path, include_in_schema=False, name="script")(script),
        get(f"{path}.map", include_in_schema=False, name="script_map")(source_map),
    ]
