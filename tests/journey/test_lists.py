"""What is behind a number, and answers as files, over HTTP (R6)."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from pyarrow import parquet

from tests.journey.server import Server, unique

EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\ttab", "\rreturn", 'quote"and,comma', "line\nbreak", "é😀", "-", "'"]


@pytest.fixture(scope="module")
def name(server: Server) -> str:
    """Of an event that eleven people sent; who they are and what they looked at would run in a spreadsheet."""
    name = unique("listed")
    server.collect(
        [
            {"event": name, "user_id": f"{text}{name}", "session_id": f"s{place}", "page": text,
             "properties": {"n": -place}}
            for place, text in enumerate(EVIL)
        ]
    )  # fmt: skip
    return name


def question(name: str, measure: str = "unique_users", **more: Any) -> dict[str, Any]:
    return {"series": [{"event": name, "measure": measure}], "interval": "month", **more}


def post(server: Server, path: str, body: Any, status: int = 200, **params: Any) -> Any:
    answer = server.reader.post(f"/api/insights/{path}", json=body, params=params)
    assert answer.status_code == status, answer.text
    return answer


@pytest.mark.parametrize("unit", ["people", "events", "sessions"])
def test_the_list_behind_a_number_has_exactly_that_many_members(server: Server, name: str, unit: str) -> None:
    measure = {"people": "unique_users", "events": "count", "sessions": "unique_sessions"}[unit]
    body = question(name, measure)
    number = post(server, "trend", body).json()["series"][0]["total"]
    first = post(server, f"trend/{unit}", body | {"pointer": {"series": 0}}, limit=7).json()
    assert (first["total"], len(first[unit])) == (number, 7) == (len(EVIL), 7)
    rest = post(server, f"trend/{unit}", body | {"pointer": {"series": 0}}, limit=7, cursor=first["next"]).json()
    assert (rest["total"], len(rest[unit]), rest["next"]) == (number, number - 7, None)
    ids = [one.get("event_id", one.get("id")) for one in first[unit] + rest[unit]]
    assert len(set(ids)) == number


def test_a_list_waits_for_what_was_acknowledged_before_it_was_asked_for(server: Server) -> None:
    name = unique("fresh")
    for number in range(5):
        server.collect({"event": name, "user_id": f"u{number}"})
        found = post(server, "trend/people", question(name) | {"pointer": {}}).json()
        assert found["total"] == number + 1


def test_the_people_of_a_funnel_are_listed_by_step_and_outcome(server: Server) -> None:
    one, two = unique("one"), unique("two")
    server.collect(
        [{"event": one, "user_id": user} for user in ("ann", "bob", "cid")] + [{"event": two, "user_id": "ann"}]
    )
    body = {"steps": [{"event": one}, {"event": two}], "window": "PT1H"}
    found = {
        outcome: [
            person["user_id"]
            for person in post(server, "funnel/people", body | {"pointer": {"step": 2, "outcome": outcome}}).json()[
                "people"
            ]
        ]
        for outcome in ("converted", "dropped", "in_progress")
    }
    assert {outcome: sorted(users) for outcome, users in found.items()} == {
        "converted": ["ann"], "dropped": [], "in_progress": ["bob", "cid"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("params", "more", "path"),
    [
        ({"limit": 0}, {}, "$.limit"),
        ({"limit": 1001}, {}, "$.limit"),
        ({"cursor": "x"}, {}, "$.cursor"),
        ({}, {"pointer": {"series": 3}}, "$.pointer.series"),
        ({}, {"pointer": {"x": 3}}, "$"),
        ({}, {"pointer": None}, "$"),
        ({}, {"colour": "red"}, "$"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_list_is_named(
    server: Server, name: str, params: dict[str, Any], more: dict[str, Any], path: str
) -> None:
    problem = post(server, "trend/people", question(name, pointer={}) | more, status=400, **params).json()
    assert problem["path"].startswith(path)


def test_the_people_of_a_question_per_group_are_groups(server: Server) -> None:
    name = unique("grouped")
    server.collect(
        [{"event": name, "user_id": f"{name} {n}", "groups": {"organization": f"{name} {n % 2}"}} for n in range(3)]
        + [{"event": name, "user_id": "alone"}]
    )
    body = question(name, per="group.organization")
    assert post(server, "trend", body).json()["series"][0]["total"] == 2
    found = post(server, "trend/people", body | {"pointer": {}}).json()
    assert (found["total"], sorted(one["people"] for one in found["groups"])) == (2, [1, 2])
    files = rows_of(server, "trend/people", body | {"pointer": {}})
    assert [sorted(row["id"] for row in rows) for rows in files.values()] == [[f"{name} 0", f"{name} 1"]] * 3
    assert post(server, "trend", body | {"per": "organization"}, status=400).json()["path"] == "$.per"


@pytest.mark.parametrize("path", ["trend/people", "funnel/sessions", "trend/events/export.csv"])
def test_a_stats_key_sees_no_list(server: Server, path: str) -> None:
    public = server.client(server.make_key("stats"))
    assert public.post(f"/api/insights/{path}", json={}).status_code == 403


def test_behind_cohorts_states_and_intervals_are_people_as_lists_and_as_files(server: Server) -> None:
    """Ann came on both days, bob on the first one, cid on the second."""
    name = unique("habit")
    days = ("2026-03-02T10:00:00Z", "2026-03-03T10:00:00Z")
    came = {"ann": days, "bob": days[:1], "cid": days[1:]}
    server.collect(
        [{"event": name, "user_id": f"{user}{name}", "timestamp": day} for user, told in came.items() for day in told]
    )
    body = {"from": "2026-03-02", "to": "2026-03-04"}
    one = body | {"event": name}
    retained = post(server, "retention", body | {"start_event": name, "return_event": name}).json()
    assert [(cohort["size"], cohort["values"]) for cohort in retained["cohorts"]] == [(2, [2, 1]), (1, [1, 0])]
    assert retained["average"] == [1.0, 1 / 3]
    lived = post(server, "lifecycle", one).json()
    assert [lived[state] for state in ("new", "returning", "resurrecting", "dormant")] == [
        [2, 1], [0, 1], [0, 0], [0, 1],
    ]  # fmt: skip
    stuck = post(server, "stickiness", one).json()
    assert (stuck["exactly"], stuck["at_least"]) == ({"1": 2, "2": 1}, {"1": 3, "2": 1})
    for kind, question, pointer, users in (
        ("retention", body | {"start_event": name}, {"cohort": retained["cohorts"][0]["bucket"], "period": 1}, ["ann"]),
        ("lifecycle", one, {"state": "dormant", "bucket": lived["buckets"][1]}, ["bob"]),
        ("stickiness", one, {"exactly": 1}, ["bob", "cid"]),
    ):
        answer = post(server, f"{kind}/people", question | {"pointer": pointer}).json()
        names = [f"{user}{name}" for user in users]
        assert (answer["total"], sorted(person["user_id"] for person in answer["people"])) == (len(users), names)
        for rows in rows_of(server, f"{kind}/people", question | {"pointer": pointer}).values():
            assert sorted(row["user_id"] for row in rows) == names, "invariant (f)"
    for rows in rows_of(server, "retention", body | {"start_event": name}).values():
        assert [float(row["rate"]) for row in rows if row["cohort"]] == [1.0, 0.5, 1.0, 0.0]


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────


def rows_of(server: Server, path: str, body: Any) -> dict[str, list[dict[str, Any]]]:
    """A file's rows, in each of its formats."""
    csv_text = post(server, f"{path}/export.csv", body).content.decode()
    json_text = post(server, f"{path}/export.json", body).content
    table = parquet.read_table(io.BytesIO(post(server, f"{path}/export.parquet", body).content))
    return {
        "csv": list(csv.DictReader(io.StringIO(csv_text, newline=""))),
        "json": json.loads(json_text),
        "parquet": table.to_pylist(),
    }


