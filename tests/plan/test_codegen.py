"""Generated code is held against the checkers of those who use it: what is right passes, what is wrong does not."""

import ast
import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from footfall.plan.bundle import Bundle, EventPlan, decode_bundle
from footfall.plan.codegen import TARGETS, markdown, python, typescript
from footfall.plan.codegen.words import constant, distinct, enumerations, pascal
from footfall.plan.lint import planned
from footfall.stores.starter import starter
from footfall_client import Footfall
from tests.plan import sources
from tests.plan.examples import bundle
from tests.plan.sources import run

TYPES = """\
plan: 1
owner: team
events:
  page_view:
    kind: auto
    properties:
      page_name: {type: string, enum: [home, sign-up]}
      type: {type: string, enum: [PAGE, MODAL]}
  add_to_cart:
    version: 2.1.0
    description: Into the cart
    trigger: a button
    properties:
      product_id: {type: string, maxLength: 64, description: SKU, required: true}
      quantity: {type: integer, minimum: 1, maximum: 1000, required: true}
      price: {type: number, exclusiveMinimum: 0, unit: EUR, required: true}
      currency: {type: string, enum: [EUR, USD]}
      gift: {type: boolean}
      note: {type: [string, "null"], required: true}
      level: {const: 3}
      step: {type: integer, multipleOf: 5, exclusiveMinimum: 0, exclusiveMaximum: 100}
      tags: {type: array, items: {type: string}, maxItems: 3}
      matrix: {type: array, items: {type: array, items: {type: number}}}
      address:
        type: object
        required: [city]
        properties: {city: {type: string, minLength: 1}, zip: {type: string, pattern: '^\\d+$'}}
      lines: {type: array, items: {type: object, required: [sku], properties: {sku: {type: string}}}}
      either: {anyOf: [{type: string}, {type: integer}]}
      counts: {type: object, additionalProperties: {type: integer}}
      anything: {description: whatever}
  log_out: {}
  save_button.click: {properties: {class: {type: string, required: true}, import: {type: string}}}
  open.event: {additional: allow, properties: {known: {type: integer, required: true}}}
  old.one: {status: deprecated, replaced_by: log_out, sunset: 2027-01-01}
"""

FULL = """product_id: "a", quantity: 1, price: 2.5, note: null"""


def test_the_first_line_says_which_plan_and_the_same_plan_makes_the_same_bytes() -> None:
    plan = bundle(TYPES)
    again = decode_bundle(plan.encoded())
    for target in ("ts", "py", "md"):
        text = TARGETS[target](plan)
        assert re.match(rf"(// |# |<!-- )Generated from plan {plan.sha} by `footfall plan codegen {target}`\.", text), (
            text[:200]
        )
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert TARGETS[target](again) == text
    assert decode_bundle(TARGETS["json"](plan)).sha == plan.sha


# ── TypeScript ───────────────────────────────────────────────────────────────────────────────────────────────

