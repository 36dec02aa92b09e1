# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Paths (R22): where sessions went, step by step, from name to name, and what is behind each number of it."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.errors import BadRequest
from tests.support import oracle
from tests.support.chance import BOT, stories
from tests.support.effort import examples
from tests.support.moments import BASE, DAY, HOUR, at
from tests.support.oracle import Node
from tests.support.project import Project, Sent, Visit, where

OTHER = "$other"
EXIT = "(exit)"


def views(*pages: str, every: float = 60, **more: Any) -> list[Visit]:
    """A page view a minute."""
    return [("page_view", place * every, {"page": page, **more}) for place, page in enumerate(pages)]


def links(answer: Any) -> dict[str, int]:
    return {f"{one['step']} {one['from']} {one['to']}": one["sessions"] for one in answer["links"]}


def exits(answer: Any) -> dict[str, int]:
    return {f"{one['step']} {one['name']}": one["sessions"] for one in answer["exits"]}


def cuts(answer: Any) -> dict[str, int]:
    return {f"{one['step']} {one['name']}": one["cut"] for one in answer["exits"] if one["cut"]}


def matrix(answer: Any) -> dict[str, int]:
    return {f"{one['from']} {one['to']}": one["count"] for one in answer["matrix"]}


def told(project: Project, **more: Any) -> list[str]:
    """The flow of a single session, as the way that it took."""
    answer = project.ask("paths", DAY | more)
    assert answer["sessions"] == 1
    ways = sorted((one["step"], one["from"]) for one in answer["links"])
    (last,) = answer["exits"]
    return [name for _, name in ways] + [last["name"]]


# ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_R22_repeats_collapse_and_loops_stay(project: Project) -> None:
    project.story(ann=views("/a", "/a", "/b", "/a", "/a", "/c"))
    assert told(project) == ["/a", "/b", "/a", "/c"]


def test_R22_repeats_are_steps_when_asked_for(project: Project) -> None:
    project.story(ann=views("/a", "/a", "/b"))
    answer = project.ask("paths", DAY | {"collapse_repeats": False})
    assert links(answer) == {"1 /a /a": 1, "2 /a /b": 1}
    assert matrix(answer) == {"/a /a": 1, "/a /b": 1, "/b (exit)": 1}


def test_R22_repeats_collapse_over_whatever_else_happens_in_between(project: Project) -> None:
    project.story(
        ann=[("page_view", 0, {"page": "/a"}), ("click", 1, {"page": "/a"}), ("page_view", 2, {"page": "/a"})]
    )
    assert told(project) == ["/a"]


def test_R22_a_session_of_one_page_is_an_exit_at_the_first_step(project: Project) -> None:
    project.story(ann=views("/a"))
    answer = project.ask("paths", DAY)
    assert (answer["sessions"], links(answer), exits(answer), matrix(answer)) == (1, {}, {"1 /a": 1}, {"/a (exit)": 1})


def test_nothing_that_happened_is_no_path(project: Project) -> None:
    project.story(ann=[("click", 0), ("page_view", 1)])
    answer = project.ask("paths", DAY)
    assert (answer["sessions"], answer["links"], answer["exits"], answer["matrix"]) == (0, [], [], [])


def test_links_and_exits_come_by_step_and_size_and_the_matrix_by_size(project: Project) -> None:
    project.story(
        ann=views("/a", "/b", "/a", "/b"), bob=views("/a", "/c"), cid=views("/a", "/c"), dan=views("/a", "/d")
    )
    answer = project.ask("paths", DAY)
    assert list(links(answer)) == ["1 /a /c", "1 /a /b", "1 /a /d", "2 /b /a", "3 /a /b"]
    assert list(exits(answer)) == ["2 /c", "2 /d", "4 /b"]
    assert list(matrix(answer)) == ["/a /b", "/a /c", "/c (exit)", "/a /d", "/b (exit)", "/b /a", "/d (exit)"]


