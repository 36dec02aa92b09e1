# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Lifecycle: R18 (states and their sum), R4, R5, R6, R7, R9, R10, R11, R23, R28."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import INSIGHTS, lifecycle
from footfall.insights.lifecycle import STATES
from footfall.insights.source import Unit
from footfall.model.errors import BadRequest
from tests.support import oracle
from tests.support.chance import BOT, habits
from tests.support.clocks import CHANGES, ZONES
from tests.support.effort import examples
from tests.support.moments import BASE, HOUR, MINUTE, at
from tests.support.project import Project, Visit, read, where

DAY_S = 86_400
DAY = 24 * HOUR
RANGE = {"from": "2026-03-02", "to": "2026-03-06"}


def asked(event: str = "a", **more: Any) -> dict[str, Any]:
    return {"event": event, **RANGE, **more}


def days(*numbers: float, event: str = "a", **fields: Any) -> list[Visit]:
    """Visits so many days after the first one of the range."""
    return [(event, number * DAY_S, fields) for number in numbers]


def states(project: Project, request: dict[str, Any]) -> dict[str, list[int]]:
    answer = project.ask("lifecycle", request)
    return {state: answer[state] for state in STATES}


def users(people: list[dict[str, Any]]) -> list[str]:
    return sorted(one["user_id"] or one["anonymous_ids"][0] for one in people)


# ── R18: states ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("when", "new", "returning", "resurrecting", "dormant"),
    [
        pytest.param([0], "1...", "....", "....", ".1..", id="came once"),
        pytest.param([0, 1, 2, 3], "1...", ".111", "....", "....", id="came every day"),
        pytest.param([0, 2], "1...", "....", "..1.", ".1.1", id="stayed away for a day"),
        pytest.param([-1, 0], "....", "1...", "....", ".1..", id="was there the day before the range"),
        pytest.param([-1], "....", "....", "....", "1...", id="was only there the day before the range"),
        pytest.param([-2, 0], "....", "....", "1...", ".1..", id="had been there before that"),
        pytest.param([-900, 3], "....", "....", "...1", "....", id="had been there years ago"),
        pytest.param([0, 0.1, 0.2, 1], "1...", ".1..", "....", "..1.", id="came often"),
        pytest.param([4], "....", "....", "....", "....", id="came after the range"),
    ],
)
def test_R18_somebody_who(
    project: Project, when: list[float], new: str, returning: str, resurrecting: str, dormant: str
) -> None:
    project.story(ann=days(*when))
    found = states(project, asked())
    assert {state: "".join(str(n or ".") for n in line) for state, line in found.items()} == {
        "new": new, "returning": returning, "resurrecting": resurrecting, "dormant": dormant,
    }  # fmt: skip


def test_R18_first_seen_is_about_the_event_that_is_asked_for(project: Project) -> None:
    project.story(ann=[*days(-5, event="b"), *days(0)])
    assert states(project, asked())["new"] == [1, 0, 0, 0]
    assert states(project, asked("*"))["resurrecting"] == [1, 0, 0, 0]


def test_R18_in_a_bucket_that_the_range_cuts_who_came_in_its_other_part_first_is_new(project: Project) -> None:
    """It is the bucket in which they were first seen; what lies beside the range counts for nothing else."""
    project.story(ann=days(0, 1), bob=days(0), cid=days(-7, 2), dan=days(-6.5))
    request = asked(interval="week") | {"from": "2026-03-03", "to": "2026-03-09"}
    assert states(project, request) == {"new": [1], "returning": [1], "resurrecting": [0], "dormant": [1]}


def test_R18_a_range_without_events_has_nobody(project: Project) -> None:
    assert states(project, asked()) == dict.fromkeys(STATES, [0] * 4)


# ── time, identity, bots ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("hour", [0, 23])
def test_R7_who_comes_every_day_is_returning_when_the_clock_changes(project: Project, change: Any, hour: int) -> None:
    project.story(ann=[("a", (change.local(day, hour, 30) - BASE) / 1000) for day in range(-2, 3)])
    request = {"event": "a", "timezone": change.zone, "from": change.local(-2), "to": change.local(3)}
    assert states(project, request) == {
        "new": [1, 0, 0, 0, 0], "returning": [0, 1, 1, 1, 1], "resurrecting": [0] * 5, "dormant": [0] * 5,
    }  # fmt: skip


