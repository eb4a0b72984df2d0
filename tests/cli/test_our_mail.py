"""`check --connect` tells what of our own mail other servers did not believe, as far as store and config know it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from triaged.cli import our_mail
from triaged.config import config as configs
from triaged.readers.pool import InlineReaders
from triaged.store.mail import CameBack
from triaged.store.open_store import open_store
from triaged.store.rows import Arrival, FailedAddress
from triaged.store.store import Store
from triaged.walk import knowledge, triage
from triaged.walk.house import House

OURS = "partner-support@eu.zohocorp.com"
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def came_in(desk: Path, raws: list[bytes], at: datetime) -> None:
    """Mails reach the door, with our mail server's word on top, and are walked."""
    known = knowledge.gather(configs.load(desk / "config.yaml"))
    store = open_store(known.config)
    for raw in raws:
        arrival = Arrival(raw, "europe", "lmtp", None, None, None, at, OURS, (OURS,), behind_mta=True)
        store.keep([arrival], now=at)
    triage.triage_batch(House(store, InlineReaders(known.surroundings), known, store.secret()), at)
    store.close()


def letters(desk: Path) -> list[tuple[bytes, str]]:
    """Bytes and Message-ID of each letter of ours."""
    store = open_store(configs.load(desk / "config.yaml"))
    try:
        found = (store.letter(row.id) for row in store.letters(limit=10))
        return [(one.raw, one.message_id) for one in found if one is not None]
    finally:
        store.close()


def said(result: str, raw: bytes) -> bytes:
    domain = OURS.rpartition("@")[2]
    return (
        f"Authentication-Results: mx.intake.example; dmarc={result} header.from={domain}\r\n".encode() + raw
    )


def warned(run: Run) -> str:
    return "\n".join(
        line for line in run("check", "--connect").err.splitlines() if "our own" in line or "of ours" in line
    )


def test_letters_of_ours_that_came_back_and_failed_are_told_with_how_many(run: Run, desk: Path) -> None:
    ours = [raw for raw, _ in letters(desk)]
    assert len(ours) >= 3
    now = datetime.now(UTC)
    came_in(
        desk, [said("fail", ours[0]), said("fail", ours[1]), said("pass", ours[2])], now - timedelta(days=2)
    )
    told = warned(run)
    assert f"mail from our own {OURS} failed authentication at our mail server on" in told
    assert (
        "(2 of 3 letters that came back in 30 days): dmarc=fail for eu.zohocorp.com (mx.intake.example); look at"
        in told
    )
    assert all(word in told for word in ("SPF", "DKIM", "DMARC"))


@pytest.mark.parametrize(
    ("result", "age", "forged"),
    [("pass", 1, False), ("none", 1, False), ("fail", 40, False), ("fail", 1, True)],
    ids=["passed", "without a word", "long ago", "forged in our name"],
)
def test_nothing_else_is_held_against_our_own_mail(
    run: Run, desk: Path, result: str, age: int, forged: bool
) -> None:
    raw, message_id = letters(desk)[0]
    if forged:
        raw = raw.replace(message_id.encode(), b"<made-up@eu.zohocorp.com>")
        assert message_id.encode() not in raw
    came_in(desk, [said(result, raw)], datetime.now(UTC) - timedelta(days=age))
    assert warned(run) == ""


@pytest.mark.parametrize(
    "why",
    [
        "550 5.7.26 Unauthenticated email from eu.zohocorp.com is not accepted due to domain's policy",
        "421-4.7.26 This mail has been rate limited because it is unauthenticated",
        "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
        "554 5.7.5 permanent error evaluating DMARC policy",
        "550 Message rejected: spf check failed",
    ],
)
def test_refusals_for_want_of_proof_are_told(why: str) -> None:
    (told,) = our_mail.of_refusals([FailedAddress("a@far.example", why, NOW)])
    assert (
        told.startswith("a letter of ours was refused in 30 days since SPF, DKIM or DMARC failed")
        and why in told
    )


@pytest.mark.parametrize(
    "why",
    [
        "550 5.1.1 no such user",
        "552 5.2.2 mailbox full",
        "550 5.7.1 refused by policy",
        "550 15.7.263 odd",
        "spfoo",
    ],
)
def test_other_refusals_are_not(why: str) -> None:
    assert list(our_mail.of_refusals([FailedAddress("a@far.example", why, NOW)])) == []


def test_each_address_of_ours_has_a_line_of_its_own_with_its_last_failure() -> None:
    def one(address: str, days: int, result: str) -> CameBack:
        return CameBack(address, NOW - timedelta(days=days), result, f"dmarc={result}")

    told = list(our_mail.of_what_came_back([one("b@x.example", 3, "fail"), one("b@x.example", 1, "fail"), one("a@x.example", 1, "fail"), one("c@x.example", 1, "pass")]))  # fmt: skip
    assert [line.split()[4] for line in told] == ["a@x.example", "b@x.example"]
    assert "2026-11-28" in told[1] and "(2 of 2 letters" in told[1]


def test_the_store_answers_on_both_databases(url: str) -> None:
    store = Store.open(url)
    since = NOW - timedelta(days=30)
    assert store.came_back([OURS], since) == [] and store.refusals(since) == []
    with store.transaction() as tx:
        tx.mark_address("a@far.example", "550 5.7.26 no", NOW)
        tx.mark_address("b@far.example", "550 5.7.26 no", NOW - timedelta(days=31))
    assert store.refusals(since) == [FailedAddress("a@far.example", "550 5.7.26 no", NOW)]
    store.close()


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ("desk@elsewhere.example", True),
        ("partner-support@eu.zohocorp.com", False),
        ("relay@zohocorp.com", False),
        ("relay@mail.eu.zohocorp.com", False),
        ("apikey", False),
        ("desk@notzohocorp.com", True),
    ],
)
def test_a_login_of_another_domain_is_warned_of(run: Run, desk: Path, user: str, told: bool) -> None:
    config = desk / "config.yaml"
    text = config.read_text("utf-8")
    smtp = f"smtp: {{host: smtp.example.com, user: '{user}', password_file: secret}}"
    config.write_text(text.replace("regions: [EU, UK]}", f"regions: [EU, UK], {smtp}}}"), "utf-8")
    (desk / "secret").write_text("x", "utf-8")
    err = run("check").err
    assert (f"leave by a login at {user.rpartition('@')[2]}" in err) is told, err
