"""Who came to a ticket by a merger, and since when; where a job runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns; whoever is on a ticket reads all of it, and nobody knows where older jobs ran."""
    op.add_column("person", sa.Column("since", sa.BigInteger(), nullable=True))
    op.add_column("job", sa.Column("place", sa.Text(), nullable=False, server_default=""))
