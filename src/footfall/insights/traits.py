"""Traits of people, as their `$identify` events tell them (`properties.traits`).

Of each trait the latest value counts, by timestamp, then by event id, whichever of a person's ids told it; a question
with a `now` sees those of then (R11). A trait that was last told to be null is not set.
"""

from footfall.insights.sql import Sql, Viewpoint, all_of, bind, moment, owners, sql, with_person


def told(view: Viewpoint) -> Sql:
    """Events of a project that may tell traits."""
    conditions = [sql("project_id = $project AND event = '$$identify'", project=bind(view.project_id, "UInt32"))]
    if view.hidden_after is not None:
        conditions.append(sql("timestamp <= $now", now=moment(view.hidden_after)))
    return all_of(conditions)


def every(view: Viewpoint, further: Sql) -> Sql:
    """Rows of (`person`, `trait`, `value`): all traits that are set, as JSON; `further` are conditions on events."""
    return sql(
        "SELECT person, pair.1 AS trait, argMax(pair.2, (timestamp, event_id)) AS value FROM ($told)"
        " ARRAY JOIN pairs AS pair WHERE person != 0 GROUP BY person, trait HAVING value != 'null'",
        told=with_person(
            sql(
                "SELECT person_key, timestamp, event_id, JSONExtractKeysAndValuesRaw(sent, 'traits') AS pairs"
                " FROM events WHERE $told AND ($further)",
                told=told(view),
                further=further,
            ),
            view.project_id,
            view.hidden_after,
        ),
    )


def holders(trait: str, text: Sql, is_set: Sql, is_number: Sql, view: Viewpoint) -> Sql:
    """Rows of (`key`, `text`, `number`): everybody who has the trait, under each key that events of theirs have.

    `text`, `is_set` and `is_number` are of an identify; something deep inside of a trait is that of its latest value.
    """
    latest = sql(
        "SELECT person, argMax((text, is_set, number), (timestamp, event_id)) AS latest FROM ($told)"
        " WHERE person != 0 GROUP BY person HAVING latest.2",
        told=with_person(
            sql(
                "SELECT own_key AS person_key, timestamp, event_id, $text AS text, $set AS is_set, $number AS number"
                " FROM events WHERE $told AND JSONHas(sent, 'traits', $trait)",
                text=text,
                set=is_set,
                number=is_number,
                told=told(view),
                trait=bind(trait, "String"),
            ),
            view.project_id,
            view.hidden_after,
        ),
    )
    # Not the events' people are looked up but the people's keys, of which there are few.
    return sql(
        "SELECT key, latest.1 AS text, latest.3 AS number FROM"
        " (SELECT t.latest AS latest, arrayPushBack(o.others, t.person) AS keys FROM ($latest) AS t ANY LEFT JOIN"
        " (SELECT owner, groupArray(key) AS others FROM ($owners) GROUP BY owner) AS o ON o.owner = t.person)"
        " ARRAY JOIN keys AS key",
        latest=latest,
        owners=owners(view.project_id, view.hidden_after),
    )
