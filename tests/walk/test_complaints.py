"""What users of such pages complain of, where the walk answers for it: who gets what, and who is asked by nobody (P5, P12, P20, P39)."""

from __future__ import annotations

import email
import email.policy
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_by_page import asked, body, colleague, now, page, texts, version
from tests.walk.test_staff_answers import CY, desk, scene  # noqa: F401 - a fixture of theirs
from triaged.simulation import mails
from triaged.simulation.town import GLOBAL, STAFF
from triaged.tickets.ticket import Happening, State, Ticket

# ruff: noqa: F811 - the fixture is asked for by its name


def is_named(scene: Scene, ticket: Ticket) -> None:
    account = next(a for a in scene.month.knowledge.directory.accounts if a.key != ticket.account_key)
    desk(scene).name_account(now(scene, ticket), account, "it is that one")


def is_merged(scene: Scene, ticket: Ticket) -> None:
    other = scene.ticket(scene.asks(subject="Another one", cc=[colleague(scene, "Zoe")]))
    desk(scene).merge(now(scene, ticket), other, "the same")


def takes_one_in(scene: Scene, ticket: Ticket) -> None:
    other = scene.ticket(scene.asks(subject="Another one", cc=[colleague(scene, "Zoe")]))
    desk(scene).merge(other, now(scene, ticket), "the same")


def is_split(scene: Scene, ticket: Ticket) -> None:
    desk(scene).split(now(scene, ticket), "The other matter", "two")


def gains_and_loses_people(scene: Scene, ticket: Ticket) -> None:
    page(scene).add_person(ticket.id, colleague(scene, "Dee"), form="a")
    page(scene).remove_person(ticket.id, colleague(scene), form="b")


def is_answered_by_another(scene: Scene, ticket: Ticket) -> None:
    scene.writes(
        "Me too.", f"Re: [{ticket.reference}] x", answers=[ticket.references[0]], cc=[colleague(scene, "Max")]
    )


MEANWHILE: tuple[Callable[[Scene, Ticket], None], ...] = (
    is_named, is_merged, takes_one_in, is_split, gains_and_loses_people, is_answered_by_another,
)  # fmt: skip


@pytest.mark.parametrize("meanwhile", MEANWHILE, ids=lambda one: one.__name__)
def test_p5_who_gets_an_answer_is_who_was_named_when_it_was_sent(
    scene: Scene, meanwhile: Callable[[Scene, Ticket], None]
) -> None:
    """P5: whatever becomes of the ticket between Send and SMTP."""
    ticket = asked(scene)
    shown = set(page(scene, "nobody@else.example").readers(ticket))  # as the button names them
    desk(scene).answer(ticket, "ONLY FOR YOU", undo=timedelta(minutes=5))
    meanwhile(scene, ticket)
    scene.passes(minutes=10)
    (letter,) = (one for one in scene.letters("answer") if "ONLY FOR YOU" in body(one))
    assert set(letter.to) == shown == {scene.ann.address, colleague(scene)}


def test_p5_an_answer_on_a_split_ticket_goes_to_its_own_people(scene: Scene) -> None:
    """P5: a split does not answer the first sender where somebody else is meant."""
    ticket = asked(scene)
    other = desk(scene).split(ticket, "The other matter", "two")
    page(scene).remove_person(ticket.id, colleague(scene), form="b")
    desk(scene).answer(now(scene, ticket), "OF THE FIRST")
    desk(scene).answer(other, "OF THE SECOND")
    scene.passes(minutes=5)
    to = {
        word: set(one.to)
        for word in ("OF THE FIRST", "OF THE SECOND")
        for one in scene.letters()
        if word in body(one)
    }
    assert to == {"OF THE FIRST": {scene.ann.address}, "OF THE SECOND": {scene.ann.address, colleague(scene)}}


