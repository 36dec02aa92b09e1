# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Stickiness: R18 (active intervals, not events), R4, R5, R6, R7, R9, R11, R23, R28."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import INSIGHTS, stickiness
from footfall.insights.source import Unit
from footfall.model.errors import BadRequest
from tests.support import oracle
from tests.support.chance import BOT, habits
from tests.support.clocks import CHANGES, ZONES
from tests.support.effort import examples
from tests.support.moments import BASE, HOUR
from tests.support.project import Project, Visit, read, where

DAY_S = 86_400
RANGE = {"from": "2026-03-02", "to": "2026-03-05"}


def asked(event: str = "a", **more: Any) -> dict[str, Any]:
    return {"event": event, **RANGE, **more}


def days(*numbers: float, event: str = "a", **fields: Any) -> list[Visit]:
    """Visits so many days after the first one of the range."""
    return [(event, number * DAY_S, fields) for number in numbers]


def people(project: Project, request: dict[str, Any]) -> tuple[list[int], list[int]]:
    """Exactly and at least 1, 2 … intervals."""
    answer = project.ask("stickiness", request)
    assert list(answer["exactly"]) == list(answer["at_least"]) == [str(n + 1) for n in range(len(answer["exactly"]))]
    return list(answer["exactly"].values()), list(answer["at_least"].values())


def users(found: list[dict[str, Any]]) -> list[str]:
    return sorted(one["user_id"] or one["anonymous_ids"][0] for one in found)


# ── R18 ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_R18_intervals_are_counted_and_not_events(project: Project) -> None:
    project.story(ann=days(0, 0.1, 0.2, 0.3), bob=days(0, 1), cid=days(2), dan=days(0, 1, 2))
    assert people(project, asked()) == ([2, 1, 1], [4, 2, 1])


def test_R18_what_lies_beside_the_range_is_not_counted(project: Project) -> None:
    project.story(ann=days(-1, 0, 3), bob=days(-1, 3))
    assert people(project, asked()) == ([1, 0, 0], [1, 0, 0])
    assert people(project, asked() | {"from": BASE, "to": BASE + 1}) == ([1], [1])
    assert people(project, asked() | {"from": BASE + 1, "to": BASE + 24 * HOUR}) == ([0, 0], [0, 0])


def test_R3_a_range_without_events_has_nobody(project: Project) -> None:
    assert people(project, asked()) == ([0] * 3, [0] * 3)


def test_an_event_of_nobody_is_nobody(project: Project) -> None:
    project.store([{"event": "a", "event_id": "x", "timestamp": BASE}])
    assert people(project, asked()) == ([0] * 3, [0] * 3)


@pytest.mark.parametrize(
    ("interval", "exactly"), [("hour", {"2": 1, "3": 1}), ("day", {"2": 2}), ("week", {"1": 2}), ("month", {"1": 2})]
)
def test_intervals(project: Project, interval: str, exactly: dict[str, int]) -> None:
    project.story(ann=[("a", 0), ("a", 3599), ("a", DAY_S)], bob=[("a", 0), ("a", 3600), ("a", DAY_S)])
    answer = project.ask("stickiness", asked(interval=interval))
    assert {number: many for number, many in answer["exactly"].items() if many} == exactly


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("hour", [0, 23])
def test_R7_who_comes_every_day_was_active_every_day_when_the_clock_changes(
    project: Project, change: Any, hour: int
) -> None:
    project.story(ann=[("a", (change.local(day, hour, 30) - BASE) / 1000) for day in range(-2, 3)])
    request = {"event": "a", "timezone": change.zone, "from": change.local(-2), "to": change.local(3)}
    assert people(project, request)[0] == [0, 0, 0, 0, 1]


def test_R9_weeks_begin_where_the_request_says(project: Project) -> None:
    project.story(ann=days(5, 6))
    request = asked(interval="week") | {"to": "2026-03-09"}
    assert people(project, request)[0] == [1]
    assert people(project, request | {"week_start": "sunday"})[0] == [0, 1]


