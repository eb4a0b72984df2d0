"""Screen-sharing sessions: where each stands, whose time it takes, its connection codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables; no ticket had a session before."""
    op.create_table(
        "meeting",
        sa.Column("ticket_id", _ID, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("passcode", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("ticket_id", "number", name="pk_meeting"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_meeting_ticket_id"),
        sa.UniqueConstraint("uid", name="uq_meeting_uid"),
    )
    op.create_index("ix_meeting_starts_at", "meeting", ["starts_at"])
    op.create_index("ix_meeting_host", "meeting", ["host", "starts_at"])
    op.create_index("ix_meeting_offered_at", "meeting", ["offered_at"])
    op.create_table(
        "meeting_minute",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("ticket_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", "minute", name="pk_meeting_minute"),
        _of_meeting("meeting_minute"),
    )
    op.create_index("ix_meeting_minute_of", "meeting_minute", ["ticket_id", "number"])
    op.create_table(
        "meeting_code",
        sa.Column("id", _ID, nullable=False),
        sa.Column("ticket_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("why_ended", sa.String(16), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_code"),
        _of_meeting("meeting_code"),
    )
    live = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_meeting_code_live", "meeting_code", ["ticket_id", "number"], unique=True,
        sqlite_where=live, postgresql_where=live,
    )  # fmt: skip
    op.create_index("ix_meeting_code_of", "meeting_code", ["ticket_id", "number", "code"])


def _of_meeting(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["ticket_id", "number"], ["meeting.ticket_id", "meeting.number"], name=f"fk_{table}_ticket_id_number"
    )
