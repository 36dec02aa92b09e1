"""A ClickHouse server that refuses, hangs, dies, comes back and has replicas; and what it says of it all."""

import logging
import traceback
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from footfall.insights.question import Query
from footfall.model.errors import NoAnswer, Unusable
from footfall.model.event import Event
from footfall.stores import schema
from footfall.stores.handles import LONGEST_VALUE, in_portions
from footfall.stores.warehouse import Warehouse, encode_row, with_arrival
from tests.support.clickhouse import PASSWORD, ClickHouse, running_clickhouse
from tests.support.moments import BASE
from tests.support.project import Project

HASTY = "?connect_timeout=5&send_receive_timeout=5"
"""Long enough for a busy machine that does answer."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """A server that answers at two ports: replicas that are always up to date."""
    with running_clickhouse(tmp_path_factory.mktemp("pair"), replicas=2) as server:
        yield server


@pytest.fixture
def warehouse(pair: ClickHouse) -> Iterator[Warehouse]:
    opened = Warehouse(*pair.urls())
    yield opened
    opened.close()


@pytest.fixture
def project(warehouse: Warehouse) -> Project:
    return Project(warehouse, 1)


def line(project_id: int, event_id: str) -> bytes:
    event = Event(event="a", event_id=event_id, timestamp=BASE, received_at=BASE, user_id="canary-person")
    return with_arrival(encode_row(event, project_id), 0)


def ids(warehouse: Warehouse, project_id: int) -> list[str]:
    asked = Query(
        text="SELECT event_id FROM events WHERE project_id = {project:UInt32} ORDER BY event_id",
        params={"project": project_id},
    )
    return [one for (one,) in warehouse.select(asked).rows]


def printed(error: BaseException) -> str:
    """What a log shows of it."""
    return "".join(traceback.format_exception(error))


# ── who is let in ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("database", "password", "said"),
    [("default", "canary-wrong", "does not take that user and password"), ("nowhere", PASSWORD, "CREATE DATABASE")],
    ids=["wrong password", "no such database"],
)
def test_a_server_that_will_not_have_us_says_why_and_no_password(
    pair: ClickHouse, database: str, password: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    refused = Warehouse(*pair.urls(database, password=password))
    with pytest.raises(Unusable, match=said) as error:
        refused.migrate()
    assert f"http://127.0.0.1:{pair.ports[0]}" in error.value.detail
    assert "canary" not in printed(error.value) + caplog.text


def test_a_server_that_is_away_is_no_answer_and_no_password_is_said(caplog: pytest.LogCaptureFixture) -> None:
    absent = Warehouse("http://ada:canary-password@127.0.0.1:1/x")
    with caplog.at_level(logging.DEBUG), pytest.raises(NoAnswer) as error:
        absent.migrate()
    assert error.value.detail == "The ClickHouse server at http://127.0.0.1:1 does not answer."
    assert "canary" not in printed(error.value) + caplog.text


def test_two_servers_that_know_nothing_of_each_other_are_no_replicas(pair: ClickHouse, clickhouse: ClickHouse) -> None:
    pair.new_database("split")
    clickhouse.new_database("split")
    both = Warehouse(*pair.urls("split")[:1], *clickhouse.urls("split"))
    with pytest.raises(Unusable, match="is no replica of the other"):
        both.migrate()
    both.ping()
    pair.tell("down", "0")
    try:
        with pytest.raises(Unusable, match="is no replica of the other"):
            both.ping()
    finally:
        pair.tell("up", "0")
    both.ping()
    both.close()


def test_a_database_of_any_name_and_a_password_of_any_letters(pair: ClickHouse) -> None:
    """The dictionary of links signs in as well, by a statement that quotes both (`pair`'s password is a nasty one)."""
    pair.new_database("of-ours'")
    opened = Warehouse(*pair.urls(quote("of-ours'")))
    project = Project(opened, 1)
    project.story(ann=[("$identify", 0, {"anonymous_id": "device"})])
    project.store([{"event": "a", "event_id": "1", "anonymous_id": "device", "timestamp": BASE}])
    project.store([{"event": "a", "event_id": "2", "user_id": "ann", "timestamp": BASE}])
    asked = {"series": [{"event": "a", "measure": "unique_users"}], "from": "2026-03-02", "to": "2026-03-03"}
    assert project.trend(asked) == {"a": [1, 1]}
    opened.close()


def test_what_we_ask_is_in_no_log_of_the_servers_and_what_we_insert_is_on_disks(warehouse: Warehouse) -> None:
    asked = "SELECT name, value FROM system.settings WHERE name IN ('async_insert', 'insert_quorum', 'log_queries')"
    said = dict(warehouse.select(Query(text=asked, params={})).rows)
    assert said == {"async_insert": "0", "insert_quorum": "auto", "log_queries": "0"}


# ── silence ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_hangs_is_no_answer_in_time_and_well_again_when_it_is(pair: ClickHouse) -> None:
    hasty = Warehouse(pair.urls(options=HASTY)[0])
    hasty.ping()
    pair.freeze()
    try:
        for _ in range(2):  # the second one is asked how it is first
            with pytest.raises(NoAnswer):
                hasty.ping()
    finally:
        pair.thaw()
    hasty.ping()
    hasty.close()


def test_what_was_asked_comes_into_no_log_when_a_server_goes_away(
    pair: ClickHouse, warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    warehouse.ping()
    with caplog.at_level(logging.DEBUG):
        pair.kill9()
        try:
            for _ in range(2):
                with pytest.raises(NoAnswer):
                    warehouse.find([(1, "canary-event")])
                with pytest.raises(NoAnswer):
                    warehouse.insert([line(9, "canary-row")])
        finally:
            pair.start()
        warehouse.ping()
    assert "canary" not in caplog.text


def test_a_server_that_was_killed_and_started_again_has_what_it_acknowledged(
    pair: ClickHouse, warehouse: Warehouse
) -> None:
    for number in range(5):
        warehouse.insert([line(2, f"{number}")], f"kill {number}")
        pair.kill9()
        pair.start()
        warehouse.insert([line(2, f"{number}")], f"kill {number}")
    assert ids(warehouse, 2) == [f"{number}" for number in range(5)]


# ── replicas ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_while_one_replica_is_down_the_other_answers_and_takes_events(pair: ClickHouse, project: Project) -> None:
    for down in ("0", "1", "0"):
        pair.tell("down", down)
        try:
            project.warehouse.insert([line(3, f"while {down} was down")], f"down {down}")
            assert f"while {down} was down" in ids(project.warehouse, 3)
        finally:
            pair.tell("up", down)
    assert ids(project.warehouse, 3) == ["while 0 was down", "while 1 was down"]


def test_when_all_replicas_are_down_there_is_no_answer_until_one_is_up(pair: ClickHouse, warehouse: Warehouse) -> None:
    warehouse.ping()
    for one in ("0", "1"):
        pair.tell("down", one)
    with pytest.raises(NoAnswer):
        warehouse.ping()
    pair.tell("up", "1")
    warehouse.ping()
    pair.tell("up", "0")
    warehouse.ping()


def test_a_link_is_fresh_on_whichever_replica_answers(pair: ClickHouse, project: Project) -> None:
    """R26. The dictionary of a replica is its own, so what one has read again is nothing to the other."""
    asked = {"series": [{"event": "seen", "measure": "unique_users"}], "from": "2026-03-02", "to": "2026-03-03"}
    for number, down in enumerate(("0", "1")):
        device, user = f"device {number}", f"user {number}"
        project.store(
            {"event": "seen", "event_id": f"seen {one}", "timestamp": BASE, **who}
            for one, who in ((device, {"anonymous_id": device}), (user, {"user_id": user}))
        )
        assert project.trend(asked)["seen"][-1] == number + 2
        pair.tell("down", down)
        try:
            project.store(
                [{"event": "$identify", "event_id": device, "anonymous_id": device, "user_id": user, "timestamp": BASE}]
            )
            assert project.trend(asked)["seen"][-1] == number + 1
        finally:
            pair.tell("up", down)
        assert project.trend(asked)["seen"][-1] == number + 1


def test_a_refusal_of_one_replica_is_final(pair: ClickHouse, warehouse: Warehouse) -> None:
    warehouse.ping()
    with pytest.raises(Exception, match="no_such_table"):
        warehouse.select(Query(text="SELECT * FROM no_such_table", params={}))
    first, second = warehouse._handles._replicas
    assert (first.silent, second._opened) == (False, [])


# ── answers that are lost ────────────────────────────────────────────────────────────────────────────────────


def test_an_insert_whose_answer_was_lost_may_be_repeated(pair: ClickHouse, warehouse: Warehouse) -> None:
    warehouse.ping()
    # The client repeats it by itself once, and that answer may be lost as well.
    for number, lost in enumerate(("1", "2", "4")):
        pair.tell("lose", lost)
        try:
            warehouse.insert([line(4, f"{number}")], f"lost {number}")
        except NoAnswer:
            pair.tell("lose", "0")
            warehouse.insert([line(4, f"{number}")], f"lost {number}")
        assert pair.tell("left") == "0"
    assert ids(warehouse, 4) == ["0", "1", "2"]


# ── long values ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_long_value_travels_in_portions_and_arrives_whole(warehouse: Warehouse) -> None:
    text = "é'\\\n😀" * 60_000
    numbers = list(range(-50_000, 50_000))
    floats = [n / 7 for n in range(20_000)]
    asked = Query(
        text="SELECT {text:String} = {text:String}, length({text:String}), {short:String},"
        " {numbers:Array(Int64)}, {floats:Array(Float64)}",
        params={"text": text, "short": "x", "numbers": numbers, "floats": floats},
    )
    assert warehouse.select(asked).rows == [[1, len(text.encode()), "x", numbers, floats]]


def test_a_short_value_stays_as_it_is_under_a_short_name() -> None:
    text = "SELECT {pa1:String}, {pb2:Array(UInt8)}, {pa1:String}, {other:String}"
    text, params = in_portions(text, {"pa1": "x" * LONGEST_VALUE, "pb2": [1]})
    assert text == "SELECT {p0:String}, {p1:Array(UInt8)}, {p0:String}, {other:String}"
    assert params == {"p0": "x" * LONGEST_VALUE, "p1": [1]}


def test_a_tables_engine_is_that_of_its_database() -> None:
    text = "CREATE TABLE a (b UInt8)\nENGINE = MergeTree\nORDER BY b;\n\nDROP TABLE a;\n"
    plain = ["CREATE TABLE a (b UInt8)\nENGINE = MergeTree\nORDER BY b", "\nDROP TABLE a"]
    assert list(schema.statements(text, "Atomic")) == plain
    assert "ENGINE = ReplicatedMergeTree\n" in next(schema.statements(text, "Replicated"))
