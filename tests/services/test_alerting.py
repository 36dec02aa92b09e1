# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Rules at work: what is judged, claimed, written down and sent, over restarts, and by several at once (R29)."""

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.orm import Session

from footfall.alerts.rule import Channel
from footfall.insights.sql import Context
from footfall.services.alerting import CATCH_UP, GRACE, PAUSES, STALLED, Alerting, Courier
from footfall.services.measuring import Measurer
from footfall.services.sending import Sender
from footfall.stores.catalog import Catalog, Happening, Move, Outgoing, Remembered, sqlite_url
from footfall.stores.catalog.tables import ProjectRow
from tests.alerts.recorder import Recorder
from tests.alerts.support import rule
from tests.support.moments import BASE, HOUR, MINUTE
from tests.support.postgres import running_postgres
from tests.support.project import Project

LOCAL = frozenset({"127.0.0.1"})


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder().running() as one:
        yield one


class Desk:
    """A project's rules, with a catalog of their own and the engine of all."""

    def __init__(self, catalog: Catalog, project: Project, recorder: Recorder) -> None:
        self.catalog = catalog
        self.project = project
        self.recorder = recorder
        self.alerting = Alerting(catalog, Measurer(project.warehouse), "https://stats.example")
        self.courier = Courier(catalog, Sender(LOCAL))
        with Session(catalog.alerts._engine) as session, session.begin():
            session.add(
                ProjectRow(
                    id=project.id, name="shop", timezone="UTC", week_start="monday", origins="[]", created_at=BASE,
                    archived_at=None,
                )
            )  # fmt: skip
        catalog.refresh()

    def add(self, kind: str = "volume_below", **fields: Any) -> str:
        usual = {"id": f"rule-{len(self.catalog.alerts.rules(self.project.id))}", "event": "buy", "threshold": 3}
        hook = Channel(type="webhook", target=f"{self.recorder.url}/hook")
        one = rule(kind, **{"channels": [msgspec.to_builtins(hook)]} | usual | fields)
        self.catalog.alerts.create(
            self.project.id, one.id, msgspec.json.encode(one).decode(), "somebody", BASE, enabled=True
        )
        return one.id

    def judge(self, now: int) -> int:
        context = Context(project_id=self.project.id, timezone="UTC", now=now)
        return self.alerting.judge(context, now)

    def send(self, now: int) -> int:
        return asyncio.run(self.courier.send(now))

    def history(self) -> list[tuple[str, str, list[str]]]:
        """Oldest first: kind, what it says, and what became of its deliveries."""
        found = self.catalog.alerts.history(self.project.id)
        return [(one.kind, one.detail, [each.status for each in sent]) for one, sent in reversed(found)]

    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.history()]

    def remembered(self) -> list[Remembered]:
        """Of the rules that were made, by group."""
        return [one for one in self.catalog.alerts.remembered(self.project.id) if one.rule_id != STALLED]

    def told(self) -> list[str]:
        """Titles that arrived."""
        return [msgspec.json.decode(one.body)["title"] for one in self.recorder.sent]

    def buy(self, *hours: float, count: int = 1) -> None:
        self.project.story(ann=[("buy", hour * 3600 + place) for hour in hours for place in range(count)])

    def late(self, hour: int) -> None:
        """Seven more, in an hour that has been judged."""
        self.project.story(late=[("buy", hour * 3600 + 1800 + place) for place in range(7)])


@pytest.fixture
def desk(tmp_path: Path, project: Project, recorder: Recorder) -> Iterator[Desk]:
    with closing(Catalog(sqlite_url(tmp_path / "catalog.db"), BASE, "UTC")) as catalog:
        yield Desk(catalog, project, recorder)


def after(hours: int) -> int:
    """When the window that ends so many hours after BASE is judged."""
    return BASE + hours * HOUR + GRACE


# ── one rule over its windows ────────────────────────────────────────────────────────────────────────────────


