"""Machines' mail whose evidence is weighed: one mark more or less decides, and the reason names what was found."""

from __future__ import annotations

import pytest

from tests.reading.test_automatic import detect
from triaged.reading.automatic.absences import absence
from triaged.reading.values import Door

STRANGER, PARTNER = "anna@far.example", "anna@oak.example"


def told(body: str, subject: str, *headers: str, sender: str = STRANGER, door: Door | None = None) -> str:
    """Kind and reason of what a mail is; empty for a person's."""
    found = detect(body, subject, *headers, sender=sender, door=door)
    return f"{found.kind}: {found.why}" if found else ""


AWAY = "absence note: “i am away”"
SAID = ", “this is an automatic”"


@pytest.mark.parametrize(
    ("subject", "text", "hints", "expected"),
    [
        ("Export", "I am away.", 0, ""),
        ("Export", "I am away.", 1, AWAY),
        ("Export", "I am away. Please check.", 1, ""),
        ("Export", "I am away. Please check.", 2, AWAY),
        ("Export", "I am away. Please check our customer.", 2, ""),
        ("Export", "I am away. Please check our customer.", 3, ""),
        ("Export", "I am away until 5 June.", 0, ""),
        ("Export", "I am away until 5 June. I will reply when I am back.", 0, AWAY),
        ("Export", "I am away. This is an automatic reply.", 0, AWAY + SAID),
        ("Export", "This is an automatic reply.", 2, ""),
        ("Out of office", "Hello", 0, "absence note: “out of office”"),
        ("Out of office", "", 0, "absence note: “out of office”"),
        ("Out of office", "Please check.", 0, ""),
        ("Out of office", "Please check.", 1, "absence note: “out of office”"),
        ("Out of office replies are off", "I am away.", 0, ""),
        ("Out of office replies are off", "I am away until 5 June.", 0, AWAY),
        ("Automatic reply: Export", "I am away. Can you check, our customer waits?", 0, ""),
        ("Automatic reply: Export", "ZOID: 60011122233", 0, ""),
        ("Automatic reply: x", "This is an automatic reply. I am away.", 0, "absence note: “automatic reply”, “i am away”" + SAID),
        ("Automatic reply: x", "This is an automatic reply. ZOID: 60011122233", 0, "absence note: “automatic reply”" + SAID),
        ("Re: Automatic reply: Export", "I am away.", 0, ""),
        ("Re: Automatic reply: Export", "Hello", 0, ""),
        ("Export (OOO)", "Hello", 0, "absence note: “(ooo)”"),
        ("Re: Export (OOO)", "Hello", 0, "absence note: “(ooo)”"),
    ],
)  # fmt: skip
def test_an_absence_is_weighed_against_what_is_wanted(
    subject: str, text: str, hints: int, expected: str
) -> None:
    assert absence(subject, text, hints) == expected


POST, ID, WEB = "List-Unsubscribe-Post: x", "List-Id: x", "List-Unsubscribe: <https://x.example>"
BULK, CAMPAIGN = "Precedence: bulk", "Feedback-ID: 1"
LABELLED = "ZOID: 60011122233"
BY_POST, BY_ID = "List-Unsubscribe-Post", "List-Id without a place to post"


@pytest.mark.parametrize(
    ("headers", "text", "sender", "expected"),
    [
        ((POST, ID), "Hello", STRANGER, f"{BY_POST}, {BY_ID}"),
        ((POST,), "Hello", STRANGER, ""),
        ((POST, ID), "Hello", PARTNER, ""),
        ((POST, ID, "Precedence: Junk"), "Hello", PARTNER, f"{BY_POST}, {BY_ID}, Precedence: bulk"),
        ((ID,), "Unsubscribe. View in browser.", STRANGER, f"{BY_ID}, how to leave, how to leave, twice"),
        ((ID,), f"{'a ' * 1_000}Unsubscribe.", STRANGER, ""),
        ((WEB, ID, CAMPAIGN), "Hello", STRANGER, f"List-Unsubscribe by web, {BY_ID}, campaign headers"),
        (("List-Unsubscribe: <mailto:x@x.example>", ID, CAMPAIGN), "Hello", STRANGER, ""),
        ((ID, BULK), "Hello", "news@far.example", f"{BY_ID}, Precedence: bulk, the sender's name"),
        ((ID, BULK), "Hello", "newsagent@far.example", ""),
        ((POST, WEB, ID, BULK), LABELLED, STRANGER, ""),
        ((POST, WEB, ID, BULK), "Please check.", STRANGER, f"{BY_POST}, List-Unsubscribe by web, {BY_ID}, Precedence: bulk"),
        ((POST, WEB, ID, BULK, CAMPAIGN), LABELLED, STRANGER, f"{BY_POST}, List-Unsubscribe by web, {BY_ID}, Precedence: bulk, campaign headers"),
    ],
)  # fmt: skip
def test_a_newsletter_has_several_marks_and_more_where_it_wants_something(
    headers: tuple[str, ...], text: str, sender: str, expected: str
) -> None:
    assert told(text, "News", *headers, sender=sender) == (expected and f"list: newsletter: {expected}")


