"""Annotations: what happened when (a release, a campaign, an outage), for whoever looks at a chart."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from footfall.http.auth import grant_of
from footfall.http.fields import Label, Title, shown
from footfall.http.ledger import SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import services_of
from footfall.insights import paging
from footfall.model.period import parse_moment, zone_of
from footfall.settings import clock
from footfall.stores.catalog import Annotation, Note

Req = Request[Any, Any, State]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


class NewAnnotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: _Text
    at: str | int | float | None = None
    """When it happened; now when null. A time without an offset is the project's."""
    kind: Label | None = None
    """Such as `release`."""
    tags: Annotated[tuple[Label, ...], msgspec.Meta(max_length=20)] = ()
    ref: Title | None = None
    """What it is known by elsewhere, such as a commit: sent again, it is the same annotation."""


class ShownAnnotation(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    at: str
    text: str
    kind: str | None
    tags: list[str]
    ref: str | None
    owner: str
    """Id of the person or key that made it."""
    created_at: str


class AnnotationPage(msgspec.Struct, frozen=True, kw_only=True):
    data: list[ShownAnnotation]
    next: str | None


@get("/api/annotations", opt={"scope": "view"}, responses=PROBLEMS, tags=["Saved"])
async def list_annotations(
    request: Req,
    since: Annotated[str | None, QueryParameter(name="from")] = None,
    until: Annotated[str | None, QueryParameter(name="to")] = None,
    limit: int = paging.DEFAULT_LIMIT,
    cursor: str | None = None,
) -> AnnotationPage:
    """What happened, latest first; of a range, `to` excluded."""
    services, project_id = services_of(request), grant_of(request).project_id
    zone = zone_of(services.catalog.projects.get(project_id).timezone)
    wanted = paging.checked(limit)
    before = None if cursor is None else paging.position_of(cursor, tuple[paging.At, str])
    found = await asyncio.to_thread(
        lambda: services.catalog.annotations.list(
            project_id,
            wanted + 1,
            start=None if since is None else parse_moment(since, zone, path="$.from"),
            end=None if until is None else parse_moment(until, zone, path="$.to"),
            before=before,
        )
    )
    last = found[wanted - 1] if len(found) > wanted else None
    return AnnotationPage(
        data=[_shown(one) for one in found[:wanted]],
        next=None if last is None else paging.cursor_of([last.at, last.id]),
    )


@post(
    "/api/annotations",
    status_code=201,
    opt={"scope": "annotate"},
    responses={
        **PROBLEMS,
        200: ResponseSpec(ShownAnnotation, description="It was there already, by its ref.", generate_examples=False),
    },
    tags=["Saved"],
)
async def create_annotation(request: Req, data: NewAnnotation) -> Response[ShownAnnotation]:
    """Say what happened. With a `ref`, saying it again answers 200 with what was said first."""
    services, grant = services_of(request), grant_of(request)
    now = clock(services.settings)
    zone = zone_of(services.catalog.projects.get(grant.project_id).timezone)
    note = Note(
        at=now if data.at is None else parse_moment(data.at, zone, path="$.at"),
        text=data.text,
        kind=data.kind,
        tags=tuple(dict.fromkeys(data.tags)),
        ref=data.ref,
    )
    made, is_new = await asyncio.to_thread(
        services.catalog.annotations.create, grant.project_id, note, grant.actor, now
    )
    request.scope["state"][SUBJECT] = made.id
    return Response(_shown(made), status_code=201 if is_new else 200)


@delete("/api/annotations/{annotation_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Saved"])
async def delete_annotation(request: Req, annotation_id: str) -> None:
    """Take it back."""
    await asyncio.to_thread(
        services_of(request).catalog.annotations.delete, grant_of(request).project_id, annotation_id
    )


def _shown(one: Annotation) -> ShownAnnotation:
    return ShownAnnotation(
        id=one.id,
        at=shown(one.at) or "",
        text=one.text,
        kind=one.kind,
        tags=list(one.tags),
        ref=one.ref,
        owner=one.owner,
        created_at=shown(one.created_at) or "",
    )


HANDLERS = [list_annotations, create_annotation, delete_annotation]
