# ruff: noqa: N802 - rules are called by their letter
"""Trend: R2 (never added up), R3 (gaps), R7 to R11 and R26 (time), R23, R28 (who).

Measures, filters, breakdowns, comparisons and formulas have files of their own.
"""

from collections.abc import Callable
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import trend
from footfall.model.errors import BadRequest
from tests.insights.asking import MEASURES, all_measures, of_n, one
from tests.support import oracle
from tests.support.chance import BOT, stories
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, MINUTE, NOW, at
from tests.support.project import Project, where

# ── counting ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_R2_a_person_of_three_days_is_one_person(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 86_400), ("a", 2 * 86_400)], bob=[("a", 5)], cid=[("a", 2 * 86_400)])
    asked = {"series": one(measure="unique_users"), "from": "2026-03-02", "to": "2026-03-05"}
    assert project.trend(asked) == {"a": [2, 1, 2, 3]}


def test_R3_a_bucket_without_events_is_zero(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 2 * 86_400)])
    asked = {"series": all_measures("a"), "from": "2026-03-01", "to": "2026-03-05"}
    assert project.trend(asked) == {
        f"a {measure}": [0, 1, 0, 1, 2 if measure != "unique_users" else 1] for measure in MEASURES
    }


def test_R3_a_project_without_events_has_zeros(project: Project) -> None:
    answer = project.ask("trend", {"series": all_measures("a", "*"), **DAY, "interval": "hour"})
    assert [series["values"] for series in answer["series"]] == [[0] * 24] * 6
    assert [series["total"] for series in answer["series"]] == [0] * 6
    assert answer["meta"]["excluded_bots"] == 0


def test_star_means_every_event_whose_name_does_not_begin_with_a_dollar(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 1), ("$identify", 2, {"anonymous_id": "d"}), ("$x", 3), ("x$", 4), ("*", 5)])
    assert project.trend({"series": one("*"), **DAY}) == {"*": [4, 4]}


def test_nobody_is_counted_as_events_and_as_nobody(project: Project) -> None:
    project.store([{"event": "a", "event_id": f"{n}", "timestamp": BASE} for n in range(3)])
    assert project.trend({"series": all_measures("a"), **DAY}) == {
        "a count": [3, 3],
        "a unique_users": [0, 0],
        "a unique_sessions": [0, 0],
    }


def test_a_person_is_the_user_else_the_device_else_the_session(project: Project) -> None:
    project.store(
        {"event": "a", "event_id": f"{n}", "timestamp": BASE + n, **ids}
        for n, ids in enumerate(
            [
                {"user_id": "x", "anonymous_id": "d", "session_id": "s"},
                {"user_id": "x", "anonymous_id": "e"},
                {"anonymous_id": "x", "session_id": "s"},
                {"anonymous_id": "x", "session_id": "t"},
                {"session_id": "x"},
                {"session_id": "x"},
                {},
            ]
        )
    )
    assert project.trend({"series": one(measure="unique_users"), **DAY}) == {"a": [3, 3]}


def test_projects_do_not_see_each_other(new_project: Callable[[], Project]) -> None:
    first, second = new_project(), new_project()
    first.story(ann=[("a", 0), ("$identify", 1, {"anonymous_id": "d"})])
    second.store([{"event": "a", "event_id": "1", "anonymous_id": "d", "timestamp": BASE}])
    assert first.trend({"series": one(), **DAY}) == {"a": [1, 1]}
    second.store([{"event": "a", "event_id": "2", "user_id": "ann", "timestamp": BASE}])
    assert second.trend({"series": one(measure="unique_users"), **DAY}) == {"a": [2, 2]}


