"""What an older version recorded, read again in steps, so that the pages show and find it; forms of long ago go.

Mails are read in the worker processes like all hostile input. Only one daemon at a time does it; an upgraded database
is useful at once, its newest tickets first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import MIMEPart

from triaged.reading.mime import flowed
from triaged.store.rows import LedgerMail, SaidMail
from triaged.tickets.ticket import Happening, Letter, Ticket
from triaged.walk import said
from triaged.walk.conversation import door_again
from triaged.walk.house import House
from triaged.walk.judge import Envelope, channel_of
from triaged.walk.page_mail import attached_to

NAME = "telling"
LEASE_SECONDS = 300.0
FORMS = timedelta(days=30)
_REST = 0.05  # seconds between steps: mail goes first
_SPOKEN = ("request", "thanks")


def tell_old(house: House, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Tell all that is not told yet, unless another daemon does; how many rows were looked at. Raises Unavailable."""
    store, looked = house.store, 0
    with store.leased(NAME, house.owner, now, LEASE_SECONDS) as epoch:
        if epoch is None:
            return 0
        store.forget_forms(now - FORMS)
        steps: tuple[Callable[[], int], ...] = (
            store.tell_tickets,
            lambda: store.tell_letters(letter_of),
            lambda: store.tell_mails(lambda mail, ticket: _of_mail(house, mail, ticket)),
        )
        for step in steps:
            while not stopping() and (number := step()):
                looked += number
                time.sleep(_REST)
                if not store.renew_lease(NAME, house.owner, epoch, now, LEASE_SECONDS):
                    return looked
    return looked


def letter_of(raw: bytes) -> Letter:
    """A letter again from its bytes, as far as the pages show it."""
    written = message_from_bytes(raw, policy=policy.default)
    body = written.get_body(("plain",))
    text = _text(body) if body is not None else ""
    return Letter("", "", "partner", "", (), str(written["Subject"] or ""), text, files=attached_to(written))


def _text(body: MIMEPart) -> str:
    """Its lines as they were written: letters/layout.py breaks them by format=flowed."""
    text = str(body.get_content()).replace("\r\n", "\n")
    return flowed.unfold(text, delete_space=False) if body.get_param("format") == "flowed" else text


def _of_mail(house: House, mail: LedgerMail, ticket: Ticket) -> SaidMail | None:
    """The mail read again; None where it cannot be, or nothing is left of it."""
    if not mail.raw:
        return None
    envelope = Envelope(
        mail.mailbox, mail.received_at, sent_folder=mail.sent_folder, number=mail.id, channel=channel_of(mail.door),
        envelope_from=mail.sender,
    )  # fmt: skip
    (reading,) = house.readers.read([(mail.raw, door_again(mail))])
    return said.of_mail(reading, envelope, ticket, _for_partner(mail, ticket))


def _for_partner(mail: LedgerMail, ticket: Ticket) -> bool:
    """What the partner's page showed of it, had there been one: by what was recorded then."""
    if mail.kind == "staff":
        at = {e.at for e in ticket.events if e.kind is Happening.STAFF_ANSWERED and e.actor == mail.sender}
        return any(abs(mail.received_at - one) < timedelta(minutes=1) for one in at)
    if mail.kind not in _SPOKEN:
        return False
    result = (mail.reading.get("authentication") or ["unknown"])[0]
    return bool(mail.reading.get("trusted")) or result == "pass" or not ticket.trusted
