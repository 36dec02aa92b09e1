"""A rule over a series of windows: what it would have said, and whom it would have told. The past and now alike."""

from collections.abc import Iterator

import msgspec

from footfall.alerts.judge import Judge, Judgement, grows
from footfall.alerts.machine import NEW, Notice, Standing, State, step
from footfall.alerts.rule import Rule
from footfall.alerts.series import Series
from footfall.model.event import Millis


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says of a window."""

    at: int
    """Its place in the series."""
    state: State
    judgement: Judgement
    notice: Notice | None
    reason: str
    standing: Standing


RUNNING = Judgement(reason="running")


def evaluate(
    rule: Rule, series: Series, now: Millis, standing: Standing = NEW, after: int = 0, inhibited: str = ""
) -> Iterator[Told]:
    """What it says of each window from the place `after` on; a window that is not over is not judged for "below".

    `inhibited` says why what breaks the rule is not the rule's to tell.
    """
    known = set(standing.unusual)
    judge = Judge(rule, series, [at for at, end in enumerate(series.ends) if end in known])
    for at in range(after, len(series.starts)):
        if series.ends[at] > now and not _is_worse(rule, series, at):
            yield Told(at=at, state=standing.state, judgement=RUNNING, notice=None, reason="running", standing=standing)
            continue
        found = judge.judge(at)
        if inhibited and found.breached:
            found = Judgement(known="no_data", reason=inhibited)
        taken = step(rule, standing, found, series.ends[at], series.zone)
        standing = taken.standing
        yield Told(
            at=at, state=standing.state, judgement=found, notice=taken.notice, reason=taken.reason, standing=standing
        )


def correction(rule: Rule, series: Series, standing: Standing, at: int) -> Judgement | None:
    """What it says of a window that was judged before late events came; None where that comes to the same."""
    known = set(standing.unusual)
    found = Judge(rule, series, [place for place, end in enumerate(series.ends) if end in known]).judge(at)
    was_broken = standing.phase in {"pending", "firing"}
    other = found.recovered and not found.breached if was_broken else found.breached
    return found if found.known == "judged" and other else None


def _is_worse(rule: Rule, series: Series, at: int) -> bool:
    """Whether a window that is still running breaks the rule already, and whatever comes cannot mend that."""
    value = series.values[at]
    return grows(rule) and value is not None and value > (rule.threshold or 0)
