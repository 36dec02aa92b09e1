# ruff: noqa: N802 - rules are called by their letter
"""Funnels: R12 (window), R13 (order and ties), R14 (strict, unordered), R15 (entries, drop-off), R16, R4 and R28."""

from collections.abc import Callable
from itertools import permutations
from statistics import median
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.insights import attempts, funnel
from footfall.model.errors import BadRequest
from tests.support import oracle
from tests.support.chance import BOT, crowds
from tests.support.moments import BASE, DAY, HOUR, MINUTE, NOW, SECOND, at
from tests.support.project import Project, Visit, where

HALF_HOUR = 1800


def steps(*names: str) -> list[dict[str, Any]]:
    return [{"event": name} for name in names]


def asked(*names: str, window: str = "PT30M", **more: Any) -> dict[str, Any]:
    return {"steps": steps(*names), "window": window, **DAY, **more}


# ── R12: the window ──────────────────────────────────────────────────────────────────────────────────────────


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


# ── R15: entries, drop-off and progress ──────────────────────────────────────────────────────────────────────


def test_R15_the_range_selects_entries_and_later_steps_may_lie_after_it(project: Project) -> None:
    day = 86_400
    project.story(
        early=[("a", -10.001 * 3600), ("b", -9.9 * 3600)],  # enters before midnight
        first=[("a", -10 * 3600), ("b", -10 * 3600)],  # at midnight
        late=[("a", day - 10 * 3600 - 0.001), ("b", day - 10 * 3600 + 1700)],
        next=[("a", day - 10 * 3600), ("b", day - 10 * 3600)],
    )
    assert project.steps(asked("a", "b")) == [2, 2]


def test_R15_whose_window_is_still_open_is_in_progress_and_not_dropped(project: Project) -> None:
    project.story(
        done=[("a", 0), ("b", 1), ("c", 2)],
        lost=[("a", 0), ("b", 1)],
        gone=[("a", 0)],
        open=[("a", 3600), ("b", 3601)],
        edge=[("a", 1800.0)],
        over=[("a", 1799.999)],
        again=[("a", 0), ("b", 1), ("a", 3600)],
    )
    answer = project.ask("funnel", asked("a", "b", "c"), now=BASE + HOUR)
    assert [(step["users"], step["dropped"], step["in_progress"]) for step in answer["steps"]] == [
        (7, 0, 0),
        (4, 2, 1),  # gone, over; edge, whose window ends with this very millisecond
        (1, 1, 2),  # lost; open, and again, who may still convert
    ]
    assert answer["rate_finished"] == 1 / 4


def test_R15_rates_are_of_the_first_step_and_of_the_one_before(project: Project) -> None:
    project.story(u1=[("a", 0), ("b", 1), ("c", 2)], u2=[("a", 0), ("b", 1)], u3=[("a", 0)], u4=[("a", 0), ("c", 1)])
    answer = project.ask("funnel", asked("a", "b", "c"))
    assert [step["rate"] for step in answer["steps"]] == [1, 0.5, 0.25]
    assert [step["rate_from_previous"] for step in answer["steps"]] == [None, 0.5, 0.5]
    assert [step["dropped"] for step in answer["steps"]] == [0, 2, 1]
    assert answer["rate_finished"] == 0.25


def test_R3_a_funnel_that_nobody_entered_has_no_rates(project: Project) -> None:
    answer = project.ask("funnel", asked("a", "b"))
    assert [(step["users"], step["rate"], step["dropped"]) for step in answer["steps"]] == [(0, None, 0), (0, None, 0)]
    assert answer["rate_finished"] is None


def test_R11_now_in_the_request_hides_later_steps(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 60)])
    assert project.steps(asked("a", "b", now=BASE + 60 * SECOND)) == [1, 1]
    answer = project.ask("funnel", asked("a", "b", now=BASE + 60 * SECOND - 1))
    assert [(step["users"], step["in_progress"]) for step in answer["steps"]] == [(1, 0), (0, 1)]


# ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_R23_a_funnel_crosses_the_sign_in_and_devices(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "anonymous_id": "phone", "timestamp": BASE},
            {"event": "b", "event_id": "2", "anonymous_id": "laptop", "timestamp": BASE + MINUTE},
            {"event": "c", "event_id": "3", "user_id": "ann", "timestamp": BASE + 2 * MINUTE},
            *(
                {
                    "event": "$identify",
                    "event_id": device,
                    "user_id": "ann",
                    "anonymous_id": device,
                    "timestamp": BASE + HOUR,
                }
                for device in ("phone", "laptop")
            ),
        ]
    )
    assert project.steps(asked("a", "b", "c")) == [1, 1, 1]
    assert project.steps(asked("a", "b", "c", now=BASE + HOUR - 1)) == [1, 0, 0], "before any link"


def test_nobody_takes_no_step(project: Project) -> None:
    project.store({"event": name, "event_id": name, "timestamp": BASE} for name in "ab")
    assert project.steps(asked("a", "b")) == [0, 0]


def test_R28_bots_are_left_out_and_named(project: Project) -> None:
    crawl = {"user_agent": BOT}
    project.story(
        ann=[("a", 0), ("b", 1)],
        bot=[("a", 0, crawl), ("b", 1, crawl), ("x", 2, crawl)],
        cid=[("a", 0), ("b", 1, crawl)],
    )
    answer = project.ask("funnel", asked("a", "b"))
    assert [step["users"] for step in answer["steps"]] == [2, 1]
    assert answer["meta"]["excluded_bots"] == 3
    everybody = project.ask("funnel", asked("a", "b", include_bots=True))
    assert [step["users"] for step in everybody["steps"]] == [3, 3]
    assert everybody["meta"]["excluded_bots"] == 0


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


# ── R16: exclusions, breakdown, over time, time to convert ───────────────────────────────────────────────────


def excluding(after: int, before: int, name: str = "x") -> dict[str, Any]:
    return {"exclusions": [{"event": name, "after": after, "before": before}]}


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


def test_R5_a_breakdown_beyond_its_limit_is_other_and_missing_is_not_set(project: Project) -> None:
    project.story(
        u1=[("a", 0, {"device": "mobile"}), ("b", 1, {"device": "tablet"})],
        u2=[("a", 0, {"device": "mobile"})],
        u3=[("a", 0, {"device": "tablet"}), ("b", 1)],
        u4=[("a", 0, {"device": "desktop"})],
        u5=[("a", 0), ("b", 1, {"device": "mobile"})],
        both=[("a", 0, {"device": "desktop"}), ("a", 1, {"device": "tablet"}), ("b", 2)],
    )
    answer = project.ask("funnel", asked("a", "b", breakdown=[{"property": "device", "limit": 1}]))
    assert [(one["value"], one["users"]) for one in answer["breakdowns"]] == [
        ("desktop", [2, 1]),
        ("$other", [4, 3]),
        ("$not_set", [1, 1]),
    ]
    assert [step["users"] for step in answer["steps"]] == [6, 4], "each its own count, and nobody twice in the total"


def test_R16_conversion_over_time_is_by_the_day_of_entry(project: Project) -> None:
    day = 86_400
    project.story(
        ann=[("a", 0), ("b", day), ("a", 2 * day)], bob=[("a", 13.9 * 3600), ("b", 14 * 3600)], cid=[("b", 0)]
    )
    answer = project.ask(
        "funnel", asked("a", "b", window="P2D", interval="day") | {"from": "2026-03-02", "to": "2026-03-06"}
    )
    assert [(one["bucket"][:10], one["entered"], one["converted"], one["rate"]) for one in answer["over_time"]] == [
        ("2026-03-02", 2, 2, 1),
        ("2026-03-03", 0, 0, None),
        ("2026-03-04", 1, 0, 0),
        ("2026-03-05", 0, 0, None),
    ]


