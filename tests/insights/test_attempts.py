# ruff: noqa: N802 - rules are called by their letter
"""Whose attempt counts: R12 (window), R13 (order and ties), R14 (strict, unordered), R16 (exclusions)."""

from collections.abc import Callable
from itertools import permutations
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import funnel
from footfall.model.errors import BadRequest
from tests.insights.steps import NAMES, WINDOWS, asked, excluding, lasting, of_name, steps
from tests.support import oracle
from tests.support.chance import crowds
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, MINUTE, NOW, SECOND
from tests.support.project import Project, Visit, where

# ── R12: the window ──────────────────────────────────────────────────────────────────────────────────────────


HALF_HOUR = 1800


@pytest.mark.parametrize(
    ("ann", "reached"),
    [
        pytest.param([("a", 0), ("b", HALF_HOUR)], [1, 1], id="both ends are included"),
        pytest.param([("a", 0), ("b", HALF_HOUR + 0.001)], [1, 0], id="a millisecond later is too late"),
        pytest.param([("a", 0), ("b", 0)], [1, 1], id="at once"),
        pytest.param([("a", 0), ("a", 1200), ("b", 2400)], [1, 1], id="a later first step starts another attempt"),
        pytest.param(
            [("a", 0), ("b", 10), ("a", 1500), ("a", 7000)], [1, 1], id="the attempt that gets furthest counts"
        ),
        pytest.param([("b", 0), ("a", 10)], [1, 0], id="the second step before the first"),
        pytest.param([("b", 0)], [0, 0], id="the second step alone"),
    ],
)
def test_R12_two_steps(new_project: Callable[[], Project], ann: list[Visit], reached: list[int]) -> None:
    project = new_project()
    project.story(ann=ann)
    assert project.steps(asked("a", "b")) == reached


@pytest.mark.parametrize(
    ("ann", "reached"),
    [
        pytest.param([("a", 0), ("b", 1000), ("c", 1801)], [1, 1, 0], id="the window runs from the first step"),
        pytest.param([("a", 0), ("a", 900), ("b", 1000), ("c", 2700)], [1, 1, 1], id="of any attempt"),
        pytest.param(
            [("a", 0), ("b", 100), ("a", 1700), ("c", 1900)], [1, 1, 0], id="steps of two attempts do not join"
        ),
        pytest.param([("a", 0), ("a", 1), ("a", 2), ("b", 1801), ("c", 1801.5)], [1, 1, 1], id="a retry shortly after"),
        pytest.param([("a", 0), ("c", 1), ("b", 2), ("c", 3)], [1, 1, 1], id="a step too early is passed over"),
    ],
)
def test_R12_three_steps(new_project: Callable[[], Project], ann: list[Visit], reached: list[int]) -> None:
    project = new_project()
    project.story(ann=ann)
    assert project.steps(asked("a", "b", "c")) == reached


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("PT30M", 30 * MINUTE),
        ("PT1H30M", 90 * MINUTE),
        ("P7D", 7 * 24 * HOUR),
        ("P2W", 14 * 24 * HOUR),
        ("P1DT1S", 24 * HOUR + SECOND),
        ("PT0.001S", 1),
        ("PT0.5S", 500),
        ("PT1.1S", 1100),
        ("PT90S", 90 * SECOND),
        ("P366D", 366 * 24 * HOUR),
    ],
)
def test_a_window_is_an_iso_8601_duration(text: str, millis: int) -> None:
    assert funnel.window_of(text) == millis


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "30", "30m", "PT30", "P1M", "P1Y", "-PT30M", "PT-30M", "PT0S", "P0D", "P367D", "pt30m", "PT30M ",
     "P1DT", "PT1.5H", "PT1e3S", "PT\u0663M", "P9999W", "PT999999999S", "PT0.0001S"],
)  # fmt: skip
def test_a_window_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        funnel.window_of(text)
    assert refused.value.path == "$.window"


