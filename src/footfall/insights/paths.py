"""Paths: where sessions went, from step to step.

R22: a session is the row of names that it came by; consecutive repeats are one (unless the question keeps them), loops
stay. A node of the flow is a name at a step, so that nothing in it goes back, and what comes into a node is what goes
out of it and what ends there. The matrix counts every transition from name to name, whatever the step. R19 (sessions
are found over all events, filters select afterwards), R20 (order: time, then `seq`; then the name, so that no order of
arrival matters).

What does not fit into `max_steps` is cut off, at the end of a path, or at its beginning where the question gives an
`end` alone and so asks how sessions got there. A cut path still ends at the last node that is told, and `cut` says how
many do: in = out + exits holds at every node, and nobody is said to have left who went on. The matrix is never cut.

How: an event is one number of its time, its `seq` and the place of its name (`order.py`). So a session is an array of
numbers that the engine sorts quickly: for 9 million page views in 2 million sessions 1.4 s of work, where tuples of
time, `seq` and text take 8.4 s.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec.structs import asdict

from footfall.insights.breakdown import OTHER, Breakdown, Pointed, capped, place, pointed_row, value_of
from footfall.insights.figures import Figure
from footfall.insights.filters import conditions
from footfall.insights.order import MOST_NAMES, millis_in, name_in, order_of
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
from footfall.insights.source import Source, Unit, own
from footfall.insights.sql import NOTHING, Context, Sql, all_of, bind, is_event, sql, with_session
from footfall.insights.table import Columns, Table, Value
from footfall.insights.visit import VISITED
from footfall.model.errors import BadRequest

By = Literal["page", "component", "event"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]
EXIT = "(exit)"
"""Where a path ends, as a place to go to."""
MAX_STEPS = 50
MAX_NAMES = 5000


class Request(Question, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/insights/paths`."""

    by: By = "page"
    max_steps: Annotated[int, msgspec.Meta(ge=2, le=MAX_STEPS)] = 5
    begins: Name | None = msgspec.field(name="start", default=None)
    """Paths begin where this name first comes; sessions without it do not count."""
    ends: Name | None = msgspec.field(name="end", default=None)
    """Paths end where this name first comes, behind `start` if there is one; sessions without it do not count."""
    collapse_repeats: bool = True
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_NAMES)] = 500
    """Names that are nodes of their own, the most frequent ones; all others are one, `$other`."""
    breakdown: Annotated[tuple[Breakdown, ...], msgspec.Meta(max_length=1)] = ()
    """By the value at the first step of the path."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions that went on from a name at this step to another at the next one."""

    step: int
    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    sessions: int


