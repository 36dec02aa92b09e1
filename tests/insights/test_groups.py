# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Questions per group: organizations are counted, followed and listed where people are otherwise."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from footfall.insights.groups import instead_of_people
from footfall.insights.question import Query
from footfall.model.errors import BadRequest
from tests.insights.test_merges import QUESTIONS, RANGE
from tests.support.chance import stories
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, MINUTE
from tests.support.oracle import Sent
from tests.support.project import Project, where

PER = {"per": "group.organization"}


def event(name: str, minute: int, organization: str | None = None, **more: Any) -> Sent:
    of = {} if organization is None else {"groups": {"organization": organization}}
    return {"event": name, "event_id": f"{name}-{minute:02}", "timestamp": BASE + minute * MINUTE, **of, **more}


def trend(project: Project, measure: str = "unique_users", **more: Any) -> float:
    return project.trend({"series": [{"event": "a", "measure": measure}], **DAY, **PER, **more})["a"][-1]


@pytest.fixture
def firms(project: Project) -> Project:
    """Firm 1 has ann and bob, firm 2 has cid; somebody of no firm comes as well."""
    project.store(
        [
            event("a", 0, "1", user_id="ann", page="/x"),
            event("b", 1, "1", user_id="bob"),
            event("a", 2, "2", user_id="cid", page="/y"),
            event("a", 3, "2", anonymous_id="phone"),
            event("a", 4, user_id="dan", page="/x"),
            event("b", 5, user_id="dan"),
            event("$identify", 6, anonymous_id="phone", user_id="cid", properties={"traits": {"plan": "pro"}}),
            event("$group", 7, "1", user_id="ann", properties={"traits": {"name": "One", "size": 2, "old": "x"}}),
            event("$group", 8, "1", user_id="bob", properties={"traits": {"size": 3, "old": None}}),
        ]
    )
    return project


def test_groups_are_counted_where_people_are(firms: Project) -> None:
    assert trend(firms) == 2
    assert trend(firms, per=None) == 3
    assert trend(firms, "count") == 4, "events are events, whoever sent them"
    assert trend(firms, "per_user") == 2


def test_R13_a_group_takes_the_steps_of_a_funnel_by_whichever_of_its_people(firms: Project) -> None:
    funnel = {"steps": [{"event": "a"}, {"event": "b"}], **DAY}
    assert firms.steps(funnel) == [3, 1]
    assert firms.steps(funnel | PER) == [2, 1]
    found = firms.behind("funnel", "people", funnel | PER, step=2, outcome="converted")
    assert [one["id"] for one in found] == ["1"]
    found = firms.behind("funnel", "people", funnel | PER, step=2, outcome="dropped")
    assert [one["id"] for one in found] == ["2"]


def test_R6_the_list_behind_a_number_of_groups_holds_groups(firms: Project) -> None:
    asked = {"series": [{"event": "a", "measure": "unique_users"}], **DAY, **PER}
    one, two = sorted(firms.behind("trend", "people", asked, series=0), key=lambda group: group["id"])
    assert one == {
        "id": "1", "people": 2, "first_seen": "2026-03-02T10:00:00.000Z", "last_seen": "2026-03-02T10:08:00.000Z",
        "traits": {"name": "One", "size": 3},
    }  # fmt: skip
    assert (two["id"], two["people"], two["traits"]) == ("2", 1, {})
    paged = firms.behind("trend", "people", asked, series=0, limit=1)
    assert sorted(group["id"] for group in paged) == ["1", "2"]


def test_events_and_sessions_behind_them_are_those_of_the_groups(firms: Project) -> None:
    asked = {"series": [{"event": "a", "measure": "unique_users"}], **DAY, **PER}
    events = firms.behind("trend", "events", asked, series=0)
    people = {one["event_id"]: one["person_id"] for one in firms.listed()}
    assert {one["event_id"]: one["person_id"] for one in events} == {
        name: people[name] for name in ("a-00", "a-02", "a-03", "a-04")
    }, "an event is still that of its person"
    sessions = {"series": [{"event": "a", "measure": "unique_sessions"}], **DAY, **PER}
    assert len(firms.behind("trend", "sessions", sessions, series=0)) == trend(firms, "unique_sessions") == 2