# ── R13: order, ties, repeated steps ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("tied", [("a", "b"), ("a", "b", "c"), ("a", "b", "a", "b")])
def test_R13_equal_timestamps_are_in_order_whatever_the_order_of_arrival(
    new_project: Callable[[], Project], tied: tuple[str, ...]
) -> None:
    for order in list(permutations(range(len(tied))))[:: len(tied) - 1]:
        project = new_project()
        project.store(
            {"event": tied[place], "event_id": f"{place}", "user_id": "ann", "timestamp": BASE} for place in order
        )
        assert project.steps(asked(*tied)) == [1] * len(tied)


@pytest.mark.parametrize(
    ("names", "ann", "reached"),
    [
        pytest.param("aa", [("a", 0)], [1, 0], id="one event fills one step"),
        pytest.param("aa", [("a", 0), ("a", 0)], [1, 1], id="two of one time fill two"),
        pytest.param("aa", [("a", 0), ("a", 1)], [1, 1], id="two of two times fill two"),
        pytest.param("aba", [("a", 0), ("b", 1)], [1, 1, 0], id="the first is not used again"),
        pytest.param("aba", [("a", 0), ("b", 0), ("a", 0)], [1, 1, 1], id="three of one time"),
        pytest.param("abb", [("a", 0), ("b", 1), ("b", 1)], [1, 1, 1], id="two of one time at the end"),
        pytest.param("aab", [("a", 0), ("b", 1)], [1, 0, 0], id="a step that is missing in the middle"),
        pytest.param("aaa", [("a", 0), ("a", 1800), ("a", 1801), ("a", 1802)], [1, 1, 1], id="a later attempt"),
    ],
)
def test_R13_a_repeated_step_needs_another_event(
    new_project: Callable[[], Project], names: str, ann: list[Visit], reached: list[int]
) -> None:
    for order in (ann, ann[::-1]):
        project = new_project()
        project.story(ann=order)
        assert project.steps(asked(*names)) == reached


def test_R13_other_events_between_the_steps_change_nothing(new_project: Callable[[], Project]) -> None:
    ann: list[Visit] = [("a", 0), ("b", 10), ("c", 20)]
    alone, among = new_project(), new_project()
    alone.story(ann=ann)
    among.story(ann=[("x", 0), *ann[:1], ("x", 5), ("$identify", 6), *ann[1:2], ("c2", 15), *ann[2:], ("x", 30)])
    assert alone.ask("funnel", asked("a", "b", "c"))["steps"] == among.ask("funnel", asked("a", "b", "c"))["steps"]


def test_a_step_of_any_event_takes_none_that_begins_with_a_dollar(project: Project) -> None:
    project.story(ann=[("$identify", 0), ("a", 1), ("$x", 2)], bob=[("a", 0), ("b", 1)])
    assert project.steps(asked("*", "*")) == [2, 1]


def test_steps_may_be_the_same_event_filtered_differently(project: Project) -> None:
    project.story(
        ann=[("view", 0, {"page": "/x"}), ("view", 1, {"page": "/y"})],
        bob=[("view", 0, {"page": "/y"}), ("view", 1, {"page": "/x"})],
        cid=[("view", 0, {"page": "/x"}), ("view", 1, {"page": "/x"})],
    )
    filtered = [{"event": "view", "filters": [where("page", "is", page)]} for page in ("/x", "/y")]
    assert project.steps(asked() | {"steps": filtered}) == [3, 1]
    assert project.steps(asked("view", "view", filters=[where("page", "is", "/x")])) == [3, 1]


# ── R14: strict and unordered ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ann", "reached"),
    [
        pytest.param([("a", 0), ("b", 1), ("c", 2)], [1, 1, 1], id="nothing in between"),
        pytest.param([("a", 0), ("x", 0.5), ("b", 1), ("c", 2)], [1, 0, 0], id="another event in between"),
        pytest.param([("a", 0), ("$x", 0.5), ("b", 1), ("c", 2)], [1, 0, 0], id="an event of the system in between"),
        pytest.param([("a", 0), ("b", 1), ("x", 1.5), ("c", 2)], [1, 1, 0], id="between later steps"),
        pytest.param([("x", -1), ("a", 0), ("b", 1), ("c", 2), ("x", 3)], [1, 1, 1], id="before and after is harmless"),
        pytest.param([("a", 0), ("x", 1), ("a", 2), ("b", 3), ("c", 4)], [1, 1, 1], id="a retry may convert"),
        pytest.param([("a", 0), ("a", 1), ("b", 2), ("c", 3)], [1, 1, 1], id="the second of two first steps converts"),
        pytest.param([("a", 0), ("b", 1), ("b", 2), ("c", 3)], [1, 1, 0], id="a step again is another event"),
        pytest.param(
            [("a", 0), ("x", 0), ("b", 1), ("x", 1), ("c", 1)], [1, 1, 1], id="of one time nothing is in between"
        ),
    ],
)
def test_R14_strict(new_project: Callable[[], Project], ann: list[Visit], reached: list[int]) -> None:
    project = new_project()
    project.story(ann=ann)
    assert project.steps(asked("a", "b", "c", order="strict")) == reached


