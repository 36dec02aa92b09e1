"""Whatever is sent: never a 5xx, and every event that was acknowledged is stored or in quarantine, as it was sent."""

import asyncio
import base64
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from footfall.insights import INSIGHTS as EVERY_KIND
from tests.journey.hostile import Attack, attacks
from tests.journey.server import Server, unique

CONNECTIONS = 12


class Result(msgspec.Struct):
    attack: Attack
    status: int
    body: bytes


async def fire(port: int, all_of_them: Iterator[Attack]) -> list[Result]:
    """Send them over kept-alive connections, several at a time."""
    results: list[Result] = []

    async def one_connection() -> None:
        reader = writer = None
        for attack in all_of_them:
            if writer is None or writer.is_closing():
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert reader is not None
            head = [f"POST {attack.path}?verbose=1 HTTP/1.1", *(f"{name}: {value}" for name, value in attack.headers)]
            text = "\r\n".join([*head, f"content-length: {len(attack.body)}", "", ""])
            try:
                writer.write(text.encode("latin-1") + attack.body)
                await writer.drain()
                status, headers, body = await asyncio.wait_for(_answer(reader), 60)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                raise AssertionError(f"no answer to {attack.kind}: {attack.body[:200]!r}") from error
            results.append(Result(attack, status, body))
            if headers.get("connection") == "close" or reader.at_eof():
                writer.close()
        if writer is not None:
            writer.close()

    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    return results


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split()[1])
        if status != 100:
            break
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    return status, headers, await reader.readexactly(int(headers.get("content-length", "0")))


