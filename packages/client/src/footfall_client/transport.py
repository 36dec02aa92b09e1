"""One `POST` over a connection that is kept. Failures of the network are answers, not exceptions.

By the standard library alone (ADR 0072): `http.client` with its certificates, its time limits, and the proxies that the
environment names. A redirect is not followed, since the key would go to wherever it leads.
"""

import base64
import contextlib
import encodings.idna  # noqa: F401  # pyright: ignore[reportUnusedImport] - see below
import gzip
import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from footfall_client.verdict import Answer, read_retry_after

# A connection imports `encodings.idna`, and a child of a fork in the midst of that would wait for its lock for ever.

PATH = "/api/events/collect"
_GZIP_FROM = 1024
"""Bytes. Less than this hardly becomes smaller."""
_MOST_READ = 64 * 1024
"""Bytes of an answer; ours are empty or a problem of some lines."""


class Transport:
    """For one thread. `url` is the server's address, with or without the path that takes events."""

    def __init__(self, url: str, key: str | None, timeout: float, agent: str) -> None:
        """Raises `ValueError` for what is no address of HTTP."""
        self._url = urlsplit(url.strip())
        if self._url.scheme not in {"http", "https"} or not self._url.hostname:
            raise ValueError("The address has to be one of HTTP, such as https://analytics.example.")
        _ = self._url.port  # which is read, and refused, where it is asked for
        path = self._url.path.rstrip("/")
        self._path = path if path.endswith(PATH) else path + PATH
        self._timeout = timeout
        self._headers = {"Content-Type": "application/json", "User-Agent": agent, "Accept": "application/json"}
        if key:
            if not (key.isascii() and key.isprintable()):
                raise ValueError("The key has characters that no header can carry.")
            self._headers["Authorization"] = f"Bearer {key}"
        self._connection: HTTPConnection | None = None
        self._target = self._path
        self._to_proxy: dict[str, str] = {}

    def post(self, body: bytes) -> Answer:
        """Send JSON, gzipped where that pays; what came back."""
        headers = dict(self._headers)
        if len(body) >= _GZIP_FROM:
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        kept = self._connection is not None
        try:
            try:
                return self._post(body, headers)
            except (ConnectionError, HTTPException):
                if not kept:
                    raise
                # The other side had closed it while nothing was sent; ids make a second copy harmless.
                return self._post(body, headers)
        except (OSError, HTTPException, ValueError) as error:
            return Answer(0, error=type(error).__name__)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.close()

    def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        if self._connection is None:
            self._connection = self._connect()
        connection, sound = self._connection, False
        try:
            with contextlib.suppress(BrokenPipeError):  # a 413 may come before all is sent
                connection.request("POST", self._target, body, headers | self._to_proxy)
            response = connection.getresponse()
            rest = response.read(_MOST_READ + 1)
            sound = len(rest) <= _MOST_READ
            told = read_retry_after(response.headers.get("Retry-After"), time.time())
            return Answer(response.status, told)
        finally:
            if not sound:
                self.close()

    def _connect(self) -> HTTPConnection:
        """A connection to the server or to the proxy that the environment names for it."""
        proxy = _proxy_for(self._url)
        self._target, self._to_proxy = self._path, {}
        if proxy is None:
            return _connection(self._url, self._timeout)
        headers = _credentials(proxy)
        if self._url.scheme == "https":
            tunnel = HTTPSConnection(
                proxy.hostname or "", _port(proxy), timeout=self._timeout, context=ssl.create_default_context()
            )
            tunnel.set_tunnel(self._url.hostname or "", _port(self._url), headers)
            return tunnel
        self._to_proxy = headers
        self._target = f"http://{self._url.netloc.rpartition('@')[2]}{self._path}"
        return _connection(proxy, self._timeout)


def _connection(url: SplitResult, timeout: float) -> HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        return HTTPSConnection(host, _port(url), timeout=timeout, context=ssl.create_default_context())
    return HTTPConnection(host, _port(url), timeout=timeout)


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _proxy_for(url: SplitResult) -> SplitResult | None:
    host = url.hostname or ""
    # Of the environment alone: macOS's own settings must not be read in a process that was forked.
    named = getproxies_environment().get(url.scheme)
    if not named or _is_own(host) or proxy_bypass(url.netloc.rpartition("@")[2]):
        return None
    proxy = urlsplit(named if "//" in named else f"http://{named}")
    return proxy if proxy.hostname else None


def _is_own(host: str) -> bool:
    """This machine, which no proxy leads to."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