BY = {
    "page": (["page_view"], "page"),
    "component": (["component_visit", "component_enter"], "component"),
    "event": (["a", "b"], "event"),
}


def test_R21_components_are_visited_and_entered(project: Project) -> None:
    project.story(
        ann=[
            ("component_visit", 0, {"component": "Cart"}),
            ("component_interaction", 1, {"component": "Menu"}),
            ("component_exit", 2, {"component": "Cart"}),
            ("component_enter", 3, {"component": "Checkout"}),
            ("page_view", 4, {"component": "Page"}),
        ]
    )
    assert told(project, by="component") == ["Cart", "Checkout"]


def test_events_are_all_whose_names_do_not_begin_with_a_dollar(project: Project) -> None:
    project.story(ann=[("look", 0), ("$heartbeat", 1), ("cart", 2), ("look", 3)])
    assert told(project, by="event") == ["look", "cart", "look"]


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_R20_equal_times_go_by_seq_and_then_by_name(new_project: Callable[[], Project]) -> None:
    visits: list[Visit] = [
        ("page_view", 0, {"page": page} | ({"seq": seq} if seq is not None else {}))
        for page, seq in [("/z", -1), ("/b", None), ("/c", 0), ("/y", 1), ("/a", 2), ("/x", 2**62)]
    ]
    for order in (visits, visits[::-1], visits[3:] + visits[:3]):
        project = new_project()
        project.story(ann=order)
        assert told(project, max_steps=10) == ["/z", "/b", "/c", "/y", "/a", "/x"]


def test_R19_a_pause_ends_a_path_and_midnight_does_not(project: Project) -> None:
    late = 14 * 3600
    project.story(
        ann=views("/a", "/b", every=1800),
        bob=views("/a", "/b", every=1800.001),
        cid=[("page_view", late - 60, {"page": "/c"}), ("page_view", late + 60, {"page": "/d"})],
    )
    answer = project.ask("paths", DAY | {"to": "2026-03-04"})
    assert links(answer) == {"1 /a /b": 1, "1 /c /d": 1}
    assert exits(answer) == {"1 /a": 1, "1 /b": 1, "2 /b": 1, "2 /d": 1}


def test_R19_filters_select_after_sessions_are_found(project: Project) -> None:
    project.story(ann=[("page_view", 0, {"page": "/a"}), ("click", 1800), ("page_view", 3600, {"page": "/b"})])
    assert told(project) == ["/a", "/b"]
    assert told(project, filters=[where("page", "is_not", "/a")]) == ["/b"]


def test_R7_a_path_is_what_of_a_session_lies_in_the_range(project: Project) -> None:
    project.story(ann=views("/a", "/b", "/c", "/d"))
    assert told(project, **{"from": BASE + 60_000, "to": BASE + 180_000}) == ["/b", "/c"]


def test_R23_signing_in_does_not_break_a_path(project: Project) -> None:
    ids = {"session_id": "s", "anonymous_id": "phone"}
    project.store(
        [
            {"event": "page_view", "event_id": "1", "timestamp": BASE, "page": "/a", **ids},
            {"event": "$identify", "event_id": "2", "timestamp": BASE + 1, "user_id": "ann", **ids},
            {"event": "page_view", "event_id": "3", "timestamp": BASE + 2, "user_id": "ann", "session_id": "s",
             "page": "/b"},
        ]
    )  # fmt: skip
    assert told(project) == ["/a", "/b"]
    assert told(project, now=BASE) == ["/a"]


def test_R19_two_people_with_one_session_id_have_a_path_each(project: Project) -> None:
    project.story(ann=views("/a", "/b", session_id="s"), bob=views("/c", session_id="s"))
    assert exits(project.ask("paths", DAY)) == {"1 /c": 1, "2 /b": 1}


