"""Our own protocol: what an event may say, what is loosened, and what is refused with which reason and path."""

import json
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from footfall.model.errors import BadRequest, TooLarge
from footfall.model.event import (
    MAX_DEPTH,
    MAX_EVENT_ID,
    MAX_NAME,
    MAX_PROPERTIES,
    MAX_TEXT,
    Batch,
    Event,
    Receipt,
    Refused,
)
from footfall.protocols import native
from tests.support.moments import BASE, HOUR, at

RECEIPT = Receipt(received_at=BASE, user_agent="agent of the request")
IMPORT = Receipt(received_at=BASE, keeps_receipt=True)

TEXTS = sorted(
    name
    for name, kind in get_type_hints(Event).items()
    if kind is str and name not in {"event", "event_id", "properties", "user_agent"}
)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def entry(sent: Any, receipt: Receipt = RECEIPT) -> Event | Refused:
    """What becomes of one entry, given as a value or as its text."""
    (only,) = native.decode(sent if isinstance(sent, bytes) else msgspec.json.encode(sent), receipt).entries
    return only


def event(sent: Any, receipt: Receipt = RECEIPT) -> Event:
    found = entry(sent, receipt)
    assert isinstance(found, Event), found
    return found


def refused(sent: Any, receipt: Receipt = RECEIPT) -> Refused:
    found = entry(sent, receipt)
    assert isinstance(found, Refused), found
    return found


# ── the three shapes of a body ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "names"),
    [
        pytest.param(b'{"event":"a"}', ["a"], id="an event"),
        pytest.param(b'[{"event":"a"},{"event":"b"}]', ["a", "b"], id="an array"),
        pytest.param(b'{"batch":[{"event":"a"},{"event":"b"}]}', ["a", "b"], id="a batch"),
        pytest.param(b' \r\n\t{"batch" : [ {"event":"a"} ] } ', ["a"], id="a batch with spaces"),
        pytest.param('{"event":"a"}'.encode("utf-8-sig"), ["a"], id="an event after a byte order mark"),
        pytest.param(b" " * 5000 + b'{"event":"a"}', ["a"], id="an event after many spaces"),
        pytest.param(b'{"event":"a","batch":[{"event":"b"}]}', ["a"], id="an event that has a batch of its own"),
        pytest.param(b"[]", [], id="an empty array"),
        pytest.param(b'{"batch":[]}', [], id="an empty batch"),
    ],
)
def test_a_body_is_an_event_an_array_or_a_batch(body: bytes, names: list[str]) -> None:
    assert [one.event for one in native.decode(body, RECEIPT).entries] == names


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  ", b"null", b"1", b'"a"', b"true", b"nope", b"{", b"[", b'{"event":"a"', b'{"event":"a"}}', b'{"a"}',
        b'[{"event":"a"}', b'[{"event":"a"},]', b'[{"event":"a"} {"event":"b"}]', b'{"event":"a",}', b"{'event':'a'}",
        b'{"event":"a"}\n{"event":"b"}', b'{"event":"a","properties":{"x":NaN}}', b'{"event":"a","x":Infinity}',
        b'[{"event":"a"},{"event":"b","x":-Infinity}]', b'[{"event":"a"},{"event":"b","x":01}]',
        b'{"event":"a","x":"\\q"}',
        b'{"event":"a","properties":{"x":1.}}', b'{"event":"a","x":"\n"}', b"\xff\xfe{\x00}\x00", b"\x00", b"\x1f\x8b",
        '{"event":"a"}'.encode("utf-16"), '[{"event":"a"}]'.encode("utf-32"),
    ],
)  # fmt: skip
def test_what_is_neither_object_nor_array_or_no_json_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(BadRequest) as whole:
        native.decode(body, RECEIPT)
    assert whole.value.path == "$"


