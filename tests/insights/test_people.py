# ruff: noqa: N802 - tests are named after the rules that they hold to
"""People one by one: who is listed and found, and what is told of each of them."""

from typing import Any

import msgspec
import pytest

from footfall.insights import lists, people
from footfall.insights.filters import Filter
from footfall.insights.paging import Page
from footfall.insights.question import Query
from tests.support.chance import BOT
from tests.support.moments import BASE, MINUTE
from tests.support.oracle import Sent
from tests.support.project import Project, where


def event(name: str, minute: int, **more: Any) -> Sent:
    return {"event": name, "event_id": f"{name}-{minute:02}", "timestamp": BASE + minute * MINUTE, **more}


def plain(answer: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(answer))


def selected(project: Project, queries: dict[str, Query]) -> Any:
    return {name: project.warehouse.select(query) for name, query in queries.items()}


def directory(project: Project, **asked: Any) -> Any:
    filters = tuple(msgspec.convert(one, Filter) for one in asked.pop("filters", ()))
    page = Page(**{name: asked.pop(name) for name in ("limit", "cursor") if name in asked})
    request = people.Request(filters=filters, page=page, **asked)
    rows = project.warehouse.select(people.build(request, project.context()))
    details = selected(project, people.build_listed(rows, request, project.context()))
    return plain(people.shape(rows, request, details))


def names(project: Project, **asked: Any) -> list[str]:
    return [one["user_id"] or one["anonymous_ids"][0] for one in directory(project, **asked)["people"]]


def profile(project: Project, name: str, timezone: str = "UTC") -> Any:
    person = project.found(name)
    assert person is not None
    context = project.context(timezone=timezone)
    known = selected(project, people.build_person(person, context))
    did = selected(project, people.build_activity(person, context, known))
    return plain(people.shape_profile(person, context, known, did))


@pytest.fixture
def shop(project: Project) -> Project:
    """Ann with a phone and a browser, bob, a visitor who never signed in, and a crawler."""
    project.store(
        [
            event("page_view", 0, anonymous_id="phone-1", page="/", device="mobile", browser="Safari", os="iOS"),
            event("$identify", 1, anonymous_id="phone-1", user_id="ann",
                  properties={"traits": {"name": "Ann Ünal", "email": "ann@shop.example", "seats": 5, "old": None}}),
            event("page_view", 2, user_id="ann", page="/cart", device="desktop", browser="Firefox",
                  groups={"organization": "42", "team": "red"}),
            event("buy", 60, user_id="ann", device="desktop", component="Buy", action="click",
                  groups={"organization": "7"}),
            event("page_view", 3, user_id="bob", page="/x"),
            event("page_view", 200, anonymous_id="visitor"),
            event("page_view", 300, anonymous_id="crawler", user_agent=BOT),
        ]
    )  # fmt: skip
    return project


# ── the directory ────────────────────────────────────────────────────────────────────────────────────────────


def test_who_was_seen_last_comes_first_and_bots_only_when_asked_for(shop: Project) -> None:
    assert names(shop) == ["visitor", "ann", "bob"]
    assert names(shop, include_bots=True) == ["crawler", "visitor", "ann", "bob"]
    assert directory(shop)["total"] == 3
    (ann,) = [one for one in directory(shop)["people"] if one["user_id"] == "ann"]
    assert ann["traits"] == {"name": "Ann Ünal", "email": "ann@shop.example", "seats": 5}
    assert (ann["anonymous_ids"], ann["first_seen"]) == (["phone-1"], "2026-03-02T10:00:00.000Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann", ["ann"]),
        ("ANN", ["ann"]),
        ("shop.example", ["ann"]),
        ("ünal", ["ann"]),
        ("ÜNAL", ["ann"]),
        ("phone", ["ann"]),
        ("visit", ["visitor"]),
        ("5", ["ann"]),
        ("b", ["bob"]),
        ("nobody", []),
        ("%", []),
        ("'", []),
    ],
)
def test_people_are_found_by_part_of_an_id_or_a_trait(shop: Project, text: str, expected: list[str]) -> None:
    listed = names(shop, search=text)
    by_id = {one["user_id"] or one["anonymous_ids"][0] for one in directory(shop)["people"] if text in one["id"][:1]}
    assert [one for one in listed if one not in by_id or one in expected] == expected


