"""The ledger: claims, fences, one fate a mail, quarantine, replay, duplicates."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.store.samples import LEASE, MINUTE, NOW, arrival, claim_one, letter, new_ticket, raw_mail, write
from triaged.store import Fate, Fenced, Store
from triaged.store.rows import ClaimedMail, Finished
from triaged.tickets.ticket import Person


def finish(store: Store, mail: ClaimedMail, owner: str = "one", **more: object) -> None:
    with store.transaction() as tx:
        told = {"fate": Fate.AUTOMATIC, "kind": "bounce", "why": "a delivery report", **more}
        tx.finish_mail(Finished(mail_id=mail.id, **told), owner, NOW)  # type: ignore[arg-type]


def keep(store: Store, *numbers: int) -> list[int]:
    return [kept.id for kept in store.keep([arrival(number) for number in numbers], now=NOW)]


def test_the_oldest_is_claimed_first_and_nothing_twice(store: Store) -> None:
    ids = dict(zip([3, 1, 2], keep(store, 3, 1, 2), strict=True))
    assert [mail.id for mail in store.claim_mail(2, NOW, "one", LEASE)] == [ids[1], ids[2]]
    assert [mail.id for mail in store.claim_mail(9, NOW, "two", LEASE)] == [ids[3]]
    assert store.claim_mail(9, NOW, "three", LEASE) == []
    assert store.waiting_mail() == 3


def test_a_lease_that_ended_is_anybodys_and_the_runs_are_counted(store: Store) -> None:
    keep(store, 1)
    assert claim_one(store, "dead").runs == 1
    assert store.claim_mail(1, NOW + LEASE - MINUTE, "alive", LEASE) == []
    mail = claim_one(store, "alive", NOW + LEASE)
    assert mail.runs == 2


def test_who_lost_his_claim_cannot_finish_and_his_work_rolls_back(store: Store) -> None:
    keep(store, 1)
    mail = claim_one(store, "slow")
    claim_one(store, "quick", NOW + LEASE)
    with pytest.raises(Fenced), store.transaction() as tx:
        tx.open_ticket(new_ticket())
        tx.finish_mail(Finished(mail_id=mail.id, fate=Fate.TICKET, kind="request", why="late"), "slow", NOW)
    assert store.tickets() == []
    finish(store, mail, "quick")
    with pytest.raises(Fenced):
        finish(store, mail, "quick")
    assert not store.fail_mail(mail.id, "quick", "too late", NOW)


def test_a_finished_mail_tells_its_fate(store: Store) -> None:
    keep(store, 1)
    mail = claim_one(store)
    told = {
        "subject": "Out",
        "sender": "a@x.example",
        "message_id": "<1@x>",
        "reading": {"new_text": "gone"},
    }
    finish(store, mail, **told)
    row = store.mail(mail.id)
    assert row is not None
    assert (row.fate, row.kind, row.why, row.finished_at) == (
        Fate.AUTOMATIC,
        "bounce",
        "a delivery report",
        NOW,
    )
    assert (row.subject, row.sender, row.message_id, row.reading) == (
        "Out",
        "a@x.example",
        "<1@x>",
        {"new_text": "gone"},
    )
    assert store.waiting_mail() == 0 and store.claim_mail(1, NOW + LEASE, "one", LEASE) == []


def test_a_failed_mail_waits_for_its_next_try_then_goes_to_quarantine(store: Store) -> None:
    keep(store, 1)
    mail = claim_one(store)
    assert store.fail_mail(mail.id, "one", "parser fell over", NOW, retry_at=NOW + MINUTE)
    assert store.claim_mail(1, NOW, "one", LEASE) == []
    again = claim_one(store, "one", NOW + MINUTE)
    assert store.fail_mail(again.id, "one", "parser fell over again", NOW)
    assert [(row.why, row.runs) for row in store.quarantine()] == [("parser fell over again", 2)]
    assert store.claim_mail(1, NOW + timedelta(days=9), "one", LEASE) == []


def test_quarantine_is_released_for_another_try(store: Store) -> None:
    ids = keep(store, 1, 2)
    for mail in store.claim_mail(2, NOW, "one", LEASE):
        store.fail_mail(mail.id, "one", "no", NOW)
    assert store.replay([ids[0], 999], NOW) == 1
    assert [mail.runs for mail in store.claim_mail(9, NOW, "one", LEASE)] == [1]
    assert [row.id for row in store.quarantine()] == [ids[1]]


def test_a_replayed_mail_stays_on_its_ticket(store: Store) -> None:
    keep(store, 1)
    mail = claim_one(store)
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket())
        tx.finish_mail(
            Finished(mail_id=mail.id, fate=Fate.TICKET, kind="request", why="new", ticket_id=ticket.id),
            "one",
            NOW,
        )
        tx.rule_hits(mail.id, ticket.id, ["a", "b", "a"], NOW)
    store.replay([mail.id], NOW)
    assert claim_one(store).ticket_id == ticket.id
    assert [hits for hits, *_ in store.rule_uses()] == [()]  # its former hits are forgotten


def again_by(
    store: Store, message_id: str | None, *, sender: str = "a@x.example", **changes: object
) -> tuple[ClaimedMail, int | None]:
    """Mail 1 finished with <1@x>, then `changes` of it claimed: the new one, and the row it repeats."""
    keep(store, 1)
    first = claim_one(store)
    finish(store, first, message_id="<1@x>", sender="a@x.example")
    store.keep([arrival(2, **{"raw": raw_mail(1), **changes})], now=NOW)
    second = claim_one(store)
    with store.transaction() as tx:
        found = tx.seen(second, message_id, sender)
    return second, found[0].id if found else None


def test_the_same_bytes_in_another_mailbox_are_the_same_mail(store: Store) -> None:
    _, seen = again_by(store, None, mailbox="eu")
    assert seen == 1


def test_the_same_mail_by_another_way_is_known_by_id_and_body(store: Store) -> None:
    _, seen = again_by(store, "<1@x>", raw=b"Received: by another way\r\n" + raw_mail(1))
    assert seen == 1


def test_a_copy_under_another_sender_is_another_mail(store: Store) -> None:
    _, seen = again_by(
        store, "<1@x>", raw=b"Received: by another way\r\n" + raw_mail(1), sender="b@y.example"
    )
    assert seen is None


def test_a_message_id_reused_for_another_body_is_another_mail(store: Store) -> None:
    _, seen = again_by(store, "<1@x>", raw=raw_mail(2))
    assert seen is None


def test_the_same_body_without_a_message_id_is_another_mail(store: Store) -> None:
    _, seen = again_by(store, None, raw=b"Received: by another way\r\n" + raw_mail(1))
    assert seen is None


def test_a_mail_is_not_its_own_duplicate_nor_that_of_one_still_waiting(store: Store) -> None:
    store.keep([arrival(1), arrival(2, raw=raw_mail(1))], now=NOW)
    for mail in store.claim_mail(2, NOW, "one", LEASE):
        with store.transaction() as tx:
            assert tx.seen(mail, None, "a@x.example") == ()


def test_a_replayed_original_is_not_taken_for_its_own_copy(store: Store) -> None:
    second, seen = again_by(store, None)
    finish(store, second, duplicate_of=seen)
    store.replay([1], NOW)
    first = claim_one(store)
    with store.transaction() as tx:
        assert tx.seen(first, "<1@x>", "a@x.example") == ()


def test_an_endless_message_id_is_known_by_its_hash(store: Store) -> None:
    endless = "<" + "x" * 5000 + "@x>"
    keep(store, 1)
    finish(store, claim_one(store), message_id=endless, sender="a@x.example")
    store.keep([arrival(2, raw=b"Received: y\r\n" + raw_mail(1))], now=NOW)
    again = claim_one(store)
    with store.transaction() as tx:
        assert tx.seen(again, endless, "a@x.example")


def test_text_that_databases_refuse_is_mended(store: Store) -> None:
    keep(store, 1)
    mail = claim_one(store)
    finish(store, mail, subject="nul \x00 and \ud800 surrogate", reading={"new_text": "a\x00\udfff"})
    row = store.mail(mail.id)
    assert row is not None and row.subject == "nul \ufffd and \ufffd surrogate"
    assert row.reading == {"new_text": "a\x00\udfff"}


def test_the_ledger_lists_by_fate_mailbox_sender_and_page(store: Store) -> None:
    keep(store, 1, 2, 3)
    store.keep([arrival(4, mailbox="eu")], now=NOW)
    finish(store, claim_one(store), sender="a@x.example")
    assert [row.id for row in store.mails(limit=2)] == [4, 3]
    assert [row.id for row in store.mails(before_id=3)] == [2, 1]
    assert [row.id for row in store.mails(mailbox="eu")] == [4]
    assert [row.id for row in store.mails(sender="A@x.example")] == [1]
    assert [row.id for row in store.mails(fate="waiting")] == [4, 3, 2]
    assert [row.id for row in store.each_mail(batch=3)] == [1, 2, 3, 4]
    assert [row.id for row in store.each_mail(since=arrival(3).received_at, batch=1)] == [3, 4]
    assert store.mail(999) is None


def test_what_came_lately_is_counted_by_address_and_domain_without_copies(store: Store) -> None:
    keep(store, 1, 2, 3, 4, 5)
    senders = ["a@oak.example", "A@oak.example", "b@oak.example", "a@elm.example", "a@oak.example"]
    for mail, sender in zip(store.claim_mail(5, NOW, "one", LEASE), senders, strict=True):
        finish(store, mail, sender=sender.lower(), duplicate_of=1 if mail.id == 5 else None)
    with store.transaction() as tx:
        assert tx.mails_from("A@oak.example", arrival(1).received_at) == 2
        assert tx.mails_from("a@oak.example", arrival(2).received_at) == 1
        assert tx.mails_of_domain("OAK.example", arrival(1).received_at) == 3
        assert tx.mails_of_domain("k.example", arrival(1).received_at) == 0


def test_endless_addresses_from_strangers_are_bounded(store: Store) -> None:
    endless = "x" * 9000 + "@" + "y" * 9000 + ".example"
    keep(store, 1)
    mail = claim_one(store)
    with store.transaction() as tx:
        ticket = tx.open_ticket(new_ticket(people=(Person(endless), Person(endless + "z"))))
        write(tx, [letter(to=(endless,))], ticket.id)
        assert tx.mark_address(endless, "550", NOW) and tx.failed_of([endless])
        assert tx.letters_to(endless, NOW) == 1
    finish(store, mail, sender=endless)
    assert [row.id for row in store.mails(sender=endless)] == [mail.id]
