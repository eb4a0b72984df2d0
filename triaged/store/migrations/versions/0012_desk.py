"""What leads do at the console: drafts and versions of the rulebook, work that takes minutes; and who is where."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    """Add the tables; the history of the rulebook begins with what is found in force."""
    op.create_table(
        "rulebook_version",
        _id(),
        _moment("at"),
        _words("who"),
        _words("reason"),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False, server_default=""),
        _moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rulebook_version"),
    )
    op.create_table(
        "rulebook_draft",
        _words("address"),
        sa.Column("name", sa.String(100), nullable=False),
        _words("text", nullable=True),
        _words("base", nullable=True),
        sa.Column("mark", sa.String(32), nullable=False),
        _moment("saved_at"),
        sa.PrimaryKeyConstraint("address", "name", name="pk_rulebook_draft"),
    )
    op.create_table(
        "job",
        _id(),
        sa.Column("kind", sa.String(16), nullable=False),
        _words("who"),
        _words("asked"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("total", sa.Integer(), nullable=False, server_default="0"),
        _moment("begun_at"),
        _moment("beat_at"),
        _moment("ended_at", nullable=True),
        _words("result", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    running = sa.text("state = 'running'")
    op.create_index(
        "uq_job_running", "job", ["kind"], unique=True, sqlite_where=running, postgresql_where=running
    )
    op.create_index("ix_job_kind", "job", ["kind", "id"])
    op.create_table(
        "presence",
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        _words("address"),
        _moment("at"),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "address", name="pk_presence"),
    )
    op.create_index("ix_presence_at", "presence", ["at"])
