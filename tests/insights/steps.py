"""Funnels, asked in short; and their steps, as plain Python takes them."""

from typing import Any

from hypothesis import strategies as st

from tests.support import oracle
from tests.support.moments import DAY, MINUTE


def steps(*names: str) -> list[dict[str, Any]]:
    return [{"event": name} for name in names]


def asked(*names: str, window: str = "PT30M", **more: Any) -> dict[str, Any]:
    return {"steps": steps(*names), "window": window, **DAY, **more}


def excluding(after: int, before: int, name: str = "x") -> dict[str, Any]:
    return {"exclusions": [{"event": name, "after": after, "before": before}]}


NAMES = st.lists(st.sampled_from("abc"), min_size=2, max_size=4)

WINDOWS = st.integers(0, 13).map(lambda minutes: minutes * MINUTE or 1)


def lasting(millis: int) -> str:
    return f"PT{millis // 1000}.{millis % 1000:03}S"


def of_name(name: str, page: str | None = None) -> oracle.Step:
    return lambda event: name in ("*", event["event"]) and page in (None, event["page"])
