# ruff: noqa: N802 - rules are called by their letter
"""Funnels: R15 (entries, drop-off), R16 (breakdown, over time, time to convert), R3, R11, R23 and R28.

Whose attempt counts is in `test_attempts.py`.
"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import attempts
from footfall.model.errors import BadRequest
from tests.insights.steps import NAMES, WINDOWS, asked, excluding, lasting, of_name, steps
from tests.support import oracle
from tests.support.chance import BOT, crowds
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, MINUTE, SECOND, at
from tests.support.project import Project

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


# ── R5, R16: breakdown, over time, time to convert ───────────────────────────────────────────────────────────


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


@examples(10)
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


# ── what is refused, and what is not ─────────────────────────────────────────────────────────────────────────


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
