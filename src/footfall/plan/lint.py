"""What a reader of a plan would object to: errors, which must not reach a server, and warnings.

A table of rules, each a function from the whole plan to its faults.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any, get_args

import jsonschema_rs
import msgspec

from footfall.model.event import MAX_NAME, SYSTEM_PREFIX
from footfall.plan.bundle import HOLDING, Bundle, compiled, fault, resolved, schema_of, schemas, validator_of
from footfall.plan.check import RESERVED
from footfall.plan.document import (
    Area,
    Convention,
    Fault,
    OnPii,
    Planned,
    Property,
    Text,
    Unreadable,
    did_you_mean,
    read,
)
from footfall.privacy.rules import ACTIONS, is_secret_key

CONVENTIONS: dict[Convention, tuple[re.Pattern[str], str]] = {
    "snake": (re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*"), "add_to_cart"),
    "element_action": (re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\.[a-z][a-z0-9]*(_[a-z0-9]+)*"), "save_button.click"),
    "identity_action": (re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\.[a-z][a-z0-9]*(_[a-z0-9]+)*"), "project.created"),
    "component_action": (re.compile(r"[A-Z][A-Za-z0-9]*\.[a-z][a-z0-9-]*"), "VideoPlayer.play"),
}
"""The whole name has to match; an example of each."""
_CASES = {"snake": re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*"), "camel": re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*")}

_PAST = frozenset(
    re.findall(
        r"\w+",
        """begun bought brought built caught chosen cut done drawn driven eaten fallen fed felt found given gone grown
        had heard held hit kept known laid left lent let lost made met overridden paid put read reset run seen sent set
        shown shut sold spent split spread stolen taken taught thrown told torn understood undone unset withdrawn won
        written""",
    )
)
"""Past participles that do not end in "ed"."""
_VERBS = frozenset(
    re.findall(
        r"\w+",
        """accept add apply browse buy cancel change click close complete create delete dismiss download drag drop edit
        enable disable export fail filter finish hover import invite join leave like list load log login logout open
        pay pause play press publish read refund register remove rename request reset save scroll search select send
        set share show sign sort start stop submit subscribe switch tap toggle unsubscribe update upgrade upload use
        validate view visit watch""",
    )
)
_NEAR = 2
"""Edits between two names that are one, mistyped."""
_SHORT = 5
"""Characters below which names are near each other by nature."""


OfAlert = Callable[[str, dict[str, Any]], str | None]
"""What is wrong with a rule of alerts beside an event of that name."""


def lint(files: Iterable[tuple[str, str]], of_alert: OfAlert = lambda _event, _told: None) -> list[Fault]:
    """What is wrong with the plan that these files (name, text) are; errors first, then by place.

    `of_alert` knows rules of alerts, which are above plans.
    """
    texts: list[Text] = []
    found: list[Fault] = []
    for file, text in files:
        try:
            texts.append(read(file, text))
        except Unreadable as unreadable:
            found += unreadable.faults
    if not found:
        try:
            compiled(texts)
        except Unreadable as unreadable:
            found += unreadable.faults
    found += [one for rule in _RULES for one in rule(texts)]
    found += _alerted(texts, of_alert)
    return sorted(found, key=lambda one: (one.level != "error", one.file, one.line, one.path))


def planned(files: Iterable[tuple[str, str]]) -> Bundle:
    """The plan that these files are. Raises `Unreadable`."""
    return compiled([read(file, text) for file, text in files])


def _named(texts: list[Text]) -> Iterator[Fault]:
    for text, name, planned in _events(texts):
        path = f"$.events.{name}"
        if not 0 < len(name) <= MAX_NAME:
            yield fault("error", "name", text, path, f"a name has 1 to {MAX_NAME} characters")
        if name.startswith(SYSTEM_PREFIX):
            yield fault("error", "name", text, path, f"names that begin with “{SYSTEM_PREFIX}” are Footfall's own")
            continue
        convention = planned.convention or text.area.convention
        if planned.kind == "auto":
            continue
        if name in RESERVED:
            yield fault("error", "reserved", text, path, f"“{name}” is sent by the SDK by itself: say kind: auto")
        allowed: list[Convention] = [convention] if convention else list(CONVENTIONS)
        if not any(CONVENTIONS[one][0].fullmatch(name) for one in allowed):
            examples = " or ".join(f"{one} ({CONVENTIONS[one][1]})" for one in allowed)
            yield fault("error", "convention", text, path, f"“{name}” does not follow {examples}")
        elif convention == "identity_action" and not _is_past(name):
            yield fault("warning", "tense", text, path, f"“{name}” is named as a wish; an identity's action is over")


def _is_past(name: str) -> bool:
    words = name.rpartition(".")[2].split("_")
    return any(word.endswith("ed") or word in _PAST for word in words)


def _ordered(texts: list[Text]) -> Iterator[Fault]:
    """Within an area names say the verb first, or last; whichever fewer do is told."""
    for text in texts:
        first, last = [], []
        for name, planned in text.area.events.items():
            words = name.split("_")
            if planned.kind == "auto" or "." in name or len(words) == 1:
                continue
            if words[0] in _VERBS:
                first.append(name)
            elif words[-1] in _VERBS or _is_past(words[-1]):
                last.append(name)
        fewer, more, where = (first, last, "last") if len(first) < len(last) else (last, first, "first")
        if len(more) > len(fewer):
            for name in fewer:
                said = f"“{name}”: the other names of this file have the verb {where}, such as “{more[0]}”"
                yield fault("warning", "verb_order", text, f"$.events.{name}", said)


def _owned(texts: list[Text]) -> Iterator[Fault]:
    owners = {name for text in texts for name in text.area.owners}
    for text, name, planned in _events(texts):
        owner = planned.owner or text.area.owner
        path = f"$.events.{name}.owner" if planned.owner else "$.owner"
        if not owner:
            yield fault("error", "owner", text, f"$.events.{name}", f"nobody answers for “{name}”: say owner: …")
        elif owners and owner not in owners:
            known = did_you_mean(owner, sorted(owners))
            yield fault("error", "owner", text, path, f"“{owner}” is not among the owners{known}")
    for text in texts:
        for name, owner in text.area.owners.items():
            if not (owner.channel or owner.email):
                yield fault("warning", "owner", text, f"$.owners.{name}", f"how is “{name}” reached? say channel")


def _explained(texts: list[Text]) -> Iterator[Fault]:
    for text, name, planned in _events(texts):
        path = f"$.events.{name}"
        if not planned.trigger:
            yield fault("warning", "trigger", text, path, f"when is “{name}” sent? say trigger: …")
        if not planned.sources:
            yield fault("warning", "sources", text, path, f"where is “{name}” sent from? say sources: [browser]")


def _alerted(texts: list[Text], of_alert: OfAlert) -> Iterator[Fault]:
    for text, name, planned in _events(texts):
        for at, alert in enumerate(planned.alerts):
            wrong = "an alert needs a type" if "type" not in alert else of_alert(name, alert)
            if wrong:
                yield fault("error", "alerts", text, f"$.events.{name}.alerts.{at}", wrong)


def _lived(texts: list[Text]) -> Iterator[Fault]:
    """From draft to sunset."""
    known = {name for _, name, _ in _events(texts)}
    for text, name, planned in _events(texts):
        path = f"$.events.{name}"
        if planned.replaced_by and planned.replaced_by not in known:
            near = did_you_mean(planned.replaced_by, sorted(known))
            said = f"“{planned.replaced_by}” is not planned{near}"
            yield fault("warning", "replaced_by", text, f"{path}.replaced_by", said)
        if planned.status == "deprecated" and not planned.sunset:
            yield fault("warning", "sunset", text, path, f"“{name}” is deprecated: until when? say sunset: 2027-01-01")
        if planned.status != "deprecated" and (planned.sunset or planned.replaced_by):
            yield fault("warning", "status", text, path, f"“{name}” has an end: say status: deprecated")
        if planned.on_violation == "block":
            said = "block keeps nothing but the reason; quarantine keeps the event until it is mended"
            yield fault("warning", "block", text, f"{path}.on_violation", said)


def _aliased(texts: list[Text]) -> Iterator[Fault]:
    known = {name: name for _, name, _ in _events(texts)}
    for text, name, planned in _events(texts):
        for at, alias in enumerate(planned.aliases):
            if alias in known:
                said = f"“{alias}” is {known[alias]} already"
                yield fault("error", "alias", text, f"$.events.{name}.aliases.{at}", said)
            known.setdefault(alias, name)


def _cased(texts: list[Text]) -> Iterator[Fault]:
    """Properties of an area are written one way."""
    for text in texts:
        found = [(path, name) for path, name, _ in _properties(text)]
        case = text.area.property_case or _usual_case([name for _, name in found])
        for path, name in found:
            if not _CASES[case].fullmatch(name):
                said = f"“{name}” is not written as the others are ({case})"
                yield fault("error", "property_case", text, path, said)


def _usual_case(names: list[str]) -> str:
    """Whichever more of them have that have only one."""
    votes = [case for name in names for case in _CASES if _CASES[case].fullmatch(name) and not name.islower()]
    snakes = sum("_" in name and _CASES["snake"].fullmatch(name) is not None for name in names)
    return "camel" if votes.count("camel") > snakes else "snake"


_KEYWORDS = HOLDING | frozenset(
    re.findall(
        r"\S+",
        """const contentEncoding contentMediaType contentSchema default dependentRequired deprecated description enum
        examples exclusiveMaximum exclusiveMinimum format maxContains maxItems maxLength maxProperties maximum
        minContains minItems minLength minProperties minimum multipleOf pattern readOnly required title type
        unevaluatedItems unevaluatedProperties uniqueItems writeOnly""",
    )
)
"""Of JSON Schema 2020-12: what a schema inside of a property may say. It passes over any other word in silence."""


def _inner(texts: list[Text]) -> Iterator[Fault]:
    """Words inside of a property that nothing would act upon: mistyped ones, and ours, which are of properties."""
    for text in texts:
        for path, _, prop in _properties(text):
            for inner, schema in schemas(path, schema_of(prop)):
                # What begins with $ is told by what compiles.
                words = [] if inner == path else [word for word in schema if not word.startswith("$")]
                for word in sorted(set(words) - _KEYWORDS):
                    known = did_you_mean(word, sorted(_KEYWORDS))
                    said = f"“{word}” says nothing inside of a property{known}"
                    yield fault("error", "keyword", text, f"{inner}.{word}", said)


def _kept_from(texts: list[Text]) -> Iterator[Fault]:
    """Secrets and people in properties."""
    denied = {name for text in texts for name in text.area.deny}
    shared = {name: prop for text in texts for name, prop in text.area.properties.items()}
    for text in texts:
        for path, name, given in _properties(text):
            prop = resolved(given, shared)
            if name in denied:
                yield fault("error", "deny", text, path, f"“{name}” is denied, so its value is never kept")
            elif is_secret_key(name):
                yield fault("error", "secret", text, path, f"“{name}” sounds like a secret: its value is removed")
            if prop.pii == "direct" and prop.on_pii is None:
                said = f"“{name}” tells who somebody is: say on_pii: hash (or redact, remove)"
                yield fault("warning", "pii", text, path, said)
            if prop.pii == "none" and prop.on_pii is not None:
                yield fault("warning", "pii", text, path, f"“{name}” has on_pii, and says that there is nothing")
            if given.ref is None and not _is_typed(prop):
                yield fault("warning", "type", text, path, f"of which type is “{name}”? say type: string")
            yield from _default_faults(text, path, prop)


def _is_typed(prop: Property) -> bool:
    return bool(prop.type or prop.enum or prop.anyOf or prop.oneOf or prop.allOf) or prop.const_ is not msgspec.UNSET


def _default_faults(text: Text, path: str, prop: Property) -> Iterator[Fault]:
    if prop.default is msgspec.UNSET:
        return
    try:
        fits = validator_of(schema_of(prop)).is_valid(prop.default)
    except (jsonschema_rs.ValidationError, ValueError):  # told by what compiles
        return
    if not fits:
        yield fault("error", "default", text, f"{path}.default", "the default does not fit what it is the default of")


def _guarded(texts: list[Text]) -> Iterator[Fault]:
    for text in texts:
        for rule, said in unknown_privacy(text.area.privacy):
            yield fault("error", "privacy", text, f"$.privacy.{rule}", said)


def unknown_privacy(privacy: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What nothing would act upon in a plan's `privacy`: the rule, and what is wrong."""
    actions = list(get_args(OnPii))
    for rule, action in privacy.items():
        if rule not in ACTIONS:
            yield rule, f"“{rule}” is no rule of personal data{did_you_mean(rule, sorted(ACTIONS))}"
        elif action not in actions:
            yield rule, f"“{action}” is none of {', '.join(actions)}{did_you_mean(action, actions)}"


