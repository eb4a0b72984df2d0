"""What nobody noticed beside the walk: mails a server owes, passages that can be split off, promises that do not fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.scene import Scene
from tests.walk.test_by_page import asked, now, page, version
from triaged.errors import Faulty
from triaged.intake.folder import BROKE_OFF
from triaged.store.promise_checks import Fault
from triaged.store.rows import OwedMail
from triaged.walk import owing, passages, promises_kept
from triaged.walk.passages import Paragraph

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def owed(scene: Scene, uid: int = 5, **changes: Any) -> OwedMail:
    at = scene.month.now
    made = OwedMail("global", "INBOX", 77, uid, None, None, 1, at, at + MINUTE, "NO it is locked")
    return replace(made, **changes)


def tell(scene: Scene) -> list[str]:
    """What a letter about what is owed now says, a line for each mail; nothing: none is written."""
    before = {row.id for row in scene.store.letters(limit=500)}
    box = scene.month.config.mailboxes[0]
    owing.tell(scene.month.house, box, scene.store.owed("global"), scene.month.now)
    new = [row for row in scene.store.letters(limit=500) if row.id not in before]
    if not new:
        return []
    (row,) = new
    assert (row.kind, row.ticket_id, row.to) == ("mail_owed", None, tuple(scene.month.config.staff.alert))
    whole = scene.store.letter(row.id)
    assert whole is not None and whole.raw is not None
    text = " ".join(whole.raw.decode().split())
    return [f"INBOX uid {one}" for one in text.split("INBOX uid ")[1:]]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "INBOX uid 5 (UIDVALIDITY 77): NO it is locked"),
        ({"size": 0}, "INBOX uid 5 (UIDVALIDITY 77, 0 bytes): NO it is locked"),
        ({"size": 2_048}, "INBOX uid 5 (UIDVALIDITY 77, 2048 bytes): NO it is locked"),
        (
            {"failures": 2, "error": f"{BROKE_OFF}: reset"},
            f"INBOX uid 5 (UIDVALIDITY 77): {BROKE_OFF}: reset",
        ),
        ({"failures": 1, "error": f"{BROKE_OFF}: reset"}, ""),
    ],
)
def test_a_mail_that_is_owed_is_told_in_a_line(scene: Scene, changes: dict[str, Any], line: str) -> None:
    scene.store.owe([owed(scene, **changes)])
    told = tell(scene)
    assert [one[: len(line)] for one in told] == ([line] if line else [])
    assert [one.told_at for one in scene.store.owed()] == [scene.month.now if line else None]
    assert tell(scene) == [], "once for each mail"


def test_when_an_owed_mail_arrived_is_told(scene: Scene) -> None:
    scene.store.owe([owed(scene, size=9, received_at=scene.month.now)])
    (line,) = tell(scene)
    assert line.startswith(
        "INBOX uid 5 (UIDVALIDITY 77, 9 bytes, arrived 2026-11-16 15:00 UTC): NO it is locked"
    )


def test_of_what_is_owed_only_what_nobody_was_told_of_is_told_a_hundred_at_once(scene: Scene) -> None:
    scene.store.owe([owed(scene, 1)])
    assert len(tell(scene)) == 1
    scene.month.now += SECOND
    scene.store.owe([owed(scene, uid) for uid in range(2, 104)])
    assert len(tell(scene)) == 100
    scene.month.now += SECOND
    assert [one[:14] for one in tell(scene)] == ["INBOX uid 102 ", "INBOX uid 103 "]
    assert tell(scene) == []


def test_five_letters_an_hour_are_written_of_what_is_owed_and_then_the_next(scene: Scene) -> None:
    for uid in range(5):
        scene.store.owe([owed(scene, uid)])
        assert len(tell(scene)) == 1
        scene.month.now += MINUTE
    scene.store.owe([owed(scene, 9)])
    assert tell(scene) == []
    scene.month.now += timedelta(hours=1) - 5 * MINUTE - timedelta(microseconds=1)
    assert tell(scene) == []
    scene.month.now += timedelta(microseconds=1)
    assert len(tell(scene)) == 1


# -- passages -----------------------------------------------------------------------------------------


def test_what_the_partners_side_wrote_is_offered_by_paragraphs_and_nothing_else(scene: Scene) -> None:
    ticket = asked(scene)
    page(scene).answer(
        ticket.id, "First.\nStill first.\n \t\n\n Second. \n\n\n", form="1", seen=version(scene, ticket)
    )
    scene.month.turn()
    scene.desk().answer(now(scene, ticket), "We look into it.")
    scene.month.turn()
    shown = scene.store.ticket_page(page(scene).scope, ticket.id)
    assert shown is not None
    theirs = [one for one in shown.said if one.what == "mail"]
    assert passages.paragraphs(shown)[-2:] == (
        Paragraph(f"mail-{theirs[-1].number}-0", "First.\nStill first."),
        Paragraph(f"mail-{theirs[-1].number}-1", "Second."),
    )
    assert len({one.key for one in passages.paragraphs(shown)}) == len(passages.paragraphs(shown))
    assert not [one for one in passages.paragraphs(shown) if "We look into it" in one.text]
    for passage in ("First. Still   first.", "Second.\n\nFirst.", "first.\n\nSecond."):
        passages.must_stand(passage, shown)
    for wrong, said in (
        ("Third.", "Third."),
        ("First.\n\n" + "We look into it. " * 9, ("We look into it. " * 9)[:60]),
    ):
        with pytest.raises(Faulty) as told:
            passages.must_stand(wrong, shown)
        assert str(told.value) == f"“{said}” stands in no mail of the partner's on this ticket"
    with pytest.raises(Faulty, match="stands in no mail"):
        passages.must_stand("First.", None)
    hidden = replace(shown, said=tuple(replace(one, audience="staff") for one in shown.said))
    assert passages.paragraphs(hidden) == ()


def test_two_hundred_paragraphs_are_offered_and_twenty_thousand_characters_split_off(scene: Scene) -> None:
    shown = scene.store.ticket_page(page(scene).scope, asked(scene).id)
    assert shown is not None
    one = replace(next(c for c in shown.said if c.what == "mail"), text="\n\n".join(["a"] * 201))
    assert len(passages.paragraphs(replace(shown, said=(one,)))) == 200
    long = replace(shown, said=(replace(one, text="a" * 20_001),))
    passages.must_stand("a" * 20_000, long)
    with pytest.raises(Faulty, match="20,000 characters can be split off"):
        passages.must_stand("a" * 20_001, long)


# -- promises -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "stored"),
    [
        ({}, ""),
        ({"promised_at": MINUTE}, ""),
        ({"promised_at": MINUTE + SECOND}, "first_response by 2026-11-16 19:01 UTC"),
        ({"promised_at": -MINUTE - SECOND}, "first_response by 2026-11-16 18:58 UTC"),
        ({"promise": "resolution"}, "resolution by 2026-11-16 19:00 UTC"),
        ({"promise": None, "promised_at": None}, "nothing"),
        ({"promised_at": None}, "nothing"),
    ],
)
def test_a_stored_promise_that_follows_from_no_story_is_a_fault(
    scene: Scene, changes: dict[str, Any], stored: str
) -> None:
    ticket = asked(scene)
    moved = {
        name: ticket.promised_at + value if isinstance(value, timedelta) else value  # type: ignore[operator]
        for name, value in changes.items()
    }
    with scene.store.transaction() as tx:
        before = tx.ticket(ticket.id)
        assert before is not None
        tx.save(before, replace(before, **moved))
    found = promises_kept.faults(scene.store, scene.month.knowledge.rulebook, scene.month.now)
    why = f"promises {stored} next; by its story and the rulebook in force it is first_response by 2026-11-16 19:00 UTC"
    mine = [one for one in found if one.name == "promise-does-not-fit"]
    assert mine == ([Fault("promise-does-not-fit", (ticket.reference,), why)] if stored else [])
