"""Orders about screen-sharing sessions line by line: what is said, listed and shown, as words and as JSON."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_sessions import FIRST, HOST, LINK, MONDAY, SECOND, Clock, booked, done, offered, state
from tests.cli.test_sessions import clock as clock
from tests.cli.test_sessions import desk as desk
from tests.e2e.town import ANNA

OTHER = "lee@zohocorp.com"
LATER = SECOND + timedelta(days=1)


@pytest.fixture
def url(tmp_path: Path, empty_database: Path) -> str:
    """SQLite alone: what differs between databases is asked in test_sessions.py."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    return f"sqlite:///{tmp_path}/triaged.db"


def said(run: Run, *arguments: str) -> str:
    return done(run("sessions", *arguments)).out


def told(run: Run) -> dict[str, Any]:
    return {name: value for name, value in state(run).items() if name not in ("since", "offered_at")}


def test_each_order_says_how_the_session_stands_and_when_it_is(run: Run, clock: Clock) -> None:
    at = ("--at", FIRST.isoformat(), "--at", SECOND.isoformat())
    assert said(run, "offer", "PS-1001", *at, "--host", HOST) == "PS-1001: the session is offered\n"
    terms = ("--person", ANNA, "--terms", "2026-11")
    accepted = said(run, "accept", "PS-1001", "--at", "2026-11-26T11:00", "--zone", "Europe/Berlin", *terms)
    assert accepted == "PS-1001: the session is accepted for 2026-11-26 10:00 UTC\n"
    stands = "for 2026-11-26 10:00 UTC\n"
    assert said(run, "link", "PS-1001", f" {LINK} ") == f"PS-1001: the session is moved {stands}"
    moved = said(run, "move", "PS-1001", "--to", "2026-11-25 10:00")
    assert moved == "PS-1001: the session is moved for 2026-11-25 10:00 UTC\n"
    assert said(run, "move", "PS-1001", "--host", f" {OTHER} ") == moved
    assert (state(run)["host"], state(run)["starts"]) == (OTHER, state(run)["times"][0])
    clock.now = FIRST - timedelta(minutes=10)
    code = said(run, "code", "PS-1001", "--person", f" {ANNA} ").strip()
    begun = said(run, "begin", "PS-1001", "--code", code)
    assert begun == "PS-1001: the session is begun for 2026-11-25 10:00 UTC\n"
    held = said(run, "held", "PS-1001", "--summary", "The index was missing.")
    assert held == "PS-1001: the session is held for 2026-11-25 10:00 UTC\n"
    assert said(run, "summary", "PS-1001", "It was the index.") == held


def test_what_was_offered_is_what_stands_there(run: Run) -> None:
    offered(run)
    times = [FIRST.strftime("%Y-%m-%dT%H:%M:%SZ"), SECOND.strftime("%Y-%m-%dT%H:%M:%SZ")]
    assert told(run) == {
        "reference": "PS-1001", "number": 1, "state": "offered", "times": state(run)["times"], "starts": None, "ends": None,
        "minutes": 40, "host": HOST, "sequence": 0, "accepted": None, "answers": {}, "missing": None, "summary": None,
    }  # fmt: skip
    assert [one.replace("+00:00", "Z") for one in state(run)["times"]] == times
    booked_at = ("--at", SECOND.isoformat(), "--person", ANNA, "--terms", "2026-11")
    done(run("sessions", "accept", "PS-1001", *booked_at))
    found = state(run)
    assert (found["starts"], found["state"]) == (found["times"][1], "accepted")
    assert (found["accepted"]["person"], found["accepted"]["terms"]) == (ANNA, "2026-11")


def test_a_session_is_shown_in_lines_of_what_is_known_and_nothing_else(run: Run, clock: Clock) -> None:
    assert said(run, "show", "PS-1001") == "one may be offered\n"
    assert run("sessions", "show", "PS-1001", "--json").out == ""
    offered(run)
    plain = state(run)
    assert said(run, "show", "PS-1001").splitlines() == [
        f"PS-1001 session 1: offered since {MONDAY:%Y-%m-%d %H:%M} UTC",
        f"  offered at: {plain['offered_at']}",
        f"  times: {plain['times']}",
        "  minutes: 40",
        f"  host: {HOST}",
        "none may be offered: PS-1001 has a session already, offered",
    ]
    done(run("sessions", "cancel", "PS-1001"))
    lines = said(run, "show", "PS-1001").splitlines()
    assert lines[0].startswith("PS-1001 session 1: cancelled since ") and lines[-1] == "one may be offered"
    assert not [
        one for one in lines if "reference" in one or "number" in one or "missing" in one or "summary" in one
    ]


