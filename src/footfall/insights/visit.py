"""What a session was (R19, R20): when it started and ended, where it was entered and left, whether it bounced.

It is told by pages, or by components with their visits in place of page views. Numbers of sessions and the lists
behind them are told by the same few expressions, over all events of a session: what a question asks for selects
among sessions, and takes nothing away from one.
"""

from collections.abc import Iterable
from typing import Literal, LiteralString

import msgspec

from footfall.identity import PAIR
from footfall.insights.order import MOST_NAMES, name_in, order_of
from footfall.insights.question import Frame
from footfall.insights.sql import (
    NOTHING,
    Sql,
    all_of,
    bind,
    join,
    known,
    moment,
    sql,
    with_session_id,
    within_hours,
    without_session_id,
)
from footfall.model.period import Period

By = Literal["page", "component"]
Part = tuple[Sql, Sql]
"""Which events are read, and what of them: their columns."""


ENTERING: LiteralString = "'component_visit', 'component_enter'"
"""Names of the event that begins a visit of a component (R21), as a list of texts."""
VISITED: LiteralString = "event IN (" + ENTERING + ")"


class _View(msgspec.Struct, frozen=True):
    """One row of the table of what a session is told by."""

    events: LiteralString
    """Those that are a view."""
    name: LiteralString
    """The column that says of what."""


_VIEWS: dict[By, _View] = {
    "page": _View("event IN ('page_view')", "page"),
    "component": _View(VISITED, "component"),
}

_ACTED: LiteralString = (
    "NOT (event IN ('page_view', 'page_leave', " + ENTERING + ", 'component_exit', 'component_leave',"
    " 'component_error', 'heartbeat', 'visibility_hidden', 'visibility_visible') OR startsWith(event, '$'))"
)
"""An interaction: what a client does not send by itself."""

# ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────

# Aggregates over the rows of one session, which have `millis` and the columns of `told`.
STARTED = Sql("min(millis)")
ENDED = Sql("max(millis)")
ENTRY = name_in(Sql("minIf(place, place != 0)"))
"""Number of the name of the first view, by time, then by the client's own count, then by name; 0 without any."""
EXIT = name_in(Sql("max(place)"))
BOUNCED = Sql("sum(viewed) = 1 AND NOT max(acted)")
"""One view and no interaction."""


def names(by: By, project_id: int) -> Sql:
    """The names of all that was viewed, in their order; what `ENTRY` and `EXIT` are numbers of, as `names`."""
    view = _VIEWS[by]
    return sql(
        "(SELECT arraySort(groupArray(name)) FROM (SELECT $name AS name FROM events"
        " WHERE project_id = $project AND $views AND $name != '' GROUP BY name LIMIT $most))",
        name=Sql(view.name),
        project=bind(project_id, "UInt32"),
        views=Sql(view.events),
        most=MOST_NAMES,
    )


def told(by: By) -> Sql:
    """Columns that rows need for facts: `viewed`, `acted`, and `place`, a view's in the order; 0 of what is no view."""
    return sql(
        ", $views AS viewed, $acted AS acted, if(viewed AND $name != '', $place, toUInt128(0)) AS place",
        views=Sql(_VIEWS[by].events),
        acted=Sql(_ACTED),
        name=Sql(_VIEWS[by].name),
        place=_place(by),
    )


def told_apart(by: By) -> tuple[Part, Part]:
    """The same in two parts: views, and all others, which have no name to read.

    Views lie together on disk, so this takes two thirds of the time.
    """
    view = _VIEWS[by]
    of_views = sql(
        ", toUInt8(1) AS viewed, toUInt8(0) AS acted, if($name != '', $place, toUInt128(0)) AS place",
        name=Sql(view.name),
        place=_place(by),
    )
    of_others = sql(", toUInt8(0) AS viewed, $acted AS acted, toUInt128(0) AS place", acted=Sql(_ACTED))
    return (Sql(view.events), of_views), (sql("NOT ($views)", views=Sql(view.events)), of_others)


def _place(by: By) -> Sql:
    return order_of(Sql(_VIEWS[by].name), Sql("0"))


# ── whole sessions ───────────────────────────────────────────────────────────────────────────────────────────


def whole(
    frame: Frame, matching: Sql, columns: Sql = NOTHING, having: LiteralString = "1", apart: Iterable[Part] = ()
) -> Sql:
    """Events that match, wherever they lie, of every session that is active in the range; columns of `with_session`.

    With `having`, a condition on names of events, of those that have such a one in the range. Others may come along.
    Those of the range may be read in parts, which together are the same.
    """
    project_id, hidden_after = frame.project_id, frame.hidden_after
    everything = known(project_id, hidden_after)
    outside = sql(
        "$everything AND (timestamp < $start OR timestamp >= $end)",
        everything=everything,
        start=moment(frame.period.start),
        end=moment(frame.period.end),
    )
    going_on = sql("$outside AND session_key IN ($active)", outside=outside, active=_active(frame, having, outside))
    return join(
        " UNION ALL ",
        [
            *(
                with_session_id(frame.within, which, project_id, hidden_after, theirs)
                for which, theirs in tuple(apart) or ((matching, columns),)
            ),
            with_session_id(going_on, matching, project_id, hidden_after, columns),
            *(
                (without_session_id(everything, matching, project_id, hidden_after, columns),)
                if frame.facts.nameless
                else ()
            ),
        ],
    )


_HOUR = 3_600_000


def _active(frame: Frame, having: LiteralString, outside: Sql) -> Sql:
    """Session keys of the hours that the range touches, in the words of the projections of visits (ADR 0014).

    None where nothing lies outside of the range, since to gather them takes a third of the whole time.
    """
    hours = Period(frame.period.start // _HOUR * _HOUR, -(-frame.period.end // _HOUR) * _HOUR, frame.zone)
    return sql(
        "SELECT toUInt64(arrayJoin(groupUniqArray($pair))) FROM events WHERE $rows"
        " AND (SELECT count() FROM (SELECT 1 FROM events WHERE $outside LIMIT 1))",
        pair=Sql(PAIR),
        rows=all_of([within_hours(frame.project_id, hours), Sql(having)]),
        outside=outside,
    )
