"""Bodies: inflating them within a bound, and taking JSON apart without trusting it.

What a client says of its own body is wrong often enough that the bytes are looked at as well. Splitting keeps
every entry's own text, so one bad entry never costs the others and what is refused can be shown as it was sent.
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import BinaryIO

import brotli
import msgspec
import zstandard

from footfall.model.errors import BadRequest, TooLarge, Unsupported

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_STEP = 64 * 1024


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its compression, at most `limit` bytes of it.

    `encoding` is the Content-Encoding header; several are undone from the right. A body that is gzip or zstd by
    its first bytes is inflated whatever the header says, and one that is plainly JSON is taken as it is. Raises
    `Unsupported` (415), `TooLarge` (413, cut off while inflating) and `BadRequest` (broken).
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        if name == "identity":
            continue
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise Unsupported(f"Content-Encoding “{name[:40]}” is not read here; use {', '.join(sorted(_DECODERS))}.")
        try:
            body = _bounded(decoder, body, limit)
        except BadRequest:
            if not _is_json(body):
                raise
    if body.startswith(_GZIP_MAGIC):
        body = _bounded(_inflate_gzip, body, limit)
    elif body.startswith(_ZSTD_MAGIC):
        body = _bounded(_inflate_zstd, body, limit)
    return body


def _is_json(body: bytes) -> bool:
    return body[:64].lstrip()[:1] in (b"{", b"[")


def _bounded(decoder: Callable[[bytes, int], bytes], body: bytes, limit: int) -> bytes:
    try:
        text = decoder(body, limit + 1)
    except (zlib.error, gzip.BadGzipFile, brotli.error, zstandard.ZstdError, EOFError) as error:
        raise BadRequest("The body is not what its Content-Encoding says, or is cut off.") from error
    if len(text) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes when inflated.")
    return text


def _inflate_gzip(body: bytes, most: int) -> bytes:
    with gzip.GzipFile(fileobj=BytesIO(body)) as file:
        return _read(file, most)


def _inflate_deflate(body: bytes, most: int) -> bytes:
    try:
        return _inflate_zlib(body, most, zlib.MAX_WBITS)
    except zlib.error:  # "deflate" without its zlib wrapper, as some clients send it
        return _inflate_zlib(body, most, -zlib.MAX_WBITS)


def _inflate_zlib(body: bytes, most: int, bits: int) -> bytes:
    stream = zlib.decompressobj(bits)
    out = stream.decompress(body, most)
    if not stream.eof and len(out) < most:
        raise EOFError
    return out


def _read(file: BinaryIO | gzip.GzipFile, most: int) -> bytes:
    out = bytearray()
    while len(out) < most and (part := file.read(min(_STEP, most - len(out)))):
        out += part
    return bytes(out)


def _inflate_brotli(body: bytes, most: int) -> bytes:
    decoder = brotli.Decompressor()
    out = bytearray(decoder.process(body, output_buffer_limit=_STEP))
    while not decoder.is_finished() and len(out) < most:
        part = decoder.process(b"", output_buffer_limit=_STEP)
        if not part and not decoder.is_finished() and decoder.can_accept_more_data():
            raise EOFError
        out += part
    return bytes(out)


def _inflate_zstd(body: bytes, most: int) -> bytes:
    # The frame says how much memory its window wants; 8 MiB is what browsers allow (RFC 9659).
    decoder = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024)
    return _read(decoder.stream_reader(BytesIO(body), read_across_frames=True), most)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _inflate_gzip,
    "x-gzip": _inflate_gzip,
    "deflate": _inflate_deflate,
    "br": _inflate_brotli,
    "zstd": _inflate_zstd,
}


# ── JSON, taken apart ────────────────────────────────────────────────────────────────────────────────────────

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{},:]', re.DOTALL)
"""Possessive, and an open text is a token too: every byte is looked at once, whatever it holds."""
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def entries_of(array: bytes) -> list[bytes]:
    """The elements of a JSON array, each in its own text. Raises `BadRequest` for what is no JSON."""
    try:
        return [bytes(raw) for raw in _raws.decode(array)]
    except (msgspec.DecodeError, RecursionError):
        return [value for _, value in _split(array, b"[", b"]")]


def members_of(obj: bytes) -> dict[str, bytes]:
    """The members of a JSON object, each value in its own text. Raises `BadRequest` for what is no JSON."""
    try:
        return {name: bytes(raw) for name, raw in _members.decode(obj).items()}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {_name(name): value for name, value in _split(obj, b"{", b"}")}


def fault_of(entry: bytes) -> tuple[str, str]:
    """Why an entry cannot be an event although its brackets match: (reason, sentence).

    Raises `BadRequest` when it is not JSON at all, since then the body as a whole is not.
    """
    try:
        text = entry.decode("utf-8")
    except UnicodeDecodeError:
        return "invalid_utf8", "The text is not UTF-8."
    try:
        json.loads(text, parse_constant=_no_constant, parse_int=len)  # len: digits past int()'s own limit
    except RecursionError:
        return "too_deep", "The JSON is nested too deeply to be read."
    except ValueError as error:
        raise _malformed(str(error)) from None
    # What the standard allows and UTF-8 cannot carry: half of a surrogate pair, a number past a double.
    return "invalid_text", "A text holds half of a surrogate pair, which no UTF-8 can carry."


def _name(text: bytes) -> str:
    try:
        name = json.loads(text)
    except ValueError as error:
        raise _malformed(str(error)) from None
    if not isinstance(name, str):
        raise _malformed("a member has no name")
    return name


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _malformed(why: str) -> BadRequest:
    return BadRequest(f"The body is not JSON: {why[:200]}.", path="$")


def _split(text: bytes, opening: bytes, closing: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, value) of each element at depth one, by brackets alone, so that no depth can hurt.

    Used only for what the strict parser refuses; every value is judged again by `fault_of`.
    """
    text = text.strip()
    if text[:1] != opening or text[-1:] != closing:
        raise _malformed("unmatched brackets")
    depth = 0
    start = 1
    name = b""
    expected: list[bytes] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in (b"[", b"{"):
            depth += 1
            expected.append(b"]" if token == b"[" else b"}")
        elif token in (b"]", b"}"):
            if not expected or expected.pop() != token:
                raise _malformed("unmatched brackets")
            depth -= 1
        if token == b":" and depth == 1 and opening == b"{" and not name:
            name, start = text[start : match.start()].strip(), match.end()
        elif (token == b"," and depth == 1) or depth == 0:
            value = text[start : match.start()].strip()
            if value:
                yield name, value
            elif token == b"," or name or start > 1:
                raise _malformed("an element is missing")
            name, start = b"", match.end()
            if depth == 0 and match.end() != len(text):
                raise _malformed("something follows its end")
    if depth:
        raise _malformed("it is cut off")