def test_R29_a_window_is_judged_once_when_it_is_over_and_late_events_had_their_time(desk: Desk) -> None:
    desk.buy(0, count=5)
    desk.add()
    assert desk.judge(BASE + HOUR + GRACE - 1) == 1  # the one before, of which nothing is known
    assert desk.judge(after(1)) == 1
    assert desk.judge(after(1)) == 0
    (one,) = desk.remembered()
    assert (one.state, one.value, one.until) == ("ok", 5, BASE + HOUR)
    assert desk.kinds() == []


def test_R29_a_notice_goes_out_on_the_change_to_firing_and_on_the_change_back(desk: Desk) -> None:
    desk.buy(0, 1, 4, count=5)
    desk.add(name="Few", cooldownMinutes=0)
    for hour in range(1, 7):
        desk.judge(after(hour))
        desk.send(after(hour))
    assert desk.kinds() == ["firing", "resolved", "firing"]
    assert desk.told() == ["[WARNING] Few", "[RESOLVED] Few", "[WARNING] Few"]
    body = msgspec.json.decode(desk.recorder.sent[0].body)
    assert body["body"] == "0 events in 60 min (threshold: ≥3)"
    assert body["link"] == f"https://stats.example/alerts?project={desk.project.id}&rule=rule-0"
    assert (body["value"], body["event"], body["project"]) == (0, "buy", "shop")


def test_R29_after_a_pause_windows_are_made_up_and_people_told_how_it_stands(desk: Desk) -> None:
    desk.buy(0, 1, 5, 6, count=5)
    desk.add()
    desk.judge(after(1))
    assert desk.judge(after(7)) == 6
    # It fired and was over: that is written down, and nobody is woken.
    assert desk.kinds() == ["firing", "resolved"]
    assert all("made up later" in detail for _, detail, _ in desk.history())
    assert desk.send(after(7)) == 0
    desk.judge(after(9))
    desk.send(after(9))
    assert desk.told() == ["[WARNING] rule-0"]


def test_R29_what_late_events_would_have_changed_is_noted_once_and_told_to_nobody(desk: Desk) -> None:
    desk.buy(0, 2, 3, count=5)
    desk.add(name="Few", cooldownMinutes=0)
    for hour in (1, 2):
        desk.judge(after(hour))
        desk.send(after(hour))
    desk.late(1)  # of an hour that was judged already
    for hour in (3, 4):
        desk.judge(after(hour))
        desk.send(after(hour))
    assert desk.history() == [
        ("firing", "0 events in 60 min (threshold: ≥3)", ["delivered"]),
        (
            "corrected",
            "7 events in 60 min (threshold: ≥3), with events that came late; it was 0: it would not have been broken.",
            [],
        ),
        ("resolved", "5 events in 60 min (threshold: ≥3)", ["delivered"]),
    ]
    assert desk.told() == ["[WARNING] Few", "[RESOLVED] Few"]


def test_R29_late_events_that_change_no_verdict_are_not_noted(desk: Desk) -> None:
    desk.buy(0, 1, 2, count=5)
    desk.add()
    desk.judge(after(1))
    desk.late(0)
    desk.judge(after(2))
    assert desk.kinds() == []


def test_R29_a_volume_that_was_fine_until_late_events_came_is_noted(desk: Desk) -> None:
    desk.buy(0, 1, 2, count=5)
    desk.add("volume_above", threshold=10)
    desk.judge(after(1))
    desk.late(0)
    desk.judge(after(2))
    assert [(kind, detail.rpartition(": ")[2]) for kind, detail, _ in desk.history()] == [
        ("corrected", "it would have been broken.")
    ]


def test_R29_a_clock_that_goes_back_or_ahead_judges_no_window_twice(desk: Desk) -> None:
    desk.buy(*range(10), count=5)
    desk.add("volume_above", threshold=100)
    judged = [desk.judge(after(hour)) for hour in (1, 5, 3, 5, 2, 6, 40, 7, 40)]
    assert judged == [1, 4, 0, 0, 0, 1, CATCH_UP, 0, 0]
    (one,) = desk.remembered()
    assert one.until == BASE + 40 * HOUR
    assert desk.kinds() == []


