"""Twenty million events of a shop, made by the engine itself: S1's table and ours, with the same events in both.

Ten events a session; sessions are spread over 300 000 people, and over 30 days in whose order they arrive. Once
everybody is a known user (`users`), once three of five people look around before they sign in, and the others never do
(`identities`).
"""

from pathlib import Path

from clickhouse_connect.driver.client import Client

from footfall.model.event import Millis

DAYS = 30
END: Millis = 1_772_323_200_000
"""2026-03-01T00:00:00Z"""
START: Millis = END - DAYS * 86_400_000
PEOPLE_PER_EVENT = 300_000 / 20_000_000
LONGEST: Millis = 900_000
"""A session is shorter than this, so that all of them lie in the range."""
IDENTIFIED = 3
"""Of five people."""

NAMES = (
    "page_view", "page_view", "component_visit", "component_interaction", "page_view",
    "add_to_cart", "component_exit", "checkout", "purchase", "page_leave",
)  # fmt: skip
"""A session's events in order; who does not get that far in the shop looks at pages instead. Each is on the page that
was looked at last."""

S1_SCHEMA = (Path(__file__).parent / "s1.sql").read_text("utf-8")

_STORY = """
    intDiv(number, 10) AS visit, number % 10 AS place, cityHash64(visit) % {people} AS who,
    {start} + intDiv(visit * {span}, {visits}) + place * 60000 + cityHash64(visit, place) % 60000 AS at,
    [{names}][place + 1] AS planned,
    cityHash64(visit, 'goal') % 10 AS short,
    if(place IN (5, 7, 8) AND short < place - 2, 'page_view', planned) AS event,
    multiIf(place >= 8 AND short < 6, 8, place >= 7 AND short < 5, 7, place >= 5 AND short < 3, 5, place >= 4, 4,
        place >= 1, 1, 0) AS viewing,
    concat('user_', leftPad(toString(who), 7, '0')) AS named,
    lower(hex(sipHash128(visit))) AS session_id,
    ['/', '/shop', '/product', '/cart', '/about'][cityHash64(visit, viewing) % 5 + 1] AS page,
    ['desktop', 'mobile', 'tablet'][cityHash64(who) % 3 + 1] AS device,
    {start} + cityHash64(who, 'sign-in') % {span} AS signs_in,
    who % 5 < {identified} AS is_known_later
"""


def fill(client: Client, events: int, *, identities: bool) -> None:
    """Fill S1's table `s1_events` and ours with the same events."""
    people = max(1, round(events * PEOPLE_PER_EVENT))
    span = DAYS * 86_400_000 - LONGEST
    story = _STORY.format(
        people=people,
        start=START,
        span=span,
        visits=-(-events // 10),
        names=", ".join(f"'{name}'" for name in NAMES),
        identified=IDENTIFIED,
    )
    user = "if(is_known_later AND at >= signs_in, named, '')" if identities else "named"
    device = "if(is_known_later AND at >= signs_in, '', concat('anonymous_', named))" if identities else "''"
    for statement in S1_SCHEMA.split(";\n"):
        if statement.strip():
            client.command(statement)
    rows = f"FROM (SELECT {story}, {user} AS user_id, {device} AS anonymous_id FROM numbers({{slice}}))"
    for first in range(0, events, 1_000_000):
        some = rows.replace("{slice}", f"{first}, {min(1_000_000, events - first)}")
        client.command(
            "INSERT INTO s1_events SELECT event, '{\"n\":1}', if(user_id != '', user_id, anonymous_id), session_id,"
            f" page, device, '1.4.2', fromUnixTimestamp64Milli(at, 'UTC') {some}"
        )
        client.command(
            "INSERT INTO events (project_id, event, event_id, timestamp, received_at, user_id, anonymous_id,"
            " session_id, page, component, device, app_version, sent, properties)"
            " SELECT 1, event, toString(generateUUIDv7()),"
            " fromUnixTimestamp64Milli(at, 'UTC'), fromUnixTimestamp64Milli(at, 'UTC'), user_id, anonymous_id,"
            " session_id, page, if(startsWith(event, 'component_'), 'ProductCard', ''), device, '1.4.2',"
            f" '{{\"n\":1}}', '{{\"n\":1}}' {some}"
        )
    if identities:
        client.command(
            "INSERT INTO events (project_id, event, event_id, timestamp, received_at, user_id, anonymous_id)"
            " SELECT 1, '$identify', toString(generateUUIDv7()), at, at, named, concat('anonymous_', named) FROM ("
            " SELECT number AS who, concat('user_', leftPad(toString(who), 7, '0')) AS named,"
            f" fromUnixTimestamp64Milli({START} + cityHash64(who, 'sign-in') % {span}, 'UTC') AS at"
            f" FROM numbers({people})"
            f" WHERE who % 5 < {IDENTIFIED})"
        )
