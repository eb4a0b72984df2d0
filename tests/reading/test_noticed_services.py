"""Which words name a service: with its house's name, by a capital and a place, in a field, a subject, a last resort."""

from __future__ import annotations

import pytest

from triaged.reading.identifiers.passages import Part, Passage
from triaged.reading.services.service_names import Names
from triaged.reading.values import Service

NAMES = Names(
    tuple(
        Service(name, aliases)
        for name, aliases in (
            ("Zoho Books", ()), ("Zoho Desk", ()), ("Zoho People", ()), ("Zoho Mail", ()), ("Zoho CRM", ("CRM",)), ("Zoho CRM Plus", ()), ("Zoho Sign", ()),
            ("Zoho Invoice", ()), ("Zoho DataPrep", ("Data Prep",)), ("Zoho Billing", ("Zoho Subscriptions",)), ("Acme Ledger", ("AL-9",)),
        )
    )
)  # fmt: skip


def named(text: str, part: Part = "new", *, any_case: bool = False, loosely: bool = False) -> str:
    """The services named in a text and as it writes them; `!` behind one that is a name by itself."""
    found = NAMES.mentions(Passage.of(part, text), any_case=any_case, loosely=loosely)
    return ", ".join(f"{one.name.removeprefix('Zoho ')}={one.written}{'!' * one.full}" for one in found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zoho books hangs", "Books=zoho books!"),
        ("Zoho-Books", "Books=Zoho-Books!"),
        ("ZohoBooks", "Books=ZohoBooks!"),
        ("zoho_books", "Books=zoho_books!"),
        ("ゾーホーBooks", "Books=ゾーホーBooks!"),
        ("ゾーホー Books", "Books=ゾーホー Books!"),
        ("Zoho\nBooks", "Books=Zoho\nBooks!"),
        ("crm", "CRM=crm!"),
        ("crmx", ""),
        ("xcrm", ""),
        ("https://crm.zoho.com/x CRM", "CRM=CRM!"),
        ("a@crm.zoho.com", ""),
        ("Zoho CRM Plus Zoho Desk", "CRM Plus=Zoho CRM Plus!, Desk=Zoho Desk!"),
        ("Zoho CRM plus Zoho Desk", "CRM=Zoho CRM plus!, Desk=Zoho Desk!"),
        ("zoho crm plus", "CRM Plus=zoho crm plus!"),
        ("DataPrep", "DataPrep=DataPrep!"),
        ("Zoho Data Prep", "DataPrep=Zoho Data Prep!"),
        ("zoho dataprep", "DataPrep=zoho dataprep!"),
        ("data prep", "DataPrep=data prep!"),
        ("Zoho Subscriptions", "Billing=Zoho Subscriptions!"),
        ("your Zoho subscriptions", ""),
        ("zoho Invoice fails", "Invoice=zoho Invoice!"),
        ("your Zoho invoice", ""),
        ("acme ledger", "Acme Ledger=acme ledger!"),
        ("AL9", "Acme Ledger=AL9!"),
        ("al 9", "Acme Ledger=al 9!"),
    ],
)
def test_a_name_by_itself_is_one_however_it_is_written(text: str, found: str) -> None:
    assert named(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Books hang", "Books=Books"),
        ("books hang", ""),
        ("We see it in Books", "Books=Books"),
        ("we see it in books", ""),
        ("Books Ltd", ""),
        ("in Books Ltd", "Books=Books"),
        ("I like Books", "Books=Books"),
        ("Dear Books", ""),
        ("Anna Books hang", ""),
        ("use Desk", "Desk=Desk"),
        ("We use People", "People=People"),
        ("we met People in town", ""),
        ("People hang", "People=People"),
        ("with Sign", ""),
        ("in Sign", "Sign=Sign"),
        ("in Sign Ltd", ""),
        ("Sign it", ""),
        ("It ends. Sign it", ""),
        ("It ends. Sign is down", "Sign=Sign"),
        ("- Sign is down", "Sign=Sign"),
        ("Sign Ltd is down", ""),
        ("Desk: since today", "Desk=Desk"),
        ("Desk: 700", ""),
        ("People: since", ""),
        ("Mail hangs", ""),
        ("in Mail", ""),
        ("mail app", ""),
        ("desk app", "Desk=desk"),
        ("people module", "People=people"),
        ("Desk-Portal", "Desk=Desk"),
        ("Desk-1", ""),
        ("PLEASE LOOK AT BOOKS", ""),
        ("look at BOOKS", "Books=BOOKS"),
        ("A: BOOKS hang", "Books=BOOKS"),
        ("AB: BOOKS hang", ""),
        ("これはBooksです", "Books=Books"),
        ("Booksで", "Books=Books"),
        ("Mailで", "Mail=Mail"),
        ("Mailのメール", ""),
    ],
)
def test_a_plain_word_names_a_service_by_its_capital_and_its_place(text: str, found: str) -> None:
    assert named(text) == found


@pytest.mark.parametrize("text", ["books", "BOOKS", "in the books", "Books Ltd", "Dear Books"])
def test_in_a_field_a_plain_word_is_enough(text: str) -> None:
    assert named(text, any_case=True).lower() == "books=books"
    assert named(text) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thornbury, Desk, merge", "Desk=Desk"),
        ("Sign - envelope stuck", "Sign=Sign"),
        ("Re: Desk", "Desk=Desk"),
        ("Re: desk", ""),
        ("Desk", "Desk=Desk"),
        ("x | Desk", "Desk=Desk"),
        ("x/Desk", "Desk=Desk"),
        ("Desk: x", "Desk=Desk"),
        ("Desk <x>", "Desk=Desk"),
        ("Desk (x)", ""),
        ("Anna Desk, merge", ""),
        ("Desk Anna", ""),
        ("Mail", ""),
        ("Invoice", ""),
    ],
)
def test_a_piece_of_a_subject_by_itself_names_a_service(text: str, found: str) -> None:
    assert named(text, "subject") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it is desk", "Desk=desk"),
        ("It's people.", "People=people"),
        ("it is people now", ""),
        ("It's invoice", ""),
        ("we saw it is people", ""),
        ("a bug in desk", "Desk=desk"),
        ("the desk is", ""),
        ("a bug in people", ""),
        ("Desk tickets vanish", "Desk=Desk"),
        ("Desk Ltd", ""),
        ("Anna Desk", ""),
    ],
)
def test_where_no_better_name_stands_a_likely_word_does(text: str, found: str) -> None:
    assert named(text, loosely=True) == found


def test_a_host_and_a_written_form_are_a_service_s() -> None:
    hosts = ("crm", "crm-plus", "desk", "books", "x", "")
    assert [NAMES.of_host(host) for host in hosts] == [
        "Zoho CRM",
        "Zoho CRM Plus",
        "Zoho Desk",
        "Zoho Books",
        None,
        None,
    ]
    assert NAMES.name("zohobooks") == ("Zoho Books", True)
    assert NAMES.name("books") == ("Zoho Books", False)
    assert list(Names(()).mentions(Passage.of("new", "Zoho CRM"))) == []


def test_the_words_around_a_service_are_those_of_its_sentence() -> None:
    (one,) = NAMES.mentions(Passage.of("new", "It ended. Then\nthe CRM\nwent down! Why"))
    assert (one.before, one.after, one.line_before) == ("then the ", " went down", "the ")
    (far,) = NAMES.mentions(Passage.of("new", f"{'a' * 90} CRM {'b' * 90}"))
    assert (far.before, far.after) == ("a" * 79 + " ", " " + "b" * 79)
    assert far.line_before == far.before
