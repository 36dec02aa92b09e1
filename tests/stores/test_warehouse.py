"""The warehouse: what goes in comes out letter for letter, ids are found, a question is bounded. On both engines."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from footfall.insights.question import Query
from footfall.model.errors import QueryRefused
from footfall.model.event import MAX_DEPTH, Event, Refused
from footfall.protocols import native
from footfall.stores import schema
from footfall.stores import warehouse as module
from footfall.stores.warehouse import RowsRefused, Warehouse, encode_row, number_of, with_arrival
from tests.support.effort import examples
from tests.support.moments import BASE, HOUR, at
from tests.support.project import IMPORT, Project

DAY = 24 * HOUR


@pytest.fixture(scope="session", params=["embedded", "served"])
def warehouse(request: pytest.FixtureRequest) -> Warehouse:
    return request.getfixturevalue(request.param)


def event(event_id: str, **fields: Any) -> Event:
    return Event(event="a", event_id=event_id, timestamp=BASE, received_at=BASE, **fields)


def rows(warehouse: Warehouse, text: str, **params: Any) -> list[list[Any]]:
    return warehouse.select(Query(text=text, params=params)).rows


# ── what was sent comes back ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "properties",
    [
        '{"a":{"b":1},"a.b":2}',
        '{"a":1,"a":{"b":2},"a":[3]}',
        '{"a":[{"b":1,"b":2}]}',
        '{"":{"":[]},".":1,"..":2,"a.":3,".a":4}',
        '{"%":1,"%2E":2,"a%2Eb":3,"a.b":4}',
        '{"`a`":1,"a[]":2,"a.:`Int64`":3,"^a":4,"null":5}',
        '{"a\\u0000b":"\\u0000","\\ud83d\\ude00":"\\u2028"}',
        '{"a":[1,"x",null,true,2.5,{"b":[[],{},[1,["y"]]]}]}',
        '{"t":"2026-03-02T10:00:00Z","d":"2026-03-02","u":"61f0c404-5cb3-11e7-907b-a6006ad3dba0","ip":"::1"}',
        '{"n":-0.0,"z":1.0,"e":1E+5,"tiny":1e-400,"u64":18446744073709551616,"i64":-9223372036854775809}',
        f'{{"digits":{"9" * 30},"more":-{"9" * 400}}}',
        f'{{"fraction":0.{"1" * 4000}}}',
        '{\r\n\t"pretty" : [ 1 ,\n 2 ] ,\n\n"x":"\\n" }',
        "[".join(['{"deep":', *[""] * (MAX_DEPTH - 1)]) + "1" + "]" * (MAX_DEPTH - 1) + "}",
        '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH,
        '{"a":[' * (MAX_DEPTH // 2) + "1" + "]}" * (MAX_DEPTH // 2),
        json.dumps({f"k{n}": n for n in range(4000)}),
        json.dumps({"k" * 60_000: "v"}),
        json.dumps({"text": "é😀" * 10_000}, ensure_ascii=False),
    ],
    ids=lambda text: text[:40],
)
def test_properties_come_back_letter_for_letter(project: Project, properties: str) -> None:
    project.store([b'{"event":"a","event_id":"1","timestamp":%d,"properties":%s}' % (BASE, properties.encode())])
    (stored,) = project.listed()
    assert stored["properties"] == properties


NAMES = st.text(max_size=5) | st.sampled_from(
    ["", ".", "a", "a.b", "b", "a.b.c", "%2E", "`", "^a", "a[]", ":", "\0", "null"]
)
SCALARS = (
    st.sampled_from(["null", "true", "false", "0", "-0", "-0.0", "1e5", "1.50", "1E-300", '"2026-03-02"', '"::1"'])
    | st.integers(-(10**40), 10**40).map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.text(max_size=8).map(lambda text: json.dumps(text, ensure_ascii=False))
    | st.text(max_size=8).map(json.dumps)
)  # fmt: skip
SPACES = st.sampled_from(["", "", " ", "\n", "\r\n\t"])


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    """JSON text of an object as no encoder writes it: repeated names, spaces and line ends anywhere."""
    members = draw(st.lists(st.tuples(NAMES, inner), max_size=5))
    space = draw(SPACES)
    return "{" + ",".join(f"{space}{json.dumps(name)}{space}:{space}{value}{space}" for name, value in members) + "}"


ARRAYS = "[{}]".format
VALUES = st.recursive(
    SCALARS,
    lambda inner: objects(inner) | st.lists(inner, max_size=4).map(lambda values: ARRAYS(",\n".join(values))),
    max_leaves=15,
)


@examples(25)
@given(texts=st.lists(objects(VALUES), min_size=1, max_size=20))
@example(['{"a":{"":1},"a.":2}', '{"a":null,"a":{"b":null}}', '{"a":[null,{"b":[1,"x"]}],"a":1}'])
def test_whatever_is_accepted_is_stored_and_comes_back(new_project: Callable[[], Project], texts: list[str]) -> None:
    """What the engine would refuse has to be refused before, with a reason (there is no second answer)."""
    project = new_project()
    accepted: dict[str, str] = {}
    entries: list[bytes] = []
    for number, text in enumerate(texts):
        sent = b'{"event":"a","event_id":"%d","timestamp":%d,"properties":%s}' % (number, BASE + number, text.encode())
        (entry,) = native.decode(sent, IMPORT).entries
        if isinstance(entry, Refused):
            assert entry.reason in {"too_deep", "invalid_number", "invalid_text"}
        else:
            accepted[str(number)] = text
            entries.append(sent)
    project.store(entries)
    assert {one["event_id"]: one["properties"] for one in project.listed()} == accepted


FIELDS = ["user_id", "anonymous_id", "session_id", "page", "title", "section", "component", "component_hash", "action",
          "locale", "screen", "app_version", "event_version", "device", "browser", "os", "utm_source", "utm_medium",
          "utm_campaign", "utm_term", "utm_content"]  # fmt: skip
"""Text fields that come out as they went in (addresses are shortened on their way)."""


@examples(20)
@given(
    sent=st.lists(
        st.fixed_dictionaries(
            {"event": st.text(min_size=1, max_size=8)},
            optional={name: st.text(max_size=8) for name in FIELDS}
            | {
                "seq": st.integers(-(2**63) + 1, 2**63 - 1),
                "groups": st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=4),
                "timestamp": st.integers(at("1973-04-01T00:00:00Z"), at("2034-12-31T00:00:00Z")),
                "sent_at": st.integers(at("2034-12-31T23:57:00Z"), at("2035-01-01T00:03:00Z")),
            },
        ),
        min_size=1,
        max_size=15,
    )
)
def test_an_event_comes_out_as_it_went_in(new_project: Callable[[], Project], sent: list[dict[str, Any]]) -> None:
    project = new_project()
    project.store(one | {"event_id": f"{number}"} for number, one in enumerate(sent))
    stored = {one["event_id"]: one for one in project.listed()}
    assert len(stored) == len(sent)
    for number, one in enumerate(sent):
        found = stored[f"{number}"]
        assert found["event"] == one["event"]
        cut = {"page"} if set(one.get("page", "")) & {"?", "#"} else set()
        wanted = {name: one.get(name) or None for name in FIELDS if name not in cut}
        assert {name: found[name] for name in wanted} == wanted
        assert (found["seq"], found["groups"]) == (one.get("seq"), one.get("groups", {}))
        assert at(found["timestamp"]) == one.get("timestamp", one.get("sent_at", IMPORT.received_at))
        assert (found["sent_at"] and at(found["sent_at"])) == one.get("sent_at")
        assert at(found["received_at"]) == IMPORT.received_at
        assert found["user_type"] == ("registered" if one.get("user_id") else "anonymous")


def test_an_event_has_every_field_of_the_contract_and_null_for_what_is_unknown(project: Project) -> None:
    project.store([{"event": "a", "event_id": "1", "timestamp": BASE}])
    (stored,) = project.listed()
    empty = dict.fromkeys([*FIELDS, "url", "referrer", "sent_at", "seq", "person_id"])
    assert stored == empty | {
        "event": "a",
        "event_id": "1",
        "timestamp": "2026-03-02T10:00:00.000Z",
        "received_at": "2035-01-01T00:00:00.000Z",
        "groups": {},
        "properties": "{}",
        "user_type": "anonymous",
        "bot": False,
        "flags": [],
        "violations": [],
        "redacted": {},
    }


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────


@examples(15)
@given(
    events=st.lists(
        st.tuples(st.integers(0, 3), st.text(min_size=1, max_size=3)), unique_by=lambda one: one[1], max_size=25
    ),
    limit=st.integers(1, 5),
)
def test_pages_are_newest_first_without_gap_or_repeat(
    new_project: Callable[[], Project], events: list[tuple[int, str]], limit: int
) -> None:
    project = new_project()
    project.store({"event": "a", "event_id": id_, "timestamp": BASE + millis} for millis, id_ in events)
    newest_first = sorted(events, key=lambda one: (one[0], one[1].encode()), reverse=True)
    assert [one["event_id"] for one in project.listed(limit=limit)] == [id_ for _, id_ in newest_first]


def test_an_event_that_arrives_while_somebody_pages_neither_repeats_nor_hides_one(project: Project) -> None:
    project.store({"event": "a", "event_id": f"{n}", "timestamp": BASE + n} for n in range(4))
    first = project.page(limit=2)
    project.store([{"event": "a", "event_id": "new", "timestamp": BASE + 10}])
    second = project.page(limit=2, cursor=first["next"])
    assert [one["event_id"] for one in first["data"] + second["data"]] == ["3", "2", "1", "0"]
    assert second["next"] is None


def test_a_persons_id_is_the_same_on_all_events_that_are_linked(project: Project) -> None:
    project.store(
        [
            {"event": "a", "event_id": "1", "anonymous_id": "d", "timestamp": BASE},
            {"event": "$identify", "event_id": "2", "anonymous_id": "d", "user_id": "ann", "timestamp": BASE + 1},
            {"event": "a", "event_id": "3", "user_id": "ann", "timestamp": BASE + 2},
            {"event": "a", "event_id": "4", "anonymous_id": "e", "timestamp": BASE + 3},
        ]
    )
    people = {one["event_id"]: one["person_id"] for one in project.listed()}
    assert people["1"] == people["2"] == people["3"] != people["4"]
    assert None not in people.values()


# ── inserting ────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_months_in_one_block_are_unusual_and_not_wrong(project: Project) -> None:
    months = [at(f"{year}-{month:02}-15T00:00:00Z") for year in range(1990, 2010) for month in range(1, 13)]
    project.store({"event": "a", "event_id": f"{n}", "timestamp": moment} for n, moment in enumerate(months))
    answer = project.ask(
        "trend", {"series": [{"event": "a"}], "from": "1990-01-01", "to": "2010-01-01", "interval": "month"}
    )
    assert answer["series"][0]["values"] == [1] * 240


@pytest.mark.parametrize(
    "broken",
    [
        b'{"project_id":1,"event":"a","event_id":"x","timestamp":"never"}',
        b'{"project_id":1,"event":"a","event_id":"x","properties":{"a":1e400}}',
        b'{"project_id":1,"event":"a","event_id":"x","properties":[]}',
        b'{"project_id":1,"event":"a","event_id":"x","properties":%s1%s}' % (b'{"a":' * 5000, b"}" * 5000),
        b'{"project_id":1,"event":"a","event_id":"x","properties":{"a":%s1%s}}' % (b"[" * 5000, b"]" * 5000),
        b'{"project_id":-1,"event":"a","event_id":"x","seq":"x"}',
        b'{"project_id":1,"event":"a","event_id":"x","properties":{"a":tru}}',
        b'{"project_id":1,"event":"a","event_id":"x","sent":"{\\"a\\":1e400}"}',
        b'{"project_id":1,"event":"a","event_id":"x","sent":"[]"}',
        b'{"project_id":1,"event":"a","event_id":"x","sent":"{\\"a\\":tru}"}',
        b'{"project_id":1,"event":"a"',
        b"nonsense",
    ],
    ids=lambda line: repr(line[:90]),
)
def test_a_row_that_the_engine_refuses_is_the_rows_fault_and_stores_nothing_of_its_block(
    project: Project, broken: bytes
) -> None:
    good = [with_arrival(encode_row(event(f"{n}"), project.id), n) for n in range(10)]
    with pytest.raises(RowsRefused) as refused:
        project.warehouse.insert([*good[:5], broken, *good[5:]])
    assert refused.value.detail
    assert project.listed() == []


def test_no_rows_are_no_trouble(warehouse: Warehouse) -> None:
    warehouse.insert([])


def test_a_block_that_comes_again_under_its_token_is_left_out(project: Project) -> None:
    """Every month of it, since each is a part of its own."""
    months = [at(f"2026-{month:02}-15T00:00:00Z") for month in range(1, 11)]
    events = [msgspec.structs.replace(event(f"{month}"), timestamp=month) for month in months]
    lines = [with_arrival(encode_row(one, project.id), place) for place, one in enumerate(events)]
    for _ in range(3):
        project.warehouse.insert(lines, f"token of {project.id}")
    assert len(project.listed()) == 10
    project.warehouse.insert(lines, f"another token of {project.id}")
    assert len(project.listed()) == 20, "only the token tells"
    for _ in range(2):
        project.warehouse.insert(lines)
    assert len(project.listed()) == 40


def test_a_block_that_was_refused_may_come_again_mended(project: Project) -> None:
    good = with_arrival(encode_row(event("1"), project.id), 0)
    with pytest.raises(RowsRefused):
        project.warehouse.insert([good, b"nonsense"], f"token of {project.id}")
    project.warehouse.insert([good], f"token of {project.id}")
    assert len(project.listed()) == 1


def test_a_line_keeps_its_event_and_gets_its_place() -> None:
    line = encode_row(event("1", user_id="ann", properties='{"a": 1}'), 7)
    sent, arrived = json.loads(line), json.loads(with_arrival(line, 2**40))
    assert arrived == sent | {"arrival": 2**40}
    assert (sent["project_id"], sent["sent"], sent["timestamp"]) == (7, '{"a": 1}', BASE / 1000)
    assert "properties" not in sent, "the engine makes them of what was sent"


@examples(30)
@given(times=st.lists(st.integers(0, 4_102_444_800_000), min_size=1, max_size=30, unique=True))
@example(list(range(BASE, BASE + 30)))
@example([0, 1, 9, 10, 99, 999, 1000, 1001])
def test_no_millisecond_is_lost(new_project: Callable[[], Project], times: list[int]) -> None:
    project = new_project()
    project.insert(msgspec.structs.replace(event(str(moment)), timestamp=moment) for moment in times)
    found = rows(
        project.warehouse,
        "SELECT event_id, toUnixTimestamp64Milli(timestamp) FROM events WHERE project_id = {project:UInt32}",
        project=project.id,
    )
    assert {int(event_id): moment for event_id, moment in found} == {moment: moment for moment in times}


# ── finding ids ──────────────────────────────────────────────────────────────────────────────────────────────


@examples(25)
@given(
    stored=st.lists(st.text(min_size=1, max_size=6), unique=True, min_size=1, max_size=20),
    others=st.lists(st.text(max_size=6)),
)
@example(["'", '"', "\\", "\\'", "\0", "\n", "%", "\\u0000", "é", "😀", "\u2028"], ["", "a"])
def test_ids_are_found_with_their_arrival(
    new_project: Callable[[], Project], stored: list[str], others: list[str]
) -> None:
    project = new_project()
    project.insert(event(id_) for id_ in stored)
    found = project.warehouse.find([(project.id, id_) for id_ in [*stored, *others]])
    ours = {id_: arrival for (number, id_), arrival in found.items() if number == project.id}
    assert ours == {id_: place for place, id_ in enumerate(stored)}


def test_an_id_of_another_project_is_told_apart(new_project: Callable[[], Project]) -> None:
    first, second = new_project(), new_project()
    first.insert([event("shared id")])
    assert second.warehouse.find([(second.id, "shared id")]).get((second.id, "shared id")) is None
    assert first.warehouse.find([(first.id, "shared id")])[first.id, "shared id"] == 0


def test_of_copies_the_earliest_arrival_is_found(project: Project) -> None:
    lines = [with_arrival(encode_row(event("twice"), project.id), arrival) for arrival in (70_000, 65_536)]
    project.warehouse.insert(lines)
    assert project.warehouse.find([(project.id, "twice")]) == {(project.id, "twice"): 65_536}


def test_fifty_thousand_ids_are_looked_up_in_one_question(project: Project) -> None:
    project.insert([event("needle")])
    haystack = [(project.id, f"hay {n}") for n in range(50_000)]
    assert project.warehouse.find([*haystack, (project.id, "needle")]) == {(project.id, "needle"): 0}


def test_the_number_of_every_stored_id_is_read_once_whatever_the_size_of_a_portion(project: Project) -> None:
    ids = [f"{n}" for n in range(100)] + ["", "é \x00 '\\", "🦶" * 40, "x" * 200]
    days = [0, 0, 1, 40, 400]
    project.insert(
        msgspec.structs.replace(event(id_), timestamp=BASE - days[place % 5] * 86_400_000)
        for place, id_ in enumerate(ids)
    )
    theirs = {number_of(project.id, id_) for id_ in ids}
    every = project.warehouse.count()  # of all tests that share this engine
    for most in (every // 5, every // 2, every):
        read = [number for portion in project.warehouse.id_numbers(most) for number in portion if number in theirs]
        assert sorted(read) == sorted(theirs)


# ── migrations, limits, and nothing besides ──────────────────────────────────────────────────────────────────


def test_migrating_again_changes_nothing(warehouse: Warehouse) -> None:
    tables = (
        "SELECT name, engine, create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    )
    before = rows(warehouse, tables), rows(warehouse, "SELECT number, name FROM migrations ORDER BY number")
    again = Warehouse(*(replica._url for replica in warehouse._handles._replicas))
    again.migrate()
    assert (rows(again, tables), rows(again, "SELECT number, name FROM migrations ORDER BY number")) == before
    assert [number for number, _ in before[1]] == [number for number, _, _ in schema.migrations()]
    again.close()


def test_migrations_are_numbered_without_gap() -> None:
    numbers = [number for number, _, _ in schema.migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_engine_keeps_no_log_of_questions(warehouse: Warehouse) -> None:
    """Its log tables would hold the texts and parameters of questions, which name people, and grow without end."""
    kept = rows(
        warehouse, r"SELECT name FROM system.tables WHERE name LIKE '%\_log' AND engine LIKE '%MergeTree' ORDER BY name"
    )
    assert kept == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT count() FROM numbers(1000000000000) SETTINGS max_execution_time = 0.2", id="time"),
        pytest.param(
            "SELECT groupArray(number) FROM numbers(10000000) SETTINGS max_memory_usage = 10000000", id="memory"
        ),
        pytest.param(
            "SELECT number FROM numbers(1000) SETTINGS max_result_rows = 10, result_overflow_mode = 'throw'", id="rows"
        ),
    ],
)
def test_a_question_past_its_limits_is_refused_and_the_next_is_answered(warehouse: Warehouse, text: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        rows(warehouse, text)
    assert "shorter range" in refused.value.detail
    assert rows(warehouse, "SELECT 1") == [[1]]


def test_an_answer_holds_nothing_of_a_question_that_failed_on_its_way(warehouse: Warehouse) -> None:
    for hundredths in range(1, 10):
        endless = (
            f"SELECT count(), sum(number) FROM numbers(1000000000000) SETTINGS max_execution_time = 0.0{hundredths}"
        )
        with pytest.raises(QueryRefused):
            rows(warehouse, endless)
        assert rows(warehouse, "SELECT 1") == [[1]]


def test_every_question_has_limits_of_time_and_memory(warehouse: Warehouse) -> None:
    asked = (
        "SELECT name, value FROM system.settings WHERE name IN ('max_execution_time', 'max_memory_usage') ORDER BY name"
    )
    assert rows(warehouse, asked) == [
        ["max_execution_time", str(module.MAX_SECONDS)],
        ["max_memory_usage", str(module.MAX_MEMORY)],
    ]


def test_numbers_of_64_bits_are_numbers(warehouse: Warehouse) -> None:
    assert rows(warehouse, "SELECT toUInt64(18446744073709551615), toInt64(-9223372036854775808), nan, 1/0") == [
        [2**64 - 1, -(2**63), None, None]
    ]


def test_count_and_ping(project: Project) -> None:
    before = project.warehouse.count()
    project.insert(event(f"{n}") for n in range(7))
    assert project.warehouse.count() == before + 7
    project.warehouse.ping()
