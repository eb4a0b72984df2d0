"""What of a screen-sharing session stands on its ticket, all of it at once: events, letters with their subjects, steps that wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_calendar_answers import replies
from tests.walk.test_meetings import (
    HOST,
    LINK,
    PASSCODE,
    THURSDAY,
    VERSION,
    WEDNESDAY,
    booked,
    by,
    meeting,
    offered,
    text,
    until,
)  # fmt: skip
from tests.walk.test_noticed_meetings import page, stands, why
from triaged.meetings.meeting import Access, MeetingState
from triaged.store.rows import Fate, LedgerMail
from triaged.tickets.ticket import State
from triaged.walk.by_page import Done
from triaged.walk.plans import calendar_answers

MINA = "mina.patel@zohocorp.com"
ONES = {"meeting": 1, "by": "staff"}
AT = {WEDNESDAY: WEDNESDAY.isoformat(), THURSDAY: THURSDAY.isoformat()}


def story(scene: Scene, mail: LedgerMail) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What happened to the session, and what a session makes happen to its ticket."""
    kinds = ("meeting_changed", "meeting_answered", "meeting_code", "staff_noted", "waiting", "resumed")
    return [(str(e.kind), e.actor, e.reason, dict(e.data)) for e in scene.ticket(mail).events if e.kind in kinds]  # fmt: skip


def letters(scene: Scene, mail: LedgerMail) -> list[tuple[str, str, tuple[str, ...]]]:
    rows = sorted(scene.store.letters(ticket_id=scene.ticket(mail).id, limit=99), key=lambda row: row.id)
    return [(row.kind, row.key, (*row.to, *row.cc)) for row in rows if row.kind.startswith("meeting")]


def steps(scene: Scene, mail: LedgerMail) -> list[tuple[str, object]]:
    return [(d.step, d.due_at) for d in scene.store.dues(scene.ticket(mail).id) if d.kind == "meeting"]


def test_what_staff_order_of_a_session_is_told_whole(scene: Scene) -> None:
    mail, ann = scene.asks(), scene.ann.address
    both = (THURSDAY, WEDNESDAY, THURSDAY)
    by(scene).offer(
        scene.ticket(mail), both, HOST.upper(), access=Access(LINK, PASSCODE), tell="Let us look together."
    )
    number, uid = (
        scene.ticket(mail).id,
        f"screen-sharing-1001-1-{int(scene.month.now.timestamp())}@zohocorp.com",
    )
    assert steps(scene, mail) == [("lapse@1", THURSDAY)]
    scene.month.turn()
    assert "Let us look together." in text(scene.letters("meeting_offer")[0])
    by(scene).accept(scene.ticket(mail), WEDNESDAY, ann.upper(), VERSION, reason="by telephone")
    kept = meeting(scene, mail).accepted
    assert kept is not None and steps(scene, mail) == [
        ("remind-2@1", WEDNESDAY - timedelta(days=1)),
        ("remind-1@1", WEDNESDAY - timedelta(hours=1)),
        ("over@1", WEDNESDAY + timedelta(minutes=40)),
    ]
    by(scene).move(scene.ticket(mail), THURSDAY, host=MINA.title(), reason="ill", tell="Sorry for that.")
    assert [one for one, _ in steps(scene, mail)] == ["remind-2@2", "remind-1@2", "over@2"]
    scene.month.turn()
    assert "Sorry for that." in text(scene.letters("meeting_moved")[0])
    (gone,) = [one for one in scene.letters("meeting_news") if f"{MINA} holds it now" in text(one)]
    assert gone.to == (HOST,) and "Wed 18 Nov 2026" in text(gone)
    by(scene).give_access(scene.ticket(mail), Access("https://other.example/x", "9"))
    assert scene.store.access_of(number, 1) == Access("https://other.example/x", "9")
    until(scene, THURSDAY - timedelta(minutes=5))
    by(scene).new_code(scene.ticket(mail), ann.upper())
    _, code = by(scene).new_code(scene.ticket(mail))
    by(scene).begin(scene.ticket(mail), code)
    by(scene).hold(scene.ticket(mail))
    by(scene).sum_up(scene.ticket(mail), " It works. ")
    offer = {"uid": uid, "times": [AT[WEDNESDAY], AT[THURSDAY]], "minutes": 40, "host": HOST}
    terms = {
        "terms": VERSION,
        "language": "en",
        "digest": kept.digest,
        "person": ann,
        "peer": f"told to {HOST}",
    }
    changed = [
        ("offered 2 times", {"state": "offered", **offer}),
        ("by telephone", {"state": "accepted", "starts": AT[WEDNESDAY], **terms}),
        ("ill", {"state": "moved", "host": MINA, "starts": AT[THURSDAY], "sequence": 1}),
        ("the link was given", {"state": "moved", "starts": AT[THURSDAY], "sequence": 2}),
        ("begun", {"state": "begun"}),
        ("held", {"state": "held"}),
        ("summary written", {"state": "held", "summary": "It works."}),
    ]
    told = [("meeting_changed", HOST, reason, {**ONES, **data}) for reason, data in changed]
    codes = [
        ("a connection code was made", {"meeting": 1, "code": 1, "for": ann}),
        ("a connection code was made", {"meeting": 1, "code": 2, "for": HOST}),
        ("a connection code was used", {"meeting": 1, "code": 2, "used": True}),
    ]
    made, again, used = [("meeting_code", HOST, reason, data) for reason, data in codes]
    assert story(scene, mail) == [*told[:4], made, again, told[4], used, *told[5:]]
    assert letters(scene, mail) == [
        ("meeting_offer", "meeting-offer@1", (ann,)),
        ("meeting_invitation", "meeting@1", (ann,)),
        ("meeting_news", "meeting-news@2", (HOST,)),
        ("meeting_moved", "meeting@2", (ann,)),
        ("meeting_news", "meeting-news@3", (MINA,)),
        ("meeting_news", "meeting-handed-over@2", (HOST,)),
        ("meeting_moved", "meeting@3", (ann,)),
        ("meeting_news", "meeting-news@4", (MINA,)),
        ("meeting_reminder", "meeting:remind-2@3", (ann,)),
        ("meeting_reminder", "meeting:remind-1@3", (ann,)),
        ("meeting_summary", "meeting-summary@3", (MINA,)),
    ]
    assert steps(scene, mail) == []


