"""Screen-sharing sessions where somebody has left, is faster, or asks for what is not his."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_meetings import (
    HOST,
    LINK,
    THURSDAY,
    VERSION,
    WEDNESDAY,
    booked,
    by,
    by_config,
    by_rulebook,
    entry,
    event,
    meeting,
    offered,
    scene,  # noqa: F401 - a fixture
    text,
)
from tests.walk.test_meetings import database as database
from triaged.demo import session_scenes
from triaged.errors import Faulty
from triaged.letters.invitation import FILE
from triaged.meetings.meeting import Access, MeetingState, current
from triaged.store.scope import of_person, of_staff
from triaged.tickets.ticket import Person
from triaged.walk.by_page import No
from triaged.walk.by_page_meeting import MeetingByPage

# ruff: noqa: F811 - the fixture is asked for by its name


def page(scene: Scene, address: str = "") -> MeetingByPage:
    """Of Ann, or of somebody of her house."""
    partner = scene.month.knowledge.directory.partner_of(scene.ann.address)
    scope = of_person(address or scene.ann.address, partner)
    if address:
        scope = replace(scope, who="admin")
    return MeetingByPage(scene.store, scene.month.knowledge, scope, scene.month.now)


def test_no_page_hands_out_the_invitation_to_anybody(scene: Scene) -> None:
    ticket = scene.ticket(booked(scene))
    for scope in (of_staff(HOST), page(scene).scope, page(scene, f"boss@{ticket.partner_domain}").scope):
        shown = scene.store.ticket_page(scope, ticket.id)
        assert shown is not None
        letters = [one for one in shown.said if one.what == "letter"]
        assert "meeting_invitation" in {one.kind for one in letters}
        assert not [file for one in letters for file in one.files if file.name == FILE]
        for one in letters:
            found = [scene.store.file_of(scope, "letter", one.number, index) for index in range(4)]
            assert not [file for file in found if file and LINK.encode() in file.content]
            assert not [file for file in found if file and "calendar" in file.type]


def test_who_has_left_the_ticket_loses_the_entry_at_once_and_learns_no_other_time(scene: Scene) -> None:
    mail = offered(scene, access=Access(LINK, "4711"))
    ticket = scene.ticket(mail)
    bo = Person(f"bo@{ticket.partner_domain}", "Bo", "cc")
    with scene.store.transaction() as tx:
        tx.save(ticket, replace(ticket, people=(*ticket.people, bo)))
    by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, VERSION)
    scene.month.turn()
    assert bo.address in scene.letters("meeting_invitation")[-1].to
    with scene.store.transaction() as tx:
        now = tx.ticket(ticket.id)
        assert now is not None
        tx.save(now, replace(now, people=ticket.people))
    by(scene).give_access(scene.ticket(mail), Access(f"{LINK}2"))
    scene.passes(hours=1)  # servers in the town are busy at times
    by(scene).move(scene.ticket(mail), THURSDAY, tell="For those of the ticket.")
    scene.passes(hours=1)
    (told,) = [one for one in scene.letters("meeting_cancelled") if bo.address in one.to]
    assert told.to == (bo.address,)
    assert "For those of the ticket" not in text(told) and LINK.encode() not in told.raw
    method, _ = entry(told)
    cancelled = event(told)
    assert (method, cancelled["SEQUENCE"], cancelled.decoded("DTSTART")) == ("CANCEL", 1, WEDNESDAY)
    by(scene).cancel(scene.ticket(mail), "no need")
    scene.passes(hours=1)
    assert (
        len([one for one in scene.letters() if bo.address in one.to]) == 2
    )  # invited, and called off, once each


def test_a_ticket_that_is_over_agrees_on_no_time(scene: Scene) -> None:
    mail = offered(scene, access=Access(LINK))
    scene.desk().happen(scene.ticket(mail), "resolved", "it works")
    outcome = page(scene).accept(scene.ticket(mail).id, WEDNESDAY, VERSION, peer="", form="f1")
    assert isinstance(outcome, No) and outcome.why == "meeting_state"
    assert meeting(scene, mail).state is MeetingState.OFFERED


def test_a_program_is_run_for_who_may_accept_and_for_nobody_else(scene: Scene, tmp_path: Path) -> None:
    program, trace = tmp_path / "meet", tmp_path / "ran"
    program.write_text(f"#!/bin/sh\necho x >> {trace}\necho {LINK}\n", "utf-8")
    program.chmod(0o700)
    by_rulebook(scene, command=(str(program),), timeout=timedelta(seconds=5))
    by_config(scene, meeting_programs=(str(program),))
    mail = offered(scene)
    ticket = scene.ticket(mail)
    boss = page(scene, f"boss@{ticket.partner_domain}")
    assert isinstance(boss.accept(ticket.id, WEDNESDAY, VERSION, peer="", form="f1"), No)
    assert isinstance(page(scene).accept(ticket.id, WEDNESDAY, "2020-01", peer="", form="f2"), No)
    other = page(scene).accept(ticket.id, WEDNESDAY, VERSION, peer="", form="f3", digest="of another text")
    assert isinstance(other, No) and other.why == "meeting_terms"
    with pytest.raises(Faulty, match="2020-01"):
        by(scene).accept(ticket, WEDNESDAY, scene.ann.address, "2020-01")
    assert not trace.exists()
    digest = scene.month.knowledge.rulebook.promises.screen_sharing.terms("en").digest
    page(scene).accept(ticket.id, WEDNESDAY, VERSION, peer="", form="f4", digest=digest)
    assert (meeting(scene, mail).state, trace.read_text()) == (MeetingState.ACCEPTED, "x\n")


@pytest.mark.parametrize("who", ["on it", "of the house"])
def test_nobody_of_the_partner_holds_a_session(scene: Scene, who: str) -> None:
    mail = booked(scene)
    host = scene.ann.address if who == "on it" else f"cara@{scene.ticket(mail).partner_domain}"
    with pytest.raises(Faulty, match="held by one of us"):
        by(scene).move(scene.ticket(mail), THURSDAY, host=host.upper())


@pytest.mark.parametrize("host", ["bén@zohocorp.com", "ben,cara@zohocorp.com", "ben..carter@zohocorp.com"])
def test_who_cannot_be_written_to_holds_no_session(scene: Scene, host: str) -> None:
    ticket = scene.ticket(scene.asks())
    with pytest.raises(Faulty, match="is not the address of who holds it"):
        by(scene).offer(ticket, [WEDNESDAY], host)
    mail = booked(scene)
    with pytest.raises(Faulty, match="is not the address of who holds it"):
        by(scene).move(scene.ticket(mail), THURSDAY, host=host)


@pytest.mark.parametrize("hours", [0, 16])  # ten in the morning, and two at night
def test_the_scenes_of_the_demo_come_out_as_they_are_called(scene: Scene, hours: int) -> None:
    scene.passes(hours=hours)
    scene.ann = next(
        one for one in scene.month.town.people if one.region == "EU" and not (one.away or one.gone)
    )
    scene.customer = next(
        c for c in scene.month.town.of(scene.ann) if c.subscriptions.endswith(("=12", "=40", "=90"))
    )
    mails = {}

    def opened(subject: str):
        mails[subject.partition(":")[0].removeprefix("Session ")] = mail = scene.asks(subject=subject)
        scene.month.turn()
        return scene.ticket(mail)

    def acts(at):
        scene.month.turn()  # the daemon takes what is due between any two of our acts
        return replace(by(scene), now=at)

    session_scenes.play(
        session_scenes.SessionStage(
            acts, opened, scene.ann.address, HOST, scene.month.now, lambda: scene.month.now
        )
    )
    scene.month.turn()
    came = {name: current(scene.ticket(mail)) for name, mail in mails.items()}
    assert {name: str(one.state) for name, one in came.items() if one} == {
        name: {"booked": "accepted"}.get(name, name) for name in mails
    }
    assert set(mails) == {"offered", "declined", "booked", "moved", "cancelled", "begun", "held", "missed"}
