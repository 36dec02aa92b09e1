"""Looking for personal data: what an event pays for it, beside reading the same event's JSON in the same run."""

import json
import time
from collections.abc import Callable
from functools import partial

import msgspec

from bench.tables import Table
from footfall.model.event import Event
from footfall.plan.check import Checker
from footfall.plan.lint import planned
from footfall.privacy import Policy, Scanner, in_care
from footfall.services.guard import Guard, policy_of

BATCH = 20
ROUNDS = 200
REPEATS = 7
"""Of so many, the best counts: what is measured is a few microseconds long."""
AIM_US = 8.0
"""For a clean event: held against a plan, and looked through (`governance.md`)."""
POLICY = Policy(key=b"k" * 32)
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
FIELDS = {
    "event": "product_viewed", "user_id": "user-1042", "page": "/products/sku-10441",
    "url": "https://shop.example/products/sku-10441?utm_source=news", "referrer": "https://news.example/today",
    "title": "Trail shoe, grey", "section": "catalog", "component": "ProductCard", "action": "view",
}  # fmt: skip
PROPERTIES = {
    "product_id": "sku-10441", "price": 129.9, "currency": "EUR", "quantity": 1, "in_stock": True, "at": 1764182659123,
    "variant": "0f9d2c1e-5b7a-4c3d-9e8f-1a2b3c4d5e6f", "tags": ["trail", "grey", "sale"],
    "list": {"name": "new", "place": 4},
}  # fmt: skip
PLAN = """
plan: 1
owner: shop
events:
  product_viewed:
    trigger: a product is shown
    sources: [browser]
    properties:
      product_id: {type: string, maxLength: 64, required: true, pii: none}
      price: {type: number, minimum: 0, required: true}
      currency: {type: string, enum: [EUR, USD]}
      quantity: {type: integer, minimum: 1}
      in_stock: {type: boolean}
      at: {type: integer}
      variant: {type: string}
      tags: {type: array, items: {type: string}}
      list: {type: object}
"""
WORDS = "The parcel came on time, and the shoes fit well; the left one squeaks a little on wet stone. "


def table() -> Table:
    event = json.dumps(FIELDS | {"properties": PROPERTIES}).encode()
    read = msgspec.json.Decoder()
    reading = _best(lambda: [read.decode(event) for _ in range(BATCH)]) / BATCH
    clean = json.dumps(PROPERTIES)
    linked = json.dumps(PROPERTIES | {"link": "https://shop.example/sale"})
    kinds = [
        ("clean, in batches of 20", FIELDS, clean),
        ("the same as PHP escapes it", FIELDS, linked.replace("/", "\\/")),
        ("2 KB of short texts", FIELDS, json.dumps({f"property_{n}": f"some value {n}" for n in range(60)})),
        ("clean, the id an e-mail address", FIELDS | {"user_id": "anna@example.com"}, clean),
        ("an e-mail address in it", FIELDS, json.dumps(PROPERTIES | {"contact": "anna@example.com"})),
        ("a password in it", FIELDS, json.dumps(PROPERTIES | {"password": "hunter2"})),
        ("4 KB of words", FIELDS, json.dumps({"text": (WORDS * 50)[:4096]})),
    ]
    engines = [Scanner(), Scanner(linear=False)]
    rows: list[list[str]] = []
    for name, fields, text in kinds:
        times = [_best(partial(_pass, scanner, fields, text)) / BATCH for scanner in engines]
        rows.append([name, *[f"{one:.1f}" for one in times], f"{times[0] / reading:.1f}"])
    whole = _best(partial(_arrive, *_arrival())) / BATCH
    rows.append(["clean, and held against a plan", f"{whole:.1f}", "", f"{whole / reading:.1f}"])
    return Table(
        title="Personal data: what looking for it costs an event, microseconds",
        columns=["event", "RE2", "Python's re", "RE2: times reading it"],
        rows=rows,
        note=f"msgspec reads the clean event in {reading:.1f} us. Aim for a clean one, with the plan: {AIM_US:.0f} us.",
    )


def _pass(scanner: Scanner, fields: dict[str, str], properties: str) -> None:
    """A batch as it comes: all of it at once, and a closer look at those that stop it."""
    closer = set(scanner.suspects(["\x00".join([*fields.values(), properties])] * BATCH))
    for place in range(BATCH):
        if place in closer or in_care(POLICY, fields["event"], properties):
            scanner.scrub(fields["event"], fields, properties, POLICY)


def _arrival() -> tuple[Checker, Guard, Policy, list[Event]]:
    """As a server has them."""
    bundle = planned([("plan.yaml", PLAN)])
    sent = FIELDS | {"event_id": "e", "timestamp": 0, "received_at": 0, "properties": json.dumps(PROPERTIES)}
    one = msgspec.convert(sent, Event)
    return Checker(bundle), Guard(), policy_of(bundle, POLICY.key), [one] * BATCH


def _arrive(checker: Checker, guard: Guard, policy: Policy, events: list[Event]) -> None:
    assert all(checker.check(one, one.event_version, 0).mode == "allow" for one in events)
    assert guard.clean(events, policy) == events


def _best(work: Callable[[], object]) -> float:
    """Microseconds."""
    work()
    best = float("inf")
    for _ in range(REPEATS):
        rounds = 0
        started = time.perf_counter()
        while rounds < ROUNDS and time.perf_counter() - started < 1:
            work()
            rounds += 1
        best = min(best, (time.perf_counter() - started) / rounds)
    return best * 1e6
