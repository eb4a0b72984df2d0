"""Screen-sharing sessions from the offer to the summary, and every way out, through the real walk, pen and outbox."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests.simulation.scene import Scene
from triaged.errors import Faulty
from triaged.meetings.meeting import Access, Meeting, MeetingState, current
from triaged.simulation.month import Outage
from triaged.simulation.postman import Delivered
from triaged.store.meeting_rows import HourTaken, MeetingFilter
from triaged.store.rows import LedgerMail
from triaged.store.scope import of_person
from triaged.tickets.ticket import Happening
from triaged.walk.by_meeting import ByMeeting
from triaged.walk.by_page import Done, No
from triaged.walk.by_page_meeting import MeetingByPage

HOST = "ben.carter@zohocorp.com"
LINK, PASSCODE = "https://meet.desk.example/h4kx9ptn", "481516"
WEDNESDAY = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)  # eleven in the morning in New York
THURSDAY = WEDNESDAY + timedelta(days=1)
VERSION = "2026-11"


on_each_database = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str | None:
    """PostgreSQL's address where it is asked for; None: SQLite."""
    wanted = getattr(request, "param", "sqlite") == "postgresql"
    return request.getfixturevalue("postgres").empty() if wanted else None


@pytest.fixture
def scene(tmp_path: Path, database: str | None) -> Iterator[Scene]:
    """A house with a moved clock."""
    url = database
    made = Scene(tmp_path, url)
    yield made
    made.month.close()


def by(scene: Scene) -> ByMeeting:
    return ByMeeting(scene.store, scene.month.knowledge, HOST, scene.month.now)


def offered(scene: Scene, *times: datetime, **more) -> LedgerMail:
    mail = scene.asks()
    by(scene).offer(scene.ticket(mail), times or (WEDNESDAY, THURSDAY), HOST, **more)
    scene.month.turn()
    return mail


def booked(scene: Scene, at: datetime = WEDNESDAY) -> LedgerMail:
    mail = offered(scene, access=Access(LINK, PASSCODE))
    by(scene).accept(scene.ticket(mail), at, scene.ann.address, VERSION)
    scene.month.turn()
    return mail


def meeting(scene: Scene, mail: LedgerMail) -> Meeting:
    found = current(scene.ticket(mail))
    assert found is not None
    return found


def message(one: Delivered) -> email.message.EmailMessage:
    return email.message_from_bytes(one.raw, policy=email.policy.default)


def text(one: Delivered) -> str:
    part = message(one).get_body(("plain",))
    return " ".join(str(part.get_content()).split()) if part else ""


def entry(one: Delivered) -> tuple[str, Calendar]:
    """The method that the part's type says, and the object."""
    (part,) = [p for p in message(one).walk() if p.get_content_type() == "text/calendar"]
    return str(part.get_param("method")), Calendar.from_ical(part.get_content())


def event(one: Delivered):
    _, calendar = entry(one)
    (found,) = calendar.walk("VEVENT")
    return found


def until(scene: Scene, at: datetime) -> None:
    scene.month.until(at)


