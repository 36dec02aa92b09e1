"""Plan files: YAML that is read strictly, with the place of every fault (`governance.md`, "The tracking plan")."""

import jsonschema_rs
import pytest

from footfall.plan.document import Fault, Unreadable, read, schema
from tests.plan.examples import GIVEN


def faults(text: str) -> list[Fault]:
    with pytest.raises(Unreadable) as caught:
        read("plan.yaml", text)
    return caught.value.faults


def test_the_given_example_is_read_with_the_line_of_each_part() -> None:
    text = read("cart.yaml", GIVEN)
    assert list(text.area.events) == [
        "page_view",
        "add_to_cart",
        "create_project_button.click",
        "organization.created",
    ]
    assert text.area.events["organization.created"].sunset == "2027-03-01"  # a text, and no date
    lines = GIVEN.splitlines()
    assert "price:      {ref: price" in lines[text.line("$.events.add_to_cart.properties.price") - 1]
    assert text.line("$.events.add_to_cart.properties.price.nothing") == text.line(
        "$.events.add_to_cart.properties.price"
    )


@pytest.mark.parametrize(
    ("text", "rule", "path", "line", "said"),
    [
        ("plan: 2", "shape", "$.plan", 1, "1"),
        ("plan: 1\nevnts: {}", "shape", "$", 1, "did you mean “events”?"),
        ("plan: 1\nevents:\n  a:\n    on_violation: quarentine", "shape", "$.events.a.on_violation", 4, "quarantine"),
        ("plan: 1\nevents:\n  a: {}\n  a: {}", "duplicate", "$.events.a", 4, "twice"),
        ("plan: 1\nevents: [", "yaml", "$", 2, ""),
        ("plan: 1\narea: !!python/object:os.system x", "yaml", "$.area", 2, "tag"),
        ('plan: 1\narea: "\\ud800"', "yaml", "$.area", 2, "half a character"),
        ('plan: 1\nevents: {"\\ud800": {}}', "yaml", "$.events", 2, "key"),
        ("\tplan: 1", "yaml", "$", 1, ""),
        ("plan: 1\nevents: {? [a] : {}}", "yaml", "$.events", 2, "key"),
        ("- 1", "shape", "$", 1, "object"),
        ("", "shape", "$", 1, "object"),
        ("plan: 1\nevents: {a: {version: 1.0}}", "shape", "$.events.a.version", 2, ""),
    ],
)
def test_a_fault_says_its_rule_and_its_place(text: str, rule: str, path: str, line: int, said: str) -> None:
    (first, *_) = faults(text)
    assert (first.level, first.rule, first.path, first.line) == ("error", rule, path, line)
    assert said in first.message


def test_names_that_older_yaml_takes_for_something_else_are_names() -> None:
    area = read("a.yaml", "plan: 1\nevents:\n  on: {}\n  no: {properties: {yes: {enum: [off, y]}}}").area
    assert list(area.events) == ["on", "no"]
    assert area.events["no"].properties["yes"].enum == ["off", "y"]


def test_aliases_may_be_used_and_cannot_blow_a_file_up() -> None:
    assert read("a.yaml", "plan: 1\nproperties: {a: &x {type: string}, b: *x}").area.properties["b"].type == "string"
    bomb = "plan: 1\ndeny:\n  - &a0 [x]\n" + "".join(
        f"  - &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
    )
    assert faults(bomb)[0].rule == "size"


def test_depth_and_size_have_an_end() -> None:
    assert faults("plan: 1\nowner: " + "[" * 5000)[0].rule == "yaml"
    assert faults("#" * 2_000_000)[0].rule == "size"


def test_the_schema_for_editors_takes_what_is_read() -> None:
    validator = jsonschema_rs.Draft202012Validator(schema())
    assert validator.is_valid({"plan": 1, "events": {"a": {"properties": {"x": {"type": "string"}}}}})
    assert not validator.is_valid({"plan": 1, "event": {}})
