"""The numbers that rules of alerts are held against, window by window; each is that of the question it stands for."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, TypeVar

import msgspec

from footfall.alerts.rule import Rule
from footfall.alerts.series import Series
from footfall.alerts.windows import INTERVALS
from footfall.insights import INSIGHTS, Kind, windows
from footfall.insights.sql import Context
from footfall.insights.windows import Asked, Counted
from footfall.model.errors import FootfallError, QueryRefused, SenderError
from footfall.model.event import Millis
from footfall.model.period import zone_of
from footfall.services.analyse import ask
from footfall.stores.warehouse import Warehouse

Windows = list[tuple[Millis, Millis]]
Found = dict[str, Series]
"""By the value of its group, the series of a rule; of a rule without groups there is one, of ""."""
_Key = tuple[tuple[Millis, ...], Millis, str | None, tuple[Counted, ...]]


class Measurer:
    """Every method may be called from any thread, and waits for the engine."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def measure_one(self, rule: Rule, of: Windows, context: Context) -> Found:
        """Raises `FootfallError`."""
        (found,) = self.measure([(rule, of)], context)
        if isinstance(found, FootfallError):
            raise found
        return found

    def measure(self, asked: Iterable[tuple[Rule, Windows]], context: Context) -> list[Found | FootfallError]:
        """By rule in order what was found, or why its question cannot be answered; the others' are, all the same."""
        rules = list(asked)
        counted: dict[_Key, list[int]] = defaultdict(list)
        found: list[Found | FootfallError] = [{} for _ in rules]
        for place, (rule, of) in enumerate(rules):
            if not of:
                found[place] = {} if rule.group_by else {"": _series([], [], context, None)}
            elif rule.type == "funnel_conversion" or rule.measure != "count":
                found[place] = _or_why(partial(self._as_question, rule, of, context))
            else:
                # The values that are told are those of most events, so each rule with groups has its own.
                alone = () if rule.group_by is None else _counted(rule)
                counted[tuple(start for start, _ in of), of[-1][1], rule.group_by, alone].append(place)
        first = self._first(context)
        for places in counted.values():
            for place, one in self._each([(place, *rules[place]) for place in places], context, first):
                found[place] = one
        return found

    def _each(
        self, rules: list[tuple[int, Rule, Windows]], context: Context, first: Millis | None
    ) -> Iterator[tuple[int, Found | FootfallError]]:
        """All at once; where that is too much, or one of them cannot be asked, by halves."""
        told = _or_why(partial(self._together, [(rule, of) for _, rule, of in rules], context, first))
        if not isinstance(told, FootfallError):
            yield from zip((place for place, _, _ in rules), told, strict=True)
        elif len(rules) == 1:
            yield rules[0][0], told
        else:
            half = len(rules) // 2
            yield from self._each(rules[:half], context, first)
            yield from self._each(rules[half:], context, first)

    def _together(self, rules: list[tuple[Rule, Windows]], context: Context, first: Millis | None) -> list[Found]:
        """Of rules with the same windows and groups."""
        (rule, of), widths = rules[0], [len(_counted(rule)) for rule, _ in rules]
        asked = Asked(
            starts=tuple(start for start, _ in of),
            end=of[-1][1],
            counted=tuple(one for rule, _ in rules for one in _counted(rule)),
            group_by=rule.group_by,
        )
        counts: dict[str, dict[int, dict[Millis, int]]] = {} if rule.group_by else {"": {}}
        for look in windows.build(asked, context):
            for value, some in windows.shape(look, self._warehouse.select(look.query)).items():
                counts.setdefault(value, {}).update(some)
        return [
            {
                value: _series(of, [some.get(place, {}) for place in range(end - width, end)], context, first)
                for value, some in counts.items()
            }
            for end, width in zip(accumulate(widths), widths, strict=True)
        ]

    def _as_question(self, rule: Rule, of: Windows, context: Context) -> Found:
        """By the question that people ask: what it counts goes by identities and by whole funnels."""
        kind, request, read = _QUESTIONS["funnel" if rule.type == "funnel_conversion" else "trend"]
        insight = INSIGHTS[kind]
        body = request(rule) | {"from": of[0][0], "to": of[-1][1], "interval": INTERVALS[rule.window_minutes]}
        question = msgspec.convert(body, insight.request)
        asked = ask(self._warehouse, insight, question, context)
        values = read(insight.shape(asked.plan, asked.rows))
        series = Series(
            starts=tuple(start for start, _ in of),
            ends=tuple(end for _, end in of),
            values=tuple(value for value, _ in values),
            samples=tuple(samples for _, samples in values),
            zone=zone_of(context.timezone),
        )
        return {"": series}

    def _first(self, context: Context) -> Millis | None:
        return self._warehouse.select(windows.build_first(context)).rows[0][0] or None


def _counted(rule: Rule) -> tuple[Counted, ...]:
    """What a rule counts: of a rate, the part and the whole."""
    filters = tuple(rule.filters)
    if rule.numerator_event and rule.denominator_event and rule.type in {"rate_below", "rate_above"}:
        names = (rule.numerator_event, rule.denominator_event)
        return tuple(Counted(event=name, filters=filters) for name in names)
    return (Counted(event=rule.event, filters=filters),)


def _series(of: Windows, counts: list[dict[Millis, int]], context: Context, first: Millis | None) -> Series:
    """Before the project's first hour nothing is known; after it, a window of nothing has a count of 0."""
    known = [start for start, end in of if first is not None and end > first]
    none = (None,) * (len(of) - len(known))
    columns = [[one.get(start, 0) for start in known] for one in counts] or [[0] * len(known)]
    samples: list[int | None] = [None] * len(known)
    values: Sequence[float] = columns[0]
    if len(columns) > 1:
        part, whole = columns
        samples = [*whole]
        values = [one / all_of_them * 100 if all_of_them else 0.0 for one, all_of_them in zip(part, whole, strict=True)]
    return Series(
        starts=tuple(start for start, _ in of),
        ends=tuple(end for _, end in of),
        values=(*none, *values),
        samples=(*none, *samples),
        zone=zone_of(context.timezone),
    )


Answer = TypeVar("Answer")


def _or_why(measure: Callable[[], Answer]) -> Answer | FootfallError:
    """An engine that is away is away for all: that is raised."""
    try:
        return measure()
    except (SenderError, QueryRefused) as error:
        return error


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
