"""People: the directory, everybody in it, and two users made one person and taken apart again."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter, QueryParameter

from footfall.http.auth import grant_of
from footfall.http.fields import filters_of
from footfall.http.ledger import LOOKED, SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.insights import merges, paging, people, proposals
from footfall.insights.sql import Context
from footfall.model.errors import BadRequest
from footfall.model.event import MAX_TEXT
from footfall.services.merging import Made

Req = Request[Any, Any, State]
DEFAULT_SESSIONS = 20
MOST_SESSIONS = 100
"""On one page: each comes with its events."""
UserId = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT)]
Preview = Annotated[bool, Parameter(description="Say what would change, and change nothing.")]


def _context(request: Req) -> Context:
    return context_of(services_of(request), grant_of(request).project_id)


@get("/api/people", opt={"scope": "read"}, responses=PROBLEMS, tags=["People"])
async def list_people(
    request: Req,
    search: Annotated[str, Parameter(max_length=200, description="Part of an id or of a trait.")] = "",
    wanted: Annotated[
        str | None, QueryParameter(name="filters", description="A JSON array of filters; one event has to fit.")
    ] = None,
    include_bots: bool = False,
    limit: int = paging.DEFAULT_LIMIT,
    cursor: str | None = None,
) -> people.Directory:
    """Everybody, who was seen last first."""
    asked = people.Request(
        search=search.strip(),
        filters=tuple(filters_of(wanted)),
        include_bots=include_bots,
        page=paging.Page(limit=limit, cursor=cursor),
    )
    return await services_of(request).analyst.directory(asked, _context(request))


@get("/api/people/{person:str}", opt={"scope": "read"}, responses=PROBLEMS, tags=["People"])
async def show_person(request: Req, person: str) -> people.Profile:
    """All that is known of somebody; `person` is a person's, a user's or an anonymous id."""
    return await services_of(request).analyst.person(person, _context(request))


@get("/api/people/{person:str}/events", opt={"scope": "read"}, responses=PROBLEMS, tags=["People"])
async def list_their_events(
    request: Req, person: str, limit: int = paging.DEFAULT_LIMIT, cursor: str | None = None
) -> people.Stream:
    """Somebody's events as they were sent, oldest first, bots included."""
    page = paging.Page(limit=paging.checked(limit), cursor=cursor)
    return await services_of(request).analyst.stream(person, page, _context(request))


@get("/api/people/{person:str}/sessions", opt={"scope": "read"}, responses=PROBLEMS, tags=["People"])
async def list_their_sessions(
    request: Req, person: str, limit: int = DEFAULT_SESSIONS, cursor: str | None = None
) -> people.Visits:
    """Somebody's sessions, newest first, each with its events in order."""
    page = paging.Page(limit=_sessions(limit), cursor=cursor)
    return await services_of(request).analyst.visits(person, page, _context(request))


def _sessions(limit: int) -> int:
    if not 1 <= limit <= MOST_SESSIONS:
        raise BadRequest(f"limit lies between 1 and {MOST_SESSIONS}.", path="$.limit")
    return limit


# ── two users, one person ────────────────────────────────────────────────────────────────────────────────────


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two users who are known: the members of a proposal."""

    user_id: UserId
    into: UserId
    """As whom they count from now on."""


class Unmerge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: UserId
    """Who was merged into somebody."""


_MADE = PROBLEMS | {
    202: ResponseSpec(
        merges.Change, description="It is written and kept, and answers will say so soon.", generate_examples=False
    )
}


@post("/api/people/merge", status_code=200, opt={"scope": "admin"}, responses=_MADE, tags=["People"])
async def merge_people(request: Req, data: Merge, preview: Preview = False) -> Response[merges.Change]:
    """One user counts as another, in every answer and for the past too, until it is undone."""
    made = await services_of(request).merging.merge(data.user_id, data.into, _context(request), preview=preview)
    return _written_down(request, made, preview)


@post("/api/people/unmerge", status_code=200, opt={"scope": "admin"}, responses=_MADE, tags=["People"])
async def unmerge_people(request: Req, data: Unmerge, preview: Preview = False) -> Response[merges.Change]:
    """A merge is undone: every answer is as if it had not been made."""
    made = await services_of(request).merging.unmerge(data.user_id, _context(request), preview=preview)
    return _written_down(request, made, preview)


def _written_down(request: Req, made: Made, preview: bool) -> Response[merges.Change]:
    # The audit log names the merge; whom it was about stands in its event, where erasure reaches it.
    request.scope["state"] |= {SUBJECT: made.change.id or "", LOOKED: preview}
    return Response(made.change, status_code=200 if made.shows else 202)


@get("/api/people/merges", opt={"scope": "read"}, responses=PROBLEMS, tags=["People"])
async def list_merges(request: Req) -> merges.Answer:
    """The merges in force."""
    return await services_of(request).merging.standing(_context(request))


@get("/api/people/proposals", opt={"scope": "read"}, responses=PROBLEMS, tags=["People"])
async def merge_proposals(request: Req) -> proposals.Answer:
    """Known users that an `$alias` says to be the same, and who are not yet. Nothing is merged by one."""
    return await services_of(request).analyst.proposals(_context(request))


HANDLERS = [
    list_people,
    show_person,
    list_their_events,
    list_their_sessions,
    merge_people,
    unmerge_people,
    list_merges,
    merge_proposals,
]
