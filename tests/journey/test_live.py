"""The live feed (`GET /api/live`): what arrives, once each, in order, for as long as somebody listens."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.journey.listener import PATIENCE, listening
from tests.journey.people import signed_in
from tests.journey.server import READ_KEY, Server, unique
from tests.journey.test_projects import make_key, make_project


def numbered(name: str, numbers: range, **fields: Any) -> list[dict[str, Any]]:
    return [{"event": name, "event_id": f"{name}-{number}", **fields} for number in numbers]


def ids(name: str, numbers: range) -> list[str]:
    return [f"{name}-{number}" for number in numbers]


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_arrives_is_sent_as_the_explorer_shows_it(server: Server) -> None:
    name, user = unique("live"), unique("user")
    with listening(server, event=name) as listener:
        server.collect({"event": "$identify", "user_id": user, "anonymous_id": f"device of {user}"})
        server.collect(
            {
                "event": name, "anonymous_id": f"device of {user}", "page": "/a", "groups": {"organization": "42"},
                "properties": {"a": [1, "é\u2028"], "n": None}, "timestamp": "2099-01-01T00:00:00Z",
            }
        )  # fmt: skip
        listener.heard(1)
    (sent,) = listener.events
    assert sent == server.event(event=name)
    assert (sent["user_type"], sent["bot"], sent["flags"]) == ("anonymous", False, ["timestamp_in_future"])
    assert sent["person_id"] == server.ask("/api/events", event="$identify", user_id=user)["data"][0]["person_id"]


def test_properties_come_letter_for_letter_over_lines_of_their_own(server: Server) -> None:
    name = unique("live")
    with listening(server, event=name) as listener:
        server.collect(b'{"event": "%b", "properties": {"a":\n 1.50,\r\n\t"b": "\\n"}}' % name.encode())
        (sent,) = listener.heard(1).events
    assert sent["properties"] == {"a": 1.5, "b": "\n"}


def test_events_come_in_the_order_of_their_acknowledgement_whatever_their_times(server: Server) -> None:
    name = unique("live")
    with listening(server, event=name) as listener:
        for start, day in ((0, "2026-03-05"), (3, "2026-03-01"), (6, "2026-03-03")):
            server.collect(numbered(name, range(start, start + 3), timestamp=f"{day}T00:00:00Z"))
        listener.heard(9)
    assert listener.ids == ids(name, range(9))
    places = [int(message.id) for message in listener.messages]
    assert places == sorted(set(places))


def test_an_event_that_is_sent_again_is_sent_to_listeners_once_r25(server: Server) -> None:
    name = unique("live")
    with listening(server, event=name) as listener:
        for _ in range(2):
            server.collect(numbered(name, range(2)))
            server.settled()
        server.collect(numbered(name, range(2, 3)))
        listener.heard(3)
    assert listener.ids == ids(name, range(3))


def test_bots_are_sent_and_refused_events_are_not(server: Server) -> None:
    name = unique("live")
    with listening(server, event=name) as listener:
        server.collect(
            [{"event": name, "timestamp": "never"}, {"event": name, "title": "A page"}],
            headers={"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
        )
        assert [event["bot"] for event in listener.heard(1).events] == [True]


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        pytest.param(lambda name: {"event": [f"{name}-b"]}, ["b"], id="a name"),
        pytest.param(lambda name: {"event": [f"{name}-a", f"{name}-c"]}, ["a", "c"], id="either of two names"),
        pytest.param(lambda name: {"user_id": name}, ["a", "c"], id="a user"),
        pytest.param(
            lambda name: {
                "user_id": name,
                "filters": '[{"property": "properties.total", "operator": "gt", "values": [10]}]',
            },
            ["c"],
            id="filters as questions take them",
        ),
    ],
)
def test_only_what_was_asked_for_is_sent(
    server: Server, wanted: Callable[[str], dict[str, Any]], heard: list[str]
) -> None:
    name = unique("live")
    with listening(server, **wanted(name)) as listener:
        server.collect(
            [
                {"event": f"{name}-a", "user_id": name, "properties": {"total": 9}},
                {"event": f"{name}-b", "user_id": "somebody else", "properties": {"total": 20}},
                {"event": f"{name}-c", "user_id": name, "properties": {"total": 11}},
            ]
        )
        assert listener.heard(len(heard)).names == [f"{name}-{letter}" for letter in heard]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"filters": '[{"property": "page", "operator": "like", "values": ["a"]}]'}, "$.filters[0].operator"),
        ({"filters": '[{"property": "nothing", "operator": "is_set"}]'}, "$.filters[0].property"),
        ({"filters": '[{"property": "page", "operator": "matches", "values": ["("]}]'}, "$.filters"),
        ({"filters": "{"}, "$.filters"),
    ],
    ids=["an operator", "a property", "a pattern", "no JSON"],
)
def test_what_is_wrong_with_a_question_is_said_before_the_feed_begins(
    server: Server, params: dict[str, str], path: str
) -> None:
    answer = server.reader.get("/api/live", params=params)
    assert (answer.status_code, answer.json()["path"]) == (400, path)


# ── coming back ──────────────────────────────────────────────────────────────────────────────────────────────


def test_who_comes_back_gets_what_was_missed_first_and_nothing_twice(server: Server) -> None:
    name = unique("live")
    with listening(server, event=name) as listener:
        server.collect(numbered(name, range(5)))
        listener.heard(5)
    server.collect(numbered(name, range(5, 7)))
    # In the middle of a batch, too: what counts is the last message that arrived, not the last that was sent.
    with listening(server, listener.messages[2].id, event=name) as again:
        server.collect(numbered(name, range(7, 9)))
        again.heard(6)
    assert again.ids == ids(name, range(3, 9))


def test_a_place_is_good_over_restarts_and_crashes_of_the_server(new_server: Callable[..., Server]) -> None:
    server = new_server().start()
    with listening(server) as listener:
        server.collect(numbered("e", range(2)))
        listener.heard(2)
        server.collect(numbered("e", range(2, 4)))
        server.kill9()
        listener.until(lambda one: one.ended)
    heard, last = listener.ids, listener.last_id
    server.start()
    with listening(server, last) as listener:
        server.collect(numbered("e", range(4, 6)))
        listener.until(lambda one: len(heard) + len(one.events) >= 6)
        assert server.stop() == 0
        listener.until(lambda one: one.ended)
    heard, last = heard + listener.ids, listener.last_id
    assert heard == ids("e", range(6))
    server.start()
    server.collect(numbered("e", range(6, 7)))
    with listening(server, last) as listener:
        assert listener.heard(1).ids == ids("e", range(6, 7))


def test_a_feed_that_is_filtered_is_resumed_behind_what_it_did_not_show(server: Server) -> None:
    """Otherwise it would look through the same events again and again, more of them each time."""
    name = unique("live")
    with listening(server, event=name) as listener:
        server.collect(numbered(f"{name}-other", range(3)))
        server.settled()
        listener.until(lambda one: one.comments)
    assert listener.messages == []
    with listening(server, listener.last_id) as again:
        server.collect(numbered(name, range(1)))
        assert again.until(lambda one: one.events).ids == ids(name, range(1))


def test_who_has_missed_too_much_is_told_how_much(new_server: Callable[..., Server]) -> None:
    server = new_server().start()
    for batch in range(11):
        server.collect(numbered("e", range(batch * 1000, batch * 1000 + 1000), timestamp=f"2026-03-{batch + 1:02}"))
    server.collect(numbered("other", range(5)))
    server.settled()
    with listening(server, "0", event="e") as listener:
        (gap,) = listener.until(lambda one: [m for m in one.messages if m.kind == "gap"]).messages[-1:]
        server.collect(numbered("e", range(11_000, 11_001)))
        listener.until(lambda one: one.ids and one.ids[-1] == "e-11000")
    told = listener.events[:-1]
    assert [event["event_id"] for event in told] == ids("e", range(len(told)))
    assert gap.data["missed"] == 11_000 - len(told), "what came and what did not is everything"
    assert gap.data["last"] == "2026-03-11T00:00:00.000Z"
    with listening(server, gap.id, event="e") as listener:
        assert listener.heard(1).ids == ["e-11000"]


def test_a_place_of_another_server_begins_anew_and_says_so(server: Server) -> None:
    name = unique("live")
    with listening(server, str(2**60), event=name) as listener:
        listener.until(lambda one: one.messages)
        server.collect(numbered(name, range(1)))
        listener.heard(1)
    assert (listener.messages[0].kind, listener.messages[0].data["missed"]) == ("gap", None)
    assert server.reader.get("/api/live", headers={"last-event-id": "x"}).json()["path"] == "$.last-event-id"


# ── who listens ──────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_crosses_from_one_project_to_another(server: Server) -> None:
    other, name = make_project(server), unique("live")
    read, write = (make_key(server, other, scope)["value"] for scope in ("read", "write"))
    with listening(server, event=name) as ours, listening(server, key=read, event=name) as theirs:
        server.collect(numbered(name, range(1)))
        sent = server.client(write).post("/api/events/collect", json=numbered(name, range(1, 3)))
        assert sent.status_code == 204
        ours.heard(1)
        theirs.heard(2)
    assert (ours.ids, theirs.ids) == (ids(name, range(1)), ids(name, range(1, 3)))
    with listening(server, "0", key=read, event=name) as theirs:
        assert theirs.heard(2).ids == ids(name, range(1, 3))


def test_listening_is_written_into_the_audit_log(server: Server) -> None:
    key = server.create_key("read")
    with listening(server, key=key["value"]):
        records = server.admin.get("/api/audit").json()["data"]
    (record,) = [one for one in records if one["actor"] == key["key"]["id"]]
    assert (record["verb"], record["what"]) == ("saw", "GET /api/live")


def test_a_session_may_listen_and_a_viewer_may_not(server: Server) -> None:
    with signed_in(server, "viewer") as viewer:
        assert viewer.get("/api/live").status_code == 403
    with signed_in(server, "analyst") as analyst, analyst.stream("GET", "/api/live") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-store", "no")


def test_a_key_that_is_revoked_hears_no_more_and_meanwhile_the_line_is_kept_alive(server: Server) -> None:
    key = server.create_key("read")
    name = unique("live")
    with listening(server, key=key["value"], event=name) as listener:
        listener.until(lambda one: one.comments)
        assert listener.comments == ["nothing new"]
        assert server.admin.delete(f"/api/keys/{key['key']['id']}").status_code == 204
        listener.until(lambda one: one.ended)
        assert listener.ended == "end"
    assert listener.messages == []


def listeners(server: Server) -> int:
    return int(float(re.findall(r"^footfall_listeners (\S+)$", server.anybody.get("/metrics").text, re.MULTILINE)[0]))


def test_who_leaves_makes_room_and_one_key_does_not_take_it_all(fresh: Server) -> None:
    key = fresh.make_key("read")
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(listening(fresh, key=key))
        assert listeners(fresh) == 20
        refused = fresh.client(key).get("/api/live")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        with listening(fresh) as another:
            fresh.collect({"event": "e"})
            another.heard(1)
    give_up = time.monotonic() + 10
    while listeners(fresh):
        assert time.monotonic() < give_up
        time.sleep(0.05)


# ── slow readers, and the end ────────────────────────────────────────────────────────────────────────────────


@contextmanager
def stuck(server: Server, name: str) -> Iterator[socket.socket]:
    """A client that asks and reads nothing."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        asked = (
            f"GET /api/live?event={quote(name)} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {READ_KEY}\r\n\r\n"
        )
        connection.sendall(asked.encode())
        give_up = time.monotonic() + 10
        while not connection.recv(64, socket.MSG_PEEK):
            assert time.monotonic() < give_up
        yield connection


