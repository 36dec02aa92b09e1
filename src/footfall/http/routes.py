"""The one table of routes, and the application made of it."""

from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Reference, SecurityScheme

from footfall import __version__
from footfall.http import (
    alerts,
    annotations,
    collect,
    dashboard,
    drift,
    insights,
    keys,
    live,
    manage,
    me,
    pages,
    people,
    plan,
    projects,
    raw,
    reports,
    saved,
    script,
    shares,
    shop,
    users,
)
from footfall.http.auth import SESSION_COOKIE, guard
from footfall.http.departures import Departures
from footfall.http.doors import Doors, Surroundings
from footfall.http.ledger import Ledger
from footfall.http.problems import HANDLERS
from footfall.http.services import Services
from footfall.protocols import ADAPTERS
from footfall.settings import LOOPBACK

ROUTES: list[HTTPRouteHandler] = [
    *collect.ingest_handlers(),
    *insights.HANDLERS,
    *live.HANDLERS,
    *people.HANDLERS,
    *raw.HANDLERS,
    *saved.HANDLERS,
    *annotations.HANDLERS,
    *shares.HANDLERS,
    *manage.HANDLERS,
    *plan.HANDLERS,
    *drift.HANDLERS,
    *alerts.HANDLERS,
    *reports.HANDLERS,
    *keys.HANDLERS,
    *projects.HANDLERS,
    *users.HANDLERS,
    *me.HANDLERS,
    *pages.HANDLERS,
    *dashboard.HANDLERS,
]


_DESCRIPTION = (
    "Events in, numbers out. A key belongs to one project. A person with roles in several names one with"
    " `?project=NUMBER` on any path; without it the first is meant."
)
_SCHEMES: dict[str, SecurityScheme | Reference] = {
    "key": SecurityScheme(
        type="http", scheme="bearer", description="A key; the words are rights, of which its scope must have the one."
    ),
    "session": SecurityScheme(
        type="apiKey",
        security_scheme_in="cookie",
        name=SESSION_COOKIE,
        description="Of a person with a role; behind TLS it is __Host-…",
    ),
}

OPENAPI = OpenAPIConfig(
    title="Footfall",
    version=__version__,
    description=_DESCRIPTION,
    path="/api/openapi.json",
    render_plugins=[JsonRenderPlugin(path="/")],
    components=Components(security_schemes=_SCHEMES),
)


def create_app(services: Services) -> Any:
    """The ASGI application. Closes nothing: the composition root owns the services."""
    settings = services.settings
    # Where the script lies is a setting: lists of blocked addresses know the usual names.
    handlers = [*ROUTES, *script.script_handlers(settings.script_path), *(shop.HANDLERS if settings.shop else ())]
    for handler in handlers:
        handler.security = _ways_in(handler)
    app = Litestar(
        route_handlers=handlers,
        guards=[guard],
        exception_handlers=HANDLERS,
        state=State({"services": services}),
        openapi_config=OPENAPI,
        logging_config=None,
    )
    ingest = frozenset(adapter.path for adapter in ADAPTERS)
    aggregates = frozenset(path for handler in ROUTES if handler.opt.get("scope") == "stats" for path in handler.paths)
    around = Surroundings(
        ingest=ingest,
        aggregates=aggregates - ingest,
        hosts=_hosts(services),
        trusted=settings.trusted_proxies,
        address_limit=settings.address_limit,
    )
    return Doors(collect.Shortcut(app, services, Departures(Ledger(app, services))), services.rates, around)


def _ways_in(handler: HTTPRouteHandler) -> list[dict[str, list[str]]]:
    """Which right a route asks for, and of whom, in OpenAPI's words."""
    if "takes" in handler.opt:
        return [{"key": [handler.opt["takes"]]}]
    right = handler.opt.get("scope")
    return [{}] if right is None else [{"key": [right]}, {"session": [right]}]


def _hosts(services: Services) -> frozenset[str] | None:
    settings = services.settings
    if not settings.on_loopback and not settings.allowed_hosts:
        return None
    return frozenset({*LOOPBACK, "[::1]", *(host.lower() for host in settings.allowed_hosts)})