@pytest.fixture(scope="module", params=[4_000, pytest.param(10_000, marks=pytest.mark.slow)])
def how_many(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(scope="module")
def siege(how_many: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("siege")) as opened:
        yield opened


@pytest.fixture(scope="module")
def results(siege: Server, how_many: int) -> list[Result]:
    return asyncio.run(fire(siege.port, attacks(seed=20260302, count=how_many)))


def test_every_request_is_answered_and_never_with_a_fault_of_ours(results: list[Result], how_many: int) -> None:
    assert len(results) == how_many
    faults = [result for result in results if result.status >= 500]
    assert not faults, [(fault.attack.kind, fault.attack.headers, fault.attack.body[:300]) for fault in faults[:5]]
    statuses = Counter(result.status for result in results)
    assert statuses.keys() <= {200, 400, 401, 403, 413, 415, 431}, statuses
    assert statuses[200] > how_many / 3, statuses


def test_refusals_say_why(results: list[Result]) -> None:
    for result in results:
        if result.status >= 400 and result.body:  # a head that is no HTTP is refused before us, without a body
            problem = msgspec.json.decode(result.body)
            assert problem["status"] == result.status
            assert problem["detail"]
            assert "Traceback" not in problem["detail"]


def test_accepted_is_stored_and_quarantined_and_duplicates(siege: Server, results: list[Result]) -> None:
    outcomes = Counter(
        outcome["status"]
        for result in results
        if result.status == 200
        for outcome in msgspec.json.decode(result.body)["results"]
    )
    status = siege.settled()
    assert status["accepted"] == outcomes["ok"] + outcomes["quarantined"]
    assert status["stored"] == len(siege.events())
    refused = list(siege.quarantined())
    assert status["quarantined"] == len(refused)
    assert status["stored"] + status["quarantined"] + status["duplicates"] == status["accepted"]
    assert all(one["reason"] and one["detail"] and one["path"] for one in refused)


def test_json_comes_back_letter_for_letter_or_lies_in_quarantine(siege: Server, results: list[Result]) -> None:
    kept: dict[str, str] = {}
    for result in results:
        if result.attack.kept:
            assert result.status == 200, (result.status, result.attack.body[:300], result.body)
            kept |= result.attack.kept
    siege.settled()
    found = list(siege.stored())
    stored = {one.event_id: bytes(one.properties).decode() for one in found}
    # Some attacks look like somebody's card, or are long texts; those are what the guide says of them.
    whole = {one.event_id for one in found if not one.redacted}
    quarantined = {each for one in siege.quarantined() for each in re.findall(r"h\d{5}x[0-9a-f]{8}", one["sent"])}
    assert len(kept) > len(results) / 5
    for event_id, properties in kept.items():
        if event_id in stored:
            assert event_id not in whole or stored[event_id] == properties
            assert event_id not in quarantined
        else:
            assert event_id in quarantined, properties[:300]
    assert sum(event_id in whole for event_id in kept) > len(kept) / 2


def test_nothing_that_was_acknowledged_as_good_is_refused_later(siege: Server, results: list[Result]) -> None:
    """What the engine refuses must be found before the acknowledgement; a burial is the last resort."""
    siege.settled()
    buried = [one for one in siege.quarantined() if one["reason"] == "engine_refused"]
    assert not buried, [(one["detail"], one["sent"][:300]) for one in buried[:5]]


def test_the_server_still_works_and_its_log_is_clean(siege: Server, results: list[Result]) -> None:
    name = unique("after")
    siege.collect({"event": name})
    assert siege.event(event=name)
    assert siege.ask("/api/events/trend", event=name)[0]["total"] == 1
    assert siege.ask("/api/tracking/stats")["totalInteracciones"] >= 0
    assert siege.reader.get("/api/tracking/export.csv").status_code == 200
    assert siege.ask("/api/catalog/events", since="P366D")["events"]
    assert "Traceback" not in siege.log_text()
    assert "ERROR" not in siege.log_text()


def test_what_came_in_survives_a_restart(siege: Server, results: list[Result]) -> None:
    before = siege.settled(), {one.event_id: bytes(one.properties) for one in siege.stored()}
    siege.restart()
    assert (siege.settled(), {one.event_id: bytes(one.properties) for one in siege.stored()}) == before


# ── ids, names and values are texts like any others ──────────────────────────────────────────────────────────

TEXTS = [
    "'", '"', "\\", "\\'", "`", "\t", "\n", "\r\n", "\x00", "a\x00b", "\x7f", " ", "  a  ", "é", "e\u0301", "💩",
    "\u2028", "\ufeff", "\u202e", "%s", "%", "_", "{x:String}", "$project", "$$", "[1]", "['a']", "(", "NULL", "null",
    "\\N", "\\u0000", "0", "-0", "1e5", "true", "a,b", "a;b", "--", "/*", "*/", "' OR 1=1 --", "$identify ", "*a",
    "💩" * 100, "x" * 200,
]  # fmt: skip


def test_the_same_id_is_once_whatever_stands_in_it(fresh: Server) -> None:
    def send() -> dict[str, Any]:
        for start in range(0, len(TEXTS), 10):
            fresh.collect([{"event": "e", "event_id": text} for text in TEXTS[start : start + 10]])
        return fresh.settled()

    for round_ in (0, 1, 2):
        status = send()
        assert (status["stored"], status["quarantined"]) == (len(TEXTS), 0)
        assert status["duplicates"] == round_ * len(TEXTS)
        fresh.kill9()  # the next round finds the ids in the warehouse
        fresh.start()
    assert sorted(event["event_id"] for event in fresh.events()) == sorted(TEXTS)


def test_pages_go_past_any_id(server: Server) -> None:
    name = unique("paged")
    server.collect([{"event": name, "event_id": f"{name}{text}"[:200], "timestamp": 1767323045} for text in TEXTS])
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = server.ask("/api/events", event=name, limit=3, **cursor)
        found += [event["event_id"] for event in page["data"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert len(found) == len(TEXTS)
    assert set(found) == {f"{name}{text}"[:200] for text in TEXTS}


@pytest.fixture(scope="module")
def told(server: Server) -> dict[str, str]:
    """An event name for each text; its events carry the text as user and page, and others that nearly do."""
    names = {text: unique("text") for text in TEXTS}
    for text, name in names.items():
        near = [text, text + "x", "x" + text, text[:-1] + "y"]
        server.collect([{"event": name, "user_id": one, "page": one} for one in near])
    server.settled()
    return names


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_is_found_as_itself_and_nothing_else_is(server: Server, told: dict[str, str], text: str) -> None:
    name = told[text]
    assert [event["user_id"] for event in server.events(event=name, user_id=text)] == [text]
    answer = server.insight(
        "trend",
        series=[
            {"event": name, "filters": [{"property": "page", "operator": operator, "values": [text]}]}
            for operator in ("is", "is_not")
        ],
    )
    assert [series["total"] for series in answer["series"]] == [1, 3]


@pytest.fixture(scope="module")
def named(server: Server) -> dict[str, str]:
    """For each text an event whose name begins with it, and a second step after it."""
    names = {text: text + unique("n") for text in TEXTS if len(text) <= 150}
    steps = [[{"event": name, "user_id": "u"}, {"event": name + "x", "user_id": "u"}] for name in names.values()]
    server.collect([event for both in steps for event in both])
    server.settled()
    return names


@pytest.mark.parametrize("text", [text for text in TEXTS if len(text) <= 150], ids=ascii)
def test_an_event_may_have_any_name(server: Server, named: dict[str, str], text: str) -> None:
    name = named[text]
    assert server.event(event=name)["event"] == name
    answer = server.insight("funnel", steps=[{"event": name}, {"event": name + "x"}], window="PT1H")
    assert [step["event"] for step in answer["steps"]] == [name, name + "x"]
    assert [step["users"] for step in answer["steps"]] == [1, 1]


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────


WHOM = "Somebody"
FEW = ["", "'", "\\", "\x00", "\n", "💩", "{x:String}", "$project", "*", "x" * 5000]
"""For parameters that meet the engine as a value: `test_a_text_is_found_as_itself` has the rest."""


def _cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")


TIMES = [
    "", "0", "-1", "now", "99999999999999999999999", "-99999999999999", "1e400", "NaN", "0001-01-01", "9999-12-31",
    "9999-12-31T23:59:59.999-23:59", "0001-01-01T00:00:00+23:59", "2026-02-30", "2026-W01-1", "20260101",
    "\uff11\uff12\uff13\uff14",
    "2026-01-01T00:00:00.000000000000001Z", "253402300799999", "1" * 4000, "\x00", "2026-01-01T24:00:00Z",
]  # fmt: skip
NUMBERS = ["", "0", "-1", "1e3", "0x10", "1.5", "NaN", "9" * 30, "\uff19", "\x00", "true"]
CURSORS = [
    "", "x", "=", "💩", "A" * 5000, _cursor([10**30, "x"]), _cursor([-(2**63), "\x00"]), _cursor([1.5, 1]), _cursor({}),
    _cursor([2**63, "x"]), _cursor([2**63, 1]), _cursor([2**64 - 1, 2**64 - 1]), _cursor([2**64 - 1]),
    _cursor([1]), _cursor("x"), _cursor([2**63 - 1, "'"]), base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]  # fmt: skip
FILTERS = [*FEW, "[]", "[5]", "[{}]", "[" * 2000, '[{"property": "", "operator": "is", "values": []}]']
QUESTIONS: dict[str, dict[str, list[str]]] = {
    "/api/events": {
        "event": FEW,
        "session_id": FEW,
        "from": TIMES,
        "to": TIMES,
        "limit": NUMBERS,
        "cursor": CURSORS,
        "filters": FILTERS,
    },
    "/api/events/trend": {"event": FEW, "page": FEW, "start": TIMES, "end": TIMES, "granularity": FEW},
    "/api/events/funnel": {"steps": [*FEW, "a," * 3000, "\x00,'"], "start": TIMES, "end": TIMES},
    "/api/catalog/properties": {"event": FEW, "since": ["P", "P1W"]},
    "/api/catalog/values": {
        "property": [*FEW, "page", 'properties["', "properties.'`", "person.'", "group.\x00", "[" * 500],
        "prefix": FEW,
        "event": FEW,
        "limit": NUMBERS,
    },
    "/api/catalog/events": {"since": [*TIMES, "P", "PT", "P0D", "P99999W", "PT0.001S", "P1D" * 1000, "P\uff11D"]},
    "/api/tracking": {"page": [*NUMBERS, "1000000000"], "limit": NUMBERS},
    "/api/live": {"event": FEW, "user_id": FEW, "filters": FILTERS},
    "/api/people": {"search": FEW, "filters": FILTERS, "include_bots": NUMBERS, "limit": NUMBERS, "cursor": CURSORS},
    f"/api/people/{WHOM}/events": {"limit": NUMBERS, "cursor": CURSORS},
    f"/api/people/{WHOM}/sessions": {"limit": NUMBERS, "cursor": CURSORS},
    "/api/annotations": {"from": TIMES, "to": TIMES, "limit": NUMBERS, "cursor": CURSORS},
    "/api/quarantine": {"cursor": [*NUMBERS, str(2**63)], "limit": NUMBERS},
    "/signin": {"token": FEW},
}


NEEDED = {"/api/events/funnel": {"steps": "a,b"}, "/api/catalog/values": {"property": "page"}}


@pytest.fixture(scope="module")
def somebody(server: Server) -> None:
    server.collect([{"event": "seen", "user_id": WHOM}, {"event": "seen", "user_id": WHOM}])
    assert server.reader.get(f"/api/people/{WHOM}").status_code == 200


@pytest.mark.parametrize(
    ("path", "parameter"), [(path, parameter) for path, found in QUESTIONS.items() for parameter in found]
)
def test_no_question_is_a_fault_of_ours(server: Server, somebody: None, path: str, parameter: str) -> None:
    needed = NEEDED.get(path, {})
    faults = {}
    for value in QUESTIONS[path][parameter]:
        # Of the live feed, the head is the answer.
        with server.reader.stream("GET", path, params=needed | {parameter: value}) as answer:
            if answer.status_code >= 500:
                faults[value[:60]] = answer.status_code
    assert not faults


@pytest.mark.parametrize("unit", ["people", "events", "sessions"])
def test_no_page_of_a_list_is_a_fault_of_ours(server: Server, somebody: None, unit: str) -> None:
    question = {"series": [{"event": "seen", "measure": "unique_sessions"}], "pointer": {"series": 0}}
    for cursor in CURSORS:
        answer = server.reader.post(f"/api/insights/trend/{unit}", json=question, params={"cursor": cursor})
        assert answer.status_code in {200, 400}, (cursor, answer.text)


@pytest.mark.parametrize("cursor", [[2**63, "x"], [2**64 - 1, "x"], [10**30, "x"], [-1, "x"]])
@pytest.mark.parametrize("path", ["/api/annotations", "/api/events", f"/api/people/{WHOM}/events"])
def test_a_cursor_beyond_time_is_refused_with_its_place(
    server: Server, somebody: None, path: str, cursor: list[Any]
) -> None:
    answer = server.reader.get(path, params={"cursor": _cursor(cursor)})
    assert (answer.status_code, answer.json().get("path")) == (400, "$.cursor")


def _filter(**members: Any) -> dict[str, Any]:
    return {"filters": [{"property": "page", **members}]}


INSIGHTS: dict[str, dict[str, Any]] = {
    "a start beyond time": {"from": 1e300},
    "a start before time": {"from": -1e300},
    "an end beyond 64 bits": {"to": 10**30},
    "all of time": {"from": 0, "to": 253_402_300_800_000},
    "a now beyond time": {"now": 1e18},
    "a now before time": {"now": -1e18},
    "the last instant, with an offset": {"from": "9999-12-31T23:59:59-23:59"},
    "the first instant, with an offset": {"from": "0001-01-01T00:00:00+23:59", "to": "0001-01-02"},
    "a minute's buckets since 1970": {"interval": "minute", "from": 0},
    "a zone that is a path": {"timezone": "../../etc/passwd"},
    "a zone of NUL": {"timezone": "\x00"},
    "a long zone": {"timezone": "x" * 5000},
    "a zone of nothing": {"timezone": ""},
    "many values": _filter(operator="is", values=["x"] * 20_000),
    "a value of nothing": _filter(operator="contains", values=[""]),
    "no expression": _filter(operator="matches", values=["("]),
    "a long expression": _filter(operator="matches", values=["(a+)+$" * 200]),
    "an expression of NUL": _filter(operator="matches", values=["\x00"]),
    "between three": _filter(operator="between", values=["1", "x", "3"]),
    "greater than infinity": _filter(operator="gt", values=["1e999"]),
    "a deep property": {"filters": [{"property": "properties" + ".a" * 3000, "operator": "is_set"}]},
    "half a property": {"filters": [{"property": 'properties["', "operator": "is_set"}]},
    "a property of NUL": {"filters": [{"property": "properties.\x00", "operator": "is", "values": ["x"]}]},
    "a property of quotes": {"filters": [{"property": "properties.'`\"\\", "operator": "is", "values": ["x"]}]},
    "a group of quotes": {"filters": [{"property": "group.'`\"\\", "operator": "is_not", "values": ["x"]}]},
    "five hundred filters": {"filters": [{"property": "page", "operator": "is_set"}] * 500},
    "no window": {"window": "PT0S"},
    "a window of centuries": {"window": "P99999D"},
}


KINDS: dict[str, dict[str, Any]] = {
    "trend": {"series": [{"event": "*", "measure": "unique_sessions"}]},
    "funnel": {"steps": [{"event": "a"}, {"event": "b"}]},
    "retention": {},
    "lifecycle": {},
    "stickiness": {},
    "paths": {},
    "overview": {},
    "sessions": {},
    "dwell": {},
    "components": {},
}


def test_every_kind_is_asked() -> None:
    assert KINDS.keys() == EVERY_KIND.keys()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hostile", INSIGHTS)
def test_no_insight_is_a_fault_of_ours(server: Server, kind: str, hostile: str) -> None:
    answer = server.reader.post(f"/api/insights/{kind}", content=msgspec.json.encode(KINDS[kind] | INSIGHTS[hostile]))
    assert answer.status_code in {200, 400, 413, 422}, answer.text


def test_methods_and_paths_that_nobody_made(server: Server, new_path: Callable[[], Iterator[str]]) -> None:
    for path in new_path():
        for method in ("GET", "POST", "PUT", "HEAD", "OPTIONS", "TRACE", "PATCH", "FOOTFALL"):
            answer = server.admin.request(method, path)
            assert answer.status_code < 500, (method, path)


@pytest.fixture
def new_path() -> Callable[[], Iterator[str]]:
    def paths() -> Iterator[str]:
        yield from (
            "/",
            "//",
            "/%00",
            "/%ff",
            "/api/%2e%2e/x",
            "/api/keys/%00",
            "/api/keys/" + "x" * 3000,
            "/api//events",
        )
        yield from ("/api/events/", "/api/keys/a%2fb", "/page.css/x", "/healthz?" + "a=b&" * 500, "/metrics?%ff=%ff")

    return paths
