"""How often a letter was handed over and the server's answer was lost: that is no try, yet each may be a copy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the count."""
    op.add_column("letter", sa.Column("unanswered", sa.Integer(), nullable=False, server_default="0"))
