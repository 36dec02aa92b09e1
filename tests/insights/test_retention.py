# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Retention: R17 (cohorts, criteria, buckets, cells that are not over), R4, R5, R6, R7, R9, R11, R23, R28."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import INSIGHTS, retention
from footfall.insights.source import Unit
from footfall.model.errors import BadRequest
from tests.support import oracle
from tests.support.chance import BOT, habits
from tests.support.clocks import CHANGES, ZONES
from tests.support.effort import examples
from tests.support.moments import BASE, HOUR, MINUTE, NOW, at
from tests.support.project import Project, Sent, Visit, read, where

DAY_S = 86_400
DAY = 24 * HOUR
WEEK = {"from": "2026-03-02", "to": "2026-03-05"}
"""Three days, each with events at 10:00; the stories go on after it."""

Cells = list[int | None]


def asked(start: str = "a", back: str | None = None, **more: Any) -> dict[str, Any]:
    return {"start_event": start, "return_event": back or start, **WEEK, **more}


def days(*numbers: float, event: str = "a", **fields: Any) -> list[Visit]:
    """Visits so many days after the first one of the range."""
    return [(event, number * DAY_S, fields) for number in numbers]


def cohorts(project: Project, request: dict[str, Any], *, now: int = NOW) -> dict[str, tuple[int, Cells]]:
    """Day of each cohort → its size and cells."""
    return told(project.ask("retention", request, now=now)["cohorts"])


def told(answer: list[dict[str, Any]]) -> dict[str, tuple[int, Cells]]:
    return {one["bucket"][5:10]: (one["size"], one["values"]) for one in answer}


def users(people: list[dict[str, Any]]) -> list[str]:
    return sorted(one["user_id"] or one["anonymous_ids"][0] for one in people)


# ── who is in a cohort ───────────────────────────────────────────────────────────────────────────────────────


def test_R17_first_ever_looks_at_all_history_before_the_range(project: Project) -> None:
    project.story(ann=days(0, 1), bob=days(-900, 0, 1), cid=days(1))
    assert cohorts(project, asked()) == {"03-02": (1, [1, 1, 0]), "03-03": (1, [1, 0, 0]), "03-04": (0, [0, 0, 0])}


def test_R17_recurring_counts_everybody_who_is_active_in_the_bucket(project: Project) -> None:
    project.story(ann=days(0, 1), bob=days(-900, 0, 1), cid=days(1))
    assert cohorts(project, asked(cohort="recurring")) == {
        "03-02": (2, [2, 2, 0]), "03-03": (3, [3, 0, 0]), "03-04": (0, [0, 0, 0]),
    }  # fmt: skip


def test_R17_first_ever_is_about_the_start_event_and_not_about_others(project: Project) -> None:
    project.story(ann=[*days(-5, event="b"), *days(0)])
    assert cohorts(project, asked())["03-02"][0] == 1
    assert cohorts(project, asked("*"))["03-02"][0] == 0


def test_R17_history_in_the_first_hour_of_the_range_is_none(project: Project) -> None:
    """A cohort begins with its range, to the millisecond, also where that cuts an hour."""
    project.story(ann=[("a", -1)], bob=[("a", 0)], cid=[("a", 59)], dan=[("a", 60)])
    request = asked() | {"from": BASE, "to": BASE + MINUTE}
    assert cohorts(project, request) == {"03-02": (2, [2])}
    assert cohorts(project, request | {"cohort": "recurring"}) == {"03-02": (2, [2])}


@pytest.mark.parametrize("cohort", ["first_ever", "recurring"])
def test_R17_a_person_is_in_a_cohort_once(project: Project, cohort: str) -> None:
    project.story(ann=[*days(0, 0, 0.1), *days(1, 1.1)])
    assert cohorts(project, asked(cohort=cohort))["03-02"] == (1, [1, 1, 0])


