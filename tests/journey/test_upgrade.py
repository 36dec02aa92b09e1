"""A folder of an earlier version: opened, upgraded, and everything in it still there.

`tests/data/folder-of-the-first-version.tar.xz` was made by really running version 0.1.0 before it knew accounts
(commit 5aee952): one of its servers made five keys, took five events and refused one, a browser opened its
sign-in link, it was restarted and stopped, and its data folder was packed without the lock.
"""

import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.journey.people import browser, follow
from tests.journey.server import Server

PACKED = Path(__file__).parents[1] / "data" / "folder-of-the-first-version.tar.xz"
KEYS = {
    "write": "ff_write_AeSftmU0u-VSgCXbVNFkDbJBhdxr23rT",
    "stats": "ff_stats__GXgttREO0q-uLBfD0FhUudw1-1sdov5",
    "read": "ff_read_-N8Rw3dPtJQxVEaW0OpX9iBndfLk7ZHm",
    "admin": "ff_admin_e-uzFc81y_hy7NiluG7Wk7KGPcDwrBRa",
}
SESSION = "OQSoP2XbkNDEsnRkZI7_BBDz-Jyilveujr8vvS-zkL0"
UNUSED_LINK = "8vD_pvEE_s_rGuVzWOHwF7G2iVRj43Yv9gn5PTlbmh8"


@pytest.fixture
def upgraded(new_server: Callable[..., Server]) -> Server:
    server = new_server()
    server.folder.mkdir()
    with tarfile.open(PACKED) as packed:
        packed.extractall(server.folder, filter="data")
    return server.start()


def test_events_totals_quarantine_zone_and_keys_are_as_they_were(upgraded: Server) -> None:
    reader = upgraded.client(KEYS["read"])
    assert sorted(one["event_id"] for one in reader.get("/api/events").json()["data"]) == [f"e{n}" for n in range(5)]
    assert reader.get("/api/ingest/status").json() == {
        "accepted": 6, "queued": 0, "stored": 5, "quarantined": 1, "duplicates": 0, "lag_seconds": 0.0,
        "quarantine_dropped": 0, "queue": {"bytes": 0, "limit_bytes": 4 * 1024**3, "refusing": None},
    }  # fmt: skip
    assert len(reader.get("/api/quarantine").json()["data"]) == 1
    (project,) = reader.get("/api/projects").json()
    assert (project["id"], project["timezone"], project["week_start"]) == (1, "Europe/Berlin", "monday")

    listed = {key["name"]: key for key in upgraded.client(KEYS["admin"]).get("/api/keys").json()}
    assert {f"the {scope} key" for scope in KEYS} | {""} == listed.keys()
    assert (listed[""]["origins"], listed[""]["rate_limit"]) == (["https://shop.example"], "1000/second")
    assert {key["expires_at"] for key in listed.values()} == {None}

    again = {"event": "page_view", "event_id": "e0"}
    assert upgraded.client(KEYS["write"]).post("/api/events/collect", json=again).status_code == 204
    shop = {"origin": "https://shop.example"}
    assert upgraded.client("WK_SEG").post("/api/events/collect", json=again, headers=shop).status_code == 204
    question = {"series": [{"event": "page_view", "measure": "count"}], "interval": "day", "from": "2026-11-01"}
    counted = upgraded.client(KEYS["stats"]).post("/api/insights/trend", json=question | {"to": "2026-12-01"})
    assert counted.json()["series"][0]["total"] == 5
    assert reader.get("/api/ingest/status").json()["duplicates"] == 2


def test_sessions_and_links_of_before_belong_to_nobody_and_open_nothing(upgraded: Server) -> None:
    with closing(browser(upgraded, cookies={"footfall_session": SESSION})) as client:
        assert client.get("/api/events").status_code == 401
        assert client.get(f"/signin?token={UNUSED_LINK}").status_code == 401
        assert follow(client, upgraded.sign_in_link()).status_code == 303, (
            "the server prints a new one: nobody owns it yet"
        )


def test_an_upgraded_folder_opens_again(upgraded: Server) -> None:
    upgraded.restart()
    assert len(upgraded.client(KEYS["read"]).get("/api/events").json()["data"]) == 5
    assert upgraded.client(KEYS["read"]).get("/api/ingest/status").json()["accepted"] == 6
