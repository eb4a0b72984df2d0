"""A server of mail that takes letters badly, and letters that somebody waits for. What else stands is in tests/outbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.town import ANNA, CARL, Town, mail
from tests.intake.scene import eventually
from tests.outbox.conftest import NOW
from tests.servers.proxy import Proxy
from tests.servers.smtp_sink import Sink
from triaged.edge.backoff import LETTER_WAITS, is_between_tries
from triaged.outbox import may_leave
from triaged.outbox.sending import MailboxSender
from triaged.outbox.smtp import Line
from triaged.store import LetterState, Store
from triaged.vocabulary import Severity

Senders = Callable[..., MailboxSender]
Write = Callable[..., str]
LARGE = "Org ID: 60031122334\nZoho CRM: nobody can log in."
SMALL = "Org ID: 60031122399\nZoho CRM: one export is slow."
LEADS = "leads@zohocorp.com"


def _order(sink: Sink) -> list[int]:
    return [int(re.findall(rb"Message-ID: <(\d+)@", one.raw)[0]) for one in sink.taken]


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "552 5.2.2 mailbox full", "554 5.7.1 not here"])
def test_an_acknowledgment_of_an_s1_that_cannot_be_delivered_is_a_review(town: Town, answer: str) -> None:
    town.sink.answers[ANNA] = answer
    town.sink.answers[CARL] = answer
    town.arrives(mail(ANNA, "Everybody is locked out", LARGE), mail(CARL, "Slow", SMALL))
    with town.daemon():
        grave = town.step_taken(lambda t: any("reaches nobody" in one for one in t.reviews))
        assert grave.severity is Severity.S1
        told = eventually(
            lambda: [x for x in town.letters(LEADS, grave.reference) if "reaches nobody" in str(x)]
        )
        town.settled(2)
        assert len(told) == 1 and answer[:3] in str(told[0])
        (mild,) = [t for t in town.tickets() if t.id != grave.id]
        assert not any("reaches nobody" in one for one in mild.reviews)


def test_an_s1_whose_partner_bounced_before_is_a_review_too(town: Town) -> None:
    with town.store.transaction() as tx:
        tx.mark_address(CARL, "550 no such user", town.clock())
    # Carl's own mail clears his address; what he copies in from an address that fails does not.
    town.sink.answers["RCPT"] = "550 5.1.1 no such user"
    town.arrives(mail(ANNA, "Everybody is locked out", LARGE))
    with town.daemon():
        town.step_taken(lambda t: any("reaches nobody" in one for one in t.reviews))


def test_a_letter_of_an_s1_that_is_refused_for_now_is_tried_again_within_half_a_minute(town: Town) -> None:
    town.sink.answers["DATA"] = "451 4.2.0 try again"
    town.arrives(mail(ANNA, "Everybody is locked out", LARGE), mail(CARL, "Slow", SMALL))
    with town.daemon():
        eventually(lambda: [x for x in town.store.letters(address=CARL) if x.error])
        (grave,) = eventually(lambda: [x for x in town.store.letters(address=ANNA) if x.error])
        (mild,) = town.store.letters(address=CARL)
        assert grave.ready_at - town.clock() <= timedelta(seconds=30)  # type: ignore[operator]
        assert mild.ready_at - town.clock() > timedelta(seconds=30)  # type: ignore[operator]
        town.sink.answers.clear()
        town.clock.move(seconds=30)
        town.letter_to(ANNA)


def test_looks_between_two_tries_use_up_no_try_and_the_letter_is_given_up_as_late_as_any(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    sink.answers["DATA"] = "451 4.2.0 try again"
    write()
    hand = make_sender()
    hand.urgent = lambda _letter: True
    looks = 0
    while store.letters()[0].state is LetterState.WAITING:
        hand.send_once()
        looks += 1
        clock.now += timedelta(seconds=31) if clock.now - NOW < timedelta(hours=1) else timedelta(minutes=20)
        assert clock.now - NOW < timedelta(days=4)
    assert looks > 116  # every half minute of the first hour
    assert clock.now - NOW > sum(LETTER_WAITS, timedelta()) * 0.8
    assert store.letters()[0].state is LetterState.FAILED


def test_a_look_is_a_try_only_when_a_try_was_due() -> None:
    assert is_between_tries(1, timedelta(seconds=30))
    assert not is_between_tries(1, timedelta(minutes=1))
    assert is_between_tries(2, timedelta(minutes=5))
    assert not is_between_tries(2, timedelta(minutes=6))


def test_whose_letters_are_urgent(town: Town) -> None:
    town.arrives(mail(ANNA, "Everybody is locked out", LARGE), mail(CARL, "Slow", SMALL))
    with town.daemon():
        town.settled(2)
    urgent = may_leave.is_urgent(town.store)
    by = {one.ticket_id: urgent(one) for one in town.store.letters(limit=50)}  # type: ignore[arg-type]
    severities = {t.id: t.severity for t in town.tickets()}
    assert by == {number: severity is Severity.S1 for number, severity in severities.items()}


def test_letters_that_waited_out_an_outage_leave_in_the_order_in_which_they_were_written(
    make_sender: Senders, write: Write, sink: Sink, clock: Any
) -> None:
    for _ in range(60):
        write()
    port = sink.port
    sink.stop()
    with pytest.raises(Exception, match="refused"):
        make_sender(port).send_once()
    clock.now += timedelta(hours=9)
    sink.start(port)
    assert make_sender(port).send_once() == 60
    assert _order(sink) == list(range(1, 61))


@pytest.mark.parametrize("how", ["delays", "drips"])
def test_a_slow_way_loses_and_doubles_nothing(
    make_sender: Senders, write: Write, sink: Sink, how: str
) -> None:
    proxy = Proxy(sink.port, delay=0.05 if how == "delays" else 0.002)
    proxy.drip = 5 if how == "drips" else 0
    for _ in range(3):
        write()
    assert make_sender(proxy.port).send_once() == 3
    proxy.close()
    assert _order(sink) == [1, 2, 3]


def test_a_way_that_is_cut_anywhere_loses_nothing_and_repeats_only_under_the_same_message_id(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any
) -> None:
    """In the banner, in each answer, and after the dot: one cut after so many bytes of the server's words."""
    proxy = Proxy(sink.port)
    for _ in range(3):
        write()
    cuts = 0
    for count in (*range(1, 220, 12), None):
        proxy.cut_after(count)
        try:
            make_sender(proxy.port).send_once()
        except Exception:
            cuts += 1
        clock.now += timedelta(minutes=3)
    proxy.close()
    assert cuts > 5
    assert {str(one.state) for one in store.letters()} == {"sent"}
    assert set(_order(sink)) == {1, 2, 3}


@pytest.mark.parametrize("when", ["claimed", "before DATA", "after DATA"])
def test_who_may_have_been_taken_for_dead_sends_nothing_of_his_former_life(
    make_sender: Senders, write: Write, store: Store, sink: Sink, clock: Any, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:  # fmt: skip
    life: list[int | None] = [1]
    hand = make_sender()
    hand.life = lambda: life[0]
    for _ in range(3):
        write()
    name = {"claimed": "fresh", "before DATA": "_envelope", "after DATA": "_hand_over"}[when]
    owner = Line if name != "fresh" else None
    if owner is None:
        life[0] = None
        assert hand.send_once() == 0
        assert {one.runs for one in store.letters()} == {0}, "nothing is claimed by who may be dead"
    else:
        honest = getattr(Line, name)

        def buried(line: Line, *given: Any) -> Any:
            found = honest(line, *given) if when == "before DATA" else None
            life[0] = None
            return found if when == "before DATA" else honest(line, *given)

        with monkeypatch.context() as patch:
            patch.setattr(Line, name, buried)
            hand.send_once()
    assert sink.taken == []
    life[0] = 2
    clock.now += timedelta(minutes=20)
    assert hand.send_once() == 3
    assert _order(sink) == [1, 2, 3]
