"""What a plan denies by name is cut out, and everything else stays as it was sent (`product.md`, F18)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.model.event import Event, Refused
from footfall.plan.deny import Deny
from tests.support.effort import examples

DENY = Deny(["query_sql", "Schema"])
SECRET = "canary-5d1f"


def event(properties: str) -> Event:
    return Event(event="a", event_id="1", timestamp=0, received_at=0, properties=properties)


@pytest.mark.parametrize(
    ("sent", "kept", "paths"),
    [
        ('{"query_sql":"x","a": 1.50}', '{"a":1.50}', ["$.properties.query_sql"]),
        ('{"a":{"schema":1,"b":[1, 2]}}', '{"a":{"b":[1, 2]}}', ["$.properties.a.schema"]),
        ('{"a":[{"SCHEMA":1},{"b":1e3}]}', '{"a":[{},{"b":1e3}]}', ["$.properties.a.0.SCHEMA"]),
        ('{"query\\u005fsql":1}', "{}", ["$.properties.query_sql"]),
        ('{"a":"query_sql"}', '{"a":"query_sql"}', []),
        ('{ "a" : "\\u00e9" }', '{ "a" : "\\u00e9" }', []),
    ],
)
def test_members_of_these_names_go_at_any_depth(sent: str, kept: str, paths: list[str]) -> None:
    cut = DENY.from_event(event(sent))
    assert (cut.properties, list(cut.redacted)) == (kept, paths)
    assert set(cut.redacted.values()) <= {"denied"}


def test_a_plan_that_denies_nothing_looks_at_nothing() -> None:
    one = event('{"\\u0061":1}')
    assert Deny([]).from_event(one) is one


def test_refused_entries_lose_them_too_or_their_text() -> None:
    def refused(raw: bytes) -> bytes:
        return DENY.from_refused(Refused(reason="x", detail="x", path="$", raw=raw)).raw

    assert refused(b'{"event":5,"properties":{"query_sql":"s","a":1}}') == b'{"event":5,"properties":{"a":1}}'
    assert refused(b'{"event":5,"a":1}') == b'{"event":5,"a":1}'
    deep = b'{"query_sql":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert b"query_sql" not in refused(deep)
    assert refused(b'{"a":' * 5000 + b'{"query_sql":1}' + b"}" * 5000) == b""


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@examples(100)
@given(value=st.dictionaries(st.text(max_size=4), VALUES, max_size=4), ascii_only=st.booleans(), data=st.data())
def test_wherever_one_is_put_it_is_gone_and_the_rest_is_there(
    value: Any, ascii_only: bool, data: st.DataObject
) -> None:
    holders: list[dict[str, Any]] = []

    def gather(one: Any) -> None:
        if isinstance(one, dict):
            holders.append(one)
        for inner in one.values() if isinstance(one, dict) else one if isinstance(one, list) else ():
            gather(inner)

    gather(value)
    before = json.loads(json.dumps(value))
    data.draw(st.sampled_from(holders))["query_sql"] = {"deep": [SECRET]}
    cut = DENY.from_event(event(json.dumps(value, ensure_ascii=ascii_only)))
    assert SECRET not in cut.properties
    assert json.loads(cut.properties) == before
    assert len(cut.redacted) == 1
