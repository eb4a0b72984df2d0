"""An admin is told when our mail server vouches for nobody: no partner is trusted then, and no answer of staff counts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.conftest import Run
from triaged.config import config as configs
from triaged.readers.pool import InlineReaders
from triaged.store.open_store import open_store
from triaged.store.rows import Arrival
from triaged.walk import knowledge, triage
from triaged.walk.house import House


def test_check_connect_tells_when_nobody_is_trusted(run: Run, desk: Path) -> None:
    config = desk / "config.yaml"
    foreign = "Authentication-Results: mx.other.example; dmarc=pass header.from=oakbridge.example\n"
    known = knowledge.gather(configs.load(config))
    store = open_store(known.config)
    house = House(store, InlineReaders(known.surroundings), known, store.secret())

    def comes(number: int, head: str) -> None:
        raw = f"{head}From: anna@oakbridge.example\nSubject: Case {number}\nMessage-ID: <c{number}@oakbridge.example>\n\nCRM is slow.\n"
        now = datetime.now(UTC)
        store.keep([Arrival(raw.encode(), "europe", "lmtp", None, None, None, now, None, ())], now=now)

    assert "sender authenticated" not in run("check", "--connect").err  # some of the first mails were
    with closing(sqlite3.connect(desk / "triaged.db")) as database, database:
        database.execute("update mail set behind_mta = false")
    for number in range(9):
        comes(number, foreign)
    triage.triage_batch(house, datetime.now(UTC))
    told = run("check", "--connect")
    assert told.status == 0
    assert "none of the last 9 mails" in told.err
    assert "topmost Authentication-Results is of mx.other.example, not ours" in told.err
    assert 'triaged_authentication_total{result="unknown"} 9.0' in house.metrics.text().decode()
    assert 'triaged_authentication_total{result="pass"} 0.0' in house.metrics.text().decode()
    comes(10, foreign.replace("mx.other", "mx.intake"))
    triage.triage_batch(house, datetime.now(UTC))
    assert "sender authenticated" not in run("check", "--connect").err
    assert 'triaged_authentication_total{result="pass"} 1.0' in house.metrics.text().decode()
    store.close()