# ── who came back ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("criterion", "cells"),
    [
        pytest.param("on", [2, 0, 1, 1], id="in just that bucket"),
        pytest.param("on_or_after", [2, 2, 2, 1], id="in that one or a later one, from the right"),
    ],
)
def test_R17_criterion(project: Project, criterion: str, cells: Cells) -> None:
    project.story(ann=days(0, 2), bob=days(0, 3), cid=days(-1, 1))
    assert cohorts(project, asked(criterion=criterion, periods=4))["03-02"] == (2, cells)


@pytest.mark.parametrize("criterion", ["on", "on_or_after"])
def test_R17_return_events_count_after_the_range_up_to_the_last_period(project: Project, criterion: str) -> None:
    """What comes after the last period is no return in one of them."""
    project.story(ann=days(2, 4), bob=days(2, 5))
    found = cohorts(project, asked(criterion=criterion))["03-04"]
    assert found == (2, [2, 1, 1] if criterion == "on_or_after" else [2, 0, 1])
    assert cohorts(project, asked(criterion=criterion, periods=4))["03-04"][1][3] == 1


def test_R17_start_events_after_the_range_make_no_cohort(project: Project) -> None:
    project.story(ann=days(0, 3), bob=days(3, 4))
    assert cohorts(project, asked(cohort="recurring", periods=4)) == {
        "03-02": (1, [1, 0, 0, 1]), "03-03": (0, [0] * 4), "03-04": (0, [0] * 4),
    }  # fmt: skip


def test_R17_a_range_that_cuts_its_last_bucket_takes_starts_before_and_returns_after_its_end(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 7200)], bob=[("a", 7200), ("b", 0)])
    request = asked("a", "b", periods=1) | {"to": BASE + HOUR}
    assert cohorts(project, request) == {"03-02": (1, [1])}
    assert users(project.behind("retention", "people", request, cohort="2026-03-02")) == ["ann"]


def test_period_0_is_the_bucket_of_the_start_whatever_comes_first_in_it(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 60)], bob=[("b", 0), ("a", 60)], cid=[("a", 0)], dan=[("b", 0)])
    assert cohorts(project, asked("a", "b", periods=1))["03-02"] == (3, [2])


def test_an_event_of_nobody_is_nobodys_return(project: Project) -> None:
    project.story(ann=days(0))
    project.store([{"event": "a", "event_id": "x", "timestamp": BASE + DAY}])
    assert cohorts(project, asked(cohort="recurring")) == {
        "03-02": (1, [1, 0, 0]), "03-03": (0, [0, 0, 0]), "03-04": (0, [0, 0, 0]),
    }  # fmt: skip


# ── cells that are not over, averages ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "cells"),
    [
        ("2026-03-05T00:00:00Z", [[1, 1, 1], [1, 1, None], [1, None, None]]),
        ("2026-03-04T23:59:59.999Z", [[1, 1, None], [1, None, None], [None, None, None]]),
        ("2026-03-07T00:00:00Z", [[1, 1, 1], [1, 1, 0], [1, 0, 0]]),
    ],
)
@pytest.mark.parametrize("by", ["request", "clock"])
def test_R17_a_cell_whose_bucket_has_not_ended_is_null_and_never_0(
    project: Project, now: str, cells: list[Cells], by: str
) -> None:
    project.story(ann=days(0, 1, 2))
    request = asked(cohort="recurring") | ({"now": now} if by == "request" else {})
    found = cohorts(project, request, now=NOW if by == "request" else at(now))
    assert [values for _, values in found.values()] == cells


def test_R17_averages_leave_null_cells_out_and_weight_by_the_size_of_the_cohort(project: Project) -> None:
    project.story(
        **{f"first{n}": days(0, *((1,) if n < 3 else ()), *((2,) if n < 1 else ())) for n in range(4)},
        second=days(1, 2),
    )
    answer = project.ask("retention", asked(now="2026-03-05"))
    assert told(answer["cohorts"]) == {
        "03-02": (4, [4, 3, 1]), "03-03": (1, [1, 1, None]), "03-04": (0, [0, None, None]),
    }  # fmt: skip
    assert answer["average"] == [1.0, (3 + 1) / (4 + 1), 1 / 4]


