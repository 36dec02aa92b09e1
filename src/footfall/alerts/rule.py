"""A rule, as people write it: S1's fields and ours, in S1's camelCase (`contract.md`, "Keeping order")."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from footfall.insights.filters import Filter
from footfall.insights.funnel import window_of
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import zone_of

Type = Literal[
    "volume_below",
    "volume_above",
    "rate_below",
    "rate_above",
    "anomaly",
    "absence",
    "change_percent",
    "funnel_conversion",
]
Method = Literal["band", "mad", "same_hour_percent"]
Severity = Literal["warning", "critical"]
Direction = Literal["below", "above", "both"]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

MINUTE: Millis = 60_000
MIN_SAMPLES = 30
"""R29, and S1: what a rate is told of."""
SENSITIVITIES = {"low": 1e-6, "medium": 1e-4, "high": 1e-3}
"""How unlikely a value has to be, on either side (`governance.md`, "Anomaly detection")."""
MAX_GROUPS = 100
MAX_WINDOW = 7 * 24 * 60
"""Minutes."""
_DAYS = 24 * 60


class Channel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where notices go; what of it is secret is written and never read back (`http/alerts.py`)."""

    type: Literal[
        "slack",
        "webhook",
        "wecom",
        "dingtalk",
        "feishu",
        "teams",
        "discord",
        "telegram",
        "email",
        "pagerduty",
        "alertmanager",
    ]
    target: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    """An address on the web, or of e-mail; Telegram's chat; PagerDuty's routing key."""
    secret: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    """To sign with, or Telegram's token."""


class Mute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time of each week in which nobody is told; until midnight and on, where `until` is earlier than `from`."""

    days: list[Day] = []
    """All of them when empty; the day on which it starts."""
    start: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = msgspec.field(
        name="from", default="00:00"
    )
    until: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "00:00"
    timezone: str | None = None
    """The project's when null."""


class RuleStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    event: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    filters: Annotated[list[Filter], msgspec.Meta(max_length=20)] = []


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """When somebody is told of a number. Minutes are minutes, and rates are percent, as S1's thresholds are."""

    id: Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[A-Za-z0-9._~-]*$")] = ""
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    event: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] = "*"
    type: Type
    threshold: Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)] | None = None
    """Of `absence`: how many times the usual gap; of `mad`: z; of `band`: percent that it has to be off at least."""
    window_minutes: Annotated[int, msgspec.Meta(ge=1, le=MAX_WINDOW)] = 60
    cooldown_minutes: Annotated[int, msgspec.Meta(ge=0, le=60 * _DAYS)] = 60
    severity: Severity = "warning"
    channels: Annotated[list[Channel], msgspec.Meta(max_length=20)] = []
    enabled: bool = True
    numerator_event: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    denominator_event: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    measure: Literal["count", "unique_users", "unique_sessions"] = "count"
    method: Method = "band"
    direction: Direction = "both"
    """Of an anomaly."""
    sensitivity: Literal["low", "medium", "high"] | Annotated[float, msgspec.Meta(gt=0, lt=0.5)] = "medium"
    versus: Literal["previous", "previous_week"] = "previous"
    percent: Annotated[float, msgspec.Meta(ge=-100, le=1e9)] | None = None
    """Of `change_percent`; a fall is negative. Of `same_hour_percent`, how far off."""
    filters: Annotated[list[Filter], msgspec.Meta(max_length=20)] = []
    group_by: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    """A rule for each value, of which there are a hundred at most."""
    steps: Annotated[list[RuleStep], msgspec.Meta(max_length=20)] = []
    """Of `funnel_conversion`; people have the window's time for them where `funnelWindow` is null."""
    funnel_window: str | None = None
    for_minutes: Annotated[int, msgspec.Meta(ge=0, le=60 * _DAYS)] = 0
    """How long it has to last before somebody is told."""
    recovery_threshold: Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)] | None = None
    """It is over only beyond this one."""
    critical_threshold: Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)] | None = None
    """It is critical beyond this one, whatever the severity is otherwise."""
    min_samples: Annotated[int, msgspec.Meta(ge=0, le=10**9)] = MIN_SAMPLES
    mute: Annotated[list[Mute], msgspec.Meta(max_length=20)] = []
    owner: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    snoozed_until: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)] | None = None
    """Epoch milliseconds until which nobody is told."""

    @property
    def window(self) -> Millis:
        return self.window_minutes * MINUTE

    @property
    def tail(self) -> float:
        """The probability of a value that is an anomaly."""
        return SENSITIVITIES[self.sensitivity] if isinstance(self.sensitivity, str) else self.sensitivity


BELOW = frozenset({"volume_below", "rate_below", "funnel_conversion", "absence"})
"""What says that something is not there; nothing of this is said of a window that is still running (R29)."""
RATES = frozenset({"rate_below", "rate_above", "funnel_conversion"})


def is_below(rule: Rule) -> bool:
    """Whether it says that something is missing, as it all is when nothing arrives."""
    return rule.type in BELOW or (
        (rule.type == "anomaly" and rule.direction != "above")
        or (rule.type == "change_percent" and (rule.percent or 0) < 0)
    )


def checked(rule: Rule, path: str = "$") -> Rule:
    """The rule, if it says what to count and when to fire. Raises `BadRequest` with the place of what does not."""
    for place, said in (*_ASKS.get(rule.type, _nothing)(rule), *_window_faults(rule), *_channel_faults(rule)):
        raise BadRequest(said, path=f"{path}.{place}")
    return judgeable(rule, path)