def test_sessions_are_listed_by_state_host_and_time(run: Run) -> None:
    assert said(run, "list") == said(run, "list", "--json") == ""
    offered(run)
    line = f"PS-1001\t1\toffered\t-\t{HOST}\toakbridge.example\tSlow reports\n"
    assert said(run, "list") == line
    done(
        run(
            "sessions",
            "accept",
            "PS-1001",
            "--at",
            SECOND.isoformat(),
            "--person",
            ANNA,
            "--terms",
            "2026-11",
        )
    )
    line = f"PS-1001\t1\taccepted\t2026-11-26 10:00\t{HOST}\toakbridge.example\tSlow reports\n"
    for asked, found in (
        ((), True),
        (("--state", "accepted"), True),
        (("--state", "held", "--state", "accepted"), True),
        (("--state", "offered"), False),
        (("--host", f" {HOST} "), True),
        (("--host", OTHER), False),
        (("--since", SECOND.isoformat()), True),
        (("--since", LATER.isoformat()), False),
        (("--limit", "1"), True),
    ):
        listed = run("sessions", "list", *asked)
        assert (listed.status, listed.out, listed.err) == (0, line if found else "", ""), asked
    (one,) = map(json.loads, said(run, "list", "--json").splitlines())
    assert (one["reference"], one["ticket_id"], one["number"], one["state"]) == (
        "PS-1001",
        1001,
        1,
        "accepted",
    )
    assert (one["host"], one["partner_domain"], one["subject"]) == (HOST, "oakbridge.example", "Slow reports")
    assert (one["starts_at"], one["ends_at"]) == (state(run)["starts"], state(run)["ends"])


def test_a_session_is_held_by_who_has_the_ticket_unless_another_is_named(run: Run) -> None:
    done(run("tickets", "assign", "PS-1001", HOST))
    said(run, "offer", "PS-1001", "--at", FIRST.isoformat())
    assert state(run)["host"] == HOST
    said(run, "cancel", "PS-1001")
    said(run, "offer", "PS-1001", "--at", FIRST.isoformat(), "--host", OTHER)
    assert (state(run)["host"], state(run)["number"]) == (OTHER, 2)
    said(run, "cancel", "PS-1001")
    nobody = run("sessions", "offer", "PS-1001", "--at", FIRST.isoformat(), "--host", "Lee")
    assert (nobody.status, nobody.out) == (1, "")
    assert nobody.err == "PS-1001 is assigned to nobody: say who holds the session by --host\n"


def test_a_rehearsal_shows_each_letter_whole_and_what_comes_into_calendars(run: Run) -> None:
    offered(run)
    accepted = ("--at", SECOND.isoformat(), "--person", ANNA, "--terms", "2026-11", "--dry-run")
    lines = said(run, "accept", "PS-1001", *accepted).split("\n")
    assert lines[:3] == [
        "PS-1001: the session would be accepted for 2026-11-26 10:00 UTC; nothing is done (--dry-run)",
        "",
        f"meeting invitation to {ANNA}",
    ]
    assert lines[3].startswith("Subject: ") and "PS-1001" in lines[3] and lines[4] == ""
    entries = [one for one in lines if one.startswith("  calendar: ")]
    assert entries[0] == (
        f"  calendar: REQUEST, SEQUENCE 0, 2026-11-26 10:00 to 10:40 UTC, with its link, for {ANNA}"
    )
    letter = lines[5 : lines.index(entries[0])]
    assert letter[-1] == "" and letter[-2].startswith("  ")
    assert all(one == "" or one.startswith("  ") for one in letter) and all(
        one == one.rstrip() for one in letter
    )
    news = lines.index(f"meeting news to {HOST}")
    assert lines[news - 1] == "" and lines[news + 1].startswith("Subject: ") and lines[news + 2] == ""
    said(run, "cancel", "PS-1001")
    said(run, "offer", "PS-1001", "--at", SECOND.isoformat(), "--host", HOST)
    assert f"SEQUENCE 0, 2026-11-26 10:00 to 10:40 UTC, without a link, for {ANNA}" in said(run, "accept", "PS-1001", *accepted)  # fmt: skip


def test_a_move_of_nothing_and_a_zone_that_is_none_are_wrong_use(run: Run) -> None:
    booked(run)
    before = state(run)
    for arguments, why in (
        (("move", "PS-1001"), "say --to or --host"),
        (("move", "PS-1001", "--to", "soon"), "'soon' is no time like 2026-12-01T10:00+01:00, or None no zone like Europe/Berlin"),
        (("move", "PS-1001", "--to", "2026-11-25T10:00", "--zone", "Mars"), "'2026-11-25T10:00' is no time like 2026-12-01T10:00+01:00, or 'Mars' no zone like Europe/Berlin"),
        (("move", "PS-1001", "--to", "2027-03-28T02:30", "--zone", "Europe/Berlin"), "'2027-03-28T02:30': the clocks of Europe/Berlin are changed then; write it with its offset, like 2026-10-25T02:30+01:00"),
    ):  # fmt: skip
        refused = run("sessions", *arguments)
        assert (refused.status, refused.out) == (2, "") and refused.err.splitlines()[-1].endswith(why)
    assert state(run) == before
    # A time that says its own zone is not asked for another
    assert said(
        run, "move", "PS-1001", "--to", FIRST.isoformat(), "--zone", "Asia/Tokyo", "--dry-run"
    ).startswith(
        "PS-1001: the session would be moved for 2026-11-25 10:00 UTC; nothing is done (--dry-run)\n"
    )
