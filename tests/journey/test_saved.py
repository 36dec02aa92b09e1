"""Saved insights, boards and annotations: kept as they were asked, answered as they are."""

import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.journey.people import signed_in
from tests.journey.server import ADMIN_KEY, READ_KEY, Server, unique

TREND = {"series": [{"event": "page_view", "measure": "unique_users"}], "interval": "day"}
FUNNEL = {"steps": [{"event": "page_view"}, {"event": "purchase"}], "window": "PT30M"}


NOWHERE = {"property": "x", "operator": "is_set"}


def save(server: Server, **more: Any) -> dict[str, Any]:
    body = {"name": unique("saved"), "kind": "trend", "question": TREND} | more
    answer = server.admin.post("/api/saved", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def make_board(server: Server, *tiles: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = server.admin.post("/api/boards", json={"name": unique("board"), "tiles": list(tiles), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json().get("path")


# ── saved insights ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_kept_as_it_was_asked_and_over_restarts(new_server: Callable[..., Server]) -> None:
    server = new_server().start()
    question = FUNNEL | {"filters": [{"property": "properties.plan", "operator": "is", "values": ["pro", 7, 1.5]}]}
    made = save(server, name="Sign-up", kind="funnel", question=question, description="For the\nweekly meeting.")
    assert (made["version"], made["question"], made["owner"]) == (1, question, "FOOTFALL_ADMIN_KEY")
    assert made["created_at"] == made["changed_at"]
    server.restart()
    assert server.ask(f"/api/saved/{made['id']}") == made
    assert server.ask("/api/saved") == [made]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"question": {"series": [{"event": ""}]}}, "$.question.series[0].event"),
        ({"question": {"series": [{"event": "a", "measure": "most"}]}}, "$.question.series[0].measure"),
        ({"question": {"series": [{"event": "a"}], "colour": "red"}}, "$.question"),
        ({"question": TREND | {"timezone": "Mars/Base"}}, "$.question.timezone"),
        ({"question": TREND | {"filters": [NOWHERE]}}, "$.question.filters[0].property"),
        ({"kind": "funnel"}, "$.question"),
        ({"kind": "guess"}, "$.kind"),
        ({"name": ""}, "$.name"),
        ({"question": TREND | {"filters": [
            {"property": "page", "operator": "is", "values": ["x" * 8000] * 9}
        ]}}, "$.question"),
    ],
    ids=[
        "event", "measure", "field", "zone", "property", "of another kind", "no kind", "nameless", "too long",
    ],
)  # fmt: skip
def test_a_question_that_its_kind_would_refuse_is_not_kept(server: Server, body: dict[str, Any], path: str) -> None:
    before = server.ask("/api/saved")
    answer = server.admin.post("/api/saved", json={"name": "x", "kind": "trend", "question": TREND} | body)
    assert refused(answer, 400) == path
    assert server.ask("/api/saved") == before


def test_of_two_who_change_the_same_version_one_wins(server: Server) -> None:
    made = save(server)
    address = f"/api/saved/{made['id']}"

    def change(name: str) -> int:
        body = {"name": name, "kind": "funnel", "question": FUNNEL, "version": 1}
        return httpx.put(
            server.url + address, json=body, headers={"authorization": f"Bearer {ADMIN_KEY}"}, trust_env=False
        ).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(change, ["a", "b", "c", "d"])) == [200, 409, 409, 409]
    now = server.ask(address)
    assert (now["version"], now["kind"], now["created_at"]) == (2, "funnel", made["created_at"])
    late = server.admin.put(address, json={"name": "late", "kind": "trend", "question": TREND, "version": 1})
    assert refused(late, 409) == "$.version"
    assert server.ask(address) == now


def test_what_is_deleted_is_gone(server: Server) -> None:
    address = f"/api/saved/{save(server)['id']}"
    assert server.admin.delete(address).status_code == 204
    for answer in (server.reader.get(address), server.admin.delete(address)):
        refused(answer, 404)


# ── boards ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_board_shows_its_tiles_in_their_order(server: Server) -> None:
    event = unique("event")
    server.collect([{"event": event, "user_id": user, "timestamp": "2026-03-02T10:00:00Z"} for user in "aab"])
    saved = save(server, name="People", question=count_of(event, "unique_users"))
    board = make_board(
        server,
        {"saved": saved["id"], "x": 6, "y": 1, "width": 12, "height": 5},
        {"kind": "trend", "question": count_of(event), "title": "How often"},
    )
    assert server.ask(f"/api/boards/{board['id']}") == board
    assert [tile["saved"] for tile in board["tiles"]] == [saved["id"], None]
    people, often = server.ask(f"/api/boards/{board['id']}/answers")
    assert (people["title"], people["x"], people["width"]) == ("People", 6, 12)
    assert (people["answer"]["series"][0]["total"], often["answer"]["series"][0]["total"]) == (2, 3)
    assert often["title"] == "How often"
    same = server.insight("trend", **count_of(event))
    assert often["answer"]["series"] == same["series"]


