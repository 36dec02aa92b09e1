"""Everything that Footfall raises on purpose, and whose fault it is.

    FootfallError
    ├── SenderError          the caller can mend it; sending the same again is useless (4xx)
    │   ├── BadRequest       400: not what the contract says; `path` names the place
    │   ├── Unauthorized     401: no key, or one that nobody made; a password that is wrong
    │   ├── Forbidden        403: a key or a session, but not for this (right, origin)
    │   ├── NotFound         404
    │   ├── Conflict         409: it would break what must stay, such as a project's last owner
    │   ├── TooSlow          408: the body does not arrive
    │   ├── TooLarge         413: over a size or a number
    │   ├── Unsupported      415: an encoding or a content type that is not read here
    │   ├── Misdirected      421: under a host name that is not ours
    │   └── TooMany          429: over a rate, `retry_after` in seconds
    ├── Unavailable          503: our trouble; sending the same again later is right
    │   ├── NoAnswer         503: an engine elsewhere is silent; whether it did what it was told is not known
    │   └── Unusable         503: an engine elsewhere will not have us, or is not what it should be
    ├── QueryRefused         422: the engine could not answer within its limits
    ├── FolderInUse          a second process on one data folder
    └── FolderDamaged        a file of the data folder is not what it should be

`http/problems.py` is the one table from these to a status.
"""

from pathlib import Path

import msgspec


class Position(msgspec.Struct, frozen=True):
    """A place in a text that somebody wrote, both from 1."""

    line: int
    column: int


class FootfallError(Exception):
    """The root; `detail` is a sentence that the caller may read."""

    title = "Something went wrong"

    def __init__(self, detail: str, *, path: str | None = None, position: Position | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.path = path
        self.position = position
        """Within the text at `path`, where that is one of several lines."""


class SenderError(FootfallError):
    title = "The request cannot be taken"


class BadRequest(SenderError):
    title = "Bad request"


class Unauthorized(SenderError):
    title = "A valid key is needed"


class Forbidden(SenderError):
    title = "Not allowed"


class NotFound(SenderError):
    title = "Not found"


class Conflict(SenderError):
    title = "That would contradict what is there"


class TooSlow(SenderError):
    title = "Too slow"


class TooLarge(SenderError):
    title = "Too large"


class Unsupported(SenderError):
    title = "Unsupported media type"


class Misdirected(SenderError):
    title = "Unknown host"


class TooMany(SenderError):
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(FootfallError):
    title = "Not now"
    retry_after = 5


class NoAnswer(Unavailable):
    pass


class Unusable(Unavailable):
    pass


class QueryRefused(FootfallError):
    title = "The engine refused the question"


class FolderInUse(FootfallError):
    title = "The data folder is not to be had"


class FolderDamaged(FootfallError):
    """Says which file, and what its reader says of it."""

    title = "The data folder cannot be read"

    def __init__(self, file: Path, why: object) -> None:
        super().__init__(f"{file} is damaged or not Footfall's ({why}). Put a copy back, or name another with --data.")