def test_what_a_partner_orders_of_a_session_is_told_whole(scene: Scene) -> None:
    mail, ann = offered(scene, access=Access(LINK)), scene.ann.address
    number = scene.ticket(mail).id
    page(scene).accept(number, WEDNESDAY, VERSION, peer="9" * 201, form="1")
    page(scene).move(number, THURSDAY, form="2")
    page(scene).cancel(number, " " + "ill " * 300, form="3")
    kept = meeting(scene, mail).accepted
    assert kept is not None and kept.at == scene.month.now
    terms = {"terms": VERSION, "language": "en", "digest": kept.digest, "person": ann, "peer": "9" * 200}
    ill = ("ill " * 300).strip()[:1000]
    assert story(scene, mail)[1:] == [
        ("meeting_changed", ann, reason, {"meeting": 1, "by": "partner", **data})
        for reason, data in (
            ("accepted on the page", {"state": "accepted", "starts": AT[WEDNESDAY], **terms}),
            ("moved on the page", {"state": "moved", "starts": AT[THURSDAY], "sequence": 1}),
            (ill, {"state": "cancelled", "sequence": 2}),
        )
    ]
    scene.month.turn()
    news = [text(one) for one in scene.letters("meeting_news")]
    for told in (f"By {ann}: accepted on the page", f"By {ann}: moved on the page", f"By {ann}: ill ill"):
        assert sum(told in one for one in news) == 1
    assert scene.store.access_of(number, 1) == Access()


@pytest.mark.parametrize("waiting", [False, True])
def test_who_declines_on_a_page_is_gone_on_with_by_mail(scene: Scene, waiting: bool) -> None:
    mail, ann = offered(scene, WEDNESDAY), scene.ann.address
    if waiting:
        scene.desk().happen(scene.ticket(mail), "waiting", "for a yes", quiet=True)
    before = scene.ticket(mail).state
    page(scene).decline(scene.ticket(mail).id, form="1")
    went_on = [("resumed", ann, "declined: we go on by mail", {})]
    declined = {"meeting": 1, "by": "partner", "state": "declined"}
    assert story(scene, mail)[-1 - waiting :] == [
        ("meeting_changed", ann, "declined on the page", declined),
        *(went_on if waiting else []),
    ]
    assert scene.ticket(mail).state is (State.OPEN if waiting else before)
    assert story(scene, mail)[0][2] == "offered 1 time"
    assert letters(scene, mail)[-1] == ("meeting_news", "meeting-news@2", (HOST,))


