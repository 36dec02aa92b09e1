# ruff: noqa: N802 - tests are named after the rules that they hold to
"""Notices on their way: S1's cooldown in a real Redis (R29), and what vendors take in a minute."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import redis

from footfall.access import DEFAULT_PROJECT
from footfall.alerts.message import Message
from footfall.alerts.rule import Channel
from footfall.model.errors import BadRequest
from footfall.services.alerting import Courier, outgoing
from footfall.services.cooldowns import Cooldowns
from footfall.services.sending import Sender
from footfall.stores.catalog import Catalog, Happening, sqlite_url
from tests.alerts.recorder import Recorder
from tests.alerts.support import rule
from tests.support.daemons import running_redis
from tests.support.moments import BASE, MINUTE
from tests.support.ports import free_port

LOCAL = frozenset({"127.0.0.1"})
KEY = "event-alert:few"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder().running() as one:
        yield one


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running_redis() as one:
        yield one


@pytest.fixture
def cache(port: int) -> Iterator[redis.Redis]:
    with redis.Redis(port=port, decode_responses=True, encoding_errors="replace") as one:
        one.flushall()
        yield one


class Desk:
    def __init__(self, catalog: Catalog, recorder: Recorder) -> None:
        self.catalog = catalog
        self.recorder = recorder
        self.hook = Channel(type="webhook", target=f"{recorder.url}/hook")
        self.rule = rule(id="few", name="Few", cooldownMinutes=30)
        body = msgspec.json.encode(self.rule).decode()
        catalog.alerts.create(DEFAULT_PROJECT, "few", body, "somebody", BASE, enabled=True)

    def happen(
        self, kind: str = "firing", *channels: Channel, rule_id: str = "few", project: int = DEFAULT_PROJECT
    ) -> int:
        said = msgspec.convert(
            {"id": "1", "incident": rule_id, "kind": kind, "severity": "warning", "name": "Few", "event": "buy",
             "detail": "d", "value": 1, "at": BASE},
            Message,
        )  # fmt: skip
        happened = Happening(
            kind=kind, severity="warning", name="Few", detail="d", value=1, at=BASE,
            outgoing=tuple(outgoing(channels or (self.hook,), said)),
        )  # fmt: skip
        return self.catalog.alerts.add(DEFAULT_PROJECT, rule_id, happened, BASE)

    def send(self, now: int = BASE, *, port: int | None = None, courier: Courier | None = None) -> None:
        async def send() -> None:
            cooldowns = None if port is None else Cooldowns(f"redis://127.0.0.1:{port}/0")
            try:
                await (courier or Courier(self.catalog, Sender(LOCAL), cooldowns=cooldowns)).send(now)
            finally:
                if cooldowns:
                    await cooldowns.close()

        asyncio.run(send())

    def statuses(self, alert: int) -> list[str]:
        found = self.catalog.alerts.alert(alert)
        assert found
        return [one.status for one in found[1]]


@pytest.fixture
def desk(tmp_path: Path, recorder: Recorder) -> Iterator[Desk]:
    with closing(Catalog(sqlite_url(tmp_path / "catalog.db"), BASE, "UTC")) as catalog:
        yield Desk(catalog, recorder)


def test_R29_what_s1_has_told_is_held_back_until_its_key_is_gone(desk: Desk, port: int, cache: redis.Redis) -> None:
    cache.set(KEY, "1", ex=1800)  # as S1 does
    first = desk.happen()
    desk.send(port=port)
    assert desk.statuses(first) == ["held"]
    assert desk.recorder.sent == []
    assert cache.get(KEY) == "1"
    cache.delete(KEY)
    second = desk.happen()
    desk.send(port=port)
    assert desk.statuses(second) == ["delivered"]


def test_R29_what_was_told_here_keeps_s1_silent_and_holds_back_nothing_of_ours(
    desk: Desk, port: int, cache: redis.Redis
) -> None:
    other = Channel(type="webhook", target=f"{desk.recorder.url}/other")
    first = desk.happen("firing", desk.hook, other)
    desk.send(port=port)
    assert desk.statuses(first) == ["delivered", "delivered"]
    assert 1790 <= cache.ttl(KEY) <= 1800
    again = desk.happen()
    desk.send(port=port)
    assert desk.statuses(again) == ["delivered"]


@pytest.mark.parametrize("kind", ["escalated", "resolved", "test", "report"])
def test_R29_no_cooldown_holds_back_what_got_worse_or_is_over(
    desk: Desk, port: int, cache: redis.Redis, kind: str
) -> None:
    cache.set(KEY, "1", ex=1800)
    one = desk.happen(kind)
    desk.send(port=port)
    assert desk.statuses(one) == ["delivered"]
    assert cache.get(KEY) == "1"


def test_R29_a_cooldown_begins_with_a_delivery_that_succeeded(desk: Desk, port: int, cache: redis.Redis) -> None:
    desk.recorder.answer(500)
    one = desk.happen()
    desk.send(port=port)
    assert desk.statuses(one) == ["pending"]
    assert cache.get(KEY) is None
    desk.recorder.answer(200)
    desk.send(BASE + 10 * MINUTE, port=port)
    assert desk.statuses(one) == ["delivered"]
    assert cache.get(KEY)


def test_a_value_that_is_no_text_is_another_s(desk: Desk, port: int, cache: redis.Redis) -> None:
    cache.set(KEY, b"\xff\xfe", ex=1800)
    one = desk.happen()
    desk.send(port=port)
    assert desk.statuses(one) == ["held"]


def test_an_answer_that_is_none_holds_back_nothing(desk: Desk, port: int, cache: redis.Redis) -> None:
    cache.lpush(KEY, "1")
    one = desk.happen()
    desk.send(port=port)
    assert desk.statuses(one) == ["delivered"]


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0?foo=1", "http://127.0.0.1", "redis://127.0.0.1:x/0"])
def test_an_address_that_is_none_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(BadRequest) as refused:
        Cooldowns(address)
    assert refused.value.path == "--redis"


def test_without_an_answer_of_redis_people_are_told(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    one = desk.happen()
    desk.send(port=free_port())
    assert desk.statuses(one) == ["delivered"]
    assert "the Redis of cooldowns does not answer" in caplog.text


def test_a_rule_that_was_deleted_since_has_no_cooldown(desk: Desk, port: int, cache: redis.Redis) -> None:
    cache.set("event-alert:gone", "1", ex=1800)
    one = desk.happen(rule_id="gone")
    desk.send(port=port)
    assert desk.statuses(one) == ["delivered"]


def test_more_than_a_vendor_takes_waits_for_its_turn_and_loses_no_try(desk: Desk) -> None:
    desk.recorder.answer(200, b'{"errcode":0}')
    bot = Channel(type="wecom", target=f"{desk.recorder.url}/bot")
    other = Channel(type="wecom", target=f"{desk.recorder.url}/other")
    alerts = [desk.happen("firing", bot) for _ in range(25)]
    alone = desk.happen("firing", other)
    courier = Courier(desk.catalog, Sender(LOCAL))
    for _ in range(2):  # twenty at a time are looked at
        desk.send(courier=courier)
    assert len([one for one in desk.recorder.sent if one.path == "/bot"]) == 20
    assert desk.statuses(alone) == ["delivered"]
    waiting = [one for one in alerts if desk.statuses(one) == ["pending"]]
    assert len(waiting) == 5
    for one in waiting:
        found = desk.catalog.alerts.alert(one)
        assert found
        assert found[1][0].attempts == 0
        assert BASE < found[1][0].next_at <= BASE + MINUTE + 1000
    # Another process, or this one a minute later, sends them.
    desk.send(BASE + 2 * MINUTE, courier=Courier(desk.catalog, Sender(LOCAL)))
    assert {tuple(desk.statuses(one)) for one in alerts} == {("delivered",)}
