"""Rules that a tracking plan says beside its events: `alerts: [{type: anomaly, direction: below}]`.

A rule is of its event unless it says another, belongs to the event's owner, and is told apart by its place in the
list. What a plan says is put in place with it; where notices go, and when they do not, people say on the page.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from footfall.alerts.rule import Rule, checked
from footfall.alerts.windows import askable
from footfall.insights.sql import Context
from footfall.model.errors import BadRequest
from footfall.plan.bundle import Bundle

PREFIX = "plan."
"""Of the ids of these rules."""
OWN = ("channels", "mute", "snoozed_until", "enabled")
"""What of a rule people say; the plan may say where it begins."""
_NOWHERE = Context(project_id=0, timezone="UTC", now=0)
_UNKNOWN = re.compile(r"[^A-Za-z0-9._~-]")
_MOST = 80


def rules_of(bundle: Bundle) -> Iterator[Rule]:
    """Raises `BadRequest`."""
    for name, event in bundle.events.items():
        for place, told in enumerate(event.alerts):
            yield rule_of(name, event.owner, place, told)


def rule_of(event: str, owner: str, place: int, told: dict[str, Any]) -> Rule:
    """Raises `BadRequest` with a path within what was told."""
    name = f"{PREFIX}{_slug(event)}.{place}"
    try:
        rule = msgspec.convert({"event": event, "owner": owner or None, "name": _named(event, told)} | told, Rule)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise BadRequest(f"{message}.", path=path.rstrip("`") or "$") from None
    for at, channel in enumerate(rule.channels):
        if channel.secret:
            raise BadRequest("A plan is read by many; say what is secret on the page.", path=f"$.channels[{at}].secret")
    return askable(checked(msgspec.structs.replace(rule, id=name)), _NOWHERE)


def fault_of(event: str, told: dict[str, Any]) -> str | None:
    """What is wrong with such a rule, for `plan.lint`."""
    try:
        rule_of(event, "", 0, told)
    except BadRequest as error:
        return f"{error.path}: {error.detail}"
    return None


def _slug(event: str) -> str:
    """Names that are written alike stay apart."""
    plain = _UNKNOWN.sub("-", event)[:_MOST]
    return plain if plain == event else f"{plain[:60]}-{sha256(event.encode()).hexdigest()[:10]}"


def _named(event: str, told: dict[str, Any]) -> str:
    kind = told.get("type")
    return f"{event[:150]}: {kind.replace('_', ' ') if isinstance(kind, str) else '?'}"
