# ruff: noqa: N802 - rules are called by their letter
"""What we add to an event by ourselves: R27 (clocks), R28 (bots), devices, campaigns and shorter addresses."""

import re
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from footfall.enrich import QUERY_KEYS, SKEW, agent_of, cut_query, enrich, stored_time
from footfall.model.event import Event, Receipt
from footfall.protocols import native
from tests.support.examples import EXAMPLES
from tests.support.moments import BASE, HOUR, MINUTE, SECOND, at

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def enriched(*, agent: str = "", imported: bool = False, **fields: Any) -> Event:
    """An event of those fields, received at `BASE` with that user agent in the request's header."""
    sent = {"event": "page_view", "event_id": "e", "timestamp": BASE, "received_at": BASE} | fields
    receipt = Receipt(received_at=BASE, user_agent=agent, keeps_receipt=imported)
    return enrich(msgspec.convert(sent, Event), receipt)


# ── R27: clocks ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sent", EXAMPLES["ingest_clock_skew_is_corrected_but_transit_time_is_not"].events, ids=str)
def test_R27_worked_example(sent: dict[str, Any]) -> None:
    expected = EXAMPLES["ingest_clock_skew_is_corrected_but_transit_time_is_not"].expected[sent["event_id"]]
    wanted = expected if isinstance(expected, dict) else {"timestamp": expected}
    receipt = Receipt(received_at=at(sent["received_at"]), keeps_receipt=True)
    (entry,) = native.decode(msgspec.json.encode(sent), receipt).entries
    event = enrich(entry, receipt)
    assert event.timestamp == at(wanted["timestamp"])
    assert event.flags == tuple(filter(None, [wanted.get("flag")]))


@pytest.mark.parametrize(
    ("ahead", "stored"),
    [
        pytest.param(0, 0, id="sent and received at once"),
        pytest.param(5 * MINUTE - 1, 0, id="a millisecond less than five minutes is network delay"),
        pytest.param(5 * MINUTE, 5 * MINUTE, id="five minutes are a wrong clock"),
        pytest.param(-5 * MINUTE + 1, 0, id="a millisecond less, the other way"),
        pytest.param(-5 * MINUTE, -5 * MINUTE, id="five minutes, the other way"),
        pytest.param(400 * 24 * HOUR, 400 * 24 * HOUR, id="a device that woke up in 1970"),
    ],
)
def test_R27_only_a_clock_that_is_five_minutes_off_is_corrected(ahead: int, stored: int) -> None:
    """`ahead`: how much later than it says the event was sent it was received."""
    happened = BASE - 10 * MINUTE
    assert stored_time(happened, BASE, BASE + ahead) == (happened + stored, ())


@pytest.mark.parametrize(
    ("ahead", "stored", "flags"),
    [
        pytest.param(5 * MINUTE, 5 * MINUTE, (), id="five minutes ahead of its receipt are believed"),
        pytest.param(5 * MINUTE + 1, 0, ("timestamp_in_future",), id="a millisecond more is not"),
    ],
)
def test_R27_without_sent_at_the_future_becomes_the_time_of_receipt(
    ahead: int, stored: int, flags: tuple[str, ...]
) -> None:
    assert stored_time(BASE + ahead, None, BASE) == (BASE + stored, flags)


def test_R27_a_correction_keeps_the_order_of_a_device() -> None:
    times = [enriched(timestamp=BASE + HOUR + gap, sent_at=BASE + HOUR + SECOND).timestamp for gap in (0, 1, 500)]
    assert times == sorted(times)
    assert times[2] - times[0] == 500


@given(*[st.integers(0, 7_258_118_400_000)] * 3)
def test_R27_no_event_is_stored_in_its_future(timestamp: int, sent_at: int, received_at: int) -> None:
    for sent in (sent_at, None):
        stored, flags = stored_time(timestamp, sent, received_at)
        assert stored - received_at <= SKEW
        assert not flags or stored == received_at


def test_an_import_keeps_the_receipt_of_the_event_and_others_do_not() -> None:
    assert enriched(received_at=BASE - HOUR, imported=True).received_at == BASE - HOUR
    assert enriched(received_at=BASE - HOUR).received_at == BASE


# ── R28: bots, libraries and devices ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "sent", EXAMPLES["ingest_bots_are_flagged_not_dropped"].events, ids=lambda sent: sent["user_id"]
)
def test_R28_worked_example(sent: dict[str, Any]) -> None:
    flagged = EXAMPLES["ingest_bots_are_flagged_not_dropped"].expected["flagged"]
    assert enriched(user_agent=sent["user_agent"]).bot == (sent["user_id"] in flagged)


