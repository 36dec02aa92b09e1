-- A block that is inserted again under the same token is left out, so that whoever did not hear that it arrived may
-- send it again (ADR 0045). Replicated tables do this without being told.
ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = 1000;
