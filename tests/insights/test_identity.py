# ruff: noqa: N802 - tests are named after the rules that they hold to
"""R23: what an identify and an alias link, and what they do not."""

from typing import Any

import pytest

from footfall.insights import proposals
from tests.support.moments import BASE, DAY, MINUTE
from tests.support.project import Project


def event(name: str, minute: int, **more: Any) -> dict[str, Any]:
    return {"event": name, "event_id": f"{minute:02}", "timestamp": BASE + minute * MINUTE, **more}


def people(project: Project, **more: Any) -> int:
    request = {"series": [{"event": "a", "measure": "unique_users"}], **DAY, **more}
    return project.trend(request)["a"][-1]


def proposed(project: Project) -> list[tuple[str, str, int]]:
    answer = proposals.shape(project.warehouse.select(proposals.build(project.context())))
    return [(one.user_id, one.into, one.events) for one in answer.proposals]


ALIASES = [
    pytest.param({"anonymous_id": "phone"}, id="as an anonymous id"),
    pytest.param({"properties": {"previous_id": "phone"}}, id="as the previous id"),
]


@pytest.mark.parametrize("named", ALIASES)
def test_R23_an_alias_links_an_anonymous_id_for_the_past_too(project: Project, named: dict[str, Any]) -> None:
    project.store([event("a", 0, anonymous_id="phone"), event("a", 1, user_id="ann")])
    assert people(project) == 2
    project.store([event("$alias", 2, user_id="ann", **named)])
    assert people(project) == 1
    assert proposed(project) == []


def test_R23_an_alias_between_two_known_users_is_only_a_proposal(project: Project) -> None:
    project.store(
        [
            event("a", 0, user_id="ann"),
            event("a", 1, user_id="anna"),
            event("$alias", 2, user_id="anna", properties={"previous_id": "ann"}),
            event("$alias", 3, user_id="anna", properties={"previous_id": "ann"}),
            event("$alias", 4, user_id="ann", anonymous_id="anna"),
        ]
    )
    assert people(project) == 2
    assert proposed(project) == [("anna", "ann", 1), ("ann", "anna", 2)]


@pytest.mark.parametrize("link", ["$identify", "$alias"])
def test_R23_the_first_link_owns_the_id_and_a_later_one_merges_nobody(project: Project, link: str) -> None:
    project.store(
        [
            event(link, 1, user_id="ann", anonymous_id="shared"),
            event(link, 5, user_id="bob", anonymous_id="shared"),
            event("a", 0, anonymous_id="shared"),
            event("a", 9, anonymous_id="shared"),
            event("a", 9, user_id="bob") | {"event_id": "bob"},
        ]
    )
    assert people(project) == 2
    found = project.behind("trend", "people", {"series": [{"event": "a", "measure": "unique_users"}], **DAY})
    assert {one["user_id"]: one["anonymous_ids"] for one in found} == {"ann": ["shared"], "bob": []}
    assert proposed(project) == ([("ann", "bob", 1)] if link == "$alias" else [])


def test_R23_ids_of_different_kinds_never_meet(project: Project) -> None:
    """A user, a device and a session of one name are three, and a link of that name is of the device."""
    project.store(
        [
            event("a", 0, user_id="x"),
            event("a", 1, anonymous_id="x"),
            event("a", 2, session_id="x"),
            event("$identify", 3, user_id="y", anonymous_id="x"),
        ]
    )
    assert people(project) == 3
    found = project.behind("trend", "people", {"series": [{"event": "a", "measure": "unique_users"}], **DAY})
    assert sorted((one["user_id"] or "", one["anonymous_ids"]) for one in found) == [("", []), ("x", []), ("y", ["x"])]


@pytest.mark.parametrize("name", ["$alias", "$identify"])
@pytest.mark.parametrize(
    "ids",
    [{}, {"user_id": "ann"}, {"anonymous_id": "phone"}, {"session_id": "s"}, {"properties": {"previous_id": "phone"}}],
    ids=str,
)
def test_R23_a_link_without_both_ids_links_nothing(project: Project, name: str, ids: dict[str, Any]) -> None:
    project.store([event("a", 0, anonymous_id="phone"), event("a", 1, user_id="ann"), event(name, 2, **ids)])
    assert people(project) == 2


@pytest.mark.parametrize("previous", [7, None, ["phone"], {"id": "phone"}, ""])
def test_R23_a_previous_id_that_is_no_text_links_nothing(project: Project, previous: Any) -> None:
    project.store(
        [
            event("a", 0, anonymous_id="phone"),
            event("a", 1, user_id="ann"),
            event("$alias", 2, user_id="ann", properties={"previous_id": previous}),
        ]
    )
    assert people(project) == 2
    assert proposed(project) == []


def test_R23_the_id_that_an_alias_names_counts_before_the_device_that_sent_it(project: Project) -> None:
    project.store(
        [
            event("a", 0, anonymous_id="old"),
            event("a", 1, user_id="ann"),
            event("$alias", 2, user_id="ann", anonymous_id="device", properties={"previous_id": "old"}),
        ]
    )
    assert people(project) == 1
    project.store([event("$alias", 3, user_id="anna", anonymous_id="device", properties={"previous_id": "ann"})])
    assert proposed(project) == [("ann", "anna", 1)]
