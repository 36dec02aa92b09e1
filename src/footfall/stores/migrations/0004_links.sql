-- Who owns which anonymous id (R23), in memory; a copy of what `events` says, read again before a question whenever
-- that has changed (ADR 0014). The key holds the project as well.
CREATE DICTIONARY IF NOT EXISTS links
(
    anonymous UInt64,
    owner     UInt64
)
PRIMARY KEY anonymous
SOURCE(CLICKHOUSE(QUERY 'SELECT sipHash64(\'anonymous\', if(event = \'$alias\' AND JSONHas(sent, \'previous_id\'), JSONExtractString(sent, \'previous_id\'), anonymous_id)) + intHash64(project_id) AS anonymous, argMin(sipHash64(\'user\', user_id), (timestamp, event_id)) AS owner FROM events WHERE event IN (\'$identify\', \'$alias\') AND user_id != \'\' AND anonymous != sipHash64(\'anonymous\', \'\') + intHash64(project_id) GROUP BY anonymous'))
LAYOUT(HASHED())
LIFETIME(0);
