"""The tables of what leads do at the console: drafts and versions of the rulebook, work that takes minutes, who is where."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table

from triaged.store.columns import Json, Moment, RowId, Words
from triaged.store.metadata import metadata, only

rulebook_version = Table(  # every rulebook that was put in force, or found in force; files and all
    "rulebook_version",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Words, nullable=False),  # empty: somebody with an editor
    Column("reason", Words, nullable=False),
    Column("version", String(16), nullable=False),  # of its content
    Column("packed", LargeBinary, nullable=False),  # its files, zlib
    Column("remark", Words, nullable=False, server_default=""),  # tests, and where git has it
    Column("done_at", Moment),  # NULL: its writer has not come to the end, or died
)

rulebook_draft = Table(  # the files that somebody has changed and not yet put in force
    "rulebook_draft",
    metadata,
    Column("address", Words, primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("text", Words),  # NULL: the file goes
    Column("base", Words),  # as it stood in force when he began; NULL: it did not
    Column("mark", String(32), nullable=False),  # another one at each saving
    Column("saved_at", Moment, nullable=False),
)

job = Table(  # what a lead set going and takes minutes: backtest, training, comparison, promotion
    "job",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("who", Words, nullable=False),
    Column("asked", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("begun_at", Moment, nullable=False),
    Column("beat_at", Moment, nullable=False),  # when it last said that it lives
    Column("ended_at", Moment),
    Column("result", Json),
    Column("place", Words, nullable=False, server_default=""),  # the process it runs with (edge/alive.py)
)
Index("uq_job_running", job.c.kind, unique=True, **only("state = 'running'"))
Index("ix_job_kind", job.c.kind, job.c.id)

presence = Table(  # who looks at or answers a ticket just now: a hint that fades
    "presence",
    metadata,
    Column("ticket_id", RowId, primary_key=True, autoincrement=False),
    Column("address", Words, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("writes", Boolean, nullable=False),
)
Index("ix_presence_at", presence.c.at)
