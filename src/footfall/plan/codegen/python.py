"""Python: a TypedDict for the properties of each event, and `Tracker`, a client of `footfall-client` that knows them.

Nothing of it does anything while the program runs, but for `versioned`, where a client is told to use it.
With `structs` there is a msgspec Struct for each event besides, which checks while the program runs; only then does the
module need msgspec.
"""

import re
from collections.abc import Iterator, Mapping

from footfall.plan.bundle import Bundle, EventPlan
from footfall.plan.codegen.classes import (
    TAKEN,
    Found,
    Place,
    called,
    docstring,
    indented,
    is_word,
    objects,
    type_of,
)
from footfall.plan.codegen.structs import structs_of
from footfall.plan.codegen.words import ending, is_open, members, origin, quoted, told, told_of

_TYPED = (
    "def typed(client: Client) -> Tracker:",
    *indented(
        [docstring(["The client, for checkers of types; nothing is done with it."]), 'return cast("Tracker", client)']
    ),
    "",
    "",
    "def versioned(event: Event) -> Event:",
    *indented(
        [
            docstring(["For `before_send`: events tell the server by which version of the plan they were made."]),
            'version = VERSIONS.get(event["event"])',
            'return event if version is None else {"event_version": version, **event}',
        ]
    ),
)


def python(bundle: Bundle, *, structs: bool = False) -> str:
    """One module."""
    found = objects(bundle)
    names = called(found, "Properties", TAKEN)
    lines = [
        *(["EventName = Literal[", *(f"    {quoted(name)}," for name in bundle.events), "]"] if bundle.events else []),
        *([] if bundle.events else ["EventName = str"]),
        "",
        "VERSIONS: Mapping[str, str] = {",
        *(f"    {quoted(plan.name)}: {quoted(plan.version)}," for plan in bundle.events.values()),
        "}",
        docstring(["The version of each event."]),
    ]
    for one in found:
        lines += ["", "", *_typed_dict(one, names)]
    lines += ["", "", *_tracker(bundle, names), "", "", *_TYPED]
    if structs:
        lines += structs_of(bundle, found, {*TAKEN, *names.values()})
    body = "\n".join(lines)
    head = [
        f"# {origin(bundle, 'py --structs' if structs else 'py')}",
        docstring(["The events of the tracking plan, and what each of them carries."]),
        "",
        *(f"from {module} import {', '.join(used)}" if used else "" for module, used in _imports(body)),
    ]
    return "\n".join([*head, "", body]) + "\n"


_IMPORTS = {
    "collections.abc": ("Mapping", "Sequence"),
    "typing": ("Annotated", "Any", "Literal", "NotRequired", "Protocol", "TypedDict", "Unpack", "cast", "overload"),
    "": (),
    "footfall_client": ("Client", "Event", "Told"),
    "msgspec": ("UNSET", "Meta", "Struct", "UnsetType", "convert"),
}


def _imports(body: str) -> Iterator[tuple[str, list[str]]]:
    """By module what the rest of the source uses; an empty line is one of none."""
    words = set(re.findall(r"\w+", body))
    for module, names in _IMPORTS.items():
        used = [name for name in names if name in words]
        if used or not module:
            yield module, used


def _typed_dict(one: Found, names: Mapping[Place, str]) -> Iterator[str]:
    name = names[one.place]
    kinds = [
        (inner_name, kind if required else f"NotRequired[{kind}]", told_of(inner, one.units.get(inner_name, "")))
        for inner_name, inner, required in members(one.schema)
        for kind in [type_of(inner, (*one.place, inner_name), names)]
    ]
    if all(is_word(inner_name, names.values()) for inner_name, _, _ in kinds):
        yield f"class {name}(TypedDict):"
        yield from indented([docstring([one.said]), ""])
        for inner_name, kind, said in kinds:
            yield from indented([f"{inner_name}: {kind}", *([docstring([said])] if said else [])])
        return
    # Some of the names are no words of Python, or mean something else.
    yield f"{name} = TypedDict("
    yield from indented([f"{quoted(name)},", "{"])
    for inner_name, kind, said in kinds:
        yield from indented(indented([*([f"# {said}"] if said else []), f"{quoted(inner_name)}: {kind},"]))
    yield from (*indented(["},"]), ")", docstring([one.said]))


def _tracker(bundle: Bundle, names: Mapping[Place, str]) -> Iterator[str]:
    yield "class Tracker(Client, Protocol):"
    yield from indented([docstring(["A client whose `track` knows these events: `tracker = typed(Footfall(…))`."])])
    for plan in bundle.events.values():
        name, properties = quoted(plan.name), _argument(bundle, plan, names)
        lines = told(plan)
        if gone := ending(plan):
            lines.append(f"Deprecated. {gone}")
        yield ""
        yield from indented(
            [
                # A single one would be no choice.
                *(["@overload"] if len(bundle.events) > 1 else []),
                "def track(",
                f"    self, event: Literal[{name}], *, {properties}, **told: Unpack[Told]",
                ") -> None:",
                *indented([docstring(lines)]),
            ]
        )


def _argument(bundle: Bundle, plan: EventPlan, names: Mapping[Place, str]) -> str:
    """The argument `properties`. A TypedDict is closed, so an event that may bear more takes any mapping."""
    if is_open(bundle, plan):
        kind = "Mapping[str, Any]"
    elif (plan.name,) in names:
        kind = names[plan.name,]
    else:
        return "properties: None = None"
    return f"properties: {kind}" if plan.schema.get("required") else f"properties: {kind} | None = None"
