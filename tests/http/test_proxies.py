"""Who is calling, as proxies of ours tell it: a table."""

from ipaddress import ip_network

import pytest

from footfall.http.proxies import Caller, caller_of

OURS = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"), ip_network("fd00::/8"))
HOST = (b"host", b"127.0.0.1:8400")


def called(peer: str, *headers: tuple[bytes, bytes]) -> Caller:
    return caller_of(peer, "http", [HOST, *headers], OURS)


def whence(text: str) -> tuple[bytes, bytes]:
    return (b"x-forwarded-for", text.encode())


@pytest.mark.parametrize(
    ("peer", "chain", "address"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.2.3.4, 198.51.100.1, 10.1.1.1", "198.51.100.1"),
        ("127.0.0.1", "10.1.1.1,10.1.1.2", "10.1.1.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, <script>", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1:443", "127.0.0.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("not an address", "198.51.100.1", "not an address"),
    ],
    ids=[
        "a stranger says what they like",
        "our proxy is believed",
        "what a stranger wrote before our proxy is not",
        "proxies of ours are passed over",
        "of ours alone, the first",
        "nothing said",
        "no address",
        "nothing behind what is no address is believed",
        "no port is guessed off",
        "IPv6",
        "IPv4 inside IPv6",
        "a socket without an address",
    ],
)
def test_the_address(peer: str, chain: str, address: str) -> None:
    assert called(peer, whence(chain)).address == address


def test_several_headers_are_one_list() -> None:
    assert called("127.0.0.1", whence("1.2.3.4"), whence("198.51.100.1")).address == "198.51.100.1"


@pytest.mark.parametrize(
    ("peer", "headers", "scheme", "host"),
    [
        ("127.0.0.1", [(b"x-forwarded-proto", b"https")], "https", b"127.0.0.1:8400"),
        ("127.0.0.1", [(b"x-forwarded-proto", b"HTTPS")], "https", b"127.0.0.1:8400"),
        ("127.0.0.1", [(b"x-forwarded-proto", b"javascript")], "http", b"127.0.0.1:8400"),
        ("127.0.0.1", [(b"x-forwarded-host", b"stats.example")], "http", b"stats.example"),
        ("203.0.113.7", [(b"x-forwarded-proto", b"https")], "http", b"127.0.0.1:8400"),
        ("203.0.113.7", [(b"x-forwarded-host", b"stats.example")], "http", b"127.0.0.1:8400"),
    ],
)
def test_scheme_and_host(peer: str, headers: list[tuple[bytes, bytes]], scheme: str, host: bytes) -> None:
    found = called(peer, *headers)
    assert (found.scheme, found.host) == (scheme, host)


def test_without_a_trusted_proxy_nobody_is_believed() -> None:
    found = caller_of("127.0.0.1", "http", [HOST, whence("198.51.100.1"), (b"x-forwarded-proto", b"https")], ())
    assert found == Caller(address="127.0.0.1", scheme="http", host=b"127.0.0.1:8400")
