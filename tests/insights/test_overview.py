# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Overview: the first screen in one answer, each number of it the one that another question gives."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import Kind
from footfall.model.errors import BadRequest
from tests.support.chance import BOT, stories
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, at
from tests.support.project import Project, Sent, where

TWO_DAYS = {"from": "2026-03-02", "to": "2026-03-04"}


def tiles(answer: Any, member: str = "value") -> dict[str, float]:
    return {one["name"]: one.get(member) for one in answer["tiles"]}


def top(answer: Any, name: str, member: str = "events") -> dict[str, float]:
    return {one["name"]: one[member] for one in answer["top"][name]}


@pytest.fixture
def shop(project: Project) -> Project:
    """Yesterday ann; today ann and bob, who came from elsewhere."""
    project.story(
        ann=[
            ("page_view", -86_400, {"page": "/", "device": "mobile"}),
            ("page_view", -86_400, {"page": "/old"}),
            ("page_view", -86_399, {"page": "/old"}),
            ("page_view", 0, {"page": "/", "device": "mobile", "url": "https://shop.example/",
                              "referrer": "https://news.example/story"}),
            ("component_visit", 1, {"component": "Cart"}),
            ("purchase", 2),
        ],
        bob=[
            ("page_view", 3600, {"page": "/", "url": "https://shop.example/?utm_source=mail", "utm_source": "mail"}),
            ("page_view", 3601, {"page": "/cart", "url": "https://shop.example/cart",
                                 "referrer": "https://shop.example/"}),
            ("component_enter", 3602, {"component": "Cart"}),
            ("component_visit", 3603, {"component": "Hero"}),
        ],
        bot=[("page_view", 0, {"page": "/", "user_agent": BOT})],
    )  # fmt: skip
    return project


# ── what it tells ────────────────────────────────────────────────────────────────────────────────────────────


def test_tiles_say_how_much_and_how_it_changed(shop: Project) -> None:
    answer = shop.ask("overview", DAY)
    assert tiles(answer) == {"people": 2, "sessions": 2, "page_views": 3, "events": 7}
    assert tiles(answer, "previous") == {"people": 1, "sessions": 1, "page_views": 3, "events": 3}
    assert tiles(answer, "change") == {
        "people": 100,
        "sessions": 100,
        "page_views": 0,
        "events": pytest.approx(400 / 3),
    }
    assert answer["meta"]["excluded_bots"] == 1


def test_the_trend_goes_by_hours_days_weeks_or_months_as_the_range_is_long(shop: Project) -> None:
    ranges = {"2026-03-03": "hour", "2026-03-04": "hour", "2026-03-05": "day", "2026-06-30": "day",
              "2026-07-02": "week", "2028-03-03": "week", "2028-03-05": "month"}  # fmt: skip
    found = {end: shop.ask("overview", {"from": "2026-03-02", "to": end})["trend"]["interval"] for end in ranges}
    assert found == ranges
    line = shop.ask("overview", DAY)["trend"]
    assert (len(line["buckets"]), line["buckets"][10]) == (24, "2026-03-02T10:00:00+00:00")
    lines = {one["name"]: (one["values"][10:12], one["previous"][10:12]) for one in line["series"]}
    assert lines == {
        "people": ([1, 1], [1, 0]), "sessions": ([1, 1], [1, 0]), "page_views": ([1, 2], [3, 0]),
        "events": ([3, 4], [3, 0]),
    }  # fmt: skip


def test_R7_the_two_days_of_a_clock_change_are_told_by_hours(shop: Project) -> None:
    autumn = {"from": "2026-10-24", "to": "2026-10-26", "timezone": "Europe/Berlin"}
    line = shop.ask("overview", autumn)["trend"]
    assert (line["interval"], len(line["buckets"])) == ("hour", 49)


