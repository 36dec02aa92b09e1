"""Attempts to get out of one's project with SQL of one's own (ADR 0040), each run where a neighbour's rows lie.

An attempt goes the way of every statement: read, written anew, and, where it is accepted, run by the engine. Whatever
comes back (rows, a refusal, an error of the engine) has nothing of the neighbour's. The same texts are also given to
the engine as they are, which shows that they would have got out.
"""

import contextlib
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from footfall.insights import statement
from footfall.model.errors import BadRequest, QueryRefused
from footfall.stores.warehouse import _OWN_SETTINGS, OWN_SECONDS, Warehouse, encode_row, with_arrival
from tests.support.moments import BASE
from tests.support.project import Project, decoded, fresh

CANARY = "zz-neighbour"
"""In every text of the neighbour's; it sorts behind whatever is ours."""
OURS = 40
THEIRS = 25

READING = {
    # the table, in every place where one may stand
    "all of it": "SELECT user_id FROM events",
    "the last of it": "SELECT max(user_id) FROM events",
    "by the neighbour's number": "SELECT max(user_id) FROM events WHERE project_id != 0",
    "by a filter that is always true": "SELECT max(user_id) FROM events WHERE 1 OR 0",
    "by a filter on the rows themselves": "SELECT page FROM events WHERE user_id LIKE '%neigh%'",
    "in every column": "SELECT * FROM events ORDER BY user_id DESC LIMIT 1",
    "in an array": "SELECT groupUniqArray(user_id) FROM events",
    "by a window": "SELECT last_value(user_id) OVER (ORDER BY user_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED"
    " FOLLOWING) FROM events LIMIT 1",
    "by the last of each": "SELECT event, user_id FROM events ORDER BY user_id DESC LIMIT 1 BY event",
    "by the most frequent": "SELECT topK(100)(user_id) FROM events",
    "by an extreme": "SELECT argMax(title, user_id), any(url), anyLast(session_id) FROM events WHERE user_id > 'z'",
    "by a property": "SELECT max(properties.n::String) FROM events",
    "by the text that was sent": "SELECT max(sent) FROM events WHERE position(sent, 'neighbour') > 0",
    "by a group": "SELECT max(groups['a']) FROM events",
    "by the keys of a map": "SELECT arrayJoin(mapValues(groups)) AS v FROM events ORDER BY v DESC LIMIT 1",
    "in a subquery": "SELECT * FROM (SELECT user_id FROM events) ORDER BY 1 DESC LIMIT 1",
    "in a value": "SELECT (SELECT max(user_id) FROM events)",
    "in a value in a filter": "SELECT 1 AS a, (SELECT max(page) FROM events) AS b WHERE a = 1",
    "in WITH": "WITH x AS (SELECT * FROM events) SELECT max(user_id) FROM x",
    "in a value of WITH": "WITH (SELECT max(user_id) FROM events) AS x SELECT x",
    "in WITH of a WITH": "WITH x AS (SELECT * FROM events), y AS (SELECT * FROM x) SELECT max(user_id) FROM y",
    "in a union": "SELECT '' AS u UNION ALL SELECT max(user_id) FROM events",
    "in what is left of another": "SELECT user_id FROM events EXCEPT SELECT ''",
    "in what two have in common": "SELECT user_id FROM events INTERSECT SELECT user_id FROM events",
    "beside itself": "SELECT max(b.user_id) FROM events AS a JOIN events AS b USING (event)",
    "beside itself, on anything": "SELECT max(b.user_id) FROM events AS a JOIN events AS b ON a.event != b.page",
    "beside itself, crossed": "SELECT max(b.user_id) FROM events AS a CROSS JOIN events AS b",
    "beside itself, by a comma": "SELECT max(b.user_id) FROM events a, events b",
    "beside itself, to the right": "SELECT max(b.user_id) FROM (SELECT '' AS user_id) AS a RIGHT JOIN events AS b"
    " USING (user_id)",
    "beside itself, in full": "SELECT max(b.user_id) FROM (SELECT '' AS k) AS a FULL JOIN events AS b"
    " ON a.k = b.user_id",
    "beside itself, what has no partner": "SELECT max(b.user_id) FROM (SELECT '' AS k) AS a RIGHT ANTI JOIN events AS b"
    " ON a.k = b.user_id",
    "beside itself, by time": "SELECT max(b.user_id) FROM events AS a ASOF JOIN events AS b ON a.event = b.event AND"
    " a.timestamp <= b.timestamp",
    "with an array beside": "SELECT max(user_id) FROM events ARRAY JOIN [1, 2] AS n",
    "with an array of all beside": "SELECT max(u) FROM (SELECT groupArray(user_id) AS us FROM events)"
    " ARRAY JOIN us AS u",
    "the hourly view": "SELECT max(page) FROM event_hourly_mv",
    "the hourly view of the neighbour": "SELECT page, device FROM event_hourly_mv WHERE page LIKE 'zz%'",
    "the hourly view beside the table": "SELECT max(h.page) FROM events AS e JOIN event_hourly_mv AS h"
    " ON h.event = e.event",
    # names that stand for something else
    "WITH gives the filter's name": "WITH 1 AS project_id SELECT max(user_id) FROM events",
    "WITH gives it a SELECT": "WITH (SELECT 1) AS project_id SELECT max(user_id) FROM events",
    "a column has the filter's name": "SELECT 1 AS project_id, max(user_id) FROM events",
    "a column further in has it": "SELECT max(user_id) FROM (SELECT *, 1 AS project_id FROM events)",
    "the table has it": "SELECT max(project_id.user_id) FROM events AS project_id",
    "a lambda has it": "SELECT max(arrayMap(project_id -> user_id, [1])[1]) FROM events",
    "a window has it": "SELECT max(user_id) OVER project_id FROM events WINDOW project_id AS () LIMIT 1",
    "an array beside has it": "SELECT max(user_id) FROM events ARRAY JOIN [1, 2, 3] AS project_id",
    "a partner has it": "SELECT max(user_id) FROM events JOIN (SELECT 1 AS one, 2 AS project_id) AS p ON p.one = 1",
    "WITH gives the name of the key": "WITH 0 AS person_key, 0 AS session_key SELECT max(user_id) FROM events",
    "WITH gives the name of the link": "WITH 'x' AS links, 0 AS person, false AS bot SELECT max(page)"
    " FROM event_hourly_mv",
    "WITH takes nearly the table's name": "WITH `events ` AS (SELECT max(user_id) AS u FROM events)"
    " SELECT u FROM `events `",
    "WITH in other letters": "WITH Events AS (SELECT * FROM events) SELECT max(user_id) FROM Events",
    "the table is called like a WITH": "SELECT max(`with x`.user_id) FROM events AS `with x`",
    # quotes, letters and comments
    "in quotes": 'SELECT max("user_id") FROM "events"',
    "in backquotes": "SELECT max(`user_id`) FROM `events`",
    "behind a comment": "SELECT max(user_id) FROM /* x */ events -- WHERE project_id = 1",
    "behind a hash": "SELECT max(user_id) FROM events # LIMIT 0",
    "with a comment in a comment": "SELECT /* /* */ max(user_id) FROM events",
    "with a semicolon": "SELECT max(user_id) FROM events;",
    "in many parentheses": "SELECT max(user_id) FROM ((((SELECT * FROM events))))",
    "over several lines": "SELECT\n\tmax(user_id)\r\nFROM\n\tevents\n",
    "with a wide space": "SELECT max(user_id)\u2003FROM\u00a0events",
}  # fmt: skip
"""Nearly all of them show the neighbour's rows when the engine gets them as they are."""

