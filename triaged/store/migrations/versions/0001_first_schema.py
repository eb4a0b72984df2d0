"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "failed_address",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_failed_address")),
    )
    op.create_table(
        "folder_cursor",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox", "folder", name=op.f("pk_folder_cursor")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "mailbox_state",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("good_at", sa.BigInteger(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailbox_state")),
    )
    op.create_table(
        "note",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_note")),
    )
    op.create_table(
        "raw",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_raw")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("severity", sa.String(24), nullable=False),
        sa.Column("severity_because", sa.Text(), nullable=False),
        sa.Column("severity_by_human", sa.Boolean(), nullable=False),
        sa.Column("content_severity", sa.String(24), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("service_level", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("account_key", sa.Text(), nullable=True),
        sa.Column("account_name", sa.Text(), nullable=True),
        sa.Column("superadmin_email", sa.Text(), nullable=True),
        sa.Column("large_user", sa.Boolean(), nullable=False),
        sa.Column("licences", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("partner_domain", sa.Text(), nullable=True),
        sa.Column("partner_tier", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("no_identifier", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("rulebook_version", sa.Text(), nullable=False),
        sa.Column("last_message_id", sa.Text(), nullable=True),
        sa.Column("references", sa.Text(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("merged_into", ROW_ID, nullable=True),
        sa.Column("linked_to", ROW_ID, nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("reviews", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "content_severity IN ('S1', 'S2', 'S3', 'S4')", name=op.f("ck_ticket_content_severity")
        ),
        sa.CheckConstraint("severity IN ('S1', 'S2', 'S3', 'S4')", name=op.f("ck_ticket_severity")),
        sa.CheckConstraint(
            "state IN ('new', 'open', 'waiting', 'resolved', 'closed')", name=op.f("ck_ticket_state")
        ),
        sa.ForeignKeyConstraint(["linked_to"], ["ticket.id"], name=op.f("fk_ticket_linked_to")),
        sa.ForeignKeyConstraint(["merged_into"], ["ticket.id"], name=op.f("fk_ticket_merged_into")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    op.create_index(
        "ix_ticket_account_key",
        "ticket",
        ["account_key"],
        unique=False,
        sqlite_where=sa.text("account_key IS NOT NULL"),
        postgresql_where=sa.text("account_key IS NOT NULL"),
    )
    op.create_index("ix_ticket_created_at", "ticket", ["created_at"], unique=False)
    op.create_index(
        "ix_ticket_partner_domain",
        "ticket",
        ["partner_domain"],
        unique=False,
        sqlite_where=sa.text("partner_domain IS NOT NULL"),
        postgresql_where=sa.text("partner_domain IS NOT NULL"),
    )
    op.create_index("ix_ticket_state", "ticket", ["state", "severity", "id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("ticket_id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("was", sa.String(24), nullable=False),
        sa.Column("severity", sa.String(24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_correction_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index("ix_correction_at", "correction", ["at"], unique=False)
    op.create_table(
        "due",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("ticket_id", ROW_ID, nullable=True),
        sa.Column("mailbox", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("runs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_due_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due")),
        sa.UniqueConstraint("ticket_id", "kind", "step", name=op.f("uq_due_ticket_id_kind_step")),
    )
    op.create_index(
        "ix_due_pending",
        "due",
        ["due_at", "ticket_id"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "ix_due_ready",
        "due",
        ["ready_at", "id"],
        unique=False,
        sqlite_where=sa.text("ready_at IS NOT NULL"),
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    )
    op.create_index(
        "uq_due_of_no_ticket",
        "due",
        ["mailbox", "kind", "step"],
        unique=True,
        sqlite_where=sa.text("ticket_id IS NULL"),
        postgresql_where=sa.text("ticket_id IS NULL"),
    )
    op.create_table(
        "event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("ticket_id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_event_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(
        "ix_event_missed",
        "event",
        ["ticket_id"],
        unique=False,
        sqlite_where=sa.text("kind = 'missed'"),
        postgresql_where=sa.text("kind = 'missed'"),
    )
    op.create_index("ix_event_ticket_id", "event", ["ticket_id", "id"], unique=False)
    op.create_table(
        "known",
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("ticket_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("of", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_known_ticket_id")),
        sa.PrimaryKeyConstraint("message_id", "ticket_id", name=op.f("pk_known")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_known_ticket_id", "known", ["ticket_id"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("ticket_id", ROW_ID, nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("cc", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("runs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'failed', 'withdrawn')", name=op.f("ck_letter_state")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_letter_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("ticket_id", "kind", "key", name=op.f("uq_letter_ticket_id_kind_key")),
    )
    op.create_index(
        "ix_letter_mailbox_ready",
        "letter",
        ["mailbox", "ready_at", "id"],
        unique=False,
        sqlite_where=sa.text("ready_at IS NOT NULL"),
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    )
    op.create_index("ix_letter_message_id", "letter", ["message_id"], unique=False)
    op.create_index(
        "ix_letter_ready",
        "letter",
        ["ready_at", "id"],
        unique=False,
        sqlite_where=sa.text("ready_at IS NOT NULL"),
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    )
    op.create_index("ix_letter_state", "letter", ["state", "id"], unique=False)
    op.create_index(
        "uq_letter_of_no_ticket",
        "letter",
        ["mailbox", "kind", "key"],
        unique=True,
        sqlite_where=sa.text("ticket_id IS NULL"),
        postgresql_where=sa.text("ticket_id IS NULL"),
    )
    op.create_table(
        "mail",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("door", sa.String(length=8), nullable=False),
        sa.Column("folder", sa.Text(), nullable=True),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("to_move", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("envelope_from", sa.Text(), nullable=True),
        sa.Column("envelope_to", sa.Text(), nullable=False),
        sa.Column("behind_mta", sa.Boolean(), nullable=False),
        sa.Column("sent_folder", sa.Boolean(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("history", sa.String(length=8), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("runs", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("fate", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("ticket_id", ROW_ID, nullable=True),
        sa.Column("duplicate_of", ROW_ID, nullable=True),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("sender_domain", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("reading", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "fate IN ('waiting', 'ticket', 'automatic', 'spam', 'skipped', 'quarantine')",
            name=op.f("ck_mail_fate"),
        ),
        sa.ForeignKeyConstraint(["duplicate_of"], ["mail.id"], name=op.f("fk_mail_duplicate_of")),
        sa.ForeignKeyConstraint(["sha256"], ["raw.sha256"], name=op.f("fk_mail_sha256")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_mail_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint(
            "mailbox", "folder", "uidvalidity", "uid", name=op.f("uq_mail_mailbox_folder_uidvalidity_uid")
        ),
    )
    op.create_index("ix_mail_fate", "mail", ["fate", "id"], unique=False)
    op.create_index(
        "ix_mail_message_id",
        "mail",
        ["message_id"],
        unique=False,
        sqlite_where=sa.text("message_id IS NOT NULL"),
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_index(
        "ix_mail_ready",
        "mail",
        ["ready_at", "id"],
        unique=False,
        sqlite_where=sa.text("ready_at IS NOT NULL"),
        postgresql_where=sa.text("ready_at IS NOT NULL"),
    )
    op.create_index(
        "ix_mail_sender_domain",
        "mail",
        ["sender_domain", "received_at", "sender", "duplicate_of"],
        unique=False,
        sqlite_where=sa.text("sender_domain IS NOT NULL"),
        postgresql_where=sa.text("sender_domain IS NOT NULL"),
    )
    op.create_index("ix_mail_sha256", "mail", ["sha256"], unique=False)
    op.create_index(
        "ix_mail_ticket_id",
        "mail",
        ["ticket_id"],
        unique=False,
        sqlite_where=sa.text("ticket_id IS NOT NULL"),
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.create_index(
        "ix_mail_to_move",
        "mail",
        ["mailbox", "folder", "uidvalidity", "to_move"],
        unique=False,
        sqlite_where=sa.text("to_move IS NOT NULL"),
        postgresql_where=sa.text("to_move IS NOT NULL"),
    )
    op.create_table(
        "person",
        sa.Column("ticket_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_person_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "address", name=op.f("pk_person")),
    )
    op.create_index("ix_person_address", "person", ["address", "ticket_id"], unique=False)
    op.create_table(
        "recipient",
        sa.Column("letter_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_recipient_letter_id")),
        sa.PrimaryKeyConstraint("letter_id", "address", name=op.f("pk_recipient")),
    )
    op.create_index("ix_recipient_address", "recipient", ["address", "written_at"], unique=False)
    op.create_table(
        "rule_hit",
        sa.Column("mail_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("ticket_id", ROW_ID, nullable=True),
        sa.Column("rulebook_version", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_rule_hit_mail_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_rule_hit_ticket_id")),
        sa.PrimaryKeyConstraint("mail_id", "rule", name=op.f("pk_rule_hit")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_rule_hit_at", "rule_hit", ["at"], unique=False)
    # ### end Alembic commands ###
