"""What of screen-sharing sessions nobody would have noticed: what cannot be ordered, who may not, and what the log tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.said import listening
from tests.simulation.scene import Scene
from tests.walk.test_meetings import (
    HOST,
    LINK,
    PASSCODE,
    THURSDAY,
    VERSION,
    WEDNESDAY,
    accepted_with,
    booked,
    by,
    by_rulebook,
    event,
    meeting,
    offered,
    text,
    until,
)
from triaged.errors import Faulty
from triaged.meetings.meeting import Access, MeetingState
from triaged.store.rows import LedgerMail
from triaged.store.scope import of_admin, of_person
from triaged.tickets.ticket import Happening
from triaged.walk.by_page import Done, No
from triaged.walk.by_page_meeting import MeetingByPage

MINUTE = timedelta(minutes=1)


def without_sessions(scene: Scene) -> None:
    """The rulebook's section is gone."""
    rulebook = scene.month.knowledge.rulebook
    promises = replace(rulebook.promises, screen_sharing=None)
    scene.month.knowledge = replace(scene.month.knowledge, rulebook=replace(rulebook, promises=promises))


def stands(scene: Scene, mail: LedgerMail, what: Callable[[], Any]) -> str:
    """Why it cannot be; the ticket is as it was, and no letter leaves."""
    before, letters = scene.ticket(mail), len(scene.letters())
    with pytest.raises(Faulty) as refused:
        what()
    assert scene.ticket(mail) == before
    scene.month.turn()
    assert len(scene.letters()) == letters
    return "; ".join(refused.value.lines)


@pytest.mark.parametrize(
    ("times", "access", "more", "told"),
    [
        ([], Access(LINK), {}, "offer at least one time"),
        ([WEDNESDAY + MINUTE * n for n in range(11)], Access(LINK), {}, "offer at most 10 times"),
        ([WEDNESDAY + timedelta(seconds=30)], Access(LINK), {}, "2026-11-18 16:00:30 UTC is no whole minute"),
        ([WEDNESDAY + timedelta(microseconds=1)], Access(LINK), {}, "is no whole minute"),
        ([WEDNESDAY], Access(LINK, "a" * 101), {}, "the passcode has at most 100 characters, on one line"),
        ([WEDNESDAY], Access(LINK, "a\nb"), {}, "the passcode has at most 100 characters, on one line"),
        ([WEDNESDAY], Access("http://meet.example/x"), {}, "the link begins with https:// and has no blanks"),
        ([WEDNESDAY], Access(LINK), {"tell": "a" * 5_001}, "what is told has at most 5000 characters"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_what_can_be_no_offer_is_refused_with_the_reason(
    scene: Scene, times: list[datetime], access: Access, more: dict[str, str], told: str
) -> None:
    mail = scene.asks()
    assert told in stands(
        scene, mail, lambda: by(scene).offer(scene.ticket(mail), times, HOST, access=access, **more)
    )


def test_ten_times_and_as_much_as_may_be_told_are_offered(scene: Scene) -> None:
    mail = scene.asks()
    times = [WEDNESDAY + MINUTE * 5 * n for n in range(10)]
    access = Access(LINK, "a" * 100)
    by(scene).offer(scene.ticket(mail), times, HOST, access=access, tell="a" * 5_000)
    assert meeting(scene, mail).times == tuple(times)
    assert scene.store.access_of(scene.ticket(mail).id, 1) == access


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (WEDNESDAY.replace(hour=3), "is outside the hours of calendar business (Tue 22:00 in America/New_York)"),
        (WEDNESDAY + timedelta(days=61), "is more than 60 days away"),
        (WEDNESDAY - timedelta(days=7), "has passed"),
        (WEDNESDAY, "it is at 2026-11-18 16:00 UTC already"),
    ],
)  # fmt: skip
def test_staff_move_a_session_to_no_time_that_none_could_be_offered_at(
    scene: Scene, at: datetime, told: str
) -> None:
    mail = booked(scene)
    assert told in stands(scene, mail, lambda: by(scene).move(scene.ticket(mail), at))
    assert meeting(scene, mail).starts == WEDNESDAY


def test_another_host_may_take_it_over_at_its_time_though_none_could_be_offered_there_now(
    scene: Scene,
) -> None:
    mail = booked(scene)
    until(scene, WEDNESDAY - timedelta(minutes=30))  # sooner than the hour of notice
    by(scene).move(scene.ticket(mail), None, host="mina.patel@zohocorp.com")
    assert (meeting(scene, mail).host, meeting(scene, mail).starts) == ("mina.patel@zohocorp.com", WEDNESDAY)


def test_where_the_rulebook_has_no_sessions_any_more_none_is_agreed_upon(scene: Scene) -> None:
    mail = offered(scene)
    without_sessions(scene)
    told = stands(
        scene, mail, lambda: by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, VERSION)
    )
    assert "no screen-sharing sessions" in told, told


