"""Stays: single visits of components or pages, and for how long each could be seen (R21).

An exit that tells its length is believed: its `duration_ms`, else its `duration_seconds`. Otherwise a stay lasts until
its own exit, else until the next enter in the session, else until the session's last heartbeat, by a clock that stands
still while the page is hidden. What none of these ends is unknown: null, never 0.

Which exit is whose: an exit ends the latest visit of its name that is still open, so stays may lie inside of each
other and overlap, and a second exit of one visit, or one without a visit, ends nothing. Order is that of time, then of
`seq`. Where both are equal an exit comes before an enter, unless that leaves it without a visit; then it ends the one
of its own moment. Enters of one moment are side by side: neither ends the other.

How: the events of a session are one sorted array, and everything is read off neighbours in it, without a fold over
elements. Names are numbers on the way. For 2.6 million events of 500 000 sessions that is 1.2 s of work, of which 0.4 s
are reading; with texts in the arrays it was 3 s.
"""

from typing import LiteralString

import msgspec

from footfall.insights.filters import property_of
from footfall.insights.question import Frame
from footfall.insights.sql import NOTHING, Sql, sql
from footfall.insights.visit import ENTERING, VISITED, By, whole


class _Kind(msgspec.Struct, frozen=True):
    """One row of the table of what can be stayed in."""

    enters: LiteralString
    leaves: LiteralString
    name: LiteralString
    named: LiteralString
    """What an enter may be called."""


_LEAVES: LiteralString = "event IN ('component_exit', 'component_leave')"

_KINDS: dict[By, _Kind] = {
    "component": _Kind(VISITED + " AND component != ''", _LEAVES + " AND component != ''", "component", VISITED),
    # What enters a page and names no component of it enters the page itself.
    "page": _Kind(
        "(event = 'page_view' OR " + VISITED + " AND component = '') AND page != ''",
        "(event = 'page_leave' OR " + _LEAVES + " AND component = '') AND page != ''",
        "page",
        "event IN ('page_view', " + ENTERING + ")",
    ),
}


class Visits(msgspec.Struct, frozen=True, kw_only=True):
    """The visits that a question is about."""

    frame: Frame
    by: By
    matching: Sql
    """Filters, and no bots unless they are asked for."""
    tag: Sql | None = None
    """A text that each row shall have as `tag`: a breakdown's value, the event's id."""


def is_visit(by: By) -> Sql:
    """Events that are one."""
    return Sql(_KINDS[by].enters)


def stays(visits: Visits) -> Sql:
    """A row for each visit of the range that matches.

    Columns: `name`, `seconds` (null where unknown), `millis`, `person`, `session`, `session_key`, and the `tag`. Exits
    are looked for wherever they lie, also behind the range.
    """
    return sql(
        "WITH $names AS names SELECT names[number] AS name, if(session = 0 OR lasted < 0, NULL, lasted / 1000)"
        " AS seconds, millis, whose AS person, session, sent_key AS session_key$tag FROM ($lasting)"
        " ARRAY JOIN q.1 AS number, lasts AS lasted, q.7 AS counted, q.8 AS millis$tags WHERE counted",
        names=_names(visits),
        tag=_if_tagged(visits, ", tag"),
        tags=_if_tagged(visits, ", q.10 AS tag"),
        lasting=_lasting(_levelled(visits, _timed(_gathered(visits)))),
    )


def _if_tagged(visits: Visits, text: LiteralString) -> Sql:
    return NOTHING if visits.tag is None else Sql(text)


def _names(visits: Visits) -> Sql:
    """Names of the range's visits, in order. An event has the number of its name's place; 0 is any other name."""
    kind = _KINDS[visits.by]
    return sql(
        "(SELECT arraySort(groupArray(name)) FROM (SELECT $name AS name FROM events WHERE $within AND ($enters)"
        " GROUP BY name))",
        name=Sql(kind.name),
        within=visits.frame.within,
        enters=Sql(kind.enters),
    )


def _gathered(visits: Visits) -> Sql:
    """A row for each session, with its events in order as `a`.

    1 time, 2 seq, 3 rank, 4 name, 5 what an exit tells (-1: nothing), 6 whether it counts, 7 tag. (Arrays that are
    zipped are gathered more quickly than an array of tuples.)
    """
    kind = _KINDS[visits.by]
    extra = sql(
        ", multiIf($leaves, 0, event = 'visibility_hidden', 1, event = 'visibility_visible', 2, event = 'heartbeat', 3,"
        " 4) AS rank, toInt64(ifNull(seq, 0)) AS place,"
        " toUInt32(transform($name, names, range(1, length(names) + 1), 0)) AS number,"
        " if(rank = 0, ifNull($length, -1), -1) AS says,"
        " if(isFinite(says) AND says >= 0, says, -1) AS tells, rank = 4 AND $within AND ($matching) AS counted$tag",
        leaves=Sql(kind.leaves),
        name=Sql(kind.name),
        length=_length(visits),
        within=visits.frame.within,
        matching=visits.matching,
        tag=NOTHING if visits.tag is None else sql(", $tag AS tag", tag=visits.tag),
    )
    matter = sql(
        "($enters) OR ($leaves) OR event IN ('heartbeat', 'visibility_hidden', 'visibility_visible')",
        enters=Sql(kind.enters),
        leaves=Sql(kind.leaves),
    )
    return sql(
        "SELECT session, any(person) AS whose, any(session_key) AS sent_key, arraySort(arrayZip(groupArray(millis),"
        " groupArray(place), groupArray(rank), groupArray(number), groupArray(tells), groupArray(counted)$tags)) AS a"
        " FROM ($rows) GROUP BY session HAVING max(counted)",
        tags=_if_tagged(visits, ", groupArray(tag)"),
        rows=whole(visits.frame, matter, extra, kind.named),
    )


