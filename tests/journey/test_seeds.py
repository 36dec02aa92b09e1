"""The doors and the numbers that the clients of S0, S1 and S3 use, as those clients send and read them.

They send no key, so these servers are keyless; it is noon of a Monday in Berlin, in the zone of the project.
"""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.journey.server import Server, unique

NOON = "2026-03-02T11:00:00Z"


@pytest.fixture
def shop(new_server: Callable[..., Server]) -> Server:
    """Nothing in it yet: S0's numbers are of all interactions that there are."""
    return new_server(FOOTFALL_KEYLESS="1", FOOTFALL_NOW=NOON, FOOTFALL_TIMEZONE="Europe/Berlin").start()


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(
        tmp_path_factory.mktemp("berlin"),
        FOOTFALL_KEYLESS="1",
        FOOTFALL_NOW=NOON,
        FOOTFALL_TIMEZONE="Europe/Berlin",
    ) as opened:
        yield opened


def same(answer: Any, expected: Any) -> None:
    """Equal, with keys in the same order and numbers as numbers (True and "1" are none)."""
    assert answer == expected
    assert repr(answer) == repr(expected)


# ── S0 ───────────────────────────────────────────────────────────────────────────────────────────────────────


def interact(server: Server, component: str, action: str, user: str | None = None, **more: Any) -> None:
    """As S0's mutation does it: `usuario` is left out for an anonymous user."""
    body = {
        "nombre": component,
        "accion": action,
        "tipo_usuario": "registered" if user else "anonymous",
        **({"usuario": user} if user else {}),
        **more,
    }
    answer = server.anybody.post("/api/tracking", json=body)
    assert answer.status_code == 200
    assert answer.json() == {"success": True}


def test_s0_numbers_of_nothing_are_zeros_and_then_in_the_shape_of_server_stats(shop: Server) -> None:
    nothing = {"totalInteracciones": 0, "porComponente": [], "porAccion": [], "porTipoUsuario": []}
    same(shop.anybody.get("/api/tracking/stats").json(), nothing)
    pagination = {"page": 1, "limit": 10, "total": 0, "totalPages": 0, "hasNextPage": False, "hasPrevPage": False}
    same(shop.ask("/api/tracking"), {"data": [], "pagination": pagination})
    assert shop.ask("/api/tracking/export") == []
    assert len(shop.reader.get("/api/tracking/export.csv").text.splitlines()) == 1

    interact(shop, "Hero", "view")
    interact(shop, "Checkout", "initiate", "u1")
    for _ in range(3):
        interact(shop, "Checkout", "complete", "u1")
    interact(shop, "Article", "scroll-50")
    shop.collect({"event": "page_view", "component": "Hero", "action": "view"})  # no interaction
    stats = shop.anybody.get("/api/tracking/stats").json()
    same(
        stats,
        {
            "totalInteracciones": 6,
            "porComponente": [
                {"_id": "Checkout", "count": 4},
                {"_id": "Article", "count": 1},
                {"_id": "Hero", "count": 1},
            ],
            "porAccion": [
                {"_id": {"componente": "Article", "accion": "scroll-50"}, "count": 1},
                {"_id": {"componente": "Checkout", "accion": "complete"}, "count": 3},
                {"_id": {"componente": "Checkout", "accion": "initiate"}, "count": 1},
                {"_id": {"componente": "Hero", "accion": "view"}, "count": 1},
            ],
            "porTipoUsuario": [{"_id": "anonymous", "count": 2}, {"_id": "registered", "count": 4}],
        },
    )


def test_s0_components_are_the_ten_most_used_and_the_total_is_of_all(shop: Server) -> None:
    for number in range(1, 13):
        shop.collect([{"event": "component_interaction", "component": f"C{number:02}", "action": "click"}] * number)
    stats = shop.anybody.get("/api/tracking/stats").json()
    assert stats["totalInteracciones"] == 78
    assert stats["porComponente"] == [{"_id": f"C{n:02}", "count": n} for n in range(12, 2, -1)]
    assert len(stats["porAccion"]) == 12


