"""Whom a letter goes to: people of the sender's house, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.rulebook.rulebooks import sender
from tests.tickets.world import DESK, at, event, ticket
from triaged.judging.decisions import Partner
from triaged.letters import recipients
from triaged.reading.mime import message
from triaged.reading.values import Surroundings
from triaged.tickets.ticket import Happening, Person

OURS, ANNA, BEN, CY = "support@desk.example", "anna@oak.example", "ben@oak.example", "cy@ash.example"
HOUSE = Surroundings(support_addresses=frozenset({OURS}), staff_domains=frozenset({"desk.example"}))
PARTNER = Partner("oak.example", "Oak", "premium", "EU", contacts=(CY,))
NOW = at("2026-11-20 16:00")


def answered(*headers: str, known: tuple[str, ...] = (), **who: Any) -> recipients.Addresses:
    """Whom a letter goes to that answers a mail of these headers."""
    mail = message.parse("\r\n".join([*headers, "Subject: x", "", "x"]).encode())
    return recipients.recipients(
        mail, HOUSE, sender(**{"address": ANNA, "partner": PARTNER, **who}), known=known
    )


FROM, TO = f"From: {ANNA}", f"To: {OURS}, {BEN}"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((FROM,), ((ANNA,), ())),
        ((FROM, TO), ((ANNA,), (BEN,))),
        ((FROM, TO, f"Cc: {BEN}, {CY}, {ANNA}"), ((ANNA,), (BEN, CY))),
        ((FROM, "Cc: dee@fir.example, lead@desk.example"), ((ANNA,), ())),
        ((FROM, "Cc: team@oak.example, support@oak.example, no-reply@oak.example"), ((ANNA,), ())),
        ((FROM, TO, f"Reply-To: {BEN}"), ((BEN,), ())),
        ((FROM, "Reply-To: dee@fir.example"), ((ANNA,), ())),
        ((FROM, "Reply-To: team@oak.example"), ((ANNA,), ())),
        ((FROM, "Reply-To: no-reply@oak.example"), ((ANNA,), ())),
        (("From: team@oak.example",), (("team@oak.example",), ())),
        (("From: no-reply@oak.example", TO), ((), ())),
        ((f"From: {OURS}", TO), ((), ())),
        ((f"From: {ANNA}, {BEN}", TO), ((), ())),
        ((TO,), ((), ())),
    ],
)
def test_an_answer_goes_to_people_of_the_sender_s_house(
    headers: tuple[str, ...], expected: recipients.Addresses
) -> None:
    assert answered(*headers) == expected


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ({"role": "staff"}, ((), ())),
        ({"role": "stranger", "partner": None}, ((ANNA,), ())),
        ({"trusted": False}, ((ANNA,), ())),
        ({"address": BEN}, ((ANNA,), ())),
    ],
)
def test_copies_are_of_a_partner_who_is_believed(who: dict[str, Any], expected: recipients.Addresses) -> None:
    assert answered(FROM, TO, **who) == expected


def test_a_known_group_gets_no_letter_and_no_more_than_twenty_get_copies() -> None:
    assert answered(FROM, TO, known=("Ben@oak.example",)) == ((ANNA,), ())
    assert answered(FROM, TO, known=("Anna@oak.example",)) == ((), ())
    many = [f"p{number}@oak.example" for number in range(21)]
    assert answered(FROM, f"Cc: {', '.join(many)}") == ((ANNA,), tuple(many[:20]))


PEOPLE = (Person(ANNA), Person(BEN, role="cc"), Person(CY, role="reader"), Person("", role="cc"))


@pytest.mark.parametrize(
    ("happened", "trusted", "expected"),
    [
        ((), True, ((ANNA,), (BEN,))),
        ((), False, ((), ())),
        ((Happening.STAFF_ANSWERED,), False, ((ANNA,), ())),
        ((Happening.STAFF_NOTED,), False, ((), ())),
    ],
)
def test_later_letters_of_a_ticket_go_to_its_people_where_it_is_believed_or_was_answered(
    happened: tuple[Happening, ...], trusted: bool, expected: recipients.Addresses
) -> None:
    told = ticket(NOW, *(event(NOW, one) for one in happened), people=PEOPLE, trusted=trusted)
    assert recipients.addressees(told) == expected


@pytest.mark.parametrize(
    ("happened", "kind", "to"),
    [
        (Happening.LETTER_WRITTEN, "acknowledgment", (ANNA,)),
        (Happening.LETTER_SENT, "acknowledgment_unverified", (ANNA,)),
        (Happening.LETTER_SENT, "closed", ()),
        (Happening.LETTER_FAILED, "acknowledgment", ()),
    ],
)
def test_who_is_not_believed_gets_letters_where_we_told_him_that_his_mail_came(
    happened: Happening, kind: str, to: tuple[str, ...]
) -> None:
    told = ticket(NOW, event(NOW, happened, kind=kind, key="k"), people=PEOPLE, trusted=False)
    assert recipients.addressees(told) == (to, ())


@pytest.mark.parametrize(
    ("assigned", "tier", "expected"),
    [
        ("", 1, ("leads@staff.example",)),
        ("Ben", 1, ("leads@staff.example",)),
        ("ben@desk.example", 1, ("ben@desk.example",)),
        ("ben@desk.example", 2, ("ben@desk.example", "tier2@staff.example")),
        ("tier3@staff.example", 3, ("tier3@staff.example",)),
        ("", 4, ("leads@staff.example",)),
        ("", 0, ("leads@staff.example",)),
    ],
)
def test_of_staff_the_assigned_person_is_told_and_from_the_second_tier_on_its_people(
    assigned: str, tier: int, expected: tuple[str, ...]
) -> None:
    desk = replace(DESK, tiers={**DESK.tiers, 1: ("tier1@staff.example",)})
    assert recipients.staff_of(ticket(NOW, assigned_to=assigned), desk, tier) == expected
