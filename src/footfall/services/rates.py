"""Limits of rate: how often a key, an address or an account may. Counted in memory, forgotten with the process.

An address is counted under a hash with a key that lives as long as the process: nothing that is kept could be
turned into an address again, and nothing is written anywhere.
"""

import hashlib
import math
import secrets
import time
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from footfall.model.errors import BadRequest, TooMany


class Rates:
    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._known: dict[str, RateLimitItem] = {}
        self._salt = secrets.token_bytes(16)

    def count(self, rate: str, whose: str, sentence: str) -> None:
        """One more. Raises `TooMany` with `sentence` when that is over the rate."""
        limit = self._limit(rate)
        if not self._limiter.hit(limit, whose):
            raise self._too_many(limit, whose, sentence)

    def check(self, rate: str, whose: str, sentence: str) -> None:
        """Raises `TooMany` when one more would be over the rate; counts nothing."""
        limit = self._limit(rate)
        if not self._limiter.test(limit, whose):
            raise self._too_many(limit, whose, sentence)

    def _limit(self, rate: str) -> RateLimitItem:
        limit = self._known.get(rate)
        return self._known.setdefault(rate, rate_limit(rate)) if limit is None else limit

    def _too_many(self, limit: RateLimitItem, whose: str, sentence: str) -> TooMany:
        window = self._limiter.get_window_stats(limit, whose)
        return TooMany(sentence, retry_after=max(1, math.ceil(window.reset_time - time.time())))

    def unnamed(self, address: str) -> str:
        """An address as it is counted. Who has one IPv6 address has the 2⁶⁴ beside it."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return "nowhere"
        if isinstance(parsed, IPv6Address):
            mapped = parsed.ipv4_mapped
            packed = mapped.packed if mapped else parsed.packed[:8]
        else:
            packed = parsed.packed
        return hashlib.blake2b(packed, key=self._salt, digest_size=16).hexdigest()


def rate_limit(text: str, path: str = "$.rate_limit") -> RateLimitItem:
    """`100/second`, `5000 per minute`. Raises `BadRequest`."""
    try:
        (limit,) = parse_many(text)
    except ValueError:
        limit = None
    if limit is None or limit.amount < 1:
        raise BadRequest("A rate limit looks like 100/second or 5000/minute.", path=path)
    return limit
