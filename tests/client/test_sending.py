"""What is sent, and what each answer means for it."""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import footfall_client
from footfall_client import Footfall
from footfall_client.verdict import Answer, Verdict, read_retry_after, verdict_on, wait_after
from tests.client.listener import Listener, Reply


def test_a_batch_says_who_sends_it_and_when(listener: Listener, client: Footfall) -> None:
    client.track("a", properties={"text": "é" * 2000})
    assert client.flush()
    (came,) = listener.came
    assert came.path == "/api/events/collect"
    assert came.headers["Authorization"] == "Bearer KEY"
    assert came.headers["User-Agent"] == f"footfall-client/{footfall_client.__version__}"
    assert came.headers["Content-Encoding"] == "gzip"
    assert came.body.keys() == {"sent_at", "dropped", "batch"}
    assert abs(came.body["sent_at"] - time.time() * 1000) < 60_000
    assert listener.taken[0]["properties"] == {"text": "é" * 2000}


def test_one_connection_is_kept_and_one_that_was_closed_is_opened_again(listener: Listener, client: Footfall) -> None:
    for name in "abc":
        client.track(name)
        assert client.flush()
    assert listener.connections == 1
    listener.replies = [Reply(cut=True)]
    client.track("d")
    assert client.flush()
    assert listener.names == ["a", "b", "c", "d"]
    assert listener.connections == 2


def test_many_events_go_in_order_in_batches_that_the_server_takes(listener: Listener, client: Footfall) -> None:
    for number in range(2500):
        client.track(str(number))
    assert client.flush()
    assert listener.names == [str(number) for number in range(2500)]
    assert max(len(came.body["batch"]) for came in listener.came) <= 1000
    assert [event["seq"] for event in listener.taken] == list(range(1, 2501))


