"""What a mail is, and what follows: who opens a ticket, who may get letters, and who is only told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.rulebook.rulebooks import sender
from triaged.judging.mail_kinds import Sort, sort
from triaged.reading.read import read
from triaged.reading.values import Authentication, Automatic, Door, Reading, Surroundings
from triaged.vocabulary import Kind

MAIL = read(b"From: Anna <anna@partner.example>\r\nTo: desk@own.example\r\nSubject: Login\r\n\r\nIt is down.\r\n", Door(), Surroundings())  # fmt: skip
OURS: dict[str, Any] = {"role": "staff", "address": "ben@own.example", "trusted": False}


def mail(result: str = "pass", *oddities: str, **fields: Any) -> Reading:
    authentication = Authentication(result, f"dmarc={result}", oddities)  # type: ignore[arg-type]
    return replace(MAIL, authentication=authentication, **fields)


def told(found: Sort) -> tuple[str, str, bool, str]:
    return str(found.kind), found.why, found.opens_ticket, found.letters


@pytest.mark.parametrize(
    ("fields", "who", "expected"),
    [
        ({}, {}, ("request", "partner, dmarc=pass", True, "full")),
        ({}, {"trusted": False, "role": "stranger", "why": "no partner"}, ("request", "no partner", True, "generic")),
        ({}, {"address": ""}, ("request", "partner, dmarc=pass", True, "none")),
        ({"thanks": True}, {}, ("thanks", "nothing but thanks", False, "none")),
        ({"automatic": Automatic(Kind.LIST, "newsletter")}, {}, ("list", "newsletter", False, "none")),
        ({"automatic": Automatic(Kind.LIST, "newsletter"), "thanks": True}, OURS, ("list", "newsletter", False, "none")),
    ],
)  # fmt: skip
def test_a_mail_is_a_request_unless_something_says_otherwise(
    fields: dict[str, Any], who: dict[str, Any], expected: tuple[str, str, bool, str]
) -> None:
    assert told(sort(mail(**fields), sender(**who))) == expected


@pytest.mark.parametrize(
    ("oddities", "who", "expected"),
    [
        ((), {}, ("spoof", "pretends to be anna@partner.example: dmarc=fail", True, "none")),
        ((), OURS, ("spoof", "pretends to be ben@own.example: dmarc=fail", True, "none")),
        ((), {"role": "stranger", "trusted": False, "why": "unknown"}, ("request", "unknown", True, "none")),
        (("a look-alike of partner.example",), {"role": "stranger", "address": ""}, ("spoof", "pretends to be somebody of ours: dmarc=fail", True, "none")),
        (("an address in the name",), {"role": "stranger", "why": "unknown"}, ("request", "unknown", True, "none")),
    ],
)  # fmt: skip
def test_who_fails_and_is_or_looks_like_one_of_ours_pretends(
    oddities: tuple[str, ...], who: dict[str, Any], expected: tuple[str, str, bool, str]
) -> None:
    assert told(sort(mail("fail", *oddities), sender(**who))) == expected


@pytest.mark.parametrize("result", ["pass", "none", "unknown"])
def test_only_who_fails_pretends(result: str) -> None:
    assert sort(mail(result), sender()).kind == "request"


OWN = ("staff", "ben@own.example is one of our own people", False, "none")
GIVEN_ON = ("request", "ben@own.example is one of our own people and writes to support alone", True, "none")


@pytest.mark.parametrize(
    ("fields", "how", "expected"),
    [
        ({"inward": True}, {}, GIVEN_ON),
        ({"inward": False}, {}, OWN),
        ({"inward": True}, {"on_ticket": True}, OWN),
        ({"inward": True}, {"sent": True}, OWN),
        ({"inward": True, "answers": True}, {}, OWN),
        ({"inward": True, "in_reply_to": ("<a@b.example>",)}, {}, OWN),
        ({"inward": True, "references": ("<a@b.example>",)}, {}, OWN),
        ({"inward": True, "references": ("<a@b.example>",), "parts": replace(MAIL.parts, is_forward=True)}, {}, GIVEN_ON),
        ({"inward": True, "answers": True, "parts": replace(MAIL.parts, is_forward=True)}, {}, OWN),
    ],
)  # fmt: skip
def test_of_our_own_people_only_what_begins_a_matter_is_a_request(
    fields: dict[str, Any], how: dict[str, Any], expected: tuple[str, str, bool, str]
) -> None:
    assert told(sort(mail(**fields), sender(**OURS), **how)) == expected


def test_who_may_not_write_into_the_ticket_he_names_abuses_it_unless_he_is_ours() -> None:
    found = sort(mail(thanks=True), sender(), stranger_on_ticket="not of this ticket")
    assert told(found) == ("abuse", "not of this ticket", False, "none")
    assert told(sort(mail(), sender(**OURS), stranger_on_ticket="not of this ticket")) == OWN