def test_the_link_of_an_offer_is_kept_for_its_invitation_and_told_to_nobody_before(scene: Scene) -> None:
    mail = offered(scene)
    before = len(scene.letters())
    by(scene).give_access(scene.ticket(mail), Access(LINK, PASSCODE))
    scene.month.turn()
    assert len(scene.letters()) == before
    ticket = scene.ticket(mail)
    assert scene.store.access_of(ticket.id, 1) == Access(LINK, PASSCODE)
    noted = ticket.events[-1]
    assert (noted.kind, noted.actor, noted.reason) == (Happening.STAFF_NOTED, HOST, "the link of the session was given")  # fmt: skip
    assert meeting(scene, mail).sequence == 0 and meeting(scene, mail).state is MeetingState.OFFERED
    by(scene).accept(ticket, WEDNESDAY, scene.ann.address, VERSION)
    scene.month.turn()
    assert event(scene.letters("meeting_invitation")[0])["LOCATION"] == LINK


def test_a_session_that_is_over_gets_no_link(scene: Scene) -> None:
    mail = booked(scene)
    by(scene).cancel(scene.ticket(mail), "ill")
    scene.month.turn()
    told = stands(scene, mail, lambda: by(scene).give_access(scene.ticket(mail), Access(LINK)))
    assert told == f"{scene.ticket(mail).reference} has no session that is still to come"


def test_a_session_is_not_cancelled_with_more_words_than_a_letter_has(scene: Scene) -> None:
    mail = booked(scene)
    told = stands(scene, mail, lambda: by(scene).cancel(scene.ticket(mail), "ill", tell="a" * 5_001))
    assert told == "what is told has at most 5000 characters"
    by(scene).cancel(scene.ticket(mail), "ill", tell="a" * 5_000)
    assert meeting(scene, mail).state is MeetingState.CANCELLED


def test_of_a_held_session_something_is_told_and_not_endlessly(scene: Scene) -> None:
    mail = booked(scene)
    told = stands(scene, mail, lambda: by(scene).sum_up(scene.ticket(mail), "All went well."))
    assert told.endswith("is accepted: only a held one has a summary")
    until(scene, WEDNESDAY)
    by(scene).hold(scene.ticket(mail))
    scene.month.turn()
    assert stands(scene, mail, lambda: by(scene).sum_up(scene.ticket(mail), " \n")) == "say what came of it"
    told = stands(scene, mail, lambda: by(scene).sum_up(scene.ticket(mail), "a" * 20_001))
    assert told == "a summary has at most 20000 characters"
    by(scene).sum_up(scene.ticket(mail), "a" * 20_000)
    assert meeting(scene, mail).summary == "a" * 20_000


@pytest.mark.parametrize(
    ("missing", "told"), [("partner", "partner did not come"), ("", "it did not take place")]
)
def test_who_did_not_come_is_the_partner_staff_or_nobody_says(scene: Scene, missing: str, told: str) -> None:
    mail = booked(scene)
    until(scene, WEDNESDAY + MINUTE)
    refused = stands(scene, mail, lambda: by(scene).miss(scene.ticket(mail), "the weather"))
    assert refused == "'the weather' is neither partner nor staff"
    by(scene).miss(scene.ticket(mail), missing)
    assert (meeting(scene, mail).state, scene.ticket(mail).events[-1].reason) == (MeetingState.MISSED, told)


def test_nothing_is_ordered_on_a_ticket_that_is_gone_or_has_no_session(scene: Scene) -> None:
    mail = scene.asks()
    ticket = scene.ticket(mail)
    none = f"{ticket.reference} has no screen-sharing session"
    assert stands(scene, mail, lambda: by(scene).move(ticket, WEDNESDAY)) == none
    gone = replace(ticket, id=ticket.id + 999)
    assert (
        stands(scene, mail, lambda: by(scene).move(gone, WEDNESDAY)) == f"{ticket.reference}: no such ticket"
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (f"{LINK}\n{'a' * 101}", "printed a passcode of more than 100 characters"),
        (f"{LINK}\n{'a' * 100}", ""),
    ],
    ids=["101", "100"],
)
def test_a_program_that_prints_no_passcode_makes_no_link(
    scene: Scene, tmp_path: Path, lines: str, told: str
) -> None:
    mail = accepted_with(scene, tmp_path, f"cat <<'X'\n{lines}\nX", seconds=5)
    assert scene.store.access_of(scene.ticket(mail).id, 1) == (Access() if told else Access(LINK, "a" * 100))
    assert told in text(scene.letters("meeting_news")[-1])


def test_a_template_that_makes_no_link_here_is_told_to_the_host(scene: Scene) -> None:
    by_rulebook(scene, template="meet.desk.example/{random}")
    mail = offered(scene)
    by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, VERSION)
    scene.month.turn()
    assert "the template of links (screen_sharing.meeting.template) makes none here" in text(scene.letters("meeting_news")[-1])  # fmt: skip
    assert scene.store.access_of(scene.ticket(mail).id, 1) == Access()


