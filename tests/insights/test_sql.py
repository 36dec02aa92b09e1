"""SQL as a value: what is bound comes back letter for letter, and the engine takes every builder's query."""

import inspect
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from footfall import insights
from footfall.insights import (
    INSIGHTS,
    Kind,
    activity,
    archive,
    components,
    dwell,
    events,
    facts,
    filters,
    funnel,
    interactions,
    lifecycle,
    lists,
    merges,
    observed,
    overview,
    paths,
    people,
    properties,
    proposals,
    retention,
    sessions,
    statement,
    stickiness,
    trend,
    violations,
    windows,
)
from footfall.insights.filters import Filter
from footfall.insights.lists import LISTS
from footfall.insights.paging import Page, cursor_of
from footfall.insights.question import Query, Rows, frame_of
from footfall.insights.source import Unit
from footfall.insights.sql import Facts, Sql, all_of, bind, join, sql
from footfall.model.period import LATEST, Period, zone_of
from footfall.stores.warehouse import Warehouse
from tests.support.effort import examples
from tests.support.moments import BASE, NOW
from tests.support.project import Project, read, where

# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = [
    "", "'", '"', "\\", "\\'", "\\\\", "\\n", "\n", "\r\n", "\t", "\0", "a\0b", "\x1a", "\b", "\x7f", "`", "%", "%s",
    "{p}", "{p:String}", "$x", "$$", "--", "/*", ";", "'; DROP TABLE events; --", "\\N", "NULL", "[", "]", "['a']",
    ",", " ", "\u00a0", "é", "😀", "\u2028", "\ufeff", "\ufffd", "\U0010ffff", "ﬀ", "x" * 10_000,
]  # fmt: skip


def echo(warehouse: Warehouse, parts: list[Sql]) -> list[Any]:
    """What the engine makes of values."""
    together = sql("SELECT $all", all=join(", ", parts))
    return warehouse.select(Query(text=together.text, params=together.params)).rows[0]


def test_hostile_texts_come_back_letter_for_letter(warehouse: Warehouse) -> None:
    assert echo(warehouse, [bind(text, "String") for text in HOSTILE]) == HOSTILE
    assert echo(warehouse, [bind(HOSTILE, "Array(String)")]) == [HOSTILE]


@examples(50)
@given(texts=st.lists(st.text() | st.text(st.sampled_from("\\'\"\0\n\t\r`{}[],$%é😀")), min_size=1, max_size=20))
def test_any_text_comes_back_letter_for_letter(warehouse: Warehouse, texts: list[str]) -> None:
    assert echo(warehouse, [bind(text, "String") for text in texts]) == texts
    assert echo(warehouse, [bind(texts, "Array(String)"), bind(len(texts), "UInt32")]) == [texts, len(texts)]


def test_a_text_matches_itself_and_nothing_else(warehouse: Warehouse) -> None:
    texts = list(dict.fromkeys(HOSTILE))
    pairs = [sql("indexOf($all, $one)", all=bind(texts, "Array(String)"), one=bind(text, "String")) for text in texts]
    assert echo(warehouse, pairs) == list(range(1, len(texts) + 1))


@examples(30)
@given(
    numbers=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20),
    fractions=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20),
)
@example([], [])
@example([2**63 - 1, -(2**63)], [1e308, 5e-324, -0.0, 1e22, 0.1])
def test_any_number_comes_back_as_it_was(warehouse: Warehouse, numbers: list[int], fractions: list[float]) -> None:
    whole, broken = echo(warehouse, [bind(numbers, "Array(Int64)"), bind(fractions, "Array(Float64)")])
    assert (whole, [float(one) for one in broken]) == (numbers, fractions)
    alone = [bind(0, "Int64")] + [bind(number, "Int64") for number in numbers]
    assert echo(warehouse, alone) == [0, *numbers]
    alone = [bind(0.5, "Float64")] + [bind(one, "Float64") for one in fractions]
    assert [float(one) for one in echo(warehouse, alone)] == [0.5, *fractions]


