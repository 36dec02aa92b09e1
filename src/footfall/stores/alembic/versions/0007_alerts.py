"""Rules of alerts, what is remembered of each between two windows, what happened, and what is on its way."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "alert_instances",
        sa.Column("project_id", sa.Integer, primary_key=True),
        sa.Column("rule_id", sa.String, primary_key=True),
        sa.Column("instance", sa.String, primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("standing", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("value", sa.Float, nullable=True),
        sa.Column("reason", sa.String, nullable=False),
    )
    op.create_table(
        "alert_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("rule_id", sa.String, nullable=False),
        sa.Column("instance", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("value", sa.Float, nullable=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("acknowledged_by", sa.String, nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger, nullable=True),
    )
    op.create_index("alert_history_by_project", "alert_history", ["project_id", "id"])
    op.create_table(
        "alert_deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column(
            "alert_id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.ForeignKey("alert_history.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("claimed_until", sa.BigInteger, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sa.Column("finished_at", sa.BigInteger, nullable=True),
    )
    op.create_index("alert_deliveries_due", "alert_deliveries", ["status", "next_at"])
    op.create_index("alert_deliveries_of", "alert_deliveries", ["alert_id"])
