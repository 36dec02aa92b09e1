"""An event held against the plan, when it comes: what is wrong with it, and what becomes of it for that.

An event is judged by the version that it names, or by the newest that is not deprecated; never by an older one than
it says (`governance.md`). A violation has its place and what was expected and found there, as words of the plan and
types of JSON: never a value. One that is fine costs 2 to 3 us, one that is not 25.
"""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

import jsonschema_rs
import msgspec

from footfall.model.event import SYSTEM_PREFIX, Event, Millis
from footfall.plan.bundle import Bundle, EventPlan, major_of, validator_of
from footfall.plan.document import MODES, Additional, Defaults, Mode

Rule = Literal[
    "type_mismatch", "missing_required", "unexpected_property", "unplanned_event", "enum", "range", "pattern"
]

RESERVED = frozenset(
    {
        "page_view",
        "page_leave",
        "component_visit",
        "component_exit",
        "component_interaction",
        "component_error",
        "heartbeat",
        "visibility_hidden",
        "visibility_visible",
        "log",
    }
)
"""Names that mean something to us (`contract.md`): nobody has to plan them."""

USUAL = Defaults(on_violation="warn", unplanned="warn", additional="warn", grace_days=14)
"""Where a plan says nothing."""
_DAY = 24 * 3600 * 1000

_RULES: dict[str, Rule] = {
    "type": "type_mismatch",
    "required": "missing_required",
    "dependentRequired": "missing_required",
    "additionalProperties": "unexpected_property",
    "unevaluatedProperties": "unexpected_property",
    "propertyNames": "unexpected_property",
    "falseSchema": "unexpected_property",
    "enum": "enum",
    "const": "enum",
    "minimum": "range",
    "maximum": "range",
    "exclusiveMinimum": "range",
    "exclusiveMaximum": "range",
    "multipleOf": "range",
    "minLength": "range",
    "maxLength": "range",
    "minItems": "range",
    "maxItems": "range",
    "uniqueItems": "range",
    "minProperties": "range",
    "maxProperties": "range",
    "contains": "range",
    "pattern": "pattern",
    "format": "pattern",
}
"""From the keyword that was broken; what is not here (`anyOf` and its like) is a mismatch of types."""


class Violation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with an event."""

    rule: Rule
    path: str
    """`$.properties.price`; `$.event` for its name."""
    expected: str = ""
    """In the words of the plan."""
    actual: str = ""
    """A type of JSON, or `missing`."""
    suggestion: str = ""
    """The name that was meant, perhaps."""


def told(violation: Violation) -> str:
    """It in a sentence."""
    found = f", found {violation.actual}" if violation.actual else ""
    meant = f"; did you mean “{violation.suggestion}”?" if violation.suggestion else "."
    return f"Expected {violation.expected}{found}{meant}"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, and what becomes of the event for it: the strictest that any of it asks for."""

    mode: Mode
    violations: tuple[Violation, ...]


FINE = Verdict(mode="allow", violations=())


class _Judge(msgspec.Struct, frozen=True, kw_only=True):
    plan: EventPlan
    validator: jsonschema_rs.Draft202012Validator
    additional: Additional
    mode: Mode
    grace_until: Millis


class Checker:
    """A plan, ready to be held against events.

    `older` are plans of before, newest first: they know the majors that this one has left behind. `since` says when an
    `event@major` was planned first, in milliseconds; one that is not there is as old as can be.
    """

    def __init__(
        self,
        bundle: Bundle,
        environment: str = "",
        older: tuple[Bundle, ...] = (),
        since: Mapping[str, Millis] | None = None,
    ) -> None:
        self._bundle = bundle
        self._rules = settled(bundle, environment)
        self._since = since or {}
        self._judges: dict[str, _Judge] = {}
        self._majors: dict[tuple[str, int], _Judge] = {}
        for one in (bundle, *older):
            for name, plan in one.events.items():
                if (name, plan.major) not in self._majors:
                    self._majors[name, plan.major] = self._judge(plan)
        for name, plan in bundle.events.items():
            for known in (name, *plan.aliases):
                self._judges[known] = self._majors[name, plan.major]
        self._meant = meant_by(bundle)

    def check(self, event: Event, version: str, now: Millis) -> Verdict:
        """What is wrong with an event that bears `version` (empty for none)."""
        judge = self._judges.get(event.event)
        if judge is None:
            return self._unplanned(event.event)
        if version and (major := major_of(version)) is not None:
            judge = self._majors.get((judge.plan.name, major), judge)
        properties: Any = _decode(event.properties)
        fields = judge.plan.fields
        if judge.validator.is_valid(properties) and (not fields or all(getattr(event, name) for name in fields)):
            return FINE
        return self._verdict(judge, event, properties, now)

    def _judge(self, plan: EventPlan) -> _Judge:
        additional = plan.additional or self._rules.additional or "warn"
        schema = plan.schema if additional == "allow" else {**plan.schema, "additionalProperties": False}
        planned_at = self._since.get(f"{plan.name}@{plan.major}")
        grace = (self._rules.grace_days or 0) * _DAY
        return _Judge(
            plan=plan,
            validator=validator_of(schema),
            additional=additional,
            mode=plan.on_violation or self._rules.on_violation or "warn",
            grace_until=planned_at + grace if planned_at is not None else 0,
        )

    def _unplanned(self, name: str) -> Verdict:
        if name.startswith(SYSTEM_PREFIX) or name in RESERVED:
            return FINE
        mode = self._rules.unplanned or "warn"
        if mode == "allow":
            return FINE
        found = Violation(
            rule="unplanned_event", path="$.event", expected="an event of the plan", suggestion=self._meant(name)
        )
        return Verdict(mode=mode, violations=(found,))

    def _verdict(self, judge: _Judge, event: Event, properties: Any, now: Millis) -> Verdict:
        missing = [
            Violation(rule="missing_required", path=f"$.{name}", expected="string", actual="missing")
            for name in judge.plan.fields
            if not getattr(event, name)
        ]
        found = [*missing, *_violations(judge, properties)][:MOST]
        if judge.mode == "allow":
            return FINE
        mild = judge.additional == "warn" and all(one.rule == "unexpected_property" for one in found)
        gentle = mild or now < judge.grace_until
        mode = milder(judge.mode, "warn") if gentle else judge.mode
        return Verdict(mode=mode, violations=tuple(found))


