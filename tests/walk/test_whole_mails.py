"""What mails make of a ticket, all of it at once: the ledger's row, events with what they keep, people, letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.scene import Scene
from tests.store.samples import NOW, arrival, claim_one, new_ticket
from tests.walk.test_by_page import asked, colleague, now
from tests.walk.test_capture import EVE, comes
from tests.walk.test_plan import ground
from triaged.followups.steps import Step, Word
from triaged.readers.pool import InlineReaders
from triaged.reading.values import Door, FailedRecipient, Reading
from triaged.simulation import mails
from triaged.simulation.town import GLOBAL, STAFF
from triaged.store.rows import Finished, LedgerMail
from triaged.tickets.event_data import OfLetter
from triaged.tickets.ticket import Due, Event, Happening, Person, State, Ticket
from triaged.walk import tickets_from_mail
from triaged.walk.plan import MailFate, Note, Plan, StepTaken
from triaged.walk.plans import bursts, machine, storms
from triaged.walk.plans.storms import Storm, Stroke

H = Happening
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
CY = STAFF[0]


def story(scene: Scene, ticket: Ticket) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What happened to a ticket since this state of it; of a judgment why, and of letters nothing."""
    came = now(scene, ticket).events[len(ticket.events) :]
    told = [(str(e.kind), e.actor, e.reason, {} if e.kind is H.JUDGED else dict(e.data)) for e in came]
    return [one for one in told if not one[0].startswith("letter_")]


def row(mail: LedgerMail) -> tuple[str, str | None, str | None, int | None]:
    return str(mail.fate), mail.kind, mail.why, mail.ticket_id


def letters(scene: Scene, ticket: Ticket) -> list[tuple[str, str, tuple[str, ...]]]:
    rows = sorted(scene.store.letters(ticket_id=ticket.id, limit=99), key=lambda one: one.id)
    return [(one.kind, one.key, (*one.to, *one.cc)) for one in rows]


def of_cy(
    scene: Scene, ticket: Ticket, to: list[str], *, dmarc: str = "pass", cc: tuple[str, ...] = ()
) -> LedgerMail:
    raw = mails.write(
        ("Cy Moor", CY), to, f"Re: {ticket.subject}", "Please try it again.", scene.month.now, scene.id(CY), cc=list(cc),
        answers=[ticket.references[0]],
    )  # fmt: skip
    return scene.arrives(raw.replace(b"dmarc=pass", f"dmarc={dmarc}".encode()))


def test_a_recall_is_told_whole(scene: Scene) -> None:
    ticket, ann = asked(scene), scene.ann.address
    subject = "Recall: " + "x" * 200
    mail = scene.writes("Ann would like to recall the message.", subject, answers=[ticket.references[0]])
    assert row(mail) == ("automatic", "recall", "a recall: “recall:”", ticket.id)
    reason = f"{ann} takes a mail back: {subject[:150]}"
    assert story(scene, ticket) == [
        ("automatic_mail", ann, "recall: a recall: “recall:”", {}),
        ("review_asked", "daemon", reason, {"review": reason}),
    ]
    assert now(scene, ticket).reviews == (*ticket.reviews, reason)
    assert letters(scene, ticket)[2:] == [("review", "review@2", tuple(scene.month.config.staff.alert))]
    assert now(scene, ticket).state is State.NEW


def test_a_bounce_is_told_whole_and_who_writes_again_is_written_to_again(scene: Scene) -> None:
    ticket, ann = scene.ticket(scene.asks()), scene.ann.address
    scene.month.turn()
    ticket = now(scene, ticket)
    (letter,) = scene.letters("acknowledgment")
    for _ in range(2):
        raw = mails.bounce(
            ann, GLOBAL, scene.month.now, scene.id("mx.example"), letter.message_id, letter.raw
        )
        mail = scene.arrives(raw, envelope_from="")
        assert row(mail) == ("automatic", "bounce", "delivery report: failed", ticket.id)
    came = ("automatic_mail", "mailer-daemon@mx.intake.example", "bounce: delivery report: failed", {})
    why = "5.1.1 smtp; 550 5.1.1 mailbox unavailable"
    assert story(scene, ticket) == [came, ("address_failed", "daemon", why, {"address": ann}), came]
    assert letters(scene, ticket)[2:] == [
        ("undeliverable", "undeliverable:2", tuple(scene.month.config.staff.alert))
    ]
    assert [(one.address, one.why) for one in scene.store.failed_addresses()] == [(ann, why)]
    assert [p.failed for p in now(scene, ticket).people] == [True]
    scene.writes("I am back.", answers=[ticket.references[0]])
    assert [p.failed for p in now(scene, ticket).people] == [False]
    assert scene.store.failed_addresses() == []


