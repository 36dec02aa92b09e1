"""Visitors of the invented shop who come now, and send what they do as a browser would.

Each is a person of the story with the browser that they have there; a batch holds what one browser did since the
last one. Nothing that fails ends the visit: an event waits and is sent again with its own id (R25).
"""

import asyncio
import time
from random import Random
from typing import Any

import httpx
import msgspec

from footfall.demo.people import Device, person_of
from footfall.demo.shop import PEOPLE, device_for, releases
from footfall.demo.visit import Visit, events_of
from footfall.model.event import Event, Millis

VISITORS = 18
"""Visits under way at once; they send three or four events a second together."""
TICK_S = 1.0
PAUSE_MS = 10_000
"""The longest time until the next visitor takes the place of one who left."""
TIMEOUT_S = 10.0

OUTDATED = 0.1
"""Visitors whose tab is of the release before, so that the tracking plan has something to say."""
_ONCE: dict[str, dict[str, str]] = {
    "page_view": {"properties": '{"type":"page"}'},
    "add_to_cart": {"event": "add_to_basket"},
}
"""By event: what that release had otherwise than the starter plan has it."""

_NEVER: Millis = 2**62
_SENT = (
    "event",
    "event_id",
    "timestamp",
    "seq",
    "user_id",
    "anonymous_id",
    "session_id",
    "url",
    "referrer",
    "title",
    "section",
    "component",
    "action",
    "locale",
    "screen",
    "app_version",
    "groups",
)
"""What a browser knows; page, campaign, device, browser and system are read from the address and its user agent."""

_encode = msgspec.json.Encoder().encode


async def run_visitor(url: str, *, seed: int, pace: float = 1.0) -> None:
    """Visit the server at `url` until cancelled. `pace` multiplies the number of visitors, not their haste."""
    town = _Town(seed, _now())
    visitors = [_Visitor(town) for _ in range(max(1, round(VISITORS * pace)))]
    # The environment's proxies are for other hosts than the one that runs this.
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client:
        while True:
            await asyncio.gather(*(visitor.tick(client) for visitor in visitors))
            await asyncio.sleep(TICK_S)


class _Town:
    """Where visitors come from: the people of the story, in any order, over and over."""

    def __init__(self, seed: int, now: Millis) -> None:
        self._rng = Random(seed)  # noqa: S311 - invented visitors need no cryptography
        *_, self._before, self._release = releases(now)
        self._signed_in: set[str] = set()

    def next_visit(self, now: Millis) -> tuple[Device, list[Event]]:
        """Somebody's visit that is about to begin, and the device that it is made with."""
        rng = self._rng
        is_outdated = rng.random() < OUTDATED
        release = self._before if is_outdated else self._release
        person = person_of(rng.randrange(PEOPLE))
        device = device_for(person, rng)
        knows = device.anonymous_id in self._signed_in
        visit = Visit(
            person=person,
            device=device,
            start=now + int(rng.random() * PAUSE_MS),
            version=release.version,
            checkout_works=release.checkout_works,
            signed_in=knows,
            signs_in=person.joins and not knows,
        )
        if visit.signs_in:
            self._signed_in.add(device.anonymous_id)
        events = events_of(visit, rng, _NEVER)
        return device, [_as_once(event) for event in events] if is_outdated else events


def _as_once(event: Event) -> Event:
    return msgspec.structs.replace(event, **_ONCE.get(event.event, {}))


class _Visitor:
    """One browser at a time: what it is going to do, and has not delivered."""

    def __init__(self, town: _Town) -> None:
        self._town = town
        self._device, self._agenda = town.next_visit(_now())

    async def tick(self, client: httpx.AsyncClient) -> None:
        """Send what has happened by now. What cannot be delivered stays for the next tick."""
        now = _now()
        if not self._agenda:
            self._device, self._agenda = self._town.next_visit(now)
        due = [event for event in self._agenda if event.timestamp <= now]
        if due and await _delivered(client, self._device, due):
            del self._agenda[: len(due)]


async def _delivered(client: httpx.AsyncClient, device: Device, events: list[Event]) -> bool:
    # Word for word what `@footfall/browser` sends, which names no type that would need a preflight.
    body = _encode({"sent_at": _now(), "dropped": 0, "cookieless": False, "batch": [native(event) for event in events]})
    headers = {"User-Agent": device.agent.user_agent, "Content-Type": "text/plain;charset=UTF-8"}
    try:
        response = await client.post("/api/events/collect", content=body, headers=headers)
    except httpx.HTTPError:
        return False
    return response.is_success


def native(event: Event) -> dict[str, Any]:
    sent = {name: value for name in _SENT if (value := getattr(event, name))}
    return sent | {"properties": msgspec.Raw(event.properties.encode())}


def _now() -> Millis:
    return time.time_ns() // 1_000_000
