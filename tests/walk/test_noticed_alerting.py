"""What a change of a ticket tells by another way than mail, judged on tickets alone; and when silence of a partner is silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.simulation.scene import Scene
from tests.store.samples import NOW, new_ticket
from triaged.alerts.telling import Told
from triaged.config.alerts import Alert
from triaged.tickets.event_data import OfCommitment
from triaged.tickets.ticket import Due, Event, Happening, State, Ticket
from triaged.vocabulary import Severity
from triaged.walk import alerting, deadlines
from triaged.walk.plan import Change

H = Happening
S1, S2 = Severity.S1, Severity.S2
DUE = NOW + timedelta(hours=2)
DESK = (Alert.model_validate({"to_env": "DESK"}),)


def ticket(**changes: Any) -> Ticket:
    return new_ticket(**{"reference": "PS-7", "severity": S1, **changes})


PROMISED = ticket(promise="first_response", promised_at=DUE, large_user=True, trusted=True)
SHOW = "Mailbox global. triaged tickets show PS-7"
LARGE = "priority customer, large user account; "
NEXT = f"next promise: first response by {DUE:%Y-%m-%d %H:%M} UTC"


@pytest.mark.parametrize(
    ("before", "after", "body"),
    [
        (None, PROMISED, f"{LARGE}{NEXT}. {SHOW}"),
        (None, replace(PROMISED, trusted=False), f"{NEXT}. {SHOW}"),
        (None, replace(PROMISED, large_user=False), f"{NEXT}. {SHOW}"),
        (ticket(severity=S2), ticket(promise="first_response"), f"nothing is promised yet. {SHOW}"),
        (ticket(severity=S2), ticket(promised_at=DUE), f"nothing is promised yet. {SHOW}"),
        (ticket(), ticket(state=State.OPEN), ""),
        (None, ticket(severity=S2), ""),
        (ticket(), ticket(severity=S2), ""),
        (None, ticket(history=True), ""),
        (None, ticket(state=State.RESOLVED), ""),
        (ticket(severity=S2), ticket(state=State.WAITING), f"nothing is promised yet. {SHOW}"),
    ],
)
def test_that_a_ticket_is_s1_now_is_told(before: Ticket | None, after: Ticket, body: str) -> None:
    told = Told("new_s1", f"PS-7/{NOW:%Y%m%dT%H%M%S}", "PS-7 is S1", body, S1)
    assert alerting.of_change(Change(before, after), NOW) == ([told] if body else [])


@pytest.mark.parametrize(
    ("kind", "tier", "how"),
    [
        (H.AT_RISK, 1, "is nearly late"),
        (H.MISSED, 2, "is missed"),
        (H.ESCALATED, 3, "is long missed and still open"),
        (H.RESUMED, 0, ""),
    ],
)
def test_that_a_promise_is_missed_is_told_behind_that_it_is_s1(kind: Happening, tier: int, how: str) -> None:
    of = OfCommitment(step="first_response:miss", commitment="first_response", due=DUE)
    bare, none = replace(of, commitment="", due=None), replace(of, step="")
    events = tuple(Event(NOW, kind, "daemon", "x", one.stored()) for one in (of, bare, none))
    old = Event(NOW, kind, "daemon", "x", of.stored())
    before = ticket(severity=S2, events=(old,))
    told = alerting.of_change(Change(before, ticket(events=(old, *events))), NOW)
    tail = f"; goes to tier {tier}. triaged tickets show PS-7"
    due = f", due {DUE:%Y-%m-%d %H:%M} UTC"
    key = "PS-7/first_response:miss"
    assert [one.event for one in told] == (["new_s1", "missed", "missed"] if how else ["new_s1"])
    assert told[1:] == ([
        Told("missed", key, f"PS-7 (S1): first response {how}", f"First response{due}{tail}", S1, tier),
        Told("missed", key, f"PS-7 (S1): a promise {how}", f"A promise{tail}", S1, tier),
    ] if how else [])  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "over"),
    [
        (ticket(), ticket(state=State.RESOLVED), ["new_s1 PS-7 is resolved", "missed PS-7 is resolved"]),
        (ticket(severity=S2), ticket(severity=S2, state=State.CLOSED), ["new_s1 PS-7 is closed", "missed PS-7 is closed"]),
        (ticket(), ticket(severity=S2), ["new_s1 PS-7 is S2 now"]),
        (ticket(), ticket(state=State.OPEN), []),
        (ticket(severity=S2), ticket(), []),
        (None, ticket(state=State.CLOSED), []),
        (ticket(state=State.RESOLVED), ticket(state=State.CLOSED), []),
        (ticket(state=State.RESOLVED), ticket(severity=S2), []),
    ],
)  # fmt: skip
def test_what_of_a_ticket_is_over_is_told(before: Ticket | None, after: Ticket, over: list[str]) -> None:
    found = alerting.over_with(Change(before, after), DESK, NOW)
    assert [f"{one.event} {one.title}" for one in found] == over
    assert {one.key for one in found} <= {"PS-7"}


# -- silence ------------------------------------------------------------------------------------------

DEAF = timedelta(minutes=30)
A_MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("good", "failed", "hears"),
    [
        (None, None, True),
        (-DEAF - A_MOMENT, None, True),
        (-DEAF, timedelta(0), True),
        (-DEAF - A_MOMENT, timedelta(0), False),
        (None, -DEAF, True),
        (None, -DEAF - A_MOMENT, False),
    ],
)
def test_a_mailbox_that_fails_for_more_than_half_an_hour_hears_nobody(
    scene: Scene, good: timedelta | None, failed: timedelta | None, hears: bool
) -> None:
    now: datetime = scene.month.now
    scene.asks()
    for span, went in ((good, True), (failed, False)):
        if span is not None:
            scene.store.note_poll("global", went, None if went else "away", now + span)
    silent = Due(1001, "missing_information", "remind-1", now, mailbox="global", id=1)
    assert deadlines._hears(scene.month.house, silent, now) is hears
    for other in (
        replace(silent, kind="first_response", step="warn"),
        replace(silent, mailbox="europe"),
        replace(silent, step="of later"),
    ):
        assert deadlines._hears(scene.month.house, other, now) is True
