"""What calendars answer to our invitations: matched by our UID and a person of the ticket, shown, and no request."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_meetings import HOST, THURSDAY, WEDNESDAY, booked, by, meeting, text
from triaged.meetings.meeting import MeetingState
from triaged.simulation.town import AUTHSERV, GLOBAL
from triaged.store.rows import Fate, LedgerMail, TicketFilter
from triaged.tickets.ticket import Happening
from triaged.walk.plans import calendar_answers


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.month.close()


def replies(
    scene: Scene, uid: str, answer: str, *, attendee: str = "", sender: str = "", sequence: int = 0, dmarc: str = "pass",
    method: str = "REPLY",
) -> LedgerMail:  # fmt: skip
    """As Outlook and Gmail send it: no In-Reply-To, a subject of the program's own."""
    sender = sender or scene.ann.address
    mail = EmailMessage(policy=SMTP)
    mail["Authentication-Results"] = f"{AUTHSERV}; dmarc={dmarc} header.from={sender.rpartition('@')[2]}"
    mail["From"], mail["To"] = sender, GLOBAL
    mail["Subject"] = f"{answer.title()}: Screen sharing"
    mail["Message-ID"] = scene.id(sender)
    mail.set_content(f"{sender} has {answer.lower()} this invitation.")
    calendar = (
        f"BEGIN:VCALENDAR\r\nPRODID:-//Invented//EN\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
        f"SEQUENCE:{sequence}\r\nDTSTAMP:20261116T160000Z\r\nDTSTART:20261119T160000Z\r\nORGANIZER:mailto:{GLOBAL}\r\n"
        f"ATTENDEE;PARTSTAT={answer}:mailto:{attendee or sender}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mail.add_alternative(calendar, subtype="calendar", params={"method": method})
    return scene.arrives(mail.as_bytes())


def answered(scene: Scene, mail: LedgerMail) -> list[str]:
    return [e.reason for e in scene.ticket(mail).events if e.kind is Happening.MEETING_ANSWERED]


@pytest.mark.parametrize("answer", ["ACCEPTED", "DECLINED", "TENTATIVE"])
def test_an_answer_is_shown_on_the_session_moves_nothing_and_gets_no_acknowledgment(
    scene: Scene, answer: str
) -> None:
    mail = booked(scene)
    before, letters = scene.ticket(mail), len(scene.letters())
    came = replies(scene, meeting(scene, mail).uid, answer)
    assert (came.fate, came.kind, came.ticket_id) == (Fate.AUTOMATIC, "calendar", before.id)
    assert meeting(scene, mail).answers == {scene.ann.address: answer.lower()}
    after = scene.ticket(mail)
    assert (meeting(scene, mail).state, after.state) == (MeetingState.ACCEPTED, before.state)
    news = scene.letters()[letters:]
    assert [one.to for one in news] == ([] if answer == "ACCEPTED" else [(HOST,)])
    assert not news or f"{answer.lower()} the invitation" in text(news[0])


def test_the_host_answers_too_and_the_same_again_is_told_once(scene: Scene) -> None:
    mail = booked(scene)
    uid = meeting(scene, mail).uid
    for _ in range(3):
        replies(scene, uid, "ACCEPTED", sender=HOST)
    assert answered(scene, mail) == [f"{HOST} accepted the invitation"]


@pytest.mark.parametrize(
    "how",
    [
        {"sender": "eve@stranger.example"},
        {"sender": "eve@stranger.example", "attendee": "ann"},  # answers for somebody else
        {"dmarc": "fail"},
        {"sequence": 7},
        {"uid": "another@desk.example"},
    ],
    ids=["a stranger", "in another's name", "forged", "of no SEQUENCE of ours", "of another calendar"],
)
def test_an_answer_that_proves_nothing_counts_for_nothing(scene: Scene, how: dict) -> None:
    mail = booked(scene)
    given = dict(how)
    if given.get("attendee"):
        given["attendee"] = scene.ann.address
    uid = given.pop("uid", meeting(scene, mail).uid)
    came = replies(scene, uid, "DECLINED", **given)
    assert meeting(scene, mail).answers == {}
    assert answered(scene, mail) == []
    assert came.fate is not Fate.QUARANTINE
    assert "another@" not in uid or came.ticket_id is None


def test_an_answer_to_a_time_that_was_moved_away_is_noted_in_the_ledger_alone(scene: Scene) -> None:
    mail = booked(scene)
    by(scene).move(scene.ticket(mail), THURSDAY)
    came = replies(scene, meeting(scene, mail).uid, "ACCEPTED", sequence=0)
    assert "moved since" in came.why and came.ticket_id == scene.ticket(mail).id
    assert meeting(scene, mail).answers == {}
    replies(scene, meeting(scene, mail).uid, "ACCEPTED", sequence=1)
    assert meeting(scene, mail).answers == {scene.ann.address: "accepted"}


def test_who_proposes_another_time_moves_nothing_and_the_host_is_told(scene: Scene) -> None:
    mail = booked(scene)
    replies(scene, meeting(scene, mail).uid, "TENTATIVE", method="COUNTER")
    assert meeting(scene, mail).starts == WEDNESDAY
    assert "proposes another time at 2026-11-19 16:00 UTC" in text(scene.letters("meeting_news")[-1])


@pytest.mark.parametrize("how", ["DECLINED", "COUNTER"])
@pytest.mark.parametrize("assigned", ["", HOST, "mina.patel@zohocorp.com"])
def test_a_host_who_cannot_come_is_the_business_of_who_else_can_act(
    scene: Scene, how: str, assigned: str
) -> None:
    mail = booked(scene)
    if assigned:
        scene.desk().happen(scene.ticket(mail), "assigned", "hers", to=assigned)
    answer, method = ("TENTATIVE", how) if how == "COUNTER" else (how, "REPLY")
    for _ in range(2):
        replies(scene, meeting(scene, mail).uid, answer, sender=HOST, method=method)
        scene.passes(minutes=30)
    ticket = scene.ticket(mail)
    (why,) = [one for one in ticket.reviews if "holds the session of 2026-11-18 16:00 UTC" in one]
    assert HOST in why
    assert ticket.id in [one.id for one in scene.store.tickets(TicketFilter(review=True))]
    (asked,) = [one for one in scene.letters("review") if why in text(one)]
    alert = scene.month.knowledge.writer(ticket.mailbox, scene.month.now).desk.alert
    assert asked.to == ((assigned,) if assigned not in ("", HOST) else alert)
    assert HOST not in asked.to
    assert meeting(scene, mail).state is MeetingState.ACCEPTED


def test_a_host_who_accepts_or_a_partner_who_declines_asks_nobody_else(scene: Scene) -> None:
    mail = booked(scene)
    replies(scene, meeting(scene, mail).uid, "ACCEPTED", sender=HOST)
    replies(scene, meeting(scene, mail).uid, "DECLINED")
    assert not [one for one in scene.ticket(mail).reviews if "holds the session" in one]


def test_calendars_that_quarrel_fill_no_ticket(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_answers, "MOST", 3)
    mail = booked(scene)
    for number in range(6):
        replies(scene, meeting(scene, mail).uid, ("ACCEPTED", "TENTATIVE")[number % 2])
    assert len(answered(scene, mail)) == 3
    assert meeting(scene, mail).state is MeetingState.ACCEPTED