REACHING = {
    # tables by other ways
    "with its database": "SELECT max(user_id) FROM default.events",
    "by a pattern": "SELECT max(user_id) FROM merge(currentDatabase(), '^events$')",
    "by a pattern of no database": "SELECT max(user_id) FROM merge('^events$')",
    "by a view": "SELECT * FROM view(SELECT max(user_id) FROM events)",
    "by an allowed view": "SELECT * FROM viewIfPermitted(SELECT user_id FROM events ELSE null('user_id String'))",
    "by another server": "SELECT max(user_id) FROM remote('127.0.0.1', currentDatabase(), events)",
    "by a secure one": "SELECT * FROM remoteSecure('127.0.0.1', currentDatabase(), events)",
    "by a cluster": "SELECT max(user_id) FROM cluster('default', currentDatabase(), events)",
    "by all of a cluster": "SELECT max(user_id) FROM clusterAllReplicas('default', currentDatabase(), events)",
    "by its index": "SELECT * FROM mergeTreeIndex(currentDatabase(), events)",
    "by its projection": "SELECT max(page) FROM mergeTreeProjection(currentDatabase(), events, hourly)",
    "by its parts": "SELECT * FROM mergeTreeAnalyzeIndexes(currentDatabase(), events)",
    "by a loop": "SELECT max(user_id) FROM loop(currentDatabase(), events) LIMIT 1",
    "by a dictionary": "SELECT * FROM dictionary('links')",
    "the dictionary": "SELECT * FROM links",
    "the dictionary's value": "SELECT dictGet('links', 'owner', toUInt64(1))",
    "the dictionary's key": "SELECT dictHas('links', toUInt64(1))",
    "the view beside it": "SELECT max(page) FROM `default`.`event_hourly_mv`",
    "the tables of the system": "SELECT name, create_table_query FROM system.tables",
    "the columns of the system": "SELECT * FROM system.columns",
    "what was asked": "SELECT query FROM system.query_log",
    "what is asked now": "SELECT query FROM system.processes",
    "the settings": "SELECT * FROM system.settings",
    "the machine": "SELECT * FROM system.asynchronous_metrics",
    "errors of the past": "SELECT * FROM system.errors",
    "the schema": "SELECT * FROM INFORMATION_SCHEMA.COLUMNS",
    "parts of a table": "SELECT DISTINCT _table, _part, _partition_id FROM events",
    "the place in a part": "SELECT _part_offset, _block_number, _row_exists FROM events",
    "the filter's own column": "SELECT project_id FROM events",
    "columns by a pattern": "SELECT COLUMNS('id$') FROM events",
    "columns made others": "SELECT * REPLACE (project_id AS event) FROM events",
    "a function on all columns": "SELECT * APPLY max FROM events",
    # what reads files, addresses and the process
    "a file": "SELECT file('/etc/passwd')",
    "a file as a table": "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "files of a cluster": "SELECT * FROM fileCluster('default', '/etc/passwd', 'LineAsString')",
    "an address": "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "addresses of a cluster": "SELECT * FROM urlCluster('default', 'http://127.0.0.1:1/', 'LineAsString')",
    "a bucket": "SELECT * FROM s3('http://127.0.0.1:1/a', 'LineAsString')",
    "a lake": "SELECT * FROM deltaLake('http://127.0.0.1:1/a'), iceberg('http://127.0.0.1:1/a')",
    "another database": "SELECT * FROM sqlite('/etc/passwd', 'x'), mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    "a program": "SELECT * FROM executable('cat /etc/passwd', 'LineAsString', 'a String')",
    "the process's variables": "SELECT * FROM Python(events)",
    "the body of the request": "SELECT * FROM input('a String')",
    "made-up rows": "SELECT * FROM generateRandom('a String', 1, 10, 2) LIMIT 1",
    "a text as a table": "SELECT * FROM format(JSONEachRow, '{\"a\": 1}')",
    "values as a table": "SELECT * FROM values('a String', 'x')",
    "fuzz": "SELECT * FROM fuzzQuery('SELECT 1')",
    "addresses of the process": "SELECT addressToLine(1), addressToSymbol(1), demangle('x')",
    "room on the disk": "SELECT filesystemAvailable(), filesystemCapacity(), filesystemUnreserved()",
    "who and where": "SELECT currentUser(), currentDatabase(), hostName(), serverUUID(), uptime(), version()",
    "a setting": "SELECT getSetting('max_memory_usage'), getServerSetting('path'), getMacro('x')",
    "the environment": "SELECT getEnvironmentVariable('HOME')",
    "whether a column is there": "SELECT hasColumnInTable(currentDatabase(), 'events', 'project_id')",
    "a join table": "SELECT joinGet('events', 'user_id', 1)",
    "a model": "SELECT catboostEvaluate('/etc/passwd', 1), evalMLMethod('x', 1)",
    "a function by its name": "SELECT initializeAggregation('maxState', 'x'), arrayReduce('max', [1])",
    "bytes for a state": "SELECT finalizeAggregation(CAST(unhex('00'), 'AggregateFunction(max, String)'))",
    "IN as a function": "SELECT in('x', events), globalIn('x', events), notNullIn('x', links)",
    # what is no question
    "a second statement": "SELECT 1; SELECT max(user_id) FROM events",
    "a second one behind a comment": "SELECT 1 /* ; */ ; SELECT max(user_id) FROM events",
    "the plan": "EXPLAIN SELECT user_id FROM events",
    "the tree": "EXPLAIN AST SELECT user_id FROM events",
    "an estimate": "EXPLAIN ESTIMATE SELECT user_id FROM events",
    "the plan as a table": "SELECT * FROM (EXPLAIN SELECT user_id FROM events)",
    "how it was made": "SHOW CREATE TABLE events",
    "what there is": "SHOW TABLES",
    "what it is": "DESCRIBE TABLE events",
    "whether it is": "EXISTS TABLE events",
    "what runs": "SHOW PROCESSLIST",
    "a file to write": "SELECT max(user_id) FROM events INTO OUTFILE '/tmp/escape.csv'",
    "a form": "SELECT max(user_id) FROM events FORMAT JSON",
    "settings": "SELECT max(user_id) FROM events SETTINGS additional_table_filters = {}",
    "settings further in": "SELECT * FROM (SELECT user_id FROM events SETTINGS optimize_use_projections = 1)",
    "a placeholder": "SELECT {project:UInt32}",
    "a placeholder for a name": "SELECT * FROM {table:Identifier}",
    "a name that ends its quotes": "SELECT user_id AS `a` FROM `events` PREWHERE project_id != 0 -- `",
    "a name with a brace": "SELECT 1 AS `{p:String}`, max(user_id) FROM events",
    "wide letters": "SELECT max(user_id) FROM \uff45\uff56\uff45\uff4e\uff54\uff53",
    "foreign letters": "SELECT max(user_id) FROM \u0435vents",
    "an unseen letter": "SELECT max(user_id) FROM events\u200b",
    "FINAL, SAMPLE and PREWHERE": "SELECT max(user_id) FROM events FINAL SAMPLE 1 PREWHERE project_id != 0",
    "behind itself": "WITH RECURSIVE x AS (SELECT * FROM events UNION ALL SELECT * FROM x) SELECT max(user_id) FROM x",
    "a table behind IN": "SELECT max(user_id) FROM events WHERE user_id IN links",
    "waiting": "SELECT sleep(3), sleepEachRow(3) FROM events",
    "an error of one's own": "SELECT throwIf(user_id LIKE 'zz%', user_id) FROM events",
}  # fmt: skip
"""What is refused before the engine sees any of it."""

