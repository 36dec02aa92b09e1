"""The engine of expressions: RE2 where it is installed, Python's own where it is not."""

import re
from collections.abc import Sequence
from typing import Any, Protocol

try:
    import re2
except ImportError:  # an application that scans before it sends may do without
    re2 = None

Span = tuple[int, int]
HALVES = re.compile("[\ud800-\udfff]")
"""Of surrogate pairs: JSON may hold them, and they are no UTF-8, which RE2 reads."""


_BOUNDED = ((r"[^\x00]+?", r"[^\x00]{1,300}?"), (r"{6,}\.", r"{6,1000}\."))
"""What Python's engine would try to the end of a text from wherever it may begin, and how far it does.

RE2 must not count: it keeps apart all beginnings that are still possible, and a text that has them everywhere took
4 to 14 us a character instead of 0.005."""


class Finder(Protocol):
    """Says which of several expressions are somewhere in a text."""

    def is_there(self, text: str) -> bool: ...

    def which(self, text: str) -> list[int]: ...


def finder(patterns: Sequence[str], *, linear: bool = True) -> Finder:
    return _Set(patterns) if re2 is not None and linear else _One(patterns)


class _Set:
    """All expressions in one pass."""

    def __init__(self, patterns: Sequence[str]) -> None:
        options: Any = re2.Options()  # pyright: ignore[reportOptionalMemberAccess]
        options.max_mem = 64 << 20
        self._set: Any = re2.Set.SearchSet(options)  # pyright: ignore[reportOptionalMemberAccess]
        for pattern in patterns:
            self._set.Add(pattern)
        self._set.Compile()

    def is_there(self, text: str) -> bool:
        return bool(self._match(text))

    def which(self, text: str) -> list[int]:
        return sorted(self._match(text) or ())

    def _match(self, text: str) -> list[int] | None:
        try:
            return self._set.Match(text)
        except UnicodeEncodeError:
            return self._set.Match(_whole(text))


class _One:
    """One after another."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [re.compile(_python(pattern)) for pattern in patterns]

    def is_there(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self._patterns)

    def which(self, text: str) -> list[int]:
        return [place for place, pattern in enumerate(self._patterns) if pattern.search(text)]


class Spans:
    """Where an expression is in a text: its matches, and of each the part that counts."""

    def __init__(self, pattern: str, group: int, *, linear: bool = True) -> None:
        self._group = group
        compiled: Any = re2.compile(pattern) if re2 is not None and linear else re.compile(_python(pattern))
        self._find = compiled.finditer

    def find(self, text: str) -> list[tuple[Span, Span]]:
        try:
            matches = list(self._find(text))
        except UnicodeEncodeError:
            matches = list(self._find(_whole(text)))
        return [(match.span(), match.span(self._group)) for match in matches]


def _whole(text: str) -> str:
    """Of the same length, so that what is found stands in the same place."""
    return HALVES.sub("\ufffd", text)


def _python(pattern: str) -> str:
    """The same for Python's engine, with RE2's letters: ASCII."""
    for endless, bounded in _BOUNDED:
        pattern = pattern.replace(endless, bounded)
    text = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", pattern)
    return f"(?a){text}"
