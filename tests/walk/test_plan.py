"""A plan is the one thing that passes from deciding to writing: `explain` cannot differ from what happens, and one pen writes."""

from __future__ import annotations

import ast
import random
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from pathlib import Path

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_batches import _mails
from triaged.readers.pool import InlineReaders
from triaged.store.rows import Arrival, Fate
from triaged.tickets.ticket import Due, Letter, Ticket
from triaged.walk import plan as plans
from triaged.walk import triage
from triaged.walk.explain import explain
from triaged.walk.judge import Asked, Envelope, Incoming, judge, who
from triaged.walk.pen import Misnumbered, Pen
from triaged.walk.plan import Change, Plan
from triaged.walk.plan_for import plan_for
from triaged.walk.plans.judged import Ground

WALK = Path(triage.__file__).parent
WRITES = {
    *("open_ticket", "save", "add_events", "set_dues", "add_due", "finish_due", "know", "finish_mail", "rule_hits"),
    *("write_alerts", "alerts_over", "mark_address", "clear_address", "told_of_owed", "learn", "plan_due", "withdraw", "write"),
}  # fmt: skip


def ground(scene: Scene, mailbox: str) -> Ground:
    house = scene.month.house
    return house.knowledge.ground(mailbox, scene.month.now, house.secret)


def arrives(scene: Scene, arrival: Arrival) -> None:
    scene.store.keep([arrival], now=scene.month.now)
    triage.triage_batch(scene.month.house, scene.month.now)


def envelope_of(scene: Scene, arrival: Arrival) -> Envelope:
    config = scene.month.house.knowledge.config
    return Envelope(
        arrival.mailbox, arrival.received_at, mailbox_regions=config.mailbox(arrival.mailbox).regions
    )


def told(letters: Sequence[Letter]) -> list[tuple[str, str, tuple[str, ...], str]]:
    return sorted((one.kind, one.key, one.to, one.subject) for one in letters)


def happened(ticket: Ticket) -> list[tuple[str, str]]:
    """What is on a ticket, the writing of letters apart: that is the pen's to tell."""
    return [(str(e.kind), e.reason) for e in ticket.events if not e.kind.startswith("letter_")]


def steps(dues: Sequence[Due]) -> list[tuple[str, str, object]]:
    # What the pen adds where an S1's acknowledgment may go to nobody is known to it alone.
    return sorted((one.kind, one.step, one.due_at) for one in dues if not one.step.startswith("undelivered"))


@pytest.mark.parametrize("seed", range(3))
def test_what_explain_says_of_a_mail_is_what_happens_to_it(tmp_path: Path, seed: int) -> None:
    """Each first mail, explained without a database, and walked in an empty house: the same but for the number."""
    scene = Scene(tmp_path)
    compared = 0
    for arrival in _mails(scene, random.Random(seed)):
        here = envelope_of(scene, arrival)
        (reading,) = InlineReaders(scene.month.knowledge.surroundings).read([(arrival.raw, here.door)])
        if reading.references or reading.in_reply_to or "PS-" in reading.subject or any(
            one.message_id == reading.message_id for one in scene.store.mails(limit=100)
        ):  # fmt: skip
            continue
        said = explain(reading, here, ground(scene, arrival.mailbox)).plan
        arrives(scene, arrival)
        (row,) = scene.store.mails(limit=1)
        assert said.mail is not None
        assert (row.fate, row.kind) == (said.mail.row.fate, said.mail.row.kind)
        assert row.why == said.mail.row.why or said.opened is not None  # else why it stands where it does
        assert (said.opened is not None) == (row.ticket_id is not None)
        if said.opened is None or row.ticket_id is None:
            continue
        stored = scene.store.ticket(row.ticket_id)
        assert stored is not None and happened(stored) == happened(said.opened)
        assert _bare(stored) == _bare(said.opened)
        assert steps(scene.store.dues(stored.id)) == steps(said.changes[0].dues or ())
        written = scene.store.letters(ticket_id=stored.id)
        assert {one.kind for one in written} <= {one.kind for one in said.changes[0].letters}
        for one in said.changes[0].letters:
            subject = one.subject.replace("PS-…", stored.reference)
            kept = [w for w in written if (w.kind, w.key) == (one.kind, one.key)]
            withheld = any(
                e.data.get("key") == one.key for e in stored.events if e.kind == "letter_withdrawn"
            )
            assert withheld or [(w.to, w.cc, w.subject) for w in kept] == [(one.to, one.cc, subject)]
        compared += 1
    scene.month.close()
    assert compared >= 3


