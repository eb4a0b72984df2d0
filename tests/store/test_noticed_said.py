"""What of the words kept beside the mails nobody would have noticed: which are kept of what, and what an older version left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.store.row_changes import rows, set_in
from tests.store.samples import NOW, arrival, event, letter, new_ticket, open_tickets, write
from tests.store.test_pages import ELM, SCOPES, opened, references, said
from tests.store.test_said import tell, untold
from triaged.store import Fate, Store
from triaged.store.rows import LedgerMail, SaidMail
from triaged.store.said import LONGEST, LONGEST_TAG, letter_row, mail_row, ticket_rows
from triaged.store.tables import letter as letters
from triaged.store.tables import mail as mails
from triaged.tickets.ticket import Attached, Happening, Person, Ticket

STAFF = SCOPES["staff"]
OAKS, NOBODYS = "zof5cb9d84c477d2724", "zofnobody"
MAIL = SaidMail(
    7, 3, "PS-7", "Oak.example", "partner", "anna@x.example", "Anna", ("a@x.example",), ("c@x.example",), "Subj", "Words"
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, f"{OAKS} ps 7 subj anna x example anna words"),
        ({"partner": None}, f"{NOBODYS} ps 7 subj anna x example anna words"),
        ({"audience": "staff"}, "ps 7 subj anna x example anna words"),
        (
            {"more": ("more", "yet"), "files": (("f.txt", "t", 1),)},
            f"{OAKS} ps 7 subj anna x example anna more yet f txt words",
        ),
    ],
)
def test_what_a_mail_is_found_by(changes: dict[str, Any], words: str) -> None:
    told = replace(MAIL, **changes)
    row = (7, 3, told.audience, "Anna", ("a@x.example",), ("c@x.example",), told.files, "Words", words)
    assert mail_row(told) == row
    long = mail_row(replace(told, text="x" * (LONGEST + 1)))
    assert long[7] == "x" * LONGEST


@pytest.mark.parametrize(
    ("written", "of", "found"),
    [
        ("answer", "", True),
        ("resolved", "", True),
        ("acknowledgment", "", False),  # a reply of a machine
        ("waiting_reminder", "", False),
        ("relayed", "", False),  # a copy
        ("answer", "acknowledgment", False),  # what is read again from its bytes says its kind beside
        ("acknowledgment", "answer", True),
        ("review", "", False),
    ],
)
def test_what_a_letter_is_found_by(written: str, of: str, found: bool) -> None:
    audience = "staff" if written == "review" else "partner"
    made = letter(
        kind=written, audience=audience, author="Cy", subject="Re: x", body="Clear it",
        files=(Attached("a.b", "c/d", b"xyz"), Attached("in.ics", "text/calendar", b"BEGIN:VCALENDAR\nUID:triaged-1")),
    )  # fmt: skip
    row = letter_row(made, 7, "oak.example", kind=of)
    assert row[:5] == (7, audience, "Cy", (), ())
    assert row[5][0] == ("a.b", "c/d", 3)
    assert row[6:] == ("Clear it", f"{OAKS} re x clear it" if found else "")
    assert letter_row(replace(made, body="x" * (LONGEST + 1)), 7, None)[6] == "x" * LONGEST


def test_what_a_ticket_is_found_by_and_what_of_it_by_staff_alone() -> None:
    cases = [event(Happening.CASE_MOVED, case=case) for case in ("CP-1", "CP-2", "CP-1")]
    one = new_ticket(
        id=7, reference="PS-7", service="Zoho CRM", account_name="Alder", account_key="A1",
        superadmin_email="s@alder.example", assigned_to="cy@z.example", partner_domain="oak.example",
        people=(Person("b@x.example", "Ben"), Person("c@x.example")), events=(*cases, event(case="CP-3")),
    )  # fmt: skip
    shown = "ps 7 records vanish zoho crm b x example ben c x example cp 1 cp 2"
    assert ticket_rows(one) == [
        (7, "partner", "", (), (), (), "", f"{OAKS} {shown}"),
        (7, "staff", "", (), (), (), "", "alder a1 s alder example oak example cy z example"),
    ]
    bare = new_ticket(id=7, reference="PS-7", partner_domain=None, people=())
    assert [row[-1] for row in ticket_rows(bare)] == [f"{NOBODYS} ps 7 records vanish", ""]


def found_by(store: Store) -> dict[tuple[Any, ...], str]:
    """The words of each row, by ticket, audience, mail and letter."""
    return {
        (row["ticket_id"], row["audience"], row["mail_id"], row["letter_id"]): row["words"]
        for row in rows(store)["said"].values()
    }


CHANGES: list[dict[str, Any]] = [
    {"subject": "Menus vanish"}, {"account_name": "Alder"}, {"account_key": "A7"}, {"superadmin_email": "s@alder.example"},
    {"service": "Zoho CRM"}, {"people": (Person("zoe@oakbridge.example", "Zoe"),)},
]  # fmt: skip


def test_what_changes_on_a_ticket_is_found_and_what_was_is_not(store: Store) -> None:
    for changes in CHANGES:
        one = open_tickets(store)[0]
        with store.transaction() as tx:
            after = tx.save(one, replace(one, **changes))
        found = found_by(store)
        now, was = ([row[-1] for row in ticket_rows(ticket)] for ticket in (after, one))
        assert [found[one.id, audience, None, None] for audience in ("partner", "staff")] == now != was


def test_a_case_that_moves_makes_its_ticket_found_by_it(store: Store) -> None:
    one = open_tickets(store)[0]
    for happened, found in (
        (event(Happening.STAFF_NOTED, case="CP-204"), []),
        (event(Happening.CASE_MOVED, case="CP-204"), [1001]),
    ):
        with store.transaction() as tx:
            before = tx.ticket(one.id)
            assert before is not None
            tx.save(before, replace(before, events=(*before.events, happened)))
            tx.add_events(one.id, [happened])
        assert references(store, STAFF, text="CP-204") == found


def test_tags_are_kept_once_each_and_short_and_go_with_the_ticket(store: Store) -> None:
    one = open_tickets(store, tags=("b", "x" * LONGEST_TAG, "x" * (LONGEST_TAG + 1), "b"))[0]
    other = open_tickets(store, tags=("b",))[0]

    def tags() -> list[tuple[Any, ...]]:
        return sorted((row["ticket_id"], row["name"]) for row in rows(store)["tag"].values())

    assert tags() == [(one.id, "b"), (one.id, "x" * LONGEST_TAG), (other.id, "b")]
    with store.transaction() as tx:
        tx.save(one, replace(one, tags=("c",)))
    assert tags() == [(one.id, "c"), (other.id, "b")]


def test_what_is_told_in_the_transaction_that_hands_a_ticket_on_goes_along(store: Store) -> None:
    one, other = opened(store), opened(store)
    said(store, other, 1, "of another ticket")
    (kept,) = store.keep([arrival(2)], now=NOW)
    with store.transaction() as tx:
        tx.tell(replace(MAIL, ticket_id=one.id, mail_id=kept.id, partner=one.partner_domain, text="fresh"))
        write(tx, [letter("a", kind="answer", body="answered")], one.id, in_name_of=one.partner_domain)
        tx.save(one, replace(one, partner_domain=ELM.domain))
    seen = {
        word: references(store, SCOPES["foreign admin"], text=word)
        for word in ("fresh", "answered", "another")
    }
    assert seen == {"fresh": [one.id], "answered": [one.id], "another": []}
    assert references(store, SCOPES["admin"], text="another") == [other.id]


def told_as(mail: LedgerMail, ticket: Ticket) -> SaidMail | None:
    if mail.subject == "Nothing":
        return None
    return replace(
        MAIL, ticket_id=ticket.id, mail_id=mail.id, partner=ticket.partner_domain, text=mail.subject
    )


def test_only_what_an_older_version_left_on_tickets_is_told_afterwards(store: Store) -> None:
    """Nothing is told of a mail that is no ticket's, came twice, was forgotten or waits; of letters none to staff."""
    one = opened(store)
    for n in range(1, 8):
        set_in(store, mails, said(store, one, n, "x"), subject=f"Old {n}")
    set_in(store, mails, 2, fate=Fate.AUTOMATIC)
    set_in(store, mails, 3, ticket_id=None)
    set_in(store, mails, 4, duplicate_of=1)
    set_in(store, mails, 5, forgotten_at=NOW)
    set_in(store, mails, 6, subject="Nothing")
    with store.transaction() as tx:
        write(
            tx,
            [
                letter("a", kind="answer"),
                letter("b", kind="review", audience="staff"),
                letter("c", kind="answer"),
            ],
            one.id,
        )
    set_in(store, letters, 3, forgotten_at=NOW)
    untold(store)
    looked = []
    while number := store.tell_mails(told_as):
        looked.append(number)
    assert looked == [7] and store.tell_mails(told_as) == 0
    assert sorted(key for key in found_by(store)) == [
        (one.id, "partner", 1, None),
        (one.id, "partner", 7, None),
    ]
    again = letter("a", kind="answer", body="read again")
    assert (store.tell_letters(lambda _raw: again), store.tell_letters(lambda _raw: again)) == (3, 0)
    assert [key[3] for key in found_by(store) if key[3]] == [1]
    assert (store.tell_tickets(), store.tell_tickets()) == (1, 0)
    assert references(store, STAFF, text="again") == references(store, STAFF, text="vanish") == [one.id]
    said(store, opened(store), 9, "new")
    assert tell(store) == 0, "what is new was told when it was recorded"
