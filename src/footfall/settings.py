"""Settings: read once, from options and `FOOTFALL_…` in the environment, and handed down in pieces."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from footfall.enrich import QUERY_KEYS
from footfall.model.errors import BadRequest
from footfall.model.event import Millis
from footfall.model.period import parse_moment, zone_of

DEFAULT_PORT = 8400
SCRIPT_PATH = "/footfall.js"
SHORTEST_ADMIN_KEY = 16
"""Characters, on a server that listens beyond loopback."""
SHORTEST_HASH_KEY = 32
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

CLICKHOUSE_OPTIONS = frozenset({"ca_cert", "connect_timeout", "send_receive_timeout"})
"""What may stand behind the `?` of a ClickHouse URL: a file with a certificate, and seconds."""
SPOOL_LIMIT = 4 * 1024**3
QUARANTINE_LIMIT = 256 * 1024**2
QUARANTINE_DAYS = 30

Network = IPv4Network | IPv6Network


class OpenId(msgspec.Struct, frozen=True, kw_only=True):
    """An OpenID provider that people may sign in with."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    """What the button says."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set. `data` is a folder of one server only."""

    data: Path = Path("footfall-data")
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    timezone: str = "UTC"
    """Zone of the default project when it is made."""
    keyless: bool = False
    """Take events, and answer `stats`, for the default project without a key."""
    open_reading: bool = False
    """Answer `read` without a key as well: the demo's invented data."""
    shop: bool = False
    """Serve the example shop at `/shop/`, as the demo does."""
    write_key: str | None = None
    read_key: str | None = None
    admin_key: str | None = None
    """Fixed keys of the default project."""
    allowed_hosts: tuple[str, ...] = ()
    """`Host` names that are answered besides loopback's; any when the server does not listen on loopback."""
    database: str | None = None
    """`postgresql://…` for the catalog; None is SQLite in the data folder."""
    clickhouse: tuple[str, ...] = ()
    """`http(s)://user:password@host:8123/database` for each replica of a server; none is the engine in the folder."""
    trusted_proxies: tuple[Network, ...] = ()
    """Whose `X-Forwarded-*` are believed."""
    address_limit: str | None = None
    """Requests of one address, such as `600/minute`; None is no limit."""
    openid: OpenId | None = None
    query_keys: frozenset[str] = QUERY_KEYS
    """Keys of a query string that are kept in url and referrer."""
    script_path: str = SCRIPT_PATH
    """Where pages find the browser SDK."""
    spool_limit: int = SPOOL_LIMIT
    """Bytes of events that may wait for the engine; past it, arrival answers 503."""
    quarantine_limit: int = QUARANTINE_LIMIT
    quarantine_days: int = QUARANTINE_DAYS
    """Bytes of a project's refused events that are kept."""
    disk_reserve: int | None = None
    """Bytes of the disk that arrival leaves free; None is a twentieth of it, at most 256 MiB."""
    question_memory: int | None = None
    """Bytes of memory for one question; None goes by the machine (ADR 0048)."""
    scan: bool = True
    """Look for personal data and secrets in what comes."""
    hash_key: bytes = b""
    """To hash personal data with; the folder's own where empty."""
    alert_hosts: frozenset[str] = frozenset()
    """Hosts of the inside, with or without a port, that alerts may be sent to."""
    mail: str = ""
    """`smtp(s)://user:password@host:port?from=…` of the server that letters are given to."""
    slack_webhook: str = ""
    """Of channels of Slack that name none."""
    redis: str | None = None
    """`redis://…` where S1's evaluator keeps its cooldowns."""
    public_url: str = ""
    """Where people find the dashboard, for links in notices."""
    now: Millis | None = None
    """A clock that stands still, for tests (R11, R27)."""

    @property
    def on_loopback(self) -> bool:
        return self.host in LOOPBACK


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Settings from `FOOTFALL_…`. Raises `BadRequest` with the variable's name as path."""
    zone = zone_of("UTC")
    now = environment.get("FOOTFALL_NOW")
    timezone = environment.get("FOOTFALL_TIMEZONE", "UTC")
    zone_of(timezone, path="FOOTFALL_TIMEZONE")
    return Settings(
        data=Path(environment.get("FOOTFALL_DATA", "footfall-data")),
        host=environment.get("FOOTFALL_HOST", "127.0.0.1"),
        port=_port(environment.get("FOOTFALL_PORT", str(DEFAULT_PORT))),
        timezone=timezone,
        keyless=_flag(environment, "FOOTFALL_KEYLESS"),
        write_key=environment.get("FOOTFALL_WRITE_KEY") or None,
        read_key=environment.get("FOOTFALL_READ_KEY") or None,
        admin_key=environment.get("FOOTFALL_ADMIN_KEY") or None,
        allowed_hosts=_words(environment.get("FOOTFALL_ALLOWED_HOSTS", "")),
        database=environment.get("FOOTFALL_DATABASE") or None,
        clickhouse=_clickhouse(environment),
        trusted_proxies=networks(_words(environment.get("FOOTFALL_TRUSTED_PROXY", "")), "FOOTFALL_TRUSTED_PROXY"),
        address_limit=environment.get("FOOTFALL_ADDRESS_LIMIT") or None,
        openid=_openid(environment),
        query_keys=QUERY_KEYS | set(_words(environment.get("FOOTFALL_QUERY_KEYS", ""))),
        script_path=_script_path(environment.get("FOOTFALL_SCRIPT_PATH", SCRIPT_PATH)),
        spool_limit=_size(environment, "FOOTFALL_SPOOL_LIMIT", SPOOL_LIMIT),
        quarantine_limit=_size(environment, "FOOTFALL_QUARANTINE_LIMIT", QUARANTINE_LIMIT),
        quarantine_days=_days(environment, "FOOTFALL_QUARANTINE_DAYS", QUARANTINE_DAYS),
        disk_reserve=_size(environment, "FOOTFALL_DISK_RESERVE", None),
        question_memory=_size(environment, "FOOTFALL_QUESTION_MEMORY", None),
        scan=_flag({"FOOTFALL_SCAN": "1"} | dict(environment), "FOOTFALL_SCAN"),
        hash_key=_hash_key(environment.get("FOOTFALL_HASH_KEY", "")),
        alert_hosts=frozenset(word.lower() for word in _words(environment.get("FOOTFALL_ALERT_HOSTS", ""))),
        mail=_mail(environment.get("FOOTFALL_MAIL", "")),
        slack_webhook=environment.get("SLACK_WEBHOOK_URL", ""),
        redis=environment.get("FOOTFALL_REDIS") or environment.get("REDIS_URL") or None,
        public_url=environment.get("FOOTFALL_PUBLIC_URL", "").rstrip("/"),
        now=parse_moment(now, zone, path="FOOTFALL_NOW") if now else None,
    )