def test_one_bad_entry_does_not_cost_the_others() -> None:
    batch = native.decode(b'[{"event":"a"},1,{"event":""},{"event":"b","seq":"x"},{"event":"c"}]', RECEIPT)
    assert [type(one).__name__ for one in batch.entries] == ["Event", "Refused", "Refused", "Refused", "Event"]
    assert [one.raw for one in batch.entries if isinstance(one, Refused)] == [
        b"1",
        b'{"event":""}',
        b'{"event":"b","seq":"x"}',
    ]


def test_a_batch_holds_a_thousand_events() -> None:
    assert len(native.decode(b"[%s]" % b",".join([b'{"event":"a"}'] * 1000), RECEIPT).entries) == 1000
    for shape in (b"[%s]", b'{"batch":[%s]}'):
        with pytest.raises(TooLarge):
            native.decode(shape % b",".join([b'{"event":"a"}'] * 1001), RECEIPT)


def test_a_batch_says_its_key_and_how_many_events_were_dropped() -> None:
    batch = native.decode(b'{"batch":[],"key":"wk","dropped":3}', RECEIPT)
    assert (batch.key, batch.dropped) == ("wk", 3)


@pytest.mark.parametrize("dropped", [-1, "many", None, 2.5, [], {}])
def test_a_number_of_dropped_events_that_is_none_is_zero(dropped: object) -> None:
    assert native.decode(msgspec.json.encode({"batch": [{"event": "a"}], "dropped": dropped}), RECEIPT).dropped == 0


def test_ids_made_from_the_batchs_id_are_the_same_at_every_retry() -> None:
    def ids(batch_id: object) -> list[str]:
        body = {"batch": [{"event": "a"}, {"event": "b"}, {"event": "c", "event_id": "own"}], "batch_id": batch_id}
        return [one.event_id for one in native.decode(msgspec.json.encode(body), RECEIPT).entries]

    first = ids("b-1")
    assert ids("b-1") == first
    assert len(set(first)) == 3
    assert first[2] == "own"
    assert not {*ids("b-2")[:2]} & {*first}
    assert ids(7) == ids("7")
    for none in (None, ""):
        assert len({*ids(none)[:2], *ids(none)[:2]}) == 4


def test_the_batchs_sent_at_is_that_of_events_without_one() -> None:
    body = {
        "sent_at": "2026-03-02T11:00:00Z",
        "batch": [
            {"event": "a"},
            {"event": "b", "sent_at": BASE},
            {"event": "c", "context": {"sentAt": BASE + HOUR}},
        ],
    }
    batch = native.decode(msgspec.json.encode(body), RECEIPT)
    assert [one.sent_at for one in batch.entries] == [BASE + HOUR, BASE, BASE + HOUR]


@pytest.mark.parametrize(
    "wrong",
    [
        b'"key":"\\ud800"',
        b'"batch_id":"\\ud800"',
        b'"sent_at":"\\udfff"',
        b'"other":"\\ud800"',
        b'"\\ud800":1',
        b'"dropped":1e400',
        b'"key":1e400',
        b'"sent_at":1e400',
        b'"sent_at":[]',
        b'"dropped":%s' % (b"9" * 5000),
        b'"key":"\xff"',
        b'"key":%s1%s' % (b"[" * 5000, b"]" * 5000),
        b'"key":"\\ud800","dropped":1e400,"sent_at":1e400',
    ],
)
@pytest.mark.parametrize("entries", [b'{"event":"a"},{"event":"b"}', b'{"event":"a"},{"event":"b","x":"\\ud800"}'])
def test_an_envelope_that_cannot_be_read_is_refused_or_costs_what_it_says_only(wrong: bytes, entries: bytes) -> None:
    try:
        batch = native.decode(b'{"batch":[%s],%s}' % (entries, wrong), RECEIPT)
    except BadRequest:
        return
    assert len(batch.entries) == 2


