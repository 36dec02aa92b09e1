"""What is asked of a trend, in short."""

from typing import Any

from tests.support.project import Project

MEASURES = ["count", "unique_users", "unique_sessions"]


def all_measures(*names: str, **more: Any) -> list[dict[str, Any]]:
    """A series of each measure for each event, named by both."""
    return [
        {"event": name, "measure": measure, "name": f"{name} {measure}", **more}
        for name in names
        for measure in MEASURES
    ]


def one(name: str = "a", measure: str = "count", **more: Any) -> list[dict[str, Any]]:
    return [{"event": name, "measure": measure, **more}]


def of_n(measure: str, name: str = "a") -> dict[str, Any]:
    return {"event": name, "measure": measure, "property": "properties.n", "name": measure}


def days(*spans: tuple[str, int, int], event: str = "a") -> list[dict[str, Any]]:
    """An event of a person of its own for each day of a month: ("2026-03", 1, 10)."""
    return [
        {"event": event, "event_id": f"{month}-{day}", "timestamp": f"{month}-{day:02}T10:00:00Z",
         "user_id": f"{month}-{day}"}
        for month, first, last in spans
        for day in range(first, last + 1)
    ]  # fmt: skip


def first_series(project: Project, **request: Any) -> dict[str, Any]:
    return project.ask("trend", {"series": [{"event": "a"}]} | request)["series"][0]
