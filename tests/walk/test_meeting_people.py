"""Who joins or leaves a ticket after its session was booked: his calendar knows at once, by whatever door he came or went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy

from tests.letters.rfc5545 import checked
from tests.simulation.scene import Scene
from tests.walk.test_meetings import (
    LINK,
    PASSCODE,
    THURSDAY,
    VERSION,
    WEDNESDAY,
    booked,
    by,
    entry,
    event,
    meeting,
    message,
    offered,
    on_each_database,
    text,
    until,
)  # fmt: skip
from tests.walk.test_meetings import database as database
from tests.walk.test_meetings import scene as scene
from triaged.followups import meeting_steps
from triaged.meetings.meeting import MeetingState
from triaged.simulation.postman import Delivered
from triaged.store.rows import LedgerMail
from triaged.store.scope import of_person
from triaged.tickets.ticket import Person
from triaged.walk.by_page import ByPage, Done


def zoe(scene: Scene) -> str:
    """A colleague of Ann's."""
    return f"zoe@{scene.ann.address.rpartition('@')[2]}"


def page(scene: Scene, address: str = "") -> ByPage:
    address = address or scene.ann.address
    partner = scene.month.knowledge.directory.partner_of(address)
    return ByPage(scene.store, scene.month.knowledge, of_person(address, partner), scene.month.now, "Ann")


def done(outcome: object) -> None:
    assert isinstance(outcome, Done), outcome


def by_mail(scene: Scene, mail: LedgerMail) -> None:
    scene.writes("Zoe will take part.", f"Re: {mail.subject}", [mail.message_id], cc=[zoe(scene)])


def by_page(scene: Scene, mail: LedgerMail) -> None:
    done(page(scene).add_person(scene.ticket(mail).id, zoe(scene), "Zoe", form="add"))
    scene.month.turn()


def by_command(scene: Scene, mail: LedgerMail) -> None:
    other = scene.asks(cc=[zoe(scene)])
    scene.desk().merge(scene.ticket(other), scene.ticket(mail), "the same")
    scene.month.turn()


def leaves(scene: Scene, mail: LedgerMail, form: str = "gone") -> None:
    done(page(scene).remove_person(scene.ticket(mail).id, zoe(scene), form=form))
    scene.month.turn()


def to(scene: Scene, address: str, kind: str) -> list[Delivered]:
    return [one for one in scene.letters(kind) if address in one.to]


DOORS = pytest.mark.parametrize("joins", [by_mail, by_page, by_command])


@DOORS
@on_each_database
def test_who_joins_is_invited_at_once_alone_and_once(
    scene: Scene, joins: Callable[[Scene, LedgerMail], None]
) -> None:
    mail = booked(scene)
    (first,) = scene.letters("meeting_invitation")
    joins(scene, mail)
    _, his = scene.letters("meeting_invitation")
    assert his.to == (zoe(scene),)
    method, _ = entry(his)
    (part,) = [p for p in message(his).walk() if p.get_content_type() == "text/calendar"]
    checked(part.get_payload(decode=True))
    assert method == "REQUEST"
    was, now = event(first), event(his)
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "ORGANIZER", "LOCATION"):
        assert now[name] == was[name], name
    assert now["LOCATION"] == LINK and PASSCODE in now["DESCRIPTION"]
    called = {str(one).removeprefix("mailto:") for one in now["ATTENDEE"]}
    assert called == {scene.ann.address, zoe(scene)}
    assert LINK not in text(his)

    scene.writes("One thing more.", f"Re: {mail.subject}", [mail.message_id], cc=[zoe(scene)])
    scene.passes(hours=3)
    assert len(scene.letters("meeting_invitation")) == 2
    assert meeting(scene, mail).sequence == 0


@pytest.mark.parametrize("becomes", [by_mail, by_page])
def test_somebody_who_only_stood_by_is_invited_when_he_becomes_one_who_decides(
    scene: Scene, becomes: Callable[[Scene, LedgerMail], None]
) -> None:
    mail = booked(scene)
    stranger = "eve@elsewhere.example"
    scene.writes("Handed on to Eve.", f"Re: {mail.subject}", [mail.message_id], cc=[stranger])
    with scene.store.transaction() as tx:
        before = scene.ticket(mail)
        tx.save(before, replace(before, people=(*before.people, Person(zoe(scene), "Zoe", "other"))))
    scene.writes("One thing more.", f"Re: {mail.subject}", [mail.message_id])
    scene.passes(minutes=5)
    assert {p.address: p.role for p in scene.ticket(mail).people}[zoe(scene)] == "other"
    assert len(scene.letters("meeting_invitation")) == 1
    becomes(scene, mail)
    scene.passes(minutes=5)
    assert to(scene, stranger, "meeting_invitation") == []
    assert len(to(scene, zoe(scene), "meeting_invitation")) == 1