@on_each_database
def test_from_the_offer_to_the_summary(scene: Scene) -> None:
    mail = offered(scene, access=Access(LINK, PASSCODE))
    (offer,) = scene.letters("meeting_offer")
    assert offer.to == (scene.ann.address,)
    assert "Wed 18 Nov 2026, 11:00" in text(offer)
    assert "America/New_York" in text(offer)
    assert (
        "not a phone" in text(offer) and "is recorded" in text(offer) and "not for: training" in text(offer)
    )
    assert LINK not in offer.raw.decode("latin-1")

    by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, VERSION)
    scene.month.turn()
    (invitation,) = scene.letters("meeting_invitation")
    method, calendar = entry(invitation)
    (found,) = calendar.walk("VEVENT")
    assert method == calendar["METHOD"] == "REQUEST"
    assert (found.decoded("dtstart"), found["SEQUENCE"]) == (WEDNESDAY, 0)
    assert LINK in found["DESCRIPTION"] and PASSCODE in found["DESCRIPTION"] and found["LOCATION"] == LINK
    assert LINK not in text(invitation) and PASSCODE not in text(invitation)
    assert "Wed 18 Nov 2026, 11:00 (time zone: America/New_York)" in text(invitation)
    (news,) = scene.letters("meeting_news")
    assert news.to == (HOST,)
    assert event(news)["UID"] == found["UID"]
    kept = meeting(scene, mail).accepted
    assert kept is not None
    assert (kept.terms, kept.person, kept.language, bool(kept.digest)) == (
        VERSION,
        scene.ann.address,
        "en",
        True,
    )

    until(scene, WEDNESDAY)
    reminders = scene.letters("meeting_reminder")
    assert [one.at for one in reminders] == [WEDNESDAY - timedelta(days=1), WEDNESDAY - timedelta(hours=1)]
    _, code = by(scene).new_code(scene.ticket(mail))
    by(scene).begin(scene.ticket(mail), code)
    assert meeting(scene, mail).state is MeetingState.BEGUN
    until(scene, WEDNESDAY + timedelta(minutes=36))
    (ending,) = scene.letters("meeting_ending")
    assert (ending.to, ending.at) == ((HOST,), WEDNESDAY + timedelta(minutes=35))
    until(scene, WEDNESDAY + timedelta(minutes=41))
    assert meeting(scene, mail).state is MeetingState.HELD
    assert [one.to for one in scene.letters("meeting_summary")] == [(HOST,)]
    by(scene).sum_up(scene.ticket(mail), "The sync key was wrong.")
    scene.passes(days=5)
    assert len(scene.letters("meeting_summary")) == 1
    assert meeting(scene, mail).summary == "The sync key was wrong."


def test_who_declines_is_never_offered_one_again_on_this_ticket(scene: Scene) -> None:
    mail = offered(scene)
    by(scene).decline(scene.ticket(mail), "no need")
    with pytest.raises(Faulty, match="not offered again on this ticket"):
        by(scene).offer(scene.ticket(mail), [THURSDAY], HOST)
    scene.passes(days=5)
    assert scene.letters("meeting_reminder") == scene.letters("meeting_invitation") == []
    assert len(scene.letters("meeting_offer")) == 1


def test_a_moved_one_keeps_its_uid_raises_its_sequence_and_reminds_of_the_new_time_alone(
    scene: Scene,
) -> None:
    """P42: no reminder of an old time."""
    mail = booked(scene)
    until(scene, WEDNESDAY - timedelta(hours=20))  # the day's reminder has left
    by(scene).move(scene.ticket(mail), THURSDAY + timedelta(hours=2), tell="Ben is ill.")
    scene.month.turn()
    (first,), (moved,) = scene.letters("meeting_invitation"), scene.letters("meeting_moved")
    assert event(first)["UID"] == event(moved)["UID"]
    assert (event(moved)["SEQUENCE"], event(moved).decoded("dtstart")) == (1, THURSDAY + timedelta(hours=2))
    assert event(moved)["LOCATION"] == LINK
    assert "Ben is ill." in text(moved)
    scene.passes(days=4)
    at = THURSDAY + timedelta(hours=2)
    assert [one.at for one in scene.letters("meeting_reminder")] == [
        WEDNESDAY - timedelta(days=1), at - timedelta(days=1), at - timedelta(hours=1),
    ]  # fmt: skip


