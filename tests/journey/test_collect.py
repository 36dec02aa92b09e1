"""`POST /api/events/collect` and its neighbours, as `contract.md` describes them ("Events in")."""

import base64
import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import httpx
import msgspec
import pytest
import zstandard

from tests.journey.people import follow
from tests.journey.server import ADMIN_KEY, READ_KEY, WRITE_KEY, Server, speak, unique

LIMIT = 5 * 1024 * 1024
ORIGIN = "https://shop.example"


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


# ── compression ──────────────────────────────────────────────────────────────────────────────────────────────

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def _raw_deflate(text: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(text) + squeeze.flush()


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        *(pytest.param(name, compress, id=name) for name, compress in COMPRESSIONS.items()),
        pytest.param("GZip", gzip.compress, id="in any case"),
        pytest.param("deflate", _raw_deflate, id="deflate without its wrapper"),
        pytest.param("identity", bytes, id="identity"),
        pytest.param("gzip, zstd", lambda text: COMPRESSIONS["zstd"](gzip.compress(text)), id="one inside another"),
        pytest.param("gzip", lambda text: gzip.compress(text[:20]) + gzip.compress(text[20:]), id="gzip in members"),
        pytest.param("gzip", bytes, id="a header and no compression"),
    ],
)
def test_inflates_what_content_encoding_names(
    server: Server, encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    name = unique("inflated")
    server.collect(compress(msgspec.json.encode([{"event": name}])), headers={"content-encoding": encoding})
    assert server.event(event=name)


@pytest.mark.parametrize("encoding", COMPRESSIONS)
def test_a_large_batch_arrives_whole(server: Server, encoding: str) -> None:
    name = unique("large")
    batch = [{"event": name, "event_id": f"{name}-{n}", "page": "/pricing"} for n in range(1000)]
    server.collect(COMPRESSIONS[encoding](msgspec.json.encode(batch)), headers={"content-encoding": encoding})
    assert {event["event_id"] for event in server.events(event=name)} == {event["event_id"] for event in batch}


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_knows_compressed_bytes_without_a_header(server: Server, encoding: str) -> None:
    name = unique("sniffed")
    body = COMPRESSIONS[encoding](msgspec.json.encode({"event": name}))
    server.collect(body, headers={"content-type": "text/plain"})
    assert server.event(event=name)


@pytest.mark.parametrize("encoding", COMPRESSIONS)
def test_a_body_cut_off_while_compressed_is_refused_as_a_whole(server: Server, encoding: str) -> None:
    name = unique("cut")
    body = COMPRESSIONS[encoding](msgspec.json.encode([{"event": name, "properties": {"n": n}} for n in range(200)]))
    server.collect(body[: len(body) // 2], headers={"content-encoding": encoding}, status=400)
    assert server.events(event=name) == []


def test_refuses_encodings_that_it_does_not_read(server: Server) -> None:
    server.collect(b"{}", headers={"content-encoding": "compress"}, status=415)


@pytest.mark.parametrize("content_type", ["image/png", "text/html", "multipart/form-data; boundary=x"])
def test_refuses_content_types_that_hold_no_events(server: Server, content_type: str) -> None:
    server.collect({"event": "never"}, headers={"content-type": content_type}, status=415)


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
    longest = {"a": "b" * (65536 - len('{"a":""}'))}
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


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _basic(user: str, password: str = "") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


CARRIERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "Bearer": lambda key: {"headers": {"authorization": f"Bearer {key}"}},
    "bearer in lower case": lambda key: {"headers": {"authorization": f"bearer {key}"}},
    "Basic user name": lambda key: {"headers": _basic(key)},
    "Basic user name with any password": lambda key: {"headers": _basic(key, "x")},
    "address": lambda key: {"params": {"key": key}},
    "body": lambda key: {"json": {"batch": [{"event": "carried"}], "key": key}},
}


def _post(server: Server, path: str = "/api/events/collect", **arguments: Any) -> httpx.Response:
    return server.anybody.post(path, **({"json": {"event": "carried"}} | arguments))


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_write_key_travels_as(server: Server, carrier: str) -> None:
    assert _post(server, **CARRIERS[carrier](WRITE_KEY)).status_code == 204


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_key_that_nobody_made_is_refused_as(server: Server, carrier: str) -> None:
    before = server.status()["accepted"]
    answer = _post(server, **CARRIERS[carrier]("nobody-made-this"))
    assert answer.status_code == 401
    assert "nobody-made-this" not in answer.text
    assert server.status()["accepted"] == before


def test_no_key_is_401_and_names_the_scheme(server: Server) -> None:
    answer = _post(server)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer None", "Bearer", "Digest abc", "Basic"])
def test_a_header_without_a_key_is_no_key(server: Server, header: str) -> None:
    assert _post(server, headers={"authorization": header}).status_code == 401


@pytest.mark.parametrize("scope", ["read", "stats"])
def test_a_key_of_another_scope_sends_nothing(server: Server, scope: str) -> None:
    assert _post(server, headers={"authorization": f"Bearer {server.make_key(scope)}"}).status_code == 403


def test_an_admin_key_sends_as_well(server: Server) -> None:
    assert _post(server, headers={"authorization": f"Bearer {ADMIN_KEY}"}).status_code == 204


@pytest.mark.parametrize("key", [READ_KEY, ADMIN_KEY])
def test_only_write_keys_travel_in_the_address(server: Server, key: str) -> None:
    assert _post(server, params={"key": key}).status_code == 403
    assert server.anybody.get("/api/events", params={"key": key}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/events"),
        ("GET", "/api/events/trend"),
        ("GET", "/api/tracking"),
        ("GET", "/api/tracking/export"),
        ("GET", "/api/tracking/export.csv"),
        ("GET", "/api/quarantine"),
        ("GET", "/api/ingest/status"),
        ("GET", "/api/keys"),
    ],
)
def test_a_write_key_reads_nothing(server: Server, method: str, path: str) -> None:
    assert server.sender.request(method, path).status_code == 403
    assert server.anybody.request(method, path).status_code == 401


def test_only_an_admin_manages_keys(server: Server) -> None:
    assert server.reader.get("/api/keys").status_code == 403
    assert server.reader.post("/api/keys", json={"scope": "admin"}).status_code == 403
    assert server.reader.delete("/api/keys/key_1").status_code == 403


def test_any_string_can_be_a_write_key_and_a_revoked_one_is_nothing(server: Server) -> None:
    value = unique("WK_SEG é'\"")
    made = server.create_key("write", value=value, name="Segment's")
    sent = {"json": {"batch": [{"event": "carried"}], "key": value}}
    assert _post(server, **sent).status_code == 204
    assert server.admin.delete(f"/api/keys/{made['key']['id']}").status_code == 204
    assert _post(server, **sent).status_code == 401


def test_a_key_is_shown_once(server: Server) -> None:
    made = server.create_key("write", name="shop")
    listed = server.admin.get("/api/keys")
    assert made["key"] in listed.json()
    assert made["value"] not in listed.text


@pytest.mark.parametrize("carrier", ["Bearer", "address", "body"])
def test_a_key_bound_to_origins_works_on_their_pages_only(server: Server, carrier: str) -> None:
    arguments = CARRIERS[carrier](server.make_key("write", origins=[ORIGIN]))
    headers = arguments.pop("headers", {})
    for origin, status in (
        (ORIGIN, 204),
        ("https://other.example", 403),
        (f"{ORIGIN}.evil.example", 403),
        ("null", 403),
    ):
        answer = _post(server, headers={**headers, "origin": origin}, **arguments)
        assert answer.status_code == status, origin


def test_over_its_rate_a_key_hears_429_and_when_to_come_back(server: Server) -> None:
    name = unique("limited")
    key = {"authorization": f"Bearer {server.make_key('write', rate_limit='3/hour')}"}
    statuses = [_post(server, headers=key, json={"event": name}).status_code for _ in range(5)]
    assert statuses == [204, 204, 204, 429, 429]
    last = _post(server, headers={**key, "origin": ORIGIN}, json={"event": name})
    assert 1 <= int(last.headers["retry-after"]) <= 3600
    assert "retry-after" in last.headers["access-control-expose-headers"].lower()
    assert len(server.events(event=name)) == 3


# ── without a key ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def keyless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("keyless"), FOOTFALL_KEYLESS="1") as opened:
        yield opened


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer None"}], ids=["nothing", "Bearer None"])
@pytest.mark.parametrize("path", ["/api/events/collect", "/api/tracking", "/api/analytics"])
def test_keyless_takes_events_from_everybody(keyless: Server, path: str, header: dict[str, str]) -> None:
    assert _post(keyless, path, headers=header).is_success


@pytest.mark.parametrize("path", ["/api/tracking/stats", "/api/events/trend", "/api/events/funnel?steps=a,b"])
def test_keyless_answers_aggregates_to_everybody(keyless: Server, path: str) -> None:
    assert keyless.anybody.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/api/events", "/api/tracking", "/api/tracking/export", "/api/quarantine"])
def test_keyless_shows_no_list_to_anybody(keyless: Server, path: str) -> None:
    assert keyless.anybody.get(path).status_code in {401, 403}


def test_keyless_imports_nothing(keyless: Server) -> None:
    assert _post(keyless, "/api/events/import").status_code in {401, 403}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_keyless_refuses_a_wrong_key_all_the_same(keyless: Server, carrier: str) -> None:
    assert _post(keyless, **CARRIERS[carrier]("nobody-made-this")).status_code == 401


def test_keyless_refuses_a_wrong_key_for_aggregates_too(keyless: Server) -> None:
    assert keyless.client("nobody-made-this").get("/api/tracking/stats").status_code == 401


# ── stats keys ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stats_key_answers_aggregates_on_its_own_pages(server: Server) -> None:
    key = server.make_key("stats", origins=[ORIGIN])
    for path in ("/api/tracking/stats", "/api/events/trend", "/api/events/funnel?steps=a,b"):
        answer = server.client(key).get(path, headers={"origin": ORIGIN})
        assert answer.status_code == 200, path
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert server.client(key).get(path, headers={"origin": "https://other.example"}).status_code == 403
    body = {"series": [{"event": "*"}], "interval": "day"}
    answer = server.client(key).post("/api/insights/trend", json=body, headers={"origin": ORIGIN})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/events",
        "/api/tracking",
        "/api/tracking/export",
        "/api/tracking/export.csv",
        "/api/quarantine",
        "/api/keys",
    ],
)
def test_a_stats_key_shows_no_list(server: Server, path: str) -> None:
    assert server.client(server.make_key("stats")).get(path).status_code == 403