@pytest.mark.parametrize(
    ("agent", "fields", "bot"),
    [
        pytest.param(GOOGLEBOT, {}, True, id="a crawler"),
        pytest.param(GOOGLEBOT, {"url": "https://x.example/"}, True, id="a crawler that runs the page"),
        pytest.param("Googlebot/2.1 (+http://www.google.com/bot.html)", {}, True, id="a crawler of few words"),
        pytest.param("facebookexternalhit/1.1", {}, True, id="a preview"),
        pytest.param(CHROME, {}, False, id="a browser"),
        pytest.param("python-requests/2.32.0", {}, False, id="a library is a server's client"),
        pytest.param("python-requests/2.32.0", {"title": "Home"}, True, id="a library with a title is not"),
        pytest.param("python-requests/2.32.0", {"screen": "800x600"}, True, id="a library with a screen is not"),
        pytest.param("python-requests/2.32.0", {"url": "https://x.example/"}, False, id="a server knows addresses too"),
        pytest.param("curl/8.5.0", {}, False, id="curl"),
        pytest.param("Go-http-client/1.1", {}, False, id="Go"),
        pytest.param("axios/1.7.2", {}, False, id="axios"),
        pytest.param("footfall-client/0.1.0", {"url": "https://x.example/"}, False, id="our client is never a bot"),
        pytest.param("", {"url": "https://x.example/"}, False, id="no user agent at all"),
        pytest.param("acme-billing/1.0", {}, False, id="a server of somebody's own"),
        pytest.param(
            "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/124.0.0.0 Mobile Safari/537.36",
            {},
            False,
            id="CUBOT is a phone",
        ),
    ],
)
def test_R28_who_is_a_bot(agent: str, fields: dict[str, str], bot: bool) -> None:
    assert enriched(agent=agent, **fields).bot is bot


def test_R28_the_request_of_an_import_says_nothing_of_its_events() -> None:
    """A command is a library, which with a browser's fields would be a bot."""
    seen = enriched(agent="python-httpx/0.28.1", imported=True, title="Pricing", screen="1280x720")
    assert (seen.bot, seen.browser, seen.device) == (False, "", "")
    assert enriched(agent="python-httpx/0.28.1", imported=True, user_agent=GOOGLEBOT, title="Pricing").bot
    assert enriched(agent=GOOGLEBOT, title="Pricing").bot


@pytest.mark.parametrize(
    ("agent", "browser", "os", "device"),
    [
        (CHROME, "Chrome", "Windows", "desktop"),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                " Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Mobile Safari",
            "iOS",
            "mobile",
        ),
        (
            (
                "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                " Version/16.0 Mobile/15E148 Safari/604.1"
            ),
            "Mobile Safari",
            "iOS",
            "tablet",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 14; SM-X210) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/124.0.0.0 Safari/537.36"
            ),
            "Chrome",
            "Android",
            "tablet",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox", "Linux", "desktop"),
        ("python-requests/2.32.0", "", "", ""),
        ("footfall-client/0.1.0", "", "", ""),
        ("", "", "", ""),
    ],
    ids=["desktop", "phone", "iPad", "Android tablet", "Firefox", "library", "our client", "nothing"],
)
def test_browser_system_and_device_come_from_the_user_agent(agent: str, browser: str, os: str, device: str) -> None:
    event = enriched(agent=agent)
    assert (event.browser, event.os, event.device) == (browser, os, device)


def test_what_was_sent_is_not_replaced_by_what_the_user_agent_says() -> None:
    event = enriched(agent=CHROME, browser="Kiosk", os="KioskOS", device="wall")
    assert (event.browser, event.os, event.device) == ("Kiosk", "KioskOS", "wall")


def test_the_events_own_user_agent_counts_before_the_request_and_is_never_stored() -> None:
    event = enriched(agent="python-requests/2.32.0", user_agent=CHROME)
    assert (event.browser, event.user_agent) == ("Chrome", "")


@given(st.text())
@example("Mozilla/" * 100_000)
@example("(" * 100_000)
@example("Android" * 50_000)
def test_any_user_agent_is_read(agent: str) -> None:
    read = agent_of(agent)
    assert all(isinstance(text, str) for text in (read.browser, read.os, read.device))


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────

CAMPAIGN = "utm_source=news&utm_medium=mail&utm_campaign=spring&utm_term=shoes&utm_content=top"


