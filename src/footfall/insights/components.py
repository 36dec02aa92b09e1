"""Components: which are visited, used and failing most and least, by how many people, for how long, and what changed.

A row is a component that was visited, interacted with or failed in the range, or that was visited in the period
before. Time on it is that of `stay.py` (R21), `change` is that of visits against the period before, in percent (R8).
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from footfall.insights.breakdown import Breakdown, Pointed, capped, place, pointed_row, value_of
from footfall.insights.comparison import before, change
from footfall.insights.figures import Figure
from footfall.insights.filters import conditions
from footfall.insights.question import (
    NO_ROWS,
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
from footfall.insights.sql import MILLIS, Context, Sql, all_of, bind, join, sql, with_person, with_session
from footfall.insights.stay import Visits, is_visit, stays
from footfall.insights.table import Columns, Table, Value

Sort = Literal["visits", "interactions", "errors", "users", "median_s", "change", "component"]
Of = Literal["visits", "interactions", "errors"]


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/components`."""

    sort: Sort = "visits"
    order: Literal["descending", "ascending"] = "descending"
    """Ascending for the least popular ones. What is null comes last in both."""
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=1)] = ()
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1000
    """How many rows at most, the first ones of that order."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    component: str
    visits: int
    interactions: int
    errors: int
    users: int
    """Different people who did any of these."""
    median_s: float | None
    """Of the measured visits, in visible seconds; null without any."""
    change: float | None
    """Of visits, in percent; null from nothing to something (R3)."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """What was done under this value of the breakdown. Each event has one."""

    value: str
    rows: list[Row]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    rows: list[Row]
    meta: Meta
    breakdowns: list[Segment] | None = None


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row, or one of its numbers: the people of it are its `users`."""

    row: str
    """A `component`."""
    of: Of | None = None
    """Only its visits, interactions or errors."""
    breakdown: Pointed = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    request: Request
    frame: Frame
    before: Frame | None
    """The period before, or as much of it as has elapsed of this one."""
    filters: Sql


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(request, context)
    return Plan(
        request=request,
        frame=frame,
        before=_before(frame),
        filters=all_of(conditions(request.filters, "$.filters", frame.viewpoint)),
    )


def _before(frame: Frame) -> Frame | None:
    """What changes are told against; None where nothing is left of it."""
    period = before(frame).compared
    return msgspec.structs.replace(frame, period=period) if period.start < period.end else None


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────

_EVENTS: dict[Of, Sql] = {
    "visits": is_visit("component"),
    "interactions": Sql("event = 'component_interaction' AND component != ''"),
    "errors": Sql("event = 'component_error' AND component != ''"),
}
_ANY = join(" OR ", (sql("($it)", it=it) for it in _EVENTS.values()))
_UNSPLIT = Sql("''")


def build(plan: Plan) -> dict[str, Query]:
    """Rows of (key, component, numbers): counts, times, visits of the period before; and those of the breakdown."""
    queries = {name: query_of(it) for name, it in _parts(plan, _UNSPLIT).items()}
    if plan.request.breakdown:
        queries |= {f"breakdown {name}": query_of(it) for name, it in _parts(plan, _value(plan)).items()}
    return queries | bots_left_out(plan.request, plan.frame, all_of([_ANY, plan.filters]))


def _parts(plan: Plan, key: Sql) -> dict[str, Sql]:
    counts = join(", ", (sql("countIf($it)", it=Sql(of)) for of in _EVENTS))
    parts = {
        "counts": sql(
            "SELECT key, component, $counts, uniqExactIf(person, person != 0) FROM ($rows) GROUP BY key, component",
            counts=counts,
            rows=_rows(plan, plan.frame, key, "people"),
        ),
        "times": sql(
            "SELECT $key AS key, name, quantileExactInclusive(0.5)(seconds) FROM ($stays) GROUP BY key, name",
            key=_UNSPLIT if key is _UNSPLIT else Sql("tag"),
            stays=stays(
                Visits(
                    frame=plan.frame,
                    by="component",
                    matching=all_of([plan.filters, kept(plan.request)]),
                    tag=None if key is _UNSPLIT else key,
                )
            ),
        ),
    }
    if plan.before is not None:
        parts["before"] = sql(
            "SELECT key, component, countIf(visits) AS some FROM ($rows) GROUP BY key, component HAVING some > 0",
            rows=_rows(plan, plan.before, key, "events"),
        )
    return parts


