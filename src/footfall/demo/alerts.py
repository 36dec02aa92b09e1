"""Rules of the shop's people: one that fires, others that are well. They tell nobody."""

import msgspec

from footfall.alerts.rule import Rule, checked
from footfall.model.event import Millis
from footfall.stores.catalog import Catalog

RULES: tuple[Rule, ...] = (
    Rule(
        id="shop-checkout",
        name="Too few buy what is in their cart",
        type="rate_below",
        threshold=90,
        numerator_event="purchase",
        denominator_event="add_to_cart",
        window_minutes=24 * 60,
        min_samples=1,
        severity="critical",
        owner="checkout",
    ),
    Rule(
        id="shop-unusual",
        name="Unusual purchases",
        type="anomaly",
        event="purchase",
        direction="below",
        window_minutes=60,
        owner="checkout",
    ),
    Rule(
        id="shop-silent",
        name="A device sees no pages",
        type="absence",
        event="page_view",
        window_minutes=60,
        group_by="device",
        owner="web",
    ),
    Rule(
        id="shop-week",
        name="Fewer visitors than a week ago",
        type="change_percent",
        event="page_view",
        measure="unique_users",
        percent=-60,
        versus="previous_week",
        window_minutes=24 * 60,
        owner="web",
    ),
)
"""Nobody buys all that they put into a cart, so the first one fires."""


def alerts_of_the_shop(catalog: Catalog, project_id: int, now: Millis) -> None:
    for place, rule in enumerate(RULES):
        body = msgspec.json.encode(checked(rule)).decode()
        catalog.alerts.create(project_id, rule.id, body, "demo", now + place, enabled=True)
