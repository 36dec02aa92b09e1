"""What a middleware tells of a request: an `http_request` event, the same whatever the framework.

Told are method, path, status, milliseconds, request id, user, the visitor's user agent, and where they came from. The
path is the route's template where the framework knows it (`/users/{id}`), since paths hold ids and tokens. Nothing of
a query string, a body, a cookie or an address leaves.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import cast
from uuid import uuid4

from footfall_client.client import Footfall
from footfall_client.event import Fields, Id, text_of

EVENT = "http_request"
HEADER = "X-Request-ID"
EXCLUDED = ("/healthz", "/livez", "/readyz", "/metrics", "/favicon.ico", "/static/")
"""Where a path that begins so, or that is this one, is no visit of anybody."""
FAILED = 500
LEFT = 499
"""Whoever asked did not wait for an answer; nginx's number, as HTTP has none."""
_MOST_TEXT = 8192
"""Characters of a field, as the server takes them."""
_UNROUTED = range(300, 600)
"""Of a request that no route took: anybody may ask for anything, and a redirect repeats it."""
_REQUEST_ID = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)


def request_id(sent: str | None) -> str:
    """The id that came with the request, where it is one that may stand in a header and a log; else a new one."""
    return sent if sent is not None and _REQUEST_ID.fullmatch(sent) else uuid4().hex


def is_excluded(path: str, excluded: Iterable[str]) -> bool:
    return any(path == one or (one.endswith("/") and path.startswith(one)) for one in excluded)


def user_id(user: object) -> str | None:
    """The id of a framework's user object, of a mapping, or an id itself; None for nobody, and for what has none."""
    if user is None or getattr(user, "is_authenticated", True) is False:
        return None
    if isinstance(user, Mapping):
        found = cast("Mapping[str, object]", user).get("id")
        return text_of(found)
    for read in (_itself, _attribute("pk"), _attribute("id"), _attribute("identity")):
        try:
            if (told := text_of(read(user))) is not None:
                return told
        except Exception:  # noqa: BLE001, S112 - Starlette's `identity` is not there unless somebody wrote it
            continue
    return None


def template(path: str, params: Mapping[str, object]) -> str | None:
    """A path with its parameters' names in the place of their values; None where one is not found in it.

    For routers that tell the values alone (Starlette). The last place counts: parameters come last more often.
    """
    for name, value in reversed(list(params.items())):
        wanted = f"/{value}".replace("//", "/")
        at = _last_whole(path, wanted)
        if at is None:
            return None
        path = f"{path[:at]}/{{{name}}}{path[at + len(wanted) :]}"
    return path


class Observed:
    """A request from its beginning to its end."""

    def __init__(self, method: str, path: str, headers: Callable[[str], str | None]) -> None:
        self._began = time.perf_counter()
        self._method = method
        self._path = path
        self._headers = headers
        self.request_id = request_id(headers(HEADER))

    def tell(self, client: Footfall, status: int, route: str | None, user: Id | None) -> None:
        """`route`: its template; "" where nothing knows of one, so that the path itself is told; None: neither is.

        Nor is the path of a request without a template that was refused or sent elsewhere.
        """
        path = self._path if route == "" and status not in _UNROUTED else route or None
        fields = Fields()
        if agent := self._headers("User-Agent"):
            fields["user_agent"] = agent[:_MOST_TEXT]
        if referrer := self._headers("Referer"):
            fields["referrer"] = _cut(referrer, self._headers("Host"))[:_MOST_TEXT]
        properties = {
            "method": self._method,
            "path": path and path[:_MOST_TEXT],
            "status": status,
            "duration_ms": round((time.perf_counter() - self._began) * 1000, 1),
            "request_id": self.request_id,
        }
        client.track(EVENT, user_id=user, properties=properties, fields=fields)


def _cut(referrer: str, host: str | None) -> str:
    """Without its query; of a page of ours only whose it is, since our paths hold ids and tokens."""
    scheme, _, rest = re.split(r"[?#]", referrer, maxsplit=1)[0].partition("://")
    origin = rest.partition("/")[0]
    return f"{scheme}://{origin if origin == host else rest}"


def _itself(user: object) -> object:
    return user


def _attribute(name: str) -> Callable[[object], object]:
    return lambda user: getattr(user, name, None)


def _last_whole(path: str, wanted: str) -> int | None:
    """Where `wanted` stands in `path` for the last time, as whole segments."""
    at = path.rfind(wanted)
    while at >= 0:
        if path[at + len(wanted) : at + len(wanted) + 1] in {"", "/"}:
            return at
        at = path.rfind(wanted, 0, at)
    return None
