"""How many letters went to unverified senders of late is found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

UNVERIFIED = sa.text("kind = 'acknowledgment_unverified'")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_letter_unverified",
        "letter",
        ["written_at"],
        unique=False,
        sqlite_where=UNVERIFIED,
        postgresql_where=UNVERIFIED,
    )
