"""Tokens that say which role in which project they give."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("tokens") as tokens:
        tokens.add_column(sa.Column("project_id", sa.Integer, nullable=True))
        tokens.add_column(sa.Column("role", sa.String, nullable=True))
