# ruff: noqa: N802 - rules are called by their letter
"""Filters, as a trend counts with them: R4."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insights.asking import MEASURES, all_measures, first_series, one
from tests.support.chance import stories
from tests.support.effort import examples
from tests.support.moments import BASE, DAY
from tests.support.project import Project, where


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


@examples(15)
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


@examples(10)
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


def test_five_hundred_filters_are_answered(project: Project) -> None:
    project.story(ann=[("a", 0, {"page": "/x"})])
    filters = [
        {"any": [where("page", "is_not", f"/{n}") for n in range(20 * part, 20 * part + 20)]} for part in range(25)
    ]
    assert first_series(project, **DAY, filters=filters)["total"] == 1