def test_R3_an_average_of_nobody_is_null(project: Project) -> None:
    assert project.ask("retention", asked())["average"] == [None] * 3
    project.story(ann=days(0))
    assert project.ask("retention", asked(now="2026-03-02T12:00:00Z"))["average"] == [None] * 3


def test_periods_are_counted_with_period_0_and_are_as_many_as_the_range_has(project: Project) -> None:
    project.story(ann=days(0))
    assert cohorts(project, asked())["03-02"] == (1, [1, 0, 0])
    assert cohorts(project, asked(periods=1))["03-02"] == (1, [1])
    assert cohorts(project, asked(periods=5))["03-02"] == (1, [1, 0, 0, 0, 0])


# ── rolling ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("second", "cells"),
    [
        pytest.param(-0.001, [1, 0, 0], id="another start before it"),
        pytest.param(0, [1, 0, 0], id="at once"),
        pytest.param(DAY_S - 0.001, [1, 0, 0], id="the last millisecond of 24 hours"),
        pytest.param(DAY_S, [1, 1, 0], id="24 hours"),
        pytest.param(2 * DAY_S - 0.001, [1, 1, 0], id="the last millisecond of 48 hours"),
        pytest.param(3 * DAY_S - 0.001, [1, 0, 1], id="the last millisecond of 72 hours"),
        pytest.param(3 * DAY_S, [1, 0, 0], id="after the last period"),
    ],
)
def test_R17_rolling_buckets_are_24_hours_from_the_first_event(project: Project, second: float, cells: Cells) -> None:
    project.story(ann=[("a", 0), ("a", second)])
    assert cohorts(project, asked(buckets="rolling"))["03-02"] == (1, cells)


def test_R17_rolling_buckets_begin_with_the_first_start_of_each_cohort(project: Project) -> None:
    project.story(ann=[*days(0, 0.5), *days(1.1, 1.5)])
    assert cohorts(project, asked(buckets="rolling", cohort="recurring")) == {
        "03-02": (1, [1, 1, 0]), "03-03": (1, [1, 0, 0]), "03-04": (0, [0, 0, 0]),
    }  # fmt: skip


def test_R17_a_rolling_return_does_not_come_before_the_start(project: Project) -> None:
    project.story(ann=[("b", 0), ("a", 60), ("b", 60 + 2 * DAY_S)])
    assert cohorts(project, asked("a", "b", buckets="rolling"))["03-02"] == (1, [0, 0, 1])


def test_R17_a_rolling_cell_is_over_when_it_is_for_whoever_came_last(project: Project) -> None:
    project.story(ann=days(0, 1))
    request = asked(buckets="rolling")
    assert cohorts(project, request | {"now": "2026-03-05T00:00:00Z"})["03-02"] == (1, [1, 1, None])
    assert cohorts(project, request | {"now": "2026-03-04T23:59:59.999Z"})["03-02"] == (1, [1, None, None])


@pytest.mark.parametrize(("interval", "length"), [("hour", 1), ("week", 7 * 24), ("month", 30 * 24)])
def test_R17_rolling_buckets_are_as_long_as_the_interval(project: Project, interval: str, length: int) -> None:
    edge = length * 3600
    project.story(ann=[("a", 0), ("a", edge - 0.001)], bob=[("a", 0), ("a", edge)])
    request = asked(buckets="rolling", interval=interval, periods=2) | {"to": BASE + HOUR}
    found = project.ask("retention", request)["cohorts"][-1]
    assert (found["size"], found["values"]) == (2, [2, 1])


# ── calendar ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("hour", [0, 23])
def test_R7_a_day_is_a_day_when_the_clock_changes(project: Project, change: Any, hour: int) -> None:
    """Somebody who comes every day at half past an hour of theirs comes back every day."""
    project.story(ann=[("a", (change.local(day, hour, 30) - BASE) / 1000) for day in range(-2, 5)])
    request = asked(cohort="recurring", timezone=change.zone, periods=4)
    request |= {"from": change.local(-2), "to": change.local(2)}
    assert list(cohorts(project, request).values()) == [(1, [1] * 4)] * 4