def test_s0_statistics_show_a_click_at_the_next_refetch(berlin: Server) -> None:
    before = berlin.anybody.get("/api/tracking/stats").json()["totalInteracciones"]
    for number in range(1, 11):
        interact(berlin, "Hero", "view")
        assert berlin.anybody.get("/api/tracking/stats").json()["totalInteracciones"] == before + number


def test_s0_pages_are_newest_first_with_pagination(shop: Server) -> None:
    for minute in range(25):
        interact(shop, "Hero", f"click-{minute}", timestamp=f"2026-03-02T10:{minute:02}:00Z")
    pages = [shop.ask("/api/tracking", page=page, limit=10) for page in (1, 2, 3, 4)]
    same(
        [page["pagination"] for page in pages],
        [
            {
                "page": page,
                "limit": 10,
                "total": 25,
                "totalPages": 3,
                "hasNextPage": page < 3,
                "hasPrevPage": page > 1,
            }
            for page in (1, 2, 3, 4)
        ],
    )
    actions = [record["accion"] for page in pages for record in page["data"]]
    assert actions == [f"click-{minute}" for minute in range(24, -1, -1)]
    assert shop.ask("/api/tracking")["pagination"] == pages[0]["pagination"]


def test_s0_records_name_their_users(berlin: Server) -> None:
    ada, jose, nobody = unique("u1"), unique("u2"), unique("u3")
    berlin.collect(
        [
            {
                "event": "$identify",
                "user_id": ada,
                "properties": {"traits": {"name": "Ada", "email": "a@shop.example"}},
            },
            {"event": "$identify", "user_id": jose, "properties": {"traits": {"nombre": "José"}}},
        ]
    )
    component = unique("Hero")
    interact(berlin, component, "a", ada, timestamp="2026-03-02T10:04:00Z")
    interact(berlin, component, "b", jose, timestamp="2026-03-02T10:03:00Z")
    interact(berlin, component, "c", nobody, timestamp="2026-03-02T10:02:00Z")
    interact(berlin, component, "d", timestamp="2026-03-02T10:01:00Z")
    records = records_of(berlin, component)
    ids = [record.pop("id") for record in records]
    assert all(isinstance(one, str) and one for one in ids)
    same(
        records,
        [
            {
                "nombre_componente": component,
                "accion": action,
                "timestamp": f"2026-03-02T10:0{minute}:00.000Z",
                "tipo_usuario": kind,
                "nombre_usuario": name,
            }
            for action, minute, kind, name in (
                ("a", 4, "registered", "Ada"),
                ("b", 3, "registered", "José"),
                ("c", 2, "registered", None),
                ("d", 1, "anonymous", None),
            )
        ],
    )
    exported = [record for record in berlin.ask("/api/tracking/export") if record["nombre"] == component]
    assert [record["_id"] for record in exported] == ids
    assert [record["usuario"] for record in exported] == [
        {"_id": ada, "nombre": "Ada", "email": "a@shop.example"},
        {"_id": jose, "nombre": "José", "email": None},
        {"_id": nobody, "nombre": None, "email": None},
        None,
    ]


def records_of(server: Server, component: str) -> list[dict[str, Any]]:
    newest = server.ask("/api/tracking", limit=1000)["data"]
    return [record for record in newest if record["nombre_componente"] == component]


def test_s0_the_latest_name_of_a_user_counts(berlin: Server) -> None:
    user, component = unique("u1"), unique("Hero")
    for minute, name in ((1, "Old"), (3, "New"), (2, "Between")):
        berlin.collect(
            {
                "event": "$identify",
                "user_id": user,
                "timestamp": f"2026-03-02T10:0{minute}:00Z",
                "properties": {"traits": {"name": name}},
            }
        )
    interact(berlin, component, "view", user)
    assert records_of(berlin, component)[0]["nombre_usuario"] == "New"


