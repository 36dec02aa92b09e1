"""What handlers may use, put together by the composition root and found through the application's state."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import msgspec
from litestar.connection import ASGIConnection

from footfall.insights.sql import Context
from footfall.model.errors import BadRequest
from footfall.services.accounts import Accounts
from footfall.services.alerting import Alerting, Courier
from footfall.services.analyse import Analyst
from footfall.services.doorkeeper import Doorkeeper
from footfall.services.guard import Guard
from footfall.services.ingest import Ingest
from footfall.services.live import Live
from footfall.services.measuring import Measurer
from footfall.services.merging import Merging
from footfall.services.openid import Provider
from footfall.services.plans import Plans
from footfall.services.quarantine import Quarantine
from footfall.services.rates import Rates
from footfall.services.reporting import Reporting
from footfall.services.shares import Links
from footfall.settings import Settings, clock
from footfall.stores.catalog import Catalog
from footfall.stores.spool import Spool
from footfall.stores.warehouse import Warehouse

Answer = TypeVar("Answer")


class Services(msgspec.Struct, frozen=True, kw_only=True):
    settings: Settings
    doorkeeper: Doorkeeper
    accounts: Accounts
    rates: Rates
    provider: Provider | None
    """The OpenID provider, where one is set up."""
    ingest: Ingest
    plans: Plans
    guard: Guard
    quarantine: Quarantine
    links: Links
    analyst: Analyst
    live: Live
    merging: Merging
    measurer: Measurer
    alerting: Alerting
    courier: Courier
    reporting: Reporting
    catalog: Catalog
    spool: Spool
    warehouse: Warehouse


async def in_turn(services: Services, work: Callable[..., Answer], *arguments: Any) -> Answer:
    """Work for `Accounts` or `Links`, in a thread of theirs."""
    return await asyncio.get_running_loop().run_in_executor(services.accounts.threads, partial(work, *arguments))


def services_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Services:
    return connection.app.state["services"]


def base_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Scheme and host by which the caller reached us, for links that lead back here.

    Raises `BadRequest` where the request names no host (HTTP/1.0), so it is asked before anything is made.
    """
    host = connection.headers.get("host")
    if not host:
        raise BadRequest("The request has no Host header, and a link needs one.", path="$.host")
    return f"{connection.url.scheme}://{host}"


def context_of(services: Services, project_id: int) -> Context:
    """What a question of this project is asked in."""
    project = services.catalog.projects.get(project_id)
    return Context(
        project_id=project_id,
        timezone=project.timezone,
        week_start=project.week_start,
        now=clock(services.settings),
    )
