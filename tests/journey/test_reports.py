"""Reports at a real server: what they say, when they go out, and that each goes out once."""

import email
import json
import socketserver
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.policy import default
from typing import Any

import pytest

from tests.alerts.recorder import Recorder, serving
from tests.journey.server import Server

DUE = "2026-03-03T08:00:00Z"
"""Tuesday, eight o'clock in UTC: a daily report is about Monday."""
TREND = {"series": [{"event": "buy"}], "interval": "day"}


def sold(day: str, count: int) -> list[dict[str, Any]]:
    return [
        {"event": "buy", "event_id": f"{day}-{place}", "user_id": f"u{place}", "timestamp": f"{day}T12:00:{place:02}Z"}
        for place in range(count)
    ]


def fill(server: Server) -> tuple[str, str]:
    """Five purchases on Monday, four on Sunday. A saved insight and a board."""
    server.admin.post("/api/events/import", json=[*sold("2026-03-02", 5), *sold("2026-03-01", 4)])
    server.settled()
    saved = server.admin.post("/api/saved", json={"name": "Sales", "kind": "trend", "question": TREND}).json()["id"]
    tiles = [
        {"saved": saved},
        {"title": "Buyers", "kind": "trend", "question": {"series": [{"event": "buy", "measure": "unique_users"}]}},
        {"title": "Who", "kind": "trend", "question": TREND | {"breakdown": [{"property": "user_id"}]}},
    ]
    board = server.admin.post("/api/boards", json={"name": "Shop", "tiles": tiles}).json()["id"]
    return saved, board


def until(holds: Callable[[], Any], what: str) -> None:
    give_up = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < give_up, what
        time.sleep(0.05)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder().running() as one:
        yield one


@pytest.fixture
def reporting(new_server: Any, recorder: Recorder) -> Server:
    return new_server(
        FOOTFALL_ALERT_HOSTS="127.0.0.1", FOOTFALL_NOW=DUE, FOOTFALL_PUBLIC_URL="https://stats.example"
    ).start()


def daily(recorder: Recorder, **fields: Any) -> dict[str, Any]:
    hook = {"type": "webhook", "target": f"{recorder.url}/hook", "secret": "s3cret"}
    return {"name": "Morning", "every": "daily", "at": "08:00", "channels": [hook]} | fields


def test_a_report_says_what_happened_and_how_it_changed(reporting: Server, recorder: Recorder) -> None:
    _, board = fill(reporting)
    shown = reporting.reader.post("/api/reports/preview", json=daily(recorder, board=board)).json()
    assert (shown["subject"], shown["from"], shown["to"]) == (
        "Morning: Mon 2 Mar 2026", "2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00",
    )  # fmt: skip
    told = [(one["title"], one["figures"], one["problem"]) for one in shown["sections"]]
    five = {
        "name": "buy",
        "unit": "number",
        "value": 5,
        "previous": 4,
        "change": 25,
        "shown": "5",
        "moved": "+25.0 % (4 before)",
    }
    assert told[:2] == [("Sales", [five], None), ("Buyers", [five], None)]
    assert told[2][:2] == ("Who", [])
    assert "tells persons apart" in told[2][2]
    assert "buy  5  +25.0 % (4 before)" in shown["text"]
    assert "+25.0 % (4 before)" in shown["html"]
    assert recorder.sent == []


