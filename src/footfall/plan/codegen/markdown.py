"""Markdown for people: S1's table of events, and below it everything that the plan says of each."""

import re
from collections.abc import Iterator
from typing import Any

from footfall.plan.bundle import Bundle, EventPlan
from footfall.plan.codegen.words import ending, is_open, members, origin, plain

_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "pattern": "matches {}",
    "format": "{}",
    "default": "{} by default",
}


def markdown(bundle: Bundle) -> str:
    """One page."""
    lines = [
        f"<!-- {origin(bundle, 'md')} -->",
        "",
        "# Tracking plan",
        "",
        *_table(("Event", "Properties", "Trigger", "Owner")),
        *(_row(_summary(plan)) for plan in bundle.events.values()),
    ]
    for plan in bundle.events.values():
        lines += ["", *_section(bundle, plan)]
    return "\n".join(lines) + "\n"


def _summary(plan: EventPlan) -> tuple[str, ...]:
    names = ", ".join(_code(name) for name, _, _ in members(plan.schema))
    gone = " (deprecated)" if plan.status == "deprecated" else ""
    return _code(plan.name) + gone, names, _text(plan.trigger), "Auto" if plan.kind == "auto" else _text(plan.owner)


def _section(bundle: Bundle, plan: EventPlan) -> Iterator[str]:
    yield f"## {_code(plan.name)}"
    for said in (plan.description, ending(plan)):
        if said:
            yield from ("", _text(said))
    yield ""
    yield from (f"- {name}: {value}" for name, value in _facts(bundle, plan) if value)
    if rows := list(_rows(plan.schema, plan)):
        yield from ("", *_table(("Property", "Type", "Required", "Limits", "Unit", "Personal data", "Description")))
        yield from map(_row, rows)


def _facts(bundle: Bundle, plan: EventPlan) -> list[tuple[str, str]]:
    return [
        ("Trigger", _text(plan.trigger)),
        ("Owner", _text(plan.owner)),
        ("Area", _text(plan.area)),
        ("Sent from", _text(", ".join(plan.sources))),
        ("Version", plan.version + ("" if plan.status == "active" else f", {plan.status}")),
        ("Also known as", ", ".join(map(_code, plan.aliases))),
        ("Needed beside the properties", ", ".join(map(_code, plan.fields))),
        ("Other properties", "allowed" if is_open(bundle, plan) else ""),
        ("When it breaks the plan", plan.on_violation or ""),
    ]


def _rows(schema: dict[str, Any], plan: EventPlan, above: str = "") -> Iterator[tuple[str, ...]]:
    """A property, and below it those inside of it."""
    for name, member, required in members(schema):
        path = f"{above}{name}"
        inner = member if isinstance(member, dict) else {}
        care = None if above else plan.care.get(name)
        act = f", {care.on_pii}" if care is not None and care.on_pii else ""
        yield (
            _code(path),
            _type(inner),
            "yes" if required else "no",
            _limits(inner),
            "" if above else _text(plan.units.get(name, "")),
            f"{care.pii}{act}" if care is not None and (care.pii != "none" or act) else "",
            _text(inner.get("description", "")),
        )
        yield from _rows(inner, plan, f"{path}.")
        items = inner.get("items")
        if isinstance(items, dict):
            yield from _rows(items, plan, f"{path}[].")


def _type(schema: dict[str, Any]) -> str:
    values = [schema["const"]] if "const" in schema else schema.get("enum") or []
    if values:
        return " or ".join(_code(value if isinstance(value, str) else plain(repr(value))) for value in values)
    types = schema.get("type", "any")
    said = " or ".join(types) if isinstance(types, list) else str(types)
    items = schema.get("items")
    return f"{said} of {_type(items)}" if isinstance(items, dict) else said


def _limits(schema: dict[str, Any]) -> str:
    found = [said.format(_code(str(schema[word]))) for word, said in _LIMITS.items() if word in schema]
    return ", ".join(found)


# ── what Markdown reads ──────────────────────────────────────────────────────────────────────────────────────


def _table(columns: tuple[str, ...]) -> list[str]:
    return [_row(columns), _row(tuple("---" for _ in columns))]


def _row(cells: tuple[str, ...]) -> str:
    """A line of a table; a bar in a cell does not end it."""
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _text(text: str) -> str:
    """Words that are nothing else: no emphasis, link, HTML or line of their own."""
    return re.sub(r"([\\`*_\[\]<>#~&!])", r"\\\1", plain(text))


def _code(text: str) -> str:
    """A name, letter for letter."""
    text = plain(text) or " "
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}"