# ── fields ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", TEXTS)
class TestTextFields:
    def test_is_read_from_the_event_and_from_its_context(self, name: str) -> None:
        assert getattr(event({"event": "a", name: "väl\u0000ue"}), name) == "väl\u0000ue"
        assert getattr(event({"event": "a", "context": {camel(name): "x"}}), name) == "x"

    def test_the_event_counts_before_its_context(self, name: str) -> None:
        assert getattr(event({"event": "a", name: "x", "context": {camel(name): "y"}}), name) == "x"

    def test_nothing_is_unknown(self, name: str) -> None:
        for nothing in (None, ""):
            assert getattr(event({"event": "a", name: nothing}), name) == ""
            assert getattr(event({"event": "a", name: nothing, "context": {camel(name): "y"}}), name) == "y"

    @pytest.mark.parametrize("number", ["42", "-7", "1.50", "1e5", "12345678901234567890123", "9" * 5000])
    def test_a_number_is_its_own_text(self, name: str, number: str) -> None:
        assert getattr(event(b'{"event":"a","%s":%s}' % (name.encode(), number.encode())), name) == number
        in_context = b'{"event":"a","context":{"%s":%s}}' % (camel(name).encode(), number.encode())
        assert getattr(event(in_context), name) == number

    @pytest.mark.parametrize("value", [True, [], {}, "x" * (MAX_TEXT + 1)], ids=["bool", "array", "object", "long"])
    def test_anything_else_is_refused_with_its_path(self, name: str, value: object) -> None:
        found = refused({"event": "a", name: value})
        assert (found.reason, found.path, found.event) == ("invalid_field", f"$.{name}", "a")
        found = refused({"event": "a", "context": {camel(name): value}})
        assert (found.reason, found.path, found.event) == ("invalid_field", f"$.context.{camel(name)}", "a")

    def test_the_longest_text_is_taken(self, name: str) -> None:
        assert len(getattr(event({"event": "a", name: "ä" * MAX_TEXT}), name)) == MAX_TEXT


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        pytest.param({}, "$", id="no name"),
        pytest.param({"event": ""}, "$.event", id="an empty name"),
        pytest.param({"event": None}, "$.event", id="a null name"),
        pytest.param({"event": "x" * (MAX_NAME + 1)}, "$.event", id="too long a name"),
        pytest.param({"event": ["a"]}, "$.event", id="an array for a name"),
        pytest.param({"event": "a", "event_id": "x" * (MAX_EVENT_ID + 1)}, "$.event_id", id="too long an id"),
        pytest.param({"event": "a", "event_id": {}}, "$.event_id", id="an object for an id"),
        pytest.param({"event": "a", "seq": "1"}, "$.seq", id="a text for a number"),
        pytest.param({"event": "a", "seq": 1.5}, "$.seq", id="a broken seq"),
        pytest.param({"event": "a", "seq": 2**63}, "$.seq", id="a seq past 64 bits"),
        pytest.param({"event": "a", "seq": -(2**63)}, "$.seq", id="a seq below 64 bits"),
        pytest.param({"event": "a", "groups": []}, "$.groups", id="an array of groups"),
        pytest.param({"event": "a", "groups": {"o": {}}}, "$.groups[...]", id="an object for a group"),
        pytest.param({"event": "a", "properties": []}, "$.properties", id="an array of properties"),
        pytest.param({"event": "a", "properties": "{}"}, "$.properties", id="a text of properties"),
        pytest.param({"event": "a", "properties": 1, "more": 2}, "$.properties", id="a number and more properties"),
        pytest.param({"event": "a", "context": "x"}, "$.context", id="a text for the context"),
        pytest.param({"event": "a", "context": []}, "$.context", id="an array for the context"),
        pytest.param({"event": "a", "timestamp": []}, "$.timestamp", id="an array for a time"),
        pytest.param({"event": "a", "timestamp": True}, "$.timestamp", id="a truth for a time"),
        pytest.param({"event": "a", "timestamp": "yesterday"}, "$.timestamp", id="a word for a time"),
        pytest.param({"event": "a", "timestamp": -1}, "$.timestamp", id="a time before 1970"),
        pytest.param({"event": "a", "timestamp": "2200-01-02T00:00:00Z"}, "$.timestamp", id="a time past 2199"),
        pytest.param({"event": "a", "timestamp": 10**300}, "$.timestamp", id="a time past all calendars"),
        pytest.param({"event": "a", "sent_at": "soon"}, "$.sent_at", id="a word for sent_at"),
        pytest.param({"event": "a", "context": {"sentAt": "soon"}}, "$.sent_at", id="a word for sentAt"),
        pytest.param({"event": "a", "user_agent": ["x"]}, "$.user_agent", id="an array for a user agent"),
    ],
)
def test_a_wrong_field_is_refused_with_its_path(sent: dict[str, Any], path: str) -> None:
    found = refused(sent)
    assert found.path == path
    assert found.reason in {"invalid_field", "invalid_time"}
    assert found.detail.endswith(".")


