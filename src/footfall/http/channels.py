"""Channels in answers: what is secret of them is written and never read back."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec

from footfall.alerts.rule import Channel
from footfall.http.fields import shown
from footfall.stores.catalog import Delivery

_OPEN = frozenset({"email", "alertmanager", "telegram"})
"""Channels whose target is no secret."""


def masked(channel: Channel) -> Channel:
    target = channel.target
    if target and channel.type not in _OPEN:
        parts = urlsplit(target)
        target = f"{parts.scheme}://{parts.hostname}/…{target[-4:]}" if parts.hostname else f"…{target[-4:]}"
    return msgspec.structs.replace(channel, target=target, secret="")


def unmasked(sent: list[Channel], before: list[Channel]) -> list[Channel]:
    """Channels with what was kept back of them, where they are some that there were."""
    return [_unmasked(one, before) for one in sent]


def _unmasked(sent: Channel, before: list[Channel]) -> Channel:
    for one in before:
        if one.type == sent.type and sent.target in {one.target, masked(one).target}:
            return msgspec.structs.replace(one, secret=sent.secret or one.secret)
    return sent


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
