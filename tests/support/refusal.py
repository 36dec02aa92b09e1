"""Whether something is refused on purpose, where both answers are right."""

from collections.abc import Callable

from footfall.model.errors import BadRequest, TooLarge


def refusal_of(attempt: Callable[[], object]) -> BadRequest | TooLarge | None:
    """What an attempt is refused with, or None; any other error is a fault."""
    try:
        attempt()
    except (BadRequest, TooLarge) as refusal:
        return refusal
    return None
