"""The verbs of the system: order and awaiting, no rules of their own."""
