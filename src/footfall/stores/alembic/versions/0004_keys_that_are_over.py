"""Keys that were revoked keep their value from others; keys know what took their place."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("keys") as keys:
        keys.add_column(sa.Column("revoked", sa.Boolean, nullable=False, server_default=sa.false()))
        keys.add_column(sa.Column("replaced_by", sa.String, nullable=True))