def test_what_staff_write_is_told_whole(scene: Scene) -> None:
    ticket, ann, bo = asked(scene), scene.ann.address, colleague(scene)
    answer = of_cy(
        scene, ticket, [ann, "x@elsewhere.example"], cc=(GLOBAL, bo, f"new@{bo.partition('@')[2]}")
    )
    among = of_cy(scene, ticket, [GLOBAL])
    told = f"answered {ann}, {bo}, new@{bo.partition('@')[2]}"
    assert [row(one) for one in (answer, among)] == [
        ("ticket", "staff", told, ticket.id), ("ticket", "staff", "wrote inside the team", ticket.id)
    ]  # fmt: skip
    assert story(scene, ticket) == [
        ("staff_answered", CY, told, {"report": "Please try it again.", "name": "Cy Moor"}),
        ("waiting", CY, "staff answered: waiting on the partner", {}),
        ("staff_noted", CY, "wrote inside the team", {}),
    ]
    after = now(scene, ticket)
    assert after.references == (*ticket.references, answer.message_id)
    assert (after.last_message_id, after.people) == (answer.message_id, ticket.people)


def test_what_nobody_verified_of_staff_stops_no_clock_and_is_asked_about_once(scene: Scene) -> None:
    ticket, ann = asked(scene), scene.ann.address
    rows = [of_cy(scene, ticket, [ann], dmarc="none", cc=(GLOBAL,)) for _ in range(2)]
    noted = story(scene, ticket)
    (review,) = [one for one in now(scene, ticket).reviews if one not in ticket.reviews]
    assert review.startswith(f"unverified staff mail from {CY}: ")
    assert noted == [
        ("staff_noted", CY, review, {"unproven": True}),
        ("review_asked", "daemon", review, {"review": review}),
        ("staff_noted", CY, review, {"unproven": True}),
    ]
    assert [row(one) for one in rows] == [("ticket", "staff", review, ticket.id)] * 2
    assert now(scene, ticket).state is State.NEW
    inside = of_cy(scene, ticket, [GLOBAL], dmarc="none")
    assert row(inside)[2] == "wrote inside the team"
    assert story(scene, ticket)[-1] == ("staff_noted", CY, "wrote inside the team", {"unproven": True})


def test_what_a_stranger_writes_into_a_ticket_is_told_whole(scene: Scene) -> None:
    ticket = asked(scene)
    mail = comes(scene, EVE, "Hello", f"[{ticket.reference}] x")
    assert (str(mail.fate), mail.kind, mail.ticket_id) == ("automatic", "abuse", None)
    told = f"a stranger, {EVE}, wrote into this ticket; see mail {mail.id}"
    assert story(scene, ticket) == [("automatic_mail", "daemon", told, {})]
    assert now(scene, ticket).people == ticket.people


def test_answers_of_a_partner_are_told_whole(scene: Scene) -> None:
    ticket, ann = asked(scene), scene.ann.address
    first = ticket.references[0]
    of_cy(scene, ticket, [ann], cc=(GLOBAL,))
    staff_wrote = now(scene, ticket)
    rows = [
        scene.writes("Thanks!", answers=[first]),
        scene.writes("\n \nIt fails " + "y" * 200 + "\nagain", answers=[first], cc=[colleague(scene, "Dee")]),
    ]
    assert [row(one) for one in rows] == [
        ("ticket", kind, f"answers {first} of {ticket.reference}", ticket.id)
        for kind in ("thanks", "request")
    ]
    assert story(scene, staff_wrote) == [
        ("partner_answered", ann, "answered: Thanks!", {"thanks": True}),
        ("resumed", ann, "the partner answered", {}),
        ("partner_answered", ann, f"answered: {('It fails ' + 'y' * 200)[:120]}", {}),
        ("judged", "daemon", "as before: content S3", {}),
    ]
    after = now(scene, ticket)
    assert after.references == (*staff_wrote.references, *(one.message_id for one in rows))
    assert (after.last_message_id, after.state) == (rows[1].message_id, State.OPEN)
    assert [(p.address, p.role) for p in after.people] == [
        (ann, "requester"), (colleague(scene), "cc"), (colleague(scene, "Dee"), "cc")
    ]  # fmt: skip


