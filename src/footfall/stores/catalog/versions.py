"""Changes of what several people may change at once: each names the version that it was made from, and one wins."""

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from footfall.model.errors import Conflict, NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.tables import AnnotationRow, BoardRow, ReportRow, SavedRow, ShareRow

Kept = type[SavedRow | BoardRow | ShareRow | AnnotationRow | ReportRow]
MOST: dict[Kept, int] = {SavedRow: 1000, BoardRow: 1000, ShareRow: 1000, AnnotationRow: 100_000, ReportRow: 200}
"""Of a project. Pipelines note each release, and what they noted is read page by page."""


def check_room(session: Session, table: Kept, project_id: int) -> None:
    """Raises `Conflict` when one more would be too many."""
    count = session.scalar(select(func.count()).select_from(table).where(table.project_id == project_id)) or 0
    if count >= MOST[table]:
        raise Conflict(f"There are {MOST[table]} already, which is the most; delete some first.")


def change(
    session: Session,
    table: type[SavedRow | BoardRow],
    project_id: int,
    key: str,
    version: int,
    now: Millis,
    **columns: Any,
) -> None:
    """Raises `NotFound`, and `Conflict` unless `version` is the newest."""
    ours = (table.id == key, table.project_id == project_id)
    done = session.execute(
        update(table)
        .where(*ours, table.version == version)
        .values(**columns, changed_at=now, version=version + 1)
        .returning(table.id)
    ).first()
    if done is not None:
        return
    newest = session.scalar(select(table.version).where(*ours))
    if newest is None:
        raise NotFound(f"There is no {key[:40]}.")
    raise Conflict(f"Somebody changed it meanwhile: version {newest} is the newest, not {version}.", path="$.version")
