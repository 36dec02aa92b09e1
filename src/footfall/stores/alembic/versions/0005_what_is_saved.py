"""Saved insights, boards with their tiles, annotations, and links that show a saved insight or a board."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "saved",
        *_kept(),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("question", sa.String, nullable=False),
    )
    op.create_index("saved_of_project", "saved", ["project_id"])
    op.create_table("boards", *_kept(), sa.Column("narrowing", sa.String, nullable=False))
    op.create_index("boards_of_project", "boards", ["project_id"])
    op.create_table(
        "tiles",
        sa.Column("board_id", sa.String, sa.ForeignKey("boards.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("title", sa.String, nullable=False),
        # No board loses a tile because somebody deletes what it shows.
        sa.Column("saved_id", sa.String, sa.ForeignKey("saved.id"), nullable=True, index=True),
        sa.Column("kind", sa.String, nullable=True),
        sa.Column("question", sa.String, nullable=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("x", "y", "width", "height")),
    )
    op.create_table(
        "annotations",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=True),
        sa.Column("tags", sa.String, nullable=False),
        sa.Column("ref", sa.String, nullable=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("project_id", "ref"),
    )
    op.create_index("annotations_of_project", "annotations", ["project_id", "at"])
    op.create_table(
        "shares",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), nullable=False, index=True),
        sa.Column("digest", sa.String, nullable=False, unique=True),
        sa.Column("saved_id", sa.String, sa.ForeignKey("saved.id", ondelete="CASCADE"), nullable=True),
        sa.Column("board_id", sa.String, sa.ForeignKey("boards.id", ondelete="CASCADE"), nullable=True),
        sa.Column("filters", sa.String, nullable=False),
        sa.Column("password", sa.String, nullable=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )


def _kept() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    ]
