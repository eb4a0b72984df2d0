"""Whose addresses a mail mentions: the customer's by the words beside them, others', ours, and nobody's."""

from __future__ import annotations

import pytest

from tests.reading.test_identifiers import HOUSE, find
from triaged.reading.identifiers.people import Circle, is_kin
from triaged.reading.mime.message import Message
from triaged.reading.values import Address

A, P, G = "it@alder.example", "kim@pine.example", "kim@gmail.com"
PHONE = "480-555-0190"


def told(text: str) -> tuple[str, ...]:
    """The customer's addresses that a mail gives."""
    return find(text).customer_emails


@pytest.mark.parametrize(
    ("text", "customers"),
    [
        (f"{P} cannot log in.", (P,)),
        (f"The vendor {P} cannot log in.", ()),
        (f"{P} (vendor) cannot log in", ()),
        (f"{P} (our supplier).", ()),
        (f"{P} can't write to a vendor.", (P,)),
        (f"{P} gets mail from the bank.", (P,)),
        (f"He sends mail to {P}.", ()),
        (f"The user sends mail to {P}.", ()),
        (f"mail from {P} is lost", ()),
        (f"{P} sends mail to {A}.", (P,)),
        (f"The user {A} got mail from {P}.", (A,)),
        (f"The user {A} and {P} fail", (A,)),
        (f"{A} and {P} fail", (A, P)),
        # Another sentence, another paragraph
        (f"A vendor wrote. {P} fails", (P,)),
        (f"A vendor wrote\n\n{P} fails", (P,)),
        (f"A vendor wrote\n- {P} fails", (P,)),
        (f"vendor\nuser: {P}", (P,)),
        (f"A vendor wrote;{P} fails", ()),
        (f"A vendor wrote\n{P} fails", ()),
        (f"vendor Dr. {P} fails", ()),
        (f"{P} fails. The vendor wrote.", (P,)),
        (f"The user, {P}, their consultant, is away. {A} fails", (A,)),
        (f"vendor {'x' * 82} {P}", ()),
        (f"vendor {'x' * 90} {P}", (P,)),
        # Ours
        (f"Our colleague {P} can help.", ()),
        (f"Please reply to me at {P}.", ()),
        (f"The customer's colleague {P} fails", (P,)),
        # Who signs
        (f"Anna | {PHONE} | {P}", ()),
        (f"tel. {PHONE} {P}", ()),
        (f"Anna {PHONE} {P}", (P,)),
        (f"Anna | {P}", (P,)),
        (f"Anna | {PHONE} | {P}" + "\nx" * 10, ()),
        (f"Anna | {PHONE} | {P}" + "\nx" * 11, (P,)),
        (f"{'x' * 166} | {PHONE} | {P}", ()),
        (f"{'x' * 167} | {PHONE} | {P}", (P,)),
    ],
)
def test_whose_an_address_is_say_the_words_of_its_sentence(text: str, customers: tuple[str, ...]) -> None:
    assert told(text) == customers


@pytest.mark.parametrize(
    ("other", "kin"),
    [
        ("kim@alder.example", True),
        ("kim@mail.alder.example", True),
        ("kim@alder-shop.example", True),
        (P, False),
        (f"user {P}", True),
        (G, False),
    ],
)
def test_beside_a_superadmin_those_of_his_house_are_the_customer_s(other: str, kin: bool) -> None:
    assert told(f"SuperAdmin: {A}. {other} fails") == ((other.split()[-1],) if kin else ())


def test_those_who_share_a_provider_are_of_no_house() -> None:
    assert told(f"The vendor {G} knows. SuperAdmin: it@gmail.com") == ()
    assert told(f"{G} knows. SuperAdmin: it@gmail.com") == (G,)
    assert not is_kin("gmail.com", frozenset({"gmail.example"}))
    assert is_kin("gmail.com", frozenset({"gmail.com"}))


@pytest.mark.parametrize(
    ("address", "nobody"),
    [
        ("support@zoho.com", True), ("partner-support@zoho.com", True), ("billing@zoho.eu", True), ("support-de@zoho.com", True), ("supporter@zoho.com", False),
        ("anna@zoho.com", False), ("anna@zohocorp.com", True), ("anna@manageengine.com", True), ("anna@zohomail.com", False), ("anna@myzoho.com", False),
        ("no-reply@alder.example", True), ("mailer-daemon@alder.example", True), ("notification@alder.example", True), ("reply@alder.example", False),
        ("kim@oakbridge.example", True), ("kim@sub.oakbridge.example", True), ("kim@notoakbridge.example", False), ("kim@example", True),
        ("name@company.com", True), ("partner-support@eu.zohocorp.com", True), ("dana@far.example", True), ("cc@far.example", True), ("kim@far.example", False),
    ],
)  # fmt: skip
def test_ours_the_partner_s_the_header_s_and_nobody_s_are_no_customer_s(address: str, nobody: bool) -> None:
    mail = Message(from_=(Address("", "dana@far.example"),), cc=(Address("", "cc@far.example"),))
    assert Circle.of(mail, HOUSE).excludes(address) is nobody


def test_the_houses_beside_a_partner_are_those_in_copy_and_beside_nobody_the_sender_s() -> None:
    cc, far = Address("", "cc@alder.example"), Address("", "dana@far.example")
    desk, free = Address("", "partner-support@zohocorp.com"), Address("", G)
    partner = Address("", "dana@oakbridge.example")
    assert Circle.of(Message(from_=(partner,), to=(desk,), cc=(cc, free)), HOUSE).beside == {"alder.example"}
    circle = Circle.of(Message(from_=(far,), to=(desk, partner), reply_to=(cc,), sender=(free,)), HOUSE)
    assert circle.beside == {"far.example"}
    assert circle.header == {one.address for one in (far, desk, partner, cc, free)}
    assert circle.is_support("partner-support@zohocorp.com")
    assert circle.is_support("ben@zohocorp.com")
    assert not circle.is_support("dana@oakbridge.example")