def test_an_event_of_nobody_is_in_no_session_and_on_no_path(project: Project) -> None:
    project.store([{"event": "page_view", "event_id": "1", "timestamp": BASE, "page": "/a"}])
    assert project.ask("paths", DAY)["sessions"] == 0


def test_R28_bots_are_left_out_named_and_can_be_included(project: Project) -> None:
    project.story(
        ann=views("/a"), bot=[("page_view", 0, {"page": "/b", "user_agent": BOT}), ("x", 1, {"user_agent": BOT})]
    )
    answer = project.ask("paths", DAY)
    assert (exits(answer), answer["meta"]["excluded_bots"]) == ({"1 /a": 1}, 1)
    answer = project.ask("paths", DAY | {"include_bots": True})
    assert (exits(answer), answer["meta"]["excluded_bots"]) == ({"1 /a": 1, "1 /b": 1}, 0)


# ── what is told of a path ───────────────────────────────────────────────────────────────────────────────────


def test_R22_what_goes_on_beyond_the_last_step_leaves_no_gap_and_is_named(project: Project) -> None:
    project.story(ann=views("/a", "/b", "/c", "/d"), bob=views("/a", "/b"), cid=views("/a"))
    answer = project.ask("paths", DAY | {"max_steps": 2})
    assert links(answer) == {"1 /a /b": 2}
    assert exits(answer) == {"1 /a": 1, "2 /b": 2}
    assert cuts(answer) == {"2 /b": 1}, "one of the two went on"
    assert matrix(answer) == matrix(project.ask("paths", DAY)), "which is told as a whole"


def test_R22_start_is_where_it_first_comes(project: Project) -> None:
    project.story(ann=views("/a", "/b", "/c", "/b", "/d"), bob=views("/a", "/c"))
    assert told(project, start="/b") == ["/b", "/c", "/b", "/d"]


def test_R22_end_is_where_it_first_comes(project: Project) -> None:
    project.story(ann=views("/a", "/b", "/c", "/b", "/d"), bob=views("/a", "/c"))
    assert told(project, end="/b") == ["/a", "/b"]
    assert told(project, end="/d", max_steps=10) == ["/a", "/b", "/c", "/b", "/d"]


@pytest.mark.parametrize(
    ("start", "end", "way"),
    [
        ("/b", "/d", ["/b", "/c", "/b", "/d"]),
        ("/a", "/b", ["/a", "/b"]),
        ("/c", "/b", ["/c", "/b"]),
        ("/b", "/b", ["/b", "/c", "/b"]),
        ("/c", "/a", None),
        ("/d", "/d", None),
        ("/a", "/nowhere", None),
        ("/nowhere", "/a", None),
    ],
)
def test_R22_between_start_and_end_lies_the_first_way_from_one_to_the_other(
    project: Project, start: str, end: str, way: list[str] | None
) -> None:
    project.story(ann=views("/a", "/b", "/c", "/b", "/d"))
    if way is None:
        assert project.ask("paths", DAY | {"start": start, "end": end})["sessions"] == 0
    else:
        assert told(project, start=start, end=end) == way


def test_R22_of_ways_to_an_end_the_last_steps_are_told(project: Project) -> None:
    project.story(ann=views("/a", "/b", "/c", "/d"), bob=views("/c", "/d"))
    answer = project.ask("paths", DAY | {"end": "/d", "max_steps": 2})
    assert links(answer) == {"1 /c /d": 2}
    assert exits(answer) == {"2 /d": 2}
    assert cuts(answer) == {"2 /d": 1}, "one of the two came from further away"
    assert told(project, start="/a", end="/d", max_steps=2) == ["/a", "/b"], "with a start as well, the first ones"


def test_R5_names_beyond_the_limit_are_one_other(project: Project) -> None:
    project.story(ann=views("/a", "/x", "/y", "/b", "/z"), bob=views("/b", "/a"))
    answer = project.ask("paths", DAY | {"limit": 2})
    assert links(answer) == {"1 /a $other": 1, "2 $other /b": 1, "3 /b $other": 1, "1 /b /a": 1}
    assert told(project, limit=1, start="/y", end="/z") == ["/y", OTHER, "/z"], "what is asked for has a name"


