"""Reports as JSON, and when each is due; sent as alerts are, by deliveries of the same table."""

import secrets

import msgspec
from sqlalchemy import Engine, Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from footfall.model.errors import BadRequest, NotFound
from footfall.model.event import Millis
from footfall.stores.catalog.alerts import Happening, write_down
from footfall.stores.catalog.rows import shown
from footfall.stores.catalog.tables import ReportRow
from footfall.stores.catalog.versions import check_room


class ReportDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants a report to be; one of `board_id` and `saved_id`."""

    board_id: str | None
    saved_id: str | None
    body: str
    enabled: bool
    next_at: Millis


class StoredReport(ReportDraft, frozen=True, kw_only=True):
    id: str
    project_id: int
    owner: str
    created_at: Millis
    changed_at: Millis


class Reports:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, project_id: int) -> list[StoredReport]:
        """In the order in which they were made."""
        wanted = select(ReportRow).where(ReportRow.project_id == project_id)
        return self._read(wanted.order_by(ReportRow.created_at, ReportRow.id))

    def get(self, project_id: int, report_id: str) -> StoredReport:
        """Raises `NotFound`."""
        with Session(self._engine) as session:
            row = session.get(ReportRow, report_id)
            if row is None or row.project_id != project_id:
                raise NotFound(f"There is no report {report_id[:40]}.")
            return shown(row, StoredReport)

    def create(self, project_id: int, draft: ReportDraft, owner: str, now: Millis) -> StoredReport:
        """Raises `Conflict` when there are too many, `BadRequest` when what it is of has gone meanwhile."""
        row = ReportRow(
            **msgspec.structs.asdict(draft), id=f"report_{secrets.token_hex(6)}", project_id=project_id, owner=owner,
            created_at=now, changed_at=now,
        )  # fmt: skip
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                check_room(session, ReportRow, project_id)
                session.add(row)
        except IntegrityError:
            raise _gone(draft) from None
        return shown(row, StoredReport)

    def change(self, project_id: int, report_id: str, draft: ReportDraft, now: Millis) -> StoredReport:
        """Raises `NotFound`, and `BadRequest` as above."""
        ours = (ReportRow.id == report_id, ReportRow.project_id == project_id)
        try:
            with Session(self._engine) as session, session.begin():
                session.execute(update(ReportRow).where(*ours).values(**msgspec.structs.asdict(draft), changed_at=now))
        except IntegrityError:
            raise _gone(draft) from None
        return self.get(project_id, report_id)

    def delete(self, project_id: int, report_id: str) -> None:
        """Raises `NotFound`."""
        self.get(project_id, report_id)
        with Session(self._engine) as session, session.begin():
            session.execute(delete(ReportRow).where(ReportRow.id == report_id))

    def due(self, now: Millis) -> list[StoredReport]:
        """Of all projects, the longest due first."""
        wanted = select(ReportRow).where(ReportRow.enabled, ReportRow.next_at <= now)
        return self._read(wanted.order_by(ReportRow.next_at, ReportRow.id))

    def claim(self, one: StoredReport, next_at: Millis, happened: Happening, now: Millis) -> bool:
        """Move its time on and write down what is to be sent, together.

        False where another has done so already, or where it was changed while it was written.
        """
        with Session(self._engine) as session, session.begin():
            done = session.execute(
                update(ReportRow)
                .where(
                    ReportRow.id == one.id,
                    ReportRow.next_at == one.next_at,
                    ReportRow.body == one.body,
                    ReportRow.enabled,
                )
                .values(next_at=next_at)
                .returning(ReportRow.id)
            ).first()
            if done is None:
                return False
            write_down(session, one.project_id, one.id, "", happened, now)
        return True

    def move(self, one: StoredReport, next_at: Millis) -> None:
        """Another time, unless it was moved meanwhile."""
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(ReportRow)
                .where(ReportRow.id == one.id, ReportRow.next_at == one.next_at)
                .values(next_at=next_at)
            )

    def _read(self, wanted: Select[ReportRow]) -> list[StoredReport]:
        with Session(self._engine) as session:
            return [shown(row, StoredReport) for row in session.scalars(wanted)]


def _gone(draft: ReportDraft) -> BadRequest:
    path = "$.board" if draft.board_id is not None else "$.saved"
    return BadRequest("What the report is of is not there any more.", path=path)
