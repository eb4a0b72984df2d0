"""Screen-sharing sessions by commands, on both databases: from the offer to the summary, and each way out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from tests.cli.conftest import CONFIG, Outcome, Run
from tests.e2e.town import ACCOUNTS, ADDRESSES, ANNA, PARTNERS, mail
from triaged.cli import context, meetings
from triaged.config import config as configs
from triaged.readers.pool import InlineReaders
from triaged.store import upgrade
from triaged.store.open_store import open_store
from triaged.store.rows import Arrival
from triaged.walk import knowledge, triage
from triaged.walk.house import House

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FIRST, SECOND = MONDAY + timedelta(days=2, hours=1), MONDAY + timedelta(days=3, hours=1)
HOST, LINK = "ben.carter@zohocorp.com", "https://meet.desk.example/h4kx9ptn"
ASKS = mail(ANNA, "Slow reports", "SuperAdmin: it@alder.example\nService: Zoho CRM\nOne report is slow.")


class Clock:
    now = MONDAY


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(context, "now", lambda: made.now)
    return made


def _folder(folder: Path, url: str) -> Path:
    (folder / "config.yaml").write_text(CONFIG.replace("sqlite:///triaged.db", url), "utf-8")
    (folder / "accounts.csv").write_text(ACCOUNTS.replace(",paid", ",premium"), "utf-8")
    (folder / "partners.csv").write_text(PARTNERS, "utf-8")
    return folder


@pytest.fixture
def desk(url: str, tmp_path: Path, clock: Clock) -> Path:
    """A ticket of an account that has sessions, PS-1001, on each database."""
    upgrade(url)
    known = knowledge.gather(configs.load(_folder(tmp_path, url) / "config.yaml"))
    store = open_store(known.config)
    arrival = Arrival(ASKS, "europe", "lmtp", None, None, None, clock.now, ANNA, (ADDRESSES["europe"],))
    store.keep([arrival], now=clock.now)
    triage.triage_batch(House(store, InlineReaders(known.surroundings), known, store.secret()), clock.now)
    store.close()
    return tmp_path


def state(run: Run) -> dict:
    return json.loads(run("sessions", "show", "PS-1001", "--json").out.splitlines()[-1])


def done(outcome: Outcome) -> Outcome:
    assert outcome.status == 0, outcome.err
    return outcome


def offered(run: Run) -> None:
    given = ("--host", HOST, "--at", FIRST.isoformat(), "--at", "2026-11-26T11:00", "--zone", "Europe/Berlin")
    done(run("sessions", "offer", "PS-1001", *given, "--link", LINK, "--passcode", "481516"))


def booked(run: Run) -> None:
    offered(run)
    at = ("--at", SECOND.isoformat(), "--person", ANNA, "--terms", "2026-11")
    done(run("sessions", "accept", "PS-1001", *at))


def test_from_the_offer_to_the_summary(run: Run, clock: Clock) -> None:
    offered(run)
    assert datetime.fromisoformat(state(run)["times"][1]) == SECOND
    wrong = ("--at", SECOND.isoformat(), "--person", ANNA, "--terms", "2025-01")
    refused = run("sessions", "accept", "PS-1001", *wrong)
    assert refused.status == 1 and "version 2026-11" in refused.err
    right = ("--at", SECOND.isoformat(), "--person", ANNA, "--terms", "2026-11")
    done(run("sessions", "accept", "PS-1001", *right))
    assert "PS-1001" in run("sessions", "list", "--state", "accepted").out
    letters = run("outbox", "list").out
    assert "meeting_offer" in letters and "meeting_invitation" in letters
    shown = run("sessions", "show", "PS-1001").out + run("tickets", "show", "PS-1001").out
    assert LINK not in shown and "481516" not in shown
    assert run("sessions", "code", "PS-1001").status == 1  # not yet
    assert run("sessions", "begin", "PS-1001").status == 1
    clock.now = SECOND - timedelta(minutes=10)
    dead, code = (done(run("sessions", "code", "PS-1001")).out.strip() for _ in range(2))
    assert run("sessions", "begin", "PS-1001", "--code", dead).status == 1
    assert code not in run("tickets", "show", "PS-1001", "--json").out
    done(run("sessions", "begin", "PS-1001", "--code", code.lower()))
    assert run("sessions", "begin", "PS-1001", "--code", code).status == 1  # once
    done(run("sessions", "held", "PS-1001"))
    done(run("sessions", "summary", "PS-1001", "The index was missing."))
    assert (state(run)["state"], state(run)["summary"]) == ("held", "The index was missing.")


def test_declined_is_declined_for_good(run: Run) -> None:
    offered(run)
    done(run("sessions", "decline", "PS-1001", "--reason", "rather by mail"))
    again = run("sessions", "offer", "PS-1001", "--host", HOST, "--at", FIRST.isoformat())
    assert again.status == 1 and "declined" in again.err


def test_moved_then_cancelled(run: Run) -> None:
    booked(run)
    done(run("sessions", "move", "PS-1001", "--to", FIRST.isoformat(), "--tell", "The expert is in."))
    assert state(run)["state"] == "moved" and datetime.fromisoformat(state(run)["starts"]) == FIRST
    done(run("sessions", "cancel", "PS-1001", "--reason", "solved"))
    assert state(run)["state"] == "cancelled"
    letters = run("outbox", "list").out
    assert "meeting_moved" in letters and "meeting_cancelled" in letters


def test_missed_only_when_its_time_has_come(run: Run, clock: Clock) -> None:
    booked(run)
    assert run("sessions", "missed", "PS-1001", "--who", "partner").status == 1
    clock.now = SECOND + timedelta(minutes=20)
    done(run("sessions", "missed", "PS-1001", "--who", "partner"))
    assert (state(run)["state"], state(run)["missing"]) == ("missed", "partner")


def test_why_none_may_be_offered_is_said(run: Run) -> None:
    done(run("tickets", "resolve", "PS-1001", "--reason", "done"))
    assert "none may be offered: PS-1001 is resolved" in run("sessions", "show", "PS-1001").out
    refused = run("sessions", "offer", "PS-1001", "--host", HOST, "--at", FIRST.isoformat())
    assert refused.status == 1 and "is resolved" in refused.err


@pytest.mark.parametrize("text", ["0001-01-01T00:00+10:00", "9999-12-31T23:30-05:00"])
def test_a_time_beyond_all_calendars_is_told_so(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no time like"):
        meetings._moment(text, None)


def test_what_an_order_would_send_is_shown_and_nothing_is_done(run: Run) -> None:
    def looked(*arguments: str) -> str:
        before = [
            run("sessions", "list", "--json").out,
            run("outbox", "list", "--json").out,
            run("tickets", "show", "PS-1001").out,
        ]
        shown = done(run("sessions", *arguments, "--dry-run")).out
        assert "nothing is done (--dry-run)" in shown
        assert LINK not in shown and "481516" not in shown
        after = [
            run("sessions", "list", "--json").out,
            run("outbox", "list", "--json").out,
            run("tickets", "show", "PS-1001").out,
        ]
        assert after == before
        return shown

    at = ("--host", HOST, "--at", SECOND.isoformat(), "--link", LINK, "--passcode", "481516")
    shown = looked("offer", "PS-1001", *at, "--tell", "A look helps.")
    assert f"\nmeeting offer to {ANNA}\nSubject: " in shown and "\n  A look helps.\n" in shown
    offered(run)
    said = ("--at", SECOND.isoformat(), "--person", ANNA, "--terms", "2026-11")
    shown = looked("accept", "PS-1001", *said)
    assert f"calendar: REQUEST, SEQUENCE 0, 2026-11-26 10:00 to 10:40 UTC, with its link, for {ANNA}" in shown
    assert f"meeting news to {HOST}" in looked("decline", "PS-1001")
    done(run("sessions", "accept", "PS-1001", *said))
    assert "calendar: REQUEST, SEQUENCE 1" in looked("move", "PS-1001", "--to", FIRST.isoformat())
    assert "calendar: REQUEST, SEQUENCE 1" in looked("link", "PS-1001", f"{LINK}2")
    assert "calendar: CANCEL, SEQUENCE 1" in looked("cancel", "PS-1001", "--tell", "We are sorry.")
    refused = run("sessions", "accept", "PS-1001", *said, "--dry-run")
    assert refused.status == 1 and "only an offer is accepted" in refused.err
