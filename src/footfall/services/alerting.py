"""Alerts at work: windows that are over are judged once each, and what is to be told is told at least once.

Judging and writing down are one transaction of the catalog (`stores.catalog.alerts`); sending is another's work, so
that a channel that does not answer holds up no rule.
"""

import asyncio
import logging
import random
from bisect import bisect_left
from collections.abc import Iterable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from footfall.access import DEFAULT_PROJECT
from footfall.alerts.channels import CHANNELS, Outcome
from footfall.alerts.defaults import DEFAULTS
from footfall.alerts.evaluate import Told, correction, evaluate
from footfall.alerts.judge import Judgement
from footfall.alerts.machine import NEW, Notice, Standing, step
from footfall.alerts.message import Message, detail, message, shown
from footfall.alerts.rule import MAX_GROUPS, MINUTE, RATES, Channel, Rule, decode_rule, is_below
from footfall.alerts.series import Series
from footfall.alerts.windows import history, latest, unfinished, windows
from footfall.insights.sql import Context
from footfall.model.errors import FootfallError, NotFound, TooMany
from footfall.model.event import Millis
from footfall.model.period import zone_of
from footfall.services.measuring import Measurer
from footfall.services.rates import Rates
from footfall.services.sending import Sender
from footfall.services.turns import Turns
from footfall.settings import Settings, clock
from footfall.stores.catalog import Catalog, Delivery, Happening, Move, Outgoing, Remembered, StoredRule
from footfall.stores.spool import Spool

if TYPE_CHECKING:
    from footfall.services.cooldowns import Cooldowns

GRACE: Millis = MINUTE
"""After its end a window waits so long for events that are late."""
CATCH_UP = 24
"""Windows of the past that are made up after a pause, the newest of them."""
PAUSES = (5, 30, 120, 600, 3600)
"""Seconds between tries of a delivery; after the last of them it is dead."""
CLAIM: Millis = 60_000
"""How long a delivery is somebody's who may have died over it."""
STALLED = "ingest_stalled"
_REPEATED = frozenset({"firing", "flapping"})
"""What is told again only after a cooldown; that it got worse is told at once."""
_SLICE = 5
"""Minutes; arrival is looked at by these."""
_SILENT = 3
"""Slices without anything, and…"""
_EXPECTED = 20
"""…events that came in as many of them a day ago."""

_log = logging.getLogger("footfall.alerts")