def test_an_answer_as_a_file_has_the_answer_s_numbers(server: Server, name: str) -> None:
    body = question(name, "count", breakdown=[{"property": "page", "limit": 20}])
    answer = post(server, "trend", body).json()
    expected = {
        (series["breakdown"][0], bucket): value
        for series in answer["series"]
        for bucket, value in zip(answer["buckets"], series["values"], strict=True)
    }
    rows = rows_of(server, "trend", body)
    for kind in ("json", "parquet"):
        assert {(row["page"], row["bucket"]): row["value"] for row in rows[kind]} == expected
    assert [float(row["value"]) for row in rows["csv"]] == [row["value"] for row in rows["json"]]
    assert {row["series"] for row in rows["csv"]} == {name}


def test_a_spreadsheet_runs_nothing_and_numbers_stay_numbers(server: Server, name: str) -> None:
    body = question(name, "min", breakdown=[{"property": "page", "limit": 20}])
    body["series"][0]["property"] = "properties.n"
    rows = [row for row in rows_of(server, "trend", body)["csv"] if row["value"]]
    assert {row["page"] for row in rows} == {f"'{text}" if text[0] in "=+-@\t\r" else text for text in EVIL}
    assert {float(row["value"]) for row in rows} == {-float(place) for place in range(len(EVIL))}


def test_a_funnel_as_a_file_has_its_steps_segments_and_days(server: Server) -> None:
    one, two = unique("one"), unique("two")
    server.collect(
        [{"event": one, "user_id": user, "page": "/x"} for user in ("ann", "bob")] + [{"event": two, "user_id": "ann"}]
    )
    body = {"steps": [{"event": one}, {"event": two}], "window": "PT1H", "breakdown": [{"property": "page"}]}
    rows = rows_of(server, "funnel", body | {"interval": "month"})
    for kind in ("json", "parquet"):
        told = [(one["breakdown"], one["step"], one["event"], one["users"]) for one in rows[kind] if not one["bucket"]]
        assert told == [
            (None, 1, one, 2), (None, 2, two, 1), ("/x", 1, one, 2), ("/x", 2, two, 1),
        ]  # fmt: skip
        assert sum(row["users"] for row in rows[kind] if row["bucket"] and row["step"] == 1) == 2
    assert [row["users"] for row in rows["csv"]] == [str(row["users"]) for row in rows["json"]]


