"""Which events a question is about: properties, and a table of operators on them.

R4: `is_not` and `not_contains` keep events without the property, `is_set` asks about presence (null is not set).
"Words": `is`, `contains` … compare text, letter for letter, and `is` matches a number by its value; `gt` …
`between` compare numbers, or dates when both sides are dates, and ignore what is neither. Nothing here is ever
null in the engine, so no three-valued logic can lose a row.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Literal, LiteralString
from zoneinfo import ZoneInfo

import msgspec

from footfall.insights.sql import Sql, Viewpoint, bind, join, moment, sql
from footfall.insights.traits import holders
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import LATEST, read_time

Operator = Literal[
    "is", "is_not", "contains", "not_contains", "starts_with", "matches",
    "gt", "gte", "lt", "lte", "between", "is_set", "is_not_set",
]  # fmt: skip
Value = Annotated[str, msgspec.Meta(max_length=8192)] | int | float | bool
MAX_VALUES = 1000
MAX_FILTERS = 500
MAX_PATTERN = 1000
MAX_DEPTH = 8


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`{"property": "page", "operator": "is", "values": ["/", "/a"]}`: either will do; or `{"any": [filters]}`."""

    property: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)] | None = None
    operator: Operator | None = None
    values: Annotated[tuple[Value, ...], msgspec.Meta(max_length=MAX_VALUES)] = ()
    any: Annotated[tuple["Filter", ...], msgspec.Meta(min_length=1, max_length=100)] | None = None


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────


class Property(msgspec.Struct, frozen=True):
    """A property as the engine sees it: its text ('' when absent), whether it is set, whether it is a number."""

    text: Sql
    is_set: Sql
    is_number: Sql | None = None
    """None where it never is one."""
    column: Sql | None = None
    """Where its text is a column, '' when it is absent: that one, which the engine compares faster than `text`."""
    held: "Held | None" = None
    """For what is said of people and not of events: who they are."""

    def or_else(self, default: Sql) -> Sql:
        """Its text, or `default` where it is not set."""
        if self.held is not None:
            return self.held.value(default)
        return sql("if($set, $text, $default)", set=self.is_set, text=self.text, default=default)


class Held(msgspec.Struct, frozen=True):
    """A property as it is held by people, so that it is compared once for each of them, and not for every event."""

    holders: Sql
    """Rows that have the `key` of everybody of whom it is set."""
    subject: Property
    """It, in the columns of these rows."""
    value: Callable[[Sql], Sql]
    """Of an event, the text, or else what is given."""


TEXT_FIELDS: tuple[LiteralString, ...] = (
    "event_id", "page", "url", "referrer", "title", "section", "component", "component_hash", "action", "locale",
    "screen", "app_version", "event_version", "device", "browser", "os", "utm_source", "utm_medium", "utm_campaign",
    "utm_term", "utm_content", "user_id", "anonymous_id", "session_id", "user_type", "event",
)  # fmt: skip

FIELDS: dict[str, Property] = {
    **{name: Property(Sql(f"toString({name})"), Sql(f"{name} != ''"), column=Sql(name)) for name in TEXT_FIELDS},
    "bot": Property(Sql("if(bot, 'true', 'false')"), Sql("1")),
    "seq": Property(Sql("ifNull(toString(seq), '')"), Sql("seq IS NOT NULL"), Sql("1")),
    # As an answer shows them: 2026-03-02T10:00:00.000Z.
    "timestamp": Property(Sql("concat(replaceOne(toString(timestamp), ' ', 'T'), 'Z')"), Sql("1")),
    "received_at": Property(Sql("concat(replaceOne(toString(received_at), ' ', 'T'), 'Z')"), Sql("1")),
    "sent_at": Property(
        Sql("ifNull(concat(replaceOne(toString(sent_at), ' ', 'T'), 'Z'), '')"), Sql("sent_at IS NOT NULL")
    ),
}
"""Fields of an event that a question may name."""

_STEP = re.compile(r'\.?(?:\["((?:[^"\\]|\\.)*)"\]|([^.\[\]]+))')


