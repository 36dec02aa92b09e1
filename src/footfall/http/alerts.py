"""Alert rules (`contract.md`, "Keeping order")."""

import asyncio
from itertools import pairwise
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.datastructures import State as AppState
from litestar.handlers import HTTPRouteHandler

from footfall.alerts.evaluate import Told, evaluate
from footfall.alerts.machine import Kind, State
from footfall.alerts.rule import MAX_WINDOW, MINUTE, Rule, judgeable
from footfall.alerts.series import Series
from footfall.http.auth import grant_of
from footfall.http.problems import PROBLEMS
from footfall.http.services import context_of, services_of
from footfall.model.errors import BadRequest
from footfall.model.period import parse_moment, zone_of

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


HANDLERS: list[HTTPRouteHandler] = [evaluate_rule]
