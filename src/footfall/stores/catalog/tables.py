"""The catalog's rows, as SQLAlchemy knows them; private to this package."""

from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Row(DeclarativeBase):
    # Epoch milliseconds, which PostgreSQL would not bind as its INTEGER.
    type_annotation_map: ClassVar = {int: BigInteger}


class ProjectRow(Row):
    __tablename__ = "projects"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    timezone: Mapped[str]
    week_start: Mapped[str]
    origins: Mapped[str]
    created_at: Mapped[int]
    archived_at: Mapped[int | None]


class KeyRow(Row):
    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    scope: Mapped[str]
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]
    origins: Mapped[str]
    rate_limit: Mapped[str | None]
    created_at: Mapped[int]
    expires_at: Mapped[int | None]
    last_used_at: Mapped[int | None]
    revoked: Mapped[bool]
    replaced_by: Mapped[str | None]


class UserRow(Row):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str | None]
    totp: Mapped[str | None]
    totp_step: Mapped[int]
    recovery: Mapped[str]
    subject: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[int]


class MembershipRow(Row):
    __tablename__ = "memberships"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    role: Mapped[str]


class TokenRow(Row):
    __tablename__ = "tokens"
    digest: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[int]
    expires_at: Mapped[int]
    project_id: Mapped[int | None]
    role: Mapped[str | None]


class SavedRow(Row):
    __tablename__ = "saved"
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str]
    kind: Mapped[str]
    question: Mapped[str]
    owner: Mapped[str]
    created_at: Mapped[int]
    changed_at: Mapped[int]
    version: Mapped[int]


class BoardRow(Row):
    __tablename__ = "boards"
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str]
    narrowing: Mapped[str]
    owner: Mapped[str]
    created_at: Mapped[int]
    changed_at: Mapped[int]
    version: Mapped[int]


class TileRow(Row):
    __tablename__ = "tiles"
    board_id: Mapped[str] = mapped_column(ForeignKey("boards.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    saved_id: Mapped[str | None] = mapped_column(ForeignKey("saved.id"))
    kind: Mapped[str | None]
    question: Mapped[str | None]
    x: Mapped[int]
    y: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]


class AnnotationRow(Row):
    __tablename__ = "annotations"
    __table_args__ = (UniqueConstraint("project_id", "ref"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    at: Mapped[int]
    text: Mapped[str]
    kind: Mapped[str | None]
    tags: Mapped[str]
    ref: Mapped[str | None]
    owner: Mapped[str]
    created_at: Mapped[int]


class ShareRow(Row):
    __tablename__ = "shares"
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    digest: Mapped[str] = mapped_column(unique=True)
    saved_id: Mapped[str | None] = mapped_column(ForeignKey("saved.id", ondelete="CASCADE"))
    board_id: Mapped[str | None] = mapped_column(ForeignKey("boards.id", ondelete="CASCADE"))
    filters: Mapped[str]
    password: Mapped[str | None]
    owner: Mapped[str]
    created_at: Mapped[int]
    expires_at: Mapped[int]


class PlanRow(Row):
    __tablename__ = "plans"
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sha: Mapped[str]
    environment: Mapped[str]
    bundle: Mapped[str]
    owner: Mapped[str]
    created_at: Mapped[int]


class RuleRow(Row):
    __tablename__ = "alert_rules"
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[str]
    enabled: Mapped[bool]
    version: Mapped[int]
    owner: Mapped[str]
    created_at: Mapped[int]
    changed_at: Mapped[int]


class InstanceRow(Row):
    __tablename__ = "alert_instances"
    project_id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[str] = mapped_column(primary_key=True)
    instance: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[int]
    standing: Mapped[str]
    state: Mapped[str]
    value: Mapped[float | None]
    reason: Mapped[str]


class AlertRow(Row):
    __tablename__ = "alert_history"
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    rule_id: Mapped[str]
    instance: Mapped[str]
    kind: Mapped[str]
    severity: Mapped[str]
    name: Mapped[str]
    detail: Mapped[str]
    value: Mapped[float | None]
    at: Mapped[int]
    created_at: Mapped[int]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[int | None]


class DeliveryRow(Row):
    __tablename__ = "alert_deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert_history.id", ondelete="CASCADE"))
    project_id: Mapped[int]
    type: Mapped[str]
    channel: Mapped[str]
    message: Mapped[str]
    status: Mapped[str]
    attempts: Mapped[int]
    next_at: Mapped[int]
    claimed_until: Mapped[int]
    error: Mapped[str]
    finished_at: Mapped[int | None]


class ReportRow(Row):
    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    board_id: Mapped[str | None] = mapped_column(ForeignKey("boards.id", ondelete="CASCADE"))
    saved_id: Mapped[str | None] = mapped_column(ForeignKey("saved.id", ondelete="CASCADE"))
    body: Mapped[str]
    enabled: Mapped[bool]
    next_at: Mapped[int]
    owner: Mapped[str]
    created_at: Mapped[int]
    changed_at: Mapped[int]


class AuditRow(Row):
    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int]
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    actor: Mapped[str]
    verb: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