def test_who_joins_after_it_was_moved_is_invited_with_the_sequence_that_stands(scene: Scene) -> None:
    mail = booked(scene)
    by(scene).move(scene.ticket(mail), THURSDAY)
    scene.month.turn()
    by_page(scene, mail)
    (his,) = to(scene, zoe(scene), "meeting_invitation")
    assert event(his)["SEQUENCE"] == 1 and event(his)["DTSTART"].dt == THURSDAY
    assert to(scene, zoe(scene), "meeting_moved") == []
    by(scene).move(scene.ticket(mail), WEDNESDAY)
    scene.month.turn()
    (moved,) = to(scene, zoe(scene), "meeting_moved")
    assert event(moved)["SEQUENCE"] == 2
    scene.passes(hours=1)
    assert len(to(scene, zoe(scene), "meeting_invitation")) == 1


def test_before_it_is_booked_and_once_it_is_declined_cancelled_or_over_nobody_is_invited_late(
    scene: Scene,
) -> None:
    open_ = offered(scene)
    declined = offered(scene)
    by(scene).decline(scene.ticket(declined))
    cancelled = booked(scene)
    by(scene).cancel(scene.ticket(cancelled), "ill")
    scene.month.turn()
    for mail in (open_, declined, cancelled):
        done(page(scene).add_person(scene.ticket(mail).id, zoe(scene), "Zoe", form=f"a{mail.id}"))
    scene.passes(minutes=10)
    assert to(scene, zoe(scene), "meeting_invitation") == []

    by(scene).accept(scene.ticket(open_), WEDNESDAY, scene.ann.address, VERSION)
    scene.month.turn()
    assert len(to(scene, zoe(scene), "meeting_invitation")) == 1, "with the others, once"
    until(scene, WEDNESDAY + timedelta(hours=2))
    assert meeting(scene, open_).state is MeetingState.MISSED
    late = f"max@{zoe(scene).rpartition('@')[2]}"
    done(page(scene).add_person(scene.ticket(open_).id, late, "Max", form="late"))
    scene.passes(minutes=10)
    assert to(scene, late, "meeting_invitation") == []


def test_while_it_runs_who_joins_still_learns_how_to_get_in(scene: Scene) -> None:
    mail = booked(scene)
    until(scene, WEDNESDAY + timedelta(minutes=2))
    by(scene).begin(scene.ticket(mail), reason="on the phone")
    by_page(scene, mail)
    (his,) = to(scene, zoe(scene), "meeting_invitation")
    assert event(his)["LOCATION"] == LINK


@on_each_database
def test_who_leaves_has_it_cancelled_alone_and_is_invited_anew_when_he_comes_back(scene: Scene) -> None:
    mail = booked(scene)
    by_page(scene, mail)
    leaves(scene, mail)
    (gone,) = scene.letters("meeting_cancelled")
    assert gone.to == (zoe(scene),)
    method, _ = entry(gone)
    found = event(gone)
    assert (method, found["STATUS"], found["SEQUENCE"]) == ("CANCEL", "CANCELLED", 0)
    assert found["UID"] == meeting(scene, mail).uid
    assert "takes place without you" in text(gone)
    assert LINK not in gone.raw.decode("latin-1") and PASSCODE not in gone.raw.decode("latin-1")
    assert meeting(scene, mail).state is MeetingState.ACCEPTED

    by(scene).move(scene.ticket(mail), THURSDAY)
    scene.passes(minutes=5)
    assert len(to(scene, zoe(scene), "meeting_cancelled")) == 1
    assert to(scene, zoe(scene), "meeting_moved") == []

    done(page(scene).add_person(scene.ticket(mail).id, zoe(scene), "Zoe", form="again"))
    scene.passes(minutes=5)
    *_, again = to(scene, zoe(scene), "meeting_invitation")
    assert event(again)["SEQUENCE"] == 1 and event(again)["DTSTART"].dt == THURSDAY
    leaves(scene, mail, "twice")
    assert len(to(scene, zoe(scene), "meeting_cancelled")) == 2
    assert to(scene, scene.ann.address, "meeting_cancelled") == []


