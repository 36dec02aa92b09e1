"""Alert rules (`contract.md`, "Keeping order")."""

import asyncio
import secrets
from itertools import pairwise
from typing import Annotated, Any, cast

import msgspec
from litestar import Request, delete, get, post, put
from litestar.datastructures import State as AppState
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from footfall.alerts.evaluate import Told, evaluate
from footfall.alerts.machine import Kind, State
from footfall.alerts.message import Message
from footfall.alerts.planned import OWN, PREFIX
from footfall.alerts.rule import MAX_WINDOW, MINUTE, Rule, checked, decode_rule, judgeable
from footfall.alerts.series import Series
from footfall.alerts.windows import askable, history, windows
from footfall.http.auth import grant_of
from footfall.http.channels import ShownDelivery, deliveries, masked, unmasked
from footfall.http.fields import shown
from footfall.http.ledger import SUBJECT
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.insights.sql import Context
from footfall.model.errors import BadRequest, Conflict, NotFound
from footfall.model.event import Millis
from footfall.model.period import label, parse_moment, rfc3339, shifted, zone_of
from footfall.services.alerting import outgoing
from footfall.settings import clock
from footfall.stores.catalog import Alert, Delivery, Happening, Remembered, StoredRule

Req = Request[Any, Any, AppState]


