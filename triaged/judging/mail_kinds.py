"""What a mail is, in one word, and what follows for tickets and letters (design page, `kind`). PURE."""

from __future__ import annotations

from typing import Literal

from triaged.frozen import frozen
from triaged.judging.decisions import Sender
from triaged.reading.values import Reading
from triaged.vocabulary import Kind


@frozen
class Sort:
    """The kind of a mail with its reason, whether it opens a ticket, and whether its sender may get letters.

    `letters`: "full" to a trusted partner, "generic" without any fact or words of the mail (failure F15),
    "none" where a letter could harm somebody.
    """

    kind: Kind
    why: str
    opens_ticket: bool
    letters: Literal["full", "generic", "none"]


def sort(
    reading: Reading,
    sender: Sender,
    *,
    stranger_on_ticket: str = "",
    on_ticket: bool = False,
    sent: bool = False,
) -> Sort:
    """The kind of a mail. `stranger_on_ticket`: why its sender may not write into the ticket it names.

    `on_ticket`: it joins one. `sent`: it lay in a mailbox's Sent folder.
    """
    if reading.automatic is not None:
        return Sort(reading.automatic.kind, reading.automatic.why, opens_ticket=False, letters="none")
    if reading.authentication.result == "fail" and _pretends(reading, sender):
        why = f"pretends to be {sender.address or 'somebody of ours'}: {reading.authentication.why}"
        return Sort(Kind.SPOOF, why, opens_ticket=True, letters="none")
    if sender.role == "staff":
        why = f"{sender.address} is one of our own people"
        if not (on_ticket or sent) and _begins(reading):
            return Sort(Kind.REQUEST, f"{why} and writes to support alone", opens_ticket=True, letters="none")
        return Sort(Kind.STAFF, why, opens_ticket=False, letters="none")
    if stranger_on_ticket:
        return Sort(Kind.ABUSE, stranger_on_ticket, opens_ticket=False, letters="none")
    if reading.thanks:
        return Sort(Kind.THANKS, "nothing but thanks", opens_ticket=False, letters="none")
    return Sort(Kind.REQUEST, sender.why, opens_ticket=True, letters=_letters(reading, sender))


def _begins(reading: Reading) -> bool:
    """A mail to our own people alone that answers none: a request given on, or one whose From was completed."""
    answers = bool(reading.in_reply_to or reading.references) and not reading.parts.is_forward
    return reading.inward and not answers and not reading.answers


def _pretends(reading: Reading, sender: Sender) -> bool:
    looks_alike = any("look-alike" in oddity for oddity in reading.authentication.oddities)
    return sender.role in {"partner", "staff"} or looks_alike


def _letters(reading: Reading, sender: Sender) -> Literal["full", "generic", "none"]:
    if reading.authentication.result == "fail" or not sender.address:
        return "none"
    return "full" if sender.trusted else "generic"
