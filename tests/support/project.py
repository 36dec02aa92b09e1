"""A project in the engine, and the short ways to put events into it and questions to it.

Events go the way that they go in the server (decode → enrich → encode → insert) and questions too (decode → plan →
build → select → shape), without the network and the spool.
"""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import msgspec

from footfall.enrich import enrich
from footfall.insights import INSIGHTS, Kind, events, lists, merges, people
from footfall.insights.paging import Page
from footfall.insights.question import Query
from footfall.insights.source import Unit
from footfall.insights.sql import Context
from footfall.model.event import Event, Millis, Receipt
from footfall.protocols import native
from footfall.services import analyse
from footfall.stores.warehouse import Warehouse, encode_row, with_arrival
from tests.support.moments import BASE, NOW, RECEIVED

Sent = dict[str, Any]
"""A native event as a client sends it."""
Visit = tuple[str, float] | tuple[str, float, Sent]
"""An event's name, when it happened in seconds after `BASE`, and other fields of it."""

IMPORT = Receipt(received_at=RECEIVED, keeps_receipt=True)


_merges = count()
_numbers = count(1000)
"""Of projects. Engines keep what they have, so none is given twice."""


def fresh(warehouse: Warehouse) -> "Project":
    """A project that nobody else uses."""
    return Project(warehouse, next(_numbers))


class Project:
    def __init__(self, warehouse: Warehouse, project_id: int) -> None:
        self.warehouse = warehouse
        self.id = project_id
        self._ids: set[str] = set()

    # ── events in ────────────────────────────────────────────────────────────────────────────────────────────

    def store(self, sent: Iterable[Sent | bytes]) -> list[Event]:
        """Insert native events in this order; of an id that comes again, the first copy is kept (R25)."""
        fresh: list[Event] = []
        for event in decoded(sent):
            if event.event_id not in self._ids:
                self._ids.add(event.event_id)
                fresh.append(event)
        self.insert(fresh)
        return fresh

    def insert(self, stored: Iterable[Event]) -> None:
        lines = [with_arrival(encode_row(event, self.id), place) for place, event in enumerate(stored)]
        if lines:
            self.warehouse.insert(lines)

    def merge(self, user: str, into: str, *, at: Millis = NOW) -> None:
        """An admin's word, as the server writes it."""
        self._say(lambda standing: merges.merge(standing, user, into, f"merge {next(_merges)}", at), at)

    def unmerge(self, user: str, *, at: Millis = NOW) -> None:
        self._say(lambda standing: merges.unmerge(standing, user), at)

    def _say(self, plan: Callable[[merges.Standing], merges.Step], at: Millis) -> None:
        standing = self.standing
        self.insert(merges.events_of(plan(standing), standing, f"word {next(_merges)}", at))

    @property
    def standing(self) -> merges.Standing:
        return merges.standing_of(self.warehouse.select(merges.build(self.context())))

    def story(self, **users: list[Visit]) -> None:
        """`ann=[("visit", 0), ("sign_up", 61)]`: what each user did, and when."""
        self.store(told(**users))

    # ── numbers out ──────────────────────────────────────────────────────────────────────────────────────────

    def context(self, now: Millis = NOW, timezone: str = "UTC") -> Context:
        return Context(project_id=self.id, timezone=timezone, now=now)

    def ask(self, kind: Kind, request: Sent, *, now: Millis = NOW, timezone: str = "UTC") -> Any:
        """The answer in plain values, as a client would read it."""
        return ask(self.warehouse, kind, request, self.context(now, timezone))

    def ask_blindly(self, kind: Kind, request: Sent) -> Any:
        """The same by a statement that was written without a look at the events (ADR 0068)."""
        insight = INSIGHTS[kind]
        plan = insight.plan(read(kind, request), self.context())
        rows = {name: self.warehouse.select(one) for name, one in insight.queries(plan).items()}
        return msgspec.json.decode(msgspec.json.encode(insight.shape(plan, rows)))

    def table(self, kind: Kind, request: Sent) -> list[Sent]:
        """The rows of the answer as a file."""
        insight = INSIGHTS[kind]
        plan = insight.plan(read(kind, request), self.context())
        answer = insight.shape(plan, {name: self.warehouse.select(one) for name, one in insight.queries(plan).items()})
        table = insight.table(plan, answer)
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    def queries(self, kind: Kind, request: Sent, *, now: Millis = NOW, timezone: str = "UTC") -> dict[str, Query]:
        """What a question asks of the engine."""
        insight = INSIGHTS[kind]
        return insight.queries(insight.plan(read(kind, request), self.context(now, timezone)))

    def trend(self, request: Sent, *, now: Millis = NOW, timezone: str = "UTC") -> dict[str, list[float]]:
        """Name of each series → its values and, last, its total."""
        answer = self.ask("trend", request, now=now, timezone=timezone)
        return {series["name"]: [*series["values"], series["total"]] for series in answer["series"]}

    def steps(self, request: Sent, *, now: Millis = NOW) -> list[int]:
        """How many people reached each step of a funnel."""
        return [step["users"] for step in self.ask("funnel", request, now=now)["steps"]]

    def behind(self, kind: Kind, unit: Unit, request: Sent, *, limit: int = 1000, **pointer: Any) -> Any:
        """Everything behind a number, page after page; each page tells the length of the whole."""
        found: list[Any] = []
        cursor = None
        while True:
            page = self.list_page(kind, unit, request, pointer, Page(limit=limit, cursor=cursor))
            found += page["groups" if unit == "people" and request.get("per") else unit]
            cursor = page["next"]
            if cursor is None:
                assert page["total"] == len(found)
                return found

    def list_page(self, kind: Kind, unit: Unit, request: Sent, pointer: Sent, page: Page) -> Any:
        """One page of the list behind a number."""
        insight = INSIGHTS[kind]
        plan = insight.plan(read(kind, request), self.context())
        members = insight.members(plan, msgspec.convert(pointer, insight.pointer), unit)
        view = plan.frame.viewpoint
        queries = lists.build(unit, members, page, view.group)
        rows = {name: self.warehouse.select(query) for name, query in queries.items()}
        found = rows["page"].rows
        keys = found[: page.limit]
        about = lists.build_details(unit, view, keys, insight.told_by(plan)) if keys else None
        details = [] if about is None else self.warehouse.select(about).rows
        total, more = rows["total"].rows[0][0], len(found) > len(keys)
        answer = lists.shape(unit, total, keys, details, more=more, group=view.group)
        return msgspec.json.decode(msgspec.json.encode(answer))

    def page(self, **request: Any) -> dict[str, Any]:
        """A page of the explorer, plain; `properties` stays the text that it is on the wire."""
        page = Page(**{name: request.pop(name) for name in ("limit", "cursor") if name in request})
        asked = msgspec.convert(request | {"page": page}, events.Request)
        found = self.warehouse.select(events.build(asked, self.context())).rows
        keys = [(at, event_id) for at, event_id in found[: page.limit]]
        rows = self.warehouse.select(events.build_details(self.context(), keys)).rows if keys else []
        wire = msgspec.json.encode(events.shape_known(keys, rows, more=len(found) > len(keys)))
        answer = msgspec.json.decode(wire)
        texts = msgspec.json.decode(wire, type=_Texts)
        for event, text in zip(answer["data"], texts.data, strict=True):
            event["properties"] = bytes(text["properties"]).decode()
        return answer

    def found(self, name: str) -> int | None:
        """The person whom an id means."""
        rows = self.warehouse.select(people.build_found(name, self.context())).rows
        return rows[0][0] if rows else None

    def stream(self, name: str, limit: int = 1000) -> list[dict[str, Any]]:
        """Everything that somebody did, oldest first, page after page."""
        person, page, found = self.found(name), Page(limit=limit), list[dict[str, Any]]()
        assert person is not None
        while True:
            rows = self.warehouse.select(people.build_events(person, page, self.context()))
            answer = msgspec.json.decode(msgspec.json.encode(events.shape(page, rows)))
            found += answer["data"]
            if answer["next"] is None:
                return found
            page = Page(limit=limit, cursor=answer["next"])

    def listed(self, **request: Any) -> list[dict[str, Any]]:
        """Every event that the explorer shows, newest first, page after page."""
        page = self.page(**request)
        found = page["data"]
        while page["next"] is not None:
            page = self.page(**request, cursor=page["next"])
            found += page["data"]
        return found