def test_R9_weeks_begin_where_the_request_says_and_a_cut_one_keeps_its_label(project: Project) -> None:
    project.story(ann=days(0, 6), bob=days(2, 6))
    request = asked(interval="week") | {"from": "2026-03-03", "to": "2026-03-16"}
    assert cohorts(project, request) == {"03-02": (1, [1, 0]), "03-09": (0, [0, 0])}
    assert cohorts(project, request | {"week_start": "sunday"}) == {
        "03-01": (1, [1, 1, 0]), "03-08": (0, [0, 0, 0]), "03-15": (0, [0, 0, 0])
    }  # fmt: skip


@pytest.mark.parametrize("interval", ["minute", "hour", "day", "week", "month", "quarter", "year"])
def test_every_interval_is_answered(project: Project, interval: str) -> None:
    project.story(ann=[("a", 0)])
    request = {"interval": interval, "from": BASE, "to": BASE + MINUTE, "periods": 2}
    for kind in ("calendar", "rolling"):
        (one,) = project.ask("retention", request | {"buckets": kind}, now=at("2030-01-01T00:00:00Z"))["cohorts"]
        assert (one["size"], one["values"]) == (1, [1, 0])


# ── which events, whose ──────────────────────────────────────────────────────────────────────────────────────


def test_filters_select_afterwards_and_make_nobody_new(project: Project) -> None:
    """ "Words": first-seen is computed over all events."""
    mobile, desktop = {"device": "mobile"}, {"device": "desktop"}
    project.story(
        ann=[("a", 0, mobile), ("a", DAY_S, mobile)],
        bob=[("a", -5 * DAY_S, desktop), ("a", 0, mobile)],
        cid=[("a", 0, mobile), ("a", DAY_S, desktop)],
        dan=[("a", 0, desktop), ("a", DAY_S, mobile)],
        eve=[("a", 0, desktop), ("a", 60, mobile)],
    )
    request = asked(filters=[where("device", "is", "mobile")])
    assert cohorts(project, request) == {"03-02": (3, [3, 1, 0]), "03-03": (0, [0] * 3), "03-04": (0, [0] * 3)}
    recurring = cohorts(project, request | {"cohort": "recurring"})
    assert recurring == {"03-02": (4, [4, 1, 0]), "03-03": (2, [2, 0, 0]), "03-04": (0, [0] * 3)}


@pytest.mark.parametrize("buckets", ["calendar", "rolling"])
def test_filters_by_property_and_group(project: Project, buckets: str) -> None:
    pro = {"properties": {"plan": "pro"}, "groups": {"organization": "42"}}
    project.story(ann=[("a", 0, pro), ("a", DAY_S, pro)], bob=days(0, 1))
    for one in (where("properties.plan", "is", "pro"), where("group.organization", "is", "42")):
        assert cohorts(project, asked(buckets=buckets, filters=[one]))["03-02"] == (1, [1, 1, 0])


@pytest.mark.parametrize("buckets", ["calendar", "rolling"])
def test_R28_bots_are_left_out_named_and_can_be_included(project: Project, buckets: str) -> None:
    project.story(ann=days(0, 1), bot=days(0, 1, 2, user_agent=BOT))
    request = asked(buckets=buckets)
    answer = project.ask("retention", request)
    assert (told(answer["cohorts"])["03-02"], answer["meta"]["excluded_bots"]) == ((1, [1, 1, 0]), 3)
    answer = project.ask("retention", request | {"include_bots": True})
    assert (told(answer["cohorts"])["03-02"], answer["meta"]["excluded_bots"]) == ((2, [2, 2, 1]), 0)


