"""Machines' mail at its borders: what just is one and what just is none, and which reason is given."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reading.test_automatic import detect, kind
from tests.reading.test_bounces import block, failed, plain, report
from tests.reading.test_bounces import detect as detect_bounce
from triaged.reading.automatic import failures, notifications
from triaged.reading.automatic.thanks import is_thanks
from triaged.reading.values import Door, FailedRecipient

TAKEN_BACK = 'Anna Bell would like to recall the message, "Export".'


def why(body: str, subject: str, *headers: str, sender: str = "anna@oak.example") -> str:
    """The reason for what a mail is; empty for a person's."""
    found = detect(body, subject, *headers, sender=sender)
    return found.why if found else ""


@pytest.mark.parametrize(
    ("subject", "body", "header", "expected"),
    [
        ("Export", TAKEN_BACK, "", "a recall: “would like to recall the message”"),
        ("Export", f"{TAKEN_BACK}\nx", "", ""),
        ("Export", TAKEN_BACK.replace('"', ""), "", ""),
        ("Export", f"{TAKEN_BACK:a<299}", "", "a recall: “would like to recall the message”"),
        ("Export", f"{TAKEN_BACK:a<300}", "", ""),
        ("Recall: Export", "", "", "a recall: “recall:”"),
        ("Recall: Export", "hello there", "", ""),
        ("Recall: Export", f"{TAKEN_BACK} {'a' * 846}", "", "a recall: “recall:”"),
        ("Recall: Export", f"{TAKEN_BACK} {'a' * 847}", "", ""),
        ("Export", "Taken back.", "X-MS-Exchange-Recall-Report: yes", "a recall (its header says so)"),
        ("Export", "Taken back.", "X-Recalled: yes", "a recall (its header says so)"),
        ("Export", "Taken back.", "X-Recaller: yes", ""),
        ("Export", "Taken back. Can you check?", "X-Recalled: yes", ""),
        ("Export", "Taken back. ZOID: 60011122233", "X-Recalled: yes", ""),
    ],
)
def test_a_recall_is_its_header_or_its_title_or_its_one_sentence(
    subject: str, body: str, header: str, expected: str
) -> None:
    assert why(body, subject, *([header] if header else [])) == expected


ZIPPED = 'Content-Type: application/gzip; name="r.gz"\r\nContent-Disposition: attachment; filename="r.gz"\r\nContent-Transfer-Encoding: base64\r\n\r\nH4sIAAAA'  # fmt: skip
OF_MACHINE = "an abuse or authentication report, by its subject"


@pytest.mark.parametrize(
    ("subject", "text", "attached", "header", "expected"),
    [
        ("Report domain: oak.example", "See file.", True, "", OF_MACHINE),
        ("Report domain: oak.example", "See file.", False, "", ""),
        ("Report domain: oak.example", "See file.", True, "Reply-To: anna@oak.example", ""),
        ("Our report domain: oak.example", "See file.", True, "", ""),
        ("Report domain: oak.example", "a" * 3_999, True, "", OF_MACHINE),
        ("Report domain: oak.example", "a" * 4_000, True, "", ""),
    ],
)
def test_an_authentication_report_by_its_subject_has_a_file_and_nobody_to_answer(
    subject: str, text: str, attached: bool, header: str, expected: str
) -> None:
    words = f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
    body = f"{words}{f'--b{chr(13)}{chr(10)}{ZIPPED}{chr(13)}{chr(10)}' if attached else ''}--b--\r\n"
    headers = ('Content-Type: multipart/mixed; boundary="b"', *([header] if header else []))
    assert why(body, subject, *headers, sender="anna@far.example") == expected


def notice(what: str, **more: Any) -> str:
    told = {"notificationType": what, "mail": {"commonHeaders": {"messageId": "<letter-7@desk.example>"}}}
    return json.dumps({**told, **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (notice("Complaint"), ("abuse", "delivery notice (JSON): complaint", "<letter-7@desk.example>")),
        (notice("Delivery"), ("receipt", "delivery notice (JSON): delivered", "<letter-7@desk.example>")),
        (notice("Delivery", mail={}), ("receipt", "delivery notice (JSON): delivered", None)),
        (notice("Bounce"), ("bounce", "delivery notice (JSON): failed", "<letter-7@desk.example>")),
        (notice("Rendering Failure"), None),
        (f"[{notice('Bounce')}]", None),
    ],
)
def test_a_notification_service_tells_what_became_of_a_letter(
    text: str, expected: tuple[str, str, str | None] | None
) -> None:
    found = notifications.delivery(text)
    assert (found and (str(found.kind), found.why, found.original_message_id)) == expected


def test_a_transient_notice_fails_nobody_for_good_and_names_fifty_at_most() -> None:
    people = [{"emailAddress": f"<A{number}@oak.example>"} for number in range(51)]
    found = notifications.delivery(
        notice("Bounce", bounce={"bounceType": "Transient", "bouncedRecipients": people})
    )
    assert found is not None
    assert found.failed == tuple(FailedRecipient(f"a{n}@oak.example", False, None, "") for n in range(50))


