"""Answering: wait for what was acknowledged, build → select → shape. One way for every kind of question."""

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

import msgspec

from footfall.insights import (
    INSIGHTS,
    Insight,
    Kind,
    activity,
    archive,
    events,
    facts,
    interactions,
    lists,
    observed,
    people,
    properties,
    proposals,
    statement,
    violations,
)
from footfall.insights.events import Answer as Events
from footfall.insights.events import Choice
from footfall.insights.events import Request as EventsRequest
from footfall.insights.paging import Page
from footfall.insights.properties import Wanted
from footfall.insights.question import Query, Question, Rows, explained, frame_of
from footfall.insights.source import Unit
from footfall.insights.sql import Context
from footfall.insights.table import Table, Value
from footfall.model.errors import BadRequest, NotFound, QueryRefused
from footfall.model.event import Millis
from footfall.model.period import Period
from footfall.model.seen import SeenEvent
from footfall.services.turns import Turns
from footfall.services.writer import Writer
from footfall.stores.warehouse import Warehouse

PATIENCE = 2.0
"""Seconds that an answer waits at most for what was acknowledged before it was asked for."""
EXPORT_PAGE = 20_000
PAGE_BYTES = 64 * 1024**2
"""A page that holds more ends early; a thousand events hold about as much at most."""