@pytest.mark.parametrize("buckets", ["calendar", "rolling"])
def test_R28_bots_that_would_have_come_back_after_the_range_are_named_too(project: Project, buckets: str) -> None:
    starts, returns = days(0, 1, event="s", user_agent=BOT), days(0, 1, 2, 5, 30, event="r", user_agent=BOT)
    project.story(ann=days(0, event="s"), bot=[*starts, *returns])
    request = asked(start_event="s", return_event="r", buckets=buckets, periods=4)
    request |= {"from": "2026-03-02", "to": "2026-03-03"}
    assert project.ask("retention", request)["meta"]["excluded_bots"] == 1 + 3, "in the range, and of the three after"
    now = {"now": "2026-03-03T12:00:00Z"}
    assert project.ask("retention", request | now)["meta"]["excluded_bots"] == 1 + 2


@pytest.mark.parametrize("buckets", ["calendar", "rolling"])
def test_R23_a_device_that_is_linked_later_has_its_users_past(project: Project, buckets: str) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": BASE - 5 * DAY, "user_id": "ann"},
            {"event": "a", "event_id": "2", "timestamp": BASE, "anonymous_id": "phone"},
            {"event": "a", "event_id": "3", "timestamp": BASE + DAY, "user_id": "ann"},
            {"event": "$identify", "event_id": "4", "timestamp": BASE + 9 * DAY, "anonymous_id": "phone",
             "user_id": "ann"},
        ]
    )  # fmt: skip
    request = asked(buckets=buckets)
    assert cohorts(project, request)["03-02"] == (0, [0, 0, 0])
    assert cohorts(project, request | {"cohort": "recurring"})["03-02"] == (1, [1, 1, 0])
    before = cohorts(project, request | {"now": "2026-03-09"})
    assert before["03-02"] == (1, [1, 0, 0]), "asked before the link, it was a new device"


def test_R11_now_in_the_request_hides_later_events(project: Project) -> None:
    project.story(ann=days(0, 1, 2))
    found = cohorts(project, asked(criterion="on_or_after", now="2026-03-04T09:00:00Z"))
    assert found["03-02"] == (1, [1, 1, None])
    assert cohorts(project, asked(cohort="recurring", now="2026-03-03T10:00:00Z"))["03-03"][0] == 1
    assert cohorts(project, asked(cohort="recurring", now="2026-03-03T09:59:59.999Z"))["03-03"][0] == 0


# ── R5: breakdown ────────────────────────────────────────────────────────────────────────────────────────────


def rows_of(answer: dict[str, Any]) -> dict[str, dict[str, tuple[int, Cells]]]:
    return {one["value"]: told(one["cohorts"]) for one in answer["breakdowns"]}


def test_R5_a_breakdown_takes_the_value_at_the_first_start_of_the_cohort(project: Project) -> None:
    x, y = {"page": "/x"}, {"page": "/y"}
    project.story(ann=[("a", 0, x), ("a", 60, y), ("a", DAY_S, y)], bob=[("b", -60, x), ("a", 0, y), ("a", DAY_S, x)])
    answer = project.ask("retention", asked(breakdown=[{"property": "page"}], cohort="recurring"))
    none = (0, [0, 0, 0])
    assert rows_of(answer) == {
        "/x": {"03-02": (1, [1, 1, 0]), "03-03": (1, [1, 0, 0]), "03-04": none},
        "/y": {"03-02": (1, [1, 1, 0]), "03-03": (1, [1, 0, 0]), "03-04": none},
    }
    assert told(answer["cohorts"])["03-02"] == (2, [2, 2, 0])
    assert [one["average"] for one in answer["breakdowns"]] == [[1.0, 0.5, 0.0]] * 2