def count_of(event: str, measure: str = "count", **more: Any) -> dict[str, Any]:
    return {"series": [{"event": event, "measure": measure}], "from": "2026-03-01", "to": "2026-03-08", **more}


def totals(server: Server, board: dict[str, Any]) -> list[int]:
    return [tile["answer"]["series"][0]["total"] for tile in server.ask(f"/api/boards/{board['id']}/answers")]


def test_a_boards_range_takes_the_place_of_the_tiles_and_its_filters_come_on_top(server: Server) -> None:
    event = unique("event")
    server.collect(
        [
            {"event": event, "page": page, "device": device, "timestamp": f"2026-03-0{day}T23:30:00Z"}
            for day in (2, 3)
            for page in ("/a", "/b")
            for device in ("mobile", "desktop")
        ]
    )
    tiles = [
        {"kind": "trend", "question": count_of(event)},
        {"kind": "trend", "question": count_of(event, filters=[is_("page", "/a")])},
    ]
    assert totals(server, make_board(server, *tiles)) == [8, 4]
    assert totals(server, make_board(server, *tiles, filters=[is_("device", "mobile")])) == [4, 2]
    assert totals(server, make_board(server, *tiles, **{"from": "2026-03-03", "to": "2026-03-04"})) == [4, 2]
    berlin = make_board(server, *tiles, **{"from": "2026-03-03", "to": "2026-03-04", "timezone": "Europe/Berlin"})
    assert totals(server, berlin) == [4, 2]
    shown = server.ask(f"/api/boards/{berlin['id']}/answers")[0]["answer"]["meta"]
    assert shown["timezone"] == "Europe/Berlin"


def is_(name: str, value: str) -> dict[str, Any]:
    return {"property": name, "operator": "is", "values": [value]}


def test_what_a_tile_cannot_answer_is_said_in_its_place(server: Server) -> None:
    pattern = {"property": "page", "operator": "matches", "values": ["("]}
    event = unique("event")
    server.collect({"event": event, "page": "/"})
    week = {"series": [{"event": event}]}
    board = make_board(
        server, {"kind": "trend", "question": week | {"filters": [pattern]}}, {"kind": "trend", "question": week}
    )
    broken, well = server.ask(f"/api/boards/{board['id']}/answers")
    assert broken["answer"] is None
    assert "RE2" in broken["problem"]
    assert (well["problem"], well["answer"]["series"][0]["total"]) == (None, 1)


def test_an_answer_that_turns_out_too_large_is_refused_everywhere_it_is_asked_for(server: Server) -> None:
    event = unique("event")
    server.collect([{"event": event, "user_id": f"{n}", "page": f"/{n}"} for n in range(300)])
    server.settled()
    question = {
        "event": event, "interval": "minute", "breakdown": [{"property": "page", "limit": 1000}],
        "from": int(time.time()) - 86_400, "to": int(time.time()) + 86_400,
    }  # fmt: skip
    for path in ("lifecycle", "stickiness", "lifecycle/export.csv", "stickiness/export.parquet"):
        answer = server.reader.post(f"/api/insights/{path}", json=question)
        assert refused(answer, 400) == "$.breakdown[0].limit"
    board = make_board(server, {"kind": "lifecycle", "question": question})
    share = server.admin.post("/api/shares", json={"board": board["id"]}).json()["link"]
    (by_board,) = server.ask(f"/api/boards/{board['id']}/answers")
    (by_link,) = server.anybody.get(share).json()["tiles"]
    assert by_board["answer"] is by_link["answer"] is None
    assert "300 values" in by_board["problem"]
    assert by_link["problem"] == by_board["problem"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"tiles": [{"title": "nothing"}]}, "$.tiles[0]"),
        ({"tiles": [{"saved": "saved_none"}]}, "$.tiles[0].saved"),
        ({"tiles": [{"saved": "x", "kind": "trend", "question": TREND}]}, "$.tiles[0]"),
        ({"tiles": [{"kind": "trend", "question": {"series": []}}]}, "$.tiles[0].question.series"),
        ({"timezone": "Mars/Base"}, "$.timezone"),
        ({"from": "yesterday"}, "$.from"),
        ({"filters": [{"property": "x", "operator": "is_set"}]}, "$.filters[0].property"),
    ],
    ids=["empty tile", "nothing saved", "both", "a question", "a zone", "a range", "a filter"],
)
def test_a_board_that_could_not_be_shown_is_not_kept(server: Server, body: dict[str, Any], path: str) -> None:
    assert refused(server.admin.post("/api/boards", json={"name": "x"} | body), 400) == path