def test_people_are_found_by_the_beginning_of_their_id(shop: Project) -> None:
    for one in directory(shop)["people"]:
        assert one in directory(shop, search=one["id"][:8].upper())["people"]


def test_an_old_trait_finds_nobody(shop: Project) -> None:
    shop.store([event("$identify", 70, user_id="ann", properties={"traits": {"email": "new@other.example"}})])
    assert names(shop, search="shop.example") == []
    assert names(shop, search="other.example") == ["ann"]


def test_people_are_filtered_by_their_events_and_traits(shop: Project) -> None:
    assert names(shop, filters=[where("device", "is", "mobile")]) == ["ann"]
    assert names(shop, filters=[where("page", "is", "/x")]) == ["bob"]
    assert names(shop, filters=[where("person.seats", "gte", "5")]) == ["ann"]
    assert names(shop, filters=[where("person.seats", "is_not_set")]) == ["visitor", "bob"]
    assert names(shop, filters=[where("group.organization", "is", "7")], search="ann") == ["ann"]


def test_pages_repeat_nobody_and_hide_nobody_also_at_equal_times(project: Project) -> None:
    project.store([event("a", place % 3, event_id=f"{place}", user_id=f"u{place}") for place in range(10)])
    seen: list[str] = []
    cursor = None
    while True:
        page = directory(project, limit=3, cursor=cursor)
        assert page["total"] == 10
        seen += [one["user_id"] for one in page["people"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(f"u{place}" for place in range(10))


def test_an_empty_directory_is_empty(project: Project) -> None:
    assert directory(project) == {"total": 0, "people": [], "next": None}


# ── one of them ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_is_known_by_any_id_and_by_the_one_of_before(shop: Project) -> None:
    ann = shop.found("ann")
    assert ann == shop.found("phone-1") == shop.found(f"{ann:016x}")
    device = shop.warehouse.select(Query(text="SELECT sipHash64('anonymous', 'phone-1')", params={})).rows[0][0]
    assert shop.found(f"{device:016x}") == ann, "a link from before the identify still leads there"
    assert [shop.found(name) for name in ("", "nobody", "0" * 16, "f" * 16, "'", "page_view")] == [None] * 6
    shop.merge("ann", "bob")
    assert shop.found("ann") == shop.found("phone-1") == shop.found(f"{ann:016x}") == shop.found("bob")


def test_a_user_goes_before_a_device_of_the_same_name(project: Project) -> None:
    project.store([event("a", 0, user_id="x"), event("b", 1, anonymous_id="x"), event("c", 2, session_id="x")])
    user, device, session = (one["person_id"] for one in reversed(project.listed()))
    assert f"{project.found('x'):016x}" == user
    assert f"{project.found(device):016x}" == device
    assert f"{project.found(session):016x}" == session


def test_a_profile_tells_all_that_is_known(shop: Project) -> None:
    told = profile(shop, "phone-1")
    assert told["user_id"] == "ann"
    assert told["user_ids"] == ["ann"]
    assert told["anonymous_ids"] == ["phone-1"]
    assert (told["first_seen"], told["last_seen"]) == ("2026-03-02T10:00:00.000Z", "2026-03-02T11:00:00.000Z")
    assert told["traits"] == {"name": "Ann Ünal", "email": "ann@shop.example", "seats": 5}
    assert [(one["value"], one["events"]) for one in told["devices"]] == [("desktop", 2), ("mobile", 1)]
    assert sorted(one["value"] for one in told["browsers"]) == ["Firefox", "Safari"]
    assert [one["value"] for one in told["os"]] == ["iOS"]
    assert {kind: sorted(one["value"] for one in seen) for kind, seen in told["groups"].items()} == {
        "organization": ["42", "7"], "team": ["red"],
    }  # fmt: skip
    assert told["activity"] == {
        "events": 4, "sessions": 2, "by_day": [{"day": "2026-03-02T00:00:00+00:00", "events": 4}],
    }  # fmt: skip


def test_days_are_those_of_the_project_s_zone(project: Project) -> None:
    project.store([event("a", 0, user_id="ann"), event("a", 14 * 60, user_id="ann"), event("a", 50, user_id="ann")])
    assert [one["events"] for one in profile(project, "ann")["activity"]["by_day"]] == [2, 1]
    days = profile(project, "ann", "Asia/Tokyo")["activity"]["by_day"]
    assert days == [
        {"day": "2026-03-02T00:00:00+09:00", "events": 2},
        {"day": "2026-03-03T00:00:00+09:00", "events": 1},
    ]


def test_a_person_of_years_shows_the_last_one(project: Project) -> None:
    project.store([event("a", -800 * 24 * 60, user_id="ann"), event("a", 0, user_id="ann")])
    told = profile(project, "ann")["activity"]
    assert (told["events"], [one["events"] for one in told["by_day"]]) == (2, [1])


def test_R23_a_merged_person_is_told_as_one(shop: Project) -> None:
    before = profile(shop, "ann")
    shop.merge("bob", "ann")
    told = profile(shop, "bob")
    assert (told["id"], told["user_id"], told["user_ids"]) == (before["id"], "ann", ["ann", "bob"])
    assert told["activity"]["events"] == 5
    assert told["traits"] == before["traits"]
    shop.unmerge("bob")
    assert profile(shop, "ann") == before


# ── what they did ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_stream_is_everything_oldest_first(shop: Project, limit: int) -> None:
    told = [one["event_id"] for one in shop.stream("ann", limit)]
    assert told == ["page_view-00", "$identify-01", "page_view-02", "buy-60"]
    assert [one["event_id"] for one in shop.stream("crawler", limit)] == ["page_view-300"]


def visits(project: Project, name: str, limit: int = 20, cursor: str | None = None) -> Any:
    person, page = project.found(name), Page(limit=limit, cursor=cursor)
    assert person is not None
    context = project.context()
    rows = selected(project, lists.build("sessions", people.sessions_of(person, context), page))
    found = rows["page"].rows
    details = lists.build_details("sessions", people.viewpoint_of(context), found[:limit])
    told, total = project.warehouse.select(details).rows, rows["total"].rows[0][0]
    listed: Any = lists.shape("sessions", total, found[:limit], told, more=len(found) > limit)
    timelines = people.build_timelines(person, page, rows, context)
    assert timelines is not None
    return plain(people.shape_sessions(listed, page, rows, project.warehouse.select(timelines)))


def test_R20_sessions_are_told_with_their_events_in_order(shop: Project) -> None:
    shop.store(
        [
            event("page_view", 120, event_id="late", user_id="ann", session_id="s", page="/b", seq=2),
            event("page_view", 120, event_id="zero", user_id="ann", session_id="s", page="/a", seq=1),
        ]
    )
    told = visits(shop, "ann")
    assert [[one["event_id"] for one in visit["timeline"]] for visit in told["sessions"]] == [
        ["zero", "late"],
        ["buy-60"],
        ["page_view-00", "$identify-01", "page_view-02"],
    ]
    named, bought, first = told["sessions"]
    assert (named["id"], named["entry"], named["exit"], named["duration_s"]) == ("s", "/a", "/b", 0)
    assert (first["entry"], first["exit"], first["duration_s"], first["events"]) == ("/", "/cart", 120, 3)
    assert bought["timeline"] == [
        {"event": "buy", "event_id": "buy-60", "timestamp": "2026-03-02T11:00:00.000Z", "page": None,
         "component": "Buy", "action": "click"}
    ]  # fmt: skip
    assert told["total"] == 3
    one_by_one = []
    cursor = None
    for _ in range(3):
        page = visits(shop, "ann", 1, cursor)
        one_by_one += page["sessions"]
        cursor = page["next"]
    assert (one_by_one, cursor) == (told["sessions"], None)


def test_the_id_of_a_person_has_sixteen_digits_everywhere(project: Project) -> None:
    """Of the first hash in 256 that begins with two zeros, too."""
    text = "SELECT toString(number) AS u FROM numbers(5000) WHERE bitShiftRight(sipHash64('user', u), 56) = 0 LIMIT 1"
    keys = project.warehouse.select(Query(text=text, params={})).rows
    user = keys[0][0]
    project.store([event("a", 0, user_id=user)])
    (listed,) = directory(project)["people"]
    (shown,) = project.listed()
    assert listed["id"] == shown["person_id"] == profile(project, user)["id"]
    assert len(listed["id"]) == 16
    assert listed["id"].startswith("00")
