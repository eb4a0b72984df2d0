"""Alembic's entry: runs the revisions on the connection, and in the transaction, `schema.upgrade` gives."""

from __future__ import annotations

from alembic import context

from triaged.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
