"""A small desk for commands to work on: config, directory, and a store the real walk has filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.town import ACCOUNTS, ADDRESSES, ANNA, CARL, PARTNERS, mail
from triaged import cli
from triaged.config import config as configs
from triaged.readers.pool import InlineReaders
from triaged.store import upgrade
from triaged.store.open_store import open_store
from triaged.store.rows import Arrival
from triaged.walk import knowledge, triage
from triaged.walk.house import House

CONFIG = """\
database: sqlite:///triaged.db
directory: {accounts: accounts.csv, partners: partners.csv}
trusted_authserv_ids: [mx.intake.example]
staff: {domains: [zohocorp.com], alert: [leads@zohocorp.com]}
mailboxes:
  - {name: europe, address: partner-support@eu.zohocorp.com, regions: [EU, UK]}
listener: {protocol: lmtp, behind_mta: true}
"""

MAILS = (
    mail(ANNA, "Fields", "SuperAdmin: it@alder.example\nService: Zoho CRM\nHow do I add a field?"),
    mail(CARL, "Nothing given", "The import of leads fails for one of our users."),
    mail("eve@stranger.example", "Hello", "We have a question about prices."),
    mail(ANNA, "Away", "I am out of the office.", Auto_Submitted="auto-replied"),
)


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with config, directory and a store of four mails; to be copied."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    (folder / "accounts.csv").write_text(ACCOUNTS, "utf-8")
    (folder / "partners.csv").write_text(PARTNERS, "utf-8")
    for number, raw in enumerate(MAILS):
        (folder / f"{number}.eml").write_bytes(raw)
    known = knowledge.gather(configs.load(folder / "config.yaml"))
    upgrade(known.config.database)
    store = open_store(known.config)
    now = datetime.now(UTC)
    for raw in MAILS:
        store.keep(
            [Arrival(raw, "europe", "lmtp", None, None, None, now, ANNA, (ADDRESSES["europe"],))], now=now
        )
    triage.triage_batch(House(store, InlineReaders(known.surroundings), known, store.secret()), now)
    store.quarantine()
    store.close()
    return folder


@pytest.fixture
def desk(filled: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    for file in filled.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.fixture
def run(desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command as its user runs it, on that desk."""
    monkeypatch.chdir(desk)

    def ran(*arguments: str) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main(["--config", str(desk / "config.yaml"), *arguments])
        told = capsys.readouterr()
        return Outcome(int(end.value.code or 0), told.out, told.err)

    return ran
