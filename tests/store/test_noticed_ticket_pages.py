"""What of a ticket's page nobody would have noticed: every field of what was said, who reads which, files, what stands beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.store.row_changes import set_in
from tests.store.samples import LEASE, MINUTE, NOW, arrival, event, letter, write
from tests.store.test_pages import ADA, ANNA, BEN, CEM, ELM, EVA, HOUR, SCOPES, opened, said
from triaged.reading.values import Limits
from triaged.store import Store
from triaged.store.page_rows import Contribution, FileShown, Status
from triaged.store.rows import LetterState
from triaged.store.scope import of_person
from triaged.store.tables import letter as letters
from triaged.store.tables import mail as mails
from triaged.tickets.ticket import Attached, Happening, Person, State

OPENER, ADMIN, STAFF = SCOPES["opener"], SCOPES["admin"], SCOPES["staff"]
PNG = Attached("a.png", "image/png", b"\x89PNG")


def shown(store: Store, who: Any, number: int = 1001) -> list[tuple[str, int]]:
    page = store.ticket_page(who, number)
    assert page is not None
    return [(one.what, one.number) for one in page.said]


def test_a_page_holds_every_field_of_what_was_said(store: Store) -> None:
    one = opened(store, tier=2)
    said(store, one, 1, "It broke.", to=(BEN,), cc=(CEM,), files=(("log.txt", "text/plain", 3),))
    kept = store.keep([arrival(2, received_at=NOW + HOUR, door="smtp", uid=None)], now=NOW)[0].id
    set_in(store, mails, kept, ticket_id=one.id, sender="cy@zohocorp.com", subject="Seen", kind="staff")
    with store.transaction() as tx:
        answer = letter(
            "a",
            kind="answer",
            author="Cy",
            to=(ANNA,),
            cc=(BEN,),
            subject="Re: Case",
            body="Try this.",
            files=(PNG, PNG),
        )
        write(tx, [answer], one.id, NOW + MINUTE)
        write(
            tx,
            [letter("s", kind="review", audience="staff", to=("cy@zohocorp.com",))],
            one.id,
            NOW + 2 * HOUR,
        )
    (sent,) = store.claim_letters(1, NOW + MINUTE, "one", LEASE)
    assert store.letter_sent(sent.id, "one", NOW + 2 * MINUTE)
    page = store.ticket_page(STAFF, one.id)
    assert page is not None
    size = len(arrival(1).raw)
    assert page.said == (
        Contribution(
            what="mail", number=1, at=NOW + timedelta(seconds=1), by=ANNA, by_name="Anna", to=(BEN,), cc=(CEM,),
            subject="Case", text="It broke.", kind="request", door="imap", ours=False, audience="partner",
            files=(FileShown(0, "log.txt", "text/plain", 3),), size=size,
        ),
        Contribution(
            what="letter", number=1, at=NOW + 2 * MINUTE, by="", by_name="Cy", to=(ANNA,), cc=(BEN,),
            subject="Re: Case", text="Try this.", kind="answer", state=LetterState.SENT, ours=True, audience="partner",
            files=(FileShown(0, "a.png", "image/png", 4), FileShown(1, "a.png", "image/png", 4)),
        ),
        Contribution(
            what="mail", number=2, at=NOW + HOUR, by="cy@zohocorp.com", by_name="", to=(), cc=(), subject="Seen",
            text=None, kind="staff", door="smtp", ours=True, audience="staff", waiting=True, size=size,
        ),
        Contribution(
            what="letter", number=2, at=NOW + 2 * HOUR, by="", by_name="", to=("cy@zohocorp.com",), cc=(),
            subject="[PS-1001] Re: Records vanish", text=None, kind="review", state=LetterState.WAITING, ours=True,
            audience="staff", due=NOW + 2 * HOUR,
        ),
    )  # fmt: skip
    assert (page.status, page.channel, page.merged, page.heir) == (Status.ESCALATED, "mail", (), "")
    assert page.version == max(event.id for event in page.ticket.events)


def test_each_reader_is_shown_what_is_told_him_and_what_is_plainly_his_own(store: Store) -> None:
    """Before a mail is told, its writer sees it; a machine's, a stranger's and the same once more he does not."""
    one = opened(store)
    untold = [kept.id for kept in store.keep([arrival(n) for n in range(1, 7)], now=NOW)]
    for number, kind, sender in zip(
        untold,
        ("request", "thanks", "auto_reply", "request", "request", "spoof"),
        (ANNA, ANNA, ANNA, BEN, ANNA, ANNA),
        strict=True,
    ):
        set_in(store, mails, number, ticket_id=one.id, kind=kind, sender=sender)
    set_in(store, mails, untold[4], duplicate_of=untold[0])
    with store.transaction() as tx:
        write(
            tx,
            [
                letter("waits", kind="answer"), letter("sent", kind="answer"), letter("failed", kind="answer"),
                letter("gone", kind="answer"), letter("review", kind="review", audience="staff"),
            ],
            one.id,
        )  # fmt: skip
    states = (
        LetterState.WAITING,
        LetterState.SENT,
        LetterState.FAILED,
        LetterState.WITHDRAWN,
        LetterState.SENT,
    )
    for number, state in enumerate(states, 1):
        set_in(store, letters, number, state=state)
    its = [("letter", 2), ("letter", 3)]
    assert shown(store, OPENER) == [("mail", 1), ("mail", 2), *its]
    assert shown(store, SCOPES["copied"]) == [("mail", 4), *its]
    assert shown(store, ADMIN) == its
    every = [("mail", n) for n in (1, 2, 3, 4, 6)] + [("letter", n) for n in range(1, 6)]
    assert shown(store, STAFF) == every
    for scope, letters_read, mails_read in (
        (OPENER, [2, 3], [1, 2]),
        (STAFF, [1, 2, 3, 4, 5], [1, 2, 3, 4, 6]),
    ):
        read = [n for n in range(1, 7) if store.letter_raw_of(scope, n) is not None]
        assert (read, [n for n in range(1, 8) if store.raw_of(scope, n) is not None]) == (
            letters_read,
            mails_read,
        )


def test_of_two_at_the_same_time_the_mail_stands_first_and_then_the_older(store: Store) -> None:
    one = opened(store)
    for n in (1, 2):
        set_in(store, mails, said(store, one, n, "x"), received_at=NOW)
    with store.transaction() as tx:
        write(tx, [letter("a", kind="answer"), letter("b", kind="answer")], one.id)
    assert shown(store, STAFF) == [("mail", 1), ("mail", 2), ("letter", 1), ("letter", 2)]


@pytest.mark.parametrize(("private", "read"), [(True, [("mail", 2)]), (False, [("mail", 1), ("mail", 2)])])
def test_who_came_by_a_merger_reads_what_came_since_and_an_admin_so_where_it_is_private(
    store: Store, private: bool, read: list[tuple[str, int]]
) -> None:
    people = (Person(ANNA), Person(EVA, role="reader", since=NOW + timedelta(seconds=2)))
    people += (Person(ADA, role="reader", since=NOW + timedelta(seconds=2)),)
    one = opened(store, people=people, private=private)
    for n in (1, 2):
        said(store, one, n, "x")
    assert shown(store, of_person(EVA, ELM)) == [("mail", 2)]
    assert shown(store, OPENER) == [("mail", 1), ("mail", 2)]
    assert shown(store, ADMIN) == read


def test_what_went_into_a_ticket_is_on_its_page_for_whoever_sees_that_too(store: Store) -> None:
    heir, his, hers, old = opened(store), opened(store), opened(store, people=(Person(CEM),)), opened(store)
    said(store, hers, 1, "of hers")
    said(store, old, 2, "of the old")
    with store.transaction() as tx:
        for one, into in ((his, heir), (hers, heir), (old, his)):
            tx.save(one, replace(one, state=State.CLOSED, closed_at=NOW, merged_into=into.id))

    def told(who: Any, number: int) -> tuple[tuple[str, ...], str, list[str | None]]:
        page = store.ticket_page(who, number)
        assert page is not None
        return page.merged, page.heir, [one.text for one in page.said]

    assert told(STAFF, heir.id) == (("PS-1002", "PS-1003", "PS-1004"), "", ["of hers", "of the old"])
    assert told(OPENER, heir.id) == (("PS-1002", "PS-1004"), "", ["of the old"])
    assert told(STAFF, his.id) == (("PS-1004",), "PS-1001", ["of the old"])
    assert told(of_person(CEM), hers.id) == ((), "", ["of hers"])


def test_bytes_that_were_forgotten_are_empty_and_those_of_nobody_none(store: Store) -> None:
    one = opened(store)
    said(store, one, 1, "x")
    with store.transaction() as tx:
        write(tx, [letter()], one.id)
    set_in(store, letters, 1, state=LetterState.SENT)
    assert store.raw_of(OPENER, 1) == arrival(1).raw
    assert store.letter_raw_of(OPENER, 1) == b"We have your request."
    with store._writing() as connection:
        connection.exec_driver_sql("UPDATE raw SET packed = ''")
    set_in(store, letters, 1, raw=b"")
    assert (store.raw_of(OPENER, 1), store.letter_raw_of(OPENER, 1)) == (b"", b"")
    assert store.file_of(OPENER, "mail", 1, 0) is None
    for scope, number in ((OPENER, 2), (SCOPES["foreign"], 1)):
        assert store.raw_of(scope, number) is store.letter_raw_of(scope, number) is None


def test_a_file_is_found_by_its_place_and_no_invitation_is_handed_out(store: Store) -> None:
    one = opened(store)
    mail = EmailMessage()
    mail["From"], mail["Subject"] = ANNA, "Files"
    mail.set_content("See.")
    mail.add_attachment(b"first", maintype="application", subtype="pdf", filename="a.pdf")
    mail.add_attachment(
        b"BEGIN:VCALENDAR\r\nUID:triaged-1@x\r\n", maintype="application", subtype="octet-stream"
    )
    mail.add_attachment(b"second", maintype="application", subtype="octet-stream")
    said(store, one, 1, "x")
    with store.transaction() as tx:
        write(tx, [letter()], one.id)
    set_in(store, letters, 1, raw=bytes(mail), state=LetterState.SENT)
    found = [store.file_of(OPENER, "letter", 1, index) for index in range(-1, 4)]
    assert found[1] == Attached("a.pdf", "application/pdf", b"first")
    assert found[3] == Attached("file-3", "application/octet-stream", b"second")
    assert found[0] is found[4] is None
    assert store.file_of(OPENER, "letter", 1, 0, Limits()) == found[1]
    assert store.file_of(OPENER, "mail", 1, 0) is store.file_of(SCOPES["foreign"], "letter", 1, 0) is None


def test_beside_a_ticket_stand_the_newest_ten_live_ones_of_its_person_and_of_its_account(
    store: Store,
) -> None:
    his = [opened(store, people=(Person(BEN, role="cc"), Person(ANNA)), account_key=None) for _ in range(12)]
    opened(store, state=State.CLOSED, closed_at=NOW)
    of_account = [
        opened(store, people=(Person(EVA),), account_key="A1", account_name="Oak") for _ in range(3)
    ]
    opened(store, people=(Person(EVA),), account_key="A2", snoozed_until=NOW + HOUR)

    def beside(one: Any, who: Any = STAFF) -> tuple[list[int], list[int]]:
        found = store.beside(who, one, NOW)
        return [row.id for row in found.of_person], [row.id for row in found.of_account]

    assert beside(his[-1]) == ([one.id for one in reversed(his[1:-1])], [])
    assert beside(his[0]) == ([one.id for one in reversed(his[2:])], [])
    assert beside(of_account[1]) == ([of_account[2].id, of_account[0].id],) * 2
    assert beside(replace(of_account[1], people=(Person(EVA, role="cc"),)))[0] == []
    assert beside(his[0], ADMIN) == ([], [])


def test_what_happened_since_is_told_whole_and_in_order(store: Store) -> None:
    one = opened(store)
    with store.transaction() as tx:
        tx.add_events(one.id, [event(at=NOW + HOUR, a=1), event(Happening.CLOSED, at=NOW, b=2)])
    _, second, third = store.since(OPENER, one.id, 0)
    assert store.since(OPENER, one.id, second.id) == (third,)
    assert store.since(OPENER, one.id, third.id) == ()
    assert second == replace(event(at=NOW + HOUR, a=1), id=second.id)
    assert (third.kind, third.data, third.id) == (Happening.CLOSED, {"b": 2}, second.id + 1)


def test_the_newest_mail_that_was_judged_is_the_one_read(store: Store) -> None:
    one = opened(store)
    for n in range(1, 5):
        said(store, one, n, "x")
    readings = ({"facts": {"a": 1}}, {"facts": {"a": 2}}, {"facts": {}}, None)
    for number, reading in enumerate(readings, 1):
        set_in(store, mails, number, reading=reading)
    assert store.judged_reading(one.id) == {"facts": {"a": 2}}
    assert store.judged_reading(one.id + 1) == {}