@pytest.mark.parametrize("name", [OTHER, EXIT])
def test_what_is_called_as_we_call_something_is_among_the_others(project: Project, name: str) -> None:
    project.story(ann=views("/a", name, "/b"))
    answer = project.ask("paths", DAY)
    assert links(answer) == {"1 /a $other": 1, "2 $other /b": 1}
    assert len(project.behind("paths", "sessions", DAY, step=1, **{"from": "/a", "to": OTHER})) == 1
    with pytest.raises(BadRequest) as refused:
        project.ask("paths", DAY | {"start": name})
    assert refused.value.path == "$.start"


def test_R5_each_session_is_in_one_row_of_a_breakdown(project: Project) -> None:
    """By the value at the first step; a row has a flow of its own."""
    pro, free = {"properties": {"plan": "pro"}}, {"properties": {"plan": "free"}}
    project.story(
        ann=[("page_view", 0, {"page": "/a", **pro}), ("page_view", 1, {"page": "/b", **free})],
        bob=views("/a", "/b", **pro),
        cid=views("/a", **free),
        dan=views("/a", properties={"plan": "rare"}),
        eve=views("/b"),
    )
    question = DAY | {"breakdown": [{"property": "properties.plan", "limit": 2}]}
    answer = project.ask("paths", question)
    rows = {one["value"]: (one["sessions"], links(one), exits(one)) for one in answer["breakdowns"]}
    assert rows == {
        "pro": (2, {"1 /a /b": 2}, {"2 /b": 2}),
        "free": (1, {}, {"1 /a": 1}),
        OTHER: (1, {}, {"1 /a": 1}),
        "$not_set": (1, {}, {"1 /b": 1}),
    }
    assert list(rows) == ["pro", "free", "$not_set", OTHER]
    assert (answer["sessions"], links(answer)) == (5, {"1 /a /b": 2})
    (one,) = project.behind("paths", "people", question, step=1, **{"from": "/a", "to": EXIT}, breakdown="free")
    assert one["user_id"] == "cid"
    # The first step is where the path begins, not where the session does.
    (row,) = project.ask("paths", question | {"start": "/b", "filters": [where("user_id", "is", "ann")]})["breakdowns"]
    assert row["value"] == "free"


def test_R5_groups_break_down_as_well(project: Project) -> None:
    project.story(ann=views("/a", groups={"organization": "42"}), bob=views("/b"))
    rows = project.ask("paths", DAY | {"breakdown": [{"property": "group.organization"}]})["breakdowns"]
    assert {one["value"]: exits(one) for one in rows} == {"42": {"1 /a": 1}, "$not_set": {"1 /b": 1}}


# ── what is behind a number ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def walked(project: Project) -> Project:
    project.story(ann=views("/a", "/b", "/b", "/a", "/b"), bob=views("/a", "/b"), cid=views("/b", "/c"))
    return project


POINTERS = {
    "a link": ({"step": 1, "from": "/a", "to": "/b"}, ["ann", "bob"], ["ann-0", "bob-0"]),
    "a later link": ({"step": 3, "from": "/a", "to": "/b"}, ["ann"], ["ann-3"]),
    "an exit": ({"step": 2, "from": "/b", "to": EXIT}, ["bob"], ["bob-1"]),
    "a node": ({"step": 2, "from": "/b"}, ["ann", "bob"], ["ann-1", "bob-1"]),
    "a step": ({"step": 2}, ["ann", "bob", "cid"], ["ann-1", "bob-1", "cid-1"]),
    "a cell of the matrix": ({"from": "/a", "to": "/b"}, ["ann", "bob"], ["ann-0", "ann-3", "bob-0"]),
    "an exit of the matrix": ({"from": "/b", "to": EXIT}, ["ann", "bob"], ["ann-4", "bob-1"]),
    "every session": (
        {},
        ["ann", "bob", "cid"],
        ["ann-0", "ann-1", "ann-3", "ann-4", "bob-0", "bob-1", "cid-0", "cid-1"],
    ),
    "a link that is none": ({"step": 1, "from": "/b", "to": "/a"}, [], []),
    "a name that is none": ({"step": 1, "from": "/nowhere", "to": "/a"}, [], []),
    "others where there are none": ({"step": 1, "from": OTHER}, [], []),
}


