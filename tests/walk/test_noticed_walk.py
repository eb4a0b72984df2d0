"""What nobody would have noticed: retries of steps, silence that is deafness, digests, replays and caps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.said import figure, listening
from tests.simulation.scene import Scene
from tests.store.samples import arrival
from triaged.followups import due
from triaged.store import Transaction
from triaged.store.rows import Fenced, Unavailable
from triaged.tickets.ticket import Happening
from triaged.walk import deadlines, triage

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
BARE = "The import of leads fails for one of our users."


def late(scene: Scene, **span: float) -> None:
    """The clock goes on, and nobody does anything meanwhile."""
    scene.month.now += timedelta(**span)


def reminders(scene: Scene) -> int:
    """Letters that ask once more for what is missing."""
    return len(scene.letters("missing_information_reminder"))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Steps fail while this is entered: their ticket cannot be read."""
    patched = monkeypatch.context

    def begin() -> Any:
        def fails(*_: Any, **__: Any) -> Any:
            raise RuntimeError("a fault nobody foresaw")

        class _Broken:
            def __enter__(self) -> None:
                self.context = patched()
                self.context.__enter__().setattr(Transaction, "ticket", fails)

            def __exit__(self, *_: Any) -> None:
                self.context.__exit__(None, None, None)

        return _Broken()

    return begin


def test_a_step_that_fails_is_told_and_tried_again_after_a_minute_and_not_before(
    scene: Scene, broken: Any
) -> None:
    mail = scene.writes(BARE)
    late(scene, hours=5)
    with listening() as said, broken():
        taken = deadlines.take_due(scene.month.house, scene.month.now)
        assert taken >= 1
        failed = said.of("due.failed")
        assert len(failed) == taken and "a fault nobody foresaw" in failed[0]["error"]
        assert deadlines.take_due(scene.month.house, scene.month.now) == 0, "not at once"
        assert deadlines.take_due(scene.month.house, scene.month.now + MINUTE - SECOND) == 0
    with listening() as said:
        scene.month.now += MINUTE + SECOND
        assert deadlines.take_due(scene.month.house, scene.month.now) == taken, "never is too late"
        (step,) = [one for one in said.of("due.taken") if one["kind"] == "missing_information"]
    scene.month.turn()
    assert step["ticket"] == mail.ticket_id and step["letters"] == 1 and step["step"].startswith("remind-1")
    assert reminders(scene) == 1
    told = scene.month.house.metrics.text()
    assert figure(told, "triaged_due_steps_total", kind="missing_information", step="remind-1") == 1


