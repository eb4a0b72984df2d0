"""Storms: who sends without end, whatever sends it, brings one ticket with a count, few letters, and one word to staff."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.simulation.scene import Scene
from triaged.followups.steps import BURST
from triaged.simulation import mails
from triaged.simulation.life import Truth
from triaged.simulation.town import GLOBAL
from triaged.store.rows import Arrival
from triaged.tickets.ticket import Happening, Ticket
from triaged.walk.caps import TO_ONE_UNVERIFIED_AN_HOUR
from triaged.walk.plans import storms

DAY_OF_MAIL = 600


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def _pours(scene: Scene, raws: list[bytes]) -> None:
    """All at once, as a flood comes: kept first, then walked batch by batch."""
    now = scene.month.now
    for number, raw in enumerate(raws):
        scene.month.arrive(
            Arrival(raw, "global", "imap", "INBOX", 1, 50_000 + number, now, moved=True), Truth("by hand", "")
        )
    scene.month.turn()


def _from_ann(scene: Scene, subject: str, body: str) -> bytes:
    who = (scene.ann.name, scene.ann.address)
    return mails.write(who, [GLOBAL], subject, body, scene.month.now, scene.id(scene.ann.address))


def _tickets(scene: Scene) -> list[Ticket]:
    numbers = sorted({m.ticket_id for m in scene.store.mails(limit=5000) if m.ticket_id})
    return [ticket for one in numbers if (ticket := scene.store.ticket(one))]


def _of_staff(scene: Scene, words: str) -> int:
    letters = scene.store.letters(audience="staff", limit=5000)
    return sum(words.encode() in (scene.store.letter(one.id).raw or b"") for one in letters)  # type: ignore[union-attr]


def test_the_same_mail_without_end_is_one_ticket_with_a_count_and_staff_are_told_once(scene: Scene) -> None:
    _pours(
        scene, [_from_ann(scene, "Disk is full", "The disk of host 7 is full.") for _ in range(DAY_OF_MAIL)]
    )
    tickets = _tickets(scene)
    assert len(tickets) == storms.ALIKE
    on = Counter(m.ticket_id for m in scene.store.mails(limit=5000))
    stormy = next(t for t in tickets if on[t.id] > 1)
    assert on[stormy.id] == DAY_OF_MAIL - storms.ALIKE + 1
    assert [r for r in stormy.reviews if "again and again" in r]
    told = [
        e.reason
        for e in stormy.events
        if "lie on this ticket" in e.reason and e.kind is not Happening.REVIEW_ASKED
    ]
    assert [one.partition("; ")[2][: len(str(c)) + 6] for one, c in zip(told, (2, 10, 100), strict=True)] == [
        "2 mails",
        "10 mails",
        "100 mails",
    ]
    assert _of_staff(scene, "sends mail again and again") == 1
    assert len(scene.store.letters(audience="partner", limit=5000)) == storms.ALIKE
    assert {m.fate for m in scene.store.mails(limit=5000)} == {"ticket"}


def test_a_machine_that_writes_something_else_each_time_is_bounded_too(scene: Scene) -> None:
    most = scene.month.house.knowledge.config.limits.mails_per_sender_hour
    # Other words, not only other numbers: that would be a desk that answers each of our letters.
    names = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}t" for n in range(most + 150)]
    _pours(
        scene,
        [_from_ann(scene, f"Alert of {name}", f"Sensor {name} of the plant is hot.") for name in names],
    )
    assert len(_tickets(scene)) == most
    assert {m.fate for m in scene.store.mails(limit=5000)} == {"ticket"}
    assert _of_staff(scene, "sends mail again and again") == 1
    scene.passes(hours=3)
    scene.asks(subject="A true request, hours later")
    assert len(_tickets(scene)) == most + 1


def test_a_flood_in_a_partners_name_does_not_swallow_his_true_mail(scene: Scene) -> None:
    forged = [
        _from_ann(scene, "Help", "It is slow.").replace(b"dmarc=pass", b"dmarc=none") for _ in range(40)
    ]
    _pours(scene, forged)
    true = scene.arrives(_from_ann(scene, "Help", "It is slow."))
    assert scene.ticket(true).trusted
    assert len(scene.store.letters(address=scene.ann.address, ticket_id=true.ticket_id)) == 1


def test_people_who_send_a_thing_three_times_have_three_tickets(scene: Scene) -> None:
    assert len({scene.asks().ticket_id for _ in range(3)}) == 3


def test_a_bursts_withheld_acknowledgments_become_one_combined_letter_an_hour_later(scene: Scene) -> None:
    most = scene.month.house.knowledge.config.limits.letters_per_address_hour
    count = most + 12
    _pours(
        scene,
        [
            _from_ann(scene, f"Case {n}", f"ZOID: {scene.customer.zoid}\nThe export {n} fails.")
            for n in range(count)
        ],
    )
    assert len(_tickets(scene)) == count
    written = scene.store.letters(audience="partner", limit=5000)
    assert len(written) == most
    scene.passes(minutes=50)
    assert len(scene.store.letters(audience="partner", limit=5000)) == most
    scene.passes(minutes=20)
    combined = [
        one
        for one in scene.store.letters(audience="partner", limit=5000)
        if one.kind == "acknowledgments_combined"
    ]
    assert len(combined) == 1 and combined[0].to == (scene.ann.address,)
    whole = scene.store.letter(combined[0].id)
    assert whole is not None and whole.raw is not None
    acknowledged = {one.ticket_id for one in written}
    left = [t for t in _tickets(scene) if t.id not in acknowledged]
    assert len(left) == 12 and all(t.reference.encode() in whole.raw for t in left)
    assert all(any(e.kind is Happening.LETTER_WRITTEN for e in t.events) for t in left)
    scene.passes(hours=5)
    again = [
        one
        for one in scene.store.letters(audience="partner", limit=5000)
        if one.kind == "acknowledgments_combined"
    ]
    assert len(again) == 1
    assert not scene.store.faults(scene.month.now)


def test_a_burst_of_which_all_is_over_by_then_brings_no_letter(scene: Scene) -> None:
    most = scene.month.house.knowledge.config.limits.letters_per_address_hour
    words = f"ZOID: {scene.customer.zoid}\nThe export fails, case"
    _pours(scene, [_from_ann(scene, f"Case {n}", f"{words} {n}.") for n in range(most + 3)])
    acknowledged = {one.ticket_id for one in scene.store.letters(audience="partner", limit=5000)}
    silent = [ticket for ticket in _tickets(scene) if ticket.id not in acknowledged]
    assert len(silent) == 3
    for ticket in silent:
        scene.desk().happen(ticket, "resolved", "it was one outage")
    scene.passes(hours=3)
    kinds = {one.kind for one in scene.store.letters(audience="partner", limit=5000)}
    assert "acknowledgments_combined" not in kinds and not scene.store.faults(scene.month.now)


def test_nobody_unverified_is_sent_a_combined_letter(scene: Scene) -> None:
    raws = [
        mails.write(("Eve", "eve@far.example"), [GLOBAL], f"Case {n}", f"Nothing works, {n}.", scene.month.now, f"<e{n}@far.example>")
        for n in range(40)
    ]  # fmt: skip
    _pours(scene, raws)
    scene.passes(hours=3)
    assert len(scene.store.letters(address="eve@far.example", limit=500)) == TO_ONE_UNVERIFIED_AN_HOUR
    with scene.store._reading() as connection:
        assert not connection.exec_driver_sql(f"SELECT 1 FROM due WHERE kind = '{BURST}'").all()


def test_three_hundred_recipients_bring_twenty_copies(scene: Scene) -> None:
    domain = scene.ann.address.rpartition("@")[2]
    raw = _from_ann(scene, "For all of us", f"ZOID: {scene.customer.zoid}\nThe export fails.")
    copied = ", ".join(f"p{n}@{domain}" for n in range(300))
    mail = scene.arrives(raw.replace(b"Subject:", f"Cc: {copied}\r\nSubject:".encode(), 1))
    (letter,) = [one for one in scene.store.letters(audience="partner") if one.ticket_id == mail.ticket_id]
    assert letter.to == (scene.ann.address,) and len(letter.cc) <= 20


def test_a_storm_of_bounces_marks_the_address_once_and_tells_staff_once(scene: Scene) -> None:
    opened = scene.asks()
    (letter,) = scene.store.letters(audience="partner")
    raw = scene.store.letter(letter.id).raw  # type: ignore[union-attr]
    assert raw is not None
    before = len(scene.store.letters(audience="staff", limit=500))
    _pours(scene, [_bounce(raw, scene.ann.address, n) for n in range(250)])
    after = scene.store.letters(audience="staff", limit=500)
    assert [one.kind for one in after[: len(after) - before]] == ["undeliverable"]
    assert len(_tickets(scene)) == 1
    assert len(scene.ticket(opened).events) < 130
    assert {m.fate for m in scene.store.mails(limit=500) if m.id != opened.id} == {"automatic"}


def test_our_own_letter_coming_back_without_end_opens_nothing_and_is_not_answered(scene: Scene) -> None:
    scene.asks()
    (letter,) = scene.store.letters(audience="partner")
    raw = scene.store.letter(letter.id).raw  # type: ignore[union-attr]
    assert raw is not None
    _pours(scene, [raw] * 120)
    assert len(_tickets(scene)) == 1
    assert len(scene.store.letters(audience="partner", limit=500)) == 1


@pytest.mark.parametrize(
    "headers", [{}, {"Auto-Submitted": "auto-replied"}], ids=["without a header", "with its header"]
)
def test_a_third_desk_in_between_gets_few_letters(scene: Scene, headers: dict[str, str]) -> None:
    """Each letter of ours is answered by a new "ticket received" of theirs, under a new subject and in no thread."""
    scene.asks()
    for number in range(60):
        body = f"Your message has reached our service desk. Your ticket number is {number}. Somebody will write to you."
        raw = mails.write(
            ("Help Desk", scene.ann.address), [GLOBAL], f"[#{1000 + number}] Ticket received: One report is slow", body,
            scene.month.now, scene.id(scene.ann.address),
        )  # fmt: skip
        for name, value in headers.items():
            raw = raw.replace(b"Subject:", f"{name}: {value}\r\nSubject:".encode(), 1)
        scene.arrives(raw)
        scene.passes(seconds=30)
    letters = scene.store.letters(audience="partner", limit=500)
    assert len(letters) <= storms.ROUNDS + 2, f"{len(letters)} letters to a machine"
    assert len(_tickets(scene)) <= storms.ROUNDS + 2


def test_numbered_requests_that_came_in_one_go_are_no_game_though_letters_leave_between_them() -> None:
    at = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    letters = [at + timedelta(seconds=n) for n in range(8, 0, -1)]
    poured = [storms.Stroke(at, at + timedelta(milliseconds=n), f"Order {n}") for n in range(7, -1, -1)]
    assert not storms.is_played(poured[1:], letters, poured[0])
    played = [
        storms.Stroke(went, went + timedelta(seconds=1), f"Ticket {went:%S} received") for went in letters
    ]
    assert storms.is_played(played[1:], letters, played[0])
    assert not storms.is_played(played[1:], letters[:1], played[0]), "each has a letter of its own before it"


def _bounce(letter: bytes, address: str, number: int) -> bytes:
    return (
        (
            "Authentication-Results: mx.desk.example; dmarc=none\r\n"
            f"From: MAILER-DAEMON@mx.far.example\r\nTo: {GLOBAL}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
            f"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nMessage-ID: <dsn{number}@mx.far.example>\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
            f"--b\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered ({number}).\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.far.example\r\n\r\n"
            f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
            "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        ).encode()
        + letter
        + b"\r\n--b--\r\n"
    )
