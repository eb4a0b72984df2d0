"""Whose mail takes all the reader's time is read last: everybody else's comes first, and nobody's is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.town import ACCOUNTS, ADDRESSES, ANNA, CARL, PARTNERS, mail
from triaged.config import config as configs
from triaged.readers.latecomers import MEMORY, PUT_OFF
from triaged.readers.pool import InlineReaders, Readers
from triaged.reading.mime.header_block import author
from triaged.reading.values import Limits
from triaged.store import upgrade
from triaged.store.open_store import open_store
from triaged.store.rows import Arrival, Fate
from triaged.walk import knowledge, triage
from triaged.walk.house import House

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVE = "eve@stranger.example"
SLOW = "\n" * 4_000_000  # the standard library's parser takes bare line ends one by one
CONFIG = """\
database: sqlite:///triaged.db
directory: {accounts: accounts.csv, partners: partners.csv}
trusted_authserv_ids: [mx.intake.example]
staff: {domains: [zohocorp.com], alert: [leads@zohocorp.com]}
mailboxes:
  - {name: europe, address: partner-support@eu.zohocorp.com, regions: [EU, UK]}
listener: {protocol: lmtp, behind_mta: true}
"""


@pytest.fixture(params=[InlineReaders, Readers])
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "accounts.csv").write_text(ACCOUNTS, "utf-8")
    (tmp_path / "partners.csv").write_text(PARTNERS, "utf-8")
    known = knowledge.gather(configs.load(tmp_path / "config.yaml"))
    upgrade(known.config.database)
    store = open_store(known.config)
    readers = request.param(replace(known.surroundings, limits=Limits(seconds=0.3)))
    yield House(store, readers, known, store.secret())
    readers.close()
    store.close()


def keep(house: House, *raws: bytes, at: datetime = NOW) -> None:
    for raw in raws:
        arrival = Arrival(raw, "europe", "lmtp", None, None, None, at, EVE, (ADDRESSES["europe"],))
        house.store.keep([arrival], now=at)


def walked(house: House) -> list[str]:
    """The subjects of what has its fate, in the order of arrival."""
    return [one.subject for one in house.store.each_mail() if one.fate is not Fate.WAITING]


def slow(number: int, sender: str = EVE) -> bytes:
    return mail(sender, f"Slow {number}", SLOW)


def test_what_a_latecomer_sent_besides_waits_until_everybody_else_is_read(house: House) -> None:
    keep(
        house, slow(1), slow(2, "Eve <EVE+9@stranger.example>"), slow(3), mail(ANNA, "First", "CRM is slow.")
    )
    triage.triage_batch(house, NOW)
    assert walked(house) == ["Slow 1", "First"]
    assert triage.triage_batch(house, NOW) == 0

    later = NOW + PUT_OFF
    keep(house, mail(CARL, "Second", "The import fails."), at=later)
    triage.triage_batch(house, later)
    assert walked(house) == ["Slow 1", "First", "Second"]

    latest = later + PUT_OFF
    assert triage.triage_batch(house, latest) == 1  # one at a time, where nobody else waits
    assert triage.triage_batch(house, latest) == 0
    triage.triage_batch(house, latest + PUT_OFF)
    assert sorted(walked(house)) == ["First", "Second", "Slow 1", "Slow 2", "Slow 3"]
    assert all(one.runs <= 1 for one in house.store.claim_mail(9, latest + MEMORY, "x", MEMORY))


def test_nobody_is_passed_over_for_long(house: House) -> None:
    keep(house, slow(1), mail(EVE, "Harmless", "Hello"))
    triage.triage_batch(house, NOW)
    assert walked(house) == ["Slow 1"]
    for minutes in range(1, 11):
        now = NOW + timedelta(minutes=minutes)
        keep(house, mail(ANNA, f"{minutes}", "Hello, CRM is slow."), at=now)
        triage.triage_batch(house, now)
    assert "Harmless" in walked(house)


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ("Eve <Eve+1@Far.example>", "eve@far.example"),
        ("eve@far.example", "eve@far.example"),
        ('"x <y@z.example>" <eve@far.example>', "eve@far.example"),
        ("+1@far.example", "+1@far.example"),
        ("", ""),
    ],
)
def test_an_author_is_known_without_reading_his_mail(sender: str, said: str) -> None:
    assert author(f"From: {sender}\r\n\r\nHello".encode()) == said


def test_a_mail_without_from_has_no_author() -> None:
    assert author(b"Subject: x\n\nFrom: a@b.example\n") == ""
