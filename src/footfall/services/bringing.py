"""Rules of alerts that come with a tracking plan, put in place and taken away with it."""

import logging
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from footfall.alerts.planned import OWN, PREFIX
from footfall.alerts.rule import Rule, decode_rule
from footfall.model.errors import Conflict, NotFound
from footfall.model.event import Millis
from footfall.stores.catalog import Catalog

_log = logging.getLogger("footfall.plans")


def bring(catalog: Catalog, project_id: int, rules: Iterable[Rule], owner: str, now: Millis) -> None:
    """What is the same is left alone, so that a plan that is pushed again disturbs no rule.

    Of a rule that is there, what people say of it stays. Another server may do the same at the same time.
    """
    planned = {rule.id: rule for rule in rules}
    alerts = catalog.alerts
    known = {one.id: one for one in alerts.rules(project_id) if one.id.startswith(PREFIX)}
    for rule_id in known.keys() - planned.keys():
        with suppress(NotFound):
            alerts.delete(project_id, rule_id)
    for rule_id, rule in planned.items():
        before = known.get(rule_id)
        try:
            if before is None:
                body = msgspec.json.encode(rule).decode()
                alerts.create(project_id, rule_id, body, owner, now, enabled=rule.enabled)
            elif (kept := _kept(rule, decode_rule(before.body))) != decode_rule(before.body):
                body = msgspec.json.encode(kept).decode()
                alerts.change(project_id, rule_id, body, now, enabled=kept.enabled)
                alerts.forget(project_id, rule_id)
        except (NotFound, Conflict) as error:
            _log.warning("the plan's rule %s of project %d is not in place: %s", rule_id, project_id, error.detail)


def _kept(rule: Rule, before: Rule) -> Rule:
    return msgspec.structs.replace(rule, **{name: getattr(before, name) for name in OWN})
