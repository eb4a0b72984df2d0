"""What staff write and mark by pages and commands, through the real walk, on both databases."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_by_page import PNG, asked, body, colleague, now, page, texts, version
from triaged.errors import Faulty
from triaged.letters.guards import doubts
from triaged.promises import clocks
from triaged.store.page_rows import View, Wanted
from triaged.store.rows import LetterState
from triaged.store.scope import of_staff
from triaged.tickets.ticket import Happening, State, Ticket
from triaged.walk.by_call import open_for_call
from triaged.walk.by_hand import ByHand, ChangedMeanwhile, TakenAlready
from triaged.walk.page_mail import Written
from triaged.walk.plans import marks

H = Happening
CY = "cy.moor@zohocorp.com"


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres").empty()
    made = Scene(tmp_path, database)
    yield made
    made.month.close()


def desk(scene: Scene, **more: object) -> ByHand:
    return replace(ByHand(scene.store, scene.month.knowledge, CY, scene.month.now, "Cy Moor"), **more)  # type: ignore[arg-type]


def first_response(scene: Scene, ticket: Ticket) -> str:
    promised = clocks.commitments(ticket, scene.month.knowledge.rulebook.promises, scene.month.now)
    return next(c.state for c in promised if c.kind == "first_response")


def test_an_answer_is_one_letter_in_the_thread_and_the_first_response(scene: Scene) -> None:
    ticket = asked(scene)
    assert first_response(scene, ticket) == "running"
    after, _ = desk(scene).answer(ticket, "Hello Ann,\n\nplease **try** it again.", [PNG], then="open")
    assert after.state is State.OPEN and first_response(scene, now(scene, ticket)) == "met"
    scene.month.turn()
    (letter,) = scene.letters("answer")
    told = email.message_from_bytes(letter.raw, policy=email.policy.default)
    assert set(letter.to) == {scene.ann.address, colleague(scene)}
    assert "Cy Moor" in str(told["From"]) and ticket.reference in told["Subject"] and told["In-Reply-To"]
    (file,) = told.iter_attachments()
    assert file.get_content() == PNG.content
    html = told.get_body(("html",))
    assert html is not None and "<strong>try</strong>" in html.get_content()
    shown = scene.store.ticket_page(page(scene).scope, ticket.id)
    assert (
        shown
        and [c.text for c in shown.said if c.kind == "answer"]
        and "please **try**" in str(shown.said[-1].text)
    )
    assert shown.said[-1].files[0].name == PNG.name
    found = scene.store.file_of(page(scene, colleague(scene)).scope, "letter", shown.said[-1].number, 0)
    assert found and (found.name, found.content) == (PNG.name, PNG.content)
    assert scene.store.file_of(page(scene, "x@y.example").scope, "letter", shown.said[-1].number, 0) is None


@pytest.mark.parametrize(("then", "state", "sentence"), [("wait", State.WAITING, "paused"), ("resolve", State.RESOLVED, "1 (bad) to 5")])  # fmt: skip
def test_then_wait_and_then_resolve_are_one_letter(
    scene: Scene, then: str, state: State, sentence: str
) -> None:
    ticket = asked(scene)
    before = len(scene.letters())
    after, _ = desk(scene).answer(ticket, "Hello", then=then)  # type: ignore[arg-type]
    scene.month.turn()
    assert after.state is state
    (letter,) = scene.letters()[before:]
    assert sentence in body(letter)


def test_who_gets_an_answer_is_fixed_when_it_is_sent(scene: Scene) -> None:
    ticket = asked(scene)
    desk(scene).answer(ticket, "Hello", undo=timedelta(seconds=30))
    page(scene).remove_person(ticket.id, colleague(scene), form="1")
    scene.passes(minutes=2)
    (letter,) = scene.letters("answer")
    assert set(letter.to) == {scene.ann.address, colleague(scene)}


@pytest.mark.parametrize("then", ["", "wait", "resolve"])
def test_an_answer_taken_back_never_leaves_and_the_clocks_are_as_before(scene: Scene, then: str) -> None:
    ticket = asked(scene)
    before = clocks.commitments(ticket, scene.month.knowledge.rulebook.promises, scene.month.now)
    _, key = desk(scene).answer(ticket, "Wrong window", then=then, undo=timedelta(seconds=20))  # type: ignore[arg-type]
    assert texts(scene, page(scene).scope, ticket) == texts(scene, page(scene).scope, ticket)
    assert not any(c.kind == "answer" for c in scene.store.ticket_page(page(scene).scope, ticket.id).said)  # type: ignore[union-attr]
    after = desk(scene).take_back(now(scene, ticket), key)
    assert (after.state, after.resolved_at) == (ticket.state, None)
    assert (
        clocks.commitments(now(scene, ticket), scene.month.knowledge.rulebook.promises, scene.month.now)
        == before
    )
    scene.passes(hours=1)
    assert scene.letters("answer") == []
    with pytest.raises(Faulty, match="no such answer"):
        desk(scene).take_back(now(scene, ticket), key + "x")


def test_what_has_left_cannot_be_taken_back(scene: Scene) -> None:
    ticket = asked(scene)
    _, key = desk(scene).answer(ticket, "Hello")
    scene.month.turn()
    with pytest.raises(Faulty, match="has left already"):
        desk(scene).take_back(now(scene, ticket), key)
    assert first_response(scene, now(scene, ticket)) == "met"


def test_taking_back_leaves_what_the_partner_did_meanwhile(scene: Scene) -> None:
    ticket = asked(scene)
    _, key = desk(scene).answer(ticket, "Wrong", then="resolve", undo=timedelta(minutes=9))
    page(scene).reopen(ticket.id, "no!", form="1", seen=version(scene, ticket))
    assert desk(scene).take_back(now(scene, ticket), key).state is State.OPEN


def test_two_who_answer_at_once_are_told_of_each_other_and_nothing_is_lost(scene: Scene) -> None:
    ticket = asked(scene)
    seen = version(scene, ticket)
    desk(scene).answer(ticket, "By Cy")
    other = desk(scene, actor="dora@zohocorp.com", seen=seen)
    with pytest.raises(ChangedMeanwhile) as told:
        other.answer(ticket, "By Dora")
    assert [e.kind for e in told.value.events] == [H.STAFF_ANSWERED, H.WAITING]
    replace(other, seen=version(scene, ticket)).answer(ticket, "By Dora, too")
    assert len([r for r in scene.store.letters(ticket_id=ticket.id) if r.kind == "answer"]) == 2


def test_a_form_of_the_console_is_taken_once(scene: Scene) -> None:
    ticket = asked(scene)
    desk(scene, form="f").answer(ticket, "Once")
    with pytest.raises(TakenAlready):
        desk(scene, form="f").answer(ticket, "Once")
    assert len([r for r in scene.store.letters(ticket_id=ticket.id) if r.kind == "answer"]) == 1


def test_a_ticket_nobody_can_be_written_about_refuses_an_answer(scene: Scene) -> None:
    ticket = asked(scene)
    with scene.store.transaction() as tx:
        tx.save(ticket, replace(ticket, people=tuple(replace(p, failed=True) for p in ticket.people)))
    with pytest.raises(Faulty, match="nobody whom letters reach"):
        desk(scene).answer(ticket, "Hello")
    assert now(scene, ticket).state is ticket.state


def test_a_snoozed_ticket_outlives_a_thanks_and_wakes_for_an_answer_or_its_day(scene: Scene) -> None:
    ticket, day = asked(scene), timedelta(days=1)
    first = scene.store.mails_on(ticket.id)[0]
    desk(scene).snooze(ticket, scene.month.now + day, "waits for a release")
    staff = of_staff(CY)

    def queued(view: View = View.QUEUE) -> bool:
        wanted = Wanted(now=scene.month.now, view=view)
        return ticket.id in [r.id for r in scene.store.page(staff, wanted).rows]

    assert (queued(), queued(View.SNOOZED)) == (False, True)
    scene.writes("Thank you!", f"Re: {first.subject}", answers=[first.message_id or ""])
    assert not queued()
    scene.writes(
        "It fails again in another report.", f"Re: {first.subject}", answers=[first.message_id or ""]
    )
    assert queued()
    desk(scene).snooze(now(scene, ticket), scene.month.now + day, "again")
    assert not queued()
    scene.month.now += 2 * day
    assert queued()
    with pytest.raises(Faulty, match="past"):
        desk(scene).snooze(now(scene, ticket), scene.month.now, "no")


def test_tickets_are_marked_on_both_sides_and_unmarked(scene: Scene) -> None:
    one, two = asked(scene), asked(scene, subject="Another one")
    assert one.id != two.id
    desk(scene).relate(one, two, "duplicate", "")
    assert marks.relations(now(scene, one))[two.id].how == "duplicate"
    assert marks.relations(now(scene, two))[one.id].how == "original"
    with pytest.raises(Faulty, match="already"):
        desk(scene).relate(one, two, "duplicate", "")
    desk(scene).relate(one, two, "none", "")
    assert marks.relations(now(scene, one)) == marks.relations(now(scene, two)) == {}
    assert now(scene, one).state is one.state


def test_a_merge_taken_back_gives_nobody_a_sight_that_he_had_not(scene: Scene) -> None:
    """P10: who came by it leaves with it."""
    one = asked(scene)
    two = scene.ticket(scene.asks(subject="Another one", cc=[colleague(scene, "Zoe")]))
    desk(scene).merge(two, one, "the same")
    zoe = page(scene, colleague(scene, "Zoe"))
    assert scene.store.ticket_page(zoe.scope, one.id) is not None
    back = desk(scene).unmerge(now(scene, two), "not the same")
    assert (back.state, back.merged_into, back.closed_at) == (two.state, None, None)
    assert scene.store.ticket_page(zoe.scope, one.id) is None
    assert scene.store.ticket_page(zoe.scope, two.id) is not None
    with pytest.raises(Faulty, match="not merged"):
        desk(scene).unmerge(now(scene, two), "again")


@pytest.mark.parametrize("meanwhile", [True, False], ids=["the letter left", "the letter waits"])
def test_who_was_told_of_a_merge_is_told_that_it_was_taken_back(scene: Scene, meanwhile: bool) -> None:
    one, two = asked(scene), scene.ticket(scene.asks(subject="Another one"))
    desk(scene).merge(two, one, "the same")
    if meanwhile:
        scene.month.turn()
    desk(scene).unmerge(now(scene, two), "not the same")
    scene.month.turn()
    told = [(len(scene.letters(kind))) for kind in ("merged", "unmerged")]
    assert told == ([1, 1] if meanwhile else [0, 0])
    fates = [one.error for one in scene.store.letters(ticket_id=two.id, state="withdrawn")]
    assert fates == ([] if meanwhile else ["nobody was told of the merge", "the merge was taken back"])


@pytest.mark.parametrize("channel", ["phone", "chat"])
def test_a_call_becomes_a_ticket_like_any_other(scene: Scene, channel: str) -> None:
    c = scene.customer
    said = f"Reports are slow.\n\nSuperAdmin: {c.superadmin}\nZOID: {c.zoid}\n\nOut of office"
    written = Written(scene.ann.address, "Ann", "Automatic reply: reports", said, (), channel)  # type: ignore[arg-type]
    ticket = open_for_call(scene.store, scene.month.knowledge, written, CY, scene.month.now)
    found = now(scene, ticket)
    assert (found.channel, found.trusted, found.superadmin_email) == (channel, True, c.superadmin)
    scene.month.turn()
    assert scene.letters("acknowledgment")
    assert [e.actor for e in found.events if e.kind is H.STAFF_NOTED] == [CY]
    assert scene.store.waiting_mail() == 0


def test_a_call_of_somebody_unknown_is_no_partners(scene: Scene) -> None:
    written = Written("who@nowhere.example", "", "Help", "It is broken", (), "phone")
    assert not open_for_call(scene.store, scene.month.knowledge, written, CY, scene.month.now).trusted
    for wrong in (
        replace(written, address="x\ny@z"),
        replace(written, text=" "),
        replace(written, subject=""),
    ):
        with pytest.raises(Faulty):
            open_for_call(scene.store, scene.month.knowledge, wrong, CY, scene.month.now)


@pytest.mark.parametrize(
    ("text", "files", "count"),
    [
        ("Hello {{ name }}", 0, 1), ("Dear [name],", 0, 1), ("TODO: ask", 0, 1), ("お世話になります [お名前] 様", 0, 1),
        ("See the attachment.", 0, 1), ("See the attachment.", 1, 0), ("anbei das Protokoll", 0, 1), ("添付いたします", 0, 1),
        ("internal only", 0, 1), ("> see the attachment {{x}} TODO\nNo file", 0, 0), ("array[0] and f(x) [PS-1042]", 0, 0),
        ("We use todo lists.", 0, 0),
    ],
)  # fmt: skip
def test_what_is_probably_not_meant_is_asked_about(text: str, files: int, count: int) -> None:
    assert len(doubts(text, files)) == count


def test_an_answer_in_the_undo_window_is_withdrawn_in_the_outbox(scene: Scene) -> None:
    ticket = asked(scene)
    _, key = desk(scene).answer(ticket, "Hello", undo=timedelta(seconds=30))
    (row,) = [r for r in scene.store.letters(ticket_id=ticket.id) if r.kind == "answer"]
    assert row.state is LetterState.WAITING
    desk(scene).take_back(now(scene, ticket), key)
    (row,) = [r for r in scene.store.letters(ticket_id=ticket.id) if r.kind == "answer"]
    assert row.state is LetterState.WITHDRAWN
