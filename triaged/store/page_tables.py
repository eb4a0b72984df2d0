"""The tables behind the pages: what was said on tickets (to be shown and found), half-written forms, forms taken.

What is found by SQLite's FTS5 and PostgreSQL's text search follows the column `words` by itself, so that whoever
deletes or cleans a row need not know of it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, event

from triaged.store import tables  # noqa: F401 - the tables that these refer to
from triaged.store.columns import Json, Moment, RowId, Words
from triaged.store.metadata import metadata, only

said = Table(  # one row a mail, a letter, and one for each ticket itself (neither mail nor letter)
    "said",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("ticket.id"), nullable=False),
    Column("mail_id", RowId, ForeignKey("mail.id")),
    Column("letter_id", RowId, ForeignKey("letter.id")),
    Column("audience", String(16), nullable=False),
    Column("by_name", Words, nullable=False),
    Column("to", Json, nullable=False),
    Column("cc", Json, nullable=False),
    Column("files", Json, nullable=False),  # [name, type, bytes] of each, in their order
    Column("text", Words, nullable=False),
    Column("words", Words, nullable=False),  # store/words.py
)
Index("ix_said_ticket_id", said.c.ticket_id)
Index("uq_said_mail_id", said.c.mail_id, unique=True, **only("mail_id IS NOT NULL"))
Index("uq_said_letter_id", said.c.letter_id, unique=True, **only("letter_id IS NOT NULL"))
Index(
    "uq_said_of_ticket", said.c.ticket_id, said.c.audience, unique=True, **only("mail_id IS NULL AND letter_id IS NULL"),
)  # fmt: skip

SQLITE = (
    "CREATE VIRTUAL TABLE said_words USING fts5(words, content='said', content_rowid='id', tokenize='ascii')",
    "CREATE TRIGGER said_told AFTER INSERT ON said BEGIN "
    "INSERT INTO said_words(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER said_gone AFTER DELETE ON said BEGIN "
    "INSERT INTO said_words(said_words, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER said_anew AFTER UPDATE OF words ON said BEGIN "
    "INSERT INTO said_words(said_words, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO said_words(rowid, words) VALUES (new.id, new.words); END",
    "CREATE VIRTUAL TABLE said_terms USING fts5vocab(said_words, instance)",
)
WHOSE = "split_part(words, ' ', 1)"  # the word that says whose a text is (words.of_partner), of what a partner may read
POSTGRESQL = (
    "ALTER TABLE said ADD COLUMN found tsvector GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, words)) STORED",
    "CREATE INDEX ix_said_found ON said USING gin (found)",
    f"CREATE INDEX ix_said_whose ON said ({WHOSE}, id) WHERE audience = 'partner' AND words <> ''",
)
for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:
        _made: Any = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(said, "after_create", _made.execute_if(dialect=_dialect))

tag = Table(  # the tags of tickets, to be asked by
    "tag",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("ticket_id", RowId, ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
Index("ix_tag_ticket_id", tag.c.ticket_id)

draft = Table(  # half-written forms
    "draft",
    metadata,
    Column("address", Words, primary_key=True),
    Column("about", String(32), primary_key=True),
    Column("form", String(16), primary_key=True),
    Column("fields", Json, nullable=False),
    Column("saved_at", Moment, nullable=False),
)
Index("ix_draft_saved_at", draft.c.saved_at)

draft_file = Table(
    "draft_file",
    metadata,
    Column("address", Words, primary_key=True),
    Column("about", String(32), primary_key=True),
    Column("form", String(16), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("name", Words, nullable=False),
    Column("type", Words, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

form = Table(  # forms that were taken, each by its own key
    "form",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("ticket_id", RowId),
    Column("mail_id", RowId),
)
Index("ix_form_at", form.c.at)