def _length(visits: Visits) -> Sql:
    """Milliseconds that an exit tells, in the first of these words that it has; null for none that is a number."""
    millis, seconds = (
        property_of(f"properties.{name}", "$", visits.frame.viewpoint) for name in ("duration_ms", "duration_seconds")
    )
    return sql(
        "if($told, toFloat64OrNull($millis), toFloat64OrNull($seconds) * 1000)",
        told=millis.is_set,
        millis=millis.text,
        seconds=seconds.text,
    )


def _timed(gathered: Sql) -> Sql:
    """With the `moment` of each event (the same where time and seq are), `clock`, and `elsewise`.

    The clock counts visible milliseconds. Elsewise is how long a visit lasts that has no exit of its own: until the
    next enter of another moment (`following`, by the clock), or the last heartbeat; -1 is unknown.
    """
    return sql(
        "SELECT session, whose, sent_key, a, arrayCumSum((gap, h) -> if(h, 0, toFloat64(gap)), arrayDifference(a.1),"
        " arrayPopBack(arrayFill(s -> s < 2, arrayPushFront(arrayMap(r -> multiIf(r = 1, 1, r = 2, 0, 2), a.3), 0))))"
        " AS clock,"
        " arrayMap((t, s, next_t, next_s) -> t != next_t OR s != next_s, a.1, a.2, $next_t, $next_s) AS last,"
        " arrayCumSum($last_before) AS moment,"
        " arrayReverseFill((c, l) -> l, arrayPopFront(arrayReverseFill(c -> c >= 0, arrayPushBack("
        "arrayMap((r, c) -> if(r = 4, c, -1), a.3, clock), toFloat64(-1)))), last) AS following,"
        " arrayFilter((b, r) -> r = 3, arrayZip(moment, clock), a.3)[-1] AS beat,"
        " arrayMap((c, n, m) -> multiIf(n >= 0, n - c, beat.1 > m, beat.2 - c, -1), clock, following, moment)"
        " AS elsewise FROM ($gathered)",
        next_t=_next(Sql("a.1")),
        next_s=_next(Sql("a.2")),
        last_before=_before(Sql("last")),
        gathered=gathered,
    )


def _levelled(visits: Visits, timed: Sql) -> Sql:
    """Enters and exits by name and level, as `q`.

    Enters open levels like brackets and exits close them, so a visit and its exit are neighbours on their level.
    1 name, 2 level, 3 place, 4 rank, 5 clock, 6 what an exit tells, or how long a visit lasts elsewise, 7 whether it
    counts, 8 time, 9 moment, 10 tag.
    """
    ends = sql(
        "SELECT session, whose, sent_key, arraySort(arrayFilter((z, r) -> r IN (0, 4), arrayZip(a.4, arrayEnumerate(a),"
        " a.3, clock, arrayMap((r, tells, e) -> if(r = 0, tells, e), a.3, a.5, elsewise), a.6, a.1, moment$tag), a.3))"
        " AS p FROM ($timed)",
        tag=_if_tagged(visits, ", a.7"),
        timed=timed,
    )
    return sql(
        "SELECT session, whose, sent_key, arraySort(arrayZip(p.1, arrayMap((depth, r) -> depth + (r = 0),"
        " arrayCumSum(r -> if(r = 4, 1, -1), p.3), p.3), p.2, p.3, p.4, p.5, p.6, p.7, p.8$tag)) AS q FROM ($ends)",
        tag=_if_tagged(visits, ", p.9"),
        ends=ends,
    )


def _lasting(levelled: Sql) -> Sql:
    """With `lasts`, for each visit the visible milliseconds; -1 is unknown.

    `on` says that the next one is of the same name and level; the last condition, that an exit before is of the same
    moment and of no other visit.
    """
    return sql(
        "SELECT *, arrayMap((n, l, next_n, next_l) -> n = next_n AND l = next_l, q.1, q.2, $next_n, $next_l) AS on,"
        " arrayMap((r, c, e, m, goes_on, next_r, next_c, next_e, came, r_before, e_before, m_before, came_before) ->"
        " multiIf(goes_on AND next_r = 0, if(next_e >= 0, next_e, next_c - c),"
        " came AND r_before = 0 AND m_before = m AND NOT came_before, if(e_before >= 0, e_before, 0), e),"
        " q.4, q.5, q.6, q.9, on, $next_r, $next_c, $next_e, $came, $r_before, $e_before, $m_before, $came_before)"
        " AS lasts FROM ($levelled)",
        next_n=_next(Sql("q.1")),
        next_l=_next(Sql("q.2")),
        next_r=_next(Sql("q.4")),
        next_c=_next(Sql("q.5")),
        next_e=_next(Sql("q.6")),
        came=_before(Sql("on")),
        r_before=_before(Sql("q.4")),
        e_before=_before(Sql("q.6")),
        m_before=_before(Sql("q.9")),
        came_before=_before(_before(Sql("on"))),
        levelled=levelled,
    )


def _next(array: Sql) -> Sql:
    """For each element the one behind it; 0 for the last."""
    return sql("arrayPushBack(arrayPopFront($array), 0)", array=array)


def _before(array: Sql) -> Sql:
    """For each element the one before it; 0 for the first."""
    return sql("arrayPushFront(arrayPopBack($array), 0)", array=array)