@pytest.mark.parametrize(("own", "told"), [("5", "a rating: 5 of 5"), ("1 nobody ever called us back", "")])
@pytest.mark.parametrize("over", ["resolved", "closed"])
def test_a_rating_by_mail_is_told_whole(scene: Scene, own: str, told: str, over: str) -> None:
    ticket, ann = asked(scene), scene.ann.address
    scene.desk().happen(ticket, over, "done", quiet=True)
    solved = now(scene, ticket)
    mail = scene.writes(own, answers=[ticket.references[0]])
    score = int(own[0])
    data = {"score": score, **({"comment": own[2:]} if own[2:] else {})}
    rated = ("rated", ann, f"rated {score} of 5", data)
    assert story(scene, solved)[0] == rated
    if told:
        assert row(mail) == ("ticket", "request", told, ticket.id) and story(scene, solved) == [rated]
        assert now(scene, ticket).state is State(over)
    elif over == "closed":
        new = scene.ticket(mail)
        assert new.linked_to == ticket.id and new.id != ticket.id and story(scene, solved) == [rated]
    else:
        assert [one[0] for one in story(scene, solved)] == ["rated", "partner_answered", "reopened", "judged"]


def test_thanks_for_what_is_closed_stay_on_it(scene: Scene) -> None:
    ticket = asked(scene)
    scene.desk().happen(ticket, "closed", "done", quiet=True)
    closed = now(scene, ticket)
    mail = scene.writes("Thank you!", answers=[ticket.references[0]])
    assert row(mail) == ("ticket", "thanks", "thanks; it stays as it is", ticket.id)
    assert now(scene, ticket) == closed


# -- what a mail is to its ticket, without a house ----------------------------------------------------


def reading(scene: Scene, n: int = 1, **changes: Any) -> Reading:
    (read,) = InlineReaders(scene.month.knowledge.surroundings).read([(arrival(n).raw, Door())])
    return replace(read, **changes)


def test_a_thread_keeps_its_last_twenty_ids_each_once(scene: Scene) -> None:
    ids = tuple(f"<{n}@x.example>" for n in range(20))
    ticket, mail = new_ticket(references=ids), reading(scene, message_id="<new@x.example>")
    after = {"last_message_id": "<new@x.example>", "references": (*ids[1:], "<new@x.example>")}
    assert tickets_from_mail.thread_end(ticket, mail) == after
    again = replace(mail, message_id=ids[3])
    assert tickets_from_mail.thread_end(ticket, again) == {"last_message_id": ids[3], "references": ids}
    assert tickets_from_mail.thread_end(ticket, replace(mail, message_id=None)) == {}


def test_of_a_mail_everybody_has_one_part_and_our_own_addresses_have_none(scene: Scene) -> None:
    one = reading(scene).from_[0]
    boxes = [replace(one, address=f"{name}@x.example", name=name.title()) for name in "abcd"]
    ours = replace(one, address="desk@zohocorp.com", name="Desk")
    nobody = replace(one, address="", name="Undisclosed")
    mail = reading(
        scene, from_=(boxes[0],), reply_to=(boxes[1],), to=(boxes[2], ours, nobody),
        cc=(boxes[3], replace(boxes[0], name="Another")),
    )  # fmt: skip
    people = tickets_from_mail.people_of(
        mail, ("a@x.example",), ("c@x.example", "z@x.example"), frozenset({ours.address})
    )
    assert people == (
        Person("a@x.example", "A", "requester"), Person("c@x.example", "C", "cc"), Person("z@x.example", "", "cc"),
        Person("b@x.example", "B", "other"), Person("d@x.example", "D", "other"),
    )  # fmt: skip
    crowd = tuple(replace(one, address=f"p{n}@x.example", name="") for n in range(50))
    most = tickets_from_mail.people_of(reading(scene, cc=crowd), ("a@x.example",), ())
    assert len(most) == 40 and most[0] == Person("a@x.example", "", "requester")


