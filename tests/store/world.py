"""A store with something in every table, invented, for what copies, checks or forgets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.store.samples import LEASE, NOW, arrival, correct, event, letter, new_ticket, step, write
from triaged.meetings.meeting import Access, Meeting, MeetingState
from triaged.store import Cursor, Fate, Store
from triaged.store.meeting_rows import CodeMade, MeetingKept
from triaged.store.rows import Finished, OwedMail
from triaged.tickets.ticket import Happening, Person, State
from triaged.vocabulary import Severity

HOUR = timedelta(hours=1)
MEETING = Meeting(
    1,
    MeetingState.ACCEPTED,
    NOW,
    NOW,
    "uid-1@desk.example",
    (NOW + HOUR,),
    40,
    "ben@desk.example",
    NOW + HOUR,
)
STRANGE = "Größe \u2028 日本 \ud800 \x00 ' \" % _ \\ end"


def filled(store: Store, mails: int = 6) -> None:
    """Mails, tickets merged and linked both ways, letters sent and waiting, steps, corrections, notes, leases."""
    store.keep([arrival(n) for n in range(1, mails + 1)], Cursor("global", "INBOX", 77, mails), NOW)
    claimed = store.claim_mail(mails - 1, NOW, "one", LEASE)
    with store.transaction() as tx:
        for n, one in enumerate(claimed):
            ticket = tx.open_ticket(
                new_ticket(subject=f"{STRANGE} {n}", created_at=one.received_at),
                [event(Happening.RECEIVED, text=STRANGE), event(Happening.JUDGED, severity="S3")],
            )
            write(tx, [letter()], ticket.id)
            tx.set_dues(ticket.id, [step("resolution", "miss", HOUR * 30)])
            tx.know(ticket.id, [f"<m{n}@oakbridge.example>"], of="mail")
            tx.rule_hits(one.id, ticket.id, ["words"], NOW, "book")
            tx.finish_mail(
                Finished(
                    mail_id=one.id,
                    fate=Fate.TICKET,
                    kind="request",
                    why="new",
                    ticket_id=ticket.id,
                    subject=STRANGE,
                    sender="anna@oakbridge.example",
                    message_id=f"<m{n}@oakbridge.example>",
                    duplicate_of=claimed[-1].id if n == 0 else None,
                    reading={"new_text": STRANGE},
                ),
                "one",
                NOW,
            )
        write(tx, [letter("day 1", kind="digest", audience="staff")], None)
        correct(tx, 1002, Severity.S2, "cli:dora", "worse", text=STRANGE)
        tx.next_number("case")
        tx.keep_meeting(1003, MEETING)
        tx.keep_of_meeting(
            MeetingKept(
                1003, 1, Access("https://meet.example/x", STRANGE), CodeMade(1, "h" * 64, NOW + HOUR)
            ),
            NOW,
        )
        first, last = tx.ticket(1001), tx.ticket(1004)
        assert first and last
        tx.save(
            first,
            replace(first, state=State.CLOSED, closed_at=NOW, merged_into=1004, people=first.people[:1]),
        )
        tx.save(
            last, replace(last, linked_to=1001, people=(*last.people, Person("ÅSA@elmhill.example", "Å")))
        )
    for sent in store.claim_letters(2, NOW, "one", LEASE):
        store.letter_sent(sent.id, "one", NOW, refused=["ben@oakbridge.example"])
    with store.transaction() as tx:
        tx.mark_address("gone@oakbridge.example", "550 unknown", NOW)
    store.note_poll("global", True, None, NOW)
    store.note("in_force", {"rulebook": "x"}, NOW)
    store.take_lease("mailbox:global", "one", NOW, 60)
    store.owe([OwedMail("global", "INBOX", 77, 99, None, None, 1, NOW, NOW, "NO")])
