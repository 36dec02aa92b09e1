"""Sessions and stays once more in plain Python (R19 to R21), slow and plain, to compare with what the engine says."""

from collections import defaultdict
from collections.abc import Callable
from statistics import mean
from typing import Any

from footfall.model.event import Millis
from tests.support.oracle import Person, Sent, owners, percentile, person_of, sessions

Session = tuple[Person, str]
Moment = tuple[Millis, int]


def moment_of(event: Sent) -> Moment:
    """Time, then the client's own count."""
    return event["timestamp"], event.get("seq", 0)


def by_session(events: list[Sent]) -> dict[Session, list[Sent]]:
    """All events of each session, in order."""
    found: dict[Session, list[Sent]] = defaultdict(list)
    session_of = sessions(events)
    for event in sorted(events, key=moment_of):
        session = session_of[event["event_id"]]
        if session is not None:
            found[session].append(event)
    return found


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────

BY_THEMSELVES = {
    "page_view", "page_leave", "component_visit", "component_enter", "component_exit", "component_leave",
    "component_error", "heartbeat", "visibility_hidden", "visibility_visible",
}  # fmt: skip


class Visit:
    """What a session was, by page or by component."""

    def __init__(self, events: list[Sent], by: str) -> None:
        self.events = events
        self.started = events[0]["timestamp"]
        self.seconds = (events[-1]["timestamp"] - self.started) / 1000
        views = [one for one in events if one["event"] in VIEWS[by]]
        named = sorted((moment_of(one), one[by]) for one in views if one.get(by))
        self.entry = named[0][1] if named else None
        self.exit = named[-1][1] if named else None
        done = [one for one in events if one["event"] not in BY_THEMSELVES and not one["event"].startswith("$")]
        self.bounced = len(views) == 1 and not done


VIEWS = {"page": {"page_view"}, "component": {"component_visit", "component_enter"}}


def visits(
    events: list[Sent], by: str, start: Millis, end: Millis, matches: Callable[[Sent], bool]
) -> dict[Session, Visit]:
    """The sessions that started in the range and have a matching event in it."""
    whole = {session: Visit(theirs, by) for session, theirs in by_session(events).items()}
    return {
        session: visit
        for session, visit in whole.items()
        if start <= visit.started < end
        and any(matches(one) and start <= one["timestamp"] < end for one in visit.events)
    }


def numbers(told: list[Visit]) -> dict[str, Any]:
    """What an answer says of some sessions."""
    seconds = sorted(one.seconds for one in told)
    bounces = sum(one.bounced for one in told)
    return {
        "sessions": len(told),
        "bounces": bounces,
        "bounce_rate": bounces / len(told) if told else None,
        "duration": {
            "mean": round(mean(seconds), 6) if told else None,
            "median": _rounded(percentile(seconds, 0.5)),
            "p95": _rounded(percentile(seconds, 0.95)),
        },
        "events_per_session": mean(len(one.events) for one in told) if told else None,
    }


# ── stays ────────────────────────────────────────────────────────────────────────────────────────────────────


def enters(event: Sent, by: str) -> bool:
    visited = event["event"] in {"component_visit", "component_enter"}
    if by == "component":
        return visited and bool(event.get("component"))
    return (event["event"] == "page_view" or (visited and not event.get("component"))) and bool(event.get("page"))


def leaves(event: Sent, by: str) -> bool:
    left = event["event"] in {"component_exit", "component_leave"}
    if by == "component":
        return left and bool(event.get("component"))
    return (event["event"] == "page_leave" or (left and not event.get("component"))) and bool(event.get("page"))


def told_by(leave: Sent) -> float | None:
    """What an exit says of its length, if it says something that can be."""
    told = leave.get("properties", {})
    in_millis = told.get("duration_ms") is not None
    duration = told.get("duration_ms" if in_millis else "duration_seconds")
    try:
        number = float(duration) * (1 if in_millis else 1000)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < float("inf") and not isinstance(duration, bool) else None


