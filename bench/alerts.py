"""Rules of alerts: how often the usual detector is right beside S1's, and what a thousand rules cost to judge."""

import time
from contextlib import closing
from itertools import product
from math import pi, sin
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from bench import shop
from bench.questions import opened
from bench.tables import Table
from footfall.alerts.evaluate import evaluate
from footfall.alerts.rule import MINUTE, Rule, checked
from footfall.alerts.series import Series
from footfall.insights.sql import Context
from footfall.model.event import Millis
from footfall.model.period import zone_of
from footfall.services.alerting import GRACE, Alerting
from footfall.services.measuring import Measurer
from footfall.stores.catalog import Catalog, sqlite_url

HOUR: Millis = 60 * MINUTE
WEEK = 7 * 24
TRAINED, JUDGED = 9 * WEEK, 12 * WEEK
"""Hours: nobody is asked about the first ones."""
SERIES = 6
PEAKS = (27, 270, 6750)
"""Events in the busiest hour (`governance.md`, "Anomaly detection, measured")."""
MONDAY: Millis = 1_767_571_200_000
INCIDENTS = 5.0
"""A week."""
LEFT = (0.0, 0.3, 0.5, 1.8, 2.5)
"""Of what would have come, in an incident."""
JITTER = 0.08
"""Standard deviation of an hour's rate, relative, beside the chance of counts."""
AIMS = {27: "", 270: "0.95 / 0.65", 6750: "0.95 / 0.65"}

RULES = 1_000
AIM_SECONDS = 5.0


class Made(NamedTuple):
    series: Series
    wrong: frozenset[int]
    """Hours with an incident in them."""


def made(peak: float, seed: int) -> Made:
    """Counts of a site that sleeps at night, is calmer at weekends and grows a little; with incidents of some hours."""
    dice = Random(f"{peak} {seed}")
    count = TRAINED + JUDGED
    wrong: dict[int, float] = {}
    for _ in range(round(INCIDENTS * count / WEEK)):
        first, left = dice.randrange(count), dice.choice(LEFT)
        wrong |= dict.fromkeys(range(first, min(count, first + dice.randint(2, 8))), left)
    values: list[float] = []
    level = 1.0
    for hour in range(count):
        level *= 1 + dice.gauss(0.0001, 0.001)
        day, clock = divmod(hour, 24)
        shape = (0.12 + 0.88 * max(0.0, sin((clock - 5) / 19 * pi)) ** 1.5) * (0.65 if day % 7 >= 5 else 1.0)  # noqa: PLR2004 - Saturday
        rate = peak * level * shape * max(0.2, dice.gauss(1, JITTER)) * wrong.get(hour, 1.0)
        values.append(_poisson(dice, rate))
    starts = tuple(MONDAY + hour * HOUR for hour in range(count))
    ends = tuple(start + HOUR for start in starts)
    made_of = Series(
        starts=starts, ends=ends, values=tuple(values), samples=(None,) * count, zone=zone_of("UTC")
    )  # fmt: skip
    return Made(made_of, frozenset(wrong))


def _poisson(dice: Random, rate: float) -> int:
    if rate > 500:  # noqa: PLR2004 - where a bell is as good
        return max(0, round(dice.gauss(rate, rate**0.5)))
    total, count = dice.expovariate(1), 0
    while total < rate:
        total += dice.expovariate(1)
        count += 1
    return count


DETECTORS: dict[str, dict[str, Any]] = {
    "band": {"method": "band"},
    "S1: 50 % off the same hour of seven days": {"method": "same_hour_percent", "percent": 50},
}