def test_s0_number_is_list_is_export(shop: Server) -> None:
    records = [
        {"event": "component_interaction", "component": f"C{n % 7}", "action": "click", "user_id": f"u{n % 3}"}
        for n in range(2345)
    ]
    for start in range(0, len(records), 1000):
        shop.collect(records[start : start + 1000])
    shop.collect(records[:1], headers={"user-agent": "Googlebot/2.1"})
    total = shop.ask("/api/tracking/stats")["totalInteracciones"]
    pages = [shop.ask("/api/tracking", page=page, limit=1000) for page in (1, 2, 3)]
    exported = shop.ask("/api/tracking/export")
    rows = list(csv.DictReader(io.StringIO(shop.reader.get("/api/tracking/export.csv").text)))
    assert total == 2345
    assert pages[0]["pagination"]["total"] == total
    paged = [record["id"] for page in pages for record in page["data"]]
    assert len(set(paged)) == total
    assert paged == [record["_id"] for record in exported] == [row["id"] for row in rows]


def test_s0_export_is_a_file_that_spreadsheets_cannot_run(berlin: Server) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", 'with "quotes", commas', "two\nlines", "1", "é=1"]
    user = unique("-u")
    for name in evil:
        interact(berlin, name, "=cmd", user, timestamp="2026-03-02T10:00:00Z")
    berlin.collect(
        {"event": "$identify", "user_id": user, "properties": {"traits": {"name": "=HYPERLINK(1)", "email": "@a"}}}
    )
    answer = berlin.reader.get("/api/tracking/export.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = [row for row in csv.DictReader(io.StringIO(answer.text, newline="")) if row["usuario"] == f"'{user}"]
    dangerous = tuple("=+-@\t\r")
    assert sorted(row["nombre"] for row in rows) == sorted(
        f"'{name}" if name.startswith(dangerous) else name for name in evil
    )
    assert {(row["accion"], row["nombre_usuario"], row["email"]) for row in rows} == {
        ("'=cmd", "'=HYPERLINK(1)", "'@a")
    }
    assert {record["nombre"] for record in berlin.ask("/api/tracking/export")} >= set(evil)


def test_s0_an_interaction_without_a_component_is_quarantined(berlin: Server) -> None:
    answer = berlin.anybody.post("/api/tracking", json={"accion": "click"})
    assert answer.json() == {"success": True}
    refused = next(berlin.quarantined())
    assert refused["sent"] == '{"accion":"click"}'
    assert refused["reason"]


def test_s0_login_state_comes_from_the_user_alone(berlin: Server) -> None:
    """`user_type` is `registered` when the event carried a user id ("Words"), whatever the page says."""
    component = unique("Hero")
    interact(berlin, component, "known", "u1", tipo_usuario="anonymous")
    interact(berlin, component, "unknown", None, tipo_usuario="registered")
    types = {record["accion"]: record["tipo_usuario"] for record in records_of(berlin, component)}
    assert types == {"known": "registered", "unknown": "anonymous"}


# ── S1 ───────────────────────────────────────────────────────────────────────────────────────────────────────


def beacon(server: Server, *events: tuple[str, str, str], **context: Any) -> None:
    """As S1's `EventTracker` flushes: an array, S1's context, no key; `(event, time, user)`."""
    batch = [
        {
            "event": event,
            "properties": {"page_name": "home"},
            "context": {
                **({"userId": user} if user else {}),
                "sessionId": f"session of {user}",
                "page": "/",
                "timestamp": time,
                "device": "desktop",
                "appVersion": "unknown",
                **context,
            },
        }
        for event, time, user in events
    ]
    answer = server.anybody.post(
        "/api/events/collect", json=batch, headers={"content-type": "text/plain;charset=UTF-8"}
    )
    assert answer.status_code == 204


def trend(server: Server, **params: Any) -> Any:
    answer = server.anybody.get("/api/events/trend", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def row(time: str, total: int, users: int, sessions: int) -> dict[str, Any]:
    return {"time": time, "total": total, "unique_users": users, "unique_sessions": sessions}


def test_s1_context_becomes_fields(berlin: Server) -> None:
    name = unique("tracked")
    beacon(berlin, (name, "2026-03-01T10:00:00Z", "u1"))
    event = berlin.event(event=name)
    fields = ("user_id", "session_id", "page", "timestamp", "device", "app_version", "properties")
    assert {field: event[field] for field in fields} == {
        "user_id": "u1",
        "session_id": "session of u1",
        "page": "/",
        "timestamp": "2026-03-01T10:00:00.000Z",
        "device": "desktop",
        "app_version": "unknown",
        "properties": {"page_name": "home"},
    }


@pytest.fixture(scope="module")
def purchase(berlin: Server) -> str:
    """An event on two days: 28 February at 10:05, 10:10, 10:20 and 11:59:59.999, 1 March at 00:00 (Berlin)."""
    name = unique("purchase")
    beacon(
        berlin,
        (name, "2026-02-28T09:05:00Z", "u1"),
        (name, "2026-02-28T09:10:00Z", "u1"),
        (name, "2026-02-28T09:20:00Z", "u2"),
        (name, "2026-02-28T10:59:59.999Z", "u1"),
        (name, "2026-02-28T23:00:00Z", "u3"),
    )
    return name


def test_s1_trend_by_day_has_rows_for_days_with_events_only(berlin: Server, purchase: str) -> None:
    same(
        trend(berlin, event=purchase, start="2026-02-01", end="2026-03-02", granularity="day"),
        [row("2026-02-28T00:00:00+01:00", 4, 2, 2), row("2026-03-01T00:00:00+01:00", 1, 1, 1)],
    )


@pytest.mark.parametrize("granularity", [{"granularity": "hour"}, {}], ids=["hour", "the default"])
def test_s1_trend_by_hour(berlin: Server, purchase: str, granularity: dict[str, str]) -> None:
    same(
        trend(berlin, event=purchase, start="2026-02-28", end="2026-03-02", **granularity),
        [
            row("2026-02-28T10:00:00+01:00", 3, 2, 2),
            row("2026-02-28T11:00:00+01:00", 1, 1, 1),
            row("2026-03-01T00:00:00+01:00", 1, 1, 1),
        ],
    )


@pytest.mark.parametrize("granularity", ["15m", "minute", "week", "quarter"])
def test_s1_trend_by_anything_else_is_by_quarters_of_an_hour(berlin: Server, purchase: str, granularity: str) -> None:
    same(
        trend(berlin, event=purchase, start="2026-02-28", end="2026-03-02", granularity=granularity),
        [
            row("2026-02-28T10:00:00+01:00", 2, 1, 1),
            row("2026-02-28T10:15:00+01:00", 1, 1, 1),
            row("2026-02-28T11:45:00+01:00", 1, 1, 1),
            row("2026-03-01T00:00:00+01:00", 1, 1, 1),
        ],
    )


@pytest.mark.parametrize(
    ("start", "end", "total"),
    [
        pytest.param("2026-02-28", "2026-03-01", 5, id="bare dates, and the midnight that ends them"),
        pytest.param("2026-03-01", "2026-03-02", 1, id="a bare date begins at its local midnight"),
        pytest.param("2026-02-28T09:05:00Z", "2026-02-28T09:10:00Z", 2, id="both ends are included"),
        pytest.param("2026-02-28T09:05:00.001Z", "2026-02-28T09:09:59.999Z", 0, id="a millisecond inside them is not"),
        pytest.param("2026-02-28T10:00:00+01:00", "2026-02-28T10:10:00+01:00", 2, id="times with an offset"),
        pytest.param("2026-02-28T10:00:00", "2026-02-28T10:10:00", 2, id="times without one are the project's"),
        pytest.param("1772269500000", "1772269800000", 2, id="epoch milliseconds"),
        pytest.param("1772269500", "1772269800", 2, id="epoch seconds"),
        pytest.param("2026-02-28T09:05:00Z", "2026-02-28T09:05:00Z", 1, id="a range of one instant"),
    ],
)
def test_s1_trend_takes_ranges(berlin: Server, purchase: str, start: str, end: str, total: int) -> None:
    assert sum(one["total"] for one in trend(berlin, event=purchase, start=start, end=end)) == total


def test_s1_trend_of_the_last_ninety_days_as_the_chart_asks(berlin: Server, purchase: str) -> None:
    rows = trend(
        berlin, event=purchase, start="2025-12-02T11:00:00.000Z", end="2026-03-02T11:00:00.000Z", granularity="day"
    )
    assert [one["total"] for one in rows] == [4, 1]


def test_s1_trend_of_a_page_and_of_everything(berlin: Server) -> None:
    name = unique("paged")
    beacon(berlin, (name, "2026-02-10T09:00:00Z", "u1"), page="/a")
    beacon(berlin, (name, "2026-02-10T09:00:00Z", "u1"), page="/b")
    day = {"start": "2026-02-10", "end": "2026-02-11", "granularity": "day"}
    assert trend(berlin, event=name, page="/a", **day)[0]["total"] == 1
    assert trend(berlin, event=name, page="/c", **day) == []
    assert trend(berlin, event=name, page="", **day)[0]["total"] == 2, "an empty page is no condition in S1"
    assert trend(berlin, **day)[0]["total"] == 2
    assert trend(berlin, event="", **day)[0]["total"] == 2


def test_s1_trend_of_nothing_is_an_empty_array(berlin: Server) -> None:
    assert trend(berlin, event=unique("nothing"), start="2026-02-01", end="2026-03-01") == []


def test_s1_trend_over_a_year_by_quarters_of_an_hour(berlin: Server) -> None:
    """Only buckets that have events are in the answer, so how many a range has is no limit."""
    name = unique("year")
    beacon(berlin, (name, "2025-06-01T09:00:00Z", "u1"))
    rows = trend(berlin, event=name, start="2025-03-01", end="2026-03-01", granularity="15m")
    assert [one["total"] for one in rows] == [1]


def test_s1_trend_counts_people_and_sessions_once_a_bucket(berlin: Server) -> None:
    name = unique("people")
    beacon(berlin, *((name, f"2026-02-11T0{hour}:30:00Z", "u1") for hour in (7, 8, 9)))
    rows = trend(berlin, event=name, start="2026-02-11", end="2026-02-12", granularity="day")
    same(rows, [row("2026-02-11T00:00:00+01:00", 3, 1, 1)])


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"start": "yesterday"}, "start"),
        ({"end": "2026-13-01"}, "end"),
    ],
    ids=["start", "end"],
)
def test_s1_a_wrong_time_is_named(berlin: Server, params: dict[str, str], path: str) -> None:
    answer = berlin.anybody.get("/api/events/trend", params=params)
    assert answer.status_code == 400
    assert path in answer.json()["path"]


