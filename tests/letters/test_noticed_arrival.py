"""Which letter each mail that arrives brings about, in every case; and letters to staff that are of no ticket, whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.letters.test_compose import FRIDAY, NEW, REPLY, TO, arrive, decision, reading, sender
from tests.tickets.world import DESK, at, event, letters, ticket, writer
from triaged.letters import compose, desk_letters
from triaged.letters.arrival import Arrived
from triaged.letters.compose import EXCERPT
from triaged.letters.writer import Writer
from triaged.reading.values import Automatic, NewText
from triaged.tickets.cases import Case, CaseStep
from triaged.tickets.states import ENCRYPTED
from triaged.tickets.threads import Placed
from triaged.tickets.ticket import Happening, Letter, State, Ticket
from triaged.vocabulary import Kind

KNOWN = ticket(FRIDAY)
ASKED = ticket(FRIDAY, no_identifier=True, missing=("zoid",))
DOUBTED = ticket(FRIDAY, trusted=False)
STRANGERS = ticket(FRIDAY, trusted=False, partner_domain=None, no_identifier=True)
SEALED = ticket(FRIDAY, no_identifier=True, tags=(ENCRYPTED,))
NAMED = ticket(FRIDAY, account_name="Alder Works")


def joined(how: str) -> Placed:
    return Placed(None if how == "linked_new" else 42, "letter", "", how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("t", "more", "key"),
    [
        # A mail that opens a ticket
        (KNOWN, {}, "acknowledgment"),
        (KNOWN, {"placed": joined("linked_new")}, "acknowledgment"),
        (ASKED, {}, "missing_information"),
        (ASKED, {"mail": reading(late=True)}, "acknowledgment"),
        (ASKED, {"mail": reading(encrypted="S/MIME")}, "encrypted"),
        (KNOWN, {"mail": reading(encrypted="S/MIME")}, "acknowledgment"),
        (STRANGERS, {}, "acknowledgment_unverified"),
        (STRANGERS, {"mail": reading(encrypted="S/MIME")}, "acknowledgment_unverified"),
        (DOUBTED, {}, "acknowledgment_unverified"),
        (replace(DOUBTED, no_identifier=True), {}, "missing_information"),
        # One that answers on a ticket
        (KNOWN, {"placed": REPLY, "before": KNOWN}, None),
        (ASKED, {"placed": REPLY, "before": ASKED}, None),
        (KNOWN, {"placed": REPLY}, None),
        (NAMED, {"placed": REPLY, "before": ASKED}, "details_received"),
        (KNOWN, {"placed": REPLY, "before": ASKED}, None),
        (KNOWN, {"placed": REPLY, "before": DOUBTED}, "acknowledgment"),
        (ASKED, {"placed": REPLY, "before": replace(DOUBTED, no_identifier=True)}, "missing_information@1"),
        (DOUBTED, {"placed": REPLY, "before": DOUBTED}, None),
        (replace(DOUBTED, account_name="Alder Works"), {"placed": REPLY, "before": ASKED}, None),
        (replace(SEALED, tags=()), {"placed": REPLY, "before": SEALED}, "missing_information@1"),
        (KNOWN, {"placed": REPLY, "before": replace(SEALED, account_name=None)}, None),
        (ASKED, {"placed": REPLY, "before": ASKED, "mail": reading(encrypted="PGP")}, "encrypted@1"),
        # Nobody is written to
        (replace(KNOWN, history=True), {}, None),
        (KNOWN, {"mail": reading(automatic=Automatic(Kind.AUTO_REPLY, "auto", ()))}, None),
        (KNOWN, {"placed": joined("duplicate")}, None),
        (KNOWN, {"placed": joined("abuse")}, None),
        (KNOWN, {"who": sender(authentication="fail")}, None),
        (KNOWN, {"who": sender("staff")}, None),
        (KNOWN, {"to": ((), ("bo@oakbridge.example",))}, None),
        (KNOWN, {"mail": reading(thanks=True)}, None),
        (NAMED, {"placed": REPLY, "before": ASKED, "mail": reading(thanks=True)}, "details_received"),
        (KNOWN, {"judged": decision(verdict={"hold_letters": ("acknowledgment",)})}, None),
        (KNOWN, {"judged": decision(verdict={"hold_letters": ("missing_information",)})}, "acknowledgment"),
    ],
)  # fmt: skip
def test_which_letter_answers_a_mail(t: Ticket, more: dict[str, Any], key: str | None) -> None:
    assert [one.key for one in arrive(t, **more).values()] == ([key] if key else [])


def test_a_question_that_was_asked_before_is_asked_again_under_a_key_of_its_own() -> None:
    asked = event(FRIDAY, Happening.LETTER_WRITTEN, kind="missing_information", key="missing_information")
    before = ticket(FRIDAY, asked, no_identifier=True, tags=(ENCRYPTED,))
    after = replace(before, tags=())
    (letter,) = arrive(after, placed=REPLY, before=before).values()
    assert letter.key == "missing_information@2"


def test_of_whose_mail_only_the_head_was_read_nothing_is_asked() -> None:
    t = ticket(FRIDAY, missing=("zuid",))
    (late,) = arrive(t, mail=reading(late=True)).values()
    (read,) = arrive(t).values()
    assert "User ID (ZUID)" in read.body and "User ID (ZUID)" not in late.body


def test_a_rule_chooses_another_template_where_there_is_one_and_never_another_kind() -> None:
    chosen = arrive(KNOWN, judged=decision(verdict={"letter": "acknowledgment_unverified"}))
    assert list(chosen) == ["acknowledgment"]
    plain = arrive(KNOWN)
    assert chosen["acknowledgment"].body != plain["acknowledgment"].body
    assert arrive(KNOWN, judged=decision(verdict={"letter": "no_such"})) == plain


# -- to staff ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "before", "reviews", "notify", "written"),
    [
        ("S1", None, (), (), ["new-s1@1"]),
        ("S1", "S2", (), (), ["new-s1@1"]),
        ("S1", "S1", (), (), []),
        ("S2", "S1", (), (), []),
        ("S3", None, ("odd", "seen before"), ("cy@staff.example", "leads"), ["review@2", "notify:cy@staff.example"]),
        ("S3", "S3", ("odd", "seen before"), ("cy@staff.example",), ["review@2"]),
        ("S3", "S3", ("seen before",), (), []),
    ],
)  # fmt: skip
def test_what_staff_are_told_of_a_mail_that_came(
    severity: str, before: str | None, reviews: Any, notify: Any, written: list[str]
) -> None:
    asked = [event(FRIDAY, Happening.REVIEW_ASKED) for _ in range(2)]
    t = ticket(FRIDAY, *asked, severity=severity)
    was = ticket(FRIDAY, severity=before, reviews=("seen before",)) if before else None
    judged = decision(severity, review=reviews, verdict={"notify": notify})
    told = arrive(t, placed=REPLY if was else NEW, judged=judged, before=was)
    assert [one.key for one in told.values() if one.audience == "staff"] == written
    if "review" in told:
        assert "odd" in told["review"].body and ("seen before" in told["review"].body) is (was is None)
    for one in told.values():
        assert one.audience == "partner" or (
            one.to == (("cy@staff.example",) if one.kind == "notify" else DESK.alert)
            and "> Nobody can log in." in one.body
        )


@pytest.mark.parametrize(
    ("own", "text", "quoted"),
    [
        ("one\n\n two  words", "else", "> one\n> \n> two words"),
        ("", " else \n", "> else"),
        ("\n".join(map(str, range(30))), "", "\n".join(f"> {n}" for n in range(25))),
        ("x" * 300, "", "> " + "x" * 199 + "…"),
        ("y\n" + "x " * EXCERPT, "", None),
    ],
)
def test_staff_see_the_beginning_of_a_mail(own: str, text: str, quoted: str | None) -> None:
    mail = reading(text=text, parts=NewText(own, own, ""))
    found = Arrived(mail, sender(), NEW, decision(), TO).excerpt
    if quoted is not None:
        assert found == quoted
    cut = replace(mail, parts=NewText(own, own[:EXCERPT], ""))
    assert Arrived(cut, sender(), NEW, decision(), TO).excerpt == found, "what is beyond does not count"


# -- of no ticket --------------------------------------------------------------------------------------


def bare(now: Any = FRIDAY, **more: Any) -> Writer:
    """A writer by a rulebook without the letters that are younger than rulebooks in use."""
    young = ("mail_owed", "mail_quarantined", "reload_refused", "unmerged", "acknowledgments_combined")
    templates = {
        language: {k: v for k, v in of.items() if k not in young}
        for language, of in letters().templates.items()
    }
    return writer(now, letters=replace(letters(), templates=templates), **more)


@pytest.mark.parametrize(
    ("letter", "key", "subject", "body"),
    [
        (lambda: desk_letters.mail_owed(bare(), ["one\nline", "x" * 500], "owed@1"), "owed@1",
         "triaged: mail of partner-support@desk.example that its server does not give", f"one line\n{'x' * 399}…\n"),
        (lambda: desk_letters.mail_quarantined(bare(), 7, "a" * 201, "it fails"), "quarantined:7",
         "triaged: mail 7 of partner-support@desk.example is in quarantine",
         f"mail 7, from {'a' * 199}…: it fails\n"
         "`triaged mail show 7 --raw` shows it, `triaged quarantine replay 7` tries it again.\n"),
        (lambda: desk_letters.mail_quarantined(bare(), 7, "", "y" * 301), "quarantined:7",
         "triaged: mail 7 of partner-support@desk.example is in quarantine",
         f"mail 7, from nobody: {'y' * 299}…\n"
         "`triaged mail show 7 --raw` shows it, `triaged quarantine replay 7` tries it again.\n"),
        (lambda: desk_letters.reload_refused(bare(), ["z" * 301, *map(str, range(60))]), "reload-refused@20261120T150000",
         "triaged: a reload was refused, what stood before stays in force",
         "\n".join(["z" * 299 + "…", *map(str, range(49))]) + "\n"),
    ],
)  # fmt: skip
def test_staff_are_told_in_a_plain_list_where_the_rulebook_has_no_letter_for_it(
    letter: Callable[[], Letter | None], key: str, subject: str, body: str
) -> None:
    kind = {"owed": "mail_owed", "quarantined": "mail_quarantined"}.get(
        key.partition("@")[0].partition(":")[0], "reload_refused"
    )
    assert letter() == Letter(kind, key, "staff", "global", DESK.alert, subject, body)


def test_where_the_rulebook_has_a_letter_for_it_that_is_written() -> None:
    for told in (desk_letters.mail_quarantined, lambda by, *_: desk_letters.mail_owed(by, ["one"], "owed@1")):
        letter, plain = told(writer(FRIDAY), 7, "", "why"), told(bare(), 7, "", "why")
        assert letter is not None and plain is not None
        assert (letter.kind, letter.key, letter.to) == (plain.kind, plain.key, plain.to)
        assert letter.body != plain.body


def test_where_nobody_of_staff_is_named_nobody_is_told() -> None:
    nobody = replace(DESK, alert=())
    assert desk_letters.mail_quarantined(bare(desk=nobody), 7, "", "why") is None
    assert desk_letters.rulebook_refused(writer(FRIDAY, desk=nobody), ["x"]) is None


def test_a_refused_rulebook_is_told_in_fifty_lines_of_three_hundred_characters() -> None:
    told = desk_letters.rulebook_refused(writer(FRIDAY), ["z" * 301, *(f"line {n}." for n in range(60))])
    assert told is not None and (told.kind, told.key) == (
        "rulebook_refused",
        "rulebook-refused@20261120T150000",
    )
    assert "z" * 299 + "…" in told.body and "line 48." in told.body and "line 49." not in told.body


def test_a_mail_of_no_ticket_is_told_with_who_wrote_it_and_why() -> None:
    told = desk_letters.unplaced(
        writer(FRIDAY), "m7", subject="a\n" + "s" * 200, sender="eve@far.example", why="w" * 400, excerpt="e" * 1600
    )  # fmt: skip
    assert told is not None and (told.kind, told.key, told.to) == ("unplaced", "unplaced:m7", DESK.alert)
    assert "eve@far.example" in told.body
    assert "a " + "s" * 147 + "…" in told.subject + told.body
    assert (
        "w" * 299 + "…" in told.body and "e" * EXCERPT in told.body and "e" * (EXCERPT + 1) not in told.body
    )


def test_the_digest_has_each_open_ticket_under_what_is_most_pressing() -> None:
    now = at("2026-11-20 17:30+01:00")
    shown: dict[str, Any] = {}

    class Keeping(Writer):
        """Keeps what the letter would say."""

        def to_desk(self, kind: str, key: str, **extra: Any) -> Letter | None:
            shown.update(extra, kind=kind, key=key)
            return None

    def of(number: int, severity: str = "S3", created: Any = FRIDAY, **more: Any) -> Ticket:
        return ticket(created, id=number, reference=f"PS-{number}", severity=severity, **more)

    by = Keeping(letters(), writer(now).promises, DESK, now)
    tickets = [
        of(1, reviews=("odd",)),
        of(2, "S1"),
        of(3, "S1", FRIDAY - timedelta(hours=1), reviews=("odd",), subject="x" * 100),
        of(4, state=State.WAITING),
        of(6, "S4"),
        of(5),
        of(7, state=State.RESOLVED),
        of(8, mailbox="eu"),
        of(9, level="none"),
    ]
    desk_letters.digest(by, tickets)
    assert (shown["kind"], shown["key"]) == ("digest", "digest@2026-11-20")
    assert [(title, [row.reference for row in rows]) for title, rows in shown["sections"]] == [
        ("Missed", ["PS-3", "PS-2"]),
        ("To review", ["PS-1"]),
        ("Due", ["PS-5", "PS-6"]),
        ("Waiting on the partner", ["PS-4"]),
        ("No promise pending", ["PS-9"]),
    ]
    assert [row.reference for row in shown["rows"]] == [
        "PS-3",
        "PS-2",
        "PS-1",
        "PS-5",
        "PS-6",
        "PS-4",
        "PS-9",
    ]
    first, *_, last = shown["rows"]
    assert (last.what, last.due) == ("", "")
    assert (first.severity, first.state, first.subject, first.what, first.due) == (
        "S1", "new", "x" * 89 + "…", "First personal reply", "Fri 20 Nov 2026, 09:15",
    )  # fmt: skip


# -- what happens to a ticket ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "expected", "told"),
    [
        (CaseStep.IN_PROGRESS, date(2026, 11, 20), True),
        (CaseStep.IN_PROGRESS, date(2026, 11, 19), False),
        (CaseStep.CONFIRMING, date(2026, 12, 24), False),
        (CaseStep.RESOLVED, date(2026, 12, 24), False),
        (CaseStep.IN_PROGRESS, None, False),
    ],
)
def test_a_day_is_told_as_expected_while_it_can_be(step: CaseStep, expected: date | None, told: bool) -> None:
    case = Case("CP-7", step, FRIDAY, expected, 3, "We look.")
    letter = compose.on_case_moved(writer(FRIDAY), KNOWN, case)
    assert letter is not None and letter.key == "case:CP-7@3" and "We look." in letter.body
    words = letters().words("en")
    assert told is (expected is not None and words.day(expected) in letter.body)
    assert compose.case_words(case, words, KNOWN, FRIDAY if step is CaseStep.CONFIRMING else None) == {
        "case": "CP-7",
        "step": words.case_steps[str(step)],
        "expected": words.day(expected) if expected else "",
        "confirm": step is CaseStep.CONFIRMING,
        "ends": "Fri 20 Nov 2026, 16:00" if step is CaseStep.CONFIRMING else "",
    }


def test_a_rulebook_older_than_a_letter_says_nothing_by_it() -> None:
    assert compose.on_unmerged(bare(), KNOWN, "PS-7") is None
    assert compose.combined(bare(), [KNOWN], "anna@oakbridge.example", "k") is None
    assert compose.combined(writer(FRIDAY), [], "anna@oakbridge.example", "k") is None
    found = compose.combined(
        writer(FRIDAY), [ticket(FRIDAY, reference="PS-7", severity="S1"), KNOWN], "bo@oakbridge.example", "k"
    )
    assert found is not None and found[0] is KNOWN
    assert (found[1].key, found[1].to, found[1].cc) == ("k", ("bo@oakbridge.example",), ())
    assert "PS-7" in found[1].body and "PS-1042" in found[1].body
