"""Salts of the day, for visitors without an id (`footfall.visitors`): one a project, in a small file, gone afterwards.

A restart within the day finds the day's salt again. Nothing else knows them: they are not in the catalog, so no backup
of it and no migration keeps one longer than its day. A file that cannot be read costs no event; visitors of that day
are counted anew.
"""

import contextlib
import os
import secrets
import threading
from pathlib import Path

import msgspec

from footfall.model.errors import Unavailable
from footfall.model.event import Millis

_BYTES = 32


class Salt(msgspec.Struct, frozen=True):
    value: bytes
    until: Millis
    """The midnight at which it is deleted."""


class Salts:
    def __init__(self, path: Path, now: Millis) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._salts: dict[int, Salt] = {}
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self._salts = msgspec.json.decode(path.read_bytes(), type=dict[int, Salt])
        with contextlib.suppress(Unavailable):  # it is tried again, and `find` finds nothing that is over
            self.tidy(now)

    def find(self, project_id: int, now: Millis) -> bytes | None:
        """The project's salt of today, if it has one yet."""
        salt = self._salts.get(project_id)
        return salt.value if salt is not None and now < salt.until else None

    def make(self, project_id: int, now: Millis, until: Millis) -> bytes:
        """The project's salt until then: the one that somebody made just now, else a new one, on the disk first.

        Raises `Unavailable` when the disk cannot.
        """
        with self._lock:
            found = self.find(project_id, now)
            if found is not None:
                return found
            made = Salt(secrets.token_bytes(_BYTES), until)
            self._keep(self._alive(now) | {project_id: made})
            return made.value

    def tidy(self, now: Millis) -> None:
        """Delete what is over. Raises `Unavailable` when the disk cannot."""
        with self._lock:
            alive = self._alive(now)
            if alive != self._salts:
                self._keep(alive)

    def _alive(self, now: Millis) -> dict[int, Salt]:
        return {project_id: salt for project_id, salt in self._salts.items() if now < salt.until}

    def _keep(self, salts: dict[int, Salt]) -> None:
        try:
            if salts:
                self._write(salts)
            else:  # which needs no room
                self._path.unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable(f"The salts of the day cannot be written: {error.strerror}.") from error
        self._salts = salts

    def _write(self, salts: dict[int, Salt]) -> None:
        # Another file under the same name: what was in the old one is in no file any more.
        new = self._path.with_suffix(".new")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(msgspec.json.encode(salts))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError:
            new.unlink(missing_ok=True)
            raise