def test_R11_now_in_the_request_hides_later_events_and_links(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": BASE, "user_id": "ann"},
            {"event": "a", "event_id": "2", "timestamp": BASE + 24 * HOUR, "anonymous_id": "phone"},
            {"event": "$identify", "event_id": "3", "timestamp": BASE + 25 * HOUR, "anonymous_id": "phone",
             "user_id": "ann"},
        ]
    )  # fmt: skip
    assert people(project, asked())[0] == [0, 1, 0]
    assert people(project, asked(now=BASE + 24 * HOUR))[0] == [2, 0, 0]
    assert people(project, asked(now=BASE + 24 * HOUR - 1))[0] == [1, 0, 0]


def test_R28_bots_are_left_out_named_and_can_be_included(project: Project) -> None:
    project.story(ann=days(0), bot=days(0, 1, user_agent=BOT))
    answer = project.ask("stickiness", asked())
    assert (answer["exactly"], answer["meta"]["excluded_bots"]) == ({"1": 1, "2": 0, "3": 0}, 2)
    assert people(project, asked(include_bots=True))[0] == [1, 1, 0]


# ── filters and breakdown ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["properties.plan", "group.organization"])
def test_filters_and_breakdowns_by_property_and_group(project: Project, name: str) -> None:
    def visit(day: float, value: str) -> Visit:
        return ("a", day * DAY_S, {"properties": {"plan": value}, "groups": {"organization": value}})

    project.story(
        ann=[visit(-1, "old"), visit(0, "x"), visit(1, "y")],
        bob=[visit(0, "x")],
        cid=[visit(2, "y")],
        dan=days(0, 1),
    )
    assert people(project, asked(filters=[where(name, "is", "x")])) == ([2, 0, 0], [2, 0, 0])
    assert people(project, asked(filters=[where(name, "is_not", "x")])) == ([2, 1, 0], [3, 1, 0])
    request = asked(breakdown=[{"property": name, "limit": 1}])
    answer = project.ask("stickiness", request)
    found = {one["value"]: list(one["exactly"].values()) for one in answer["breakdowns"]}
    assert found == {"x": [1, 1, 0], "$other": [1, 0, 0], "$not_set": [0, 1, 0]}, "by the first event of the range"
    assert list(answer["exactly"].values()) == [2, 2, 0]
    assert users(project.behind("stickiness", "people", request, at_least=1, breakdown="x")) == ["ann", "bob"]


