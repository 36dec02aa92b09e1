# ruff: noqa: N802 - rules are called by their letter
"""Trend: R1 to R5 (exact, never added up, gaps, filters, rows), R7 to R11 (time), R23, R28 (who), R30 (measures)."""

from collections.abc import Callable
from itertools import pairwise, permutations
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.insights import trend
from footfall.model.errors import BadRequest
from tests.support import oracle
from tests.support.chance import BOT, stories
from tests.support.moments import BASE, DAY, HOUR, MINUTE, NOW, at
from tests.support.project import Project, where
from tests.support.refusal import refusal_of

MEASURES = ["count", "unique_users", "unique_sessions"]


def all_measures(*names: str, **more: Any) -> list[dict[str, Any]]:
    """A series of each measure for each event, named by both."""
    return [
        {"event": name, "measure": measure, "name": f"{name} {measure}", **more}
        for name in names
        for measure in MEASURES
    ]


def one(name: str = "a", measure: str = "count", **more: Any) -> list[dict[str, Any]]:
    return [{"event": name, "measure": measure, **more}]


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


# ── filters ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([where("page", "is", "/x")], 2),
        ([where("page", "is", "/x", "/y")], 3),
        ([where("page", "is_not", "/x")], 3),
        ([where("page", "is_not", "/x", "/y")], 2),
        ([where("page", "contains", "x")], 2),
        ([where("page", "contains", "X")], 0),
        ([where("page", "not_contains", "x")], 3),
        ([where("page", "starts_with", "/")], 3),
        ([where("page", "is_set")], 3),
        ([where("page", "is_not_set")], 2),
        ([where("page", "is_set"), where("page", "is_not", "/y")], 2),
        ([where("user_type", "is", "registered")], 5),
        ([where("user_type", "is", "anonymous")], 0),
    ],
    ids=str,
)
@pytest.mark.parametrize("measure", MEASURES)
def test_R4_filters(new_project: Callable[[], Project], wanted: list[Any], found: int, measure: str) -> None:
    project = new_project()
    pages = ["/x", "/x", "/y", None, ""]
    project.story(**{f"u{n}": [("a", n, {"page": page})] for n, page in enumerate(pages)})
    assert project.trend({"series": one(measure=measure, filters=wanted), **DAY}) == {"a": [found, found]}
    assert project.trend({"series": one(measure=measure), "filters": wanted, **DAY}) == {"a": [found, found]}


OPPOSITE = {"is": "is_not", "contains": "not_contains", "is_set": "is_not_set"}
TITLES = st.lists(st.text(max_size=8), min_size=1, max_size=12)


@settings(max_examples=15)
@given(titles=TITLES, asked=st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_R4_texts_are_compared_letter_for_letter(
    new_project: Callable[[], Project], titles: list[str], asked: list[str]
) -> None:
    project = new_project()
    project.store(
        {"event": "a", "event_id": f"{n}", "timestamp": BASE, "title": title, "properties": {"title": title}}
        for n, title in enumerate(titles)
    )
    wanted = [*asked, titles[0]]
    expected = {
        "is": sum(title != "" and title in wanted for title in titles),
        "contains": sum(title != "" and any(one in title for one in wanted) for title in titles),
        "starts_with": sum(title != "" and title.startswith(tuple(wanted)) for title in titles),
        "is_set": sum(title != "" for title in titles),
    }
    in_properties = expected | {
        "is": sum(title in wanted for title in titles),
        "contains": sum(any(one in title for one in wanted) for title in titles),
        "starts_with": sum(title.startswith(tuple(wanted)) for title in titles),
        "is_set": len(titles),
    }
    for name, numbers in (("title", expected), ("properties.title", in_properties)):
        opposites = {OPPOSITE[operator]: len(titles) - numbers[operator] for operator in OPPOSITE}
        together = numbers | opposites
        series = [
            {"event": "a", "name": operator, "filters": [where(name, operator, *([] if "set" in operator else wanted))]}
            for operator in together
        ]
        assert {one: values[-1] for one, values in project.trend({"series": series, **DAY}).items()} == together


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["b", "c.d", ""]), inner, max_size=2),
    max_leaves=4,
)
ASKED = st.sampled_from(
    [
        where("properties.a", "is", "1"),
        where("properties.a", "is", "true", "x"),
        where("properties.a.b", "contains", "1"),
        where('properties.a["c.d"]', "starts_with", ""),
        where("properties.a", "matches", "^."),
        where("properties.a", "gt", "0"),
        where("properties.a.b", "between", "-1", "3"),
        where("properties.a", "is_set"),
        where("page", "is", "/x"),
        where("page", "contains", "y"),
        where("user_id", "is_set"),
        where("bot", "is", "true"),
        where("group.team", "is", "red"),
    ]
)