@pytest.mark.parametrize(("pointer", "people", "events"), POINTERS.values(), ids=POINTERS)
def test_R6_a_number_is_a_list_of_people_sessions_and_events(
    walked: Project, pointer: Sent, people: list[str], events: list[str]
) -> None:
    """An event stands for the node that it began."""
    assert sorted(one["user_id"] for one in walked.behind("paths", "people", DAY, **pointer)) == people
    assert sorted(one["event_id"] for one in walked.behind("paths", "events", DAY, **pointer)) == events
    assert len(walked.behind("paths", "sessions", DAY, **pointer)) == len(people)


def test_R6_paths_that_are_cut_are_a_list(walked: Project) -> None:
    question = DAY | {"max_steps": 2}
    assert cuts(walked.ask("paths", question)) == {"2 /b": 1}
    pointer = {"step": 2, "from": "/b", "to": EXIT}
    for cut, names in ((None, ["ann", "bob"]), (True, ["ann"]), (False, ["bob"])):
        found = walked.behind("paths", "people", question, **pointer, **({} if cut is None else {"cut": cut}))
        assert sorted(one["user_id"] for one in found) == names
    assert walked.behind("paths", "people", question, step=2, **{"from": "/b", "to": "/a"}) == [], "not told"


def test_R6_a_session_behind_a_link_is_told_as_a_whole(walked: Project) -> None:
    (one,) = walked.behind("paths", "sessions", DAY, step=3, **{"from": "/a", "to": "/b"})
    assert (at(one["started"]), one["events"], one["entry"], one["exit"]) == (BASE, 5, "/a", "/b")


