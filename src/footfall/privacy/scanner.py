"""Finding, and acting on what was found.

The strings of a whole batch are looked through in one pass. Only where something has the shape of a rule is an event
looked at closely: its JSON is taken apart, every text is held against the rules that fit, and what is left stays letter
for letter. What was done is told by path and rule, never by value.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .checks import cut_ip
from .engine import HALVES, Spans, finder
from .policy import NO_CARE, Action, Care, Policy
from .rules import (
    ACTIONS,
    DIRECT,
    KEY_HINT,
    LONG_TEXT,
    MAX_TEXT,
    RULES,
    SECRET_KEY,
    is_secret_key,
)

_CARD_DIGITS = 13
_JOINT = "\x00"
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_DONE = re.compile(rf"\[(?:{'|'.join(ACTIONS)})(?::[^\[\]]*)?\]")
"""What was put into the place of something."""
_VERSION = re.compile(r"version|release|build|firmware|browser|user_?agent", re.IGNORECASE)
_ROUNDS = 4
"""Of looking at a text: what was taken out may have been all that hid something beside it."""
_COUNTED = re.compile(r"token|cookies?|credentials?", re.IGNORECASE)
"""Of these, a number is how many."""
_MEMBER = re.compile(r"\"((?:[^\"\\]|\\.){1,200})\"(\s*:\s*)(\"(?:[^\"\\]|\\.)*\"?|[^\s,{}\[\]]+)")
_VERSIONS = frozenset({"browser", "os", "device"})
"""Fields with numbers that look like addresses."""
FIELDS = (
    "event", "user_id", "page", "url", "referrer", "title", "section", "component", "action",
    "device", "browser", "os", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
)  # fmt: skip
"""Texts of an event that somebody else has written. Ids of devices and sessions are made, and look like anything."""
NAMED = frozenset({"user_id", "userId", "anonymous_id", "anonymousId", "distinct_id", "session_id", "event_id"})
"""Members that say who it was: changing them would make somebody else of them (R23)."""
TOO_DEEP = "too_deep"
"""The rule of properties that cannot be looked through."""


@dataclass(frozen=True)
class Scrubbed:
    """What is left of an event. `fields` are those that changed."""

    fields: Mapping[str, str]
    properties: str
    found: Mapping[str, str]
    """By path, the rules that something was done for."""
    names: Mapping[str, str] = field(repr=False)
    """Names of properties that changed: what they were, and what they are. Not for writing down."""


class Blocked(Exception):  # noqa: N818 - says what became of an event
    """An event must not be kept at all."""

    def __init__(self, rule: str, path: str) -> None:
        super().__init__(f"{rule} at {path}")
        self.rule = rule
        self.path = path


class _Removed:
    """Stands where something was taken out."""


_REMOVED = _Removed()


class _Number(str):
    """A number as it was spelled."""

    __slots__ = ()


@dataclass
class _Work:
    """One event on its way."""

    policy: Policy
    found: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def action(self, rule: str, care: Care | None = None) -> Action:
        if care is not None and care.on_pii is not None:
            return care.on_pii
        action = self.policy.actions.get(rule, ACTIONS[rule])
        return "redact" if action == "hash" and not self.policy.key else action

    def note(self, path: str, rule: str) -> None:
        before = self.found.get(path)
        if before is None:
            self.found[path] = rule
        elif rule not in before.split(","):
            self.found[path] = f"{before},{rule}"


class Scanner:
    """Rules, compiled once. Every method may be called from any thread."""

    def __init__(self, *, linear: bool = True) -> None:
        """`linear` False: Python's own expressions, also where RE2 is installed."""
        self._hints = finder([*(rule.pattern for rule in RULES), KEY_HINT], linear=linear)
        self._finder = finder([rule.pattern for rule in RULES], linear=linear)
        self._spans = [Spans(rule.pattern, rule.group, linear=linear) for rule in RULES]

    def suspects(self, texts: Sequence[str]) -> list[int]:
        """Which of these texts deserve a closer look: places, in order."""
        read = [_read(text) if "\\" in text else text for text in texts]
        if not self._hints.is_there(_JOINT.join(read)):
            return []
        return [place for place, text in enumerate(read) if self._hints.is_there(text)]

    def scrub(
        self, event: str, fields: Mapping[str, str], properties: str, policy: Policy, *, secrets_only: bool = False
    ) -> Scrubbed:
        """What is left of an event: its fields by name, and its properties, a JSON object as text.

        `secrets_only` is for what is meant to tell who somebody is. Raises `Blocked`.
        """
        work = _Work(policy)
        plain = Care("none") if secrets_only else None
        changed = self._fields(work, fields, plain)
        if not in_care(policy, event, properties) and not self._hints.is_there(_read(properties)):
            return Scrubbed(changed, properties, work.found, work.names)
        care = policy.care.get(event, NO_CARE)
        before = len(work.found)
        left: dict[str, Any] = {}
        try:
            for key, value in _parsed(properties):
                name, inner = self._member(work, key, value, "$.properties", care.get(key, plain))
                if inner is not _REMOVED:
                    left[name] = inner
            text = _written(left) if len(work.found) > before else properties
        except RecursionError:  # nothing that our server would take
            text = "{}"
            work.note("$.properties", TOO_DEEP)
        return Scrubbed(changed, text, work.found, work.names)

    def _fields(self, work: _Work, fields: Mapping[str, str], plain: Care | None) -> dict[str, str]:
        """Those that changed. Somebody whose id is an address is no reason to look at the rest."""
        told = {name: text for name, text in fields.items() if text}
        are_quiet = not self._hints.is_there(_JOINT.join(text for name, text in told.items() if name not in NAMED))
        changed: dict[str, str] = {}
        for name, text in told.items():
            if are_quiet and name not in NAMED:
                continue
            care = Care("none") if name in NAMED else plain
            left = self._text(work, text, f"$.{name}", care, is_version=name in _VERSIONS)
            if left != text:
                changed[name] = left if isinstance(left, str) else ""
        return changed

    def scrub_text(self, text: str, policy: Policy) -> str:
        """Anything else that is about to be written: JSON member by member, and what is none as it stands.

        Raises `Blocked`.
        """
        return self.scrub_raw(text, policy)[0]

    def scrub_raw(self, text: str, policy: Policy) -> tuple[str, Mapping[str, str]]:
        """The same, and by path the rules that something was done for. Raises `Blocked`."""
        work = _Work(policy)
        try:
            left = self._value(work, _parsed(text), "$", None)
            return (_written("" if left is _REMOVED else left) if work.found else text), work.found
        except (ValueError, RecursionError):
            work = _Work(policy)
            left = self._text(work, text, "$", None)
            return (left if isinstance(left, str) else ""), work.found

    # ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _member(
        self, work: _Work, key: str, value: Any, path: str, care: Care | None, *, is_version: bool = False
    ) -> tuple[str, Any]:
        said = self._shapes(work, key, f"{path}.*", Care("none") if care is not None and care.pii == "none" else None)
        name = said if isinstance(said, str) else "[removed]"
        if name != key:
            work.names[key] = name
        inner = f"{path}.{name}"
        if is_secret_key(_DONE.sub("x", key)) and _is_told(key, value) and work.action(SECRET_KEY) != "allow":
            return name, self._secret(work, value, inner)
        if key in NAMED and path == "$":
            care = Care("none")
        is_version = is_version or _VERSION.search(name) is not None
        return name, self._value(work, value, inner, care, is_version=is_version)

    def _secret(self, work: _Work, value: Any, path: str) -> Any:
        action = work.action(SECRET_KEY)
        if action == "block":
            raise Blocked(SECRET_KEY, path)
        work.note(path, SECRET_KEY)
        text = value if isinstance(value, str) else json.dumps(value)
        return _REMOVED if action == "remove" else _put(work.policy, action, SECRET_KEY, text)

    def _value(self, work: _Work, value: Any, path: str, care: Care | None, *, is_version: bool = False) -> Any:
        if isinstance(value, _Pairs):
            left: dict[str, Any] = {}
            for key, inner in value:
                name, said = self._member(work, key, inner, path, care, is_version=is_version)
                if said is not _REMOVED:
                    left[name] = said
            return left
        if isinstance(value, list):
            told = [self._value(work, one, f"{path}.{at}", care, is_version=is_version) for at, one in enumerate(value)]
            return [one for one in told if one is not _REMOVED]
        if (
            care is not None
            and care.pii == "direct"
            and value not in ("", None)
            and work.action(DIRECT, care) != "allow"
        ):
            # Numbers and truths as well: what tells who somebody is goes whatever its type.
            return self._direct(work, value if isinstance(value, str) else json.dumps(value), path, care)
        if isinstance(value, _Number):
            return self._number(work, value, path, care)
        return self._text(work, value, path, care, is_version=is_version) if isinstance(value, str) else value

    def _direct(self, work: _Work, text: str, path: str, care: Care) -> Any:
        if _DONE.fullmatch(text):
            return text
        action = work.action(DIRECT, care)
        if action == "block":
            raise Blocked(DIRECT, path)
        work.note(path, DIRECT)
        if action == "hash" and not work.policy.key:
            action = "redact"
        return _REMOVED if action == "remove" else _put(work.policy, action, DIRECT, text)

    def _number(self, work: _Work, value: _Number, path: str, care: Care | None) -> Any:
        if len(value) < _CARD_DIGITS or not value.isdigit():
            return value
        left = self._text(work, str(value), path, care)
        return value if left == str(value) else left

    # ── texts ────────────────────────────────────────────────────────────────────────────────────────────────

    def _text(self, work: _Work, text: str, path: str, care: Care | None, *, is_version: bool = False) -> Any:
        """The text with something in the place of what was found; `_REMOVED` where nothing of it may stay."""
        if '"' in text and ":" in text:
            text = self._inner(work, text, path)
        return self._shapes(work, text, path, care, is_version=is_version)

    def _shapes(self, work: _Work, text: str, path: str, care: Care | None, *, is_version: bool = False) -> Any:
        is_plain = care is not None and care.pii == "none"
        for _ in range(_ROUNDS):
            before = text
            for place in self._finder.which(text):
                rule = RULES[place]
                if (is_plain and not rule.is_secret) or (is_version and rule.name == "ip"):
                    continue
                left = self._by(work, place, text, path, None if rule.is_secret else care)
                if not isinstance(left, str):
                    return left
                text = left
            if text == before:
                break
        if len(text) > MAX_TEXT and not is_plain and path.startswith("$.properties"):
            return self._long(work, text, path)
        return text

    def _inner(self, work: _Work, text: str, path: str) -> str:
        """Secrets by their names in JSON that stands in a text, also where it breaks off."""
        action = work.action(SECRET_KEY)
        if action == "allow":
            return text

        def member(found: re.Match[str]) -> str:
            key, between, value = found.groups()
            word = value.strip('"') if value.startswith('"') else _NOTHING.get(value, _Number(value))
            if not is_secret_key(key) or not _is_told(key, word):
                return found[0]
            if action == "block":
                raise Blocked(SECRET_KEY, path)
            work.note(path, SECRET_KEY)
            # A text of its own cannot go without leaving a hole in the JSON around it.
            put = "redact" if action == "remove" else action
            return f'"{key}"{between}"{_put(work.policy, put, SECRET_KEY, str(word))}"'

        return _MEMBER.sub(member, text)

    def _by(self, work: _Work, place: int, text: str, path: str, care: Care | None) -> Any:
        rule = RULES[place]
        action = work.action(rule.name, care)
        if action == "allow":
            return text
        parts = dict(self._spans[place].find(text))
        spans = [parts[whole] for whole in rule.holds(text, list(parts))]
        if not spans:
            return text
        if action == "block":
            raise Blocked(rule.name, path)
        if action == "remove":
            work.note(path, rule.name)
            return _REMOVED
        if action == "hash" and not work.policy.key:
            action = "redact"
        pieces: list[str] = []
        at = 0
        for start, end in [(0, len(text))] if rule.whole else spans:
            pieces += (text[at:start], _put(work.policy, action, rule.name, text[start:end]))
            at = end
        left = "".join([*pieces, text[at:]])
        if left != text:  # a network is one already
            work.note(path, rule.name)
        return left

    def _long(self, work: _Work, text: str, path: str) -> Any:
        action = work.action(LONG_TEXT)
        if action == "allow":
            return text
        if action == "block":
            raise Blocked(LONG_TEXT, path)
        work.note(path, LONG_TEXT)
        return _REMOVED if action == "remove" else _put(work.policy, action, LONG_TEXT, text)


