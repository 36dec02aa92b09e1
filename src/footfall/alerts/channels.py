"""Channels: what a notice is for each of them, and whether an answer means that it was taken.

One row each. Several answer 200 whatever happens, so success is told by the body (`governance.md`, "Payloads").
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from html import escape as escape_html
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import msgspec

from footfall.alerts.message import Message, shown
from footfall.alerts.rule import Channel
from footfall.model.event import Millis
from footfall.model.period import rfc3339

TELEGRAM = "https://api.telegram.org"
PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
_WECOM_BYTES = 4096
_SLACK_TITLE, _SLACK_TEXT = 150, 3000
_DISCORD_TEXT = 2000
_TELEGRAM_TEXT = 4096
_PAGERDUTY_SUMMARY = 1024


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A request that carries a notice."""

    url: str
    body: bytes
    headers: dict[str, str] = {}


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    to: str
    subject: str
    text: str
    html: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By name in small letters."""
    body: bytes


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    taken: bool
    again: bool = False
    """Whether another try may end otherwise."""
    wait: float | None = None
    """Seconds that the other side asks for."""
    error: str = ""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    build: Callable[[Channel, Message, Millis], Post | Mail]
    judge: Callable[[Answered], bool] = lambda _answered: True
    """Whether an answer of 2xx means what it says."""
    waits: Callable[[Answered], float | None] = lambda _answered: None
    """Seconds to wait that the body tells, where the header does not."""
    rate: str = ""
    """What the vendor takes for one target; what is over it waits for its turn."""


def outcome(kind: str, answered: Answered) -> Outcome:
    """What an answer of a channel means."""
    channel = CHANNELS[kind]
    if 200 <= answered.status < 300 and channel.judge(answered):  # noqa: PLR2004 - classes of HTTP
        return Outcome(taken=True)
    said = answered.body[:200].decode("utf-8", "replace").strip()
    error = f"HTTP {answered.status}{': ' + said if said else ''}"
    # What a channel refuses in an answer of 200 may be a limit, so it is tried again.
    status = answered.status
    again = status in {408, 425, 429} or status >= 500 or status < 300  # noqa: PLR2004 - as above
    wait = _seconds(answered.headers.get("retry-after")) or channel.waits(answered)
    return Outcome(taken=False, again=again, wait=wait, error=error)


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None  # a date: the usual pauses are long enough


def _json(url: str, body: object, **headers: str) -> Post:
    return Post(url=url, body=msgspec.json.encode(body), headers={"content-type": "application/json", **headers})


def _decoded(answered: Answered) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answered.body)
    except (msgspec.MsgspecError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(message: Message) -> list[str]:
    """Everything but title and link, a line each."""
    return [message.detail, *([f"Owner: {message.owner}"] if message.owner else [])]


def _link(message: Message, form: str = "{}") -> list[str]:
    return [form.format(message.link)] if message.link else []


# ── webhook, Slack, Discord, Teams, Telegram ─────────────────────────────────────────────────────────────────


def _webhook(channel: Channel, message: Message, now: Millis) -> Post:
    """S1's notice, and the rest of it; signed where there is a secret."""
    told = {"title": message.title, "body": message.detail, "event": message.event, "value": message.value}
    more: dict[str, Any] = {
        "id": message.id, "incident": message.incident, "kind": message.kind, "severity": message.severity,
        "name": message.name, "group": message.instance or None, "at": rfc3339(message.at),
        "project": message.project, "link": message.link or None, "owner": message.owner or None,
    }  # fmt: skip
    letter = message.letter
    if letter is not None:  # which is no alarm
        told["body"] = letter.text
        more = {name: value for name, value in more.items() if name != "severity"} | letter.data
    body = msgspec.json.encode(told | more)
    stamp = str(now // 1000)
    signed = {"x-signature": f"v1={signature(channel.secret, stamp, body)}"} if channel.secret else {}
    return Post(
        url=channel.target,
        body=body,
        headers={"content-type": "application/json", "x-alert-id": message.id, "x-timestamp": stamp, **signed},
    )


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Hex of HMAC-SHA-256 over the time, a full stop and the body."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()


def _slack(channel: Channel, message: Message, _now: Millis) -> Post:
    lines = [*map(_for_slack, _said(message)), *(f"<{_for_slack(link)}|Open>" for link in _link(message))]
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": message.title[:_SLACK_TITLE]}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)[:_SLACK_TEXT]}},
    ]
    return _json(channel.target, {"text": _for_slack(message.title), "blocks": blocks})


