"""What is held of one person is told and erased: his, all of it, and nobody else's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.store.samples import LEASE, NOW, arrival, correct, event, letter, new_ticket, write
from triaged.store import Arrival, Fate, Store
from triaged.store.columns import ERASED
from triaged.store.privacy import pattern, spellings
from triaged.store.rows import Finished
from triaged.store.rulebook_keeping import DraftFile, RulebookVersion
from triaged.store.sessions import Session
from triaged.tickets.ticket import Event, Happening, Person, State
from triaged.vocabulary import Severity

ANNA = "anna.k_v@oakbridge.example"
CARL = "carl@elmhill.example"
SECRET = "my kettle is called Zebulon"


def by(sender: str, number: int, body: str, to: str = "help@x.example") -> Arrival:
    raw = f"From: {sender}\r\nTo: {to}\r\nMessage-ID: <{number}.{sender}>\r\nSubject: S{number}\r\n\r\n{body}\r\n"
    return arrival(number, raw=raw.encode(), uid=number, envelope_from=sender.upper())


def opened(store: Store, sender: str, number: int, body: str, *others: Person, **changes: object) -> int:
    """A ticket that a mail of the sender's opened, acknowledged, with a correction to learn from."""
    cc = ", ".join(p.address for p in others)
    store.keep([by(sender, number, body, to=f"help@x.example, {cc}" if cc else "help@x.example")], now=NOW)
    one = store.claim_mail(1, NOW, "one", LEASE)[0]
    key = sender.lower()
    with store.transaction() as tx:
        people = (Person(key, "Anna Kovač" if "anna" in key else "Carl"), *others)
        story = [
            Event(one.received_at, Happening.RECEIVED, key, f"mail from {key} to global: request"),
            event(Happening.JUDGED, severity="S3", identifiers={"superadmin_email": key}, why=f"by {key}"),
            Event(NOW, Happening.PARTNER_ANSWERED, key, f"answered: {body}", {}),
        ]
        made = new_ticket(subject=f"About {body}", created_at=one.received_at, people=people, **changes)
        ticket = tx.open_ticket(made, story)
        write(
            tx, [letter(to=(key,), cc=tuple(p.address for p in others), body=f"You wrote: {body}")], ticket.id
        )
        tx.know(ticket.id, [f"<{number}.{sender}>"], of="mail")
        tx.finish_mail(
            Finished(
                mail_id=one.id,
                fate=Fate.TICKET,
                kind="request",
                why="new",
                ticket_id=ticket.id,
                subject=f"About {body}",
                sender=key,
                message_id=f"<{number}.{sender}>",
                reading={"facts": {"text": body, "sender.address": key, "classifier.severity": "S3"}},
            ),
            "one",
            NOW,
        )
        correct(tx, ticket.id, Severity.S2, "cli:dora", "worse", text=body)
    for sent in store.claim_letters(9, NOW, "one", LEASE):
        store.letter_sent(sent.id, "one", NOW)
    return ticket.id


def everything(store: Store) -> str:
    """Every value of every table as one text, mails unpacked."""
    from triaged.store import copying
    from triaged.store.kept import unpack

    told = []
    with copying.snapshot(store._engines) as connection:
        for table in copying._plain():
            for row in copying._rows(connection, table):
                for name, value in row._mapping.items():
                    if isinstance(value, bytes):
                        value = (unpack(value) if name == "packed" else value).decode("utf-8", "replace")
                    told.append(json.loads(value) if name in ("data", "reading") and value else value)
    return json.dumps(told, ensure_ascii=False).lower()


def around(told: str, what: str) -> str:
    at = told.find(what)
    return told[max(0, at - 60) : at + 60] if at >= 0 else ""


