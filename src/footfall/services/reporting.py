"""Reports at work: when one is due, its numbers are asked for, and written down to be sent, once.

Its next time and the deliveries are one transaction, so of several servers one sends it, and a crash before that leaves
it due. After a pause the newest is sent, and those that were missed are not.
"""

import asyncio
import logging
from urllib.parse import urlencode

import msgspec

from footfall.alerts.message import Letter, Message
from footfall.insights import INSIGHTS
from footfall.insights.question import Narrowing
from footfall.insights.sql import Context
from footfall.model.errors import FootfallError
from footfall.model.event import Millis
from footfall.model.period import Period, from_millis, zone_of
from footfall.reports import letter
from footfall.reports.digest import Digest, Section, compared
from footfall.reports.report import Report
from footfall.reports.schedule import covered, due_after, last_due
from footfall.services.alerting import outgoing
from footfall.services.analyse import Analyst
from footfall.services.boards import Answered, Shown, answers, tiles_of_board, tiles_of_saved
from footfall.stores.catalog import Catalog, Happening, StoredReport
from footfall.stores.catalog.alerts import REPORT

_PAGES = {
    "trend": "/trends", "funnel": "/funnels", "retention": "/retention", "lifecycle": "/retention",
    "stickiness": "/retention", "paths": "/paths", "sessions": "/sessions", "components": "/components",
    "dwell": "/components",
}  # fmt: skip
"""Where a saved insight of a kind is looked at."""

_log = logging.getLogger("footfall.reports")


class Reporting:
    def __init__(self, catalog: Catalog, analyst: Analyst, base: str = "") -> None:
        """`base` is where the dashboard is found from outside."""
        self._catalog = catalog
        self._analyst = analyst
        self._base = base
        self._failing: set[str] = set()
        """Reports that are due and cannot be written; said once each."""

    async def digest(self, report: Report, due: Millis, context: Context) -> Digest:
        """What a report says that is due then.

        Raises `NotFound` where there is no such board or insight, `Unavailable` where the engine cannot be asked.
        """
        tiles = await asyncio.to_thread(self._tiles, report, context)
        last, before = covered(report, due, zone_of(context.timezone), context.week_start)
        of = [await self._answers(tiles, period, context) for period in (last, before)]
        return Digest(
            name=report.name,
            every=report.every,
            start=last.start,
            end=last.end,
            timezone=context.timezone,
            sections=[_section(now, then) for now, then in zip(*of, strict=True)],
            project=self._catalog.projects.get(context.project_id).name,
            link=self._link(report, tiles, last, context),
        )

    def _tiles(self, report: Report, context: Context) -> list[Shown]:
        catalog = self._catalog
        if report.board is not None:
            return tiles_of_board(catalog, context.project_id, catalog.boards.get(context.project_id, report.board))
        return tiles_of_saved(catalog.saved.get(context.project_id, report.saved or ""))

    async def _answers(self, tiles: list[Shown], period: Period, context: Context) -> list[Answered]:
        days = Narrowing(start=period.start, end=period.end, timezone=context.timezone)
        ranged = [msgspec.structs.replace(tile, over=(*tile.over, days)) for tile in tiles]
        # A letter goes where no key is asked for, so it tells no persons apart, as a link does not.
        return await answers(self._analyst, ranged, context, aggregates=True, strict=True)

    def _link(self, report: Report, tiles: list[Shown], period: Period, context: Context) -> str:
        """To the board with those days; to the insight as it is saved, which has days of its own or none."""
        if not self._base:
            return ""
        if report.board is None:
            kind = tiles[0].kind
            words = {"kind": kind, "saved": report.saved, "project": context.project_id}
            return f"{self._base}{_PAGES.get(kind, '/')}?{urlencode(words)}"
        first, last = (from_millis(at, period.zone).date() for at in (period.start, period.end - 1))
        words = {"project": context.project_id, "range": f"{first}..{last}"}
        return f"{self._base}/boards/{report.board}?{urlencode(words)}"

    async def message(self, report_id: str, report: Report, due: Millis, context: Context) -> Message:
        """What goes to its channels."""
        digest = await self.digest(report, due, context)
        data = msgspec.to_builtins(digest)
        return Message(
            id=f"{report_id}:{due}", incident=report_id, kind=REPORT, severity="warning", name=report.name, event="",
            detail=letter.text(digest), value=None, at=digest.end, project=digest.project, link=digest.link,
            letter=Letter(
                subject=digest.subject,
                text=letter.text(digest),
                html=letter.html(digest),
                data={"period": digest.period, "timezone": digest.timezone, "sections": data["sections"]},
            ),
        )  # fmt: skip

    def happening(self, report: Report, said: Message) -> Happening:
        return Happening(
            kind=REPORT, severity="", name=report.name, detail=said.letter.subject if said.letter else "", value=None,
            at=said.at, outgoing=tuple(outgoing(report.channels, said)),
        )  # fmt: skip

    async def send_due(self, now: Millis) -> int:
        """Write down whatever is due. How many that were."""
        sent = 0
        for one in await asyncio.to_thread(self._catalog.reports.due, now):
            if self._catalog.projects.get(one.project_id).archived_at is not None:
                continue
            try:
                sent += await self._send(one, now)
            except (FootfallError, msgspec.MsgspecError) as error:
                # The others are sent; this one is due until it can be.
                if one.id not in self._failing:
                    self._failing.add(one.id)
                    _log.error("the report %s cannot be written: %s", one.id, type(error).__name__)
            else:
                self._failing.discard(one.id)
        return sent

    async def _send(self, one: StoredReport, now: Millis) -> bool:
        project = self._catalog.projects.get(one.project_id)
        zone = zone_of(project.timezone)
        context = Context(
            project_id=project.id, timezone=project.timezone, week_start=project.week_start, now=now
        )  # fmt: skip
        report = msgspec.json.decode(one.body, type=Report)
        due = last_due(report, one.next_at, now, zone)
        said = await self.message(one.id, report, due, context)
        next_at = due_after(report, now, zone)
        return await asyncio.to_thread(self._catalog.reports.claim, one, next_at, self.happening(report, said), now)


def _section(now: Answered, before: Answered) -> Section:
    if now.answer is None:
        return Section(title=now.title, kind=now.kind, figures=[], problem=now.problem)
    figures = INSIGHTS[now.kind].figures  # pyright: ignore[reportArgumentType] - it was answered
    then = [] if before.answer is None else figures(before.answer)
    return Section(title=now.title, kind=now.kind, figures=compared(figures(now.answer), then))
