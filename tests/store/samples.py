"""Values to store, invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from triaged.store import Arrival, ClaimedMail, Correction, Store, Transaction
from triaged.tickets.ticket import Due, Event, Happening, Letter, Person, State, Ticket
from triaged.vocabulary import Severity

NOW = datetime(2026, 11, 23, 9, 30, 15, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=5)


def raw_mail(number: int = 1, body: str = "Records vanish when I save.") -> bytes:
    """A small mail."""
    return (
        f"Message-ID: <m{number}@oakbridge.example>\r\nFrom: anna@oakbridge.example\r\n"
        f"Subject: Case {number}\r\n\r\n{body} {number}\r\n"
    ).encode()


def arrival(number: int = 1, **changes: Any) -> Arrival:
    """Mail `number` of the inbox of `global`, arrived `number` seconds before NOW + 1 hour … in order."""
    made = Arrival(
        raw=raw_mail(number),
        mailbox="global",
        door="imap",
        folder="INBOX",
        uidvalidity=77,
        uid=number,
        received_at=NOW - timedelta(hours=2) + timedelta(seconds=number),
        envelope_to=("partner-support@zohocorp.com",),
    )
    return replace(made, **changes)


def new_ticket(**changes: Any) -> Ticket:
    """A ticket as triage would open it."""
    made = Ticket(
        id=0,
        reference="",
        state=State.NEW,
        subject="Records vanish",
        mailbox="global",
        language="en",
        created_at=NOW,
        updated_at=NOW,
        severity=Severity.S3,
        severity_because="classifier 0.81",
        partner_domain="oakbridge.example",
        missing=("zuid",),
        tags=("records",),
        references=("<m1@oakbridge.example>",),
        people=(Person("anna@oakbridge.example", "Anna"), Person("ben@oakbridge.example", role="cc")),
    )
    return replace(made, **changes)


def letter(key: str = "acknowledgment", **changes: Any) -> Letter:
    """A letter to the partner."""
    made = Letter(
        kind="acknowledgment",
        key=key,
        audience="partner",
        mailbox="global",
        to=("Anna@oakbridge.example",),
        subject="[PS-1001] Re: Records vanish",
        body="We have your request.",
    )
    return replace(made, **changes)


def event(kind: Happening = Happening.STAFF_NOTED, at: datetime = NOW, **data: Any) -> Event:
    """Something that happened."""
    return Event(at=at, kind=kind, actor="daemon", reason="because", data=data)


def step(kind: str = "first_response", name: str = "warn", after: timedelta = MINUTE, **data: Any) -> Due:
    """A step due some time after NOW."""
    return Due(ticket_id=None, kind=kind, step=name, due_at=NOW + after, data=data)


def write(
    tx: Transaction, letters: Sequence[Letter], ticket_id: int | None, now: datetime = NOW, **more: Any
) -> tuple[Letter, ...]:
    """Write letters with Message-IDs and bytes made up from their keys."""
    ids = [f"<{one.mailbox}.{one.kind}.{one.key}.{ticket_id}@support.example>" for one in letters]
    return tx.write(letters, ticket_id, ids, [one.body.encode() for one in letters], now, **more)


def open_tickets(store: Store, count: int = 1, **changes: Any) -> list[Ticket]:
    """Some new tickets."""
    with store.transaction() as tx:
        return [tx.open_ticket(new_ticket(**changes), [event(Happening.RECEIVED)]) for _ in range(count)]


def claim_one(store: Store, owner: str = "one", now: datetime = NOW) -> ClaimedMail:
    """The oldest waiting mail."""
    return store.claim_mail(1, now, owner, LEASE)[0]


def correct(
    tx: Transaction, ticket_id: int, severity: Severity, who: str, reason: str, text: str | None = None
) -> Ticket:
    """What is written when a person sets a severity (walk/plans/orders.py)."""
    before = tx.ticket(ticket_id)
    assert before is not None
    because, text = f"set by {who}: {reason}", tx.first_text(ticket_id) if text is None else text
    told = Event(
        NOW, Happening.SEVERITY_CORRECTED, who, because, {"was": before.severity, "severity": severity}
    )
    after = replace(before, severity=severity, severity_because=because, severity_by_human=True)
    tx.save(before, after)
    tx.add_events(ticket_id, [told])
    tx.learn(
        Correction(ticket_id, NOW, who, before.severity, severity, reason, before.subject, text, before.language)
    )  # fmt: skip
    return replace(after, events=(*before.events, told))
