"""Alerts by another way than mail, tokens to sign in with, and copies of letters for the Sent folder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables. No letter that left before is filed now."""
    op.add_column("letter", sa.Column("to_file", sa.Boolean(), nullable=True))
    where = sa.text("to_file IS NOT NULL")
    op.create_index(
        "ix_letter_to_file", "letter", ["mailbox", "id"], sqlite_where=where, postgresql_where=where
    )
    op.create_table(
        "trouble",
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event", "key", name="pk_trouble"),
    )
    _alerts()
    _grants()


def _alerts() -> None:
    op.create_table(
        "alert",
        sa.Column("id", _ID, nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.String(4), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("runs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'withdrawn')", name=op.f("ck_alert_state")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.UniqueConstraint("receiver", "event", "key", "over", name="uq_alert_receiver_event_key_over"),
    )
    ready = sa.text("ready_at IS NOT NULL")
    op.create_index("ix_alert_ready", "alert", ["ready_at", "id"], sqlite_where=ready, postgresql_where=ready)
    op.create_index("ix_alert_about", "alert", ["event", "key"])
    op.create_index("ix_alert_written_at", "alert", ["written_at"])


def _grants() -> None:
    op.create_table(
        "oauth2_grant",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("refresh", sa.Text(), nullable=True),
        sa.Column("access", sa.Text(), nullable=True),
        sa.Column("access_until", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("renewed_at", sa.BigInteger(), nullable=True),
        sa.Column("over_at", sa.BigInteger(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("user", name="pk_oauth2_grant"),
    )
