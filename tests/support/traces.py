"""All that a server has on its disk, as bytes to search in: files as they are, and what the engine compressed.

ClickHouse writes its columns in blocks of LZ4, in which a text that came before is only pointed at: a search of the
files alone finds some of what is there and misses the rest.
"""

from collections.abc import Iterator
from pathlib import Path

import lz4.block
import zstandard

_CHECKSUM = 16
_HEAD = 9
"""Of a block, behind its checksum: a byte for the method, four for its size with this head, four for what it holds."""
_LZ4, _ZSTD = 0x82, 0x90


def traces(folder: Path) -> bytes:
    """Everything below a folder."""
    return b"\n".join(text for path in sorted(folder.rglob("*")) if path.is_file() for text in _texts(path))


def _texts(path: Path) -> Iterator[bytes]:
    held = path.read_bytes()
    yield held
    yield from _blocks(held)


def _blocks(held: bytes) -> Iterator[bytes]:
    """What is in a file of blocks; nothing, where it is none."""
    at = 0
    while at + _CHECKSUM + _HEAD <= len(held):
        head = at + _CHECKSUM
        method = held[head]
        size, inside = (int.from_bytes(held[head + place : head + place + 4], "little") for place in (1, 5))
        body = held[head + _HEAD : head + size]
        if size <= _HEAD or head + size > len(held):
            return
        try:
            if method == _LZ4:
                yield lz4.block.decompress(body, uncompressed_size=inside)
            elif method == _ZSTD:
                yield zstandard.decompress(body, max_output_size=inside)
        except (lz4.block.LZ4BlockError, zstandard.ZstdError):
            return
        at = head + size
