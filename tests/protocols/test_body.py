"""Bodies: inflating within a bound, and taking JSON apart without trusting it."""

import gzip
import json
import random
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from footfall.model.errors import BadRequest, TooLarge, Unsupported
from footfall.protocols.body import entries_of, fault_of, inflate, members_of
from tests.support.processor import within_seconds_of_the_processor
from tests.support.refusal import refusal_of

LIMIT = 5 * 1024 * 1024
BODY = b'{"event":"a","properties":{"x":"%s"}}' % (b" " * 1000)


def deflate(body: bytes) -> bytes:
    return zlib.compress(body)


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(body)


def zstd_of_unknown_size(body: bytes) -> bytes:
    packer = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", deflate),
    "deflate without its wrapper": ("deflate", raw_deflate),
    "br": ("br", lambda body: brotli.compress(body, quality=5)),
    "zstd": ("zstd", zstd),
    "zstd of unknown size": ("zstd", zstd_of_unknown_size),
}
PACKED = pytest.mark.parametrize(("encoding", "pack"), PACKERS.values(), ids=PACKERS)


# ── inflating ────────────────────────────────────────────────────────────────────────────────────────────────


@PACKED
def test_every_encoding_is_read(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    assert inflate(pack(BODY), encoding, LIMIT) == BODY
    assert inflate(pack(BODY), encoding.upper(), LIMIT) == BODY


@PACKED
@pytest.mark.parametrize("events", [1, 10, 100, 500, 1000])
def test_a_body_of_any_size_comes_out_whole(encoding: str, pack: Callable[[bytes], bytes], events: int) -> None:
    """Streams of different lengths begin with different bytes, some of them with a bracket (brotli: 64 KiB)."""
    entry = '{"event":"page_view","user_id":"u%d","properties":{"a":%r}}'
    chance = random.Random(1)
    body = f"[{','.join(entry % (chance.randrange(10**6), chance.random()) for _ in range(events))}]".encode()
    assert inflate(pack(body), encoding, LIMIT) == body


@PACKED
def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(
    encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    assert len(inflate(pack(b" " * LIMIT), encoding, LIMIT)) == LIMIT
    with pytest.raises(TooLarge):
        inflate(pack(b" " * (LIMIT + 1)), encoding, LIMIT)


@PACKED
def test_a_bomb_is_cut_off_while_inflating(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(64 * 1024 * 1024))
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            inflate(bomb, encoding, LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * LIMIT


def test_a_bomb_in_a_bomb_is_cut_off_at_the_first() -> None:
    inner = gzip.compress(bytes(64 * 1024 * 1024))
    with pytest.raises(TooLarge):
        inflate(gzip.compress(inner), "gzip, gzip", LIMIT)


def test_a_zstd_frame_that_asks_for_more_memory_than_browsers_allow_is_refused() -> None:
    packer = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27)
    ).compressobj()
    with pytest.raises(BadRequest):
        inflate(packer.compress(BODY) + packer.flush(), "zstd", LIMIT)


@PACKED
def test_a_body_that_is_cut_off_is_refused(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    whole = pack(BODY)
    for length in range(1, len(whole)):
        try:
            text = inflate(whole[:length], encoding, LIMIT)
        except BadRequest:
            continue
        # Nothing but a checksum was missing, or its beginning came out, which the next step refuses as no JSON.
        assert BODY.startswith(text)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@given(garbage=st.binary(max_size=200))
@example(garbage=b"\x1f\x8b")
@example(garbage=b"\x28\xb5\x2f\xfd")
@example(garbage=b"\x78\x9c")
@example(garbage=gzip.compress(b"{}")[:-8] + bytes(8))
def test_any_bytes_are_inflated_or_refused(encoding: str, garbage: bytes) -> None:
    with suppress(BadRequest, TooLarge):
        assert len(inflate(garbage, encoding, 1000)) <= 1000


@PACKED
@given(flipped=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_harmless(
    encoding: str, pack: Callable[[bytes], bytes], flipped: int, bit: int
) -> None:
    broken = bytearray(pack(BODY))
    broken[flipped % len(broken)] ^= 1 << bit
    with suppress(BadRequest, TooLarge):
        assert len(inflate(bytes(broken), encoding, LIMIT)) <= LIMIT


def test_gzip_members_and_zstd_frames_may_follow_each_other() -> None:
    half = len(BODY) // 2
    assert inflate(gzip.compress(BODY[:half]) + gzip.compress(BODY[half:]), "gzip", LIMIT) == BODY
    assert inflate(zstd(BODY[:half]) + zstd(BODY[half:]), "zstd", LIMIT) == BODY


def test_the_bound_holds_over_all_members_together() -> None:
    member = gzip.compress(bytes(1024 * 1024))
    assert len(inflate(member * 5, "gzip", LIMIT)) == LIMIT
    with pytest.raises(TooLarge):
        inflate(member * 6, "gzip", LIMIT)


def test_a_body_of_empty_members_takes_time_in_proportion_to_their_number() -> None:
    """Not to its square: 250 000 of them fit into the limit."""
    within_seconds_of_the_processor(
        """
        import gzip
        from footfall.protocols.body import inflate
        assert inflate(gzip.compress(b"") * 250_000 + gzip.compress(b"{}"), "gzip", 5_242_880) == b"{}"
        """
    )


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        pytest.param("gzip, br", lambda body: brotli.compress(gzip.compress(body)), id="undone from the right"),
        pytest.param("br,deflate", lambda body: deflate(brotli.compress(body)), id="without a space"),
        pytest.param("gzip, gzip", lambda body: gzip.compress(gzip.compress(body)), id="the same twice"),
        pytest.param("gzip", lambda body: gzip.compress(gzip.compress(body)), id="once more than the header says"),
        pytest.param("identity", lambda body: body, id="identity"),
        pytest.param("", gzip.compress, id="gzip without a header"),
        pytest.param("", zstd, id="zstd without a header"),
        pytest.param("identity", gzip.compress, id="gzip that says identity"),
        pytest.param("gzip", lambda body: body, id="gzip that is none"),
        pytest.param("br", lambda body: b" \n" + body, id="br that is none"),
        pytest.param("zstd, gzip", lambda body: body, id="two that are none"),
        pytest.param("gzip, zstd", zstd, id="one of two that is none"),
    ],
)
def test_a_header_that_lies_is_forgiven(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    assert inflate(pack(BODY), encoding, LIMIT).strip() == BODY


@pytest.mark.parametrize("encoding", ["compress", "lzma", "gzip, snappy", "*", "gzip;q=1", "x" * 10_000])
def test_an_encoding_that_is_not_known_is_named_in_the_refusal(encoding: str) -> None:
    with pytest.raises(Unsupported) as refused:
        inflate(BODY, encoding, LIMIT)
    assert len(refused.value.detail) < 200


@pytest.mark.parametrize(
    ("sent", "encoding"),
    [(b"BZh9", "gzip"), (zstd(BODY)[4:], "br"), (b"", "br"), (gzip.compress(BODY), "zstd")],
    ids=["bzip2", "zstd without its head", "nothing", "gzip for zstd"],  # gzip has the time in it
)
def test_what_is_neither_json_nor_what_the_header_says_is_refused(sent: bytes, encoding: str) -> None:
    with pytest.raises(BadRequest) as refused:
        inflate(sent, encoding, LIMIT)
    assert "Content-Encoding" in refused.value.detail


def test_a_body_without_compression_is_not_bounded_here() -> None:
    assert inflate(BODY, "", 10) == BODY


# ── JSON, taken apart ────────────────────────────────────────────────────────────────────────────────────────

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
TROUBLE = '"\\ud800"'
"""Half of a surrogate pair: JSON by the standard, refused by the strict parser."""


def pretty(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


@given(st.lists(JSON, max_size=6), st.booleans())
def test_elements_keep_their_own_text(values: list[Any], ascii_only: bool) -> None:
    texts = [json.dumps(value, ensure_ascii=ascii_only).encode() for value in values]
    assert entries_of(b"[%s]" % b" ,\n".join(texts)) == texts


@given(st.lists(JSON, max_size=6), st.integers(0, 6))
def test_one_bad_element_does_not_cost_the_others_their_text(values: list[Any], place: int) -> None:
    texts = [pretty(value) for value in values]
    texts.insert(place, TROUBLE.encode())
    assert entries_of(b" [ %s ] " % b" , ".join(texts)) == texts


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_members_keep_their_own_text(values: dict[str, Any]) -> None:
    texts = {name: pretty(value) for name, value in values.items()}
    strict = b"{%s}" % b",".join(b"%s:%s" % (json.dumps(name).encode(), text) for name, text in texts.items())
    assert members_of(strict) == texts
    trouble = b'%s%s"\\u0000!":%s}' % (strict[:-1], b"," if texts else b"", TROUBLE.encode())
    assert members_of(trouble) == texts | {"\0!": TROUBLE.encode()}


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [10, 5_000, 500_000])
def test_no_depth_can_hurt(opening: str, depth: int) -> None:
    closing = {"[": "]", '{"a":': "}"}[opening]
    deep = (opening * depth + "1" + closing * depth).encode()
    assert entries_of(b"[1,%s]" % deep) == [b"1", deep]
    assert members_of(b'{"x":%s}' % deep) == {"x": deep}


@pytest.mark.parametrize(
    "body",
    [
        "[", "]", "[[]", "[}", "[{]}", "[1,,2]", "[,1]", "[1,]", "[,]", "[1 2]x", "[1]]", '["a]', '["a\\"]',
        f"[{TROUBLE},]", f"[{TROUBLE}", f"[{TROUBLE}]]", f"[{TROUBLE}}}", f"[{TROUBLE},,1]", f'[{TROUBLE},"]',
        f"[,{TROUBLE}]", f"[{TROUBLE}] 1",
    ],
)  # fmt: skip
def test_what_is_no_array_is_refused(body: str) -> None:
    with pytest.raises(BadRequest):
        _judged(entries_of(body.encode()))


@pytest.mark.parametrize(
    "body",
    [
        "{", '{"a"}', '{"a":}', '{"a":1,}', '{"a":1,,"b":2}', '{"a" "b":1}', "{1:2}", "{a:1}", '{"a":1]', '{"a":1}}',
        f'{{"a":{TROUBLE},}}', f'{{"a":{TROUBLE}', f"{{{TROUBLE}}}", f'{{"a":{TROUBLE}}} 1', f'{{"a":{TROUBLE},"b"}}',
        f'{{"a":{TROUBLE},"b":}}', f"{{:{TROUBLE}}}", f'{{"a"::{TROUBLE}}}', f'{{"a":{TROUBLE},b:1}}',
    ],
)  # fmt: skip
def test_what_is_no_object_is_refused(body: str) -> None:
    with pytest.raises(BadRequest):
        _judged(list(members_of(body.encode()).values()))


def _judged(texts: list[bytes]) -> None:
    """A split is by brackets alone; each piece is judged on its own."""
    for text in texts:
        fault_of(text)


@pytest.mark.parametrize("body", [("b'[\"'", "b']'"), ("b'{\"'", "b'}'"), ("b'[1,\"'", "b'\"]'")])
def test_an_open_string_is_found_in_one_pass(body: tuple[str, str]) -> None:
    """Each quote of such a body could begin another search to its end; 5 MB of them would take days."""
    start, end = body
    within_seconds_of_the_processor(
        f"""
        from footfall.model.errors import BadRequest
        from footfall.model.event import Receipt
        from footfall.protocols.native import decode
        try:
            decode({start} + bytes([92, 34]) * 2_000_000 + {end}, Receipt(received_at=0))
        except BadRequest:
            pass
        """
    )


@given(st.binary(max_size=60) | st.text(st.sampled_from('[]{},:"\\ud8 1ae-.'), max_size=60).map(str.encode))
def test_any_bytes_are_taken_apart_or_refused(body: bytes) -> None:
    for take_apart in (entries_of, members_of):
        refusal = refusal_of(lambda take_apart=take_apart: take_apart(body))
        assert refusal is None or refusal.path == "$"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        pytest.param(b'{"a":"\\ud800"}', "invalid_text", id="half of a surrogate pair"),
        pytest.param(b'{"\\udc00":1}', "invalid_text", id="the other half, in a name"),
        pytest.param(b'{"a":"\xff"}', "invalid_utf8", id="bytes that are no UTF-8"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', "invalid_utf8", id="half of a pair in UTF-8's own form"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, "too_deep", id="too deep"),
    ],
)
def test_a_fault_has_its_reason(entry: bytes, reason: str) -> None:
    found, detail = fault_of(entry)
    assert found == reason
    assert detail.endswith(".")


@pytest.mark.parametrize(
    "entry", [b"NaN", b"-Infinity", b"{'a':1}", b"1 2", b"", b"tru", b'{"a":01}', b'"\\q"', b'"\n"']
)
def test_what_is_no_json_at_all_makes_the_whole_body_none(entry: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        fault_of(entry)
    assert refused.value.path == "$"


def test_a_number_of_many_digits_is_judged_without_being_made() -> None:
    assert fault_of(b'{"n":%s,"a":"\\ud800"}' % (b"9" * 1_000_000))[0] == "invalid_text"
