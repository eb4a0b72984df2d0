"""What breaks an invariant is told in one whole line, and what stands exactly at its limit breaks none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.forgeries import copied, unsent
from tests.simulation.scene import Scene
from tests.store.row_changes import set_in
from triaged.followups import steps
from triaged.simulation import invariants, summary
from triaged.simulation.evidence import Evidence
from triaged.simulation.invariants import GAP
from triaged.simulation.life import Truth
from triaged.simulation.month import Outage
from triaged.store.rows import FailedAddress, Fate, LetterState
from triaged.store.tables import letter as letters
from triaged.tickets.ticket import Due, Event, Happening, State
from triaged.vocabulary import Severity

MINUTE = timedelta(minutes=1)
LATE = timedelta(minutes=45)
ASKED, REMINDED = "missing_information", "missing_information_reminder"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evidence]:
    """Ticket 1001 was never answered and its promises are missed; 1002 lacks its identifiers, and was reminded."""
    scene = Scene(tmp_path_factory.mktemp("lived"))
    scene.asks()
    scene.passes(hours=30)
    scene.writes("Hello,\n\nthe report is slow.\n", subject="slow")
    scene.passes(days=6)
    yield Evidence(scene.month)
    scene.month.close()


@pytest.fixture
def e(lived: Evidence) -> Evidence:
    found = copied(lived)
    (who,) = {one.people[0].address for one in found.tickets.values()}
    found.month.truths = {number: Truth("request", who) for number in found.ledger}
    assert [line for check in invariants.CHECKS for line in check(found)] == []
    return found


def place(e: Evidence, kind: str) -> int:
    return next(n for n, one in enumerate(e.delivered) if e.letters[one.message_id].kind == kind)


def tells(e: Evidence, number: int, kind: Happening, actor: str, reason: str = "") -> None:
    ticket = e.tickets[number]
    event = Event(ticket.events[-1].at, kind, actor, reason, {})
    e.tickets[number] = replace(ticket, events=(*ticket.events, event))


@pytest.mark.parametrize(("at", "told"), [(timedelta(), []), (-MINUTE, ["and 11-17 23:59"])])
def test_asked_again_soon(e: Evidence, at: timedelta, told: list[str]) -> None:
    n = place(e, ASKED)
    e.delivered.insert(n + 1, replace(e.delivered[n], at=e.delivered[n].at + GAP + at))
    assert list(invariants.no_burst(e)) == [f"PS-1002 was asked 11-17 21:00 {one}" for one in told]


def test_reminded_on_a_saturday(e: Evidence) -> None:
    n = place(e, REMINDED)
    e.delivered[n] = replace(e.delivered[n], at=e.delivered[n].at.replace(day=21))
    assert list(invariants.hours_kept(e)) == [f"PS-1002 {REMINDED} left Sat 2026-11-21 16:00 UTC"]


def test_the_region_that_counted_is_the_last_one_judged_till_then(e: Evidence) -> None:
    """What else happened tells no region, and what was judged later counts later."""
    ticket = e.tickets[1002]
    last = ticket.events[-1].at
    judged = Event(last + MINUTE, Happening.JUDGED, "daemon", "", {"region": "IN"})
    noted = Event(last, Happening.STAFF_NOTED, "daemon", "", {"region": "JP"})
    told = replace(ticket, region="US", events=(*ticket.events, noted, judged))
    assert invariants.region_at(told, last + MINUTE) == "IN"
    before = invariants.region_at(told, last)
    assert before == invariants.region_at(ticket, last) not in ("IN", "JP")
    n = place(e, REMINDED)
    friday = e.delivered[n].at.replace(day=20, hour=21)
    e.delivered[n], e.tickets[1002] = replace(e.delivered[n], at=friday), told
    assert list(invariants.hours_kept(e)) == []
    e.tickets[1002] = replace(told, events=(*ticket.events, replace(judged, at=friday)))
    assert list(invariants.hours_kept(e)) == [f"PS-1002 {REMINDED} left Fri 2026-11-20 21:00 UTC"]


def test_only_what_keeps_hours_is_asked_for_them(e: Evidence) -> None:
    n = place(e, REMINDED)
    night = e.delivered[n].at.replace(day=21)
    for place_, one in enumerate(e.delivered):
        if e.letters[one.message_id].kind in ("acknowledgment", "review", "missed"):
            e.delivered[place_] = replace(one, at=night)
    e.delivered[n] = replace(e.delivered[n], at=night)
    row = e.letters[e.delivered[n].message_id]
    e.letters[row.message_id] = replace(row, ticket_id=None)
    assert list(invariants.hours_kept(e)) == []


def test_a_letter_that_left_or_was_written_twice(e: Evidence) -> None:
    first, second = e.delivered[:2]
    e.delivered += [first, first, second]
    e.letters["<copy@desk.example>"] = e.letters[first.message_id]
    assert list(invariants.nobody_twice(e)) == [
        f"{first.message_id} left 3 times",
        f"{second.message_id} left 2 times",
        "(1001, 'global', 'acknowledgment', 'acknowledgment') was written 2 times",
    ]


@pytest.mark.parametrize(
    ("fate", "waits", "what", "told"),
    [
        (Fate.WAITING, LATE, "request", ""),
        (Fate.WAITING, LATE + MINUTE, "request", "waits since 11-23 20:14"),
        (Fate.QUARANTINE, LATE, "request", "is in quarantine: it fell over"),
        (Fate.QUARANTINE, LATE, "bounce", "is in quarantine: it fell over"),
        (Fate.AUTOMATIC, LATE, "bounce", ""),
        (Fate.AUTOMATIC, LATE, "thanks", "became automatic: it fell over"),
        (Fate.SKIPPED, LATE, "rating", "became skipped: it fell over"),
    ],
)
def test_the_fate_of_a_mail(e: Evidence, fate: Fate, waits: timedelta, what: str, told: str) -> None:
    e.ledger[1] = replace(e.ledger[1], fate=fate, kept_at=e.now - waits, why="it fell over")
    e.month.truths[1] = Truth(what, "x@y.example")
    found = list(invariants.every_mail_one_fate(e))
    assert [one.replace(f"{e.now - waits:%m-%d %H:%M}", "11-23 20:14") for one in found] == (
        [f"mail 1 ({what}) {told}"] if told else []
    )
    del e.ledger[1]
    assert list(invariants.every_mail_one_fate(e)) == [f"mail 1 ({what}) is not in the ledger"]


@pytest.mark.parametrize(
    ("fate", "told"), [(Fate.AUTOMATIC, False), (Fate.WAITING, False), (Fate.TICKET, True)]
)
def test_a_machines_mail(e: Evidence, fate: Fate, told: bool) -> None:
    e.month.truths[1] = Truth("bounce", "")
    e.ledger[1] = replace(e.ledger[1], fate=fate, why="new")
    found = list(invariants.machines_move_nothing(e))
    assert found == (["mail 1 (bounce) became ticket: new"] if told else [])


@pytest.mark.parametrize(
    ("times", "what", "told"), [(2, "request", ""), (3, "rating", "2"), (1, "bounce", "0")]
)
def test_more_answers_than_mails(e: Evidence, times: int, what: str, told: str) -> None:
    who = e.month.truths[1].sender
    for number in e.ledger:
        e.month.truths[number] = Truth(what, who)
        e.ledger[number] = replace(e.ledger[number], fate=Fate.WAITING)
    for n in range(times):
        tells(e, 1001 + n % 2, Happening.PARTNER_ANSWERED, who)
    line = f"{who} is said to have answered {times} times, and wrote {told} mails"
    assert list(invariants.machines_move_nothing(e)) == ([line] if told else [])


@pytest.mark.parametrize("late", [LATE, LATE + MINUTE])
def test_a_step_that_lies(e: Evidence, late: timedelta) -> None:
    due = Due(1001, "resolution", "warn", e.now - late)
    step = steps.of(due)
    assert step is not None
    e.pending[1001] = {step: due}
    line = f"PS-1001 {step.name} was due {e.now - late:%m-%d %H:%M}"
    assert list(invariants.nothing_overdue(e)) == ([line] if late > LATE else [])


@pytest.mark.parametrize("excused", ["", "merged", "history", "to come"])
def test_missed_and_told_to_nobody(e: Evidence, excused: str) -> None:
    ticket = e.tickets[1001]
    told = set(steps.taken(ticket))
    silent = replace(ticket, events=tuple(x for x in ticket.events if x.kind is not Happening.MISSED))
    gone = sorted(told - set(steps.taken(silent)), key=lambda step: step.name)
    assert len(gone) == 2
    if excused == "to come":
        e.pending[1001] = {step: Due(1001, "resolution", "miss", e.now) for step in gone}
    more: dict[str, dict[str, Any]] = {"merged": {"merged_into": 1002}, "history": {"history": True}}
    e.tickets[1001] = replace(silent, **more.get(excused, {}))
    wanted = [] if excused else [f"PS-1001 {step.name} was missed, and nobody was told" for step in gone]
    assert sorted(invariants.no_promise_dropped(e)) == wanted


def without(e: Evidence) -> None:
    for name in [name for name, row in e.letters.items() if row.kind == "acknowledgment"]:
        del e.letters[name]


def twice(e: Evidence) -> None:
    (row,) = (row for row in e.letters.values() if row.kind == "acknowledgment")
    e.letters["<more@desk.example>"] = row


@pytest.mark.parametrize(("forge", "number"), [(without, 0), (twice, 2)])
@pytest.mark.parametrize("excused", ["", "withdrawn", "split", "linked", "linked and thread"])
def test_a_ticket_without_or_with_two_acknowledgments(
    e: Evidence, forge: Callable[[Evidence], None], number: int, excused: str
) -> None:
    forge(e)
    if excused == "withdrawn":
        tells(e, 1001, Happening.LETTER_WITHDRAWN, "daemon")
    if excused == "split":
        tells(e, 1001, Happening.LINKED, "cli:dora", "split off PS-1002")
    if excused.startswith("linked"):
        last = "<x@y.example>" if excused != "linked" else None
        e.tickets[1001] = replace(e.tickets[1001], linked_to=1002, last_message_id=last)
    breach = [f"PS-1001 has {number} acknowledgments"]
    assert list(invariants.everybody_acknowledged(e)) == (
        breach if excused in ("", "linked and thread") else []
    )


def test_letters_that_did_not_leave_or_left_though_they_should_not(e: Evidence) -> None:
    gone, other = e.delivered.pop(0), e.delivered[0]
    e.letters[other.message_id] = replace(e.letters[other.message_id], state=LetterState.WITHDRAWN)
    numbers = e.letters[gone.message_id].id, e.letters[other.message_id].id
    assert sorted(invariants.letters_accounted_for(e)) == [
        f"letter {numbers[0]} is sent, delivered: False",
        f"letter {numbers[1]} (review) is withdrawn without an event",
        f"letter {numbers[1]} is withdrawn, delivered: True",
    ]


@pytest.mark.parametrize("after", [timedelta(), MINUTE])
def test_written_to_after_a_letter_came_back(e: Evidence, after: timedelta) -> None:
    last = e.delivered[place(e, REMINDED) + 2]
    marked = FailedAddress(last.to[0], "550", last.at - after)
    e.month.house.store.failed_addresses = lambda: [marked]  # type: ignore[method-assign]
    line = f"{last.to[0]} was written to {last.at:%m-%d %H:%M}, marked {marked.at:%m-%d %H:%M}"
    assert list(invariants.bounced_get_none(e)) == ([line] if after else [])


@pytest.mark.parametrize(
    ("before", "state", "what", "told"),
    [
        (MINUTE, State.CLOSED, "request", True),
        (timedelta(), State.CLOSED, "request", False),
        (MINUTE, State.OPEN, "request", False),
        (MINUTE, State.CLOSED, "bounce", False),
    ],
)
def test_a_mail_on_a_ticket_merged_away(
    e: Evidence, before: timedelta, state: State, what: str, told: bool
) -> None:
    finished = e.ledger[1].finished_at
    assert finished is not None
    e.month.truths[1] = Truth(what, "")
    merged = replace(e.tickets[1001], merged_into=1002, state=state, closed_at=finished - before)
    e.tickets[1001] = merged
    line = "mail 1 (request) stands on PS-1001, which was merged away before"
    assert list(invariants.merged_reach_survivor(e)) == ([line] if told else [])
    e.tickets[1001] = replace(merged, merged_into=None)
    assert list(invariants.merged_reach_survivor(e)) == []


@pytest.mark.parametrize(
    ("waits", "back", "told"),
    [
        (LATE, None, False),
        (LATE + MINUTE, None, True),
        (LATE + MINUTE, LATE, False),
        (LATE + MINUTE, LATE + MINUTE, True),
        (LATE + MINUTE, -MINUTE, False),
    ],
)
def test_a_letter_that_waits(e: Evidence, waits: timedelta, back: timedelta | None, told: bool) -> None:
    """`back`: for how long the server is there again."""
    row = unsent(e, state=LetterState.WAITING, ready_at=e.now - waits)
    e.month.outages = (Outage("smtp", e.now - 5 * waits, e.now - back),) if back is not None else ()
    line = f"letter {row.id} (acknowledgment) waits since {e.now - waits:%m-%d %H:%M}"
    assert list(invariants.letters_accounted_for(e)) == ([line] if told else [])
    e.letters[row.message_id] = replace(row, ready_at=None)
    assert list(invariants.letters_accounted_for(e)) == []


@pytest.mark.parametrize("state", [LetterState.WITHDRAWN, LetterState.FAILED])
@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        (Happening.LETTER_WITHDRAWN, {"letter": 1}, True),
        (Happening.LETTER_FAILED, {"letter": 1}, True),
        (Happening.LETTER_FAILED, {"letter": 2}, False),
        (Happening.LETTER_SENT, {"letter": 1}, False),
        (Happening.TAKEN_BACK, {"letter": "acknowledgment"}, True),
        (Happening.TAKEN_BACK, {"letter": "another"}, False),
        (Happening.STAFF_NOTED, {"letter": "acknowledgment"}, False),
    ],
)
def test_a_letter_that_will_not_leave(
    e: Evidence, state: LetterState, kind: Happening, data: dict[str, Any], told: bool
) -> None:
    row, ticket = unsent(e, state=state), e.tickets[1001]
    assert (row.id, row.key) == (1, "acknowledgment")
    others = tuple(one for one in ticket.events if one.kind is not Happening.LETTER_SENT)
    e.tickets[1001] = replace(ticket, events=(*others, Event(e.now, kind, "daemon", "", data)))
    line = f"letter 1 (acknowledgment) is {state} without an event"
    assert list(invariants.letters_accounted_for(e)) == ([] if told else [line])
    e.letters[row.message_id] = replace(row, ticket_id=None)
    assert list(invariants.letters_accounted_for(e)) == []


def test_a_ticket_as_its_clocks_saw_it_before_a_time(e: Evidence) -> None:
    """Terms are those of its first judgment and of what came before; the event of that very moment is not among it."""
    ticket = e.tickets[1001]
    first = ticket.events[0].at
    later, last = first + timedelta(days=9), first + timedelta(days=10)
    judged = Event(later, Happening.JUDGED, "daemon", "", {"severity": "S1", "region": "IN"})
    noted = Event(last, Happening.STAFF_NOTED, "cli:dora", "", {"severity": "S4"})
    whole = replace(ticket, events=(*ticket.events, judged, noted), severity=Severity.S4, region="JP")
    told = [invariants.as_of(whole, at) for at in (first, later, later + MINUTE, last + MINUTE)]
    assert [(one.severity, one.region, len(one.events), one.updated_at) for one in told] == [
        (Severity.S3, "US", 0, ticket.created_at),
        (Severity.S3, "US", len(ticket.events), ticket.events[-1].at),
        (Severity.S1, "IN", len(ticket.events) + 1, later),
        (Severity.S1, "IN", len(ticket.events) + 2, last),
    ]


@pytest.mark.parametrize(
    ("kind", "data", "ends"),
    [
        (Happening.STAFF_ANSWERED, {}, True),
        (Happening.LETTER_SENT, {"kind": "progress_update", "letter": 77}, True),
        (Happening.LETTER_SENT, {"kind": "acknowledgment", "letter": 77}, False),
        (Happening.LETTER_WRITTEN, {"kind": "progress_update"}, False),
        (Happening.STAFF_NOTED, {}, False),
    ],
)
@pytest.mark.parametrize("late", [LATE, LATE + MINUTE])
def test_an_update_that_came_late_was_missed_by_then(
    e: Evidence, kind: Happening, data: dict[str, Any], ends: bool, late: timedelta
) -> None:
    """It was due an hour after the second answer; the round after it was still in time when all was over."""
    ticket = e.tickets[1001]

    def after(minutes: float, what: Happening, **told: Any) -> Event:
        return Event(ticket.created_at + minutes * MINUTE, what, "cy@zohocorp.com", "", told)

    over = after(90 + late / MINUTE + 1, Happening.RESOLVED)
    events = (
        *ticket.events[:2],
        after(1, Happening.SEVERITY_CORRECTED, was="S3", severity="S1"),
        after(5, Happening.STAFF_ANSWERED),
        after(30, Happening.STAFF_ANSWERED),
        after(90 + late / MINUTE, kind, **data),
        over,
    )
    e.tickets = {
        1001: replace(ticket, events=events, severity=Severity.S1, state=State.RESOLVED, resolved_at=over.at)
    }
    e.pending = {1001: {}}
    line = "PS-1001 next_update:miss@2 was missed, and nobody was told"
    assert list(invariants.no_promise_dropped(e)) == ([line] if ends and late > LATE else [])


def test_automatic_mail_on_a_ticket_moves_no_clock(e: Evidence) -> None:
    tells(e, 1001, Happening.AUTOMATIC_MAIL, "mailer-daemon")
    assert list(invariants.machines_move_nothing(e)) == []


def test_every_breach_is_told_with_the_name_of_its_check(
    lived: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert invariants.broken(lived.month) == []
    why = lived.ledger[1].why
    monkeypatch.setitem(lived.month.truths, 1, Truth("bounce", ""))
    assert invariants.broken(lived.month) == [f"machines_move_nothing: mail 1 (bounce) became ticket: {why}"]


def test_a_month_is_summed_up_by_the_clocks_of_those_who_got_the_letters(lived: Evidence) -> None:
    """The partner's in New York, the desk's in Los Angeles: parts of three hours."""
    told = summary.sum_up(lived.month)
    assert told.mails == (("ticket (request)", 2),)
    assert told.letters == (
        ("partner", "acknowledgment", (0, 0, 0, 1, 0, 0, 0, 0)),
        ("partner", "missing_information", (0, 0, 0, 0, 0, 1, 0, 0)),
        ("partner", "missing_information_reminder", (0, 0, 0, 2, 0, 1, 0, 0)),
        ("staff", "at_risk", (0, 0, 1, 1, 0, 0, 0, 0)),
        ("staff", "missed", (0, 0, 1, 1, 0, 0, 0, 0)),
        ("staff", "review", (0, 0, 1, 0, 1, 0, 0, 0)),
        ("staff", "still_open", (0, 0, 1, 0, 1, 0, 0, 0)),
        ("staff", "unidentified", (0, 0, 0, 0, 1, 0, 0, 0)),
    )
    assert (told.outbox, told.tickets) == ((), (("new", "S3", 2),))
    assert [(one.by, one.name, one.tickets) for one in told.promises] == [
        ("policy", "standard", 2),
        ("severity", "S3", 2),
    ]
    assert [[(one.kind, one.missed, one.open) for one in group.kept] for group in told.promises] == [
        [("first_response", 1, 1), ("identification", 0, 0), ("resolution", 1, 1)]
    ] * 2
    store = lived.month.house.store
    last = {row.kind: row for row in reversed(store.letters(limit=99))}
    review, told_him = last["review"], last["acknowledgment"]
    try:
        set_in(store, letters, review.id, sent_at=None)
        set_in(store, letters, told_him.id, ticket_id=None)
        again = summary.sum_up(lived.month)
    finally:
        set_in(store, letters, review.id, sent_at=review.sent_at)
        set_in(store, letters, told_him.id, ticket_id=told_him.ticket_id)
    assert again.outbox == (("review", "sent", 1),)
    hours = {kind: by for _, kind, by in again.letters}
    assert hours["review"] == (0, 0, 1, 0, 0, 0, 0, 0)
    assert hours["acknowledgment"] == (0, 0, 1, 0, 0, 0, 0, 0), "of no ticket: by the desk's clock"