def test_a_report_that_names_nobody_is_of_the_letter_s_only_recipient() -> None:
    letter = 'Content-Type: message/rfc822\r\n\r\nMessage-ID: <letter-7@desk.example>\r\nTo: {}\r\nSubject: Export\r\n\r\nhi\r\n'  # fmt: skip

    def given_back(to: str) -> tuple[FailedRecipient, ...]:
        body = f"--b\r\nContent-Type: text/plain\r\n\r\nDelivery has failed: no such user.\r\n--b\r\n{letter.format(to)}\r\n--b--\r\n"
        found = detect_bounce(
            plain(body, "failure notice", "MAILER-DAEMON@mx.oak.example", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"')
        )  # fmt: skip
        assert found is not None
        assert (found.kind, found.original_message_id) == ("bounce", "<letter-7@desk.example>")
        return found.failed

    assert [(one.address, one.hard) for one in given_back("Anna <anna@oak.example>")] == [
        ("anna@oak.example", True)
    ]
    assert given_back("anna@oak.example, ben@oak.example") == ()


def test_a_block_without_an_address_is_of_the_letter_s_recipient_only_where_it_is_alone() -> None:
    nameless = "Action: failed\r\nStatus: 5.1.1"
    assert [one.address for one in failed(report(nameless))] == ["anna@oak.example"]
    assert [one.address for one in failed(report(nameless, block("ben@oak.example")))] == ["ben@oak.example"]


def test_a_recipient_told_of_twice_counts_once() -> None:
    raw = report(block("anna@oak.example"), block("Anna@oak.example", "4.4.1"))
    assert [(one.address, one.status) for one in failed(raw)] == [("anna@oak.example", "5.1.1")]


@pytest.mark.parametrize(
    ("text", "subject", "answers", "expected"),
    [
        ("田中です。ありがとうございます。", "Export", False, True),
        ("オーク社の田中です。ありがとうございます。", "Export", False, True),
        ("ログイン。ありがとうございます。", "Export", False, False),
        ("Anna\nthanks", "Export", False, True),
        ("anna\nthanks", "Export", False, False),
        ("Anna Maria Bell\nthanks", "Export", False, True),
        ("Anna Maria Von Bell\nthanks", "Export", False, False),
        ("thanks " * 50, "Export", True, True),
        ("thanks " * 51, "Export", True, False),
        ("thanks 1234", "Export", True, True),
        ("thanks 12345", "Export", True, False),
        (f"thanks {'a' * 393}", "Export", True, True),
        (f"thanks {'a' * 394}", "Export", True, False),
        ("thanks", "Can you call?", False, False),
        ("thanks", "Can you call?", True, True),
    ],
)
def test_thanks_are_short_and_name_at_most_who_writes(
    text: str, subject: str, answers: bool, expected: bool
) -> None:
    assert is_thanks(text, subject, answers=answers) is expected


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Out of office", "auto_reply"),
        ("Out of office: Export", "auto_reply"),
        ("Out of office until Monday", "auto_reply"),
        ("Out of office replies", None),
    ],
)
def test_a_title_of_absence_stands_alone_or_goes_on_as_notes_do(subject: str, expected: str | None) -> None:
    assert kind("I will be back on Monday.", subject) == expected


@pytest.mark.parametrize(
    ("scl", "expected"),
    [("4", None), ("5", "SCL 5"), ("9", "SCL 9"), ("-1", None), ("high", None), ("", None)],
)
def test_a_spam_level_of_five_is_spam_and_four_is_not(scl: str, expected: str | None) -> None:
    door = Door(behind_mta=True)
    found = detect("Hello", "Export", f"X-MS-Exchange-Organization-SCL: {scl}", door=door)
    assert (found.why if found else None) == expected
    found = detect("Hello", "Export", f"X-Forefront-Antispam-Report: CIP:1;SCL:{scl};SFV:NSPM", door=door)
    assert (found.why if found else None) == expected


@pytest.mark.parametrize(
    ("before", "sender", "expected"),
    [
        ("", "anna@far.example", "bounce"),
        (f"{'x' * 38} ", "anna@far.example", "bounce"),
        (f"{'x' * 39} ", "anna@far.example", None),
        ("", "anna@oak.example", None),
    ],
)
def test_a_stranger_s_bounce_that_wants_something_begins_at_once_as_one(
    before: str, sender: str, expected: str | None
) -> None:
    body = f"{before}Ihre Nachricht konnte nicht zugestellt werden. Please check."
    assert kind(body, "Undelivered Mail", sender=sender) == expected