@pytest.mark.parametrize("buckets", ["calendar", "rolling"])
@pytest.mark.parametrize("name", ["properties.plan", "group.organization", "person.plan"])
def test_R5_values_beyond_the_limit_are_other_and_missing_ones_not_set(
    project: Project, name: str, buckets: str
) -> None:
    def visits(value: str | None, *when: float) -> list[Visit]:
        fields: dict[str, Sent] = {
            "properties.plan": {"properties": {"plan": value}},
            "group.organization": {"groups": {"organization": value}} if value else {},
            "person.plan": {},
        }
        trait = {"properties": {"traits": {"plan": value}}}
        return [*days(*when, **fields[name]), ("$identify", -9 * DAY_S, trait)]

    project.story(
        ann=visits("pro", 0, 1),
        bob=visits("pro", 0),
        cid=visits("team", 0, 1),
        dan=visits("free", 0),
        eve=visits(None, 0, 2),
    )
    request = asked(breakdown=[{"property": name, "limit": 1}], buckets=buckets)
    answer = project.ask("retention", request)
    assert {value: found["03-02"] for value, found in rows_of(answer).items()} == {
        "pro": (2, [2, 1, 0]), "$other": (2, [2, 1, 0]), "$not_set": (1, [1, 0, 1]),
    }  # fmt: skip
    assert [one["value"] for one in answer["breakdowns"]] == ["pro", "$other", "$not_set"]
    assert told(answer["cohorts"])["03-02"] == (5, [5, 2, 1])
    for value, names in {"pro": ["ann"], "$other": ["cid"], "$not_set": []}.items():
        found = project.behind("retention", "people", request, cohort="2026-03-02", period=1, breakdown=value)
        assert users(found) == names


# ── R6: every cell is a list ─────────────────────────────────────────────────────────────────────────────────

BEHIND: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "the cohort itself": ({}, ["ann", "bob"], ["ann-0", "ann-1", "bob-0"]),
    "period 0": ({"period": 0}, ["ann", "bob"], ["ann-0", "ann-1", "bob-0"]),
    "period 1": ({"period": 1}, ["ann"], ["ann-2", "ann-3"]),
    "nobody": ({"period": 2}, [], []),
}


@pytest.mark.parametrize("buckets", ["calendar", "rolling"])
@pytest.mark.parametrize(("pointer", "people", "events"), BEHIND.values(), ids=BEHIND)
def test_R6_behind_a_cell_are_its_people_and_what_brought_them_there(
    project: Project, buckets: str, pointer: dict[str, Any], people: list[str], events: list[str]
) -> None:
    project.story(ann=[*days(0, 0.1), *days(1.2, 1.3)], bob=days(0), cid=days(1, 1.3))
    request = asked(buckets=buckets)
    pointer = {"cohort": "2026-03-02T00:00:00+00:00", **pointer}
    assert users(project.behind("retention", "people", request, **pointer)) == people
    found = project.behind("retention", "events", request, **pointer)
    assert sorted(one["event_id"] for one in found) == events
    sessions = project.behind("retention", "sessions", request, **pointer)
    assert len(sessions) == len(events), "hours apart, each is a session of its own"


def test_R6_behind_on_or_after_are_the_events_from_that_period_on(project: Project) -> None:
    project.story(ann=days(0, 1, 2, 4), bob=days(0, 1))
    for buckets in ("calendar", "rolling"):
        request = asked(criterion="on_or_after", buckets=buckets)
        found = project.behind("retention", "events", request, cohort="2026-03-02", period=1)
        assert sorted(one["event_id"] for one in found) == ["ann-1", "ann-2", "bob-1"]


