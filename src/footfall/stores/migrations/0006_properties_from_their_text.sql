-- What was sent is sent to the engine once, and taken apart there: a line is a fifth shorter (ADR 0049). Lines of
-- before, which have both, say the same.
ALTER TABLE events MODIFY COLUMN properties DEFAULT if(sent = '', '{}', sent);
