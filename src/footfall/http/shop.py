"""The example shop (`examples/shop`) that the demo serves: a page whose visitors are recorded like anybody else's."""

from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State

from footfall.http.script import answer

Req = Request[Any, Any, State]
_HEADERS = {"cache-control": "no-cache"}


# Its pages are addresses of one application, which reads them itself.
@get(["/shop", "/shop/{page:path}"], include_in_schema=False)
async def shop(request: Req) -> Response[bytes]:
    return answer(request, "shop.html", "text/html", _HEADERS)


@get("/shop/shop.js", include_in_schema=False)
async def script(request: Req) -> Response[bytes]:
    return answer(request, "shop.js", "text/javascript", _HEADERS)


@get("/shop/shop.css", include_in_schema=False)
async def style(request: Req) -> Response[bytes]:
    return answer(request, "shop.css", "text/css", _HEADERS)


HANDLERS = [shop, script, style]