def test_equal_values_of_a_type_share_a_parameter_and_others_do_not() -> None:
    assert bind("a", "String") == bind("a", "String")
    others = [bind("1", "String"), bind(1, "UInt32"), bind(1, "Int64"), bind(1.0, "Float64"), bind([1], "Array(Int64)"),
              bind(["1"], "Array(String)"), bind("", "String"), bind([], "Array(String)")]  # fmt: skip
    assert len({one.text for one in others}) == len(others)


def test_a_value_never_stands_in_the_text() -> None:
    for text in HOSTILE[1:]:
        if len(text) > 2:
            assert text not in bind(text, "String").text


def test_fragments_keep_their_values_when_they_are_put_together() -> None:
    one, two = bind("x", "String"), bind(7, "UInt8")
    whole = all_of([sql("a = $one", one=one), sql("b = $two OR b = $one", one=one, two=two)])
    assert whole.params == one.params | two.params
    assert whole.text == f"(a = {one.text}) AND (b = {two.text} OR b = {one.text})"
    assert all_of([]).text == "1"


def test_a_dollar_in_a_value_is_no_place_for_a_fragment(warehouse: Warehouse) -> None:
    inner = sql("concat($a, $b)", a=bind("$b", "String"), b=bind("$a$", "String"))
    assert echo(warehouse, [sql("upper($inner)", inner=inner)]) == ["$B$A$"]


def test_a_fragment_that_is_missing_is_a_fault() -> None:
    with pytest.raises(KeyError):
        sql("SELECT $missing")


# ── every builder's query ────────────────────────────────────────────────────────────────────────────────────

FILTERS = [
    where("page", "is", "/x", "'"),
    where("user_type", "is_not", "registered"),
    where("url", "contains", "\\"),
    where("title", "not_contains", "a"),
    where("device", "starts_with", "mob"),
    where("component", "matches", "^a.*"),
    where("locale", "is_set"),
    where("action", "is_not_set"),
    where("seq", "gt", "1"),
    where('properties.a["b.c"]', "between", "1", "2"),
    where("properties.when", "lte", "2026-03-01"),
    where("group.organization", "is", "42"),
    {"any": [where("bot", "is", "true"), {"any": [where("event_id", "is", "1"), where("event", "is_not", "2")]}]},
]
TRAITS = [where("person.plan", "is_not", "pro'"), where("person.address.city", "gt", "1")]
RANGE = {"from": "2026-03-01", "to": "2026-03-08", "timezone": "Europe/Berlin", "filters": FILTERS}
NUMERIC = {measure for measure, row in trend.MEASURES.items() if row.takes_property}
ALL_SERIES = [
    {"event": "a", "measure": measure, "filters": FILTERS[:2]}
    | ({"property": "properties.n"} if measure in NUMERIC else {})
    for measure in trend.MEASURES
]


def asked(kind: Kind, **request: Any) -> Callable[[Project], list[Query]]:
    return lambda project: list(project.queries(kind, RANGE | request).values())


def asked_of_few(kind: Kind, **request: Any) -> Callable[[Project], list[Query]]:
    """As it is asked where the look beforehand found few events (ADR 0069)."""

    def queries(project: Project) -> list[Query]:
        few = Facts(nameless=False, counts=((Period(0, LATEST, ZoneInfo("UTC")), {}),))
        insight = INSIGHTS[kind]
        plan = insight.plan(read(kind, RANGE | request), msgspec.structs.replace(project.context(), facts=few))
        return list(insight.queries(plan).values())

    return queries


def looked(kind: Kind, **request: Any) -> Callable[[Project], list[Query]]:
    def queries(project: Project) -> list[Query]:
        question, context = read(kind, RANGE | request), project.context()
        return list(facts.build(frame_of(question, context), INSIGHTS[kind].counted(question, context)).values())

    return queries