def test_a_merge_taken_back_takes_its_guests_out_of_the_session(scene: Scene) -> None:
    mail = booked(scene)
    other = scene.asks(cc=[zoe(scene)])
    scene.desk().merge(scene.ticket(other), scene.ticket(mail), "the same")
    scene.month.turn()
    scene.desk().unmerge(scene.ticket(other), "not the same")
    scene.month.turn()
    (gone,) = to(scene, zoe(scene), "meeting_cancelled")
    assert entry(gone)[0] == "CANCEL"


def test_who_follows_no_more_keeps_his_entry_and_gets_the_next_change_when_he_follows_again(
    scene: Scene,
) -> None:
    mail = booked(scene)
    by_page(scene, mail)
    number = scene.ticket(mail).id
    done(page(scene, zoe(scene)).follow(number, on=False, form="off"))
    scene.passes(minutes=5)
    assert to(scene, zoe(scene), "meeting_cancelled") == []
    done(page(scene, zoe(scene)).follow(number, on=True, form="on"))
    scene.passes(minutes=5)
    assert len(to(scene, zoe(scene), "meeting_invitation")) == 1
    done(page(scene, zoe(scene)).follow(number, on=False, form="off again"))
    by(scene).move(scene.ticket(mail), THURSDAY)
    scene.passes(minutes=5)
    done(page(scene, zoe(scene)).follow(number, on=True, form="on again"))
    scene.passes(minutes=5)
    *_, his = to(scene, zoe(scene), "meeting_invitation")
    assert event(his)["SEQUENCE"] == 1


def test_an_address_that_fails_is_tried_once_and_holds_nothing_up(scene: Scene) -> None:
    mail = booked(scene)
    with scene.store.transaction() as tx:
        tx.mark_address(zoe(scene), "550 no such user", scene.month.now)
    by_mail(scene, mail)
    scene.passes(hours=2)
    assert to(scene, zoe(scene), "meeting_invitation") == []
    told = [e for e in scene.ticket(mail).events if zoe(scene) in e.reason and e.kind == "letter_withdrawn"]
    assert len(told) == 1


def test_who_leaves_and_cannot_be_reached_holds_nothing_up_either(scene: Scene) -> None:
    mail = booked(scene)
    by_page(scene, mail)
    with scene.store.transaction() as tx:
        tx.mark_address(zoe(scene), "550 no such user", scene.month.now)
    leaves(scene, mail)
    scene.passes(hours=2)
    assert to(scene, zoe(scene), "meeting_cancelled") == []
    ticket = scene.ticket(mail)
    assert (
        len([e for e in ticket.events if e.reason == f"the session leaves the calendar of {zoe(scene)}"]) == 1
    )
    assert not [one for one in scene.store.dues(ticket.id) if one.step.startswith("calendars")]


def test_coming_and_going_without_end_comes_to_an_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting_steps, "MOST_BROUGHT_UP", 3)
    mail = booked(scene)
    for turn in range(6):
        act = page(scene).remove_person if turn % 2 else page(scene).add_person
        done(act(scene.ticket(mail).id, zoe(scene), form=f"turn {turn}"))
        scene.passes(minutes=2)
    assert len(to(scene, zoe(scene), "meeting_invitation")) == 2
    assert len(to(scene, zoe(scene), "meeting_cancelled")) == 1


def test_a_session_that_an_older_version_booked_invites_nobody_twice(scene: Scene) -> None:
    """Its events do not say whom the invitation was written to; that it was sent does."""
    mail = booked(scene)
    with scene.store._engines.writer.begin() as connection:
        connection.execute(
            sqlalchemy.text(
                "UPDATE event SET data = json_remove(data, '$.entry_for') WHERE kind = 'letter_written'"
            )
        )
    scene.writes("Thanks a lot for that.", f"Re: {mail.subject}", [mail.message_id])
    scene.passes(minutes=5)
    assert len(scene.letters("meeting_invitation")) == 1
    by_mail(scene, mail)
    assert len(to(scene, zoe(scene), "meeting_invitation")) == 1
    assert len(to(scene, scene.ann.address, "meeting_invitation")) == 1


def test_twenty_who_join_at_once_each_have_their_own(scene: Scene) -> None:
    mail = booked(scene)
    domain = zoe(scene).rpartition("@")[2]
    many = [f"guest{number}@{domain}" for number in range(19)]
    scene.writes("All of us.", f"Re: {mail.subject}", [mail.message_id], cc=many)
    scene.passes(minutes=5)
    for one in many:
        assert len(to(scene, one, "meeting_invitation")) == 1, one
    assert message(scene.letters("meeting_invitation")[-1])["Cc"] is None
    assert len(scene.ticket(mail).people) >= 20
