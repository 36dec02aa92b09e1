"""Keys of a project: made, listed, turned over, taken back. A value is shown once; only its digest is kept."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post
from litestar.datastructures import State

from footfall.access import Scope
from footfall.http.auth import grant_of
from footfall.http.fields import Name, Origins, later_than, moment_of, origins_of, shown
from footfall.http.ledger import SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import services_of
from footfall.insights.funnel import window_of
from footfall.model.errors import BadRequest
from footfall.services.rates import rate_limit
from footfall.settings import clock
from footfall.stores.catalog import Key

Req = Request[Any, Any, State]


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    scope: Scope
    name: Name = ""
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00]+$")] | None = None
    """Any string, for a write key that other products' clients have already."""
    origins: Origins = []
    """Pages that it works from; those of the project when empty, `*` for any."""
    rate_limit: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    """Requests, such as `100/second`; none when null."""
    expires_at: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    """From then on nobody gets in with it."""


class Rotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    grace: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    """How long the old value still works, as an ISO 8601 duration; not at all when null."""


class ShownKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it may be shown: everything but itself."""

    id: str
    scope: Scope
    name: str
    hint: str
    """Its first characters."""
    origins: list[str]
    rate_limit: str | None
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    """Of this and the last minutes it may be forgotten in a crash."""


class MadeKey(msgspec.Struct, frozen=True, kw_only=True):
    key: ShownKey
    value: str
    """Shown this once; only its digest is kept."""


@get("/api/keys", opt={"scope": "admin"}, responses=PROBLEMS, tags=["Keys"])
async def list_keys(request: Req) -> list[ShownKey]:
    """All keys of the project, without their values."""
    keys = services_of(request).catalog.keys
    return [_shown(key) for key in await asyncio.to_thread(keys.list, grant_of(request).project_id)]


@post("/api/keys", status_code=201, opt={"scope": "admin"}, responses=PROBLEMS, tags=["Keys"])
async def create_key(request: Req, data: NewKey) -> MadeKey:
    """A new key."""
    services = services_of(request)
    now = clock(services.settings)
    if data.rate_limit is not None:
        rate_limit(data.rate_limit)
    expires_at = later_than(now, moment_of(data.expires_at, "$.expires_at"), "$.expires_at")
    key, value = await asyncio.to_thread(
        lambda: services.catalog.keys.create(
            grant_of(request).project_id,
            data.scope,
            data.name,
            now,
            value=data.value,
            origins=origins_of(data.origins),
            rate_limit=data.rate_limit,
            expires_at=expires_at,
        )
    )
    return _made(request, key, value)


@post("/api/keys/{key_id:str}/rotate", status_code=201, opt={"scope": "admin"}, responses=PROBLEMS, tags=["Keys"])
async def rotate_key(request: Req, key_id: str, data: Rotation) -> MadeKey:
    """A new key with the settings of that one, which works on for the time of grace only."""
    services = services_of(request)
    key, value = await asyncio.to_thread(
        services.catalog.keys.rotate,
        grant_of(request).project_id,
        key_id,
        clock(services.settings),
        _grace(data.grace),
    )
    return _made(request, key, value)


@delete("/api/keys/{key_id:str}", opt={"scope": "admin"}, responses=PROBLEMS, tags=["Keys"])
async def revoke_key(request: Req, key_id: str) -> None:
    """From the next request on, nobody gets in with it."""
    await asyncio.to_thread(services_of(request).catalog.keys.revoke, grant_of(request).project_id, key_id)


def _grace(text: str | None) -> int:
    try:
        return 0 if text is None else window_of(text)
    except BadRequest as error:
        raise BadRequest(error.detail, path="$.grace") from None


def _made(request: Req, key: Key, value: str) -> MadeKey:
    request.scope["state"][SUBJECT] = key.id
    return MadeKey(key=_shown(key), value=value)


def _shown(key: Key) -> ShownKey:
    return ShownKey(
        id=key.id,
        scope=key.scope,
        name=key.name,
        hint=key.hint,
        origins=list(key.origins),
        rate_limit=key.rate_limit,
        created_at=shown(key.created_at) or "",
        expires_at=shown(key.expires_at),
        last_used_at=shown(key.last_used_at),
    )


HANDLERS = [list_keys, create_key, rotate_key, revoke_key]