def test_a_cancelled_one_is_cancelled_in_every_calendar_and_nobody_is_reminded(scene: Scene) -> None:
    mail = booked(scene)
    by(scene).cancel(scene.ticket(mail), "the server is down", tell="We are sorry.")
    scene.month.turn()
    (cancelled,) = scene.letters("meeting_cancelled")
    method, calendar = entry(cancelled)
    assert method == calendar["METHOD"] == "CANCEL"
    assert (event(cancelled)["SEQUENCE"], event(cancelled)["STATUS"]) == (1, "CANCELLED")
    assert "the server is down" not in text(cancelled) and "We are sorry." in text(cancelled)
    assert event(scene.letters("meeting_news")[-1])["STATUS"] == "CANCELLED"
    scene.passes(days=4)
    assert scene.letters("meeting_reminder") == scene.letters("meeting_summary") == []
    assert scene.store.access_of(scene.ticket(mail).id, 1) == Access()
    by(scene).offer(scene.ticket(mail), [scene.month.now + timedelta(days=4)], HOST)
    assert meeting(scene, mail).number == 2


def test_what_was_not_begun_in_its_time_is_missed_and_can_be_said_to_have_been_held(scene: Scene) -> None:
    mail = booked(scene)
    until(scene, WEDNESDAY + timedelta(minutes=41))
    assert meeting(scene, mail).state is MeetingState.MISSED
    assert "not begun" in text(scene.letters("meeting_news")[-1])
    assert scene.letters("meeting_ending") == scene.letters("meeting_summary") == []
    by(scene).hold(scene.ticket(mail), "We met by telephone.")
    assert meeting(scene, mail).state is MeetingState.HELD


def test_an_offer_that_nobody_took_up_lapses_with_its_last_time(scene: Scene) -> None:
    mail = offered(scene)
    until(scene, THURSDAY + timedelta(minutes=1))
    assert meeting(scene, mail).state is MeetingState.CANCELLED
    assert scene.letters("meeting_cancelled") == []
    assert "nobody chose" in text(scene.letters("meeting_news")[-1])


def test_the_session_of_a_ticket_that_is_over_is_called_off(scene: Scene) -> None:
    mail = booked(scene)
    scene.desk().happen(scene.ticket(mail), "resolved", "solved by mail")
    scene.passes(minutes=9)
    assert meeting(scene, mail).state is MeetingState.ACCEPTED
    scene.passes(minutes=3)
    assert meeting(scene, mail).state is MeetingState.CANCELLED
    assert event(scene.letters("meeting_cancelled")[0])["STATUS"] == "CANCELLED"


@on_each_database
def test_a_hosts_hour_is_given_to_one_partner_only(scene: Scene) -> None:
    one, other = offered(scene), offered(scene)
    by(scene).accept(scene.ticket(one), WEDNESDAY, scene.ann.address, VERSION)
    with pytest.raises(Faulty, match="another session from 16:00 to 16:40"):
        by(scene).accept(scene.ticket(other), WEDNESDAY, scene.ann.address, VERSION)
    third = scene.asks()
    with pytest.raises(Faulty, match="another session"):
        by(scene).offer(scene.ticket(third), [WEDNESDAY + timedelta(minutes=39)], HOST)
    by(scene).offer(scene.ticket(third), [WEDNESDAY + timedelta(minutes=40)], HOST)
    by(scene).cancel(scene.ticket(one), "not needed")
    by(scene).accept(scene.ticket(other), WEDNESDAY, scene.ann.address, VERSION)


@on_each_database
def test_of_two_who_take_the_same_hour_at_the_same_moment_the_database_refuses_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = offered(scene), offered(scene)
    by(scene).accept(scene.ticket(one), WEDNESDAY, scene.ann.address, VERSION)
    monkeypatch.setattr(scene.store, "taken_times", lambda *_, **__: [])  # looked before the other one wrote
    with pytest.raises(HourTaken):
        by(scene).accept(scene.ticket(other), WEDNESDAY, scene.ann.address, VERSION)
    assert meeting(scene, other).state is MeetingState.OFFERED


