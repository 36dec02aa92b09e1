"""Pickers over HTTP: what events can be asked by, the values of a property, and who sees what of it."""

from typing import Any

import httpx
import pytest

from tests.journey.server import Server, unique


@pytest.fixture(scope="module")
def name(server: Server) -> str:
    """Of events that say something of everything."""
    name = unique("known")
    server.collect(
        [
            {"event": name, "user_id": "ann", "page": "/x", "properties": {"plan": plan, "cart": {"total": 5}}}
            for plan in ("pro", "free", "pro")
        ]
        + [{"event": "$identify", "user_id": "ann", "properties": {"traits": {name: "gold"}}}]
    )
    return name


def get(client: httpx.Client, path: str, status: int = 200, **params: Any) -> Any:
    answer = client.get(f"/api/catalog/{path}", params=params)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_properties_of_late_come_with_kind_and_volume(server: Server, name: str) -> None:
    answer = get(server.reader, "properties", event=name)
    found = {one["property"]: (one["kind"], one["events"]) for one in answer["properties"]}
    assert found["page"] == found["properties.plan"] == found["user_id"] == ("text", 3)
    assert found["properties.cart.total"] == ("number", 3)
    assert found[f"person.{name}"] == ("text", 1)
    assert answer["since"].endswith(":00:00.000Z"), "the start of an hour"


def test_values_of_late_come_with_volume(server: Server, name: str) -> None:
    answer = get(server.reader, "values", property="properties.plan", event=name)
    assert answer["values"] == [{"value": "pro", "events": 2}, {"value": "free", "events": 1}]
    assert get(server.reader, "values", property="properties.plan", event=name, prefix="F")["values"] == [
        {"value": "free", "events": 1}
    ]
    assert get(server.reader, "values", property="page", event=name)["values"] == [{"value": "/x", "events": 3}]
    assert get(server.reader, "values", property=f"person.{name}", event=name)["values"] == [
        {"value": "gold", "events": 3}
    ]


def test_a_stats_key_is_told_nothing_by_ids_or_traits(server: Server, name: str) -> None:
    public = server.client(server.make_key("stats"))
    found = {one["property"] for one in get(public, "properties", event=name)["properties"]}
    assert {"page", "properties.plan", "user_type"} <= found
    assert not {"user_id", "event_id", "timestamp", f"person.{name}"} & found
    assert get(public, "values", property="page", event=name)["values"]
    for personal in ("user_id", "event_id", f"person.{name}", "properties.user_id"):
        assert get(public, "values", 403, property=personal)["path"] == "$.property"


@pytest.mark.parametrize(
    ("path", "params", "place"),
    [
        ("properties", {"since": "a while"}, "$.since"),
        ("values", {"property": "page", "since": "P9999D"}, "$.since"),
        ("values", {"property": "nothing"}, "$.property"),
        ("values", {"property": 'properties["'}, "$.property"),
        ("values", {"property": "page", "limit": 0}, "$.limit"),
        ("values", {}, "$"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(server: Server, path: str, params: dict[str, Any], place: str) -> None:
    assert get(server.reader, path, 400, **params)["path"] == place