def memory(server: Server) -> int:
    """Resident bytes."""
    return int(Path(f"/proc/{server.pid}/statm").read_text("ascii").split()[1]) * 4096


def test_a_slow_reader_holds_up_nobody_and_takes_no_memory(fresh: Server) -> None:
    large = {"text": "x" * 60_000}
    with ExitStack() as stack:
        slow = [stack.enter_context(stuck(fresh, "e")) for _ in range(18)]
        quick = stack.enter_context(listening(fresh, event="e"))
        fresh.collect(numbered("e", range(50), properties=large))
        quick.heard(50)
        before = memory(fresh)
        for start in range(50, 550, 50):
            began = time.monotonic()
            fresh.collect(numbered("e", range(start, start + 50), properties=large))
            assert time.monotonic() - began < 5
        quick.heard(550)
        assert quick.ids == ids("e", range(550))
        # Eighteen listeners are 540 MB behind, all in all; to store that many events takes 100 MB.
        assert memory(fresh) - before < 250 * 1024**2
        late, last = read_on(slow[0], "e-549")
    # Who took nothing for a minute was cut off, and comes back.
    with listening(fresh, last, event="e") as again:
        again.heard(550 - len(late))
    assert late + again.ids == ids("e", range(550)), "late, and whole"


def read_on(connection: socket.socket, until: str) -> tuple[list[str], str]:
    """Event ids that come until that one or the end, and the last id of a message."""
    connection.settimeout(PATIENCE)
    heard: list[str] = []
    place = last = ""
    with connection.makefile("rb") as lines:
        for line in lines:
            if line.startswith(b"id: "):
                place = line.removeprefix(b"id: ").decode().strip()
            elif line.startswith(b"data: ") and line.endswith(b"\n"):
                last = place
                heard += re.findall(r'"event_id":"(e-\d+)"', line[:200].decode())
                if heard[-1] == until:
                    break
    return heard, last


