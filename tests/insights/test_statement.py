# ruff: noqa: N802 - rules are called by their letter
"""Somebody's own SQL (ADR 0040): what is refused, what is answered, and that it reads one project's rows alone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError
from hypothesis import given
from hypothesis import strategies as st

from footfall.insights import statement
from footfall.insights.question import Query
from footfall.insights.statement_words import _COMBINATORS, FUNCTIONS
from footfall.model.errors import BadRequest, QueryRefused
from footfall.stores.warehouse import OWN_ROWS, Warehouse, encode_row, with_arrival
from tests.support.effort import examples
from tests.support.moments import BASE
from tests.support.project import Project, decoded, fresh
from tests.support.refusal import refusal_of

ATTACKS = {
    # files, addresses, the process
    "a file as a value": "SELECT file('/etc/passwd')",
    "a file's length": "SELECT length(file('/etc/passwd'))",
    "a file as a table": "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "an address as a table": "SELECT * FROM url('http://127.0.0.1:8400/', 'LineAsString')",
    "a bucket": "SELECT * FROM s3('https://example.com/a.csv')",
    "another server": "SELECT * FROM remote('127.0.0.1', system.one)",
    "a variable of the process": "SELECT * FROM Python(settings)",
    "a program": "SELECT * FROM executable('x.sh', TSV, 'a String')",
    "another engine": "SELECT * FROM postgresql('localhost:5432', 'a', 'b', 'c', 'd')",
    "a dictionary's value": "SELECT dictGet('links', 'owner', 1)",
    "a dictionary as a table": "SELECT * FROM dictionary('links')",
    "a join table's value": "SELECT joinGet('a', 'b', 1)",
    "a program's answer": "SELECT catboostEvaluate('/etc/passwd', 1)",
    # tables that are not theirs
    "the system's tables": "SELECT * FROM system.tables",
    "the schema's tables": "SELECT * FROM information_schema.tables",
    "all tables at once": "SELECT * FROM merge('system', '.*')",
    "all tables at once, in a union": "SELECT 1 UNION ALL SELECT 1 FROM merge('', '.*')",
    "a table of ours": "SELECT * FROM migrations",
    "a dictionary of ours": "SELECT * FROM links",
    "the table with its database": "SELECT * FROM default.events",
    "the table with its database, quoted": 'SELECT * FROM "default"."events"',
    "a table of numbers": "SELECT * FROM numbers(10)",
    "a table in a join": "SELECT * FROM events JOIN system.one ON 1 = 1",
    "a table behind a comma": "SELECT * FROM events, migrations",
    "a table in a subquery": "SELECT (SELECT count() FROM migrations)",
    "a table behind IN": "SELECT 1 IN migrations",
    "the raw table behind IN": "SELECT * FROM events WHERE user_id IN events",
    "a table behind IN, in parentheses": "SELECT 1 WHERE 1 IN (migrations)",
    "a table behind IN, in two": "SELECT 1 WHERE 1 IN ((migrations))",
    "a table behind IN, with its database": "SELECT 1 WHERE 1 IN (system.one)",
    "a table behind NOT IN": "SELECT 1 WHERE 1 NOT IN (migrations)",
    "a table behind GLOBAL IN": "SELECT 1 WHERE 1 GLOBAL IN (migrations)",
    "a table behind IN, named": "SELECT 1 WHERE 1 IN (migrations AS m)",
    "a table by a function's name of IN": "SELECT in(1, migrations)",
    "a table by another name of IN": "SELECT notIn(1, migrations), globalIn(1, migrations), nullIn(1, migrations)",
    "everything behind IN": "SELECT 1 WHERE 1 IN (*)",
    "a table by its name as a text": "SELECT hasColumnInTable('default', 'events', 'event')",
    "a view of the text": "SELECT * FROM view(SELECT 1)",
    "a table in an EXISTS": "SELECT 1 WHERE EXISTS (events)",
    "a table alone": "TABLE migrations",
    "a table given as a value": "SELECT * FROM {table:Identifier}",
    "a table of values": "SELECT * FROM VALUES('a String', 'x')",
    # names that stand for something else
    "WITH takes the table's name": "WITH events AS (SELECT 1) SELECT * FROM events",
    "WITH takes it further in": "SELECT * FROM (WITH events AS (SELECT 1 AS a) SELECT a FROM events)",
    "WITH that is out of reach": "SELECT * FROM migrations, (WITH x AS (SELECT 1) SELECT * FROM x)",
    "WITH that calls itself": "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT * FROM x) SELECT * FROM x",
    "a value as a table": "WITH 'migrations' AS x SELECT * FROM x",
    "our own name of a WITH": 'SELECT * FROM "with x"',
    "a name that ends its quotes": "SELECT 1 AS `a` FROM system.one -- `",
    "a name with a backquote in it": 'SELECT 1 AS "a` FROM system.one -- "',
    "a name with a backslash in it": "SELECT 1 AS `a\\\\`, file('/etc/passwd')",
    "a name with a placeholder in it": "SELECT 1 AS `{a:String}`",
    "the columns by a pattern": "SELECT COLUMNS('.*') FROM events",
    "a function for every column": "SELECT * APPLY(file) FROM events",
    "a function for some columns": "SELECT COLUMNS('event') APPLY file FROM events",
    "columns replaced": "SELECT * REPLACE (file('/etc/passwd') AS event) FROM events",
    # what is no question
    "two statements": "SELECT 1; DROP TABLE events",
    "a comment that ends the statement": "SELECT 1; -- \nDROP TABLE events",
    "nothing": "",
    "a comment alone": "-- SELECT 1",
    "no words of SQL": "hello there",
    "an unfinished text": "SELECT 'a",
    "an unfinished parenthesis": "SELECT (1",
    "a letter that is none": "SELECT \x00",
    "INSERT": "INSERT INTO events SELECT 1",
    "DELETE": "DELETE FROM events WHERE 1",
    "ALTER": "ALTER TABLE events DELETE WHERE 1",
    "DROP": "DROP TABLE events",
    "TRUNCATE": "TRUNCATE TABLE events",
    "CREATE": "CREATE TABLE x (a Int8) ENGINE = Memory",
    "CREATE FUNCTION": "CREATE FUNCTION x AS (a) -> a",
    "ATTACH": "ATTACH TABLE events",
    "DETACH": "DETACH TABLE events",
    "RENAME": "RENAME TABLE events TO x",
    "OPTIMIZE": "OPTIMIZE TABLE events FINAL",
    "GRANT": "GRANT SELECT ON *.* TO x",
    "SET": "SET max_memory_usage = 0",
    "USE": "USE system",
    "KILL": "KILL QUERY WHERE 1",
    "SYSTEM": "SYSTEM SHUTDOWN",
    "BACKUP": "BACKUP TABLE events TO Disk('a', 'b')",
    "SHOW": "SHOW TABLES",
    "DESCRIBE": "DESCRIBE TABLE events",
    "EXPLAIN": "EXPLAIN SELECT 1",
    "EXPLAIN in a subquery": "SELECT * FROM (EXPLAIN SELECT 1)",
    # settings and outputs
    "settings": "SELECT 1 SETTINGS max_execution_time = 0",
    "settings in a subquery": "SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)",
    "settings behind a union": "SELECT 1 UNION ALL SELECT 2 SETTINGS max_threads = 1",
    "a format": "SELECT 1 FORMAT JSON",
    "a file to write": "SELECT 1 INTO OUTFILE '/tmp/x'",
    "a file to write, with a format": "SELECT 1 INTO OUTFILE '/tmp/x' FORMAT CSV",
    # parts of a question that are left out
    "FINAL": "SELECT * FROM events FINAL",
    "SAMPLE": "SELECT * FROM events SAMPLE 0.1",
    "PREWHERE": "SELECT 1 FROM events PREWHERE 1",
    "PREWHERE of another project": "SELECT count() FROM events PREWHERE project_id = 2",
    "totals": "SELECT count() FROM events GROUP BY event WITH TOTALS",
    "rollup": "SELECT count() FROM events GROUP BY ROLLUP(event)",
    "cubes": "SELECT count() FROM events GROUP BY CUBE(event)",
    "filled gaps": "SELECT 1 AS a ORDER BY a WITH FILL",
    "QUALIFY": "SELECT 1 QUALIFY 1",
    "parts of columns": "SELECT DISTINCT ON (event) event FROM events",
    "a placeholder": "SELECT {project:UInt32}",
    "our own placeholder": "SELECT ?",
    "a lateral join": "SELECT * FROM events, LATERAL (SELECT 1) x",
    "locks": "SELECT * FROM events FOR UPDATE",
    "a pasted join": "SELECT * FROM events PASTE JOIN events",
    "a global join": "SELECT * FROM events GLOBAL JOIN events AS b ON 1 = 1",
    # functions
    "waiting": "SELECT sleep(3)",
    "waiting for each row": "SELECT sleepEachRow(3) FROM events",
    "an error of their own": "SELECT throwIf(user_id = 'x') FROM events",
    "who asks": "SELECT currentUser()",
    "where": "SELECT hostName(), currentDatabase(), version(), serverUUID(), fqdn(), tcpPort()",
    "a setting": "SELECT getSetting('readonly')",
    "a macro": "SELECT getMacro('x')",
    "an environment variable": "SELECT getEnvironmentVariable('FOOTFALL_ADMIN_KEY')",
    "the process's memory": "SELECT addressToLine(1), demangle('x'), addressToSymbol(1)",
    "states as bytes": "SELECT sumState(1)",
    "states from bytes": "SELECT uniqMerge(unhex('00'))",
    "a state of any function": "SELECT initializeAggregation('uniqState', 1), finalizeAggregation(1)",
    "a function by its name": "SELECT arrayReduce('uniqMerge', [1])",
    "a function of somebody's": "SELECT my_function(1)",
    "a quoted function": "SELECT `file`('/etc/passwd')",
    "a function with spaces": "SELECT file ('/etc/passwd')",
    "a function in capitals": "SELECT FILE('/etc/passwd')",
    "a function with a comment in it": "SELECT file/**/('/etc/passwd')",
    "a function in a lambda": "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
    "a function in a frame": "SELECT sum(1) OVER (ORDER BY file('x'))",
    "a function in ORDER BY": "SELECT 1 FROM events ORDER BY file('/etc/passwd')",
    "a function in a join": "SELECT 1 FROM events JOIN events b ON file('x') = 'a'",
    "a function in LIMIT": "SELECT 1 FROM events LIMIT length(file('x'))",
    "a function in USING": "SELECT 1 FROM events JOIN events b USING (file('x'))",
    "a function in an interval": "SELECT INTERVAL file('x') DAY",
    "a function in WITH": "WITH file('/etc/passwd') AS x SELECT x",
    "a function behind a dot": "SELECT events.file('/etc/passwd') FROM events",
    "a function of aggregates": "SELECT quantileFile(0.5)('x')",
    "a type with a function in it": "SELECT CAST('1' AS AggregateFunction(uniq, UInt64))",
    "a type that is none": "SELECT CAST('1' AS Nothing)",
    "a type as a text": "SELECT CAST('1' AS 'String')",
    "a type with a text in it": "SELECT CAST('1' AS DateTime('UTC'') FROM system.one --'))",
    "an enumeration with a text in it": "SELECT CAST('1' AS Enum8('x'' ) FROM system.one -- ' = 1))",
    "a number that is none": "SELECT 1e99999",
    "too long": "SELECT " + "1 + " * 6000 + "1",
    "too deep": "SELECT " + "f(" * 3000 + "1" + ")" * 3000,
    "too deep in subqueries": "SELECT * FROM " + "(SELECT * FROM " * 500 + "events" + ")" * 500,
}  # fmt: skip

ACCEPTED = {
    "a count": "SELECT count(*), count() FROM events",
    "grouped, ordered, cut": "SELECT event, count() AS n FROM events WHERE page != '' AND NOT bot GROUP BY event"
    " HAVING n > 0 ORDER BY n DESC NULLS LAST, 1 LIMIT 5 OFFSET 0",
    "distinct": "SELECT DISTINCT event FROM events",
    "distinct people": "SELECT count(DISTINCT person_id), uniqExact(user_id) FROM events",
    "columns": 'SELECT * EXCEPT (sent), events.event, `page`, "device" FROM events',
    "names with odd letters": 'SELECT event AS "étage 1/2", page AS `a.b-c` FROM events',
    "quantiles": "SELECT quantile(0.5)(1), quantileExactIf(0.9)(toFloat64OrNull(page), page > '1'), sumIf(1, bot)"
    " FROM events",
    "properties": "SELECT properties.plan, properties.deep.x, JSONExtractInt(sent, 'n'), groups['a'] FROM events",
    "arithmetic": "SELECT 1 + 2 - 3 * 4 / 5 % 6, 7 DIV 2, -3, - (2), 'a' || 'b', 1e3, .5, 2.",
    "comparisons": "SELECT 1 = 1, 1 == 1, 1 != 2, 1 <> 2, 1 < 2, 1 <= 2, 1 > 2, 1 >= 2, 1 AND 0 OR NOT 1, NULL IS NULL,"
    " 1 IS NOT NULL, 1 BETWEEN 0 AND 2, true, false",
    "texts": "SELECT page LIKE '/%', page NOT ILIKE 'x', lower(page), replaceRegexpAll(page, '[0-9]', '#') FROM events",
    "lists": "SELECT page FROM events WHERE event IN ('a', 'b') AND page NOT IN ('x') AND (event, page) IN (('b', '1'))"
    " AND user_id IN (SELECT user_id FROM events WHERE event = 'b')",
    "cases": "SELECT CASE WHEN bot THEN 1 ELSE 2 END, CASE event WHEN 'a' THEN 1 END, bot ? 'x' : 'y', if(bot, 1, 2)"
    " FROM events",
    "times": "SELECT toStartOfInterval(timestamp, INTERVAL 15 MINUTE), timestamp - INTERVAL '7' DAY, date_trunc('day',"
    " timestamp), toDate(timestamp, 'Europe/Berlin'), now() - INTERVAL 1 + 1 HOUR FROM events",
    "types": "SELECT CAST(1 AS Nullable(Float64)), 1::Decimal(10, 2), '2026-01-01'::Date, [1]::Array(String),"
    " CAST('2026-01-01' AS DateTime64(3, 'Europe/Berlin')), DATE '2026-01-01'",
    "collections": "SELECT [1, 2][1], (1, 'a').2, tuple(1, 2), map('a', 1)['a'], arrayMap(x -> x + 1, [1]),"
    " arrayFilter((x, i) -> i > 1, [1, 2], [1, 2]), arrayJoin([1, 2])",
    "a subquery": "SELECT n FROM (SELECT count() AS n FROM events GROUP BY event) AS s WHERE n = (SELECT max(n) FROM"
    " (SELECT count() AS n FROM events GROUP BY event))",
    "exists": "SELECT 1 WHERE EXISTS (SELECT 1 FROM events)",
    "WITH": "WITH toDate(timestamp) AS day, seen AS (SELECT event, count() AS n FROM events GROUP BY event),"
    " again AS (SELECT * FROM seen) SELECT seen.n, a.n, day FROM seen JOIN again AS a ON seen.event = a.event"
    " JOIN events ON events.event = a.event",
    "joins": "SELECT a.event FROM events AS a ANY LEFT JOIN events AS b USING (event) CROSS JOIN (SELECT 1 AS x) AS c",
    "unions": "(SELECT 1 AS a) UNION ALL (SELECT 2) UNION DISTINCT (SELECT 1) ORDER BY a LIMIT 3",
    "what two have in common": "SELECT 1 INTERSECT SELECT 1",
    "what one has alone": "SELECT 1 EXCEPT SELECT 2",
    "arrays as rows": "SELECT flag FROM events LEFT ARRAY JOIN flags AS flag",
    "one each": "SELECT event, page FROM events ORDER BY timestamp LIMIT 1 BY event",
    "windows": "SELECT row_number() OVER w, sum(1) OVER (PARTITION BY event ORDER BY timestamp ROWS BETWEEN UNBOUNDED"
    " PRECEDING AND CURRENT ROW), lagInFrame(event, 1) OVER (ORDER BY timestamp ROWS 1 PRECEDING) FROM events"
    " WINDOW w AS (ORDER BY timestamp)",
    "a funnel": "SELECT level, count() FROM (SELECT windowFunnel(1800)(toDateTime(timestamp), event = 'a', event = 'b')"
    " AS level FROM events GROUP BY person_id) GROUP BY level",
    "the hourly view": "SELECT event, hour, event_count, unique_users FROM event_hourly_mv WHERE page != ''",
    "comments": "SELECT /* one */ 1 -- two",
}  # fmt: skip


@pytest.fixture(scope="module")
def pair(warehouse: Warehouse) -> tuple[Project, Project]:
    """Ours, and one whose rows lie between ours in the same part, and would be an error if they were touched."""
    ours, theirs = fresh(warehouse), fresh(warehouse)
    lines = []
    for place in range(60):
        for project, mark in ((ours, str(place)), (theirs, "secret")):
            sent = {
                "event": "ab"[place % 2], "event_id": f"{mark}-{place}", "timestamp": BASE + place * 60_000,
                "user_id": mark, "session_id": mark, "page": mark, "url": f"http://{mark}/", "title": mark,
                "device": mark, "properties": {"n": mark, "plan": "pro", "deep": {"x": mark}}, "groups": {"a": mark},
            }  # fmt: skip
            (event,) = decoded([sent])
            lines.append(with_arrival(encode_row(event, project.id), place))
    warehouse.insert(lines)
    return ours, theirs


def run(project: Project, text: str) -> Any:
    return project.warehouse.run(statement.build(text, project.context()))


# ── refused ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS)
def test_is_refused_with_a_sentence(project: Project, text: str) -> None:
    refusal = refusal_of(lambda: statement.build(text, project.context()))
    assert isinstance(refusal, BadRequest)
    assert refusal.path == "$.query"
    assert refusal.detail.endswith(".")
    assert "\x1b" not in refusal.detail, "no colours of sqlglot's"
    assert len(refusal.detail) < 400


def test_a_refusal_says_what_and_where(project: Project) -> None:
    said = {
        "SELECT file('x')": "There is no function “file” here.",
        "SELECT * FROM users": "There is no table “users”; there are events and event_hourly_mv.",
        "SELECT 1 FORMAT JSON": "FORMAT cannot be used here (SELECT).",
        "DROP TABLE events": "A statement is one SELECT.",
        "SELECT 1 +\n+ FROM": "line 2",
    }
    for text, words in said.items():
        refusal = refusal_of(lambda text=text: statement.build(text, project.context()))
        assert refusal is not None
        assert words in refusal.detail


HERE = "☞"
"""In a statement: where the fault is."""
PLACED = {
    "a function": "SELECT ☞file('x')",
    "a function on a later line": "SELECT 1,\n\tlength(☞file('/etc/passwd'))\nFROM events",
    "a function behind odd letters": "SELECT 'é日\U0001f389', ☞file('x')",
    "an aggregate": "SELECT ☞sumState(1)",
    "a table": "SELECT * FROM ☞users",
    "a table in a subquery": "SELECT *\nFROM (\n  SELECT *\n  FROM ☞system.tables\n)",
    "a table of a function": "SELECT * FROM ☞numbers(10)",
    "a format": "SELECT 1 ☞FORMAT JSON",
    "settings, and the word as a text": "SELECT 'settings' ☞SETTINGS max_threads = 1",
    "PREWHERE": "SELECT 1 FROM events ☞PREWHERE 1",
    "a type": "SELECT CAST(☞1 AS Nothing)",
    "a name": "SELECT event AS ☞`a{b}` FROM events",
    "a placeholder": "SELECT ☞{a:String}",
    "no SELECT": "\n  ☞DROP TABLE events",
    "a second statement": "SELECT 1; SELECT ☞2",
    "a word that is missing": "SELECT 1 +\n+ ☞FROM",
    "a word too many": "SELECT event, 1 FORM ☞events",
    "a text without an end": "SELECT 1,\n  ☞'abc",
    "a name without an end": "SELECT 1, ☞`abc",
    "WITH for a table's name": "WITH ☞events AS (SELECT 1) SELECT * FROM events",
    "a name behind IN": "SELECT 1 WHERE ☞1 IN (migrations)",
}
TOLD_BY_THE_ENGINE = {
    "an unknown name": "SELECT event,\n  ☞nothing\nFROM events",
    "a name of another table": "SELECT 1 FROM events AS e WHERE ☞x.page = ''",
    "a value that is no number": "SELECT toInt64(☞'ab cd')",
    "a function of another type": "SELECT 1, ☞toStartOfHour(event) FROM events",
    "a funnel of fractions": "SELECT ☞windowFunnel(1800)(timestamp, event = 'a') FROM events",
}


def placed(marked: str) -> tuple[str, tuple[int, int]]:
    before, _, behind = marked.partition(HERE)
    return before + behind, (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)


@pytest.mark.parametrize("marked", PLACED.values(), ids=PLACED)
def test_a_refusal_has_line_and_column(project: Project, marked: str) -> None:
    text, place = placed(marked)
    refusal = refusal_of(lambda: statement.build(text, project.context()))
    assert refusal is not None
    assert refusal.position is not None, refusal.detail
    assert (refusal.position.line, refusal.position.column) == place, refusal.detail


@pytest.mark.parametrize("marked", TOLD_BY_THE_ENGINE.values(), ids=TOLD_BY_THE_ENGINE)
def test_what_the_engine_says_is_found_in_the_text(project: Project, marked: str) -> None:
    text, place = placed(marked)
    with pytest.raises(BadRequest) as refusal:
        run(project, text)
    position = statement.position_of(refusal.value.detail, text)
    assert position is not None, refusal.value.detail
    assert (position.line, position.column) == place, refusal.value.detail


NO_PLACE = {"nothing", "a comment alone", "a comment that ends the statement", "too long", "too deep",
            "too deep in subqueries"}  # fmt: skip


def test_every_attack_has_a_place_but_what_is_nowhere(project: Project) -> None:
    found = {name: refusal_of(lambda text=text: statement.build(text, project.context()))
             for name, text in ATTACKS.items()}  # fmt: skip
    assert {name for name, refusal in found.items() if refusal is not None and refusal.position is None} == NO_PLACE


@pytest.mark.parametrize(
    "text", ["SELECT nothing FROM events", "SELECT toInt64('x')", "SELECT event + 1 FROM events", "SELECT sum(), max()"]
)
def test_what_the_engine_will_not_have_is_the_caller_s_to_mend(project: Project, text: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        run(project, text)
    said = refusal.value.detail
    assert said.startswith("The engine says: ")
    assert not re.search(r"DB::Exception|project_id|PREWHERE|scope|__table", said), said


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT arrayJoin(range({OWN_ROWS + 1}))",
        "SELECT arraySum(arrayMap(x -> arraySum(arrayMap(y -> y * x, range(100000))), range(100000)))",
        "SELECT repeat(toString(arrayJoin(range(2000))), 1000000)",
    ],
    ids=["rows", "memory", "bytes"],
)
def test_a_statement_that_takes_too_much_is_stopped(project: Project, text: str) -> None:
    with pytest.raises(QueryRefused, match=r"rows|memory"):
        run(project, text)


# ── answered ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_is_answered(pair: tuple[Project, Project], text: str) -> None:
    ours, _ = pair
    rows = run(ours, text)
    assert rows.rows
    assert "secret" not in repr(rows)


def test_everything_that_can_be_said_is_said_by_one_of_them() -> None:
    said = {type(node) for text in ACCEPTED.values() for node in statement._read(text).walk()}
    assert {kind.__name__ for kind in statement._NODES if kind not in said} == set()


def test_every_function_is_one_of_the_engine_s(warehouse: Warehouse) -> None:
    asked = (
        "SELECT name, is_aggregate FROM system.functions UNION ALL SELECT alias_to, is_aggregate FROM system.functions"
    )
    rows = warehouse.select(Query(text=asked, params={})).rows
    combined = {name + ending for name, aggregate in rows if aggregate for ending in _COMBINATORS}
    assert set(FUNCTIONS.values()) - {name for name, _ in rows} - combined == set()


def test_no_function_reaches_beyond_its_values() -> None:
    reaching = re.compile(
        r"^(file|url$|dict|joinGet|sleep|throwIf|getSetting|getMacro|getServer|current|host|fqdn|version|server|tcp|"
        r"address|demangle|catboost|evalML|arrayReduce|initializeAgg|finalizeAgg|runningAcc|in$|notIn|globalIn|nullIn|"
        r"hasColumn|generateRandom|remote|merge|numbers|executable|python|trap|buildId|zookeeper|filesystem|queryID|"
        r"encrypt|decrypt|aes_|tryDecrypt|identity|materialize|ignore|blockNumber|rowNumber|neighbor|shard|bitmap)"
        r"|(State|Merge|MergeState|SimpleState|ForEach)$",
        re.IGNORECASE,
    )
    assert [name for name in FUNCTIONS.values() if reaching.search(name)] == []


def test_what_is_sent_stands_nowhere_in_what_is_run(project: Project) -> None:
    text = "SELECT 'it''s \\n {a:b} %s $x `' AS x, position('canary', 'a') FROM events WHERE page = 'canary'"
    query = statement.build(text, project.context())
    assert "canary" not in query.text
    assert "it's" not in query.text
    assert {"canary", "it's \n {a:b} %s $x `"} <= {value for value in query.params.values() if isinstance(value, str)}


@examples(30)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30))
def test_any_text_is_itself(warehouse: Warehouse, new_project: Callable[[], Project], text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "''")
    assert run(new_project(), f"SELECT '{quoted}', length('{quoted}')").rows == [[text, len(text.encode())]]


def test_columns_and_types_come_with_the_rows(project: Project) -> None:
    rows = run(project, "SELECT 1 AS a, 'x' AS b, 18446744073709551615 AS c, 0 / 0 AS d, toDate('2026-01-02') AS e")
    answer = statement.shape(rows.columns, rows.rows)
    assert answer.columns == ["a", "b", "c", "d", "e"]
    assert answer.types == ["UInt8", "String", "UInt64", "Float64", "Date"]
    assert answer.rows == [[1, "x", 2**64 - 1, None, "2026-01-02"]]


DOCUMENT = Path(__file__).parents[2] / "docs" / "guide" / "sql.md"


@pytest.mark.parametrize("table", statement.TABLES)
def test_every_column_is_documented_with_its_type(project: Project, table: str) -> None:
    chapter = DOCUMENT.read_text().partition(f"### {table}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| .+ \|$", chapter, re.MULTILINE)
    columns = run(project, f"SELECT * FROM {table} LIMIT 0").columns
    assert rows == [tuple(column) for column in columns]


def test_every_statement_of_the_document_is_answered(project: Project) -> None:
    statements = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert len(statements) >= 3
    for text in statements:
        run(project, text)


OF_S1 = {
    "verify": "SELECT event, count() AS total, uniqExact(session_id) AS sessions, min(timestamp) AS first_seen,"
    " max(timestamp) AS last_seen FROM events WHERE timestamp >= now() - INTERVAL 1 HOUR GROUP BY event"
    " ORDER BY total DESC",
    "trend": "SELECT toStartOfFifteenMinutes(timestamp) AS time, count() AS total, uniqExact(user_id) AS unique_users,"
    " uniqExact(session_id) AS unique_sessions FROM events WHERE 1 = 1 AND event = 'a' AND page = '1' AND"
    " timestamp >= '2026-01-01' AND timestamp <= '2026-04-01' GROUP BY time ORDER BY time",
    "funnel": "SELECT countIf(level >= 1) AS step_1_a, countIf(level >= 2) AS step_2_b FROM (SELECT user_id,"
    " windowFunnel(1800)(toDateTime(timestamp), event = 'a', event = 'b') AS level FROM events WHERE timestamp"
    " BETWEEN '2026-01-01' AND '2026-04-01' AND event IN ('a', 'b') GROUP BY user_id)",
    "the eight columns": "SELECT event, properties, user_id, session_id, page, device, app_version, timestamp"
    " FROM events",
    "properties": "SELECT JSONExtractString(properties, 'plan') AS plan, count() FROM events GROUP BY plan",
    "rollup": "SELECT event, page, device, hour, sum(event_count) FROM event_hourly_mv"
    " GROUP BY event, page, device, hour",
}


@pytest.mark.parametrize("text", OF_S1.values(), ids=OF_S1)
def test_S1_statements_over_its_names_are_answered(pair: tuple[Project, Project], text: str) -> None:
    run(pair[0], text)


def test_events_have_every_column_of_the_table_that_was_sent(warehouse: Warehouse, project: Project) -> None:
    asked = "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'events'"
    columns = {name for (name,) in warehouse.select(Query(text=asked, params={})).rows}
    inner = {"project_id", "arrival", "person_key", "own_key", "session_key"}
    found = {name for name, _ in run(project, "SELECT * FROM events LIMIT 1").columns}
    assert found == columns - inner | {"person_id"}


def test_a_person_is_the_linked_user_as_everywhere(project: Project) -> None:
    link = {"event": "$identify", "event_id": "2", "timestamp": BASE + 1, "anonymous_id": "a", "user_id": "ann"}
    project.store([
        {"event": "v", "event_id": "1", "timestamp": BASE, "anonymous_id": "a"}, link,
        {"event": "v", "event_id": "3", "timestamp": BASE + 2, "user_id": "ann"}, {"event": "v", "event_id": "4"},
    ])  # fmt: skip
    listed = {one["event_id"]: one["person_id"] or "" for one in project.listed()}
    asked = dict(run(project, "SELECT event_id, person_id FROM events").rows)
    assert asked == listed
    assert asked["1"] == asked["3"] != asked["4"] == ""


def test_the_hourly_view_says_what_the_engine_s_view_says(pair: tuple[Project, Project]) -> None:
    columns = "event, page, device, hour, event_count, unique_users, unique_sessions"
    for project in pair:
        asked = f"SELECT {columns} FROM event_hourly_mv WHERE project_id = {project.id}"
        there = project.warehouse.select(Query(text=asked, params={})).rows
        assert there
        assert sorted(run(project, f"SELECT {columns} FROM event_hourly_mv").rows) == sorted(there)


# ── one project's rows ───────────────────────────────────────────────────────────────────────────────────────

PLACES = {
    "a filter": "SELECT count() FROM events WHERE toInt64({0}) >= 0",
    "two filters": "SELECT count() FROM events WHERE event != '' AND toInt64({0}) >= 0 AND toInt64({0}) < 100",
    "a choice": "SELECT count() FROM events WHERE if({0} = 'secret', toInt64({0}), 1) = 1",
    "a column": "SELECT max(toInt64({0})) FROM events",
    "a group": "SELECT toInt64({0}) AS g FROM events GROUP BY g",
    "a HAVING": "SELECT event FROM events GROUP BY event HAVING sum(toInt64({0})) >= 0",
    "a count if": "SELECT countIf(toInt64({0}) >= 0) FROM events",
    "an order": "SELECT event FROM events ORDER BY toInt64({0})",
    "a join": "SELECT count() FROM events AS a JOIN events AS b ON toInt64(a.{0}) = toInt64(b.{0})",
    "a subquery": "SELECT count() FROM (SELECT toInt64({0}) AS x FROM events) WHERE x >= 0",
    "a WITH": "WITH toInt64({0}) AS x SELECT count() FROM events WHERE x >= 0",
    "an IN": "SELECT count() FROM events WHERE {0} IN (SELECT toString(toInt64({0})) FROM events)",
    "a window": "SELECT sum(toInt64({0})) OVER (ORDER BY timestamp) FROM events",
    "an interval": "SELECT count() FROM events WHERE timestamp>toDateTime('2020-01-01') AND toInt64({0}) >= 0",
}
PLACES_HOURLY = "SELECT count(), max(toInt64({0})) FROM event_hourly_mv WHERE toInt64({0}) >= 0"


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("column", ["user_id", "session_id", "page", "device", "properties.n::String"])
def test_nothing_is_computed_on_rows_of_others(pair: tuple[Project, Project], text: str, column: str) -> None:
    """A number of their text is an error, and an error tells something: whether it is there, and what it is."""
    ours, theirs = pair
    if "::" in column and "a.{0}" in text:
        column = "title"
    assert run(ours, text.format(column)).rows
    with pytest.raises(BadRequest, match=r"secret|1"):
        run(theirs, text.format(column) if "choice" not in text else text)


@pytest.mark.parametrize("column", ["page", "device"])
def test_nothing_is_computed_on_hours_of_others(pair: tuple[Project, Project], column: str) -> None:
    assert run(pair[0], PLACES_HOURLY.format(column)).rows[0][0] == 60


@pytest.mark.parametrize(("own", "foreign"), [(9_999, 1), (1, 9_999), (20_000, 20_000)])
def test_nor_where_nearly_all_rows_are_ours_or_theirs(
    warehouse: Warehouse, new_project: Callable[[], Project], own: int, foreign: int
) -> None:
    ours, theirs = new_project(), new_project()
    kept = {ours: own, theirs: foreign}
    warehouse.insert(
        with_arrival(encode_row(event, project.id), place)
        for project, many in kept.items()
        for place, event in enumerate(
            decoded(
                {"event": "e", "event_id": f"{project.id}-{n}", "timestamp": BASE + n,
                 "page": str(n) if project is ours else "secret", "properties": {"n": 1 if project is ours else "x"}}
                for n in range(many)
            )
        )
    )  # fmt: skip
    for text in PLACES.values():
        if " OVER " not in text and " ORDER BY " not in text and "JOIN" not in text and " AS g " not in text:
            assert run(ours, text.format("page")).rows
    assert run(ours, "SELECT count() FROM events WHERE properties.n::Int64 = 1 AND toInt64(page) >= 0").rows == [[own]]


IN_THE_TREE = re.compile(r"^ *(TableIdentifier|Function) (`[^`]*`|\S+)", re.MULTILINE)
OURS = {"dictGetOrDefault", "sipHash64", "intHash64", "hex", "lambda", "view", "_CAST"}
"""What we write ourselves around a table, and what the engine makes of operators and of other words."""
OPERATIONS = {
    "plus", "minus", "multiply", "divide", "modulo", "intDiv", "concat", "and", "or", "not", "equals", "notEquals",
    "less", "lessOrEquals", "greater", "greaterOrEquals", "like", "notLike", "ilike", "notILike", "in", "notIn",
    "isNull",
    "isNotNull", "negate", "tuple", "array", "arrayElement", "tupleElement", "CAST", "if", "multiIf", "exists",
    "caseWithExpression", "countDistinct", "lambda", "toDate",
}  # fmt: skip


def read_by_the_engine(project: Project, text: str) -> tuple[set[str], set[str]]:
    """Tables and functions of a statement, by the engine's own reader."""
    query = statement.build(text, project.context())
    raw = project.warehouse._handles.run(
        lambda client, _replica: client.raw_query(f"EXPLAIN AST {query.text}", parameters=query.params)
    )
    read = raw.decode().replace("\\n", "\n")
    found = IN_THE_TREE.findall(read)
    tables = {name for kind, name in found if kind == "TableIdentifier"}
    return tables, {name for kind, name in found if kind == "Function"}


