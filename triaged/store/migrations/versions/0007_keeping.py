"""What is kept how long: bytes of mails and letters that went are marked, closed tickets are found by age; an audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# index: table, columns, the rows it holds (None: all)
INDEXES = {
    "ix_mail_to_forget": ("mail", ["received_at", "id"], "forgotten_at IS NULL"),
    "ix_letter_to_forget": ("letter", ["written_at", "id"], "forgotten_at IS NULL"),
    "ix_ticket_closed_at": ("ticket", ["closed_at", "id"], "closed_at IS NOT NULL"),
    "ix_ticket_merged_into": ("ticket", ["merged_into"], "merged_into IS NOT NULL"),
    "ix_ticket_linked_to": ("ticket", ["linked_to"], "linked_to IS NOT NULL"),
    "ix_correction_ticket_id": ("correction", ["ticket_id"], None),
    "ix_rule_hit_ticket_id": ("rule_hit", ["ticket_id"], "ticket_id IS NOT NULL"),
}


def upgrade() -> None:
    """Add the marks, the indexes and the audit; nothing is forgotten by an upgrade."""
    for table in ("mail", "letter"):
        op.add_column(table, sa.Column("forgotten_at", sa.BigInteger(), nullable=True))
    for name, (table, columns, rows) in INDEXES.items():
        where = sa.text(rows) if rows else None
        op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_about", "audit", ["about"], unique=False)