RIGHT_TS = f"""\
import {{ createTracker, init }} from "@footfall/browser";
import {{ EventName, type Events, PageName, PageType, versioned, versions }} from "./plan.js";
init({{ use: [versioned] }});
const {{ track }} = createTracker<Events>();
track("add_to_cart", {{ {FULL} }});
track("add_to_cart", {{ {FULL}, currency: "EUR", gift: true, level: 3, tags: ["a"], matrix: [[1]] }});
track("add_to_cart", {{ {FULL} }}, {{ section: "s" }});
track("add_to_cart", {{ {FULL}, address: {{ city: "a" }}, lines: [{{ sku: "b" }}], either: 1, counts: {{ a: 1 }} }});
track("add_to_cart", {{ {FULL}, currency: undefined, anything: [null] }});
track("log_out");
track(EventName.SAVE_BUTTON_CLICK, {{ class: "x" }});
track("open.event", {{ known: 1, other: "y" }});
track("page_view", {{ page_name: PageName.SIGN_UP, type: PageType.MODAL }});
const version: "2.1.0" = versions.add_to_cart;
export {{ version }};
"""
WRONG_TS = [
    ('track("add_to_crt", {});', "add_to_crt"),
    ('track("add_to_cart");', "Expected 2-3 arguments"),
    ('track("add_to_cart", { product_id: "a", quantity: 1, price: 2.5 });', "note"),
    (f'track("add_to_cart", {{ {FULL}, quantity: "1" }});', "number"),
    (f'track("add_to_cart", {{ {FULL}, currency: "GBP" }});', "GBP"),
    (f'track("add_to_cart", {{ {FULL}, colour: "red" }});', "colour"),
    (f'track("add_to_cart", {{ {FULL}, level: 4 }});', "4"),
    (f'track("add_to_cart", {{ {FULL}, tags: [1] }});', "string"),
    (f'track("add_to_cart", {{ {FULL}, matrix: [1] }});', "readonly number[]"),
    (f'track("add_to_cart", {{ {FULL}, address: {{ zip: "1" }} }});', "city"),
    (f'track("add_to_cart", {{ {FULL}, lines: [{{ sku: 1 }}] }});', "string"),
    (f'track("add_to_cart", {{ {FULL}, either: true }});', "true"),
    (f'track("add_to_cart", {{ {FULL}, counts: {{ a: "b" }} }});', "number"),
    ('track("log_out", { a: 1 });', "undefined"),
    ('track("open.event", { other: 1 });', "known"),
    ('track("page_view", { type: "DRAWER" });', "DRAWER"),
]


def test_typescript_takes_what_is_planned_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "plan.ts").write_text(typescript(bundle(TYPES)))
    (tmp_path / "right.ts").write_text(RIGHT_TS)
    head = 'import { createTracker } from "@footfall/browser";\nimport type { Events } from "./plan.js";\n'
    wrong = "\n".join(line for line, _ in WRONG_TS)
    (tmp_path / "wrong.ts").write_text(f"{head}const {{ track }} = createTracker<Events>();\n{wrong}\n")
    told = sources.tsc(tmp_path)
    assert sorted(told) == [("wrong.ts", line) for line in range(4, 4 + len(WRONG_TS))], told
    for line, (text, said) in enumerate(WRONG_TS, 4):
        assert said in told["wrong.ts", line], (text, told["wrong.ts", line])


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ('import { type Events } from "./plan"; export const track = (name: keyof Events) => name;', "=>"),
        ('import { PageType } from "./plan"; console.log(PageType.MODAL);', "MODAL"),
        ('import { versions } from "./plan"; console.log(versions.add_to_cart);', "2.1.0"),
    ],
    ids=["types", "an enumeration", "versions"],
)
def test_a_page_pays_for_what_it_uses(tmp_path: Path, source: str, made: str) -> None:
    (tmp_path / "plan.ts").write_text(typescript(bundle(TYPES)))
    found = sources.bundled(tmp_path, source)
    assert made in found
    assert [text for text in ("MODAL", "2.1.0", "SIGN_UP", "LOG_OUT") if text in found and text != made] == []


def test_typescript_warns_of_what_is_deprecated() -> None:
    assert "@deprecated Send log_out instead. It ends on 2027-01-01." in typescript(bundle(TYPES))


# ── Python ───────────────────────────────────────────────────────────────────────────────────────────────────

