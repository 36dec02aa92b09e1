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
from footfall.model.period import Period, from_millis, label, zone_of
from footfall.reports import letter
from footfall.reports.digest import Digest, Section, compared
from footfall.reports.report import Report
from footfall.reports.schedule import covered, due_after, due_from, last_due
from footfall.services.alerting import distinct, outgoing
from footfall.services.analyse import Analyst
from footfall.services.boards import Answered, Shown, answers, tiles_of_board, tiles_of_saved
from footfall.services.faults import log_fault
from footfall.stores.catalog import Catalog, Happening, StoredReport
from footfall.stores.catalog.alerts import REPORT

_PAGES = {
    "trend": "/trends", "funnel": "/funnels", "retention": "/retention", "lifecycle": "/retention",
    "stickiness": "/retention", "paths": "/paths", "sessions": "/sessions", "components": "/components",
    "dwell": "/components",
}  # fmt: skip
"""Where a saved insight of a kind is looked at."""

SHORTEST_PAUSE: Millis = 10_000
LONGEST_PAUSE: Millis = 600_000
"""Between two tries of a report that cannot be written."""
PATIENCE: Millis = 6 * 3_600_000
"""With an engine that does not answer; then a report says that it did not."""

_log = logging.getLogger("footfall.reports")


class Reporting:
    def __init__(self, catalog: Catalog, analyst: Analyst, base: str = "") -> None:
        """`base` is where the dashboard is found from outside."""
        self._catalog = catalog
        self._analyst = analyst
        self._base = base
        self._failing: dict[str, tuple[int, Millis]] = {}
        """Of reports that are due and cannot be written: how often that was so, and when they are tried again."""

    async def digest(self, report: Report, due: Millis, context: Context, *, strict: bool = True) -> Digest:
        """What a report says that is due then.

        Raises `NotFound` where there is no such board or insight, `Unavailable` where the engine cannot be asked.
        """
        tiles = await asyncio.to_thread(self._tiles, report, context)
        last, before = covered(report, due, zone_of(context.timezone), context.week_start)
        of = [await self._answers(tiles, period, context, strict) for period in (last, before)]
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

    async def _answers(self, tiles: list[Shown], period: Period, context: Context, strict: bool) -> list[Answered]:
        days = Narrowing(start=period.start, end=period.end, timezone=context.timezone)
        ranged = [msgspec.structs.replace(_plainly(tile), over=(*tile.over, days)) for tile in tiles]
        # A letter goes where no key is asked for, so it tells no persons apart, as a link does not.
        return await answers(self._analyst, ranged, context, aggregates=True, strict=strict)

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

    async def message(
        self, report_id: str, report: Report, due: Millis, context: Context, *, strict: bool = True
    ) -> Message:
        """What goes to its channels."""
        digest = await self.digest(report, due, context, strict=strict)
        zone = zone_of(digest.timezone)
        data = msgspec.to_builtins(digest)
        return Message(
            id=f"{report_id}:{due}", incident=report_id, kind=REPORT, severity="warning", name=report.name, event="",
            detail=digest.subject, value=None, at=digest.end, project=digest.project, link=digest.link,
            letter=Letter(
                subject=digest.subject,
                text=letter.text(digest),
                html=letter.html(digest),
                data={
                    "every": digest.every, "from": label(digest.start, zone), "to": label(digest.end, zone),
                    "period": digest.period, "timezone": digest.timezone, "sections": data["sections"],
                },
            ),
        )  # fmt: skip

    def happening(self, report: Report, said: Message) -> Happening:
        return Happening(
            kind=REPORT, severity="", name=report.name, detail=said.letter.subject if said.letter else "", value=None,
            at=said.at, outgoing=tuple(outgoing(distinct(report.channels), said)),
        )  # fmt: skip

    async def send_due(self, now: Millis) -> int:
        """Write down whatever is due. How many that were."""
        sent = 0
        for one in await asyncio.to_thread(self._catalog.reports.due, now):
            tries, again = self._failing.get(one.id, (0, 0))
            if again > now:
                continue
            try:
                sent += await self._send(one, now)
            except Exception as error:  # noqa: BLE001 - the others are sent; this one is due until it can be
                pause = min(LONGEST_PAUSE, SHORTEST_PAUSE << min(tries, 16))
                self._failing[one.id] = (tries + 1, now + pause)
                if tries == 0:
                    _tell(one.id, error)
            else:
                self._failing.pop(one.id, None)
        return sent

    async def _send(self, one: StoredReport, now: Millis) -> bool:
        project = self._catalog.projects.get(one.project_id)
        if project.archived_at is not None:
            return False
        zone = zone_of(project.timezone)
        context = Context(project_id=project.id, timezone=project.timezone, week_start=project.week_start, now=now)
        report = msgspec.json.decode(one.body, type=Report)
        first = due_from(report, one.next_at, zone)
        if first != one.next_at:  # the project's zone was changed
            await asyncio.to_thread(self._catalog.reports.move, one, first)
            return False
        due = last_due(report, one.next_at, now, zone)
        # What cannot be answered for so long is told as it is.
        said = await self.message(one.id, report, due, context, strict=now - due < PATIENCE)
        next_at = due_after(report, now, zone)
        return await asyncio.to_thread(self._catalog.reports.claim, one, next_at, self.happening(report, said), now)


def _tell(report_id: str, error: Exception) -> None:
    said = f"the report {report_id} cannot be written"
    if isinstance(error, FootfallError):
        _log.error("%s: %s", said, error.detail)
    else:
        log_fault(_log, said, error)


def _plainly(tile: Shown) -> Shown:
    """The tile's question without a clock of its own (R11), and without a comparison: the report makes its own."""
    asked = msgspec.json.decode(tile.question)
    if not isinstance(asked, dict):
        return tile  # which its kind will say
    plain = {name: value for name, value in asked.items() if name not in {"now", "moving_average"}}
    if tile.kind in {"trend", "overview"}:
        plain["compare"] = None
    return msgspec.structs.replace(tile, question=msgspec.json.encode(plain).decode())


def _section(now: Answered, before: Answered) -> Section:
    if now.answer is None:
        return Section(title=now.title, kind=now.kind, figures=[], problem=now.problem)
    figures = INSIGHTS[now.kind].figures  # pyright: ignore[reportArgumentType] - it was answered
    then = [] if before.answer is None else figures(before.answer)
    return Section(title=now.title, kind=now.kind, figures=compared(figures(now.answer), then))
