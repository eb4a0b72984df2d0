"""The whole reading of a mail, composed: every part filled, and a failing step that hurts only itself."""

from __future__ import annotations

import hashlib

import pytest

from triaged.reading.identifiers import identifiers
from triaged.reading.language import language
from triaged.reading.mime import message
from triaged.reading.new_text import quotes
from triaged.reading.read import bare, headers_only, read
from triaged.reading.services import services
from triaged.reading.values import Door, Limits, Reading, Service, Surroundings
from triaged.vocabulary import Kind

SURROUNDINGS = Surroundings(
    support_addresses=frozenset({"partner-support@zohocorp.com"}),
    staff_domains=frozenset({"zohocorp.com"}),
    partner_domains=frozenset({"oakbridge.example"}),
    trusted_authserv_ids=frozenset({"mx.intake.example"}),
    services=(Service("Zoho CRM", ("CRM",)), Service("Zoho Books", ("Books",))),
)
HEAD = (
    "Authentication-Results: mx.intake.example; dmarc=pass header.from=oakbridge.example\n"
    "From: Anna Lind <anna@oakbridge.example>\nTo: partner-support@zohocorp.com\n"
    "Message-ID: <1@oakbridge.example>\nDate: Tue, 10 Nov 2026 10:00:00 +0900\n"
)


def reading(rest: str, surroundings: Surroundings = SURROUNDINGS, head: str = HEAD) -> Reading:
    return read((head + rest).encode(), Door(), surroundings)


def test_a_request_is_understood_in_every_part() -> None:
    rest = (
        "Subject: Leads missing\n\nHello,\n\nSuperAdmin: it@alder.example\nZOID: 6003 112 2334\nService: CRM\n"
        "Since this morning the leads view stays empty for the whole sales team.\n\nKind regards\nAnna\n\n"
        "On Monday, 9 November 2026, Partner Support wrote:\n> ZOID: 70099900099\n"
    )
    raw = (HEAD + rest).encode()
    read_ = read(raw, Door(), SURROUNDINGS)
    assert read_.sha256 == hashlib.sha256(raw).hexdigest()
    assert read_.size == len(raw)
    assert read_.message_id == "<1@oakbridge.example>"
    assert read_.sender.name == "Anna Lind"
    assert read_.authentication.result == "pass"
    assert read_.identifiers.superadmin_email == "it@alder.example"
    assert read_.identifiers.zoid == ("60031122334",)
    assert read_.service == "Zoho CRM"
    assert read_.language == "en"
    assert read_.automatic is None
    assert not read_.thanks
    assert "70099900099" in read_.text
    assert "70099900099" not in read_.new_text
    assert read_.defects == ()


def test_an_attached_mail_is_new_text() -> None:
    read_ = reading(
        'Subject: please see\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nPlease help this customer.\n--b\n'
        "Content-Type: message/rfc822\n\nFrom: Cy <cy@alder.example>\nTo: anna@oakbridge.example\nSubject: Down\n\n"
        "Our portal is down. ZOID: 60031122334\n--b--\n"
    )
    assert "Our portal is down" in read_.new_text
    assert read_.identifiers.zoid == ("60031122334",)
    assert "cy@alder.example" in read_.identifiers.customer_emails


def test_a_bounce_is_no_request_and_its_returned_mail_no_new_text() -> None:
    read_ = read(
        b"From: MAILER-DAEMON@mx.oakbridge.example\nTo: partner-support@zohocorp.com\nSubject: Undelivered Mail Returned to Sender\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nYour mail could not be delivered.\n'
        b"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.oakbridge.example\n\n"
        b"Final-Recipient: rfc822; anna@oakbridge.example\nAction: failed\nStatus: 5.1.1\n\n"
        b"--b\nContent-Type: message/rfc822\n\nFrom: partner-support@zohocorp.com\nSubject: Case\n\nZOID: 60031122334\n--b--\n",
        Door(envelope_from=""),
        SURROUNDINGS,
    )
    assert read_.automatic is not None
    assert read_.automatic.kind is Kind.BOUNCE
    assert [f.address for f in read_.automatic.failed] == ["anna@oakbridge.example"]
    assert "60031122334" not in read_.new_text


def test_thanks_are_known() -> None:
    assert reading("Subject: Re: Case\n\nThank you very much, all is well now!\n").thanks
    assert not reading("Subject: Re: Case\n\nThank you, but the leads are still missing.\n").thanks


