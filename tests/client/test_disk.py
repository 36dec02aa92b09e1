"""The queue on a disk: what is in it survives, and counts once."""

import os
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from footfall_client import Footfall
from tests.client.listener import Listener, Reply
from tests.client.programs import run, start
from tests.journey.server import WRITE_KEY, Server, unique

TRACKS = """
import logging, sys, time
from footfall_client import Footfall
logging.disable()
client = Footfall(sys.argv[1], sys.argv[4] if len(sys.argv) > 4 else "KEY", queue=sys.argv[2], interval=0.05)
for n in range(int(sys.argv[3])):
    client.track(str(n), event_id=f"{sys.argv[5]}-{n}" if len(sys.argv) > 5 else None)
"""
IDLES = TRACKS + "print('tracked', flush=True)\ntime.sleep(60)\n"


def kept(file: Path) -> list[str]:
    """What is in the file, by name."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
        return [name for (name,) in db.execute("SELECT json_extract(line, '$.event') FROM events ORDER BY place")]


def wait_kept(file: Path, count: int, seconds: float = 20) -> list[str]:
    give_up = time.monotonic() + seconds
    while True:
        try:
            found = kept(file)
        except sqlite3.OperationalError:
            found = []
        if len(found) >= count:
            return found
        assert time.monotonic() < give_up, f"{len(found)} of {count}"
        time.sleep(0.02)


def test_a_killed_process_leaves_its_events_to_the_next(listener: Listener, tmp_path: Path) -> None:
    file = tmp_path / "events.db"
    listener.otherwise = lambda _body: Reply(503)
    with start(IDLES, listener.url, str(file), "700") as program:
        assert wait_kept(file, 700) == [str(n) for n in range(700)]
        program.kill()
    listener.otherwise = lambda _body: Reply()
    run(TRACKS, listener.url, str(file), "1")
    assert listener.names == [*(str(n) for n in range(700)), "0"]
    assert kept(file) == []


def test_killed_at_any_moment_nothing_on_disk_is_lost_and_nothing_counts_twice(server: Server, tmp_path: Path) -> None:
    """Against the real server, which is there all the time: kills fall between its answer and our knowing of it."""
    file, word = tmp_path / "events.db", unique("kill")
    for round_ in range(6):
        program = start(IDLES, server.url, str(file), "1500", WRITE_KEY, f"{word}-{round_}")
        with program:
            assert program.stdout is not None
            assert program.stdout.readline() == "tracked\n"
            time.sleep(0.02 * round_)
            program.kill()
    lost_before = set(kept(file))
    run(TRACKS, server.url, str(file), "1500", WRITE_KEY, f"{word}-last")
    server.settled()
    found = [event for event in server.events() if event["event_id"].startswith(word)]
    ids = [event["event_id"] for event in found]
    assert len(ids) == len(set(ids))
    assert kept(file) == []
    assert {f"{word}-last-{n}" for n in range(1500)} <= set(ids)
    assert lost_before <= {event["event"] for event in found}
    for round_ in range(6):
        numbers = sorted(int(one.rsplit("-", 1)[1]) for one in ids if one.startswith(f"{word}-{round_}-"))
        # What had reached the disk, or the server, is a beginning without gaps.
        assert numbers == list(range(len(numbers)))


def test_processes_that_share_a_file_send_everything(listener: Listener, tmp_path: Path) -> None:
    file = str(tmp_path / "events.db")
    programs = [start(TRACKS, listener.url, file, "400") for _ in range(4)]
    for program in programs:
        said, wrong = program.communicate(timeout=60)
        assert (program.returncode, said, wrong) == (0, "", "")
    listener.wait(1600)
    # One that ends while it sends for others leaves its batch to them, who send the same ids again.
    assert len({event["event_id"] for event in listener.taken}) == 1600


def test_who_sends_is_followed_by_another_when_killed(listener: Listener, tmp_path: Path) -> None:
    file = tmp_path / "events.db"
    with start(IDLES, listener.url, str(file), "5") as first:
        listener.wait(5)
        with start(IDLES, listener.url, str(file), "7") as second:
            first.kill()
            listener.wait(12)
            second.kill()
    assert kept(file) == []


def test_a_batch_that_was_answered_and_not_settled_is_sent_again_with_its_ids(
    listener: Listener, tmp_path: Path
) -> None:
    file = tmp_path / "events.db"
    listener.replies = [Reply(after=30)]
    with start(IDLES, listener.url, str(file), "3") as program:
        listener.wait(3)
        program.kill()
    run(TRACKS, listener.url, str(file), "0")  # with nothing of its own, it sends nothing
    assert len(listener.taken) == 3
    run(TRACKS, listener.url, str(file), "1")
    assert len(listener.taken) == 7
    assert len({event["event_id"] for event in listener.taken}) == 4


def test_the_oldest_go_and_the_count_of_them_survives(
    listener: Listener, tmp_path: Path, new_client: Callable[..., Footfall]
) -> None:
    file = tmp_path / "events.db"
    listener.otherwise = lambda _body: Reply(503, {"Retry-After": "60"})
    first = new_client(queue=file, queue_limit=50)
    for number in range(80):
        first.track(str(number))
    first.flush(1)
    first.close()
    assert wait_kept(file, 50) == [str(number) for number in range(30, 80)]
    listener.otherwise = lambda _body: Reply()
    second = new_client(queue=file)
    second.track("after")
    assert second.flush()
    assert listener.names == [*(str(number) for number in range(30, 80)), "after"]
    assert listener.dropped == 30


def test_bytes_on_disk_are_bounded(listener: Listener, tmp_path: Path, new_client: Callable[..., Footfall]) -> None:
    file = tmp_path / "events.db"
    listener.otherwise = lambda _body: Reply(503, {"Retry-After": "60"})
    client = new_client(queue=file, queue_limit_bytes=1_000_000)
    for number in range(400):
        client.track(str(number), properties={"x": "y" * 10_000})
        if number % 50 == 0:
            client.flush(0.2)
    client.flush(1)
    client.close()
    names = kept(file)
    assert names[-1] == "399"
    assert len(names) < 300
    assert file.stat().st_size < 3_000_000


def test_hooks_have_run_before_anything_is_written(
    listener: Listener, tmp_path: Path, new_client: Callable[..., Footfall]
) -> None:
    file = tmp_path / "events.db"
    listener.otherwise = lambda _body: Reply(503, {"Retry-After": "60"})
    client = new_client(queue=file, before_send=lambda event: event | {"properties": {}})
    client.track("a", properties={"secret": "hunter2-of-the-hook"})
    wait_kept(file, 1)
    assert all(b"hunter2" not in path.read_bytes() for path in tmp_path.iterdir())


def test_only_their_owner_reads_the_files(
    listener: Listener, tmp_path: Path, new_client: Callable[..., Footfall]
) -> None:
    listener.otherwise = lambda _body: Reply(503)
    client = new_client(queue=tmp_path / "events.db")
    client.track("a")
    wait_kept(tmp_path / "events.db", 1)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("kind", ["folder", "garbage", "below a file"])
def test_a_file_that_cannot_be_used_leaves_events_in_memory(
    listener: Listener, tmp_path: Path, new_client: Callable[..., Footfall], kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "x"
    if kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(os.urandom(8192))
    client = new_client(queue=path / "y" if kind == "below a file" else path)
    client.track("a")
    assert client.flush()
    assert listener.names == ["a"]
    assert "wait in memory" in caplog.text


def test_a_closed_client_leaves_its_turn_to_another(
    listener: Listener, tmp_path: Path, new_client: Callable[..., Footfall]
) -> None:
    first, second = (new_client(queue=tmp_path / "events.db") for _ in range(2))
    first.track("a")
    assert first.flush()
    second.track("b")
    first.close(5)
    assert second.flush()
    assert sorted(listener.names) == ["a", "b"]
