"""People with roles, sessions, the audit log; projects with a week, origins and an end; keys with an end and a use."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("projects") as projects:
        projects.add_column(sa.Column("week_start", sa.String, nullable=False, server_default="monday"))
        projects.add_column(sa.Column("origins", sa.String, nullable=False, server_default=""))
        projects.add_column(sa.Column("archived_at", sa.BigInteger, nullable=True))
    with op.batch_alter_table("keys") as keys:
        keys.add_column(sa.Column("expires_at", sa.BigInteger, nullable=True))
        keys.add_column(sa.Column("last_used_at", sa.BigInteger, nullable=True))
    op.create_table(
        "users",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("email", sa.String, nullable=True, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("password", sa.String, nullable=True),
        sa.Column("totp", sa.String, nullable=True),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("recovery", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=True, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "memberships",
        sa.Column("user_id", sa.String, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("role", sa.String, nullable=False),
    )
    # A session of before belongs to nobody in particular; its holder signs in anew.
    op.drop_table("tokens")
    op.create_table(
        "tokens",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("user_id", sa.String, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=True, index=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit",
        # SQLite counts a 64-bit key up by itself only where it is called INTEGER.
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), nullable=True),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("verb", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
    )
    op.create_index("audit_of_project", "audit", ["project_id", "id"])
    op.create_index("audit_of_actor", "audit", ["actor", "id"])