FULL_PY = '"product_id": "a", "quantity": 1, "price": 2.5, "note": None'
RIGHT_PY = f"""\
from footfall_client import Footfall
from plan import AddToCartProperties, EventName, typed

client = typed(Footfall("https://stats.example", "k"))
client.track("add_to_cart", properties={{{FULL_PY}}})
client.track("add_to_cart", user_id=42, groups={{"organization": 7}}, properties={{{FULL_PY}, "currency": "EUR"}})
client.track("add_to_cart", properties={{{FULL_PY}, "address": {{"city": "a"}}, "lines": [{{"sku": "b"}}]}})
client.track("add_to_cart", properties={{{FULL_PY}, "either": 1}})
client.track("add_to_cart", properties={{{FULL_PY}, "tags": ["a"], "matrix": [[1]], "counts": {{"a": 1}}, "level": 3}})
client.track("log_out")
client.track("save_button.click", properties={{"class": "x"}})
client.track("open.event", properties={{"known": 1, "other": "y"}})
client.flush()
made: AddToCartProperties = {{{FULL_PY}}}
client.track("add_to_cart", properties=made)
name: EventName = "old.one"
"""
WRONG_PY = [
    'client.track("add_to_crt", properties={})',
    'client.track("add_to_cart")',
    'client.track("add_to_cart", properties={"product_id": "a", "quantity": 1, "price": 2.5})',
    f'client.track("add_to_cart", properties={{{FULL_PY}, "currency": "GBP"}})',
    f'client.track("add_to_cart", properties={{{FULL_PY}, "colour": "red"}})',
    f'client.track("add_to_cart", properties={{{FULL_PY}, "level": 4}})',
    f'client.track("add_to_cart", properties={{{FULL_PY}, "tags": [1]}})',
    f'client.track("add_to_cart", properties={{{FULL_PY}, "address": {{"zip": "1"}}}})',
    f'client.track("add_to_cart", properties={{{FULL_PY}, "lines": [{{"sku": 1}}]}})',
    f'client.track("add_to_cart", properties={{{FULL_PY}}}, user="42")',
    'client.track("log_out", properties={"a": 1})',
    'client.track("save_button.click", properties={"import": "x"})',
    'name: EventName = "old.two"',
]


def test_python_takes_what_is_planned_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "plan.py").write_text(python(bundle(TYPES)))
    (tmp_path / "checks.py").write_text(python(bundle(TYPES), structs=True))
    (tmp_path / "starter.py").write_text(python(planned(starter())))
    (tmp_path / "right.py").write_text(RIGHT_PY)
    head = "from footfall_client import Footfall\nfrom plan import EventName, typed\nclient = typed(Footfall())\n"
    (tmp_path / "wrong.py").write_text(head + "\n".join(WRONG_PY) + "\n")
    told = sources.basedpyright(tmp_path)
    assert sorted(told) == [("wrong.py", line) for line in range(4, 4 + len(WRONG_PY))], told


WELL = {"product_id": "a", "quantity": 1, "price": 2.5, "note": None}


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({}, None),
        ({"currency": "USD", "tags": ["a"], "address": {"city": "b", "more": 1}, "level": 3}, None),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 1001}, "quantity"),
        ({"quantity": True}, "quantity"),
        ({"price": 0}, "price"),
        ({"step": 95}, None),
        ({"step": 0}, "step"),
        ({"step": 100}, "step"),
        ({"step": 7}, "step"),
        ({"product_id": "a" * 65}, "product_id"),
        ({"currency": "GBP"}, "currency"),
        ({"level": 4}, "level"),
        ({"tags": ["a", "b", "c", "d"]}, "tags"),
        ({"address": {"city": ""}}, "address.city"),
        ({"address": {"city": "a", "zip": "x"}}, "address.zip"),
        ({"lines": [{"sku": "a"}, {}]}, "lines"),
        ({"colour": "red"}, "colour"),
    ],
    ids=str,
)
def test_structs_check_while_the_program_runs(tmp_path: Path, beside: dict[str, Any], said: str | None) -> None:
    made = run(python(bundle(TYPES), structs=True), tmp_path)
    if said is None:
        made.checked("add_to_cart", WELL | beside)
    else:
        with pytest.raises(msgspec.ValidationError, match=re.escape(said)):
            made.checked("add_to_cart", WELL | beside)


def test_structs_call_members_that_are_no_words_something_else(tmp_path: Path) -> None:
    made = run(python(bundle(TYPES), structs=True), tmp_path)
    made.checked("save_button.click", {"class": "x", "import": "y"})
    with pytest.raises(msgspec.ValidationError, match="class"):
        made.checked("save_button.click", {"import": "y"})
    made.checked("log_out", {})
    made.checked("open.event", {"known": 1, "other": 2})


