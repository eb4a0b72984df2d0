"""What of threads, of repeated mail and of what is learnt from nobody would have noticed: inside a transaction and after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.store.row_changes import set_in
from tests.store.samples import (
    LEASE,
    MINUTE,
    NOW,
    arrival,
    correct,
    letter,
    open_tickets,
    raw_mail,
    step,
    write,
)
from triaged.store import Fate, Store
from triaged.store.columns import ERASED
from triaged.store.kept import body_sha256
from triaged.store.rows import Finished, PastMail, Upcoming
from triaged.store.tables import mail as mails
from triaged.store.threads import key_of
from triaged.tickets.ticket import Person, State
from triaged.vocabulary import Severity

ID, ANNA, DAY = "<m@x.example>", "anna@oakbridge.example", timedelta(days=1)


def owners(tx: Any, message_id: str = ID) -> list[tuple[int, str]]:
    found = tx.threads([message_id])
    if message_id not in found.by_message_id:
        return []
    first = found.by_message_id[message_id].ticket_id, found.known_as[message_id]
    return [first, *((one.ticket_id, of) for one, of in found.also.get(message_id, ()))]


TOLD: list[tuple[tuple[tuple[int, Any], ...], list[tuple[int, str]]]] = [
    (((1001, "reference"), (1001, "mail")), [(1001, "mail")]),
    (((1001, "reference"), (1001, "letter")), [(1001, "letter")]),
    (((1001, "mail"), (1001, "reference")), [(1001, "mail")]),
    (((1001, "letter"), (1001, "mail")), [(1001, "letter")]),
    (((1001, "reference"), (1001, "reference")), [(1001, "reference")]),
    (((1003, "mail"), (1001, "mail"), (1002, "mail")), [(1001, "mail"), (1002, "mail"), (1003, "mail")]),
    (
        ((1001, "reference"), (1002, "letter"), (1003, "mail")),
        [(1003, "mail"), (1002, "letter"), (1001, "reference")],
    ),
    (((1001, "mail"), (1002, "reference"), (1002, "mail")), [(1001, "mail"), (1002, "mail")]),
]


def test_whose_an_id_is_is_the_same_in_the_transaction_that_tells_it_and_after_it(store: Store) -> None:
    open_tickets(store, 3)
    ids = [f"<{n}@x.example>" for n in range(len(TOLD))]
    with store.transaction() as tx:
        assert (
            tx.threads(ids).by_message_id == {}
        )  # asked before: from here on it is known without being read
        for one, (told, known) in zip(ids, TOLD, strict=True):
            for number, of in told:
                tx.know(number, [one], of)
            assert owners(tx, one) == known
    with store.transaction() as tx:
        assert [owners(tx, one) for one in ids] == [known for _, known in TOLD]


def test_of_those_that_mention_an_id_eight_are_kept_and_its_own_mail_still_comes(store: Store) -> None:
    tickets = open_tickets(store, 11)
    with store.transaction() as tx:
        assert owners(tx) == []
        for one in tickets[:9]:
            tx.know(one.id, [ID], "reference")
        eight = [(one.id, "reference") for one in tickets[:8]]
        assert owners(tx) == eight
        tx.know(tickets[7].id, [ID], "mail")
        assert owners(tx) == [(tickets[7].id, "mail"), *eight[:7]]
    with store.transaction() as tx:
        assert owners(tx) == [(tickets[7].id, "mail"), *eight[:7]]
        tx.know(tickets[9].id, [ID], "mail", if_unknown=True)
        tx.know(tickets[9].id, ["<other@x.example>"], "mail", if_unknown=True)
        assert owners(tx, "<other@x.example>") == [(tickets[9].id, "mail")]
        tx.know(tickets[9].id, ["<other@x.example>", "<third@x.example>"], "letter", if_unknown=True)
        assert owners(tx, "<third@x.example>") == [(tickets[9].id, "letter")]
    with store.transaction() as tx:
        assert len(owners(tx)) == 8


def test_a_verified_ticket_comes_before_an_older_one_that_nobody_verified(store: Store) -> None:
    doubtful, trusted = open_tickets(store, trusted=False)[0], open_tickets(store, trusted=True)[0]
    with store.transaction() as tx:
        for one, of in ((doubtful, "mail"), (trusted, "mail")):
            tx.know(one.id, [ID, "<n@x.example>"], of)  # type: ignore[arg-type]
        tx.know(trusted.id, ["<o@x.example>"], "letter")
        tx.know(doubtful.id, ["<o@x.example>"], "mail")
    with store.transaction() as tx:
        assert owners(tx) == [(trusted.id, "mail"), (doubtful.id, "mail")]
        assert owners(tx, "<o@x.example>") == [(doubtful.id, "mail"), (trusted.id, "letter")]


def test_a_ticket_is_found_by_the_reference_that_names_it_but_not_a_strangers_whom_nobody_knows_any_more(
    store: Store,
) -> None:
    gone = Person(f"x{ERASED}")
    plain, erased, partly, ours, empty = (
        open_tickets(store, people=people, partner_domain=domain)[0]
        for people, domain in (
            ((Person("Anna@x.example"),), None), ((gone,), None), ((gone, Person("b@x.example")), None),
            ((gone,), "oakbridge.example"), ((), None),
        )
    )  # fmt: skip
    asked = [f"ps-{one.id} " for one in (plain, erased, partly, ours, empty)]
    with store.transaction() as tx:
        found = tx.threads([], [*asked, "PS-9", "PS", "1001"]).by_reference
    assert sorted(found) == [one.reference for one in (plain, partly, ours, empty)]
    thread = found["PS-1001"]
    assert (thread.ticket_id, thread.reference, thread.people) == (1001, "PS-1001", {"anna@x.example"})
    assert (thread.state, thread.partner_domain, thread.trusted, thread.merged_into) == (
        State.NEW,
        None,
        plain.trusted,
        None,
    )


def test_an_id_is_kept_as_it_is_up_to_255_characters_and_by_its_hash_beyond(store: Store) -> None:
    short, long, other = "a" * 255, "a" * 256, "a" * 255 + "b"
    assert key_of(short) == short and key_of(long).startswith("sha256:") and len(key_of(long)) == 71
    ticket = open_tickets(store)[0]
    with store.transaction() as tx:
        tx.know(ticket.id, [short, long])
    with store.transaction() as tx:
        assert set(tx.threads([short, long, other]).by_message_id) == {short, long}


def finish(store: Store, *tickets: int | None, subject: str = "Case", sender: str = ANNA) -> None:
    """The waiting mails end on these tickets, the oldest first."""
    for one, number in zip(store.claim_mail(9, NOW, "one", LEASE), tickets, strict=True):
        with store.transaction() as tx:
            tx.finish_mail(finished(one.id, number, subject, sender), "one", NOW)


def finished(mail: int, ticket: int | None, subject: str = "Case", sender: str = ANNA) -> Finished:
    fate = Fate.TICKET if ticket else Fate.AUTOMATIC
    return Finished(
        mail_id=mail, fate=fate, kind="request", why="", ticket_id=ticket, subject=subject, sender=sender,
        message_id=f"<{mail}@x.example>",
    )  # fmt: skip


def came(number: int) -> datetime:
    return arrival(number).received_at


def test_what_came_of_late_is_told_of_one_sender_since_a_moment_that_counts(store: Store) -> None:
    one, two = (ticket.id for ticket in open_tickets(store, 2))
    body = body_sha256(raw_mail(1, "Stop."))
    store.keep([arrival(1, raw=raw_mail(1, "Stop.")), arrival(2), arrival(3)], now=NOW)
    finish(store, one, two, None)
    store.keep([arrival(4, raw=raw_mail(4))], now=NOW)
    finish(store, two, sender="ben@oakbridge.example")
    with store.transaction() as tx:
        assert tx.alike("Anna@Oakbridge.example", body, "Case", came(1)) == one
        assert tx.alike(ANNA, body, "Case", came(1) + timedelta(microseconds=1)) is None
        assert tx.alike(ANNA, body, "Other", came(1)) is None
        assert tx.alike(ANNA, body_sha256(raw_mail(3)), "Case", came(1)) is None, "it lies on no ticket"
        assert tx.alike("ben@oakbridge.example", body, "Case", came(1)) is None
        assert tx.latest_of(ANNA, came(1)) == two
        assert tx.latest_of(ANNA, came(3)) is None
        assert tx.latest_of("carl@oakbridge.example", came(1)) is None
        assert (tx.mails_of(one), tx.mails_of(two), tx.mails_of(9)) == (1, 2, 0)
    store.keep([arrival(5, raw=raw_mail(1, "Stop."))], now=NOW)
    (again,) = store.claim_mail(9, NOW, "one", LEASE)
    with store.transaction() as tx:
        tx.expect([Upcoming(again, "<5@x.example>", (), ANNA)])
        tx.finish_mail(finished(again.id, two, "Case"), "one", NOW)
        assert tx.alike(ANNA, body, "Case", came(1)) == two, "the last, not yet written"
        assert tx.latest_of(ANNA, came(6)) == two


def test_what_was_exchanged_with_an_address_is_told_newest_first_and_bounded(store: Store) -> None:
    ticket = open_tickets(store)[0].id
    store.keep([arrival(n) for n in (1, 2, 3, 4)], now=NOW)
    finish(store, ticket, ticket, None, ticket)
    set_in(store, mails, 4, duplicate_of=1)
    with store.transaction() as tx:
        for n in range(3):
            write(tx, [letter(f"{n}", to=(ANNA,))], ticket, NOW + n * MINUTE)
        write(tx, [letter("x", to=("ben@oakbridge.example",))], ticket, NOW)
    with store.transaction() as tx:
        rows, times = tx.exchanged("ANNA@oakbridge.example", came(1), 9)
        assert rows == [
            (came(3), NOW, "Case", None), (came(2), NOW, "Case", ticket), (came(1), NOW, "Case", ticket),
        ]  # fmt: skip
        assert times == [NOW + 2 * MINUTE, NOW + MINUTE, NOW]
        assert tx.exchanged(ANNA, came(1), 2) == (rows[:2], times[:2])
        assert tx.exchanged(ANNA, came(2), 9)[0] == rows[:2]
        assert tx.exchanged(ANNA, NOW + MINUTE, 9) == ([], times[:2])


TAKES: list[tuple[dict[str, Any], bool, bool]] = [
    ({}, True, True),
    ({"state": State.WAITING}, True, True),
    ({"state": State.RESOLVED}, True, False),
    ({"state": State.CLOSED}, True, False),
    ({"history": True}, True, False),
    ({"trusted": False}, True, False),
    ({"trusted": False}, False, True),
    ({}, False, False),
]


def test_which_ticket_takes_more_of_a_storm(store: Store) -> None:
    other = open_tickets(store, trusted=True)[0]
    for changes, trusted, takes in TAKES:
        one = open_tickets(store, **{"trusted": True, **changes})[0]
        with store.transaction() as tx:
            assert tx.takes_more(one.id, trusted=trusted) is takes, (changes, trusted)
            tx.save(one, replace(one, merged_into=other.id))
            assert tx.takes_more(one.id, trusted=trusted) is False
    with store.transaction() as tx:
        assert tx.takes_more(99, trusted=True) is False


def test_past_mail_is_told_whole_with_what_a_person_said(store: Store) -> None:
    ticket = open_tickets(store)[0]
    first = arrival(1, envelope_from="a@b.example", behind_mta=False, door="smtp", sent_folder=True)
    store.keep([first, arrival(2), arrival(3)], now=NOW)
    finish(store, ticket.id, ticket.id, None)
    set_in(store, mails, 1, reading={"new_text": "x"})
    set_in(store, mails, 3, fate=Fate.SKIPPED)
    made = PastMail(
        id=1, raw=first.raw, mailbox="global", door="smtp", received_at=came(1), envelope_from="a@b.example",
        behind_mta=False, sent_folder=True, fate=Fate.TICKET, kind="request", ticket_id=ticket.id,
        severity=Severity.S3, human_severity=None, reading={"new_text": "x"},
    )  # fmt: skip
    assert [one.id for one in store.past_mail()] == [1, 2]
    assert next(store.past_mail()) == made == store.opening_mail(ticket.id)
    with store.transaction() as tx:
        correct(tx, ticket.id, Severity.S1, "cli:mia", "worse")
    assert store.opening_mail(ticket.id) == replace(made, severity=Severity.S1, human_severity=Severity.S1)
    assert (
        store.tickets_from_mail(),
        store.tickets_from_mail(came(2)),
        store.tickets_from_mail(came(3)),
    ) == (1, 1, 0)
    assert store.opening_mail(9) is None
    set_in(store, mails, 1, duplicate_of=2)
    assert store.opening_mail(ticket.id).id == 2  # type: ignore[union-attr]
    for number in (1, 2):
        set_in(store, mails, number, forgotten_at=NOW)
    assert store.opening_mail(ticket.id) is None and store.tickets_from_mail() == 0
    assert list(store.past_mail()) == []


def test_how_rules_were_used_is_told_of_each_judged_mail_since_a_moment_that_counts(store: Store) -> None:
    one, two = open_tickets(store, 2)
    store.keep([arrival(n) for n in (1, 2, 3)], now=NOW)
    with store.transaction() as tx:
        for number, rules in ((1, ["a"]), (2, ["b", "c"]), (3, ["d"])):
            tx.rule_hits(number, one.id, rules, NOW + number * MINUTE)
    finish(store, one.id, two.id, one.id)
    set_in(store, mails, 2, reading={"facts": {"classifier.severity": "S4"}})
    set_in(store, mails, 3, kind="staff")
    with store.transaction() as tx:
        correct(tx, two.id, Severity.S2, "cli:mia", "worse")
        correct(tx, two.id, Severity.S1, "cli:mia", "worse yet")
    a = (("a",), Severity.S3, None, None)
    b = (("b", "c"), Severity.S2, Severity.S4, Severity.S1)
    assert [(tuple(sorted(hits)), *rest) for hits, *rest in store.rule_uses()] == [a, b]
    assert list(store.rule_uses(NOW + 2 * MINUTE)) == []
    set_in(store, mails, 2, received_at=NOW + 2 * MINUTE)
    assert [(tuple(sorted(hits)), *rest) for hits, *rest in store.rule_uses(NOW + 2 * MINUTE)] == [b]


def test_corrections_are_told_since_a_moment_with_their_words(store: Store) -> None:
    ticket = open_tickets(store)[0]
    store.keep([arrival(1)], now=NOW)
    finish(store, ticket.id)
    with store.transaction() as tx:
        correct(tx, ticket.id, Severity.S1, "cli:mia", "worse", text="")
        correct(tx, ticket.id, Severity.S2, "cli:mia", "better", text="kept")
    for reading, words in (
        ({"new_text": "old"}, "old"),
        ({"new_text": "old", "facts": {"text": "seen"}}, "seen"),
        ({}, ""),
        (None, ""),
    ):
        set_in(store, mails, 1, reading=reading)
        assert [one.text for one in store.corrections()] == [words, "kept"]
    assert [len(store.corrections(at)) for at in (NOW, NOW + timedelta(microseconds=1))] == [2, 0]
    assert [store.corrections_since(at) for at in (None, NOW - MINUTE, NOW)] == [2, 2, 0]


def test_a_step_of_no_ticket_and_one_of_a_ticket_are_each_added_once(store: Store) -> None:
    ticket = open_tickets(store)[0]
    of_none, of_one = (
        replace(step("digest", "send"), mailbox="global"),
        replace(step("meeting", "remind"), ticket_id=ticket.id),
    )
    with store.transaction() as tx:
        assert [tx.add_due(one) for one in (of_none, of_one, of_none, of_one)] == [True, True, False, False]
    assert [one.kind for one in store.dues(ticket.id)] == ["meeting"]
    assert sorted((one.kind, one.ticket_id) for one in store.claim_dues(9, NOW + MINUTE, "one", LEASE)) == [
        ("digest", None),
        ("meeting", ticket.id),
    ]
    with store.transaction() as tx:
        opened = tx.open_ticket(replace(ticket, subject="new"))
        assert tx.add_due(replace(step("meeting", "remind"), ticket_id=opened.id))
        tx.set_dues(opened.id, [step("meeting", "remind", DAY), step("resolution", "miss", DAY)])
    assert [(one.kind, one.due_at) for one in store.dues(opened.id)] == [
        ("meeting", NOW + DAY),
        ("resolution", NOW + DAY),
    ]
