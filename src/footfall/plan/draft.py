"""A draft of a plan, from what was seen: a beginning for people, who know what it means.

Proposed is only what the numbers say: types, what is never missing, values where there are few. Whatever `lint` would
refuse is left out, with its reason as a comment, so a draft is a plan as it stands; what it asks for besides (triggers,
an owner) nobody can see in events.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from footfall.model.event import SYSTEM_PREFIX
from footfall.model.seen import SeenEvent, SeenProperty, together
from footfall.plan.check import RESERVED
from footfall.plan.codegen.words import constant, plain
from footfall.plan.lint import CONVENTIONS, lint

OWNER = "unknown"
"""Lint takes nobody for an owner as soon as the plan says who there are."""
_ALWAYS = 0.999
"""A property of so many events is required, and a type of fewer than the rest of them is somebody's fault."""
_FEW, _MANY = 10, 20
"""Texts that may be all there are, and how often each has to be seen on average."""

_ID = re.compile(r"(^|_)(id|uuid|guid|key|hash|sku|code|number|no|slug|path|url)s?$|Ids?$", re.IGNORECASE)
_DIRECT = re.compile(
    r"(^|_)(e_?mail|phone|telephone|mobile|fax|iban|passport|birth_?(day|date)|street|address|ip)(_address)?$"
    r"|^(first|last|full|middle|user|given|family|sur|nick|customer|contact)?_?name$",
    re.IGNORECASE,
)
_POSSIBLE = re.compile(
    r"(^|_)(query|message|comment|text|note|title|subject|body|url|referrer|search|input|feedback)s?$", re.IGNORECASE
)
"""Where people write, or what they wrote, is part of it."""


class _Flow(dict[str, Any]):
    """A property: in one line."""


class _Dumper(yaml.SafeDumper):
    """Properties in one line, everything else in lines of its own."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's
        """Items of a list are indented."""
        super().increase_indent(flow, indentless=False)


# Between other quotes, a line separator would come back as a space.
_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, None if text.isprintable() else '"'),
)
_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
)


def draft(seen: Mapping[str, SeenEvent], area: str = "draft") -> str:
    """A file of a plan, as YAML. Events of the system (`$identify` …) are none of a plan's."""
    events = {name: _event(name, one) for name, one in sorted(_by_name(seen).items())}
    left_out = {name: "it has no letters that a name could have" for name in seen if not _planned(name)}
    while True:
        text = _text(area, events, left_out)
        refused = {one.path: one.message for one in lint([("draft", text)]) if one.level == "error"}
        places = {
            path: (parent, key)
            for name, (_, body) in events.items()
            for path, parent, key in [
                (f"$.events.{name}", events, name),
                *(
                    (f"$.events.{name}.properties.{key}", body.get("properties", {}), key)
                    for key in body.get("properties", {})
                ),
            ]
        }
        found = [path for path in places if path in refused]
        if not found:
            return text
        for path in found:
            parent, key = places[path]
            left_out[path.removeprefix("$.events.")] = refused[path]
            parent.pop(key, None)


def _by_name(seen: Mapping[str, SeenEvent]) -> dict[str, list[tuple[str, SeenEvent]]]:
    """By the name that a plan may have for it: `Add To Cart` and `add_to_cart` are one."""
    found: dict[str, list[tuple[str, SeenEvent]]] = {}
    for name, one in sorted(seen.items()):
        if _planned(name) and not name.startswith(SYSTEM_PREFIX):
            found.setdefault(_planned(name), []).append((name, one))
    return found


def _planned(name: str) -> str:
    """Nothing for a name that has no letters of ours."""
    if not re.search("[A-Za-z0-9]", name):
        return ""
    follows = name in RESERVED or any(shape.fullmatch(name) for shape, _ in CONVENTIONS.values())
    return name if follows else constant(name).lower()


_Event = tuple[list[str], dict[str, Any]]
"""What is said above an event, and its keys."""


