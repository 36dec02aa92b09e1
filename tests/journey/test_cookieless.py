"""Batches of browsers that keep nothing: the server knows them for a day, and writes no address down."""

from collections.abc import Callable
from typing import Any

from tests.journey.server import Server
from tests.support.traces import traces

PROXY = {"FOOTFALL_TRUSTED_PROXY": "127.0.0.1"}
ADDRESS = "203.0.113.9"


def visit(server: Server, event: str, address: str = ADDRESS, agent: str = "Mozilla/5.0", **fields: Any) -> str | None:
    """Send an event as a browser at that address would; the anonymous id that it got."""
    body = {"cookieless": True, "batch": [{"event": event, **fields}]}
    server.collect(body, headers={"x-forwarded-for": address, "user-agent": agent})
    return server.event(event=event)["anonymous_id"]


def test_a_visitor_is_the_same_all_day_and_another_one_tomorrow(new_server: Callable[..., Server]) -> None:
    server = new_server(**PROXY, FOOTFALL_TIMEZONE="Europe/Berlin", FOOTFALL_NOW="2026-03-02T09:00:00+01:00").start()
    morning = visit(server, "morning")
    assert morning is not None
    assert morning.startswith("daily-")
    assert visit(server, "neighbour", address="203.0.113.10") != morning
    salt = (server.data / "salts.json").read_text()

    server.stop()
    server.environment["FOOTFALL_NOW"] = "2026-03-02T23:59:00+01:00"
    server.start()
    assert visit(server, "night") == morning

    server.stop()
    server.environment["FOOTFALL_NOW"] = "2026-03-03T00:00:00+01:00"
    server.start()
    assert visit(server, "tomorrow") not in {morning, None}
    value = salt.partition('"value":"')[2].partition('"')[0]
    assert len(value) > 20
    assert value not in (server.data / "salts.json").read_text()


def test_the_address_is_nowhere(new_server: Callable[..., Server]) -> None:
    server = new_server(**PROXY).start()
    visit(server, "seen")
    server.settled()
    assert server.stop() == 0
    held = traces(server.folder)
    assert b"seen" in held  # the search can find what is there
    assert ADDRESS.encode() not in held


def test_nobody_who_asks_for_no_id_gets_one(server: Server) -> None:
    server.collect({"batch": [{"event": "from a server"}]})
    assert server.event(event="from a server")["anonymous_id"] is None