def built(build: Callable[..., Query], *arguments: Any) -> Callable[[Project], list[Query]]:
    return lambda project: [build(project.context(), *arguments)]


def behind(kind: Kind, unit: Unit) -> Callable[[Project], list[Query]]:
    request, place = POINTED[kind]
    keys: dict[Unit, list[Any]] = {"people": [1], "events": [BASE, "'x\\"], "sessions": [1, 2, 1, BASE]}

    def queries(project: Project) -> list[Query]:
        insight = INSIGHTS[kind]
        plan = insight.plan(read(kind, RANGE | request), project.context())
        pointer = msgspec.convert(place, insight.pointer)
        page = Page(cursor=cursor_of(LISTS[unit].place(keys[unit])))
        details = lists.build_details(unit, plan.frame.viewpoint, [keys[unit]], insight.told_by(plan))
        return [*lists.build(unit, insight.members(plan, pointer, unit), page).values(), details]

    return queries


STEPS = [{"event": "a", "filters": FILTERS[:3]}, {"event": "*"}, {"event": "b"}]
PATHS = {"start": "'/x\\", "end": "/y", "breakdown": [{"property": "properties.plan", "limit": 3}]}
SPLIT = {"breakdown": [{"property": "properties.plan", "limit": 3}]}
POINTED: dict[Kind, tuple[dict[str, Any], dict[str, Any]]] = {
    "trend": ({"series": ALL_SERIES[:1]}, {}),
    "funnel": ({"steps": STEPS}, {"step": 1}),
    "retention": ({"buckets": "rolling"}, {"cohort": "2026-03-01", "period": 1}),
    "lifecycle": ({}, {"state": "dormant", "bucket": "2026-03-02"}),
    "stickiness": ({}, {"at_least": 1}),
    "paths": (PATHS, {"step": 1, "from": "'\\", "to": "(exit)", "cut": True, "breakdown": "'\\"}),
    "overview": ({}, {"list": "pages", "name": "'\\"}),
    "sessions": (SPLIT | {"by": "component"}, {"entry": "'", "bounced": True, "breakdown": "\\"}),
    "dwell": (SPLIT, {"row": "'", "measured": True, "breakdown": "\\"}),
    "components": (SPLIT, {"row": "'", "of": "visits", "breakdown": "\\"}),
}
"""A question of each kind, and one of its numbers."""
KNOWN = properties.Wanted(event="a", since=BASE)
MATCHING = [filters.Filter(property="page", operator="matches", values=("^/a'", "b"))]
EVENTS = events.Request(events=("a", "*"), start="2026-03-01", end="2026-03-02", page=Page(limit=10))
ARCHIVE = archive.Request(events=("a", "b'"), start="2026-03-01", end="2026-03-02")
COUNTED = (windows.Counted(event="a'", filters=tuple(MATCHING)), windows.Counted(event="*"))
A_DAY = Period(BASE, BASE + 86_400_000, zone_of("UTC"))
OBSERVED = observed.Outline(event="a'", count=1, before=0, first=BASE, last=BASE, since=BASE)
SLICE = archive.Slice(start=BASE, end=BASE + 3_600_000, events=1)
OUTLINE = archive.Outline(slices=[SLICE], last=2**63)
FILTERS_OF_PEOPLE = msgspec.convert(where("person.plan", "is", "pro'"), Filter)
PERSON = {"person": Rows(rows=[[1, "", [], BASE, BASE + 1]])}
QUERIES: dict[str, Callable[[Project], list[Query]]] = {
    "trend, all measures": asked("trend", series=ALL_SERIES),
    "trend, every event": asked("trend", series=[{"event": "*"}], include_bots=True),
    "trend, an earlier now": asked("trend", series=ALL_SERIES, now=BASE),
    "trend, minutes": asked("trend", series=[{"event": "a"}], interval="minute", to="2026-03-02"),
    "trend, broken down": asked("trend", series=ALL_SERIES, breakdown=[{"property": "properties.plan", "limit": 3}]),
    "trend, compared": asked("trend", series=ALL_SERIES, compare="previous_period", moving_average=7),
    "trend, last year": asked("trend", series=ALL_SERIES, compare="previous_year", interval="week"),
    "trend, by traits": asked("trend", series=ALL_SERIES[:3], filters=TRAITS, breakdown=[{"property": "person.plan"}]),
    "trend, per group": asked("trend", series=ALL_SERIES[:3], per="group.o's", breakdown=[{"property": "person.plan"}]),
    "funnel, per group of then": asked("funnel", steps=STEPS, per="group.organization", filters=TRAITS, now=BASE),
    "trend, by traits of then": asked("trend", series=ALL_SERIES[:1], filters=TRAITS, now=BASE),
    "trend, a formula": asked("trend", series=[{"event": "a"}, {"event": "b"}], formula="B/A"),
    "funnel": asked("funnel", steps=STEPS, window="PT30M"),
    "funnel, by traits": asked("funnel", steps=STEPS, filters=TRAITS, breakdown=[{"property": 'person["a.b"].c'}]),
    "funnel, distinct steps": asked("funnel", steps=[{"event": "a"}, {"event": "b"}]),
    "funnel, twenty steps": asked("funnel", steps=STEPS * 6 + STEPS[:2], filters=[], include_bots=True, now=BASE),
    "paths": asked("paths"),
    "paths, between two names": asked("paths", by="component", collapse_repeats=False, now=BASE, **PATHS),
    "paths, of events to one": asked("paths", by="event", end="b", filters=[], include_bots=True),
    "overview": asked("overview"),
    "overview, whole hours": asked("overview", filters=[], include_bots=True),
    "overview, an earlier now": asked("overview", compare="previous_year", now=BASE),
    "overview, not compared": asked("overview", compare=None),
    "overview, of few events": asked_of_few("overview"),
    "overview, of few events until then": asked_of_few("overview", now=BASE),
    "overview, looked at before": looked("overview"),
    "trend, of few events": asked_of_few("trend", series=ALL_SERIES[:3], compare="previous_year", moving_average=7),
    "trend, of few events, broken down": asked_of_few(
        "trend", series=ALL_SERIES[:1], compare="previous_period", breakdown=[{"property": "properties.plan"}]
    ),
    "retention": asked("retention", start_event="a", return_event="b", criterion="on_or_after"),
    "retention, every event": asked("retention", filters=[], cohort="recurring"),
    "retention, an earlier now": asked("retention", filters=[], now=BASE),
    "retention, rolling": asked("retention", start_event="a", buckets="rolling", interval="week"),
    "retention, broken down": asked("retention", breakdown=[{"property": "properties.plan", "limit": 3}]),
    "lifecycle": asked("lifecycle", event="a"),
    "lifecycle, every event": asked("lifecycle", filters=[], include_bots=True),
    "lifecycle, broken down": asked("lifecycle", breakdown=[{"property": "person.plan"}], interval="week"),
    "stickiness": asked("stickiness", event="a"),
    "stickiness, broken down": asked("stickiness", filters=[], breakdown=[{"property": "group.organization"}]),
    "sessions": asked("sessions"),
    "sessions, by component": asked("sessions", by="component", interval="hour", include_bots=True),
    "sessions, broken down": asked("sessions", **SPLIT),
    "sessions, an earlier now": asked("sessions", interval=None, now=BASE),
    "dwell": asked("dwell"),
    "dwell, by page": asked("dwell", by="page", include_bots=True),
    "dwell, broken down": asked("dwell", **SPLIT),
    "dwell, an earlier now": asked("dwell", now=BASE),
    "components": asked("components"),
    "components, broken down": asked("components", **SPLIT),
    "components, an earlier now": asked("components", now=BASE, include_bots=True),
    **{f"lists, {unit} of {kind}": behind(kind, unit) for kind in INSIGHTS for unit in LISTS},
    "activity": built(activity.build, BASE),
    "properties": lambda project: list(properties.build_properties(project.context(), KNOWN).values()),
    "properties, hours": built(properties.build_hours, KNOWN),
    "properties, values": built(properties.build_values, KNOWN, properties.Choice(property="page", limit=5)),
    "properties, values of another": built(
        properties.build_values, KNOWN, properties.Choice(property="properties.plan", prefix="'\\", limit=5)
    ),
    "proposals": built(proposals.build),
    "people": lambda project: [
        people.build(people.Request(search="a'", filters=(FILTERS_OF_PEOPLE,)), project.context()),
        people.build(people.Request(page=Page(cursor=cursor_of([BASE, 1]))), project.context()),
        *people.build_listed(Rows(rows=[[1, BASE, 1]]), people.Request(), project.context()).values(),
    ],
    "people, one of them": lambda project: [
        people.build_found("a'", project.context()),
        people.build_found("0" * 16, project.context()),
        *people.build_person(1, project.context()).values(),
        *people.build_activity(1, project.context(), PERSON).values(),
    ],
    "people, what they did": lambda project: [
        people.build_events(1, Page(cursor=cursor_of([BASE, "a'"])), project.context()),
        people.build_timelines(1, Page(), {"page": Rows(rows=[[1]])}, project.context()) or NEVER,
    ],
    "merges": built(merges.build),
    "merges, who is known": lambda project: [merges.build_known(["a'", "b"], project.context())],
    "merges, what would change": lambda project: list(
        merges.build_sides(merges.merge(merges.Standing(words={}), "a'", "b", "m", BASE), project.context()).values()
    ),
    "interactions, statistics": built(interactions.build_stats),
    "interactions, total": built(interactions.build_total),
    "interactions, page": built(interactions.build_page, 2, 50),
    "interactions, export": built(interactions.build_export, 100, None),
    "interactions, export further": built(interactions.build_export, 100, (BASE, "'x\\")),
    "archive, outline": lambda project: [archive.build_outline(ARCHIVE, project.context())],
    "archive, everything": lambda project: [archive.build_outline(archive.Request(), project.context())],
    "archive, portion": lambda project: [archive.build_portion(ARCHIVE, project.context(), OUTLINE, SLICE, None)],
    "archive, further": lambda project: [
        archive.build_portion(ARCHIVE, project.context(), OUTLINE, SLICE, (BASE, "'x\\"))
    ],
    "a statement": lambda project: [
        statement.build("SELECT event, count() FROM events WHERE page != '\\'' GROUP BY event", project.context())
    ],
    "a statement, hourly": lambda project: [
        statement.build("SELECT sum(event_count) FROM event_hourly_mv", project.context())
    ],
    "observed": lambda project: [
        observed.build_outline(project.context(), A_DAY),
        *observed.build_properties(project.context(), A_DAY, [OBSERVED]).values(),
    ],
    "windows": lambda project: [
        *(
            look.query
            for starts in ((BASE,), (BASE, BASE + 1, BASE + 3))
            for look in windows.build(
                windows.Asked(starts=starts, end=BASE + 4, counted=COUNTED, group_by="page"), project.context()
            )
        ),
        windows.build_first(project.context()),
    ],
    "violations": lambda project: [violations.build(project.context(), A_DAY, "a'b\\c", 10)],
    "events": lambda project: [events.build(EVENTS, project.context())],
    "events, further": lambda project: [
        events.build(events.Request(page=Page(cursor=cursor_of([BASE, "a'b\\c"]))), project.context())
    ],
    "events, what they hold": lambda project: [events.build_details(project.context(), [(BASE, "a'b\\c")])],
    "events, checked": lambda project: [
        query for query in [events.build_check(events.Choice(filters=MATCHING), project.context())] if query
    ],
    "events, arrived": lambda project: [events.build_arrived(EVENTS, project.context(), 0, 2**63, 10)],
    "events, missed": lambda project: [events.build_missed(EVENTS, project.context(), 0, 2**63)],
}
NEVER = Query(text="", params={})
EACH_QUERY = pytest.mark.parametrize("queries", QUERIES.values(), ids=QUERIES)