class Alerting:
    """Methods wait for the engine and the catalog; call them in a thread."""

    def __init__(self, catalog: Catalog, measurer: Measurer, base: str = "") -> None:
        """`base` is where the dashboard is found from outside."""
        self._catalog = catalog
        self._measurer = measurer
        self._base = base
        self._failures = 0
        self.judged_at: Millis | None = None
        """When the rules of all projects were looked at for the last time."""

    def judge(self, context: Context, until: Millis, rules: Iterable[StoredRule] | None = None) -> int:
        """Judge every window of the project's rules that was over at a time. How many windows that were."""
        stored = self._catalog.alerts.rules(context.project_id, enabled=True) if rules is None else list(rules)
        if not stored:
            return 0
        remembered: dict[str, dict[str, Remembered]] = {}
        for one in self._catalog.alerts.remembered(context.project_id):
            remembered.setdefault(one.rule_id, {})[one.instance] = one
        work = [_Work(decode_rule(one.body), remembered.get(one.id, {}), context, until - GRACE) for one in stored]
        due = [one for one in work if one.windows]
        if not due:
            return 0
        arrival = self._arrival(due, remembered.get(STALLED, {}), context, until)
        watched = due if arrival is None else [*due, arrival]
        measured = self._measurer.measure([(one.rule, one.windows) for one in watched], context)
        stalled = False
        if arrival is not None:
            found = measured.pop()
            if isinstance(found, FootfallError):
                raise found
            stalled = self._stalled(arrival, found[""], context, until)
        moves: list[Move] = []
        judged = 0
        for one, found in zip(due, measured, strict=True):
            if isinstance(found, FootfallError):
                self._failed(context.project_id, one.rule.id, found)
                continue
            for instance, series in one.with_gone(found, zone_of(context.timezone)).items():
                count, move = self._settle(
                    one, instance, series, context, until, STALLED if stalled and is_below(one.rule) else ""
                )
                judged += count
                moves += move
        self._catalog.alerts.claim(context.project_id, moves, until)
        return judged

    @property
    def failures(self) -> int:
        """How often the question of a rule could not be answered, since the start."""
        return self._failures

    def _failed(self, project_id: int, rule_id: str, error: FootfallError) -> None:
        """The others are judged; this one is, when its question can be answered again."""
        self._failures += 1
        _log.error("the rule %s of project %d cannot be judged: %s", rule_id, project_id, type(error).__name__)

    def _settle(
        self, work: "_Work", instance: str, series: Series, context: Context, now: Millis, inhibited: str
    ) -> tuple[int, list[Move]]:
        """How many windows were judged, and what comes of it."""
        before = work.remembered.get(instance)
        standing = NEW if before is None else msgspec.json.decode(before.standing, type=Standing)
        after = next((at for at, end in enumerate(series.ends) if end > work.since(instance)), len(series.ends))
        told = list(evaluate(work.rule, series, now, standing, after, inhibited))
        if not told:
            return 0, []
        last = told[-1]
        moved = Remembered(
            rule_id=work.rule.id,
            instance=instance,
            until=series.ends[last.at],
            standing=msgspec.json.encode(last.standing).decode(),
            state=last.state,
            value=series.values[last.at],
            reason=last.reason,
        )
        happened = (
            *_corrected(work.rule, series, before, standing),
            *self._happened(work.rule, instance, series, standing, told, context),
        )
        return len(told), [Move(before=before.until if before else None, after=moved, happened=happened)]

    def _happened(
        self, rule: Rule, instance: str, series: Series, before: Standing, told: list[Told], context: Context
    ) -> Iterable[Happening]:
        """What is written down. Of several windows at once, people are told how it stands at the end of them."""
        noticed = [(one, one.notice) for one in told if one.notice is not None]
        final = told[-1].standing
        is_news = (
            len(told) == 1 or before.told != final.told or (final.told and before.told_severity != final.told_severity)
        )
        for place, (one, notice) in enumerate(noticed):
            goes_out = is_news and place == len(noticed) - 1
            yield self._happening(rule, instance, series, one, notice, context, goes_out=goes_out)

    def _happening(
        self, rule: Rule, instance: str, series: Series, one: Told, notice: Notice, context: Context, *, goes_out: bool
    ) -> Happening:
        value, at = series.values[one.at], series.ends[one.at]
        said = message(
            rule, instance, notice, one.judgement, value, at,
            project=self._catalog.projects.get(context.project_id).name, link=self._link(context, rule),
        )  # fmt: skip
        return Happening(
            kind=notice.kind,
            severity=notice.severity,
            name=said.name + said.group,
            detail=said.detail if goes_out else f"{said.detail} (missed, made up later)",
            value=value,
            at=at,
            outgoing=tuple(outgoing(rule.channels, said)) if goes_out else (),
        )

    def _link(self, context: Context, rule: Rule) -> str:
        return f"{self._base}/alerts?project={context.project_id}&rule={rule.id}" if self._base else ""

    # ── when nothing arrives at all ──────────────────────────────────────────────────────────────────────────

    def _arrival(
        self, due: list["_Work"], remembered: dict[str, Remembered], context: Context, now: Millis
    ) -> "_Work | None":
        """What is to be read to see whether arrival as a whole has stopped, where that matters to anybody."""
        below = [one.rule for one in due if is_below(one.rule)]
        if not below and not remembered:
            return None
        rule = Rule(
            id=STALLED,
            name="No events arrive",
            type="volume_below",
            threshold=1,
            window_minutes=_SLICE,
            severity="critical",
            channels=distinct(channel for one in below for channel in one.channels),
        )
        work = _Work(rule, remembered, context, now - GRACE, back=2 * 24 * 60 * MINUTE)
        return work if work.windows else None

    def _stalled(self, work: "_Work", series: Series, context: Context, now: Millis) -> bool:
        """Whether it has; then that is told once, in the place of all that is missing."""
        rule = work.rule
        silent = next((back for back, value in enumerate(reversed(series.values)) if value), len(series.values))
        a_day = 24 * 60 // _SLICE
        then = series.values[max(0, len(series.values) - a_day - silent) : len(series.values) - a_day]
        before = work.remembered.get("")
        standing = NEW if before is None else msgspec.json.decode(before.standing, type=Standing)
        # What was told ends when something arrives, however long ago "usual" was.
        was_told = standing.phase in {"firing", "recovering"}
        stalled = silent >= _SILENT and (was_told or sum(one or 0 for one in then) >= _EXPECTED)
        end = series.ends[-1]
        if before is None or before.until < end:
            judged = Judgement(breached=stalled, recovered=not stalled, lower=1)
            taken = step(rule, standing, judged, end, series.zone)
            told = Told(
                at=len(series.values) - 1, state=taken.standing.state, judgement=judged, notice=taken.notice,
                reason=taken.reason, standing=taken.standing,
            )  # fmt: skip
            moved = Remembered(
                rule_id=STALLED, instance="", until=end, standing=msgspec.json.encode(taken.standing).decode(),
                state=taken.standing.state, value=float(silent * _SLICE), reason=taken.reason,
            )  # fmt: skip
            happened = (
                self._happening(rule, "", series, told, taken.notice, context, goes_out=True),
            ) if taken.notice else ()  # fmt: skip
            move = Move(before=before.until if before else None, after=moved, happened=happened)
            self._catalog.alerts.claim(context.project_id, [move], now)
        return stalled


