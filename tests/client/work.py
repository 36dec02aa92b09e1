"""A job of a pool, where a child that was not forked can import it."""

from footfall_client import analytics, configure
from footfall_client.client import Analytics

_known: list[Analytics] = []


def work(told: tuple[str, int]) -> None:
    url, number = told
    if not _known:
        _known.append(analytics)
        configure(url, "KEY")
    analytics.track(f"work {number}")