def test_the_longest_name_and_id_are_taken() -> None:
    found = event({"event": "ä" * MAX_NAME, "event_id": "ö" * MAX_EVENT_ID})
    assert (len(found.event), len(found.event_id)) == (MAX_NAME, MAX_EVENT_ID)


@pytest.mark.parametrize("sent", [{"event": 404}, {"event": "a", "event_id": 404}, {"event": "a", "user_agent": 404}])
def test_a_number_for_a_name_an_id_or_an_agent_is_its_text(sent: dict[str, Any]) -> None:
    found = event(sent)
    assert all(getattr(found, name) == str(value) for name, value in sent.items())


def test_a_seq_has_64_bits() -> None:
    assert [event({"event": "a", "seq": n}).seq for n in (0, -5, 2**63 - 1)] == [0, -5, 2**63 - 1]
    assert event({"event": "a", "context": {"seq": 7}}).seq == 7


def test_groups_are_texts() -> None:
    groups = {"organization": "42", "project": 7, "": "", "ä.b": "ü"}
    wanted = {"organization": "42", "project": "7", "": "", "ä.b": "ü"}
    assert event({"event": "a", "groups": groups}).groups == wanted
    assert event({"event": "a", "context": {"groups": groups}}).groups == wanted


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00.000Z"),
        ("2026-03-02T10:00:00.5Z", "2026-03-02T10:00:00.500Z"),
        ("2026-03-02T10:00:00.123456789Z", "2026-03-02T10:00:00.123Z"),
        ("2026-03-02T11:30:00+01:30", "2026-03-02T10:00:00.000Z"),
        ("2026-03-02 10:00:00Z", "2026-03-02T10:00:00.000Z"),
        ("2026-03-02t10:00:00z", "2026-03-02T10:00:00.000Z"),
        ("2026-03-02T10:00:00", "2026-03-02T10:00:00.000Z"),
        ("2026-03-02", "2026-03-02T00:00:00.000Z"),
        (1772445600, "2026-03-02T10:00:00.000Z"),
        (1772445600.5, "2026-03-02T10:00:00.500Z"),
        (1772445600123, "2026-03-02T10:00:00.123Z"),
        (1772445600123.4, "2026-03-02T10:00:00.123Z"),
        (1.7724456e12, "2026-03-02T10:00:00.000Z"),
        (0, "1970-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_is_rfc3339_or_epoch_seconds_or_milliseconds(written: object, moment: str) -> None:
    assert event({"event": "a", "timestamp": written}).timestamp == at(moment)
    assert event({"event": "a", "sent_at": written}).sent_at == at(moment)
    assert event({"event": "a", "context": {"timestamp": written}}).timestamp == at(moment)


def test_without_a_time_an_event_happened_when_it_was_received() -> None:
    found = event({"event": "a"})
    assert (found.timestamp, found.received_at, found.sent_at) == (BASE, BASE, None)


def test_without_a_time_an_event_happened_when_it_was_sent() -> None:
    """A wrong clock of the sender is corrected then as it would be for a time of its own (R27)."""
    assert event({"event": "a", "sent_at": BASE + HOUR}).timestamp == BASE + HOUR
    (own, batchs) = native.decode(
        msgspec.json.encode({"batch": [{"event": "a", "sent_at": BASE}, {"event": "b"}], "sent_at": BASE - HOUR}),
        RECEIPT,
    ).entries
    assert (own.timestamp, batchs.timestamp) == (BASE, BASE - HOUR)


def test_an_event_without_an_id_gets_one_that_sorts_by_time() -> None:
    first, second = (event({"event": "a"}, Receipt(received_at=BASE + n)) for n in (0, 1))
    assert first.event_id[:13] < second.event_id[:13]
    assert [len(part) for part in first.event_id.split("-")] == [8, 4, 4, 4, 12]
    assert event({"event": "a", "event_id": ""}).event_id


def test_only_an_import_says_when_it_was_received() -> None:
    sent = {"event": "a", "received_at": "2026-03-02T09:00:00Z", "user_agent": "Old/1.0"}
    imported = event(sent, IMPORT)
    assert (imported.received_at, imported.timestamp, imported.properties) == (BASE - HOUR, BASE - HOUR, "{}")
    assert imported.user_agent == "Old/1.0"
    collected = event(sent)
    assert (collected.received_at, collected.properties) == (BASE, '{"received_at":"2026-03-02T09:00:00Z"}')
    assert refused({"event": "a", "received_at": "x"}, IMPORT).path == "$.received_at"


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{ }",
        '{"a":1,"a":2}',
        '{"a":{"b":1},"a.b":2}',
        '{"":{"":null}}',
        '{"n":-0.0,"big":12345678901234567890123,"small":1e-300,"e":1E+5,"z":1.0}',
        '{"t":"2026-03-02T10:00:00Z"}',
        '{"\\u00e9":"\\/ \\ud83d\\ude00 \\u0000"}',
        '{\r\n\t"pretty" : [ 1 , 2 ]\n}',
        '{"e":"é😀"}',
        '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH,
    ],
)
def test_properties_come_back_letter_for_letter(text: str) -> None:
    assert event(b'{"event":"a","properties":%s}' % text.encode()).properties == text
    loosened = b'{"event":"a","user_id":7,"properties":%s}' % text.encode()
    assert event(loosened).properties == text