def test_python_tells_the_version_by_which_an_event_was_made(tmp_path: Path) -> None:
    made = run(python(bundle(TYPES)), tmp_path)
    assert made.versioned({"event": "add_to_cart"}) == {"event_version": "2.1.0", "event": "add_to_cart"}
    assert made.versioned({"event": "add_to_cart", "event_version": "1.0.0"})["event_version"] == "1.0.0"
    assert made.versioned({"event": "other"}) == {"event": "other"}


# ── hostile plans ────────────────────────────────────────────────────────────────────────────────────────────

EVIL = [
    "a*/ evil(); /*",
    '"; evil(); "',
    "'''\nevil()\n'''",
    '"""\nevil()\n"""',
    'ends with "',
    "ends with \\",
    "`${evil()}`",
    "line\nbreak\r\u2028\u2029evil()",
    "\u202eturned around\u202c",
    "</script><!-- --> <b>[x](y)|*z*",
    "\\u000aevil()",
    "Grüße, 日本",
    "__proto__",
    "constructor",
    "",
    "😀\U000e0001",
]


def saying(texts: list[str]) -> Bundle:
    """A plan that no lint has seen, with these texts wherever a text may be; by name, what is not."""
    plans = [
        EventPlan(
            name=name,
            version="1.0.0",
            schema={
                "type": "object",
                "properties": {
                    member: {"type": "string", "enum": texts, "description": text, "pattern": text, "const": text}
                    for member, text in zip(EVIL, texts, strict=True)
                }
                | {"plain": {"type": "string", "pattern": said, "description": said}},
                "required": [name],
            },
            units=dict.fromkeys(EVIL, said),
            owner=said,
            description=said,
            trigger=said,
            area=said,
            sources=(said,),
            aliases=(said,),
            status="deprecated",
            replaced_by=said,
            sunset=said,
        )
        for name, said in zip(EVIL, texts, strict=True)
    ]
    return Bundle(events={plan.name: plan for plan in plans})


HOSTILE = saying(EVIL)


def test_no_text_gets_out_of_its_place_in_python(tmp_path: Path) -> None:
    text = python(HOSTILE, structs=True)
    called = {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}
    assert called <= {"TypedDict", "cast", "VERSIONS.get", "Meta", "convert"}
    made = run(text, tmp_path)
    assert list(made.VERSIONS) == EVIL
    assert made.STRUCTS == {}  # members with such names cannot be told to msgspec
    assert get_args(made.EventName) == tuple(EVIL)


def test_no_text_gets_out_of_its_place_in_typescript(tmp_path: Path) -> None:
    (tmp_path / "plan.ts").write_text(typescript(HOSTILE), "utf-8")
    (tmp_path / "use.ts").write_text(
        f'import type {{ Events }} from "./plan.js";\nexport const names: (keyof Events)[] = {json.dumps(EVIL)};\n'
    )
    assert sources.tsc(tmp_path) == {}


def test_no_text_gets_out_of_its_line_in_markdown() -> None:
    lines = markdown(HOSTILE).split("\n")
    harmless = markdown(saying([f"x{at}" if said else "" for at, said in enumerate(EVIL)])).split("\n")
    assert len(lines) == len(harmless)
    bars = re.compile(r"(?<!\\)\|")
    for line, other in zip(lines, harmless, strict=True):
        if other.startswith("|"):
            assert len(bars.findall(line)) == len(bars.findall(other)), line
    assert not [line for line in lines[1:] if re.search(r"(?<!\\)<(?!br)", re.sub(r"`+[^`]*`+", "", line))]