def test_the_server_ends_with_listeners_quick_and_slow(fresh: Server) -> None:
    with stuck(fresh, "e"), listening(fresh, event="e") as quick:
        fresh.collect(numbered("e", range(100), properties={"text": "x" * 40_000}))
        quick.heard(100)
        assert fresh.stop() == 0
        quick.until(lambda one: one.ended)
        assert quick.ended == "end", "said, and not cut off"


def test_many_senders_and_a_listener_who_keeps_leaving_miss_and_double_nothing(fresh: Server) -> None:
    heard: list[str] = []
    last = "0"

    client = fresh.sender  # one for all of them

    def send(sender: int) -> None:
        for start in range(0, 200, 5):
            answer = client.post("/api/events/collect", json=numbered(f"e{sender}", range(start, start + 5)))
            assert answer.status_code == 204

    with ThreadPoolExecutor(4) as pool:
        senders = [pool.submit(send, number) for number in range(4)]
        give_up = time.monotonic() + 120
        while len(heard) < 800:
            assert time.monotonic() < give_up, len(heard)
            with listening(fresh, last) as listener:
                wanted = min(150, 800 - len(heard))
                listener.until(lambda one, wanted=wanted: len(one.events) >= wanted, 60)
                # As killed: what was read counts, wherever that was.
                taken = listener.messages[:wanted]
            heard += [message.data["event_id"] for message in taken]
            last = taken[-1].id
        for sender in senders:
            sender.result()
    assert sorted(heard) == sorted(f"e{sender}-{number}" for sender in range(4) for number in range(200))
    for sender in range(4):
        assert [one for one in heard if one.startswith(f"e{sender}-")] == ids(f"e{sender}", range(200))
