"""The cooldown of S1's evaluator, for those who let it run beside this server: `event-alert:{id}` in a Redis.

While S1 has told of a rule, nobody is told again; what was told here keeps S1 silent. Ours are known by their value,
so that they hold back nothing of ours: what repeats is the catalog's to say (ADR 0077).
"""

import logging

from redis.asyncio import Redis

from footfall.model.errors import BadRequest
from footfall.stores.trouble import Trouble

SECONDS = 2.0
"""To wait for an answer. Without one, people are told: twice is better than never."""
_OURS = b"footfall"

_log = logging.getLogger("footfall.alerts")


class Cooldowns:
    def __init__(self, url: str) -> None:
        """Raises `BadRequest` for an address that is none. It may hold a password, so it is not repeated."""
        try:
            self._redis = Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
            self._redis.connection_pool.make_connection()  # connects to nobody, and knows every word of the address
        except (ValueError, TypeError):
            raise BadRequest("A Redis looks like redis://user:password@host:6379/0.", path="--redis") from None
        self._trouble = Trouble(_log, "the Redis of cooldowns answers again")

    async def is_held(self, rule_id: str) -> bool:
        """Whether another than us has told of the rule within its cooldown."""
        try:
            value = await self._redis.get(_key(rule_id))
        except Exception as error:  # noqa: BLE001 - whatever it is, people are told
            self._met(error)
            return False
        self._trouble.over()
        return value is not None and value != _OURS

    async def begin(self, rule_id: str, minutes: int) -> None:
        """People have been told."""
        if minutes <= 0:
            return
        try:
            await self._redis.set(_key(rule_id), _OURS, ex=minutes * 60)
        except Exception as error:  # noqa: BLE001 - they have been told
            self._met(error)

    async def close(self) -> None:
        await self._redis.aclose()

    def _met(self, error: Exception) -> None:
        self._trouble.met(f"the Redis of cooldowns does not answer ({type(error).__name__}), so all are told")


def _key(rule_id: str) -> str:
    return f"event-alert:{rule_id}"
