"""Reports that are sent every day, week or month."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("board_id", sa.String, sa.ForeignKey("boards.id", ondelete="CASCADE"), nullable=True),
        sa.Column("saved_id", sa.String, sa.ForeignKey("saved.id", ondelete="CASCADE"), nullable=True),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("reports_due", "reports", ["enabled", "next_at"])
    op.create_index("alert_history_by_rule", "alert_history", ["project_id", "rule_id", "id"])
