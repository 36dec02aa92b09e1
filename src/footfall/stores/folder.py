"""The data folder: one process holds it, and a server leaves its address in it for commands on this machine."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from footfall.model.errors import FolderInUse, Unavailable

_ADDRESS = "server.json"


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What a server leaves in its folder for commands on this machine; readable by its owner only."""

    url: str
    pid: int
    token: str


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the data folder. Raises `FolderInUse` with a sentence when somebody else does."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = (folder / "lock").open("a")
    except OSError as error:
        raise FolderInUse(
            f"The data folder {folder} cannot be used: {error.strerror}. Name another with --data."
        ) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = running_server(folder)
            by = f"by the server at {holder.url} (process {holder.pid})" if holder else "by another process"
            raise FolderInUse(
                f"The data folder {folder} is in use {by}. Stop it, or give another folder with --data."
            ) from None
        yield


def running_server(folder: Path) -> Running | None:
    """The server that left its address in the folder, if it still holds the folder."""
    try:
        with (folder / "lock").open("r") as handle:
            if _is_free(handle):
                return None
        running = msgspec.json.decode((folder / _ADDRESS).read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError):
        return None
    return running


def _is_free(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    fcntl.flock(handle, fcntl.LOCK_UN)
    return True


@contextmanager
def announced(folder: Path, running: Running) -> Iterator[None]:
    """While the block runs, commands find the server through the folder."""
    path = folder / _ADDRESS
    path.unlink(missing_ok=True)
    new = path.with_suffix(".new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(running))
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise Unavailable(f"{path} cannot be written: {error.strerror}.") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
