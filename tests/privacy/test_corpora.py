"""Two corpora, made here: events with something of somebody's in them, and events that only look so.

A line is an event; `‖` stands inside of what looks like a key, so that no code host takes it for one. The numbers of
cards are those that payment providers publish for tests, the rest is made up with check digits that are right.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from footfall.privacy import Policy, Scanner, Scrubbed, in_care
from footfall.privacy.rules import ACTIONS

HERE = Path(__file__).parent
POLICY = Policy(key=b"k" * 32)
FALSE_ALARMS: frozenset[str] = frozenset()
"""Harmless lines that are taken for something all the same. One in a hundred may be; now there is none."""


def lines(name: str) -> list[dict[str, Any]]:
    text = (HERE / f"{name}.jsonl").read_text("utf-8").replace("‖", "")
    return [json.loads(line) for line in text.splitlines()]


PERSONAL, HARMLESS = lines("personal"), lines("harmless")


def seen(scanner: Scanner, line: dict[str, Any], *, ascii_only: bool) -> tuple[bool, Scrubbed]:
    """Whether the first pass stops at an event, and what a closer look leaves of it."""
    fields = {"event": line["event"], **line.get("fields", {})}
    properties = json.dumps(line["properties"], ensure_ascii=ascii_only)
    stops = bool(scanner.suspects(["\x00".join([*fields.values(), properties])]))
    left = scanner.scrub(line["event"], fields, properties, POLICY)
    return stops or in_care(POLICY, line["event"], properties), left


def rules_of(left: Scrubbed) -> set[str]:
    return {rule for rules in left.found.values() for rule in rules.split(",")}


@pytest.fixture(params=[True, False], ids=["re2", "re"], scope="module")
def scanner(request: pytest.FixtureRequest) -> Scanner:
    return Scanner(linear=request.param)


def test_there_is_enough_to_judge_by() -> None:
    assert (len(PERSONAL) >= 300, len(HARMLESS) >= 300) == (True, True)
    assert len({line["rule"] for line in PERSONAL}) == 18


@pytest.mark.parametrize("ascii_only", [True, False])
def test_all_of_it_is_found_by_its_rule(scanner: Scanner, *, ascii_only: bool) -> None:
    """With every letter escaped as Python writes JSON, and with none: the first pass sees the same."""
    missed: list[object] = []
    for line in PERSONAL:
        stops, left = seen(scanner, line, ascii_only=ascii_only)
        if not stops or line["rule"] not in rules_of(left):
            missed.append(line)
    assert missed == []


def test_the_harmless_is_left_as_it_was(scanner: Scanner) -> None:
    alarms = {json.dumps(line) for line in HARMLESS if rules_of(seen(scanner, line, ascii_only=False)[1])}
    assert alarms == FALSE_ALARMS
    assert len(FALSE_ALARMS) <= len(HARMLESS) / 100


def test_both_engines_say_the_same() -> None:
    fast, plain = Scanner(), Scanner(linear=False)
    for line in PERSONAL + HARMLESS:
        assert seen(fast, line, ascii_only=False) == seen(plain, line, ascii_only=False)


def test_a_second_look_finds_nothing_more_to_do(scanner: Scanner) -> None:
    """What stands in the place of something is nothing that another rule takes."""
    for line in PERSONAL:
        left = seen(scanner, line, ascii_only=False)[1]
        again = scanner.scrub(line["event"], dict(left.fields), left.properties, POLICY)
        assert (again.properties, dict(again.fields)) == (left.properties, {})


def test_few_harmless_events_cost_a_closer_look(scanner: Scanner) -> None:
    """The corpus is made to look dangerous: real events stop the first pass less often."""
    stopped = [line for line in HARMLESS if seen(scanner, line, ascii_only=False)[0]]
    assert len(stopped) / len(HARMLESS) < 0.5


def test_the_guide_says_of_every_rule_what_is_done() -> None:
    guide = (HERE.parents[1] / "docs" / "guide" / "personal-data.md").read_text("utf-8")
    cells = [
        [cell.strip(" `") for cell in line.strip("|").split(" | ")] for line in guide.splitlines() if "| `" in line
    ]
    assert {row[0]: row[2] for row in cells if len(row) == 3} == ACTIONS
