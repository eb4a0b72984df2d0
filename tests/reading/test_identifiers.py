"""Whom a mail is about: tables of what partners write beside what it gives."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reading import identifier_cases as cases
from triaged.reading.identifiers import identifiers
from triaged.reading.mime.message import Message
from triaged.reading.new_text import quotes
from triaged.reading.values import Address, Identifiers, Surroundings

SUPPORT = frozenset({"partner-support@zohocorp.com", "partner-support@eu.zohocorp.com"})
HOUSE = Surroundings(
    support_addresses=SUPPORT,
    staff_domains=frozenset({"zohocorp.com"}),
    partner_domains=frozenset({"oakbridge.example"}),
)


def find(
    text: str, subject: str = "A question", cc: tuple[str, ...] = (), from_: str = "dana@oakbridge.example"
) -> Identifiers:
    mail = Message(
        from_=(Address("Dana", from_),),
        to=(Address("", "partner-support@zohocorp.com"),),
        cc=tuple(Address("", a) for a in cc),
        subject=subject,
        text=text,
    )
    return identifiers.find(mail, quotes.cut(text, subject=subject, support_addresses=SUPPORT), HOUSE)


def told(found: Identifiers) -> dict[str, Any]:
    """What was found, as the tables write it."""
    given = {
        "sa": found.superadmin_email or "",
        "ca": " ".join(sorted(found.customer_emails)),
        **{kind: " ".join(getattr(found, kind)) for kind in ("zoid", "zuid", "zgid")},
    }
    return {name: value for name, value in given.items() if value}


def rows(*tables: list[tuple[str, dict[str, str]]]) -> list[Any]:
    return [
        pytest.param(text, want, id=text[:50].replace("\n", " ")) for table in tables for text, want in table
    ]


@pytest.mark.parametrize(("text", "want"), rows(cases.TEMPLATE, cases.GROUPED))
def test_a_template_gives_its_values_in_any_layout(text: str, want: dict[str, str]) -> None:
    assert told(find(text)) == want


@pytest.mark.parametrize(("text", "want"), rows(cases.RUNNING, cases.WITHDRAWN))
def test_running_text_gives_labelled_ids_and_no_other_number(text: str, want: dict[str, str]) -> None:
    assert told(find(text)) == want


@pytest.mark.parametrize(("text", "want"), rows(cases.LANGUAGES))
def test_labels_of_other_languages_are_known(text: str, want: dict[str, str]) -> None:
    assert told(find(text)) == want


@pytest.mark.parametrize(("text", "want"), rows(cases.SUPERADMIN, cases.CUSTOMERS))
def test_addresses_are_told_apart_by_the_words_around_them(text: str, want: dict[str, str]) -> None:
    assert told(find(text)) == want


@pytest.mark.parametrize(("text", "want"), rows(cases.FORWARDS))
def test_a_forward_gives_its_author_and_its_ids(text: str, want: dict[str, str]) -> None:
    assert told(find(text, subject="Fwd: see below")) == want


@pytest.mark.parametrize(("text", "want"), rows(cases.MORE))
def test_other_hands_write_otherwise(text: str, want: dict[str, str]) -> None:
    assert told(find(text)) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("ZOID: 60031122334 (invoice number)", {}),
        ("Org: 60031122334 (order no)", {}),
        ("60031122334 (invoice number, not the ZOID)", {}),
        ("ZOID: 60031155555\n60031122334 (invoice)", {"zoid": "60031155555"}),
        ("ZOID 60031155555, 60031122334 (invoice)", {"zoid": "60031155555"}),
        ("SuperAdmin: it@alder.example (ticket 7)", {"sa": "it@alder.example"}),
    ],
)
def test_a_bracket_that_calls_a_number_something_else_is_believed(text: str, want: dict[str, str]) -> None:
    assert told(find(text)) == want


def test_the_subject_gives_ids_and_addresses() -> None:
    found = find("Please help.", subject="Login of anna@alder.example, ZUID 60031122999 [PS-10421]")
    assert told(found) == {"ca": "anna@alder.example", "zuid": "60031122999"}
    assert {f.part for f in found.found} == {"subject"}


def test_a_subject_taken_back_in_the_body_gives_nothing() -> None:
    found = find(
        "Sorry, the ZOID in the subject is wrong. Right: ZOID 60031155555", subject="ZOID 60031122334"
    )
    assert found.zoid == ("60031155555",)


def test_header_addresses_are_no_customer_addresses_but_a_labelled_superadmin_stays() -> None:
    text = (
        "SuperAdmin (in CC): it@alder.example. File shared by ann@alder.example (CC) with kim@alder.example."
    )
    found = find(text, cc=("it@alder.example", "ann@alder.example"))
    assert told(found) == {"sa": "it@alder.example", "ca": "kim@alder.example"}


def test_a_customer_who_writes_himself_names_his_people() -> None:
    found = find(
        "Our superadmin is it@alder.example. My colleague kim@alder.example sees it too.",
        from_="neil@alder.example",
    )
    assert found.superadmin_email == "it@alder.example"
    assert "neil@alder.example" not in found.customer_emails


def test_reply_quotes_give_nothing() -> None:
    text = "Thanks, ZOID 60031155555 now.\n\nOn Tue, 17 Nov 2026 at 18:05, Partner Support <partner-support@zohocorp.com> wrote:\n> ZOID: 60031122334\n> SuperAdmin: it@alder.example"
    assert told(find(text)) == {"zoid": "60031155555"}


def test_an_inline_answer_takes_the_label_it_stands_under() -> None:
    text = (
        "My answers inline.\n\nOn Tue, 17 Nov 2026 at 18:05, Partner Support <partner-support@zohocorp.com> wrote:\n"
        "> Primary customer email (e.g. name@company.com):\nit@alder.example\n> Service Org ID (ZOID, e.g. 20012345678):\n60031122334\n"
        "> User ID (ZUID):\nwill follow\n> Thank you"
    )
    assert told(find(text)) == {"sa": "it@alder.example", "zoid": "60031122334"}


def test_a_signature_gives_nothing() -> None:
    text = "User is anna@alder.example.\n\nRegards\n-- \nDana | Oakbridge\nOur ZOID: 90000000017\nhelp@oak-desk.example | +1 206 555 0117"
    assert told(find(text)) == {"ca": "anna@alder.example"}


@pytest.mark.parametrize(
    "text",
    [
        "Two customers, one question: Alder (ZOID 60031122334) and Beech (ZOID 60031155555).",
        "２社様分まとめてのお問い合わせです。",
        "SuperAdmin of Alder: it@alder.example\nSuperAdmin of Beech: boss@beech.example",
    ],
)
def test_two_customers_in_one_mail_are_told(text: str) -> None:
    found = find(text)
    assert found.several_customers
    assert found.why_several


@pytest.mark.parametrize(
    "text",
    [
        "Another customer of ours wants two portals.",
        "They have two of their customers waiting.",
        "Both users of Alder cannot log in.",
    ],
)
def test_one_customer_is_not_taken_for_two(text: str) -> None:
    assert not find(text).several_customers


def test_every_find_says_by_what_and_where() -> None:
    found = find(
        "Primary customer email: it@alder.example\nsee https://crm.zoho.example/crm/org60031122334/tab"
    )
    assert [(f.kind, f.by, f.part) for f in found.found] == [
        ("superadmin_email", "template", "new"),
        ("zoid", "url", "new"),
    ]
    assert all(f.value in f.context for f in found.found)
