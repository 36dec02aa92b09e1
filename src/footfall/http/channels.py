"""Channels in answers: what is secret of them is written and never read back."""

from collections.abc import Iterable

import msgspec

from footfall.alerts.rule import Channel, web_host
from footfall.http.fields import shown
from footfall.stores.catalog import Delivery

_OPEN = frozenset({"email", "alertmanager", "telegram"})
"""Channels whose target is no secret."""


def masked(channel: Channel) -> Channel:
    target = channel.target
    if target and channel.type not in _OPEN:
        host = web_host(target)
        scheme = target.partition(":")[0]
        target = f"{scheme}://{host}/…{target[-4:]}" if host else f"…{target[-4:]}"
    return msgspec.structs.replace(channel, target=target, secret="")


def unmasked(sent: list[Channel], before: list[Channel]) -> list[Channel]:
    """Channels with what was kept back of them, where they are some that there were: each of those once."""
    left = list(before)
    found: list[Channel] = []
    for at, one in enumerate(sent):
        # In its place first: two of one host may be shown alike.
        known = next((each for each in [*before[at : at + 1], *left] if each in left and _is_shown(one, each)), None)
        if known is not None:
            left.remove(known)
        found.append(one if known is None else msgspec.structs.replace(known, secret=one.secret or known.secret))
    return found


def _is_shown(sent: Channel, known: Channel) -> bool:
    return known.type == sent.type and sent.target in {known.target, masked(known).target}


class ShownDelivery(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    type: str
    status: str
    attempts: int
    error: str | None
    at: str | None
    """When it was over."""


def deliveries(found: Iterable[Delivery]) -> list[ShownDelivery]:
    return [
        ShownDelivery(
            id=one.id, type=one.type, status=one.status, attempts=one.attempts, error=one.error or None,
            at=shown(one.finished_at),
        )
        for one in found
    ]  # fmt: skip
