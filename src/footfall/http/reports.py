"""Reports that are sent every day, week or month: a board or a saved insight, by e-mail or webhook."""

import asyncio
import contextlib
from typing import Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from footfall.alerts.rule import Channel
from footfall.http.auth import grant_of
from footfall.http.channels import ShownDelivery, deliveries, masked, unmasked
from footfall.http.fields import shown
from footfall.http.ledger import SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import Services, context_of, services_of
from footfall.insights.sql import Context
from footfall.model.errors import BadRequest, FootfallError, NotFound
from footfall.model.period import label, rfc3339, zone_of
from footfall.reports import letter
from footfall.reports.digest import Digest, Section
from footfall.reports.report import Report, checked
from footfall.reports.schedule import due_after, due_from, schedule_of
from footfall.stores.catalog import Alert, Delivery, ReportDraft, StoredReport

Req = Request[Any, Any, State]


class SentReport(msgspec.Struct, frozen=True, kw_only=True):
    """One that was sent, or is on its way."""

    id: int
    about: str
    """Its subject."""
    sent_at: str
    deliveries: list[ShownDelivery]


class ShownReport(Report, frozen=True, kw_only=True):
    """A report. Of channels, secrets are left out; so is most of addresses that are one."""

    id: str
    next: str | None
    """When it is due, in the project's zone; null while it is off."""
    last: SentReport | None
    owner: str
    """Id of the person or key that made it."""
    created_at: str
    changed_at: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would be sent."""

    subject: str
    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    """The days that it is about, the end not among them."""
    sections: list[Section]
    text: str
    html: str


@get("/api/reports", opt={"scope": "view"}, responses=PROBLEMS, tags=["Reports"])
async def list_reports(request: Req) -> list[ShownReport]:
    """The reports of the project."""
    services, context = services_of(request), _context(request)

    def read() -> list[ShownReport]:
        return [_report(services, one, context) for one in services.catalog.reports.of(context.project_id)]

    return await asyncio.to_thread(read)


@post("/api/reports", status_code=201, opt={"scope": "edit"}, responses=PROBLEMS, tags=["Reports"])
async def create_report(request: Req, data: Report) -> ShownReport:
    """A new report. It is sent for the first time when it is due next."""
    services, grant, context = services_of(request), grant_of(request), _context(request)

    def create() -> ShownReport:
        draft = _draft(services, data, context)
        made = services.catalog.reports.create(context.project_id, draft, grant.actor, context.now)
        return _report(services, made, context)

    made = await asyncio.to_thread(create)
    request.scope["state"][SUBJECT] = made.id
    return made


@get("/api/reports/{report_id:str}", opt={"scope": "view"}, responses=PROBLEMS, tags=["Reports"])
async def read_report(request: Req, report_id: str) -> ShownReport:
    """One report."""
    services, context = services_of(request), _context(request)
    return await asyncio.to_thread(
        lambda: _report(services, services.catalog.reports.get(context.project_id, report_id), context)
    )


@put("/api/reports/{report_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Reports"])
async def change_report(request: Req, report_id: str, data: Report) -> ShownReport:
    """Another report in its place. A channel that is sent as it was shown keeps what is secret of it."""
    services, context = services_of(request), _context(request)
    reports = services.catalog.reports

    def change() -> ShownReport:
        stored = reports.get(context.project_id, report_id)
        before = _stored(stored)
        wanted = msgspec.structs.replace(data, channels=unmasked(data.channels, before.channels))
        draft = _draft(services, wanted, context)
        if schedule_of(before) == schedule_of(wanted) and before.enabled and wanted.enabled:
            draft = msgspec.structs.replace(draft, next_at=stored.next_at)  # it may be due just now
        changed = reports.change(context.project_id, report_id, draft, context.now)
        return _report(services, changed, context)

    return await asyncio.to_thread(change)


@delete("/api/reports/{report_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Reports"])
async def delete_report(request: Req, report_id: str) -> None:
    """Delete a report. What it is of stays."""
    reports = services_of(request).catalog.reports
    await asyncio.to_thread(reports.delete, grant_of(request).project_id, report_id)


@post("/api/reports/preview", status_code=200, opt={"scope": "view"}, responses=PROBLEMS, tags=["Reports"])
async def preview_report(request: Req, data: Report) -> Preview:
    """What a report would say if it were due now. Nothing is kept or sent."""
    services, context = services_of(request), _context(request)
    digest = await services.reporting.digest(checked(data), context.now, context)
    return _preview(digest)


@post("/api/reports/{report_id:str}/send", status_code=200, opt={"scope": "edit"}, responses=PROBLEMS, tags=["Reports"])
async def send_report(request: Req, report_id: str) -> SentReport:
    """Send a report now, by all of its channels. When it is due next stays."""
    services, context = services_of(request), _context(request)
    reporting, alerts = services.reporting, services.catalog.alerts
    stored = await asyncio.to_thread(services.catalog.reports.get, context.project_id, report_id)
    report = _stored(stored)
    said = await reporting.message(report_id, report, context.now, context)
    sent = await asyncio.to_thread(
        alerts.add, context.project_id, report_id, reporting.happening(report, said), context.now
    )
    with contextlib.suppress(FootfallError):  # it is written down, and goes out as soon as it can
        await services.courier.send(context.now)
    found = await asyncio.to_thread(alerts.alert, sent)
    if found is None:
        raise NotFound("It is gone already.")
    return _sent(*found)


@get("/api/reports/{report_id:str}/history", opt={"scope": "view"}, responses=PROBLEMS, tags=["Reports"])
async def list_sent(request: Req, report_id: str) -> list[SentReport]:
    """The last hundred that were sent, newest first, and what became of each."""
    services, project_id = services_of(request), grant_of(request).project_id

    def read() -> list[SentReport]:
        services.catalog.reports.get(project_id, report_id)
        return [_sent(*one) for one in services.catalog.alerts.history(project_id, rule_id=report_id)]

    return await asyncio.to_thread(read)


def _context(request: Req) -> Context:
    return context_of(services_of(request), grant_of(request).project_id)


def _draft(services: Services, report: Report, context: Context) -> ReportDraft:
    """Raises `BadRequest` for one of something that is not there."""
    catalog, wanted = services.catalog, checked(report)
    try:
        if wanted.board is not None:
            catalog.boards.get(context.project_id, wanted.board)
        else:
            catalog.saved.get(context.project_id, wanted.saved or "")
    except NotFound as error:
        raise BadRequest(error.detail, path="$.board" if wanted.board is not None else "$.saved") from None
    return ReportDraft(
        board_id=wanted.board,
        saved_id=wanted.saved,
        body=msgspec.json.encode(wanted).decode(),
        enabled=wanted.enabled,
        next_at=due_after(wanted, context.now, zone_of(context.timezone)),
    )


def _stored(one: StoredReport) -> Report:
    return msgspec.json.decode(one.body, type=Report)


def _report(services: Services, one: StoredReport, context: Context) -> ShownReport:
    report, zone = _stored(one), zone_of(context.timezone)
    last = next(iter(services.catalog.alerts.history(context.project_id, limit=1, rule_id=one.id)), None)
    channels: list[Channel] = [masked(channel) for channel in report.channels]
    written: dict[str, Any] = msgspec.structs.asdict(report) | {"channels": channels}
    return ShownReport(
        **written,
        id=one.id,
        next=label(due_from(report, one.next_at, zone), zone) if one.enabled else None,
        last=_sent(*last) if last else None,
        owner=one.owner,
        created_at=rfc3339(one.created_at),
        changed_at=rfc3339(one.changed_at),
    )


def _sent(one: Alert, found: list[Delivery]) -> SentReport:
    return SentReport(id=one.id, about=one.detail, sent_at=shown(one.created_at) or "", deliveries=deliveries(found))


def _preview(digest: Digest) -> Preview:
    zone = zone_of(digest.timezone)
    return Preview(
        subject=digest.subject,
        start=label(digest.start, zone),
        end=label(digest.end, zone),
        sections=digest.sections,
        text=letter.text(digest),
        html=letter.html(digest),
    )


HANDLERS: list[HTTPRouteHandler] = [
    list_reports, create_report, preview_report, read_report, change_report, delete_report, send_report, list_sent,
]  # fmt: skip