def test_R14_strict_is_judged_over_all_events_whatever_is_filtered(project: Project) -> None:
    project.story(ann=[("a", 0, {"page": "/x"}), ("b", 1, {"page": "/y"}), ("b", 2, {"page": "/x"})])
    assert project.steps(asked("a", "b", order="strict", filters=[where("page", "is", "/x")])) == [1, 0]
    assert project.steps(asked("a", "b", order="ordered", filters=[where("page", "is", "/x")])) == [1, 1]


@pytest.mark.parametrize(
    ("ann", "reached"),
    [
        pytest.param([("c", 0), ("a", 1), ("b", 2)], [1, 1, 1], id="any order"),
        pytest.param([("b", 0)], [1, 0, 0], id="any step enters"),
        pytest.param([("b", 0), ("b", 1)], [1, 0, 0], id="a step again is not another step"),
        pytest.param([("b", 0), ("a", 1700), ("c", 1801), ("b", 1802)], [1, 1, 1], id="the best window counts"),
        pytest.param([("c", 0), ("a", 1801), ("b", 3602)], [1, 0, 0], id="no two in one window"),
    ],
)
def test_R14_unordered(new_project: Callable[[], Project], ann: list[Visit], reached: list[int]) -> None:
    project = new_project()
    project.story(ann=ann)
    assert project.steps(asked("a", "b", "c", order="unordered")) == reached


def test_R14_unordered_steps_that_one_event_fits_are_filled_by_different_events(project: Project) -> None:
    """Otherwise an unordered funnel would convert fewer than the ordered one (invariant b)."""
    project.story(ann=[("a", 0, {"page": "/x"}), ("a", 1, {"page": "/y"})], bob=[("a", 0, {"page": "/x"})])
    either = asked() | {"steps": [filtered_step("a", None), filtered_step("a", "/x")], "order": "unordered"}
    assert project.steps(either) == [2, 1]


def test_a_step_may_be_any_of_several(project: Project) -> None:
    project.story(ann=[("a", 0), ("c", 1)], bob=[("b", 0), ("c", 1)], cid=[("x", 0), ("c", 1)])
    either = {"any": [{"event": "a"}, {"event": "b"}]}
    answer = project.ask("funnel", asked() | {"steps": [either, {"event": "c"}]})
    assert [(step["event"], step["users"]) for step in answer["steps"]] == [("a or b", 2), ("c", 2)]


# ── R16: exclusions ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ann", "between", "reached"),
    [
        pytest.param([("a", 0), ("b", 1), ("c", 2)], (1, 2), [1, 1, 1], id="none"),
        pytest.param([("a", 0), ("x", 0.5), ("b", 1), ("c", 2)], (1, 2), [1, 0, 0], id="between its steps"),
        pytest.param([("a", 0), ("b", 1), ("x", 1.5), ("c", 2)], (1, 2), [1, 1, 1], id="between others"),
        pytest.param([("a", 0), ("b", 1), ("x", 1.5), ("c", 2)], (2, 3), [1, 1, 0], id="between later ones"),
        pytest.param([("a", 0), ("b", 1), ("x", 1.5), ("c", 2)], (1, 3), [1, 1, 0], id="over two steps"),
        pytest.param(
            [("a", 0), ("x", 0.5), ("a", 0.6), ("b", 1), ("c", 2)], (1, 3), [1, 1, 1], id="a retry may convert"
        ),
        pytest.param([("x", -1), ("a", 0), ("b", 1), ("c", 2), ("x", 3)], (1, 3), [1, 1, 1], id="before and after"),
    ],
)
def test_R16_an_exclusion_ends_the_attempt_in_which_it_occurs(
    new_project: Callable[[], Project], ann: list[Visit], between: tuple[int, int], reached: list[int]
) -> None:
    project = new_project()
    project.story(ann=ann)
    assert project.steps(asked("a", "b", "c", **excluding(*between))) == reached