@settings(max_examples=10)
@given(events=stories(most=30), properties=st.lists(JSON, min_size=30, max_size=30), wanted=ASKED)
def test_R4_a_filter_never_raises_a_count_and_an_operator_and_its_opposite_are_all(
    new_project: Callable[[], Project], events: list[Any], properties: list[Any], wanted: dict[str, Any]
) -> None:
    project = new_project()
    project.store(
        event | {"properties": {"a": value}, "groups": {"team": "red" if n % 3 else "blue"}}
        for n, (event, value) in enumerate(zip(events, properties, strict=False))
    )
    asked = {"from": "2026-03-01", "to": "2026-03-05", "include_bots": True}
    whole = project.trend(asked | {"series": all_measures("*", "a")})
    some = project.trend(asked | {"series": all_measures("*", "a"), "filters": [wanted]})
    for name, values in whole.items():
        assert all(0 <= fewer <= more for fewer, more in zip(some[name], values, strict=True))
    if wanted["operator"] in OPPOSITE:
        others = wanted | {"operator": OPPOSITE[wanted["operator"]]}
        rest = project.trend(asked | {"series": all_measures("*", "a"), "filters": [others]})
        for name in ("* count", "a count"):
            assert [a + b for a, b in zip(some[name], rest[name], strict=True)] == whole[name]


# ── R1, R3, R30: measures ────────────────────────────────────────────────────────────────────────────────────


def valued(*values: Any, user: str = "ann", after: float = 0) -> list[dict[str, Any]]:
    """Events with a number each."""
    return [
        {
            "event": "a", "event_id": f"{user} {after} {place}", "user_id": user,
            "timestamp": BASE + round(after * 1000) + place, "properties": {"n": value},
        }
        for place, value in enumerate(values)
    ]  # fmt: skip


def of_n(measure: str, name: str = "a") -> dict[str, Any]:
    return {"event": name, "measure": measure, "property": "properties.n", "name": measure}


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("p50", 15), ("p90", 706), ("p95", 853), ("p99", 970.6), ("sum", 1030), ("avg", 257.5), ("min", 0), ("max", 1000)],
)
def test_R1_percentiles_are_exact_and_lie_between_neighbours(project: Project, measure: str, expected: float) -> None:
    project.store(valued(20, 0, 1000, 10))
    values = project.trend({"series": [of_n(measure)], **DAY})[measure]
    assert values == pytest.approx([expected, expected])


def test_R3_averages_of_nothing_are_null_and_sums_are_zero(project: Project) -> None:
    project.story(ann=[("a", 0)])
    measures = ["sum", "avg", "min", "max", "p50", "p99"]
    found = project.trend({"series": [of_n(measure) for measure in measures], "from": "2026-03-01", "to": "2026-03-03"})
    assert found == {measure: [0, 0, 0] if measure == "sum" else [None] * 3 for measure in measures}


def test_R3_events_by_nobody_per_user_are_null(project: Project) -> None:
    project.store([{"event": "a", "event_id": "1", "timestamp": BASE}])
    assert project.trend({"series": one(measure="per_user"), **DAY}) == {"a": [None, None]}


def test_what_is_no_number_is_left_out_of_a_sum(project: Project) -> None:
    project.store(valued(1, "two", None, True, [3], {"n": 4}, 0.5))
    found = project.trend({"series": [of_n("sum"), of_n("avg"), of_n("max")], **DAY})
    assert {name: values[-1] for name, values in found.items()} == {"sum": 1.5, "avg": 0.75, "max": 1}


def test_a_sum_of_tenths_is_no_less_exact_than_its_terms(project: Project) -> None:
    project.store(valued(*[0.1] * 1000))
    assert project.trend({"series": [of_n("sum")], **DAY})["sum"][-1] == pytest.approx(100, abs=1e-12)


