"""What of the ledger nobody would have noticed: whose mail is given back, what stays as it was, and who stands at a border."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.store.samples import LEASE, MINUTE, NOW, arrival, claim_one, letter, open_tickets, raw_mail, write
from tests.store.test_mail import finish, keep
from triaged.store import Fate, LedgerMail, Store
from triaged.store.mail import CameBack
from triaged.store.rows import MailboxState, Upcoming

OURS = "Help@desk.example"
TICK = timedelta(microseconds=1)


def row(store: Store, number: int) -> LedgerMail:
    found = store.mail(number)
    assert found is not None
    return found


def claimed(store: Store, count: int, owner: str = "one") -> list[int]:
    return [mail.id for mail in store.claim_mail(count, NOW, owner, LEASE)]


def test_only_ones_own_mail_is_given_back_as_if_it_had_not_been_claimed(store: Store) -> None:
    keep(store, 1, 2, 3, 4)
    assert (claimed(store, 2), claimed(store, 1, "two")) == ([1, 2], [3])
    store.unclaim([1, 3, 4], "one", NOW + MINUTE)
    assert [row(store, n).runs for n in (1, 2, 3, 4)] == [0, 1, 1, 0]
    assert claimed(store, 9, "three") == [4], "the first waits for its time"
    later = store.claim_mail(9, NOW + MINUTE, "three", LEASE)
    assert [(mail.id, mail.runs) for mail in later] == [(1, 1)]


def test_what_is_over_is_not_given_back(store: Store) -> None:
    keep(store, 1)
    finish(store, claim_one(store))
    store.unclaim([1], "one", NOW)
    assert store.take_back_mail("one", [], NOW) == 0
    assert (row(store, 1).fate, row(store, 1).runs, claimed(store, 9)) == (Fate.AUTOMATIC, 1, [])


def test_what_nobody_remembers_having_claimed_is_taken_back(store: Store) -> None:
    keep(store, 1, 2, 3, 4)
    claimed(store, 3)
    claimed(store, 1, "two")
    assert store.take_back_mail("one", [2, 4], NOW) == 2
    assert [row(store, n).runs for n in (1, 2, 3, 4)] == [0, 1, 0, 1]
    assert claimed(store, 9, "three") == [1, 3]
    assert store.take_back_mail("nobody", [], NOW) == 0


def test_a_mail_that_failed_tells_why_and_waits_or_lies_in_quarantine(store: Store) -> None:
    keep(store, 1, 2)
    claimed(store, 2)
    assert not store.fail_mail(1, "two", "not his", NOW)
    assert store.fail_mail(1, "one", "it fell over", NOW, retry_at=NOW + MINUTE)
    assert store.fail_mail(2, "one", "no more", NOW + MINUTE)
    assert not store.fail_mail(1, "one", "it is not mine any more", NOW)
    told = [(one.fate, one.why, one.finished_at, one.runs) for one in (row(store, 1), row(store, 2))]
    assert told == [(Fate.WAITING, "", None, 1), (Fate.QUARANTINE, "no more", NOW + MINUTE, 1)]
    assert store.waiting_mail() == 1 and store.quarantined() == [2]


def test_only_what_is_in_quarantine_is_dropped(store: Store) -> None:
    keep(store, 1, 2, 3, 4)
    for number in claimed(store, 3)[:2]:
        store.fail_mail(number, "one", "no", NOW)
    assert store.quarantined() == [2, 1] and [one.id for one in store.quarantine(limit=1)] == [2]
    assert store.drop([1, 3, 4, 99], "cli:dora", "spam", NOW + MINUTE) == 1
    one = row(store, 1)
    assert (one.fate, one.why, one.finished_at) == (
        Fate.SKIPPED,
        "dropped by cli:dora: spam",
        NOW + MINUTE,
    )
    assert one.raw == arrival(1).raw and store.quarantined() == [2] and store.waiting_mail() == 2
    assert store.drop([1], "cli:dora", "again", NOW) == 0


def test_a_replayed_mail_begins_anew(store: Store) -> None:
    keep(store, 1, 2)
    for number in claimed(store, 2):
        store.fail_mail(number, "one", "no", NOW)
    assert store.replay([2], NOW + MINUTE) == 1
    one = row(store, 2)
    assert (one.fate, one.finished_at, one.runs) == (Fate.WAITING, None, 0) and row(store, 1).runs == 1
    assert claimed(store, 9) == [], "not before its time"
    assert [mail.id for mail in store.claim_mail(9, NOW + MINUTE, "one", LEASE)] == [2]


def test_only_what_ran_less_often_is_claimed_where_asked(store: Store) -> None:
    keep(store, 1, 2)
    store.fail_mail(claim_one(store).id, "one", "no", NOW, retry_at=NOW)
    assert [mail.id for mail in store.claim_mail(9, NOW, "one", LEASE, fewer=1)] == [2]
    assert [mail.id for mail in store.claim_mail(9, NOW, "one", LEASE, fewer=2, others=["eu"])] == [1]


@pytest.mark.parametrize("others", [[], ["eu"]])
def test_no_more_than_the_first_bytes_are_read(store: Store, others: list[str]) -> None:
    store.keep([arrival(1), arrival(2, mailbox="eu")], now=NOW)
    mails = store.claim_mail(9, NOW, "one", LEASE, most=10, others=others)
    assert [(mail.id, mail.raw) for mail in mails] == [
        (n, arrival(n).raw[:10]) for n in ((1, 2) if not others else (1,))
    ]


def test_the_ledger_is_narrowed_at_its_borders(store: Store) -> None:
    keep(store, 1, 2, 3)
    first, second = open_tickets(store, 2)
    for mail, ticket in zip(store.claim_mail(3, NOW, "one", LEASE), (first, second, first), strict=True):
        finish(
            store, mail, fate=Fate.TICKET, ticket_id=ticket.id, sender="" if mail.id == 2 else "a@x.example"
        )

    def ids(**wanted: Any) -> list[int]:
        return [one.id for one in store.mails(**wanted)]

    at = arrival(2).received_at
    assert ids(since=at) == [3, 2] and ids(since=at + TICK) == [3] and ids(before_id=1) == []
    assert ids(ticket_id=first.id) == [3, 1] and [one.id for one in store.mails_on(first.id)] == [1, 3]
    assert ids(sender="") == [] and ids(sender="A@x.example", ticket_id=second.id) == []
    assert ids(fate=Fate.TICKET, since=at, before_id=3) == [2] and ids(fate="waiting") == []
    for batch in (1, 2, 3, 4):
        assert [one.id for one in store.each_mail(batch=batch)] == [1, 2, 3]
    assert [one.id for one in store.each_mail(at)] == [2, 3]


def authenticated(*word: str) -> dict[str, Any]:
    return {"authentication": list(word)} if word else {}


def test_our_mail_servers_word_is_told_of_what_came_from_behind_it_newest_first(store: Store) -> None:
    odd: dict[int, dict[str, Any]] = {2: {"behind_mta": False}, 3: {"sent_folder": True}}
    store.keep([arrival(n, **odd.get(n, {})) for n in range(1, 8)], now=NOW)
    words = {
        1: ("pass", "dkim"),
        2: ("fail", "x"),
        3: ("fail", "y"),
        4: ("none", "no word"),
        6: ("pass", "spf"),
    }
    for mail in store.claim_mail(6, NOW, "one", LEASE):
        finish(store, mail, reading=authenticated(*words.get(mail.id, ())))
    assert store.authentications(9) == [("pass", "spf"), ("none", "no word"), ("pass", "dkim")]
    assert store.authentications(2) == [("pass", "spf")], "the fifth was read, and nothing said of it"
    assert store.authentications(3) == [("pass", "spf"), ("none", "no word")]


def test_a_letter_of_ours_that_came_in_by_a_mailbox_of_ours_is_told(store: Store) -> None:
    (ticket,) = open_tickets(store)
    with store.transaction() as tx:
        written = write(tx, [letter(str(n)) for n in range(1, 8)], ticket.id)
    assert len(written) == 7
    ids = {n: f"<global.acknowledgment.{n}.{ticket.id}@support.example>" for n in range(1, 8)}
    odd: dict[int, dict[str, Any]] = {2: {"behind_mta": False}, 3: {"sent_folder": True}}
    store.keep([arrival(n, **odd.get(n, {})) for n in range(1, 9)], now=NOW)
    for mail in store.claim_mail(7, NOW, "one", LEASE):
        told: dict[str, Any] = {
            "sender": OURS,
            "message_id": ids[mail.id],
            "reading": authenticated("pass", f"dkim {mail.id}"),
        }
        if mail.id == 4:
            told["sender"] = "anna@oakbridge.example"
        if mail.id == 5:
            told["message_id"] = "<of@somebody.example>"
        if mail.id == 6:
            told["reading"] = None
        finish(store, mail, **told)
    back = {n: CameBack(OURS.lower(), arrival(n).received_at, "pass", f"dkim {n}") for n in (1, 7)}
    assert store.came_back([OURS], arrival(1).received_at) == [back[7], back[1]]
    assert store.came_back([OURS, "x@y.example"], arrival(1).received_at + TICK) == [back[7]]
    assert store.came_back([], arrival(1).received_at) == []


def test_a_rule_counts_once_for_each_mail(store: Store) -> None:
    keep(store, 1)
    mail = claim_one(store)
    (ticket,) = open_tickets(store)
    with store.transaction() as tx:
        tx.rule_hits(mail.id, ticket.id, ["b", "a", "b"], NOW, "book")
    finish(store, mail, fate=Fate.TICKET, kind="request", ticket_id=ticket.id)
    assert [sorted(hits) for hits, *_ in store.rule_uses()] == [["a", "b"]]


def test_a_mailbox_that_never_failed_and_one_that_never_answered(store: Store) -> None:
    store.note_poll("b", True, "what is well has no error", NOW)
    store.note_poll("a", False, None, NOW)
    assert store.mailbox_states() == [
        MailboxState("a", None, NOW, 1, None),
        MailboxState("b", NOW, None, 0, None),
    ]


def test_of_mails_that_come_together_only_the_same_one_is_known_again(store: Store) -> None:
    """Each differs from the first in one thing; what one of a batch asks for finds nothing for another."""
    bodies = {1: "the first", 2: "the first", 3: "of its own", 4: "the first", 5: "the first"}
    raws = {n: raw_mail(9, body).replace(b"From: ", b"X-Way: %d\r\nFrom: " % n) for n, body in bodies.items()}
    store.keep([arrival(n, raw=raw) for n, raw in raws.items()], now=NOW)
    finish(store, claim_one(store), message_id="<1@x>", sender="a@x.example")
    by = {
        2: ("<1@x>", "A@x.example"),
        3: ("<1@x>", "a@x.example"),
        4: ("<4@x>", "a@x.example"),
        5: ("<1@x>", "b@x.example"),
    }
    mails = store.claim_mail(9, NOW, "one", LEASE)
    with store.transaction() as tx:
        tx.expect(Upcoming(mail, by[mail.id][0], (), by[mail.id][1]) for mail in mails)
        seen = {mail.id: [one.id for one in tx.seen(mail, *by[mail.id])] for mail in mails}
    assert seen == {2: [1], 3: [], 4: [], 5: []}