def test_a_second_session_of_a_ticket_is_a_new_one_in_every_calendar(scene: Scene) -> None:
    mail = booked(scene)
    first = meeting(scene, mail)
    by(scene).cancel(scene.ticket(mail), "", "We found it.")
    assert story(scene, mail)[-1][2:] == ("cancelled", {**ONES, "state": "cancelled", "sequence": 1})
    scene.month.turn()
    assert "We found it." in text(scene.letters("meeting_cancelled")[0])
    news = [text(one) for one in scene.letters("meeting_news")][-1]
    assert f"By {HOST}" in news and f"By {HOST}:" not in news
    by(scene).offer(scene.ticket(mail), [THURSDAY], HOST, access=Access(LINK))
    second = meeting(scene, mail)
    assert (second.number, second.sequence, second.state) == (2, 0, MeetingState.OFFERED)
    assert first.uid.startswith("screen-sharing-1001-1-") and second.uid.startswith("screen-sharing-1001-2-")
    assert scene.store.access_of(scene.ticket(mail).id, 2) == Access(LINK)


@pytest.mark.parametrize(
    "host", ["", "ben", "ben@zohocorp", "ben carter@zohocorp.com", "a" * 65 + "@zohocorp.com"]
)
def test_who_has_no_address_holds_no_session(scene: Scene, host: str) -> None:
    mail = booked(scene)
    if not host:
        by(scene).move(scene.ticket(mail), THURSDAY, host=host)
        assert (meeting(scene, mail).host, meeting(scene, mail).starts) == (HOST, THURSDAY)
        return
    told = stands(scene, mail, lambda: by(scene).move(scene.ticket(mail), None, host=host))
    assert told == f"{host!r} is not the address of who holds it"


def test_nobody_of_the_partner_holds_a_session(scene: Scene) -> None:
    mail, house = booked(scene), scene.ann.address.rpartition("@")[2]
    for host in (scene.ann.address, f"nobody@{house}"):
        told = stands(scene, mail, lambda host=host: by(scene).move(scene.ticket(mail), None, host=host))  # type: ignore[misc]
        assert told == f"{host} is of the partner: a session is held by one of us"
    by(scene).move(scene.ticket(mail), None, host=f"ben@not-{house}")
    assert meeting(scene, mail).host == f"ben@not-{house}"


@pytest.mark.parametrize("used", [False, True])
def test_how_a_session_is_begun_by_staff(scene: Scene, used: bool) -> None:
    mail = booked(scene)
    until(scene, WEDNESDAY)
    _, code = by(scene).new_code(scene.ticket(mail))
    wrong = stands(scene, mail, lambda: by(scene).begin(scene.ticket(mail), "0000-0000"))
    assert wrong == f"{scene.ticket(mail).reference}: that is not the code"
    by(scene).begin(scene.ticket(mail), code if used else "")
    told = [one[2] for one in story(scene, mail)[-2:]]
    assert told == (
        ["begun", "a connection code was used"] if used else ["a connection code was made", "begun, by the word of staff"]
    )  # fmt: skip
    if used:
        again = stands(scene, mail, lambda: by(scene).begin(scene.ticket(mail), code))
        assert again == f"{scene.ticket(mail).reference}: there is no code that is good now: make one"


def test_an_hour_that_ends_as_another_begins_is_free_and_a_minute_earlier_is_not(scene: Scene) -> None:
    times = [WEDNESDAY + timedelta(minutes=n) for n in (-41, -40, -39, 39, 40)]
    one, other = booked(scene), scene.asks(subject="Another one")
    for at, free in zip(times, (True, True, False, False, True), strict=True):
        if free:
            continue
        told = stands(scene, other, lambda at=at: by(scene).offer(scene.ticket(other), [at], HOST))  # type: ignore[misc]
        assert told == (f"{at:%Y-%m-%d %H:%M} UTC: the host has another session from 16:00 to 16:40 UTC")
    by(scene).offer(scene.ticket(other), [at for at in times if at not in times[2:4]], HOST)
    assert meeting(scene, other).times == (times[0], times[1], times[4])
    assert page(scene).free_times(scene.ticket(other)) == (times[0], times[1], times[4])
    assert meeting(scene, one).starts == WEDNESDAY


def test_a_time_is_chosen_until_it_comes_and_the_one_that_stands_is_no_choice(scene: Scene) -> None:
    mail = booked(scene)
    number = scene.ticket(mail).id
    assert page(scene).free_times(scene.ticket(mail)) == (THURSDAY,)
    second = scene.asks(subject="Another one")
    by(scene).offer(scene.ticket(second), [THURSDAY], MINA)
    scene.month.now = THURSDAY
    assert page(scene).free_times(scene.ticket(second)) == ()
    refused = page(scene).accept(scene.ticket(second).id, THURSDAY, VERSION, peer="", form="1")
    assert why(refused) == "meeting_time" and refused.words == "2026-11-19 16:00 UTC can be chosen no more"  # type: ignore[union-attr]
    scene.month.now = THURSDAY - timedelta(seconds=1)
    assert page(scene).free_times(scene.ticket(second)) == (THURSDAY,)
    assert isinstance(page(scene).accept(scene.ticket(second).id, THURSDAY, VERSION, peer="", form="2"), Done)
    assert why(page(scene).move(number, WEDNESDAY - timedelta(days=1), form="3")) == "meeting_time"


