"""Each channel as its vendor documents it: what it is sent, how that is signed and escaped, and what means success."""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
import pytest

from footfall.alerts import channels
from footfall.alerts.addresses import is_public
from footfall.alerts.channels import CHANNELS, Answered, Mail, Outcome, Post, outcome
from footfall.alerts.message import Message
from footfall.alerts.rule import Channel
from footfall.services.sending import Sender, sender_of
from tests.alerts.recorder import Recorder
from tests.alerts.support import MONDAY
from tests.support.daemons import running_alertmanager

HOSTILE = '<b>*_`[x](http://evil)|@everyone</b> & "q" 日本 \U0001f600'
SAID = Message(
    id="purchase-drop:1:firing", incident="purchase-drop", kind="firing", severity="critical", name=HOSTILE,
    event="purchase", detail="3 events in 60 min (threshold: ≥10) <now>", value=3, at=MONDAY, project="shop",
    link="https://stats.example/alerts?project=1&rule=x", owner="shop-team",
)  # fmt: skip
OVER = msgspec.structs.replace(SAID, kind="resolved", id="purchase-drop:2:resolved")
NOW = MONDAY + 90_500


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder().running() as one:
        yield one


def sent(recorder: Recorder, kind: Any, said: Message = SAID, path: str = "/hook", secret: str = "") -> Outcome:
    """The way that a notice goes, to the recorder in the vendor's place."""
    channel = Channel(type=kind, target=recorder.url + path, secret=secret)
    what = CHANNELS[kind].build(channel, said, NOW)
    return asyncio.run(Sender(frozenset({"127.0.0.1"})).send(kind, what))


def body_of(recorder: Recorder) -> Any:
    return json.loads(recorder.sent[-1].body)


def test_slack_gets_blocks_with_its_three_signs_escaped(recorder: Recorder) -> None:
    assert sent(recorder, "slack").taken
    body = body_of(recorder)
    assert body["text"].startswith("[CRITICAL] &lt;b&gt;*_`[x](http://evil)|@everyone&lt;/b&gt; &amp; ")
    header, section = body["blocks"]
    assert header["text"]["type"] == "plain_text"
    assert len(header["text"]["text"]) <= 150
    assert section["text"] == {
        "type": "mrkdwn",
        "text": "3 events in 60 min (threshold: ≥10) &lt;now&gt;\nOwner: shop-team\n"
        "<https://stats.example/alerts?project=1&amp;rule=x|Open>",
    }
    recorder.answer(200, b"no_service")
    assert not sent(recorder, "slack").taken


