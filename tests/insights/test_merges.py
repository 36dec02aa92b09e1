# ruff: noqa: N802 - tests are named after the rules that they hold to
"""R23: an admin makes one person of two known users, and takes it back; nobody else does, whatever they send."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from footfall.insights import INSIGHTS, Kind, merges, proposals
from footfall.insights.merges import Standing
from footfall.insights.question import Query
from footfall.insights.source import Unit
from footfall.model.errors import Conflict, NotFound
from tests.support.chance import stories
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, MINUTE
from tests.support.oracle import Sent
from tests.support.project import Project, where


def event(name: str, minute: int, **more: Any) -> Sent:
    return {"event": name, "event_id": f"{name}-{minute:02}", "timestamp": BASE + minute * MINUTE, **more}


PEOPLE = {"series": [{"event": "a", "measure": "unique_users"}], **DAY}


def people(project: Project, **more: Any) -> int:
    return int(project.trend({**PEOPLE, **more})["a"][-1])


def listed(project: Project) -> dict[str | None, list[str]]:
    return {one["user_id"]: one["anonymous_ids"] for one in project.behind("trend", "people", PEOPLE, series=0)}


@pytest.fixture
def three(project: Project) -> Project:
    """Ann with a phone, anna with a laptop, and bob: six events of three people."""
    project.store(
        [
            event("a", 0, anonymous_id="phone"),
            event("a", 1, user_id="ann"),
            event("a", 2, anonymous_id="laptop"),
            event("a", 3, user_id="anna"),
            event("a", 4, user_id="bob"),
            event("a", 5, user_id="bob"),
            event("$identify", 6, user_id="ann", anonymous_id="phone"),
            event("$identify", 7, user_id="anna", anonymous_id="laptop"),
        ]
    )
    return project


def test_R23_a_merge_makes_one_person_of_two_for_the_past_too(three: Project) -> None:
    assert people(three) == 3
    three.merge("ann", "anna")
    assert people(three) == 2
    assert listed(three) == {"anna": ["laptop", "phone"], "bob": []}
    three.unmerge("ann")
    assert people(three) == 3
    assert listed(three) == {"ann": ["phone"], "anna": ["laptop"], "bob": []}


def test_R23_a_chain_of_merges_ends_with_one_person_in_any_order(three: Project, new_project: Any) -> None:
    three.merge("ann", "anna")
    three.merge("anna", "bob")
    assert listed(three) == {"bob": ["laptop", "phone"]}
    other = new_project()
    other.store([event("a", 1, user_id="ann"), event("a", 2, user_id="anna"), event("a", 3, user_id="bob")])
    other.merge("anna", "bob")
    other.merge("ann", "anna")
    assert people(other) == 1
    assert list(listed(other)) == ["bob"]


def test_R23_any_link_of_a_chain_can_be_undone_and_the_others_stay(three: Project) -> None:
    three.merge("ann", "anna")
    three.merge("anna", "bob")
    three.unmerge("ann")
    assert listed(three) == {"ann": ["phone"], "bob": ["laptop"]}
    three.merge("ann", "anna")
    three.unmerge("anna")
    assert listed(three) == {"anna": ["laptop", "phone"], "bob": []}


def test_R23_what_is_merged_again_after_an_undoing_is_merged(three: Project) -> None:
    for _ in range(3):
        three.merge("ann", "anna")
        assert people(three) == 2
        three.unmerge("ann")
        assert people(three) == 3
    three.merge("anna", "ann")
    assert listed(three) == {"ann": ["laptop", "phone"], "bob": []}


def test_R23_users_never_run_in_a_circle(three: Project) -> None:
    three.merge("ann", "anna")
    three.merge("anna", "bob")
    for user, into in [
        ("ann", "ann"),
        ("bob", "bob"),
        ("bob", "ann"),
        ("bob", "anna"),
        ("ann", "bob"),
        ("anna", "ann"),
    ]:
        with pytest.raises(Conflict):
            three.merge(user, into)
    three.store([event("a", 9, user_id="cid")])
    with pytest.raises(Conflict) as refused:
        three.merge("ann", "cid")
    assert "counts as “bob”" in refused.value.detail
    assert refused.value.path == "$.user_id"


@pytest.mark.parametrize("user", ["ann", "anna", "nobody"])
def test_R23_nothing_is_undone_that_was_not_done(three: Project, user: str) -> None:
    three.merge("ann", "anna")
    three.unmerge("ann")
    with pytest.raises(NotFound):
        three.unmerge(user)


def test_R11_with_now_before_the_merge_the_answer_is_that_of_then(three: Project) -> None:
    three.merge("ann", "anna", at=BASE + HOUR)
    three.unmerge("ann", at=BASE + 2 * HOUR)
    three.merge("ann", "bob", at=BASE + 3 * HOUR)
    assert [people(three, now=BASE + n * HOUR - 1) for n in (1, 2, 3, 4)] == [3, 2, 3, 2]
    assert people(three, now=BASE + HOUR) == 2


def test_R23_the_latest_word_counts_even_when_the_clock_stands_still_or_goes_back(three: Project) -> None:
    three.merge("ann", "anna", at=BASE + 2 * HOUR)
    three.unmerge("ann", at=BASE + 2 * HOUR)
    assert people(three) == 3
    three.merge("ann", "anna", at=BASE + HOUR)
    assert people(three) == 2


def test_R23_sessions_of_one_id_and_gaps_between_two_users_are_joined_by_a_merge(project: Project) -> None:
    project.store(
        [
            event("a", 0, user_id="ann", session_id="s"),
            event("a", 1, user_id="anna", session_id="s"),
            event("a", 10, user_id="ann"),
            event("a", 35, user_id="anna"),
            event("a", 60, user_id="ann"),
        ]
    )
    sessions = {"series": [{"event": "a", "measure": "unique_sessions"}], **DAY}
    assert project.trend(sessions)["a"][-1] == 5
    project.merge("ann", "anna")
    assert project.trend(sessions)["a"][-1] == 2
    project.unmerge("ann")
    assert project.trend(sessions)["a"][-1] == 5


def test_R23_traits_of_both_are_those_of_the_one(project: Project) -> None:
    project.store(
        [
            event("a", 0, user_id="ann"),
            event("a", 1, user_id="anna"),
            event("$identify", 2, user_id="ann", properties={"traits": {"plan": "old", "city": "Ulm"}}),
            event("$identify", 3, user_id="anna", properties={"traits": {"plan": "new"}}),
        ]
    )
    asked = {**PEOPLE, "filters": [where("person.plan", "is", "new"), where("person.city", "is", "Ulm")]}
    assert project.trend(asked)["a"][-1] == 0
    project.merge("ann", "anna")
    assert project.trend(asked)["a"][-1] == 1
    counted = {**asked, "series": [{"event": "a"}]}
    assert project.trend(counted)["a"][-1] == 2
    project.unmerge("ann")
    assert project.trend(asked)["a"][-1] == 0


def test_the_hourly_view_counts_one_person_too(three: Project) -> None:
    text = "SELECT unique_users FROM event_hourly_mv WHERE event = 'a' AND project_id = {project:UInt32}"
    query = Query(text=text, params={"project": three.id})
    assert three.warehouse.select(query).rows == [[3]]
    three.merge("ann", "anna")
    assert three.warehouse.select(query).rows == [[2]]
    three.unmerge("ann")
    assert three.warehouse.select(query).rows == [[3]]


def test_a_merge_is_of_one_project(new_project: Callable[[], Project]) -> None:
    one, other = new_project(), new_project()
    for project in (one, other):
        project.store([event("a", 1, user_id="ann"), event("a", 2, user_id="anna")])
    one.merge("ann", "anna")
    assert (people(one), people(other)) == (1, 2)
    assert not other.standing.words


# ── what others send ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["$merge", "$unmerge"])
@pytest.mark.parametrize("ids", [{}, {"user_id": "ann"}, {"user_id": "ann", "anonymous_id": "anna"}], ids=str)
def test_R23_a_merge_that_somebody_sends_merges_nobody(three: Project, name: str, ids: dict[str, str]) -> None:
    words = {"user_id": "ann", "merged_into": "anna", "person": "anna", "flags": ["by_admin"]}
    three.store([event(name, 20, properties=words, **ids)])
    assert people(three) == 3
    assert not three.standing.words


def test_R23_a_proposal_that_was_followed_is_none_any_more(three: Project) -> None:
    three.store([event("$alias", 20, user_id="anna", properties={"previous_id": "ann"})])

    def proposed() -> list[tuple[str, str]]:
        answer = proposals.shape(three.warehouse.select(proposals.build(three.context())))
        return [(one.user_id, one.into) for one in answer.proposals]

    assert proposed() == [("ann", "anna")]
    three.merge("ann", "anna")
    assert proposed() == []
    three.unmerge("ann")
    assert proposed() == [("ann", "anna")]


# ── what would change ────────────────────────────────────────────────────────────────────────────────────────


def change(project: Project, step: merges.Step) -> Any:
    users = [*step.moving, *step.staying]
    known = project.warehouse.select(merges.build_known(users, project.context())).rows
    queries = merges.build_sides(step, project.context())
    rows = {name: project.warehouse.select(query) for name, query in queries.items()}
    return merges.shape_change(step, {user: key for user, key, _ in known}, rows, None)


def test_R23_a_preview_says_what_comes_to_count_as_whose(three: Project) -> None:
    three.store([event("a", 10, user_id="ann", session_id="s"), event("a", 11, user_id="anna", session_id="s")])
    before = {one["user_id"]: one for one in three.behind("trend", "people", PEOPLE, series=0)}
    told = change(three, merges.merge(three.standing, "ann", "anna", "m", 0))
    assert [(one.user_ids, one.anonymous_ids, one.events, one.sessions) for one in told.before] == [
        (["ann"], ["phone"], 4, 2),
        (["anna"], ["laptop"], 4, 2),
    ]
    assert [(one.user_ids, one.anonymous_ids, one.events, one.sessions) for one in told.after] == [
        (["anna", "ann"], ["laptop", "phone"], 8, 2)
    ]
    assert told.moves == told.before[0]
    assert [one.person_id for one in told.before] == [before["ann"]["id"], before["anna"]["id"]]
    assert told.after[0].person_id == before["anna"]["id"]
    assert [one.first_seen for one in told.before] == [before[name]["first_seen"] for name in ("ann", "anna")]
    three.merge("ann", "anna")
    (merged,) = [one for one in three.behind("trend", "people", PEOPLE, series=0) if one["user_id"] == "anna"]
    assert (merged["id"], merged["last_seen"]) == (told.after[0].person_id, told.after[0].last_seen)
    undone = change(three, merges.unmerge(three.standing, "ann"))
    assert (undone.before, undone.after, undone.moves) == (told.after, told.before, told.moves)


USERS = ["u0", "u1", "u2", "u3", "u4"]


@examples(200)
@given(steps=st.lists(st.tuples(st.sampled_from(USERS), st.none() | st.sampled_from(USERS)), max_size=12))
def test_R23_whoever_counts_as_whom_is_what_following_the_merges_says(steps: list[tuple[str, str | None]]) -> None:
    """Words that are said once, against a forest whose paths are walked anew each time."""
    parents: dict[str, str] = {}

    def root(user: str) -> str:
        return root(parents[user]) if user in parents else user

    standing = Standing(words={})
    for user, into in steps:
        try:
            if into is None:
                step = merges.unmerge(standing, user)
                del parents[user]
            else:
                step = merges.merge(standing, user, into, "m", 0)
                assert user not in parents
                assert root(into) != user
                parents[user] = into
        except (Conflict, NotFound):
            assert (user not in parents) if into is None else (user in parents or root(into) == user)
            continue
        standing = Standing(words=standing.words | step.words)
        assert {one: standing.person_of(one) for one in USERS} == {one: root(one) for one in USERS}
        assert sorted([*step.moving, *step.staying]) == sorted(
            one for one in USERS if root(one) in {root(step.user), root(step.into)}
        )


# ── every kind of question ───────────────────────────────────────────────────────────────────────────────────

STEPS = [{"event": "a"}, {"event": "b"}]
RANGE = {"from": BASE - 12 * HOUR, "to": BASE + 48 * HOUR}
MEASURES = ("count", "unique_users", "unique_sessions", "started_sessions", "cumulative_users", "wau", "per_user")
SERIES = [{"event": name, "measure": measure} for name in ("a", "*") for measure in MEASURES]
QUESTIONS: dict[Kind, list[dict[str, Any]]] = {
    "trend": [
        {"series": SERIES},
        {"series": SERIES[:3], "breakdown": [{"property": "page"}], "filters": [where("page", "is_not", "/x")]},
    ],
    "funnel": [
        {"steps": STEPS, "window": "PT2H", "interval": "day", "breakdown": [{"property": "page"}]},
        {"steps": STEPS, "order": "strict"},
        {"steps": STEPS, "order": "unordered"},
    ],
    "retention": [
        {"start_event": "a"},
        {
            "start_event": "a",
            "return_event": "b",
            "cohort": "recurring",
            "criterion": "on_or_after",
            "interval": "hour",
        },
        {"buckets": "rolling"},
    ],
    "lifecycle": [{"event": "a"}],
    "stickiness": [{}],
    "sessions": [{"breakdown": [{"property": "page"}]}, {"by": "component"}],
    "dwell": [{"by": "page"}, {"by": "component"}],
    "components": [{}],
    "overview": [{"compare": None}],
    "paths": [{"by": "event", "collapse_repeats": False}, {"by": "page"}],
}
"""Of each kind, questions whose answers people and sessions decide."""
LISTS: tuple[Unit, ...] = ("people", "events", "sessions")


def test_every_kind_is_asked() -> None:
    assert set(QUESTIONS) == set(INSIGHTS)


def answers(project: Project) -> Iterator[Any]:
    for kind, questions in QUESTIONS.items():
        for request in questions:
            answer = project.ask(kind, request | RANGE)
            yield {name: value for name, value in answer.items() if name != "meta"}
    for unit in LISTS:
        yield project.behind("trend", unit, {"series": [{"event": "*"}], **RANGE}, series=0)


def renamed(events: list[Sent], user: str, into: str) -> list[Sent]:
    """The same as if all that the one sent had been sent by the other."""

    def one(event: Sent) -> Sent:
        changed = {"user_id": into} if event.get("user_id") == user else {}
        return event | changed

    return [one(event) for event in events]


def without_users(answer: Any) -> Any:
    """An answer without what an event says of who sent it, which a merge leaves as it was."""
    if isinstance(answer, list):
        return [without_users(one) for one in answer]
    if isinstance(answer, dict):
        sent = "event_id" in answer
        return {name: without_users(value) for name, value in answer.items() if not (sent and name == "user_id")}
    return answer


def users_of(events: list[Sent]) -> list[str]:
    return sorted({event["user_id"] for event in events if "user_id" in event})


@examples(6)
@given(events=stories(most=40), data=st.data())
def test_R23_merged_is_as_if_one_had_sent_it_all_and_unmerged_as_before(
    new_project: Callable[[], Project], events: list[Sent], data: st.DataObject
) -> None:
    users = users_of(events)
    assume(len(users) >= 2)
    user, into = data.draw(st.permutations(users))[:2]
    project, rewritten = new_project(), new_project()
    project.store(events)
    before = list(answers(project))
    project.merge(user, into)
    rewritten.store(renamed(events, user, into))
    assert [without_users(one) for one in answers(project)] == [without_users(one) for one in answers(rewritten)]
    project.unmerge(user)
    assert list(answers(project)) == before


@pytest.mark.slow
@examples(3)
@given(events=stories(most=40), data=st.data())
def test_R23_a_chain_is_as_if_one_had_sent_it_all(
    new_project: Callable[[], Project], events: list[Sent], data: st.DataObject
) -> None:
    users = users_of(events)
    assume(len(users) >= 3)
    first, second, last = data.draw(st.permutations(users))[:3]
    chained, rewritten = new_project(), new_project()
    chained.store(events)
    chained.merge(first, second)
    chained.merge(second, last)
    rewritten.store(renamed(renamed(events, first, last), second, last))
    assert [without_users(one) for one in answers(chained)] == [without_users(one) for one in answers(rewritten)]
