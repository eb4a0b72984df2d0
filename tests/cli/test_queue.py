"""The queue as support ops read it: by what is promised, one line a ticket; and what was said, in clear."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.terminal import at_terminal
from tests.store.samples import NOW, new_ticket
from triaged.config import config as configs
from triaged.store import Store
from triaged.store.open_store import open_store
from triaged.store.rows import TicketFilter
from triaged.tickets.ticket import State


def _queue(store: Store, **wanted: object) -> list[str]:
    return [t.subject for t in store.tickets(TicketFilter(by_promise=True, **wanted))]  # type: ignore[arg-type]


def _open(store: Store, subject: str, hours: float | None, **more: object) -> None:
    promised = None if hours is None else NOW + timedelta(hours=hours)
    with store.transaction() as tx:
        tx.open_ticket(
            new_ticket(subject=subject, promised_at=promised, promise=promised and "resolution", **more)
        )


@pytest.fixture
def queue(store: Store) -> Store:
    for subject, hours in (
        ("tomorrow", 24),
        ("waiting", None),
        ("missed long ago", -30),
        ("soon", 1),
        ("missed", -2),
    ):
        _open(store, subject, hours)
    return store


def test_the_queue_is_in_the_order_of_promises_with_the_missed_on_top(queue: Store) -> None:
    assert _queue(queue) == ["missed long ago", "missed", "soon", "tomorrow", "waiting"]


def test_the_next_due_are_not_cut_off_by_newer_tickets(queue: Store) -> None:
    for number in range(20):
        _open(queue, f"later {number}", 100 + number)
    assert _queue(queue, limit=3) == ["missed long ago", "missed", "soon"]


def test_only_the_missed_are_listed_when_asked_for(queue: Store) -> None:
    assert _queue(queue, missed_at=NOW) == ["missed long ago", "missed"]


def test_both_databases_order_alike(url: str) -> None:
    store = Store.open(url)
    for subject, hours in (("waiting", None), ("soon", 1), ("missed", -2)):
        _open(store, subject, hours)
    assert _queue(store) == ["missed", "soon", "waiting"]
    assert _queue(store, states=(State.NEW,), limit=2) == ["missed", "soon"]
    store.close()


def test_the_promise_stands_with_a_ticket_from_its_first_mail_on(run: Run) -> None:
    tickets = [json.loads(line) for line in run("tickets", "list", "--json").out.splitlines()]
    promised = {one["reference"]: one["promise"] for one in tickets}
    # Ids are missing: paused
    assert promised == {
        "PS-1001": "first_response",
        "PS-1002": None,
        "PS-1003": None,
    }
    run("tickets", "wait", "PS-1001")
    paused = [json.loads(line) for line in run("tickets", "list", "--json").out.splitlines()]
    assert [one["promised_at"] for one in paused] == [None, None, None]


@pytest.mark.parametrize("what", [["tickets", "list"], ["mail", "list"], ["outbox", "list"]], ids=" ".join)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["lines", "json"])
def test_a_listing_that_its_limit_cuts_says_so(run: Run, what: list[str], form: list[str]) -> None:
    whole = run(*what, *form).out.splitlines()
    cut, not_cut = (run(*what, *form, "--limit", str(len(whole) - less)) for less in (1, 0))
    assert (cut.out.splitlines(), not_cut.out.splitlines()) == (whole[:-1], whole)
    assert f"only the first {len(whole) - 1} are listed, there are more (--limit)" in cut.err
    assert not_cut.err == ""


def test_a_missed_promise_is_listed_until_it_is_kept(run: Run, desk: Path) -> None:
    assert run("tickets", "list", "--missed").out == ""
    store = open_store(configs.load(desk / "config.yaml"))
    ticket = store.ticket_by_reference("PS-1002")
    assert ticket is not None
    long_ago = datetime.now(UTC) - timedelta(hours=3, minutes=1)
    with store.transaction() as tx:
        tx.save(ticket, replace(ticket, promised_at=long_ago, promise="first_response"))
    store.close()
    assert re.search(
        r"^PS-1002\t.*\tfirst response missed 3h ago$", run("tickets", "list", "--missed").out, re.M
    )
    run("tickets", "resolve", "PS-1002")
    assert run("tickets", "list", "--missed").out == ""


def test_a_terminal_of_a_hundred_columns_gets_one_line_a_ticket_with_its_promise_and_colour(
    desk: Path,
) -> None:
    seen = at_terminal(desk, "tickets", "list", columns=100).screen
    plain = re.sub(r"\x1b\[[0-9;]*m", "", seen).replace("\r", "").splitlines()
    assert len(plain) == 1 + 3
    assert all(len(line) <= 100 for line in plain)
    assert "promised" in plain[0]
    assert re.match(r"PS-100\d +S\d\?? +new +(first response|identification) in ", plain[1])
    assert "\x1b[31mS1" in seen


def test_more_than_a_screenful_goes_through_the_pager(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pager = desk / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {desk}/paged\n")
    pager.chmod(0o755)
    at_terminal(desk, "tickets", "list", columns=100, rows=3, PAGER=str(pager))
    assert "PS-1001" in (desk / "paged").read_text()


def test_the_conversation_is_read_in_clear_oldest_first(run: Run) -> None:
    told = run("tickets", "show", "PS-1001", "--text").out
    mail_, letter = told.index("How do I add a field?"), told.index("(letter")
    assert mail_ < letter
    assert "anna@oakbridge.example to partner-support@eu.zohocorp.com" in told
    said = json.loads(run("tickets", "show", "PS-1001", "--text", "--json").out)["conversation"]
    assert [one["what"] for one in said] == ["mail", "letter"]


def test_a_mail_is_shown_decoded_below_its_fate(run: Run) -> None:
    told = run("mail", "show", "2").out
    assert "The import of leads fails for one of our users." in told
    assert "carl@" in told