@pytest.mark.parametrize("target", ["ts", "py", "md"])
def test_nothing_that_cannot_be_seen_is_written(target: str) -> None:
    text = TARGETS[target](HOSTILE)
    assert [one for one in text if not one.isprintable() and one != "\n"] == []


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_names_that_fall_together_stay_apart(tmp_path: Path) -> None:
    plan = bundle(
        "plan: 1\nowner: a\nevents:\n"
        "  add_item: {properties: {a: {type: string, required: true}}}\n"
        "  add.item: {properties: {b: {type: string, required: true}}}\n"
        "  Add.item: {properties: {c: {type: string, required: true}}}\n"
        "  error: {properties: {record: {type: string}}}\n"
        "  client: {properties: {d: {type: string}}}\n"
    )
    found = enumerations(plan)["EventName"]
    assert sorted(found) == ["ADD_ITEM", "ADD_ITEM2", "ADD_ITEM3", "CLIENT", "ERROR"]
    (tmp_path / "plan.ts").write_text(typescript(plan))
    (tmp_path / "use.ts").write_text(
        'import type { Events } from "./plan.js";\n'
        'export const made: Pick<Events, "add_item" | "add.item" | "Add.item"> =\n'
        '  { add_item: { a: "" }, "add.item": { b: "" }, "Add.item": { c: "" } };\n'
    )
    assert sources.tsc(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "as_class", "as_constant"),
    [
        ("add_to_cart", "AddToCart", "ADD_TO_CART"),
        ("create_project_button.click", "CreateProjectButtonClick", "CREATE_PROJECT_BUTTON_CLICK"),
        ("VideoPlayer.add-to-cart", "VideoPlayerAddToCart", "VIDEO_PLAYER_ADD_TO_CART"),
        ("addToCart", "AddToCart", "ADD_TO_CART"),
        ("2fa.enabled", "N2faEnabled", "N2FA_ENABLED"),
        ("日本", "N", "N"),
    ],
)
def test_names_become_classes_and_constants(name: str, as_class: str, as_constant: str) -> None:
    assert (pascal(name), constant(name)) == (as_class, as_constant)


def test_names_that_are_words_of_python_are_none_of_its_classes(tmp_path: Path) -> None:
    plan = bundle(
        "plan: 1\nowner: a\nevents:\n"
        + "".join(
            f"  {name}: {{properties: {{x: {{type: string}}}}}}\n"
            for name in ("none", "'true'", "event", "client", "struct")
        )
    )
    run(python(plan, structs=True), tmp_path).checked("none", {"x": "y"})


def test_a_number_does_not_make_two_names_one() -> None:
    assert distinct(["a", "A", "a2", "_a"], pascal) == {"a": "A", "A": "A2", "a2": "A22", "_a": "A3"}


def test_enumerations_are_those_of_the_pages_and_of_nothing_else() -> None:
    assert enumerations(bundle(TYPES)) == {
        "EventName": {constant(name): name for name in bundle(TYPES).events},
        "PageName": {"HOME": "home", "SIGN_UP": "sign-up"},
        "PageType": {"PAGE": "PAGE", "MODAL": "MODAL"},
    }


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_markdown_has_the_table_of_the_plan_and_a_section_for_each_event() -> None:
    text = markdown(bundle(TYPES))
    assert "| Event | Properties | Trigger | Owner |\n| --- | --- | --- | --- |\n" in text
    assert "| `log_out` |  |  | team |" in text
    assert "| `page_view` | `page_name`, `type` |  | Auto |" in text
    assert "| `old.one` (deprecated) |  |  | team |" in text
    assert text.count("\n## ") == len(bundle(TYPES).events)
    assert "| `price` | number | yes | more than `0` | EUR |  |  |" in text
    assert "| `address.city` | string | yes | at least `1` characters |  |  |  |" in text
    assert "| `lines[].sku` | string | yes |  |  |  |  |" in text
    assert "Send log\\_out instead. It ends on 2027-01-01." in text


def test_a_plan_without_events_is_told_too(tmp_path: Path) -> None:
    plan = bundle("plan: 1\n")
    ast.parse(python(plan, structs=True))
    (tmp_path / "plan.ts").write_text(typescript(plan))
    assert sources.tsc(tmp_path) == {}
    assert markdown(plan).count("\n## ") == 0


def test_a_client_sends_what_a_generated_module_says(tmp_path: Path) -> None:
    made = sources.run(python(bundle(TYPES)), tmp_path)
    client = Footfall.recording(before_send=made.versioned)
    made.typed(client).track("add_to_cart", user_id=42, properties=dict(WELL))
    (event,) = client.events
    assert (event["user_id"], event["properties"]) == ("42", WELL)
    assert event["event_version"] == made.VERSIONS["add_to_cart"]