@pytest.mark.parametrize(
    "sent", [b'{"event":"a"}', b'{"event":"a","properties":null}', b'{"event":"a","properties":{}}']
)
def test_no_properties_are_empty_properties(sent: bytes) -> None:
    assert event(sent).properties == "{}"


@pytest.mark.parametrize(
    ("sent", "properties"),
    [
        ({"event": "a", "plan": "pro", "n": [1, {"b": None}]}, {"plan": "pro", "n": [1, {"b": None}]}),
        ({"event": "a", "plan": "pro", "properties": {"x": 1}}, {"plan": "pro", "x": 1}),
        ({"event": "a", "plan": "pro", "properties": {"plan": "own"}}, {"plan": "own"}),
        ({"event": "a", "plan": "pro", "properties": None}, {"plan": "pro"}),
        ({"event": "a", "context": {"userId": "u", "library": "x"}}, {"library": "x"}),
        ({"event": "a", "context": {"user_id": "u"}}, {"user_id": "u"}),
        ({"event": "a", "userId": "u"}, {"userId": "u"}),
        ({"event": "a", "bot": True, "flags": ["x"]}, {"bot": True, "flags": ["x"]}),
    ],
    ids=str,
)
def test_members_that_are_not_known_become_properties(sent: dict[str, Any], properties: dict[str, Any]) -> None:
    assert json.loads(event(sent).properties) == properties


def test_no_member_can_set_what_is_ours_to_say() -> None:
    found = event({"event": "a", "bot": True, "flags": ["x"], "violations": ["y"], "project_id": 7, "arrival": 9})
    assert (found.bot, found.flags) == (False, ())


def test_repeated_properties_are_kept_when_members_join_them() -> None:
    found = event(b'{"event":"a","more":1,"properties":{"x":1,"x":2}}')
    assert found.properties.count('"x"') == 2