def test_R9_weeks_begin_where_the_request_says(project: Project) -> None:
    project.story(ann=days(5, 6))
    request = asked(interval="week") | {"to": "2026-03-09"}
    assert states(project, request) == {"new": [1], "returning": [0], "resurrecting": [0], "dormant": [0]}
    assert states(project, request | {"week_start": "sunday"})["returning"] == [0, 1]


def test_R10_a_bucket_that_has_not_ended_is_incomplete(project: Project) -> None:
    answer = project.ask("lifecycle", asked(now="2026-03-05T00:00:00Z"))
    assert answer["incomplete"] == [False, False, False, True]
    assert answer["buckets"][-1] == "2026-03-05T00:00:00+00:00"


def test_R11_now_in_the_request_hides_later_events(project: Project) -> None:
    project.story(ann=days(0, 1))
    assert states(project, asked(now="2026-03-03T09:59:59.999Z"))["dormant"][1] == 1
    assert states(project, asked(now="2026-03-03T10:00:00Z"))["returning"][1] == 1


def test_R23_a_device_that_is_linked_later_has_its_users_past(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": BASE - DAY, "user_id": "ann"},
            {"event": "a", "event_id": "2", "timestamp": BASE, "anonymous_id": "phone"},
            {"event": "$identify", "event_id": "3", "timestamp": BASE + 9 * DAY, "anonymous_id": "phone",
             "user_id": "ann"},
        ]
    )  # fmt: skip
    assert states(project, asked())["returning"] == [1, 0, 0, 0]
    assert states(project, asked(now="2026-03-09"))["new"] == [1, 0, 0, 0], "before the link it was a new device"


def test_R28_bots_are_left_out_named_and_can_be_included(project: Project) -> None:
    project.story(ann=days(0), bot=days(0, 1, user_agent=BOT))
    answer = project.ask("lifecycle", asked())
    assert (answer["new"][0], answer["meta"]["excluded_bots"]) == (1, 2)
    answer = project.ask("lifecycle", asked(include_bots=True))
    assert (answer["new"][0], answer["meta"]["excluded_bots"]) == (2, 0)


# ── filters and breakdown ────────────────────────────────────────────────────────────────────────────────────


def test_filters_select_afterwards_and_make_nobody_new(project: Project) -> None:
    """ "Words": first-seen is computed over all events."""
    mobile, desktop = {"device": "mobile"}, {"device": "desktop"}
    project.story(
        ann=[("a", 0, mobile)],
        bob=[("a", -5 * DAY_S, desktop), ("a", 0, mobile)],
        cid=[("a", -DAY_S, desktop), ("a", 0, mobile), ("a", DAY_S, mobile)],
        dan=[("a", 0, desktop)],
    )
    assert states(project, asked(filters=[where("device", "is", "mobile")])) == {
        "new": [1, 0, 0, 0], "returning": [0, 1, 0, 0], "resurrecting": [2, 0, 0, 0], "dormant": [0, 2, 1, 0],
    }  # fmt: skip


@pytest.mark.parametrize("name", ["properties.plan", "group.organization"])
def test_R5_a_breakdown_takes_the_value_at_the_first_event_of_the_range(project: Project, name: str) -> None:
    def visit(day: float, value: str) -> Visit:
        return ("a", day * DAY_S, {"properties": {"plan": value}, "groups": {"organization": value}})

    project.story(
        ann=[visit(-1, "old"), visit(0, "x"), visit(0.1, "y"), visit(1, "y")],
        bob=[visit(0, "x")],
        cid=[visit(-1, "y")],
        dan=[visit(-5, "y"), visit(0, "z")],
        eve=days(1),
    )
    request = asked(breakdown=[{"property": name, "limit": 1}])
    answer = project.ask("lifecycle", request)
    found = {one["value"]: [sum(one[state]) for state in STATES] for one in answer["breakdowns"]}
    assert found == {"x": [1, 2, 0, 2], "$other": [0, 0, 1, 2], "$not_set": [1, 0, 0, 1]}
    assert [sum(answer[state]) for state in STATES] == [2, 2, 1, 5]
    for value, names in {"x": [], "$other": ["cid"]}.items():
        people = project.behind("lifecycle", "people", request, state="dormant", bucket="2026-03-02", breakdown=value)
        assert users(people) == names