def test_R16_time_to_convert_is_that_of_the_counted_attempt(project: Project) -> None:
    project.story(
        u1=[("a", 0), ("b", 10)],
        u2=[("a", 0), ("a", 100), ("b", 120)],  # the shortest of two
        u3=[("a", 0), ("b", 30), ("b", 40)],
        u4=[("a", 0), ("b", 1000.001)],
        u5=[("a", 0)],
    )
    first, second = project.ask("funnel", asked("a", "b"))["steps"]
    assert first["seconds"] is None
    assert second["seconds"] == {"median": 25, "mean": 265.00025, "p90": 709.0007, "min": 10, "max": 1000.001}


# ── against plain Python ─────────────────────────────────────────────────────────────────────────────────────

NAMES = st.lists(st.sampled_from("abc"), min_size=2, max_size=4)
WINDOWS = st.integers(0, 13).map(lambda minutes: minutes * MINUTE or 1)
ANY_STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "*"]), st.sampled_from([None, None, "/x"])),
    min_size=2,
    max_size=4,
    unique=True,
)


def lasting(millis: int) -> str:
    return f"PT{millis // 1000}.{millis % 1000:03}S"


def of_name(name: str, page: str | None = None) -> oracle.Step:
    return lambda event: name in ("*", event["event"]) and page in (None, event["page"])


def filtered_step(name: str, page: str | None) -> dict[str, Any]:
    return {"event": name, "filters": [where("page", "is", page)] if page else []}


def numbers(answer: dict[str, Any]) -> list[tuple[int, int, int]]:
    return [(step["users"], step["dropped"], step["in_progress"]) for step in answer["steps"]]


@settings(max_examples=30)
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


@settings(max_examples=25)
@given(people=crowds(most=15), asked_steps=ANY_STEPS, window=WINDOWS, order=st.sampled_from(["ordered", "strict"]))
def test_R13_one_event_fills_one_step_where_several_fit(
    new_project: Callable[[], Project],
    people: dict[str, list[Any]],
    asked_steps: list[tuple[str, str | None]],
    window: int,
    order: str,
) -> None:
    is_brute_force(new_project(), people, asked_steps, window, order)


@settings(max_examples=15)
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