class Point(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window: when it began, its number, and of a rate how many it is of."""

    bucket: str | float | int
    value: float | None
    samples: Annotated[int, msgspec.Meta(ge=0)] | None = None


class EvaluateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rule: Rule
    points: Annotated[list[Point], msgspec.Meta(max_length=20_000)]
    now: str | float | int | None = None


class ShownPoint(msgspec.Struct, frozen=True, kw_only=True):
    bucket: str | float | int
    state: State
    score: float | None
    expected: float | None
    change: float | None
    """Percent."""
    lower: float | None
    upper: float | None
    notified: bool
    """Whether a notice would have been sent, of `notice`'s kind."""
    notice: Kind | None
    reason: str | None


class Evaluated(msgspec.Struct, frozen=True, kw_only=True):
    points: list[ShownPoint]


@post("/api/events/alert-rules/evaluate", status_code=200, opt={"scope": "stats"}, responses=PROBLEMS, tags=["Alerts"])
async def evaluate_rule(request: Req, data: EvaluateBody) -> Evaluated:
    """What a rule would say of these numbers, window by window. Nothing is read, stored or sent."""
    context = context_of(services_of(request), grant_of(request).project_id)
    zone = zone_of(context.timezone)
    now = context.now if data.now is None else parse_moment(data.now, zone, path="$.now")

    def judge() -> Evaluated:
        rule, series = _series(judgeable(data.rule, "$.rule"), data.points, context.timezone)
        told = evaluate(rule, series, now)
        return Evaluated(points=[_shown(point, one) for point, one in zip(data.points, told, strict=True)])

    return await asyncio.to_thread(judge)


def _series(rule: Rule, points: list[Point], timezone: str) -> tuple[Rule, Series]:
    """The windows, and the rule with a window as long as they are where it says none that fits."""
    zone = zone_of(timezone)
    starts = [parse_moment(one.bucket, zone, path=f"$.points[{at}].bucket") for at, one in enumerate(points)]
    gaps = [after - before for before, after in pairwise(starts)]
    for at, gap in enumerate(gaps, 1):
        if gap <= 0:
            raise BadRequest("Buckets come one after another, the oldest first.", path=f"$.points[{at}].bucket")
    length = max(rule.window, min(gaps, default=0))
    ends = [*starts[1:], starts[-1] + max(length, gaps[-1] if gaps else 0)] if starts else []
    return (
        msgspec.structs.replace(rule, window_minutes=min(length // MINUTE, MAX_WINDOW)),
        Series(
            starts=tuple(starts),
            ends=tuple(ends),
            values=tuple(one.value for one in points),
            samples=tuple(one.samples for one in points),
            zone=zone,
        ),
    )


def _shown(point: Point, told: Told) -> ShownPoint:
    found = told.judgement
    return ShownPoint(
        bucket=point.bucket,
        state=told.state,
        score=found.score,
        expected=found.expected,
        change=found.change,
        lower=found.lower,
        upper=found.upper,
        notified=told.notice is not None,
        notice=told.notice.kind if told.notice else None,
        reason=told.reason or None,
    )


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────


class RuleGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A value that a rule tells apart."""

    group: str
    state: State
    value: float | None


class ShownRule(Rule, frozen=True, kw_only=True, rename="camel"):
    """A rule, and how it stands. Of channels, secrets are left out; so is most of addresses that are one."""

    state: State | None
    """Of the worst of its groups; null while it has not been judged."""
    value: float | None
    reason: str | None
    evaluated_until: str | None
    groups: list[RuleGroup]
    version: int


_WORST: tuple[State, ...] = (
    "flapping", "firing", "recovering", "muted", "pending", "no_data", "insufficient_data", "learning", "ok",
)  # fmt: skip


@get("/api/events/alert-rules", opt={"scope": "view"}, responses=PROBLEMS, tags=["Alerts"])
async def list_rules(request: Req) -> list[ShownRule]:
    """The rules of the project, and how each stands."""
    alerts, project_id = services_of(request).catalog.alerts, grant_of(request).project_id

    def read() -> list[ShownRule]:
        remembered = alerts.remembered(project_id)
        return [_rule(one, remembered) for one in alerts.rules(project_id)]

    return await asyncio.to_thread(read)


@post("/api/events/alert-rules", status_code=201, opt={"scope": "edit"}, responses=PROBLEMS, tags=["Alerts"])
async def create_rule(request: Req, data: Rule) -> ShownRule:
    """A new rule; S1's JSON as it stands, or with more said."""
    services, grant = services_of(request), grant_of(request)
    if data.id.startswith(PREFIX):
        raise BadRequest(f"Rules that begin with “{PREFIX}” are those of the plan.", path="$.id")
    rule = _known(data, _context(request))
    rule = rule if rule.id else msgspec.structs.replace(rule, id=f"alert_{secrets.token_hex(6)}")
    made = await asyncio.to_thread(
        services.catalog.alerts.create, grant.project_id, rule.id, msgspec.json.encode(rule).decode(),
        grant.actor, clock(services.settings), enabled=rule.enabled,
    )  # fmt: skip
    request.scope["state"][SUBJECT] = made.id
    return _rule(made, [])


@get("/api/events/alert-rules/{rule_id:str}", opt={"scope": "view"}, responses=PROBLEMS, tags=["Alerts"])
async def read_rule(request: Req, rule_id: str) -> ShownRule:
    """One rule."""
    alerts, project_id = services_of(request).catalog.alerts, grant_of(request).project_id
    return await asyncio.to_thread(lambda: _rule(alerts.rule(project_id, rule_id), alerts.remembered(project_id)))


@put("/api/events/alert-rules/{rule_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Alerts"])
async def change_rule(request: Req, rule_id: str, data: Rule) -> ShownRule:
    """Another rule in its place. A channel that is sent as it was shown keeps what is secret of it."""
    services, grant = services_of(request), grant_of(request)
    alerts = services.catalog.alerts
    context = _context(request)

    def change() -> ShownRule:
        before = decode_rule(alerts.rule(grant.project_id, rule_id).body)
        kept = unmasked(data.channels, before.channels)
        rule = _known(msgspec.structs.replace(data, id=rule_id, channels=kept), context)
        if rule_id.startswith(PREFIX) and _but(rule, *OWN) != _but(before, *OWN):
            raise Conflict(
                "This rule is the plan's; change it there. Channels, times of silence and being on are yours."
            )
        body = msgspec.json.encode(rule).decode()
        changed = alerts.change(grant.project_id, rule_id, body, clock(services.settings), enabled=rule.enabled)
        if _judged(rule) != _judged(before):
            alerts.forget(grant.project_id, rule_id)
        return _rule(changed, alerts.remembered(grant.project_id))

    return await asyncio.to_thread(change)


@delete("/api/events/alert-rules/{rule_id:str}", opt={"scope": "edit"}, responses=PROBLEMS, tags=["Alerts"])
async def delete_rule(request: Req, rule_id: str) -> None:
    """Delete a rule. What it told is told on."""
    services = services_of(request)
    await asyncio.to_thread(services.catalog.alerts.delete, grant_of(request).project_id, rule_id)


class Snooze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    minutes: Annotated[int, msgspec.Meta(ge=0, le=30 * 24 * 60)]
    """0 ends it."""


@post(
    "/api/events/alert-rules/{rule_id:str}/snooze", status_code=200, opt={"scope": "edit"}, responses=PROBLEMS,
    tags=["Alerts"],
)  # fmt: skip
async def snooze_rule(request: Req, rule_id: str, data: Snooze) -> ShownRule:
    """Nobody is told for a while; afterwards they are, if it still fires."""
    services, grant = services_of(request), grant_of(request)
    alerts, now = services.catalog.alerts, clock(services.settings)

    def change() -> ShownRule:
        before = decode_rule(alerts.rule(grant.project_id, rule_id).body)
        until = now + data.minutes * MINUTE if data.minutes else None
        rule = msgspec.structs.replace(before, snoozed_until=until)
        body = msgspec.json.encode(rule).decode()
        changed = alerts.change(grant.project_id, rule_id, body, now, enabled=rule.enabled)
        return _rule(changed, alerts.remembered(grant.project_id))

    return await asyncio.to_thread(change)


def _context(request: Req) -> Context:
    return context_of(services_of(request), grant_of(request).project_id)


def _known(rule: Rule, context: Context) -> Rule:
    """The rule, if all that it says can be asked. Raises `BadRequest`."""
    return askable(checked(rule), context)


def _but(rule: Rule, *names: str) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(rule).items() if name not in names}


_UNJUDGED = ("name", "channels", "severity", "cooldown_minutes", "mute", "owner", "snoozed_until")
"""What may change about a rule while it goes on."""


def _judged(rule: Rule) -> dict[str, Any]:
    return _but(rule, *_UNJUDGED)


def _rule(stored: StoredRule, remembered: list[Remembered]) -> ShownRule:
    rule = decode_rule(stored.body)
    groups = [one for one in remembered if one.rule_id == stored.id]
    worst = min(groups, key=lambda one: _WORST.index(cast("State", one.state)), default=None)
    written: dict[str, Any] = msgspec.structs.asdict(rule) | {"channels": [masked(one) for one in rule.channels]}
    return ShownRule(
        **written,
        state=cast("State", worst.state) if worst else None,
        value=worst.value if worst else None,
        reason=(worst.reason or None) if worst else None,
        evaluated_until=shown(worst.until) if worst else None,
        groups=[
            RuleGroup(group=one.instance, state=cast("State", one.state), value=one.value)
            for one in groups
            if rule.group_by is not None
        ],
        version=stored.version,
    )


# ── trying ───────────────────────────────────────────────────────────────────────────────────────────────────

MOST_WINDOWS = 50_000


class Range(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    start: str | float | int | None = msgspec.field(name="from", default=None)
    """Thirty days ago when null."""
    end: str | float | int | None = msgspec.field(name="to", default=None)


class BacktestBody(Range, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rule: Rule


class TestedPoint(ShownPoint, frozen=True, kw_only=True):
    value: float | None
    samples: int | None


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have said of one of its groups; of a rule without groups, of all."""

    group: str | None
    firings: int
    """How often it would have begun to fire."""
    notices: int
    points: list[TestedPoint]


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    windows: int
    firings: int
    notices: int
    groups: list[Tested]


@post("/api/events/alert-rules/backtest", status_code=200, opt={"scope": "read"}, responses=PROBLEMS, tags=["Alerts"])
async def backtest_any(request: Req, data: BacktestBody) -> Backtest:
    """What a rule that is none yet would have said."""
    return await _backtest(request, data.rule, data)


@post(
    "/api/events/alert-rules/{rule_id:str}/backtest", status_code=200, opt={"scope": "read"}, responses=PROBLEMS,
    tags=["Alerts"],
)  # fmt: skip
async def backtest_rule(request: Req, rule_id: str, data: Range) -> Backtest:
    """What a rule would have said: “would have fired three times in 90 days”."""
    stored = await asyncio.to_thread(services_of(request).catalog.alerts.rule, grant_of(request).project_id, rule_id)
    return await _backtest(request, decode_rule(stored.body), data)


async def _backtest(request: Req, rule: Rule, asked: Range) -> Backtest:
    services, context = services_of(request), _context(request)
    rule = _known(rule, context)
    zone = zone_of(context.timezone)
    end = context.now if asked.end is None else parse_moment(asked.end, zone, path="$.to")
    start = shifted(end, zone, -30) if asked.start is None else parse_moment(asked.start, zone, path="$.from")
    until = min(end, context.now)
    of = [one for one in windows(rule, zone, start - history(rule), until, context.week_start) if one[1] <= until]
    if len(of) > MOST_WINDOWS:
        raise BadRequest(f"More than {MOST_WINDOWS} windows; ask for less time.", path="$.from")

    def measured() -> Backtest:
        found = services.measurer.measure_one(rule, of, context)
        groups = [_tested(rule, group, series, start, context.now) for group, series in found.items()]
        return Backtest(
            windows=sum(begin >= start for begin, _ in of),
            firings=sum(one.firings for one in groups),
            notices=sum(one.notices for one in groups),
            groups=groups,
        )

    return await services.analyst.turns.take(measured)


def _tested(rule: Rule, group: str, series: Series, start: Millis, now: Millis) -> Tested:
    told = [one for one in evaluate(rule, series, now) if series.starts[one.at] >= start]
    points = [
        TestedPoint(
            **msgspec.structs.asdict(_shown(Point(bucket=label(series.starts[one.at], series.zone), value=None), one)),
            value=series.values[one.at],
            samples=series.samples[one.at],
        )
        for one in told
    ]
    fires = ["ok", *(one.standing.phase for one in told)]
    return Tested(
        group=group if rule.group_by is not None else None,
        firings=sum(
            before not in {"firing", "recovering"} and after in {"firing", "recovering"}
            for before, after in pairwise(fires)
        ),
        notices=sum(one.notice is not None for one in told),
        points=points,
    )


class ShownAlert(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something that somebody was told, or would have been."""

    id: int
    rule_id: str
    severity: str
    name: str
    detail: str
    value: float | None
    timestamp: str
    """End of the window."""
    state: str
    """`firing`, `resolved`, `escalated`, `flapping`, `corrected`, `test`."""
    deliveries: list[ShownDelivery]
    acknowledged_by: str | None
    acknowledged_at: str | None


@post(
    "/api/events/alert-rules/{rule_id:str}/test", status_code=200, opt={"scope": "edit"}, responses=PROBLEMS,
    tags=["Alerts"],
)  # fmt: skip
async def test_rule(request: Req, rule_id: str) -> ShownAlert:
    """Send a test notice by every channel of a rule, now. Its state is left alone."""
    services, grant = services_of(request), grant_of(request)
    alerts, now = services.catalog.alerts, clock(services.settings)

    def write() -> int:
        rule = decode_rule(alerts.rule(grant.project_id, rule_id).body)
        if not rule.channels:
            raise BadRequest("The rule has no channel.", path="$.channels")
        said = Message(
            id=f"{rule.id}:test:{now}", incident=f"{rule.id}:test", kind="test", severity=rule.severity,
            name=rule.name or rule.id, event=rule.event, detail="This is a test; nothing happened.", value=None,
            at=now, project=services.catalog.projects.get(grant.project_id).name,
        )  # fmt: skip
        happened = Happening(
            kind="test", severity=rule.severity, name=said.name, detail=said.detail, value=None, at=now,
            outgoing=tuple(outgoing(rule.channels, said)),
        )  # fmt: skip
        return alerts.add(grant.project_id, rule_id, happened, now)

    alert_id = await asyncio.to_thread(write)
    await services.courier.send(now)
    found = await asyncio.to_thread(alerts.alert, alert_id)
    if found is None:
        raise NotFound("The test is gone already.")
    return _alert(*found)


# ── what happened ────────────────────────────────────────────────────────────────────────────────────────────


@get("/api/events/alert-history", opt={"scope": "view"}, responses=PROBLEMS, tags=["Alerts"])
async def list_history(
    request: Req,
    rule: Annotated[str | None, Parameter(max_length=100)] = None,
    before: Annotated[int | None, Parameter(ge=1, description="Only those with a smaller id.")] = None,
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 100,
) -> list[ShownAlert]:
    """What happened, newest first, and what became of each notice."""
    alerts = services_of(request).catalog.alerts
    found = await asyncio.to_thread(alerts.history, grant_of(request).project_id, before, limit, rule)
    return [_alert(*one) for one in found]


@post(
    "/api/events/alert-history/{alert_id:str}/acknowledge", status_code=200, opt={"scope": "edit"}, responses=PROBLEMS,
    tags=["Alerts"],
)  # fmt: skip
async def acknowledge(request: Req, alert_id: str) -> ShownAlert:
    """Say that somebody looks after it."""
    services, grant = services_of(request), grant_of(request)
    alerts = services.catalog.alerts
    number = _number(alert_id, "alert")
    await asyncio.to_thread(alerts.acknowledge, grant.project_id, number, grant.actor, clock(services.settings))
    found = await asyncio.to_thread(alerts.alert, number)
    if found is None:
        raise NotFound(f"There is no alert {number}.")
    return _alert(*found)


@post(
    "/api/events/alert-deliveries/{delivery_id:str}/retry", status_code=200, opt={"scope": "edit"}, responses=PROBLEMS,
    tags=["Alerts"],
)  # fmt: skip
async def retry_delivery(request: Req, delivery_id: str) -> None:
    """Try a dead delivery again."""
    services, grant = services_of(request), grant_of(request)
    now = clock(services.settings)
    number = _number(delivery_id, "dead delivery")
    await asyncio.to_thread(services.catalog.alerts.retry, grant.project_id, number, now)
    await services.courier.send(now)


def _number(text: str, what: str) -> int:
    """Whoever may not come here is told so whatever the address says, so it is read behind the door."""
    if not (text.isascii() and text.isdigit() and len(text) < _LONGEST):
        raise NotFound(f"There is no {what} {text[:40]}.")
    return int(text)


_LONGEST = 16


def _alert(alert: Alert, found: list[Delivery]) -> ShownAlert:
    return ShownAlert(
        id=alert.id,
        rule_id=alert.rule_id,
        severity=alert.severity,
        name=alert.name,
        detail=alert.detail,
        value=alert.value,
        timestamp=rfc3339(alert.at),
        state=alert.kind,
        deliveries=deliveries(found),
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=shown(alert.acknowledged_at),
    )


HANDLERS: list[HTTPRouteHandler] = [
    list_rules, create_rule, evaluate_rule, backtest_any, read_rule, change_rule, delete_rule, snooze_rule,
    backtest_rule, test_rule, list_history, acknowledge, retry_delivery,
]  # fmt: skip
