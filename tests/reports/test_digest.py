# ruff: noqa: N802, RUF001 - tests are named after the rules that they hold to; a dash is meant
"""What a report says, and how it is written."""

import re

import pytest

from footfall.insights.figures import Figure
from footfall.reports import letter
from footfall.reports.digest import Digest, Section, compared, shown
from footfall.reports.schedule import Every
from tests.support.moments import at


def figures(**values: float | None) -> list[Figure]:
    return [Figure(name=name, value=value) for name, value in values.items()]


def test_R3_each_number_stands_beside_that_of_before() -> None:
    found = compared(figures(a=150, b=5, c=0, d=None, e=3), figures(e=0, a=100, c=0, d=2, f=9))
    assert [(one.name, one.value, one.previous, one.change) for one in found] == [
        ("a", 150, 100, 50),
        ("b", 5, None, None),
        ("c", 0, 0, 0),
        ("d", None, 2, None),
        ("e", 3, 0, None),
    ]


def test_of_numbers_of_one_name_each_has_its_own_before() -> None:
    twice = [Figure(name="a", value=1), Figure(name="a", value=2)]
    assert [one.previous for one in compared(twice, [Figure(name="a", value=10), Figure(name="a", value=20)])] == [
        10,
        20,
    ]
    assert [one.previous for one in compared(twice, figures(a=10))] == [10, None]


def test_what_is_called_by_a_long_text_is_told_apart_and_cut() -> None:
    long = [Figure(name="x" * 300 + str(place), value=place) for place in (1, 2)]
    assert [(len(one.name), one.previous) for one in compared(long, list(reversed(long)))] == [(200, 1), (200, 2)]


def test_the_first_ten_are_told_and_compared_with_all_of_before() -> None:
    now = [Figure(name=str(place), value=100 - place) for place in range(30)]
    found = compared(now, list(reversed(now)))
    assert [(one.name, one.change) for one in found] == [(str(place), 0) for place in range(10)]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234, "count", "1,234"), (None, "count", "–"), (0.1234, "share", "12.3 %"), (1, "share", "100.0 %"),
        (12.34, "seconds", "12.3 s"), (100, "seconds", "1 m 40 s"), (3599.6, "seconds", "1 h 0 m"),
        (90_000, "seconds", "1 d 1 h"), (1.5, "number", "1.50"), (1234.5, "number", "1,234"), (3, "number", "3"),
        (0.00123, "number", "0.0012"), (59.97, "seconds", "1 m 0 s"), (float("inf"), "number", "–"),
        (float("nan"), "share", "–"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_people_read_them(value: float | None, unit: str, text: str) -> None:
    assert shown(value, unit) == text  # type: ignore[arg-type]


def test_a_change_is_told_with_what_was_before() -> None:
    def of(value: float | None, previous: float | None) -> str:
        (one,) = compared([Figure(name="a", value=value)], [Figure(name="a", value=previous)])
        return one.moved

    assert of(150, 100) == "+50.0 % (100 before)"
    assert of(0, 4) == "-100.0 % (4 before)"
    assert of(3, 0) == "new"
    assert (of(3, None), of(None, 3)) == ("", "")


@pytest.mark.parametrize(
    ("every", "start", "end", "period"),
    [
        ("daily", "2026-03-02T00:00:00+01:00", "2026-03-03T00:00:00+01:00", "Mon 2 Mar 2026"),
        ("weekly", "2026-03-02T00:00:00+01:00", "2026-03-09T00:00:00+01:00", "2 Mar to 8 Mar 2026"),
        ("weekly", "2025-12-29T00:00:00+01:00", "2026-01-05T00:00:00+01:00", "29 Dec 2025 to 4 Jan 2026"),
        ("monthly", "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00", "March 2026"),
    ],
)
def test_the_subject_names_the_days(every: Every, start: str, end: str, period: str) -> None:
    digest = Digest(
        name="Shop", every=every, start=at(start), end=at(end), timezone="Europe/Berlin", sections=[], project="p",
        link="",
    )  # fmt: skip
    assert digest.subject == f"Shop: {period}"


BAD = '<script>alert("1")</script>&'


@pytest.fixture
def digest() -> Digest:
    return Digest(
        name=f"Shop {BAD}",
        every="daily",
        start=at("2026-03-02T00:00:00Z"),
        end=at("2026-03-03T00:00:00Z"),
        timezone="UTC",
        sections=[
            Section(
                title=f"Sales {BAD}",
                kind="trend",
                figures=compared([Figure(name=f"buy {BAD}", value=1234)], [Figure(name=f"buy {BAD}", value=1000)]),
            ),
            Section(title="Asleep", kind="trend", figures=[], problem=f"It asks by “{BAD}”."),
        ],
        project=f"shop {BAD}",
        link="https://stats.example/boards/b?project=1",
    )


def test_what_others_have_named_is_escaped_and_nothing_is_fetched(digest: Digest) -> None:
    written = letter.html(digest)
    assert "<script" not in written
    assert written.count("&lt;script&gt;") >= 5
    assert "1,234" in written
    assert "+23.4 % (1,000 before)" in written
    assert re.findall(r"(?:src|href|url\()=?[\"']?([^\"' >]+)", written) == ["https://stats.example/boards/b?project=1"]


def test_the_plain_text_says_the_same(digest: Digest) -> None:
    assert letter.text(digest).split("\n") == [
        f"Shop {BAD}, Mon 2 Mar 2026 (shop {BAD}, UTC)", "", f"Sales {BAD}",
        f"  buy {BAD}  1,234  +23.4 % (1,000 before)", "", "Asleep", f"  No numbers: It asks by “{BAD}”.", "",
        "https://stats.example/boards/b?project=1",
    ]  # fmt: skip
