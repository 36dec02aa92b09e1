-- Events, once each (R25): the writer looks ids up before it inserts, so that nothing here needs FINAL.
-- The order serves a question about one event over days, and people within it (ADR 0003).
CREATE TABLE IF NOT EXISTS events
(
    project_id     UInt32,
    event          LowCardinality(String),
    event_id       String CODEC(ZSTD(1)),
    timestamp      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    sent_at        Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    seq            Nullable(Int64) CODEC(ZSTD(1)),
    user_id        String CODEC(ZSTD(1)),
    anonymous_id   String CODEC(ZSTD(1)),
    session_id     String CODEC(ZSTD(1)),
    page           String CODEC(ZSTD(1)),
    url            String CODEC(ZSTD(1)),
    referrer       String CODEC(ZSTD(1)),
    title          String CODEC(ZSTD(1)),
    section        String CODEC(ZSTD(1)),
    component      String CODEC(ZSTD(1)),
    component_hash String CODEC(ZSTD(1)),
    action         String CODEC(ZSTD(1)),
    locale         LowCardinality(String),
    screen         LowCardinality(String),
    app_version    LowCardinality(String),
    device         LowCardinality(String),
    browser        LowCardinality(String),
    os             LowCardinality(String),
    utm_source     String CODEC(ZSTD(1)),
    utm_medium     String CODEC(ZSTD(1)),
    utm_campaign   String CODEC(ZSTD(1)),
    utm_term       String CODEC(ZSTD(1)),
    utm_content    String CODEC(ZSTD(1)),
    groups         Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    -- What was sent, letter for letter; events and exports come from here (ADR 0006).
    sent           String CODEC(ZSTD(1)),
    -- The same, taken apart: an index for questions, never shown.
    properties     JSON(max_dynamic_paths = 256) CODEC(ZSTD(1)),
    bot            Bool,
    flags          Array(LowCardinality(String)),
    violations     Array(LowCardinality(String)),
    -- Place in the order of acknowledgement: spool position × 65536 + place in its batch; 0 for generated data.
    arrival        UInt64 CODEC(Delta, ZSTD(1)),
    user_type      LowCardinality(String) MATERIALIZED if(user_id = '', 'anonymous', 'registered'),
    person_key     UInt64 MATERIALIZED multiIf(user_id != '', sipHash64('user', user_id), anonymous_id != '', sipHash64('anonymous', anonymous_id), session_id != '', sipHash64('session', session_id), 0),
    session_key    UInt64 MATERIALIZED if(session_id = '', 0, sipHash64('session', session_id)),
    INDEX event_ids event_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX arrivals arrival TYPE minmax GRANULARITY 1,
    -- The hourly rollup. A projection lives inside each part, so it is written, merged and erased with the
    -- events themselves: no crash between two inserts can make it disagree (ADR 0008).
    PROJECTION hourly
    (
        SELECT
            project_id, event, page, device, bot, toStartOfHour(timestamp),
            count()
        GROUP BY project_id, event, page, device, bot, toStartOfHour(timestamp)
    )
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (project_id, event, toDate(timestamp), person_key, timestamp)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- S1's rollup under its own name, with its own columns. Unique people and sessions are counted from the
-- events, since hourly ones never add up (R2) and an identify changes who was there (R23).
CREATE VIEW IF NOT EXISTS event_hourly_mv AS
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
            sipHash64('anonymous', anonymous_id) AS anonymous,
            argMin(sipHash64('user', user_id), (timestamp, event_id)) AS owner
        FROM events
        WHERE event = '$identify' AND user_id != '' AND anonymous_id != ''
        GROUP BY project_id, anonymous
    ) AS o ON o.project_id = e.project_id AND o.anonymous = e.person_key
)
GROUP BY project_id, event, page, device, hour;