@on_each_database
def test_codes_are_good_once_in_their_time_for_their_session_and_not_for_ever_many_tries(
    scene: Scene,
) -> None:
    """P45: a cut line gets a new code, and the old one dies."""
    mail = booked(scene)
    with pytest.raises(Faulty, match="a quarter of an hour before"):
        by(scene).new_code(scene.ticket(mail))
    until(scene, WEDNESDAY - timedelta(minutes=15))
    _, first = by(scene).new_code(scene.ticket(mail))
    _, second = by(scene).new_code(scene.ticket(mail))
    assert first != second
    with pytest.raises(Faulty, match="not the code"):
        by(scene).begin(scene.ticket(mail), first)
    by(scene).begin(scene.ticket(mail), second.lower().replace("-", " "))
    with pytest.raises(Faulty, match="no code that is good now"):
        by(scene).begin(scene.ticket(mail), second)
    _, third = by(scene).new_code(scene.ticket(mail))  # the line was cut
    for _ in range(4):
        with pytest.raises(Faulty, match="that is not the code"):
            by(scene).begin(scene.ticket(mail), "AAAA-AAAA")
    with pytest.raises(Faulty, match="dead"):
        by(scene).begin(scene.ticket(mail), "AAAA-AAAA")
    with pytest.raises(Faulty, match="no code that is good now"):
        by(scene).begin(scene.ticket(mail), third)
    _, fourth = by(scene).new_code(scene.ticket(mail))
    until(scene, WEDNESDAY + timedelta(minutes=40))
    with pytest.raises(Faulty):
        by(scene).begin(scene.ticket(mail), fourth)
    told = f"{scene.ticket(mail).events}"
    assert not {one.replace("-", "") for one in (first, second, third, fourth)} & set(told.split("'"))


def test_no_code_before_acceptance(scene: Scene) -> None:
    mail = offered(scene, scene.month.now + timedelta(hours=2))
    scene.passes(hours=1, minutes=50)
    with pytest.raises(Faulty, match="no session that was accepted"):
        by(scene).new_code(scene.ticket(mail))


def test_other_terms_than_those_in_force_are_no_acceptance(scene: Scene) -> None:
    mail = offered(scene)
    with pytest.raises(Faulty, match="version 2026-11 now"):
        by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, "2025-01")
    with pytest.raises(Faulty, match="nobody of"):
        by(scene).accept(scene.ticket(mail), WEDNESDAY, "stranger@else.example", VERSION)
    with pytest.raises(Faulty, match="none of the times offered"):
        by(scene).accept(scene.ticket(mail), WEDNESDAY + timedelta(hours=1), scene.ann.address, VERSION)


@on_each_database
def test_the_list_knows_them_all(scene: Scene) -> None:
    one, other = booked(scene), offered(scene, THURSDAY)
    rows = scene.store.meetings(MeetingFilter())
    assert [(row.ticket_id, row.state) for row in rows] == [
        (scene.ticket(one).id, "accepted"),
        (scene.ticket(other).id, "offered"),
    ]
    assert (
        scene.store.meetings(MeetingFilter(states=("accepted",), host=HOST.upper()))[0].starts_at == WEDNESDAY
    )
    assert scene.store.meetings(MeetingFilter(since=THURSDAY)) == []


def test_the_daemon_may_be_away_for_days_and_what_is_late_beyond_its_sense_is_left_out(scene: Scene) -> None:
    mail = booked(scene)
    scene.month.outages = [Outage("daemon", scene.month.now, WEDNESDAY + timedelta(minutes=20))]
    until(scene, WEDNESDAY + timedelta(minutes=20))
    scene.passes(minutes=2)
    assert scene.letters("meeting_reminder") == []
    told = [e.reason for e in scene.ticket(mail).events if e.kind is Happening.LETTER_WITHDRAWN]
    assert told.count("it came too late") == 2
    until(scene, WEDNESDAY + timedelta(minutes=41))
    assert meeting(scene, mail).state is MeetingState.MISSED