def test_a_webhook_gets_s1s_notice_and_a_signature_over_time_and_body(recorder: Recorder) -> None:
    assert sent(recorder, "webhook", secret="s3cret").taken
    got = recorder.sent[-1]
    body = json.loads(got.body)
    assert {name: body[name] for name in ("title", "body", "event", "value")} == {
        "title": f"[CRITICAL] {HOSTILE}",
        "body": SAID.detail,
        "event": "purchase",
        "value": 3,
    }
    assert (body["kind"], body["incident"], body["link"]) == ("firing", "purchase-drop", SAID.link)
    assert got.headers["x-alert-id"] == SAID.id
    stamp = got.headers["x-timestamp"]
    assert stamp == str(NOW // 1000)
    expected = hmac.new(b"s3cret", f"{stamp}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-signature"] == f"v1={expected}"
    assert sent(recorder, "webhook").taken
    assert "x-signature" not in recorder.sent[-1].headers


def test_wecom_gets_markdown_of_at_most_4096_bytes_and_is_believed_by_its_errcode(recorder: Recorder) -> None:
    recorder.answer(200, b'{"errcode":0,"errmsg":"ok"}')
    assert sent(recorder, "wecom", msgspec.structs.replace(SAID, detail="日" * 3000)).taken
    content = body_of(recorder)["markdown"]["content"]
    assert len(content.encode()) <= 4096
    assert content.startswith('### <font color="warning">[CRITICAL] ')
    assert content.endswith("[open](https://stats.example/alerts?project=1&rule=x)")
    assert "<b>" not in content
    recorder.answer(200, b'{"errcode":45009,"errmsg":"api freq out of limit"}')
    found = sent(recorder, "wecom")
    assert (found.taken, found.again) == (False, True)
    assert "45009" in found.error


def test_dingtalk_is_signed_with_the_time_in_milliseconds(recorder: Recorder) -> None:
    recorder.answer(200, b'{"errcode":0,"errmsg":"ok"}')
    assert sent(recorder, "dingtalk", path="/robot/send?access_token=T", secret="SEC+/x").taken
    query = parse_qs(urlsplit(recorder.sent[-1].path).query)
    assert query["access_token"] == ["T"]
    assert query["timestamp"] == [str(NOW)]
    mac = hmac.new(b"SEC+/x", f"{NOW}\nSEC+/x".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(mac).decode()]
    body = body_of(recorder)
    assert body["msgtype"] == "markdown"
    assert "\\*\\_\\`" in body["markdown"]["text"]
    recorder.answer(200, b'{"errcode":310000,"errmsg":"sign not match"}')
    assert not sent(recorder, "dingtalk", secret="SEC").taken


def test_feishu_signs_nothing_with_time_and_secret_as_the_key(recorder: Recorder) -> None:
    recorder.answer(200, b'{"code":0,"msg":"success"}')
    assert sent(recorder, "feishu", secret="SEC").taken
    body = body_of(recorder)
    stamp = str(NOW // 1000)
    assert body["timestamp"] == stamp
    assert body["sign"] == base64.b64encode(hmac.new(f"{stamp}\nSEC".encode(), b"", hashlib.sha256).digest()).decode()
    assert body["msg_type"] == "text"
    assert HOSTILE in body["content"]["text"]
    recorder.answer(200, b'{"StatusCode":0}')
    assert sent(recorder, "feishu").taken
    recorder.answer(200, b'{"code":19021,"msg":"sign match fail"}')
    assert not sent(recorder, "feishu").taken


def test_teams_gets_an_adaptive_card(recorder: Recorder) -> None:
    recorder.answer(202, b"")
    assert sent(recorder, "teams").taken
    (attachment,) = body_of(recorder)["attachments"]
    card = attachment["content"]
    assert (attachment["contentType"], card["type"]) == ("application/vnd.microsoft.card.adaptive", "AdaptiveCard")
    assert card["body"][0]["text"].startswith("\\[CRITICAL\\] \\<b\\>\\*\\_")
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": SAID.link}]
    recorder.answer(
        200, b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429"
    )
    assert not sent(recorder, "teams").taken


def test_discord_calls_nobody_and_tells_how_long_to_wait(recorder: Recorder) -> None:
    recorder.answer(204, b"")
    assert sent(recorder, "discord").taken
    body = body_of(recorder)
    assert body["allowed_mentions"] == {"parse": []}
    assert "\\@everyone" in body["content"]
    recorder.answer(429, b'{"message":"You are being rate limited.","retry_after":2.5}')
    found = sent(recorder, "discord")
    assert (found.taken, found.again, found.wait) == (False, True, 2.5)


def test_telegram_gets_html_by_its_bot(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "TELEGRAM", recorder.url)
    recorder.answer(200, b'{"ok":true,"result":{}}')
    what = CHANNELS["telegram"].build(Channel(type="telegram", target="-100", secret="12:AAx"), SAID, NOW)
    assert isinstance(what, Post)
    assert asyncio.run(Sender(frozenset({"127.0.0.1"})).send("telegram", what)).taken
    assert recorder.sent[-1].path == "/bot12:AAx/sendMessage"
    body = body_of(recorder)
    assert (body["chat_id"], body["parse_mode"]) == ("-100", "HTML")
    assert "&lt;b&gt;" in body["text"]
    recorder.answer(429, b'{"ok":false,"error_code":429,"parameters":{"retry_after":7}}')
    assert asyncio.run(Sender(frozenset({"127.0.0.1"})).send("telegram", what)).wait == 7


def test_pagerduty_is_triggered_and_resolved_under_one_key(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "PAGERDUTY", f"{recorder.url}/v2/enqueue")
    recorder.answer(202, b'{"status":"success","dedup_key":"purchase-drop"}')
    for said in (SAID, OVER):
        what = CHANNELS["pagerduty"].build(Channel(type="pagerduty", target="ROUTING"), said, NOW)
        assert asyncio.run(Sender(frozenset({"127.0.0.1"})).send("pagerduty", what)).taken
    first, last = (json.loads(one.body) for one in recorder.sent)
    assert (first["event_action"], last["event_action"]) == ("trigger", "resolve")
    assert first["dedup_key"] == last["dedup_key"] == "purchase-drop"
    assert first["routing_key"] == "ROUTING"
    assert first["payload"]["severity"] == "critical"
    assert len(first["payload"]["summary"]) <= 1024


def test_alertmanager_is_told_of_labels_and_of_an_end(recorder: Recorder) -> None:
    recorder.answer(200, b"")
    for said in (SAID, OVER):
        assert sent(recorder, "alertmanager", said, path="/").taken
    (first,), (last,) = (json.loads(one.body) for one in recorder.sent)
    assert recorder.sent[0].path == "/api/v2/alerts"
    assert first["labels"] == last["labels"]
    assert first["labels"]["severity"] == "critical"
    assert first["endsAt"] > last["endsAt"]
    assert all(first["labels"].values())


def test_a_real_alertmanager_holds_it_until_it_is_over() -> None:
    with running_alertmanager() as port:
        channel = Channel(type="alertmanager", target=f"http://127.0.0.1:{port}")

        def tell(said: Message, now: int) -> list[Any]:
            what = CHANNELS["alertmanager"].build(channel, said, now)
            assert asyncio.run(Sender(frozenset({"127.0.0.1"})).send("alertmanager", what)) == Outcome(taken=True)
            return httpx.get(f"http://127.0.0.1:{port}/api/v2/alerts").json()

        now = round(time.time() * 1000)
        (held,) = tell(msgspec.structs.replace(SAID, at=now - 60_000), now)
        assert held["labels"] == {
            "alertname": HOSTILE, "severity": "critical", "event": "purchase", "incident": "purchase-drop",
            "project": "shop", "owner": "shop-team",
        }  # fmt: skip
        assert held["annotations"]["description"] == SAID.detail
        assert held["generatorURL"] == SAID.link
        assert held["status"]["state"] in {"active", "unprocessed"}
        assert tell(msgspec.structs.replace(OVER, at=now), now) == []


# ── e-mail ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_has_one_subject_and_the_sentence() -> None:
    said = msgspec.structs.replace(SAID, name="a\r\nBcc: everybody@example.com")
    what = CHANNELS["email"].build(Channel(type="email", target="ops@example.com"), said, NOW)
    assert isinstance(what, Mail)
    assert "\n" not in what.subject
    assert SAID.detail in what.text
    assert not asyncio.run(Sender().send("email", what)).taken


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtps://user%40x.com:p@mail.example:465?from=Footfall%20%3Ca%40x.com%3E", "Footfall <a@x.com>"),
        ("smtp://user%40x.com@mail.example", "user@x.com"),
        ("smtp://mail.example:25", "footfall@mail.example"),
    ],
)
def test_letters_bear_the_name_that_was_set(url: str, sender: str) -> None:
    assert sender_of(url) == sender