@pytest.mark.parametrize(
    ("name", "field"),
    [("component_name", "component"), ("component_hash", "component_hash"), ("interaction_type", "action")],
)
def test_some_properties_are_fields_under_another_name(name: str, field: str) -> None:
    found = event({"event": "a", "properties": {name: "Checkout"}})
    assert getattr(found, field) == "Checkout"
    assert json.loads(found.properties) == {name: "Checkout"}
    assert getattr(event({"event": "a", field: "Sent", "properties": {name: "Checkout"}}), field) == "Sent"
    for no_text in (7, None, ["x"], "", "x" * (MAX_TEXT + 1)):
        assert getattr(event({"event": "a", "properties": {name: no_text}}), field) == ""


def test_properties_have_64_kib_at_most() -> None:
    room = MAX_PROPERTIES - len('{"x":""}')
    assert len(event({"event": "a", "properties": {"x": "y" * room}}).properties) == MAX_PROPERTIES
    found = refused({"event": "a", "properties": {"x": "y" * (room + 1)}})
    assert (found.reason, found.path, found.event) == ("too_large", "$.properties", "a")
    assert refused({"event": "a", "x": "y" * MAX_PROPERTIES}).reason == "too_large"


@pytest.mark.parametrize(
    ("sent", "reason", "path"),
    [
        pytest.param(b'{"event":"a","properties":{"x":1e400}}', "invalid_number", "$.properties", id="1e400"),
        pytest.param(
            b'{"event":"a","properties":{"x":%s1%s}}' % (b"[" * 64, b"]" * 64),
            "too_deep",
            "$.properties",
            id="65 levels",
        ),
        pytest.param(b'{"event":"a","x":-1e400}', "invalid_number", "$.properties", id="-1e400 outside"),
        pytest.param(b'{"event":"a","timestamp":1e400}', "invalid_field", "$.timestamp", id="1e400 as a time"),
        pytest.param(b'{"event":"a","seq":%s}' % (b"9" * 5000), "invalid_field", "$.seq", id="5 000 digits as seq"),
        pytest.param(
            b'{"event":"a","properties":{"x":%s}}' % (b"9" * 5000), "invalid_number", "$.properties", id="5 000 digits"
        ),
        pytest.param(b'{"event":"a","properties":{"x":"\\ud800"}}', "invalid_text", "$", id="half of a pair"),
        pytest.param(b'{"event":"a","x":"\\ud800"}', "invalid_text", "$", id="half of a pair outside"),
        pytest.param(b'{"event":"\\udc00"}', "invalid_text", "$", id="half of a pair for a name"),
        pytest.param(b'{"event":"a","properties":{"\\ud800":1}}', "invalid_text", "$", id="half of a pair in a key"),
        pytest.param(b'{"event":"a","properties":{"x":"\xff"}}', "invalid_utf8", "$", id="bytes that are no UTF-8"),
        pytest.param(b'{"event":"\xc3\x28"}', "invalid_utf8", "$", id="a name that is no UTF-8"),
        pytest.param(
            b'{"event":"a","properties":{"x":%s1%s}}' % (b"[" * 50_000, b"]" * 50_000), "too_deep", "$", id="too deep"
        ),
        pytest.param(b'{"event":"a","x":%s1%s}' % (b'{"a":' * 9_000, b"}" * 9_000), "too_deep", "$", id="deep outside"),
    ],
)
def test_what_json_allows_and_no_engine_keeps_is_refused_with_its_reason(sent: bytes, reason: str, path: str) -> None:
    for body in (sent, b"[%s]" % sent, b'{"batch":[%s]}' % sent):
        found = refused(body)
        assert (found.reason, found.path, found.raw) == (reason, path, sent)


@pytest.mark.parametrize("raw", [b"1", b"null", b'"x"', b"[]", b'[{"event":"a"}]', b"true"])
def test_an_entry_that_is_no_object_is_refused(raw: bytes) -> None:
    (found,) = native.decode(b"[%s]" % raw, RECEIPT).entries
    assert isinstance(found, Refused)
    assert (found.reason, found.path, found.raw, found.event) == ("invalid_field", "$", raw, "")


def test_a_refusal_tells_the_events_name_when_that_much_could_be_read() -> None:
    assert refused({"event": "sign_up", "seq": "x"}).event == "sign_up"
    assert refused({"event": "x" * 5000}).event == "x" * MAX_NAME