def reads_its_own(project: Project, text: str) -> None:
    tables, functions = read_by_the_engine(project, text)
    assert {name for name in tables if not name.startswith("with")} <= {"events"}, tables
    assert functions - set(FUNCTIONS.values()) - OPERATIONS - OURS == set()
    written = statement.build(text, project.context()).text
    bare = re.sub(r"FROM events PREWHERE project_id = \{p[0-9a-f]{16}:UInt32\}", "", written)
    assert " events PREWHERE" not in bare
    assert "FROM events" not in bare.replace("`", "")


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_the_engine_reads_in_it_what_we_do(project: Project, text: str) -> None:
    reads_its_own(project, text)


WORDS = st.sampled_from([
    "events", "migrations", "system.one", "links", "event_hourly_mv", "x", "event", "user_id", "1", "'secret'", "*",
    "count()", "file('/etc/passwd')", "(SELECT 1)", "(SELECT user_id FROM events)", "(migrations)", "numbers(3)",
    "`a``b`", "arrayMap(x -> x, [1])", "merge('', '.*')", "NULL", "[1]", "(1, 2)", "e.page", "toInt64(page)",
])  # fmt: skip
SHAPES = st.sampled_from([
    "SELECT {0} FROM {1}", "SELECT {0} FROM events WHERE {1} IN {2}", "WITH {0} AS {1} SELECT {2} FROM {0}",
    "WITH x AS (SELECT {0} FROM {1}) SELECT {2} FROM x", "SELECT {0} FROM events AS e JOIN {1} ON {2} = 1",
    "SELECT {0} UNION ALL SELECT {1} FROM {2}", "SELECT * FROM (SELECT {0} FROM {1}) AS {2}", "SELECT {0} AS {1}, {2}",
    "SELECT {0} FROM {1} AS {2}", "SELECT {0} FROM events ARRAY JOIN {1} AS {2}", "SELECT {0} IN ({1}, {2})",
    "SELECT {0} FROM events GROUP BY {1} ORDER BY {2}", "SELECT ({0} AS {1}) + {2}", "SELECT {0}.{1} FROM {2}",
    "SELECT CASE WHEN {0} THEN {1} ELSE {2} END FROM events", "SELECT {0} FROM events, {1}, {2}", "{0} {1} {2}",
])  # fmt: skip


@examples(400)
@given(shape=SHAPES, words=st.tuples(WORDS, WORDS, WORDS))
def test_whatever_is_accepted_reads_its_own_rows(
    pair: tuple[Project, Project], shape: str, words: tuple[str, str, str]
) -> None:
    ours, _ = pair
    text = shape.format(*words)
    if refusal_of(lambda: statement.build(text, ours.context())) is not None:
        return
    try:
        reads_its_own(ours, text)
        rows = run(ours, text).rows
    except (BadRequest, QueryRefused) as error:
        rows = error.detail
    except ClickHouseError:  # of EXPLAIN: what the engine cannot read, it cannot run
        with pytest.raises(BadRequest, match="cannot read"):
            run(ours, text)
        return
    assert "'secret'" in text or "secret" not in repr(rows)
