"""What of a person's rights nobody would have noticed: each row told of him whole, and audits that are not said twice."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.store.samples import MINUTE, NOW, arrival
from tests.store.test_privacy import ANNA, CARL, SECRET, by, opened
from triaged.store import Store, privacy
from triaged.store.page_rows import Draft
from triaged.store.sessions import Session
from triaged.tickets.ticket import Person

DAY = timedelta(days=1)
KINDS = ("model.promote", "model.demote")


def test_all_that_is_held_of_a_person_is_told_row_by_row(store: Store) -> None:
    number = opened(store, ANNA, 1, SECRET)
    opened(store, CARL, 2, "something else")
    with store.transaction() as tx:
        tx.mark_address(ANNA, "550 unknown", NOW)
        tx.mark_address(CARL, "550 unknown", NOW)
    for address in (ANNA, CARL):
        store.begin_session(Session(address[0] * 64, address, "Firefox", NOW, NOW + MINUTE))
        store.save_draft(Draft(address, "PS-1", "answer", {"text": "half"}, NOW))
    held = store.held(ANNA)
    (mail,), (letter,), (ticket,) = held.mails, held.letters, held.tickets
    raw = by(ANNA, 1, SECRET).raw.decode()
    assert mail == {
        "id": 1, "mailbox": "global", "door": "imap", "received_at": arrival(1).received_at, "fate": "ticket",
        "kind": "request", "ticket_id": number, "subject": f"About {SECRET}", "sender": ANNA,
        "message_id": f"<1.{ANNA}>", "envelope_from": ANNA.upper(), "text": raw,
    }  # fmt: skip
    assert letter | {"id": 0} == {
        "id": 0, "ticket_id": number, "kind": "acknowledgment", "audience": "partner", "mailbox": "global",
        "to": [ANNA], "cc": [], "subject": "[PS-1001] Re: Records vanish", "state": "sent", "written_at": NOW,
        "sent_at": NOW, "text": f"You wrote: {SECRET}",
    }  # fmt: skip
    assert ticket == {
        "id": number, "state": "new", "subject": f"About {SECRET}", "created_at": arrival(1).received_at,
        "closed_at": None,
    }  # fmt: skip
    assert held.people == [{"ticket_id": number, "address": ANNA, "name": "Anna Kovač", "role": "requester"}]
    assert [(one["kind"], one["actor"]) for one in held.events] == [
        ("received", ANNA), ("judged", "daemon"), ("partner_answered", ANNA),
    ]  # fmt: skip
    assert [(one["address"], one["why"], one["at"]) for one in held.failed] == [(ANNA, "550 unknown", NOW)]
    assert [(one["address"], one["seen_at"]) for one in held.sessions] == [(ANNA, NOW + MINUTE)]
    assert [one["address"] for one in held.drafts] == [ANNA]
    assert held.counts == {
        "people": 1, "mails": 1, "letters": 1, "tickets": 1, "events": 3, "corrections": 1, "failed": 1,
        "sessions": 1, "named_in": 0, "audit": 0, "other_spellings": 0, "drafts": 1, "meetings": 0, "versions": 0,
        "jobs": 0,
    }  # fmt: skip


def test_who_looks_without_a_name_or_a_time_is_not_noted(store: Store) -> None:
    store.held(ANNA)
    store.held(ANNA, now=NOW)
    store.held(ANNA, who="cli:dora")
    assert store.audits() == []


def test_whose_row_an_audit_is_only_our_secret_tells(store: Store) -> None:
    with store._reading() as connection:
        secret = connection.scalar(text("SELECT value FROM setting WHERE name = 'secret'"))
    assert secret and len(bytes.fromhex(secret)) >= 16
    about = hmac.new(bytes.fromhex(secret), ANNA.encode(), "sha256").hexdigest()
    store.held(ANNA, who="cli:dora", now=NOW)
    store.erase(ANNA.upper(), "cli:lee", NOW + MINUTE)
    store.held(CARL, who="cli:dora", now=NOW)
    told = [(one["at"], one["who"], one["what"], one["about"] == about) for one in store.audits()]
    assert told == [
        (NOW, "cli:dora", "privacy.show", False),
        (NOW + MINUTE, "cli:lee", "privacy.erase", True),
        (NOW, "cli:dora", "privacy.show", True),
    ]
    assert [one["what"] for one in store.held(ANNA).audit] == ["privacy.show", "privacy.erase"]
    assert [one["who"] for one in store.audits(limit=2)] == ["cli:dora", "cli:lee"]


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_every_mail_of_others_that_names_him_is_found_in_batches(
    store: Store, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(privacy, "_BATCH", batch)
    opened(store, ANNA, 1, f"I am {ANNA}")
    naming = {2: f"ask {ANNA}", 3: f"ask x{ANNA}", 4: f"<{ANNA}>", 5: "nobody", 6: f"{ANNA}."}
    store.keep([by(CARL, n, body) for n, body in naming.items()], now=NOW)
    assert store.held(ANNA).named_in == [2, 4, 6]


def test_other_spellings_are_those_of_his_mailbox_at_his_domain(store: Store) -> None:
    for n, sender in enumerate(
        ("anna+a@oak.example", "anna@oak.example", "anna+b@elm.example", "annax@oak.example"), 1
    ):
        opened(store, sender, n, "x", Person(f"anna+cc{n}@oak.example", role="cc"))
    wanted = [f"anna+cc{n}@oak.example" for n in (1, 2, 3, 4)]
    assert store.held("anna@oak.example").other_spellings == ["anna+a@oak.example", *wanted]
    assert store.held("anna+a@oak.example").other_spellings == [*wanted, "anna@oak.example"]
    assert store.held("a@oak.example").other_spellings == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (" Anna@Oak.example ", ("anna@oak.example",)),
        (
            "anna@bücher.example",
            ("anna@bücher.example", "anna@xn--bcher-kva.example", "anna@bu\u0308cher.example"),
        ),
        ("anna@xn--bcher-kva.example", ("anna@xn--bcher-kva.example", "anna@bücher.example")),
        ("åsa@oak.example", ("åsa@oak.example", "a\u030asa@oak.example")),
    ],
)
def test_the_spellings_of_an_address(address: str, found: tuple[str, ...]) -> None:
    assert privacy.spellings(address) == found


def test_the_newest_audit_of_some_kinds_is_told_whole(store: Store) -> None:
    assert store.last_audit(KINDS) is None
    store.audit("cli:dora", "model.promote", "m-1", {"reason": "better"}, NOW)
    store.audit("cli:lee", "model.demote", "m-2", {"reason": "worse"}, NOW + MINUTE)
    store.audit("cli:lee", "privacy.show", "x", {}, NOW + DAY)
    last = store.last_audit(KINDS)
    assert last is not None and last | {"id": 0} == {
        "id": 0, "at": NOW + MINUTE, "who": "cli:lee", "what": "model.demote", "about": "m-2",
        "counts": {"reason": "worse"},
    }  # fmt: skip
    assert store.last_audit(KINDS[:1])["about"] == "m-1"  # type: ignore[index]


@pytest.mark.parametrize(
    ("about", "told", "noted"),
    [
        ("m-1", {"was": "m-0", "reason": "better"}, False),
        ("m-1", {"was": "m-0", "reason": "other words of it"}, False),
        ("m-2", {"was": "m-0", "reason": "better"}, True),
        ("m-1", {"was": "m-9", "reason": "better"}, True),
    ],
)
def test_what_the_newest_audit_tells_already_is_not_noted_again(
    store: Store, about: str, told: dict[str, Any], noted: bool
) -> None:
    asked: dict[str, Any] = {"same": ("was",), "kinds": KINDS}
    assert store.audit_once("cli:dora", KINDS[0], "m-1", {"was": "m-0"}, NOW, **asked)
    assert store.audit_once("cli:lee", KINDS[1], about, told, NOW + DAY, **asked) is noted
    assert len(store.audits()) == 1 + noted
    last = store.audits()[0]
    assert (last["who"], last["at"]) == (("cli:lee", NOW + DAY) if noted else ("cli:dora", NOW))


def test_what_an_older_row_does_not_tell_is_no_difference_and_another_kind_is_no_row_of_it(
    store: Store,
) -> None:
    asked: dict[str, Any] = {"same": ("was", "since"), "kinds": KINDS}
    store.audit("cli:dora", KINDS[0], "m-1", {"was": "m-0"}, NOW)
    store.audit("cli:dora", "privacy.show", "x", {"was": "m-7"}, NOW)
    assert not store.audit_once("cli:dora", KINDS[0], "m-1", {"was": "m-0", "since": 3}, NOW, **asked)
    assert store.audit_once("cli:dora", KINDS[0], "m-1", {"was": "m-1", "since": 3}, NOW, **asked)
    assert not store.audit_once("cli:dora", KINDS[0], "m-1", {"was": "m-1", "since": 3}, NOW, **asked)
