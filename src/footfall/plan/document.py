"""The plan as its authors write it: YAML files, read strictly, and every fault with its place.

A file is YAML 1.2 as far as anybody writes it: `on` and `no` are names and a date is a text, aliases may be used but
not to blow a file up, and a key that stands twice is a fault. Its shape is `Area`, whose JSON Schema is what editors
complete by.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal

import jsonschema_rs
import msgspec
import yaml

MAX_TEXT = 1024 * 1024
"""Characters of one file."""
MAX_NODES = 100_000
"""Values of one file, aliases followed: nine levels of nine would be hundreds of millions."""

Mode = Literal["allow", "warn", "quarantine", "block"]
"""What becomes of an event that breaks the plan: it is stored · stored, with its violations · kept apart until the plan
or the sender is mended · forgotten but for the reason, which is for what must not be kept."""
MODES: tuple[Mode, ...] = ("allow", "warn", "quarantine", "block")
"""From the mildest to the strictest."""
Convention = Literal["snake", "element_action", "identity_action", "component_action"]
Pii = Literal["none", "possible", "direct"]
"""What a property may hold of a person: nothing, maybe something, certainly something."""
OnPii = Literal["allow", "remove", "redact", "mask", "hash", "truncate", "block"]
Additional = Literal["allow", "warn", "deny"]
Status = Literal["draft", "active", "deprecated"]
JsonType = Literal["string", "number", "integer", "boolean", "object", "array", "null"]
Version = Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")]


class Closed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A part of a file; a key that it does not have is a fault."""


class Property(Closed, frozen=True, kw_only=True, omit_defaults=True, rename={"const_": "const", "not_": "not"}):
    """A property: keywords of JSON Schema 2020-12, and six of ours."""

    ref: str | None = None
    """The name of a shared property that this one is; what stands beside it adds to that."""
    required: bool | list[str] = False
    """Of the event; a list is JSON Schema's own, of the members of an object."""
    pii: Pii | None = None
    on_pii: OnPii | None = None
    unit: str | None = None
    description: str | None = None

    type: JsonType | list[JsonType] | None = None
    enum: list[Any] | None = None
    const_: Any = msgspec.UNSET
    default: Any = msgspec.UNSET
    examples: list[Any] | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusiveMinimum: int | float | None = None  # noqa: N815 - keywords of the standard
    exclusiveMaximum: int | float | None = None  # noqa: N815
    multipleOf: int | float | None = None  # noqa: N815
    minLength: int | None = None  # noqa: N815
    maxLength: int | None = None  # noqa: N815
    pattern: str | None = None
    format: str | None = None
    items: Any = msgspec.UNSET
    minItems: int | None = None  # noqa: N815
    maxItems: int | None = None  # noqa: N815
    uniqueItems: bool | None = None  # noqa: N815
    properties: dict[str, Any] | None = None
    additionalProperties: Any = msgspec.UNSET  # noqa: N815
    anyOf: list[Any] | None = None  # noqa: N815
    oneOf: list[Any] | None = None  # noqa: N815
    allOf: list[Any] | None = None  # noqa: N815
    not_: Any = msgspec.UNSET


