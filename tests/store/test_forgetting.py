"""Retention: what is over goes in small steps by its age, what is not stays, and nothing is looked at twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.store.asked import explained
from tests.store.samples import LEASE, NOW, arrival, correct, event, letter, new_ticket, open_tickets, write
from triaged.store import Fate, Store, forgetting
from triaged.store.forgetting import Before
from triaged.store.rows import Finished
from triaged.tickets.ticket import Happening, State
from triaged.vocabulary import Severity

DAY = timedelta(days=1)
LATER = NOW + 10 * DAY
ALL = Before(NOW + DAY, NOW + DAY, NOW + DAY, NOW + DAY)
BYTES = Before(NOW + DAY, NOW + DAY, None, None)


def ticket_of(store: Store, number: int, state: State = State.CLOSED, **changes: Any) -> int:
    """A ticket with a mail, a letter that left, a correction and a story."""
    store.keep([arrival(number)], now=NOW)
    (one,) = store.claim_mail(1, NOW, "one", LEASE)
    closed = NOW if state is State.CLOSED else None
    with store.transaction() as tx:
        made = new_ticket(state=state, closed_at=closed, created_at=one.received_at, **changes)
        ticket = tx.open_ticket(made, [event(Happening.RECEIVED), event(Happening.CLOSED)])
        write(tx, [letter()], ticket.id)
        tx.know(ticket.id, [f"<m{number}@x>"])
        tx.rule_hits(one.id, ticket.id, ["r"], NOW)
        tx.finish_mail(
            Finished(
                mail_id=one.id,
                fate=Fate.TICKET,
                kind="request",
                why="new",
                ticket_id=ticket.id,
                subject="words",
                sender="anna@oakbridge.example",
                reading={"facts": {"text": "words", "classifier.severity": "S3"}},
            ),
            "one",
            NOW,
        )
        correct(tx, ticket.id, Severity.S2, "cli:dora", "worse", text="words")
    for sent in store.claim_letters(9, NOW, "one", LEASE):
        store.letter_sent(sent.id, "one", NOW)
    return ticket.id


def forget_all(store: Store, before: Before) -> dict[str, int]:
    gone: dict[str, int] = {}
    while some := store.forget_some(before, LATER):
        for name, number in some.items():
            gone[name] = gone.get(name, 0) + number
    return gone


def test_bytes_and_words_go_and_the_ledger_stays(store: Store) -> None:
    ticket_of(store, 1)
    assert forget_all(store, BYTES) == {"raw_mail": 1, "letters": 1}
    mail, sent = store.mail(1), store.letter(1)
    assert mail and sent
    assert (mail.raw, mail.fate, mail.ticket_id, mail.uid) == (b"", Fate.TICKET, 1001, 1)
    assert mail.reading == {"facts": {"classifier.severity": "S3"}} and mail.size > 0
    assert (sent.raw, sent.to, sent.state) == (b"", (), "sent")
    assert store.replay([1], LATER) == 0 and list(store.past_mail()) == []
    assert store.faults(LATER) == []
    assert forget_all(store, BYTES) == {}


def test_what_is_not_over_stays(store: Store) -> None:
    ticket_of(store, 1, State.OPEN)
    ticket_of(store, 2, State.RESOLVED)
    store.keep([arrival(3), arrival(4)], now=NOW)
    (poison, *_) = store.claim_mail(1, NOW, "one", LEASE)
    store.fail_mail(poison.id, "one", "poison", NOW)
    with store.transaction() as tx:
        write(tx, [letter("later")], 1001)
    assert forget_all(store, ALL) == {"ledger": 4}
    assert all(mail.raw for n in (1, 2, 3, 4) if (mail := store.mail(n)))
    assert [mail.subject for mail in store.mails()][2:] == ["words", "words"]
    assert all(store.letter(n).raw for n in (1, 2, 3))  # type: ignore[union-attr]
    young = Before(*(NOW - DAY for _ in range(4)))
    ticket_of(store, 5)
    assert forget_all(store, young) == {}


def test_a_closed_ticket_goes_with_all_that_is_on_it(store: Store) -> None:
    first, second = ticket_of(store, 1), ticket_of(store, 2)
    last = open_tickets(store, linked_to=second)[0]
    gone = forget_all(store, Before(None, None, NOW + DAY, None))
    assert gone == {"closed_tickets": 2}
    assert store.ticket(first) is None and store.ticket(second) is None
    assert store.ticket(last.id).linked_to is None  # type: ignore[union-attr]
    assert store.letters() == [] and store.corrections() == []
    mail = store.mail(1)
    assert mail and (mail.raw, mail.sender, mail.subject, mail.ticket_id) == (b"", "", "", None)
    assert (mail.fate, mail.uid) == (Fate.TICKET, 1)
    assert store.faults(LATER) == []
    assert store.keep([arrival(1)], now=LATER)[0].new is False


def test_no_number_is_given_twice_after_the_newest_ticket_has_gone(store: Store) -> None:
    ticket_of(store, 1)
    ticket_of(store, 2)
    forget_all(store, ALL)
    assert [t.id for t in store.each_ticket()] == [1002]
    assert open_tickets(store)[0].id == 1003


def test_what_was_merged_goes_before_its_survivor(store: Store) -> None:
    one, two = ticket_of(store, 1), ticket_of(store, 2)
    ticket_of(store, 3, State.OPEN)
    with store.transaction() as tx:
        gone = tx.ticket(one)
        assert gone
        tx.save(gone, replace(gone, merged_into=two, closed_at=LATER))
    assert forget_all(store, Before(None, None, NOW + DAY, None)) == {}
    assert forget_all(store, Before(None, None, LATER + DAY, None)) == {"closed_tickets": 2}


def test_stories_go_by_themselves_and_the_ticket_stays(store: Store) -> None:
    one = ticket_of(store, 1)
    two = ticket_of(store, 2, State.OPEN)
    assert forget_all(store, Before(None, None, None, NOW + DAY))["events"] == 4
    assert store.ticket(one).events == ()  # type: ignore[union-attr]
    assert len(store.ticket(two).events) == 4  # type: ignore[union-attr]


def test_mail_of_no_ticket_keeps_its_place_and_its_fate_alone(store: Store) -> None:
    store.keep([arrival(1)], now=NOW)
    (one,) = store.claim_mail(1, NOW, "one", LEASE)
    with store.transaction() as tx:
        tx.finish_mail(
            Finished(
                mail_id=one.id,
                fate=Fate.SPAM,
                kind="spam",
                why="marked: Eve",
                sender="eve@x.example",
                subject="Buy",
            ),
            "one",
            NOW,
        )
    assert forget_all(store, ALL) == {"raw_mail": 1, "ledger": 1}
    mail = store.mail(1)
    assert mail and (mail.sender, mail.subject, mail.why, mail.raw) == ("", "", "", b"")
    assert (mail.fate, mail.kind, mail.uid) == (Fate.SPAM, "spam", 1)


def test_bytes_that_another_mail_still_wants_stay(store: Store) -> None:
    ticket_of(store, 1)
    store.keep([arrival(1, uid=50, received_at=NOW + 5 * DAY)], now=NOW + 5 * DAY)
    assert forget_all(store, BYTES)["raw_mail"] == 1
    assert store.mail(2).raw and store.mail(1).raw  # type: ignore[union-attr]
    (again,) = store.claim_mail(9, LATER, "one", LEASE)
    assert again.raw == arrival(1).raw


def test_a_step_changes_few_rows_and_the_next_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "ROWS", 2)
    monkeypatch.setattr(forgetting, "TICKETS", 2)
    for number in range(1, 6):
        ticket_of(store, number)
    steps = [store.forget_some(BYTES, LATER) for _ in range(4)]
    assert [one.get("raw_mail", 0) for one in steps] == [2, 2, 1, 0]
    assert store.forget_some(ALL, LATER)["closed_tickets"] == 2
    again = Store.open(store._engines.url.render_as_string(hide_password=False))  # another daemon goes on
    assert forget_all(again, ALL)["closed_tickets"] == 2
    again.close()


def test_a_step_that_breaks_leaves_nothing_half_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket_of(store, 1)
    ticket_of(store, 2)
    with monkeypatch.context() as broken:
        broken.setattr(forgetting, "empty_raws", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.forget_some(Before(None, None, NOW + DAY, None), LATER)
    assert store.ticket(1001) is not None and len(store.letters()) == 2
    assert forget_all(store, Before(None, None, NOW + DAY, None)) == {"closed_tickets": 1}


FOUND = {
    "mails": (forgetting.mails_to_forget, "ix_mail_to_forget"),
    "letters": (forgetting.letters_to_forget, "ix_letter_to_forget"),
    "tickets": (forgetting.tickets_to_forget, "ix_ticket_closed_at"),
}


@pytest.mark.parametrize("what", list(FOUND))
def test_what_is_over_is_found_by_an_index(store: Store, what: str) -> None:
    asked, index = FOUND[what]
    with store._writing() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        found = explained(connection, asked(NOW))
    assert index in found, found
    assert "SCAN mail" not in found and "Seq Scan" not in found, found
