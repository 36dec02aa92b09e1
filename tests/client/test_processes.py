"""Forks and ends: each process sends its own events, once, and ends within its time."""

import time

import pytest

from tests.client.listener import Listener, Reply
from tests.client.programs import run

HEAD = """
import os, sys, threading, time
from footfall_client import Footfall
client = Footfall(sys.argv[1], "KEY", queue=sys.argv[2] if len(sys.argv) > 2 else None)
"""


@pytest.fixture(params=["memory", "disk"])
def words(request: pytest.FixtureRequest, listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a program is told: the address, and maybe a file."""
    file = tmp_path_factory.mktemp("queue") / "inner" / "events.db"
    return [listener.url, *([str(file)] if request.param == "disk" else [])]


def test_the_end_of_a_program_sends_what_waits(listener: Listener, words: list[str]) -> None:
    run(HEAD + "for n in range(1500): client.track(str(n))", *words)
    assert listener.names == [str(n) for n in range(1500)]


def test_a_server_that_is_away_delays_the_end_once(listener: Listener, words: list[str]) -> None:
    listener.otherwise = lambda _body: Reply(503)
    began = time.monotonic()
    run(HEAD + "import logging, multiprocessing.util\nlogging.disable()\nclient.track('a')", *words)
    assert time.monotonic() - began < 3 + 2


def test_an_exception_that_ends_a_program_costs_no_event(listener: Listener, words: list[str]) -> None:
    run(HEAD + "client.track('a')\ntry: raise SystemExit(0)\nfinally: client.track('b')", *words)
    assert listener.names == ["a", "b"]


def test_a_child_sends_its_own_events_and_the_parent_its_own(listener: Listener, words: list[str]) -> None:
    program = """
    for n in range(300):
        client.track(f"before {n}")
    children = []
    for child in range(4):
        pid = os.fork()
        if not pid:
            for n in range(300):
                client.track(f"child {child} {n}")
            sent = client.flush(30)
            os._exit(0 if sent else 1)
        children.append(pid)
    for n in range(300):
        client.track(f"after {n}")
    assert all(os.waitpid(pid, 0)[1] == 0 for pid in children)
    assert client.flush(30)
    """
    run(HEAD + _plain(program), *words)
    expected = [f"{when} {n}" for when in ("before", "after") for n in range(300)]
    expected += [f"child {child} {n}" for child in range(4) for n in range(300)]
    assert sorted(set(listener.names)) == sorted(expected)
    if len(words) == 1:
        assert len(listener.names) == len(expected)


def test_a_fork_in_the_middle_of_everything_hangs_nobody(listener: Listener, words: list[str]) -> None:
    program = """
    def busy():
        while not done:
            client.track("busy", properties={"x": "y" * 100})
            time.sleep(0.0005)
    done = []
    threads = [threading.Thread(target=busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(25):
        pid = os.fork()
        if not pid:
            client.track(f"child {n}")
            os._exit(0 if client.flush(30) else 1)
        assert os.waitpid(pid, 0)[1] == 0, n
    done.append(True)
    for thread in threads:
        thread.join()
    assert client.flush(30)
    """
    run(HEAD + _plain(program), *words)
    assert {f"child {n}" for n in range(25)} <= set(listener.names)
    seqs = [event["seq"] for event in listener.taken if event["event"] == "busy"]
    assert set(seqs) == set(range(1, max(seqs) + 1))
    assert len(words) > 1 or len(set(seqs)) == len(seqs)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_flush_as_they_end(listener: Listener, tmp_path: object, method: str) -> None:
    program = """
    import multiprocessing, sys
    from footfall_client import configure, analytics
    from tests.client import work
    if __name__ == "__main__":
        configure(sys.argv[1], "KEY")
        analytics.track("parent")
        context = multiprocessing.get_context(sys.argv[2])
        with context.Pool(2) as pool:
            pool.map(work.work, [(sys.argv[1], n) for n in range(40)], chunksize=1)
            pool.close()
            pool.join()
    """
    run(_plain(program), listener.url, method)
    assert sorted(listener.names) == sorted(["parent", *(f"work {n}" for n in range(40))])


def test_a_fork_while_the_environment_is_read_leaves_no_lock(listener: Listener) -> None:
    program = """
    import os, sys, threading, time
    from footfall_client import client as inside
    held = threading.Event()
    def hold():
        with inside._opening:
            held.set()
            time.sleep(0.5)
    threading.Thread(target=hold).start()
    held.wait()
    pid = os.fork()
    if not pid:
        inside.analytics.track("child")
        os._exit(0 if inside.analytics.flush(10) else 1)
    assert os.waitpid(pid, 0)[1] == 0
    """
    run(_plain(program), FOOTFALL_URL=listener.url)
    assert listener.names == ["child"]


def _plain(program: str) -> str:
    """Indented as this file is; at the margin."""
    return "\n".join(line.removeprefix("    ") for line in program.splitlines())


def test_nothing_is_imported_while_events_are_sent(listener: Listener, words: list[str]) -> None:
    """The lock of a module that a thread imports is held for ever in a child of that moment."""
    program = """
    import sys
    client.track("first")
    before = set(sys.modules)
    assert client.flush(30)
    print(sorted(set(sys.modules) - before))
    """
    assert run(HEAD + _plain(program), *words) == "[]\n"
