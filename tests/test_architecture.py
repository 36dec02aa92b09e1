"""The tables are complete: what one place names, every other place that has to know of it knows."""

import re
from collections.abc import Callable
from inspect import getmembers, isclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from footfall import access, identity
from footfall.enrich import QUERY_KEYS, UTM
from footfall.http import problems
from footfall.http.ledger import verb_of
from footfall.insights import INSIGHTS, events, filters, measures, trend
from footfall.insights.question import Query, Question
from footfall.model import errors, period
from footfall.model.event import Event
from footfall.protocols import ADAPTERS, native
from footfall.stores import warehouse as store
from footfall.stores.warehouse import Warehouse, encode_row

MIGRATIONS = Path(store.__file__).parent / "migrations"


@pytest.fixture(scope="module")
def columns(warehouse: Warehouse) -> dict[str, str]:
    """Column of the table → its type."""
    asked = "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'events'"
    return dict(warehouse.select(Query(text=asked, params={})).rows)


def texts(kind: type[msgspec.Struct]) -> set[str]:
    return {name for name, hint in get_type_hints(kind).items() if hint is str}


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────

KINDS = [kind for _, kind in getmembers(errors, isclass) if issubclass(kind, errors.FootfallError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_title(kind: type[errors.FootfallError]) -> None:
    if kind.__subclasses__():
        assert all(sub in problems.STATUS for sub in kind.__subclasses__() if not sub.__subclasses__())
    else:
        assert kind in problems.STATUS
    assert kind.title


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_whose_fault_an_error_is_is_told_by_its_status(kind: type[errors.FootfallError]) -> None:
    status = problems.STATUS.get(kind)
    if issubclass(kind, errors.SenderError) and status is not None:
        assert 400 <= status < 500
    if issubclass(kind, errors.Unavailable):
        assert status == 503


def test_every_error_is_drawn_in_the_tree() -> None:
    assert errors.__doc__ is not None
    assert [kind.__name__ for kind in KINDS if kind.__name__ not in errors.__doc__] == []


# ── protocols ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("unique", [lambda adapter: adapter.path, lambda adapter: adapter.name], ids=["path", "name"])
def test_every_adapter_is_the_only_one_of_its(unique: Callable[[Any], str]) -> None:
    assert len({unique(adapter) for adapter in ADAPTERS}) == len(ADAPTERS)


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_every_adapter_is_described_and_asks_for_a_scope_that_there_is(adapter: Any) -> None:
    assert adapter.summary
    assert adapter.example
    assert adapter.path.startswith("/")
    assert adapter.scope in access.SCOPES
    assert 200 <= adapter.accepted.status < 300


def test_only_administrators_keep_a_receipt() -> None:
    assert {adapter.scope for adapter in ADAPTERS if adapter.keeps_receipt} == {"admin"}


# ── an event's fields ────────────────────────────────────────────────────────────────────────────────────────

NOT_STORED = {"user_agent", "exported"}
ELSEWHERE = {"properties": "sent"}
"""Fields of an event that have a column of another name."""


def test_every_field_of_an_event_has_a_column(columns: dict[str, str]) -> None:
    fields = set(Event.__struct_fields__) - NOT_STORED
    assert {ELSEWHERE.get(name, name) for name in fields} <= set(columns)
    assert NOT_STORED.isdisjoint(columns), "what is never stored has no place to be stored in"


def test_every_column_is_filled_by_a_row_or_by_the_engine(columns: dict[str, str]) -> None:
    made = {"user_type", "person_key", "own_key", "session_key", "arrival", "project_id", "sent"}
    assert set(columns) == set(Event.__struct_fields__) - NOT_STORED | made


def test_a_row_takes_every_field_of_an_event() -> None:
    named = {name: name for name in texts(Event) - {"properties"}}
    numbers = {"timestamp": 1001, "received_at": 2002, "sent_at": 3003, "seq": 7}
    others = {
        "groups": {"a": "b"}, "properties": '{"a": 1}', "bot": True, "flags": ("x",), "exported": False,
        "violations": ('{"rule":"enum"}',), "redacted": {"$.a": "email"},
    }  # fmt: skip
    event = Event(**named, **numbers, **others)
    assert set(named) | set(numbers) | set(others) == set(Event.__struct_fields__), "none is forgotten here"
    line = msgspec.json.decode(encode_row(event, 9))
    assert {name: line.get(name) for name in named if name not in NOT_STORED} == {
        name: name for name in named if name not in NOT_STORED
    }
    assert (line["timestamp"], line["received_at"], line["sent_at"], line["seq"]) == (1.001, 2.002, 3.003, 7)
    assert (line["groups"], line["sent"]) == ({"a": "b"}, '{"a": 1}')
    assert (line["bot"], line["flags"], line["project_id"]) == (True, ["x"], 9)


def test_every_text_field_can_be_sent_and_comes_out_again() -> None:
    ours = texts(Event) - {"event", "event_id", "properties"} - NOT_STORED
    assert ours == set(native._TEXTS)
    assert ours == set(events._TEXTS)
    assert set(UTM) <= ours


def test_a_campaigns_keys_are_kept_in_addresses() -> None:
    assert set(UTM) <= QUERY_KEYS


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_field_that_a_question_may_name_is_a_column(columns: dict[str, str]) -> None:
    assert set(filters.FIELDS) <= set(columns)


def test_a_question_may_name_every_text_field() -> None:
    assert texts(Event) - {"properties"} - NOT_STORED <= set(filters.FIELDS)


def test_every_operator_and_every_measure_has_its_row() -> None:
    assert set(filters.OPERATORS) == set(get_args(filters.Operator))
    assert set(measures.MEASURES) == set(get_args(measures.Measure))
    assert trend.MEASURES is measures.MEASURES


def test_every_interval_knows_its_next_bucket() -> None:
    assert set(period._MINUTES) | set(period._STEPS) == set(get_args(period.Interval))
    assert get_args(period.Weekday) == period.WEEKDAYS


@pytest.mark.parametrize("kind", INSIGHTS)
def test_every_kind_of_question_has_the_common_fields_and_is_closed(kind: str) -> None:
    request = INSIGHTS[kind].request
    assert issubclass(request, Question)
    assert request.__struct_config__.forbid_unknown_fields
    assert request.__struct_config__.frozen


def test_every_scope_and_every_role_has_its_rights() -> None:
    assert set(access.SCOPES) == set(get_args(access.Scope))
    assert set(access.ROLES) == set(get_args(access.Role))
    rights = set(get_args(access.Right))
    assert set().union(*access.SCOPES.values(), *access.ROLES.values()) == access.OPERATOR == rights
    assert all(scope in access.SCOPES[scope] for scope in access.SCOPES)
    assert access.SCOPES["write"] == {"write"}, "what is public opens nothing else"
    assert access.SCOPES["stats"] == {"stats"}


def test_each_role_may_what_the_one_before_may() -> None:
    ladder = [access.ROLES[role] for role in get_args(access.Role)]
    assert all(lower < higher for lower, higher in pairwise(ladder))
    assert "write" not in ladder[-1], "ingest paths never look at a session"


@pytest.mark.parametrize("scope", get_args(access.Scope))
def test_a_grant_of_a_scope_amounts_to_it(scope: access.Scope) -> None:
    assert access.Grant(project_id=1, rights=access.SCOPES[scope], actor="x").scope == scope


@pytest.mark.parametrize(
    ("role", "scope"), [("viewer", "stats"), ("analyst", "read"), ("admin", "admin"), ("owner", "admin")]
)
def test_a_role_amounts_to_a_scope(role: access.Role, scope: access.Scope) -> None:
    """A viewer above all: what a stats key may not ask, they may not either."""
    assert access.Grant(project_id=1, rights=access.ROLES[role], actor="x").scope == scope


@pytest.mark.parametrize(
    ("method", "right", "path", "verb"),
    [
        ("GET", "read", "/api/events", "saw"),
        ("POST", "read", "/api/insights/trend/people", "saw"),
        ("GET", "read", "/api/tracking/export.csv", "exported"),
        ("POST", "read", "/api/insights/trend/people/export.parquet", "exported"),
        ("GET", "read", "/api/events/export.jsonl", "exported"),
        ("POST", "read", "/api/sql", "saw"),
        ("GET", "admin", "/api/keys", "saw"),
        ("POST", "admin", "/api/keys", "did"),
        ("DELETE", "admin", "/api/keys/{key_id}", "did"),
        ("POST", "admin", "/api/events/import", "did"),
        ("POST", "own", "/api/projects", "did"),
        ("POST", "write", "/api/events/collect", None),
        ("POST", "stats", "/api/insights/trend", None),
        ("GET", "view", "/api/projects", None),
        ("POST", "edit", "/api/boards", "did"),
        ("GET", "edit", "/api/shares", "saw"),
        ("POST", "annotate", "/api/annotations", "did"),
    ],
)
def test_what_is_written_into_the_audit_log(method: str, right: access.Right, path: str, verb: str | None) -> None:
    assert verb_of(method, right, path) == verb


# ── one rule, two spellings ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("column", "rule"),
    [("person_key", identity.PERSON_KEY), ("session_key", identity.SESSION_KEY)],
    ids=["person", "session"],
)
def test_the_migration_spells_the_rule_as_the_code_does(warehouse: Warehouse, column: str, rule: str) -> None:
    written = "".join(file.read_text("utf-8") for file in MIGRATIONS.glob("*.sql"))
    assert f"MATERIALIZED {rule}" in written
    asked = (
        "SELECT default_kind, default_expression FROM system.columns"
        " WHERE database = currentDatabase() AND table = 'events' AND name = {name:String}"
    )
    ((kind, kept),) = warehouse.select(Query(text=asked, params={"name": column})).rows
    assert kind == "MATERIALIZED"
    assert kept.replace(" ", "") == rule.replace(" ", "")


@pytest.mark.parametrize("migration", ["0002_aliases.sql", "0004_links.sql"])
def test_the_words_for_a_linked_id_and_its_owner_are_the_codes(migration: str) -> None:
    written = (MIGRATIONS / migration).read_text("utf-8").replace("\\'", "'")
    for words in (identity.ANONYMOUS_KEY, identity.OWNER, identity.LINKS):
        assert words in written


# ── what the wheel is built from ─────────────────────────────────────────────────────────────────────────────


def test_the_wheel_is_built_from_everything_that_its_sources_extend() -> None:
    root = Path(__file__).parents[1]
    (listed,) = re.findall(
        r"^SOURCES = \(\n(.*?)^\)", (root / "hatch_build.py").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    sources = {root / name for name in re.findall(r'"(.+?)"', listed)}
    configs = [
        path
        for path in (root / "dashboard", root / "examples", root / "packages")
        for path in path.rglob("tsconfig*.json")
    ]
    extended = {
        (path.parent / wanted).resolve()
        for path in configs
        if "node_modules" not in path.parts
        for wanted in re.findall(r'"extends": "(.+?)"', path.read_text("utf-8"))
    }
    assert extended
    for path in extended:
        assert any(path == source or source in path.parents for source in sources), path