def test_one_steps_fault_holds_up_no_other(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (
        scene.writes(BARE),
        scene.writes(BARE, subject="Another matter", who=scene.month.town.people[-1]),
    )
    plain = Transaction.ticket

    def fails_once(tx: Transaction, number: int, *more: Any) -> Any:
        if number == first.ticket_id:
            raise RuntimeError("only this one")
        return plain(tx, number, *more)

    late(scene, hours=30)
    with listening() as said, monkeypatch.context() as patched:
        patched.setattr(Transaction, "ticket", fails_once)
        deadlines.take_due(scene.month.house, scene.month.now)
    assert said.of("due.failed")
    assert {one["ticket"] for one in said.of("due.taken")} == {second.ticket_id}


def test_nobody_is_reminded_while_his_mailbox_cannot_be_read(scene: Scene) -> None:
    scene.writes(BARE)
    house = scene.month.house
    scene.store.note_poll("global", True, None, scene.month.now)
    late(scene, hours=5)
    scene.store.note_poll("global", False, "the server is away", scene.month.now)
    deadlines.take_due(house, scene.month.now)
    scene.month.turn()
    assert reminders(scene) == 0, "his answer may lie there unread"
    late(scene, minutes=2)
    scene.month.turn()
    assert reminders(scene) == 0
    scene.store.note_poll("global", True, None, scene.month.now)
    late(scene, minutes=2)
    scene.month.turn()
    assert reminders(scene) == 1


def test_a_mailbox_that_failed_for_some_minutes_is_not_deaf(scene: Scene) -> None:
    scene.writes(BARE)
    late(scene, hours=5)
    scene.store.note_poll("global", True, None, scene.month.now - timedelta(minutes=20))
    scene.store.note_poll("global", False, "the server is busy", scene.month.now)
    scene.month.turn()
    assert reminders(scene) == 1


@pytest.mark.parametrize(
    ("good", "is_reminded"), [(30 * MINUTE, 1), (30 * MINUTE + timedelta(microseconds=1), 0)]
)
def test_a_mailbox_is_deaf_when_it_was_not_good_for_more_than_half_an_hour_and_the_step_waits_a_minute(
    scene: Scene, good: timedelta, is_reminded: int
) -> None:
    mail = scene.writes(BARE)
    late(scene, hours=5)
    house, now = scene.month.house, scene.month.now
    scene.store.note_poll("global", True, None, now - good)
    scene.store.note_poll("global", False, "the server is busy", now)

    def reminded(at: datetime) -> list[str]:
        with listening() as said:
            deadlines.take_due(house, at)
        return [
            one["step"]
            for one in said.of("due.taken")
            if one["ticket"] == mail.ticket_id and one["kind"] == "missing_information"
        ]

    assert len(reminded(now)) == is_reminded
    scene.store.note_poll("global", True, None, now)
    assert len(reminded(now + MINUTE - timedelta(microseconds=1))) == 0
    assert len(reminded(now + MINUTE)) == 1 - is_reminded


def test_nobody_is_silent_while_mail_waits_for_the_walk(scene: Scene) -> None:
    mail = scene.writes(BARE)
    late(scene, hours=5)
    house, now = scene.month.house, scene.month.now
    scene.store.keep([arrival(7)], now=now)
    with listening() as said:
        deadlines.take_due(house, now)
    assert "missing_information" not in [one["kind"] for one in said.of("due.taken")]
    (step,) = [
        one
        for one in scene.store.dues(mail.ticket_id or 0)
        if one.kind == "missing_information" and one.step.startswith("remind-1")
    ]
    assert step.due_at <= now  # it stands, and is looked at again
    assert triage.triage_batch(house, now) == 1
    with listening() as said:
        deadlines.take_due(house, now + MINUTE)
    assert "missing_information" in [one["kind"] for one in said.of("due.taken")]


def test_another_mailboxs_trouble_is_not_ours(scene: Scene) -> None:
    scene.writes(BARE)
    late(scene, hours=5)
    scene.store.note_poll("europe", True, None, scene.month.now - timedelta(hours=5))
    scene.store.note_poll("europe", False, "the server is away", scene.month.now)
    scene.month.turn()
    assert reminders(scene) == 1


def test_the_digest_comes_every_working_morning_once_for_each_mailbox(scene: Scene) -> None:
    scene.asks()
    deadlines.plan_digests(scene.month.house, scene.month.now)
    deadlines.plan_digests(scene.month.house, scene.month.now)  # another start of the daemon
    mornings = []
    for _ in range(4):  # Monday afternoon to Friday afternoon
        scene.passes(days=1)
        mornings.append(sum(one.kind == "digest" for one in scene.letters()))
    assert mornings[0] >= 1
    assert mornings == [mornings[0] * day for day in (1, 2, 3, 4)]


def test_a_digest_that_overslept_its_morning_is_not_sent_but_the_next_is(scene: Scene) -> None:
    scene.asks()
    deadlines.plan_digests(scene.month.house, scene.month.now)
    late(scene, days=1, hours=14)  # Tuesday night, wherever a mailbox is
    scene.month.turn()
    assert not [one for one in scene.letters() if one.kind == "digest"]
    scene.passes(hours=14)
    assert [one for one in scene.letters() if one.kind == "digest"]


def digests(scene: Scene, **span: float) -> list[int]:
    """How many letters each digest brought that came due in that time."""
    scene.month.now += timedelta(**span)
    with listening() as said:
        deadlines.take_due(scene.month.house, scene.month.now)
    return sorted(one["letters"] for one in said.of("due.taken") if one["kind"] == "digest")


def test_a_digest_counts_as_the_letters_it_brought(scene: Scene) -> None:
    house = scene.month.house
    boxes = len(house.knowledge.config.mailboxes)
    scene.asks()
    deadlines.plan_digests(house, scene.month.now)
    gone = due.next_digest(house.knowledge.writer("global", scene.month.now))
    with scene.store.transaction() as tx:
        tx.add_due(replace(gone, mailbox="taken-out"))
    brought = sorted(letters for _ in range(24) for letters in digests(scene, hours=1))
    assert brought == [0] * boxes + [1], "one has an open ticket, and one was taken out"
    assert digests(scene, days=2) == [0] * boxes, "long over; of the one taken out no next one comes"


def test_a_replayed_mail_is_judged_again_by_what_is_in_force_now(scene: Scene) -> None:
    mail = scene.asks()
    before = scene.ticket(mail)
    with listening() as said:
        assert scene.store.replay([mail.id], scene.month.now) == 1
        assert scene.store.waiting_mail() == 1
        assert triage.triage_batch(scene.month.house, scene.month.now) == 1
    (told,) = said.of("mail.triaged")
    assert told["mail"] == mail.id and told["ticket"] == before.reference and told["kind"] == "request"
    again = scene.store.mails(limit=1)[0]
    assert (again.fate, again.ticket_id) == ("ticket", mail.ticket_id)
    assert scene.store.waiting_mail() == 0


def test_what_fails_is_replayed_from_quarantine_and_finds_its_ticket(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.may_fail = True

    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a fault nobody foresaw")

    with listening() as said, monkeypatch.context() as patched:
        patched.setattr(Transaction, "finish_mail", fails)
        mail = scene.asks()
        for _ in range(6):
            late(scene, hours=3)
            scene.month.turn()
    # The letter to staff brings an answer of theirs, which meets the same fault.
    tries = [one for one in said.of("mail.failed") if one["mail"] == mail.id]
    assert [one["runs"] for one in tries] == [1, 2, 3, 4] and "a fault nobody foresaw" in tries[0]["error"]
    (given_up,) = said.of("mail.quarantined")
    assert given_up["mail"] == mail.id
    house = scene.month.house
    assert figure(house.metrics.text(), "triaged_mails_total", fate="quarantine", kind="none") == 1
    assert [one.id for one in scene.store.quarantine()] == [mail.id]
    scene.store.replay([mail.id], scene.month.now)
    scene.month.turn()
    assert scene.store.quarantine() == []
    (found,) = [one for one in scene.store.mails(limit=9) if one.id == mail.id]
    assert scene.ticket(found).subject == "One report is slow"


def test_a_mail_that_failed_waits_a_while_and_longer_each_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.may_fail = True

    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a fault nobody foresaw")

    house = scene.month.house
    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "finish_mail", fails)
        scene.asks()
        assert triage.triage_batch(house, scene.month.now) == 0, "not at once"
        assert triage.triage_batch(house, scene.month.now + timedelta(seconds=20)) == 0
    assert triage.triage_batch(house, scene.month.now + timedelta(seconds=60)) == 1
    assert scene.store.mails(limit=1)[0].fate == "ticket"


def test_a_ticket_gets_so_many_letters_a_day_and_no_more(scene: Scene) -> None:
    house = scene.month.house
    limits = house.knowledge.config.limits.model_copy(update={"letters_per_ticket_day": 1})
    config = house.knowledge.config.model_copy(update={"limits": limits})
    house.knowledge = replace(house.knowledge, config=config)
    mail = scene.writes(BARE)  # one letter asks what is missing, and another would remind of it
    with listening() as said:
        scene.passes(hours=20)
        assert reminders(scene) == 0
        (withheld, *_) = said.of("letter.withheld")
    assert withheld["why"] == "more than 1 letter on this ticket in a day"
    assert withheld["kind"] == "missing_information_reminder"
    ticket = scene.ticket(mail)
    assert withheld["ticket"] == ticket.reference
    told = [event for event in ticket.events if event.kind is Happening.LETTER_WITHDRAWN]
    assert [event.reason for event in told] == [withheld["why"]]


def test_steps_left_in_hand_by_a_pass_that_broke_off_are_taken_up_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.writes(BARE)
    late(scene, hours=5)
    house = scene.month.house

    def ends(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(deadlines, "take_one", ends)
        deadlines.take_due(house, scene.month.now)
    assert house.steps_astray
    assert deadlines.take_due(house, scene.month.now) >= 1
    assert not house.steps_astray
    scene.month.turn()
    assert reminders(scene) == 1


def test_a_step_that_another_daemon_took_over_is_no_fault_and_holds_up_none(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = scene.writes(BARE), scene.writes(BARE, subject="Another", who=scene.month.town.people[-1])
    late(scene, hours=30)
    plain = deadlines.take_one

    def fenced(house: Any, step: Any, now: Any) -> None:
        if step.ticket_id == first.ticket_id:
            raise Fenced("another daemon has it")
        plain(house, step, now)

    with listening() as said, monkeypatch.context() as patched:
        patched.setattr(deadlines, "take_one", fenced)
        deadlines.take_due(scene.month.house, scene.month.now)
    assert said.of("due.failed") == []
    assert {one["ticket"] for one in said.of("due.taken")} == {second.ticket_id}


def test_a_pass_that_slept_takes_no_more_steps_by_its_old_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.writes(BARE)
    late(scene, hours=5)
    house, times = scene.month.house, iter([0.0, 151.0, 151.0, 151.0, 151.0, 151.0, 151.0, 151.0])
    with listening() as said, monkeypatch.context() as patched:
        patched.setattr(deadlines.time, "monotonic", lambda: next(times))  # half the lease is 150 seconds
        assert deadlines.take_due(house, scene.month.now) >= 1
    assert said.of("due.taken") == [] and house.steps_astray
    with listening() as said:
        assert deadlines.take_due(house, scene.month.now) >= 1
    assert said.of("due.taken") and not house.steps_astray


def test_a_step_whose_ticket_is_gone_is_over_without_a_word(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.writes(BARE)
    late(scene, hours=5)
    with listening() as said, monkeypatch.context() as patched:
        patched.setattr(Transaction, "ticket", lambda *_: None)
        assert deadlines.take_due(scene.month.house, scene.month.now) >= 1
    assert said.of("due.taken") == [] and said.of("due.failed") == []
    assert deadlines.take_due(scene.month.house, scene.month.now + MINUTE) == 0, "it is over"
    scene.month.turn()
    assert reminders(scene) == 0


def test_of_mails_taken_over_by_another_daemon_none_fails_and_the_others_are_walked(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of a batch is lost while it is walked: each is written alone then."""
    plain, house = Transaction.finish_mail, scene.month.house
    kept = scene.store.keep([arrival(n, received_at=scene.month.now) for n in (1, 2, 3)], now=scene.month.now)
    lost = kept[1].id

    def fenced(tx: Transaction, told: Any, *more: Any) -> Any:
        if told.mail_id == lost:
            raise Fenced("another daemon has it")
        return plain(tx, told, *more)

    with listening() as said, monkeypatch.context() as patched:
        patched.setattr(Transaction, "finish_mail", fenced)
        assert triage.triage_batch(house, scene.month.now) == 3
    assert said.of("mail.failed") == []
    assert {one.id for one in scene.store.mails() if one.fate == "waiting"} == {lost}


def test_a_store_that_is_away_while_a_batch_is_walked_is_no_fault_of_its_mails(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = scene.month.house
    scene.store.keep([arrival(1, received_at=scene.month.now)], now=scene.month.now)

    def away(*_: Any) -> None:
        raise Unavailable("database unavailable")

    with listening() as said, monkeypatch.context() as patched, pytest.raises(Unavailable):
        patched.setattr(Transaction, "finish_mail", away)
        triage.triage_batch(house, scene.month.now)
    assert said.of("mail.failed") == [] and scene.store.waiting_mail() == 1
