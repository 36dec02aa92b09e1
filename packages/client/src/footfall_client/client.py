"""`Footfall`: what an application calls. No call but the constructor raises, and none but `flush` and `close` waits."""

import asyncio
import contextlib
import dataclasses
import itertools
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Protocol, Self, TypedDict, Unpack

from footfall_client.event import (
    MAX_LINE,
    Event,
    Fields,
    Id,
    Properties,
    Time,
    encode,
    id_of,
    text_of,
    time_of,
)
from footfall_client.outbox import Outbox
from footfall_client.settings import Hook, Options, Settings

logger = logging.getLogger("footfall_client")

URL, KEY = "FOOTFALL_URL", "FOOTFALL_KEY"
"""The environment's address and key, for a client that was given none."""
FLUSH_SECONDS = 10.0


class Told(TypedDict, total=False):
    """What `track` may be told beside an event's name and properties."""

    user_id: Id | None
    anonymous_id: Id | None
    organization_id: Id | None
    project_id: Id | None
    groups: Mapping[str, Id] | None
    timestamp: Time | None
    event_id: str | None
    fields: Fields | None


class Client(Protocol):
    """All of a client but `track`, which a module made from a tracking plan adds with the types of its events.

    Such a module says `class Typed(Client, Protocol)` with an overload for each event (`Told` for the other arguments),
    and its users `cast` their client to that.
    """

    def identify(self, user_id: Id, traits: Properties | None = None, *, anonymous_id: Id | None = None) -> None: ...
    def group(self, type: str, id: Id, traits: Properties | None = None, *, user_id: Id | None = None) -> None: ...  # noqa: A002
    def flush(self, timeout: float = FLUSH_SECONDS) -> bool: ...
    async def aflush(self, timeout: float = FLUSH_SECONDS) -> bool: ...  # noqa: ASYNC109 - not a cancellation
    def close(self, timeout: float | None = None) -> bool: ...
    async def aclose(self, timeout: float | None = None) -> bool: ...  # noqa: ASYNC109 - as above


