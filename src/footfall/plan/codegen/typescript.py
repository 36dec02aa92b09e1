"""TypeScript: a type for the properties of each event, and `Events`, the map that `createTracker` takes.

Types cost nothing at run time. Enumerations (S2's `EventName`, `PageName` …), `versions` and the part `versioned` are
constants, which a bundler leaves out where nobody uses them. The module imports nothing.
"""

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from footfall.plan.bundle import Bundle, EventPlan
from footfall.plan.codegen.words import (
    distinct,
    ending,
    enumerations,
    is_open,
    members,
    origin,
    pascal,
    plain,
    quoted,
    told,
    told_of,
)

_PLAIN = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
    "array": "readonly unknown[]",
    "object": "{ readonly [name: string]: unknown }",
}


_VERSIONED = (
    "/** For `init({ use: [versioned] })`: events tell the server by which version of the plan they were made. */",
    "export function versioned(client: { readonly before: unknown[] }): void {",
    "  const known: { readonly [event: string]: string } = versions;",
    "  client.before.push((event: { event: string }) => ({ event_version: known[event.event], ...event }));",
    "}",
)


def typescript(bundle: Bundle) -> str:
    """One module."""
    names = distinct(bundle.events, lambda name: f"{pascal(name)}Properties")
    lines = [
        f"// {origin(bundle, 'ts')}",
        "",
        "/** The properties of each event, for `createTracker<Events>()`. */",
        "export interface Events {",
        *_indented(_map(bundle, names)),
        "}",
    ]
    for plan in bundle.events.values():
        if _has_members(bundle, plan):
            lines += [
                "",
                f"/** Properties of `{_harmless(plain(plan.name))}`. */",
                f"export interface {names[plan.name]} {{",
            ]
            lines += [*_indented(_members(plan.schema, plan.units, is_open=is_open(bundle, plan))), "}"]
    lines += ["", "/** The version of each event. */", "export const versions = {"]
    lines += [f"  {_key(plan.name)}: {_quoted(plan.version)}," for plan in bundle.events.values()]
    lines += ["} as const;", "", *_VERSIONED]
    for name, values in enumerations(bundle).items():
        lines += ["", f"export const {name} = {{", *(f"  {key}: {_quoted(text)}," for key, text in values.items())]
        lines += ["} as const;", f"export type {name} = (typeof {name})[keyof typeof {name}];"]
    return "\n".join(lines) + "\n"


def _map(bundle: Bundle, names: dict[str, str]) -> Iterator[str]:
    for plan in bundle.events.values():
        gone = ending(plan)
        yield from _comment([*told(plan), *([f"@deprecated {gone}"] if gone else [])])
        yield f"{_key(plan.name)}: {names[plan.name] if _has_members(bundle, plan) else 'undefined'};"


def _has_members(bundle: Bundle, plan: EventPlan) -> bool:
    return bool(plan.schema["properties"]) or is_open(bundle, plan)


def _members(schema: dict[str, Any], units: dict[str, str], *, is_open: bool = False) -> Iterator[str]:
    for name, inner, required in members(schema):
        gone = "@deprecated" if isinstance(inner, dict) and inner.get("deprecated") else ""
        yield from _comment([line for line in (told_of(inner, units.get(name, "")), gone) if line])
        # JSON has no undefined: such a member is not sent, so it may be said.
        yield f"{_key(name)}{'' if required else '?'}: {_type(inner)}{'' if required else ' | undefined'};"
    if is_open:
        yield "[name: string]: unknown;"


def _type(schema: Any) -> str:
    """What a schema takes, as far as types can say it."""
    if not isinstance(schema, dict):
        return "never" if schema is False else "unknown"
    if "const" in schema:
        return _literal(schema["const"])
    if schema.get("enum"):
        return _union(_literal(value) for value in schema["enum"])
    parts = [_of_types(schema)] if "type" in schema or "properties" in schema else []
    parts += [_union(map(_type, schema[word])) for word in ("anyOf", "oneOf") if schema.get(word)]
    parts += [_type(one) for one in schema.get("allOf") or ()]
    known = [part for part in dict.fromkeys(parts) if part != "unknown"]
    return " & ".join(f"({part})" if " | " in part and len(known) > 1 else part for part in known) or "unknown"


def _of_types(schema: dict[str, Any]) -> str:
    types = schema.get("type", "object")
    return _union(_of_type(one, schema) for one in (types if isinstance(types, list) else [types]))


def _of_type(name: str, schema: dict[str, Any]) -> str:
    if name == "array" and isinstance(schema.get("items"), dict):
        one = _type(schema["items"])
        return f"readonly {one if one.isalpha() else f'({one})'}[]"
    if name == "object":
        more = schema.get("additionalProperties")
        if schema.get("properties"):
            return f"{{ {' '.join(_members(schema, {}, is_open=more is True or isinstance(more, dict)))} }}"
        if isinstance(more, dict):
            return f"{{ readonly [name: string]: {_type(more)} }}"
    return _PLAIN[name]


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int | float):
        return repr(value) if math.isfinite(value) else _PLAIN["number"]
    return {type(None): "null", list: _PLAIN["array"], dict: _PLAIN["object"]}[type(value)]


def _union(types: Iterable[str]) -> str:
    found = list(dict.fromkeys(types))
    return "unknown" if "unknown" in found else " | ".join(f"({one})" if " & " in one else one for one in found)


def _quoted(text: str) -> str:
    return quoted(text, "\\u{{{:x}}}")


def _key(name: str) -> str:
    """A member's name. Written as it is, `__proto__` would be no member of an object."""
    if name == "__proto__":
        return f"[{_quoted(name)}]"
    return name if re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", name) else _quoted(name)


def _comment(lines: list[str]) -> list[str]:
    lines = [_harmless(line) for line in lines]
    if not lines:
        return []
    return [f"/** {lines[0]} */"] if len(lines) == 1 else ["/**", *(f" * {line}" for line in lines), " */"]


def _harmless(text: str) -> str:
    """Text that does not end its comment."""
    return text.replace("*/", "*\\/")


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
