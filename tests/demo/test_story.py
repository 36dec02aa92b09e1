"""The invented month is lifelike, and looks as if it had come through the door."""

from collections import Counter, defaultdict
from itertools import islice
from typing import Any

import msgspec
import pytest

from footfall.demo.people import AGENTS
from footfall.demo.shop import DAY, release_at, releases, story
from footfall.demo.visit import MAX_BROWSING
from footfall.demo.visitor import native
from footfall.enrich import enrich
from footfall.model.event import (
    IDENTIFY,
    MAX_EVENT_ID,
    MAX_NAME,
    MAX_PROPERTIES,
    MAX_TEXT,
    Event,
    Receipt,
)
from footfall.protocols.native import entry_of
from tests.support.moments import at

NOW = at("2026-09-21T13:13:20Z")
SIZE = 60_000
FUNNEL = ("page_view", "product_click", "add_to_cart", "checkout_start", "purchase")


@pytest.fixture(scope="module")
def month() -> list[Event]:
    return list(story(SIZE, now=NOW, people=1500))


@pytest.fixture(scope="module")
def people(month: list[Event]) -> list[Event]:
    return [event for event in month if not event.bot]


def sessions_of(events: list[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.session_id].append(event)
    return found


def properties_of(event: Event) -> dict[str, Any]:
    return msgspec.json.decode(event.properties, type=dict[str, Any])


# ── the story as a whole ─────────────────────────────────────────────────────────────────────────────────────


def test_the_same_arguments_tell_the_same_story():
    assert list(story(3000, now=NOW, seed=3)) == list(story(3000, now=NOW, seed=3))


def test_another_seed_tells_another_story():
    assert list(story(500, now=NOW, seed=3)) != list(story(500, now=NOW, seed=4))


def test_a_story_that_is_not_heard_to_its_end_begins_like_one_that_is():
    assert list(islice(story(5000, now=NOW), 700)) == list(story(5000, now=NOW))[:700]


@pytest.mark.parametrize("days", [1, 7, 30, 90])
@pytest.mark.parametrize("events", [0, 1, 49, 1000, 20_000])
def test_has_as_many_events_as_were_asked_for_all_within_its_days(events: int, days: int):
    told = list(story(events, now=NOW, days=days, people=200))
    assert len(told) == events
    assert len({event.event_id for event in told}) == events
    assert all(NOW - days * DAY <= event.timestamp <= event.received_at <= NOW for event in told)


def test_every_day_has_visits_and_there_are_more_at_the_end(people: list[Event]):
    days = Counter((event.timestamp - NOW) // DAY for event in people)
    assert sorted(days) == list(range(-30, 1))[:30]
    assert sum(days[day] for day in range(-7, 0)) > 1.2 * sum(days[day] for day in range(-30, -23))


def test_evenings_are_busier_than_nights(people: list[Event]):
    hours = Counter(event.timestamp // (DAY // 24) % 24 for event in people)
    assert min(hours[hour] for hour in (18, 19, 20)) > 4 * max(hours[hour] for hour in (3, 4, 5))


def test_as_many_people_take_part_as_were_asked_for(people: list[Event]):
    owners = {event.anonymous_id: event.user_id for event in people if event.event == IDENTIFY}
    found = {owners.get(event.anonymous_id, event.anonymous_id) for event in people}
    assert 0.9 * 1500 < len(found) < 1.15 * 1500


# ── visits ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_belongs_to_one_device_and_its_numbers_follow_time(people: list[Event]):
    for session in sessions_of(people).values():
        assert len({(e.anonymous_id, e.device, e.browser, e.os, e.screen, e.app_version) for e in session}) == 1
        assert [event.seq for event in session] == list(range(1, len(session) + 1))
        assert [event.timestamp for event in session] == sorted(event.timestamp for event in session)
        assert session[0].event == "page_view"


def test_nobody_is_on_two_visits_at_once():
    busy = [event for event in story(20_000, now=NOW, people=40) if not event.bot]
    ends: dict[str, int] = defaultdict(int)
    for session in sessions_of(busy).values():  # in order for each device
        assert session[0].timestamp > ends[session[0].anonymous_id]
        ends[session[0].anonymous_id] = session[-1].timestamp


def test_some_visits_bounce_and_hardly_any_is_endless(people: list[Event]):
    lengths = sorted(len(session) for session in sessions_of(people).values())
    assert lengths[0] == 1
    assert 0.15 < sum(length <= 2 for length in lengths) / len(lengths) < 0.4
    assert lengths[len(lengths) // 2] < MAX_BROWSING
    assert lengths[int(0.99 * len(lengths))] <= 36
    assert lengths[-1] <= 60


def test_what_is_measured_of_a_component_lies_within_the_visit(people: list[Event]):
    for session in sessions_of(people).values():
        began: dict[str, int] = {}
        for event in session:
            if event.event == "component_visit":
                began[event.component] = event.timestamp
            elif event.event == "component_exit":
                assert properties_of(event)["duration_ms"] == event.timestamp - began[event.component]


def test_few_events_are_of_bots_which_read_pages_and_nothing_else(month: list[Event]):
    bots = [event for event in month if event.bot]
    assert len(bots) == round(0.02 * SIZE)
    assert {event.event for event in bots} == {"page_view"}
    assert {event.browser for event in bots} == {"Googlebot", "bingbot", "HeadlessChrome"}
    assert not {event.anonymous_id for event in bots} & {e.anonymous_id for e in month if not e.bot}


def test_the_size_guide_is_the_component_that_nobody_finds(people: list[Event]):
    seen = Counter(event.component for event in people if event.event == "component_visit")
    assert min(seen, key=lambda name: seen[name]) == "SizeGuide"
    assert seen["SizeGuide"] > 0


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_signs_in_has_an_anonymous_past_on_that_device(people: list[Event]):
    anonymous: set[str] = set()
    known: dict[str, str] = {}
    for event in people:  # in order for each person
        device = event.anonymous_id
        if event.event == IDENTIFY:
            assert device in anonymous
            assert device not in known
            known[device] = event.user_id
            assert set(properties_of(event)["traits"]) == {"name", "email", "plan"}
        elif event.user_id:
            assert known[device] == event.user_id
        else:
            assert device not in known
            anonymous.add(device)


def test_about_a_third_sign_in_and_some_on_two_devices(people: list[Event]):
    devices: dict[str, set[str]] = defaultdict(set)
    for event in people:
        if event.event == IDENTIFY:
            devices[event.user_id].add(event.anonymous_id)
    assert 0.2 * 1500 < len(devices) < 0.4 * 1500
    assert set(map(len, devices.values())) == {1, 2}


def test_groups_are_known_of_business_customers_who_signed_in(people: list[Event]):
    plans = {e.user_id: properties_of(e)["traits"]["plan"] for e in people if e.event == IDENTIFY}
    for event in people:
        assert bool(event.groups) == (plans.get(event.user_id) == "business")


# ── what happens ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("device", ["desktop", "tablet", "mobile"])
def test_each_step_of_the_funnel_is_taken_by_fewer(people: list[Event], device: str):
    reached = funnel(people, device)
    assert reached == sorted(set(reached), reverse=True)
    assert reached[-1] > 0


def test_phones_sell_worse_than_desktops(people: list[Event]):
    mobile, desktop = funnel(people, "mobile"), funnel(people, "desktop")
    assert mobile[-1] / mobile[0] < 0.7 * desktop[-1] / desktop[0]


def funnel(events: list[Event], device: str) -> list[int]:
    """Sessions in which each step was taken, after those before it."""
    reached = [0] * len(FUNNEL)
    for session in sessions_of(events).values():
        if session[0].device == device:
            step = 0
            for event in session:
                if step < len(FUNNEL) and event.event == FUNNEL[step]:
                    reached[step] += 1
                    step += 1
    return reached


def test_a_purchase_costs_what_was_put_into_the_cart(people: list[Event]):
    orders: set[str] = set()
    for session in sessions_of(people).values():
        put = [properties_of(event) for event in session if event.event == "add_to_cart"]
        for event in session:
            if event.event == "purchase":
                order = properties_of(event)
                assert order["total"] == pytest.approx(sum(one["price"] * one["quantity"] for one in put))
                assert order["items_count"] == sum(one["quantity"] for one in put)
                assert order["order_id"] not in orders
                orders.add(order["order_id"])
    assert orders


def test_one_release_breaks_the_checkout_for_a_day(people: list[Event]):
    history = releases(NOW)
    [broken] = [release for release in history if not release.checkout_works]
    mended = history[history.index(broken) + 1]
    assert mended.since - broken.since == DAY
    assert (NOW - broken.since) // DAY == 9

    def conversion(since: int, until: int) -> float:
        found = Counter(event.event for event in people if since <= event.timestamp < until)
        return found["purchase"] / found["checkout_start"]

    ill = conversion(broken.since, mended.since)
    assert ill < 0.35 * conversion(broken.since - 3 * DAY, broken.since)
    assert ill < 0.35 * conversion(mended.since, mended.since + 3 * DAY)

    faults = Counter(e.app_version for e in people if (e.event, e.component) == ("component_error", "Checkout"))
    assert faults[broken.version] > sum(faults.values()) / 3


def test_a_visit_keeps_the_release_that_it_began_with(people: list[Event]):
    history = releases(NOW)
    for session in sessions_of(people).values():
        assert session[0].app_version == release_at(history, session[0].timestamp).version
    assert len({event.app_version for event in people}) == 6


# ── form ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_properties_are_json_objects(month: list[Event]):
    for event in month:
        assert len(event.properties.encode()) <= MAX_PROPERTIES
        properties_of(event)


def test_all_texts_keep_to_the_limits_of_an_event(month: list[Event]):
    texts = [info.name for info in msgspec.structs.fields(Event) if info.type is str]
    for event in month:
        assert 1 <= len(event.event) <= MAX_NAME
        assert 1 <= len(event.event_id) <= MAX_EVENT_ID
        assert all(len(getattr(event, name)) <= MAX_TEXT for name in texts if name != "properties")


def test_is_what_the_door_would_have_made_of_the_same_events(people: list[Event]):
    agents = {(one.device, one.browser, one.os): one.user_agent for one in AGENTS}
    assert len(agents) == len(AGENTS)
    for event in people[::37]:
        agent = agents[event.device, event.browser, event.os]
        receipt = Receipt(received_at=event.received_at, user_agent=agent)
        decoded = entry_of(msgspec.json.encode(native(event)), receipt)
        assert isinstance(decoded, Event)
        assert enrich(decoded, receipt) == event