def test_R29_of_a_long_pause_the_newest_windows_are_made_up(desk: Desk) -> None:
    desk.buy(0, count=5)
    desk.add("volume_above", threshold=100)
    desk.judge(after(1))
    assert desk.judge(after(1000)) == CATCH_UP


def test_R29_the_cooldown_holds_over_a_restart(desk: Desk, tmp_path: Path) -> None:
    desk.buy(0, 2, 4, count=5)
    desk.add(cooldownMinutes=600)
    for hour in range(1, 6):
        with closing(Catalog(sqlite_url(tmp_path / "catalog.db"), BASE, "UTC")) as again:
            context = Context(project_id=desk.project.id, timezone="UTC", now=after(hour))
            Alerting(again, Measurer(desk.project.warehouse)).judge(context, after(hour))
    assert desk.kinds() == ["firing", "resolved"]


def test_each_group_fires_for_itself_also_when_it_is_gone(desk: Desk) -> None:
    def visits(hour: int, page: str, count: int) -> list[Any]:
        return [("buy", hour * 3600 + place, {"page": page}) for place in range(count)]

    desk.project.story(ann=[*visits(0, "/a", 5), *visits(0, "/b", 5), *visits(1, "/a", 5)])
    desk.add(groupBy="page")
    desk.judge(after(1))
    desk.judge(after(2))
    assert {one.instance: one.state for one in desk.remembered()} == {
        "/a": "ok",
        "/b": "firing",
    }
    desk.send(after(2))
    assert desk.told() == ["[WARNING] rule-0 (/b)"]


# ── when nothing arrives ─────────────────────────────────────────────────────────────────────────────────────


def test_R29_when_arrival_has_stalled_one_notice_replaces_all_of_below(desk: Desk) -> None:
    minutes = range(-26 * 60, 0, 2)
    desk.project.story(ann=[(name, minute * 60) for minute in minutes for name in ("buy", "look")])
    for threshold in (3, 4, 5):
        desk.add(threshold=threshold)
    desk.add("volume_above", threshold=10_000)
    desk.judge(after(0))
    for hour in (1, 2):
        desk.judge(after(hour))
        desk.send(after(hour))
    assert desk.told() == ["[CRITICAL] No events arrive"]
    states = {one.rule_id: (one.state, one.reason) for one in desk.catalog.alerts.remembered(desk.project.id)}
    assert states["rule-0"] == ("no_data", STALLED)
    assert states["rule-3"] == ("ok", "")
    assert states[STALLED][0] == "firing"
    desk.project.story(bob=[("buy", 2 * 3600 + place) for place in range(3600)])
    desk.judge(after(3))
    desk.send(after(3))
    assert desk.told() == ["[CRITICAL] No events arrive", "[RESOLVED] No events arrive"]


def test_R29_a_quiet_site_has_not_stalled(desk: Desk) -> None:
    desk.buy(*range(-30, 0), count=5)
    desk.add()
    desk.judge(after(0))
    desk.judge(after(1))
    assert desk.kinds() == ["firing"]


# ── deliveries ───────────────────────────────────────────────────────────────────────────────────────────────


def fire(desk: Desk, **fields: Any) -> None:
    desk.buy(0, count=5)
    desk.add(**fields)
    desk.judge(after(1))
    desk.judge(after(2))


def test_what_fails_is_tried_again_later_under_the_same_id(desk: Desk) -> None:
    fire(desk)
    desk.recorder.answers = [(503, {}, b"busy"), (429, {"retry-after": "90"}, b""), (200, {}, b"ok")]
    now = after(2)
    assert desk.send(now) == 1
    assert desk.send(now + 1000) == 0
    assert desk.send(now + 10_000) == 1
    assert desk.send(now + 60_000) == 0  # it had asked for a minute and a half
    assert desk.send(now + 130_000) == 1
    assert desk.history()[0][2] == ["delivered"]
    assert len({one.headers["x-alert-id"] for one in desk.recorder.sent}) == 1
    assert desk.send(now + 10**9) == 0


