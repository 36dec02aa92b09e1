"""The story of an invented shop: a month of visits, told as finished events.

Promises: the same arguments tell the same story, whatever the machine; every event lies in the `days` before `now`;
a million take seconds, since texts of properties are put together from parts that need no escaping.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain, count, islice
from random import Random

import msgspec

from footfall.demo.catalogue import PAGES
from footfall.demo.people import ONCE, RETURNS, Device, Person, person_of
from footfall.demo.visit import Visit, events_of
from footfall.model.event import Event, Millis

MINUTE: Millis = 60_000
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR

DAYS = 30
PEOPLE = 5000
BOT_SHARE = 0.02
EVENTS_PER_VISIT = 10.6
"""A little fewer than are seen (10.9 of a million, 11.1 of 200 000), so that the people suffice for the events."""

# ── when people come ─────────────────────────────────────────────────────────────────────────────────────────

WORKDAY = (6, 3, 2, 1, 1, 2, 5, 10, 15, 17, 18, 20, 25, 23, 19, 18, 19, 23, 29, 37, 43, 40, 28, 14)
"""How many come in each local hour, against the other hours."""
WEEKEND = (10, 6, 3, 2, 1, 1, 2, 5, 11, 20, 29, 34, 35, 34, 34, 35, 35, 34, 34, 36, 37, 32, 24, 15)
DAYS_OF_WEEK = (1.0, 0.96, 0.97, 1.02, 0.9, 0.78, 1.0)
"""From Monday on."""
GROWTH = 0.25
"""How much more often people come at the end than at the beginning; newcomers add to that."""
WEATHER = 0.07
"""No two days are alike."""
FADES = 1.5
"""Newcomers come more often in their first days: a position drawn evenly, to this power."""

SECOND_DEVICE = 0.35
"""The share of visits from the second device of those who have one."""

THURSDAY = 3
SATURDAY = 5


class Rhythm:
    """The hours from `now - days` to `now`, each as likely to be visited as a shop's hours are."""

    def __init__(self, now: Millis, days: int, rng: Random) -> None:
        self._start = now - days * DAY
        self._days = days
        self._weather = [1 + WEATHER * (2 * rng.random() - 1) for _ in range(days + 2)]
        self._sums: dict[int, list[float]] = {}

    def moment(self, position: float, hours_ahead: int) -> Millis:
        """The moment before which that share (0 to 1) of all visits of a place's people begins."""
        sums = self._sums.get(hours_ahead) or self._summed(hours_ahead)
        wanted = position * sums[-1]
        hour = min(bisect_right(sums, wanted), len(sums) - 1) - 1
        within = (wanted - sums[hour]) / (sums[hour + 1] - sums[hour])
        return self._start + int((hour + within) * HOUR)

    def _summed(self, hours_ahead: int) -> list[float]:
        sums = [0.0]
        hours = self._days * 24
        for hour in range(hours):
            day, at = divmod((self._start + (hour + hours_ahead) * HOUR) // HOUR, 24)
            weekday = (day + THURSDAY) % 7  # 1970 began on a Thursday
            busy = (WEEKEND if weekday >= SATURDAY else WORKDAY)[at]
            weight = busy * DAYS_OF_WEEK[weekday] * (1 + GROWTH * hour / hours) * self._weather[hour // 24]
            sums.append(sums[-1] + weight)
        self._sums[hours_ahead] = sums
        return sums


# ── what runs there ──────────────────────────────────────────────────────────────────────────────────────────

RELEASE_DAY = 7
RELEASE_HOUR = 5
"""Of the day, UTC."""
BROKEN_AFTER = 0.7
"""The part of the story that is told when a release breaks the checkout: on day 21 of 30."""
FIRST_MINOR = 11


class Release(msgspec.Struct, frozen=True):
    since: Millis
    version: str
    checkout_works: bool = True


def releases(now: Millis, days: int = DAYS) -> list[Release]:
    """A release a week, oldest first; one of them breaks the checkout, and is mended a day later."""
    midnight = (now - days * DAY) // DAY * DAY
    broken = int(days * BROKEN_AFTER)
    found: list[Release] = []
    for minor, day in enumerate(range(broken % RELEASE_DAY - RELEASE_DAY, days + 1, RELEASE_DAY), FIRST_MINOR):
        since = midnight + day * DAY + RELEASE_HOUR * HOUR
        found.append(Release(since, f"4.{minor}.0", checkout_works=day != broken))
        if day == broken:
            found.append(Release(since + DAY, f"4.{minor}.1"))
    return found


def release_at(history: list[Release], moment: Millis) -> Release:
    return history[max(bisect_right(history, moment, key=lambda release: release.since) - 1, 0)]


# ── who tells what ───────────────────────────────────────────────────────────────────────────────────────────


def story(events: int, *, now: Millis, seed: int = 7, days: int = DAYS, people: int = PEOPLE) -> Iterator[Event]:
    """`events` events of the `days` days up to `now`, person by person; about `people` people take part.

    Few events need fewer people; with many, the same people come more often.
    """
    rng = Random(seed)  # noqa: S311 - an invented month needs no cryptography
    month = _Month(
        now=now,
        days=days,
        rhythm=Rhythm(now, days, rng),
        history=releases(now, days),
        visits_each=events * (1 - BOT_SHARE) / EVENTS_PER_VISIT / people,
    )
    crawled = islice(chain.from_iterable(_crawls(month, rng)), round(events * BOT_SHARE))
    # People come out as numbers; those after the last one are strangers who fill what is missing, if anything.
    visited = chain.from_iterable(_life(number, month, rng, number >= people) for number in count())
    return islice(chain(crawled, chain.from_iterable(visited)), events)


class _Month(msgspec.Struct, frozen=True, kw_only=True):
    """What all lives of a story share."""

    now: Millis
    days: int
    rhythm: Rhythm
    history: list[Release]
    visits_each: float
    """The mean over everybody."""


def _life(number: int, month: _Month, rng: Random, is_stranger: bool) -> Iterator[list[Event]]:
    """The visits of one person, each as its events."""
    person = person_of(number)
    moments = [_moment(month, person, rng.random())] if is_stranger else _moments(month, person, rng)
    joins_with = rng.randrange(len(moments) // 2 + 1)
    signed_in: set[str] = set()
    free: Millis = 0
    for place, moment in enumerate(moments):
        start = max(moment, free)
        device = device_for(person, rng)
        knows = device.anonymous_id in signed_in
        release = release_at(month.history, start)
        visit = Visit(
            person=person,
            device=device,
            start=start,
            version=release.version,
            checkout_works=release.checkout_works,
            signed_in=knows,
            signs_in=person.joins and not knows and place >= joins_with,
        )
        if visit.signs_in:
            signed_in.add(device.anonymous_id)
        happened = events_of(visit, rng, month.now)
        if happened:
            free = happened[-1].timestamp + MINUTE
        yield happened


def device_for(person: Person, rng: Random) -> Device:
    """The device that a person takes for a visit."""
    return person.devices[-1 if rng.random() < SECOND_DEVICE else 0]


def _moments(month: _Month, person: Person, rng: Random) -> list[Millis]:
    """When a person visits, in order."""
    habit = person.habit
    found_at = 0.0 if person.was_there else rng.random()
    fades = 1.0 if person.was_there else FADES
    once = min(1.0, month.visits_each)
    if habit.returns:
        each = (month.visits_each - ONCE * once) / RETURNS
        expected = each * habit.returns * person.eagerness * (1 - found_at)
    else:
        expected = once
    positions = (found_at + (1 - found_at) * rng.random() ** fades for _ in range(int(expected + rng.random())))
    return sorted(_moment(month, person, position) for position in positions)


def _moment(month: _Month, person: Person, position: float) -> Millis:
    return month.rhythm.moment(position, person.place.hours_ahead)


# ── crawlers ─────────────────────────────────────────────────────────────────────────────────────────────────

CRAWLERS = (
    ("Googlebot", "", ""),
    ("Googlebot", "", ""),
    ("bingbot", "", ""),
    ("HeadlessChrome", "Linux", "800x600"),
)
"""Browser, system and screen, as `enrich` reads them."""
CRAWL = (8, 30)
"""Pages, at least and below."""


def _crawls(month: _Month, rng: Random) -> Iterator[list[Event]]:
    """Endlessly: a machine that reads pages, at any hour."""
    while True:
        browser, system, screen = rng.choice(CRAWLERS)
        start = month.now - int(rng.random() * month.days * DAY)
        session_id = f"{start:x}{rng.getrandbits(32):08x}"
        version = release_at(month.history, start).version
        pages = rng.choices(PAGES, k=rng.randrange(*CRAWL))
        moments = accumulate(rng.randrange(1_500, 9_000) for _ in pages)
        yield [
            Event(
                event="page_view",
                event_id=f"{session_id}-{seq}",
                timestamp=start + after,
                received_at=start + after,
                seq=seq,
                anonymous_id=f"device-{session_id[-8:]}",
                session_id=session_id,
                page=page.path,
                url=page.url,
                title=page.title,
                section=page.section,
                locale="en-US",
                screen=screen,
                app_version=version,
                device="desktop",
                browser=browser,
                os=system,
                bot=True,
            )
            for seq, (page, after) in enumerate(zip(pages, moments, strict=True), 1)
            if start + after <= month.now
        ]
