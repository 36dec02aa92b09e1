"""How many random cases a run tries: some in `make test`, all in `make test-all` (ADR 0067)."""

from collections.abc import Callable
from typing import Any

from hypothesis import settings

THOROUGH = "thorough"
"""The profile of `make test-all`."""
_LESS = 3
_LEAST = 3


def is_thorough() -> bool:
    return settings.get_current_profile_name() == THOROUGH


def examples(most: int) -> Callable[[Any], Any]:
    """`most` of them in a thorough run, else a third; a run of `explore` says itself how many."""
    if settings.get_current_profile_name() == "explore":
        return settings()
    return settings(max_examples=most if is_thorough() else min(most, max(_LEAST, most // _LESS)))
