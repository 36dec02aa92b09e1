# ruff: noqa: N802 - rules are called by their letter
"""With what went before: R8 (previous periods), R3 (change), R10 (moving averages)."""

from typing import Any

import pytest

from tests.insights.asking import days, first_series, one
from tests.support.moments import DAY, at
from tests.support.project import Project


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


def test_R10_what_counts_up_from_the_range_s_start_has_no_history(project: Project) -> None:
    project.store(days(("2026-03", 1, 7)))
    asked = {"series": [{"event": "a", "measure": "cumulative_users"}], "from": "2026-03-04", "to": "2026-03-08"}
    answer = project.ask("trend", asked | {"moving_average": 2})["series"][0]
    assert answer["moving_average"] == [0.5, 1.5, 2.5, 3.5]
