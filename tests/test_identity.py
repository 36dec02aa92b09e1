"""Who a person is: the one rule in its two spellings, the engine's column and the question's SQL."""

from typing import Any

import pytest

from footfall import identity
from footfall.insights.question import Query
from tests.support.moments import BASE
from tests.support.project import Project


def keys(project: Project, expression: str) -> dict[str, Any]:
    text = f"SELECT event_id, {expression} FROM events WHERE project_id = {{project:UInt32}}"
    return dict(project.warehouse.select(Query(text=text, params={"project": project.id})).rows)


IDS: list[dict[str, str]] = [
    {},
    {"user_id": "x"},
    {"anonymous_id": "x"},
    {"session_id": "x"},
    {"user_id": "x", "anonymous_id": "y"},
    {"user_id": "x", "session_id": "y"},
    {"anonymous_id": "x", "session_id": "y"},
    {"user_id": "é\0'\\"},
]


@pytest.fixture
def events(project: Project) -> Project:
    project.store({"event": "a", "event_id": f"{n}", "timestamp": BASE, **ids} for n, ids in enumerate(IDS))
    return project


def test_the_columns_are_what_the_rule_says(events: Project) -> None:
    assert keys(events, "person_key") == keys(events, identity.PERSON_KEY)
    assert keys(events, "session_key") == keys(events, identity.SESSION_KEY)


def test_the_user_counts_before_the_device_before_the_session(events: Project) -> None:
    person = keys(events, "person_key")
    assert person["0"] == 0
    assert person["1"] == person["4"] == person["5"]
    assert person["2"] == person["6"]
    assert len({person[n] for n in "012378"[:5]}) == 5


def test_equal_ids_of_different_kinds_are_different_people(events: Project) -> None:
    person = keys(events, "person_key")
    assert len({person["1"], person["2"], person["3"]}) == 3


def test_the_key_of_a_device_is_that_of_its_events(events: Project) -> None:
    assert keys(events, identity.ANONYMOUS_KEY)["2"] == keys(events, "person_key")["2"]


def test_no_session_is_zero(events: Project) -> None:
    session = keys(events, "session_key")
    assert session["0"] == session["1"] == 0 != session["3"]