Key = TypeVar("Key")


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """A number of an answer, and what its list holds."""

    kind: Kind
    question: Question
    pointer: msgspec.Struct
    unit: Unit


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """Every event that was asked for; `portions` can be read once."""

    total: int
    portions: AsyncIterator[list[dict[str, Any]]]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question on its way: what is meant, what was asked of the engine, and what that said."""

    plan: Any
    queries: Mapping[str, Query]
    rows: Mapping[str, Rows]


def ask(warehouse: Warehouse, insight: Insight, request: Question, context: Context) -> Asked:
    """Look first, then ask (ADR 0068). Raises `BadRequest` with the path of what is wrong."""
    frame = frame_of(request, context)
    counted = insight.counted(request, context)
    plans: list[Any] = []

    def written(found: Mapping[str, Rows]) -> dict[str, Query]:
        known = msgspec.structs.replace(context, facts=facts.shape(found, counted))
        plans.append(insight.plan(request, known))
        return insight.queries(plans[-1])

    queries, rows = warehouse.select_kept(facts.build(frame, counted), written)
    return Asked(plan=plans[-1], queries=queries, rows=rows)


class Analyst:
    def __init__(self, warehouse: Warehouse, writer: Writer) -> None:
        self._warehouse = warehouse
        self._writer = writer
        self.turns = Turns(warehouse)

    async def close(self) -> None:
        """Give up the questions that are being answered."""
        await self.turns.close()

    async def insight(self, kind: Kind, request: Question, context: Context, *, explain: bool = False) -> Any:
        """The answer of any kind; `explain` puts the SQL and its values into `meta`."""
        await self._writer.settled(PATIENCE)
        # All of it in a thread: planning and shaping hundreds of thousands of buckets would hold up arrival.
        return await self._in_thread(self._answer, INSIGHTS[kind], request, context, explain)

    async def table(self, kind: Kind, request: Question, context: Context) -> Table:
        """The same answer as a table."""
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._table, INSIGHTS[kind], request, context)

    async def behind(self, number: Number, page: Page, context: Context) -> lists.Answer:
        """A page of the people, events or sessions behind a number (R6)."""
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._behind, number, page, context)

    async def all_behind(self, number: Number, context: Context) -> AsyncIterator[list[list[Value]]]:
        """The whole list as rows of a file, page after page."""
        cursor: str | None = None
        while True:
            answer = await self.behind(number, Page(limit=EXPORT_PAGE, cursor=cursor), context)
            yield lists.list_of(number.unit, number.question.per).rows(answer)
            cursor = answer.next
            if cursor is None:
                return

    async def events(self, request: EventsRequest, context: Context) -> Events:
        """A page of events, newest first; shorter than asked for where a whole one is too much to hold."""
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._events, request, context)

    async def check(self, wanted: Choice, context: Context) -> None:
        """Raises `BadRequest` for filters that are none."""
        query = events.build_check(wanted, context)
        if query is not None:
            await self._asked(query)

    async def arrived(
        self, wanted: Choice, context: Context, after: int, until: int, limit: int
    ) -> tuple[list[list[Any]], bool]:
        """What arrived behind one place and up to another, oldest first: `limit` events, or fewer large ones.

        Rows of `events.as_sent`, and whether others may come behind them.
        """
        while True:
            try:
                rows = (await self._asked(events.build_arrived(wanted, context, after, until, limit))).rows
            except QueryRefused:
                if limit == 1:
                    raise
                limit = max(1, limit // 8)
            else:
                return rows, len(rows) == limit

    async def missed(self, wanted: Choice, context: Context, after: int, until: int) -> tuple[int, Millis, Millis]:
        """How many events that are, and the first and the last time of one."""
        ((count, first, last),) = (await self._asked(events.build_missed(wanted, context, after, until))).rows
        return count, first, last

    async def activity(self, since: Millis, context: Context) -> activity.Answer:
        return activity.shape(await self._select(activity.build(context, since)), since)

    async def known_properties(self, wanted: Wanted, context: Context) -> properties.Properties:
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._known_properties, wanted, context)

    async def known_values(self, wanted: Wanted, choice: properties.Choice, context: Context) -> properties.Values:
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._known_values, wanted, choice, context)

    async def directory(self, request: people.Request, context: Context) -> people.Directory:
        """A page of all people of the project."""
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._directory, request, context)

    async def person(self, name: str, context: Context) -> people.Profile:
        """All that is known of one; `name` is a person's, a user's or an anonymous id. Raises `NotFound`."""
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._person, name, context)

    async def stream(self, name: str, page: Page, context: Context) -> people.Stream:
        """A page of somebody's events, oldest first. Raises `NotFound`."""
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._stream, name, page, context)

    async def visits(self, name: str, page: Page, context: Context) -> people.Visits:
        """A page of somebody's sessions with their events. Raises `NotFound`."""
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._visits, name, page, context)

    async def proposals(self, context: Context) -> proposals.Answer:
        return proposals.shape(await self._select(proposals.build(context)))

    async def observed(self, period: Period, context: Context) -> dict[str, SeenEvent]:
        """Every event of the range and of before, with what its properties look like."""
        await self._writer.settled(PATIENCE)
        return await self._in_thread(self._observed, period, context)

    async def violations(self, period: Period, event: str | None, limit: int, context: Context) -> violations.Answer:
        return violations.shape(await self._select(violations.build(context, period, event, limit)), limit)

    async def export(self, request: archive.Request, context: Context) -> Archive:
        """Every event with all that is kept of it, oldest first."""
        outline = archive.shape_outline(await self._select(archive.build_outline(request, context)))
        return Archive(total=outline.total, portions=self._portions(request, context, outline))

    async def _portions(
        self, request: archive.Request, context: Context, outline: archive.Outline
    ) -> AsyncIterator[list[dict[str, Any]]]:
        limit = archive.PORTION
        for part in outline.slices:
            after: archive.Place | None = None
            while True:
                query = archive.build_portion(request, context, outline, part, after, limit)
                try:
                    rows = await self._in_thread(self._warehouse.select, query)
                except QueryRefused:  # large events, and many of them at once
                    if limit == 1:
                        raise
                    limit = max(1, limit // 8)
                    continue
                yield archive.shape_portion(rows)
                if len(rows.rows) < limit:
                    break
                after = events.place_of(rows.rows[-1])

    async def run(self, text: str, context: Context) -> statement.Answer:
        """The answer to somebody's own SQL over the project's rows."""
        query = await self._in_thread(statement.build, text, context)
        await self._writer.settled(PATIENCE)
        try:
            rows = await self._in_thread(self._warehouse.run, query)
        except BadRequest as error:
            error.position = statement.position_of(error.detail, text)
            raise
        return statement.shape(rows.columns, rows.rows)

    async def interaction_stats(self, context: Context) -> interactions.ServerStats:
        return interactions.shape_stats(await self._select(interactions.build_stats(context)))

    async def interaction_page(self, page: int, limit: int, context: Context) -> interactions.Page:
        total = (await self._select(interactions.build_total(context))).rows[0][0]
        rows = await self._select(interactions.build_page(context, page, limit))
        return interactions.shape_page(rows, total, page, limit)

    async def interaction_export(self, context: Context) -> AsyncIterator[list[interactions.ExportedRecord]]:
        """Every record, newest first, a page at a time."""
        after: tuple[Millis, str] | None = None
        while True:
            rows = await self._select(interactions.build_export(context, EXPORT_PAGE, after))
            yield interactions.shape_export(rows)
            if len(rows.rows) < EXPORT_PAGE:
                return
            last = rows.rows[-1]
            after = (last[3], last[0])

    async def _select(self, query: Query) -> Rows:
        await self._writer.settled(PATIENCE)
        return await self._asked(query)

    async def _asked(self, query: Query) -> Rows:
        """The answer as of now, whatever waits."""
        return await self._in_thread(self._warehouse.select, query)

    def _events(self, request: EventsRequest, context: Context) -> Events:
        found = [(at, event_id) for at, event_id in self._warehouse.select(events.build(request, context)).rows]
        keys, rows = self._known(found[: request.page.limit], partial(events.build_details, context))
        return events.shape_known(keys, rows, more=len(keys) < len(found))

    def _known(self, keys: list[Key], build: Callable[[list[Key]], Query]) -> tuple[list[Key], list[list[Any]]]:
        """What is kept of these items of a page, and of which: the first of them where all are too much to hold."""
        rows: list[list[Any]] = []
        size = start = 0
        portion = len(keys)
        while start < len(keys) and size < PAGE_BYTES:
            part = keys[start : start + portion]
            try:
                found = self._warehouse.select(build(part)).rows
            except QueryRefused:  # large events, and many of them at once
                if len(part) == 1:
                    raise
                portion = max(1, len(part) // 8)
                continue
            rows += found
            size += sum(map(events.size_of, found))
            start += len(part)
        return keys[:start], rows

    def _answer(self, insight: Insight, request: Question, context: Context, explain: bool) -> Any:
        asked = ask(self._warehouse, insight, request, context)
        answer = insight.shape(asked.plan, asked.rows)
        return explained(answer, asked.queries) if explain else answer

    def _table(self, insight: Insight, request: Question, context: Context) -> Table:
        asked = ask(self._warehouse, insight, request, context)
        return insight.table(asked.plan, insight.shape(asked.plan, asked.rows))

    def _behind(self, number: Number, page: Page, context: Context) -> lists.Answer:
        insight, unit = INSIGHTS[number.kind], number.unit
        plan = insight.plan(number.question, context)
        view, by = plan.frame.viewpoint, insight.told_by(plan)
        rows = self._selected(lists.build(unit, insight.members(plan, number.pointer, unit), page, view.group))
        found = rows["page"].rows
        keys, details = self._known(found[: page.limit], partial(lists.build_details, unit, view, by=by))
        total = rows["total"].rows[0][0]
        return lists.shape(unit, total, keys, details, more=len(keys) < len(found), group=view.group)

    def _known_properties(self, wanted: Wanted, context: Context) -> properties.Properties:
        wanted = self._newest(wanted, properties.ENOUGH, context)
        _, found = self._warehouse.select_kept(properties.build_properties(context, wanted))
        return properties.shape_properties(found, wanted)

    def _known_values(self, wanted: Wanted, choice: properties.Choice, context: Context) -> properties.Values:
        if not properties.is_cheap(choice):
            wanted = self._newest(wanted, properties.ENOUGH_OF_ONE, context)
        _, rows = self._warehouse.select_kept({"values": properties.build_values(context, wanted, choice)})
        return properties.shape_values(rows["values"], wanted, choice)

    def _newest(self, wanted: Wanted, enough: int, context: Context) -> Wanted:
        _, hours = self._warehouse.select_kept({"hours": properties.build_hours(context, wanted)})
        return properties.shape_hours(hours["hours"], wanted, enough)

    def _observed(self, period: Period, context: Context) -> dict[str, SeenEvent]:
        _, rows = self._warehouse.select_kept({"outline": observed.build_outline(context, period)})
        outline = observed.shape_outline(rows["outline"])
        _, rows = self._warehouse.select_kept(observed.build_properties(context, period, outline))
        return observed.shape(outline, rows)

    def _directory(self, request: people.Request, context: Context) -> people.Directory:
        rows = self._warehouse.select(people.build(request, context))
        return people.shape(rows, request, self._selected(people.build_listed(rows, request, context)))

    def _person(self, name: str, context: Context) -> people.Profile:
        person = self._found(name, context)
        known = self._selected(people.build_person(person, context))
        did = self._selected(people.build_activity(person, context, known))
        return people.shape_profile(person, context, known, did)

    def _stream(self, name: str, page: Page, context: Context) -> people.Stream:
        query = people.build_events(self._found(name, context), page, context)
        return events.shape(page, self._warehouse.select(query))

    def _visits(self, name: str, page: Page, context: Context) -> people.Visits:
        person = self._found(name, context)
        rows = self._selected(lists.build("sessions", people.sessions_of(person, context), page))
        found = rows["page"].rows
        about = partial(lists.build_details, "sessions", people.viewpoint_of(context))
        keys, details = self._known(found[: page.limit], about)
        listed = lists.shape("sessions", rows["total"].rows[0][0], keys, details, more=len(keys) < len(found))
        timelines = people.build_timelines(person, page, rows, context)
        told = None if timelines is None else self._warehouse.select(timelines)
        return people.shape_sessions(cast("lists.Sessions", listed), page, rows, told)

    def _found(self, name: str, context: Context) -> int:
        rows = self._warehouse.select(people.build_found(name, context)).rows
        if not rows:
            raise NotFound("There is no person with this id.")
        return rows[0][0]

    def _selected(self, queries: dict[str, Query]) -> dict[str, Rows]:
        return {name: self._warehouse.select(query) for name, query in queries.items()}

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await self.turns.take(work, *arguments)
