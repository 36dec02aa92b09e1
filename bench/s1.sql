-- S1's table, in the words of its page; `user_id` is what its client sends, the user or else the anonymous id.
CREATE TABLE s1_events
(
    event        LowCardinality(String),
    properties   String,
    user_id      String,
    session_id   String,
    page         String,
    device       LowCardinality(String),
    app_version  LowCardinality(String),
    timestamp    DateTime64(3, 'UTC')
)
ENGINE = MergeTree()
PARTITION BY toYYYYMMDD(timestamp)
ORDER BY (event, timestamp)