@pytest.mark.parametrize(
    ("rest", "spoken"),
    [
        ("Subject: Problem\n\nダッシュボードが開けません。よろしくお願いします。\n", "ja"),
        ("Subject: Zoho CRM\n\nUnser Kunde kann sich seit heute früh nicht mehr anmelden.\n", "de"),
        ("Subject: ログインできません\n\n", "ja"),
        ("Subject: 123\n\n456\n", None),
    ],
)
def test_the_language_is_of_the_senders_words_or_of_the_subject(rest: str, spoken: str | None) -> None:
    assert reading(rest).language == spoken


@pytest.mark.parametrize("raw", [b"", b"\n \n", b"\x00\x01\x02\xff\x03" * 40])
def test_what_nobody_can_make_out_is_unreadable(raw: bytes) -> None:
    read_ = read(raw, Door(), SURROUNDINGS)
    assert read_.automatic is not None
    assert read_.automatic.kind is Kind.UNREADABLE


def test_words_without_headers_are_a_request_of_nobody() -> None:
    read_ = read(b"the portal is down", Door(), SURROUNDINGS)
    assert read_.automatic is None
    assert read_.sender.address == ""
    assert read_.new_text == "the portal is down"


@pytest.mark.parametrize(
    ("module", "function", "left"),
    [
        (quotes, "cut", "new text"),
        (identifiers, "find", "identifiers"),
        (services, "which", "service"),
        (language, "of", "language"),
    ],
)
def test_a_failing_step_is_told_and_the_others_run(
    module: object, function: str, left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object, **named: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(module, function, fail)
    read_ = reading("Subject: Down\n\nZOID: 60031122334, the portal is down\n")
    assert f"{left}: ZeroDivisionError: a fault of ours" in read_.defects
    assert "the portal is down" in read_.new_text
    assert read_.sender.address == "anna@oakbridge.example"
    assert read_.authentication.result == "pass"


def test_a_mail_that_cannot_be_parsed_at_all_is_read_by_its_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(message, "parse", fail)
    read_ = reading("Subject: Down\n\nthe portal is down\n")
    assert read_.subject == "Down"
    assert read_.authentication.result == "pass"
    assert any(d.startswith("message: ZeroDivisionError") for d in read_.defects)


def test_headers_alone_are_a_whole_reading() -> None:
    raw = (HEAD + "Subject: Down\nAuto-Submitted: auto-replied\n\nbody").encode()
    read_ = headers_only(raw, Door(), SURROUNDINGS, "reading took over 10 s")
    assert (read_.subject, read_.text, read_.size) == ("Down", "", len(raw))
    assert read_.automatic is not None
    assert "reading took over 10 s" in read_.defects
    assert bare(raw, "x").message_id == "<1@oakbridge.example>"


def test_a_mail_over_the_limit_still_says_who_and_what() -> None:
    small = Surroundings(limits=Limits(size=100_000))
    read_ = reading("Subject: Down\n\nthe portal is down\n" + "x\n" * 200_000, small)
    assert read_.sender.address == "anna@oakbridge.example"
    assert read_.new_text.startswith("the portal is down")
    assert "over the limit" in read_.defects[0]


TRANSCRIPTS = {
    "quoted lines": "Anna (10:42)\n> Nobody can sign in\nBen\n> Which organisation?\nAnna\n> ZOID: 60031122334\n",
    "attributions": "On Mon, 23 Nov 2026 at 10:42, Anna <anna@oakbridge.example> wrote:\nNobody can sign in. ZOID: 60031122334\n",
    "a mark of a mail": "Chat\n-----Original Message-----\nAnna: nobody can sign in, ZOID: 60031122334\n",
    "a signature's mark": "Anna\nNobody can sign in\n-- \nBen\nWhich one?\nAnna\nZOID: 60031122334\n",
    "German": "Am 23.11.2026 um 10:42 schrieb Anna:\n> Niemand kann sich anmelden, ZOID: 60031122334\n",
    "Japanese": "2026年11月23日 10:42 アンナ <anna@oakbridge.example>:\n> 全員ログインできません 組織ID：60031122334\n",
}


@pytest.mark.parametrize("said", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_nothing_in_a_call_or_chat_that_was_taken_down_is_a_quote(said):
    raw = f"From: anna@oakbridge.example\nTo: support@desk.example\nSubject: A chat\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{said}".encode()
    found = read(raw, Door(vouched="anna@oakbridge.example", taken_down=True), Surroundings())
    assert found.new_text.strip() == said.strip()
    assert found.identifiers.zoid == ("60031122334",)


def test_a_call_of_nothing_but_thanks_is_a_request_since_somebody_took_it_down():
    raw = b"From: anna@oakbridge.example\nTo: support@desk.example\nSubject: A call\n\nThank you, all works now.\n"
    assert read(raw, Door(vouched="anna@oakbridge.example"), Surroundings()).thanks
    assert not read(raw, Door(vouched="anna@oakbridge.example", taken_down=True), Surroundings()).thanks
