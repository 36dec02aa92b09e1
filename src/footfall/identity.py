"""Who a person is ("Words", R23), as SQL: the columns of an event, and the link of a question.

A person is the linked user, else the anonymous id, else the session id, else nobody. An event's own part of
that (`person_key`) is a column that the engine computes; the link is looked up when a question is asked, so an
identify reaches the past, whatever order events arrive in (ADR 0005). That two users are one is an admin's word, which
is looked up in the same way (ADR 0058). The 64-bit keys are SipHash of a word and the id: at 100 million people the
chance that any two share one is 3 in 10 000.
"""

from typing import LiteralString

PERSON_KEY: LiteralString = (
    "multiIf(user_id != '', sipHash64('user', user_id),"
    " anonymous_id != '', sipHash64('anonymous', anonymous_id),"
    " session_id != '', sipHash64('session', session_id), 0)"
)
"""An event's own person; 0 is nobody. The table's column is this very text (a test holds them together)."""

SESSION_KEY: LiteralString = "if(session_id = '', 0, sipHash64('session', session_id))"
"""An event's session id; 0 where the client sent none."""

LINKS: LiteralString = "event IN ('$identify', '$alias')"
"""Events that link an anonymous id to a user."""

OWNER: LiteralString = "argMin(sipHash64('user', user_id), (timestamp, event_id))"
"""R23: the first link by timestamp, then event id, owns the anonymous id."""

PREVIOUS: LiteralString = (
    "if(event = '$alias' AND JSONHas(sent, 'previous_id'), JSONExtractString(sent, 'previous_id'), anonymous_id)"
)
"""The id that a link speaks of; an alias may name it in its properties."""

ANONYMOUS_KEY: LiteralString = "sipHash64('anonymous', " + PREVIOUS + ")"
"""The `person_key` of events that carry nothing but that id. Two known users are never merged by a link: the key of a
user is made of another word, so an alias from one to the other links nothing."""

PERSON_ID: LiteralString = "if(person = 0, '', leftPad(lower(hex(person)), 16, '0'))"
"""A person as answers name them: sixteen hexadecimal digits; '' for nobody."""

PAIR: LiteralString = "bitShiftLeft(toUInt128(person_key), 64) + session_key"
"""An event's own person and session in one number, as the projections hold it."""

SESSION: LiteralString = "if(session_key = 0, 0, person * 2 + session_key)"
"""A session is (person, session_id); 0 without an id. Both are hashes, so a sum tells pairs apart as well as a third
hash would, and is free. (Twice the person: where the session id is the person, both have the same key.)"""

MERGE = "$merge"
UNMERGE = "$unmerge"
BY_ADMIN = "by_admin"
"""The flag of the server's own merges. Senders of events set no flags, so theirs of that name say nothing."""

MERGES: LiteralString = "event IN ('$merge', '$unmerge') AND has(flags, 'by_admin')"
"""Events that say as whom a user counts. They are of nobody: a person is the same with and without them."""

SENT: LiteralString = "event NOT IN ('$merge', '$unmerge')"
"""What somebody sent: an admin's merge is no sign of life."""

MERGED_USER: LiteralString = "JSONExtractString(sent, 'user_id')"
"""Whom a merge speaks of."""

MERGED_AS: LiteralString = "argMax(JSONExtractString(sent, 'person'), (timestamp, ifNull(seq, 0), event_id))"
"""As which user they count: the latest word. It names the end of a chain of merges, so nobody has to follow one."""

LINKS_IN_MEMORY: LiteralString = "'links'"
"""The engine's dictionary from a linked anonymous id or a merged user (with the project) to whom they count as. Whoever
asks it must have made sure that it is as new as the events (`warehouse.select` does)."""

LINKS_VERSION: LiteralString = (
    "SELECT count(), max(arrival), max(timestamp) FROM events"
    " WHERE event IN ('$identify', '$alias', '$merge', '$unmerge')"
)
"""What changes whenever a link or a merge comes or goes."""
