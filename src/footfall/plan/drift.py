"""Where what comes has left the plan, or the plan what comes.

The door says of one event what is wrong with it; this says of all of them together what nobody of them can: what never
comes, what came and stopped, what comes and is not planned, and how properties have changed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from footfall.model.event import SYSTEM_PREFIX
from footfall.model.seen import SeenEvent, SeenProperty, together
from footfall.plan.bundle import Bundle, EventPlan
from footfall.plan.check import RESERVED, meant_by, settled
from footfall.plan.document import Additional

State = Literal["seen", "unplanned", "stopped", "never_seen", "deprecated", "gone", "draft"]
"""`deprecated`: it should be gone, and comes; `gone`: it is. `draft`: planned for later, and not there yet."""
Sign = Literal["type_drift", "new_value", "unplanned_property", "never_seen", "null_rate"]

ENOUGH = 100
"""Events from which on something that is missing says something."""
JUMP = 0.1
"""By how much more often than before a property has to be missing."""
_OF_MANY = {"number": {"integer", "number"}}
"""Types that a type of the plan takes besides itself."""


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remarkable about a property of an event."""

    sign: Sign
    property: str
    expected: str = ""
    found: str = ""
    """Types of JSON; new values only of properties that hold nothing of a person."""
    share: float
    """Of the events that were looked at, how many are like this."""
    before: float | None = None
    """The same of the time before, for a rate."""


class EventDrift(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event: how it stands with the plan."""

    event: str
    state: State
    area: str = ""
    owner: str = ""
    version: str = ""
    suggestion: str = ""
    count: int
    first_seen: str = ""
    last_seen: str = ""
    sampled: int
    """Of how many the properties were looked at."""
    findings: list[Finding] = []


def drift(
    bundle: Bundle, seen: Mapping[str, SeenEvent], before: Mapping[str, SeenEvent], environment: str = ""
) -> list[EventDrift]:
    """Every event that is planned or comes, the most frequent first. `before` is the time before that of `seen`."""
    additional, meant = settled(bundle, environment).additional or "warn", meant_by(bundle)
    planned = [_of_plan(plan, seen, before, plan.additional or additional) for plan in bundle.events.values()]
    known = {name for plan in bundle.events.values() for name in (plan.name, *plan.aliases)}
    others = [
        EventDrift(
            event=name,
            state="seen" if name in RESERVED else "unplanned",
            suggestion="" if name in RESERVED else meant(name),
            **_told(one),
        )
        for name, one in seen.items()
        if one.count and name not in known and not name.startswith(SYSTEM_PREFIX)
    ]
    return sorted([*planned, *others], key=lambda one: (-one.count, one.event))


def _of_plan(
    plan: EventPlan, seen: Mapping[str, SeenEvent], before: Mapping[str, SeenEvent], additional: Additional
) -> EventDrift:
    now, earlier = (together(of[name] for name in (plan.name, *plan.aliases) if name in of) for of in (seen, before))
    return EventDrift(
        event=plan.name,
        state=_state(plan, now),
        area=plan.area,
        owner=plan.owner,
        version=plan.version,
        **_told(now),
        findings=list(_findings(plan, now, earlier, additional)) if now.sampled else [],
    )


def _told(seen: SeenEvent) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in ("count", "first_seen", "last_seen", "sampled")}


def _state(plan: EventPlan, seen: SeenEvent) -> State:
    if seen.count:
        return "deprecated" if plan.status == "deprecated" else "seen"
    if plan.status != "active":
        return "gone" if plan.status == "deprecated" else "draft"
    return "stopped" if seen.last_seen else "never_seen"


def _findings(plan: EventPlan, now: SeenEvent, before: SeenEvent, additional: Additional) -> Iterator[Finding]:
    properties: dict[str, Any] = plan.schema["properties"]
    for name, schema in properties.items():
        one = now.properties.get(name)
        if one is None:
            if now.sampled >= ENOUGH:
                yield Finding(sign="never_seen", property=name, share=1)
            continue
        yield from _of_types(name, schema, one, now.sampled)
        yield from _of_values(plan, name, schema, one, now.sampled)
    others = set(now.properties) - set(properties) if additional != "allow" else set()
    for name in sorted(others):
        types = now.properties[name].types
        share = _share(sum(types.values()), now.sampled)
        yield Finding(sign="unplanned_property", property=name, found=" or ".join(sorted(types)), share=share)
    yield from _of_rates(properties, now, before)


def _of_types(name: str, schema: Mapping[str, Any], seen: SeenProperty, sampled: int) -> Iterator[Finding]:
    said = schema.get("type")
    if said is None:
        return
    wanted = [said] if isinstance(said, str) else list(said)
    taken = set(wanted).union(*(_OF_MANY.get(one, set()) for one in wanted))
    others = {kind: size for kind, size in seen.types.items() if kind not in taken}
    if others:
        yield Finding(
            sign="type_drift",
            property=name,
            expected=" or ".join(wanted),
            found=" or ".join(sorted(others)),
            share=_share(sum(others.values()), sampled),
        )


def _of_values(
    plan: EventPlan, name: str, schema: Mapping[str, Any], seen: SeenProperty, sampled: int
) -> Iterator[Finding]:
    wanted = schema.get("enum")
    if wanted is None or not seen.values:
        return
    care = plan.care.get(name)
    is_plain = care is None or care.pii == "none"
    others = {value: size for value, size in seen.values.items() if value not in wanted}
    if others:
        yield Finding(
            sign="new_value",
            property=name,
            expected=" or ".join(map(str, wanted))[:200],
            found=", ".join(sorted(others))[:200] if is_plain else "",
            share=_share(sum(others.values()), sampled),
        )


def _of_rates(properties: Mapping[str, Any], now: SeenEvent, before: SeenEvent) -> Iterator[Finding]:
    """What is missing, or null, much more often than it was."""
    if now.sampled < ENOUGH or before.sampled < ENOUGH:
        return
    for name in properties:
        rate, earlier = (1 - _set(of, name) / of.sampled for of in (now, before))
        if name in now.properties and rate - earlier >= JUMP:
            yield Finding(sign="null_rate", property=name, share=round(rate, 4), before=round(earlier, 4))


def _set(seen: SeenEvent, name: str) -> int:
    """How many have a value of it."""
    one = seen.properties.get(name)
    return sum(size for kind, size in one.types.items() if kind != "null") if one else 0


def _share(part: int, whole: int) -> float:
    return round(min(part / whole, 1), 4)