@EACH_QUERY
def test_the_engine_explains_every_query(project: Project, queries: Callable[[Project], list[Query]]) -> None:
    for query in queries(project):
        # A pretty plan spells columns out down to the table: half a gigabyte, where arrays are made of arrays.
        plan = project.warehouse.select(Query(text=f"EXPLAIN PLAN pretty = 0 {query.text}", params=query.params))
        assert plan.rows


@EACH_QUERY
def test_no_query_depends_on_the_zone_of_the_session(
    project: Project, queries: Callable[[Project], list[Query]]
) -> None:
    people = ["ann", "bob", "cid"]
    project.store(
        {
            "event": name, "event_id": f"{hour}{name}", "user_id": people[hour % 3],
            "timestamp": BASE + hour * 1_800_000, "component": "c", "properties": {"n": hour, "plan": "pro"},
            "page": "/x", "url": "\\", "device": "mobile",
        }
        for hour in range(-20, 60)
        for name in ("a", "b", "page_view", "component_visit", "component_interaction", "component_exit", "$identify")
    )  # fmt: skip
    for query in queries(project):
        rows = [
            project.warehouse.select(
                Query(text=f"{query.text} SETTINGS session_timezone = '{zone}'", params=query.params)
            ).rows
            for zone in ("UTC", "America/St_Johns")
        ]
        assert sorted(rows[0], key=repr) == sorted(rows[1], key=repr)


