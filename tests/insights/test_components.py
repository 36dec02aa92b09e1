# ruff: noqa: N802 - tests are named after the rules that they hold to
"""The kind `components` (F20): the most and the least visited, used and failing, and what changed."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights.paging import Page
from footfall.model.errors import BadRequest
from tests.support import oracle_of_visits as oracle
from tests.support.chance import BOT, strolls
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, SECOND, at
from tests.support.project import Project, Sent, Visit, where

A_DAY = 24 * 3600


def did(event: str, second: float, component: str = "A", **more: Any) -> Visit:
    return (f"component_{event}", second, {"component": component, "session_id": "s", **more})


def rows(project: Project, **more: Any) -> dict[str, Sent]:
    return {row["component"]: row for row in project.ask("components", DAY | more)["rows"]}


def test_F20_a_row_has_visits_interactions_errors_people_and_time(project: Project) -> None:
    project.story(
        ann=[did("visit", 0), did("interaction", 5), did("exit", 10), did("enter", 20), did("leave", 50),
             ("purchase", 60, {"component": "A"})],
        bob=[did("error", 0), did("error", 1)],
        cid=[did("interaction", 0), did("interaction", 5, "B"), ("component_interaction", 6)],
    )  # fmt: skip
    numbers = {name: tuple(row.values())[1:] for name, row in rows(project).items()}
    assert numbers == {"A": (2, 2, 2, 3, 20, None), "B": (0, 1, 0, 1, None, 0)}


def test_R3_R8_change_is_that_of_visits_against_the_day_before(project: Project) -> None:
    project.story(
        ann=[did("visit", 0), did("visit", 1), did("visit", 2), did("visit", 0, "new"), did("interaction", 0, "same")],
        bob=[did("visit", -A_DAY), did("visit", -A_DAY + 1), did("visit", -A_DAY, "gone")],
    )
    found = rows(project)
    changes = {name: (row["visits"], row["change"]) for name, row in found.items()}
    assert changes == {"A": (3, 50), "new": (1, None), "gone": (0, -100), "same": (0, 0)}
    assert found["gone"]["users"] == 0


def test_R8_a_running_day_is_compared_with_the_same_part_of_the_day_before(project: Project) -> None:
    project.story(ann=[did("visit", 0)], bob=[did("visit", -A_DAY), did("visit", -A_DAY + 3600)])
    assert rows(project)["A"]["change"] == -50
    assert rows(project, now=BASE)["A"]["change"] == 0
    assert rows(project, now=BASE - 1) == {}, "a moment before, nothing has happened on either day"


@pytest.mark.parametrize(
    ("zone", "before", "day", "after", "moved"),
    [
        ("Europe/Berlin", "2026-10-24", "2026-10-25", "2026-10-26", 25),
        ("America/New_York", "2026-03-07", "2026-03-08", "2026-03-09", 23),
        ("Pacific/Auckland", "2026-04-04", "2026-04-05", "2026-04-06", 25),
    ],
)
def test_R8_the_day_before_a_clock_change_is_a_calendar_day(
    project: Project, zone: str, before: str, day: str, after: str, moved: int
) -> None:
    def row(start: str, end: str) -> tuple[int, float | None]:
        (one,) = project.ask("components", {"from": start, "to": end, "timezone": zone})["rows"]
        return one["visits"], one["change"]

    (start,) = project.ask("sessions", {"from": day, "to": after, "timezone": zone})["buckets"]
    project.store(
        {"event": "component_visit", "event_id": f"{hours}", "user_id": "ann", "component": "A",
         "timestamp": at(start) + hours * HOUR - 1}
        for hours in (-24, -23, 0, moved)
    )  # fmt: skip
    assert row(day, after) == (1, -50)
    assert row(before, day) == (2, 100)


SORTED = {
    "visits": ("C A B D", "B D A C"),
    "interactions": ("B A C D", "A C D B"),
    "errors": ("A B C D", "B C D A"),
    "users": ("A B C D", "D B C A"),
    "median_s": ("C A B D", "A C B D"),
    "change": ("C A B D", "D A B C"),
    "component": ("D C B A", "A B C D"),
}


@pytest.mark.parametrize(("sort", "orders"), SORTED.items())
def test_F20_sorted_by_any_number_most_or_least_first_then_by_name_and_null_last(
    project: Project, sort: str, orders: tuple[str, str]
) -> None:
    project.story(
        ann=[did("visit", 0), did("exit", 9), did("error", 9), did("visit", 100, "C"), did("visit", 110, "C"),
             did("exit", 190, "C"), did("interaction", 200, "B")],
        bob=[did("error", 0), did("visit", -A_DAY, "C"), did("visit", -A_DAY), did("visit", -A_DAY, "D")],
    )  # fmt: skip
    for order, expected in zip(("descending", "ascending"), orders, strict=True):
        assert list(rows(project, sort=sort, order=order)) == expected.split()
        assert list(rows(project, sort=sort, order=order, limit=1)) == expected.split()[:1]


def test_R4_filters_select_events_of_both_periods(project: Project) -> None:
    project.story(
        ann=[did("visit", 0, device="mobile"), did("exit", 9), did("visit", 20)],
        bob=[did("visit", -A_DAY, device="mobile"), did("visit", -A_DAY)],
    )
    row = rows(project, filters=[where("device", "is", "mobile")])["A"]
    assert (row["visits"], row["users"], row["median_s"], row["change"]) == (1, 1, 9, 0)


def test_R28_bots_are_left_out_and_counted(project: Project) -> None:
    project.story(ann=[did("visit", 0)], bot=[did("visit", 0, user_agent=BOT), did("error", 0, user_agent=BOT)])
    answer = project.ask("components", DAY)
    assert (answer["rows"][0]["visits"], answer["rows"][0]["errors"], answer["meta"]["excluded_bots"]) == (1, 0, 2)
    answer = project.ask("components", DAY | {"include_bots": True})
    assert (answer["rows"][0]["visits"], answer["rows"][0]["errors"], answer["meta"]["excluded_bots"]) == (2, 1, 0)


def test_R5_a_breakdown_has_rows_for_each_value(project: Project) -> None:
    project.story(
        ann=[did("visit", 0, device="mobile"), did("exit", 8), did("error", 9, device="mobile"), did("visit", 10, "B")],
        bob=[did("visit", 0, device="desktop"), did("visit", -A_DAY, device="mobile")],
    )
    request = DAY | {"breakdown": [{"property": "device", "limit": 1}]}
    segments = project.ask("components", request)["breakdowns"]
    told = {one["value"]: {row["component"]: (row["visits"], row["errors"], row["median_s"], row["change"])
                           for row in one["rows"]} for one in segments}  # fmt: skip
    assert [one["value"] for one in segments] == ["mobile", "$not_set", "$other"]
    assert told == {
        "mobile": {"A": (1, 1, 8, 0)}, "$not_set": {"B": (1, 0, None, None)}, "$other": {"A": (1, 0, None, None)},
    }  # fmt: skip
    (one,) = project.behind("components", "people", request, row="A", breakdown="$other")
    assert one["user_id"] == "bob"


def test_R6_every_number_of_a_row_is_a_list(project: Project) -> None:
    project.story(
        ann=[did("visit", 0), did("interaction", 5), did("interaction", 6), did("exit", 10)], bob=[did("error", 0)]
    )
    found = {of: {event["event_id"] for event in project.behind("components", "events", DAY, row="A", of=of)}
             for of in ("visits", "interactions", "errors", None)}  # fmt: skip
    assert found == {
        "visits": {"ann-0"}, "interactions": {"ann-1", "ann-2"}, "errors": {"bob-0"},
        None: {"ann-0", "ann-1", "ann-2", "bob-0"},
    }  # fmt: skip
    assert len(project.behind("components", "people", DAY, row="A")) == 2
    sessions = project.behind("components", "sessions", DAY, row="A", of="visits")
    assert [(one["entry"], one["duration_s"]) for one in sessions] == [("A", 10)], "told by component"


def test_a_pointer_to_a_breakdown_that_was_not_asked_for_is_refused(project: Project) -> None:
    with pytest.raises(BadRequest) as refusal:
        project.list_page("components", "people", DAY, {"row": "A", "breakdown": "x"}, Page())
    assert refusal.value.path == "$.pointer.breakdown"


@examples(40)
@given(events=strolls(), start=st.integers(0, 22), data=st.data())
def test_F20_rows_are_those_of_plain_python_and_R6_their_lists_as_long(
    new_project: Callable[[], Project], events: list[Sent], start: int, data: st.DataObject
) -> None:
    """The day that ends with the late events, and the day before it with all others."""

    def counts(start: int, end: int) -> Callable[[Sent], bool]:
        return lambda event: start <= event["timestamp"] < end and "user_agent" not in event

    since, until = BASE + 24 * HOUR + (start - 70) * SECOND, BASE + 48 * HOUR - 70 * SECOND
    project = new_project()
    project.store(data.draw(st.permutations(events)))
    request = {"from": since, "to": until, "limit": 10_000}
    answer = project.ask("components", request)
    expected = oracle.components(events, counts(since, until), counts(since - 24 * HOUR, until - 24 * HOUR))
    assert {row["component"]: row for row in answer["rows"]} == {
        name: {"component": name} | row for name, row in expected.items()
    }
    for row in answer["rows"][:1]:
        of = data.draw(st.sampled_from(["visits", "interactions", "errors"]))
        assert len(project.behind("components", "events", request, row=row["component"], of=of)) == row[of]
        assert len(project.behind("components", "people", request, row=row["component"])) == row["users"]
