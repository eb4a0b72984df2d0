"""What was said: told of old rows in steps, forgotten by retention, erased with a person, copied to the other database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text

from tests.store.samples import NOW, event, letter, new_ticket, write
from tests.store.test_pages import ALL, ANNA, SCOPES, opened, references, said
from triaged.store import Store, backup, words
from triaged.store.page_rows import Draft
from triaged.store.page_tables import said as table
from triaged.store.rows import LedgerMail, SaidMail
from triaged.store.telling import STEP
from triaged.tickets.ticket import Attached, Happening, State, Ticket
from triaged.walk.telling_old import letter_of

HOUR = timedelta(hours=1)


def untold(store: Store) -> None:
    """As an older version left it."""
    with store._writing() as connection:
        connection.execute(delete(table))


def tell(store: Store) -> int:
    def told(mail: LedgerMail, ticket: Ticket) -> SaidMail:
        return SaidMail(
            ticket.id, mail.id, ticket.reference, ticket.partner_domain, "partner", mail.sender, "", (), (), mail.subject, "old words"
        )  # fmt: skip

    looked = 0
    steps: tuple[Any, ...] = (
        store.tell_tickets, lambda: store.tell_letters(letter_of), lambda: store.tell_mails(told),
    )  # fmt: skip
    for step in steps:
        while number := step():
            looked += number
    return looked


def test_old_rows_are_told_in_steps_once_and_found_then(store: Store) -> None:
    for _ in range(STEP + 5):
        one = opened(store)
    said(store, one, 1, "what the mail says")
    with store.transaction() as tx:
        raw = b"From: a@b.example\r\nSubject: x\r\n\r\nClear the cache\r\n"
        tx.write([letter("a", kind="progress_update")], one.id, ["<1@x>"], [raw], NOW)
    untold(store)
    assert references(store, SCOPES["admin"], text="vanish") == []
    assert tell(store) == STEP + 5 + 2
    assert len(references(store, SCOPES["admin"], text="vanish", limit=200)) == STEP + 5
    assert references(store, SCOPES["admin"], text="cache") == [one.id]
    assert references(store, SCOPES["admin"], text="old words") == [one.id]
    assert tell(store) == 0


def test_what_is_told_already_is_not_told_again(store: Store) -> None:
    one = opened(store)
    said(store, one, 1, "new words")
    tell(store)
    assert references(store, SCOPES["admin"], text="new words") == [one.id]
    assert references(store, SCOPES["admin"], text="old") == []


def test_an_erased_person_is_found_by_nothing_and_his_texts_are_gone(store: Store) -> None:
    one = opened(store)
    said(store, one, 1, f"My secret. {ANNA}", sender=ANNA)
    other = said(store, one, 2, f"Ask {ANNA} (Anna) about it", sender="ben@oakbridge.example", by_name="Ben")
    with store._writing() as connection:
        connection.execute(text(f"UPDATE mail SET sender = 'ben@oakbridge.example' WHERE id = {other}"))
    store.save_draft(Draft(ANNA, "PS-1001", "answer", {"text": "half"}, NOW, (Attached("a", "b/c", b"x"),)))
    assert references(store, SCOPES["staff"], text=ANNA)
    assert store.held(ANNA).drafts
    store.erase(ANNA, "cli:x", NOW)
    for query in (ANNA, "anna", "secret"):
        assert references(store, SCOPES["staff"], text=query) == []
    assert references(store, SCOPES["staff"], text="ask about") == [one.id]
    assert store.draft(ANNA, "PS-1001", "answer") is None


def test_what_retention_forgets_is_found_no_more(store: Store) -> None:
    from triaged.store.forgetting import Before

    one = opened(store, state=State.CLOSED, closed_at=NOW, tags=("vip",))
    opened(store)
    said(store, one, 1, "secret words")
    store.save_draft(Draft(ANNA, one.reference, "answer", {}, NOW))
    late = NOW + timedelta(days=1)
    store.forget_some(Before(late, None, None, None), late)
    assert references(store, SCOPES["staff"], text="secret") == []
    page = store.ticket_page(SCOPES["staff"], one.id)
    assert page and [c.text for c in page.said] == [None]
    with store.transaction() as tx:
        write(tx, [letter("a", kind="progress_update", body="cache")], one.id)
    for row in store.claim_letters(5, NOW, "one", HOUR):
        store.letter_sent(row.id, "one", NOW)
    for cutoffs in (Before(None, late, None, None), Before(None, None, late, None)):
        store.forget_some(cutoffs, late)
        assert references(store, SCOPES["staff"], text="cache") == []
    assert store.ticket(one.id) is None
    assert references(store, SCOPES["staff"], tag="vip") == []
    assert store.draft(ANNA, one.reference, "answer") is None


def test_old_forms_and_drafts_go(store: Store) -> None:
    store.save_draft(Draft(ANNA, "new", "request", {}, NOW))
    with store.transaction() as tx:
        assert not tx.take_form("k", NOW, None).again
        assert tx.take_form("k", NOW, None).again
    assert store.forget_forms(NOW) == 0
    assert store.forget_forms(NOW + HOUR) == 2
    assert store.taken_form("k") is None


def test_a_save_without_news_writes_nothing_anew(store: Store) -> None:
    one = opened(store)
    with store._reading() as connection:
        before = connection.execute(text("SELECT max(id) FROM said")).scalar()
    with store.transaction() as tx:
        tx.save(one, replace(one, updated_at=NOW + HOUR))
        tx.add_events(one.id, [event(Happening.STAFF_NOTED)])
    with store._reading() as connection:
        assert connection.execute(text("SELECT max(id) FROM said")).scalar() == before


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_text_of_any_size_is_kept_within_bounds(store: Store, size: int) -> None:
    one = opened(store)
    said(store, one, 1, "障害 x1 " * size)
    page = store.ticket_page(SCOPES["staff"], one.id)
    assert page and len(page.said[0].text or "") <= 100_000
    assert references(store, SCOPES["staff"], text="障害") == [one.id]
    assert ALL.limit == 50 and new_ticket() and words.indexed("x") == "x"


def test_a_move_to_the_other_database_takes_all_along_and_it_is_found_there(
    store: Store, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    one = opened(store, tags=("vip",))
    said(store, one, 1, "請求書 障害", files=(("log.txt", "text/plain", 3),))
    store.save_draft(
        Draft(ANNA, "PS-1001", "answer", {"text": "half"}, NOW, (Attached("a", "b/c", b"\x00x"),))
    )
    other = f"sqlite:///{tmp_path}/other.db"
    if url.startswith("sqlite"):
        other = request.getfixturevalue("postgres").empty()
    target = backup.open_target(other)
    backup.copy(store._engines, target)
    target.close()
    moved = Store.open(other)
    try:
        for query in ("請求", "log.txt", "vanish", one.reference):
            assert references(moved, SCOPES["admin"], text=query) == [one.id], query
        assert references(moved, SCOPES["staff"], tag="vip") == [one.id]
        assert moved.draft(ANNA, "PS-1001", "answer") == store.draft(ANNA, "PS-1001", "answer")
    finally:
        moved.close()
