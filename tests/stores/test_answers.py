# ruff: noqa: N802 - rules are called by their letter
"""Answers are kept for as long as the events are what they were read from (R23, R26), and in bounded room."""

from typing import Any

import pytest

from footfall.insights.question import Query
from footfall.stores.answers import PARTS, Answers
from footfall.stores.warehouse import Warehouse
from tests.support.moments import BASE
from tests.support.project import Project

QUERY = Query(text="SELECT {n:UInt8}", params={"n": 1})


def test_an_answer_is_found_under_its_text_its_values_and_its_version() -> None:
    answers = Answers()
    assert answers.find(QUERY, (1,)) is None
    answers.keep(QUERY, (1,), b"one")
    assert answers.find(QUERY, (1,)) == b"one"
    assert answers.find(Query(text=QUERY.text, params={"n": 2}), (1,)) is None
    assert answers.find(Query(text="SELECT 1", params=QUERY.params), (1,)) is None


def test_another_version_forgets_everything() -> None:
    answers = Answers()
    answers.find(QUERY, (1,))
    answers.keep(QUERY, (1,), b"one")
    assert answers.find(QUERY, (2,)) is None
    assert answers.find(QUERY, (1,)) is None


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    answers = Answers()
    assert answers.find(QUERY, (1,)) is None  # one question begins
    assert answers.find(QUERY, (2,)) is None  # something came, another begins
    answers.keep(QUERY, (1,), b"old")
    assert answers.find(QUERY, (2,)) is None


def test_room_is_bounded_and_the_longest_unasked_goes_first() -> None:
    answers = Answers(room=160)
    queries = [Query(text="SELECT {n:UInt8}", params={"n": n}) for n in range(20)]
    answers.find(QUERY, (1,))
    for query in queries[:16]:
        answers.keep(query, (1,), b"x" * 10)
    assert answers.find(queries[0], (1,))  # asked for: it stays
    for query in queries[16:]:
        answers.keep(query, (1,), b"x" * 10)
    found = [n for n, query in enumerate(queries) if answers.find(query, (1,))]
    assert found == [0, *range(5, 20)]
    answers.keep(QUERY, (1,), b"x" * 11)
    assert answers.find(QUERY, (1,)) is None, "one that takes more than a sixteenth is not kept"


# ── on the engine ────────────────────────────────────────────────────────────────────────────────────────────


def version(warehouse: Warehouse) -> Any:
    return warehouse.select(Query(text=PARTS, params={})).rows


def people(project: Project) -> tuple[list[float], int]:
    """Counts and people of a day, and how many rows the engine read for them."""
    answer = project.ask(
        "trend",
        {
            "series": [{"event": "a", "measure": measure} for measure in ("count", "unique_users")],
            "from": BASE,
            "to": BASE + 86_400_000,
        },
    )
    return [series["total"] for series in answer["series"]], answer["meta"]["rows_read"]


def test_a_question_that_is_asked_again_reads_nothing(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 60)])
    before = version(project.warehouse)
    first, read = people(project)
    again, read_again = people(project)
    assert first == again == [2, 1]
    assert read > 0
    if version(project.warehouse) == before:  # a merge in between is a change as well
        assert read_again == 0


@pytest.mark.parametrize("kind", ["late event", "link", "deletion"])
def test_R26_no_kept_answer_hides_a_late_event_a_link_or_a_deletion(project: Project, kind: str) -> None:
    project.story(ann=[("a", 0)])
    project.store([{"event": "a", "event_id": "device", "timestamp": BASE + 1000, "anonymous_id": "d"}])
    assert people(project)[0] == people(project)[0] == [2, 2]
    match kind:
        case "late event":
            project.store([{"event": "a", "event_id": "late", "timestamp": BASE + 5000, "user_id": "bob"}])
            expected = [3, 3]
        case "link":
            project.story(ann=[("$identify", 100, {"anonymous_id": "d", "event_id": "link"})])
            expected = [2, 1]
        case _:
            forget = f"ALTER TABLE events DELETE WHERE project_id = {project.id} AND event_id = 'device'"
            project.warehouse._handles.run(
                lambda client, _replica: client.command(forget, settings={"mutations_sync": 2})
            )
            expected = [1, 1]
    assert people(project)[0] == expected
