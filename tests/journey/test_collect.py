"""`POST /api/events/collect`, as `contract.md` describes it ("Events in"): shapes, and 400 or quarantine.

Keys, sizes, fields and what pages of others may are in files of their own.
"""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.journey.server import Server, unique

# ── shapes ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda events: events[0], id="one event"),
        pytest.param(lambda events: events, id="an array"),
        pytest.param(lambda events: {"batch": events}, id="a batch"),
        pytest.param(
            lambda events: {"batch": events, "sent_at": None, "batch_id": "b-1", "dropped": 3},
            id="a batch that says more",
        ),
    ],
)
def test_takes_an_event_an_array_or_a_batch(server: Server, wrap: Callable[[list[Any]], Any]) -> None:
    name = unique("shape")
    body = wrap([{"event": name, "event_id": f"{name}-1"}])
    answer = server.collect(body)
    assert answer.content == b""
    assert server.event(event=name)["event_id"] == f"{name}-1"


@pytest.mark.parametrize("body", [[], {"batch": []}], ids=["an array", "a batch"])
def test_an_empty_batch_is_nothing_wrong(server: Server, body: Any) -> None:
    before = server.status()["accepted"]
    server.collect(body)
    assert server.status()["accepted"] == before


def test_an_event_without_an_id_gets_one_and_each_counts(server: Server) -> None:
    name = unique("nameless")
    server.collect([{"event": name}, {"event": name}, {"event": name}])
    ids = [event["event_id"] for event in server.events(event=name)]
    assert len(set(ids)) == len(ids) == 3


def test_a_batch_id_names_events_without_an_id_so_that_a_retry_counts_once(server: Server) -> None:
    name = unique("retry")
    batch = {"batch_id": unique("batch"), "batch": [{"event": name, "properties": {"n": n}} for n in range(3)]}
    server.collect(batch)
    server.collect(batch)
    assert len(server.events(event=name)) == 3


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "text/plain;charset=UTF-8", "application/json; charset=utf-8", "application/octet-stream", ""],
    ids=["text", "text with charset", "json with charset", "bytes", "none"],
)
def test_reads_json_whatever_a_beacon_calls_it(server: Server, content_type: str) -> None:
    name = unique("beacon")
    server.collect({"event": name}, headers={"content-type": content_type})
    assert server.event(event=name)


# ── 400, or quarantine ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"hello",
        b'"a text"',
        b"17",
        b"null",
        b"true",
        b'{"event": "x"',
        b'[{"event": "x"}',
        b'[{"event": "x"}] trailing',
        b'[{"event": "x"},]',
        b'{"event": NaN}',
        b"{'event': 'x'}",
        b'{"event" "x"}',
        b"\xff\xfe{\x00",
        b"\x00",
    ],
    ids=repr,
)
def test_400_for_what_is_no_json_or_neither_object_nor_array(server: Server, body: bytes) -> None:
    before = server.status()["accepted"]
    server.collect(body, status=400)
    assert server.status()["accepted"] == before


def test_one_entry_that_is_no_json_refuses_the_whole_body(server: Server) -> None:
    name = unique("whole")
    server.collect(b'[{"event": "%b"}, {"event": oops}]' % name.encode(), status=400)
    assert server.events(event=name) == []


BAD = [
    pytest.param({}, "$", id="nothing in it"),
    pytest.param([[]], "$", id="an array in an array"),
    pytest.param([5], "$", id="a number"),
    pytest.param([None], "$", id="null"),
    pytest.param({"event": ""}, "$.event", id="an empty name"),
    pytest.param({"event": None}, "$.event", id="a name of null"),
    pytest.param({"event": "x" * 201}, "$.event", id="a name of 201 characters"),
    pytest.param({"event": "x", "event_id": "i" * 201}, "$.event_id", id="an id of 201 characters"),
    pytest.param({"event": "x", "properties": []}, "$.properties", id="properties that are no object"),
    pytest.param({"event": "x", "properties": {"a": "b" * 65536}}, "$.properties", id="properties over 64 KiB"),
    pytest.param({"event": "x", "timestamp": "yesterday"}, "$.timestamp", id="a time that is none"),
    pytest.param({"event": "x", "timestamp": 1e300}, "$.timestamp", id="a time beyond time"),
    pytest.param({"event": "x", "user_id": {"a": 1}}, "$.user_id", id="a user that is an object"),
    pytest.param({"event": "x", "groups": {"a": []}}, "$.groups", id="a group that is an array"),
    pytest.param({"event": "x", "seq": "first"}, "$.seq", id="a number that is none"),
    pytest.param({"event": "x", "context": {"userId": []}}, "$.context", id="a bad context"),
]


