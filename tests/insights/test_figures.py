"""The few numbers that each kind of answer comes down to are those of the answer."""

from typing import Any

import pytest

from footfall.insights import INSIGHTS, Kind
from tests.support.moments import DAY
from tests.support.project import Project, read

ASKED: dict[Kind, dict[str, Any]] = {
    "trend": {"series": [{"event": "page_view"}, {"event": "buy", "measure": "unique_users", "name": "Buyers"}]},
    "funnel": {"steps": [{"event": "page_view"}, {"event": "buy"}], "window": "P1D"},
    "retention": {"start_event": "page_view", "return_event": "buy", "interval": "hour", "cohort": "recurring"},
    "lifecycle": {"interval": "day"},
    "stickiness": {"interval": "hour"},
    "paths": {"by": "page"},
    "overview": {},
    "sessions": {},
    "dwell": {},
    "components": {},
}
TOLD: dict[Kind, dict[str, float | None]] = {
    "trend": {"page_view": 3, "Buyers": 1},
    "funnel": {"Entered": 2, "Converted": 1, "Conversion": 0.5},
    "retention": {"Began": 2, "Back in period 1": 0},
    "lifecycle": {"New, in the last interval": 2, "Dormant, in the last interval": 0},
    "stickiness": {"Active": 2},
    "paths": {"Sessions": 2, "1. / → /cart": 1},
    "overview": {"People": 2, "Sessions": 2, "Page views": 3, "Events": 6},
    "sessions": {"Sessions": 2, "Bounce rate": 0.5},
    "dwell": {"Cart": 7},
    "components": {"Cart": 1},
}


@pytest.fixture
def shop(project: Project) -> Project:
    project.story(
        ann=[
            ("page_view", 0, {"page": "/"}),
            ("page_view", 10, {"page": "/cart"}),
            ("component_visit", 11, {"component": "Cart"}),
            ("component_exit", 18, {"component": "Cart", "properties": {"duration_ms": 7000}}),
            ("buy", 20),
        ],
        bob=[("page_view", 3600, {"page": "/"})],
    )
    return project


def figures(project: Project, kind: Kind, request: dict[str, Any]) -> list[Any]:
    insight = INSIGHTS[kind]
    plan = insight.plan(read(kind, request), project.context())
    rows = {name: project.warehouse.select(one) for name, one in insight.queries(plan).items()}
    return insight.figures(insight.shape(plan, rows))


@pytest.mark.parametrize("kind", list(INSIGHTS))
def test_they_are_those_of_the_answer(shop: Project, kind: Kind) -> None:
    found = {one.name: one.value for one in figures(shop, kind, ASKED[kind] | DAY)}
    assert TOLD[kind].items() <= found.items()


@pytest.mark.parametrize("kind", list(INSIGHTS))
def test_where_nothing_happened_they_are_zero_unknown_or_none(project: Project, kind: Kind) -> None:
    found = figures(project, kind, ASKED[kind] | DAY)
    assert all(one.value in {0, None} for one in found)