def test_lists_say_what_was_most(shop: Project) -> None:
    answer = shop.ask("overview", DAY)
    assert {name: top(answer, name) for name in answer["top"]} == {
        "pages": {"/": 2, "/cart": 1},
        "events": {"page_view": 3, "component_visit": 2, "component_enter": 1, "purchase": 1},
        "components": {"Cart": 2, "Hero": 1},
        "referrers": {"news.example": 1},
        "sources": {"mail": 1},
        "devices": {"mobile": 1},
    }
    assert answer["top"]["pages"][0] == {"name": "/", "events": 2, "previous": 1, "change": 100}
    assert list(top(answer, "events")) == ["page_view", "component_visit", "component_enter", "purchase"]
    assert top(shop.ask("overview", DAY | {"limit": 1}), "pages") == {"/": 2}


def test_what_changed_most_is_also_what_is_no_more(shop: Project) -> None:
    changed = shop.ask("overview", DAY)["changed"]
    assert [(one["list"], one["name"], one["previous"], one["events"], one["change"]) for one in changed] == [
        ("events", "component_visit", 0, 2, None),
        ("pages", "/old", 2, 0, -100),
        ("events", "component_enter", 0, 1, None),
        ("events", "purchase", 0, 1, None),
        ("pages", "/", 1, 2, 100),
        ("pages", "/cart", 0, 1, None),
    ]
    assert len(shop.ask("overview", DAY | {"limit": 2})["changed"]) == 2


def test_without_a_comparison_nothing_is_said_of_before(shop: Project) -> None:
    answer = shop.ask("overview", DAY | {"compare": None})
    assert "changed" not in answer
    assert answer["tiles"][0] == {"name": "people", "value": 2}
    assert set(answer["trend"]["series"][0]) == {"name", "values"}
    assert answer["top"]["pages"][0] == {"name": "/", "events": 2}


def test_nothing_that_happened_is_zero_and_has_no_lists(project: Project) -> None:
    answer = project.ask("overview", DAY)
    assert set(tiles(answer).values()) == {0}
    assert set(tiles(answer, "change").values()) == {0}, "R3"
    assert not any(answer["top"].values())
    assert answer["changed"] == []
    assert answer["freshness"] == {"last_event": None, "last_received": None, "lag_seconds": None}


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_R8_a_running_range_is_compared_with_the_same_elapsed_part(project: Project) -> None:
    project.story(
        ann=[("a", hour * 3600, {"page": "/x"}) for hour in (-24, -23, -22, 0, 1)]
        + [("page_view", hour * 3600, {"page": "/x"}) for hour in (-24, -22, 0)]
    )
    answer = project.ask("overview", DAY, now=BASE + HOUR)
    assert (tiles(answer)["events"], tiles(answer, "previous")["events"]) == (3, 3)
    assert tiles(answer, "previous_full")["events"] == 5
    assert answer["top"]["pages"] == [{"name": "/x", "events": 1, "previous": 1, "change": 0}]
    assert answer["changed"] == []


def test_R8_a_year_before_is_a_comparison_too(project: Project) -> None:
    project.store([{"event": "a", "event_id": "1", "user_id": "ann", "timestamp": at("2025-03-02T12:00:00Z")}])
    answer = project.ask("overview", DAY | {"compare": "previous_year"})
    assert tiles(answer, "previous")["events"] == 1
    assert [(one["name"], one["previous"]) for one in answer["changed"]] == [("a", 1)]


def test_R11_now_in_the_request_hides_later_events(shop: Project) -> None:
    answer = shop.ask("overview", DAY | {"now": BASE + 1500})
    assert tiles(answer)["events"] == 2
    assert top(answer, "events") == {"page_view": 1, "component_visit": 1}
    assert at(answer["freshness"]["last_event"]) == BASE + 1000


def test_freshness_is_that_of_the_newest_events_whatever_is_asked_about(project: Project) -> None:
    received = at("2026-03-02T10:00:30Z")
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": BASE, "received_at": received},
            {"event": "a", "event_id": "2", "timestamp": BASE + 5, "received_at": received - 20_000},
            {"event": "a", "event_id": "3", "timestamp": BASE - 3 * HOUR, "received_at": received + HOUR},
        ]
    )
    asked = {"from": "2026-01-01", "to": "2026-01-02", "filters": [where("page", "is", "/x")]}
    assert project.ask("overview", asked, now=BASE + 60_000)["freshness"] == {
        "last_event": "2026-03-02T10:00:00.005Z",
        "last_received": "2026-03-02T10:00:30.000Z",
        "lag_seconds": 30,
    }
    before = project.ask("overview", asked | {"now": BASE - HOUR})["freshness"]
    assert before["last_event"] == "2026-03-02T07:00:00.000Z"