@pytest.mark.parametrize(
    ("pointer", "path"), [({"step": 3}, "$.pointer.step"), ({"breakdown": "x"}, "$.pointer.breakdown")]
)
def test_a_pointer_to_no_number_is_refused(walked: Project, pointer: Sent, path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        walked.behind("paths", "people", DAY | {"max_steps": 2}, **pointer)
    assert refused.value.path == path


# ── any events ───────────────────────────────────────────────────────────────────────────────────────────────

PAGES = ["/x", "/y"]


def walks(*, most: int = 60) -> st.SearchStrategy[list[Sent]]:
    """Stories in which people look at pages and components; some of their clients count along."""

    def walk(events: list[Sent]) -> list[Sent]:
        for event in events:
            event["event"] = {"a": "page_view", "b": "component_visit"}.get(event["event"], event["event"])
            if "page" in event:
                event["component"] = event["page"].upper()
            prefix = int(event["event_id"].partition("-")[0])
            if prefix % 2:
                event["seq"] = prefix % 3 - 1
        return events

    return stories(most=most).map(walk)


def called(by: str, event: Sent) -> str | None:
    """What a path calls an event."""
    if by == "event":
        return None if event["event"].startswith("$") else event["event"]
    return event.get(by) if event["event"] == {"page": "page_view", "component": "component_visit"}[by] else None


@st.composite
def questions(draw: st.DrawFn) -> Sent:
    by = draw(st.sampled_from(list(BY)))
    names = {"page": PAGES, "component": ["/X", "/Y"], "event": ["page_view", "component_visit"]}[by]
    ends = st.none() | st.sampled_from(names)
    asked = {
        "by": by,
        "max_steps": draw(st.integers(2, 6)),
        "collapse_repeats": draw(st.booleans()),
        "limit": draw(st.sampled_from([1, 500])),
        "start": draw(ends),
        "end": draw(ends),
    }
    return {name: value for name, value in asked.items() if value is not None}


RANGE = {"from": BASE - 5 * HOUR, "to": BASE + 30 * HOUR}


def by_hand(events: list[Sent], asked: Sent) -> list[list[Node]]:
    """The paths of plain Python."""
    start, end = RANGE["from"], RANGE["to"]
    names = Counter(
        name
        for event in events
        if start <= event["timestamp"] < end and "user_agent" not in event
        if (name := called(asked["by"], event)) is not None
    )
    wanted = [asked[one] for one in ("start", "end") if one in asked]
    ranked = sorted(names, key=lambda name: (name not in wanted, -names[name], name))
    kept = set(ranked[: max(asked["limit"], len(wanted))])

    def name(event: Sent) -> str | None:
        one = called(asked["by"], event)
        return one if one is None or one in kept else OTHER

    return oracle.paths(
        events,
        name,
        start,
        end,
        collapse=asked["collapse_repeats"],
        begins=asked.get("start"),
        ends=asked.get("end"),
    )


def cut_to(path: list[Node], asked: Sent) -> list[Node]:
    """What is told of a path."""
    most = asked["max_steps"]
    return path[-most:] if "end" in asked and "start" not in asked else path[:most]


@examples(40)
@given(events=walks(), asked=questions(), data=st.data())
def test_R22_flows_are_those_of_plain_python_in_any_order_of_arrival(
    new_project: Callable[[], Project], events: list[Sent], asked: Sent, data: st.DataObject
) -> None:
    project = new_project()
    shuffled = data.draw(st.permutations(events))
    place = data.draw(st.integers(0, len(events)))
    for batch in (shuffled[:place], shuffled[place:]):
        project.store(batch)
    answer = project.ask("paths", RANGE | asked)
    paths = by_hand(events, asked)
    short = [[name for name, _ in cut_to(path, asked)] for path in paths]
    assert answer["sessions"] == len(paths)
    assert links(answer) == Counter(
        f"{step} {source} {target}" for path in short for step, (source, target) in enumerate(pairwise(path), 1)
    )
    assert exits(answer) == Counter(f"{len(path)} {path[-1]}" for path in short)
    assert cuts(answer) == Counter(
        f"{len(part)} {part[-1]}" for path, part in zip(paths, short, strict=True) if len(path) > len(part)
    )
    assert matrix(answer) == Counter(
        f"{source} {target}" for path in paths for source, target in pairwise([*(name for name, _ in path), EXIT])
    )


@examples(25)
@given(events=walks(), asked=questions())
def test_invariant_h_what_comes_into_a_node_goes_out_of_it_or_ends_there(
    new_project: Callable[[], Project], events: list[Sent], asked: Sent
) -> None:
    project = new_project()
    project.store(events)
    answer = project.ask("paths", RANGE | asked | {"breakdown": [{"property": "page", "limit": 1}]})
    for flow in (answer, *answer["breakdowns"]):
        arriving: Counter[tuple[int, str]] = Counter()
        leaving: Counter[tuple[int, str]] = Counter()
        for link in flow["links"]:
            leaving[link["step"], link["from"]] += link["sessions"]
            arriving[link["step"] + 1, link["to"]] += link["sessions"]
        for one in flow["exits"]:
            leaving[one["step"], one["name"]] += one["sessions"]
        assert {node: size for node, size in leaving.items() if node[0] > 1} == arriving
        assert sum(size for (step, _), size in leaving.items() if step == 1) == flow["sessions"]
        assert sum(one["sessions"] for one in flow["exits"]) == flow["sessions"]
        assert sum(one["count"] for one in flow["matrix"] if one["to"] == EXIT) == flow["sessions"]
    assert sum(one["sessions"] for one in answer["breakdowns"]) == answer["sessions"]


@examples(12)
@given(events=walks(most=40), asked=questions(), data=st.data())
def test_invariant_f_every_number_of_a_flow_is_the_length_of_its_list(
    new_project: Callable[[], Project], events: list[Sent], asked: Sent, data: st.DataObject
) -> None:
    project = new_project()
    project.store(events)
    question = RANGE | asked
    if data.draw(st.booleans()):
        question |= {"breakdown": [{"property": "page", "limit": 1}]}
    answer = project.ask("paths", question)
    flow = data.draw(st.sampled_from([answer, *answer.get("breakdowns", [])]))
    row = {"breakdown": flow["value"]} if "value" in flow else {}
    numbers = [({}, "sessions", flow["sessions"])]
    for one in flow["links"]:
        numbers += [
            ({name: one[name] for name in ("step", "from", "to")}, unit, one["sessions"])
            for unit in ("sessions", "events")
        ]
    for one in flow["exits"]:
        pointer = {"step": one["step"], "from": one["name"], "to": EXIT}
        numbers += [(pointer, unit, one["sessions"]) for unit in ("sessions", "events")]
        numbers.append((pointer | {"cut": True}, "sessions", one["cut"]))
    numbers += [({"from": one["from"], "to": one["to"]}, "events", one["count"]) for one in flow["matrix"]]
    for pointer, unit, number in data.draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=5)):
        found = project.behind("paths", unit, question, limit=data.draw(st.integers(1, 50)), **pointer, **row)
        assert len(found) == number
        keys = {(one.get("person_id"), one.get("id"), one.get("event_id")) for one in found}
        assert len(keys) == number, "each of them once"


