"""Debian's PostgreSQL, started in a folder of its own by somebody without rights, and gone afterwards."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

START_SECONDS = 60


class Postgres:
    """A cluster that listens on a socket in its folder, and nowhere else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = count(1)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"catalog{next(self._names)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def drop(self, url: str) -> None:
        """The database is gone, and everybody's connection to it."""
        name = url.rpartition("/footfall-pg-")[0].partition("@/")[2].partition("?")[0]
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def text(self, url: str) -> str:
        """Everything in the tables of a database."""
        found: list[str] = []
        with psycopg.connect(url) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                found += [str(row) for row in connection.execute(f"SELECT * FROM {table}".encode()).fetchall()]
        return "\n".join(found)

    def _url(self, name: str) -> str:
        return f"postgresql://footfall@/{name}?host={self._folder}"


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    binaries = _binaries()
    # Not pytest's folder: nobody but its owner gets into that one.
    folder = Path(tempfile.mkdtemp(prefix="footfall-pg-"))
    try:
        who = _somebody(folder)
        cluster = folder / "cluster"
        _run(
            [binaries / "initdb", "-D", cluster, "-U", "footfall", "-A", "trust", "-E", "UTF8", "--no-sync"],
            folder,
            who,
        )
        options = f"-F -k {folder} -c listen_addresses='' -c max_connections=60"
        control = [binaries / "pg_ctl", "-D", cluster, "-w", "-t", str(START_SECONDS)]
        _run([*control, "-l", folder / "log", "-o", options, "start"], folder, who)
        try:
            yield Postgres(folder)
        finally:
            _run([*control, "-m", "immediate", "stop"], folder, who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(words: list[Any], folder: Path, who: dict[str, Any]) -> None:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        # Not a pipe: the server that pg_ctl leaves behind would hold it open.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        **who,
    )
    log = folder / "log"
    assert done.returncode == 0, (words[0], log.read_text() if log.exists() else "")


def _somebody(folder: Path) -> dict[str, Any]:
    """PostgreSQL does not run as root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    assert found or on_path, "these tests start Debian's postgresql, which is not installed"
    return found[-1].parent if found else Path(str(on_path)).parent