def test_R30_cumulative_weekly_and_monthly_people(project: Project) -> None:
    day = 86_400
    project.story(
        ann=[("a", 0), ("a", 8 * day)],
        bob=[("a", -3 * day)],
        cid=[("a", -20 * day)],
        dan=[("a", 2 * day), ("a", 3 * day)],
    )
    measures = ["cumulative_users", "wau", "mau"]
    series = [{"event": "a", "measure": measure, "name": measure} for measure in measures]
    found = project.trend({"series": series, "from": "2026-03-02", "to": "2026-03-12"})
    assert found == {
        "cumulative_users": [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2],
        "wau": [
            2,
            2,
            3,
            3,
            2,
            2,
            2,
            1,
            2,
            2,
            2,
        ],  # bob until the 5th, ann until the 8th and from the 10th, dan from the 4th
        "mau": [3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4],
    }


MEASURED = sorted(trend.MEASURES)
VALUES = st.integers(-1000, 1000) | st.sampled_from([0.5, -2.25, 1e6])


@settings(max_examples=20)
@given(
    events=stories(most=45),
    values=st.lists(st.none() | VALUES, min_size=45, max_size=45),
    days=st.tuples(st.integers(-2, 0), st.integers(1, 3)),
    zone=st.sampled_from(["UTC", "America/New_York"]),
    interval=st.sampled_from(["hour", "day", "week"]),
)
def test_R30_every_measure_is_that_of_plain_python(
    new_project: Callable[[], Project],
    events: list[Any],
    values: list[Any],
    days: tuple[int, int],
    zone: str,
    interval: str,
) -> None:
    events = [
        event | ({"properties": {"n": value}} if value is not None else {})
        for event, value in zip(events, values, strict=False)
    ]
    project = new_project()
    project.store(events)
    start, end = (BASE + number * 24 * HOUR for number in days)
    series = [
        of_n(measure) if trend.MEASURES[measure].takes_property else {"event": "a", "measure": measure, "name": measure}
        for measure in MEASURED
    ]
    asked = {"series": series, "from": start, "to": end, "interval": interval, "timezone": zone}
    answer = project.ask("trend", asked)
    starts = [at(label) for label in answer["buckets"]]
    whole = oracle.Range(events, "a", start, end, ZoneInfo(zone))
    edges = [max(start, starts[0]), *starts[1:], end]
    for one_series, measure in zip(answer["series"], MEASURED, strict=True):
        expected = [whole.measure(measure, since, until) for since, until in pairwise(edges)]
        assert one_series["values"] == pytest.approx(expected, nan_ok=True), measure
        total = expected[-1] if measure in {"wau", "mau"} else whole.measure(measure, start, end)
        assert one_series["total"] == pytest.approx(total), measure


# ── R5: breakdowns ───────────────────────────────────────────────────────────────────────────────────────────


def rows_of(answer: dict[str, Any]) -> dict[tuple[str, ...], float]:
    return {tuple(series["breakdown"]): series["total"] for series in answer["series"]}