class Footfall:
    """A client. One is enough for a process; threads, event loops and forked processes share it.

    >>> client = Footfall("https://analytics.example", "WRITE_KEY")
    >>> client.track("project.created", user_id="42", groups={"organization": "7"}, properties={"models": 3})
    """

    def __init__(self, url: str | None = None, key: str | None = None, **options: Unpack[Options]) -> None:
        """Raises `ValueError` for what is no address of HTTP, `TypeError` for an option that there is not.

        Without `url`, `FOOTFALL_URL` and `FOOTFALL_KEY` of the environment count, as they are at the first event. Where
        there are none either, events go nowhere. `settings.Settings` says what the options are.
        """
        self._count = itertools.count(1)
        self._gone = 0
        """Events of outboxes before, that will not arrive."""
        self._begin(Settings(url=url, key=key, **options))

    @staticmethod
    def recording(**options: Unpack[Options]) -> "Recording":
        """A client that sends nothing and keeps every event, for tests of your own."""
        return Recording(**options)

    # ── events ───────────────────────────────────────────────────────────────────────────────────────────────

    def track(
        self,
        event: str,
        *,
        user_id: Id | None = None,
        anonymous_id: Id | None = None,
        organization_id: Id | None = None,
        project_id: Id | None = None,
        groups: Mapping[str, Id] | None = None,
        properties: Properties | None = None,
        timestamp: Time | None = None,
        event_id: str | None = None,
        fields: Fields | None = None,
    ) -> None:
        """Put an event on its way. `organization_id` and `project_id` are the groups of these names.

        The event is what it is told now: a dict may change afterwards. `timestamp` is now, and `event_id` new, unless
        given; an id counts once, so give one where the same thing may be tracked twice (a webhook, a job that is
        repeated). What JSON does not know is made into something that it does (`event.plain`).
        """
        if self._silent:
            return
        try:
            millis = time.time_ns() // 1_000_000
            sent: dict[str, object] = {
                "event": event,
                "event_id": event_id or id_of(millis, os.urandom(9)),
                "timestamp": millis if timestamp is None else time_of(timestamp),
                "seq": next(self._count),
            }
            if user_id is not None:
                sent["user_id"] = text_of(user_id)
            if anonymous_id is not None:
                sent["anonymous_id"] = text_of(anonymous_id)
            if organization_id is not None or project_id is not None:
                groups = _groups(groups, organization=organization_id, project=project_id)
            if groups:
                sent["groups"] = {name: text_of(group) for name, group in groups.items()}
            if self._settings.app_version is not None:
                sent["app_version"] = self._settings.app_version
            if fields:
                sent.update(fields)
            if properties:
                sent["properties"] = properties
            self._put(encode(sent))
        except Exception as error:  # noqa: BLE001 - whatever the values do, the caller goes on
            self._lose(error)

    def identify(self, user_id: Id, traits: Properties | None = None, *, anonymous_id: Id | None = None) -> None:
        """Who `user_id` is (`name` and `email` are shown), and that `anonymous_id` is theirs, also in the past."""
        self.track("$identify", user_id=user_id, anonymous_id=anonymous_id, properties={"traits": _traits(traits)})

    def group(self, type: str, id: Id, traits: Properties | None = None, *, user_id: Id | None = None) -> None:  # noqa: A002 - the words of the field
        """What the group `id` of that type is, such as `group("organization", 7, {"plan": "pro"})`."""
        try:
            properties = {"type": type, "id": text_of(id), "traits": _traits(traits)}
            self.track("$group", user_id=user_id, groups={type: id}, properties=properties)
        except Exception as error:  # noqa: BLE001 - as above
            self._lose(error)

    # ── its life ─────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def dropped(self) -> int:
        """How many events of this process will not arrive, as far as it knows. The server is told as well."""
        return self._gone + (self._outbox.lost_ever if self._outbox is not None else 0)

    def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Send now; whether all that was tracked before is acknowledged, or given up, within so many seconds."""
        try:
            return self._outbox is None or self._outbox.flush(timeout)
        except Exception as error:  # noqa: BLE001 - as above
            _tell("Events could not be sent", error)
            return False

    async def aflush(self, timeout: float = FLUSH_SECONDS) -> bool:  # noqa: ASYNC109 - what was not sent in time stays
        """`flush`, for asyncio: the loop goes on meanwhile."""
        return await asyncio.to_thread(self.flush, timeout)

    def close(self, timeout: float | None = None) -> bool:
        """`flush`, and no events any more. `exit_timeout` seconds unless told."""
        self._silent = True
        try:
            outbox, self._outbox = self._outbox, None
            return self._closed(outbox, timeout)
        except Exception as error:  # noqa: BLE001 - as above
            _tell("Events could not be sent", error)
            return False

    def _closed(self, outbox: Outbox | None, timeout: float | None = None) -> bool:
        if outbox is None:
            return True
        settled = outbox.close(self._settings.exit_timeout if timeout is None else timeout)
        self._gone += outbox.lost_ever + outbox.left
        return settled

    async def aclose(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - as above
        return await asyncio.to_thread(self.close, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # ── inside ───────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, settings: Settings) -> None:
        self._settings = settings
        self._hooks: tuple[Hook, ...] = tuple(hook for hook in (settings.before_send, _scan(settings)) if hook)
        self._outbox = Outbox(settings, self._prepare, self._say) if settings.enabled and settings.url else None
        self._silent = not settings.enabled

    def _lose(self, error: Exception) -> None:
        if self._outbox is not None:
            self._outbox.lose(1)
        _tell("An event is lost", error)

    def _put(self, line: bytes) -> None:
        outbox = self._outbox or self._from_environment()
        if outbox is None:
            return
        if len(line) > MAX_LINE:
            outbox.lose(1)
            self._say(f"an event of {len(line)} bytes is too large")
        else:
            outbox.put(line)

    def _from_environment(self) -> Outbox | None:
        with _opening:
            if self._outbox is None and not self._silent:
                url, key = os.environ.get(URL), os.environ.get(KEY)
                if url:
                    settings = dataclasses.replace(self._settings, url=url, key=self._settings.key or key)
                    try:
                        self._begin(settings)
                    except ValueError as error:
                        logger.error("%s is of no use: %s Events go nowhere.", URL, error)  # noqa: TRY400 - all is said
                        self._silent = True
                else:
                    self._silent = True
                    logger.debug("There is no address for events: neither configured nor in %s.", URL)
            return self._outbox

    def _prepare(self, lines: list[bytes]) -> tuple[list[bytes], int]:
        """What is to be sent, and how many events a hook has failed on: what it had to hide may be in those."""
        if not self._hooks and not self._settings.debug:
            return lines, 0
        kept: list[bytes] = []
        lost = 0
        for line in lines:
            try:
                prepared = self._hooked(line)
            except Exception as error:  # noqa: BLE001 - whatever a hook does, the others' events go on
                lost += 1
                _tell("A hook failed, and its event is lost", error)
            else:
                if prepared is not None:
                    kept.append(prepared)
                    self._say(prepared.decode())
        return kept, lost

    def _hooked(self, line: bytes) -> bytes | None:
        if not self._hooks:
            return line
        event: Event = json.loads(line)
        for hook in self._hooks:
            changed = hook(event)
            if changed is None:
                return None
            event = dict(changed)  # which raises where a hook gave back what is no event
        return encode(event)

    def _say(self, line: str) -> None:
        if self._settings.debug:
            with contextlib.suppress(Exception):  # a stderr that is closed, or that knows less than UTF-8
                sys.stderr.write(f"[Footfall] {line}\n")


_opening = threading.RLock()
"""Held while a client looks into the environment; a child must not inherit it from a thread that it has not."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_opening.acquire, after_in_parent=_opening.release, after_in_child=_opening.release)


def _tell(what: str, error: Exception) -> None:
    """Neither the event nor the error's text is told: both may be about a person."""
    logger.debug("%s: %s.", what, type(error).__name__)


def _scan(settings: Settings) -> Hook | None:
    if settings.scan is True:
        from footfall_client.scan import scanner  # noqa: PLC0415 - its expressions take 60 ms to make ready

        return scanner()
    return settings.scan or None


def _traits(traits: Properties | None) -> Properties:
    return {} if traits is None else traits


def _groups(groups: Mapping[str, Id] | None, **named: Id | None) -> dict[str, Id]:
    return {**{name: id_ for name, id_ in named.items() if id_ is not None}, **(groups or {})}


class Recording(Footfall):
    """Keeps what it is told. Hooks run at once, and `events` has what would have been sent."""

    def __init__(self, **options: Unpack[Options]) -> None:
        self.events: list[Event] = []
        super().__init__(None, None, **options)

    @property
    def names(self) -> list[str]:
        return [event["event"] for event in self.events]

    def clear(self) -> None:
        self.events.clear()

    def _put(self, line: bytes) -> None:
        kept, _lost = self._prepare([line])
        self.events += map(json.loads, kept)


class Analytics(Footfall):
    """The module's own client, which `configure` may still turn to another address."""

    def configure(self, url: str | None = None, key: str | None = None, **options: Unpack[Options]) -> None:
        """As the constructor, and raises what that does. What was tracked before goes where it was to go."""
        before = self._outbox
        self._begin(Settings(url=url, key=key, **options))
        self._closed(before)


analytics = Analytics()
"""`analytics.track(…)` from anywhere: configured by the environment, or by `configure`."""
configure = analytics.configure
