"""Mails, tickets and letters are counted as they come; what lists of a partner and of a sender go by; terms of SQLite's search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = {"mail": "fate", "ticket": "state || '/' || severity", "letter": "state"}
CHANGED = {"mail": ("fate",), "ticket": ("state", "severity"), "letter": ("state",)}
INDEXES = {
    "ix_ticket_partner_state": ("ticket", ["partner_domain", "state", "id"], "partner_domain IS NOT NULL"),
    "ix_mail_of_sender": ("mail", ["sender", "id"], "sender <> ''"),
}
TERMS = "CREATE VIRTUAL TABLE said_terms USING fts5vocab(said_words, instance)"


def upgrade() -> None:
    """Count what is there, and from now on everything that comes, changes or goes."""
    op.create_table(
        "tally",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("of", sa.String(16), nullable=False),
        sa.Column("word", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tally"),
    )
    for name, (table, columns, rows) in INDEXES.items():
        op.create_index(name, table, columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))
    for table, word in WORDS.items():
        op.execute(
            f"INSERT INTO tally (\"of\", word, number) SELECT '{table}', {word}, count(*) FROM {table} GROUP BY {word}"
        )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in WORDS:
        for statement in _sqlite(table) if sqlite else _postgresql(table):
            op.execute(statement)
    if sqlite:
        op.execute(TERMS)


def _added(table: str, row: str, by: int) -> str:
    word = " || '/' || ".join(f"{row}.{column}" for column in CHANGED[table])
    return f"INSERT INTO tally (\"of\", word, number) VALUES ('{table}', {word}, {by})"


def _sqlite(table: str) -> tuple[str, ...]:
    came, went = _added(table, "new", 1), _added(table, "old", -1)
    changed = " OR ".join(f"old.{column} <> new.{column}" for column in CHANGED[table])
    of = ", ".join(CHANGED[table])
    return (
        f"CREATE TRIGGER {table}_came AFTER INSERT ON {table} BEGIN {came}; END",
        f"CREATE TRIGGER {table}_went AFTER DELETE ON {table} BEGIN {went}; END",
        f"CREATE TRIGGER {table}_changed AFTER UPDATE OF {of} ON {table} WHEN {changed} BEGIN {went}; {came}; END",
    )


def _postgresql(table: str) -> tuple[str, ...]:
    came, went = _added(table, "new", 1), _added(table, "old", -1)
    changed = " OR ".join(f"old.{column} IS DISTINCT FROM new.{column}" for column in CHANGED[table])
    of, run = ", ".join(CHANGED[table]), f"EXECUTE FUNCTION {table}_counted()"
    return (
        f"CREATE OR REPLACE FUNCTION {table}_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {went}; END IF; IF TG_OP <> 'DELETE' THEN {came}; END IF; RETURN NULL; END $$",
        f"CREATE TRIGGER {table}_counted AFTER INSERT OR DELETE ON {table} FOR EACH ROW {run}",
        f"CREATE TRIGGER {table}_changed AFTER UPDATE OF {of} ON {table} FOR EACH ROW WHEN ({changed}) {run}",
    )
