"""Names and texts of a plan, as identifiers and inside of somebody's source.

Nothing that a plan says can end a string or a comment, or hide what follows it.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from footfall.plan.bundle import Bundle, EventPlan
from footfall.plan.check import settled


def origin(bundle: Bundle, command: str) -> str:
    """The first line of whatever is generated, without the marks of a comment."""
    return f"Generated from plan {bundle.sha} by `footfall plan codegen {command}`. Change the plan, not this file."


# ── identifiers ──────────────────────────────────────────────────────────────────────────────────────────────


def pascal(name: str) -> str:
    """`add_to_cart`, `addToCart` and `add-to.cart` are `AddToCart`; what is not ASCII falls out."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    found = "".join(word[0].upper() + word[1:] for word in words)
    return found if found[:1].isalpha() else f"N{found}"


def constant(name: str) -> str:
    """`addToCart`, `add_to.cart` are `ADD_TO_CART`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    found = "_".join(re.findall(r"[A-Za-z0-9]+", apart)).upper()
    return found if found[:1].isalpha() else f"N{found}"


def distinct(names: Iterable[str], spelled: Callable[[str], str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Each name with an identifier that no other has; the second of a spelling gets a 2, and so on."""
    used = set(taken)
    found: dict[str, str] = {}
    for name in names:
        base = spelled(name)
        tries = (base if count == 1 else f"{base}{count}" for count in range(1, len(used) + 2))
        found[name] = next(one for one in tries if one not in used)
        used.add(found[name])
    return found


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────────────


def quoted(text: str, far: str = "\\U{:08x}") -> str:
    """A string of Python, or of TypeScript with its own way to write what is `far` beyond the first plane.

    What cannot be seen is escaped, so no text can turn a line around.
    """
    return "".join(
        one if one.isprintable() else (f"\\u{ord(one):04x}" if ord(one) < _FAR else far.format(ord(one)))
        for one in json.dumps(text, ensure_ascii=False)
    )


_FAR = 0x10000


def plain(text: str) -> str:
    """Text in one line: whatever cannot be seen is a space."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


# ── what is told of an event ─────────────────────────────────────────────────────────────────────────────────


def told(plan: EventPlan) -> list[str]:
    """Lines about an event for whoever sends it: what it is, when it is sent, who answers for it."""
    facts = [
        f"Trigger: {plan.trigger}." if plan.trigger else "",
        f"Sent from: {', '.join(plan.sources)}." if plan.sources else "",
        f"Owner: {plan.owner}." if plan.owner else "",
        f"Version: {plan.version}.",
    ]
    return [plain(line) for line in (plan.description, " ".join(fact for fact in facts if fact)) if line]


def ending(plan: EventPlan) -> str:
    """What takes the place of a deprecated event, and until when it is there; nothing for any other."""
    if plan.status != "deprecated":
        return ""
    instead = f"Send {plan.replaced_by} instead." if plan.replaced_by else "Do not send it any more."
    return plain(instead + (f" It ends on {plan.sunset}." if plan.sunset else ""))


def told_of(schema: Any, unit: str = "") -> str:
    """What a property means, in one line."""
    said = schema.get("description", "") if isinstance(schema, dict) else ""
    return plain(f"{said} ({unit})" if said and unit else said or (f"In {unit}." if unit else ""))


def members(schema: Mapping[str, Any]) -> list[tuple[str, Any, bool]]:
    """Name, schema and need of each property, in the order of their names: a bundle that was read says the same."""
    required = schema.get("required", ())
    return [(name, inner, name in required) for name, inner in sorted(schema.get("properties", {}).items())]


def is_open(bundle: Bundle, plan: EventPlan) -> bool:
    """Whether the event may bear properties that the plan does not name."""
    return (plan.additional or settled(bundle).additional) == "allow"


# ── enumerations ─────────────────────────────────────────────────────────────────────────────────────────────

_OF_PAGES = {
    "PageName": ("page_name", "name"),
    "PageType": ("type",),
    "CategoryName": ("category",),
    "SectionName": ("section",),
}
"""S2's enumerations, and the properties of `page_view` whose values they are."""


def enumerations(bundle: Bundle) -> dict[str, dict[str, str]]:
    """S2's enumerations: name → constant → text. One that the plan has no values for is not there."""
    views = bundle.events.get("page_view")
    properties: dict[str, Any] = views.schema["properties"] if views is not None else {}
    found = {"EventName": list(bundle.events)}
    for name, places in _OF_PAGES.items():
        values = [value for place in places for value in _enum(properties.get(place)) if isinstance(value, str)]
        found[name] = list(dict.fromkeys(values))
    return {
        name: {made: text for text, made in distinct(values, constant).items()}
        for name, values in found.items()
        if values
    }


def _enum(schema: Any) -> list[Any]:
    return schema.get("enum") or [] if isinstance(schema, dict) else []
