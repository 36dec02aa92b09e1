"""Questions per group: companies, teams, households in the place of people (`"per": "group.organization"`).

The statement stays what it is and reads other events: in these the group stands where the person stood, and an event
without that group is nobody's (ADR 0059). So every kind counts groups with the rules by which it counts people. Whose
an event really is stays under `own_key`.
"""

from footfall.insights.sql import Sql, bind, sql
from footfall.model.errors import BadRequest
from footfall.model.event import MAX_NAME

_PREFIX = "group."


def checked(per: str | None) -> str | None:
    """The name of a group, `organization` of `group.organization`. Raises `BadRequest` at `$.per`."""
    if per is None:
        return None
    if not per.startswith(_PREFIX) or not 0 < len(per) - len(_PREFIX) <= MAX_NAME:
        raise BadRequest("Questions are per person, or per group.name, such as group.organization.", path="$.per")
    return per.removeprefix(_PREFIX)


def id_of(group: str) -> Sql:
    """Of an event, the id of that group; '' for none."""
    return sql("groups[$group]", group=bind(group, "String"))


def instead_of_people(group: str) -> Sql:
    """Behind WITH, in front of a statement: it reads events of which that group is the person."""
    return sql(
        # A name from WITH goes before that of a table, and in its own definition means the table.
        "events AS (SELECT *, user_type, events.person_key AS own_key,"
        " if($id = '', 0, sipHash64('group', $group, $id)) AS person_key,"
        " if($id = '', 0, events.session_key) AS session_key FROM events)",
        id=id_of(group),
        group=bind(group, "String"),
    )