def test_series_of_one_answer_are_told_apart_and_stay_in_order(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 1), ("b", 2)])
    series = [
        {"event": "b"},
        {"event": "a", "measure": "unique_users", "name": "who"},
        {"event": "a"},
        {"event": "a", "filters": [where("user_id", "is", "bob")], "name": "nobody"},
        {"event": "b", "measure": "unique_sessions", "name": "visits"},
    ]
    answer = project.ask("trend", {"series": series, **DAY})
    assert [(one["name"], one["total"]) for one in answer["series"]] == [
        ("b", 1), ("who", 1), ("a", 2), ("nobody", 0), ("visits", 1),
    ]  # fmt: skip


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("measure", MEASURES)
def test_R7_a_range_holds_its_first_millisecond_and_not_its_end(project: Project, measure: str) -> None:
    edges = {"before": -1, "first": 0, "last": 86_400_000 - 1, "end": 86_400_000}
    midnight = at("2026-03-02T00:00:00+01:00")
    project.store(
        {"event": name, "event_id": name, "user_id": "ann", "timestamp": midnight + edge}
        for name, edge in edges.items()
    )
    asked = {"series": [{"event": name, "measure": measure} for name in edges], **DAY, "timezone": "Europe/Berlin"}
    totals = {name: values[-1] for name, values in project.trend(asked).items()}
    assert totals == {"before": 0, "first": 1, "last": 1, "end": 0}


def test_R7_a_range_within_an_hour_cuts_its_bucket(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 600), ("a", 1200)])
    asked = {"series": one(), "from": BASE + 5 * MINUTE, "to": BASE + 20 * MINUTE, "interval": "hour"}
    assert project.trend(asked) == {"a": [1, 1]}


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-10-25", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 25),
        ("Australia/Lord_Howe", "2026-10-04", 24),
        ("Asia/Kolkata", "2026-03-29", 24),
        ("Africa/Cairo", "2026-04-24", 23),
    ],
)
@pytest.mark.parametrize("measure", MEASURES)
def test_R7_every_minute_of_a_day_with_a_change_of_the_clock_lies_in_its_own_hour(
    new_project: Callable[[], Project], zone: str, day: str, hours: int, measure: str
) -> None:
    project = new_project()
    whole = {"series": one(measure=measure), "from": day, "to": f"{day}T23:59:59.999", "timezone": zone}
    answer = project.ask("trend", whole | {"interval": "hour"})
    starts = [at(label) for label in answer["buckets"]]
    assert len(starts) == hours
    ends = [*starts[1:], starts[-1] + HOUR]
    project.store(
        {"event": "a", "event_id": f"{moment}", "user_id": f"{moment}", "timestamp": moment}
        for start, end in zip(starts, ends, strict=True)
        for moment in range(start, end, 10 * MINUTE)
    )
    expected = [(end - start) // (10 * MINUTE) for start, end in zip(starts, ends, strict=True)]
    assert project.trend(whole | {"interval": "hour"}) == {"a": [*expected, sum(expected)]}
    assert project.trend(whole | {"interval": "day"}) == {"a": [sum(expected), sum(expected)]}


@pytest.mark.parametrize("measure", MEASURES)
def test_R7_the_last_bucket_may_be_longer_than_those_before_it(project: Project, measure: str) -> None:
    """Of these two days, the first has 23 hours."""
    project.store([{"event": "a", "event_id": "1", "user_id": "ann", "timestamp": at("2026-03-30T23:30:00+02:00")}])
    days = {"from": "2026-03-29", "to": "2026-03-31", "timezone": "Europe/Berlin"}
    assert project.trend({"series": one(measure=measure), **days}) == {"a": [0, 1, 1]}


def test_R7_the_zone_is_the_projects_unless_the_request_names_one(project: Project) -> None:
    project.story(ann=[("a", -10.5 * 3600)])  # 23:30 on Sunday in UTC, 00:30 on Monday in Berlin
    assert project.trend({"series": one(), **DAY}) == {"a": [0, 0]}
    assert project.trend({"series": one(), **DAY}, timezone="Europe/Berlin") == {"a": [1, 1]}
    assert project.trend({"series": one(), **DAY, "timezone": "UTC"}, timezone="Europe/Berlin") == {"a": [0, 0]}


def test_R9_weeks_start_where_the_request_says(project: Project) -> None:
    project.story(ann=[("a", -86_400), ("a", 0)])  # Sunday and Monday
    asked = {"series": one(), "from": "2026-02-28", "to": "2026-03-05", "interval": "week"}
    assert project.ask("trend", asked)["buckets"] == ["2026-02-23T00:00:00+00:00", "2026-03-02T00:00:00+00:00"]
    assert project.trend(asked) == {"a": [1, 1, 2]}
    sundays = asked | {"week_start": "sunday"}
    assert project.ask("trend", sundays)["buckets"] == ["2026-02-22T00:00:00+00:00", "2026-03-01T00:00:00+00:00"]
    assert project.trend(sundays) == {"a": [0, 2, 2]}


@pytest.mark.parametrize(
    ("now", "incomplete"),
    [
        pytest.param("2026-03-02T12:00:00Z", [True, True, True], id="before the range has begun to end"),
        pytest.param("2026-03-02T23:59:59.999Z", [True, True, True], id="in the last millisecond of a day"),
        pytest.param("2026-03-03T00:00:00Z", [False, True, True], id="when a day has ended"),
        pytest.param("2026-03-04T12:00:00Z", [False, False, True], id="at the end of the range, within a day"),
        pytest.param("2026-03-05T00:00:00Z", [False, False, False], id="when all of them have ended"),
    ],
)
def test_R10_a_bucket_that_has_not_ended_is_incomplete(project: Project, now: str, incomplete: list[bool]) -> None:
    asked = {"series": one(), "from": "2026-03-02", "to": "2026-03-04T12:00:00Z"}
    assert project.ask("trend", asked, now=at(now))["incomplete"] == incomplete
    assert project.ask("trend", asked | {"now": now})["incomplete"] == incomplete


def test_R10_without_an_end_the_last_bucket_is_the_running_one(project: Project) -> None:
    answer = project.ask("trend", {"series": one()}, now=at("2026-03-02T12:00:00Z"))
    assert answer["buckets"][-1] == "2026-03-02T00:00:00+00:00"
    assert answer["incomplete"] == [False] * 29 + [True]


@pytest.mark.parametrize("measure", MEASURES)
def test_R11_now_in_the_request_hides_later_events_and_later_links(project: Project, measure: str) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "anonymous_id": "d", "timestamp": BASE},
            {"event": "a", "event_id": "2", "user_id": "ann", "timestamp": BASE + 1},
            {"event": "$identify", "event_id": "3", "user_id": "ann", "anonymous_id": "d", "timestamp": BASE + HOUR},
            {"event": "a", "event_id": "4", "user_id": "bob", "timestamp": BASE + HOUR + 1},
        ]
    )
    asked = {"series": one(measure=measure), **DAY}
    linked = {"count": 3, "unique_users": 2, "unique_sessions": 2}[measure]
    assert project.trend(asked)["a"][-1] == linked
    assert project.trend(asked | {"now": BASE + HOUR - 1})["a"][-1] == 2
    assert project.trend(asked | {"now": BASE + HOUR})["a"][-1] == {"count": 2}.get(measure, 1)
    assert project.trend(asked | {"now": BASE})["a"][-1] == 1, "an event of that very millisecond is seen"


