"""Personal data and secrets in events, found and dealt with before anything is written.

Only Python's own library is used here, and RE2 where it is installed: `footfall-client` carries the same files, so that
an application may do this before it sends. `rules` says what is looked for, `policy` what is done, `scanner` does it.
"""

from .policy import Action, Care, Policy
from .scanner import FIELDS, Blocked, Scanner, Scrubbed, in_care

__all__ = ["FIELDS", "Action", "Blocked", "Care", "Policy", "Scanner", "Scrubbed", "in_care"]