def _put(policy: Policy, action: Action, rule: str, value: str) -> str:
    """What stands in the place of a value."""
    return _ACTIONS[action](policy, rule, value)


def _masked(_policy: Policy, rule: str, value: str) -> str:
    signs = [sign for sign in value if sign.isalnum()]
    return f"[{rule}:{''.join(signs[-4:])}]" if len(signs) > 8 else f"[{rule}]"  # noqa: PLR2004 - half of it stays hidden


def _cut(_policy: Policy, rule: str, value: str) -> str:
    if rule == "ip":
        return cut_ip(value)
    return value[:MAX_TEXT] if rule == LONG_TEXT else f"[{rule}]"


_ACTIONS = {
    "redact": lambda _policy, rule, _value: f"[{rule}]",
    "mask": _masked,
    "hash": lambda policy, rule, value: f"[{rule}:{policy.hashed(value)}]",
    "truncate": _cut,
}


_NOTHING: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def _is_told(key: str, value: Any) -> bool:
    """Whether there is something in it: `has_password: true` and `token: 512` tell nothing."""
    if isinstance(value, _Number):
        return _COUNTED.search(key) is None
    if isinstance(value, str):
        return value != "" and _DONE.fullmatch(value) is None
    return isinstance(value, list) and bool(value)


class _Pairs(list[tuple[str, Any]]):
    """Members of an object in their order, also where a name comes twice."""


