"""Mail that comes back: whom it failed for, for good or not, and which letter it was."""

from __future__ import annotations

import json

import pytest

from triaged.reading.automatic import automatic, failures
from triaged.reading.mime import message
from triaged.reading.new_text import quotes
from triaged.reading.values import Automatic, Door, FailedRecipient, Surroundings

DESK = "partner-support@zohocorp.com"
HOUSE = Surroundings(support_addresses=frozenset({DESK}), partner_domains=frozenset({"oak.example"}))
LETTER = "Message-ID: <letter-7@desk.example>\r\nFrom: partner-support@zohocorp.com\r\nTo: anna@oak.example\r\nSubject: [PS-1042] Export\r\n"


def detect(raw: str, envelope_from: str | None = None) -> Automatic | None:
    mail = message.parse(raw.encode())
    text = quotes.cut(mail.text, subject=mail.subject, attached=() if mail.report_type else mail.attached)
    return automatic.detect(mail, text, HOUSE, Door(envelope_from=envelope_from))


def report(
    *blocks: str, text: str = "Your message could not be delivered.", subject: str = "Undelivered Mail"
) -> str:
    status = "\r\n\r\n".join(["Reporting-MTA: dns; mx.oak.example", *blocks])
    return (
        f"From: MAILER-DAEMON@mx.oak.example\r\nTo: {DESK}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{status}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{LETTER}\r\n--b--\r\n"
    )


def block(address: str, status: str = "5.1.1", diagnostic: str = "", action: str = "failed") -> str:
    told = f"\r\nDiagnostic-Code: smtp; {diagnostic}" if diagnostic else ""
    return f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}{told}"


def failed(raw: str) -> tuple[FailedRecipient, ...]:
    found = detect(raw)
    assert found is not None
    assert found.kind == "bounce"
    return found.failed


def test_a_delivery_report_names_recipient_status_and_our_letter() -> None:
    found = detect(report(block("Anna@Oak.example", diagnostic="550 5.1.1 user unknown")))
    assert found is not None
    assert (found.kind, found.delayed, found.original_message_id) == (
        "bounce",
        False,
        "<letter-7@desk.example>",
    )
    assert found.failed == (
        FailedRecipient("anna@oak.example", True, "5.1.1", "smtp; 550 5.1.1 user unknown"),
    )


@pytest.mark.parametrize("returned", ["message/global-headers", "message/rfc822-headers", "message/global"])
def test_an_international_report_says_as_much(returned: str) -> None:
    """RFC 6533: what a server says about a letter to 用户@oak.example, or by way of another such server."""
    raw = report(block("anna@oak.example", "5.2.2"), block("ben@oak.example", "5.1.1"))
    found = detect(
        raw.replace("message/delivery", "message/global-delivery").replace("text/rfc822-headers", returned)
    )
    assert found == detect(raw)
    assert found is not None
    assert [(one.address, one.hard, one.status) for one in found.failed] == [
        ("anna@oak.example", False, "5.2.2"),
        ("ben@oak.example", True, "5.1.1"),
    ]


def test_each_recipient_is_judged_alone_and_delivered_ones_are_left_out() -> None:
    raw = report(
        block("anna@oak.example", "5.1.1", "550 5.1.1 user unknown"),
        block("ben@oak.example", "5.2.2", "552 5.2.2 mailbox full"),
        block("carl@oak.example", "2.0.0", action="delivered"),
    )
    assert [(f.address, f.hard) for f in failed(raw)] == [
        ("anna@oak.example", True),
        ("ben@oak.example", False),
    ]


def test_a_delay_notice_is_a_bounce_that_fails_nobody_for_good() -> None:
    found = detect(report(block("anna@oak.example", "4.4.1", "connection timed out", "delayed")))
    assert found is not None
    assert (found.kind, found.delayed, [f.hard for f in found.failed]) == ("bounce", True, [False])


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_success_notice_is_a_receipt(action: str) -> None:
    found = detect(report(block("anna@oak.example", "2.0.0", action=action), subject="Delivered: Export"))
    assert found is not None
    assert found.kind == "receipt"


def test_the_address_we_wrote_to_counts_not_where_it_was_forwarded() -> None:
    one = "Original-Recipient: rfc822;anna@oak.example\r\n" + block("inner@backend.oak.example")
    assert [f.address for f in failed(report(one))] == ["anna@oak.example"]