# -- on the partners' pages ---------------------------------------------------------------------------


def page(scene: Scene, address: str = "", *, admin: bool = False) -> MeetingByPage:
    partner = scene.month.knowledge.directory.partner_of(scene.ann.address)
    address = address or scene.ann.address
    scope = of_admin(address, partner) if admin and partner else of_person(address, partner)
    return MeetingByPage(scene.store, scene.month.knowledge, scope, scene.month.now, "Ann")


def why(outcome: object) -> str:
    assert isinstance(outcome, No), outcome
    return outcome.why


def orders(one: MeetingByPage, number: int, at: datetime = THURSDAY) -> list[str]:
    """Why nothing of all that a page orders can be."""
    return [
        why(one.accept(number, at, VERSION, peer="", form="1")),
        why(one.decline(number, form="2")),
        why(one.move(number, at, form="3")),
        why(one.cancel(number, "", form="4")),
        why(one.new_code(number, form="5")[0]),
    ]


def test_who_does_not_see_a_ticket_orders_nothing_of_its_session(scene: Scene) -> None:
    mail = booked(scene)
    before = scene.ticket(mail)
    assert orders(page(scene, "eve@stranger.example"), before.id) == ["unseen"] * 5
    assert orders(page(scene), before.id + 999) == ["unseen"] * 5
    assert scene.ticket(mail) == before


def test_an_admin_who_is_none_of_its_people_orders_nothing_of_its_session(scene: Scene) -> None:
    boss = f"boss@{scene.ann.address.rpartition('@')[2]}"
    mail = offered(scene, access=Access(LINK))
    number = scene.ticket(mail).id
    assert orders(page(scene, boss, admin=True), number)[:2] == ["meeting_people"] * 2
    assert isinstance(page(scene).accept(number, WEDNESDAY, VERSION, peer="", form="a"), Done)
    before = scene.ticket(mail)
    assert orders(page(scene, boss, admin=True), number)[1:] == ["meeting_people"] * 4
    assert scene.ticket(mail) == before


def test_without_a_session_there_is_nothing_to_order_and_no_time_to_choose(scene: Scene) -> None:
    ticket = scene.ticket(scene.asks())
    assert orders(page(scene), ticket.id) == ["meeting_state"] * 5
    assert page(scene).free_times(ticket) == ()


def test_what_is_only_offered_is_not_moved_or_cancelled_by_the_partner(scene: Scene) -> None:
    mail = offered(scene)
    number = scene.ticket(mail).id
    assert why(page(scene).move(number, THURSDAY, form="m")) == "meeting_state"
    assert why(page(scene).cancel(number, "", form="c")) == "meeting_state"
    assert meeting(scene, mail).state is MeetingState.OFFERED


def test_a_partner_moves_it_a_few_times_and_no_more(scene: Scene) -> None:
    mail = booked(scene)
    number, moved = scene.ticket(mail).id, 0
    for at in [THURSDAY, WEDNESDAY] * 20:
        outcome = page(scene).move(number, at, form=f"m{moved}")
        if isinstance(outcome, No):
            break
        moved += 1
    assert why(outcome) == "meeting_state" and outcome.words == f"it was moved {moved} times"  # type: ignore[union-attr]
    assert meeting(scene, mail).sequence == moved == 10
    by(scene).move(scene.ticket(mail), WEDNESDAY + timedelta(hours=1))  # staff may


def test_of_two_partners_at_the_same_moment_the_page_of_the_second_says_that_it_is_taken(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = offered(scene), offered(scene)
    by(scene).accept(scene.ticket(one), WEDNESDAY, scene.ann.address, VERSION)
    monkeypatch.setattr(scene.store, "taken_times", lambda *_, **__: [])  # looked before the other one wrote
    outcome = page(scene).accept(scene.ticket(other).id, WEDNESDAY, VERSION, peer="", form="x")
    assert why(outcome) == "meeting_taken" and meeting(scene, other).state is MeetingState.OFFERED


# -- the log ------------------------------------------------------------------------------------------


def test_a_program_that_the_config_does_not_name_is_never_run(scene: Scene, tmp_path: Path) -> None:
    """Leads edit rulebooks in a browser; a path that is not the admin's runs nothing, shells included."""
    trace = tmp_path / "ran"
    by_rulebook(scene, command=("/bin/sh", "-c", f"touch {trace}; echo {LINK}"), timeout=timedelta(seconds=5))
    mail = offered(scene)
    with listening() as said:
        by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, VERSION)
    assert [one["ticket"] for one in said.of("meeting.without_link")] == [scene.ticket(mail).reference]
    scene.month.turn()
    assert not trace.exists()
    assert "add it to meeting_programs in the config" in text(scene.letters("meeting_news")[-1])
    assert meeting(scene, mail).state is MeetingState.ACCEPTED
