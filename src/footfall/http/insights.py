"""Numbers out: insights by POST, and the GET forms of the seeds."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from footfall.access import Scope
from footfall.http.auth import grant_of
from footfall.http.fields import EventNames, FilterText, Since, filters_of, moment_back
from footfall.http.files import FORMATS, TABLE_FORMATS, file_of
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.insights import (
    INSIGHTS,
    Insight,
    Kind,
    activity,
    attempts,
    breakdown,
    events,
    filters,
    interactions,
    paging,
    properties,
    trend,
)
from footfall.insights.lists import GROUPS, LISTS, list_of
from footfall.insights.measures import Measure
from footfall.insights.source import Unit
from footfall.insights.sql import Context
from footfall.insights.table import Columns, Value
from footfall.model.errors import BadRequest, Forbidden
from footfall.model.period import Interval, period_of, zone_of
from footfall.services.analyse import Number

Req = Request[Any, Any, State]
S1_WINDOW = "PT30M"
_S1_MEASURES: tuple[Measure, ...] = ("count", "unique_users", "unique_sessions")
_S1_INTERVALS: dict[str, Interval] = {"day": "day", "hour": "hour"}


def _context(request: Req) -> Context:
    return context_of(services_of(request), grant_of(request).project_id)


def _check_aggregates(request: Req, data: msgspec.Struct) -> None:
    """A public key gets aggregates only: nothing broken down or filtered by what tells persons apart."""
    if grant_of(request).scope != "stats":
        return
    found = filters.personal_part(data)
    if found is not None:
        name, path = found
        raise Forbidden(f"A stats key cannot ask by “{name[:100]}”; it tells persons apart.", path=path)


# ── every kind ───────────────────────────────────────────────────────────────────────────────────────────────


def insight_handlers() -> list[HTTPRouteHandler]:
    """For each kind: its answer, the answer as a file, and the lists behind its numbers, as pages and as files."""
    return [
        handler
        for kind, insight in INSIGHTS.items()
        for handler in (
            _answer_handler(kind, insight),
            *(_file_handler(kind, insight, extension) for extension in TABLE_FORMATS),
            *(_list_handler(kind, unit) for unit in LISTS),
            *(_list_file_handler(kind, unit, extension) for unit in LISTS for extension in TABLE_FORMATS),
        )
    ]


def _answer_handler(kind: Kind, insight: Insight) -> HTTPRouteHandler:
    async def ask(
        request: Req,
        data: Any,
        explain: Annotated[bool, Parameter(description="Put the SQL and its values into `meta`.")] = False,
    ) -> Any:
        _check_aggregates(request, data)
        return await services_of(request).analyst.insight(kind, data, _context(request), explain=explain)

    return _post(ask, f"/api/insights/{kind}", insight.summary, "stats", insight.request, insight.answer)


def _file_handler(kind: Kind, insight: Insight, extension: str) -> HTTPRouteHandler:
    async def export(request: Req, data: Any) -> Stream:
        _check_aggregates(request, data)
        table = await services_of(request).analyst.table(kind, data, _context(request))
        return await file_of(extension, kind, table.columns, _portions(table.rows))

    summary = f"The same answer as a {extension.upper()} file."
    return _post(export, f"/api/insights/{kind}/export.{extension}", summary, "stats", insight.request, extension)


def _list_handler(kind: Kind, unit: Unit) -> HTTPRouteHandler:
    async def listed(request: Req, data: Any, limit: int = paging.DEFAULT_LIMIT, cursor: str | None = None) -> Any:
        page = paging.Page(limit=paging.checked(limit), cursor=cursor)
        return await services_of(request).analyst.behind(_number(kind, unit, data), page, _context(request))

    row = LISTS[unit]
    # Of a question per group, the people are groups.
    answer: Any = row.answer if unit != "people" else row.answer | GROUPS.answer
    return _post(listed, f"/api/insights/{kind}/{unit}", row.summary, "read", _POINTED[kind], answer)


def _list_file_handler(kind: Kind, unit: Unit, extension: str) -> HTTPRouteHandler:
    async def export(request: Req, data: Any) -> Stream:
        rows = services_of(request).analyst.all_behind(_number(kind, unit, data), _context(request))
        return await file_of(extension, f"{kind}-{unit}", list_of(unit, data.per).columns, rows)

    path = f"/api/insights/{kind}/{unit}/export.{extension}"
    return _post(export, path, f"All of that list as a {extension.upper()} file.", "read", _POINTED[kind], extension)


_POINTED: dict[Kind, type[msgspec.Struct]] = {
    kind: msgspec.defstruct(
        f"{kind.capitalize()}Number",
        [("pointer", insight.pointer)],
        bases=(insight.request,),
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )
    for kind, insight in INSIGHTS.items()
}
"""A question with one of its numbers pointed at."""


def _number(kind: Kind, unit: Unit, data: Any) -> Number:
    return Number(kind=kind, question=data, pointer=data.pointer, unit=unit)


def _post(
    work: Callable[..., Any], path: str, summary: str, scope: Scope, body: type, answer: type | str
) -> HTTPRouteHandler:
    """A route that takes `body`; its answer is of that type, or a file with that extension."""
    name = path.removeprefix("/api/").replace("/", "_").replace(".", "_")
    is_file = isinstance(answer, str)
    work.__annotations__ |= {"data": body, "return": Stream if is_file else answer}
    return post(
        path,
        name=name,
        operation_id=name,
        summary=summary,
        status_code=200,
        opt={"scope": scope},
        responses=PROBLEMS,
        tags=["Numbers out"],
        media_type=FORMATS[answer].media_type if is_file else None,
    )(work)


_PORTION = 10_000


async def _portions(rows: list[list[Value]]) -> AsyncIterator[list[list[Value]]]:
    for start in range(0, len(rows), _PORTION):
        yield rows[start : start + _PORTION]


class TrendPoint(msgspec.Struct, frozen=True, kw_only=True):
    """S1's row."""

    time: str
    total: int
    unique_users: int
    unique_sessions: int


