"""Breakdowns (R5): a value for each row, the ones beyond the limit as `$other`, missing ones as `$not_set`."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec

from footfall.insights.filters import property_of
from footfall.insights.question import MAX_NUMBERS
from footfall.insights.sql import Sql, Viewpoint, bind, sql
from footfall.model.errors import BadRequest

OTHER = "$other"
NOT_SET = "$not_set"
_MISSING = bind(NOT_SET, "String")


class Breakdown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`{"property": "device", "limit": 10}`."""

    property: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 10


MOST = 3
"""Properties of one breakdown; more make a table that nobody reads."""


def value_of(breakdown: Breakdown, path: str, view: Viewpoint) -> Sql:
    """A row's own value, or `$not_set`. Raises `BadRequest` with the path of an unknown property."""
    return property_of(breakdown.property, f"{path}.property", view).or_else(_MISSING)


def capped(own: Sql, limit: int, ranking: Sql, value: Sql, measure: Sql) -> Sql:
    """`own`, or `$other` where it is none of the `limit` values that `measure` finds biggest; ties go by the value.

    `ranking` are rows that have the `value`.
    """
    # `own` may be dear (a trait), so it is mentioned once: its row among the biggest, or none.
    rows = sql(
        "(SELECT arrayPushBack(groupArray(dim), $missing) FROM (SELECT $value AS dim, $measure AS size FROM ($ranking)"
        " WHERE dim != $missing GROUP BY dim ORDER BY size DESC, dim LIMIT $limit))",
        value=value,
        measure=measure,
        ranking=ranking,
        missing=_MISSING,
        limit=bind(limit, "UInt32"),
    )
    return sql("transform($own, $rows, $rows, $other)", own=own, rows=rows, other=bind(OTHER, "String"))


Pointed = tuple[str] | str | None
"""A row of a breakdown as a pointer names it."""


def pointed_row(pointed: Pointed, asked: Sequence[Breakdown]) -> Sql | None:
    """The value of the row that a pointer names, bound; None for no row in particular.

    Raises `BadRequest` where the question has none.
    """
    if pointed is None:
        return None
    if not asked:
        raise BadRequest("The question has no breakdown.", path="$.pointer.breakdown")
    return bind(pointed if isinstance(pointed, str) else pointed[0], "String")


def check_size(values: Iterable[object], cells: int) -> None:
    """Raises `BadRequest` for more numbers than an answer has, where each of these values has so many of its own.

    How many values there are is known once they are found, so `shape` asks before it makes a line for each.
    """
    many = len(set(values))
    if many > 1 and many * cells > MAX_NUMBERS:
        raise BadRequest(
            f"{many} values with {cells} numbers each are more than {MAX_NUMBERS}; take a lower limit, a longer"
            " interval or a shorter range.",
            path="$.breakdown[0].limit",
        )


def place(value: str, size: float) -> tuple[bool, float, str]:
    """What rows are sorted by: biggest first, then by value; `$other` and `$not_set` come last."""
    return value in {OTHER, NOT_SET}, -size, value
