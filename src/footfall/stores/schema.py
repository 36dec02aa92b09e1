"""What the engine holds: tables by numbered migrations, and the dictionary of links, which is made anew.

Both are the same in this process and on a server. Whatever is here may be repeated.
"""

from collections.abc import Iterator
from importlib import resources
from typing import LiteralString, cast

from footfall.insights.sql import Sql, everybody, sql

REPLICATED = "Replicated"
"""The database engine whose tables are on all replicas; what is in them is too if they are told to (ADR 0045)."""

MIGRATIONS: LiteralString = (
    "CREATE TABLE IF NOT EXISTS migrations (number UInt32, name String,"
    " applied_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY number"
)
"""Which numbers an engine has seen."""


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and text of each, in order."""
    folder = resources.files("footfall.stores") / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    return [(int(entry.name[:4]), entry.name[5:-4], entry.read_text("utf-8")) for entry in files]


def statements(text: str, database_engine: str) -> Iterator[str]:
    """The statements of a migration, for a database of that engine."""
    for statement in text.split(";\n"):
        if statement.strip():
            yield (
                statement.replace("ENGINE = MergeTree", "ENGINE = ReplicatedMergeTree")
                if database_engine == REPLICATED
                else statement
            )


def links(database: str, user: str, password: str) -> str:
    """The statement that makes the dictionary of who counts as whom (R23, ADR 0014, ADR 0058).

    A server reads the table for it as that user, in no database of its own; so it is made at each start, by who is
    set now. Servers show the password to nobody.
    """
    query = sql(
        "SELECT key + intHash64(project_id) AS anonymous, owner FROM ($everybody)",
        everybody=everybody(events=Sql(cast("LiteralString", f"{_identifier(database)}.events"))),
    )
    return (
        "CREATE OR REPLACE DICTIONARY links (anonymous UInt64, owner UInt64) PRIMARY KEY anonymous"
        f" SOURCE(CLICKHOUSE(USER {_text(user)} PASSWORD {_text(password)} QUERY {_text(query.text)}))"
        " LAYOUT(HASHED()) LIFETIME(0)"
    )


def _text(value: str) -> str:
    # A dictionary's source takes literals only, no parameters.
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
