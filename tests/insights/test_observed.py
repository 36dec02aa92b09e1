"""What comes, told of all events together: how many, since when, and what their properties look like."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import observed, violations
from footfall.model.period import Period, rfc3339, zone_of
from footfall.model.seen import SeenEvent, SeenProperty
from footfall.plan.check import json_type
from tests.support.chance import BOT
from tests.support.effort import examples
from tests.support.moments import BASE, HOUR
from tests.support.project import Project, decoded

UTC = zone_of("UTC")
LAST_DAY = Period(BASE - 24 * HOUR, BASE + HOUR, UTC)


def seen(project: Project, period: Period = LAST_DAY) -> dict[str, SeenEvent]:
    context = project.context()
    outline = observed.shape_outline(project.warehouse.select(observed.build_outline(context, period)))
    queries = observed.build_properties(context, period, outline)
    return observed.shape(outline, {name: project.warehouse.select(one) for name, one in queries.items()})


def test_properties_are_told_by_type_and_few_texts_with_how_often(project: Project) -> None:
    project.story(
        ann=[
            ("buy", 0, {"properties": {"n": 1, "size": "S", "tags": ["x"], "at": {"city": "Bern"}}}),
            ("buy", 1, {"properties": {"n": 1.5, "size": "S", "paid": True, "none": None}}),
            ("buy", 2, {"properties": {"n": "1", "size": 'M"\u00e9', "paid": False}}),
        ]
    )
    found = seen(project)["buy"]
    assert (found.count, found.sampled) == (3, 3)
    assert found.properties == {
        "n": SeenProperty(types={"integer": 1, "number": 1, "string": 1}, values={"1": 1}),
        "size": SeenProperty(types={"string": 3}, values={"S": 2, 'M"\u00e9': 1}),
        "tags": SeenProperty(types={"array": 1}),
        "at": SeenProperty(types={"object": 1}),
        "paid": SeenProperty(types={"boolean": 2}),
        "none": SeenProperty(types={"null": 1}),
    }


def test_a_whole_number_is_an_integer_however_it_is_written(project: Project) -> None:
    numbers = [b"1.0", b"-7", b"1e3", b"0.25", b"12345678901234567890"]
    project.store(
        b'{"event":"a","user_id":"ann","event_id":"%d","timestamp":%d,"properties":{"n":%s}}' % (place, BASE, number)
        for place, number in enumerate(numbers)
    )
    assert seen(project)["a"].properties["n"].types == {"integer": 4, "number": 1}


def test_texts_that_are_many_or_long_are_not_told(project: Project) -> None:
    many = [("a", place, {"properties": {"id": f"id {place}", "few": f"{place % 20}"}}) for place in range(40)]
    project.story(ann=[*many, ("b", 0, {"properties": {"text": "x" * 200}})])
    found = seen(project)
    assert found["a"].properties["id"] == SeenProperty(types={"string": 40})
    assert found["a"].properties["few"].values == {f"{place}": 2 for place in range(20)}
    assert found["b"].properties["text"] == SeenProperty(types={"string": 1})


def test_counts_are_of_the_range_and_times_of_everything_before_its_end(project: Project) -> None:
    day = 24 * 3600
    project.story(ann=[("a", -3 * day), ("a", 0), ("a", 1), ("gone", -3 * day), ("later", 2 * 3600)])
    found = seen(project)
    assert {name: one.count for name, one in found.items()} == {"a": 2, "gone": 0}
    assert found["a"].first_seen == rfc3339(BASE - 72 * HOUR)
    assert found["gone"].last_seen == rfc3339(BASE - 72 * HOUR)
    assert found["gone"].properties == {}


def test_bots_and_events_of_the_system_are_left_out(project: Project) -> None:
    project.story(ann=[("a", 0), ("$identify", 0)])
    project.store([{"event": "b", "event_id": "bot", "user_id": "b", "timestamp": BASE, "user_agent": BOT}])
    assert set(seen(project)) == {"a"}


def test_of_many_events_the_newest_hours_are_taken_apart(project: Project) -> None:
    enough = observed.ENOUGH
    project.story(
        ann=[
            *(("a", -7200 - place / 1000, {"properties": {"old": 1}}) for place in range(10)),
            *(("a", place / 1000, {"properties": {"new": 1}}) for place in range(enough)),
            ("b", -7200, {"properties": {"old": 1}}),
        ]
    )
    found = seen(project)
    assert (found["a"].count, found["a"].sampled) == (enough + 10, enough)
    assert set(found["a"].properties) == {"new"}
    assert set(found["b"].properties) == {"old"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.sampled_from([0.5, -2.25, 1e-7])
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text('ab.é" ', max_size=3), inner, max_size=2),
    max_leaves=3,
)  # fmt: skip


@examples(25)
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b", "c d", "é"]), JSON, max_size=3), min_size=1, max_size=8))
def test_types_and_texts_are_those_of_a_reader_of_json(
    new_project: Callable[[], Project], bodies: list[dict[str, Any]]
) -> None:
    project = new_project()
    project.store({"event": "a", "user_id": "u", "timestamp": BASE, "event_id": f"{place}", "properties": body}
                  for place, body in enumerate(bodies))  # fmt: skip
    expected: dict[str, Counter[str]] = {}
    texts: dict[str, Counter[str]] = {}
    for body in bodies:
        for name, value in json.loads(json.dumps(body)).items():
            expected.setdefault(name, Counter())[json_type(value)] += 1
            if isinstance(value, str):
                texts.setdefault(name, Counter())[value] += 1
    found = seen(project)["a"]
    assert {name: one.types for name, one in found.properties.items()} == expected
    assert {name: one.values for name, one in found.properties.items() if one.values} == texts


def test_violations_are_told_together_by_event_version_and_what_is_wrong(project: Project) -> None:
    wrong = ('{"rule":"type_mismatch","path":"$.properties.n","expected":"integer","actual":"string"}',)
    typo = ('{"rule":"unplanned_event","path":"$.event","expected":"an event of the plan","suggestion":"buy"}',)
    base = decoded(
        {"event": name, "user_id": "ann", "event_id": name + str(at), "timestamp": BASE + at, "app_version": version}
        for at, (name, version) in enumerate([("buy", "1"), ("buy", "1"), ("buy", "2"), ("by", ""), ("fine", "")])
    )
    said = [wrong, wrong + typo, wrong, typo, ()]
    project.insert(msgspec.structs.replace(one, violations=two) for one, two in zip(base, said, strict=True))

    def ask(limit: int = 100, event: str | None = None) -> violations.Answer:
        query = violations.build(project.context(), LAST_DAY, event, limit)
        return violations.shape(project.warehouse.select(query), limit)

    answer = ask()
    assert [(one.event, one.app_version, one.rule, one.events) for one in answer.violations] == [
        ("buy", "1", "type_mismatch", 2),
        ("buy", "1", "unplanned_event", 1),
        ("buy", "2", "type_mismatch", 1),
        ("by", None, "unplanned_event", 1),
    ]
    first = answer.violations[0]
    assert (first.path, first.expected, first.actual, first.suggestion) == ("$.properties.n", "integer", "string", "")
    assert (first.first_seen, first.last_seen) == (rfc3339(BASE), rfc3339(BASE + 1))
    assert not answer.more
    assert ask(limit=1).more
    assert {one.event for one in ask(event="by").violations} == {"by"}