def _mail(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
        # It may hold a password, so it is not repeated.
        raise BadRequest("A mail server looks like smtps://user:password@host:465?from=…", path="FOOTFALL_MAIL")
    return text


def _hash_key(text: str) -> bytes:
    if text and len(text) < SHORTEST_HASH_KEY:
        raise BadRequest(f"A key has {SHORTEST_HASH_KEY} characters at least.", path="FOOTFALL_HASH_KEY")
    return text.encode()


def clock(settings: Settings) -> Millis:
    """The time: the one that `FOOTFALL_NOW` fixed, else the machine's."""
    if settings.now is not None:
        return settings.now
    return round(datetime.now(UTC).timestamp() * 1000)


def networks(words: Iterable[str], path: str) -> tuple[Network, ...]:
    """`10.0.0.0/8`, `::1`. Raises `BadRequest`."""
    try:
        return tuple(ip_network(word) for word in words)
    except ValueError as error:
        raise BadRequest(
            f"A trusted proxy is an address or a network such as 10.0.0.0/8: {error}.", path=path
        ) from None


def check_admin_key(settings: Settings) -> None:
    """Raises `BadRequest` for an operator's key that can be guessed on a server that others reach."""
    if settings.admin_key and not settings.on_loopback and len(settings.admin_key) < SHORTEST_ADMIN_KEY:
        raise BadRequest(
            f"The operator's key opens everything; beyond loopback it has at least {SHORTEST_ADMIN_KEY} characters, and"
            " they cannot be guessed. `openssl rand -hex 16` makes one.",
            path="FOOTFALL_ADMIN_KEY",
        )


def clickhouse_urls(urls: Iterable[str], path: str) -> tuple[str, ...]:
    """Replicas of a ClickHouse server, or one `chdb:///folder`. Raises `BadRequest`, which repeats no password."""
    listed = tuple(urls)
    for url in listed:
        fault = _fault_of(url)
        if fault is None and len(listed) > 1 and url.startswith("chdb:"):
            fault = "chdb:// stands alone: there is one engine in a process"
        if fault is not None:
            raise BadRequest(f"A ClickHouse URL is http(s)://user:password@host:8123/database; {fault}.", path=path)
    return listed


def _fault_of(url: str) -> str | None:
    """What is wrong with the URL of a ClickHouse server. It is not quoted: its password may be anywhere in it."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - read, it is checked
    except ValueError:
        return "this one cannot be read (a port is a number, and / ? # @ : in a password are written as %2F …)"
    if parts.scheme == "chdb":
        known = not (parts.netloc or parts.query or parts.fragment) and len(parts.path) > 1
        return (
            None if known else "chdb:// wants the absolute path of a folder, as in chdb:///var/lib/footfall/warehouse"
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(options.keys() - CLICKHOUSE_OPTIONS)
    return next(
        (
            fault
            for fault, found in (
                ("this one begins with neither", parts.scheme not in {"http", "https"}),
                ("this one has no host", not parts.hostname),
                ("this one has more than a database behind the host", "/" in parts.path.strip("/")),
                ("this one has a # in it", bool(parts.fragment)),
                (f"of options behind a ? there are {', '.join(sorted(CLICKHOUSE_OPTIONS))}", bool(unknown)),
                (
                    "time-outs are whole seconds",
                    any(not options[name].isdigit() for name in options if name.endswith("_timeout")),
                ),
            )
            if found
        ),
        None,
    )


def _clickhouse(environment: Mapping[str, str]) -> tuple[str, ...]:
    # S1's name for it is understood where ours is not set.
    name = next((name for name in ("FOOTFALL_CLICKHOUSE", "CLICKHOUSE_URL") if environment.get(name)), None)
    return clickhouse_urls(_words(environment[name]), name) if name is not None else ()


def size_of(text: str, path: str) -> int:
    """`512 MiB`, `4GiB`, `2000000` in bytes. Raises `BadRequest`."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise BadRequest(f"A size looks like 512MiB or 4GiB, not “{text[:40]}”.", path=path)
    return int(found["number"]) * _UNITS[(found["unit"] or "b").lower()]


_SIZE = re.compile(r"(?P<number>\d{1,15}) ?(?P<unit>[KMGT]?i?B?)", re.ASCII | re.IGNORECASE)
_UNITS = {
    f"{letter}{rest}": (1000 if rest == "b" and letter else 1024) ** power
    for power, letter in enumerate(("", "k", "m", "g", "t"))
    for rest in ("", "b", "i", "ib")
}


Default = TypeVar("Default", int, None, int | None)


def _size(environment: Mapping[str, str], name: str, default: Default) -> int | Default:
    text = environment.get(name)
    return size_of(text, name) if text else default


def _openid(environment: Mapping[str, str]) -> OpenId | None:
    issuer = environment.get("FOOTFALL_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return None
    parts = urlsplit(issuer)
    # What the provider says is believed, so nobody may speak in its place on the way.
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise BadRequest("An OpenID issuer is an https:// address.", path="FOOTFALL_OIDC_ISSUER")
    wanted = {name: environment.get(f"FOOTFALL_OIDC_{name.upper()}", "") for name in ("client_id", "client_secret")}
    for name, value in wanted.items():
        if not value:
            raise BadRequest("An OpenID issuer needs a client's id and secret.", path=f"FOOTFALL_OIDC_{name.upper()}")
    return OpenId(issuer=issuer, name=environment.get("FOOTFALL_OIDC_NAME") or parts.hostname or issuer, **wanted)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _flag(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "").strip().lower()
    if value in {"", "0", "false", "no", "off"}:
        return False
    if value in {"1", "true", "yes", "on"}:
        return True
    raise BadRequest(f"{name} is 1 or 0, not “{value[:40]}”.", path=name)


def _days(environment: Mapping[str, str], name: str, usual: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return usual
    if not text.isdigit() or not 0 < int(text) <= 3660:  # noqa: PLR2004 - ten years
        raise BadRequest(f"“{text[:40]}” is no number of days, from 1 to 3660.", path=name)
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 1 << 16:
        raise BadRequest(f"“{text[:40]}” is no port.", path="FOOTFALL_PORT")
    return int(text)


def _script_path(text: str) -> str:
    # Ending in .js, it is nobody else's: no other path of ours does but those named here.
    if not re.fullmatch(r"(/[\w.-]+)+\.js", text, re.ASCII) or text == "/assets/scheme.js" or ".." in text:
        raise BadRequest(
            f"“{text[:60]}” is no path for the script; one looks like /assets/site.js.", path="FOOTFALL_SCRIPT_PATH"
        )
    return text
