"""A visit: the steps that a person takes through the shop, and the events that they leave.

Pure: chance comes from the generator that is handed in, time from the moment at which the visit begins. The past
(`shop.story`) and the present (`visitor.run_visitor`) walk alike, since both come from here.
"""

from random import Random

import msgspec

from footfall.demo.catalogue import (
    ARRIVALS,
    CART,
    CHECKOUT,
    CHECKOUT_FAULT,
    CHECKOUT_FORM,
    COUPON_FIELD,
    CTA,
    DECLINED,
    FAILURES,
    HERO_BANNER,
    LOGIN,
    MISHAPS,
    PAYMENT_FAILURE,
    SEARCH,
    SEARCH_BAR,
    THANKS,
    Category,
    Component,
    Page,
    Product,
    money,
)
from footfall.demo.people import Device, Person, urn
from footfall.model.event import IDENTIFY, Event, Millis

# ── chances ──────────────────────────────────────────────────────────────────────────────────────────────────

SEARCHES = 0.16
"""A search instead of a category."""
CLICKS_PRODUCT = 0.60
ADDS_TO_CART = 0.22
ADDS_FROM_LISTING = 0.09
TAKES_SEVERAL = 0.15
LOOKS_FURTHER = 0.36
BUYS_ON = 0.12
"""Looks further with something in the cart."""
GOES_TO_CHECKOUT = 0.62
COUPON_CHANCE = 0.10
PAYS = 0.80
PAYS_WHILE_BROKEN = 0.10
"""Of those who try to pay, while the checkout is broken: some ways to pay still work."""
IS_DECLINED = 0.03
LOSES_BEACON = 0.12
"""The last message of a page that closes is lost."""
LOSES_EXIT = 0.04
MISHAP = 0.004
FAILURE = 0.003
MAX_BROWSING = 12
"""Steps after which nobody looks at another product, so that a visit has about thirty at most."""

BROWSE_MS = 14_000
READ_MS = 20_000
TYPE_MS = 25_000

_ARRIVALS = urn(ARRIVALS)
_NOTHING = "{}"


class Step(msgspec.Struct, frozen=True, gc=False):
    """Something done, `after` milliseconds from the beginning of the visit."""

    after: Millis
    event: str
    page: Page
    referrer: str
    component: str
    action: str
    properties: str


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit before it happens."""

    person: Person
    device: Device
    start: Millis
    version: str
    checkout_works: bool
    signed_in: bool
    """The device carries the user's id from the first event on."""
    signs_in: bool
    """The person signs in during this visit."""


def events_of(visit: Visit, rng: Random, until: Millis) -> list[Event]:
    """What happens on this visit, in order; what would be received after `until` is left out."""
    person, device, start, version = visit.person, visit.device, visit.start, visit.version
    agent, anonymous_id, screen, locale = device.agent, device.anonymous_id, device.screen, person.place.locale
    kind, browser, os = agent.device, agent.browser, agent.os
    user_id, groups = (person.user_id, person.groups) if visit.signed_in else ("", {})
    session_id = f"{start:x}{rng.getrandbits(32):08x}"
    delay = int(40 + 500 * rng.random() ** 2)
    latest = until - delay - start
    events: list[Event] = []
    for seq, step in enumerate(steps_of(visit, rng), 1):
        after, page = step.after, step.page
        if after > latest:
            break
        if step.event == IDENTIFY:
            user_id, groups = person.user_id, person.groups
        campaign = page.campaign
        events.append(
            Event(
                event=step.event,
                event_id=f"{session_id}-{seq}",
                timestamp=start + after,
                received_at=start + after + delay,
                seq=seq,
                user_id=user_id,
                anonymous_id=anonymous_id,
                session_id=session_id,
                page=page.path,
                url=page.url,
                referrer=step.referrer,
                title=page.title,
                section=page.section,
                component=step.component,
                action=step.action,
                locale=locale,
                screen=screen,
                app_version=version,
                device=kind,
                browser=browser,
                os=os,
                utm_source=campaign.source,
                utm_medium=campaign.medium,
                utm_campaign=campaign.name,
                groups=groups,
                properties=step.properties,
            )
        )
    return events