@pytest.mark.parametrize("personal", ["user_id", "anonymous_id", "session_id", "properties.user_id", "person.email"])
def test_a_stats_key_tells_no_persons_apart(server: Server, personal: str) -> None:
    """Neither row by row nor by guessing: a filter that finds somebody is a list of one."""
    public = server.client(server.make_key("stats"))
    guess = [{"property": personal, "operator": "is", "values": ["ada"]}]
    series = [{"event": "*"}]
    for question in (
        {"series": series, "breakdown": [{"property": personal, "limit": 10}]},
        {"series": series, "filters": guess},
        {"series": series, "filters": [{"any": guess}]},
        {"series": [{"event": "*", "filters": guess}]},
    ):
        answer = public.post("/api/insights/trend", json=question)
        assert answer.status_code in {400, 403}, answer.text
    steps = [{"event": "a"}, {"event": "b", "filters": guess}]
    assert public.post("/api/insights/funnel", json={"steps": steps}).status_code in {400, 403}


# ── sizes ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_thousand_events_are_a_batch_and_one_more_is_too_many(server: Server) -> None:
    name = unique("thousand")
    server.collect([{"event": name}] * 1000)
    for body in ([{"event": name}] * 1001, {"batch": [{"event": name}] * 1001}):
        server.collect(body, status=413)
    assert len(server.events(event=name)) == 1000