def test_it_is_kept_shown_without_its_secrets_changed_and_deleted(reporting: Server, recorder: Recorder) -> None:
    saved, _ = fill(reporting)
    made = reporting.admin.post("/api/reports", json=daily(recorder, saved=saved))
    assert made.status_code == 201, made.text
    one = made.json()
    assert (one["next"], one["last"], one["channels"][0]["secret"]) == ("2026-03-04T08:00:00+00:00", None, "")
    assert recorder.url not in one["channels"][0]["target"]
    place = f"/api/reports/{one['id']}"
    assert reporting.reader.get(place).json() == one
    assert reporting.reader.get("/api/reports").json() == [one]
    weekly = daily(recorder, saved=saved, every="weekly", weekday="friday", channels=one["channels"])
    changed = reporting.admin.put(place, json=weekly).json()
    assert changed["next"] == "2026-03-06T08:00:00+00:00"
    assert reporting.admin.put(place, json=weekly | {"enabled": False}).json()["next"] is None
    sent = reporting.admin.post(f"{place}/send").json()
    assert [each["status"] for each in sent["deliveries"]] == ["delivered"]
    assert recorder.sent[0].headers["x-signature"].startswith("v1="), "the secret was kept"
    assert reporting.reader.get("/api/events/alert-history").json() == [], "it is no alert"
    assert reporting.reader.get(place).json()["last"] == sent
    assert reporting.reader.get(f"{place}/history").json() == [sent]
    assert reporting.admin.delete(place).status_code == 204
    assert reporting.reader.get(place).status_code == 404
    assert "s3cret" not in reporting.log_text()


def test_of_two_addresses_that_are_shown_alike_each_stays(reporting: Server, recorder: Recorder) -> None:
    saved, _ = fill(reporting)
    hooks = [{"type": "webhook", "target": f"{recorder.url}/{one}.json", "secret": one} for one in ("aaa", "bbb")]
    one = reporting.admin.post("/api/reports", json=daily(recorder, saved=saved, channels=hooks)).json()
    assert one["channels"][0] == one["channels"][1]
    again = daily(recorder, saved=saved, channels=one["channels"], enabled=False)
    reporting.admin.put(f"/api/reports/{one['id']}", json=again).raise_for_status()
    reporting.admin.post(f"/api/reports/{one['id']}/send").raise_for_status()
    assert sorted(sent.path for sent in recorder.sent) == ["/aaa.json", "/bbb.json"]
    # And the first of them goes where it is the only one that goes.
    reporting.admin.put(f"/api/reports/{one['id']}", json=again | {"channels": one["channels"][:1]})
    reporting.admin.post(f"/api/reports/{one['id']}/send").raise_for_status()
    assert len(recorder.sent) == 3


def test_what_is_changed_of_one_that_is_due_leaves_it_due(reporting: Server, recorder: Recorder) -> None:
    saved, _ = fill(reporting)
    one = reporting.admin.post("/api/reports", json=daily(recorder, saved=saved)).json()
    place = f"/api/reports/{one['id']}"
    renamed = daily(recorder, saved=saved, name="Evening")
    assert reporting.admin.put(place, json=renamed).json()["next"] == one["next"]
    assert reporting.admin.put(place, json=renamed | {"at": "09:00"}).json()["next"] == "2026-03-03T09:00:00+00:00"


def test_it_ends_with_what_it_is_of(reporting: Server, recorder: Recorder) -> None:
    _, board = fill(reporting)
    one = reporting.admin.post("/api/reports", json=daily(recorder, board=board)).json()
    assert reporting.admin.delete(f"/api/boards/{board}").status_code == 204
    assert reporting.reader.get(f"/api/reports/{one['id']}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({}, "$.board"),
        ({"saved": "saved_1", "board": "board_1"}, "$.board"),
        ({"saved": "saved_none"}, "$.saved"),
        ({"board": "board_none"}, "$.board"),
        ({"saved": "saved_none", "channels": []}, "$.channels"),
        ({"saved": "saved_none", "channels": [{"type": "slack"}]}, "$.channels[0].type"),
        ({"saved": "saved_none", "channels": [{"type": "email"}]}, "$.channels[0].target"),
        ({"saved": "saved_none", "channels": [{"type": "webhook", "target": "https://["}]}, "$.channels[0].target"),
        ({"saved": "saved_none", "channels": [{"type": "webhook", "target": "ftp://a/b"}]}, "$.channels[0].target"),
        ({"saved": "saved_none", "channels": [{"type": "email", "target": "a@b\nBcc: c@d"}]}, "$.channels[0].target"),
        ({"saved": "saved_none", "at": "24:00"}, "$.at"),
        ({"saved": "saved_none", "every": "hourly"}, "$.every"),
        ({"saved": "saved_none", "day": 31}, "$.day"),
    ],
)
def test_what_cannot_be_sent_says_where(server: Server, fields: dict[str, Any], path: str) -> None:
    usual = {"name": "Morning", "channels": [{"type": "email", "target": "a@example.com"}]}
    answer = server.admin.post("/api/reports", json=usual | fields)
    assert (answer.status_code, answer.json()["path"]) == (400, path), answer.text


