# ruff: noqa: N802 - rules are called by their letter
"""Breakdowns: R5."""

from typing import Any

import pytest

from footfall.insights import Kind
from footfall.model.errors import BadRequest
from tests.insights.asking import days, of_n, one
from tests.support.moments import BASE, DAY
from tests.support.project import Project


def rows_of(answer: dict[str, Any]) -> dict[tuple[str, ...], float]:
    return {tuple(series["breakdown"]): series["total"] for series in answer["series"]}


def plans(project: Project) -> None:
    project.store(
        {
            "event": "a", "event_id": f"{number}", "user_id": user, "timestamp": BASE + number, "page": page,
            "properties": {"plan": plan, "n": number} if plan else {"n": number},
        }
        for number, (user, plan, page) in enumerate(
            [("ann", "pro", "/x"), ("bob", "pro", "/y"), ("ann", "pro", "/x"), ("ann", "free", "/x"),
             ("cid", "free", "/x"), ("ann", "team", "/x"), ("bob", "solo", "/y"), ("ann", None, "/x"),
             ("dan", None, "/x")]
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("count", [("pro", 3), ("free", 2), ("$other", 2), ("$not_set", 2)]),
        ("unique_users", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
        ("unique_sessions", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
        ("cumulative_users", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
        ("wau", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
        ("started_sessions", [("free", 2), ("pro", 2), ("$other", 2), ("$not_set", 2)]),
    ],
)
def test_R5_values_beyond_the_limit_are_other_and_missing_ones_not_set(
    project: Project, measure: str, expected: list[tuple[str, float]]
) -> None:
    plans(project)
    asked = {"series": one(measure=measure), "breakdown": [{"property": "properties.plan", "limit": 2}], **DAY}
    answer = project.ask("trend", asked)
    assert rows_of(answer) == {(value,): number for value, number in expected}
    assert list(rows_of(answer))[:2] == [(value,) for value, _ in expected[:2]], "the biggest first"
    assert all(series["values"] == [series["total"]] for series in answer["series"])


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("sum", {"free": 7, "$other": 14, "$not_set": 15}),
        ("avg", {"solo": 6, "$other": 2.5, "$not_set": 7.5}),
        ("max", {"solo": 6, "$other": 5, "$not_set": 8}),
        ("min", {"solo": 6, "$other": 0, "$not_set": 7}),
        ("p50", {"solo": 6, "$other": 2.5, "$not_set": 7.5}),
        ("per_user", {"pro": 1.5, "$other": 4 / 3, "$not_set": 1}),
    ],
)
def test_R5_numbers_are_broken_down_too(project: Project, measure: str, expected: dict[str, float]) -> None:
    plans(project)
    series = one(measure=measure) if measure == "per_user" else [of_n(measure)]
    asked = {"series": series, "breakdown": [{"property": "properties.plan", "limit": 1}], **DAY}
    assert rows_of(project.ask("trend", asked)) == {(value,): number for value, number in expected.items()}


def test_R5_of_two_properties_each_has_its_limit(project: Project) -> None:
    plans(project)
    by = [{"property": "page"}, {"property": "properties.plan", "limit": 1}]
    assert rows_of(project.ask("trend", {"series": one(), "breakdown": by, **DAY})) == {
        ("/x", "pro"): 2, ("/y", "pro"): 1, ("/x", "$other"): 3, ("/y", "$other"): 1, ("/x", "$not_set"): 2,
    }  # fmt: skip


def test_R5_compared_rows_are_those_of_the_same_value(project: Project) -> None:
    """What is the biggest now need not have been the biggest before."""
    day = 86_400
    project.story(
        ann=[("a", n, {"page": "/now"}) for n in range(5)] + [("a", 9, {"page": "/then"})],
        bob=[("a", n - day, {"page": "/then"}) for n in range(9)] + [("a", -day, {"page": "/now"})] * 1,
    )
    asked = {"series": one(), "breakdown": [{"property": "page", "limit": 1}], **DAY, "compare": "previous_period"}
    answer = project.ask("trend", asked)
    found = {series["breakdown"][0]: (series["total"], series["previous_total"]) for series in answer["series"]}
    assert found == {"/now": (5, 1), "$other": (1, 9)}


def test_R5_a_moving_average_reads_the_history_of_the_same_value(project: Project) -> None:
    day = 86_400
    project.story(
        ann=[("a", n, {"page": "/now"}) for n in range(5)],
        bob=[("a", n - day, {"page": "/then"}) for n in range(9)] + [("a", -day, {"page": "/now"})],
    )
    asked = {"series": one(), "breakdown": [{"property": "page", "limit": 1}], **DAY, "moving_average": 2}
    (series,) = project.ask("trend", asked)["series"]
    assert (series["breakdown"], series["moving_average"]) == (["/now"], [3])


def test_R5_rows_of_weekly_people_are_ranked_by_their_total(project: Project) -> None:
    project.store(
        one | {"page": "/old" if place < 3 else "/new"}
        for place, one in enumerate(days(("2026-03", 2, 4), ("2026-03", 20, 20)))
    )
    asked = {"series": [{"event": "a", "measure": "wau"}], "from": "2026-03-02", "to": "2026-03-22"}
    rows = project.ask("trend", asked | {"breakdown": [{"property": "page", "limit": 1}]})["series"]
    assert [(one["breakdown"], one["total"]) for one in rows] == [(["/new"], 1), (["$other"], 0)]


def test_a_value_that_begins_with_a_dollar_is_ranked_like_any_other(project: Project) -> None:
    project.story(ann=[("a", n, {"page": "$9" if n < 5 else "x"}) for n in range(7)])
    rows = project.ask("trend", {"series": [{"event": "a"}], **DAY, "breakdown": [{"property": "page"}]})["series"]
    assert [one["breakdown"] for one in rows] == [["$9"], ["x"]]


# ── how much an answer holds ─────────────────────────────────────────────────────────────────────────────────

LARGE: dict[Kind, dict[str, Any]] = {
    "trend": {"series": one() + one(measure="unique_users"), "interval": "hour", "to": "2026-04-12"},
    "stickiness": {"event": "a", "interval": "hour", "to": "2026-05-22"},
    "lifecycle": {"event": "a", "interval": "hour", "to": "2026-05-22"},
    "retention": {"start_event": "a", "return_event": "a", "interval": "day", "to": "2026-04-15"},
}
"""Questions of which 300 values would have more than 500 000 numbers."""


@pytest.mark.parametrize("kind", LARGE)
def test_a_line_for_each_of_many_values_in_many_buckets_is_refused_before_it_is_made(
    project: Project, kind: Kind
) -> None:
    project.store(
        {"event": "a", "event_id": f"{n}", "user_id": f"{n}", "timestamp": BASE + n, "page": f"/{n}"}
        for n in range(300)
    )
    asked = {"from": "2026-03-02", **LARGE[kind], "breakdown": [{"property": "page", "limit": 1000}]}
    with pytest.raises(BadRequest) as refusal:
        project.ask(kind, asked)
    assert refusal.value.path == "$.breakdown[0].limit"
    assert refusal.value.detail.startswith("300 values")
    asked["breakdown"] = [{"property": "page", "limit": 100}]
    answer = project.ask(kind, asked)
    found = {tuple(one["breakdown"]) for one in answer["series"]} if kind == "trend" else answer["breakdowns"]
    assert len(found) == 101, "a hundred, and all others as one"
