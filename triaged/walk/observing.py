"""What the store tells at a scrape: queue lengths, mailbox ages, letters and tickets by state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from triaged.metrics import Row
from triaged.store.store import Store


def observe(store: Store, now: datetime) -> Iterator[Row]:
    """What a scrape is told. Raises Unavailable."""
    yield from _mailboxes(store, now)
    counts = store.counts(now)
    for fate, number in counts.mail.items():
        yield "triaged_ledger_mails", "Mails in the ledger by fate", {"fate": fate}, number
    for (state, severity), number in counts.tickets.items():
        labels = {"state": state, "severity": severity}
        yield "triaged_ledger_tickets", "Tickets by state and severity", labels, number
    for state, number in counts.letters.items():
        yield "triaged_outbox_letters", "Letters in the outbox by state", {"state": state}, number
    yield "triaged_dues_late", "Pending steps whose time has passed", {}, counts.dues_late
    yield "triaged_dues_soon", "Pending steps of the next hour", {}, counts.dues_soon
    yield "triaged_missed", "Commitments missed on open tickets", {}, counts.missed
    yield "triaged_reviews", "Open tickets that ask for a review", {}, counts.reviews
    yield "triaged_failed_addresses", "Addresses letters do not reach", {}, counts.failed_addresses
    failing = store.notes().get("letters:staff")
    told = 1 if failing and failing.value else 0
    yield "triaged_staff_letters_failing", "1 while letters to staff cannot be delivered", {}, told
    yield from _ages(counts.oldest_waiting_mail, counts.oldest_waiting_letter, now)


def _mailboxes(store: Store, now: datetime) -> Iterator[Row]:
    states = store.mailbox_states()
    for one in states:
        labels = {"mailbox": one.mailbox}
        if one.good_at is not None:
            age = (now - one.good_at).total_seconds()
            yield "triaged_mailbox_last_good_poll_age_seconds", "Age of the last good poll", labels, age
        yield "triaged_mailbox_failures", "Failed polls in a row", labels, one.failures
    owed = Counter(one.mailbox for one in store.owed())
    for mailbox in sorted({*owed, *(one.mailbox for one in states)}):
        text = "Mails that lie on the server, which did not give them whole"
        yield "triaged_owed_mails", text, {"mailbox": mailbox}, owed[mailbox]


def _ages(mail: datetime | None, letter: datetime | None, now: datetime) -> Iterator[Row]:
    for what, oldest in (("mail", mail), ("letter", letter)):
        age = (now - oldest).total_seconds() if oldest else 0.0
        yield "triaged_oldest_waiting_seconds", "Age of what has waited longest", {"what": what}, age
