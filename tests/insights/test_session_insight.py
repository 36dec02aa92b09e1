# ruff: noqa: N802 - tests are named after the rules that they hold to
"""The kind `sessions`: which sessions count, how long they were, which bounced, where they were entered and left."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights.paging import Page
from footfall.model.errors import BadRequest
from tests.support import oracle_of_visits as oracle
from tests.support.chance import BOT, stories, strolls
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, MINUTE, SECOND, at
from tests.support.project import Project, Sent, Visit, told, where

ONE = {"session_id": "s"}
DAYS = {"from": "2026-03-02", "to": "2026-03-05"}


def page_view(second: float, page: str, **more: Any) -> Visit:
    return ("page_view", second, {"page": page, **ONE, **more})


def visit(second: float, component: str, name: str = "component_visit", **more: Any) -> Visit:
    return (name, second, {"component": component, **ONE, **more})


def names(ends: list[Sent], by: str = "page") -> dict[str, int]:
    return {end[by]: end["sessions"] for end in ends}


# ── which sessions count ─────────────────────────────────────────────────────────────────────────────────────


def test_R19_a_session_belongs_to_the_day_on_which_it_starts(project: Project) -> None:
    """Over midnight it is one, active on both days, and counted where it began, also by a question about either day."""
    midnight = 14 * 3600
    project.story(ann=[("a", midnight - 600, ONE), ("a", midnight + 600, ONE)])
    answer = project.ask("sessions", DAYS)
    assert (answer["sessions"], answer["started"], answer["active"]) == (1, [1, 0, 0], [1, 1, 0])
    first = project.ask("sessions", {"from": "2026-03-02", "to": "2026-03-03"})
    second = project.ask("sessions", {"from": "2026-03-03", "to": "2026-03-04"})
    assert (first["sessions"], first["duration"]["mean"]) == (1, 1200), "as a whole, also what lies behind the range"
    assert (second["sessions"], second["active"], second["duration"]["mean"]) == (0, [1], None)


@pytest.mark.parametrize("ids", [{}, ONE], ids=["without an id", "with an id"])
def test_R19_what_lies_outside_of_the_range_belongs_to_a_session_too(project: Project, ids: Sent) -> None:
    project.story(ann=[("a", 1800 * n, ids) for n in range(5)], bob=[("a", 1800, ids)])
    middle = {"from": BASE + HOUR // 2, "to": BASE + HOUR}
    answer = project.ask("sessions", middle)
    assert answer["sessions"] == 1, "Ann's began before"
    early = project.ask("sessions", {"from": BASE, "to": BASE + 1})
    assert (early["sessions"], early["events_per_session"], early["duration"]["mean"]) == (1, 5, 7200)


def test_R19_filters_select_sessions_and_take_nothing_away_from_one(project: Project) -> None:
    project.story(
        ann=[page_view(0, "/in"), page_view(60, "/x"), page_view(100, "/out")],
        bob=[page_view(0, "/in"), page_view(60, "/out")],
    )
    answer = project.ask("sessions", DAY | {"filters": [where("page", "is", "/x")]})
    assert (answer["sessions"], answer["events_per_session"], answer["duration"]["mean"]) == (1, 3, 100)
    assert (names(answer["entries"]), names(answer["exits"])) == ({"/in": 1}, {"/out": 1})


def test_R19_events_of_the_system_make_no_session_and_belong_to_one(project: Project) -> None:
    project.story(ann=[("$group", 0, ONE), ("a", 60, ONE)], bob=[("$group", 0, ONE)])
    answer = project.ask("sessions", DAY)
    assert (answer["sessions"], answer["events_per_session"], answer["duration"]["mean"]) == (1, 2, 60)


def test_R28_sessions_of_bots_are_left_out_counted_and_can_be_included(project: Project) -> None:
    project.story(ann=[("a", 0)], bot=[("a", 0, {"user_agent": BOT}), ("a", 1, {"user_agent": BOT})])
    answer = project.ask("sessions", DAY)
    assert (answer["sessions"], answer["active"], answer["meta"]["excluded_bots"]) == (1, [1], 2)
    answer = project.ask("sessions", DAY | {"include_bots": True})
    assert (answer["sessions"], answer["active"], answer["meta"]["excluded_bots"]) == (2, [2], 0)


def test_R11_now_hides_later_events_of_a_session(project: Project) -> None:
    project.story(ann=[page_view(0, "/a"), page_view(60, "/b")])
    answer = project.ask("sessions", DAY | {"now": BASE + 30 * SECOND})
    assert (answer["sessions"], answer["bounces"], answer["duration"]["mean"]) == (1, 1, 0)


def test_R19_without_an_interval_there_are_no_buckets(project: Project) -> None:
    project.story(ann=[("a", 0)])
    answer = project.ask("sessions", DAY | {"interval": None})
    assert answer["sessions"] == 1
    assert not {"buckets", "incomplete", "started", "active"} & set(answer)


def test_R10_a_bucket_that_has_not_ended_is_incomplete(project: Project) -> None:
    answer = project.ask("sessions", DAYS | {"now": "2026-03-03T12:00:00Z"})
    assert answer["incomplete"] == [False, True, True]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ],
)
def test_R7_the_day_of_a_clock_change_has_the_sessions_that_start_in_it(
    project: Project, zone: str, day: str, hours: float
) -> None:
    after = f"{day[:-2]}{int(day[-2:]) + 1:02}"
    answer = project.ask("sessions", {"from": day, "to": after, "timezone": zone, "interval": "hour"})
    start, end = at(answer["buckets"][0]), at(answer["buckets"][0]) + round(hours * HOUR)
    project.store(
        {"event": "a", "event_id": f"{n}", "user_id": f"u{n}", "timestamp": moment}
        for n, moment in enumerate((start - 1, start, end - 1, end))
    )
    one_day = {"from": day, "to": after, "timezone": zone}
    assert project.ask("sessions", one_day)["started"] == [2]
    by_hour = project.ask("sessions", one_day | {"interval": "hour"})
    assert (sum(by_hour["started"]), by_hour["started"][0], by_hour["started"][-1]) == (2, 1, 1)
    assert len(set(by_hour["buckets"])) == len(by_hour["buckets"]) == -(-hours // 1)


def test_R9_weeks_are_labelled_by_their_first_day(project: Project) -> None:
    project.story(ann=[("a", 0)])
    for first, label in (("monday", "2026-03-02"), ("sunday", "2026-03-01")):
        answer = project.ask("sessions", DAY | {"interval": "week", "week_start": first})
        assert ([one[:10] for one in answer["buckets"]], answer["started"]) == ([label], [1])


# ── how they were ────────────────────────────────────────────────────────────────────────────────────────────


def test_R3_of_no_sessions_there_are_no_rates(project: Project) -> None:
    answer = project.ask("sessions", DAY)
    del answer["meta"]
    assert answer == {
        "sessions": 0, "bounces": 0, "bounce_rate": None, "duration": {"mean": None, "median": None, "p95": None},
        "events_per_session": None, "entries": [], "exits": [], "buckets": ["2026-03-02T00:00:00+00:00"],
        "incomplete": [False], "started": [0], "active": [0],
    }  # fmt: skip


def test_R1_R20_durations_are_exact_and_sessions_of_no_length_stay(project: Project) -> None:
    project.story(**{f"u{n}": [("a", 0, ONE), ("a", n, ONE)] for n in (0, 10, 20, 1000)})
    answer = project.ask("sessions", DAY)
    assert answer["duration"] == {"mean": 257.5, "median": 15, "p95": 853}
    assert answer["events_per_session"] == 2


BOUNCES: dict[str, tuple[list[Visit], bool, bool]] = {
    "one page view": ([page_view(0, "/a")], True, False),
    "two page views": ([page_view(0, "/a"), page_view(1, "/a")], False, False),
    "one component": ([visit(0, "A"), visit(5, "A", "component_exit")], False, True),
    "one component on two pages": ([page_view(0, "/a"), visit(0, "A"), page_view(9, "/b")], False, True),
    "entered by the other word": ([visit(0, "A", "component_enter"), visit(5, "A", "component_leave")], False, True),
    "two components": ([page_view(0, "/a"), visit(1, "A"), visit(2, "B")], True, False),
    "a component that failed": ([visit(0, "A"), visit(1, "A", "component_error")], False, True),
    "a component that was used": ([visit(0, "A"), visit(1, "A", "component_interaction")], False, False),
    "an interaction": ([page_view(0, "/a"), visit(0, "A"), ("sign_up", 1, ONE)], False, False),
    "what clients send by themselves": (
        [page_view(0, "/a"), visit(1, "A"), ("heartbeat", 2, ONE), ("visibility_hidden", 3, ONE), ("$group", 4, ONE),
         ("page_leave", 5, ONE)], True, True,
    ),
    "neither page nor component": ([("purchase", 0, ONE)], False, False),
}  # fmt: skip


@pytest.mark.parametrize(("ann", "by_page", "by_component"), BOUNCES.values(), ids=BOUNCES)
def test_R20_a_bounce_is_one_page_view_or_one_component_and_nothing_done(
    project: Project, ann: list[Visit], by_page: bool, by_component: bool
) -> None:
    project.story(ann=ann)
    for by, bounced in (("page", by_page), ("component", by_component)):
        answer = project.ask("sessions", DAY | {"by": by})
        assert (answer["bounces"], answer["bounce_rate"]) == (int(bounced), float(bounced))
        (listed,) = project.behind("sessions", "sessions", DAY | {"by": by})
        assert listed["bounced"] is bounced, "the list is told by the same"


def test_R20_entries_and_exits_follow_time_then_seq(new_project: Callable[[], Project]) -> None:
    ann = told(ann=[
        page_view(1, "/through", seq=2), page_view(1, "/in", seq=1), page_view(9, "/out", seq=8),
        page_view(9, "/no", seq=7), ("page_view", 0, ONE),
    ])  # fmt: skip
    for order in list(permutations(ann))[::17]:
        project = new_project()
        project.store(order)
        answer = project.ask("sessions", DAY)
        assert (names(answer["entries"]), names(answer["exits"])) == ({"/in": 1}, {"/out": 1})


def test_R20_entries_and_exits_by_component(project: Project) -> None:
    project.story(
        ann=[page_view(0, "/a"), visit(1, "A"), visit(2, "B", "component_enter")],
        bob=[visit(1, "A"), visit(2, "A", "component_exit"), visit(3, "C", "component_exit")],
        cid=[page_view(0, "/a")],
    )
    answer = project.ask("sessions", DAY | {"by": "component"})
    assert answer["sessions"] == 3
    assert answer["entries"] == [{"component": "A", "sessions": 2}]
    assert answer["exits"] == [{"component": "A", "sessions": 1}, {"component": "B", "sessions": 1}]
    (one,) = project.behind("sessions", "sessions", DAY | {"by": "component"}, exit="B")
    assert (one["entry"], one["exit"]) == ("A", "B")


def test_entries_are_the_most_frequent_ones_and_all_can_be_pointed_at(project: Project) -> None:
    project.story(
        ann=[page_view(0, "/a")], bob=[page_view(0, "/a")], cid=[page_view(0, "/b")], dan=[page_view(0, "/c")]
    )
    answer = project.ask("sessions", DAY | {"limit": 2})
    assert names(answer["entries"]) == {"/a": 2, "/b": 1}
    assert len(project.behind("sessions", "people", DAY | {"limit": 2}, entry="/c")) == 1


# ── breakdown ────────────────────────────────────────────────────────────────────────────────────────────────


def test_R5_a_breakdown_goes_by_the_first_matching_event_and_has_other_and_not_set(project: Project) -> None:
    project.story(
        ann=[("a", 0, ONE | {"device": "mobile"}), ("a", 10, ONE | {"device": "desktop"})],
        bob=[("a", 0, ONE | {"device": "mobile"})],
        cid=[("a", 0, ONE | {"device": "tablet"})],
        dan=[("a", 0, ONE), ("a", 20, ONE | {"device": "mobile"})],
    )
    request = DAY | {"breakdown": [{"property": "device", "limit": 1}]}
    rows = project.ask("sessions", request)["breakdowns"]
    assert [(row["value"], row["sessions"], row["duration"]["mean"]) for row in rows] == [
        ("mobile", 2, 5), ("$not_set", 1, 20), ("$other", 1, 0),
    ]  # fmt: skip
    for row in rows:
        assert len(project.behind("sessions", "sessions", request, breakdown=row["value"])) == row["sessions"]
    desktop = request | {"filters": [where("device", "is", "desktop")]}
    assert [row["value"] for row in project.ask("sessions", desktop)["breakdowns"]] == ["desktop"]


def test_R5_a_group_or_a_property_can_be_broken_down_by(project: Project) -> None:
    project.story(ann=[("a", 0, {"groups": {"organization": "7"}, "properties": {"plan": "pro"}})])
    for name, value in (("group.organization", "7"), ("properties.plan", "pro")):
        (row,) = project.ask("sessions", DAY | {"breakdown": [{"property": name}]})["breakdowns"]
        assert (row["value"], row["sessions"]) == (value, 1)


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ({"breakdown": "x"}, "$.pointer.breakdown"),
        ({"bucket": "2026-03-09"}, "$.pointer.bucket"),
        ({"active": True, "entry": "/a"}, "$.pointer.entry"),
    ],
)
def test_a_pointer_to_no_number_is_refused(project: Project, pointer: Sent, path: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        project.list_page("sessions", "people", DAY, pointer, Page())
    assert refusal.value.path == path


# ── on random events ─────────────────────────────────────────────────────────────────────────────────────────


def counts(event: Sent) -> bool:
    return not event["event"].startswith("$") and "user_agent" not in event


def numbers(answer: Sent) -> Sent:
    return {name: answer[name] for name in ("sessions", "bounces", "bounce_rate", "duration", "events_per_session")}


BY = st.sampled_from(["page", "component"])
ENDS = st.tuples(st.integers(0, 22), st.sampled_from([23, 60, 24 * 3600 - 30, 30 * 3600]))


@examples(40)
@given(events=strolls(), by=BY, ends=ENDS, data=st.data())
def test_R19_R20_sessions_are_those_of_plain_python_and_R6_their_lists_as_long(
    new_project: Callable[[], Project], events: list[Sent], by: str, ends: tuple[int, int], data: st.DataObject
) -> None:
    project = new_project()
    project.store(data.draw(st.permutations(events)))
    start, end = (BASE + second * SECOND for second in ends)
    request = {"by": by, "from": start, "to": end, "breakdown": [{"property": "device"}]}
    answer = project.ask("sessions", request)
    whole = list(oracle.visits(events, by, start, end, counts).values())
    assert numbers(answer) == oracle.numbers(whole)
    assert sum(answer["started"]) == answer["sessions"] == sum(row["sessions"] for row in answer["breakdowns"])
    for column, name in (("entries", "entry"), ("exits", "exit")):
        found = [getattr(one, name) for one in whole]
        assert names(answer[column], by) == {one: found.count(one) for one in set(found) - {None}}

    pointers = [({}, whole)]
    pointers += [({"bounced": it}, [one for one in whole if one.bounced is it]) for it in (True, False)]
    pointers += [({"entry": it}, [one for one in whole if one.entry == it]) for it in names(answer["entries"], by)]
    pointer, theirs = data.draw(st.sampled_from(pointers))
    listed = project.behind("sessions", "sessions", request, limit=data.draw(st.integers(1, 9)), **pointer)
    facts = [(at(one["started"]), one["duration_s"], one["events"], one["entry"], one["exit"], one["bounced"])
             for one in listed]  # fmt: skip
    assert sorted(facts, key=repr) == sorted(
        ((one.started, one.seconds, len(one.events), one.entry, one.exit, one.bounced) for one in theirs), key=repr
    )
    ids = {event["event_id"] for event in project.behind("sessions", "events", request, **pointer)}
    assert ids == {event["event_id"] for one in theirs for event in one.events}


@examples(12)
@given(events=stories(), zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]), data=st.data())
def test_invariants_e_and_f_in_every_bucket(
    new_project: Callable[[], Project], events: list[Sent], zone: str, data: st.DataObject
) -> None:
    """People ≤ active sessions ≤ events; numbers are those of a trend, and as long as their lists."""
    project = new_project()
    project.store(events)
    request = {**DAYS, "timezone": zone, "interval": data.draw(st.sampled_from(["hour", "day"]))}
    answer = project.ask("sessions", request)
    somebody = [{"any": [where(name, "is_set") for name in ("user_id", "anonymous_id", "session_id")]}]
    measures = ("unique_users", "unique_sessions", "started_sessions", "count")
    series = [
        {"event": "*", "measure": measure, "name": measure, "filters": somebody if measure == "count" else []}
        for measure in measures
    ]
    people, active, started, counted = project.trend({**request, "series": series}).values()
    assert (answer["active"], answer["started"]) == (active[:-1], started[:-1])
    assert answer["sessions"] == started[-1]
    for row in zip(people, active, counted, strict=True):
        assert list(row) == sorted(row)
    label, number, was_active = data.draw(
        st.sampled_from(list(zip(answer["buckets"], answer["started"], answer["active"], strict=True)))
    )
    assert len(project.behind("sessions", "sessions", request, bucket=label)) == number
    assert len(project.behind("sessions", "sessions", request, bucket=label, active=True)) == was_active


@examples(10)
@given(events=strolls(), by=BY, data=st.data())
def test_invariants_a_and_c_a_filter_never_raises_and_no_order_of_arrival_matters(
    new_project: Callable[[], Project], events: list[Sent], by: str, data: st.DataObject
) -> None:
    request = {**DAYS, "by": by}
    once = new_project()
    once.store(events)
    again = new_project()
    shuffled = data.draw(st.permutations(events))
    cut = data.draw(st.integers(0, len(events)))
    for batch in (shuffled[:cut], shuffled, shuffled[cut:]):
        again.store(batch)
    answers = [project.ask("sessions", request) for project in (once, again)]
    for answer in answers:
        del answer["meta"]
    assert answers[0] == answers[1]
    filtered = once.ask("sessions", request | {"filters": [where("device", "is_not", "mobile")]})
    assert filtered["sessions"] <= answers[0]["sessions"]
    assert all(less <= more for less, more in zip(filtered["active"], answers[0]["active"], strict=True))


def test_R23_a_link_joins_the_sessions_of_its_person(project: Project) -> None:
    project.store(
        [
            {"event": "page_view", "event_id": "1", "anonymous_id": "d", "timestamp": BASE, "page": "/a", **ONE},
            {"event": "page_view", "event_id": "2", "user_id": "ann", "timestamp": BASE + MINUTE, "page": "/b", **ONE},
        ]
    )
    assert numbers(project.ask("sessions", DAY))["bounces"] == 2
    project.store(
        [{"event": "$identify", "event_id": "3", "anonymous_id": "d", "user_id": "ann", "timestamp": BASE + HOUR}]
    )
    answer = project.ask("sessions", DAY)
    assert (answer["sessions"], answer["bounces"], names(answer["exits"])) == (1, 0, {"/b": 1})
