# ruff: noqa: N802 - tests are named after the rules that they hold to
"""The kind `dwell` (R21): how long visits could be seen, by component and by page."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights.paging import Page
from footfall.model.errors import BadRequest
from tests.support import oracle_of_visits as oracle
from tests.support.chance import BOT, strolls
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, SECOND
from tests.support.project import Project, Sent, Visit, told, where

S = {"session_id": "s"}


def enter(second: float, name: str = "A", **more: Any) -> Visit:
    return ("component_visit", second, {"component": name, **S, **more})


def leave(second: float, name: str = "A", duration: Any = None, **more: Any) -> Visit:
    told = duration if isinstance(duration, dict) else {"duration_ms": duration}
    properties = {} if duration is None else {"properties": told}
    return ("component_exit", second, {"component": name, **S, **properties, **more})


def beat(second: float) -> Visit:
    return ("heartbeat", second, S)


def hide(second: float, **more: Any) -> Visit:
    return ("visibility_hidden", second, S | more)


def show(second: float, **more: Any) -> Visit:
    return ("visibility_visible", second, S | more)


def rows(project: Project, **more: Any) -> dict[str, Sent]:
    return {row["name"]: row for row in project.ask("dwell", DAY | more)["rows"]}


STORIES: dict[str, tuple[list[Visit], dict[str, list[float | None]]]] = {
    # what ends a visit
    "until its exit": ([enter(0), leave(30)], {"A": [30]}),
    "an exit that tells its length is believed": ([enter(0), leave(30, duration=12_345)], {"A": [12.345]}),
    "also a length of nothing": ([enter(0), leave(30, duration=0)], {"A": [0]}),
    "also one that is longer than what lies between": ([enter(0), leave(30, duration=90_000)], {"A": [90]}),
    "also as a text": ([enter(0), leave(30, duration="1500")], {"A": [1.5]}),
    "less than nothing is no length": ([enter(0), leave(30, duration=-1)], {"A": [30]}),
    "and neither is a word": ([enter(0), leave(30, duration="long")], {"A": [30]}),
    "and neither is a truth": ([enter(0), leave(30, duration=True)], {"A": [30]}),
    "in seconds it is believed as well": ([enter(0), leave(30, duration={"duration_seconds": 12.5})], {"A": [12.5]}),
    "also as a text of them": ([enter(0), leave(30, duration={"duration_seconds": "15"})], {"A": [15]}),
    "milliseconds come first": (
        [enter(0), leave(30, duration={"duration_ms": 1234, "duration_seconds": 1})], {"A": [1.234]}
    ),
    "and are asked no further where they are no number": (
        [enter(0), leave(30, duration={"duration_ms": "long", "duration_seconds": 1})], {"A": [30]}
    ),
    "null is no length": (
        [enter(0), leave(30, duration={"duration_ms": None, "duration_seconds": 1})], {"A": [1]}
    ),
    "without an exit until the next enter": ([enter(0), enter(40, "B"), leave(50, "B")], {"A": [40], "B": [10]}),
    "or the next one of the same": ([enter(0), enter(40), leave(50)], {"A": [40, 10]}),
    "without either until the last heartbeat": ([enter(0), beat(15), beat(30)], {"A": [30]}),
    "which does not count where somebody enters": ([enter(0), beat(15), enter(20, "B")], {"A": [20], "B": [None]}),
    "a heartbeat before it is none of its": ([beat(0), enter(5)], {"A": [None]}),
    "a single event tells nothing": ([enter(0)], {"A": [None]}),
    "other events tell nothing": ([enter(0), ("a", 5, S), ("page_view", 9, S | {"page": "/x"})], {"A": [None]}),
    "another session tells nothing": (
        [enter(0), enter(5, "B", session_id="t"), leave(9, "A", session_id="t")], {"A": [None], "B": [None]},
    ),
    # which exit is whose
    "the second of two exits ends nothing": ([enter(0), leave(10), leave(20)], {"A": [10]}),
    "an exit without a visit ends nothing": ([leave(0, duration=9), enter(10), leave(15)], {"A": [5]}),
    "and makes no visit": ([leave(0, duration=9)], {}),
    "one inside of the other": ([enter(0), enter(10, "B"), leave(20, "B"), leave(30)], {"A": [30], "B": [10]}),
    "one over the other": ([enter(0), enter(10, "B"), leave(20), leave(30, "B")], {"A": [20], "B": [20]}),
    "twice the same at once": (
        [enter(0), enter(5), leave(10, duration=5000), leave(20, duration=20_000)], {"A": [20, 5]},
    ),
    "an exit that got lost": ([enter(0), enter(100), leave(130), enter(200), leave(260)], {"A": [100, 30, 60]}),
    "one without a name": ([enter(0), ("component_exit", 10, S), beat(30)], {"A": [30]}),
    # what happens at one moment
    "left as the next is entered": ([enter(0), leave(10), enter(10, "B"), leave(30, "B")], {"A": [10], "B": [20]}),
    "left and entered again": ([enter(0), leave(10), enter(10), leave(30)], {"A": [10, 20]}),
    "entered and left": ([enter(10), leave(10), beat(60)], {"A": [0]}),
    "entered and left with a length": ([enter(10), leave(10, duration=400), enter(60, "B")], {"A": [0.4], "B": [None]}),
    "two side by side": ([enter(0), enter(0, "B"), enter(30, "C")], {"A": [30], "B": [30], "C": [None]}),
    "or one after the other, by seq": (
        [enter(0, seq=2), enter(0, "B", seq=1), enter(30, "C")], {"A": [30], "B": [0], "C": [None]},
    ),
    "a heartbeat of that moment tells nothing": ([enter(5), beat(5)], {"A": [None]}),
    # what is not seen
    "without what is hidden": ([enter(0), hide(10), show(40), leave(60)], {"A": [30]}),
    "hidden twice": ([enter(0), hide(5), show(10), hide(20), show(40), leave(60)], {"A": [35]}),
    "hidden is hidden, however often it is said": (
        [enter(0), hide(10), hide(20), show(40), show(50), leave(60)], {"A": [30]},
    ),
    "hidden before it began": ([hide(0), enter(10), show(30), leave(60)], {"A": [30]}),
    "hidden since long ago": ([hide(0), show(5), enter(10), leave(60)], {"A": [50]}),
    "hidden and never shown again": ([enter(0), hide(10), leave(60)], {"A": [10]}),
    "hidden until after it ended": (
        [enter(0), hide(10), enter(60, "B"), show(90), leave(100, "B")], {"A": [10], "B": [10]},
    ),
    "all of it hidden": ([hide(0), enter(10), leave(60), show(70)], {"A": [0]}),
    "hidden and shown in one moment": ([enter(0), show(10), hide(10), leave(60)], {"A": [60]}),
    "hidden and shown in one moment, by seq": ([enter(0), show(10, seq=1), hide(10, seq=2), leave(60)], {"A": [10]}),
    "of heartbeats while hidden": ([enter(0), hide(10), beat(30)], {"A": [10]}),
    "a length that is told is visible time already": (
        [enter(0), hide(10), show(40), leave(60, duration=30_000)], {"A": [30]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("ann", "expected"), STORIES.values(), ids=STORIES)
def test_R21_a_visit_lasts(
    new_project: Callable[[], Project], ann: list[Visit], expected: dict[str, list[float | None]]
) -> None:
    for order in (told(ann=ann), told(ann=ann)[::-1]):
        project = new_project()
        project.store(order)
        assert rows(project) == {name: {"name": name} | oracle.summary(times) for name, times in expected.items()}


def test_R21_enter_and_leave_are_other_words_for_visit_and_exit(project: Project) -> None:
    project.story(ann=[("component_enter", 0, S | {"component": "A"}), ("component_leave", 7, S | {"component": "A"})])
    assert rows(project)["A"]["total_s"] == 7


def test_R21_by_page_it_is_the_page_that_is_entered_and_left(project: Project) -> None:
    """What enters and names no component enters the page; components on it are not asked about."""
    project.story(
        ann=[
            ("page_view", 0, S | {"page": "/a"}),
            ("component_visit", 5, S | {"page": "/a", "component": "A"}),
            ("component_exit", 9, S | {"page": "/a", "component": "A", "properties": {"duration_ms": 4000}}),
            ("page_leave", 20, S | {"page": "/a"}),
            ("component_enter", 20, S | {"page": "/b"}),
            ("page_view", 50, S | {"page": "/c"}),
            ("page_leave", 60, S | {"page": "/c", "properties": {"duration_ms": 8000}}),
        ]
    )
    assert {name: row["total_s"] for name, row in rows(project, by="page").items()} == {"/a": 20, "/b": 30, "/c": 8}
    assert {name: row["total_s"] for name, row in rows(project, by="component").items()} == {"A": 4}


def test_R21_unknown_is_null_and_left_out_of_every_time(project: Project) -> None:
    project.story(ann=[enter(0), leave(10)], bob=[enter(0)], cid=[enter(0, "B")])
    assert rows(project)["A"] == {
        "name": "A", "visits": 2, "measured": 1, "unknown": 1, "total_s": 10, "mean_s": 10, "median_s": 10,
        "p90_s": 10, "p95_s": 10,
    }  # fmt: skip
    assert rows(project)["B"] == {
        "name": "B", "visits": 1, "measured": 0, "unknown": 1, "total_s": None, "mean_s": None, "median_s": None,
        "p90_s": None, "p95_s": None,
    }  # fmt: skip


def test_R1_quantiles_are_exact(project: Project) -> None:
    project.story(**{f"u{n}": [enter(0), leave(100, duration=n * 1000)] for n in (0, 10, 20, 1000)})
    row = rows(project)["A"]
    assert (row["total_s"], row["mean_s"], row["median_s"]) == (1030, 257.5, 15)
    assert (row["p90_s"], row["p95_s"]) == (706, 853)


@pytest.mark.parametrize("ids", [S, {"session_id": ""}], ids=["with an id", "without an id"])
def test_R7_a_visit_belongs_to_where_it_began_and_may_end_behind_the_range(project: Project, ids: Sent) -> None:
    """What was hidden or open before the range still is in it."""
    project.story(ann=[
        hide(-600, **ids), enter(-500, **ids), enter(-100, "B", **ids), show(0, **ids), leave(10, "B", **ids),
        enter(20, "B", **ids), leave(900, "B", **ids), leave(950, **ids),
    ])  # fmt: skip
    range_ = {"from": BASE - 200 * SECOND, "to": BASE + 100 * SECOND}
    assert rows(project, **range_) == {"B": {"name": "B"} | oracle.summary([10, 880])}
    assert rows(project, **range_, now=BASE + 99 * SECOND)["B"]["unknown"] == 1, "R11: now hides its exit"


def test_R19_without_an_id_a_long_gap_ends_the_session_and_with_it_what_can_be_known(project: Project) -> None:
    nameless = {"session_id": ""}
    project.story(
        ann=[enter(0, **nameless), enter(1800.001, "B", **nameless), leave(1810, **nameless)],
        bob=[enter(0, **nameless), ("a", 1800), enter(3600, "B", **nameless)],
    )
    assert rows(project)["A"] == {"name": "A"} | oracle.summary([None, 3600])


def test_an_event_of_nobody_is_a_visit_of_unknown_length(project: Project) -> None:
    project.store(
        {"event": event, "event_id": f"{n}", "timestamp": BASE + n * SECOND, "component": "A"}
        for n, event in enumerate(["component_visit", "component_exit", "component_visit"])
    )
    assert rows(project) == {"A": {"name": "A"} | oracle.summary([None, None])}
    assert len(project.behind("dwell", "events", DAY, row="A")) == 2
    assert project.behind("dwell", "people", DAY, row="A") == []


def test_R4_filters_select_visits_and_leave_their_ends_alone(project: Project) -> None:
    project.story(
        ann=[enter(0, device="mobile"), leave(10, device="desktop"), enter(20, device="desktop"), enter(50, "B")]
    )
    assert rows(project, filters=[where("device", "is", "mobile")]) == {"A": {"name": "A"} | oracle.summary([10])}
    assert rows(project, filters=[where("device", "is", "desktop")]) == {"A": {"name": "A"} | oracle.summary([30])}


def test_R28_visits_of_bots_are_left_out_and_counted(project: Project) -> None:
    project.story(ann=[enter(0), leave(10)], bot=[enter(0, user_agent=BOT), leave(90, user_agent=BOT)])
    answer = project.ask("dwell", DAY)
    assert (answer["rows"][0]["visits"], answer["meta"]["excluded_bots"]) == (1, 1)
    answer = project.ask("dwell", DAY | {"include_bots": True})
    assert (answer["rows"][0]["visits"], answer["meta"]["excluded_bots"]) == (2, 0)


def test_rows_are_those_with_the_most_visits_then_by_name(project: Project) -> None:
    project.story(ann=[enter(0, "B"), enter(1, "C"), enter(2, "A"), enter(3, "C")])
    assert list(rows(project)) == ["C", "A", "B"]
    assert list(rows(project, limit=2)) == ["C", "A"]


def test_R5_a_breakdown_goes_by_the_visit_and_has_other_and_not_set(project: Project) -> None:
    project.story(
        ann=[enter(0, device="mobile"), leave(10), enter(20, "B", device="mobile"), leave(50, "B")],
        bob=[enter(0, device="desktop"), leave(30, device="mobile")],
        cid=[enter(0)],
    )
    request = DAY | {"breakdown": [{"property": "device", "limit": 1}]}
    segments = project.ask("dwell", request)["breakdowns"]
    assert [(one["value"], {row["name"]: row["total_s"] for row in one["rows"]}) for one in segments] == [
        ("mobile", {"A": 10, "B": 30}), ("$not_set", {"A": None}), ("$other", {"A": 30}),
    ]  # fmt: skip
    for one in segments:
        for row in one["rows"]:
            found = project.behind("dwell", "events", request, row=row["name"], breakdown=one["value"])
            assert len(found) == row["visits"]


def test_R6_behind_a_row_are_its_visits_whose_they_are_and_in_which_sessions(project: Project) -> None:
    project.story(ann=[enter(0), leave(10), enter(20)], bob=[enter(5)])

    def ids(**pointer: Any) -> set[str]:
        return {event["event_id"] for event in project.behind("dwell", "events", DAY, row="A", **pointer)}

    assert ids() == {"ann-0", "ann-2", "bob-0"}
    assert (ids(measured=True), ids(measured=False)) == ({"ann-0"}, {"ann-2", "bob-0"})
    assert [one["user_id"] for one in project.behind("dwell", "people", DAY, row="A", measured=True)] == ["ann"]
    found = project.behind("dwell", "sessions", DAY, row="A")
    assert [(one["duration_s"], one["entry"], one["bounced"]) for one in found] == [(0, "A", True), (20, "A", False)]
    assert project.behind("dwell", "events", DAY, row="nothing") == []


def test_a_pointer_to_a_breakdown_that_was_not_asked_for_is_refused(project: Project) -> None:
    with pytest.raises(BadRequest) as refusal:
        project.list_page("dwell", "people", DAY, {"row": "A", "breakdown": "x"}, Page())
    assert refusal.value.path == "$.pointer.breakdown"


def test_R23_a_link_joins_a_visit_and_its_exit(project: Project) -> None:
    """Entered before signing in, left after it."""
    of = {"component": "A", **S}
    project.store(
        [
            {"event": "component_visit", "event_id": "1", "anonymous_id": "d", "timestamp": BASE, **of},
            {"event": "component_exit", "event_id": "2", "user_id": "ann", "timestamp": BASE + 9000, **of},
        ]
    )  # fmt: skip
    assert rows(project)["A"]["unknown"] == 1
    project.store(
        [{"event": "$identify", "event_id": "3", "anonymous_id": "d", "user_id": "ann", "timestamp": BASE + HOUR}]
    )
    assert rows(project)["A"]["total_s"] == 9


# ── on random events ─────────────────────────────────────────────────────────────────────────────────────────

BY = st.sampled_from(["component", "page"])


def counts(start: int, end: int) -> Callable[[Sent], bool]:
    return lambda event: start <= event["timestamp"] < end and "user_agent" not in event


@examples(60)
@given(
    events=strolls(), by=BY, ends=st.tuples(st.integers(0, 22), st.sampled_from([23, 60, 30 * 3600])), data=st.data()
)
def test_R21_times_are_those_of_plain_python_and_R6_their_lists_as_long(
    new_project: Callable[[], Project], events: list[Sent], by: str, ends: tuple[int, int], data: st.DataObject
) -> None:
    project = new_project()
    project.store(data.draw(st.permutations(events)))
    start, end = (BASE + second * SECOND for second in ends)
    request = {"by": by, "from": start, "to": end, "breakdown": [{"property": "device"}]}
    answer = project.ask("dwell", request)
    found = {row["name"]: row for row in answer["rows"]}
    expected = oracle.dwell(events, by, counts(start, end))
    assert found == {name: {"name": name} | row for name, row in expected.items()}
    for segment in answer["breakdowns"]:
        device = None if segment["value"] == "$not_set" else segment["value"]
        of_it = [one | {"bot": one.get("device") != device} for one in events]
        expected = oracle.dwell(of_it, by, lambda one: counts(start, end)(one) and not one["bot"])
        assert {row["name"]: row for row in segment["rows"]} == {
            name: {"name": name} | row for name, row in expected.items()
        }
    if found:
        row = data.draw(st.sampled_from(answer["rows"]))
        which, number = data.draw(
            st.sampled_from([({}, "visits"), ({"measured": True}, "measured"), ({"measured": False}, "unknown")])
        )
        listed = project.behind(
            "dwell", "events", request, row=row["name"], limit=data.draw(st.integers(1, 9)), **which
        )
        assert len({event["event_id"] for event in listed}) == len(listed) == row[number]


@examples(10)
@given(events=strolls(), by=BY, data=st.data())
def test_invariants_a_and_c_a_filter_never_raises_and_no_order_of_arrival_matters(
    new_project: Callable[[], Project], events: list[Sent], by: str, data: st.DataObject
) -> None:
    once, again = new_project(), new_project()
    once.store(events)
    shuffled = data.draw(st.permutations(events))
    cut = data.draw(st.integers(0, len(events)))
    for batch in (shuffled[:cut], shuffled, shuffled[cut:]):
        again.store(batch)
    assert rows(once, by=by) == rows(again, by=by)
    filtered = rows(once, by=by, filters=[where("device", "is_not", "mobile")])
    assert all(row["visits"] <= rows(once, by=by)[name]["visits"] for name, row in filtered.items())


def test_invariant_c_enters_of_one_moment_in_any_order(new_project: Callable[[], Project]) -> None:
    events = told(ann=[enter(0), enter(0, "B"), leave(0), leave(9, "B"), enter(9, "B"), enter(20, "C")])
    found = []
    for order in list(permutations(events))[::103]:
        project = new_project()
        project.store(order)
        found.append(rows(project))
    assert all(one == found[0] for one in found)
