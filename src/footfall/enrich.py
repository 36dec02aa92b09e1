"""What we add to an event by ourselves: the right time, the device, the campaign, and less of the address.

Pure: everything comes from the event and its receipt. Promises R27 (clocks), R28 (bots are flagged), and that
no address of a page keeps more of its query string than an allow-list says (tokens travel there).
"""

import re
from functools import cache, lru_cache
from urllib.parse import unquote_plus, urlsplit, urlunsplit

import crawleruseragents
import msgspec
import ua_parser

from footfall.model.event import Event, Millis, Receipt
from footfall.model.period import EARLIEST

SKEW = 5 * 60 * 1000
"""R27: below this, the difference between sending and receiving is network delay, not a wrong clock."""
FUTURE_FLAG = "timestamp_in_future"
PAST_FLAG = "timestamp_too_old"

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
QUERY_KEYS = frozenset((*UTM, "utm_id", "ref"))
"""Keys of a query string that are kept; `FOOTFALL_QUERY_KEYS` adds to them."""

OUR_CLIENT = "footfall-client"


class Agent(msgspec.Struct, frozen=True):
    """What a user agent says of itself."""

    browser: str = ""
    os: str = ""
    device: str = ""
    bot: bool = False
    library: bool = False
    """An HTTP library: a server's client, unless a browser's fields say otherwise."""


def enrich(event: Event, receipt: Receipt, query_keys: frozenset[str] = QUERY_KEYS) -> Event:
    """The event with its stored time, device, campaign and shortened addresses."""
    received_at = event.received_at if receipt.keeps_receipt else receipt.received_at
    # The request of an import is ours, and says nothing of who did what was done.
    agent = agent_of(event.user_agent if receipt.keeps_receipt else event.user_agent or receipt.user_agent)
    changes: dict[str, object] = {"received_at": received_at, "user_agent": "", "exported": False}
    if not event.exported:  # whose time is corrected already, and correcting it twice would be wrong
        timestamp, flags = stored_time(event.timestamp, event.sent_at, received_at)
        changes["timestamp"] = timestamp
        changes["bot"] = is_bot(agent, event)
        if flags:
            changes["flags"] = (*event.flags, *flags)
    if not agent.library:
        if not event.browser:
            changes["browser"] = agent.browser
        if not event.os:
            changes["os"] = agent.os
        if not event.device:
            changes["device"] = agent.device
    if event.url:
        changes |= _from_url(event, cut_query(event.url, query_keys))
    if event.page and ("?" in event.page or "#" in event.page):
        changes["page"] = cut_query(event.page, query_keys).text
    if event.referrer:
        changes["referrer"] = cut_query(event.referrer, query_keys).text
    return msgspec.structs.replace(event, **changes)


def _from_url(event: Event, url: "CutUrl") -> dict[str, object]:
    """The shortened address, and the page and campaign that it tells where the event does not."""
    found: dict[str, object] = {"url": url.text}
    if not event.page:
        found["page"] = url.path
    for name in UTM:
        if name in url.kept and not getattr(event, name):
            found[name] = url.kept[name]
    return found


def stored_time(timestamp: Millis, sent_at: Millis | None, received_at: Millis) -> tuple[Millis, tuple[str, ...]]:
    """R27: the time to store, and the flags that tell what was done to it.

    With `sent_at`, a difference of five minutes or more is a wrong clock and corrected. What is still more
    than five minutes ahead of its receipt cannot have happened yet, and becomes the time of receipt.
    """
    if sent_at is not None and abs(received_at - sent_at) >= SKEW:
        timestamp += received_at - sent_at
    if timestamp - received_at > SKEW:
        return received_at, (FUTURE_FLAG,)
    if timestamp < EARLIEST:  # a clock so wrong that the correction leaves the calendar
        return received_at, (PAST_FLAG,)
    return timestamp, ()


class CutUrl(msgspec.Struct, frozen=True):
    text: str
    path: str
    kept: dict[str, str]


_CREDENTIALS = re.compile(r"//.*@")
_HASH_ROUTE = re.compile(r"!?/[^?&=]*")


@lru_cache(maxsize=4096)
def cut_query(url: str, keys: frozenset[str]) -> CutUrl:
    """An address without credentials, without a fragment that is no route, and with allow-listed keys only."""
    try:
        parts = urlsplit(url)
    except ValueError:  # "http://[" and its like: keep what comes before any query
        text = re.split(r"[?#]", url, maxsplit=1)[0]
        return CutUrl(_CREDENTIALS.sub("//", text), "", {})
    # What is kept keeps its own spelling. Some servers part pairs by semicolons, so nothing behind one is kept.
    pairs = (part.partition(";")[0] for part in parts.query.split("&"))
    kept = [(key, pair) for pair in pairs if (key := unquote_plus(pair.partition("=")[0])) in keys]
    route = _HASH_ROUTE.match(parts.fragment)
    host = parts.netloc.rpartition("@")[2]
    text = urlunsplit(
        (parts.scheme, host, parts.path, "&".join(pair for _, pair in kept), route.group() if route else "")
    )
    values = {key: unquote_plus(pair.partition("=")[2]) for key, pair in kept}
    return CutUrl(text, parts.path or ("/" if host else ""), values)


_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk/|Kindle|Android(?!.*Mobile)", re.IGNORECASE)
_MOBILE = re.compile(r"Mobi|Android|iPhone|iPod", re.IGNORECASE)
_BROWSER_SHAPED = "Mozilla/"


@lru_cache(maxsize=8192)
def agent_of(user_agent: str) -> Agent:
    """Browser, system, kind of device, and whether this is a crawler, a library or our own client.

    Crawlers come from the crawler-user-agents list, names from ua-parser. The kind of device is S1's
    `/Mobi|Android/` with tablets told apart, so that server and browser SDK say the same.
    """
    if not user_agent:
        return Agent(library=True)
    if user_agent.startswith(OUR_CLIENT):
        return Agent(library=True)
    user_agent = user_agent[:1024]
    crawler = crawleruseragents.is_crawler(user_agent)
    names = ua_parser.parse(user_agent)
    named_library = bool(_libraries().search(user_agent))
    library = named_library or not (crawler or user_agent.startswith(_BROWSER_SHAPED))
    return Agent(
        browser=names.user_agent.family if names.user_agent else "",
        os=names.os.family if names.os else "",
        device=_device(user_agent),
        bot=crawler,
        library=library,
    )


def is_bot(agent: Agent, event: Event) -> bool:
    """R28, with "Words": a library's user agent without a browser's fields is a server's client, not a bot."""
    if not agent.bot:
        return False
    from_browser = bool(event.title or event.screen)
    return from_browser or not agent.library


def _device(user_agent: str) -> str:
    if _TABLET.search(user_agent):
        return "tablet"
    return "mobile" if _MOBILE.search(user_agent) else "desktop"


@cache
def _libraries() -> re.Pattern[str]:
    entries = crawleruseragents.CRAWLER_USER_AGENTS_DATA
    return re.compile("|".join(e["pattern"] for e in entries if "http-library" in e.get("tags", ())))
