"""The objects of a plan as classes of Python: what each is called, and how its members' types are written."""

import keyword
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from footfall.plan.bundle import Bundle
from footfall.plan.codegen.words import distinct, members, pascal, plain, quoted, told_of

TAKEN = frozenset({
    *keyword.kwlist,
    "Annotated", "Any", "Client", "Event", "EventName", "Literal", "Mapping", "Meta", "NotRequired", "Protocol",
    "STRUCTS", "Sequence", "Struct", "Told", "Tracker", "TypedDict", "UNSET", "Unpack", "UnsetType", "VERSIONS", "bool",
    "cast", "checked", "convert", "float", "int", "overload", "str", "typed", "versioned",
})  # fmt: skip
"""Names that a module has for something else."""

PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "array": "Sequence[Any]",
    "object": "Mapping[str, Any]",
}

Place = tuple[str, ...]
"""Where an object stands: its event, then properties, and `[]` for the items of an array."""


class Found(msgspec.Struct, frozen=True):
    """An object that has members."""

    place: Place
    schema: dict[str, Any]
    said: str
    units: Mapping[str, str] = {}


def objects(bundle: Bundle) -> list[Found]:
    """All that have members, an inner one before what holds it."""
    return [
        found
        for plan in bundle.events.values()
        if plan.schema["properties"]
        for found in _inside(plan.schema, (plan.name,), f"Properties of `{plain(plan.name)}`.", plan.units)
    ]


def _inside(schema: Any, place: Place, said: str, units: Mapping[str, str]) -> Iterator[Found]:
    if not isinstance(schema, dict):
        return
    yield from _inside(schema.get("items"), (*place, "[]"), "", {})
    if not schema.get("properties") or schema.get("enum"):
        return
    for name, inner, _ in members(schema):
        yield from _inside(inner, (*place, name), told_of(inner), {})
    # A class has the members that are named, and no others.
    if not schema.get("additionalProperties"):
        yield Found(place, schema, said or "An object.", units)


def called(found: Iterable[Found], ending: str, taken: Iterable[str]) -> dict[Place, str]:
    """A name for the class of each."""
    places = {"\0".join(one.place): one.place for one in found}
    spelled = distinct(places, lambda place: pascal(place.replace("\0", "_")) + ending, taken)
    return {places[place]: name for place, name in spelled.items()}


def type_of(schema: Any, place: Place, names: Mapping[Place, str]) -> str:
    """What a schema takes, as far as types can say it."""
    if not isinstance(schema, dict):
        return "Any"
    if "const" in schema or schema.get("enum"):
        return _values([schema["const"]] if "const" in schema else schema["enum"])
    if "type" in schema or "properties" in schema:
        types = schema.get("type", "object")
        return union(_of_type(one, schema, place, names) for one in (types if isinstance(types, list) else [types]))
    either = schema.get("anyOf") or schema.get("oneOf") or ()
    # Objects in a choice have no class: which of them one is, its reader would have to guess.
    return union(type_of(one, (), names) for one in either) or "Any"


def _of_type(name: str, schema: dict[str, Any], place: Place, names: Mapping[Place, str]) -> str:
    if name == "array" and isinstance(schema.get("items"), dict):
        return f"Sequence[{type_of(schema['items'], (*place, '[]'), names)}]"
    if name == "object" and place in names:
        return names[place]
    if name == "object" and isinstance(schema.get("additionalProperties"), dict) and not schema.get("properties"):
        return f"Mapping[str, {type_of(schema['additionalProperties'], (), names)}]"
    return PLAIN[name]


_LITERALS = (str, bool, int)
_TYPES = {type(None): "None", float: "float", list: PLAIN["array"], dict: PLAIN["object"]}


def _values(values: list[Any]) -> str:
    literal = ", ".join(
        quoted(one) if isinstance(one, str) else repr(one) for one in values if isinstance(one, _LITERALS)
    )
    others = [_TYPES[type(one)] for one in values if not isinstance(one, _LITERALS)]
    return union([*([f"Literal[{literal}]"] if literal else []), *others])


def union(types: Iterable[str]) -> str:
    found = list(dict.fromkeys(types))
    return "Any" if "Any" in found else " | ".join(found)


# ── source ───────────────────────────────────────────────────────────────────────────────────────────────────


def is_word(name: str, names: Iterable[str]) -> bool:
    """Whether a class may have a member of this name that means nothing else in it."""
    return (
        name.isascii() and name.isidentifier() and not name.startswith("__") and name not in TAKEN and name not in names
    )


def docstring(lines: list[str]) -> str:
    """One line or more as a docstring, which they cannot end."""
    text = "\n\n".join(lines).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.endswith('"'):
        text = f'{text[:-1]}\\"'
    return f'"""{text}"""' if len(lines) == 1 else f'"""{text}\n"""'


def indented(lines: Iterable[str]) -> list[str]:
    """As far as the body of a class."""
    return ["\n".join(f"    {part}" if part else "" for part in line.split("\n")) for line in lines]