def test_R11_the_clock_of_the_server_hides_nothing(project: Project) -> None:
    project.story(ann=[("a", 0)])
    assert project.trend({"series": all_measures("a"), **DAY}, now=BASE - HOUR)["a count"][-1] == 1


def test_R26_a_late_event_changes_its_own_day(project: Project) -> None:
    asked = {"series": all_measures("a"), "from": "2026-03-01", "to": "2026-03-03"}
    project.story(ann=[("a", 0)])
    assert {name: values[0] for name, values in project.trend(asked).items()} == dict.fromkeys(project.trend(asked), 0)
    project.store([{"event": "a", "event_id": "late", "user_id": "bob", "timestamp": BASE - 24 * HOUR}])
    assert {name: values[0] for name, values in project.trend(asked).items()} == dict.fromkeys(project.trend(asked), 1)


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────


def identify(event_id: str, user: str, device: str, after: int) -> dict[str, Any]:
    return {
        "event": "$identify", "event_id": event_id, "user_id": user, "anonymous_id": device, "timestamp": BASE + after,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("links", "owner"),
    [
        pytest.param([identify("2", "ann", "d", 0), identify("1", "bob", "d", 1)], "ann", id="the first by timestamp"),
        pytest.param(
            [identify("1", "bob", "d", 0), identify("2", "ann", "d", 0)], "bob", id="of a tie, the first by id"
        ),
        pytest.param([identify("9", "bob", "d", 0), identify("10", "ann", "d", 0)], "ann", id="ids are texts"),
    ],
)
def test_R23_the_first_identify_owns_the_device_whatever_arrives_first(
    new_project: Callable[[], Project], links: list[dict[str, Any]], owner: str
) -> None:
    past = {"event": "a", "event_id": "past", "anonymous_id": "d", "timestamp": BASE - HOUR}
    later = {"event": "a", "event_id": "later", "anonymous_id": "d", "timestamp": BASE + HOUR}
    own = {"event": "a", "event_id": "own", "user_id": owner, "timestamp": BASE}
    for order in list(permutations([*links, past, later, own]))[::17]:
        project = new_project()
        for arrived in (order[:2], order[2:]):
            project.store(arrived)
        assert project.trend({"series": one(measure="unique_users"), **DAY}) == {"a": [1, 1]}


