"""The numbers that rules of alerts are held against, window by window; each is that of the question it stands for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from footfall.alerts.rule import Rule
from footfall.alerts.series import Series
from footfall.alerts.windows import INTERVALS
from footfall.insights import INSIGHTS, Kind, windows
from footfall.insights.sql import Context
from footfall.insights.windows import Asked, Counted
from footfall.model.event import Millis
from footfall.model.period import zone_of
from footfall.services.analyse import ask
from footfall.stores.warehouse import Warehouse

TOGETHER = 40
"""Counts that are taken in one look at the events."""
Windows = list[tuple[Millis, Millis]]
_Key = tuple[tuple[Millis, ...], Millis, str | None]


class Measurer:
    """Every method may be called from any thread, and waits for the engine."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def measure(self, asked: Iterable[tuple[Rule, Windows]], context: Context) -> list[dict[str, Series]]:
        """By rule in order, its series by the value of its group; of a rule without groups there is one, of ""."""
        rules = [(rule, of) for rule, of in asked]
        counted: dict[_Key, list[int]] = defaultdict(list)
        found: list[dict[str, Series]] = [{} for _ in rules]
        for place, (rule, of) in enumerate(rules):
            if not of:
                found[place] = {} if rule.group_by else {"": _series([], {}, context, None)}
            elif rule.type == "funnel_conversion" or rule.measure != "count":
                found[place] = {"": self._as_question(rule, of, context)}
            else:
                counted[tuple(start for start, _ in of), of[-1][1], rule.group_by].append(place)
        first = self._first(context)
        for (starts, end, group_by), places in counted.items():
            for at in range(0, len(places), TOGETHER):
                some = places[at : at + TOGETHER]
                for place, one in self._counts(starts, end, group_by, {p: rules[p] for p in some}, context, first):
                    found[place] = one
        return found

    def _counts(
        self,
        starts: tuple[Millis, ...],
        end: Millis,
        group_by: str | None,
        rules: Mapping[int, tuple[Rule, Windows]],
        context: Context,
        first: Millis | None,
    ) -> Iterable[tuple[int, dict[str, Series]]]:
        counted = {place: _counted(rule) for place, (rule, _) in rules.items()}
        wanted = tuple(one for several in counted.values() for one in several)
        asked = Asked(starts=starts, end=end, counted=wanted, group_by=group_by)
        rows = self._warehouse.select(windows.build(asked, context)).rows
        at = 0
        for place, several in counted.items():
            rule, of = rules[place]
            part, width = slice(at, at + len(several)), len(several)
            told = {
                value: _series(of, {start: counts[part] for start, counts in cells}, context, first, width)
                for value, cells in rows
            }
            if rule.group_by is None and not told:
                told = {"": _series(of, {}, context, first, width)}
            yield place, told
            at += len(several)

    def _as_question(self, rule: Rule, of: Windows, context: Context) -> Series:
        """By the question that people ask: what it counts goes by identities and by whole funnels."""
        kind, request, read = _QUESTIONS["funnel" if rule.type == "funnel_conversion" else "trend"]
        insight = INSIGHTS[kind]
        body = request(rule) | {"from": of[0][0], "to": of[-1][1], "interval": INTERVALS[rule.window_minutes]}
        question = msgspec.convert(body, insight.request)
        asked = ask(self._warehouse, insight, question, context)
        values = read(insight.shape(asked.plan, asked.rows))
        return Series(
            starts=tuple(start for start, _ in of),
            ends=tuple(end for _, end in of),
            values=tuple(value for value, _ in values),
            samples=tuple(samples for _, samples in values),
            zone=zone_of(context.timezone),
        )

    def _first(self, context: Context) -> Millis | None:
        return self._warehouse.select(windows.build_first(context)).rows[0][0] or None


def _counted(rule: Rule) -> tuple[Counted, ...]:
    """What a rule counts: of a rate, the part and the whole."""
    filters = tuple(rule.filters)
    if rule.numerator_event and rule.denominator_event and rule.type in {"rate_below", "rate_above"}:
        names = (rule.numerator_event, rule.denominator_event)
        return tuple(Counted(event=name, filters=filters) for name in names)
    return (Counted(event=rule.event, filters=filters),)


def _series(
    of: Windows, counts: Mapping[Millis, list[int]], context: Context, first: Millis | None, width: int = 1
) -> Series:
    """Before the project's first hour nothing is known; after it, a window of nothing has a count of 0."""
    none = [0] * width
    told = [
        _number(counts.get(start, none)) if first is not None and end > first else (None, None) for start, end in of
    ]
    return Series(
        starts=tuple(start for start, _ in of),
        ends=tuple(end for _, end in of),
        values=tuple(value for value, _ in told),
        samples=tuple(samples for _, samples in told),
        zone=zone_of(context.timezone),
    )


def _number(counts: list[int]) -> tuple[float | None, int | None]:
    """The number of a window, and of a rate how many it is of."""
    if len(counts) == 1:
        return counts[0], None
    part, whole = counts
    return (part / whole * 100 if whole else 0.0), whole


def _trend(rule: Rule) -> dict[str, Any]:
    series = {"event": rule.event, "measure": rule.measure, "filters": rule.filters}
    return {"series": [series], "totals": False}


def _funnel(rule: Rule) -> dict[str, Any]:
    steps = [{"event": step.event, "filters": step.filters} for step in rule.steps]
    window = rule.funnel_window or f"PT{rule.window_minutes}M"
    return {"steps": steps, "window": window, "filters": rule.filters}


_QUESTIONS: dict[str, tuple[Kind, Any, Any]] = {
    "trend": ("trend", _trend, lambda answer: [(value, None) for value in answer.series[0].values]),
    "funnel": (
        "funnel",
        _funnel,
        lambda answer: [
            (one.converted / one.entered * 100 if one.entered else 0.0, one.entered) for one in answer.over_time
        ],
    ),
}