def plans(project: Project) -> None:
    project.store(
        {
            "event": "a", "event_id": f"{number}", "user_id": user, "timestamp": BASE + number, "page": page,
            "properties": {"plan": plan, "n": number} if plan else {"n": number},
        }
        for number, (user, plan, page) in enumerate(
            [("ann", "pro", "/x"), ("bob", "pro", "/y"), ("ann", "pro", "/x"), ("ann", "free", "/x"),
             ("cid", "free", "/x"), ("ann", "team", "/x"), ("bob", "solo", "/y"), ("ann", None, "/x"),
             ("dan", None, "/x")]
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("count", [("pro", 3), ("free", 2), ("$other", 2), ("$not_set", 2)]),
        ("unique_users", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
        ("unique_sessions", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
        ("cumulative_users", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
        ("wau", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
        ("started_sessions", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
    ],
)
def test_R5_values_beyond_the_limit_are_other_and_missing_ones_not_set(
    project: Project, measure: str, expected: list[tuple[str, float]]
) -> None:
    plans(project)
    asked = {"series": one(measure=measure), "breakdown": [{"property": "properties.plan", "limit": 2}], **DAY}
    answer = project.ask("trend", asked)
    assert rows_of(answer) == {(value,): number for value, number in expected}
    assert list(rows_of(answer))[:2] == [(value,) for value, _ in expected[:2]], "the biggest first"
    assert all(series["values"] == [series["total"]] for series in answer["series"])


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("sum", {"free": 7, "$other": 14, "$not_set": 15}),
        ("avg", {"solo": 6, "$other": 2.5, "$not_set": 7.5}),
        ("max", {"solo": 6, "$other": 5, "$not_set": 8}),
        ("min", {"solo": 6, "$other": 0, "$not_set": 7}),
        ("p50", {"solo": 6, "$other": 2.5, "$not_set": 7.5}),
        ("per_user", {"pro": 1.5, "$other": 4 / 3, "$not_set": 1}),
    ],
)
def test_R5_numbers_are_broken_down_too(project: Project, measure: str, expected: dict[str, float]) -> None:
    plans(project)
    series = one(measure=measure) if measure == "per_user" else [of_n(measure)]
    asked = {"series": series, "breakdown": [{"property": "properties.plan", "limit": 1}], **DAY}
    assert rows_of(project.ask("trend", asked)) == {(value,): number for value, number in expected.items()}


def test_R5_of_two_properties_each_has_its_limit(project: Project) -> None:
    plans(project)
    by = [{"property": "page"}, {"property": "properties.plan", "limit": 1}]
    assert rows_of(project.ask("trend", {"series": one(), "breakdown": by, **DAY})) == {
        ("/x", "pro"): 2, ("/y", "pro"): 1, ("/x", "$other"): 3, ("/y", "$other"): 1, ("/x", "$not_set"): 2,
    }  # fmt: skip


def test_R5_compared_rows_are_those_of_the_same_value(project: Project) -> None:
    """What is the biggest now need not have been the biggest before."""
    day = 86_400
    project.story(
        ann=[("a", n, {"page": "/now"}) for n in range(5)] + [("a", 9, {"page": "/then"})],
        bob=[("a", n - day, {"page": "/then"}) for n in range(9)] + [("a", -day, {"page": "/now"})] * 1,
    )
    asked = {"series": one(), "breakdown": [{"property": "page", "limit": 1}], **DAY, "compare": "previous_period"}
    answer = project.ask("trend", asked)
    found = {series["breakdown"][0]: (series["total"], series["previous_total"]) for series in answer["series"]}
    assert found == {"/now": (5, 1), "$other": (1, 9)}


def test_R5_a_moving_average_reads_the_history_of_the_same_value(project: Project) -> None:
    day = 86_400
    project.story(
        ann=[("a", n, {"page": "/now"}) for n in range(5)],
        bob=[("a", n - day, {"page": "/then"}) for n in range(9)] + [("a", -day, {"page": "/now"})],
    )
    asked = {"series": one(), "breakdown": [{"property": "page", "limit": 1}], **DAY, "moving_average": 2}
    (series,) = project.ask("trend", asked)["series"]
    assert (series["breakdown"], series["moving_average"]) == (["/now"], [3])


# ── R8: comparison, R10: moving average, R30: formulas ───────────────────────────────────────────────────────


def days_of(project: Project, counts: dict[str, int]) -> None:
    project.store(
        {"event": "a", "event_id": f"{moment} {n}", "user_id": f"u{n}", "timestamp": at(moment) + n}
        for moment, count in counts.items()
        for n in range(count)
    )


def test_R8_the_previous_period_is_as_many_calendar_days_before(project: Project) -> None:
    days_of(
        project,
        {"2026-02-28T12:00:00Z": 1, "2026-03-01T12:00:00Z": 2, "2026-03-02T12:00:00Z": 4, "2026-03-03T12:00:00Z": 5},
    )
    asked = {"series": one(), "from": "2026-03-02", "to": "2026-03-04", "compare": "previous_period"}
    (series,) = project.ask("trend", asked)["series"]
    assert (series["values"], series["previous"]) == ([4, 5], [1, 2])
    assert (series["previous_total"], series["previous_full"], series["change"]) == (3, 3, 200)


def test_R8_a_day_with_a_change_of_the_clock_is_a_day_all_the_same(project: Project) -> None:
    """Sunday the 29th has 23 hours in Berlin; the day before it begins 24 hours earlier, not 23."""
    days_of(project, {"2026-03-27T23:30:00Z": 1, "2026-03-28T22:30:00Z": 2, "2026-03-28T23:30:00Z": 4})
    asked = {
        "series": one(),
        "from": "2026-03-29",
        "to": "2026-03-30",
        "timezone": "Europe/Berlin",
        "compare": "previous_period",
    }
    (series,) = project.ask("trend", asked)["series"]
    assert (series["values"], series["previous"]) == ([4], [3])


def test_R8_a_running_period_is_compared_with_the_same_elapsed_part(project: Project) -> None:
    days_of(project, {"2026-03-01T09:00:00Z": 2, "2026-03-01T11:00:00Z": 8, "2026-03-02T09:00:00Z": 3})
    asked = {"series": one(), **DAY, "compare": "previous_period"}
    (series,) = project.ask("trend", asked, now=at("2026-03-02T10:00:00Z"))["series"]
    assert (series["total"], series["previous_total"], series["previous_full"]) == (3, 2, 10)
    assert series["change"] == 50
    (ended,) = project.ask("trend", asked, now=at("2026-03-03T00:00:00Z"))["series"]
    assert (ended["previous_total"], ended["previous_full"], ended["change"]) == (10, 10, -70)


def test_R8_the_previous_year_is_the_same_dates(project: Project) -> None:
    days_of(project, {"2025-03-02T12:00:00Z": 2, "2026-03-02T12:00:00Z": 3})
    (series,) = project.ask("trend", {"series": one(), **DAY, "compare": "previous_year"})["series"]
    assert (series["previous"], series["change"]) == ([2], 50)


@pytest.mark.parametrize(
    ("before", "after", "change"), [(0, 0, 0), (0, 5, None), (5, 0, -100), (4, 6, 50), (3, 1, pytest.approx(-200 / 3))]
)
def test_R3_change(project: Project, before: int, after: int, change: float | None) -> None:
    days_of(project, {"2026-03-01T12:00:00Z": before, "2026-03-02T12:00:00Z": after})
    (series,) = project.ask("trend", {"series": one(), **DAY, "compare": "previous_period"})["series"]
    assert series["change"] == change


def test_R10_a_moving_average_fetches_its_history_and_is_null_where_it_is_incomplete(project: Project) -> None:
    days_of(project, {f"2026-02-{day}T12:00:00Z": day - 20 for day in range(26, 29)} | {"2026-03-01T12:00:00Z": 9})
    asked = {"series": one(), "from": "2026-02-28", "to": "2026-03-03", "moving_average": 3}
    (series,) = project.ask("trend", asked, now=at("2026-03-02T12:00:00Z"))["series"]
    assert series["values"] == [8, 9, 0]
    assert series["moving_average"] == [7, 8, None]


@pytest.mark.parametrize(
    ("formula", "values", "total"),
    [
        ("A", [4, 0], 4),
        ("B/A", [0.5, None], 0.5),
        ("A/B", [2, None], 2),
        ("(A + B) * 100 - 1", [599, -1], 599),
        ("A - B - 1", [1, -1], 1),
        ("A / (B - 2)", [None, 0], None),
        ("-A", [-4, 0], -4),
        ("2 * people", [2, 0], 2),
    ],
)
def test_R30_a_formulas_total_is_computed_from_the_totals(
    new_project: Callable[[], Project], formula: str, values: list[float], total: float
) -> None:
    project = new_project()
    project.story(ann=[("a", 0), ("a", 1), ("a", 2), ("a", 3), ("b", 4), ("b", 5)])
    series = [{"event": "a"}, {"event": "b"}, {"event": "*", "measure": "unique_users", "name": "people"}]
    asked = {"series": series, "formula": formula, "from": "2026-03-02", "to": "2026-03-04"}
    answer = project.ask("trend", asked)["series"]
    assert [one["name"] for one in answer] == ["a", "b", "people", formula]
    assert (answer[-1]["values"], answer[-1]["total"]) == (values, total)


@pytest.mark.parametrize(
    "formula",
    ["", "B", "A +", "A B", "(A", "A)", "A ** 2", "A % 2", "A // 2", "f(A)", "A.real", "__import__('os')",
     "A if A else 1", "A;A", "A\nA", "'a'", "A < 2", "9" * 5000, "(" * 2000 + "A" + ")" * 2000,
     "-" * 5000 + "A", "c", "1e999"],
)  # fmt: skip
def test_a_formula_holds_series_numbers_and_arithmetic_only(project: Project, formula: str) -> None:
    refusal = refusal_of(lambda: project.ask("trend", {"series": one(), "formula": formula, **DAY}))
    assert refusal is None or refusal.path == "$.formula"
    assert refusal or formula in {"9" * 5000, "1e999", "-" * 5000 + "A"}


@pytest.mark.parametrize("operator", ["A/A", "1/A", "A/(A-A)", "A/1e-320"])
def test_R3_no_formula_answers_what_json_cannot_say(project: Project, operator: str) -> None:
    project.story(ann=[("a", 0)])
    answer = project.ask("trend", {"series": one(), "formula": operator, "from": "2026-03-01", "to": "2026-03-03"})
    for value in (*answer["series"][-1]["values"], answer["series"][-1]["total"]):
        assert value is None or isfinite(value)


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


@settings(max_examples=18)
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


@settings(max_examples=12)
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


@settings(max_examples=10)
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


# ── what readers of these rules tried ────────────────────────────────────────────────────────────────────────


def days(*spans: tuple[str, int, int], event: str = "a") -> list[dict[str, Any]]:
    """An event of a person of its own for each day of a month: ("2026-03", 1, 10)."""
    return [
        {"event": event, "event_id": f"{month}-{day}", "timestamp": f"{month}-{day:02}T10:00:00Z",
         "user_id": f"{month}-{day}"}
        for month, first, last in spans
        for day in range(first, last + 1)
    ]  # fmt: skip


def first_series(project: Project, **request: Any) -> dict[str, Any]:
    return project.ask("trend", {"series": [{"event": "a"}]} | request)["series"][0]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"from": "2024-02-28", "to": "2024-02-29"}, 1),
        ({"from": "2024-02-29", "to": "2024-03-01"}, 0),
        ({"from": "2024-02-28", "to": "2024-03-02"}, 2),
        ({"from": "2024-02-28", "to": "2024-03-02", "now": "2024-02-29T12:00:00Z"}, 2),
    ],
    ids=["the day before", "the day that was not", "around it", "on it"],
)
def test_R8_a_year_before_29_february_is_a_day_that_was_not(
    project: Project, asked: dict[str, Any], expected: int
) -> None:
    project.store(days(("2023-02", 20, 28), ("2023-03", 1, 5)))
    assert first_series(project, **asked, compare="previous_year")["previous_total"] == expected


