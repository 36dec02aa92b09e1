"""Workers that gunicorn forks, of an application that made its client before: nothing is lost, nothing counts twice."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.client.programs import environment
from tests.journey.server import PLAIN, WRITE_KEY, Server, free_port

APP = """
import os
from footfall_client import Footfall

client = Footfall(os.environ["SENDS_TO"], os.environ["SENDS_AS"], queue=os.environ.get("KEEPS_IN"), interval=0.05)
client.track("loaded", user_id="master")

def app(environ, start_response):
    name = environ["PATH_INFO"].lstrip("/")
    client.track("visited", user_id=name, event_id=f"{name}-visited", properties={"worker": os.getpid()})
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
"""
REQUESTS = 400


@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "on disk"])
def test_two_workers_lose_nothing(tmp_path: Path, kept: bool) -> None:
    (tmp_path / "shop.py").write_text(APP)
    with Server(tmp_path / "footfall") as server:
        more: dict[str, str] = {"SENDS_TO": server.url, "SENDS_AS": WRITE_KEY}
        if kept:
            more["KEEPS_IN"] = str(tmp_path / "events.db")
        port = free_port()
        command = [
            sys.executable, "-m", "gunicorn", "--workers", "2", "--threads", "4", "--preload", "--bind",
            f"127.0.0.1:{port}", "--graceful-timeout", "20", "--log-level", "error", "--no-control-socket", "shop:app",
        ]  # fmt: skip
        with subprocess.Popen(command, cwd=tmp_path, env=environment(**more)) as gunicorn:
            try:
                workers = _visit(f"http://127.0.0.1:{port}")
            finally:
                gunicorn.terminate()
                gunicorn.wait(30)
        assert len(workers) == 2
        server.settled()
        found = [one for one in server.events() if one["event"] == "visited" and one["user_id"] != "ready"]
        assert sorted(event["user_id"] for event in found) == sorted(map(str, range(REQUESTS)))
        assert {str(event["properties"]["worker"]) for event in found} == workers
        assert [event["user_id"] for event in server.events() if event["event"] == "loaded"] == ["master"]


def _visit(url: str) -> set[str]:
    """By which workers so many requests were answered. One that gunicorn hangs up on is asked again."""

    def ask(name: Any) -> str:
        for _ in range(5):
            try:
                return client.get(f"{url}/{name}").raise_for_status().text
            except httpx.TransportError:
                continue
        raise AssertionError(name)

    with httpx.Client(**PLAIN, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        give_up = time.monotonic() + 30
        while True:
            try:
                client.get(f"{url}/ready")
                break
            except httpx.TransportError:
                assert time.monotonic() < give_up
                time.sleep(0.05)
        with ThreadPoolExecutor(8) as pool:
            return set(pool.map(ask, range(REQUESTS)))
