"""Alembic's entry: migrations of the catalog run in the process that opens it."""

from alembic import context
from sqlalchemy import create_engine

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    # SQLite changes tables by copying them, which Alembic calls a batch.
    context.configure(connection=connection, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
