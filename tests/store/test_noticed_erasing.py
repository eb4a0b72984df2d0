"""An erasure, row by row: what changes in each table and how, and that nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.store.row_changes import HIM, differences, set_in
from tests.store.samples import LEASE, NOW, correct, letter, step, write
from tests.store.test_privacy import ANNA, CARL, by, opened
from tests.store.world import MEETING
from triaged.store import Fate, Store
from triaged.store.columns import to_micros
from triaged.store.page_rows import Draft
from triaged.store.rows import Finished, LetterState
from triaged.store.rulebook_keeping import DraftFile
from triaged.store.sessions import Session
from triaged.store.tables import letter as letters
from triaged.store.tables import mail as mails
from triaged.store.tables import ticket as tickets
from triaged.tickets.meeting_data import MeetingChanged
from triaged.tickets.ticket import Event, Happening, Person
from triaged.vocabulary import Severity

H = Happening
NAMED = f"{ANNA} (Anna Kovač)"  # as others write of her
GONE, AT = "(erased)", to_micros(NOW)
QUOTING = ("staff", "bounce", "auto_reply", "receipt", "calendar", "reaction", "recall")


def comes(store: Store, number: int, whose: str, ticket_id: int | None, kind: str, **more: Any) -> int:
    """One more mail of somebody, with its fate."""
    store.keep([by(whose, number, f"body {number}")], now=NOW)
    (one,) = store.claim_mail(1, NOW, "one", LEASE)
    facts = {"facts": {"text": f"said to {ANNA}", "classifier.severity": "S3"}, "language": "en"}
    told: dict[str, Any] = {
        "subject": f"On {NAMED}",
        "why": f"from {NAMED}",
        "message_id": f"<{number}.{whose}>",
    } | more
    with store.transaction() as tx:
        fate = Fate.TICKET if ticket_id else Fate.SKIPPED
        told = {"sender": whose.lower(), "reading": facts} | told
        tx.finish_mail(
            Finished(mail_id=one.id, fate=fate, kind=kind, ticket_id=ticket_id, **told), "one", NOW
        )
    return one.id


@pytest.fixture
def world(store: Store) -> tuple[int, int]:
    """Hers; one of Carl's that she is on; and one of Carl's that she has nothing to do with."""
    hers = opened(store, ANNA, 1, "my kettle")
    other = opened(store, CARL, 2, "something else", Person(ANNA, "Anna Kovač", role="cc"))
    opened(store, CARL, 3, "a third thing")
    return hers, other


def letter_of(store: Store, ticket_id: int, key: str, **values: Any) -> int:
    """One more letter of a ticket; what is said beside its addresses stands in its row."""
    to, cc = values.pop("to", (CARL,)), values.pop("cc", ())
    with store.transaction() as tx:
        one = letter(key, to=to, cc=cc, subject=f"To {NAMED}", body=f"Dear {NAMED}")
        write(tx, [one], ticket_id)
    (number,) = [row.id for row in store.letters(ticket_id=ticket_id) if row.key == key]
    set_in(store, letters, number, **values)
    return number


def test_of_each_mail_goes_what_is_his_and_of_others_what_names_him(
    store: Store, world: tuple[int, int]
) -> None:
    hers, other = world
    named = comes(store, 4, CARL, hers, "request")
    set_in(store, mails, named, error=f"{NAMED} again", envelope_to=[ANNA, CARL])
    for number, kind in enumerate(QUOTING, 5):
        comes(store, number, CARL, hers, kind)
    comes(store, 12, CARL, other, "staff")
    comes(store, 13, ANNA, None, "spam", subject="", message_id="<x@elmhill.example>")
    set_in(store, mails, comes(store, 14, CARL, None, "spam"), envelope_from=ANNA.upper())
    comes(store, 15, ANNA, None, "spam", sender="")
    set_in(store, mails, comes(store, 16, ANNA, None, "spam"), forgotten_at=NOW - timedelta(days=1))
    store.keep([by(ANNA, 17, "not walked yet")], now=NOW)
    counts: dict[str, int] = {}
    changed = differences(store, lambda: counts.update(store.erase(ANNA, "cli:dora", NOW)))["mail"]
    why, on = "from HIM ((erased))", "On HIM ((erased))"
    slim = '{"language":"en","facts":{"classifier.severity":"S3"}}'
    named_in = '{"facts":{"text":"said to HIM","classifier.severity":"S3"},"language":"en"}'
    quotes = {"subject": GONE, "why": why, "reading": slim, "forgotten_at": AT}
    sent = {"envelope_from": None, "message_id": None, "subject": GONE, "sender": HIM}
    assert changed == {
        (1,): sent | {"reading": '{"facts":{"classifier.severity":"S3"}}', "forgotten_at": AT},
        (named,): {
            "envelope_to": '["HIM","carl@elmhill.example"]', "error": "HIM ((erased)) again",
            "reading": named_in, "subject": on, "why": why,
        },
        **{(number,): quotes for number in range(5, 12)},
        (12,): {"reading": named_in, "subject": on, "why": why},
        (13,): {"envelope_from": None, "forgotten_at": AT, "reading": slim, "sender": HIM, "why": why},
        (14,): {"envelope_from": None},
        (15,): quotes | {"envelope_from": None, "message_id": None},
        (16,): sent | {"reading": slim, "why": why},
        # It is still to be walked: its bytes stay till then
        (17,): {"envelope_from": None, "reading": '{"facts":{}}'},
    }  # fmt: skip
    emptied = [number for number in range(1, 18) if not (one := store.mail(number)) or not one.raw]
    assert emptied == [1, *range(5, 12), 13, 15, 16]
    assert (counts["mails"], counts["mails of ours that quote"]) == (5, 7)


def test_of_each_letter_goes_what_was_for_him_and_the_others_get_theirs_without_him(
    store: Store, world: tuple[int, int]
) -> None:
    hers, other = world
    waiting: dict[str, Any] = {"state": LetterState.WAITING}
    sent: dict[str, Any] = {"state": LetterState.SENT, "ready_at": None}
    alone = letter_of(store, other, "alone", to=(ANNA,), owner="one", **waiting)
    others = letter_of(store, other, "others", cc=(ANNA, "ben@elmhill.example"), **waiting)
    on_hers = letter_of(store, hers, "on hers", **waiting)
    both = letter_of(
        store, other, "both", cc=(ANNA,), error=f"not to {NAMED}", refused=[f"{ANNA}: 550"], **sent
    )
    to_her = letter_of(store, other, "to her", to=(ANNA,), **sent)
    sent_on_hers = letter_of(store, hers, "sent on hers", **sent)
    letter_of(store, other, "to him", **sent)
    counts: dict[str, int] = {}
    told = differences(store, lambda: counts.update(store.erase(ANNA, "cli:dora", NOW)))
    gone = {"raw": b"", "subject": GONE, "forgotten_at": AT}
    raw, subject = "Dear HIM (Anna Kovač)".encode(), "To HIM ((erased))"
    assert told["letter"] == {
        (1,): gone | {"to": '["HIM"]'},
        (2,): {"cc": '["HIM"]'},
        (alone,): gone
        | {"to": '["HIM"]', "state": "withdrawn", "ready_at": None, "owner": None}
        | {"error": "whom it was for was erased"},
        (others,): {"cc": '["ben@elmhill.example"]', "raw": raw, "subject": subject},
        (on_hers,): {"raw": raw, "subject": subject},
        (both,): {
            "cc": '["HIM"]', "raw": raw, "subject": subject,
            "error": "not to HIM ((erased))", "refused": '["HIM: 550"]',
        },
        (to_her,): gone | {"to": '["HIM"]'},
        (sent_on_hers,): gone,
    }  # fmt: skip
    was_for_her = (1, 2, alone, others, both, to_her)
    new = {"address": HIM, "mailbox": HIM, "written_at": AT}
    assert told["recipient"] == {(number, ANNA): None for number in was_for_her} | {
        (number, HIM): new | {"letter_id": number} for number in was_for_her
    }
    assert counts["letters"] == 8


def test_a_ticket_and_its_story_keep_all_but_him(store: Store, world: tuple[int, int]) -> None:
    hers, other = world
    set_in(
        store, tickets, other, severity_because=f"as {NAMED} says", superadmin_email=ANNA, account_name="Anna Kovač",
        subject=f"On {NAMED}", reviews=[f"{NAMED} asks"], references=[f"<1.{ANNA}>", f"<{ANNA}>", f"<2.{CARL}>"],
        last_message_id=f"<9.{ANNA}>", assigned_to=ANNA.upper(),
    )  # fmt: skip
    set_in(store, tickets, hers, partner_domain=None)  # then nothing of it but he leads there
    accepted = MeetingChanged(1, "accepted", person=ANNA.upper(), peer="192.0.2.1")
    with store.transaction() as tx:
        tx.know(hers, ["<other@elmhill.example>"], of="mail")
        tx.know(other, [f"<2.{ANNA}>", f"<x.y.{ANNA}>", "<other@elmhill.example>"], of="mail")
        tx.set_dues(other, [step("resolution", "miss", who=NAMED), step("resolution", "warn", who=CARL)])
        tx.add_events(
            other,
            [
                Event(NOW, H.PARTNER_ANSWERED, ANNA, f"answered: {NAMED}", {"report": NAMED}),
                Event(NOW, H.PARTNER_ANSWERED, CARL, f"answered: {NAMED}", {}),
                Event(NOW, H.STAFF_NOTED, ANNA.upper(), f"noted: {NAMED}", {}),
                Event(NOW, H.LINKED, "cli:cy", "split", {"from": 1, "passage": "what she wrote"}),
                Event(NOW, H.MEETING_CHANGED, CARL, "accepted", accepted.stored()),
                Event(NOW, H.MEETING_CHANGED, CARL, "accepted", replace(accepted, person=CARL).stored()),
                Event(NOW, H.ASSIGNED, "cli:cy", "given", {"to": CARL, "name": "Carl"}),
                Event(NOW, H.ASSIGNED, "cli:cy", "given", {"to": ANNA, "name": "Ann of Work"}),
                Event(NOW, H.STAFF_ANSWERED, CARL, "Cal", {"name": "Cal"}),
                Event(NOW, H.STAFF_ANSWERED, ANNA, "Ann of Work and Ute, by An, Utes", {"name": " Ute "}),
                Event(NOW, H.STAFF_ANSWERED, ANNA, "by An", {"name": "An"}),
            ],
        )
    counts: dict[str, int] = {}
    told = differences(store, lambda: counts.update(store.erase(ANNA, "cli:dora", NOW)))
    assert told["ticket"] == {
        (hers,): {"subject": GONE},
        (other,): {
            "account_name": GONE, "assigned_to": None, "last_message_id": None,
            "references": '["<2.carl@elmhill.example>"]', "reviews": '["HIM ((erased)) asks"]',
            "severity_because": "as HIM ((erased)) says", "subject": "On HIM ((erased))", "superadmin_email": HIM,
        },
    }  # fmt: skip
    assert {number: one for (number,), one in told["event"].items() if number > 15} == {
        16: {"actor": HIM, "reason": "answered", "data": '{"report":"HIM ((erased))"}'},
        17: {"reason": "answered: HIM ((erased))"},
        18: {"actor": HIM, "reason": "noted: HIM ((erased))"},
        19: {"data": '{"from":1,"passage":"(erased)"}'},
        20: {"data": '{"meeting":1,"state":"accepted","person":"HIM"}'},
        23: {"data": '{"to":"HIM","name":"(erased)"}'},
        25: {"actor": HIM, "reason": "(erased) and (erased), by An, Utes", "data": '{"name":" (erased) "}'},
        26: {"actor": HIM},
    }
    assert [number for (number,) in told["event"]] == [1, 2, 3, 5, 10, 16, 17, 18, 19, 20, 23, 25, 26]
    assert list(told["due"].values()) == [{"data": '{"who":"HIM ((erased))"}'}]
    # What was hers alone leads nowhere; of the other what is made of her address does not
    assert sorted((of, message_id) for message_id, of in told["known"]) == [
        (hers, f"<1.{ANNA}>"),
        (hers, f"<global.acknowledgment.acknowledgment.{hers}@support.example>"),
        (hers, "<other@elmhill.example>"),
        (other, f"<2.{ANNA}>"),
        (other, f"<x.y.{ANNA}>"),
    ]
    somebody = {"address": HIM, "name": "", "role": "other", "failed": True, "since": None}
    assert told["person"] == {
        (hers, ANNA): None,
        (hers, HIM): somebody | {"ticket_id": hers, "place": 0},
        (other, ANNA): None,
        (other, HIM): somebody | {"ticket_id": other, "place": 1},
    }
    assert (counts["events"], counts["people"], counts["tickets"]) == (13, 2, 2)


def test_what_is_learned_from_and_what_is_known_of_him_beside_tickets(
    store: Store, world: tuple[int, int]
) -> None:
    _, other = world
    with store.transaction() as tx:
        correct(tx, other, Severity.S1, ANNA, f"so says {NAMED}", text=f"{NAMED} writes")
        tx.mark_address(ANNA, "550", NOW)
        tx.mark_address(CARL, "550", NOW)
        tx.keep_meeting(other, replace(MEETING, host=ANNA))
    for number, address in enumerate((ANNA, CARL)):
        store.begin_session(Session(f"{number}" * 64, address, "Firefox", NOW, NOW))
        store.bind_identity(f"house {number}", address, NOW)
        store.tell_presence(other, address, NOW, writes=True)
        store.save_draft_file(DraftFile(address, "60-ours.yaml", "half", None, NOW))
        store.save_draft(Draft(address, "PS-1", "answer", {"text": "half"}, NOW))
        store.note(f"told {number}", {"by": [address, {address: NOW.year}], "to": ("all", 1, None)}, NOW)
    counts: dict[str, int] = {}
    told = differences(store, lambda: counts.update(store.erase(ANNA, "cli:dora", NOW)))
    assert told["correction"] == {
        (1,): {"subject": "", "text": ""},
        (4,): {"who": HIM, "reason": "so says HIM ((erased))", "text": "HIM ((erased)) writes"},
    }
    assert told["note"] == {("told 0",): {"value": '{"by":["HIM",{"HIM":2026}],"to":["all",1,null]}'}}
    assert {name: told[name] for name in ("failed_address", "identity", "session", "presence")} == {
        "failed_address": {(ANNA,): None},
        "identity": {("house 0",): None},
        "session": {(1,): None},
        "presence": {(other, ANNA): None},
    }
    assert told["rulebook_draft"] == {(ANNA, "60-ours.yaml"): None}
    assert told["draft"] == {(ANNA, "PS-1", "answer"): None}
    assert told["meeting"] == {(other, 1): {"host": HIM}}
    assert {host for host, _ in told["meeting_minute"]} == {ANNA, HIM}
    wanted = "training texts", "failed addresses", "visits", "sessions held", "rulebook drafts", "drafts"
    assert [counts[name] for name in wanted] == [2, 1, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("names", "left"),
    [
        (("",), "Anna Kovač, An and Annas"),
        ((" ", "An"), "Anna Kovač, An and Annas"),
        (("Anna", "Anna Kovač"), "(erased), An and Annas"),
        (("Annas",), "Anna Kovač, An and (erased)"),
    ],
)
def test_names_are_taken_out_whole_the_longest_first_and_those_of_two_letters_stay(
    store: Store, names: tuple[str, ...], left: str
) -> None:
    for number, name in enumerate(names):
        opened(store, CARL, number, "Anna Kovač, An and Annas", Person(ANNA, name, role="cc"))
    store.erase(ANNA, "cli:dora", NOW)
    assert [one.subject for one in store.each_ticket()] == [f"About {left}" for _ in names]