def test_letters_that_could_not_leave_are_asked_again_when_they_can(scene: Scene) -> None:
    """The SMTP server is away from before the reminders until after the cancellation."""
    mail = booked(scene)
    scene.month.outages = [Outage("smtp", WEDNESDAY - timedelta(hours=30), WEDNESDAY - timedelta(minutes=30))]
    until(scene, WEDNESDAY - timedelta(minutes=50))
    by(scene).cancel(scene.ticket(mail), "ill")
    until(scene, WEDNESDAY - timedelta(minutes=30))
    scene.passes(hours=2)
    assert scene.letters("meeting_reminder") == []
    assert len(scene.letters("meeting_cancelled")) == 1


def test_a_ticket_with_a_session_is_not_merged_away(scene: Scene) -> None:
    one, other = booked(scene), scene.asks()
    with pytest.raises(Faulty, match="cancel it first, or merge the other way"):
        scene.desk().merge(scene.ticket(one), scene.ticket(other), "the same")
    scene.desk().merge(scene.ticket(other), scene.ticket(one), "the same")
    until(scene, WEDNESDAY)
    assert len(scene.letters("meeting_reminder")) == 2


def test_another_host_gets_the_entry_and_the_former_one_loses_it(scene: Scene) -> None:
    mail = booked(scene)
    by(scene).move(scene.ticket(mail), None, host="mina.patel@zohocorp.com")
    scene.month.turn()
    *_, gone, new = sorted(scene.letters("meeting_news"), key=lambda one: one.to != (HOST,))
    assert (gone.to, event(gone)["STATUS"]) == ((HOST,), "CANCELLED")
    assert (new.to, event(new)["STATUS"]) == (("mina.patel@zohocorp.com",), "CONFIRMED")
    assert scene.store.taken_times(HOST, WEDNESDAY, THURSDAY) == []


def test_without_a_link_the_time_stands_the_host_is_told_and_gives_it_later(scene: Scene) -> None:
    mail = offered(scene)
    by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, VERSION)
    scene.month.turn()
    assert "no link yet" in text(scene.letters("meeting_news")[-1])
    assert "follows" in event(scene.letters("meeting_invitation")[0])["DESCRIPTION"]
    with pytest.raises(Faulty, match="https"):
        by(scene).give_access(scene.ticket(mail), Access("http://meet.desk.example/x"))
    by(scene).give_access(scene.ticket(mail), Access(LINK))
    scene.month.turn()
    (again,) = scene.letters("meeting_moved")
    assert (event(again)["SEQUENCE"], event(again)["LOCATION"]) == (1, LINK)
    until(scene, WEDNESDAY)
    assert len(scene.letters("meeting_reminder")) == 2


def by_rulebook(scene: Scene, **meeting_) -> None:
    """The rulebook's section with where links come from."""
    rulebook = scene.month.knowledge.rulebook
    offered_ = replace(rulebook.promises.screen_sharing, **meeting_)
    promises = replace(rulebook.promises, screen_sharing=offered_)
    scene.month.knowledge = replace(scene.month.knowledge, rulebook=replace(rulebook, promises=promises))


def by_config(scene: Scene, **settings: Any) -> None:
    """The config with a setting more."""
    known = scene.month.knowledge
    scene.month.knowledge = replace(known, config=known.config.model_copy(update=settings))


def test_a_template_makes_a_link_that_nobody_can_guess(scene: Scene) -> None:
    by_rulebook(scene, template="https://meet.desk.example/{reference}/{host}/{random}")
    links = []
    for at in (WEDNESDAY, THURSDAY):
        mail = offered(scene, at)
        by(scene).accept(scene.ticket(mail), at, scene.ann.address, VERSION)
        links.append(scene.store.access_of(scene.ticket(mail).id, 1).link)
        assert links[-1].startswith(f"https://meet.desk.example/{scene.ticket(mail).reference}/ben.carter/")
    assert len({one.rpartition("/")[2] for one in links}) == 2
    assert all(len(one.rpartition("/")[2]) >= 20 for one in links)