# -- storms and bursts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, False), (2, True), (3, False), (9, False), (10, True), (11, False), (20, False), (100, True), (101, False), (1000, True)],
)  # fmt: skip
def test_which_counts_a_storm_tells(count: int, told: bool) -> None:
    assert storms.is_told(count) is told


def stroke(
    after: timedelta, kept: timedelta | None = None, subject: str = "Alarm 7", on: int | None = None
) -> Stroke:
    return Stroke(NOW + after, NOW + (after if kept is None else kept), subject, on)


@pytest.mark.parametrize(
    ("after", "kept", "answers"),
    [
        (MINUTE, None, True),
        (MINUTE + timedelta(microseconds=1), None, False),
        (timedelta(0), SECOND, True),
        (-SECOND, SECOND, True),
        (-SECOND - timedelta(microseconds=1), SECOND, False),
        (timedelta(0), timedelta(0), False),
        (SECOND, -SECOND, False),
    ],
)
def test_what_came_within_a_minute_behind_a_letter_may_answer_it(
    after: timedelta, kept: timedelta | None, answers: bool
) -> None:
    assert stroke(after, kept).answers(NOW) is answers


def game(rounds: int, subject: str = "Alarm {}") -> tuple[list[Stroke], list[Any]]:
    """Mails and letters of a game between machines, the newest first."""
    mails_ = [stroke(-MINUTE * n * 3, subject=subject.format(n)) for n in range(1, rounds)]
    return mails_, [NOW - MINUTE * n * 3 - SECOND for n in range(rounds)]


@pytest.mark.parametrize(("rounds", "played"), [(4, False), (5, True), (9, True)])
def test_five_rounds_are_a_game(rounds: int, played: bool) -> None:
    strokes, went = game(rounds)
    last = stroke(timedelta(0), subject="Alarm 123")
    assert storms.is_played(strokes, went, last) is played
    assert storms.is_played(strokes, went[1:], last) is False, "each has a letter of its own"
    assert storms.is_played(strokes, went, replace(last, subject="Alarm off")) is False
    others = [replace(one, subject="Other") for one in strokes[:1]]
    assert storms.is_played([*others, *strokes], went, last) is played
    if rounds > 4:
        on_one = [replace(one, ticket_id=7) for one in strokes[:2]]
        assert storms.is_played([*on_one, *strokes[2:]], [], last) is True, "it is known already"
        apart = [replace(one, ticket_id=n) for n, one in enumerate(strokes)]
        assert storms.is_played(apart, [], last) is False