def test_what_is_refused_is_dead_until_somebody_asks_for_it_again(desk: Desk) -> None:
    fire(desk)
    desk.recorder.answer(404, b"no such hook")
    desk.send(after(2))
    ((_, (delivery,)),) = desk.catalog.alerts.history(desk.project.id)
    assert (delivery.status, delivery.error) == ("dead", "HTTP 404: no such hook")
    desk.recorder.answer(200)
    desk.catalog.alerts.retry(desk.project.id, delivery.id, after(2))
    desk.send(after(2))
    assert desk.history()[0][2] == ["delivered"]


def test_R29_a_notice_that_nobody_got_is_told_again_and_no_cooldown_hides_it(desk: Desk) -> None:
    fire(desk, cooldownMinutes=600)
    desk.recorder.answer(500, b"")
    now = after(2)
    for pause in (0, *PAUSES):
        now += pause * 2000
        desk.send(now)
    assert desk.history()[0][2] == ["dead"]
    desk.recorder.answer(200)
    desk.judge(after(8))
    desk.send(after(8))
    assert desk.kinds() == ["firing", "firing"]
    assert desk.history()[1][2] == ["delivered"]


def test_R29_the_cooldown_begins_with_the_delivery(desk: Desk) -> None:
    fire(desk, cooldownMinutes=120)
    desk.send(after(2) + 30 * MINUTE)
    (one,) = desk.remembered()
    assert msgspec.json.decode(one.standing)["told_at"] == after(2) + 30 * MINUTE


def test_secrets_are_forgotten_once_a_notice_is_delivered(desk: Desk, tmp_path: Path) -> None:
    fire(desk)
    desk.send(after(2))
    ((_, (delivery,)),) = desk.catalog.alerts.history(desk.project.id)
    assert delivery.channel == "{}"


# ── several of them ──────────────────────────────────────────────────────────────────────────────────────────

WINDOWS = 1000
EVALUATORS = 4


def claim_all(url: str, barrier: Any, won: Any) -> None:
    """Every window in turn, as if alone: fire and resolve, with one notice each."""
    with closing(Catalog(url, BASE, "UTC")) as catalog:
        barrier.wait()
        for window in range(WINDOWS):
            before = {one.instance: one for one in catalog.alerts.remembered(1)}.get("")
            until = None if before is None else before.until
            moved = Remembered(
                rule_id="r", instance="", until=BASE + window, standing="{}", state="ok", value=None, reason=""
            )
            if until is not None and until >= BASE + window:
                continue
            notice = Outgoing(type="webhook", channel="{}", message=str(window))
            happened = Happening(
                kind="firing", severity="warning", name="n", detail=str(window), value=None, at=BASE + window,
                outgoing=(notice,),
            )  # fmt: skip
            if catalog.alerts.claim(1, [Move(before=until, after=moved, happened=(happened,))], BASE):
                with won.get_lock():
                    won.value += 1


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "many.db")
    else:
        with running_postgres() as postgres:
            yield postgres.new_database()