def steps_of(visit: Visit, rng: Random) -> list[Step]:
    """What the person does, from the page that they land on to the one that they leave."""
    person, ease = visit.person, visit.device.ease
    walk = _arrived(person, rng)
    if rng.random() < person.habit.bounce and not visit.signs_in:
        walk.wait(BROWSE_MS)
        walk.close()
        return walk.steps
    walk.look_around()
    if visit.signs_in:
        walk.open(LOGIN)
        walk.wait(TYPE_MS)
        walk.do(IDENTIFY, properties=person.identify)
        for kind, ident in person.groups.items():
            walk.do("$group", properties=f'{{"type":"{kind}","id":"{ident}","traits":{{}}}}')
    cart = _shop(walk, person, ease)
    if cart:
        walk.open(CART)
        walk.look_around()
        if rng.random() < GOES_TO_CHECKOUT * ease:
            _check_out(walk, cart, ease, works=visit.checkout_works)
    walk.close()
    return walk.steps


class _Walk:
    """Where the visitor is, and what was done so far."""

    __slots__ = ("now", "opened", "page", "random", "referrer", "rng", "steps")

    def __init__(self, rng: Random, page: Page, referrer: str) -> None:
        self.rng = rng
        self.random = rng.random
        self.steps: list[Step] = []
        self.now = 0
        self._land(page, referrer)

    def do(self, event: str, component: str = "", action: str = "", properties: str = _NOTHING) -> None:
        self.steps.append(Step(self.now, event, self.page, self.referrer, component, action, properties))

    def wait(self, usual_ms: int) -> None:
        """Let time pass: `usual_ms` on average, seldom more than twice as long."""
        self.now += int(usual_ms * (0.25 + 2.25 * self.random() ** 2))

    def open(self, page: Page) -> None:
        """Leave the page for another one of the shop."""
        self.leave()
        self.now += 90
        self._land(page, self.page.url)

    def leave(self) -> None:
        self.do("page_leave", properties=f'{{"duration_ms":{self.now - self.opened}}}')

    def close(self) -> None:
        """Close the shop. Not every browser still delivers its last message."""
        if self.random() > LOSES_BEACON:
            self.leave()

    def look_around(self) -> None:
        """Notice some of what the page shows."""
        random = self.random
        for component, chance in self.page.shows:
            if random() < chance:
                self.notice(component)
        self.wait(BROWSE_MS)
        if random() < MISHAP:
            component_name, properties = self.rng.choice(MISHAPS)
            self.do("component_error", component_name, properties=properties)
        if random() < FAILURE:
            self.do("error", properties=self.rng.choice(FAILURES))

    def notice(self, component: Component) -> None:
        """A component comes into sight, is perhaps used, and goes."""
        random, name = self.random, component.name
        self.do("component_visit", name)
        dwell = int(component.dwell_ms * (0.25 + 2.25 * random() ** 2))
        leaves = self.now + dwell
        if random() < component.lively:
            self.now += int(dwell * random())
            actions = component.actions
            action = actions[int(random() * len(actions))]
            self.do("component_interaction", name, action)
            if component is HERO_BANNER and action == "click":
                self.do("cta_click", properties=CTA)
        self.now = leaves
        if random() > LOSES_EXIT:
            self.do("component_exit", name, properties=f'{{"duration_ms":{dwell}}}')

    def _land(self, page: Page, referrer: str) -> None:
        self.page, self.referrer, self.opened = page, referrer, self.now
        self.do("page_view")
        self.now += 150


def _arrived(person: Person, rng: Random) -> _Walk:
    arrival = _ARRIVALS[int(rng.random() * len(_ARRIVALS))]
    return _Walk(rng, arrival.page or person.tastes[0].page, arrival.referrer)