def test_R16_in_mode_person_who_fell_for_an_exclusion_is_out(project: Project) -> None:
    project.story(out=[("a", 0), ("x", 1), ("b", 2)], retried=[("a", 0), ("x", 1), ("a", 2), ("b", 3)], ann=[("a", 0)])
    assert project.steps(asked("a", "b", **excluding(1, 2))) == [3, 1]
    assert project.steps(asked("a", "b", **excluding(1, 2), exclusion_mode="person")) == [2, 1]


def test_R16_an_exclusion_may_be_filtered(project: Project) -> None:
    project.story(
        ann=[("a", 0), ("x", 1, {"page": "/x"}), ("b", 2)], bob=[("a", 0), ("x", 1, {"page": "/y"}), ("b", 2)]
    )
    filtered = {"exclusions": [{"event": "x", "after": 1, "before": 2, "filters": [where("page", "is", "/x")]}]}
    assert project.steps(asked("a", "b", **filtered)) == [2, 1]


# ── against plain Python ─────────────────────────────────────────────────────────────────────────────────────


ANY_STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "*"]), st.sampled_from([None, None, "/x"])),
    min_size=2,
    max_size=4,
    unique=True,
)


def filtered_step(name: str, page: str | None) -> dict[str, Any]:
    return {"event": name, "filters": [where("page", "is", page)] if page else []}


def numbers(answer: dict[str, Any]) -> list[tuple[int, int, int]]:
    return [(step["users"], step["dropped"], step["in_progress"]) for step in answer["steps"]]


@examples(30)
@given(
    people=crowds(),
    names=NAMES,
    window=WINDOWS,
    first=st.integers(0, 6),
    last=st.integers(7, 13),
    now=st.integers(0, 26),
    order=st.sampled_from(["ordered", "ordered", "strict"]),
)
def test_R12_to_R15_numbers_and_times_are_those_of_brute_force(
    new_project: Callable[[], Project],
    people: dict[str, list[Any]],
    names: list[str],
    window: int,
    first: int,
    last: int,
    now: int,
    order: str,
) -> None:
    project = new_project()
    project.store(event for events in people.values() for event in events)
    start, end, clock = (BASE + minutes * MINUTE for minutes in (first, last, now))
    request = {"steps": steps(*names), "window": lasting(window), "from": start, "to": end, "order": order}
    answer = project.ask("funnel", request, now=clock)
    taken = [of_name(name) for name in names]
    assert numbers(answer) == oracle.funnel(people, taken, window, start, end, clock, order)
    attempts = [
        oracle.counted(events, taken, window, oracle.entries(events, taken, start, end), order)
        for events in people.values()
    ]
    spans = [(way[-1] - way[0]) / 1000 for way in attempts if len(way) == len(names)]
    told = answer["steps"][-1]["seconds"]
    if spans:
        assert (told["min"], told["max"]) == (min(spans), max(spans))
        assert told["mean"] == pytest.approx(sum(spans) / len(spans))
        assert told["median"] == pytest.approx(median(spans))
    else:
        assert told is None


@examples(25)
@given(people=crowds(most=15), asked_steps=ANY_STEPS, window=WINDOWS, order=st.sampled_from(["ordered", "strict"]))
def test_R13_one_event_fills_one_step_where_several_fit(
    new_project: Callable[[], Project],
    people: dict[str, list[Any]],
    asked_steps: list[tuple[str, str | None]],
    window: int,
    order: str,
) -> None:
    is_brute_force(new_project(), people, asked_steps, window, order)


