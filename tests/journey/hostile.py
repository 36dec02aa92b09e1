"""Ten thousand requests that no honest client sends, the same ones at each run."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import brotli
import zstandard

from tests.journey.server import ADMIN_KEY, WRITE_KEY

FIELDS = (
    "event", "event_id", "timestamp", "sent_at", "seq", "user_id", "anonymous_id", "session_id", "page", "url",
    "referrer", "title", "section", "component", "component_hash", "action", "locale", "screen", "app_version",
    "device", "browser", "os", "groups", "properties", "context", "user_agent", "received_at", "batch", "key",
    "nombre", "accion", "usuario", "tipo_usuario", "data", "batch_id", "dropped", "utm_source",
)  # fmt: skip

VALUES = (
    "null", "true", "false", "0", "-0", "-1", "1e5", "1E+5", "0.1", "1e400", "-1e400", "1e-400", "9" * 400,
    "-" + "9" * 30, "9007199254740993", "18446744073709551616", "-9223372036854775809", "1.7976931348623157e308",
    '""', '" "', '"a"',
    '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\ufeff"', '"\u202e"', '"2026-02-30"',
    '"2026-01-01T25:00:00Z"', '"9999-12-31T23:59:59.999-23:59"', '"0001-01-01T00:00:00+23:59"', '"NaN"', '"null"',
    '"2026-03-02T10:00:00Z"', '"1e5"', '"' + "x" * 300 + '"', '"' + "é" * 5000 + '"', '"\\\\"', '"\\""', '"\\/"',
    '"http://["', '"http://user:secret@[::1]:99999/?a=%ff#/!/"', "[]", "{}", "[null]", '{"": 1}', '{"a.b": 1}',
    '{"a": {"b": 1}, "a.b": 2}', '{"a": 1, "a": 2}', '{"a": 1, "a": {"b": 2}}', '{"a": [1, "x", {"b": []}]}',
    '{"\\u0000": 1}', '{"traits": {"name": 5}}', '{"component_name": [], "interaction_type": 1}', '{"a": 1e400}',
    '[{"a": 1}, {"a": "x"}]', '{"2026-01-02": "2026-01-02T10:00:00Z"}', '{"`": 1, "\'": 2, "\\\\": 3, "\\t": 4}',
)  # fmt: skip

KEYS = (
    "",
    "a",
    "b",
    "a.b",
    "a.b.c",
    ".",
    "..",
    "é",
    "💩",
    "\x00",
    " ",
    "`",
    "'",
    '"',
    "\\",
    "\n",
    "null",
    "0",
    "a" * 300,
)

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}

AGENTS = (
    "",
    "Mozilla/5.0 " + "(" * 500,
    "\x7f\xfe",
    "a" * 4000,
    "bot",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)",
)


class Attack(NamedTuple):
    """A request, and what must be kept of it: the properties' text by event id."""

    kind: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    kept: dict[str, str]


def attacks(seed: int, count: int) -> Iterator[Attack]:
    chance = random.Random(seed)
    kinds = list(_KINDS.items())
    for number in range(count):
        kind, make = kinds[number % len(kinds)]
        body, headers, kept = make(chance, f"h{number:05}x{chance.getrandbits(32):08x}")
        if kept or chance.random() < 0.7:
            path, key = "/api/events/collect", WRITE_KEY
        else:
            path, key = chance.choice(
                [("/api/events/import", ADMIN_KEY), ("/api/tracking", WRITE_KEY), ("/api/analytics", WRITE_KEY)]
            )
        head = [("host", "localhost"), ("authorization", f"Bearer {key}"), *headers]
        yield Attack(kind, path, head, body, kept)


Made = tuple[bytes, list[tuple[str, str]], dict[str, str]]


def _any_json(chance: random.Random, event_id: str) -> Made:
    """An event of our own shape whose properties are whatever JSON can be; it must come back as it was."""
    properties = _object(chance, chance.randint(0, 5))
    return _event_text(event_id, properties), [], {event_id: properties}


def _deep(chance: random.Random, event_id: str) -> Made:
    """Objects and arrays in each other, as deep as anybody reads and deeper."""
    depth = int(2 ** chance.uniform(1, 12))
    opening, closing = chance.choice([("[", "]"), ('{"a":', "}"), ('[{"a.b":', "}]"), ('{"":[', "]}")])
    properties = f'{{"deep": {opening * depth}1{closing * depth}}}'
    return _event_text(event_id, properties), [], {event_id: properties}


def _wide(chance: random.Random, event_id: str) -> Made:
    """Very many keys, sometimes of its own: the engine has to remember each name."""
    count = int(2 ** chance.uniform(0, 10))
    own = event_id if chance.random() < 0.05 else "key"
    names = [f'"{own}{number}{chance.choice(["", ".a", ".b"])}":{number}' for number in range(count)]
    properties = "{" + ",".join(names) + "}"
    return _event_text(event_id, properties), [], {event_id: properties}


def _wrong_field(chance: random.Random, event_id: str) -> Made:
    fields = {"event": '"hostile"', "event_id": json.dumps(event_id)}
    for _ in range(chance.randint(1, 3)):
        fields[chance.choice(FIELDS)] = chance.choice(VALUES)
    members = [f"{json.dumps(name)}: {value}" for name, value in fields.items()]
    if chance.random() < 0.2:
        members.append(chance.choice(members))
    text = "{" + ", ".join(members) + "}"
    shape = chance.choice(["%s", "[%s]", '{"batch": [%s]}', '{"context": %s, "event": "hostile"}', "[%s, 5, null, []]"])
    return (shape % text).encode("utf-8", "surrogatepass"), [], {}


