"""Rules of alerts that come with a tracking plan, put in place and taken away with it."""

from collections.abc import Iterable

import msgspec

from footfall.alerts.planned import OWN, PREFIX
from footfall.alerts.rule import Rule, decode_rule
from footfall.model.event import Millis
from footfall.stores.catalog import Catalog


def bring(catalog: Catalog, project_id: int, rules: Iterable[Rule], owner: str, now: Millis) -> None:
    """What is the same is left alone, so that a plan that is pushed again disturbs no rule."""
    planned = {rule.id: rule for rule in rules}
    alerts = catalog.alerts
    known = {one.id: one for one in alerts.rules(project_id) if one.id.startswith(PREFIX)}
    for rule_id in known.keys() - planned.keys():
        alerts.delete(project_id, rule_id)
    for rule_id, rule in planned.items():
        before = known.get(rule_id)
        if before is not None:
            kept = decode_rule(before.body)
            own = {name: getattr(kept, name) for name in OWN if not getattr(rule, name)}
            rule = msgspec.structs.replace(rule, **own, enabled=rule.enabled and before.enabled)  # noqa: PLW2901
        body = msgspec.json.encode(rule).decode()
        if before is None:
            alerts.create(project_id, rule_id, body, owner, now, enabled=rule.enabled)
        elif before.body != body:
            alerts.change(project_id, rule_id, body, now, enabled=rule.enabled)
            alerts.forget(project_id, rule_id)