def test_R8_a_previous_hour_that_the_clock_skipped_is_no_fault(project: Project) -> None:
    asked = {"from": "2026-03-30T02:10", "to": "2026-03-30T03:05", "timezone": "Europe/Berlin", "interval": "minute"}
    answer = first_series(project, **asked, compare="previous_period")
    assert (len(answer["previous"]), answer["previous_total"], answer["change"]) == (55, 0, 0)


def test_R8_what_happens_at_now_itself_is_in_both_periods(project: Project) -> None:
    project.store(days(("2026-03", 1, 2)))
    answer = first_series(
        project, **{"from": "2026-03-02", "to": "2026-03-03"}, now="2026-03-02T10:00:00Z", compare="previous_period"
    )
    assert (answer["total"], answer["previous_total"], answer["change"]) == (1, 1, 0)


def test_R8_previous_buckets_are_the_asked_ones_moved_and_add_up(project: Project) -> None:
    """The 31 days before March begin on 29 January: one bucket, whatever the months there are."""
    project.store(days(("2026-01", 1, 28), ("2026-02", 1, 28), ("2026-03", 1, 28)))
    asked = {"from": "2026-03-01", "to": "2026-04-01", "compare": "previous_period"}
    for interval in ("month", "week", "day"):
        answer = first_series(project, **asked, interval=interval)
        assert len(answer["previous"]) == len(answer["values"])
        assert sum(answer["previous"]) == answer["previous_total"] == answer["previous_full"] == 28


