# ruff: noqa: N802 - rules are called by their letter
"""Sessions (R19), as trends count them: an id that the client sent, else a gap of more than thirty minutes."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import oracle
from tests.support.chance import BOT
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, MINUTE, UTC
from tests.support.project import Project, Visit, where

GAP = 1800


def active(project: Project, name: str = "*", **more: Any) -> list[float]:
    """Active sessions by day, and in all."""
    return project.trend({"series": [{"event": name, "measure": "unique_sessions"}], **DAY, **more})[name]


@pytest.mark.parametrize(
    ("ann", "sessions"),
    [
        pytest.param([("a", 0)], 1, id="one event"),
        pytest.param([("a", 0), ("a", GAP)], 1, id="a gap of exactly thirty minutes continues"),
        pytest.param([("a", 0), ("a", GAP + 0.001)], 2, id="a millisecond more starts another"),
        pytest.param([("a", GAP * n) for n in range(10)], 1, id="as long as nobody pauses"),
        pytest.param([("a", 0), ("$heartbeat", GAP), ("a", 2 * GAP)], 1, id="events of the system keep it going"),
        pytest.param([("a", 0), ("b", GAP), ("a", 2 * GAP)], 1, id="and so do other events"),
        pytest.param([("a", 0), ("a", 0), ("a", 0)], 1, id="of one time"),
    ],
)
def test_R19_without_an_id_a_gap_starts_a_session(
    new_project: Callable[[], Project], ann: list[Visit], sessions: int
) -> None:
    for order in (ann, ann[::-1]):
        project = new_project()
        project.story(ann=order)
        assert active(project, "a") == [sessions, sessions]


def test_R19_a_clients_id_is_used_whatever_the_gaps(project: Project) -> None:
    project.story(
        ann=[("a", 0, {"session_id": "s"}), ("a", 10 * 3600, {"session_id": "s"}), ("a", 1, {"session_id": "t"})]
    )
    assert active(project) == [2, 2]


def test_R19_a_session_is_a_persons(project: Project) -> None:
    same = {"session_id": "s"}
    project.story(ann=[("a", 0, same)], bob=[("a", 1, same)])
    assert active(project) == [2, 2]


def test_R19_a_session_over_midnight_is_one_and_active_on_both_days(project: Project) -> None:
    midnight = 14 * 3600
    project.story(ann=[("a", midnight - 600), ("a", midnight + 600)], bob=[("a", midnight, {"session_id": "s"})])
    assert active(project, to="2026-03-04") == [1, 2, 2]


def test_R19_a_late_event_may_join_two_sessions(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 3600)])
    assert active(project) == [2, 2]
    project.store([{"event": "a", "event_id": "late", "user_id": "ann", "timestamp": BASE + GAP * 1000}])
    assert active(project) == [1, 1]


def test_R19_filters_select_after_sessions_are_found(project: Project) -> None:
    project.story(
        ann=[("a", 0, {"page": "/x"}), ("a", GAP, {"page": "/y"}), ("a", 2 * GAP, {"page": "/x"})],
        bob=[("a", 0, {"page": "/y"})],
    )
    assert active(project, "a", filters=[where("page", "is", "/x")]) == [1, 1]


def test_R19_a_session_begun_before_the_range_is_active_in_it(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", GAP), ("a", 2 * GAP)])
    assert active(project, **{"from": BASE + 1, "to": BASE + HOUR + 1}) == [1, 1]


@pytest.mark.parametrize("ids", [{}, {"session_id": "s"}], ids=["without an id", "with an id"])
def test_R23_a_link_joins_the_sessions_of_its_person(project: Project, ids: dict[str, str]) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "anonymous_id": "d", "timestamp": BASE, **ids},
            {"event": "a", "event_id": "2", "user_id": "ann", "timestamp": BASE + MINUTE, **ids},
        ]
    )
    assert active(project) == [2, 2]
    project.store(
        [{"event": "$identify", "event_id": "3", "anonymous_id": "d", "user_id": "ann", "timestamp": BASE + HOUR}]
    )
    assert active(project) == [1, 1]


def test_an_event_of_nobody_has_no_session(project: Project) -> None:
    project.store([{"event": "a", "event_id": "1", "timestamp": BASE}])
    assert active(project) == [0, 0]


def test_R28_sessions_of_bots_are_left_out(project: Project) -> None:
    project.story(ann=[("a", 0)], bot=[("a", 0, {"user_agent": BOT})])
    assert active(project) == [1, 1]
    assert active(project, include_bots=True) == [2, 2]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5], ids=str)
def test_R19_the_order_of_arrival_does_not_matter(new_project: Callable[[], Project], order: tuple[int, ...]) -> None:
    project = new_project()
    for place in order:
        project.store(
            [{"event": "a", "event_id": f"{place}", "user_id": "ann", "timestamp": BASE + place * (GAP * 1000 + place)}]
        )
    assert active(project, to="2026-03-04")[-1] == 4


RUNS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from([0, 1, 29 * MINUTE, 30 * MINUTE, 30 * MINUTE + 1, 31 * MINUTE, 7 * HOUR]),
        st.sampled_from(["a", "a", "$heartbeat"]),
        st.sampled_from([None, None, None, "s"]),
    ),
    min_size=1,
    max_size=40,
)


@examples(25)
@given(steps=RUNS, data=st.data())
def test_R19_runs_are_those_of_plain_python_in_any_order_of_arrival(
    new_project: Callable[[], Project], steps: list[tuple[str, int, str, str | None]], data: st.DataObject
) -> None:
    """Each event follows the last one of its person after a gap that is easily got wrong."""
    clock = {"ann": BASE, "bob": BASE + 3}
    events: list[dict[str, Any]] = []
    for place, (user, gap, name, session) in enumerate(steps):
        clock[user] += gap
        event = {"event": name, "event_id": f"{place}", "user_id": user, "timestamp": clock[user]}
        events.append(event | ({"session_id": session} if session else {}))
    end = max(clock.values()) + 1
    project = new_project()
    project.store(data.draw(st.permutations(events)))
    asked = {"series": [{"event": "a", "measure": "unique_sessions"}], "from": BASE, "to": end, "interval": "hour"}
    answer = project.ask("trend", asked)
    expected = {label: numbers[2] for label, numbers in oracle.trend(events, "a", BASE, end, UTC, "hour").items()}
    total = expected.pop("total")
    (series,) = answer["series"]
    assert series["total"] == total
    assert {label: value for label, value in zip(answer["buckets"], series["values"], strict=True) if value} == expected