def detectors() -> Table:
    rows: list[list[str]] = []
    for peak, (name, fields) in product(PEAKS, DETECTORS.items()):
        rule = checked(msgspec.convert({"type": "anomaly", **fields}, Rule))
        right = told = real = 0
        microseconds: list[float] = []
        for seed in range(SERIES):
            series, wrong = made(peak, seed)
            began = time.perf_counter()
            found = {one.at for one in evaluate(rule, series, series.ends[-1]) if one.judgement.breached}
            microseconds.append((time.perf_counter() - began) / len(series.values) * 1e6)
            judged = range(TRAINED, len(series.values))
            right += sum(at in found and at in wrong for at in judged)
            told += sum(at in found for at in judged)
            real += sum(at in wrong for at in judged)
        aim = AIMS[peak] if name == "band" else ""
        weeks = SERIES * JUDGED / WEEK
        rows.append([
            f"{peak:,} an hour: {name}", f"{right / max(1, told):.2f}", f"{right / real:.2f}", aim,
            f"{(told - right) / weeks:.2f}", f"{min(microseconds):.0f}",
        ])  # fmt: skip
    return Table(
        title="Anomalies: hours that were told, of hours with an incident",
        columns=["events at the busiest hour", "precision", "recall", "aim", "false hours a week", "us a window"],
        rows=rows,
        note=f"{SERIES} seeded series of {JUDGED // WEEK} weeks for each line, {INCIDENTS:g} incidents a week of two to"
        f" eight hours, in which {', '.join(f'{one:.0%}' for one in LEFT)} of the events come.",
    )


def rules() -> list[Rule]:
    """A thousand that differ: by type, event, page, window and threshold."""
    names = [*dict.fromkeys(shop.NAMES), "*"]
    pages = ("/", "/shop", "/product", "/cart", "/about")
    kinds: list[dict[str, Any]] = [
        {"type": "volume_below", "threshold": 10, "windowMinutes": 60},
        {"type": "volume_above", "threshold": 5000, "windowMinutes": 5},
        {"type": "rate_below", "threshold": 2, "windowMinutes": 60, "denominatorEvent": "page_view"},
        {"type": "anomaly", "windowMinutes": 60},
        {"type": "anomaly", "windowMinutes": 60, "direction": "below", "sensitivity": "low"},
        {"type": "change_percent", "percent": -50, "versus": "previous_week", "windowMinutes": 60},
        {"type": "absence", "windowMinutes": 15},
    ]
    found: list[Rule] = []
    for place, (page, device, kind, name) in enumerate(
        product((None, *pages), (None, "desktop", "mobile", "tablet"), kinds, names)
    ):
        filters = [
            {"property": key, "operator": "is", "values": [value]}
            for key, value in (("page", page), ("device", device))
            if value is not None
        ]
        fields = {"id": f"rule-{place}", "event": name, "filters": filters, **kind}
        if kind["type"] == "rate_below":
            fields["numeratorEvent"] = name
        found.append(checked(msgspec.convert(fields, Rule)))
    return found[:RULES]


def thousand(folder: Path, events: int) -> Table:
    """All rules due at once, at the full hour; the first time all of their past is read, and then what is new."""
    rows: list[list[str]] = []
    with (
        TemporaryDirectory() as name,
        closing(Catalog(sqlite_url(Path(name) / "catalog.db"), MONDAY, "UTC")) as catalog,
        opened(folder) as warehouse,
    ):
        for rule in rules():
            catalog.alerts.create(1, rule.id, msgspec.json.encode(rule).decode(), "bench", MONDAY, enabled=True)
        alerting = Alerting(catalog, Measurer(warehouse))
        for what, until in (
            ("the first time", shop.END - 2 * HOUR),
            ("an hour later", shop.END - HOUR),
            ("five minutes later", shop.END - HOUR + 5 * MINUTE),
        ):
            now = until + GRACE
            began = time.perf_counter()
            judged = alerting.judge(Context(project_id=1, timezone="UTC", week_start="monday", now=now), now)
            rows.append([what, f"{judged:,}", f"{time.perf_counter() - began:.2f}", f"{AIM_SECONDS:g}"])
    return Table(
        title=f"{RULES:,} rules over {events:,} events",
        columns=["all that is due", "windows", "seconds", "aim"],
        rows=rows,
        note="Counts, rates, anomalies, changes and absences, by event, page and device; all of it is written down.",
    )