def test_R23_two_known_users_are_never_merged_by_an_identify(project: Project) -> None:
    project.store([identify("1", "ann", "d", 0), identify("2", "bob", "d", 1)])
    project.story(ann=[("a", 10)], bob=[("a", 11)])
    assert project.trend({"series": one(measure="unique_users"), **DAY}) == {"a": [2, 2]}


def test_R23_an_identify_reaches_events_outside_of_its_own_time(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "anonymous_id": "d", "timestamp": BASE},
            {"event": "a", "event_id": "2", "user_id": "ann", "timestamp": BASE},
            identify("3", "ann", "d", 90 * 24 * HOUR),
        ]
    )
    assert project.trend({"series": one(measure="unique_users"), **DAY}) == {"a": [1, 1]}


def test_R23_an_identify_without_one_of_both_links_nothing(project: Project) -> None:
    project.store(
        [
            {"event": "$identify", "event_id": "1", "user_id": "ann", "timestamp": BASE},
            {"event": "$identify", "event_id": "2", "anonymous_id": "d", "timestamp": BASE},
            {"event": "a", "event_id": "3", "anonymous_id": "d", "timestamp": BASE},
            {"event": "a", "event_id": "4", "user_id": "ann", "timestamp": BASE},
        ]
    )
    assert project.trend({"series": one(measure="unique_users"), **DAY}) == {"a": [2, 2]}


def bots(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 1)], bot=[("a", 0, {"user_agent": BOT}), ("b", 1, {"user_agent": BOT})])


@pytest.mark.parametrize("measure", MEASURES)
def test_R28_bots_are_left_out_named_and_can_be_included(project: Project, measure: str) -> None:
    bots(project)
    asked = {"series": one(measure=measure), **DAY}
    assert project.trend(asked)["a"] == [1, 1]
    assert project.ask("trend", asked)["meta"]["excluded_bots"] == 1
    assert project.trend(asked | {"include_bots": True})["a"] == [2, 2]
    assert project.ask("trend", asked | {"include_bots": True})["meta"]["excluded_bots"] == 0


@pytest.mark.parametrize(
    ("series", "events"),
    [
        pytest.param([{"event": "a"}, {"event": "b"}], 2, id="of two events"),
        pytest.param(
            [{"event": "a"}, {"event": "a", "measure": "unique_users", "name": "who"}], 1, id="measured twice"
        ),
        pytest.param([{"event": "*"}, {"event": "a"}], 2, id="that two series read"),
        pytest.param(
            [{"event": "a"}, {"event": "a", "name": "x", "filters": [where("page", "is_not_set")]}],
            1,
            id="filtered again",
        ),
    ],
)
def test_R28_a_bots_event_is_named_once(project: Project, series: list[dict[str, Any]], events: int) -> None:
    bots(project)
    assert project.ask("trend", {"series": series, **DAY})["meta"]["excluded_bots"] == events


# ── against plain Python ─────────────────────────────────────────────────────────────────────────────────────


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])

RANGES = st.tuples(st.integers(-8 * 6, 0), st.integers(1, 42 * 6)).map(
    lambda tens: (BASE + tens[0] * 10 * MINUTE, BASE + tens[1] * 10 * MINUTE)
)


