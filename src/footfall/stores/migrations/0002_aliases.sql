-- An alias links an anonymous id as an identify does (R23).
CREATE OR REPLACE VIEW event_hourly_mv AS
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
        SELECT
            project_id,
            sipHash64('anonymous', if(event = '$alias' AND JSONHas(sent, 'previous_id'), JSONExtractString(sent, 'previous_id'), anonymous_id)) AS anonymous,
            argMin(sipHash64('user', user_id), (timestamp, event_id)) AS owner
        FROM events
        WHERE event IN ('$identify', '$alias') AND user_id != '' AND anonymous != sipHash64('anonymous', '')
        GROUP BY project_id, anonymous
    ) AS o ON o.project_id = e.project_id AND o.anonymous = e.person_key
)
GROUP BY project_id, event, page, device, hour;
