"""Annotations: what happened when, for whoever looks at a chart. A `ref` makes one that is sent again the same one."""

import secrets

import msgspec
from sqlalchemy import Engine, delete, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from footfall.model.errors import NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.tables import AnnotationRow
from footfall.stores.catalog.versions import check_room


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to be noted."""

    at: Millis
    text: str
    kind: str | None
    tags: tuple[str, ...]
    ref: str | None


class Annotation(Note, frozen=True, kw_only=True):
    id: str
    owner: str
    created_at: Millis


class Annotations:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        project_id: int,
        limit: int,
        *,
        start: Millis | None = None,
        end: Millis | None = None,
        before: tuple[Millis, str] | None = None,
    ) -> list[Annotation]:
        """Those of `[start, end)`, latest first; `before` is moment and id of the last one of the page before."""
        wanted = select(AnnotationRow).where(AnnotationRow.project_id == project_id)
        if start is not None:
            wanted = wanted.where(AnnotationRow.at >= start)
        if end is not None:
            wanted = wanted.where(AnnotationRow.at < end)
        if before is not None:
            wanted = wanted.where(tuple_(AnnotationRow.at, AnnotationRow.id) < before)
        with Session(self._engine) as session:
            rows = session.scalars(wanted.order_by(AnnotationRow.at.desc(), AnnotationRow.id.desc()).limit(limit))
            return [_shown(row) for row in rows]

    def create(self, project_id: int, note: Note, owner: str, now: Millis) -> tuple[Annotation, bool]:
        """The annotation, and whether it is new: one with the same `ref` is answered as it is.

        Raises `Conflict` when there are too many.
        """
        row = AnnotationRow(
            id=f"annotation_{secrets.token_hex(6)}",
            project_id=project_id,
            at=note.at,
            text=note.text,
            kind=note.kind,
            tags=msgspec.json.encode(note.tags).decode(),
            ref=note.ref,
            owner=owner,
            created_at=now,
        )
        said = select(AnnotationRow).where(AnnotationRow.project_id == project_id, AnnotationRow.ref == note.ref)
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                known = None if note.ref is None else session.scalar(said)
                if known is not None:
                    return _shown(known), False
                check_room(session, AnnotationRow, project_id)
                session.add(row)
        except IntegrityError:  # by somebody else in between
            if note.ref is None:
                raise
            with Session(self._engine) as session:
                return _shown(session.scalars(said).one()), False
        return _shown(row), True

    def delete(self, project_id: int, annotation_id: str) -> None:
        """Raises `NotFound`."""
        ours = (AnnotationRow.project_id == project_id, AnnotationRow.id == annotation_id)
        with Session(self._engine) as session, session.begin():
            if session.scalar(delete(AnnotationRow).where(*ours).returning(AnnotationRow.id)) is None:
                raise NotFound(f"There is no annotation {annotation_id[:40]}.")


def _shown(row: AnnotationRow) -> Annotation:
    return Annotation(
        id=row.id,
        at=row.at,
        text=row.text,
        kind=row.kind,
        tags=msgspec.json.decode(row.tags, type=tuple[str, ...]),
        ref=row.ref,
        owner=row.owner,
        created_at=row.created_at,
    )
