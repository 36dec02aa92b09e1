-- A merge makes one person of two users (R23, ADR 0058), in this view as in every question.
CREATE OR REPLACE VIEW event_hourly_mv AS
WITH
    merged AS
    (
        SELECT project_id, sipHash64('user', id) AS key, sipHash64('user', person) AS owner
        FROM
        (
            SELECT
                project_id,
                JSONExtractString(sent, 'user_id') AS id,
                argMax(JSONExtractString(sent, 'person'), (timestamp, ifNull(seq, 0), event_id)) AS person
            FROM events
            WHERE event IN ('$merge', '$unmerge') AND has(flags, 'by_admin')
            GROUP BY project_id, id
        )
        WHERE person NOT IN ('', id)
    ),
    linked AS
    (
        SELECT
            project_id,
            sipHash64('anonymous', if(event = '$alias' AND JSONHas(sent, 'previous_id'), JSONExtractString(sent, 'previous_id'), anonymous_id)) AS key,
            argMin(sipHash64('user', user_id), (timestamp, event_id)) AS owner
        FROM events
        WHERE event IN ('$identify', '$alias') AND user_id != '' AND key != sipHash64('anonymous', '')
        GROUP BY project_id, key
    )
SELECT
    project_id, event, page, device, hour,
    count() AS event_count,
    uniqExactIf(person, person != 0) AS unique_users,
    uniqExactIf((person, session_key), person != 0) AS unique_sessions
FROM
(
    SELECT
        e.project_id AS project_id, e.event AS event, e.page AS page, e.device AS device,
        toStartOfHour(e.timestamp) AS hour, e.session_key AS session_key,
        if(o.owner != 0, o.owner, e.person_key) AS person
    FROM (SELECT project_id, event, page, device, timestamp, person_key, session_key FROM events WHERE NOT bot) AS e
    ANY LEFT JOIN
    (
        SELECT l.project_id AS project_id, l.key AS key, if(m.owner != 0, m.owner, l.owner) AS owner
        FROM linked AS l ANY LEFT JOIN merged AS m ON m.project_id = l.project_id AND m.key = l.owner
        UNION ALL
        SELECT project_id, key, owner FROM merged
    ) AS o ON o.project_id = e.project_id AND o.key = e.person_key
)
GROUP BY project_id, event, page, device, hour;

-- A question per group reads events in which the group stands in the place of `person_key` (ADR 0059). This name stays.
ALTER TABLE events ADD COLUMN IF NOT EXISTS own_key UInt64 ALIAS person_key;
