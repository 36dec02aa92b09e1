"""Links that show a board or a saved insight to whoever has them, without a key or a session (ADR 0062).

Such a link gives the answers of its tiles and nothing else: no question, no list, no event, no other route. When a
board changes, so does what its links show. Programs get JSON at it; a browser is sent on to the page that draws it.
"""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request, delete, get, post
from litestar.datastructures import State
from litestar.response import Redirect

from footfall.http import dashboard
from footfall.http.auth import grant_of
from footfall.http.fields import Name, later_than, moment_of, shown
from footfall.http.ledger import SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import Services, base_of, context_of, in_turn, services_of
from footfall.insights.filters import Filter
from footfall.insights.question import Narrowing, check_narrowing
from footfall.model.errors import BadRequest
from footfall.services import boards
from footfall.services.shares import grant_to
from footfall.services.turns import ASKER
from footfall.settings import clock
from footfall.stores.catalog import Share, ShareDraft

Req = Request[Any, Any, State]

LIFE_MS = 30 * 24 * 3600 * 1000
"""How long a link is good for that names no end."""


class NewShare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `saved` or `board`."""

    saved: Name | None = None
    board: Name | None = None
    filters: tuple[Filter, ...] = ()
    """On top of those of every question."""
    expires_at: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    """In 30 days when null."""
    password: Annotated[str, msgspec.Meta(max_length=1000)] | None = None


class Password(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    password: Annotated[str, msgspec.Meta(max_length=1000)]


class ShownShare(msgspec.Struct, frozen=True, kw_only=True):
    """A link as it may be listed: everything but itself."""

    id: str
    saved: str | None
    board: str | None
    filters: list[Filter]
    has_password: bool
    owner: str
    created_at: str
    expires_at: str


class MadeShare(msgspec.Struct, frozen=True, kw_only=True):
    share: ShownShare
    link: str
    """Shown this once; only its digest is kept."""


class SharedView(msgspec.Struct, frozen=True, kw_only=True):
    """What a link shows."""

    name: str
    description: str
    expires_at: str
    tiles: list[boards.Answered]


@get("/api/shares", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def list_shares(request: Req) -> list[ShownShare]:
    """The links of the project that are good, newest first."""
    services = services_of(request)
    found = await asyncio.to_thread(
        services.catalog.shares.list, grant_of(request).project_id, clock(services.settings)
    )
    return [_shown(one) for one in found]


@post("/api/shares", status_code=201, opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def create_share(request: Req, data: NewShare) -> MadeShare:
    """A link that shows a saved insight or a board. Not for questions that tell persons apart."""
    services, grant = services_of(request), grant_of(request)
    now, base = clock(services.settings), base_of(request)
    if (data.saved is None) == (data.board is None):
        raise BadRequest("A link shows a saved insight or a board: name one of both.", path="$")
    check_narrowing(Narrowing(filters=data.filters), context_of(services, grant.project_id))
    expires_at = later_than(now, moment_of(data.expires_at, "$.expires_at"), "$.expires_at") or now + LIFE_MS

    def make() -> tuple[Share, str]:
        draft = ShareDraft(
            saved_id=data.saved,
            board_id=data.board,
            filters=msgspec.json.encode(data.filters).decode(),
            password=services.links.hashed(data.password),
            expires_at=expires_at,
        )
        boards.check_shareable(_view(services, grant.project_id, draft)[2])
        return services.catalog.shares.create(grant.project_id, draft, grant.actor, now)

    share, token = await in_turn(services, make)
    request.scope["state"][SUBJECT] = share.id
    return MadeShare(share=_shown(share), link=f"{base}/api/shares/{token}")


@delete("/api/shares/{share:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def revoke_share(request: Req, share: str) -> None:
    """From the next request on, the link with this id shows nothing."""
    request.scope["state"][SUBJECT] = share
    await asyncio.to_thread(services_of(request).catalog.shares.revoke, grant_of(request).project_id, share)


async def _to_page(request: Req) -> Redirect | None:
    """Somebody who follows a link wants to see it; nothing is looked up for that, and nothing counted.

    How it is to look goes along. Nothing else in the address means anything.
    """
    if "text/html" not in request.headers.get("accept", ""):
        return None
    look = {name: request.query_params[name] for name in ("theme", "embed") if name in request.query_params}
    page = dashboard.SHARED + quote(request.path_params["share"], safe="")
    return Redirect(f"{page}?{urlencode(look)}" if look else page, status_code=303)


@get("/api/shares/{share:str}", responses=PROBLEMS, tags=["Saved"], before_request=_to_page)
async def open_share(request: Req, share: str) -> SharedView:
    """What the link with this token shows, for one without a password."""
    return await _open(request, share, None)


@post("/api/shares/{share:str}", status_code=200, responses=PROBLEMS, tags=["Saved"])
async def open_share_with_password(request: Req, share: str, data: Password) -> SharedView:
    """What the link with this token shows, for one with a password."""
    return await _open(request, share, data.password)


async def _open(request: Req, token: str, password: str | None) -> SharedView:
    services = services_of(request)
    address = request.client.host if request.client else ""
    now = clock(services.settings)
    share = await in_turn(services, services.links.open, token, password, address, now)
    # From here on as somebody who may look: written down once an hour, taking turns, and cut short on leaving.
    ASKER.set(share.id)
    request.scope["state"] |= {"grant": grant_to(share), "right": "read", SUBJECT: share.id}
    name, description, tiles = await asyncio.to_thread(_view, services, share.project_id, share)
    return SharedView(
        name=name,
        description=description,
        expires_at=shown(share.expires_at) or "",
        tiles=await boards.answers(services.analyst, tiles, context_of(services, share.project_id), aggregates=True),
    )


def _view(services: Services, project_id: int, share: ShareDraft) -> tuple[str, str, list[boards.Shown]]:
    """Name, description and tiles. Raises `NotFound`."""
    if share.saved_id is not None:
        saved = services.catalog.saved.get(project_id, share.saved_id)
        return saved.name, saved.description, boards.tiles_of_saved(saved, share.filters)
    board = services.catalog.boards.get(project_id, share.board_id or "")
    return board.name, board.description, boards.tiles_of_board(services.catalog, project_id, board, share.filters)


def _shown(share: Share) -> ShownShare:
    return ShownShare(
        id=share.id,
        saved=share.saved_id,
        board=share.board_id,
        filters=msgspec.json.decode(share.filters, type=list[Filter]),
        has_password=share.password is not None,
        owner=share.owner,
        created_at=shown(share.created_at) or "",
        expires_at=shown(share.expires_at) or "",
    )


HANDLERS = [list_shares, create_share, revoke_share, open_share, open_share_with_password]
