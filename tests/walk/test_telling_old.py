"""What an older version recorded is read again: its pages show what they would have shown, to those who may see it."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from tests.simulation.scene import Scene
from triaged.simulation import mails
from triaged.simulation.town import GLOBAL, STAFF
from triaged.store.page_rows import Draft
from triaged.store.page_tables import said
from triaged.store.rows import LedgerMail
from triaged.store.scope import Scope, of_person, of_staff
from triaged.store.tables import mail, ticket
from triaged.walk import telling_old
from triaged.walk.telling_old import tell_old


@pytest.fixture
def story(scene: Scene) -> LedgerMail:
    """Ann asks, staff answer by their own program, talk among themselves, Ann answers, is away, and thanks."""
    first = scene.asks()
    scene.passes(minutes=5)
    scene.staff_writes(first, "Hello,\n\nplease clear the cache.\n\nCy")
    scene.passes(minutes=5)
    raw = mails.write(
        ("Cy Moor", STAFF[0]), [GLOBAL], f"Re: {first.subject}", "Between us: she asks for a lot.", scene.month.now,
        scene.id(STAFF[0]), answers=[first.message_id],
    )  # fmt: skip
    scene.arrives(raw)
    scene.passes(minutes=5)
    scene.writes("It fails again with ERR_2004.", f"Re: {first.subject}", answers=[first.message_id])
    scene.passes(minutes=5)
    scene.writes("Thank you very much!", f"Re: {first.subject}", answers=[first.message_id])
    scene.passes(minutes=5)
    return first


def untold(scene: Scene) -> None:
    """As an older version left it."""
    with scene.store._writing() as connection:
        connection.execute(delete(said))
        connection.execute(text("DELETE FROM setting WHERE name LIKE 'told:%'"))


def shown(scene: Scene, scope: Scope, first: LedgerMail) -> list[tuple[Any, ...]]:
    page = scene.store.ticket_page(scope, first.ticket_id or 0)
    assert page is not None
    return [
        (one.what, one.kind, (one.text or "").strip(), [file.name for file in one.files]) for one in page.said
    ]


def ann(scene: Scene) -> Scope:
    return of_person(scene.ann.address, scene.month.knowledge.directory.partner_of(scene.ann.address))


def test_the_pages_show_to_each_what_they_showed_when_it_was_recorded(
    scene: Scene, story: LedgerMail
) -> None:
    staff = of_staff(STAFF[0])
    before = shown(scene, ann(scene), story), shown(scene, staff, story)
    words = "\n".join(one[2] for one in before[0])
    for told in ("One report in Zoho CRM", "please clear the cache", "ERR_2004", "Thank you very much"):
        assert told in words
    assert "Between us" not in words and any("Between us" in one[2] for one in before[1])
    untold(scene)
    assert [one for one in shown(scene, staff, story) if one[2]] == []
    looked = tell_old(scene.month.house, scene.month.now)
    assert (shown(scene, ann(scene), story), shown(scene, staff, story)) == before
    with scene.store._reading() as connection:
        rows = sum(
            connection.scalar(text(f"SELECT count(*) FROM {one}")) for one in ("ticket", "letter", "mail")
        )
    assert looked == rows
    assert tell_old(scene.month.house, scene.month.now) == 0, "once"


@pytest.mark.parametrize(
    ("reading", "trusted", "seen"),
    [
        ({}, False, True),
        ({}, True, False),
        ({"trusted": False, "authentication": ["fail", "x"]}, True, False),
        ({"trusted": False, "authentication": ["none"]}, True, False),
        ({"trusted": True, "authentication": ["fail"]}, True, True),
        ({"trusted": False, "authentication": ["pass", "x"]}, True, True),
    ],
    ids=str,
)
def test_of_old_mails_partners_see_what_was_verified_or_all_where_nothing_ever_was(
    scene: Scene, story: LedgerMail, reading: dict[str, Any], trusted: bool, seen: bool
) -> None:
    untold(scene)
    with scene.store._writing() as connection:
        answers = mail.c.subject.startswith("Re: "), mail.c.kind == "request"
        assert connection.execute(update(mail).where(*answers).values(reading=reading)).rowcount == 1
        connection.execute(update(ticket).values(trusted=trusted))
    tell_old(scene.month.house, scene.month.now)
    assert any("ERR_2004" in one[2] for one in shown(scene, of_staff(STAFF[0]), story))
    with scene.store._writing() as connection:
        connection.execute(update(ticket).values(trusted=True))
    assert any("ERR_2004" in one[2] for one in shown(scene, ann(scene), story)) is seen


@pytest.mark.parametrize(("seconds", "seen"), [(59, True), (60, False), (-59, True), (-60, False)])
def test_an_old_mail_of_staff_is_an_answer_by_the_event_of_its_minute(
    scene: Scene, story: LedgerMail, seconds: int, seen: bool
) -> None:
    untold(scene)
    with scene.store._writing() as connection:
        moved = "UPDATE event SET at = at + :by WHERE kind = 'staff_answered'"
        connection.execute(text(moved), {"by": seconds * 1_000_000})
    tell_old(scene.month.house, scene.month.now)
    assert any("clear the cache" in one[2] for one in shown(scene, ann(scene), story)) is seen


def test_a_mail_of_which_nothing_is_left_is_told_by_nothing(scene: Scene, story: LedgerMail) -> None:
    untold(scene)
    with scene.store._writing() as connection:
        connection.execute(
            text("UPDATE raw SET packed = :nothing, size = 0"), {"nothing": zlib.compress(b"")}
        )
    tell_old(scene.month.house, scene.month.now)
    assert {one[0] for one in shown(scene, of_staff(STAFF[0]), story) if one[2]} <= {"letter"}


def test_one_daemon_at_a_time_tells_and_who_stops_or_lost_the_lease_tells_no_more(
    scene: Scene, story: LedgerMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, now = scene.month.house, scene.month.now
    untold(scene)
    epoch = scene.store.take_lease(telling_old.NAME, "another", now, 60.0)
    assert epoch is not None and tell_old(house, now) == 0
    scene.store.drop_lease(telling_old.NAME, "another", epoch)
    assert tell_old(house, now, lambda: True) == 0
    with monkeypatch.context() as patched:
        patched.setattr(scene.store, "renew_lease", lambda *_: False)  # another took it while we were asleep
        tickets = len(scene.store.tickets())
        assert tell_old(house, now) == tickets, "after one step"
    assert tell_old(house, now) > 0


def test_drafts_of_long_ago_go_with_it(scene: Scene) -> None:
    now = scene.month.now
    for about, age in (("old", timedelta(days=30, seconds=1)), ("young", timedelta(days=30))):
        scene.store.save_draft(Draft(scene.ann.address, about, "answer", {"text": "half"}, now - age))
    tell_old(scene.month.house, now)
    assert [scene.store.draft(scene.ann.address, about, "answer") is None for about in ("old", "young")] == [True, False]  # fmt: skip