def test_a_board_changes_as_a_whole_and_holds_on_to_what_it_shows(server: Server) -> None:
    saved = save(server)
    board = make_board(server, {"saved": saved["id"]}, {"saved": saved["id"]})
    gone = server.admin.delete(f"/api/saved/{saved['id']}")
    refused(gone, 409)
    assert board["name"] in gone.json()["detail"]
    address = f"/api/boards/{board['id']}"
    refused(server.admin.put(address, json={"name": "x", "version": 2}), 409)
    changed = server.admin.put(address, json={"name": "x", "version": 1})
    assert changed.status_code == 200
    assert (changed.json()["tiles"], changed.json()["version"]) == ([], 2)
    assert server.admin.delete(f"/api/saved/{saved['id']}").status_code == 204
    assert server.admin.delete(address).status_code == 204
    refused(server.reader.get(address), 404)


def test_a_viewer_sees_a_board_but_nothing_that_tells_persons_apart(server: Server) -> None:
    event = unique("event")
    server.collect({"event": event, "user_id": "ada"})
    private = {"series": [{"event": event}], "breakdown": [{"property": "user_id", "limit": 5}]}
    board = make_board(
        server, {"kind": "trend", "question": private}, {"kind": "trend", "question": {"series": [{"event": event}]}}
    )
    with signed_in(server, "viewer") as viewer:
        hidden, shown = viewer.get(f"/api/boards/{board['id']}/answers").json()
        assert hidden["answer"] is None
        assert "tells persons apart" in hidden["problem"]
        assert shown["answer"]["series"][0]["total"] == 1
        refused(viewer.post("/api/boards", json={"name": "x"}), 403)
    assert server.ask(f"/api/boards/{board['id']}/answers")[0]["problem"] is None


# ── annotations ──────────────────────────────────────────────────────────────────────────────────────────────


def test_one_curl_says_what_happened(server: Server) -> None:
    text = unique("deploy")
    done = subprocess.run(
        [
            "curl", "-sS", "--noproxy", "*", "-X", "POST", f"{server.url}/api/annotations",
            "-H", f"Authorization: Bearer {READ_KEY}", "-d", f'{{"text": "{text}"}}',
        ],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f'"text":"{text}"' in done.stdout
    (found,) = [one for one in server.ask("/api/annotations", limit=1000)["data"] if one["text"] == text]
    assert found["at"] == found["created_at"]


def test_a_pipeline_that_runs_again_says_it_once(server: Server) -> None:
    ref = unique("commit")
    body = {"text": "deploy 1.4.2", "kind": "release", "tags": ["shop", "shop", "eu"], "ref": ref}
    headers = {"authorization": f"Bearer {READ_KEY}"}

    def say(_: int) -> httpx.Response:
        return httpx.post(f"{server.url}/api/annotations", json=body, headers=headers, trust_env=False)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(say, range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.text for answer in answers}) == 1
    again = server.reader.post("/api/annotations", json=body | {"text": "something else"})
    assert (again.status_code, again.json()["text"]) == (200, "deploy 1.4.2")
    assert again.json()["tags"] == ["shop", "eu"]


def test_annotations_of_a_range_latest_first_page_by_page(fresh: Server) -> None:
    for day in (3, 1, 2, 4):
        made = fresh.reader.post("/api/annotations", json={"text": f"day {day}", "at": f"2026-03-0{day}"})
        assert made.status_code == 201
    found = fresh.ask("/api/annotations", **{"from": "2026-03-01", "to": "2026-03-04", "limit": 2})
    assert [one["text"] for one in found["data"]] == ["day 3", "day 2"]
    rest = fresh.ask("/api/annotations", **{"from": "2026-03-01", "to": "2026-03-04", "cursor": found["next"]})
    assert ([one["text"] for one in rest["data"]], rest["next"]) == (["day 1"], None)
    address = f"/api/annotations/{rest['data'][0]['id']}"
    refused(fresh.reader.delete(address), 403)
    assert fresh.admin.delete(address).status_code == 204
    refused(fresh.admin.delete(address), 404)
    assert len(fresh.ask("/api/annotations")["data"]) == 3


@pytest.mark.parametrize(
    ("body", "path"),
    [({"text": ""}, "$.text"), ({"text": "x", "at": "soon"}, "$.at"), ({"text": "x\u0000"}, "$.text")],
    ids=["nothing", "no time", "a NUL"],
)
def test_what_says_nothing_is_refused(server: Server, body: dict[str, Any], path: str) -> None:
    assert refused(server.reader.post("/api/annotations", json=body), 400) == path


def test_who_keeps_what_is_in_the_audit_log(server: Server) -> None:
    key = server.create_key("admin")
    made = server.client(key["value"]).post("/api/saved", json={"name": "x", "kind": "trend", "question": TREND}).json()
    assert made["owner"] == key["key"]["id"]
    records = server.admin.get("/api/audit", params={"limit": 1000}).json()["data"]
    (record,) = [one for one in records if one["actor"] == key["key"]["id"]]
    assert (record["verb"], record["what"], record["subject"]) == ("did", "POST /api/saved", made["id"])
