"""The tracking plan beside what comes (`contract.md`, "Keeping order")."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter, QueryParameter

from footfall.http.auth import grant_of
from footfall.http.fields import EventNames, Since, moment_back
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.insights import violations
from footfall.model.period import Period, rfc3339, zone_of
from footfall.model.seen import SeenEvent, look_at, together
from footfall.plan.bundle import Bundle
from footfall.plan.draft import draft
from footfall.plan.drift import EventDrift, drift

Req = Request[Any, Any, State]


class ShownDrift(msgspec.Struct, frozen=True, kw_only=True):
    since: str
    plan: int | None
    """Number of the version; null where there is no plan, and everything is unplanned."""
    events: list[EventDrift]


@get("/api/plan/drift", opt={"scope": "view"}, responses=PROBLEMS, tags=["Plan"])
async def show_drift(request: Req, since: Since = "P7D") -> ShownDrift:
    """Every event that is planned or came of late: how it stands with the plan, and what has changed about it.

    Rates are compared with as long a time before. Properties are told of the newest events of each name; bots are left
    out.
    """
    services, grant = services_of(request), grant_of(request)
    context = context_of(services, grant.project_id)
    start, zone = moment_back(since, context.now), zone_of(context.timezone)
    seen = await services.analyst.observed(Period(start, context.now, zone), context)
    before = await services.analyst.observed(Period(max(0, 2 * start - context.now), start, zone), context)

    def compare() -> ShownDrift:
        standing = services.plans.standing(grant.project_id)
        bundle, version = (standing.bundle, standing.version) if standing else (Bundle(), None)
        return ShownDrift(
            since=rfc3339(start),
            plan=version.number if version else None,
            events=drift(bundle, seen, before, version.environment if version else ""),
        )

    return await asyncio.to_thread(compare)


@get("/api/plan/violations", opt={"scope": "view"}, responses=PROBLEMS, tags=["Plan"])
async def list_violations(
    request: Req,
    since: Since = "P7D",
    event: Annotated[str | None, Parameter(max_length=200)] = None,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 100,
) -> violations.Answer:
    """What the plan had against events that were stored, together by event, version of the application and rule.

    What waits in quarantine is told by `GET /api/quarantine/groups`.
    """
    services = services_of(request)
    context = context_of(services, grant_of(request).project_id)
    period = Period(moment_back(since, context.now), context.now, zone_of(context.timezone))
    return await services.analyst.violations(period, event, limit, context)


@get(
    "/api/plan/draft",
    opt={"scope": "read"},
    media_type="application/yaml",
    responses=PROBLEMS
    | {200: ResponseSpec(dict[str, Any], description="A file of a plan.", media_type="application/yaml")},
    tags=["Plan"],
)
async def draft_plan(
    request: Req,
    since: Since = "P30D",
    event: EventNames = None,
    everything: Annotated[bool, QueryParameter(name="all", description="Also what is planned already.")] = False,
) -> Response[str]:
    """A draft of a plan, as YAML, from what came and is not planned, whether it was stored or waits in quarantine.

    It tells texts, where a property has few.
    """
    services, grant = services_of(request), grant_of(request)
    context = context_of(services, grant.project_id)
    period = Period(moment_back(since, context.now), context.now, zone_of(context.timezone))
    stored = await services.analyst.observed(period, context)
    waiting = look_at(await services.quarantine.unplanned(grant.project_id, period.start))

    def write() -> str:
        seen = {
            name: together(of[name] for of in (stored, waiting) if name in of)
            for name in dict.fromkeys((*stored, *waiting))
        }
        standing = None if everything else services.plans.standing(grant.project_id)
        bundle = standing.bundle if standing else Bundle()
        known = {name for plan in bundle.events.values() for name in (plan.name, *plan.aliases)}
        return draft({name: one for name, one in seen.items() if _is_wanted(name, one, event, known)})

    return Response(await asyncio.to_thread(write))


def _is_wanted(name: str, seen: SeenEvent, named: list[str] | None, known: set[str]) -> bool:
    return bool(seen.count) and name not in known and (named is None or name in named)


HANDLERS: list[HTTPRouteHandler] = [show_drift, list_violations, draft_plan]
