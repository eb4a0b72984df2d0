"""What the store tells at a scrape: queue lengths, mailbox ages, letters and tickets by state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from triaged.alerts.looking import STUCK, STUCK_AFTER
from triaged.metrics import Row
from triaged.store.rows import Note
from triaged.store.store import Store


def observe(store: Store, now: datetime) -> Iterator[Row]:
    """What a scrape is told. Raises Unavailable."""
    yield from _mailboxes(store, now)
    counts, notes = store.counts(now), store.notes()
    for fate, number in counts.mail.items():
        yield "triaged_ledger_mails", "Mails in the ledger by fate", {"fate": fate}, number
    for (state, severity), number in counts.tickets.items():
        labels = {"state": state, "severity": severity}
        yield "triaged_ledger_tickets", "Tickets by state and severity", labels, number
    for state, number in counts.letters.items():
        yield "triaged_outbox_letters", "Letters in the outbox by state", {"state": state}, number
    yield "triaged_due_steps_overdue", "Pending steps whose time has passed", {}, counts.dues_late
    yield "triaged_due_steps_upcoming", "Pending steps of the next hour", {}, counts.dues_soon
    yield "triaged_commitments_missed", "Commitments missed on open tickets", {}, counts.missed
    yield "triaged_tickets_to_review", "Open tickets that ask for a review", {}, counts.reviews
    yield "triaged_unreachable_addresses", "Addresses letters do not reach", {}, counts.failed_addresses
    failing = notes.get("letters:staff")
    told = 1 if failing and failing.value else 0
    yield "triaged_staff_letters_failing", "1 while letters to staff cannot be delivered", {}, told
    yield from _ages(counts.oldest_waiting_mail, counts.oldest_waiting_letter, now)
    for severity, at in store.next_commitments(now).items():
        text = "The next promised time that has not passed yet"
        yield "triaged_next_commitment_timestamp_seconds", text, {"severity": severity}, at.timestamp()
    yield from _ways_out(store, notes, now)
    yield from _service(store)


def _mailboxes(store: Store, now: datetime) -> Iterator[Row]:
    states = store.mailbox_states()
    for one in states:
        labels = {"mailbox": one.mailbox}
        yield (
            "triaged_mailbox_up",
            "1 if the last poll of a mailbox went well",
            labels,
            float(not one.failures),
        )
        if one.good_at is not None:
            age = (now - one.good_at).total_seconds()
            yield "triaged_mailbox_poll_age_seconds", "Age of the last good poll", labels, age
        yield "triaged_mailbox_consecutive_failures", "Failed polls in a row", labels, one.failures
    owed = Counter(one.mailbox for one in store.owed())
    for mailbox in sorted({*owed, *(one.mailbox for one in states)}):
        text = "Mails that lie on the server, which did not give them whole"
        yield "triaged_mailbox_owed_mails", text, {"mailbox": mailbox}, owed[mailbox]


def _ages(mail: datetime | None, letter: datetime | None, now: datetime) -> Iterator[Row]:
    for what, oldest in (("mail", mail), ("letter", letter)):
        age = (now - oldest).total_seconds() if oldest else 0.0
        yield "triaged_oldest_waiting_age_seconds", "Age of what has waited longest", {"what": what}, age


def _ways_out(store: Store, notes: dict[str, Note], now: datetime) -> Iterator[Row]:
    """Whether letters leave: what each SMTP server last did, and letters that should have left."""
    stuck = {one.mailbox: one for one in store.stuck_letters(now, STUCK_AFTER, STUCK)}
    servers = {
        name.removeprefix("smtp:"): note.value for name, note in notes.items() if name.startswith("smtp:")
    }
    for mailbox, value in servers.items():
        text = "1 if a mailbox's SMTP server took letters when last asked"
        yield "triaged_smtp_up", text, {"mailbox": mailbox}, float(bool(value.get("ok")))
    for mailbox in sorted({*servers, *stuck}):
        labels, one = {"mailbox": mailbox}, stuck.get(mailbox)
        yield (
            "triaged_letters_stuck",
            "Letters that should have left long ago",
            labels,
            one.count if one else 0,
        )
        age = (now - one.since).total_seconds() if one else 0.0
        yield "triaged_letters_stuck_age_seconds", "Since when the oldest of them should have", labels, age


def _service(store: Store) -> Iterator[Row]:
    """Grants, troubles and alerts."""
    for grant in store.grants():
        text = "1 if a user's OAuth 2.0 grant is good, 0 if somebody must sign in again"
        yield "triaged_grant_valid", text, {"user": grant.user}, float(grant.over_at is None)
        if grant.access_until is not None:
            text = "When the access token in use ends"
            yield (
                "triaged_grant_access_expiry_timestamp_seconds",
                text,
                {"user": grant.user},
                (grant.access_until.timestamp()),
            )
    troubles = Counter(one.event for one in store.troubles() if one.told_at is not None)
    for event, number in troubles.items():
        yield "triaged_troubles", "What alerts were told of and still is so", {"event": event}, number
    for state, number in store.alert_counts().items():
        yield "triaged_alerts", "Alerts by state", {"state": state}, number
