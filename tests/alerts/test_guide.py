"""The YAML of the guide is what it says it is."""

import re
from pathlib import Path

import msgspec
import yaml

from footfall.alerts.planned import rules_of
from footfall.alerts.rule import Rule, checked
from footfall.plan.lint import lint, planned

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "alerts.md"


def test_rules_of_the_guide_are_rules_and_so_are_those_of_its_plan() -> None:
    rules, plan = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    made = [checked(one) for one in msgspec.convert(yaml.safe_load(rules), list[Rule])]
    assert [one.id for one in made] == ["few-orders", "cart"]
    file = ("plan.yaml", f"plan: 1\nowner: shop\n{plan}")
    assert [one for one in lint([file]) if one.level == "error"] == []
    assert [one.id for one in rules_of(planned([file]))] == ["plan.purchase.0"]
