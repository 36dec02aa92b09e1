"""Where sources send events, found in their syntax, and what of a plan is sent there.

Found are calls of `track` under any receiver and under the names that a file gives it, S2's objects with a name, what
components tell (`trackInteraction("Checkout", "pay")` is `Checkout.pay`), and `data-track` in HTML and JSX. A comment
or a text that looks like a call is none. A name that the program makes while it runs is told as such: what it will be
cannot be known here.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import PurePath
from typing import Literal

import msgspec
from ast_grep_py import SgNode, SgRoot

from footfall.model.event import SYSTEM_PREFIX
from footfall.plan.bundle import Bundle
from footfall.plan.check import RESERVED
from footfall.plan.codegen.words import enumerations, plain

How = Literal["call", "interaction", "attribute", "element", "constant", "dynamic"]
"""A call with a literal · one of `trackInteraction` · `data-track` · an element of React · a constant of a generated
enumeration, which a plan resolves · a name that is made while the program runs."""


class Call(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place where an event is sent. Line and column begin with 1."""

    event: str = ""
    file: str
    line: int
    column: int
    how: How
    said: str = ""
    """What stands there, where that is no text."""


class Unplanned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event that the plan does not know."""

    event: str
    call: Call
    suggestion: str = ""
    """The name that was meant, perhaps."""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """A plan beside sources."""

    covered: dict[str, list[Call]]
    """By event of the plan, also of what it is known as besides."""
    sent: list[str]
    never_sent: list[str]
    """Of those that somebody has to send: drafts, what is deprecated and what the SDK sends by itself are not among."""
    unplanned: list[Unplanned]
    dynamic: list[Call]
    deprecated: list[Call]


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────

_SENT_BY = {
    "trackComponentVisit": "component_visit",
    "trackComponentExit": "component_exit",
    "trackError": "component_error",
    "useComponentVisit": "component_visit",
    "usePageView": "page_view",
}
"""Functions of the SDK that send one event."""
_ELEMENTS = {"TrackPage": "page_view"}
_HOOKS = frozenset({"useTrack", "useTracking"})
_NAME_KEYS = ("event", "name")
"""Members, and arguments in Python, that an event's name may be."""
_ATTRIBUTE = "data-track"
_HINT = re.compile(r"track|PageView|ComponentVisit", re.IGNORECASE)
"""Without any of these a file sends nothing; most are not parsed for it."""
_MOST_SAID = 80

_SCRIPT = ("call_expression",)
_JSX = (*_SCRIPT, "jsx_attribute", "jsx_opening_element", "jsx_self_closing_element")
_HTML = ("attribute", "script_element")
LANGUAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys((".ts", ".mts", ".cts"), ("typescript", _SCRIPT)),
    ".tsx": ("tsx", _JSX),
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), ("javascript", _JSX)),
    **dict.fromkeys((".html", ".htm", ".vue", ".svelte"), ("html", _HTML)),
    **dict.fromkeys((".py", ".pyi"), ("python", ("call",))),
}
"""By the end of a file's name: its language, and the kinds of nodes that may send something."""


class _File(msgspec.Struct, frozen=True):
    """A source, or a script inside of one, which begins at `line` and `column` of it."""

    name: str
    known_as: frozenset[str] = frozenset({"track"})
    line: int = 0
    column: int = 0

    def call(self, node: SgNode, how: How, event: str = "", said: str = "") -> Call:
        at = node.range().start
        column = at.column + (self.column if at.line == 0 else 0)
        return Call(event=event, file=self.name, line=self.line + at.line + 1, column=column + 1, how=how, said=said)


def calls(name: str, text: str) -> list[Call]:
    """The places of a file, in their order; none for a file of another language."""
    language = LANGUAGES.get(PurePath(name).suffix.lower())
    if language is None or not _HINT.search(text):
        return []
    return sorted(_in(_File(name), text, *language), key=lambda call: (call.line, call.column))


def _in(file: _File, text: str, language: str, kinds: tuple[str, ...]) -> Iterator[Call]:
    root = SgRoot(text, language).root()
    if "call_expression" in kinds:
        file = msgspec.structs.replace(file, known_as=file.known_as | _names_of_track(root))
    for node in root.find_all({"rule": {"any": [{"kind": kind} for kind in kinds]}}):
        yield from _FINDERS[node.kind()](file, node)