def _event(name: str, seen: list[tuple[str, SeenEvent]]) -> _Event:
    whole = together(one for _, one in seen)
    said = ["once" if whole.count == 1 else f"{whole.count:,} times"]
    said[0] += f" from {whole.first_seen}" if whole.first_seen else ""
    said[0] += f" to {whole.last_seen}" if whole.last_seen else ""
    properties: dict[str, Any] = {}
    for path, one in sorted(whole.properties.items()):
        body, remark = _property(path, one, whole.sampled)
        _put(properties, path.split("."), body)
        said += [f"{path}: {remark}"] if remark else []
    aliases = [alias for alias, _ in seen if alias != name]
    body: dict[str, Any] = {
        **({"kind": "auto"} if name in RESERVED else {}),
        "status": "draft",
        **({"aliases": aliases} if aliases else {}),
        **({"properties": properties} if properties else {}),
    }
    return said, body


def _property(path: str, seen: SeenProperty, events: int) -> tuple[_Flow, str]:
    """Its keys, and what is remarkable about it."""
    total = sum(seen.types.values())
    types = [name for name, count in seen.types.items() if count > total * (1 - _ALWAYS)]
    if "number" in types:
        types = [name for name in types if name != "integer"]  # an integer is a number
    name = path.rpartition(".")[2]
    pii = _pii(name, seen)
    body = _Flow(type=types[0] if len(types) == 1 else types) if types else _Flow()
    if total >= events * _ALWAYS and "." not in path:
        body["required"] = True
    if types == ["string"] and pii == "none" and not _ID.search(name) and _are_few(seen, total):
        body["enum"] = sorted(seen.values)
    body["pii"] = pii
    if pii == "direct":
        body["on_pii"] = "hash"
    counts = ", ".join(f"{kind} {count:,}" for kind, count in seen.types.items())
    return body, counts if len(seen.types) > 1 else ""


def _pii(name: str, seen: SeenProperty) -> str:
    if _DIRECT.search(name) or any("@" in value for value in seen.values):
        return "direct"
    return "possible" if _POSSIBLE.search(name) and "string" in seen.types else "none"


def _are_few(seen: SeenProperty, total: int) -> bool:
    return 0 < len(seen.values) <= _FEW and total >= _MANY * len(seen.values)


def _put(properties: dict[str, Any], path: list[str], body: _Flow) -> None:
    """A property where it belongs; a member of an object among those of the object, without what is of events only."""
    if len(path) == 1:
        inside = properties.get(path[0], {}).get("properties")
        properties[path[0]] = _Flow(body, properties=inside) if inside else body
        return
    outer = properties.setdefault(path[0], _Flow(type="object"))
    inner = _Flow({key: value for key, value in body.items() if key not in {"required", "pii", "on_pii"}})
    _put(outer.setdefault("properties", _Flow()), path[1:], inner)


# ── YAML ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(area: str, events: Mapping[str, _Event], left_out: Mapping[str, str]) -> str:
    camel = sum(bool(re.search("[a-z][A-Z]", name)) for name in _names(events))
    snake = sum("_" in name for name in _names(events))
    head = {"plan": 1, "area": area, "owner": OWNER, "property_case": "camel" if camel > snake else "snake"}
    lines = ["# A draft of what was seen. Say of each event when it is sent, and who answers for it.", _dumped(head)]
    lines += [f"# left out: {plain(path)}: {plain(why)}\n" for path, why in sorted(left_out.items())]
    lines += ["events:\n"] if events else ["events: {}\n"]
    for name, (said, body) in events.items():
        lines += [f"  # {plain(line)}\n" for line in said]
        lines.append(re.sub(r"^(?=.)", "  ", _dumped({name: body}), flags=re.MULTILINE))
    return lines[0] + "\n" + "".join(lines[1:])


def _names(events: Mapping[str, _Event]) -> Iterator[str]:
    for _, body in events.values():
        yield from body.get("properties", ())


def _dumped(value: dict[str, Any]) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
