"""How many random cases a run tries: some in `make test`, all in `make test-all` (ADR 0067)."""

from collections.abc import Callable
from typing import Any

from hypothesis import settings

THOROUGH = "thorough"
"""The profile of `make test-all`."""
_LESS = 3
_LEAST = 3


def examples(most: int) -> Callable[[Any], Any]:
    """`most` of them in a thorough run, else a third; a run of `explore` says itself how many."""
    profile = settings.get_current_profile_name()
    if profile == "explore":
        return settings()
    return settings(max_examples=most if profile == THOROUGH else min(most, max(_LEAST, most // _LESS)))
