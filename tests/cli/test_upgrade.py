"""A database of 0.1.0 upgrades: every ticket, mail, letter and step is there, and the walk goes on with it.

`old/0.1.0.sql` is what that version itself wrote (schema 0001): the four mails of `conftest.py`, a correction, a note,
an assignment, an escalation and a resolution by its commands, dumped by SQLite.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.config import config as configs
from triaged.readers.pool import InlineReaders
from triaged.store import schema
from triaged.store.open_store import open_store
from triaged.store.rows import Arrival
from triaged.walk import knowledge, triage
from triaged.walk.house import House

OLD = Path(__file__).parent / "old" / "0.1.0.sql"


@pytest.fixture
def old(desk: Path) -> Path:
    """The desk's folder with 0.1.0's database in it."""
    for file in desk.glob("triaged.db*"):
        file.unlink()
    with closing(sqlite3.connect(desk / "triaged.db")) as database:
        database.executescript(OLD.read_text("utf-8"))
    return desk


def test_an_old_database_is_refused_with_the_remedy_until_it_is_upgraded(run: Run, old: Path) -> None:
    refused = run("tickets", "list")
    assert refused.status == 1 and "run: triaged db upgrade" in refused.err
    assert run("db", "upgrade").out == f"database is at schema {schema.REVISIONS[-1]}\n"
    assert run("tickets", "list").status == 0


def test_everything_of_0_1_0_is_there_after_the_upgrade(run: Run, old: Path) -> None:
    run("db", "upgrade")
    tickets = {
        t["reference"]: t for t in map(json.loads, run("tickets", "list", "--json", "--all").out.splitlines())
    }
    assert {name: (t["severity"], t["state"]) for name, t in tickets.items()} == {
        "PS-1001": ("S1", "new"),
        "PS-1002": ("S2", "new"),
        "PS-1003": ("S3", "resolved"),
    }
    story = run("tickets", "show", "PS-1001").out
    assert "rang them" in story and "Alder Works" in story
    assert "the import blocks sales" in run("tickets", "show", "PS-1002").out
    assert len(run("mail", "list", "--json").out.splitlines()) == 4
    assert len(run("outbox", "list", "--json").out.splitlines()) == 7
    assert "How do I add a field?" in run("mail", "show", "1", "--raw").out


def test_what_the_upgrade_leaves_contradicts_itself_nowhere(run: Run, old: Path) -> None:
    run("db", "upgrade")
    faults = [json.loads(line) for line in run("db", "check", "--json").out.splitlines()]
    late = {"step-overdue", "letter-stuck", "promise-does-not-fit"}  # it was written on a day long past
    assert [fault for fault in faults if fault["fault"] not in late] == []


def test_an_answer_joins_its_ticket_of_0_1_0(run: Run, old: Path) -> None:
    run("db", "upgrade")
    known = knowledge.gather(configs.load(old / "config.yaml"))
    store = open_store(known.config)
    now = datetime.now(UTC)
    answer = (
        b"Authentication-Results: mx.intake.example; dmarc=pass header.from=oakbridge.example\n"
        b"From: anna@oakbridge.example\nTo: partner-support@eu.zohocorp.com\nMessage-ID: <later@oakbridge.example>\n"
        b"Subject: Re: [PS-1001] Re: Fields\n\nIt is the module Deals, and the field is a date.\n"
    )
    store.keep(
        [Arrival(answer, "europe", "lmtp", None, None, None, now, "anna@oakbridge.example", ())], now=now
    )
    triage.triage_batch(House(store, InlineReaders(known.surroundings), known, store.secret()), now)
    store.close()
    [newest, *_] = map(json.loads, run("mail", "list", "--json").out.splitlines())
    assert newest["fate"] == "ticket"
    assert "module Deals" in run("tickets", "show", "PS-1001", "--text").out


def test_a_backup_after_the_upgrade_is_restored_whole(run: Run, old: Path) -> None:
    run("db", "upgrade")
    assert run("db", "backup", str(old / "b.db")).status == 0
    restored = run("db", "restore", str(old / "b.db"), "--replace")
    assert restored.status == 0 and "3 tickets, 4 mails, 7 letters" in restored.out