def _near(texts: list[Text]) -> Iterator[Fault]:
    """Names that are likely one."""
    events = [(text, f"$.events.{name}", name) for text, name, planned in _events(texts) if planned.kind != "auto"]
    names: dict[str, tuple[Text, str, str]] = {}
    for text in texts:
        for path, name, given in _properties(text):
            if given.ref is None or name not in names:
                names.setdefault(name, (text, path, name))
    for group in (events, list(names.values())):
        for (_, _, one), (text, path, other) in combinations(group, 2):
            if why := alike(one, other):
                yield fault("warning", "near_duplicate", text, path, f"“{other}” and “{one}” {why}: are they one?")


def alike(one: str, other: str) -> str:
    """Why two names may be one; nothing where they are not alike."""
    words, others = re.split(r"[_.]", one.lower()), re.split(r"[_.]", other.lower())
    if sorted(words) == sorted(others):
        return "have the same words"
    if sorted(word.removesuffix("s") for word in words) == sorted(word.removesuffix("s") for word in others):
        return "are one in the plural"
    if min(len(one), len(other)) > _SHORT and edits(one, other, _NEAR) <= _NEAR:
        return "differ by a letter or two"
    return ""


def edits(one: str, other: str, most: int) -> int:
    """The distance of Levenshtein (1966); more than `most` where it is that far or farther."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row[0] = row[0], place
        for at, found in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != found))
    return row[-1]


_RULES: tuple[Callable[[list[Text]], Iterator[Fault]], ...] = (
    _named, _ordered, _owned, _explained, _lived, _aliased, _cased, _inner, _kept_from, _guarded, _near,
)  # fmt: skip


def _events(texts: list[Text]) -> Iterator[tuple[Text, str, Planned]]:
    for text in texts:
        for name, planned in text.area.events.items():
            yield text, name, planned


def _properties(text: Text) -> Iterator[tuple[str, str, Property]]:
    """Path, name and property: the shared ones of a file, and those of its events."""
    area: Area = text.area
    for name, prop in area.properties.items():
        yield f"$.properties.{name}", name, prop
    for event, planned in area.events.items():
        for name, prop in planned.properties.items():
            yield f"$.events.{event}.properties.{name}", name, prop