@examples(15)
@given(people=crowds(most=15), names=st.permutations("abc"), window=WINDOWS)
def test_R14_unordered_is_brute_force_too(
    new_project: Callable[[], Project], people: dict[str, list[Any]], names: list[str], window: int
) -> None:
    is_brute_force(new_project(), people, [(name, None) for name in names], window, "unordered")


def is_brute_force(
    project: Project,
    people: dict[str, list[Any]],
    asked_steps: list[tuple[str, str | None]],
    window: int,
    order: str,
) -> None:
    people = {person: events[:5] for person, events in people.items()}
    project.store(event for events in people.values() for event in events)
    request = {"steps": [filtered_step(*one) for one in asked_steps], "window": lasting(window), "order": order, **DAY}
    taken = [of_name(*one) for one in asked_steps]
    expected = oracle.funnel(people, taken, window, BASE - HOUR, BASE + HOUR, NOW, order)
    assert numbers(project.ask("funnel", request)) == expected


@examples(20)
@given(
    people=crowds(most=15),
    names=NAMES,
    window=WINDOWS,
    before=st.integers(2, 4),
    mode=st.sampled_from(["attempt", "person"]),
)
def test_R16_exclusions_are_those_of_brute_force(
    new_project: Callable[[], Project],
    people: dict[str, list[Any]],
    names: list[str],
    window: int,
    before: int,
    mode: str,
) -> None:
    """Between the first step and a later one; there the earliest way through is the best one."""
    before = min(before, len(names))
    project = new_project()
    project.store(event for events in people.values() for event in events)
    request = {"steps": steps(*names), "window": lasting(window), **DAY, **excluding(1, before), "exclusion_mode": mode}
    taken = [of_name(name) for name in names]
    attempts: list[oracle.Times] = []
    for events in people.values():
        ways = [
            cut(way, before, [one["timestamp"] for one in events if one["event"] == "x"])
            for first in oracle.entries(events, taken, BASE - HOUR, BASE + HOUR)
            for way in oracle.chains(events, taken, window, first, strict=False)
        ]
        best = max(ways, key=len, default=())
        free = oracle.counted(events, taken, window, oracle.entries(events, taken, BASE - HOUR, BASE + HOUR))
        is_out = mode == "person" and len(free) >= before > len(best)
        attempts.append(() if is_out else best)
    assert project.steps(request) == oracle.levels(attempts, len(names))


def cut(way: oracle.Times, before: int, excluded: list[int]) -> oracle.Times:
    """An attempt up to the first excluded event between its first step and step `before`."""
    later = [moment for moment in excluded if moment > way[0]]
    if not later or (len(way) >= before and way[before - 1] <= min(later)):
        return way
    return tuple(moment for number, moment in enumerate(way, 1) if number < before and moment <= min(later))


@examples(8)
@given(people=crowds(most=15), names=NAMES, narrow=WINDOWS, wider=WINDOWS, data=st.data())
def test_invariants_a_b_and_c(
    new_project: Callable[[], Project],
    people: dict[str, list[Any]],
    names: list[str],
    narrow: int,
    wider: int,
    data: st.DataObject,
) -> None:
    project, shuffled = new_project(), new_project()
    events = [event for told_events in people.values() for event in told_events]
    project.store(events)
    mixed = data.draw(st.permutations(events))
    shuffled.store([*mixed[: len(mixed) // 2], *mixed[: len(mixed) // 3]])
    shuffled.store([*mixed[len(mixed) // 3 :], *mixed[:5]])
    request = {"steps": steps(*names), "window": lasting(narrow), **DAY}
    reached = project.steps(request)
    assert reached == sorted(reached, reverse=True), "steps never increase"
    assert shuffled.ask("funnel", request)["steps"] == project.ask("funnel", request)["steps"], (
        "whatever order or retry"
    )
    never_fewer(project.steps(request | {"window": lasting(narrow + wider)}), reached)
    never_fewer(reached, project.steps(request | {"filters": [where("page", "is", "/x")]}))
    never_fewer(reached, project.steps(request | {"order": "strict"}))
    if len(set(names)) == len(names):
        never_fewer(project.steps(request | {"order": "unordered"}), reached)


def never_fewer(more: list[int], fewer: list[int]) -> None:
    assert all(one >= other for one, other in zip(more, fewer, strict=True)), (more, fewer)