def _names_of_track(root: SgNode) -> frozenset[str]:
    """What a module calls it: `const send = useTrack()`, `const { track: send } = useTracking()`, an import's `as`."""
    kinds = ("variable_declarator", "import_specifier", "pair_pattern")
    found: set[str] = set()
    for node in root.find_all({"rule": {"any": [{"kind": kind} for kind in kinds]}}):
        value, name = node.field("value"), node.field("name")
        if node.kind() == "variable_declarator":
            hook = value.field("function") if value is not None and value.kind() == "call_expression" else None
            if hook is not None and hook.text() in _HOOKS and name is not None and name.kind() == "identifier":
                found.add(name.text())
        elif node.kind() == "import_specifier":
            alias = node.field("alias")
            if alias is not None and name is not None and name.text() == "track":
                found.add(alias.text())
        else:
            key = node.field("key")
            if key is not None and key.text() == "track" and value is not None and value.kind() == "identifier":
                found.add(value.text())
    return frozenset(found)


def _script_call(file: _File, node: SgNode) -> Iterator[Call]:
    function, arguments = node.field("function"), node.field("arguments")
    if function is None or arguments is None:
        return
    given = [one for one in arguments.children() if one.is_named() and one.kind() != "comment"]
    member = function.field("property")
    called = (member or function).text()
    # A member is always `track`; a name of the module's own may be another.
    is_track = called == "track" if member is not None else called in file.known_as
    yield from _told(file, node, called, given, is_track=is_track)


def _python_call(file: _File, node: SgNode) -> Iterator[Call]:
    function, arguments = node.field("function"), node.field("arguments")
    if function is None or arguments is None:
        return
    given: list[SgNode] = []
    for one in arguments.children():
        if one.kind() == "keyword_argument":
            name, value = one.field("name"), one.field("value")
            if name is not None and value is not None and name.text() in _NAME_KEYS:
                given.insert(0, value)
        elif one.is_named() and one.kind() != "comment":
            given.append(one)
    called = (function.field("attribute") or function).text()
    yield from _told(file, node, called, given, is_track=called == "track")


def _told(file: _File, node: SgNode, called: str, given: list[SgNode], *, is_track: bool) -> Iterator[Call]:
    if is_track and given:
        yield from _named(file, node, _name_in(given[0]))
    elif called == "trackInteraction" and given:
        names = [_literal(one) for one in given[:2]]
        words = [name for name in names if name]
        yield file.call(node, "interaction", ".".join(words) if len(words) == 2 else "component_interaction")  # noqa: PLR2004 - component and action
    elif called in _SENT_BY:
        yield file.call(node, "call", _SENT_BY[called])


def _name_in(node: SgNode) -> SgNode:
    """The name among the members of an object, or the node itself."""
    if node.kind() in {"object", "dictionary"}:
        members = {_key(pair): pair.field("value") for pair in node.children() if pair.kind() == "pair"}
        for key in _NAME_KEYS:
            if (value := members.get(key)) is not None:
                return value
    return node


def _key(pair: SgNode) -> str:
    key = pair.field("key")
    return "" if key is None else (_literal(key) or key.text())


def _named(file: _File, node: SgNode, name: SgNode) -> Iterator[Call]:
    """A call for each name that it may have: a choice has two."""
    waiting = [name]
    while waiting:
        one = waiting.pop()
        kind = one.kind()
        inner = [part for part in one.children() if part.is_named()]
        if kind in {"ternary_expression", "conditional_expression"} and len(inner) == 3:  # noqa: PLR2004 - of three parts
            # JavaScript's condition comes first, Python's in the middle.
            waiting += [inner[2], inner[1 if kind == "ternary_expression" else 0]]
        elif kind in _WRAPPERS and inner:
            waiting.append(inner[0])
        elif (event := _literal(one)) is not None:
            yield file.call(node, "call", event) if event else file.call(node, "dynamic", said='""')
        elif re.fullmatch(r"(\w+\.)*\w*EventName\.\w+", said := one.text()):
            yield file.call(node, "constant", said=said)
        else:
            yield file.call(node, "dynamic", said=plain(said)[:_MOST_SAID])


_WRAPPERS = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "jsx_expression"}
)
_TEXT = frozenset({"string_fragment", "string_content", "string_start", "string_end", "attribute_value"})


