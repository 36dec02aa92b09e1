"""Links that show a saved insight or a board to whoever has them, until a time. Kept as digests, as keys are."""

import secrets

import msgspec
from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from footfall.model.errors import NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.tables import ProjectRow, ShareRow
from footfall.stores.catalog.tokens import digest
from footfall.stores.catalog.versions import check_room


class ShareDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to show: `saved_id` or `board_id`."""

    saved_id: str | None
    board_id: str | None
    filters: str
    """That narrow every question of it, as JSON."""
    password: str | None
    """An argon2 hash."""
    expires_at: Millis


class Share(ShareDraft, frozen=True, kw_only=True):
    id: str
    project_id: int
    owner: str
    created_at: Millis


class Shares:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, project_id: int, now: Millis) -> list[Share]:
        """Those that are good, newest first."""
        ours = (ShareRow.project_id == project_id, ShareRow.expires_at > now)
        with Session(self._engine) as session:
            rows = session.scalars(select(ShareRow).where(*ours).order_by(ShareRow.created_at.desc(), ShareRow.id))
            return [_shown(row) for row in rows]

    def create(self, project_id: int, draft: ShareDraft, owner: str, now: Millis) -> tuple[Share, str]:
        """A link and its token, which is shown this once.

        Raises `NotFound` when what it shows went meanwhile, `Conflict` when there are too many.
        """
        token = secrets.token_urlsafe(32)
        row = ShareRow(
            **msgspec.structs.asdict(draft),
            id=f"share_{secrets.token_hex(6)}",
            project_id=project_id,
            digest=digest(token),
            owner=owner,
            created_at=now,
        )
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                session.execute(delete(ShareRow).where(ShareRow.expires_at <= now))
                check_room(session, ShareRow, project_id)
                session.add(row)
        except IntegrityError:
            raise NotFound("What the link would show has just been deleted.") from None
        return _shown(row), token

    def find(self, token: str, now: Millis) -> Share | None:
        """None for one that nobody made, that is over, or of an archived project."""
        wanted = (
            select(ShareRow)
            .join(ProjectRow, ProjectRow.id == ShareRow.project_id)
            .where(ShareRow.digest == digest(token), ShareRow.expires_at > now, ProjectRow.archived_at.is_(None))
        )
        with Session(self._engine) as session:
            row = session.scalar(wanted)
            return None if row is None else _shown(row)

    def revoke(self, project_id: int, share_id: str) -> None:
        """Raises `NotFound`."""
        ours = (ShareRow.project_id == project_id, ShareRow.id == share_id)
        with Session(self._engine) as session, session.begin():
            if session.scalar(delete(ShareRow).where(*ours).returning(ShareRow.id)) is None:
                raise NotFound(f"There is no link {share_id[:40]}.")


def _shown(row: ShareRow) -> Share:
    return Share(**{name: getattr(row, name) for name in Share.__struct_fields__})