def property_of(name: str, path: str, view: Viewpoint) -> Property:
    """A field, `properties.a.b` (dots go deeper, `properties["a.b"]` holds one), `group.name` or `person.trait`.

    Raises `BadRequest` with `path` for anything else.
    """
    if name in FIELDS:
        return FIELDS[name]
    head, dot, rest = name.partition(".")
    if head == "group" and dot and rest:
        key = bind(rest, "String")
        return Property(sql("groups[$key]", key=key), sql("mapContains(groups, $key)", key=key))
    if name.startswith(("properties.", 'properties["')):
        return _json_property(_keys(name.removeprefix("properties"), path))
    if name.startswith(("person.", 'person["')):
        return _trait(_keys(name.removeprefix("person"), path), view)
    raise BadRequest(
        f"There is no property “{name[:100]}”. Write a field ({', '.join(FIELDS)}), properties.name, group.name or"
        " person.trait.",
        path=path,
    )


_PERSONAL = frozenset(
    {"user_id", "anonymous_id", "session_id", "event_id", "traits", "timestamp", "received_at", "sent_at", "seq"}
)


def is_personal(name: str) -> bool:
    """Whether a property tells persons or single events apart. A `stats` key must not ask by one."""
    head, *rest = _keys(name, "$") if name else [""]
    return head in _PERSONAL | {"person"} or (head == "properties" and bool(rest) and rest[0] in _PERSONAL)


def personal_part(question: msgspec.Struct) -> tuple[str, str] | None:
    """The first property by which a question tells persons apart, and its place in it."""
    return next((one for one in _properties(msgspec.to_builtins(question), "$") if is_personal(one[0])), None)


