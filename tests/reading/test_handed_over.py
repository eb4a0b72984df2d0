"""Mail of our own domain that is somebody else's: groups that rewrite From, colleagues who forward."""

from __future__ import annotations

import pytest

from triaged.reading import read
from triaged.reading.values import Door, Reading, Surroundings

DESK = "partner-desk@own.example"
HOUSE = Surroundings(
    support_addresses=frozenset({DESK}),
    staff_domains=frozenset({"own.example"}),
    partner_domains=frozenset({"oak.example"}),
    trusted_authserv_ids=frozenset({"mx.own.example"}),
)
BODY = "Hello,\n\nour customer cannot export.\nSuperAdmin: it@reed.example\nZOID: 60011122233\n\nAnna\n"


def reading(
    sender: str,
    *headers: str,
    body: str = BODY,
    subject: str = "Export",
    to: str = DESK,
    dmarc: str = "pass",
    sent: bool = False,
) -> Reading:
    top = [
        f"Authentication-Results: mx.own.example; dmarc={dmarc} header.from=own.example",
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        *headers,
    ]
    return read.read("\n".join([*top, "", body]).encode(), Door(sent_folder=sent), HOUSE)


GROUPS = [
    (f"\"'Anna Bell' via Partner Desk\" <{DESK}>", "Reply-To: Anna Bell <anna@oak.example>", "X-Original-From: Anna Bell <anna@oak.example>", f"List-Id: <{DESK}>", "Precedence: list"),
    (f"Anna Bell via Partner Desk <{DESK}>", "X-Original-Sender: anna@oak.example", "Reply-To: partner-desk@own.example", "List-Post: <https://groups.example/post>"),
    ("\"Anna Bell (anna@oak.example) via desk-list\" <desk-list@own.example>",),
    ("Anna Bell via Desk List <desk-list@own.example>", "Reply-To: anna@oak.example", "X-BeenThere: desk-list@own.example"),
    ("\"Anna Bell über Partner Desk\" <desk-list@own.example>", "Reply-To: Anna Bell <anna@oak.example>"),
    ("desk-list@own.example", "X-MS-Exchange-Organization-OriginalSender: anna@oak.example"),
    (f"Web form <{DESK}>", "Reply-To: Anna Bell <anna@oak.example>"),
]  # fmt: skip


@pytest.mark.parametrize("headers", GROUPS)
def test_a_group_that_rewrites_from_hands_over_its_author_s_mail(headers: tuple[str, ...]) -> None:
    found = reading(*headers, to="desk-list@own.example" if "desk-list" in headers[0] else DESK)
    assert (found.sender.address, found.automatic) == ("anna@oak.example", None)
    assert found.authentication.result == "unknown" and "hands over" in found.authentication.why
    assert (
        found.identifiers.zoid == ("60011122233",)
        and "anna@oak.example" not in found.identifiers.customer_emails
    )


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("Sam Mill <sam@own.example>", ("Reply-To: anna@oak.example",)),  # a colleague's own setting
        ("Sam Mill via Desk <desk-list@own.example>", ("Reply-To: sam@own.example",)),
        (f"Partner Desk <{DESK}>", ("Reply-To: anna@oak.example", "In-Reply-To: <x@oak.example>")),
    ],
)
def test_what_our_own_people_write_stays_theirs(sender: str, headers: tuple[str, ...]) -> None:
    assert reading(sender, *headers).sender.domain == "own.example"


def test_a_forger_of_our_domain_hands_over_nothing() -> None:
    assert reading(*GROUPS[0], dmarc="fail").sender.address == DESK


BLOCKS = [
    "---------- Forwarded message ---------\nFrom: Anna Bell <anna@oak.example>\nDate: Thu, 26 Nov 2026 at 10:00\nSubject: Export\nTo: Sam <sam@own.example>\n\n",
    "-----Ursprüngliche Nachricht-----\nVon: Anna Bell <anna@oak.example>\nGesendet: Donnerstag, 26. November 2026 10:00\nAn: Sam Mill <sam@own.example>\nBetreff: Export\n\n",
    "Kimden: Anna Bell <anna@oak.example>\nGönderilen: 26.11.2026 09:02\nKime: Sam Mill <sam@own.example>\nKonu: Export\n\n",
    "გამგზავნი: Anna Bell <anna@oak.example>\nგაგზავნილია: 26.11.2026 09:02\nმიმღები: Sam Mill <sam@own.example>\nთემა: Export\n\n",
    f"差出人: Anna Bell <anna@oak.example>\n送信日時: 2026年11月26日 9:02\n宛先: {DESK}\n件名: Export\n\n",
]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("subject", ["Fwd: Export", "WG: Export", "İLT: Export"])
def test_a_colleague_s_forward_is_the_partner_s_mail(block: str, subject: str) -> None:
    found = reading(
        "Sam Mill <sam@own.example>", body=f"Please open a case.\n\nSam\n\n{block}{BODY}", subject=subject
    )
    assert (found.sender.address, found.authentication.result) == ("anna@oak.example", "unknown")
    assert (
        found.identifiers.zoid == ("60011122233",) and found.identifiers.superadmin_email == "it@reed.example"
    )


def test_a_forward_that_also_goes_outside_or_lies_in_the_sent_folder_is_staff_s() -> None:
    text = f"As discussed.\n\n{BLOCKS[0]}{BODY}"
    assert (
        reading("sam@own.example", body=text, subject="Fwd: x", to=f"{DESK}, ben@oak.example").sender.address
        == "sam@own.example"
    )
    assert (
        reading("sam@own.example", body=text, subject="Fwd: x", sent=True).sender.address == "sam@own.example"
    )


def test_a_forward_of_nobody_we_know_stays_the_colleague_s() -> None:
    text = BLOCKS[0].replace("oak.example", "far.example") + BODY
    assert reading("sam@own.example", body=text, subject="Fwd: x").sender.address == "sam@own.example"