@get("/api/events/trend", opt={"scope": "stats"}, responses=PROBLEMS, tags=["Numbers out, S1"])
async def s1_trend(
    request: Req,
    event: str = "*",
    page: str | None = None,
    start: str | None = None,
    end: str | None = None,
    granularity: str = "hour",
) -> list[TrendPoint]:
    """S1's trend: `granularity` is day, hour, or anything else for 15 minutes; only buckets with events."""
    context = _context(request)
    wanted = () if not page else (filters.Filter(property="page", operator="is", values=(page,)),)
    since, until = _s1_range(start, end, context)
    answer = await services_of(request).analyst.insight(
        "trend",
        trend.Request(
            series=tuple(trend.Series(event=event or "*", measure=measure) for measure in _S1_MEASURES),
            interval=_S1_INTERVALS.get(granularity, "fifteen_minutes"),
            start=since,
            end=until,
            filters=wanted,
            totals=False,
        ),
        context,
    )
    counts, people, sessions = (series.values for series in answer.series)
    return [
        TrendPoint(time=bucket, total=count, unique_users=users, unique_sessions=visits)
        for bucket, count, users, visits in zip(answer.buckets, counts, people, sessions, strict=True)
        if count
    ]


@get("/api/events/funnel", opt={"scope": "stats"}, responses=PROBLEMS, tags=["Numbers out, S1"])
async def s1_funnel(request: Req, steps: str, start: str | None = None, end: str | None = None) -> list[dict[str, int]]:
    """S1's funnel: `steps=a,b,c` within 30 minutes; one object of `step_1_a`, `step_2_b` and so on."""
    names = [name.strip() for name in steps.split(",") if name.strip()]
    if not 2 <= len(names) <= 20 or any(len(name) > 200 for name in names):  # noqa: PLR2004 - `contract.md`
        raise BadRequest("A funnel has 2 to 20 steps of at most 200 characters: steps=a,b,c.", path="$.steps")
    context = _context(request)
    since, until = _s1_range(start, end, context)
    answer = await services_of(request).analyst.insight(
        "funnel",
        attempts.Request(
            steps=tuple(attempts.Step(event=name) for name in names), window=S1_WINDOW, start=since, end=until
        ),
        context,
    )
    return [{f"step_{number}_{step.event}": step.users for number, step in enumerate(answer.steps, 1)}]


def _s1_range(start: str | None, end: str | None, context: Context) -> tuple[int, int]:
    """S1 compares with BETWEEN, so its `end` is included: a millisecond more in a half-open range."""
    period = period_of(
        start or None, end or None, zone_of(context.timezone), context.now, names=("start", "end"),
        end_included=True,
    )  # fmt: skip
    return period.start, period.end


@get("/api/catalog/events", opt={"scope": "stats"}, responses=PROBLEMS, tags=["Numbers out"])
async def catalog_events(request: Req, since: Since = "P30D") -> activity.Answer:
    """Every event name of late with its count, people, sessions, first and last seen."""
    context = _context(request)
    return await services_of(request).analyst.activity(moment_back(since, context.now), context)


@get("/api/catalog/properties", opt={"scope": "stats"}, responses=PROBLEMS, tags=["Numbers out"])
async def catalog_properties(request: Req, event: str = "*", since: Since = "P30D") -> properties.Properties:
    """What events of late can be asked by, with how many have it. A `stats` key sees what it may ask by."""
    context = _context(request)
    answer = await services_of(request).analyst.known_properties(_wanted(event, since, context), context)
    if grant_of(request).scope != "stats":
        return answer
    public = [one for one in answer.properties if not filters.is_personal(one.property)]
    return msgspec.structs.replace(answer, properties=public)


