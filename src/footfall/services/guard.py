"""Personal data and secrets, taken out of what came before anything of it is written (`footfall.privacy`)."""

import threading
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from footfall.model.event import SYSTEM_PREFIX, Event, Refused
from footfall.plan.bundle import Bundle
from footfall.plan.lint import unknown_privacy
from footfall.privacy import FIELDS, Blocked, Care, Policy, Scanner, in_care

_JOINT = "\x00"
_REMOVED = "[removed]"
"""The name of an event of whose name nothing may stay."""


@cache
def _scanner() -> Scanner:
    """Compiled once, and only where something arrives."""
    return Scanner()


def _renamed(violation: str, names: Mapping[str, str]) -> str:
    """A violation was found at the names that were sent, which are not to be kept."""
    found = msgspec.json.decode(violation)
    for before, after in names.items():
        found["path"] = found["path"].replace(before, after)
    return msgspec.json.encode(found).decode()


def policy_of(bundle: Bundle | None, key: bytes) -> Policy:
    """What is done in a project with this plan."""
    if bundle is None:
        return Policy(key=key)
    care = {
        name: {prop: Care(one.pii, one.on_pii) for prop, one in plan.care.items()}
        for plan in bundle.events.values()
        for name in (plan.name, *plan.aliases)
        if plan.care
    }
    # Plans of before were not asked whether there are such rules and actions.
    unknown = dict(unknown_privacy(bundle.privacy))
    actions = {rule: action for rule, action in bundle.privacy.items() if rule not in unknown}
    return Policy(actions=actions, care=care, key=key)  # pyright: ignore[reportArgumentType] - they are actions


class Guard:
    """Counts what it did, by rule. Every method may be called from any thread."""

    def __init__(self, *, enabled: bool = True) -> None:
        self._enabled = enabled
        self._lock = threading.Lock()
        self._hits: Counter[str] = Counter()

    @property
    def hits(self) -> dict[str, int]:
        """How often each rule took something away, since the start."""
        with self._lock:
            return dict(self._hits)

    def clean(self, events: list[Event], policy: Policy) -> list[Event | Refused]:
        """The same events, in order, with less in them; in the place of one that must not be kept, why not."""
        if not self._enabled or not events:
            return list(events)
        texts = [
            _JOINT.join((
                one.event, one.user_id, one.page, one.url, one.referrer, one.title, one.section, one.component,
                one.action, one.device, one.browser, one.os, one.utm_source, one.utm_medium, one.utm_campaign,
                one.utm_term, one.utm_content, *one.groups.values(), one.properties,
            ))
            for one in events
        ]  # fmt: skip
        closer = set(_scanner().suspects(texts))
        closer.update(place for place, one in enumerate(events) if in_care(policy, one.event, one.properties))
        if not closer:
            return list(events)
        return [self._scrubbed(one, policy) if place in closer else one for place, one in enumerate(events)]

    def clean_refused(self, refused: Refused, policy: Policy) -> Refused:
        """An entry that is none, with less in what was sent; with nothing of it where that must not be kept."""
        if not self._enabled:
            return refused
        sent = refused.raw.decode("utf-8", "replace")
        told = {"event": refused.event, "path": refused.path, "detail": refused.detail}
        if not _scanner().suspects([sent, *told.values()]):
            return refused
        left = {name: self._said(text, policy) for name, text in told.items()}
        try:
            kept, found = _scanner().scrub_raw(sent, policy)
            self._count(found)
        except Blocked as blocked:
            self._count({blocked.path: blocked.rule})
            kept = ""
        # Bytes that are no text stay what they are while nothing among them was found.
        raw = refused.raw if kept == sent else kept.encode("utf-8", "replace")
        return msgspec.structs.replace(refused, raw=raw, **left)

    def _scrubbed(self, event: Event, policy: Policy) -> Event | Refused:
        fields = {name: getattr(event, name) for name in FIELDS}
        fields |= {f"groups.{kind}": group for kind, group in event.groups.items()}
        try:
            # What an identify tells is meant to be known; only secrets have no place there.
            left = _scanner().scrub(
                event.event, fields, event.properties, policy, secrets_only=event.event.startswith(SYSTEM_PREFIX)
            )
        except Blocked as blocked:
            self._count({blocked.path: blocked.rule})
            return self._blocked(event, blocked, policy)
        if not left.found:
            return event
        self._count(left.found)
        groups = {
            kind: left.fields.get(f"groups.{kind}", group)
            for kind, group in event.groups.items()
            if left.fields.get(f"groups.{kind}", group)
        }
        changed: dict[str, Any] = {name: text for name, text in left.fields.items() if name in FIELDS}
        if not changed.get("event", event.event):
            changed["event"] = _REMOVED
        if event.violations and left.names:
            changed["violations"] = tuple(_renamed(one, left.names) for one in event.violations)
        return msgspec.structs.replace(
            event, properties=left.properties, groups=groups, redacted=event.redacted | dict(left.found), **changed
        )

    def _blocked(self, event: Event, blocked: Blocked, policy: Policy) -> Refused:
        """All that is kept of it: which rule, and where."""
        return Refused(
            reason="blocked",
            detail=f"Something that must not be kept: {blocked.rule}.",
            path=blocked.path,
            raw=b"",
            event=self._said(event.event, policy),
            app_version=event.app_version,
        )

    def _said(self, text: str, policy: Policy) -> str:
        """A short text that stands by itself; nothing of it where it must not be kept."""
        try:
            return _scanner().scrub("", {"text": text}, "{}", policy).fields.get("text", text)
        except Blocked:
            return ""

    def _count(self, found: Mapping[str, str]) -> None:
        with self._lock:
            self._hits.update(rule for rules in found.values() for rule in rules.split(","))