class Exit(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions of which nothing is told behind this node."""

    step: int
    name: str
    sessions: int
    cut: int
    """Of these, paths of more than `max_steps`: they go on behind this node (or came from before the first)."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """Transitions between two names, at any step; to `(exit)` where a path ends."""

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    count: int


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """Links and exits go by step, then by size; the matrix by size."""

    sessions: int
    links: list[Link]
    exits: list[Exit]
    matrix: list[Cell]


class Segment(Flow, frozen=True, kw_only=True):
    """The flow of the sessions that have this value of the breakdown. Each session has one."""

    value: str


class Answer(Flow, frozen=True, kw_only=True, omit_defaults=True):
    meta: Meta
    breakdowns: list[Segment] | None = None


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of the answer; what is left out is any.

    `{"step", "from", "to"}` is a link or an exit, `{"step", "from"}` a node, `{"from", "to"}` a cell of the matrix,
    `{}` every session.
    """

    step: Annotated[int, msgspec.Meta(ge=1, le=MAX_STEPS)] | None = None
    source: str | None = msgspec.field(name="from", default=None)
    target: str | None = msgspec.field(name="to", default=None)
    cut: bool | None = None
    """Only paths that are cut, or only those that are not."""
    breakdown: Pointed = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    request: Request
    frame: Frame


class _Node(msgspec.Struct, frozen=True):
    """One row of the table of what a path may go by: which events, what they are called, and after which property."""

    events: Sql
    name: Sql
    property: str


_NODES: dict[By, _Node] = {
    "page": _Node(Sql("event = 'page_view' AND page != ''"), Sql("page"), "page"),
    "component": _Node(Sql(VISITED + " AND component != ''"), Sql("component"), "component"),
    "event": _Node(is_event("*"), Sql("toString(event)"), "event"),
}


def plan(request: Request, context: Context) -> Plan:
    """Raises `BadRequest` with the path of what is wrong."""
    for field, name in (("start", request.begins), ("end", request.ends)):
        if name in {OTHER, EXIT}:
            raise BadRequest(f"“{name}” is no name of a {request.by}.", path=f"$.{field}")
    return Plan(request=request, frame=frame_of(request, context))


# ── build ────────────────────────────────────────────────────────────────────────────────────────────────────


def build(plan: Plan) -> dict[str, Query]:
    """A query for rows of (value, step, from, to, last, cut, transitions), and one for the bots left out."""
    value = _value(plan) if plan.request.breakdown else NOTHING
    queries = {
        "main": query_of(
            sql(
                "WITH $names AS names"
                " SELECT value, step, names[source], if(target = $exit, $left, names[target]), last, cut, count()"
                " FROM ($transitions) GROUP BY value, step, source, target, last, cut",
                names=_names(plan),
                exit=_EXIT_ID,
                left=bind(EXIT, "String"),
                transitions=_transitions(plan, value),
            )
        )
    }
    return queries | bots_left_out(plan.request, plan.frame, _counted(plan))


def _counted(plan: Plan) -> Sql:
    """The events that paths are made of, those of bots among them."""
    request = plan.request
    return all_of([_NODES[request.by].events, *conditions(request.filters, "$.filters", plan.frame.viewpoint)])


_OTHER_ID = Sql("1")
_EXIT_ID = MOST_NAMES
"""Names are far fewer."""


def _names(plan: Plan) -> Sql:
    """The names that are nodes of their own, in the order of the alphabet, behind `$other`; a number is a place in it.

    A statement has it once, as `names`. What is called as we call something here is counted among the others.
    """
    request = plan.request
    node = _NODES[request.by]
    ends = [name for name in (request.begins, request.ends) if name is not None]
    return sql(
        "(SELECT arrayPushFront(arraySort(groupArray(name)), $other) FROM (SELECT dims[1] AS name, sum(events) AS size"
        " FROM ($events) WHERE name NOT IN ($other, $exit)"
        " GROUP BY name ORDER BY has($ends, name) DESC, size DESC, name LIMIT $limit))",
        events=own(
            Source(
                frame=plan.frame,
                starts=(plan.frame.period.start,),
                matching=all_of([kept(request), _counted(plan)]),
                dims=sql("[$name]", name=node.name),
                asked=frozenset({node.property, *(one.property for one in request.filters)}),
            ),
            "events",
        ),
        other=bind(OTHER, "String"),
        exit=bind(EXIT, "String"),
        ends=bind(ends, "Array(String)"),
        limit=bind(max(request.limit, len(ends)), "UInt32"),
    )


def _number(name: str) -> Sql:
    """The number of a name; 0, which no event has, when there is none such."""
    return _EXIT_ID if name == EXIT else sql("indexOf(names, $name)", name=bind(name, "String"))


def _value(plan: Plan) -> Sql:
    """The breakdown's value of a path: the biggest by sessions, the rest as `$other`, none as `$not_set` (R5)."""
    one = plan.request.breakdown[0]
    value = value_of(one, "$.breakdown[0]", plan.frame.viewpoint)
    return capped(value, one.limit, _paths(plan, value), Sql("path[1].2"), Sql("count()"))


def _paths(plan: Plan, value: Sql, columns: Sql = NOTHING) -> Sql:
    """One row for each path: `session`, `person`, `session_key` and `path`, its nodes in order.

    A node is the number of its first event. With a `value` (an expression over an event's row) or `columns`
    (", event_id") it is a tuple of the number, the value and those, which takes longer to sort.
    """
    request, frame = plan.request, plan.frame
    one = sql(", $order AS one", order=order_of(_NODES[request.by].name, _OTHER_ID))
    more = NOTHING if _is_plain(value, columns) else sql(", $value AS value$columns", value=value, columns=columns)
    rows = with_session(
        frame.within,
        all_of([kept(request), _counted(plan)]),
        frame.project_id,
        frame.hidden_after,
        sql("$one$more", one=one, more=more),
        frame.facts,
    )
    paths = sql(
        "SELECT session, any(person) AS person, any(session_key) AS session_key, arraySort(groupArray($node)) AS path"
        " FROM ($rows) WHERE session != 0 GROUP BY session",
        node=Sql("one") if more is NOTHING else sql("(one, value$columns)", columns=columns),
        rows=rows,
    )
    if request.collapse_repeats:
        paths = sql(
            "SELECT session, person, session_key, arrayFilter((node, before) -> $id != before, path,"
            " arrayPushFront(arrayMap(node -> $id, arrayPopBack(path)), toUInt32(0))) AS path FROM ($paths)",
            id=_id(value, columns),
            paths=paths,
        )
    if request.begins is None and request.ends is None:
        return paths
    return sql(
        "SELECT session, person, session_key, arraySlice(path, first, last - first + 1) AS path FROM ("
        "SELECT *, arrayMap(node -> $id, path) AS ids, $first AS first, $last AS last FROM ($paths))"
        " WHERE first != 0 AND last != 0",
        id=_id(value, columns),
        first=Sql("1") if request.begins is None else sql("indexOf(ids, $it)", it=_number(request.begins)),
        last=_last(plan),
        paths=paths,
    )


def _last(plan: Plan) -> Sql:
    """The place of a path's last node; 0 where it does not come to its end."""
    request = plan.request
    if request.ends is None:
        return Sql("length(ids)")
    end = _number(request.ends)
    if request.begins is None:
        return sql("indexOf(ids, $end)", end=end)
    return sql("if(indexOf(arraySlice(ids, first + 1), $end) AS further = 0, 0, first + further)", end=end)


def _is_plain(value: Sql, columns: Sql) -> bool:
    return value is NOTHING and columns is NOTHING


def _id(value: Sql, columns: Sql) -> Sql:
    """The number of a node's name."""
    return name_in(_one(value, columns))


def _one(value: Sql, columns: Sql) -> Sql:
    return Sql("node" if _is_plain(value, columns) else "node.1")


def _transitions(plan: Plan, value: Sql, columns: Sql = NOTHING) -> Sql:
    """A row for each node of each path, with where it goes from there.

    `step` is 0 where it is not told; `last` marks the last node that is; `cut` a path that is not told as a whole.
    """
    most = bind(plan.request.max_steps, "UInt32")
    at_its_end = _is_cut_at_its_beginning(plan)
    return sql(
        "SELECT session, person, session_key, value, node, target, $id AS source, place - $skipped AS told,"
        " if(told BETWEEN 1 AND $most, told, 0) AS step, target = $exit OR $last AS last, nodes > $most AS cut"
        " FROM (SELECT session, person, session_key, $value AS value, path, length(path) AS nodes FROM ($paths))"
        " ARRAY JOIN path AS node,"
        " arrayPushBack(arrayMap(node -> $id, arrayPopFront(path)), toUInt32($exit)) AS target,"
        " arrayEnumerate(path) AS place",
        id=_id(value, columns),
        skipped=sql("if(nodes > $most, nodes - $most, 0)", most=most) if at_its_end else Sql("0"),
        last=Sql("0") if at_its_end else sql("place = $most", most=most),
        most=most,
        exit=_EXIT_ID,
        value=Sql("''" if value is NOTHING else "path[1].2"),
        paths=_paths(plan, value, columns),
    )


def _is_cut_at_its_beginning(plan: Plan) -> bool:
    return plan.request.ends is not None and plan.request.begins is None


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


def members(plan: Plan, pointer: Pointer, unit: Unit) -> Sql:
    """The nodes that a number counts: their sessions and people, and the event with which each of them began.

    Raises `BadRequest` for a number that the answer has not.
    """
    row = pointed_row(pointer.breakdown, plan.request.breakdown)
    if pointer.step is not None and pointer.step > plan.request.max_steps:
        raise BadRequest(f"The answer has {plan.request.max_steps} steps.", path="$.pointer.step")
    value = _value(plan) if plan.request.breakdown else Sql("''")
    columns = Sql(", event_id") if unit == "events" else NOTHING
    return sql(
        "WITH $names AS names"
        " SELECT person, session, session_key, $millis AS millis,"
        " fromUnixTimestamp64Milli(millis, 'UTC') AS timestamp$event FROM ($transitions) WHERE $pointed",
        names=_names(plan),
        millis=millis_in(Sql("node.1")),
        event=Sql(", node.3 AS event_id") if unit == "events" else NOTHING,
        transitions=_transitions(plan, value, columns),
        pointed=all_of(_pointed(pointer, row)),
    )


def _pointed(pointer: Pointer, row: Sql | None) -> Iterable[Sql]:
    if pointer.step is not None:
        yield sql("step = $step", step=bind(pointer.step, "UInt32"))
    if pointer.source is not None:
        yield sql("source = $it", it=_number(pointer.source))
    if pointer.target is not None and pointer.step is not None:
        # Behind the last node that is told nothing is, wherever the path goes from there.
        yield Sql("last") if pointer.target == EXIT else Sql("NOT last")
    if pointer.target is not None and (pointer.step is None or pointer.target != EXIT):
        yield sql("target = $it", it=_number(pointer.target))
    if pointer.cut is not None:
        yield sql("cut = $cut", cut=bind(int(pointer.cut), "UInt8"))
    if row is not None:
        yield sql("value = $row", row=row)


# ── shape ────────────────────────────────────────────────────────────────────────────────────────────────────


def shape(plan: Plan, rows: Mapping[str, Rows]) -> Answer:
    """Transitions into flows. A session has one value of a breakdown, so those of its rows add up to the whole."""
    main = rows["main"].rows
    by_value: dict[str, list[list[Any]]] = {}
    for row in main:
        by_value.setdefault(row[0], []).append(row)
    segments = [Segment(value=value, **asdict(_flow(theirs))) for value, theirs in by_value.items()]
    return Answer(
        **asdict(_flow(main)),
        meta=meta_of(plan.frame, list(rows.values()), rows["bots"].rows[0][0] if "bots" in rows else 0),
        breakdowns=sorted(segments, key=lambda one: place(one.value, one.sessions)) if plan.request.breakdown else None,
    )


def _flow(rows: list[list[Any]]) -> Flow:
    links: Counter[tuple[int, str, str]] = Counter()
    exits: Counter[tuple[int, str]] = Counter()
    cuts: Counter[tuple[int, str]] = Counter()
    matrix: Counter[tuple[str, str]] = Counter()
    for _, step, source, target, last, cut, count in rows:
        matrix[source, target] += count
        if step and last:
            exits[step, source] += count
            cuts[step, source] += count * cut
        elif step:
            links[step, source, target] += count
    return Flow(
        sessions=sum(count for (_, target), count in matrix.items() if target == EXIT),
        links=[
            Link(step=step, source=source, target=target, sessions=count)
            for (step, source, target), count in sorted(links.items(), key=lambda one: (one[0][0], -one[1], one[0]))
        ],
        exits=[
            Exit(step=step, name=name, sessions=count, cut=cuts[step, name])
            for (step, name), count in sorted(exits.items(), key=lambda one: (one[0][0], -one[1], one[0]))
        ],
        matrix=[
            Cell(source=source, target=target, count=count)
            for (source, target), count in sorted(matrix.items(), key=lambda one: (-one[1], one[0]))
        ],
    )


def table(plan: Plan, answer: Answer) -> Table:
    """A row for each link and exit with its step, then one for each cell of the matrix; of each value as well."""
    columns = Columns(breakdown="text") if plan.request.breakdown else Columns()
    columns |= Columns(
        {"step": "integer", "from": "text", "to": "text", "sessions": "integer", "cut": "integer", "count": "integer"}
    )
    rows: list[dict[str, Value]] = _rows_of(answer)
    for segment in answer.breakdowns or ():
        rows += [{"breakdown": segment.value} | row for row in _rows_of(segment)]
    return Table(columns, [[row.get(name) for name in columns] for row in rows])


def _rows_of(flow: Flow) -> list[dict[str, Value]]:
    links: list[dict[str, Value]] = [
        {"step": one.step, "from": one.source, "to": one.target, "sessions": one.sessions} for one in flow.links
    ]
    exits: list[dict[str, Value]] = [
        {"step": one.step, "from": one.name, "to": EXIT, "sessions": one.sessions, "cut": one.cut} for one in flow.exits
    ]
    cells: list[dict[str, Value]] = [{"from": one.source, "to": one.target, "count": one.count} for one in flow.matrix]
    return links + exits + cells


def figures(answer: Answer) -> list[Figure]:
    """Sessions, and where most of them went."""
    ways = sorted(answer.links, key=lambda link: (-link.sessions, link.step, link.source, link.target))
    return [
        Figure(name="Sessions", value=answer.sessions),
        *(Figure(name=f"{link.step}. {link.source} → {link.target}", value=link.sessions) for link in ways),
    ]