def funnel(server: Server, *steps: str, **params: Any) -> Any:
    answer = server.anybody.get("/api/events/funnel", params={"steps": ",".join(steps), **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


DAY = {"start": "2026-02-20", "end": "2026-02-21"}


def test_s1_funnel_is_an_array_of_one_object_with_numbered_keys(berlin: Server) -> None:
    view, cart, buy = unique("view"), unique("cart"), unique("buy")
    beacon(
        berlin,
        (view, "2026-02-20T10:00:00Z", "u1"),
        (cart, "2026-02-20T10:10:00Z", "u1"),
        (buy, "2026-02-20T10:30:00Z", "u1"),  # at exactly 30 minutes
        (view, "2026-02-20T10:00:00Z", "u2"),
        (cart, "2026-02-20T10:10:00Z", "u2"),
        (buy, "2026-02-20T10:30:00.001Z", "u2"),  # a millisecond late
        (view, "2026-02-20T10:00:00Z", "u3"),
        (buy, "2026-02-20T10:10:00Z", "u3"),  # without a cart
        (cart, "2026-02-20T10:00:00Z", "u4"),  # without a view
    )
    same(
        funnel(berlin, view, cart, buy, **DAY),
        [{f"step_1_{view}": 3, f"step_2_{cart}": 2, f"step_3_{buy}": 1}],
    )


def test_s1_funnel_of_nothing_has_zeros(berlin: Server) -> None:
    a, b = unique("a"), unique("b")
    same(funnel(berlin, a, b, **DAY), [{f"step_1_{a}": 0, f"step_2_{b}": 0}])


def test_s1_funnel_takes_names_as_they_are(berlin: Server) -> None:
    """S1 splices names into SQL; here a quote is a quote."""
    first, second = unique("it's"), unique("100% {x:String} \\ ' OR 1=1 --")
    beacon(berlin, (first, "2026-02-20T10:00:00Z", "u1"), (second, "2026-02-20T10:01:00Z", "u1"))
    same(funnel(berlin, first, second, **DAY), [{f"step_1_{first}": 1, f"step_2_{second}": 1}])


@pytest.mark.parametrize(
    "steps", ["", "one", ",", ",".join("abcdefghijklmnopqrstu")], ids=["none", "one", "comma", "21"]
)
def test_s1_funnel_has_two_to_twenty_steps(berlin: Server, steps: str) -> None:
    answer = berlin.anybody.get("/api/events/funnel", params={"steps": steps})
    assert answer.status_code == 400
    assert "steps" in answer.json()["path"]


def test_s1_funnel_without_steps_says_so(berlin: Server) -> None:
    assert berlin.anybody.get("/api/events/funnel").status_code == 400


# ── S3 ───────────────────────────────────────────────────────────────────────────────────────────────────────


def analytics(server: Server, **body: Any) -> httpx.Response:
    answer = server.anybody.post("/api/analytics", json=body)
    assert answer.status_code == 200
    assert answer.json() == {"success": True}
    return answer


def test_s3_answers_success_and_maps_its_names(berlin: Server) -> None:
    name = unique("component_visit")
    analytics(
        berlin,
        event=name,
        component="pkc-viewer",
        data={
            "component_hash": "pkc-viewer",
            "component_name": "Viewer",
            "timestamp": 1772269500000,
            "user_id": "user_k3j2h1g9f",
            "session_id": "session_1772269500000_abc",
            "url": "https://shop.example/cards",
            "referrer": "https://search.example/",
            "interaction_type": "click",
            "duration_ms": 1500,
            "load_time_ms": 12,
        },
    )
    event = berlin.event(event=name)
    fields = ("component", "component_hash", "action", "session_id", "timestamp", "url", "referrer", "page")
    assert {field: event[field] for field in fields} == {
        "component": "Viewer",
        "component_hash": "pkc-viewer",
        "action": "click",
        "session_id": "session_1772269500000_abc",
        "timestamp": "2026-02-28T09:05:00.000Z",
        "url": "https://shop.example/cards",
        "referrer": "https://search.example/",
        "page": "/cards",
    }
    assert event["properties"]["duration_ms"] == 1500
    assert event["properties"]["load_time_ms"] == 12


@pytest.mark.parametrize(
    ("user_id", "known"),
    [
        ("user_k3j2h1g9f", False),
        ("user_0", False),
        ("42", True),
        ("ada@shop.example", True),
        ("user_Ada", True),
        ("user_k3j2h1g9f0", True),
        ("xuser_k3j2h1g9f", True),
    ],
)
def test_s3_ids_that_it_made_up_are_anonymous(berlin: Server, user_id: str, known: bool) -> None:
    name = unique("made-up")
    analytics(berlin, event=name, component="c", data={"user_id": user_id, "session_id": "s"})
    event = berlin.event(event=name)
    assert event["user_id"] == (user_id if known else None)
    assert event["anonymous_id"] == (None if known else user_id)
    assert event["user_type"] == ("registered" if known else "anonymous")


def test_s3_takes_its_data_flat_as_well(berlin: Server) -> None:
    name = unique("flat")
    analytics(berlin, event=name, component_hash="c0ffee", component_name="Editor", user_id="user_abc", colour="red")
    event = berlin.event(event=name)
    assert (event["component"], event["component_hash"], event["anonymous_id"]) == ("Editor", "c0ffee", "user_abc")
    assert event["properties"]["colour"] == "red"


def test_s3_a_request_without_data_is_quarantined_or_kept_but_never_lost(berlin: Server) -> None:
    before = berlin.status()["accepted"]
    analytics(berlin, component="c")
    analytics(berlin, event=unique("no-data"), component="c")
    analytics(berlin, event=unique("odd-data"), component="c", data="text")
    assert berlin.settled()["accepted"] == before + 3
