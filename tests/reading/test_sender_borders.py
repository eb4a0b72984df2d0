"""Who a mail is from, at its borders: names that look alike in any script, domains compared, one From."""

from __future__ import annotations

import pytest

from triaged.judging import senders
from triaged.judging.directory import parse
from triaged.reading.read import read
from triaged.reading.sender.alignment import aligned
from triaged.reading.sender.lookalikes import imitated, parents
from triaged.reading.values import Door, Surroundings

KNOWN = frozenset({"oakbridge.example", "oak.example"})


def puny(name: str) -> str:
    return f"xn--{name.encode('punycode').decode()}.example"


@pytest.mark.parametrize(
    ("domain", "model"),
    [
        (puny("oakbrıdge"), "oakbridge.example"),
        (puny("оakbridge"), "oakbridge.example"),  # a Cyrillic o
        (puny("оak"), "oak.example"),
        (puny("birch"), ""),
        ("xn--zzzzzzzz9999999.example", ""),
        ("0ak.example", ""),
        ("oakbrige.example", "oakbridge.example"),
        ("oakbrdige.example", "oakbridge.example"),
        ("oakbxxdge.example", ""),
        ("oakbridge.co.uk", "oakbridge.example"),
        ("oakbridge-support.example", "oakbridge.example"),
        ("oakbridge.example.evil.test", "oakbridge.example"),
        ("mail.oakbridge.example", ""),
        ("oakbridge.example", ""),
        ("", ""),
    ],
)
def test_a_domain_that_looks_like_a_known_one_is_told(domain: str, model: str) -> None:
    assert imitated(domain, KNOWN) == model


def test_a_domain_has_at_most_nine_above_it() -> None:
    assert parents("a.oak.example") == {"oak.example", "example"}
    assert len(parents(".".join("abcdefghijklmno"))) == 9


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("bücher.example", "xn--bcher-kva.example", True),
        ("mail.bücher.example", "xn--bcher-kva.example", True),
        ("oak.example.", "OAK.example", True),
        ("mail.oak.example", "oak.example", True),
        ("oak.example", "notoak.example", False),
        ("ⅷ.example", "viii.example", False),
        ("ü..example", "ü..example", False),
        (f"{'a' * 64}ü.example", f"{'a' * 64}ü.example", False),
        ("one.co.uk", "co.uk", False),
    ],
)
def test_domains_are_compared_as_they_travel_in_dns(one: str, other: str, same: bool) -> None:
    assert aligned(one, other) is same


def mail(from_: str, door: Door | None = None):
    raw = f"From: {from_}\nTo: desk@own.example\nSubject: x\n\nHello".encode()
    return read(raw, door or Door(), Surroundings())


@pytest.mark.parametrize(
    ("from_", "result", "why"),
    [
        ("anna@oak.example", "pass", "our own house vouches for anna@oak.example"),
        ("ben@oak.example", "fail", "made for anna@oak.example, and says it is from somebody else"),
        ("anna@oak.example, ben@oak.example", "fail", "made for anna@oak.example, and says it is from somebody else"),
    ],
)  # fmt: skip
def test_what_our_own_house_made_for_somebody_is_from_him_alone(from_: str, result: str, why: str) -> None:
    found = mail(from_, Door(vouched="anna@oak.example")).authentication
    assert (found.result, found.why) == (result, why)


@pytest.mark.parametrize(
    ("from_", "door", "role", "trusted", "why"),
    [
        ("anna@oak.example", Door(vouched="anna@oak.example"), "partner", True, "partner, our own house vouches for anna@oak.example"),
        ("anna@oak.example", Door(behind_mta=False), "partner", False, "came through a door that is not behind our mail server"),
        ("anna@oak.example, ben@oak.example", Door(vouched="anna@oak.example"), "partner", False, "2 From addresses"),
        ("eve@else.example", Door(vouched="eve@else.example"), "stranger", False, "else.example is not a partner's domain or contact"),
        ("ben@own.example", Door(vouched="ben@own.example"), "staff", False, "one of our own people; partner, our own house vouches for ben@own.example"),
        ("undisclosed", Door(), "stranger", False, "no From address"),
    ],
)  # fmt: skip
def test_a_sender_is_trusted_with_one_from_of_a_partner_and_our_word_for_it(
    from_: str, door: Door, role: str, trusted: bool, why: str
) -> None:
    directory, wrong = parse(
        "key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions\n",
        "domain,name,tier,region,contacts\noak.example,Oak,premium,EU,\n", accounts_name="a", partners_name="p",
    )  # fmt: skip
    assert wrong == [] and directory is not None
    found = senders.who(mail(from_, door), directory, Surroundings(staff_domains=frozenset({"own.example"})))
    assert (found.role, found.trusted, found.why) == (role, trusted, why)