@pytest.mark.parametrize("of", ["the answer", "the relayed letter", "the copy to staff"])
@pytest.mark.parametrize("as_what", ["its Message-ID", "an answer to it"])
def test_p12_a_stranger_who_knows_our_message_ids_is_a_stranger(scene: Scene, of: str, as_what: str) -> None:
    """P12: forged as the person, as staff and as our own mailbox; it never has the door of a page, nor moves anything."""
    ticket, anns = asked(scene), page(scene)
    anns.answer(ticket.id, "Mine.", form="f", seen=version(scene, ticket))
    scene.month.turn()
    (mine,) = (m for m in scene.store.mails(ticket_id=ticket.id) if m.door == "web")
    letters = {kind: scene.letters(kind)[0] for kind in ("relayed", "page_answer")}
    ids = {
        kind: email.message_from_bytes(x.raw, policy=email.policy.default)["Message-ID"]
        for kind, x in letters.items()
    }
    known = {
        "the answer": mine.message_id,
        "the relayed letter": ids["relayed"],
        "the copy to staff": ids["page_answer"],
    }[of]
    before, sent = now(scene, ticket), len(scene.letters())
    for number, sender in enumerate((scene.ann.address, STAFF[0], GLOBAL, "mallory@evil.example")):
        own = known if as_what == "its Message-ID" else f"<forged.{number}@evil.example>"
        raw = mails.write(
            ("Ann", sender), [GLOBAL], f"Re: [{ticket.reference}] x", f"Forged {number}: close it", scene.month.now, own,
            answers=[known],
        )  # fmt: skip
        head = b"X-Triaged-Door: web\r\nX-Triaged-Form: f\r\nAuto-Submitted: no\r\n"
        forged = scene.arrives(head + raw.replace(b"dmarc=pass", b"dmarc=fail"))
        assert (forged.door == "imap" and forged.ticket_id != ticket.id) or forged.kind in (
            "spoof",
            "abuse",
            "staff",
            "own",
        )
    after = now(scene, ticket)
    assert (after.state, after.people, after.severity) == (before.state, before.people, before.severity)
    assert Happening.PARTNER_ANSWERED not in [e.kind for e in after.events[len(before.events) :]]
    assert not [text for text in texts(scene, anns.scope, ticket) if "Forged" in text]
    assert not [
        one for one in scene.letters()[sent:] if "Forged" in body(one) and scene.ann.address in one.to
    ]


def test_p20_answer_and_resolve_is_one_letter_and_nobody_gets_his_own_words_back(scene: Scene) -> None:
    """P20: by staff on a page, by a partner on a page, and when the partner closes, adds somebody, or rates."""
    ticket = asked(scene)
    before = len(scene.letters())
    desk(scene).answer(ticket, "Solved.", then="resolve")
    scene.passes(minutes=5)
    new = scene.letters()[before:]
    assert [one.kind for one in new if scene.ann.address in one.to] == ["answer"]
    assert not [one for one in new if CY in one.to]
    anns, before = page(scene), len(scene.letters())
    anns.reopen(ticket.id, "Not solved, says Ann", form="1", seen=version(scene, ticket))
    anns.answer(ticket.id, "Words of Ann", form="2", seen=version(scene, ticket), anyway=True)
    anns.add_person(ticket.id, colleague(scene, "Dee"), form="3")
    scene.month.turn()
    anns.close(ticket.id, form="4", seen=version(scene, ticket), anyway=True)
    page(scene).rate(ticket.id, 2, "Slow", form="5")
    scene.passes(minutes=5)
    assert not [one.kind for one in scene.letters()[before:] if scene.ann.address in one.to]


@pytest.mark.parametrize("kind", ["relayed", "page_answer"])
def test_p20_a_bounce_of_what_a_page_sent_opens_no_ticket_and_is_answered_by_nobody(
    scene: Scene, kind: str
) -> None:
    """P20: the copy to a colleague and the copy to staff come back from a mail server."""
    ticket = asked(scene)
    page(scene).answer(ticket.id, "Words of Ann", form="1", seen=version(scene, ticket))
    scene.month.turn()
    (letter,) = scene.letters(kind)
    tickets, sent = len(list(scene.store.each_ticket())), len(scene.letters())
    row = scene.arrives(
        mails.bounce(
            letter.to[0], GLOBAL, scene.month.now, scene.id("x@mail.example"), letter.message_id, letter.raw
        )
    )
    scene.passes(minutes=5)
    assert row.kind == "bounce" and len(list(scene.store.each_ticket())) == tickets
    assert not [
        one
        for one in scene.letters()[sent:]
        if "mailer" in str(one.to).lower() or one.kind == "acknowledgment"
    ]
    assert now(scene, ticket).state in (State.NEW, State.OPEN)


def test_p39_each_is_told_once_by_his_own_choice(scene: Scene) -> None:
    """P39: an answer of staff reaches every follower once; who follows no more, and who left, get nothing; staff likewise."""
    ticket, bo = asked(scene), colleague(scene)
    page(scene).add_person(ticket.id, colleague(scene, "Dee"), form="1")
    page(scene).add_person(ticket.id, colleague(scene, "Eve"), form="2")
    page(scene, colleague(scene, "Dee")).follow(ticket.id, on=False, form="3")
    page(scene, colleague(scene, "Eve")).remove_person(ticket.id, colleague(scene, "Eve"), form="4")
    desk(scene).happen(now(scene, ticket), "assigned", "yours", to=STAFF[0])
    before = len(scene.letters())
    desk(scene).answer(now(scene, ticket), "An answer.")
    page(scene, bo).answer(ticket.id, "Words of Bo", form="5", seen=version(scene, ticket), anyway=True)
    scene.passes(minutes=5)
    told = Counter((one.kind, to) for one in scene.letters()[before:] for to in one.to)
    assert told and max(told.values()) == 1, told
    partners = {(kind, to) for kind, to in told if kind in ("answer", "relayed")}
    assert partners == {("answer", scene.ann.address), ("answer", bo), ("relayed", scene.ann.address)}
    assert [to for kind, to in told if kind == "page_answer"] == [STAFF[0]], told
