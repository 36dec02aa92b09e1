"""What somebody is told: a title, a sentence, and where to look."""

from typing import Any, Literal

import msgspec

from footfall.alerts.judge import Judgement
from footfall.alerts.machine import Kind, Notice
from footfall.alerts.rule import RATES, Rule, Severity
from footfall.model.event import Millis

Word = Kind | Literal["test", "ingest_stalled", "report"]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What is said at length, where there is room for it."""

    subject: str
    text: str
    html: str
    data: dict[str, Any]
    """The same for programs."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A notice, for every channel the same."""

    id: str
    """The same for each attempt: who gets it twice knows so."""
    incident: str
    """The same from firing to resolution."""
    kind: Word
    severity: Severity
    name: str
    event: str
    detail: str
    value: float | None
    instance: str = ""
    """The value of the rule's group."""
    at: Millis
    """End of the window."""
    project: str = ""
    link: str = ""
    owner: str = ""
    letter: Letter | None = None

    @property
    def title(self) -> str:
        """S1's, with what else there is to say in the place of the severity."""
        return f"[{_WORDS.get(self.kind, self.severity.upper())}] {self.name}{self.group}"

    @property
    def group(self) -> str:
        return f" ({self.instance})" if self.instance else ""

    @property
    def is_over(self) -> bool:
        return self.kind == "resolved"


_WORDS: dict[str, str] = {"resolved": "RESOLVED", "test": "TEST", "flapping": "FLAPPING", "report": "REPORT"}


def message(
    rule: Rule, instance: str, notice: Notice, found: Judgement, value: float | None, at: Millis, *, project: str,
    link: str,
) -> Message:  # fmt: skip
    incident = f"{rule.id}:{instance}" if instance else rule.id
    return Message(
        id=f"{incident}:{at}:{notice.kind}",
        incident=incident,
        kind=notice.kind,
        severity=notice.severity,
        name=rule.name or rule.id,
        event=rule.event,
        detail=detail(rule, found, value),
        value=value,
        instance=instance,
        at=at,
        project=project,
        link=link,
        owner=rule.owner or "",
    )


def detail(rule: Rule, found: Judgement, value: float | None) -> str:
    """The number of a window and what it is held against, in a sentence."""
    if value is None:
        return f"No data in {rule.window_minutes} min"
    told = f"{shown(value)} %" if rule.type in RATES else f"{shown(value)} {_UNITS[rule.measure]}"
    said = f"{told} in {rule.window_minutes} min"
    if rule.type == "change_percent":
        change = "new" if found.change is None else f"{found.change:+.1f} %"
        return f"{said} ({change} from {shown(found.expected)}; limit {rule.percent:+g} %)"
    if rule.type == "anomaly" and found.expected is not None:
        band = f", usual {shown(found.lower)} to {shown(found.upper)}" if found.lower is not None else ""
        return f"{said} (expected {shown(found.expected)}{band})"
    if rule.type == "absence":
        return f"{said}: {shown(found.score)} times the usual gap without any"
    sign = "≥" if found.lower is not None else "≤"
    return f"{said} (threshold: {sign}{shown(rule.threshold)}{' %' if rule.type in RATES else ''})"


_UNITS = {"count": "events", "unique_users": "people", "unique_sessions": "sessions"}


def shown(number: float | None) -> str:
    """Whole numbers as such, others with one digit."""
    if number is None:
        return "-"
    return f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"
