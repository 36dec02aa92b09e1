"""Raw access (B10): somebody's own SQL, and every event of a project as a file."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from footfall.http.auth import grant_of
from footfall.http.files import EVENT_FORMATS, FORMATS, Rows, file_of
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.insights import archive, events, statement
from footfall.insights.table import plain

Req = Request[Any, Any, State]
TOTAL = "footfall-events"
"""Header of an export: how many events the file has when it is whole."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    query: str
    """One SELECT in ClickHouse's SQL over `events` and `event_hourly_mv`."""


@post("/api/sql", status_code=200, opt={"scope": "read"}, responses=PROBLEMS, tags=["Raw access"])
async def sql(request: Req, data: Statement) -> statement.Answer:
    """The answer to a statement of your own, over the rows of your project and nothing else."""
    services = services_of(request)
    return await services.analyst.run(data.query, context_of(services, grant_of(request).project_id))


def _export_handler(extension: str) -> HTTPRouteHandler:
    async def export(
        request: Req,
        event: Annotated[list[str] | None, Parameter(description="Only events of this name; repeatable.")] = None,
        since: Annotated[str | None, QueryParameter(name="from")] = None,
        until: Annotated[str | None, QueryParameter(name="to")] = None,
    ) -> Stream:
        services = services_of(request)
        wanted = archive.Request(events=tuple(event or ()), start=since, end=until)
        kept = await services.analyst.export(wanted, context_of(services, grant_of(request).project_id))
        portions = _whole(kept.portions) if extension == "jsonl" else _plain(kept.portions)
        return await file_of(extension, "events", events.COLUMNS, portions, {TOTAL: str(kept.total)})

    return get(
        f"/api/events/export.{extension}",
        opt={"scope": "read"},
        responses=PROBLEMS,
        tags=["Raw access"],
        name=f"events_export_{extension}",
        operation_id=f"events_export_{extension}",
        summary=f"Every event with all that is kept of it, oldest first, as a {extension.upper()} file.",
        media_type=FORMATS[extension].media_type,
    )(export)


async def _whole(portions: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[Rows]:
    async for found in portions:
        yield [list(event.values()) for event in found]


async def _plain(portions: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[Rows]:
    async for found in portions:
        yield [[plain(value) for value in event.values()] for event in found]


HANDLERS = [sql, *(_export_handler(extension) for extension in EVENT_FORMATS)]