@examples(10)
@given(events=walks(), asked=questions())
def test_R6_the_events_of_a_flow_are_those_that_began_its_nodes(
    new_project: Callable[[], Project], events: list[Sent], asked: Sent
) -> None:
    project = new_project()
    project.store(events)
    found = project.behind("paths", "events", RANGE | asked)
    expected = [event["event_id"] for path in by_hand(events, asked) for _, event in path]
    assert sorted(one["event_id"] for one in found) == sorted(expected)


@examples(10)
@given(events=walks(), by=st.sampled_from(list(BY)))
def test_invariant_a_a_filter_never_raises_the_number_of_sessions(
    new_project: Callable[[], Project], events: list[Sent], by: str
) -> None:
    project = new_project()
    project.store(events)
    question = RANGE | {"by": by}
    every = project.ask("paths", question)["sessions"]
    assert project.ask("paths", question | {"filters": [where("page", "is", "/x")]})["sessions"] <= every
    trend = {"series": [{"event": "*", "measure": "unique_sessions"}], **RANGE, "interval": "week"}
    (active,) = project.ask("trend", trend)["series"]
    assert every <= active["total"]
    if by == "event":
        assert every == active["total"], "each active session has a path"


# ── as a file ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_has_a_row_for_each_link_exit_and_cell(walked: Project) -> None:
    rows = walked.table("paths", DAY | {"max_steps": 2})
    assert [list(row.values()) for row in rows] == [
        [1, "/a", "/b", 2, None, None],
        [1, "/b", "/c", 1, None, None],
        [2, "/b", EXIT, 2, 1, None],
        [2, "/c", EXIT, 1, 0, None],
        [None, "/a", "/b", None, None, 3],
        [None, "/b", EXIT, None, None, 2],
        [None, "/b", "/a", None, None, 1],
        [None, "/b", "/c", None, None, 1],
        [None, "/c", EXIT, None, None, 1],
    ]
    assert list(rows[0]) == ["step", "from", "to", "sessions", "cut", "count"]
    broken_down = walked.table("paths", DAY | {"breakdown": [{"property": "page"}]})
    assert {row["breakdown"] for row in broken_down} == {None, "/a", "/b"}
