"""People of a project and their roles, and the audit log."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.datastructures import State
from litestar.params import Parameter

from footfall.access import Role
from footfall.http.auth import grant_of
from footfall.http.fields import Name, shown
from footfall.http.ledger import SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import base_of, in_turn, services_of
from footfall.model.errors import NotFound
from footfall.settings import clock
from footfall.stores.catalog import LIFE_MS, Record, User, Verb

Req = Request[Any, Any, State]


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
    name: Name = ""
    role: Role


class NewRole(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: Role


class ShownUser(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    email: str | None
    name: str
    role: Role
    """In this project."""
    second_factor: bool
    can_sign_in: bool
    """False until a password was chosen, or a provider has vouched."""
    created_at: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    link: str
    """Good for one browser, once; hand it over by a way that you trust."""
    expires_at: str


class AddedUser(msgspec.Struct, frozen=True, kw_only=True):
    user: ShownUser | None
    """Null for an address that has an account: the link is an invitation, and the role waits for who signs in there."""
    link: Link


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    at: str
    actor: str
    """Id of a key or a person, or what else let the caller in."""
    verb: Verb
    what: str
    subject: str | None
    """Id of what it was done to."""


class AuditPage(msgspec.Struct, frozen=True, kw_only=True):
    data: list[AuditRecord]
    next: int | None


@get("/api/users", opt={"scope": "admin"}, responses=PROBLEMS, tags=["People"])
async def list_users(request: Req) -> list[ShownUser]:
    """Everybody with a role in the project."""
    project_id = grant_of(request).project_id
    people = await asyncio.to_thread(services_of(request).catalog.people.list, project_id)
    return [_shown(user, project_id) for user in people if user.role_in(project_id) is not None]


@post("/api/users", status_code=201, opt={"scope": "admin"}, responses=PROBLEMS, tags=["People"])
async def add_user(request: Req, data: NewUser) -> AddedUser:
    """Give somebody a role in the project, and a link to choose a password or to accept the role with."""
    services = services_of(request)
    grant = grant_of(request)
    now, base = clock(services.settings), base_of(request)
    user, token = await in_turn(services, services.accounts.add, grant, data.email, data.name, data.role, now)
    request.scope["state"][SUBJECT] = "" if user is None else user.id
    return AddedUser(user=None if user is None else _shown(user, grant.project_id), link=_link(base, token, now))


@patch("/api/users/{user_id:str}", opt={"scope": "admin"}, responses=PROBLEMS, tags=["People"])
async def change_user(request: Req, user_id: str, data: NewRole) -> ShownUser:
    """Another role in the project, from the next request on."""
    grant = grant_of(request)
    user = await in_turn(services_of(request), services_of(request).accounts.set_role, grant, user_id, data.role)
    return _shown(user, grant.project_id)


@delete("/api/users/{user_id:str}", opt={"scope": "admin"}, responses=PROBLEMS, tags=["People"])
async def remove_user(request: Req, user_id: str) -> None:
    """Take somebody's role in the project away; who has none left anywhere is forgotten."""
    await in_turn(services_of(request), services_of(request).accounts.remove, grant_of(request), user_id)


@post("/api/users/{user_id:str}/link", status_code=201, opt={"scope": "admin"}, responses=PROBLEMS, tags=["People"])
async def link_user(request: Req, user_id: str) -> Link:
    """A link for somebody who lost the password or the second factor; opening it forgets both."""
    services = services_of(request)
    now, base = clock(services.settings), base_of(request)
    token = await in_turn(services, services.accounts.new_link, grant_of(request), user_id, now)
    return _link(base, token, now)


@get("/api/audit", opt={"scope": "admin"}, responses=PROBLEMS, tags=["People"])
async def audit(
    request: Req,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 50,
    cursor: Annotated[int | None, Parameter(ge=1, le=2**53)] = None,
) -> AuditPage:
    """Who did, saw and exported what, newest first."""
    records = services_of(request).catalog.audit
    found = await asyncio.to_thread(records.list, grant_of(request).project_id, cursor, limit + 1)
    return AuditPage(
        data=[_record(one) for one in found[:limit]], next=found[limit - 1].id if len(found) > limit else None
    )


def _link(base: str, token: str, now: int) -> Link:
    return Link(link=f"{base}/signin?token={token}", expires_at=shown(now + LIFE_MS["link"]) or "")


def _record(one: Record) -> AuditRecord:
    return AuditRecord(
        id=one.id, at=shown(one.at) or "", actor=one.actor, verb=one.verb, what=one.what, subject=one.subject or None
    )


def _shown(user: User, project_id: int) -> ShownUser:
    role = user.role_in(project_id)
    if role is None:  # taken away between the question and the answer
        raise NotFound(f"There is no person {user.id} in the project any more.")
    return ShownUser(
        id=user.id,
        email=user.email,
        name=user.name,
        role=role,
        second_factor=user.totp is not None,
        can_sign_in=user.can_sign_in,
        created_at=shown(user.created_at) or "",
    )


HANDLERS = [list_users, add_user, change_user, remove_user, link_user, audit]