def _properties(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("property"), str):
            yield value["property"], f"{path}.property"
        for key, inner in value.items():
            yield from _properties(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _properties(inner, f"{path}[{index}]")


def _keys(steps: str, path: str) -> list[str]:
    keys: list[str] = []
    position = 0
    while position < len(steps):
        match = _STEP.match(steps, position)
        if match is None:
            raise BadRequest('Write properties.a.b, or properties["a.b"] for a key with a dot in it.', path=path)
        quoted, plain = match.groups()
        key = plain if plain is not None else quoted.replace('\\"', '"').replace("\\\\", "\\")
        if not _can_be_asked_by(key):
            raise BadRequest("A property with a name that begins with ^ or has a ` cannot be asked by.", path=path)
        keys.append(key)
        position = match.end()
    return keys


def _can_be_asked_by(key: str) -> bool:
    return not key.startswith("^") and "`" not in key  # words of the engine's own for parts of its JSON


_PLAIN = re.compile(r"[^.\[\]]+")


def name_of(head: str, path: str) -> str | None:
    """A path of the engine's JSON as `property_of` takes it, below `head`; None for one that cannot be asked by."""
    keys = [key.replace("%2E", ".") for key in path.split(".")]
    if not all(_can_be_asked_by(key) for key in keys):
        return None
    quoted = ('["{}"]'.format(key.replace("\\", "\\\\").replace('"', '\\"')) for key in keys)
    return head + "".join(
        f".{key}" if _PLAIN.fullmatch(key) else in_brackets for key, in_brackets in zip(keys, quoted, strict=True)
    )


def _json_property(keys: list[str]) -> Property:
    # The JSON column is the index: a path names one subcolumn, dots inside of a key are written %2E there. An
    # object has no subcolumn of its own, so presence is asked of the text that was sent.
    column = sql(
        "getSubcolumn(properties, $path)", path=bind(".".join(key.replace(".", "%2E") for key in keys), "String")
    )
    names = join(", ", (bind(key, "String") for key in keys))
    return Property(
        text=sql("ifNull(toString($column), '')", column=column),
        is_set=sql("(JSONHas(sent, $names) AND JSONType(sent, $names) != 'Null')", names=names),
        is_number=sql("dynamicType($column) IN ('Int64', 'UInt64', 'Float64')", column=column),
    )


def _trait(keys: list[str], view: Viewpoint) -> Property:
    """A trait of whoever an event is of. As the property of an identify it is what any property is."""
    told = _json_property(["traits", *keys])
    theirs = holders(keys[0], told.text, told.is_set, told.is_number or Sql("0"), view)
    # For the value itself, every event looks its person up among all: one table, hashed once. Each mention of it costs
    # the engine another look at 600 000 pairs before it starts, so it is mentioned as rarely as can be.
    pairs = sql("(SELECT arraySort(groupArray((key, text))) FROM ($theirs))", theirs=theirs)

    def value(default: Sql) -> Sql:
        return sql("transform(own_key, $pairs.1, $pairs.2, $default)", pairs=pairs, default=default)

    return Property(
        text=value(Sql("''")),
        is_set=sql("own_key IN (SELECT key FROM ($theirs))", theirs=theirs),
        held=Held(theirs, Property(Sql("text"), Sql("1"), Sql("number")), value),
    )


# ── operators ────────────────────────────────────────────────────────────────────────────────────────────────


def conditions(wanted: tuple[Filter, ...] | list[Filter], path: str, view: Viewpoint) -> list[Sql]:
    """Each filter as SQL.

    Raises `BadRequest` with the path of what is wrong.
    """
    if sum(_size(one) for one in wanted) > MAX_FILTERS:
        raise BadRequest(f"More than {MAX_FILTERS} filters.", path=path)
    return [condition(one, f"{path}[{index}]", view) for index, one in enumerate(wanted)]


def _size(wanted: Filter) -> int:
    return 1 if wanted.any is None else sum(_size(one) for one in wanted.any)


def condition(wanted: Filter, path: str, view: Viewpoint, depth: int = 0) -> Sql:
    """A filter as SQL that is 0 or 1, never null."""
    if wanted.any is not None:
        if wanted.property is not None or wanted.operator is not None or wanted.values:
            raise BadRequest("A filter has either “any” or a property with an operator.", path=path)
        if depth >= MAX_DEPTH:
            raise BadRequest(f"“any” goes at most {MAX_DEPTH} deep.", path=path)
        parts = [condition(one, f"{path}.any[{index}]", view, depth + 1) for index, one in enumerate(wanted.any)]
        return join(" OR ", (sql("($part)", part=part) for part in parts))
    if wanted.property is None:
        raise BadRequest("A filter names a property.", path=f"{path}.property")
    if wanted.operator is None:
        raise BadRequest(f"A filter has an operator: {', '.join(OPERATORS)}.", path=f"{path}.operator")
    row = OPERATORS[wanted.operator]
    if not row.least <= len(wanted.values) <= row.most:
        takes = "at least one value" if row.most == MAX_VALUES else f"exactly {row.most}" if row.most else "no values"
        raise BadRequest(f"“{wanted.operator}” takes {takes}.", path=f"{path}.values")
    subject = property_of(wanted.property, f"{path}.property", view)
    held = subject.held
    holds = row.build(subject if held is None else held.subject, wanted.values, f"{path}.values", view.zone)
    if held is not None:
        holds = sql("own_key IN (SELECT key FROM ($holders) WHERE $holds)", holders=held.holders, holds=holds)
    # R4: everything else, also where the property is missing.
    return sql("NOT ($holds)", holds=holds) if row.negated else holds


def patterns(wanted: Iterable[Filter]) -> list[str]:
    """What these filters match with. Only the engine knows whether it is RE2."""
    found: list[str] = []
    for one in wanted:
        found += patterns(one.any or ())
        if one.operator == "matches":
            found += [_text(value) for value in one.values]
    return found


Values = tuple[Value, ...]
Build = Callable[[Property, Values, str, ZoneInfo], Sql]


class _Row(msgspec.Struct, frozen=True):
    """One row of the table of operators: how many values, and the SQL."""

    least: int
    most: int
    build: Build
    negated: bool = False
    """Whether it holds wherever `build` does not."""


def _is(subject: Property, values: Values, _path: str, _zone: ZoneInfo) -> Sql:
    if subject.column is not None:
        # Of 20 million events a look for three devices took 0.5 s, and 1.3 s with `has`.
        texts = [text for value in values if (text := _text(value))]
        return sql("$column IN ($values)", column=subject.column, values=bind(texts, "Array(String)"))
    by_text = sql(
        "$is_set AND has($values, $text)",
        is_set=subject.is_set,
        values=bind([_text(value) for value in values], "Array(String)"),
        text=subject.text,
    )
    # Past 2^53 doubles skip whole numbers, whose text says it all.
    numbers = [number for value in values if (number := _number(value)) is not None and abs(number) < _EXACT]
    if not numbers or subject.is_number is None:
        return by_text
    return sql(
        "($by_text) OR ($is_number AND has($numbers, ifNull(toFloat64OrNull($text), nan)))",
        by_text=by_text,
        is_number=subject.is_number,
        numbers=bind(numbers, "Array(Float64)"),
        text=subject.text,
    )


def _texts(template: LiteralString) -> Build:
    def build(subject: Property, values: Values, _path: str, _zone: ZoneInfo) -> Sql:
        texts = bind([_text(value) for value in values], "Array(String)")
        matching = sql(template, text=subject.text, values=texts)
        return sql("$is_set AND $matching", is_set=subject.is_set, matching=matching)

    return build


def _matches(subject: Property, values: Values, path: str, zone: ZoneInfo) -> Sql:
    for index, value in enumerate(values):
        if len(_text(value)) > MAX_PATTERN:
            raise BadRequest(f"A pattern has at most {MAX_PATTERN} characters.", path=f"{path}[{index}]")
    return _texts("arrayExists(v -> match($text, v), $values)")(subject, values, path, zone)


def _order(template: LiteralString) -> Build:
    """Numbers with numbers, dates with dates; what is neither does not match."""

    def build(subject: Property, values: Values, path: str, zone: ZoneInfo) -> Sql:
        numbers = [number for value in values if (number := _number(value)) is not None]
        if len(numbers) == len(values):
            number = sql("toFloat64OrNull($text)", text=subject.text)
            bounds = [bind(number, "Float64") for number in numbers]
            compared = sql(template, value=number, low=bounds[0], high=bounds[-1])
            return sql("ifNull(isFinite($number) AND $compared, 0)", number=number, compared=compared)
        dates = [_date(value, f"{path}[{index}]", zone) for index, value in enumerate(values) if isinstance(value, str)]
        if len(dates) == len(values):
            found = sql(
                "parseDateTime64BestEffortOrNull($text, 3, $zone)", text=subject.text, zone=bind(zone.key, "String")
            )
            compared = sql(template, value=found, low=moment(dates[0]), high=moment(dates[-1]))
            return sql(
                "ifNull(match($text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}') AND $compared, 0)",
                text=subject.text,
                compared=compared,
            )
        raise BadRequest("Numbers are compared with numbers, dates (2026-03-01) with dates.", path=path)

    return build


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?", re.ASCII)


def _date(value: str, path: str, zone: ZoneInfo) -> Millis:
    try:
        moment = read_time(value, zone) if _DATE.fullmatch(value) else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not _FIRST_DATE <= moment <= LATEST:
        raise BadRequest(
            "Numbers are compared with numbers, dates (2026-03-01) with dates, of the years 1900 to 2099.", path=path
        )
    return moment


_FIRST_DATE: Millis = -2_208_988_800_000
"""1900, the first year of the engine's DateTime64."""
_EXACT = 2**53


def _is_set(subject: Property, _values: Values, _path: str, _zone: ZoneInfo) -> Sql:
    return subject.is_set


_contains = _texts("arrayExists(v -> position($text, v) > 0, $values)")

OPERATORS: dict[Operator, _Row] = {
    "is": _Row(1, MAX_VALUES, _is),
    "is_not": _Row(1, MAX_VALUES, _is, negated=True),
    "contains": _Row(1, MAX_VALUES, _contains),
    "not_contains": _Row(1, MAX_VALUES, _contains, negated=True),
    "starts_with": _Row(1, MAX_VALUES, _texts("arrayExists(v -> startsWith($text, v), $values)")),
    "matches": _Row(1, MAX_VALUES, _matches),
    "gt": _Row(1, 1, _order("$value > $low")),
    "gte": _Row(1, 1, _order("$value >= $low")),
    "lt": _Row(1, 1, _order("$value < $low")),
    "lte": _Row(1, 1, _order("$value <= $low")),
    "between": _Row(2, 2, _order("$value BETWEEN $low AND $high")),
    "is_set": _Row(0, 0, _is_set),
    "is_not_set": _Row(0, 0, _is_set, negated=True),
}


def _text(value: Value) -> str:
    """A value as the engine prints one: `true`, `7`, `0.5`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _number(value: Value) -> float | None:
    try:
        number = None if isinstance(value, bool) else float(value)
    except (ValueError, OverflowError):
        return None
    return number if number is not None and math.isfinite(number) else None


def properties_of(wanted: Iterable[Filter]) -> set[str]:
    """Which properties these filters ask for."""
    return {
        name for one in wanted for name in (properties_of(one.any) if one.any is not None else {one.property or ""})
    }