# ── R6: every number is a list ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pointer", "names", "events"),
    [
        ({"exactly": 1}, ["ann"], ["ann-0", "ann-1"]),
        ({"exactly": 2}, ["bob"], ["bob-0", "bob-1"]),
        ({"at_least": 1}, ["ann", "bob"], ["ann-0", "ann-1", "bob-0", "bob-1"]),
        ({"exactly": 3}, [], []),
    ],
    ids=str,
)
def test_R6_behind_a_number_are_its_people_and_what_they_did(
    project: Project, pointer: dict[str, int], names: list[str], events: list[str]
) -> None:
    project.story(ann=days(0, 0.1), bob=[*days(0, 1), *days(1, event="b"), *days(4)])
    assert users(project.behind("stickiness", "people", asked(), **pointer)) == names
    found = project.behind("stickiness", "events", asked(), **pointer)
    assert sorted(one["event_id"] for one in found) == events
    assert len(project.behind("stickiness", "sessions", asked(), **pointer)) == len(events), "hours apart"


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ({}, "$.pointer"),
        ({"exactly": 1, "at_least": 1}, "$.pointer"),
        ({"exactly": 4}, "$.pointer.exactly"),
        ({"at_least": 4}, "$.pointer.at_least"),
        ({"exactly": 1, "breakdown": "/x"}, "$.pointer.breakdown"),
    ],
    ids=str,
)
def test_a_pointer_to_no_number_is_refused(project: Project, pointer: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.behind("stickiness", "people", asked(), **pointer)
    assert refused.value.path == path


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────


@examples(30)
@given(change=st.sampled_from(CHANGES), first=st.integers(-4, 0), unit=st.sampled_from(["events", "sessions"]),
       interval=st.sampled_from(["day", "day", "week"]), data=st.data())  # fmt: skip
def test_R18_numbers_are_those_of_plain_python_and_as_long_as_their_lists(
    new_project: Callable[[], Project], change: Any, first: int, unit: Unit, interval: str, data: st.DataObject
) -> None:
    events = data.draw(habits(change.at))
    project, shuffled = new_project(), new_project()
    project.store(events)
    shuffled.store(data.draw(st.permutations(events)))
    shuffled.store(events)
    filters = data.draw(st.sampled_from([[], [where("page", "is", "/x")]]))
    request: dict[str, Any] = {
        "event": data.draw(st.sampled_from("ab*")),
        "interval": interval,
        "from": change.local(first, 7),
        "to": change.local(first + 4),
        "timezone": change.zone,
        "now": data.draw(st.sampled_from([change.local(0), change.local(90)])),
        "filters": filters,
    }
    lives = oracle.Habits(
        events, ZONES[change.zone], interval, request["now"], lambda event: not filters or event.get("page") == "/x"
    )
    active = Counter(oracle.stickiness(lives, request["event"], request["from"], request["to"]))
    exactly, at_least = people(project, request)
    assert exactly == [active[n + 1] for n in range(len(exactly))]
    assert at_least == [sum(exactly[n:]) for n in range(len(exactly))]
    broken_down = request | {"breakdown": [{"property": "page", "limit": 1}]}
    answer, other = (one.ask("stickiness", broken_down) for one in (project, shuffled))
    assert {**answer, "meta": None} == {**other, "meta": None}, "invariant (c)"
    for part in [answer, *answer["breakdowns"]]:
        row = {"breakdown": part["value"]} if "value" in part else {}
        name, number = data.draw(st.sampled_from([(name, n) for name in ("exactly", "at_least") for n in part[name]]))
        listed = {name: int(number)} | row
        assert len(project.behind("stickiness", "people", broken_down, **listed)) == part[name][number]
        assert len(project.behind("stickiness", unit, broken_down, **listed)) >= part[name][number]


# ── as a file, and what is refused ───────────────────────────────────────────────────────────────────────────


def test_a_file_has_a_row_for_each_number_of_intervals(project: Project) -> None:
    project.story(ann=days(0), bob=days(0, 1))
    insight = INSIGHTS["stickiness"]
    for more, lead in (({}, [[]]), ({"breakdown": [{"property": "page"}]}, [[None], ["$not_set"]])):
        plan = insight.plan(read("stickiness", asked(**more)), project.context())
        rows = {name: project.warehouse.select(query) for name, query in insight.build(plan).items()}
        made = insight.table(plan, insight.shape(plan, rows))
        assert list(made.columns) == [*(["breakdown"] if lead[0] else []), "intervals", "exactly", "at_least"]
        assert made.rows == [[*one, *row] for one in lead for row in ([1, 1, 2], [2, 1, 1], [3, 0, 0])]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"from": "2026-03-05"}, "$.from"),
        ({"filters": [where("x", "is", "y")]}, "$.filters[0].property"),
        ({"breakdown": [{"property": "x"}]}, "$.breakdown[0].property"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_its_path(project: Project, wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.queries("stickiness", asked() | wrong)
    assert refused.value.path == path


@pytest.mark.parametrize("wrong", [{"event": ""}, {"interval": "decade"}, {"x": 1}], ids=str)
def test_a_request_is_closed_and_typed(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(asked() | wrong, stickiness.Request)
