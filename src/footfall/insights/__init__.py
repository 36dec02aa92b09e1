"""Questions and their answers: one file a kind, and the table of them.

A kind is pure functions: `plan` (request → what is meant, or what is wrong with it), `build` (→ queries by name),
`shape` (rows by name → answer), `members` (a number → the rows behind it), `table` (answer → rows of a file) and
`figures` (answer → the few numbers of a letter). A new kind is one file and one row; its addresses, lists, files and
reports are made from that.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from footfall.insights import (
    attempts,
    components,
    dwell,
    funnel,
    lifecycle,
    overview,
    paths,
    retention,
    sessions,
    stickiness,
    trend,
    visit,
)
from footfall.insights.figures import Figure
from footfall.insights.question import Query, Question, Rows, about
from footfall.insights.source import Unit
from footfall.insights.sql import Context, Sql
from footfall.insights.table import Table
from footfall.model.period import Period

Kind = Literal[
    "trend", "funnel", "retention", "lifecycle", "stickiness", "paths", "overview", "sessions", "dwell", "components",
]  # fmt: skip


class Insight(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table of kinds."""

    summary: str
    request: type[Question]
    plan: Callable[[Any, Context], Any]
    build: Callable[[Any], dict[str, Query]]
    shape: Callable[[Any, Mapping[str, Rows]], Any]
    answer: type[msgspec.Struct]
    pointer: type[msgspec.Struct]
    members: Callable[[Any, Any, Unit], Sql]
    table: Callable[[Any, Any], Table]
    figures: Callable[[Any], list[Figure]]
    told_by: Callable[[Any], visit.By] = lambda _plan: "page"
    """What the sessions behind a number are told by."""
    counted: Callable[[Any, Context], list[Period]] = lambda _request, _context: []
    """In which ranges it helps a request to know how many events there are (ADR 0068)."""

    def queries(self, plan: Any) -> dict[str, Query]:
        """What is asked of the engine: what `build` says, about people or about groups."""
        return {name: about(plan.frame.group, query) for name, query in self.build(plan).items()}


INSIGHTS: dict[Kind, Insight] = {
    "trend": Insight(
        summary="How often, by how many people, in how many sessions, how much; over time.",
        request=trend.Request,
        plan=trend.plan,
        build=trend.build,
        shape=trend.shape,
        answer=trend.Answer,
        pointer=trend.Pointer,
        members=trend.members,
        table=trend.table,
        figures=trend.figures,
        counted=trend.counted,
    ),
    "funnel": Insight(
        summary="How many people take the steps, inside a window.",
        request=attempts.Request,
        plan=funnel.plan,
        build=funnel.build,
        shape=funnel.shape,
        answer=funnel.Answer,
        pointer=funnel.Pointer,
        members=funnel.members,
        table=funnel.table,
        figures=funnel.figures,
    ),
    "retention": Insight(
        summary="Of those who began, how many came back, bucket after bucket.",
        request=retention.Request,
        plan=retention.plan,
        build=retention.build,
        shape=retention.shape,
        answer=retention.Answer,
        pointer=retention.Pointer,
        members=retention.members,
        table=retention.table,
        figures=retention.figures,
    ),
    "lifecycle": Insight(
        summary="Who is new, who came back, who had been away, who stayed away; over time.",
        request=lifecycle.Request,
        plan=lifecycle.plan,
        build=lifecycle.build,
        shape=lifecycle.shape,
        answer=lifecycle.Answer,
        pointer=lifecycle.Pointer,
        members=lifecycle.members,
        table=lifecycle.table,
        figures=lifecycle.figures,
    ),
    "stickiness": Insight(
        summary="In how many intervals people were active.",
        request=stickiness.Request,
        plan=stickiness.plan,
        build=stickiness.build,
        shape=stickiness.shape,
        answer=stickiness.Answer,
        pointer=stickiness.Pointer,
        members=stickiness.members,
        table=stickiness.table,
        figures=stickiness.figures,
    ),
    "paths": Insight(
        summary="Where sessions went, from step to step.",
        request=paths.Request,
        plan=paths.plan,
        build=paths.build,
        shape=paths.shape,
        answer=paths.Answer,
        pointer=paths.Pointer,
        members=paths.members,
        table=paths.table,
        figures=paths.figures,
    ),
    "overview": Insight(
        summary="The first screen: how much, over time, what was most, what changed, how fresh it is.",
        request=overview.Request,
        plan=overview.plan,
        build=overview.build,
        shape=overview.shape,
        answer=overview.Answer,
        pointer=overview.Pointer,
        members=overview.members,
        table=overview.table,
        figures=overview.figures,
        counted=overview.counted,
    ),
    "sessions": Insight(
        summary="How many sessions, how long, how many bounced, where they were entered and left.",
        request=sessions.Request,
        plan=sessions.plan,
        build=sessions.build,
        shape=sessions.shape,
        answer=sessions.Answer,
        pointer=sessions.Pointer,
        members=sessions.members,
        table=sessions.table,
        figures=sessions.figures,
        told_by=lambda plan: plan.request.by,
    ),
    "dwell": Insight(
        summary="How long visits of components or pages could be seen.",
        request=dwell.Request,
        plan=dwell.plan,
        build=dwell.build,
        shape=dwell.shape,
        answer=dwell.Answer,
        pointer=dwell.Pointer,
        members=dwell.members,
        table=dwell.table,
        figures=dwell.figures,
        told_by=lambda plan: plan.request.by,
    ),
    "components": Insight(
        summary="Which components are visited, used and failing, by how many people, for how long, and what changed.",
        request=components.Request,
        plan=components.plan,
        build=components.build,
        shape=components.shape,
        answer=components.Answer,
        pointer=components.Pointer,
        members=components.members,
        table=components.table,
        figures=components.figures,
        told_by=lambda _plan: "component",
    ),
}
