-- The visits of each hour: distinct (person, session) pairs, in all and by event (ADR 0014). Questions about people
-- and sessions read these few instead of every event; like the hourly rollup they live inside of the parts.
ALTER TABLE events
    ADD PROJECTION IF NOT EXISTS visits
    (
        SELECT
            project_id, event, bot, toStartOfHour(timestamp),
            count(), groupUniqArray(bitShiftLeft(toUInt128(person_key), 64) + session_key)
        GROUP BY project_id, event, bot, toStartOfHour(timestamp)
    ),
    ADD PROJECTION IF NOT EXISTS visits_of_all
    (
        SELECT
            project_id, startsWith(event, '$'), bot, toStartOfHour(timestamp),
            count(), groupUniqArray(bitShiftLeft(toUInt128(person_key), 64) + session_key)
        GROUP BY project_id, startsWith(event, '$'), bot, toStartOfHour(timestamp)
    ),
    -- Events that came without a session are rare among those that have one, and found by this (R19).
    ADD INDEX IF NOT EXISTS nameless session_key TYPE minmax GRANULARITY 1;

ALTER TABLE events MATERIALIZE PROJECTION visits;
ALTER TABLE events MATERIALIZE PROJECTION visits_of_all;
ALTER TABLE events MATERIALIZE INDEX nameless;