SERVER = "Mail Delivery System <mailer-daemon@mx.oak.example>"
FAILED = "Delivery to the following recipients failed permanently:\n\n"
ANNA, BEN = "anna@oak.example", "ben@oak.example"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (f"<{ANNA}>: user unknown", [(ANNA, True, None, "")]),
        (f"<{ANNA}>: 550 5.1.1 user unknown", [(ANNA, True, "5.1.1", f"<{ANNA}>: 550 5.1.1 user unknown")]),
        (
            f"<{ANNA}>:\n  said: 550  user unknown\n  again\n\n<{BEN}>:\n 452 4.2.2 mailbox full",
            [(ANNA, True, None, "said: 550 user unknown"), (BEN, False, "4.2.2", "452 4.2.2 mailbox full")],
        ),
        (f"<{ANNA}>: user unknown\nIf in doubt contact help@oak.example", [(ANNA, True, None, "")]),
        (f"<{ANNA}>: user unknown\n{'x' * 388} b@c.example", [(ANNA, True, None, ""), ("b@c.example", False, None, "")]),
        (f"<{ANNA}>: user unknown\n{'x' * 389} b@c.example", [(ANNA, True, None, "")]),
        (f"<{ANNA}>: user unknown partner-support@zohocorp.com", [(ANNA, True, None, "")]),
        (f"<{ANNA}>: user unknown mailer-daemon@mx2.oak.example", [(ANNA, True, None, "")]),
        ("postmaster@mx2.oak.example: user unknown", [("postmaster@mx2.oak.example", True, None, "")]),
        (f"To: {ANNA}\nuser unknown", [(ANNA, True, None, "")]),
        (f"To: {ANNA}\n{BEN} user unknown", [(BEN, True, None, "")]),
        ("Anna@Oak.example. user unknown", [(ANNA, True, None, "")]),
        ("anna@-oak.example user unknown", []),
        (f"{ANNA}\n{ANNA}", [(ANNA, False, None, "")]),
        (f"{ANNA} 5.1.1", [(ANNA, True, "5.1.1", f"{ANNA} 5.1.1")]),
        (f"{ANNA} 5.1.1234", [(ANNA, False, None, "")]),
        (f"{ANNA} 450-x", [(ANNA, False, None, f"{ANNA} 450-x")]),
        (f"{ANNA} 1550 x", [(ANNA, False, None, "")]),
        (f"{ANNA}\n550 {'x' * 600}", [(ANNA, False, None, f"550 {'x' * 496}")]),
    ],
)  # fmt: skip
def test_a_bounce_in_plain_words_tells_of_each_recipient(
    told: str, expected: list[tuple[str, bool, str | None, str]]
) -> None:
    found = failed(plain(FAILED + told, "failure notice"))
    assert found == tuple(FailedRecipient(*one) for one in expected)


def test_headers_name_whom_it_failed_for_and_of_many_fifty_are_told() -> None:
    named = failed(plain("Sorry.", "failure notice", *(SERVER, f"X-Failed-Recipients: {ANNA}, {BEN}")))
    assert [one.address for one in named] == [ANNA, BEN]
    many = "\n".join(f"<a{number}@oak.example>: user unknown" for number in range(51))
    assert [one.address for one in failed(plain(FAILED + many, "failure notice"))] == [
        f"a{number}@oak.example" for number in range(50)
    ]


@pytest.mark.parametrize(
    ("blocks", "text", "expected"),
    [
        (
            ["Final-Recipient: rfc822;<Anna@oak.example>\r\nAction: Failed\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n  user  unknown"],
            "", [(ANNA, True, "5.1.1", "smtp; 550 5.1.1 user unknown")],
        ),
        (
            [f"X-Actual-Recipient: rfc822; {ANNA}\r\nFinal-Recipient: rfc822; x\r\nAction: failed\r\nStatus: 5.1.1 (bad)"],
            "", [(ANNA, True, "5.1.1", "")],
        ),
        ([block(ANNA, "5.1.1", "x" * 600)], "", [(ANNA, True, "5.1.1", "smtp; " + "x" * 494)]),
        (
            [block(ANNA, "5.0.0"), block(BEN, "5.0.0")],
            f"<{ANNA}>: user unknown\n\n<{BEN}>: mailbox full", [(ANNA, True, "5.0.0", ""), (BEN, False, "5.0.0", "")],
        ),
        (
            [block(ANNA, "5.0.0"), block(BEN, "5.0.0")],
            f"{BEN}\nbelow\n{ANNA}:\nuser unknown\n\nmailbox full", [(ANNA, True, "5.0.0", ""), (BEN, False, "5.0.0", "")],
        ),
    ],
)  # fmt: skip
def test_a_delivery_report_tells_of_each_recipient(
    blocks: list[str], text: str, expected: list[tuple[str, bool, str | None, str]]
) -> None:
    assert failed(report(*blocks, text=text)) == tuple(FailedRecipient(*one) for one in expected)


def test_a_copy_of_the_letter_begins_below_the_second_line_at_the_soonest() -> None:
    below = "--- Below this line is a copy of the message.\nb"
    assert failures.before_copy(f"a\n{below}") == f"a\n{below}"
    assert failures.before_copy(f"a\nb\n{below}") == "a\nb"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "calendar"),
        ("Please check.", None),
        ("Anna has accepted this invitation.", "calendar"),
        ("Anna has accepted this invitation. Please check.", "calendar"),
        ("Anna has accepted this invitation. Please check our customer.", None),
    ],
)
def test_an_answer_to_an_invitation_by_its_subject_says_little(words: str, expected: str | None) -> None:
    assert kind(words, "Accepted: Review") == expected
