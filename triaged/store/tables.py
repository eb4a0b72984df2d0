"""The tables. A row of work carries `ready_at`: when it may be taken, or taken again; NULL: nothing left.

Claiming moves `ready_at` to the end of the lease and writes the owner; finishing sets it NULL. So one
partial index on `ready_at` finds work, and a store of a million finished rows costs nothing to sweep.
`ready_at IS NOT NULL` follows from any comparison with it, which both planners know: no literal needed.

Column names of `ticket` are the field names of `tickets.values.Ticket` (a test keeps them so).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from triaged.store import desk_tables, service_tables, tally_tables
from triaged.store.columns import Choice, Json, Moment, RowId, Words, one_of
from triaged.store.metadata import metadata as metadata
from triaged.store.metadata import only, work
from triaged.store.rows import Fate, LetterState
from triaged.tickets.ticket import State
from triaged.vocabulary import Severity

LIVE = "state IN ('new', 'open', 'waiting')"
NEXT = "coalesce(promised_at, 9223372036854775807)"

setting = Table(
    "setting",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Words, nullable=False),
)

raw = Table(  # a mail's bytes, once, however often it came
    "raw",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),  # zlib
)

mail = Table(  # the ledger: one row an arrival
    "mail",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("sha256", String(64), ForeignKey("raw.sha256"), nullable=False),
    Column("body_sha256", String(64), nullable=False),  # same body by two doors: headers differ
    Column("mailbox", Words, nullable=False),
    Column("door", String(8), nullable=False),
    Column("folder", Words),
    Column("uidvalidity", BigInteger),
    Column("uid", BigInteger),
    Column("to_move", BigInteger),  # the uid, until it is flagged or moved on the server
    Column("received_at", Moment, nullable=False),
    Column("kept_at", Moment, nullable=False),
    Column("envelope_from", Words),
    Column("envelope_to", Json, nullable=False),
    Column("behind_mta", Boolean, nullable=False),
    Column("sent_folder", Boolean, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("history", String(8), nullable=False),
    *work(),
    Column("fate", Choice(Fate), nullable=False),
    Column("kind", String(16)),
    Column("ticket_id", RowId, ForeignKey("ticket.id")),
    Column("duplicate_of", RowId, ForeignKey("mail.id")),
    Column("why", Words, nullable=False, server_default=""),
    Column("subject", Words, nullable=False, server_default=""),
    Column("sender", Words, nullable=False, server_default=""),
    Column("sender_domain", Words),
    Column("message_id", Words),
    Column("reading", Json),
    Column("finished_at", Moment),
    Column("forgotten_at", Moment),  # when its bytes went, by retention or at a person's wish
    one_of("fate", Fate),
    UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),
)
Index(
    "ix_mail_lane_ready", mail.c.mailbox, mail.c.history, mail.c.ready_at, mail.c.id, **only("ready_at IS NOT NULL"),
)  # fmt: skip
Index("ix_mail_ready", mail.c.ready_at, mail.c.id, **only("ready_at IS NOT NULL"))
Index(
    "ix_mail_to_move", mail.c.mailbox, mail.c.folder, mail.c.uidvalidity, mail.c.to_move, **only("to_move IS NOT NULL"),
)  # fmt: skip
Index("ix_mail_sha256", mail.c.sha256)
Index("ix_mail_message_id", mail.c.message_id, **only("message_id IS NOT NULL"))
Index("ix_mail_ticket_id", mail.c.ticket_id, **only("ticket_id IS NOT NULL"))
Index("ix_mail_fate", mail.c.fate, mail.c.id)
_FIRST_ARRIVAL = only("sender_domain IS NOT NULL AND duplicate_of IS NULL")
# How much came lately from a domain or an address: counted in the index alone.
Index("ix_mail_sender_domain", mail.c.sender_domain, mail.c.received_at, **_FIRST_ARRIVAL)
Index("ix_mail_of_sender", mail.c.sender, mail.c.id, **only("sender <> ''"))
Index("ix_mail_sender", mail.c.sender, mail.c.received_at, **_FIRST_ARRIVAL)
Index("ix_mail_to_forget", mail.c.received_at, mail.c.id, **only("forgotten_at IS NULL"))

folder_cursor = Table(
    "folder_cursor",
    metadata,
    Column("mailbox", Words, primary_key=True),
    Column("folder", Words, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
)

owed_mail = Table(  # mails the server did not give whole; each is tried until it comes or is gone
    "owed_mail",
    metadata,
    Column("mailbox", Words, primary_key=True),
    Column("folder", Words, primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True, autoincrement=False),
    Column("uid", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger),
    Column("received_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("retry_at", Moment, nullable=False),
    Column("error", Words, nullable=False),
    Column("told_at", Moment),  # when staff were written to about it
)

ticket = Table(
    "ticket",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),  # 1042 of "PS-1042": given by the recorder
    Column("state", Choice(State), nullable=False),
    Column("subject", Words, nullable=False),
    Column("mailbox", Words, nullable=False),
    Column("language", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("severity", Choice(Severity), nullable=False),
    Column("severity_because", Words, nullable=False),
    Column("severity_by_human", Boolean, nullable=False),
    Column("content_severity", Choice(Severity), nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("service_level", Words, nullable=False),
    Column("service", Words),
    Column("account_key", Words),
    Column("account_name", Words),
    Column("superadmin_email", Words),
    Column("large_user", Boolean, nullable=False),
    Column("licences", Integer, nullable=False),
    Column("plan", Words),
    Column("region", Words, nullable=False),
    Column("partner_domain", Words),
    Column("partner_tier", Words),
    Column("time_zone", Words, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("missing", Json, nullable=False),
    Column("no_identifier", Boolean, nullable=False),
    Column("tags", Json, nullable=False),
    Column("queue", Words),
    Column("assigned_to", Words),
    Column("tier", Integer, nullable=False),
    Column("rulebook_version", Words, nullable=False),
    Column("last_message_id", Words),
    Column("references", Json, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("merged_into", RowId, ForeignKey("ticket.id")),
    Column("linked_to", RowId, ForeignKey("ticket.id")),
    Column("resolved_at", Moment),
    Column("closed_at", Moment),
    Column("reviews", Json, nullable=False),
    Column("promise", String(32)),
    Column("promised_at", Moment),
    Column("channel", String(8), nullable=False, server_default="mail"),
    Column("private", Boolean, nullable=False, server_default=text("FALSE")),
    Column("engineering", Boolean, nullable=False, server_default=text("FALSE")),
    Column("snoozed_until", Moment),
    one_of("state", State),
    one_of("severity", Severity),
    one_of("content_severity", Severity),
)
Index("ix_ticket_state", ticket.c.state, ticket.c.severity, ticket.c.id)
Index("ix_ticket_account_key", ticket.c.account_key, **only("account_key IS NOT NULL"))
_OF_PARTNER = only("partner_domain IS NOT NULL")
Index("ix_ticket_partner_domain", ticket.c.partner_domain, ticket.c.updated_at, ticket.c.id, **_OF_PARTNER)
Index("ix_ticket_partner_state", ticket.c.partner_domain, ticket.c.state, ticket.c.id, **_OF_PARTNER)
Index("ix_ticket_updated_at", ticket.c.updated_at, ticket.c.id)
Index("ix_ticket_service", ticket.c.service, ticket.c.updated_at, ticket.c.id, **only("service IS NOT NULL"))
# The queue: what is promised next, and behind it what is promised nothing.
Index("ix_ticket_live", text(NEXT), ticket.c.id, **only(LIVE))
Index("ix_ticket_created_at", ticket.c.created_at)
Index("ix_ticket_promised_at", ticket.c.promised_at, ticket.c.id, **only("promised_at IS NOT NULL"))
# What retention goes by, and what asks the database whether a ticket that goes is still named.
Index("ix_ticket_closed_at", ticket.c.closed_at, ticket.c.id, **only("closed_at IS NOT NULL"))
Index("ix_ticket_merged_into", ticket.c.merged_into, **only("merged_into IS NOT NULL"))
Index("ix_ticket_linked_to", ticket.c.linked_to, **only("linked_to IS NOT NULL"))

person = Table(
    "person",
    metadata,
    Column("ticket_id", RowId, ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    Column("address", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("role", String(16), nullable=False),
    Column("failed", Boolean, nullable=False),
    Column("place", Integer, nullable=False),  # order on the ticket
    Column("since", Moment),  # came with a merger, and reads nothing older; NULL: reads all
)
Index("ix_person_address", person.c.address, person.c.ticket_id)

event = Table(
    "event",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("ticket.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("actor", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("data", Json, nullable=False),
)
Index("ix_event_ticket_id", event.c.ticket_id, event.c.id)
Index("ix_event_missed", event.c.ticket_id, **only("kind = 'missed'"))

known = Table(  # Message-ID -> ticket; ids only mentioned in References too: mails come in any order
    "known",
    metadata,
    Column("message_id", String(255), primary_key=True),
    Column("ticket_id", RowId, ForeignKey("ticket.id"), primary_key=True, autoincrement=False),
    Column("of", String(16), nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_known_ticket_id", known.c.ticket_id)

letter = Table(  # the outbox
    "letter",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("ticket.id")),
    Column("kind", String(32), nullable=False),
    Column("key", Words, nullable=False),
    Column("audience", String(16), nullable=False),
    Column("mailbox", Words, nullable=False),
    Column("to", Json, nullable=False),
    Column("cc", Json, nullable=False),
    Column("subject", Words, nullable=False),
    Column("message_id", Words, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("state", Choice(LetterState), nullable=False),
    *work(),  # runs: tries, that is answers about this letter, and the one under way
    Column("unanswered", Integer, nullable=False, server_default="0"),  # handed over, the answer lost
    Column("refused", Json, nullable=False),
    Column("written_at", Moment, nullable=False),
    Column("not_before", Moment),
    Column("expires", Moment),
    Column("sent_at", Moment),
    # Its ticket was, when it was written.
    Column("unverified", Boolean, nullable=False, server_default=text("FALSE")),
    Column("forgotten_at", Moment),
    Column("to_file", Boolean),  # sent, and its copy for the Sent folder is not there yet
    one_of("state", LetterState),
    UniqueConstraint("ticket_id", "kind", "key"),
)
Index(
    "uq_letter_of_no_ticket", letter.c.mailbox, letter.c.kind, letter.c.key, unique=True, **only("ticket_id IS NULL"),
)  # fmt: skip
Index("ix_letter_ready", letter.c.ready_at, letter.c.id, **only("ready_at IS NOT NULL"))
Index(
    "ix_letter_mailbox_ready", letter.c.mailbox, letter.c.ready_at, letter.c.id, **only("ready_at IS NOT NULL"),
)  # fmt: skip
Index("ix_letter_state", letter.c.state, letter.c.id)
Index("ix_letter_message_id", letter.c.message_id)
# SQLite knows no truth values; each in the words of its questions.
Index("ix_letter_unverified", letter.c.written_at, **only("unverified", sqlite="unverified = 1"))
Index("ix_letter_to_file", letter.c.mailbox, letter.c.id, **only("to_file IS NOT NULL"))
Index("ix_letter_to_forget", letter.c.written_at, letter.c.id, **only("forgotten_at IS NULL"))

recipient = Table(  # who gets which letter: caps per address
    "recipient",
    metadata,
    Column("letter_id", RowId, ForeignKey("letter.id"), primary_key=True, autoincrement=False),
    Column("address", Words, primary_key=True),
    Column("written_at", Moment, nullable=False),
    Column("mailbox", Words),  # behind the address (mailbox_key): what caps count
)
Index("ix_recipient_address", recipient.c.address, recipient.c.written_at)
Index("ix_recipient_mailbox", recipient.c.mailbox, recipient.c.written_at)

failed_address = Table(
    "failed_address",
    metadata,
    Column("address", Words, primary_key=True),
    Column("why", Words, nullable=False),
    Column("at", Moment, nullable=False),
)

due = Table(  # steps to be taken at a time
    "due",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("ticket.id")),
    Column("mailbox", Words),
    Column("kind", String(32), nullable=False),
    Column("step", Words, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("data", Json, nullable=False),
    *work(),
    Column("outcome", Words),
    Column("done_at", Moment),
    UniqueConstraint("ticket_id", "kind", "step"),
)
Index("uq_due_of_no_ticket", due.c.mailbox, due.c.kind, due.c.step, unique=True, **only("ticket_id IS NULL"))
Index("ix_due_ready", due.c.ready_at, due.c.id, **only("ready_at IS NOT NULL"))
Index("ix_due_pending", due.c.due_at, due.c.ticket_id, **only("done_at IS NULL"))

lease = Table(
    "lease",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("owner", Words, nullable=False),
    Column("epoch", BigInteger, nullable=False),  # grows with each taking: an older holder is fenced
    Column("until", Moment, nullable=False),
)

correction = Table(
    "correction",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("ticket.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Words, nullable=False),
    Column("was", Choice(Severity), nullable=False),
    Column("severity", Choice(Severity), nullable=False),
    Column("reason", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("language", String(16), nullable=False),
)
Index("ix_correction_at", correction.c.at)
Index("ix_correction_ticket_id", correction.c.ticket_id)

rule_hit = Table(
    "rule_hit",
    metadata,
    Column("mail_id", RowId, ForeignKey("mail.id"), primary_key=True, autoincrement=False),
    Column("rule", Words, primary_key=True),
    Column("ticket_id", RowId, ForeignKey("ticket.id")),
    Column("rulebook_version", Words, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_rule_hit_at", rule_hit.c.at)
Index("ix_rule_hit_ticket_id", rule_hit.c.ticket_id, **only("ticket_id IS NOT NULL"))

mailbox_state = Table(
    "mailbox_state",
    metadata,
    Column("mailbox", Words, primary_key=True),
    Column("good_at", Moment),
    Column("failed_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("error", Words),
)

note = Table(
    "note",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Json, nullable=False),
    Column("at", Moment, nullable=False),
)

audit = Table(  # who looked up or erased a person: no content, and of the address only a keyed hash
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Words, nullable=False),
    Column("what", String(32), nullable=False),
    Column("about", String(64), nullable=False),
    Column("counts", Json, nullable=False),
)
Index("ix_audit_about", audit.c.about)

TABLES = (  # the rest of the schema
    *(service_tables.trouble, service_tables.alert, service_tables.oauth2_grant, tally_tables.tally),
    *(desk_tables.rulebook_version, desk_tables.rulebook_draft, desk_tables.job, desk_tables.presence),
)
