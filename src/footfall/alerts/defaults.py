"""S1's three rules, which every project begins with; they wait for a channel."""

from footfall.alerts.rule import Rule

DEFAULTS: tuple[Rule, ...] = (
    Rule(
        id="purchase-drop",
        name="Purchase volume critically low",
        event="purchase",
        type="volume_below",
        threshold=10,
        window_minutes=60,
        cooldown_minutes=60,
        severity="critical",
        enabled=False,
    ),
    Rule(
        id="error-spike",
        name="Error event spike",
        event="error",
        type="volume_above",
        threshold=500,
        window_minutes=5,
        cooldown_minutes=30,
        severity="critical",
        enabled=False,
    ),
    Rule(
        id="conversion-drop",
        name="Cart-to-purchase conversion low",
        event="purchase",
        type="rate_below",
        threshold=2,
        window_minutes=60,
        cooldown_minutes=120,
        severity="warning",
        numerator_event="purchase",
        denominator_event="add_to_cart",
        enabled=False,
    ),
)
