"""Who comes to the pages: sign-in and sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    """Add the tables; nobody is signed in by an upgrade."""
    _sign_in()
    op.create_table(
        "session",
        _id(),
        sa.Column("key_hash", sa.String(64), nullable=False),
        _words("address"),
        sa.Column("role", sa.String(16), nullable=False),
        _words("subject", nullable=True),
        _words("browser"),
        _moment("begun_at"),
        _moment("seen_at"),
        _moment("ended_at", nullable=True),
        sa.Column("why_ended", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("key_hash", name="uq_session_key_hash"),
    )
    op.create_index("ix_session_address", "session", ["address", "ended_at"])
    op.create_index("ix_session_seen_at", "session", ["seen_at"])


def _sign_in() -> None:
    op.create_table(
        "sign_in_ask",
        _id(),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        _words("address"),
        _words("going_to"),
        _words("peer"),
        _moment("asked_at"),
        _moment("expires_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_ask"),
    )
    op.create_index("ix_sign_in_ask_browser_hash", "sign_in_ask", ["browser_hash", "id"])
    op.create_index("ix_sign_in_ask_peer", "sign_in_ask", ["peer", "asked_at"])
    op.create_index("ix_sign_in_ask_expires_at", "sign_in_ask", ["expires_at"])
    op.create_table(
        "sign_in_pass",
        _id(),
        _words("address"),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        _words("going_to"),
        _moment("made_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_pass"),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_pass_token_hash"),
    )
    op.create_index("ix_sign_in_pass_address", "sign_in_pass", ["address", "made_at"])
    op.create_index("ix_sign_in_pass_expires_at", "sign_in_pass", ["expires_at"])
    op.create_table(
        "identity",
        _words("subject"),
        _words("address"),
        _moment("bound_at"),
        sa.PrimaryKeyConstraint("subject", name="pk_identity"),
        sa.UniqueConstraint("address", name="uq_identity_address"),
    )