# ── the numbers of other questions ───────────────────────────────────────────────────────────────────────────


def pages(events: list[Sent]) -> list[Sent]:
    for event in events:
        event["event"] = {"a": "page_view"}.get(event["event"], event["event"])
    return events


@examples(15)
@given(
    events=stories().map(pages),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]),
    filters=st.sampled_from([[], [where("page", "is", "/x")], [where("user_type", "is", "registered")]]),
    now=st.sampled_from([None, BASE + 90 * 60_000 + 1]),
)
def test_invariant_f_a_number_is_that_of_the_trend_and_of_its_list(
    new_project: Callable[[], Project], events: list[Sent], zone: str, filters: list[Sent], now: int | None
) -> None:
    project = new_project()
    project.store(events)
    question = TWO_DAYS | {"timezone": zone, "filters": filters} | ({} if now is None else {"now": now})
    answer = project.ask("overview", question)
    series = [
        {"event": "*", "measure": "unique_users"},
        {"event": "*", "measure": "unique_sessions"},
        {"event": "page_view"},
        {"event": "*"},
    ]
    trend = project.ask("trend", question | {"series": series, "interval": "hour", "compare": "previous_period"})
    assert [one["value"] for one in answer["tiles"]] == [one["total"] for one in trend["series"]]
    assert [one["previous"] for one in answer["tiles"]] == [one["previous_total"] for one in trend["series"]]
    assert [one["values"] for one in answer["trend"]["series"]] == [one["values"] for one in trend["series"]]
    by_page = {"series": [{"event": "page_view"}], "breakdown": [{"property": "page"}], "compare": "previous_period"}
    for one in project.ask("trend", question | by_page | {"interval": "week"})["series"]:
        if one["breakdown"] != ["$not_set"]:
            (row,) = [row for row in answer["top"]["pages"] if row["name"] == one["breakdown"][0]]
            assert (row["events"], row["previous"], row["change"]) == (
                one["total"], one["previous_total"], one["change"],
            )  # fmt: skip
    units = {"people": "people", "sessions": "sessions", "page_views": "events", "events": "events"}
    for name, unit in units.items():
        assert len(project.behind("overview", unit, question, tile=name)) == tiles(answer)[name]
    for name, rows in answer["top"].items():
        for row in rows:
            assert len(project.behind("overview", "events", question, list=name, name=row["name"])) == row["events"]


@examples(15)
@given(
    events=stories().map(pages),
    zone=st.sampled_from(["UTC", "America/St_Johns"]),
    filters=st.sampled_from([[], [where("page", "is", "/x")], [where("user_type", "is", "registered")]]),
    now=st.sampled_from([None, BASE + 90 * 60_000 + 1]),
    compare=st.sampled_from(["previous_period", "previous_year", None]),
    bots=st.booleans(),
    named=st.booleans(),
)
def test_what_is_known_before_changes_no_number(
    new_project: Callable[[], Project],
    events: list[Sent],
    zone: str,
    filters: list[Sent],
    now: int | None,
    compare: str | None,
    bots: bool,
    named: bool,
) -> None:
    """Few events are read once for all ranges and lists; of how many nobody knows, each in its own way (ADR 0069)."""
    project = new_project()
    project.store([event | {"session_id": event.get("session_id", "s")} for event in events] if named else events)
    series = [
        {"event": "*", "measure": "unique_users"}, {"event": "*", "measure": "unique_sessions"},
        {"event": "page_view"}, {"event": "a", "measure": "per_user"},
    ]  # fmt: skip
    common = TWO_DAYS | {"timezone": zone, "filters": filters, "compare": compare, "include_bots": bots}
    common |= {} if now is None else {"now": now}
    questions: list[tuple[Kind, Sent]] = [
        ("overview", common),
        ("overview", common | {"limit": 1, "to": "2026-03-05"}),
        ("trend", common | {"series": series, "interval": "hour", "moving_average": 3}),
        ("trend", common | {"series": series, "interval": "hour", "breakdown": [{"property": "page", "limit": 1}]}),
        ("trend", common | {"series": series, "interval": "hour", "totals": False}),
    ]
    for kind, question in questions:
        known, unknown = project.ask(kind, question), project.ask_blindly(kind, question)
        for answer in (known, unknown):
            answer["meta"] = answer["meta"]["excluded_bots"]
        assert known == unknown