def by_label(answer: dict[str, Any], name: str) -> dict[str, tuple[float, ...]]:
    """Label → (count, people, sessions) where anything was counted, as the oracle says it."""
    series = {one["name"]: one for one in answer["series"]}
    three = [series[f"{name} {measure}"] for measure in MEASURES]
    rows = zip(answer["buckets"], *[one["values"] for one in three], strict=True)
    return {"total": tuple(one["total"] for one in three)} | {
        label: tuple(numbers) for label, *numbers in rows if any(numbers)
    }


@examples(18)
@given(events=stories(), span=RANGES, zone=ZONES, interval=st.sampled_from(["hour", "day"]))
def test_numbers_are_those_of_plain_python(
    new_project: Callable[[], Project], events: list[Any], span: tuple[int, int], zone: str, interval: str
) -> None:
    project = new_project()
    project.store(events)
    start, end = span
    asked = {"from": start, "to": end, "interval": interval, "timezone": zone}
    answer = project.ask("trend", asked | {"series": all_measures("*", "a", "$identify")})
    counts = project.ask("trend", asked | {"series": one("*") + one("a")})
    for name in ("*", "a", "$identify"):
        assert by_label(answer, name) == oracle.trend(events, name, start, end, ZoneInfo(zone), interval)
    for alone in counts["series"]:
        beside = next(one for one in answer["series"] if one["name"] == f"{alone['name']} count")
        assert (alone["values"], alone["total"]) == (beside["values"], beside["total"]), "the rollup says the same"


@examples(12)
@given(events=stories(), zone=ZONES)
def test_invariants_d_and_e_hours_add_up_and_people_are_fewer_than_sessions_are_fewer_than_events(
    new_project: Callable[[], Project], events: list[Any], zone: str
) -> None:
    project = new_project()
    project.store({**event, "session_id": event.get("session_id", "s")} for event in events)
    asked = {"series": all_measures("*"), "from": "2026-03-01", "to": "2026-03-05", "timezone": zone}
    totals = {interval: project.trend(asked | {"interval": interval}) for interval in ("hour", "day", "week")}
    for numbers in totals.values():
        assert numbers["* count"][-1] == sum(numbers["* count"][:-1])
        for measure in ("* unique_users", "* unique_sessions"):
            *values, total = numbers[measure]
            assert max(values) <= total <= sum(values)
        for events_, sessions, people in zip(
            *[numbers[f"* {m}"] for m in ("count", "unique_sessions", "unique_users")], strict=True
        ):
            assert people <= sessions <= events_
    assert len({tuple(numbers[name][-1] for name in numbers) for numbers in totals.values()}) == 1


@examples(10)
@given(events=stories(most=40), data=st.data())
def test_R23_numbers_do_not_depend_on_the_order_of_arrival(
    new_project: Callable[[], Project], events: list[Any], data: st.DataObject
) -> None:
    asked = {"series": all_measures("*", "a"), "from": "2026-03-01", "to": "2026-03-05", "interval": "hour"}
    in_order, shuffled = new_project(), new_project()
    in_order.store(events)
    mixed = data.draw(st.permutations(events))
    half = len(mixed) // 2
    shuffled.store(mixed[:half])
    shuffled.store(mixed[half:])
    assert shuffled.trend(asked) == in_order.trend(asked)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────