def test_a_letter_goes_through_a_real_mail_server() -> None:
    """A server that speaks SMTP as far as one is needed."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 here\r\n")
            in_letter = False
            for line in lines:
                heard.append(line)
                if in_letter:
                    if line == b".\r\n":
                        in_letter = False
                        connection.sendall(b"250 taken\r\n")
                    continue
                if line.upper().startswith(b"QUIT"):
                    connection.sendall(b"221 bye\r\n")
                    return
                in_letter = line.upper().startswith(b"DATA")
                connection.sendall(b"354 go on\r\n" if in_letter else b"250 fine\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    port = listening.getsockname()[1]
    what = Mail(to="ops@example.com", subject="[CRITICAL] 日本", text="Purchases: ≥10")
    found = asyncio.run(Sender(mail_url=f"smtp://127.0.0.1:{port}?from=a@x.com").send("email", what))
    thread.join()
    listening.close()
    assert found.taken, found
    text = b"".join(heard)
    assert b"TO:<ops@example.com>" in text
    assert b"From: a@x.com" in text


# ── where nothing is sent to ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "168.63.129.16", "192.0.0.8", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1::", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "fe80::1%eth0", "not an address",
    ],
)  # fmt: skip
def test_addresses_of_the_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_others_are(address: str) -> None:
    assert is_public(address)


def refused(url: str, *addresses: str, allowed: frozenset[str] = frozenset()) -> str:
    async def resolver(_host: str, _port: int) -> list[str]:
        return list(addresses)

    found = asyncio.run(Sender(allowed, resolver=resolver).send("webhook", Post(url=url, body=b"{}")))
    assert not found.taken
    return "" if found.again else found.error


def test_what_somebody_types_in_leads_nowhere_inside() -> None:
    assert "not on the internet" in refused("https://hook.example/", "127.0.0.1")
    # All of them have to be public: which one is taken is not theirs to say.
    assert "not on the internet" in refused("https://hook.example/", "93.184.215.14", "10.0.0.1")
    assert "Only https" in refused("http://hook.example/", "93.184.215.14")
    assert "https://" in refused("ftp://hook.example/", "93.184.215.14")
    assert "password" in refused("https://user:pass@hook.example/", "93.184.215.14")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "①②⑦.⓪.⓪.①", "localhost", "127.0.0.1"])
def test_however_this_machine_is_written_it_is_resolved_before_it_is_judged(host: str) -> None:
    found = asyncio.run(Sender().send("webhook", Post(url=f"https://{host}:1/", body=b"{}")))
    assert not found.taken
    assert not found.again or found.error in {"gaierror", "UnicodeError", "InvalidURL"}


def test_a_redirect_is_an_answer_and_no_way(recorder: Recorder) -> None:
    recorder.answer(302, b"", location="http://169.254.169.254/latest/meta-data")
    found = sent(recorder, "webhook")
    assert (found.taken, found.again) == (False, False)
    assert len(recorder.sent) == 1


def test_of_an_answer_only_the_beginning_is_read(recorder: Recorder) -> None:
    recorder.answer(500, b"x" * 1_000_000)
    found = sent(recorder, "webhook")
    assert found.again
    assert len(found.error) < 300


def test_an_error_of_the_network_is_told_without_the_address() -> None:
    what = Post(url="http://127.0.0.1:1/secret-token", body=b"{}")
    found = asyncio.run(Sender(frozenset({"127.0.0.1"})).send("webhook", what))
    assert (found.taken, found.again, found.error) == (False, True, "ConnectError")


@pytest.mark.parametrize(
    ("status", "again"), [(400, False), (401, False), (404, False), (408, True), (429, True), (500, True), (503, True)]
)
def test_what_may_end_otherwise_is_tried_again(status: int, again: bool) -> None:
    found = outcome("webhook", Answered(status=status, headers={"retry-after": "12"}, body=b""))
    assert (found.taken, found.again, found.wait) == (False, again, 12)
