"""Rules of alerts in a tracking plan."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from footfall.alerts.planned import fault_of, rule_of, rules_of
from footfall.alerts.rule import Channel, decode_rule
from footfall.plan.bundle import Bundle
from footfall.plan.lint import lint, planned
from footfall.services.bringing import bring
from footfall.stores.catalog import Catalog, StoredRule, sqlite_url
from tests.support.moments import BASE

PLAN = """
plan: 1
owner: cart-team
owners: {{cart-team: {{channel: "#cart"}}}}
events:
  add_to_cart:
    trigger: a press
    sources: [browser]
    alerts: {alerts}
"""


def plan(alerts: str) -> Bundle:
    return planned([("plan.yaml", PLAN.format(alerts=alerts))])


def test_a_rule_is_of_its_event_and_its_owner() -> None:
    (first, second) = rules_of(
        plan("[{type: anomaly, direction: below, severity: critical}, {type: rate_below, threshold: 2, numeratorEvent:"
             " purchase, denominatorEvent: add_to_cart, name: Few buy, windowMinutes: 1440}]")
    )  # fmt: skip
    assert (first.id, first.event, first.owner, first.severity) == (
        "plan.add_to_cart.0", "add_to_cart", "cart-team", "critical",
    )  # fmt: skip
    assert first.name == "add_to_cart: anomaly"
    assert (second.id, second.name, second.window_minutes) == ("plan.add_to_cart.1", "Few buy", 1440)


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        ("[{direction: below}]", "an alert needs a type"),
        ("[{type: anomly}]", "anomly"),
        ("[{type: volume_below}]", "threshold"),
        ("[{type: anomaly, colour: red}]", "colour"),
        ("[{type: rate_below, threshold: 1}]", "numeratorEvent"),
    ],
)
def test_lint_says_what_is_wrong_and_where(alerts: str, said: str) -> None:
    (fault,) = [one for one in lint([("plan.yaml", PLAN.format(alerts=alerts))], fault_of) if one.level == "error"]
    assert (fault.rule, fault.path) == ("alerts", "$.events.add_to_cart.alerts.0")
    assert said in fault.message
    assert fault.line > 1


@pytest.fixture
def rules(tmp_path: Path) -> Callable[[str], dict[str, StoredRule]]:
    with closing(Catalog(sqlite_url(tmp_path / "catalog.db"), BASE, "UTC")) as catalog:
        catalog.alerts.create(1, "mine", '{"type": "anomaly"}', "ada", BASE, enabled=True)

        def push(alerts: str) -> dict[str, StoredRule]:
            bring(catalog, 1, rules_of(plan(alerts)), "ada", BASE)
            return {one.id: one for one in catalog.alerts.rules(1)}

        push.catalog = catalog  # type: ignore[attr-defined]
        yield push


def test_rules_come_and_go_with_the_plan_and_others_stay(rules: Callable[[str], dict[str, StoredRule]]) -> None:
    two = rules("[{type: anomaly}, {type: absence}]")
    assert two.keys() == {"mine", "plan.add_to_cart.0", "plan.add_to_cart.1"}
    assert rules("[{type: anomaly}]").keys() == {"mine", "plan.add_to_cart.0"}
    assert rules("[]").keys() == {"mine"}


def test_what_people_added_stays_and_what_the_plan_changes_changes(
    rules: Callable[[str], dict[str, StoredRule]],
) -> None:
    catalog = rules.catalog  # type: ignore[attr-defined]
    first = rules("[{type: anomaly}]")["plan.add_to_cart.0"]
    mine = msgspec.structs.replace(
        decode_rule(first.body), channels=[Channel(type="email", target="ops@example.org")], enabled=False
    )
    catalog.alerts.change(1, first.id, msgspec.json.encode(mine).decode(), BASE, enabled=False)
    same = rules("[{type: anomaly}]")[first.id]
    assert (same.version, same.enabled, decode_rule(same.body)) == (2, False, mine)
    changed = rules("[{type: anomaly, direction: below}]")[first.id]
    told = decode_rule(changed.body)
    assert (told.direction, told.channels, changed.enabled) == ("below", mine.channels, False)


def test_names_that_are_written_alike_are_rules_of_their_own() -> None:
    made = [rule_of(name, "", 0, {"type": "anomaly"}).id for name in ("a-b", "a b", "注册", "支付", "x" * 200)]
    assert made[0] == "plan.a-b.0"
    assert len(set(made)) == len(made)


def test_a_plan_holds_no_secret_and_nothing_that_cannot_be_asked() -> None:
    hook = {"type": "webhook", "target": "https://ops.example", "secret": "hunter2"}
    assert "secret" in (fault_of("a", {"type": "anomaly", "channels": [hook]}) or "")
    assert "target" in (fault_of("a", {"type": "anomaly", "channels": [{"type": "webhook"}]}) or "")
    assert "groupBy" in (fault_of("a", {"type": "anomaly", "groupBy": "nonsense("}) or "")