class Planned(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """An event of the plan."""

    description: str | None = None
    kind: Literal["auto", "business", "ui", "server"] = "business"
    """`auto`: the SDK sends it by itself, and nobody else does."""
    convention: Convention | None = None
    owner: str | None = None
    trigger: str | None = None
    sources: list[str] = []
    """Where it is sent from: `browser`, `python`, `ios` …"""
    version: Version = "1.0.0"
    status: Status = "active"
    replaced_by: str | None = None
    sunset: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    aliases: list[str] = []
    """Other names that it comes under."""
    properties: dict[str, Property] = {}
    additional: Additional | None = None
    """Properties that are not named."""
    on_violation: Mode | None = None
    alerts: list[dict[str, Any]] = []

    page: Literal["required"] | None = None
    section: Literal["required"] | None = None
    component: Literal["required"] | None = None
    action: Literal["required"] | None = None
    user_id: Literal["required"] | None = None
    session_id: Literal["required"] | None = None


FIELDS = ("page", "section", "component", "action", "user_id", "session_id")
"""Fields beside the properties that an event of the plan may ask for."""


class Owner(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """A team, and where it is reached."""

    channel: str | None = None
    email: str | None = None
    codeowners: str | None = None


class Defaults(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """What counts where an event says nothing."""

    on_violation: Mode | None = None
    unplanned: Mode | None = None
    """Of events that the plan does not know."""
    additional: Additional | None = None
    grace_days: Annotated[int, msgspec.Meta(ge=0, le=365)] | None = None
    """So long after an event's version is new, nothing stricter than `warn` happens to it."""


class Area(Closed, frozen=True, kw_only=True, omit_defaults=True):
    """One file of a plan."""

    plan: Literal[1]
    """Version of this format."""
    area: str | None = None
    owner: str | None = None
    owners: dict[str, Owner] = {}
    defaults: Defaults = Defaults()
    environments: dict[str, Defaults] = {}
    """What counts elsewhere than by default: `development`, `staging`, `production` …"""
    deny: list[str] = []
    """Names of properties whose values are never kept, wherever they stand."""
    privacy: dict[str, str] = {}
    """What is done with personal data that is found, by rule: `{"email": "hash"}`."""
    convention: Convention | None = None
    property_case: Literal["snake", "camel"] | None = None
    properties: dict[str, Property] = {}
    events: dict[str, Planned] = {}


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is wrong with a plan, or may be."""

    level: Literal["error", "warning"]
    rule: str
    message: str
    file: str
    path: str = "$"
    line: int = 1


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read: what it says, and where each of it stands."""

    file: str
    area: Area
    lines: Mapping[str, int]
    """The line of each path, from 1."""

    def line(self, path: str) -> int:
        """Of the path, or of the nearest around it."""
        return _line(self.lines, path)


class Unreadable(Exception):  # noqa: N818 - carries findings, and is no error of the system
    """A file is no plan; `faults` say why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


def read(file: str, text: str) -> Text:
    """Read one file. Raises `Unreadable`."""
    if len(text) > MAX_TEXT:
        raise Unreadable([Fault(level="error", rule="size", message=f"more than {MAX_TEXT} characters", file=file)])
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise Unreadable([_yaml_fault(file, error)]) from None
    except RecursionError:
        raise Unreadable([Fault(level="error", rule="yaml", message="nested too deeply", file=file)]) from None
    reader = _Reader(file)
    value = reader.value(node, "$") if node is not None else None
    faults = reader.faults or list(_misshapen(file, value, reader.lines))
    if faults:
        raise Unreadable(faults)
    return Text(file=file, area=msgspec.convert(value, Area), lines=reader.lines)


def schema() -> dict[str, Any]:
    """The JSON Schema of a plan file (2020-12), for editors."""
    found = msgspec.json.schema(Area)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A tracking plan of Footfall",
        **found,
    }


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())


def _misshapen(file: str, value: Any, lines: Mapping[str, int]) -> Iterator[Fault]:
    for error in _validator().iter_errors(value):
        path = "$" + "".join(f".{part}" for part in error.instance_path)
        yield Fault(level="error", rule="shape", message=_told(error), file=file, path=path, line=_line(lines, path))


def _told(error: jsonschema_rs.ValidationError) -> str:
    kind: Any = error.kind
    around = _schema_at(error.schema_path[:-1])
    if kind.name == "additionalProperties":
        known = sorted(around.get("properties", ()))
        return "; ".join(f"“{name}” is not known here{did_you_mean(name, known)}" for name in kind.unexpected)
    words = [word for branch in around.get("anyOf", (around,)) for word in branch.get("enum", ())]
    if words:
        found = error.instance if isinstance(error.instance, str) else ""
        return f"has to be one of {', '.join(map(str, words))}{did_you_mean(found, [str(word) for word in words])}"
    return error.message[:300]


def _schema_at(path: list[str | int]) -> dict[str, Any]:
    """The part of our schema at a path of keywords, references followed."""
    whole = schema()
    node: Any = whole
    for part in path:
        node = node[part]
        if isinstance(node, dict) and "$ref" in node:
            node = whole["$defs"][str(node["$ref"]).rpartition("/")[2]]
    return node if isinstance(node, dict) else {}


def did_you_mean(name: str, known: list[str]) -> str:
    """`; did you mean “…”?`, or nothing."""
    near = get_close_matches(name, known, n=1, cutoff=0.7)
    return f"; did you mean “{near[0]}”?" if near else ""


def _line(lines: Mapping[str, int], path: str) -> int:
    while path not in lines and "." in path:
        path = path.rpartition(".")[0]
    return lines.get(path, 1)


def _yaml_fault(file: str, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    return Fault(
        level="error",
        rule="yaml",
        message=str(said)[:300],
        file=file,
        line=mark.line + 1 if mark is not None else 1,
    )


class _Loader(yaml.SafeLoader):
    """Names of YAML 1.2: dates, `on` and `yes` are texts."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def _is_text(text: str) -> bool:
    """Whether it can be written: an escape may say half of a surrogate pair."""
    return text.isascii() or not any("\ud800" <= one <= "\udfff" for one in text)


class _Reader:
    """From nodes to values, with the line of each."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._left = MAX_NODES
        self.lines: dict[str, int] = {}
        self.faults: list[Fault] = []

    def value(self, node: yaml.Node, path: str) -> Any:
        self._left -= 1
        self.lines[path] = node.start_mark.line + 1
        if self._left < 0:
            if not self.faults:
                self._fault("size", f"more than {MAX_NODES} values", path)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, f"{path}.{place}") for place, one in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or not _is_text(key):
                self._fault("yaml", "a key has to be a text", path)
                continue
            inner = f"{path}.{key}"
            if key in found:
                self.lines[inner] = key_node.start_mark.line + 1
                self._fault("duplicate", f"“{key}” stands there twice", inner)
            found[key] = self.value(value_node, inner)
            self.lines[inner] = key_node.start_mark.line + 1
        return found

    def _scalar(self, node: yaml.Node, path: str) -> Any:
        text = str(node.value)
        kind = node.tag.rpartition(":")[2]
        try:
            if kind == "null":
                return None
            if kind == "bool":
                return _BOOLS.get(text, text)
            if kind == "int":
                return int(text)
            if kind == "float":
                return float(text)
        except ValueError:
            return text
        if not _is_text(text):
            self._fault("yaml", "half a character is none", path)
        elif kind != "str":
            self._fault("yaml", f"the tag “{node.tag[:60]}” is not read here", path)
        return text

    def _fault(self, rule: str, message: str, path: str) -> None:
        self.faults.append(
            Fault(level="error", rule=rule, message=message, file=self._file, path=path, line=self.lines.get(path, 1))
        )
