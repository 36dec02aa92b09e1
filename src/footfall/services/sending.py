"""Sending to addresses that somebody typed in, without being sent anywhere that they must not reach.

A name is resolved once, every address of it has to be public, and the connection goes to the address that was looked
at; redirects are not followed, no proxy of the environment is asked, and of an answer a little is read. Hosts that were
allowed by name (`FOOTFALL_ALERT_HOSTS`) may be private, and may speak plain HTTP.
"""

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import httpx

from footfall.alerts.addresses import is_public
from footfall.alerts.channels import Answered, Mail, Outcome, Post, outcome

SECONDS = 5.0
MOST_BYTES = 64 * 1024
_PORTS = {"https": 443, "http": 80}

Resolve = Callable[[str, int], Awaitable[list[str]]]


class Forbidden(Exception):  # noqa: N818 - says what an address is
    """An address that must not be reached."""


async def resolve(host: str, port: int) -> list[str]:
    """Addresses of a host; every way to write one is resolved before it is judged."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class Sender:
    def __init__(self, allowed: frozenset[str] = frozenset(), mail_url: str = "", resolver: Resolve = resolve) -> None:
        """`allowed` are hosts, with or without a port; `mail_url` is `smtp(s)://user:password@host:port?from=…`."""
        self._allowed = allowed
        self._mail_url = mail_url
        self._resolve = resolver

    async def send(self, kind: str, what: Post | Mail) -> Outcome:
        """Never raises: what went wrong is in the outcome."""
        try:
            if isinstance(what, Mail):
                return await asyncio.to_thread(self._mail, what)
            return outcome(kind, await self._post(what))
        except Forbidden as forbidden:
            return Outcome(taken=False, error=str(forbidden))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, UnicodeError) as error:
            # The address may hold a secret, and some errors repeat it.
            return Outcome(taken=False, again=True, error=type(error).__name__)

    async def _post(self, what: Post) -> Answered:
        parts = urlsplit(what.url)
        host, scheme = parts.hostname or "", parts.scheme.lower()
        port = parts.port or _PORTS.get(scheme, 0)
        is_allowed = bool(self._allowed & {host.lower(), f"{host.lower()}:{port}"})
        if scheme not in _PORTS or not host or parts.username is not None:
            raise Forbidden("An address begins with https:// and has no password in it.")
        if scheme == "http" and not is_allowed:
            raise Forbidden(f"Only https:// is sent to; FOOTFALL_ALERT_HOSTS may allow {host[:100]}.")
        addresses = await asyncio.wait_for(self._resolve(host, port), SECONDS)
        if not addresses or (not is_allowed and not all(map(is_public, addresses))):
            raise Forbidden(f"{host[:100]} is not on the internet; FOOTFALL_ALERT_HOSTS may allow it.")
        # The one that was looked at, so that a second look-up cannot lead elsewhere.
        pinned = addresses[0]
        bracketed = f"[{pinned}]" if ":" in pinned else pinned
        url = httpx.URL(what.url).copy_with(host=bracketed.strip("[]"))
        headers = what.headers | {
            "host": host if port == _PORTS[scheme] else f"{host}:{port}",
            "user-agent": "footfall",
        }
        async with (
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS) as client,
            client.stream("POST", url, content=what.body, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            return Answered(
                status=answer.status_code,
                headers={name.lower(): value for name, value in answer.headers.items()},
                body=await asyncio.wait_for(_beginning(answer), SECONDS),
            )

    def _mail(self, mail: Mail) -> Outcome:
        if not self._mail_url:
            return Outcome(taken=False, error="There is no mail server; set FOOTFALL_MAIL.")
        parts = urlsplit(self._mail_url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        letter = EmailMessage()
        letter["From"] = sender_of(self._mail_url)
        letter["To"] = mail.to
        letter["Subject"] = mail.subject
        letter.set_content(mail.text)
        if mail.html:
            letter.add_alternative(mail.html, subtype="html")
        context = ssl.create_default_context()
        is_tls = parts.scheme == "smtps"
        try:
            with (
                smtplib.SMTP_SSL(parts.hostname or "", parts.port or 465, timeout=SECONDS, context=context)
                if is_tls
                else smtplib.SMTP(parts.hostname or "", parts.port or 587, timeout=SECONDS)
            ) as server:
                server.ehlo()
                if not is_tls and server.has_extn("starttls"):
                    server.starttls(context=context)
                    server.ehlo()
                if user:
                    server.login(user, password)
                server.send_message(letter)
        except smtplib.SMTPResponseException as error:
            again = 400 <= error.smtp_code < 500  # noqa: PLR2004 - a temporary one
            return Outcome(taken=False, again=again, error=f"SMTP {error.smtp_code}")
        except smtplib.SMTPRecipientsRefused:
            return Outcome(taken=False, error="The mail server knows no such recipient.")
        except smtplib.SMTPException as error:
            return Outcome(taken=False, again=True, error=type(error).__name__)
        return Outcome(taken=True)


def sender_of(mail_url: str) -> str:
    """Whose name letters bear: `from=` of the address, or the user's."""
    parts = urlsplit(mail_url)
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if name == "from":
            return unquote(value)
    return unquote(parts.username or "") or f"footfall@{parts.hostname or 'localhost'}"


async def _beginning(answer: httpx.Response) -> bytes:
    read = b""
    async for piece in answer.aiter_raw():
        read += piece
        if len(read) >= MOST_BYTES:
            break
    return read[:MOST_BYTES]