def meant_by(bundle: Bundle) -> Callable[[str], str]:
    """From a name that is not planned to the one that was meant, perhaps; nothing where none is near."""
    names = sorted(
        {name for name, plan in bundle.events.items() if plan.status != "deprecated"}
        | {alias for plan in bundle.events.values() for alias in plan.aliases}
    )

    @lru_cache(maxsize=1024)
    def nearest(name: str) -> str:
        return next(iter(get_close_matches(name, names, n=1, cutoff=0.7)), "")

    return nearest


def milder(one: Mode, other: Mode) -> Mode:
    return one if MODES.index(one) <= MODES.index(other) else other


MOST = 20
"""Violations that are told of one event."""


def settled(bundle: Bundle, environment: str = "") -> Defaults:
    """What counts where an event says nothing: of the environment, else of the plan, else the usual."""
    rules = USUAL
    for said in (bundle.defaults, bundle.environments.get(environment, Defaults())):
        rules = msgspec.structs.replace(
            rules, **{name: value for name in Defaults.__struct_fields__ if (value := getattr(said, name)) is not None}
        )
    return rules


def _violations(judge: _Judge, properties: Any) -> Iterator[Violation]:
    for error in judge.validator.iter_errors(properties):
        kind: Any = error.kind
        rule = _RULES.get(kind.name, "type_mismatch")
        at = [str(part) for part in error.instance_path]
        path = ".".join(["$.properties", *at])
        if kind.name == "required":
            name = str(kind.property)
            yield Violation(rule=rule, path=f"{path}.{name}", expected=_type_at(judge.plan, name, at), actual="missing")
        elif kind.name in {"additionalProperties", "unevaluatedProperties"}:
            known = list(judge.plan.schema["properties"]) if not at else []
            for name in kind.unexpected:
                yield Violation(
                    rule=rule,
                    path=f"{path}.{name}",
                    expected="no such property",
                    actual=json_type(_inside(error.instance, name)),
                    suggestion=next(iter(get_close_matches(name, known, n=1, cutoff=0.7)), ""),
                )
        else:
            yield Violation(rule=rule, path=path, expected=_expected(kind), actual=json_type(error.instance))


def _expected(kind: Any) -> str:
    if kind.name in _OF_OTHERS:
        return str(kind.name)
    value = kind.value
    if kind.name == "type":
        return " or ".join(value) if isinstance(value, list) else str(value)
    told = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"{kind.name} {told}"[:200]


_OF_OTHERS = frozenset({"anyOf", "oneOf", "oneOfMultipleValid", "oneOfNotValid", "not", "contains", "falseSchema"})
"""Keywords whose value is other schemas, or what those have against it, with the value."""


def _type_at(plan: EventPlan, name: str, at: list[str]) -> str:
    said = plan.schema["properties"].get(name, {}).get("type", "any") if not at else "any"
    return " or ".join(said) if isinstance(said, list) else str(said)


def _inside(instance: Any, name: str) -> Any:
    return instance.get(name) if isinstance(instance, dict) else None


def json_type(value: Any) -> str:
    """The name that JSON Schema has for the type of a value."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "null")


# A boolean is an integer to Python.
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
_decode = msgspec.json.Decoder().decode
