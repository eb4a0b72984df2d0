"""Houses with pages: one for each test (`quiet`, `lone`: without a daemon), or one for a file's tests (`desk`, `calm`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.web.desk import Desk, database, opened_desk
from triaged.store.jobs import DONE
from triaged.web import job_process
from triaged.web.jobs import Working

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A daemon and pages, for a whole file."""
    folder = tmp_path_factory.mktemp("desk")
    with opened_desk(folder, database(request, folder)) as made:
        yield made


@pytest.fixture
def quiet(url: str, tmp_path: Path) -> Iterator[Desk]:
    """Pages without a daemon, on each database."""
    with opened_desk(tmp_path, url, daemon=False) as made:
        yield made


@pytest.fixture
def lone(tmp_path: Path, empty_database: Path) -> Iterator[Desk]:
    """Pages without a daemon, on SQLite."""
    shutil.copy(empty_database, tmp_path / "triaged.db")
    with opened_desk(tmp_path, f"sqlite:///{tmp_path}/triaged.db", daemon=False) as made:
        yield made


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Desk]:
    """Pages without a daemon on SQLite, for a whole file."""
    folder = tmp_path_factory.mktemp("calm")
    shutil.copy(empty_database, folder / "triaged.db")
    with opened_desk(folder, f"sqlite:///{folder}/triaged.db", daemon=False) as made:
        yield made


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's browser. Missing: a skip that is seen, and a failure where `CI` is set."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed (apt-get install chromium)")
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def jobs_only_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may begin a job is a test's question, not a training of a minute: it is written down and over at once."""

    def begin(self: Working, kind: str, who: str, asked: Mapping[str, Any]) -> int | None:
        number = self._store.begin_job(kind, who, asked, job_process.now())
        if number is not None:
            self._store.end_job(number, DONE, {}, job_process.now())
        return number

    monkeypatch.setattr(Working, "begin", begin)
