"""Why a letter that waited leaves no more, in full, and which ones are asked at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.followups.test_leaving import ASKED, MONDAY, H, confirming, judge
from tests.promises.test_service_levels import changed
from tests.tickets.world import at, event, hours, promises, ticket
from triaged.followups import still_wanted
from triaged.followups.still_wanted import NOW, Leave
from triaged.promises import promising
from triaged.tickets.ticket import Event, Happening, State

REMIND = ("missing_information_reminder", "missing_information:remind-1")
WAITS = ("waiting_reminder", "waiting:remind-1@1")


def after(n: float, happening: Happening, /, **data: object) -> Event:
    return event(MONDAY + hours(n), happening, **data)


def waiting(*more: Event, state: State = State.WAITING):
    return ticket(MONDAY, after(0, H.WAITING), *more, state=state)


def sent(n: float, kind: str) -> Event:
    return after(n, H.LETTER_SENT, kind=kind)


def taken(n: float, step: str, kind: Happening = H.REMINDED) -> Event:
    return after(n, kind, step=step)


@pytest.mark.parametrize(
    ("letter", "t", "why"),
    [
        (REMIND, ticket(MONDAY), "the identifiers have come"),
        (REMIND, ticket(MONDAY, **ASKED, state=State.WAITING), "the ticket is waiting"),
        (REMIND, ticket(MONDAY, **ASKED, state=State.OPEN), ""),
        (REMIND, ticket(MONDAY, after(1, H.PARTNER_ANSWERED, thanks=True), **ASKED), "the partner's last word was thanks"),
        (REMIND, ticket(MONDAY, sent(2, "missing_information"), **ASKED), "the letter before it has only just left"),
        (REMIND, ticket(MONDAY, sent(0.5, "missing_information"), sent(2, "waiting_reminder"), **ASKED), "the letter before it has only just left"),
        (REMIND, ticket(MONDAY, sent(1.99, "missing_information"), **ASKED), ""),
        (REMIND, ticket(MONDAY, sent(3, "acknowledgment"), **ASKED), ""),
        (REMIND, ticket(MONDAY, taken(1, "missing_information:remind-2"), taken(2, "missing_information:remind-3"), **ASKED), "overtaken by: remind-3"),
        (REMIND, ticket(MONDAY, taken(1, "missing_information:remind-1"), **ASKED), ""),
        (REMIND, ticket(MONDAY, taken(1, "waiting:remind-2@1"), **ASKED), ""),
        (WAITS, waiting(), ""),
        (WAITS, waiting(state=State.OPEN), "the partner answered"),
        (WAITS, waiting(state=State.RESOLVED), "the ticket is resolved"),
        (WAITS, waiting(state=State.CLOSED), "the ticket is closed"),
        (WAITS, waiting(after(1, H.WAITING)), "the partner answered"),
        (("waiting_reminder", "tea"), waiting(), "the partner answered"),
        (WAITS, waiting(sent(3, "waiting_reminder")), "the letter before it has only just left"),
        (WAITS, waiting(taken(1, "waiting:remind-2@1")), "overtaken by: remind-2"),
        (WAITS, waiting(taken(1, "waiting:remind-2@2")), ""),
        (("case_reminder", "case:remind-1@CP-7/3"), confirming(taken(5, "case:remind-2@CP-8/3")), ""),
        (("resolved", "resolved@1"), ticket(MONDAY, after(1, H.RESOLVED), state=State.RESOLVED), ""),
        (("resolved", "resolved@1"), ticket(MONDAY, after(1, H.RESOLVED), after(2, H.CLOSED), state=State.CLOSED), ""),
        (("resolved", "resolved@1"), ticket(MONDAY, after(1, H.RESOLVED), after(2, H.RESOLVED), state=State.RESOLVED), "the ticket was reopened"),
        (("resolved", "resolved@1"), ticket(MONDAY, after(1, H.RESOLVED), state=State.OPEN), "the ticket was reopened"),
        (("closed", "closed@1"), ticket(MONDAY, after(1, H.CLOSED), state=State.CLOSED), ""),
        (("closed", "closed@2"), ticket(MONDAY, after(1, H.CLOSED), state=State.CLOSED), "the ticket was reopened"),
        (("closed", "closed@1"), ticket(MONDAY, after(1, H.CLOSED), state=State.RESOLVED), "the ticket was reopened"),
        (("merged", "merged@1"), ticket(MONDAY), "the merge was taken back"),
        (("merged", "merged@1"), ticket(MONDAY, merged_into=7, state=State.CLOSED), ""),
        (("unmerged", "unmerged@1"), ticket(MONDAY, sent(1, "closed")), "nobody was told of the merge"),
        (("progress_update", "next_update:report@1"), ticket(MONDAY, state=State.WAITING), ""),
        (("progress_update", "next_update:report@1"), ticket(MONDAY, state=State.RESOLVED), "the ticket is resolved"),
        (("progress_update", "next_update:report@1"), ticket(MONDAY, state=State.CLOSED), "the ticket is closed"),
    ],
)  # fmt: skip
def test_whether_a_letter_has_kept_its_sense(letter, t, why: str) -> None:
    assert judge(*letter, t, MONDAY + hours(6) - timedelta(seconds=1)) == Leave(withdraw=why)


def test_four_hours_after_a_question_its_reminder_may_leave() -> None:
    t = ticket(MONDAY, sent(0, "missing_information"), **ASKED)
    assert judge(*REMIND, t, MONDAY + hours(4) - timedelta(seconds=1)).withdraw
    assert judge(*REMIND, t, MONDAY + hours(4)) == NOW


@pytest.mark.parametrize(
    ("kind", "key", "t", "why"),
    [
        ("at_risk", "first_response:warn", ticket(MONDAY), ""),
        ("at_risk", "first_response:warn", ticket(MONDAY, taken(1, "first_response:still")), "overtaken by: still"),
        ("at_risk", "first_response:warn", ticket(MONDAY, taken(1, "first_response:miss"), taken(1, "first_response:still")), "overtaken by: still"),
        ("at_risk", "first_response:warn", ticket(MONDAY, taken(1, "resolution:miss")), ""),
        ("missed", "first_response:miss", ticket(MONDAY, taken(1, "first_response:warn")), ""),
        ("missed", "first_response:miss", ticket(MONDAY, taken(1, "first_response:still")), "overtaken by: still"),
        ("still_open", "first_response:still", ticket(MONDAY), ""),
        ("still_open", "first_response:still", ticket(MONDAY, after(1, H.STAFF_ANSWERED), state=State.OPEN), "it is done by now"),
        ("still_open", "resolution:still", ticket(MONDAY, Event(MONDAY, H.MERGED, "x", ""), state=State.CLOSED), "it is done by now"),
        ("still_open", "identification:still", ticket(MONDAY), ""),
        ("update_due", "next_update:warn@0", ticket(MONDAY, severity="S1"), ""),
        ("update_due", "next_update:warn@0", ticket(MONDAY, after(0.5, H.STAFF_ANSWERED), severity="S1", state=State.OPEN), "it is done by now"),
        ("update_due", "next_update:warn@1", ticket(MONDAY, after(0.5, H.STAFF_ANSWERED), severity="S1", state=State.OPEN), ""),
    ],
)  # fmt: skip
def test_of_marks_the_last_is_told_and_none_of_what_is_done(kind: str, key: str, t, why: str) -> None:
    assert judge(kind, key, t, MONDAY + hours(2)) == Leave(withdraw=why)


def test_only_what_can_lose_its_sense_or_has_hours_is_asked() -> None:
    hushed = promising.build(changed(sending_hours__new_s1="business", sending_hours__at_risk="any"))
    for kind in ("new_s1", "at_risk", "merged", "closed"):
        assert still_wanted.is_asked(kind, hushed), kind
    assert not still_wanted.is_asked("new_s1", promises())
    night = at("2026-11-20 22:00+01:00")
    assert still_wanted.judge("new_s1", "new-s1", ticket(MONDAY), hushed, night) == Leave(
        wait_until=at("2026-11-23 09:00+01:00")
    )
    assert still_wanted.judge("new_s1", "new-s1", ticket(MONDAY), promises(), night) == NOW
    assert still_wanted.judge("new_s1", "new-s1", ticket(MONDAY), hushed, MONDAY) == NOW