def test_threads_lose_nothing(listener: Listener, client: Footfall) -> None:
    threads = [threading.Thread(target=lambda: [client.track("a") for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.flush()
    assert len({event["event_id"] for event in listener.taken}) == len(listener.taken) == 4000


async def test_a_loop_goes_on_while_events_are_flushed(listener: Listener, client: Footfall) -> None:
    listener.replies = [Reply(after=0.3)]
    client.track("a")
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    assert await client.aflush()
    ticking.cancel()
    assert listener.names == ["a"]
    assert ticks > 10


@pytest.mark.parametrize("reply", [Reply(503), Reply(500), Reply(429), Reply(408), Reply(cut=True)], ids=str)
def test_what_may_pass_is_tried_again_with_the_same_ids(
    listener: Listener, client: Footfall, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall_client.verdict.FIRST_WAIT", 0.05)
    listener.replies = [reply, reply, reply]
    client.track("a")
    listener.wait(1)
    assert client.flush()
    assert len({event["event_id"] for came in listener.came for event in came.body["batch"]}) == 1
    assert client.dropped == 0


def test_retry_after_is_waited_for_and_a_flush_does_not_shorten_it(listener: Listener, client: Footfall) -> None:
    listener.replies = [Reply(503, {"Retry-After": "1"})]
    client.track("a")
    while not listener.came:
        time.sleep(0.01)
    time.sleep(0.05)
    assert not client.flush(0.3)
    listener.wait(1)
    first, second = listener.came
    assert second.at - first.at >= 1


def test_a_batch_that_is_too_large_is_halved_and_a_single_event_given_up(listener: Listener, client: Footfall) -> None:
    def most_three(body: dict[str, Any]) -> Reply:
        large = any(event["event"] == "large" for event in body["batch"])
        return Reply(413) if large or len(body["batch"]) > 3 else Reply()

    listener.otherwise = most_three
    names = [*map(str, range(9)), "large", *map(str, range(9, 12))]
    for name in names:
        client.track(name)
    assert client.flush()
    assert listener.names == [name for name in names if name != "large"]
    client.track("after")
    assert client.flush()
    assert client.dropped == listener.dropped == 1


def test_what_the_server_cannot_read_is_given_up_at_once_and_told(listener: Listener, client: Footfall) -> None:
    listener.replies = [Reply(400)]
    client.track("a")
    assert client.flush()
    client.track("b")
    assert client.flush()
    assert listener.names == ["b"]
    assert len(listener.came) == 2
    assert client.dropped == listener.dropped == 1


@pytest.mark.parametrize("status", [401, 403, 404, 302])
def test_a_wrong_key_or_address_is_said_once_without_the_key_and_events_stay(
    listener: Listener, client: Footfall, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    listener.replies = [Reply(status, {"Location": "http://127.0.0.1:1/"})]
    with caplog.at_level(logging.DEBUG, "footfall_client"):
        for _ in range(3):
            client.track("a")
            assert not client.flush(0.2)
    assert len(listener.came) == 1
    (warning,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert str(status) in warning
    assert "KEY" not in caplog.text
    assert client.dropped == 0


def test_the_oldest_go_when_too_many_wait_and_the_server_hears_of_it(
    listener: Listener, new_client: Callable[..., Footfall]
) -> None:
    client = new_client(limit=100, interval=0.5, batch_size=1000)
    for number in range(250):
        client.track(str(number))
    assert client.flush()
    assert listener.names == [str(number) for number in range(150, 250)]
    assert client.dropped == listener.dropped == 150


def test_bytes_are_bounded_too(listener: Listener, new_client: Callable[..., Footfall]) -> None:
    client = new_client(limit_bytes=50_000, interval=0.5)
    for _ in range(10):
        client.track("a", properties={"x": "y" * 10_000})
    client.track("too large", properties={"x": "y" * 2_000_000})
    assert client.flush()
    assert len(listener.taken) == 4
    assert client.dropped == listener.dropped == 7


def test_a_flush_keeps_its_deadline(listener: Listener, client: Footfall) -> None:
    listener.replies = [Reply(after=2)]
    client.track("a")
    began = time.monotonic()
    assert not client.flush(0.3)
    assert time.monotonic() - began < 1


def test_after_close_nothing_is_sent_and_no_thread_stays(listener: Listener, client: Footfall) -> None:
    before = set(threading.enumerate())
    client.track("a")
    assert client.close(5)
    client.track("b")
    assert client.flush()
    assert listener.names == ["a"]
    assert not [one for one in set(threading.enumerate()) - before if one.name.startswith("footfall-")]


def test_a_signal_handler_may_track_in_the_middle_of_anything(listener: Listener, client: Footfall) -> None:
    previous = signal.signal(signal.SIGALRM, lambda *_: client.track("signal"))
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        for _ in range(3000):
            client.track("a")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert client.flush()
    assert listener.names.count("a") == 3000
    assert "signal" in listener.names


def test_debug_says_each_event(client: Footfall, new_client: Callable[..., Footfall], capsys: Any) -> None:
    new_client(debug=True).track("a")
    loud = new_client(debug=True)
    loud.track("b", user_id="42")
    assert loud.flush()
    said = capsys.readouterr().err
    assert '"event":"b"' in said
    assert "1 events: 204" in said


def test_without_an_address_nothing_happens_and_the_environment_gives_one(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Footfall()
    silent.track("a")
    assert silent.flush()
    monkeypatch.setenv("FOOTFALL_URL", f"{listener.url}/api/events/collect")
    monkeypatch.setenv("FOOTFALL_KEY", "ENV")
    with Footfall() as client:
        client.track("b")
    assert listener.names == ["b"]
    assert listener.came[0].path == "/api/events/collect"
    assert listener.came[0].headers["Authorization"] == "Bearer ENV"
    with Footfall(listener.url, enabled=False) as off:
        off.track("c")
    assert listener.names == ["b"]


def test_an_environment_that_is_of_no_use_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_URL", "analytics.example")
    client = Footfall()
    client.track("a")
    assert client.flush()


@pytest.mark.parametrize("url", ["analytics.example", "ftp://a.example", "http://", "http://a:b"])
def test_only_an_address_of_http_is_one(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Footfall(url)


def test_the_module_has_a_client_that_can_be_configured(listener: Listener) -> None:
    analytics = footfall_client.Analytics()
    analytics.track("nowhere")
    analytics.configure(listener.url, "KEY", interval=0.01)
    analytics.track(event="project.created", user_id=1, organization_id=2, project_id=3, properties={"a": 1})
    assert analytics.close(5)
    assert listener.taken[0]["groups"] == {"organization": "2", "project": "3"}


def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", listener.url.replace("//", "//user:pass@"))
    with Footfall("http://analytics.example", "KEY", interval=0.01) as client:
        client.track("a")
        assert client.flush()
    (came,) = listener.came
    assert came.path == "http://analytics.example/api/events/collect"
    assert came.headers["Host"] == "analytics.example"
    assert came.headers["Proxy-Authorization"] == "Basic dXNlcjpwYXNz"
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with Footfall(listener.url, interval=0.01) as client:
        client.track("b")
        assert client.flush()


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (0, Verdict.AGAIN), (200, Verdict.DONE), (204, Verdict.DONE), (301, Verdict.PAUSE), (400, Verdict.GIVE_UP),
        (413, Verdict.HALVE), (415, Verdict.GIVE_UP), (429, Verdict.AGAIN), (503, Verdict.AGAIN), (999, Verdict.PAUSE),
    ],
)  # fmt: skip
def test_verdicts(status: int, verdict: Verdict) -> None:
    assert verdict_on(Answer(status)) is verdict


def test_waits_double_up_to_a_minute_and_retry_after_is_read() -> None:
    assert [wait_after(tries, 1) for tries in (1, 2, 3, 4, 100)] == [1, 2, 4, 8, 60]
    assert wait_after(3, 0) == 2
    assert wait_after(1, 0.5, 7) == 7.5
    assert wait_after(1, 0, 3600) == 300
    assert read_retry_after("12", 0) == 12
    assert read_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 20) == 40
    assert [read_retry_after(told, 0) for told in (None, "soon", "-1", "")] == [None] * 4
