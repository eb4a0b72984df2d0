"""The tables of screen-sharing sessions: where each stands (its story is the ticket's events), whose time it takes, its codes.

Of a code only a hash is kept. A host's time lies in minutes, one row each, so that the database itself gives none twice.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table

from triaged.store import tables  # noqa: F401 - the tables that these refer to
from triaged.store.columns import Moment, RowId, Words
from triaged.store.metadata import metadata, only

meeting = Table(
    "meeting",
    metadata,
    Column("ticket_id", RowId, ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("uid", Words, nullable=False, unique=True),
    Column("state", String(16), nullable=False),
    Column("host", Words, nullable=False),
    Column("offered_at", Moment, nullable=False),
    Column("starts_at", Moment),  # NULL: no time is agreed upon
    Column("ends_at", Moment),
    Column("link", Words),  # for the invitation alone; gone when it is over
    Column("passcode", Words),
)
Index("ix_meeting_starts_at", meeting.c.starts_at)
Index("ix_meeting_host", meeting.c.host, meeting.c.starts_at)
Index("ix_meeting_offered_at", meeting.c.offered_at)

meeting_minute = Table(
    "meeting_minute",
    metadata,
    Column("host", Words, primary_key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),  # since 1970 UTC
    Column("ticket_id", RowId, nullable=False),
    Column("number", Integer, nullable=False),
    ForeignKeyConstraint(["ticket_id", "number"], ["meeting.ticket_id", "meeting.number"]),
)
Index("ix_meeting_minute_of", meeting_minute.c.ticket_id, meeting_minute.c.number)

meeting_code = Table(
    "meeting_code",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, nullable=False),
    Column("number", Integer, nullable=False),  # of the session
    Column("code", Integer, nullable=False),  # its own, from 1
    Column("hash", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),  # wrong ones
    Column("ended_at", Moment),  # used, dead, or replaced
    Column("why_ended", String(16), nullable=False, server_default=""),
    ForeignKeyConstraint(["ticket_id", "number"], ["meeting.ticket_id", "meeting.number"]),
)
Index(
    "uq_meeting_code_live", meeting_code.c.ticket_id, meeting_code.c.number, unique=True, **only("ended_at IS NULL"),
)  # fmt: skip
Index("ix_meeting_code_of", meeting_code.c.ticket_id, meeting_code.c.number, meeting_code.c.code)
