"""Pages: what was said to be shown and found, drafts, forms taken, tags to be asked by, and columns of the lists.

Old mails and letters are told by the daemon afterwards, in steps (walk/telling_old.py); old tags, and cases that are
under way, here.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = "state IN ('new', 'open', 'waiting')"
INDEXES: dict[str, tuple[str, list[Any], str | None]] = {
    "ix_ticket_updated_at": ("ticket", ["updated_at", "id"], None),
    "ix_ticket_partner_domain": ("ticket", ["partner_domain", "updated_at", "id"], "partner_domain IS NOT NULL"),
    "ix_ticket_service": ("ticket", ["service", "updated_at", "id"], "service IS NOT NULL"),
    "ix_ticket_live": ("ticket", [sa.text("coalesce(promised_at, 9223372036854775807)"), "id"], LIVE),
    "ix_said_ticket_id": ("said", ["ticket_id"], None),
    "uq_said_mail_id": ("said", ["mail_id"], "mail_id IS NOT NULL"),
    "uq_said_letter_id": ("said", ["letter_id"], "letter_id IS NOT NULL"),
    "uq_said_of_ticket": ("said", ["ticket_id", "audience"], "mail_id IS NULL AND letter_id IS NULL"),
    "ix_tag_ticket_id": ("tag", ["ticket_id"], None),
    "ix_draft_saved_at": ("draft", ["saved_at"], None),
    "ix_form_at": ("form", ["at"], None),
}  # fmt: skip
SQLITE = (
    "CREATE VIRTUAL TABLE said_words USING fts5(words, content='said', content_rowid='id', tokenize='ascii')",
    "CREATE TRIGGER said_told AFTER INSERT ON said BEGIN "
    "INSERT INTO said_words(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER said_gone AFTER DELETE ON said BEGIN "
    "INSERT INTO said_words(said_words, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER said_anew AFTER UPDATE OF words ON said BEGIN "
    "INSERT INTO said_words(said_words, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO said_words(rowid, words) VALUES (new.id, new.words); END",
)
POSTGRESQL = (
    "ALTER TABLE said ADD COLUMN found tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, words)) STORED",
    "CREATE INDEX ix_said_found ON said USING gin (found)",
)
PIECE = 500


def upgrade() -> None:
    """Add them; nothing that stands is lost."""
    op.add_column("ticket", sa.Column("channel", sa.String(8), nullable=False, server_default="mail"))
    for name in ("private", "engineering"):
        op.add_column(
            "ticket", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("FALSE"))
        )
    op.add_column("ticket", sa.Column("snoozed_until", sa.BigInteger(), nullable=True))
    op.drop_index("ix_ticket_partner_domain", "ticket")
    _tables()
    for name, (table, columns, rows) in INDEXES.items():
        where = sa.text(rows) if rows else None
        op.create_index(
            name, table, columns, unique=name.startswith("uq_"), sqlite_where=where, postgresql_where=where
        )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
    _tags()
    _engineering()


def _tables() -> None:
    op.create_table(
        "said",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("ticket_id", ROW_ID, nullable=False),
        sa.Column("mail_id", ROW_ID),
        sa.Column("letter_id", ROW_ID),
        sa.Column("audience", sa.String(16), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("by_name", "to", "cc", "files", "text", "words")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_said"),
        *(
            sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}.id"], name=f"fk_said_{of}_id")
            for of in ("ticket", "mail", "letter")
        ),
    )
    op.create_table(
        "tag",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("ticket_id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("name", "ticket_id", name="pk_tag"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_tag_ticket_id"),
        sqlite_with_rowid=False,
    )
    whose = ("address", sa.Text()), ("about", sa.String(32)), ("form", sa.String(16))
    op.create_table(
        "draft",
        *(sa.Column(name, kind, nullable=False) for name, kind in whose),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*(name for name, _ in whose), name="pk_draft"),
    )
    op.create_table(
        "draft_file",
        *(sa.Column(name, kind, nullable=False) for name, kind in whose),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(*(name for name, _ in whose), "place", name="pk_draft_file"),
    )
    op.create_table(
        "form",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", ROW_ID),
        sa.Column("mail_id", ROW_ID),
        sa.PrimaryKeyConstraint("key", name="pk_form"),
    )


def _tags() -> None:
    connection, last = op.get_bind(), 0
    asked = sa.text("SELECT id, tags FROM ticket WHERE id > :last AND tags <> '[]' ORDER BY id LIMIT :piece")
    put = sa.text("INSERT INTO tag (name, ticket_id) VALUES (:name, :ticket)")
    while rows := connection.execute(asked, {"last": last, "piece": PIECE}).all():
        last = rows[-1].id
        tags = [
            {"name": name[:100], "ticket": row.id}
            for row in rows
            for name in dict.fromkeys(json.loads(row.tags))
        ]
        if tags:
            connection.execute(put, tags)


def _engineering() -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT ticket_id, data FROM event WHERE kind = 'case_moved' ORDER BY ticket_id, id")
    )
    steps: dict[int, dict[str, str]] = {}
    for row in rows:
        told = json.loads(row.data)
        steps.setdefault(row.ticket_id, {})[str(told.get("case"))] = str(told.get("step"))
    under_way = [
        {"id": one} for one, cases in steps.items() if any(step != "resolved" for step in cases.values())
    ]
    if under_way:
        connection.execute(sa.text("UPDATE ticket SET engineering = TRUE WHERE id = :id"), under_way)
