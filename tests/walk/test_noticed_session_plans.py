"""What is ordered of a screen-sharing session, as plans: its event, its letters and to whom, what is kept, each refusal. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.meetings.test_eligibility import PAID
from tests.meetings.test_moves import FIRST, HOST, NOW, SECOND, YES, event_on, meeting, who
from tests.meetings.test_moves import after as moved_on
from tests.tickets.world import promises, ticket, writer
from triaged.letters.recipients import addressees
from triaged.meetings import moves
from triaged.meetings.meeting import NO_ACCESS, Access
from triaged.store.meeting_rows import CodeMade, MeetingKept
from triaged.tickets.meeting_data import MeetingCode
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Event, Happening, Person, State, Ticket
from triaged.walk.plan import Plan
from triaged.walk.plans import meeting_acts, meeting_orders
from triaged.walk.plans.meeting_orders import LONGEST_SUMMARY, LONGEST_TOLD, MOST_TIMES, Consent, MeetingOrder
from triaged.walk.plans.page_acts import Act, No

MINUTE = timedelta(minutes=1)
ANNA = "anna@oakbridge.example"
DI = "di@desk.example"
LINK = Access("https://meet.example/abc", "1234")
ENDS = FIRST + 40 * MINUTE
SHARING = promises().screen_sharing
assert SHARING is not None
VERSION = SHARING.version
DIGEST = SHARING.terms("en").digest


def order(tell: str = "", reason: str = "", by: moves.By = "staff", now: datetime = NOW) -> MeetingOrder:
    return MeetingOrder("cli:cy", by, reason, writer(now), tell)


def bare(**fields: Any) -> Ticket:
    return ticket(NOW, **({"state": State.OPEN} | PAID | fields))


def offered(of: Ticket | None = None) -> Ticket:
    return moved_on(moves.offer(of or bare(), "uid-1@desk.example", (FIRST, SECOND), 40, HOST, who()))


def accepted(of: Ticket | None = None) -> Ticket:
    return moved_on(moves.accept(offered(of), FIRST, YES, who(by="partner")))


def begun() -> Ticket:
    return moved_on(moves.begin(accepted(), who(FIRST)))


def held() -> Ticket:
    return moved_on(moves.hold(begun(), who(ENDS)))


def told(plan: Plan | Refused | No) -> list[tuple[str, str, str]]:
    assert isinstance(plan, Plan) and plan.ordered, plan
    return [(e.kind, e.actor, e.reason) for e in plan.changes[0].events]


def data(plan: Plan | Refused | No) -> dict[str, Any]:
    assert isinstance(plan, Plan), plan
    return dict(plan.changes[0].events[0].data)


def letters(plan: Plan | Refused | No) -> list[tuple[str, tuple[str, ...]]]:
    assert isinstance(plan, Plan), plan
    return [(letter.kind, (*letter.to, *letter.cc)) for letter in plan.changes[0].letters]


def body(plan: Plan | Refused | No, at: int = -1) -> str:
    assert isinstance(plan, Plan), plan
    return plan.changes[0].letters[at].body


def offer(of: Ticket | None = None, times: tuple[datetime, ...] = (FIRST,), host: str = HOST, access: Access = LINK,
          taken: tuple[Any, ...] = (), given: MeetingOrder | None = None) -> Plan | Refused:  # fmt: skip
    return meeting_orders.offer(of or bare(), times, host, access, taken, given or order())


# -- offered


def test_an_offer_is_told_with_its_times_and_keeps_how_to_get_in() -> None:
    plan = offer(times=(SECOND, FIRST, FIRST), given=order("Bring the export."))
    assert told(plan) == [("meeting_changed", "cli:cy", "offered 2 times")]
    assert letters(plan) == [("meeting_offer", (ANNA,))] and "Bring the export." in body(plan)
    assert isinstance(plan, Plan) and plan.meeting == MeetingKept(42, 1, LINK)
    assert data(plan)["times"] == [FIRST.isoformat(), SECOND.isoformat()]
    assert data(plan)["uid"] == f"{meeting_orders.OURS}42-1-{int(NOW.timestamp())}@desk.example"
    assert told(offer())[0][2] == "offered 1 time"
    assert told(offer(given=order(reason="he asked for it")))[0][2] == "he asked for it"
    again = moved_on(moves.cancel(offered(), who()))
    assert (
        data(offer(again))["uid"].startswith(f"{meeting_orders.OURS}42-2-")
        and data(offer(again))["meeting"] == 2
    )


def test_the_entry_of_a_mailbox_without_a_domain_is_ours_all_the_same() -> None:
    odd = order()
    odd = replace(
        odd, writer=replace(odd.writer, desk=replace(odd.writer.desk, address="support@d_é!sk.example"))
    )
    assert data(offer(given=odd))["uid"].endswith("@dsk.example")
    odd = replace(odd, writer=replace(odd.writer, desk=replace(odd.writer.desk, address="support")))
    assert data(offer(given=odd))["uid"].endswith("@support")
    odd = replace(odd, writer=replace(odd.writer, desk=replace(odd.writer.desk, address="support@é")))
    assert data(offer(given=odd))["uid"].endswith("@triaged.invalid")


TAKEN = ((FIRST + 39 * MINUTE, FIRST + 80 * MINUTE),)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"of": bare(plan="free")}, "no screen-sharing session for PS-1042: the account's plan is 'free', not enterprise or premium"),
        ({"of": bare(people=(Person(ANNA, failed=True),))}, "no screen-sharing session for PS-1042: nobody can be written to"),
        ({"of": accepted()}, "no screen-sharing session for PS-1042: PS-1042 has a session already, accepted for 2026-11-18 08:00 UTC"),
        ({"times": (FIRST + timedelta(seconds=1),)}, "2026-11-18 08:00:01 UTC is no whole minute"),
        ({"times": (FIRST + timedelta(microseconds=1),)}, "2026-11-18 08:00:00 UTC is no whole minute"),
        ({"times": tuple(FIRST + n * MINUTE for n in range(MOST_TIMES + 1))}, f"offer at most {MOST_TIMES} times"),
        ({"times": ()}, "offer at least one time"),
        ({"times": (FIRST, NOW)}, "2026-11-16 08:00 UTC has passed"),
        ({"host": "ben"}, "'ben' is not the address of who holds it"),
        ({"host": "ben@desk"}, "'ben@desk' is not the address of who holds it"),
        ({"host": f"bén@{'d' * 190}.example"}, f"'bén@{'d' * 190}.example' is not the address of who holds it"),
        ({"host": "bo@oakbridge.example"}, "bo@oakbridge.example is of the partner: a session is held by one of us"),
        ({"host": DI, "of": bare(people=(Person(ANNA), Person(DI, role="cc")))}, f"{DI} is of the partner: a session is held by one of us"),
        ({"access": Access("http://meet.example/abc")}, "the link begins with https:// and has no blanks"),
        ({"access": Access("", "x" * 101)}, "the passcode has at most 100 characters, on one line"),
        ({"given": order("x" * (LONGEST_TOLD + 1))}, f"what is told has at most {LONGEST_TOLD} characters"),
        ({"taken": TAKEN}, "2026-11-18 08:00 UTC: the host has another session from 08:39 to 09:20 UTC"),
    ],
)  # fmt: skip
def test_why_nothing_is_offered(given: dict[str, Any], why: str) -> None:
    assert offer(**given) == Refused(why)


def test_what_is_just_within_its_bounds_is_offered() -> None:
    times = tuple(FIRST + n * MINUTE for n in range(MOST_TIMES))
    plan = offer(times=times, access=Access("", "x" * 100), given=order("x" * LONGEST_TOLD))
    assert isinstance(plan, Plan) and len(data(plan)["times"]) == MOST_TIMES
    assert isinstance(offer(bare(partner_tier=None)), Plan)


# -- answered


def accept(of: Ticket | None = None, starts: datetime = FIRST, consent: Consent | None = None, access: Access = LINK,
           taken: tuple[Any, ...] = (), given: MeetingOrder | None = None) -> Plan | Refused:  # fmt: skip
    yes = consent or Consent(VERSION, "Anna@Oakbridge.example", "p" * 201, DIGEST)
    return meeting_orders.accept(of or offered(), starts, yes, access, taken, given or order(by="partner"))


def test_a_yes_is_kept_with_the_terms_and_invites_everybody() -> None:
    plan = accept()
    assert told(plan) == [("meeting_changed", "cli:cy", "accepted")]
    assert data(plan) == {
        "meeting": 1, "state": "accepted", "by": "partner", "starts": FIRST.isoformat(), "terms": VERSION,
        "language": "en", "digest": DIGEST, "person": ANNA, "peer": "p" * 200,
    }  # fmt: skip
    assert letters(plan) == [("meeting_invitation", (ANNA,)), ("meeting_news", (HOST,))]
    assert isinstance(plan, Plan) and plan.meeting == MeetingKept(42, 1, LINK)
    assert "By cli:cy" in body(plan) and "no link yet" not in body(plan)
    without = accept(access=NO_ACCESS, given=order(reason="by phone"))
    assert "By cli:cy: by phone" in body(without)
    assert "no link yet: triaged sessions link PS-1042" in " ".join(body(without).split())
    keys = [letter.key for letter in plan.changes[0].letters]
    assert keys[1] == "meeting-news@2" and len(set(keys)) == 2


@pytest.mark.parametrize(
    ("consent", "why"),
    [
        (Consent("old", ANNA), f"the terms are of version {VERSION} now, and version old was shown"),
        (Consent(VERSION, ANNA, digest="x"), f"the text of the terms is another now than was shown, though its version is {VERSION} still"),
        (Consent(VERSION, "eve@far.example"), "eve@far.example is nobody of PS-1042"),
    ],
)  # fmt: skip
def test_whose_yes_does_not_count(consent: Consent, why: str) -> None:
    assert accept(consent=consent) == Refused(why)
    assert isinstance(accept(consent=Consent(VERSION, ANNA)), Plan), "nobody says which text was shown"
    ours = replace(order().writer, promises=replace(promises(), screen_sharing=None))
    assert meeting_orders.why_terms(offered(), consent, ours) == (
        "the rulebook offers no screen-sharing sessions (screen_sharing)"
    )


def test_who_reads_german_accepts_the_german_text() -> None:
    assert SHARING is not None
    german = SHARING.terms("de")
    assert meeting_orders.terms_for(bare(language="de"), SHARING, writer(NOW).letters) == german
    plan = accept(offered(bare(language="de")), consent=Consent(VERSION, ANNA, digest=german.digest))
    assert (data(plan)["language"], data(plan)["digest"]) == ("de", german.digest)


def test_a_time_that_the_host_has_no_more_or_of_a_ticket_that_is_over_is_not_agreed_upon() -> None:
    assert accept(taken=TAKEN) == Refused(
        "2026-11-18 08:00 UTC: the host has another session from 08:39 to 09:20 UTC"
    )
    over = replace(offered(), state=State.RESOLVED)
    assert accept(over) == Refused("PS-1042 is resolved: no session is agreed upon any more")


@pytest.mark.parametrize(("state", "resumed"), [(State.OPEN, False), (State.WAITING, True)])
def test_declined_is_told_to_the_host_and_we_go_on_by_mail(state: State, resumed: bool) -> None:
    plan = meeting_orders.decline(replace(offered(), state=state), order())
    expected = [("meeting_changed", "cli:cy", "declined")]
    assert told(plan) == expected + ([("resumed", "cli:cy", "declined: we go on by mail")] if resumed else [])
    assert letters(plan) == [("meeting_news", (HOST,))]
    assert isinstance(plan, Plan) and plan.changes[0].after.state is State.OPEN and plan.meeting is None
    assert isinstance(meeting_orders.decline(accepted(), order()), Refused)


# -- moved


def test_moved_by_staff_it_keeps_to_the_hours_and_invites_anew() -> None:
    plan = meeting_orders.move(accepted(), SECOND, LINK, (), order("I am ill."))
    assert told(plan) == [("meeting_changed", "cli:cy", "moved")]
    assert letters(plan) == [("meeting_moved", (ANNA,)), ("meeting_news", (HOST,))]
    assert "I am ill." in body(plan, 0)
    night = FIRST + timedelta(hours=12)
    refused = meeting_orders.move(accepted(), night, LINK, (), order())
    assert isinstance(refused, Refused) and "is outside the hours of calendar business" in refused.reason
    assert isinstance(meeting_orders.move(accepted(), night, LINK, (), order(by="partner")), Plan)
    taken = ((SECOND, SECOND + MINUTE),)
    for by in ("staff", "partner"):
        found = meeting_orders.move(accepted(), SECOND, LINK, taken, order(by=by))  # type: ignore[arg-type]
        assert isinstance(found, Refused) and "the host has another session" in found.reason


def test_handed_over_the_former_host_has_it_no_more_in_his_calendar() -> None:
    plan = meeting_orders.move(accepted(), FIRST, LINK, (), order(), "Di@Desk.example")
    assert letters(plan) == [("meeting_moved", (ANNA,)), ("meeting_news", (DI,)), ("meeting_news", (HOST,))]
    assert f"{DI} holds it now" in body(plan)
    assert isinstance(plan, Plan)
    gone = plan.changes[0].letters[-1]
    assert gone.key == "meeting-handed-over@2" and any(b"METHOD:CANCEL" in one.content for one in gone.files)
    same = meeting_orders.move(accepted(), SECOND, LINK, (), order(), HOST.upper())
    assert letters(same) == [("meeting_moved", (ANNA,)), ("meeting_news", (HOST,))]


@pytest.mark.parametrize(
    ("host", "tell", "why"),
    [
        ("di", "", "'di' is not the address of who holds it"),
        (
            "bo@oakbridge.example",
            "",
            "bo@oakbridge.example is of the partner: a session is held by one of us",
        ),
        ("", "x" * (LONGEST_TOLD + 1), f"what is told has at most {LONGEST_TOLD} characters"),
    ],
)
def test_why_it_is_not_moved(host: str, tell: str, why: str) -> None:
    assert meeting_orders.move(accepted(), SECOND, LINK, (), order(tell), host) == Refused(why)
    assert isinstance(meeting_orders.move(bare(), SECOND, LINK, (), order(), "di@desk.example"), Refused)


def test_a_link_is_kept_for_an_offer_and_invites_anew_to_what_is_booked() -> None:
    kept = meeting_orders.give_access(offered(), LINK, (), order())
    assert (
        told(kept) == [("staff_noted", "cli:cy", "the link of the session was given")] and letters(kept) == []
    )
    assert isinstance(kept, Plan) and kept.meeting == MeetingKept(42, 1, LINK)
    again = meeting_orders.give_access(accepted(), LINK, (), order())
    assert (
        told(again) == [("meeting_changed", "cli:cy", "the link was given")]
        and data(again)["state"] == "moved"
    )
    assert letters(again) == [("meeting_moved", (ANNA,)), ("meeting_news", (HOST,))]
    running = meeting_orders.give_access(begun(), LINK, (), order(now=FIRST))
    assert told(running)[0][0] == "staff_noted"
    none = Refused("PS-1042 has no session that is still to come")
    assert (
        meeting_orders.give_access(bare(), LINK, (), order())
        == none
        == meeting_orders.give_access(held(), LINK, (), order())
    )
    assert meeting_orders.give_access(offered(), Access("ftp://x"), (), order()) == Refused(
        "the link begins with https:// and has no blanks"
    )


# -- ended


def test_cancelled_everybody_who_expects_it_is_told() -> None:
    plan = meeting_orders.cancel(accepted(), order("I am ill."))
    assert told(plan) == [("meeting_changed", "cli:cy", "cancelled")]
    assert letters(plan) == [
        ("meeting_cancelled", (ANNA,)),
        ("meeting_news", (HOST,)),
    ] and "I am ill." in body(plan, 0)
    assert isinstance(plan, Plan) and any(
        b"METHOD:CANCEL" in one.content for one in plan.changes[0].letters[-1].files
    )
    assert meeting_orders.cancel(accepted(), order("x" * (LONGEST_TOLD + 1))) == Refused(
        f"what is told has at most {LONGEST_TOLD} characters"
    )
    assert meeting_orders.cancel(bare(), order()) == Refused("PS-1042 has no screen-sharing session")


def test_begun_by_a_code_it_is_used_and_by_the_word_of_staff_none_is() -> None:
    plain = meeting_orders.begin(accepted(), "", order(now=FIRST))
    assert told(plain) == [("meeting_changed", "cli:cy", "begun, by the word of staff")]
    assert isinstance(plain, Plan) and plain.meeting is None
    coded = event_on(accepted(), Happening.MEETING_CODE, MeetingCode(1, 3).stored())
    by_code = meeting_orders.begin(coded, "h" * 64, order(now=FIRST))
    assert told(by_code) == [
        ("meeting_changed", "cli:cy", "begun"),
        ("meeting_code", "cli:cy", "a connection code was used"),
    ]
    assert isinstance(by_code, Plan) and by_code.meeting == MeetingKept(42, 1, used="h" * 64)
    assert by_code.changes[0].events[1].data == {"meeting": 1, "code": 3, "used": True}
    early = meeting_orders.begin(accepted(), "", order())
    assert isinstance(early, Refused) and early.reason.endswith("a quarter of an hour before is the earliest")


def test_held_without_a_word_its_host_is_asked_for_one() -> None:
    asked = meeting_orders.hold(begun(), "", order(now=ENDS))
    assert told(asked) == [("meeting_changed", "cli:cy", "held")] and letters(asked) == [
        ("meeting_summary", (HOST,))
    ]
    assert isinstance(asked, Plan) and asked.changes[0].letters[0].key == "meeting-summary@1"
    said = meeting_orders.hold(begun(), " It works. ", order(now=ENDS))
    assert told(said) == [("meeting_changed", "cli:cy", "summary written")] and letters(said) == []
    assert data(said)["summary"] == "It works."
    assert isinstance(meeting_orders.hold(begun(), "x" * LONGEST_SUMMARY, order(now=ENDS)), Plan)
    assert meeting_orders.hold(begun(), "x" * (LONGEST_SUMMARY + 1), order(now=ENDS)) == Refused(
        f"a summary has at most {LONGEST_SUMMARY} characters"
    )
    assert meeting_orders.hold(held(), "", order(now=ENDS)) == Refused(
        "it is held already; say what came of it"
    )


@pytest.mark.parametrize(
    ("of", "summary", "why"),
    [
        (bare(), "x", "the session of PS-1042 was never offered: only a held one has a summary"),
        (accepted(), "x", "the session of PS-1042 is accepted: only a held one has a summary"),
        (held(), " ", "say what came of it"),
    ],
)
def test_only_what_was_held_is_summed_up(of: Ticket, summary: str, why: str) -> None:
    assert meeting_orders.sum_up(of, summary, order(now=ENDS)) == Refused(why)
    assert data(meeting_orders.sum_up(held(), "It works.", order(now=ENDS)))["summary"] == "It works."


@pytest.mark.parametrize(
    ("missing", "why"),
    [("partner", "partner did not come"), ("staff", "staff did not come"), ("", "it did not take place")],
)
def test_who_did_not_come_is_told(missing: str, why: str) -> None:
    plan = meeting_orders.miss(accepted(), missing, order(now=ENDS))
    assert told(plan) == [("meeting_changed", "cli:cy", why)] and data(plan).get("missing", "") == missing
    assert meeting_orders.miss(accepted(), "rain", order(now=ENDS)) == Refused(
        "'rain' is neither partner nor staff"
    )
    assert isinstance(meeting_orders.miss(bare(), missing, order(now=ENDS)), Refused)


MADE = CodeMade(1, "h" * 64, ENDS)


def test_a_code_is_told_by_its_number_and_kept_by_its_hash() -> None:
    plan = meeting_orders.new_code(accepted(), MADE, "Anna@Oakbridge.example", order(now=FIRST))
    assert told(plan) == [("meeting_code", "cli:cy", "a connection code was made")]
    assert data(plan) == {"meeting": 1, "code": 1, "for": ANNA}
    assert isinstance(plan, Plan) and plan.meeting == MeetingKept(42, 1, made=MADE)
    assert meeting_orders.new_code(bare(), MADE, ANNA, order(now=FIRST)) == Refused(
        "PS-1042 has no session that was accepted (none)"
    )


# -- by a page


def act(address: str = ANNA, now: datetime = NOW) -> Act:
    return Act(address, "Anna", None, False, writer(now), "k1")


GONE = "2026-11-18 08:00 UTC can be chosen no more"


def test_a_partner_accepts_moves_cancels_and_declines_on_the_page() -> None:
    assert told(meeting_acts.accept(offered(), FIRST, VERSION, "192.0.2.7", LINK, (), act(), DIGEST)) == [
        ("meeting_changed", ANNA, "accepted on the page")
    ]
    assert told(meeting_acts.move(accepted(), SECOND, LINK, (), act())) == [
        ("meeting_changed", ANNA, "moved on the page")
    ]
    assert told(meeting_acts.decline(offered(), act())) == [("meeting_changed", ANNA, "declined on the page")]
    assert told(meeting_acts.cancel(accepted(), " ", act())) == [
        ("meeting_changed", ANNA, "cancelled on the page")
    ]
    assert told(meeting_acts.cancel(accepted(), " ill ", act()))[0][2] == "ill"
    assert told(meeting_acts.cancel(accepted(), "x" * 999 + "yz", act()))[0][2] == "x" * 999 + "y"
    assert data(meeting_acts.new_code(accepted(), MADE, act(now=FIRST)))["for"] == ANNA
    assert data(meeting_acts.cancel(accepted(), "", act()))["by"] == "partner"


NOBODY = No("meeting_people", "eve@oakbridge.example is nobody of PS-1042")
EVE = act("eve@oakbridge.example")


@pytest.mark.parametrize(
    ("plan", "no"),
    [
        (lambda: meeting_acts.accept(bare(), FIRST, VERSION, "", LINK, (), act()), No("meeting_state", "there is no session")),
        (lambda: meeting_acts.accept(accepted(), FIRST, VERSION, "", LINK, (), act()), No("meeting_state", "the session is accepted")),
        (lambda: meeting_acts.accept(offered(), FIRST, VERSION, "", LINK, (), EVE), NOBODY),
        (lambda: meeting_acts.accept(offered(), FIRST + MINUTE, VERSION, "", LINK, (), act()), No("meeting_time", "2026-11-18 08:01 UTC can be chosen no more")),
        (lambda: meeting_acts.accept(offered(), FIRST, VERSION, "", LINK, (), act(now=FIRST)), No("meeting_time", GONE)),
        (lambda: meeting_acts.accept(offered(), FIRST, VERSION, "", LINK, TAKEN, act()), No("meeting_taken", "2026-11-18 08:00 UTC: the host has another session from 08:39 to 09:20 UTC")),
        (lambda: meeting_acts.accept(offered(), FIRST, "old", "", LINK, (), act()), No("meeting_terms", f"the terms are of version {VERSION} now, and version old was shown")),
        (lambda: meeting_acts.decline(offered(), EVE), NOBODY),
        (lambda: meeting_acts.decline(accepted(), act()), No("meeting_state", "the session of PS-1042 is accepted: a time that stands is cancelled, not declined")),
        (lambda: meeting_acts.move(offered(), SECOND, LINK, (), act()), No("meeting_state", "the session is offered")),
        (lambda: meeting_acts.move(accepted(), SECOND, LINK, (), EVE), NOBODY),
        (lambda: meeting_acts.move(accepted(), SECOND + MINUTE, LINK, (), act()), No("meeting_time", "2026-11-19 08:01 UTC can be chosen no more")),
        (lambda: meeting_acts.cancel(offered(), "", act()), No("meeting_state", "the session is offered")),
        (lambda: meeting_acts.cancel(accepted(), "", EVE), NOBODY),
        (lambda: meeting_acts.new_code(accepted(), MADE, act("eve@oakbridge.example", FIRST)), NOBODY),
        (lambda: meeting_acts.new_code(offered(), MADE, act()), No("meeting_code", "PS-1042 has no session that was accepted (offered)")),
    ],
)  # fmt: skip
def test_why_a_page_does_not_do_it(plan, no: No) -> None:
    assert plan() == no


def test_a_partner_moves_it_ten_times_and_no_more() -> None:
    t = accepted()
    for n in range(meeting_acts.MOST_MOVES):
        starts = SECOND if n % 2 == 0 else FIRST
        plan = meeting_acts.move(t, starts, LINK, (), act())
        assert isinstance(plan, Plan), n
        t = plan.changes[0].after
    assert meeting_acts.move(t, SECOND, LINK, (), act()) == No("meeting_state", "it was moved 10 times")


def test_times_that_can_still_be_chosen_are_to_come_free_and_not_its_own() -> None:
    one = meeting(offered())
    assert meeting_acts.free_times(one, (), NOW) == (FIRST, SECOND)
    assert meeting_acts.free_times(one, (), FIRST - MINUTE) == (FIRST, SECOND)
    assert meeting_acts.free_times(one, (), FIRST) == (SECOND,)
    assert meeting_acts.free_times(one, TAKEN, NOW) == (SECOND,)
    assert meeting_acts.free_times(one, ((ENDS, ENDS + MINUTE),), NOW) == (FIRST, SECOND)
    assert meeting_acts.free_times(meeting(accepted()), (), NOW) == (SECOND,)


def test_who_left_is_told_that_it_is_over_by_what_he_was_invited_to() -> None:
    assert addressees(accepted())[0] == (ANNA,)
    event = Event(
        NOW,
        Happening.LETTER_WRITTEN,
        "daemon",
        "x",
        {"kind": "meeting_invitation", "key": "m", "entry_for": [ANNA, "bo@oakbridge.example"]},
    )
    invited = replace(accepted(), people=(Person(ANNA), Person("bo@oakbridge.example", role="reader")))
    invited = replace(invited, events=(*invited.events, event))
    plan = meeting_orders.cancel(invited, order())
    assert letters(plan) == [
        ("meeting_cancelled", (ANNA,)),
        ("meeting_cancelled", ("bo@oakbridge.example",)),
        ("meeting_news", (HOST,)),
    ]
