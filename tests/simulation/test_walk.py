"""A ticket's life through the real walk: ratings, thanks, bounces, mergers, fixes, letters that crossed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.simulation.scene import Scene, kinds
from triaged.simulation import mails
from triaged.simulation.town import GLOBAL
from triaged.store.rows import Fate
from triaged.tickets import cases
from triaged.tickets.ticket import Happening, State
from triaged.vocabulary import Severity

H = Happening


def resolved(scene: Scene):
    mail = scene.asks()
    scene.desk().happen(scene.ticket(mail), "resolved", "a setting was wrong")
    scene.month.turn()
    (letter,) = scene.letters("resolved")
    return mail, letter


def test_a_reply_that_begins_with_a_number_is_the_rating_and_reopens_nothing(scene: Scene) -> None:
    mail, letter = resolved(scene)
    scene.passes(hours=3)
    answer = scene.writes("4 - quick and friendly", f"Re: {letter.subject}", [letter.message_id])
    ticket = scene.ticket(mail)
    assert (answer.ticket_id, ticket.state) == (ticket.id, State.RESOLVED)
    (rated,) = [e for e in ticket.events if e.kind is H.RATED]
    assert (rated.data["score"], rated.data["comment"]) == (4, "quick and friendly")


@pytest.mark.parametrize(
    ("body", "score", "state"),
    [
        ("4 good but a bit slow", 4, State.RESOLVED),
        ("5 Danke!", 5, State.RESOLVED),
        ("５　ありがとうございました。", 5, State.RESOLVED),
        ("2. Sigue sin funcionar", 2, State.OPEN),
        ("1 nobody ever called us back", 1, State.OPEN),
        ("5 sehr nett, aber das Problem besteht weiterhin", 5, State.OPEN),
        ("1", 1, State.RESOLVED),
    ],
)
def test_every_rating_is_kept_and_one_that_complains_opens_the_ticket_again(
    scene: Scene, body: str, score: int, state: State
) -> None:
    mail, letter = resolved(scene)
    scene.writes(body, f"Re: {letter.subject}", [letter.message_id])
    ticket = scene.ticket(mail)
    assert [e.data["score"] for e in ticket.events if e.kind is H.RATED] == [score]
    assert ticket.state is state


def test_a_complaint_about_a_closed_ticket_is_a_rating_and_a_new_linked_one(scene: Scene) -> None:
    mail, letter = resolved(scene)
    scene.passes(days=20)
    answer = scene.writes("2. Sigue sin funcionar", f"Re: {letter.subject}", [letter.message_id])
    assert H.RATED in kinds(scene.ticket(mail))
    assert answer.ticket_id != mail.ticket_id and scene.ticket(answer).linked_to == mail.ticket_id


def test_a_numbered_list_is_no_rating_and_reopens(scene: Scene) -> None:
    mail, letter = resolved(scene)
    scene.writes(
        "1. The report is slow again.\n2. The export fails.", f"Re: {letter.subject}", [letter.message_id]
    )
    assert scene.ticket(mail).state is State.OPEN


def test_a_rating_of_a_closed_ticket_is_kept_and_opens_no_new_one(scene: Scene) -> None:
    mail, letter = resolved(scene)
    scene.passes(days=20)
    assert scene.ticket(mail).state is State.CLOSED
    answer = scene.writes("5", f"Re: {letter.subject}", [letter.message_id])
    assert answer.ticket_id == mail.ticket_id and H.RATED in kinds(scene.ticket(mail))


@pytest.mark.parametrize("days", [1, 20])
def test_thanks_reopen_neither_a_resolved_nor_a_closed_ticket(scene: Scene, days: int) -> None:
    mail, letter = resolved(scene)
    scene.passes(days=days)
    before = scene.ticket(mail).state
    answer = scene.writes("Thank you very much!", f"Re: {letter.subject}", [letter.message_id])
    assert (answer.ticket_id, scene.ticket(mail).state) == (mail.ticket_id, before)
    assert H.REOPENED not in kinds(scene.ticket(mail))


def test_a_complaint_reopens_a_resolved_ticket(scene: Scene) -> None:
    mail, letter = resolved(scene)
    scene.writes("It is as slow as before, please look again.", f"Re: {letter.subject}", [letter.message_id])
    assert scene.ticket(mail).state is State.OPEN


def test_a_bounce_marks_the_address_tells_staff_and_later_letters_are_withheld(scene: Scene) -> None:
    mail = scene.asks()
    (letter,) = scene.letters("acknowledgment")
    scene.arrives(
        mails.bounce(
            scene.ann.address, GLOBAL, scene.month.now, scene.id("mx.example"), letter.message_id, letter.raw
        ),
        envelope_from="",
    )
    assert [one.address for one in scene.store.failed_addresses()] == [scene.ann.address]
    assert len(scene.letters("undeliverable")) == 1
    scene.desk().happen(scene.ticket(mail), "resolved", "done")
    scene.passes(days=1)
    assert not scene.letters("resolved")


def test_an_absence_note_to_our_letter_moves_nothing(scene: Scene) -> None:
    mail, letter = resolved(scene)
    ann = (scene.ann.name, scene.ann.address)
    words, message_id = "I am out of the office until Monday.", scene.id(scene.ann.address)
    note = scene.arrives(mails.absence(letter, ann, words, scene.month.now, message_id))
    assert note.fate is Fate.AUTOMATIC and scene.ticket(mail).state is State.RESOLVED


def test_an_answer_to_a_merged_ticket_reaches_the_survivor(scene: Scene) -> None:
    first, second = scene.asks(), scene.asks(subject="The same report is still slow")
    scene.desk().merge(scene.ticket(second), scene.ticket(first), "the same case")
    scene.passes(minutes=5)
    answer = scene.writes("It began on Tuesday.", f"Re: {second.subject}", [second.message_id])
    assert answer.ticket_id == first.ticket_id != second.ticket_id
    assert scene.ticket(second).state is State.CLOSED


def test_a_ticket_split_off_has_a_life_of_its_own(scene: Scene) -> None:
    mail = scene.asks()
    other = scene.desk().split(scene.ticket(mail), "The export fails", "two matters in one mail")
    scene.writes("The export still fails.", f"Re: [{other.reference}] The export fails", [])
    assert H.PARTNER_ANSWERED in kinds(scene.store.ticket(other.id))
    assert H.PARTNER_ANSWERED not in kinds(scene.ticket(mail))


def with_case(scene: Scene):
    mail = scene.asks()
    for step in ("submitted", "confirming_fix"):
        scene.desk().move_case(scene.ticket(mail), "CP-7", step, step, None, "")
        scene.passes(minutes=5)
    return mail, scene.letters("case_update")[-1]


def test_thanks_confirm_the_fix_of_a_case_and_the_partner_is_told(scene: Scene) -> None:
    mail, letter = with_case(scene)
    scene.writes("Thank you, it works again.", f"Re: {letter.subject}", [letter.message_id])
    (case,) = cases.cases(scene.ticket(mail))
    assert case.step is cases.CaseStep.RESOLVED
    scene.month.turn()
    assert len(scene.letters("case_update")) == 3


def test_any_other_word_on_a_fix_is_for_staff_to_judge(scene: Scene) -> None:
    mail, letter = with_case(scene)
    scene.writes(
        "We tried it, the same message comes as before.", f"Re: {letter.subject}", [letter.message_id]
    )
    (case,) = cases.cases(scene.ticket(mail))
    assert case.step is cases.CaseStep.CONFIRMING
    assert any("CP-7" in reason for reason in scene.ticket(mail).reviews)


@pytest.mark.parametrize("sent", [True, False])
def test_staff_answering_stops_the_first_response_and_waits_for_the_partner(scene: Scene, sent: bool) -> None:
    mail = scene.asks()
    scene.passes(minutes=30)
    scene.staff_writes(mail, sent=sent)
    ticket = scene.ticket(mail)
    assert ticket.state is State.WAITING and H.STAFF_ANSWERED in kinds(ticket)


def test_our_own_letter_found_in_the_sent_folder_is_no_answer(scene: Scene) -> None:
    mail = scene.asks()
    (letter,) = scene.letters("acknowledgment")
    again = scene.arrives(letter.raw, sent_folder=True)
    assert again.fate is Fate.AUTOMATIC and scene.ticket(mail).state is State.NEW


def test_after_a_crossed_answer_nobody_is_waited_for(scene: Scene) -> None:
    mail = scene.asks()
    scene.passes(minutes=30)
    answered_at = scene.month.now
    scene.month.now += timedelta(minutes=2)
    scene.writes("One more thing: it is slow in the export too.", f"Re: {mail.subject}", [mail.message_id])
    scene.month.now += timedelta(minutes=2)  # the Sent folder is looked at later than the inbox
    late, scene.month.now = scene.month.now, answered_at
    raw = mails.write(
        ("Cy", GLOBAL),
        [scene.ann.address],
        "Re: slow",
        "Please try again.",
        answered_at,
        scene.id(GLOBAL),
        answers=[mail.message_id],
    )
    from triaged.simulation.life import Truth
    from triaged.store.rows import Arrival

    scene.month.arrive(
        Arrival(raw, "global", "imap", "Sent", 1, 9001, answered_at, sent_folder=True, moved=True),
        Truth("", ""),
    )
    scene.month.now = late
    scene.month.turn()
    assert H.STAFF_ANSWERED in kinds(scene.ticket(mail)) and scene.ticket(mail).state is State.OPEN


def test_what_staff_report_goes_out_with_the_next_update(scene: Scene) -> None:
    mail = scene.asks()
    scene.desk().correct(scene.ticket(mail), "S1", "worse than it looked")
    scene.desk().happen(
        scene.ticket(mail), "staff_noted", "asked engineering", report="Engineering found the cause."
    )
    scene.passes(hours=1)
    told = scene.letters("progress_update")
    assert len(told) == 1 and b"Engineering found the cause." in told[0].raw


def test_staff_hear_of_a_ticket_that_a_new_directory_makes_s1(scene: Scene) -> None:
    from triaged.walk import judge_again, knowledge

    mail = scene.asks()
    assert scene.ticket(mail).severity is not Severity.S1
    path = scene.month.config.directory.accounts
    rows = path.read_text("utf-8").splitlines()
    grown = [
        r.replace(scene.customer.subscriptions, "Zoho CRM=900")
        if r.startswith(f"{scene.customer.key},")
        else r
        for r in rows
    ]
    path.write_text("\n".join(grown) + "\n", "utf-8")
    scene.month.house.knowledge = knowledge.gather(scene.month.config)
    assert judge_again.judge_again(scene.month.house, scene.month.now) == 1
    scene.month.turn()
    assert scene.ticket(mail).severity is Severity.S1
    assert len(scene.letters("new_s1")) == 1


def test_no_reminder_leaves_while_the_answer_waits_to_be_read(scene: Scene) -> None:
    """The daemon was down over the weekend; the partner answered meanwhile (F17)."""
    mail = scene.asks()
    scene.staff_writes(mail)
    waiting_since = scene.month.now
    scene.month.now = waiting_since + timedelta(days=20)  # long past every reminder and the end
    from triaged.store.rows import Arrival
    from triaged.walk import deadlines

    raw = mails.write(
        (scene.ann.name, scene.ann.address), [GLOBAL], f"Re: {mail.subject}", "It began on Tuesday.", waiting_since,
        scene.id(scene.ann.address), answers=[mail.message_id],
    )  # fmt: skip
    scene.store.keep(
        [Arrival(raw, "global", "imap", "INBOX", 1, 9001, waiting_since, moved=True)], now=scene.month.now
    )
    deadlines.take_due(scene.month.house, scene.month.now)
    assert H.RESOLVED not in kinds(scene.ticket(mail)) and H.REMINDED not in kinds(scene.ticket(mail))
    scene.month.turn()
    assert scene.ticket(mail).state is State.OPEN
