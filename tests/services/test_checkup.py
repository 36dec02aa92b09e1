"""What `doctor` makes of what it sees: each thing that can be wrong, and that nothing is where nothing is."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from footfall.services.checkup import Facts, State, findings_of
from footfall.stores.spool import Totals
from footfall.stores.warehouse import Condition, Warehouse

NOW = 1_772_000_000_000
GIB = 1024**3
WELL = Condition(
    version="26.9", applied=frozenset({1, 2}), known=frozenset({1, 2}), events=1000, bytes=100_000, parts=10,
    most_parts=5, month=100, recent=100, wrong_clocks=0,
)  # fmt: skip
QUIET = Totals(
    accepted=1000,
    queued=0,
    stored=1000,
    quarantined=0,
    quarantine_dropped=0,
    duplicates=0,
    client_dropped=0,
    oldest=None,
)
FACTS = Facts(
    engine="chDB 4.4", condition=WELL, totals=QUIET, catalog="", write_keys=1, unused_keys=[], open_to_all=False,
    folder=Path("data"), mode=0o700, sizes={"events": 5 * GIB}, free=50 * GIB, whole=100 * GIB, zones=True, now=NOW,
)  # fmt: skip


def with_(changes: dict[str, Any]) -> Facts:
    inner = changes.pop("condition", {})
    facts = msgspec.structs.replace(FACTS, **changes)
    condition = None if inner is None else msgspec.structs.replace(WELL, **inner)
    return msgspec.structs.replace(facts, condition=condition)


def test_nothing_is_wrong_where_nothing_is() -> None:
    assert {one.state for one in findings_of(FACTS)} == {"well"}
    assert {one.advice for one in findings_of(FACTS)} == {""}


@pytest.mark.parametrize(
    ("name", "state", "changes"),
    [
        ("engine", "wrong", {"condition": None}),
        ("schema", "wrong", {"condition": {"applied": frozenset({1})}}),
        ("schema", "wrong", {"condition": {"applied": frozenset({1, 2, 3})}}),
        ("people and keys", "wrong", {"catalog": "The catalog's database does not answer."}),
        ("folder", "note", {"mode": 0o755}),
        ("disk", "wrong", {"free": GIB // 2}),
        ("disk", "note", {"free": 5 * GIB}),
        ("queue", "wrong", {"totals": msgspec.structs.replace(QUIET, queued=3, oldest=NOW - 600_000)}),
        ("quarantine", "note", {"totals": msgspec.structs.replace(QUIET, quarantined=100)}),
        ("parts", "wrong", {"condition": {"most_parts": 301}}),
        ("clocks", "note", {"condition": {"wrong_clocks": 5}}),
        ("keys", "wrong", {"write_keys": 0}),
        ("keys", "note", {"unused_keys": ["old"]}),
        ("keyless", "wrong", {"open_to_all": True}),
        ("time zones", "wrong", {"zones": False}),
        ("cost", "note", {"condition": {"month": 1_000_000_000}}),
    ],
)  # fmt: skip
def test_what_is_not_well_is_told_with_what_to_do(name: str, state: State, changes: dict[str, Any]) -> None:
    ((found,),) = [[one for one in findings_of(with_(changes)) if one.name == name]]
    assert found.state == state
    assert found.advice.strip()
    assert found.says


def test_a_few_that_wait_for_a_moment_are_nothing_to_speak_of() -> None:
    totals = msgspec.structs.replace(QUIET, queued=3, oldest=NOW - 2000)
    assert {one.state for one in findings_of(msgspec.structs.replace(FACTS, totals=totals))} == {"well"}


def test_the_cost_is_told_by_event_and_month() -> None:
    (cost,) = [one.says for one in findings_of(FACTS) if one.name == "cost"]
    assert cost == "100 bytes an event; 100 events in 30 days: 9.8 KiB a month"


def test_the_engine_tells_its_condition(warehouse: Warehouse) -> None:
    found = warehouse.condition()
    assert found.applied == found.known
    assert found.events == warehouse.count()
    assert found.version