def test_everything_held_of_a_person_is_shown_and_noted(store: Store) -> None:
    first = opened(store, ANNA, 1, SECRET)
    other = opened(store, CARL, 2, "something else", Person(ANNA, role="cc"))
    with store.transaction() as tx:
        tx.mark_address(ANNA, "550", NOW)
    held = store.held(ANNA.upper(), who="cli:dora", now=NOW)
    assert [one["id"] for one in held.tickets] == [first, other]
    assert [(one["id"], SECRET in one["text"]) for one in held.mails] == [(1, True)]
    assert len(held.letters) == 2 and len(held.people) == 2 and len(held.failed) == 1
    assert held.named_in == [2] and [one["text"] for one in held.corrections] == [SECRET]
    (noted,) = store.audits()
    assert (noted["who"], noted["what"], noted["counts"]["mails"]) == ("cli:dora", "privacy.show", 1)
    assert "anna" not in str(noted) and SECRET not in str(noted)
    assert [one["what"] for one in store.held(ANNA).audit] == ["privacy.show"]


def test_an_erased_person_is_nowhere_but_in_the_mails_of_others(store: Store) -> None:
    first = opened(store, ANNA, 1, SECRET)
    other = opened(store, CARL, 2, "something else", Person(ANNA, "Anna Kovač", role="cc"))
    before = [replace(one, events=()) for one in store.each_ticket()]
    kinds = [(e.at, e.kind) for t in store.each_ticket() for e in t.events]
    counts = store.erase(ANNA, "cli:dora", NOW)
    assert counts["mails"] == 1 and counts["tickets"] == 2 and counts["people"] == 2
    assert counts["training texts"] == 1
    left = everything(store).replace(by(CARL, 2, "something else", f"help@x.example, {ANNA}").raw.decode().lower().replace("\r\n", "\\r\\n"), "")  # fmt: skip
    assert not any(around(left, one) for one in (ANNA, "zebulon", "kovač")), around(left, ANNA)
    after = list(store.each_ticket())
    assert [(e.at, e.kind) for t in after for e in t.events] == kinds
    assert [(t.id, t.state, t.severity, t.created_at) for t in after] == [
        (t.id, t.state, t.severity, t.created_at) for t in before
    ]
    one, two = after
    assert (one.id, two.id) == (first, other)
    assert one.people[0].address.endswith(ERASED) and one.people[0].failed
    assert two.subject == "About something else" and two.people[0] == Person(CARL, "Carl")
    mail = store.mail(2)
    assert mail and mail.raw and b"something else" in mail.raw
    carls = [store.letter(row.id) for row in store.letters(ticket_id=other)]
    assert all(letter and b"You wrote: something else" in (letter.raw or b"") for letter in carls)
    assert store.erase(ANNA, "cli:dora", NOW) == {}
    assert [one["what"] for one in store.audits()] == ["privacy.erase", "privacy.erase"]


