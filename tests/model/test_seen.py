"""Events that are at hand, as they were seen."""

from footfall.model.event import Event
from footfall.model.seen import FEW, SeenProperty, look_at


def seen(*properties: str) -> dict[str, SeenProperty]:
    events = [
        Event(event="found", event_id=str(place), timestamp=place, received_at=place, properties=text)
        for place, text in enumerate(properties)
    ]
    (told,) = look_at(events).values()
    assert (told.count, told.sampled) == (len(properties), len(properties))
    return told.properties


def test_types_are_those_of_json_schema() -> None:
    told = seen('{"a": 1, "b": true, "c": {}, "d": null}', '{"a": 1.5, "b": 1.0, "c": []}', '{"a": "1"}')
    assert {name: one.types for name, one in told.items()} == {
        "a": {"integer": 1, "number": 1, "string": 1},
        "b": {"boolean": 1, "integer": 1},
        "c": {"array": 1, "object": 1},
        "d": {"null": 1},
    }


def test_texts_are_told_where_there_are_few_and_none_is_long() -> None:
    assert seen('{"a": "x"}', '{"a": "y"}', '{"a": "x"}')["a"].values == {"x": 2, "y": 1}
    assert seen(*(f'{{"a": "{place}"}}' for place in range(FEW + 1)))["a"].values == {}
    assert seen(f'{{"a": "{"x" * 200}"}}', '{"a": "y"}')["a"].values == {}


def test_each_name_is_told_for_itself_with_when_it_came() -> None:
    events = [Event(event=name, event_id=name, timestamp=at, received_at=at) for name, at in (("a", 0), ("b", 1000))]
    told = look_at(events)
    assert [(name, one.first_seen, one.last_seen) for name, one in told.items()] == [
        ("a", "1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z"),
        ("b", "1970-01-01T00:00:01.000Z", "1970-01-01T00:00:01.000Z"),
    ]