@pytest.mark.parametrize("measure", ["wau", "mau"])
def test_R30_the_total_of_a_running_range_is_its_last_bucket_that_has_begun(project: Project, measure: str) -> None:
    project.store(days(("2026-01", 1, 31), ("2026-02", 1, 28), ("2026-03", 1, 10)))
    asked = {"series": [{"event": "a", "measure": measure}], "from": "2026-03-01", "to": "2026-04-01"}
    answer = project.ask("trend", asked | {"now": "2026-03-10T12:00:00Z", "compare": "previous_period"})["series"][0]
    assert answer["total"] == answer["values"][9] == {"wau": 7, "mau": 30}[measure]
    assert (answer["previous_total"], answer["change"]) == (answer["total"], 0)
    assert len(project.behind("trend", "people", asked | {"now": "2026-03-10T12:00:00Z"})) == answer["total"]


def test_R5_rows_of_weekly_people_are_ranked_by_their_total(project: Project) -> None:
    project.store(
        one | {"page": "/old" if place < 3 else "/new"}
        for place, one in enumerate(days(("2026-03", 2, 4), ("2026-03", 20, 20)))
    )
    asked = {"series": [{"event": "a", "measure": "wau"}], "from": "2026-03-02", "to": "2026-03-22"}
    rows = project.ask("trend", asked | {"breakdown": [{"property": "page", "limit": 1}]})["series"]
    assert [(one["breakdown"], one["total"]) for one in rows] == [(["/new"], 1), (["$other"], 0)]