@pytest.mark.parametrize(("count", "asks"), [(2, False), (9, False), (10, True), (11, True)])
def test_one_mail_more_of_a_storm_is_planned_whole(scene: Scene, count: int, asks: bool) -> None:
    ticket, mail = asked(scene), None
    scene.store.keep([arrival(7, received_at=scene.month.now)], now=scene.month.now)
    mail = claim_one(scene.store, now=scene.month.now)
    read, on = reading(scene, 7, subject="s" * 501), ground(scene, "global")
    sender = read.sender.address
    fate = MailFate(
        Finished(
            mail_id=mail.id, fate="ticket", kind="request", why="once more", ticket_id=ticket.id, subject="s" * 500,  # type: ignore[arg-type]
            sender=sender, message_id=read.message_id,
        ),
        ticket, own=(read.message_id or "",), authentication=read.authentication.result,
    )  # fmt: skip
    plan = storms.one_more(mail, read, Storm(ticket.id, count, "once more", ticket), on)
    said = f"{sender}: once more; {count} mails lie on this ticket"
    event = Event(scene.month.now, H.AUTOMATIC_MAIL, "daemon", said)
    if not asks:
        assert plan == Plan(notes=(Note(ticket.id, event),), mail=fate)
    else:
        reason = f"{sender} sends mail again and again: all of it lies on this ticket, and is not answered one by one"
        review = Event(scene.month.now, H.REVIEW_ASKED, "daemon", reason, {"review": reason})
        (changed,) = plan.changes
        assert (plan.mail, plan.notes, changed.before, changed.dues) == (fate, (), ticket, None)
        assert changed.events == (event, review) and changed.after.reviews == (*ticket.reviews, reason)
        assert [(one.kind, one.key) for one in changed.letters] == [("review", "review@2")]
        assert said in changed.letters[0].body and reason in changed.letters[0].body
        told = storms.one_more(mail, read, Storm(ticket.id, count, "once more", changed.after), on)
        assert (told.changes, told.notes) == ((), (Note(ticket.id, event),))
    silent = storms.one_more(
        mail, replace(read, message_id=None), Storm(ticket.id, count, "once more", None), on
    )
    bare = replace(fate, row=replace(fate.row, message_id=None), ticket=None, own=())
    assert silent == Plan(mail=bare)


WITHHELD = Event(
    NOW, H.LETTER_WITHDRAWN, "daemon", "too many", OfLetter("acknowledgment", "acknowledgment").stored()
)
WRITTEN = replace(WITHHELD, kind=H.LETTER_WRITTEN)
COMBINED = replace(WRITTEN, data=OfLetter("acknowledgments_combined", "x").stored())


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({"events": (WITHHELD,)}, True),
        ({"events": (WITHHELD, WRITTEN)}, False),
        ({"events": (WITHHELD, COMBINED)}, False),
        ({"events": (WRITTEN,)}, False),
        ({"events": ()}, False),
        ({"events": (replace(WITHHELD, data=OfLetter("review", "review@1").stored()),)}, False),
        ({"events": (WITHHELD, replace(WRITTEN, data=OfLetter("review", "review@1").stored()))}, True),
        ({"events": (WITHHELD, replace(WRITTEN, data={}))}, True),
        ({"events": (WITHHELD,), "trusted": False}, False),
        ({"events": (WITHHELD,), "state": State.RESOLVED}, False),
        ({"events": (WITHHELD,), "state": State.CLOSED}, False),
    ],
)  # fmt: skip
def test_whom_nobody_told_that_his_mail_has_come(changes: dict[str, Any], silent: bool) -> None:
    ticket = new_ticket(**{"trusted": True, **changes})
    assert bursts.unacknowledged([ticket]) == ([ticket] if silent else [])


def test_the_last_two_hundred_are_listed() -> None:
    many = [new_ticket(id=n, trusted=True, events=(WITHHELD,)) for n in range(201)]
    assert bursts.unacknowledged(many) == many[1:]


def test_a_burst_is_one_letter_on_the_last_and_a_word_on_the_others(scene: Scene) -> None:
    writer = scene.month.knowledge.writer("global", scene.month.now)
    first, second, last = (
        new_ticket(id=n, reference=f"PS-{n}", trusted=True, events=(WITHHELD,), time_zone="UTC")
        for n in (7, 8, 9)
    )
    step = replace(bursts.planned(first, "Anna@Oakbridge.example", scene.month.now), id=5)
    assert (step.ticket_id, step.kind, step.mailbox, step.data) == (
        None, "burst", "global", {"address": "Anna@Oakbridge.example"}
    )  # fmt: skip
    assert step.due_at == scene.month.now + timedelta(hours=1)
    assert bursts.address_of(step) == "Anna@Oakbridge.example"
    alike = bursts.planned(last, "anna@oakbridge.example", scene.month.now + timedelta(minutes=59))
    assert alike.step == step.step and step.step.startswith("combine")
    next_hour = bursts.planned(first, "anna@oakbridge.example", scene.month.now + timedelta(hours=1))
    other = bursts.planned(first, "ben@oakbridge.example", scene.month.now)
    assert len({step.step, next_hour.step, other.step}) == 3
    plan = bursts.taken(step, [first, second, last, new_ticket(id=10)], writer)
    (changed,) = plan.changes
    (letter,) = changed.letters
    told = Event(
        scene.month.now, H.LETTER_WRITTEN, "daemon", "acknowledged with 2 others in one letter, on PS-9",
        OfLetter("acknowledgments_combined", letter.key).stored(),
    )  # fmt: skip
    assert (changed.before, replace(changed.after, promise=None, promised_at=None)) == (last, last)
    assert changed.dues is None and plan == Plan(
        changes=(changed,),
        notes=(Note(7, told), Note(8, told)),
        step=StepTaken(5, "taken"),
    )
    assert (letter.to, letter.cc, letter.key) == (("Anna@Oakbridge.example",), (), step.step)
    assert bursts.taken(step, [], writer) == Plan(step=StepTaken(5, "nothing was left to acknowledge"))
    assert bursts.address_of(Due(None, "burst", Step("burst", Word.COMBINE, 1).text, NOW)) == ""


