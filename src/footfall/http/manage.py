"""Keeping order: totals, quarantine, and what a supervisor asks."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import Parameter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from footfall import __version__
from footfall.http.auth import grant_of
from footfall.http.problems import PROBLEMS
from footfall.http.services import Services, services_of
from footfall.model.errors import Unavailable
from footfall.model.event import Millis
from footfall.model.period import rfc3339
from footfall.services.checkup import Checkup, checkup, facts_of
from footfall.settings import clock
from footfall.stores.spool import Quarantined, Queue, Refusals, Totals

Req = Request[Any, Any, State]


class IngestStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Events of the project since the data folder was made; accepted = queued + stored + quarantined + duplicates."""

    accepted: int
    queued: int
    """0 when everything acknowledged can be queried."""
    stored: int
    quarantined: int
    duplicates: int
    lag_seconds: float
    """Age of the oldest that is queued."""
    quarantine_dropped: int
    """Of those quarantined, how many are not kept any more because there were too many."""
    queue: Queue
    """Of the whole installation, in bytes; `refusing` says why arrival answers 503 at the moment."""


def _lag(totals: Totals, now: Millis) -> float:
    return 0.0 if totals.oldest is None else max(0.0, (now - totals.oldest) / 1000)


@get("/api/ingest/status", opt={"scope": "view"}, responses=PROBLEMS, tags=["Keeping order"])
async def ingest_status(request: Req) -> IngestStatus:
    """What became of everything that was acknowledged."""
    services = services_of(request)
    totals = await asyncio.to_thread(services.spool.totals, grant_of(request).project_id)
    return IngestStatus(
        accepted=totals.accepted,
        queued=totals.queued,
        stored=totals.stored,
        quarantined=totals.quarantined,
        duplicates=totals.duplicates,
        lag_seconds=_lag(totals, clock(services.settings)),
        quarantine_dropped=totals.quarantine_dropped,
        queue=services.spool.queue,
    )