def accepted_with(scene: Scene, folder: Path, script: str, seconds: int) -> LedgerMail:
    """A session whose link a program of the house makes, accepted."""
    program = folder / "new meeting"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o700)
    by_rulebook(scene, command=(str(program),), timeout=timedelta(seconds=seconds))
    by_config(scene, meeting_programs=(str(program),))
    mail = offered(scene)
    by(scene).accept(scene.ticket(mail), WEDNESDAY, scene.ann.address, VERSION)
    scene.month.turn()
    return mail


@pytest.mark.parametrize(
    ("script", "link", "told"),
    [
        (f"read told; case $told in *screen-sharing-*) echo '{LINK}'; echo 4711;; esac", LINK, ""),
        ("echo http://plain.example/x", "", "printed no link"),
        ("exit 3", "", "ended with 3"),
    ],
)
def test_a_program_makes_the_link_or_the_time_stands_without(
    scene: Scene, tmp_path: Path, script: str, link: str, told: str
) -> None:
    mail = accepted_with(scene, tmp_path, script, seconds=1)
    assert scene.store.access_of(scene.ticket(mail).id, 1) == Access(link, "4711" if link else "")
    assert told in text(scene.letters("meeting_news")[-1])
    assert meeting(scene, mail).state is MeetingState.ACCEPTED


def test_a_partner_accepts_moves_and_cancels_on_the_page(scene: Scene) -> None:
    mail = offered(scene, access=Access(LINK))
    ticket = scene.ticket(mail)
    partner = scene.month.knowledge.directory.partner_of(scene.ann.address)

    def page() -> MeetingByPage:
        return MeetingByPage(
            scene.store, scene.month.knowledge, of_person(scene.ann.address, partner), scene.month.now, "Ann"
        )

    wrong = page().accept(ticket.id, WEDNESDAY, "2020-01", peer="192.0.2.7", form="f0")
    assert isinstance(wrong, No) and wrong.why == "meeting_terms"
    assert isinstance(page().accept(ticket.id, WEDNESDAY, VERSION, peer="192.0.2.7", form="f1"), Done)
    again = page().accept(ticket.id, WEDNESDAY, VERSION, peer="192.0.2.7", form="f1")
    assert isinstance(again, Done) and again.again
    kept = meeting(scene, mail).accepted
    assert kept is not None and (kept.person, kept.peer) == (scene.ann.address, "192.0.2.7")
    assert page().free_times(scene.ticket(mail)) == (THURSDAY,)
    assert isinstance(page().move(ticket.id, THURSDAY, form="f2"), Done)
    until(scene, THURSDAY - timedelta(minutes=10))
    outcome, code = page().new_code(ticket.id, form="f3")
    assert isinstance(outcome, Done) and len(code) == 9
    assert isinstance(page().cancel(ticket.id, "", form="f4"), Done)
    assert meeting(scene, mail).by == "partner"
    late, nothing = page().new_code(ticket.id, form="f5")
    assert isinstance(late, No) and (late.why, nothing) == ("meeting_code", "")
    other = MeetingByPage(
        scene.store, scene.month.knowledge, of_person("eve@stranger.example", None), scene.month.now
    )
    assert other.decline(ticket.id, form="f6") == No("unseen")


def test_two_partners_who_choose_one_hour_get_it_once(scene: Scene) -> None:
    one, other = offered(scene), offered(scene)
    partner = scene.month.knowledge.directory.partner_of(scene.ann.address)
    page = MeetingByPage(
        scene.store, scene.month.knowledge, of_person(scene.ann.address, partner), scene.month.now
    )
    first = page.accept(scene.ticket(one).id, WEDNESDAY, VERSION, peer="", form="g1")
    second = page.accept(scene.ticket(other).id, WEDNESDAY, VERSION, peer="", form="g2")
    assert isinstance(first, Done)
    assert isinstance(second, No) and second.why == "meeting_taken"
    assert page.free_times(scene.ticket(other)) == (THURSDAY,)