def own_exits(events: list[Sent], by: str) -> dict[str, Sent]:
    """Event id of a visit → the exit that ends it: each exit ends the latest visit of its name that is open."""
    relevant = [one for one in events if enters(one, by) or leaves(one, by)]
    relevant.sort(key=lambda one: (moment_of(one), enters(one, by), told_by(one) or -1))
    still_open: dict[str, list[str]] = defaultdict(list)
    spare: dict[str, list[Sent]] = defaultdict(list)
    found: dict[str, Sent] = {}
    instead: dict[str, Sent] = {}
    for event in relevant:
        name = event[by]
        # An exit that ends nothing may still end a visit of its own moment.
        spare[name] = [one for one in spare[name] if moment_of(one) == moment_of(event)]
        if enters(event, by):
            still_open[name].append(event["event_id"])
            if spare[name]:
                instead[event["event_id"]] = spare[name].pop()
        elif still_open[name]:
            found[still_open[name].pop()] = event
        else:
            spare[name].append(event)
    return instead | found


def hidden_stretches(events: list[Sent]) -> list[tuple[Millis, float]]:
    """From each hiding to the next showing; for ever where none comes."""
    rank = {"visibility_hidden": 0, "visibility_visible": 1}
    shown = sorted((moment_of(one), rank[one["event"]]) for one in events if one["event"] in rank)
    found: list[tuple[Millis, float]] = []
    since: Millis | None = None
    for (at, _), visible in shown:
        if visible and since is not None:
            found.append((since, at))
            since = None
        elif not visible and since is None:
            since = at
    return found if since is None else [*found, (since, float("inf"))]


def stays(events: list[Sent], by: str) -> dict[str, float | None]:
    """Event id of each visit → its visible seconds, None where nothing tells them."""
    found: dict[str, float | None] = {one["event_id"]: None for one in events if enters(one, by)}
    for theirs in by_session(events).values():
        exits = own_exits(theirs, by)
        hidden = hidden_stretches(theirs)
        beats = [moment_of(one) for one in theirs if one["event"] == "heartbeat"]
        for visit in (one for one in theirs if enters(one, by)):
            following = [moment_of(one) for one in theirs if enters(one, by) and moment_of(one) > moment_of(visit)]
            leave = exits.get(visit["event_id"])
            if leave and told_by(leave) is not None:
                found[visit["event_id"]] = (told_by(leave) or 0) / 1000
                continue
            if leave:
                end = leave["timestamp"]
            elif following:
                end = min(following)[0]
            elif beats and max(beats) > moment_of(visit):
                end = max(beats)[0]
            else:
                continue
            start = visit["timestamp"]
            unseen = sum(max(0, min(end, to) - max(start, since)) for since, to in hidden)
            found[visit["event_id"]] = (end - start - unseen) / 1000
    return found


def dwell(events: list[Sent], by: str, counts: Callable[[Sent], bool]) -> dict[str, dict[str, Any]]:
    """Name → what an answer says of its visits that count."""
    seconds = stays(events, by)
    rows: dict[str, list[float | None]] = defaultdict(list)
    for event in events:
        if enters(event, by) and counts(event):
            rows[event[by]].append(seconds[event["event_id"]])
    return {name: summary(values) for name, values in rows.items()}


def summary(values: list[float | None]) -> dict[str, Any]:
    measured = sorted(one for one in values if one is not None)
    return {
        "visits": len(values),
        "measured": len(measured),
        "unknown": len(values) - len(measured),
        "total_s": round(sum(measured), 6) if measured else None,
        "mean_s": round(mean(measured), 6) if measured else None,
        "median_s": _rounded(percentile(measured, 0.5)),
        "p90_s": _rounded(percentile(measured, 0.9)),
        "p95_s": _rounded(percentile(measured, 0.95)),
    }


def components(
    events: list[Sent], counts: Callable[[Sent], bool], counted_before: Callable[[Sent], bool]
) -> dict[str, dict[str, Any]]:
    """Component → its row, for a range and the period before."""
    owned, time = owners(events), dwell(events, "component", counts)
    before = dwell(events, "component", counted_before)
    done = {"component_interaction": "interactions", "component_error": "errors"}
    rows: dict[str, dict[str, Any]] = defaultdict(lambda: {"visits": 0, "interactions": 0, "errors": 0, "who": set()})
    for event in events:
        kind = "visits" if enters(event, "component") else done.get(event["event"])
        if kind and event.get("component") and counts(event):
            rows[event["component"]][kind] += 1
            rows[event["component"]]["who"].add(person_of(event, owned))
    for name in {*rows, *before}:
        row, was = rows[name], before.get(name, {"visits": 0})["visits"]
        row["users"] = len(row.pop("who") - {None})
        row["median_s"] = time[name]["median_s"] if name in time else None
        row["change"] = (row["visits"] - was) / was * 100 if was else None if row["visits"] else 0
    return rows


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 6)
