"""What staff learn by another way than mail, and what they report for the partner's eyes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.cli.conftest import Run
from triaged.store import Store
from triaged.tickets.values import Happening


def test_status_tells_that_letters_to_staff_fail(run: Run, desk: Path) -> None:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    store.note(
        "letters:staff", {"letter": 7, "kind": "at_risk", "error": "550 no such user"}, datetime.now(UTC)
    )
    assert "letters   to staff failed" in run("status").out
    store.note("letters:staff", None, datetime.now(UTC))
    assert "to staff failed" not in run("status").out
    store.close()


def test_a_note_may_hold_a_report_for_the_next_update_or_nothing_the_partner_sees(
    run: Run, desk: Path
) -> None:
    assert run("tickets", "note", "PS-1001", "ask Dora", "--report", "A fix is being prepared.").status == 0
    assert run("tickets", "note", "PS-1001", "only for us").status == 0
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    ticket = store.ticket(1001)
    store.close()
    assert ticket is not None
    noted = [(e.reason, e.data.get("report")) for e in ticket.events if e.kind is Happening.STAFF_NOTED]
    assert noted == [("ask Dora", "A fix is being prepared."), ("only for us", None)]


def test_a_note_without_words_is_wrong_use(run: Run) -> None:
    assert run("tickets", "note", "PS-1001").status == 2