UNKNOWN = {"property": "x", "operator": "is_set"}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"from": "yesterday"}, "$.from"),
        ({"to": "tomorrow"}, "$.to"),
        ({"now": "soon"}, "$.now"),
        ({"timezone": "Mars/Olympus"}, "$.timezone"),
        ({"from": "2026-03-03", "to": "2026-03-02"}, "$.from"),
        ({"from": "2020-01-01", "to": "2026-01-01", "interval": "minute"}, "$.interval"),
        ({"filters": [where("page", "is", "/"), UNKNOWN]}, "$.filters[1].property"),
        ({"filters": [{"property": "page", "operator": "is", "values": []}]}, "$.filters[0].values"),
        ({"series": [*one(), {"event": "a", "measure": "sum"}]}, "$.series[1].property"),
        ({"series": [{"event": "a", "property": "page"}]}, "$.series[0].property"),
        ({"series": [of_n("sum") | {"property": "x"}]}, "$.series[0].property"),
        ({"breakdown": [{"property": "page"}, {"property": "x"}]}, "$.breakdown[1].property"),
        ({"formula": "B"}, "$.formula"),
        ({"series": [*one(), *one("b", filters=[UNKNOWN])]}, "$.series[1].filters[0].property"),
        ({"series": [*all_measures("a"), *one("b", filters=[UNKNOWN])]}, "$.series[3].filters[0].property"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_its_path(project: Project, wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.queries("trend", {"series": one()} | wrong)
    assert refused.value.path == path


@pytest.mark.parametrize(
    "wrong",
    [
        {"series": []},
        {"series": [{"event": "a"}] * 27},
        {"series": [{"event": ""}]},
        {"series": [{"event": "x" * 201}]},
        {"series": [{"event": "a", "measure": "median"}]},
        {"interval": "fortnight"},
        {"week_start": "someday"},
        {"unknown": 1},
        {"include_bots": "yes"},
        {"compare": "yesterday"},
        {"moving_average": 1},
        {"breakdown": [{"property": "page", "limit": 0}]},
        {"breakdown": [{"property": "page"}] * 4},
    ],
    ids=str,
)
def test_a_request_is_closed_and_typed(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"series": one()} | wrong, trend.Request)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"breakdown": [{"property": "page"}, {"property": "page"}]}, "$.breakdown[1].property"),
        ({"filters": [where("page", "is", "x")] * 501}, "$.filters"),
        ({"filters": [{"any": [{"any": [where("page", "is", "x")] * 26}] * 20}]}, "$.filters"),
        ({"filters": [where("properties.^`traits`", "is_set")]}, "$.filters[0].property"),
        ({"breakdown": [{"property": 'properties["^`traits`"]'}]}, "$.breakdown[0].property"),
        ({"formula": "A*1e999"}, "$.formula"),
        ({"timezone": "localtime"}, "$.timezone"),
        ({"timezone": ""}, "$.timezone"),
        ({"timezone": "posix/Europe/Berlin"}, "$.timezone"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(project: Project, wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.queries("trend", {"series": [{"event": "a"}], **DAY} | wrong)
    assert refused.value.path == path


# ── what an answer says ──────────────────────────────────────────────────────────────────────────────────────


def test_the_answer_says_how_it_came_about(project: Project) -> None:
    project.story(ann=[("a", 0)])
    meta = project.ask("trend", {"series": all_measures("a"), **DAY, "timezone": "Europe/Berlin"})["meta"]
    assert (meta["exact"], meta["timezone"], meta["now"]) == (True, "Europe/Berlin", "2027-06-01T02:00:00.000+02:00")
    assert meta["rows_read"] >= 1
    assert meta["elapsed_ms"] >= 0
    assert at(meta["now"]) == NOW


def test_without_totals_the_values_are_the_same_and_every_total_is_null(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 90_000), ("b", 10)], bob=[("a", 5)])
    asked = {"series": all_measures("a", "b") + one("a", measure="mau"), "formula": "A/B", "interval": "hour", **DAY}
    with_totals = project.ask("trend", asked)["series"]
    without = project.ask("trend", asked | {"totals": False})["series"]
    assert [one["values"] for one in without] == [one["values"] for one in with_totals]
    assert None not in [one["total"] for one in with_totals]
    assert [one["total"] for one in without] == [None] * len(without)


def test_a_range_that_cuts_its_first_and_last_hour_counts_what_it_has_beside_the_whole_ones(project: Project) -> None:
    project.story(ann=[("a", second, {"session_id": str(second // 3000)}) for second in range(0, 10_800, 2)])
    span = {"from": BASE + 10 * MINUTE, "to": BASE + 170 * MINUTE, "interval": "hour"}
    by_hours = project.ask("trend", {"series": all_measures("a"), **span})
    by_events = project.ask(
        "trend", {"series": all_measures("a"), "filters": [{"property": "browser", "operator": "is_not_set"}], **span}
    )
    assert [one["values"] for one in by_hours["series"]] == [one["values"] for one in by_events["series"]]
    assert [one["total"] for one in by_hours["series"]] == [4800, 1, 4]
