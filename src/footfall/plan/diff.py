"""What changed between two plans, and whether their versions say so.

Breaking is whatever refuses an event that the plan of before took: an event that is gone, a property that is needed
now, fewer types, values or a narrower limit. That wants a new major; what only adds wants a new minor (Semantic
Versioning 2.0.0, of the event's version).
"""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from footfall.plan.bundle import Bundle, EventPlan

Weight = Literal["breaking", "addition", "text"]
WEIGHTS: tuple[Weight, ...] = ("breaking", "addition", "text")
"""Heaviest first."""
_PARTS: dict[Weight, str] = {"breaking": "major", "addition": "minor", "text": "patch"}

_LOWER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
"""Limits that narrow by becoming less."""
_HIGHER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_WORDS = frozenset({"description", "examples", "default", "title", "$comment", "deprecated"})
_TOLD = (
    "description", "owner", "trigger", "sources", "area", "kind", "convention", "alerts", "units", "replaced_by",
    "sunset",
)  # fmt: skip
"""What an event says to people."""


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is other than before."""

    event: str
    weight: Weight
    what: str
    path: str = "$"
    unversioned: bool = False
    """The version does not say that something so heavy has changed."""


def diff(before: Bundle, after: Bundle) -> list[Change]:
    """All changes from one plan to the next, heaviest first."""
    found: list[Change] = []
    for name in sorted(before.events.keys() | after.events.keys()):
        old, new = before.events.get(name), after.events.get(name)
        if new is None and old is not None:
            # Nothing bears a version any more; a deprecated one was told to go.
            weight: Weight = "addition" if old.status == "deprecated" else "breaking"
            found.append(Change(event=name, weight=weight, what="is gone", unversioned=weight == "breaking"))
        elif old is None:
            found.append(Change(event=name, weight="addition", what="is new"))
        elif new is not None:
            found += _judged(old, new, list(_changes(old, new)))
    return sorted(found, key=lambda one: (WEIGHTS.index(one.weight), one.event, one.path))


def _judged(old: EventPlan, new: EventPlan, changes: list[Change]) -> Iterator[Change]:
    was, now = _numbers(old), _numbers(new)
    if now < was:
        yield Change(
            event=new.name, weight="breaking", what=f"goes back from {old.version} to {new.version}", unversioned=True
        )
    for change in changes:
        enough = {"breaking": now[0] > was[0], "addition": now[:2] > was[:2], "text": True}[change.weight]
        yield msgspec.structs.replace(change, unversioned=not enough and now >= was)


def needed(change: Change) -> str:
    """The part of a version that has to grow for it."""
    return _PARTS[change.weight]


def _numbers(plan: EventPlan) -> tuple[int, ...]:
    return tuple(int(part) for part in plan.version.split("."))


def _changes(old: EventPlan, new: EventPlan) -> Iterator[Change]:
    told: list[Told] = [*_sets(old, new), *_ways(old, new)]
    told.extend(
        ("text", f"{name.replace('_', ' ')} is another", "$")
        for name in _TOLD
        if getattr(old, name) != getattr(new, name)
    )
    told += _schemas(old.schema, new.schema, "$.properties", denies=new.additional == "deny")
    for weight, what, path in told:
        yield Change(event=new.name, weight=weight, what=what, path=path)


Told = tuple[Weight, str, str]
"""How heavy a change is, what it is, and where."""


def _sets(old: EventPlan, new: EventPlan) -> Iterator[Told]:
    for field in sorted(set(new.fields) - set(old.fields)):
        yield "breaking", "is needed now", f"$.{field}"
    for field in sorted(set(old.fields) - set(new.fields)):
        yield "addition", "is not needed any more", f"$.{field}"
    for alias in sorted(set(old.aliases) - set(new.aliases)):
        yield "breaking", f"the alias “{alias}” is gone", "$"
    for alias in sorted(set(new.aliases) - set(old.aliases)):
        yield "addition", f"the alias “{alias}” is new", "$"


def _ways(old: EventPlan, new: EventPlan) -> Iterator[Told]:
    """What is done with events, which is the server's own affair but for what is refused from now on."""
    if old.additional != new.additional:
        weight: Weight = "breaking" if new.additional == "deny" else "addition"
        yield weight, f"additional: {old.additional or 'default'} → {new.additional or 'default'}", "$"
    if old.on_violation != new.on_violation:
        yield "text", f"on_violation: {old.on_violation or 'default'} → {new.on_violation or 'default'}", "$"
    if old.status != new.status:
        yield "addition", f"status: {old.status} → {new.status}", "$"
    if old.care != new.care:
        yield "text", "what is done about personal data", "$"


def _schemas(old: dict[str, Any], new: dict[str, Any], path: str, *, denies: bool) -> Iterator[Told]:
    """From one schema to another, whatever stands in them."""
    yield from _members(old, new, path, denies=denies or new.get("additionalProperties") is False)
    for keyword in sorted((old.keys() | new.keys()) - {"properties", "required"}):
        was, now = old.get(keyword), new.get(keyword)
        if was != now:
            yield from _keyword(keyword, was, now, path)


def _members(old: dict[str, Any], new: dict[str, Any], path: str, *, denies: bool) -> Iterator[Told]:
    was, now = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_now = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(was.keys() | now.keys()):
        inner = f"{path}.{name}"
        if name not in now:
            yield "breaking" if denies else "addition", "is gone", inner
        elif name not in was and name in needed_now:
            yield "breaking", "is new, and needed", inner
        elif name not in was:
            yield "addition", "is new", inner
        else:
            yield from _schemas(was[name], now[name], inner, denies=False)
            if name in needed_now - needed_before:
                yield "breaking", "is needed now", inner
            elif name in needed_before - needed_now:
                yield "addition", "is not needed any more", inner


def _keyword(keyword: str, was: Any, now: Any, path: str) -> Iterator[Told]:
    if keyword == "items" and isinstance(was, dict) and isinstance(now, dict):
        yield from _schemas(was, now, f"{path}[]", denies=False)
        return
    said = f"{keyword}: {_shown(was)} → {_shown(now)}"
    if keyword in _WORDS:
        yield "text", said, path
    else:
        yield "addition" if now is None or (was is not None and _widens(keyword, was, now)) else "breaking", said, path


def _widens(keyword: str, was: Any, now: Any) -> bool:
    """Whether the keyword takes all that it took; what cannot be compared may not."""
    if keyword in {"type", "enum"}:
        return _all(keyword, was) <= _all(keyword, now)
    if keyword in _LOWER:
        return now > was
    return keyword in _HIGHER and now < was


def _all(keyword: str, value: Any) -> set[str]:
    """The types or values that are taken; every integer is a number."""
    found = {str(msgspec.json.encode(one)) for one in (value if isinstance(value, list) else [value])}
    return found | {str(b'"integer"')} if keyword == "type" and str(b'"number"') in found else found


def _shown(value: Any) -> str:
    return "none" if value is None else msgspec.json.encode(value).decode()[:100]