HOSTILE = {
    "_": ("a_b@oakbridge.example", "axb@oakbridge.example"),
    "%": ("a%@oakbridge.example", "annie@oakbridge.example"),
    "longer": ("anna@oakbridge.example", "joanna@oakbridge.example"),
    "longer domain": ("anna@oakbridge.example", "anna@oakbridge.example.org"),
    "plus": ("anna@oakbridge.example", "anna+orders@oakbridge.example"),
    "dot": ("an.na@oakbridge.example", "anxna@oakbridge.example"),
    "backslash": ("a\\b@oakbridge.example", "a\\\\b@oakbridge.example"),
    "quote": ("o'anna@oakbridge.example", "anna@oakbridge.example"),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_an_address_is_never_a_pattern_nor_a_part_of_another(store: Store, name: str) -> None:
    his, others = HOSTILE[name]
    opened(store, his, 1, "first words")
    kept = opened(store, others, 2, "other words")
    before = store.ticket(kept)
    assert [one["sender"] for one in store.held(his).mails] == [his]
    store.erase(his, "cli:dora", NOW)
    assert store.ticket(kept) == before
    mail = store.mail(2)
    assert mail and mail.raw and mail.sender == others
    assert "first words" not in everything(store)


def test_another_spelling_of_his_mailbox_is_told(store: Store) -> None:
    opened(store, "anna@oakbridge.example", 1, "x")
    opened(store, "anna+orders@oakbridge.example", 2, "y")
    assert store.held("anna@oakbridge.example").other_spellings == ["anna+orders@oakbridge.example"]


@pytest.mark.parametrize(
    "asked", ["ÅSA@bücher.example", "a\u030asa@bücher.example", "åsa@xn--bcher-kva.example"]
)
def test_an_address_is_found_in_every_way_unicode_writes_it(store: Store, asked: str) -> None:
    opened(store, "åsa@bücher.example", 1, "first words")
    assert len(store.held(asked).mails) == 1
    store.erase(asked, "cli:dora", NOW)
    left = everything(store)  # a partner's domain stays with his mails: it is no person
    assert "first words" not in left and "åsa" not in left and "@b" not in left


def test_the_pattern_of_an_address_is_linear_and_whole() -> None:
    found = pattern(spellings("anna@oakbridge.example"))
    assert found.search("<anna@oakbridge.example>") and found.search("ANNA@OAKBRIDGE.EXAMPLE.")
    assert not found.search("joanna@oakbridge.example") and not found.search("anna@oakbridge.example.org")
    assert not found.search("anna@oakbridge.exam" * 100_000)


def test_a_letter_that_waits_for_him_alone_does_not_leave_and_one_for_others_does(store: Store) -> None:
    number = opened(store, CARL, 1, "words", Person(ANNA, role="cc"))
    with store.transaction() as tx:
        write(tx, [letter("a", to=(ANNA,)), letter("b", to=(CARL,), cc=(ANNA,), body=f"to {ANNA}")], number)
    store.erase(ANNA, "cli:dora", NOW)
    (left,) = store.claim_letters(9, NOW, "one", LEASE)
    assert (left.to, left.cc) == ((CARL,), ()) and ANNA.encode() not in left.raw
    withdrawn = store.letters(state="withdrawn")
    assert [row.key for row in withdrawn] == ["a"]
    assert store.retry([withdrawn[0].id], NOW) == 0


def test_on_merged_and_split_tickets_he_is_erased_too(store: Store) -> None:
    first, survivor = opened(store, ANNA, 1, SECRET), opened(store, CARL, 2, "words")
    with store.transaction() as tx:
        gone, kept = tx.ticket(first), tx.ticket(survivor)
        assert gone and kept
        tx.save(gone, replace(gone, state=State.CLOSED, closed_at=NOW, merged_into=survivor))
        tx.save(kept, replace(kept, people=(*kept.people, *gone.people)))
        tx.add_events(survivor, [event(Happening.LINKED, text=f"merged: {ANNA}")])
        split = tx.open_ticket(replace(gone, subject=f"of {ANNA}", linked_to=first, events=()))
    assert [one["id"] for one in store.held(ANNA).tickets] == [first, survivor, split.id]
    store.erase(ANNA, "cli:dora", NOW)
    left = everything(store)
    assert not around(left, ANNA) and not around(left, "zebulon")
    kept = store.ticket(survivor)
    assert kept and kept.people[0].address == CARL and kept.subject == "About words"


def test_who_writes_again_after_his_erasure_begins_anew(store: Store) -> None:
    first = opened(store, ANNA, 1, SECRET, partner_domain=None)
    store.erase(ANNA, "cli:dora", NOW)
    with store.transaction() as tx:
        found = tx.threads([f"<1.{ANNA}>"], [f"PS-{first}"])
    assert found.by_message_id == {} and found.by_reference == {}
    second = opened(store, ANNA, 7, "here again", partner_domain=None)
    assert second != first
    again = store.held(ANNA)
    assert [one["id"] for one in again.tickets] == [second]
    assert [one["what"] for one in again.audit] == ["privacy.erase"]


def test_bytes_that_come_again_are_kept_again(store: Store) -> None:
    opened(store, ANNA, 1, SECRET)
    store.erase(ANNA, "cli:dora", NOW)
    assert store.mail(1).raw == b""  # type: ignore[union-attr]
    store.keep([replace(by(ANNA, 1, SECRET), uid=50)], now=NOW)
    (again,) = store.claim_mail(5, NOW, "one", LEASE)
    assert SECRET.encode() in again.raw


def test_what_was_erased_is_not_walked_again(store: Store) -> None:
    opened(store, ANNA, 1, SECRET)
    store.erase(ANNA, "cli:dora", NOW)
    assert store.replay([1], NOW) == 0 and list(store.past_mail()) == []
    assert store.faults(NOW) == []


def test_on_sqlite_no_page_and_no_log_holds_what_was_erased(store: Store, tmp_path: Path) -> None:
    if store.dialect != "sqlite":
        pytest.skip("PostgreSQL's vacuum does it")
    opened(store, ANNA, 1, SECRET)
    store.erase(ANNA, "cli:dora", NOW)
    for file in tmp_path.glob("triaged.db*"):
        assert ANNA.encode() not in file.read_bytes() and b"Zebulon" not in file.read_bytes(), file
    with store._reading() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


BEN = "ben.carter@desk.example"


def test_one_of_our_own_people_is_erased_from_what_he_did_and_what_he_did_stays(store: Store) -> None:
    """In every table, by address and by the name that letters told: versions, jobs, drafts, audits, events, sessions of others."""
    first = opened(store, ANNA, 1, SECRET, assigned_to="lee@desk.example")
    at_work = {
        Happening.SEVERITY_CORRECTED: {"severity": "S2"}, Happening.STAFF_NOTED: {}, Happening.IDENTIFIED: {},
        Happening.STAFF_ANSWERED: {"name": "Benedict Carter", "letter": "answer:1"},
    }  # fmt: skip
    with store.transaction() as tx:
        tx.add_events(
            first, [Event(NOW, kind, BEN.upper(), f"by {BEN}", data) for kind, data in at_work.items()]
        )
        handed = Event(
            NOW, Happening.ASSIGNED, "lee@desk.example", f"to {BEN}", {"to": BEN, "name": "Ben Carter"}
        )
        tx.add_events(first, [handed])
        tx.add_events(first, [Event(NOW, Happening.STAFF_NOTED, "lee@desk.example", "Ben Carter knows them")])
    files = {"60-ours.yaml": "rules: []\n"}
    number = store.begin_version(RulebookVersion(NOW, BEN, f"{BEN} asked for it", "abc", files=files))
    store.end_version(number, NOW, "1 of 1 tests passed")
    done = store.begin_job("train", BEN, {"by": BEN}, NOW)
    lees = store.begin_job("backtest", "lee@desk.example", {"since": "30d"}, NOW)
    assert done and lees
    store.end_job(done, "done", {"lines": [f"for {BEN}"]}, NOW)
    store.end_job(lees, "cancelled", {"error": f"cancelled by {BEN}"}, NOW)
    store.save_draft_file(DraftFile(BEN, "60-ours.yaml", "half", None, NOW))
    store.audit(BEN, "model.promote", "m-2", {"reason": f"{BEN} says so"}, NOW)
    store.begin_session(Session("k" * 64, "lee@desk.example", "Firefox", NOW, NOW))
    store.end_sessions_of("lee@desk.example", f"ended by {BEN}", NOW)
    held = store.held(BEN)
    assert (len(held.versions), len(held.jobs), held.counts["events"] >= 5) == (1, 1, True)
    counts = store.erase(BEN, "cli:dora", NOW)
    assert (counts["rulebook versions"], counts["jobs"], counts["rulebook drafts"]) == (1, 2, 1), counts
    left = everything(store)
    for word in (BEN, "ben carter", "benedict"):
        assert word not in left, around(left, word)
    version, job = store.version(number), store.job(done)
    assert version is not None and dict(version.files) == files and version.who.endswith(ERASED)
    assert job is not None and job.who == version.who and job.result["lines"] == [f"for {job.who}"]
    other = store.job(lees)
    assert other is not None and (other.who, other.state) == ("lee@desk.example", "cancelled")
    assert [one["what"] for one in store.audits()] == ["privacy.erase", "model.promote"]
    assert SECRET.lower() in everything(store)  # what partners wrote is theirs
    assert store.erase(BEN, "cli:dora", NOW) == {}