def test_R4_filters_and_breakdowns_ask_of_events_and_of_their_people(firms: Project) -> None:
    assert trend(firms, filters=[where("page", "is", "/x")]) == 1
    assert trend(firms, filters=[where("person.plan", "is", "pro")]) == 1
    assert trend(firms, filters=[where("person.plan", "is_not", "pro")]) == 1
    series = [{"event": "a", "measure": "unique_users"}]
    rows = firms.ask("trend", {"series": series, **DAY, **PER, "breakdown": [{"property": "person.plan"}]})["series"]
    assert {one["breakdown"][0]: one["total"] for one in rows} == {"pro": 1, "$not_set": 1}
    rows = firms.ask("trend", {"series": series, **DAY, **PER, "breakdown": [{"property": "group.organization"}]})
    totals = {one["breakdown"][0]: one["total"] for one in rows["series"]}
    assert {name: total for name, total in totals.items() if total} == {"1": 1, "2": 1}


def test_R11_with_now_a_group_is_what_it_was_then(firms: Project) -> None:
    asked = {"series": [{"event": "a", "measure": "unique_users"}], **DAY, **PER, "now": BASE + MINUTE}
    assert firms.trend(asked)["a"][-1] == 1
    (one,) = firms.behind("trend", "people", asked, series=0)
    assert (one["id"], one["people"], one["traits"]) == ("1", 2, {})


@pytest.mark.parametrize("per", ["organization", "group.", "group", "person", "properties.x", ""])
def test_a_question_per_something_else_is_refused(project: Project, per: str) -> None:
    with pytest.raises(BadRequest) as refused:
        trend(project, per=per)
    assert refused.value.path == "$.per"


@pytest.mark.parametrize("name", ["it's", "a.b", "$x", "{p:String}", "é"])
def test_any_name_of_a_group_will_do(project: Project, name: str) -> None:
    project.store([event("a", 0, user_id="ann", groups={name: "1"}), event("a", 1, user_id="bob")])
    assert trend(project, per=f"group.{name}") == 1


def test_the_events_of_groups_have_every_column(project: Project) -> None:
    table = project.warehouse.select(Query(text="DESCRIBE TABLE events", params={})).rows
    groups = instead_of_people("organization")
    query = Query(text=f"DESCRIBE TABLE (WITH {groups.text} SELECT * FROM events)", params=groups.params)
    columns = [row[0] for row in project.warehouse.select(query).rows]
    assert sorted(columns) == sorted(row[0] for row in table)


def as_people(events: list[Sent]) -> list[Sent]:
    """The same as if each organization had been one user, and whoever is of none nobody."""
    return [
        {name: value for name, value in one.items() if name not in {"user_id", "anonymous_id", "session_id", "groups"}}
        | ({"user_id": f"firm {one['groups']['organization']}"} if "groups" in one else {})
        | ({"session_id": one["session_id"]} if "groups" in one and "session_id" in one else {})
        for one in events
        if one["event"] not in {"$identify", "$alias"}
    ]


@examples(4)
@given(events=stories(most=40))
def test_a_question_per_group_is_the_question_about_people_who_are_those_groups(
    new_project: Callable[[], Project], events: list[Sent]
) -> None:
    events = [
        one | ({"groups": {"organization": str(place % 4)}} if place % 5 else {})
        for place, one in enumerate(events)
        if one["event"] not in {"$identify", "$alias"}
    ]
    grouped, rewritten = new_project(), new_project()
    grouped.store(events)
    rewritten.store(as_people(events))
    for kind, questions in QUESTIONS.items():
        for request in questions:
            answers = [grouped.ask(kind, request | RANGE | PER), rewritten.ask(kind, request | RANGE)]
            assert answers[0] | {"meta": None} == answers[1] | {"meta": None}