def test_every_builder_is_in_the_table() -> None:
    modules = [import_module(f"{insights.__name__}.{info.name}") for info in iter_modules(insights.__path__)]
    builders = {
        f"{module.__name__}.{name}"
        for module in modules
        for name, made in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("build") and made.__module__ == module.__name__
    }
    known = [trend.build, funnel.build, sessions.build, dwell.build, components.build, retention.build, lifecycle.build,
             stickiness.build, overview.build, paths.build, lists.build, lists.build_details,
             activity.build, events.build, events.build_details, events.build_arrived, events.build_missed,
             events.build_check, proposals.build, facts.build,
             properties.build_hours, properties.build_properties, properties.build_values,
             observed.build_outline, observed.build_properties, violations.build,
             windows.build, windows.build_first,
             merges.build, merges.build_known, merges.build_sides,
             people.build, people.build_listed, people.build_found, people.build_person, people.build_activity,
             people.build_events, people.build_timelines,
             interactions.build_stats, interactions.build_total, interactions.build_page,
             interactions.build_export, archive.build_outline, archive.build_portion,
             statement.build]  # fmt: skip
    assert builders == {f"{build.__module__}.{build.__name__}" for build in known}
    assert {kind for kind in INSIGHTS if not any(name.startswith(kind) for name in QUERIES)} == set()


def test_the_hour_of_an_answer_is_bound_and_not_printed(project: Project) -> None:
    for query in project.queries("trend", {**RANGE, "series": [{"event": "a"}]}, now=NOW).values():
        assert "2026" not in query.text


def test_a_range_is_found_by_the_days_of_the_sorting_key(project: Project) -> None:
    """Of times alone the engine reads all of the months that they lie in."""
    project.story(ann=[("a", 0, {"page": "/x"})])
    (query, *_) = project.queries("trend", {**RANGE, "series": [{"event": "*"}]}).values()
    explained = project.warehouse.select(Query(text=f"EXPLAIN indexes = 1 {query.text}", params=query.params))
    _, _, keys = " ".join(row[0].strip() for row in explained.rows).partition("PrimaryKey Keys:")
    assert "toDate(timestamp)" in keys.partition("Condition:")[0]
