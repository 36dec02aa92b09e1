"""The semantics once more in plain Python, slow and plain, for comparing with what the engine says.

An event is a native one as `Project.store` takes it, with its time in milliseconds.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import chain, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from footfall.model.event import Millis
from footfall.model.period import from_millis, midnight
from tests.support.moments import MINUTE

Sent = dict[str, Any]
Person = tuple[str, str]
TIMEOUT = 30 * MINUTE


def owners(events: Iterable[Sent]) -> dict[str, str]:
    """R23: anonymous id → the user of its first identify or alias, by timestamp and then by event id."""
    owned: dict[str, str] = {}
    for event in sorted(events, key=lambda one: (one["timestamp"], one["event_id"].encode())):
        linked = event.get("anonymous_id")
        if event["event"] == "$alias":
            linked = linked or event.get("properties", {}).get("previous_id")
        if event["event"] in {"$identify", "$alias"} and event.get("user_id") and linked:
            owned.setdefault(linked, event["user_id"])
    return owned


def person_of(event: Sent, owned: dict[str, str]) -> Person | None:
    """The linked user, else the anonymous id, else the session id, else nobody."""
    user, anonymous, session = (event.get(name) for name in ("user_id", "anonymous_id", "session_id"))
    if user or owned.get(anonymous or ""):
        return ("user", user or owned[anonymous])
    if anonymous:
        return ("anonymous", anonymous)
    return ("session", session) if session else None


def sessions(events: list[Sent]) -> dict[str, tuple[Person, str] | None]:
    """R19: event id → its session, (person, session id) or (person, number of the run of events without one)."""
    owned = owners(events)
    found: dict[str, tuple[Person, str] | None] = {}
    runs: dict[Person, list[Sent]] = {}
    for event in events:
        person = person_of(event, owned)
        if person is None:
            found[event["event_id"]] = None
        elif event.get("session_id"):
            found[event["event_id"]] = (person, f"named {event['session_id']}")
        else:
            runs.setdefault(person, []).append(event)
    for person, run in runs.items():
        run.sort(key=lambda one: one["timestamp"])
        number = 0
        found[run[0]["event_id"]] = (person, "run 0")
        for before, event in pairwise(run):
            number += event["timestamp"] - before["timestamp"] > TIMEOUT
            found[event["event_id"]] = (person, f"run {number}")
    return found


def is_counted(event: Sent, name: str) -> bool:
    """Of that name (`*`: any that does not begin with `$`) and not by a bot."""
    named = not event["event"].startswith("$") if name == "*" else event["event"] == name
    return named and "user_agent" not in event


def local_start(moment: Millis, zone: ZoneInfo, interval: str) -> str:
    """The label of the hour (in a zone of whole hours), day, week (from Monday) or month that a time lies in."""
    local = from_millis(moment, zone).replace(minute=0, second=0, microsecond=0)
    if interval != "hour":
        local = local.replace(hour=0, fold=0)
    if interval == "week":
        local -= timedelta(days=local.weekday())
    if interval == "month":
        local = local.replace(day=1)
    return local.isoformat(timespec="seconds")


def trend(
    events: list[Sent], name: str, start: Millis, end: Millis, zone: ZoneInfo, interval: str
) -> dict[str, tuple[int, int, int]]:
    """Label → events, people and sessions of each bucket that has events; those of the range under `total`."""
    within = [event for event in events if start <= event["timestamp"] < end]
    owned, session_of = owners(events), sessions(within)
    buckets: dict[str, list[Sent]] = {"total": []}
    for event in within:
        if is_counted(event, name):
            buckets["total"].append(event)
            buckets.setdefault(local_start(event["timestamp"], zone, interval), []).append(event)
    return {
        label: (
            len(counted),
            len({person_of(event, owned) for event in counted} - {None}),
            len({session_of[event["event_id"]] for event in counted} - {None}),
        )
        for label, counted in buckets.items()
    }


# ── measures ─────────────────────────────────────────────────────────────────────────────────────────────────

Number = float | None


class Range:
    """The matching events of a range, and what measures have to know of the others."""

    def __init__(self, events: list[Sent], name: str, start: Millis, end: Millis, zone: ZoneInfo) -> None:
        self.start, self.end, self.zone = start, end, zone
        self.matching = [event for event in events if is_counted(event, name)]
        self.owned = owners(events)
        past = [event for event in events if event["timestamp"] < end]
        self.session_of = sessions(past)
        self.started: dict[object, Millis] = {}
        for event in sorted(past, key=lambda one: one["timestamp"], reverse=True):
            self.started[self.session_of[event["event_id"]]] = event["timestamp"]

    def between(self, start: Millis, end: Millis) -> list[Sent]:
        return [event for event in self.matching if start <= event["timestamp"] < end]

    def people(self, events: list[Sent]) -> int:
        return len({person_of(event, self.owned) for event in events} - {None})

    def measure(self, measure: str, start: Millis, end: Millis) -> Number:  # noqa: PLR0911 - a return for each row
        """A measure of the events between two moments of the range (R1, R3, R30)."""
        events = self.between(start, end)
        values = sorted(event["properties"]["n"] for event in events if "n" in event.get("properties", {}))
        match measure:
            case "count":
                return len(events)
            case "unique_users":
                return self.people(events)
            case "unique_sessions":
                return len({self.session_of[event["event_id"]] for event in events} - {None})
            case "started_sessions":
                of_range = {self.session_of[event["event_id"]] for event in self.between(self.start, self.end)}
                return sum(start <= self.started[one] < end for one in of_range - {None})
            case "per_user":
                people = self.people(events)
                return len(events) / people if people else None
            case "sum":
                return sum(values)
            case "avg":
                return sum(values) / len(values) if values else None
            case "min" | "max":
                return {"min": values[0], "max": values[-1]}[measure] if values else None
            case "cumulative_users":
                return self.people(self.between(self.start, end))
            case "wau" | "mau":
                last = from_millis(end - 1, self.zone).date()
                first = midnight(last - timedelta(days={"wau": 6, "mau": 29}[measure]), self.zone)
                return self.people(self.between(first, min(midnight(last + timedelta(days=1), self.zone), self.end)))
            case _:
                return percentile(values, int(measure[1:]) / 100)


def percentile(values: list[float], share: float) -> Number:
    """With both ends, between neighbours in proportion: p50 of 0, 10, 20, 1000 is 15 (R1)."""
    if not values:
        return None
    place = (len(values) - 1) * share
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


# ── funnels ──────────────────────────────────────────────────────────────────────────────────────────────────

Step = Callable[[Sent], bool]
Times = tuple[Millis, ...]


def chains(events: list[Sent], steps: list[Step], window: Millis, first: Sent, *, strict: bool) -> Iterator[Times]:
    """Times of every way to take the first steps from an entry, by trying every choice of other events (R12 to R14)."""

    def further(taken: list[Sent]) -> Iterator[Times]:
        yield tuple(event["timestamp"] for event in taken)
        last = taken[-1]["timestamp"]
        for event in events:
            if (
                len(taken) < len(steps)
                and last <= event["timestamp"] <= first["timestamp"] + window
                and steps[len(taken)](event)
                and all(event is not other for other in taken)
                and not (strict and any(last < other["timestamp"] < event["timestamp"] for other in events))
            ):
                yield from further([*taken, event])

    return further([first])


def sets(events: list[Sent], steps: list[Step], window: Millis, first: Sent) -> Iterator[Times]:
    """Times of every way to fill different steps by different events of the window that an event opens (R14)."""
    inside = [one for one in events if first["timestamp"] <= one["timestamp"] <= first["timestamp"] + window]

    def further(number: int, taken: list[Sent]) -> Iterator[Times]:
        if number == len(steps):
            yield tuple(sorted(event["timestamp"] for event in taken))
            return
        yield from further(number + 1, taken)
        for event in inside:
            if steps[number](event) and all(event is not other for other in taken):
                yield from further(number + 1, [*taken, event])

    return further(0, [])


def counted(
    events: list[Sent], steps: list[Step], window: Millis, entries: list[Sent], order: str = "ordered"
) -> Times:
    """Times of the attempt that counts (R12): furthest, then shortest, then earliest."""
    ways: Iterator[Times] = iter(())
    for first in entries:
        if order == "unordered":
            ways = chain(ways, sets(events, steps, window, first))
        else:
            ways = chain(ways, chains(events, steps, window, first, strict=order == "strict"))
    return min((way for way in ways if way), key=lambda way: (-len(way), way[-1] - way[0], way), default=())


def entries(events: list[Sent], steps: list[Step], start: Millis, end: Millis, order: str = "ordered") -> list[Sent]:
    """Events of the range that start an attempt (R15): of the first step, unordered of any."""
    starting = steps if order == "unordered" else steps[:1]
    return [one for one in events if start <= one["timestamp"] < end and any(step(one) for step in starting)]


def levels(attempts: Iterable[Times], length: int) -> list[int]:
    """How many people reached each step."""
    reached = [len(attempt) for attempt in attempts]
    return [sum(one >= step for one in reached) for step in range(1, length + 1)]


def funnel(
    people: dict[str, list[Sent]],
    steps: list[Step],
    window: Millis,
    start: Millis,
    end: Millis,
    now: Millis,
    order: str = "ordered",
) -> list[tuple[int, int, int]]:
    """(people, dropped, in progress) of each step."""
    started = {person: entries(events, steps, start, end, order) for person, events in people.items()}
    reached = {person: len(counted(events, steps, window, started[person], order)) for person, events in people.items()}
    waiting = {person for person in people if any(one["timestamp"] + window >= now for one in started[person])}
    found: list[tuple[int, int, int]] = []
    for step in range(1, len(steps) + 1):
        stopped = {person for person, level in reached.items() if step > 1 and level == step - 1}
        users = sum(level >= step for level in reached.values())
        found.append((users, len(stopped - waiting), len(stopped & waiting)))
    return found


# ── paths ────────────────────────────────────────────────────────────────────────────────────────────────────

Name = Callable[[Sent], str | None]
"""What a path calls an event; None for one that it does not go by."""
Node = tuple[str, Sent]
"""A name, and the event that came there first."""


def paths(
    events: list[Sent],
    name: Name,
    start: Millis,
    end: Millis,
    *,
    collapse: bool = True,
    begins: str | None = None,
    ends: str | None = None,
) -> list[list[Node]]:
    """R22: the nodes of each session that has any, in order; from `begins` on, and up to `ends` behind it."""
    within = [event for event in events if start <= event["timestamp"] < end]
    session_of = sessions(within)
    visits: dict[object, list[Node]] = {}
    for event in within:
        called, session = name(event), session_of[event["event_id"]]
        if called is not None and session is not None and "user_agent" not in event:
            visits.setdefault(session, []).append((called, event))
    found: list[list[Node]] = []
    for nodes in visits.values():
        nodes.sort(key=lambda node: (node[1]["timestamp"], node[1].get("seq", 0), node[0], node[1]["event_id"]))
        path = nodes[:1] + [node for last, node in pairwise(nodes) if not collapse or last[0] != node[0]]
        names = [called for called, _ in path]
        if begins is not None:
            if begins not in names:
                continue
            path, names = path[names.index(begins) :], names[names.index(begins) :]
        if ends is not None:
            behind = 0 if begins is None else 1
            if ends not in names[behind:]:
                continue
            path = path[: names.index(ends, behind) + 1]
        found.append(path)
    return found


# ── who comes back ───────────────────────────────────────────────────────────────────────────────────────────

Label = str


class Habits:
    """Who did what in which bucket: sets of people and moments, and no arithmetic of buckets.

    `selects` is what the question's filters select; when somebody was first seen is a matter of all events.
    """

    def __init__(
        self, events: list[Sent], zone: ZoneInfo, interval: str, now: Millis, selects: Callable[[Sent], bool]
    ) -> None:
        self._events = [event for event in events if event["timestamp"] <= now]
        self._owned = owners(self._events)
        self._selects = selects
        self.label: Callable[[Millis], Label] = lambda moment: local_start(moment, zone, interval)

    def moments(self, name: str, *, selected: bool = True) -> dict[Person, list[Millis]]:
        """When each person sent events of that name, in order."""
        found: dict[Person, list[Millis]] = {}
        for event in self._events:
            person = person_of(event, self._owned)
            if person is not None and is_counted(event, name) and (self._selects(event) or not selected):
                found.setdefault(person, []).append(event["timestamp"])
        return {person: sorted(moments) for person, moments in found.items()}

    def timeline(self, start: Millis, count: int) -> list[tuple[Label, Millis]]:
        """The label of the bucket of a moment and of those that follow it, and where each ends; by half hours."""
        found: list[tuple[Label, Millis]] = []
        moment = start
        while len(found) < count:
            after = moment + TIMEOUT
            if self.label(after) != self.label(moment):
                found.append((self.label(moment), after))
            moment = after
        return found

    def labels(self, start: Millis, end: Millis) -> list[Label]:
        """Of the buckets that a range touches."""
        return list(dict.fromkeys(self.label(moment) for moment in range(start, end, TIMEOUT)))


def retention(
    habits: Habits,
    start_event: str,
    return_event: str,
    start: Millis,
    end: Millis,
    now: Millis,
    periods: int,
    *,
    first_ever: bool,
    or_after: bool,
    rolling: Millis | None,
) -> dict[Label, tuple[int, list[int | None]]]:
    """Label → size and cells of each cohort (R17); `rolling` is the length of a bucket that is none of the calendar."""
    started, returned = habits.moments(start_event), habits.moments(return_event)
    ever = {person: moments[0] for person, moments in habits.moments(start_event, selected=False).items()}
    labels = habits.labels(start, end)
    timeline = habits.timeline(start, len(labels) + periods)
    found: dict[Label, tuple[int, list[int | None]]] = {}
    for place, label in enumerate(labels):
        origin = {
            person: moments[0]
            for person, all_of_them in started.items()
            if (moments := [one for one in all_of_them if start <= one < end and habits.label(one) == label])
            and (not first_ever or (ever[person] >= start and habits.label(ever[person]) == label))
        }

        def came_back(person: Person, period: int, place: int = place, origin: dict[Person, Millis] = origin) -> bool:
            for one in returned.get(person, ()):
                if rolling is not None and 0 <= one - origin[person] - period * rolling < rolling:
                    return True
                if rolling is None and one >= start and habits.label(one) == timeline[place + period][0]:
                    return True
            return False

        cells: list[int | None] = []
        for period in range(periods):
            last = timeline[place + period][1]
            if rolling is not None:
                last = min(timeline[place][1], end) + (period + 1) * rolling
            counted_periods = range(period, periods) if or_after else [period]
            cells.append(
                sum(any(came_back(person, one) for one in counted_periods) for person in origin)
                if last <= now
                else None
            )
        found[label] = (len(origin), cells)
    return found


def lifecycle(habits: Habits, name: str, start: Millis, end: Millis) -> dict[Label, dict[str, set[Person]]]:
    """Label → who is in which state (R18)."""
    active: dict[Label, set[Person]] = {}
    for person, moments in habits.moments(name).items():
        for one in moments:
            if one < end and (one >= start or habits.label(one) != habits.label(start)):
                active.setdefault(habits.label(one), set()).add(person)
    new: dict[Label, set[Person]] = {}
    for person, moments in habits.moments(name, selected=False).items():
        new.setdefault(habits.label(moments[0]), set()).add(person)
    found: dict[Label, dict[str, set[Person]]] = {}
    before = habits.timeline(start - 40 * 24 * 2 * TIMEOUT, 1)[0][0]
    for moment in range(start - 40 * 24 * 2 * TIMEOUT, end, TIMEOUT):
        label = habits.label(moment)
        if label == before:
            continue
        here, there = active.get(label, set()), active.get(before, set())
        if moment >= start or label == habits.label(start):
            found[label] = {
                "new": here & new.get(label, set()),
                "returning": here & there,
                "resurrecting": here - new.get(label, set()) - there,
                "dormant": there - here,
            }
        before = label
    return found


def stickiness(habits: Habits, name: str, start: Millis, end: Millis) -> list[int]:
    """How many intervals of the range each person was active in (R18)."""
    days = ({habits.label(one) for one in moments if start <= one < end} for moments in habits.moments(name).values())
    return [len(some) for some in days if some]