ORACLES: dict[str, tuple[str, Any]] = {
    "whether it is there": (f"SELECT countIf(user_id = '{CANARY}') FROM events", 0),
    "how much there is": ("SELECT count() FROM events", OURS),
    "how many there are": ("SELECT uniqExact(user_id) FROM events", OURS),
    "by a list": (f"SELECT '{CANARY}' IN (SELECT user_id FROM events)", 0),
    "by EXISTS": (f"SELECT count() FROM (SELECT 1 WHERE EXISTS (SELECT 1 FROM events WHERE page = '{CANARY}'))", 0),
    "by a partner": (
        f"SELECT count() FROM (SELECT '{CANARY}' AS user_id) AS a SEMI JOIN events AS b USING (user_id)", 0),
    "by an order": (f"SELECT countIf(user_id > '{CANARY[:2]}') FROM events", 0),
    "by the hours": (f"SELECT countIf(page = '{CANARY}'), sum(event_count) FROM event_hourly_mv", 0),
    "by the neighbour's person": (
        "SELECT count() FROM events WHERE person_id = (SELECT max(person_id) FROM events)", 1),
    "by a length": ("SELECT max(length(user_id)) FROM events", 2),
    "by a sum of hashes": (
        "SELECT sum(sipHash64(user_id)) = (SELECT sum(sipHash64(user_id)) FROM events WHERE user_id < 'z') FROM events",
        1),
    "by an error": (f"SELECT sum(if(user_id = '{CANARY}', toInt64(title), 0)) FROM events", 0),
    "by an error in a filter": ("SELECT count() FROM events WHERE toInt64(user_id) >= 0", OURS),
    "by a division": (f"SELECT sum(intDiv(1, if(page = '{CANARY}', 0, 1))) FROM events", OURS),
    "by a person that WITH makes of nothing": (
        "WITH 0 AS person_key, 0 AS person, 'x' AS links SELECT uniqExact(person_id) FROM events", OURS),
    "by hours without a robot": ("WITH true AS bot SELECT sum(event_count) FROM event_hourly_mv", OURS),
    "by a type": ("SELECT count() FROM events WHERE toInt64(properties.n::String) >= 0", OURS),
}  # fmt: skip
"""Questions whose answer would tell something although no text of the neighbour's is in it → the answer."""