def ship(catalog: Catalog, project_id: int, now: Millis) -> None:
    """S1's rules for a new project, off until somebody says where notices go."""
    for place, rule in enumerate(DEFAULTS):
        body = msgspec.json.encode(rule).decode()
        catalog.alerts.create(project_id, rule.id, body, "footfall", now + place, enabled=False)


def ship_to_all(catalog: Catalog, now: Millis) -> None:
    """The same for projects that never had a rule."""
    for project in catalog.projects.list():
        if not catalog.alerts.rules(project.id) and not catalog.alerts.history(project.id, limit=1):
            ship(catalog, project.id, now)


async def judge_all(catalog: Catalog, alerting: Alerting, spool: Spool, turns: Turns, settings: Settings) -> None:
    """Every open project's rules, up to what the engine has: what waits in the spool may belong to any window."""
    for project in catalog.projects.list():
        if project.archived_at is not None:
            continue
        now = clock(settings)
        waiting = (await asyncio.to_thread(spool.totals, project.id)).oldest
        context = Context(project_id=project.id, timezone=project.timezone, week_start=project.week_start, now=now)
        until = now if waiting is None else min(now, waiting)
        await turns.take(alerting.judge, context, until)
    alerting.judged_at = clock(settings)


class _Work:
    """A rule, what is remembered of it, and the windows that are to be read."""

    def __init__(
        self, rule: Rule, remembered: dict[str, Remembered], context: Context, until: Millis, back: Millis = 0
    ) -> None:
        self.rule = rule
        self.remembered = remembered
        zone = zone_of(context.timezone)
        last = latest(rule, zone, until - unfinished(rule), context.week_start)
        self.windows: list[tuple[Millis, Millis]] = []
        self._first = 0
        if last is None:
            return
        oldest = min((one.until for one in remembered.values()), default=last[0])
        self._first = max(oldest, last[1] - CATCH_UP * rule.window)
        if last[1] > self._first:
            start = self._first - rule.window - max(back, history(rule))
            self.windows = [one for one in windows(rule, zone, start, last[1], context.week_start) if one[1] <= last[1]]

    def since(self, instance: str) -> Millis:
        """Windows of it that end later are to be judged."""
        one = self.remembered.get(instance)
        return self._first if one is None else max(one.until, self._first)

    def with_gone(self, found: dict[str, Series], zone: ZoneInfo) -> dict[str, Series]:
        """Also groups that were there before, and of which there is nothing any more.

        Where there are more groups than are told, nothing is known of one that is not among them.
        """
        if self.rule.group_by is None:
            return found
        count = len(self.windows)
        nothing = None if len(found) >= MAX_GROUPS else 0
        told = next(iter(found.values()), None)
        known = [nothing] * count if told is None else [nothing if value is not None else None for value in told.values]
        is_rate = self.rule.type in RATES
        gone = Series(
            starts=tuple(start for start, _ in self.windows),
            ends=tuple(end for _, end in self.windows),
            values=tuple(known),
            samples=tuple(known) if is_rate else (None,) * count,
            zone=zone,
        )
        return {**dict.fromkeys(self.remembered, gone), **found}


def _corrected(rule: Rule, series: Series, before: Remembered | None, standing: Standing) -> Iterable[Happening]:
    """The last window that was judged is looked at once more with the next one: late events may have changed it."""
    at = -1 if before is None else bisect_left(series.ends, before.until)
    if before is None or at >= len(series.ends) or series.ends[at] != before.until or series.values[at] == before.value:
        return
    found = correction(rule, series, standing, at)
    if found is None:
        return
    value, was = series.values[at], "nothing" if before.value is None else shown(before.value)
    meant = "it would have been broken" if found.breached else "it would not have been broken"
    yield Happening(
        kind="corrected",
        severity=rule.severity,
        name=(rule.name or rule.id) + (f" ({before.instance})" if before.instance else ""),
        detail=f"{detail(rule, found, value)}, with events that came late; it was {was}: {meant}.",
        value=value,
        at=before.until,
    )


def outgoing(channels: Iterable[Channel], said: Message) -> Iterable[Outgoing]:
    text = msgspec.json.encode(said).decode()
    for channel in channels:
        yield Outgoing(type=channel.type, channel=msgspec.json.encode(channel).decode(), message=text)


def distinct(channels: Iterable[Channel]) -> list[Channel]:
    """Each once."""
    return list({msgspec.json.encode(one): one for one in channels}.values())


# ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────


