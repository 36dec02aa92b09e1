-- What the tracking plan and the search for personal data say of an event: the version that it names, and by path the
-- rule that took something away.
ALTER TABLE events
    ADD COLUMN IF NOT EXISTS event_version LowCardinality(String),
    ADD COLUMN IF NOT EXISTS redacted Map(LowCardinality(String), LowCardinality(String));