def test_numbers_of_an_answer_come_from_one_statement(shop: Project) -> None:
    """So they are of one moment, also while events arrive."""
    assert list(shop.queries("overview", DAY)) == ["overview"]


@examples(10)
@given(events=stories().map(pages), data=st.data())
def test_what_changed_is_what_plain_python_counts(
    new_project: Callable[[], Project], events: list[Sent], data: st.DataObject
) -> None:
    project = new_project()
    project.store(data.draw(st.permutations(events)))
    now, before = ({"from": f"2026-03-0{day}", "to": f"2026-03-0{day + 1}"} for day in (2, 1))
    counted: list[Counter[tuple[str, str]]] = []
    for asked in (now, before):
        start, end = at(f"{asked['from']}T00:00:00Z"), at(f"{asked['to']}T00:00:00Z")
        within = [one for one in events if start <= one["timestamp"] < end and "user_agent" not in one]
        found = Counter(("events", one["event"]) for one in within if not one["event"].startswith("$"))
        found += Counter(("pages", one["page"]) for one in within if one["event"] == "page_view" and "page" in one)
        counted.append(found)
    expected = {
        key: (counted[1][key], counted[0][key]) for key in counted[0] | counted[1] if counted[0][key] != counted[1][key]
    }
    changed = project.ask("overview", now | {"limit": 100})["changed"]
    assert {(one["list"], one["name"]): (one["previous"], one["events"]) for one in changed} == expected
    sizes = [abs(one["events"] - one["previous"]) for one in changed]
    assert sizes == sorted(sizes, reverse=True)


def test_R6_a_bucket_of_the_trend_and_the_people_of_a_row_are_lists(shop: Project) -> None:
    bucket = "2026-03-02T11:00:00+00:00"
    (bob,) = shop.behind("overview", "people", DAY, tile="people", bucket=bucket)
    assert bob["user_id"] == "bob"
    for unit, size in {"people": 2, "sessions": 2, "events": 2}.items():
        assert len(shop.behind("overview", unit, DAY, list="pages", name="/")) == size
    assert shop.behind("overview", "events", DAY, list="pages", name="/old") == []


@pytest.mark.parametrize(
    "pointer",
    [{}, {"tile": "people", "list": "pages"}, {"list": "pages"}, {"name": "/"}, {"bucket": "2026-03-02"},
     {"list": "pages", "name": "/", "bucket": "2026-03-02"}],
)  # fmt: skip
def test_a_pointer_to_no_number_is_refused(shop: Project, pointer: Sent) -> None:
    with pytest.raises(BadRequest) as refused:
        shop.behind("overview", "people", DAY, **pointer)
    assert refused.value.path == "$.pointer"


def test_a_file_has_a_row_for_each_number(shop: Project) -> None:
    rows = [tuple(row.values()) for row in shop.table("overview", DAY)]
    assert ("tile", "people", None, 2, 1, 100) in rows
    assert ("trend", "page_views", "2026-03-02T11:00:00+00:00", 2, 0, None) in rows
    assert ("pages", "/", None, 2, 1, 100) in rows
    assert ("changed pages", "/old", None, 0, 2, -100) in rows
    assert len(rows) == 4 + 4 * 24 + 11 + 6
    alone = [tuple(row.values()) for row in shop.table("overview", DAY | {"compare": None})]
    assert ("tile", "people", None, 2, None, None) in alone
