# ruff: noqa: N802 - tests are named after the rules that they hold to
"""R6: every number is a list of people, events or sessions, exactly that long and of the same definition."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import INSIGHTS, Kind
from footfall.insights.measures import MEASURES, Measure
from footfall.insights.paging import Page, checked, cursor_of, position_of
from footfall.insights.source import Unit
from footfall.model.errors import BadRequest
from tests.support.chance import crowds, stories
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, MINUTE, at
from tests.support.project import Project, where

EVENING = BASE + 10 * 60 * MINUTE
WEEK = {"from": "2026-03-02", "to": "2026-03-05"}


def asked(*measures: Measure, event: str = "*", **more: Any) -> dict[str, Any]:
    series = [
        {"event": event, "measure": one} | ({"property": "properties.n"} if MEASURES[one].takes_property else {})
        for one in measures
    ]
    return {"series": series, **WEEK, **more}


def users(people: list[dict[str, Any]]) -> list[str]:
    return sorted(one["user_id"] or one["anonymous_ids"][0] for one in people)


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_R6_a_person_is_told_by_user_devices_and_first_and_last_event(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": BASE, "anonymous_id": "phone"},
            {"event": "a", "event_id": "2", "timestamp": BASE + MINUTE, "anonymous_id": "laptop"},
            {"event": "$identify", "event_id": "3", "timestamp": BASE + 2 * MINUTE, "anonymous_id": "phone",
             "user_id": "ann"},
            {"event": "$identify", "event_id": "4", "timestamp": BASE + 3 * MINUTE, "anonymous_id": "laptop",
             "user_id": "ann"},
            {"event": "b", "event_id": "5", "timestamp": at("2026-04-01T00:00:00Z"), "user_id": "ann"},
            {"event": "a", "event_id": "6", "timestamp": BASE, "anonymous_id": "stranger"},
            {"event": "a", "event_id": "7", "timestamp": BASE, "session_id": "s"},
            {"event": "a", "event_id": "8", "timestamp": BASE},
        ]
    )  # fmt: skip
    people = project.behind("trend", "people", asked("unique_users", event="a"), series=0)
    by_user = {tuple(one["anonymous_ids"]): one for one in people}
    assert set(by_user) == {("laptop", "phone"), ("stranger",), ()}
    ann = by_user["laptop", "phone"]
    assert ann["user_id"] == "ann"
    assert (at(ann["first_seen"]), at(ann["last_seen"])) == (BASE, at("2026-04-01T00:00:00Z"))
    assert by_user["stranger",]["user_id"] is None
    ids = {event["person_id"] for event in project.listed(events=["a"]) if event["person_id"]}
    assert {one["id"] for one in people} == ids, "the ids that events carry"


def test_R11_a_list_knows_no_more_than_the_question_s_now(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": BASE, "anonymous_id": "phone"},
            {"event": "$identify", "event_id": "2", "timestamp": EVENING, "anonymous_id": "phone", "user_id": "ann"},
        ]
    )
    (before,) = project.behind("trend", "people", asked("unique_users", now=BASE + MINUTE))
    (after,) = project.behind("trend", "people", asked("unique_users"))
    assert (before["user_id"], before["anonymous_ids"]) == (None, ["phone"])
    assert (after["user_id"], after["anonymous_ids"]) == ("ann", ["phone"])
    assert at(before["last_seen"]) == BASE


def test_R6_a_bucket_a_row_of_the_breakdown_and_other_have_their_own_people(project: Project) -> None:
    project.story(
        ann=[("a", 0, {"page": "/x"}), ("a", 86_400, {"page": "/y"})],
        bob=[("a", 0, {"page": "/x"})],
        cid=[("a", 0, {"page": "/z"})],
        dan=[("a", 86_400)],
    )
    request = asked("unique_users", event="a", breakdown=[{"property": "page", "limit": 1}])
    answer = project.ask("trend", request)
    found = {
        (one["breakdown"][0], label): users(
            project.behind("trend", "people", request, series=0, bucket=label, breakdown=one["breakdown"])
        )
        for one in answer["series"]
        for label in answer["buckets"]
    }
    first, second, _ = answer["buckets"]
    assert {key: names for key, names in found.items() if names} == {
        ("/x", first): ["ann", "bob"],
        ("$other", first): ["cid"],
        ("$other", second): ["ann"],
        ("$not_set", second): ["dan"],
    }


def test_R2_cumulative_users_of_other_count_nobody_twice(project: Project) -> None:
    """Who came by one rare value and then by another is one person of `$other`."""
    project.story(
        ann=[("a", 0, {"page": "/y"}), ("a", 86_400, {"page": "/z"})],
        bob=[("a", 0, {"page": "/x"})],
        cid=[("a", 0, {"page": "/x"})],
    )
    request = asked("cumulative_users", event="a", breakdown=[{"property": "page", "limit": 1}])
    rows = {one["breakdown"][0]: one["values"] for one in project.ask("trend", request)["series"]}
    assert rows == {"/x": [2, 2, 2], "$other": [1, 1, 1]}


# ── every measure ────────────────────────────────────────────────────────────────────────────────────────────

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"])


@examples(6)
@given(events=stories(), zone=ZONES, interval=st.sampled_from(["day", "fifteen_minutes", "week"]), data=st.data())
@pytest.mark.parametrize("measure", [one for one, row in MEASURES.items() if not row.takes_property and row.empty == 0])
def test_invariant_f_the_number_is_the_length_of_the_list(
    new_project: Callable[[], Project], measure: Measure, events: list[Any], zone: str, interval: str, data: Any
) -> None:
    project = new_project()
    project.store(events)
    broken_down = data.draw(st.booleans())
    request = asked(measure, interval=interval, timezone=zone) | (
        {"breakdown": [{"property": "page", "limit": 1}]} if broken_down else {}
    )
    answer = project.ask("trend", request)
    unit = MEASURES[measure].unit
    cells = [
        (series, label, value)
        for series in answer["series"]
        for label, value in [*zip(answer["buckets"], series["values"], strict=True), (None, series["total"])]
    ]
    full = [cell for cell in cells if cell[2]] or cells[:1]
    for series, label, value in data.draw(st.lists(st.sampled_from(full), min_size=1, max_size=4)) if full else ():
        pointer = {"bucket": label} if label else {}
        if broken_down:
            pointer["breakdown"] = series["breakdown"]
        found = project.behind("trend", unit, request, series=0, limit=data.draw(st.integers(1, 50)), **pointer)
        assert len(found) == value
        keys = [(one.get("person_id"), one.get("id"), one.get("event_id")) for one in found]
        assert len(set(keys)) == value, "each of them once"


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("unit", ["people", "events", "sessions"])
def test_R6_every_measure_has_lists_of_every_kind(project: Project, measure: Measure, unit: Unit) -> None:
    """Two events of a person without a number between those of two others, each in a session of their own."""
    project.story(
        ann=[("a", 0, {"properties": {"n": 1}}), ("a", 86_400, {"properties": {"n": 2}})],
        bob=[("a", 60, {"properties": {"n": 3}})],
        cid=[("b", 60)],
    )
    request = asked(measure, event="a")
    total = project.behind("trend", unit, request)
    second = project.behind("trend", unit, request, bucket="2026-03-03")
    third = project.behind("trend", unit, request, bucket="2026-03-04")
    rolling = measure in {"wau", "mau", "cumulative_users"}
    both = {"people": 2, "events": 3, "sessions": 3}[unit]
    assert len(total) == both
    assert len(second) == (both if rolling else 1)
    assert len(third) == (both if rolling else 0)


def test_R6_behind_a_sum_are_the_events_that_have_a_number(project: Project) -> None:
    project.story(ann=[("a", 0, {"properties": {"n": 1}}), ("a", 1), ("a", 2, {"properties": {"n": "x"}})])
    found = project.behind("trend", "events", asked("sum", event="a"))
    assert [one["event_id"] for one in found] == ["ann-0"]


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_R6_events_come_newest_first_as_they_were_sent(project: Project) -> None:
    sent = {"b": [1, None, "2026-03-02T10:00:00Z"], "a": 1.50}
    project.story(ann=[("a", 0, {"properties": sent}), ("a", 5), ("b", 6), ("a", 5)])
    found = project.behind("trend", "events", asked("count", event="a"), limit=2)
    assert [one["event_id"] for one in found] == ["ann-3", "ann-1", "ann-0"]
    assert found[-1]["properties"] == sent


def test_R28_bots_are_in_a_list_only_where_they_count(project: Project) -> None:
    robot = {"user_agent": "Googlebot/2.1"}
    project.story(ann=[("a", 0)], bot=[("a", 1, robot)])
    assert users(project.behind("trend", "people", asked("unique_users"))) == ["ann"]
    assert users(project.behind("trend", "people", asked("unique_users", include_bots=True))) == ["ann", "bot"]


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────────────────


def visit(*events: tuple[str, float, dict[str, Any]]) -> list[Any]:
    return [(name, at_, {"session_id": "s", **more}) for name, at_, more in events]


def test_R20_a_session_is_told_by_entry_exit_and_length(project: Project) -> None:
    project.story(
        ann=visit(
            ("app_open", 0, {}),
            ("page_view", 1, {"page": "/in", "seq": 1}),
            ("page_view", 1, {"page": "/through", "seq": 2}),
            ("page_view", 100, {"page": "/out"}),
            ("page_leave", 130.5, {"page": "/out"}),
        )
    )
    (one,) = project.behind("trend", "sessions", asked("unique_sessions", event="page_view"))
    assert one == {
        "id": "s", "person_id": one["person_id"], "started": "2026-03-02T10:00:00.000Z", "duration_s": 130.5,
        "events": 5, "entry": "/in", "exit": "/out", "bounced": False,
    }  # fmt: skip


BOUNCES = {
    "one page view": ([("page_view", 0, {})], True),
    "and what clients send by themselves": (
        [("page_view", 0, {}), ("component_visit", 1, {}), ("heartbeat", 2, {}), ("$identify", 3, {}),
         ("page_leave", 4, {})],
        True,
    ),
    "two page views": ([("page_view", 0, {}), ("page_view", 1, {})], False),
    "an interaction": ([("page_view", 0, {}), ("component_interaction", 1, {})], False),
    "an event of one's own": ([("page_view", 0, {}), ("purchase", 1, {})], False),
    "no page view": ([("purchase", 0, {})], False),
}  # fmt: skip


@pytest.mark.parametrize(("events", "bounced"), BOUNCES.values(), ids=BOUNCES)
def test_R20_a_bounce_is_one_page_view_and_nothing_done(project: Project, events: Any, bounced: bool) -> None:
    project.story(ann=visit(*events))
    (one,) = project.behind("trend", "sessions", asked("unique_sessions"))
    assert one["bounced"] is bounced


def test_R19_a_session_without_id_is_told_as_a_whole_beyond_the_range(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 1800), ("a", 3600), ("a", 10_000)])
    request = asked("unique_sessions") | {"from": BASE + 1, "to": BASE + 2000 * 1000}
    (one,) = project.behind("trend", "sessions", request)
    assert (at(one["started"]), one["duration_s"], one["events"]) == (BASE, 3600, 3)
    again = project.behind("trend", "sessions", request | {"from": BASE})
    assert [other["id"] for other in again] == [one["id"]], "whatever part of it was asked about"


def test_R19_a_session_is_of_its_person(project: Project) -> None:
    """Two people who share a session id have one each."""
    project.story(ann=visit(("a", 0, {})), bob=visit(("a", 1, {}), ("a", 2, {})))
    found = project.behind("trend", "sessions", asked("unique_sessions"))
    assert [(one["id"], one["events"]) for one in found] == [("s", 2), ("s", 1)]
    assert len({one["person_id"] for one in found}) == 2


def test_R19_sessions_come_latest_first(project: Project) -> None:
    project.story(ann=[("a", 0), ("a", 5000), ("a", 10_000)], bob=[("a", 7000)])
    found = project.behind("trend", "sessions", asked("unique_sessions"), limit=1)
    assert [(at(one["started"]) - BASE) / 1000 for one in found] == [10_000, 7000, 5000, 0]


# ── funnels ──────────────────────────────────────────────────────────────────────────────────────────────────

STEPS = {"steps": [{"event": "a"}, {"event": "b"}, {"event": "c"}], "window": "PT10M", **DAY}


def test_R6_converted_dropped_and_in_progress_are_lists(project: Project) -> None:
    project.story(
        ann=[("a", 0), ("b", 1), ("c", 2)],
        bob=[("a", 0), ("b", 1)],
        cid=[("a", 0)],
        dan=[("a", 600), ("b", 700)],
        eve=[("b", 0)],
    )
    request = STEPS | {"now": BASE + 900 * 1000}
    found = {
        (step, outcome): users(project.behind("funnel", "people", request, step=step, outcome=outcome))
        for step in (1, 2, 3)
        for outcome in ("converted", "dropped", "in_progress")
    }
    assert {key: names for key, names in found.items() if names} == {
        (1, "converted"): ["ann", "bob", "cid", "dan"],
        (2, "converted"): ["ann", "bob", "dan"],
        (2, "dropped"): ["cid"],
        (3, "converted"): ["ann"],
        (3, "dropped"): ["bob"],
        (3, "in_progress"): ["dan"],
    }


@examples(4)
@given(
    people=crowds(most=15),
    order=st.sampled_from(["ordered", "strict", "unordered"]),
    now=st.integers(0, 25),
    mode=st.sampled_from([None, "attempt", "person"]),
)
def test_invariant_f_the_numbers_of_a_funnel_are_lengths_of_lists(
    new_project: Callable[[], Project], people: dict[str, list[Any]], order: str, now: int, mode: str | None
) -> None:
    project = new_project()
    project.store(event for events in people.values() for event in events)
    request = STEPS | {"order": order, "now": BASE + now * MINUTE, "breakdown": [{"property": "page", "limit": 1}]}
    request |= {"interval": "five_minutes", "from": BASE, "to": BASE + 15 * MINUTE}
    if mode and order != "unordered":
        request |= {"exclusions": [{"event": "x", "after": 1, "before": 2}], "exclusion_mode": mode}
    answer = project.ask("funnel", request)

    def length(**pointer: Any) -> int:
        return project.list_page("funnel", "people", request, pointer, Page(limit=1))["total"]

    for number, step in enumerate(answer["steps"], 1):
        assert length(step=number) == step["users"]
        assert length(step=number, outcome="dropped") == step["dropped"]
        assert length(step=number, outcome="in_progress") == step["in_progress"]
    for segment in answer["breakdowns"]:
        assert [length(step=step, breakdown=segment["value"]) for step in (1, 2, 3)] == segment["users"]
    for one in answer["over_time"]:
        assert length(step=1, bucket=one["bucket"]) == one["entered"]
        assert length(step=3, bucket=one["bucket"]) == one["converted"]


def test_R6_events_and_sessions_of_a_funnel_are_those_of_the_counted_attempt(project: Project) -> None:
    project.story(
        ann=[("a", 0), ("x", 1), ("a", 5000), ("x", 5001), ("b", 5002), ("c", 5003), ("c", 9000)],
        bob=[("a", 0)],
    )
    events = project.behind("funnel", "events", STEPS, step=3)
    assert [one["event_id"] for one in reversed(events)] == ["ann-2", "ann-4", "ann-5"]
    (session,) = project.behind("funnel", "sessions", STEPS, step=3)
    assert (at(session["started"]) - BASE, session["events"]) == (5_000_000, 4)


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_1_to_1000_items(limit: int) -> None:
    with pytest.raises(BadRequest) as refused:
        checked(limit)
    assert refused.value.path == "$.limit"


@pytest.mark.parametrize("cursor", ["", "x", "é", cursor_of(["a"]), cursor_of([1, 2, 3]), "AAAA" * 100])
def test_a_cursor_of_somewhere_else_is_refused(cursor: str) -> None:
    with pytest.raises(BadRequest) as refused:
        position_of(cursor, tuple[int, int])
    assert refused.value.path == "$.cursor"


@pytest.mark.parametrize("unit", ["people", "events", "sessions"])
def test_what_arrives_between_two_pages_repeats_and_hides_nobody(project: Project, unit: Unit) -> None:
    project.story(**{f"u{n}": [("a", n)] for n in range(9)})
    request = asked("count", event="a")
    before = {one.get("event_id") or one.get("user_id") or one["person_id"] for one in
              project.behind("trend", unit, request)}  # fmt: skip
    seen: list[str] = []
    cursor = None
    turn = 0
    while True:
        page = project.list_page("trend", unit, request, {}, Page(limit=2, cursor=cursor))
        seen += [one.get("event_id") or one.get("user_id") or one["person_id"] for one in page[unit]]
        turn += 1
        project.story(**{f"late{turn}": [("a", turn)]})
        cursor = page["next"]
        if cursor is None or turn > 30:
            break
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "more", "pointer", "path"),
    [
        ("trend", {}, {"series": 1}, "$.pointer.series"),
        ("trend", {"formula": "A*2"}, {"series": 1}, "$.pointer.series"),
        ("trend", {}, {"bucket": "2026-03-02T01:00:00Z"}, "$.pointer.bucket"),
        ("trend", {}, {"bucket": "soon"}, "$.pointer.bucket"),
        ("trend", {}, {"breakdown": ["/x"]}, "$.pointer.breakdown"),
        ("trend", {"breakdown": [{"property": "page"}]}, {"breakdown": ["/x", "/y"]}, "$.pointer.breakdown"),
        ("funnel", {}, {"step": 4}, "$.pointer.step"),
        ("funnel", {}, {"step": 1, "bucket": "2026-03-02"}, "$.pointer.bucket"),
        ("funnel", {"interval": "day"}, {"step": 1, "bucket": "2026-03-09"}, "$.pointer.bucket"),
        ("funnel", {}, {"step": 1, "breakdown": "/x"}, "$.pointer.breakdown"),
    ],
)
def test_a_pointer_to_no_number_is_named_by_its_path(
    project: Project, kind: Kind, more: Any, pointer: Any, path: str
) -> None:
    request = (STEPS if kind == "funnel" else asked("count")) | more
    with pytest.raises(BadRequest) as refused:
        project.behind(kind, "people", request, **pointer)
    assert refused.value.path == path


@pytest.mark.parametrize("kind", INSIGHTS)
def test_a_pointer_is_closed(kind: Kind) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"step": 1, "series": 0, "x": 1}, INSIGHTS[kind].pointer)


def test_R4_a_filter_narrows_a_list_as_it_narrows_the_number(project: Project) -> None:
    project.story(ann=[("a", 0, {"page": "/x"})], bob=[("a", 0, {"page": "/y"})])
    request = asked("unique_users", filters=[where("page", "is_not", "/x")])
    assert users(project.behind("trend", "people", request)) == ["bob"]


TIMES = {
    "timestamp": ("2026-03-02T10:00:00.000Z", "2026-03-02T10:00:00Z"),
    "sent_at": ("2026-03-02T10:00:01.000Z", "2026-03-02T10:00:01Z"),
    "received_at": ("2026-03-02T10:00:02.500Z", "2026-03-02T10:00:02.5Z"),
}


@pytest.mark.parametrize("name", TIMES)
def test_R4_times_of_an_event_are_compared_as_dates_and_shown_as_they_are_listed(project: Project, name: str) -> None:
    shown, at_ = TIMES[name]
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": "2026-03-02T10:00:00Z", "sent_at": "2026-03-02T10:00:01Z",
             "received_at": "2026-03-02T10:00:02.5Z"},
            {"event": "a", "event_id": "2", "timestamp": "2026-03-03T10:00:00Z",
             "received_at": "2026-03-03T10:00:02.5Z"},
        ]
    )  # fmt: skip
    first = [one for one in project.listed() if one["event_id"] == "1"]
    assert first[0][name] == shown
    for filters in (
        [where(name, "is", shown)],
        [where(name, "lte", at_)],
        [where(name, "between", at_, at_)],
        [where(name, "lt", "2026-03-03")],
    ):
        found = project.behind("trend", "events", asked("count", filters=filters))
        assert [one["event_id"] for one in found] == ["1"], filters
    assert len(project.behind("trend", "events", asked("count", filters=[where(name, "is_set")]))) == (
        1 if name == "sent_at" else 2
    )


def test_R11_all_three_lists_know_the_same_links(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "timestamp": BASE, "anonymous_id": "lap"},
            {"event": "$identify", "event_id": "2", "timestamp": EVENING, "anonymous_id": "lap", "user_id": "ann"},
        ]
    )
    request = asked("count", event="a", now=BASE + MINUTE)
    (person,) = project.behind("trend", "people", request)
    (event,) = project.behind("trend", "events", request)
    (session,) = project.behind("trend", "sessions", request)
    assert person["id"] == event["person_id"] == session["person_id"]
    assert person["user_id"] is None


def test_R23_a_linked_id_is_told_also_where_nothing_was_done_under_it(project: Project) -> None:
    project.store(
        [
            {"event": "$identify", "event_id": "1", "timestamp": BASE, "anonymous_id": "phone", "user_id": "ann"},
            {"event": "a", "event_id": "2", "timestamp": BASE, "user_id": "ann"},
        ]
    )
    (ann,) = project.behind("trend", "people", asked("unique_users", event="a"))
    assert (ann["user_id"], ann["anonymous_ids"]) == ("ann", ["phone"])


@pytest.mark.parametrize("position", [[-1], [2**64], [0, -1]])
def test_a_cursor_out_of_range_is_refused(position: list[int]) -> None:
    with pytest.raises(BadRequest):
        position_of(cursor_of(position), tuple[int] if len(position) == 1 else tuple[int, int])
