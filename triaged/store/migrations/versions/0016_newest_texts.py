"""The newest texts of a partner's are found on PostgreSQL without gathering all that hold a word; SQLite reads them so."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"

INDEX = "CREATE INDEX ix_said_whose ON said (split_part(words, ' ', 1), id) WHERE audience = 'partner' AND words <> ''"


def upgrade() -> None:
    """Add the index, and have the planner know at once how common its words are."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(INDEX)
        op.execute("ANALYZE said")
