# ruff: noqa: N802 - tests are named after the rules that they hold to
"""When a report is due and what it is about, in zones where clocks change (R7, R9)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.period import WEEKDAYS, from_millis, label, midnight
from footfall.reports.schedule import Every, Schedule, covered, due_after, last_due
from tests.support.effort import examples
from tests.support.moments import at

BERLIN, NEW_YORK, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
ZONES = st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, ZoneInfo("UTC"), ZoneInfo("America/Santiago")])
SCHEDULES = st.builds(
    Schedule,
    every=st.sampled_from(["daily", "weekly", "monthly"]),
    at=st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 30, 59])),
    weekday=st.sampled_from(WEEKDAYS),
    day=st.integers(1, 28),
)
MOMENTS = st.integers(at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"))


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        (Schedule(every="daily", at="08:00"), "2026-03-02T06:59:59Z", "2026-03-02T08:00:00+01:00"),
        (Schedule(every="daily", at="08:00"), "2026-03-02T07:00:00Z", "2026-03-03T08:00:00+01:00"),
        (Schedule(every="weekly", weekday="monday"), "2026-03-02T07:00:00Z", "2026-03-09T08:00:00+01:00"),
        (Schedule(every="weekly", weekday="sunday"), "2026-03-02T07:00:00Z", "2026-03-08T08:00:00+01:00"),
        (Schedule(every="monthly", day=1), "2026-03-02T07:00:00Z", "2026-04-01T08:00:00+02:00"),
        (Schedule(every="monthly", day=28), "2026-02-01T07:00:00Z", "2026-02-28T08:00:00+01:00"),
        # The clock goes from 02:00 to 03:00; and in autumn 02:30 comes twice, and counts once.
        (Schedule(every="daily", at="02:30"), "2026-03-28T12:00:00Z", "2026-03-29T03:30:00+02:00"),
        (Schedule(every="daily", at="02:30"), "2026-10-24T12:00:00Z", "2026-10-25T02:30:00+02:00"),
        (Schedule(every="daily", at="02:30"), "2026-10-25T00:30:00Z", "2026-10-26T02:30:00+01:00"),
    ],
)
def test_R7_it_is_due_by_the_local_clock(schedule: Schedule, now: str, due: str) -> None:
    assert label(due_after(schedule, at(now), BERLIN), BERLIN) == due


@given(SCHEDULES, MOMENTS, ZONES)
@examples(200)
def test_it_is_due_once_in_each_of_its_days(schedule: Schedule, now: int, zone: ZoneInfo) -> None:
    due = due_after(schedule, now, zone)
    following = due_after(schedule, due, zone)
    assert now < due < following
    allowed = {"daily": {1}, "weekly": {7}, "monthly": {28, 29, 30, 31}}[schedule.every]
    assert (from_millis(following, zone).date() - from_millis(due, zone).date()).days in allowed
    assert (from_millis(due, zone).date() - from_millis(now, zone).date()).days <= max(allowed)


@given(SCHEDULES, MOMENTS, st.integers(0, 200), ZONES)
@examples(200)
def test_after_a_pause_the_newest_that_was_due_is_told(
    schedule: Schedule, first: int, days: int, zone: ZoneInfo
) -> None:
    due = due_after(schedule, first, zone)
    now = due + days * 86_400_000
    last = last_due(schedule, due, now, zone)
    assert due <= last <= now < due_after(schedule, last, zone)


@pytest.mark.parametrize(
    ("every", "due", "last", "before"),
    [
        ("daily", "2026-03-03T08:00:00Z", ("2026-03-02", "2026-03-03"), "2026-03-01"),
        ("daily", "2026-03-30T08:00:00Z", ("2026-03-29", "2026-03-30"), "2026-03-28"),  # 23 hours, and 24
        ("weekly", "2026-03-03T08:00:00Z", ("2026-02-23", "2026-03-02"), "2026-02-16"),
        ("monthly", "2026-03-01T08:00:00Z", ("2026-02-01", "2026-03-01"), "2026-01-01"),
        ("monthly", "2026-01-15T08:00:00Z", ("2025-12-01", "2026-01-01"), "2025-11-01"),
    ],
)
def test_R7_it_is_about_the_last_whole_day_week_or_month(
    every: Every, due: str, last: tuple[str, str], before: str
) -> None:
    now, then = covered(Schedule(every=every), at(due), BERLIN, "monday")
    days = [midnight(datetime.fromisoformat(day).date(), BERLIN) for day in (*last, before)]
    assert [now.start, now.end, then.start] == days
    assert then.end == now.start


def test_R9_a_week_begins_where_the_project_says() -> None:
    now, then = covered(Schedule(every="weekly"), at("2026-03-04T08:00:00Z"), BERLIN, "sunday")
    assert [label(one, BERLIN)[:10] for one in (then.start, now.start, now.end)] == [
        "2026-02-15", "2026-02-22", "2026-03-01",
    ]  # fmt: skip


@given(SCHEDULES, MOMENTS, ZONES, st.sampled_from(["monday", "saturday", "sunday"]))
@examples(200)
def test_what_it_is_about_is_over_when_it_is_due(schedule: Schedule, due: int, zone: ZoneInfo, week_start: str) -> None:
    now, then = covered(schedule, due, zone, week_start)  # type: ignore[arg-type]
    assert then.start < then.end == now.start < now.end <= due
    assert due - now.end < timedelta(days=32).total_seconds() * 1000
