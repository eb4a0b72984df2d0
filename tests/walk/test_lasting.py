"""What outlasts its cause: tickets of a mailbox that is gone, old mail found late, odd addresses, one bad row."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.simulation.scene import Scene, kinds
from triaged.daemon.reload import Reloading
from triaged.simulation import mails
from triaged.simulation.town import GLOBAL
from triaged.store.rows import Arrival, Fate
from triaged.tickets.ticket import Happening, State
from triaged.vocabulary import Severity
from triaged.walk import knowledge, triage

H = Happening


def write(scene: Scene, subject: str, body: str, message_id: str, **more) -> bytes:
    return mails.write((scene.ann.name, scene.ann.address), [GLOBAL], subject, body, scene.month.now, message_id, **more)  # fmt: skip


def found_late(scene: Scene, raw: bytes, uid: int) -> None:
    """A mail of last month, found at first contact with a mailbox."""
    arrived = scene.month.now - timedelta(days=30)
    scene.store.keep(
        [Arrival(raw, "global", "imap", "INBOX", 9, uid, arrived, history="quiet", moved=True)],
        None,
        scene.month.now,
    )
    while triage.triage_batch(scene.month.house, scene.month.now):
        pass


def test_an_old_thread_found_at_first_contact_sets_nothing_going(scene: Scene) -> None:
    found_late(scene, write(scene, "Old", "All users are down, nobody can log in!", "<o1@x.example>"), 1)
    found_late(
        scene,
        write(scene, "Re: Old", "Still down for everybody!", "<o2@x.example>", answers=["<o1@x.example>"]),
        2,
    )
    scene.passes(days=5)
    first, second = reversed(scene.store.mails(limit=2))
    ticket = scene.ticket(first)
    assert second.ticket_id == first.ticket_id and ticket.history
    assert kinds(ticket).count(H.PARTNER_ANSWERED) == 1
    assert not [one for one in scene.letters() if one.kind != "digest"] and not scene.store.dues(ticket.id)
    scene.writes("It is back again!", "Re: Old", ["<o2@x.example>"])
    assert not scene.ticket(first).history and scene.store.dues(ticket.id)


def test_an_old_mail_found_late_reopens_nothing(scene: Scene) -> None:
    mail = scene.asks()
    scene.desk().happen(scene.ticket(mail), "resolved", "a setting was wrong")
    found_late(scene, write(scene, "Re: One", "It is slow.", "<o3@x.example>", answers=[mail.message_id]), 3)
    assert scene.ticket(mail).state is State.RESOLVED


def test_tickets_outlive_their_mailbox(scene: Scene) -> None:
    mail = scene.asks()
    house = scene.month.house
    config = house.knowledge.config
    house.knowledge = replace(
        house.knowledge, config=config.model_copy(update={"mailboxes": config.mailboxes[1:]})
    )
    raw = write(scene, "Re: One", "And one more report.", "<late@x.example>", answers=[mail.message_id])
    found = scene.arrives(raw)
    assert (found.fate, found.ticket_id) == (Fate.TICKET, mail.ticket_id)
    ticket = scene.ticket(mail)
    scene.passes(days=2)
    assert H.MISSED in kinds(scene.ticket(mail))
    desk = replace(scene.desk(), knowledge=house.knowledge)
    desk.happen(ticket, "resolved", "done")
    (letter,) = [one for one in scene.store.letters(ticket_id=ticket.id) if one.kind == "resolved"]
    assert letter.mailbox == "europe"
    assert letter.state == "waiting"
    assert scene.store.hand_over(["global"], "global") >= 1
    moved = scene.store.letter(letter.id)
    assert moved is not None and moved.mailbox == "global"


@pytest.mark.parametrize("odd", ["anna..b@{}", "anna.@{}", '"anna b"@{}', "jörg@{}"])
def test_an_address_no_letter_can_name_costs_no_ticket(scene: Scene, odd: str) -> None:
    domain = scene.ann.address.rpartition("@")[2]
    head, _, body = write(scene, "Slow", "It is slow.", "<odd@x.example>").partition(b"\r\n\r\n")
    lines = [
        f"From: {odd.format(domain)}".encode() if line.startswith(b"From:") else line
        for line in head.split(b"\r\n")
    ]
    mail = scene.arrives(b"\r\n".join([*lines, f"Cc: {odd.format(domain)}".encode()]) + b"\r\n\r\n" + body)
    assert (mail.fate, mail.why != "") == (Fate.TICKET, True)


def test_a_fault_that_breaks_the_whole_transaction_costs_only_its_own_mail(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, now, poisoned = scene.month.house, scene.month.now, []
    decide, transaction = triage.decide, house.store.transaction

    def noticing(mail, *rest):
        poisoned.extend([mail] if b"poison" in mail.raw else [])
        return decide(mail, *rest)

    @contextmanager
    def brittle():
        with transaction() as tx:
            yield tx
            if poisoned:
                poisoned.clear()
                raise RuntimeError("the commit failed")

    monkeypatch.setattr(triage, "decide", noticing)
    monkeypatch.setattr(house.store, "transaction", brittle)
    raws = [
        write(scene, f"Mail {n}", "poison" if n == 1 else "It is slow.", f"<p{n}@x.example>")
        for n in range(4)
    ]
    scene.store.keep(
        [Arrival(raw, "global", "imap", "INBOX", 8, n, now, moved=True) for n, raw in enumerate(raws)],
        None,
        now,
    )
    triage.triage_batch(house, now)
    fates = sorted(str(one.fate) for one in scene.store.mails(limit=4))
    assert fates.count("ticket") == 3


def test_a_directory_that_changed_while_no_daemon_ran_is_judged_by_at_the_start(scene: Scene) -> None:
    mail = scene.asks()
    house = scene.month.house
    Reloading(house, None, lambda: scene.month.now).note_in_force()
    accounts = house.knowledge.config.directory.accounts
    grown = accounts.read_text("utf-8").replace(
        scene.customer.subscriptions, scene.customer.subscriptions.partition("=")[0] + "=5000"
    )
    accounts.write_text(grown, "utf-8")
    house.knowledge = knowledge.gather(house.knowledge.config)
    started = Reloading(house, None, lambda: scene.month.now)
    started.note_in_force()
    assert started.catch_up() >= 1 and scene.ticket(mail).severity is Severity.S1
    started.note_in_force()
    assert started.catch_up() == 0


def test_an_unverified_first_mail_does_not_forbid_what_a_verified_answer_allows(scene: Scene) -> None:
    """Judged again by the directory, a ticket goes by what it is now, not by what its first mail was."""
    raw = write(scene, "Slow", f"Zoho CRM is slow.\nZOID: {scene.customer.zoid}", "<u@x.example>")
    mail = scene.arrives(raw.replace(b"dmarc=pass", b"dmarc=none"))
    scene.writes("It is still so.", "Re: Slow", ["<u@x.example>"])
    assert scene.ticket(mail).trusted
    test_a_directory_that_changed_while_no_daemon_ran_is_judged_by_at_the_start(scene)
    assert scene.ticket(mail).severity is Severity.S1


def test_a_mail_that_ends_the_daemon_again_and_again_ends_in_quarantine_and_takes_none_with_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    honest, house, deaths = triage.decide, scene.month.house, 0

    def decide(mail, reading, *rest):  # type: ignore[no-untyped-def]
        if "deadly" in reading.subject:
            raise Killed
        return honest(mail, reading, *rest)

    monkeypatch.setattr(triage, "decide", decide)
    raws = [
        write(scene, subject, "Org ID: 60031122399\nThe export fails.", f"<{subject}@x.example>")
        for subject in ("first", "deadly", "third", "fourth")
    ]
    scene.store.keep(
        [
            Arrival(raw, "global", "imap", "INBOX", 9, uid, scene.month.now, moved=True)
            for uid, raw in enumerate(raws, 1)
        ],
        None,
        scene.month.now,
    )
    for life in range(20):
        house.owner = f"life {life}"
        scene.store._engines.presence.leave()  # type: ignore[union-attr]  # as the kernel does for the dead
        scene.store.inherit(house.owner, scene.month.now)
        try:
            while triage.triage_batch(house, scene.month.now):
                pass
            break
        except Killed:
            deaths += 1
    assert deaths == triage.MOST_RUNS
    fates = {mail.subject or "deadly": mail.fate for mail in scene.store.mails()}
    assert fates == {"deadly": "quarantine", "first": "ticket", "third": "ticket", "fourth": "ticket"}
    assert "a daemon ended with it" in scene.store.quarantine()[0].why