@settings(max_examples=10)
@given(people=crowds(most=15), names=NAMES, window=WINDOWS, limit=st.integers(1, 3))
def test_R16_segments_and_days_are_funnels_of_their_own(
    new_project: Callable[[], Project], people: dict[str, list[Any]], names: list[str], window: int, limit: int
) -> None:
    project = new_project()
    project.store(event for events in people.values() for event in events)
    request = {"steps": steps(*names), "window": lasting(window), **DAY, "interval": "five_minutes"}
    answer = project.ask("funnel", request | {"breakdown": [{"property": "page", "limit": 2}]})
    taken = [of_name(name) for name in names]

    def of(key: Callable[[dict[str, Any]], Any], value: Any) -> list[int]:
        attempts = []
        for events in people.values():
            started = oracle.entries(events, taken, BASE - HOUR, BASE + HOUR)
            attempts.append(oracle.counted(events, taken, window, [one for one in started if key(one) == value]))
        return oracle.levels(attempts, len(names))

    pages = {one["value"]: one["users"] for one in answer["breakdowns"]}
    for page in ("/x", "/y"):
        assert pages.get(page, [0] * len(names)) == of(lambda event: event["page"], page)
    for one in answer["over_time"]:
        bucket = at(one["bucket"])
        reached = of(lambda event: event["timestamp"] // (5 * MINUTE) * 5 * MINUTE, bucket)
        assert (one["entered"], one["converted"]) == (reached[0], reached[-1])


@settings(max_examples=20)
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


@settings(max_examples=8)
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


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────


UNKNOWN = {"property": "x", "operator": "is_set"}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"window": "soon"}, "$.window"),
        ({"timezone": "Mars/Olympus"}, "$.timezone"),
        ({"from": "2026-03-03", "to": "2026-03-02"}, "$.from"),
        ({"filters": [UNKNOWN]}, "$.filters[0].property"),
        ({"steps": [{"event": "a"}, {"event": "b", "filters": [UNKNOWN]}]}, "$.steps[1].filters[0].property"),
        (
            {"steps": [{"event": "a"}, {"any": [{"event": "b", "filters": [UNKNOWN]}]}]},
            "$.steps[1].any[0].filters[0].property",
        ),
        ({"steps": [{"event": "a"}, {}]}, "$.steps[1]"),
        ({"steps": [{"event": "a", "any": [{"event": "b"}]}, {"event": "c"}]}, "$.steps[0]"),
        ({"steps": [{"event": "a"}, {"any": [{}]}]}, "$.steps[1].any[0]"),
        ({"order": "unordered", **excluding(1, 2)}, "$.exclusions"),
        ({"order": "unordered", "steps": steps("a", "b", "a")}, "$.steps"),
        (excluding(2, 2), "$.exclusions[0].before"),
        (excluding(1, 3), "$.exclusions[0].before"),
        (
            {"exclusions": [{"event": "x", "after": 1, "before": 2, "filters": [UNKNOWN]}]},
            "$.exclusions[0].filters[0].property",
        ),
        ({"breakdown": [{"property": "x"}]}, "$.breakdown[0].property"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named_by_its_path(project: Project, wrong: dict[str, Any], path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        project.queries("funnel", asked("a", "b") | wrong)
    assert refused.value.path == path


@pytest.mark.parametrize(
    "wrong",
    [{"steps": steps("a")}, {"steps": steps(*"a" * 21)}, {"order": "random"}, {"window": 30}, {"x": 1}],
    ids=str,
)
def test_a_request_is_closed_and_typed(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(asked("a", "b") | wrong, attempts.Request)


def test_a_funnel_has_up_to_twenty_steps(project: Project) -> None:
    names = "abcdefghijklmnopqrst"
    project.story(
        ann=[(name, 60) for name in reversed(names)], bob=[(name, place) for place, name in enumerate(names[:-1])]
    )
    assert project.steps(asked(*names)) == [2] * 19 + [1]


def test_one_restless_person_does_not_cost_everybody_the_answer(project: Project) -> None:
    """Work grows with the number of a person's events, not with the number of ways through them."""
    project.story(
        robot=[("ab"[turn % 2], turn / 20) for turn in range(20_000)],
        ann=[("a", 0), ("b", 1), ("c", 2)],
    )
    assert project.steps(asked("a", "b", "c", window="P14D")) == [2, 2, 1]


def test_a_restless_person_may_repeat_a_step(project: Project) -> None:
    project.story(robot=[("a", turn) for turn in range(1500)], ann=[("a", 0), ("a", 0), ("b", 2)])
    assert project.steps(asked("a", "a", "b", window="P14D")) == [2, 2, 1]


def test_the_answer_says_how_it_came_about(project: Project) -> None:
    project.story(ann=[("a", 0)])
    meta = project.ask("funnel", asked("a", "b"))["meta"]
    assert (meta["exact"], meta["timezone"]) == (True, "UTC")
    assert at(meta["now"]) == at("2027-06-01T00:00:00Z")


@pytest.mark.parametrize("order", ["ordered", "strict"])
@pytest.mark.parametrize("mode", ["attempt", "person"])
def test_the_largest_funnel_is_answered(project: Project, order: str, mode: str) -> None:
    names = [f"s{n}" for n in range(20)]
    project.story(ann=[(name, place) for place, name in enumerate(names)], bob=[("s0", 0), ("x", 1), ("s1", 2)])
    request = asked(*names) | {
        "order": order,
        "exclusions": [{"event": "x", "after": n, "before": n + 1} for n in range(1, 11)],
        "exclusion_mode": mode,
        "breakdown": [{"property": "page"}],
        "interval": "day",
    }
    assert project.steps(request) == [1 if (order, mode) == ("ordered", "person") else 2] + [1] * 19


def test_a_step_has_a_bounded_number_of_alternatives(project: Project) -> None:
    step: dict[str, Any] = {"event": "a"}
    for _ in range(150):
        step = {"any": [step]}
    with pytest.raises(BadRequest) as refused:
        project.queries("funnel", {"steps": [{"event": "b"}, step], **DAY})
    assert refused.value.path == "$.steps[1]"
