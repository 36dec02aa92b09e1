"""What becomes of what an application hands over."""

import dataclasses
import enum
import json
import math
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall_client import Footfall, Recording
from footfall_client.event import encode, id_of


def sent(value: Any) -> Any:
    """What comes of a property's value."""
    recorder = Footfall.recording()
    recorder.track("a", properties={"x": value})
    (event,) = recorder.events
    return event["properties"]["x"]


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


@dataclasses.dataclass
class Line:
    sku: str
    price: Decimal


class Person:
    name = "Ann Somebody"

    def __str__(self) -> str:
        return self.name

    __repr__ = __str__


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        (1.5, 1.5),
        (math.nan, None),
        (math.inf, None),
        (Decimal("1.25"), 1.25),
        (Decimal("NaN"), None),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (timedelta(seconds=90), 90),
        ((1, 2), [1, 2]),
        ({3}, [3]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Colour.RED, "red"),
        (Level.LOW, 1),
        (Line("a", Decimal(2)), {"sku": "a", "price": 2.0}),
        ({1: "a", None: "b", (1,): "c"}, {"1": "a", "<NoneType>": "b", "<tuple>": "c"}),
        (b"secret", "<bytes>"),
        (Person(), "<Person>"),
        ({"deep": Person()}, {"deep": "<Person>"}),
        ("\ud800", "?"),
    ],
    ids=repr,
)
def test_values_become_json_and_an_unknown_object_tells_only_its_type(value: Any, expected: Any) -> None:
    assert sent(value) == expected


def test_a_number_that_python_does_not_write_is_only_named() -> None:
    assert sent([10**400, 10**5000]) == [10**400, "<int>"]


def test_what_holds_itself_ends() -> None:
    loop: dict[str, Any] = {"a": 1}
    loop["self"] = loop
    assert sent(loop) == {"a": 1, "self": "<dict>"}
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert "<list>" in json.dumps(sent(deep))


def test_what_is_changed_afterwards_changes_no_event() -> None:
    recorder = Footfall.recording()
    properties = {"tags": ["a"]}
    recorder.track("a", properties=properties)
    properties["tags"].append("b")
    assert recorder.events[0]["properties"] == {"tags": ["a"]}


class Hostile:
    """Fails wherever it is touched."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __hash__ = __str__  # pyright: ignore[reportAssignmentType]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.decimals()
    | st.complex_numbers()
    | st.uuids()
    | st.builds(object)
    | st.builds(Hostile),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text() | st.integers() | st.none() | st.floats() | st.tuples(st.integers()), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), anything, max_size=4))
def test_no_properties_raise_and_what_is_sent_is_json(properties: dict[str, Any]) -> None:
    recorder = Recording()
    recorder.track("a", properties=properties)
    for event in recorder.events:
        json.dumps(event, allow_nan=False).encode()


@given(anything, anything, anything, anything, anything, anything)
def test_no_argument_raises(event: Any, user: Any, groups: Any, properties: Any, timestamp: Any, fields: Any) -> None:
    recorder = Recording()
    recorder.track(event, user_id=user, groups=groups, properties=properties, timestamp=timestamp, fields=fields)
    recorder.identify(user, properties)
    recorder.group(event, user, properties)


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**63), 2**64)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(st.characters(exclude_categories=["Cs"])),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
            max_leaves=10,
        ),
    )
)
def test_json_goes_through_unchanged(value: dict[str, Any]) -> None:
    assert json.loads(encode({"properties": value})) == json.loads(json.dumps({"properties": value}).encode())


def test_ids_are_version_7_and_in_order() -> None:
    made = uuid.UUID(id_of(1_700_000_000_000, b"\xff" * 9))
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, 1_700_000_000_000)


def test_an_event_says_who_when_and_for_whom() -> None:
    recorder = Footfall.recording(app_version="1.2")
    recorder.track(
        "project.created",
        user_id=42,
        organization_id=7,
        project_id="p",
        groups={"team": 1},
        timestamp=datetime(2026, 1, 2, tzinfo=UTC),
        properties={"models": 3},
        fields={"page": "/a"},
    )
    (event,) = recorder.events
    assert len(event.pop("event_id")) == 32
    assert event == {
        "event": "project.created",
        "timestamp": 1767312000000,
        "seq": 1,
        "user_id": "42",
        "groups": {"organization": "7", "project": "p", "team": "1"},
        "app_version": "1.2",
        "page": "/a",
        "properties": {"models": 3},
    }


def test_a_user_object_in_the_place_of_an_id_names_nobody() -> None:
    recorder = Footfall.recording()
    recorder.track("a", user_id=Person())  # pyright: ignore[reportArgumentType]
    assert recorder.events[0]["user_id"] is None


def test_hooks_change_leave_out_and_lose_events() -> None:
    def hook(event: dict[str, Any]) -> dict[str, Any] | None:
        if event["event"] == "broken":
            raise RuntimeError
        return None if event["event"] == "left out" else event | {"page": "/x"}

    recorder = Footfall.recording(before_send=hook, scan=lambda event: event | {"section": event["page"]})
    for name in ("a", "left out", "broken", "b"):
        recorder.track(name)
    assert [(event["event"], event["page"], event["section"]) for event in recorder.events] == [
        ("a", "/x", "/x"),
        ("b", "/x", "/x"),
    ]
