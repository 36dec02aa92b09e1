# ruff: noqa: N802 - rules are called by their letter
"""Calendar time: R7 (half-open ranges, local buckets), R9 (weeks), R10 (what has ended)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from footfall.model.errors import BadRequest
from footfall.model.period import (
    MAX_BUCKETS,
    WEEKDAYS,
    Interval,
    Period,
    bucket_end,
    buckets,
    from_millis,
    label,
    midnight,
    parse_moment,
    period_of,
    rfc3339,
    to_millis,
    zone_of,
)
from tests.support.moments import DAY, HOUR, MINUTE, NOW, at
from tests.support.refusal import refusal_of

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")


def labels(zone: str, start: str, end: str, interval: Interval, week_start: str = "monday") -> list[str]:
    """The labels of a range between two local dates (or times)."""
    within = ZoneInfo(zone)
    period = Period(parse_moment(start, within, path="$"), parse_moment(end, within, path="$"), within)
    return [label(one, within) for one in buckets(period, interval, week_start)]


# ── days on which the clock changes ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("zone", "day", "after", "hours"),
    [
        pytest.param("Europe/Berlin", "2026-10-25", "2026-10-26", 25, id="autumn in Berlin"),
        pytest.param("Europe/Berlin", "2026-03-29", "2026-03-30", 23, id="spring in Berlin"),
        pytest.param("America/New_York", "2026-11-01", "2026-11-02", 25, id="autumn in New York"),
        pytest.param("America/New_York", "2026-03-08", "2026-03-09", 23, id="spring in New York"),
        pytest.param("Asia/Kolkata", "2026-03-08", "2026-03-09", 24, id="no change in Kolkata"),
        pytest.param("Asia/Kathmandu", "2026-03-08", "2026-03-09", 24, id="five hours and three quarters"),
        pytest.param("America/Sao_Paulo", "2018-11-04", "2018-11-05", 23, id="Sao Paulo skips midnight"),
        pytest.param("Africa/Cairo", "2026-04-24", "2026-04-25", 23, id="Cairo skips midnight"),
        pytest.param("Africa/Cairo", "2026-10-29", "2026-10-30", 25, id="Cairo has 23:00 twice"),
        pytest.param("America/Havana", "2026-11-01", "2026-11-02", 25, id="Havana has midnight twice"),
        pytest.param("Pacific/Apia", "2011-12-29", "2011-12-31", 24, id="Samoa skips a whole day"),
    ],
)
def test_R7_a_local_day_has_as_many_hour_buckets_as_hours(zone: str, day: str, after: str, hours: int) -> None:
    assert len(labels(zone, day, after, "hour")) == hours
    assert len(labels(zone, day, after, "day")) == 1


def test_R7_the_two_hours_of_autumn_differ_by_their_offset() -> None:
    assert labels("Europe/Berlin", "2026-10-25T01:00", "2026-10-25T04:00", "hour") == [
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]


def test_R7_the_hour_that_spring_skips_has_no_bucket() -> None:
    assert labels("Europe/Berlin", "2026-03-29T01:00", "2026-03-29T04:00", "hour") == [
        "2026-03-29T01:00:00+01:00",
        "2026-03-29T03:00:00+02:00",
    ]


def test_R7_where_the_clock_moves_by_half_an_hour_a_bucket_starts_at_the_change() -> None:
    assert labels("Australia/Lord_Howe", "2026-04-05T01:00", "2026-04-05T03:00", "hour") == [
        "2026-04-05T01:00:00+11:00",
        "2026-04-05T01:30:00+10:30",
        "2026-04-05T02:00:00+10:30",
    ]
    assert labels("Australia/Lord_Howe", "2026-10-04T01:00", "2026-10-04T04:00", "hour") == [
        "2026-10-04T01:00:00+10:30",
        "2026-10-04T02:30:00+11:00",
        "2026-10-04T03:00:00+11:00",
    ]


def test_R7_a_day_without_midnight_starts_when_the_clock_goes_on() -> None:
    assert labels("America/Sao_Paulo", "2018-11-03", "2018-11-06", "day") == [
        "2018-11-03T00:00:00-03:00",
        "2018-11-04T01:00:00-02:00",
        "2018-11-05T00:00:00-02:00",
    ]
    assert labels("Africa/Cairo", "2026-04-24", "2026-04-25", "hour")[0] == "2026-04-24T01:00:00+03:00"


def test_R7_a_day_with_two_midnights_starts_at_the_first() -> None:
    assert labels("America/Havana", "2026-11-01", "2026-11-02", "day") == ["2026-11-01T00:00:00-04:00"]


def test_R7_a_day_that_a_zone_skipped_has_no_bucket() -> None:
    assert labels("Pacific/Apia", "2011-12-29", "2012-01-01", "day") == [
        "2011-12-29T00:00:00-10:00",
        "2011-12-31T00:00:00+14:00",
    ]


def test_R7_hours_of_a_half_hour_zone_start_at_its_own_full_hour() -> None:
    found = labels("Asia/Kolkata", "2026-03-02T09:45", "2026-03-02T11:15", "hour")
    assert found == ["2026-03-02T09:00:00+05:30", "2026-03-02T10:00:00+05:30", "2026-03-02T11:00:00+05:30"]


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("minute", ["10:59", "11:00", "11:01"]),
        ("five_minutes", ["10:55", "11:00"]),
        ("fifteen_minutes", ["10:45", "11:00"]),
        ("hour", ["10:00", "11:00"]),
    ],
)
def test_R7_short_buckets_are_those_of_the_wall_clock(interval: Interval, expected: list[str]) -> None:
    found = labels("Asia/Kathmandu", "2026-03-02T10:59:30", "2026-03-02T11:01:30", interval)
    assert found == [f"2026-03-02T{time}:00+05:45" for time in expected]


# ── weeks, months and what is longer ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("first", WEEKDAYS)
def test_R9_a_week_is_labelled_by_its_first_day(first: str) -> None:
    found = [datetime.fromisoformat(one) for one in labels("UTC", "2026-03-08", "2026-03-23", "week", first)]
    assert {day.weekday() for day in found} == {WEEKDAYS.index(first)}
    assert found[0].date() <= datetime(2026, 3, 8, tzinfo=UTC).date()
    assert {later - sooner for sooner, later in pairwise(found)} == {timedelta(days=7)}


def test_R9_a_week_over_new_year_is_one_week() -> None:
    assert labels("UTC", "2026-12-31", "2027-01-02", "week") == ["2026-12-28T00:00:00+00:00"]
    assert labels("UTC", "2026-12-31", "2027-01-02", "week", "sunday") == ["2026-12-27T00:00:00+00:00"]


def test_a_cut_week_keeps_its_first_day() -> None:
    assert labels("UTC", "2026-03-04", "2026-03-10", "week") == [
        "2026-03-02T00:00:00+00:00",
        "2026-03-09T00:00:00+00:00",
    ]


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ("month", ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"]),
        ("quarter", ["2025-10-01", "2026-01-01"]),
        ("year", ["2025-01-01", "2026-01-01"]),
    ],
)
def test_months_quarters_and_years_cross_new_year(interval: Interval, expected: list[str]) -> None:
    found = labels("Europe/Berlin", "2025-11-15", "2026-02-15", interval)
    assert found == [f"{day}T00:00:00+0{2 if day == '2025-10-01' else 1}:00" for day in expected]


# ── any zone, any range, any interval ────────────────────────────────────────────────────────────────────────

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
INTERVALS = st.sampled_from(
    ["minute", "five_minutes", "fifteen_minutes", "hour", "day", "week", "month", "quarter", "year"]
)
FIRST, LAST = at("1972-06-01T00:00:00Z"), at("2037-12-31T00:00:00Z")
MOMENTS = st.integers(FIRST, LAST)
LONGEST = {"minute": 30 * HOUR, "five_minutes": 48 * HOUR, "fifteen_minutes": 72 * HOUR, "hour": 30 * 24 * HOUR}


@st.composite
def periods(draw: st.DrawFn) -> tuple[Period, Interval]:
    zone, interval = draw(ZONES), draw(INTERVALS)
    start = draw(MOMENTS)
    return Period(start, start + draw(st.integers(1, LONGEST.get(interval, 900 * 24 * HOUR))), zone), interval


def change(zone: str, start: str, hours: int, interval: Interval) -> tuple[Period, Interval]:
    """A range around a change of the clock that is easily got wrong."""
    return Period(at(start), at(start) + hours * HOUR, ZoneInfo(zone)), interval


SKIPPED_A_DAY = {
    "Kwajalein", "Pacific/Apia", "Pacific/Enderbury", "Pacific/Kanton", "Pacific/Kiritimati", "Pacific/Kwajalein",
}  # fmt: skip
"""Zones that crossed the date line: a week that should have started on the missing day starts after it."""

SAMOA_SKIPS_A_DAY = change("Pacific/Apia", "2011-12-20T00:00:00Z", 24 * 30, "week")
NEWFOUNDLAND_GOES_BACK_TO_YESTERDAY = change("America/St_Johns", "2005-10-30T00:00:00Z", 8, "day")
NEWFOUNDLAND_REPEATS_AN_HOUR = change("America/St_Johns", "2005-10-30T02:40:00Z", 8, "hour")
LORD_HOWE_IN_AUTUMN = change("Australia/Lord_Howe", "2026-04-04T14:20:00Z", 3, "hour")
CAIRO_SKIPS_MIDNIGHT = change("Africa/Cairo", "2026-04-23T22:00:00Z", 1, "day")


@given(periods(), st.sampled_from(WEEKDAYS))
@example(SAMOA_SKIPS_A_DAY, "friday")
@example(NEWFOUNDLAND_GOES_BACK_TO_YESTERDAY, "monday")
@example(NEWFOUNDLAND_REPEATS_AN_HOUR, "monday")
@example(LORD_HOWE_IN_AUTUMN, "monday")
@example(CAIRO_SKIPS_MIDNIGHT, "monday")
def test_buckets_cover_the_range_without_gap_or_overlap(asked: tuple[Period, Interval], first: str) -> None:
    period, interval = asked
    found = buckets(period, interval, first)
    ends = [bucket_end(start, period.zone, interval) for start in found]
    assert all(start < end for start, end in zip(found, ends, strict=True)), "a bucket has a length"
    assert ends[:-1] == list(found[1:]), "the next bucket starts where one ends"
    assert found[0] <= period.start < ends[0], "the first holds the range's start"
    assert found[-1] < period.end <= ends[-1], "the last holds the range's last millisecond"


@given(periods(), st.sampled_from(WEEKDAYS))
@example(SAMOA_SKIPS_A_DAY, "friday")
def test_labels_are_unique_and_name_their_instant(asked: tuple[Period, Interval], first: str) -> None:
    period, interval = asked
    found = buckets(period, interval, first)
    named = [label(start, period.zone) for start in found]
    assert len(set(named)) == len(named)
    assert [to_millis(datetime.fromisoformat(one)) for one in named] == list(found)
    assert all(len(one) == len("2026-03-02T10:00:00+01:00") for one in named)


@given(periods(), st.sampled_from(WEEKDAYS), st.data())
def test_a_bucket_does_not_depend_on_the_range_that_it_is_asked_in(
    asked: tuple[Period, Interval], first: str, data: st.DataObject
) -> None:
    period, interval = asked
    whole = buckets(period, interval, first)
    start = data.draw(st.integers(period.start, period.end - 1))
    part = buckets(Period(start, data.draw(st.integers(start + 1, period.end)), period.zone), interval, first)
    assert set(part) <= set(whole)


@given(periods(), st.sampled_from(WEEKDAYS))
def test_R9_every_week_starts_on_the_chosen_day(asked: tuple[Period, Interval], first: str) -> None:
    period, _ = asked
    assume(period.zone.key not in SKIPPED_A_DAY)
    days = [from_millis(start, period.zone) for start in buckets(period, "week", first)]
    assert {day.weekday() for day in days} == {WEEKDAYS.index(first)}


@given(ZONES, st.dates(datetime(1972, 6, 1, tzinfo=UTC).date(), datetime(2037, 1, 1, tzinfo=UTC).date()))
def test_midnight_is_the_first_instant_of_its_day(zone: ZoneInfo, day: object) -> None:
    start = midnight(day, zone)
    assert from_millis(start - 1, zone).date() < day
    assert from_millis(start, zone).date() >= day


# ── times as people write them ───────────────────────────────────────────────────────────────────────────────


@given(MOMENTS, ZONES)
def test_a_written_time_is_read_back(moment: int, zone: ZoneInfo) -> None:
    assert parse_moment(rfc3339(moment), KOLKATA, path="$") == moment
    assert parse_moment(from_millis(moment, zone).isoformat(), KOLKATA, path="$") == moment
    assert parse_moment(moment // 1000, zone, path="$") == moment // 1000 * 1000
    assert parse_moment(moment / 1000, zone, path="$") == moment


@given(st.integers(at("1973-03-03T09:46:40Z"), LAST), ZONES)
def test_epoch_milliseconds_are_told_from_seconds_by_their_size(moment: int, zone: ZoneInfo) -> None:
    assert parse_moment(moment, zone, path="$") == moment


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-02", "2026-03-02T00:00:00+01:00"),
        ("2026-03-02T10:00", "2026-03-02T10:00:00+01:00"),
        ("2026-03-02T10:00:00", "2026-03-02T10:00:00+01:00"),
        ("2026-03-02 10:00:00", "2026-03-02T10:00:00+01:00"),
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00+00:00"),
        ("2026-03-02T10:00:00.123456789Z", "2026-03-02T10:00:00.123+00:00"),
        ("2026-03-02T10:00:00-08:00", "2026-03-02T18:00:00+00:00"),
    ],
)
def test_a_time_without_an_offset_is_local(written: str, moment: str) -> None:
    assert parse_moment(written, BERLIN, path="$.from") == at(moment)


@pytest.mark.parametrize("written", ["2026-03-02t10:00:00z", "2026-03-02T10:00:00z"])
def test_rfc3339_may_be_written_in_small_letters(written: str) -> None:
    assert parse_moment(written, BERLIN, path="$.from") == at("2026-03-02T10:00:00Z")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "2026-02-30",
        "2026-03-02T25:00:00Z",
        "20260",
        "\uff12\uff10\uff12\uff16-03-02",
        float("nan"),
        float("inf"),
        1e300,
    ],
    ids=repr,
)
def test_what_is_no_time_is_refused_with_its_path(written: str | float) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_moment(written, BERLIN, path="$.from")
    assert refused.value.path == "$.from"


@given(st.text() | st.integers() | st.floats())
@example(10**400)
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-14:00")
def test_anything_is_a_time_or_refused(written: str | float) -> None:
    refusal = refusal_of(lambda: parse_moment(written, BERLIN, path="$.from") + 1)
    assert refusal is None or refusal.path == "$.from"


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe/", "\0", "x" * 5000])
def test_a_zone_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        zone_of(name)
    assert refused.value.path == "$.timezone"


# ── ranges ───────────────────────────────────────────────────────────────────────────────────────────────────


def ranged(**asked: object) -> Period:
    included = bool(asked.pop("end_included", False))
    return period_of(asked.get("from"), asked.get("to"), BERLIN, NOW, names=("from", "to"), end_included=included)


def test_R7_a_bare_date_is_its_local_midnight_and_the_end_is_excluded() -> None:
    period = ranged(**DAY)
    assert (period.start, period.end) == (at("2026-03-02T00:00:00+01:00"), at("2026-03-03T00:00:00+01:00"))


def test_an_included_end_reaches_one_millisecond_further() -> None:
    assert ranged(**DAY, end_included=True).end == at("2026-03-03T00:00:00+01:00") + 1


def test_without_a_range_the_last_thirty_local_days_up_to_now_are_meant() -> None:
    period = ranged()
    assert (period.start, period.end) == (at("2027-05-03T00:00:00+02:00"), NOW + 1)
    assert len(buckets(period, "day")) == 30


@pytest.mark.parametrize(
    "asked", [{"from": "2026-03-02", "to": "2026-03-02"}, {"from": "2026-03-03", "to": "2026-03-02"}]
)
def test_an_empty_range_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as refused:
        ranged(**asked)
    assert refused.value.path == "$.from"


def test_more_buckets_than_a_chart_can_show_are_refused() -> None:
    most = Period(0, MAX_BUCKETS * MINUTE, ZoneInfo("UTC"))
    assert len(buckets(most, "minute")) == MAX_BUCKETS
    with pytest.raises(BadRequest) as refused:
        buckets(Period(0, most.end + 1, most.zone), "minute")
    assert refused.value.path == "$.interval"


@pytest.mark.parametrize("interval", ["minute", "hour", "day", "week", "month", "year"])
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"from": "0001-01-01", "to": "0001-01-02"}, id="the first day that Python knows"),
        pytest.param({"from": "9999-12-30", "to": "9999-12-31"}, id="the last day that Python knows"),
        pytest.param({"from": -62_000_000_000, "to": -61_900_000_000}, id="negative epoch seconds"),
        pytest.param({"from": 253_402_300_000_000, "to": 253_402_300_799_000}, id="the last milliseconds"),
        pytest.param({"to": "0001-01-02"}, id="thirty days before the first"),
        pytest.param({"from": 1, "to": 10**17}, id="past every calendar"),
    ],
)
def test_the_ends_of_the_calendar_are_answered_or_refused(asked: dict[str, object], interval: Interval) -> None:
    refusal = refusal_of(lambda: buckets(ranged(**asked), interval)[0])
    assert refusal is None or refusal.path in {"$.from", "$.to", "$.interval"}