def test_R6_behind_the_size_are_start_events_and_behind_a_cell_return_events(project: Project) -> None:
    project.story(ann=[*days(0, 0.1), *days(0.2, 1, event="b")])
    request = asked("a", "b")
    for pointer, events in (({}, ["ann-0", "ann-1"]), ({"period": 0}, ["ann-2"]), ({"period": 1}, ["ann-3"])):
        found = project.behind("retention", "events", request, cohort="2026-03-02", **pointer)
        assert sorted(one["event_id"] for one in found) == events


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ({"cohort": "2026-03-01"}, "$.pointer.cohort"),
        ({"cohort": "soon"}, "$.pointer.cohort"),
        ({"cohort": "2026-03-02", "period": 3}, "$.pointer.period"),
        ({"cohort": "2026-03-03", "period": 2}, "$.pointer.period"),
        ({"cohort": "2026-03-02", "breakdown": "/x"}, "$.pointer.breakdown"),
    ],
    ids=str,
)
def test_a_pointer_to_no_number_is_refused(project: Project, pointer: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.behind("retention", "people", asked(now="2026-03-05"), **pointer)
    assert refused.value.path == path


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """A question about some days around a change of the clock."""
    change = draw(st.sampled_from(CHANGES))
    interval = draw(st.sampled_from(["day", "day", "week", "month"]))
    first = draw(st.integers(-4, 0))
    filters = draw(st.sampled_from([[], [], [where("page", "is", "/x")], [where("page", "is_not", "/x")]]))
    return {
        "start_event": draw(st.sampled_from("aab*")),
        "return_event": draw(st.sampled_from("aab*")),
        "interval": interval,
        "from": change.local(first, draw(st.sampled_from([0, 0, 7]))),
        "to": change.local(first + draw(st.integers(1, 5)), draw(st.sampled_from([0, 0, 7]))),
        "timezone": change.zone,
        "now": draw(st.sampled_from([change.local(0), change.local(3) + 1, change.local(90)])),
        "cohort": draw(st.sampled_from(["first_ever", "recurring"])),
        "criterion": draw(st.sampled_from(["on", "on_or_after"])),
        "buckets": draw(st.sampled_from(["calendar", "calendar", "rolling"])),
        "periods": draw(st.integers(1, 4)),
        "filters": filters,
        "middle": change.at,
    }


def selects(filters: list[Sent]) -> Callable[[Sent], bool]:
    """What `questions` filter by, in plain Python."""
    if not filters:
        return lambda event: True
    return lambda event: (event.get("page") == "/x") == (filters[0]["operator"] == "is")


@examples(40)
@given(request=questions(), data=st.data())
def test_R17_cells_are_those_of_plain_python(
    new_project: Callable[[], Project], request: dict[str, Any], data: st.DataObject
) -> None:
    events = data.draw(habits(request.pop("middle")))
    project = new_project()
    project.store(events)
    zone, now = ZONES[request["timezone"]], request["now"]
    answer = project.ask("retention", request)
    expected = oracle.retention(
        oracle.Habits(events, zone, request["interval"], now, selects(request["filters"])),
        request["start_event"],
        request["return_event"],
        request["from"],
        request["to"],
        now,
        request["periods"],
        first_ever=request["cohort"] == "first_ever",
        or_after=request["criterion"] == "on_or_after",
        rolling=retention.ROLLING[request["interval"]] if request["buckets"] == "rolling" else None,
    )
    assert {one["bucket"]: (one["size"], one["values"]) for one in answer["cohorts"]} == expected
    pooled = [
        [(values[period], size) for size, values in expected.values() if values[period] is not None]
        for period in range(request["periods"])
    ]
    sizes = [sum(size for _, size in cells) for cells in pooled]
    assert answer["average"] == [
        sum(people or 0 for people, _ in cells) / size if size else None
        for cells, size in zip(pooled, sizes, strict=True)
    ]


@examples(12)
@given(request=questions(), unit=st.sampled_from(["people", "events", "sessions"]), data=st.data())
def test_invariant_f_every_cell_is_as_long_as_its_list(
    new_project: Callable[[], Project], request: dict[str, Any], unit: Unit, data: st.DataObject
) -> None:
    events = data.draw(habits(request.pop("middle"), most=40))
    project = new_project()
    project.store(events)
    if data.draw(st.booleans()):
        request |= {"breakdown": [{"property": "page", "limit": 1}]}
    answer = project.ask("retention", request)
    cells = [
        (one["bucket"], period, value, {"breakdown": segment["value"]} if "value" in segment else {})
        for segment in [answer, *answer.get("breakdowns", [])]
        for one in segment["cohorts"]
        for period, value in [(None, one["size"]), *enumerate(one["values"])]
        if value is not None
    ]
    full = [cell for cell in cells if cell[2]] or cells
    for cohort, period, value, row in data.draw(st.lists(st.sampled_from(full), max_size=4)) if full else ():
        pointer = {"cohort": cohort, **({} if period is None else {"period": period}), **row}
        assert len(project.behind("retention", "people", request, **pointer)) == value
        found = project.behind("retention", unit, request, **pointer)
        assert len(found) >= value, "each of them did something"
        assert bool(found) == bool(value)


@examples(12)
@given(request=questions(), data=st.data())
def test_invariants_a_and_c_filters_raise_nothing_and_arrival_changes_nothing(
    new_project: Callable[[], Project], request: dict[str, Any], data: st.DataObject
) -> None:
    events = data.draw(habits(request.pop("middle")))
    project, shuffled = new_project(), new_project()
    project.store(events)
    mixed = data.draw(st.permutations(events))
    shuffled.store([*mixed[: len(mixed) // 2], *mixed[: len(mixed) // 3]])
    shuffled.store([*mixed[len(mixed) // 3 :], *mixed[:5]])
    whole = request | {"filters": [], "breakdown": [{"property": "page", "limit": 1}]}
    answer, other = (one.ask("retention", whole) for one in (project, shuffled))
    for part in ("cohorts", "average", "breakdowns"):
        assert answer[part] == other[part], "whatever order or retry"
    fewer = project.ask("retention", whole | {"filters": [where("page", "is", "/x")]})
    for one, less in zip(answer["cohorts"], fewer["cohorts"], strict=True):
        assert less["size"] <= one["size"]
        assert all((a or 0) <= (b or 0) for a, b in zip(less["values"], one["values"], strict=True))
    for cohort in range(len(answer["cohorts"])):
        sizes = [segment["cohorts"][cohort]["size"] for segment in answer["breakdowns"]]
        assert sum(sizes) == answer["cohorts"][cohort]["size"], "everybody has one value"


# ── as a file, and what is refused ───────────────────────────────────────────────────────────────────────────


def table(project: Project, request: dict[str, Any]) -> Any:
    insight = INSIGHTS["retention"]
    plan = insight.plan(read("retention", request), project.context())
    rows = {name: project.warehouse.select(query) for name, query in insight.build(plan).items()}
    return insight.table(plan, insight.shape(plan, rows))


def test_a_file_has_a_row_for_each_cell_and_for_each_average(project: Project) -> None:
    project.story(ann=days(0, 1), bob=days(0))
    made = table(project, asked(now="2026-03-04", periods=2) | {"to": "2026-03-04"})
    assert list(made.columns) == ["cohort", "size", "period", "people", "rate"]
    first, second = "2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00"
    assert made.rows == [
        [first, 2, 0, 2, 1.0], [first, 2, 1, 1, 0.5], [second, 0, 0, 0, None], [second, 0, 1, None, None],
        [None, None, 0, None, 1.0], [None, None, 1, None, 0.5],
    ]  # fmt: skip
    broken_down = table(project, asked(periods=1, breakdown=[{"property": "page"}]))
    assert next(iter(broken_down.columns)) == "breakdown"
    assert [row[0] for row in broken_down.rows] == [None] * 4 + ["$not_set"] * 4


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"from": "2026-03-05"}, "$.from"),
        ({"interval": "minute"}, "$.interval"),
        ({"interval": "minute", "periods": 200}, "$.periods"),
        ({"filters": [where("x", "is", "y")]}, "$.filters[0].property"),
        ({"breakdown": [{"property": "x"}]}, "$.breakdown[0].property"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_its_path(project: Project, wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.queries("retention", asked() | wrong)
    assert refused.value.path == path


@pytest.mark.parametrize(
    "wrong",
    [{"cohort": "all"}, {"criterion": "after"}, {"buckets": "24h"}, {"periods": 0}, {"periods": 1001}, {"x": 1},
     {"start_event": ""}, {"breakdown": [{"property": "page"}] * 2}],
    ids=str,
)  # fmt: skip
def test_a_request_is_closed_and_typed(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(asked() | wrong, retention.Request)