def _for_slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _discord(channel: Channel, message: Message, _now: Millis) -> Post:
    lines = [f"**{_for_markdown(message.title)}**", *map(_for_markdown, _said(message)), *_link(message)]
    # Nobody is called by a name that somebody else has chosen.
    return _json(channel.target, {"content": "\n".join(lines)[:_DISCORD_TEXT], "allowed_mentions": {"parse": []}})


def _for_markdown(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\*_`~|>#[]()@<" else sign for sign in text)


def _teams(channel: Channel, message: Message, _now: Millis) -> Post:
    title, *lines = (
        {"type": "TextBlock", "wrap": True, "text": _for_markdown(line)} for line in (message.title, *_said(message))
    )
    large = {"size": "Large", "weight": "Bolder"}
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [title | large, *lines],
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": message.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return _json(channel.target, {"type": "message", "attachments": [attachment]})


def _telegram(channel: Channel, message: Message, _now: Millis) -> Post:
    lines = [f"<b>{escape_html(message.title[:500])}</b>", *(escape_html(line[:1000]) for line in _said(message))]
    text = "\n".join([*lines, *map(escape_html, _link(message))])
    body = {"chat_id": channel.target, "text": text[:_TELEGRAM_TEXT], "parse_mode": "HTML"}
    return _json(f"{TELEGRAM}/bot{quote(channel.secret, safe=':')}/sendMessage", body)


# ── WeCom, DingTalk, Feishu ──────────────────────────────────────────────────────────────────────────────────


def _wecom(channel: Channel, message: Message, _now: Millis) -> Post:
    colour = "info" if message.is_over else "warning"
    title = f'### <font color="{colour}">{_for_wecom(message.title)}</font>'
    link = "".join(_link(message, "\n[open]({})"))
    content = "\n".join([title, *(f">{_for_wecom(line)}" for line in _said(message))])
    whole = _cut(content, _WECOM_BYTES - len(link.encode())) + link
    return _json(channel.target, {"msgtype": "markdown", "markdown": {"content": whole}})


def _for_wecom(text: str) -> str:
    return text.replace("<", "＜").replace(">", "＞").replace("\n", " ")  # noqa: RUF001 - it knows no escape


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore")


def _dingtalk(channel: Channel, message: Message, now: Millis) -> Post:
    said = map(_for_markdown, _said(message))
    lines = [f"#### {_for_markdown(message.title)}", *said, *_link(message, "[open]({})")]
    body = {"msgtype": "markdown", "markdown": {"title": message.title[:100], "text": "\n\n".join(lines)}}
    return _json(_signed_dingtalk(channel, now), body)


def _signed_dingtalk(channel: Channel, now: Millis) -> str:
    """With `timestamp` and `sign` behind the address, where there is a secret."""
    if not channel.secret:
        return channel.target
    mac = hmac.new(channel.secret.encode(), f"{now}\n{channel.secret}".encode(), sha256).digest()
    more = urlencode({"timestamp": now, "sign": base64.b64encode(mac).decode()})
    parts = urlsplit(channel.target)
    return urlunsplit(parts._replace(query=f"{parts.query}&{more}" if parts.query else more))


def _feishu(channel: Channel, message: Message, now: Millis) -> Post:
    body: dict[str, Any] = {
        "msg_type": "text",
        "content": {"text": "\n".join([message.title, *_said(message), *_link(message)])},
    }
    if channel.secret:
        stamp = str(now // 1000)
        # Its key is what others sign, and what it signs is nothing.
        mac = hmac.new(f"{stamp}\n{channel.secret}".encode(), b"", sha256).digest()
        body |= {"timestamp": stamp, "sign": base64.b64encode(mac).decode()}
    return _json(channel.target, body)


# ── those who are woken ──────────────────────────────────────────────────────────────────────────────────────


def _pagerduty(channel: Channel, message: Message, _now: Millis) -> Post:
    event: dict[str, Any] = {
        "routing_key": channel.target,
        "event_action": "resolve" if message.is_over else "trigger",
        "dedup_key": message.incident[:255],
        "payload": {
            "summary": f"{message.title}: {message.detail}"[:_PAGERDUTY_SUMMARY],
            "source": message.project or "footfall",
            "severity": message.severity,
            "timestamp": rfc3339(message.at),
            "component": message.event,
            "custom_details": {
                "value": message.value,
                "group": message.instance or None,
                "owner": message.owner or None,
            },
        },
    }  # fmt: skip
    if message.link:
        event["links"] = [{"href": message.link, "text": "Open"}]
    return _json(PAGERDUTY, event)


def _alertmanager(channel: Channel, message: Message, now: Millis) -> Post:
    """It keeps an alert alive for as long as it is told of, so one that is told of once ends in a week by itself."""
    labels = {
        "alertname": message.name, "severity": message.severity, "event": message.event,
        "incident": message.incident, "project": message.project, "group": message.instance, "owner": message.owner,
    }  # fmt: skip
    alert: dict[str, Any] = {
        "labels": {name: text for name, text in labels.items() if text},
        "annotations": {"summary": message.title, "description": message.detail},
        "endsAt": rfc3339(now if message.is_over else now + 7 * 24 * 3600 * 1000),
    }
    if message.link:
        alert["generatorURL"] = message.link
    if not message.is_over:
        alert["startsAt"] = rfc3339(min(message.at, now))
    return _json(channel.target.rstrip("/") + "/api/v2/alerts", [alert])


def _email(channel: Channel, message: Message, _now: Millis) -> Mail:
    letter = message.letter
    if letter is not None:
        return Mail(to=channel.target, subject=_one_line(letter.subject), text=letter.text, html=letter.html)
    when = datetime.fromtimestamp(message.at / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    value = [f"Value: {shown(message.value)}"] if message.value is not None else []
    facts = [*value, f"Event: {message.event}", f"Window until: {when}", f"Project: {message.project}"]
    lines = [*_said(message), *_link(message), "", *facts]
    return Mail(to=channel.target, subject=_one_line(message.title), text="\n".join(lines))


def _one_line(subject: str) -> str:
    """A line break in a subject would begin another header."""
    return " ".join(subject.split())[:200]


CHANNELS: dict[str, Kind] = {
    "slack": Kind(build=_slack, judge=lambda answered: answered.body.strip() == b"ok", rate="60/minute"),
    "webhook": Kind(build=_webhook),
    "wecom": Kind(build=_wecom, judge=lambda answered: _decoded(answered).get("errcode") == 0, rate="20/minute"),
    "dingtalk": Kind(build=_dingtalk, judge=lambda answered: _decoded(answered).get("errcode") == 0, rate="20/minute"),
    "feishu": Kind(
        build=_feishu,
        judge=lambda answered: (said := _decoded(answered)).get("code", said.get("StatusCode")) == 0,
        rate="100/minute",
    ),
    "teams": Kind(build=_teams, judge=lambda answered: b"failed" not in answered.body.lower()),
    "discord": Kind(build=_discord, waits=lambda answered: _decoded(answered).get("retry_after"), rate="30/minute"),
    "telegram": Kind(
        build=_telegram,
        judge=lambda answered: _decoded(answered).get("ok") is True,
        waits=lambda answered: (_decoded(answered).get("parameters") or {}).get("retry_after"),
        rate="20/minute",
    ),
    "email": Kind(build=_email),
    "pagerduty": Kind(build=_pagerduty, judge=lambda answered: _decoded(answered).get("status") == "success"),
    "alertmanager": Kind(build=_alertmanager),
}
