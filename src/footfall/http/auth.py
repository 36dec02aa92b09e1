"""From a request to a grant: where a key travels, which project is meant, and whether a page of ours asks."""

import base64
import binascii
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from footfall.access import Grant, Right
from footfall.http.doors import CROSS_ORIGIN
from footfall.http.services import Services, services_of
from footfall.model.errors import BadRequest, Forbidden
from footfall.services.doorkeeper import Credentials
from footfall.services.turns import ASKER
from footfall.settings import clock

SESSION_COOKIE = "footfall_session"
"""As it is called without TLS; see `cookie_name`."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""
MOST_PROJECTS = 1 << 31

Connection = ASGIConnection[Any, Any, Any, Any]


def key_of(authorization: str) -> str | None:
    """The key of an Authorization header: Bearer, or the user name of Basic (else its password)."""
    scheme, _, credentials = authorization.partition(" ")
    credentials = credentials.strip()
    match scheme.lower():
        case "bearer" if credentials and credentials != "None":  # `Bearer None` is no key (`protocols.md`)
            return credentials
        case "basic" if credentials:
            try:
                user, _, password = base64.b64decode(credentials).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return credentials
            return user or password
        case _:
            return None


def cookie_name(connection: Connection, name: str) -> str:
    """Behind TLS no other host of the same site can set or see a cookie of ours (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if connection.scope["scheme"] == "https" else name


def session_of(connection: Connection) -> str | None:
    """The token of the session that a browser shows."""
    return connection.cookies.get(cookie_name(connection, SESSION_COOKIE))


def project_of(in_address: str | None, in_path: int | None = None) -> int | None:
    """The project that a request names, in its path or as `?project=`; 0, which is none, where both disagree.

    Raises `BadRequest`.
    """
    if in_address is None:
        return in_path if in_path is None or in_path < MOST_PROJECTS else 0
    if not in_address.isascii() or not in_address.isdigit() or len(in_address) > 9:  # noqa: PLR2004 - digits of an id
        raise BadRequest("A project is named by its number: ?project=2.", path="$.project")
    return int(in_address) if in_path in {None, int(in_address)} else 0


def check_same_site(connection: Connection) -> None:
    """A cookie speaks for a person only where a page of ours asks (ADR 0032). Raises `Forbidden`.

    A browser says where a request comes from, in `Sec-Fetch-Site` or at least in `Origin`; what says neither is no
    browser, and carries no cookie that somebody else could make it send.
    """
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or urlsplit(origin).netloc == connection.headers.get("host")
    if not ours:
        raise Forbidden("This can be asked from a page of this server only.")


def credentials_of(connection: Connection) -> Credentials:
    """What a request shows of who asks, and for which project. Raises `BadRequest`."""
    return Credentials(
        key=key_of(connection.headers.get("authorization", "")),
        key_in_address=connection.query_params.get("key"),
        session=session_of(connection),
        project=project_of(connection.query_params.get("project"), connection.path_params.get("project_id")),
    )


async def admit(connection: Connection, wanted: Right) -> Grant:
    """The grant of a request. Marks callers from other origins."""
    services = services_of(connection)
    grant = await services.doorkeeper.admit(
        wanted,
        credentials_of(connection),
        origin=connection.headers.get("origin"),
        now=clock(services.settings),
    )
    if is_person(grant) and method_of(connection.scope) not in SAFE:
        check_same_site(connection)
    return _admitted(connection.scope, wanted, grant)


async def admit_sender(
    scope: Any, headers: dict[str, str], services: Services, wanted: Right, key: str | None
) -> Grant:
    """The same for who sends events, of whose session nobody wants to know; `key` is one that came in the body."""
    query = scope["query_string"].decode("latin-1")
    address = dict(reversed(parse_qsl(query, keep_blank_values=True))) if query else {}  # the first of each name
    came = Credentials(
        key=key_of(headers.get("authorization", "")) or key,
        key_in_address=address.get("key"),
        project=project_of(address.get("project")),
    )
    grant = await services.doorkeeper.admit(wanted, came, origin=headers.get("origin"), now=clock(services.settings))
    return _admitted(scope, wanted, grant)


def _admitted(scope: Any, wanted: Right, grant: Grant) -> Grant:
    state = scope.setdefault("state", {})
    if not is_person(grant):
        state[CROSS_ORIGIN] = True
    ASKER.set(grant.actor)
    state["grant"] = grant
    state["right"] = wanted
    return grant


async def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Every route names its right in `opt`; ingest routes ask by themselves, once the body is read."""
    wanted = handler.opt.get("scope")
    if wanted is not None:
        await admit(connection, wanted)


def method_of(scope: Any) -> str:
    return scope["method"]


def is_person(grant: Grant) -> bool:
    """Whether a session was shown, and no key."""
    return grant.actor.startswith("user_")


def grant_of(request: Request[Any, Any, Any]) -> Grant:
    """The grant that `guard` found."""
    return request.scope["state"]["grant"]