@pytest.mark.parametrize(
    ("status", "told", "hard"),
    [
        ("5.1.1", "550 5.1.1 user unknown", True),
        ("5.0.0", "550 No such user here", True),
        (None, "550 sorry, no mailbox here by that name", True),
        (None, "550 5.1.2 host unknown (Name server: host not found)", True),
        (
            "5.1.10",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            True,
        ),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", True),
        (None, "Unbekannter Empfänger", True),
        (None, "宛先不明", True),
        ("5.1.6", "", True),
        ("5.2.2", "552 5.2.2 mailbox full", False),
        ("5.1.1", "550 5.1.1 quota exceeded", False),
        ("4.1.1", "450 4.1.1 user unknown", False),
        (None, "451 greylisted, try again later", False),
        ("5.7.1", "554 5.7.1 message rejected as spam", False),
        ("5.7.1", "550 5.7.1 unknown user, blocked by policy", False),
        ("5.2.1", "The account that you tried to reach is disabled", False),
        ("5.0.0", "550 sender address rejected: domain not found", False),
        ("5.0.0", "550 user unknown (in reply to end of DATA command)", False),
        ("5.3.4", "552 5.3.4 message size exceeds limit", False),
        (None, "", False),
        (None, "something nobody has ever written", False),
    ],
)
def test_hard_means_the_address_is_no_good_for_ever(status: str | None, told: str, hard: bool) -> None:
    assert failures.is_hard(status, told) is hard


QMAIL = "Hi. This is the qmail-send program at mx.oak.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up.\n\n<anna@oak.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <partner-support@zohocorp.com>\nMessage-ID: <letter-7@desk.example>\nTo: anna@oak.example, other@client.example\n"  # fmt: skip
EXIM = "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  anna@oak.example\n    mailbox is full: retry timeout exceeded\n\n  ben@oak.example\n    550 no such user\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-Id: <letter-7@desk.example>\n"  # fmt: skip
YAHOO = "Sorry, we were unable to deliver your message to the following address.\n\n<anna@oak.example>:\n550: 5.1.1 user unknown\n"
EXCHANGE = "Your message\n\n  To:      anna@oak.example\n  Subject: Export\n\ndid not reach the following recipient(s):\n\nanna@oak.example on Mon, 9 Nov 2026 10:00:00 +0000\n    The recipient name is not recognized\n"  # fmt: skip
LATE = "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its recipients after more than 24 hours.\n\n  anna@oak.example\n\nNo action is required on your part. Delivery attempts will continue.\n"  # fmt: skip


def plain(
    body: str, subject: str, sender: str = "Mail Delivery System <mailer-daemon@mx.oak.example>", *more: str
) -> str:
    return "\r\n".join([f"From: {sender}", f"To: {DESK}", f"Subject: {subject}", *more, "", body])


@pytest.mark.parametrize(
    ("body", "subject", "expected", "letter"),
    [
        (QMAIL, "failure notice", [("anna@oak.example", True)], "<letter-7@desk.example>"),
        (EXIM, "Mail delivery failed: returning message to sender", [("anna@oak.example", False), ("ben@oak.example", True)], "<letter-7@desk.example>"),
        (YAHOO, "Failure Notice", [("anna@oak.example", True)], None),
        (EXCHANGE, "Undeliverable: Export", [("anna@oak.example", True)], None),
        (LATE, "Warning: message 1abc delayed 24 hours", [("anna@oak.example", False)], None),
    ],
)  # fmt: skip
def test_bounces_that_are_only_text_are_read_too(
    body: str, subject: str, expected: list[tuple[str, bool]], letter: str | None
) -> None:
    found = detect(plain(body, subject))
    assert found is not None
    assert found.kind == "bounce"
    assert [(f.address, f.hard) for f in found.failed] == expected
    assert found.original_message_id == letter
    assert found.delayed == (body == LATE)


def test_a_header_may_name_the_failed_address() -> None:
    raw = plain("Sorry.\n\nWrite to postmaster@oak.example for help.", "Delivery failed", "robot@oak.example", "X-Failed-Recipients: anna@oak.example")  # fmt: skip
    assert [f.address for f in failed(raw)] == ["anna@oak.example"]