FOREIGN = "list: a list post that is not addressed to us"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (("Precedence: List",), FOREIGN),
        (("List-Post: x",), FOREIGN),
        (("X-BeenThere: x",), FOREIGN),
        (("List-Id: <all.far.example>",), FOREIGN),
        (("Precedence: bulk",), ""),
        (("List-Post: x", "Cc: ben@oak.example"), ""),
        (("List-Post: x", "Cc: partner-support@zohocorp.com"), ""),
        (("List-Post: <mailto:all@oak.example>",), ""),
        (("List-Post: <mailto:all@far.example>", "List-Id: <all.lists.oak.example>"), ""),
        (("List-Id: <all.lists.oak.example>",), FOREIGN),
        (("List-Post: x", "Cc: ben@oak.example", POST, WEB, BULK, CAMPAIGN), ""),
    ],
)
def test_a_post_to_a_list_counts_where_we_or_a_partner_s_group_are_addressed(
    headers: tuple[str, ...], expected: str
) -> None:
    assert told("Hello", "News", "To: all@far.example", *headers) == expected


REPORT = '--b\r\nContent-Type: text/plain\r\n\r\nTold.\r\n--b\r\nContent-Type: message/{}\r\n\r\n{}\r\n\r\n--b--\r\n'  # fmt: skip
DISPLAYED = "Original-Message-ID: <letter-7@desk.example>\r\nDisposition: manual-action; displayed"


@pytest.mark.parametrize(
    "outer", ["multipart/mixed", "multipart/report; report-type=disposition-notification"]
)
@pytest.mark.parametrize(
    ("fields", "kind", "expected", "original"),
    [
        (DISPLAYED, "receipt", "read notice (manual-action; displayed)", "<letter-7@desk.example>"),
        ("Disposition: displayed", "receipt", "read notice (displayed)", None),
        (f"Disposition: {'x' * 120}", "receipt", f"read notice ({'x' * 100})", None),
    ],
)
def test_a_read_notice_is_known_by_its_fields(
    outer: str, fields: str, kind: str, expected: str, original: str | None
) -> None:
    body = REPORT.format("disposition-notification", fields)
    found = detect(body, "Export", f'Content-Type: {outer}; boundary="b"')
    assert found is not None
    assert (found.kind, found.why, found.original_message_id) == (kind, expected, original)


def test_a_read_notice_without_fields_is_one_by_its_type() -> None:
    body = REPORT.format("disposition-notification", "Reporting-UA: x")
    typed = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"'
    assert told(body, "Export", typed) == "receipt: read notice (disposition-notification)"


@pytest.mark.parametrize("outer", ["multipart/mixed", "multipart/report; report-type=feedback-report"])
def test_an_abuse_report_is_known_by_its_type_or_its_fields(outer: str) -> None:
    body = REPORT.format("feedback-report", "Feedback-Type: abuse")
    header = f'Content-Type: {outer}; boundary="b"'
    assert told(body, "Export", header) == "abuse: an abuse report (feedback-report)"


@pytest.mark.parametrize(
    ("text", "is_notice"),
    [
        ("Your mail was read on Monday.", True),
        ("", True),
        ("Hello", False),
        ("It was read on Monday. Please check.", True),
        ("It was read on Monday. Please check our customer.", False),
    ],
)
def test_a_read_notice_by_its_subject_wants_nothing(text: str, is_notice: bool) -> None:
    assert told(text, "Read: Export") == ("receipt: read notice: “read:”" if is_notice else "")


GENERATED = "Auto-Submitted: Auto-Generated; x"


