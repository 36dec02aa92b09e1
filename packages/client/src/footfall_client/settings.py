"""What a client can be told."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from footfall_client.event import Event

Hook = Callable[[Event], Event | None]
"""Sees an event as it will be sent; gives it back, changed or not, or None to leave it out."""


class Options(TypedDict, total=False):
    """Beside address and key; `Settings` says what each one is."""

    batch_size: int
    interval: float
    limit: int
    limit_bytes: int
    queue: str | os.PathLike[str] | None
    queue_limit: int
    queue_limit_bytes: int
    timeout: float
    exit_timeout: float
    before_send: Hook | None
    scan: Hook | bool
    app_version: str | None
    debug: bool
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    url: str | None = None
    """The server's address, with or without `/api/events/collect`."""
    key: str | None = None
    """A write key; None for a server in keyless mode."""
    batch_size: int = 100
    """So many events are sent without waiting for `interval`. A request takes up to 1 000 of those that wait."""
    interval: float = 1.0
    """Seconds that an event waits for others."""
    limit: int = 10_000
    limit_bytes: int = 32 * 1024 * 1024
    """So many events, and bytes, wait in memory at most; beyond them the oldest are lost, and counted."""
    queue: str | os.PathLike[str] | None = None
    """A file for events that wait (`disk.py`). None: in memory."""
    queue_limit: int = 1_000_000
    queue_limit_bytes: int = 512 * 1024 * 1024
    """As `limit`, of that file."""
    timeout: float = 10.0
    """Seconds that the network may be silent."""
    exit_timeout: float = 3.0
    """Seconds that the end of a process may take for what is still waiting."""
    before_send: Hook | None = None
    scan: Hook | bool = False
    """True: personal data and secrets are taken out (`scan.py`), also of what `before_send` has put in."""
    app_version: str | None = None
    """Of the application, for each event that says nothing else."""
    debug: bool = False
    """Print each event and each request as a line on stderr."""
    enabled: bool = True
    """False: nothing happens, ever."""