def _shop(walk: _Walk, person: Person, ease: float) -> list[tuple[Product, int]]:
    """Look at lists and products until there is enough; what went into the cart."""
    random, tastes, desire = walk.random, person.tastes, person.habit.desire
    cart: list[tuple[Product, int]] = []
    while True:
        category = tastes[int(random() * len(tastes))]
        _open_list(walk, category)
        walk.look_around()
        if random() < CLICKS_PRODUCT * ease:
            product = _favoured(walk, category)
            walk.do("product_click", "ProductCard", "click", product.click)
            if random() < ADDS_FROM_LISTING * desire * ease:
                _add(walk, product, cart)
            else:
                walk.open(product.page)
                walk.look_around()
                if random() < ADDS_TO_CART * desire * ease:
                    _add(walk, product, cart)
        if len(walk.steps) > MAX_BROWSING or random() > (BUYS_ON if cart else LOOKS_FURTHER):
            return cart


def _open_list(walk: _Walk, category: Category) -> None:
    if walk.random() < SEARCHES:
        query = walk.rng.choice(category.searches)
        walk.notice(SEARCH_BAR)
        found = int(walk.random() ** 2 * 40)
        walk.do("search", "SearchBar", "submit", f'{{"query":"{query}","results_count":{found}}}')
        walk.open(SEARCH)
    elif walk.page is not category.page:
        walk.open(category.page)


def _favoured(walk: _Walk, category: Category) -> Product:
    """The first products of a list are clicked more."""
    return category.products[int(walk.random() ** 1.7 * len(category.products))]


def _add(walk: _Walk, product: Product, cart: list[tuple[Product, int]]) -> None:
    quantity = 2 if walk.random() < TAKES_SEVERAL else 1
    walk.do("component_interaction", "ProductCard", "add-to-cart")
    walk.now += 120
    properties = f'{{"product_id":"{product.id}","quantity":{quantity},"price":{product.price}}}'
    walk.do("add_to_cart", "ProductCard", properties=properties)
    cart.append((product, quantity))


def _check_out(walk: _Walk, cart: list[tuple[Product, int]], ease: float, *, works: bool) -> None:
    cents = sum(product.cents * quantity for product, quantity in cart)
    count = sum(quantity for _, quantity in cart)
    name = CHECKOUT_FORM.name
    walk.do("checkout_start", properties=f'{{"total":{money(cents)},"items_count":{count},"currency":"EUR"}}')
    walk.open(CHECKOUT)
    walk.do("component_visit", name)
    begun = walk.now
    walk.wait(TYPE_MS)
    walk.do("component_interaction", name, "address")
    if walk.random() < COUPON_CHANCE:
        walk.do("component_interaction", COUPON_FIELD.name, "apply")
    walk.wait(READ_MS)
    paid = _pay(walk, ease, works=works)
    walk.do("component_exit", name, properties=f'{{"duration_ms":{walk.now - begun}}}')
    if paid:
        order_id = f"order-{walk.rng.getrandbits(40):010x}"
        walk.do(
            "purchase",
            properties=f'{{"order_id":"{order_id}","total":{money(cents)},"items_count":{count},"currency":"EUR"}}',
        )
        walk.open(THANKS)
        walk.look_around()


def _pay(walk: _Walk, ease: float, *, works: bool) -> bool:
    """Try to pay; whether it went well."""
    name, random = CHECKOUT_FORM.name, walk.random
    wants = random() < PAYS * (0.5 + 0.5 * ease)
    if not wants:
        return False
    walk.do("component_interaction", name, "pay")
    walk.now += 900
    if not works and random() > PAYS_WHILE_BROKEN:
        walk.do("component_error", name, properties=CHECKOUT_FAULT)
        walk.do("error", properties=PAYMENT_FAILURE)
        walk.wait(BROWSE_MS)
        return False
    if random() < IS_DECLINED:
        walk.do("component_error", name, properties=DECLINED)
        return False
    walk.do("component_interaction", name, "complete")
    return True