def _read(text: str) -> str:
    r"""A text as it is, and as JSON reads it: `\nAKIA…` begins no word, and `:\/\/` is no `://`."""
    return f"{text}{_JOINT}{_ESCAPE.sub(_unescaped, text)}"


def _unescaped(escape: re.Match[str]) -> str:
    code, sign = escape.groups()
    return _ESCAPES.get(sign, sign) if code is None else chr(int(code, 16))


def _parsed(properties: str) -> _Pairs:
    return json.loads(properties, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number)


def _written(value: Any) -> str:
    """JSON; numbers as they were spelled."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(key)}:{_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, _Pairs):
        return "{" + ",".join(f"{_quoted(key)}:{_written(one)}" for key, one in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, _Number):
        return str(value)
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


_plainly = json.JSONEncoder(ensure_ascii=False).encode
_escaped = json.JSONEncoder().encode


def _quoted(text: str) -> str:
    # Half a surrogate pair is no UTF-8, and stays an escape.
    return _plainly(text) if text.isascii() or HALVES.search(text) is None else _escaped(text)


def in_care(policy: Policy, event: str, properties: str) -> bool:
    """Whether an event is looked at closely however harmless it seems: for the plan's sake, or for a long text."""
    return event in policy.always or (len(properties) > MAX_TEXT and _may_be_long(properties))


def _may_be_long(properties: str) -> bool:
    """Whether a text in it may have more than `MAX_TEXT` characters: from quote to quote, as far as one may be."""
    if '\\"' in properties:
        return True
    at = -1
    while len(properties) - at > MAX_TEXT:
        nearest = properties.rfind('"', at + 1, at + MAX_TEXT + 2)
        if nearest < 0:
            return True
        at = nearest
    return False
