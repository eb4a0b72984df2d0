"""Mail waits in lanes, one a mailbox and history apart, so that no flood delays anybody else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

READY = sa.text("ready_at IS NOT NULL")


def upgrade() -> None:
    """Add the index that claims go by when more waits than a batch holds."""
    op.create_index(
        "ix_mail_lane_ready",
        "mail",
        ["mailbox", "history", "ready_at", "id"],
        sqlite_where=READY,
        postgresql_where=READY,
    )