def _bare(ticket: Ticket) -> Ticket:
    return replace(ticket, id=0, reference="", events=())


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_of_every_mail_is_what_the_store_holds_afterwards(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers, copies, staff, strangers: fate, kind, events, letters and due steps as planned, and no others."""
    scene = Scene(tmp_path)
    made: list[Plan] = []
    decide = triage.decide
    monkeypatch.setattr(triage, "decide", lambda *given: made.append(decide(*given)) or made[-1])
    for arrival in _mails(scene, random.Random(seed)):
        before = {one.id: one for one in _tickets(scene)}
        letters = len(scene.store.letters(limit=1000))
        arrives(scene, arrival)
        plan, (row,) = made[-1], scene.store.mails(limit=1)
        assert plan.mail is not None and plan.mail.row.mail_id == row.id
        assert (row.fate, row.kind or None, row.ticket_id) == (
            plan.mail.row.fate, plan.mail.row.kind, plan.mail.row.ticket_id
        )  # fmt: skip
        changed = {change.after.id: change for change in plan.changes}
        for ticket in _tickets(scene):
            change = changed.get(ticket.id)
            if change is None:
                noted = sum(note.ticket_id == ticket.id for note in plan.notes)
                assert len(happened(ticket)) - len(happened(before[ticket.id])) == noted
                continue
            assert _bare(ticket) == _bare(change.after) and happened(ticket) == happened(change.after)
            if change.dues is not None:
                assert steps(scene.store.dues(ticket.id)) == steps(change.dues)
        wanted = [one for change in plan.changes for one in change.letters] + list(plan.letters)
        assert len(scene.store.letters(limit=1000)) - letters <= len(wanted)
    scene.month.close()


def _tickets(scene: Scene) -> list[Ticket]:
    found = (scene.store.ticket(number) for number in range(1001, 1060))
    return [one for one in found if one is not None]


def test_deciding_twice_gives_the_same_plan_and_writes_nothing(scene: Scene) -> None:
    mail = scene.asks()
    (arrival,) = _mails(scene, random.Random(7))[:1]
    here = envelope_of(scene, arrival)
    (reading,) = InlineReaders(scene.month.knowledge.surroundings).read([(arrival.raw, here.door)])
    on = ground(scene, "global")
    incoming = Incoming(
        reading, who(reading, on.bearings), here, asked=Asked(number=1002, reference="PS-1002")
    )
    first, second = (
        plan_for(incoming, judge(incoming, on.bearings, on.now), on) for _ in range(2)
    )  # fmt: skip
    assert first == second and [one.id for one in _tickets(scene)] == [mail.ticket_id]


@pytest.mark.parametrize("kind", [one for one in vars(plans).values() if is_dataclass(one)])
def test_a_plan_is_frozen_through_and_through(kind: type) -> None:
    with pytest.raises(FrozenInstanceError):
        object.__new__(kind).anything = 1
    assert not any("list[" in str(field.type) or "dict[" in str(field.type) for field in fields(kind))


def test_a_number_foreseen_is_the_one_the_ticket_gets_and_none_is_lost_where_none_opens(scene: Scene) -> None:
    assert scene.asks().ticket_id == 1001
    assert scene.writes("Thank you!", "Thanks").fate is Fate.SKIPPED
    assert scene.asks(subject="Another").ticket_id == 1002
    assert "[PS-1002]" in scene.letters("acknowledgment")[-1].subject


def test_a_letter_never_leaves_with_another_number_than_its_ticket(scene: Scene) -> None:
    ticket = scene.ticket(scene.asks())
    house = scene.month.house
    wrong = Plan((Change(None, replace(ticket, id=1005, reference="PS-1005")),))
    with pytest.raises(Misnumbered), house.store.transaction() as tx:
        Pen(tx, house.knowledge, house.secret, scene.month.now).write(wrong)
    assert [one.id for one in _tickets(scene)] == [ticket.id]


def test_the_promise_of_a_ticket_follows_a_severity_set_by_hand(scene: Scene) -> None:
    ticket = scene.ticket(scene.asks())
    after = scene.desk().correct(ticket, "S1", "all of them are down")
    assert after.promised_at is not None and ticket.promised_at is not None
    assert after.promised_at < ticket.promised_at
    stored = scene.store.ticket(ticket.id)
    assert stored is not None and stored.promised_at == after.promised_at


@pytest.mark.parametrize("path", sorted(WALK.rglob("*.py")), ids=lambda path: str(path.relative_to(WALK)))
def test_only_the_pen_writes(path: Path) -> None:
    if path.name == "pen.py":
        return
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value).rpartition(".")[2] in ("tx", "store")
    }
    assert not called & WRITES


def test_of_a_ticket_its_own_mailbox_writes_and_the_first_of_one_that_was_taken_out(tmp_path: Path) -> None:
    """An answer that came to the other mailbox makes it S1: staff of the ticket's own are told, in their zone."""
    scene = Scene(tmp_path)
    ticket = scene.ticket(scene.asks())
    first, other = scene.month.config.mailboxes[:2]
    for came_to in (first, other):
        here = ground(scene, came_to.name)
        for of in (first, other):
            assert here.writer_of(replace(ticket, mailbox=of.name)).desk == here.desks[of.name]
        assert here.writer_of(replace(ticket, mailbox="gone")).desk == here.desks[first.name]