@pytest.mark.parametrize(
    ("text", "sender", "header", "is_notice"),
    [
        ("The disk is full.", STRANGER, GENERATED, True),
        ("The disk is full.", STRANGER, "Auto-Submitted: no", False),
        ("The disk is full.", PARTNER, GENERATED, False),
        ("Please check.", STRANGER, GENERATED, True),
        ("Please check our customer.", STRANGER, GENERATED, False),
    ],
)
def test_a_strangers_machine_that_wants_nothing_is_no_request(
    text: str, sender: str, header: str, is_notice: bool
) -> None:
    expected = "list: a machine's notice (Auto-Submitted: auto-generated)" if is_notice else ""
    assert told(text, "Disk", header, sender=sender) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("X-Autoreply: Off", ""),
        ("X-OOF: 0", ""),
        ("X-OOF:", "X-OOF: "),
        (f"X-Vacation: {'y' * 50}", f"X-Vacation: {'y' * 40}"),
        ("Delivered-To: Autoresponder@x.example", "Delivered-To: Autoresponder"),
        ("Precedence: Auto-Reply", "Precedence: auto_reply"),
        ("Precedence: autoreply", "Precedence: auto_reply"),
        ("Auto-Submitted: Auto-Replied;x (y)", "Auto-Submitted: auto-replied"),
    ],
)
def test_the_header_by_which_a_machine_is_known_is_told(header: str, expected: str) -> None:
    assert told("Hello", "Export", header) == (expected and f"auto_reply: {expected}")


GOT, TITLED = "We have received your mail.", "Your request received"
BY_TEXT, BY_TITLE = "we have received your", "request received"


@pytest.mark.parametrize(
    ("subject", "text", "headers", "sender", "found"),
    [
        ("Export", f"{GOT} We will reply.", (), STRANGER, ""),
        ("Export", f"{GOT} We will reply.", (), "support@far.example", BY_TEXT),
        ("Export", f"{GOT} We will reply.", (), "supporter@far.example", ""),
        ("Export", f"{GOT} We will reply.", ("X-Loop: a",), STRANGER, BY_TEXT),
        ("Export", f"{GOT} We will reply. Please check.", ("X-Loop: a",), STRANGER, ""),
        ("Export", GOT, ("X-Loop: a",), STRANGER, ""),
        ("Export", GOT, ("X-Loop: a", BULK), STRANGER, BY_TEXT),
        (
            "Export",
            f"{GOT} Please check.",
            ("X-Loop: a", BULK, "X-MS-Exchange-Inbox-Rules-Loop: x"),
            STRANGER,
            "",
        ),
        ("Export", f"{GOT} This is an automatic reply.", (), STRANGER, BY_TEXT),
        ("Export", f"{'a' * 378} {GOT} This is an automatic reply.", (), STRANGER, BY_TEXT),
        ("Export", f"{'a' * 379} {GOT} This is an automatic reply.", (), STRANGER, ""),
        (TITLED, GOT, (), STRANGER, BY_TITLE),
        (TITLED, "Hello", (BULK,), STRANGER, ""),
        (TITLED, "Hello", (BULK, "X-Loop: a"), STRANGER, BY_TITLE),
        (f"{TITLED} [#12345]", "Hello", (), STRANGER, BY_TITLE),
        (f"{TITLED} (12345)", "We will reply.", (), STRANGER, BY_TITLE),
        (f"{TITLED} 12345", "We will reply.", (), STRANGER, ""),
    ],
)
def test_a_ticket_system_is_weighed_against_what_is_wanted(
    subject: str, text: str, headers: tuple[str, ...], sender: str, found: str
) -> None:
    expected = found and f"auto_reply: a ticket system says it has our letter: “{found}”"
    assert told(text, subject, *headers, sender=sender) == expected


@pytest.mark.parametrize(
    ("more", "is_guard"),
    [
        ("", False),
        ("Click here.", True),
        ("Reply to this.", True),
        ("http://x.example", True),
        ("It is awaiting your confirmation.", True),
        ("Click here, please check our customer.", True),
        ("Click here, please check, can you help our customer?", False),
    ],
)
def test_a_spam_guard_says_what_to_do(more: str, is_guard: bool) -> None:
    expected = "auto_reply: a spam guard wants proof: “message has been held”" if is_guard else ""
    assert told(f"Your message has been held. {more}", "Export") == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("X-Spam-Flag: YES", "X-Spam-Flag: YES"),
        ("X-Spam-Status: Yes, score=9", "X-Spam-Status: Yes, score=9"),
        (f"X-Spam: {'spam ' * 10}", f"X-Spam: {'spam ' * 8}"),
        ("X-Spam-Flag: no", ""),
        ("X-Spam-Flag: yesterday", ""),
    ],
)
def test_only_behind_our_own_server_a_header_makes_spam(header: str, expected: str) -> None:
    assert told("Hello", "Export", header, door=Door(behind_mta=True)) == (expected and f"spam: {expected}")
    assert told("Hello", "Export", header, door=Door(behind_mta=False)) == ""