# ── anything ─────────────────────────────────────────────────────────────────────────────────────────────────

FIELDS = [
    *TEXTS,
    *map(camel, TEXTS),
    "event",
    "event_id",
    "timestamp",
    "sent_at",
    "seq",
    "groups",
    "properties",
    "context",
]
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.just(10**4000)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text() | st.sampled_from(["2026-03-02T10:00:00Z", "a", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.sampled_from(FIELDS), inner, max_size=5)
    ),
    max_leaves=20,
)
LIKE_EVENTS = st.fixed_dictionaries(
    {"event": st.text(max_size=5) | JSON},
    optional={
        name: st.text(max_size=5) | NUMBERS | JSON for name in ["user_id", "timestamp", "seq", "groups", "context"]
    }
    | {"properties": st.dictionaries(st.text(max_size=5), JSON, max_size=4), "extra": JSON},
)


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def read(body: bytes) -> Batch | None:
    """What was read of a body, or None when it was refused as a whole; every entry is an event or a refusal."""
    try:
        batch = native.decode(body, RECEIPT)
    except (BadRequest, TooLarge):
        return None
    assert all(isinstance(one, Event | Refused) for one in batch.entries)
    return batch


@given(JSON)
def test_any_json_is_one_entry_per_element_or_refused(value: Any) -> None:
    batch = read(encoded(value))
    if isinstance(value, list):
        assert batch is not None
        assert len(batch.entries) == len(value)
    elif isinstance(value, dict) and not isinstance(value.get("batch"), list):
        assert batch is not None
        assert len(batch.entries) == 1
    elif not isinstance(value, dict):
        assert batch is None


@given(
    st.lists(LIKE_EVENTS, max_size=5), st.dictionaries(st.sampled_from(["key", "sent_at", "batch_id", "dropped"]), JSON)
)
@example([{"event": "a"}], {"key": "\ud800"})
def test_any_batch_is_one_entry_per_element_or_refused(events: list[Any], envelope: dict[str, Any]) -> None:
    batch = read(encoded({**envelope, "batch": events}))
    assert batch is None or len(batch.entries) == len(events)
    alone = read(encoded(events))
    assert alone is not None
    assert len(alone.entries) == len(events)


@given(LIKE_EVENTS)
def test_what_is_read_of_an_event_is_what_was_sent(sent: dict[str, Any]) -> None:
    batch = read(encoded(sent))
    assert batch is not None
    (found,) = batch.entries
    if isinstance(found, Refused):
        assert found.raw == encoded(sent)
        assert found.reason
        assert found.path.startswith("$")
        return
    assert found.event == str(sent["event"])
    if not sent.keys() - {"event", "user_id", "timestamp", "seq", "groups", "properties"}:
        assert found.properties == json.dumps(sent.get("properties", {}))
    assert found.timestamp >= 0


@given(st.binary(max_size=80) | st.text(st.sampled_from('{}[]:,"event\\ud80 1e-.nul'), max_size=60).map(str.encode))
@example(b'{"batch":[{"event":"a"}],"key":"\\ud800"}')
@example(b'{"batch":[{"event":"a","x":"\\ud800"}],"key":"\\ud800"}')
@example(b'{"batch":[1e400],"sent_at":1e400}')
@example(b'{"batch":[{"event":"a","x":"\\ud800"}],"batch_id":1e400}')
@example(b'{"batch":[{"event":"a","x":"\\ud800"}],"event":{"\\ud800":1}}')
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    read(body)


@given(st.binary(max_size=40), st.integers(0, 200))
def test_any_bytes_within_an_event_are_read_or_refused(garbage: bytes, place: int) -> None:
    whole = b'{"batch":[{"event":"a","user_id":"u","properties":{"x":[1,"y"]}},{"event":"b"}],"key":"k","sent_at":1}'
    place %= len(whole)
    read(whole[:place] + garbage + whole[place:])
    read(whole[:place] + garbage + whole[place + len(garbage) :])