@pytest.mark.parametrize(("body", "path"), BAD)
def test_a_bad_event_alone_is_quarantined_with_its_reason_and_path(server: Server, body: Any, path: str) -> None:
    before = server.status()["quarantined"]
    server.collect(body)
    assert server.status()["quarantined"] == before + 1
    newest = next(server.quarantined())
    assert newest["path"].startswith(path), newest
    assert newest["reason"]
    assert newest["detail"].endswith(".")
    entry = body[0] if isinstance(body, list) else body
    assert msgspec.json.decode(newest["sent"]) == entry


@pytest.mark.parametrize(
    "entry",
    [
        b'{"event": "x", "properties": {"a": "\xff"}}',
        b'{"event": "x", "properties": {"a": "\\ud800"}}',
        b'{"event": "x", "properties": {"a": 1e400}}',
        b'{"event": "x", "properties": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    ],
    ids=["no UTF-8", "half of a surrogate pair", "a number past a double", "5 000 arrays deep"],
)
def test_json_that_cannot_be_kept_is_quarantined_and_its_neighbours_stay(server: Server, entry: bytes) -> None:
    name = unique("neighbour")
    good = b'{"event": "%b"}' % name.encode()
    results = server.verdicts(b"[%b, %b, %b]" % (good, entry, good))
    assert [result["status"] for result in results] == ["ok", "quarantined", "ok"]
    assert len(server.events(event=name)) == 2


def test_limits_themselves_are_allowed(server: Server) -> None:
    name = unique("x" * 180)
    # In pieces, since a long text is cut (docs/guide/personal-data.md).
    pieces = ["b" * 1000] * 65
    longest = {"a": [*pieces, "b" * (65536 - len(json.dumps({"a": [*pieces, ""]}, separators=(",", ":"))))]}
    body = {"event": name.ljust(200, "y"), "event_id": unique("i").ljust(200, "z"), "properties": longest}
    assert [one["status"] for one in server.verdicts(body)] == ["ok"]
    assert server.event(event=body["event"])["properties"] == longest


def test_verbose_tells_what_became_of_each_event(server: Server) -> None:
    name = unique("verbose")
    results = server.verdicts([{"event": name}, {"event": name, "timestamp": "soon"}, {"event": name}])
    assert results == [
        {"index": 0, "status": "ok"},
        {"index": 1, "status": "quarantined", "reason": results[1]["reason"], "path": "$.timestamp"},
        {"index": 2, "status": "ok"},
    ]
    assert results[1]["reason"]


def test_a_wrong_field_in_one_event_costs_no_other(server: Server) -> None:
    name = unique("others")
    before = server.status()
    server.collect([{"event": name}] * 3 + [{"event": 5.5}, {"nothing": 1}] + [{"event": name}] * 3)
    after = server.settled()
    assert len(server.events(event=name)) == 6
    assert after["accepted"] - before["accepted"] == 8


# ── what was acknowledged is there ───────────────────────────────────────────────────────────────────────────


def test_an_answer_waits_for_what_was_acknowledged_before(server: Server) -> None:
    for number in range(1, 51):
        name = unique("at-once")
        server.collect([{"event": name}] * number)
        if number % 2:
            total = sum(row["total"] for row in server.ask("/api/events/trend", event=name))
        else:
            total = len(server.events(event=name))
        assert total == number