class _Texts(msgspec.Struct):
    data: list[dict[str, msgspec.Raw]]


def decoded(sent: Iterable[Sent | bytes]) -> list[Event]:
    """Native events, read and enriched; fails for one that is refused."""
    entries = [one if isinstance(one, bytes) else msgspec.json.encode(one) for one in sent]
    found: list[Event] = []
    for start in range(0, len(entries), native.MAX_EVENTS):
        body = b"[%s]" % b",".join(entries[start : start + native.MAX_EVENTS])
        for entry in native.decode(body, IMPORT).entries:
            assert isinstance(entry, Event), entry
            found.append(enrich(entry, IMPORT))
    return found


def told(**users: list[Visit]) -> list[Sent]:
    """The native events of a story, one user after the other."""
    return [
        {
            "event": visit[0],
            "event_id": f"{user}-{place}",
            "user_id": user,
            "timestamp": BASE + round(visit[1] * 1000),
            **(visit[2] if len(visit) > 2 else {}),
        }
        for user, visits in users.items()
        for place, visit in enumerate(visits)
    ]


def read(kind: Kind, request: Sent) -> Any:
    """A request as it comes over the wire."""
    return msgspec.json.decode(msgspec.json.encode(request), type=INSIGHTS[kind].request)


def ask(warehouse: Warehouse, kind: Kind, request: Sent, context: Context) -> Any:
    """The answer of a request as it comes over the wire, in plain values."""
    insight = INSIGHTS[kind]
    asked = analyse.ask(warehouse, insight, read(kind, request), context)
    return msgspec.json.decode(msgspec.json.encode(insight.shape(asked.plan, asked.rows)))


def where(name: str, operator: str, *values: str) -> Sent:
    """A filter."""
    return {"property": name, "operator": operator, "values": list(values)}