@pytest.fixture(scope="module")
def ours(warehouse: Warehouse) -> Project:
    """A project between whose rows a neighbour's lie, in the same part."""
    project, neighbour = fresh(warehouse), fresh(warehouse)
    lines = []
    for place in range(OURS):
        for owner, mark in ((project, str(place)), (neighbour, CANARY)):
            if owner is neighbour and place >= THEIRS:
                continue
            (event,) = decoded([{
                "event": "ab"[place % 2], "event_id": f"{mark}-{place}-{owner.id}", "timestamp": BASE + place * 60_000,
                "user_id": mark, "session_id": mark, "page": mark, "url": f"http://{mark}/", "title": mark,
                "device": mark, "properties": {"n": mark}, "groups": {"a": mark},
            }])  # fmt: skip
            lines.append(with_arrival(encode_row(event, owner.id), place))
    warehouse.insert(lines)
    return project


def attempt(project: Project, text: str) -> str:
    """All that comes back of a statement."""
    try:
        rows = project.warehouse.run(statement.build(text, project.context()))
    except (BadRequest, QueryRefused) as error:
        return error.detail
    return repr(rows)


def engine_alone(project: Project, text: str) -> str:
    """All that comes back when the engine gets the same text as it is."""

    def ask(client: Any, _replica: Any) -> bytes:
        with contextlib.suppress(ClickHouseError):
            return client.raw_query(text, fmt="JSONCompact", settings=_OWN_SETTINGS)
        return b""

    return project.warehouse._handles.run(ask).decode("utf-8", "replace")


