"""Caps count by who is not verified and by the mailbox behind an address; counting never reads a whole hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

FIRST_ARRIVAL = sa.text("sender_domain IS NOT NULL AND duplicate_of IS NULL")


def upgrade() -> None:
    """Add what caps count by. Letters of before count for none: caps look back an hour."""
    op.add_column(
        "letter", sa.Column("unverified", sa.Boolean(), nullable=False, server_default=sa.text("FALSE"))
    )
    op.add_column("recipient", sa.Column("mailbox", sa.Text(), nullable=True))
    op.drop_index("ix_letter_unverified", "letter")
    op.create_index(
        "ix_letter_unverified",
        "letter",
        ["written_at"],
        unique=False,
        sqlite_where=sa.text("unverified = 1"),
        postgresql_where=sa.text("unverified"),
    )
    op.create_index("ix_recipient_mailbox", "recipient", ["mailbox", "written_at"], unique=False)
    op.drop_index("ix_mail_sender_domain", "mail")
    for name, column in (("ix_mail_sender_domain", "sender_domain"), ("ix_mail_sender", "sender")):
        op.create_index(
            name,
            "mail",
            [column, "received_at"],
            unique=False,
            sqlite_where=FIRST_ARRIVAL,
            postgresql_where=FIRST_ARRIVAL,
        )