@pytest.mark.parametrize(
    ("partner", "subject", "letters"),
    [(True, "Recall: Other", 1), (False, "Recall: Other", 0), (True, "Automatic reply: Other", 0)],
)
def test_of_robots_mail_of_no_ticket_staff_hear_where_a_partner_takes_a_mail_back(
    scene: Scene, partner: bool, subject: str, letters: int
) -> None:
    words = (
        "I am out of the office until Monday."
        if "reply" in subject
        else "I would like to recall the message."
    )
    who = scene.ann.address if partner else EVE
    mail = comes(scene, who, words, subject)
    assert (str(mail.fate), mail.kind, mail.ticket_id) == (
        "automatic", "auto_reply" if "reply" in subject else "recall", None
    )  # fmt: skip
    assert len(scene.letters("unplaced")) == letters


def test_a_bounce_of_an_s1_that_reaches_nobody_else_has_staff_telephone(scene: Scene) -> None:
    ticket, ann = scene.ticket(scene.asks()), scene.ann.address
    scene.month.turn()
    (letter,) = scene.letters("acknowledgment")
    scene.desk().correct(now(scene, ticket), "S1", "all of them are down")
    before = now(scene, ticket)
    raw = mails.bounce(ann, GLOBAL, scene.month.now, scene.id("mx.example"), letter.message_id, letter.raw)
    scene.arrives(raw, envelope_from="")
    told = "letters of this S1 come back: tell the partner by telephone that we are at it"
    assert story(scene, before)[-2:] == [
        ("address_failed", "daemon", "5.1.1 smtp; 550 5.1.1 mailbox unavailable", {"address": ann}),
        ("review_asked", "daemon", told, {"review": told}),
    ]
    assert now(scene, ticket).reviews == (*before.reviews, told)


FAILED = Event(NOW, H.ADDRESS_FAILED, "daemon", "5.1.1", {"address": "anna@oakbridge.example"})


@pytest.mark.parametrize(
    ("failed", "events", "known"),
    [
        ((True, False), (), True),
        ((False, True), (), False),
        ((False, False), (FAILED,), False),
        (None, (FAILED,), True),
        (None, (replace(FAILED, data={"address": "ben@oakbridge.example"}),), False),
        (None, (replace(FAILED, kind=H.PEOPLE_CHANGED),), False),
        (None, (), False),
    ],
)
def test_whose_address_is_known_to_fail(
    failed: tuple[bool, bool] | None, events: tuple[Event, ...], known: bool
) -> None:
    anna, ben = new_ticket().people
    people = (replace(anna, failed=failed[0]), replace(ben, failed=failed[1])) if failed else (ben,)
    assert machine._known_to_fail(new_ticket(people=people, events=events), anna.address) is known


def test_why_a_letter_came_back_is_told_in_three_hundred_characters() -> None:
    failed = FailedRecipient("anna@oakbridge.example", True, status="5.1.1", diagnostic="d" * 400)
    assert machine._why(failed) == "5.1.1 " + "d" * 294
    assert machine._why(replace(failed, diagnostic="")) == "5.1.1"
    assert machine._why(replace(failed, status="", diagnostic="")) == "returned"
