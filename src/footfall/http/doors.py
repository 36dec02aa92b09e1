"""What surrounds every request: proxies, the Host check, limits, cross-origin rules and security headers.

Ingest paths answer any origin, with credentials where a client sends them (`protocols.md`, 5); they never look
at the session cookie. Paths of aggregates answer other origins without credentials, once a key (or keyless
mode) has let the caller in. Every other path is for our own pages.

A client that sends its body more slowly than anybody would is cut off here; one that is slow with its head is by
Granian (`app.py`).
"""

import asyncio
from typing import Any, cast

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from footfall.http.problems import send_problem
from footfall.http.proxies import told
from footfall.model.errors import Misdirected, TooMany, TooSlow
from footfall.services.rates import Rates
from footfall.settings import Network

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", CSP.encode()),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    (b"x-permitted-cross-domain-policies", b"none"),
]
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_PRIVATE = (b"cache-control", b"no-store")
_EXPOSED = b"Retry-After"
_LONG = b"86400"
IDLE_SECONDS = 10.0
"""Between two pieces of a body."""
LOOK_SECONDS = 1.0
"""Between two looks for bodies that do not arrive."""
BODY_SECONDS = 60.0
"""For a whole body: 5 MiB, which is the most, at 700 kbit/s."""
UNCOUNTED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Supervisors ask often, and from one address."""
CROSS_ORIGIN = "footfall_cross_origin"
"""Key in the request's state: a caller from another origin was let in."""


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What `Doors` goes by."""

    ingest: frozenset[str]
    aggregates: frozenset[str]
    hosts: frozenset[str] | None
    """Names that are answered; None answers all (a server beyond loopback)."""
    trusted: tuple[Network, ...]
    address_limit: str | None


class Doors:
    """The outermost application."""

    def __init__(self, app: ASGIApp, rates: Rates, around: Surroundings) -> None:
        self._app = app
        self._rates = rates
        self._ingest = around.ingest
        self._aggregates = around.aggregates
        self._hosts = around.hosts
        self._trusted = around.trusted
        self._address_limit = around.address_limit
        self._patience = _Patience()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = told(scope, self._trusted)
        headers = dict(scope["headers"])
        path = scope["path"]
        asked = headers.get(b"access-control-request-method", b"").decode("latin-1")
        preflight = scope["method"] == "OPTIONS" and asked != ""
        # One path may take events by POST and show records by GET; only the first is open to every page.
        ingest = path in self._ingest and (asked if preflight else scope["method"]) == "POST"
        public = ingest or path in self._aggregates
        state: dict[str, Any] = scope.setdefault("state", {})

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = _surround(scope, message)
                added += _cross_origin(headers.get(b"origin"), ingest, bool(state.get(CROSS_ORIGIN)))
                if public:
                    added.append((b"vary", b"origin"))
                message["headers"] = [*message["headers"], *added]
            await send(message)

        if self._hosts is not None and not self._is_ours(headers.get(b"host", b"")):
            await _misdirected(answer)
        elif preflight and public:
            # Not counted: a page whose question beforehand is refused learns neither why nor for how long.
            await _preflight(ingest, headers.get(b"origin", b"*"), headers, send)
        elif not await self._is_over_limit(scope, answer):
            await self._app(scope, _Patient(receive, self._patience), answer)

    async def _is_over_limit(self, scope: Any, send: Send) -> bool:
        if self._address_limit is None or scope["path"] in UNCOUNTED:
            return False
        try:
            self._count((scope["client"] or ("", 0))[0], self._address_limit)
        except TooMany as error:
            await send_problem(send, error)
            return True
        return False

    def _count(self, address: str, rate: str) -> None:
        self._rates.count(rate, f"address {self._rates.unnamed(address)}", f"An address may ask {rate}.")

    def _is_ours(self, host: bytes) -> bool:
        name = host.decode("latin-1").lower()
        name = name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]
        return self._hosts is not None and name in self._hosts


def _surround(scope: Any, message: Any) -> list[tuple[bytes, bytes]]:
    added = [*_SECURITY]
    if scope["scheme"] == "https":
        added.append(_HSTS)
    if scope["path"].startswith("/api/"):
        added.append(_PRIVATE)
    # An answer may know better: of two policies, a browser keeps to both.
    said = {name.lower() for name, _ in message["headers"]}
    return [header for header in added if header[0] not in said]


def _cross_origin(origin: bytes | None, ingest: bool, let_in: bool) -> list[tuple[bytes, bytes]]:
    if origin is None or not (ingest or let_in):
        return []
    allowed = [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _EXPOSED)]
    return [*allowed, (b"access-control-allow-credentials", b"true")] if ingest else allowed


async def _preflight(ingest: bool, origin: bytes, headers: dict[bytes, bytes], send: Send) -> None:
    allowed = [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", b"POST" if ingest else b"GET, POST"),
        (b"access-control-allow-headers", headers.get(b"access-control-request-headers", b"")),
        (b"access-control-max-age", _LONG),
        (b"vary", b"origin, access-control-request-headers"),
    ]
    if ingest:
        allowed.append((b"access-control-allow-credentials", b"true"))
    await send({"type": "http.response.start", "status": 204, "headers": allowed})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class _Patience:
    """Who waits for a piece of a body, and until when. Looked at once a second: a timer each costs an event 30 us."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Task[Any], float] = {}
        self._over: set[asyncio.Task[Any]] = set()
        self._looking = False

    async def wait(self, receive: Receive, until: float) -> Any:
        """The next piece. Raises `TooSlow` when it is not there by then, give or take a second."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())  # requests are tasks
        self._waiting[task] = until
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        try:
            return await receive()
        except asyncio.CancelledError:
            if task in self._over and task.uncancel() == 0:
                raise TooSlow("The body of the request does not arrive.") from None
            raise
        finally:
            self._waiting.pop(task, None)
            self._over.discard(task)

    def _look(self) -> None:
        self._looking = bool(self._waiting)
        loop = asyncio.get_running_loop()
        now = loop.time()
        for task in [task for task, until in self._waiting.items() if until <= now]:
            del self._waiting[task]
            self._over.add(task)
            task.cancel()
        if self._looking:
            loop.call_later(LOOK_SECONDS, self._look)


class _Patient:
    """A request's body, while it keeps coming; afterwards a wait for the client to leave, which has no end."""

    def __init__(self, receive: Receive, patience: _Patience) -> None:
        self._receive = receive
        self._patience = patience
        self._is_whole = False
        self._until = asyncio.get_running_loop().time() + BODY_SECONDS

    async def __call__(self) -> Any:
        if self._is_whole:
            return await self._receive()
        idle = asyncio.get_running_loop().time() + IDLE_SECONDS
        try:
            message = await self._patience.wait(self._receive, min(idle, self._until))
        except TooSlow:
            self._is_whole = True
            raise
        self._is_whole = not message.get("more_body", False)
        return message


async def _misdirected(send: Send) -> None:
    detail = "This server does not answer under that name; name it in FOOTFALL_ALLOWED_HOSTS or --allowed-host."
    await send_problem(send, Misdirected(detail))
