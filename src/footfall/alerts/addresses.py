"""Which addresses a server may be sent to by somebody who types one in: public ones, and those that were allowed.

Python's `is_global` says yes to networks that lead back inside (`governance.md`, "Alerts", 9).
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_INSIDE = tuple(
    ip_network(one)
    for one in (
        "64:ff9b::/96",  # NAT64: any IPv4 address
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4, the same
        "2001::/32",  # Teredo, the same
        "fec0::/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",  # a cloud's own
    )
)


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's at large."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        found = mapped
    inside = any(found.version == one.version and found in one for one in _INSIDE)
    return found.is_global and not found.is_multicast and not found.is_reserved and not inside
