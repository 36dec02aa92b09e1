"""Who asks, for which project, and what they may do in it: what a page has to know before it draws itself."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, get
from litestar.datastructures import State

from footfall.access import Right, Role
from footfall.http.auth import credentials_of
from footfall.http.problems import PROBLEMS
from footfall.http.services import services_of
from footfall.model.errors import NotFound, Unauthorized
from footfall.model.period import Weekday
from footfall.settings import clock
from footfall.stores.catalog import User

Req = Request[Any, Any, State]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Whose session this is."""

    id: str
    email: str | None
    name: str
    can_sign_in: bool
    """False until a password was chosen, or a provider has vouched."""
    roles: dict[str, Role]
    """By the number of the project."""


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """A project, as far as whoever sees its numbers has to know it."""

    id: int
    name: str
    timezone: str
    week_start: Weekday


class Whoami(msgspec.Struct, frozen=True, kw_only=True):
    user: Me | None
    """Null without a session."""
    project: Here | None
    """The one that is meant; null for whom none is open."""
    rights: list[Right]
    """What the caller may do in it."""
    shop: bool
    """Whether the server has a shop to click in."""


@get("/api/me", responses=PROBLEMS, tags=["People"])
async def me(request: Req) -> Whoami:
    """Who asks, for which project, and what they may do in it; answers everybody."""
    services = services_of(request)
    now = clock(services.settings)
    came = credentials_of(request)
    user = None if came.session is None else await asyncio.to_thread(services.doorkeeper.user_of, came.session, now)
    try:
        grants = await services.doorkeeper.grants(came, now)
    except (Unauthorized, NotFound):
        grants = ()
    rights: set[Right] = {right for grant in grants for right in grant.rights}
    return Whoami(
        user=None if user is None else _me(user),
        project=_here(request, grants[0].project_id) if grants else None,
        rights=sorted(rights),
        shop=services.settings.shop,
    )


def _me(user: User) -> Me:
    return Me(
        id=user.id,
        email=user.email,
        name=user.name,
        can_sign_in=user.can_sign_in,
        roles={str(project): role for project, role in user.roles.items()},
    )


def _here(request: Req, project_id: int) -> Here:
    project = services_of(request).catalog.projects.get(project_id)
    return Here(id=project.id, name=project.name, timezone=project.timezone, week_start=project.week_start)


HANDLERS = [me]
