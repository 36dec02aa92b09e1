"""The catalog: projects, keys, people, what they did and what they saved.

SQLAlchemy, migrated by Alembic; the only door to both.

It lies in a SQLite file of the data folder, or in a PostgreSQL database. Times are epoch milliseconds. Every
method may be called from any thread. `projects`, `keys` and `plans` answer from memory what every request asks; with
PostgreSQL a change that another process made is seen at the next `refresh`.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError

from footfall.access import DEFAULT_PROJECT
from footfall.model.errors import BadRequest, FolderDamaged, Unavailable
from footfall.model.event import Millis
from footfall.stores.catalog.alerts import Alert, Alerts, Delivery, Happening, Move, Outgoing, Remembered, StoredRule
from footfall.stores.catalog.annotations import Annotation, Annotations, Note
from footfall.stores.catalog.audit import Audit, Record, Verb
from footfall.stores.catalog.boards import Board, BoardDraft, Boards, Tile
from footfall.stores.catalog.keys import Key, Keys
from footfall.stores.catalog.people import People, User
from footfall.stores.catalog.plans import Plans, PlanVersion
from footfall.stores.catalog.projects import Project, Projects
from footfall.stores.catalog.reports import ReportDraft, Reports, StoredReport
from footfall.stores.catalog.saved import Draft, Saved, SavedInsight
from footfall.stores.catalog.shares import Share, ShareDraft, Shares
from footfall.stores.catalog.tokens import LIFE_MS, Purpose, Token, Tokens, digest

__all__ = [
    "LIFE_MS",
    "Alert",
    "Alerts",
    "Annotation",
    "Annotations",
    "Audit",
    "Board",
    "BoardDraft",
    "Boards",
    "Catalog",
    "Delivery",
    "Draft",
    "Happening",
    "Key",
    "Keys",
    "Move",
    "Note",
    "Outgoing",
    "People",
    "PlanVersion",
    "Plans",
    "Project",
    "Projects",
    "Purpose",
    "Record",
    "Remembered",
    "ReportDraft",
    "Reports",
    "Saved",
    "SavedInsight",
    "Share",
    "ShareDraft",
    "Shares",
    "StoredReport",
    "StoredRule",
    "Tile",
    "Token",
    "Tokens",
    "User",
    "Verb",
    "digest",
    "sqlite_url",
]

CONNECT_SECONDS = 10
_DAMAGED = frozenset({11, 26})
"""SQLITE_CORRUPT, SQLITE_NOTADB; other errors are of the disk."""


class Catalog:
    def __init__(self, url: str, now: Millis, timezone: str) -> None:
        """Opens and migrates the database, and makes the default project where there is none.

        Raises `BadRequest` for a URL that is none, `FolderDamaged` where something else lies in the file's place,
        `Unavailable` when the database does not answer, or its disk has no room.
        """
        self._url = _parsed(url)
        self._engine = create_engine(
            self._url, pool_pre_ping=not self._is_file, connect_args={} if self._is_file else _patience()
        )
        if self._is_file:
            event.listen(self._engine, "connect", _tune_sqlite)
        self.projects = Projects(self._engine, self.refresh)
        self.keys = Keys(self._engine)
        self.people = People(self._engine)
        self.tokens = Tokens(self._engine)
        self.audit = Audit(self._engine)
        self.saved = Saved(self._engine)
        self.boards = Boards(self._engine)
        self.annotations = Annotations(self._engine)
        self.shares = Shares(self._engine)
        self.plans = Plans(self._engine)
        self.alerts = Alerts(self._engine)
        self.reports = Reports(self._engine)
        try:
            _migrate(self._url)
            self.refresh()
            if not self.projects.list():
                self.projects.create("default", now, timezone=timezone)
            self.projects.get(DEFAULT_PROJECT)
        except DatabaseError as error:
            self._engine.dispose()
            if getattr(error.orig, "sqlite_errorcode", None) in _DAMAGED:
                raise FolderDamaged(Path(self._url.database or ""), error.orig) from error
            raise _unavailable(error) from error
        event.listen(self._engine, "handle_error", _translate)

    @property
    def _is_file(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    def refresh(self) -> None:
        """Read projects, keys and the numbers of plans into memory anew."""
        self.projects.reload()
        self.keys.reload()
        self.plans.reload()

    def close(self) -> None:
        self._engine.dispose()


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _parsed(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    # The driver is ours to choose. The text may hold a password, so no sentence repeats it.
    if url is None or url.drivername not in {"sqlite", "postgresql", "postgres"}:
        raise BadRequest("A database looks like postgresql://user:password@host/name.", path="--database")
    return url if url.drivername == "sqlite" else url.set(drivername="postgresql+psycopg")


def _patience() -> dict[str, int]:
    return {"connect_timeout": CONNECT_SECONDS}


def _unavailable(error: BaseException) -> Unavailable:
    return Unavailable(f"The catalog's database does not answer ({type(error).__name__}).")


def _translate(context: ExceptionContext) -> Unavailable | None:
    # What is returned is raised in the other's place.
    if isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError):
        return _unavailable(context.sqlalchemy_exception)
    return None


def _migrate(url: URL) -> None:
    config = Config()
    config.set_main_option("script_location", "footfall.stores:alembic")
    config.attributes["url"] = url
    command.upgrade(config, "head")


def _tune_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # pyright: ignore[reportAttributeAccessIssue] - a DBAPI connection is untyped
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
