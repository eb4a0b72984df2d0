"""The tables of who comes to the pages: sign-in and sessions.

Nothing here is a key by itself: of links, codes, browsers and sessions only hashes are kept.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from triaged.store.columns import Moment, RowId, Words
from triaged.store.metadata import metadata

sign_in_ask = Table(  # a browser that asked to be signed in as somebody; only such a one is, by a letter
    "sign_in_ask",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("browser_hash", String(64), nullable=False),
    Column("address", Words, nullable=False),
    Column("going_to", Words, nullable=False),
    Column("peer", Words, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),  # codes typed that were wrong
)
Index("ix_sign_in_ask_browser_hash", sign_in_ask.c.browser_hash, sign_in_ask.c.id)
Index("ix_sign_in_ask_peer", sign_in_ask.c.peer, sign_in_ask.c.asked_at)
Index("ix_sign_in_ask_expires_at", sign_in_ask.c.expires_at)

sign_in_pass = Table(  # what a letter carries, or `triaged web link` prints: a link and a code, for one use
    "sign_in_pass",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("address", Words, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("code_hash", String(64), nullable=False),
    Column("by_hand", Boolean, nullable=False),  # good in any browser
    Column("going_to", Words, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)
Index("ix_sign_in_pass_address", sign_in_pass.c.address, sign_in_pass.c.made_at)
Index("ix_sign_in_pass_expires_at", sign_in_pass.c.expires_at)

session = Table(
    "session",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("address", Words, nullable=False),
    Column("role", String(16), nullable=False),  # by groups of OpenID Connect; empty: by directory and config
    Column("subject", Words),  # issuer and subject of OpenID Connect
    Column("browser", Words, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("why_ended", Words, nullable=False, server_default=""),
)
Index("ix_session_address", session.c.address, session.c.ended_at)
Index("ix_session_seen_at", session.c.seen_at)

identity = (
    Table(  # whom a house of OpenID Connect means by an address: for good, so that nobody takes it over
        "identity",
        metadata,
        Column("subject", Words, primary_key=True),  # issuer and subject
        Column("address", Words, nullable=False, unique=True),
        Column("bound_at", Moment, nullable=False),
    )
)