class QuarantinedEvent(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    received_at: str
    source: str
    event: str | None
    reason: str
    detail: str
    path: str
    app_version: str | None
    violations: list[Any]
    """All that the tracking plan has against it."""
    sent: str
    """The entry as it was sent; what is not UTF-8 in it is shown as U+FFFD."""


class QuarantinePage(msgspec.Struct, frozen=True, kw_only=True):
    data: list[QuarantinedEvent]
    next: int | None


@get("/api/quarantine", opt={"scope": "read"}, responses=PROBLEMS, tags=["Keeping order"])
async def quarantine(
    request: Req,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 50,
    cursor: Annotated[int | None, Parameter(ge=1, le=2**53)] = None,
    event: str | None = None,
    reason: str | None = None,
    path: str | None = None,
    app_version: str | None = None,
) -> QuarantinePage:
    """What was refused, why and where, newest first. An empty text asks for what has none of it."""
    spool = services_of(request).spool
    like = Refusals(event=event, reason=reason, path=path, app_version=app_version)
    found = await asyncio.to_thread(spool.quarantined, grant_of(request).project_id, cursor, limit + 1, like)
    return QuarantinePage(
        data=[_quarantined(one) for one in found[:limit]],
        next=found[limit - 1].id if len(found) > limit else None,
    )


def _quarantined(one: Quarantined) -> QuarantinedEvent:
    return QuarantinedEvent(
        id=one.id,
        received_at=rfc3339(one.received_at),
        source=one.source,
        event=one.event or None,
        reason=one.reason,
        detail=one.detail,
        path=one.path,
        app_version=one.app_version or None,
        violations=[msgspec.Raw(text.encode()) for text in one.violations],
        sent=one.raw.decode("utf-8", "replace"),
    )


@get("/api/doctor", opt={"scope": "admin"}, responses=PROBLEMS, tags=["Keeping order"])
async def doctor(request: Req) -> Checkup:
    """What is well with the installation, what is not, and what to do next; keys are those of the project."""
    services = services_of(request)
    facts = await asyncio.to_thread(
        facts_of,
        services.settings,
        services.spool,
        services.warehouse,
        services.catalog,
        grant_of(request).project_id,
        clock(services.settings),
    )
    return checkup(facts)


# ── for supervisors ──────────────────────────────────────────────────────────────────────────────────────────


class Health(msgspec.Struct, frozen=True, kw_only=True):
    status: str
    version: str = __version__


@get("/healthz", responses=PROBLEMS, tags=["For supervisors"])
async def healthz() -> Health:
    """The process answers."""
    return Health(status="ok")


@get("/readyz", responses=PROBLEMS, tags=["For supervisors"])
async def readyz(request: Req) -> Health:
    """Engine and disk answer, and events are taken; 503 otherwise."""
    services = services_of(request)
    if services.spool.queue.refusing is not None:
        raise Unavailable("Events are refused at the moment; the server's log says why.")
    await asyncio.to_thread(services.warehouse.ping)
    await asyncio.to_thread(services.spool.totals)
    return Health(status="ready")


class _IngestMetrics(Collector):
    """The totals, read when Prometheus asks."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> list[CounterMetricFamily | GaugeMetricFamily]:
        totals = self._services.spool.totals()
        queue, turns = self._services.spool.queue, self._services.analyst.turns
        counters = {
            "accepted": ("Events acknowledged", totals.accepted),
            "stored": ("Events in the warehouse", totals.stored),
            "quarantined": ("Events refused, with their reason kept", totals.quarantined),
            "duplicates": ("Events whose id was stored before", totals.duplicates),
            "quarantine_dropped": ("Events refused, and let go because there were too many", totals.quarantine_dropped),
            "client_dropped": ("Events that clients say they lost before sending", totals.client_dropped),
        }
        gauges = {
            "queued_events": ("Events acknowledged and not in the warehouse yet", totals.queued),
            "queue_bytes": ("Bytes of those events", queue.bytes),
            "queue_limit_bytes": ("Bytes that may be queued", queue.limit_bytes),
            "refusing": ("1 while arrival is refused with 503", int(queue.refusing is not None)),
            "questions_running": ("Questions that are being answered", turns.running),
            "questions_waiting": ("Questions that wait for their turn", turns.waiting),
            "listeners": ("Clients that follow the live feed", self._services.live.listeners),
            "lag_seconds": ("Age of the oldest queued event", _lag(totals, clock(self._services.settings))),
        }
        questions = {
            "left": ("Questions ended because their asker had left", turns.left),
            "gave_way": ("Long questions ended because others waited", turns.gave_way),
        }
        alerting, notices = self._services.alerting, self._services.catalog.alerts.counts()
        judged = alerting.judged_at
        gauges |= {
            "alerts_lag_seconds": (
                "Seconds since the rules of alerts were looked at",
                0 if judged is None else max(0, clock(self._services.settings) - judged) / 1000,
            ),
            "notices_pending": ("Notices of alerts that are on their way", notices.get("pending", 0)),
            "notices_dead": ("Notices of alerts that could not be delivered", notices.get("dead", 0)),
        }
        redacted = CounterMetricFamily(
            "footfall_redacted", "Times that something was taken out of what came, by the rule", labels=["rule"]
        )
        for rule, times in sorted(self._services.guard.hits.items()):
            redacted.add_metric([rule], times)
        return [
            redacted,
            CounterMetricFamily(
                "footfall_alerts_failed", "Times that a rule could not be judged", value=alerting.failures
            ),
            *(CounterMetricFamily(f"footfall_events_{n}", text, value=v) for n, (text, v) in counters.items()),
            *(CounterMetricFamily(f"footfall_questions_{n}", text, value=v) for n, (text, v) in questions.items()),
            *(GaugeMetricFamily(f"footfall_{n}", text, value=v) for n, (text, v) in gauges.items()),
        ]


@get("/metrics", responses=PROBLEMS, tags=["For supervisors"], media_type="text/plain")
async def metrics(request: Req) -> Response[bytes]:
    """Prometheus text format: totals of arrival and of questions, no names."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_IngestMetrics(services_of(request)))
    return Response(await asyncio.to_thread(generate_latest, registry), media_type=CONTENT_TYPE_LATEST)


HANDLERS = [ingest_status, quarantine, doctor, healthz, readyz, metrics]
