"""What staff learn by another way than mail, and what they report for the partner's eyes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.cli import status
from triaged.store import Store
from triaged.store.rows import Note, OwedMail
from triaged.tickets.ticket import Happening


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


def test_status_tells_who_runs_and_who_was_killed(run: Run, desk: Path) -> None:
    assert "daemon    none is running" in run("status").out
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    now = datetime.now(UTC)
    store.note("daemon.here:1:a", {}, now)
    store.note("daemon.here:2:b", {}, now - timedelta(minutes=20))
    told = run("status").out
    assert "none is running" not in told
    assert "daemon    here:2:b seen 20m ago: killed, or stuck" in told
    store.close()


def test_status_tells_who_holds_what_and_whose_work_another_took_over(run: Run, desk: Path) -> None:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    now = datetime.now(UTC)
    store.announce("here:1:a", {"mailboxes": ["europe"]}, now)
    store.take_lease("mailbox:europe", "here:1:a", now, 60)
    store.note("daemon.here:2:b", {"mailboxes": ["europe"], "buried_by": "here:1:a", "work": 12}, now)
    told = run("status").out
    assert "daemon    here:1:a seen 0s ago: reads europe" in told
    assert "here:2:b seen 0s ago: killed, or stuck; 12 pieces of its work went to here:1:a" in told
    found = {one["name"]: one for one in json.loads(run("status", "--json").out)["daemons"]}
    assert (found["here:1:a"]["alive"], found["here:1:a"]["reads"]) == (True, ["europe"])
    assert (found["here:2:b"]["alive"], found["here:2:b"]["buried_by"]) == (False, "here:1:a")
    store.close()


def test_status_is_red_only_for_work_that_nobody_does() -> None:
    now = datetime.now(UTC)

    def colour_of(living: list[str]) -> str:
        notes = {
            "daemon.dead": Note(
                "daemon.dead", {"mailboxes": ["europe", "global"], "buried_by": "other"}, now
            ),
            "daemon.other": Note("daemon.other", {"mailboxes": living}, now),
        }
        colours: dict[str, str | None] = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(status.output, "say", lambda text, fg=None: colours.setdefault(text.split()[1], fg))
            status._daemons(status.of_daemons(notes, {}, now), now)
        assert colours["other"] is None
        return str(colours["dead"])

    assert colour_of(["europe"]) == "red"
    assert colour_of(["europe", "global"]) == "None"


def test_what_a_human_orders_is_not_capped(run: Run, desk: Path) -> None:
    for n in range(24):  # the cap of a day is 20
        assert run("tickets", "update", "PS-1001", f"step {n}").status == 0
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    assert len([one for one in store.letters(limit=500) if one.kind == "progress_update"]) == 24
    store.close()


def test_status_names_mail_that_a_server_does_not_give(run: Run, desk: Path) -> None:
    store = Store.open(f"sqlite:///{desk}/triaged.db")
    since = datetime.now(UTC) - timedelta(hours=2)
    one = OwedMail("europe", "INBOX", 7, 12, 4000, since, 9, since, since, "NO [SERVERBUG] internal\x1b[2J")
    store.owe([replace(one, uid=uid) for uid in range(12, 24)])
    told = run("status").out
    assert "INBOX uid 12 asked for 9 times since 2h: NO [SERVERBUG] internal" in told
    assert "and 2 more" in told and "\x1b" not in told
    assert len(json.loads(run("status", "--json").out)["owed"]) == 12
    store.close()
