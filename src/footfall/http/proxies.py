"""Who is calling, where a proxy of ours stands in between: `X-Forwarded-For`, `-Proto`, `-Host`.

Anybody can write these headers, so they count only in what a trusted proxy passes on, and the list of addresses
is read from its end: the last entry was written by our proxy, the one before it by whoever that one trusts.
"""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Any

import msgspec

from footfall.settings import Network


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    address: str
    scheme: str
    host: bytes


def caller_of(peer: str, scheme: str, headers: Iterable[tuple[bytes, bytes]], trusted: tuple[Network, ...]) -> Caller:
    """`peer` is the other end of the connection."""
    lists: dict[bytes, list[str]] = {}
    host = b""
    for name, value in headers:
        if name == b"host":
            host = value
        elif name.startswith(b"x-forwarded-"):
            lists.setdefault(name, []).extend(part.strip() for part in value.decode("latin-1").split(","))
    if not _is_trusted(peer, trusted):
        return Caller(address=peer, scheme=scheme, host=host)
    address = peer
    for hop in reversed(lists.get(b"x-forwarded-for", [])):
        if not _is_address(hop):
            break
        address = hop
        if not _is_trusted(hop, trusted):
            break
    proto = _last(lists.get(b"x-forwarded-proto"))
    forwarded_host = _last(lists.get(b"x-forwarded-host"))
    return Caller(
        address=address,
        scheme=proto if proto in {"http", "https"} else scheme,
        host=forwarded_host.encode("latin-1") if forwarded_host else host,
    )


def told(scope: Any, trusted: tuple[Network, ...]) -> Any:
    """A request's scope as the caller would have written it."""
    peer = (scope.get("client") or ("", 0))[0]
    if not _is_trusted(peer, trusted):
        return scope
    caller = caller_of(peer, scope["scheme"], scope["headers"], trusted)
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return scope | {
        "client": (caller.address, 0),
        "scheme": caller.scheme,
        "headers": [*headers, (b"host", caller.host)],
    }


def _is_trusted(address: str, trusted: tuple[Network, ...]) -> bool:
    if not trusted or not _is_address(address):
        return False
    parsed = ip_address(address)
    # A socket for both kinds shows an IPv4 address inside an IPv6 one.
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return any((mapped or parsed) in network for network in trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _last(values: list[str] | None) -> str:
    return values[-1].lower() if values else ""
