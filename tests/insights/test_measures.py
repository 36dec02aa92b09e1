# ruff: noqa: N802 - rules are called by their letter
"""What is counted: R1 (exact), R3 (nothing), R30 (each measure)."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import trend
from tests.insights.asking import days, of_n, one
from tests.support import oracle
from tests.support.chance import stories
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, at
from tests.support.project import Project


def valued(*values: Any, user: str = "ann", after: float = 0) -> list[dict[str, Any]]:
    """Events with a number each."""
    return [
        {
            "event": "a", "event_id": f"{user} {after} {place}", "user_id": user,
            "timestamp": BASE + round(after * 1000) + place, "properties": {"n": value},
        }
        for place, value in enumerate(values)
    ]  # fmt: skip


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


@examples(20)
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


@pytest.mark.parametrize("measure", ["wau", "mau"])
def test_R30_the_total_of_a_running_range_is_its_last_bucket_that_has_begun(project: Project, measure: str) -> None:
    project.store(days(("2026-01", 1, 31), ("2026-02", 1, 28), ("2026-03", 1, 10)))
    asked = {"series": [{"event": "a", "measure": measure}], "from": "2026-03-01", "to": "2026-04-01"}
    answer = project.ask("trend", asked | {"now": "2026-03-10T12:00:00Z", "compare": "previous_period"})["series"][0]
    assert answer["total"] == answer["values"][9] == {"wau": 7, "mau": 30}[measure]
    assert (answer["previous_total"], answer["change"]) == (answer["total"], 0)
    assert len(project.behind("trend", "people", asked | {"now": "2026-03-10T12:00:00Z"})) == answer["total"]
