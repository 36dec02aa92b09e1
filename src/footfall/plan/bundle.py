"""The compiled plan: one immutable value, known by the hash of what it says.

Of the keywords in a file only those of JSON Schema reach the schema of an event; `ref` is followed, `required` moves up
to the event, and what is ours (`pii`, `on_pii`, `unit`) stands beside it. Any validator of draft 2020-12 can read the
schemas; the server's own takes only expressions that match in linear time (`check`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import jsonschema_rs
import msgspec

from footfall.plan.document import (
    FIELDS,
    Additional,
    Convention,
    Defaults,
    Fault,
    Mode,
    OnPii,
    Owner,
    Pii,
    Planned,
    Property,
    Status,
    Text,
    Unreadable,
    did_you_mean,
)

_OURS = frozenset({"ref", "required", "pii", "on_pii", "unit"})
_RENAMED = {"const_": "const", "not_": "not"}


class Care(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a property may hold of a person, and what is done about it; None is the rule's own default."""

    pii: Pii = "none"
    on_pii: OnPii | None = None


class EventPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event of the plan, in one version."""

    name: str
    version: str
    schema: dict[str, Any]
    """Of its properties: JSON Schema 2020-12, an object."""
    fields: tuple[str, ...] = ()
    """Fields of the event that may not be missing."""
    care: dict[str, Care] = {}
    """By the name of the property."""
    units: dict[str, str] = {}
    area: str = ""
    owner: str = ""
    description: str = ""
    kind: str = "business"
    convention: Convention | None = None
    trigger: str = ""
    sources: tuple[str, ...] = ()
    status: Status = "active"
    replaced_by: str = ""
    sunset: str = ""
    aliases: tuple[str, ...] = ()
    additional: Additional | None = None
    on_violation: Mode | None = None
    alerts: tuple[dict[str, Any], ...] = ()

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """A whole plan."""

    format: Literal[1] = 1
    events: dict[str, EventPlan] = {}
    defaults: Defaults = Defaults()
    environments: dict[str, Defaults] = {}
    owners: dict[str, Owner] = {}
    deny: tuple[str, ...] = ()
    privacy: dict[str, str] = {}

    @property
    def sha(self) -> str:
        """Twelve digits of the SHA-256 of what it says."""
        return hashlib.sha256(self.encoded()).hexdigest()[:12]

    def encoded(self) -> bytes:
        """As JSON, the same bytes for the same plan."""
        return msgspec.json.encode(self, order="deterministic")


def decode_bundle(text: bytes | str) -> Bundle:
    """A bundle that was encoded. Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(text, type=Bundle)


def compiled(texts: Iterable[Text]) -> Bundle:
    """One plan of all its files. Raises `Unreadable` when they do not make one."""
    texts = sorted(texts, key=lambda text: text.file)
    faults = list(_faults(texts))
    if faults:
        raise Unreadable(faults)
    shared = {name: prop for text in texts for name, prop in text.area.properties.items()}
    areas = [text.area for text in texts]
    return Bundle(
        events=dict(
            sorted(
                (name, _event(text, name, planned, shared))
                for text in texts
                for name, planned in text.area.events.items()
            )
        ),
        defaults=next((area.defaults for area in areas if area.defaults != Defaults()), Defaults()),
        environments={name: said for area in areas for name, said in area.environments.items()},
        owners={name: owner for area in areas for name, owner in area.owners.items()},
        deny=tuple(sorted({name for area in areas for name in area.deny})),
        privacy={rule: action for area in areas for rule, action in area.privacy.items()},
    )


def _event(text: Text, name: str, planned: Planned, shared: Mapping[str, Property]) -> EventPlan:
    area = text.area
    found = {prop_name: resolved(prop, shared) for prop_name, prop in planned.properties.items()}
    required = sorted(prop_name for prop_name, prop in found.items() if prop.required is True)
    return EventPlan(
        name=name,
        version=planned.version,
        schema={
            "type": "object",
            "properties": {prop_name: schema_of(prop) for prop_name, prop in sorted(found.items())},
            **({"required": required} if required else {}),
        },
        fields=tuple(field for field in FIELDS if getattr(planned, field) == "required"),
        care={
            prop_name: Care(pii=prop.pii or "possible", on_pii=prop.on_pii)
            for prop_name, prop in sorted(found.items())
            if prop.pii is not None or prop.on_pii is not None
        },
        units={prop_name: prop.unit for prop_name, prop in sorted(found.items()) if prop.unit is not None},
        area=area.area or "",
        owner=planned.owner or area.owner or "",
        description=planned.description or "",
        kind=planned.kind,
        convention=planned.convention or area.convention,
        trigger=planned.trigger or "",
        sources=tuple(planned.sources),
        status=planned.status,
        replaced_by=planned.replaced_by or "",
        sunset=planned.sunset or "",
        aliases=tuple(planned.aliases),
        additional=planned.additional,
        on_violation=planned.on_violation,
        alerts=tuple(planned.alerts),
    )