def test_it_goes_out_when_it_is_due_once_over_restarts(new_server: Any, recorder: Recorder) -> None:
    """The clock of each start stands still; days pass between them."""
    server = new_server(FOOTFALL_ALERT_HOSTS="127.0.0.1", FOOTFALL_NOW="2026-03-02T09:00:00Z").start()
    saved, _ = fill(server)
    one = server.admin.post("/api/reports", json=daily(recorder, saved=saved)).json()
    assert one["next"] == "2026-03-03T08:00:00+00:00"

    def restarted(now: str) -> None:
        server.stop()
        server.environment["FOOTFALL_NOW"] = now
        server.start()

    restarted(DUE)
    until(lambda: recorder.sent, "it is not sent")
    body = json.loads(recorder.sent[0].body)
    assert (body["kind"], body["period"], body["name"]) == ("report", "Mon 2 Mar 2026", "Morning")
    assert (body["every"], body["from"], body["to"]) == (
        "daily", "2026-03-02T00:00:00+00:00", "2026-03-03T00:00:00+00:00",
    )  # fmt: skip
    assert "severity" not in body
    assert body["sections"][0]["figures"] == [
        {
        "name": "buy", "unit": "number", "value": 5, "previous": 4, "change": 25, "shown": "5",
        "moved": "+25.0 % (4 before)",
    }
    ]  # fmt: skip
    assert server.reader.get(f"/api/reports/{one['id']}").json()["next"] == "2026-03-04T08:00:00+00:00"
    # Off for five days: the newest is sent, and the others are not.
    restarted("2026-03-08T21:00:00Z")
    until(lambda: len(recorder.sent) == 2, "it is not sent again")
    assert json.loads(recorder.sent[1].body)["period"] == "Sat 7 Mar 2026"
    assert len({sent.headers["x-alert-id"] for sent in recorder.sent}) == 2


class Post:
    """A mail server that takes whatever it is sent."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        post = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                def say(text: str) -> None:
                    self.wfile.write(f"{text}\r\n".encode())

                say("220 here")
                while line := self.rfile.readline():
                    word = line[:4].upper()
                    if word == b"DATA":
                        say("354 go on")
                        lines: list[bytes] = []
                        while (text := self.rfile.readline()) != b".\r\n":
                            lines.append(text[1:] if text.startswith(b"..") else text)
                        post.letters.append(email.message_from_bytes(b"".join(lines), policy=default))
                    say("221 bye" if word == b"QUIT" else "250 fine")
                    if word == b"QUIT":
                        return

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    @contextmanager
    def running(self) -> Iterator["Post"]:
        with serving(self._server):
            yield self


def test_a_letter_has_the_numbers_as_text_and_as_html(new_server: Any) -> None:
    with Post().running() as post:
        server = new_server(
            FOOTFALL_NOW=DUE, FOOTFALL_MAIL=f"smtp://127.0.0.1:{post.port}?from=stats@example.com"
        ).start()
        saved, _ = fill(server)
        letter = {"name": "Morning", "every": "daily", "saved": saved}
        made = server.admin.post(
            "/api/reports", json=letter | {"channels": [{"type": "email", "target": "ann@example.com"}]}
        )
        sent = server.admin.post(f"/api/reports/{made.json()['id']}/send").json()
        assert [(one["type"], one["status"]) for one in sent["deliveries"]] == [("email", "delivered")]
        (found,) = post.letters
        assert (found["To"], found["Subject"]) == ("ann@example.com", "Morning: Mon 2 Mar 2026")
        assert "buy  5  +25.0 % (4 before)" in found.get_body(("plain",)).get_content()
        assert "<strong>5</strong>" in found.get_body(("html",)).get_content()
