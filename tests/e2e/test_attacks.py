"""Attacks on a running daemon, by real servers: who captures nothing, silences nobody, and holds up no letter."""

from __future__ import annotations

import re

from tests.e2e.town import ANNA, CARL, Town, answer, mail
from tests.intake.scene import eventually
from triaged.vocabulary import Severity

EVE = "eve@far.example"
REQUEST = (
    "SuperAdmin: it@alder.example\nService: Zoho CRM\n\nPlease reset the second factor of our administrator."
)


def test_a_strangers_mail_with_the_partner_in_copy_captures_no_request(town: Town) -> None:
    with town.daemon():
        town.arrives(
            mail(EVE, "Our setup", "How do we rename a module?", Cc=ANNA, Message_ID="<m1@far.example>")
        )
        town.letter_to(EVE)
        town.arrives(
            mail(
                ANNA, "FW: Our setup", REQUEST, In_Reply_To="<m1@far.example>", References="<m1@far.example>"
            )
        )
        town.letter_to(ANNA)
        town.settled(2)
        strangers, hers = town.tickets()
        assert (hers.trusted, hers.severity, hers.linked_to) == (True, Severity.S1, strangers.id)
        assert not strangers.trusted and strangers.large_user is False
        assert len(town.letters(EVE)) == 1
        assert town.letters("leads@zohocorp.com", hers.reference)


def test_a_bounce_is_believed_everywhere_only_with_the_header_of_the_letter(town: Town) -> None:
    with town.daemon():
        town.arrives(mail(ANNA, "Slow", "ZOID: 60031122399\nService: Zoho CRM\n\nA report is slow."))
        letter = town.letter_to(ANNA)
        head = _raw_to(town, ANNA)
        town.arrives(_bounce(ANNA, f"Message-ID: {letter['Message-ID']}\r\nSubject: x\r\n"))
        town.settled(2)
        assert not town.store.failed_of([ANNA])
        town.arrives(mail(ANNA, "Export", "ZOID: 60031122399\nService: Zoho CRM\n\nThe export fails."))
        town.letter_to(ANNA, count=2)
        town.arrives(_bounce(ANNA, head.partition(b"\r\n\r\n")[0].decode() + "\r\n"))
        eventually(lambda: town.store.failed_of([ANNA]))
        town.arrives(answer(letter, ANNA, "I can read you again."))
        eventually(lambda: not town.store.failed_of([ANNA]))


def test_letters_leave_from_the_first_batch_of_a_backlog_on(town: Town) -> None:
    """A flood of one domain, with mails of others among it: each would have had the batch written early."""
    town.config["limits"] = {"letters_to_unverified_hour": 1000, "letters_per_address_hour": 1000}
    flood = [mail(f"x{n}@far.example", f"Question {n}", f"How is it done, {n}?") for n in range(240)]
    town.arrives(mail(CARL, "First", "ZOID: 60031122399\nService: Zoho CRM\n\nA report is slow."), *flood)
    with town.daemon():
        town.letter_to(CARL)
        waiting = sum(one.fate == "waiting" for one in town.mails())
        assert waiting > 60, f"only {waiting} mails waited still when the first letter left"
        eventually(lambda: len(town.letters(subject="Re:")) > 5)


def _raw_to(town: Town, address: str) -> bytes:
    return next(one.raw for one in town.sink.taken if address in one.rcpt_to)


def _bounce(address: str, head: str) -> bytes:
    raw = mail(
        "mailer-daemon@mx.intake.example", "Undelivered Mail Returned to Sender",
        "--b\n"
        "Content-Type: text/plain\n\nYour mail could not be delivered.\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.intake.example\n\n"
        f"Final-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n@@\n--b--",
        MIME_Version="1.0",
        Content_Type='multipart/report; report-type=delivery-status; boundary="b"',
    )  # fmt: skip
    return re.sub(rb"@@", lambda _found: head.encode(), raw)