def _mutated(chance: random.Random, event_id: str) -> Made:
    body = bytearray(_event_text(event_id, _object(chance, 3)))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(body)) if body else 0
        match chance.randrange(5):
            case 0:
                body[place : place + 1] = chance.randbytes(1)
            case 1:
                del body[place : place + chance.randint(1, 9)]
            case 2:
                body[place:place] = body[place // 2 :][: chance.randint(1, 30)]
            case 3:
                body[place:place] = chance.choice(
                    [b"\x00", b"\xff", b'"', b"\\", b"[", b"}", b",", b"\xed\xa0\x80", b"NaN"]
                )
            case _:
                body = body[: place + 1]
    return bytes(body), [], {}


def _noise(chance: random.Random, event_id: str) -> Made:
    body = chance.randbytes(chance.randint(0, 300))
    return chance.choice([b"", b"{", b"[", b"\xef\xbb\xbf{", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x00"]) + body, [], {}


def _strange_text(chance: random.Random, event_id: str) -> Made:
    """Lone surrogates, NUL, BOM, other encodings, white space where it may and may not be."""
    text = json.dumps({"event": "hostile", "event_id": event_id, "title": chance.choice(KEYS)}, ensure_ascii=False)
    variants: list[bytes] = [
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
        text.encode("utf-32-be"),
        text.encode() + b"\x00",
        text.encode() + b" \r\n\t",
        b" \r\n\t" + text.encode(),
        text.replace("hostile", "\\ud800").encode(),
        text.replace("hostile", "\ud800").encode("utf-8", "surrogatepass"),
        text.replace("hostile", "host\x00ile").encode(),
        text.replace("hostile", "host\\u0000ile").encode(),
        text.replace("{", "{\x0b").encode(),
        text.replace("'", "\u2028").encode(),
        text.encode() * 2,
        text.encode() + b"\n" + text.encode(),
        b"[" * chance.randint(1, 2000),
        b"[" * 700 + b"]" * 700,
        b'{"batch":' * 50 + b"[]" + b"}" * 50,
        b'{"batch": [' + text.encode() + b'], "sent_at": ' + chance.choice(VALUES).encode("utf-8", "replace") + b"}",
        b'{"batch": [' + text.encode() + b'], "key": ' + chance.choice(VALUES).encode("utf-8", "replace") + b"}",
    ]
    return chance.choice(variants), [], {}


def _broken_encoding(chance: random.Random, event_id: str) -> Made:
    name = chance.choice(list(COMPRESS))
    body = bytearray(COMPRESS[name](_event_text(event_id, _object(chance, 3))))
    match chance.randrange(4):
        case 0:
            body = body[: chance.randrange(len(body))]
        case 1:
            body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        case 2:
            body += chance.randbytes(chance.randint(1, 20))
        case _:
            name = chance.choice([*COMPRESS, "gzip, br", "br, gzip, gzip", "identity, zstd", "GZIP", ","])
    headers = [] if chance.random() < 0.2 else [("content-encoding", name)]
    return bytes(body), headers, {}


def _odd_headers(chance: random.Random, event_id: str) -> Made:
    choices = [
        ("content-type", chance.choice(["", ";", "application/json;" * 20, "text/plain;charset=utf-7", "a/b", "\xff"])),
        ("content-encoding", chance.choice(["", ",,", "none", "gzip" + ", gzip" * 300, "\xe9"])),
        ("user-agent", chance.choice(AGENTS)),
        ("origin", chance.choice(["null", "", "x" * 2000, "https://a\xe9.example", "*"])),
        ("cookie", chance.choice(["footfall_session=", "=;;;", "footfall_session=" + "\xff" * 40, "a" * 3000])),
        ("accept", "\x01"),
        ("x-forwarded-for", "203.0.113.7, \xff"),
        ("x" * 500, "y" * 500),
        ("expect", "100-continue"),
        ("accept-encoding", "gzip;q=nan"),
        ("range", "bytes=0-0"),
        ("if-none-match", "*"),
    ]
    return _event_text(event_id, "{}"), chance.sample(choices, chance.randint(1, 4)), {}


_KINDS: dict[str, Callable[[random.Random, str], Made]] = {
    "any JSON": _any_json,
    "deep": _deep,
    "wide": _wide,
    "wrong field": _wrong_field,
    "mutated": _mutated,
    "noise": _noise,
    "strange text": _strange_text,
    "broken encoding": _broken_encoding,
    "odd headers": _odd_headers,
}


def _event_text(event_id: str, properties: str) -> bytes:
    return f'{{"event": "hostile", "event_id": "{event_id}", "properties": {properties}}}'.encode(
        "utf-8", "surrogatepass"
    )


def _object(chance: random.Random, size: int) -> str:
    space = chance.choice(["", " ", "\n\t"])
    members = [f"{_key(chance)}{space}:{space}{_value(chance, 3)}" for _ in range(size)]
    return "{" + space + f"{space},{space}".join(members) + space + "}"


def _key(chance: random.Random) -> str:
    return json.dumps(chance.choice(KEYS), ensure_ascii=chance.random() < 0.5)


def _value(chance: random.Random, depth: int) -> str:
    if depth and chance.random() < 0.4:
        inside = [_value(chance, depth - 1) for _ in range(chance.randint(0, 4))]
        if chance.random() < 0.5:
            return "[" + ", ".join(inside) + "]"
        return "{" + ",".join(f"{_key(chance)}: {value}" for value in inside) + "}"
    return chance.choice(VALUES)