def judgeable(rule: Rule, path: str = "$") -> Rule:
    """The rule, if numbers that somebody else has counted can be held against it. Raises `BadRequest`."""
    for place, said in _faults(rule):
        raise BadRequest(said, path=f"{path}.{place}")
    for at, mute in enumerate(rule.mute):
        if mute.timezone is not None:
            zone_of(mute.timezone, f"{path}.mute[{at}].timezone")
    return rule


def _faults(rule: Rule) -> Iterator[tuple[str, str]]:
    yield from _NEEDS[rule.type](rule)
    for name in ("recovery_threshold", "critical_threshold"):
        if getattr(rule, name) is not None and rule.type not in _ORDERED:
            field = "recoveryThreshold" if name == "recovery_threshold" else "criticalThreshold"
            yield field, f"A rule of type {rule.type} has none."
    if rule.type in _ORDERED and rule.threshold is not None:
        sign = -1 if rule.type in BELOW else 1
        if rule.recovery_threshold is not None and sign * (rule.recovery_threshold - rule.threshold) > 0:
            yield "recoveryThreshold", "It lies on the other side of the threshold."
        if rule.critical_threshold is not None and sign * (rule.critical_threshold - rule.threshold) < 0:
            yield "criticalThreshold", "It lies on the other side of the threshold."
    if rule.funnel_window is not None:
        try:
            window_of(rule.funnel_window)
        except BadRequest as error:
            yield "funnelWindow", error.detail


_ORDERED = frozenset({"volume_below", "volume_above", "rate_below", "rate_above", "funnel_conversion"})


def _needs_threshold(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.threshold is None:
        yield "threshold", "A number is missing to compare with."


def _needs_percent(rule: Rule) -> Iterator[tuple[str, str]]:
    if not rule.percent:
        yield "percent", "Say by how many percent; a fall is negative."


def _needs_far(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.method == "same_hour_percent" and not (rule.percent or rule.threshold):
        yield "percent", "Say by how many percent."
    if rule.method == "mad" and rule.threshold is not None and rule.threshold <= 0:
        yield "threshold", "A score is above zero."


def _needs_gap(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.threshold is not None and rule.threshold < 1:
        yield "threshold", "It is of usual gaps, one at least."


_NEEDS: dict[Type, Callable[[Rule], Iterator[tuple[str, str]]]] = {
    "volume_below": _needs_threshold,
    "volume_above": _needs_threshold,
    "rate_below": _needs_threshold,
    "rate_above": _needs_threshold,
    "anomaly": _needs_far,
    "absence": _needs_gap,
    "change_percent": _needs_percent,
    "funnel_conversion": _needs_threshold,
}


def _window_faults(rule: Rule) -> Iterator[tuple[str, str]]:
    """Days and weeks are those of the calendar, and people are counted by the intervals of other questions."""
    if rule.window_minutes > _DAYS and rule.window_minutes != MAX_WINDOW:
        yield "windowMinutes", f"A window is less than a day, a day ({_DAYS}) or a week ({MAX_WINDOW})."
    counts_people = rule.type == "funnel_conversion" or rule.measure != "count"
    if counts_people and rule.window_minutes not in {60, _DAYS, MAX_WINDOW}:
        yield "windowMinutes", f"People are counted by the hour (60), the day ({_DAYS}) or the week ({MAX_WINDOW})."
    if rule.type in RATES and rule.measure != "count":
        yield "measure", "A rate is of events."
    if rule.group_by is not None and counts_people:
        yield "groupBy", "Only counts of events are told apart by a value."


def _channel_faults(rule: Rule) -> Iterator[tuple[str, str]]:
    return channel_faults(rule.channels)


def channel_faults(channels: Iterable[Channel]) -> Iterator[tuple[str, str]]:
    """Places and sentences of what cannot be sent to."""
    for at, channel in enumerate(channels):
        target = channel.target
        if not target and channel.type != "slack":
            yield f"channels[{at}].target", "A channel has a target."
        elif channel.type == "webhook" and not web_host(target):
            yield f"channels[{at}].target", "A webhook is an address such as https://ops.example/hook."
        elif channel.type == "email" and not _MAIL.fullmatch(target):
            yield f"channels[{at}].target", "Expected an address of e-mail."
        if channel.type == "telegram" and not channel.secret:
            yield f"channels[{at}].secret", "Telegram's bot has a token."


_MAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


def web_host(address: str) -> str | None:
    """The host of an address on the web; None for what is none."""
    try:
        parts = urlsplit(address)
        return parts.hostname if parts.scheme.lower() in {"http", "https"} else None
    except ValueError:
        return None


def _nothing(_: Rule) -> Iterator[tuple[str, str]]:
    return iter(())


def _asks_rate(rule: Rule) -> Iterator[tuple[str, str]]:
    for name, field in (("numerator_event", "numeratorEvent"), ("denominator_event", "denominatorEvent")):
        if not getattr(rule, name):
            yield field, "A rate is of two events."


def _asks_steps(rule: Rule) -> Iterator[tuple[str, str]]:
    if len(rule.steps) < 2:  # noqa: PLR2004 - a funnel
        yield "steps", "A funnel has two steps at least."


_ASKS: dict[Type, Callable[[Rule], Iterator[tuple[str, str]]]] = {
    "rate_below": _asks_rate,
    "rate_above": _asks_rate,
    "funnel_conversion": _asks_steps,
}


def decode_rule(text: bytes | str) -> Rule:
    """A rule that was stored. Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(text, type=Rule)


def as_sent(rule: Rule) -> dict[str, Any]:
    """Its JSON."""
    return msgspec.to_builtins(rule)
