"""What a mail on a ticket says, as the pages show and search it. PURE."""

from __future__ import annotations

from triaged.reading.values import Reading
from triaged.store.rows import SaidMail
from triaged.tickets.ticket import Ticket
from triaged.walk.judge import Envelope


def of_mail(reading: Reading, envelope: Envelope, ticket: Ticket, for_partner: bool) -> SaidMail:
    """The new text; what was typed on a page whole, since nothing in it is a quote or a signature."""
    typed = envelope.channel != "mail"
    name = next((a.name for a in reading.from_ if a.address == reading.sender.address), "")
    return SaidMail(
        ticket_id=ticket.id,
        mail_id=envelope.number,
        reference=ticket.reference,
        partner=ticket.partner_domain,
        audience="partner" if for_partner else "staff",
        sender=reading.sender.address,
        by_name=name,
        to=tuple(a.address for a in reading.to),
        cc=tuple(a.address for a in reading.cc),
        subject=reading.subject,
        text=reading.text if typed else reading.new_text.strip() or reading.text,
        files=tuple((file.name, file.type, file.size) for file in reading.attachments),
        more=tuple(found.value for found in reading.identifiers.found),
    )