def _rows(plan: Plan, frame: Frame, key: Sql, unit: Unit) -> Sql:
    """What was done with components in a range: a row for each event, with a column for each of its kinds."""
    matching = all_of([_ANY, plan.filters, kept(plan.request)])
    columns = sql(
        ", component, $key AS key, $kinds",
        key=key,
        kinds=join(", ", (sql("($it) AS $of", it=it, of=Sql(of)) for of, it in _EVENTS.items())),
    )
    if unit == "sessions":
        return with_session(frame.within, matching, frame.project_id, frame.hidden_after, columns, frame.facts)
    plain = sql(
        "SELECT $millis AS millis, timestamp, event_id, person_key$columns FROM events WHERE $within AND $matching",
        millis=MILLIS,
        columns=columns,
        within=frame.within,
        matching=matching,
    )
    return plain if unit == "events" else with_person(plain, frame.project_id, frame.hidden_after)


def _value(plan: Plan) -> Sql:
    """An event's value of the breakdown: the biggest by events, the rest as `$other`, none as `$not_set` (R5)."""
    one = plan.request.breakdown[0]
    own = value_of(one, "$.breakdown[0]", plan.frame.viewpoint)
    return capped(own, one.limit, _rows(plan, plan.frame, own, "events"), Sql("key"), Sql("count()"))


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The events of a row, whose they are, in which sessions. Raises `BadRequest` for no number of the answer."""
    wanted = [sql("component = $row", row=bind(pointer.row, "String"))]
    if pointer.of is not None:
        wanted.append(Sql(pointer.of))
    row = pointed_row(pointer.breakdown, plan.request.breakdown)
    key = _UNSPLIT if row is None else _value(plan)
    if row is not None:
        wanted.append(sql("key = $row", row=row))
    return sql("SELECT * FROM ($rows) WHERE $wanted", rows=_rows(plan, plan.frame, key, unit), wanted=all_of(wanted))


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """Counts, times and the period before, put together by component."""
    whole = _gathered(plan, rows, "")
    segments = _gathered(plan, rows, "breakdown ") if plan.request.breakdown else {}
    return Answer(
        rows=whole.get("", []),
        meta=meta_of(plan.frame, list(rows.values()), rows["bots"].rows[0][0] if "bots" in rows else 0),
        breakdowns=_segments(segments) if plan.request.breakdown else None,
    )


def _gathered(plan: Plan, rows: Mapping[str, Rows], part: str) -> dict[str, list[Row]]:
    """By value of the breakdown, the rows in the order that is asked for."""
    counts = {(key, name): numbers for key, name, *numbers in rows[f"{part}counts"].rows}
    times = {(key, name): median for key, name, median in rows[f"{part}times"].rows}
    before = {(key, name): visits for key, name, visits in rows.get(f"{part}before", NO_ROWS).rows}
    found: dict[str, list[Row]] = {}
    for key, name in counts | before:
        visits, interactions, errors, users = counts.get((key, name), [0, 0, 0, 0])
        median = times.get((key, name))
        found.setdefault(key, []).append(
            Row(
                component=name,
                visits=visits,
                interactions=interactions,
                errors=errors,
                users=users,
                median_s=None if median is None else round(median, 6),
                change=None if plan.before is None else change(before.get((key, name), 0), visits),
            )
        )
    return {key: _sorted(theirs, plan.request)[: plan.request.limit] for key, theirs in found.items()}


def _sorted(rows: list[Row], request: Request) -> list[Row]:
    """By the number that is asked for, then by name; null last."""
    number: Callable[[Row], Any] = lambda row: getattr(row, request.sort)  # noqa: E731 - the field of that name
    told = sorted((row for row in rows if number(row) is not None), key=lambda row: row.component)
    told.sort(key=number, reverse=request.order == "descending")
    return told + sorted((row for row in rows if number(row) is None), key=lambda row: row.component)


def _segments(found: Mapping[str, list[Row]]) -> list[Segment]:
    sizes = {value: sum(row.visits + row.interactions + row.errors for row in rows) for value, rows in found.items()}
    order = sorted(found, key=lambda value: place(value, sizes[value]))
    return [Segment(value=value, rows=found[value]) for value in order]


# ── as a file ────────────────────────────────────────────────────────────────────────────────────────────────


def table(plan: Plan, answer: Answer) -> Table:
    """A row for each component; then those of each value of the breakdown."""
    columns = Columns(breakdown="text") if plan.request.breakdown else Columns()
    columns |= Columns({
        "component": "text", "visits": "integer", "interactions": "integer", "errors": "integer", "users": "integer",
        "median_s": "number", "change": "number",
    })  # fmt: skip
    rows: list[dict[str, Value]] = [msgspec.structs.asdict(row) for row in answer.rows]
    for segment in answer.breakdowns or ():
        rows += [{"breakdown": segment.value} | msgspec.structs.asdict(row) for row in segment.rows]
    return Table(columns, [[row.get(name) for name in columns] for row in rows])


def figures(answer: Answer) -> list[Figure]:
    """Visits, in the order of the answer."""
    return [Figure(name=row.component, value=row.visits) for row in answer.rows]
