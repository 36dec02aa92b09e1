# ruff: noqa: N802 - rules are called by their letter
"""The doors of the seeds: S0's interactions and S3's component events, translated into native ones."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.errors import BadRequest, TooLarge
from footfall.model.event import Event, Receipt, Refused
from footfall.protocols import Adapter, seeds
from tests.support.moments import BASE

RECEIPT = Receipt(received_at=BASE)


def entry(door: Adapter, sent: Any) -> Event | Refused:
    (only,) = door.decode(sent if isinstance(sent, bytes) else json.dumps(sent).encode(), RECEIPT).entries
    return only


def event(door: Adapter, sent: Any) -> Event:
    found = entry(door, sent)
    assert isinstance(found, Event), found
    return found


# ── S0 ───────────────────────────────────────────────────────────────────────────────────────────────────────

INTERACTION = {"nombre": "Checkout", "accion": "complete", "tipo_usuario": "registered", "usuario": "42"}


def test_S0_an_interaction_is_one_with_a_component() -> None:
    found = event(seeds.TRACKING, INTERACTION | {"timestamp": "2026-03-02T09:00:00.000Z"})
    assert (found.event, found.component, found.action, found.user_id) == (
        "component_interaction", "Checkout", "complete", "42",
    )  # fmt: skip
    assert found.timestamp == BASE - 3_600_000


def test_S0_what_has_no_field_of_its_own_stays_among_the_properties() -> None:
    found = event(seeds.TRACKING, INTERACTION | {"extra": [1, {"a": None}]})
    assert json.loads(found.properties) == {"tipo_usuario": "registered", "extra": [1, {"a": None}]}


def test_S0_a_native_fields_name_means_nothing_to_that_client() -> None:
    found = event(seeds.TRACKING, INTERACTION | {"event": "x", "user_id": "y", "properties": {"z": 1}})
    assert (found.event, found.user_id) == ("component_interaction", "42")
    assert json.loads(found.properties)["properties"] == {"z": 1}


@pytest.mark.parametrize("nobody", [{}, {"usuario": None}, {"usuario": ""}], ids=["absent", "null", "empty"])
def test_S0_an_anonymous_user_has_no_id(nobody: dict[str, Any]) -> None:
    sent = {"nombre": "Checkout", "accion": "view", "tipo_usuario": "anonymous"} | nobody
    assert event(seeds.TRACKING, sent).user_id == ""


def test_S0_a_numbered_user_is_a_text() -> None:
    assert event(seeds.TRACKING, INTERACTION | {"usuario": 42}).user_id == "42"


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"accion": "complete"}, "$.nombre"),
        ({"nombre": "Checkout"}, "$.accion"),
        (INTERACTION | {"nombre": ["x"]}, "$.nombre"),
        (INTERACTION | {"usuario": {"_id": 1}}, "$.usuario"),
        (INTERACTION | {"timestamp": "ayer"}, "$.timestamp"),
    ],
    ids=["no component", "no action", "a list of components", "a whole user", "a word for a time"],
)
def test_S0_a_wrong_interaction_is_refused_as_it_was_sent(sent: dict[str, Any], path: str) -> None:
    found = entry(seeds.TRACKING, sent)
    assert isinstance(found, Refused)
    assert (found.path, json.loads(found.raw)) == (path, sent)


# ── S3 ───────────────────────────────────────────────────────────────────────────────────────────────────────

VISIT = {
    "event": "component_visit",
    "component": "c0ffee",
    "data": {
        "user_id": "user_k3j2h1g9f",
        "session_id": "session_1772445600000_abc",
        "component_name": "Editor",
        "url": "https://x.example/edit",
        "load_time_ms": 12.50,
    },
}


def test_S3_an_event_carries_its_fields_in_data() -> None:
    found = event(seeds.ANALYTICS, VISIT)
    assert (found.event, found.component, found.component_hash) == ("component_visit", "Editor", "c0ffee")
    assert (found.session_id, found.url) == ("session_1772445600000_abc", "https://x.example/edit")
    assert json.loads(found.properties) == {"component_name": "Editor", "load_time_ms": 12.5}


def test_S3_an_event_may_be_flat() -> None:
    flat = {name: value for name, value in VISIT.items() if name != "data"} | VISIT["data"]
    sent, wanted = event(seeds.ANALYTICS, flat), event(seeds.ANALYTICS, VISIT)
    assert (sent.component, sent.session_id, sent.properties) == (
        wanted.component,
        wanted.session_id,
        wanted.properties,
    )


@pytest.mark.parametrize(
    ("user", "user_id", "anonymous_id"),
    [
        ("user_k3j2h1g9f", "", "user_k3j2h1g9f"),
        ("user_a", "", "user_a"),
        ("user_0123456789", "user_0123456789", ""),
        ("user_ABC", "user_ABC", ""),
        ("user_", "user_", ""),
        ("ann@x.example", "ann@x.example", ""),
        (42, "42", ""),
        (None, "", ""),
    ],
)
def test_S3_a_made_up_id_names_a_browser(user: Any, user_id: str, anonymous_id: str) -> None:
    found = event(seeds.ANALYTICS, {"event": "a", "data": {"user_id": user}})
    assert (found.user_id, found.anonymous_id) == (user_id, anonymous_id)


def test_S3_a_made_up_id_does_not_replace_one_that_was_sent() -> None:
    found = event(seeds.ANALYTICS, {"event": "a", "data": {"user_id": "user_abc", "anonymous_id": "device"}})
    assert found.anonymous_id == "device"


def test_S3_without_a_hash_the_component_is_the_component() -> None:
    found = event(seeds.ANALYTICS, {"event": "component_visit", "component": "Editor"})
    assert (found.component, found.component_hash) == ("Editor", "")
    named = event(seeds.ANALYTICS, {"event": "component_visit", "data": {"component_name": "Editor"}})
    assert (named.component, named.component_hash) == ("Editor", "")


@pytest.mark.parametrize("data", [[1], "text", 7, True])
def test_S3_data_that_is_no_object_is_kept_as_a_property(data: Any) -> None:
    assert json.loads(event(seeds.ANALYTICS, {"event": "a", "data": data}).properties) == {"data": data}


@pytest.mark.parametrize("sent", [{}, {"data": {}}, {"event": ["a"]}, {"data": {"event": 1.5, "user_id": []}}])
def test_S3_a_wrong_event_is_refused_as_it_was_sent(sent: dict[str, Any]) -> None:
    found = entry(seeds.ANALYTICS, sent)
    assert isinstance(found, Refused)
    assert json.loads(found.raw) == sent


# ── both ─────────────────────────────────────────────────────────────────────────────────────────────────────

DOORS = pytest.mark.parametrize("door", [seeds.TRACKING, seeds.ANALYTICS], ids=["S0", "S3"])


@DOORS
def test_a_seeds_client_may_send_several(door: Adapter) -> None:
    sent = [door.example, 1, door.example]
    kinds = [Event, Refused, Event]
    for body in (sent, {"batch": sent}):
        assert [type(one) for one in door.decode(json.dumps(body).encode(), RECEIPT).entries] == kinds


@DOORS
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b'"\\ud800"', "invalid_text"),
        (b"1e400", "invalid_number"),
        (b'"\xff"', "invalid_utf8"),
        (b"[" * 9_000 + b"]" * 9_000, "too_deep"),
    ],
    ids=["half of a pair", "1e400", "no UTF-8", "too deep"],
)
def test_what_no_engine_keeps_is_refused_with_its_reason(door: Adapter, value: bytes, reason: str) -> None:
    whole = json.dumps(door.example).encode()
    for sent in (b'%s,"more":%s}' % (whole[:-1], value), b'%s,"data":{"event":"a","more":%s}}' % (whole[:-1], value)):
        found = entry(door, sent)
        assert isinstance(found, Refused)
        assert (found.reason, found.raw) == (reason, sent)


@DOORS
@pytest.mark.parametrize("body", [b"", b"1", b"{", b"[1,]", b'{"nombre":tru}', b'{"event":"a","data":{"x":NaN}}'])
def test_what_is_no_json_is_refused_as_a_whole(door: Adapter, body: bytes) -> None:
    with pytest.raises(BadRequest):
        door.decode(body, RECEIPT)


NAMES = st.text(max_size=4) | st.sampled_from(
    [
        "nombre",
        "accion",
        "usuario",
        "timestamp",
        "event",
        "component",
        "component_name",
        "data",
        "user_id",
        "batch",
        "key",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)


@DOORS
@given(sent=JSON)
def test_any_json_is_read_or_refused(door: Adapter, sent: Any) -> None:
    try:
        batch = door.decode(json.dumps(sent).encode(), RECEIPT)
    except (BadRequest, TooLarge):
        return
    assert all(isinstance(one, Event | Refused) for one in batch.entries)
