"""Any plan that lint takes is compiled, generated, and says of a value the same in every language."""

import json
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from footfall.plan.bundle import Bundle
from footfall.plan.check import FINE, Checker
from footfall.plan.codegen import TARGETS, python, typescript
from footfall.plan.diff import diff
from footfall.plan.lint import lint, planned
from tests.plan import sources
from tests.plan.sources import run
from tests.plan.test_check import event
from tests.support.effort import examples

WORDS = st.sampled_from(
    ["alpha", "beta", "class", "from", "str", "int", "self", "type", "none", "any", "event", "properties", "length"]
)
SNAKE = st.lists(WORDS, min_size=1, max_size=2).map("_".join)
TEXT = st.text(max_size=6) | st.sampled_from(['"', "'", "\\", "*/", "no", "2026-01-01", "`${x}`"])
NUMBERS = st.integers(-(2**40), 2**40)

Typed = tuple[dict[str, Any], st.SearchStrategy[Any]]
"""A schema, and values that it takes."""


@st.composite
def texts(draw: st.DrawFn) -> Typed:
    least = draw(st.integers(0, 3))
    most = draw(st.integers(least, 5))
    return {"type": "string", "minLength": least, "maxLength": most}, st.text(min_size=least, max_size=most)


@st.composite
def integers(draw: st.DrawFn) -> Typed:
    least = draw(NUMBERS)
    most = draw(st.integers(least, 2**41))
    return {"type": "integer", "minimum": least, "maximum": most}, st.integers(least, most)


@st.composite
def numbers(draw: st.DrawFn) -> Typed:
    least = draw(NUMBERS)
    return {"type": "number", "exclusiveMinimum": least}, st.integers(least + 1, 2**42) | st.just(least + 0.5)


@st.composite
def choices(draw: st.DrawFn) -> Typed:
    values = draw(st.lists(TEXT | st.integers(-9, 9), min_size=1, max_size=4, unique_by=lambda one: (type(one), one)))
    return {"enum": values}, st.sampled_from(values)


PLAIN: st.SearchStrategy[Typed] = st.one_of(
    texts(),
    integers(),
    numbers(),
    choices(),
    st.just(({"type": "boolean"}, st.booleans())),
    st.just(({"type": ["string", "null"]}, TEXT | st.none())),
    st.just(({"type": "object"}, st.dictionaries(TEXT, TEXT, max_size=2))),
    st.just(({"type": "array", "maxItems": 2}, st.lists(TEXT, max_size=2))),
)


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Typed]) -> Typed:
    members = draw(st.dictionaries(SNAKE, inner, min_size=1, max_size=3))
    needed = [name for name in members if draw(st.booleans())]
    schema: dict[str, Any] = {"type": "object", "properties": {name: one for name, (one, _) in members.items()}}
    values = {name: value for name, (_, value) in members.items()}
    return schema | ({"required": needed} if needed else {}), st.fixed_dictionaries(
        {name: values[name] for name in needed},
        optional={name: value for name, value in values.items() if name not in needed},
    )


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[Typed]) -> Typed:
    schema, value = draw(inner)
    return {"type": "array", "items": schema, "minItems": 1}, st.lists(value, min_size=1, max_size=2)


SCHEMAS = st.recursive(PLAIN, lambda inner: objects(inner) | arrays(inner), max_leaves=6)