def resolved(prop: Property, shared: Mapping[str, Property]) -> Property:
    """The property with what it refers to; of the same keyword its own counts."""
    if prop.ref is None or prop.ref not in shared:
        return prop
    base = shared[prop.ref]
    own = {name: getattr(prop, name) for name in Property.__struct_fields__ if _is_said(prop, name)}
    return msgspec.structs.replace(base, **{**own, "ref": None})


def schema_of(prop: Property) -> dict[str, Any]:
    """The keywords of JSON Schema, and no others."""
    found = {
        _RENAMED.get(name, name): getattr(prop, name)
        for name in Property.__struct_fields__
        if name not in _OURS and _is_said(prop, name)
    }
    return {**found, **({"required": prop.required} if isinstance(prop.required, list) else {})}


_IN_ONE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_IN_MANY = ("anyOf", "oneOf", "allOf", "prefixItems")
_IN_NAMED = ("properties", "patternProperties", "dependentSchemas")
HOLDING = frozenset({*_IN_ONE, *_IN_MANY, *_IN_NAMED})
"""Keywords whose value is another schema, or has some."""


def schemas(path: str, schema: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and those inside of it, with their places."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for word in _IN_ONE:
        yield from schemas(f"{path}.{word}", schema.get(word))
    for word in _IN_MANY:
        inner = schema.get(word)
        for at, one in enumerate(inner if isinstance(inner, list) else ()):
            yield from schemas(f"{path}.{word}.{at}", one)
    for word in _IN_NAMED:
        named = schema.get(word)
        for name, one in named.items() if isinstance(named, dict) else ():
            yield from schemas(f"{path}.{word}.{name}", one)


def validator_of(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """For whatever schema a plan has: its expressions match in linear time, and nothing that it refers to is fetched.

    Raises `jsonschema_rs.ValidationError` for what is no schema.
    """
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions(), offline=True)


_UNSAID: dict[str, object] = {info.name: info.default for info in msgspec.structs.fields(Property)}


def _is_said(prop: Property, name: str) -> bool:
    value = getattr(prop, name)
    return value is not _UNSAID[name] and value is not msgspec.UNSET


def major_of(version: str) -> int | None:
    """The major of a version as an event bears it (`2.1.0`, `2`); None where it is none."""
    text = version.partition(".")[0]
    return int(text) if text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - no version is a billion


# ── what does not make one plan ────────────────────────────────────────────────────────────────────────────────


def _faults(texts: list[Text]) -> Iterator[Fault]:
    yield from _twice(texts)
    shared = {name: prop for text in texts for name, prop in text.area.properties.items()}
    for text in texts:
        for name, prop in text.area.properties.items():
            yield from _property_faults(text, f"$.properties.{name}", prop, {})
        for event, planned in text.area.events.items():
            for name, prop in planned.properties.items():
                yield from _property_faults(text, f"$.events.{event}.properties.{name}", prop, shared)


def _twice(texts: list[Text]) -> Iterator[Fault]:
    """What may stand in one file only."""
    seen: dict[str, str] = {}
    for text in texts:
        area = text.area
        said = [
            *(f"$.events.{name}" for name in area.events),
            *(f"$.properties.{name}" for name in area.properties),
            *(f"$.owners.{name}" for name in area.owners),
            *(f"$.environments.{name}" for name in area.environments),
            *(f"$.privacy.{name}" for name in area.privacy),
            *(["$.defaults"] if area.defaults != Defaults() else []),
        ]
        for path in said:
            if path in seen:
                yield fault("error", "duplicate", text, path, f"{path[2:]} stands in {seen[path]} as well")
            seen.setdefault(path, text.file)


def _property_faults(text: Text, path: str, prop: Property, shared: Mapping[str, Property]) -> Iterator[Fault]:
    if prop.ref is not None and prop.ref not in shared:
        known = did_you_mean(prop.ref, list(shared))
        yield fault("error", "ref", text, f"{path}.ref", f"there is no shared property “{prop.ref}”{known}")
        return
    for inner, schema in schemas(path, schema_of(prop)):
        # `#/…` would mean another place once the property is one of an event.
        if refers := sorted(word for word in schema if word.startswith("$") and word != "$comment"):
            yield fault("error", "ref", text, f"{inner}.{refers[0]}", f"“{refers[0]}”: a property refers by ref alone")
            return
    try:
        validator_of(schema_of(prop))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        at = [str(part) for part in getattr(error, "instance_path", [])]
        said = str(getattr(error, "message", error))
        why = "no expression of a linear engine (RE2)" if at[-1:] == ["pattern"] else said
        yield fault("error", "schema", text, ".".join([path, *at]), f"{at[-1] if at else 'it'}: {why}"[:300])


def fault(level: Any, rule: str, text: Text, path: str, message: str) -> Fault:
    """Something about a place of a file."""
    return Fault(level=level, rule=rule, message=message, file=text.file, path=path, line=text.line(path))