# ── R6: every number is a list ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("state", "day", "people", "events"),
    [
        ("new", "03-02", ["ann"], ["ann-0", "ann-1"]),
        ("returning", "03-02", ["bob"], ["bob-1"]),
        ("resurrecting", "03-02", ["cid"], ["cid-1"]),
        ("dormant", "03-02", ["dan"], ["dan-0"]),
        ("dormant", "03-03", ["ann", "cid"], ["ann-0", "ann-1", "cid-1"]),
        ("returning", "03-03", ["bob"], ["bob-2"]),
        ("new", "03-05", [], []),
    ],
)
def test_R6_behind_a_state_are_its_people_and_what_they_did(
    project: Project, state: str, day: str, people: list[str], events: list[str]
) -> None:
    """Behind those who are dormant it is what they did in the bucket before."""
    project.story(ann=days(0, 0.1), bob=days(-1, 0, 1), cid=days(-3, 0), dan=days(-1))
    pointer = {"state": state, "bucket": f"2026-{day}T00:00:00+00:00"}
    assert users(project.behind("lifecycle", "people", asked(), **pointer)) == people
    found = project.behind("lifecycle", "events", asked(), **pointer)
    assert sorted(one["event_id"] for one in found) == events
    assert len(project.behind("lifecycle", "sessions", asked(), **pointer)) == len(events), "hours apart"


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ({"state": "new", "bucket": "2026-03-01"}, "$.pointer.bucket"),
        ({"state": "new", "bucket": "2026-03-06"}, "$.pointer.bucket"),
        ({"state": "new", "bucket": "2026-03-02", "breakdown": "/x"}, "$.pointer.breakdown"),
    ],
    ids=str,
)
def test_a_pointer_to_no_number_is_refused(project: Project, pointer: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.behind("lifecycle", "people", asked(), **pointer)
    assert refused.value.path == path


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """A question about some days around a change of the clock."""
    change = draw(st.sampled_from(CHANGES))
    first = draw(st.integers(-4, 0))
    return {
        "event": draw(st.sampled_from("aab*")),
        "interval": draw(st.sampled_from(["day", "day", "week", "month"])),
        "from": change.local(first, draw(st.sampled_from([0, 0, 7]))),
        "to": change.local(first + draw(st.integers(1, 5)), draw(st.sampled_from([0, 0, 7]))),
        "timezone": change.zone,
        "now": draw(st.sampled_from([change.local(0), change.local(3) + 1, change.local(90)])),
        "filters": draw(st.sampled_from([[], [where("page", "is", "/x")]])),
        "middle": change.at,
    }


@examples(30)
@given(request=questions(), data=st.data())
def test_R18_states_are_those_of_plain_python_and_add_up_to_who_was_active(
    new_project: Callable[[], Project], request: dict[str, Any], data: st.DataObject
) -> None:
    events = data.draw(habits(request.pop("middle")))
    project = new_project()
    project.store(events)
    answer = project.ask("lifecycle", request)
    lives = oracle.Habits(
        events,
        ZONES[request["timezone"]],
        request["interval"],
        request["now"],
        lambda event: not request["filters"] or event.get("page") == "/x",
    )
    expected = oracle.lifecycle(lives, request["event"], request["from"], request["to"])
    found = {label: {state: answer[state][place] for state in STATES} for place, label in enumerate(answer["buckets"])}
    assert found == {label: {state: len(people) for state, people in one.items()} for label, one in expected.items()}
    series = [{"event": request["event"], "measure": "unique_users"}]
    (trend,) = project.ask("trend", {name: it for name, it in request.items() if name != "event"} | {"series": series})[
        "series"
    ]
    alive = zip(answer["new"], answer["returning"], answer["resurrecting"], strict=True)
    assert [sum(three) for three in alive] == trend["values"], "invariant (g)"


@examples(12)
@given(request=questions(), unit=st.sampled_from(["people", "events", "sessions"]), data=st.data())
def test_invariant_f_every_number_is_as_long_as_its_list(
    new_project: Callable[[], Project], request: dict[str, Any], unit: Unit, data: st.DataObject
) -> None:
    project = new_project()
    project.store(data.draw(habits(request.pop("middle"), most=40)))
    if data.draw(st.booleans()):
        request |= {"breakdown": [{"property": "page", "limit": 1}]}
    answer = project.ask("lifecycle", request)
    cells = [
        ({"state": state, "bucket": bucket} | ({"breakdown": part["value"]} if "value" in part else {}), people)
        for part in [answer, *answer.get("breakdowns", [])]
        for state in STATES
        for bucket, people in zip(answer["buckets"], part[state], strict=True)
    ]
    full = [cell for cell in cells if cell[1]] or cells
    for pointer, people in data.draw(st.lists(st.sampled_from(full), max_size=4)):
        assert len(project.behind("lifecycle", "people", request, **pointer)) == people
        found = project.behind("lifecycle", unit, request, **pointer)
        assert len(found) >= people, "each of them did something"
        assert bool(found) == bool(people)


@examples(10)
@given(request=questions(), data=st.data())
def test_invariant_c_arrival_changes_nothing(
    new_project: Callable[[], Project], request: dict[str, Any], data: st.DataObject
) -> None:
    events = data.draw(habits(request.pop("middle")))
    project, shuffled = new_project(), new_project()
    project.store(events)
    mixed = data.draw(st.permutations(events))
    shuffled.store([*mixed[: len(mixed) // 2], *mixed[: len(mixed) // 3]])
    shuffled.store([*mixed[len(mixed) // 3 :], *mixed[:5]])
    request |= {"breakdown": [{"property": "page", "limit": 1}]}
    answer, other = (one.ask("lifecycle", request) for one in (project, shuffled))
    assert {**answer, "meta": None} == {**other, "meta": None}
    for state in STATES:
        rows = [part[state] for part in answer["breakdowns"]]
        assert [sum(column) for column in zip(*rows, strict=True)] == (answer[state] if rows else [])


# ── as a file, and what is refused ───────────────────────────────────────────────────────────────────────────


def test_a_file_has_a_row_for_each_bucket(project: Project) -> None:
    project.story(ann=days(0, page="/x"), bob=days(-1))
    insight = INSIGHTS["lifecycle"]
    for more, lead in (({}, [[]]), ({"breakdown": [{"property": "page"}]}, [[None], ["/x"], ["$not_set"]])):
        request = asked(**more) | {"to": "2026-03-04"}
        plan = insight.plan(read("lifecycle", request), project.context())
        rows = {name: project.warehouse.select(query) for name, query in insight.build(plan).items()}
        made = insight.table(plan, insight.shape(plan, rows))
        assert list(made.columns)[len(lead[0]) :] == ["bucket", "incomplete", *STATES]
        assert [row[: len(lead[0])] for row in made.rows[::2]] == lead
        day = "2026-03-02T00:00:00+00:00"
        assert made.rows[0][len(lead[0]) :] == [day, False, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"from": "2026-03-06"}, "$.from"),
        ({"interval": "minute", "to": "2030-01-01"}, "$.interval"),
        ({"filters": [where("x", "is", "y")]}, "$.filters[0].property"),
        ({"breakdown": [{"property": "x"}]}, "$.breakdown[0].property"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_its_path(project: Project, wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.queries("lifecycle", asked() | wrong)
    assert refused.value.path == path


@pytest.mark.parametrize(
    "wrong", [{"event": ""}, {"interval": "decade"}, {"x": 1}, {"breakdown": [{"property": "page"}] * 2}], ids=str
)
def test_a_request_is_closed_and_typed(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(asked() | wrong, lifecycle.Request)


@pytest.mark.parametrize("interval", ["minute", "hour", "day", "week", "month", "quarter", "year"])
def test_every_interval_is_answered(project: Project, interval: str) -> None:
    project.story(ann=[("a", 0)])
    found = states(project, {"event": "a", "interval": interval, "from": BASE, "to": BASE + MINUTE})
    assert found == {"new": [1], "returning": [0], "resurrecting": [0], "dormant": [0]}
    assert at("2026-03-02T10:00:00Z") == BASE