class Courier:
    """Sends what is written down. Several may do so, each delivery by one of them at a time."""

    def __init__(self, catalog: Catalog, sender: Sender, slack: str = "", cooldowns: "Cooldowns | None" = None) -> None:
        """`slack` is the address of Slack channels that name none; `cooldowns` are S1's, where it runs as well."""
        self._catalog = catalog
        self._sender = sender
        self._slack = slack
        self._cooldowns = cooldowns
        self._rates = Rates()

    async def send(self, now: Millis) -> int:
        """Send whatever is due. How many tries that were."""
        due = await asyncio.to_thread(self._catalog.alerts.due, now, CLAIM)
        await asyncio.gather(*(self._send(one, now) for one in due))
        return len(due)

    async def _send(self, one: Delivery, now: Millis) -> None:
        try:
            channel = msgspec.json.decode(one.channel, type=Channel)
            if channel.type == "slack" and not channel.target:
                channel = msgspec.structs.replace(channel, target=self._slack)
            what = CHANNELS[channel.type].build(channel, msgspec.json.decode(one.message, type=Message), now)
        except (msgspec.MsgspecError, ValueError) as error:
            await asyncio.to_thread(self._catalog.alerts.died, one.id, type(error).__name__, now)
            return
        try:
            wait = self._wait(channel)
            if wait:
                await asyncio.to_thread(self._catalog.alerts.wait, one.id, now + wait)
                return
            rule = await self._cooling(one)
            if rule is not None and self._cooldowns and await self._cooldowns.is_held(rule.id):
                await asyncio.to_thread(self._held, one, now)
                return
            found = await self._sender.send(channel.type, what)
            await asyncio.to_thread(self._finish, one, found, now)
            if found.taken and rule is not None and self._cooldowns:
                await self._cooldowns.begin(rule.id, rule.cooldown_minutes)
        except FootfallError:
            # The catalog is away: the claim runs out, and it is sent again under the same id.
            _log.warning("what became of a notice could not be written down")

    def _wait(self, channel: Channel) -> Millis:
        """Until its vendor takes one more."""
        rate = CHANNELS[channel.type].rate
        try:
            if rate:
                self._rates.count(rate, f"{channel.type} {channel.target}", "")
        except TooMany as full:
            return full.retry_after * 1000
        return 0

    async def _cooling(self, one: Delivery) -> Rule | None:
        """The rule, where S1 would tell of it too: of one project, and only that something fires."""
        if self._cooldowns is None or one.project_id != DEFAULT_PROJECT:
            return None
        return await asyncio.to_thread(self._fired, one)

    def _fired(self, one: Delivery) -> Rule | None:
        told = self._catalog.alerts.alert(one.alert_id)
        if told is None or told[0].kind not in _REPEATED:
            return None
        try:
            return decode_rule(self._catalog.alerts.rule(one.project_id, told[0].rule_id).body)
        except NotFound:  # deleted since
            return None

    def _held(self, one: Delivery, now: Millis) -> None:
        self._catalog.alerts.held(one.id, "Told by another within the cooldown.", now)
        self._remember(one.alert_id, now)

    def _finish(self, one: Delivery, found: Outcome, now: Millis) -> None:
        alerts = self._catalog.alerts
        if found.taken:
            alerts.delivered(one.id, now)
        elif not found.again or one.attempts >= len(PAUSES):
            alerts.died(one.id, found.error, now)
            _log.error("a notice could not be delivered by %s: %s", one.type, found.error)
        else:
            pause = max(PAUSES[one.attempts] * random.uniform(0.8, 1.2), found.wait or 0)  # noqa: S311 - no secret
            alerts.put_off(one.id, found.error, now + round(pause * 1000))
            return
        self._remember(one.alert_id, now)

    def _remember(self, alert_id: int, now: Millis) -> None:
        """The cooldown begins with the first delivery; where nobody could be told, it is told again."""
        told = self._catalog.alerts.alert(alert_id)
        if told is None or told[0].kind not in _REPEATED | {"escalated"}:
            return
        alert, deliveries = told
        statuses = {each.status for each in deliveries}
        if statuses != {"dead"} and not statuses & {"delivered", "held"}:
            return
        for one in self._catalog.alerts.remembered(alert.project_id):
            if (one.rule_id, one.instance) == (alert.rule_id, alert.instance):
                standing = msgspec.json.decode(one.standing, type=Standing)
                revised = (
                    msgspec.structs.replace(standing, told=False, told_at=None)
                    if statuses == {"dead"}
                    else msgspec.structs.replace(standing, told_at=max(standing.told_at or 0, now))
                )
                text = msgspec.json.encode(revised).decode()
                self._catalog.alerts.revise(alert.project_id, alert.rule_id, one.instance, one.standing, text)
