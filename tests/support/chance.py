"""Random events for properties: people with users, devices and sessions, links in any order, ties and gaps."""

from typing import Any

from hypothesis import strategies as st

from tests.support.moments import BASE, HOUR, MINUTE, SECOND

Sent = dict[str, Any]

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

EDGES = [0, 1, 30 * MINUTE, 30 * MINUTE + 1, 60 * MINUTE, 60 * MINUTE + 1, 14 * HOUR, 14 * HOUR - 1]
"""Offsets of ties, of gaps about the session's timeout, and about midnight."""
OFFSETS = st.sampled_from(EDGES) | st.integers(-6 * HOUR, 40 * HOUR) | st.integers(0, 12).map(lambda n: n * 10 * MINUTE)


@st.composite
def stories(draw: st.DrawFn, *, most: int = 60) -> list[Sent]:
    """Events of a few circles of people; inside of a circle, ids meet each other."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 3),  # circle
                st.sampled_from(["a", "a", "b", "$identify", "$alias", "$heartbeat"]),
                OFFSETS,
                st.sampled_from([None, None, 0, 1]),  # user
                st.sampled_from([None, 0, 0, 1]),  # device
                st.sampled_from([None, None, 0, 1]),  # session
                st.sampled_from([None, "/x", "/y"]),
                st.integers(0, 9),  # 0: a bot
                st.integers(0, 99),  # begins the id, so that ids do not follow the order of arrival
            ),
            min_size=1,
            max_size=most,
        )
    )
    events: list[Sent] = []
    for place, (circle, name, offset, user, device, session, page, bot, prefix) in enumerate(rows):
        event: Sent = {"event": name, "event_id": f"{prefix}-{place}", "timestamp": BASE + offset}
        for field, value in (("user_id", user), ("anonymous_id", device), ("session_id", session)):
            if value is not None:
                event[field] = f"{circle}-{value}"
        if name == "$alias" and prefix % 2:
            event["properties"] = {"previous_id": f"{circle}-{prefix % 4 // 2}"}
        if page is not None:
            event["page"] = page
        if bot == 0:
            event["user_agent"] = BOT
        events.append(event)
    return events


@st.composite
def crowds(draw: st.DrawFn, *, most: int = 25) -> dict[str, list[Sent]]:
    """User → up to eight events within twelve minutes, with many ties."""
    told = draw(
        st.lists(
            st.lists(
                st.tuples(st.sampled_from("abcx"), st.integers(0, 12), st.sampled_from(["/x", "/y"])),
                min_size=1,
                max_size=8,
            ),
            min_size=1,
            max_size=most,
        )
    )
    return {
        f"u{number}": [
            {
                "event": name,
                "event_id": f"u{number}-{place}",
                "user_id": f"u{number}",
                "timestamp": BASE + minute * MINUTE,
                "page": page,
            }
            for place, (name, minute, page) in enumerate(visits)
        ]
        for number, visits in enumerate(told)
    }


HALF_HOUR = 30 * MINUTE


@st.composite
def habits(draw: st.DrawFn, middle: int, *, days: int = 12, most: int = 60) -> list[Sent]:
    """Events of a few people over some days about a moment, many of them about midnight, some at the same time."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 3),  # person
                st.sampled_from(["a", "a", "a", "b", "$identify"]),
                st.integers(-48 * days // 2, 48 * days // 2),  # half hours
                st.sampled_from([0, 0, -1, 1]),
                st.booleans(),  # signed in
                st.sampled_from([None, "/x", "/y"]),
                st.integers(0, 9),  # 0: a bot
            ),
            min_size=8,
            max_size=most,
        )
    )
    events: list[Sent] = []
    for place, (person, name, half_hours, shift, signed_in, page, bot) in enumerate(rows):
        event: Sent = {"event": name, "event_id": f"{place:03}", "timestamp": middle + half_hours * HALF_HOUR + shift}
        if signed_in or name == "$identify":
            event["user_id"] = f"user-{person}"
        if not signed_in or name == "$identify":
            event["anonymous_id"] = f"device-{person}"
        if page is not None:
            event["page"] = page
        if bot == 0:
            event["user_agent"] = BOT
        events.append(event)
    return events


@st.composite
def strolls(draw: st.DrawFn, *, most: int = 40) -> list[Sent]:
    """Visits of two components and two pages by two people: exits that fit, come twice, tell nonsense or are missing,
    hidden stretches, heartbeats, ties with and without `seq`, sessions with and without an id."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["ann", "ann", "bob", None]),
                st.sampled_from(
                    ["component_visit", "component_enter", "component_exit", "component_leave", "page_view",
                     "page_leave", "heartbeat", "visibility_hidden", "visibility_visible", "component_interaction",
                     "component_error", "a", "$group"]
                ),
                st.integers(0, 20).map(lambda n: n * SECOND)
                | st.sampled_from([30 * MINUTE, 30 * MINUTE + 1, 24 * HOUR, 24 * HOUR - MINUTE]),
                st.sampled_from([None, "s", "s", "t"]),  # session
                st.sampled_from([None, None, 0, 1, 2]),  # seq
                st.sampled_from(["A", "A", "B", None]),  # component
                st.sampled_from(["/x", "/y", None]),
                st.sampled_from([None, None, 0, 1500, 2500.5, "7000", -1, "soon"])  # duration
                | st.sampled_from([{"duration_seconds": 7}, {"duration_ms": 1500, "duration_seconds": 7}]),
                st.sampled_from(["mobile", "desktop", None]),
                st.integers(0, 9),  # 0: a bot
            ),
            min_size=1,
            max_size=most,
        )
    )  # fmt: skip
    events: list[Sent] = []
    for place, (user, name, offset, session, seq, component, page, duration, device, bot) in enumerate(rows):
        event: Sent = {"event": name, "event_id": f"{place}", "timestamp": BASE + offset}
        fields = {"user_id": user, "session_id": session, "seq": seq, "component": component, "page": page,
                  "device": device}  # fmt: skip
        event |= {field: value for field, value in fields.items() if value is not None}
        if duration is not None:
            event["properties"] = duration if isinstance(duration, dict) else {"duration_ms": duration}
        if bot == 0:
            event["user_agent"] = BOT
        events.append(event)
    return events