# -- what calendars answer ----------------------------------------------------------------------------


def test_what_a_calendar_answers_is_told_whole(scene: Scene) -> None:
    mail, ann = booked(scene), scene.ann.address
    uid, before = meeting(scene, mail).uid, len(story(scene, mail))
    rows = [
        replies(scene, uid, "ACCEPTED"),
        replies(scene, uid, "ACCEPTED"),
        replies(scene, uid, "TENTATIVE", method="COUNTER"),
        replies(scene, uid, "TENTATIVE", method="COUNTER"),
        replies(scene, uid, "DECLINED", sender=HOST),
    ]
    known, other = (
        "an answer to our invitation, known already",
        f"{ann} proposes another time at 2026-11-19 16:00 UTC",
    )
    whys = [f"{ann} accepted the invitation", known, other, other, f"{HOST} declined the invitation"]
    assert [(row.fate, row.why, row.ticket_id) for row in rows] == [
        (Fate.AUTOMATIC, why_, scene.ticket(mail).id) for why_ in whys
    ]
    data = [(ann, "accepted"), (ann, "tentative"), (ann, "tentative"), (HOST, "declined")]
    assert story(scene, mail)[before:] == [
        ("meeting_answered", who, why_, {"meeting": 1, "attendee": who, "answer": answer, "sequence": 0})
        for (who, answer), why_ in zip(data, [one for one in whys if one != known], strict=True)
    ]
    question = (
        f"{whys[-1]}, and holds the session of 2026-11-18 16:00 UTC: hand it over, move it, or cancel it"
    )
    assert scene.ticket(mail).reviews[-1] == question
    asked = scene.ticket(mail).events
    assert [(e.actor, e.reason, dict(e.data)) for e in asked if e.kind == "review_asked"][1:] == [
        ("daemon", question, {"review": question})
    ]
    alert = tuple(scene.month.config.staff.alert)
    rows_ = sorted(scene.store.letters(ticket_id=scene.ticket(mail).id, limit=99), key=lambda row: row.id)
    assert [(row.kind, row.key, row.to) for row in rows_][-4:] == [
        ("meeting_news", f"meeting-answer@{rows[2].id}", (HOST,)),
        ("meeting_news", f"meeting-answer@{rows[3].id}", (HOST,)),
        ("meeting_news", f"meeting-answer@{rows[4].id}", (HOST,)),
        ("review", "review@2", alert),
    ]


def test_a_host_who_is_not_sure_asks_nobody_and_one_who_proposes_another_time_does(scene: Scene) -> None:
    mail = booked(scene)
    uid = meeting(scene, mail).uid
    replies(scene, uid, "TENTATIVE", sender=HOST)
    assert not [one for one in scene.ticket(mail).reviews if "holds the session" in one]
    replies(scene, uid, "TENTATIVE", sender=HOST, method="COUNTER")
    assert [one for one in scene.ticket(mail).reviews if "holds the session" in one]


def test_an_answer_to_a_session_that_is_over_is_in_the_ledger_alone(scene: Scene) -> None:
    mail = booked(scene)
    by(scene).cancel(scene.ticket(mail), "")
    before = scene.ticket(mail)
    row = replies(scene, meeting(scene, mail).uid, "DECLINED", sequence=meeting(scene, mail).sequence)
    told = "an answer to a session that is cancelled, or was moved since"
    assert (row.fate, row.why, row.ticket_id) == (Fate.AUTOMATIC, told, before.id)
    assert [e for e in scene.ticket(mail).events if e not in before.events and e.kind != "letter_sent"] == []


def test_what_counts_as_too_many_answers_is_known_already(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_answers, "MOST", 2)
    mail = booked(scene)
    uid = meeting(scene, mail).uid
    whys = [replies(scene, uid, one).why for one in ("ACCEPTED", "TENTATIVE", "DECLINED")]
    assert whys[1].endswith("tentative the invitation") and whys[2].endswith("known already")
    assert meeting(scene, mail).answers == {scene.ann.address: "tentative"}
