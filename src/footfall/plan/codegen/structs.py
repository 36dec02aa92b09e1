"""A msgspec Struct for each object of a plan: what types cannot say (limits, expressions) is checked when it runs."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from footfall.plan.bundle import Bundle
from footfall.plan.codegen.classes import PLAIN, Found, Place, called, docstring, indented, is_word, type_of, union
from footfall.plan.codegen.words import constant, distinct, is_open, members, quoted

_LIMITS = {
    "string": {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"},
    "integer": {
        "minimum": "ge",
        "exclusiveMinimum": "gt",
        "maximum": "le",
        "exclusiveMaximum": "lt",
        "multipleOf": "multiple_of",
    },
    # Without `multipleOf`: 29.99 is no multiple of 0.01 in binary.
    "number": {"minimum": "ge", "exclusiveMinimum": "gt", "maximum": "le", "exclusiveMaximum": "lt"},
    "array": {"minItems": "min_length", "maxItems": "max_length"},
}
"""Keywords by the type that they are about, and what msgspec calls them."""
_UNTELLABLE = re.compile(r'["\\\x00-\x1f]')
"""In the name of a member, this is more than a Struct takes. No lint lets it pass, so such an object goes unchecked."""
_MOST = 2**63
"""msgspec's limits are signed integers of 64 bits."""


def structs_of(bundle: Bundle, found: list[Found], taken: Collection[str]) -> Iterator[str]:
    """Their classes, a table of them by event, and `checked`."""
    found = [one for one in found if not any(_UNTELLABLE.search(name) for name, _, _ in members(one.schema))]
    names = called(found, "", taken)
    for one in found:
        plan = bundle.events[one.place[0]]
        top = len(one.place) == 1
        closed = not is_open(bundle, plan) if top else one.schema.get("additionalProperties") is False
        yield from ("", "", *_struct(one, names, taken, closed=closed))
    yield from ("", "", "STRUCTS: Mapping[str, type[Struct]] = {")
    yield from (f"    {quoted(place[0])}: {name}," for place, name in names.items() if len(place) == 1)
    yield from ("}", docstring(["By event; one without properties has none."]), "", "")
    yield "def checked(event: EventName, properties: Mapping[str, Any]) -> None:"
    said = "Raises `msgspec.ValidationError`, which says where, for properties that the plan does not have so."
    yield from indented([docstring([said]), "if event in STRUCTS:", "    convert(properties, STRUCTS[event])"])


def _struct(one: Found, names: Mapping[Place, str], taken: Collection[str], *, closed: bool) -> Iterator[str]:
    found = members(one.schema)
    words = {*taken, *names.values()}
    spelled = distinct(
        (name for name, _, _ in found), lambda name: name if is_word(name, words) else f"{constant(name).lower()}_"
    )
    renamed = ", ".join(f"{quoted(made)}: {quoted(name)}" for name, made in spelled.items() if made != name)
    options = ["frozen=True", "kw_only=True"]
    options += ["forbid_unknown_fields=True"] if closed else []
    options += [f"rename={{{renamed}}}"] if renamed else []
    yield f"class {names[one.place]}(Struct, {', '.join(options)}):"
    yield from indented([docstring([one.said]), ""])
    for name, inner, required in found:
        kind = _type(inner, (*one.place, name), names)
        yield from indented([f"{spelled[name]}: {kind if required else f'{kind} | UnsetType = UNSET'}"])


def _type(schema: Any, place: Place, names: Mapping[Place, str]) -> str:
    """As `classes.type_of`, with the limits, and without what msgspec cannot tell apart."""
    if not isinstance(schema, dict):
        return "Any"
    values = [schema["const"]] if "const" in schema else schema.get("enum") or []
    if values:
        known = all(
            isinstance(one, str) or (type(one) is int and -_MOST <= one < _MOST) or one is None for one in values
        )
        return type_of({"enum": values}, (), names) if known else "Any"
    types = schema.get("type", "object" if "properties" in schema else [])
    found = [_of_type(one, schema, place, names) for one in (types if isinstance(types, list) else [types])]
    return union(found) or "Any"


def _of_type(name: str, schema: dict[str, Any], place: Place, names: Mapping[Place, str]) -> str:
    if name == "array":
        kind = f"Sequence[{_type(schema.get('items'), (*place, '[]'), names)}]"
    else:
        kind = names.get(place, PLAIN[name]) if name == "object" else PLAIN[name]
    limits = ", ".join(_limits(name, schema))
    return f"Annotated[{kind}, Meta({limits})]" if limits else kind


def _limits(name: str, schema: dict[str, Any]) -> Iterator[str]:
    for word, meant in _LIMITS.get(name, {}).items():
        if word not in schema or (f"exclusive{word[0].upper()}{word[1:]}" in schema):  # of the two, msgspec takes one
            continue
        limit = schema[word]
        if isinstance(limit, str):
            if _is_expression(limit):
                yield f"{meant}={quoted(limit)}"
        elif -_MOST < limit < _MOST and (meant != "multiple_of" or isinstance(limit, int)):
            yield f"{meant}={limit!r}"


def _is_expression(text: str) -> bool:
    """Whether Python reads it as well: the server's engine knows classes that `re` does not."""
    try:
        re.compile(text)
    except re.error:
        return False
    return True