def test_R10_what_counts_up_from_the_range_s_start_has_no_history(project: Project) -> None:
    project.store(days(("2026-03", 1, 7)))
    asked = {"series": [{"event": "a", "measure": "cumulative_users"}], "from": "2026-03-04", "to": "2026-03-08"}
    answer = project.ask("trend", asked | {"moving_average": 2})["series"][0]
    assert answer["moving_average"] == [0.5, 1.5, 2.5, 3.5]


def test_dates_of_filters_are_local_to_the_question_as_its_range_is(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": "2026-03-01T23:30:00Z", "properties": {"born": "1950-05-01"}},
            {"event": "a", "event_id": "2", "timestamp": "2026-03-01T22:30:00Z", "properties": {"born": "1980-05-01"}},
        ]
    )
    asked = {"from": "2026-03-01", "to": "2026-03-04", "timezone": "Europe/Berlin"}
    assert first_series(project, **asked, filters=[where("timestamp", "gte", "2026-03-02")])["total"] == 1
    assert first_series(project, **asked, filters=[where("properties.born", "lt", "1960-01-01")])["total"] == 1


def test_is_tells_whole_numbers_apart_that_no_double_does(project: Project) -> None:
    project.store(
        {"event": "a", "event_id": str(n), "timestamp": BASE, "properties": {"big": n}} for n in (2**53, 2**53 + 1)
    )
    asked = {"from": "2026-03-01", "to": "2026-03-04"}
    for n in (2**53, 2**53 + 1):
        wanted = [{"property": "properties.big", "operator": "is", "values": [n]}]
        assert first_series(project, **asked, filters=wanted)["total"] == 1


def test_a_value_that_begins_with_a_dollar_is_ranked_like_any_other(project: Project) -> None:
    project.story(ann=[("a", n, {"page": "$9" if n < 5 else "x"}) for n in range(7)])
    rows = project.ask("trend", {"series": [{"event": "a"}], **DAY, "breakdown": [{"property": "page"}]})["series"]
    assert [one["breakdown"] for one in rows] == [["$9"], ["x"]]


def test_a_formula_calls_a_series_by_the_name_that_the_answer_shows(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 1), ("b", 2)])
    asked = {"series": [{"event": "a"}, {"event": "b"}, {"event": "b", "name": "größe"}], **DAY}
    for formula in ("b/a", "größe/A", "C/a"):
        assert project.ask("trend", asked | {"formula": formula})["series"][-1]["total"] == 2


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


def test_five_hundred_filters_are_answered(project: Project) -> None:
    project.story(ann=[("a", 0, {"page": "/x"})])
    filters = [
        {"any": [where("page", "is_not", f"/{n}") for n in range(20 * part, 20 * part + 20)]} for part in range(25)
    ]
    assert first_series(project, **DAY, filters=filters)["total"] == 1
