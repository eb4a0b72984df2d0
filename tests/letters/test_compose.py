"""Who is written what when a mail arrives, and what letters never say (failures F12, F15, F16)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tickets.world import DESK, at, event, letters, ticket, writer
from triaged.judging.decisions import Decision, Partner, Sender
from triaged.letters import compose, desk_letters
from triaged.letters.arrival import Arrived, on_arrival
from triaged.letters.recipients import addressees
from triaged.reading.values import (
    Address,
    Authentication,
    Automatic,
    Identifiers,
    NewText,
    Reading,
)
from triaged.rulebook.verdict import Verdict
from triaged.tickets.states import FOREIGN
from triaged.tickets.threads import Placed
from triaged.tickets.ticket import Happening, Letter, Person, State
from triaged.vocabulary import Kind, Severity

FRIDAY = at("2026-11-20 16:00+01:00")
OAK = Partner("oakbridge.example", "Oakbridge", "premium", "EU")
NEW = Placed(None, "none", "nothing named", "new")
REPLY = Placed(42, "letter", "answers our letter", "reply")
TO = (("anna@oakbridge.example",), ("bo@oakbridge.example",))
VERDICT = Verdict((), None, None, None, None, None, None, (), None, None, None, (), (), ())
TEXT = "Nobody can log in.\nSECRET-BODY"


def reading(**fields) -> Reading:
    basis = {
        "sha256": "0", "size": 1, "message_id": "<m1@oakbridge.example>", "in_reply_to": (), "references": (),
        "subject": "SECRET-SUBJECT", "from_": (Address("Anna Holm", "anna@oakbridge.example"),), "to": (), "cc": (),
        "reply_to": (), "date": None, "text": TEXT, "parts": NewText(TEXT, TEXT, ""), "attachments": (),
        "authentication": Authentication("pass", ""), "automatic": None, "thanks": False, "language": "en",
        "identifiers": Identifiers(zoid=("60031122334",)), "service": None, "service_why": "", "guess": None,
        "defects": (),
    }  # fmt: skip
    return Reading(**(basis | fields))


def sender(role="partner", trusted=True, authentication="pass") -> Sender:
    return Sender(
        "anna@oakbridge.example",
        "Anna",
        role,
        OAK if role == "partner" else None,
        authentication,
        trusted,
        "",
    )


def decision(severity="S3", **fields) -> Decision:
    verdict = replace(VERDICT, **fields.pop("verdict", {}))
    basis = {
        "provisional": False,
        "abstained": False,
        "service_level": "standard",
        "service_level_because": "",
        "tags": (),
        "review": (),
        "queue": None,
    }
    return Decision(
        Severity(severity), "classifier 0.81", Severity(severity), **(basis | fields), verdict=verdict
    )


def arrive(t, *, mail=None, who=None, placed=NEW, judged=None, before=None, to=TO) -> dict[str, Letter]:
    arrived = Arrived(
        mail or reading(), who or sender(), placed, judged or decision(str(t.severity)), to, before
    )
    written = on_arrival(writer(t.created_at), arrived, t)
    assert len({(letter.kind, letter.key) for letter in written}) == len(written)
    return {letter.kind: letter for letter in written}


LARGE = {
    "severity": "S1", "level": "large-account", "large_user": True, "licences": 250, "account_name": "Alder Works",
    "superadmin_email": "it@alder.example", "service": "Zoho CRM",
}  # fmt: skip


def test_an_acknowledgment_tells_reference_severity_understanding_promises_and_what_would_help():
    letter = arrive(ticket(FRIDAY, missing=("superadmin_email", "zuid"), service="Zoho CRM"))[
        "acknowledgment"
    ]
    assert letter.subject == "[PS-1042] Re: Sync stopped"
    assert (letter.to, letter.cc, letter.in_reply_to) == (*TO, "<m1@oakbridge.example>")
    for phrase in (
        "Hello Anna Holm,",
        "Severity: S3 (medium)",
        "- Service: Zoho CRM",
        "60031122334",
        "All times: Europe/Berlin\n- First personal reply: by Mon 23 Nov 2026, 11:00\n",
        "- SuperAdmin address (primary customer email)",
        "- User ID (ZUID)",
    ):
        assert phrase in letter.body


def test_a_large_account_is_marked_and_told_its_own_commitments():
    written = arrive(ticket(FRIDAY, **LARGE))
    body = written["acknowledgment"].body
    assert "priority customer – large user account" in body
    assert "First personal reply: by Fri 20 Nov 2026, 17:00, no later than Fri 20 Nov 2026, 19:00\n" in body
    assert "every 4 hours while the case is open, first by Fri 20 Nov 2026, 20:00" in body
    assert "large user account" in written["new_s1"].subject and written["new_s1"].audience == "staff"
    assert "Nobody can log in." in written["new_s1"].body


def test_missing_identifiers_are_asked_for_in_one_letter_with_the_reason_and_the_form():
    t = ticket(FRIDAY, no_identifier=True, provisional=True, missing=("superadmin_email", "zoid", "zuid"))
    written = arrive(t)
    assert set(written) == {"missing_information"}
    body = written["missing_information"].body
    assert "Why it matters" in body and "Primary customer email (SuperAdmin address):" in body
    assert "Our response time starts when you reply" in body  # S3 waits for the identifiers
    urgent = arrive(
        replace(
            t,
            severity=Severity.S1,
            events=(event(FRIDAY, Happening.JUDGED, severity="S1", provisional=True),),
        )
    )
    assert "What you can expect:" in urgent["missing_information"].body
    assert "begun" not in urgent["missing_information"].body


def test_the_question_is_bilingual_and_everything_else_in_the_partners_language():
    t = ticket(FRIDAY, language="ja", time_zone="Asia/Tokyo", no_identifier=True, provisional=True)
    asked = arrive(t)["missing_information"]
    assert "お問い合わせありがとうございます" in asked.body and "Why it matters" in asked.body
    assert asked.body.count("ユーザーID（ZUID）：") == 1 and "User ID (ZUID):" not in asked.body  # one form
    plain = arrive(ticket(FRIDAY, language="ja", time_zone="Asia/Tokyo"))["acknowledgment"]
    assert "時刻はすべて Asia/Tokyo" in plain.body and "2026年11月23日(月) 19:00 まで" in plain.body
    assert "Severity" not in plain.body and plain.language == "ja"


def test_a_language_without_letters_falls_back_to_english():
    assert "We have received" in arrive(ticket(FRIDAY, language="fi"))["acknowledgment"].body


@pytest.mark.parametrize(
    ("role", "authentication"),
    [("stranger", "pass"), ("stranger", "unknown"), ("partner", "none"), ("partner", "unknown")],
)
@pytest.mark.parametrize("identified", [True, False])
def test_unverified_senders_get_nothing_of_their_own_text_and_nothing_of_the_account(
    role, authentication, identified
):
    t = ticket(
        FRIDAY, trusted=False, partner_domain="oakbridge.example" if role == "partner" else None,
        **{**LARGE, "subject": "SECRET-SUBJECT", "people": (Person("anna@oakbridge.example", "SECRET-NAME"),)},
        no_identifier=not identified,
    )  # fmt: skip
    written = arrive(t, who=sender(role, trusted=False, authentication=authentication))
    partner = [letter for letter in written.values() if letter.audience == "partner"]
    assert len(partner) == 1
    for secret in ("SECRET", "Alder", "alder.example", "60031122334", "large user", "250", "Zoho CRM"):
        assert secret not in partner[0].subject + partner[0].body


def test_another_partners_account_is_not_described():
    letter = arrive(ticket(FRIDAY, tags=(FOREIGN,), **LARGE))["acknowledgment"]
    assert "Alder" not in letter.body and "it@alder.example" not in letter.body


@pytest.mark.parametrize(
    ("case", "fields"),
    [
        ("a forged sender", {"who": sender(trusted=False, authentication="fail")}),
        ("an absence note", {"mail": reading(automatic=Automatic(Kind.AUTO_REPLY, "vacation"))}),
        ("our own people", {"who": sender("staff")}),
        ("a second copy", {"placed": Placed(42, "message-id", "came before", "duplicate")}),
        ("a stranger in a ticket", {"placed": Placed(None, "none", "not of it", "abuse")}),
        ("a plain reply", {"placed": REPLY, "before": ticket(FRIDAY)}),
        ("nobody to write to", {"to": ((), ())}),
    ],
)
def test_these_get_no_letter(case, fields):
    assert arrive(ticket(FRIDAY), **fields) == {}, case


def test_history_gets_no_letter():
    assert arrive(ticket(FRIDAY, history=True, severity="S1")) == {}


def test_the_answer_with_the_identifiers_is_thanked_with_the_new_severity():
    before = ticket(FRIDAY, no_identifier=True, provisional=True)
    now = ticket(FRIDAY, state=State.OPEN, **LARGE)
    written = arrive(now, placed=REPLY, before=before)
    assert set(written) == {"details_received", "new_s1"}
    assert "Severity: S1 (critical)" in written["details_received"].body


def test_reasons_for_a_review_go_to_staff_once():
    judged = decision(review=("uncertain severity", "conflict"))
    review = arrive(ticket(FRIDAY), judged=judged)["review"]
    assert "- uncertain severity\n- conflict" in review.body
    again = arrive(
        ticket(FRIDAY),
        judged=judged,
        placed=REPLY,
        before=ticket(FRIDAY, reviews=("conflict", "uncertain severity")),
    )
    assert "review" not in again


def test_a_rule_may_hold_letters_choose_another_and_tell_somebody():
    held = arrive(ticket(FRIDAY), judged=decision(verdict={"hold_letters": ("acknowledgment",)}))
    assert held == {}
    chosen = arrive(
        ticket(FRIDAY),
        judged=decision(verdict={"letter": "acknowledgment_unverified", "notify": ("cy@staff.example",)}),
    )
    above = "##- Please write above this line -##\n\n"
    assert chosen["acknowledgment"].body.startswith(
        above + "Hello,\n\nWe have received a mail from this address"
    )
    assert chosen["notify"].to == ("cy@staff.example",)


def test_a_merely_thankful_mail_opens_no_acknowledgment():
    assert arrive(ticket(FRIDAY), mail=reading(thanks=True)) == {}


def test_resolved_asks_how_satisfied_the_partner_is():
    t = ticket(FRIDAY, event(FRIDAY, Happening.RESOLVED), state=State.RESOLVED)
    letter = compose.on_resolved(writer(FRIDAY), t)
    assert letter is not None and letter.key == "resolved@1"
    assert "a number from 1 (bad) to 5 (very good)" in letter.body and "within 14 days" in letter.body


def test_the_digest_sorts_by_what_needs_a_hand_first():
    late = ticket(FRIDAY, id=1, reference="PS-1001", severity="S1")
    review = ticket(FRIDAY, id=2, reference="PS-1002", severity="S4", reviews=("conflict",))
    other = replace(ticket(FRIDAY, id=3, reference="PS-1003"), mailbox="eu")
    letter = desk_letters.digest(writer(at("2026-11-20 17:30+01:00")), [review, late, other])
    assert letter is not None and letter.key == "digest@2026-11-20" and letter.to == DESK.alert
    assert (
        letter.body.index("Missed: 1")
        < letter.body.index("PS-1001")
        < letter.body.index("To review: 1")
        < letter.body.index("PS-1002")
    )
    assert "PS-1003" not in letter.body
    assert desk_letters.digest(writer(FRIDAY), [other]) is None


def test_staff_learn_of_dead_addresses_and_refused_rulebooks():
    dead = compose.undeliverable(
        writer(FRIDAY), ticket(FRIDAY), [("anna@oakbridge.example", "5.1.1 no such user")], "mail 4"
    )
    assert dead is not None and "anna@oakbridge.example: 5.1.1 no such user" in dead.body
    refused = desk_letters.rulebook_refused(writer(FRIDAY), ["rules/20.yaml:3:1: x"])
    assert refused is not None and "rules/20.yaml:3:1: x" in refused.body


def test_staff_learn_of_owed_mail_even_from_a_rulebook_older_than_that_letter():
    lines = ["INBOX uid 12: NO", "INBOX uid 13: NIL\nforged line"]
    old = replace(
        letters(), templates={"en": {k: v for k, v in letters().templates["en"].items() if k != "mail_owed"}}
    )
    for book in (letters(), old):
        told = desk_letters.mail_owed(writer(FRIDAY, letters=book), lines, "owed@1")
        assert told is not None and (told.kind, told.to) == ("mail_owed", DESK.alert)
        assert all(f"{line}\n" in told.body for line in ("INBOX uid 12: NO", "INBOX uid 13: NIL forged line"))
        nobody = writer(FRIDAY, letters=book, desk=replace(DESK, alert=()))
        assert desk_letters.mail_owed(nobody, lines, "owed@1") is None


def test_failed_addresses_get_no_more_letters():
    people = (Person("anna@oakbridge.example", failed=True), Person("bo@oakbridge.example", role="cc"))
    assert addressees(ticket(FRIDAY, people=people)) == (("bo@oakbridge.example",), ())
    assert compose.on_closed(writer(FRIDAY), ticket(FRIDAY, people=people[:1])) is None
