"""`triaged quarantine replay` and `drop`; `triaged addresses`: what an operator clears up by hand, one line each."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.store import Store
from triaged.store.rows import Fate

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def store(desk: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{desk}/triaged.db")
    yield opened
    opened.close()


@pytest.fixture
def failed(store: Store) -> tuple[int, int]:
    """Two mails of the desk's four that no reader could handle."""
    now = datetime.now(UTC)
    store.replay([3, 4], now)
    for mail in store.claim_mail(2, now, "walk", timedelta(minutes=1)):
        assert store.fail_mail(mail.id, "walk", f"poison {mail.id}", now)
    assert store.quarantined() == [4, 3]
    return 3, 4


def fates(store: Store) -> dict[int, Fate]:
    return {one.id: one.fate for one in store.mails()}


def test_quarantine_lists_each_mail_with_its_reason(run: Run, failed: tuple[int, int]) -> None:
    lines = [line.split("\t") for line in run("quarantine", "list").out.splitlines()]
    assert [(line[0], line[-1]) for line in lines] == [("4", "poison 4"), ("3", "poison 3")]
    first = run("quarantine", "list", "--limit", "1")
    assert [line.split("\t")[0] for line in first.out.splitlines()] == ["4"]


@pytest.mark.parametrize(
    ("asked", "said", "waits"),
    [
        (("3",), "1 mail waiting again; the daemon takes them up\n", {3}),
        (("3", "4"), "2 mails waiting again; the daemon takes them up\n", {3, 4}),
        (("--all",), "2 mails waiting again; the daemon takes them up\n", {3, 4}),
    ],
)
def test_quarantined_mail_is_tried_again(
    run: Run, store: Store, failed: tuple[int, int], asked: tuple[str, ...], said: str, waits: set[int]
) -> None:
    before = fates(store)
    told = run("quarantine", "replay", *asked)
    assert (told.status, told.out, told.err) == (0, said, "")
    assert fates(store) == {**before, **dict.fromkeys(waits, Fate.WAITING)}
    assert {one.id for one in store.claim_mail(9, datetime.now(UTC), "walk", timedelta(minutes=1))} == waits


@pytest.mark.parametrize("asked", [(), ("3", "--all")])
def test_either_mails_are_named_or_all_is_said(
    run: Run, store: Store, failed: tuple[int, int], asked: tuple[str, ...]
) -> None:
    told = run("quarantine", "replay", *asked)
    assert told.status == 2 and "name the mails, or say --all" in told.err
    assert store.quarantined() == [4, 3]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            ("replay", "3", "1"),
            "1: is not in quarantine; `triaged mail replay 1` walks it again",
        ),
        (("replay", "3", "99"), "99: no such mail; `triaged mail list` shows them"),
        (("drop", "3", "1", "--reason", "spam"), "1: is not in quarantine"),
        (("drop", "3", "99", "--reason", "spam"), "99: no such mail; `triaged mail list` shows them"),
    ],
)
def test_one_mail_that_is_not_there_keeps_all_where_they_are(
    run: Run, store: Store, failed: tuple[int, int], asked: tuple[str, ...], said: str
) -> None:
    before = fates(store)
    told = run("quarantine", *asked)
    assert (told.status, told.out, told.err) == (1, "", f"{said}\n")
    assert fates(store) == before


def test_dropped_mail_is_skipped_by_name_and_reason_and_can_be_walked_again(
    run: Run, store: Store, failed: tuple[int, int]
) -> None:
    raw = store.mail(3)
    told = run("quarantine", "drop", "3", "--reason", "  a test of ours ")
    assert (told.status, told.out, told.err) == (0, "1 dropped\n", "")
    gone = store.mail(3)
    assert gone is not None and raw is not None
    assert (gone.fate, gone.why, gone.raw) == (
        Fate.SKIPPED,
        f"dropped by cli:{getpass.getuser()}: a test of ours",
        raw.raw,
    )
    assert store.quarantined() == [4]
    assert run("quarantine", "list").out.startswith("4\t")
    assert run("mail", "replay", "3").status == 0 and fates(store)[3] is Fate.WAITING


def test_a_long_reason_is_cut(run: Run, store: Store, failed: tuple[int, int]) -> None:
    assert run("quarantine", "drop", "3", "4", "--reason", "x" * 1001).out == "2 dropped\n"
    gone = store.mail(4)
    assert gone is not None and gone.why.endswith(f": {'x' * 1000}")


@pytest.mark.parametrize("asked", [("3", "--reason", " "), ("3",), ("--reason", "spam")])
def test_nothing_is_dropped_without_a_reason_or_a_number(
    run: Run, store: Store, failed: tuple[int, int], asked: tuple[str, ...]
) -> None:
    told = run("quarantine", "drop", *asked)
    assert told.status == 2 and told.err.splitlines()[-1].startswith("Error: ")
    assert store.quarantined() == [4, 3]


# -- addresses ----------------------------------------------------------------------------------------


@pytest.fixture
def bounced(store: Store) -> str:
    with store.transaction() as tx:
        tx.mark_address("anna@oakbridge.example", "550 no such user", NOW)
        tx.mark_address("cy@oakbridge.example", "552 mailbox full", NOW + timedelta(hours=1))
    return "anna@oakbridge.example"


def test_addresses_that_bounced_are_listed_with_since_when_and_why(run: Run, bounced: str) -> None:
    told = run("addresses", "list")
    assert (told.status, told.out) == (
        0,
        "cy@oakbridge.example\t2026-11-23 10:00\t552 mailbox full\n"
        "anna@oakbridge.example\t2026-11-23 09:00\t550 no such user\n",
    )
    first = '{"address": "cy@oakbridge.example", "at": "2026-11-23T10:00:00Z", "why": "552 mailbox full"}'
    assert run("addresses", "list", "--json").out.splitlines()[0] == first
    assert "2 addresses are not reached: triaged addresses list" in run("status").out


def test_an_address_that_works_again_gets_letters_however_it_is_spelt(
    run: Run, store: Store, bounced: str
) -> None:
    told = run("addresses", "clear", bounced.title())
    assert (told.status, told.out, told.err) == (0, f"{bounced} gets letters again\n", "")
    assert [one.address for one in store.failed_addresses()] == ["cy@oakbridge.example"]
    again = run("addresses", "clear", bounced)
    assert (again.status, again.out) == (1, "")
    assert again.err == f"{bounced}: is not marked; `triaged addresses list` shows those that are\n"


def test_no_failed_address_is_no_line(run: Run) -> None:
    assert run("addresses", "list").out == "" and "are not reached" not in run("status").out
