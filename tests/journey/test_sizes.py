"""Bodies that are compressed, large or endless, on the ways in."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import httpx
import msgspec
import pytest
import zstandard

from tests.journey.server import WRITE_KEY, Server, speak, unique

LIMIT = 5 * 1024 * 1024

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
    with httpx.Client(base_url=besieged.url, timeout=180, trust_env=False) as attacker:
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
