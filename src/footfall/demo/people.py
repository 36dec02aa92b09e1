"""Who comes to the shop. Person 421 is the same in every story and in the live visit: devices, taste, name.

Pure: a person is made from a number alone.
"""

from collections.abc import Iterable
from random import Random
from typing import Protocol, TypeVar

import msgspec

from footfall.demo.catalogue import CATEGORIES, Category

FIRST_NAMES = (
    "Ada", "Amir", "Ana", "Chidi", "Elif", "Emma", "Fatima", "Hiroshi", "Ingrid", "Jamal",
    "Kofi", "Léa", "Linh", "Mateo", "Mei", "Nia", "Olga", "Priya", "Sven", "Tomasz",
)  # fmt: skip
LAST_NAMES = (
    "Abebe", "Bauer", "Costa", "Diallo", "Eriksen", "Fischer", "García", "Haddad", "Ivanova", "Jensen",
    "Kowalski", "Lindqvist", "Moreau", "Nguyen", "Okafor", "Patel", "Rossi", "Suzuki", "Wang", "Öztürk",
)  # fmt: skip
PLANS = ("free", "free", "free", "plus", "plus", "business")
ORGANIZATIONS = 40
"""Customers of the plan `business` belong to one of so many companies."""


class Agent(msgspec.Struct, frozen=True):
    """A browser on a machine, by the names that `enrich` reads from its user agent."""

    share: int
    device: str
    browser: str
    os: str
    screens: tuple[str, ...]
    user_agent: str


_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = (
    Agent(
        23, "mobile", "Mobile Safari", "iOS", ("390x844", "393x852", "430x932"),
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/17.5 Mobile/15E148 Safari/604.1",
    ),
    Agent(
        24, "mobile", "Chrome Mobile", "Android", ("360x800", "412x915", "384x832"),
        f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36",
    ),
    Agent(
        5, "mobile", "Samsung Internet", "Android", ("360x780", "412x915"),
        f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile"
        " Safari/537.36",
    ),
    Agent(
        21, "desktop", "Chrome", "Windows", ("1920x1080", "1536x864", "2560x1440"),
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/131.0.0.0 Safari/537.36",
    ),
    Agent(
        6, "desktop", "Edge", "Windows", ("1920x1080", "1366x768"),
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    ),
    Agent(
        9, "desktop", "Safari", "Mac OS X", ("1440x900", "1728x1117"),
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/17.5 Safari/605.1.15",
    ),
    Agent(
        5, "desktop", "Firefox", "Linux", ("1920x1080", "3840x2160"),
        "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
    ),
    Agent(
        4, "tablet", "Mobile Safari", "iOS", ("820x1180", "768x1024"),
        "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        " Version/16.6 Mobile/15E148 Safari/604.1",
    ),
    Agent(
        3, "tablet", "Chrome", "Android", ("800x1280",),
        f"Mozilla/5.0 (Linux; Android 13; SM-X200) {_WEBKIT} Chrome/131.0.0.0 Safari/537.36",
    ),
)  # fmt: skip
EASE = {"desktop": 1.0, "tablet": 0.88, "mobile": 0.72}
"""How easily each further step towards a purchase is taken."""


class Place(msgspec.Struct, frozen=True):
    share: int
    locale: str
    hours_ahead: int
    """Of UTC, without summer time."""


PLACES = (
    Place(26, "de-DE", 1),
    Place(18, "en-GB", 0),
    Place(14, "fr-FR", 1),
    Place(10, "es-ES", 1),
    Place(8, "it-IT", 1),
    Place(8, "nl-NL", 1),
    Place(6, "pl-PL", 1),
    Place(7, "en-US", -5),
    Place(3, "pt-BR", -3),
)


class Habit(msgspec.Struct, frozen=True):
    share: int
    returns: float
    """How often they come back, against the others who do; 0 is one visit and never again."""
    desire: float
    """How willingly they buy."""
    bounce: float
    joins: float
    """The chance that they ever sign in."""


HABITS = (
    Habit(50, 0, 0.8, 0.42, 0.20),
    Habit(35, 1, 1.0, 0.30, 0.38),
    Habit(15, 4, 1.15, 0.18, 0.62),
)
WAS_THERE = 0.65
"""The share of people who knew the shop before the story begins."""
HAS_TWO_DEVICES = 0.4
"""Of those who sign in."""
ONCE = sum(habit.share for habit in HABITS if not habit.returns) / sum(habit.share for habit in HABITS)
"""The share of those who come but once."""
RETURNS = sum(habit.share * habit.returns for habit in HABITS) / sum(habit.share for habit in HABITS)
RETURNS *= WAS_THERE + (1 - WAS_THERE) / 2
"""The mean of `Habit.returns` over everybody; who finds the shop on the way has half of the time."""


class _Shared(Protocol):
    @property
    def share(self) -> int: ...


_S = TypeVar("_S", bound=_Shared)


def urn(table: Iterable[_S]) -> tuple[_S, ...]:
    """The rows of a table, each as often as its share, to draw from."""
    return tuple(row for row in table for _ in range(row.share))


_AGENTS, _PLACES, _HABITS = urn(AGENTS), urn(PLACES), urn(HABITS)


class Device(msgspec.Struct, frozen=True):
    anonymous_id: str
    agent: Agent
    screen: str
    ease: float


class Person(msgspec.Struct, frozen=True, kw_only=True):
    user_id: str
    identify: str
    """Properties of their `$identify`, as JSON."""
    joins: bool
    habit: Habit
    eagerness: float
    """Visits against others of the same habit; 1 on average."""
    was_there: bool
    """They knew the shop before the story begins."""
    devices: tuple[Device, ...]
    place: Place
    groups: dict[str, str]
    """Once they have signed in."""
    tastes: tuple[Category, ...]
    """To draw from; the favourite comes more than once."""


def person_of(number: int) -> Person:
    """Everything about the person of that number (from 0) that does not change."""
    rng = Random(number)  # noqa: S311 - made-up people need no cryptography
    habit = rng.choice(_HABITS)
    joins = rng.random() < habit.joins
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    last = LAST_NAMES[(number * 7 + number // len(FIRST_NAMES)) % len(LAST_NAMES)]
    plan = rng.choice(PLANS)
    favourite, other = rng.sample(CATEGORIES, 2)
    return Person(
        user_id=f"user-{number:04d}",
        identify=(
            f'{{"traits":{{"name":"{first} {last}","email":"customer{number:04d}@example.com","plan":"{plan}"}}}}'
        ),
        joins=joins,
        habit=habit,
        eagerness=0.4 + 1.2 * rng.random(),
        was_there=rng.random() < WAS_THERE,
        devices=_devices(rng, several=joins and rng.random() < HAS_TWO_DEVICES),
        place=rng.choice(_PLACES),
        groups={"organization": str(rng.randrange(1, ORGANIZATIONS + 1))} if plan == "business" else {},
        tastes=(favourite, favourite, favourite, other, *CATEGORIES[:: rng.choice((1, 2))]),
    )


def _devices(rng: Random, *, several: bool) -> tuple[Device, ...]:
    agents = [rng.choice(_AGENTS)]
    while several and len(agents) == 1:
        agent = rng.choice(_AGENTS)
        if agent.device != agents[0].device:
            agents.append(agent)
    return tuple(_device(rng, agent) for agent in agents)


def _device(rng: Random, agent: Agent) -> Device:
    return Device(f"device-{rng.getrandbits(48):012x}", agent, rng.choice(agent.screens), EASE[agent.device])
