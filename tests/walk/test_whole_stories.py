"""What stands on a ticket after an order, all of it at once: events with what they keep, people, and the letters that wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.scene import Scene
from tests.store.samples import NOW, new_ticket
from tests.walk.test_by_page import PNG, asked, colleague, now, page, version
from triaged.judging.decisions import Account
from triaged.letters import rich
from triaged.store.rows import SaidMail
from triaged.tickets.states import Refused
from triaged.tickets.ticket import Event, Happening, Person, State, Ticket
from triaged.walk.by_hand import ByHand
from triaged.walk.by_page import Changed, Done, No, Request
from triaged.walk.plan import Plan
from triaged.walk.plans import marks, page_acts
from triaged.walk.plans.orders import Order

H = Happening
CY = "cy.moor@zohocorp.com"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ROUTINE = (H.LETTER_WRITTEN, H.LETTER_SENT, H.LETTER_FAILED)
Told = tuple[str, str, str, dict[str, Any]]


def desk(scene: Scene, form: str = "") -> ByHand:
    return ByHand(scene.store, scene.month.knowledge, CY, scene.month.now, "Cy Moor", form=form)


def story(scene: Scene, ticket: Ticket) -> list[Told]:
    """What happened to a ticket since this state of it, the ways of letters apart."""
    came = now(scene, ticket).events[len(ticket.events) :]
    assert {e.at for e in came} <= {scene.month.now}
    return [(str(e.kind), e.actor, e.reason, dict(e.data)) for e in came if e.kind not in ROUTINE]


def waits(scene: Scene, ticket: Ticket) -> list[tuple[Any, ...]]:
    """The letters of a ticket that have not left, in the order in which they were written; None: at once."""
    rows = sorted(scene.store.letters(ticket_id=ticket.id, state="waiting"), key=lambda row: row.id)
    return [
        (row.kind, row.key, row.to, row.cc, row.ready_at if row.ready_at != scene.month.now else None)
        for row in rows
        if row.kind != "review"
    ]


def later(scene: Scene, **span: float) -> None:
    scene.month.now += timedelta(**(span or {"minutes": 5}))


def test_an_answer_and_its_end_are_told_whole(scene: Scene) -> None:
    ticket, bo = asked(scene), colleague(scene)
    later(scene)
    left = scene.month.now + timedelta(seconds=30)
    key = "answer:" + "f" * 40
    answered, given = desk(scene, "f" * 41).answer(
        ticket, "Hello" + "x" * 2_000, [PNG], then="resolve", undo=timedelta(seconds=30)
    )
    assert given == key and answered.state is State.RESOLVED and answered.resolved_at == scene.month.now
    gone = ("answer", key, (scene.ann.address,), (bo,), left)
    assert waits(scene, ticket) == [gone]
    told = {"report": "Hello" + "x" * 1_995, "name": "Cy Moor", "letter": key, "was": "new"}
    both = [
        ("staff_answered", CY, "answered by a letter", told),
        ("resolved", CY, "solved with the answer", {"letter": key}),
    ]
    assert story(scene, ticket) == both
    back = desk(scene).take_back(answered)
    assert story(scene, ticket) == [
        *both,
        ("taken_back", CY, "taken back before it left", {"letter": key}),
        ("letter_withdrawn", CY, "taken back before it left", {"kind": "answer", "key": key}),
    ]
    assert (back.state, back.resolved_at, waits(scene, ticket)) == (State.NEW, None, [])


def test_the_newest_answer_that_still_stands_is_taken_back_first(scene: Scene) -> None:
    ticket = asked(scene)
    keys = [
        desk(scene, form).answer(now(scene, ticket), form, then="open", undo=timedelta(minutes=9))[1]
        for form in ("one", "two")
    ]
    scene.desk().progress(now(scene, ticket), "We look into it.")  # no answer by a letter that waits
    for _ in keys:
        desk(scene).take_back(now(scene, ticket))
    gone = [data["letter"] for kind, _, _, data in story(scene, ticket) if kind == "taken_back"]
    assert gone == ["answer:two", "answer:one"]


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_an_answer_is_resolved_as_before_once_one_on_it_is_taken_back(scene: Scene, late: bool) -> None:
    """What others did after it stays: the time of its solution with it."""
    ticket = asked(scene)
    solved = scene.desk().happen(ticket, "resolved", "done", quiet=True)
    later(scene)
    answered, key = desk(scene, "f").answer(solved, "One more word", undo=timedelta(minutes=9))
    if late:
        scene.desk().happen(now(scene, ticket), "closed", "done", quiet=True)
    before = now(scene, ticket)
    back = desk(scene).take_back(before, key)
    if late:
        assert (back.state, back.resolved_at) == (before.state, before.resolved_at)
    else:
        assert (back.state, back.resolved_at) == (State.RESOLVED, answered.resolved_at)


def test_what_staff_order_is_told_whole(scene: Scene) -> None:
    ticket, bo = asked(scene), colleague(scene)
    later(scene)
    until = scene.month.now + DAY
    snoozed = desk(scene).snooze(ticket, until, "waits for a release")
    assert (snoozed.snoozed_until, snoozed.updated_at) == (until, ticket.updated_at)
    desk(scene).snooze(snoozed, None, "it came early")
    corrected = desk(scene).correct(now(scene, ticket), "S2", "all of one team")
    because = f"set by {CY}: all of one team"
    assert (corrected.severity_because, corrected.severity_by_human, corrected.provisional) == (
        because, True, False
    )  # fmt: skip
    assert corrected.updated_at == scene.month.now
    assert desk(scene).correct(corrected, "S3", "").severity_because == f"set by {CY}"
    desk(scene).progress(now(scene, ticket), "We look into it.")
    assert desk(scene).reviewed(now(scene, ticket), "all is clear").reviews == ()
    desk(scene).happen(now(scene, ticket), "resolved", "done", tell="It works again.")
    desk(scene).happen(now(scene, ticket), "closed", "over")
    assert story(scene, ticket) == [
        ("snoozed", CY, "waits for a release", {"until": until.isoformat()}),
        ("snoozed", CY, "it came early", {"until": None}),
        ("severity_corrected", CY, because, {"was": "S3", "severity": "S2"}),
        ("severity_corrected", CY, f"set by {CY}", {"was": "S2", "severity": "S3"}),
        ("staff_answered", CY, "We look into it.", {"report": "We look into it."}),
        ("staff_noted", CY, "reviewed: all is clear", {}),
        ("resolved", CY, "done", {"tell": "It works again."}),
        ("closed", CY, "over", {}),
    ]
    assert [one[:1] + one[2:] for one in waits(scene, ticket)] == [
        (kind, (scene.ann.address,), (bo,), None) for kind in ("progress_update", "resolved", "closed")
    ]


def test_a_merge_and_its_end_are_told_whole_on_both(scene: Scene) -> None:
    one, zoe = asked(scene), colleague(scene, "Zoe")
    two = scene.ticket(scene.asks(subject="Another one", cc=[zoe]))
    later(scene)
    kept = desk(scene).merge(two, one, "the same")
    assert kept.id == one.id and [p.role for p in kept.people if p.address == zoe] == ["cc"]
    later(scene)
    one, two = now(scene, one), now(scene, two)
    back = desk(scene).unmerge(two, "not the same")
    assert back.id == two.id and (back.state, back.updated_at) == (State.NEW, scene.month.now)
    assert now(scene, one).updated_at == scene.month.now
    assert story(scene, two)[:1] == [
        (
            "unmerged", CY, "the merge was taken back: not the same",
            {"ticket": one.id, "reference": one.reference},
        )
    ]  # fmt: skip
    taken_out = f"{two.reference} was taken out again: not the same"
    assert story(scene, one) == [("unmerged", CY, taken_out, {"ticket": two.id, "reference": two.reference})]
    assert [p.address for p in now(scene, one).people] == [scene.ann.address, colleague(scene)]


def test_of_who_came_by_a_merge_stays_who_wrote_there_and_who_was_there_before(scene: Scene) -> None:
    one, zoe, dee = asked(scene), colleague(scene, "Zoe"), colleague(scene, "Dee")
    two = scene.ticket(scene.asks(subject="Another one", cc=[zoe, dee, colleague(scene)]))
    desk(scene).merge(two, one, "the same")
    page(scene, zoe).answer(one.id, "I see it too.", form="1", seen=version(scene, one))
    scene.month.turn()
    desk(scene).unmerge(now(scene, two), "")
    people = {p.address for p in now(scene, one).people}
    assert people == {scene.ann.address, colleague(scene), zoe}
    assert [now(scene, t).events[-1].reason for t in (one,)] == [f"{two.reference} was taken out again"]


def test_a_ticket_split_off_is_told_whole_on_both(scene: Scene) -> None:
    ticket, bo = asked(scene), colleague(scene)
    later(scene)
    passage = "One report in Zoho CRM is slow."
    new = desk(scene).split(ticket, "A second matter", "two matters", None, passage)
    off = f"split off {ticket.reference}"
    assert story(scene, ticket) == [
        ("split", CY, "two matters", {"subject": "A second matter"}),
        ("linked", CY, f"{new.reference} split off: two matters", {"to": new.id, "reference": new.reference}),
    ]
    assert [(str(e.kind), e.actor, e.reason) for e in new.events[:3]] == [
        ("received", CY, f"{off}: two matters"), ("linked", CY, off), ("judged", CY, f"{off}: content S3")
    ]  # fmt: skip
    assert new.events[1].data == {"from": ticket.id, "passage": passage}
    assert (new.subject, new.account_key, new.account_name, new.superadmin_email, new.licences) == (
        "A second matter", None, None, None, 0
    )  # fmt: skip
    assert new.people == ticket.people and waits(scene, new) == [
        ("split_off", "split", (scene.ann.address,), (bo,), None)
    ]
    assert (new.created_at, new.state, new.reviews) == (ticket.created_at, State.NEW, ())


def test_what_a_partner_does_on_a_page_is_told_whole(scene: Scene) -> None:
    ticket, ann = asked(scene), scene.ann.address
    bo, dee = colleague(scene), colleague(scene, "Dee")
    later(scene)
    by, other = page(scene), page(scene, bo)
    by.add_person(ticket.id, f" {dee.upper()} ", "Dee\r\nof x", form="1")
    assert [(p.address, p.name, p.role) for p in now(scene, ticket).people][-1] == (dee, "Dee of x", "cc")
    other.follow(ticket.id, on=False, form="2")
    assert [p.role for p in now(scene, ticket).people] == ["requester", "reader", "cc"]
    other.follow(ticket.id, on=True, form="3")
    by.remove_person(ticket.id, f" {dee.upper()}", form="4")
    for number, on in enumerate((True, False)):
        by.keep_private(ticket.id, on=on, form=f"p{number}")
        assert now(scene, ticket).private is on
        by.consent(ticket.id, on=on, form=f"c{number}")
    assert now(scene, ticket).updated_at == ticket.updated_at
    assert story(scene, ticket) == [
        ("people_changed", ann, f"{dee} joined", {"added": dee, "name": "Dee of x"}),
        ("followed", bo, "follows it no more", {"on": False}),
        ("followed", bo, "follows it", {"on": True}),
        ("people_changed", ann, f"{dee} left", {"removed": dee, "name": "Dee of x"}),
        ("kept_private", ann, "kept from the organisation's admin", {"on": True}),
        ("consented", ann, "support may sign in to the account", {"on": True}),
        ("kept_private", ann, "shown to the organisation's admin", {"on": False}),
        ("consented", ann, "support may not sign in to the account", {"on": False}),
    ]
    assert waits(scene, ticket) == []


def test_how_a_ticket_ends_on_a_page_is_told_whole(scene: Scene) -> None:
    ticket, ann, bo = asked(scene), scene.ann.address, colleague(scene)
    alert = tuple(scene.month.config.staff.alert)
    desk(scene).move_case(ticket, "CP-7", "confirming_fix", "", None, "")
    scene.month.turn()
    later(scene)
    ticket, by = now(scene, ticket), page(scene)
    by.fix(ticket.id, "CP-7", holds=False, comment="no", form="a", seen=version(scene, ticket))
    desk(scene).happen(now(scene, ticket), "resolved", "done", quiet=True)
    by.rate(ticket.id, 2, " Nothing is solved. ", form="b")
    by.close(ticket.id, form="c", seen=version(scene, ticket))
    by.reopen(ticket.id, " by mistake ", form="d", seen=version(scene, ticket))
    assert story(scene, ticket) == [
        ("case_moved", ann, "the partner says the fix does not hold", {"case": "CP-7", "step": "in_progress"}),
        ("resolved", CY, "done", {}),
        ("rated", ann, "rated 2 of 5", {"score": 2, "comment": "Nothing is solved."}),
        ("reopened", ann, "rated 2 of 5 with a complaint", {}),
        ("closed", ann, "closed by who opened it", {}),
        ("reopened", ann, "by mistake", {}),
    ]  # fmt: skip
    assert waits(scene, ticket) == [
        ("case_update", "case:CP-7@2", (bo,), (), None),
        ("page_act", "page_act:a", alert, (), None),
        ("page_act", "page_act:b", alert, (), None),
        ("closed", "closed@1", (bo,), (), None),
        ("page_act", "page_act:c", alert, (), None),
        ("page_act", "page_act:d", alert, (), None),
    ]


@pytest.mark.parametrize(
    ("score", "comment", "opens", "letters"),
    [(1, "Bad.", True, 1), (2, "Bad.", True, 1), (2, " ", False, 0), (3, "So so.", False, 0), (5, "", False, 0)],
)  # fmt: skip
def test_which_rating_opens_it_again_and_is_told_to_staff(
    scene: Scene, score: int, comment: str, opens: bool, letters: int
) -> None:
    ticket = scene.desk().happen(asked(scene), "resolved", "done", quiet=True)
    outcome = page(scene).rate(ticket.id, score, comment, form="1")
    assert isinstance(outcome, Done) and outcome.ticket is not None and not outcome.again
    assert outcome.ticket.state is (State.OPEN if opens else State.RESOLVED)
    assert [one[0] for one in waits(scene, ticket)] == ["page_act"] * letters


def test_a_complaint_about_a_closed_ticket_is_told_to_staff_and_opens_it_not(scene: Scene) -> None:
    ticket = scene.desk().happen(asked(scene), "closed", "done", quiet=True)
    page(scene).rate(ticket.id, 1, "Bad.", form="1")
    assert now(scene, ticket).state is State.CLOSED and [one[0] for one in waits(scene, ticket)] == [
        "page_act"
    ]


@pytest.mark.parametrize(("beyond", "why"), [(timedelta(0), ""), (timedelta(microseconds=1), "too_late")])
@pytest.mark.parametrize("ending", ["resolved", "closed"])
def test_until_when_it_can_be_opened_again_by_who_may(
    scene: Scene, beyond: timedelta, why: str, ending: str
) -> None:
    ticket = asked(scene)
    if ending == "closed":
        page(scene).close(ticket.id, form="0", seen=version(scene, ticket))
    else:
        scene.desk().happen(ticket, "resolved", "done", quiet=True)
    within = scene.month.knowledge.rulebook.promises.schedules.reopen_within.length
    scene.month.now += within + beyond
    outcome = page(scene).reopen(ticket.id, "", form="1", seen=version(scene, ticket))
    assert (outcome.why if isinstance(outcome, No) else "") == why
    assert now(scene, ticket).state is (State(ending) if why else State.OPEN)


def test_nobody_opens_again_what_staff_closed_or_merged(scene: Scene) -> None:
    one, two = asked(scene), asked(scene, subject="Another one")
    scene.desk().happen(one, "closed", "done", quiet=True)
    three = asked(scene, subject="A third one")
    scene.desk().merge(three, two, "the same")
    for ticket in (one, three):
        outcome = page(scene).reopen(ticket.id, "", form=f"{ticket.id}", seen=version(scene, ticket))
        told = f"{ticket.reference} is closed: a later answer opens a new, linked one"
        assert outcome == No("too_late", told)
        rated = page(scene).rate(ticket.id, 5, form=f"r{ticket.id}")
        assert (rated.why if isinstance(rated, No) else "") == ("rated" if ticket is three else "")


def test_an_answer_is_on_the_page_whole_before_it_is_walked(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, bo = asked(scene), colleague(scene)
    kept: list[Any] = []
    plain = type(scene.store).keep_form
    monkeypatch.setattr(
        type(scene.store), "keep_form", lambda store, *given: kept.append(given) or plain(store, *given)
    )
    done = page(scene).answer(ticket.id, "See this.", [PNG], form="1", seen=version(scene, ticket))
    ((arrival, form, at, told),) = kept
    assert (form, at) == ("1", scene.month.now)
    assert told == SaidMail(
        ticket_id=ticket.id, mail_id=0, reference=ticket.reference, partner=ticket.partner_domain,
        audience="partner", sender=scene.ann.address, by_name=scene.ann.name, to=arrival.envelope_to, cc=(bo,),
        subject=ticket.subject, text="See this.", files=((PNG.name, PNG.type, len(PNG.content)),),
    )  # fmt: skip
    assert isinstance(done, Done) and done == Done(mail=done.mail)
    again = page(scene).answer(ticket.id, "See this.", form="1", seen=version(scene, ticket))
    assert again == Done(mail=done.mail, again=True)


@pytest.mark.parametrize(("length", "why"), [(rich.LONGEST, ""), (rich.LONGEST + 1, "too_long")])
def test_an_answer_and_a_request_are_as_long_as_one_may_write(scene: Scene, length: int, why: str) -> None:
    ticket, by, text = asked(scene), page(scene), "a" * length
    for outcome in (
        by.answer(ticket.id, text, form="1", seen=version(scene, ticket)),
        by.request(Request("Reports", text), form="2"),
    ):
        assert outcome == No("too_long", f"more than {rich.LONGEST} characters") if why else outcome.mail  # type: ignore[union-attr]


def test_a_file_alone_is_an_answer_and_blanks_alone_are_none(scene: Scene) -> None:
    ticket, by = asked(scene), page(scene)
    seen = version(scene, ticket)
    assert by.answer(ticket.id, " \n", form="1", seen=seen) == No("empty", "nothing is written")
    assert isinstance(by.answer(ticket.id, " \n", [PNG], form="2", seen=seen), Done)
    assert by.request(Request(" ", "They are slow."), form="3") == No("empty", "it has no subject")


def test_a_form_that_was_taken_is_told_so_though_the_ticket_has_changed(scene: Scene) -> None:
    ticket, by = asked(scene), page(scene)
    seen = version(scene, ticket)
    first = by.answer(ticket.id, "Once.", form="f", seen=seen)
    scene.desk().happen(now(scene, ticket), "resolved", "done", quiet=True)
    assert isinstance(first, Done)
    assert by.answer(ticket.id, "Once.", form="f", seen=seen) == Done(mail=first.mail, again=True)


def test_a_request_is_written_as_the_template_and_names_what_it_leaves_out() -> None:
    whole = Request(
        "Reports", "\nThey are slow.\n", "it@alder.example", "Zoho CRM", "600", "700", "technical", "no"
    )
    assert whole.text() == (
        "Primary customer email (SuperAdmin address): it@alder.example\nService name: Zoho CRM\n"
        "Service organisation ID (ZOID or ZGID): 600\nUser ID (ZUID): 700\nCategory: technical\n"
        "Has it happened before: no\nDescription:\n\nThey are slow.\n"
    )
    bare = replace(
        whole, superadmin_email=" ", service="", zoid="\t", zuid="", category="", happened_before=""
    )
    assert bare.text() == "Description:\n\nThey are slow.\n"
    assert bare.missing() == ("superadmin_email", "service", "zoid", "zuid")
    assert replace(whole, zoid=" ", category="").missing() == ("zoid",)
    long = replace(bare, zuid="7" * 201).text().splitlines()[0]
    assert len(long) == len("User ID (ZUID): ") + 200


def capped(scene: Scene) -> None:
    """From now on no ticket gets a letter that nobody ordered."""
    limits = scene.month.knowledge.config.limits.model_copy(update={"letters_per_ticket_day": 1})
    known = scene.month.knowledge
    scene.month.knowledge = replace(known, config=known.config.model_copy(update={"limits": limits}))


def account_of_another(scene: Scene, ticket: Ticket) -> Account:
    accounts = scene.month.knowledge.directory.by_key.values()
    theirs = [one for one in accounts if one.partner_domain == ticket.partner_domain]
    return next(one for one in theirs if one.key != ticket.account_key)


@pytest.mark.parametrize(
    ("order", "kinds"),
    [
        (lambda by, t, _: by.answer(t, "Hello"), ["answer"]),
        (lambda by, t, _: by.happen(t, "resolved", "done"), ["resolved"]),
        (lambda by, t, _: by.progress(t, "We look into it."), ["progress_update"]),
        (lambda by, t, _: by.move_case(t, "CP-7", "submitted", "", None, ""), ["case_update"]),
        (lambda by, t, _: by.merge(t, by.store.ticket(1001), "the same"), ["merged"]),
        (lambda by, t, other: by.name_account(t, other, "he said so"), ["account_identified", "new_s1"]),
    ],
)
def test_what_a_human_orders_is_written_however_much_was_written_today(
    scene: Scene, order: Any, kinds: list[str]
) -> None:
    scene.asks()
    ticket = asked(scene, subject="Another one")
    capped(scene)
    order(desk(scene), ticket, account_of_another(scene, ticket))
    assert [one[0] for one in waits(scene, ticket)] == kinds
    assert H.LETTER_WITHDRAWN not in [e.kind for e in now(scene, ticket).events]


def test_what_a_partner_does_is_told_to_the_others_however_much_was_written_today(scene: Scene) -> None:
    ticket, other = asked(scene), scene.ticket(scene.asks(subject="Another one"))
    desk(scene).merge(other, ticket, "the same")
    scene.month.turn()
    capped(scene)
    page(scene).close(ticket.id, form="1", seen=version(scene, ticket))
    desk(scene).unmerge(now(scene, other), "")
    assert [one[0] for one in waits(scene, ticket)] == ["closed", "page_act"]
    assert [one[0] for one in waits(scene, other)] == ["unmerged"]


# -- a merge taken back, judged on tickets alone ------------------------------------------------------


@pytest.mark.parametrize("was", [State.NEW, State.OPEN, State.WAITING])
def test_a_merge_taken_back_leaves_the_ticket_as_it_was(scene: Scene, was: State) -> None:
    one, two = asked(scene), scene.ticket(scene.asks(subject="Another one"))
    if was is not State.NEW:
        two, _ = desk(scene).answer(two, "Hello", then="wait" if was is State.WAITING else "open")
    assert two.state is was
    desk(scene).merge(two, one, "the same")
    assert desk(scene).unmerge(now(scene, two), "").state is was


def test_what_an_older_version_did_not_keep_of_a_merge_is_no_hindrance(scene: Scene) -> None:
    """Without the state before it is open; without who came with it everybody stays."""
    one, two = asked(scene), scene.ticket(scene.asks(subject="Another one", cc=[colleague(scene, "Zoe")]))
    desk(scene).merge(two, one, "the same")
    kept, gone = now(scene, one), now(scene, two)
    order = Order(CY, "", scene.month.knowledge.writer("global", scene.month.now))
    stranger = marks.unmerge(replace(kept, id=7), gone, order)
    assert stranger == Refused(f"{gone.reference} did not go into {kept.reference}")
    for bare in (
        replace(gone, events=()),
        replace(gone, events=tuple(replace(e, data={}) for e in gone.events)),
    ):
        plan = marks.unmerge(kept, bare, order)
        assert isinstance(plan, Plan) and plan.changes[1].after.state is State.OPEN and plan.ordered
    plan = marks.unmerge(replace(kept, events=()), gone, order)
    assert isinstance(plan, Plan) and plan.changes[0].after.people == kept.people
    # A ticket that another one was split off, or that was merged with a third, gives up none of its people
    linked = replace(kept.events[-1], data={"from": 7, "people": [scene.ann.address]})
    plan = marks.unmerge(replace(kept, events=(*kept.events, linked)), gone, order)
    assert isinstance(plan, Plan)
    people = [p.address for p in plan.changes[0].after.people]
    assert people == [scene.ann.address, colleague(scene)]


# -- who may what on a page, judged on tickets alone --------------------------------------------------

ANN, BO, CEM = "ann@oak.example", "bo@oak.example", "cem@oak.example"
PEOPLE = (Person(ANN, role="cc"), Person(BO, role="requester"), Person(CEM, role="other"))


@pytest.mark.parametrize(
    ("wrote", "people", "opener"),
    [
        (ANN, PEOPLE, ANN),
        (BO, PEOPLE, BO),
        ("cy@zohocorp.com", PEOPLE, BO),
        (ANN, PEOPLE[1:], BO),
        (None, PEOPLE, BO),
        ("cy@zohocorp.com", PEOPLE[::2], ""),
    ],
)
def test_who_opened_it_wrote_its_first_mail_else_it_was_opened_for_him(
    wrote: str | None, people: tuple[Person, ...], opener: str
) -> None:
    first = [Event(NOW, H.RECEIVED, wrote, "a mail"), Event(NOW, H.RECEIVED, CEM, "another")] if wrote else []
    assert page_acts.opener(new_ticket(people=people, events=tuple(first))) == opener


@pytest.mark.parametrize(
    ("state", "kinds", "asks"),
    [
        (State.RESOLVED, [H.RESOLVED], True),
        (State.RESOLVED, [H.RESOLVED, H.RATED], False),
        (State.RESOLVED, [H.RATED, H.REOPENED, H.RESOLVED], True),
        (State.CLOSED, [H.RATED, H.REOPENED, H.CLOSED], True),
        (State.CLOSED, [H.RESOLVED, H.RATED, H.CLOSED], False),
        (State.CLOSED, [H.CLOSED], True),
        (State.OPEN, [H.RESOLVED, H.REOPENED], False),
        (State.NEW, [], False),
    ],
)
def test_a_rating_is_asked_for_once_each_time_it_is_solved(
    state: State, kinds: list[Happening], asks: bool
) -> None:
    ticket = new_ticket(state=state, events=tuple(Event(NOW, kind, ANN, "x") for kind in kinds))
    assert page_acts.asks_for_rating(ticket) is asks
    assert page_acts.asks_for_rating(replace(ticket, merged_into=7)) is False


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({"state": State.RESOLVED}, True),
        ({"state": State.RESOLVED, "resolved_at": NOW - DAY}, True),
        ({"state": State.RESOLVED, "resolved_at": NOW - DAY - SECOND}, False),
        ({"state": State.RESOLVED, "merged_into": 7}, False),
        ({"state": State.CLOSED, "closed_at": NOW - DAY}, True),
        ({"state": State.CLOSED, "closed_at": NOW - DAY - SECOND}, False),
        ({"state": State.CLOSED}, False),
        ({"state": State.CLOSED, "closed_at": NOW, "merged_into": 7}, False),
        ({"state": State.CLOSED, "closed_at": NOW, "events": ()}, False),
        ({"state": State.OPEN, "closed_at": NOW}, False),
    ],
)
def test_who_may_open_it_again_and_until_when(changes: dict[str, Any], may: bool) -> None:
    story = (Event(NOW, H.CLOSED, BO, "x"), Event(NOW, H.REOPENED, BO, "x"), Event(NOW, H.CLOSED, ANN, "x"))
    ticket = new_ticket(**{"events": story, **changes})
    assert page_acts.may_reopen(ticket, ANN, NOW, DAY) is may
    if ticket.state is State.CLOSED:
        assert page_acts.may_reopen(ticket, BO, NOW, DAY) is False


def test_an_admin_adds_and_removes_people_and_nobody_removes_who_opened_it(scene: Scene) -> None:
    ticket, bo, dee = asked(scene), colleague(scene), colleague(scene, "Dee")
    boss = page(scene, colleague(scene, "Boss"), admin=True)
    mere = page(scene, bo)
    assert mere.add_person(ticket.id, dee, form="1") == No("not_yours", "only who opened it, or an admin, adds people")  # fmt: skip
    assert isinstance(boss.add_person(ticket.id, dee, form="2"), Done)
    assert boss.add_person(ticket.id, dee, form="3") == No("already", f"{dee} is on it")
    assert mere.remove_person(ticket.id, dee, form="4") == No("not_yours", "only who opened it, or an admin, removes others")  # fmt: skip
    assert isinstance(boss.remove_person(ticket.id, dee, form="5"), Done)
    assert boss.remove_person(ticket.id, dee, form="6") == No("already", f"{dee} is not on it")
    assert boss.remove_person(ticket.id, scene.ann.address, form="7") == No("needed", "who opened it stays")
    foreign = next(
        p.address for p in scene.month.town.people if not p.address.endswith(dee.partition("@")[2])
    )
    name = scene.month.knowledge.directory.partner_of(dee).name  # type: ignore[union-attr]
    assert boss.add_person(ticket.id, foreign, form="8") == No("not_a_colleague", f"{foreign} is nobody of {name}")  # fmt: skip
    assert mere.follow(ticket.id, on=True, form="9") == No("already", "it is so already")
    assert page(scene).keep_private(ticket.id, on=False, form="10") == No("already", "it is so already")
    assert mere.keep_private(ticket.id, on=True, form="11") == No("not_yours", "only who opened it keeps it private")  # fmt: skip
    assert page(scene).consent(ticket.id, on=False, form="12") == No("already", "it is so already")


def test_who_stands_by_or_whose_address_failed_joins_like_anybody(scene: Scene) -> None:
    ticket, dee = asked(scene), colleague(scene, "Dee")
    for role in ("other", "reader"):
        stands = Person(dee, "Dee of old", role=role, failed=True)  # type: ignore[arg-type]
        with scene.store.transaction() as tx:
            before = tx.ticket(ticket.id)
            assert before is not None
            kept = tuple(p for p in before.people if p.address != dee)
            tx.save(before, replace(before, people=(stands, *kept)))
        assert isinstance(page(scene).add_person(ticket.id, dee, "Dee", form=role), Done)
        joined = now(scene, ticket).people[-1]
        assert (joined.address, joined.name, joined.role, joined.failed) == (dee, "Dee of old", "cc", False)
    assert page(scene).remove_person(ticket.id, "other@x.example", form="x") == No("already", "other@x.example is not on it")  # fmt: skip


def test_who_follows_again_is_written_to_again_and_a_long_reason_is_cut(scene: Scene) -> None:
    ticket, bo = asked(scene), colleague(scene)
    with scene.store.transaction() as tx:
        before = tx.ticket(ticket.id)
        assert before is not None
        tx.save(before, replace(before, people=(*before.people[:1], Person(bo, "Bo", "reader", failed=True))))
    page(scene, bo).follow(ticket.id, on=True, form="1")
    assert now(scene, ticket).people[-1] == Person(bo, "Bo", "cc")
    boss = colleague(scene, "Boss")
    page(scene, boss, admin=True).follow(ticket.id, on=True, form="2")
    assert now(scene, ticket).people[-1] == Person(boss, scene.ann.name, "cc")
    scene.desk().happen(now(scene, ticket), "resolved", "done", quiet=True)
    page(scene).reopen(ticket.id, "a" * 1_001, form="3", seen=version(scene, ticket))
    assert [e.reason for e in now(scene, ticket).events if e.kind is H.REOPENED] == ["a" * 1_000]


def test_who_has_seen_what_changed_goes_on_all_the_same(scene: Scene) -> None:
    ticket = asked(scene)
    seen = version(scene, ticket)
    scene.desk().happen(ticket, "resolved", "done", quiet=True)
    for number, act in enumerate(
        (page(scene).close, lambda *given, **more: page(scene).reopen(*given, "", **more))
    ):
        before = now(scene, ticket)
        outcome = act(ticket.id, form=f"a{number}", seen=seen)
        assert isinstance(outcome, Changed) and outcome.ticket == before
        assert [e.kind for e in outcome.events] == [H.RESOLVED]
        done = act(ticket.id, form="b" * 65 + f"{number}", seen=seen, anyway=True)
        assert isinstance(done, Done) and done.ticket is not None and (done.mail, done.again) == (None, False)
    assert [one[:2] for one in waits(scene, ticket) if one[0] == "page_act"] == [
        ("page_act", "page_act:" + "b" * 64)
    ]


def test_our_own_mailbox_is_nobodys_colleague_though_its_domain_be_a_partners(scene: Scene) -> None:
    ticket, known, dee = asked(scene), scene.month.knowledge, colleague(scene, "Dee")
    ours = replace(
        known.surroundings, support_addresses=frozenset({*known.surroundings.support_addresses, dee})
    )
    by = replace(page(scene), knowledge=replace(known, surroundings=ours))
    refused = by.add_person(ticket.id, dee, form="1")
    assert isinstance(refused, No) and refused.why == "not_a_colleague"


@pytest.mark.parametrize("known", [True, False], ids=["of a mailbox's region", "of none"])
def test_a_request_comes_to_the_mailbox_of_its_partners_region_else_to_the_first(
    scene: Scene, known: bool
) -> None:
    first, second = scene.month.config.mailboxes[:2]
    held = second.regions if known else ()
    who = next(p for p in scene.month.town.people if p.region in second.regions and not (p.away or p.gone))
    boxes = [
        box.model_copy(update={"regions": held if box is second else ()})
        for box in scene.month.config.mailboxes
    ]
    config = scene.month.knowledge.config.model_copy(update={"mailboxes": boxes})
    by = replace(page(scene, who.address), knowledge=replace(scene.month.knowledge, config=config))
    done = by.request(Request("Reports", "They are slow."), form="1")
    assert isinstance(done, Done)
    mail = scene.store.mail(done.mail or 0)
    assert mail is not None and mail.mailbox == (second if known else first).name


def test_who_reads_an_answer_are_the_others_and_of_them_go_along_those_of_his_house(scene: Scene) -> None:
    ticket, bo = asked(scene), colleague(scene)
    with scene.store.transaction() as tx:
        before = tx.ticket(ticket.id)
        assert before is not None
        more = (Person("carl@client.example", role="cc"), Person(colleague(scene, "Zoe"), role="reader"))
        tx.save(before, replace(before, people=(*before.people, *more)))
    by, ticket = page(scene), now(scene, ticket)
    assert by.readers(ticket) == (bo, "carl@client.example") and by.colleagues(ticket) == (bo,)
    assert page(scene, bo).readers(ticket) == (scene.ann.address, "carl@client.example")
    assert page(scene, "carl@client.example").colleagues(ticket) == ()


def test_an_answer_to_what_waits_waits_again_once_it_is_taken_back(scene: Scene) -> None:
    ticket = scene.desk().happen(asked(scene), "waiting", "for his word", quiet=True)
    answered, key = desk(scene).answer(ticket, "It is solved.", then="resolve", undo=timedelta(minutes=9))
    assert answered.state is State.RESOLVED
    back = desk(scene).take_back(answered, key)
    assert (back.state, back.resolved_at) == (State.WAITING, None)