@pytest.mark.parametrize("text", (READING | REACHING).values(), ids=READING | REACHING)
def test_nothing_of_a_neighbour_comes_back(ours: Project, text: str) -> None:
    assert CANARY not in attempt(ours, text)


@pytest.mark.parametrize("text", READING.values(), ids=READING)
def test_reading_is_answered_from_one_s_own_rows(ours: Project, text: str) -> None:
    """So these are no escapes because they are harmless here, and not because they are refused."""
    with contextlib.suppress(BadRequest):
        assert ours.warehouse.run(statement.build(text, ours.context())).rows is not None


@pytest.mark.parametrize("text", REACHING.values(), ids=REACHING)
def test_what_reaches_further_never_gets_to_the_engine(ours: Project, text: str) -> None:
    """Or to a column that a project's rows do not have."""
    with pytest.raises(BadRequest):
        ours.warehouse.run(statement.build(text, ours.context()))


@pytest.mark.parametrize(("text", "answer"), ORACLES.values(), ids=ORACLES)
def test_no_answer_tells_whether_a_neighbour_is_there(ours: Project, text: str, answer: Any) -> None:
    assert ours.warehouse.run(statement.build(text, ours.context())).rows[0][0] == answer


def test_the_attempts_are_real_ones(ours: Project) -> None:
    """The engine alone shows the neighbour's rows to nearly all that read."""
    shown = {name for name, text in READING.items() if CANARY in engine_alone(ours, text)}
    assert len(shown) >= 50, READING.keys() - shown
    assert len(READING | REACHING) + len(ORACLES) >= 150


BOMBS = {
    "a range": "SELECT length(range(4000000000))",
    "sums of sums": "SELECT arraySum(x -> arraySum(y -> x * y, range(1000000)), range(100000))",
    "pairs": "SELECT sum(cityHash64(a, b)) FROM (SELECT arrayJoin(range(100000)) AS a) AS x,"
    " (SELECT arrayJoin(range(1000000)) AS b) AS y",
    "an array": "SELECT groupArray(x) FROM (SELECT arrayJoin(range(100000000)) AS x)",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.slow
def test_no_statement_holds_the_engine_up(ours: Project, bomb: str) -> None:
    """Past its limits of time and memory it is stopped, and the next one is answered."""
    with pytest.raises((BadRequest, QueryRefused)):
        ours.warehouse.run(statement.build(bomb, ours.context()))
    assert OWN_SECONDS <= 30
    assert attempt(ours, "SELECT count() FROM events").count(str(OURS)) == 1
