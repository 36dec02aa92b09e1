"""Dwell: how long visits of components or pages could be seen (R21).

`stay.py` says how long a visit lasted; here visits are gathered by name. A visit counts where it began in the range and
matches, as a whole, also where it ended later. Unknown ones are counted, and left out of every time (R3).
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from footfall.insights.breakdown import Breakdown, Pointed, capped, place, pointed_row, value_of
from footfall.insights.figures import Figure
from footfall.insights.filters import conditions
from footfall.insights.question import (
    Frame,
    Meta,
    Query,
    Question,
    Rows,
    bots_left_out,
    frame_of,
    kept,
    meta_of,
    query_of,
)
from footfall.insights.source import Unit
from footfall.insights.sql import NOTHING, Context, Sql, all_of, bind, sql
from footfall.insights.stay import Visits, is_visit, stays
from footfall.insights.table import Columns, Table, Value
from footfall.insights.visit import By


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/dwell`."""

    by: By = "component"
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=1)] = ()
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    """How many rows at most, those with the most visits."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The visits of a component or page. Times are visible seconds; null where none was measured."""

    name: str
    visits: int
    measured: int
    unknown: int
    total_s: float | None
    mean_s: float | None
    median_s: float | None
    p90_s: float | None
    p95_s: float | None


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """The visits that have this value of the breakdown. Each visit has one."""

    value: str
    rows: list[Row]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    rows: list[Row]
    meta: Meta
    breakdowns: list[Segment] | None = None


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The visits of a row; of those the measured or the unknown ones."""

    row: str
    """A `name`."""
    measured: bool | None = None
    breakdown: Pointed = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    request: Request
    frame: Frame
    filters: Sql


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(request, context)
    return Plan(request=request, frame=frame, filters=all_of(conditions(request.filters, "$.filters", frame.viewpoint)))


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────


def build(plan: Plan) -> dict[str, Query]:
    """Rows of (key, name, numbers) for all visits, and for each value of the breakdown, and the bots left out."""
    queries = {"main": query_of(_summary(plan))}
    if plan.request.breakdown:
        queries["breakdown"] = query_of(_summary(plan, _value(plan)))
    visits = all_of([is_visit(plan.request.by), plan.filters])
    return queries | bots_left_out(plan.request, plan.frame, visits)


def _summary(plan: Plan, key: Sql | None = None) -> Sql:
    return sql(
        "SELECT $key AS key, name, count() AS visits, count(seconds) AS measured, sumOrNull(seconds) AS total,"
        " avg(seconds), quantilesExactInclusive(0.5, 0.9, 0.95)(seconds)"
        " FROM ($stays) GROUP BY key, name ORDER BY key, visits DESC, name LIMIT $limit BY key",
        key=Sql("''" if key is None else "tag"),
        stays=stays(_visits(plan, kept(plan.request), key)),
        limit=bind(plan.request.limit, "UInt32"),
    )


def _visits(plan: Plan, which: Sql, tag: Sql | None) -> Visits:
    return Visits(frame=plan.frame, by=plan.request.by, matching=all_of([plan.filters, which]), tag=tag)


def _value(plan: Plan) -> Sql:
    """A visit's value of the breakdown: the biggest by visits, the rest as `$other`, none as `$not_set` (R5)."""
    one = plan.request.breakdown[0]
    own = value_of(one, "$.breakdown[0]", plan.frame.viewpoint)
    visits = sql(
        "SELECT $own AS value FROM events WHERE $within AND ($visit) AND ($filters) AND $kept",
        own=own,
        within=plan.frame.within,
        visit=is_visit(plan.request.by),
        filters=plan.filters,
        kept=kept(plan.request),
    )
    return capped(own, one.limit, visits, Sql("value"), Sql("count()"))


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The visits of a row: the events that began them, whose they are, in which sessions.

    Raises `BadRequest` for a number that the answer has not.
    """
    which = [kept(plan.request)]
    row = pointed_row(pointer.breakdown, plan.request.breakdown)
    if row is not None:
        which.append(sql("$value = $row", value=_value(plan), row=row))
    wanted = [sql("name = $row", row=bind(pointer.row, "String"))]
    if pointer.measured is not None:
        wanted.append(Sql("seconds IS NOT NULL") if pointer.measured else Sql("seconds IS NULL"))
    each = unit == "events"
    return sql(
        "SELECT *$each FROM ($stays) WHERE $wanted",
        each=Sql(", tag AS event_id, fromUnixTimestamp64Milli(millis, 'UTC') AS timestamp") if each else NOTHING,
        stays=stays(_visits(plan, all_of(which), Sql("event_id") if each else None)),
        wanted=all_of(wanted),
    )


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    return Answer(
        rows=[_row(row) for row in rows["main"].rows],
        meta=meta_of(plan.frame, list(rows.values()), rows["bots"].rows[0][0] if "bots" in rows else 0),
        breakdowns=_segments(rows["breakdown"].rows) if "breakdown" in rows else None,
    )


def _row(row: list[Any]) -> Row:
    _key, name, visits, measured, *times = row
    total, mean, (median, p90, p95) = times
    # What lies below a microsecond is the noise of doubles.
    total, mean, median, p90, p95 = (None if one is None else round(one, 6) for one in (total, mean, median, p90, p95))
    return Row(
        name=name, visits=visits, measured=measured, unknown=visits - measured,
        total_s=total, mean_s=mean, median_s=median, p90_s=p90, p95_s=p95,
    )  # fmt: skip


def _segments(rows: list[list[Any]]) -> list[Segment]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_row(row))
    segments = [Segment(value=value, rows=theirs) for value, theirs in found.items()]
    sizes = {one.value: sum(row.visits for row in one.rows) for one in segments}
    return sorted(segments, key=lambda one: place(one.value, sizes[one.value]))


# ── as a file ────────────────────────────────────────────────────────────────────────────────────────────────


def table(plan: Plan, answer: Answer) -> Table:
    """A row for each name; then those of each value of the breakdown."""
    columns = Columns(breakdown="text") if plan.request.breakdown else Columns()
    columns |= Columns({
        "name": "text", "visits": "integer", "measured": "integer", "unknown": "integer", "total_s": "number",
        "mean_s": "number", "median_s": "number", "p90_s": "number", "p95_s": "number",
    })  # fmt: skip
    rows: list[dict[str, Value]] = [msgspec.structs.asdict(row) for row in answer.rows]
    for segment in answer.breakdowns or ():
        rows += [{"breakdown": segment.value} | msgspec.structs.asdict(row) for row in segment.rows]
    return Table(columns, [[row.get(name) for name in columns] for row in rows])


def figures(answer: Answer) -> list[Figure]:
    """Half of the visits could be seen for less, in the order of the answer."""
    return [Figure(name=row.name, value=row.median_s, unit="seconds") for row in answer.rows]