def test_an_odd_sender_s_bounce_is_known_by_its_opening() -> None:
    assert failed(plain(QMAIL, "[Crew] failure notice", "admin@far.example"))


def test_a_bounce_of_the_null_sender_needs_title_and_words() -> None:
    raw = plain(
        "The following addresses failed:\n\n<anna@oak.example>: user unknown",
        "Returned mail",
        "robot@far.example",
    )
    found = detect(raw, envelope_from="")
    assert found is not None
    assert found.kind == "bounce"
    assert detect(plain("Could you call me?", "Hello", "eve@far.example"), envelope_from="") is None


@pytest.mark.parametrize("sender", ["anna@oak.example", "carl@client.example"])
@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Mail delivery failed for our customer", f"Hello,\nour customer gets this since Monday:\n\n{QMAIL}"),
        ("Re: failure notice", "I saw this too. Which address did you write to?"),
        (
            "Undeliverable mails",
            "Mails to carl@client.example are returned with 550 user unknown. Please help.",
        ),
    ],
)
def test_people_who_write_about_bounces_are_people(subject: str, body: str, sender: str) -> None:
    assert detect(plain(body, subject, sender)) is None


def test_a_notification_service_s_json_is_read() -> None:
    notice = {
        "notificationType": "Bounce",
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "Anna@oak.example", "status": "5.1.1", "diagnosticCode": "smtp; 550"}]},
        "mail": {"commonHeaders": {"messageId": "<letter-7@desk.example>"}},
    }  # fmt: skip
    for text in (
        json.dumps(notice),
        json.dumps({"Type": "Notification", "Message": json.dumps(notice)}, indent=1),
    ):
        found = detect(plain(f"{text}\n--\nunsubscribe", "Notification", "no-reply@sns.example"))
        assert found is not None
        assert (found.kind, found.original_message_id) == ("bounce", "<letter-7@desk.example>")
        assert found.failed == (FailedRecipient("anna@oak.example", True, "5.1.1", "smtp; 550"),)


@pytest.mark.parametrize("text", ['{"notificationType": "Bounce"', "{" * 5_000 + "notificationType", '{"notificationType": "Bounce", "bounce": [1]}', '{"Message": "x", "notificationType": 1}'])  # fmt: skip
def test_broken_json_is_no_notice_and_no_fault(text: str) -> None:
    assert detect(plain(text, "Notification", "no-reply@sns.example")) is None


@pytest.mark.parametrize("seed", ["a@b.example\n", "<", "550 5.1.1 ", "user unknown\n", "\n", "@"])
def test_hostile_bounces_are_read_within_bounds(seed: str) -> None:
    found = detect(plain("Delivery has failed\n" + seed * (60_000 // len(seed)), "failure notice"))
    assert found is not None
    assert len(found.failed) <= failures.MOST_RECIPIENTS


@pytest.mark.parametrize(
    ("status", "told", "hard"),
    [
        ("5.1.1", ("the account is suspended",), True),
        (None, ("the account is suspended",), False),
        ("5.1.1", ("mailbox full",), False),
        ("5.2.2", ("user unknown",), False),
        ("5.7.1", ("user unknown",), False),
        ("4.1.1", ("user unknown",), False),
        ("5.0.0", ("user unknown",), True),
        (None, ("user unknown",), True),
        (None, ("x", "user unknown"), True),
        (None, ("mailbox full", "user unknown"), False),
        ("5.1.1", ("x", "mailbox full"), False),
        ("5.1.10", ("x",), True),
        ("5.1.8", ("x",), False),
        (None, ("",), False),
        (None, ("user unknown, try again",), True),
        (None, ("the host has moved, try again",), False),
        ("5.1.1", ("the host has moved, try again",), True),
        (None, ("user unknown", "in reply to end of data"), False),
        ("5.1.1", ("user unknown", "in reply to end of data"), True),
        (None, ("does not accept mail", "in reply to end of data"), True),
        (None, ("a" * 3_987 + " user unknown",), True),
        (None, ("a" * 3_988 + " user unknown",), False),
    ],
)
def test_an_address_is_no_good_for_ever_by_the_nearest_words_and_else_by_its_status(
    status: str | None, told: tuple[str, ...], hard: bool
) -> None:
    assert failures.is_hard(status, *told) is hard