class Plan(msgspec.Struct, frozen=True):
    """A plan, and of each event values that it takes."""

    text: str
    values: dict[str, list[dict[str, Any]]]

    @property
    def bundle(self) -> Bundle:
        return planned([("plan.yaml", self.text)])


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    events: dict[str, Any] = {}
    values: dict[str, list[dict[str, Any]]] = {}
    names = draw(st.lists(SNAKE | st.tuples(SNAKE, SNAKE).map(".".join), min_size=1, max_size=3, unique=True))
    for name in names:
        schema, value = draw(objects(SCHEMAS))
        needed = schema.get("required", [])
        events[name] = {
            "version": f"{draw(st.integers(0, 9))}.0.0",
            "description": draw(TEXT),
            "additional": "deny",
            "properties": {
                member: one | ({"required": True} if member in needed else {}) | {"description": draw(TEXT)}
                for member, one in schema["properties"].items()
            },
        }
        values[name] = draw(st.lists(value, min_size=1, max_size=3))
    text = yaml.safe_dump({"plan": 1, "owner": "team", "property_case": "snake", "events": events}, allow_unicode=True)
    return Plan(text, values)


def is_fine(plan: Bundle, name: str, value: object) -> bool:
    return Checker(plan).check(event(name, value), "", 0) == FINE


@examples(100)
@given(plans())
def test_it_has_no_errors_and_takes_its_own_values(plan: Plan) -> None:
    assert [one for one in lint([("plan.yaml", plan.text)]) if one.level == "error"] == []
    for name, values in plan.values.items():
        assert all(is_fine(plan.bundle, name, value) for value in values)
    assert diff(plan.bundle, plan.bundle) == []
    for generate in TARGETS.values():
        assert generate(plan.bundle) == generate(plan.bundle)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.just(0.5) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(SNAKE, inner, max_size=2),
    max_leaves=4,
)


@examples(60)
@given(plans(), st.data())
def test_another_validator_says_the_same(plan: Plan, data: st.DataObject) -> None:
    for name, values in plan.values.items():
        oracle = jsonschema.Draft202012Validator(plan.bundle.events[name].schema | {"additionalProperties": False})
        other = data.draw(st.dictionaries(SNAKE, JSON, max_size=2))
        for value in [*values, values[0] | other, other]:
            assert oracle.is_valid(value) == is_fine(plan.bundle, name, value), value


@examples(100)
@given(plans(), st.data())
def test_structs_take_what_the_server_takes_and_refuse_what_it_refuses(
    tmp_path_factory: pytest.TempPathFactory, plan: Plan, data: st.DataObject
) -> None:
    made = run(python(plan.bundle, structs=True), tmp_path_factory.mktemp("made"))
    for name, values in plan.values.items():
        other = data.draw(st.dictionaries(SNAKE, JSON, max_size=2))
        for value in [*values, values[0] | other, other]:
            try:
                made.checked(name, value)
                taken = True
            except msgspec.ValidationError:
                taken = False
            assert taken == is_fine(plan.bundle, name, value), value


@examples(15)
@given(plans())
def test_typescript_takes_every_value_that_the_plan_takes(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> None:
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "plan.ts").write_text(typescript(plan.bundle), "utf-8")
    lines = ['import { createTracker } from "@footfall/browser";', 'import type { Events } from "./plan.js";']
    lines += ["const { track } = createTracker<Events>();", *_calls(plan, "track({}, {});")]
    (folder / "use.ts").write_text("\n".join(lines), "utf-8")
    assert sources.tsc(folder) == {}, plan.text


@pytest.mark.slow
@examples(5)
@given(plans())
def test_python_takes_every_value_that_the_plan_takes(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> None:
    folder = tmp_path_factory.mktemp("python")
    (folder / "plan.py").write_text(python(plan.bundle), "utf-8")
    lines = ["from footfall_client import Footfall", "from plan import typed", "client = typed(Footfall())"]
    for name, values in plan.values.items():
        lines += [f"client.track({name!r}, properties={value!r})" for value in values]
    (folder / "use.py").write_text("\n".join(lines), "utf-8")
    assert sources.basedpyright(folder) == {}, plan.text


def _calls(plan: Plan, call: str) -> list[str]:
    first, between, last = call.split("{}")
    return [
        f"{first}{json.dumps(name)}{between}{json.dumps(value)}{last}"
        for name, values in plan.values.items()
        for value in values
    ]
