"""Projects of this installation, each with its zone, week, origins, keys and people."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import Parameter

from footfall.access import Grant
from footfall.http.auth import grant_of, is_person
from footfall.http.fields import Origins, origins_of, shown
from footfall.http.ledger import SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import Services, services_of
from footfall.model.errors import BadRequest
from footfall.model.period import Weekday, zone_of
from footfall.services.alerting import ship
from footfall.settings import clock
from footfall.stores.catalog import Project

Req = Request[Any, Any, State]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Zone = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class NewProject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: _Name
    timezone: _Zone = "UTC"
    week_start: Weekday = "monday"
    origins: Origins = []
    """Pages that its public keys work from; any when empty."""


class Changes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is not null changes."""

    name: _Name | None = None
    timezone: _Zone | None = None
    week_start: Weekday | None = None
    origins: Origins | None = None


class ShownProject(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    timezone: str
    week_start: Weekday
    origins: list[str]
    created_at: str
    archived_at: str | None
    """Since when its keys open nothing; its events stay."""


@get("/api/projects", opt={"scope": "view"}, responses=PROBLEMS, tags=["Projects"])
async def list_projects(
    request: Req,
    archived: Annotated[bool, Parameter(description="Archived ones as well; for operators.")] = False,
) -> list[ShownProject]:
    """The projects that the caller gets into: a key's one, a person's all, an operator's every one."""
    services = services_of(request)
    grant = grant_of(request)
    ids = await asyncio.to_thread(_reachable, services, grant)
    return [
        _shown(project)
        for project in services.catalog.projects.list()
        if project.id in ids and (project.archived_at is None or (archived and grant.everywhere))
    ]


@post("/api/projects", status_code=201, opt={"scope": "own"}, responses=PROBLEMS, tags=["Projects"])
async def create_project(request: Req, data: NewProject) -> ShownProject:
    """A new project; whoever makes it as a person owns it."""
    services = services_of(request)
    grant = grant_of(request)
    zone_of(data.timezone)
    made = await asyncio.to_thread(
        lambda: services.catalog.projects.create(
            data.name,
            clock(services.settings),
            timezone=data.timezone,
            week_start=data.week_start,
            origins=origins_of(data.origins),
        )
    )
    await asyncio.to_thread(ship, services.catalog, made.id, clock(services.settings))
    if is_person(grant):
        await asyncio.to_thread(services.catalog.people.set_role, grant.actor, made.id, "owner")
    request.scope["state"][SUBJECT] = str(made.id)
    return _shown(made)


@get("/api/projects/{project_id:int}", opt={"scope": "view"}, responses=PROBLEMS, tags=["Projects"])
async def read_project(request: Req, project_id: int) -> ShownProject:  # noqa: ARG001 - the guard has gone by it
    """One project."""
    return _shown(services_of(request).catalog.projects.get(grant_of(request).project_id))


@patch("/api/projects/{project_id:int}", opt={"scope": "admin"}, responses=PROBLEMS, tags=["Projects"])
async def change_project(request: Req, project_id: int, data: Changes) -> ShownProject:  # noqa: ARG001 - as above
    """Name, zone, week, origins: for questions and keys from the next request on."""
    services = services_of(request)
    if data.timezone is not None:
        zone_of(data.timezone)
    if data == Changes():
        raise BadRequest("Nothing is to be changed: name, timezone, week_start or origins.", path="$")
    return _shown(
        await asyncio.to_thread(
            lambda: services.catalog.projects.change(
                grant_of(request).project_id,
                name=data.name,
                timezone=data.timezone,
                week_start=data.week_start,
                origins=None if data.origins is None else origins_of(data.origins),
            )
        )
    )


@delete("/api/projects/{project_id:int}", opt={"scope": "own"}, responses=PROBLEMS, tags=["Projects"])
async def archive_project(request: Req, project_id: int) -> None:  # noqa: ARG001 - as above
    """Archive it: its keys open nothing from the next request on, its events stay."""
    services = services_of(request)
    await asyncio.to_thread(services.catalog.projects.archive, grant_of(request).project_id, clock(services.settings))


@post(
    "/api/projects/{project_id:int}/restore",
    status_code=200,
    opt={"scope": "own"},
    responses=PROBLEMS,
    tags=["Projects"],
)
async def restore_project(request: Req, project_id: int) -> ShownProject:  # noqa: ARG001 - as above
    """Bring an archived project back, as an operator."""
    services = services_of(request)
    return _shown(await asyncio.to_thread(services.catalog.projects.archive, grant_of(request).project_id, None))


def _reachable(services: Services, grant: Grant) -> set[int]:
    if grant.everywhere:
        return {project.id for project in services.catalog.projects.list()}
    if is_person(grant):
        user = services.catalog.people.find(grant.actor)
        return set() if user is None else set(user.roles)
    return {grant.project_id}


def _shown(project: Project) -> ShownProject:
    return ShownProject(
        id=project.id,
        name=project.name,
        timezone=project.timezone,
        week_start=project.week_start,
        origins=list(project.origins),
        created_at=shown(project.created_at) or "",
        archived_at=shown(project.archived_at),
    )


HANDLERS = [list_projects, create_project, read_project, change_project, archive_project, restore_project]
