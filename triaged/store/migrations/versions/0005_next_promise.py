"""What is promised next on a ticket stands with it, so that the database orders the queue by promises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

PROMISED = sa.text("promised_at IS NOT NULL")


def upgrade() -> None:
    """Add the columns; each open ticket is planned anew by the daemon, which fills them."""
    op.add_column("ticket", sa.Column("promise", sa.String(32), nullable=True))
    op.add_column("ticket", sa.Column("promised_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_ticket_promised_at",
        "ticket",
        ["promised_at", "id"],
        unique=False,
        sqlite_where=PROMISED,
        postgresql_where=PROMISED,
    )
    op.execute(
        "INSERT INTO due (ticket_id, mailbox, kind, step, due_at, ready_at, data, runs) "
        "SELECT id, mailbox, 'plan', 'promise', updated_at, updated_at, '{}', 0 FROM ticket "
        "WHERE state IN ('new', 'open', 'waiting')"
    )
