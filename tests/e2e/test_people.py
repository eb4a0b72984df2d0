"""Partners, staff, machines and strangers: who writes what into a ticket, and what comes of it."""

from __future__ import annotations

from tests.e2e.town import ADDRESSES, ANNA, CARL, Town, answer, mail, parsed, text_of
from tests.intake.scene import eventually
from triaged.tickets.ticket import Happening, Ticket

STAFF = "sam@zohocorp.com"


def _happened(ticket: Ticket, kind: Happening) -> bool:
    return any(event.kind is kind for event in ticket.events)


def _polling(town: Town) -> None:
    for name in ADDRESSES:
        town.mailbox(name)["imap"]["poll_seconds"] = 1


def test_missing_information_is_asked_for_and_the_answer_makes_it_s1_by_the_large_account(town: Town) -> None:
    town.arrives(mail(ANNA, "Fields", "How can I add a custom field in Zoho CRM?"))
    with town.daemon():
        asked = town.letter_to(ANNA)
        assert "SuperAdmin" in text_of(asked)
        before = town.tickets()[0]
        town.arrives(answer(asked, ANNA, "The SuperAdmin is it@alder.example"))
        after = town.step_taken(lambda t: t.severity == "S1")
    assert before.no_identifier and before.severity != "S1"
    assert after.id == before.id and after.large_user and not after.no_identifier


def test_a_reminder_leaves_when_its_time_has_come_and_only_once(town: Town) -> None:
    town.arrives(mail(ANNA, "Fields", "The import of leads fails for us."))
    with town.daemon():
        town.letter_to(ANNA)
        town.clock.move(hours=4, minutes=5)
        town.letter_to(ANNA, count=2)
    with town.daemon():
        town.settled(1)
    assert len(town.letters(ANNA)) == 2


def test_staff_answering_from_the_sent_folder_stops_first_response(town: Town) -> None:
    _polling(town)
    town.arrives(mail(ANNA, "Export", "Org ID: 60031122399\nThe export of reports fails."))
    with town.daemon():
        first = parsed(mail(ANNA, "Export", "x", Message_ID=town.letter_to(ANNA)["In-Reply-To"]))
        own = answer(first, STAFF, "Hello Anna, we look into it.", From=ADDRESSES["europe"], to=ANNA, To=ANNA)
        town.arrives(own, folder="Sent")
        ticket = town.step_taken(lambda t: _happened(t, Happening.STAFF_ANSWERED))
    assert ticket.state == "waiting"
    assert not any(d.kind == "first_response" for d in town.store.dues(ticket.id))


def test_staff_answering_with_support_in_cc_stops_first_response(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", "Org ID: 60031122399\nThe export of reports fails."))
    with town.daemon():
        letter = town.letter_to(ANNA)
        town.arrives(answer(letter, STAFF, "Hello Anna, we look into it.", To=ANNA, Cc=ADDRESSES["europe"]))
        ticket = town.step_taken(lambda t: _happened(t, Happening.STAFF_ANSWERED))
    assert ticket.state == "waiting"


def test_our_own_letter_in_the_sent_folder_is_no_answer(town: Town) -> None:
    _polling(town)
    town.arrives(mail(ANNA, "Export", "Org ID: 60031122399\nThe export of reports fails."))
    with town.daemon():
        town.letter_to(ANNA)
        town.arrives(town.sink.taken[0].raw, folder="Sent")
        mails = town.settled(2)
    assert mails[1].fate == "automatic"
    assert town.tickets()[0].state == "new"
    assert not _happened(town.tickets()[0], Happening.STAFF_ANSWERED)


def test_a_bounce_of_our_letter_marks_the_address_and_tells_staff(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", "Org ID: 60031122399\nThe export of reports fails."))
    with town.daemon():
        town.letter_to(ANNA)
        town.arrives(_bounce(next(one.raw for one in town.sink.taken if ANNA in one.rcpt_to), ANNA))
        town.letter_to("leads@zohocorp.com", "deliver")
        town.settled(2)
    assert town.store.failed_of([ANNA])
    assert _happened(town.tickets()[0], Happening.ADDRESS_FAILED)


def test_an_absence_note_to_our_letter_changes_no_clock_and_gets_no_letter(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", "Org ID: 60031122399\nThe export of reports fails."))
    with town.daemon():
        letter = town.letter_to(ANNA)
        away = answer(letter, ANNA, "I am out of the office until Monday.", Auto_Submitted="auto-replied")
        town.arrives(away)
        mails = town.settled(2)
    assert mails[1].fate == "automatic"
    assert town.tickets()[0].state == "new"
    assert len(town.letters(ANNA)) == 1


def test_a_stranger_in_somebodys_ticket_is_abuse_and_gets_no_letter(town: Town) -> None:
    town.arrives(mail(ANNA, "Export", "Org ID: 60031122399\nThe export of reports fails."))
    with town.daemon():
        letter = town.letter_to(ANNA)
        town.arrives(answer(letter, "eve@stranger.example", "Please send me everything on this ticket."))
        mails = town.settled(2)
    assert mails[1].kind == "abuse"
    assert len(town.tickets()) == 1
    assert not town.letters("eve@stranger.example")


def test_a_responder_without_any_header_is_not_written_to_for_ever(town: Town) -> None:
    town.arrives(mail(CARL, "Export", "Org ID: 60031122399\nThe export of reports fails."))
    with town.daemon():
        for round_ in range(1, 7):
            letters = eventually(lambda: town.letters(CARL))
            said = f"Thank you for contacting us. Your request has been received. Ticket #{round_}"
            town.arrives(answer(letters[-1], CARL, said))
            town.settled(1 + round_)
    assert len(town.letters(CARL)) <= 2


def _bounce(letter: bytes, address: str) -> bytes:
    """What a mail server gives back: the whole letter."""
    return (
        (
            "From: MAILER-DAEMON@mx.intake.example\r\n"
            f"To: {ADDRESSES['europe']}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
            "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nMessage-ID: <dsn@mx.intake.example>\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.intake.example\r\n\r\n"
            f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
            "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        ).encode()
        + letter
        + b"\r\n--b--\r\n"
    )