def _literal(node: SgNode) -> str | None:
    """The text of a literal. One with escapes or with something put into it is not one that can be looked up."""
    if node.kind() == "concatenated_string":
        parts = [_literal(part) for part in node.children() if part.is_named()]
        return None if None in parts else "".join(part or "" for part in parts)
    if node.kind() not in {"string", "template_string", "quoted_attribute_value"}:
        return None
    parts = [part for part in node.children() if part.is_named()]
    if any(part.kind() not in _TEXT or any(inner.is_named() for inner in part.children()) for part in parts):
        return None
    return "".join(part.text() for part in parts if part.kind() not in {"string_start", "string_end"})


def _jsx_attribute(file: _File, node: SgNode) -> Iterator[Call]:
    name, *values = [one for one in node.children() if one.is_named()]
    if name.text() == _ATTRIBUTE and values:
        for call in _named(file, node, values[0]):
            yield msgspec.structs.replace(call, how="attribute") if call.how == "call" else call


def _jsx_element(file: _File, node: SgNode) -> Iterator[Call]:
    name = node.field("name")
    if name is not None and name.text() in _ELEMENTS:
        yield file.call(node, "element", _ELEMENTS[name.text()])


def _html_attribute(file: _File, node: SgNode) -> Iterator[Call]:
    name, *values = [one for one in node.children() if one.is_named()]
    if not values:
        return
    value = values[0]
    text = value.text() if value.kind() == "attribute_value" else (_literal(value) or "")
    if name.text().lower() == _ATTRIBUTE and text:
        yield file.call(node, "attribute", html.unescape(text))
    elif name.text().lower().startswith("on"):
        at = file.call(node, "call")
        inside = msgspec.structs.replace(file, line=at.line - 1, column=at.column - 1)
        # Entities make columns of an attribute another thing than those of its script: the attribute's place is told.
        for call in _in(inside, html.unescape(text), "javascript", _SCRIPT):
            yield msgspec.structs.replace(call, line=at.line, column=at.column)


def _html_script(file: _File, node: SgNode) -> Iterator[Call]:
    for part in node.children():
        if part.kind() == "raw_text":
            at = file.call(part, "call")
            # TypeScript reads JavaScript, and Vue's scripts are either.
            yield from _in(_File(file.name, line=at.line - 1, column=at.column - 1), part.text(), "tsx", _JSX)


_FINDERS: dict[str, Callable[[_File, SgNode], Iterator[Call]]] = {
    "call_expression": _script_call,
    "call": _python_call,
    "jsx_attribute": _jsx_attribute,
    "jsx_opening_element": _jsx_element,
    "jsx_self_closing_element": _jsx_element,
    "attribute": _html_attribute,
    "script_element": _html_script,
}


# ── a plan beside them ───────────────────────────────────────────────────────────────────────────────────────


def coverage(bundle: Bundle, found: Iterable[Call]) -> Coverage:
    """What of the plan is sent, and what is sent beside it."""
    known = {alias: plan.name for plan in bundle.events.values() for alias in plan.aliases}
    known |= {name: name for name in bundle.events}
    constants = _constants(bundle)
    covered: dict[str, list[Call]] = {}
    unplanned: list[Unplanned] = []
    dynamic: list[Call] = []
    for call in found:
        event = constants.get(_spelled(call.said), "") if call.how == "constant" else call.event
        if call.how == "interaction" and event not in known:
            event = "component_interaction"
        if not event:
            dynamic.append(call)
        elif event in known:
            covered.setdefault(known[event], []).append(call)
        elif event not in RESERVED and not event.startswith(SYSTEM_PREFIX):
            meant = next(iter(get_close_matches(event, known, n=1, cutoff=0.7)), "")
            unplanned.append(Unplanned(event=event, call=call, suggestion=meant))
    wanted = [name for name, plan in bundle.events.items() if plan.status == "active" and plan.kind != "auto"]
    return Coverage(
        covered=dict(sorted(covered.items())),
        sent=[name for name in wanted if name in covered],
        never_sent=[name for name in wanted if name not in covered],
        unplanned=unplanned,
        dynamic=dynamic,
        deprecated=[call for name in covered if bundle.events[name].status == "deprecated" for call in covered[name]],
    )


def _constants(bundle: Bundle) -> Mapping[str, str]:
    """Event by the constant of it, however that is written."""
    return {_spelled(name): event for name, event in enumerations(bundle).get("EventName", {}).items()}


def _spelled(constant: str) -> str:
    return constant.rpartition(".")[2].replace("_", "").casefold()
