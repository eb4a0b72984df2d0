"""The tables of running a service: what is not well, who is told of it, and tokens to sign in with."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, UniqueConstraint

from triaged.store.columns import Choice, Moment, RowId, Words, one_of
from triaged.store.metadata import metadata, only, work
from triaged.store.service_rows import AlertState

trouble = Table(  # what is not well now: told once when it has lasted, and once when it is over
    "trouble",
    metadata,
    Column("event", String(32), primary_key=True),
    Column("key", Words, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("told_at", Moment),
    Column("size", BigInteger, nullable=False),  # as it was told
)

alert = Table(  # what is told by another way than mail, one row a receiver
    "alert",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("receiver", Words, nullable=False),
    Column("event", String(32), nullable=False),
    Column("key", Words, nullable=False),
    Column("over", Boolean, nullable=False),  # all is well again
    Column("severity", String(4)),
    Column("title", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("state", Choice(AlertState), nullable=False),
    *work(),
    Column("written_at", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("sent_at", Moment),
    one_of("state", AlertState),
    UniqueConstraint("receiver", "event", "key", "over"),
)
Index("ix_alert_ready", alert.c.ready_at, alert.c.id, **only("ready_at IS NOT NULL"))
Index("ix_alert_about", alert.c.event, alert.c.key)
Index("ix_alert_written_at", alert.c.written_at)

oauth2_grant = Table(  # tokens by which we sign in, sealed (triaged/grants/sealing.py)
    "oauth2_grant",
    metadata,
    Column("user", Words, primary_key=True),
    Column("client", Words, nullable=False),  # provider and client id they are for
    Column(
        "version", BigInteger, nullable=False
    ),  # grows with each writing: an older holder does not overwrite
    Column("refresh", Words),
    Column("access", Words),
    Column("access_until", Moment),
    Column("expires_at", Moment),  # of the refresh token, where the provider tells
    Column("granted_at", Moment, nullable=False),
    Column("renewed_at", Moment),
    Column("over_at", Moment),  # the provider takes it no more: somebody must sign in again
    Column("retry_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("error", Words),
)