def _padded(length: int) -> bytes:
    start, end = b'[{"event": "padded"}', b"]"
    return start + b" " * (length - len(start) - len(end)) + end


def test_five_mebibytes_are_taken_and_one_byte_more_is_not(server: Server) -> None:
    server.collect(_padded(LIMIT))
    server.collect(_padded(LIMIT + 1), status=413)


@pytest.mark.parametrize("encoding", COMPRESSIONS)
def test_the_limit_holds_after_inflating(server: Server, encoding: str) -> None:
    compress = COMPRESSIONS[encoding]
    server.collect(compress(_padded(LIMIT)), headers={"content-encoding": encoding})
    server.collect(compress(_padded(LIMIT + 1)), headers={"content-encoding": encoding}, status=413)


_HEAD = "POST /api/events/collect HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n{}\r\n\r\n"


def test_an_announced_size_over_the_limit_is_refused_before_it_is_sent(server: Server) -> None:
    head = _HEAD.format(WRITE_KEY, f"content-length: {LIMIT + 1}").encode()
    assert speak(server.port, head).status == 413


def test_a_stream_is_cut_off_at_the_limit(server: Server) -> None:
    head = _HEAD.format(WRITE_KEY, "transfer-encoding: chunked").encode()
    chunk = b"%x\r\n%b\r\n" % (LIMIT // 4, b" " * (LIMIT // 4))
    assert speak(server.port, head + 5 * chunk).status == 413  # the stream does not even end


def test_an_ordinary_client_hears_413_for_a_body_far_over_the_limit(server: Server) -> None:
    server.collect(b"[" + b" " * (4 * LIMIT) + b"]", status=413)


GIB = 1024**3


def _members(compress: Callable[[bytes], bytes]) -> bytes:
    portion = compress(b" " * 1024**2)
    return compress(b"[") + portion * (GIB // 1024**2)


def _brotli_bomb() -> bytes:
    squeeze = brotli.Compressor(quality=1)
    parts = [squeeze.process(b" " * 1024**2) for _ in range(GIB // 1024**2)]
    return b"".join(parts) + squeeze.finish()


def _gzip_bomb() -> bytes:
    squeeze = zlib.compressobj(1, wbits=31)
    parts = [squeeze.compress(b" " * 1024**2) for _ in range(GIB // 1024**2)]
    return b"".join(parts) + squeeze.flush()


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", _gzip_bomb),
        ("gzip", lambda: _members(gzip.compress)),
        ("br", _brotli_bomb),
        ("zstd", lambda: _members(COMPRESSIONS["zstd"])),
        ("", lambda: _members(COMPRESSIONS["zstd"])),
    ],
    ids=["gzip", "gzip in members", "brotli", "zstd", "zstd without a header"],
)
def test_a_bomb_of_a_gibibyte_is_cut_off_while_inflating(
    server: Server, encoding: str, bomb: Callable[[], bytes]
) -> None:
    body = bomb()
    assert len(body) < LIMIT
    usual = _peak_memory(server.pid)
    server.collect(body, headers={"content-encoding": encoding}, status=413)
    assert _peak_memory(server.pid) - usual < 128 * 1024**2


def _peak_memory(pid: int) -> int:
    """The most memory that the process had since this was last asked, in bytes."""
    process = Path("/proc") / str(pid)
    if not process.exists():
        pytest.skip("the memory of a process is read from /proc")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    (process / "clear_refs").write_text("5")
    return int(status["VmHWM"].split()[0]) * 1024


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'["' + b'\\"' * (LIMIT // 2 - 8) + b"]", id="a text without an end"),
        pytest.param(b'["\\ud800' + b"a" * (LIMIT - 32) + b'"]', id="a text of five mebibytes"),
        pytest.param(b'["\\ud800",' + b'"",' * (LIMIT // 3 - 32) + b'""]', id="a million texts"),
        pytest.param(b"[" * (LIMIT // 2) + b"]" * (LIMIT // 2), id="two million arrays in each other"),
        pytest.param(b'{"a":' * (LIMIT // 6) + b"1" + b"}" * (LIMIT // 6), id="a million objects in each other"),
        pytest.param(b"[" + b"9" * (LIMIT - 8) + b"]", id="a number of five million digits"),
        pytest.param(gzip.compress(b"", mtime=0) * (LIMIT // 20), id="a quarter of a million empty gzip members"),
    ],
)
def test_no_body_keeps_the_server_from_answering_others(besieged: Server, body: bytes) -> None:
    """A hostile body of an allowed size costs its sender time, and nobody else."""
    usual = _peak_memory(besieged.pid)
    with httpx.Client(base_url=besieged.url, timeout=60, trust_env=False) as attacker:
        answer = attacker.post("/api/events/collect", content=body, headers={"content-type": "text/plain"})
        assert answer.status_code in {400, 401, 413}
        assert attacker.get("/healthz").status_code == 200
    assert _peak_memory(besieged.pid) - usual < 256 * 1024**2


@pytest.fixture(scope="module")
def _under_siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("siege")) as opened:
        yield opened


@pytest.fixture
def besieged(_under_siege: Server) -> Iterator[Server]:
    """A server of its own, started anew when an attack before has silenced it."""
    yield _under_siege
    try:
        httpx.get(f"{_under_siege.url}/healthz", timeout=2, trust_env=False)
    except httpx.TransportError:
        _under_siege.kill9()
        _under_siege.start()


# ── cross origin, hosts, cookies ─────────────────────────────────────────────────────────────────────────────

INGEST = ["/api/events/collect", "/api/tracking", "/api/analytics"]


@pytest.mark.parametrize("path", INGEST)
def test_a_preflight_of_an_ingest_path_allows_what_was_asked(server: Server, path: str) -> None:
    asked = "content-type,authorization,x-retry-count"
    answer = server.anybody.options(
        path,
        headers={
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": asked,
        },
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == asked
    assert int(answer.headers["access-control-max-age"]) >= 600
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize("key", [WRITE_KEY, "nobody-made-this"], ids=["taken", "refused"])
def test_an_ingest_path_mirrors_the_origin_with_credentials(server: Server, key: str) -> None:
    answer = server.client(key).post("/api/events/collect", json={"event": "cors"}, headers={"origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "retry-after" in answer.headers["access-control-expose-headers"].lower()
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize(
    "path",
    [
        "/api/events",
        "/api/tracking",
        "/api/events/trend",
        "/api/tracking/stats",
        "/api/keys",
        "/api/ingest/status",
        "/",
    ],
)
def test_no_other_path_allows_credentials_cross_origin(server: Server, path: str) -> None:
    for client in (server.anybody, server.reader, server.admin):
        for method in ("GET", "OPTIONS"):
            headers = {"origin": ORIGIN, "access-control-request-method": "GET"}
            answer = client.request(method, path, headers=headers)
            assert "access-control-allow-credentials" not in answer.headers


def test_a_stranger_s_page_cannot_read_lists(server: Server) -> None:
    answer = server.anybody.get("/api/events", headers={"origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


@pytest.fixture
def browser(server: Server) -> Iterator[httpx.Client]:
    """A browser that has signed in by the one-time link."""
    server.restart()  # for a link of its own
    with httpx.Client(base_url=server.url, timeout=30, trust_env=False) as signed_in:
        assert follow(signed_in, server.sign_in_link()).status_code == 303
        yield signed_in


def test_a_session_of_an_owner_reads_and_manages_and_never_sends(browser: httpx.Client) -> None:
    assert browser.get("/api/events").status_code == 200
    assert browser.get("/api/keys").status_code == 200
    for path in INGEST:
        for headers in ({}, {"origin": ORIGIN}):
            assert browser.post(path, json={"event": "x"}, headers=headers).status_code == 401
    assert browser.post("/api/events/import", json={"event": "x"}).status_code == 401


def test_a_session_is_no_business_of_other_origins(browser: httpx.Client) -> None:
    cookie = browser.cookies.jar
    assert all(one.has_nonstandard_attr("HttpOnly") for one in cookie)
    assert all((one.get_nonstandard_attr("SameSite") or "").lower() == "strict" for one in cookie)
    answer = browser.get("/api/events", headers={"origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8400", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8400", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example:8400", 421),
    ],
)
def test_the_host_header_is_checked(server: Server, host: str, status: int) -> None:
    answer = server.anybody.get("/healthz", headers={"host": host})
    assert answer.status_code == status
    answer = server.sender.post("/api/events/collect", json={"event": "hosted"}, headers={"host": host})
    assert answer.status_code == (204 if status == 200 else 421)


def test_other_hosts_are_answered_when_they_are_allowed(new_server: Callable[..., Server]) -> None:
    server = new_server(FOOTFALL_ALLOWED_HOSTS="stats.example, other.example").start()
    for host, status in (("stats.example", 200), ("Other.Example:443", 200), ("localhost", 200), ("x.example", 421)):
        assert server.anybody.get("/healthz", headers={"host": host}).status_code == status


# ── import ───────────────────────────────────────────────────────────────────────────────────────────────────

FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


def test_import_needs_an_admin(server: Server) -> None:
    for client, status in ((server.anybody, 401), (server.sender, 403), (server.reader, 403), (server.admin, 204)):
        answer = client.post("/api/events/import", json={"event": "imported"})
        assert answer.status_code == status


def test_an_import_is_in_the_audit_log(server: Server) -> None:
    assert server.admin.post("/api/events/import", json={"event": "imported"}).status_code == 204
    log = server.admin.get("/api/audit", params={"limit": 1000}).json()["data"]
    assert "POST /api/events/import" in {row["what"] for row in log}


def test_import_keeps_when_and_by_what_an_event_was_sent(server: Server) -> None:
    name = unique("imported")
    sent = {
        "event": name,
        "timestamp": "2024-05-06T07:08:09.123Z",
        "sent_at": "2024-05-06T07:08:10Z",
        "received_at": "2024-05-06T09:08:10Z",  # two hours after it was sent: the clock was wrong (R27)
        "user_agent": FIREFOX,
    }
    answer = server.admin.post("/api/events/import", json=[sent])
    assert answer.status_code == 204
    event = server.event(event=name)
    assert event["received_at"] == "2024-05-06T09:08:10.000Z"
    assert event["timestamp"] == "2024-05-06T09:08:09.123Z"
    assert event["sent_at"] == "2024-05-06T07:08:10.000Z"
    assert event["device"] == "mobile"
    assert "Firefox" in event["browser"]
    assert event["os"] == "Android"


def test_collect_says_itself_when_it_received(server: Server) -> None:
    name = unique("claimed")
    server.collect({"event": name, "received_at": "2020-01-01T00:00:00Z"})
    assert not server.event(event=name)["received_at"].startswith("2020")


# ── fields ───────────────────────────────────────────────────────────────────────────────────────────────────

FIELDS = {
    "user_id": "u-1",
    "anonymous_id": "a-1",
    "session_id": "s-1",
    "page": "/cart",
    "url": "https://shop.example/cart",
    "referrer": "https://search.example/",
    "title": "Cart",
    "section": "footer",
    "component": "Checkout",
    "component_hash": "c0ffee",
    "action": "complete",
    "locale": "de-DE",
    "screen": "1280x720",
    "app_version": "1.2.3",
    "device": "fridge",
    "browser": "Own",
    "os": "Own OS",
}
CAMEL = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "session_id": "sessionId",
    "component_hash": "componentHash",
    "app_version": "appVersion",
}


@pytest.mark.parametrize("where", ["itself", "context"])
def test_every_field_comes_out_as_it_went_in(server: Server, where: str) -> None:
    name = unique("fields")
    fields: dict[str, Any] = FIELDS | {
        "seq": 7,
        "groups": {"organization": "42", "project": "7"},
        "timestamp": "2026-01-02T03:04:05.678+01:00",
    }
    sent: dict[str, Any] = {"event": name, "properties": {"a": [1, {"b": None}]}}
    if where == "context":
        sent["context"] = {CAMEL.get(field, field): value for field, value in fields.items()}
    else:
        sent |= fields
    server.collect(sent, headers={"user-agent": FIREFOX})
    event = server.event(event=name)
    assert {field: event[field] for field in fields} == fields | {"timestamp": "2026-01-02T02:04:05.678Z"}
    assert event["properties"] == {"a": [1, {"b": None}]}
    assert event["user_type"] == "registered"
    assert event["bot"] is False
    assert event["flags"] == event["violations"] == []
    assert event["person_id"]


def test_fields_that_nobody_sent_are_null(server: Server) -> None:
    name = unique("bare")
    server.collect({"event": name}, headers={"user-agent": ""})
    event = server.event(event=name)
    assert [field for field in FIELDS if event[field] is not None] == []
    assert event["seq"] is event["sent_at"] is event["person_id"] is None
    assert event["groups"] == event["properties"] == {}
    assert event["user_type"] == "anonymous"


def test_an_event_s_own_field_wins_over_its_context(server: Server) -> None:
    name = unique("both")
    server.collect({"event": name, "page": "/own", "context": {"page": "/context", "sessionId": "s"}})
    event = server.event(event=name)
    assert (event["page"], event["session_id"]) == ("/own", "s")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"user_id": 42}, {"user_id": "42"}),
        ({"context": {"userId": 42}}, {"user_id": "42"}),
        ({"groups": {"organization": 42}}, {"groups": {"organization": "42"}}),
        ({"timestamp": 1767323045}, {"timestamp": "2026-01-02T03:04:05.000Z"}),
        ({"timestamp": 1767323045678}, {"timestamp": "2026-01-02T03:04:05.678Z"}),
        ({"context": {"timestamp": 1767323045678}}, {"timestamp": "2026-01-02T03:04:05.678Z"}),
        ({"properties": {"component_name": "Cart"}}, {"component": "Cart"}),
        ({"component_name": "Cart"}, {"component": "Cart"}),
        ({"properties": {"interaction_type": "click"}}, {"action": "click"}),
        ({"properties": {"component_hash": "c0ffee"}}, {"component_hash": "c0ffee"}),
        ({"component": "Own", "properties": {"component_name": "Cart"}}, {"component": "Own"}),
        ({"url": "https://shop.example/cart?x=1#top"}, {"page": "/cart"}),
        (
            {"url": "https://shop.example/?utm_source=mail&utm_campaign=may"},
            {"utm_source": "mail", "utm_campaign": "may"},
        ),
        ({"url": "https://shop.example/?token=secret&utm_source=m"}, {"url": "https://shop.example/?utm_source=m"}),
        ({"colour": "red"}, {"properties": {"colour": "red"}}),
        ({"colour": "red", "properties": {"size": 1}}, {"properties": {"colour": "red", "size": 1}}),
        ({"context": {"viewport": [1, 2]}}, {"properties": {"viewport": [1, 2]}}),
        ({"properties": None}, {"properties": {}}),
        ({"page": None}, {"page": None}),
    ],
    ids=lambda value: msgspec.json.encode(value).decode()[:60],
)
def test_an_event_is_read_generously(server: Server, sent: dict[str, Any], stored: dict[str, Any]) -> None:
    name = unique("generous")
    assert server.verdicts({"event": name, **sent}) == [{"index": 0, "status": "ok"}]
    event = server.event(event=name)
    assert {field: event[field] for field in stored} == stored


@pytest.mark.parametrize(
    ("user_agent", "fields", "bot"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", {}, True),
        ("Mozilla/5.0 (Linux; Android 12; CUBOT P50) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36", {}, False),
        (FIREFOX, {}, False),
        ("python-requests/2.32", {}, False),
        ("footfall-client/0.1.0", {}, False),
        ("footfall-client/0.1.0 bot crawler spider", {"url": "https://shop.example/"}, False),
    ],
    ids=["a crawler", "a CUBOT phone", "a phone", "a library", "our client", "our client, whatever else it says"],
)
def test_bots_are_flagged_and_kept(server: Server, user_agent: str, fields: dict[str, Any], bot: bool) -> None:
    name = unique("agent")
    server.collect({"event": name, **fields}, headers={"user-agent": user_agent})
    assert server.event(event=name)["bot"] is bot
    trend = server.insight("trend", series=[{"event": name}], interval="day")
    assert trend["series"][0]["total"] == (0 if bot else 1)
    assert trend["meta"]["excluded_bots"] == (1 if bot else 0)
    trend = server.insight("trend", series=[{"event": name}], interval="day", include_bots=True)
    assert trend["series"][0]["total"] == 1


def test_device_browser_and_system_come_from_the_user_agent_unless_they_were_sent(server: Server) -> None:
    name = unique("device")
    server.collect({"event": name, "os": "Own"}, headers={"user-agent": FIREFOX})
    event = server.event(event=name)
    assert event["device"] == "mobile"
    assert event["browser"].startswith("Firefox")
    assert event["os"] == "Own"


def test_the_address_is_never_stored(server: Server) -> None:
    name = unique("address")
    server.collect({"event": name}, headers={"x-forwarded-for": "203.0.113.77", "forwarded": "for=203.0.113.77"})
    answer = server.reader.get("/api/events", params={"event": name})
    assert name in answer.text
    assert "203.0.113.77" not in answer.text
    assert "127.0.0.1" not in answer.text


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def noon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for which it is noon (`FOOTFALL_NOW`)."""
    with Server(tmp_path_factory.mktemp("noon"), FOOTFALL_NOW="2026-03-01T12:00:00Z") as opened:
        yield opened


CLOCKS = [
    # What a client says (timestamp, sent_at) at noon, and what is stored; R27.
    pytest.param(None, None, "12:00:00.000", [], id="no time is the time of receipt"),
    pytest.param("11:00:00", None, "11:00:00.000", [], id="a time of the past stays"),
    pytest.param("12:05:00", None, "12:05:00.000", [], id="five minutes ahead stay"),
    pytest.param("12:05:00.001", None, "12:00:00.000", ["timestamp_in_future"], id="more is impossible"),
    pytest.param("10:00:00", "10:01:00", "11:59:00.000", [], id="a clock two hours late"),
    pytest.param("14:00:00", "14:01:00", "11:59:00.000", [], id="a clock two hours early"),
    pytest.param("11:54:00", "11:55:00", "11:59:00.000", [], id="five minutes are a wrong clock"),
    pytest.param("11:54:00", "11:55:00.001", "11:54:00.000", [], id="less is the network"),
    pytest.param("12:03:00", "12:05:00", "11:58:00.000", [], id="five minutes early are a wrong clock"),
]


@pytest.mark.parametrize("whose", ["event", "batch"])
@pytest.mark.parametrize(("timestamp", "sent_at", "stored", "flags"), CLOCKS)
def test_wrong_clocks_are_corrected(
    noon: Server, timestamp: str | None, sent_at: str | None, stored: str, flags: list[str], whose: str
) -> None:
    name = unique("clock")
    times = {"timestamp": timestamp, "sent_at": sent_at}
    day = {key: None if time is None else f"2026-03-01T{time}Z" for key, time in times.items()}
    if whose == "event":
        noon.collect({"event": name, **day})
    else:
        noon.collect({"batch": [{"event": name, "timestamp": day["timestamp"]}], "sent_at": day["sent_at"]})
    event = noon.event(event=name)
    assert event["timestamp"] == f"2026-03-01T{stored}Z"
    assert event["flags"] == flags
    assert event["received_at"] == "2026-03-01T12:00:00.000Z"


def test_the_fixed_clock_is_the_now_of_questions(noon: Server) -> None:
    trend = noon.insight("trend", series=[{"event": "*"}], interval="hour", **{"from": "2026-03-01"})
    assert trend["meta"]["now"] == "2026-03-01T12:00:00.000+00:00"
    assert trend["buckets"][-1] == "2026-03-01T12:00:00+00:00"
    assert trend["incomplete"] == [False] * 12 + [True]


def test_late_events_land_on_their_own_day(noon: Server) -> None:
    name = unique("late")
    day = {"from": "2026-02-01", "to": "2026-02-02"}
    assert noon.insight("trend", series=[{"event": name}], **day)["series"][0]["values"] == [0]
    noon.collect({"event": name, "timestamp": "2026-02-01T10:00:00Z"})
    assert noon.insight("trend", series=[{"event": name}], **day)["series"][0]["values"] == [1]


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
