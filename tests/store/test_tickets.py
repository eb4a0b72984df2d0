"""Tickets: whole in and out, numbers, threads, transactions with savepoints, human severities."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.store.samples import (
    MINUTE,
    NOW,
    arrival,
    claim_one,
    correct,
    event,
    letter,
    new_ticket,
    open_tickets,
    step,
    write,
)
from triaged.store import Fate, Store, TicketFilter
from triaged.store.rows import Finished
from triaged.tickets.ticket import Happening, Person, State
from triaged.vocabulary import Severity


def test_a_ticket_comes_back_whole(store: Store) -> None:
    given = new_ticket(resolved_at=NOW, reviews=("conflict",), plan="free", licences=250, large_user=True)
    happened = [
        event(Happening.RECEIVED),
        event(Happening.JUDGED, at=NOW + MINUTE, rules=[{"name": "a", "hit": True}]),
    ]
    with store.transaction() as tx:
        opened = tx.open_ticket(given, happened)
        inside = tx.ticket(opened.id)
    found = store.ticket(opened.id)
    assert found == inside and found is not None
    assert replace(found, events=()) == replace(given, id=opened.id, reference=opened.reference)
    assert [replace(one, id=0) for one in found.events] == happened
    assert all(one.id for one in found.events)


def test_references_start_at_1001_and_leave_no_gaps(store: Store) -> None:
    assert [ticket.reference for ticket in open_tickets(store, 2)] == ["PS-1001", "PS-1002"]
    with pytest.raises(RuntimeError), store.transaction() as tx:
        tx.open_ticket(new_ticket())
        raise RuntimeError
    assert open_tickets(store)[0].reference == "PS-1003"
    found = store.ticket_by_reference("ps-1002")
    assert found is not None and found.id == 1002 == store.ticket_by_reference("1002").id  # type: ignore[union-attr]
    for none in ("PS-9", "PS-", "1002x", "CP-1002", "٢", "9" * 30):
        assert store.ticket_by_reference(none) is None


def test_what_fails_leaves_nothing_and_its_number_free(store: Store) -> None:
    open_tickets(store)
    with pytest.raises(ZeroDivisionError), store.transaction() as tx:
        broken = tx.open_ticket(new_ticket(subject="broken"), [event()])
        tx.know(broken.id, ["<broken@x>"])
        tx.set_dues(broken.id, [step()])
        write(tx, [letter()], broken.id)
        assert tx.ticket(broken.id) is not None  # written already
        1 / 0  # noqa: B018
    assert [one.id for one in open_tickets(store)] == [1002]
    assert store.letters() == [] and store.next_dues([1001, 1002]) == {}
    with store.transaction() as tx:
        assert tx.threads(["<broken@x>"]).by_message_id == {}


def test_writing_to_the_store_inside_its_own_transaction_is_refused_at_once(store: Store) -> None:
    with store.transaction():
        with pytest.raises(RuntimeError, match="use that one"):
            store.keep([arrival(1)], now=NOW)
        assert store.waiting_mail() == 0  # looking is fine
    assert store.keep([arrival(1)], now=NOW)[0].new


def test_save_writes_what_changed_and_the_people(store: Store) -> None:
    ticket = open_tickets(store)[0]
    people = (Person("anna@oakbridge.example", failed=True), Person("carl@oakbridge.example"))
    after = replace(
        ticket, state=State.WAITING, assigned_to="joe@zohocorp.com", people=people, tags=("a", "b")
    )
    with store.transaction() as tx:
        tx.save(ticket, after)
        tx.add_events(ticket.id, [event(Happening.ASSIGNED)])
    found = store.ticket(ticket.id)
    assert found is not None and replace(found, events=()) == replace(after, events=())
    assert [one.kind for one in found.events] == [Happening.RECEIVED, Happening.ASSIGNED]


def test_a_human_severity_is_never_overwritten(store: Store) -> None:
    stale = open_tickets(store)[0]
    with store.transaction() as tx:
        correct(tx, stale.id, Severity.S1, "cli:mia", "their shop is down")
        judged = replace(stale, severity=Severity.S4, severity_because="classifier 0.99", service="Zoho CRM")
        saved = tx.save(stale, judged)
    found = store.ticket(stale.id)
    assert found is not None
    assert (found.severity, found.severity_by_human, found.service) == (Severity.S1, True, "Zoho CRM")
    assert "mia" in found.severity_because and saved.severity is Severity.S1


def test_a_correction_is_an_event_and_something_to_learn_from(store: Store) -> None:
    store.keep([arrival(1)], now=NOW)
    mail = claim_one(store)
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket())
        summary = {"new_text": "Nobody can log in."}
        tx.finish_mail(
            Finished(
                mail_id=mail.id,
                fate=Fate.TICKET,
                kind="request",
                why="new",
                ticket_id=ticket.id,
                reading=summary,
            ),
            "one",
            NOW,
        )
        tx.rule_hits(mail.id, ticket.id, ["login-words"], NOW, "v1")
    with store.transaction() as tx:
        corrected = correct(tx, ticket.id, Severity.S1, "cli:mia", "everybody")
    assert corrected.events[-1].kind is Happening.SEVERITY_CORRECTED
    lesson = store.corrections()[0]
    assert (lesson.was, lesson.severity, lesson.text) == (Severity.S3, Severity.S1, "Nobody can log in.")
    assert (lesson.who, lesson.at, lesson.language, lesson.subject) == (
        "cli:mia",
        NOW,
        "en",
        "Records vanish",
    )
    assert store.corrections(since=NOW + MINUTE) == []
    use = next(iter(store.rule_uses()))
    assert (use[0], use[-1]) == (("login-words",), Severity.S1)
    past = next(iter(store.past_mail()))
    assert (past.human_severity, past.raw, past.ticket_id) == (Severity.S1, mail.raw, ticket.id)


def test_closed_tickets_are_counted_by_what_people_left_them_with(store: Store) -> None:
    with store.transaction() as tx:
        large = tx.open_ticket(replace(new_ticket(), severity=Severity.S1, content_severity=Severity.S4))
        corrected = tx.open_ticket(new_ticket())
        still_open = tx.open_ticket(new_ticket())
        correct(tx, corrected.id, Severity.S2, "cli:mia", "a group")
    with store.transaction() as tx:
        for number in (large.id, corrected.id):
            current = tx.ticket(number)
            assert current is not None
            tx.save(current, replace(current, state=State.CLOSED))
    assert still_open.id not in (large.id, corrected.id)
    assert store.closed_by_severity(NOW - MINUTE) == {Severity.S4: 1, Severity.S2: 1}
    assert store.closed_by_severity(NOW + MINUTE * 10_000) == {}


def test_times_come_back_as_they_went_in_to_the_microsecond(store: Store) -> None:
    far = [
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ]
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    for at in (*far, tokyo):
        opened = open_tickets(store, created_at=at)[0]
        found = store.ticket(opened.id)
        assert found is not None and found.created_at == at and found.created_at.tzinfo is UTC


def test_threads_are_found_by_id_and_reference_with_people(store: Store) -> None:
    one, other = open_tickets(store, 2, trusted=True)
    with store.transaction() as tx:
        tx.know(one.id, ["<m1@x>"])
        tx.know(one.id, ["<earlier@x>"], "reference")
        tx.know(other.id, ["<l1@support>"], "letter")
        found = tx.threads(
            ["<m1@x>", "<earlier@x>", "<l1@support>", "<strange@x>"], ["PS-1002", "PS-7", "nonsense"]
        )
    assert {key: thread.ticket_id for key, thread in found.by_message_id.items()} == {
        "<m1@x>": 1001,
        "<earlier@x>": 1001,
        "<l1@support>": 1002,
    }
    assert found.known_as == {"<m1@x>": "mail", "<earlier@x>": "reference", "<l1@support>": "letter"}
    assert set(found.by_reference) == {"PS-1002"}
    thread = found.by_message_id["<m1@x>"]
    assert thread.people == {"anna@oakbridge.example", "ben@oakbridge.example"}
    assert (thread.reference, thread.state, thread.trusted) == ("PS-1001", State.NEW, True)


def test_whose_own_an_id_is_counts_before_who_only_mentions_it(store: Store) -> None:
    mentions, owns = open_tickets(store, 2)
    with store.transaction() as tx:
        tx.know(mentions.id, ["<m@x>"], "reference")
        tx.know(owns.id, ["<m@x>"], "mail")
        tx.know(owns.id, ["<m@x>"], "reference")  # a later mail mentions it: it stays the ticket's own
        found = tx.threads(["<m@x>"])
    assert (found.by_message_id["<m@x>"].ticket_id, found.known_as["<m@x>"]) == (owns.id, "mail")


def test_an_id_known_by_mention_becomes_the_mails_own_when_it_comes(store: Store) -> None:
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        tx.know(ticket.id, ["<m@x>"], "reference")
        tx.know(ticket.id, ["<m@x>", "<m@x>"], "mail")
        assert tx.threads(["<m@x>"]).known_as == {"<m@x>": "mail"}


def test_a_merged_tickets_survivor_comes_along(store: Store) -> None:
    one, two, three = open_tickets(store, 3)
    with store.transaction() as tx:
        tx.save(one, replace(one, merged_into=two.id))
        tx.save(two, replace(two, merged_into=three.id))
        tx.know(one.id, ["<m@x>"])
        found = tx.threads(["<m@x>"])
    assert found.by_message_id["<m@x>"].merged_into == two.id
    assert set(found.survivors) == {two.id, three.id}


def test_the_queue_is_filtered(store: Store) -> None:
    plain, grave, old = open_tickets(store, 3)
    with store.transaction() as tx:
        changed = {
            "severity": Severity.S1,
            "account_key": "alder",
            "account_name": "Alder 100% Ltd",
            "assigned_to": "joe@z.example",
        }
        tx.save(grave, replace(grave, **changed, reviews=("conflict",), people=(Person("carl@elm.example"),)))
        tx.save(old, replace(old, state=State.CLOSED, mailbox="eu", partner_domain="elm.example"))
        tx.set_dues(plain.id, [step(after=MINUTE)])
        tx.set_dues(grave.id, [step(after=10 * MINUTE)])

    def ids(**wanted: object) -> list[int]:
        return [ticket.id for ticket in store.tickets(TicketFilter(**wanted))]  # type: ignore[arg-type]

    assert ids() == [1003, 1002, 1001]
    assert ids(states=(State.NEW,)) == [1002, 1001]
    assert (
        ids(severities=(Severity.S1, Severity.S2))
        == [1002]
        == ids(account="alder")
        == ids(assigned="joe@z.example")
    )
    assert ids(partner="elm.example") == [1003] == ids(mailbox="eu")
    assert ids(due_before=NOW + 2 * MINUTE) == [1001]
    assert ids(review=True) == [1002] and ids(review=False) == [1003, 1001]
    assert ids(text="ALDER") == [1002] == ids(text="100%") == ids(text="carl@") == ids(text="PS-1002")
    assert ids(text="_") == []
    assert ids(person="Carl@elm.example") == [1002]
    assert ids(limit=1) == [1003] and ids(after_id=1003, limit=1) == [1002]
    assert [len(ticket.people) for ticket in store.tickets()] == [2, 1, 2]
    assert [ticket.id for ticket in store.each_ticket(batch=2)] == [1001, 1002, 1003]


def test_two_recorders_take_turns(store: Store, url: str) -> None:
    """Nobody opens a second ticket for a thread between another's look and his write."""
    import threading

    opened: list[int] = []

    def record() -> None:
        own = Store.open(url)
        for _ in range(10):
            with own.transaction() as tx:
                if not tx.threads(["<root@x>"]).by_message_id:
                    ticket = tx.open_ticket(new_ticket())
                    tx.know(ticket.id, ["<root@x>"])
                    opened.append(ticket.id)
        own.close()

    threads = [threading.Thread(target=record) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [1001]