@pytest.mark.parametrize("unit", ["people", "events", "sessions"])
def test_invariant_f_rows_exported_are_as_many_as_the_number(server: Server, name: str, unit: str) -> None:
    body = question(name) | {"pointer": {}}
    rows = rows_of(server, f"trend/{unit}", body)
    assert {kind: len(found) for kind, found in rows.items()} == dict.fromkeys(rows, len(EVIL))
    for row, other in zip(rows["json"], rows["parquet"], strict=True):
        assert row == other
    listed = post(server, f"trend/{unit}", body).json()[unit]
    assert [row.get("event_id", row.get("id")) for row in rows["json"]] == [
        one.get("event_id", one.get("id")) for one in listed
    ]
    if unit == "events":
        assert sorted(json.loads(row["properties"])["n"] for row in rows["csv"]) == [-n for n in range(10, -1, -1)]


def test_an_empty_list_is_an_empty_file(server: Server) -> None:
    rows = rows_of(server, "trend/events", question(unique("nobody")) | {"pointer": {}})
    assert rows == {"csv": [], "json": [], "parquet": []}


def test_a_file_is_a_download_and_its_problems_are_problems(server: Server, name: str) -> None:
    answer = post(server, "trend/people/export.csv", question(name) | {"pointer": {}})
    assert answer.headers["content-disposition"] == 'attachment; filename="trend-people.csv"'
    assert answer.headers["content-type"].startswith("text/csv")
    assert post(server, "trend/people/export.csv", question(name) | {"pointer": {"series": 9}}, 400).json()["path"]


# ── the SQL ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("trend", {"series": [{"event": "it's \\ evil"}], "compare": "previous_period"}),
        ("funnel", {"steps": [{"event": "it's \\ evil"}, {"event": "b"}], "interval": "day"}),
        ("retention", {"return_event": "it's \\ evil", "breakdown": [{"property": "properties.x"}]}),
        ("lifecycle", {"event": "it's \\ evil", "include_bots": True}),
        ("stickiness", {"event": "it's \\ evil"}),
    ],
)
def test_explain_tells_the_sql_with_every_value_apart(server: Server, kind: str, body: dict[str, Any]) -> None:
    meta = post(server, kind, body, explain=1).json()["meta"]
    assert "SELECT" in meta["sql"]
    assert "it's" not in meta["sql"]
    assert "it's \\ evil" in meta["params"].values()
    assert all(f"{{{name}:" in meta["sql"] for name in meta["params"])
    assert not {"sql", "params"} & set(post(server, kind, body).json()["meta"])


@pytest.mark.parametrize("path", ["trend", "trend/people", "funnel", "paths", "trend/export.csv"])
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"filters":[' + b'{"any":[' * 3000, b"", b"{", b'"\xff"'])
def test_a_body_that_is_none_is_a_problem_with_a_path(server: Server, path: str, body: bytes) -> None:
    answer = server.reader.post(f"/api/insights/{path}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.json()["path"].startswith("$")


def test_numbers_beyond_doubles_do_not_break_a_file(server: Server) -> None:
    name = unique("large")
    server.collect([{"event": name, "properties": {"ns": 8862228000000000000 + n}} for n in range(3)])
    body = {"series": [{"event": name, "measure": "max", "property": "properties.ns"}], "interval": "month"}
    for rows in rows_of(server, "trend", body).values():
        assert max(float(row["value"] or 0) for row in rows) == 8862228000000000000.0


# ── events that are large ────────────────────────────────────────────────────────────────────────────────────


def test_a_thousand_large_events_are_no_reason_to_refuse_a_page(new_server: Callable[..., Server]) -> None:
    """A result may take 16 MiB here, and these take 45."""
    server = new_server(FOOTFALL_QUESTION_MEMORY="128MiB", FOOTFALL_SCAN="0").start()
    for start in range(0, 750, 75):
        server.collect(
            [
                {"event": "e", "event_id": f"e{number}", "properties": {"text": "x" * 60_000}}
                for number in range(start, start + 75)
            ]
        )
    server.settled()
    page = server.ask("/api/events", limit=1000)
    assert len(page["data"]) == 750
    assert page["next"] is None
    assert {len(event["properties"]["text"]) for event in page["data"]} == {60_000}
    listed = post(server, "trend/events", {**question("e", "count"), "pointer": {"series": 0}}, limit=1000).json()
    assert [event["event_id"] for event in listed["events"]] == [event["event_id"] for event in page["data"]]
