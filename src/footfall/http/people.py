"""People: two users made one person, and taken apart again."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import Parameter

from footfall.http.auth import grant_of
from footfall.http.ledger import LOOKED, SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.insights import merges, proposals
from footfall.insights.sql import Context
from footfall.model.event import MAX_TEXT

Req = Request[Any, Any, State]
UserId = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT)]
Preview = Annotated[bool, Parameter(description="Say what would change, and change nothing.")]


def _context(request: Req) -> Context:
    return context_of(services_of(request), grant_of(request).project_id)


# ── two users, one person ────────────────────────────────────────────────────────────────────────────────────


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two users who are known: the members of a proposal."""

    user_id: UserId
    into: UserId
    """As whom they count from now on."""


class Unmerge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: UserId
    """Who was merged into somebody."""


@post("/api/people/merge", status_code=200, opt={"scope": "admin"}, responses=PROBLEMS, tags=["People"])
async def merge_people(request: Req, data: Merge, preview: Preview = False) -> merges.Change:
    """One user counts as another, in every answer and for the past too, until it is undone."""
    change = await services_of(request).merging.merge(data.user_id, data.into, _context(request), preview=preview)
    return _written_down(request, change, preview)


@post("/api/people/unmerge", status_code=200, opt={"scope": "admin"}, responses=PROBLEMS, tags=["People"])
async def unmerge_people(request: Req, data: Unmerge, preview: Preview = False) -> merges.Change:
    """A merge is undone: every answer is as if it had not been made."""
    change = await services_of(request).merging.unmerge(data.user_id, _context(request), preview=preview)
    return _written_down(request, change, preview)


def _written_down(request: Req, change: merges.Change, preview: bool) -> merges.Change:
    # The audit log names the merge; whom it was about stands in its event, where erasure reaches it.
    request.scope["state"] |= {SUBJECT: change.id or "", LOOKED: preview}
    return change


@get("/api/people/merges", opt={"scope": "read"}, responses=PROBLEMS, tags=["People"])
async def list_merges(request: Req) -> merges.Answer:
    """The merges in force."""
    return await services_of(request).merging.standing(_context(request))


@get("/api/people/proposals", opt={"scope": "read"}, responses=PROBLEMS, tags=["People"])
async def merge_proposals(request: Req) -> proposals.Answer:
    """Known users that an `$alias` says to be the same, and who are not yet. Nothing is merged by one."""
    return await services_of(request).analyst.proposals(_context(request))


HANDLERS = [merge_people, unmerge_people, list_merges, merge_proposals]
