# ruff: noqa: N802 - rules are called by their letter
"""Formulas of series: R30, R3."""

from collections.abc import Callable
from math import isfinite

import pytest

from tests.insights.asking import one
from tests.support.moments import DAY
from tests.support.project import Project
from tests.support.refusal import refusal_of


@pytest.mark.parametrize(
    ("formula", "values", "total"),
    [
        ("A", [4, 0], 4),
        ("B/A", [0.5, None], 0.5),
        ("A/B", [2, None], 2),
        ("(A + B) * 100 - 1", [599, -1], 599),
        ("A - B - 1", [1, -1], 1),
        ("A / (B - 2)", [None, 0], None),
        ("-A", [-4, 0], -4),
        ("2 * people", [2, 0], 2),
    ],
)
def test_R30_a_formulas_total_is_computed_from_the_totals(
    new_project: Callable[[], Project], formula: str, values: list[float], total: float
) -> None:
    project = new_project()
    project.story(ann=[("a", 0), ("a", 1), ("a", 2), ("a", 3), ("b", 4), ("b", 5)])
    series = [{"event": "a"}, {"event": "b"}, {"event": "*", "measure": "unique_users", "name": "people"}]
    asked = {"series": series, "formula": formula, "from": "2026-03-02", "to": "2026-03-04"}
    answer = project.ask("trend", asked)["series"]
    assert [one["name"] for one in answer] == ["a", "b", "people", formula]
    assert (answer[-1]["values"], answer[-1]["total"]) == (values, total)


@pytest.mark.parametrize(
    "formula",
    ["", "B", "A +", "A B", "(A", "A)", "A ** 2", "A % 2", "A // 2", "f(A)", "A.real", "__import__('os')",
     "A if A else 1", "A;A", "A\nA", "'a'", "A < 2", "9" * 5000, "(" * 2000 + "A" + ")" * 2000,
     "-" * 5000 + "A", "c", "1e999"],
)  # fmt: skip
def test_a_formula_holds_series_numbers_and_arithmetic_only(project: Project, formula: str) -> None:
    refusal = refusal_of(lambda: project.ask("trend", {"series": one(), "formula": formula, **DAY}))
    assert refusal is None or refusal.path == "$.formula"
    assert refusal or formula in {"9" * 5000, "1e999", "-" * 5000 + "A"}


@pytest.mark.parametrize("operator", ["A/A", "1/A", "A/(A-A)", "A/1e-320"])
def test_R3_no_formula_answers_what_json_cannot_say(project: Project, operator: str) -> None:
    project.story(ann=[("a", 0)])
    answer = project.ask("trend", {"series": one(), "formula": operator, "from": "2026-03-01", "to": "2026-03-03"})
    for value in (*answer["series"][-1]["values"], answer["series"][-1]["total"]):
        assert value is None or isfinite(value)


def test_a_formula_calls_a_series_by_the_name_that_the_answer_shows(project: Project) -> None:
    project.story(ann=[("a", 0), ("b", 1), ("b", 2)])
    asked = {"series": [{"event": "a"}, {"event": "b"}, {"event": "b", "name": "größe"}], **DAY}
    for formula in ("b/a", "größe/A", "C/a"):
        assert project.ask("trend", asked | {"formula": formula})["series"][-1]["total"] == 2
