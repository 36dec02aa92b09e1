"""S0's answers: statistics, pages and export of interactions with components.

All are over `component_interaction` events without bots, so the total of the statistics is the total of the
pages and the length of the export (R6). Names of users come from the traits of their latest identify.
"""

from typing import LiteralString

import msgspec

from footfall.insights.question import Query, Rows
from footfall.insights.sql import Context, Sql, bind, sql
from footfall.model.event import Millis
from footfall.model.period import rfc3339

TOP_COMPONENTS = 10

_WHERE: LiteralString = "project_id = $project AND event = 'component_interaction' AND NOT bot"


class Count(msgspec.Struct, frozen=True, kw_only=True, rename={"id": "_id"}):
    id: str
    count: int


class Action(msgspec.Struct, frozen=True, kw_only=True):
    componente: str
    accion: str


class ActionCount(msgspec.Struct, frozen=True, kw_only=True, rename={"id": "_id"}):
    id: Action
    count: int


class ServerStats(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """S0's `ServerStats`, to the letter."""

    total_interacciones: int
    por_componente: list[Count]
    """The ten most used."""
    por_accion: list[ActionCount]
    """By component, then by count."""
    por_tipo_usuario: list[Count]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row of S0's table."""

    id: str
    nombre_componente: str
    accion: str
    timestamp: str
    tipo_usuario: str
    nombre_usuario: str | None


class Pagination(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    page: int
    limit: int
    total: int
    total_pages: int
    has_next_page: bool
    has_prev_page: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    data: list[Record]
    pagination: Pagination


class ExportedUser(msgspec.Struct, frozen=True, kw_only=True, rename={"id": "_id"}):
    id: str
    nombre: str | None
    email: str | None


class ExportedRecord(msgspec.Struct, frozen=True, kw_only=True, rename={"id": "_id"}):
    """A record as S0's database held it, its user filled in."""

    id: str
    nombre: str
    accion: str
    timestamp: str
    tipo_usuario: str
    usuario: ExportedUser | None


def build_stats(context: Context) -> Query:
    """Rows of (component, action, user type, count)."""
    query = sql(
        "SELECT component, action, user_type, count() FROM events WHERE " + _WHERE + " GROUP BY ALL",
        project=bind(context.project_id, "UInt32"),
    )
    return Query(text=query.text, params=query.params)


def shape_stats(rows: Rows) -> ServerStats:
    """The three groupings are sums of one table of counts, which counts may be (unlike uniques, R2)."""
    components: dict[str, int] = {}
    actions: dict[tuple[str, str], int] = {}
    types: dict[str, int] = {}
    for component, action, user_type, count in rows.rows:
        components[component] = components.get(component, 0) + count
        actions[component, action] = actions.get((component, action), 0) + count
        types[user_type] = types.get(user_type, 0) + count
    return ServerStats(
        total_interacciones=sum(components.values()),
        por_componente=[
            Count(id=name, count=count)
            for name, count in sorted(components.items(), key=lambda item: (-item[1], item[0]))[:TOP_COMPONENTS]
        ],
        por_accion=[
            ActionCount(id=Action(componente=component, accion=action), count=count)
            for (component, action), count in sorted(
                actions.items(), key=lambda item: (item[0][0], -item[1], item[0][1])
            )
        ],
        por_tipo_usuario=[Count(id=name, count=count) for name, count in sorted(types.items())],
    )


def build_total(context: Context) -> Query:
    """One row of one number: all interactions."""
    query = sql("SELECT count() FROM events WHERE " + _WHERE, project=bind(context.project_id, "UInt32"))
    return Query(text=query.text, params=query.params)


def build_page(context: Context, page: int, limit: int) -> Query:
    """Rows of (id, component, action, millis, user type, user, name, email), newest first."""
    query = sql(
        _PAGE,
        rows=_records(context, Sql("1")),
        traits=_traits(context),
        limit=bind(limit, "UInt32"),
        offset=bind((page - 1) * limit, "UInt64"),
    )
    return Query(text=query.text, params=query.params)


_PAGE: LiteralString = (
    "SELECT r.*, t.name, t.email FROM"
    " ($rows ORDER BY timestamp DESC, event_id DESC LIMIT $limit OFFSET $offset) AS r"
    " ANY LEFT JOIN ($traits) AS t ON t.user_id = r.user_id ORDER BY millis DESC, event_id DESC"
)


def build_export(context: Context, limit: int, after: tuple[Millis, str] | None) -> Query:
    """The next `limit` rows of the export in the shape of `build_page`; `after` is the last row's (time, id)."""
    beyond = (
        Sql("1")
        if after is None
        else sql(
            "timestamp < fromUnixTimestamp64Milli($at, 'UTC')"
            " OR (timestamp = fromUnixTimestamp64Milli($at, 'UTC') AND event_id < $id)",
            at=bind(after[0], "Int64"),
            id=bind(after[1], "String"),
        )
    )
    query = sql(
        _PAGE,
        rows=_records(context, beyond),
        traits=_traits(context),
        limit=bind(limit, "UInt32"),
        offset=bind(0, "UInt64"),
    )
    return Query(text=query.text, params=query.params)


def _records(context: Context, beyond: Sql) -> Sql:
    return sql(
        "SELECT event_id, component, action, toUnixTimestamp64Milli(timestamp) AS millis, user_type, user_id"
        " FROM events WHERE " + _WHERE + " AND ($beyond)",
        project=bind(context.project_id, "UInt32"),
        beyond=beyond,
    )


def _traits(context: Context) -> Sql:
    # `name` or S0's own `nombre`; the latest identify that says one decides.
    return sql(
        "SELECT user_id, argMaxIf(named, (timestamp, event_id), named != '') AS name,"
        " argMaxIf(mail, (timestamp, event_id), mail != '') AS email FROM ("
        "SELECT user_id, timestamp, event_id, JSONExtractString(sent, 'traits', 'name') AS english,"
        " if(english != '', english, JSONExtractString(sent, 'traits', 'nombre')) AS named,"
        " JSONExtractString(sent, 'traits', 'email') AS mail"
        " FROM events WHERE project_id = $project AND event = '$$identify' AND user_id != '') GROUP BY user_id",
        project=bind(context.project_id, "UInt32"),
    )


def shape_page(rows: Rows, total: int, page: int, limit: int) -> Page:
    pages = -(-total // limit)
    return Page(
        data=[
            Record(
                id=event_id,
                nombre_componente=component,
                accion=action,
                timestamp=rfc3339(millis),
                tipo_usuario=user_type,
                nombre_usuario=name or None,
            )
            for event_id, component, action, millis, user_type, _user, name, _email in rows.rows
        ],
        pagination=Pagination(
            page=page,
            limit=limit,
            total=total,
            total_pages=pages,
            has_next_page=page < pages,
            has_prev_page=page > 1,
        ),
    )


def shape_export(rows: Rows) -> list[ExportedRecord]:
    return [
        ExportedRecord(
            id=event_id,
            nombre=component,
            accion=action,
            timestamp=rfc3339(millis),
            tipo_usuario=user_type,
            usuario=ExportedUser(id=user, nombre=name or None, email=email or None) if user else None,
        )
        for event_id, component, action, millis, user_type, user, name, email in rows.rows
    ]
