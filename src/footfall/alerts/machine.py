"""What becomes of a rule from window to window, and when somebody is told (R29).

A notice goes out on the change to firing and on the change back. The cooldown holds back another firing, never a
resolution and never what has become critical; what it held back is told when it is over, if it still fires.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from footfall.alerts.judge import Judgement
from footfall.alerts.rule import MINUTE, Mute, Rule, Severity
from footfall.model.event import Millis
from footfall.model.period import from_millis, zone_of

Phase = Literal["ok", "pending", "firing", "recovering"]
State = Literal[
    "ok", "pending", "firing", "recovering", "no_data", "learning", "insufficient_data", "muted", "flapping"
]
Kind = Literal["firing", "resolved", "escalated", "flapping"]

FLIPS = 4
"""Changes between firing and not, in `WITHIN` windows: more of them are flapping."""
WITHIN = 6
LEARNT: Millis = 10 * 7 * 24 * 60 * MINUTE
_ACTIVE = frozenset({"firing", "recovering"})


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a rule, or of one of its groups, between two windows."""

    phase: Phase = "ok"
    state: State = "ok"
    """As it is shown."""
    since: Millis | None = None
    """End of the first window of those that broke it in a row."""
    told: bool = False
    """Somebody knows that it fires."""
    told_severity: Severity | None = None
    told_at: Millis | None = None
    """When they were told last; from here the cooldown runs."""
    flips: tuple[Millis, ...] = ()
    """Ends of the last windows at which it began to fire or ended."""
    flapping: bool = False
    unusual: tuple[Millis, ...] = ()
    """Ends of the windows that were anomalies, as far back as they would be examples."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    severity: Severity


class Step(msgspec.Struct, frozen=True, kw_only=True):
    standing: Standing
    notice: Notice | None = None
    reason: str = ""
    """Why nobody was told, or why nothing was judged."""


NEW = Standing()


def step(rule: Rule, before: Standing, found: Judgement, end: Millis, zone: ZoneInfo) -> Step:
    """What a judged window that ended makes of it."""
    muted = end <= (rule.snoozed_until or 0) or is_muted(rule.mute, end, zone)
    if found.known != "judged":
        shown: State = before.state if before.phase in _ACTIVE or before.flapping else found.known
        return Step(standing=msgspec.structs.replace(before, state=shown), reason=found.reason)
    since = (before.since if before.since is not None else end) if found.breached else None
    phase = _phase(rule, before, found, end, since)
    flips = tuple(at for at in before.flips if at > end - WITHIN * rule.window)
    if (phase in _ACTIVE) != (before.phase in _ACTIVE):
        flips = (*flips, end)
    flapping = len(flips) > FLIPS or (before.flapping and bool(flips))
    unusual = before.unusual
    if rule.type == "anomaly" and found.breached:
        unusual = (*(at for at in unusual if at > end - LEARNT), end)
    after = msgspec.structs.replace(before, phase=phase, since=since, flips=flips, flapping=flapping, unusual=unusual)
    notice, reason = _notice(rule, before, after, found, end)
    if muted and notice is not None and notice.kind != "resolved":
        notice, reason = None, "muted"
    if notice is not None:
        after = _told(after, notice, end)
    state: State = "flapping" if flapping else "muted" if muted and phase in _ACTIVE and not after.told else phase
    return Step(standing=msgspec.structs.replace(after, state=state), notice=notice, reason=reason or found.reason)


def _phase(rule: Rule, before: Standing, found: Judgement, end: Millis, since: Millis | None) -> Phase:
    if found.breached:
        lasted = since is not None and end - since >= rule.for_minutes * MINUTE
        return "firing" if before.phase in _ACTIVE or lasted else "pending"
    return "recovering" if before.phase in _ACTIVE and not found.recovered else "ok"


def _notice(rule: Rule, before: Standing, after: Standing, found: Judgement, end: Millis) -> tuple[Notice | None, str]:
    severity: Severity = "critical" if found.severe else rule.severity
    if after.flapping:
        return (None, "flapping") if before.flapping else (Notice(kind="flapping", severity=severity), "")
    if after.phase == "firing":
        return _firing(rule, before, severity, end)
    if after.phase == "ok" and before.told:
        return Notice(kind="resolved", severity=before.told_severity or severity), ""
    return None, ""


def _firing(rule: Rule, before: Standing, severity: Severity, end: Millis) -> tuple[Notice | None, str]:
    is_worse = before.told_severity == "warning" and severity == "critical"
    if before.told:
        return (Notice(kind="escalated", severity=severity) if is_worse else None), ""
    is_early = before.told_at is not None and end - before.told_at < rule.cooldown_minutes * MINUTE
    if is_early and not is_worse:
        return None, "cooldown"
    return Notice(kind="firing", severity=severity), ""


def _told(standing: Standing, notice: Notice, end: Millis) -> Standing:
    if notice.kind == "resolved":
        return msgspec.structs.replace(standing, told=False)
    return msgspec.structs.replace(standing, told=True, told_severity=notice.severity, told_at=end)


def is_muted(mutes: Iterable[Mute], at: Millis, zone: ZoneInfo) -> bool:
    """Whether a time lies in one of the times of the week in which nobody is told."""
    return any(_is_within(mute, from_millis(at, zone_of(mute.timezone) if mute.timezone else zone)) for mute in mutes)


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _is_within(mute: Mute, moment: datetime) -> bool:
    clock = moment.strftime("%H:%M")
    today, yesterday = (_DAYS[day.weekday()] for day in (moment, moment - timedelta(days=1)))
    if mute.start < mute.until:
        return _is_on(mute, today) and mute.start <= clock < mute.until
    # Over midnight; from and until the same are the whole day.
    return (_is_on(mute, today) and clock >= mute.start) or (_is_on(mute, yesterday) and clock < mute.until)


def _is_on(mute: Mute, day: str) -> bool:
    return not mute.days or day in mute.days