def test_a_campaign_comes_from_the_address_unless_it_was_sent() -> None:
    event = enriched(url=f"https://x.example/a?{CAMPAIGN}&token=secret", utm_medium="letter")
    assert (event.utm_source, event.utm_campaign, event.utm_term, event.utm_content) == (
        "news", "spring", "shoes", "top",
    )  # fmt: skip
    assert event.utm_medium == "letter"
    assert event.url == f"https://x.example/a?{CAMPAIGN}"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param("https://x.example/a/b", "https://x.example/a/b", id="nothing to cut"),
        pytest.param("https://x.example/a?email=a@b.example&ref=7", "https://x.example/a?ref=7", id="other keys"),
        pytest.param("https://user:secret@x.example:8443/a", "https://x.example:8443/a", id="credentials"),
        pytest.param("https://us@er:se@cret@x.example/a", "https://x.example/a", id="credentials with an at sign"),
        pytest.param("//user:secret@x.example/a", "//x.example/a", id="credentials without a scheme"),
        pytest.param("https://user:secret@[/a?b=c", "https://[/a", id="credentials before a broken host"),
        pytest.param("https://user:secret@exa\u2100mple/a", "https://exa\u2100mple/a", id="and before an odd one"),
        pytest.param("https://x.example/a#access_token=s3cret&x=1", "https://x.example/a", id="a fragment with tokens"),
        pytest.param("https://x.example/a#section-2", "https://x.example/a", id="a fragment that is no route"),
        pytest.param("https://x.example/#/cart/items", "https://x.example/#/cart/items", id="a hash route"),
        pytest.param("https://x.example/#!/cart?token=1", "https://x.example/#!/cart", id="a hash-bang with a query"),
        pytest.param("https://x.example/#/cart&token=1", "https://x.example/#/cart", id="a hash route with a pair"),
        pytest.param("https://x.example/#/token=1", "https://x.example/#/token", id="a hash route that is a pair"),
        pytest.param("/a?token=1", "/a", id="a path alone"),
        pytest.param(
            "https://x.example/a?utm_source=a%20b", "https://x.example/a?utm_source=a%20b", id="an encoded value"
        ),
        pytest.param("https://x.example/a?utm_source=", "https://x.example/a?utm_source=", id="an empty value"),
        pytest.param("https://x.example/a?ref=1&ref=2", "https://x.example/a?ref=1&ref=2", id="a repeated key"),
        pytest.param("https://x.example/a?REF=1&Utm_Source=2", "https://x.example/a", id="keys letter for letter"),
        pytest.param(
            "https://x.example/a?ref=1;token=2", "https://x.example/a?ref=1", id="pairs parted by a semicolon"
        ),
        pytest.param("http://[::1]:80/a?b=1", "http://[::1]:80/a", id="a literal address"),
        pytest.param("http://[", "http://[", id="no address at all"),
        pytest.param("http://[?token=1#x", "http://[", id="no address, with a query"),
    ],
)
def test_an_address_keeps_no_more_than_the_allow_list_says(sent: str, kept: str) -> None:
    event = enriched(url=sent, referrer=sent)
    assert (event.url, event.referrer) == (kept, kept)


@pytest.mark.parametrize(
    ("fields", "page"),
    [
        pytest.param({"url": "https://x.example/a/b?c=1#d"}, "/a/b", id="the path of the address"),
        pytest.param({"url": "https://x.example"}, "/", id="the root"),
        pytest.param({"url": "https://x.example/a", "page": "Checkout"}, "Checkout", id="the page that was sent"),
        pytest.param({"page": "/a?token=1"}, "/a", id="a sent page without its query"),
        pytest.param({"page": "/a#/b?token=1"}, "/a#/b", id="a sent page with its route"),
        pytest.param({}, "", id="unknown"),
    ],
)
def test_the_page(fields: dict[str, str], page: str) -> None:
    assert enriched(**fields).page == page


def test_a_project_may_allow_more_keys() -> None:
    sent = Event(event="a", event_id="1", timestamp=BASE, received_at=BASE, url="https://x.example/?q=shoes&token=1")
    kept = enrich(sent, Receipt(received_at=BASE), QUERY_KEYS | {"q"})
    assert kept.url == "https://x.example/?q=shoes"


PIECES = st.text(st.sampled_from("/?#&;=@:[]%.!aé \t\n\\\0"), max_size=12)


@given(st.builds("".join, st.lists(PIECES | st.sampled_from(["https://", "//", "utm_source=", "ref=", "token="]))))
@example("http://[v1.a]/?token=1")
@example("http://a]b/?token=1")
@example("https://x.example/\n?token=1")
def test_no_address_raises_or_keeps_a_key_that_is_not_allowed(address: str) -> None:
    event = enriched(url=address, referrer=address, page=address)
    for text in (event.url, event.referrer, event.page):
        query = text.partition("#")[0].partition("?")[2]
        assert {unquote_plus(pair.partition("=")[0]) for pair in re.split("[&;]", query) if pair} <= QUERY_KEYS


@given(st.dictionaries(st.text(min_size=1), st.text()), st.text(st.characters(blacklist_categories=["Cs"])))
def test_what_is_allowed_comes_through_whatever_else_is_there(others: dict[str, str], campaign: str) -> None:
    pairs = {key: value for key, value in others.items() if key not in QUERY_KEYS}
    query = "&".join(f"{quote(key)}={quote(value)}" for key, value in [*pairs.items(), ("utm_campaign", campaign)])
    event = enriched(url=f"https://x.example/a?{query}")
    assert event.utm_campaign == campaign
    assert parse_qsl(urlsplit(event.url).query, keep_blank_values=True) == [("utm_campaign", campaign)]


def test_cutting_twice_changes_nothing_more() -> None:
    once = cut_query(f"https://u:p@x.example/a?{CAMPAIGN}&q=1#/b?c", QUERY_KEYS).text
    assert cut_query(once, QUERY_KEYS).text == once
