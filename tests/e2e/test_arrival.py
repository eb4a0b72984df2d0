"""From a mailbox to the acknowledgment, on real servers."""

from __future__ import annotations

import smtplib

import pytest

from tests.e2e.town import ADDRESSES, ANNA, CARL, Town, mail, text_of
from tests.intake.scene import eventually

LARGE = "How do I add a field?\n\nSuperAdmin: it@alder.example\nService: Zoho CRM\n"


@pytest.mark.parametrize("name", ["europe", "global"])
def test_mail_in_a_mailbox_is_acknowledged_by_idle_from_that_mailboxs_address(town: Town, name: str) -> None:
    with town.daemon():
        eventually(lambda: len(town.store.mailbox_states()) == 2)  # both wait in IDLE now
        sent = mail(ANNA, "A new field", LARGE, to=ADDRESSES[name], Message_ID="<first@oakbridge.example>")
        town.arrives(sent, at=name)
        letter = town.letter_to(ANNA)
    assert ADDRESSES[name] in str(letter["From"])
    assert letter["In-Reply-To"] == "<first@oakbridge.example>"
    assert "<first@oakbridge.example>" in letter["References"]
    assert letter["Auto-Submitted"] == "auto-replied"
    assert "[PS-1001]" in letter["Subject"]
    assert town.tickets()[0].severity == "S1"


def test_the_mail_is_moved_once_it_is_durable(town: Town) -> None:
    sent = mail(ANNA, "A new field", LARGE)
    town.arrives(sent)
    with town.daemon():
        town.letter_to(ANNA)
        eventually(lambda: town.inbox(folder="Triaged") == [sent])
    assert town.inbox() == []


def test_the_same_mail_to_both_mailboxes_is_one_ticket_and_one_acknowledgment(town: Town) -> None:
    sent = mail(ANNA, "To both", LARGE, to=", ".join(ADDRESSES.values()))
    for name in ADDRESSES:
        town.arrives(sent, at=name)
    with town.daemon():
        mails = town.settled(2)
    assert [m.fate for m in mails] == ["ticket", "ticket"]
    assert {m.mailbox for m in mails} == {"global", "europe"}
    assert len(town.tickets()) == 1
    assert len(town.letters(ANNA)) == 1


def test_the_same_mail_by_lmtp_and_by_imap_is_one_ticket(town: Town) -> None:
    sent = mail(CARL, "By two doors", "Org ID: 60031122399\nThe export of reports fails.")
    with town.daemon():
        with smtplib.LMTP("127.0.0.1", town.lmtp_port) as door:
            door.sendmail("carl@elmhill.example", [ADDRESSES["europe"]], sent)
        town.settled(1)
        town.arrives(b"Received: from mx by store.example\r\n" + sent)
        mails = town.settled(2)
    assert {m.door for m in mails} == {"lmtp", "imap"}
    assert len(town.tickets()) == 1
    assert len(town.letters(CARL)) == 1


def test_poison_in_front_of_a_batch_holds_up_nobody(town: Town) -> None:
    deep = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: message/rfc822\r\n\r\n" * 300
    )
    poison = b"From: \xff\xfe\r\nSubject: =?utf-8?B?////?=\r\nMIME-Version: 1.0\r\n" + deep
    town.arrives(poison, *(mail(ANNA, f"Case {n}", f"Org ID: 6003112239{n}\nIt fails.") for n in range(9)))
    with town.daemon():
        mails = town.settled(10)
    tickets = {t.subject for t in town.tickets()}
    assert {f"Case {n}" for n in range(9)} <= tickets
    assert mails[0].fate in {"ticket", "quarantine", "automatic"}


def test_a_mail_whose_settling_always_fails_ends_in_quarantine_and_the_others_pass(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triaged.walk import triage

    honest = triage.place

    def broken(one: object, *rest: object) -> object:
        if b"Subject: Poison" in one.raw:  # type: ignore[attr-defined]
            raise ValueError("a fault of ours, brought out by one mail")
        return honest(one, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(triage, "place", broken)
    town.arrives(mail(ANNA, "Poison", LARGE), mail(ANNA, "Sound", LARGE))
    with town.daemon():
        town.letter_to(ANNA, "Sound")
        for runs in range(1, triage.MOST_RUNS + 1):
            town.failed(town.mails()[0].id, runs)
            town.clock.move(hours=1)
        town.settled(2)
    poison, sound = town.mails()
    assert (poison.fate, sound.fate) == ("quarantine", "ticket")
    assert "a fault of ours" in poison.why


def test_history_at_first_contact_is_ticketed_without_letters(town: Town) -> None:
    town.arrives(mail(ANNA, "Last year", LARGE), ago=400 * 86400)
    with town.daemon():
        town.settled(1)
        town.arrives(mail(ANNA, "Today", LARGE))
        town.settled(2)
    assert [letter.subject.partition("] ")[2] for letter in town.store.letters(address=ANNA)] == ["Re: Today"]
    assert [t.subject for t in town.tickets()] == ["Last year", "Today"]


def test_a_letter_to_a_stranger_who_names_a_large_account_says_nothing_of_it(town: Town) -> None:
    town.arrives(mail("eve@stranger.example", "Field", LARGE))
    with town.daemon():
        town.settled(1)
    letters = town.letters("eve@stranger.example")
    assert all("Alder" not in text_of(x) and "it@alder.example" not in text_of(x) for x in letters)
    assert [t.severity for t in town.tickets()] != ["S1"]
