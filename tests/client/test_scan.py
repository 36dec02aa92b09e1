"""What must not leave does not: neither over the network nor into a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import footfall.privacy
import footfall_client.privacy
from footfall.model.event import Event
from footfall.services.guard import Guard
from footfall_client import Footfall
from footfall_client.scan import Policy, scanner
from tests.client.listener import Listener

CARD, PASSWORD = "4111 1111 1111 1111", "hunter2-canary"
SAID = {"note": f"card {CARD}", "password": PASSWORD, "deep": {"mail": ["to ada@example.org"]}, "size": 42}


def test_the_files_are_those_of_the_server() -> None:
    here, there = (Path(one.__file__ or "").parent for one in (footfall_client.privacy, footfall.privacy))
    assert here.resolve() == there.resolve()


def test_nothing_of_it_leaves_and_the_rest_does(listener: Listener, new_client: Callable[..., Footfall]) -> None:
    client = new_client(scan=True)
    client.track("paid", user_id="42", properties=SAID, fields={"url": f"https://shop.example/?password={PASSWORD}"})
    assert client.flush()
    (event,) = listener.taken
    assert CARD not in str(event)
    assert PASSWORD not in str(event)
    assert "ada@" not in str(event)
    assert (event["event"], event["user_id"], event["properties"]["size"]) == ("paid", "42", 42)


def test_nothing_of_it_is_written_to_disk(new_client: Callable[..., Footfall], tmp_path: Path) -> None:
    client = new_client(scan=True, queue=tmp_path / "events.db")
    for _ in range(20):
        client.track("paid", properties=SAID)
    assert client.flush()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert PASSWORD.encode() not in written
    assert CARD.encode() not in written


def test_what_a_hook_puts_in_is_looked_through_too(listener: Listener, new_client: Callable[..., Footfall]) -> None:
    client = new_client(scan=True, before_send=lambda event: {**event, "properties": SAID})
    client.track("paid")
    assert client.flush()
    assert PASSWORD not in str(listener.taken)


def test_an_event_that_must_not_be_kept_is_lost_and_counted(
    listener: Listener, new_client: Callable[..., Footfall]
) -> None:
    client = new_client(scan=scanner(Policy(actions={"card": "block"})))
    client.track("paid", properties=SAID)
    client.track("after")
    assert client.flush()
    assert listener.names == ["after"]
    assert (client.dropped, listener.dropped) == (1, 1)


def test_an_identify_tells_who_it_is_and_no_secret(listener: Listener, new_client: Callable[..., Footfall]) -> None:
    client = new_client(scan=True)
    client.identify("42", {"email": "ada@example.org", "password": PASSWORD})
    assert client.flush()
    assert listener.taken[0]["properties"]["traits"]["email"] == "ada@example.org"
    assert PASSWORD not in str(listener.taken)


@pytest.mark.parametrize(
    "told",
    [
        {"properties": SAID},
        {"properties": {"n": 1}, "fields": {"title": "mail ada@example.org", "page": "/a"}},
        {"properties": {"in": [{"iban": "DE89 3704 0044 0532 0130 00"}]}, "groups": {"org": "ada@example.org"}},
        {"properties": {"a": "nothing"}},
    ],
)  # fmt: skip
def test_client_and_server_take_out_the_same(told: dict[str, Any]) -> None:
    client = Footfall.recording(scan=True)
    client.track("a", **told)
    (left,) = client.events
    plain = Footfall.recording()
    plain.track("a", **told)
    sent = plain.events[0]
    import msgspec  # noqa: PLC0415

    given = {name: value for name, value in sent.items() if name in Event.__struct_fields__ and name != "timestamp"}
    given["properties"] = msgspec.json.encode(sent.get("properties", {})).decode()
    blank = msgspec.convert({"timestamp": 1, "received_at": 1, **given}, Event, strict=False)
    (cleaned,) = Guard().clean([blank], Policy())
    assert isinstance(cleaned, Event)
    assert msgspec.json.decode(cleaned.properties) == left.get("properties", {})
    assert cleaned.groups == left.get("groups", {})
    assert cleaned.title == left.get("title", "")