def test_R29_four_evaluators_make_one_transition_and_one_notice_of_each_window(url: str) -> None:
    with closing(Catalog(url, BASE, "UTC")):
        pass
    context = multiprocessing.get_context("spawn")
    barrier, won = context.Barrier(EVALUATORS), context.Value("i", 0)
    workers = [context.Process(target=claim_all, args=(url, barrier, won)) for _ in range(EVALUATORS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    with closing(Catalog(url, BASE, "UTC")) as catalog:
        found = catalog.alerts.history(1, limit=2 * WINDOWS)
        assert won.value == len(found)
        details = [one.detail for one, _ in found]
        assert len(details) == len(set(details))
        assert all(len(sent) == 1 for _, sent in found)
        # Who looks late skips what others have done; nobody does anything twice, and the last is done.
        assert catalog.alerts.remembered(1)[0].until == BASE + WINDOWS - 1


def send_forever(url: str, port: int) -> None:
    with closing(Catalog(url, BASE, "UTC")) as catalog:
        courier = Courier(catalog, Sender(LOCAL))
        while True:
            asyncio.run(courier.send(round(time.time() * 1000)))
            time.sleep(0.01)


def test_R29_who_is_killed_over_a_delivery_leaves_it_to_the_next(desk: Desk, tmp_path: Path) -> None:
    fire(desk)
    catalog = desk.catalog
    now = after(2)
    (claimed,) = catalog.alerts.due(now, 60_000)
    # Killed here: between the claim and the sending.
    assert catalog.alerts.due(now + 1000, 60_000) == []
    assert [one.id for one in catalog.alerts.due(now + 60_000, 60_000)] == [claimed.id]


def test_R29_a_process_that_is_killed_while_it_sends_loses_no_notice(desk: Desk, tmp_path: Path) -> None:
    fire(desk)
    desk.recorder.answer(503, b"")
    context = multiprocessing.get_context("spawn")
    worker = context.Process(
        target=send_forever, args=(sqlite_url(tmp_path / "catalog.db"), desk.recorder.port), daemon=True
    )
    worker.start()
    give_up = time.monotonic() + 30
    while not desk.recorder.sent:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    desk.recorder.answer(200)
    desk.send(round(time.time() * 1000) + 120_000)
    assert desk.history()[0][2] == ["delivered"]
    assert len({one.headers["x-alert-id"] for one in desk.recorder.sent}) == 1


def test_R29_a_group_that_is_gone_has_no_samples_of_another(desk: Desk) -> None:
    def sold(hour: int, page: str) -> list[Any]:
        return [(name, hour * 3600 + place, {"page": page}) for place in range(4) for name in ("buy", "cart")]

    desk.project.story(ann=[*sold(0, "/a"), *sold(0, "/b"), *sold(1, "/a")])
    rate = {"numeratorEvent": "buy", "denominatorEvent": "cart", "minSamples": 3}
    desk.add("rate_below", threshold=2, groupBy="page", event="*", **rate)
    desk.judge(after(1))
    desk.judge(after(2))
    assert {one.instance: one.state for one in desk.remembered()} == {"/a": "ok", "/b": "insufficient_data"}
    # Nor is anything forgotten when all of them are gone.
    desk.judge(after(4))
    assert {one.until for one in desk.remembered()} == {BASE + 4 * HOUR}


def test_R29_what_stalled_is_over_when_something_arrives_and_not_before(desk: Desk) -> None:
    desk.project.story(ann=[("buy", minute * 60) for minute in range(-26 * 60, 0, 2)])
    desk.add(threshold=3)
    for hour in (1, 30, 60):
        desk.judge(after(hour))
    states = {one.rule_id: one.state for one in desk.catalog.alerts.remembered(desk.project.id)}
    assert states[STALLED] == "firing"
    assert [kind for kind in desk.kinds() if kind == "resolved"] == []


def test_a_funnel_is_judged_when_all_of_it_is_over(desk: Desk) -> None:
    steps = {"steps": [{"event": "look"}, {"event": "buy"}], "minSamples": 1, "funnelWindow": "PT2H"}
    desk.project.story(**{f"p{n}": [("look", 3000 + n), ("buy", 3600 + 3000 + n)] for n in range(5)})
    desk.add("funnel_conversion", threshold=50, event="*", **steps)
    desk.judge(after(1))
    assert [one.until for one in desk.remembered()] == [BASE - HOUR]
    desk.judge(after(3))
    (one,) = desk.remembered()
    assert (one.state, one.value, one.until) == ("ok", 100, BASE + HOUR)