@get("/api/catalog/values", opt={"scope": "stats"}, responses=PROBLEMS, tags=["Numbers out"])
async def catalog_values(
    request: Req,
    wanted: Annotated[str, QueryParameter(name="property", min_length=1, max_length=1000)],
    prefix: Annotated[str, Parameter(max_length=1000)] = "",
    event: str = "*",
    since: Since = "P30D",
    limit: int = paging.DEFAULT_LIMIT,
) -> properties.Values:
    """The most frequent values of a property of late, with how many events have them."""
    _check_aggregates(request, breakdown.Breakdown(property=wanted))
    context = _context(request)
    choice = properties.Choice(property=wanted, prefix=prefix, limit=paging.checked(limit))
    return await services_of(request).analyst.known_values(_wanted(event, since, context), choice, context)


def _wanted(event: str, since: str, context: Context) -> properties.Wanted:
    return properties.Wanted(event=event, since=properties.hour_of(moment_back(since, context.now)))


@get("/api/events", opt={"scope": "read"}, responses=PROBLEMS, tags=["Numbers out"])
async def list_events(  # noqa: PLR0913, PLR0917 - the parameters of the address
    request: Req,
    event: EventNames = None,
    user_id: str | None = None,
    anonymous_id: str | None = None,
    session_id: str | None = None,
    since: Annotated[str | None, QueryParameter(name="from")] = None,
    until: Annotated[str | None, QueryParameter(name="to")] = None,
    wanted: FilterText = None,
    limit: int = paging.DEFAULT_LIMIT,
    cursor: str | None = None,
) -> events.Answer:
    """Events as they were sent, newest first, bots included."""
    return await services_of(request).analyst.events(
        events.Request(
            events=tuple(event or ()),
            filters=filters_of(wanted, user_id=user_id, anonymous_id=anonymous_id, session_id=session_id),
            start=since,
            end=until,
            page=paging.Page(limit=limit, cursor=cursor),
        ),
        _context(request),
    )


# ── S0 ───────────────────────────────────────────────────────────────────────────────────────────────────────


@get("/api/tracking/stats", opt={"scope": "stats"}, responses=PROBLEMS, tags=["Numbers out, S0"])
async def s0_stats(request: Req) -> interactions.ServerStats:
    """S0's `ServerStats`: totals by component, action and type of user."""
    return await services_of(request).analyst.interaction_stats(_context(request))


@get("/api/tracking", opt={"scope": "read"}, responses=PROBLEMS, tags=["Numbers out, S0"])
async def s0_page(
    request: Req,
    page: Annotated[int, Parameter(ge=1, le=1_000_000_000)] = 1,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 10,
) -> interactions.Page:
    """S0's page of records, newest first."""
    return await services_of(request).analyst.interaction_page(page, limit, _context(request))


@get(
    "/api/tracking/export",
    opt={"scope": "read"},
    responses=PROBLEMS,
    tags=["Numbers out, S0"],
    media_type="application/json",
)
async def s0_export(request: Req) -> Stream:
    """S0's export: every record, as a JSON array."""
    pages = services_of(request).analyst.interaction_export(_context(request))
    columns: Columns = dict.fromkeys(("_id", "nombre", "accion", "timestamp", "tipo_usuario", "usuario"), "text")
    records = (
        [[one.id, one.nombre, one.accion, one.timestamp, one.tipo_usuario, one.usuario] for one in page]
        async for page in pages
    )
    return await file_of("json", "interactions", columns, records)


@get(
    "/api/tracking/export.csv",
    opt={"scope": "read"},
    responses=PROBLEMS,
    tags=["Numbers out, S0"],
    media_type="text/csv",
)
async def s0_export_csv(request: Req) -> Stream:
    """S0's export as CSV; a cell that a spreadsheet would run gets an apostrophe."""
    pages = services_of(request).analyst.interaction_export(_context(request))
    names = ("id", "nombre", "accion", "timestamp", "tipo_usuario", "usuario", "nombre_usuario", "email")
    nobody = interactions.ExportedUser(id="", nombre=None, email=None)
    records = (
        [
            [one.id, one.nombre, one.accion, one.timestamp, one.tipo_usuario, user.id, user.nombre, user.email]
            for one in page
            for user in [one.usuario or nobody]
        ]
        async for page in pages
    )
    return await file_of("csv", "interactions", dict.fromkeys(names, "text"), records)


HANDLERS = [
    *insight_handlers(),
    s1_trend,
    s1_funnel,
    catalog_events,
    catalog_properties,
    catalog_values,
    list_events,
    s0_stats,
    s0_page,
    s0_export,
    s0_export_csv,
]
