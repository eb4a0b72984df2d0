"""Who writes, and whether to believe it (design page, `sender.trusted`). PURE."""

from __future__ import annotations

from triaged.judging.decisions import Sender
from triaged.judging.directory import Directory
from triaged.reading.values import Reading, Surroundings


def who(reading: Reading, directory: Directory, surroundings: Surroundings) -> Sender:
    """The sender of a mail: role, partner, and trust with its reason.

    Trusted means exactly one From, of a partner's registered domain or contact (or of our own staff), and our
    own mail server says dmarc=pass aligned with it, or auth=pass for exactly that address (reading/sender/authenticity.py).
    """
    sender = reading.sender
    partner = directory.partner_of(sender.address) if sender.address else None
    # Staff answer from the mailbox itself: its address may be of another domain than theirs (eu.…).
    is_staff = sender.domain in surroundings.staff_domains or sender.address in surroundings.support_addresses
    trusted, why = _trust(reading, known=bool(partner) or is_staff)
    return Sender(
        address=sender.address,
        name=sender.name,
        role="staff" if is_staff else "partner" if partner else "stranger",
        partner=partner,
        authentication=reading.authentication.result,
        trusted=trusted and partner is not None and not is_staff,
        why=why if not is_staff else f"one of our own people; {why}",
    )


def _trust(reading: Reading, *, known: bool) -> tuple[bool, str]:
    if not reading.from_:
        return False, "no From address"
    if len(reading.from_) > 1:
        return False, f"{len(reading.from_)} From addresses"
    if not known:
        return (
            False,
            f"{reading.sender.domain or reading.sender.address} is not a partner's domain or contact",
        )
    if reading.authentication.result != "pass":
        return False, reading.authentication.why
    return True, f"partner, {reading.authentication.why}"
