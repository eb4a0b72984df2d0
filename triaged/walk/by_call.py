"""A ticket for a call or a chat: what staff heard becomes a mail of the caller, kept first and walked at once.

Staff vouch for who it was; all else is as with any mail: its account, its severity, its letters.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from triaged.config.config import Mailbox
from triaged.errors import Faulty
from triaged.letters.mime import can_hold
from triaged.readers.pool import InlineReaders
from triaged.store.store import Store
from triaged.tickets.event_data import ByStaff
from triaged.tickets.ticket import Event, Happening, Ticket
from triaged.walk import look_up, page_mail, triage
from triaged.walk.house import new_owner
from triaged.walk.knowledge import Knowledge
from triaged.walk.look_up import LookUp
from triaged.walk.page_mail import Written
from triaged.walk.pen import Pen
from triaged.walk.plan import Note, Plan

LEASE = timedelta(minutes=2)


def open_for_call(
    store: Store,
    knowledge: Knowledge,
    written: Written,
    actor: str,
    now: datetime,
    *,
    mailbox: str = "",
    model: Path | None = None,
) -> Ticket:
    """The ticket, walked and written. `mailbox`: by name; empty: by the caller's region.

    `model`: the classifier's, in force (learning/places.py). Raises Faulty, Unavailable."""
    if not can_hold(written.address):
        raise Faulty(f"{written.address!r} is not a valid mail address")
    if not (written.subject.strip() and written.text.strip()):
        raise Faulty("a ticket needs a subject and what was said")
    box = _mailbox(knowledge, written.address, mailbox)
    owner = new_owner()
    arrival = page_mail.arrival(written, box, now)
    mail = store.keep_claimed(arrival, owner, now, LEASE)
    given = (mail.raw, triage.envelope_of(mail, knowledge).door)
    (reading,) = InlineReaders(knowledge.surroundings, model).read([given])
    secret = store.secret()
    with store.transaction() as tx:
        look_up.expect(tx, [(mail, reading)])
        plan = triage.decide(mail, reading, LookUp(tx, knowledge.ground(box.name, now, secret)), knowledge)
        pen = Pen(tx, knowledge, secret, now, owner)
        pen.write(plan)
        ticket = plan.mail.ticket if plan.mail else None
        if ticket is None:
            raise Faulty(f"it opens no ticket: {plan.mail.row.why if plan.mail else ''}")
        taken = Event(
            now,
            Happening.STAFF_NOTED,
            actor,
            f"taken down from a {_SHOWN[written.channel]}",
            ByStaff().stored(),
        )
        pen.write(Plan(notes=(Note(ticket.id, taken),)))
    return ticket


_SHOWN = {"phone": "call", "chat": "chat", "web": "page"}


def _mailbox(knowledge: Knowledge, address: str, name: str) -> Mailbox:
    boxes = knowledge.config.mailboxes
    if name:
        found = next((box for box in boxes if box.name == name), None)
        if found is None:
            raise Faulty(f"mailbox {name}: there is none; there are {', '.join(box.name for box in boxes)}")
        return found
    partner = knowledge.directory.partner_of(address)
    return next((box for box in boxes if partner and partner.region in box.regions), boxes[0])
