"""The guide to the plan tells of what there is, and its code is right."""

import re
from pathlib import Path

import yaml

from footfall.plan import bundle as compiling
from footfall.plan import document, lint
from footfall.plan.codegen import python, typescript
from footfall.plan.document import Area, Defaults, Planned
from footfall.plan.lint import planned
from footfall.stores.starter import starter
from tests.plan import sources

GUIDE = (sources.ROOT / "docs" / "guide" / "tracking-plan.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


def test_it_has_every_key_of_a_file() -> None:
    keys = {name for kind in (Area, Defaults, Planned) for name in kind.__struct_fields__}
    assert {name for name in keys if not re.search(rf"\b{name}\b", GUIDE)} == set()


def test_it_has_every_rule_of_lint_in_its_table() -> None:
    said = r'(?:"(?:error|warning)", |rule=|_fault\()"([a-z_]+)"'
    rules = {
        rule for module in (lint, compiling, document) for rule in re.findall(said, Path(module.__file__).read_text())
    }
    table = GUIDE.partition("## What lint says")[2].partition("\n## ")[0]
    rules -= {"warning"}  # a level
    assert len(rules) > 20
    assert {rule for rule in rules if f"`{rule}`" not in table} == set()


def test_its_typescript_is_right_but_for_the_line_that_says_so(tmp_path: Path) -> None:
    (text,) = blocks("ts")
    (tmp_path / "events.ts").write_text(typescript(planned(starter())))
    (tmp_path / "guide.ts").write_text(text.replace('"./events"', '"./events.js"'))
    wrong = [line for line, said in enumerate(text.splitlines(), 1) if "does not compile" in said]
    assert sorted(sources.tsc(tmp_path)) == [("guide.ts", line) for line in wrong]


def test_its_python_is_right(tmp_path: Path) -> None:
    (text,) = blocks("python")
    (tmp_path / "events.py").write_text(python(planned(starter())))
    (tmp_path / "guide.py").write_text(text)
    assert sources.basedpyright(tmp_path) == {}


def test_its_yaml_is_yaml_and_its_first_file_a_plan() -> None:
    first, *others = blocks("yaml")
    assert [one for one in lint.lint([("cart.yaml", first)]) if one.level == "error"] == []
    assert all(isinstance(yaml.safe_load(one), dict) for one in others)
